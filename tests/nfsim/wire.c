// SPDX-License-Identifier: GPL-2.0-or-later
/* The cable: loss, duplicates, delay and disorder between the NIC and the wire netdev; and that
 * netdev. */

#include "nfsim.h"

#define NFSIM_CABLE_MAX 20000 /* frames on their way; more are lost */

/* In a frame's control block while it is on its way. */
struct nfsim_cargo {
	struct rb_node node;
	u64 due, order;
	unsigned int from;
};

static struct nfsim_cargo *nfsim_cargo(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct nfsim_cargo) > sizeof(skb->cb));
	return (struct nfsim_cargo *)skb->cb;
}

static struct sk_buff *nfsim_cargo_skb(struct rb_node *node)
{
	struct nfsim_cargo *cargo = rb_entry(node, struct nfsim_cargo, node);

	return (struct sk_buff *)((char *)cargo - offsetof(struct sk_buff, cb));
}

/* splitmix64: the same seed gives the same chances, frame by frame. */
static u32 nfsim_random(struct nfsim_cable *cable)
{
	u64 z = (cable->random += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return (z ^ (z >> 31)) >> 32;
}

static bool nfsim_chance(struct nfsim_cable *cable, u32 ppm)
{
	return ppm && ((u64)nfsim_random(cable) * CORE_PPM) >> 32 < ppm;
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

static void nfsim_arrive(struct nfsim_nic *nic, unsigned int from, struct sk_buff *skb)
{
	if (from == NFSIM_WIRE)
		nfsim_switch(nic, from, skb);
	else
		nfsim_to_wire(nic, from, skb);
}

static bool nfsim_cargo_before(const struct nfsim_cargo *one, const struct nfsim_cargo *other)
{
	return one->due < other->due || (one->due == other->due && one->order < other->order);
}

static void nfsim_cable_add(struct nfsim_cable *cable, struct sk_buff *skb, u64 due,
			    unsigned int from)
{
	struct rb_node **link = &cable->queue.rb_root.rb_node, *parent = NULL;
	struct nfsim_cargo *cargo = nfsim_cargo(skb);
	bool first = true;

	cargo->due = due;
	cargo->order = cable->order++;
	cargo->from = from;
	while (*link) {
		parent = *link;
		if (nfsim_cargo_before(cargo, rb_entry(parent, struct nfsim_cargo, node))) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			first = false;
		}
	}
	rb_link_node(&cargo->node, parent, link);
	rb_insert_color_cached(&cargo->node, &cable->queue, first);
	cable->queued++;
	if (first)
		hrtimer_start(&cable->timer, ns_to_ktime(due), HRTIMER_MODE_ABS_SOFT);
}

static struct sk_buff *nfsim_cable_take(struct nfsim_cable *cable)
{
	struct rb_node *node = rb_first_cached(&cable->queue);

	rb_erase_cached(node, &cable->queue);
	cable->queued--;
	return nfsim_cargo_skb(node);
}

static enum hrtimer_restart nfsim_cable_timer(struct hrtimer *timer)
{
	struct nfsim_nic *nic = container_of(timer, struct nfsim_nic, cable.timer);
	struct nfsim_cable *cable = &nic->cable;
	struct rb_node *node;
	struct sk_buff *skb;
	unsigned int from;

	spin_lock(&nic->lock);
	while ((node = rb_first_cached(&cable->queue))) {
		if (rb_entry(node, struct nfsim_cargo, node)->due > ktime_get_ns())
			break;
		skb = nfsim_cable_take(cable);
		from = nfsim_cargo(skb)->from;
		memset(skb->cb, 0, sizeof(skb->cb));
		nfsim_arrive(nic, from, skb);
	}
	node = rb_first_cached(&cable->queue);
	if (node)
		hrtimer_start(timer, ns_to_ktime(rb_entry(node, struct nfsim_cargo, node)->due),
			      HRTIMER_MODE_ABS_SOFT);
	spin_unlock(&nic->lock);
	return HRTIMER_NORESTART;
}

/* When a frame that is sent now arrives; 0 is at once. */
static u64 nfsim_cable_due(struct nfsim_nic *nic, unsigned int from)
{
	const struct core_keys *p = &nic->persona;
	struct nfsim_cable *cable = &nic->cable;
	u64 *last = &cable->last_due[from == NFSIM_WIRE];
	u64 now = ktime_get_ns(), due;
	s64 delay = p->delay_us * 1000ll;

	if (p->jitter_us)
		delay += (s64)(((u64)nfsim_random(cable) * 2 * p->jitter_us * 1000) >> 32) -
			 p->jitter_us * 1000ll;
	if (nfsim_chance(cable, p->reorder)) /* the others do not wait for it */
		return now + max(delay, 0ll) + p->reorder_us * 1000ull;
	if (!p->delay_us && !p->jitter_us && *last <= now)
		return 0;
	due = max(now + max(delay, 0ll), *last);
	*last = due;
	return due;
}

static void nfsim_cable_send_one(struct nfsim_nic *nic, unsigned int from, struct sk_buff *skb)
{
	u64 due = nfsim_cable_due(nic, from);

	if (!due) {
		nfsim_arrive(nic, from, skb);
	} else if (nic->cable.queued < NFSIM_CABLE_MAX) {
		skb_orphan(skb); /* its sender's buffer is for what it has not sent yet */
		nfsim_cable_add(&nic->cable, skb, due, from);
	} else {
		kfree_skb(skb);
	}
}

void nfsim_cable_send(struct nfsim_nic *nic, unsigned int from, struct sk_buff *skb)
{
	const struct core_keys *p = &nic->persona;
	struct sk_buff *copy;

	if (nfsim_chance(&nic->cable, p->loss)) {
		kfree_skb(skb);
		return;
	}
	copy = nfsim_chance(&nic->cable, p->dup) ? skb_copy(skb, GFP_ATOMIC) : NULL;
	nfsim_cable_send_one(nic, from, skb);
	if (copy)
		nfsim_cable_send_one(nic, from, copy);
}

void nfsim_cable_reseed(struct nfsim_nic *nic)
{
	nic->cable.random = nic->persona.seed;
}

void nfsim_cable_init(struct nfsim_nic *nic)
{
	nic->cable.queue = RB_ROOT_CACHED;
	hrtimer_setup(&nic->cable.timer, nfsim_cable_timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	nfsim_cable_reseed(nic);
}

/* When no netdev is left that sends. */
void nfsim_cable_stop(struct nfsim_nic *nic)
{
	hrtimer_cancel(&nic->cable.timer);
	while (rb_first_cached(&nic->cable.queue))
		kfree_skb(nfsim_cable_take(&nic->cable));
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
	.ndo_get_phys_port_id = nfsim_get_phys_port_id,
	.ndo_get_port_parent_id = nfsim_get_port_parent_id,
	.ndo_get_phys_port_name = nfsim_get_phys_port_name,
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
