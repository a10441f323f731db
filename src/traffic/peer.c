// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/sources.h"

#include <linux/if_ether.h>
#include <stdio.h>
#include <string.h>

#include "traffic_priv.h"
#include "nfprobe/base.h"

#define ADDRESSES_LEN ((size_t)2 * NFP_MAC_LEN)
#define TAG_LEN	      4 /* 802.1Q: TPID and TCI */
#define VERSION	      1
#define GREETING_LEN  8
#define VID_RESERVED  0xfff /* IEEE Std 802.1Q-2018, table 9-2 */

/* Offsets behind the EtherType, as sources.h draws it. */
enum {
	AT_MAGIC = 0,
	AT_VERSION = 4,
	AT_TYPE = 5,
	AT_LENGTH = 6,
	AT_RUN = 8,
	AT_SESSION = 24,
	AT_SEQ = 32,
};

/* ... and in a stamp. */
enum {
	STAMP_RECEIVED = 4,
	STAMP_SENT = 12,
	STAMP_TAG = 20,
};

_Static_assert(NFP_SIPHASH_KEY_LEN == NFP_PEER_ID_LEN, "the id is the key");

static const uint8_t magic[4] = {'n', 'f', 'p', 'x'};
static const uint8_t stamp_magic[4] = {'n', 'f', 'p', 't'};

static size_t put_addresses(uint8_t *buf, const struct nfp_mac *dst, const struct nfp_mac *src,
			    const struct nfp_vlan *vlan)
{
	size_t at = ADDRESSES_LEN;

	memcpy(buf, dst->b, NFP_MAC_LEN);
	memcpy(buf + NFP_MAC_LEN, src->b, NFP_MAC_LEN);
	if (vlan->vid) {
		put16(buf + at, vlan->proto);
		put16(buf + at + 2, (uint16_t)((vlan->qos << 13) | vlan->vid));
		at += TAG_LEN;
	}
	put16(buf + at, NFP_ETHERTYPE);
	return at + 2;
}

/* Of the addresses and @len bytes behind the EtherType. */
static uint64_t tag_of(const struct nfp_peer_id *id, const uint8_t *addresses, const uint8_t *bytes,
		       size_t len)
{
	uint8_t text[NFP_PEER_LEN_MAX];

	memcpy(text, addresses, ADDRESSES_LEN);
	memcpy(text + ADDRESSES_LEN, bytes, len);
	return nfp_siphash(id->b, text, ADDRESSES_LEN + len);
}

static size_t put_body(uint8_t *at, const struct nfp_peer_frame *frame)
{
	if (frame->type == NFP_PEER_CARRY) {
		memcpy(at, frame->inner, NFP_PEER_INNER_LEN);
		return NFP_PEER_INNER_LEN;
	}
	put32(at, frame->rate);
	put32(at + 4, frame->left_s);
	return GREETING_LEN;
}

size_t nfp_peer_build(const struct nfp_peer_id *id, const struct nfp_peer_frame *frame,
		      uint8_t buf[NFP_PEER_LEN_MAX])
{
	size_t start = put_addresses(buf, &frame->dst, &frame->src, &frame->vlan);
	uint8_t *at = buf + start;
	size_t body = put_body(at + NFP_PEER_HEADER, frame);

	memcpy(at + AT_MAGIC, magic, sizeof(magic));
	at[AT_VERSION] = VERSION;
	at[AT_TYPE] = (uint8_t)frame->type;
	put16(at + AT_LENGTH, (uint16_t)body);
	memcpy(at + AT_RUN, frame->run, NFP_RUN_ID_LEN);
	put64(at + AT_SESSION, frame->session);
	put64(at + AT_SEQ, frame->seq);
	put64(at + NFP_PEER_HEADER + body, tag_of(id, buf, at, NFP_PEER_HEADER + body));
	return start + NFP_PEER_HEADER + body + NFP_PEER_TAG;
}

static bool is_vlan_tag(uint16_t ethertype)
{
	return ethertype == ETH_P_8021Q || ethertype == ETH_P_8021AD;
}

