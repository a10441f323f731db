// SPDX-License-Identifier: GPL-2.0-or-later
/* The switch in the NIC: who gets a frame, by the tables and the personality, and giving it to
 * them. */

#include "nfsim.h"

struct nfsim_route {
	const struct ethhdr *eth;
	unsigned int from;
	bool tagged;
	__be16 proto;
	u16 vid;
	/* To whom: */
	DECLARE_BITMAP(vfs, NFSIM_MAX_VFS);
	bool pf, wire;
	struct nfsim_station *station; /* in the PF's place */
};

static bool nfsim_is_vf(unsigned int port)
{
	return port < NFSIM_MAX_VFS;
}

static enum core_from nfsim_from(unsigned int from)
{
	return from == NFSIM_WIRE ? CORE_FROM_WIRE : from == NFSIM_PF ? CORE_FROM_PF : CORE_FROM_VF;
}

static bool nfsim_reaches_pf(const struct nfsim_nic *nic, unsigned int from)
{
	return core_reaches(&nic->does, nfsim_from(from), CORE_AT_PF);
}

static bool nfsim_reaches_vf(const struct nfsim_nic *nic, unsigned int from, unsigned int vf)
{
	return from != vf && core_reaches(&nic->does, nfsim_from(from), CORE_AT_VF);
}

/* A promiscuous PF sees frames of all VLANs, also those that it has no business with. */
static bool nfsim_pf_sees_all(const struct nfsim_nic *nic)
{
	return nic->pf_promisc || nic->pf_forced;
}

static bool nfsim_vlan_pf(const struct nfsim_nic *nic, const struct nfsim_route *r)
{
	struct core_tag tag = {
		.vid = r->vid,
		.unicast = !is_multicast_ether_addr(r->eth->h_dest),
		.all = nfsim_pf_sees_all(nic),
	};
	unsigned int i;

	if (!r->tagged || !r->vid)
		return true;
	for (i = 0; i < NFSIM_MAX_VFS; i++) {
		tag.others |= nic->vfs[i] && core_vids_has(nic->vfs[i]->vids.on, r->vid);
		tag.had |= nic->vfs[i] && core_vids_has(nic->vfs[i]->vids.had, r->vid);
	}
	return core_pf_gets_vlan(&nic->does.vlan, &nic->pf_vids[r->proto != htons(ETH_P_8021Q)],
				 &tag);
}

/* The VLAN that the PF has set for a VF is a part of its address; the others are a filter. */
static bool nfsim_vlan_set(const struct nfsim_vf *vf, const struct nfsim_route *r)
{
	return !vf->vlan || vf->nic->persona.vlan == CORE_VLAN_IGNORE ||
	       (r->tagged && r->vid == vf->vlan && r->proto == vf->vlan_proto);
}

static bool nfsim_vlan_vf(const struct nfsim_vf *vf, const struct nfsim_route *r)
{
	if (vf->vlan || !r->tagged || !r->vid || vf->nic->persona.vlan == CORE_VLAN_IGNORE)
		return nfsim_vlan_set(vf, r);
	return r->proto == htons(ETH_P_8021Q) &&
	       core_vf_gets_vlan(&vf->nic->does.vlan, &vf->vids, r->vid);
}

static void nfsim_route_broadcast(const struct nfsim_nic *nic, struct nfsim_route *r)
{
	unsigned int i;

	r->wire = r->from != NFSIM_WIRE;
	r->pf = core_gets_broadcast(&nic->does, CORE_AT_PF) && nfsim_reaches_pf(nic, r->from) &&
		nfsim_vlan_pf(nic, r);
	if (!core_gets_broadcast(&nic->does, CORE_AT_VF) || nic->switchdev)
		return;
	for (i = 0; i < NFSIM_MAX_VFS; i++)
		if (nic->vfs[i] && nfsim_reaches_vf(nic, r->from, i) &&
		    nfsim_vlan_vf(nic->vfs[i], r) &&
		    (nic->vfs[i]->up || nic->persona.bcast_vf == CORE_BCAST_ALWAYS))
			__set_bit(i, r->vfs);
}

static void nfsim_route_multicast(struct nfsim_nic *nic, struct nfsim_route *r)
{
	const u8 *group = r->eth->h_dest;
	unsigned int i;

	r->wire = r->from != NFSIM_WIRE;
	r->pf = nfsim_reaches_pf(nic, r->from) && nfsim_vlan_pf(nic, r) &&
		nfsim_groups_pf_gets(nic, group);
	for (i = 0; i < NFSIM_MAX_VFS && !nic->switchdev; i++)
		if (nic->vfs[i] && nfsim_reaches_vf(nic, r->from, i) &&
		    nfsim_vlan_vf(nic->vfs[i], r) && nfsim_groups_vf_gets(nic->vfs[i], group))
			__set_bit(i, r->vfs);
}

