// SPDX-License-Identifier: GPL-2.0-or-later
/* driver.c - what a driver reports by ethtool and devlink. */
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/devlink.h>
#include <linux/ethtool.h>
#include <linux/genetlink.h>
#include <linux/sockios.h>

#include "net/netlink.h"
#include "netlink_priv.h"

/* Copies a string of a driver, which may be unterminated, without trailing blanks; "" for "N/A". */
static void copy_string(char *dst, size_t size, const char *src, size_t len)
{
	size_t n = strnlen(src, len);

	if (n > size - 1)
		n = size - 1;
	memcpy(dst, src, n);
	dst[n] = '\0';
	while (n > 0 && dst[n - 1] == ' ')
		dst[--n] = '\0';
	if (strcmp(dst, "N/A") == 0)
		dst[0] = '\0';
}

static int ethtool(const char *ifname, void *command)
{
	struct ifreq ifr = {.ifr_data = command};
	int fd, r = 0;

	if (strlen(ifname) >= sizeof(ifr.ifr_name))
		return -ENODEV;
	memcpy(ifr.ifr_name, ifname, strlen(ifname) + 1);
	/* Any socket will do; even a kernel without IPv4 has this one. */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, SIOCETHTOOL, &ifr) < 0)
		r = -errno;
	close(fd);
	return r;
}

int nfp_ethtool_drvinfo(const char *ifname, struct nfp_pf_info *info)
{
	struct ethtool_drvinfo drv = {.cmd = ETHTOOL_GDRVINFO};
	int r = ethtool(ifname, &drv);

	if (r < 0)
		return r;
	copy_string(info->driver, sizeof(info->driver), drv.driver, sizeof(drv.driver));
	copy_string(info->driver_version, sizeof(info->driver_version), drv.version,
		    sizeof(drv.version));
	copy_string(info->firmware, sizeof(info->firmware), drv.fw_version, sizeof(drv.fw_version));
	return 0;
}

/* ---- features ---- */

/* The kernel has some 60 features. */
#define FEATURES_MAX 512U
#define WORD_BITS    32U

/* The kernel's structs end in an array. */
union feature_names {
	struct ethtool_gstrings head;
	char room[sizeof(struct ethtool_gstrings) + FEATURES_MAX * ETH_GSTRING_LEN];
};
union feature_blocks {
	struct ethtool_gfeatures head;
	char room[sizeof(struct ethtool_gfeatures) +
		  FEATURES_MAX / WORD_BITS * sizeof(struct ethtool_get_features_block)];
};

static int read_features(const char *ifname, union feature_names *ret_names,
			 union feature_blocks *ret_blocks)
{
	union {
		struct ethtool_sset_info head;
		char room[sizeof(struct ethtool_sset_info) + sizeof(uint32_t)];
	} set = {.head = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_FEATURES}};
	struct ethtool_gstrings *names = &ret_names->head;
	struct ethtool_gfeatures *blocks = &ret_blocks->head;
	int ret = ethtool(ifname, &set);

	if (ret)
		return ret;
	if (!set.head.sset_mask || set.head.data[0] > FEATURES_MAX)
		return -EOPNOTSUPP;
	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_FEATURES;
	names->len = set.head.data[0];
	blocks->cmd = ETHTOOL_GFEATURES;
	blocks->size = FEATURES_MAX / WORD_BITS;
	return ethtool(ifname, names) ?: ethtool(ifname, blocks);
}

bool nfp_ethtool_feature(const char *ifname, const char *name, bool changeable)
{
	union feature_names names = {0};
	union feature_blocks blocks = {0};

	if (read_features(ifname, &names, &blocks))
		return false;
	for (uint32_t i = 0; i < MIN(names.head.len, FEATURES_MAX); i++) {
		const struct ethtool_get_features_block *block =
			&blocks.head.features[i / WORD_BITS];
		const char *found = (const char *)names.head.data + i * ETH_GSTRING_LEN;

		if (strncmp(found, name, ETH_GSTRING_LEN) == 0)
			return block->active & (changeable ? block->available : ~0U) &
			       (1U << i % WORD_BITS);
	}
	return false;
}

int nfp_ethtool_rules(const char *ifname)
{
	struct ethtool_rxnfc rules = {.cmd = ETHTOOL_GRXCLSRLCNT};
	int r = ethtool(ifname, &rules);

	if (r)
		return nfp_is_out_of_resources(r) ? r : 0;
	return rules.rule_cnt > INT_MAX ? INT_MAX : (int)rules.rule_cnt;
}

/* ---- devlink ---- */

/* include/net/devlink.h: the version that stands for the whole firmware. */
#define DEVLINK_INFO_VERSION_GENERIC_FW "fw"
/* include/net/devlink.h: the identifier of the board design. */
#define DEVLINK_INFO_VERSION_GENERIC_BOARD_ID "board.id"

int nfp_devlink_parse_eswitch(const struct nlmsghdr *nlh, struct nfp_pf_info *info)
{
	const struct nlattr *tb[DEVLINK_ATTR_ESWITCH_MODE + 1];
	uint16_t value;

	info->eswitch_mode[0] = '\0';
	nfp_attrs_table(nfp_attrs_of(nlh, sizeof(struct genlmsghdr)), tb,
			DEVLINK_ATTR_ESWITCH_MODE + 1);
	if (!tb[DEVLINK_ATTR_ESWITCH_MODE])
		return 0;
	if (!nfp_attr_get(tb[DEVLINK_ATTR_ESWITCH_MODE], &value, sizeof(value)))
		return -EBADMSG;
	if (value == DEVLINK_ESWITCH_MODE_LEGACY || value == DEVLINK_ESWITCH_MODE_SWITCHDEV)
		snprintf(info->eswitch_mode, sizeof(info->eswitch_mode), "%s",
			 value == DEVLINK_ESWITCH_MODE_LEGACY ? "legacy" : "switchdev");
	else
		snprintf(info->eswitch_mode, sizeof(info->eswitch_mode), "mode %u", value);
	return 0;
}

