// SPDX-License-Identifier: GPL-2.0-or-later
/* codec.c - the codec of most sources: test frames that carry the run's id. */
#include "nfprobe/traffic.h"

static unsigned int make(void *ctx, const struct nfp_frame *frame,
			 struct nfp_packet packets[NFP_CODEC_PACKETS])
{
	packets[0].len = nfp_frame_build(ctx, frame, packets[0].data);
	return 1;
}

static enum nfp_frame_check recognise(void *ctx, enum nfp_receiver at, const uint8_t *data,
				      size_t len, uint64_t seen_ns, struct nfp_frame *ret_frame)
{
	(void)at;
	(void)seen_ns;
	return nfp_frame_parse(ctx, data, len, NULL, ret_frame);
}

const struct nfp_codec_ops nfp_codec_test = {.make = make, .recognise = recognise};
