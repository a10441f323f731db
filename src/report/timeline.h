/* SPDX-License-Identifier: GPL-2.0-or-later */
/* timeline.h - private to src/report: a ladder on a terminal, time to scale. */
#ifndef NFPROBE_REPORT_TIMELINE_H
#define NFPROBE_REPORT_TIMELINE_H

#include "nfprobe/result.h"
#include "page.h"

/*
 * One line a receiver of unicast (PF, VF, nobody), the gaps below with their lengths, and a scale
 * of seconds. Nothing when no window was watched, or when the page is too narrow. @utf8: blocks
 * and corners, else plain ASCII.
 */
void nfp_timeline_print(struct nfp_page *page, const struct nfp_style_result *style, bool utf8);

#endif
