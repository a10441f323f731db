// SPDX-License-Identifier: GPL-2.0-or-later
/* told.c - advice as text: each rank under its label, numbered where it takes more than one thing.
 */
#include "report_priv.h"

#include <ctype.h>
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

/* A run to be made again stands in the sentence, if there is room. */
static bool print_in_line(struct nfp_writer *w, const char *label, const char *text,
			  const struct nfp_commands *commands)
{
	char *line = nfp_commands_text(commands, "\n");
	bool fits = nfp_commands_is(commands, "nfprobe") &&
		    NFP_LABEL_WIDTH + strlen(text) + 1 + strlen(line) <=
			    MIN(w->columns, NFP_TEXT_COLUMNS);

	if (fits) {
		nfp_writer_text(w, NFP_BOLD, "%s", label);
		nfp_writer_at(w, NFP_LABEL_WIDTH, NFP_PLAIN, "%s ", text);
		nfp_writer_command(w, commands);
	}
	free(line);
	return fits;
}

/* A clause goes on with it. */
static struct nfp_words clause_of(const char *sentence)
{
	struct nfp_words words = nfp_phrase("%s", sentence);

	words.text[0] = (char)tolower((unsigned char)words.text[0]);
	return words;
}

/* It claims nothing of the run. */
static bool is_always(const struct nfp_advice *a)
{
	return a->what == NFP_ADVISE_SET && a->also;
}

/* "When the guest runs elsewhere, and not before (its VF would be deaf): clear
 * its VF's address, or
 * this host and other VFs may lose it". @brief: without the reasons, but for what is in the XML. */
static struct nfp_words advice_words(const struct nfp_advice *a, bool brief)
{
	const char *const proofs[] = {
		[NFP_SHOWN_TESTED] = NULL,
		[NFP_SHOWN_BY_RULE] = a->what == NFP_ADVISE_FIX ? "by the kernel's rules" : NULL,
		[NFP_SHOWN_NOT] = a->what == NFP_ADVISE_PROBE || a->what == NFP_ADVISE_RESTORE ||
						  is_always(a)
					  ? NULL
					  : "not tested"};
	struct nfp_words words = {0}, more = {0};

	if (a->instead_of[0])
		nfp_append(&words, "", "or, %s%s%s", a->if_so,
			   nfp_moment_words[a->moment][0] ? ", " : "",
			   clause_of(nfp_moment_words[a->moment]).text);
	if (a->text[0]) {
		if (!a->instead_of[0])
			nfp_append(&words, "", "%s", nfp_moment_words[a->moment]);
		if (a->not_before)
			nfp_append(&words, "", ", and not before");
		if (a->if_earlier && !brief)
			nfp_append(&words, "", " (%s)", a->if_earlier);
		nfp_append(&words, ": ", "%s", a->text);
	}
	if (a->if_never && (!brief || a->where == NFP_IN_XML))
		nfp_append(&words, ", or ", "%s", a->if_never);
	if (a->cuts_off)
		nfp_append(&more, "; ", "this cuts off %s", a->cuts_off);
	if (a->again)
		nfp_append(&more, "; ", "%s", a->again);
	if (a->costs && (!brief || a->where != NFP_IN_XML))
		nfp_append(&more, "; ", "%s", a->costs);
	if (proofs[a->shown] && !(brief && a->shown == NFP_SHOWN_BY_RULE))
		nfp_append(&more, "; ", "%s", proofs[a->shown]);
	else if (a->group == NFP_STATE_UNPROVEN && a->what == NFP_ADVISE_KEEP)
		nfp_append(&more, "; ", "IPv6 is not known");
	if (words.text[0] && more.text[0])
		nfp_append(&words, "", " (%s)", more.text);
	return words;
}

static const char *label_of(const struct nfp_advised *advised, const struct nfp_advice *a)
{
	const bool first = a->rank == advised->advice->rank;

	if (a->what == NFP_ADVISE_AVOID && a->row.style < NFP_STYLE_COUNT)
		return first ? "Note" : "But";
	return first ? "Do" : a->also ? "Also" : "Or";
}

static struct nfp_words head_of(const struct nfp_advice *first)
{
	const bool ipv4 = first->what == NFP_ADVISE_KEEP && first->group == NFP_STATE_LOST;

	if (!first->head[0])
		return (struct nfp_words) {0};
	return nfp_phrase("%s%s.", first->head, ipv4 ? ", IPv4 only" : "");
}

struct nfp_words nfp_advice_sentence(const struct nfp_advised *advised, const struct nfp_advice *a)
{
	struct nfp_words words = advice_words(a, false), sentence;

	if (words.text[0])
		words = nfp_sentence(words.text, "");
	if (a > advised->advice && a->rank == a[-1].rank)
		return words;
	sentence = nfp_phrase("%s:", label_of(advised, a));
	if (a->head[0])
		nfp_append(&sentence, " ", "%s", head_of(a).text);
	if (words.text[0])
		nfp_append(&sentence, " ", "%s", words.text);
	return sentence;
}

