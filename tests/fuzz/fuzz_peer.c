// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes given to a reflector that plays a guest, and to the prober that reads its reports. The
 * first byte says how the rest is helped past the first checks: a fuzzer does not guess a keyed
 * hash. At most one frame goes out, whatever comes in, and only one that the rules allow; only
 * addresses that may be taken are; and no report, whatever it says, makes a frame heard that was
 * not sent.
 */
#include <stdlib.h>
#include <string.h>

#include "nfprobe/sources.h"
#include "nfprobe/base.h"
#include "fuzz/reflector.h"

enum {
	HELP_HEAD = 0x01,  /* write EtherType, magic, version and our address */
	HELP_TYPE = 0x02,  /* ... type, length and session of a carrier */
	HELP_INNER = 0x04, /* ... and a test frame inside */
	HELP_TAG = 0x08,   /* write the right tag */
	GUEST = 0x10,	   /* the reflector was told to be a guest, by the run of the frame */
	TAGGED = 0x20,	   /* with a VLAN tag */
	BAD_INNER = 0x40,  /* but leave the test frame's addresses and kind as they are */
	TWICE = 0x80,	   /* give it twice */
};

#define NUM_SENT 100

static const struct nfp_reflector_config config = {
	.host = {reflector_take, reflector_drops, NULL},
	.id = REFLECTOR_ID,
	.mac = REFLECTOR_MAC,
	.rate = 1000,
	.session = SESSION,
	.deadline_ns = UINT64_C(1) << 40,
};

static void put_tag(uint8_t *tag, const uint8_t *frame, const uint8_t *bytes, size_t len)
{
	uint8_t text[12 + 3 * NFP_REPORT_LEN_MAX];
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
		memcpy(at - 2, "\x88\xb5nfpx\x02", 7);
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

		if (room < NFP_PEER_HEADER + body + NFP_PEER_TAG || body > 2 * NFP_REPORT_LEN_MAX)
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
	/* It announces what it has, and sends all else from its own address. */
	if (frame.kind == NFP_KIND_ANNOUNCE) {
		require((frame.src.b[0] & 3) == 2 && nfp_mac_equal(&frame.dst, &nfp_mac_broadcast));
		return;
	}
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

static void check_reported(const struct nfp_reflect *reflect)
{
	uint8_t buf[NFP_REPORT_LEN_MAX];
	struct nfp_peer_frame frame;
	size_t len = nfp_reflect_report(reflect, buf);

	require(len <= sizeof(buf));
	require(nfp_peer_parse(&config.id, buf, len, &frame) == NFP_PEER_OURS);
	require(frame.type == NFP_PEER_REPORT && !nfp_mac_is_multicast(&frame.dst));
}

/* Nothing of what was sent was heard: no tag is guessed. */
static void read_report(const struct nfp_peer_frame *frame)
{
	struct nfp_frame_accounting *accounting = nfp_accounting_new();
	struct nfp_guest_log *log = calloc(1, sizeof(*log));
	const struct nfp_frame_id id = {.key = {1}};
	struct nfp_count count[NFP_KIND_COUNT];
	uint8_t bytes[NFP_FRAME_LEN_MAX];

	require(log);
	for (uint64_t seq = 1; seq <= NUM_SENT; seq++) {
		const struct nfp_frame test = {.seq = seq, .sent_ns = seq};

		nfp_guest_log_sent(log, seq, NFP_KIND_UNICAST, bytes,
				   nfp_frame_build(&id, &test, bytes));
		require(nfp_accounting_sent(accounting, seq, NFP_KIND_UNICAST, seq) == 0);
	}
	nfp_guest_log_report(log, frame, accounting, NUM_SENT + 1);
	nfp_guest_log_report(log, frame, accounting, NUM_SENT + 1);
	nfp_accounting_sum(accounting, 0, UINT64_MAX, count);
	require(count[NFP_KIND_UNICAST].at[NFP_AT_PF] == 0);
	require(log->foreign <= frame->report.num);
	free(log);
	nfp_accounting_free(accounting);
}

static void give(struct nfp_reflect *reflect, const uint8_t *data, size_t len, bool again)
{
	struct nfp_packet packet, untouched;
	struct nfp_peer_frame frame;
	enum nfp_reflect_outcome outcome;

	if (nfp_peer_parse(&config.id, data, len, &frame) == NFP_PEER_OURS &&
	    frame.type == NFP_PEER_REPORT)
		read_report(&frame);
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
		if (outcome == NFP_REFLECT_REPORTED || outcome == NFP_REFLECT_HEARD)
			check_reported(reflect);
		require(memcmp(&packet, &untouched, sizeof(packet)) == 0);
	}
}

/* Test frames and carriers have the run id in the same place. */
static void make_guest(struct nfp_reflect *reflect, uint8_t how, const uint8_t *data, size_t len)
{
	size_t start = how & TAGGED ? 18 : 14;
	struct nfp_peer_frame frame = {
		.dst = config.mac,
		.src = {{0x02, 0, 0, 0, 0, 0x0a}},
		.type = NFP_PEER_GUEST,
		.session = SESSION,
		.seq = 1,
		.guest = {.num = 2, .macs = {{{0x02, 1, 2, 3, 4, 5}}, {{0x02, 1, 2, 3, 4, 6}}}},
	};
	uint8_t buf[NFP_PEER_LEN_MAX];
	struct nfp_packet packet;

	if (len < start + 8 + NFP_RUN_ID_LEN)
		return;
	memcpy(frame.run, data + start + 8, NFP_RUN_ID_LEN);
	memcpy(frame.guest.run, frame.run, NFP_RUN_ID_LEN);
	require(nfp_reflect_handle(reflect, buf, nfp_peer_build(&config.id, &frame, buf), 1000,
				   &packet) == NFP_REFLECT_REPORTED);
	check_reported(reflect);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nfp_reflect *reflect = nfp_reflect_new(&config);
	uint8_t *copy = malloc(size ? size : 1); /* one more than needed, unless empty */

	if (!size || !copy || !reflect)
		goto out;
	memcpy(copy, data + 1, size - 1);
	help(data[0], copy, size - 1);
	if (data[0] & GUEST)
		make_guest(reflect, data[0], copy, size - 1);
	give(reflect, copy, size - 1, false);
	if (data[0] & TWICE)
		give(reflect, copy, size - 1, true);
out:
	free(copy);
	free(reflect);
	return 0;
}