/* When its filter was written; 0: it has neither that address nor taken it for itself. */
static u64 nfsim_vf_has(const struct nfsim_vf *vf, const u8 *mac)
{
	return core_filter_written(&vf->filter, mac)
		       ?: vf->took && vf->netdev && ether_addr_equal(vf->netdev->dev_addr, mac);
}

/* The VFs that have the address; when the last of their filters was written, or 0 if there is none.
 */
static u64 nfsim_vf_owners(const struct nfsim_nic *nic, struct nfsim_route *r)
{
	struct nfsim_vf *vf;
	unsigned int i;
	u64 written, last = 0;

	for (i = 0; i < NFSIM_MAX_VFS && !nic->switchdev; i++) {
		vf = nic->vfs[i];
		if (!vf || i == r->from || !nfsim_vlan_set(vf, r))
			continue;
		written = nfsim_vf_has(vf, r->eth->h_dest);
		if (written)
			__set_bit(i, r->vfs);
		last = max(last, written);
	}
	return last;
}

/* Both have it: whom does the NIC give it to? */
static void nfsim_arbitrate(const struct nfsim_nic *nic, struct nfsim_route *r, bool station,
			    u64 pf, u64 vf)
{
	enum core_arb arb = core_arbitrate(&nic->does, station, pf, vf);

	r->pf = arb != CORE_ARB_VF;
	if (arb == CORE_ARB_PF)
		bitmap_zero(r->vfs, NFSIM_MAX_VFS);
}

/* A function that has the address, and not the VLAN, does not get the frame; nor does another in
 * its place. */
static void nfsim_keep_in_vlan(const struct nfsim_nic *nic, struct nfsim_route *r)
{
	unsigned int i;

	r->pf = r->pf && nfsim_vlan_pf(nic, r);
	for_each_set_bit(i, r->vfs, NFSIM_MAX_VFS) if (!nfsim_vlan_vf(nic->vfs[i], r))
		__clear_bit(i, r->vfs);
}

/* A frame that the switch does not forward between two ports stays undelivered there. */
static bool nfsim_keep_reachable(const struct nfsim_nic *nic, struct nfsim_route *r)
{
	unsigned int i;

	r->pf = r->pf && nfsim_reaches_pf(nic, r->from);
	for_each_set_bit(i, r->vfs, NFSIM_MAX_VFS) if (!nfsim_reaches_vf(nic, r->from, i))
		__clear_bit(i, r->vfs);
	return r->pf || !bitmap_empty(r->vfs, NFSIM_MAX_VFS);
}

/* Does the PF get to see a frame that is not for it? owned: a VF has its address. */
static bool nfsim_pf_overhears(const struct nfsim_nic *nic, const struct nfsim_route *r, bool owned)
{
	return nfsim_vlan_pf(nic, r) &&
	       core_pf_overhears(&nic->does, nfsim_from(r->from), nfsim_pf_sees_all(nic), owned);
}

/* VFs may be promiscuous too. */
static void nfsim_vfs_overhear(const struct nfsim_nic *nic, struct nfsim_route *r)
{
	const struct nfsim_vf *vf;
	unsigned int i;

	for (i = 0; i < NFSIM_MAX_VFS && !nic->switchdev; i++) {
		vf = nic->vfs[i];
		if (vf && vf->up && nfsim_vlan_vf(vf, r) && nfsim_reaches_vf(nic, r->from, i) &&
		    vf->promisc && vf->trust)
			__set_bit(i, r->vfs);
	}
}

static void nfsim_route_unicast(struct nfsim_nic *nic, struct nfsim_route *r)
{
	struct nfsim_station *station = nfsim_station_find(nic, r->eth->h_dest);
	u64 pf_written = nfsim_filter_pf_owns(nic, r->eth->h_dest),
	    vf_written = nfsim_vf_owners(nic, r);
	bool forwarded;

	r->pf = station || pf_written;
	if (r->pf && vf_written)
		nfsim_arbitrate(nic, r, station, station ? station->written : pf_written,
				vf_written);
	nfsim_keep_in_vlan(nic, r);
	forwarded = nfsim_keep_reachable(nic, r);
	r->station = r->pf ? station : NULL;
	r->wire = r->from != NFSIM_WIRE && !forwarded;
	if (!r->pf && nfsim_pf_overhears(nic, r, vf_written)) {
		r->pf = true;
		if (nic->does.promisc_takes_owned)
			bitmap_zero(r->vfs, NFSIM_MAX_VFS);
	}
	if (!forwarded && !vf_written)
		nfsim_vfs_overhear(nic, r);
}

bool nfsim_deliver(struct net_device *dev, struct sk_buff *skb)
{
	unsigned int length = skb->len;

	skb_orphan(skb);
	skb_scrub_packet(skb, true);
	skb->protocol = eth_type_trans(skb, dev);
	if (netif_rx(skb) != NET_RX_SUCCESS) {
		dev->stats.rx_dropped++;
		return false;
	}
	dev_sw_netstats_rx_add(dev, length);
	return true;
}

