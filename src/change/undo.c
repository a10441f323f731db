// SPDX-License-Identifier: GPL-2.0-or-later
/* undo.c - how a VF becomes what it was before the run: a list of facts, in one order. Pure. */
#include "apply.h"
#include "change.h"
#include "journal.h"
#include "undo.h"
#include "vf_state.h"

#include <stdio.h>
#include <string.h>
#include <linux/netdevice.h>

#define MAC  NFP_VF_ATTR_BIT(NFP_VF_ATTR_MAC)
#define VLAN NFP_VF_ATTR_BIT(NFP_VF_ATTR_VLAN)
#define RATE NFP_VF_ATTR_BIT(NFP_VF_ATTR_RATE)

/* Returns the last change that the run made to this VF before @c. NULL: the last of all. */
static const struct nfp_change *change_before(const struct nfp_undo_state *u,
					      const struct nfp_change *c)
{
	const struct nfp_journal_data *journal = u->journal;

	for (size_t i = c ? (size_t)(c - journal->changes) : journal->num_changes; i-- > 0;) {
		c = &journal->changes[i];
		if (c->of_vf && c->vf == u->before->vf && nfp_change_row(c->kind)->to_vf)
			return c;
	}
	return NULL;
}

static bool has_made(const struct nfp_undo_state *u, enum nfp_change_kind kind)
{
	for (const struct nfp_change *c = NULL; (c = change_before(u, c));)
		if (c->kind == kind)
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
		.has_settings = entry->settings[0] || entry->settings[1],
	};
	u->was_bound = has_made(u, NFP_CHANGE_VF_BIND);
}

/* ---- whose a value is ---- */

/*
 * True if the run may have left the VF with this driver. The last change of its driver decides. An
 * unbind that was refused is void; so it was made if the run has asked for something else since,
 * other than driver_override, which is written before an unbind is tried again.
 */
static bool may_have_bound(const struct nfp_undo_state *u, const char *driver)
{
	bool went_on = false;

	for (const struct nfp_change *c = NULL; (c = change_before(u, c));) {
		if (c->kind == NFP_CHANGE_VF_BIND || c->kind == NFP_CHANGE_VF_UNBIND)
			return strcmp(c->name, driver) == 0 &&
			       !(c->kind == NFP_CHANGE_VF_UNBIND && went_on);
		went_on |= c->kind != NFP_CHANGE_VF_OVERRIDE;
	}
	return false;
}

/*
 * True if the run may have left this driver_override. The one before the last counts as well, until
 * the run has bound or unbound a driver: only that shows that the last was written.
 */
static bool may_have_overridden(const struct nfp_undo_state *u, const char *driver)
{
	bool was_written = false;

	for (const struct nfp_change *c = NULL; (c = change_before(u, c));) {
		if (c->kind == NFP_CHANGE_VF_BIND || c->kind == NFP_CHANGE_VF_UNBIND)
			was_written = true;
		if (c->kind != NFP_CHANGE_VF_OVERRIDE)
			continue;
		if (strcmp(c->name, driver) == 0)
			return true;
		if (was_written)
			return false;
	}
	return false;
}

bool nfp_undo_is_own_mac(const struct nfp_undo_state *u, const struct nfp_mac *mac)
{
	const struct nfp_journal_head *head = &u->journal->head;

	if (nfp_mac_equal(&u->placeholder_mac, mac))
		return true;
	nfp_for_each (own, head->addresses, head->num_addresses)
		if (nfp_mac_equal(own, mac))
			return true;
	for (const struct nfp_change *c = NULL; (c = change_before(u, c));)
		if (c->kind == NFP_CHANGE_VF_MAC && nfp_mac_equal(&c->mac, mac))
			return true;
	return false;
}

/* True if the run gave the VF its address, or bound a driver that gave it the netdev's, a random
 * one, or none. */
static bool may_have_mac(const struct nfp_undo_state *u)
{
	const struct nfp_vf_state *now = &u->now;
	const struct nfp_mac *mac = &now->attr.mac;

	/* A VF driver without an address takes a random one and tells the PF. */
	return nfp_mac_is_zero(mac) || nfp_mac_equal(mac, &u->before->address) ||
	       (now->have_netdev && now->addr_assign_type == NET_ADDR_RANDOM &&
		nfp_mac_equal(mac, &now->address)) ||
	       nfp_undo_is_own_mac(u, mac);
}

