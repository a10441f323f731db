/* SPDX-License-Identifier: GPL-2.0-or-later */
/* report_priv.h - what the formats share: words on a page, sentences about results, pieces of HTML
 * and JSON. */
#ifndef NFPROBE_REPORT_REPORT_PRIV_H
#define NFPROBE_REPORT_REPORT_PRIV_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "nfprobe/base.h"
#include "nfprobe/inventory.h"
#include "nfprobe/result.h"
#include "nfprobe/verdict.h"

/*
 * page: private to src/report: words on a page of so many columns.
 *
 * All text is cleaned on its way: names of netdevs and processes come from outside and must not
 * move a terminal's cursor. Width is counted in code points.
 */

enum nfp_tone {
	NFP_PLAIN,
	NFP_BOLD,
	NFP_RED,
	NFP_GREEN,
	NFP_YELLOW,
};

struct nfp_page {
	FILE *out;
	unsigned int columns; /* 0: unlimited */
	bool color;
	unsigned int col;    /* where the next character goes */
	unsigned int blanks; /* before it, not yet written: a line does not end in blanks */
};

/* As it is, on this line. */
void nfp_page_put(struct nfp_page *page, enum nfp_tone tone, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Words, broken where the line ends; following lines begin at @hang. */
void nfp_page_wrap(struct nfp_page *page, enum nfp_tone tone, unsigned int hang, const char *fmt,
		   ...) __attribute__((format(printf, 4, 5)));
/* @hang, or less: a hanging indent that leaves no room for words is worse than none. */
unsigned int nfp_page_hang(const struct nfp_page *page, unsigned int hang);
/* Blanks up to @column; two blanks when the line is there already. */
void nfp_page_pad(struct nfp_page *page, unsigned int column);
void nfp_page_nl(struct nfp_page *page);
/* Would @more columns still fit on this line? */
bool nfp_page_fits(const struct nfp_page *page, unsigned int more);
/* Flushes. 0, or -errno of the stream. */
int nfp_page_end(struct nfp_page *page);

/* The state of a stream after writing: 0, or -errno (-EIO where errno says nothing). */
int nfp_stream_status(FILE *out);

/* outage: private to src/report: how long the guest was deaf, in words. */

/*
 * The longest gaps of a style, while the guest listens to the standby and until it hears by the VF;
 * "" when none was measured. Gaps before there is a guest (standby, vf-first) do not count. Where
 * it is deaf in a settled state, "without end".
 */
void nfp_outage_words(const struct nfp_style_result *style, char *buf, size_t size);

/* How often which verdict was given, in how many ladders: "10 ladders: 9 safe, 1 early". */
void nfp_repeats_words(const struct nfp_repeats *repeats, char *buf, size_t size);
/* The @index-th step in which they differ, "unstable: unicast in driver lands pf 9, nowhere 1";
 * false when there are no more. */
bool nfp_unstable_words(const struct nfp_repeats *repeats, size_t index, char *buf, size_t size);
/* The @index-th transition with a gap that was not always 0: "deaf at unplug: 201 ms at least, ..."
 */
bool nfp_gap_words(const struct nfp_repeats *repeats, size_t index, char *buf, size_t size);

/* steps: private to src/report: the table of steps of one VF, a column a style. */

/* @verbose: counts under each row, transitions and what was concluded under the table. */
void nfp_steps_table(struct nfp_page *page, const struct nfp_vf_result *vf, bool verbose);

/* timeline: private to src/report: a ladder on a terminal, time to scale. */

/*
 * One line a receiver of unicast (PF, VF, nobody), the gaps below with their lengths, and a scale
 * of seconds. Nothing when no window was watched, or when the page is too narrow. @utf8: blocks
 * and corners, else plain ASCII.
 */
void nfp_timeline_print(struct nfp_page *page, const struct nfp_style_result *style, bool utf8);

/* advice: private to src/report: what results mean for a person, in sentences. */

#define NFP_ADVICE_MAX 4

struct nfp_advice {
	char label[64];
	char text[800];
};

/*
 * A few words on a step whose landing is unfit, such as "the guest boots deaf"; NULL when it is
 * fit or nothing is demanded there.
 */
const char *nfp_advice_unfit(const struct nfp_step_result *step);

/*
 * The advice on a VF, best first; returns how many. @vfs is the list for --vf ("3", "0,2-5").
 * None is given for a VF without styles.
 */
size_t nfp_advice_of(const struct nfp_result *result, const struct nfp_vf_result *vf,
		     const char *vfs, struct nfp_advice advice[NFP_ADVICE_MAX]);

/*
 * Where what the standby sends is dropped: that, and in which steps; else empty. It is beside the
 * verdict, which is about what the guest receives. Returns @buf.
 */
#define NFP_MUTE_LEN 320
const char *nfp_advice_mute(const struct nfp_style_result *style, const char *ifname,
			    char buf[NFP_MUTE_LEN]);

/* Writes @root, in the order in which it was built, and frees it. 0, or -errno of the stream. */
int nfp_json_write(json_t *root, size_t form, FILE *out);
/* A list, and of each PF in it what is not in nfp_pf_table. */
extern const struct nfp_table nfp_list_table, nfp_list_pf_table;

/* difference: private to src/report: what changed since the baseline. */

/* A table under the verdicts, and what it comes to. */
void nfp_differences_print(struct nfp_page *page, const struct nfp_comparison *comparison);

/* "attach: pf -> nowhere", "driver to up: 2.0 ms -> 300.5 ms" */
void nfp_difference_words(const struct nfp_difference *difference, char *buf, size_t size);

/* Its parts: "VF 3 bridge"; "verdict", "attach", "driver to up"; red where it counts. */
void nfp_difference_head(const struct nfp_difference *difference, char *buf, size_t size);
void nfp_difference_matter(const struct nfp_difference *difference, char *buf, size_t size);
enum nfp_tone nfp_difference_tone(const struct nfp_difference *difference);

/* "old.json: igb, Linux 6.12.95, firmware 2.1.0, ..." */
#define NFP_THEN_LEN (NFP_NOTE + 5 * NFP_TEXT)
void nfp_comparison_then(const struct nfp_comparison *comparison, char *buf, size_t size);
/* What it comes to: "worse: 2 of 3". */
enum nfp_tone nfp_comparison_sum(const struct nfp_comparison *comparison, char *buf, size_t size);

/* html: private to src/report: pieces of the HTML page. */

/* Formats as printf does, then writes it as text: valid UTF-8, with &, <, > and quotes escaped. */
void nfp_html_text(FILE *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The style sheet, and the patterns that tell lanes apart without colour. */
extern const char nfp_html_css[];
extern const char nfp_html_patterns[];

/*
 * The ladder of one style as an SVG: a lane for each place that a frame can end in, time to scale,
 * the height of a bar the share of the unicast frames. @id: begins the ids of its elements.
 */
void nfp_html_ladder(FILE *out, const struct nfp_style_result *style, const char *id);

/* Tables: the windows of the steps, what lay between them, and what differs from a baseline. */
void nfp_html_steps(FILE *out, const struct nfp_style_result *style);
void nfp_html_transitions(FILE *out, const struct nfp_style_result *style);
void nfp_html_differences(FILE *out, const struct nfp_comparison *comparison);

/* A length of time as a person reads it: "312 ms", "1.5 s". */
void nfp_html_span(char *buf, size_t size, uint64_t ns);

#endif
