// SPDX-License-Identifier: GPL-2.0-or-later
/* frame.c - the Ethernet header that every frame of a run has, the test frame, the MLD report. */
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

#include "traffic_priv.h"

#define VERSION	     2
#define TAG_LEN	     4	   /* 802.1Q: TPID and TCI */
#define VID_RESERVED 0xfff /* IEEE Std 802.1Q-2018, table 9-2 */

/* Offsets in the payload; traffic.h has its layout. */
enum {
	AT_VERSION = 4,
	AT_KIND = 5,
	AT_ZERO = 6,
	AT_RUN = 8,
	AT_SEQ = 24,
	AT_SENT = 32,
	AT_TAG = 40
};

_Static_assert(AT_TAG + 8 == NFP_FRAME_PAYLOAD, "the tag ends the payload");

const struct nfp_kind_row nfp_kinds[NFP_KIND_LAST + 1] = {
	[NFP_KIND_UNICAST] = {.to = NFP_TO_X},
	[NFP_KIND_BROADCAST] = {.to = NFP_TO_EVERYBODY},
	[NFP_KIND_MULTICAST] = {.to = NFP_TO_GROUP},
	[NFP_KIND_UNREGISTERED] = {.to = NFP_TO_UNREGISTERED},
	[NFP_KIND_ALL_NODES] = {.to = NFP_TO_ALL_NODES},
	[NFP_KIND_UNJOINED] = {.to = NFP_TO_UNJOINED},
	[NFP_KIND_VLAN_UNICAST] = {.to = NFP_TO_X, .tagged = true},
	[NFP_KIND_VLAN_BROADCAST] = {.to = NFP_TO_EVERYBODY, .tagged = true},
	[NFP_KIND_VLAN_MULTICAST] = {.to = NFP_TO_GROUP, .tagged = true},
	[NFP_KIND_VLAN_OWN] = {.to = NFP_TO_PF, .tagged = true},
	[NFP_KIND_VLAN_FREE] = {.to = NFP_TO_PF, .tagged = true},
	[NFP_KIND_ANNOUNCE] = {.to = NFP_TO_EVERYBODY},
	[NFP_KIND_HELLO] = {.to = NFP_TO_EVERYBODY},
};

static const uint8_t magic[4] = {'n', 'f', 'p', 'r'};

size_t header_put(uint8_t *buf, const struct nfp_mac *dst, const struct nfp_mac *src,
		  const struct nfp_vlan *vlan, uint16_t ethertype)
{
	size_t at = ADDRESSES_LEN;

	memcpy(buf, dst->b, NFP_MAC_LEN);
	memcpy(buf + NFP_MAC_LEN, src->b, NFP_MAC_LEN);
	if (vlan->vid) {
		put16(buf + at, vlan->proto ? vlan->proto : ETH_P_8021Q);
		put16(buf + at + 2, (uint16_t)((vlan->qos << 13) | vlan->vid));
		at += TAG_LEN;
	}
	put16(buf + at, ethertype);
	return at + 2;
}

size_t header_get(const uint8_t *data, size_t len, uint16_t ethertype, struct nfp_mac *ret_dst,
		  struct nfp_mac *ret_src, struct nfp_vlan *ret_vlan)
{
	size_t at = ADDRESSES_LEN;
	uint16_t proto, tci;

	*ret_vlan = (struct nfp_vlan) {0};
	if (len < at + 2)
		return 0;
	memcpy(ret_dst->b, data, NFP_MAC_LEN);
	memcpy(ret_src->b, data + NFP_MAC_LEN, NFP_MAC_LEN);
	proto = get16(data + at);
	if ((proto == ETH_P_8021Q || proto == ETH_P_8021AD) && len >= at + TAG_LEN + 2) {
		tci = get16(data + at + 2);
		if ((tci & 0xfff) == VID_RESERVED)
			return 0;
		*ret_vlan = (struct nfp_vlan) {
			.vid = tci & 0xfff, .qos = (uint8_t)(tci >> 13), .proto = proto};
		at += TAG_LEN;
	}
	return get16(data + at) == ethertype ? at + 2 : 0;
}

