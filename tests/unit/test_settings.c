// SPDX-License-Identifier: GPL-2.0-or-later
/* Settings of a netdev: read, set and compared. */
#include "harness.h"
#include "../../src/change/settings.h"
#include "change/host.h"
#include "base/base.h"
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
	static const char *const is[][2] = {{"alias", "to the right"}, {"txqueuelen", "500"},
					    {"altname 0", "new"},      {"altname 1", "left"},
					    {"mtu", "1400"},	       {NULL, NULL}};
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
	static const char *const lost[] = {
		"node GUID", "qdisc 8001:",    "ethtool -N", "/proc/sys/net/ipv4/conf/*/arp_filter",
		"token",     "neigh 192.0.2.1"};
	static const char *const kept[] = {"mtu", "txqueuelen", "alias", "altname 3"};
	struct nfp_err err = {.code = NFP_E_NONE};
	char words[NFP_REASON_LEN];

	nfp_setting_describe("/proc/sys/net/ipv4/conf/*/arp_filter", "eth5", "1", NULL, words,
			     sizeof(words));
	assert_string_equal(words,
			    "/proc/sys/net/ipv4/conf/eth5/arp_filter was 1 and is the default");
	nfp_setting_describe("/proc/sys/net/ipv4/conf/*/arp_filter", "eth5", "1", "2", words,
			     sizeof(words));
	assert_string_equal(words, "/proc/sys/net/ipv4/conf/eth5/arp_filter was 1 and is 2");
	nfp_setting_describe("token", "eth5", "::5", NULL, words, sizeof(words));
	assert_string_equal(words, "token of its netdev eth5 was ::5 and is gone");
	nfp_setting_describe("qdisc 1:", "eth5", "fq", NULL, words, sizeof(words));
	assert_string_equal(words, "qdisc 1: of its netdev eth5 was fq and is gone");
	nfp_setting_describe("mtu", "eth5", "1400", "1500", words, sizeof(words));
	assert_string_equal(words, "mtu of its netdev eth5 was 1400 and is 1500");
	nfp_setting_describe("node GUID", "", "0011", "0022", words, sizeof(words));
	assert_non_null(strstr(words, "its node GUID was 0011 and is 0022: "));
	for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
		assert_false(nfp_setting_can_set(lost[i]));
		assert_int_equal(nfp_setting_set(NULL, &eth5, lost[i], "1", &err), -EOPNOTSUPP);
	}
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		assert_true(nfp_setting_can_set(kept[i]));
}

TEST(read_of_lo)
{
	const struct nfp_rt_dev lo = {1, "lo"};
	struct nfp_busdev vf;
	json_t *settings;
	struct nfp_nl *nl;
	struct tree t;

	tree_make(&t);
	vf = (struct nfp_busdev) {&t.root, "pci", "0000:01:10.6"};
	tree_file(&t, "sys/bus/pci/devices/0000:01:10.6/infiniband/mlx5_3/node_guid",
		  "0200:5eff:fe00:0201\n");
	assert_int_equal(nfp_nl_open(NETLINK_ROUTE, -1, &nl, NULL), 0);
	assert_int_equal(nfp_settings_read(&t.root, nl, &lo, &vf, &settings, NULL), 0);
	assert_string_equal(json_string_value(json_object_get(settings, "node GUID")),
			    "0200:5eff:fe00:0201");
	assert_non_null(json_object_get(settings, "txqueuelen"));
	assert_non_null(json_object_get(settings, "mtu"));
	json_decref(settings);
	nfp_nl_close(nl);
	tree_drop(&t);
}

/* Files as sysctls. A value is one that somebody has set if it is not that of default; the MTU is
 * the netdev's, a secret has no default that could be read, and neighbours here have none. */
TEST(sysctls_that_were_set)
{
	static const struct {
		const char *file, *text, *name; /* NULL: it is as it comes */
	} rows[] = {
		{"ipv4/conf/default/rp_filter", "0\n", NULL},
		{"ipv4/conf/lo/rp_filter", "2\n", "/proc/sys/net/ipv4/conf/*/rp_filter"},
		{"ipv4/conf/default/arp_ignore", "1\n", NULL},
		{"ipv4/conf/lo/arp_ignore", "1\n", NULL},
		{"ipv4/neigh/default/mcast_solicit", "3\n", NULL},
		{"ipv4/neigh/lo/mcast_solicit", "7\n", "/proc/sys/net/ipv4/neigh/*/mcast_solicit"},
		{"ipv6/neigh/lo/mcast_solicit", "7\n", NULL},
		{"ipv6/neigh/default/retrans_time", "100\n", NULL},
		{"ipv6/neigh/lo/retrans_time", "200\n", NULL},
		{"ipv6/neigh/default/retrans_time_ms", "1000\n", NULL},
		{"ipv6/neigh/lo/retrans_time_ms", "2000\n",
		 "/proc/sys/net/ipv6/neigh/*/retrans_time_ms"},
		{"ipv6/conf/default/mtu", "1280\n", NULL},
		{"ipv6/conf/lo/mtu", "65536\n", NULL},
		{"ipv6/conf/default/a_key_of_a_later_kernel", "0 1\n", NULL},
		{"ipv6/conf/lo/a_key_of_a_later_kernel", "0 2\n",
		 "/proc/sys/net/ipv6/conf/*/a_key_of_a_later_kernel"},
		{"ipv6/conf/lo/stable_secret", "2001:db8::7\n",
		 "/proc/sys/net/ipv6/conf/*/stable_secret"},
		{"ipv6/conf/lo/no.such-key", "1\n", NULL},
	};
	const struct nfp_rt_dev lo = {1, "lo"};
	char path[128], text[NFP_REASON_LEN];
	json_t *settings;
	struct nfp_nl *nl;
	size_t found = 0;
	const char *name;
	json_t *value;
	struct tree t;

	tree_make(&t);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(path, sizeof(path), "proc/sys/net/%s", rows[i].file);
		tree_file(&t, path, rows[i].text);
		found += rows[i].name != NULL;
	}
	/* A folder cannot be read, as a default secret that nobody has set. */
	tree_dir(&t, "proc/sys/net/ipv6/conf/default/stable_secret");
	assert_int_equal(nfp_nl_open(NETLINK_ROUTE, -1, &nl, NULL), 0);
	assert_int_equal(nfp_settings_read(&t.root, nl, &lo, NULL, &settings, NULL), 0);
	json_object_foreach (settings, name, value)
		found -= nfp_setting_is_sysctl(name);
	assert_int_equal(found, 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_true(!rows[i].name || json_object_get(settings, rows[i].name));
	assert_true(nfp_settings_forgotten(settings, "eth5", text, sizeof(text)));
	assert_non_null(strstr(text, "/proc/sys/net/ipv4/conf/eth5/rp_filter 2, "));
	assert_non_null(strstr(text, "/proc/sys/net/ipv6/conf/eth5/stable_secret set"));
	assert_null(strstr(text, "2001:db8::7"));
	json_decref(settings);
	assert_true(nfp_netdev_has_settings(&t.root, 1, "lo"));
	tree_file(&t, "proc/sys/net/ipv6/conf/lo/mtu", "1300\n");
	assert_int_equal(nfp_settings_read(&t.root, nl, &lo, NULL, &settings, NULL), 0);
	assert_non_null(json_object_get(settings, "/proc/sys/net/ipv6/conf/*/mtu"));
	json_decref(settings);
	nfp_nl_close(nl);
	tree_drop(&t);
}

TEST_MAIN()
