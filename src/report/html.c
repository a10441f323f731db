// SPDX-License-Identifier: GPL-2.0-or-later
/* html.c - a result as one self-contained page, without scripts. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "report_priv.h"
#include "nfprobe/report.h"

/* For light screens, dark screens and paper. */
static const char style_sheet[] =
	":root{color-scheme:light dark;--ink:#1b1f24;--paper:#ffffff;--faint:#57606a;"
	"--band:#f1f3f5;--line:#8c959f;--pf:#0550ae;--vf:#8250df;--lost:#a40e26;--good:#116329;"
	"--unsure:#7d4e00}\n"
	"@media screen and (prefers-color-scheme:dark){:root{--ink:#e6edf3;--paper:#0d1117;"
	"--faint:#9da7b3;--band:#1c2128;--line:#6e7681;--pf:#79b8ff;--vf:#d2a8ff;--lost:#ff8f88;"
	"--good:#56d364;--unsure:#e3b341}}\n"
	"body{font:15px/1.4 system-ui,sans-serif;color:var(--ink);background:var(--paper);"
	"max-width:74rem;margin:0 auto;padding:1rem}\n"
	"h1{font-size:1.4rem;margin:0}h2{font-size:1.15rem;margin:1.2rem 0 .3rem}"
	"h3{font-size:1rem;margin:1rem 0 .2rem}p{margin:.3rem 0;overflow-wrap:anywhere}\n"
	"dl{display:grid;grid-template-columns:max-content 1fr;gap:0 1rem;margin:.4rem 0}"
	"dt{color:var(--faint)}dd{margin:0;overflow-wrap:anywhere}\n"
	".safe{color:var(--good)}.bad{color:var(--lost)}.unsure{color:var(--unsure)}"
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
	"--band:#eee;--line:#777}body{font-size:8.5px;line-height:1.25;padding:0;max-width:none}"
	"h1{font-size:14px}h2{font-size:11px;margin:4px 0 1px}h3{font-size:10px;margin:4px 0 1px}"
	"p{margin:1px 0}dl{grid-template-columns:max-content 1fr max-content 1fr;margin:2px 0}"
	".times{columns:2}table{font-size:6px;width:100%;line-height:1.1;margin-top:3px}"
	"th,td{padding:0 3px}td.note{min-width:0}svg{min-width:0;max-height:32mm}"
	".scroll{overflow:visible}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}\n";

/* Patterns tell lanes apart without colour. */
static const char patterns[] =
	"<svg width=\"0\" height=\"0\" style=\"position:absolute\" aria-hidden=\"true\"><defs>"
	"<pattern id=\"hatch\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" "
	"patternTransform=\"rotate(45)\"><rect width=\"3\" height=\"5\" fill=\"var(--vf)\"/>"
	"</pattern><pattern id=\"cross\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\">"
	"<path d=\"M0 0L5 5M5 0L0 5\" stroke=\"var(--lost)\" stroke-width=\"1.3\"/></pattern>"
	"</defs></svg>\n";

static const char *class_of(enum nfp_text_colour colour)
{
	static const char *const classes[] = {[NFP_PLAIN] = "plain",
					      [NFP_BOLD] = "plain",
					      [NFP_RED] = "bad",
					      [NFP_GREEN] = "safe",
					      [NFP_YELLOW] = "unsure"};

	return classes[colour];
}

static void write_paragraph(FILE *out, enum nfp_text_colour colour, const char *text)
{
	if (text[0])
		nfp_markup(out, "<p class=\"%s\">%s</p>\n", class_of(colour), text);
}

static void write_verdict(FILE *out, enum nfp_verdict verdict, bool allowed)
{
	struct nfp_words words = nfp_verdict_words(verdict, allowed);

	nfp_markup(out, "<span class=\"verdict %s\">%s</span>", class_of(words.colour), words.text);
}

/* ---- grids ---- */

