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

/* Commands for the time after the guest has left have a block of their own, at the end. */
static bool is_gone(const struct nfp_advice *a)
{
	return a->moment == NFP_MOMENT_ELSEWHERE && a->commands.len;
}

#define UNDO "undo:"

static void print_lines(struct nfp_writer *w, const char *label, const struct nfp_commands *lines)
{
	if (lines->len && label[0])
		nfp_writer_at(w, 2, NFP_PLAIN, "%s", label);
	nfp_writer_commands(w, NFP_COMMAND_AT, lines);
}

static void print_block(struct nfp_writer *w, const char *label, const struct nfp_advice *a)
{
	nfp_writer_sentence(w, label, "%s%s", a->sentence, a->commands.len ? ":" : ".");
	print_lines(w, "", &a->commands);
	print_lines(w, UNDO, &a->undo);
}

/* Prints the commands, or the undo, of each once. */
static void print_lines_gone(struct nfp_writer *w, const struct nfp_advised *advised, bool undo)
{
	const char *label = undo ? UNDO : "";

	nfp_for_each (a, advised->advice, advised->num_advice) {
		const struct nfp_commands *lines = undo ? &a->undo : &a->commands;
		bool twice = false;

		for (const struct nfp_advice *b = advised->advice; b < a; b++)
			twice |= is_gone(b) &&
				 nfp_commands_equal(undo ? &b->undo : &b->commands, lines);
		if (!is_gone(a) || twice || !lines->len)
			continue;
		print_lines(w, label, lines);
		label = "";
	}
}

static void print_gone(struct nfp_writer *w, const struct nfp_advised *advised)
{
	const struct nfp_advice *last = NULL;

	nfp_for_each (a, advised->advice, advised->num_advice)
		last = is_gone(a) ? a : last;
	if (!last)
		return;
	nfp_writer_sentence(w, last->label, "%s%s", last->sentence, last->commands.len ? ":" : ".");
	print_lines_gone(w, advised, false);
	print_lines_gone(w, advised, true);
}

/* Returns the earlier advice of which @a is a copy, for another style. NULL: there is none. */
static const struct nfp_advice *find_twin(const struct nfp_advised *advised,
					  const struct nfp_advice *a)
{
	for (const struct nfp_advice *b = advised->advice; b < a && a->commands.len; b++) {
		if (strcmp(a->label, b->label) != 0 && strcmp(a->sentence, b->sentence) == 0 &&
		    nfp_commands_equal(&a->commands, &b->commands))
			return b;
	}
	return NULL;
}

void nfp_advice_print(struct nfp_writer *w, const struct nfp_advised *advised)
{
	const char *before = "", *as = "";

	nfp_for_each (a, advised->advice, advised->num_advice) {
		const struct nfp_advice *twin = find_twin(advised, a);
		const char *label = strcmp(a->label, before) == 0 ? "" : a->label;

		if (is_gone(a) || (twin && !label[0] && strcmp(twin->label, as) == 0))
			continue;
		if (twin)
			nfp_writer_sentence(w, label, "As %s.", twin->label);
		else
			print_block(w, label, a);
		before = a->label;
		as = twin ? twin->label : "";
	}
	print_gone(w, advised);
}
