// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stations: with l2-fwd-offload, a macvlan of the PF has a filter and queues of its own in the NIC
 * (ixgbe_fwd_add, i40e_fwd_add, fm10k_dfwd_add_station). Its address is not in the PF's unicast
 * list, and what comes for it is not seen at the PF's netdev.
 */

#include "nfsim.h"

static struct nfsim_nic *nfsim_station_nic(struct net_device *pf)
{
	return ((struct nfsim_port_priv *)netdev_priv(pf))->nic;
}

/* The macvlan is being opened; an error leaves it to the PF's unicast list. */
void *nfsim_station_add(struct net_device *pf, struct net_device *dev)
{
	struct nfsim_nic *nic = nfsim_station_nic(pf);
	struct nfsim_station *station = NULL;
	unsigned int i;

	if (nic->persona.station)
		return ERR_PTR(-(int)nic->persona.station);
	spin_lock_bh(&nic->lock);
	for (i = 0; i < NFSIM_STATIONS && !station; i++)
		if (!nic->stations[i].dev)
			station = &nic->stations[i];
	if (station) {
		station->dev = dev;
		ether_addr_copy(station->mac, dev->dev_addr);
		station->written = ++nic->writes;
		nfsim_note(nic, NFSIM_PF, "station on", station->mac);
	}
	spin_unlock_bh(&nic->lock);
	return station ? station : ERR_PTR(-EBUSY);
}

void nfsim_station_del(struct net_device *pf, void *priv)
{
	struct nfsim_nic *nic = nfsim_station_nic(pf);
	struct nfsim_station *station = priv;

	spin_lock_bh(&nic->lock);
	station->dev = NULL;
	nfsim_note(nic, NFSIM_PF, "station off", station->mac);
	spin_unlock_bh(&nic->lock);
}

struct nfsim_station *nfsim_station_find(struct nfsim_nic *nic, const u8 *mac)
{
	unsigned int i;

	for (i = 0; i < NFSIM_STATIONS; i++)
		if (nic->stations[i].dev && ether_addr_equal(nic->stations[i].mac, mac))
			return &nic->stations[i];
	return NULL;
}

bool nfsim_station_any(const struct nfsim_nic *nic)
{
	unsigned int i;

	for (i = 0; i < NFSIM_STATIONS; i++)
		if (nic->stations[i].dev)
			return true;
	return false;
}

bool nfsim_station_deliver(struct nfsim_station *station, struct sk_buff *skb)
{
	skb_orphan(skb);
	skb_scrub_packet(skb, true);
	skb->protocol = eth_type_trans(skb, station->dev);
	return netif_rx(skb) == NET_RX_SUCCESS;
}
