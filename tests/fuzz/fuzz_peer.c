// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes given to a reflector. The first byte says how the rest is helped past the first checks:
 * a fuzzer does not guess a keyed hash. At most one frame goes out, whatever comes in, and only one
 * that the rules allow.
 */
#include <stdlib.h>
#include <string.h>

#include "traffic/sources.h"
#include "base/base.h"
#include "fuzz/reflector.h"
#include "../../src/traffic/traffic_priv.h"

enum {
	HELP_HEAD = 0x01,  /* write EtherType, magic, version and our address */
	HELP_TYPE = 0x02,  /* ... type, length and session of a carrier */
	HELP_INNER = 0x04, /* ... and a test frame inside */
	HELP_TAG = 0x08,   /* write the right tag */
	TAGGED = 0x20,	   /* with a VLAN tag */
	BAD_INNER = 0x40,  /* but leave the test frame's addresses and kind as they are */
	TWICE = 0x80,	   /* give it twice */
};

static const struct nfp_reflector_config config = {
	.id = REFLECTOR_ID,
	.mac = REFLECTOR_MAC,
	.rate = 1000,
	.session = SESSION,
	.deadline_ns = UINT64_C(1) << 40,
};

static void put_tag(uint8_t *tag, const uint8_t *frame, const uint8_t *bytes, size_t len)
{
	uint8_t text[12 + 3 * NFP_PEER_LEN_MAX];
	uint64_t hash;

	memcpy(text, frame, 12);
	memcpy(text + 12, bytes, len);
	hash = nfp_siphash(config.id.b, text, 12 + len);
	for (unsigned int i = 0; i < 8; i++)
		tag[i] = (uint8_t)(hash >> (56 - 8 * i));
}

static void put_inner(uint8_t how, uint8_t *inner, const uint8_t *run)
{
	memcpy(inner + 12, "\x88\xb5nfpr\x02", 7);
	memcpy(inner + 20, "\0\0", 2);
	memcpy(inner + 22, run, NFP_RUN_ID_LEN);
	if (how & BAD_INNER)
		return;
	memcpy(inner + 6, config.mac.b, NFP_MAC_LEN);
	inner[19] %= NFP_KIND_LAST + 1;
}

static void help_carrier(uint8_t how, uint8_t *frame, uint8_t *at, size_t room)
{
	if (how & HELP_HEAD && room >= NFP_PEER_HEADER) {
		memcpy(frame, config.mac.b, NFP_MAC_LEN);
		memcpy(at - 2, "\x88\xb5nfpx\x03", 7);
	}
	if (room < NFP_PEER_HEADER + NFP_PEER_INNER_LEN + NFP_PEER_TAG)
		return;
	if (how & HELP_TYPE) {
		memcpy(at + 5, "\x03\0\x3e", 3);
		memcpy(at + 24, "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
	}
	if (how & HELP_INNER)
		put_inner(how, at + NFP_PEER_HEADER, at + 8);
	if (how & HELP_TAG) {
		size_t body = (size_t)at[6] << 8 | at[7];

		if (room < NFP_PEER_HEADER + body + NFP_PEER_TAG || body > 2 * NFP_PEER_LEN_MAX)
			return;
		put_tag(at + NFP_PEER_HEADER + body, frame, at, NFP_PEER_HEADER + body);
	}
}

static void help(uint8_t how, uint8_t *frame, size_t len)
{
	size_t start = how & TAGGED ? 18 : 14;

	if (len < start)
		return;
	if (how & TAGGED)
		memcpy(frame + 12, "\x81\x00", 2);
	help_carrier(how, frame, frame + start, len - start);
}

static void check_sent_on(const struct nfp_packet *packet, size_t len, const uint8_t *run)
{
	struct nfp_frame frame;

	require(packet->len <= NFP_FRAME_LEN_MAX && packet->len <= len);
	require(nfp_frame_peek(run, packet->data, packet->len, &frame) == NFP_FRAME_OURS);
	require(nfp_mac_equal(&frame.src, &config.mac));
	require(frame.kind < NFP_KIND_COUNT);
	if (frame.kind == NFP_KIND_BROADCAST)
		require(nfp_mac_equal(&frame.dst, &nfp_mac_broadcast));
	else if (frame.kind == NFP_KIND_ALL_NODES)
		require(nfp_mac_equal(&frame.dst, &nfp_mac_all_nodes));
	else if (frame.kind == NFP_KIND_MULTICAST || frame.kind == NFP_KIND_UNJOINED)
		require(memcmp(frame.dst.b, "\x33\x33\xff", 3) == 0);
	else
		require(!nfp_mac_is_multicast(&frame.dst) && !nfp_mac_is_zero(&frame.dst));
}

static void check_answered(const struct nfp_packet *packet, size_t len)
{
	struct nfp_peer_frame frame;

	require(packet->len <= NFP_PEER_LEN_MAX && packet->len <= len);
	require(nfp_peer_parse(&config.id, packet->data, packet->len, &frame) == NFP_PEER_OURS);
	require(frame.type == NFP_PEER_WELCOME && !nfp_mac_is_multicast(&frame.dst));
}

static void give(struct nfp_reflect *reflect, const uint8_t *data, size_t len, bool again)
{
	struct nfp_packet packet, untouched;
	struct nfp_peer_frame frame;
	enum nfp_reflect_outcome outcome;

	memset(&packet, 0x5a, sizeof(packet));
	untouched = packet;
	outcome = nfp_reflect_handle(reflect, data, len, 1000, &packet);
	require(outcome < NFP_REFLECT_UNSENT);
	if (outcome == NFP_REFLECT_SENT_ON) {
		require(!again);
		require(nfp_peer_parse(&config.id, data, len, &frame) == NFP_PEER_OURS);
		check_sent_on(&packet, len, frame.run);
	} else if (outcome == NFP_REFLECT_ANSWERED) {
		check_answered(&packet, len);
	} else {
		require(memcmp(&packet, &untouched, sizeof(packet)) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nfp_reflect *reflect = nfp_reflect_new(&config);
	uint8_t *copy = malloc(size ? size : 1); /* one more than needed, unless empty */

	if (!size || !copy || !reflect)
		goto out;
	memcpy(copy, data + 1, size - 1);
	help(data[0], copy, size - 1);
	give(reflect, copy, size - 1, false);
	if (data[0] & TWICE)
		give(reflect, copy, size - 1, true);
out:
	free(copy);
	free(reflect);
	return 0;
}