static void write_grid(FILE *out, const struct nfp_grid *grid, const char *caption)
{
	static const char *const classes[] = {
		['r'] = "", ['l'] = " class=\"words\"", ['p'] = " class=\"note\""};
	bool shown[NFP_GRID_COLUMNS] = {false}; /* omit a column that has only dashes */

	for (size_t i = 0; i < grid->num_cells; i++) {
		const char *text = grid->cells[i].text;

		shown[i % grid->num_columns] |= text[0] && strcmp(text, "-") != 0;
	}
	fputs("<div class=\"scroll\" tabindex=\"0\"><table>", out);
	if (caption)
		nfp_markup(out, "<caption>%s</caption>", caption);
	fputs("<thead><tr>", out);
	for (size_t c = 0; c < grid->num_columns; c++) {
		if (shown[c])
			fprintf(out, "<th scope=\"col\"%s>%s</th>", classes[(int)grid->align[c]],
				grid->headings[c]);
	}
	fputs("</tr></thead><tbody>\n", out);
	for (size_t i = 0; i < grid->num_cells; i++) {
		const struct nfp_cell *cell = &grid->cells[i];
		size_t c = i % grid->num_columns;

		if (shown[c]) {
			fprintf(out, c ? "<td%s>" : "<tr><th scope=\"row\"%s>",
				classes[(int)grid->align[c]]);
			if (cell->colour == NFP_PLAIN)
				nfp_markup(out, "%s", cell->text);
			else
				nfp_markup(out, "<span class=\"%s\">%s</span>",
					   class_of(cell->colour), cell->text);
			fputs(c ? "</td>" : "</th>", out);
		}
		if (c + 1 == grid->num_columns)
			fputs("</tr>\n", out);
	}
	fputs("</tbody></table></div>\n", out);
}

static void add_landing(struct nfp_grid *grid, enum nfp_landing landing)
{
	nfp_grid_cell(grid, NFP_PLAIN, "%s",
		      landing == NFP_LANDING_NONE ? "-" : nfp_landing_name(landing));
}

static void write_steps(FILE *out, const struct nfp_layout *layout)
{
	struct nfp_grid grid = NFP_GRID("rlrrrrrrlllrlrrp", "step", "unicast", "sent", "PF", "VF",
					"both", "lost", "duplicates", "broadcast", "multicast",
					"unregistered", "seconds", "sending", "VF counter",
					"its drops", "note");
	struct nfp_words caption = {.text = "Frames in the window of each step"};
	bool tested = false, counted = false;

	for (size_t i = 0; i < layout->style->num_steps; i++) {
		enum nfp_transmit transmit = layout->style->steps[i].transmit;

		tested |= transmit == NFP_TRANSMIT_OK || transmit == NFP_TRANSMIT_DROPPED;
		counted |= layout->style->steps[i].have_vf_rx;
	}
	/* If no step tested what the standby sends, a sentence above the table says why. */
	if (tested)
		nfp_append(&caption, "; ", "sending: does what the standby sends leave the NIC");
	if (counted)
		nfp_append(&caption, "; ",
			   "VF counter: what the PF\u2019s driver counted for the VF");
	for (size_t i = 0; i < layout->style->num_steps; i++) {
		const struct nfp_step_result *step = &layout->style->steps[i];
		const struct nfp_layout_row *row = &layout->rows[step->step];
		const struct nfp_count *c = &step->count[NFP_KIND_UNICAST];
		const uint64_t counts[] = {c->sent, c->at[NFP_AT_PF],  c->at[NFP_AT_VF],
					   c->both, nfp_count_lost(c), c->duplicates};
		bool done = step->status == NFP_STATUS_DONE;

		nfp_grid_cell(&grid, NFP_PLAIN, "%s", nfp_step_name(step->step));
		if (done) {
			add_landing(&grid, step->landing[NFP_KIND_UNICAST]);
			for (size_t j = 0; j < NFP_NUM(counts); j++)
				nfp_grid_cell(&grid, NFP_PLAIN, "%" PRIu64, counts[j]);
			add_landing(&grid, step->landing[NFP_KIND_BROADCAST]);
			add_landing(&grid, step->landing[NFP_KIND_MULTICAST]);
			add_landing(&grid, step->landing[NFP_KIND_UNREGISTERED]);
			nfp_grid_cell(&grid, NFP_PLAIN, "%.2f", nfp_seconds(step->window_ns));
			nfp_grid_cell(&grid,
				      step->transmit == NFP_TRANSMIT_DROPPED ? NFP_RED : NFP_PLAIN,
				      "%s", tested ? row->sending : "");
		} else {
			nfp_grid_cell(&grid, NFP_PLAIN, "%s", row->landing);
		}
		if (done && step->have_vf_rx) {
			nfp_grid_cell(&grid, NFP_PLAIN, "%" PRIu64, step->vf_rx_packets);
			nfp_grid_cell(&grid, NFP_PLAIN, "%" PRIu64, step->vf_rx_dropped);
		}
		while (grid.num_cells % grid.num_columns != grid.num_columns - 1)
			nfp_grid_cell(&grid, NFP_PLAIN, "-");
		nfp_grid_cell(&grid, NFP_PLAIN, "%s", row->note.text);
	}
	write_grid(out, &grid, caption.text);
	nfp_grid_fini(&grid);
}