void nfsim_stats_look(struct nfsim_vf *vf)
{
	u64 period = vf->nic->persona.stats_ms * (u64)NSEC_PER_MSEC, now = ktime_get_ns();

	if (!period || now < vf->stats_looked + period)
		return;
	vf->stats_looked = now - now % period;
	vf->stats_shown = vf->stats;
}

static void nfsim_vf_count(struct nfsim_vf *vf, const struct sk_buff *skb, const u8 *dst,
			   bool taken)
{
	struct ifla_vf_stats *stats = &vf->stats;

	nfsim_stats_look(vf);
	if (!taken) {
		stats->rx_dropped++;
		return;
	}
	stats->rx_packets++;
	stats->rx_bytes += skb->len;
	stats->broadcast += is_broadcast_ether_addr(dst);
	stats->multicast += is_multicast_ether_addr(dst) && !is_broadcast_ether_addr(dst);
}

static void nfsim_to_vf(struct nfsim_vf *vf, unsigned int from, const struct sk_buff *skb)
{
	struct sk_buff *copy = NULL;
	u8 dst[ETH_ALEN];
	bool taken;

	ether_addr_copy(dst, eth_hdr(skb)->h_dest);
	if (vf->netdev && vf->up && netif_carrier_ok(vf->netdev))
		copy = skb_copy(skb, GFP_ATOMIC);
	taken = copy;
	nfsim_vf_count(vf, skb, dst, taken);
	if (copy) {
		if (vf->vlan && skb_vlan_tag_present(copy) && skb_vlan_tag_get_id(copy) == vf->vlan)
			__vlan_hwaccel_clear_tag(copy);
		taken = nfsim_deliver(vf->netdev, copy);
	}
	nfsim_count(vf->nic, from, dst, vf->index, taken);
}

static void nfsim_to_pf(struct nfsim_nic *nic, struct nfsim_station *station, unsigned int from,
			const struct sk_buff *skb)
{
	struct sk_buff *copy = NULL;
	u8 dst[ETH_ALEN];
	bool taken = false;

	ether_addr_copy(dst, eth_hdr(skb)->h_dest);
	if (nic->pf && nic->pf_up && !nic->pf_resetting)
		copy = skb_copy(skb, GFP_ATOMIC);
	if (copy && station)
		taken = nfsim_station_deliver(station, copy);
	else if (copy)
		taken = nfsim_deliver(nic->pf, copy);
	nfsim_count(nic, from, dst, NFSIM_PF, taken);
}

static void nfsim_route(struct nfsim_nic *nic, struct nfsim_route *r, const struct sk_buff *skb)
{
	r->eth = eth_hdr(skb);
	r->tagged = skb_vlan_tag_present(skb);
	r->proto = skb->vlan_proto;
	r->vid = skb_vlan_tag_get_id(skb);
	if (is_broadcast_ether_addr(r->eth->h_dest))
		nfsim_route_broadcast(nic, r);
	else if (is_multicast_ether_addr(r->eth->h_dest))
		nfsim_route_multicast(nic, r);
	else
		nfsim_route_unicast(nic, r);
}

void nfsim_switch(struct nfsim_nic *nic, unsigned int from, struct sk_buff *skb)
{
	struct nfsim_route r = {.from = from};
	unsigned int i;

	skb_reset_mac_header(skb);
	if (nic->switchdev && nfsim_is_vf(from)) { /* its representor's slow path: not modelled */
		nfsim_count(nic, from, eth_hdr(skb)->h_dest, NFSIM_NOWHERE, false);
		kfree_skb(skb);
		return;
	}
	nfsim_route(nic, &r, skb);
	if (!r.pf && !r.wire && bitmap_empty(r.vfs, NFSIM_MAX_VFS))
		nfsim_count(nic, from, r.eth->h_dest, NFSIM_NOWHERE, false);
	for_each_set_bit(i, r.vfs, NFSIM_MAX_VFS) nfsim_to_vf(nic->vfs[i], from, skb);
	if (r.pf)
		nfsim_to_pf(nic, r.station, from, skb);
	if (r.wire)
		nfsim_cable_send(nic, from, skb);
	else
		consume_skb(skb);
}

struct sk_buff *nfsim_frame(struct sk_buff *skb)
{
	__be16 proto;
	u16 tci;

	skb = skb_unshare(skb, GFP_ATOMIC);
	if (!skb)
		return NULL;
	skb_reset_mac_header(skb);
	if (!pskb_may_pull(skb, ETH_HLEN))
		goto drop;
	if (skb_vlan_tag_present(skb) || !eth_type_vlan(eth_hdr(skb)->h_proto))
		return skb;
	proto = eth_hdr(skb)->h_proto;
	if (!pskb_may_pull(skb, VLAN_ETH_HLEN) || __skb_vlan_pop(skb, &tci))
		goto drop;
	__vlan_hwaccel_put_tag(skb, proto, tci);
	return skb;

drop:
	kfree_skb(skb);
	return NULL;
}
