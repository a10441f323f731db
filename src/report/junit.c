// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * junit.c - a result as the XML that CI systems read: a test suite a style of a VF, a test case a
 * step and one for the verdict. The format has no standard of its own; this is the part that
 * Jenkins' junit-10.xsd and Maven's surefire have in common.
 */
#include "nfprobe/report.h"

#include <inttypes.h>
#include <stdarg.h>
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
	uint64_t duration_ns;
	enum outcome outcome;
	const char *type; /* a word for programs */
	char message[TEXT_MAX];
	const struct nfp_step_result *step; /* its counts are told where it failed; NULL: none */
	char output[NFP_MUTE_LEN];	    /* what it has to tell however it ended; may be empty */
};

struct suite {
	const struct nfp_result *result;
	const struct nfp_vf_result *vf;	      /* NULL: the run */
	const struct nfp_style_result *style; /* NULL: the VF */
	struct test_case cases[CASES_MAX];
	size_t num;
};

/* ---- XML ---- */

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\n':
		return "&#10;";
	case '\t':
		return "&#9;";
	case '\r':
		return "&#13;";
	default:
		/* No other control character can be in a document, however it is written. */
		return (unsigned char)c < 0x20 ? "\xef\xbf\xbd" : NULL;
	}
}

/* U+FFFE and U+FFFF are UTF-8, but no characters of XML. */
static bool is_no_character(const char *p)
{
	return strncmp(p, "\xef\xbf\xbe", 3) == 0 || strncmp(p, "\xef\xbf\xbf", 3) == 0;
}

static void put_text(FILE *out, const char *text)
{
	char clean[2 * TEXT_MAX];

	nfp_utf8_clean(clean, sizeof(clean), text, false);
	for (const char *p = clean; *p; p++) {
		const char *other = entity(*p);

		if (is_no_character(p)) {
			other = "\xef\xbf\xbd";
			p += 2;
		}
		if (other)
			fputs(other, out);
		else
			fputc(*p, out);
	}
}

