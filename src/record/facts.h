/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * facts.h - what frames do not show of a run, as lines of JSON: one a ladder, one of the run, one
 * a VF. Times are exact and texts keep every byte. Pure.
 */
#ifndef NFPROBE_EVIDENCE_FACTS_H
#define NFPROBE_EVIDENCE_FACTS_H

#include <stddef.h>

#include "nfprobe/traffic.h"
#include "nfprobe/result.h"

/* A text that the caller frees; NULL when out of memory. */
char *facts_of_round(const struct nfp_style_result *round);
char *facts_of_run(const struct nfp_result *result, const struct nfp_frame_id *id);
char *facts_of_vf(const struct nfp_vf_result *vf);

/*
 * Fills a ladder; @result (nfp_result_init before) and the id; adds a VF. -EBADMSG with words for
 * what facts_of_* would not write; -ENOMEM. Whatever the bytes, values are in the range of their
 * types, texts end and have no control characters, and steps go up.
 */
int facts_read_round(const char *text, size_t len, struct nfp_style_result *ret_round,
		     struct nfp_err *err);
int facts_read_run(const char *text, size_t len, struct nfp_result *result,
		   struct nfp_frame_id *ret_id, struct nfp_err *err);
int facts_read_vf(const char *text, size_t len, struct nfp_result *result, struct nfp_err *err);

#endif