bool nfp_vlan_is_heard(const struct nfp_vlan *run, enum nfp_receiver at, const struct nfp_vlan *tag)
{
	uint16_t vid = at == NFP_AT_PF ? run->vid : 0;

	return tag->vid == vid && (!vid || tag->proto == (run->proto ? run->proto : ETH_P_8021Q));
}

uint64_t tag_of(const uint8_t key[NFP_SIPHASH_KEY_LEN], const uint8_t *addresses,
		const uint8_t *payload, size_t len)
{
	uint8_t text[NFP_PEER_LEN_MAX];

	memcpy(text, addresses, ADDRESSES_LEN);
	memcpy(text + ADDRESSES_LEN, payload, len);
	return nfp_siphash(key, text, ADDRESSES_LEN + len);
}

/* ---- the test frame ---- */

size_t nfp_frame_build(const struct nfp_frame_id *id, const struct nfp_frame *frame,
		       uint8_t buf[NFP_FRAME_LEN_MAX])
{
	uint8_t *at = buf + header_put(buf, &frame->dst, &frame->src, &frame->vlan, NFP_ETHERTYPE);

	memcpy(at, magic, sizeof(magic));
	at[AT_VERSION] = VERSION;
	at[AT_KIND] = (uint8_t)frame->kind;
	put16(at + AT_ZERO, 0);
	memcpy(at + AT_RUN, id->run, NFP_RUN_ID_LEN);
	put64(at + AT_SEQ, frame->seq);
	put64(at + AT_SENT, frame->sent_ns);
	put64(at + AT_TAG, tag_of(id->key, buf, at, AT_TAG));
	return (size_t)(at + NFP_FRAME_PAYLOAD - buf);
}

/* @key NULL: the tag is not checked. */
static enum nfp_frame_check parse_frame(const uint8_t run[NFP_RUN_ID_LEN], const uint8_t *key,
					const uint8_t *data, size_t len,
					struct nfp_frame *ret_frame)
{
	struct nfp_frame frame;
	size_t start = header_get(data, len, NFP_ETHERTYPE, &frame.dst, &frame.src, &frame.vlan);
	const uint8_t *at = data + start;

	if (!start || len - start < AT_RUN + NFP_RUN_ID_LEN ||
	    memcmp(at, magic, sizeof(magic)) != 0 || memcmp(at + AT_RUN, run, NFP_RUN_ID_LEN) != 0)
		return NFP_FRAME_FOREIGN;
	if (len - start < NFP_FRAME_PAYLOAD || at[AT_VERSION] != VERSION ||
	    at[AT_KIND] > NFP_KIND_LAST || get16(at + AT_ZERO) != 0 || get64(at + AT_SEQ) == 0)
		return NFP_FRAME_MALFORMED;
	if (key && get64(at + AT_TAG) != tag_of(key, data, at, AT_TAG))
		return NFP_FRAME_MALFORMED;
	frame.kind = (enum nfp_kind)at[AT_KIND];
	frame.seq = get64(at + AT_SEQ);
	frame.sent_ns = get64(at + AT_SENT);
	*ret_frame = frame;
	return NFP_FRAME_OURS;
}

enum nfp_frame_check nfp_frame_parse(const struct nfp_frame_id *id, const uint8_t *data, size_t len,
				     struct nfp_frame *ret_frame)
{
	return parse_frame(id->run, id->key, data, len, ret_frame);
}

enum nfp_frame_check nfp_frame_peek(const uint8_t run[NFP_RUN_ID_LEN], const uint8_t *data,
				    size_t len, struct nfp_frame *ret_frame)
{
	return parse_frame(run, NULL, data, len, ret_frame);
}

/* ---- the MLDv2 report of a host that has joined a group ---- */

#define MLDV2_REPORT 143
#define TO_EXCLUDE   4 /* CHANGE_TO_EXCLUDE_MODE */

