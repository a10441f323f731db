// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cause.c - a step in which frames arrived nowhere: is the NIC the cause? It is only if the network
 * delivers what did not arrive, and no outage of the network looks like that.
 */
#include "verdict/verdict.h"
#include "judge.h"

/* The vf-first steps test another address. With --mac it is the same, which only makes a proof
 * rarer. */
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

/* The group stays the same in all steps of a ladder. */
static bool is_same_silence(const struct nfp_step_result *a, const struct nfp_step_result *b,
			    enum nfp_kind kind)
{
	return kind == NFP_KIND_MULTICAST || is_second(a->step) == is_second(b->step);
}

/* Does PF or VF announce the address in this step, or report the group? */
static bool tells(const struct nfp_step_result *step, enum nfp_kind kind)
{
	const struct nfp_ladder_row *row = &nfp_ladder[step->step];

	return kind == NFP_KIND_MULTICAST || nfp_row_makes(row, NFP_DO_ANNOUNCE) ||
	       nfp_row_makes(row, NFP_DO_UP) || step->after_reannounce;
}

/* Did anybody get the address of the vf-first steps in any of them? */
static bool second_arrives(const struct nfp_style_result *style, const struct nfp_step_result *of,
			   enum nfp_kind kind)
{
	if (kind != NFP_KIND_UNICAST || !is_second(of->step))
		return false;
	nfp_for_each (step, style->steps, style->num_steps) {
		if (is_second(step->step) && arrives(step, NFP_KIND_UNICAST))
			return true;
	}
	return false;
}

/*
 * The network is shown to deliver the address or the group of the step if it did so before, and has
 * not lost its carrier since, at which switches forget; or if it did so later, although nobody had
 * announced it anew.
 */
static bool delivers(const struct nfp_style_result *style, const struct nfp_step_result *of,
		     enum nfp_kind kind)
{
	const struct nfp_step_result *step = of, *end = style->steps + style->num_steps;
	bool had_time = !of->link_flapped;

	/* A network that floods the first address floods the second, unless it has ceased to. */
	if (kind == NFP_KIND_UNICAST && style->floods &&
	    (!is_second(of->step) || second_arrives(style, of, kind)))
		return true;
	while (step > style->steps && !step->link_flapped) {
		step--;
		if (arrives(step, kind) && is_same_silence(step, of, kind))
			return true;
	}
	for (step = of + 1; step < end && !step->link_flapped; step++) {
		/* A VF that is up sends until it goes. */
		if (tells(step, kind) || nfp_ladder[step[-1].step].listens == NFP_LISTENS_VF)
			return false;
		/* A switch that learns slowly delivers only in the step after the announcement. */
		if (arrives(step, kind) && is_same_silence(step, of, kind))
			return had_time;
		had_time |= step->w.status == NFP_STATUS_DONE;
	}
	return false;
}

/* ---- no outage ---- */

bool nfp_condemns(const struct nfp_style_result *style, enum nfp_step step)
{
	const struct nfp_step_result *attach = nfp_style_step(style, NFP_STEP_ATTACH);

	return step == NFP_STEP_ASSIGN ? !attach || attach->w.status != NFP_STATUS_DONE
				       : nfp_ladder[step].expected != NFP_EXPECTED_RECORDED;
}

/* Where no receiver is expected, a NIC may be silent. */
static bool is_fault(const struct nfp_style_result *style, const struct nfp_step_result *step,
		     enum nfp_kind kind)
{
	return nfp_condemns(style, step->step) && is_silent(step, kind);
}

/* A VF that is plugged in again has a filter of its own: what kept frames from the standby before
 * may still do so. */
static bool ends_silence(const struct nfp_step_result *step, enum nfp_kind kind)
{
	return arrives(step, kind) && (step->step != NFP_STEP_VF_FIRST_BACK ||
				       nfp_lands_at(step->w.landing[kind], NFP_AT_PF));
}

/* Finds the steps around this one in which nothing of the same address or group arrived. */
static void find_silence(const struct nfp_style_result *style, const struct nfp_step_result *step,
			 enum nfp_kind kind, const struct nfp_step_result **ret_first,
			 const struct nfp_step_result **ret_end)
{
	const struct nfp_step_result *first = step, *end = step + 1;

	while (first > style->steps && !ends_silence(first - 1, kind) &&
	       is_same_silence(first - 1, step, kind))
		first--;
	while (end < style->steps + style->num_steps && !ends_silence(end, kind) &&
	       is_same_silence(end, step, kind))
		end++;
	*ret_first = first;
	*ret_end = end;
}

/* A NIC repeats what it did, whereas an outage of the network ends: does the same receiver lack its
 * frames in another step? */
static bool recurs(const struct nfp_style_result *style, const struct nfp_step_result *of,
		   enum nfp_kind kind)
{
	const struct nfp_step_result *first, *end;

	find_silence(style, of, kind, &first, &end);
	for (const struct nfp_step_result *step = first; step < end; step++) {
		if (!is_fault(style, step, kind))
			continue;
		nfp_for_each (other, style->steps, style->num_steps) {
			if ((other < first || other >= end) && is_fault(style, other, kind) &&
			    nfp_receiver_of(other->step) == nfp_receiver_of(step->step) &&
			    (delivers(style, other, kind) || second_arrives(style, other, kind)))
				return true;
		}
	}
	return false;
}

enum nfp_cause nfp_cause_of(const struct nfp_style_result *style,
			    const struct nfp_step_result *step, enum nfp_kind kind)
{
	if (!delivers(style, step, kind))
		return NFP_CAUSE_UNKNOWN;
	return recurs(style, step, kind) ? NFP_CAUSE_NIC : NFP_CAUSE_OUTAGE;
}
