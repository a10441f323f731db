// SPDX-License-Identifier: GPL-2.0-or-later
/* The VF's driver and netdev. */

#include <linux/delay.h>

#include "nfsim.h"

static struct nfsim_port_priv *nfsim_priv(struct net_device *dev)
{
	return netdev_priv(dev);
}

static void nfsim_vf_carrier(struct work_struct *work)
{
	struct nfsim_port_priv *priv = container_of(work, struct nfsim_port_priv,
						    carrier_work.work);

	spin_lock_bh(&priv->nic->lock);
	priv->vf->carrier = priv->vf->up;
	nfsim_carrier_update(priv->nic);
	spin_unlock_bh(&priv->nic->lock);
}

static int nfsim_vf_open(struct net_device *dev)
{
	struct nfsim_port_priv *priv = nfsim_priv(dev);
	u32 delay = priv->nic->persona.vf_carrier_ms;

	nfsim_call(priv->vf, "open", "%s", dev->name);
	spin_lock_bh(&priv->nic->lock);
	priv->vf->up = true;
	priv->vf->carrier = !delay;
	nfsim_filter_event(priv->vf, CORE_ON_UP);
	nfsim_carrier_update(priv->nic);
	spin_unlock_bh(&priv->nic->lock);
	if (delay)
		schedule_delayed_work(&priv->carrier_work, nfsim_jiffies(delay));
	return 0;
}

static int nfsim_vf_stop(struct net_device *dev)
{
	struct nfsim_port_priv *priv = nfsim_priv(dev);

	nfsim_call(priv->vf, "stop", "%s", dev->name);
	cancel_delayed_work_sync(&priv->carrier_work);
	spin_lock_bh(&priv->nic->lock);
	priv->vf->up = false;
	priv->vf->carrier = false;
	nfsim_filter_event(priv->vf, CORE_ON_DOWN);
	nfsim_carrier_update(priv->nic);
	spin_unlock_bh(&priv->nic->lock);
	nfsim_vf_forget_notify(priv->vf, CORE_ON_DOWN);
	return 0;
}

static netdev_tx_t nfsim_vf_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct nfsim_port_priv *priv = nfsim_priv(dev);

	return nfsim_xmit(priv->nic, priv->vf->index, skb, dev);
}

static void nfsim_vf_set_rx_mode(struct net_device *dev)
{
	struct nfsim_port_priv *priv = nfsim_priv(dev);

	spin_lock_bh(&priv->nic->lock);
	priv->vf->promisc = dev->flags & IFF_PROMISC;
	priv->vf->allmulti = dev->flags & IFF_ALLMULTI;
	nfsim_groups_vf_sync(priv->vf, dev);
	spin_unlock_bh(&priv->nic->lock);
}

/* A VF tells the PF the address that it gave itself. A bnxt VF also tells one that the PF has
 * assigned (bnxt_approve_mac), and the PF keeps it separately. */
static void nfsim_vf_report(struct nfsim_vf *vf, const struct net_device *dev)
{
	u32 report = vf->nic->persona.own_report;

	if (vf->mac_set &&
	    (report != CORE_REPORT_FOR_EVER || !ether_addr_equal(vf->mac, dev->dev_addr)))
		return;
	if (report)
		ether_addr_copy(vf->reported, dev->dev_addr);
}

/* A VF that is not trusted may not change an address that the PF assigned. */
static int nfsim_vf_set_mac(struct net_device *dev, void *address)
{
	const u8 *mac = ((struct sockaddr *)address)->sa_data;
	struct nfsim_vf *vf = nfsim_priv(dev)->vf;
	bool may;
	int err;

	nfsim_call(vf, "set_mac", "%pM", mac);
	spin_lock_bh(&vf->nic->lock);
	may = vf->trust || !vf->mac_set || ether_addr_equal(mac, vf->mac);
	spin_unlock_bh(&vf->nic->lock);
	if (!may)
		return -EPERM;
	err = eth_mac_addr(dev, address);
	if (err)
		return err;
	spin_lock_bh(&vf->nic->lock);
	nfsim_filter_address_set(vf, mac);
	nfsim_vf_report(vf, dev);
	spin_unlock_bh(&vf->nic->lock);
	return 0;
}

static int nfsim_vf_change_mtu(struct net_device *dev, int mtu)
{
	if (nfsim_refuses(nfsim_priv(dev)->vf, CORE_NO_MTU))
		return -EIO;
	WRITE_ONCE(dev->mtu, (unsigned int)mtu);
	return 0;
}

