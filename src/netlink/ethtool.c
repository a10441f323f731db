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

#include "nfprobe/base.h"

static void take(char *dst, size_t size, const char *src, size_t len)
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

static int ask(const char *ifname, void *question)
{
	struct ifreq ifr = {.ifr_data = question};
	int fd, r = 0;

	if (strlen(ifname) >= sizeof(ifr.ifr_name))
		return -ENODEV;
	memcpy(ifr.ifr_name, ifname, strlen(ifname) + 1);
	/* Any socket will do, and a kernel without IPv4 has this one. */
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
	int r = ask(ifname, &drv);

	if (r < 0)
		return r;
	take(info->driver, sizeof(info->driver), drv.driver, sizeof(drv.driver));
	take(info->driver_version, sizeof(info->driver_version), drv.version, sizeof(drv.version));
	take(info->firmware, sizeof(info->firmware), drv.fw_version, sizeof(drv.fw_version));
	return 0;
}

/* The kernel has some 60 features. */
#define FEATURES_MAX 512U
#define WORD_BITS    32U

/* Each of these ends in an array of its own. */
union sset {
	struct ethtool_sset_info head;
	char room[sizeof(struct ethtool_sset_info) + sizeof(uint32_t)];
};
union strings {
	struct ethtool_gstrings head;
	char room[sizeof(struct ethtool_gstrings) + FEATURES_MAX * ETH_GSTRING_LEN];
};
union blocks {
	struct ethtool_gfeatures head;
	char room[sizeof(struct ethtool_gfeatures) +
		  FEATURES_MAX / WORD_BITS * sizeof(struct ethtool_get_features_block)];
};

struct features {
	uint32_t count;
	char names[FEATURES_MAX][ETH_GSTRING_LEN];
	struct ethtool_get_features_block are[FEATURES_MAX / WORD_BITS];
};

static int read_features(const char *ifname, struct features *f)
{
	union strings names;
	union blocks are;
	union sset set;
	int ret;

	memset(&set, 0, sizeof(set));
	memset(&names, 0, sizeof(names));
	memset(&are, 0, sizeof(are));
	set.head.cmd = ETHTOOL_GSSET_INFO;
	set.head.sset_mask = 1ULL << ETH_SS_FEATURES;
	names.head.cmd = ETHTOOL_GSTRINGS;
	names.head.string_set = ETH_SS_FEATURES;
	are.head.cmd = ETHTOOL_GFEATURES;
	are.head.size = FEATURES_MAX / WORD_BITS;
	ret = ask(ifname, &set);
	if (!ret && (!set.head.sset_mask || set.head.data[0] > FEATURES_MAX))
		ret = -EOPNOTSUPP;
	f->count = names.head.len = set.head.data[0];
	if (!ret)
		ret = ask(ifname, &names);
	if (!ret)
		ret = ask(ifname, &are);
	memcpy(f->names, names.head.data, sizeof(f->names));
	memcpy(f->are, are.head.features, sizeof(f->are));
	return ret;
}

/* *ret_at is its number, its bit is in word *ret_at / WORD_BITS. -EOPNOTSUPP: there is none. */
static int find_feature(const char *ifname, const char *name, struct features *f, uint32_t *ret_at)
{
	int ret = read_features(ifname, f);

	for (*ret_at = 0; !ret && *ret_at < f->count; ++*ret_at) {
		if (strncmp(f->names[*ret_at], name, ETH_GSTRING_LEN) == 0)
			return 0;
	}
	return ret ? ret : -EOPNOTSUPP;
}

bool nfp_ethtool_feature(const char *ifname, const char *name)
{
	struct features f;
	uint32_t i;

	return find_feature(ifname, name, &f, &i) == 0 &&
	       f.are[i / WORD_BITS].active & (1U << i % WORD_BITS);
}

/* ---- settings ---- */

#define WORDS_MAX 24 /* struct ethtool_coalesce has the most: 23 */

/* Structures of 32-bit numbers, the first of which is the command. In the order in which they are
 * put back: each may change those behind it. */
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

static int read_words(const char *ifname, const struct words *row, json_t *settings)
{
	uint32_t v[WORDS_MAX] = {row->get};
	char text[WORDS_MAX * 11] = "";
	int ret = ask(ifname, v);

	if (ret)
		return nfp_settings_is_lack(ret) ? ret : 0;
	for (unsigned int i = 0; i < row->count; i++)
		nfp_appendf(text, sizeof(text), "%s%u", i ? " " : "", v[row->first + i]);
	(void)nfp_jput_text(settings, row->name, text);
	return 0;
}

static int put_words(const char *ifname, const struct words *row, const char *value)
{
	uint32_t v[WORDS_MAX] = {row->get};
	char *end = (char *)value;
	int ret = ask(ifname, v);

	for (unsigned int i = 0; i < row->count; i++)
		v[row->first + i] = (uint32_t)strtoul(end, &end, 10);
	v[0] = row->set;
	return ret ? ret : ask(ifname, v);
}

/* Those that can be changed, as they are wanted: others may keep one from being active. */
static int read_wanted(const char *ifname, json_t *settings)
{
	char name[sizeof(FEATURE) + ETH_GSTRING_LEN];
	struct features f;
	int ret = read_features(ifname, &f);

	if (ret)
		return nfp_settings_is_lack(ret) ? ret : 0;
	for (uint32_t i = 0; i < f.count; i++) {
		const struct ethtool_get_features_block *b = &f.are[i / WORD_BITS];
		uint32_t bit = 1U << i % WORD_BITS;

		snprintf(name, sizeof(name), FEATURE "%.*s", ETH_GSTRING_LEN, f.names[i]);
		if (b->available & bit)
			(void)nfp_jput_text(settings, name, b->requested & bit ? "on" : "off");
	}
	return 0;
}

static int put_feature(const char *ifname, const char *name, const char *value)
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
	set.head.size = (f.count + WORD_BITS - 1) / WORD_BITS;
	set.head.features[i / WORD_BITS].valid = 1U << i % WORD_BITS;
	if (strcmp(value, "on") == 0)
		set.head.features[i / WORD_BITS].requested = 1U << i % WORD_BITS;
	return ask(ifname, &set);
}

int nfp_ethtool_read(const char *ifname, json_t *settings)
{
	struct ethtool_rxnfc rules = {.cmd = ETHTOOL_GRXCLSRLCNT};
	char text[16];
	int ret = 0;

	for (size_t i = 0; i < WORDS && !ret; i++)
		ret = read_words(ifname, &words[i], settings);
	if (!ret)
		ret = read_wanted(ifname, settings);
	if (ret || ask(ifname, &rules) || !rules.rule_cnt)
		return ret;
	snprintf(text, sizeof(text), "%u", rules.rule_cnt);
	(void)nfp_jput_text(settings, NFP_SETTING_RULES, text);
	return 0;
}

int nfp_ethtool_put(const char *ifname, const char *name, const char *value)
{
	if (strncmp(name, FEATURE, strlen(FEATURE)) == 0)
		return put_feature(ifname, name + strlen(FEATURE), value);
	for (size_t i = 0; i < WORDS; i++)
		if (strcmp(name, words[i].name) == 0)
			return put_words(ifname, &words[i], value);
	return -EOPNOTSUPP;
}