static bool may_have_vlan(const struct nfp_undo_state *u)
{
	const struct nfp_vlan *vlan = &u->now.attr.vlan;

	if (!vlan->vid && !vlan->qos)
		return true;
	for (const struct nfp_change *c = NULL; (c = change_before(u, c));)
		if (c->kind == NFP_CHANGE_VF_VLAN && c->vlan.vid == vlan->vid)
			return true;
	return false;
}

enum nfp_whose nfp_undo_whose(const struct nfp_undo_state *u, uint32_t part)
{
	const struct nfp_vf_state *was = u->before, *now = &u->now;
	bool run = true;

	if (!nfp_vf_state_differ(was, now, part))
		return NFP_WHOSE_BEFORE;
	if (part & NFP_PART_ATTRS & u->external)
		return NFP_WHOSE_OTHERS;
	switch (part) {
	case NFP_PART_DRIVER:
		run = !now->driver[0] || may_have_bound(u, now->driver);
		break;
	case NFP_PART_OVERRIDE:
		/* The undo itself sets the override to the driver if the bus wants that
		 * (nfp_apply_bind). */
		run = !now->driver_override[0] || strcmp(now->driver_override, was->driver) == 0 ||
		      may_have_overridden(u, now->driver_override);
		break;
	case MAC:
		run = may_have_mac(u);
		break;
	case VLAN:
		run = may_have_vlan(u);
		break;
	case RATE:
		/* Without a rate, qede reports the link speed: only a limit that is gone counts. */
		run = !now->attr.max_tx_rate;
		break;
	case NFP_PART_ADDRESS:
		/* The netdev may have an address that another process gave the VF, since the run
		 * has seen it, or the driver lets the netdev have no other. A driver may also draw
		 * one. */
		run = !(nfp_mac_equal(&now->address, &now->attr.mac) &&
			nfp_undo_whose(u, MAC) == NFP_WHOSE_OTHERS &&
			(u->external & MAC || u->address_refused));
		break;
	case NFP_PART_NAME:
		run = !u->name_taken;
		break;
	default:
		break;
	}
	return run ? NFP_WHOSE_RUN : NFP_WHOSE_OTHERS;
}

static bool is_ours_now(const struct nfp_undo_state *u, uint32_t part)
{
	return nfp_undo_whose(u, part) == NFP_WHOSE_RUN;
}

bool nfp_undo_is_taken(const struct nfp_undo_state *u, char buf[NFP_REASON_LEN])
{
	const char *did = NULL, *driver = u->now.driver;

	if (nfp_undo_whose(u, NFP_PART_DRIVER) == NFP_WHOSE_OTHERS) {
		did = "bound";
	} else if (nfp_undo_whose(u, NFP_PART_OVERRIDE) == NFP_WHOSE_OTHERS) {
		did = "set driver_override of";
		driver = u->now.driver_override;
	}
	if (did)
		snprintf(buf, NFP_REASON_LEN, "another process has %s VF %u (%s) to %s", did,
			 u->before->vf, u->before->parentdev, driver);
	return did;
}

/* True if the run set what the VF's driver does not report, so that the earlier value is not known.
 */
static bool is_blind(const struct nfp_undo_state *u, enum nfp_change_kind kind)
{
	return !u->before->attr.have_mac && has_made(u, kind) && !u->second_pass;
}

/* ---- what is known of the attributes ---- */

bool nfp_undo_may_await_mac(const struct nfp_undo_state *u)
{
	const struct nfp_change *last = change_before(u, NULL);

	return last && last->kind == NFP_CHANGE_VF_MAC && u->now.attr.have_mac &&
	       !nfp_mac_is_zero(&last->mac) && !nfp_mac_equal(&last->mac, &u->now.attr.mac) &&
	       !(u->external & MAC);
}

/* An address that the PF has set, or none, outlasts a reset of the VF and the loss of its driver.
 * If a setting does not, the report at the end shows it. */
static bool outlasts_driver(const struct nfp_undo_state *u)
{
	const struct nfp_mac *mac = &u->now.attr.mac;

	return u->now.attr.have_mac && (nfp_mac_is_zero(mac) || nfp_undo_is_own_mac(u, mac));
}

