// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * junit.c - a result as the XML that CI systems read: a test suite per style of a VF, with a test
 * case per step and one for the verdict. The format has no standard; this is the part that Jenkins'
 * junit-10.xsd and Maven's surefire have in common.
 */
#include "nfprobe/report.h"

#include <inttypes.h>
#include <string.h>

#include "report_priv.h"

enum outcome {
	FAILED, /* not fit */
	PASSED,
	ERROR,	 /* it proved nothing: refused, failed, unknown */
	SKIPPED, /* not made, or allowed */
	OUTCOMES,
};

struct test_case {
	const char *name;
	enum outcome outcome;
	const char *type; /* a word for programs */
	struct nfp_words message;
	const struct nfp_step_result *step; /* its counts are given if it failed; NULL: none */
	struct nfp_words output;	    /* whatever the outcome; may be empty */
};

struct suite {
	const struct nfp_result *result;
	const struct nfp_vf_result *vf;	      /* NULL: the run */
	const struct nfp_style_result *style; /* NULL: the VF */
	struct test_case cases[NFP_STEP_COUNT + 2];
	size_t num;
};

struct totals {
	size_t cases, of[OUTCOMES];
};

/* ---- cases ---- */

/* Why a failure of this style is accepted, in one word; NULL if it is not. */
static const char *excuse_of(const struct suite *suite)
{
	const struct nfp_style_result *style = suite->style;

	if (style->verdict == NFP_VERDICT_SAFE || style->verdict == NFP_VERDICT_NOT_APPLICABLE)
		return NULL;
	if (nfp_comparison_excuses(suite->result->comparison, suite->vf->vf, style))
		return "baseline";
	if (style->allowed)
		return "allowed";
	return nfp_style_counts(suite->vf, style) ? NULL : "other-source";
}

static struct test_case *add_case(struct suite *suite, const char *name, enum outcome outcome,
				  const char *type)
{
	struct test_case *c = &suite->cases[suite->num++];

	*c = (struct test_case) {.name = name, .outcome = outcome, .type = type};
	return c;
}

static void add_step(struct suite *suite, const struct nfp_step_result *step, const char *excuse)
{
	static const enum outcome outcomes[] = {
		[NFP_NO] = FAILED, [NFP_YES] = PASSED, [NFP_UNKNOWN] = ERROR};
	struct nfp_observation obs = {.status = step->status};
	enum nfp_landing unicast = step->landing[NFP_KIND_UNICAST];
	enum nfp_landing multicast = step->landing[NFP_KIND_MULTICAST];
	enum nfp_fit fit = nfp_ladder[step->step].fit;
	const char *unfit = nfp_advice_unfit(suite->style, step);
	const char *transmit = nfp_transmit_name(step->transmit);
	struct test_case *c = add_case(suite, nfp_step_name(step->step), ERROR, "landing");

	c->step = step;
	if (step->status == NFP_STATUS_DONE) {
		memcpy(obs.landing, step->landing, sizeof(obs.landing));
		c->outcome = outcomes[fit == NFP_FIT_PF	  ? nfp_pf_served(&obs)
				      : fit == NFP_FIT_VF ? nfp_vf_served(&obs)
							  : NFP_YES];
		/* From some sources broadcast cannot reach the VF, so its absence proves nothing.
		 */
		if (c->outcome == FAILED && fit == NFP_FIT_VF &&
		    suite->style->verdict == NFP_VERDICT_INCONCLUSIVE &&
		    (unicast == NFP_LANDING_VF || unicast == NFP_LANDING_BOTH))
			c->outcome = ERROR;
		if (c->outcome == PASSED && nfp_advice_lacks_multicast(suite->style, step))
			c->outcome = FAILED;
		nfp_append(&c->message, "", "%s%sunicast lands %s, broadcast %s", unfit ?: "",
			   unfit ? ": " : "", nfp_landing_name(unicast),
			   nfp_landing_name(step->landing[NFP_KIND_BROADCAST]));
		if (multicast != NFP_LANDING_NONE)
			nfp_append(&c->message, ", ", "multicast %s", nfp_landing_name(multicast));
		if (step->vf_counted)
			nfp_append(&c->message, "; ", "the VF counts them");
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
		c->outcome = step->status == NFP_STATUS_SKIPPED ? SKIPPED : ERROR;
		c->type = nfp_status_name(step->status);
		nfp_append(&c->message, "", "%s", step->note[0] ? step->note : c->type);
	}
	if (excuse && (c->outcome == FAILED || c->outcome == ERROR)) {
		c->outcome = SKIPPED;
		c->type = excuse;
	}
}

