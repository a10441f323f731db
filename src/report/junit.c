// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * junit.c - a result as the XML that CI systems read: a test suite a style of a VF, a test case a
 * step and one for the verdict. The format has no standard of its own; this is the part that
 * Jenkins' junit-10.xsd and Maven's surefire have in common.
 */
#include "nfprobe/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report_priv.h"
#include "nfprobe/result.h"
#include "nfprobe/verdict.h"

#define TEXT_MAX  2048
#define CASES_MAX (NFP_STEP_COUNT + 2)

enum outcome {
	PASSED,
	FAILED,	 /* not fit */
	ERROR,	 /* nothing was proved: refused, failed, unknown */
	SKIPPED, /* not made, or allowed */
	OUTCOMES,
};

struct test_case {
	const char *name;
	enum outcome outcome;
	const char *type; /* a word for programs */
	char message[TEXT_MAX];
	const struct nfp_step_result *step; /* its counts are given where it failed; NULL: none */
	char output[NFP_MUTE_LEN];	    /* whatever the outcome; may be empty */
};

struct suite {
	const struct nfp_vf_result *vf;	      /* NULL: the run */
	const struct nfp_style_result *style; /* NULL: the VF */
	struct test_case cases[CASES_MAX];
	size_t num;
	size_t of[OUTCOMES];
	uint64_t duration_ns;
};

struct document {
	const struct nfp_result *result;
	struct suite *suites; /* owned */
	size_t num;
};

/* ---- cases ---- */

static struct test_case *add_case(struct suite *suite, const char *name, const char *type)
{
	struct test_case *c = &suite->cases[suite->num++];

	c->name = name;
	c->type = type;
	return c;
}

static enum nfp_answer is_fit(const struct nfp_step_result *step)
{
	struct nfp_observation obs = {.status = step->status};

	memcpy(obs.landing, step->landing, sizeof(obs.landing));
	switch (nfp_ladder[step->step].fit) {
	case NFP_FIT_PF:
		return nfp_served(&obs);
	case NFP_FIT_VF:
		return nfp_vf_gets(&obs);
	default:
		return NFP_YES;
	}
}

/* From some sources broadcast would not reach the VF whatever it does: then it proves nothing. */
static bool is_unshown(const struct nfp_style_result *style, const struct nfp_step_result *step)
{
	enum nfp_landing unicast = step->landing[NFP_KIND_UNICAST];

	return style->verdict == NFP_VERDICT_INCONCLUSIVE &&
	       nfp_ladder[step->step].fit == NFP_FIT_VF &&
	       (unicast == NFP_LANDING_VF || unicast == NFP_LANDING_BOTH);
}

/* Does the user live with what is wrong with this style? Then why, in a word; NULL: no. */
static const char *excuse_of(const struct nfp_result *result, const struct suite *suite)
{
	const struct nfp_style_result *style = suite->style;

	if (style->verdict == NFP_VERDICT_SAFE || style->verdict == NFP_VERDICT_NOT_APPLICABLE)
		return NULL;
	if (nfp_comparison_excuses(result->comparison, suite->vf->vf, style))
		return "baseline";
	return style->allowed ? "allowed" : NULL;
}

static void describe_landing(struct test_case *c, const struct nfp_step_result *step)
{
	const char *unfit = nfp_advice_unfit(step), *transmit = nfp_transmit_name(step->transmit);

	snprintf(c->message, sizeof(c->message), "%s%sunicast lands %s, broadcast %s%s%s%s",
		 unfit ? unfit : "", unfit ? ": " : "",
		 nfp_landing_name(step->landing[NFP_KIND_UNICAST]),
		 nfp_landing_name(step->landing[NFP_KIND_BROADCAST]),
		 step->vf_counted ? "; the VF counts them" : "", step->note[0] ? "; " : "",
		 step->note);
	/* Evidence beside the landing, which no outcome depends on. */
	if (transmit)
		nfp_append(c->output, sizeof(c->output), "; ", "what the standby sends: %s",
			   transmit);
	if (step->have_vf_rx)
		nfp_append(c->output, sizeof(c->output), "; ",
			   "counted for the VF: %" PRIu64 " received, %" PRIu64 " dropped",
			   step->vf_rx_packets, step->vf_rx_dropped);
}

