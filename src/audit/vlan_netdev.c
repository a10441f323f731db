// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vlan_netdev.c - VLANs that guests on the PF have, and that a VLAN netdev right on the PF takes:
 * the kernel hands it their frames before it asks the PF's bridge or macvlans
 * (__netif_receive_skb_core: vlan_do_receive comes before rx_handler), even while it is down.
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

/* Is there a VLAN netdev on a macvlan or a bridge of the PF, which sends with the tag? */
static bool has_vlan_netdev(const struct nfp_paths *paths, const struct nfp_netns *netns,
			    const struct nfp_link *link, unsigned int vid)
{
	struct nfp_path path;

	return is_vlan(link) && link->vlan_id == vid &&
	       !is_on_pf(paths->facts, netns, link, paths->pf) &&
	       nfp_path_find(paths, netns, link, &path) && !path.vf && !path.by_switch &&
	       path.vlans[0] == vid;
}

#define VIDS 4096

/* The first netdev that has each VLAN. link NULL: no netdev is known to have it. */
struct guest {
	const struct nfp_netns *netns;
	const struct nfp_link *link;
};

static void note_guest(struct guest *guest, const struct nfp_netns *netns,
		       const struct nfp_link *link)
{
	if (!guest->link || netns < guest->netns || (netns == guest->netns && link < guest->link))
		*guest = (struct guest) {netns, link};
}

/* The PF's bridge takes a VLAN by its tag, and has another port in it. */
static void find_ports(const struct nfp_paths *paths, struct guest guests[VIDS])
{
	const struct nfp_netns *own = paths->facts->netns;
	int pf = paths->pf->info.ifindex;
	const struct nfp_link *of_pf = nfp_index_link(paths->index, own, pf);
	bool tagged[VIDS] = {false};
	struct nfp_path path;

	nfp_for_each (v, own->port_vlans, own->num_port_vlans)
		if (v->ifindex == pf && !v->untagged)
			tagged[v->vid % VIDS] = true;
	for (size_t i = 0; i < own->num_port_vlans && of_pf && of_pf->master; i++) {
		const struct nfp_port_vlan *p = &own->port_vlans[i];
		const struct nfp_link *port = nfp_index_link(paths->index, own, p->ifindex);

		if (tagged[p->vid % VIDS] && port && port->master == of_pf->master &&
		    !nfp_path_find(paths, own, port, &path))
			note_guest(&guests[p->vid % VIDS], own, port);
	}
}

/* Each netdev is looked at once, however many VLANs the PF itself has. */
static void find_guests_of_vlans(const struct nfp_paths *paths, struct guest guests[VIDS])
{
	const struct nfp_facts *facts = paths->facts;

	find_ports(paths, guests);
	nfp_for_each (netns, facts->netns, facts->num_netns) {
		nfp_for_each (link, netns->links, netns->num_links) {
			unsigned int vid = link->vlan_id % VIDS;

			if (has_vlan_netdev(paths, netns, link, vid))
				note_guest(&guests[vid], netns, link);
		}
	}
}

void nfp_find_vlan_netdevs(const struct nfp_paths *paths, struct nfp_audit *audit)
{
	const struct nfp_facts *facts = paths->facts;
	const struct nfp_pf *pf = paths->pf;
	struct guest guests[VIDS] = {{NULL, NULL}};

	find_guests_of_vlans(paths, guests);
	nfp_for_each (netns, facts->netns, facts->num_netns) {
		nfp_for_each (link, netns->links, netns->num_links) {
			const struct guest *guest = &guests[link->vlan_id % VIDS];
			char who[NFP_NOTE_LEN];
			struct nfp_finding *f;

			if (!is_vlan(link) || !is_on_pf(facts, netns, link, pf) || !guest->link)
				continue;
			snprintf(who, sizeof(who), "%s%s%s", guest->link->ifname,
				 guest->netns->name[0] ? " in " : "", guest->netns->name);
			f = nfp_finding_add(audit, NFP_FINDING_VLAN_NETDEV, pf);
			f->vlan = link->vlan_id;
			nfp_finding_name(f, paths, NULL);
			snprintf(f->what, sizeof(f->what),
				 "%s%s%.80s takes what comes for VLAN %u, which %.120s has, too",
				 link->ifname, netns->name[0] ? " in " : "", netns->name,
				 link->vlan_id, who);
			snprintf(f->why, sizeof(f->why),
				 "a VLAN netdev on the PF gets these frames before a bridge or a "
				 "macvtap does, also while it is down");
			snprintf(f->after, sizeof(f->after), "nothing needs %s", link->ifname);
			nfp_fix_begin(&f->commands, netns, link, "delete");
			nfp_fix_end(&f->commands, netns);
		}
	}
}
