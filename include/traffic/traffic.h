/* SPDX-License-Identifier: GPL-2.0-or-later */
/* traffic.h - frames, their accounting, and the wire as the probe sees it. */
#ifndef NFPROBE_TRAFFIC_H
#define NFPROBE_TRAFFIC_H

#include "base/base.h"

/* The place where test frames enter; verdict.h has the sources themselves. */
enum nfp_enters {
	NFP_ENTERS_WIRE, /* from outside the NIC */
	NFP_ENTERS_VF,	 /* another VF, through the VEB */
	NFP_ENTERS_PF,
	NFP_ENTERS_COUNT,
};

enum nfp_kind {
	NFP_KIND_UNICAST,      /* to the test MAC, the address under test */
	NFP_KIND_BROADCAST,    /* the control at each receiver */
	NFP_KIND_MULTICAST,    /* to an IPv6 solicited-node group that PF and VF join */
	NFP_KIND_UNREGISTERED, /* to an address that is programmed nowhere */
	NFP_KIND_ALL_NODES,    /* to 33:33:00:00:00:01, which shows whether any multicast passes */
	NFP_KIND_UNJOINED,     /* to a group that nobody joined: whether the filter passes all */
	/* In the VLAN of a guest, with a tag of their own. */
	NFP_KIND_VLAN_UNICAST, /* to the test MAC */
	NFP_KIND_VLAN_BROADCAST,
	NFP_KIND_VLAN_MULTICAST, /* to the group that PF and VF join */
	NFP_KIND_VLAN_OWN,	 /* to the PF's own address: whether the network carries the VLAN */
	NFP_KIND_VLAN_FREE,	 /* in a VLAN that nobody registered: whether the PF filters */
	NFP_KIND_COUNT,
	NFP_KIND_ANNOUNCE = NFP_KIND_COUNT, /* the test MAC as the source, once; never counted */
	NFP_KIND_HELLO,			    /* --from auto looks for the wire; never counted */
	NFP_KIND_LAST = NFP_KIND_HELLO,
};
/* The kinds before DECIDE decide whether a receiver is served; those before HEARD are what a guest
 * must hear; a window waits for those before SETTLE. */
#define NFP_KINDS_DECIDE NFP_KIND_MULTICAST
#define NFP_KINDS_HEARD	 NFP_KIND_UNREGISTERED
#define NFP_KINDS_SETTLE NFP_KIND_ALL_NODES

/* To whom a frame goes; nfp_plan_to has the address. */
enum nfp_to {
	NFP_TO_EVERYBODY,
	NFP_TO_X,
	NFP_TO_GROUP, /* that PF and VF join */
	NFP_TO_UNREGISTERED,
	NFP_TO_ALL_NODES,
	NFP_TO_UNJOINED,
	NFP_TO_PF, /* the PF's own address */
	NFP_TO_COUNT,
};

/* A source sends the kinds for which its row has a rate (struct nfp_source_row). */
struct nfp_kind_row {
	enum nfp_to to;
	bool tagged; /* it has a tag of its own */
};
extern const struct nfp_kind_row nfp_kinds[NFP_KIND_LAST + 1];

enum nfp_receiver {
	NFP_AT_PF,
	NFP_AT_VF,
	NFP_RECEIVER_COUNT,
};

/* The receivers of a kind of frame in a window. */
enum nfp_landing {
	NFP_LANDING_NONE, /* nothing was sent, so nothing is known */
	NFP_LANDING_PF,
	NFP_LANDING_VF,
	NFP_LANDING_BOTH,
	NFP_LANDING_NOWHERE,
	NFP_LANDING_MIXED, /* a receiver had more than 5 % and less than 80 % */
	NFP_LANDING_COUNT,
};

