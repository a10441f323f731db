// SPDX-License-Identifier: GPL-2.0-or-later
/* html.c - a result as one page that needs nothing else: no script, nothing loaded. */
#include <ctype.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "report_priv.h"
#include "nfprobe/result.h"
#include "nfprobe/report.h"

#define TEXT_MAX 2048

static void escape(FILE *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		switch (*p) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			putc(*p, out);
		}
	}
}

void nfp_html_text(FILE *out, const char *fmt, ...)
{
	char text[TEXT_MAX], clean[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	nfp_utf8_clean(clean, sizeof(clean), text, true);
	escape(out, clean);
}

void nfp_html_span(char *buf, size_t size, uint64_t ns)
{
	double ms = (double)ns / NFP_NSEC_PER_MSEC;

	if (ms < 9.95)
		snprintf(buf, size, "%.1f ms", ms);
	else if (ms < 1000)
		snprintf(buf, size, "%.0f ms", ms);
	else
		snprintf(buf, size, "%.2f s", ms / 1000);
}

/* ---- what was probed, on what ---- */

static void pair(FILE *out, const char *term, const char *text)
{
	if (!text[0])
		return;
	fprintf(out, "<dt>%s</dt><dd>", term);
	nfp_html_text(out, "%s", text);
	fputs("</dd>\n", out);
}

static void print_machine(FILE *out, const struct nfp_result *result)
{
	const struct nfp_pf_info *pf = &result->pf;
	char words[256], day[64] = "";
	time_t start = (time_t)(result->start_unix_ms / 1000);
	struct tm tm;

	if (gmtime_r(&start, &tm))
		strftime(day, sizeof(day), "%Y-%m-%d %H:%M:%S UTC", &tm);
	fputs("<dl>\n", out);
	snprintf(words, sizeof(words), "%s%s%s", pf->ifname, pf->parentdev[0] ? ", " : "",
		 pf->parentdev);
	pair(out, "PF", words);
	snprintf(words, sizeof(words), "%s%s%s", pf->driver, pf->driver_version[0] ? " " : "",
		 pf->driver_version);
	pair(out, "driver", words);
	pair(out, "firmware", pf->firmware);
	pair(out, "kernel", result->kernel);
	pair(out, "host", result->hostname);
	pair(out, "begun", day);
	fputs("</dl>\n", out);
}

static void print_settings(FILE *out, const struct nfp_result *result)
{
	const struct nfp_settings *s = &result->settings;
	static const char *const entry[] = {
		[NFP_SOURCE_WIRE] = "from the wire",
		[NFP_SOURCE_VF] = "through the NIC's switch",
		[NFP_SOURCE_PF] = "from the PF itself",
	};

	if (!s->have_source)
		return;
	fputs("<p>", out);
	nfp_html_text(out, "Frames from %s (%s), %u a second", s->from, entry[s->source], s->rate);
	if (s->vlan.vid)
		nfp_html_text(out, ", VLAN %u", s->vlan.vid);
	else
		fputs(", no VLAN", out);
	nfp_html_text(out, "; each state watched for %g s%s. %s",
		      (double)s->settle_ns / (double)NFP_NSEC_PER_SEC,
		      s->settle_short ? ", less than usual" : "", s->source_note);
	fputs("</p>\n", out);
}

/* ---- verdicts ---- */

static void print_verdict(FILE *out, enum nfp_verdict verdict)
{
	const char *class = "bad";

	if (verdict == NFP_VERDICT_SAFE)
		class = "safe";
	else if (verdict == NFP_VERDICT_INCONCLUSIVE || verdict == NFP_VERDICT_UNTESTABLE ||
		 verdict == NFP_VERDICT_NOT_APPLICABLE)
		class = "unsure";
	fprintf(out, "<span class=\"verdict %s\">", class);
	for (const char *p = nfp_verdict_name(verdict); *p; p++)
		putc(*p == '-' ? ' ' : toupper((unsigned char)*p), out);
	fputs("</span>", out);
}

static void print_advice(FILE *out, const struct nfp_result *result, const struct nfp_vf_result *vf)
{
	struct nfp_advice advice[NFP_ADVICE_MAX];
	char number[16];
	size_t num;

	snprintf(number, sizeof(number), "%u", vf->vf);
	num = nfp_advice_of(result, vf, number, advice);
	for (size_t i = 0; i < num; i++) {
		fputs("<p><b>", out);
		nfp_html_text(out, "%s", advice[i].label);
		fputs("</b> <span class=\"command\">", out);
		nfp_html_text(out, "%s", advice[i].text);
		fputs("</span></p>\n", out);
	}
}

/* ---- one style, one VF ---- */

static void print_line(FILE *out, const char *class, const char *text)
{
	if (!text[0])
		return;
	fprintf(out, "<p class=\"%s\">", class);
	nfp_html_text(out, "%s", text);
	fputs("</p>\n", out);
}

/* How long the guest was deaf; and of several ladders, in what they differ. */
static void print_times(FILE *out, const struct nfp_style_result *style)
{
	char words[256];

	nfp_outage_words(style, words, sizeof(words));
	print_line(out, "plain", words);
	if (!style->repeats)
		return;
	nfp_repeats_words(style->repeats, words, sizeof(words));
	print_line(out, "plain", words);
	for (size_t i = 0; nfp_unstable_words(style->repeats, i, words, sizeof(words)); i++)
		print_line(out, "unsure", words);
	fputs("<div class=\"times\">\n", out);
	for (size_t i = 0; nfp_gap_words(style->repeats, i, words, sizeof(words)); i++)
		print_line(out, "plain", words);
	fputs("</div>\n", out);
}

static void print_style(FILE *out, const struct nfp_style_result *style, unsigned int vf,
			const char *ifname)
{
	char id[32], mute[NFP_MUTE_LEN];

	snprintf(id, sizeof(id), "vf%u-%d", vf, (int)style->style);
	fprintf(out, "<section><h3>%s standby: ", nfp_style_label(style->style));
	print_verdict(out, style->verdict);
	fputs("</h3>\n", out);
	print_line(out, "plain", style->reason);
	print_times(out, style);
	print_line(out, "bad", nfp_advice_mute(style, ifname, mute));
	if (style->transmit == NFP_TRANSMIT_UNTESTED && style->transmit_note[0]) {
		fputs("<p>Not tested whether what the standby sends leaves the NIC: ", out);
		nfp_html_text(out, "%s", style->transmit_note);
		fputs("</p>\n", out);
	}
	nfp_html_ladder(out, style, id);
	nfp_html_steps(out, style);
	nfp_html_transitions(out, style);
	fputs("</section>\n", out);
}

static void print_vf(FILE *out, const struct nfp_result *result, const struct nfp_vf_result *vf)
{
	fprintf(out, "<section><h2>VF %u", vf->vf);
	nfp_html_text(out, "%s%s%s%s", vf->parentdev[0] ? ", " : "", vf->parentdev,
		      vf->driver[0] ? ", " : "", vf->driver);
	fputs("</h2>\n", out);
	print_line(out, "bad", vf->error.message);
	print_line(out, "plain", vf->error.hint);
	print_advice(out, result, vf);
	for (size_t i = 0; i < vf->num_styles; i++)
		print_style(out, &vf->styles[i], vf->vf, result->pf.ifname);
	fputs("</section>\n", out);
}

/* ---- the page ---- */

static void print_head(FILE *out, const struct nfp_result *result)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n"
	      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"/>\n<title>",
	      out);
	nfp_html_text(out, "nfprobe %s: %s", result->pf.ifname,
		      result->have_verdict ? nfp_verdict_name(result->verdict) : "no verdict");
	fprintf(out, "</title>\n<style>\n%s</style></head><body>\n%s<main><h1>", nfp_html_css,
		nfp_html_patterns);
	nfp_html_text(out, "%s, failover: ", result->pf.ifname);
	if (result->have_verdict)
		print_verdict(out, result->verdict);
	else
		fputs("<span class=\"verdict unsure\">no verdict</span>", out);
	fputs("</h1>\n", out);
}

