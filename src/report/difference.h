/* SPDX-License-Identifier: GPL-2.0-or-later */
/* difference.h - private to src/report: what changed since the baseline. */
#ifndef NFPROBE_REPORT_DIFFERENCE_H
#define NFPROBE_REPORT_DIFFERENCE_H

#include "nfprobe/verdict.h"
#include "js.h"
#include "page.h"

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

#endif
