// SPDX-License-Identifier: GPL-2.0-or-later
/* The cable between the NIC and the wire netdev, which loses frames; and that netdev. */

#include "nfsim.h"

/* splitmix64: the same seed gives the same chances, frame by frame. */
static u32 nfsim_random(struct nfsim_nic *nic)
{
	u64 z = (nic->random += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return (z ^ (z >> 31)) >> 32;
}

static bool nfsim_loses(struct nfsim_nic *nic)
{
	u32 ppm = nic->persona.loss;

	return ppm && ((u64)nfsim_random(nic) * CORE_PPM) >> 32 < ppm;
}

/* A wire netdev takes what a NIC would: all, if it is promiscuous. */
static void nfsim_to_wire(struct nfsim_nic *nic, unsigned int from, struct sk_buff *skb)
{
	struct net_device *dev = nic->wire;
	u8 dst[ETH_ALEN];
	bool taken = false;

	skb_reset_mac_header(skb);
	ether_addr_copy(dst, eth_hdr(skb)->h_dest);
	if (dev && nic->wire_up && !nic->cable_cut &&
	    (dev->flags & IFF_PROMISC || is_multicast_ether_addr(dst) ||
	     ether_addr_equal(dst, dev->dev_addr)))
		taken = nfsim_deliver(dev, skb);
	else
		kfree_skb(skb);
	nfsim_count(nic, from, dst, NFSIM_WIRE, taken);
}

void nfsim_cable_send(struct nfsim_nic *nic, unsigned int from, struct sk_buff *skb)
{
	if (nfsim_loses(nic))
		kfree_skb(skb);
	else if (from == NFSIM_WIRE)
		nfsim_switch(nic, from, skb);
	else
		nfsim_to_wire(nic, from, skb);
}

void nfsim_cable_reseed(struct nfsim_nic *nic)
{
	nic->random = nic->persona.seed;
}

static netdev_tx_t nfsim_wire_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct nfsim_port_priv *priv = netdev_priv(dev);

	return nfsim_xmit(priv->nic, NFSIM_WIRE, skb, dev);
}

static void nfsim_wire_set_up(struct net_device *dev, bool up)
{
	struct nfsim_port_priv *priv = netdev_priv(dev);

	spin_lock_bh(&priv->nic->lock);
	priv->nic->wire_up = up;
	nfsim_carrier_update(priv->nic);
	spin_unlock_bh(&priv->nic->lock);
}

static int nfsim_wire_open(struct net_device *dev)
{
	nfsim_wire_set_up(dev, true);
	return 0;
}

static int nfsim_wire_stop(struct net_device *dev)
{
	nfsim_wire_set_up(dev, false);
	return 0;
}

static const struct net_device_ops nfsim_wire_ops = {
	.ndo_open = nfsim_wire_open,
	.ndo_stop = nfsim_wire_stop,
	.ndo_start_xmit = nfsim_wire_xmit,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_get_stats64 = dev_get_tstats64,
};

static int nfsim_wire_probe(struct device *device)
{
	struct nfsim_nic *nic = nfsim_wire_nic(device);
	const u8 mac[ETH_ALEN] = {0x00, 0x6e, 0x66, (u8)nic->id, 0xff, 0xff};
	struct net_device *dev = nfsim_netdev_alloc(nic, device);
	char name[IFNAMSIZ];
	int err;

	if (!dev)
		return -ENOMEM;
	dev->netdev_ops = &nfsim_wire_ops;
	eth_hw_addr_set(dev, mac);
	snprintf(name, sizeof(name), "nf%uw", nic->id);
	err = nfsim_netdev_register(dev, name);
	if (err) {
		free_netdev(dev);
		return err;
	}
	spin_lock_bh(&nic->lock);
	nic->wire = dev;
	nfsim_carrier_update(nic);
	spin_unlock_bh(&nic->lock);
	dev_set_drvdata(device, dev);
	return 0;
}

static void nfsim_wire_remove(struct device *device)
{
	struct net_device *dev = dev_get_drvdata(device);
	struct nfsim_nic *nic = nfsim_wire_nic(device);

	spin_lock_bh(&nic->lock);
	nic->wire = NULL;
	nfsim_carrier_update(nic);
	spin_unlock_bh(&nic->lock);
	unregister_netdev(dev);
	free_netdev(dev);
}

struct nfsim_driver nfsim_wire_driver = {
	.base = {.name = "nfsimwire", .bus = &nfsim_bus},
	.probe = nfsim_wire_probe,
	.remove = nfsim_wire_remove,
};
