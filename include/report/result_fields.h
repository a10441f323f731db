/* SPDX-License-Identifier: GPL-2.0-or-later */
/* result_fields.h - the one description of a result. */
#ifndef NFPROBE_RESULT_FIELDS_H
#define NFPROBE_RESULT_FIELDS_H

#include <jansson.h>

#include "base/fields.h"
#include "verdict/result.h"
#include "verdict/verdict.h"

/*
 * tables: for each key of JSON, the member of struct nfp_result and the forms that contain it.
 * --json and --json-stream use these tables (src/report/result_fields.c), and "make schemas" makes
 * their schemas of them.
 */

/* The forms of a result. */
#define NFP_IN_JSON  0x1U  /* --json, and pieces of it in --json-stream */
#define NFP_IN_BEGIN 0x40U /* events of --json-stream: what a run is */
#define NFP_IN_END   0x80U /* events of --json-stream: how a run, a VF or a style ended */

extern const struct nfp_table nfp_result_table, nfp_run_table, nfp_pf_table, nfp_style_table,
	nfp_step_table, nfp_transition_table, nfp_error_table;

#endif