int nfp_devlink_parse_info(const struct nlmsghdr *nlh, struct nfp_pf_info *info)
{
	struct nfp_attrs it = nfp_attrs_of(nlh, sizeof(struct genlmsghdr));
	const struct nlattr *attr, *tb[DEVLINK_ATTR_INFO_VERSION_VALUE + 1];

	while ((attr = nfp_attrs_next(&it))) {
		bool stored = mnl_attr_get_type(attr) == DEVLINK_ATTR_INFO_VERSION_STORED;
		bool fixed = mnl_attr_get_type(attr) == DEVLINK_ATTR_INFO_VERSION_FIXED;
		struct nfp_fw_version new = {0}, *version;
		char value[sizeof(new.running)] = "";
		size_t i = 0;

		if (!stored && !fixed &&
		    mnl_attr_get_type(attr) != DEVLINK_ATTR_INFO_VERSION_RUNNING)
			continue;
		nfp_attrs_table(nfp_attrs_in(attr), tb, DEVLINK_ATTR_INFO_VERSION_VALUE + 1);
		nfp_attr_str(tb[DEVLINK_ATTR_INFO_VERSION_NAME], new.name, sizeof(new.name));
		nfp_attr_str(tb[DEVLINK_ATTR_INFO_VERSION_VALUE], value, sizeof(value));
		if (fixed && strcmp(new.name, DEVLINK_INFO_VERSION_GENERIC_BOARD_ID) == 0)
			snprintf(info->board_id, sizeof(info->board_id), "%s", value);
		if (fixed)
			continue;
		while (i < info->num_fw && strcmp(info->fw[i].name, new.name) != 0)
			i++;
		if (!new.name[0] || !value[0] || i == NFP_FW_MAX)
			continue;
		version = &info->fw[i];
		if (i == info->num_fw) {
			*version = new;
			info->num_fw++;
		}
		memcpy(stored ? version->stored : version->running, value, sizeof(value));
	}
	return 0;
}

/*
 * The driver's own string for ethtool may say more than the version alone (a PSID, for example).
 * It is kept if it contains the running version.
 */
void nfp_devlink_name_firmware(struct nfp_pf_info *info)
{
	nfp_for_each (v, info->fw, info->num_fw) {
		if (strcmp(v->name, DEVLINK_INFO_VERSION_GENERIC_FW) != 0 || !v->running[0])
			continue;
		if (!strstr(info->firmware, v->running))
			snprintf(info->firmware, sizeof(info->firmware), "%s", v->running);
		return;
	}
	if (info->firmware[0])
		return;
	nfp_for_each (fw, info->fw, info->num_fw) {
		if (fw->running[0])
			nfp_appendf(info->firmware, sizeof(info->firmware), "%s%s %s",
				    info->firmware[0] ? " " : "", fw->name, fw->running);
	}
}

/* Returns 0 also if the kernel has no devlink, or the device none. */
static int devlink_get(const char *bus, const char *parentdev, uint8_t cmd, const char *what,
		       int (*parse)(const struct nlmsghdr *nlh, struct nfp_pf_info *info),
		       struct nfp_pf_info *info, struct nfp_err *err)
{
	const struct genlmsghdr genl = {.cmd = cmd, .version = DEVLINK_GENL_VERSION};
	const struct nlmsghdr *nlh = NULL;
	struct nfp_nl_msg msg;
	uint16_t family;
	struct nfp_nl *nl;
	int r = nfp_nl_open(NETLINK_GENERIC, -1, &nl, err);

	if (r < 0)
		return r;
	r = nfp_nl_genl_family(nl, DEVLINK_GENL_NAME, &family, err);
	if (r == 0) {
		nfp_nl_msg_init(&msg, family, 0, &genl, sizeof(genl));
		mnl_attr_put_strz(&msg.head, DEVLINK_ATTR_BUS_NAME, bus);
		mnl_attr_put_strz(&msg.head, DEVLINK_ATTR_DEV_NAME, parentdev);
		r = nfp_nl_talk(nl, &msg.head, err, "read the %s of %s/%s", what, bus, parentdev);
	}
	while (r == 0 && (nlh = nfp_nl_next(nl, nlh, family)))
		r = parse(nlh, info);
	if (r == -EBADMSG)
		nfp_err_errno(err, r, NFP_E_KERNEL, "cannot read the %s of %s/%s", what, bus,
			      parentdev);
	nfp_nl_close(nl);
	return r == -ENOENT || r == -ENODEV ? 0 : r;
}

int nfp_devlink_eswitch(const char *bus, const char *parentdev, struct nfp_pf_info *info,
			struct nfp_err *err)
{
	info->eswitch_mode[0] = '\0';
	return devlink_get(bus, parentdev, DEVLINK_CMD_ESWITCH_GET, "eswitch mode",
			   nfp_devlink_parse_eswitch, info, err);
}

int nfp_devlink_firmware(const char *bus, const char *parentdev, struct nfp_pf_info *info,
			 struct nfp_err *err)
{
	int r;

	info->num_fw = 0;
	info->board_id[0] = '\0';
	r = devlink_get(bus, parentdev, DEVLINK_CMD_INFO_GET, "firmware versions",
			nfp_devlink_parse_info, info, err);
	if (r == -EOPNOTSUPP)
		r = 0;
	if (r == 0)
		nfp_devlink_name_firmware(info);
	return r;
}
