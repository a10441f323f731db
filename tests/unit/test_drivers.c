// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of drivers. */
#include "harness.h"
#include "nfprobe/inventory.h"

/* Nobody may be watched for less than the usual time because of the table. */
TEST(slow_drivers_are_watched_longer)
{
	static const char *const slow[] = {"hns3", "fm10k", "ionic", "nfp"};

	assert_int_equal(nfp_settle_needed("hns3"), 3 * NFP_NSEC_PER_SEC);
	/* fm10k_lport_map and fm10k_service_timer; IONIC_WATCHDOG_SECS; NFP_NET_POLL_TIMEOUT */
	assert_true(nfp_settle_needed("fm10k") > 4 * NFP_NSEC_PER_SEC);
	assert_true(nfp_settle_needed("ionic") > 5 * NFP_NSEC_PER_SEC);
	assert_true(nfp_settle_needed("nfp") > 5 * NFP_NSEC_PER_SEC);
	assert_int_equal(nfp_settle_needed("ixgbe"), NFP_SETTLE_DEFAULT_NS);
	assert_int_equal(nfp_settle_needed("hns"), NFP_SETTLE_DEFAULT_NS);
	assert_int_equal(nfp_settle_needed(""), NFP_SETTLE_DEFAULT_NS);
	for (size_t i = 0; i < sizeof(slow) / sizeof(slow[0]); i++) {
		assert_true(nfp_settle_needed(slow[i]) > NFP_SETTLE_DEFAULT_NS);
		assert_non_null(nfp_driver(slow[i])->slow);
	}
	assert_null(nfp_driver("ixgbe")->slow);
}

TEST(a_device_is_given_away_by_the_family_of_its_driver)
{
	assert_int_equal(nfp_driver("vfio-pci")->gives, NFP_GIVES_VFIO);
	assert_int_equal(nfp_driver("mlx5_vfio_pci")->gives, NFP_GIVES_VFIO);
	assert_int_equal(nfp_driver("igb_uio")->gives, NFP_GIVES_UIO);
	assert_int_equal(nfp_driver("uio_pci_generic")->gives, NFP_GIVES_UIO);
	assert_int_equal(nfp_driver("pci-stub")->gives, NFP_GIVES_STUB);
	assert_int_equal(nfp_driver("igbvf")->gives, NFP_GIVES_NOBODY);
	assert_int_equal(nfp_driver("liquidio")->gives, NFP_GIVES_NOBODY);
	assert_int_equal(nfp_driver("")->gives, NFP_GIVES_NOBODY);
}

/* A row is of one driver, not of those whose name begins as its does. */
TEST(a_row_is_of_one_driver)
{
	assert_true(nfp_driver("igb")->own_port);
	assert_false(nfp_driver("igbvf")->own_port);
	assert_string_equal(nfp_driver("i40e")->name, "i40e");
	assert_string_equal(nfp_driver("i40")->name, "");
}

TEST_MAIN()
