/* SPDX-License-Identifier: GPL-2.0-or-later */
/* matrix_priv.h - what the parts of src/matrix share. */
#ifndef NFPROBE_MATRIX_PRIV_H
#define NFPROBE_MATRIX_PRIV_H

#include "nfprobe/matrix.h"

/* Objects of jansson as hash tables: of texts, and of numbers in the order of their keys. */
struct nfp_matrix_index {
	json_t *texts, *rows, *runs, *hosts, *identities;
	struct nfp_identity **identity; /* by their number */
	bool *judged, *failed;		/* of each run: has it any verdict, and lacks it one? */
	uint64_t (*settle_needed)(const char *driver);
};

/* The one copy of a text, which lives as long as the matrix; NULL for an empty text. */
const char *nfp_matrix_text(struct nfp_matrix *matrix, const char *text);

/* Adds what a run says of each style of each VF. @where: its place in the file. */
void nfp_matrix_add_result(struct nfp_matrix *matrix, const char *file, const char *page,
			   size_t where, const struct nfp_result *result);
/* Adds a run of which nothing is known but that there was to be one. */
void nfp_matrix_add_nothing(struct nfp_matrix *matrix, const char *file, size_t where);

/* NULL, which is not known, is as an empty text. */
int nfp_matrix_compare_texts(const char *a, const char *b);
/* What differs between the hosts of two results, but for the bits of @except. The caller frees it.
 */
struct nfp_matrix_difference *nfp_matrix_differences(const struct nfp_identity *worst,
						     const struct nfp_identity *best,
						     uint32_t except, size_t *ret_num);
/* Of finished cells: fills what they are worse than, and puts the rows in order. */
void nfp_matrix_compare_updates(struct nfp_matrix *matrix);

#endif
