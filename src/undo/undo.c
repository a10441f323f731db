// SPDX-License-Identifier: GPL-2.0-or-later
#include "undo_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <linux/netdevice.h>

#include "nfprobe/netlink.h"

void nfp_touch_from_journal(const struct nfp_journal_data *journal, unsigned int vf, bool source,
			    struct nfp_vf_touch *ret_touch)
{
	memset(ret_touch, 0, sizeof(*ret_touch));
	ret_touch->journal = journal;
	ret_touch->vf = vf;
	ret_touch->source = source;
	for (size_t i = 0; i < journal->num_changes; i++) {
		const struct nfp_change *c = &journal->changes[i];

		if (c->of_vf && c->vf == vf && c->kind == NFP_CHANGE_VF_BIND)
			ret_touch->was_bound = true;
	}
	for (size_t i = 0; i < journal->num_vfs; i++)
		if (journal->vfs[i].before.vf == vf)
			ret_touch->foreign = journal->vfs[i].foreign;
}

/* ---- ours, or somebody else's ---- */

bool nfp_undo_mac_ours(const struct nfp_vf_touch *touch, const struct nfp_mac *mac)
{
	const struct nfp_journal_data *j = touch->journal;

	for (size_t i = 0; i < j->head.num_addresses; i++)
		if (nfp_mac_equal(&j->head.addresses[i], mac))
			return true;
	for (size_t i = 0; i < j->num_changes; i++)
		if (j->changes[i].kind == NFP_CHANGE_VF_MAC && j->changes[i].vf == touch->vf &&
		    nfp_mac_equal(&j->changes[i].mac, mac))
			return true;
	return false;
}

bool nfp_undo_mac_foreign(const struct nfp_vf_state *before, const struct nfp_vf_state *now,
			  const struct nfp_vf_touch *touch)
{
	const struct nfp_mac *mac = &now->attr.mac;

	if (!now->attr.have_mac || nfp_mac_equal(mac, &before->attr.mac))
		return false;
	if (touch->foreign & NFP_VF_ATTR_BIT(NFP_VF_ATTR_MAC))
		return true;
	if (nfp_mac_is_zero(mac) || nfp_mac_equal(mac, &nfp_mac_parked) ||
	    nfp_mac_equal(mac, &before->address))
		return false;
	/* A VF driver without an address takes a random one and tells the PF. */
	if (now->have_netdev && now->addr_assign_type == NET_ADDR_RANDOM &&
	    nfp_mac_equal(mac, &now->address))
		return false;
	return !nfp_undo_mac_ours(touch, mac);
}

bool nfp_undo_vlan_foreign(const struct nfp_vf_state *before, const struct nfp_vf_state *now,
			   const struct nfp_vf_touch *touch)
{
	const struct nfp_journal_data *j = touch->journal;
	const struct nfp_vlan *vlan = &now->attr.vlan;

	if (nfp_vlan_equal(vlan, &before->attr.vlan))
		return false;
	if (touch->foreign & NFP_VF_ATTR_BIT(NFP_VF_ATTR_VLAN))
		return true;
	if (!vlan->vid && !vlan->qos)
		return false;
	for (size_t i = 0; i < j->num_changes; i++)
		if (j->changes[i].kind == NFP_CHANGE_VF_VLAN && j->changes[i].vf == touch->vf &&
		    j->changes[i].vlan.vid == vlan->vid)
			return false;
	return true;
}

/* Is @name one that the run gave the VF by changes of this kind? */
static bool named_by_us(const struct nfp_vf_touch *touch, enum nfp_change_kind kind,
			const char *name)
{
	const struct nfp_journal_data *j = touch->journal;

	for (size_t i = 0; i < j->num_changes; i++)
		if (j->changes[i].kind == kind && j->changes[i].vf == touch->vf &&
		    strcmp(j->changes[i].name, name) == 0)
			return true;
	return false;
}

