// SPDX-License-Identifier: GPL-2.0-or-later
/* html.c - a result as one self-contained page: it has no script and loads nothing. */
#include <string.h>
#include <time.h>

#include "report_priv.h"
#include "nfprobe/result.h"
#include "nfprobe/report.h"

/* For light screens, dark screens and paper. */
static const char style_sheet[] =
	":root{color-scheme:light dark;--ink:#1b1f24;--paper:#ffffff;--faint:#57606a;"
	"--band:#f1f3f5;--line:#8c959f;--pf:#0550ae;--vf:#8250df;--lost:#a40e26;--good:#116329;"
	"--bad:#a40e26;--unsure:#7d4e00}\n"
	"@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--paper:#0d1117;--faint:#9da7b3;"
	"--band:#1c2128;--line:#6e7681;--pf:#79b8ff;--vf:#d2a8ff;--lost:#ff8f88;--good:#56d364;"
	"--bad:#ff8f88;--unsure:#e3b341}}\n"
	"body{font:15px/1.4 system-ui,sans-serif;color:var(--ink);background:var(--paper);"
	"max-width:74rem;margin:0 auto;padding:1rem}\n"
	"h1{font-size:1.4rem;margin:0}h2{font-size:1.15rem;margin:1.2rem 0 .3rem}"
	"h3{font-size:1rem;margin:1rem 0 .2rem}p{margin:.3rem 0;overflow-wrap:anywhere}\n"
	"dl{display:grid;grid-template-columns:max-content 1fr;gap:0 1rem;margin:.4rem 0}"
	"dt{color:var(--faint)}dd{margin:0;overflow-wrap:anywhere}\n"
	".safe{color:var(--good)}.bad{color:var(--bad)}.unsure{color:var(--unsure)}"
	".verdict{font-weight:700}\n"
	".command{white-space:pre-wrap}.times{columns:24rem}.times p{margin:0}"
	".scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.8rem;margin-top:.6rem;"
	"font-variant-numeric:tabular-nums}caption{text-align:left;color:var(--faint)}"
	"th,td{padding:.1rem .4rem;text-align:right;border-bottom:1px solid var(--band)}"
	"thead th{vertical-align:bottom}td,tbody th{white-space:nowrap}"
	"th:first-child,.words,.note{text-align:left}"
	"td.note{white-space:normal;overflow-wrap:anywhere;min-width:12rem}\n"
	"svg{width:100%;min-width:44rem;height:auto;font:11px system-ui,sans-serif}"
	"svg text{fill:var(--ink)}.ticks text,.faint{fill:var(--faint)}"
	".band{fill:var(--band)}.axis{stroke:var(--line);fill:none}"
	".lead{stroke:var(--line);fill:none;stroke-width:.7}"
	".pf{fill:var(--pf)}.vf{fill:url(#hatch)}.lost{fill:url(#cross)}"
	".frame-pf{stroke:var(--pf)}.frame-vf{stroke:var(--vf)}.frame-lost{stroke:var(--lost)}\n"
	"@media print{@page{size:A4;margin:8mm}:root{--ink:#000;--paper:#fff;--faint:#444;"
	"--band:#eee;--line:#777;--pf:#0550ae;--vf:#8250df;--lost:#a40e26;--good:#116329;"
	"--bad:#a40e26;--unsure:#7d4e00}body{font-size:8.5px;line-height:1.25;padding:0;"
	"max-width:none}h1{font-size:14px}h2{font-size:11px;margin:4px 0 1px}"
	"h3{font-size:10px;margin:4px 0 1px}p{margin:1px 0}dl{grid-template-columns:max-content "
	"1fr max-content 1fr;margin:2px 0}"
	".times{columns:2}table{font-size:6px;width:100%;line-height:1.1}"
	"th,td{padding:0 "
	"3px}table{margin-top:3px}td.note{min-width:0}svg{min-width:0;max-height:33mm}.scroll{"
	"overflow:visible}"
	"*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}\n";

