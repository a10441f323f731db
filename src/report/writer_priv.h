/* SPDX-License-Identifier: GPL-2.0-or-later */
/* writer_priv.h - phrases, text for a terminal, and tables. */
#ifndef NFPROBE_REPORT_WRITER_PRIV_H
#define NFPROBE_REPORT_WRITER_PRIV_H

#include <limits.h>
#include <stdio.h>

#include "report/report.h"

enum nfp_text_colour {
	NFP_PLAIN,
	NFP_BOLD,
	NFP_RED,
	NFP_GREEN,
	NFP_YELLOW,
	NFP_ALARM, /* white on red */
};

/* A phrase, built piece by piece. Text that does not fit is cut off. Zero is empty. */
struct nfp_words {
	char text[2048];
	enum nfp_text_colour colour;
};

/* Returns a phrase of one piece. */
struct nfp_words nfp_phrase(const char *fmt, ...) NFP_PRINTF(1, 2);
/* Appends to @words, preceded by @between unless it is empty. */
void nfp_append(struct nfp_words *words, const char *between, const char *fmt, ...)
	NFP_PRINTF(3, 4);

/*
 * writer: text in colour, wrapped to the width of a terminal, which is counted in code points.
 *
 * It replaces control characters: names of netdevs and processes come from outside and must not
 * move the cursor.
 */

struct nfp_writer {
	FILE *out;
	unsigned int columns; /* 0: unlimited */
	bool color;
	unsigned int col;    /* where the next character goes */
	unsigned int blanks; /* blanks before it, not written yet, so that no line ends in blanks */
};

/* Wraps at the end of a line. The next line begins at nfp_writer_hang(@hang). NFP_NO_WRAP: does not
 * wrap. */
#define NFP_NO_WRAP UINT_MAX
void nfp_writer_wrap(struct nfp_writer *w, enum nfp_text_colour colour, unsigned int hang,
		     const char *fmt, ...) NFP_PRINTF(4, 5);
/* Adds blanks up to @column, or two blanks if the line is that long already. */
void nfp_writer_pad(struct nfp_writer *w, unsigned int column);
void nfp_writer_newline(struct nfp_writer *w);
/* Returns @hang, or less if that would leave no room for words. */
unsigned int nfp_writer_hang(const struct nfp_writer *w, unsigned int hang);

/* Writes text that is not wrapped: (w, colour, fmt, ...). */
#define nfp_writer_text(w, colour, ...) nfp_writer_wrap(w, colour, NFP_NO_WRAP, __VA_ARGS__)
/* Writes text from @column on: (w, column, colour, fmt, ...). */
#define nfp_writer_at(w, column, ...) (nfp_writer_pad(w, column), nfp_writer_text(w, __VA_ARGS__))
/* Wraps from @column on, and ends the line. */
#define nfp_writer_line(w, colour, column, hang, ...)   \
	(nfp_writer_pad(w, nfp_writer_hang(w, column)), \
	 nfp_writer_wrap(w, colour, hang, __VA_ARGS__), nfp_writer_newline(w))
/* Writes a label in @colour, then words, and ends the line. */
#define nfp_writer_labelled(w, colour, label, hang, ...) \
	(nfp_writer_text(w, colour, "%s", label),        \
	 nfp_writer_wrap(w, NFP_PLAIN, hang, __VA_ARGS__), nfp_writer_newline(w))

/* Prints a line for each command, from @column on. It is never wrapped, so that it
 * can be copied. */
void nfp_writer_commands(struct nfp_writer *w, unsigned int column,
			 const struct nfp_commands *commands);
/* Prints one command, and ends the line. */
void nfp_writer_command(struct nfp_writer *w, const struct nfp_commands *command);

#define NFP_TEXT_COLUMNS 80 /* sentences wrap here on wider terminals, too */
#define NFP_LABEL_WIDTH	 9  /* "macvtap  " */
#define NFP_COMMAND_AT	 11

/* Writes sentences, with or without a label. */
void nfp_writer_paragraph(struct nfp_writer *w, unsigned int hang, const char *text);
void nfp_writer_sentence(struct nfp_writer *w, const char *label, const char *fmt, ...)
	NFP_PRINTF(3, 4);

/* Flushes @out: 0, or -errno (-EIO if errno was not set). */
int nfp_stream_status(FILE *out);

/* Ends what answers another question than whether failover works, unless it is quiet. */
void nfp_writer_no_failover(struct nfp_writer *w, const struct nfp_report_opts *opts);

/* The documents as tables: an event of --json-stream (whose forms are bits of the event's number),
 * and those of --list and --audit; and what --watch adds to one. */
extern const struct nfp_table nfp_event_table, nfp_list_table, nfp_audit_table, nfp_way_table,
	nfp_watch_table;
/* Parts of documents: a guest, and what was not seen. */
extern const struct nfp_table nfp_guest_table, nfp_unread_table;
const char *nfp_event_name(enum nfp_event_what what); /* Returns the event's name. NULL:
							 --json-stream does not have it. */

/* Makes a document of JSON. @error NULL or empty: there is none beside what @table has. */
json_t *nfp_json_document(const struct nfp_table *table, const void *from,
			  const struct nfp_err *error);

/* guests: those of an audit, in a line each; what an audit has not seen (audit.c). */
void nfp_writer_guests(struct nfp_writer *w, const struct nfp_audit *audit);
void nfp_writer_unread(struct nfp_writer *w, const struct nfp_audit *audit);

/* grid: a table as wide as its cells: rows that are broken up cannot be compared. */

#define NFP_GRID_COLUMNS 20

struct nfp_cell {
	char *text; /* printable; owned */
	enum nfp_text_colour colour;
};

/* Cells are appended row by row, after the columns. Zero is empty. */
struct nfp_grid {
	const char *headings[NFP_GRID_COLUMNS];
	bool right[NFP_GRID_COLUMNS]; /* numbers, aligned at their last digits */
	unsigned int
		widths[NFP_GRID_COLUMNS]; /* at least, with the blanks before the next column */
	size_t num_columns;
	unsigned int indent;
	unsigned int columns;	/* a grid that is wider is not printed; 0: it always is */
	struct nfp_cell *cells; /* owned */
	size_t num_cells;
};

void nfp_grid_column(struct nfp_grid *grid, bool right, const char *heading);
/* Appends a cell. An empty one is "-". */
void nfp_grid_cell(struct nfp_grid *grid, enum nfp_text_colour colour, const char *fmt, ...)
	NFP_PRINTF(3, 4);
/* Prints the grid, and frees its cells. False: it is too wide. */
bool nfp_writer_grid(struct nfp_writer *w, struct nfp_grid *grid);

/* words: phrases about results. */

double nfp_seconds(uint64_t ns);

/* Writes "NOT APPLICABLE", "EARLY (allowed)", in the colour of the verdict. */
struct nfp_words nfp_verdict_words(enum nfp_verdict verdict, bool allowed);
/* Returns a word of JSON as a person says it: "not known" for "unknown" and
 * "unproven". NULL stays. */
const char *nfp_plainly(const char *word);
/* Writes "SAFE", "NOT SAFE (EARLY)", "UNKNOWN". */
struct nfp_words nfp_verdict_text(const struct nfp_style_result *style);
/* Makes a sentence of a clause. A netdev's name at its beginning, @ifname, stays as it is. */
struct nfp_words nfp_sentence(const char *clause, const char *ifname);

#endif
