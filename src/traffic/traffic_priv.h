/* SPDX-License-Identifier: GPL-2.0-or-later */
/* traffic_priv.h - what the files of a stream share: filters of captures, the schedule, the stream
 * itself. */
#ifndef NFPROBE_TRAFFIC_TRAFFIC_PRIV_H
#define NFPROBE_TRAFFIC_TRAFFIC_PRIV_H

#include <pcap/pcap.h>
#include <pthread.h>
#include <stdatomic.h>

#include "nfprobe/sources.h"

/* bytes: numbers of @len bytes in network byte order, at any address. */

static inline void put_be(uint8_t *at, size_t len, uint64_t v)
{
	for (; len-- > 0; v >>= 8)
		at[len] = (uint8_t)v;
}

static inline uint64_t get_be(const uint8_t *at, size_t len)
{
	uint64_t v = 0;

	for (size_t i = 0; i < len; i++)
		v = v << 8 | at[i];
	return v;
}

#define put16(at, v) put_be(at, 2, v)
#define put32(at, v) put_be(at, 4, v)
#define put64(at, v) put_be(at, 8, v)
#define get16(at)    ((uint16_t)get_be(at, 2))
#define get32(at)    ((uint32_t)get_be(at, 4))
#define get64(at)    get_be(at, 8)

/*
 * header: the Ethernet header of every frame of a run: addresses, one VLAN tag at most, EtherType.
 * (frame.c)
 */

#define ADDRESSES_LEN ((size_t)2 * NFP_MAC_LEN)

/*
 * Writes it, with a tag unless @vlan has vid 0 (proto 0: 802.1Q). Returns where the payload begins.
 */
size_t header_put(uint8_t *buf, const struct nfp_mac *dst, const struct nfp_mac *src,
		  const struct nfp_vlan *vlan, uint16_t ethertype);
/*
 * Returns where the payload begins. 0: the frame is truncated, in VLAN 4095, or of another
 * EtherType, as is one behind two tags. A priority tag is vid 0 with a proto.
 */
size_t header_get(const uint8_t *data, size_t len, uint16_t ethertype, struct nfp_mac *ret_dst,
		  struct nfp_mac *ret_src, struct nfp_vlan *ret_vlan);

/* SipHash-2-4 of the addresses and @len bytes of payload, without the tag, which a NIC may change.
 */
uint64_t tag_of(const uint8_t key[NFP_SIPHASH_KEY_LEN], const uint8_t *addresses,
		const uint8_t *payload, size_t len);

/*
 * question: asks from a netdev in rounds, and listens there after each. (packet.c)
 */
struct question {
	const struct nfp_netdev *pf; /* where it is asked and answered */
	const char *filter;	     /* of the answers */
	/* Asks once. A negative errno ends the question. */
	int (*say)(void *ctx, struct nfp_inject *of_pf);
	/* May bring deadline_ns forward (0: what is waiting is read, no more), and set answered. */
	nfp_capture_fn hear;
	void *ctx;
	uint64_t wait_ns;     /* for an answer */
	unsigned int rounds;  /* 0: three */
	uint64_t deadline_ns; /* of the round */
	bool answered;	      /* no round follows */
};

/* 0, answered or not; or -errno: "cannot @what PF". */
int question_ask(struct question *question, const char *what, struct nfp_err *err);

/*
 * Without carrier the kernel accepts frames all the same, and discards them. From nfp_inject_watch
 * on, nfp_inject_has_carrier says whether @netdev, which the frames are sent from, has had carrier
 * since the last call, and for long enough (by carrier_changes in /sys, Linux 3.15). True if that
 * is not known, such as in another network namespace than that of /sys.
 */
void nfp_inject_watch(struct nfp_inject *inject, const struct nfp_netdev *netdev);
bool nfp_inject_has_carrier(struct nfp_inject *inject);

/* The number of @kind in a frame. */
uint8_t nfp_frame_kind_code(enum nfp_kind kind);

/* Frames between a prober and a reflector: our EtherType and the magic "nfpx". */
extern const char nfp_peer_filter[];

#define NFP_ARP_FILTER_LEN 256

/* Replies of @ip to probes (no sender protocol address), untagged or behind one tag. */
void nfp_arp_filter(const struct nfp_ipv4 *ip, char text[NFP_ARP_FILTER_LEN]);

/*
 * schedule: when which kind of frame is due: each kind evenly spaced at its own rate, all of
 * them merged by time. Pure.
 */

struct nfp_schedule {
	struct {
		unsigned int rate; /* frames a second; 0: none */
		uint64_t base_ns;  /* when number 0 is due */
		uint64_t num;	   /* frames sent since the base */
	} kind[NFP_KIND_COUNT];
};

#define NFP_SCHEDULE_NEVER UINT64_MAX

/*
 * Kinds whose rate changes start at @now_ns, with their first frames spread over the shortest
 * interval, so that no two coincide. The others go on: a plan that changes often must not make them
 * faster.
 */
void nfp_schedule_start(struct nfp_schedule *schedule, const unsigned int rate[NFP_KIND_COUNT],
			uint64_t now_ns);

/* When the next frame is due, and of which kind; NFP_SCHEDULE_NEVER when all rates are 0. */
uint64_t nfp_schedule_next(const struct nfp_schedule *schedule, enum nfp_kind *ret_kind);

/* The next frame of @kind is due at @ns, and the others evenly spaced from there. */
void nfp_schedule_defer(struct nfp_schedule *schedule, enum nfp_kind kind, uint64_t ns);

