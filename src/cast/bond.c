// SPDX-License-Identifier: GPL-2.0-or-later
/* bond.c - what a run refuses of a member of a bond that is a plain port to the switch. */
#include <errno.h>
#include <string.h>

#include "cast_priv.h"

/*
 * A VLAN netdev on the bond has its members let the VLAN in. One that the run made on a member
 * would take the VLAN from the bond: vlan_do_receive in net/8021q comes before that.
 */
int nfp_refuse_bond_vlan(const struct nfp_casting *c, const struct nfp_cast *cast,
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
