/* SPDX-License-Identifier: GPL-2.0-or-later */
/* traffic_priv.h - what the files of traffic share: bytes and headers, questions, filters of
 * captures, the schedule, the thread of a stream. */
#ifndef NFPROBE_TRAFFIC_TRAFFIC_PRIV_H
#define NFPROBE_TRAFFIC_TRAFFIC_PRIV_H

#include <pcap/pcap.h>
#include <pthread.h>

#include "traffic/sources.h"

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
 * Without carrier the kernel accepts frames all the same, and discards them. From nfp_inject_watch
 * on, nfp_inject_update_carrier says whether @netdev, which the frames are sent from, has had
 * carrier since the last call, and for long enough (by carrier_changes in /sys, Linux 3.15). True
 * if that is not known, such as in another network namespace than that of /sys.
 */
void nfp_inject_watch(struct nfp_inject *inject, const struct nfp_netdev *netdev);
bool nfp_inject_update_carrier(struct nfp_inject *inject);

/*
 * stranger: counts frames from config->elsewhere that no run of nfprobe sent, at the PF and at the
 * source. (stranger.c)
 */
struct strangers;
int strangers_open(const struct nfp_stream_config *config, struct strangers **ret_strangers,
		   struct nfp_err *err);
void strangers_close(struct strangers *strangers);
uint64_t strangers_heard(struct strangers *strangers); /* so far */

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
 * io: the thread of a stream, which sends by the schedule and reads the captures. (io.c)
 */

/* Where to listen: at the receivers, and at a child of the PF that gets the standby's unicast. */
#define LISTENER_CHILD NFP_RECEIVER_COUNT
#define NUM_LISTENERS  (NFP_RECEIVER_COUNT + 1)

/* Something that a frame did. With a tap, a frame of several packets has an event for each. */
struct io_event {
	uint64_t seq;
	uint64_t ns;  /* when it was sent or seen */
	uint8_t what; /* enum nfp_tap_what, up to NFP_TAP_HEARD, which only a tap gets */
	uint8_t kind, at;
	uint8_t len; /* of the packet; 0: without it */
	bool more;   /* another packet of the last event's frame */
};

typedef void (*io_event_fn)(void *ctx, const struct io_event *event, const uint8_t *data);

struct io;

/* @config must stay as it is until io_close, and have a codec. 0 or -errno. */
int io_open(const struct nfp_stream_config *config, struct io **ret_io, struct nfp_err *err);
void io_close(struct io *io);
void io_plan(struct io *io, const struct nfp_plan *plan);
/*
 * Replaces the capture at @at (a receiver or LISTENER_CHILD), whose remaining frames are read
 * first, by @capture, which it takes over. NULL: none.
 */
void io_listen(struct io *io, int at, struct nfp_capture *capture);
/* Calls @fn for each event since the last call, in their order. @last: all that the captures have
 * by now is read first. */
void io_take(struct io *io, bool last, io_event_fn fn, void *ctx);
void io_stats(struct io *io, struct nfp_wire_stats *ret_stats);

#endif