static const struct net_device_ops nfsim_vf_ops = {
	.ndo_open = nfsim_vf_open,
	.ndo_stop = nfsim_vf_stop,
	.ndo_start_xmit = nfsim_vf_xmit,
	.ndo_set_rx_mode = nfsim_vf_set_rx_mode,
	.ndo_set_mac_address = nfsim_vf_set_mac,
	.ndo_change_mtu = nfsim_vf_change_mtu,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_vlan_rx_add_vid = nfsim_vlan_add,
	.ndo_vlan_rx_kill_vid = nfsim_vlan_del,
	.ndo_get_stats64 = dev_get_tstats64,
};

/* Changes by others to a VF's netdev, of which its driver is not asked. */
static int nfsim_vf_event(struct notifier_block *block, unsigned long event, void *info)
{
	struct net_device *dev = netdev_notifier_info_to_dev(info);

	if (dev->netdev_ops != &nfsim_vf_ops && !nfsim_is_second(dev))
		return NOTIFY_DONE;
	if (event == NETDEV_UNREGISTER && dev->reg_state == NETREG_REGISTERED)
		nfsim_call(nfsim_priv(dev)->vf, "moved", "%s", dev->name);
	else if (event == NETDEV_CHANGENAME)
		nfsim_call(nfsim_priv(dev)->vf, "renamed", "%s", dev->name);
	else if (event == NETDEV_CHANGEMTU)
		nfsim_call(nfsim_priv(dev)->vf, "mtu", "%u", dev->mtu);
	return NOTIFY_DONE;
}

struct notifier_block nfsim_vf_notifier = {.notifier_call = nfsim_vf_event};

static bool nfsim_vf_is_wrong(struct nfsim_vf *vf)
{
	u32 wrong = vf->nic->persona.wrong_mac;

	return wrong == CORE_ALWAYS || vf->binds_with_mac++ < wrong;
}

static void nfsim_vf_address_late(struct work_struct *work)
{
	struct nfsim_port_priv *priv = container_of(work, struct nfsim_port_priv,
						    address_work.work);
	struct net_device *dev = dev_get_drvdata(&priv->vf->dev);

	rtnl_lock();
	spin_lock_bh(&priv->nic->lock);
	if (priv->vf->mac_set)
		eth_hw_addr_set(dev, priv->vf->mac);
	nfsim_note(priv->nic, priv->vf->index, "late address", dev->dev_addr);
	spin_unlock_bh(&priv->nic->lock);
	rtnl_unlock();
}

/* The address that the PF assigned; else one of its own, which most drivers report to the PF. */
static void nfsim_vf_address(struct nfsim_vf *vf, struct net_device *dev)
{
	spin_lock_bh(&vf->nic->lock);
	if (!vf->mac_set || (!vf->nic->persona.mac_late_ms && nfsim_vf_is_wrong(vf)))
		eth_hw_addr_random(dev);
	else if (!vf->nic->persona.mac_late_ms)
		eth_hw_addr_set(dev, vf->mac);
	nfsim_vf_report(vf, dev);
	spin_unlock_bh(&vf->nic->lock);
}

static void nfsim_vf_rename(struct work_struct *work)
{
	struct nfsim_port_priv *priv = container_of(work, struct nfsim_port_priv, rename_work.work);
	struct net_device *dev = dev_get_drvdata(&priv->vf->dev);
	char name[IFNAMSIZ];

	snprintf(name, sizeof(name), "nf%uren%u", priv->nic->id, priv->vf->index);
	if (nfsim_rename(dev, name, priv->nic->persona.rename_anywhere))
		netdev_warn(dev, "could not be renamed\n");
}

static int nfsim_vf_register(struct net_device *dev)
{
	struct nfsim_port_priv *priv = nfsim_priv(dev);
	struct nfsim_vf *vf = priv->vf;
	u32 rename_ms = vf->nic->persona.rename_ms;
	char name[IFNAMSIZ];
	int err;

	snprintf(name, sizeof(name), "nf%uv%u", vf->nic->id, vf->index);
	err = nfsim_netdev_register(dev, name);
	if (err)
		return err;
	priv->registered = true;
	if (rename_ms)
		schedule_delayed_work(&priv->rename_work, nfsim_jiffies(rename_ms));
	if (is_zero_ether_addr(dev->dev_addr))
		schedule_delayed_work(&priv->address_work,
				      nfsim_jiffies(vf->nic->persona.mac_late_ms));
	return 0;
}

