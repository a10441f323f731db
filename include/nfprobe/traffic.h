/* SPDX-License-Identifier: GPL-2.0-or-later */
/* traffic.h - frames, their accounting, and the stream that sends and captures them. */
#ifndef NFPROBE_TRAFFIC_H
#define NFPROBE_TRAFFIC_H

#include "nfprobe/base.h"

/*
 * frame: the test frame: built and recognised. Pure.
 *
 * On the wire (all numbers in network byte order):
 *
 *   offset  size  field
 *   0       6     destination
 *   6       6     source
 *   12      4     VLAN tag (TPID, TCI), only if the frame is tagged
 *   12|16   2     EtherType 0x88b5 (IEEE Std 802 local experimental EtherType 1)
 *   +0      4     magic "nfpr"
 *   +4      1     version, 1
 *   +5      1     kind (enum nfp_kind)
 *   +6      2     zero
 *   +8      16    run id, random
 *   +24     8     sequence number, from 1, one count for all kinds
 *   +32     8     time sent, nanoseconds of the sender's CLOCK_MONOTONIC
 *   +40     8     tag: SipHash-2-4 of destination, source and bytes +0 .. +39 under the run's key
 *
 * +0 is the byte after the EtherType. The VLAN tag is not covered by the tag: a NIC may add it,
 * take it or change its priority.
 *
 * The id tells this run's frames from all others; the tag, whose key does not leave the process
 * before the run is over (record.h publishes it then), tells them from frames that somebody else
 * made after reading the id off the wire.
 */

#define NFP_ETHERTYPE	  0x88b5
#define NFP_FRAME_PAYLOAD 48
#define NFP_FRAME_LEN_MAX (14 + 4 + NFP_FRAME_PAYLOAD)
#define NFP_FRAME_KEY_LEN 16

/* A run's identity; both random (getrandom), made once a run. */
struct nfp_frame_id {
	uint8_t run[NFP_RUN_ID_LEN];
	uint8_t key[NFP_FRAME_KEY_LEN];
};

struct nfp_frame {
	struct nfp_mac dst, src;
	struct nfp_vlan vlan; /* vid 0: untagged */
	enum nfp_kind kind;
	uint64_t seq;
	uint64_t sent_ns;
};

enum nfp_frame_check {
	NFP_FRAME_OURS,
	NFP_FRAME_FOREIGN,   /* not a frame of nfprobe, or of another run */
	NFP_FRAME_MALFORMED, /* our EtherType and id, but truncated, a wrong tag or impossible
				values */
};

/* Writes the frame; returns its length (NFP_FRAME_LEN_MAX at most, FCS not included). */
size_t nfp_frame_build(const struct nfp_frame_id *id, const struct nfp_frame *frame,
		       uint8_t buf[NFP_FRAME_LEN_MAX]);

/*
 * Recognises @len captured bytes. A VLAN tag is in the frame; libpcap puts one back that the NIC
 * moved into metadata. On NFP_FRAME_OURS fills *ret_frame; else leaves it untouched. A second tag
 * and VLAN 4095 are FOREIGN; a priority tag (VLAN 0) is no VLAN. Trailing padding is allowed. A
 * frame too short to hold the whole run id is FOREIGN.
 */
enum nfp_frame_check nfp_frame_parse(const struct nfp_frame_id *id, const uint8_t *data, size_t len,
				     struct nfp_frame *ret_frame);

/*
 * As nfp_frame_parse, for somebody who has the run's id but not its key: everything is checked
 * but the tag, so the frame may be anybody's.
 */
enum nfp_frame_check nfp_frame_peek(const uint8_t run[NFP_RUN_ID_LEN], const uint8_t *data,
				    size_t len, struct nfp_frame *ret_frame);

