// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ci_filter.c - the last filter of output that does not go to a terminal. A CI system prints it and
 * executes commands that it finds there: GitHub's runner "::name::" at the beginning of a line and
 * "##[" anywhere, Azure's agent "##vso[" and "##[", GitLab "section_start:" and "section_end:" with
 * control characters after them.
 */
#include "base/output.h"

#include <string.h>
#include <strings.h>

static bool ends_with(const struct nfp_ci_filter *ci_filter, const char *what)
{
	size_t len = strlen(what);

	return strncasecmp(ci_filter->tail + sizeof(ci_filter->tail) - len, what, len) == 0;
}

/* True if @c would complete a command. Blanks before a command do not count; neither does what may
 * be a blank. */
static bool completes(const struct nfp_ci_filter *ci_filter, char c)
{
	switch (c) {
	case '\r':
		return true;
	case '\033':
		return !ci_filter->colour;
	case '[':
		return ends_with(ci_filter, "##") || ends_with(ci_filter, "##vso");
	case ':':
		return ci_filter->colon || ends_with(ci_filter, "section_start") ||
		       ends_with(ci_filter, "section_end");
	default:
		return false;
	}
}

static void note(struct nfp_ci_filter *ci_filter, char c)
{
	ci_filter->colon = !ci_filter->in_line && c == ':';
	if (c == '\n')
		ci_filter->in_line = false;
	else if (c > ' ' && (unsigned char)c < 0x7f)
		ci_filter->in_line = true;
	memmove(ci_filter->tail, ci_filter->tail + 1, sizeof(ci_filter->tail) - 1);
	ci_filter->tail[sizeof(ci_filter->tail) - 1] = c;
}

static ssize_t pass(void *cookie, const char *data, size_t len)
{
	struct nfp_ci_filter *ci_filter = cookie;

	for (size_t i = 0; i < len; i++) {
		if (!completes(ci_filter, data[i]))
			putc(data[i], ci_filter->to);
		else if (ci_filter->markup == NFP_MARKUP_JSON)
			fprintf(ci_filter->to, "\\u%04x", (unsigned int)data[i]);
		else
			putc('?', ci_filter->to);
		note(ci_filter, data[i]);
	}
	return fflush(ci_filter->to) == 0 && !ferror(ci_filter->to) ? (ssize_t)len : 0;
}

FILE *nfp_ci_filter_open(struct nfp_ci_filter *ci_filter, FILE *to, enum nfp_markup markup,
			 bool colour)
{
	*ci_filter = (struct nfp_ci_filter) {.to = to, .markup = markup, .colour = colour};
	return fopencookie(ci_filter, "w", (cookie_io_functions_t) {.write = pass});
}
