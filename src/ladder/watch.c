// SPDX-License-Identifier: GPL-2.0-or-later
/* watch.c - one window: what is sent, how long that must land in the same way, what counts of it,
 * and whether it shows anything. */
#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "runner_priv.h"

void window_begin(struct runner *r, struct window *w)
{
	const struct window_spec *spec = w->spec;
	const unsigned int *rate = spec->plan ? spec->plan->rate : r->plan.rate;
	struct nfp_settle *settle = &w->settle;
	uint64_t begin_ns = runner_mark(r, spec->wire);

	nfp_settle_begin(settle, begin_ns, spec->hold_ns, rate, MAX(spec->slowness, 1U));
	settle->settle_ns += (MAX(spec->times, 1U) - 1) * spec->hold_ns;
	if (spec->hold_most_ns)
		settle->settle_ns = MIN(settle->settle_ns, spec->hold_most_ns);
	if (spec->patience_ns)
		settle->expire_ns = begin_ns + spec->patience_ns;
	w->state = NFP_SETTLE_WAIT;
	if (spec->begun)
		spec->begun(r, w);
}

void window_count(const struct window *w, struct nfp_count ret_count[NFP_KIND_COUNT])
{
	const struct nfp_settle *settle = &w->settle;
	uint64_t half_ns = (settle->end_ns - settle->from_ns) / 2;
	uint64_t from_ns = settle->from_ns + (w->spec->second_half ? half_ns : 0);

	nfp_accounting_sum(w->spec->wire->accounting, from_ns, settle->end_ns, ret_count);
}

static bool any_is_changing(const struct nfp_settle *settle)
{
	for (enum nfp_kind kind = 0; kind < NFP_KIND_COUNT; kind++) {
		if (nfp_settle_is_unstable(settle, kind))
			return true;
	}
	return false;
}

#define BRIEF_NS (300 * NFP_NSEC_PER_MSEC) /* what is lost needs no longer to show */

static bool misses(enum nfp_landing unicast, enum nfp_receiver at)
{
	return unicast == NFP_LANDING_NOWHERE || (at == NFP_AT_VF && unicast == NFP_LANDING_PF);
}

bool window_is_lost(const struct window *w, enum nfp_receiver at)
{
	const struct nfp_settle *settle = &w->settle;
	enum nfp_landing landing[NFP_KIND_COUNT];

	runner_landings(settle->count, landing);
	return w->state == NFP_SETTLE_CLEAR && settle->end_ns - settle->from_ns >= BRIEF_NS &&
	       misses(landing[NFP_KIND_UNICAST], at) && at_pf(landing[NFP_KIND_BROADCAST]) &&
	       settle->count[NFP_KIND_UNICAST].sent >= NFP_SETTLE_GROUP;
}

/* Whatever the spec makes of them. */
static unsigned int doubts_about(const struct runner *r, const struct window *w,
				 const struct nfp_wire_stats *before)
{
	const struct nfp_wire *wire = w->spec->wire;
	bool held = w->spec->enough ? w->spec->enough(r, w) : w->state >= NFP_SETTLE_HELD;
	struct nfp_wire_stats now = {0};
	unsigned int doubts = 0;

	wire->ops->stats(wire->ctx, &now);
	if (r->blinked || !r->carrier)
		doubts |= WINDOW_NO_CARRIER;
	if (w->state == NFP_SETTLE_EXPIRED)
		doubts |= WINDOW_EXPIRED;
	else if (!held)
		doubts |= WINDOW_ENDED;
	if (any_is_changing(&w->settle))
		doubts |= WINDOW_CHANGING;
	if (nfp_settle_has_too_few(&w->settle, wire->accounting))
		doubts |= WINDOW_TOO_FEW;
	if (now.drops != before->drops)
		doubts |= WINDOW_DROPS;
	if (r->step->changed)
		doubts |= WINDOW_CHANGED;
	if (r->over)
		doubts |= WINDOW_OVER;
	return doubts;
}

/*
 * EARLY is the worst verdict. Once `attach` has lost what the network delivers, SAFE is out of
 * reach: up to `clear`, which confirms it with `reassign`, and later once the steps say EARLY, a
 * loss is watched only until it is clear. A NIC that may act later would pass through these states
 * otherwise than a guest lets it.
 */
bool runner_may_be_brief(const struct runner *r)
{
	enum nfp_step step = r->step->step;

	if (!runner_is_quick(r) || runner_has_vlan(r))
		return false;
	return step > NFP_STEP_REASSIGN
		       ? r->early
		       : r->lost && step > NFP_STEP_ATTACH && step < NFP_STEP_CLEAR;
}

