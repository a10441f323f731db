// SPDX-License-Identifier: GPL-2.0-or-later
/* Reduces steps to evidence, styles to the verdict of a VF, and VFs to that of the run. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nfprobe/verdict.h"

struct nfp_observation nfp_observe(const struct nfp_step_result *step)
{
	struct nfp_observation obs = {.status = NFP_STATUS_SKIPPED};

	if (!step)
		return obs;
	obs.status = step->status;
	obs.skip_allowed = step->skip_allowed;
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
		obs.vf_heard |= step->count[kind].at[NFP_AT_VF] > 0;
	memcpy(obs.landing, step->landing, sizeof(obs.landing));
	obs.split = !step->unsettled && nfp_count_is_split(&step->count[NFP_KIND_UNICAST]);
	return obs;
}

/* EINVAL alone may mean anything. But a VF that takes an address before the PF does has refused
 * only that of the PF. */
static bool refused_duplicate(const struct nfp_style_result *style)
{
	const struct nfp_step_result *assign = nfp_style_step(style, NFP_STEP_ASSIGN);
	const struct nfp_step_result *first = nfp_style_step(style, NFP_STEP_VF_FIRST);

	if (!assign || assign->status != NFP_STATUS_REFUSED)
		return false;
	return assign->errnum == EEXIST ||
	       (assign->errnum == EINVAL && !nfp_styles[style->style].promiscuous && first &&
		first->status == NFP_STATUS_DONE);
}

/* ---- what the network was shown to deliver ---- */

static bool is_delivered(const struct nfp_step_result *step, enum nfp_kind kind)
{
	return step->status == NFP_STATUS_DONE &&
	       (step->landing[kind] == NFP_LANDING_PF || step->landing[kind] == NFP_LANDING_VF ||
		step->landing[kind] == NFP_LANDING_BOTH);
}

/* The vf-first steps have an address of their own; the group is that of the whole ladder. */
static bool shows(const struct nfp_step_result *step, enum nfp_step of, enum nfp_kind kind)
{
	return is_delivered(step, kind) &&
	       (kind == NFP_KIND_MULTICAST ||
		(step->step >= NFP_STEP_VF_FIRST) == (of >= NFP_STEP_VF_FIRST));
}

/*
 * Whether the network delivered frames of @kind in the i-th step, in which nobody got them, is
 * known if it did so before or after and no loss of carrier lies between, at which switches forget.
 * A frame that came after a further announcement says nothing of the time before it; and since each
 * step reports the group again, a group that comes later never does.
 */
static bool is_proven(const struct nfp_style_result *style, size_t i, enum nfp_kind kind)
{
	const struct nfp_step_result *steps = style->steps;
	enum nfp_step of = steps[i].step;

	if (kind == NFP_KIND_UNICAST &&
	    (style->floods || (style->second_back && of >= NFP_STEP_VF_FIRST)))
		return true;
	for (size_t j = i; j > 0 && !steps[j].blinked; j--) {
		if (shows(&steps[j - 1], of, kind))
			return true;
	}
	for (size_t j = i + 1; j < style->num_steps && !steps[j].blinked; j++) {
		if (kind == NFP_KIND_UNICAST && !steps[j].healed && shows(&steps[j], of, kind))
			return true;
	}
	return false;
}

static void doubt(struct nfp_observation *obs, enum nfp_kind kind)
{
	obs->landing[kind] = NFP_LANDING_MIXED;
	if (kind == NFP_KIND_UNICAST)
		obs->unproven = true;
	else
		obs->unproven_group = true;
}

/*
 * An address counts as lost only if the network was shown to deliver it, and as served only if no
 * announcement that a guest would not have made brought it there: a NIC may have learned from that.
 */
static void doubt_landings(const struct nfp_style_result *style, struct nfp_evidence *evidence)
{
	static const enum nfp_kind kinds[] = {NFP_KIND_UNICAST, NFP_KIND_MULTICAST};
	bool healed = false;

	for (size_t i = 0; i < style->num_steps; i++) {
		const struct nfp_step_result *step = &style->steps[i];
		struct nfp_observation *obs = &evidence->step[step->step];

		healed |= step->healed;
		if (step->healed ||
		    (healed && nfp_reaches(step->landing[NFP_KIND_UNICAST], NFP_AT_PF) == NFP_YES))
			doubt(obs, NFP_KIND_UNICAST);
		if (step->healed_group)
			doubt(obs, NFP_KIND_MULTICAST);
		/* `standby` is the control itself. */
		for (size_t k = 0; k < 2 && step->step > NFP_STEP_STANDBY; k++) {
			if (obs->landing[kinds[k]] == NFP_LANDING_NOWHERE &&
			    !is_proven(style, i, kinds[k]))
				doubt(obs, kinds[k]);
		}
	}
}

