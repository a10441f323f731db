/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store.h - the one description of a result, and how it is read back. */
#ifndef NFPROBE_STORE_H
#define NFPROBE_STORE_H

#include <jansson.h>

#include "nfprobe/fields.h"
#include "nfprobe/result.h"
#include "nfprobe/verdict.h"

/*
 * tables: for each key of JSON, the member of struct nfp_result and the forms that contain it.
 * --json, --json-stream and recordings all use these tables (src/result/tables.c); the schemas in
 * scripts/schemas describe the same keys, to which tests hold every output.
 */

/* The forms of a result. */
#define NFP_IN_JSON	0x1U   /* --json, and pieces of it in --json-stream */
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
 * Reads an object in the form NFP_IN_STORE or NFP_IN_VERDICTS, which --json wrote,
 * or NFP_IN_RUN. The caller has initialized *result with nfp_result_init. 0 or -EBADMSG
 * (NFP_E_INPUT): it is not of this schema, or a value is not what the tables allow; of a store, it
 * is not one style of one VF.
 */
int nfp_result_read(const json_t *object, unsigned int form, struct nfp_budget *budget,
		    struct nfp_result *result, struct nfp_err *err);
/* Likewise, a ladder in the form NFP_IN_LADDER. */
int nfp_result_read_ladder(const json_t *object, struct nfp_style_result *ret_ladder,
			   struct nfp_err *err);
#endif
