// SPDX-License-Identifier: GPL-2.0-or-later
/* sheet_window.c - the windows of a sheet: what is sent and heard in each, what that says of a row,
 * and what the network brings to this port at all. */
#include <stdio.h>

#include "sheet_priv.h"

#define RATE	    100U /* frames a second of each kind */
#define NUM_UNICAST SHEET_UNJOINED
/* Frames a second to strangers: so many that a filter by hash which lets one of 64 addresses pass
 * lets one of these pass, but for once in 100,000 times. A network that passes so many flooded
 * frames while nobody is there must pass them when a guest is (storm control). */
#define STRANGERS  1000U
#define FLOOD_RATE ((STRANGERS + 2 * RATE) / NUM_UNICAST)

/* The address that a row's silence is about, of those. */
static const struct {
	enum nfp_sheet_row row;
	int what;
} addressed[] = {
	{NFP_ROW_UNADDRESSED, SHEET_NOBODY}, {NFP_ROW_SECOND, SHEET_SECOND},
	{NFP_ROW_THIRD, SHEET_THIRD},	     {NFP_ROW_PROMISC, SHEET_NOBODY},
	{NFP_ROW_NEW, SHEET_NEXT},	     {NFP_ROW_KEEPS_SECOND, SHEET_SECOND},
	{NFP_ROW_KEEPS_NEW, SHEET_NEXT},     {NFP_ROW_KEEPS_PROMISC, SHEET_NOBODY},
	{NFP_ROW_ALLMULTI, SHEET_UNJOINED},  {NFP_ROW_KEEPS_GROUPS, SHEET_UNJOINED},
	{NFP_ROW_FREE_VLAN, SHEET_VLAN},
};

/* ---- a window ---- */

struct nfp_plan sheet_plan(const struct sheet *s, const struct nfp_mac *a, const struct nfp_mac *b)
{
	struct nfp_plan plan = {
		.unicast = s->own.address,
		.unregistered_mac = s->config->nobody,
		.group = *a,
		.unjoined = *b,
	};

	plan.rate[NFP_KIND_UNICAST] = plan.rate[NFP_KIND_BROADCAST] =
		plan.rate[NFP_KIND_UNREGISTERED] = plan.rate[NFP_KIND_MULTICAST] =
			plan.rate[NFP_KIND_UNJOINED] = RATE;
	return plan;
}

void sheet_plan_strangers(const struct sheet *s, struct nfp_plan *plan, bool inside)
{
	plan->strangers = s->floods || inside;
	if (plan->strangers)
		plan->rate[NFP_KIND_UNREGISTERED] = STRANGERS;
}

/* Long enough, and what is counted of it has frames of each kind: on a busy host the stream may
 * have stood still for half of the window. */
static bool has_held(const struct runner *r, const struct window *w)
{
	struct nfp_count half[NFP_KIND_COUNT];

	if (w->state != NFP_SETTLE_HELD)
		return w->state > NFP_SETTLE_HELD;
	window_count(w, half);
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		if (w->settle.sent[kind] && half[kind].sent < NFP_SETTLE_FEW)
			return runner_now(r) >= w->settle.expire_ns;
	}
	return true;
}

bool sheet_delivered(const struct sheet_window *w, enum nfp_kind kind, enum nfp_receiver at)
{
	return nfp_lands_at(nfp_landing_of(&w->window.count[kind]), at);
}

static int watch_for(struct sheet *s, struct sheet_window *w, uint64_t hold_ns, uint64_t late_ns)
{
	struct runner *r = &s->r;
	const struct window_spec spec = {
		.wire = w->inside ? &s->config->sibling : &r->wire,
		.plan = &w->plan,
		.behind_change = true,
		.hold_ns = hold_ns,
		.patience_ns = 2 * hold_ns + NFP_NSEC_PER_SEC,
		.second_half = true,
		.late_ns = late_ns,
		.enough = has_held,
		.doubts = WINDOW_NO_CARRIER | WINDOW_EXPIRED | WINDOW_ENDED | WINDOW_TOO_FEW |
			  WINDOW_DROPS | WINDOW_CHANGED,
		.mute = true,
	};
	int ret = runner_check_stop(r);

	if (ret)
		return ret;
	r->step->changed = false;
	r->blinked = !r->carrier;
	ret = run_window(r, &spec, &w->window);
	if (ret)
		return ret;
	if (!w->inside)
		s->heard = !w->window.doubts && sheet_delivered(w, NFP_KIND_UNICAST, NFP_AT_VF);
	return 0;
}