static void write_transitions(FILE *out, const struct nfp_style_result *style)
{
	struct nfp_grid grid = NFP_GRID("rlrrrrr", "from", "to", "lost", "gap", "answered after",
					"effect after that", "duplicates");

	for (size_t i = 0; i < style->num_transitions; i++) {
		const struct nfp_transition *t = &style->transitions[i];
		const struct nfp_transition_count *unicast = &t->count[NFP_KIND_UNICAST];
		const struct nfp_span *spans[] = {&unicast->gap, &t->ack, &unicast->effect};

		nfp_grid_cell(&grid, NFP_PLAIN, "%s", nfp_step_name(t->from));
		nfp_grid_cell(&grid, NFP_PLAIN, "%s", nfp_step_name(t->to));
		nfp_grid_cell(&grid, NFP_PLAIN, "%" PRIu64, unicast->lost);
		for (size_t j = 0; j < NFP_NUM(spans); j++) {
			if (spans[j]->known)
				nfp_grid_cell(&grid, NFP_PLAIN, "%.1f \u00b1 %.1f",
					      (double)spans[j]->us / 1000,
					      (double)spans[j]->error_us / 1000);
			else
				nfp_grid_cell(&grid, NFP_PLAIN, "-");
		}
		nfp_grid_cell(&grid, NFP_PLAIN, "%" PRIu64, unicast->duplicates);
	}
	if (grid.num_cells)
		write_grid(out, &grid, "Unicast between two windows, in milliseconds");
	nfp_grid_fini(&grid);
}

/* ---- the drawing: lengths are user units of the SVG ---- */

#define WIDTH	  960.0
#define LEFT	  70.0
#define RIGHT	  80.0 /* the last label leans over it */
#define LANES_TOP 98.0
#define LANE	  26.0
#define LANE_GAP  7.0
#define BOTTOM	  (LANES_TOP + 3 * (LANE + LANE_GAP))
#define GAP_ROW	  (BOTTOM + 26)
#define TICKS	  (BOTTOM + 48)
#define HEIGHT	  (TICKS + 18)
#define LABEL	  22.0 /* from one leaning label to the next */
#define GAP_LABEL 50.0

static const char *const lane_class[NFP_LANE_COUNT] = {"pf", "vf", "lost"};
static const char *const lane_name[NFP_LANE_COUNT] = {"PF", "VF", "nobody"};

static double x_of(const struct nfp_layout *layout, uint64_t ns)
{
	return LEFT + nfp_layout_place(layout, ns, WIDTH - LEFT - RIGHT);
}

static double lane_top(enum nfp_lane lane)
{
	return LANES_TOP + (double)lane * (LANE + LANE_GAP);
}

/* Moves the labels of a row so that they do not overlap: at least @apart, from @min to @max. */
static void spread_labels(const double want[], double at[], size_t num, double apart, double min,
			  double max)
{
	for (size_t i = 0; i < num; i++, min += apart) {
		if (want[i] > min)
			min = want[i];
		at[i] = min;
	}
	for (size_t i = num; i-- > 0 && at[i] > max; max -= apart)
		at[i] = max;
}