bool nfp_undo_taken(const struct nfp_vf_state *before, const struct nfp_vf_state *now,
		    const struct nfp_vf_touch *touch, char buf[NFP_REASON])
{
	if (now->driver[0] && strcmp(now->driver, before->driver) != 0 &&
	    !named_by_us(touch, NFP_CHANGE_VF_BIND, now->driver)) {
		snprintf(buf, NFP_REASON, "another process has bound VF %u (%s) to %s", before->vf,
			 before->parentdev, now->driver);
		return true;
	}
	/* Undoing names the driver that the VF had, where it does not bind otherwise. */
	if (now->driver_override[0] && strcmp(now->driver_override, before->driver_override) != 0 &&
	    strcmp(now->driver_override, before->driver) != 0 &&
	    !named_by_us(touch, NFP_CHANGE_VF_OVERRIDE, now->driver_override)) {
		snprintf(buf, NFP_REASON,
			 "another process has set driver_override of VF %u (%s) to %s", before->vf,
			 before->parentdev, now->driver_override);
		return true;
	}
	return false;
}

/*
 * The VF gave itself its address, which the PF merely reports (or not at all): it is put back on
 * the VF's netdev. Set by the PF it would be an administrator's, which a guest may then not change.
 */
static bool has_own_address(const struct nfp_vf_state *before)
{
	return before->have_netdev && (before->addr_assign_type == NET_ADDR_RANDOM ||
				       before->addr_assign_type == NET_ADDR_SET);
}

static bool mac_differs(const struct nfp_vf_state *before, const struct nfp_vf_state *now,
			const struct nfp_vf_touch *touch)
{
	return before->attr.have_mac && now->attr.have_mac &&
	       !nfp_mac_equal(&before->attr.mac, &now->attr.mac) &&
	       !nfp_undo_mac_foreign(before, now, touch);
}

/* What the VF had is not known, as its driver reports no VFs, and the run has set it. */
static bool is_blind(const struct nfp_vf_state *before, const struct nfp_vf_touch *touch,
		     enum nfp_change_kind kind)
{
	const struct nfp_journal_data *j = touch->journal;
	bool set = false;

	for (size_t i = 0; i < j->num_changes && !before->attr.have_mac; i++)
		set |= j->changes[i].kind == kind && j->changes[i].vf == touch->vf;
	return set;
}

/* ---- one thing at a time ---- */

static bool try_once(struct nfp_vf_touch *touch, uint32_t what)
{
	if (touch->tried & what)
		return false;
	touch->tried |= what;
	return true;
}

static bool same_driver(const struct nfp_vf_state *before, const struct nfp_vf_state *now)
{
	return strcmp(before->driver, now->driver) == 0;
}

static bool netdev_is_wrong(const struct nfp_vf_state *before, const struct nfp_vf_state *now)
{
	return before->have_netdev &&
	       (!now->have_netdev || !nfp_mac_equal(&before->address, &now->address));
}

static bool next_move_back(const struct nfp_vf_state *before, const struct nfp_vf_state *now,
			   struct nfp_vf_touch *touch, struct nfp_change *c)
{
	if (!touch->source || !touch->in_private || now->have_netdev ||
	    !try_once(touch, NFP_TRY_MOVE_BACK))
		return false;
	c->kind = NFP_CHANGE_NETNS_OUT;
	snprintf(c->ifname, sizeof(c->ifname), "%s", before->ifname);
	return true;
}

static bool next_unbind(const struct nfp_vf_state *before, const struct nfp_vf_state *now,
			struct nfp_vf_touch *touch, struct nfp_change *c)
{
	/* Bound by us already: what is still wrong is put right on the netdev. */
	if (touch->source || !now->driver[0] || (touch->tried & NFP_TRY_BIND))
		return false;
	if (same_driver(before, now) && !mac_differs(before, now, touch) &&
	    !netdev_is_wrong(before, now))
		return false;
	if (!try_once(touch, NFP_TRY_UNBIND))
		return false;
	c->kind = NFP_CHANGE_VF_UNBIND;
	snprintf(c->name, sizeof(c->name), "%s", now->driver);
	return true;
}

/* Our driver may have left X in filters that are the VF's own. */
static bool next_reset(const struct nfp_vf_state *before, const struct nfp_vf_state *now,
		       struct nfp_vf_touch *touch, struct nfp_change *c)
{
	(void)before;
	if (touch->source || now->driver[0] || !touch->was_bound || !touch->can_reset ||
	    (touch->tried & NFP_TRY_BIND) || !try_once(touch, NFP_TRY_RESET))
		return false;
	c->kind = NFP_CHANGE_VF_RESET;
	return true;
}

