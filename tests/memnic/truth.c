// SPDX-License-Identifier: GPL-2.0-or-later
#include "truth.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfprobe/result.h"

static const struct nfp_mac nearby = {{0x02, 0, 0, 0, 0, 0x88}};

#define PF_BIT (1U << NFP_AT_PF)
#define VF_BIT (1U << NFP_AT_VF)

struct truth_walk {
	struct memnic *nic;
	struct nfp_host host;
	struct nfp_wire wire;
	struct nfp_frame_accounting *accounting;
	const struct truth_ladder *ladder;
	const struct nfp_mac *address;
	struct truth *truth;
	bool no_reset, used;
	bool unlearns; /* what is silent */
};

static void do_action(struct truth_walk *w, enum nfp_action action)
{
	const struct truth_ladder *ladder = w->ladder;
	void *ctx = w->host.ctx;
	struct nfp_netdev netdev;

	switch (action) {
	case NFP_DO_ADD_STANDBY:
		w->host.ops->add_standby(ctx, ladder->style, w->address, &ladder->group, NULL);
		break;
	case NFP_DO_REMOVE_STANDBY:
		w->host.ops->remove_standby(ctx, NULL);
		break;
	case NFP_DO_ANNOUNCE:
		memnic_send(w->nic, NFP_AT_PF, w->address);
		break;
	case NFP_DO_NEW_ADDRESS:
		w->address = &ladder->address_first;
		break;
	case NFP_DO_ASSIGN:
		w->host.ops->assign(ctx, w->address, NULL);
		break;
	case NFP_DO_RESET:
		w->host.ops->reset(ctx, NULL);
		break;
	case NFP_DO_BIND:
		w->host.ops->bind(ctx, w->address, NULL);
		break;
	case NFP_DO_UP:
		w->host.ops->up(ctx, &ladder->group, &netdev, NULL);
		w->host.ops->carrier(ctx, NULL);
		w->host.ops->vlan(ctx, NFP_AT_VF, 100, NULL);
		w->wire.ops->listen_vf(w->wire.ctx, &netdev, false, NULL);
		memnic_send(w->nic, NFP_AT_VF, w->address);
		break;
	case NFP_DO_DOWN:
		w->host.ops->down(ctx, NULL);
		break;
	case NFP_DO_UNBIND:
		if (w->unlearns)
			memnic_send(w->nic, NFP_AT_VF, w->address);
		w->host.ops->unbind(ctx, NULL);
		break;
	case NFP_DO_CLEAR:
		w->host.ops->clear(ctx, NULL);
		break;
	default:
		break;
	}
}

static void wait_long(struct truth_walk *w)
{
	uint64_t until_ns = w->wire.ops->now(w->wire.ctx) + 6 * NFP_NSEC_PER_SEC;
	const struct nfp_plan plan = {.unicast = *w->address,
				      .unregistered_mac = {{0x02, 0, 0, 0, 0, 0x33}},
				      .group = w->ladder->group,
				      .unjoined = {{0x33, 0x33, 0xff, 0, 0, 0x22}},
				      .own = {{0x02, 0, 0, 0, 0, 0x55}},
				      .rate = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}};

	w->wire.ops->plan(w->wire.ctx, &plan);
	/* A carrier that comes or goes wakes it. */
	while (w->wire.ops->now(w->wire.ctx) < until_ns)
		w->wire.ops->pump(w->wire.ctx, until_ns, w->accounting, NULL);
}

/* How long it takes until the standby gets the address. */
static void measure_gap(struct truth_walk *w)
{
	uint64_t begin_ns = w->wire.ops->now(w->wire.ctx), now_ns = begin_ns;

	while (!(memnic_reach(w->nic, NFP_KIND_UNICAST) & PF_BIT)) {
		if (now_ns - begin_ns > 6 * NFP_NSEC_PER_SEC)
			return;
		w->wire.ops->pump(w->wire.ctx, now_ns + 5 * NFP_NSEC_PER_MSEC, w->accounting, NULL);
		now_ns = w->wire.ops->now(w->wire.ctx);
	}
	w->truth->gap_ns = now_ns - begin_ns;
}

