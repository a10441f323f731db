// SPDX-License-Identifier: GPL-2.0-or-later
#include "undo_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <linux/netdevice.h>

#include "nfprobe/netlink.h"

/* The next change of @kind that the run made to the VF, from number *@at on; NULL: none is left. */
static const struct nfp_change *next_made(const struct nfp_undo_state *u, enum nfp_change_kind kind,
					  size_t *at)
{
	while (*at < u->journal->num_changes) {
		const struct nfp_change *c = &u->journal->changes[(*at)++];

		if (c->kind == kind && c->vf == u->vf)
			return c;
	}
	return NULL;
}

static bool has_made(const struct nfp_undo_state *u, enum nfp_change_kind kind)
{
	size_t at = 0;

	return next_made(u, kind, &at);
}

void nfp_undo_state_begin(struct nfp_undo_state *u, const struct nfp_journal_data *journal,
			  const struct nfp_journal_vf *entry)
{
	*u = (struct nfp_undo_state) {
		.journal = journal,
		.before = &entry->before,
		.vf = entry->before.vf,
		.source = entry->source,
	};
	u->was_bound = has_made(u, NFP_CHANGE_VF_BIND);
	for (size_t i = 0; i < journal->num_vfs; i++)
		if (journal->vfs[i].before.vf == u->vf)
			u->foreign = journal->vfs[i].foreign;
}

/* ---- ours, or somebody else's ---- */

bool nfp_undo_mac_ours(const struct nfp_undo_state *u, const struct nfp_mac *mac)
{
	const struct nfp_journal_head *head = &u->journal->head;
	const struct nfp_change *c;

	for (size_t i = 0; i < head->num_addresses; i++)
		if (nfp_mac_equal(&head->addresses[i], mac))
			return true;
	for (size_t at = 0; (c = next_made(u, NFP_CHANGE_VF_MAC, &at));)
		if (nfp_mac_equal(&c->mac, mac))
			return true;
	return false;
}

bool nfp_undo_mac_foreign(const struct nfp_undo_state *u)
{
	const struct nfp_mac *mac = &u->now.attr.mac;

	if (!u->now.attr.have_mac || nfp_mac_equal(mac, &u->before->attr.mac))
		return false;
	if (u->foreign & NFP_VF_ATTR_BIT(NFP_VF_ATTR_MAC))
		return true;
	if (nfp_mac_is_zero(mac) || nfp_mac_equal(mac, &nfp_mac_parked) ||
	    nfp_mac_equal(mac, &u->before->address))
		return false;
	/* A VF driver without an address takes a random one and tells the PF. */
	if (u->now.have_netdev && u->now.addr_assign_type == NET_ADDR_RANDOM &&
	    nfp_mac_equal(mac, &u->now.address))
		return false;
	return !nfp_undo_mac_ours(u, mac);
}

bool nfp_undo_vlan_foreign(const struct nfp_undo_state *u)
{
	const struct nfp_change *c;
	const struct nfp_vlan *vlan = &u->now.attr.vlan;

	if (nfp_vlan_equal(vlan, &u->before->attr.vlan))
		return false;
	if (u->foreign & NFP_VF_ATTR_BIT(NFP_VF_ATTR_VLAN))
		return true;
	if (!vlan->vid && !vlan->qos)
		return false;
	for (size_t at = 0; (c = next_made(u, NFP_CHANGE_VF_VLAN, &at));)
		if (c->vlan.vid == vlan->vid)
			return false;
	return true;
}

/* Is @name one that the run gave the VF by changes of this kind? */
static bool named_by_us(const struct nfp_undo_state *u, enum nfp_change_kind kind, const char *name)
{
	const struct nfp_change *c;

	for (size_t at = 0; (c = next_made(u, kind, &at));)
		if (strcmp(c->name, name) == 0)
			return true;
	return false;
}

