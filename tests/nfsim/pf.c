// SPDX-License-Identifier: GPL-2.0-or-later
/* The PF's driver and netdev. */

#include <linux/rtnetlink.h>
#include <net/neighbour.h>

#include "nfsim.h"

struct nfsim_pf_state {
	struct net_device *dev;
	struct devlink *devlink;
};

static struct nfsim_nic *nfsim_nic_of(struct net_device *dev)
{
	return ((struct nfsim_port_priv *)netdev_priv(dev))->nic;
}

static int nfsim_pf_open(struct net_device *dev)
{
	struct nfsim_nic *nic = nfsim_nic_of(dev);

	spin_lock_bh(&nic->lock);
	nic->pf_up = true;
	nfsim_note(nic, NFSIM_PF, "up", NULL);
	nfsim_filter_pf_opened(nic);
	nfsim_carrier_update(nic);
	spin_unlock_bh(&nic->lock);
	return 0;
}

static int nfsim_pf_stop(struct net_device *dev)
{
	struct nfsim_nic *nic = nfsim_nic_of(dev);

	spin_lock_bh(&nic->lock);
	nic->pf_up = false;
	nfsim_note(nic, NFSIM_PF, "down", NULL);
	nfsim_carrier_update(nic);
	spin_unlock_bh(&nic->lock);
	return 0;
}

static netdev_tx_t nfsim_pf_xmit(struct sk_buff *skb, struct net_device *dev)
{
	return nfsim_xmit(nfsim_nic_of(dev), NFSIM_PF, skb, dev);
}

/* With the lock of its address lists held. */
static void nfsim_pf_sync_now(struct nfsim_nic *nic, struct net_device *dev)
{
	spin_lock_bh(&nic->lock);
	nfsim_filter_pf_sync(nic, dev);
	spin_unlock_bh(&nic->lock);
}

void nfsim_pf_sync_at_turn(struct nfsim_nic *nic)
{
	u32 period = max(READ_ONCE(nic->persona.pf_sync_ms), 1u), since;

	div_u64_rem((u64)ktime_to_ms(ktime_get()), period, &since);
	schedule_delayed_work(&nic->pf_sync, nfsim_jiffies(period - since));
}

static void nfsim_pf_set_rx_mode(struct net_device *dev)
{
	struct nfsim_nic *nic = nfsim_nic_of(dev);

	if (nic->persona.pf_sync_ms)
		nfsim_pf_sync_at_turn(nic);
	else
		nfsim_pf_sync_now(nic, dev);
}

/* The netdev is there as long as this may run. */
static void nfsim_pf_sync_later(struct work_struct *work)
{
	struct nfsim_nic *nic = container_of(work, struct nfsim_nic, pf_sync.work);
	struct net_device *dev = READ_ONCE(nic->pf);

	if (!dev)
		return;
	netif_addr_lock_bh(dev);
	nfsim_pf_sync_now(nic, dev);
	netif_addr_unlock_bh(dev);
}

static void nfsim_pf_address(struct nfsim_nic *nic, const u8 *mac)
{
	spin_lock_bh(&nic->lock);
	ether_addr_copy(nic->pf_mac, mac);
	nic->pf_mac_written = ++nic->writes;
	nfsim_note(nic, NFSIM_PF, "address", mac);
	spin_unlock_bh(&nic->lock);
}

static int nfsim_pf_set_mac(struct net_device *dev, void *address)
{
	int err = eth_mac_addr(dev, address);

	if (!err)
		nfsim_pf_address(nfsim_nic_of(dev), dev->dev_addr);
	return err;
}

/* The errors that a driver's own fdb_add gives; 0 to go on. */
static int nfsim_pf_fdb_refused(struct net_device *dev, const unsigned char *mac)
{
	struct nfsim_nic *nic = nfsim_nic_of(dev);
	const struct core_keys *p = &nic->persona;

	if (p->fdb)
		return -(int)p->fdb;
	if (p->fdb_full && netdev_uc_count(dev) >= p->uc_max)
		return -(int)p->fdb_full;
	if (p->pf_second && p->pf_second != CORE_SILENT && nfsim_filter_vf_keeps(nic, mac))
		return -(int)p->pf_second;
	return 0;
}

static int nfsim_pf_fdb_add(struct ndmsg *ndm, struct nlattr *tb[], struct net_device *dev,
			    const unsigned char *mac, u16 vid, u16 flags,
			    nfsim_fdb_notified struct netlink_ext_ack *extack)
{
	struct nfsim_nic *nic = nfsim_nic_of(dev);
	int err;

	spin_lock_bh(&nic->lock);
	err = nfsim_pf_fdb_refused(dev, mac);
	spin_unlock_bh(&nic->lock);
	return err ? err : ndo_dflt_fdb_add(ndm, tb, dev, mac, vid, flags);
}