static void add_step(struct suite *suite, const struct nfp_step_result *step, const char *excuse)
{
	static const enum outcome outcomes[] = {
		[NFP_NO] = FAILED, [NFP_YES] = PASSED, [NFP_UNKNOWN] = ERROR};
	struct test_case *c = add_case(suite, nfp_step_name(step->step), "landing");

	c->step = step;
	if (step->status == NFP_STATUS_DONE) {
		c->outcome = outcomes[is_fit(step)];
		if (c->outcome == FAILED && is_unshown(suite->style, step))
			c->outcome = ERROR;
		describe_landing(c, step);
	} else {
		c->outcome = step->status == NFP_STATUS_SKIPPED ? SKIPPED : ERROR;
		c->type = nfp_status_name(step->status);
		snprintf(c->message, sizeof(c->message), "%s",
			 step->note[0] ? step->note : nfp_status_name(step->status));
	}
	if (excuse && (c->outcome == FAILED || c->outcome == ERROR)) {
		c->outcome = SKIPPED;
		c->type = excuse;
	}
}

static enum outcome outcome_of(const struct nfp_style_result *style)
{
	switch (style->verdict) {
	case NFP_VERDICT_SAFE:
		return PASSED;
	case NFP_VERDICT_NOT_APPLICABLE:
		return SKIPPED;
	case NFP_VERDICT_INCONCLUSIVE:
	case NFP_VERDICT_UNTESTABLE:
		return ERROR;
	default:
		return FAILED;
	}
}

/* What became worse, or differs though it should not. */
static void add_baseline(struct suite *suite, const struct nfp_comparison *comparison)
{
	struct test_case *c = add_case(suite, "baseline", "baseline");

	if (comparison->not_compared[0]) {
		c->outcome = ERROR;
		snprintf(c->message, sizeof(c->message), "not compared: %s",
			 comparison->not_compared);
	}
	for (size_t i = 0; i < comparison->n; i++) {
		const struct nfp_difference *d = &comparison->v[i];
		char words[200];

		if (!d->counts || d->vf != suite->vf->vf || d->style != suite->style->style)
			continue;
		c->outcome = FAILED;
		c->type = nfp_trend_name(d->trend);
		nfp_difference_words(d, words, sizeof(words));
		nfp_append(c->message, sizeof(c->message), "; ", "%s", words);
	}
}

static void fill_style(struct suite *suite, const struct nfp_result *result)
{
	const struct nfp_style_result *style = suite->style;
	const char *excuse = excuse_of(result, suite), *verdict = nfp_verdict_name(style->verdict);
	struct test_case *c;

	for (size_t i = 0; i < style->num_steps; i++)
		add_step(suite, &style->steps[i], excuse);
	c = add_case(suite, "verdict", verdict);
	c->outcome = excuse ? SKIPPED : outcome_of(style);
	snprintf(c->message, sizeof(c->message), "%s%s%s%s%s%s", verdict, excuse ? " (" : "",
		 excuse ? excuse : "", excuse ? ")" : "", style->reason[0] ? ": " : "",
		 style->reason);
	nfp_advice_mute(style, result->pf.ifname, c->output);
	if (result->comparison)
		add_baseline(suite, result->comparison);
}

static void add_error(struct suite *suite, const char *name, enum outcome outcome,
		      const struct nfp_err *err)
{
	struct test_case *c = add_case(suite, name, nfp_errcode_name(err->code));

	c->outcome = outcome;
	snprintf(c->message, sizeof(c->message), "%s%s%s", err->message, err->hint[0] ? ": " : "",
		 err->hint);
}

/* ---- suites ---- */