bool nfp_undo_taken(const struct nfp_undo_state *u, char buf[NFP_REASON])
{
	if (u->now.driver[0] && strcmp(u->now.driver, u->before->driver) != 0 &&
	    !named_by_us(u, NFP_CHANGE_VF_BIND, u->now.driver)) {
		snprintf(buf, NFP_REASON, "another process has bound VF %u (%s) to %s",
			 u->before->vf, u->before->parentdev, u->now.driver);
		return true;
	}
	/* Undoing names the driver that the VF had, where it does not bind otherwise. */
	if (u->now.driver_override[0] &&
	    strcmp(u->now.driver_override, u->before->driver_override) != 0 &&
	    strcmp(u->now.driver_override, u->before->driver) != 0 &&
	    !named_by_us(u, NFP_CHANGE_VF_OVERRIDE, u->now.driver_override)) {
		snprintf(buf, NFP_REASON,
			 "another process has set driver_override of VF %u (%s) to %s",
			 u->before->vf, u->before->parentdev, u->now.driver_override);
		return true;
	}
	return false;
}

/*
 * The VF gave itself its address, which the PF merely reports (or not at all): it is put back on
 * the VF's netdev. Set by the PF it would be an administrator's, which a guest may then not change.
 */
static bool has_own_address(const struct nfp_undo_state *u)
{
	return u->before->have_netdev && (u->before->addr_assign_type == NET_ADDR_RANDOM ||
					  u->before->addr_assign_type == NET_ADDR_SET);
}

static bool mac_differs(const struct nfp_undo_state *u)
{
	return u->before->attr.have_mac && u->now.attr.have_mac &&
	       !nfp_mac_equal(&u->before->attr.mac, &u->now.attr.mac) && !nfp_undo_mac_foreign(u);
}

/* What the VF had is not known, as its driver reports no VFs, and the run has set it. */
static bool is_blind(const struct nfp_undo_state *u, enum nfp_change_kind kind)
{
	return !u->before->attr.have_mac && has_made(u, kind);
}

/* ---- one thing at a time ---- */

static bool try_once(struct nfp_undo_state *u, uint32_t what)
{
	if (u->tried & what)
		return false;
	u->tried |= what;
	return true;
}

/* True, as the step that has found it returns. */
static bool next_is(struct nfp_change *c, enum nfp_change_kind kind, const char *name)
{
	c->kind = kind;
	snprintf(c->name, sizeof(c->name), "%s", name);
	return true;
}

static bool same_driver(const struct nfp_undo_state *u)
{
	return strcmp(u->before->driver, u->now.driver) == 0;
}

static bool netdev_is_wrong(const struct nfp_undo_state *u)
{
	return u->before->have_netdev &&
	       (!u->now.have_netdev || !nfp_mac_equal(&u->before->address, &u->now.address));
}

static bool next_move_back(struct nfp_undo_state *u, struct nfp_change *c)
{
	if (!u->source || !u->in_private || u->now.have_netdev || !try_once(u, NFP_TRY_MOVE_BACK))
		return false;
	c->kind = NFP_CHANGE_NETNS_OUT;
	snprintf(c->ifname, sizeof(c->ifname), "%s", u->before->ifname);
	return true;
}

static bool next_unbind(struct nfp_undo_state *u, struct nfp_change *c)
{
	/* Bound by us already: what is still wrong is put right on the netdev. */
	if (u->source || !u->now.driver[0] || (u->tried & NFP_TRY_BIND))
		return false;
	if (same_driver(u) && !mac_differs(u) && !netdev_is_wrong(u))
		return false;
	if (!try_once(u, NFP_TRY_UNBIND))
		return false;
	return next_is(c, NFP_CHANGE_VF_UNBIND, u->now.driver);
}

/* Our driver may have left X in filters that are the VF's own. */
static bool next_reset(struct nfp_undo_state *u, struct nfp_change *c)
{
	if (u->source || u->now.driver[0] || !u->was_bound || !u->can_reset ||
	    (u->tried & NFP_TRY_BIND) || !try_once(u, NFP_TRY_RESET))
		return false;
	return next_is(c, NFP_CHANGE_VF_RESET, "");
}

/* What the PF is to have before the driver is bound; zero is handed over to the VF's netdev. */
static struct nfp_mac mac_before_bind(const struct nfp_undo_state *u)
{
	struct nfp_mac zero = {{0}}, mac = u->before->attr.mac;

