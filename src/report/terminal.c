// SPDX-License-Identifier: GPL-2.0-or-later
/* terminal.c - text on a terminal: its width and colours, words that wrap, tables, messages. */
#include "report_priv.h"

#include <errno.h>
#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "nfprobe/report.h"

#define PREFIX "nfprobe: "
#define WIPE   "\r\033[K"

/* ---- what the terminal can do ---- */

/* A terminal that understands more than text: "dumb" is what editors and some CI systems say. */
bool nfp_report_is_terminal(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && !(term && strcmp(term, "dumb") == 0);
}

static unsigned int terminal_columns(int fd)
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

static bool wants_colour(enum nfp_color color, int fd)
{
	const char *no_color = getenv("NO_COLOR");

	if (color != NFP_COLOR_AUTO)
		return color == NFP_COLOR_ALWAYS;
	return nfp_report_is_terminal(fd) && !(no_color && no_color[0]);
}

/* By the user's locale; the program itself stays in the C locale. */
static bool shows_utf8(void)
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
		.color = wants_colour(request->color, fd),
		.columns = terminal_columns(fd),
		.quiet = request->quiet,
		.verbose = request->verbose,
		.timeline = isatty(fd),
		.utf8 = shows_utf8(),
	};
}

/* ---- words on a page ---- */

static void flush_blanks(struct nfp_page *page)
{
	fprintf(page->out, "%*s", (int)page->blanks, "");
	page->blanks = 0;
}

/* Before the first character of a text; colour_off after its last. */
static void colour_on(struct nfp_page *page, enum nfp_text_colour colour)
{
	static const char *const sgr[] = {"", "\033[1m", "\033[1;31m", "\033[1;32m", "\033[1;33m"};

	flush_blanks(page);
	if (page->color)
		fputs(sgr[colour], page->out);
}

static void colour_off(struct nfp_page *page, enum nfp_text_colour colour)
{
	if (page->color && colour != NFP_PLAIN)
		fputs("\033[0m", page->out);
}

/* Holds back trailing blanks, so that no line ends in blanks. */
static void write_clean(struct nfp_page *page, const char *text)
{
	size_t len = strlen(text), end = len;

	while (end > 0 && text[end - 1] == ' ')
		end--;
	if (end > 0) {
		flush_blanks(page);
		fprintf(page->out, "%.*s", (int)end, text);
	}
	page->blanks += (unsigned int)(len - end);
	page->col += nfp_utf8_width(text);
}