static struct suite *add_suite(struct document *doc, const struct nfp_vf_result *vf,
			       const struct nfp_style_result *style)
{
	doc->suites = nfp_reallocarray(doc->suites, doc->num + 1, sizeof(*doc->suites));
	doc->suites[doc->num] = (struct suite) {.vf = vf, .style = style};
	return &doc->suites[doc->num++];
}

/* The suite of what failed before or beside the styles comes first. */
static void build(struct document *doc)
{
	const struct nfp_err not_restored = {.code = NFP_E_RESTORE,
					     .message = "the host could not be put back as it was"};
	const struct nfp_result *result = doc->result;

	if (result->error.code != NFP_E_NONE)
		add_error(add_suite(doc, NULL, NULL), "run", ERROR, &result->error);
	else if (!result->restored)
		add_error(add_suite(doc, NULL, NULL), "run", ERROR, &not_restored);
	for (size_t i = 0; i < result->num_vfs; i++) {
		const struct nfp_vf_result *vf = &result->vfs[i];
		/* One in use that nobody named does not count, and then the run can be a success.
		 */
		bool passed_over = vf->status == NFP_VF_IN_USE && result->exit_status != 4;

		if (vf->error.code != NFP_E_NONE)
			add_error(add_suite(doc, vf, NULL), "probe", passed_over ? SKIPPED : ERROR,
				  &vf->error);
		for (size_t j = 0; j < vf->num_styles; j++)
			fill_style(add_suite(doc, vf, &vf->styles[j]), result);
	}
	for (size_t i = 0; i < doc->num; i++) {
		struct suite *suite = &doc->suites[i];

		for (size_t j = 0; j < suite->num; j++) {
			suite->of[suite->cases[j].outcome]++;
			if (suite->cases[j].step)
				suite->duration_ns += suite->cases[j].step->duration_ns;
		}
	}
}

/* ---- XML ---- */

static double seconds(uint64_t ns)
{
	return (double)ns / (double)NFP_NSEC_PER_SEC;
}

static void write_suite_name(FILE *out, const char *attribute, const struct document *doc,
			     const struct suite *suite, bool of_class)
{
	const char *pf = doc->result->pf.ifname[0] ? doc->result->pf.ifname : "nfprobe";
	char name[128];

	snprintf(name, sizeof(name), "%s", pf);
	if (suite->vf)
		nfp_append(name, sizeof(name), of_class ? "." : " ", of_class ? "VF%u" : "VF %u",
			   suite->vf->vf);
	if (suite->style)
		nfp_append(name, sizeof(name), of_class ? "." : " ", "%s",
			   nfp_style_label(suite->style->style));
	fprintf(out, " %s=", attribute);
	nfp_markup(out, "\"%s\"", name);
}

/* ISO 8601 in UTC, without a zone, as the format has it. */
static void write_timestamp(FILE *out, const struct nfp_result *result, const struct suite *suite)
{
	int64_t ms = result->start_unix_ms;
	time_t start;
	struct tm tm;
	char text[32];

	if (suite->style && suite->style->num_steps)
		ms += (int64_t)(suite->style->steps[0].start_ns / NFP_NSEC_PER_MSEC);
	start = (time_t)(ms / 1000);
	if (ms > 0 && gmtime_r(&start, &tm) &&
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm) > 0)
		nfp_markup(out, " timestamp=\"%s\"", text);
}

static void write_properties(FILE *out, const struct nfp_result *result, const struct suite *suite)
{
	const struct nfp_settings *s = &result->settings;
	const struct nfp_vf_result *vf = suite->vf;
	const struct nfp_style_result *style = suite->style;
	const char *transmit = style ? nfp_transmit_name(style->transmit) : NULL;
	const struct {
		const char *name, *value;
	} properties[] = {
		{"version", NFP_VERSION},
		{"kernel", result->kernel},
		{"driver", result->pf.driver},
		{"driver_version", result->pf.driver_version},
		{"firmware", result->pf.firmware},
		{"parentdev", result->pf.parentdev},
		{"from", s->from},
		{"source", s->have_source ? nfp_source_name(s->source) : ""},
		{"vf_driver", vf ? vf->driver : ""},
		{"vf_parentdev", vf ? vf->parentdev : ""},
		/* Does what the standby sends leave the NIC? */
		{"transmit", transmit ? transmit : ""},
		{"transmit_note", style ? style->transmit_note : ""},
	};

	fputs("    <properties>\n", out);
	for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
		if (properties[i].value[0])
			nfp_markup(out, "      <property name=\"%s\" value=\"%s\"/>\n",
				   properties[i].name, properties[i].value);
	}
	fputs("    </properties>\n", out);
}

