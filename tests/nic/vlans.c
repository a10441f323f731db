// SPDX-License-Identifier: GPL-2.0-or-later
/* The VLANs that PF and VFs register, and who gets a frame in one. */
#include "core.h"

void core_vids_set(struct core_vids *vids, const struct core_vlans *vlans, enum core_at at,
		   uint16_t vid, bool on)
{
	uint64_t bit = UINT64_C(1) << vid % 64, *word = &vids->on[vid / 64];

	if (core_vids_has(vids->on, vid) == on ||
	    (on && (at == CORE_AT_PF ? vlans->pf_ignored : vlans->vf_ignored)))
		return;
	*word ^= bit;
	vids->had[vid / 64] |= *word;
	if (vid) /* it is each netdev's */
		vids->num = on ? vids->num + 1 : vids->num - 1;
}

void core_vids_leave(struct core_vids *vids, const struct core_vlans *vlans)
{
	if (vlans->vf_keeps)
		return;
	memset(vids->on, 0, sizeof(vids->on));
	vids->num = 0;
}

bool core_pf_gets_vlan(const struct core_vlans *vlans, const struct core_vids *pf,
		       const struct core_tag *tag)
{
	if (vlans->stolen_by_vf && tag->had)
		return false;
	if (!vlans->filters || (vlans->from_first && !pf->num) ||
	    (vlans->promisc_passes && tag->all))
		return true;
	if (core_vids_has(pf->on, tag->vid))
		return tag->unicast || !vlans->bypasses_pools || tag->others;
	return tag->unicast && vlans->default_pool && tag->others;
}

bool core_vf_gets_vlan(const struct core_vlans *vlans, const struct core_vids *vf, uint16_t vid)
{
	return !vlans->vf_deaf && (!vlans->vf_filters || core_vids_has(vf->on, vid));
}
