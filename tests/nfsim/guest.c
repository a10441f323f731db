// SPDX-License-Identifier: GPL-2.0-or-later
/* A VF's guest asks for more than its address, and the NIC gives it some of that. All with the
 * NIC's lock held. */

#include "nfsim.h"

bool nfsim_guest_sync(struct nfsim_vf *vf, struct net_device *dev)
{
	const struct core_guest *g = &vf->nic->does.guest;
	struct core_asked *guest = &vf->guest;
	struct netdev_hw_addr *ha;
	int i;

	if (!vf->nic->persona.vf_flt)
		return true;
	for (i = (int)guest->num - 1; i >= 0; i--)
		if (guest->list[i].as == CORE_ASKED_MORE &&
		    !nfsim_is_listed(&dev->uc, guest->list[i].mac))
			core_guest_drop(guest, i);
	guest->refused = 0;
	netdev_for_each_uc_addr (ha, dev)
		if (!core_guest_ask(guest, g, ha->addr, vf->trust, vf->spoofchk))
			nfsim_note(vf->nic, vf->index, "guest's address refused", ha->addr);
	return !core_guest_is_blocked(guest, g);
}

bool nfsim_guest_may_take(const struct nfsim_vf *vf, const u8 *mac)
{
	return !vf->mac_set || ether_addr_equal(mac, vf->mac) ||
	       core_lets(vf->nic->does.guest.address, vf->trust);
}
