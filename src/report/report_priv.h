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

/*
 * @src as valid UTF-8 in @dst, cut at a whole character; bytes that are not UTF-8 become U+FFFD.
 * @printable: control characters become '?' and line ends blanks, for a terminal.
 */
void nfp_utf8_clean(char *dst, size_t size, const char *src, bool printable);
/* Code points of a valid UTF-8 text. */
unsigned int nfp_utf8_width(const char *text);

/* The state of a stream after writing: 0, or -errno (-EIO where errno says nothing). */
int nfp_stream_status(FILE *out);

/* use: private to src/report: one word for each enum nfp_use, as JSON has it. */

const char *nfp_use_name(enum nfp_use use);

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

/* js: private to src/report: building JSON with jansson, out of memory noticed once, at the end.
 */

struct nfp_js {
	bool failed; /* something could not be built: the document must not be written */
};

/* Takes @value, NULL included (then the document fails). */
void nfp_js_put(struct nfp_js *js, json_t *object, const char *key, json_t *value);
void nfp_js_append(struct nfp_js *js, json_t *array, json_t *value);

/* Made valid UTF-8; an empty text is null. */
json_t *nfp_js_text(const char *text);
json_t *nfp_js_number(uint64_t value);
/* Nanoseconds as whole milliseconds, rounded. */
json_t *nfp_js_ms(uint64_t ns);
/* 0, 1, or null for anything else. */
json_t *nfp_js_maybe(int value);
/* All zero is null. */
json_t *nfp_js_mac(const struct nfp_mac *mac);
json_t *nfp_js_strv(struct nfp_js *js, const struct nfp_strv *list);
/* {"code","message","hint"} */
json_t *nfp_js_error(struct nfp_js *js, const struct nfp_err *err);
/* A PCI id as sysfs prints it, "0x8086"; 0 is null. */
json_t *nfp_js_pci_id(uint16_t id);
/* The object "pf" of both schemas. */
json_t *nfp_js_pf(struct nfp_js *js, const struct nfp_pf_info *pf);

/* -- json.c: parts of a result -- */
json_t *nfp_js_run_id(const uint8_t id[NFP_RUN_ID_LEN]);
/* RFC 3339, in UTC; 0 is null. */
json_t *nfp_js_time(int64_t unix_ms);
json_t *nfp_js_step(struct nfp_js *js, const struct nfp_step_result *step);
/* json_repeats.c */
struct nfp_repeats;
json_t *nfp_js_repeats(struct nfp_js *js, const struct nfp_repeats *repeats);
json_t *nfp_js_transition(struct nfp_js *js, const struct nfp_transition *transition);
/* Names of the bits of NFP_REQ_BIT. */
json_t *nfp_js_requires(struct nfp_js *js, uint32_t requires);
const char *nfp_js_vf_status(enum nfp_vf_status status);

/*
 * Writes @root, in the order in which it was built, and frees it. 0, -ENOMEM (nothing was written),
 * or -errno of the stream.
 */
int nfp_js_write(struct nfp_js *js, json_t *root, FILE *out);
/* The same on one line. */
int nfp_js_write_line(struct nfp_js *js, json_t *root, FILE *out);

/* difference: private to src/report: what changed since the baseline. */

/* A table under the verdicts, and what it comes to. */
void nfp_differences_print(struct nfp_page *page, const struct nfp_comparison *comparison);

/* The object "baseline". */
json_t *nfp_js_baseline(struct nfp_js *js, const struct nfp_comparison *comparison);

/* "attach: pf -> nowhere", "driver to up: 2.0 ms -> 300.5 ms" */
void nfp_difference_words(const struct nfp_difference *difference, char *buf, size_t size);

/* Its parts: "VF 3 bridge"; "verdict", "attach", "driver to up"; red where it counts. */
void nfp_difference_head(const struct nfp_difference *difference, char *buf, size_t size);
void nfp_difference_matter(const struct nfp_difference *difference, char *buf, size_t size);
enum nfp_tone nfp_difference_tone(const struct nfp_difference *difference);

/* "old.json: igb, Linux 6.12.95, firmware 2.1.0, ..." */
#define NFP_THEN_LEN (NFP_NOTE + 5 * NFP_PAST_TEXT)
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
