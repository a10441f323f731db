// SPDX-License-Identifier: GPL-2.0-or-later
/* Settings of a netdev: read, set and compared. */
#include "harness.h"
#include "../../src/change/change_priv.h"
#include "nfprobe/base.h"
#include "tree.h"

static const struct nfp_rt_dev eth5 = {7, "eth5"};

struct told {
	char text[1024];
};

static int tell(const char *name, const char *was, const char *is, void *ctx)
{
	struct told *told = ctx;
	size_t used = strlen(told->text);

	snprintf(told->text + used, sizeof(told->text) - used, "%s %s %s;", name, was,
		 is ? is : "-");
	return 0;
}

static json_t *object(const char *const pairs[][2])
{
	json_t *o = json_object();

	for (size_t i = 0; pairs[i][0]; i++)
		nfp_json_set_escaped(o, pairs[i][0], pairs[i][1]);
	return o;
}

/* A setting added since is no loss; altnames have no order. */
TEST(compared)
{
	static const char *const was[][2] = {{"alias", "to the left"}, {"txqueuelen", "500"},
					     {"altname 0", "left"},    {"altname 1", "up"},
					     {"qdisc 1:", "fq"},       {NULL, NULL}};
	static const char *const is[][2] = {
		{"alias", "to the right"}, {"txqueuelen", "500"}, {"altname 0", "new"},
		{"altname 1", "left"},	   {"group", "4"},	  {NULL, NULL}};
	json_t *before = object(was), *now = object(is);
	struct told told = {""};
	char lost[64];

	assert_int_equal(nfp_settings_compare(before, now, tell, &told), 0);
	assert_string_equal(told.text, "alias to the left to the right;altname 1 up left;"
				       "qdisc 1: fq -;");
	assert_true(nfp_settings_lost(before, lost, sizeof(lost)));
	assert_string_equal(lost, "qdisc 1: fq");
	assert_false(nfp_settings_lost(now, lost, sizeof(lost)));
	assert_false(nfp_settings_lost(NULL, lost, sizeof(lost)));
	json_decref(before);
	json_decref(now);
}

TEST(in_words)
{
	char words[NFP_REASON_LEN];

	nfp_setting_describe("/proc/sys/net/ipv4/conf/*/arp_filter", "eth5", "1", "0", words,
			     sizeof(words));
	assert_string_equal(words, "/proc/sys/net/ipv4/conf/eth5/arp_filter was 1 and is 0");
	nfp_setting_describe("qdisc 1:", "eth5", "fq", NULL, words, sizeof(words));
	assert_string_equal(words, "qdisc 1: of its netdev eth5 was fq and is gone");
	nfp_setting_describe("node GUID", "", "0011", "0022", words, sizeof(words));
	assert_non_null(strstr(words, "its node GUID was 0011 and is 0022: "));
	assert_false(nfp_setting_can_set("node GUID"));
	assert_false(nfp_setting_can_set("qdisc 8001:"));
	assert_false(nfp_setting_can_set(NFP_SETTING_RULES));
	assert_true(nfp_setting_can_set("txqueuelen"));
}

