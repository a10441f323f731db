/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sample_past.h - results to be compared with each other, and as the file that a baseline is. */
#ifndef TESTS_SAMPLE_PAST_H
#define TESTS_SAMPLE_PAST_H

#include "nfprobe/verdict.h"
#include "nfprobe/report.h"
#include "unit/sample_result.h"

static inline char *json_of(const struct nfp_result *result, size_t *ret_len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, ret_len);

	assert_non_null(out);
	assert_int_equal(nfp_report_json(result, out), 0);
	fclose(out);
	return text;
}

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