/* Draws a band behind every second step, and the names of the steps above, slanted. */
static void draw_steps(FILE *out, const struct nfp_layout *layout)
{
	const struct nfp_style_result *style = layout->style;
	double want[NFP_STEP_COUNT], at[NFP_STEP_COUNT];

	for (size_t i = 0; i < style->num_steps; i++) {
		const struct nfp_layout_row *row = &layout->rows[style->steps[i].step];
		double from = x_of(layout, row->from_ns), to = x_of(layout, row->to_ns);

		want[i] = (from + to) / 2;
		if (i % 2 == 0)
			nfp_markup(out,
				   "<rect class=\"band\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
				   "height=\"%.1f\"/>\n",
				   from, LANES_TOP - 6, to - from, BOTTOM - LANES_TOP + 6);
	}
	spread_labels(want, at, style->num_steps, LABEL, LEFT, WIDTH - RIGHT);
	for (size_t i = 0; i < style->num_steps; i++) {
		enum nfp_status status = style->steps[i].status;

		nfp_markup(out,
			   "<path class=\"lead\" d=\"M%.1f %.1fL%.1f %.1f\"/>"
			   "<text transform=\"translate(%.1f %.1f) rotate(-45)\">%s%s</text>\n",
			   want[i], LANES_TOP - 6, at[i], LANES_TOP - 18, at[i] + 2, LANES_TOP - 21,
			   nfp_step_name(style->steps[i].step),
			   status == NFP_STATUS_DONE	  ? ""
			   : status == NFP_STATUS_SKIPPED ? " (skipped)"
							  : " (refused)");
	}
}

/* The height of a bar is the share of the frames. */
static void draw_lanes(FILE *out, const struct nfp_layout *layout)
{
	for (enum nfp_lane lane = 0; lane < NFP_LANE_COUNT; lane++) {
		double foot = lane_top(lane) + LANE;

		nfp_markup(out,
			   "<path class=\"axis\" d=\"M%.1f %.1fH%.1f\"/>"
			   "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
			   LEFT, foot, WIDTH - RIGHT, LEFT - 8, foot - LANE / 2 + 4,
			   lane_name[lane]);
	}
	for (size_t i = 0; i < layout->num_bars; i++) {
		const struct nfp_layout_bar *bar = &layout->bars[i];
		double x = x_of(layout, bar->from_ns), height = bar->share * LANE;

		if (!bar->counted)
			continue;
		if (height < 1)
			height = 1;
		nfp_markup(out,
			   "<rect class=\"%s frame-%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
			   "height=\"%.1f\"><title>%s: %.1f %% of %" PRIu64
			   " frames: %s</title></rect>\n",
			   lane_class[bar->lane], lane_class[bar->lane], x,
			   lane_top(bar->lane) + LANE - height, x_of(layout, bar->to_ns) - x,
			   height, nfp_step_name(bar->step->step), 100 * bar->share,
			   bar->step->count[NFP_KIND_UNICAST].sent, lane_name[bar->lane]);
	}
}

/* Below the lanes: the lengths of the gaps, and a scale. */
static void draw_times(FILE *out, const struct nfp_layout *layout)
{
	uint64_t tick_ns = nfp_layout_tick(layout, 11);
	double want[NFP_STEP_COUNT], at[NFP_STEP_COUNT];

	if (layout->num_gaps)
		nfp_markup(out,
			   "<text class=\"faint\" x=\"%.1f\" y=\"%.1f\" "
			   "text-anchor=\"end\">gap</text>\n",
			   LEFT - 8, GAP_ROW);
	for (size_t i = 0; i < layout->num_gaps; i++)
		want[i] = x_of(layout, layout->gaps[i].middle_ns);
	spread_labels(want, at, layout->num_gaps, GAP_LABEL, LEFT + GAP_LABEL / 2, WIDTH - RIGHT);
	for (size_t i = 0; i < layout->num_gaps; i++)
		nfp_markup(out,
			   "<path class=\"lead frame-lost\" d=\"M%.1f %.1fV%.1fL%.1f %.1f\"/>"
			   "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n",
			   want[i], lane_top(NFP_LANE_NOBODY), BOTTOM, at[i], GAP_ROW - 12, at[i],
			   GAP_ROW, layout->gaps[i].time);
	fputs("<g class=\"ticks\">", out);
	for (uint64_t ns = layout->from_ns; ns <= layout->to_ns; ns += tick_ns) {
		double x = x_of(layout, ns);

		nfp_markup(out,
			   "<path class=\"axis\" d=\"M%.1f %.1fv5\"/><text x=\"%.1f\" y=\"%.1f\" "
			   "text-anchor=\"middle\">%g s</text>\n",
			   x, TICKS - 8, x, TICKS + 9, nfp_seconds(ns - layout->from_ns));
	}
	nfp_markup(out, "<path class=\"axis\" d=\"M%.1f %.1fH%.1f\"/></g>\n", LEFT, TICKS - 8,
		   WIDTH - RIGHT);
}