/*
 * ledger: the one account of (frame, sent when, seen where, seen when). Pure.
 *
 * Frames enter by nfp_ledger_sent in the order of their sequence numbers, sightings by
 * nfp_ledger_seen in any order. The ledger keeps slices, counters over short stretches of time
 * sent, from which the landing of any stretch is summed in no time, and the records of single
 * frames since the last nfp_ledger_forget, from which transitions are measured (traffic.h).
 * All times are nanoseconds of one clock, the wire's now(). A sighting belongs to the time at
 * which the frame was sent, not to the time at which it was seen.
 */

struct nfp_ledger;

/* Frames of one kind over a stretch. sent counts frames that really left. */
struct nfp_count {
	uint64_t sent;
	uint64_t at[NFP_RECEIVER_COUNT]; /* distinct frames seen there, those at both included */
	uint64_t both;			 /* distinct frames seen at PF and VF */
	uint64_t duplicates; /* sightings of a frame at a receiver that had it already */
};
/* lost = sent - (at[PF] + at[VF] - both) */
uint64_t nfp_count_lost(const struct nfp_count *count);
void nfp_count_add(struct nfp_count *sum, const struct nfp_count *count);

/*
 * In the order of time, never overlapping. NFP_LEDGER_SLICE_NS long on a grid that begins at the
 * last mark; shorter before a mark. Where nothing was sent there may be a hole between two.
 */
struct nfp_slice {
	uint64_t from_ns, to_ns; /* half open; to_ns of the newest slice is where it will end */
	struct nfp_count count[NFP_KIND_COUNT];
};

enum nfp_sighting {
	NFP_SIGHTING_COUNTED,
	NFP_SIGHTING_DUPLICATE,
	NFP_SIGHTING_IMPOSSIBLE, /* never sent, forgotten, of another kind, or seen before sent */
	NFP_SIGHTING_LATE,	 /* more than the limit after it was sent: not counted */
};

/* The record of one frame. */
struct nfp_ledger_frame {
	uint64_t sent_ns;
	uint64_t seen_ns[NFP_RECEIVER_COUNT]; /* first seen there; 0: never */
	enum nfp_kind kind;
	unsigned int duplicates;
};

#define NFP_LEDGER_SLICE_NS (25 * NFP_NSEC_PER_MSEC)
#define NFP_LEDGER_LATE_NS  NFP_NSEC_PER_SEC

struct nfp_ledger *nfp_ledger_new(void);
void nfp_ledger_free(struct nfp_ledger *ledger);
/* As new, with the memory kept. */
void nfp_ledger_reset(struct nfp_ledger *ledger);

/*
 * @seq must be the last one plus 1 (the first may be anything but 0), @sent_ns not before the last
 * frame's, @kind one that is counted: else -EINVAL. A frame that was sent before a mark
 * but is told of after it is counted before the mark.
 */
int nfp_ledger_sent(struct nfp_ledger *ledger, uint64_t seq, enum nfp_kind kind, uint64_t sent_ns);
/* The frame did not leave after all; does nothing when it was seen or is unknown. */
void nfp_ledger_unsent(struct nfp_ledger *ledger, uint64_t seq);
enum nfp_sighting nfp_ledger_seen(struct nfp_ledger *ledger, uint64_t seq, enum nfp_kind kind,
				  enum nfp_receiver at, uint64_t seen_ns);

/*
 * Ends the current slice at @now_ns, so that a stretch may begin there. -EINVAL when that lies
 * before a frame or a mark that the ledger has.
 */
int nfp_ledger_mark(struct nfp_ledger *ledger, uint64_t now_ns);

/* The slices kept that do not begin before @from_ns, oldest first; valid until the next call. */
size_t nfp_ledger_slices(const struct nfp_ledger *ledger, uint64_t from_ns,
			 const struct nfp_slice **ret_slices);

/* Sums the slices that lie entirely in [from_ns, to_ns); returns how many they were. */
size_t nfp_ledger_sum(const struct nfp_ledger *ledger, uint64_t from_ns, uint64_t to_ns,
		      struct nfp_count ret_count[NFP_KIND_COUNT]);

