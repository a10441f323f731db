// SPDX-License-Identifier: GPL-2.0-or-later
/* text_ladder.c - ladders on a terminal: the table of their steps, and each drawn to scale. */
#include "report_priv.h"

#include <inttypes.h>
#include <string.h>

/* ---- the table: a column for each style ---- */

#define NARROW	     60 /* columns below which the table is drawn tightly */
#define STEP_WIDTH   17 /* the longest name and a gap */
#define LANDING_LAST 12 /* the longest landing and a gap, in the last column */
#define LANDING_THIN 11 /* the same if a column for what the standby sends follows */
#define SENDING	     9	/* the longest answer there, and a gap */

struct steps_table {
	struct nfp_writer *w;
	const struct nfp_layout *layouts[NFP_STYLE_COUNT]; /* those with steps */
	size_t num;
	unsigned int indent, width;
	bool verbose;
	bool sending; /* a style has dropped what the standby sends */
};

static unsigned int column_at(const struct steps_table *t, size_t i)
{
	return t->indent + STEP_WIDTH + (unsigned int)i * t->width;
}

static const char *label_of(const struct nfp_layout *layout)
{
	return nfp_style_name(layout->style->style);
}

/* The notes of a row are joined, naming the style unless only the last column has one. */
static void print_step(const struct steps_table *t, enum nfp_step step)
{
	struct nfp_writer *w = t->w;
	const unsigned int at = t->indent + 4; /* of notes and counts on lines of their own */
	const char *notes[NFP_STYLE_COUNT] = {0};
	enum nfp_text_colour colour = NFP_PLAIN;
	struct nfp_words note = {0};
	bool same;

	nfp_writer_at(w, t->indent, NFP_PLAIN, "%s", nfp_step_name(step));
	for (size_t i = 0; i < t->num; i++) {
		const struct nfp_layout_row *row = &t->layouts[i]->rows[step];
		bool dropped = row->step && row->step->transmit == NFP_TRANSMIT_DROPPED;

		nfp_writer_at(w, column_at(t, i), row->unfit ? NFP_RED : NFP_PLAIN, "%s",
			      row->step ? row->landing : "-");
		if (t->sending)
			nfp_writer_at(w, column_at(t, i) + LANDING_THIN,
				      dropped ? NFP_RED : NFP_PLAIN, "%s",
				      row->step ? row->sending : "-");
		notes[i] = row->same_reason ? "" : row->note.text;
		if (row->unfit)
			colour = NFP_RED;
	}
	same = t->num == 2 && notes[0][0] && strcmp(notes[0], notes[1]) == 0;
	if (same)
		nfp_append(&note, "", "both: %s", notes[0]);
	for (size_t i = 0; i < t->num && !same; i++) {
		bool clear = t->num == 1 || (i + 1 == t->num && !notes[0][0]);

		if (notes[i][0])
			nfp_append(&note, "; ", "%s%s%s", clear ? "" : label_of(t->layouts[i]),
				   clear ? "" : ": ", notes[i]);
	}
	if (note.text[0]) {
		unsigned int note_at = column_at(t, t->num - 1) +
				       (t->sending ? t->width : LANDING_LAST);

		if (w->columns && note_at + nfp_utf8_width(note.text) + 3 > w->columns) {
			nfp_writer_newline(w);
			note_at = at;
		}
		nfp_writer_at(w, note_at, colour, "<- ");
		nfp_writer_wrap(w, colour, note_at + 3, "%s", note.text);
	}
	nfp_writer_newline(w);
	for (size_t i = 0; t->verbose && i < t->num; i++) {
		const struct nfp_step_result *result = t->layouts[i]->rows[step].step;
		const char *label = label_of(t->layouts[i]);

		for (enum nfp_kind kind = 0; result && kind < NFP_KIND_COUNT; kind++) {
			if (result->count[kind].sent)
				nfp_writer_line(w, NFP_PLAIN, at, at + 4, "%s %s", label,
						nfp_count_words(kind, &result->count[kind]).text);
		}
		if (result && result->have_vf_rx)
			nfp_writer_line(w, NFP_PLAIN, at, at + 4,
					"%s counted for the VF: %" PRIu64 " received, %" PRIu64
					" dropped",
					label, result->vf_rx_packets, result->vf_rx_dropped);
	}
}

static void print_span(struct nfp_writer *w, const char *what, const struct nfp_span *span)
{
	if (span->known)
		nfp_writer_wrap(w, NFP_PLAIN, 6, ", %s %.1f ms (+-%.1f)", what,
				(double)span->us / 1000, (double)span->error_us / 1000);
}

