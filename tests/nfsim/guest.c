// SPDX-License-Identifier: GPL-2.0-or-later
/* A VF's guest asks for more than its address, and the NIC gives it some of that. All with the
 * NIC's lock held. */

#include "nfsim.h"

static bool nfsim_lets(const struct nfsim_vf *vf, u32 lets)
{
	return lets == CORE_LETS_ALL || (lets == CORE_LETS_TRUSTED && vf->trust);
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
	const struct core_keys *p = &vf->nic->persona;
	unsigned int room = vf->trust ? p->vf_uc_trusted : p->vf_uc;
	struct netdev_hw_addr *ha;
	bool all = true;

	if (!p->vf_flt)
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
		vf->guest.unchecked |= vf->spoofchk && p->antispoof == CORE_ANTISPOOF_ALONE;
	}
	return all || !p->vf_uc_blocks;
}

bool nfsim_guest_may_take(const struct nfsim_vf *vf, const u8 *mac)
{
	return !vf->mac_set || ether_addr_equal(mac, vf->mac) ||
	       nfsim_lets(vf, vf->nic->persona.vf_mac);
}

void nfsim_guest_takes(struct nfsim_vf *vf, const u8 *mac)
{
	const struct core_keys *p = &vf->nic->persona;

	if (!vf->mac_set || ether_addr_equal(mac, vf->mac))
		return;
	if (p->vf_mac_keeps && vf->filter.on)
		nfsim_guest_add(vf, vf->filter.mac, true, false);
	if (p->vf_mac_report)
		ether_addr_copy(vf->mac, mac);
	vf->guest.took = true;
}

void nfsim_guest_gone(struct nfsim_vf *vf)
{
	u32 keeps = vf->nic->persona.vf_keeps;
	struct nfsim_guest *guest = &vf->guest;
	unsigned int i = 0;

	while (i < guest->count) {
		if (guest->list[i].old || !(keeps & BIT(CORE_KEEPS_UC)))
			nfsim_guest_drop(vf, i);
		else
			guest->list[i++].left = true;
	}
	if (guest->took && keeps & BIT(CORE_KEEPS_MAC))
		nfsim_guest_add(vf, vf->netdev->dev_addr, false, true);
	if (keeps & BIT(CORE_KEEPS_PROMISC))
		guest->left_promisc |= vf->promisc && nfsim_lets(vf, vf->nic->persona.vf_promisc);
	if (keeps & BIT(CORE_KEEPS_ALLMULTI))
		guest->left_groups |= nfsim_guest_gets_groups(vf);
	guest->took = false;
}

bool nfsim_guest_gets_groups(const struct nfsim_vf *vf)
{
	const struct core_keys *p = &vf->nic->persona;

	return (vf->promisc && nfsim_lets(vf, p->vf_promisc)) ||
	       (vf->groups.all && nfsim_lets(vf, p->vf_allmulti)) || vf->guest.left_groups;
}

bool nfsim_guest_overhears(const struct nfsim_vf *vf, unsigned int from)
{
	const struct core_keys *p = &vf->nic->persona;

	if (!vf->up || (from < NFSIM_MAX_VFS && !p->vf_overhears))
		return false;
	return (vf->promisc && nfsim_lets(vf, p->vf_promisc)) || vf->guest.left_promisc;
}

bool nfsim_guest_is_checked(const struct nfsim_vf *vf)
{
	return vf->spoofchk && vf->nic->persona.antispoof != CORE_ANTISPOOF_IGNORED &&
	       !vf->guest.unchecked;
}
