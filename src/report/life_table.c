// SPDX-License-Identifier: GPL-2.0-or-later
/* life_table.c - the life of a guest as a table: a row for each standby. */
#include "report_priv.h"

#include <stdint.h>
#include <sys/param.h>

#define VERDICT_WIDTH	17 /* "EARLY (allowed)" */
#define LIFE_NAME_WIDTH 13 /* "static (fix)" */
#define NARROW_COLUMNS	78 /* the table is this wide */
#define NOT_YET		"..."

static const struct {
	const char *heading;
	unsigned int width;
} columns[NFP_LIFE_COUNT] = {
	[NFP_LIFE_ATTACH] = {"gets VF", 9},   [NFP_LIFE_UP] = {"VF up", 7},
	[NFP_LIFE_UNPLUG] = {"migrates", 10}, [NFP_LIFE_DETACH] = {"VF gone", 9},
	[NFP_LIFE_CLEAR] = {"cleared", 9},    [NFP_LIFE_REASSIGN] = {"next", 7},
	[NFP_LIFE_VF_FIRST] = {"starts", 8},  [NFP_LIFE_IPV6] = {"IPv6", 6},
};

static const struct {
	const char *word;
	enum nfp_text_colour colour;
} cells[NFP_CELL_COUNT] = {
	[NFP_CELL_LOST] = {"LOST", NFP_ALARM}, [NFP_CELL_REFUSED] = {"REFUSED", NFP_ALARM},
	[NFP_CELL_SLOW] = {"SLOW", NFP_ALARM}, [NFP_CELL_UNKNOWN] = {"?", NFP_YELLOW},
	[NFP_CELL_OK] = {"ok", NFP_GREEN},     [NFP_CELL_UNTESTED] = {"-", NFP_PLAIN},
};

const char *nfp_life_heading(enum nfp_life_column column)
{
	return columns[column].heading;
}

/*
 * A remedy is named by what it adds; "fix" if it serves the guest better than what it is for. @vf:
 * NULL while that is not known.
 */
static struct nfp_words row_name(const struct nfp_vf_result *vf,
				 const struct nfp_style_result *style)
{
	static const char *const brief[NFP_STYLE_COUNT] = {
		[NFP_STYLE_BRIDGE_FDB] = "+fdb",
		[NFP_STYLE_STATIC_BRIDGE] = "static",
	};
	struct nfp_words name = {0};
	bool helps = false, lost;

	if (!style->remedy || !brief[style->style]) {
		nfp_append(&name, "", "%s",
			   style->style == NFP_STYLE_STATIC_BRIDGE ? "static"
								   : nfp_style_name(style->style));
		return name;
	}
	nfp_append(&name, "", "%s", brief[style->style]);
	for (enum nfp_style s = 0; vf && s < NFP_STYLE_COUNT; s++)
		helps |= nfp_styles[style->style].mends & NFP_STYLE_BIT(s) &&
			 nfp_best_remedy(vf, s, &lost) == style->style;
	if (vf)
		nfp_append(&name, " ", helps ? "(fix)" : "(no)");
	return name;
}

int64_t nfp_longest_outage_us(const struct nfp_style_result *style)
{
	struct nfp_outage outage;
	int64_t us = -1;

	for (enum nfp_listens l = NFP_LISTENS_PF; l <= NFP_LISTENS_VF; l++) {
		const struct nfp_span *gap;

		if (!nfp_outage_of(style, l, &outage))
			continue;
		if (outage.endless)
			return INT64_MAX;
		gap = &outage.longest->unicast.gap;
		us = MAX(us, gap->us + (int64_t)gap->error_us);
	}
	return us;
}

struct nfp_words nfp_outage_words(int64_t us)
{
	struct nfp_words words = {0};

	if (us == INT64_MAX)
		nfp_append(&words, "", "the whole step");
	else if (us >= 0) /* to tenths of a second, rounded up */
		nfp_append(&words, "", "under %.1f s", (double)(us / 100000 + 1) / 10);
	return words;
}

static unsigned int table_width(void)
{
	unsigned int width = 2 + LIFE_NAME_WIDTH;

	for (size_t c = 0; c < NFP_LIFE_COUNT; c++)
		width += columns[c].width;
	return width;
}