/* The transitions of a ladder, and the conclusions from it. */
static void print_details(const struct steps_table *t, const struct nfp_layout *layout)
{
	const struct nfp_style_result *style = layout->style;
	const char *transmit = nfp_transmit_name(style->transmit), *why = style->transmit_note;
	const char *multicast = nfp_multicast_name(style->multicast);

	for (size_t i = 0; i < style->num_transitions; i++) {
		const struct nfp_transition *tr = &style->transitions[i];
		const struct nfp_transition_count *unicast = &tr->count[NFP_KIND_UNICAST];

		nfp_writer_pad(t->w, t->indent);
		nfp_writer_wrap(t->w, NFP_PLAIN, 6, "%s %s to %s: %" PRIu64 " lost",
				label_of(layout), nfp_step_name(tr->from), nfp_step_name(tr->to),
				unicast->lost);
		print_span(t->w, "deaf for", &unicast->gap);
		if (tr->ack.known)
			nfp_writer_wrap(t->w, NFP_PLAIN, 6, ", answered after %.1f ms",
					(double)tr->ack.us / 1000);
		print_span(t->w, "in effect after another", &unicast->effect);
		nfp_writer_newline(t->w);
	}
	nfp_writer_line(t->w, NFP_PLAIN, t->indent, 6,
			"%s: claim %s, release %s, delivery %s%s%s%s%s%s%s%s", label_of(layout),
			nfp_claim_name(style->claim) ?: "unknown",
			nfp_release_name(style->release) ?: "unknown",
			nfp_delivery_name(style->delivery) ?: "unknown",
			transmit ? ", transmit " : "", transmit ?: "", why[0] ? " (" : "", why,
			why[0] ? ")" : "", multicast ? ", multicast " : "", multicast ?: "");
}

void nfp_steps_print(struct nfp_writer *w, struct nfp_layout *const layouts[], size_t num,
		     bool verbose)
{
	bool narrow = w->columns && w->columns < NARROW, cut = false;
	struct steps_table t = {
		.w = w,
		.indent = narrow ? 0 : 2,
		.width = narrow ? 11 : 16,
		.verbose = verbose,
	};

	for (size_t i = 0; i < num; i++) {
		if (!layouts[i]->style->num_steps)
			continue;
		t.layouts[t.num++] = layouts[i];
		t.sending |= !narrow && layouts[i]->style->transmit == NFP_TRANSMIT_DROPPED;
	}
	if (t.num == 0)
		return;
	if (t.sending)
		t.width = LANDING_THIN + SENDING;
	for (size_t i = 0; i < t.num; i++)
		nfp_writer_at(w, column_at(&t, i), NFP_BOLD, "%s", label_of(t.layouts[i]));
	nfp_writer_newline(w);
	nfp_writer_at(w, t.indent, NFP_PLAIN, "step");
	for (size_t i = 0; i < t.num; i++) {
		nfp_writer_at(w, column_at(&t, i), NFP_PLAIN,
			      narrow || t.sending ? "frames at" : "frames land on");
		if (t.sending)
			nfp_writer_at(w, column_at(&t, i) + LANDING_THIN, NFP_PLAIN, "sending");
	}
	nfp_writer_newline(w);
	/* Consecutive steps that were skipped for one reason become "...". */
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		bool any = false, again = true;

		for (size_t i = 0; i < t.num; i++) {
			any = any || t.layouts[i]->rows[step].step;
			again = again && t.layouts[i]->rows[step].same_reason;
		}
		if (!any || (again && cut))
			continue;
		if (again)
			nfp_writer_line(w, NFP_PLAIN, t.indent, t.indent, "...");
		else
			print_step(&t, step);
		cut = again;
	}
	for (size_t i = 0; verbose && i < t.num; i++)
		print_details(&t, t.layouts[i]);
}

/* ---- the timeline ---- */

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
	unsigned int column = (unsigned int)nfp_layout_place(t->layout, ns, t->width);

	return column < t->width ? column : t->width - 1;
}

static void shade_columns(struct timeline *t, enum nfp_lane lane, uint64_t from_ns, uint64_t to_ns,
			  enum glyph shade)
{
	/* An interval that ends exactly where a column begins does not shade that column. */
	for (unsigned int c = time_column(t, from_ns); c <= time_column(t, to_ns - 1); c++) {
		if (t->shade[lane][c] < shade)
			t->shade[lane][c] = (unsigned char)shade;
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
	t.width = w->columns - LEFT - 1 < WIDTH_MAX ? w->columns - LEFT - 1 : WIDTH_MAX;
	for (size_t i = 0; i < layout->num_bars; i++) {
		const struct nfp_layout_bar *bar = &layout->bars[i];

		/* By the limits of a landing: 80 % and 5 % of what was sent. */
		shade_columns(&t, bar->lane, bar->from_ns, bar->to_ns,
			      bar->share >= 0.8	  ? FULL
			      : bar->share > 0.05 ? PART
						  : EMPTY);
	}
	for (size_t i = 0; i < layout->num_gaps; i++)
		shade_columns(&t, NFP_LANE_NOBODY, layout->gaps[i].from_ns, layout->gaps[i].to_ns,
			      GAP);
	nfp_writer_line(w, NFP_BOLD, 2, 2, "%s", label_of(layout));
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
}
