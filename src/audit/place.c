// SPDX-License-Identifier: GPL-2.0-or-later
/* place.c - where an address is: on which function, in which VLAN, behind which port. */
#include <string.h>
#include <sys/socket.h>
#include <linux/neighbour.h>

#include "audit_priv.h"

#define DEPTH_MAX 6 /* netdevs on top of each other */
/*
 * A guest that has ended stays in the table for minutes, so an entry at the PF's own port proves
 * that the guest is elsewhere only if its last frame is this fresh.
 */
#define FRESH_CS 3000

bool nfp_is_no_address(const struct nfp_mac *mac)
{
	static const struct nfp_mac placeholder = {{0x02}};

	return nfp_mac_is_zero(mac) || nfp_mac_is_multicast(mac) ||
	       nfp_mac_equal(mac, &placeholder);
}

/* A netdev of hardware: that of the PF, or of one of its VFs. */
static bool is_function(const struct nfp_facts *facts, const struct nfp_netns *netns,
			const struct nfp_link *link, const struct nfp_pf *pf, struct nfp_way *way)
{
	*way = (struct nfp_way) {.vlan = 0};
	if (netns == facts->netns && link->ifindex == pf->info.ifindex)
		return true;
	for (size_t i = 0; i < pf->num_vfs && link->parentdev[0] && !link->kind[0]; i++) {
		if (strcmp(pf->vfs[i].parentdev, link->parentdev) != 0)
			continue;
		*way = (struct nfp_way) {&pf->vfs[i], pf->vfs[i].attr.vlan.vid};
		return true;
	}
	return false;
}

static bool find_way(const struct nfp_facts *facts, const struct nfp_netns *netns,
		     const struct nfp_link *link, const struct nfp_pf *pf, int depth,
		     struct nfp_way *way)
{
	const struct nfp_link *lower = nfp_links_by_ifindex(netns->links, netns->num_links,
							    link->link);
	const struct nfp_netns *where = netns;
	bool found = false;

	if (depth == DEPTH_MAX || is_function(facts, netns, link, pf, way))
		return depth < DEPTH_MAX;
	if (link->link_elsewhere) { /* of the namespaces, this one has the PFs */
		where = facts->netns;
		lower = nfp_links_by_ifindex(where->links, where->num_links, link->link_elsewhere);
	}
	if (lower && lower != link && strcmp(link->kind, "veth") != 0)
		found = find_way(facts, where, lower, pf, depth + 1, way);
	if (found && strcmp(link->kind, "vlan") == 0 && !way->vlan)
		way->vlan = link->vlan_id;
	/* The PF itself comes first: a bridge may have VFs as its ports, too. */
	for (size_t i = 0; i < netns->num_links && !(found && !way->vf); i++) {
		const struct nfp_link *port = &netns->links[i];
		struct nfp_way other;

		if (port->master != link->ifindex || port == link ||
		    !find_way(facts, netns, port, pf, depth + 1, &other))
			continue;
		if (!found || !other.vf)
			*way = other;
		found = true;
	}
	return found;
}

bool nfp_way_find(const struct nfp_facts *facts, const struct nfp_netns *netns,
		  const struct nfp_link *link, const struct nfp_pf *pf, struct nfp_way *ret_way)
{
	return find_way(facts, netns, link, pf, 0, ret_way);
}

bool nfp_learned_find(const struct nfp_facts *facts, const struct nfp_pf *pf,
		      const struct nfp_neigh *entry, struct nfp_learned *ret_learned)
{
	const struct nfp_netns *own = facts->netns;
	struct nfp_learned l = {.entry = entry};
	struct nfp_way way;

	/* A bridge's own addresses and those of its ports are permanent there. */
	if (entry->family != AF_BRIDGE || !entry->master || entry->master == entry->ifindex ||
	    entry->flags & NTF_SELF || entry->state & (NUD_PERMANENT | NUD_STALE))
		return false;
	l.bridge = nfp_links_by_ifindex(own->links, own->num_links, entry->master);
	l.port = nfp_links_by_ifindex(own->links, own->num_links, entry->ifindex);
	if (!l.bridge || strcmp(l.bridge->kind, "bridge") != 0 ||
	    !nfp_way_find(facts, own, l.bridge, pf, &way) || way.vf)
		return false;
	l.vlan = way.vlan ? way.vlan : entry->vlan > 1 ? entry->vlan : 0; /* 1: untagged, usually */
	if (l.port && nfp_way_find(facts, own, l.port, pf, &way)) {
		l.at_vf = way.vf;
		l.at_pf = !way.vf;
	}
	if (l.at_pf && !(entry->state & NUD_NOARP) && entry->seen_cs > FRESH_CS)
		return false;
	*ret_learned = l;
	return true;
}