/* A journal must not make root write anywhere else. */
TEST(files_of_the_netdev_only)
{
	static const char *const bad[] = {"/sys/class/net/eth0/tx_queue_len",
					  "/proc/sys/net/../*",
					  "/etc/*",
					  "/sys/class/net/*/../x",
					  "/sys/class/net/*/device/physfn/sriov_numvfs",
					  "/sys/class/net/*/device/driver_override",
					  "/sys/class/net/*/master/bridge/flush",
					  "/sys/class/net/*/ifalias",
					  "/sys/class/net/*/queues/rx-0/../../device/reset",
					  "/sys/class/net/*/queues/rx-0/rps_cpus/x",
					  "/sys/class/net/*/queues/tx-0/tx_timeout",
					  "/sys/class/net/*/queues/../threaded",
					  "/proc/sys/net/ipv4/conf/*/../all/arp_filter",
					  "/proc/sys/net/ipv4/conf/*/",
					  "/proc/sys/net/ipv4/ip_forward*",
					  "/proc/sys/net/mpls/conf/*/input"};
	static const char good[] = "/proc/sys/net/ipv4/conf/*/arp_filter";
	static const char queue[] = "/sys/class/net/*/queues/rx-0/rps_cpus";
	struct nfp_err err = {.code = NFP_E_NONE};
	char text[16];
	struct tree t;

	tree_make(&t);
	tree_file(&t, "proc/sys/net/ipv4/conf/eth5/arp_filter", "0\n");
	assert_int_equal(nfp_setting_set(&t.root, NULL, &eth5, good, "1", &err), 0);
	assert_int_equal(nfp_sysfs_read(&t.root, text, sizeof(text),
					"/proc/sys/net/ipv4/conf/eth5/arp_filter"),
			 0);
	assert_int_equal(text[0], '1');
	tree_file(&t, "sys/class/net/eth5/queues/rx-0/rps_cpus", "0\n");
	tree_file(&t, "sys/class/net/eth5/threaded", "0\n");
	assert_int_equal(nfp_setting_set(&t.root, NULL, &eth5, queue, "1", &err), 0);
	assert_int_equal(
		nfp_setting_set(&t.root, NULL, &eth5, "/sys/class/net/*/threaded", "1", &err), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(nfp_setting_set(&t.root, NULL, &eth5, bad[i], "1", &err), -EINVAL);
	assert_int_equal(nfp_setting_set(&t.root, NULL, &eth5, "ethtool -Z", "1", NULL),
			 -EOPNOTSUPP);
	assert_int_equal(nfp_setting_set(&t.root, NULL, &eth5, "node GUID", "1", NULL),
			 -EOPNOTSUPP);
	tree_drop(&t);
}

/* The settings of lo that differ from the default; its sysctls and queues are made up. */
TEST(read_from_files)
{
	const struct nfp_rt_dev lo = {1, "lo"};
	struct nfp_busdev vf;
	json_t *settings;
	struct nfp_nl *nl;
	char text[64];
	struct tree t;

	tree_make(&t);
	vf = (struct nfp_busdev) {&t.root, "pci", "0000:01:10.6"};
	tree_file(&t, "proc/sys/net/ipv6/conf/lo/accept_ra", "1\n");
	tree_file(&t, "proc/sys/net/ipv6/conf/default/accept_ra", "2\n");
	tree_file(&t, "proc/sys/net/ipv6/conf/lo/forwarding", "3\n");
	tree_file(&t, "proc/sys/net/ipv6/conf/default/forwarding", "3\n");
	tree_file(&t, "proc/sys/net/ipv6/conf/lo/mtu", "1500\n");
	tree_file(&t, "sys/class/net/lo/queues/rx-0/rps_cpus", "f\n");
	tree_file(&t, "sys/bus/pci/devices/0000:01:10.6/infiniband/mlx5_3/node_guid",
		  "0200:5eff:fe00:0201\n");
	assert_int_equal(nfp_nl_open(NETLINK_ROUTE, -1, &nl, NULL), 0);
	assert_int_equal(nfp_settings_read(&t.root, nl, &lo, &vf, &settings, NULL), 0);
	assert_int_equal(nfp_json_get_escaped(settings, "/proc/sys/net/ipv6/conf/*/accept_ra", text,
					      sizeof(text)),
			 0);
	assert_string_equal(text, "1");
	assert_null(json_object_get(settings, "/proc/sys/net/ipv6/conf/*/forwarding"));
	assert_null(json_object_get(settings, "/proc/sys/net/ipv6/conf/*/mtu"));
	assert_non_null(json_object_get(settings, "/sys/class/net/*/queues/rx-0/rps_cpus"));
	assert_non_null(json_object_get(settings, "node GUID"));
	assert_non_null(json_object_get(settings, "txqueuelen"));
	assert_non_null(json_object_get(settings, "mtu"));
	json_decref(settings);
	nfp_nl_close(nl);
	tree_drop(&t);
}

TEST_MAIN()
