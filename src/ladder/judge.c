// SPDX-License-Identifier: GPL-2.0-or-later
/* judge.c - a whole result, from what its ladders have shown. */
#include <stdio.h>
#include <string.h>

#include "nfprobe/sheet.h"

/* ---- a ladder ---- */

void nfp_judge_ladder(struct nfp_style_result *ladder, const struct nfp_shows *shows,
		      bool multicast, const bool allow[NFP_VERDICT_COUNT], const char *ifname,
		      unsigned int vf)
{
	struct nfp_judgement judgement;

	ladder->by_bridge = ladder->by_beside = false;
	nfp_judge_style(ladder, shows, &judgement);
	nfp_judge_elsewhere(&ladder->elsewhere);
	ladder->here.told.style = ladder->style;
	nfp_judge_here(&ladder->here);
	nfp_judge_beside(&ladder->beside);
	nfp_judge_port(&ladder->port);
	ladder->asks_neighbours = ladder->elsewhere.told.verdict || ladder->here.told.verdict ||
				  ladder->port.num_windows;
	ladder->multicast_note[0] = '\0';
	if (multicast)
		nfp_multicast_text(&judgement, ladder, ifname, vf, ladder->multicast_note,
				   sizeof(ladder->multicast_note));
	else
		ladder->multicast = NFP_MULTICAST_UNTESTED;
	nfp_reason_text(&judgement, ladder, ifname, vf, ladder->reason, ladder->try);
	ladder->allowed = allow[ladder->verdict];
	nfp_judge_vlan(ladder, allow, ifname, vf);
}

/* ---- the limit on how long a guest may be deaf ---- */

bool nfp_gap_hurts(enum nfp_step to)
{
	return to != NFP_STEP_STANDBY && to != NFP_STEP_VF_FIRST;
}

const char *nfp_duration_text(int64_t us, char *buf, size_t size)
{
	double ms = (double)us / 1000;

	if (ms < 9.95)
		snprintf(buf, size, "%.1f ms", ms);
	else if (ms < 999.5)
		snprintf(buf, size, "%.0f ms", ms);
	else
		snprintf(buf, size, "%.2f s", ms / 1000);
	return buf;
}

bool nfp_gap_is_over(const struct nfp_transition *transition, uint64_t limit_us)
{
	const struct nfp_span *gap = &transition->unicast.gap;

	return gap->known && nfp_gap_hurts(transition->to) &&
	       gap->us - gap->error_us > (int64_t)limit_us;
}

/* Is the guest deaf in that step, as an allowed verdict has it? Such a loss has no end that a limit
 * could be asked of. */
static bool is_lost_in(const struct nfp_style_result *style, enum nfp_step step)
{
	const struct nfp_step_result *result = nfp_style_step(style, step);
	const struct nfp_observation obs = nfp_observe(result);

	if (!result || style->judged.verdict == NFP_VERDICT_SAFE)
		return false;
	return step == NFP_STEP_ASSIGN
		       ? nfp_served(&obs, NFP_AT_PF) == NFP_NO
		       : result->answer == NFP_NO && !nfp_unfit_by_multicast(result);
}

static bool may_have_gap(const struct nfp_style_result *style, const struct nfp_transition *t)
{
	return nfp_gap_hurts(t->to) && !is_lost_in(style, t->from) && !is_lost_in(style, t->to);
}

const struct nfp_transition *nfp_gap_longest_over(const struct nfp_style_result *style,
						  uint64_t limit_us)
{
	const struct nfp_transition *longest = NULL;

	for (size_t i = 0; i < style->num_transitions; i++) {
		const struct nfp_transition *t = &style->transitions[i];

		if (may_have_gap(style, t) && nfp_gap_is_over(t, limit_us) &&
		    (!longest || t->unicast.gap.us > longest->unicast.gap.us))
			longest = t;
	}
	return longest;
}

const struct nfp_transition *nfp_gap_unmeasured(const struct nfp_style_result *style,
						uint64_t limit_us)
{
	for (size_t i = 0; i < style->num_transitions; i++) {
		const struct nfp_transition *t = &style->transitions[i];
		const struct nfp_span *gap = &t->unicast.gap;

		if (!may_have_gap(style, t) || nfp_ladder[t->to].listens == NFP_LISTENS_NOWHERE)
			continue;
		if (!gap->known || (gap->us - gap->error_us <= (int64_t)limit_us &&
				    gap->us + gap->error_us > (int64_t)limit_us))
			return t;
	}
	return NULL;
}

