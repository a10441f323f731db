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

int nfp_ethtool_drvinfo(const char *ifname, struct nfp_pf_info *info)
{
	struct ethtool_drvinfo drv = {.cmd = ETHTOOL_GDRVINFO};
	struct ifreq ifr = {.ifr_data = (void *)&drv};
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
	if (r < 0)
		return r;
	take(info->driver, sizeof(info->driver), drv.driver, sizeof(drv.driver));
	take(info->driver_version, sizeof(info->driver_version), drv.version, sizeof(drv.version));
	take(info->firmware, sizeof(info->firmware), drv.fw_version, sizeof(drv.fw_version));
	return 0;
}
