// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * github.c - a result for GitHub Actions: the summary of a step, and annotations, which are
 * workflow commands. Both streams of a step are searched for these (ScriptHandler.cs of
 * actions/runner), and ActionCommand.cs there says how they are escaped.
 */
#include "nfprobe/report.h"

#include <string.h>

#include "report_priv.h"

/* ---- annotations ---- */

static void annotate(FILE *out, const char *level, const char *title, const char *text)
{
	static const nfp_escapes in_text = {['%'] = "%25"};
	static const nfp_escapes in_property = {['%'] = "%25", [':'] = "%3A", [','] = "%2C"};

	fprintf(out, "::%s title=nfprobe ", level);
	nfp_write_escaped(out, title, in_property);
	fputs("::", out);
	nfp_write_escaped(out, text, in_text);
	putc('\n', out);
}

static void annotate_suite(const struct nfp_suite *suite, void *ctx)
{
	static const char *const levels[NFP_OUTCOME_COUNT] = {
		[NFP_OUTCOME_FAILED] = "error",
		[NFP_OUTCOME_ERROR] = "error",
		[NFP_OUTCOME_EXCUSED] = "notice",
	};
	const struct nfp_case *c = nfp_suite_decisive(suite);
	const char *level = levels[c->outcome];

	/* The error of a VF may be that of the run. */
	if (suite->vf && !suite->style &&
	    strcmp(suite->vf->error.message, suite->result->error.message) == 0)
		return;
	/* What a style does not show, and what is not stored, is no fault of the NIC. */
	if (c->outcome == NFP_OUTCOME_ERROR && (suite->style || suite->unstored))
		level = "warning";
	if (level)
		annotate(ctx, level, nfp_suite_name(suite, false).text, c->message.text);
}

int nfp_report_annotations(const struct nfp_result *result, FILE *out)
{
	nfp_each_suite(result, annotate_suite, out);
	for (size_t i = 0; i < result->warnings.n; i++)
		annotate(out, "warning", result->pf.ifname, result->warnings.v[i]);
	return nfp_stream_status(out);
}

/* ---- the summary, in HTML, where no text can be taken for Markdown ---- */

static void write_row(const struct nfp_suite *suite, void *ctx)
{
	bool stale = suite->style && suite->style->stale[0];
	const struct nfp_style_result *style = stale ? NULL : suite->style;
	const struct nfp_case *c = nfp_suite_decisive(suite);
	const char *word = stale || suite->unstored	       ? "NOT PROVEN"
			   : c->outcome == NFP_OUTCOME_SKIPPED ? "SKIPPED"
							       : "ERROR";
	struct nfp_layout *layout;
	FILE *out = ctx;

	nfp_markup(out, "<tr><td>%s</td><td><b>%s</b></td><td>%s",
		   nfp_suite_name(suite, false).text,
		   style ? nfp_verdict_words(style->verdict, style->allowed).text : word,
		   style ? style->reason : c->message.text);
	if (style) {
		layout = nfp_layout_of(style, suite->result->pf.ifname, false);
		for (size_t i = 0; i < layout->num_lines; i++)
			nfp_markup(out, i || style->reason[0] ? "<br/>%s" : "%s",
				   layout->lines[i].text);
		nfp_layout_free(layout);
	}
	fputs("</td></tr>\n", out);
}

static void write_ladder(const struct nfp_suite *suite, void *ctx)
{
	struct nfp_layout *layout;
	FILE *out = ctx;

	if (!suite->style)
		return;
	layout = nfp_layout_of(suite->style, suite->result->pf.ifname, false);
	nfp_markup(out,
		   "<details><summary>%s, step by step</summary>\n<table>\n"
		   "<tr><th>step</th><th>frames land on</th><th></th></tr>\n",
		   nfp_suite_name(suite, false).text);
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		const struct nfp_layout_row *row = &layout->rows[step];

		if (row->step)
			nfp_markup(out, "<tr><td>%s</td><td>%s</td><td>%s</td></tr>\n",
				   nfp_step_name(step), row->landing, row->note.text);
	}
	fputs("</table>\n</details>\n", out);
	nfp_layout_free(layout);
}

static bool is_stale(const struct nfp_vf_result *vf)
{
	for (size_t i = 0; i < vf->num_styles; i++) {
		if (vf->styles[i].stale[0])
			return true;
	}
	return false;
}

static void write_advice(const struct nfp_result *result, FILE *out)
{
	struct nfp_advice advice[NFP_ADVICE_MAX];

	for (size_t i = 0; i < result->num_vfs; i++) {
		const struct nfp_vf_result *vf = &result->vfs[i];
		char number[16];
		size_t num;

		if (is_stale(vf))
			continue;
		snprintf(number, sizeof(number), "%u", vf->vf);
		num = nfp_advice_of(result, vf, number, advice);
		for (size_t j = 0; j < num; j++)
			nfp_markup(out, "<p>VF %s: <b>%s</b> %s</p>\n", number,
				   advice[j].label.text, advice[j].words.text);
	}
}

int nfp_export_github(const struct nfp_result *result, FILE *out)
{
	const struct nfp_pf_info *pf = &result->pf;

	nfp_markup(out, "<h3>nfprobe %s</h3>\n", pf->ifname);
	if (pf->driver[0])
		nfp_markup(out, "<p>%s<br/>%s</p>\n",
			   nfp_driver_words(pf->driver, pf->driver_version, result->kernel,
					    pf->firmware)
				   .text,
			   nfp_settings_words(&result->settings, false).text);
	fputs("<table>\n<tr><th></th><th>verdict</th><th></th></tr>\n", out);
	nfp_each_suite(result, write_row, out);
	fputs("</table>\n", out);
	if (result->comparison)
		nfp_markup(out, "<p>%s<br/>%s</p>\n", nfp_baseline_words(result->comparison).text,
			   nfp_comparison_words(result->comparison).text);
	write_advice(result, out);
	nfp_each_suite(result, write_ladder, out);
	return nfp_stream_status(out);
}
