// SPDX-License-Identifier: GPL-2.0-or-later
/* advice_text.c - advice as text: a block for each moment, after the name of what it is about. */
#include "summary_priv.h"

#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

/* ---- sentences behind a label ---- */

void nfp_writer_paragraph(struct nfp_writer *w, unsigned int hang, const char *text)
{
	const unsigned int columns = w->columns;

	w->columns = MIN(columns, NFP_TEXT_COLUMNS);
	nfp_writer_wrap(w, NFP_PLAIN, hang, "%s", text);
	nfp_writer_newline(w);
	w->columns = columns;
}

void nfp_writer_sentence(struct nfp_writer *w, const char *label, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = nfp_vasprintf(fmt, ap);
	va_end(ap);
	nfp_writer_text(w, NFP_BOLD, "%s", label);
	nfp_writer_pad(w, NFP_LABEL_WIDTH);
	nfp_writer_paragraph(w, NFP_LABEL_WIDTH, text);
	free(text);
}

/* ---- what to do ---- */

/* What is done once the guest has left has a block of its own, at the end. */
static bool is_gone(const struct nfp_advice *a)
{
	return a->moment == NFP_MOMENT_ELSEWHERE;
}

static void print_block(struct nfp_writer *w, const char *label, const struct nfp_advice *a)
{
	const struct nfp_commands *document = a->brief.len ? &a->brief : &a->document;

	nfp_writer_sentence(w, label, "%s%s", a->sentence,
			    document->len || a->commands.len ? ":" : ".");
	nfp_writer_commands(w, NFP_COMMAND_AT, document);
	nfp_writer_commands(w, NFP_COMMAND_AT, &a->commands);
}

static void print_gone(struct nfp_writer *w, const struct nfp_advised *advised)
{
	const struct nfp_advice *last = NULL;

	nfp_for_each (a, advised->advice, advised->num_advice)
		last = is_gone(a) ? a : last;
	if (!last)
		return;
	nfp_writer_sentence(w, last->label, "%s:", last->sentence);
	nfp_for_each (a, advised->advice, advised->num_advice) {
		bool twice = false;

		for (const struct nfp_advice *b = advised->advice; b < a; b++)
			twice |= is_gone(b) && nfp_commands_equal(&b->commands, &a->commands);
		if (is_gone(a) && !twice)
			nfp_writer_commands(w, NFP_COMMAND_AT, &a->commands);
	}
}

static bool is_same_block(const struct nfp_advice *a, const struct nfp_advice *b)
{
	return is_gone(a) == is_gone(b) && strcmp(a->sentence, b->sentence) == 0 &&
	       nfp_commands_equal(&a->document, &b->document) &&
	       nfp_commands_equal(&a->commands, &b->commands);
}

/* Returns the first advice of an earlier style whose advice is that of the style of @first. NULL:
 * there is none. */
static const struct nfp_advice *find_twin(const struct nfp_advised *advised,
					  const struct nfp_advice *first, size_t num)
{
	nfp_for_each (twin, advised->advice, (size_t)(first - advised->advice)) {
		const struct nfp_advice *end = twin + num;
		size_t same = 0;
		const bool begins = twin == advised->advice || twin[-1].rank != twin->rank;

		if (!begins || twin[num - 1].rank != twin->rank || end->rank == twin->rank)
			continue;
		while (same < num && is_same_block(&twin[same], &first[same]))
			same++;
		if (same == num)
			return twin;
	}
	return NULL;
}

void nfp_advice_print(struct nfp_writer *w, const struct nfp_advised *advised)
{
	const struct nfp_advice *end = advised->advice + advised->num_advice;
	const char *before = "";

	for (const struct nfp_advice *a = advised->advice, *next; a < end; a = next) {
		const struct nfp_advice *twin = NULL;

		for (next = a; next < end && next->rank == a->rank; next++)
			;
		if (a->row.style < NFP_STYLE_COUNT && a->commands.len)
			twin = find_twin(advised, a, (size_t)(next - a));
		if (twin) {
			nfp_writer_sentence(w, a->label, "As %s.", twin->label);
			continue;
		}
		for (; a < next; a++) {
			if (is_gone(a))
				continue;
			print_block(w, strcmp(a->label, before) == 0 ? "" : a->label, a);
			before = a->label;
		}
	}
	print_gone(w, advised);
}