void nfp_evidence_of(const struct nfp_style_result *style, const struct nfp_shows *shows,
		     struct nfp_evidence *ret_evidence)
{
	/* A step that is absent counts as skipped without permission. */
	struct nfp_evidence evidence = {
		.shows = *shows,
		.style = style->style,
		.stopped = style->stopped,
		.assign_refused_duplicate = refused_duplicate(style),
	};

	for (size_t i = 0; i < style->num_steps; i++) {
		const struct nfp_step_result *step = &style->steps[i];

		evidence.step[step->step] = nfp_observe(step);
		if (step->unsettled)
			evidence.step[step->step].landing[NFP_KIND_UNICAST] = NFP_LANDING_MIXED;
		evidence.drops |= step->drops > 0;
		evidence.carrier_lost |= step->carrier_lost;
		evidence.changed |= step->changed;
		evidence.promiscuous |= step->promiscuous && step->step == NFP_STEP_CONTROL;
	}
	doubt_landings(style, &evidence);
	*ret_evidence = evidence;
}

void nfp_judge_style(struct nfp_style_result *style, const struct nfp_shows *shows,
		     struct nfp_judgement *ret_judgement)
{
	struct nfp_evidence evidence;

	nfp_evidence_of(style, shows, &evidence);
	nfp_judge(&evidence, ret_judgement);
	style->verdict = ret_judgement->verdict;
	style->claim = ret_judgement->claim;
	style->release = ret_judgement->release;
	style->delivery = ret_judgement->delivery;
	style->requires = ret_judgement->requires;
	style->multicast = ret_judgement->multicast;
	for (size_t i = 0; i < style->num_steps; i++)
		style->steps[i].fit = ret_judgement->fit[style->steps[i].step];
}

/* Where it gets unicast and broadcast, and is unfit all the same. */
bool nfp_unfit_by_multicast(const struct nfp_step_result *step)
{
	const struct nfp_observation obs = nfp_observe(step);

	return step->fit == NFP_NO &&
	       nfp_lacks_multicast(&obs, nfp_receiver_of(nfp_ladder[step->step].fit));
}

uint64_t nfp_step_counted(const struct nfp_step_result *step)
{
	uint64_t num = step->have_vf_rx ? step->vf_rx_packets + step->vf_rx_dropped : 0;

	return step->landing[NFP_KIND_UNICAST] == NFP_LANDING_NOWHERE &&
			       num * 5 >= step->count[NFP_KIND_UNICAST].sent * 4
		       ? num
		       : 0;
}

/* ---- styles, VFs and the run ---- */

/*
 * NO only where the other controls show that the PF could hear, and if no step of the ladder had
 * the group there: a NIC that does not pass it to such a standby never does, while a switch does
 * from the first report on that was not lost.
 */
static enum nfp_answer gets_multicast(const struct nfp_style_result *style)
{
	const struct nfp_observation obs = nfp_observe(nfp_style_step(style, NFP_STEP_STANDBY));
	enum nfp_answer answer = nfp_pf_served(&obs) == NFP_YES
					 ? nfp_reaches(obs.landing[NFP_KIND_MULTICAST], NFP_AT_PF)
					 : NFP_UNKNOWN;

	/* The VF may have joined what the PF gets while the VF is up (filters by hash). */
	for (size_t i = 0; i < style->num_steps && answer == NFP_NO; i++) {
		const struct nfp_step_result *step = &style->steps[i];

		if (nfp_ladder[step->step].fit != NFP_FIT_VF &&
		    nfp_reaches(step->landing[NFP_KIND_MULTICAST], NFP_AT_PF) == NFP_YES)
			answer = NFP_UNKNOWN;
	}
	return answer;
}

/* The style whose standby got multicast from this source; NULL: none. */
static const struct nfp_style_result *shows_multicast(const struct nfp_vf_result *vf,
						      const struct nfp_ladder_source *from)
{
	const struct nfp_style_result *shown = NULL;

	for (size_t i = 0; i < vf->num_styles; i++) {
		if (strcmp(vf->styles[i].from.name, from->name) == 0 &&
		    gets_multicast(&vf->styles[i]) == NFP_YES)
			shown = &vf->styles[i];
	}
	return shown;
}

uint32_t nfp_judge_across_styles(struct nfp_vf_result *vf, const char *ifname,
				 const bool allow[NFP_VERDICT_COUNT])
{
	uint32_t changed = 0;

	for (size_t i = 0; i < vf->num_styles; i++) {
		struct nfp_style_result *style = &vf->styles[i];
		const struct nfp_style_result *shown = shows_multicast(vf, &style->from);

		if (!shown || gets_multicast(style) != NFP_NO)
			continue;
		changed |= 1U << i;
		style->multicast = NFP_MULTICAST_LOST;
		snprintf(style->multicast_note, sizeof(style->multicast_note),
			 "%s does not get the group that a %s standby joined, but got it for a %s "
			 "standby: the NIC does that, not the network",
			 ifname, nfp_style_name(style->style), nfp_style_name(shown->style));
		for (size_t k = 0; k < style->num_steps; k++) {
			struct nfp_step_result *step = &style->steps[k];
			const struct nfp_observation obs = nfp_observe(step);

			if (step->fit == NFP_YES &&
			    nfp_lacks_multicast(&obs, nfp_receiver_of(nfp_ladder[step->step].fit)))
				step->fit = NFP_NO;
		}
		if (style->verdict != NFP_VERDICT_SAFE && style->verdict != NFP_VERDICT_SLOW &&
		    style->verdict != NFP_VERDICT_STICKY)
			continue;
		style->verdict = NFP_VERDICT_DEAF;
		style->allowed = allow[NFP_VERDICT_DEAF];
		snprintf(style->reason, sizeof(style->reason),
			 "%s, and so IPv6 cannot find the guest; only multicast is affected",
			 style->multicast_note);
	}
	return changed;
}

