// SPDX-License-Identifier: GPL-2.0-or-later
/* html.c - a result as one self-contained page, without scripts. */
#include "report_priv.h"

#include <inttypes.h>
#include <string.h>
#include <sys/param.h>

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
	"small{font-weight:400}p{margin:.3rem 0;overflow-wrap:anywhere}\n"
	".safe{color:var(--good)}.bad{color:var(--lost)}.unsure{color:var(--unsure)}"
	".verdict{font-weight:700}\n"
	".scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.8rem;margin-top:.6rem;"
	"font-variant-numeric:tabular-nums}"
	"th,td{padding:.1rem .4rem;text-align:right;border-bottom:1px solid var(--band)}"
	"thead th{vertical-align:bottom}td,tbody th{white-space:nowrap}"
	"th:first-child,.words,.note{text-align:left}"
	"td.note{white-space:normal;overflow-wrap:anywhere}td.note:last-child{min-width:12rem}\n"
	"svg{width:100%;min-width:44rem;height:auto;font:11px system-ui,sans-serif}"
	"svg text{fill:var(--ink)}.ticks text,.faint{fill:var(--faint)}"
	".band{fill:var(--band)}.axis{stroke:var(--line);fill:none}"
	".lead{stroke:var(--line);fill:none;stroke-width:.7}"
	".pf{fill:var(--pf)}.vf{fill:url(#hatch)}.lost{fill:url(#cross)}"
	".frame-pf{stroke:var(--pf)}.frame-vf{stroke:var(--vf)}.frame-lost{stroke:var(--lost)}\n"
	"@media print{@page{size:A4;margin:8mm}:root{--ink:#000;--paper:#fff;--faint:#444;"
	"--band:#eee;--line:#777}body{font-size:8.5px;line-height:1.25;padding:0;max-width:none}"
	"h1{font-size:14px}h2{font-size:11px;margin:4px 0 1px}"
	"p{margin:1px 0}table{font-size:6px;width:100%;line-height:1.1;margin-top:3px}"
	"th,td{padding:0 3px}td.note:last-child{min-width:0}svg{min-width:0;max-height:32mm}"
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

/* ---- grids ---- */

static void write_grid(FILE *out, const struct nfp_grid *grid)
{
	static const char *const classes[] = {
		['r'] = "", ['l'] = " class=\"words\"", ['p'] = " class=\"note\""};
	bool shown[NFP_GRID_COLUMNS] = {false}; /* omit a column that has only dashes */

	for (size_t i = 0; i < grid->num_cells; i++) {
		const char *text = grid->cells[i].text;

		shown[i % grid->num_columns] |= text[0] && strcmp(text, "-") != 0;
	}
	fputs("<div class=\"scroll\" tabindex=\"0\"><table>", out);
	for (size_t c = 0; grid->headings[0] && c < grid->num_columns; c++) {
		if (shown[c])
			fprintf(out, "%s<th scope=\"col\"%s>%s</th>", c ? "" : "<thead><tr>",
				classes[(int)grid->align[c]], grid->headings[c]);
	}
	fputs(grid->headings[0] ? "</tr></thead><tbody>\n" : "<tbody>\n", out);
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
		min = MAX(min, want[i]);
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
		double x = x_of(layout, bar->from_ns), height = MAX(bar->share * LANE, 1.0);

		if (!bar->counted)
			continue;
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

static void draw(FILE *out, const struct nfp_layout *layout)
{
	const struct nfp_style_result *style = layout->style;
	const char *name = nfp_style_name(style->style), *from = style->from.name;

	if (layout->from_ns >= layout->to_ns)
		return;
	nfp_markup(out,
		   "<div class=\"scroll\" tabindex=\"0\"><svg viewBox=\"0 0 %g %g\" role=\"img\">\n"
		   "<title>Where unicast frames landed with a %s standby%s%s</title>",
		   WIDTH, HEIGHT, name, from[0] ? ", from " : "", from);
	draw_steps(out, layout);
	draw_lanes(out, layout);
	draw_times(out, layout);
	fputs("</svg></div>\n", out);
}

/* ---- the page ---- */

static void write_block(FILE *out, const struct nfp_block *block)
{
	switch (block->kind) {
	case NFP_BLOCK_BLANK:
		break;
	case NFP_BLOCK_HEADING:
		nfp_markup(out, "<h2>%s <small>%s</small></h2>\n", block->label, block->text);
		break;
	case NFP_BLOCK_LINE:
		if (block->label[0])
			nfp_markup(out, "<p><b class=\"%s\">%s</b> %s</p>\n",
				   class_of(block->colour), block->label, block->text);
		else
			write_paragraph(out, block->colour, block->text);
		break;
	case NFP_BLOCK_GRID:
		if (block->grid.num_cells)
			write_grid(out, &block->grid);
		break;
	case NFP_BLOCK_LADDER:
		draw(out, block->ladder);
		break;
	}
}

int nfp_report_html(const struct nfp_result *result, FILE *out)
{
	const struct nfp_report_opts all = {.verbose = true};
	char id[2 * NFP_RUN_ID_LEN + 1];
	const char *title = result->have_verdict ? nfp_verdict_name(result->verdict) : "no verdict";
	struct nfp_words verdict = {.text = "no verdict", .colour = NFP_YELLOW};
	struct nfp_page page;

	if (result->have_verdict)
		verdict = nfp_verdict_words(result->verdict, false);
	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n"
	      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"/>\n",
	      out);
	nfp_markup(out, "<title>nfprobe %s: %s</title>\n", result->pf.ifname, title);
	fprintf(out, "<style>\n%s</style></head><body>\n%s<main>", style_sheet, patterns);
	nfp_markup(out, "<h1>%s, failover: <span class=\"verdict %s\">%s</span></h1>\n",
		   result->pf.ifname, class_of(verdict.colour), verdict.text);
	write_paragraph(out, NFP_RED, result->error.message);
	write_paragraph(out, NFP_PLAIN, result->error.hint);
	nfp_page_of(result, &all, &page);
	for (size_t i = 0; i < page.num; i++)
		write_block(out, &page.blocks[i]);
	nfp_page_fini(&page);
	for (size_t i = 0; i < result->warnings.n; i++)
		nfp_markup(out, "<p><b class=\"unsure\">Warning:</b> %s</p>\n",
			   result->warnings.v[i]);
	nfp_markup(out,
		   "<p class=\"faint\">nfprobe " NFP_VERSION ", run %s, %.1f s, exit status "
		   "%d</p>\n</main></body></html>\n",
		   nfp_hex_str(result->id, sizeof(result->id), id),
		   nfp_seconds(result->duration_ns), result->exit_status);
	return nfp_stream_status(out);
}
