// SPDX-License-Identifier: GPL-2.0-or-later
/* driver.c - what a driver reports by ethtool and devlink, and its ethtool settings. */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/devlink.h>
#include <linux/ethtool.h>
#include <linux/genetlink.h>
#include <linux/sockios.h>

#include "nfprobe/netlink.h"

/* Copies a string of a driver: unterminated perhaps, without trailing blanks, "" for "N/A". */
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
	/* Any socket will do; a kernel without IPv4 has this one. */
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

struct features {
	uint32_t num;
	char names[FEATURES_MAX][ETH_GSTRING_LEN];
	struct ethtool_get_features_block blocks[FEATURES_MAX / WORD_BITS];
};

static int read_features(const char *ifname, struct features *f)
{
	/* The kernel's structs end in an array. */
	union {
		struct ethtool_sset_info head;
		char room[sizeof(struct ethtool_sset_info) + sizeof(uint32_t)];
	} set = {.head = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_FEATURES}};
	union {
		struct ethtool_gstrings head;
		char room[sizeof(struct ethtool_gstrings) + sizeof(f->names)];
	} names = {.head = {.cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_FEATURES}};
	union {
		struct ethtool_gfeatures head;
		char room[sizeof(struct ethtool_gfeatures) + sizeof(f->blocks)];
	} blocks = {.head = {.cmd = ETHTOOL_GFEATURES, .size = FEATURES_MAX / WORD_BITS}};
	int ret = ethtool(ifname, &set);

	if (ret)
		return ret;
	if (!set.head.sset_mask || set.head.data[0] > FEATURES_MAX)
		return -EOPNOTSUPP;
	f->num = names.head.len = set.head.data[0];
	ret = ethtool(ifname, &names) ?: ethtool(ifname, &blocks);
	memcpy(f->names, names.head.data, sizeof(f->names));
	memcpy(f->blocks, blocks.head.features, sizeof(f->blocks));
	return ret;
}

/* Finds its number; its bit is in block number / WORD_BITS. -EOPNOTSUPP: there is none. */
static int find_feature(const char *ifname, const char *name, struct features *f,
			uint32_t *ret_number)
{
	int ret = read_features(ifname, f);

	for (*ret_number = 0; !ret && *ret_number < f->num; ++*ret_number) {
		if (strncmp(f->names[*ret_number], name, ETH_GSTRING_LEN) == 0)
			return 0;
	}
	return ret ? ret : -EOPNOTSUPP;
}

bool nfp_ethtool_feature(const char *ifname, const char *name, bool changeable)
{
	const struct ethtool_get_features_block *block;
	struct features f;
	uint32_t i;

	if (find_feature(ifname, name, &f, &i))
		return false;
	block = &f.blocks[i / WORD_BITS];
	return block->active & (changeable ? block->available : ~0U) & (1U << i % WORD_BITS);
}

/* ---- settings ---- */

#define WORDS_MAX 24 /* struct ethtool_coalesce has the most: 23 */

/*
 * Structures of 32-bit numbers, the first of which is the command. They are restored in this order:
 * each may change those behind it.
 */
static const struct words {
	const char *name;
	uint32_t get, set;
	unsigned int first, count; /* those that can be set */
	const char *words; /* their names in ethtool(8), a question mark: on or off; NULL: none */
} words[] = {
	{"ethtool --set-priv-flags", ETHTOOL_GPFLAGS, ETHTOOL_SPFLAGS, 1, 1, NULL},
	{"ethtool -L", ETHTOOL_GCHANNELS, ETHTOOL_SCHANNELS, 5, 4, "rx tx other combined"},
	{"ethtool -G", ETHTOOL_GRINGPARAM, ETHTOOL_SRINGPARAM, 5, 4, "rx rx-mini rx-jumbo tx"},
	{"ethtool -C", ETHTOOL_GCOALESCE, ETHTOOL_SCOALESCE, 1, 22,
	 "rx-usecs rx-frames rx-usecs-irq rx-frames-irq tx-usecs tx-frames tx-usecs-irq "
	 "tx-frames-irq stats-block-usecs adaptive-rx? adaptive-tx? pkt-rate-low rx-usecs-low "
	 "rx-frames-low tx-usecs-low tx-frames-low pkt-rate-high rx-usecs-high rx-frames-high "
	 "tx-usecs-high tx-frames-high sample-interval"},
	{"ethtool -A", ETHTOOL_GPAUSEPARAM, ETHTOOL_SPAUSEPARAM, 1, 3, "autoneg? rx? tx?"},
	{"ethtool -s msglvl", ETHTOOL_GMSGLVL, ETHTOOL_SMSGLVL, 1, 1, NULL},
};
#define WORDS	(sizeof(words) / sizeof(words[0]))
#define FEATURE "ethtool -K "

