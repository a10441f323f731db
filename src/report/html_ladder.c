// SPDX-License-Identifier: GPL-2.0-or-later
/* html_ladder.c - one ladder drawn to scale. All lengths are user units of the SVG. */
#include <inttypes.h>

#include "report_priv.h"
#include "nfprobe/result.h"

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

enum lane { LANE_PF, LANE_VF, LANE_LOST, LANE_COUNT };
static const char *const lane_class[LANE_COUNT] = {"pf", "vf", "lost"};
static const char *const lane_name[LANE_COUNT] = {"PF", "VF", "nobody"};

struct drawing {
	FILE *out;
	const struct nfp_style_result *style;
	uint64_t from_ns, to_ns;
};

/* A text that wants to stand at @want and may have to make room. */
struct label {
	double want, at;
	size_t index;
};

static double x_of(const struct drawing *d, uint64_t ns)
{
	double span = (double)(d->to_ns - d->from_ns);

	return LEFT + (WIDTH - LEFT - RIGHT) * ((double)(ns - d->from_ns) / span);
}

static double lane_top(int lane)
{
	return LANES_TOP + lane * (LANE + LANE_GAP);
}

static uint64_t end_of(const struct nfp_step_result *step)
{
	return step->start_ns + step->duration_ns;
}

/* Labels of one row, in the order of their places: at least @apart, within @min and @max. */
static void spread(struct label *labels, size_t num, double apart, double min, double max)
{
	for (size_t i = 0; i < num; i++, min += apart) {
		if (labels[i].want > min)
			min = labels[i].want;
		labels[i].at = min;
	}
	for (size_t i = num; i-- > 0; max -= apart) {
		if (labels[i].at <= max)
			break;
		labels[i].at = max;
	}
}

/* ---- steps ---- */

static void draw_bands(const struct drawing *d)
{
	for (size_t i = 0; i < d->style->num_steps; i += 2) {
		const struct nfp_step_result *step = &d->style->steps[i];

		fprintf(d->out,
			"<rect class=\"band\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
			"height=\"%.1f\"/>\n",
			x_of(d, step->start_ns), LANES_TOP - 6,
			x_of(d, end_of(step)) - x_of(d, step->start_ns), BOTTOM - LANES_TOP + 6);
	}
}

static void draw_step_labels(const struct drawing *d)
{
	struct label labels[NFP_STEP_COUNT];
	size_t num = d->style->num_steps;

	for (size_t i = 0; i < num; i++) {
		const struct nfp_step_result *step = &d->style->steps[i];

		labels[i].want = (x_of(d, step->start_ns) + x_of(d, end_of(step))) / 2;
	}
	spread(labels, num, LABEL, LEFT, WIDTH - RIGHT);
	for (size_t i = 0; i < num; i++) {
		const struct nfp_step_result *step = &d->style->steps[i];
		const char *more = "";

		if (step->status != NFP_STATUS_DONE)
			more = step->status == NFP_STATUS_SKIPPED ? " (skipped)" : " (refused)";
		fprintf(d->out, "<path class=\"lead\" d=\"M%.1f %.1fL%.1f %.1f\"/>", labels[i].want,
			LANES_TOP - 6, labels[i].at, LANES_TOP - 18);
		fprintf(d->out, "<text transform=\"translate(%.1f %.1f) rotate(-45)\">",
			labels[i].at + 2, LANES_TOP - 21);
		nfp_html_text(d->out, "%s%s", nfp_step_name(step->step), more);
		fputs("</text>\n", d->out);
	}
}

/* ---- lanes ---- */

static double share_of(const struct nfp_count *count, int lane)
{
	uint64_t n = lane == LANE_PF   ? count->at[NFP_AT_PF]
		     : lane == LANE_VF ? count->at[NFP_AT_VF]
				       : nfp_count_lost(count);

	return count->sent ? (double)n / (double)count->sent : 0;
}

static void draw_bar(const struct drawing *d, const struct nfp_step_result *step, int lane)
{
	const struct nfp_count *count = &step->count[NFP_KIND_UNICAST];
	double share = share_of(count, lane), height = share * LANE;
	uint64_t end_ns = end_of(step), from_ns = step->start_ns;
	double x;

	if (share <= 0)
		return;
	if (height < 1)
		height = 1;
	if (end_ns - from_ns > step->window_ns)
		from_ns = end_ns - step->window_ns;
	x = x_of(d, from_ns);
	fprintf(d->out,
		"<rect class=\"%s frame-%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\">"
		"<title>",
		lane_class[lane], lane_class[lane], x, lane_top(lane) + LANE - height,
		x_of(d, end_ns) - x, height);
	nfp_html_text(d->out, "%s: %.1f %% of %" PRIu64 " frames: %s", nfp_step_name(step->step),
		      100 * share, count->sent, lane_name[lane]);
	fputs("</title></rect>\n", d->out);
}

static void draw_lanes(const struct drawing *d)
{
	for (int lane = 0; lane < LANE_COUNT; lane++) {
		double foot = lane_top(lane) + LANE;

		fprintf(d->out,
			"<path class=\"axis\" d=\"M%.1f %.1fH%.1f\"/>"
			"<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
			LEFT, foot, WIDTH - RIGHT, LEFT - 8, foot - LANE / 2 + 4, lane_name[lane]);
		for (size_t i = 0; i < d->style->num_steps; i++)
			draw_bar(d, &d->style->steps[i], lane);
	}
}

