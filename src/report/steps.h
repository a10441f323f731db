/* SPDX-License-Identifier: GPL-2.0-or-later */
/* steps.h - private to src/report: the table of steps of one VF, a column a style. */
#ifndef NFPROBE_REPORT_STEPS_H
#define NFPROBE_REPORT_STEPS_H

#include "nfprobe/result.h"
#include "page.h"

/* @verbose: counts under each row, transitions and what was concluded under the table. */
void nfp_steps_table(struct nfp_page *page, const struct nfp_vf_result *vf, bool verbose);

#endif
