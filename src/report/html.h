/* SPDX-License-Identifier: GPL-2.0-or-later */
/* html.h - private to src/report: pieces of the HTML page. */
#ifndef NFPROBE_REPORT_HTML_H
#define NFPROBE_REPORT_HTML_H

#include <stdio.h>

#include "nfprobe/verdict.h"

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