/*
 * frame: builds and recognises the test frame. Pure.
 *
 * On the wire (all numbers in network byte order):
 *
 *   offset  size  field
 *   0       6     destination
 *   6       6     source
 *   12      4     VLAN tag (TPID, TCI), only if the frame is tagged
 *   12|16   2     EtherType 0x88b5 (IEEE Std 802 local experimental EtherType 1)
 *   +0      4     magic "nfpr"
 *   +4      1     version, 2
 *   +5      1     kind: that of enum nfp_kind. Whoever changes their order raises the version,
 *                 and that of peer.c: a reflector counts by kind
 *   +6      2     zero
 *   +8      16    run id, random
 *   +24     8     sequence number, from 1, one count for all kinds
 *   +32     8     time sent, nanoseconds of the sender's CLOCK_MONOTONIC
 *   +40     8     tag: SipHash-2-4 of destination, source and bytes +0 .. +39 under the run's key
 *
 * +0 is the byte after the EtherType. The tag does not cover the VLAN tag, which a NIC may add,
 * remove or change the priority of.
 *
 * The id tells this run's frames from all others. The tag tells them from frames that somebody
 * forged after reading the id off the wire: its key never leaves the process.
 */

#define NFP_ETHERTYPE	  0x88b5
#define NFP_FRAME_PAYLOAD 48
#define NFP_FRAME_LEN_MAX (14 + 4 + NFP_FRAME_PAYLOAD)
#define NFP_FRAME_KEY_LEN 16

/* A run's identity: both random (getrandom), drawn once per run. */
struct nfp_frame_id {
	uint8_t run[NFP_RUN_ID_LEN];
	uint8_t key[NFP_FRAME_KEY_LEN];
};

struct nfp_frame {
	struct nfp_mac dst, src;
	struct nfp_vlan vlan; /* vid 0: none, or, with a proto, a priority tag */
	enum nfp_kind kind;
	uint64_t seq;
	uint64_t sent_ns;
};

enum nfp_frame_check {
	NFP_FRAME_OURS,
	NFP_FRAME_FOREIGN,   /* not a frame of nfprobe, or one of another run */
	NFP_FRAME_MALFORMED, /* our EtherType and id, but truncated, with a wrong tag, or impossible
			      */
};

/* Writes the frame. Returns its length (NFP_FRAME_LEN_MAX at most, FCS not included). */
size_t nfp_frame_build(const struct nfp_frame_id *id, const struct nfp_frame *frame,
		       uint8_t buf[NFP_FRAME_LEN_MAX]);

/*
 * Recognises @len captured bytes. The VLAN tag is expected in the frame; libpcap puts it back if
 * the NIC moved it into metadata. Fills *ret_frame on NFP_FRAME_OURS, and leaves it untouched
 * otherwise. A second tag, VLAN 4095, and a frame too short for the whole run id are FOREIGN. A
 * priority tag (VLAN 0) is vid 0 with a proto: see nfp_vlan_is_heard. Trailing padding is allowed.
 */
enum nfp_frame_check nfp_frame_parse(const struct nfp_frame_id *id, const uint8_t *data, size_t len,
				     struct nfp_frame *ret_frame);

/*
 * mld: an MLDv2 report that the sender has joined one group, as a host sends it (RFC 3810, sections
 * 5.2 and 6.1): to ff02::16, with hop limit 1 and the Router Alert option (RFC 2711), and one
 * record, CHANGE_TO_EXCLUDE_MODE without sources. Pure.
 */

#define NFP_MLD_LEN_MAX (14 + 4 + 40 + 8 + 8 + 20)

/*
 * accounting: for each frame, when it was sent, and where and when it was seen. Pure.
 *
 * nfp_accounting_sent takes frames in the order of their sequence numbers, nfp_accounting_seen
 * takes rx records in any order. The accounting keeps slices, counters over short stretches of time
 * that add up to the landing of any stretch, and the records of single frames since the last
 * nfp_accounting_forget, from which transitions are measured. All times are nanoseconds of one
 * clock, the wire's now(). An rx record is counted at the time when its frame was sent, not when it
 * was seen.
 */

struct nfp_frame_accounting;