/* The guest is elsewhere, and says so. */
static void watch_neighbour(struct truth_walk *w, enum nfp_idle idle)
{
	if (!w->ladder->neighbour)
		return;
	if (idle != NFP_IDLE_CONTROL)
		memnic_send_far(w->nic, w->address);
	wait_long(w);
	w->truth->leaves[idle] = memnic_leaves(w->nic, w->address);
}

static void judge_neighbours(struct truth_walk *w)
{
	struct truth *t = w->truth;

	t->neighbours = NFP_TRAIT_OK;
	for (enum nfp_idle idle = NFP_IDLE_RESET; idle < NFP_IDLE_COUNT; idle++) {
		if (idle == NFP_IDLE_DETACH && w->no_reset)
			continue;
		if (!t->leaves[idle] && !t->from) {
			t->neighbours = NFP_TRAIT_LOST;
			t->from = idle;
		} else if (t->leaves[idle] && t->from && !t->until) {
			t->until = idle;
		}
	}
}

/* The guest is here. */
static void watch_here(struct truth_walk *w, enum nfp_step step)
{
	static const struct nfp_mac entry = {{0x02, 0, 0, 0, 0, 0x9a}};
	enum nfp_receiver guest = step == NFP_STEP_UP ? NFP_AT_VF : NFP_AT_PF;
	struct truth *t = w->truth;

	if (!w->ladder->here ||
	    (step != NFP_STEP_STANDBY && step != NFP_STEP_UP && step != NFP_STEP_DETACH))
		return;
	t->arrives[step] = memnic_arrives(w->nic, guest, w->address);
	t->here = t->here != NFP_TRAIT_LOST && t->arrives[step] ? NFP_TRAIT_OK : NFP_TRAIT_LOST;
	if (step != NFP_STEP_STANDBY || nfp_styles[w->ladder->style].entry)
		return;
	w->host.ops->entry(w->host.ctx, &entry, NULL);
	t->entry = memnic_arrives(w->nic, NFP_AT_PF, &entry) ? NFP_TRAIT_OK : NFP_TRAIT_LOST;
	w->host.ops->entry(w->host.ctx, NULL, NULL);
}

/* After the ladder. */
static void leave_idle(struct truth_walk *w)
{
	static const enum nfp_action actions[NFP_IDLE_COUNT] = {
		[NFP_IDLE_UNPLUG] = NFP_DO_REMOVE_STANDBY,
		[NFP_IDLE_DETACH] = NFP_DO_RESET,
		[NFP_IDLE_CLEAR] = NFP_DO_CLEAR,
	};

	if (!w->ladder->neighbour || !w->truth->made[NFP_STEP_VF_FIRST_UNPLUG])
		return;
	for (enum nfp_idle idle = NFP_IDLE_UNPLUG; idle < NFP_IDLE_COUNT; idle++) {
		do_action(w, actions[idle]);
		watch_neighbour(w, idle);
	}
	judge_neighbours(w);
}

/* Before vf-first, by an address of its own. */
static void wait_idle(struct truth_walk *w, enum nfp_idle idle)
{
	const struct nfp_mac *address = w->address;

	if (!w->ladder->neighbour)
		return;
	w->address = &nearby;
	if (idle == NFP_IDLE_RESET) {
		do_action(w, NFP_DO_ASSIGN);
		do_action(w, NFP_DO_RESET);
	}
	watch_neighbour(w, idle);
	w->address = address;
}

