// SPDX-License-Identifier: GPL-2.0-or-later
/* remarks.c - macvtaps that pass no groups, and who made a PF promiscuous. Pure. */
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "inventory_priv.h"

/* ---- macvtaps behind which a guest may not be found by IPv6 ---- */

/*
 * A macvtap passes the groups that its netdev has joined, and all groups only if the netdev is in
 * allmulticast or promiscuous mode (macvlan_set_mac_lists in drivers/net/macvlan.c). It knows the
 * guest's groups if user space adds them with SIOCADDMULTI, as libvirt with trustGuestRxFilters and
 * ip maddr do. /proc/net/dev_mcast shows such a group as global (dev_mc_add_global), unlike those
 * that the kernel has joined for itself.
 */
static bool may_be_deaf(const struct nfp_link *link)
{
	return strcmp(link->kind, "macvtap") == 0 && !(link->flags & (IFF_ALLMULTI | IFF_PROMISC));
}

bool nfp_macvtaps_find(struct nfp_link *links, size_t num, const char *dev_mcast)
{
	const char *line = dev_mcast;
	bool any = false;
	int last = 0;

	nfp_for_each (link, links, num) {
		link->deaf = dev_mcast && may_be_deaf(link);
		any |= may_be_deaf(link);
	}
	while (any && line && *line) {
		unsigned int global;
		char group[8];
		int index;

		/* ifindex, name, users, global, address; those of a netdev are side by side */
		if (sscanf(line, "%d %*s %*u %u %7s", &index, &global, group) == 3 && global &&
		    index != last && strncmp(group, "3333", 4) == 0) {
			nfp_for_each (link, links, num)
				link->deaf &= link->ifindex != index;
			last = index;
		}
		line = strchrnul(line, '\n');
		line += *line == '\n';
	}
	return any;
}

/* ---- who made a netdev promiscuous ---- */

void nfp_promisc_describe(const struct nfp_link *links, size_t num_links,
			  const struct nfp_link *link, char *words, size_t size)
{
	const struct nfp_link *master = nfp_links_by_ifindex(links, num_links, link->master);
	const char *kind = master && !link->master_kind[0] ? master->kind : link->master_kind;

	words[0] = '\0';
	if (link->promiscuity == 0)
		return;
	if (link->flags & IFF_PROMISC)
		nfp_appendf(words, size, "`promisc on`, ");
	if (link->master && master)
		nfp_appendf(words, size, "%s%s%s%s, ", master->ifname, kind[0] ? " (" : "", kind,
			    kind[0] ? ")" : "");
	/* A promiscuous child, most often the port of a bridge, makes its
	 * lower netdev promiscuous. */
	nfp_for_each (child, links, num_links) {
		if (!nfp_link_is_child(child, link) || !(child->passthru || child->promiscuity > 0))
			continue;
		master = nfp_links_by_ifindex(links, num_links, child->master);
		nfp_appendf(words, size, "%s (%s%s%s%s), ", child->ifname, child->kind,
			    child->passthru ? " passthru" : "", master ? " in " : "",
			    master ? master->ifname : "");
	}
	if (words[0])
		words[strlen(words) - 2] = '\0';
	else
		snprintf(words, size, "a packet socket, most likely; ss -0p lists them");
}
