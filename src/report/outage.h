/* SPDX-License-Identifier: GPL-2.0-or-later */
/* outage.h - private to src/report: how long the guest was deaf, in words. */
#ifndef NFPROBE_REPORT_OUTAGE_H
#define NFPROBE_REPORT_OUTAGE_H

#include "nfprobe/result.h"

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

#endif