static void put_attribute(FILE *out, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void put_attribute(FILE *out, const char *name, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fprintf(out, " %s=\"", name);
	put_text(out, text);
	fputc('"', out);
}

static double seconds(uint64_t ns)
{
	return (double)ns / (double)NFP_NSEC_PER_SEC;
}

/* ---- cases ---- */

static struct test_case *add_case(struct suite *suite, const char *name, enum outcome outcome,
				  const char *type)
{
	struct test_case *c = &suite->cases[suite->num++];

	c->name = name;
	c->duration_ns = 0;
	c->outcome = outcome;
	c->type = type;
	c->message[0] = '\0';
	c->step = NULL;
	c->output[0] = '\0';
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

static void describe_landing(const struct nfp_step_result *step, char *buf, size_t size)
{
	const char *unfit = nfp_advice_unfit(step);

	snprintf(buf, size, "%s%sunicast lands %s, broadcast %s%s%s%s", unfit ? unfit : "",
		 unfit ? ": " : "", nfp_landing_name(step->landing[NFP_KIND_UNICAST]),
		 nfp_landing_name(step->landing[NFP_KIND_BROADCAST]),
		 step->vf_counted ? "; the VF counts them" : "", step->note[0] ? "; " : "",
		 step->note);
}

/* Evidence beside the landing, which no outcome depends on. */
static void describe_evidence(const struct nfp_step_result *step, char *buf, size_t size)
{
	const char *transmit = nfp_transmit_name(step->transmit);
	int used = 0;

	if (transmit)
		used = snprintf(buf, size, "what the standby sends: %s", transmit);
	if (step->have_vf_rx)
		snprintf(buf + used, size - (size_t)used,
			 "%scounted for the VF: %" PRIu64 " received, %" PRIu64 " dropped",
			 used ? "; " : "", step->vf_rx_packets, step->vf_rx_dropped);
}

/* Does the user live with what is wrong with this style? Then why, in a word; NULL: no. */
static const char *excuse(const struct suite *suite)
{
	const struct nfp_style_result *style = suite->style;

	if (style->verdict == NFP_VERDICT_SAFE || style->verdict == NFP_VERDICT_NOT_APPLICABLE)
		return NULL;
	if (nfp_comparison_excuses(suite->result->comparison, suite->vf->vf, style))
		return "baseline";
	return style->allowed ? "allowed" : NULL;
}

static void add_step(struct suite *suite, const struct nfp_step_result *step)
{
	static const enum outcome outcomes[] = {
		[NFP_NO] = FAILED, [NFP_YES] = PASSED, [NFP_UNKNOWN] = ERROR};
	struct test_case *c = add_case(suite, nfp_step_name(step->step), PASSED, "landing");

	c->duration_ns = step->duration_ns;
	c->step = step;
	if (step->status == NFP_STATUS_DONE) {
		c->outcome = outcomes[is_fit(step)];
		if (c->outcome == FAILED && is_unshown(suite->style, step))
			c->outcome = ERROR;
		describe_landing(step, c->message, sizeof(c->message));
		describe_evidence(step, c->output, sizeof(c->output));
	} else {
		c->outcome = step->status == NFP_STATUS_SKIPPED ? SKIPPED : ERROR;
		c->type = nfp_status_name(step->status);
		snprintf(c->message, sizeof(c->message), "%s",
			 step->note[0] ? step->note : nfp_status_name(step->status));
	}
	if (excuse(suite) && (c->outcome == FAILED || c->outcome == ERROR)) {
		c->outcome = SKIPPED;
		c->type = excuse(suite);
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
	struct test_case *c = add_case(suite, "baseline", PASSED, "baseline");
	size_t used = 0;

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
		if (used < sizeof(c->message))
			used += (size_t)snprintf(c->message + used, sizeof(c->message) - used,
						 "%s%s", used ? "; " : "", words);
	}
}

static void fill_style(struct suite *suite)
{
	const struct nfp_style_result *style = suite->style;
	struct test_case *c;

	for (size_t i = 0; i < style->num_steps; i++)
		add_step(suite, &style->steps[i]);
	c = add_case(suite, "verdict", excuse(suite) ? SKIPPED : outcome_of(style),
		     nfp_verdict_name(style->verdict));
	snprintf(c->message, sizeof(c->message), "%s%s%s%s%s%s", nfp_verdict_name(style->verdict),
		 excuse(suite) ? " (" : "", excuse(suite) ? excuse(suite) : "",
		 excuse(suite) ? ")" : "", style->reason[0] ? ": " : "", style->reason);
	nfp_advice_mute(style, suite->result->pf.ifname, c->output);
	if (suite->result->comparison)
		add_baseline(suite, suite->result->comparison);
}

static void add_error(struct suite *suite, const char *name, enum outcome outcome,
		      const struct nfp_err *err)
{
	struct test_case *c = add_case(suite, name, outcome, nfp_errcode_name(err->code));

	snprintf(c->message, sizeof(c->message), "%s%s%s", err->message, err->hint[0] ? ": " : "",
		 err->hint);
}

/* A VF in use that nobody named does not count, and then the run can be a success. */
static void fill_vf(struct suite *suite)
{
	bool passed_over = suite->vf->status == NFP_VF_IN_USE && suite->result->exit_status != 4;

	add_error(suite, "probe", passed_over ? SKIPPED : ERROR, &suite->vf->error);
}

static void fill_run(struct suite *suite)
{
	const struct nfp_err none = {.code = NFP_E_RESTORE,
				     .message = "the host could not be put back as it was"};
	const struct nfp_err *err = &suite->result->error;

	add_error(suite, "run", ERROR, err->code == NFP_E_NONE ? &none : err);
}

/* ---- suites ---- */

typedef void (*suite_fn)(struct suite *suite, void *ctx);

/* One after the other: the suite of what failed before or beside the styles comes first. */
static void each_suite(const struct nfp_result *result, suite_fn fn, void *ctx)
{
	struct suite suite = {.result = result};

	if (result->error.code != NFP_E_NONE || !result->restored) {
		fill_run(&suite);
		fn(&suite, ctx);
	}
	for (size_t i = 0; i < result->num_vfs; i++) {
		suite.vf = &result->vfs[i];
		suite.style = NULL;
		suite.num = 0;
		if (suite.vf->error.code != NFP_E_NONE) {
			fill_vf(&suite);
			fn(&suite, ctx);
		}
		for (size_t j = 0; j < suite.vf->num_styles; j++) {
			suite.style = &suite.vf->styles[j];
			suite.num = 0;
			fill_style(&suite);
			fn(&suite, ctx);
		}
	}
}

struct totals {
	size_t cases, of[OUTCOMES];
	uint64_t duration_ns;
};

static void count_cases(struct suite *suite, void *ctx)
{
	struct totals *totals = ctx;

	for (size_t i = 0; i < suite->num; i++) {
		totals->cases++;
		totals->of[suite->cases[i].outcome]++;
		totals->duration_ns += suite->cases[i].duration_ns;
	}
}

static void put_totals(FILE *out, const struct totals *totals, uint64_t duration_ns)
{
	put_attribute(out, "tests", "%zu", totals->cases);
	put_attribute(out, "failures", "%zu", totals->of[FAILED]);
	put_attribute(out, "errors", "%zu", totals->of[ERROR]);
	put_attribute(out, "time", "%.3f", seconds(duration_ns));
}

static void name_suite(const struct suite *suite, const char *between, char *buf, size_t size)
{
	const char *pf = suite->result->pf.ifname;
	int used = snprintf(buf, size, "%s", pf[0] ? pf : "nfprobe");

	if (suite->vf)
		used += snprintf(buf + used, size - (size_t)used, "%sVF%s%u", between,
				 between[0] == ' ' ? " " : "", suite->vf->vf);
	if (suite->style)
		snprintf(buf + used, size - (size_t)used, "%s%s", between,
			 nfp_style_label(suite->style->style));
}

/* ISO 8601 in UTC, without a zone, as the format has it. */
static void put_timestamp(FILE *out, const struct suite *suite)
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
		put_attribute(out, "timestamp", "%s", text);
}

static void put_property(FILE *out, const char *name, const char *value)
{
	if (!value[0])
		return;
	fputs("      <property", out);
	put_attribute(out, "name", "%s", name);
	put_attribute(out, "value", "%s", value);
	fputs("/>\n", out);
}

/* Does what the standby sends leave the NIC? Of a style; the suite of a VF has none. */
static void put_sending(FILE *out, const struct nfp_style_result *style)
{
	const char *transmit = style ? nfp_transmit_name(style->transmit) : NULL;

	put_property(out, "transmit", transmit ? transmit : "");
	put_property(out, "transmit_note", style ? style->transmit_note : "");
}

static void put_properties(FILE *out, const struct suite *suite)
{
	const struct nfp_result *result = suite->result;
	const struct nfp_settings *s = &result->settings;

	fputs("    <properties>\n", out);
	put_property(out, "version", NFP_VERSION);
	put_property(out, "kernel", result->kernel);
	put_property(out, "driver", result->pf.driver);
	put_property(out, "driver_version", result->pf.driver_version);
	put_property(out, "firmware", result->pf.firmware);
	put_property(out, "parentdev", result->pf.parentdev);
	put_property(out, "from", s->from);
	put_property(out, "source", s->have_source ? nfp_source_name(s->source) : "");
	put_property(out, "vf_driver", suite->vf ? suite->vf->driver : "");
	put_property(out, "vf_parentdev", suite->vf ? suite->vf->parentdev : "");
	put_sending(out, suite->style);
	fputs("    </properties>\n", out);
}

static void put_counts(FILE *out, const struct nfp_step_result *step)
{
	for (unsigned int i = 0; i < NFP_KIND_COUNT; i++) {
		const struct nfp_count *c = &step->count[i];

		fprintf(out,
			"%s: %" PRIu64 " sent, PF %" PRIu64 ", VF %" PRIu64 ", both %" PRIu64
			", lost %" PRIu64 ", duplicates %" PRIu64 "\n",
			nfp_kind_name((enum nfp_kind)i), c->sent, c->at[NFP_AT_PF],
			c->at[NFP_AT_VF], c->both, nfp_count_lost(c), c->duplicates);
	}
}

static void put_outcome(FILE *out, const struct test_case *c, const char *element)
{
	fprintf(out, "      <%s", element);
	put_attribute(out, "type", "%s", c->type);
	put_attribute(out, "message", "%s", c->message);
	if (!c->step || c->step->status != NFP_STATUS_DONE) {
		fputs("/>\n", out);
		return;
	}
	fputc('>', out);
	put_counts(out, c->step);
	fprintf(out, "</%s>\n", element);
}

static void put_case(FILE *out, const struct test_case *c, const char *class_name)
{
	static const char *const elements[OUTCOMES] = {NULL, "failure", "error", "skipped"};
	const char *element = elements[c->outcome];

	fputs("    <testcase", out);
	put_attribute(out, "name", "%s", c->name);
	put_attribute(out, "classname", "%s", class_name);
	put_attribute(out, "time", "%.3f", seconds(c->duration_ns));
	if (!element && !c->output[0]) {
		fputs("/>\n", out);
		return;
	}
	fputs(">\n", out);
	if (element)
		put_outcome(out, c, element);
	if (c->output[0]) {
		fputs("      <system-out>", out);
		put_text(out, c->output);
		fputs("</system-out>\n", out);
	}
	fputs("    </testcase>\n", out);
}

static void put_suite(struct suite *suite, void *ctx)
{
	FILE *out = ctx;
	struct totals totals = {0};
	char name[128];

	count_cases(suite, &totals);
	name_suite(suite, " ", name, sizeof(name));
	fputs("  <testsuite", out);
	put_attribute(out, "name", "%s", name);
	put_totals(out, &totals, totals.duration_ns);
	put_attribute(out, "skipped", "%zu", totals.of[SKIPPED]);
	put_timestamp(out, suite);
	if (suite->result->hostname[0])
		put_attribute(out, "hostname", "%s", suite->result->hostname);
	fputs(">\n", out);
	put_properties(out, suite);
	name_suite(suite, ".", name, sizeof(name));
	for (size_t i = 0; i < suite->num; i++)
		put_case(out, &suite->cases[i], name);
	fputs("  </testsuite>\n", out);
}

int nfp_report_junit(const struct nfp_result *result, FILE *out)
{
	struct totals totals = {0};

	each_suite(result, count_cases, &totals);
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"nfprobe\"", out);
	put_totals(out, &totals, result->duration_ns);
	fputs(">\n", out);
	each_suite(result, put_suite, out);
	fputs("</testsuites>\n", out);
	return nfp_stream_status(out);
}
