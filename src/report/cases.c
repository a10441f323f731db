// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cases.c - the table of cases: what the first line, the advice and the last line make of each, so
 * that they cannot disagree; and all that a person reads of a result, made by it, once. Pure.
 */
#include "report_priv.h"

#include <stdlib.h>

/* ---- a style ---- */

static const struct nfp_case_row cases[NFP_CASE_COUNT] = {
	[NFP_CASE_SAFE] = {NFP_HEADLINE_SAFE, NULL, nfp_advise_safe, .way = NFP_WAY_AS_IT_IS},
	[NFP_CASE_ALLOWED] = {NFP_HEADLINE_ALLOWED, nfp_why_verdict, NULL, .way = NFP_WAY_BY_ALLOW},
	[NFP_CASE_INSIDE] = {NFP_HEADLINE_UNKNOWN, NULL, NULL, .way = NFP_WAY_UNKNOWN,
			     .words = "ok so far, but no frame came from the wire"},
	[NFP_CASE_NO_WIRE] = {NFP_HEADLINE_SAFE, NULL, nfp_advise_safe, .way = NFP_WAY_BY_NO_WIRE},
	[NFP_CASE_INSIDE_ALLOWED] = {NFP_HEADLINE_UNKNOWN, nfp_why_inside_allowed, NULL,
				     .way = NFP_WAY_UNKNOWN},
	[NFP_CASE_NOT_POSSIBLE] = {NFP_HEADLINE_NOT_POSSIBLE, nfp_why_not_possible, NULL,
				   .way = NFP_WAY_NONE},
	[NFP_CASE_NOT_TESTED] = {NFP_HEADLINE_NOT_TESTED, nfp_why_not_tested, NULL,
				 .way = NFP_WAY_NONE},
	[NFP_CASE_LAG] = {NFP_HEADLINE_NOT_SAFE, NULL, nfp_advise_lag, .way = NFP_WAY_NO,
			  .words = "LAG"},
	[NFP_CASE_IPV6] = {NFP_HEADLINE_IN_PART, NULL, nfp_advise_safe, .way = NFP_WAY_FOR_IPV4},
	[NFP_CASE_VLAN] = {NFP_HEADLINE_IN_PART, NULL, nfp_advise_vlan, .way = NFP_WAY_BUT_VLAN},
	[NFP_CASE_FAULT_VLAN] = {NFP_HEADLINE_NOT_SAFE, nfp_why_vlan, nfp_advise_vlan,
				 .way = NFP_WAY_NO},
	[NFP_CASE_LEARNS] = {NFP_HEADLINE_NOT_SAFE, nfp_why_besides, nfp_advise_fault,
			     .way = NFP_WAY_NO},
	[NFP_CASE_LIMIT] = {NFP_HEADLINE_NOT_SAFE, nfp_why_besides, nfp_advise_fault,
			    .way = NFP_WAY_NO},
	[NFP_CASE_REQUIREMENTS] = {NFP_HEADLINE_NOT_SAFE, nfp_why_besides, nfp_advise_fault,
				   .way = NFP_WAY_NO},
	[NFP_CASE_IPV4_ONLY] = {NFP_HEADLINE_NOT_SAFE, NULL, nfp_advise_fault, .way = NFP_WAY_NO,
				.words = "IPv4 only"},
	[NFP_CASE_FAULT] = {NFP_HEADLINE_NOT_SAFE, nfp_why_verdict, nfp_advise_fault,
			    .way = NFP_WAY_NO},
	[NFP_CASE_UNTESTABLE] = {NFP_HEADLINE_UNKNOWN, nfp_why_untestable, nfp_advise_wire,
				 .way = NFP_WAY_UNKNOWN},
	[NFP_CASE_NOT_BEGUN] = {NFP_HEADLINE_UNKNOWN, NULL, nfp_advise_again,
				.way = NFP_WAY_UNKNOWN, .words = "not begun"},
	[NFP_CASE_LEARNS_UNKNOWN] = {NFP_HEADLINE_UNKNOWN, NULL, nfp_advise_learning,
				     .way = NFP_WAY_UNKNOWN,
				     .words = "does the bridge learn the guest on the wrong side?"},
	[NFP_CASE_VLAN_UNKNOWN] = {NFP_HEADLINE_UNKNOWN, nfp_why_vlan_unknown, nfp_advise_vlan,
				   .way = NFP_WAY_UNKNOWN},
	[NFP_CASE_LIMIT_UNKNOWN] = {NFP_HEADLINE_UNKNOWN, nfp_why_unmeasured, nfp_advise_again,
				    .way = NFP_WAY_UNKNOWN},
	[NFP_CASE_REQUIREMENTS_UNKNOWN] = {NFP_HEADLINE_UNKNOWN, nfp_why_requirements_unknown,
					   nfp_advise_again, .way = NFP_WAY_UNKNOWN},
	[NFP_CASE_CRITERIA_UNKNOWN] = {NFP_HEADLINE_UNKNOWN, NULL, nfp_advise_again,
				       .way = NFP_WAY_UNKNOWN,
				       .words = "what --require asks for was not shown"},
	[NFP_CASE_CHANGED] = {NFP_HEADLINE_UNKNOWN, nfp_why_unknown, nfp_advise_again,
			      .way = NFP_WAY_UNKNOWN},
	[NFP_CASE_SILENT] = {NFP_HEADLINE_UNKNOWN, nfp_why_unknown, nfp_advise_again,
			     .way = NFP_WAY_UNKNOWN},
	[NFP_CASE_UNKNOWN] = {NFP_HEADLINE_UNKNOWN, nfp_why_unknown, nfp_advise_again,
			      .way = NFP_WAY_UNKNOWN},
};

