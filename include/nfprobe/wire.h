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
	uint64_t drops; /* frames that a capture lost (kernel ring or interface) */
	/*
	 * Frames with the start of this run's id that did not count: forged or damaged, impossible
	 * or late by the ledger, or at the PF with another VLAN than the standby's; by ARP, answers
	 * to no question of ours. Others' frames are filtered out in the kernel.
	 */
	uint64_t foreign;
	uint64_t send_errors; /* frames that the kernel would not send */
	int send_errno;	      /* why it would not send the last of them, positive; 0: none */
	uint64_t stalls;      /* times the sender was 20 ms behind and left frames out */
	uint64_t clock_steps; /* times the capture's clock was set */
	unsigned int
		slowness; /* the source sends so many times slower than asked; 0: it does not */
	uint64_t slowed;  /* times the source lowered its rate: it asked for too much */
};

/*
 * A round of the transmit test: frames from the PF to the netdev behind the source, in turn with
 * the address under test as their source and, as the control, with the PF's own. A test frame is
 * first and last, so that a moment in which nothing passes cannot take only these.
 */
#define NFP_TRANSMIT_TESTS    3U
#define NFP_TRANSMIT_CONTROLS 2U
#define NFP_TRANSMIT_FRAMES   (NFP_TRANSMIT_TESTS + NFP_TRANSMIT_CONTROLS)

struct nfp_transmit_count {
	unsigned int tests, controls; /* that the kernel took */
	unsigned int heard_tests, heard_controls;
	bool drops; /* the capture there lost frames: what is missing shows nothing */
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
	/*
	 * Sends a round with @mac as the address under test; what was heard of the one before is
	 * forgotten. What cannot be sent or listened for is missing in the count.
	 */
	void (*transmit)(void *ctx, const struct nfp_mac *mac);
	/* What was heard of the last round until now, at a netdev behind the source that is not
	 * the PF's. */
	void (*transmitted)(void *ctx, struct nfp_transmit_count *ret_count);
	/* Starts and ends the capture at the VF; a second listen takes the place of the first, a
	 * second unlisten does nothing. */
	int (*listen_vf)(void *ctx, const struct nfp_netdev *vf, struct nfp_err *err);
	void (*unlisten_vf)(void *ctx);
	/*
	 * listen_vf for a netdev that is down still: it is heard from the moment it is up. One that
	 * listens after that misses the first frames. NULL: cannot be had.
	 */
	int (*expect_vf)(void *ctx, const struct nfp_netdev *vf, struct nfp_err *err);
	/*
	 * From now on unicast that arrives at @child counts as the PF's, and what arrives at the PF
	 * itself does not. @child NULL: the PF itself again. NULL: cannot be had.
	 */
	int (*listen_standby)(void *ctx, const struct nfp_netdev *child, struct nfp_err *err);
	void (*stats)(void *ctx, struct nfp_wire_stats *ret_stats);
};

struct nfp_wire {
	const struct nfp_wire_ops *ops;
	void *ctx;
};

/* ---- the real one (src/wire/stream.c) ---- */

struct nfp_stream;
struct nfp_codec;

enum nfp_tapped_what {
	NFP_TAPPED_SENT,      /* entered the ledger so; once a packet, where a frame has several */
	NFP_TAPPED_UNSENT,    /* it did not leave after all; without its bytes */
	NFP_TAPPED_SEEN,      /* entered the ledger so, counted or not */
	NFP_TAPPED_HEARD,     /* captured, but no frame of the ledger; seq 0 */
	NFP_TAPPED_FROM_PF,   /* sent there: an announcement, or the transmit test; seq 0 */
	NFP_TAPPED_AT_SENDER, /* .. and this is what was heard of the latter; seq 0 */
};

struct nfp_tapped {
	enum nfp_tapped_what what;
	uint64_t seq;
	uint64_t ns; /* sent or seen when, on the wire's clock */
	enum nfp_kind kind;
	enum nfp_receiver at; /* SEEN, HEARD */
	const uint8_t *data;  /* borrowed, FCS not included */
	size_t len;
};

/*
 * Is told of all that enters the ledger, in that order, and of who listens. Called by pump,
 * announce and listen_vf. A NULL function: nobody wants to know.
 */
struct nfp_tap {
	void (*frame)(void *ctx, const struct nfp_tapped *tapped);
	void (*listens)(void *ctx, const struct nfp_netdev *vf);
	void *ctx;
};

struct nfp_stream_config {
	struct nfp_frame_id id;
	struct nfp_netdev sender; /* frames leave here, with its own address as source */
	struct nfp_mac sender_mac;
	struct nfp_vlan
		sender_vlan;  /* tag put into frames; vid 0: none (a sibling with VST sends none) */
	struct nfp_netdev pf; /* the standby's receiver; announcements leave here */
	struct nfp_mac pf_mac; /* of the controls of the transmit test */
	/*
	 * Tag of announcements, and the tag that frames at the PF must carry to count: the standby
	 * listens on the PF's 802.1Q child, which gets no others. vid 0: they must be untagged (a
	 * priority tag is none). At the VF both count, since VST takes the tag off. In both tags
	 * proto 0 is 802.1Q.
	 */
	struct nfp_vlan pf_vlan;
	size_t buffer_bytes; /* of each capture; 0: the usual 2 MB */
	/*
	 * Frames go straight to the sender's driver where the kernel can do that (inject.h):
	 * faster, but nothing at its egress sees them.
	 */
	bool direct;
	struct nfp_netdev aside;       /* a second sender, for a codec that asks; ifindex 0: none */
	const struct nfp_codec *codec; /* codec.h; NULL: test frames. Borrowed while it is open */
	struct nfp_tap tap;	       /* all zero: none */
	int wake_fds[4]; /* pump returns 1 when one is readable (never read here); -1: unused */
};

/*
 * Opens sockets, the capture at the PF and two threads, one that sends (idle until the first plan)
 * and one that captures. All signals are held back in them. Needs CAP_NET_RAW, and CAP_SYS_ADMIN
 * for netdevs in other namespaces. 0 or -errno.
 *
 * Neither end of a netdev's reset is an error: frames that the kernel would not send are unsent in
 * the ledger and counted, and a capture goes on when the netdev is up again. A sender that falls
 * behind leaves frames out rather than sending a burst (20 ms of frames at most at once).
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