static int nfsim_pf_fdb_del(struct ndmsg *ndm, struct nlattr *tb[], struct net_device *dev,
			    const unsigned char *mac, u16 vid,
			    nfsim_fdb_notified struct netlink_ext_ack *extack)
{
	enum core_fdb_del takes = nfsim_nic_of(dev)->persona.fdb_del;
	bool permanent = ndm->ndm_state & NUD_PERMANENT;

	if (takes == CORE_DEL_NONE || (takes == CORE_DEL_STATIC && permanent) ||
	    (takes == CORE_DEL_PERMANENT && !permanent))
		return -EINVAL;
	return is_multicast_ether_addr(mac) ? dev_mc_del(dev, mac) : dev_uc_del(dev, mac);
}

/* For tests: writing to the netdev's carrier file pulls the cable, for the whole NIC. */
static int nfsim_pf_change_carrier(struct net_device *dev, bool on)
{
	struct nfsim_nic *nic = nfsim_nic_of(dev);

	spin_lock_bh(&nic->lock);
	nic->cable_cut = !on;
	nfsim_carrier_update(nic);
	spin_unlock_bh(&nic->lock);
	return 0;
}

static int nfsim_pf_set_features(struct net_device *dev, netdev_features_t features)
{
	struct nfsim_nic *nic = nfsim_nic_of(dev);
	bool used;

	spin_lock_bh(&nic->lock);
	used = nfsim_station_any(nic);
	spin_unlock_bh(&nic->lock);
	return used && !(features & NETIF_F_HW_L2FW_DOFFLOAD) ? -EBUSY : 0;
}

static const struct net_device_ops nfsim_pf_ops = {
	.ndo_open = nfsim_pf_open,
	.ndo_stop = nfsim_pf_stop,
	.ndo_start_xmit = nfsim_pf_xmit,
	.ndo_set_rx_mode = nfsim_pf_set_rx_mode,
	.ndo_set_mac_address = nfsim_pf_set_mac,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_vlan_rx_add_vid = nfsim_vlan_add,
	.ndo_vlan_rx_kill_vid = nfsim_vlan_del,
	.ndo_fdb_add = nfsim_pf_fdb_add,
	.ndo_fdb_del = nfsim_pf_fdb_del,
	.ndo_change_carrier = nfsim_pf_change_carrier,
	.ndo_get_stats64 = dev_get_tstats64,
	.ndo_set_vf_mac = nfsim_set_vf_mac,
	.ndo_set_vf_vlan = nfsim_set_vf_vlan,
	.ndo_set_vf_spoofchk = nfsim_set_vf_spoofchk,
	.ndo_set_vf_trust = nfsim_set_vf_trust,
	.ndo_set_vf_link_state = nfsim_set_vf_link_state,
	.ndo_set_vf_rate = nfsim_set_vf_rate,
	.ndo_set_vf_rss_query_en = nfsim_set_vf_rss,
	.ndo_get_vf_config = nfsim_get_vf_config,
	.ndo_get_vf_stats = nfsim_get_vf_stats,
	.ndo_set_features = nfsim_pf_set_features,
	.ndo_dfwd_add_station = nfsim_station_add,
	.ndo_dfwd_del_station = nfsim_station_del,
};

static void nfsim_pf_adapt_vf_ops(struct net_device_ops *ops, const struct core_keys *p)
{
	bool some = !p->no_vf_ops;

	ops->ndo_set_vf_mac = some ? nfsim_set_vf_mac : NULL;
	ops->ndo_set_vf_vlan = some ? nfsim_set_vf_vlan : NULL;
	ops->ndo_set_vf_spoofchk = some ? nfsim_set_vf_spoofchk : NULL;
	ops->ndo_set_vf_trust = some ? nfsim_set_vf_trust : NULL;
	ops->ndo_set_vf_link_state = some ? nfsim_set_vf_link_state : NULL;
	ops->ndo_set_vf_rate = some ? nfsim_set_vf_rate : NULL;
	ops->ndo_set_vf_rss_query_en = some ? nfsim_set_vf_rss : NULL;
	ops->ndo_get_vf_stats = some ? nfsim_get_vf_stats : NULL;
	ops->ndo_get_vf_config = some && !p->no_vf_config ? nfsim_get_vf_config : NULL;
}

