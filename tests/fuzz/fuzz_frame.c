// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The frame parser on any bytes. The first byte says how the rest is helped past the first checks:
 * a fuzzer does not guess 128 random bits, nor a keyed hash.
 */
#include <linux/if_ether.h>
#include <string.h>

#include "traffic/traffic.h"
#include "base/base.h"
#include "fuzz/fuzz.h"

enum {
	HELP_ID = 0x01,	 /* write EtherType, magic and run id */
	HELP_TAG = 0x02, /* write the right tag */
	ONE_TAG = 0x04,	 /* ... for a frame with a VLAN tag */
};

static const struct nfp_frame_id id = {
	.run = {0xa1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
	.key = {1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233},
};

static void help(uint8_t how, uint8_t *frame, size_t len)
{
	size_t at = how & ONE_TAG ? 18 : 14;
	uint8_t text[52];
	uint64_t tag;

	if (len < at + NFP_FRAME_PAYLOAD)
		return;
	if (how & HELP_ID) {
		frame[at - 2] = 0x88;
		frame[at - 1] = 0xb5;
		memcpy(frame + at, "nfpr", 4);
		memcpy(frame + at + 8, id.run, sizeof(id.run));
	}
	if (how & HELP_TAG) {
		memcpy(text, frame, 12);
		memcpy(text + 12, frame + at, 40);
		tag = nfp_siphash(id.key, text, sizeof(text));
		for (unsigned int i = 0; i < 8; i++)
			frame[at + 40 + i] = (uint8_t)(tag >> (56 - 8 * i));
	}
}

/* A frame that is taken for ours must be one that could have been built. */
static void check_ours(const struct nfp_frame *frame)
{
	uint8_t buf[NFP_FRAME_LEN_MAX];
	struct nfp_frame again;
	size_t len;

	require(frame->kind <= NFP_KIND_LAST && frame->seq > 0);
	require(frame->vlan.vid < 4095 && frame->vlan.qos <= 7);
	if (!frame->vlan.proto) /* a priority tag has one, and vid 0 */
		require(!frame->vlan.vid && !frame->vlan.qos);
	len = nfp_frame_build(&id, frame, buf);
	require(len <= sizeof(buf));
	require(nfp_frame_parse(&id, buf, len, &again) == NFP_FRAME_OURS);
	require(again.seq == frame->seq && again.sent_ns == frame->sent_ns);
	require(again.kind == frame->kind && again.vlan.vid == frame->vlan.vid);
	require(nfp_mac_equal(&again.dst, &frame->dst) && nfp_mac_equal(&again.src, &frame->src));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nfp_frame frame, untouched;
	enum nfp_frame_check check;
	uint8_t how, *copy;

	if (!size)
		return 0;
	how = data[0];
	copy = malloc(size); /* one byte more than needed: then malloc(0) is no case of its own */
	if (!copy)
		return 0;
	memcpy(copy, data + 1, size - 1);
	help(how, copy, size - 1);
	memset(&frame, 0x5a, sizeof(frame));
	untouched = frame;
	check = nfp_frame_parse(&id, copy, size - 1, &frame);
	if (check == NFP_FRAME_OURS)
		check_ours(&frame);
	else
		require(memcmp(&frame, &untouched, sizeof(frame)) == 0);
	free(copy);
	return 0;
}
