// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/verdict.h"

#define CONTROLS                                                                            \
	[NFP_KIND_BROADCAST] = 40, [NFP_KIND_MULTICAST] = 40, [NFP_KIND_UNREGISTERED] = 20, \
	[NFP_KIND_ALL_NODES] = 5, [NFP_KIND_UNJOINED] = 5
#define RARE [NFP_KIND_UNICAST] = 8, [NFP_KIND_BROADCAST] = 4, [NFP_KIND_UNREGISTERED] = 1

/* A row whose frames are nfprobe's own. */
#define TEST_FRAMES .has_id = true, .rate = {NFP_RATE_DEFAULT, CONTROLS}, .rate_max = NFP_RATE_MAX

/*
 * ARP: 13 probes a second in all. Routers police ARP, and a switch with dynamic ARP inspection
 * shuts a port that sends more than 15 a second (the default of more than one vendor). No neighbour
 * can be asked to send to a group that only the receivers have joined, so there is no multicast.
 *
 * The answers of a neighbour that answers to the broadcast address reach PF and VF like any
 * broadcast from the wire. If it does not, the VF gets only what the NIC's own switch brings it,
 * and the control at the PF is an answer to the PF's own address: it shows that the PF hears the
 * neighbour, no more.
 */
#define ARP_PROBES                                                                 \
	.enters = NFP_SOURCE_WIRE, .slows = true, .rate = {RARE}, .rate_max = 200, \
	.deaf = "an ARP neighbour does not report what it hears"

const struct nfp_source_row nfp_sources[NFP_BY_COUNT] = {
	[NFP_BY_NETDEV] = {.meaning = "another netdev on the segment",
			   .enters = NFP_SOURCE_WIRE,
			   .shows = {.outside = true, .vf_broadcast = true, .group = true},
			   TEST_FRAMES,
			   .lacks = ""},
	[NFP_BY_PEER] = {.meaning = "a second host that reflects frames",
			 .enters = NFP_SOURCE_WIRE,
			 .shows = {.outside = true, .vf_broadcast = true, .group = true},
			 TEST_FRAMES,
			 .deaf = "a reflector does not report what it hears",
			 .lacks = ""},
	[NFP_BY_ARP] = {.meaning = "a neighbour that answers ARP, also to the broadcast address",
			ARP_PROBES,
			.shows = {.outside = true, .vf_broadcast = true},
			.lacks = ""},
	[NFP_BY_ARP_ALONE] =
		{.meaning = "a neighbour that answers ARP, but not to the broadcast address",
		 ARP_PROBES,
		 .shows = {.outside = true},
		 .lacks = "whether PF and VF get broadcast from the wire is not shown"},
	[NFP_BY_VF] = {.meaning = "a sibling VF, through the NIC's own switch",
		       .enters = NFP_SOURCE_VF,
		       .shows = {.vf_broadcast = true, .group = true},
		       TEST_FRAMES,
		       .lacks = "what the wire would do is not shown"},
	[NFP_BY_PF] = {.meaning = "the PF itself",
		       .enters = NFP_SOURCE_PF,
		       .shows = {.vf_broadcast = true, .group = true},
		       TEST_FRAMES,
		       .deaf = "the PF does not hear its own frames",
		       .lacks = "what the wire would do is not shown"},
};
