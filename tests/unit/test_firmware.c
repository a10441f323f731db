// SPDX-License-Identifier: GPL-2.0-or-later
/* Firmware versions as devlink tells them, in messages made by hand. */
#include <libmnl/libmnl.h>
#include <linux/devlink.h>
#include <linux/genetlink.h>

#include "harness.h"
#include "net/netlink.h"
#include "../../src/net/netlink_priv.h"

struct message {
	_Alignas(struct nlmsghdr) char room[8192];
};

static struct nlmsghdr *begin(struct message *m)
{
	struct nlmsghdr *nlh;

	memset(m, 0, sizeof(*m));
	nlh = mnl_nlmsg_put_header(m->room);
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct genlmsghdr));
	mnl_attr_put_strz(nlh, DEVLINK_ATTR_BUS_NAME, "pci");
	mnl_attr_put_strz(nlh, DEVLINK_ATTR_INFO_DRIVER_NAME, "ice");
	return nlh;
}

static void put(struct nlmsghdr *nlh, uint16_t type, const char *name, const char *value)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, type);

	if (name)
		mnl_attr_put_strz(nlh, DEVLINK_ATTR_INFO_VERSION_NAME, name);
	if (value)
		mnl_attr_put_strz(nlh, DEVLINK_ATTR_INFO_VERSION_VALUE, value);
	mnl_attr_nest_end(nlh, nest);
}

static struct nfp_pf_info parse(const struct nlmsghdr *nlh, const char *ethtool)
{
	struct nfp_pf_info info = {0};

	snprintf(info.firmware, sizeof(info.firmware), "%s", ethtool);
	nfp_devlink_parse_info(nlh, &info);
	nfp_devlink_name_firmware(&info);
	return info;
}

TEST(running_and_stored)
{
	struct message m;
	struct nlmsghdr *nlh = begin(&m);
	struct nfp_pf_info info;

	put(nlh, DEVLINK_ATTR_INFO_VERSION_FIXED, "board.id", "K65390-000");
	put(nlh, DEVLINK_ATTR_INFO_VERSION_RUNNING, "fw", "2.0");
	put(nlh, DEVLINK_ATTR_INFO_VERSION_RUNNING, "fw.mgmt", "7.1");
	put(nlh, DEVLINK_ATTR_INFO_VERSION_STORED, "fw", "3.0");
	put(nlh, DEVLINK_ATTR_INFO_VERSION_STORED, "fw.undi", "9");
	put(nlh, DEVLINK_ATTR_INFO_VERSION_FIXED, "board.rev", "7");
	put(nlh, DEVLINK_ATTR_INFO_VERSION_STORED, "board.id", "9");
	info = parse(nlh, "1.0");
	assert_int_equal(info.num_fw, 4);
	assert_string_equal(info.board_id, "K65390-000");
	assert_string_equal(info.fw[0].name, "fw");
	assert_string_equal(info.fw[0].running, "2.0");
	assert_string_equal(info.fw[0].stored, "3.0");
	assert_string_equal(info.fw[1].running, "7.1");
	assert_string_equal(info.fw[1].stored, "");
	assert_string_equal(info.fw[2].running, "");
	/* ethtool named another version, so devlink's stands. */
	assert_string_equal(info.firmware, "2.0");
}

TEST(ethtool_may_say_more)
{
	struct message m;
	struct nlmsghdr *nlh = begin(&m);

	put(nlh, DEVLINK_ATTR_INFO_VERSION_RUNNING, "fw", "22.39.1002");
	assert_string_equal(parse(nlh, "22.39.1002 (MT_0000000359)").firmware,
			    "22.39.1002 (MT_0000000359)");
	assert_string_equal(parse(nlh, "").firmware, "22.39.1002");
}

/* No version of the whole: ethtool's words, or all the parts. */
TEST(parts_only)
{
	struct message m;
	struct nlmsghdr *nlh = begin(&m);

	put(nlh, DEVLINK_ATTR_INFO_VERSION_RUNNING, "fw.mgmt", "7.4.13");
	put(nlh, DEVLINK_ATTR_INFO_VERSION_STORED, "fw.app", "1");
	put(nlh, DEVLINK_ATTR_INFO_VERSION_RUNNING, "fw.undi", "1.3429.0");
	assert_string_equal(parse(nlh, "4.40 0x8001c7d4").firmware, "4.40 0x8001c7d4");
	assert_string_equal(parse(nlh, "").firmware, "fw.mgmt 7.4.13 fw.undi 1.3429.0");
}

TEST(what_is_odd_does_no_harm)
{
	char name[200], value[300];
	struct message m;
	struct nlmsghdr *nlh = begin(&m);
	struct nfp_pf_info info;

	assert_string_equal(parse(nlh, "1.0").firmware, "1.0");
	put(nlh, DEVLINK_ATTR_INFO_VERSION_RUNNING, NULL, "1");
	put(nlh, DEVLINK_ATTR_INFO_VERSION_RUNNING, "fw", NULL);
	put(nlh, DEVLINK_ATTR_INFO_VERSION_RUNNING, "", "");
	assert_int_equal(parse(nlh, "").num_fw, 0);
	memset(value, 'v', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	for (int i = 0; i < 2 * NFP_FW_MAX; i++) {
		snprintf(name, sizeof(name), "part%d.%0150d", i, i);
		put(nlh, DEVLINK_ATTR_INFO_VERSION_RUNNING, i == 9 ? name : name + (i % 2), "v");
	}
	put(nlh, DEVLINK_ATTR_INFO_VERSION_RUNNING, "fw", value);
	info = parse(nlh, "");
	assert_int_equal(info.num_fw, NFP_FW_MAX);
	assert_true(strlen(info.firmware) < sizeof(info.firmware));
	/* Cut off at any byte. */
	for (uint32_t len = nlh->nlmsg_len; len >= sizeof(*nlh); len--) {
		nlh->nlmsg_len = len;
		(void)parse(nlh, "");
	}
}

TEST_MAIN()
