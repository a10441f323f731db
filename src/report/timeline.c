// SPDX-License-Identifier: GPL-2.0-or-later
#include "report_priv.h"

#include <stdio.h>
#include <string.h>

#include "nfprobe/result.h"

#define INDENT	    2
#define LEFT	    10 /* where time begins */
#define WIDTH_MIN   40 /* the longest label is shorter */
#define WIDTH_MAX   400
#define TICK_WIDTH  8 /* at least so many columns from one number to the next */
#define LABEL_WIDTH 40

enum lane { LANE_PF, LANE_VF, LANE_NOBODY, LANE_COUNT };

/* What a column of a lane shows; a greater one hides a lesser one. */
enum cell { EMPTY, PART, FULL, GAP, CELL_COUNT };

/* A gap of the guest, and the words under it. */
struct mark {
	unsigned int column;
	char words[LABEL_WIDTH];
};

struct timeline {
	const struct nfp_style_result *style;
	unsigned int width; /* columns of time */
	uint64_t from_ns, to_ns;
	unsigned char cell[LANE_COUNT][WIDTH_MAX];
	struct mark marks[NFP_STEP_COUNT];
	size_t num_marks;
};

static uint64_t end_of(const struct nfp_step_result *step)
{
	return step->start_ns + step->duration_ns;
}

static uint64_t begin_of(const struct nfp_step_result *step)
{
	uint64_t window_ns = step->window_ns < step->duration_ns ? step->window_ns
								 : step->duration_ns;

	return end_of(step) - window_ns;
}

static uint64_t clamp(uint64_t ns, uint64_t low, uint64_t high)
{
	if (ns < low)
		return low;
	return ns > high ? high : ns;
}

static unsigned int column_of(const struct timeline *t, uint64_t ns)
{
	uint64_t at = clamp(ns, t->from_ns, t->to_ns) - t->from_ns;
	unsigned int column = (unsigned int)(at * t->width / (t->to_ns - t->from_ns));

	return column < t->width ? column : t->width - 1;
}

/* ---- what is drawn ---- */

static void fill(struct timeline *t, enum lane lane, uint64_t from_ns, uint64_t to_ns,
		 enum cell cell)
{
	if (cell == EMPTY || to_ns <= from_ns)
		return;
	/* The last column is the one in which it ends, unless it only touches that. */
	for (unsigned int c = column_of(t, from_ns); c <= column_of(t, to_ns - 1); c++) {
		if (t->cell[lane][c] < cell)
			t->cell[lane][c] = (unsigned char)cell;
	}
}

/* By the limits of a landing: 80 % and 5 % of what was sent. */
static enum cell cell_of(uint64_t frames, uint64_t sent)
{
	if (frames * 100 >= sent * 80)
		return FULL;
	return frames * 100 > sent * 5 ? PART : EMPTY;
}

static void fill_landing(struct timeline *t, const struct nfp_step_result *step, uint64_t from_ns,
			 uint64_t to_ns)
{
	const struct nfp_count *count = &step->count[NFP_KIND_UNICAST];

	if (!count->sent)
		return;
	fill(t, LANE_PF, from_ns, to_ns, cell_of(count->at[NFP_AT_PF], count->sent));
	fill(t, LANE_VF, from_ns, to_ns, cell_of(count->at[NFP_AT_VF], count->sent));
	fill(t, LANE_NOBODY, from_ns, to_ns, cell_of(nfp_count_lost(count), count->sent));
}

struct span {
	uint64_t from, to;
};

/* When the guest heard nothing, as far as it is known: by the change, or amid the transition. */
static struct span silence_of(const struct nfp_transition *tr, const struct span *between)
{
	const struct nfp_transition_count *unicast = &tr->count[NFP_KIND_UNICAST];
	uint64_t length = unicast->gap.us > 0 ? (uint64_t)unicast->gap.us * NFP_NSEC_PER_USEC : 0;
	uint64_t from = between->from, room = between->to - between->from;

	if (length > room)
		length = room;
	if (unicast->gap_from_request && tr->asked_ns)
		from = clamp(tr->asked_ns, between->from, between->to - length);
	else
		from += (room - length) / 2;
	return (struct span) {from, from + length};
}

