// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * case.c - what a result is to a reader: a case for each style, found once, by what made its
 * verdict, the row that it is in each table, and one case for the whole run. cases.c has what each
 * of them says. Pure.
 */
#include "report_priv.h"

/* ---- rows ---- */

struct nfp_row nfp_row_of(const struct nfp_style_result *style)
{
	return (struct nfp_row) {.style = nfp_asked_style(style->style, style->is_fix),
				 .fix = style->is_fix ? style->style : NFP_STYLE_COUNT};
}

bool nfp_row_equal(const struct nfp_row *a, const struct nfp_row *b)
{
	return a->style == b->style && a->fix == b->fix && a->vlan == b->vlan;
}

enum nfp_check_state nfp_vlan_row_of(const struct nfp_style_result *style, struct nfp_row *ret_row)
{
	*ret_row = nfp_row_of(style);
	ret_row->vlan = style->guest_vlan.vid;
	return ret_row->vlan ? style->guest_vlan.verdict : NFP_STATE_NONE;
}

/* ---- a style ---- */

/* Nothing else is wrong with it. A verdict that is allowed has a fault of its own beside. */
static bool is_by_alone(const struct nfp_style_result *style, enum nfp_check by)
{
	return nfp_is_by(style, by) && style->num_failed_checks == 1;
}

static bool nothing_arrives(const struct nfp_style_result *style)
{
	const struct nfp_step_result *standby = nfp_style_step(style, NFP_STEP_STANDBY);

	/* The PF, which has heard the source, is not the port of a standby on a second VF. */
	return standby && !nfp_styles[style->style].second_vf &&
	       style->judged.why == NFP_WHY_STANDBY_NO_BROADCAST &&
	       standby->w.count[NFP_KIND_UNICAST].sent &&
	       !standby->w.count[NFP_KIND_UNICAST].at[NFP_AT_PF] &&
	       !standby->w.count[NFP_KIND_BROADCAST].at[NFP_AT_PF];
}

/* The verdict is that of a demand, or the ladder was not begun, or its steps show nothing. */
static enum nfp_case unknown_of(const struct nfp_style_result *style)
{
	if (nfp_is_untestable(style))
		return NFP_CASE_UNTESTABLE;
	/* What a bridge makes of frames that stay inside the NIC is not known either. */
	if (style->by_bridge && nfp_is_inside(style) && !style->no_wire &&
	    style->filter_verdict == NFP_VERDICT_SAFE)
		return NFP_CASE_INSIDE;
	if (!style->num_steps)
		return NFP_CASE_NOT_BEGUN;
	if (style->by_bridge)
		return NFP_CASE_LEARNS_UNKNOWN;
	if (nfp_is_by(style, NFP_CHECK_VLAN))
		return NFP_CASE_VLAN_UNKNOWN;
	if (nfp_is_by(style, NFP_CHECK_LIMIT))
		return NFP_CASE_LIMIT_UNKNOWN;
	if (nfp_is_by(style, NFP_CHECK_REQUIREMENTS))
		return NFP_CASE_REQUIREMENTS_UNKNOWN;
	if (style->judged.verdict != NFP_VERDICT_UNKNOWN)
		return NFP_CASE_CRITERIA_UNKNOWN;
	if (style->judged.why == NFP_WHY_CHANGED)
		return NFP_CASE_CHANGED;
	return nothing_arrives(style) ? NFP_CASE_SILENT : NFP_CASE_UNKNOWN;
}

enum nfp_case nfp_fault_of(const struct nfp_style_result *style)
{
	if (style->verdict == NFP_VERDICT_SAFE)
		return NFP_CASE_SAFE;
	if (nfp_is_by(style, NFP_CHECK_LAG))
		return NFP_CASE_LAG;
	if (nfp_is_impossible(style))
		return NFP_CASE_NOT_POSSIBLE;
	if (style->verdict == NFP_VERDICT_NOT_APPLICABLE)
		return NFP_CASE_NOT_TESTED;
	if (style->verdict == NFP_VERDICT_UNKNOWN)
		return unknown_of(style);
	/* Frames from inside the NIC make nothing safe, not for IPv4 alone either. */
	if (is_by_alone(style, NFP_CHECK_IPV6) && style->multicast == NFP_STATE_OK &&
	    (!nfp_is_inside(style) || style->no_wire))
		return NFP_CASE_IPV6;
	if (nfp_is_by(style, NFP_CHECK_VLAN))
		return is_by_alone(style, NFP_CHECK_VLAN) ? NFP_CASE_VLAN : NFP_CASE_FAULT_VLAN;
	if (style->by_bridge)
		return NFP_CASE_LEARNS;
	if (nfp_is_by(style, NFP_CHECK_REQUIREMENTS))
		return NFP_CASE_REQUIREMENTS;
	if (style->verdict == NFP_VERDICT_SLOW && nfp_is_by(style, NFP_CHECK_LIMIT))
		return NFP_CASE_LIMIT;
	return nfp_lacks_only_multicast(style) ? NFP_CASE_IPV4_ONLY : NFP_CASE_FAULT;
}