static struct nfp_said say_of(const struct nfp_answered *a, const struct nfp_style_result *style)
{
	struct nfp_said said = {
		.of = a, .style = style, .is = nfp_case_of(style), .fault = nfp_fault_of(style)};

	said.row = cases[said.is];
	/* An allowed style has the advice of what it is. */
	if (said.is == NFP_CASE_ALLOWED || said.is == NFP_CASE_INSIDE_ALLOWED)
		said.row.advise = cases[said.fault].advise;
	return said;
}

/* ---- a run ---- */

static const char again[] = "run it again", to_its_end[] = "run it to its end";

static const struct nfp_run_row runs[NFP_RUN_COUNT] = {
	[NFP_RUN_BY_STYLE] = {nfp_first_by_style, NULL},
	[NFP_RUN_NOT_PROBED] = {nfp_first_not_probed, NULL},
	[NFP_RUN_STOPPED] = {nfp_first_stopped, to_its_end},
	[NFP_RUN_TIMEOUT] = {nfp_first_timeout, to_its_end},
	[NFP_RUN_BROKEN_OFF] = {nfp_first_broken_off, NULL},
	[NFP_RUN_FAILED] = {nfp_first_failed, NULL},
	[NFP_RUN_TAKEN] = {nfp_first_taken, again},
	[NFP_RUN_CHANGED] = {nfp_first_changed, again},
	[NFP_RUN_SILENT] = {nfp_first_silent, "see above"},
	[NFP_RUN_CUT_SHORT] = {nfp_first_cut_short, NULL},
};

struct nfp_answered *nfp_answered_of(const struct nfp_result *result)
{
	struct nfp_answered *a = nfp_calloc(1, sizeof(*a));
	const struct nfp_vf_result *vf = result->have_vf ? &result->vf : NULL;

	a->result = result;
	a->run = &runs[nfp_run_case_of(result)];
	for (size_t i = 0; vf && i < vf->num_styles && i < NFP_STYLE_COUNT; i++)
		a->styles[a->num_styles++] = say_of(a, &vf->styles[i]);
	nfp_advise_all(a);
	nfp_offers_of(a);
	a->answer = nfp_answer(a);
	a->failover = nfp_failover_of(a);
	/* A LAG has no state that was seen. */
	if (vf && !result->pf.lag[0])
		nfp_life_rows(a);
	nfp_for_each (life, a->life, a->num_life) {
		if (life->cells[NFP_LIFE_IPV6] == NFP_CELL_OK_IF)
			nfp_advise_star(&a->advised, &life->row);
	}
	return a;
}

void nfp_answered_free(struct nfp_answered *answered)
{
	json_decref(answered->text);
	nfp_for_each (life, answered->life, answered->num_life)
		nfp_strv_fini(&life->conditions);
	nfp_advised_fini(&answered->advised);
	free(answered);
}
