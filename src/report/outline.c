// SPDX-License-Identifier: GPL-2.0-or-later
/* outline.c - what a run would do, as an indented list. */
#include "nfprobe/report.h"

#include <stdlib.h>

#include "report_priv.h"

#define INDENT 2U

/* Takes @text over. */
static void append(struct nfp_outline *outline, unsigned int depth, bool command, char *text)
{
	outline->lines = nfp_reallocarray(outline->lines, outline->num + 1,
					  sizeof(*outline->lines));
	outline->lines[outline->num++] = (struct nfp_outline_line) {depth, command, text};
}

void nfp_outline_say(struct nfp_outline *outline, unsigned int depth, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	append(outline, depth, false, nfp_vasprintf(fmt, ap));
	va_end(ap);
}

void nfp_outline_command(struct nfp_outline *outline, unsigned int depth, const char *command)
{
	append(outline, depth, true, nfp_strdup(command));
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
	struct nfp_page page = {.out = out, .columns = opts->columns, .color = opts->color};

	for (size_t i = 0; i < outline->num; i++) {
		const struct nfp_outline_line *line = &outline->lines[i];
		unsigned int at = line->depth * INDENT;

		if (!line->depth && i)
			nfp_page_nl(&page);
		nfp_page_pad(&page, at);
		if (line->command)
			nfp_page_put(&page, NFP_PLAIN, "%s", line->text);
		else
			nfp_page_wrap(&page, line->depth ? NFP_PLAIN : NFP_BOLD, at + INDENT, "%s",
				      line->text);
		nfp_page_nl(&page);
	}
	return nfp_stream_status(out);
}