/* What the PF is to have before the driver is bound; zero is handed over to the VF's netdev. */
static struct nfp_mac mac_before_bind(const struct nfp_vf_state *before,
				      const struct nfp_vf_touch *touch)
{
	struct nfp_mac zero = {{0}}, mac = before->attr.mac;

	/* Where the PF's driver does not say, the netdev shows it. */
	if (!before->attr.have_mac && before->have_netdev)
		mac = before->address;
	if (!nfp_mac_is_zero(&mac) && (touch->zero_refused || !has_own_address(before)))
		return mac;
	if (!touch->zero_refused)
		return zero;
	/* By way of the PF the netdev at least gets the address that it had. */
	return before->have_netdev ? before->address : nfp_mac_parked;
}

static bool next_mac(const struct nfp_vf_state *before, const struct nfp_vf_state *now,
		     struct nfp_vf_touch *touch, struct nfp_change *c)
{
	struct nfp_mac want = mac_before_bind(before, touch);
	bool blind = is_blind(before, touch, NFP_CHANGE_VF_MAC);

	if (touch->source || now->driver[0] || (touch->tried & NFP_TRY_BIND))
		return false;
	if (!blind &&
	    (!before->attr.have_mac || !now->attr.have_mac ||
	     nfp_undo_mac_foreign(before, now, touch) || nfp_mac_equal(&now->attr.mac, &want)))
		return false;
	/* Untouched as yet: its driver will find what it had. */
	if (!blind && !touch->was_bound && nfp_mac_equal(&now->attr.mac, &before->attr.mac) &&
	    (!before->have_netdev || nfp_mac_equal(&before->address, &before->attr.mac)))
		return false;
	if (!try_once(touch, touch->zero_refused ? NFP_TRY_MAC_ZERO : NFP_TRY_MAC))
		return false;
	c->kind = NFP_CHANGE_VF_MAC;
	c->mac = want;
	touch->mac_by_pf |= nfp_mac_equal(&want, &before->attr.mac) && !nfp_mac_is_zero(&want);
	return true;
}

static bool next_vlan(const struct nfp_vf_state *before, const struct nfp_vf_state *now,
		      struct nfp_vf_touch *touch, struct nfp_change *c)
{
	bool differs = now->attr.have_mac && !nfp_vlan_equal(&before->attr.vlan, &now->attr.vlan) &&
		       !nfp_undo_vlan_foreign(before, now, touch);

	if ((!differs && !is_blind(before, touch, NFP_CHANGE_VF_VLAN)) ||
	    !try_once(touch, NFP_TRY_VLAN))
		return false;
	c->kind = NFP_CHANGE_VF_VLAN;
	c->vlan = before->attr.vlan;
	return true;
}

/* Our changes may have made the driver reset them. */
static bool next_setting(const struct nfp_vf_state *before, const struct nfp_vf_state *now,
			 struct nfp_vf_touch *touch, struct nfp_change *c)
{
	const struct nfp_vf_attr *was = &before->attr;
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
	uint32_t differ = nfp_vf_attr_differ(was, &now->attr) & ~touch->foreign;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* qede reports the link's speed where no rate was set: only a limit that is gone
		 * counts. */
		if (rows[i].id == NFP_VF_ATTR_RATE && now->attr.max_tx_rate)
			continue;
		if (!(differ & NFP_VF_ATTR_BIT(rows[i].id)) ||
		    !try_once(touch, 1U << (NFP_TRY_SETTING + rows[i].id)))
			continue;
		c->kind = rows[i].kind;
		c->value = rows[i].value;
		c->rate[0] = was->min_tx_rate;
		c->rate[1] = was->max_tx_rate;
		return true;
	}
	return false;
}

static bool next_override(const struct nfp_vf_state *before, const struct nfp_vf_state *now,
			  struct nfp_vf_touch *touch, struct nfp_change *c)
{
	bool bound = touch->tried & NFP_TRY_BIND;

	if (!before->have_override || !now->have_override ||
	    strcmp(before->driver_override, now->driver_override) == 0 ||
	    !try_once(touch, bound ? NFP_TRY_OVERRIDE_AFTER : NFP_TRY_OVERRIDE))
		return false;
	c->kind = NFP_CHANGE_VF_OVERRIDE;
	snprintf(c->name, sizeof(c->name), "%s", before->driver_override);
	return true;
}