/* ---- one style, one VF ---- */

static void write_style(FILE *out, const struct nfp_vf_result *vf, size_t index, const char *ifname)
{
	const struct nfp_style_result *style = &vf->styles[index];
	struct nfp_layout *layout = nfp_layout_of(style, ifname, true);
	bool sources = nfp_vf_has_sources(vf);
	struct nfp_words name = {0};
	char id[32];

	snprintf(id, sizeof(id), "vf%u-%zu", vf->vf, index);
	nfp_append(&name, "", "%s standby", nfp_style_name(style->style));
	if (sources)
		nfp_append(&name, ", ", "%s", nfp_source_words(&style->from).text);
	nfp_markup(out, "<section><h3>%s: ", name.text);
	write_verdict(out, style->verdict, style->allowed);
	fputs("</h3>\n", out);
	write_paragraph(out, NFP_PLAIN, style->reason);
	if (sources)
		write_paragraph(out, NFP_PLAIN, style->from.note);
	for (size_t i = 0; i < layout->num_lines; i++) {
		if (i == layout->first_summary)
			fputs("<div class=\"times\">\n", out);
		write_paragraph(out, layout->lines[i].colour, layout->lines[i].text);
	}
	if (layout->first_summary < layout->num_lines)
		fputs("</div>\n", out);
	if (style->transmit == NFP_TRANSMIT_UNTESTED && style->transmit_note[0])
		nfp_markup(out,
			   "<p>Not tested whether what the standby sends leaves the NIC: "
			   "%s</p>\n",
			   style->transmit_note);
	if (layout->from_ns < layout->to_ns) {
		nfp_markup(out,
			   "<div class=\"scroll\" tabindex=\"0\"><svg viewBox=\"0 0 %g %g\" "
			   "role=\"img\" aria-labelledby=\"%s-t %s-d\">\n<title id=\"%s-t\">"
			   "Where unicast frames landed, %s</title><desc id=\"%s-d\">",
			   WIDTH, HEIGHT, id, id, id, name.text, id);
		for (size_t i = 0; i < style->num_steps; i++) {
			const struct nfp_step_result *step = &style->steps[i];

			nfp_markup(out, "%s%s: %s", i ? ", " : "", nfp_step_name(step->step),
				   step->status == NFP_STATUS_DONE
					   ? nfp_landing_name(step->landing[NFP_KIND_UNICAST])
					   : nfp_status_name(step->status));
		}
		fputs("</desc>\n", out);
		draw_steps(out, layout);
		draw_lanes(out, layout);
		draw_times(out, layout);
		fputs("</svg></div>\n", out);
	}
	write_steps(out, layout);
	write_transitions(out, style);
	fputs("</section>\n", out);
	nfp_layout_free(layout);
}

static void write_vf(FILE *out, const struct nfp_result *result, const struct nfp_vf_result *vf)
{
	struct nfp_advice advice[NFP_ADVICE_MAX];
	struct nfp_words words = {0};
	char number[16];
	size_t num;

	snprintf(number, sizeof(number), "%u", vf->vf);
	nfp_append(&words, "", "VF %u", vf->vf);
	nfp_append_known(&words, "", vf->parentdev);
	nfp_append_known(&words, "", vf->driver);
	nfp_markup(out, "<section><h2>%s</h2>\n", words.text);
	write_paragraph(out, NFP_RED, vf->error.message);
	write_paragraph(out, NFP_PLAIN, vf->error.hint);
	num = nfp_advice_of(result, vf, number, advice);
	for (size_t i = 0; i < num; i++)
		nfp_markup(out, "<p><b>%s</b> <span class=\"command\">%s</span></p>\n",
			   advice[i].label.text, advice[i].words.text);
	for (size_t i = 0; i < vf->num_styles; i++)
		write_style(out, vf, i, result->pf.ifname);
	fputs("</section>\n", out);
}

/* ---- the page ---- */

