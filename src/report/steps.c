// SPDX-License-Identifier: GPL-2.0-or-later
#include "report_priv.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#define NOTE_LEN     512
#define NARROW	     60 /* columns below which the table is drawn tightly */
#define STEP_WIDTH   17 /* the longest name and a gap */
#define LANDING_LAST 12 /* the longest landing and a gap, in the last column */
#define LANDING_THIN 11 /* the same, where what the standby sends has a column beside it */
#define SENDING	     9	/* the longest answer there, and a gap */

struct table {
	struct nfp_page *page;
	const struct nfp_style_result *styles[NFP_STYLE_COUNT]; /* those with steps */
	size_t num;
	unsigned int indent, width;
	bool verbose;
	bool sending; /* a style has dropped what the standby sends */
};

static unsigned int column(const struct table *t, size_t i)
{
	return t->indent + STEP_WIDTH + (unsigned int)i * t->width;
}

/* ---- a cell ---- */

static const char *landing_words(enum nfp_landing landing)
{
	switch (landing) {
	case NFP_LANDING_PF:
		return "PF";
	case NFP_LANDING_VF:
		return "VF";
	case NFP_LANDING_BOTH:
		return "PF and VF";
	case NFP_LANDING_NOWHERE:
		return "nowhere";
	case NFP_LANDING_MIXED:
		return "mixed";
	default:
		return "-";
	}
}

static const char *cell_words(const struct nfp_step_result *step)
{
	if (!step)
		return "-";
	if (step->status != NFP_STATUS_DONE)
		return nfp_status_name(step->status);
	return landing_words(step->landing[NFP_KIND_UNICAST]);
}

static const char *sending_words(const struct nfp_step_result *step)
{
	const char *name = step ? nfp_transmit_name(step->transmit) : NULL;

	return name && step->status == NFP_STATUS_DONE ? name : "-";
}

