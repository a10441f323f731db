// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Takes @text over; NULL is a want of memory. */
static void append(struct nfp_outline *outline, unsigned int depth, bool command, char *text)
{
	struct nfp_outline_line *lines = outline->lines;

	if (text && outline->num == outline->room) {
		size_t room = outline->room ? 2 * outline->room : 64;

		lines = nfp_reallocarray(lines, room, sizeof(*lines));
		if (lines) {
			outline->lines = lines;
			outline->room = room;
		}
	}
	if (!text || !lines) {
		outline->incomplete = true;
		free(text);
		return;
	}
	lines[outline->num++] = (struct nfp_outline_line) {depth, command, text};
}

void nfp_outline_say(struct nfp_outline *outline, unsigned int depth, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	append(outline, depth, false, text);
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
