// SPDX-License-Identifier: GPL-2.0-or-later
/* terminal.c - text: phrases, the terminal with its width and colours, words that wrap, tables, and
 * messages. */
#include "writer_priv.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/param.h>
#include <unistd.h>

#define PREFIX "nfprobe: "

#define WORD_MAX 25 /* trustGuestRxFilters='yes' */

/* ---- phrases ---- */

double nfp_seconds(uint64_t ns)
{
	return (double)ns / (double)NFP_NSEC_PER_SEC;
}

struct nfp_words nfp_phrase(const char *fmt, ...)
{
	struct nfp_words words = {0};

	NFP_VFORMAT(words.text, sizeof(words.text), fmt);
	return words;
}

void nfp_append(struct nfp_words *words, const char *between, const char *fmt, ...)
{
	const size_t size = sizeof(words->text);
	size_t used = strlen(words->text);

	if (used)
		used += (size_t)snprintf(words->text + used, size - used, "%s", between);
	if (used >= size)
		return;
	NFP_VFORMAT(words->text + used, size - used, fmt);
}

struct nfp_words nfp_sentence(const char *clause, const char *ifname)
{
	struct nfp_words words = nfp_phrase("%s.", clause);

	if (!ifname[0] || strncmp(clause, ifname, strlen(ifname)) != 0)
		words.text[0] = (char)toupper((unsigned char)words.text[0]);
	return words;
}

/* ---- what the terminal can do ---- */

/* Editors and some CI systems set TERM=dumb. */
bool nfp_report_is_terminal(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && !(term && strcmp(term, "dumb") == 0);
}

void nfp_report_resize(struct nfp_report_opts *opts, int fd)
{
	struct winsize size;

	if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) < 0 || !size.ws_col)
		return;
	opts->columns = size.ws_col;
}

struct nfp_report_opts nfp_report_opts_for(const struct nfp_request *request, int fd)
{
	const char *no_color = getenv("NO_COLOR"), *columns = getenv("COLUMNS");
	struct nfp_report_opts opts = {
		.color = request->color == NFP_COLOR_ALWAYS,
		.quiet = request->quiet,
		.verbose = request->verbose,
		/* nfprobe-check and the hook look in no other folder unless they are told to. */
		.next = isatty(fd) && request->mode == NFP_MODE_PROBE && !request->save_dir,
		.saved = request->save ? request->save_dir ?: "" : NULL,
	};

	if (request->color == NFP_COLOR_AUTO)
		opts.color = nfp_report_is_terminal(fd) && !(no_color && no_color[0]);
	nfp_report_resize(&opts, fd);
	if (!opts.columns && columns)
		(void)nfp_value_uint(columns, 20, 10000, &opts.columns);
	return opts;
}

/* ---- the writer ---- */

/* nfp_utf8_clean for a text of any length; the caller frees the result. */
static char *make_printable(const char *text)
{
	size_t size = 3 * strlen(text) + 1; /* a byte becomes three at most */
	char *clean = nfp_malloc(size);

	nfp_utf8_clean(clean, size, text, true);
	return clean;
}

static char *format_printable(const char *fmt, va_list ap) NFP_PRINTF(1, 0);

static char *format_printable(const char *fmt, va_list ap)
{
	char *raw = nfp_vasprintf(fmt, ap), *text = make_printable(raw);

	free(raw);
	return text;
}

static void add_blanks(struct nfp_writer *w, unsigned int num)
{
	w->blanks += num;
	w->col += num;
}

void nfp_writer_wrap(struct nfp_writer *w, enum nfp_text_colour colour, unsigned int hang,
		     const char *fmt, ...)
{
	static const char *const sgr[] = {[NFP_PLAIN] = "",
					  [NFP_BOLD] = "\033[1m",
					  [NFP_RED] = "\033[1;31m",
					  [NFP_GREEN] = "\033[1;32m",
					  [NFP_YELLOW] = "\033[1;33m",
					  [NFP_ALARM] = "\033[1;37;41m"};
	const unsigned int columns = hang == NFP_NO_WRAP ? 0 : w->columns;
	const char *on = w->color ? sgr[colour] : "";
	bool begun = false;
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = format_printable(fmt, ap);
	va_end(ap);
	hang = nfp_writer_hang(w, hang);
	for (char *next = text; *next;) {
		unsigned int blanks = (unsigned int)strspn(next, " "), width;
		char *word = next + blanks, last;

		next = word + strcspn(word, " ");
		last = *next;
		*next = '\0';
		width = nfp_utf8_width(word);
		if (columns && width && w->col + blanks + width > columns && w->col > hang) {
			nfp_writer_newline(w);
			blanks = hang;
		}
		add_blanks(w, blanks);
		if (width) {
			fprintf(w->out, "%*s%s%s", (int)w->blanks, "", begun ? "" : on, word);
			w->blanks = 0;
			w->col += width;
			begun = true;
		}
		*next = last;
	}
	if (begun && on[0])
		fputs("\033[0m", w->out);
	free(text);
}

void nfp_writer_newline(struct nfp_writer *w)
{
	fputc('\n', w->out);
	w->col = w->blanks = 0;
}