/* Bits of nfp_receiver to the letters of memnic_row(). */
static void walk_step(struct truth_walk *w, enum nfp_step step)
{
	const struct nfp_ladder_row *row = &nfp_ladder[step];
	unsigned int *reach = w->truth->reach[step];

	for (size_t i = 0; i < NFP_ACTIONS_MAX && row->actions[i]; i++)
		do_action(w, row->actions[i]);
	if (w->unlearns && step == NFP_STEP_VF_FIRST_UNPLUG)
		measure_gap(w);
	wait_long(w);
	w->truth->drops[step] = memnic_drops(w->nic, w->address);
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
		reach[kind] = memnic_reach(w->nic, (enum nfp_kind)kind);
	if (w->ladder->multicast_blocked)
		reach[NFP_KIND_MULTICAST] = reach[NFP_KIND_ALL_NODES] = reach[NFP_KIND_UNJOINED] =
			0;
	w->truth->row[step] = "-PVB"[reach[NFP_KIND_UNICAST]];
	w->truth->multicast_row[step] = "-PVB"[reach[NFP_KIND_MULTICAST]];
	w->truth->made[step] = true;
	if (step == NFP_STEP_CONTROL)
		wait_idle(w, NFP_IDLE_CONTROL);
	watch_here(w, step);
	do_action(w, row->after);
}

/* ---- the rules of nfprobe-verdicts(7), where nothing is refused and every landing is known ----
 */

static bool hears(const struct truth *t, enum nfp_step step, unsigned int receiver)
{
	return (t->reach[step][NFP_KIND_BROADCAST] & receiver) != 0;
}

static bool serves(const struct truth *t, enum nfp_step step, unsigned int receiver)
{
	return (t->reach[step][NFP_KIND_UNICAST] & receiver) && hears(t, step, receiver);
}

static bool is_made(const struct truth_walk *w, enum nfp_step step)
{
	bool same = nfp_mac_equal(&w->ladder->address, &w->ladder->address_first);

	if (nfp_ladder[step].actions[0] == NFP_DO_RESET)
		return !w->no_reset;
	if (step == NFP_STEP_ALONE)
		return !serves(w->truth, NFP_STEP_UP, VF_BIT);
	if (step == NFP_STEP_REASSIGN || (step >= NFP_STEP_VF_FIRST && same))
		return serves(w->truth, NFP_STEP_CLEAR, PF_BIT);
	return true;
}

static bool in_group(const struct truth *t, enum nfp_step step, unsigned int receiver)
{
	return (t->reach[step][NFP_KIND_MULTICAST] & receiver) != 0;
}

/* Where the other kinds are lost as well, nothing is wrong with multicast alone. */
static bool keeps_group(const struct truth *t, enum nfp_step step, unsigned int receiver)
{
	return in_group(t, step, receiver) || !serves(t, step, receiver);
}

/* serves or keeps_group */
typedef bool receives_fn(const struct truth *t, enum nfp_step step, unsigned int receiver);

/* Does the guest lose it before it uses its VF? */
static bool is_early(const struct truth *t, receives_fn *receives)
{
	static const enum nfp_step steps[] = {NFP_STEP_ATTACH, NFP_STEP_REASSIGN,
					      NFP_STEP_VF_FIRST};
	/* Without a reset the guest boots in the state of assign. */
	enum nfp_step boots = t->made[NFP_STEP_ATTACH] ? NFP_STEP_ATTACH : NFP_STEP_ASSIGN;

	if (hears(t, boots, PF_BIT) && !receives(t, boots, PF_BIT))
		return true;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		/* An address that is assigned a second time must have been taken back before. */
		if (steps[i] == NFP_STEP_REASSIGN && !receives(t, NFP_STEP_CLEAR, PF_BIT))
			continue;
		if (t->made[steps[i]] && hears(t, steps[i], PF_BIT) &&
		    !receives(t, steps[i], PF_BIT))
			return true;
	}
	return false;
}

/* .. while it uses it? */
static bool is_deaf(const struct truth *t, receives_fn *receives)
{
	return !receives(t, NFP_STEP_UP, VF_BIT) ||
	       (t->made[NFP_STEP_VF_FIRST_UP] && !receives(t, NFP_STEP_VF_FIRST_UP, VF_BIT));
}

