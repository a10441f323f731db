// SPDX-License-Identifier: GPL-2.0-or-later
/* announcement.c - the packets by which a station announces its address. */
#include <linux/if_ether.h>
#include <string.h>

#include "traffic_priv.h"

#define RARP_REQUEST 3 /* "request reverse": RFC 903 */

/*
 * Both kinds have the same body (RFC 903). The protocol addresses are zero: no host enters 0.0.0.0
 * into its cache (arp_process in net/ipv4/arp.c), and QEMU's RARP has them so
 * (announce_self_create in net/announce.c).
 */
static size_t build(const struct nfp_frame *frame, uint16_t ethertype, uint16_t op, uint8_t *buf)
{
	const struct nfp_arp arp = {
		.dst = nfp_mac_broadcast,
		.src = frame->src,
		.vlan = frame->vlan,
		.op = op,
		.sha = frame->src,
		/* In a gratuitous ARP nobody is asked for. */
		.tha = ethertype == ETH_P_RARP ? frame->src : (struct nfp_mac) {{0}},
	};
	size_t len = nfp_arp_build(&arp, buf);

	put16(buf + len - NFP_ARP_BODY - 2, ethertype);
	return len;
}

void nfp_announcement_build(const struct nfp_frame_id *id, const struct nfp_frame *frame,
			    struct nfp_packet ret_packets[NFP_ANNOUNCEMENT_PACKETS])
{
	ret_packets[0].len = build(frame, ETH_P_ARP, NFP_ARP_REQUEST, ret_packets[0].data);
	ret_packets[1].len = build(frame, ETH_P_RARP, RARP_REQUEST, ret_packets[1].data);
	ret_packets[2].len = nfp_frame_build(id, frame, ret_packets[2].data);
}

bool nfp_announcement_is(const uint8_t *data, size_t len)
{
	struct nfp_frame frame = {0};
	struct nfp_packet packet;
	size_t rarp = header_get(data, len, ETH_P_RARP, &frame.dst, &frame.src, &frame.vlan);
	size_t start =
		rarp ?: header_get(data, len, ETH_P_ARP, &frame.dst, &frame.src, &frame.vlan);

	if (!start || len < start + NFP_ARP_BODY)
		return false;
	frame.vlan = (struct nfp_vlan) {.vid = 0};
	packet.len = build(&frame, rarp ? ETH_P_RARP : ETH_P_ARP,
			   rarp ? RARP_REQUEST : NFP_ARP_REQUEST, packet.data);
	return memcmp(data, packet.data, ADDRESSES_LEN) == 0 &&
	       memcmp(data + start, packet.data + packet.len - NFP_ARP_BODY, NFP_ARP_BODY) == 0;
}
