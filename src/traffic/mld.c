// SPDX-License-Identifier: GPL-2.0-or-later
/* mld.c - the MLDv2 report by which switches that snoop on MLD learn where a group has a member. */
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

#include "traffic_priv.h"

#define IPV6_LEN     40
#define OPTIONS_LEN  8	/* hop-by-hop: Router Alert, padded */
#define REPORT_LEN   28 /* ICMPv6 header of 8 bytes, one record of 20 */
#define MLDV2_REPORT 143
#define TO_EXCLUDE   4 /* CHANGE_TO_EXCLUDE_MODE */

static const struct nfp_mac routers_mac = {{0x33, 0x33, 0, 0, 0, 0x16}};
/* ff02::16, "all MLDv2-capable routers". */
static const uint8_t routers[16] = {0xff, 0x02, [15] = 0x16};
/* The first 13 bytes of a solicited-node address (RFC 4291, section 2.7.1). */
static const uint8_t solicited_node[13] = {0xff, 0x02, [11] = 0x01, [12] = 0xff};
/* Next header, length, Router Alert with value 0 for MLD, PadN. */
static const uint8_t options[OPTIONS_LEN] = {IPPROTO_ICMPV6, 0, 5, 2, 0, 0, 1, 0};

size_t nfp_mld_build(const struct nfp_mac *mac, const struct nfp_mac *group,
		     const struct nfp_vlan *vlan, uint8_t buf[NFP_MLD_LEN_MAX])
{
	uint8_t *ip = buf + header_put(buf, &routers_mac, mac, vlan, ETH_P_IPV6);
	uint8_t *report = ip + IPV6_LEN + OPTIONS_LEN, *record = report + 8;
	const struct nfp_ipv6 src = nfp_ipv6_link_local(mac);

	memset(ip, 0, IPV6_LEN + OPTIONS_LEN + REPORT_LEN);
	ip[0] = 6 << 4;
	put16(ip + 4, OPTIONS_LEN + REPORT_LEN);
	ip[6] = IPPROTO_HOPOPTS;
	ip[7] = 1;
	memcpy(ip + 8, src.b, sizeof(src.b));
	memcpy(ip + 24, routers, sizeof(routers));
	memcpy(ip + IPV6_LEN, options, sizeof(options));
	report[0] = MLDV2_REPORT;
	put16(report + 6, 1);
	record[0] = TO_EXCLUDE;
	memcpy(record + 4, solicited_node, sizeof(solicited_node));
	memcpy(record + 4 + sizeof(solicited_node), group->b + 3, 3);
	put16(report + 2, icmpv6_checksum(ip, report, REPORT_LEN));
	return (size_t)(report + REPORT_LEN - buf);
}