/* Offsets in the IPv6 header, the hop-by-hop options, the ICMPv6 header and one record. */
enum { AT_LENGTH = 4, AT_NEXT = 6, AT_HOPS = 7, AT_SRC = 8, AT_DST = 24, AT_OPTIONS = 40 };
enum { AT_REPORT = AT_OPTIONS + 8, AT_SUM = 2, AT_NUM_RECORDS = 6, AT_RECORD = 8, AT_GROUP = 12 };
enum { REPORT_LEN = AT_RECORD + 20, IPV6_LEN = AT_REPORT + REPORT_LEN };

static uint64_t add_words(uint64_t sum, const uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len; i += 2)
		sum += get16(at + i);
	return sum;
}

/* RFC 1071. */
static uint16_t fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* RFC 4443, section 2.3: over the addresses of @ip, the length, the next header and the report. */
static uint16_t icmpv6_checksum(const uint8_t *ip)
{
	uint64_t sum = add_words(REPORT_LEN + IPPROTO_ICMPV6, ip + AT_SRC, AT_OPTIONS - AT_SRC);

	return fold(add_words(sum, ip + AT_REPORT, REPORT_LEN));
}

size_t nfp_mld_build(const struct nfp_mac *mac, const struct nfp_mac *group,
		     const struct nfp_vlan *vlan, uint8_t buf[NFP_MLD_LEN_MAX])
{
	/* Next header, length, Router Alert with value 0 for MLD, PadN. */
	static const uint8_t options[8] = {IPPROTO_ICMPV6, 0, 5, 2, 0, 0, 1, 0};
	/* "All MLDv2-capable routers". */
	static const struct nfp_mac routers_mac = {{0x33, 0x33, 0, 0, 0, 0x16}};
	static const uint8_t routers[16] = {0xff, 0x02, [15] = 0x16};
	const uint8_t *b = mac->b, *last = group->b + 3;
	/* fe80::/64 and the modified EUI-64 (RFC 4291, appendix A). */
	const uint8_t link_local[16] = {0xfe, 0x80, [8] = b[0] ^ 0x02, b[1], b[2], 0xff, 0xfe, b[3],
					b[4], b[5]};
	/* ff02::1:ff00:0/104 and the last three bytes of an address (RFC 4291, section 2.7.1). */
	const uint8_t joined[16] = {0xff, 0x02, [11] = 1, 0xff, last[0], last[1], last[2]};
	uint8_t *ip = buf + header_put(buf, &routers_mac, mac, vlan, ETH_P_IPV6);
	uint8_t *report = ip + AT_REPORT;

	memset(ip, 0, IPV6_LEN);
	ip[0] = 6 << 4;
	put16(ip + AT_LENGTH, IPV6_LEN - AT_OPTIONS);
	ip[AT_NEXT] = IPPROTO_HOPOPTS;
	ip[AT_HOPS] = 1;
	memcpy(ip + AT_SRC, link_local, sizeof(link_local));
	memcpy(ip + AT_DST, routers, sizeof(routers));
	memcpy(ip + AT_OPTIONS, options, sizeof(options));
	report[0] = MLDV2_REPORT;
	put16(report + AT_NUM_RECORDS, 1);
	report[AT_RECORD] = TO_EXCLUDE;
	memcpy(report + AT_GROUP, joined, sizeof(joined));
	put16(report + AT_SUM, icmpv6_checksum(ip));
	return (size_t)(ip + IPV6_LEN - buf);
}

bool nfp_mld_is(const uint8_t *data, size_t len)
{
	struct nfp_mac dst, src, group = {{0x33, 0x33, 0xff}};
	const struct nfp_vlan untagged = {.vid = 0};
	uint8_t own[NFP_MLD_LEN_MAX];
	struct nfp_vlan vlan;
	size_t at = header_get(data, len, ETH_P_IPV6, &dst, &src, &vlan), start;

	if (!at || len < at + IPV6_LEN)
		return false;
	memcpy(&group.b[3], data + at + AT_REPORT + AT_RECORD + 4 + 13, 3);
	start = nfp_mld_build(&src, &group, &untagged, own) - IPV6_LEN;
	return memcmp(data + at, own + start, IPV6_LEN) == 0;
}