int sheet_watch(struct sheet *s, struct sheet_window *w)
{
	uint64_t late_ns = s->config->vf_settle_ns;

	return watch_for(s, w, sheet_hold(s->own.settle_ns, late_ns), late_ns);
}

/* ---- its rows ---- */

struct nfp_sheet_fact *sheet_fact(struct sheet *s, enum nfp_sheet_row row)
{
	return &s->c->rows[row];
}

void sheet_explain(struct sheet *s, enum nfp_sheet_row row, const char *fmt, ...)
{
	struct nfp_sheet_fact *fact = sheet_fact(s, row);

	NFP_VFORMAT(fact->window.note, sizeof(fact->window.note), fmt);
}

void sheet_explain_both(struct sheet *s, enum nfp_sheet_row a, enum nfp_sheet_row b,
			const char *why)
{
	for (size_t i = 0; i < 2 && why; i++)
		sheet_explain(s, i ? b : a, "%s", why);
}

struct nfp_sheet_fact *sheet_enter(struct sheet *s, enum nfp_sheet_row row,
				   const struct sheet_window *w, enum nfp_kind kind)
{
	struct nfp_sheet_fact *fact = sheet_fact(s, row);

	fact->window.status = NFP_STATUS_DONE;
	fact->strangers = kind == NFP_KIND_UNREGISTERED && w->plan.strangers;
	fact->carried = NFP_UNKNOWN;
	nfp_for_each (a, addressed, NFP_NUM(addressed)) {
		if (a->row == row && s->carried[a->what])
			fact->carried = NFP_YES;
	}
	return fact;
}

/* ---- the network ---- */

/* The PF takes what is sent, until that has been heard for a while: its driver may write its
 * filter a moment later (i40e_sync_filters_subtask). */
static int hear_at_pf(struct sheet *s, struct sheet_window *w, const struct nfp_mac macs[],
		      size_t num)
{
	const struct nfp_wire *wire = &s->r.wire;
	int ret = wire->ops->take(wire->ctx, macs, num, s->r.err)
			  ?: watch_for(s, w, SHEET_CARRIED_NS, 0);

	(void)wire->ops->take(wire->ctx, NULL, 0, NULL);
	return ret;
}

/* Does the network bring these addresses to this port? A switch may not bring what it does not
 * know. */
static int watch_unicast(struct sheet *s, bool announce, bool ret_carried[NUM_UNICAST])
{
	static const enum nfp_kind kinds[NUM_UNICAST] = {
		[SHEET_SECOND] = NFP_KIND_MULTICAST,
		[SHEET_THIRD] = NFP_KIND_UNJOINED,
		[SHEET_NEXT] = NFP_KIND_UNICAST,
		[SHEET_NOBODY] = NFP_KIND_UNREGISTERED,
	};
	const struct nfp_mac macs[NUM_UNICAST] = {s->config->second, s->config->third,
						  s->config->next, s->config->nobody};
	struct sheet_window w = {.plan = sheet_plan(s, &macs[SHEET_SECOND], &macs[SHEET_THIRD])};
	const struct nfp_wire *wire = &s->r.wire;
	int ret = 0;

	w.plan.unicast = macs[SHEET_NEXT];
	for (size_t i = 0; i < NUM_UNICAST; i++)
		w.plan.rate[kinds[i]] = FLOOD_RATE;
	for (size_t i = 0; i < NUM_UNICAST && announce && !ret; i++)
		ret = wire->ops->announce(wire->ctx, NFP_AT_PF, &macs[i], s->r.err);
	ret = ret ?: hear_at_pf(s, &w, macs, NUM_UNICAST);
	for (size_t i = 0; i < NUM_UNICAST; i++)
		ret_carried[i] = !ret && !w.window.doubts &&
				 sheet_delivered(&w, kinds[i], NFP_AT_PF);
	return ret;
}