/*
 * Returns where the bytes behind EtherType 0x88b5 begin, or 0 when this is another frame; a
 * priority tag (vid 0) is no VLAN.
 */
static size_t skip_header(const uint8_t *data, size_t len, struct nfp_vlan *ret_vlan)
{
	struct nfp_vlan vlan = {0};
	size_t at = ADDRESSES_LEN;

	if (len >= at + TAG_LEN && is_vlan_tag(get16(data + at))) {
		uint16_t tci = get16(data + at + 2);

		if (tci & 0xfff) {
			vlan.vid = tci & 0xfff;
			vlan.qos = (uint8_t)(tci >> 13);
			vlan.proto = get16(data + at);
		}
		at += TAG_LEN;
	}
	if (len < at + 2 || get16(data + at) != NFP_ETHERTYPE || vlan.vid == VID_RESERVED)
		return 0;
	*ret_vlan = vlan;
	return at + 2;
}

/* The length that a frame of this type has; 0: there is no such type. */
static size_t body_of(uint8_t type)
{
	switch (type) {
	case NFP_PEER_HELLO:
	case NFP_PEER_WELCOME:
		return GREETING_LEN;
	case NFP_PEER_CARRY:
		return NFP_PEER_INNER_LEN;
	default:
		return 0;
	}
}

static void read_fields(const uint8_t *at, struct nfp_peer_frame *frame)
{
	const uint8_t *body = at + NFP_PEER_HEADER;

	frame->type = (enum nfp_peer_type)at[AT_TYPE];
	memcpy(frame->run, at + AT_RUN, NFP_RUN_ID_LEN);
	frame->session = get64(at + AT_SESSION);
	frame->seq = get64(at + AT_SEQ);
	if (frame->type == NFP_PEER_CARRY) {
		frame->inner = body;
		return;
	}
	frame->rate = get32(body);
	frame->left_s = get32(body + 4);
}

/* HELLO knows no session yet, the others must. */
static bool is_possible(const struct nfp_peer_frame *frame)
{
	if (frame->seq == 0 || nfp_mac_is_multicast(&frame->src) || nfp_mac_is_zero(&frame->src))
		return false;
	return (frame->session == 0) == (frame->type == NFP_PEER_HELLO);
}

enum nfp_peer_check nfp_peer_parse(const struct nfp_peer_id *id, const uint8_t *data, size_t len,
				   struct nfp_peer_frame *ret_frame)
{
	struct nfp_peer_frame frame = {0};
	size_t start = skip_header(data, len, &frame.vlan);
	const uint8_t *at = data + start;
	size_t body;

	if (!start || len - start < sizeof(magic) || memcmp(at, magic, sizeof(magic)) != 0)
		return NFP_PEER_FOREIGN;
	if (len - start < NFP_PEER_HEADER || at[AT_VERSION] != VERSION)
		return NFP_PEER_MALFORMED;
	body = body_of(at[AT_TYPE]);
	if (!body || get16(at + AT_LENGTH) != body ||
	    len - start < NFP_PEER_HEADER + body + NFP_PEER_TAG)
		return NFP_PEER_MALFORMED;
	if (get64(at + NFP_PEER_HEADER + body) != tag_of(id, data, at, NFP_PEER_HEADER + body))
		return NFP_PEER_OTHER_ID;
	memcpy(frame.dst.b, data, NFP_MAC_LEN);
	memcpy(frame.src.b, data + NFP_MAC_LEN, NFP_MAC_LEN);
	read_fields(at, &frame);
	if (!is_possible(&frame))
		return NFP_PEER_MALFORMED;
	*ret_frame = frame;
	return NFP_PEER_OURS;
}

/* ---- the stamp ---- */

/* Covers the test frame's payload and the stamp, which follow each other. */
static uint64_t stamp_tag(const struct nfp_peer_id *id, const uint8_t *addresses,
			  const uint8_t *payload)
{
	return tag_of(id, addresses, payload, NFP_FRAME_PAYLOAD + STAMP_TAG);
}

