// SPDX-License-Identifier: GPL-2.0-or-later
/* undo.c - the one change that brings a VF closer to its state before the run. Pure. */
#include "backend_priv.h"

#include <stdio.h>
#include <string.h>
#include <linux/netdevice.h>

/* Is it a change of @kind that the run made to the VF? */
static bool is_ours(const struct nfp_undo_state *u, const struct nfp_change *c,
		    enum nfp_change_kind kind)
{
	return c->kind == kind && c->vf == u->before->vf;
}

static bool has_made(const struct nfp_undo_state *u, enum nfp_change_kind kind)
{
	nfp_for_each (c, u->journal->changes, u->journal->num_changes)
		if (is_ours(u, c, kind))
			return true;
	return false;
}

void nfp_undo_state_begin(struct nfp_undo_state *u, const struct nfp_journal_data *journal,
			  const struct nfp_journal_vf *entry)
{
	*u = (struct nfp_undo_state) {
		.journal = journal,
		.before = &entry->before,
		.placeholder_mac = entry->placeholder_mac,
		.source = entry->source,
		.external = entry->external,
	};
	u->was_bound = has_made(u, NFP_CHANGE_VF_BIND);
}

/* ---- changes by other processes ---- */

bool nfp_undo_mac_ours(const struct nfp_undo_state *u, const struct nfp_mac *mac)
{
	const struct nfp_journal_head *head = &u->journal->head;

	if (nfp_mac_equal(&u->placeholder_mac, mac))
		return true;
	nfp_for_each (own, head->addresses, head->num_addresses)
		if (nfp_mac_equal(own, mac))
			return true;
	nfp_for_each (c, u->journal->changes, u->journal->num_changes)
		if (is_ours(u, c, NFP_CHANGE_VF_MAC) && nfp_mac_equal(&c->mac, mac))
			return true;
	return false;
}

bool nfp_undo_mac_external(const struct nfp_undo_state *u)
{
	const struct nfp_mac *mac = &u->now.attr.mac;

	if (!u->now.attr.have_mac || nfp_mac_equal(mac, &u->before->attr.mac))
		return false;
	if (u->external & NFP_VF_ATTR_BIT(NFP_VF_ATTR_MAC))
		return true;
	if (nfp_mac_is_zero(mac) || nfp_mac_equal(mac, &u->before->address))
		return false;
	/* A VF driver without an address takes a random one and tells the PF. */
	if (u->now.have_netdev && u->now.addr_assign_type == NET_ADDR_RANDOM &&
	    nfp_mac_equal(mac, &u->now.address))
		return false;
	return !nfp_undo_mac_ours(u, mac);
}

bool nfp_undo_vlan_external(const struct nfp_undo_state *u)
{
	const struct nfp_vlan *vlan = &u->now.attr.vlan;

	if (nfp_vlan_equal(vlan, &u->before->attr.vlan))
		return false;
	if (u->external & NFP_VF_ATTR_BIT(NFP_VF_ATTR_VLAN))
		return true;
	if (!vlan->vid && !vlan->qos)
		return false;
	nfp_for_each (c, u->journal->changes, u->journal->num_changes)
		if (is_ours(u, c, NFP_CHANGE_VF_VLAN) && c->vlan.vid == vlan->vid)
			return false;
	return true;
}

/* Is @name a driver that the run gave the VF by a change of this kind? */
static bool named_by_us(const struct nfp_undo_state *u, enum nfp_change_kind kind, const char *name)
{
	nfp_for_each (c, u->journal->changes, u->journal->num_changes)
		if (is_ours(u, c, kind) && strcmp(c->name, name) == 0)
			return true;
	return false;
}

bool nfp_undo_taken(const struct nfp_undo_state *u, char buf[NFP_REASON_LEN])
{
	if (u->now.driver[0] && nfp_vf_state_differ(u->before, &u->now, NFP_PART_DRIVER) &&
	    !named_by_us(u, NFP_CHANGE_VF_BIND, u->now.driver)) {
		snprintf(buf, NFP_REASON_LEN, "another process has bound VF %u (%s) to %s",
			 u->before->vf, u->before->parentdev, u->now.driver);
		return true;
	}
	/* Where a driver does not bind otherwise, undoing sets driver_override to it. */
	if (u->now.driver_override[0] &&
	    strcmp(u->now.driver_override, u->before->driver_override) != 0 &&
	    strcmp(u->now.driver_override, u->before->driver) != 0 &&
	    !named_by_us(u, NFP_CHANGE_VF_OVERRIDE, u->now.driver_override)) {
		snprintf(buf, NFP_REASON_LEN,
			 "another process has set driver_override of VF %u (%s) to %s",
			 u->before->vf, u->before->parentdev, u->now.driver_override);
		return true;
	}
	return false;
}