/* @brief: one of several steps, or said beside them: its reasons are a matter of -v. */
static void print_item(struct nfp_writer *w, const struct nfp_advice *a, const char *label,
		       const char *before, bool verbose, bool brief)
{
	const struct nfp_commands *document = verbose ? &a->document : &a->brief;
	struct nfp_words words = advice_words(a, brief), line = nfp_phrase("%s", before);
	bool has_lines = document->len || a->commands.len;

	if (words.text[0])
		words = nfp_sentence(words.text, "");
	if (words.text[0] && has_lines)
		words.text[strlen(words.text) - 1] = ':';
	nfp_append(&line, " ", "%s", words.text);
	if (a->moment == NFP_MOMENT_NOW && print_in_line(w, label, line.text, &a->commands))
		return;
	nfp_writer_sentence(w, label, "%s", line.text);
	nfp_writer_commands(w, NFP_COMMAND_AT, document);
	if (document->len && a->commands.len)
		nfp_writer_sentence(w, "", "and on the host:");
	nfp_writer_commands(w, NFP_COMMAND_AT, &a->commands);
	if (verbose && a->undo.len) {
		nfp_writer_sentence(w, "", "To undo it%s:",
				    a->again ? ", unless it has gone with the tap" : "");
		nfp_writer_commands(w, NFP_COMMAND_AT, &a->undo);
	}
}

/* The advice of one rank: its head, then its items, numbered if there is more than one. */
static void print_rank(struct nfp_writer *w, const struct nfp_advice advice[], size_t num,
		       const char *label, bool verbose)
{
	const struct nfp_words head = head_of(advice);
	size_t items = 0, item = 0;
	bool hook = false;

	nfp_for_each (a, advice, num) {
		items += !a->instead_of[0] && (verbose || !a->more);
		hook |= a->hook;
	}
	if (items > 1)
		nfp_writer_sentence(w, label, "%s", head.text);
	for (size_t i = 0; i < num; i++) {
		const bool other = advice[i].instead_of[0] != '\0';
		struct nfp_words number = {0};

		if (advice[i].more && !verbose)
			continue;
		if (items > 1 && !other)
			number = nfp_phrase("%zu.", ++item);
		print_item(w, &advice[i], items > 1 || other ? "" : label,
			   items > 1 || other ? number.text : head.text, verbose,
			   (items > 1 || advice->also) && !verbose);
	}
	if (hook)
		nfp_writer_sentence(w, "",
				    "libvirt's hook does it with LIBVIRT_HOOK=act in "
				    "/etc/nfprobe/nfprobe.conf.");
}

size_t nfp_advice_commands(const struct nfp_advice advice[], size_t num)
{
	struct nfp_strv words;
	const char *file;
	size_t count = 0;

	nfp_for_each (a, advice, num) {
		for (size_t at = 0;
		     !a->instead_of[0] && nfp_commands_words(&a->commands, &at, &words, &file);
		     count++)
			nfp_strv_fini(&words);
	}
	return count;
}

void nfp_advice_print_always(struct nfp_writer *w, const struct nfp_advised *advised)
{
	nfp_for_each (a, advised->advice, advised->num_advice)
		if (is_always(a))
			print_rank(w, a, 1, "Do", false);
}

/* Another run may answer for several rows. */
static bool is_said(const struct nfp_advice *first, const struct nfp_advice *a)
{
	for (const struct nfp_advice *b = first; b < a && a->what == NFP_ADVISE_PROBE; b++) {
		if (b->what == a->what && strcmp(b->text, a->text) == 0 &&
		    nfp_commands_equal(&b->commands, &a->commands))
			return true;
	}
	return false;
}

/* The first way is told whole, and so is one command beside it, if the first has no more. All
 * others are a matter of -v. */
void nfp_advice_print(struct nfp_writer *w, const struct nfp_advised *advised, bool verbose)
{
	const struct nfp_advice *first = advised->advice, *end = first + advised->num_advice;
	size_t of_first = 0;

	for (const struct nfp_advice *a = first, *next; a < end; a = next) {
		const char *label = label_of(advised, a);
		struct nfp_words brief;
		size_t commands;

		for (next = a; next < end && next->rank == a->rank;)
			next++;
		commands = nfp_advice_commands(a, (size_t)(next - a));
		of_first = a == first ? commands : of_first;
		if ((a->more && !verbose) || is_said(first, a))
			continue;
		if (!verbose && a != first && is_always(a) && of_first > 1) {
			brief = nfp_sentence(advice_words(a, true).text, "");
			nfp_writer_sentence(w, label, "%s", brief.text);
			continue;
		}
		if (verbose || a == first || (a->also && commands == 1) || !commands ||
		    a->what == NFP_ADVISE_PROBE) {
			print_rank(w, a, (size_t)(next - a), label, verbose);
			continue;
		}
		brief = nfp_phrase("%s: %zu command%s, with -v", a->head[0] ? a->head : a->text,
				   commands, commands == 1 ? "" : "s");
		nfp_writer_sentence(w, label, "%s", nfp_sentence(brief.text, "").text);
	}
}
