// SPDX-License-Identifier: GPL-2.0-or-later
/* ipv6.c - MLDv2 reports, and neighbour solicitations as in duplicate address detection with what
 * answers them. */
#include <errno.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "traffic_priv.h"

/* The IPv6 header, and behind it the ICMPv6 message. */
enum { AT_LENGTH = 4, AT_NEXT = 6, AT_HOPS = 7, AT_SRC = 8, AT_DST = 24, AT_MESSAGE = 40 };
enum { AT_TYPE = 0, AT_CODE = 1, AT_SUM = 2, AT_FLAGS = 4, AT_TARGET = 8, AT_OPTION = 24 };

#define MESSAGE_LEN    24 /* without options */
#define OPTION_LEN     8  /* Target Link-Layer Address */
#define HOP_LIMIT      255
#define SOLICITATION   135
#define ADVERTISEMENT  136
#define FLAG_SOLICITED 0x40
#define FLAG_OVERRIDE  0x20
#define OPTION_TARGET  2

static const struct nfp_ipv6 unspecified = {{0}};
static const struct nfp_ipv6 all_nodes = {{0xff, 0x02, [15] = 1}};

bool nfp_ipv6_equal(const struct nfp_ipv6 *a, const struct nfp_ipv6 *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

struct nfp_ipv6 nfp_ipv6_link_local(const struct nfp_mac *mac)
{
	const uint8_t *b = mac->b;

	return (struct nfp_ipv6) {{0xfe, 0x80, 0, 0, 0, 0, 0, 0, b[0] ^ 0x02, b[1], b[2], 0xff,
				   0xfe, b[3], b[4], b[5]}};
}

/* ff02::1:ff00:0/104 and @last, the last three bytes of an address (RFC 4291, section 2.7.1). */
static struct nfp_ipv6 solicited_node(const uint8_t last[3])
{
	struct nfp_ipv6 group = {{0xff, 0x02, [11] = 1, [12] = 0xff}};

	memcpy(group.b + 13, last, 3);
	return group;
}

/*
 * RFC 4443, section 2.3: over the addresses of the IPv6 header @ip, the length, the next header and
 * the message. For a message that has its own checksum, 0 if that is right.
 */
static uint16_t icmpv6_checksum(const uint8_t *ip, const uint8_t *message, size_t len)
{
	uint64_t sum = len + IPPROTO_ICMPV6;

	for (size_t i = AT_SRC; i < AT_MESSAGE; i += 2)
		sum += get16(ip + i);
	for (size_t i = 0; i + 1 < len; i += 2)
		sum += get16(message + i);
	if (len % 2)
		sum += (uint64_t)message[len - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* Writes the header of @len bytes behind it, which are zeroed. */
static void put_ipv6(uint8_t *ip, uint8_t next, uint8_t hops, const struct nfp_ipv6 *src,
		     const struct nfp_ipv6 *dst, size_t len)
{
	memset(ip, 0, AT_MESSAGE + len);
	ip[0] = 6 << 4;
	put16(ip + AT_LENGTH, len);
	ip[AT_NEXT] = next;
	ip[AT_HOPS] = hops;
	memcpy(ip + AT_SRC, src->b, sizeof(src->b));
	memcpy(ip + AT_DST, dst->b, sizeof(dst->b));
}

/* ---- MLD ---- */

#define MLD_HOPS     1
#define MLDV2_REPORT 143
#define TO_EXCLUDE   4	/* CHANGE_TO_EXCLUDE_MODE */
#define REPORT_LEN   28 /* ICMPv6 header of 8 bytes, one record of 20 */

size_t nfp_mld_build(const struct nfp_mac *mac, const struct nfp_mac *group,
		     const struct nfp_vlan *vlan, uint8_t buf[NFP_MLD_LEN_MAX])
{
	/* Next header, length, Router Alert with value 0 for MLD, PadN. */
	static const uint8_t options[8] = {IPPROTO_ICMPV6, 0, 5, 2, 0, 0, 1, 0};
	/* "All MLDv2-capable routers". */
	static const struct nfp_mac routers_mac = {{0x33, 0x33, 0, 0, 0, 0x16}};
	static const struct nfp_ipv6 routers = {{0xff, 0x02, [15] = 0x16}};
	const struct nfp_ipv6 src = nfp_ipv6_link_local(mac), joined = solicited_node(group->b + 3);
	uint8_t *ip = buf + header_put(buf, &routers_mac, mac, vlan, ETH_P_IPV6);
	uint8_t *report = ip + AT_MESSAGE + sizeof(options), *record = report + 8;

	put_ipv6(ip, IPPROTO_HOPOPTS, MLD_HOPS, &src, &routers, sizeof(options) + REPORT_LEN);
	memcpy(ip + AT_MESSAGE, options, sizeof(options));
	report[AT_TYPE] = MLDV2_REPORT;
	put16(report + 6, 1);
	record[0] = TO_EXCLUDE;
	memcpy(record + 4, joined.b, sizeof(joined.b));
	put16(report + AT_SUM, icmpv6_checksum(ip, report, REPORT_LEN));
	return (size_t)(report + REPORT_LEN - buf);
}

/* ---- neighbour discovery ---- */

size_t nfp_nd_build(const struct nfp_nd *nd, uint8_t buf[NFP_ND_LEN_MAX])
{
	uint8_t *ip = buf + header_put(buf, &nd->dst, &nd->src, &nd->vlan, ETH_P_IPV6);
	const struct nfp_ipv6 dst = nd->advertises ? all_nodes : solicited_node(nd->target.b + 13);
	size_t len = MESSAGE_LEN + (nd->advertises ? OPTION_LEN : 0);
	uint8_t *message = ip + AT_MESSAGE;

	put_ipv6(ip, IPPROTO_ICMPV6, HOP_LIMIT, nd->advertises ? &nd->target : &unspecified, &dst,
		 len);
	message[AT_TYPE] = nd->advertises ? ADVERTISEMENT : SOLICITATION;
	memcpy(message + AT_TARGET, nd->target.b, sizeof(nd->target.b));
	if (nd->advertises) {
		message[AT_FLAGS] = FLAG_OVERRIDE;
		message[AT_OPTION] = OPTION_TARGET;
		message[AT_OPTION + 1] = OPTION_LEN / 8;
		memcpy(message + AT_OPTION + 2, nd->src.b, NFP_MAC_LEN);
	}
	put16(message + AT_SUM, icmpv6_checksum(ip, message, len));
	return (size_t)(message + len - buf);
}

bool nfp_nd_parse(const uint8_t *data, size_t len, struct nfp_nd *ret_nd)
{
	struct nfp_nd nd = {.advertises = false};
	size_t start = header_get(data, len, ETH_P_IPV6, &nd.dst, &nd.src, &nd.vlan);
	const uint8_t *ip = data + start, *message = ip + AT_MESSAGE;
	struct nfp_ipv6 src, dst, group;
	size_t message_len;

	if (!start || len - start < AT_MESSAGE + MESSAGE_LEN)
		return false;
	message_len = get16(ip + AT_LENGTH);
	if (ip[0] >> 4 != 6 || ip[AT_NEXT] != IPPROTO_ICMPV6 || ip[AT_HOPS] != HOP_LIMIT ||
	    message_len < MESSAGE_LEN || message_len > len - start - AT_MESSAGE ||
	    message[AT_CODE] != 0 || icmpv6_checksum(ip, message, message_len) != 0)
		return false;
	memcpy(src.b, ip + AT_SRC, sizeof(src.b));
	memcpy(dst.b, ip + AT_DST, sizeof(dst.b));
	memcpy(nd.target.b, message + AT_TARGET, sizeof(nd.target.b));
	nd.advertises = message[AT_TYPE] == ADVERTISEMENT;
	group = nd.advertises ? all_nodes : solicited_node(nd.target.b + 13);
	if (nd.target.b[0] == 0xff || nfp_ipv6_equal(&nd.target, &unspecified) ||
	    !nfp_ipv6_equal(&dst, &group))
		return false;
	/* The host that answers has an address; the one that asks has none yet. */
	if (nd.advertises ? message[AT_FLAGS] & FLAG_SOLICITED || src.b[0] == 0xff ||
				    nfp_ipv6_equal(&src, &unspecified)
			  : message[AT_TYPE] != SOLICITATION || !nfp_ipv6_equal(&src, &unspecified))
		return false;
	*ret_nd = nd;
	return true;
}

void nfp_nd_filter(const struct nfp_ipv6 *target, char text[NFP_ND_FILTER_LEN])
{
	uint32_t word = get32(target->b + 12);
	const uint8_t *group = nfp_mac_all_nodes.b;

	snprintf(text, NFP_ND_FILTER_LEN,
		 "(ether[0:4] = 0x%x and ether[4:2] = 0x%x and "
		 "((ether[12:2] = 0x%x and ether[20] = %d and ether[54] = %d and "
		 "ether[74:4] = 0x%x) or "
		 "(ether[16:2] = 0x%x and ether[24] = %d and ether[58] = %d and "
		 "ether[78:4] = 0x%x)))",
		 get32(group), get16(group + 4), ETH_P_IPV6, IPPROTO_ICMPV6, ADVERTISEMENT, word,
		 ETH_P_IPV6, IPPROTO_ICMPV6, ADVERTISEMENT, word);
}

/* ---- asking a neighbour ---- */

#define TRY_NS (330 * NFP_NSEC_PER_MSEC)

struct nd_ask {
	struct question question;
	const struct nfp_nd_query *query;
	struct nfp_ipv6 target;
};

static int say_solicitations(void *ctx, struct nfp_inject *inject)
{
	const struct nd_ask *ask = ctx;
	const struct nfp_nd_query *query = ask->query;
	struct nfp_packet packets[NFP_ND_TARGETS];

	for (size_t i = 0; i < query->num; i++) {
		const struct nfp_nd nd = {.dst = query->neighbour,
					  .src = query->pf_mac,
					  .vlan = query->vlan,
					  .target = query->targets[i]};

		packets[i].len = nfp_nd_build(&nd, packets[i].data);
	}
	return nfp_inject_send(inject, packets, (unsigned int)query->num);
}

static void on_advertisement(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns)
{
	struct nd_ask *ask = ctx;
	const struct nfp_nd_query *query = ask->query;
	struct nfp_nd nd;

	(void)real_ns;
	if (!nfp_nd_parse(data, len, &nd) || !nd.advertises ||
	    !nfp_mac_equal(&nd.dst, &nfp_mac_all_nodes) ||
	    !nfp_mac_equal(&nd.src, &query->neighbour) || nd.vlan.vid != query->vlan.vid)
		return;
	for (size_t i = 0; i < query->num && !ask->question.answered; i++) {
		if (!nfp_ipv6_equal(&nd.target, &query->targets[i]))
			continue;
		ask->question.answered = true;
		ask->question.deadline_ns = 0;
		ask->target = nd.target;
	}
}

int nfp_nd_ask(const struct nfp_nd_query *query, struct nfp_ipv6 *ret_target, struct nfp_err *err)
{
	char filter[NFP_ND_TARGETS * (NFP_ND_FILTER_LEN + 4)] = "", text[NFP_ND_FILTER_LEN];
	struct nd_ask ask = {
		.question = {.pf = &query->pf,
			     .filter = filter,
			     .group = &nfp_mac_all_nodes,
			     .say = say_solicitations,
			     .hear = on_advertisement,
			     .ctx = &ask,
			     .wait_ns = TRY_NS},
		.query = query,
	};
	int ret;

	for (size_t i = 0; i < query->num; i++) {
		nfp_nd_filter(&query->targets[i], text);
		nfp_appendf(filter, sizeof(filter), "%s%s", i ? " or " : "", text);
	}
	ret = question_ask(&ask.question, "solicit a neighbour from", err);
	if (ret == 0 && ask.question.answered)
		*ret_target = ask.target;
	return ret ?: ask.question.answered ? 0 : -ENOLINK;
}
