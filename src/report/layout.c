// SPDX-License-Identifier: GPL-2.0-or-later
/* layout.c - a ladder over time, prepared to be drawn; how long the guest was deaf. Pure. */
#include "report_priv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

static uint64_t window_end(const struct nfp_step_result *step)
{
	return step->start_ns + step->duration_ns;
}

static uint64_t window_begin(const struct nfp_step_result *step)
{
	return window_end(step) - MIN(step->window_ns, step->duration_ns);
}

/* ---- where frames landed, over time ---- */

static uint64_t clamp_ns(uint64_t ns, uint64_t low, uint64_t high)
{
	return MIN(MAX(ns, low), high);
}

static void add_bars(struct nfp_layout *layout, const struct nfp_step_result *step,
		     uint64_t from_ns, uint64_t to_ns)
{
	const struct nfp_count *count = &step->count[NFP_KIND_UNICAST];
	const uint64_t frames[NFP_LANE_COUNT] = {count->at[NFP_AT_PF], count->at[NFP_AT_VF],
						 nfp_count_lost(count)};

	for (unsigned int lane = 0; lane < NFP_LANE_COUNT; lane++) {
		if (count->sent && frames[lane] && to_ns > from_ns)
			layout->bars[layout->num_bars++] = (struct nfp_layout_bar) {
				.step = step,
				.lane = (enum nfp_lane)lane,
				.from_ns = from_ns,
				.to_ns = to_ns,
				.share = (double)frames[lane] / (double)count->sent,
			};
	}
}

/* The time between two windows. The gap begins at the request of the change if that is known, else
 * it is drawn in the middle. */
static void lay_out_transition(struct nfp_layout *layout, const struct nfp_transition *tr)
{
	const struct nfp_transition_count *unicast = &tr->unicast;
	const struct nfp_step_result *old = nfp_style_step(layout->style, tr->from);
	const struct nfp_step_result *new = nfp_style_step(layout->style, tr->to);
	struct nfp_layout_gap gap = {.transition = tr};
	uint64_t from_ns, to_ns, length_ns, switch_ns;

	if (!old || !new || window_begin(new) <= window_end(old))
		return;
	from_ns = window_end(old);
	to_ns = window_begin(new);
	length_ns = unicast->gap.us > 0 ? (uint64_t)unicast->gap.us * NFP_NSEC_PER_USEC : 0;
	length_ns = clamp_ns(length_ns, 0, to_ns - from_ns);
	if (unicast->gap_from_request && tr->asked_ns)
		gap.from_ns = clamp_ns(tr->asked_ns, from_ns, to_ns - length_ns);
	else
		gap.from_ns = from_ns + (to_ns - from_ns - length_ns) / 2;
	gap.to_ns = gap.from_ns + length_ns;
	if (length_ns && !unicast->gap_from_request) {
		add_bars(layout, old, from_ns, gap.from_ns);
		add_bars(layout, new, gap.to_ns, to_ns);
	} else {
		/* No frame is missing: the guest listens elsewhere. */
		switch_ns = unicast->gap_from_request ? gap.to_ns
						      : clamp_ns(tr->asked_ns, from_ns, to_ns);
		add_bars(layout, old, from_ns, switch_ns);
		add_bars(layout, new, switch_ns, to_ns);
	}
	/* Do not show a gap that is within its uncertainty. */
	if (unicast->gap.known && unicast->gap.us > unicast->gap.error_us) {
		nfp_duration_text(unicast->gap.us, gap.time, sizeof(gap.time));
		layout->gaps[layout->num_gaps++] = gap;
	}
}

double nfp_layout_place(const struct nfp_layout *layout, uint64_t ns, double length)
{
	uint64_t at = clamp_ns(ns, layout->from_ns, layout->to_ns) - layout->from_ns;

	return (double)at * length / (double)(layout->to_ns - layout->from_ns);
}

uint64_t nfp_layout_tick(const struct nfp_layout *layout, double max_ticks)
{
	uint64_t tick_ns = NFP_NSEC_PER_SEC;
	double length_ns = (double)(layout->to_ns - layout->from_ns);

	/* 1, 2, 5, 10, 20, .. */
	for (unsigned int i = 0; (double)tick_ns * max_ticks < length_ns; i++)
		tick_ns = i % 3 == 1 ? tick_ns / 2 * 5 : tick_ns * 2;
	return tick_ns;
}

/* ---- how long the guest was deaf ---- */

/* Returns NULL if no gap was measured, and the least certain one if all are 0. */
static const struct nfp_transition *longest_gap(const struct nfp_style_result *style,
						enum nfp_listens listens)
{
	const struct nfp_transition *best = NULL;

	for (size_t i = 0; i < style->num_transitions; i++) {
		const struct nfp_transition *t = &style->transitions[i];
		const struct nfp_span *gap = &t->unicast.gap, *most;

		if (!gap->known || nfp_ladder[t->to].listens != listens || !nfp_gap_hurts(t->to))
			continue;
		most = best ? &best->unicast.gap : NULL;
		if (!most || gap->us > most->us ||
		    (gap->us == most->us && gap->error_us > most->error_us))
			best = t;
	}
	return best;
}

/* Is the guest deaf in a settled state? */
static bool is_deaf_for_good(const struct nfp_style_result *style, enum nfp_listens listens)
{
	enum nfp_landing alone = listens == NFP_LISTENS_PF ? NFP_LANDING_PF : NFP_LANDING_VF;

	for (size_t i = 0; i < style->num_steps; i++) {
		const struct nfp_step_result *step = &style->steps[i];
		enum nfp_landing unicast = step->landing[NFP_KIND_UNICAST];

		if (step->status == NFP_STATUS_DONE && nfp_ladder[step->step].listens == listens &&
		    unicast != alone && unicast != NFP_LANDING_BOTH)
			return true;
	}
	return false;
}

bool nfp_outage_of(const struct nfp_style_result *style, enum nfp_listens listens,
		   struct nfp_outage *ret_outage)
{
	*ret_outage = (struct nfp_outage) {.longest = longest_gap(style, listens),
					   .endless = is_deaf_for_good(style, listens)};
	return ret_outage->longest;
}

/* ---- the whole ---- */

struct nfp_layout *nfp_layout_of(const struct nfp_style_result *style)
{
	struct nfp_layout *layout = nfp_calloc(1, sizeof(*layout));

	layout->style = style;
	layout->from_ns = UINT64_MAX;
	for (size_t i = 0; i < style->num_steps; i++) {
		const struct nfp_step_result *step = &style->steps[i];

		if (step->status != NFP_STATUS_DONE)
			continue;
		layout->from_ns = MIN(layout->from_ns, step->start_ns);
		layout->to_ns = MAX(layout->to_ns, window_end(step));
		add_bars(layout, step, window_begin(step), window_end(step));
	}
	for (size_t i = 0; i < style->num_transitions; i++)
		lay_out_transition(layout, &style->transitions[i]);
	return layout;
}
