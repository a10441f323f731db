/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire.h - the stream of test frames as the probe sees it: one steady stream that goes on while
 * the host is changed, and sightings that arrive in the ledger.
 *
 * The probe knows only struct nfp_wire. nfp_stream_open makes a real one (a sending thread, libpcap
 * at the receivers); tests/memnic makes one in memory with a virtual clock.
 */
#ifndef NFPROBE_WIRE_H
#define NFPROBE_WIRE_H

#include "nfprobe/error.h"
#include "nfprobe/frame.h"
#include "nfprobe/ledger.h"
#include "nfprobe/types.h"

/* What the stream sends from now on. rate 0: none of this kind. */
struct nfp_plan {
	struct nfp_mac unicast;
	struct nfp_mac stranger;
	unsigned int rate[NFP_KIND_COUNT]; /* frames a second */
};

/* A netdev to capture on; it may be in another network namespace. */
struct nfp_netdev {
	char ifname[NFP_IFNAMSIZ];
	int ifindex;
	int netns_fd; /* -1: the caller's; borrowed, valid while it is used */
};

/* Since the stream began. */
struct nfp_wire_stats {
	uint64_t drops;	  /* frames that a capture lost (kernel ring or interface) */
	uint64_t foreign; /* frames of our EtherType that were not ours, or impossible, or late */
	uint64_t send_errors; /* frames that the kernel would not send */
	uint64_t stalls;      /* times the sender fell behind by more than 50 ms */
	uint64_t clock_steps; /* times the capture's clock was set */
};

struct nfp_wire_ops {
	/* Nanoseconds, monotonic; virtual in memory. */
	uint64_t (*now)(void *ctx);
	/* Changes what is sent; the first call starts the stream, all rates 0 pause it. */
	int (*plan)(void *ctx, const struct nfp_plan *plan, struct nfp_err *err);
	/*
	 * Moves what was sent and seen into @ledger until @until_ns, or until something else wants
	 * attention (a signal, a notification). Returns 0 when the time has come, 1 when woken
	 * earlier, -errno. A time that is past only drains what is there.
	 */
	int (*pump)(void *ctx, uint64_t until_ns, struct nfp_ledger *ledger, struct nfp_err *err);
	/* One broadcast frame with @mac as its source from the PF, as a guest announces itself. */
	int (*announce)(void *ctx, const struct nfp_mac *mac, struct nfp_err *err);
	/* Starts and ends the capture at the VF. listen_vf(NULL-safe: unlisten twice is nothing).
	 */
	int (*listen_vf)(void *ctx, const struct nfp_netdev *vf, struct nfp_err *err);
	void (*unlisten_vf)(void *ctx);
	void (*stats)(void *ctx, struct nfp_wire_stats *ret_stats);
};

struct nfp_wire {
	const struct nfp_wire_ops *ops;
	void *ctx;
};

/* ---- the real one (src/wire/stream.c) ---- */

struct nfp_stream;

struct nfp_stream_config {
	struct nfp_frame_id id;
	struct nfp_netdev sender; /* frames leave here, with its own address as source */
	struct nfp_mac sender_mac;
	struct nfp_vlan
		sender_vlan;  /* tag put into frames; vid 0: none (a sibling with VST sends none) */
	struct nfp_netdev pf; /* the standby's receiver; announcements leave here */
	struct nfp_vlan pf_vlan; /* tag of announcements, and the tag the PF's frames must carry */
	int wake_fds[4]; /* pump returns 1 when one is readable (never read here); -1: unused */
};

/*
 * Opens sockets, the capture at the PF and the sending thread (idle). Needs CAP_NET_RAW, and
 * CAP_SYS_ADMIN for netdevs in other namespaces. 0 or -errno.
 */
int nfp_stream_open(const struct nfp_stream_config *config, struct nfp_stream **ret_stream,
		    struct nfp_err *err);
void nfp_stream_close(struct nfp_stream *stream);
struct nfp_wire nfp_stream_wire(struct nfp_stream *stream);

/*
 * Sends one broadcast HELLO from each of @senders and says which the PF heard: ret_heard[i].
 * Waits until all were heard, or 300 ms. Used to find the wire.
 */
int nfp_hello(const struct nfp_frame_id *id, const struct nfp_netdev *pf,
	      const struct nfp_vlan *vlan, const struct nfp_netdev senders[],
	      const struct nfp_mac macs[], size_t num, bool ret_heard[], struct nfp_err *err);

#endif
