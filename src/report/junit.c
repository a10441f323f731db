// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * junit.c - a result as the XML that CI systems read. The format has no standard; this is the part
 * that Jenkins' junit-10.xsd and Maven's surefire have in common.
 */
#include "report_priv.h"

struct totals {
	size_t cases, of[NFP_OUTCOME_COUNT];
	uint64_t duration_ns;
};

static void write_case(FILE *out, const struct nfp_suite *suite, const struct nfp_case *c)
{
	static const char *const elements[NFP_OUTCOME_COUNT] = {
		[NFP_OUTCOME_FAILED] = "failure",
		[NFP_OUTCOME_ERROR] = "error",
		[NFP_OUTCOME_SKIPPED] = "skipped",
		[NFP_OUTCOME_EXCUSED] = "skipped",
	};
	const char *element = elements[c->outcome];

	nfp_markup(out, "    <testcase name=\"%s\" classname=\"%s\" time=\"%.3f\"", c->name,
		   nfp_suite_name(suite, true).text,
		   nfp_seconds(c->step ? c->step->duration_ns : 0));
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

static void write_properties(FILE *out, const struct nfp_suite *suite)
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
		/* Does a neighbour on the NIC reach a guest that is elsewhere? */
		{"neighbours", style ? nfp_near_name(style->neighbours.verdict) ?: "" : ""},
		{"neighbours_note", style ? style->neighbours.note : ""},
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

static void count_suite(const struct nfp_suite *suite, void *ctx)
{
	struct totals *totals = ctx;

	for (size_t i = 0; i < suite->num; i++) {
		totals->of[suite->cases[i].outcome]++;
		if (suite->cases[i].step)
			totals->duration_ns += suite->cases[i].step->duration_ns;
	}
	totals->cases += suite->num;
}

static void write_suite(const struct nfp_suite *suite, void *ctx)
{
	const struct nfp_result *result = suite->result;
	const struct nfp_style_result *style = suite->style;
	int64_t start_ms = style && style->stored_unix_ms ? style->stored_unix_ms
							  : result->start_unix_ms;
	struct totals own = {0};
	FILE *out = ctx;
	char text[32];

	count_suite(suite, &own);
	nfp_markup(out,
		   "  <testsuite name=\"%s\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
		   "time=\"%.3f\" skipped=\"%zu\"",
		   nfp_suite_name(suite, false).text, own.cases, own.of[NFP_OUTCOME_FAILED],
		   own.of[NFP_OUTCOME_ERROR], nfp_seconds(own.duration_ns),
		   own.of[NFP_OUTCOME_SKIPPED] + own.of[NFP_OUTCOME_EXCUSED]);
	if (style && style->num_steps)
		start_ms += (int64_t)(style->steps[0].start_ns / NFP_NSEC_PER_MSEC);
	/* In UTC, without a zone, as the format has it: 2026-11-20T10:00:00. */
	if (start_ms > 0)
		fprintf(out, " timestamp=\"%.19s\"", nfp_time_text(start_ms, text, sizeof(text)));
	if (result->hostname[0])
		nfp_markup(out, " hostname=\"%s\"", result->hostname);
	fputs(">\n", out);
	write_properties(out, suite);
	for (size_t i = 0; i < suite->num; i++)
		write_case(out, suite, &suite->cases[i]);
	fputs("  </testsuite>\n", out);
}

int nfp_export_junit(const struct nfp_result *result, FILE *out)
{
	struct totals totals = {0};

	/* The root element has the number of all cases, so they are counted first. */
	nfp_each_suite(result, count_suite, &totals);
	nfp_markup(out,
		   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"nfprobe\" "
		   "tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" time=\"%.3f\">\n",
		   totals.cases, totals.of[NFP_OUTCOME_FAILED], totals.of[NFP_OUTCOME_ERROR],
		   nfp_seconds(result->duration_ns));
	nfp_each_suite(result, write_suite, out);
	fputs("</testsuites>\n", out);
	return nfp_stream_status(out);
}