const char *nfp_ethtool_words(const char *name)
{
	for (const struct words *row = words; row < words + WORDS; row++)
		if (strcmp(row->name, name) == 0)
			return row->words;
	return NULL;
}

int nfp_ethtool_read(const char *ifname, json_t *settings)
{
	struct ethtool_rxnfc rules = {.cmd = ETHTOOL_GRXCLSRLCNT};
	char text[WORDS_MAX * 11], name[sizeof(FEATURE) + ETH_GSTRING_LEN];
	struct features f;
	int ret;

	for (const struct words *row = words; row < words + WORDS; row++) {
		uint32_t v[WORDS_MAX] = {row->get};

		ret = ethtool(ifname, v);
		if (nfp_is_out_of_resources(ret))
			return ret;
		if (ret)
			continue;
		text[0] = '\0';
		for (unsigned int i = 0; i < row->count; i++)
			nfp_appendf(text, sizeof(text), "%s%u", i ? " " : "", v[row->first + i]);
		nfp_json_set_escaped(settings, row->name, text);
	}
	ret = read_features(ifname, &f);
	if (nfp_is_out_of_resources(ret))
		return ret;
	/* The requested value of those that can be changed: others may keep one inactive. */
	for (uint32_t i = 0; !ret && i < f.num; i++) {
		const struct ethtool_get_features_block *block = &f.blocks[i / WORD_BITS];
		uint32_t bit = 1U << i % WORD_BITS;

		snprintf(name, sizeof(name), FEATURE "%.*s", ETH_GSTRING_LEN, f.names[i]);
		if (block->available & bit)
			nfp_json_set_escaped(settings, name, block->requested & bit ? "on" : "off");
	}
	if (!ethtool(ifname, &rules) && rules.rule_cnt) {
		snprintf(text, sizeof(text), "%u", rules.rule_cnt);
		nfp_json_set_escaped(settings, NFP_SETTING_RULES, text);
	}
	return 0;
}

static int put_feature(const char *ifname, const char *name, bool on)
{
	union {
		struct ethtool_sfeatures head;
		char room[sizeof(struct ethtool_sfeatures) +
			  FEATURES_MAX / WORD_BITS * sizeof(struct ethtool_set_features_block)];
	} set;
	struct features f;
	uint32_t i;
	int ret = find_feature(ifname, name, &f, &i);

	if (ret)
		return ret;
	memset(&set, 0, sizeof(set));
	set.head.cmd = ETHTOOL_SFEATURES;
	set.head.size = (f.num + WORD_BITS - 1) / WORD_BITS;
	set.head.features[i / WORD_BITS].valid = 1U << i % WORD_BITS;
	set.head.features[i / WORD_BITS].requested = on ? 1U << i % WORD_BITS : 0;
	return ethtool(ifname, &set);
}

int nfp_ethtool_put(const char *ifname, const char *name, const char *value)
{
	char *end = (char *)value;
	int ret;

	if (strncmp(name, FEATURE, strlen(FEATURE)) == 0)
		return put_feature(ifname, name + strlen(FEATURE), strcmp(value, "on") == 0);
	for (const struct words *row = words; row < words + WORDS; row++) {
		uint32_t v[WORDS_MAX] = {row->get};

		if (strcmp(name, row->name) != 0)
			continue;
		ret = ethtool(ifname, v);
		for (unsigned int i = 0; i < row->count; i++)
			v[row->first + i] = (uint32_t)strtoul(end, &end, 10);
		v[0] = row->set;
		return ret ? ret : ethtool(ifname, v);
	}
	return -EOPNOTSUPP;
}

/* ---- devlink ---- */

/* include/net/devlink.h: the version that stands for the whole firmware. */
#define DEVLINK_INFO_VERSION_GENERIC_FW "fw"
/* .. and the identifier of the board design. */
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
 * The driver's word to ethtool may say more than the version alone (a PSID, for example), and is
 * kept if it contains the running version.
 */
void nfp_devlink_name_firmware(struct nfp_pf_info *info)
{
	for (size_t i = 0; i < info->num_fw; i++) {
		const struct nfp_fw_version *v = &info->fw[i];

		if (strcmp(v->name, DEVLINK_INFO_VERSION_GENERIC_FW) != 0 || !v->running[0])
			continue;
		if (!strstr(info->firmware, v->running))
			snprintf(info->firmware, sizeof(info->firmware), "%s", v->running);
		return;
	}
	if (info->firmware[0])
		return;
	for (size_t i = 0; i < info->num_fw; i++) {
		if (info->fw[i].running[0])
			nfp_appendf(info->firmware, sizeof(info->firmware), "%s%s %s",
				    info->firmware[0] ? " " : "", info->fw[i].name,
				    info->fw[i].running);
	}
}

/* 0 also if the kernel has no devlink, or the device none. */
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
