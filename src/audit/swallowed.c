// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * swallowed.c - VLANs that guests on the PF have, and that a VLAN netdev right on the PF takes: the
 * kernel hands it their frames before it asks the PF's bridge or macvlans
 * (__netif_receive_skb_core: vlan_do_receive comes before rx_handler), also while it is down.
 */
#include <stdio.h>
#include <string.h>
#include <linux/if_ether.h>

#include "audit_priv.h"

static bool is_vlan(const struct nfp_link *link)
{
	return strcmp(link->kind, "vlan") == 0 && link->vlan_proto != ETH_P_8021AD;
}

static bool is_on_pf(const struct nfp_facts *facts, const struct nfp_netns *netns,
		     const struct nfp_link *link, const struct nfp_pf *pf)
{
	int lower = netns == facts->netns ? link->link : link->link_elsewhere;

	return lower == pf->info.ifindex;
}

/* A VLAN netdev on a macvlan or a bridge of the PF, which sends it with the tag. */
static bool has_vlan(const struct nfp_ways *ways, const struct nfp_netns *netns,
		     const struct nfp_link *link, unsigned int vid)
{
	struct nfp_way way;

	return is_vlan(link) && link->vlan_id == vid &&
	       !is_on_pf(ways->facts, netns, link, ways->pf) &&
	       nfp_way_find(ways, netns, link, &way) && !way.vf && way.vlan == vid;
}

static const struct nfp_port_vlan *port_vlan(const struct nfp_netns *netns, int ifindex,
					     unsigned int vid)
{
	for (size_t i = 0; i < netns->num_port_vlans; i++) {
		const struct nfp_port_vlan *p = &netns->port_vlans[i];

		if (p->ifindex == ifindex && p->vid == vid)
			return p;
	}
	return NULL;
}

/* The PF's bridge takes the VLAN by its tag, and has another port in it. */
static bool is_port_in_vlan(const struct nfp_ways *ways, const struct nfp_link *link,
			    unsigned int vid)
{
	const struct nfp_netns *own = ways->facts->netns;
	int pf = ways->pf->info.ifindex;
	const struct nfp_port_vlan *at_pf = port_vlan(own, pf, vid);
	const struct nfp_link *of_pf = nfp_topology_ifindex(&ways->facts->topology, pf);
	int bridge = of_pf ? of_pf->master : 0;
	struct nfp_way way;

	return bridge && link->master == bridge && at_pf && !at_pf->untagged &&
	       port_vlan(own, link->ifindex, vid) && !nfp_way_find(ways, own, link, &way);
}

/* Says who is the first that has the VLAN. False: nobody, as far as is known. */
static bool find_guest(const struct nfp_ways *ways, unsigned int vid, char who[NFP_NOTE_LEN])
{
	const struct nfp_facts *facts = ways->facts;

	for (size_t i = 0; i < facts->num_netns; i++) {
		const struct nfp_netns *netns = &facts->netns[i];

		for (size_t k = 0; k < netns->num_links; k++) {
			const struct nfp_link *link = &netns->links[k];

			if (!has_vlan(ways, netns, link, vid) &&
			    !(i == 0 && is_port_in_vlan(ways, link, vid)))
				continue;
			snprintf(who, NFP_NOTE_LEN, "%s%s%s", link->ifname,
				 netns->name[0] ? " in " : "", netns->name);
			return true;
		}
	}
	return false;
}

void nfp_find_swallowed(const struct nfp_ways *ways, struct nfp_audit *audit)
{
	const struct nfp_facts *facts = ways->facts;
	const struct nfp_pf *pf = ways->pf;

	for (size_t i = 0; i < facts->num_netns; i++) {
		const struct nfp_netns *netns = &facts->netns[i];

		for (size_t k = 0; k < netns->num_links; k++) {
			const struct nfp_link *link = &netns->links[k];
			char who[NFP_NOTE_LEN];
			struct nfp_finding *f;

			if (!is_vlan(link) || !is_on_pf(facts, netns, link, pf) ||
			    !find_guest(ways, link->vlan_id, who))
				continue;
			f = nfp_finding_add(audit, NFP_FINDING_VLAN_SWALLOWED, pf);
			f->vlan = link->vlan_id;
			nfp_finding_name(f, facts, NULL);
			snprintf(f->what, sizeof(f->what),
				 "%s%s%.80s takes what comes for VLAN %u, which %.120s has, too",
				 link->ifname, netns->name[0] ? " in " : "", netns->name,
				 link->vlan_id, who);
			snprintf(f->why, sizeof(f->why),
				 "a VLAN netdev on the PF gets these frames before a bridge or a "
				 "macvtap does, also while it is down");
			snprintf(f->after, sizeof(f->after), "nothing needs %s", link->ifname);
			nfp_mend_begin(&f->commands, netns, link, "delete");
			nfp_mend_end(&f->commands, netns);
		}
	}
}
