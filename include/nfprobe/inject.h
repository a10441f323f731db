/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inject.h - sends raw frames from a netdev, many with one system call, through its queueing
 * discipline as anybody else's frames (packet(7)). Needs CAP_NET_RAW.
 */
#ifndef NFPROBE_INJECT_H
#define NFPROBE_INJECT_H

#include "nfprobe/error.h"
#include "nfprobe/wire.h"

#define NFP_INJECT_BATCH 64
#define NFP_PACKET_MAX	 136 /* the longest frame of any source (peer.h), and its VLAN tag */

struct nfp_inject;

/* A frame that is ready to be sent, FCS not included. */
struct nfp_packet {
	uint8_t data[NFP_PACKET_MAX];
	size_t len;
	bool aside; /* a stream sends it from its second sender (wire.h) */
};

int nfp_inject_open(const struct nfp_netdev *netdev, struct nfp_inject **ret_inject,
		    struct nfp_err *err);
void nfp_inject_close(struct nfp_inject *inject);

/*
 * Never waits. Returns how many of the @num (NFP_INJECT_BATCH at most) frames the kernel took, from
 * the first on, or -errno when it did not take the first: -ENETDOWN while the netdev is down,
 * -EAGAIN or -ENOBUFS when its queue is full, -ENXIO when it is gone. Every error but the last may
 * pass.
 */
int nfp_inject_send(struct nfp_inject *inject, struct nfp_packet packets[], unsigned int num);

#endif