/*
 * The largest time from sent to seen, ns, of sightings that were COUNTED (so that replaying frames
 * makes nobody wait) since the forget before the last, or the reset; 0: nothing seen. A host that
 * was busy for a moment is so forgotten after a step or two.
 */
uint64_t nfp_ledger_max_latency(const struct nfp_ledger *ledger);

/*
 * The time before which no frame sent is on its way to @at any more, as far as order tells: a
 * frame sent then or later was seen there, and twice the largest disorder seen at any receiver
 * (over the same stretch as the latency) lies between. 0: nothing seen there.
 */
uint64_t nfp_ledger_overtaken(const struct nfp_ledger *ledger, enum nfp_receiver at);

/*
 * The records kept, by sequence number: those in [*ret_first, *ret_end), of which nfp_ledger_find
 * returns the oldest that was not sent before @ns (*ret_end when there is none).
 */
void nfp_ledger_records(const struct nfp_ledger *ledger, uint64_t *ret_first, uint64_t *ret_end);
uint64_t nfp_ledger_find(const struct nfp_ledger *ledger, uint64_t ns);
/* False when the record is not kept, or the frame did not leave. */
bool nfp_ledger_frame(const struct nfp_ledger *ledger, uint64_t seq,
		      struct nfp_ledger_frame *ret_frame);

/*
 * Drops slices and records of frames sent before @before_ns: what is sent for an hour needs no more
 * memory. Sightings of what was dropped are IMPOSSIBLE from then on, so frames that may still be
 * under way should stay. The newest two slices stay in any case.
 */
void nfp_ledger_forget(struct nfp_ledger *ledger, uint64_t before_ns);

/*
 * The landing of one kind by LANDINGS in nfprobe-verdicts(7): a receiver has it at 80 % and more of
 * what was sent, lacks it at 5 % and less, between is MIXED; NONE when nothing was sent. Frames
 * that reach two receivers but neither at 80 % are MIXED.
 */
enum nfp_landing nfp_landing_of(const struct nfp_count *count);

/*
 * transition: what became of the frames between two settled states, and how long it took. Pure:
 * reads a ledger.
 *
 * A frame passes the NIC's filter at a moment that nobody sees: after it was sent and, if it
 * arrived, before it was seen. So the moment at which a receiver begins to get frames lies between
 * the last one that it missed and the first one that it got, and likewise that at which it ceases.
 * The middle is the best guess, and half of one frame interval the error; for a length of time,
 * which has two such ends, it is one interval. To that come the errors of the timestamps: how late
 * a frame was seen, how long one that was lost may have been under way (as long as the slowest of
 * its neighbours, or until the sender, had it stood still, sent the next), and what the two
 * clocks of the kernel differ by. Where frames are lost also in settled states, the frame next to
 * an end may be such a one: as many are left out at both ends as are lost in a row once in a
 * million.
 * All times are of the ledger's clock.
 */

/* A length of time: the true one lies in [us - error_us, us + error_us]. */
struct nfp_span {
	bool known; /* false: there is none, or it has no end; the others are 0 then */
	int64_t us;
	int64_t error_us; /* never negative */
};

/* What is asked of one kind of frame. Receivers are enum nfp_receiver, -1: none. */
struct nfp_transition_ask {
	enum nfp_kind kind;
	uint64_t from_ns, to_ns; /* end of the window before, begin of the one after */
	/*
	 * When the change was asked of the kernel, and when it had answered; both 0: none was made.
	 */
	uint64_t asked_ns, answered_ns;
	/* From when on the VF was listened to: that a frame sent before was not seen there says
	 * nothing. */
	uint64_t vf_since_ns;
	int before;   /* where the guest listened, and heard the kind, in the window before */
	int after;    /* .. in the one after */
	int old, new; /* where the kind landed in the two windows; at both the VF, which counts */
	int newly;    /* where it lands in the one after and did not in the one before */
	uint64_t interval_ns; /* between two frames of the kind, as the sender is told */
	uint64_t lost, sent;  /* of the kind in settled windows: how much is lost anyway */
};