	/* Where the PF's driver does not say, the netdev shows it. */
	if (!u->before->attr.have_mac && u->before->have_netdev)
		mac = u->before->address;
	if (!nfp_mac_is_zero(&mac) && (u->zero_refused || !has_own_address(u)))
		return mac;
	if (!u->zero_refused)
		return zero;
	/* By way of the PF the netdev at least gets the address that it had. */
	return u->before->have_netdev ? u->before->address : nfp_mac_parked;
}

static bool next_mac(struct nfp_undo_state *u, struct nfp_change *c)
{
	struct nfp_mac want = mac_before_bind(u);
	bool blind = is_blind(u, NFP_CHANGE_VF_MAC);

	if (u->source || u->now.driver[0] || (u->tried & NFP_TRY_BIND))
		return false;
	if (!blind && (!u->before->attr.have_mac || !u->now.attr.have_mac ||
		       nfp_undo_mac_foreign(u) || nfp_mac_equal(&u->now.attr.mac, &want)))
		return false;
	/* Untouched as yet: its driver will find what it had. */
	if (!blind && !u->was_bound && nfp_mac_equal(&u->now.attr.mac, &u->before->attr.mac) &&
	    (!u->before->have_netdev || nfp_mac_equal(&u->before->address, &u->before->attr.mac)))
		return false;
	if (!try_once(u, u->zero_refused ? NFP_TRY_MAC_ZERO : NFP_TRY_MAC))
		return false;
	c->kind = NFP_CHANGE_VF_MAC;
	c->mac = want;
	u->mac_by_pf |= nfp_mac_equal(&want, &u->before->attr.mac) && !nfp_mac_is_zero(&want);
	return true;
}

static bool next_vlan(struct nfp_undo_state *u, struct nfp_change *c)
{
	bool differs = u->now.attr.have_mac &&
		       !nfp_vlan_equal(&u->before->attr.vlan, &u->now.attr.vlan) &&
		       !nfp_undo_vlan_foreign(u);

	if ((!differs && !is_blind(u, NFP_CHANGE_VF_VLAN)) || !try_once(u, NFP_TRY_VLAN))
		return false;
	c->kind = NFP_CHANGE_VF_VLAN;
	c->vlan = u->before->attr.vlan;
	return true;
}

/* Our changes may have made the driver reset them. */
static bool next_setting(struct nfp_undo_state *u, struct nfp_change *c)
{
	const struct nfp_vf_attr *was = &u->before->attr;
	const struct {
		enum nfp_vf_attr_id id;
		enum nfp_change_kind kind;
		int value;
	} rows[] = {
		{NFP_VF_ATTR_SPOOFCHK, NFP_CHANGE_VF_SPOOFCHK, was->spoofchk},
		{NFP_VF_ATTR_TRUST, NFP_CHANGE_VF_TRUST, was->trust},
		{NFP_VF_ATTR_STATE, NFP_CHANGE_VF_STATE, was->link_state},
		{NFP_VF_ATTR_RSS_QUERY, NFP_CHANGE_VF_RSS_QUERY, was->rss_query},
		{NFP_VF_ATTR_RATE, NFP_CHANGE_VF_RATE, 0},
	};
	uint32_t differ = nfp_vf_attr_differ(was, &u->now.attr) & ~u->foreign;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* qede reports the link's speed where no rate was set: only a limit that is gone
		 * counts. */
		if (rows[i].id == NFP_VF_ATTR_RATE && u->now.attr.max_tx_rate)
			continue;
		if (!(differ & NFP_VF_ATTR_BIT(rows[i].id)) ||
		    !try_once(u, 1U << (NFP_TRY_SETTING + rows[i].id)))
			continue;
		c->kind = rows[i].kind;
		c->value = rows[i].value;
		c->rate[0] = was->min_tx_rate;
		c->rate[1] = was->max_tx_rate;
		return true;
	}
	return false;
}

