/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tables.h - the one description of a result: for each key of JSON, the member of struct nfp_result
 * and the forms that contain it. --json, --json-stream, --baseline and recordings all use these
 * tables (src/result/tables.c), and src/report/schema.c makes the JSON schemas of them.
 */
#ifndef NFPROBE_TABLES_H
#define NFPROBE_TABLES_H

#include "nfprobe/fields.h"
#include "nfprobe/result.h"
#include "nfprobe/verdict.h"

/* The forms of a result. */
#define NFP_IN_JSON	0x1U   /* --json, and pieces of it in --json-stream */
#define NFP_IN_BASELINE 0x2U   /* the part of it that --baseline reads and compares */
#define NFP_IN_RUN	0x4U   /* a recording: what frames do not show of the run and its VFs .. */
#define NFP_IN_LADDER	0x8U   /* .. and of one ladder, a struct nfp_style_result */
#define NFP_IN_STORE	0x10U  /* the part of --json that --check reads in what --save kept */
#define NFP_IN_VERDICTS 0x20U  /* .. that --all reads of its runs: verdicts, no steps */
#define NFP_IN_BEGIN	0x40U  /* events of --json-stream: what a run is .. */
#define NFP_IN_END	0x80U  /* .. and how a run, a VF or a style ended */
#define NFP_IN_ENTRY	0x100U /* an entry of --check --json */

extern const struct nfp_table nfp_result_table, nfp_run_table, nfp_pf_table, nfp_settings_table,
	nfp_vf_table, nfp_style_table, nfp_step_table, nfp_transition_table, nfp_error_table;

/*
 * Parses the output of --json; fills in what --baseline compares. Initializes *ret_result, which
 * the caller frees with nfp_result_fini after success. -EINVAL (NFP_E_BASELINE): the text is not
 * JSON, not of this schema, or has no verdict.
 */
int nfp_baseline_parse(const char *text, size_t len, struct nfp_result *ret_result,
		       struct nfp_err *err);

/*
 * Read an object that nfp_fields_json made in the form NFP_IN_RUN, or NFP_IN_LADDER. The caller has
 * initialized *result with nfp_result_init. 0 or -EBADMSG (NFP_E_INPUT).
 */
int nfp_result_read_run(const json_t *object, struct nfp_result *result, struct nfp_err *err);
int nfp_result_read_ladder(const json_t *object, struct nfp_style_result *ret_ladder,
			   struct nfp_err *err);

/* Reads an entry of a store: what --json writes, of one style of one VF. *result likewise. */
int nfp_result_read_stored(const json_t *object, struct nfp_result *result, struct nfp_err *err);

/* Reads the form NFP_IN_VERDICTS of what --json writes, whether or not it has verdicts. *result
 * likewise. */
int nfp_result_read_verdicts(const json_t *object, struct nfp_result *result, struct nfp_err *err);

#endif
