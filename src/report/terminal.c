// SPDX-License-Identifier: GPL-2.0-or-later
/* terminal.c - how text is to look where it goes. */
#include "nfprobe/report.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A terminal that understands more than text: "dumb" is what editors and some CI systems say. */
bool nfp_report_is_terminal(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && !(term && strcmp(term, "dumb") == 0);
}

static unsigned int columns_of(int fd)
{
	const char *env = getenv("COLUMNS");
	struct winsize size;
	char *end;
	unsigned long columns;

	if (isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	if (!env || env[0] < '0' || env[0] > '9')
		return 0;
	columns = strtoul(env, &end, 10);
	return *end == '\0' && columns >= 20 && columns <= 10000 ? (unsigned int)columns : 0;
}

static bool color_on(enum nfp_color color, int fd)
{
	const char *no_color = getenv("NO_COLOR");

	if (color != NFP_COLOR_AUTO)
		return color == NFP_COLOR_ALWAYS;
	return nfp_report_is_terminal(fd) && !(no_color && no_color[0]);
}

/* What the user's locale says of characters; the program itself stays in the C locale. */
static bool speaks_utf8(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool utf8;

	if (locale == (locale_t)0)
		return false;
	utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
	freelocale(locale);
	return utf8;
}

struct nfp_report_opts nfp_report_opts_for(const struct nfp_request *request, int fd)
{
	return (struct nfp_report_opts) {
		.color = color_on(request->color, fd),
		.columns = columns_of(fd),
		.quiet = request->quiet,
		.verbose = request->verbose,
		.timeline = isatty(fd),
		.utf8 = speaks_utf8(),
	};
}
