/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tables.h - the one description of a result: each key of JSON, what it is in struct nfp_result,
 * and who has it. --json, --json-stream, --baseline and recordings all work by these tables
 * (src/result/tables.c); tests/unit/test_schema.c holds the schemas against them.
 */
#ifndef NFPROBE_TABLES_H
#define NFPROBE_TABLES_H

#include "nfprobe/fields.h"
#include "nfprobe/result.h"
#include "nfprobe/verdict.h"

/* The forms of a result. */
#define NFP_IN_JSON	0x1U /* --json, and pieces of it in --json-stream */
#define NFP_IN_BASELINE 0x2U /* what --baseline reads of that, and compares */
#define NFP_IN_RUN	0x4U /* a recording: what no frame shows of the run and its VFs .. */
#define NFP_IN_LADDER	0x8U /* .. and of one ladder, a struct nfp_style_result */

extern const struct nfp_table nfp_result_table, nfp_run_table, nfp_pf_table, nfp_settings_table,
	nfp_vf_table, nfp_style_table, nfp_step_table, nfp_transition_table, nfp_error_table;

/*
 * The text of --json as a result that has what --baseline compares (nfp_result_init is done here,
 * nfp_result_fini is the caller's, after success only). -EINVAL (NFP_E_BASELINE): it is no JSON, or
 * not of this schema, or has no verdict.
 */
int nfp_baseline_parse(const char *text, size_t len, struct nfp_result *ret_result,
		       struct nfp_err *err);

/*
 * What no frame shows, from an object that nfp_fields_json made in the form NFP_IN_RUN, or
 * NFP_IN_LADDER. @result: nfp_result_init before. -EBADMSG (NFP_E_INPUT).
 */
int nfp_result_read_run(const json_t *object, struct nfp_result *result, struct nfp_err *err);
int nfp_result_read_ladder(const json_t *object, struct nfp_style_result *ret_ladder,
			   struct nfp_err *err);

#endif
