/* SPDX-License-Identifier: GPL-2.0-or-later */
/* report_priv.h - text for a terminal, tables, phrases and advice about results. */
#ifndef NFPROBE_REPORT_REPORT_PRIV_H
#define NFPROBE_REPORT_REPORT_PRIV_H

#include <limits.h>
#include <stdio.h>

#include "nfprobe/report.h"
#include "nfprobe/verdict.h"

enum nfp_text_colour {
	NFP_PLAIN,
	NFP_BOLD,
	NFP_RED,
	NFP_GREEN,
	NFP_YELLOW,
	NFP_ALARM, /* white on red */
};

/* A phrase, built piece by piece; what does not fit is cut off. Zero is empty. */
struct nfp_words {
	char text[2048];
	enum nfp_text_colour colour;
};

/* Appends to @words, preceded by @between unless it is empty. */
void nfp_append(struct nfp_words *words, const char *between, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

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
	unsigned int blanks; /* before it, not written yet, so that no line ends in blanks */
};

/* Wraps at the end of a line; the next line begins at nfp_writer_hang(@hang). NFP_NO_WRAP: does not
 * wrap. */
#define NFP_NO_WRAP UINT_MAX
void nfp_writer_wrap(struct nfp_writer *w, enum nfp_text_colour colour, unsigned int hang,
		     const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Adds blanks up to @column, or two blanks if the line is that long already. */
void nfp_writer_pad(struct nfp_writer *w, unsigned int column);
void nfp_writer_newline(struct nfp_writer *w);
/* @hang, or less if that would leave no room for words. */
unsigned int nfp_writer_hang(const struct nfp_writer *w, unsigned int hang);

/* Text that is not wrapped: (w, colour, fmt, ...). */
#define nfp_writer_text(w, colour, ...) nfp_writer_wrap(w, colour, NFP_NO_WRAP, __VA_ARGS__)
/* nfp_writer_text from @column on: (w, column, colour, fmt, ...). */
#define nfp_writer_at(w, column, ...) (nfp_writer_pad(w, column), nfp_writer_text(w, __VA_ARGS__))
/* nfp_writer_wrap from @column on, and the end of the line. */
#define nfp_writer_line(w, colour, column, hang, ...)   \
	(nfp_writer_pad(w, nfp_writer_hang(w, column)), \
	 nfp_writer_wrap(w, colour, hang, __VA_ARGS__), nfp_writer_newline(w))
/* A label in @colour, followed by words, and the end of the line. */
#define nfp_writer_labelled(w, colour, label, hang, ...) \
	(nfp_writer_text(w, colour, "%s", label),        \
	 nfp_writer_wrap(w, NFP_PLAIN, hang, __VA_ARGS__), nfp_writer_newline(w))

/* A line for each, from @column on; never wrapped, so that they can be copied. */
void nfp_writer_commands(struct nfp_writer *w, unsigned int column,
			 const struct nfp_commands *commands);
/* This one ends a line. */
void nfp_writer_command(struct nfp_writer *w, const struct nfp_commands *command);

/* Flushes @out: 0, or -errno (-EIO if errno was not set). */
int nfp_stream_status(FILE *out);

/* A document of JSON. @error: NULL or empty: there is none beside what @table has. */
json_t *nfp_json_document(const struct nfp_table *table, const void *from,
			  const struct nfp_err *error);

/* grid: a table, as wide as it is: rows that are broken up cannot be compared. */

#define NFP_GRID_COLUMNS 20
#define NFP_NUM(array)	 (sizeof(array) / sizeof((array)[0]))

struct nfp_cell {
	char *text; /* printable; owned */
	enum nfp_text_colour colour;
};

/* Cells are appended row by row, after the columns. Zero is empty. */
struct nfp_grid {
	const char *headings[NFP_GRID_COLUMNS];
	bool right[NFP_GRID_COLUMNS];	       /* numbers, whose last digits are below each other */
	unsigned int widths[NFP_GRID_COLUMNS]; /* at least, with the blanks to the next column */
	size_t num_columns;
	unsigned int indent;
	unsigned int columns;	/* a grid that is wider is not printed; 0: it always is */
	struct nfp_cell *cells; /* owned */
	size_t num_cells;
};

void nfp_grid_column(struct nfp_grid *grid, bool right, const char *heading);
/* An empty cell is "-". */
void nfp_grid_cell(struct nfp_grid *grid, enum nfp_text_colour colour, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Prints the grid, and frees its cells. False: it is too wide. */
bool nfp_writer_grid(struct nfp_writer *w, struct nfp_grid *grid);

/* words: phrases about results. */

double nfp_seconds(uint64_t ns);

/* "NOT APPLICABLE", "EARLY (allowed)", in the colour of the verdict. */
struct nfp_words nfp_verdict_words(enum nfp_verdict verdict, bool allowed);
/* "SAFE", "NOT SAFE (EARLY)", "UNKNOWN" where JSON says inconclusive. */
struct nfp_words nfp_verdict_text(const struct nfp_style_result *style);
/* A clause as a sentence. The name of a netdev at its beginning, @ifname, stays as it is. */
struct nfp_words nfp_sentence(const char *clause, const char *ifname);

/* Prints what -v adds to a result: steps, counts and times. */
void nfp_details_print(struct nfp_writer *w, const struct nfp_result *result,
		       const struct nfp_vf_result *vf);

/* advice: what to do about a result. */

/* The safe styles share one; another for each may have two; neighbours, elsewhere and here. */
#define NFP_ADVICE_MAX (2 * NFP_STYLE_COUNT + 3)

struct nfp_advice {
	const char *label;	      /* "Do", "Or", "Also" */
	bool more;		      /* another way, which a person reads with -v only */
	struct nfp_words text;	      /* what to do; a full stop ends it if nothing follows */
	struct nfp_words when;	      /* when, and whether the run has tested it; may be empty */
	struct nfp_commands commands; /* may be empty */
};

/* Names that stand for another guest and its netdevs, which an admin puts in. */
#define GUEST	  "GUEST"
#define GUEST_VF  "GUEST_VF"
#define GUEST_MAC "GUEST_MAC"
#define TAP	  "TAP"
#define MACVTAP	  "MACVTAP"
#define NO_MAC	  "00:00:00:00:00:00"

/* Its IPv6 was proved, and works in a guest only if the host lets the guest say what it needs. */
bool nfp_needs_trust(const struct nfp_style_result *style);
/* Clears the address of the guest's VF: a driver that was seen to refuse zero is given another. */
void nfp_add_clearing(struct nfp_commands *to, const struct nfp_vf_result *vf, const char *pf);
/* The duties of the VF's manager. False: nothing is required. @vain: a remedy was tried, and does
 * not help. */
bool nfp_advise_duties(struct nfp_advice *a, const struct nfp_vf_result *vf,
		       const struct nfp_style_result *style, const char *pf, bool vain);

/* The advice on a VF, best first; returns the number. */
size_t nfp_advice_of(const struct nfp_result *result, const struct nfp_vf_result *vf,
		     struct nfp_advice advice[NFP_ADVICE_MAX]);

/* Is the style unsafe because of its neighbours alone, which were required? */
bool nfp_is_by_neighbours(const struct nfp_style_result *style);
/* .. because they do not reach a guest that is here? */
bool nfp_is_by_here(const struct nfp_style_result *style);

/* The change for whose gap --gap-limit made the style inconclusive; NULL: it did not. */
const struct nfp_transition *nfp_gap_in_doubt(const struct nfp_style_result *style,
					      const struct nfp_settings *settings);

/* No style that was run has heard a frame of any kind: the first of them. NULL: one has. */
const struct nfp_style_result *nfp_silent_style(const struct nfp_vf_result *vf);

/* The names of a style in sentences. */
extern const struct nfp_style_words {
	const char *with; /* "SAFE with .." */
	const char *the;  /* "Keep .." */
} nfp_style_words[NFP_STYLE_COUNT];

/* The words about a style of which nothing is known. */
extern const struct nfp_doubt {
	const char *words; /* in the answer; NULL: it is no doubt */
	bool in_step;	   /* "loss at unplug" */
	bool disturbed;	   /* the ladder shows no loss: host or run were disturbed, or the VF
			    * never worked */
	const char *todo;  /* what to do; NULL: to fix that */
	struct nfp_option {
		const char *name, *value;
	} option; /* of the next run; NULL: none */
} nfp_doubts[NFP_WHY_COUNT];

/* answer: the first line of a result: may this VF be used, and with which standby? One line. */
struct nfp_words nfp_answer(const struct nfp_result *result);

/* life: does a guest get its frames while it comes, stays and goes? */

/* The worst comes first. */
enum nfp_life_cell {
	NFP_CELL_LOST,
	NFP_CELL_REFUSED, /* the driver refuses the address */
	NFP_CELL_SLOW,	  /* until the guest sends, behind a bridge; with --gap-limit */
	NFP_CELL_UNKNOWN,
	NFP_CELL_OK,
	NFP_CELL_UNTESTED,
	NFP_CELL_COUNT,
};
extern const struct nfp_names nfp_life_cell_names;

/* In the order of the ladder. A cell is the worst of its steps. */
enum nfp_life_column {
	NFP_LIFE_ATTACH,   /* the guest gets the VF */
	NFP_LIFE_UP,	   /* it uses it */
	NFP_LIFE_UNPLUG,   /* it migrates */
	NFP_LIFE_DETACH,   /* the VF is gone */
	NFP_LIFE_CLEAR,	   /* its address is cleared */
	NFP_LIFE_REASSIGN, /* the next guest gets it */
	NFP_LIFE_VF_FIRST, /* a guest starts, or arrives */
	NFP_LIFE_IPV6,	   /* the groups that the guest joins, in all of these */
	NFP_LIFE_COUNT,
};

struct nfp_life {
	enum nfp_style style;
	enum nfp_life_cell cells[NFP_LIFE_COUNT];
};

/* The column that tells of the change to a step; a step without one belongs to the next that has.
 * NFP_LIFE_COUNT: none. */
enum nfp_life_column nfp_life_column_of(enum nfp_step to);

/* @gap_limit_ms: of the settings. */
void nfp_life_of(const struct nfp_style_result *style, unsigned int gap_limit_ms,
		 struct nfp_life *ret_life);

/* Prints the headings and a row for each standby, or a sentence for each where the table does not
 * fit. */
void nfp_life_print(struct nfp_writer *w, const struct nfp_result *result,
		    const struct nfp_vf_result *vf);
/* "gets VF" */
const char *nfp_life_heading(enum nfp_life_column column);
/* The longest time for which the guest was deaf in a change, in microseconds; -1: not measured;
 * INT64_MAX: in a settled state as well. */
int64_t nfp_longest_outage_us(const struct nfp_style_result *style);
/* "under 0.4 s", "the whole step"; empty if it was not measured. */
struct nfp_words nfp_outage_words(int64_t us);

/* sheet.c: the table, with the counts if @verbose; and what it says in a line. */
void nfp_sheet_print(struct nfp_writer *w, const struct nfp_sheet_result *sheet, bool verbose);
void nfp_sheet_answer(struct nfp_words *line, const struct nfp_result *result);

#endif
