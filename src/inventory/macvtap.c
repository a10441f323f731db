// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * macvtap.c - finds macvtaps on PFs behind which a guest may not be found by IPv6.
 *
 * A macvtap passes the groups that its netdev has joined, and all groups only if the netdev is in
 * allmulticast or promiscuous mode (macvlan_set_mac_lists in drivers/net/macvlan.c). It knows of
 * the guest's groups if user space adds them with SIOCADDMULTI, as libvirt does with
 * trustGuestRxFilters, and ip maddr. /proc/net/dev_mcast shows such a group as global
 * (dev_mc_add_global), as opposed to those that the kernel has joined for itself.
 */
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "inventory_priv.h"

static bool has_added_group(const char *dev_mcast, int ifindex)
{
	const char *line = dev_mcast;

	while (*line) {
		unsigned int global;
		char group[8];
		int index;

		/* ifindex, name, users, global, address */
		if (sscanf(line, "%d %*s %*u %u %7s", &index, &global, group) == 3 &&
		    index == ifindex && global && strncmp(group, "3333", 4) == 0)
			return true;
		line = strchrnul(line, '\n');
		line += *line == '\n';
	}
	return false;
}

/* The PF that @link is on, directly or through a VLAN; NULL: none. */
static const struct nfp_pf *pf_below(const struct nfp_topology *topology,
				     const struct nfp_link *link)
{
	const struct nfp_link *lower = nfp_topology_ifindex(topology, link->link);

	if (lower && strcmp(lower->kind, "vlan") == 0)
		lower = nfp_topology_ifindex(topology, lower->link);
	return lower ? nfp_topology_pf(topology, lower->ifname) : NULL;
}

void nfp_macvtaps_find(const struct nfp_topology *topology, const char *dev_mcast,
		       struct nfp_strv *ret_sentences)
{
	*ret_sentences = (struct nfp_strv) {0};
	for (size_t i = 0; i < topology->num_links; i++) {
		const struct nfp_link *link = &topology->links[i];
		const struct nfp_pf *pf = strcmp(link->kind, "macvtap") == 0
						  ? pf_below(topology, link)
						  : NULL;

		if (!pf || link->flags & (IFF_ALLMULTI | IFF_PROMISC) ||
		    has_added_group(dev_mcast, link->ifindex))
			continue;
		nfp_strv_addf(ret_sentences,
			      "%s on %s does not pass the groups of its guest, which may not be "
			      "found by IPv6: set trustGuestRxFilters='yes' in libvirt, or ip "
			      "link set %s allmulticast on",
			      link->ifname, pf->info.ifname, link->ifname);
	}
}
