// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/if_ether.h>
#include <string.h>

#include "nfprobe/traffic.h"
#include "nfprobe/base.h"

#include "traffic_priv.h"

#define ADDRESSES_LEN ((size_t)2 * NFP_MAC_LEN)
#define VERSION	      1
#define TAG_LEN	      4	    /* 802.1Q: TPID and TCI */
#define VID_RESERVED  0xfff /* IEEE Std 802.1Q-2018, table 9-2 */

/* Offsets in the payload, as traffic.h draws it. */
enum {
	AT_MAGIC = 0,
	AT_VERSION = 4,
	AT_KIND = 5,
	AT_ZERO = 6,
	AT_RUN = 8,
	AT_SEQ = 24,
	AT_SENT = 32,
	AT_TAG = 40,
};

_Static_assert(AT_TAG + 8 == NFP_FRAME_PAYLOAD, "the tag ends the payload");

static const uint8_t magic[4] = {'n', 'f', 'p', 'r'};

/* A VLAN tag is left out: the NIC may add, take or change it on the way. */
static uint64_t tag_of(const struct nfp_frame_id *id, const uint8_t *addresses,
		       const uint8_t *payload)
{
	uint8_t text[ADDRESSES_LEN + AT_TAG];

	memcpy(text, addresses, ADDRESSES_LEN);
	memcpy(text + ADDRESSES_LEN, payload, AT_TAG);
	return nfp_siphash(id->key, text, sizeof(text));
}

size_t nfp_frame_build(const struct nfp_frame_id *id, const struct nfp_frame *frame,
		       uint8_t buf[NFP_FRAME_LEN_MAX])
{
	uint8_t *at = buf + ADDRESSES_LEN;

	memcpy(buf, frame->dst.b, NFP_MAC_LEN);
	memcpy(buf + NFP_MAC_LEN, frame->src.b, NFP_MAC_LEN);
	if (frame->vlan.vid) {
		put16(at, frame->vlan.proto);
		put16(at + 2, (uint16_t)((frame->vlan.qos << 13) | frame->vlan.vid));
		at += TAG_LEN;
	}
	put16(at, NFP_ETHERTYPE);
	at += 2;
	memcpy(at + AT_MAGIC, magic, sizeof(magic));
	at[AT_VERSION] = VERSION;
	at[AT_KIND] = (uint8_t)frame->kind;
	put16(at + AT_ZERO, 0);
	memcpy(at + AT_RUN, id->run, NFP_RUN_ID_LEN);
	put64(at + AT_SEQ, frame->seq);
	put64(at + AT_SENT, frame->sent_ns);
	put64(at + AT_TAG, tag_of(id, buf, at));
	return (size_t)(at - buf) + NFP_FRAME_PAYLOAD;
}

static bool is_tag(uint16_t ethertype)
{
	return ethertype == ETH_P_8021Q || ethertype == ETH_P_8021AD;
}

/* The tags in front of the EtherType: how many, and the outermost. */
struct tags {
	unsigned int num;
	uint16_t proto, tci;
};

/* Returns the offset of the EtherType behind at most two tags, or 0 when the data ends before. */
static size_t skip_tags(const uint8_t *data, size_t len, struct tags *ret_tags)
{
	struct tags tags = {0};
	size_t at = ADDRESSES_LEN;

	while (len >= at + 2 && is_tag(get16(data + at)) && tags.num < 2) {
		if (len < at + TAG_LEN)
			return 0;
		if (!tags.num) {
			tags.proto = get16(data + at);
			tags.tci = get16(data + at + 2);
		}
		tags.num++;
		at += TAG_LEN;
	}
	if (len < at + 2)
		return 0;
	*ret_tags = tags;
	return at;
}

/* One tag at most, in the frame or beside it; a priority tag (vid 0) is no VLAN. */
static bool vlan_of(const struct tags *tags, const struct nfp_vlan *meta, struct nfp_vlan *ret_vlan)
{
	struct nfp_vlan vlan = {0};
	bool beside = meta && meta->vid;

	if (tags->num + (beside ? 1U : 0U) > 1)
		return false;
	if (beside) {
		vlan = *meta;
	} else if (tags->num && (tags->tci & 0xfff)) {
		vlan.vid = tags->tci & 0xfff;
		vlan.qos = (uint8_t)(tags->tci >> 13);
		vlan.proto = tags->proto;
	}
	if (vlan.vid >= VID_RESERVED)
		return false;
	*ret_vlan = vlan;
	return true;
}

static bool is_possible(const uint8_t *payload)
{
	return payload[AT_VERSION] == VERSION && payload[AT_KIND] <= NFP_KIND_LAST &&
	       get16(payload + AT_ZERO) == 0 && get64(payload + AT_SEQ) != 0;
}

/* Without a key the tag is not looked at. */
static enum nfp_frame_check parse(const uint8_t run[NFP_RUN_ID_LEN], const struct nfp_frame_id *key,
				  const uint8_t *data, size_t len, const struct nfp_vlan *meta,
				  struct nfp_frame *ret_frame)
{
	struct tags tags;
	struct nfp_vlan vlan;
	const uint8_t *payload;
	size_t at = skip_tags(data, len, &tags);

	if (!at || get16(data + at) != NFP_ETHERTYPE)
		return NFP_FRAME_FOREIGN;
	at += 2;
	payload = data + at;
	if (len - at < AT_RUN + NFP_RUN_ID_LEN || memcmp(payload, magic, sizeof(magic)) != 0 ||
	    memcmp(payload + AT_RUN, run, NFP_RUN_ID_LEN) != 0)
		return NFP_FRAME_FOREIGN;
	if (len - at < NFP_FRAME_PAYLOAD || !vlan_of(&tags, meta, &vlan) || !is_possible(payload))
		return NFP_FRAME_MALFORMED;
	if (key && get64(payload + AT_TAG) != tag_of(key, data, payload))
		return NFP_FRAME_MALFORMED;

	memcpy(ret_frame->dst.b, data, NFP_MAC_LEN);
	memcpy(ret_frame->src.b, data + NFP_MAC_LEN, NFP_MAC_LEN);
	ret_frame->vlan = vlan;
	ret_frame->kind = (enum nfp_kind)payload[AT_KIND];
	ret_frame->seq = get64(payload + AT_SEQ);
	ret_frame->sent_ns = get64(payload + AT_SENT);
	return NFP_FRAME_OURS;
}

enum nfp_frame_check nfp_frame_parse(const struct nfp_frame_id *id, const uint8_t *data, size_t len,
				     const struct nfp_vlan *meta, struct nfp_frame *ret_frame)
{
	return parse(id->run, id, data, len, meta, ret_frame);
}

enum nfp_frame_check nfp_frame_peek(const uint8_t run[NFP_RUN_ID_LEN], const uint8_t *data,
				    size_t len, const struct nfp_vlan *meta,
				    struct nfp_frame *ret_frame)
{
	return parse(run, NULL, data, len, meta, ret_frame);
}
