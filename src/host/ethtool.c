// SPDX-License-Identifier: GPL-2.0-or-later
#include "ethtool.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>

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
union features {
	struct ethtool_gfeatures head;
	char room[sizeof(struct ethtool_gfeatures) +
		  FEATURES_MAX / WORD_BITS * sizeof(struct ethtool_get_features_block)];
};

bool nfp_ethtool_feature(const char *ifname, const char *name)
{
	union strings names;
	union features on;
	union sset set;

	memset(&set, 0, sizeof(set));
	memset(&names, 0, sizeof(names));
	memset(&on, 0, sizeof(on));
	set.head.cmd = ETHTOOL_GSSET_INFO;
	set.head.sset_mask = 1ULL << ETH_SS_FEATURES;
	names.head.cmd = ETHTOOL_GSTRINGS;
	names.head.string_set = ETH_SS_FEATURES;
	on.head.cmd = ETHTOOL_GFEATURES;
	on.head.size = FEATURES_MAX / WORD_BITS;
	if (ask(ifname, &set) < 0 || !set.head.sset_mask || set.head.data[0] > FEATURES_MAX)
		return false;
	names.head.len = set.head.data[0];
	if (ask(ifname, &names) < 0 || ask(ifname, &on) < 0)
		return false;
	for (uint32_t i = 0; i < names.head.len && i < FEATURES_MAX; i++) {
		const char *is = (const char *)names.head.data + i * ETH_GSTRING_LEN;

		if (strncmp(is, name, ETH_GSTRING_LEN) == 0)
			return on.head.features[i / WORD_BITS].active & (1U << i % WORD_BITS);
	}
	return false;
}
