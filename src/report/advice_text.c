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

static void print_block(struct nfp_writer *w, const char *label, const struct nfp_advice *a)
{
	const struct nfp_commands *document = a->brief.len ? &a->brief : &a->document;

	nfp_writer_sentence(w, label, "%s%s", a->sentence,
			    document->len || a->commands.len ? ":" : ".");
	nfp_writer_commands(w, NFP_COMMAND_AT, document);
	nfp_writer_commands(w, NFP_COMMAND_AT, &a->commands);
}

void nfp_advice_print(struct nfp_writer *w, const struct nfp_advised *advised)
{
	const char *before = "";

	nfp_for_each (a, advised->advice, advised->num_advice) {
		print_block(w, strcmp(a->label, before) == 0 ? "" : a->label, a);
		before = a->label;
	}
}
