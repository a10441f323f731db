// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cause.c - a step in which frames arrived nowhere: has the NIC done that? Only if the network
 * delivers what did not arrive, and if no outage of the network looks like that.
 */
#include "nfprobe/verdict.h"

/* In the vf-first steps another address is under test, unless it is the same (--mac), which
 * only makes a proof rarer. */
static bool is_second(enum nfp_step step)
{
	return step >= NFP_STEP_VF_FIRST;
}

static bool is_silent(const struct nfp_step_result *step, enum nfp_kind kind)
{
	return step->w.status == NFP_STATUS_DONE && step->w.landing[kind] == NFP_LANDING_NOWHERE;
}

static bool arrives(const struct nfp_step_result *step, enum nfp_kind kind)
{
	return step->w.status == NFP_STATUS_DONE && nfp_lands(step->w.landing[kind]);
}

/* The group is that of the whole ladder. */
static bool is_same_silence(enum nfp_step a, enum nfp_step b, enum nfp_kind kind)
{
	return kind == NFP_KIND_MULTICAST || is_second(a) == is_second(b);
}

/* Does PF or VF announce the address in this step, or report the group? */
static bool tells(const struct nfp_step_result *step, enum nfp_kind kind)
{
	const struct nfp_ladder_row *row = &nfp_ladder[step->step];

	return kind == NFP_KIND_MULTICAST || nfp_row_makes(row, NFP_DO_ANNOUNCE) ||
	       nfp_row_makes(row, NFP_DO_UP) || step->healed;
}

/*
 * The network delivers the address or the group of the i-th step: it did so before, and has not
 * lost its carrier since, at which switches forget; or it did so later, although nobody had told
 * it anew.
 */
static bool delivers(const struct nfp_style_result *style, size_t i, enum nfp_kind kind)
{
	const struct nfp_step_result *steps = style->steps;
	enum nfp_step of = steps[i].step;
	bool had_time = !steps[i].blinked;

	if (kind == NFP_KIND_UNICAST && is_second(of) ? style->second_back
						      : kind == NFP_KIND_UNICAST && style->floods)
		return true;
	for (size_t j = i; j > 0 && !steps[j].blinked; j--) {
		if (arrives(&steps[j - 1], kind) && is_same_silence(steps[j - 1].step, of, kind))
			return true;
	}
	for (size_t j = i + 1; j < style->num_steps && !steps[j].blinked; j++) {
		/* A VF that is up speaks until it goes. */
		if (tells(&steps[j], kind) ||
		    nfp_ladder[steps[j - 1].step].listens == NFP_LISTENS_VF)
			return false;
		/* Told in the i-th step, a switch that learns slowly delivers only in the next. */
		if (arrives(&steps[j], kind) && is_same_silence(steps[j].step, of, kind))
			return had_time;
		had_time |= steps[j].w.status == NFP_STATUS_DONE;
	}
	return false;
}

/* ---- no outage ---- */

bool nfp_condemns(const struct nfp_style_result *style, enum nfp_step step)
{
	const struct nfp_step_result *attach = nfp_style_step(style, NFP_STEP_ATTACH);

	return step == NFP_STEP_ASSIGN ? !attach || attach->w.status != NFP_STATUS_DONE
				       : nfp_ladder[step].fit != NFP_FIT_RECORDED;
}

/* Where nothing is demanded, a NIC may be silent as it likes. */
static bool is_fault(const struct nfp_style_result *style, size_t i, enum nfp_kind kind)
{
	return nfp_condemns(style, style->steps[i].step) && is_silent(&style->steps[i], kind);
}

/* A VF that comes back gets its frames by a filter of its own: what kept them from the standby
 * before may do so still. */
static bool ends_silence(const struct nfp_style_result *style, size_t i, enum nfp_kind kind)
{
	const struct nfp_step_result *step = &style->steps[i];

	return arrives(step, kind) && (step->step != NFP_STEP_VF_FIRST_BACK ||
				       nfp_lands_at(step->w.landing[kind], NFP_AT_PF));
}

/* The steps around the i-th in which nothing of the same address or group arrived. */
static void find_silence(const struct nfp_style_result *style, size_t i, enum nfp_kind kind,
			 size_t *ret_first, size_t *ret_end)
{
	const struct nfp_step_result *steps = style->steps;
	size_t first = i, end = i + 1;

	while (first > 0 && !ends_silence(style, first - 1, kind) &&
	       is_same_silence(steps[first - 1].step, steps[i].step, kind))
		first--;
	while (end < style->num_steps && !ends_silence(style, end, kind) &&
	       is_same_silence(steps[end].step, steps[i].step, kind))
		end++;
	*ret_first = first;
	*ret_end = end;
}

/*
 * A NIC does again what it did, where an outage of the network is over: in another step of the same
 * sort, or when the ladder was climbed anew.
 */
static bool recurs(const struct nfp_style_result *style, size_t i, enum nfp_kind kind)
{
	size_t first, end;

	find_silence(style, i, kind, &first, &end);
	for (size_t k = first; k < end; k++) {
		const struct nfp_step_result *step = &style->steps[k];

		if (!is_fault(style, k, kind))
			continue;
		if ((kind == NFP_KIND_UNICAST && step->repeated) ||
		    (kind == NFP_KIND_MULTICAST && step->repeated_group))
			return true;
		for (size_t j = 0; j < style->num_steps; j++) {
			if ((j < first || j >= end) && is_fault(style, j, kind) &&
			    nfp_phase_of(style->steps[j].step) == nfp_phase_of(step->step) &&
			    delivers(style, j, kind))
				return true;
		}
	}
	return false;
}

/* Where the network floods, no switch withholds the second address from a NIC that has been shown
 * to keep the first one to itself in the same way. */
static bool is_shown_by_first(const struct nfp_style_result *style, size_t i, enum nfp_kind kind)
{
	const struct nfp_step_result *steps = style->steps;

	if (kind != NFP_KIND_UNICAST || !style->floods || !is_second(steps[i].step))
		return false;
	for (size_t j = 0; j < i; j++) {
		if (!is_second(steps[j].step) && is_fault(style, j, kind) &&
		    nfp_phase_of(steps[j].step) == nfp_phase_of(steps[i].step) &&
		    delivers(style, j, kind) && recurs(style, j, kind))
			return true;
	}
	return false;
}

enum nfp_cause nfp_cause_of(const struct nfp_style_result *style, size_t i, enum nfp_kind kind)
{
	bool of_second = kind == NFP_KIND_UNICAST && style->second_back &&
			 style->steps[i].step == NFP_STEP_VF_FIRST;

	/* For the second address that state was made anew, and was as silent again. */
	if (of_second)
		return NFP_CAUSE_NIC;
	/* Since the network flooded, nobody announced the address again in that silence: a switch
	 * that floods no more may have forgotten it. */
	if (kind == NFP_KIND_UNICAST && style->flood_ended &&
	    nfp_condemns(style, style->steps[i].step))
		return NFP_CAUSE_UNKNOWN;
	if (is_shown_by_first(style, i, kind))
		return NFP_CAUSE_NIC;
	if (!delivers(style, i, kind))
		return NFP_CAUSE_UNKNOWN;
	return recurs(style, i, kind) ? NFP_CAUSE_NIC : NFP_CAUSE_OUTAGE;
}
