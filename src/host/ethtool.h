/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ethtool.h - driver and firmware of a netdev, by ethtool and devlink, and its eswitch mode. */
#ifndef NFPROBE_HOST_ETHTOOL_H
#define NFPROBE_HOST_ETHTOOL_H

#include <errno.h>
#include <jansson.h>
#include <linux/netlink.h>

#include "nfprobe/error.h"
#include "nfprobe/netlink.h"
#include "nfprobe/result.h"

/*
 * ETHTOOL_GDRVINFO (include/uapi/linux/ethtool.h): fills driver, driver_version and firmware of
 * @info; "N/A" becomes empty. 0 or -errno, with nothing filled.
 */
int nfp_ethtool_drvinfo(const char *ifname, struct nfp_pf_info *info);

/* Is a feature, named as `ethtool -k` names it, on (ETHTOOL_GFEATURES)? False where it is unknown.
 */
bool nfp_ethtool_feature(const char *ifname, const char *name);

/*
 * DEVLINK_CMD_ESWITCH_GET of a device: "legacy", "switchdev", or an empty string where the kernel
 * or the device has no devlink, or the driver no eswitch modes. -errno as the kernel or the driver
 * answered; -EPERM comes from the kernel itself where the caller lacks CAP_NET_ADMIN.
 */
int nfp_devlink_eswitch(const char *bus, const char *parentdev, char *mode, size_t size,
			struct nfp_err *err);

/*
 * DEVLINK_CMD_INFO_GET (Documentation/networking/devlink/devlink-info.rst): fills the versions of
 * @info, none where there is no devlink, and `firmware` by the running one.
 */
int nfp_devlink_firmware(const char *bus, const char *parentdev, struct nfp_pf_info *info,
			 struct nfp_err *err);
/* Pure: adds the versions of an answer, as many as there is room for. 0. */
int nfp_devlink_parse_info(const struct nlmsghdr *nlh, struct nfp_pf_info *info);
/* Pure: makes the running version, unless it is in there, the firmware of @info. */
void nfp_devlink_name_firmware(struct nfp_pf_info *info);

/* Pure: the answer. A mode that is not known becomes "mode <number>"; none, empty. */
int nfp_devlink_parse_eswitch(const struct nlmsghdr *nlh, char *mode, size_t size);

#define NFP_SETTING_LEN 512 /* of a value, with its NUL; a longer one is not read */

/* Memory and descriptors that run out say nothing of what was asked for. */
static inline bool nfp_settings_is_lack(int ret)
{
	return ret == -ENOMEM || ret == -ENFILE || ret == -EMFILE;
}

/* Settings of a netdev that are lost when its driver is bound anew (apply.h): those that ethtool
 * has. */
#define NFP_SETTING_RULES "ethtool -N"
int nfp_ethtool_read(const char *ifname, json_t *settings);
int nfp_ethtool_put(const char *ifname, const char *name, const char *value);

#endif