/* Frames of one kind over a stretch of time. sent counts only frames that left. */
struct nfp_count {
	uint64_t sent;
	uint64_t at[NFP_RECEIVER_COUNT]; /* distinct frames seen there, including those at both */
	uint64_t both;			 /* distinct frames seen at PF and VF */
	uint64_t duplicates; /* rx records of a frame at a receiver that had it already */
};
/* lost = sent - (at[PF] + at[VF] - both) */
uint64_t nfp_count_lost(const struct nfp_count *count);
void nfp_count_add(struct nfp_count *sum, const struct nfp_count *count);

/*
 * Slices are in order of time and never overlap. They are NFP_ACCOUNTING_SLICE_NS long, on a grid
 * that begins at the last mark, and shorter before a mark. There are none where nothing is sent.
 */
struct nfp_slice {
	uint64_t from_ns, to_ns; /* half open; the newest slice will end at its to_ns */
	struct nfp_count count[NFP_KIND_COUNT];
};

enum nfp_rx_outcome {
	NFP_RX_COUNTED,
	NFP_RX_DUPLICATE,
	NFP_RX_IMPOSSIBLE, /* not sent, forgotten, of another kind, or seen before sent */
	NFP_RX_LATE,	   /* more than NFP_ACCOUNTING_LATE_NS after it was sent: not counted */
};

/* The record of one frame. */
struct nfp_frame_record {
	uint64_t sent_ns;
	uint64_t seen_ns[NFP_RECEIVER_COUNT]; /* first seen there; 0: never */
	enum nfp_kind kind;
	unsigned int duplicates;
};

#define NFP_ACCOUNTING_SLICE_NS (25 * NFP_NSEC_PER_MSEC)
#define NFP_ACCOUNTING_LATE_NS	NFP_NSEC_PER_SEC

struct nfp_frame_accounting *nfp_accounting_new(void);
void nfp_accounting_free(struct nfp_frame_accounting *accounting);
/* Empties it, but keeps the memory. */
void nfp_accounting_reset(struct nfp_frame_accounting *accounting);

/*
 * Ends the current slice at @now_ns, so that a stretch may begin there. -EINVAL if that is before
 * a known frame or mark.
 */
int nfp_accounting_mark(struct nfp_frame_accounting *accounting, uint64_t now_ns);

/* Returns the slices that do not begin before @from_ns, oldest first; valid until the next call. */
size_t nfp_accounting_slices(const struct nfp_frame_accounting *accounting, uint64_t from_ns,
			     const struct nfp_slice **ret_slices);

/* Sums the slices that lie entirely in [from_ns, to_ns); returns their number. */
size_t nfp_accounting_sum(const struct nfp_frame_accounting *accounting, uint64_t from_ns,
			  uint64_t to_ns, struct nfp_count ret_count[NFP_KIND_COUNT]);

/*
 * Returns the largest time from sent to seen, in ns, since the last forget but one, or the reset.
 * 0: nothing was seen. A host that was busy for a moment is thus forgotten after a step or two; so
 * is the largest reordering. Only COUNTED records matter, so that replayed frames cannot cause
 * waiting.
 */
uint64_t nfp_accounting_max_latency(const struct nfp_frame_accounting *accounting);

/*
 * Returns a time: all frames that were sent before it have reached @at or are lost, since a frame
 * was seen there that was sent later by at least twice the largest reordering at any receiver (over
 * the same stretch as the latency). 0: nothing was seen there.
 */
uint64_t nfp_accounting_overtaken(const struct nfp_frame_accounting *accounting,
				  enum nfp_receiver at);

/*
 * Drops slices and records of frames sent before @before_ns, so that memory does not grow with
 * time. Rx records of dropped frames are IMPOSSIBLE from then on, so frames that may still be under
 * way should stay. The newest two slices always stay.
 */
void nfp_accounting_forget(struct nfp_frame_accounting *accounting, uint64_t before_ns);

/*
 * Returns the landing of one kind (LANDINGS in nfprobe-verdicts(7)): a receiver has the kind at 80
 * % or more of the frames sent and lacks it at 5 % or less; anything between is MIXED. NONE if
 * nothing was sent.
 */