/* Without a reset, `assign` is the state in which the guest boots. */
static bool is_demanded(const struct truth *t, enum nfp_step step)
{
	return t->made[step] &&
	       (nfp_ladder[step].decides || (step == NFP_STEP_ASSIGN && !t->made[NFP_STEP_ATTACH]));
}

static bool lacks_broadcast(const struct truth *t)
{
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		unsigned int needed = nfp_ladder[step].fit == NFP_FIT_VF ? PF_BIT | VF_BIT : PF_BIT;

		if (is_demanded(t, step) && !hears(t, step, needed))
			return true;
	}
	return false;
}

static bool vf_heard_any(const struct truth *t)
{
	static const enum nfp_step steps[] = {NFP_STEP_UP, NFP_STEP_ALONE, NFP_STEP_VF_FIRST_UP};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
			if (t->reach[steps[i]][kind] & VF_BIT)
				return true;
		}
	}
	return false;
}

/* .. after it has given it up? */
static bool is_sticky(const struct truth *t, receives_fn *receives)
{
	static const enum nfp_step steps[] = {NFP_STEP_UNPLUG, NFP_STEP_DETACH, NFP_STEP_CLEAR,
					      NFP_STEP_VF_FIRST_UNPLUG};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (t->made[steps[i]] && !receives(t, steps[i], PF_BIT))
			return true;
	}
	return false;
}

static bool loses_group(const struct truth *t)
{
	return is_early(t, keeps_group) || is_deaf(t, keeps_group) || is_sticky(t, keeps_group);
}

static bool shows_group(const struct truth *t)
{
	for (enum nfp_step step = NFP_STEP_STANDBY; step < NFP_STEP_COUNT; step++) {
		if (in_group(t, step, PF_BIT))
			return true;
	}
	return false;
}

/*
 * Is there a step that demands a receiver which does not hear the group, for whatever reason? Or is
 * there none, since the address did not come back?
 */
static bool hides_group(const struct truth *t)
{
	if (!t->made[NFP_STEP_REASSIGN] || !t->made[NFP_STEP_VF_FIRST])
		return true;
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		unsigned int at = nfp_ladder[step].fit == NFP_FIT_VF ? VF_BIT : PF_BIT;

		if (is_demanded(t, step) && !in_group(t, step, at))
			return true;
	}
	return false;
}

/* Only a network that has shown multicast at the standby can tell of a NIC that loses it. */
static enum nfp_multicast multicast_of(const struct truth *t)
{
	if (!serves(t, NFP_STEP_STANDBY, PF_BIT) || !in_group(t, NFP_STEP_STANDBY, PF_BIT))
		return NFP_MULTICAST_UNPROVEN;
	if (loses_group(t))
		return NFP_MULTICAST_LOST;
	return hides_group(t) ? NFP_MULTICAST_UNPROVEN : NFP_MULTICAST_OK;
}

static enum nfp_verdict verdict_of(struct truth *t, enum nfp_source source, bool lost)
{
	if (!serves(t, NFP_STEP_STANDBY, PF_BIT))
		return hears(t, NFP_STEP_STANDBY, PF_BIT) && source != NFP_SOURCE_WIRE
			       ? NFP_VERDICT_UNTESTABLE
			       : NFP_VERDICT_INCONCLUSIVE;
	if (is_early(t, serves) || (lost && is_early(t, keeps_group)))
		return NFP_VERDICT_EARLY;
	if (lacks_broadcast(t))
		return NFP_VERDICT_INCONCLUSIVE;
	if (is_deaf(t, serves)) {
		t->silent |= !vf_heard_any(t);
		return t->silent ? NFP_VERDICT_INCONCLUSIVE : NFP_VERDICT_DEAF;
	}
	if (lost && is_deaf(t, keeps_group))
		return NFP_VERDICT_DEAF;
	return is_sticky(t, serves) || (lost && is_sticky(t, keeps_group)) ? NFP_VERDICT_STICKY
									   : NFP_VERDICT_SAFE;
}

