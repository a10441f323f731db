// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cases.c - a result as test suites, as CI systems have them: a suite per style of a VF, with a
 * case per step and one for the verdict.
 */
#include "report_priv.h"

#include <inttypes.h>

/* Why a failure of this style is accepted, in one word; NULL if it is not. */
static const char *excuse_of(const struct nfp_suite *suite)
{
	const struct nfp_style_result *style = suite->style;

	if (style->verdict == NFP_VERDICT_SAFE || style->verdict == NFP_VERDICT_NOT_APPLICABLE)
		return NULL;
	if (nfp_comparison_excuses(suite->result->comparison, suite->vf->vf, style))
		return "baseline";
	if (style->allowed)
		return "allowed";
	if (style->remedy)
		return "remedy";
	return nfp_style_counts(suite->vf, style) ? NULL : "other-source";
}

static struct nfp_case *add_case(struct nfp_suite *suite, const char *name,
				 enum nfp_outcome outcome, const char *type)
{
	struct nfp_case *c = &suite->cases[suite->num++];

	*c = (struct nfp_case) {.name = name, .outcome = outcome, .type = type};
	return c;
}

static void add_step(struct nfp_suite *suite, const struct nfp_step_result *step,
		     const char *excuse)
{
	static const enum nfp_outcome outcomes[] = {[NFP_NO] = NFP_OUTCOME_FAILED,
						    [NFP_YES] = NFP_OUTCOME_PASSED,
						    [NFP_UNKNOWN] = NFP_OUTCOME_ERROR};
	enum nfp_landing unicast = step->landing[NFP_KIND_UNICAST];
	enum nfp_landing multicast = step->landing[NFP_KIND_MULTICAST];
	const char *unfit = nfp_advice_unfit(step);
	const char *transmit = nfp_transmit_name(step->transmit);
	struct nfp_case *c = add_case(suite, nfp_step_name(step->step), NFP_OUTCOME_ERROR,
				      "landing");

	c->step = step;
	if (step->status == NFP_STATUS_DONE) {
		c->outcome = nfp_ladder[step->step].fit == NFP_FIT_RECORDED ? NFP_OUTCOME_PASSED
									    : outcomes[step->fit];
		nfp_append(&c->message, "", "%s%sunicast lands %s, broadcast %s", unfit ?: "",
			   unfit ? ": " : "", nfp_landing_name(unicast),
			   nfp_landing_name(step->landing[NFP_KIND_BROADCAST]));
		if (multicast != NFP_LANDING_NONE)
			nfp_append(&c->message, ", ", "multicast %s", nfp_landing_name(multicast));
		if (step->note[0])
			nfp_append(&c->message, "; ", "%s", step->note);
		/* Additional evidence; no outcome depends on it. */
		if (transmit)
			nfp_append(&c->output, "; ", "what the standby sends: %s", transmit);
		if (step->have_vf_rx)
			nfp_append(&c->output, "; ",
				   "counted for the VF: %" PRIu64 " received, %" PRIu64 " dropped",
				   step->vf_rx_packets, step->vf_rx_dropped);
	} else {
		c->outcome = step->status == NFP_STATUS_SKIPPED ? NFP_OUTCOME_SKIPPED
								: NFP_OUTCOME_ERROR;
		c->type = nfp_status_name(step->status);
		nfp_append(&c->message, "", "%s", step->note[0] ? step->note : c->type);
	}
	if (excuse && (c->outcome == NFP_OUTCOME_FAILED || c->outcome == NFP_OUTCOME_ERROR)) {
		c->outcome = NFP_OUTCOME_EXCUSED;
		c->type = excuse;
	}
}

static void add_style(struct nfp_suite *suite)
{
	/* Any other verdict fails. */
	static const enum nfp_outcome outcomes[NFP_VERDICT_COUNT] = {
		[NFP_VERDICT_SAFE] = NFP_OUTCOME_PASSED,
		[NFP_VERDICT_NOT_APPLICABLE] = NFP_OUTCOME_SKIPPED,
		[NFP_VERDICT_INCONCLUSIVE] = NFP_OUTCOME_ERROR,
		[NFP_VERDICT_UNTESTABLE] = NFP_OUTCOME_ERROR,
	};
	const struct nfp_style_result *style = suite->style;
	const struct nfp_comparison *comparison = suite->result->comparison;
	enum nfp_outcome outcome = outcomes[style->verdict];
	const char *excuse = style->stale[0] ? NULL : excuse_of(suite);
	struct nfp_words ipv6 = nfp_advice_ipv6(style, true);
	struct nfp_case *c;

	for (size_t i = 0; i < style->num_steps; i++)
		add_step(suite, &style->steps[i], excuse);
	c = add_case(suite, "verdict", excuse ? NFP_OUTCOME_EXCUSED : outcome,
		     nfp_verdict_name(style->verdict));
	if (style->stale[0]) {
		c->outcome = NFP_OUTCOME_ERROR;
		c->type = "stale";
		nfp_append(&c->message, "", "%s; it was ", style->stale);
	}
	nfp_append(&c->message, "", "%s", nfp_verdict_name(style->verdict));
	if (excuse)
		nfp_append(&c->message, " ", "(%s)", excuse);
	if (style->reason[0])
		nfp_append(&c->message, ": ", "%s", style->reason);
	c->output = nfp_advice_mute(style, suite->result->pf.ifname);
	if (ipv6.text[0])
		nfp_append(&c->output, "; ", "%s", ipv6.text);
	if (!comparison)
		return;
	/* Fails if something became worse, or if runs differ that should not. */
	c = add_case(suite, "baseline", NFP_OUTCOME_PASSED, "baseline");
	if (comparison->not_compared[0]) {
		c->outcome = NFP_OUTCOME_ERROR;
		nfp_append(&c->message, "", "not compared: %s", comparison->not_compared);
	}
	for (size_t i = 0; i < comparison->n; i++) {
		const struct nfp_difference *d = &comparison->v[i];

		if (!d->counts || !nfp_difference_is_of(d, suite->vf->vf, suite->style))
			continue;
		c->outcome = NFP_OUTCOME_FAILED;
		c->type = nfp_trend_name(d->trend);
		nfp_append(&c->message, "; ", "%s: %s -> %s", nfp_difference_words(d).text,
			   d->before[0] ? d->before : "-", d->now[0] ? d->now : "-");
	}
}

