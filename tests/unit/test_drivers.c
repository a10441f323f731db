// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of drivers. */
#include "harness.h"
#include "net/inventory.h"
#include "tree.h"
#include "../../src/net/inventory_priv.h"

static uint64_t settle_of(const char *name)
{
	return nfp_settle_of(nfp_driver(name), true);
}

TEST(slow_drivers_are_watched_longer)
{
	static const char *const slow[] = {"hns3", "fm10k", "ionic", "nfp"};

	assert_int_equal(settle_of("hns3"), 3 * NFP_NSEC_PER_SEC);
	/* fm10k_lport_map and fm10k_service_timer; IONIC_WATCHDOG_SECS; NFP_NET_POLL_TIMEOUT */
	assert_true(settle_of("fm10k") > 4 * NFP_NSEC_PER_SEC);
	assert_true(settle_of("ionic") > 5 * NFP_NSEC_PER_SEC);
	assert_true(settle_of("nfp") > 5 * NFP_NSEC_PER_SEC);
	assert_int_equal(settle_of("ice"), NFP_SETTLE_DEFAULT_NS);
	assert_int_equal(settle_of("iavf"), NFP_SETTLE_DEFAULT_NS);
	assert_int_equal(settle_of("hns"), NFP_SETTLE_DEFAULT_NS);
	assert_int_equal(settle_of(""), NFP_SETTLE_DEFAULT_NS);
	for (size_t i = 0; i < sizeof(slow) / sizeof(slow[0]); i++) {
		assert_true(settle_of(slow[i]) > NFP_SETTLE_DEFAULT_NS);
		assert_non_null(nfp_driver(slow[i])->slow);
	}
	assert_null(nfp_driver("ixgbe")->slow);
}

/* @taint NULL: the kernel says nothing of it. */
static void add_driver(const struct tree *t, const char *name, const char *taint, bool built_in)
{
	char file[128];

	snprintf(file, sizeof(file), "sys/bus/pci/drivers/%s/module/taint", name);
	if (taint)
		tree_file(t, file, taint);
	snprintf(file, sizeof(file), "sys/bus/pci/drivers/%s/module/%s", name,
		 built_in ? "version" : "initstate");
	tree_file(t, file, "\n");
}

/* A driver is watched for the time that its source shows, where it is that source; of two drivers
 * the slower counts. */
TEST(drivers_that_act_at_once_are_watched_shortly)
{
	static const struct {
		const char *pf, *vf;
		uint64_t ms;
	} rows[] = {
		{"igb", "igbvf", 500},	  /* both of this kernel */
		{"ixgbe", "igbvf", 500},  /* built in: no taint, nor a state */
		{"igb", "ixgbevf", 1500}, /* built out of the tree */
		{"ixgbevf", "igbvf", 1500},
		{"igb", "iavf", 1500}, /* its source says nothing of that */
		{"igb", "hns3", 3000},
		{"igb", "", 1500},	    /* not known */
		{"igb", "cxgb4vf", 1500},   /* not loaded */
		{"ice", "igbvf", 1500},	    /* a timer */
		{"igb", "mlx5_core", 1500}, /* a kernel that says nothing of taints */
	};
	struct tree t;

	tree_make(&t);
	add_driver(&t, "igb", "\n", false);
	add_driver(&t, "igbvf", "\n", false);
	add_driver(&t, "ixgbe", NULL, true);
	add_driver(&t, "ixgbevf", "OE\n", false);
	add_driver(&t, "ice", "\n", false);
	add_driver(&t, "iavf", "\n", false);
	add_driver(&t, "hns3", "OE\n", false);
	add_driver(&t, "mlx5_core", NULL, false);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(nfp_settle_needed(&t.root, "pci", rows[i].pf, rows[i].vf),
				 rows[i].ms * NFP_NSEC_PER_MSEC);
	tree_drop(&t);
}

TEST(a_device_is_given_away_by_the_family_of_its_driver)
{
	assert_int_equal(nfp_gives("vfio-pci"), NFP_GIVES_VFIO);
	assert_int_equal(nfp_gives("mlx5_vfio_pci"), NFP_GIVES_VFIO);
	assert_int_equal(nfp_gives("igb_uio"), NFP_GIVES_UIO);
	assert_int_equal(nfp_gives("uio_pci_generic"), NFP_GIVES_UIO);
	assert_int_equal(nfp_gives("pci-stub"), NFP_GIVES_STUB);
	assert_int_equal(nfp_gives("igbvf"), NFP_GIVES_NOBODY);
	assert_int_equal(nfp_gives("liquidio"), NFP_GIVES_NOBODY);
	assert_int_equal(nfp_gives(""), NFP_GIVES_NOBODY);
}

/* A row is of one driver, not of those whose name begins as its does. */
TEST(a_row_is_of_one_driver)
{
	assert_true(nfp_driver("igb")->own_port);
	assert_false(nfp_driver("igbvf")->own_port);
	assert_string_equal(nfp_driver("i40e")->name, "i40e");
	assert_string_equal(nfp_driver("i40")->name, "");
}

/* A driver that did not come with the kernel has a version of its own, and may be older. */
TEST(ice_prunes_before_5_18)
{
	static const struct {
		const char *driver, *version;
		bool prunes;
	} rows[] = {
		{"ice", "5.14.0-503.el9.x86_64", true},
		{"ice", "5.17.15", true},
		{"ice", "5.18.0", false},
		{"ice", "6.1.0-25-amd64", false},
		{"ice", "1.14.11", true},
		{"ice", "", true},
		{"i40e", "6.12.0", true},
		{"ixgbe", "5.10.0", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nfp_pf_info pf = {.num_vfs = 0};

		snprintf(pf.driver, sizeof(pf.driver), "%s", rows[i].driver);
		snprintf(pf.driver_version, sizeof(pf.driver_version), "%s", rows[i].version);
		assert_int_equal(nfp_prunes_vlans(&pf), rows[i].prunes);
	}
}

TEST_MAIN()