/* ---- a whole ladder ---- */

struct truth_walk *truth_begin(const struct memnic_personality *p,
			       const struct memnic_conditions *conditions)
{
	const struct memnic_conditions quiet = {.openvswitch = conditions->openvswitch};
	struct truth_walk *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	w->nic = memnic_new(p, &quiet);
	w->accounting = nfp_accounting_new();
	if (!w->nic || !w->accounting)
		abort();
	w->host = memnic_host(w->nic);
	w->wire = memnic_wire(w->nic);
	w->no_reset = p->no_reset;
	w->unlearns = p->unlearns_after_ns > 0;
	return w;
}

void truth_end(struct truth_walk *w)
{
	nfp_accounting_free(w->accounting);
	memnic_free(w->nic);
	free(w);
}

void truth_walk(struct truth_walk *w, const struct truth_ladder *ladder, struct truth *ret_truth)
{
	struct truth truth = {0};

	w->ladder = ladder;
	w->truth = &truth;
	w->address = &ladder->address;
	if (w->used) {
		memnic_undo(w->nic);
		wait_long(w);
		memnic_calm(w->nic);
	}
	/* A look by nfprobe after a ladder may have ended what the ladder made last. */
	memnic_set_lasting(w->nic, ladder->lasting);
	w->used = true;
	memnic_set_source(w->nic, ladder->source);
	memnic_set_style(w->nic, ladder->style);
	memset(truth.row, 's', NFP_STEP_COUNT);
	truth.row[NFP_STEP_ALONE] = 'l';
	memcpy(truth.multicast_row, truth.row, sizeof(truth.row));
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		if (step == NFP_STEP_VF_FIRST)
			wait_idle(w, NFP_IDLE_RESET);
		if (is_made(w, step))
			walk_step(w, step);
		else
			truth.row[step] = truth.multicast_row[step] = 'l';
		if (step == NFP_STEP_STANDBY && !serves(&truth, step, PF_BIT))
			break;
	}
	leave_idle(w);
	truth.multicast = multicast_of(&truth);
	truth.of_unicast = verdict_of(&truth, ladder->source, false);
	truth.verdict = verdict_of(&truth, ladder->source, truth.multicast == NFP_MULTICAST_LOST);
	truth.shown_late = verdict_of(&truth, ladder->source,
				      shows_group(&truth) && loses_group(&truth));
	*ret_truth = truth;
}

void truth_of(const struct memnic_personality *p, const struct memnic_conditions *conditions,
	      enum nfp_style style, struct truth *ret_truth)
{
	const struct truth_ladder ladder = {
		.style = style,
		.source = conditions->source,
		.address = {{0x02, 0, 0, 0, 0, 0x11}},
		.address_first = {{0x02, 0, 0, 0, 0, 0x22}},
		.group = {{0x33, 0x33, 0xff, 0, 0, 0x11}},
		.multicast_blocked = conditions->multicast_blocked &&
				     conditions->source == NFP_SOURCE_WIRE,
	};
	struct truth_walk *w = truth_begin(p, conditions);

	truth_walk(w, &ladder, ret_truth);
	truth_end(w);
}

bool truth_proves(const struct truth *truth, enum nfp_requires requires, bool with_group)
{
	static const struct {
		enum nfp_requires requires;
		enum nfp_step step;
	} states[] = {
		{NFP_REQ_ASSIGN_AT_HOTPLUG, NFP_STEP_UP},
		{NFP_REQ_ASSIGN_BEFORE_STANDBY, NFP_STEP_VF_FIRST},
		{NFP_REQ_ASSIGN_BEFORE_STANDBY, NFP_STEP_VF_FIRST_UP},
		{NFP_REQ_ASSIGN_BEFORE_STANDBY, NFP_STEP_VF_FIRST_UNPLUG},
		{NFP_REQ_RELEASE_STANDBY_WHEN_UP, NFP_STEP_ALONE},
		{NFP_REQ_DETACH_BEFORE_MIGRATION, NFP_STEP_DETACH},
		{NFP_REQ_CLEAR_AT_UNPLUG, NFP_STEP_CLEAR},
	};
	bool had = in_group(truth, NFP_STEP_STANDBY, PF_BIT);

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		enum nfp_step step = states[i].step;
		unsigned int at = nfp_ladder[step].fit == NFP_FIT_VF ? VF_BIT : PF_BIT;

		if (states[i].requires == requires &&
		    (!serves(truth, step, at) || (with_group && had && !in_group(truth, step, at))))
			return false;
	}
	return true;
}

