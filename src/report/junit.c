// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * junit.c - a result as the XML that CI systems read: a test suite a style of a VF, a test case a
 * step and one for the verdict. The format has no standard of its own; this is the part that
 * Jenkins' junit-10.xsd and Maven's surefire have in common.
 */
#include "nfprobe/report.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "report_priv.h"
#include "nfprobe/result.h"
#include "nfprobe/verdict.h"

enum outcome {
	PASSED,
	FAILED,	 /* not fit */
	ERROR,	 /* it proved nothing: refused, failed, unknown */
	SKIPPED, /* not made, or allowed */
	OUTCOMES,
};

struct test_case {
	const char *name;
	enum outcome outcome;
	const char *type; /* a word for programs */
	char message[2048];
	const struct nfp_step_result *step; /* its counts are given where it failed; NULL: none */
	char output[NFP_MUTE_LEN];	    /* whatever the outcome; may be empty */
};

struct totals {
	size_t cases, of[OUTCOMES];
	uint64_t duration_ns;
};

/* The element of a suite has the number of its cases: they are first counted, then written. */
struct suite {
	FILE *out; /* NULL: only count */
	const struct nfp_result *result;
	const struct nfp_vf_result *vf;	      /* NULL: the run */
	const struct nfp_style_result *style; /* NULL: the VF */
	struct totals totals;
};

/* ---- XML ---- */

/* "eth0 VF 3 macvtap", or as a class "eth0.VF3.macvtap" */
static void suite_name(const struct suite *suite, bool is_class, char *buf, size_t size)
{
	const char *pf = suite->result->pf.ifname, *between = is_class ? "." : " ";

	snprintf(buf, size, "%s", pf[0] ? pf : "nfprobe");
	if (suite->vf)
		nfp_append(buf, size, between, is_class ? "VF%u" : "VF %u", suite->vf->vf);
	if (suite->style)
		nfp_append(buf, size, between, "%s", nfp_style_label(suite->style->style));
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
		char counts[NFP_COUNT_WORDS];

		nfp_count_words((enum nfp_kind)i, &c->step->count[i], counts);
		fprintf(out, "%s\n", counts);
	}
	fprintf(out, "</%s>\n", element);
}