void nfp_writer_pad(struct nfp_writer *w, unsigned int column)
{
	add_blanks(w, w->col < column ? column - w->col : w->col ? 2 : 0);
}

unsigned int nfp_writer_hang(const struct nfp_writer *w, unsigned int hang)
{
	if (w->columns && hang + WORD_MAX > w->columns)
		return w->columns > 32 ? 4 : 0;
	return hang;
}

int nfp_stream_status(FILE *out)
{
	errno = 0;
	if (fflush(out) != 0)
		return errno ? -errno : -EIO;
	return ferror(out) ? -EIO : 0;
}

/* ---- grids ---- */

void nfp_grid_column(struct nfp_grid *grid, bool right, const char *heading)
{
	grid->right[grid->num_columns] = right;
	grid->headings[grid->num_columns++] = heading;
}

void nfp_grid_cell(struct nfp_grid *grid, enum nfp_text_colour colour, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	text = format_printable(fmt, ap);
	va_end(ap);
	if (!text[0]) {
		free(text);
		text = nfp_strdup("-");
	}
	*nfp_grow(grid->cells, grid->num_cells) = (struct nfp_cell) {text, colour};
}

bool nfp_writer_grid(struct nfp_writer *w, struct nfp_grid *grid)
{
	unsigned int at[NFP_GRID_COLUMNS + 1] = {grid->indent};
	const size_t num = grid->num_columns;
	unsigned int end = 0;
	bool fits;

	for (size_t c = 0; c < num; c++) {
		unsigned int width = nfp_utf8_width(grid->headings[c]);

		for (size_t i = c; i < grid->num_cells; i += num) {
			width = MAX(width, nfp_utf8_width(grid->cells[i].text));
		}
		end = at[c] + width;
		at[c + 1] = MAX(end + 2, at[c] + grid->widths[c]);
	}
	fits = !grid->columns || end <= grid->columns;
	for (size_t i = 0; num && fits && i < num + grid->num_cells; i++) {
		const size_t c = i % num;
		const char *text = i < num ? grid->headings[c] : grid->cells[i - num].text;
		unsigned int left = grid->right[c] ? at[c + 1] - 2 - nfp_utf8_width(text) : at[c];

		nfp_writer_at(w, left, i < num ? NFP_BOLD : grid->cells[i - num].colour, "%s",
			      text);
		if (c + 1 == num)
			nfp_writer_newline(w);
	}
	for (size_t i = 0; i < grid->num_cells; i++)
		free(grid->cells[i].text);
	free(grid->cells);
	return fits;
}

/* ---- messages ---- */

void nfp_writer_no_failover(struct nfp_writer *w, const struct nfp_report_opts *opts)
{
	if (!opts->quiet)
		nfp_writer_line(w, NFP_PLAIN, 0, 0, "This says nothing about failover.");
}

void nfp_writer_commands(struct nfp_writer *w, unsigned int column,
			 const struct nfp_commands *commands)
{
	char *line;

	for (size_t at = 0; (line = nfp_commands_line(commands, &at));) {
		nfp_writer_at(w, column, NFP_BOLD, "%s", line);
		nfp_writer_newline(w);
		free(line);
	}
}

void nfp_writer_command(struct nfp_writer *w, const struct nfp_commands *command)
{
	char *line = nfp_commands_text(command, " && ");

	nfp_writer_text(w, NFP_BOLD, "%s", line);
	nfp_writer_newline(w);
	free(line);
}

int nfp_report_error(const struct nfp_err *err, const struct nfp_report_opts *opts, FILE *out)
{
	struct nfp_writer w = {.out = out, .columns = opts->columns, .color = opts->color};
	const struct nfp_hint *hint = &err->hint;
	struct nfp_words words = {0};

	/* A recording that is read may have an empty message. */
	nfp_writer_labelled(&w, NFP_RED, PREFIX, sizeof(PREFIX) - 1, "%s",
			    err->message[0] ? err->message : nfp_errcode_name(err->code));
	if (opts->unchanged)
		nfp_append(&words, "", "Nothing was changed.");
	if (hint->text[0])
		nfp_append(&words, " ", "%s", hint->text);
	if (hint->commands.len)
		nfp_append(&words, " ", "Try:");
	if (words.text[0])
		nfp_writer_line(&w, NFP_PLAIN, 0, 0, "%s", words.text);
	nfp_writer_commands(&w, 4, &hint->commands);
	return nfp_stream_status(out);
}

int nfp_report_warning(const char *sentence, const struct nfp_report_opts *opts, FILE *out)
{
	struct nfp_writer w = {.out = out, .columns = opts->columns, .color = opts->color};

	nfp_writer_labelled(&w, NFP_YELLOW, PREFIX "warning: ", sizeof(PREFIX) - 1, "%s", sentence);
	return nfp_stream_status(out);
}

int nfp_report_change(const char *command, FILE *out)
{
	struct nfp_writer w = {.out = out};

	nfp_writer_text(&w, NFP_PLAIN, "+ %s", command);
	nfp_writer_newline(&w);
	return nfp_stream_status(out);
}
