/* SPDX-License-Identifier: GPL-2.0-or-later */
/* outage.h - private to src/report: how long the guest was deaf, in words. */
#ifndef NFPROBE_REPORT_OUTAGE_H
#define NFPROBE_REPORT_OUTAGE_H

#include "nfprobe/result.h"

/* "212 ms", "3.10 s", "0.5 ms"; returns @buf. */
const char *nfp_outage_time(int64_t us, char *buf, size_t size);

/*
 * The longest gaps of a style, while the guest listens to the standby and until it hears by the VF;
 * "" when none was measured. Gaps before there is a guest (standby, vf-first) do not count. Where
 * it is deaf in a settled state, "without end".
 */
void nfp_outage_words(const struct nfp_style_result *style, char *buf, size_t size);

#endif