static bool next_override(struct nfp_undo_state *u, struct nfp_change *c)
{
	bool bound = u->tried & NFP_TRY_BIND;

	if (!u->before->have_override || !u->now.have_override ||
	    strcmp(u->before->driver_override, u->now.driver_override) == 0 ||
	    !try_once(u, bound ? NFP_TRY_OVERRIDE_AFTER : NFP_TRY_OVERRIDE))
		return false;
	return next_is(c, NFP_CHANGE_VF_OVERRIDE, u->before->driver_override);
}

static bool next_bind(struct nfp_undo_state *u, struct nfp_change *c)
{
	if (u->source || u->now.driver[0] || !u->before->driver[0] || !try_once(u, NFP_TRY_BIND))
		return false;
	c->value = u->before->have_netdev;
	return next_is(c, NFP_CHANGE_VF_BIND, u->before->driver);
}

static bool next_address(struct nfp_undo_state *u, struct nfp_change *c)
{
	/* Its netdev has the address that another process gave the VF. */
	if (!u->before->have_netdev || !u->now.have_netdev ||
	    nfp_mac_equal(&u->before->address, &u->now.address) ||
	    (u->foreign & NFP_VF_ATTR_BIT(NFP_VF_ATTR_MAC)) || !try_once(u, NFP_TRY_ADDRESS))
		return false;
	c->kind = NFP_CHANGE_LINK_ADDRESS;
	c->mac = u->before->address;
	return true;
}

/* Where the PF does not learn what the VF's netdev was given, or learned another. */
static bool next_mac_after(struct nfp_undo_state *u, struct nfp_change *c)
{
	if (!mac_differs(u) || !u->now.driver[0] || !try_once(u, NFP_TRY_MAC_AFTER))
		return false;
	c->kind = NFP_CHANGE_VF_MAC;
	c->mac = u->before->attr.mac;
	/* One that the VF's netdev did not have can only have come from an administrator. */
	u->mac_by_pf |= !nfp_mac_is_zero(&c->mac) && nfp_mac_equal(&c->mac, &u->before->address);
	return true;
}

static bool next_netdev(struct nfp_undo_state *u, struct nfp_change *c)
{
	if (!u->before->have_netdev || !u->now.have_netdev)
		return false;
	if (strcmp(u->before->ifname, u->now.ifname) != 0 && try_once(u, NFP_TRY_NAME))
		return next_is(c, NFP_CHANGE_LINK_NAME, u->before->ifname);
	c->value = (int)u->before->mtu;
	if (u->before->mtu != u->now.mtu && try_once(u, NFP_TRY_MTU))
		return next_is(c, NFP_CHANGE_LINK_MTU, "");
	return u->before->up && !u->now.up && try_once(u, NFP_TRY_UP) &&
	       next_is(c, NFP_CHANGE_LINK_UP, "");
}

static bool next_second(struct nfp_undo_state *u, struct nfp_change *c)
{
	if (!u->before->second[0] || !u->now.second[0])
		return false;
	c->ifindex = u->now.second_ifindex;
	snprintf(c->ifname, sizeof(c->ifname), "%s", u->now.second);
	if (strcmp(u->before->second, u->now.second) != 0 && try_once(u, NFP_TRY_SECOND_NAME)) {
		return next_is(c, NFP_CHANGE_LINK_NAME, u->before->second);
	}
	return u->before->second_up && !u->now.second_up && try_once(u, NFP_TRY_SECOND_UP) &&
	       next_is(c, NFP_CHANGE_LINK_UP, "");
}

bool nfp_undo_next(struct nfp_undo_state *u, struct nfp_change *ret_change)
{
	static bool (*const steps[])(struct nfp_undo_state * u, struct nfp_change * c) = {
		next_move_back, next_unbind,	next_reset,    next_mac,
		next_vlan,	next_setting,	next_override, next_bind,
		next_address,	next_mac_after, next_netdev,   next_second,
	};
	struct nfp_change c = nfp_change_of_vf(u->before, NFP_CHANGE_COUNT, NULL);
	char taken[NFP_REASON];

	if (nfp_undo_taken(u, taken))
		return false;
	c.ifindex = u->now.ifindex;
	snprintf(c.ifname, sizeof(c.ifname), "%s", u->now.ifname);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (!steps[i](u, &c))
			continue;
		*ret_change = c;
		return true;
	}
	return false;
}
