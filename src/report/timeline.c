// SPDX-License-Identifier: GPL-2.0-or-later
/* timeline.c - a ladder on a terminal, drawn to scale: where frames landed over time. */
#include "report_priv.h"

#include <inttypes.h>
#include <string.h>
#include <sys/param.h>

#define LEFT	   10 /* where time begins */
#define WIDTH_MIN  40 /* the longest label is shorter */
#define WIDTH_MAX  400
#define TICK_WIDTH 8 /* at least so many columns from one number to the next */

enum lane { LANE_PF, LANE_VF, LANE_NOBODY, LANE_COUNT };

/* The signs in a column of a lane, of which a higher value hides a lower one; and others. */
enum glyph { EMPTY, PART, FULL, GAP, CORNER, CORNER_LEFT, TICK, GLYPH_COUNT };

struct timeline {
	struct nfp_writer *w;
	const struct nfp_style_result *style;
	const char *const *glyphs;
	uint64_t from_ns, to_ns;
	unsigned int width; /* columns of time */
	unsigned char shade[LANE_COUNT][WIDTH_MAX];
	struct {
		unsigned int at;
		char words[64]; /* "312 ms, up" */
		bool printed;
	} gaps[NFP_STEP_COUNT]; /* in order */
	size_t num_gaps;
};

static uint64_t window_end(const struct nfp_step_result *step)
{
	return step->start_ns + step->duration_ns;
}

static uint64_t window_begin(const struct nfp_step_result *step)
{
	return window_end(step) - MIN(step->window_ns, step->duration_ns);
}

static uint64_t clamp_ns(uint64_t ns, uint64_t low, uint64_t high)
{
	return MIN(MAX(ns, low), high);
}

static unsigned int time_column(const struct timeline *t, uint64_t ns)
{
	double at = (double)(clamp_ns(ns, t->from_ns, t->to_ns) - t->from_ns);

	return MIN((unsigned int)(at * t->width / (double)(t->to_ns - t->from_ns)), t->width - 1);
}

static void shade_columns(struct timeline *t, enum lane lane, uint64_t from_ns, uint64_t to_ns,
			  enum glyph shade)
{
	/* An interval that ends exactly where a column begins does not shade that column. */
	for (unsigned int c = time_column(t, from_ns); c <= time_column(t, to_ns - 1); c++) {
		t->shade[lane][c] = (unsigned char)MAX(t->shade[lane][c], shade);
	}
}

/* Frames landed as in @step from @from_ns to @to_ns. */
static void shade_step(struct timeline *t, const struct nfp_step_result *step, uint64_t from_ns,
		       uint64_t to_ns)
{
	const struct nfp_count *count = &step->count[NFP_KIND_UNICAST];
	const uint64_t frames[LANE_COUNT] = {count->at[NFP_AT_PF], count->at[NFP_AT_VF],
					     nfp_count_lost(count)};

	for (enum lane lane = 0; lane < LANE_COUNT && count->sent && to_ns > from_ns; lane++) {
		double share = (double)frames[lane] / (double)count->sent;

		/* The limits are those of a landing: 80 % and 5 % of the frames that were sent. */
		shade_columns(t, lane, from_ns, to_ns,
			      share >= 0.8   ? FULL
			      : share > 0.05 ? PART
					     : EMPTY);
	}
}

/* The time between two windows. The gap begins at the request of the change if that is known, else
 * it is drawn in the middle. */
static void shade_transition(struct timeline *t, const struct nfp_transition *tr)
{
	const struct nfp_transition_count *unicast = &tr->unicast;
	const struct nfp_step_result *old = nfp_style_step(t->style, tr->from);
	const struct nfp_step_result *new = nfp_style_step(t->style, tr->to);
	uint64_t from_ns, to_ns, length_ns, gap_ns, switch_ns;
	char time[32];

	if (!old || !new || window_begin(new) <= window_end(old))
		return;
	from_ns = window_end(old);
	to_ns = window_begin(new);
	length_ns = unicast->gap.us > 0 ? (uint64_t)unicast->gap.us * NFP_NSEC_PER_USEC : 0;
	length_ns = MIN(length_ns, to_ns - from_ns);
	if (unicast->gap_from_request && tr->asked_ns)
		gap_ns = clamp_ns(tr->asked_ns, from_ns, to_ns - length_ns);
	else
		gap_ns = from_ns + (to_ns - from_ns - length_ns) / 2;
	if (length_ns && !unicast->gap_from_request) {
		shade_step(t, old, from_ns, gap_ns);
		shade_step(t, new, gap_ns + length_ns, to_ns);
	} else {
		/* No frame is missing: the guest listens elsewhere. */
		switch_ns = unicast->gap_from_request ? gap_ns + length_ns
						      : clamp_ns(tr->asked_ns, from_ns, to_ns);
		shade_step(t, old, from_ns, switch_ns);
		shade_step(t, new, switch_ns, to_ns);
	}
	/* Do not show a gap that is within its uncertainty. */
	if (!unicast->gap.known || unicast->gap.us <= unicast->gap.error_us)
		return;
	shade_columns(t, LANE_NOBODY, gap_ns, gap_ns + length_ns, GAP);
	t->gaps[t->num_gaps].at = time_column(t, gap_ns);
	snprintf(t->gaps[t->num_gaps].words, sizeof(t->gaps[0].words), "%s, %s",
		 nfp_duration_text(unicast->gap.us, time, sizeof(time)), nfp_step_name(tr->to));
	t->num_gaps++;
}

