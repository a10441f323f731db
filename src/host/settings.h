/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFPROBE_HOST_SETTINGS_H
#define NFPROBE_HOST_SETTINGS_H

/*
 * settings.h - settings of a VF's netdev that are lost when its driver is bound anew, or in part
 * when it is moved to another network namespace.
 *
 * A set of them is a JSON object of texts (jfield.h). Their names are:
 *   "ethtool -G"             the numbers of struct ethtool_ringparam and others, in their order
 *   "ethtool -K rx-checksum" on, off
 *   "txqueuelen", "alias"    as `ip link set dev NETDEV NAME VALUE` takes them
 *   "altname 0"              one of its other names; the number means nothing
 *   "/proc/sys/..*.."        a file; "*" stands for the netdev. Of sysctls only those that differ
 *                            from the default for new netdevs
 *   "qdisc 1:"               of this handle and kind: is not put back
 *   "ethtool -N"             the number of rules that steer received frames: is not put back
 *   "node GUID"              of the VF's RDMA device: cannot be set
 */
#include <jansson.h>

#include "ethtool.h"
#include "nfprobe/rtset.h"
#include "nfprobe/topology.h"
#include "nfprobe/vfdrv.h"

/*
 * Reads the settings of @netdev, and of the VF itself unless @vf is NULL, into a new object. What
 * the kernel or the driver does not tell is left out. 0 or -errno.
 */
int nfp_settings_read(const struct nfp_sysroot *root, struct nfp_nl *nl,
		      const struct nfp_rt_dev *netdev, const struct nfp_busdev *vf,
		      json_t **ret_settings, struct nfp_err *err);
/* Sets one of them. -EOPNOTSUPP: it is one that cannot be set. */
int nfp_setting_put(const struct nfp_sysroot *root, struct nfp_nl *nl,
		    const struct nfp_rt_dev *netdev, const char *name, const char *value,
		    struct nfp_err *err);

/* Is it none of those that can only be told? Pure. */
bool nfp_setting_can_be_put(const char *name);
/* "txqueuelen of eth5 was 500 and is 1000"; @is may be NULL: gone. Pure. */
void nfp_setting_words(const char *name, const char *ifname, const char *was, const char *is,
		       char *buf, size_t size);
/* Names those that would be lost for good ("qdisc 1: fq"). False: there are none. Pure. */
bool nfp_settings_lost(const json_t *settings, char *buf, size_t size);
/*
 * Calls @differs for each setting of @before that @now lacks (@is NULL) or has otherwise. A value
 * other than 0 ends it and is returned. Pure.
 */
int nfp_settings_compare(const json_t *before, const json_t *now,
			 int (*differs)(const char *name, const char *was, const char *is,
					void *ctx),
			 void *ctx);

#endif