void runner_silence(struct runner *r)
{
	struct nfp_plan silent = r->plan;

	memset(silent.rate, 0, sizeof(silent.rate));
	r->wire.ops->plan(r->wire.ctx, &silent);
}

/* The wire is silent again, and what was under way has arrived. */
static int stop_sending(struct runner *r, const struct window_spec *spec, int ret)
{
	struct nfp_plan silent = *spec->plan;

	memset(silent.rate, 0, sizeof(silent.rate));
	spec->wire->ops->plan(spec->wire->ctx, &silent);
	return ret ?: runner_catch_up(r, spec->wire);
}

static const char *doubt_in_words(const struct window *w)
{
	unsigned int doubts = w->doubts;

	if (doubts & WINDOW_NO_CARRIER)
		return "the PF had no carrier";
	if (doubts & WINDOW_EXPIRED)
		return "what was heard did not stay the same for long enough";
	if (doubts & WINDOW_CHANGING)
		return "what was heard kept changing";
	if (doubts & WINDOW_TOO_FEW)
		return "too few frames were sent, or none for too long";
	return "the capture lost frames";
}

int run_window(struct runner *r, const struct window_spec *spec, struct window *w)
{
	const struct nfp_wire *wire = spec->wire;
	struct nfp_wire_stats before = {0};
	uint64_t begin_ns;
	int ret;

	*w = (struct window) {.spec = spec, .early = spec->early};
	wire->ops->stats(wire->ctx, &before);
	if (spec->plan)
		wire->ops->plan(wire->ctx, spec->plan);
	begin_ns = runner_now(r);
	if (spec->behind_change)
		r->action_ns = begin_ns;
	window_begin(r, w);
	ret = runner_wait(r, w);
	if (spec->plan)
		ret = stop_sending(r, spec, ret);
	w->took_ns = runner_now(r) - begin_ns;
	if (ret)
		return ret;
	if (spec->ended)
		spec->ended(r, w);
	window_count(w, w->count);
	runner_landings(w->count, w->landing);
	if (spec->doubts)
		w->doubts = doubts_about(r, w, &before) & spec->doubts;
	if (w->doubts)
		w->why = spec->mute ? "" : doubt_in_words(w);
	if (!spec->keeps)
		nfp_accounting_forget(wire->accounting, w->settle.end_ns);
	return 0;
}

/* An error of the probe itself, not a refusal by the kernel. ENOMEM may be one: a full table. */
bool runner_is_own_error(const struct runner *r)
{
	const struct nfp_err *err = r->err;

	return err->code == NFP_E_JOURNAL || err->code == NFP_E_MEMORY ||
	       err->code == NFP_E_INTERRUPTED || err->code == NFP_E_TIMEOUT ||
	       err->errnum == NFP_ENOANSWER || err->errnum == EMFILE || err->errnum == ENFILE;
}

void window_disturb(struct nfp_window *w, const char *why)
{
	w->disturbed = true;
	if (!w->note[0])
		snprintf(w->note, sizeof(w->note), "%.*s", (int)sizeof(w->note) - 1, why);
}

const struct window_slot window_slots_at_pf[3] = {
	{NFP_KIND_UNICAST, NFP_KIND_UNICAST, NFP_AT_PF},
	{NFP_KIND_BROADCAST, NFP_KIND_BROADCAST, NFP_AT_PF},
	{NFP_KIND_UNREGISTERED, NFP_KIND_UNREGISTERED, NFP_AT_PF},
};

void window_pick(const struct nfp_count count[NFP_KIND_COUNT], const struct window_slot slots[],
		 size_t num_slots, struct nfp_window *ret_window)
{
	nfp_for_each (s, slots, num_slots) {
		const struct nfp_count *from = &count[s->kind];
		struct nfp_count *to = &ret_window->count[s->slot];

		if (s->at < NFP_RECEIVER_COUNT) {
			*to = (struct nfp_count) {.sent = from->sent};
			to->at[s->at] = from->at[s->at];
		} else {
			*to = *from;
			ret_window->landing[s->slot] = nfp_landing_of(from);
		}
	}
	if (!slots) {
		memcpy(ret_window->count, count, sizeof(*count) * NFP_KIND_COUNT);
		runner_landings(count, ret_window->landing);
	}
}

void window_keep(const struct window *w, const struct window_slot slots[], size_t num_slots,
		 struct nfp_window *ret_window)
{
	window_pick(w->count, slots, num_slots, ret_window);
	if (w->why)
		window_disturb(ret_window, w->why);
}