static void shade_all(struct timeline *t)
{
	for (size_t i = 0; i < t->style->num_steps; i++) {
		const struct nfp_step_result *step = &t->style->steps[i];

		if (step->status == NFP_STATUS_DONE)
			shade_step(t, step, window_begin(step), window_end(step));
	}
	for (size_t i = 0; i < t->style->num_transitions; i++)
		shade_transition(t, &t->style->transitions[i]);
}

static void print_lane(const struct timeline *t, enum lane lane)
{
	static const char *const names[LANE_COUNT] = {"PF", "VF", "nobody"};
	const unsigned char *shade = t->shade[lane];

	nfp_writer_at(t->w, 2, NFP_PLAIN, "%s", names[lane]);
	/* Equal neighbours are printed together, with one change of colour. */
	for (unsigned int c = 0, next; c < t->width; c = next) {
		struct nfp_words bar = {.colour = lane == LANE_NOBODY ? NFP_YELLOW : NFP_GREEN};

		for (next = c; next < t->width && shade[next] == shade[c]; next++)
			nfp_append(&bar, "", "%s", t->glyphs[shade[c]]);
		if (shade[c] == EMPTY)
			continue;
		if (t->w->col < LEFT + c)
			nfp_writer_pad(t->w, LEFT + c);
		nfp_writer_text(t->w, shade[c] == GAP ? NFP_RED : bar.colour, "%s", bar.text);
	}
	nfp_writer_newline(t->w);
}

/* Prints one line of labels that do not overlap; returns how many it printed. */
static size_t print_gap_labels(struct timeline *t)
{
	unsigned int used = 0;
	size_t num = 0;

	for (size_t i = 0; i < t->num_gaps; i++) {
		const char *words = t->gaps[i].words;
		unsigned int at = t->gaps[i].at, need = (unsigned int)strlen(words) + 2;
		/* Without room on the right, the label ends below its gap. */
		bool right = at + need <= t->width || at + 1 < need;

		if (!right)
			at -= need - 1;
		if (t->gaps[i].printed || at < used)
			continue;
		t->gaps[i].printed = true;
		num++;
		used = at + need + 1;
		nfp_writer_at(t->w, LEFT + at, NFP_RED, "%s %s", right ? t->glyphs[CORNER] : words,
			      right ? words : t->glyphs[CORNER_LEFT]);
	}
	nfp_writer_newline(t->w);
	return num;
}

static void print_scale(const struct timeline *t)
{
	const double length_ns = (double)(t->to_ns - t->from_ns);
	const double max_ticks = (double)t->width / TICK_WIDTH;
	uint64_t tick_ns = NFP_NSEC_PER_SEC;

	/* 1, 2, 5, 10, 20, .. */
	for (unsigned int i = 0; (double)tick_ns * max_ticks < length_ns; i++)
		tick_ns = i % 3 == 1 ? tick_ns / 2 * 5 : tick_ns * 2;
	for (uint64_t ns = 0; t->from_ns + ns < t->to_ns; ns += tick_ns) {
		unsigned int column = time_column(t, t->from_ns + ns);
		char text[32];

		snprintf(text, sizeof(text), "%s%" PRIu64 " s", t->glyphs[TICK],
			 ns / NFP_NSEC_PER_SEC);
		if (column + nfp_utf8_width(text) > t->width)
			break;
		nfp_writer_at(t->w, LEFT + column, NFP_PLAIN, "%s", text);
	}
	nfp_writer_newline(t->w);
}

void nfp_timeline_print(struct nfp_writer *w, const struct nfp_style_result *style, bool utf8)
{
	static const char *const ascii[GLYPH_COUNT] = {" ", ".", "=", "#", "^", "^", "|"};
	static const char *const blocks[GLYPH_COUNT] = {" ",	  "\u2591", "\u2588", "\u2593",
							"\u2514", "\u2518", "\u2575"};
	struct timeline t = {
		.w = w, .style = style, .glyphs = utf8 ? blocks : ascii, .from_ns = UINT64_MAX};

	for (size_t i = 0; i < style->num_steps; i++) {
		const struct nfp_step_result *step = &style->steps[i];

		if (step->status != NFP_STATUS_DONE)
			continue;
		t.from_ns = MIN(t.from_ns, step->start_ns);
		t.to_ns = MAX(t.to_ns, window_end(step));
	}
	/* The last column stays free, as some terminals wrap there. */
	if (w->columns < LEFT + WIDTH_MIN + 1 || t.from_ns >= t.to_ns)
		return;
	t.width = MIN(w->columns - LEFT - 1, WIDTH_MAX);
	shade_all(&t);
	nfp_writer_line(w, NFP_BOLD, 2, 2, "%s", nfp_style_name(style->style));
	for (enum lane lane = 0; lane < LANE_COUNT; lane++)
		print_lane(&t, lane);
	for (size_t num = 0; num < t.num_gaps;)
		num += print_gap_labels(&t);
	print_scale(&t);
	nfp_writer_newline(w);
}