static void print_list(FILE *out, const char *label, const struct nfp_strv *list)
{
	for (size_t i = 0; i < list->n; i++) {
		fprintf(out, "<p><b class=\"unsure\">%s</b> ", label);
		nfp_html_text(out, "%s", list->v[i]);
		fputs("</p>\n", out);
	}
}

static void print_tail(FILE *out, const struct nfp_result *result)
{
	print_list(out, "Warning:", &result->warnings);
	print_list(out, "Changed by others during the run:", &result->changes_seen);
	print_list(out, "Left behind:", &result->left_behind);
	if (!result->restored)
		fputs("<p class=\"bad\">The host is not as it was before the run.</p>\n", out);
	fputs("<p class=\"faint\">nfprobe " NFP_VERSION ", run ", out);
	for (size_t i = 0; i < sizeof(result->id); i++)
		fprintf(out, "%02x", result->id[i]);
	fprintf(out, ", %.1f s, exit status %d</p>\n</main></body></html>\n",
		(double)result->duration_ns / (double)NFP_NSEC_PER_SEC, result->exit_status);
}

int nfp_report_html(const struct nfp_result *result, FILE *out)
{
	print_head(out, result);
	print_line(out, "bad", result->error.message);
	print_line(out, "plain", result->error.hint);
	print_machine(out, result);
	print_settings(out, result);
	if (result->comparison)
		nfp_html_differences(out, result->comparison);
	for (size_t i = 0; i < result->num_vfs; i++)
		print_vf(out, result, &result->vfs[i]);
	print_tail(out, result);
	fflush(out);
	return nfp_stream_status(out);
}