static bool mac_differs(const struct nfp_undo_state *u)
{
	return nfp_vf_state_differ(u->before, &u->now, NFP_VF_ATTR_BIT(NFP_VF_ATTR_MAC)) &&
	       !nfp_undo_mac_external(u);
}

/* The run has set what the VF's driver does not report, so its earlier value is not known. */
static bool is_blind(const struct nfp_undo_state *u, enum nfp_change_kind kind)
{
	return !u->before->attr.have_mac && has_made(u, kind);
}

/* ---- what is known of the attributes ---- */

void nfp_undo_know(struct nfp_undo_state *u)
{
	const struct nfp_mac *mac = &u->now.attr.mac;

	/* An address that the PF has set, or none, outlasts a reset of the VF and the loss of its
	 * driver. If a setting does not, the report at the end shows it. */
	bool by_pf = nfp_mac_is_zero(mac) || nfp_undo_mac_ours(u, mac);

	u->source_of_attr = u->now.attr.have_mac && by_pf ? NFP_ATTR_WRITTEN : NFP_ATTR_UNSURE;
}

void nfp_undo_note(struct nfp_undo_state *u, const struct nfp_change *c, int ret)
{
	bool sure = u->source_of_attr != NFP_ATTR_UNSURE && !ret;

	switch (c->kind) {
	case NFP_CHANGE_VF_OVERRIDE:
	case NFP_CHANGE_LINK_NAME:
	case NFP_CHANGE_LINK_SETTING:
		return;
	case NFP_CHANGE_VF_MAC:
		u->now.attr.mac = c->mac;
		break;
	case NFP_CHANGE_VF_VLAN:
		u->now.attr.vlan = c->vlan;
		break;
	case NFP_CHANGE_VF_RESET:
	case NFP_CHANGE_VF_UNBIND:
		nfp_undo_know(u);
		sure &= u->source_of_attr == NFP_ATTR_WRITTEN;
		break;
	default:
		sure = false;
	}
	u->source_of_attr = sure ? NFP_ATTR_WRITTEN : NFP_ATTR_UNSURE;
}

void nfp_undo_news(struct nfp_undo_state *u, const struct nfp_vf_attr *last)
{
	/* A driver begins with these when it is bound, and when the VF is reset. With spoof
	 * checking some begin on, others off: it is put back whoever changed it. */
	static const struct nfp_vf_attr begins = {.have_mac = true};
	const struct nfp_vf_attr *now = &u->now.attr;
	uint32_t settings = NFP_VF_ATTR_BIT(NFP_VF_ATTR_TRUST) |
			    NFP_VF_ATTR_BIT(NFP_VF_ATTR_STATE) |
			    NFP_VF_ATTR_BIT(NFP_VF_ATTR_RSS_QUERY);

	if (now->have_mac)
		u->external |= settings & nfp_vf_attr_differ(last, now) &
			       nfp_vf_attr_differ(&begins, now) &
			       nfp_vf_attr_differ(&u->before->attr, now);
}

bool nfp_undo_knows(const struct nfp_undo_state *u, const struct nfp_change *next)
{
	if (!next || u->source_of_attr == NFP_ATTR_READ)
		return u->source_of_attr == NFP_ATTR_READ;
	return u->source_of_attr == NFP_ATTR_WRITTEN ||
	       !(nfp_change_is(next->kind, NFP_CHANGE_VF_ATTR) ||
		 next->kind == NFP_CHANGE_VF_UNBIND);
}

/* ---- the next change: of several, the first that is still to be tried ---- */

static bool try_once(struct nfp_undo_state *u, uint32_t what)
{
	if (u->tried & what)
		return false;
	u->tried |= what;
	return true;
}

/* True, for the caller to return. */
static bool next_is(struct nfp_change *c, enum nfp_change_kind kind, const char *name)
{
	c->kind = kind;
	snprintf(c->name, sizeof(c->name), "%s", name);
	return true;
}

