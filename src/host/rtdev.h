/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFPROBE_HOST_RTDEV_H
#define NFPROBE_HOST_RTDEV_H

#include "nfprobe/rtset.h"

/* For a sentence. */
static inline const char *nfp_rt_name(const struct nfp_rt_dev *dev)
{
	return dev->ifname && dev->ifname[0] ? dev->ifname : "the netdev";
}

#endif