enum nfp_landing nfp_landing_of(const struct nfp_count *count);
/* True if each frame is at one of PF and VF, a part (MIXED) at each, and no more than 5 % are lost.
 */
bool nfp_count_is_split(const struct nfp_count *count);
bool nfp_count_has_loss(const struct nfp_count *count); /* True if more than 5 % were lost. */

/*
 * transition: measures what happened to unicast between two stable states, and how long the guest
 * heard none. Pure: reads the frame accounting.
 *
 * Nobody sees when a frame passes the NIC's filter: it is after the frame was sent and, if it
 * arrived, before it was seen. So a receiver begins to get frames between the last one that it
 * missed and the first one that it got, and ceases to between the last that it got and the first
 * that it missed. The middle is the best guess, with an error of half a frame interval; a length of
 * time has two such ends, and an error of one interval. Three errors of the timestamps add to that:
 * how late a frame was seen; how long a lost frame may have been under way (as long as its slowest
 * neighbour, or, if the sender stalled, until it sent the next); and the difference between the
 * kernel's two clocks.
 *
 * If frames are lost in stable states as well, the frame next to an end may be such a loss. So as
 * many frames are disregarded at each end as are lost in a row by chance once in a million. All
 * times are of the accounting's clock.
 */

/* A length of time: the true one lies in [us - error_us, us + error_us]. */
struct nfp_span {
	bool known; /* false: there is none, or it has no end; the others are then 0 */
	int64_t us;
	int64_t error_us; /* never negative */
};

/* The transition to measure, by unicast. Receivers are enum nfp_receiver, -1: none. */
struct nfp_transition_query {
	uint64_t from_ns, to_ns; /* end of the window before, begin of the window after */
	uint64_t request_ns;	 /* when the change was requested; 0: no change */
	/* When the capture at the VF began: earlier frames could not be seen there. */
	uint64_t vf_since_ns;
	int before; /* where the guest listened, and heard unicast, in the window before */
	int after;  /* the same in the window after */
	uint64_t interval_ns; /* between two frames, as the sender was told */
	uint64_t lost, sent;  /* frames in stable windows, for the usual loss */
};

struct nfp_transition_count {
	uint64_t lost;	     /* sent in the transition and seen nowhere */
	uint64_t duplicates; /* rx records at a receiver that had the frame already */
	/*
	 * The longest time during which the guest heard nothing. If it listens to the same receiver
	 * before and after, and heard frames before, this is the time from one frame heard to the
	 * next one, with missed frames between. Otherwise it starts at the request of the change,
	 * since before that the guest heard nothing, or at another receiver. 0: no frame was
	 * missed, but a gap shorter than the error is possible. Not known: it hears nothing
	 * afterwards.
	 */
	struct nfp_span gap;
	bool gap_from_request;
};

/* Measures, from frames since the last nfp_accounting_forget. */
void nfp_transition_measure(const struct nfp_frame_accounting *accounting,
			    const struct nfp_transition_query *ask,
			    struct nfp_transition_count *ret_count);

/*
 * wire: the test frames as the probe sees them: a steady stream that continues while the host is
 * changed, and rx records that arrive in the frame accounting.
 *
 * The probe knows only struct nfp_wire. nfp_stream_open makes a real one (packet sockets, and
 * libpcap at the receivers); tests/memnic makes one in memory with a virtual clock.
 */

/* The frames that the stream sends. rate 0: no frames of this kind. */
struct nfp_plan {
	struct nfp_mac unicast;
	struct nfp_mac unregistered_mac;
	struct nfp_mac group, unjoined;	   /* the group under test, and its control */
	struct nfp_mac own;		   /* the PF's, for the controls in the guest's VLAN */
	unsigned int rate[NFP_KIND_COUNT]; /* frames per second */
};