static void add_style(struct suite *suite)
{
	/* Any other verdict fails. */
	static const enum outcome outcomes[NFP_VERDICT_COUNT] = {
		[NFP_VERDICT_SAFE] = PASSED,
		[NFP_VERDICT_NOT_APPLICABLE] = SKIPPED,
		[NFP_VERDICT_INCONCLUSIVE] = ERROR,
		[NFP_VERDICT_UNTESTABLE] = ERROR,
	};
	const struct nfp_style_result *style = suite->style;
	const struct nfp_comparison *comparison = suite->result->comparison;
	enum outcome outcome = outcomes[style->verdict];
	const char *excuse = excuse_of(suite);
	struct nfp_words ipv6 = nfp_advice_ipv6(style, true);
	struct test_case *c;

	for (size_t i = 0; i < style->num_steps; i++)
		add_step(suite, &style->steps[i], excuse);
	c = add_case(suite, "verdict", excuse ? SKIPPED : outcome,
		     nfp_verdict_name(style->verdict));
	nfp_append(&c->message, "", "%s", c->type);
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
	c = add_case(suite, "baseline", PASSED, "baseline");
	if (comparison->not_compared[0]) {
		c->outcome = ERROR;
		nfp_append(&c->message, "", "not compared: %s", comparison->not_compared);
	}
	for (size_t i = 0; i < comparison->n; i++) {
		const struct nfp_difference *d = &comparison->v[i];

		if (!d->counts || !nfp_difference_is_of(d, suite->vf->vf, suite->style))
			continue;
		c->outcome = FAILED;
		c->type = nfp_trend_name(d->trend);
		nfp_append(&c->message, "; ", "%s: %s -> %s", nfp_difference_words(d).text,
			   d->before[0] ? d->before : "-", d->now[0] ? d->now : "-");
	}
}

/* The error of a VF or of the run. */
static void add_error(struct suite *suite)
{
	static const struct nfp_err not_restored = {
		.code = NFP_E_RESTORE, .message = "the host could not be put back as it was"};
	const struct nfp_err *err = suite->vf ? &suite->vf->error : &suite->result->error;
	/* A VF in use that the user did not name is skipped; the run can still succeed. */
	bool skipped = suite->vf && suite->vf->status == NFP_VF_IN_USE &&
		       suite->result->exit_status != 4;
	struct test_case *c;

	if (err->code == NFP_E_NONE)
		err = &not_restored;
	c = add_case(suite, suite->vf ? "probe" : "run", skipped ? SKIPPED : ERROR,
		     nfp_errcode_name(err->code));
	nfp_append(&c->message, "", "%s", err->message);
	if (err->hint[0])
		nfp_append(&c->message, ": ", "%s", err->hint);
}

/* ---- XML ---- */

/* "eth0 VF 3 macvtap", or as a class "eth0.VF3.macvtap"; with several sources "eth0 VF 3 macvtap
 * from vf:1", "eth0.VF3.macvtap.vf:1" */
static struct nfp_words suite_name(const struct suite *suite, bool is_class)
{
	const char *pf = suite->result->pf.ifname, *between = is_class ? "." : " ";
	struct nfp_words name = {0};

	nfp_append(&name, "", "%s", pf[0] ? pf : "nfprobe");
	if (suite->vf)
		nfp_append(&name, between, is_class ? "VF%u" : "VF %u", suite->vf->vf);
	if (suite->style)
		nfp_append(&name, between, "%s", nfp_style_label(suite->style->style));
	if (suite->style && nfp_vf_has_sources(suite->vf))
		nfp_append(&name, is_class ? "." : " from ", "%s", suite->style->from.name);
	return name;
}

static void write_case(FILE *out, const struct suite *suite, const struct test_case *c)
{
	static const char *const elements[OUTCOMES] = {"failure", NULL, "error", "skipped"};
	const char *element = elements[c->outcome];

	nfp_markup(out, "    <testcase name=\"%s\" classname=\"%s\" time=\"%.3f\"", c->name,
		   suite_name(suite, true).text, nfp_seconds(c->step ? c->step->duration_ns : 0));
	if (!element && !c->output.text[0]) {
		fputs("/>\n", out);
		return;
	}
	fputs(">\n", out);
	if (element)
		nfp_markup(out, "      <%s type=\"%s\" message=\"%s\"", element, c->type,
			   c->message.text);
	if (element && c->step && c->step->status == NFP_STATUS_DONE) {
		fputc('>', out);
		for (enum nfp_kind kind = 0; kind < NFP_KIND_COUNT; kind++) {
			const struct nfp_count *count = &c->step->count[kind];

			if (count->sent)
				fprintf(out, "%s\n", nfp_count_words(kind, count).text);
		}
		fprintf(out, "</%s>\n", element);
	} else if (element) {
		fputs("/>\n", out);
	}
	if (c->output.text[0])
		nfp_markup(out, "      <system-out>%s</system-out>\n", c->output.text);
	fputs("    </testcase>\n", out);
}

