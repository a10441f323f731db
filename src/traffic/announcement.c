// SPDX-License-Identifier: GPL-2.0-or-later
/* announcement.c - the packets by which a station announces its address. */
#include <linux/if_ether.h>
#include <string.h>

#include "traffic_priv.h"

#define RARP_REQUEST 3 /* "request reverse": RFC 903 */

/* The EtherTypes of an announcement's packets before the test frame, in order. */
static const uint16_t ethertypes[NFP_ANNOUNCEMENT_PACKETS - 1] = {ETH_P_ARP, ETH_P_RARP, ETH_P_IP};

/*
 * The datagram, IPv4 and UDP with TTL 1, goes from 0.0.0.0 to 255.255.255.255, like one of DHCP:
 * ip_route_input_slow (net/ipv4/route.c) checks the source of no such datagram. So no host calls it
 * a martian, and nobody forwards it, or answers with an ICMP error (RFC 1122, section 3.2.2),
 * whichever station the frame is for. Both ports are discard (RFC 863).
 */
static const uint8_t datagram[36] = "\x45\0\0\x24\0\0\x40\0\x01\x11\x79\xca"
				    "\0\0\0\0\xff\xff\xff\xff"
				    "\0\x09\0\x09\0\x10\x4c\x81"
				    "nfprobe";

/*
 * ARP and RARP have the same body (RFC 903). The protocol addresses are zero: no host enters
 * 0.0.0.0 into its cache (arp_process in net/ipv4/arp.c), and QEMU's RARP has them too
 * (announce_self_create in net/announce.c).
 */
static size_t build_arp(const struct nfp_frame *frame, uint16_t ethertype, uint8_t *buf)
{
	bool rarp = ethertype == ETH_P_RARP;
	const struct nfp_arp arp = {
		.dst = nfp_mac_broadcast,
		.src = frame->src,
		.vlan = frame->vlan,
		.op = rarp ? RARP_REQUEST : NFP_ARP_REQUEST,
		.sha = frame->src,
		/* A gratuitous ARP asks for nobody. */
		.tha = rarp ? frame->src : (struct nfp_mac) {{0}},
	};
	size_t len = nfp_arp_build(&arp, buf);

	put16(buf + len - NFP_ARP_BODY - 2, ethertype);
	return len;
}

static size_t build(const struct nfp_frame *frame, uint16_t ethertype, uint8_t *buf)
{
	size_t start;

	if (ethertype != ETH_P_IP)
		return build_arp(frame, ethertype, buf);
	start = header_put(buf, &nfp_mac_broadcast, &frame->src, &frame->vlan, ethertype);
	memcpy(buf + start, datagram, sizeof(datagram));
	return start + sizeof(datagram);
}

void nfp_announcement_build(const struct nfp_frame_id *id, const struct nfp_frame *frame,
			    struct nfp_packet ret_packets[NFP_ANNOUNCEMENT_PACKETS])
{
	struct nfp_packet *own = &ret_packets[NFP_ANNOUNCEMENT_PACKETS - 1];

	for (size_t i = 0; i < NFP_ANNOUNCEMENT_PACKETS - 1; i++)
		ret_packets[i].len = build(frame, ethertypes[i], ret_packets[i].data);
	own->len = nfp_frame_build(id, frame, own->data);
}

bool nfp_announcement_is(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < NFP_ANNOUNCEMENT_PACKETS - 1; i++) {
		struct nfp_frame frame = {0};
		struct nfp_packet packet;
		size_t start = header_get(data, len, ethertypes[i], &frame.dst, &frame.src,
					  &frame.vlan);
		size_t body;

		if (!start)
			continue;
		frame.vlan = (struct nfp_vlan) {.vid = 0};
		packet.len = build(&frame, ethertypes[i], packet.data);
		body = packet.len - ADDRESSES_LEN - 2;
		return len >= start + body && memcmp(data, packet.data, ADDRESSES_LEN) == 0 &&
		       memcmp(data + start, packet.data + packet.len - body, body) == 0;
	}
	return false;
}
