// SPDX-License-Identifier: GPL-2.0-or-later
/* mld.c - the MLDv2 report of a host that has joined a group. */
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

#include "traffic_priv.h"

#define MLDV2_REPORT 143
#define TO_EXCLUDE   4 /* CHANGE_TO_EXCLUDE_MODE */

/* The IPv6 header, the hop-by-hop options, the ICMPv6 header and one record. */
enum { AT_LENGTH = 4, AT_NEXT = 6, AT_HOPS = 7, AT_SRC = 8, AT_DST = 24, AT_OPTIONS = 40 };
enum { AT_REPORT = AT_OPTIONS + 8, AT_SUM = 2, AT_NUM_RECORDS = 6, AT_RECORD = 8, AT_GROUP = 12 };
enum { REPORT_LEN = AT_RECORD + 20, IPV6_LEN = AT_REPORT + REPORT_LEN };

/* RFC 4443, section 2.3: over the addresses of @ip, the length, the next header and the report. */
static uint16_t icmpv6_checksum(const uint8_t *ip)
{
	uint64_t sum = REPORT_LEN + IPPROTO_ICMPV6;

	for (size_t i = AT_SRC; i < AT_OPTIONS; i += 2)
		sum += get16(ip + i);
	for (size_t i = AT_REPORT; i < IPV6_LEN; i += 2)
		sum += get16(ip + i);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
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