void nfp_undo_expect_attrs(struct nfp_undo_state *u)
{
	u->source_of_attr = outlasts_driver(u) ? NFP_ATTR_WRITTEN : NFP_ATTR_UNSURE;
}

/*
 * True if the VF may have given itself its address. Not if its driver found it there. Not if it is
 * not locally administered, as one is that a driver makes up (eth_random_addr).
 */
static bool was_own_mac(const struct nfp_vf_state *was)
{
	bool found = was->have_netdev && was->addr_assign_type == NET_ADDR_PERM &&
		     nfp_mac_equal(&was->address, &was->attr.mac);

	return !nfp_mac_is_zero(&was->attr.mac) && (was->attr.mac.b[0] & 0x02) && !found;
}

static void note_mac(struct nfp_undo_state *u, const struct nfp_mac *mac, int ret)
{
	const struct nfp_vf_state *was = u->before;
	/* If a driver is bound, an administrator set an address that the netdev did not have. */
	const struct nfp_mac *own = u->now.driver[0] ? &was->address : &was->attr.mac;

	if (nfp_mac_is_zero(mac)) {
		u->zero_refused = ret == NFP_PLACEHOLDER;
		u->cleared = !ret;
	}
	u->mac_by_pf |= !ret && nfp_mac_equal(mac, own) && was_own_mac(was);
}

void nfp_undo_note_outcome(struct nfp_undo_state *u, const struct nfp_change *c, int ret)
{
	bool sure = u->source_of_attr != NFP_ATTR_UNSURE && !ret;

	if (c->kind == NFP_CHANGE_LINK_SETTING)
		return;
	if (ret < 0)
		u->refused |= u->made_last;
	u->address_refused |= ret < 0 && c->kind == NFP_CHANGE_LINK_ADDRESS;
	u->bound |= c->kind == NFP_CHANGE_VF_BIND;
	if (c->kind == NFP_CHANGE_VF_OVERRIDE || c->kind == NFP_CHANGE_LINK_NAME)
		return;
	if (c->kind == NFP_CHANGE_VF_MAC)
		note_mac(u, &c->mac, ret);
	if (nfp_change_row(c->kind)->is_attr) {
		nfp_change_to_attr(c, &u->now.attr);
	} else if (c->kind == NFP_CHANGE_VF_RESET || c->kind == NFP_CHANGE_VF_UNBIND) {
		sure = sure && outlasts_driver(u);
	} else {
		sure = false;
	}
	u->source_of_attr = sure ? NFP_ATTR_WRITTEN : NFP_ATTR_UNSURE;
}