struct nfp_transition_count {
	uint64_t lost;	     /* sent in the transition and seen nowhere */
	uint64_t duplicates; /* sightings at a receiver that had the frame already */
	/*
	 * The longest time during which the guest heard nothing. Where it listens to the same
	 * receiver before and after, and heard the kind before: from one frame to the next one
	 * that it heard, with others between. Else from the request of the change, for before it
	 * the guest heard nothing anyway, or something else. 0: no frame was missed; one shorter
	 * than the error may have been there all the same. Not known: it hears nothing afterwards.
	 */
	struct nfp_span gap;
	bool gap_from_request;
	/*
	 * From the last frame at the old receiver to the first at the new one; 0 when the new one
	 * had frames before the old one had its last. Not known: one of them had none, or they are
	 * the same.
	 */
	struct nfp_span switched;
	/*
	 * From the kernel's answer to the first frame at the receiver that did not get the kind
	 * before; negative when the NIC was faster than the answer. Not known: there is none.
	 */
	struct nfp_span effect;
};

/* Measures; sees no further back than the ledger's last forget. */
void nfp_transition_measure(const struct nfp_ledger *ledger, const struct nfp_transition_ask *ask,
			    struct nfp_transition_count *ret_count);

/*
 * How many frames in a row may be lost by chance, once in a million, where @lost of @sent are; 0
 * when none were. 16 at most.
 */
unsigned int nfp_loss_allowance(uint64_t lost, uint64_t sent);

/*
 * wire: the stream of test frames as the probe sees it: one steady stream that goes on while
 * the host is changed, and sightings that arrive in the ledger.
 *
 * The probe knows only struct nfp_wire. nfp_stream_open makes a real one (a sending thread, libpcap
 * at the receivers); tests/memnic makes one in memory with a virtual clock.
 */

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
	void (*plan)(void *ctx, const struct nfp_plan *plan);
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
	/*
	 * Starts the capture at the VF, in the place of one that is there, or ends it (@vf NULL).
	 * @early: the netdev may be down still, and is heard from the moment it is up; a capture
	 * that starts after that misses the first frames.
	 */
	int (*listen_vf)(void *ctx, const struct nfp_netdev *vf, bool early, struct nfp_err *err);
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

/* ---- the real one (src/traffic/stream.c) ---- */

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
	size_t buffer_bytes;		 /* of each capture; 0: the usual 2 MB */
	struct nfp_netdev second_sender; /* for a codec that asks; ifindex 0: none */
	const struct nfp_codec *codec; /* traffic.h; NULL: test frames. Borrowed while it is open */
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

/*
 * inject: sends raw frames from a netdev, many with one system call, through its queueing
 * discipline as anybody else's frames (packet(7)). Needs CAP_NET_RAW.
 */

#define NFP_INJECT_BATCH 64
#define NFP_PACKET_MAX	 136 /* the longest frame of any source (sources.h), and its VLAN tag */

struct nfp_inject;

