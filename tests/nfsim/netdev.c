// SPDX-License-Identifier: GPL-2.0-or-later
/* The common parts of the netdevs of PF, VFs and wire: sending, carrier. */

#include "nfsim.h"

/* It has its carrier off until it is opened, a VLAN filter, and no offload that would change a
 * frame. */
struct net_device *nfsim_netdev_alloc(struct nfsim_nic *nic, struct device *parent)
{
	struct net_device *dev = alloc_etherdev(sizeof(struct nfsim_port_priv));
	struct nfsim_port_priv *priv;

	if (!dev)
		return NULL;
	priv = netdev_priv(dev);
	priv->nic = nic;
	SET_NETDEV_DEV(dev, parent);
	dev->ethtool_ops = &nfsim_ethtool_ops;
	dev->priv_flags &= ~IFF_TX_SKB_SHARING;
	dev->priv_flags |= IFF_LIVE_ADDR_CHANGE;
	dev->pcpu_stat_type = NETDEV_PCPU_STAT_TSTATS;
	dev->features |= NETIF_F_HW_VLAN_CTAG_TX | NETIF_F_HW_VLAN_STAG_TX |
			 NETIF_F_HW_VLAN_CTAG_RX | NETIF_F_HW_VLAN_STAG_RX;
	dev->max_mtu = 9000;
	netif_carrier_off(dev);
	return dev;
}

/* Takes this name; if somebody has it, another. */
int nfsim_netdev_register(struct net_device *dev, const char *name)
{
	int err;

	strscpy(dev->name, name, sizeof(dev->name));
	err = register_netdev(dev);
	if (err == -EEXIST) {
		strscpy(dev->name, "nfsim%d", sizeof(dev->name));
		err = register_netdev(dev);
	}
	return err;
}

static int nfsim_vlan(struct net_device *dev, __be16 proto, u16 vid, bool on)
{
	struct nfsim_port_priv *priv = netdev_priv(dev);
	struct nfsim_nic *nic = priv->nic;
	struct core_vids *vids = priv->vf ? &priv->vf->vids
					  : &nic->pf_vids[proto != htons(ETH_P_8021Q)];

	spin_lock_bh(&nic->lock);
	core_vids_set(vids, &nic->does.vlan, priv->vf ? CORE_AT_VF : CORE_AT_PF, vid, on);
	spin_unlock_bh(&nic->lock);
	return 0;
}

int nfsim_vlan_add(struct net_device *dev, __be16 proto, u16 vid)
{
	return nfsim_vlan(dev, proto, vid, true);
}

int nfsim_vlan_del(struct net_device *dev, __be16 proto, u16 vid)
{
	return nfsim_vlan(dev, proto, vid, false);
}

static bool nfsim_pf_may_send(const struct nfsim_nic *nic)
{
	return nic->pf_up && !nic->pf_resetting && !nic->cable_cut && !nic->persona.mgmt;
}

static bool nfsim_vf_may_send(const struct nfsim_vf *vf, const struct sk_buff *skb)
{
	const u8 *own = vf->mac_set ? vf->mac : vf->netdev ? vf->netdev->dev_addr : NULL;

	if (!vf->netdev || !vf->up || !netif_carrier_ok(vf->netdev) || !own)
		return false;
	if (vf->spoofchk && !ether_addr_equal(eth_hdr(skb)->h_source, own))
		return false;
	/* A VF may not choose another VLAN than the one that the PF set for it. */
	return !vf->vlan || !skb_vlan_tag_present(skb) || vf->nic->persona.vlan == CORE_VLAN_IGNORE;
}

static bool nfsim_may_send(struct nfsim_nic *nic, unsigned int from, struct sk_buff *skb)
{
	struct nfsim_vf *vf;

	if (from == NFSIM_WIRE)
		return nic->wire_up && !nic->cable_cut;
	if (from == NFSIM_PF)
		return nfsim_pf_may_send(nic);
	vf = nic->vfs[from];
	if (!vf || !nfsim_vf_may_send(vf, skb)) {
		if (vf)
			vf->stats.tx_dropped++;
		return false;
	}
	vf->stats.tx_packets++;
	vf->stats.tx_bytes += skb->len;
	if (vf->vlan && !skb_vlan_tag_present(skb))
		__vlan_hwaccel_put_tag(skb, vf->vlan_proto, vf->vlan | vf->qos << VLAN_PRIO_SHIFT);
	return true;
}

/* A frame that the NIC does not send was sent as far as the sender can tell. */
netdev_tx_t nfsim_xmit(struct nfsim_nic *nic, unsigned int from, struct sk_buff *skb,
		       struct net_device *dev)
{
	skb_tx_timestamp(skb);
	skb = nfsim_frame(skb);
	if (!skb) {
		dev->stats.tx_dropped++;
		return NETDEV_TX_OK;
	}
	dev_sw_netstats_tx_add(dev, 1, skb->len);
	spin_lock(&nic->lock);
	if (!nfsim_may_send(nic, from, skb)) {
		nfsim_count(nic, from, eth_hdr(skb)->h_dest, NFSIM_NOWHERE, false);
		kfree_skb(skb);
	} else if (from == NFSIM_WIRE) {
		nfsim_cable_send(nic, from, skb);
	} else {
		nfsim_switch(nic, from, skb);
	}
	spin_unlock(&nic->lock);
	return NETDEV_TX_OK;
}

static void nfsim_carrier_set(struct nfsim_nic *nic, unsigned int port, struct net_device *dev,
			      bool on)
{
	if (!dev || netif_carrier_ok(dev) == on)
		return;
	nfsim_note(nic, port, on ? "carrier on" : "carrier off", NULL);
	if (on)
		netif_carrier_on(dev);
	else
		netif_carrier_off(dev);
}

static bool nfsim_vf_link(const struct nfsim_vf *vf, bool link)
{
	if (vf->link_state == IFLA_VF_LINK_STATE_DISABLE)
		return false;
	return link || vf->link_state == IFLA_VF_LINK_STATE_ENABLE;
}

void nfsim_carrier_update(struct nfsim_nic *nic)
{
	bool link = nic->wire && nic->wire_up && !nic->cable_cut;
	struct nfsim_vf *vf;
	unsigned int i;

	nfsim_carrier_set(nic, NFSIM_WIRE, nic->wire, link);
	nfsim_carrier_set(nic, NFSIM_PF, nic->pf,
			  link && nic->pf_up && !nic->pf_resetting && !nic->persona.mgmt);
	for (i = 0; i < NFSIM_MAX_VFS; i++) {
		vf = nic->vfs[i];
		if (vf && vf->netdev)
			nfsim_carrier_set(nic, i, vf->netdev,
					  vf->up && vf->carrier && nfsim_vf_link(vf, link));
	}
}
