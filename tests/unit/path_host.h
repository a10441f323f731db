/* SPDX-License-Identifier: GPL-2.0-or-later */
/* path_host.h - hosts with more than one bridge, or netdev, between a guest and the PF. */
#ifndef NFPROBE_TESTS_PATH_HOST_H
#define NFPROBE_TESTS_PATH_HOST_H

#include "audit_host.h"

enum { ETH0 = 2, BR0 = 5, TAP = 6, FWBR = 50, FWLN, FWPR };

static inline struct nfp_link *link_of(struct host *h, size_t ns, int ifindex)
{
	for (size_t i = 0; i < h->netns[ns].num_links; i++)
		if (h->links[ns][i].ifindex == ifindex)
			return &h->links[ns][i];
	fail();
	return NULL;
}

static inline struct nfp_neigh *entry_of(struct host *h, size_t ns, int bridge, int port,
					 uint8_t last)
{
	struct nfp_neigh *entry = add_entry(h, ns, AF_BRIDGE, port, last);

	entry->master = bridge;
	return entry;
}

/* Adds fwpr of br0 and fwln of fwbr, a pair of veths; and the tap of process 7 in fwbr. All are in
 * @ns but br0 and fwpr. */
static inline void second_bridge(struct host *h, size_t ns)
{
	struct nfp_link *fwpr, *fwln, *tap;

	add_link(h, 0, "br0", BR0, "bridge")->address = h->pfs[0].info.address;
	link_of(h, 0, ETH0)->master = BR0;
	strcpy(link_of(h, 0, ETH0)->master_kind, "bridge");
	fwpr = add_link(h, 0, "fwpr106p0", FWPR, "veth");
	fwpr->master = BR0;
	strcpy(fwpr->master_kind, "bridge");
	add_link(h, ns, "fwbr106i0", FWBR, "bridge");
	fwln = add_link(h, ns, "fwln106i0", FWLN, "veth");
	fwln->master = FWBR;
	strcpy(fwln->master_kind, "bridge");
	*(ns ? &fwpr->link_elsewhere : &fwpr->link) = FWLN;
	*(ns ? &fwln->link_elsewhere : &fwln->link) = FWPR;
	tap = add_link(h, ns, "tap106i0", TAP, "tun");
	tap->master = FWBR;
	strcpy(tap->master_kind, "bridge");
	h->tap = (struct nfp_guest_tap) {
		.ifname = "tap106i0", .pid = 7, .in_netns = true, .netns = ns};
}

/* Both bridges have the guest's address there. */
static inline void learned_twice(struct host *h, size_t ns, int at_br0, int at_fwbr,
				 uint32_t seen_cs)
{
	entry_of(h, 0, BR0, at_br0, 0x12)->seen_cs = seen_cs;
	entry_of(h, ns, FWBR, at_fwbr, 0x12)->seen_cs = seen_cs;
}

#endif
