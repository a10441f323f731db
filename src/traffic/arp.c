// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/sources.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <string.h>

#include "traffic_priv.h"

#define TAG_LEN	     4
#define BODY	     28
#define VID_RESERVED 0xfff /* IEEE Std 802.1Q-2018, table 9-2 */
#define HARDWARE     1	   /* Ethernet */

/* Offsets behind the EtherType. */
enum {
	AT_HTYPE = 0,
	AT_PTYPE = 2,
	AT_HLEN = 4,
	AT_PLEN = 5,
	AT_OP = 6,
	AT_SHA = 8,
	AT_SPA = 14,
	AT_THA = 18,
	AT_TPA = 24,
};

bool nfp_ipv4_parse(const char *text, struct nfp_ipv4 *ret_ip)
{
	struct nfp_ipv4 ip;

	/* inet_pton takes decimal numbers without leading zeros only. */
	if (inet_pton(AF_INET, text, ip.b) != 1 || ip.b[0] == 0 || ip.b[0] == 127 || ip.b[0] >= 224)
		return false;
	*ret_ip = ip;
	return true;
}

const char *nfp_ipv4_str(const struct nfp_ipv4 *ip, char buf[NFP_IPV4_STRLEN])
{
	/* Cannot fail: family and room are right. */
	return inet_ntop(AF_INET, ip->b, buf, NFP_IPV4_STRLEN);
}

bool nfp_ipv4_equal(const struct nfp_ipv4 *a, const struct nfp_ipv4 *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

size_t nfp_arp_build(const struct nfp_arp *arp, uint8_t buf[NFP_ARP_LEN_MAX])
{
	uint8_t *at = buf + (size_t)2 * NFP_MAC_LEN;

	memcpy(buf, arp->dst.b, NFP_MAC_LEN);
	memcpy(buf + NFP_MAC_LEN, arp->src.b, NFP_MAC_LEN);
	if (arp->vlan.vid) {
		put16(at, arp->vlan.proto);
		put16(at + 2, (uint16_t)((arp->vlan.qos << 13) | arp->vlan.vid));
		at += TAG_LEN;
	}
	put16(at, NFP_ETHERTYPE_ARP);
	at += 2;
	put16(at + AT_HTYPE, HARDWARE);
	put16(at + AT_PTYPE, ETH_P_IP);
	at[AT_HLEN] = NFP_MAC_LEN;
	at[AT_PLEN] = sizeof(arp->spa.b);
	put16(at + AT_OP, arp->op);
	memcpy(at + AT_SHA, arp->sha.b, NFP_MAC_LEN);
	memcpy(at + AT_SPA, arp->spa.b, sizeof(arp->spa.b));
	memcpy(at + AT_THA, arp->tha.b, NFP_MAC_LEN);
	memcpy(at + AT_TPA, arp->tpa.b, sizeof(arp->tpa.b));
	return (size_t)(at - buf) + BODY;
}

/* The offset behind the EtherType, 0 when it is not ARP behind one tag at most. */
static size_t find_body(const uint8_t *data, size_t len, struct nfp_vlan *vlan)
{
	size_t at = (size_t)2 * NFP_MAC_LEN;
	uint16_t type;

	if (len < at + 2)
		return 0;
	type = get16(data + at);
	if ((type == ETH_P_8021Q || type == ETH_P_8021AD) && len >= at + TAG_LEN + 2) {
		uint16_t tci = get16(data + at + 2);

		if (tci & 0xfff)
			*vlan = (struct nfp_vlan) {
				.vid = tci & 0xfff, .qos = (uint8_t)(tci >> 13), .proto = type};
		at += TAG_LEN;
		type = get16(data + at);
	}
	if (type != NFP_ETHERTYPE_ARP || vlan->vid == VID_RESERVED || len < at + 2 + BODY)
		return 0;
	return at + 2;
}

bool nfp_arp_parse(const uint8_t *data, size_t len, struct nfp_arp *ret_arp)
{
	struct nfp_arp arp = {0};
	size_t body = find_body(data, len, &arp.vlan);
	const uint8_t *at = data + body;

	if (!body || get16(at + AT_HTYPE) != HARDWARE || get16(at + AT_PTYPE) != ETH_P_IP ||
	    at[AT_HLEN] != NFP_MAC_LEN || at[AT_PLEN] != sizeof(arp.spa.b))
		return false;
	memcpy(arp.dst.b, data, NFP_MAC_LEN);
	memcpy(arp.src.b, data + NFP_MAC_LEN, NFP_MAC_LEN);
	arp.op = get16(at + AT_OP);
	memcpy(arp.sha.b, at + AT_SHA, NFP_MAC_LEN);
	memcpy(arp.spa.b, at + AT_SPA, sizeof(arp.spa.b));
	memcpy(arp.tha.b, at + AT_THA, NFP_MAC_LEN);
	memcpy(arp.tpa.b, at + AT_TPA, sizeof(arp.tpa.b));
	*ret_arp = arp;
	return true;
}