/* The address that the PF is to have before the driver is bound. The netdev gets the VF's own. */
static struct nfp_mac mac_before_bind(const struct nfp_undo_state *u)
{
	struct nfp_mac zero = {{0}}, mac = u->before->attr.mac;
	/*
	 * The VF gave itself its address, and the PF merely reports it, if that: it is restored on
	 * the netdev. The PF would make it an administrator's, which a guest may not change.
	 */
	bool own = u->before->have_netdev && (u->before->addr_assign_type == NET_ADDR_RANDOM ||
					      u->before->addr_assign_type == NET_ADDR_SET);

	/* If the PF's driver does not report the address, the netdev shows it. */
	if (!u->before->attr.have_mac && u->before->have_netdev)
		mac = u->before->address;
	if (!nfp_mac_is_zero(&mac) && (u->zero_refused || !own))
		return mac;
	if (!u->zero_refused)
		return zero;
	/* Through the PF the netdev at least gets the address that it had. */
	return u->before->have_netdev ? u->before->address : u->placeholder_mac;
}

/*
 * May the VF have given itself its address? Not if its driver found it there, nor if it is not
 * locally administered, as one is that a driver makes up (eth_random_addr).
 */
static bool was_own_mac(const struct nfp_vf_state *was)
{
	bool found = was->have_netdev && was->addr_assign_type == NET_ADDR_PERM &&
		     nfp_mac_equal(&was->address, &was->attr.mac);

	return !nfp_mac_is_zero(&was->attr.mac) && (was->attr.mac.b[0] & 0x02) && !found;
}

static bool next_mac(struct nfp_undo_state *u, struct nfp_change *c)
{
	const struct nfp_vf_state *was = u->before;
	struct nfp_mac want = mac_before_bind(u);
	bool blind = is_blind(u, NFP_CHANGE_VF_MAC);

	if (!blind && (!was->attr.have_mac || !u->now.attr.have_mac || nfp_undo_mac_external(u) ||
		       nfp_mac_equal(&u->now.attr.mac, &want)))
		return false;
	/* The run has not changed it yet: its driver will find what it had. */
	if (!blind && !u->was_bound && nfp_mac_equal(&u->now.attr.mac, &was->attr.mac) &&
	    (!was->have_netdev || nfp_mac_equal(&was->address, &was->attr.mac)))
		return false;
	if (!try_once(u, u->zero_refused ? NFP_TRY_MAC_ZERO : NFP_TRY_MAC))
		return false;
	c->kind = NFP_CHANGE_VF_MAC;
	c->mac = want;
	u->mac_by_pf |= nfp_mac_equal(&want, &was->attr.mac) && was_own_mac(was);
	return true;
}

/* Before the driver is bound. */
static bool next_of_driver(struct nfp_undo_state *u, struct nfp_change *c)
{
	const struct nfp_vf_state *now = &u->now;
	const uint32_t differ = nfp_vf_state_differ(
		u->before, now, NFP_PART_DRIVER | NFP_PART_NETDEV | NFP_PART_ADDRESS);

	/* Once we have bound it, what still differs is corrected on the netdev. */
	if (u->source || (u->tried & NFP_TRY_BIND))
		return false;
	if (now->driver[0])
		return (differ || mac_differs(u)) && try_once(u, NFP_TRY_UNBIND) &&
		       next_is(c, NFP_CHANGE_VF_UNBIND, now->driver);
	/* Our driver may have left the test MAC in filters of the VF itself. */
	if (u->was_bound && u->can_reset && try_once(u, NFP_TRY_RESET))
		return next_is(c, NFP_CHANGE_VF_RESET, "");
	return next_mac(u, c);
}

/* Our changes may have made the driver reset some attributes. */
static bool next_setting(struct nfp_undo_state *u, struct nfp_change *c)
{
	struct nfp_vf_attr was = u->before->attr;
	uint32_t differ = nfp_vf_state_differ(u->before, &u->now, NFP_PART_ATTRS);

	differ &= ~u->external;
	/* Without a rate, qede reports the link speed: only a limit that is gone counts. */
	if (u->now.attr.max_tx_rate)
		differ &= ~NFP_VF_ATTR_BIT(NFP_VF_ATTR_RATE);
	for (enum nfp_vf_attr_id id = NFP_VF_ATTR_SPOOFCHK; id < NFP_VF_ATTR_COUNT; id++) {
		const int *value = nfp_vf_attr_switch(&was, id);

		if (!(differ & NFP_VF_ATTR_BIT(id)) || !try_once(u, 1U << (NFP_TRY_SETTING + id)))
			continue;
		c->value = value ? *value : 0;
		c->rate[0] = was.min_tx_rate;
		c->rate[1] = was.max_tx_rate;
		return next_is(c, NFP_CHANGE_OF_ATTR(id), "");
	}
	return false;
}

