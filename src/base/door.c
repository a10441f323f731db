// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * door.c - the last thing that output passes on its way to what is no terminal. A CI system prints
 * it and executes commands that it finds there: GitHub's runner "::name::" at the beginning of a
 * line and "##[" anywhere, Azure's agent "##vso[" and "##[", GitLab "section_start:" and
 * "section_end:" with control characters behind.
 */
#include "base/output.h"

#include <string.h>
#include <strings.h>

static bool ends_with(const struct nfp_door *door, const char *what)
{
	size_t len = strlen(what);

	return strncasecmp(door->tail + sizeof(door->tail) - len, what, len) == 0;
}

/* Would @c complete a command? Blanks before one do not count, nor does what may be a blank. */
static bool completes(const struct nfp_door *door, char c)
{
	switch (c) {
	case '\r':
		return true;
	case '\033':
		return !door->colour;
	case '[':
		return ends_with(door, "##") || ends_with(door, "##vso");
	case ':':
		return door->colon || ends_with(door, "section_start") ||
		       ends_with(door, "section_end");
	default:
		return false;
	}
}

static void note(struct nfp_door *door, char c)
{
	door->colon = !door->in_line && c == ':';
	if (c == '\n')
		door->in_line = false;
	else if (c > ' ' && (unsigned char)c < 0x7f)
		door->in_line = true;
	memmove(door->tail, door->tail + 1, sizeof(door->tail) - 1);
	door->tail[sizeof(door->tail) - 1] = c;
}

static ssize_t pass(void *cookie, const char *data, size_t len)
{
	struct nfp_door *door = cookie;

	for (size_t i = 0; i < len; i++) {
		if (!completes(door, data[i]))
			putc(data[i], door->to);
		else if (door->markup == NFP_MARKUP_JSON)
			fprintf(door->to, "\\u%04x", (unsigned int)data[i]);
		else
			putc('?', door->to);
		note(door, data[i]);
	}
	return fflush(door->to) == 0 && !ferror(door->to) ? (ssize_t)len : 0;
}

FILE *nfp_door_open(struct nfp_door *door, FILE *to, enum nfp_markup markup, bool colour)
{
	*door = (struct nfp_door) {.to = to, .markup = markup, .colour = colour};
	return fopencookie(door, "w", (cookie_io_functions_t) {.write = pass});
}
