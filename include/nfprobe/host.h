/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host.h - what the probe may change on this machine, for one VF of one PF.
 *
 * The probe knows only struct nfp_host. src/host/ has a real one (netlink and sysfs, each
 * change journalled before it is made); tests/memnic has one in memory. Every operation blocks
 * until the kernel has answered, within its own deadline; the stream goes on meanwhile.
 * A refusal is a negative errno with the kernel's sentence in @err; EAGAIN and EBUSY have been
 * retried.
 */
#ifndef NFPROBE_HOST_H
#define NFPROBE_HOST_H

#include "nfprobe/error.h"
#include "nfprobe/types.h"
#include "nfprobe/wire.h"

/* What others did, and how the PF is. */
struct nfp_host_news {
	bool carrier;		     /* the PF has carrier now */
	uint64_t carrier_losses;     /* since the probe began */
	bool changed;		     /* somebody else changed the PF or the VF */
	bool lasts;		     /* .. in a way that spoils a ladder that begins now, too */
	bool gone;		     /* the PF or the VF is no longer there */
	bool ended;		     /* .. or no longer this run's to change: the VF was changed */
	char change[NFP_CHANGE_LEN]; /* what, in words: the first change of this call */
};

struct nfp_host_ops {
	/* The standby takes X on the PF / lets it go. @style as the ladder runs. */
	int (*hold)(void *ctx, enum nfp_style style, const struct nfp_mac *mac,
		    struct nfp_err *err);
	int (*release)(void *ctx, struct nfp_err *err);
	/*
	 * Between hold and release: the child of the PF to which the NIC itself hands what is sent
	 * to X; -ENODEV: the PF gets that. NULL: it always does.
	 */
	int (*standby)(void *ctx, struct nfp_netdev *ret_netdev);
	/* `ip link set PF vf N mac X`, and the VLAN of the run where there is one. */
	int (*assign)(void *ctx, const struct nfp_mac *mac, struct nfp_err *err);
	/* Takes the address back: 00:.., where refused 02:00:00:00:00:00 (then a left-behind note
	 * is kept). */
	int (*clear)(void *ctx, struct nfp_err *err);
	/* Function-level reset. -EOPNOTSUPP: this VF has none, steps that need one are skipped. */
	int (*reset)(void *ctx, struct nfp_err *err);
	/*
	 * Binds the VF driver and waits for the netdev, which is moved into a namespace of its own.
	 * -EADDRNOTAVAIL: its address was not @mac even after a second bind.
	 */
	int (*bind)(void *ctx, const struct nfp_mac *mac, struct nfp_err *err);
	/* The netdev that up will set up, so that it can be expected; -ENODEV. NULL: not known. */
	int (*netdev)(void *ctx, struct nfp_netdev *ret_netdev);
	/* Sets the VF netdev up. *ret_netdev is valid until down or unbind. */
	int (*up)(void *ctx, struct nfp_netdev *ret_netdev, struct nfp_err *err);
	/* Waits until it has carrier, behind up. NULL: it has it at once. */
	int (*carrier)(void *ctx, struct nfp_err *err);
	int (*down)(void *ctx, struct nfp_err *err);
	int (*unbind)(void *ctx, struct nfp_err *err);
	/* Reads notifications and reads back what the probe set. Cheap enough for every window. */
	int (*news)(void *ctx, struct nfp_host_news *ret_news, struct nfp_err *err);
	/*
	 * Those of the operations since the last call; @times stays as it is when they asked for
	 * nothing. NULL: an operation takes from its call to its return.
	 */
	void (*times)(void *ctx, struct nfp_host_times *times);
	/* What the VF has received since its driver, or its PF's, began to count. */
	int (*received)(void *ctx, struct nfp_vf_received *ret_received, struct nfp_err *err);
};

struct nfp_host {
	const struct nfp_host_ops *ops;
	void *ctx;
};

#endif
