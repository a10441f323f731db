// SPDX-License-Identifier: GPL-2.0-or-later
/* layout.c - a ladder laid out for the terminal and for the HTML page. Pure. */
#include "report_priv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- steps ---- */

/* What the landing alone does not tell. With @verbose, fit steps get their notes as well. */
static void write_note(struct nfp_layout_row *row, bool verbose)
{
	const struct nfp_step_result *step = row->step;
	char *note = row->note;

	if (row->unfit)
		nfp_append(note, sizeof(row->note), "; ", "%s", row->unfit);
	if (step->vf_counted && (row->unfit || verbose))
		nfp_append(note, sizeof(row->note), "; ", "the VF counts them");
	if (step->drops)
		nfp_append(note, sizeof(row->note), "; ", "the capture lost %" PRIu64 " frames",
			   step->drops);
	if (step->carrier_lost)
		nfp_append(note, sizeof(row->note), "; ", "carrier lost");
	if (step->changed && !step->note[0])
		nfp_append(note, sizeof(row->note), "; ", "another process changed the host");
	if (step->note[0] && (row->unfit || step->status != NFP_STATUS_DONE || step->changed ||
			      step->carrier_lost || step->promiscuous || verbose))
		nfp_append(note, sizeof(row->note), "; ", "%s", step->note);
}

static uint64_t window_end(const struct nfp_step_result *step)
{
	return step->start_ns + step->duration_ns;
}

static uint64_t window_begin(const struct nfp_step_result *step)
{
	uint64_t window_ns = step->window_ns < step->duration_ns ? step->window_ns
								 : step->duration_ns;

	return window_end(step) - window_ns;
}

static void lay_out_rows(struct nfp_layout *layout, bool verbose)
{
	const struct nfp_style_result *style = layout->style;
	const struct nfp_step_result *before = NULL;
	uint64_t end_ns = 0;

	for (size_t i = 0; i < style->num_steps; i++) {
		const struct nfp_step_result *step = &style->steps[i];
		struct nfp_layout_row *row = &layout->rows[step->step];
		const char *transmit = nfp_transmit_name(step->transmit);
		bool done = step->status == NFP_STATUS_DONE;

		row->step = step;
		row->landing = done ? nfp_landing_words(step->landing[NFP_KIND_UNICAST])
				    : nfp_status_name(step->status);
		row->sending = done && transmit ? transmit : "-";
		row->unfit = nfp_advice_unfit(step);
		row->same_reason = before && step->status == NFP_STATUS_SKIPPED &&
				   before->status == NFP_STATUS_SKIPPED &&
				   strcmp(step->note, before->note) == 0;
		/* A step that was skipped is placed where the previous one ended. */
		row->from_ns = step->duration_ns ? step->start_ns : end_ns;
		row->to_ns = end_ns = step->duration_ns ? window_end(step) : end_ns;
		write_note(row, verbose);
		before = step;
	}
}

/* ---- where frames landed, over time ---- */

static uint64_t clamp_ns(uint64_t ns, uint64_t low, uint64_t high)
{
	if (ns < low)
		return low;
	return ns > high ? high : ns;
}

static void add_bars(struct nfp_layout *layout, const struct nfp_step_result *step,
		     uint64_t from_ns, uint64_t to_ns, bool counted)
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
				.counted = counted,
			};
	}
}

/* When frames began to land as they did in the next window. */
static uint64_t switch_of(const struct nfp_transition *tr, uint64_t from_ns, uint64_t to_ns)
{
	const struct nfp_span *effect = &tr->count[NFP_KIND_UNICAST].effect;
	int64_t at = (int64_t)tr->answered_ns;

	if (!at)
		return from_ns;
	if (effect->known)
		at += effect->us * (int64_t)NFP_NSEC_PER_USEC;
	return clamp_ns(at > 0 ? (uint64_t)at : 0, from_ns, to_ns);
}

/* Between two windows. The guest heard nothing from the request of the change on, or, if that is
 * not known, in the middle of the transition. */
