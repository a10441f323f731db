// SPDX-License-Identifier: GPL-2.0-or-later
/* shown.c - what a run has shown of a VF beside the verdicts, and what it has not. Pure. */
#include "advice_priv.h"

#include <string.h>

static bool lacks(const struct nfp_style_result *style, enum nfp_step which)
{
	const struct nfp_step_result *step = nfp_style_step(style, which);

	return step && step->w.answer == NFP_NO && !nfp_unfit_by_multicast(step);
}

static bool has(const struct nfp_style_result *style, enum nfp_step which)
{
	const struct nfp_step_result *step = nfp_style_step(style, which);

	return step && (step->w.answer == NFP_YES || nfp_unfit_by_multicast(step));
}

enum nfp_kept nfp_keeps_address(const struct nfp_style_result *style)
{
	const struct nfp_step_result *clear = nfp_style_step(style, NFP_STEP_CLEAR);
	const bool keeps = lacks(style, NFP_STEP_DETACH) ||
			   (lacks(style, NFP_STEP_UNPLUG) && !has(style, NFP_STEP_DETACH));

	if (keeps && has(style, NFP_STEP_CLEAR))
		return NFP_KEPT_UNTIL_CLEARED;
	if (keeps &&
	    (lacks(style, NFP_STEP_CLEAR) || (clear && clear->w.status == NFP_STATUS_REFUSED)))
		return NFP_KEPT_FOR_GOOD;
	/* Where both got the frames, those of the standby do not show what the VF has. */
	return style->delivery == NFP_DELIVERY_VF && (style->release == NFP_RELEASE_UNPLUG ||
						      style->release == NFP_RELEASE_DETACH)
		       ? NFP_KEPT_NOT
		       : NFP_KEPT_UNKNOWN;
}

void nfp_prove(struct nfp_advice *a, const struct nfp_style_result *style, enum nfp_requires what)
{
	enum nfp_step step = nfp_proved_by(style, what, &a->ipv6);

	a->shown = step == NFP_STEP_COUNT ? NFP_SHOWN_NOT : NFP_SHOWN_TESTED;
	a->states = step == NFP_STEP_COUNT ? 0 : 1U << step;
}

uint32_t nfp_states_of(const struct nfp_style_result *style)
{
	uint32_t states = 0;

	nfp_for_each (step, style->steps, style->num_steps) {
		if (step->w.answer == NFP_YES)
			states |= 1U << step->step;
	}
	return states;
}

/* Had an earlier ladder of this run used the VF? A pinned style is derived from its plain style. */
static bool is_used(const struct nfp_vf_result *vf, const struct nfp_style_result *style)
{
	const struct nfp_style_result *first = vf->styles;

	while (first < style && (first->derived || !first->num_steps))
		first++;
	return first < style && !(style->derived && nfp_styles[style->style].plain == first->style);
}

/*
 * ice_vsi_sync_fltr of older drivers/net/ethernet/intel/ice/ice_main.c sets no rule for a PF, and
 * reports no error, if a VF already is the default VSI (ice_is_dflt_vsi_in_use), which a trusted
 * one can be.
 */
static bool may_be_outrun(const struct nfp_result *result, const struct nfp_style_result *style)
{
	return strcmp(result->pf.driver, "ice") == 0 && nfp_styles[style->style].promiscuous &&
	       (result->vf.trust == 1 || result->vf.others_trusted);
}

void nfp_advise_unseen(struct nfp_advising *m)
{
	const struct nfp_vf_result *vf = &m->result->vf;

	nfp_for_each (style, vf->styles, vf->num_styles) {
		const struct nfp_row row = nfp_row_of(style);
		const bool unseen[NFP_COND_COUNT] = {
			[NFP_COND_UNSEEN_IPV6] = style->multicast == NFP_STATE_UNTESTED,
			[NFP_COND_UNSEEN_UNUSED_VF] = is_used(vf, style),
			[NFP_COND_UNSEEN_TRUSTED_VF] = may_be_outrun(m->result, style),
		};

		for (enum nfp_condition_id c = NFP_COND_UNSEEN; c < NFP_COND_COUNT; c++) {
			if (unseen[c] && style->verdict == NFP_VERDICT_SAFE)
				nfp_add_unseen(m->to, &row, c);
		}
	}
}