void nfp_gap_limit(struct nfp_style_result *style, uint64_t limit_us,
		   const bool allow[NFP_VERDICT_COUNT])
{
	const struct nfp_transition *longest = nfp_gap_longest_over(style, limit_us);
	const struct nfp_transition *unmeasured = nfp_gap_unmeasured(style, limit_us);
	const enum nfp_verdict verdict = longest ? NFP_VERDICT_SLOW : NFP_VERDICT_UNKNOWN;
	char time[32], error[32], limit[32], buf[NFP_BUT_LEN];
	const char *but = nfp_otherwise(style, buf);

	if ((!longest && !unmeasured) ||
	    !nfp_may_object(style, allow[verdict], style->verdict == NFP_VERDICT_SAFE))
		return;
	style->by = NFP_DECIDED_BY_LIMIT;
	style->verdict = verdict;
	style->allowed = allow[verdict];
	nfp_duration_text((int64_t)limit_us, limit, sizeof(limit));
	if (longest) {
		const struct nfp_span *most = &longest->unicast.gap;

		snprintf(style->reason, sizeof(style->reason),
			 "%s, but the guest is deaf for %s (+-%s) in the change to %s, and "
			 "--gap-limit is %s",
			 but, nfp_duration_text(most->us, time, sizeof(time)),
			 nfp_duration_text(most->error_us, error, sizeof(error)),
			 nfp_step_name(longest->to), limit);
	} else {
		snprintf(style->reason, sizeof(style->reason),
			 "%s, but whether the guest is deaf for longer than %s (--gap-limit) in "
			 "the change to %s could not be measured",
			 but, limit, nfp_step_name(unmeasured->to));
	}
	style->try[0] = '\0';
}

/* ---- styles, the VF, the run ---- */

void nfp_judge_demands(struct nfp_style_result *ladder, const struct nfp_settings *settings)
{
	ladder->allowed = settings->allow[ladder->verdict];
	if (settings->gap_limit_ms)
		nfp_gap_limit(ladder, UINT64_C(1000) * settings->gap_limit_ms, settings->allow);
	/* An allowed verdict must meet a requirement, too, and what follows from one that is not
	 * met is never allowed. */
	if (nfp_is_accepted(ladder) &&
	    ((settings->require_neighbours && !nfp_require_elsewhere(ladder)) ||
	     (settings->require_here && !nfp_require_here(ladder)) ||
	     (settings->require_ipv6 && !nfp_require_ipv6(ladder))))
		ladder->allowed = false;
}

/* A style without a step was not begun or is not applicable: what it says already is a fact. */
static void judge_style(struct nfp_style_result *style, const struct nfp_result *run,
			unsigned int vf)
{
	const struct nfp_settings *settings = &run->settings;
	const struct nfp_shows *shows = &nfp_sources[style->from.by].shows;

	if (!style->num_steps)
		return;
	nfp_judge_ladder(style, shows, settings->multicast && shows->group, settings->allow,
			 run->pf.ifname, vf);
	nfp_judge_demands(style, settings);
}

static void judge_standby(struct nfp_style_result *style, const struct nfp_result *run)
{
	nfp_judge_bridge(style, run->pf.ifname, run->settings.allow);
	nfp_require_reach(&run->vf, style, &run->settings);
}

void nfp_judge_alone(const struct nfp_result *run, struct nfp_style_result *style)
{
	judge_style(style, run, run->vf.vf);
	judge_standby(style, run);
}

static enum nfp_verdict worse(enum nfp_verdict a, enum nfp_verdict b)
{
	return a < b ? a : b;
}

static enum nfp_verdict as_counted(const struct nfp_style_result *style)
{
	return style->allowed && style->verdict != NFP_VERDICT_UNKNOWN ? NFP_VERDICT_SAFE
								       : style->verdict;
}

void nfp_judge_vf(struct nfp_vf_result *vf)
{
	enum nfp_verdict verdict = NFP_VERDICT_NOT_APPLICABLE;
	/* A ladder or a style that was asked for may be missing, whatever ended the probe. */
	bool cut_short = vf->status == NFP_VF_FAILED && vf->error.code != NFP_E_RESTORE;

	nfp_advise(vf);
	vf->elsewhere = (struct nfp_told) {.verdict = NFP_TRAIT_NONE};
	for (size_t i = 0; i < vf->num_styles; i++) {
		const struct nfp_style_result *style = &vf->styles[i];

		/* The first ladder has the windows. */
		if (vf->elsewhere.verdict == NFP_TRAIT_NONE)
			vf->elsewhere = style->elsewhere.told;
		if (nfp_counted_style(vf, style->style))
			verdict = worse(verdict, as_counted(style));
	}
	nfp_judge_vf_here(vf);
	vf->asks_neighbours = vf->elsewhere.verdict || vf->here.verdict;
	if (verdict == NFP_VERDICT_NOT_APPLICABLE || cut_short)
		verdict = worse(verdict, NFP_VERDICT_UNKNOWN);
	vf->verdict = verdict;
}

