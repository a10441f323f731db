/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ethtool.h - driver and firmware of a netdev, and its eswitch mode. */
#ifndef NFPROBE_HOST_ETHTOOL_H
#define NFPROBE_HOST_ETHTOOL_H

#include <linux/netlink.h>

#include "nfprobe/error.h"
#include "nfprobe/netlink.h"
#include "nfprobe/result.h"

/*
 * ETHTOOL_GDRVINFO (include/uapi/linux/ethtool.h): fills driver, driver_version and firmware of
 * @info; "N/A" becomes empty. 0 or -errno, with nothing filled.
 */
int nfp_ethtool_drvinfo(const char *ifname, struct nfp_pf_info *info);

/*
 * DEVLINK_CMD_ESWITCH_GET of a device: "legacy", "switchdev", or an empty string where the kernel,
 * the driver or the device has no eswitch to speak of. Another -errno when it cannot be told.
 */
int nfp_devlink_eswitch(const char *bus, const char *parentdev, char *mode, size_t size,
			struct nfp_err *err);

/* Pure: the answer. A mode that is not known becomes "mode <number>"; none, empty. */
int nfp_devlink_parse_eswitch(const struct nlmsghdr *nlh, char *mode, size_t size);

#endif