/* A netdev to capture on. It may be in another network namespace. */
struct nfp_netdev {
	char ifname[NFP_IFNAMSIZ];
	int ifindex;
	int netns_fd; /* -1: the caller's. Borrowed, must stay valid while in use */
};

/* Since the stream began. */
struct nfp_wire_stats {
	uint64_t drops; /* frames that a capture lost (kernel ring or interface) */
	/*
	 * Frames with the start of this run's id that did not count: forged, damaged, IMPOSSIBLE,
	 * LATE, or at the PF in another VLAN than the standby's; with ARP, replies to no request of
	 * ours. The kernel filters out other frames.
	 */
	uint64_t foreign;
	uint64_t send_errors;  /* frames that the kernel would not send */
	uint64_t stalls;       /* how often the sender was 20 ms behind and left frames out */
	unsigned int slowness; /* the factor by which the source lowered its rate; 0, 1: not */
	uint64_t slowed;       /* how often it lowered its rate */
	uint64_t strangers;    /* frames from config.elsewhere that are not nfprobe's */
};

/* Announcements of one sender: those that came back in at the PF, and those that only the netdev
 * behind the source heard. */
struct nfp_announced_count {
	unsigned int sent, at_pf, at_source_only;
};
#define NFP_ANNOUNCED_NS (100 * NFP_NSEC_PER_MSEC)

struct nfp_wire_ops {
	/* Returns nanoseconds, monotonic; virtual in memory. */
	uint64_t (*now)(void *ctx);
	/* Changes what is sent. The first call starts the stream. All rates 0 pause it. */
	void (*plan)(void *ctx, const struct nfp_plan *plan);
	/*
	 * Enters what is sent and seen into the accounting until @until_ns, or until something else
	 * needs attention (a signal, a notification). Returns 0 at that time, 1 when woken earlier,
	 * or -errno. If @until_ns has passed, it only drains what is there.
	 */
	int (*pump)(void *ctx, uint64_t until_ns, struct nfp_frame_accounting *accounting,
		    struct nfp_err *err);
	/* Announces @mac as a guest announces itself (nfp_announcement_build), from the PF or from
	 * the netdev that is captured as the VF's, which also sends to the PF alone. */
	int (*announce)(void *ctx, enum nfp_receiver at, const struct nfp_mac *mac,
			struct nfp_err *err);
	/*
	 * Counts the broadcasts that were announced under @mac since the last call, by who sent
	 * them, and where they were heard: by the netdev behind the source, and coming in at the
	 * PF. One announced less than NFP_ANNOUNCED_NS ago may still be under way, and is not
	 * counted as heard. The function may be NULL.
	 */
	void (*announced)(void *ctx, const struct nfp_mac *mac,
			  struct nfp_announced_count ret_count[NFP_RECEIVER_COUNT]);
	/*
	 * Reports the membership of @group to the switches that snoop on MLD: from the PF under its
	 * own address, or from the netdev that is captured as the VF's under @mac. The function may
	 * be NULL.
	 */
	int (*report)(void *ctx, enum nfp_receiver at, const struct nfp_mac *mac,
		      const struct nfp_mac *group, struct nfp_err *err);
	/* Starts the capture at the VF, replacing the current one, or ends it (@vf NULL). @early:
	 * the netdev may still be down, and is heard from the moment it is up. A capture that
	 * starts after that misses the first frames. */
	int (*listen_vf)(void *ctx, const struct nfp_netdev *vf, bool early, struct nfp_err *err);
	/* Counts unicast that arrives at @child as the PF's from now on, and not what arrives at
	 * the PF itself. @child NULL: the PF itself again. The function may be NULL. */
	int (*listen_standby)(void *ctx, const struct nfp_netdev *child, struct nfp_err *err);
	void (*stats)(void *ctx, struct nfp_wire_stats *ret_stats);
};

struct nfp_wire {
	const struct nfp_wire_ops *ops;
	void *ctx;
	/* Counts the wire's frames. The function that opens the wire sets it, the run resets it,
	 * and its owner frees it. */
	struct nfp_frame_accounting *accounting;
};

#endif
