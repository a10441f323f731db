// SPDX-License-Identifier: GPL-2.0-or-later
/* ARP from the segment, over bytes from nowhere: what is parsed can be built again, and matched. */
#include <string.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "traffic/sources.h"
#include "net/netlink.h"
#include "fuzz/fuzz.h"
#include "../../src/net/netlink_priv.h"

#define NOW (UINT64_C(1) << 40)

static void check_frame(const uint8_t *data, size_t size)
{
	uint8_t buf[NFP_ARP_LEN_MAX];
	struct nfp_arp arp, again;
	size_t len;

	if (!nfp_arp_parse(data, size, &arp))
		return;
	if (arp.vlan.vid > 4094 || arp.vlan.qos > 7)
		abort();
	len = nfp_arp_build(&arp, buf);
	if (len > size || !nfp_arp_parse(buf, len, &again) ||
	    memcmp(&arp.sha, &again.sha, 6) != 0 || memcmp(&arp.tpa, &again.tpa, 4) != 0 ||
	    arp.vlan.vid != again.vlan.vid)
		abort();
}

static void check_codec(const uint8_t *data, size_t size)
{
	static const struct nfp_arp_config config = {
		.pf_mac = {{2, 0, 0, 0, 0, 1}},
		.ip = {{192, 0, 2, 1}},
		.neighbour = {{2, 0, 0, 0, 0, 2}},
	};
	const struct nfp_plan plan = {.unicast = {{2, 0, 0, 0, 0, 3}},
				      .unregistered_mac = {{2, 0, 0, 0, 0, 4}},
				      .rate = {[NFP_KIND_UNICAST] = 8,
					       [NFP_KIND_BROADCAST] = 4,
					       [NFP_KIND_UNREGISTERED] = 1}};
	const struct nfp_frame probe = {.dst = plan.unicast, .seq = 7, .sent_ns = NOW};
	struct nfp_packet packets[NFP_CODEC_PACKETS];
	struct nfp_codec codec = nfp_arp_codec_new(&config);
	struct nfp_frame frame = {0};

	codec.ops->plan(codec.ctx, &plan);
	codec.ops->make(codec.ctx, &probe, packets);
	/* Only the one question that was asked can be answered. */
	if (codec.ops->recognise(codec.ctx, NFP_AT_PF, data, size, NOW + 1, &frame) ==
		    NFP_FRAME_OURS &&
	    frame.kind < NFP_KIND_COUNT && (frame.kind != NFP_KIND_UNICAST || frame.seq != 7))
		abort();
	free(codec.ctx);
}

static void check_neighbours(const uint8_t *data, size_t size)
{
	struct nfp_neighbours neighbours = {.ifindex = {1, 2, 3}};
	struct nlmsghdr *nlh;

	/* The socket layer hands out whole headers, and lengths within what was received. */
	if (size < sizeof(*nlh))
		return;
	nlh = malloc(size);
	if (!nlh)
		return;
	memcpy(nlh, data, size);
	nlh->nlmsg_len = (uint32_t)size;
	nlh->nlmsg_type = RTM_NEWROUTE;
	nfp_neighbours_parse(nlh, &neighbours);
	nlh->nlmsg_type = RTM_NEWNEIGH;
	nfp_neighbours_parse(nlh, &neighbours);
	if (neighbours.n > NFP_NEIGHBOURS_MAX)
		abort();
	free(nlh);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_frame(data, size);
	check_codec(data, size);
	check_neighbours(data, size);
	return 0;
}