static void emit_case(struct suite *suite, const struct test_case *c)
{
	uint64_t duration_ns = c->step ? c->step->duration_ns : 0;
	FILE *out = suite->out;
	char class_name[128];

	if (!out) {
		suite->totals.cases++;
		suite->totals.of[c->outcome]++;
		suite->totals.duration_ns += duration_ns;
		return;
	}
	suite_name(suite, true, class_name, sizeof(class_name));
	nfp_markup(out, "    <testcase name=\"%s\" classname=\"%s\" time=\"%.3f\"", c->name,
		   class_name, nfp_seconds(duration_ns));
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

/* ---- cases ---- */

static enum nfp_answer step_is_fit(const struct nfp_step_result *step)
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

/* From some sources broadcast cannot reach the VF, so its absence proves nothing. */
static bool broadcast_shows_nothing(const struct nfp_style_result *style,
				    const struct nfp_step_result *step)
{
	enum nfp_landing unicast = step->landing[NFP_KIND_UNICAST];

	return style->verdict == NFP_VERDICT_INCONCLUSIVE &&
	       nfp_ladder[step->step].fit == NFP_FIT_VF &&
	       (unicast == NFP_LANDING_VF || unicast == NFP_LANDING_BOTH);
}

/* Why a failure of this style is accepted, in one word; NULL: it is not. */
static const char *excuse_of(const struct suite *suite)
{
	const struct nfp_style_result *style = suite->style;

	if (style->verdict == NFP_VERDICT_SAFE || style->verdict == NFP_VERDICT_NOT_APPLICABLE)
		return NULL;
	if (nfp_comparison_excuses(suite->result->comparison, suite->vf->vf, style))
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
	/* Additional evidence; no outcome depends on it. */
	if (transmit)
		nfp_append(c->output, sizeof(c->output), "; ", "what the standby sends: %s",
			   transmit);
	if (step->have_vf_rx)
		nfp_append(c->output, sizeof(c->output), "; ",
			   "counted for the VF: %" PRIu64 " received, %" PRIu64 " dropped",
			   step->vf_rx_packets, step->vf_rx_dropped);
}

static void emit_step(struct suite *suite, const struct nfp_step_result *step, const char *excuse)
{
	static const enum outcome outcomes[] = {
		[NFP_NO] = FAILED, [NFP_YES] = PASSED, [NFP_UNKNOWN] = ERROR};
	struct test_case c = {.name = nfp_step_name(step->step), .type = "landing", .step = step};

	if (step->status == NFP_STATUS_DONE) {
		c.outcome = outcomes[step_is_fit(step)];
		if (c.outcome == FAILED && broadcast_shows_nothing(suite->style, step))
			c.outcome = ERROR;
		describe_landing(&c, step);
	} else {
		c.outcome = step->status == NFP_STATUS_SKIPPED ? SKIPPED : ERROR;
		c.type = nfp_status_name(step->status);
		snprintf(c.message, sizeof(c.message), "%s", step->note[0] ? step->note : c.type);
	}
	if (excuse && (c.outcome == FAILED || c.outcome == ERROR)) {
		c.outcome = SKIPPED;
		c.type = excuse;
	}
	emit_case(suite, &c);
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

/* Fails if something became worse, or if runs differ that should not. */
static void emit_baseline(struct suite *suite, const struct nfp_comparison *comparison)
{
	struct test_case c = {.name = "baseline", .type = "baseline"};

	if (comparison->not_compared[0]) {
		c.outcome = ERROR;
		snprintf(c.message, sizeof(c.message), "not compared: %s",
			 comparison->not_compared);
	}
	for (size_t i = 0; i < comparison->n; i++) {
		const struct nfp_difference *d = &comparison->v[i];
		char words[200];

		if (!d->counts || d->vf != suite->vf->vf || d->style != suite->style->style)
			continue;
		c.outcome = FAILED;
		c.type = nfp_trend_name(d->trend);
		nfp_difference_words(d, words, sizeof(words));
		nfp_append(c.message, sizeof(c.message), "; ", "%s", words);
	}
	emit_case(suite, &c);
}

static void emit_style(struct suite *suite)
{
	const struct nfp_style_result *style = suite->style;
	const char *excuse = excuse_of(suite);
	struct test_case c = {
		.name = "verdict",
		.outcome = excuse ? SKIPPED : outcome_of(style),
		.type = nfp_verdict_name(style->verdict),
	};

	for (size_t i = 0; i < style->num_steps; i++)
		emit_step(suite, &style->steps[i], excuse);
	snprintf(c.message, sizeof(c.message), "%s%s%s%s%s%s", c.type, excuse ? " (" : "",
		 excuse ? excuse : "", excuse ? ")" : "", style->reason[0] ? ": " : "",
		 style->reason);
	nfp_advice_mute(style, suite->result->pf.ifname, c.output);
	emit_case(suite, &c);
	if (suite->result->comparison)
		emit_baseline(suite, suite->result->comparison);
}

/* The error of a VF or of the run. */
static void emit_error(struct suite *suite)
{
	static const struct nfp_err not_restored = {
		.code = NFP_E_RESTORE, .message = "the host could not be put back as it was"};
	const struct nfp_err *err = suite->vf ? &suite->vf->error : &suite->result->error;
	struct test_case c = {.name = suite->vf ? "probe" : "run", .outcome = ERROR};

	if (err->code == NFP_E_NONE)
		err = &not_restored;
	/* A VF in use that the user did not name is skipped; the run can still succeed. */
	if (suite->vf && suite->vf->status == NFP_VF_IN_USE && suite->result->exit_status != 4)
		c.outcome = SKIPPED;
	c.type = nfp_errcode_name(err->code);
	snprintf(c.message, sizeof(c.message), "%s%s%s", err->message, err->hint[0] ? ": " : "",
		 err->hint);
	emit_case(suite, &c);
}

static void emit_cases(struct suite *suite)
{
	if (suite->style)
		emit_style(suite);
	else
		emit_error(suite);
}

/* ---- suites ---- */

/* ISO 8601 in UTC, without a zone, as the format has it. */
static void write_timestamp(const struct suite *suite)
{
	int64_t ms = suite->result->start_unix_ms;
	time_t start;
	struct tm tm;
	char text[32];

	if (suite->style && suite->style->num_steps)
		ms += (int64_t)(suite->style->steps[0].start_ns / NFP_NSEC_PER_MSEC);
	start = (time_t)(ms / 1000);
	if (ms > 0 && gmtime_r(&start, &tm) &&
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm) > 0)
		nfp_markup(suite->out, " timestamp=\"%s\"", text);
}

static void write_properties(const struct suite *suite)
{
	const struct nfp_result *result = suite->result;
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

	fputs("    <properties>\n", suite->out);
	for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
		if (properties[i].value[0])
			nfp_markup(suite->out, "      <property name=\"%s\" value=\"%s\"/>\n",
				   properties[i].name, properties[i].value);
	}
	fputs("    </properties>\n", suite->out);
}

static void emit_suite(FILE *out, const struct nfp_result *result, const struct nfp_vf_result *vf,
		       const struct nfp_style_result *style, struct totals *totals)
{
	struct suite suite = {.result = result, .vf = vf, .style = style};
	const struct totals *own = &suite.totals;
	char name[128];

	emit_cases(&suite);
	if (!out) {
		totals->cases += own->cases;
		totals->of[FAILED] += own->of[FAILED];
		totals->of[ERROR] += own->of[ERROR];
		return;
	}
	suite.out = out;
	suite_name(&suite, false, name, sizeof(name));
	nfp_markup(out,
		   "  <testsuite name=\"%s\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
		   "time=\"%.3f\" skipped=\"%zu\"",
		   name, own->cases, own->of[FAILED], own->of[ERROR], nfp_seconds(own->duration_ns),
		   own->of[SKIPPED]);
	write_timestamp(&suite);
	if (result->hostname[0])
		nfp_markup(out, " hostname=\"%s\"", result->hostname);
	fputs(">\n", out);
	write_properties(&suite);
	emit_cases(&suite);
	fputs("  </testsuite>\n", out);
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
