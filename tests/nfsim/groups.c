// SPDX-License-Identifier: GPL-2.0-or-later
/* The NIC's multicast filters: which groups PF and VFs have, and who gets a frame to one. */

#include "nfsim.h"

#define NFSIM_HASHES 8

static struct nfsim_group *nfsim_group_find(struct nfsim_groups *groups, const u8 *mac)
{
	unsigned int i;

	for (i = 0; i < groups->count; i++)
		if (ether_addr_equal(groups->list[i].mac, mac))
			return &groups->list[i];
	return NULL;
}

static bool nfsim_group_has(struct nfsim_groups *groups, const u8 *mac)
{
	struct nfsim_group *group = nfsim_group_find(groups, mac);

	return group && !group->dead;
}

static struct nfsim_group *nfsim_group_add(struct nfsim_groups *groups, const u8 *mac)
{
	struct nfsim_group *group = nfsim_group_find(groups, mac);

	if (!group && groups->count < NFSIM_MAX_GROUPS) {
		group = &groups->list[groups->count++];
		*group = (struct nfsim_group) {};
		ether_addr_copy(group->mac, mac);
	}
	return group;
}

static void nfsim_groups_kill(struct nfsim_groups *groups, bool dead)
{
	unsigned int i;

	for (i = 0; i < groups->count; i++)
		groups->list[i].dead = dead;
}

/* A group that the NIC was told before is not written again, be it dead there or not, as in
 * __hw_addr_sync. */
static void nfsim_groups_sync(struct nfsim_groups *groups, struct net_device *dev)
{
	struct nfsim_group *group;
	struct netdev_hw_addr *ha;
	unsigned int i = 0;

	netdev_for_each_mc_addr(ha, dev)
	{
		group = nfsim_group_find(groups, ha->addr);
		if (group)
			group->seen = true;
	}
	while (i < groups->count) {
		if (groups->list[i].seen)
			groups->list[i++].seen = false;
		else
			groups->list[i] = groups->list[--groups->count];
	}
	netdev_for_each_mc_addr(ha, dev) nfsim_group_add(groups, ha->addr);
}

void nfsim_groups_pf_sync(struct nfsim_nic *nic, struct net_device *dev)
{
	nfsim_groups_sync(&nic->pf_groups, dev);
	nic->pf_allmulti = dev->flags & IFF_ALLMULTI;
}

static bool nfsim_groups_may_join(const struct nfsim_vf *vf)
{
	return core_vf_groups(&vf->nic->does, vf->trust) != CORE_GROUPS_NONE;
}

void nfsim_groups_vf_sync(struct nfsim_vf *vf, struct net_device *dev)
{
	struct nfsim_groups *groups = &vf->groups;
	unsigned int i;

	nfsim_groups_sync(groups, dev);
	if (!vf->nic->persona.mc_steal || !nfsim_groups_may_join(vf))
		return;
	for (i = 0; i < groups->count; i++)
		if (!groups->list[i].dead)
			nfsim_group_add(&vf->stolen, groups->list[i].mac);
}

void nfsim_groups_vf_clear(struct nfsim_vf *vf)
{
	vf->groups.count = 0;
}

void nfsim_groups_event(struct nfsim_vf *vf, enum core_event event)
{
	struct nfsim_nic *nic = vf->nic;
	unsigned int what = core_groups_event(&nic->does, event);

	if (what & CORE_GROUPS_KILLED) {
		nfsim_groups_kill(&vf->groups, true);
		nfsim_note(nic, vf->index, "groups forgotten", NULL);
	}
	if (what & CORE_GROUPS_WIPED) {
		nfsim_groups_kill(&nic->pf_groups, true);
		nfsim_note(nic, NFSIM_PF, "groups wiped", NULL);
	}
	if (what & CORE_GROUPS_BACK)
		vf->stolen.count = 0;
}

void nfsim_groups_revive(struct nfsim_nic *nic)
{
	unsigned int i;

	nfsim_groups_kill(&nic->pf_groups, false);
	for (i = 0; i < NFSIM_MAX_VFS; i++) {
		if (!nic->vfs[i])
			continue;
		nfsim_groups_kill(&nic->vfs[i]->groups, false);
		nic->vfs[i]->stolen.count = 0;
	}
}

static bool nfsim_group_is_stolen(struct nfsim_nic *nic, const u8 *mac)
{
	unsigned int i;

	for (i = 0; i < NFSIM_MAX_VFS; i++)
		if (nic->vfs[i] && nfsim_group_find(&nic->vfs[i]->stolen, mac))
			return true;
	return false;
}

/* igb_hash_mc_addr with mc_filter_type 0, folded. */
static unsigned int nfsim_hash(const u8 *mac)
{
	unsigned int hash = (mac[4] >> 4 | mac[5] << 4) & 0xfff;

	return (hash ^ hash >> 3 ^ hash >> 6 ^ hash >> 9) % NFSIM_HASHES;
}

static unsigned long nfsim_hashes(const struct nfsim_groups *groups)
{
	unsigned long hashes = 0;
	unsigned int i;

	for (i = 0; i < groups->count; i++)
		if (!groups->list[i].dead)
			hashes |= BIT(nfsim_hash(groups->list[i].mac));
	return hashes;
}

/* The table is one for all, and who has joined anything looks into it (VMOLR.ROMPE). */
static bool nfsim_hash_has(const struct nfsim_nic *nic, const struct nfsim_groups *own,
			   const u8 *mac)
{
	unsigned long hashes = 0;
	unsigned int i;

	if (!nfsim_hashes(own))
		return false;
	if (nic->persona.pf_mc == CORE_MC_HASH)
		hashes |= nfsim_hashes(&nic->pf_groups);
	for (i = 0; nic->persona.mc == CORE_MC_HASH && i < NFSIM_MAX_VFS; i++)
		if (nic->vfs[i] && nic->vfs[i]->up)
			hashes |= nfsim_hashes(&nic->vfs[i]->groups);
	return hashes & BIT(nfsim_hash(mac));
}

bool nfsim_groups_pf_gets(struct nfsim_nic *nic, const u8 *mac)
{
	const struct core_group group = {
		.stolen = nfsim_group_is_stolen(nic, mac),
		.joined = nfsim_group_has(&nic->pf_groups, mac),
		.hashed = nfsim_hash_has(nic, &nic->pf_groups, mac),
		.promisc = nic->pf_promisc || nic->pf_forced,
		.all = nic->pf_allmulti,
	};

	return core_pf_gets_group(&nic->does, &group);
}

bool nfsim_groups_vf_gets(struct nfsim_vf *vf, const u8 *mac)
{
	return vf->up && (core_guest_gets_groups(&vf->guest, &vf->nic->does.guest, vf->trust) ||
			  core_groups_pass(core_vf_groups(&vf->nic->does, vf->trust),
					   nfsim_group_has(&vf->groups, mac),
					   nfsim_hash_has(vf->nic, &vf->groups, mac)));
}