static void write_properties(FILE *out, const struct suite *suite)
{
	const struct nfp_result *result = suite->result;
	const struct nfp_settings *s = &result->settings;
	const struct nfp_vf_result *vf = suite->vf;
	const struct nfp_style_result *style = suite->style;
	const struct nfp_ladder_source *from = style && style->from.known ? &style->from : NULL;
	const char *transmit = style ? nfp_transmit_name(style->transmit) : NULL;
	const char *multicast = style ? nfp_multicast_name(style->multicast) : NULL;
	const struct {
		const char *name, *value;
	} properties[] = {
		{"version", NFP_VERSION},
		{"kernel", result->kernel},
		{"driver", result->pf.driver},
		{"driver_version", result->pf.driver_version},
		{"firmware", result->pf.firmware},
		{"parentdev", result->pf.parentdev},
		{"from", from ? from->name : s->from},
		{"source", from		    ? nfp_source_name(from->source)
			   : s->have_source ? nfp_source_name(s->source)
					    : ""},
		{"vf_driver", vf ? vf->driver : ""},
		{"vf_parentdev", vf ? vf->parentdev : ""},
		/* Does what the standby sends leave the NIC? */
		{"transmit", transmit ?: ""},
		{"transmit_note", style ? style->transmit_note : ""},
		/* Does the guest get IPv6 multicast? */
		{"multicast", multicast ?: ""},
		{"multicast_note", style ? style->multicast_note : ""},
	};

	fputs("    <properties>\n", out);
	for (size_t i = 0; i < NFP_NUM(properties); i++) {
		if (properties[i].value[0])
			nfp_markup(out, "      <property name=\"%s\" value=\"%s\"/>\n",
				   properties[i].name, properties[i].value);
	}
	fputs("    </properties>\n", out);
}

/* Adds a suite to @totals; writes it unless @out is NULL. */
static void emit_suite(FILE *out, const struct nfp_result *result, const struct nfp_vf_result *vf,
		       const struct nfp_style_result *style, struct totals *totals)
{
	struct suite suite = {.result = result, .vf = vf, .style = style};
	int64_t start_ms = result->start_unix_ms;
	size_t of[OUTCOMES] = {0};
	uint64_t duration_ns = 0;
	char text[32];

	if (style)
		add_style(&suite);
	else
		add_error(&suite);
	for (size_t i = 0; i < suite.num; i++) {
		of[suite.cases[i].outcome]++;
		totals->of[suite.cases[i].outcome]++;
		duration_ns += suite.cases[i].step ? suite.cases[i].step->duration_ns : 0;
	}
	totals->cases += suite.num;
	if (out) {
		nfp_markup(out,
			   "  <testsuite name=\"%s\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
			   "time=\"%.3f\" skipped=\"%zu\"",
			   suite_name(&suite, false).text, suite.num, of[FAILED], of[ERROR],
			   nfp_seconds(duration_ns), of[SKIPPED]);
		if (style && style->num_steps)
			start_ms += (int64_t)(style->steps[0].start_ns / NFP_NSEC_PER_MSEC);
		/* In UTC, without a zone, as the format has it: 2026-11-20T10:00:00. */
		if (start_ms > 0)
			fprintf(out, " timestamp=\"%.19s\"",
				nfp_time_text(start_ms, text, sizeof(text)));
		if (result->hostname[0])
			nfp_markup(out, " hostname=\"%s\"", result->hostname);
		fputs(">\n", out);
		write_properties(out, &suite);
		for (size_t i = 0; i < suite.num; i++)
			write_case(out, &suite, &suite.cases[i]);
		fputs("  </testsuite>\n", out);
	}
}

/* Errors of the run and of a VF come before the styles. */
static void emit_suites(FILE *out, const struct nfp_result *result, struct totals *totals)
{
	if (result->error.code != NFP_E_NONE || !result->restored)
		emit_suite(out, result, NULL, NULL, totals);
	for (size_t i = 0; i < result->num_vfs; i++) {
		const struct nfp_vf_result *vf = &result->vfs[i];

		if (vf->error.code != NFP_E_NONE)
			emit_suite(out, result, vf, NULL, totals);
		for (size_t j = 0; j < vf->num_styles; j++)
			emit_suite(out, result, vf, &vf->styles[j], totals);
	}
}

int nfp_report_junit(const struct nfp_result *result, FILE *out)
{
	struct totals totals = {0};

	/* The root element has the number of all cases, so they are counted first. */
	emit_suites(NULL, result, &totals);
	nfp_markup(out,
		   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"nfprobe\" "
		   "tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" time=\"%.3f\">\n",
		   totals.cases, totals.of[FAILED], totals.of[ERROR],
		   nfp_seconds(result->duration_ns));
	emit_suites(out, result, &totals);
	fputs("</testsuites>\n", out);
	return nfp_stream_status(out);
}
