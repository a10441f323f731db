// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * guest_vlan.c - the guest's VLAN in a ladder: its frames, its registration at the VF as a guest's
 * driver makes it, and two windows after the last step: the PF has registered the VLAN, and then a
 * VLAN that nobody uses. The first shows that the network brings the VLAN to this port, and that
 * registering it helps. Both together show whether the PF filters: a filter that sleeps until a
 * VLAN is registered is awake in both, as i40e_correct_mac_vlan_filters wakes it.
 */
#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "runner.h"
#include "settle.h"
#include "window.h"

#define RATE	  40U /* frames a second of each kind that a guest must hear */
#define PER_HALF  24U /* half a settling time has at least so many of those */
#define CONTROLS  2U  /* the controls are rarer by this factor */
#define RATE_MOST 500U

static void note_facts(struct runner *r)
{
	const struct nfp_runner_config *config = r->config;
	struct nfp_guest_vlan_result *g = &r->result->guest_vlan;

	if (!config->guest_vlan.vid)
		return;
	*g = (struct nfp_guest_vlan_result) {
		.vid = config->guest_vlan.vid,
		.free_vid = config->guest_vlan.free_vid,
		.sibling = config->guest_vlan.sibling,
		.can_unfilter = config->guest_vlan.can_unfilter,
		.from = NFP_STEP_COUNT,
	};
	snprintf(g->untested, sizeof(g->untested), "%s", config->guest_vlan.untested ?: "");
}

/* A netdev that takes the VLAN may appear while the ladder is under way. */
static void look_for_swallower(struct runner *r)
{
	struct nfp_guest_vlan_result *g = &r->result->guest_vlan;
	char name[NFP_TEXT_LEN] = "";
	int ret = r->host.ops->swallower(r->host.ctx, g->vid, name, NULL);

	g->unsearched |= ret < 0;
	if (ret > 0)
		memcpy(g->vlan_netdev, name, sizeof(g->vlan_netdev));
}

void runner_vlan_begin(struct runner *r)
{
	note_facts(r);
	if (runner_has_vlan(r))
		look_for_swallower(r);
}

void runner_vlan_child(struct runner *r)
{
	struct nfp_guest_vlan_result *g = &r->result->guest_vlan;

	snprintf(g->untested, sizeof(g->untested),
		 "macvlans on %s get queues of their own (l2-fwd-offload)", r->config->ifname);
}

void runner_plan_vlan(const struct runner *r, struct nfp_plan *plan)
{
	uint64_t least = PER_HALF * 2 * NFP_NSEC_PER_SEC / MAX(r->config->settle_ns, 1);
	unsigned int rate = (unsigned int)MIN(MAX(least, RATE), RATE_MOST);

	if (!runner_has_vlan(r))
		return;
	plan->own = r->config->guest_vlan.own;
	plan->rate[NFP_KIND_VLAN_UNICAST] = plan->rate[NFP_KIND_VLAN_BROADCAST] = rate;
	plan->rate[NFP_KIND_VLAN_MULTICAST] = runner_group(r) ? rate : 0;
	plan->rate[NFP_KIND_VLAN_OWN] = rate / CONTROLS;
	plan->rate[NFP_KIND_VLAN_FREE] = r->config->guest_vlan.none_free ? 0 : rate / CONTROLS;
}

/* A refusal is a fact about the VF, and does not end the ladder. */
void runner_vlan_up(struct runner *r)
{
	struct nfp_guest_vlan_result *g = &r->result->guest_vlan;
	struct nfp_err err = {0};
	int ret = 0;

	if (runner_has_vlan(r))
		ret = r->host.ops->vlan(r->host.ctx, NFP_AT_VF, g->vid, &err);
	if (ret)
		snprintf(g->vf_refused, sizeof(g->vf_refused), "%.*s",
			 (int)sizeof(g->vf_refused) - 1,
			 err.message[0] ? err.message : strerror(-ret));
}

/* A few frames show nothing. */
static void note_few(struct nfp_window *w, bool in_vlan)
{
	uint64_t few = in_vlan ? NFP_SETTLE_GROUP : NFP_SETTLE_FEW;

	for (enum nfp_kind kind = 0; kind < NFP_KIND_COUNT; kind++) {
		if (nfp_kinds[kind].tagged == in_vlan && w->count[kind].sent &&
		    w->count[kind].sent < few)
			w->landing[kind] = NFP_LANDING_MIXED;
	}
}