/* The PF, its host, and the settings. */
static void write_run(FILE *out, const struct nfp_result *result)
{
	const struct nfp_pf_info *pf = &result->pf;
	struct nfp_words names = {0}, driver = {0};
	char day[64] = "";
	time_t start = (time_t)(result->start_unix_ms / 1000);
	struct tm tm;
	const struct {
		const char *term, *text;
	} terms[] = {
		{"PF", names.text},	    {"driver", driver.text},	{"firmware", pf->firmware},
		{"kernel", result->kernel}, {"host", result->hostname}, {"begun", day},
	};

	if (gmtime_r(&start, &tm))
		strftime(day, sizeof(day), "%Y-%m-%d %H:%M:%S UTC", &tm);
	nfp_append_known(&names, "", pf->ifname);
	nfp_append_known(&names, "", pf->parentdev);
	nfp_append(&driver, "", "%s", pf->driver);
	nfp_append(&driver, pf->driver_version[0] ? " " : "", "%s", pf->driver_version);
	fputs("<dl>\n", out);
	for (size_t i = 0; i < NFP_NUM(terms); i++) {
		if (terms[i].text[0])
			nfp_markup(out, "<dt>%s</dt><dd>%s</dd>\n", terms[i].term, terms[i].text);
	}
	fputs("</dl>\n", out);
	if (result->settings.have_source)
		nfp_markup(out, "<p>With %s%s. %s</p>\n",
			   nfp_settings_words(&result->settings, true).text,
			   result->settings.settle_short ? " (less than usual)" : "",
			   nfp_settings_name_sources(&result->settings)
				   ? ""
				   : result->settings.source_note);
}

static void write_labelled_list(FILE *out, const char *label, const struct nfp_strv *list)
{
	for (size_t i = 0; i < list->n; i++)
		nfp_markup(out, "<p><b class=\"unsure\">%s</b> %s</p>\n", label, list->v[i]);
}

int nfp_report_html(const struct nfp_result *result, FILE *out)
{
	char id[2 * NFP_RUN_ID_LEN + 1];
	struct nfp_words title = {0};

	nfp_append(&title, "", "%s: %s", result->pf.ifname,
		   result->have_verdict ? nfp_verdict_name(result->verdict) : "no verdict");
	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n"
	      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"/>\n",
	      out);
	nfp_markup(out, "<title>nfprobe %s</title>\n", title.text);
	fprintf(out, "<style>\n%s</style></head><body>\n%s<main>", style_sheet, patterns);
	nfp_markup(out, "<h1>%s, failover: ", result->pf.ifname);
	if (result->have_verdict)
		write_verdict(out, result->verdict, false);
	else
		fputs("<span class=\"verdict unsure\">no verdict</span>", out);
	fputs("</h1>\n", out);
	write_paragraph(out, NFP_RED, result->error.message);
	write_paragraph(out, NFP_PLAIN, result->error.hint);
	write_run(out, result);
	if (result->comparison) {
		struct nfp_grid grid = nfp_difference_grid(result->comparison);
		struct nfp_words words = nfp_comparison_words(result->comparison);

		nfp_markup(out, "<section><h2>Compared with a baseline</h2>\n<p>%s</p>\n",
			   nfp_baseline_words(result->comparison).text);
		write_paragraph(out, words.colour, words.text);
		if (grid.num_cells)
			write_grid(out, &grid, NULL);
		nfp_grid_fini(&grid);
		fputs("</section>\n", out);
	}
	for (size_t i = 0; i < result->num_vfs; i++)
		write_vf(out, result, &result->vfs[i]);
	write_labelled_list(out, "Warning:", &result->warnings);
	write_labelled_list(out, "External changes during the run:", &result->changes_seen);
	write_labelled_list(out, "Left behind:", &result->left_behind);
	if (!result->restored)
		write_paragraph(out, NFP_RED, "The host is not as it was before the run.");
	nfp_markup(out,
		   "<p class=\"faint\">nfprobe " NFP_VERSION ", run %s, %.1f s, exit status "
		   "%d</p>\n</main></body></html>\n",
		   nfp_hex_str(result->id, sizeof(result->id), id),
		   nfp_seconds(result->duration_ns), result->exit_status);
	return nfp_stream_status(out);
}
