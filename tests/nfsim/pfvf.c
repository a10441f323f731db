// SPDX-License-Identifier: GPL-2.0-or-later
/* What the PF's netdev does to its VFs: ip link set PF vf N ... All with RTNL held. */

#include <linux/delay.h>

#include "nfsim.h"

/* The VF with the NIC's lock held; else NULL, and it is not. */
static struct nfsim_vf *nfsim_vf_lock(struct net_device *dev, int index)
{
	struct nfsim_nic *nic = ((struct nfsim_port_priv *)netdev_priv(dev))->nic;

	if (index < 0 || index >= NFSIM_MAX_VFS)
		return NULL;
	spin_lock_bh(&nic->lock);
	if (nic->vfs[index] && (unsigned int)index < nic->num_vfs)
		return nic->vfs[index];
	spin_unlock_bh(&nic->lock);
	return NULL;
}

static void nfsim_vf_unlock(struct nfsim_vf *vf)
{
	spin_unlock_bh(&vf->nic->lock);
}

/* Refused from the first try on for so long. until is 0 when nobody has tried; that it is again
 * after it. */
static bool nfsim_refused_for(ktime_t *until, u32 ms)
{
	ktime_t now = ktime_get();

	if (!ms)
		return false;
	if (!*until)
		*until = ktime_add_ms(now, ms);
	if (ktime_before(now, *until))
		return true;
	*until = 0;
	return false;
}

static int nfsim_assign_refused(struct nfsim_vf *vf, const u8 *mac)
{
	const struct nfsim_persona *p = &vf->nic->persona;
	u64 written;

	if (is_zero_ether_addr(mac) && p->zero)
		return -(int)p->zero;
	if (p->busy && nfsim_refused_for(&vf->busy_until, p->busy_ms))
		return -(int)p->busy;
	if (!p->vf_second || p->vf_second == NFSIM_SILENT ||
	    !nfsim_filter_pf_owns(vf->nic, mac, &written))
		return 0;
	if (!p->vf_second_ms || nfsim_refused_for(&vf->second_until, p->vf_second_ms))
		return -(int)p->vf_second;
	return 0;
}

/* Settings that reset the PF: it loses its carrier, and hears and says nothing meanwhile. */
static void nfsim_pf_reset(struct nfsim_nic *nic)
{
	if (!nic->persona.set_reset_ms)
		return;
	nic->pf_resetting = true;
	nfsim_note(nic, NFSIM_PF, "reset", NULL);
	nfsim_carrier_update(nic);
	mod_delayed_work(system_wq, &nic->pf_restore, nfsim_jiffies(nic->persona.set_reset_ms));
}

static void nfsim_assign(struct nfsim_vf *vf, const u8 *mac)
{
	struct nfsim_pf_entry *entry;

	if (vf->mac_set && !ether_addr_equal(vf->mac, mac)) {
		nfsim_filter_event(vf, NFSIM_CLEAR);
		vf->mac_set = false;
	}
	ether_addr_copy(vf->mac, mac);
	vf->mac_set = !is_zero_ether_addr(mac);
	if (!vf->mac_set)
		return;
	entry = nfsim_filter_pf_find(vf->nic, mac);
	if (entry && vf->nic->persona.wipe && !entry->dead) {
		entry->dead = true;
		nfsim_note(vf->nic, NFSIM_PF, "unicast wiped", mac);
	}
	nfsim_filter_event(vf, NFSIM_ASSIGN);
}

int nfsim_set_vf_mac(struct net_device *dev, int index, u8 *mac)
{
	struct nfsim_nic *nic = ((struct nfsim_port_priv *)netdev_priv(dev))->nic;
	struct nfsim_vf *vf;
	int err;

	if (nic->persona.set_ms)
		msleep(nic->persona.set_ms);
	vf = nfsim_vf_lock(dev, index);
	if (!vf || is_multicast_ether_addr(mac)) {
		if (vf)
			nfsim_vf_unlock(vf);
		return -EINVAL;
	}
	err = nfsim_assign_refused(vf, mac);
	if (!err) {
		nfsim_assign(vf, mac);
		nfsim_pf_reset(vf->nic);
	}
	nfsim_vf_unlock(vf);
	return err;
}

int nfsim_set_vf_vlan(struct net_device *dev, int index, u16 vlan, u8 qos, __be16 proto)
{
	struct nfsim_vf *vf;

	if (vlan >= VLAN_N_VID || qos > 7)
		return -EINVAL;
	if (!eth_type_vlan(proto))
		return -EPROTONOSUPPORT;
	vf = nfsim_vf_lock(dev, index);
	if (!vf)
		return -EINVAL;
	vf->vlan = vlan;
	vf->qos = qos;
	vf->vlan_proto = proto;
	nfsim_note(vf->nic, vf->index, vlan ? "vlan set" : "vlan cleared", NULL);
	nfsim_pf_reset(vf->nic);
	nfsim_vf_unlock(vf);
	return 0;
}

int nfsim_set_vf_spoofchk(struct net_device *dev, int index, bool setting)
{
	struct nfsim_vf *vf = nfsim_vf_lock(dev, index);
	int err = 0;

	if (!vf)
		return -EINVAL;
	if (vf->nic->persona.spoofchk == NFSIM_ABSENT)
		err = -EOPNOTSUPP;
	else
		vf->spoofchk = setting;
	nfsim_vf_unlock(vf);
	return err;
}

int nfsim_set_vf_trust(struct net_device *dev, int index, bool setting)
{
	struct nfsim_vf *vf = nfsim_vf_lock(dev, index);
	int err = 0;

	if (!vf)
		return -EINVAL;
	if (vf->nic->persona.trust == NFSIM_ABSENT)
		err = -EOPNOTSUPP;
	else
		vf->trust = setting;
	nfsim_vf_unlock(vf);
	return err;
}

int nfsim_set_vf_link_state(struct net_device *dev, int index, int state)
{
	struct nfsim_vf *vf = nfsim_vf_lock(dev, index);

	if (!vf)
		return -EINVAL;
	vf->link_state = state;
	nfsim_carrier_update(vf->nic);
	nfsim_vf_unlock(vf);
	return 0;
}

/* What is absent stays at what rtnetlink filled in, which says that it is not known. */
int nfsim_get_vf_config(struct net_device *dev, int index, struct ifla_vf_info *info)
{
	struct nfsim_vf *vf = nfsim_vf_lock(dev, index);

	if (!vf)
		return -EINVAL;
	info->vf = (u32)index;
	ether_addr_copy(info->mac, vf->mac);
	info->vlan = vf->vlan;
	info->qos = vf->qos;
	info->vlan_proto = vf->vlan_proto;
	info->linkstate = (u32)vf->link_state;
	if (vf->nic->persona.spoofchk != NFSIM_ABSENT)
		info->spoofchk = vf->spoofchk;
	if (vf->nic->persona.trust != NFSIM_ABSENT)
		info->trusted = vf->trust;
	nfsim_vf_unlock(vf);
	return 0;
}

/* A PF without statistics of VFs: rtnetlink tells zeros, as it does without this function. */
int nfsim_get_vf_stats(struct net_device *dev, int index, struct ifla_vf_stats *stats)
{
	struct nfsim_vf *vf = nfsim_vf_lock(dev, index);
	int err = 0;

	if (!vf)
		return -EINVAL;
	nfsim_stats_look(vf);
	if (vf->nic->persona.stats)
		*stats = vf->nic->persona.stats_ms ? vf->stats_shown : vf->stats;
	else
		err = -EOPNOTSUPP;
	nfsim_vf_unlock(vf);
	return err;
}