/* When frames began to land as they did afterwards. */
static uint64_t switch_of(const struct nfp_transition *tr, const struct span *between)
{
	const struct nfp_span *effect = &tr->count[NFP_KIND_UNICAST].effect;
	int64_t at = (int64_t)tr->answered_ns;

	if (!at)
		return between->from;
	if (effect->known)
		at += effect->us * (int64_t)NFP_NSEC_PER_USEC;
	return clamp(at > 0 ? (uint64_t)at : 0, between->from, between->to);
}

static void mark_gap(struct timeline *t, const struct nfp_transition *tr,
		     const struct span *silence)
{
	struct mark *mark = &t->marks[t->num_marks++];
	char time[32];

	fill(t, LANE_NOBODY, silence->from, silence->to, GAP);
	mark->column = column_of(t, silence->from);
	snprintf(mark->words, sizeof(mark->words), "%s, %s",
		 nfp_time_words(tr->count[NFP_KIND_UNICAST].gap.us, time, sizeof(time)),
		 nfp_step_name(tr->to));
}

static void draw_transition(struct timeline *t, const struct nfp_transition *tr)
{
	const struct nfp_transition_count *unicast = &tr->count[NFP_KIND_UNICAST];
	const struct nfp_step_result *old = nfp_style_step(t->style, tr->from);
	const struct nfp_step_result *new = nfp_style_step(t->style, tr->to);
	struct span between, silence;
	uint64_t changed;

	if (!old || !new || begin_of(new) <= end_of(old))
		return;
	between = (struct span) {end_of(old), begin_of(new)};
	silence = silence_of(tr, &between);
	changed = switch_of(tr, &between);
	/* Frames of one receiver are missing; else the guest listens elsewhere, and they go on. */
	if (silence.to > silence.from && !unicast->gap_from_request) {
		fill_landing(t, old, between.from, silence.from);
		fill_landing(t, new, silence.to, between.to);
	} else {
		fill_landing(t, old, between.from, changed);
		fill_landing(t, new, changed, between.to);
	}
	/* What may as well be none is not shown. */
	if (unicast->gap.known && unicast->gap.us > unicast->gap.error_us)
		mark_gap(t, tr, &silence);
}

static bool lay_out(struct timeline *t)
{
	const struct nfp_style_result *style = t->style;

	t->from_ns = UINT64_MAX;
	for (size_t i = 0; i < style->num_steps; i++) {
		const struct nfp_step_result *step = &style->steps[i];

		if (step->status != NFP_STATUS_DONE)
			continue;
		t->from_ns = step->start_ns < t->from_ns ? step->start_ns : t->from_ns;
		t->to_ns = end_of(step) > t->to_ns ? end_of(step) : t->to_ns;
	}
	if (t->from_ns >= t->to_ns)
		return false;
	for (size_t i = 0; i < style->num_steps; i++) {
		const struct nfp_step_result *step = &style->steps[i];

		if (step->status == NFP_STATUS_DONE)
			fill_landing(t, step, begin_of(step), end_of(step));
	}
	for (size_t i = 0; i < style->num_transitions; i++)
		draw_transition(t, &style->transitions[i]);
	return true;
}

/* ---- on the page ---- */

struct glyphs {
	const char *cell[CELL_COUNT], *corner, *corner_left, *tick;
};

static const struct glyphs blocks = {
	.cell = {" ", "\u2591", "\u2588", "\u2593"},
	.corner = "\u2514",
	.corner_left = "\u2518",
	.tick = "\u2575",
};
static const struct glyphs ascii = {
	.cell = {" ", ".", "=", "#"}, .corner = "^", .corner_left = "^", .tick = "|"};

static enum nfp_tone tone_of(enum lane lane, enum cell cell)
{
	if (cell == EMPTY)
		return NFP_PLAIN;
	if (cell == GAP)
		return NFP_RED;
	return lane == LANE_NOBODY ? NFP_YELLOW : NFP_GREEN;
}

/* Neighbours that are alike are put at once, with one change of colour. */
static void print_lane(struct nfp_page *page, const struct timeline *t, enum lane lane,
		       const struct glyphs *glyphs)
{
	static const char *const names[LANE_COUNT] = {"PF", "VF", "nobody"};
	const unsigned char *cells = t->cell[lane];
	char run[3 * WIDTH_MAX + 1];

	nfp_page_pad(page, INDENT);
	nfp_page_put(page, NFP_PLAIN, "%s", names[lane]);
	for (unsigned int c = 0, next; c < t->width; c = next) {
		size_t used = 0;

		for (next = c; next < t->width && cells[next] == cells[c]; next++)
			used += (size_t)snprintf(run + used, sizeof(run) - used, "%s",
						 glyphs->cell[cells[c]]);
		if (cells[c] == EMPTY)
			continue;
		if (page->col < LEFT + c)
			nfp_page_pad(page, LEFT + c);
		nfp_page_put(page, tone_of(lane, (enum cell)cells[c]), "%s", run);
	}
	nfp_page_nl(page);
}