/* ---- gaps ---- */

/* The middle of what lies between two windows. */
static double place_of(const struct drawing *d, const struct nfp_transition *t)
{
	const struct nfp_step_result *from = nfp_style_step(d->style, t->from),
				     *to = nfp_style_step(d->style, t->to);
	uint64_t begin_ns, end_ns;

	if (!from || !to)
		return -1;
	begin_ns = end_of(from);
	end_ns = end_of(to) - (to->window_ns < to->duration_ns ? to->window_ns : to->duration_ns);
	return (x_of(d, begin_ns) + x_of(d, end_ns)) / 2;
}

static size_t place_gaps(const struct drawing *d, struct label labels[NFP_STEP_COUNT])
{
	size_t num = 0;

	for (size_t i = 0; i < d->style->num_transitions; i++) {
		const struct nfp_transition *t = &d->style->transitions[i];
		double x = place_of(d, t);

		if (t->count[NFP_KIND_UNICAST].gap.us > 0 && x >= 0)
			labels[num++] = (struct label) {.want = x, .index = i};
	}
	spread(labels, num, GAP_LABEL, LEFT + GAP_LABEL / 2, WIDTH - RIGHT);
	return num;
}

static void draw_gaps(const struct drawing *d)
{
	struct label labels[NFP_STEP_COUNT];
	size_t num = place_gaps(d, labels);

	if (num)
		fprintf(d->out,
			"<text class=\"faint\" x=\"%.1f\" y=\"%.1f\" "
			"text-anchor=\"end\">gap</text>\n",
			LEFT - 8, GAP_ROW);
	for (size_t i = 0; i < num; i++) {
		const struct nfp_transition *t = &d->style->transitions[labels[i].index];
		char span[32];

		nfp_html_span(span, sizeof(span),
			      (uint64_t)t->count[NFP_KIND_UNICAST].gap.us * NFP_NSEC_PER_USEC);
		fprintf(d->out,
			"<path class=\"lead frame-lost\" d=\"M%.1f %.1fV%.1fL%.1f %.1f\"/>"
			"<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">",
			labels[i].want, lane_top(LANE_LOST), BOTTOM, labels[i].at, GAP_ROW - 12,
			labels[i].at, GAP_ROW);
		nfp_html_text(d->out, "%s", span);
		fputs("</text>\n", d->out);
	}
}

/* ---- time ---- */

/* 1, 2 or 5 times a power of ten seconds, for at most ten ticks. */
static uint64_t tick_of(uint64_t span_ns)
{
	uint64_t tick_ns = NFP_NSEC_PER_SEC / 10;

	for (int i = 0; span_ns / tick_ns > 10; i++)
		tick_ns = i % 3 == 1 ? tick_ns / 2 * 5 : tick_ns * 2;
	return tick_ns;
}

static void draw_ticks(const struct drawing *d)
{
	uint64_t tick_ns = tick_of(d->to_ns - d->from_ns);

	fputs("<g class=\"ticks\">", d->out);
	for (uint64_t ns = 0; ns <= d->to_ns - d->from_ns; ns += tick_ns) {
		double x = x_of(d, d->from_ns + ns);

		fprintf(d->out,
			"<path class=\"axis\" d=\"M%.1f %.1fv5\"/><text x=\"%.1f\" y=\"%.1f\" "
			"text-anchor=\"middle\">%g s</text>\n",
			x, TICKS - 8, x, TICKS + 9, (double)ns / (double)NFP_NSEC_PER_SEC);
	}
	fprintf(d->out, "<path class=\"axis\" d=\"M%.1f %.1fH%.1f\"/></g>\n", LEFT, TICKS - 8,
		WIDTH - RIGHT);
}

/* ---- the whole ---- */

static void describe(const struct drawing *d, const char *id)
{
	fprintf(d->out, "<title id=\"%s-t\">", id);
	nfp_html_text(d->out, "Where unicast frames landed, %s standby",
		      nfp_style_label(d->style->style));
	fprintf(d->out, "</title><desc id=\"%s-d\">", id);
	for (size_t i = 0; i < d->style->num_steps; i++) {
		const struct nfp_step_result *step = &d->style->steps[i];

		nfp_html_text(d->out, "%s%s: %s", i ? ", " : "", nfp_step_name(step->step),
			      step->status == NFP_STATUS_DONE
				      ? nfp_landing_name(step->landing[NFP_KIND_UNICAST])
				      : nfp_status_name(step->status));
	}
	fputs("</desc>\n", d->out);
}

void nfp_html_ladder(FILE *out, const struct nfp_style_result *style, const char *id)
{
	struct drawing d = {.out = out, .style = style};

	if (style->num_steps == 0)
		return;
	d.from_ns = style->steps[0].start_ns;
	d.to_ns = end_of(&style->steps[style->num_steps - 1]);
	if (d.to_ns <= d.from_ns)
		return;
	fprintf(out,
		"<div class=\"scroll\" tabindex=\"0\"><svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" "
		"aria-labelledby=\"%s-t %s-d\">\n",
		WIDTH, HEIGHT, id, id);
	describe(&d, id);
	draw_bands(&d);
	draw_step_labels(&d);
	draw_lanes(&d);
	draw_gaps(&d);
	draw_ticks(&d);
	fputs("</svg></div>\n", out);
}