enum nfp_verdict nfp_judge_run(const struct nfp_result *result)
{
	bool probed = result->have_vf && result->vf.status == NFP_VF_PROBED;

	return probed ? result->vf.verdict : NFP_VERDICT_UNKNOWN;
}

int nfp_verdict_exit(enum nfp_verdict verdict)
{
	/* The worst come first. */
	return nfp_exit_of(verdict <= NFP_VERDICT_SLOW, verdict != NFP_VERDICT_SAFE);
}

/* A style that was asked for was not begun, whatever ended the run. */
static bool lacks_style(const struct nfp_vf_result *vf, const struct nfp_settings *settings)
{
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		if (settings->styles[style] && !nfp_vf_style(vf, style))
			return true;
	}
	return false;
}

/* No ladder had the windows of what was required. */
static bool lacks_required(const struct nfp_vf_result *vf, const struct nfp_settings *settings)
{
	return (settings->require_neighbours && vf->elsewhere.verdict == NFP_TRAIT_NONE) ||
	       (settings->require_here && vf->here.verdict == NFP_TRAIT_NONE);
}

bool nfp_is_untestable(const struct nfp_style_result *style)
{
	return style->verdict == NFP_VERDICT_UNKNOWN &&
	       style->judged.why == NFP_WHY_STANDBY_UNTESTABLE;
}

bool nfp_is_inside(const struct nfp_style_result *style)
{
	return style->from.known && style->from.source != NFP_SOURCE_WIRE;
}

bool nfp_lacks_wire(const struct nfp_style_result *style)
{
	return nfp_is_inside(style) && (style->verdict == NFP_VERDICT_SAFE || style->allowed);
}

bool nfp_vf_lacks_wire(const struct nfp_vf_result *vf)
{
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		const struct nfp_style_result *counted = nfp_counted_style(vf, style);

		if (counted && nfp_lacks_wire(counted))
			return true;
	}
	return false;
}

uint32_t nfp_judge_vf_of(const struct nfp_result *run, struct nfp_vf_result *vf)
{
	uint32_t changed;

	for (size_t i = 0; i < vf->num_styles; i++)
		judge_style(&vf->styles[i], run, vf->vf);
	changed = nfp_judge_across_styles(vf, run->pf.ifname, run->settings.allow);
	for (size_t i = 0; i < vf->num_styles; i++) {
		/* It may now have a verdict that is allowed, and has to meet what is required. */
		if (changed & 1U << i && vf->styles[i].by == NFP_DECIDED_BY_OTHERS)
			nfp_judge_demands(&vf->styles[i], &run->settings);
		nfp_judge_bridge(&vf->styles[i], run->pf.ifname, run->settings.allow);
		nfp_require_reach(vf, &vf->styles[i], &run->settings);
	}
	nfp_judge_vf(vf);
	if (lacks_style(vf, &run->settings) || lacks_required(vf, &run->settings) ||
	    nfp_vf_lacks_wire(vf))
		vf->verdict = worse(vf->verdict, NFP_VERDICT_UNKNOWN);
	return changed;
}

static bool was_stopped(const struct nfp_result *result)
{
	return result->error.code == NFP_E_INTERRUPTED || result->error.code == NFP_E_TIMEOUT;
}

static int exit_status_of(const struct nfp_result *result)
{
	if (!result->restored)
		return NFP_EXIT_NOT_RESTORED;
	if (was_stopped(result))
		return result->exit_status;
	if (result->error.code != NFP_E_NONE)
		return NFP_EXIT_CANNOT;
	if (result->settings.sheet)
		return nfp_sheet_exit(result);
	if (!result->have_verdict)
		return NFP_EXIT_CANNOT;
	return nfp_verdict_exit(result->verdict);
}

void nfp_judge_result(struct nfp_result *result)
{
	nfp_judge_sheet(result);
	if (result->have_vf)
		(void)nfp_judge_vf_of(result, &result->vf);
	result->verdict = NFP_VERDICT_UNKNOWN;
	if (result->have_verdict && !was_stopped(result))
		result->verdict = nfp_judge_run(result);
	result->exit_status = exit_status_of(result);
}
