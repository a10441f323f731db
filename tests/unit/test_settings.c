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
	static const char *const older[] = {"group", "gso_max_size", "ethtool -K rx",
					    "/proc/sys/net/ipv4/conf/*/arp_filter"};
	static const char *const lost[] = {"node GUID", "qdisc 8001:", "ethtool -N"};
	static const char *const kept[] = {"mtu", "txqueuelen", "alias", "altname 3"};
	struct nfp_err err = {.code = NFP_E_NONE};
	char words[NFP_REASON_LEN];

	nfp_setting_describe("/proc/sys/net/ipv4/conf/*/arp_filter", "eth5", "1", NULL, words,
			     sizeof(words));
	assert_non_null(
		strstr(words, "its netdev eth5 had /proc/sys/net/ipv4/conf/eth5/arp_filter 1 "));
	nfp_setting_describe("qdisc 1:", "eth5", "fq", NULL, words, sizeof(words));
	assert_string_equal(words, "qdisc 1: of its netdev eth5 was fq and is gone");
	nfp_setting_describe("mtu", "eth5", "1400", "1500", words, sizeof(words));
	assert_string_equal(words, "mtu of its netdev eth5 was 1400 and is 1500");
	nfp_setting_describe("node GUID", "", "0011", "0022", words, sizeof(words));
	assert_non_null(strstr(words, "its node GUID was 0011 and is 0022: "));
	for (size_t i = 0; i < sizeof(older) / sizeof(older[0]); i++) {
		assert_true(nfp_setting_is_older(older[i]));
		assert_false(nfp_setting_can_set(older[i]));
		assert_int_equal(nfp_setting_set(NULL, &eth5, older[i], "1", &err), -EOPNOTSUPP);
	}
	for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
		assert_false(nfp_setting_is_older(lost[i]));
		assert_false(nfp_setting_can_set(lost[i]));
		assert_int_equal(nfp_setting_set(NULL, &eth5, lost[i], "1", &err), -EOPNOTSUPP);
	}
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		assert_false(nfp_setting_is_older(kept[i]));
		assert_true(nfp_setting_can_set(kept[i]));
	}
}

TEST(read_of_lo)
{
	const struct nfp_rt_dev lo = {1, "lo"};
	struct nfp_busdev vf;
	json_t *settings;
	struct nfp_nl *nl;
	const char *name;
	json_t *value;
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
	json_object_foreach (settings, name, value)
		assert_false(nfp_setting_is_older(name));
	json_decref(settings);
	nfp_nl_close(nl);
	tree_drop(&t);
}

TEST_MAIN()