/* A frame that is ready to be sent, FCS not included. */
struct nfp_packet {
	uint8_t data[NFP_PACKET_MAX];
	size_t len;
	bool second_sender; /* a stream sends it from its second sender */
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
/* Until all are sent or the kernel refuses one; returns how many were sent. */
unsigned int nfp_inject_all(struct nfp_inject *inject, struct nfp_packet packets[],
			    unsigned int num);

/*
 * codec: what a stream sends for (kind, sequence number), and to which of them an arrival
 * belongs. The stream knows when a frame is due and who heard it; everything about bytes is here.
 *
 * Its functions are called by several threads, but by one at a time.
 */

#define NFP_CODEC_PACKETS 3 /* that are sent for one frame at most */

struct nfp_codec_ops {
	/* What is sent from now on. NULL: it need not know. */
	void (*plan)(void *ctx, const struct nfp_plan *plan);
	/*
	 * A frame of @kind is due: returns @now_ns or earlier to send it, or the time at which it
	 * may be asked again. NULL: always.
	 */
	uint64_t (*ready)(void *ctx, enum nfp_kind kind, uint64_t now_ns);
	/*
	 * Makes what is sent for @frame: destination by the plan, kind, sequence number and time
	 * are given, source and VLAN as the stream was configured. Returns the number of packets,
	 * at least 1; the frame counts as sent when the first of them was, which is never by the
	 * second sender.
	 */
	unsigned int (*make)(void *ctx, const struct nfp_frame *frame,
			     struct nfp_packet packets[NFP_CODEC_PACKETS]);
	/*
	 * An arrival at @at. On NFP_FRAME_OURS fills kind, sequence number, time sent and VLAN of
	 * *ret_frame; a kind that is not counted is passed over in silence. @seen_ns: on
	 * CLOCK_MONOTONIC.
	 */
	enum nfp_frame_check (*recognise)(void *ctx, enum nfp_receiver at, const uint8_t *data,
					  size_t len, uint64_t seen_ns,
					  struct nfp_frame *ret_frame);
	/* Adds what only the codec knows. NULL: nothing. */
	void (*stats)(void *ctx, struct nfp_wire_stats *stats);
};

struct nfp_codec {
	const struct nfp_codec_ops *ops;
	void *ctx;	    /* borrowed */
	const char *filter; /* of the captures (traffic.h); NULL: that of the run's id. Borrowed */
};

/* Test frames; @ctx is the struct nfp_frame_id. */
extern const struct nfp_codec_ops nfp_codec_test;

/*
 * capture: hears one run's frames at a netdev: libpcap, direction in, not promiscuous, with the
 * kernel's timestamps. A filter in the kernel lets only frames with our EtherType, magic and the
 * first word of the run id through, so other traffic costs nothing and cannot cause drops. What
 * listens for other frames than a run's brings a filter of its own.
 */

struct nfp_capture;

/* One captured frame, a VLAN tag that the NIC took out put back. @real_ns: CLOCK_REALTIME. */
typedef void (*nfp_capture_fn)(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns);

/*
 * Opens in the netdev's namespace; the netdev must be up. It is found by its index, so it may have
 * been renamed. @filter: as of pcap-filter(7). @buffer_bytes: the kernel's ring, 0 for the usual 2
 * MB.
 *
 * @early: the netdev may be down still, and is heard from the moment it is up. One opened behind
 * that moment is deaf at first, for the kernel takes some 10 ms to make a ring (packet_set_ring()
 * waits for an RCU grace period). libpcap opens nothing that is down, so it is given the loopback
 * of the netdev's namespace, and its socket is bound anew; where @netdev->netns_fd is one, that
 * loopback is set up.
 */
int nfp_capture_open(const struct nfp_netdev *netdev, const char *filter, size_t buffer_bytes,
		     bool early, struct nfp_capture **ret_capture, struct nfp_err *err);
/* The filter for frames of a run: our EtherType, magic and the first word of its id. */
#define NFP_CAPTURE_FILTER_LEN 256
void nfp_capture_filter(const struct nfp_frame_id *id, char text[NFP_CAPTURE_FILTER_LEN]);
void nfp_capture_close(struct nfp_capture *capture);

/* Readable when frames wait, or when the netdev went down. */
int nfp_capture_fd(const struct nfp_capture *capture);

/*
 * Hands over the frames that wait, without waiting for more, @max at most. Returns their number, or
 * -ENETDOWN when the netdev went down or away: it goes on by itself once the netdev is up again.
 */
int nfp_capture_drain(struct nfp_capture *capture, unsigned int max, nfp_capture_fn fn, void *ctx);

/* Frames that passed the filter and were lost for want of room, since it was opened. */
uint64_t nfp_capture_drops(struct nfp_capture *capture);

#endif