static void write_outcome(FILE *out, const struct test_case *c)
{
	static const char *const elements[OUTCOMES] = {NULL, "failure", "error", "skipped"};
	const char *element = elements[c->outcome];

	nfp_markup(out, "      <%s type=\"%s\" message=\"%s\"", element, c->type, c->message);
	if (!c->step || c->step->status != NFP_STATUS_DONE) {
		fputs("/>\n", out);
		return;
	}
	fputc('>', out);
	for (unsigned int i = 0; i < NFP_KIND_COUNT; i++) {
		const struct nfp_count *n = &c->step->count[i];

		fprintf(out,
			"%s: %" PRIu64 " sent, PF %" PRIu64 ", VF %" PRIu64 ", both %" PRIu64
			", lost %" PRIu64 ", duplicates %" PRIu64 "\n",
			nfp_kind_name((enum nfp_kind)i), n->sent, n->at[NFP_AT_PF],
			n->at[NFP_AT_VF], n->both, nfp_count_lost(n), n->duplicates);
	}
	fprintf(out, "</%s>\n", element);
}

static void write_case(FILE *out, const struct document *doc, const struct suite *suite,
		       const struct test_case *c)
{
	nfp_markup(out, "    <testcase name=\"%s\"", c->name);
	write_suite_name(out, "classname", doc, suite, true);
	fprintf(out, " time=\"%.3f\"", c->step ? seconds(c->step->duration_ns) : 0);
	if (c->outcome == PASSED && !c->output[0]) {
		fputs("/>\n", out);
		return;
	}
	fputs(">\n", out);
	if (c->outcome != PASSED)
		write_outcome(out, c);
	if (c->output[0])
		nfp_markup(out, "      <system-out>%s</system-out>\n", c->output);
	fputs("    </testcase>\n", out);
}

static void write_suite(FILE *out, const struct document *doc, const struct suite *suite)
{
	fputs("  <testsuite", out);
	write_suite_name(out, "name", doc, suite, false);
	fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" time=\"%.3f\" skipped=\"%zu\"",
		suite->num, suite->of[FAILED], suite->of[ERROR], seconds(suite->duration_ns),
		suite->of[SKIPPED]);
	write_timestamp(out, doc->result, suite);
	if (doc->result->hostname[0])
		nfp_markup(out, " hostname=\"%s\"", doc->result->hostname);
	fputs(">\n", out);
	write_properties(out, doc->result, suite);
	for (size_t i = 0; i < suite->num; i++)
		write_case(out, doc, suite, &suite->cases[i]);
	fputs("  </testsuite>\n", out);
}

int nfp_report_junit(const struct nfp_result *result, FILE *out)
{
	struct document doc = {.result = result};
	size_t tests = 0, failures = 0, errors = 0;

	build(&doc);
	for (size_t i = 0; i < doc.num; i++) {
		tests += doc.suites[i].num;
		failures += doc.suites[i].of[FAILED];
		errors += doc.suites[i].of[ERROR];
	}
	fprintf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"nfprobe\" "
		"tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" time=\"%.3f\">\n",
		tests, failures, errors, seconds(result->duration_ns));
	for (size_t i = 0; i < doc.num; i++)
		write_suite(out, &doc, &doc.suites[i]);
	fputs("</testsuites>\n", out);
	free(doc.suites);
	return nfp_stream_status(out);
}