/* The VF's attributes, driver_override, and its driver. */
static bool next_of_device(struct nfp_undo_state *u, struct nfp_change *c)
{
	const struct nfp_vf_state *was = u->before, *now = &u->now;
	bool vlan_differs = now->attr.have_mac &&
			    !nfp_vlan_equal(&was->attr.vlan, &now->attr.vlan) &&
			    !nfp_undo_vlan_external(u);

	if ((vlan_differs || is_blind(u, NFP_CHANGE_VF_VLAN)) && try_once(u, NFP_TRY_VLAN)) {
		c->vlan = u->before->attr.vlan;
		return next_is(c, NFP_CHANGE_VF_VLAN, "");
	}
	if (next_setting(u, c))
		return true;
	if (now->have_override && nfp_vf_state_differ(was, now, NFP_PART_OVERRIDE) &&
	    try_once(u, u->tried & NFP_TRY_BIND ? NFP_TRY_OVERRIDE_AFTER : NFP_TRY_OVERRIDE))
		return next_is(c, NFP_CHANGE_VF_OVERRIDE, was->driver_override);
	if (u->source || now->driver[0] || !was->driver[0] || !try_once(u, NFP_TRY_BIND))
		return false;
	c->value = was->have_netdev;
	return next_is(c, NFP_CHANGE_VF_BIND, was->driver);
}

/* Once the driver is bound. */
static bool next_of_netdev(struct nfp_undo_state *u, struct nfp_change *c)
{
	const struct nfp_vf_state *was = u->before, *now = &u->now;
	const uint32_t differ = nfp_vf_state_differ(was, now, ~0U);

	/* If another process set the VF's address, its netdev has that one. */
	if (differ & NFP_PART_ADDRESS && !(u->external & NFP_VF_ATTR_BIT(NFP_VF_ATTR_MAC)) &&
	    try_once(u, NFP_TRY_ADDRESS)) {
		c->mac = was->address;
		return next_is(c, NFP_CHANGE_LINK_ADDRESS, "");
	}
	/* The PF has not learned the address of the VF's netdev, or has learned another. */
	if (mac_differs(u) && now->driver[0] && try_once(u, NFP_TRY_MAC_AFTER)) {
		c->mac = was->attr.mac;
		/* An address that the VF's netdev did not have was set by an administrator. */
		u->mac_by_pf |= nfp_mac_equal(&c->mac, &was->address) && was_own_mac(was);
		return next_is(c, NFP_CHANGE_VF_MAC, "");
	}
	if (differ & NFP_PART_NAME && try_once(u, NFP_TRY_NAME))
		return next_is(c, NFP_CHANGE_LINK_NAME, was->ifname);
	if (differ & NFP_PART_DOWN && try_once(u, NFP_TRY_UP))
		return next_is(c, NFP_CHANGE_LINK_UP, "");
	c->ifindex = now->second_ifindex;
	snprintf(c->ifname, sizeof(c->ifname), "%s", now->second);
	if (differ & NFP_PART_SECOND_NAME && try_once(u, NFP_TRY_SECOND_NAME))
		return next_is(c, NFP_CHANGE_LINK_NAME, was->second);
	return differ & NFP_PART_SECOND_DOWN && try_once(u, NFP_TRY_SECOND_UP) &&
	       next_is(c, NFP_CHANGE_LINK_UP, "");
}

bool nfp_undo_next(struct nfp_undo_state *u, struct nfp_change *ret_change)
{
	struct nfp_change c = nfp_change_of_vf(u->before, NFP_CHANGE_COUNT, NULL);
	char taken[NFP_REASON_LEN];
	bool found;

	if (nfp_undo_taken(u, taken))
		return false;
	c.ifindex = u->now.ifindex;
	snprintf(c.ifname, sizeof(c.ifname), "%s", u->now.ifname);
	if (u->source && u->in_private && !u->now.have_netdev && try_once(u, NFP_TRY_MOVE_BACK)) {
		snprintf(c.ifname, sizeof(c.ifname), "%s", u->before->ifname);
		found = next_is(&c, NFP_CHANGE_NETNS_OUT, "");
	} else {
		found = next_of_driver(u, &c) || next_of_device(u, &c) || next_of_netdev(u, &c);
	}
	if (found)
		*ret_change = c;
	return found;
}
