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
 * Writes the header, with a tag unless @vlan has vid 0 (proto 0: 802.1Q). Returns where the payload
 * begins.
 */
size_t header_put(uint8_t *buf, const struct nfp_mac *dst, const struct nfp_mac *src,
		  const struct nfp_vlan *vlan, uint16_t ethertype);
/*
 * Reads the header, and returns where the payload begins. 0: the frame is truncated, in VLAN 4095,
 * or of another EtherType, as is one with two tags. A priority tag is vid 0 with a proto.
 */
size_t header_get(const uint8_t *data, size_t len, uint16_t ethertype, struct nfp_mac *ret_dst,
		  struct nfp_mac *ret_src, struct nfp_vlan *ret_vlan);

/* Returns SipHash-2-4 of the addresses and @len bytes of payload, without the VLAN tag, which a NIC
 * may change. */
uint64_t tag_of(const uint8_t key[NFP_SIPHASH_KEY_LEN], const uint8_t *addresses,
		const uint8_t *payload, size_t len);

/*
 * Watches the carrier: without it the kernel accepts frames, and discards them. From
 * nfp_inject_watch on, nfp_inject_update_carrier says whether @netdev, from which the frames are
 * sent, has had carrier since the last call, and for long enough (by carrier_changes in /sys,
 * Linux 3.15). True if that is not known, as in another network namespace than that of /sys.
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
 * schedule: when which kind of frame is due: each kind evenly spaced at its own rate, all of them
 * merged by time. Pure.
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
 * Starts kinds whose rate changes at @now_ns, with their first frames spread over the shortest
 * interval, so that no two coincide. The others go on: a plan that changes often must not make them
 * faster.
 */
void nfp_schedule_start(struct nfp_schedule *schedule, const unsigned int rate[NFP_KIND_COUNT],
			uint64_t now_ns);

/* Returns when the next frame is due, and of which kind; NFP_SCHEDULE_NEVER when all
 * rates are 0. */
uint64_t nfp_schedule_next(const struct nfp_schedule *schedule, enum nfp_kind *ret_kind);

/* Makes the next frame of @kind due at @ns, and the others evenly spaced from there. */
void nfp_schedule_defer(struct nfp_schedule *schedule, enum nfp_kind kind, uint64_t ns);

/* Leaves out what was due before @ns; kinds that are in time stay as they are. */
void nfp_schedule_skip(struct nfp_schedule *schedule, uint64_t ns);

/*
 * io: the thread of a stream, which sends by the schedule and reads the captures. (io.c)
 */

/* The listeners of a stream: the receivers, and a child of the PF that gets the unicast of the
 * standby. */
#define LISTENER_CHILD NFP_RECEIVER_COUNT
#define NUM_LISTENERS  (NFP_RECEIVER_COUNT + 1)

/* An event of a frame. With a tap, a frame of several packets has one for each. */
struct io_event {
	uint64_t seq;
	uint64_t ns;  /* when it was sent or seen */
	uint8_t what; /* enum nfp_tap_what, up to NFP_TAP_HEARD, which only a tap gets */
	uint8_t kind, at;
	uint8_t len; /* length of the packet; 0: the event has none */
	bool more;   /* another packet of the last event's frame */
};

typedef void (*io_event_fn)(void *ctx, const struct io_event *event, const uint8_t *data);

struct io;

/* Opens the thread. @config must stay as it is until io_close, and have a codec. 0 or -errno. */
int io_open(const struct nfp_stream_config *config, struct io **ret_io, struct nfp_err *err);
void io_close(struct io *io);
void io_plan(struct io *io, const struct nfp_plan *plan);
/*
 * Replaces the capture at @at (a receiver or LISTENER_CHILD), whose remaining frames are read
 * first, by @capture, which it takes over. NULL: none.
 */
void io_listen(struct io *io, int at, struct nfp_capture *capture);
/* Calls @fn for each event since the last call, in their order. @last: reads first what the
 * captures have by now. */
void io_take(struct io *io, bool last, io_event_fn fn, void *ctx);
void io_stats(struct io *io, struct nfp_wire_stats *ret_stats);

/*
 * True if a guest hears a frame with @tag at @at, in a run in VLAN @run (vid 0: none). The standby
 * listens on the PF's 802.1Q child, and so gets only frames with the run's tag; without a VLAN,
 * only frames without one. The VF is in that VLAN by VST, and its guest knows of no VLAN: its
 * netdev drops a frame whose tag the NIC did not remove. A priority tag (vid 0) hides a frame from
 * nobody: Linux removes it (__netif_receive_skb_core in net/core/dev.c), and some NICs put one on
 * each frame that has no VLAN (enic). A stream does not count it where frames of the same kind have
 * come without one.
 */
bool nfp_vlan_is_heard(const struct nfp_vlan *run, enum nfp_receiver at,
		       const struct nfp_vlan *tag);

/* Writes the frame. Returns its length (FCS not included). */
size_t nfp_peer_build(const struct nfp_peer_id *id, const struct nfp_peer_frame *frame,
		      uint8_t buf[NFP_PEER_LEN_MAX]);

