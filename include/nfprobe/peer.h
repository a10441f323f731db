/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer.h - what a prober and a reflector on another host say to each other. Pure.
 *
 * The prober makes a test frame (frame.h) as the reflector is to send it, with the reflector's
 * address as source, and carries it there whole inside a frame of its own. The reflector sends it
 * on, with the two times of its clock behind it. Both share an id, which never is on the wire:
 * it is the key of each frame's tag.
 *
 * From prober to reflector and back (all numbers in network byte order):
 *
 *   offset  size  field
 *   0       6     destination
 *   6       6     source
 *   12      4     VLAN tag (TPID, TCI), only if the frame is tagged
 *   12|16   2     EtherType 0x88b5 (IEEE Std 802 local experimental EtherType 1)
 *   +0      4     magic "nfpx"
 *   +4      1     version, 1
 *   +5      1     type (enum nfp_peer_type)
 *   +6      2     length of the body
 *   +8      16    the prober's run id
 *   +24     8     session, a random number of the reflector's; 0 in HELLO
 *   +32     8     sequence number, from 1, of the prober; WELCOME has that of its HELLO
 *   +40           body: CARRY has a test frame without a VLAN tag;
 *                 HELLO and WELCOME have 4 bytes of rate and 4 of seconds left, 0 in HELLO
 *   then    8     tag: SipHash-2-4 of destination, source and all from +0 on, under the id
 *
 * Behind a test frame that was reflected:
 *
 *   +0      4     magic "nfpt"
 *   +4      8     time received, nanoseconds of the reflector's CLOCK_REALTIME
 *   +12     8     time sent on, likewise
 *   +20     8     tag: SipHash-2-4 of the test frame's addresses and payload and bytes +0 .. +19
 *                 under the id
 *
 * No tag covers a VLAN tag: a switch may add it, take it or change its priority.
 */
#ifndef NFPROBE_PEER_H
#define NFPROBE_PEER_H

#include "nfprobe/frame.h"

#define NFP_PEER_ID_LEN	   16
#define NFP_PEER_HEADER	   40
#define NFP_PEER_TAG	   8
#define NFP_PEER_INNER_LEN (14 + NFP_FRAME_PAYLOAD)
#define NFP_PEER_LEN_MAX   (14 + 4 + NFP_PEER_HEADER + NFP_PEER_INNER_LEN + NFP_PEER_TAG)
#define NFP_PEER_STAMP_LEN 28
#define NFP_REFLECTED_LEN  (NFP_FRAME_LEN_MAX + NFP_PEER_STAMP_LEN)

struct nfp_peer_id {
	uint8_t b[NFP_PEER_ID_LEN];
};

enum nfp_peer_type {
	NFP_PEER_HELLO = 1, /* prober: who is there with our id? */
	NFP_PEER_WELCOME,   /* reflector: I am, in this session */
	NFP_PEER_CARRY,	    /* prober: send this on */
};

struct nfp_peer_frame {
	struct nfp_mac dst, src;
	struct nfp_vlan vlan; /* vid 0: untagged */
	enum nfp_peer_type type;
	uint8_t run[NFP_RUN_ID_LEN];
	uint64_t session;
	uint64_t seq;
	uint32_t rate;	      /* WELCOME: unicast frames a second that are sent on at most */
	uint32_t left_s;      /* WELCOME: until the reflector stops by itself */
	const uint8_t *inner; /* CARRY: in the parsed data, NFP_PEER_INNER_LEN bytes */
};

enum nfp_peer_check {
	NFP_PEER_OURS,
	NFP_PEER_FOREIGN,   /* no frame of this kind */
	NFP_PEER_OTHER_ID,  /* the tag is of another id, or forged */
	NFP_PEER_MALFORMED, /* truncated, or impossible values under a tag that is right */
};

/* Writes the frame; returns its length (NFP_PEER_LEN_MAX at most, FCS not included). */
size_t nfp_peer_build(const struct nfp_peer_id *id, const struct nfp_peer_frame *frame,
		      uint8_t buf[NFP_PEER_LEN_MAX]);

/*
 * Recognises @len captured bytes; a VLAN tag is in the frame. On NFP_PEER_OURS fills *ret_frame,
 * whose inner points into @data and is any bytes; else leaves it untouched. Trailing padding is
 * allowed, a second VLAN tag is not.
 */
enum nfp_peer_check nfp_peer_parse(const struct nfp_peer_id *id, const uint8_t *data, size_t len,
				   struct nfp_peer_frame *ret_frame);

/* What a reflector notes on a frame that it sends on. */
struct nfp_peer_stamp {
	uint64_t received_ns, sent_ns; /* of its CLOCK_REALTIME */
};

/*
 * Writes @inner (NFP_PEER_INNER_LEN bytes, untagged) with @vlan's tag, if any, and the stamp;
 * returns the length, NFP_REFLECTED_LEN at most.
 */
size_t nfp_peer_reflect(const struct nfp_peer_id *id, const uint8_t *inner,
			const struct nfp_vlan *vlan, const struct nfp_peer_stamp *stamp,
			uint8_t buf[NFP_REFLECTED_LEN]);

/* Reads the stamp of a test frame that has one under this id; *ret_stamp untouched on false. */
bool nfp_peer_stamp_read(const struct nfp_peer_id *id, const uint8_t *data, size_t len,
			 struct nfp_peer_stamp *ret_stamp);

/* 32 hex digits, nothing before or after; false otherwise. */
bool nfp_peer_id_parse(const char *text, struct nfp_peer_id *ret_id);
#define NFP_PEER_ID_STRLEN (2 * NFP_PEER_ID_LEN + 1)
const char *nfp_peer_id_str(const struct nfp_peer_id *id, char buf[NFP_PEER_ID_STRLEN]);

/* ---- the two clocks ---- */

/*
 * Of frames that came back: each was sent and seen on this host's clocks, and received and sent
 * on by the reflector's. All zero is empty.
 */
struct nfp_peer_clock {
	uint64_t samples;
	uint64_t trip_min_ns,
		trip_max_ns; /* from here to here, the time in the reflector taken out */
	uint64_t stay_min_ns, stay_max_ns; /* in the reflector */
	/*
	 * Its CLOCK_REALTIME minus ours, by the sample with the shortest trip, half of which is
	 * taken to be the way out (as in RFC 5905); wrong by half of trip_min_ns at most.
	 */
	int64_t offset_ns;
};

/*
 * Takes one sample: sent and seen on this host's CLOCK_REALTIME. One that no order of events
 * could give (a clock was set) is left out.
 */
void nfp_peer_clock_add(struct nfp_peer_clock *clock, uint64_t sent_ns, uint64_t seen_ns,
			const struct nfp_peer_stamp *stamp);

#endif
