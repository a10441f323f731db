// SPDX-License-Identifier: GPL-2.0-or-later
/* modes.c - what --dry-run, --reflect and --restore print. */
#include "writer_priv.h"

#include <inttypes.h>
#include <stdlib.h>

/* ---- --dry-run ---- */

#define INDENT 2U

static void append_line(struct nfp_outline *outline, unsigned int depth, bool command, char *text)
{
	*nfp_grow(outline->lines, outline->num) = (struct nfp_outline_line) {depth, command, text};
}

void nfp_outline_add(struct nfp_outline *outline, unsigned int depth, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	append_line(outline, depth, false, nfp_vasprintf(fmt, ap));
	va_end(ap);
}

void nfp_outline_command(struct nfp_outline *outline, unsigned int depth, const char *command)
{
	append_line(outline, depth, true, nfp_strdup(command));
}

void nfp_outline_fini(struct nfp_outline *outline)
{
	for (size_t i = 0; i < outline->num; i++)
		free(outline->lines[i].text);
	free(outline->lines);
	*outline = (struct nfp_outline) {0};
}

int nfp_report_outline(const struct nfp_outline *outline, const struct nfp_report_opts *opts,
		       FILE *out)
{
	struct nfp_writer w = {.out = out, .columns = opts->columns, .color = opts->color};

	for (size_t i = 0; i < outline->num; i++) {
		const struct nfp_outline_line *line = &outline->lines[i];
		unsigned int at = line->depth * INDENT;

		if (!line->depth && i)
			nfp_writer_newline(&w);
		nfp_writer_pad(&w, at);
		if (line->command)
			nfp_writer_text(&w, NFP_PLAIN, "%s", line->text);
		else
			nfp_writer_wrap(&w, line->depth ? NFP_PLAIN : NFP_BOLD, at + INDENT, "%s",
					line->text);
		nfp_writer_newline(&w);
	}
	return nfp_stream_status(out);
}

/* ---- --reflect ---- */

/* The command is not wrapped, so that it can be copied. */
int nfp_report_reflect_start(const struct nfp_reflector_config *config,
			     const struct nfp_report_opts *opts, FILE *out)
{
	struct nfp_writer w = {.out = out, .columns = opts->columns, .color = opts->color};
	const char *file = config->id_file;
	struct nfp_commands command = {0};
	char id[NFP_PEER_ID_STRLEN];

	if (!opts->quiet) {
		nfp_writer_wrap(&w, NFP_PLAIN, 0,
				"%s forwards test frames for %g s, at most %u unicast frames a "
				"second. On the other host type, with its PF and VF%s:",
				config->netdev.ifname, nfp_seconds(config->for_ns), config->rate,
				file ? ", and a file there with the same id" : "");
		nfp_writer_newline(&w);
		nfp_writer_newline(&w);
		nfp_writer_text(&w, NFP_PLAIN, "    ");
	}
	nfp_command_add(&command, "nfprobe PF --vf N --from peer:%s --id %s%s",
			nfp_mac_str(&config->mac).text, file ? "@" : "",
			file ? file : nfp_peer_id_str(&config->id, id));
	if (config->rate != NFP_RATE_DEFAULT)
		nfp_command_more(&command, "--rate %u", config->rate);
	nfp_writer_command(&w, &command);
	if (!opts->quiet)
		nfp_writer_newline(&w);
	return nfp_stream_status(out);
}

int nfp_report_reflect_end(const struct nfp_reflector_report *report,
			   const struct nfp_report_opts *opts, FILE *out)
{
	if (opts->quiet)
		return nfp_stream_status(out);
	fprintf(out, "%s after %.1f s: %" PRIu64 " received\n",
		report->stopped ? "stopped" : "time is over",
		nfp_seconds(report->ended_ns - report->began_ns), report->received);
	for (enum nfp_reflect_outcome i = 0; i < NFP_REFLECT_OUTCOMES; i++) {
		bool sent = i == NFP_REFLECT_SENT_ON;
		bool answered = i == NFP_REFLECT_ANSWERED;

		if (report->outcome[i] || sent || opts->verbose)
			fprintf(out, "  %s%" PRIu64 " %s\n",
				sent || answered ? "" : "not forwarded: ", report->outcome[i],
				nfp_reflect_outcome_text(i));
	}
	if (report->drops || opts->verbose)
		fprintf(out, "  lost by the capture: %" PRIu64 "\n", report->drops);
	return nfp_stream_status(out);
}

/* ---- --restore; differences that remain are errors, which the caller prints ---- */

static void print_lines(const struct nfp_strv *list, const char *head, FILE *out)
{
	struct nfp_writer w = {.out = out};

	for (size_t i = 0; i < list->n; i++) {
		nfp_writer_text(&w, NFP_PLAIN, "%s%s", head, list->v[i]);
		nfp_writer_newline(&w);
	}
}

static void print_hints(const struct nfp_hints *list, const char *head, FILE *out)
{
	struct nfp_writer w = {.out = out};

	for (size_t i = 0; i < list->n; i++) {
		char *text = nfp_hint_text(&list->v[i]);

		nfp_writer_text(&w, NFP_PLAIN, "%s%s", head, text);
		nfp_writer_newline(&w);
		free(text);
	}
}

int nfp_report_restore(const struct nfp_restore_report *report, const struct nfp_report_opts *opts,
		       FILE *out)
{
	if (!opts->quiet) {
		print_lines(&report->done, "", out);
		if (!report->found && !report->unsure)
			fputs("nothing to undo\n", out);
	}
	print_lines(&report->others, "left as it is: ", out);
	print_hints(&report->left_behind, "left behind: ", out);
	print_lines(&report->taken, "not restored yet: ", out);
	print_lines(&report->failed, "not restored: ", out);
	return nfp_stream_status(out);
}