/* Counts the second half of a window: a VLAN filter may be written a moment after the change. */
static void count_half(const struct runner *r, const struct window *w,
		       struct nfp_count ret_count[NFP_KIND_COUNT])
{
	uint64_t from_ns = w->settle.from_ns, end_ns = w->settle.end_ns;

	nfp_accounting_sum(r->wire.accounting, from_ns + (end_ns - from_ns) / 2, end_ns, ret_count);
}

void runner_vlan_count(struct runner *r, const struct window *w)
{
	struct nfp_count count[NFP_KIND_COUNT];
	struct nfp_window *step = &r->step->w;

	if (!runner_has_vlan(r))
		return;
	count_half(r, w, count);
	for (enum nfp_kind kind = 0; kind < NFP_KIND_COUNT; kind++) {
		if (!nfp_kinds[kind].tagged)
			continue;
		step->count[kind] = count[kind];
		step->landing[kind] = nfp_landing_of(&count[kind]);
	}
	note_few(step, true);
}

/* ---- behind the last step ---- */

/* A busy host may have sent few frames by then. */
static bool vlan_is_enough(const struct runner *r, const struct window *w)
{
	struct nfp_count count[NFP_KIND_COUNT];
	bool few = false;

	if (w->state < NFP_SETTLE_HELD)
		return false;
	count_half(r, w, count);
	for (enum nfp_kind kind = 0; kind < NFP_KIND_COUNT; kind++)
		few |= nfp_kinds[kind].tagged && r->plan.rate[kind] &&
		       count[kind].sent < NFP_SETTLE_GROUP;
	return !few || runner_now(r) >= w->settle.expire_ns;
}

static int watch_vlan(struct runner *r, struct nfp_window *ret_window)
{
	const struct window_spec spec = {
		.stable_ns = runner_stable_ns(r),
		.keeps = true,
		.enough = vlan_is_enough,
	};
	struct window w;
	int ret = run_window(r, &spec, &w);

	if (ret)
		return ret;
	count_half(r, &w, ret_window->count);
	runner_landings(ret_window->count, ret_window->landing);
	nfp_accounting_forget(r->wire.accounting, w.settle.end_ns);
	note_few(ret_window, false);
	note_few(ret_window, true);
	ret_window->status = NFP_STATUS_DONE;
	ret_window->disturbed = !w.shows ||
				!nfp_lands_at(ret_window->landing[NFP_KIND_BROADCAST], NFP_AT_PF);
	return 0;
}

static int set_vlan_at_pf(struct runner *r, uint16_t vid)
{
	return r->host.ops->vlan(r->host.ctx, NFP_AT_PF, vid, r->err);
}

/* @last: the VLAN to unregister first; 0: none. */
static int make_window(struct runner *r, uint16_t last, uint16_t vid, struct nfp_window *ret_window)
{
	int ret = runner_check_stop(r);
	bool kept;

	*r->err = (struct nfp_err) {0};
	ret = ret ?: last ? set_vlan_at_pf(r, 0) : 0;
	kept = ret != 0;
	ret = ret ?: set_vlan_at_pf(r, vid);
	if (!ret)
		return watch_vlan(r, ret_window);
	ret_window->status = kept || !last ? NFP_STATUS_REFUSED : NFP_STATUS_SKIPPED;
	snprintf(ret_window->note, sizeof(ret_window->note), "%.*s",
		 (int)sizeof(ret_window->note) - 1,
		 r->err->message[0] ? r->err->message : strerror(-ret));
	return runner_is_own_error(r) ? ret : 0;
}

static int check_vlan(struct runner *r, struct nfp_guest_vlan_result *g)
{
	const char *why = r->config->guest_vlan.unregistrable;
	int ret;

	if (why) {
		snprintf(g->registered.note, sizeof(g->registered.note), "%s", why);
		return 0;
	}
	ret = make_window(r, 0, g->vid, &g->registered);
	if (!ret && g->registered.status == NFP_STATUS_DONE)
		ret = make_window(r, g->vid, g->free_vid, &g->unregistered);
	(void)r->host.ops->vlan(r->host.ctx, NFP_AT_PF, 0, NULL);
	return ret;
}

int runner_vlan_check(struct runner *r)
{
	if (!runner_has_vlan(r))
		return 0;
	look_for_swallower(r);
	if (r->over || !r->carrier || !r->pf_has_mac || r->stuck)
		return 0;
	return check_vlan(r, &r->result->guest_vlan);
}
