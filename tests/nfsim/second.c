// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Netdevs of another port of the same device: mlx4_en makes one for each port of a function, and
 * only dev_port tells them apart. Nothing comes by these, and what they send goes nowhere.
 */

#include "nfsim.h"

static struct nfsim_port_priv *nfsim_second_priv(struct net_device *dev)
{
	return netdev_priv(dev);
}

static int nfsim_second_open(struct net_device *dev)
{
	struct nfsim_vf *vf = nfsim_second_priv(dev)->vf;

	if (vf)
		nfsim_call(vf, "open", "%s", dev->name);
	netif_carrier_on(dev);
	return 0;
}

static int nfsim_second_stop(struct net_device *dev)
{
	struct nfsim_vf *vf = nfsim_second_priv(dev)->vf;

	if (vf)
		nfsim_call(vf, "stop", "%s", dev->name);
	netif_carrier_off(dev);
	return 0;
}

static netdev_tx_t nfsim_second_xmit(struct sk_buff *skb, struct net_device *dev)
{
	dev_sw_netstats_tx_add(dev, 1, skb->len);
	kfree_skb(skb);
	return NETDEV_TX_OK;
}

#define NFSIM_SECOND_OPS                                                          \
	.ndo_open = nfsim_second_open, .ndo_stop = nfsim_second_stop,             \
	.ndo_start_xmit = nfsim_second_xmit, .ndo_set_mac_address = eth_mac_addr, \
	.ndo_validate_addr = eth_validate_addr, .ndo_get_stats64 = dev_get_tstats64

static const struct net_device_ops nfsim_second_vf_ops = {NFSIM_SECOND_OPS};

static const struct net_device_ops nfsim_second_pf_ops = {
	NFSIM_SECOND_OPS,
	.ndo_set_vf_mac = nfsim_set_vf_mac,
	.ndo_set_vf_vlan = nfsim_set_vf_vlan,
	.ndo_get_vf_config = nfsim_get_vf_config,
};

bool nfsim_is_second(const struct net_device *dev)
{
	return dev->netdev_ops == &nfsim_second_vf_ops;
}

/* NULL, and said, if there is none: the first does without it. */
struct net_device *nfsim_second_create(struct nfsim_nic *nic, struct nfsim_vf *vf)
{
	struct net_device *dev = nfsim_netdev_alloc(nic, vf ? &vf->dev : &nic->dev);
	char name[IFNAMSIZ];

	if (!dev)
		return NULL;
	nfsim_second_priv(dev)->vf = vf;
	dev->netdev_ops = vf ? &nfsim_second_vf_ops : &nfsim_second_pf_ops;
	dev->dev_port = !nic->persona.dev_port;
	eth_hw_addr_random(dev);
	if (vf)
		snprintf(name, sizeof(name), "nf%uv%us", nic->id, vf->index);
	else
		snprintf(name, sizeof(name), "nf%us", nic->id);
	if (!nfsim_netdev_register(dev, name))
		return dev;
	netdev_warn(dev, "could not be registered\n");
	free_netdev(dev);
	return NULL;
}

void nfsim_second_destroy(struct net_device *dev)
{
	unregister_netdev(dev);
	free_netdev(dev);
}