static bool heard_before(const struct nfp_style_result *result)
{
	uint64_t frames = 0;

	for (size_t i = 0; i < result->num_steps; i++) {
		for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
			frames += result->steps[i].count[kind].at[NFP_AT_VF];
	}
	return frames > 0;
}

bool truth_agrees(const struct truth *truth, const struct nfp_style_result *result)
{
	enum nfp_multicast multicast = result->multicast;
	bool unjudged = multicast != NFP_MULTICAST_OK && multicast != NFP_MULTICAST_LOST;

	if (truth->silent && result->verdict == NFP_VERDICT_DEAF)
		return heard_before(result);
	return result->verdict == truth->verdict ||
	       (truth->multicast != NFP_MULTICAST_OK && result->verdict == truth->shown_late) ||
	       (unjudged && result->verdict == truth->of_unicast);
}

static bool is_judged(const struct nfp_step_result *step)
{
	return step->status == NFP_STATUS_DONE && nfp_ladder[step->step].fit != NFP_FIT_RECORDED;
}

bool truth_misses_vlan(const struct truth *truth, const struct nfp_style_result *result)
{
	bool group = result->multicast == NFP_MULTICAST_OK;

	for (size_t i = 0; i < result->num_steps; i++) {
		const struct nfp_step_result *step = &result->steps[i];
		const unsigned int *reach = truth->reach[step->step];
		unsigned int bit = 1U << nfp_receiver_of(step->step);

		if (is_judged(step) &&
		    !(reach[NFP_KIND_VLAN_UNICAST] & reach[NFP_KIND_VLAN_BROADCAST] &
		      (group ? reach[NFP_KIND_VLAN_MULTICAST] : ~0U) & bit))
			return true;
	}
	return false;
}

/* ---- the sheet ---- */

static bool lets(enum memnic_lets lets, const struct nfp_sheet_combination *c)
{
	return lets == MEMNIC_ALWAYS || (lets == MEMNIC_IF_TRUSTED && c->trust > 0);
}

static enum nfp_answer yes_or_no(bool yes)
{
	return yes ? NFP_YES : NFP_NO;
}

/* Some strangers' frames come where others do not. */
static enum nfp_answer strangers(const struct memnic_guest *g, bool all)
{
	return !all && g->hashes ? NFP_UNKNOWN : yes_or_no(all);
}