/* A refusal is no answer: the PF may get the VLAN without having registered it. */
static int register_at_pf(struct sheet *s, uint16_t vid)
{
	const struct nfp_host *host = &s->r.host;
	int ret = 0;

	if (!s->config->unregistrable)
		ret = host->ops->vlan(host->ctx, NFP_AT_PF, vid, s->r.err);
	return ret && runner_is_own_error(&s->r) ? ret : 0;
}

/*
 * Does it bring the guest's address in the guest's VLAN? A guest that has registered the VLAN has
 * spoken in it, and a switch may bring it only then; so that is asked before any guest is there,
 * and before the VF has the address: a NIC may take it amiss if PF and VF both have it.
 */
static int watch_vlan_at_pf(struct sheet *s, bool announce, bool *ret_carried)
{
	struct sheet_window w = {.plan = sheet_plan(s, &s->config->second, &s->config->third)};
	const struct nfp_wire *wire = &s->r.wire;
	int ret = 0, ended;

	w.plan.rate[NFP_KIND_VLAN_UNICAST] = 2 * SHEET_VLAN_RATE;
	if (announce)
		ret = wire->ops->announce(wire->ctx, NFP_AT_PF, &s->own.address, s->r.err);
	ret = ret ?: register_at_pf(s, s->config->vid);
	ret = ret ?: hear_at_pf(s, &w, &s->own.address, 1);
	ended = register_at_pf(s, 0);
	*ret_carried = !ret && !w.window.doubts &&
		       sheet_delivered(&w, NFP_KIND_VLAN_UNICAST, NFP_AT_PF);
	return ret ?: ended;
}

static int watch_vlan_before(struct sheet *s)
{
	bool *carried = &s->carried[SHEET_VLAN];
	int ret = sheet_has_vlan(s) ? watch_vlan_at_pf(s, false, carried) : 0;

	if (!ret && sheet_has_vlan(s) && !*carried && s->own.announce)
		ret = watch_vlan_at_pf(s, true, carried);
	return ret;
}

static bool are_all(const bool carried[NUM_UNICAST])
{
	return carried[SHEET_SECOND] && carried[SHEET_THIRD] && carried[SHEET_NEXT] &&
	       carried[SHEET_NOBODY];
}

int sheet_watch_port(struct sheet *s)
{
	const struct nfp_mac groups[] = {s->own.group, s->own.unjoined};
	struct sheet_window w = {.plan = sheet_plan(s, &groups[0], &groups[1])};
	int ret;

	if (!s->r.wire.ops->take)
		return 0;
	ret = watch_vlan_before(s) ?: watch_unicast(s, false, s->carried);
	s->floods = are_all(s->carried);
	if (!ret && !s->floods && s->own.announce)
		ret = watch_unicast(s, true, s->carried);
	if (ret || !s->own.multicast)
		return ret;
	w.plan.unicast = s->config->nobody;
	ret = hear_at_pf(s, &w, groups, 2);
	s->carried[SHEET_UNJOINED] = !ret && !w.window.doubts &&
				     sheet_delivered(&w, NFP_KIND_UNJOINED, NFP_AT_PF);
	return ret;
}

int sheet_watch_port_again(struct sheet *s)
{
	bool still[NUM_UNICAST];
	int ret;

	if (!s->r.wire.ops->take)
		return 0;
	ret = watch_unicast(s, false, still);
	nfp_for_each (a, addressed, NFP_NUM(addressed)) {
		if (a->what < NUM_UNICAST && !still[a->what])
			sheet_fact(s, a->row)->carried = NFP_UNKNOWN;
	}
	return ret;
}
