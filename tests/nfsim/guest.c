// SPDX-License-Identifier: GPL-2.0-or-later
/* A VF's guest asks for more than its address, and the NIC gives it some of that. All with the
 * NIC's lock held. */

#include "nfsim.h"

static bool nfsim_is_promisc(const struct nfsim_vf *vf)
{
	return vf->promisc && core_lets(vf->nic->does.guest.promisc, vf->trust);
}

static struct nfsim_guest_address *nfsim_guest_find(struct nfsim_vf *vf, const u8 *mac)
{
	struct nfsim_guest *guest = &vf->guest;
	unsigned int i;

	for (i = 0; i < guest->count; i++)
		if (ether_addr_equal(guest->list[i].mac, mac))
			return &guest->list[i];
	return NULL;
}

bool nfsim_guest_has(struct nfsim_vf *vf, const u8 *mac)
{
	return nfsim_guest_find(vf, mac);
}

/* old: the one that its own address was before. */
static void nfsim_guest_add(struct nfsim_vf *vf, const u8 *mac, bool old, bool left)
{
	struct nfsim_guest *guest = &vf->guest;

	if (guest->count == NFSIM_GUEST_UC || nfsim_guest_find(vf, mac))
		return;
	guest->list[guest->count] = (struct nfsim_guest_address) {.old = old, .left = left};
	ether_addr_copy(guest->list[guest->count++].mac, mac);
	nfsim_note(vf->nic, vf->index, "guest's address on", mac);
}

static void nfsim_guest_drop(struct nfsim_vf *vf, unsigned int i)
{
	struct nfsim_guest *guest = &vf->guest;

	nfsim_note(vf->nic, vf->index, "guest's address off", guest->list[i].mac);
	guest->list[i] = guest->list[--guest->count];
}

static void nfsim_guest_sweep(struct nfsim_vf *vf, struct net_device *dev)
{
	struct nfsim_guest_address *address;
	struct netdev_hw_addr *ha;
	unsigned int i = 0;

	netdev_for_each_uc_addr(ha, dev)
	{
		address = nfsim_guest_find(vf, ha->addr);
		if (address)
			address->seen = true;
	}
	while (i < vf->guest.count) {
		address = &vf->guest.list[i];
		if (!address->seen && !address->old && !address->left) {
			nfsim_guest_drop(vf, i);
			continue;
		}
		address->seen = false;
		i++;
	}
}

bool nfsim_guest_sync(struct nfsim_vf *vf, struct net_device *dev)
{
	const struct core_guest *g = &vf->nic->does.guest;
	unsigned int room = core_guest_room(g, vf->trust);
	struct netdev_hw_addr *ha;
	bool all = true;

	if (!vf->nic->persona.vf_flt)
		return true;
	nfsim_guest_sweep(vf, dev);
	netdev_for_each_uc_addr(ha, dev)
	{
		if (nfsim_guest_has(vf, ha->addr))
			continue;
		if (vf->guest.count >= room) {
			nfsim_note(vf->nic, vf->index, "guest's address refused", ha->addr);
			all = false;
			continue;
		}
		nfsim_guest_add(vf, ha->addr, false, false);
		vf->guest.unchecked |= vf->spoofchk && g->stops_checking;
	}
	return all || !g->blocks;
}

bool nfsim_guest_may_take(const struct nfsim_vf *vf, const u8 *mac)
{
	return !vf->mac_set || ether_addr_equal(mac, vf->mac) ||
	       core_lets(vf->nic->does.guest.address, vf->trust);
}

void nfsim_guest_takes(struct nfsim_vf *vf, const u8 *mac)
{
	if (!vf->mac_set || ether_addr_equal(mac, vf->mac))
		return;
	if (vf->nic->does.guest.keeps_old && vf->filter.on)
		nfsim_guest_add(vf, vf->filter.mac, true, false);
	if (vf->nic->persona.vf_mac_report)
		ether_addr_copy(vf->mac, mac);
	vf->guest.took = true;
}

void nfsim_guest_gone(struct nfsim_vf *vf)
{
	const struct core_guest *g = &vf->nic->does.guest;
	struct nfsim_guest *guest = &vf->guest;
	unsigned int i = 0;

	while (i < guest->count) {
		if (guest->list[i].old || !g->leaves_second)
			nfsim_guest_drop(vf, i);
		else
			guest->list[i++].left = true;
	}
	if (guest->took && g->leaves_new)
		nfsim_guest_add(vf, vf->netdev->dev_addr, false, true);
	guest->left_promisc |= g->leaves_promisc && nfsim_is_promisc(vf);
	guest->left_groups |= g->leaves_allmulti && nfsim_guest_gets_groups(vf);
	guest->took = false;
}

bool nfsim_guest_gets_groups(const struct nfsim_vf *vf)
{
	return nfsim_is_promisc(vf) || vf->guest.left_groups ||
	       (vf->groups.all && core_lets(vf->nic->does.guest.allmulti, vf->trust));
}

bool nfsim_guest_overhears(const struct nfsim_vf *vf, unsigned int from)
{
	return vf->up && core_guest_overhears(&vf->nic->does.guest,
					      nfsim_is_promisc(vf) || vf->guest.left_promisc,
					      from < NFSIM_MAX_VFS);
}

bool nfsim_guest_is_checked(const struct nfsim_vf *vf)
{
	return !core_guest_may_forge(&vf->nic->does.guest, vf->spoofchk, vf->guest.unchecked,
				     false);
}