/*
 * Recognises @len captured bytes, with any VLAN tag in the frame. Fills *ret_frame on
 * NFP_PEER_OURS, and leaves it untouched otherwise. Its inner points into @data and has not been
 * checked. Trailing padding is allowed, a second VLAN tag is not.
 */
enum nfp_peer_check nfp_peer_parse(const struct nfp_peer_id *id, const uint8_t *data, size_t len,
				   struct nfp_peer_frame *ret_frame);

/*
 * Writes @inner (NFP_PEER_INNER_LEN bytes, untagged) with @vlan's tag, if any. Returns the length,
 * NFP_FRAME_LEN_MAX at most.
 */
size_t nfp_peer_reflect(const uint8_t *inner, const struct nfp_vlan *vlan,
			uint8_t buf[NFP_FRAME_LEN_MAX]);

/* Returns the rules, which the caller frees with free(). Uses neither the netdev nor stop_fd. */
struct nfp_reflect *nfp_reflect_new(const struct nfp_reflector_config *config);

/*
 * Returns the limit in frames of all kinds per second: what a prober with this --rate sends, and a
 * tenth more, since clocks and schedulers differ.
 */
uint64_t nfp_reflect_cap(unsigned int rate);

/*
 * Handles one captured frame at @now_ns (nfp_clock_now). On SENT_ON and ANSWERED *ret_packet must
 * be sent; otherwise it is untouched.
 */
enum nfp_reflect_outcome nfp_reflect_handle(struct nfp_reflect *reflect, const uint8_t *data,
					    size_t len, uint64_t now_ns,
					    struct nfp_packet *ret_packet);

/* Sends until all are sent or the kernel refuses one. Returns how many were sent. */
unsigned int nfp_inject_all(struct nfp_inject *inject, struct nfp_packet packets[],
			    unsigned int num);

/* Builds the packets of @frame, of kind ANNOUNCE. All have its source and its VLAN. */
void nfp_announcement_build(const struct nfp_frame_id *id, const struct nfp_frame *frame,
			    struct nfp_packet ret_packets[NFP_ANNOUNCEMENT_PACKETS]);

/* True for the ARP, the RARP or the datagram of an announcement, from whomever, in whatever VLAN.
 */
bool nfp_announcement_is(const uint8_t *data, size_t len);

/* Returns how many frames passed the filter but were dropped for lack of room, since
 * it was opened. */
uint64_t nfp_capture_drops(struct nfp_capture *capture);

/* Parses without the key: checks everything except the tag, so the frame may be forged. */
enum nfp_frame_check nfp_frame_peek(const uint8_t run[NFP_RUN_ID_LEN], const uint8_t *data,
				    size_t len, struct nfp_frame *ret_frame);

/*
 * Writes the report from @mac and its link-local address (RFC 4291, appendix A), with a tag unless
 * @vlan has vid 0. @group: 33:33:ff and the last three bytes of a solicited-node address. Returns
 * its length.
 */
size_t nfp_mld_build(const struct nfp_mac *mac, const struct nfp_mac *group,
		     const struct nfp_vlan *vlan, uint8_t buf[NFP_MLD_LEN_MAX]);

/* True for a report, from whomever, in whatever VLAN. */
bool nfp_mld_is(const uint8_t *data, size_t len);

/*
 * Accounts for a frame that was sent. @seq must be the last one plus 1 (the first may be anything
 * but 0), @sent_ns not before the last frame's, and @kind one that is counted; otherwise -EINVAL. A
 * frame that was sent before a mark but is reported after it is counted before the mark.
 */
int nfp_accounting_sent(struct nfp_frame_accounting *accounting, uint64_t seq, enum nfp_kind kind,
			uint64_t sent_ns);

/* Takes back a frame that did not leave after all. Does nothing if it was seen or is unknown. */
void nfp_accounting_unsent(struct nfp_frame_accounting *accounting, uint64_t seq);

/* Accounts for a frame that arrived. */
enum nfp_rx_outcome nfp_accounting_seen(struct nfp_frame_accounting *accounting, uint64_t seq,
					enum nfp_kind kind, enum nfp_receiver at, uint64_t seen_ns);

/*
 * The records that are kept have sequence numbers in [*ret_first, *ret_end). nfp_accounting_find
 * returns the oldest that was not sent before @ns (*ret_end if there is none).
 */
void nfp_accounting_records(const struct nfp_frame_accounting *accounting, uint64_t *ret_first,
			    uint64_t *ret_end);
uint64_t nfp_accounting_find(const struct nfp_frame_accounting *accounting, uint64_t ns);

/* Reads a record. False if it is not kept, or the frame did not leave. */
bool nfp_frame_record(const struct nfp_frame_accounting *accounting, uint64_t seq,
		      struct nfp_frame_record *ret_frame);

/*
 * Returns how many frames in a row are lost by chance once in a million, if @lost of @sent are
 * usually lost. 0 if none were, 16 at most.
 */
unsigned int nfp_loss_allowance(uint64_t lost, uint64_t sent);

/* Returns the destination of frames of @kind; @plan must outlive it. */
const struct nfp_mac *nfp_plan_to(const struct nfp_plan *plan, enum nfp_kind kind);

#endif