static enum nfp_verdict worse(enum nfp_verdict a, enum nfp_verdict b)
{
	return a < b ? a : b;
}

static enum nfp_verdict as_counted(const struct nfp_style_result *style)
{
	if (style->verdict == NFP_VERDICT_INCONCLUSIVE)
		return NFP_VERDICT_INCONCLUSIVE;
	if (style->allowed)
		return NFP_VERDICT_SAFE;
	return style->verdict == NFP_VERDICT_UNTESTABLE ? NFP_VERDICT_INCONCLUSIVE : style->verdict;
}

bool nfp_style_counts(const struct nfp_vf_result *vf, const struct nfp_style_result *style)
{
	if (style->verdict != NFP_VERDICT_UNTESTABLE)
		return style->verdict != NFP_VERDICT_NOT_APPLICABLE;
	for (size_t i = 0; i < vf->num_styles; i++) {
		const struct nfp_style_result *other = &vf->styles[i];

		if (other->style == style->style && other->verdict != NFP_VERDICT_UNTESTABLE &&
		    other->verdict != NFP_VERDICT_NOT_APPLICABLE)
			return false;
	}
	return true;
}

void nfp_style_summarize(const struct nfp_vf_result *vf, enum nfp_style style,
			 struct nfp_style_summary *ret_summary)
{
	struct nfp_style_summary summary = {.verdict = NFP_VERDICT_NOT_APPLICABLE};

	for (size_t i = 0; i < vf->num_styles; i++) {
		const struct nfp_style_result *result = &vf->styles[i];

		if (result->style != style || !nfp_style_counts(vf, result))
			continue;
		if (!summary.worst || result->verdict < summary.verdict)
			summary.worst = result;
		summary.num++;
		summary.verdict = summary.worst->verdict;
		summary.requires |= result->requires;
	}
	*ret_summary = summary;
}

void nfp_judge_vf(struct nfp_vf_result *vf)
{
	enum nfp_verdict verdict = NFP_VERDICT_NOT_APPLICABLE;
	/* A ladder or a style that was asked for may be missing, whatever ended the probe. */
	bool cut_short = vf->status == NFP_VF_FAILED && vf->error.code != NFP_E_RESTORE;
	bool unsafe = false;
	uint32_t safe = 0;

	vf->requires = 0;
	for (size_t i = 0; i < vf->num_styles; i++) {
		vf->requires |= vf->styles[i].requires;
		if (nfp_style_counts(vf, &vf->styles[i]))
			verdict = worse(verdict, as_counted(&vf->styles[i]));
	}
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		struct nfp_style_summary summary;

		nfp_style_summarize(vf, style, &summary);
		if (summary.num && summary.verdict == NFP_VERDICT_SAFE)
			safe |= NFP_REQ_BIT(nfp_styles[style].use);
		else
			unsafe |= summary.num > 0;
	}
	/* If one standby is safe and the other is not, the safe one is the best advice. */
	if (unsafe)
		vf->requires |= safe;
	if (verdict == NFP_VERDICT_NOT_APPLICABLE || cut_short)
		verdict = worse(verdict, NFP_VERDICT_INCONCLUSIVE);
	vf->verdict = verdict;
}

enum nfp_verdict nfp_judge_run(const struct nfp_result *result)
{
	enum nfp_verdict verdict = NFP_VERDICT_NOT_APPLICABLE;

	for (size_t i = 0; i < result->num_vfs; i++) {
		const struct nfp_vf_result *vf = &result->vfs[i];

		if (vf->status == NFP_VF_PROBED)
			verdict = worse(verdict, vf->verdict);
		else if (vf->status == NFP_VF_FAILED)
			verdict = worse(verdict, NFP_VERDICT_INCONCLUSIVE);
	}
	return verdict == NFP_VERDICT_NOT_APPLICABLE ? NFP_VERDICT_INCONCLUSIVE : verdict;
}

int nfp_verdict_exit(enum nfp_verdict verdict)
{
	/* The worst come first. */
	return nfp_exit_of(verdict <= NFP_VERDICT_SLOW, verdict != NFP_VERDICT_SAFE);
}
