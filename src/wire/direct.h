/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * direct.h - frames from memory that is shared with the kernel to a netdev's driver, by an AF_XDP
 * socket that copies (Documentation/networking/af_xdp.rst): no message, no queueing discipline.
 * Needs neither a program on the netdev nor anything of its driver, but a kernel that says after an
 * error how far it came (Linux 6.17).
 */
#ifndef NFPROBE_WIRE_DIRECT_H
#define NFPROBE_WIRE_DIRECT_H

#include "nfprobe/inject.h"

struct nfp_direct;

/* In the netdev's namespace. 0 or -errno: it cannot be had here. */
int nfp_direct_open(const struct nfp_netdev *netdev, struct nfp_direct **ret_direct);
void nfp_direct_close(struct nfp_direct *direct);

/* As nfp_inject_send; 0 is never returned. */
int nfp_direct_send(struct nfp_direct *direct, const struct nfp_packet packets[], unsigned int num);

/*
 * Pure. What became of a batch of which the kernel took @taken from the ring, as it says, before it
 * returned @ret (0 or -errno).
 */
struct nfp_direct_fate {
	unsigned int sent; /* these, from the first on, were given to the driver */
	unsigned int gone; /* these have left the ring: the sent, and one that was dropped */
	int why;	   /* 0, or -errno why no more were sent */
};
struct nfp_direct_fate nfp_direct_fate(unsigned int num, unsigned int taken, int ret);

#endif
