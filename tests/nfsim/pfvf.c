// SPDX-License-Identifier: GPL-2.0-or-later
/* The operations of the PF's netdev on its VFs: ip link set PF vf N ... All with RTNL held. */

#include <linux/delay.h>

#include "nfsim.h"

/* NULL if there is none. It stays as long as RTNL is held. */
static struct nfsim_vf *nfsim_vf_of(struct net_device *dev, int index)
{
	struct nfsim_nic *nic = ((struct nfsim_port_priv *)netdev_priv(dev))->nic;

	return index >= 0 && (unsigned int)index < nic->num_vfs ? nic->vfs[index] : NULL;
}

void nfsim_vf_reset_begin(struct nfsim_vf *vf)
{
	vf->reset_until = ktime_add_ms(ktime_get(), vf->nic->persona.vfr_ms);
	nfsim_note(vf->nic, vf->index, "in reset", NULL);
}

/* With the NIC's lock held afterwards, unless the VF is in reset. */
static int nfsim_vf_lock_ready(struct nfsim_vf *vf)
{
	spin_lock_bh(&vf->nic->lock);
	if (!ktime_before(ktime_get(), vf->reset_until))
		return 0;
	spin_unlock_bh(&vf->nic->lock);
	return -(int)vf->nic->persona.vfr_error;
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

static const u8 *nfsim_vf_shown(const struct nfsim_vf *vf)
{
	return vf->mac_set ? vf->mac : vf->reported;
}

/* ixgbe_ndo_set_vf_mac: an address that the NIC has no filter for cannot be taken away. */
static bool nfsim_zero_is_gone(const struct nfsim_vf *vf)
{
	const u8 *mac = nfsim_vf_shown(vf);

	return !is_zero_ether_addr(mac) && !core_filter_has(&vf->filter, mac);
}

static int nfsim_assign_refused(struct nfsim_vf *vf, const u8 *mac)
{
	const struct core_keys *p = &vf->nic->persona;

	if (is_zero_ether_addr(mac) && p->zero)
		return -(int)p->zero;
	if (is_zero_ether_addr(mac) && p->zero_gone && nfsim_zero_is_gone(vf))
		return -(int)p->zero_gone;
	if (p->busy && nfsim_refused_for(&vf->busy_until, p->busy_ms))
		return -(int)p->busy;
	if (p->vf_repeat && p->vf_repeat != CORE_SILENT && nfsim_filter_is_repeated(vf, mac))
		return -(int)p->vf_repeat;
	if (!p->vf_second || p->vf_second == CORE_SILENT || !nfsim_filter_pf_owns(vf->nic, mac))
		return 0;
	return -(int)p->vf_second;
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

/* i40e_vc_reset_vf, ice_reset_vf: what the PF sets of a VF begins a reset of it. */
static void nfsim_set_done(struct nfsim_vf *vf)
{
	if (vf->nic->persona.vfr & BIT(CORE_ON_ASSIGN))
		nfsim_vf_reset_begin(vf);
}

void nfsim_vf_forget(struct nfsim_vf *vf, enum core_event event)
{
	const struct core_keys *p = &vf->nic->persona;
	u32 what = p->forget_on & BIT(event) ? p->forget : 0;

	if (what & BIT(CORE_ATTR_SPOOFCHK))
		vf->spoofchk = p->spoofchk == CORE_ON;
	if (what & BIT(CORE_ATTR_TRUST))
		vf->trust = p->trust == CORE_ON;
	if (what & BIT(CORE_ATTR_RATE))
		vf->min_rate = vf->max_rate = 0;
	if (what & BIT(CORE_ATTR_RSS))
		vf->rss = false;
	if (what & BIT(CORE_ATTR_LINK))
		vf->link_state = IFLA_VF_LINK_STATE_AUTO;
	if (what & BIT(CORE_ATTR_VLAN))
		vf->vlan = vf->qos = 0;
	if (what & BIT(CORE_ATTR_MAC)) {
		eth_zero_addr(vf->mac);
		vf->mac_set = false;
	}
	if (what)
		nfsim_note(vf->nic, vf->index, "attributes forgotten", NULL);
}

void nfsim_vf_forget_notify(struct nfsim_vf *vf, enum core_event event)
{
	const struct core_keys *p = &vf->nic->persona;

	if (p->forget_notify && p->forget_on & BIT(event) && vf->nic->pf)
		netdev_state_change(vf->nic->pf);
}

static void nfsim_assign(struct nfsim_vf *vf, const u8 *mac)
{
	if (vf->mac_set && !ether_addr_equal(vf->mac, mac)) {
		nfsim_filter_event(vf, CORE_ON_CLEAR);
		vf->mac_set = false;
	}
	ether_addr_copy(vf->mac, mac);
	vf->mac_set = !is_zero_ether_addr(mac);
	if (vf->nic->persona.own_report != CORE_REPORT_FOR_EVER)
		eth_zero_addr(vf->reported);
	if (!vf->mac_set)
		return;
	nfsim_filter_event(vf, CORE_ON_ASSIGN);
}

int nfsim_set_vf_mac(struct net_device *dev, int index, u8 *mac)
{
	struct nfsim_vf *vf = nfsim_vf_of(dev, index);
	int err;

	if (!vf)
		return -EINVAL;
	nfsim_call(vf, "set_vf_mac", "%pM", mac);
	if (is_multicast_ether_addr(mac))
		return -EINVAL;
	if (nfsim_refuses(vf, CORE_NO_MAC))
		return -EIO;
	if (vf->nic->persona.set_ms)
		msleep(vf->nic->persona.set_ms);
	err = nfsim_vf_lock_ready(vf);
	if (err)
		return err;
	err = nfsim_assign_refused(vf, mac);
	if (!err) {
		nfsim_assign(vf, mac);
		nfsim_pf_reset(vf->nic);
		nfsim_set_done(vf);
		err = -(int)vf->nic->persona.assign_fails;
	}
	nfsim_vf_unlock(vf);
	return err;
}

int nfsim_set_vf_vlan(struct net_device *dev, int index, u16 vlan, u8 qos, __be16 proto)
{
	struct nfsim_vf *vf = nfsim_vf_of(dev, index);
	int err;

	if (!vf || vlan >= VLAN_N_VID || qos > 7)
		return -EINVAL;
	nfsim_call(vf, "set_vf_vlan", "%u", vlan);
	if (!eth_type_vlan(proto))
		return -EPROTONOSUPPORT;
	if (nfsim_refuses(vf, CORE_NO_VLAN))
		return -EIO;
	if (vlan && vf->nic->persona.admin)
		return -(int)vf->nic->persona.admin;
	if (vf->nic->persona.set_ms)
		msleep(vf->nic->persona.set_ms);
	err = nfsim_vf_lock_ready(vf);
	if (err)
		return err;
	vf->vlan = vlan == vf->nic->persona.vlan_none ? 0 : vlan;
	vf->qos = qos;
	vf->vlan_proto = proto;
	nfsim_note(vf->nic, vf->index, vlan ? "vlan set" : "vlan cleared", NULL);
	nfsim_pf_reset(vf->nic);
	nfsim_set_done(vf);
	nfsim_vf_unlock(vf);
	return 0;
}

/* With the NIC's lock held afterwards, unless the driver does not have it, or not now. */
static int nfsim_set_begin(struct nfsim_vf *vf, bool absent)
{
	if (absent)
		return -EOPNOTSUPP;
	if (nfsim_refuses(vf, CORE_NO_SETTING))
		return -EIO;
	return vf->nic->persona.admin ? -(int)vf->nic->persona.admin : nfsim_vf_lock_ready(vf);
}

static int nfsim_set_vf_switch(struct nfsim_vf *vf, bool absent, bool *value, bool setting)
{
	int err = nfsim_set_begin(vf, absent);

	if (err)
		return err;
	*value = setting;
	nfsim_set_done(vf);
	nfsim_vf_unlock(vf);
	return 0;
}

int nfsim_set_vf_spoofchk(struct net_device *dev, int index, bool setting)
{
	struct nfsim_vf *vf = nfsim_vf_of(dev, index);

	if (!vf)
		return -EINVAL;
	nfsim_call(vf, "set_vf_spoofchk", "%u", setting);
	return nfsim_set_vf_switch(vf, vf->nic->persona.spoofchk == CORE_ABSENT, &vf->spoofchk,
				   setting);
}

int nfsim_set_vf_trust(struct net_device *dev, int index, bool setting)
{
	struct nfsim_vf *vf = nfsim_vf_of(dev, index);

	if (!vf)
		return -EINVAL;
	nfsim_call(vf, "set_vf_trust", "%u", setting);
	return nfsim_set_vf_switch(vf, vf->nic->persona.trust == CORE_ABSENT, &vf->trust, setting);
}

int nfsim_set_vf_link_state(struct net_device *dev, int index, int state)
{
	struct nfsim_vf *vf = nfsim_vf_of(dev, index);
	int err;

	if (!vf)
		return -EINVAL;
	nfsim_call(vf, "set_vf_link_state", "%d", state);
	err = nfsim_set_begin(vf, false);
	if (err)
		return err;
	if (state != IFLA_VF_LINK_STATE_ENABLE || !vf->nic->persona.enable_ignored)
		vf->link_state = state;
	nfsim_carrier_update(vf->nic);
	nfsim_set_done(vf);
	nfsim_vf_unlock(vf);
	return 0;
}

int nfsim_set_vf_rate(struct net_device *dev, int index, int min_rate, int max_rate)
{
	struct nfsim_vf *vf = nfsim_vf_of(dev, index);
	int err;

	if (!vf)
		return -EINVAL;
	nfsim_call(vf, "set_vf_rate", "%d-%d", min_rate, max_rate);
	err = nfsim_set_begin(vf, !vf->nic->persona.rate);
	if (err)
		return err;
	vf->min_rate = min_rate;
	vf->max_rate = max_rate;
	nfsim_vf_unlock(vf);
	return 0;
}

int nfsim_set_vf_rss(struct net_device *dev, int index, bool setting)
{
	struct nfsim_vf *vf = nfsim_vf_of(dev, index);

	if (!vf)
		return -EINVAL;
	nfsim_call(vf, "set_vf_rss_query_en", "%u", setting);
	return nfsim_set_vf_switch(vf, !vf->nic->persona.rss, &vf->rss, setting);
}

/* ice_check_vf_ready_for_cfg waits like this. */
static void nfsim_vf_reset_wait(struct nfsim_vf *vf)
{
	s64 ms = ktime_ms_delta(READ_ONCE(vf->reset_until), ktime_get());

	if (ms >= 0)
		msleep((unsigned int)ms + 1);
}

/* An absent attribute keeps the value that rtnetlink filled in, which means unknown. */
int nfsim_get_vf_config(struct net_device *dev, int index, struct ifla_vf_info *info)
{
	struct nfsim_vf *vf = nfsim_vf_of(dev, index);
	const struct core_keys *p;
	int err;

	if (!vf)
		return -EINVAL;
	p = &vf->nic->persona;
	nfsim_read(vf->nic);
	if (p->get_us)
		usleep_range(p->get_us, p->get_us + p->get_us / 16);
	if (p->vfr_get == CORE_WAITED_FOR)
		nfsim_vf_reset_wait(vf);
	err = nfsim_vf_lock_ready(vf);
	if (err && p->vfr_get == CORE_SHOWN)
		spin_lock_bh(&vf->nic->lock);
	else if (err)
		return err;
	info->vf = (u32)index;
	ether_addr_copy(info->mac, nfsim_vf_shown(vf));
	info->vlan = vf->vlan ? vf->vlan : p->vlan_none;
	info->qos = vf->qos;
	info->vlan_proto = p->no_vlan_proto ? 0 : vf->vlan_proto;
	info->linkstate = (u32)vf->link_state;
	info->min_tx_rate = (u32)vf->min_rate;
	info->max_tx_rate = vf->max_rate ? (u32)vf->max_rate : p->rate_none;
	if (p->spoofchk != CORE_ABSENT)
		info->spoofchk = vf->spoofchk;
	if (p->trust != CORE_ABSENT)
		info->trusted = vf->trust;
	if (p->rss)
		info->rss_query_en = vf->rss;
	nfsim_vf_unlock(vf);
	return 0;
}

/* A PF without statistics of VFs: rtnetlink tells zeros, as it does without this function. */
int nfsim_get_vf_stats(struct net_device *dev, int index, struct ifla_vf_stats *stats)
{
	struct nfsim_vf *vf = nfsim_vf_of(dev, index);
	int err = vf ? nfsim_vf_lock_ready(vf) : -EINVAL;

	if (err)
		return err;
	nfsim_stats_look(vf);
	if (vf->nic->persona.stats)
		*stats = vf->nic->persona.stats_ms ? vf->stats_shown : vf->stats;
	else
		err = -EOPNOTSUPP;
	nfsim_vf_unlock(vf);
	return err;
}
