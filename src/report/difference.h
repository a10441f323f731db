/* SPDX-License-Identifier: GPL-2.0-or-later */
/* difference.h - private to src/report: what changed since the baseline. */
#ifndef NFPROBE_REPORT_DIFFERENCE_H
#define NFPROBE_REPORT_DIFFERENCE_H

#include "nfprobe/compare.h"
#include "js.h"
#include "page.h"

/* A table under the verdicts, and what it comes to. */
void nfp_differences_print(struct nfp_page *page, const struct nfp_comparison *comparison);

/* The object "baseline". */
json_t *nfp_js_baseline(struct nfp_js *js, const struct nfp_comparison *comparison);

/* "attach: pf -> nowhere", "driver to up: 2.0 ms -> 300.5 ms" */
void nfp_difference_words(const struct nfp_difference *difference, char *buf, size_t size);

#endif