static void nfsim_vf_register_late(struct work_struct *work)
{
	struct nfsim_port_priv *priv = container_of(work, struct nfsim_port_priv,
						    register_work.work);

	if (nfsim_vf_register(dev_get_drvdata(&priv->vf->dev)))
		dev_warn(&priv->vf->dev, "its netdev could not be registered\n");
}

static struct net_device *nfsim_vf_netdev(struct nfsim_vf *vf)
{
	struct net_device *dev = nfsim_netdev_alloc(vf->nic, &vf->dev);
	struct nfsim_port_priv *priv;

	if (!dev)
		return NULL;
	priv = nfsim_priv(dev);
	priv->vf = vf;
	INIT_DELAYED_WORK(&priv->carrier_work, nfsim_vf_carrier);
	INIT_DELAYED_WORK(&priv->register_work, nfsim_vf_register_late);
	INIT_DELAYED_WORK(&priv->rename_work, nfsim_vf_rename);
	INIT_DELAYED_WORK(&priv->address_work, nfsim_vf_address_late);
	dev->netdev_ops = &nfsim_vf_ops;
	dev->dev_port = (u16)vf->nic->persona.dev_port;
	dev->hw_features |= NETIF_F_RXCSUM;
	dev->features |= NETIF_F_HW_VLAN_CTAG_FILTER | NETIF_F_RXCSUM;
	nfsim_vf_address(vf, dev);
	return dev;
}

/* The driver's first and last word with the PF: from then on, until then, the NIC knows of it. */
static void nfsim_vf_attach(struct nfsim_vf *vf, struct net_device *dev)
{
	spin_lock_bh(&vf->nic->lock);
	vf->netdev = dev;
	nfsim_filter_event(vf, CORE_ON_BIND);
	spin_unlock_bh(&vf->nic->lock);
}

static void nfsim_vf_detach(struct nfsim_vf *vf)
{
	spin_lock_bh(&vf->nic->lock);
	vf->promisc = vf->allmulti = vf->took = false;
	nfsim_filter_event(vf, CORE_ON_UNBIND);
	vf->netdev = NULL;
	vf->groups.joined.num = 0;
	core_vids_leave(&vf->vids, &vf->nic->does.vlan);
	spin_unlock_bh(&vf->nic->lock);
	rtnl_lock();
	nfsim_vf_forget_notify(vf, CORE_ON_UNBIND);
	rtnl_unlock();
}

static int nfsim_vf_probe(struct device *device)
{
	struct nfsim_vf *vf = nfsim_dev_vf(device);
	const struct core_keys *p = &vf->nic->persona;
	bool without = p->no_netdev == CORE_ALWAYS || vf->binds++ < p->no_netdev;
	struct net_device *dev;
	int err = 0;

	if (nfsim_refuses(vf, CORE_NO_DRIVER))
		return -EIO;
	if (p->bind_ms)
		msleep(p->bind_ms);
	dev = nfsim_vf_netdev(vf);
	if (!dev)
		return -ENOMEM;
	dev_set_drvdata(device, dev);
	nfsim_vf_attach(vf, dev);
	if (without)
		dev_info(device, "nobody will see its netdev\n");
	else if (p->netdev_ms)
		schedule_delayed_work(&nfsim_priv(dev)->register_work, nfsim_jiffies(p->netdev_ms));
	else
		err = nfsim_vf_register(dev);
	if (err) {
		nfsim_vf_detach(vf);
		free_netdev(dev);
		return err;
	}
	if (p->two_ports && !without)
		vf->second = nfsim_second_create(vf->nic, vf);
	return 0;
}

static void nfsim_vf_remove(struct device *device)
{
	struct nfsim_vf *vf = nfsim_dev_vf(device);
	struct net_device *dev = dev_get_drvdata(device);
	struct nfsim_port_priv *priv = nfsim_priv(dev);

	if (vf->second)
		nfsim_second_destroy(vf->second);
	vf->second = NULL;
	cancel_delayed_work_sync(&priv->register_work);
	cancel_delayed_work_sync(&priv->rename_work);
	cancel_delayed_work_sync(&priv->address_work);
	if (priv->registered)
		unregister_netdev(dev);
	nfsim_vf_detach(vf);
	if (vf->nic->persona.unbind_ms)
		msleep(vf->nic->persona.unbind_ms);
	free_netdev(dev);
}

struct nfsim_driver nfsim_vf_driver = {
	.base = {.name = "nfsimvf", .bus = &nfsim_bus},
	.probe = nfsim_vf_probe,
	.remove = nfsim_vf_remove,
};