static char *format_printable(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

static char *format_printable(const char *fmt, va_list ap)
{
	char *raw = nfp_vasprintf(fmt, ap), *text = nfp_utf8_printable(raw);

	free(raw);
	return text;
}

void nfp_page_put(struct nfp_page *page, enum nfp_text_colour colour, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = format_printable(fmt, ap);
	va_end(ap);
	if (text[0]) {
		colour_on(page, colour);
		write_clean(page, text);
		colour_off(page, colour);
	}
	free(text);
}

static void indent_to(struct nfp_page *page, unsigned int column)
{
	if (page->col < column) {
		page->blanks += column - page->col;
		page->col = column;
	}
}

void nfp_page_nl(struct nfp_page *page)
{
	fputc('\n', page->out);
	page->col = page->blanks = 0;
}

void nfp_page_pad(struct nfp_page *page, unsigned int column)
{
	indent_to(page, page->col < column || page->col == 0 ? column : page->col + 2);
}

unsigned int nfp_page_hang(const struct nfp_page *page, unsigned int hang)
{
	if (page->columns && hang + 24 > page->columns)
		return page->columns > 32 ? 4 : 0;
	return hang;
}

void nfp_page_wrap(struct nfp_page *page, enum nfp_text_colour colour, unsigned int hang,
		   const char *fmt, ...)
{
	bool begun = false;
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = format_printable(fmt, ap);
	va_end(ap);
	hang = nfp_page_hang(page, hang);
	for (char *w = text; *w;) {
		size_t blanks = strspn(w, " "), len = strcspn(w + blanks, " ");
		char *word = w + blanks, end = word[len];
		unsigned int width;

		if (len == 0)
			break;
		word[len] = '\0';
		width = page->col + (unsigned int)blanks + nfp_utf8_width(word);
		if (page->columns && width > page->columns && page->col > hang) {
			nfp_page_nl(page);
			indent_to(page, hang);
			blanks = 0;
		}
		indent_to(page, page->col + (unsigned int)blanks);
		if (!begun)
			colour_on(page, colour);
		begun = true;
		write_clean(page, word);
		word[len] = end;
		w = word + len;
	}
	if (begun)
		colour_off(page, colour);
	free(text);
}

int nfp_stream_status(FILE *out)
{
	errno = 0;
	if (fflush(out) != 0)
		return errno ? -errno : -EIO;
	return ferror(out) ? -EIO : 0;
}

int nfp_page_end(struct nfp_page *page)
{
	return nfp_stream_status(page->out);
}

/* ---- grids ---- */

#define GRID_INDENT 2U

void nfp_grid_cell(struct nfp_grid *grid, enum nfp_text_colour colour, const char *fmt, ...)
{
	enum nfp_column_kind kind = grid->columns[grid->num_cells % grid->num_columns].kind;
	char *raw;
	va_list ap;

	va_start(ap, fmt);
	raw = nfp_vasprintf(fmt, ap);
	va_end(ap);
	grid->cells = nfp_reallocarray(grid->cells, grid->num_cells + 1, sizeof(*grid->cells));
	grid->cells[grid->num_cells++] = (struct nfp_cell) {
		.text = nfp_utf8_printable(raw[0] || kind == NFP_COLUMN_NOTE ? raw : "-"),
		.colour = colour,
	};
	free(raw);
}

void nfp_grid_fini(struct nfp_grid *grid)
{
	for (size_t i = 0; i < grid->num_cells; i++)
		free(grid->cells[i].text);
	free(grid->cells);
}

/* A cell that does not fit begins another line; the last column wraps. */
static void print_grid_row(struct nfp_page *page, const struct nfp_grid *grid,
			   const unsigned int at[], const struct nfp_cell *cells)
{
	for (size_t c = 0; c < grid->num_columns; c++) {
		const char *text = cells ? cells[c].text : grid->columns[c].heading;
		enum nfp_text_colour colour = cells ? cells[c].colour : NFP_BOLD;

		if (!cells && page->columns && at[c] + nfp_utf8_width(text) > page->columns)
			break;
		if (c + 1 == grid->num_columns) {
			nfp_page_pad(page, at[c]);
			nfp_page_wrap(page, colour, at[c], "%s", text);
		} else if (page->columns && at[c] + nfp_utf8_width(text) > page->columns) {
			nfp_page_nl(page);
			nfp_page_at(page, GRID_INDENT + 4, colour, "%s", text);
		} else {
			nfp_page_at(page, at[c], colour, "%s", text);
		}
	}
	nfp_page_nl(page);
}

bool nfp_page_grid(struct nfp_page *page, const struct nfp_grid *grid, unsigned int last_width)
{
	unsigned int at[NFP_GRID_COLUMNS + 1] = {GRID_INDENT};

	for (size_t c = 0; c < grid->num_columns; c++) {
		unsigned int width = nfp_utf8_width(grid->columns[c].heading);

		for (size_t i = c; i < grid->num_cells; i += grid->num_columns) {
			if (nfp_utf8_width(grid->cells[i].text) > width)
				width = nfp_utf8_width(grid->cells[i].text);
		}
		at[c + 1] = at[c] + width + 2;
	}
	if (last_width && page->columns && at[grid->num_columns - 1] + last_width > page->columns)
		return false;
	print_grid_row(page, grid, at, NULL);
	for (size_t i = 0; i < grid->num_cells; i += grid->num_columns)
		print_grid_row(page, grid, at, &grid->cells[i]);
	return true;
}

/* ---- messages ---- */

int nfp_report_error(const struct nfp_err *err, const struct nfp_report_opts *opts, FILE *out)
{
	struct nfp_page page = {.out = out, .columns = opts->columns, .color = opts->color};

	nfp_page_labelled(&page, NFP_RED, PREFIX, sizeof(PREFIX) - 1, "%s",
			  err->message[0] ? err->message : nfp_errcode_name(err->code));
	if (err->hint[0])
		nfp_page_labelled(&page, NFP_BOLD, PREFIX, sizeof(PREFIX) - 1, "%s", err->hint);
	return nfp_page_end(&page);
}

int nfp_report_warning(const char *sentence, const struct nfp_report_opts *opts, FILE *out)
{
	struct nfp_page page = {.out = out, .columns = opts->columns, .color = opts->color};

	nfp_page_labelled(&page, NFP_YELLOW, PREFIX "warning: ", sizeof(PREFIX) - 1, "%s",
			  sentence);
	return nfp_page_end(&page);
}

int nfp_report_change(const char *command, FILE *out)
{
	struct nfp_page page = {.out = out};

	nfp_page_put(&page, NFP_PLAIN, "+ %s", command);
	nfp_page_nl(&page);
	return nfp_page_end(&page);
}

void nfp_report_progress(FILE *out, unsigned int columns, unsigned int vf, enum nfp_style style,
			 enum nfp_step step, uint64_t remaining_ns)
{
	uint64_t seconds = (remaining_ns + NFP_NSEC_PER_SEC - 1) / NFP_NSEC_PER_SEC;
	char line[128];
	int width = (int)sizeof(line);

	/* The last column stays free: some terminals wrap there, and the line could not be wiped.
	 */
	if (columns > 1 && columns < sizeof(line))
		width = (int)columns - 1;
	snprintf(line, sizeof(line), "VF %u %s: %s (%u of %u), %" PRIu64 " s left", vf,
		 nfp_style_label(style), nfp_step_name(step), (unsigned int)step + 1,
		 (unsigned int)NFP_STEP_COUNT, seconds);
	fprintf(out, WIPE "%.*s", width, line);
	fflush(out);
}

void nfp_report_progress_clear(FILE *out)
{
	fputs(WIPE, out);
	fflush(out);
}