/* "bridge: LOST gets VF, migrates; ? IPv6", for a terminal that is too narrow for the table. */
static void print_row_in_words(struct nfp_writer *w, const struct nfp_life *life, const char *name)
{
	struct nfp_words in[NFP_CELL_COUNT] = {0};
	bool bad = false;

	for (enum nfp_life_column c = 0; c < NFP_LIFE_COUNT; c++) {
		nfp_append(&in[life->cells[c]], ", ", "%s", columns[c].heading);
		bad |= life->cells[c] < NFP_CELL_OK;
	}
	/* Columns that are well are not listed: they are the rest. */
	if (bad)
		in[NFP_CELL_OK].text[0] = '\0';
	nfp_writer_at(w, 2, NFP_BOLD, "%s: ", name);
	for (enum nfp_life_cell cell = 0; cell < NFP_CELL_COUNT; cell++) {
		const char *word = cell == NFP_CELL_UNTESTED ? "not tested" : cells[cell].word;
		bool list = cell != NFP_CELL_OK, more = false;

		for (enum nfp_life_cell later = cell + 1; later < NFP_CELL_COUNT; later++)
			more |= in[later].text[0] != '\0';
		if (!in[cell].text[0])
			continue;
		nfp_writer_wrap(w, cells[cell].colour, 4, "%s", word);
		nfp_writer_wrap(w, NFP_PLAIN, 4, "%s%s%s", list ? " " : "",
				list ? in[cell].text : "", more ? "; " : "");
	}
	nfp_writer_newline(w);
}

/* @live: the run goes on, and what it shows of IPv6 may still change. */
static void print_row(struct nfp_writer *w, const struct nfp_style_result *style,
		      const struct nfp_life *life, const char *name, bool wide, bool live)
{
	unsigned int at = 2 + LIFE_NAME_WIDTH;

	nfp_writer_at(w, 2, NFP_BOLD, "%s", name);
	for (enum nfp_life_column c = 0; c < NFP_LIFE_COUNT; c++) {
		bool needs = c == NFP_LIFE_IPV6 && life->cells[c] == NFP_CELL_OK &&
			     nfp_styles[style->style].ipv6;

		if (live && c == NFP_LIFE_IPV6)
			nfp_writer_at(w, at, NFP_PLAIN, NOT_YET);
		else
			nfp_writer_at(w, at, cells[life->cells[c]].colour, "%s%s",
				      cells[life->cells[c]].word, needs ? "*" : "");
		at += columns[c].width;
	}
	if (wide) {
		struct nfp_words words = nfp_verdict_words(style->verdict, style->allowed);

		if (style->verdict == NFP_VERDICT_INCONCLUSIVE)
			words = nfp_verdict_text(style);
		nfp_writer_at(w, at, words.colour, "%s", words.text);
		nfp_writer_at(w, at + VERDICT_WIDTH, NFP_PLAIN, "%s",
			      nfp_outage_words(nfp_longest_outage_us(style)).text);
	}
	nfp_writer_newline(w);
}

static bool is_wide(const struct nfp_writer *w)
{
	return w->columns >= table_width() + VERDICT_WIDTH + 16;
}

static void print_heading(struct nfp_writer *w, bool wide)
{
	unsigned int at = 2 + LIFE_NAME_WIDTH;

	nfp_writer_at(w, 2, NFP_BOLD, "standby");
	for (enum nfp_life_column c = 0; c < NFP_LIFE_COUNT; c++) {
		nfp_writer_at(w, at, NFP_BOLD, "%s", columns[c].heading);
		at += columns[c].width;
	}
	if (wide) {
		nfp_writer_at(w, at, NFP_BOLD, "verdict");
		nfp_writer_at(w, at + VERDICT_WIDTH, NFP_BOLD, "longest outage");
	}
	nfp_writer_newline(w);
}

void nfp_life_print_waiting(struct nfp_writer *w, const struct nfp_style_result *style)
{
	unsigned int at = 2 + LIFE_NAME_WIDTH;
	struct nfp_words name = row_name(NULL, style);

	if (w->columns < NARROW_COLUMNS) {
		nfp_writer_at(w, 2, NFP_BOLD, "%s: ", name.text);
		nfp_writer_wrap(w, NFP_PLAIN, 4, NOT_YET);
	} else {
		nfp_writer_at(w, 2, NFP_BOLD, "%s", name.text);
		for (enum nfp_life_column c = 0; c < NFP_LIFE_COUNT; c++) {
			nfp_writer_at(w, at, NFP_PLAIN, NOT_YET);
			at += columns[c].width;
		}
	}
	nfp_writer_newline(w);
}

void nfp_life_print(struct nfp_writer *w, const struct nfp_result *result,
		    const struct nfp_vf_result *vf, bool live)
{
	bool narrow = w->columns < NARROW_COLUMNS, wide = !live && is_wide(w);

	if (!narrow)
		print_heading(w, wide);
	for (size_t i = 0; i < vf->num_styles; i++) {
		const struct nfp_style_result *style = &vf->styles[i];
		struct nfp_words name = row_name(vf, style);
		struct nfp_life life;

		if (style->verdict == NFP_VERDICT_NOT_APPLICABLE)
			continue;
		nfp_life_of(style, result->settings.gap_limit_ms, &life);
		if (live && narrow)
			life.cells[NFP_LIFE_IPV6] = NFP_CELL_OK;
		if (narrow)
			print_row_in_words(w, &life, name.text);
		else
			print_row(w, style, &life, name.text, wide, live);
	}
}
