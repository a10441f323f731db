/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fields_priv.h - how the rows of a result's tables are written. */
#ifndef NFPROBE_RESULT_TABLES_PRIV_H
#define NFPROBE_RESULT_TABLES_PRIV_H

#include "report/report.h"

#define J	      NFP_IN_JSON
#define BEGIN	      NFP_IN_BEGIN
#define END	      NFP_IN_END
#define BIT(v)	      (1U << (unsigned int)(v))
#define MS	      .scale = NFP_NSEC_PER_MSEC
#define US	      .scale = NFP_NSEC_PER_USEC
#define NULLS	      .unknown = NFP_NULL
#define FIELD	      NFP_FIELD
#define TABLE	      NFP_TABLE_OF
#define NAMES(of_)    .names = &nfp_##of_##_names
#define NAMES_OF(of_) .names = &of_##_names

/*
 * Each state that was watched has this shape, whoever was to receive: state, status, answer,
 * disturbed, skip_allowed, note, and frames, with a slot for each kind of frame. A slot has
 * landing, sent and pf; if the VF listens, too, it has vf, both, lost and duplicates. The form of a
 * window is the bit of its kind.
 */
#define REGISTERED   0x1U
#define UNREGISTERED 0x2U
#define STEP	     0x4U
extern const struct nfp_table nfp_window_table;

extern const struct nfp_table nfp_settings_table;

#endif
