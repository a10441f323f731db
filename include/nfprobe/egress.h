/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * egress.h - does anything stand between the sockets of this host and a netdev's driver?
 *
 * A frame that is handed to the driver directly (inject.h) passes by the queueing discipline, the
 * filters of tc, the programs of tcx and the chains of nftables at egress (__dev_queue_xmit in
 * net/core/dev.c). Where one of them could drop, delay, change or redirect it, such a frame would
 * not go the way that everybody else's go.
 */
#ifndef NFPROBE_EGRESS_H
#define NFPROBE_EGRESS_H

#include <linux/netlink.h>

#include "nfprobe/wire.h"

/*
 * True when there is nothing of the kind: the netdev, in this namespace, is hardware's or a veth,
 * has the queueing disciplines that the kernel gave it, no program of tcx, and no chain of nftables
 * is at any egress of the namespace. False as well when it cannot be told, for want of rights too.
 */
bool nfp_egress_is_bare(const struct nfp_netdev *netdev);

/*
 * Pure. An RTM_NEWQDISC message: one of @ifindex that somebody has put there? The kernel gives its
 * own no handle (net/sched/sch_generic.c), others get one; filters need one to hang on.
 */
bool nfp_egress_is_qdisc(const struct nlmsghdr *nlh, int ifindex);
/* Pure. An NFT_MSG_NEWCHAIN message: a base chain at the egress of a netdev, whichever? */
bool nfp_egress_is_chain(const struct nlmsghdr *nlh);

#endif
