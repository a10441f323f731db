// SPDX-License-Identifier: GPL-2.0-or-later
/* timeline.c - a ladder on a terminal, drawn to scale. */
#include "report_priv.h"

#include <inttypes.h>
#include <string.h>
#include <sys/param.h>

#define LEFT	   10 /* where time begins */
#define WIDTH_MIN  40 /* the longest label is shorter */
#define WIDTH_MAX  400
#define TICK_WIDTH 8 /* at least so many columns from one number to the next */

/* The signs in a column of a lane, of which a higher value hides a lower one; and others. */
enum glyph { EMPTY, PART, FULL, GAP, CORNER, CORNER_LEFT, TICK, GLYPH_COUNT };

struct timeline {
	struct nfp_writer *w;
	const struct nfp_layout *layout;
	const char *const *glyphs;
	unsigned int width; /* columns of time */
	unsigned char shade[NFP_LANE_COUNT][WIDTH_MAX];
};

static unsigned int time_column(const struct timeline *t, uint64_t ns)
{
	return MIN((unsigned int)nfp_layout_place(t->layout, ns, t->width), t->width - 1);
}

static void shade_columns(struct timeline *t, enum nfp_lane lane, uint64_t from_ns, uint64_t to_ns,
			  enum glyph shade)
{
	/* An interval that ends exactly where a column begins does not shade that column. */
	for (unsigned int c = time_column(t, from_ns); c <= time_column(t, to_ns - 1); c++) {
		t->shade[lane][c] = (unsigned char)MAX(t->shade[lane][c], shade);
	}
}

static void print_lane(const struct timeline *t, enum nfp_lane lane)
{
	static const char *const names[NFP_LANE_COUNT] = {"PF", "VF", "nobody"};
	const unsigned char *shade = t->shade[lane];

	nfp_writer_at(t->w, 2, NFP_PLAIN, "%s", names[lane]);
	/* Equal neighbours are printed together, with one change of colour. */
	for (unsigned int c = 0, next; c < t->width; c = next) {
		struct nfp_words bar = {.colour = lane == NFP_LANE_NOBODY ? NFP_YELLOW : NFP_GREEN};

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
static size_t print_gap_labels(const struct timeline *t, bool done[])
{
	unsigned int used = 0;
	size_t num = 0;

	for (size_t i = 0; i < t->layout->num_gaps; i++) {
		const struct nfp_layout_gap *gap = &t->layout->gaps[i];
		unsigned int at = time_column(t, gap->from_ns), need;
		char words[64];
		bool right;

		snprintf(words, sizeof(words), "%s, %s", gap->time,
			 nfp_step_name(gap->transition->to));
		need = (unsigned int)strlen(words) + 2;
		/* Without room on the right, the label ends below its gap. */
		right = at + need <= t->width || at + 1 < need;
		if (!right)
			at -= need - 1;
		if (done[i] || at < used)
			continue;
		done[i] = true;
		num++;
		used = at + need + 1;
		nfp_writer_at(t->w, LEFT + at, NFP_RED, "%s %s", right ? t->glyphs[CORNER] : words,
			      right ? words : t->glyphs[CORNER_LEFT]);
	}
	nfp_writer_newline(t->w);
	return num;
}

void nfp_timeline_print(struct nfp_writer *w, const struct nfp_layout *layout, bool utf8)
{
	static const char *const ascii[GLYPH_COUNT] = {" ", ".", "=", "#", "^", "^", "|"};
	static const char *const blocks[GLYPH_COUNT] = {" ",	  "\u2591", "\u2588", "\u2593",
							"\u2514", "\u2518", "\u2575"};
	struct timeline t = {.w = w, .layout = layout, .glyphs = utf8 ? blocks : ascii};
	bool done[NFP_STEP_COUNT] = {false};
	uint64_t tick_ns;

	/* The last column stays free, as some terminals wrap there. */
	if (w->columns < LEFT + WIDTH_MIN + 1 || layout->from_ns >= layout->to_ns)
		return;
	t.width = MIN(w->columns - LEFT - 1, WIDTH_MAX);
	for (size_t i = 0; i < layout->num_bars; i++) {
		const struct nfp_layout_bar *bar = &layout->bars[i];

		/* The limits are those of a landing: 80 % and 5 % of the frames that were sent. */
		shade_columns(&t, bar->lane, bar->from_ns, bar->to_ns,
			      bar->share >= 0.8	  ? FULL
			      : bar->share > 0.05 ? PART
						  : EMPTY);
	}
	for (size_t i = 0; i < layout->num_gaps; i++)
		shade_columns(&t, NFP_LANE_NOBODY, layout->gaps[i].from_ns, layout->gaps[i].to_ns,
			      GAP);
	nfp_writer_line(w, NFP_BOLD, 2, 2, "%s", nfp_style_name(layout->style->style));
	for (enum nfp_lane lane = 0; lane < NFP_LANE_COUNT; lane++)
		print_lane(&t, lane);
	for (size_t num = 0; num < layout->num_gaps;)
		num += print_gap_labels(&t, done);
	tick_ns = nfp_layout_tick(layout, (double)t.width / TICK_WIDTH);
	for (uint64_t ns = 0; layout->from_ns + ns < layout->to_ns; ns += tick_ns) {
		unsigned int column = time_column(&t, layout->from_ns + ns);
		char text[32];

		snprintf(text, sizeof(text), "%s%" PRIu64 " s", t.glyphs[TICK],
			 ns / NFP_NSEC_PER_SEC);
		if (column + nfp_utf8_width(text) > t.width)
			break;
		nfp_writer_at(w, LEFT + column, NFP_PLAIN, "%s", text);
	}
	nfp_writer_newline(w);
	nfp_writer_newline(w);
}