/* Functions that are called under RTNL only. */
static void nfsim_pf_adapt_netdev(struct nfsim_nic *nic, struct net_device *dev)
{
	const struct core_keys *p = &nic->persona;
	netdev_features_t l2fw = NETIF_F_HW_L2FW_DOFFLOAD;

	nfsim_pf_adapt_vf_ops(&nic->pf_ops, p);
	dev->dev_port = (u16)p->dev_port;
	if (p->unicast_flt)
		dev->priv_flags |= IFF_UNICAST_FLT;
	else
		dev->priv_flags &= ~IFF_UNICAST_FLT;
	dev->hw_features |= l2fw;
	dev->wanted_features &= ~l2fw;
	if (p->l2fw == CORE_ON)
		dev->wanted_features |= l2fw;
	netdev_update_features(dev);
	if (p->l2fw == CORE_ABSENT)
		dev->hw_features &= ~l2fw;
	netif_addr_lock_bh(dev);
	nfsim_pf_sync_now(nic, dev);
	netif_addr_unlock_bh(dev);
	spin_lock_bh(&nic->lock);
	nfsim_carrier_update(nic);
	spin_unlock_bh(&nic->lock);
}

void nfsim_pf_adapt(struct nfsim_nic *nic)
{
	struct net_device *second = nic->pf_second;

	rtnl_lock();
	if (nic->pf)
		nfsim_pf_adapt_netdev(nic, nic->pf);
	rtnl_unlock();
	if (second && !(nic->pf && nic->persona.two_ports)) {
		nic->pf_second = NULL;
		nfsim_second_destroy(second);
	} else if (!second && nic->pf && nic->persona.two_ports) {
		nic->pf_second = nfsim_second_create(nic, NULL);
	} else if (second) {
		second->dev_port = !nic->persona.dev_port;
	}
}

static void nfsim_pf_restore(struct work_struct *work)
{
	struct nfsim_nic *nic = container_of(work, struct nfsim_nic, pf_restore.work);

	spin_lock_bh(&nic->lock);
	nic->pf_resetting = false;
	nfsim_carrier_update(nic);
	spin_unlock_bh(&nic->lock);
}

static struct net_device *nfsim_pf_netdev(struct nfsim_nic *nic)
{
	const u8 mac[ETH_ALEN] = {0x00, 0x6e, 0x66, (u8)nic->id, 0x00, 0x00};
	struct net_device *dev = nfsim_netdev_alloc(nic, &nic->dev);

	if (!dev)
		return NULL;
	nic->pf_ops = nfsim_pf_ops;
	dev->netdev_ops = &nic->pf_ops;
	dev->features |= NETIF_F_HW_VLAN_CTAG_FILTER | NETIF_F_HW_VLAN_STAG_FILTER;
	eth_hw_addr_set(dev, mac);
	nfsim_pf_address(nic, mac);
	return dev;
}

static void nfsim_pf_publish(struct nfsim_nic *nic, struct net_device *dev)
{
	spin_lock_bh(&nic->lock);
	nic->pf = dev;
	nic->pf_resetting = false;
	nfsim_carrier_update(nic);
	spin_unlock_bh(&nic->lock);
}

static int nfsim_pf_probe(struct device *device)
{
	struct nfsim_nic *nic = nfsim_pf_nic(device);
	struct nfsim_pf_state *state = devm_kzalloc(device, sizeof(*state), GFP_KERNEL);
	char name[IFNAMSIZ];
	int err;

	if (!state)
		return -ENOMEM;
	INIT_DELAYED_WORK(&nic->pf_restore, nfsim_pf_restore);
	INIT_DELAYED_WORK(&nic->pf_sync, nfsim_pf_sync_later);
	state->dev = nfsim_pf_netdev(nic);
	if (!state->dev)
		return -ENOMEM;
	snprintf(name, sizeof(name), "nf%u", nic->id);
	err = nfsim_netdev_register(state->dev, name);
	if (err)
		goto free_dev;
	state->devlink = nfsim_devlink_create(nic);
	if (!state->devlink) {
		err = -ENOMEM;
		goto unregister;
	}
	nfsim_pf_publish(nic, state->dev);
	dev_set_drvdata(device, state);
	nfsim_pf_adapt(nic);
	return 0;

unregister:
	unregister_netdev(state->dev);
free_dev:
	free_netdev(state->dev);
	return err;
}

static void nfsim_pf_remove(struct device *device)
{
	struct nfsim_nic *nic = nfsim_pf_nic(device);
	struct nfsim_pf_state *state = dev_get_drvdata(device);

	nfsim_vfs_destroy(nic);
	nfsim_devlink_destroy(state->devlink);
	nfsim_pf_publish(nic, NULL);
	nfsim_pf_adapt(nic);
	unregister_netdev(state->dev);
	cancel_delayed_work_sync(&nic->pf_restore);
	cancel_delayed_work_sync(&nic->pf_sync);
	free_netdev(state->dev);
}

struct nfsim_driver nfsim_pf_driver = {
	.base = {.name = "nfsim", .bus = &nfsim_bus},
	.probe = nfsim_pf_probe,
	.remove = nfsim_pf_remove,
};
