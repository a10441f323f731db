// SPDX-License-Identifier: GPL-2.0-or-later
/* judge.c - a whole result, from what its ladders have shown. */
#include "verdict/verdict.h"
#include "judge.h"

/* ---- a ladder ---- */

void nfp_judge_ladder(struct nfp_style_result *ladder, const struct nfp_shows *shows,
		      bool multicast, const struct nfp_criteria *criteria)
{
	const char *ifname = criteria->ifname;
	struct nfp_judgement judgement;

	ladder->no_wire = criteria->settings->allow_no_wire && nfp_is_inside(ladder);

	nfp_judge_style(ladder, shows, &judgement);
	nfp_judge_uplink(ladder, criteria);
	ladder->lacks_group = false;
	ladder->multicast_note[0] = '\0';
	if (multicast)
		nfp_multicast_text(&judgement, ladder, ifname, criteria->vf, ladder->multicast_note,
				   sizeof(ladder->multicast_note));
	else
		ladder->multicast = NFP_STATE_UNTESTED;
	judgement.vepa = criteria->vepa;
	nfp_reason_text(&judgement, ladder, ifname, criteria->vf, ladder->steps_reason,
			ladder->steps_try);
	nfp_judge_vlan(ladder, criteria->settings->allow, ifname);
	nfp_run_checks(ladder, criteria, NFP_CHECK_STEPS, NFP_CHECK_VLAN);
}

/* ---- styles, the VF, the run ---- */

/* Judges the style as far as that goes without the other styles. */
static void judge_style(struct nfp_style_result *style, const struct nfp_criteria *criteria)
{
	const struct nfp_shows *shows = &nfp_sources[style->from.by].shows;

	nfp_judge_ladder(style, shows, criteria->settings->multicast && shows->group, criteria);
}

void nfp_judge_alone(const struct nfp_result *run, struct nfp_style_result *style)
{
	const struct nfp_criteria criteria = nfp_criteria_of(run, &run->vf);

	if (!style->num_steps)
		return;
	judge_style(style, &criteria);
	nfp_run_checks(style, &criteria, NFP_CHECK_LIMIT, NFP_CHECK_HOST);
}

static enum nfp_verdict worse(enum nfp_verdict a, enum nfp_verdict b)
{
	/* An unset one is as bad as one that is not known. */
	a = a == NFP_VERDICT_UNSET ? NFP_VERDICT_UNKNOWN : a;
	b = b == NFP_VERDICT_UNSET ? NFP_VERDICT_UNKNOWN : b;
	return a < b ? a : b;
}

static enum nfp_verdict as_counted(const struct nfp_style_result *style)
{
	return style->allowed && style->verdict != NFP_VERDICT_UNKNOWN &&
			       style->verdict != NFP_VERDICT_UNSET
		       ? NFP_VERDICT_SAFE
		       : style->verdict;
}

void nfp_judge_vf(struct nfp_vf_result *vf)
{
	enum nfp_verdict verdict = NFP_VERDICT_NOT_APPLICABLE;
	bool impossible = vf->num_styles > 0;
	/* A ladder or a style that was asked for may be missing, whatever ended the probe. */
	bool cut_short = vf->status == NFP_VF_FAILED && vf->error.code != NFP_E_RESTORE;

	nfp_advise(vf);
	nfp_for_each (style, vf->styles, vf->num_styles) {
		if (nfp_counted_style(vf, style->style))
			verdict = worse(verdict, as_counted(style));
		impossible &= style->is_fix || nfp_is_impossible(style);
	}
	if ((verdict == NFP_VERDICT_NOT_APPLICABLE && !impossible) || cut_short)
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
	/* Where no style is possible, none serves a guest. */
	return nfp_exit_of(nfp_is_fault(verdict) || verdict == NFP_VERDICT_NOT_APPLICABLE,
			   verdict != NFP_VERDICT_SAFE);
}

/* Was a style that was asked for not begun, whatever ended the run? */
static bool lacks_style(const struct nfp_vf_result *vf, const struct nfp_settings *settings)
{
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		if (settings->styles[style] && !nfp_vf_style(vf, style))
			return true;
	}
	return false;
}

static bool lacks_wire(const struct nfp_vf_result *vf)
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
	const struct nfp_criteria criteria = nfp_criteria_of(run, vf);
	uint32_t changed;

	nfp_for_each (style, vf->styles, vf->num_styles) {
		if (style->num_steps)
			judge_style(style, &criteria);
	}
	changed = nfp_compare_groups(vf, run->pf.ifname);
	nfp_for_each (style, vf->styles, vf->num_styles) {
		if (style->num_steps)
			nfp_run_checks(style, &criteria, NFP_CHECK_LIMIT, NFP_CHECK_HOST);
	}
	nfp_judge_vf(vf);
	if (lacks_style(vf, &run->settings) || lacks_wire(vf))
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
	if (!result->have_verdict)
		return NFP_EXIT_CANNOT;
	return nfp_verdict_exit(result->verdict);
}

void nfp_judge_result(struct nfp_result *result)
{
	if (result->have_vf)
		(void)nfp_judge_vf_of(result, &result->vf);
	result->verdict = NFP_VERDICT_UNKNOWN;
	if (result->have_verdict && !was_stopped(result))
		result->verdict = nfp_judge_run(result);
	result->exit_status = exit_status_of(result);
}
