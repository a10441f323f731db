/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * codec.h - what a stream sends for (kind, sequence number), and to which of them an arrival
 * belongs. The stream knows when a frame is due and who heard it; everything about bytes is here.
 *
 * plan, ready and make are called with the sender's lock held, recognise by the receiving thread,
 * at the same time: a codec with a state of its own guards it.
 */
#ifndef NFPROBE_CODEC_H
#define NFPROBE_CODEC_H

#include "nfprobe/frame.h"
#include "nfprobe/inject.h"
#include "nfprobe/wire.h"

#define NFP_CODEC_PACKETS 3 /* that are sent for one frame at most */

struct nfp_codec_ops {
	/* What is sent from @now_ns on. NULL: it need not know. */
	void (*plan)(void *ctx, const struct nfp_plan *plan, uint64_t now_ns);
	/*
	 * A frame of @kind is due: returns @now_ns or earlier to send it, or the time at which it
	 * may be asked again. NULL: always.
	 */
	uint64_t (*ready)(void *ctx, enum nfp_kind kind, uint64_t now_ns);
	/*
	 * Makes what is sent for @frame: destination by the plan, kind, sequence number and time
	 * are given, source and VLAN as the stream was configured. Returns the number of packets,
	 * at least 1; the frame counts as sent when the first of them was, which is never an aside.
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
	const char *filter; /* of the captures (capture.h); NULL: that of the run's id. Borrowed */
};

/* Test frames; @ctx is the struct nfp_frame_id. */
extern const struct nfp_codec_ops nfp_codec_test;

#endif
