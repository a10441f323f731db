/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settings.h - the settings of a VF's netdev that are lost when its driver is bound again, and in
 * part when the netdev moves to another network namespace and back. They are restored, or reported
 * as lost. Settings of ethtool are not among them.
 *
 * They are a JSON object of texts (base.h) with these names:
 *   "mtu", "txqueuelen", "alias"  as `ip link set dev NETDEV NAME VALUE` takes them
 *   "altname 0"   an alternative name; the number means nothing
 *   "qdisc 1:"    the kind of the qdisc with this handle: cannot be restored
 *   "ethtool -N"  the number of rules that steer received frames: cannot be restored
 *   "node GUID"   of the VF's RDMA device: cannot be set
 * A move loses these as well. They are not written back, since that has effects of its own
 * (addr_gen_mode of a netdev that is down makes addresses):
 *   "/proc/sys/net/ipv4/conf/IF/rp_filter"  a sysctl whose value is not that of "default"
 *                 (also of neigh, and of ipv6); "*" stands for IF
 *   "token"       of IPv6 (ip-token(8))
 *   "neigh 192.0.2.1"  the MAC of a permanent neighbour
 */
#ifndef NFPROBE_CHANGE_SETTINGS_H
#define NFPROBE_CHANGE_SETTINGS_H

#include <jansson.h>

#include "vfdrv.h"

/*
 * Reads the settings of @netdev, and of the VF itself unless @vf is NULL, into a new object.
 * Settings that the kernel or the driver does not report are left out. 0 or -errno.
 */
int nfp_settings_read(const struct nfp_sysroot *root, struct nfp_nl *nl,
		      const struct nfp_rt_dev *netdev, const struct nfp_busdev *vf,
		      json_t **ret_settings, struct nfp_err *err);
/* Sets one setting. -EOPNOTSUPP: it cannot be set. */
int nfp_setting_set(struct nfp_nl *nl, const struct nfp_rt_dev *netdev, const char *name,
		    const char *value, struct nfp_err *err);

/* True if the setting can be restored. Pure. */
bool nfp_setting_can_set(const char *name);
/* True if the name means a sysctl, and nothing else. Pure. */
bool nfp_setting_is_sysctl(const char *name);
/* True if nobody may be told its value. Pure. */
bool nfp_setting_is_secret(const char *name);
/* Writes "txqueuelen of its netdev eth5 was 500 and is 1000"; @is NULL: it is gone, or was not
 * read. Pure. */
void nfp_setting_describe(const char *name, const char *ifname, const char *was,
			  const char *current, char *buf, size_t size);
/* Lists the settings that could not be restored ("qdisc 1: fq"). False: there are none. Pure. */
bool nfp_settings_lost(const json_t *settings, char *buf, size_t size);
/* Lists the settings that a move loses. False: there are none. Pure. */
bool nfp_settings_forgotten(const json_t *settings, const char *ifname, char *buf, size_t size);
/*
 * Calls @differs for each setting of @before that has another value in @now, or none (@is NULL). A
 * result other than 0 ends the comparison and is returned. Pure.
 */
int nfp_settings_compare(const json_t *before, const json_t *now,
			 int (*differs)(const char *name, const char *was, const char *current,
					void *ctx),
			 void *ctx);

#endif
