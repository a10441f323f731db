// SPDX-License-Identifier: GPL-2.0-or-later
/* bond.c - what a run refuses of a member of a bond that is a plain port to the switch, and of one
 * by which it sends nothing. */
#include <errno.h>
#include <string.h>

#include "cast_priv.h"

/*
 * A VLAN netdev on the bond has its members let the VLAN in. One that the run made on a member
 * would take the VLAN from the bond: vlan_do_receive in net/8021q comes before that.
 */
static int refuse_vlan(const struct nfp_casting *c, const struct nfp_cast *cast,
		       struct nfp_err *err)
{
	const struct nfp_topology *t = c->topology;
	const struct nfp_pf_info *pf = &c->pf->info;
	const struct nfp_link *bond = nfp_topology_link(t, pf->master);
	const unsigned int vid = c->request->have_vlan ? c->request->vlan.vid
				 : cast->vf	       ? cast->vf->attr.vlan.vid
						       : 0;
	bool has = !vid || !nfp_is_bonded(pf) || !bond;

	for (size_t i = 0; i < t->num_links && !has; i++)
		has = strcmp(t->links[i].kind, "vlan") == 0 && t->links[i].link == bond->ifindex &&
		      t->links[i].vlan_id == vid;
	if (has)
		return 0;
	nfp_err_set(err, -EBUSY, NFP_E_PF_ENSLAVED,
		    "VF %u is in VLAN %u, in which %s has no netdev: its members do not let it in",
		    cast->number, vid, pf->master);
	nfp_err_hint(err,
		     "A standby of such a guest stands on a netdev of that VLAN on %s. A run makes "
		     "none, since its own, on %s, would take the VLAN from who has it now.",
		     pf->master, pf->ifname);
	return -EBUSY;
}

/*
 * An inactive member of balance-alb hands its bond unicast all the same
 * (bond_should_deliver_exact_match in drivers/net/bonding/bond_main.c), as well what is not its
 * own, once it is promiscuous.
 */
static int refuse_bridge(const struct nfp_casting *c, struct nfp_err *err)
{
	const struct nfp_topology *t = c->topology;
	const struct nfp_pf_info *pf = &c->pf->info;
	const struct nfp_link *own = nfp_topology_ifindex(t, pf->ifindex);

	if (!nfp_is_bonded(pf) || !pf->bond_backup || strcmp(pf->bond_mode, "balance-alb") != 0 ||
	    !own)
		return 0;
	nfp_for_each (link, t->links, t->num_links) {
		if (!link->master || link->master == own->master ||
		    !nfp_sends_through(t, link, own))
			continue;
		nfp_err_set(err, -EBUSY, NFP_E_PF_ENSLAVED,
			    "%s is an inactive member of %s (bond, balance-alb), and %s is a port "
			    "of a bridge",
			    pf->ifname, pf->master, link->ifname);
		nfp_err_hint(err,
			     "%s takes unicast of inactive members as well. If a run made %s "
			     "promiscuous, that bridge would get there what its own guests have "
			     "sent, and would look for them outside. Probe the active member.",
			     pf->master, pf->ifname);
		return -EBUSY;
	}
	return 0;
}

int nfp_refuse_bonded(const struct nfp_casting *c, const struct nfp_cast *cast, struct nfp_err *err)
{
	return refuse_vlan(c, cast, err) ?: refuse_bridge(c, err);
}

/* These are asked from the PF, or are the PF. */
int nfp_refuse_asked(const struct nfp_casting *c, const char *source, struct nfp_err *err)
{
	const struct nfp_pf_info *pf = &c->pf->info;

	if (!nfp_why_pf_silent(pf))
		return 0;
	nfp_err_set(err, -EBUSY, NFP_E_SOURCE_UNUSABLE,
		    "--from %s: %s is a member of %s (bond, %s) by which a run sends nothing, not "
		    "even a question",
		    source, pf->ifname, pf->master, pf->bond_mode);
	nfp_err_hint(err,
		     "The switch must not learn at its port where the host is. Name a netdev of "
		     "this host on the segment of %s, or another VF: --from vf:M.",
		     pf->ifname);
	return -EBUSY;
}