static void join(char *note, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void join(char *note, const char *fmt, ...)
{
	size_t used = strlen(note);
	va_list ap;

	if (used)
		used += (size_t)snprintf(note + used, NOTE_LEN - used, "; ");
	if (used >= NOTE_LEN)
		return;
	va_start(ap, fmt);
	vsnprintf(note + used, NOTE_LEN - used, fmt, ap);
	va_end(ap);
}

/* What is to be said about a cell; empty when the landing says it all. */
static void annotate(const struct table *t, const struct nfp_step_result *step, char *note)
{
	const char *unfit = step ? nfp_advice_unfit(step) : NULL;

	note[0] = '\0';
	if (!step)
		return;
	if (unfit)
		join(note, "%s", unfit);
	if (unfit && step->vf_counted)
		join(note, "the VF counts them");
	if (step->drops)
		join(note, "the capture lost %" PRIu64 " frames", step->drops);
	if (step->carrier_lost)
		join(note, "carrier lost");
	if (step->changed && !step->note[0])
		join(note, "somebody else changed the host");
	if (step->note[0] && (unfit || step->status != NFP_STATUS_DONE || step->changed ||
			      step->carrier_lost || step->promiscuous || t->verbose))
		join(note, "%s", step->note);
}

/* ---- a row ---- */

/* One annotation for the row, naming the style where it is not the last column's. */
static void merge(const struct table *t, char notes[NFP_STYLE_COUNT][NOTE_LEN], char *note)
{
	note[0] = '\0';
	if (t->num == 2 && notes[0][0] && strcmp(notes[0], notes[1]) == 0) {
		join(note, "both: %s", notes[0]);
		return;
	}
	for (size_t i = 0; i < t->num; i++) {
		bool clear = t->num == 1 || (i + 1 == t->num && !notes[0][0]);

		if (!notes[i][0])
			continue;
		if (clear)
			join(note, "%s", notes[i]);
		else
			join(note, "%s: %s", nfp_style_label(t->styles[i]->style), notes[i]);
	}
}

static void print_note(const struct table *t, const char *note, enum nfp_tone tone)
{
	struct nfp_page *page = t->page;
	unsigned int at = column(t, t->num - 1) + (t->sending ? t->width : LANDING_LAST);
	unsigned int need = nfp_utf8_width(note) + 3;

	if (page->columns && at + need > page->columns) {
		nfp_page_nl(page);
		at = t->indent + 4;
	}
	nfp_page_pad(page, at);
	nfp_page_put(page, tone, "<- ");
	nfp_page_wrap(page, tone, at + 3, "%s", note);
}

static void print_counts(const struct table *t, const struct nfp_style_result *style,
			 const struct nfp_step_result *step)
{
	unsigned int at = t->indent + 4;

	for (unsigned int i = 0; i < NFP_KIND_COUNT; i++) {
		const struct nfp_count *c = &step->count[i];

		if (!c->sent)
			continue;
		nfp_page_pad(t->page, at);
		nfp_page_wrap(t->page, NFP_PLAIN, at + 4,
			      "%s %s: %" PRIu64 " sent, PF %" PRIu64 ", VF %" PRIu64
			      ", both %" PRIu64 ", lost %" PRIu64 ", duplicates %" PRIu64,
			      nfp_style_label(style->style), nfp_kind_name((enum nfp_kind)i),
			      c->sent, c->at[NFP_AT_PF], c->at[NFP_AT_VF], c->both,
			      nfp_count_lost(c), c->duplicates);
		nfp_page_nl(t->page);
	}
}

static void print_counter(const struct table *t, const struct nfp_style_result *style,
			  const struct nfp_step_result *step)
{
	if (!step->have_vf_rx)
		return;
	nfp_page_pad(t->page, t->indent + 4);
	nfp_page_wrap(t->page, NFP_PLAIN, t->indent + 8,
		      "%s counted for the VF: %" PRIu64 " received, %" PRIu64 " dropped",
		      nfp_style_label(style->style), step->vf_rx_packets, step->vf_rx_dropped);
	nfp_page_nl(t->page);
}

/* Skipped for the reason that the row before gave? */
static bool repeats(const struct nfp_step_result *cell, const struct nfp_step_result *before)
{
	return cell && before && cell->status == NFP_STATUS_SKIPPED &&
	       before->status == NFP_STATUS_SKIPPED && strcmp(cell->note, before->note) == 0;
}

static void print_cell(const struct table *t, size_t i, const struct nfp_step_result *step,
		       bool bad)
{
	bool dropped = step && step->transmit == NFP_TRANSMIT_DROPPED;

	nfp_page_pad(t->page, column(t, i));
	nfp_page_put(t->page, bad ? NFP_RED : NFP_PLAIN, "%s", cell_words(step));
	if (!t->sending)
		return;
	nfp_page_pad(t->page, column(t, i) + LANDING_THIN);
	nfp_page_put(t->page, dropped ? NFP_RED : NFP_PLAIN, "%s", sending_words(step));
}

static void print_row(const struct table *t, const struct nfp_step_result *const cells[],
		      const struct nfp_step_result *const before[])
{
	char notes[NFP_STYLE_COUNT][NOTE_LEN] = {{0}}, note[NOTE_LEN];
	bool unfit = false;

	for (size_t i = 0; i < t->num; i++) {
		bool bad = cells[i] && nfp_advice_unfit(cells[i]);

		print_cell(t, i, cells[i], bad);
		if (!repeats(cells[i], before[i]))
			annotate(t, cells[i], notes[i]);
		unfit = unfit || bad;
	}
	merge(t, notes, note);
	if (note[0])
		print_note(t, note, unfit ? NFP_RED : NFP_PLAIN);
	nfp_page_nl(t->page);
	for (size_t i = 0; t->verbose && i < t->num; i++) {
		if (!cells[i])
			continue;
		print_counts(t, t->styles[i], cells[i]);
		print_counter(t, t->styles[i], cells[i]);
	}
}

/* All rows; a run of rows that were all skipped for one reason is cut short. */
static void print_rows(const struct table *t)
{
	const struct nfp_step_result *before[NFP_STYLE_COUNT] = {0};
	bool cut = false;

	for (unsigned int step = 0; step < NFP_STEP_COUNT; step++) {
		const struct nfp_step_result *cells[NFP_STYLE_COUNT] = {0};
		bool any = false, again = true, was_cut = cut;

		for (size_t i = 0; i < t->num; i++) {
			cells[i] = nfp_style_step(t->styles[i], (enum nfp_step)step);
			any = any || cells[i];
			again = again && repeats(cells[i], before[i]);
		}
		if (!any)
			continue;
		cut = again;
		if (again && was_cut)
			continue;
		nfp_page_pad(t->page, t->indent);
		nfp_page_put(t->page, NFP_PLAIN, "%s",
			     again ? "..." : nfp_step_name((enum nfp_step)step));
		if (again)
			nfp_page_nl(t->page);
		else
			print_row(t, cells, before);
		memcpy(before, cells, sizeof(before));
	}
}

/* ---- around the rows ---- */

static void print_head(const struct table *t)
{
	for (size_t i = 0; i < t->num; i++) {
		nfp_page_pad(t->page, column(t, i));
		nfp_page_put(t->page, NFP_BOLD, "%s", nfp_style_label(t->styles[i]->style));
	}
	nfp_page_nl(t->page);
	nfp_page_pad(t->page, t->indent);
	nfp_page_put(t->page, NFP_PLAIN, "step");
	for (size_t i = 0; i < t->num; i++) {
		nfp_page_pad(t->page, column(t, i));
		nfp_page_put(t->page, NFP_PLAIN,
			     t->width < 14 || t->sending ? "frames at" : "frames land on");
		if (!t->sending)
			continue;
		nfp_page_pad(t->page, column(t, i) + LANDING_THIN);
		nfp_page_put(t->page, NFP_PLAIN, "sending");
	}
	nfp_page_nl(t->page);
}

static void print_span(struct nfp_page *page, const char *what, const struct nfp_span *span)
{
	if (span->known)
		nfp_page_wrap(page, NFP_PLAIN, 6, ", %s %.1f ms (+-%.1f)", what,
			      (double)span->us / 1000, (double)span->error_us / 1000);
}

static void print_transitions(const struct table *t, const struct nfp_style_result *style)
{
	for (size_t i = 0; i < style->num_transitions; i++) {
		const struct nfp_transition *tr = &style->transitions[i];
		const struct nfp_transition_count *unicast = &tr->count[NFP_KIND_UNICAST];

		nfp_page_pad(t->page, t->indent);
		nfp_page_wrap(t->page, NFP_PLAIN, 6, "%s %s to %s: %" PRIu64 " lost",
			      nfp_style_label(style->style), nfp_step_name(tr->from),
			      nfp_step_name(tr->to), unicast->lost);
		print_span(t->page, "deaf for", &unicast->gap);
		print_span(t->page, "switched in", &unicast->switched);
		if (tr->ack.known)
			nfp_page_wrap(t->page, NFP_PLAIN, 6, ", answered after %.1f ms",
				      (double)tr->ack.us / 1000);
		print_span(t->page, "in effect after another", &unicast->effect);
		nfp_page_nl(t->page);
	}
}

static void print_conclusions(const struct table *t, const struct nfp_style_result *style)
{
	const char *claim = nfp_claim_name(style->claim);
	const char *release = nfp_release_name(style->release);
	const char *delivery = nfp_delivery_name(style->delivery);
	const char *transmit = nfp_transmit_name(style->transmit), *why = style->transmit_note;

	nfp_page_pad(t->page, t->indent);
	nfp_page_wrap(t->page, NFP_PLAIN, 6, "%s: claim %s, release %s, delivery %s%s%s%s%s%s",
		      nfp_style_label(style->style), claim ? claim : "unknown",
		      release ? release : "unknown", delivery ? delivery : "unknown",
		      transmit ? ", transmit " : "", transmit ? transmit : "", why[0] ? " (" : "",
		      why, why[0] ? ")" : "");
	nfp_page_nl(t->page);
}

void nfp_steps_table(struct nfp_page *page, const struct nfp_vf_result *vf, bool verbose)
{
	bool narrow = page->columns && page->columns < NARROW;
	struct table t = {
		.page = page,
		.indent = narrow ? 0 : 2,
		.width = narrow ? 11 : 16,
		.verbose = verbose,
	};

	for (size_t i = 0; i < vf->num_styles; i++) {
		if (!vf->styles[i].num_steps)
			continue;
		t.styles[t.num++] = &vf->styles[i];
		t.sending |= !narrow && vf->styles[i].transmit == NFP_TRANSMIT_DROPPED;
	}
	if (t.sending)
		t.width = LANDING_THIN + SENDING;
	if (t.num == 0)
		return;
	print_head(&t);
	print_rows(&t);
	for (size_t i = 0; verbose && i < t.num; i++) {
		print_transitions(&t, t.styles[i]);
		print_conclusions(&t, t.styles[i]);
	}
}