/* The columns of a label, [*ret_from, *ret_to); where there is no room on the right it ends below
 * its gap. */
static bool place(const struct timeline *t, const struct mark *mark, unsigned int *ret_from,
		  unsigned int *ret_to)
{
	unsigned int need = (unsigned int)strlen(mark->words) + 2;
	bool right = mark->column + need <= t->width || mark->column + 1 < need;

	*ret_from = right ? mark->column : mark->column + 1 - need;
	*ret_to = *ret_from + need;
	return right;
}

/* Those that fit beside each other; the others are left for the next row. */
static void print_marks(struct nfp_page *page, const struct timeline *t, bool done[],
			const struct glyphs *glyphs)
{
	unsigned int used = 0;

	for (size_t i = 0; i < t->num_marks; i++) {
		unsigned int from, to;
		bool right = place(t, &t->marks[i], &from, &to);

		if (done[i] || from < used)
			continue;
		done[i] = true;
		used = to + 1;
		nfp_page_pad(page, LEFT + from);
		if (right)
			nfp_page_put(page, NFP_RED, "%s %s", glyphs->corner, t->marks[i].words);
		else
			nfp_page_put(page, NFP_RED, "%s %s", t->marks[i].words,
				     glyphs->corner_left);
	}
	nfp_page_nl(page);
}

static void print_all_marks(struct nfp_page *page, const struct timeline *t,
			    const struct glyphs *glyphs)
{
	bool done[NFP_STEP_COUNT] = {false};

	for (unsigned int row = 0; row < NFP_STEP_COUNT; row++) {
		size_t left = 0;

		for (size_t i = 0; i < t->num_marks; i++)
			left += !done[i];
		if (left == 0)
			return;
		print_marks(page, t, done, glyphs);
	}
}

/* Seconds from one number to the next: 1, 2 or 5 and noughts. */
static uint64_t tick_of(const struct timeline *t)
{
	static const unsigned int steps[] = {1, 2, 5};

	for (uint64_t decade = 1;; decade *= 10) {
		for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
			uint64_t tick = decade * steps[i];

			if ((double)tick * (double)NFP_NSEC_PER_SEC * t->width >=
			    (double)TICK_WIDTH * (double)(t->to_ns - t->from_ns))
				return tick;
		}
	}
}

static void print_scale(struct nfp_page *page, const struct timeline *t,
			const struct glyphs *glyphs)
{
	uint64_t tick = tick_of(t), length = t->to_ns - t->from_ns;

	for (uint64_t s = 0; s * NFP_NSEC_PER_SEC < length; s += tick) {
		unsigned int column = column_of(t, t->from_ns + s * NFP_NSEC_PER_SEC);
		char text[32];

		snprintf(text, sizeof(text), "%s%llu s", glyphs->tick, (unsigned long long)s);
		if (column + nfp_utf8_width(text) > t->width)
			break;
		nfp_page_pad(page, LEFT + column);
		nfp_page_put(page, NFP_PLAIN, "%s", text);
	}
	nfp_page_nl(page);
}

void nfp_timeline_print(struct nfp_page *page, const struct nfp_style_result *style, bool utf8)
{
	const struct glyphs *glyphs = utf8 ? &blocks : &ascii;
	struct timeline t = {.style = style};

	/* The last column stays free, as some terminals wrap there. */
	if (page->columns < LEFT + WIDTH_MIN + 1)
		return;
	t.width = page->columns - LEFT - 1;
	if (t.width > WIDTH_MAX)
		t.width = WIDTH_MAX;
	if (!lay_out(&t))
		return;
	nfp_page_pad(page, INDENT);
	nfp_page_put(page, NFP_BOLD, "%s", nfp_style_label(style->style));
	nfp_page_nl(page);
	for (unsigned int lane = 0; lane < LANE_COUNT; lane++)
		print_lane(page, &t, (enum lane)lane, glyphs);
	print_all_marks(page, &t, glyphs);
	print_scale(page, &t, glyphs);
}
