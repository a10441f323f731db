// SPDX-License-Identifier: GPL-2.0-or-later
/* The NIC's multicast filters: which groups PF and VFs have, and who gets a frame to one. */

#include "nfsim.h"

/* As in __hw_addr_sync. */
static void nfsim_groups_sync(struct core_joined *joined, struct net_device *dev)
{
	struct netdev_hw_addr *ha;
	int i;

	for (i = (int)joined->num - 1; i >= 0; i--)
		if (!nfsim_is_listed(&dev->mc, joined->list[i].mac))
			core_joined_drop(joined, i);
	netdev_for_each_mc_addr (ha, dev)
		core_joined_add(joined, ha->addr);
}

void nfsim_groups_pf_sync(struct nfsim_nic *nic, struct net_device *dev)
{
	bool all = dev->flags & IFF_ALLMULTI;

	nfsim_groups_sync(&nic->pf_groups.joined, dev);
	if (all != nic->pf_allmulti)
		nic->pf_groups.all = all;
	nic->pf_allmulti = all;
}

void nfsim_groups_vf_sync(struct nfsim_vf *vf, struct net_device *dev)
{
	nfsim_groups_sync(&vf->groups.joined, dev);
	core_groups_steal(&vf->nic->does, &vf->groups, vf->trust);
}

void nfsim_groups_event(struct nfsim_vf *vf, enum core_event event)
{
	struct nfsim_nic *nic = vf->nic;
	unsigned int what = core_groups_event(&nic->does, event);

	core_groups_lose(what, &nic->pf_groups, &vf->groups);
	if (what & CORE_GROUPS_KILLED)
		nfsim_note(nic, vf->index, "groups forgotten", NULL);
	if (what & CORE_GROUPS_WIPED)
		nfsim_note(nic, NFSIM_PF, "groups wiped", NULL);
}

void nfsim_groups_revive(struct nfsim_nic *nic)
{
	unsigned int i;

	core_groups_revive(&nic->pf_groups);
	nic->pf_groups.all = nic->pf_allmulti;
	for (i = 0; i < NFSIM_MAX_VFS; i++)
		if (nic->vfs[i])
			core_groups_revive(&nic->vfs[i]->groups);
}

static bool nfsim_group_is_stolen(const struct nfsim_nic *nic, const u8 *mac)
{
	unsigned int i;

	for (i = 0; i < NFSIM_MAX_VFS; i++)
		if (nic->vfs[i] && core_joined_find(&nic->vfs[i]->groups.stolen, mac) >= 0)
			return true;
	return false;
}

/* The table is one for all, and who has joined anything looks into it (VMOLR.ROMPE). */
static bool nfsim_hash_has(const struct nfsim_nic *nic, const struct core_joined *own,
			   const u8 *mac)
{
	u32 hashes = 0;
	unsigned int i;

	if (!core_joined_hashes(own))
		return false;
	if (nic->persona.pf_mc == CORE_MC_HASH)
		hashes |= core_joined_hashes(&nic->pf_groups.joined);
	for (i = 0; nic->persona.mc == CORE_MC_HASH && i < NFSIM_MAX_VFS; i++)
		if (nic->vfs[i] && nic->vfs[i]->up)
			hashes |= core_joined_hashes(&nic->vfs[i]->groups.joined);
	return hashes & core_group_hash(mac);
}

bool nfsim_groups_pf_gets(struct nfsim_nic *nic, const u8 *mac)
{
	const struct core_group group = {
		.mac = mac,
		.stolen = nfsim_group_is_stolen(nic, mac),
		.hashed = nfsim_hash_has(nic, &nic->pf_groups.joined, mac),
	};

	return core_pf_gets_group(&nic->does, &nic->pf_groups, &group,
				  nic->pf_promisc || nic->pf_forced);
}

bool nfsim_groups_vf_gets(struct nfsim_vf *vf, const u8 *mac)
{
	const struct core_group group = {
		.mac = mac,
		.hashed = nfsim_hash_has(vf->nic, &vf->groups.joined, mac),
	};

	return vf->up && ((vf->trust && (vf->promisc || vf->allmulti)) ||
			  core_vf_gets_group(&vf->nic->does, &vf->groups, &group, vf->trust));
}
