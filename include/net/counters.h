/* SPDX-License-Identifier: GPL-2.0-or-later */
/* counters.h - what the kernel has counted at a netdev and at a VF, to be read twice. */
#ifndef NFPROBE_COUNTERS_H
#define NFPROBE_COUNTERS_H

#include "net/netlink.h"

/* Frames since the netdev was made (IFLA_STATS64). */
struct nfp_link_counters {
	uint64_t tx_packets;
	uint64_t tx_dropped; /* at a tap: its guest's process did not take them */
};
int nfp_link_counters_read(struct nfp_nl *nl, const struct nfp_rt_dev *dev,
			   struct nfp_link_counters *ret_counters, struct nfp_err *err);

/*
 * Frames that the NIC has given to a VF (IFLA_VF_STATS), by its PF's driver. Without
 * ndo_get_vf_stats all are 0, and some drivers never count broadcast or rx_dropped
 * (rtnl_fill_vfinfo, net/core/rtnetlink.c; ixgbe_ndo_get_vf_stats): a 0 is no answer.
 */
struct nfp_vf_counters {
	uint64_t rx_packets, rx_dropped;
	uint64_t broadcast, multicast; /* of rx_packets, or of both */
};
/* As in nfp_vf_attrs_read, the driver is asked about each VF of the PF. 0; -ENODATA: the VF is not
 * listed; or another -errno. */
int nfp_vf_counters_read(struct nfp_nl *nl, const struct nfp_rt_dev *pf, unsigned int vf,
			 struct nfp_vf_counters *ret_counters, struct nfp_err *err);
/* Reads the counters of one VF from such an answer. 0, -ENODATA or -EBADMSG. Pure. */
int nfp_vf_counters_parse(const struct nlmsghdr *nlh, unsigned int vf,
			  struct nfp_vf_counters *ret_counters);

#endif