/* Leaves out what was due before @ns; kinds that are in time stay as they are. */
void nfp_schedule_skip(struct nfp_schedule *schedule, uint64_t ns);

/*
 * stream_priv: the inside of a stream. Three threads share it:
 *
 *   main      plan, pump, listen, stats
 *   sender    sleeps until a frame is due, sends it           (sender.c)
 *   receiver  sleeps until a capture has frames, reads them   (receiver.c)
 *
 * Sender and receiver keep running while main waits for the kernel. They report through the queue;
 * only main touches the frame accounting. Each has a lock; the queue's is the innermost.
 */

/* ---- the queue: from sender and receiver to main, in the order of pushing ---- */

struct event {
	uint64_t seq;
	uint64_t ns; /* when it was sent or seen */
	/* For the tap; without a tap num_packets is 0. */
	union {
		const struct nfp_packet *packets; /* of an event to be pushed; borrowed */
		size_t packets_at; /* of an event in a list: their index in its packets */
	};
	uint8_t what; /* enum nfp_tap_what, up to NFP_TAP_HEARD, which only the tap gets */
	uint8_t kind, at;
	uint8_t num_packets;
};

/*
 * Bounds, so that neither main's waiting for the kernel nor a flood of replayed frames takes much
 * memory. A frame that both receivers see is three events: there is room for half a minute of them
 * at the usual rate, and for three seconds at the highest.
 */
#define QUEUE_MAX  (128U << 10) /* events; beyond this rx records are dropped, counted as drops */
#define QUEUE_FULL (96U << 10)	/* beyond this the sender waits */

struct event_list {
	struct event *events;
	size_t num, room;
	struct nfp_packet *packets; /* of the events */
	size_t num_packets, room_packets;
};

struct queue {
	pthread_mutex_t lock;
	struct event_list in;  /* under the lock */
	struct event_list out; /* main's */
};

/* Copies events and packets. Adds none and returns false if there would be more than @max. */
bool queue_push(struct queue *queue, const struct event events[], size_t num, size_t max);

/* ---- sender.c ---- */

struct sender {
	pthread_t thread;
	bool started; /* the thread must be joined */
	pthread_mutex_t lock;
	pthread_cond_t changed; /* on CLOCK_MONOTONIC */
	/* Under the lock: */
	bool stop;
	struct nfp_plan plan;
	struct nfp_schedule schedule;
	uint64_t seq; /* of the next frame */
	/* The thread's own: */
	struct nfp_inject *inject;
	struct nfp_inject *second_inject; /* of config.second_sender; NULL: none */
	struct nfp_packet packets[NFP_INJECT_BATCH];
	uint8_t frame_of[NFP_INJECT_BATCH]; /* index into events */
	struct event events[NFP_INJECT_BATCH];
	unsigned int num_packets, num_events;
};

struct nfp_stream;

int sender_start(struct nfp_stream *stream, struct nfp_err *err);
void sender_stop(struct nfp_stream *stream);
/* As in nfp_wire_ops; @ctx is the stream. */
void sender_plan(void *ctx, const struct nfp_plan *plan);

/* ---- receiver.c ---- */

/* Where to listen: at the receivers, and at a child of the PF that gets the standby's unicast. */
#define LISTENER_CHILD NFP_RECEIVER_COUNT
#define NUM_LISTENERS  (NFP_RECEIVER_COUNT + 1)

struct listener {
	struct nfp_stream *stream;
	int at;			       /* a receiver or LISTENER_CHILD */
	struct nfp_capture *capture;   /* NULL: none */
	uint64_t mute_until_ns;	       /* the netdev is down: not polled before */
	bool untagged[NFP_KIND_COUNT]; /* such frames have come without any tag */
};

struct receiver {
	pthread_t thread;
	bool started;
	int wake_fd; /* eventfd: something below changed */
	pthread_mutex_t lock;
	/* Under the lock: */
	bool stop;
	struct listener listeners[NUM_LISTENERS];
	uint64_t old_drops; /* of captures that were closed */
	struct nfp_clock clock;
};

int receiver_start(struct nfp_stream *stream, struct nfp_err *err);
void receiver_stop(struct nfp_stream *stream);
/*
 * Replaces the capture at @at (a receiver or LISTENER_CHILD), whose remaining frames are read
 * first, by @capture, which it takes over; NULL: none.
 */
void receiver_listen(struct nfp_stream *stream, int at, struct nfp_capture *capture);
/* Reads what the captures have now; for main, right before frames are counted. */
void receiver_catch_up(struct nfp_stream *stream);
/* The drops of all captures so far. */
uint64_t receiver_drops(struct nfp_stream *stream);

/* ---- stream.c ---- */

/* The transmit test; main's alone. */
struct transmitter {
	struct nfp_capture *capture; /* at the sender's netdev, from the first round on */
	uint64_t first_seq;	     /* of the last round */
	unsigned int seen;	     /* frames of the last round, a bit for each index */
	struct nfp_transmit_count count;
};

struct nfp_stream {
	struct nfp_stream_config config;
	struct nfp_codec codec;	    /* config's, or test frames .. */
	pthread_mutex_t codec_lock; /* .. called by one thread at a time */
	struct nfp_inject *announcer;
	struct nfp_inject *taker; /* by whose socket addresses are taken; NULL: none are */
	uint64_t announcements;
	struct nfp_netdev vf; /* whose capture is the VF's, or was the last one */
	struct sender sender;
	struct receiver receiver;
	struct transmitter transmitter;
	struct queue queue;
	atomic_uint_fast64_t foreign, send_errors, stalls, overflows;
	atomic_int send_errno;
};

#endif