/* Patterns tell lanes apart without colour. */
static const char patterns[] =
	"<svg width=\"0\" height=\"0\" style=\"position:absolute\" aria-hidden=\"true\"><defs>"
	"<pattern id=\"hatch\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" "
	"patternTransform=\"rotate(45)\"><rect width=\"3\" height=\"5\" fill=\"var(--vf)\"/>"
	"</pattern><pattern id=\"cross\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\">"
	"<path d=\"M0 0L5 5M5 0L0 5\" stroke=\"var(--lost)\" stroke-width=\"1.3\"/></pattern>"
	"</defs></svg>\n";

static void write_line(FILE *out, enum nfp_text_colour colour, const char *text)
{
	if (text[0])
		nfp_markup(out, "<p class=\"%s\">%s</p>\n", nfp_html_class(colour), text);
}

static void write_verdict(FILE *out, enum nfp_verdict verdict, bool allowed)
{
	char words[48];
	enum nfp_text_colour colour = nfp_verdict_words(verdict, allowed, words, sizeof(words));

	nfp_markup(out, "<span class=\"verdict %s\">%s</span>", nfp_html_class(colour), words);
}

/* ---- what was probed, on what ---- */

static void write_term(FILE *out, const char *term, const char *before, const char *text)
{
	if (before[0] || text[0])
		nfp_markup(out, "<dt>%s</dt><dd>%s%s%s</dd>\n", term, before,
			   before[0] && text[0] ? " " : "", text);
}

static void write_machine(FILE *out, const struct nfp_result *result)
{
	const struct nfp_pf_info *pf = &result->pf;
	char words[256] = "", day[64] = "";
	time_t start = (time_t)(result->start_unix_ms / 1000);
	struct tm tm;

	if (gmtime_r(&start, &tm))
		strftime(day, sizeof(day), "%Y-%m-%d %H:%M:%S UTC", &tm);
	nfp_append_known(words, sizeof(words), "", pf->ifname);
	nfp_append_known(words, sizeof(words), "", pf->parentdev);
	fputs("<dl>\n", out);
	write_term(out, "PF", "", words);
	write_term(out, "driver", pf->driver, pf->driver_version);
	write_term(out, "firmware", "", pf->firmware);
	write_term(out, "kernel", "", result->kernel);
	write_term(out, "host", "", result->hostname);
	write_term(out, "begun", "", day);
	fputs("</dl>\n", out);
}

static void write_comparison(FILE *out, const struct nfp_comparison *c)
{
	char words[NFP_THEN_LEN];
	enum nfp_text_colour colour;
	struct nfp_grid grid;

	nfp_comparison_then(c, words, sizeof(words));
	nfp_markup(out, "<section><h2>Compared with a baseline</h2>\n<p>%s</p>\n", words);
	colour = nfp_comparison_sum(c, words, sizeof(words));
	write_line(out, colour, words);
	nfp_difference_grid(c, &grid);
	if (c->n)
		nfp_html_grid(out, &grid, NULL);
	nfp_grid_fini(&grid);
	fputs("</section>\n", out);
}

/* ---- one style, one VF ---- */

static void write_style(FILE *out, const struct nfp_style_result *style, unsigned int vf,
			const char *ifname)
{
	struct nfp_layout *layout = nfp_layout_of(style, ifname, true);
	char id[32];

	snprintf(id, sizeof(id), "vf%u-%d", vf, (int)style->style);
	nfp_markup(out, "<section><h3>%s standby: ", nfp_style_label(style->style));
	write_verdict(out, style->verdict, style->allowed);
	fputs("</h3>\n", out);
	write_line(out, NFP_PLAIN, style->reason);
	for (size_t i = 0; i < layout->first_summary; i++)
		write_line(out, layout->lines[i].colour, layout->lines[i].text);
	if (layout->first_summary < layout->num_lines)
		fputs("<div class=\"times\">\n", out);
	for (size_t i = layout->first_summary; i < layout->num_lines; i++)
		write_line(out, layout->lines[i].colour, layout->lines[i].text);
	if (layout->first_summary < layout->num_lines)
		fputs("</div>\n", out);
	if (style->transmit == NFP_TRANSMIT_UNTESTED && style->transmit_note[0])
		nfp_markup(out,
			   "<p>Not tested whether what the standby sends leaves the NIC: "
			   "%s</p>\n",
			   style->transmit_note);
	nfp_html_ladder(out, layout, id);
	nfp_html_steps(out, layout);
	fputs("</section>\n", out);
	nfp_layout_free(layout);
}