enum nfp_case nfp_case_of(const struct nfp_style_result *style)
{
	enum nfp_case fault = nfp_fault_of(style);

	if (nfp_lacks_wire(style))
		return fault == NFP_CASE_SAFE ? NFP_CASE_INSIDE : NFP_CASE_INSIDE_ALLOWED;
	if (style->no_wire && fault == NFP_CASE_SAFE)
		return NFP_CASE_NO_WIRE;
	return fault != NFP_CASE_SAFE && style->allowed ? NFP_CASE_ALLOWED : fault;
}

bool nfp_is_counted(const struct nfp_style_result *style)
{
	return !style->is_fix && style->verdict != NFP_VERDICT_NOT_APPLICABLE;
}

/* ---- the run ---- */

/* Is each style that was run in one of these cases? */
static bool all_are(const struct nfp_vf_result *vf, enum nfp_case one, enum nfp_case other)
{
	bool any = false;

	for (size_t i = 0; i < vf->num_styles; i++) {
		const enum nfp_case is = nfp_fault_of(&vf->styles[i]);

		if (nfp_is_counted(&vf->styles[i]) && is != one && is != other)
			return false;
		any |= nfp_is_counted(&vf->styles[i]);
	}
	return any;
}

/* The end of a run before its verdict, or in mid-ladder. BY_STYLE: there was none. */
static enum nfp_run_case run_case_of(const struct nfp_result *result, bool probed)
{
	switch (result->error.code) {
	case NFP_E_NONE:
		return NFP_RUN_BY_STYLE;
	case NFP_E_INTERRUPTED:
		return NFP_RUN_STOPPED;
	case NFP_E_TIMEOUT:
		return NFP_RUN_TIMEOUT;
	default:
		if (result->have_verdict || (probed && !result->restored))
			return NFP_RUN_BY_STYLE;
		return probed ? NFP_RUN_BROKEN_OFF : NFP_RUN_FAILED;
	}
}

/* A cause that all styles share. */
static enum nfp_run_case cause_of(const struct nfp_vf_result *vf)
{
	enum nfp_errcode code = vf->error.code;

	if (vf->verdict != NFP_VERDICT_UNKNOWN)
		return NFP_RUN_BY_STYLE;
	if (code == NFP_E_VF_TAKEN || code == NFP_E_VF_CHANGED)
		return NFP_RUN_TAKEN;
	if (all_are(vf, NFP_CASE_CHANGED, NFP_CASE_NOT_BEGUN))
		return NFP_RUN_CHANGED;
	if (all_are(vf, NFP_CASE_SILENT, NFP_CASE_SILENT))
		return NFP_RUN_SILENT;
	return vf->status == NFP_VF_FAILED && code != NFP_E_RESTORE ? NFP_RUN_CUT_SHORT
								    : NFP_RUN_BY_STYLE;
}

enum nfp_run_case nfp_run_case_of(const struct nfp_result *result)
{
	const bool probed = result->have_vf && result->vf.num_styles;
	const enum nfp_run_case end = run_case_of(result, probed);

	if (end != NFP_RUN_BY_STYLE)
		return end;
	return probed ? cause_of(&result->vf) : NFP_RUN_NOT_PROBED;
}

const struct nfp_style_result *nfp_silent_style(const struct nfp_vf_result *vf)
{
	if (vf->verdict != NFP_VERDICT_UNKNOWN || !all_are(vf, NFP_CASE_SILENT, NFP_CASE_SILENT))
		return NULL;
	nfp_for_each (style, vf->styles, vf->num_styles) {
		if (nfp_is_counted(style))
			return style;
	}
	return NULL;
}