static bool next_bind(const struct nfp_vf_state *before, const struct nfp_vf_state *now,
		      struct nfp_vf_touch *touch, struct nfp_change *c)
{
	if (touch->source || now->driver[0] || !before->driver[0] || !try_once(touch, NFP_TRY_BIND))
		return false;
	c->kind = NFP_CHANGE_VF_BIND;
	snprintf(c->name, sizeof(c->name), "%s", before->driver);
	c->value = before->have_netdev;
	return true;
}

static bool next_address(const struct nfp_vf_state *before, const struct nfp_vf_state *now,
			 struct nfp_vf_touch *touch, struct nfp_change *c)
{
	/* Its netdev has the address that another process gave the VF. */
	if (!before->have_netdev || !now->have_netdev ||
	    nfp_mac_equal(&before->address, &now->address) ||
	    (touch->foreign & NFP_VF_ATTR_BIT(NFP_VF_ATTR_MAC)) ||
	    !try_once(touch, NFP_TRY_ADDRESS))
		return false;
	c->kind = NFP_CHANGE_LINK_ADDRESS;
	c->mac = before->address;
	return true;
}

/* Where the PF does not learn what the VF's netdev was given, or learned another. */
static bool next_mac_after(const struct nfp_vf_state *before, const struct nfp_vf_state *now,
			   struct nfp_vf_touch *touch, struct nfp_change *c)
{
	if (!mac_differs(before, now, touch) || !now->driver[0] ||
	    !try_once(touch, NFP_TRY_MAC_AFTER))
		return false;
	c->kind = NFP_CHANGE_VF_MAC;
	c->mac = before->attr.mac;
	/* One that the VF's netdev did not have can only have come from an administrator. */
	touch->mac_by_pf |= !nfp_mac_is_zero(&c->mac) && nfp_mac_equal(&c->mac, &before->address);
	return true;
}

static bool next_netdev(const struct nfp_vf_state *before, const struct nfp_vf_state *now,
			struct nfp_vf_touch *touch, struct nfp_change *c)
{
	if (!before->have_netdev || !now->have_netdev)
		return false;
	if (strcmp(before->ifname, now->ifname) != 0 && try_once(touch, NFP_TRY_NAME)) {
		c->kind = NFP_CHANGE_LINK_NAME;
		snprintf(c->name, sizeof(c->name), "%s", before->ifname);
		return true;
	}
	if (before->mtu != now->mtu && try_once(touch, NFP_TRY_MTU)) {
		c->kind = NFP_CHANGE_LINK_MTU;
		c->value = (int)before->mtu;
		return true;
	}
	if (before->up && !now->up && try_once(touch, NFP_TRY_UP)) {
		c->kind = NFP_CHANGE_LINK_UP;
		return true;
	}
	return false;
}

static bool next_second(const struct nfp_vf_state *before, const struct nfp_vf_state *now,
			struct nfp_vf_touch *touch, struct nfp_change *c)
{
	if (!before->second[0] || !now->second[0])
		return false;
	c->ifindex = now->second_ifindex;
	snprintf(c->ifname, sizeof(c->ifname), "%s", now->second);
	if (strcmp(before->second, now->second) != 0 && try_once(touch, NFP_TRY_SECOND_NAME)) {
		c->kind = NFP_CHANGE_LINK_NAME;
		snprintf(c->name, sizeof(c->name), "%s", before->second);
		return true;
	}
	c->kind = NFP_CHANGE_LINK_UP;
	return before->second_up && !now->second_up && try_once(touch, NFP_TRY_SECOND_UP);
}

bool nfp_undo_next(const struct nfp_vf_state *before, const struct nfp_vf_state *now,
		   struct nfp_vf_touch *touch, struct nfp_change *ret_change)
{
	static bool (*const steps[])(const struct nfp_vf_state *, const struct nfp_vf_state *,
				     struct nfp_vf_touch *, struct nfp_change *) = {
		next_move_back, next_unbind,	next_reset,    next_mac,
		next_vlan,	next_setting,	next_override, next_bind,
		next_address,	next_mac_after, next_netdev,   next_second,
	};
	struct nfp_change c = nfp_change_of_vf(before, NFP_CHANGE_COUNT, NULL);
	char taken[NFP_REASON];

	if (nfp_undo_taken(before, now, touch, taken))
		return false;
	c.ifindex = now->ifindex;
	snprintf(c.ifname, sizeof(c.ifname), "%s", now->ifname);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (!steps[i](before, now, touch, &c))
			continue;
		*ret_change = c;
		return true;
	}
	return false;
}