static void lay_out_transition(struct nfp_layout *layout, const struct nfp_transition *tr)
{
	const struct nfp_transition_count *unicast = &tr->count[NFP_KIND_UNICAST];
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
	gap.middle_ns = from_ns + (to_ns - from_ns) / 2;
	switch_ns = switch_of(tr, from_ns, to_ns);
	/* Either frames are missing, or they go on and only the guest listens elsewhere. */
	if (length_ns && !unicast->gap_from_request) {
		add_bars(layout, old, from_ns, gap.from_ns, false);
		add_bars(layout, new, gap.to_ns, to_ns, false);
	} else {
		add_bars(layout, old, from_ns, switch_ns, false);
		add_bars(layout, new, switch_ns, to_ns, false);
	}
	/* Do not show a gap that is within its uncertainty. */
	if (unicast->gap.known && unicast->gap.us > unicast->gap.error_us) {
		nfp_time_words(unicast->gap.us, gap.time, sizeof(gap.time));
		layout->gaps[layout->num_gaps++] = gap;
	}
}

static void lay_out_time(struct nfp_layout *layout)
{
	const struct nfp_style_result *style = layout->style;

	layout->from_ns = UINT64_MAX;
	for (size_t i = 0; i < style->num_steps; i++) {
		const struct nfp_step_result *step = &style->steps[i];

		if (step->status != NFP_STATUS_DONE)
			continue;
		if (step->start_ns < layout->from_ns)
			layout->from_ns = step->start_ns;
		if (window_end(step) > layout->to_ns)
			layout->to_ns = window_end(step);
		add_bars(layout, step, window_begin(step), window_end(step), true);
	}
	for (size_t i = 0; i < style->num_transitions; i++)
		lay_out_transition(layout, &style->transitions[i]);
}

double nfp_layout_place(const struct nfp_layout *layout, uint64_t ns, double length)
{
	uint64_t at = clamp_ns(ns, layout->from_ns, layout->to_ns) - layout->from_ns;

	return (double)at * length / (double)(layout->to_ns - layout->from_ns);
}

uint64_t nfp_layout_tick(const struct nfp_layout *layout, double max_ticks)
{
	static const uint64_t factors[] = {1, 2, 5};
	double length_ns = (double)(layout->to_ns - layout->from_ns);

	for (uint64_t decade = NFP_NSEC_PER_SEC;; decade *= 10) {
		for (size_t i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
			if ((double)(decade * factors[i]) * max_ticks >= length_ns)
				return decade * factors[i];
		}
	}
}

/* ---- how long the guest was deaf, in sentences ---- */

static void add_line(struct nfp_layout *layout, enum nfp_text_colour colour, const char *words)
{
	struct nfp_layout_line *line;

	if (!words[0])
		return;
	layout->lines = nfp_reallocarray(layout->lines, layout->num_lines + 1,
					 sizeof(*layout->lines));
	line = &layout->lines[layout->num_lines++];
	line->colour = colour;
	line->text = nfp_strdup(words);
}

/* NULL: none was measured. Of several gaps of 0, the least certain one. */
static const struct nfp_transition *longest_gap(const struct nfp_style_result *style,
						enum nfp_listens listens)
{
	const struct nfp_transition *best = NULL;

