/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sample_past.h - results to be compared with each other, and as the file that a baseline is. */
#ifndef TESTS_SAMPLE_PAST_H
#define TESTS_SAMPLE_PAST_H

#include "nfprobe/verdict.h"
#include "unit/sample_result.h"

static inline void set_gap(struct nfp_result *result, enum nfp_step to, int64_t us,
			   int64_t error_us)
{
	struct nfp_transition *t = result->vfs[0].styles[0].transitions;

	while (t->to != to)
		t++;
	t->count[NFP_KIND_UNICAST].gap =
		(struct nfp_span) {.known = us >= 0, .us = us, .error_us = error_us};
}

#endif
