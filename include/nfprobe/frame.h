/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frame.h - the test frame: built and recognised. Pure.
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
 * before the run is over (recorder.h publishes it then), tells them from frames that somebody else
 * made after reading the id off the wire.
 */
#ifndef NFPROBE_FRAME_H
#define NFPROBE_FRAME_H

#include "nfprobe/types.h"

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
 * Recognises @len captured bytes. The VLAN tag may be in the frame; one that the NIC moved into
 * metadata (tpacket's tp_vlan_tci) is put back by libpcap before it gets here, or given as
 * @meta (NULL or vid 0: none). On NFP_FRAME_OURS fills *ret_frame; else leaves it untouched. A
 * second tag and VLAN 4095 are MALFORMED; a priority tag (VLAN 0) is no VLAN. Trailing padding is
 * allowed. A frame too short to hold the whole run id is FOREIGN.
 */
enum nfp_frame_check nfp_frame_parse(const struct nfp_frame_id *id, const uint8_t *data, size_t len,
				     const struct nfp_vlan *meta, struct nfp_frame *ret_frame);

/*
 * As nfp_frame_parse, for somebody who has the run's id but not its key: everything is checked
 * but the tag, so the frame may be anybody's.
 */
enum nfp_frame_check nfp_frame_peek(const uint8_t run[NFP_RUN_ID_LEN], const uint8_t *data,
				    size_t len, const struct nfp_vlan *meta,
				    struct nfp_frame *ret_frame);

#endif