static void write_vf(FILE *out, const struct nfp_result *result, const struct nfp_vf_result *vf)
{
	struct nfp_advice advice[NFP_ADVICE_MAX];
	char words[2 * NFP_TEXT + 32], number[16];
	size_t num;

	snprintf(number, sizeof(number), "%u", vf->vf);
	snprintf(words, sizeof(words), "VF %u", vf->vf);
	nfp_append_known(words, sizeof(words), "", vf->parentdev);
	nfp_append_known(words, sizeof(words), "", vf->driver);
	nfp_markup(out, "<section><h2>%s</h2>\n", words);
	write_line(out, NFP_RED, vf->error.message);
	write_line(out, NFP_PLAIN, vf->error.hint);
	num = nfp_advice_of(result, vf, number, advice);
	for (size_t i = 0; i < num; i++)
		nfp_markup(out, "<p><b>%s</b> <span class=\"command\">%s</span></p>\n",
			   advice[i].label, advice[i].text);
	for (size_t i = 0; i < vf->num_styles; i++)
		write_style(out, &vf->styles[i], vf->vf, result->pf.ifname);
	fputs("</section>\n", out);
}

/* ---- the page ---- */

static void write_head(FILE *out, const struct nfp_result *result)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n"
	      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"/>\n",
	      out);
	nfp_markup(out, "<title>nfprobe %s: %s</title>\n", result->pf.ifname,
		   result->have_verdict ? nfp_verdict_name(result->verdict) : "no verdict");
	fprintf(out, "<style>\n%s</style></head><body>\n%s<main>", style_sheet, patterns);
	nfp_markup(out, "<h1>%s, failover: ", result->pf.ifname);
	if (result->have_verdict)
		write_verdict(out, result->verdict, false);
	else
		fputs("<span class=\"verdict unsure\">no verdict</span>", out);
	fputs("</h1>\n", out);
}

static void write_labelled_list(FILE *out, const char *label, const struct nfp_strv *list)
{
	for (size_t i = 0; i < list->n; i++)
		nfp_markup(out, "<p><b class=\"unsure\">%s</b> %s</p>\n", label, list->v[i]);
}

static void write_tail(FILE *out, const struct nfp_result *result)
{
	write_labelled_list(out, "Warning:", &result->warnings);
	write_labelled_list(out, "Changed by others during the run:", &result->changes_seen);
	write_labelled_list(out, "Left behind:", &result->left_behind);
	if (!result->restored)
		write_line(out, NFP_RED, "The host is not as it was before the run.");
	fputs("<p class=\"faint\">nfprobe " NFP_VERSION ", run ", out);
	for (size_t i = 0; i < sizeof(result->id); i++)
		fprintf(out, "%02x", result->id[i]);
	fprintf(out, ", %.1f s, exit status %d</p>\n</main></body></html>\n",
		nfp_seconds(result->duration_ns), result->exit_status);
}

int nfp_report_html(const struct nfp_result *result, FILE *out)
{
	char words[2 * NFP_TEXT];

	write_head(out, result);
	write_line(out, NFP_RED, result->error.message);
	write_line(out, NFP_PLAIN, result->error.hint);
	write_machine(out, result);
	nfp_settings_words(&result->settings, true, words, sizeof(words));
	if (result->settings.have_source)
		nfp_markup(out, "<p>With %s%s. %s</p>\n", words,
			   result->settings.settle_short ? " (less than usual)" : "",
			   result->settings.source_note);
	if (result->comparison)
		write_comparison(out, result->comparison);
	for (size_t i = 0; i < result->num_vfs; i++)
		write_vf(out, result, &result->vfs[i]);
	write_tail(out, result);
	return nfp_stream_status(out);
}