/* The error of a VF or of the run. */
static void add_error(struct nfp_suite *suite)
{
	static const struct nfp_err not_restored = {
		.code = NFP_E_RESTORE, .message = "the host could not be put back as it was"};
	const struct nfp_err *err = suite->vf ? &suite->vf->error : &suite->result->error;
	/* A VF in use that the user did not name is skipped; the run can still succeed. */
	bool skipped = suite->vf && suite->vf->status == NFP_VF_IN_USE &&
		       suite->result->exit_status != NFP_EXIT_CANNOT;
	struct nfp_case *c;

	if (err->code == NFP_E_NONE)
		err = &not_restored;
	c = add_case(suite, suite->vf ? "probe" : "run",
		     skipped ? NFP_OUTCOME_SKIPPED : NFP_OUTCOME_ERROR,
		     nfp_errcode_name(err->code));
	nfp_append(&c->message, "", "%s", err->message);
	if (err->hint[0])
		nfp_append(&c->message, ": ", "%s", err->hint);
}

static void add_unstored(struct nfp_suite *suite)
{
	const struct nfp_strv *unstored = &suite->result->unstored;
	struct nfp_case *c = add_case(suite, "stored", NFP_OUTCOME_ERROR, "not-stored");

	for (size_t i = 0; i < unstored->n; i++)
		nfp_append(&c->message, "; ", "%s", unstored->v[i]);
}

struct nfp_words nfp_suite_name(const struct nfp_suite *suite, bool is_class)
{
	const char *pf = suite->result->pf.ifname, *between = is_class ? "." : " ";
	struct nfp_words name = {0};

	nfp_append(&name, "", "%s", pf[0] ? pf : "nfprobe");
	if (suite->vf)
		nfp_append(&name, between, is_class ? "VF%u" : "VF %u", suite->vf->vf);
	if (suite->style)
		nfp_append(&name, between, "%s", nfp_style_name(suite->style->style));
	if (suite->style && nfp_vf_has_sources(suite->vf))
		nfp_append(&name, is_class ? "." : " from ", "%s", suite->style->from.name);
	return name;
}

const struct nfp_case *nfp_suite_decisive(const struct nfp_suite *suite)
{
	static const unsigned int ranks[NFP_OUTCOME_COUNT] = {
		[NFP_OUTCOME_SKIPPED] = 0, [NFP_OUTCOME_PASSED] = 1, [NFP_OUTCOME_EXCUSED] = 2,
		[NFP_OUTCOME_ERROR] = 3,   [NFP_OUTCOME_FAILED] = 3,
	};
	const struct nfp_case *worst = &suite->cases[0];

	for (size_t i = 1; i < suite->num; i++) {
		if (ranks[suite->cases[i].outcome] >= ranks[worst->outcome])
			worst = &suite->cases[i];
	}
	return worst;
}

void nfp_each_suite(const struct nfp_result *result,
		    void (*each)(const struct nfp_suite *suite, void *ctx), void *ctx)
{
	struct nfp_suite suite = {.result = result};

	if (result->error.code != NFP_E_NONE || !result->restored) {
		add_error(&suite);
		each(&suite, ctx);
	}
	if (result->unstored.n) {
		suite.num = 0;
		add_unstored(&suite);
		each(&suite, ctx);
	}
	for (size_t i = 0; i < result->num_vfs; i++) {
		suite.vf = &result->vfs[i];
		suite.style = NULL;
		suite.num = 0;
		if (suite.vf->error.code != NFP_E_NONE) {
			add_error(&suite);
			each(&suite, ctx);
		}
		for (size_t j = 0; j < suite.vf->num_styles; j++) {
			suite.style = &suite.vf->styles[j];
			suite.num = 0;
			add_style(&suite);
			each(&suite, ctx);
		}
	}
}
