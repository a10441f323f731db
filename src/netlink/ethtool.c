// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/netlink.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>

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
	/* Each of these ends in an array of its own. */
	union {
		struct ethtool_gstrings head;
		char room[sizeof(struct ethtool_gstrings) + FEATURES_MAX * ETH_GSTRING_LEN];
	} names;
	union {
		struct ethtool_gfeatures head;
		char room[sizeof(struct ethtool_gfeatures) +
			  FEATURES_MAX / WORD_BITS * sizeof(struct ethtool_get_features_block)];
	} blocks;
};

static int read_features(const char *ifname, struct features *f)
{
	union {
		struct ethtool_sset_info head;
		char room[sizeof(struct ethtool_sset_info) + sizeof(uint32_t)];
	} set;
	int ret;

	memset(&set, 0, sizeof(set));
	memset(f, 0, sizeof(*f));
	set.head.cmd = ETHTOOL_GSSET_INFO;
	set.head.sset_mask = 1ULL << ETH_SS_FEATURES;
	ret = ethtool(ifname, &set);
	if (ret)
		return ret;
	if (!set.head.sset_mask || set.head.data[0] > FEATURES_MAX)
		return -EOPNOTSUPP;
	f->num = f->names.head.len = set.head.data[0];
	f->names.head.cmd = ETHTOOL_GSTRINGS;
	f->names.head.string_set = ETH_SS_FEATURES;
	f->blocks.head.cmd = ETHTOOL_GFEATURES;
	f->blocks.head.size = FEATURES_MAX / WORD_BITS;
	return ethtool(ifname, &f->names) ?: ethtool(ifname, &f->blocks);
}

static const char *feature_name(const struct features *f, uint32_t i)
{
	return (const char *)f->names.head.data + (size_t)i * ETH_GSTRING_LEN;
}

/* Finds its number; its bit is in block number / WORD_BITS. -EOPNOTSUPP: there is none. */
static int find_feature(const char *ifname, const char *name, struct features *f,
			uint32_t *ret_number)
{
	int ret = read_features(ifname, f);

	for (*ret_number = 0; !ret && *ret_number < f->num; ++*ret_number) {
		if (strncmp(feature_name(f, *ret_number), name, ETH_GSTRING_LEN) == 0)
			return 0;
	}
	return ret ? ret : -EOPNOTSUPP;
}

bool nfp_ethtool_feature(const char *ifname, const char *name)
{
	struct features f;
	uint32_t i;

	return find_feature(ifname, name, &f, &i) == 0 &&
	       f.blocks.head.features[i / WORD_BITS].active & (1U << i % WORD_BITS);
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
} words[] = {
	{"ethtool --set-priv-flags", ETHTOOL_GPFLAGS, ETHTOOL_SPFLAGS, 1, 1},
	{"ethtool -L", ETHTOOL_GCHANNELS, ETHTOOL_SCHANNELS, 5, 4},
	{"ethtool -G", ETHTOOL_GRINGPARAM, ETHTOOL_SRINGPARAM, 5, 4},
	{"ethtool -C", ETHTOOL_GCOALESCE, ETHTOOL_SCOALESCE, 1, 22},
	{"ethtool -A", ETHTOOL_GPAUSEPARAM, ETHTOOL_SPAUSEPARAM, 1, 3},
	{"ethtool -s msglvl", ETHTOOL_GMSGLVL, ETHTOOL_SMSGLVL, 1, 1},
};
#define WORDS	(sizeof(words) / sizeof(words[0]))
#define FEATURE "ethtool -K "

int nfp_ethtool_read(const char *ifname, json_t *settings)
{
	struct ethtool_rxnfc rules = {.cmd = ETHTOOL_GRXCLSRLCNT};
	char text[WORDS_MAX * 11], name[sizeof(FEATURE) + ETH_GSTRING_LEN];
	struct features f;
	int ret;

	for (const struct words *row = words; row < words + WORDS; row++) {
		uint32_t v[WORDS_MAX] = {row->get};

		ret = ethtool(ifname, v);
		if (nfp_settings_is_lack(ret))
			return ret;
		if (ret)
			continue;
		text[0] = '\0';
		for (unsigned int i = 0; i < row->count; i++)
			nfp_appendf(text, sizeof(text), "%s%u", i ? " " : "", v[row->first + i]);
		nfp_jput_text(settings, row->name, text);
	}
	ret = read_features(ifname, &f);
	if (nfp_settings_is_lack(ret))
		return ret;
	/* The requested value of those that can be changed: others may keep one inactive. */
	for (uint32_t i = 0; !ret && i < f.num; i++) {
		const struct ethtool_get_features_block *block =
			&f.blocks.head.features[i / WORD_BITS];
		uint32_t bit = 1U << i % WORD_BITS;

		snprintf(name, sizeof(name), FEATURE "%.*s", ETH_GSTRING_LEN, feature_name(&f, i));
		if (block->available & bit)
			nfp_jput_text(settings, name, block->requested & bit ? "on" : "off");
	}
	if (!ethtool(ifname, &rules) && rules.rule_cnt) {
		snprintf(text, sizeof(text), "%u", rules.rule_cnt);
		nfp_jput_text(settings, NFP_SETTING_RULES, text);
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