size_t nfp_peer_reflect(const struct nfp_peer_id *id, const uint8_t *inner,
			const struct nfp_vlan *vlan, const struct nfp_peer_stamp *stamp,
			uint8_t buf[NFP_REFLECTED_LEN])
{
	struct nfp_mac dst, src;
	uint8_t *payload, *at;

	memcpy(dst.b, inner, NFP_MAC_LEN);
	memcpy(src.b, inner + NFP_MAC_LEN, NFP_MAC_LEN);
	payload = buf + put_addresses(buf, &dst, &src, vlan);
	memcpy(payload, inner + ADDRESSES_LEN + 2, NFP_FRAME_PAYLOAD);
	at = payload + NFP_FRAME_PAYLOAD;
	memcpy(at, stamp_magic, sizeof(stamp_magic));
	put64(at + STAMP_RECEIVED, stamp->received_ns);
	put64(at + STAMP_SENT, stamp->sent_ns);
	put64(at + STAMP_TAG, stamp_tag(id, buf, payload));
	return (size_t)(at - buf) + NFP_PEER_STAMP_LEN;
}

bool nfp_peer_stamp_read(const struct nfp_peer_id *id, const uint8_t *data, size_t len,
			 struct nfp_peer_stamp *ret_stamp)
{
	struct nfp_vlan vlan;
	size_t start = skip_header(data, len, &vlan);
	const uint8_t *at;

	if (!start || len - start < NFP_FRAME_PAYLOAD + NFP_PEER_STAMP_LEN)
		return false;
	at = data + start + NFP_FRAME_PAYLOAD;
	if (memcmp(at, stamp_magic, sizeof(stamp_magic)) != 0 ||
	    get64(at + STAMP_TAG) != stamp_tag(id, data, data + start))
		return false;
	ret_stamp->received_ns = get64(at + STAMP_RECEIVED);
	ret_stamp->sent_ns = get64(at + STAMP_SENT);
	return true;
}

/* ---- the id as text ---- */

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool nfp_peer_id_parse(const char *text, struct nfp_peer_id *ret_id)
{
	struct nfp_peer_id id;

	for (size_t i = 0; i < NFP_PEER_ID_LEN; i++) {
		int high = digit(text[2 * i]);
		int low = high < 0 ? -1 : digit(text[2 * i + 1]);

		if (low < 0)
			return false;
		id.b[i] = (uint8_t)(high << 4 | low);
	}
	if (text[2 * NFP_PEER_ID_LEN] != '\0')
		return false;
	*ret_id = id;
	return true;
}

const char *nfp_peer_id_str(const struct nfp_peer_id *id, char buf[NFP_PEER_ID_STRLEN])
{
	for (size_t i = 0; i < NFP_PEER_ID_LEN; i++)
		snprintf(buf + 2 * i, 3, "%02x", id->b[i]);
	return buf;
}

/* ---- the two clocks ---- */

static void widen(uint64_t *min, uint64_t *max, uint64_t value, bool first)
{
	if (first || value < *min)
		*min = value;
	if (first || value > *max)
		*max = value;
}

void nfp_peer_clock_add(struct nfp_peer_clock *clock, uint64_t sent_ns, uint64_t seen_ns,
			const struct nfp_peer_stamp *stamp)
{
	bool first = clock->samples == 0;
	uint64_t stay, trip;

	if (seen_ns < sent_ns || stamp->sent_ns < stamp->received_ns ||
	    stamp->sent_ns - stamp->received_ns > seen_ns - sent_ns)
		return;
	stay = stamp->sent_ns - stamp->received_ns;
	trip = seen_ns - sent_ns - stay;
	if (first || trip < clock->trip_min_ns)
		clock->offset_ns = (int64_t)(stamp->received_ns - sent_ns - trip / 2);
	widen(&clock->trip_min_ns, &clock->trip_max_ns, trip, first);
	widen(&clock->stay_min_ns, &clock->stay_max_ns, stay, first);
	clock->samples++;
}