enum nfp_answer truth_of_row(const struct memnic_personality *p, const struct truth_guest *guest,
			     const struct nfp_sheet_combination *c, enum nfp_sheet_row row)
{
	const struct memnic_guest *g = &p->guest;
	unsigned int room = c->trust > 0 ? g->trusted_addresses : g->addresses;
	bool all = lets(g->promisc, c), takes = lets(g->address, c);
	/* The NIC has learned the guest's addresses, and no stranger's. */
	bool none = g->gets_strangers && !g->unlearned_alone;
	bool stays = all && g->leaves_promisc && !g->unlearned_alone;
	bool second = none || memnic_is_hashed(g, &guest->second);
	bool third = none || memnic_is_hashed(g, &guest->third);
	bool next = none || memnic_is_hashed(g, &guest->next);

	switch (row) {
	case NFP_ROW_FORGED:
		return yes_or_no(!c->spoofchk || g->forges);
	case NFP_ROW_FORGED_SIBLING:
		return yes_or_no(!c->spoofchk || g->forges || g->forges_inside);
	case NFP_ROW_UNADDRESSED:
		return strangers(g, g->gets_strangers);
	case NFP_ROW_SECOND:
		return yes_or_no(room > 0 || second);
	case NFP_ROW_THIRD:
		return yes_or_no(room > 1 || third);
	case NFP_ROW_GROUP:
		return NFP_YES;
	case NFP_ROW_ALLMULTI:
		return yes_or_no(lets(g->allmulti, c));
	case NFP_ROW_PROMISC:
		return strangers(g, all || g->gets_strangers);
	case NFP_ROW_OVERHEARS:
		return yes_or_no(all && g->overhears);
	case NFP_ROW_VLAN:
		return yes_or_no(!p->vlan.vf_deaf && (!p->vlan.vf_filters || !p->vlan.vf_ignored));
	case NFP_ROW_FREE_VLAN:
		return yes_or_no(!p->vlan.vf_deaf && !p->vlan.vf_filters);
	case NFP_ROW_NEW:
		return yes_or_no(takes || next);
	case NFP_ROW_OLD:
		return yes_or_no(!takes || g->keeps_old || none ||
				 memnic_is_hashed(g, &guest->address));
	case NFP_ROW_KEEPS_SECOND:
		return yes_or_no((c->rows[NFP_ROW_SECOND].made && room > 0 && g->leaves_second) ||
				 stays || second);
	case NFP_ROW_KEEPS_NEW:
		return yes_or_no((takes && (g->leaves_new || p->learns)) || stays || next);
	case NFP_ROW_KEEPS_GROUPS:
		return yes_or_no(lets(g->allmulti, c) && g->leaves_allmulti);
	case NFP_ROW_KEEPS_PROMISC:
		return strangers(g, (all && g->leaves_promisc) || g->gets_strangers);
	default:
		return NFP_UNKNOWN;
	}
}

struct memnic_conditions truth_noise(uint64_t seed)
{
	return (struct memnic_conditions) {
		.source = (enum nfp_source)(seed % NFP_SOURCE_COUNT),
		.seed = seed,
		.loss_permille = (unsigned int)(seed % 7 * 2),
		.duplicate_permille = (unsigned int)(seed % 5),
		.jitter_ns = seed % 11 * NFP_NSEC_PER_MSEC,
		.multicast_blocked = seed % 13 == 0,
		.mld_snooping = seed % 13 < 3,
		.openvswitch = seed % 17 == 0,
	};
}

bool truth_climb(uint64_t seed, enum nfp_style style, struct nfp_style_result *ret_result,
		 char why[TRUTH_WHY_LEN])
{
	const struct memnic_personality p = memnic_random(seed);
	const struct memnic_conditions noise = truth_noise(seed);
	char row[MEMNIC_ROW_LEN], multicast_row[MEMNIC_ROW_LEN];
	struct truth truth;
	int ret;

	truth_of(&p, &noise, style, &truth);
	ret = memnic_climb(&p, &noise, style, ret_result);
	memnic_row(ret_result, row);
	memnic_row_of(ret_result, NFP_KIND_MULTICAST, multicast_row);
	snprintf(why, TRUTH_WHY_LEN,
		 "seed %" PRIu64 " style %s source %s: %d, landings %s, expected %s; "
		 "multicast %s %s, expected %s %s; verdict %s, expected %s",
		 seed, nfp_style_name(style), nfp_source_name(noise.source), ret, row, truth.row,
		 nfp_multicast_name(ret_result->multicast), multicast_row,
		 nfp_multicast_name(truth.multicast), truth.multicast_row,
		 nfp_verdict_name(ret_result->verdict), nfp_verdict_name(truth.verdict));
	return ret == 0 && strcmp(row, truth.row) == 0 &&
	       /* In control nobody has reported the group yet. */
	       strcmp(multicast_row + 1, truth.multicast_row + 1) == 0 &&
	       ret_result->multicast == truth.multicast && truth_agrees(&truth, ret_result);
}