void nfp_undo_note_external(struct nfp_undo_state *u, const struct nfp_vf_attr *last)
{
	/* A driver begins with these when it is bound, and when the VF is reset. Some begin with
	 * spoof checking on, others off: it is put back whoever changed it. */
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

bool nfp_undo_has_attrs(const struct nfp_undo_state *u, const struct nfp_change *next)
{
	if (!next || u->source_of_attr == NFP_ATTR_READ)
		return u->source_of_attr == NFP_ATTR_READ;
	return u->source_of_attr == NFP_ATTR_WRITTEN ||
	       !(nfp_change_row(next->kind)->is_attr || next->kind == NFP_CHANGE_VF_UNBIND);
}

/* ---- when a row is due ---- */

/* True if the VF's netdev is in the namespace of the run, which goes on. */
static bool is_away(const struct nfp_undo_state *u)
{
	return u->source && u->in_private && !u->now.have_netdev;
}

/* The next driver must find the address that the VF had. A netdev that is used elsewhere keeps the
 * run's. */
static bool has_wrong_driver(const struct nfp_undo_state *u)
{
	return !u->source && !u->bound && u->now.driver[0] &&
	       (is_ours_now(u, NFP_PART_DRIVER) || is_ours_now(u, NFP_PART_NETDEV) ||
		is_ours_now(u, NFP_PART_ADDRESS) || is_ours_now(u, MAC));
}

static bool may_have_filters(const struct nfp_undo_state *u)
{
	return !u->now.driver[0] && u->was_bound && u->can_reset;
}

/* A VF that sends keeps its driver, or somebody else has unbound it. */
static bool lacks_driver(const struct nfp_undo_state *u)
{
	return !u->source && !u->now.driver[0];
}

/* Returns the address that the PF should have before the driver is bound. The netdev gets the VF's
 * own. */
static struct nfp_mac mac_before_bind(const struct nfp_undo_state *u)
{
	struct nfp_mac zero = {{0}}, mac = u->before->attr.mac;
	/*
	 * If the VF gave itself its address, which the PF at most reports, restore it on the
	 * netdev. Set by the PF it would be an administrator's, which a guest may not change.
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
	/* The PF at least gives the netdev the address that it had. */
	return u->before->have_netdev ? u->before->address : u->placeholder_mac;
}

static bool has_wrong_mac_unbound(const struct nfp_undo_state *u)
{
	const struct nfp_vf_state *was = u->before, *now = &u->now;
	struct nfp_mac want = mac_before_bind(u);

	if (!lacks_driver(u))
		return false;
	if (is_blind(u, NFP_CHANGE_VF_MAC))
		return true;
	if (!was->attr.have_mac || !now->attr.have_mac || nfp_mac_equal(&now->attr.mac, &want) ||
	    nfp_undo_whose(u, MAC) == NFP_WHOSE_OTHERS)
		return false;
	/* A VF that the run has not changed yet keeps its address: its driver will find what it
	 * had. */
	return u->was_bound || !nfp_mac_equal(&now->attr.mac, &was->attr.mac) ||
	       (was->have_netdev && !nfp_mac_equal(&was->address, &was->attr.mac));
}

static bool was_zero_refused(const struct nfp_undo_state *u)
{
	return u->zero_refused && has_wrong_mac_unbound(u);
}

static bool has_wrong_vlan(const struct nfp_undo_state *u)
{
	return is_blind(u, NFP_CHANGE_VF_VLAN) || is_ours_now(u, VLAN);
}

/* Zero that was refused without a driver is not tried again with one. */
static bool may_get_mac_bound(const struct nfp_undo_state *u)
{
	return u->now.driver[0] && !(u->zero_refused && nfp_mac_is_zero(&u->before->attr.mac));
}

/* Before they are up: a driver may restart a netdev whose MTU changes. */
static bool may_lack_settings(const struct nfp_undo_state *u)
{
	return u->has_settings && (u->now.have_netdev || u->now.second[0]);
}

/* ---- the list ---- */

/*
 * The rows are made in order, each once, if due: its part is as the run left it, or its function
 * says so. If the VF differs in the end nevertheless, since a driver was late or has lost what was
 * set before it was bound, the rows that were not refused are gone through a second time. That
 * never unbinds the VF: some drivers report the run's address for ever. The comments are the list
 * of nfprobe(8).
 */
static const struct row {
	enum nfp_change_kind kind;
	uint32_t part; /* 0: the function alone decides */
	bool (*is_due)(const struct nfp_undo_state *u);
	bool once; /* not in the second pass */
} rows[] = {
	/* the netdev of a VF that sends comes back from the run's network namespace under its own
	   name */
	{NFP_CHANGE_NETNS_OUT, 0, is_away, true},
	/* the driver is unbound, unless it, the netdev and the addresses are as they were */
	{NFP_CHANGE_VF_UNBIND, 0, has_wrong_driver, true},
	/* a VF to which the run has bound a driver is reset, for filters of its own */
	{NFP_CHANGE_VF_RESET, 0, may_have_filters, true},
	/* the PF gives it its address, or none if it had given itself one */
	{NFP_CHANGE_VF_MAC, 0, has_wrong_mac_unbound, false},
	/* where that is refused: the address that its netdev had, or a random one */
	{NFP_CHANGE_VF_MAC, 0, was_zero_refused, false},
	/* its VLAN */
	{NFP_CHANGE_VF_VLAN, 0, has_wrong_vlan, false},
	/* its spoofchk, trust, link state, query_rss and rates */
	{NFP_CHANGE_VF_SPOOFCHK, NFP_VF_ATTR_BIT(NFP_VF_ATTR_SPOOFCHK), NULL, false},
	{NFP_CHANGE_VF_TRUST, NFP_VF_ATTR_BIT(NFP_VF_ATTR_TRUST), NULL, false},
	{NFP_CHANGE_VF_STATE, NFP_VF_ATTR_BIT(NFP_VF_ATTR_STATE), NULL, false},
	{NFP_CHANGE_VF_RSS_QUERY, NFP_VF_ATTR_BIT(NFP_VF_ATTR_RSS_QUERY), NULL, false},
	{NFP_CHANGE_VF_RATE, RATE, NULL, false},
	/* its driver_override */
	{NFP_CHANGE_VF_OVERRIDE, NFP_PART_OVERRIDE, NULL, false},
	/* the driver that it had is bound */
	{NFP_CHANGE_VF_BIND, NFP_PART_DRIVER, lacks_driver, true},
	/* the address of its netdev */
	{NFP_CHANGE_LINK_ADDRESS, NFP_PART_ADDRESS, NULL, false},
	/* the address that the PF reports, where the netdev has brought another */
	{NFP_CHANGE_VF_MAC, MAC, may_get_mac_bound, false},
	/* its netdev, or its two, have their names */
	{NFP_CHANGE_LINK_NAME, NFP_PART_NAME, NULL, false},
	{NFP_CHANGE_LINK_NAME, NFP_PART_SECOND_NAME, NULL, false},
	/* and MTU, queue length, alias and alternative names */
	{NFP_CHANGE_LINK_SETTING, 0, may_lack_settings, false},
	/* and are up, if they were */
	{NFP_CHANGE_LINK_UP, NFP_PART_DOWN, NULL, false},
	{NFP_CHANGE_LINK_UP, NFP_PART_SECOND_DOWN, NULL, false},
};
_Static_assert(NFP_NUM(rows) == NFP_UNDO_ROWS, "nfp_undo_state.refused has a bit for each");

static bool is_due(const struct nfp_undo_state *u, const struct row *row)
{
	return !(u->made & (1U << (row - rows))) && !(row->once && u->second_pass) &&
	       (!row->part || is_ours_now(u, row->part)) && (!row->is_due || row->is_due(u));
}

/* Returns the change that makes the row's part what it was. */
static struct nfp_change make_change(const struct nfp_undo_state *u, const struct row *row)
{
	const struct nfp_vf_state *was = u->before, *now = &u->now;
	bool second = row->part & (NFP_PART_SECOND_NAME | NFP_PART_SECOND_DOWN);
	const char *name = "", *ifname = now->have_netdev ? now->ifname : was->ifname;
	struct nfp_change c;

	switch (row->kind) {
	case NFP_CHANGE_VF_UNBIND:
		name = now->driver;
		break;
	case NFP_CHANGE_VF_BIND:
		name = was->driver;
		break;
	case NFP_CHANGE_VF_OVERRIDE:
		name = was->driver_override;
		break;
	case NFP_CHANGE_LINK_NAME:
	case NFP_CHANGE_NETNS_OUT:
		name = second ? was->second : was->ifname;
		break;
	default:
		break;
	}
	c = nfp_change_of_vf(was, row->kind, name);
	c.ifindex = second ? now->second_ifindex : now->ifindex;
	snprintf(c.ifname, sizeof(c.ifname), "%s", second ? now->second : ifname);
	if (nfp_change_row(row->kind)->is_attr)
		nfp_change_from_attr(&c, &was->attr);
	if (row->kind == NFP_CHANGE_VF_MAC && !row->part)
		c.mac = mac_before_bind(u);
	if (row->kind == NFP_CHANGE_VF_MAC && nfp_mac_is_zero(&c.mac))
		c.placeholder_mac = &u->placeholder_mac;
	if (row->kind == NFP_CHANGE_LINK_ADDRESS)
		c.mac = was->address;
	if (row->kind == NFP_CHANGE_VF_BIND)
		c.value = was->have_netdev;
	return c;
}

bool nfp_undo_next(struct nfp_undo_state *u, struct nfp_change *ret_change)
{
	char taken[NFP_REASON_LEN];

	if (nfp_undo_is_taken(u, taken))
		return false;
	for (;;) {
		nfp_for_each (row, rows, NFP_NUM(rows)) {
			if (!is_due(u, row))
				continue;
			u->made_last = 1U << (row - rows);
			u->made |= u->made_last;
			*ret_change = make_change(u, row);
			return true;
		}
		if (u->second_pass || u->source_of_attr != NFP_ATTR_READ)
			return false;
		u->second_pass = true;
		u->made = u->refused;
	}
}