	for (size_t i = 0; i < style->num_transitions; i++) {
		const struct nfp_transition *t = &style->transitions[i];
		const struct nfp_span *gap = &t->count[NFP_KIND_UNICAST].gap, *most;

		if (!gap->known || nfp_ladder[t->to].listens != listens || !nfp_gap_hurts(t->to))
			continue;
		most = best ? &best->count[NFP_KIND_UNICAST].gap : NULL;
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

/*
 * The longest gaps while the guest listens to the standby and until it hears by the VF. Gaps before
 * there is a guest (standby, vf-first) do not count.
 */
static void add_outage(struct nfp_layout *layout)
{
	static const char *const who[] = {[NFP_LISTENS_PF] = "standby", [NFP_LISTENS_VF] = "VF"};
	char words[256] = "", time[32], error[32];

	for (enum nfp_listens l = NFP_LISTENS_PF; l <= NFP_LISTENS_VF; l++) {
		const struct nfp_transition *t = longest_gap(layout->style, l);
		const struct nfp_transition_count *unicast;

		if (!t)
			continue;
		unicast = &t->count[NFP_KIND_UNICAST];
		nfp_time_words(unicast->gap.us, time, sizeof(time));
		nfp_time_words(unicast->gap.error_us, error, sizeof(error));
		nfp_append(words, sizeof(words), ",", "%s %s ",
			   words[0] ? "" : "longest outage:", who[l]);
		if (is_deaf_for_good(layout->style, l))
			nfp_append(words, sizeof(words), "", "without end");
		else if (unicast->gap.us == 0)
			nfp_append(words, sizeof(words), "", "none above %s", error);
		else
			nfp_append(words, sizeof(words), "", "%s (+-%s) %s %s", time, error,
				   unicast->gap_from_request ? "from" : "at", nfp_step_name(t->to));
	}
	add_line(layout, NFP_PLAIN, words);
}

/* "10 ladders: 9 safe, 1 early", worst last; then one line for each step in which they differ. */
static void add_repeats(struct nfp_layout *layout, const struct nfp_repeats *repeats)
{
	unsigned int verdicts[NFP_VERDICT_COUNT] = {0}, landings[NFP_LANDING_COUNT];
	char words[256] = "", head[64];

	for (size_t i = 0; i < repeats->num; i++)
		verdicts[repeats->rounds[i].verdict]++;
	for (enum nfp_verdict v = NFP_VERDICT_COUNT; v-- > 0;) {
		snprintf(head, sizeof(head), "%zu ladders: ", repeats->num);
		if (verdicts[v])
			nfp_append(words, sizeof(words), ", ", "%s%u %s", words[0] ? "" : head,
				   verdicts[v], nfp_verdict_name(v));
	}
	add_line(layout, NFP_PLAIN, words);
	for (unsigned int i = 0; i < NFP_STEP_COUNT * NFP_KIND_STRANGER; i++) {
		enum nfp_step step = (enum nfp_step)(i / NFP_KIND_STRANGER);
		enum nfp_kind kind = (enum nfp_kind)(i % NFP_KIND_STRANGER);

		if (!nfp_repeats_landings(repeats, step, kind, landings))
			continue;
		words[0] = '\0';
		snprintf(head, sizeof(head), "unstable: %s in %s lands ", nfp_kind_name(kind),
			 nfp_step_name(step));
		for (unsigned int l = 0; l < NFP_LANDING_COUNT; l++) {
			if (landings[l])
				nfp_append(words, sizeof(words), ", ", "%s%s %u",
					   words[0] ? "" : head,
					   nfp_landing_name((enum nfp_landing)l), landings[l]);
		}
		add_line(layout, NFP_YELLOW, words);
	}
}

/* "deaf at unplug: median 201 ms, ...", for each transition with a gap that was not always 0. */
static void add_gap_summaries(struct nfp_layout *layout, const struct nfp_repeats *repeats)
{
	char words[256], min[32], median[32], p95[32], max[32];
	struct nfp_summary s;

	for (enum nfp_step to = 0; to < NFP_STEP_COUNT; to++) {
		nfp_repeats_summary(repeats, to, NFP_QUANTITY_GAP, &s);
		if (!nfp_gap_hurts(to) || s.max == 0)
			continue;
		snprintf(words, sizeof(words), "deaf at %s: median %s, 95 %% within %s, %s to %s",
			 nfp_step_name(to), nfp_time_words(s.median, median, sizeof(median)),
			 nfp_time_words(s.p95, p95, sizeof(p95)),
			 nfp_time_words(s.min, min, sizeof(min)),
			 nfp_time_words(s.max, max, sizeof(max)));
		add_line(layout, NFP_PLAIN, words);
	}
}

/* ---- the whole ---- */

struct nfp_layout *nfp_layout_of(const struct nfp_style_result *style, const char *ifname,
				 bool verbose)
{
	struct nfp_layout *layout = nfp_calloc(1, sizeof(*layout));
	char mute[NFP_MUTE_LEN];

	layout->style = style;
	lay_out_rows(layout, verbose);
	lay_out_time(layout);
	add_line(layout, NFP_RED, nfp_advice_mute(style, ifname, mute));
	add_outage(layout);
	if (style->repeats)
		add_repeats(layout, style->repeats);
	layout->first_summary = layout->num_lines;
	if (style->repeats)
		add_gap_summaries(layout, style->repeats);
	return layout;
}

void nfp_layout_free(struct nfp_layout *layout)
{
	for (size_t i = 0; i < layout->num_lines; i++)
		free(layout->lines[i].text);
	free(layout->lines);
	free(layout);
}
