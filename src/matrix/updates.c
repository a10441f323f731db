// SPDX-License-Identifier: GPL-2.0-or-later
/* updates.c - what got worse with newer firmware, a newer driver or a newer kernel. */
#include "matrix_priv.h"

#include <stdlib.h>
#include <string.h>

/* ---- the order of rows ---- */

int nfp_matrix_compare_texts(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

/* The newer one comes first, what is not known last. */
static int compare_versions(const char *a, const char *b)
{
	return nfp_matrix_compare_versions(b ? b : "", a ? a : "");
}

static int compare_models(const struct nfp_matrix_row *a, const struct nfp_matrix_row *b)
{
	const uint16_t ids[][2] = {{a->vendor, b->vendor},
				   {a->device, b->device},
				   {a->subsystem_vendor, b->subsystem_vendor},
				   {a->subsystem_device, b->subsystem_device}};

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		if (ids[i][0] != ids[i][1])
			return ids[i][0] < ids[i][1] ? -1 : 1;
	}
	return nfp_matrix_compare_texts(a->board_id, b->board_id);
}

static int compare_rows(const void *a, const void *b)
{
	const struct nfp_matrix_row *x = a, *y = b;
	int ret = y->model_worse - x->model_worse;

	ret = ret ?: compare_models(x, y);
	ret = ret ?: y->worse - x->worse;
	ret = ret ?: nfp_matrix_compare_texts(x->driver, y->driver);
	ret = ret ?: compare_versions(x->firmware, y->firmware);
	ret = ret ?: compare_versions(x->driver_version, y->driver_version);
	return ret ?: compare_versions(x->kernel, y->kernel);
}

size_t nfp_matrix_same_model(const struct nfp_matrix *matrix, size_t first)
{
	size_t next = first + 1;

	while (next < matrix->num_rows &&
	       compare_models(&matrix->rows[first], &matrix->rows[next]) == 0)
		next++;
	return next - first;
}

/* ---- one cell and an older one ---- */

/*
 * Rows that may be compared are those that share a model, a driver, and the first @shared of these;
 * in a sequence, the newest first by the others.
 */
struct sequence {
	enum nfp_identity_member order[3];
	size_t shared;
};

/* NULL: not known; empty: a driver that comes with the kernel. */
static const char *version_of(const struct nfp_matrix_row *row, enum nfp_identity_member member)
{
	if (member == NFP_ID_FIRMWARE)
		return row->firmware;
	if (member == NFP_ID_KERNEL)
		return row->kernel;
	return row->driver_version && row->driver_version == row->kernel ? "" : row->driver_version;
}

static int compare_in_sequence(const void *a, const void *b, void *ctx)
{
	const struct nfp_matrix_row *x = a, *y = b;
	const struct sequence *sequence = ctx;
	int ret = compare_models(x, y) ?: nfp_matrix_compare_texts(x->driver, y->driver);

	for (size_t i = 0; i < 3 && ret == 0; i++) {
		const char *of_x = version_of(x, sequence->order[i]);
		const char *of_y = version_of(y, sequence->order[i]);

		ret = (of_y != NULL) - (of_x != NULL) ?: compare_versions(of_x, of_y);
	}
	return ret;
}

/* The bits of what differs; *ret_first: the first of these in the order of the sequence. Texts are
 * the same if their addresses are. */
static uint32_t changes(const struct sequence *sequence, const struct nfp_matrix_row *a,
			const struct nfp_matrix_row *b, size_t *ret_first)
{
	uint32_t changed = 0;

	for (size_t i = 3; i-- > 0;) {
		if (version_of(a, sequence->order[i]) == version_of(b, sequence->order[i]))
			continue;
		changed |= NFP_MATRIX_BIT(sequence->order[i]);
		*ret_first = i;
	}
	return changed;
}

/* What the cell was in @row, an older one, and what differs beside their versions. */
static void note_before(struct nfp_matrix_cell *cell, const struct nfp_matrix_row *row,
			const struct nfp_matrix_cell *old, uint32_t changed)
{
	struct nfp_matrix_before *before = &cell->before[cell->num_before++];
	const struct nfp_matrix_result *then = old->results;
	uint32_t except = NFP_MATRIX_UPDATES;

	/* Its parts have changed with the firmware. */
	if (changed & NFP_MATRIX_BIT(NFP_ID_FIRMWARE))
		except |= NFP_MATRIX_BIT(NFP_ID_FIRMWARE_VERSIONS);
	*before = (struct nfp_matrix_before) {
		.verdict = nfp_matrix_proof(old),
		.firmware = row->firmware,
		.driver_version = row->driver_version,
		.kernel = row->kernel,
		.changed = changed,
	};
	while (then->verdict != before->verdict)
		then++;
	before->differences = nfp_matrix_differences(cell->results[0].identity, then->identity,
						     except, &before->num_differences);
}

/* Compares a cell of rows[@at] with the nearest row behind it that proves anything in its column,
 * and is known to be older. */
static void compare_cell(const struct nfp_matrix *m, const struct sequence *sequence, size_t at,
			 struct nfp_matrix_cell *cell)
{
	const struct nfp_matrix_row *row = &m->rows[at];

	for (const struct nfp_matrix_row *r = row + 1; r < m->rows + m->num_rows; r++) {
		const struct nfp_matrix_cell *old = nfp_matrix_at(r, cell);
		enum nfp_verdict was = old ? nfp_matrix_proof(old) : NFP_VERDICT_NOT_APPLICABLE;
		size_t first = 0;
		uint32_t changed = changes(sequence, row, r, &first);

		if (compare_models(r, row) != 0 || r->driver != row->driver ||
		    first < sequence->shared)
			return;
		if (was == NFP_VERDICT_NOT_APPLICABLE || !version_of(row, sequence->order[first]) ||
		    !version_of(r, sequence->order[first]))
			continue;
		cell->compared = true;
		if (nfp_matrix_proof(cell) < was)
			note_before(cell, r, old, changed);
		return;
	}
}

/* Updates of one thing say the most; of several at once, only what no such update explains. */
static void compare_all(struct nfp_matrix *m)
{
	static const struct sequence sequences[] = {
		{{NFP_ID_DRIVER_VERSION, NFP_ID_KERNEL, NFP_ID_FIRMWARE}, 2},
		{{NFP_ID_FIRMWARE, NFP_ID_KERNEL, NFP_ID_DRIVER_VERSION}, 2},
		{{NFP_ID_FIRMWARE, NFP_ID_DRIVER_VERSION, NFP_ID_KERNEL}, 2},
		{{NFP_ID_FIRMWARE, NFP_ID_DRIVER_VERSION, NFP_ID_KERNEL}, 0},
	};

	for (size_t s = 0; s < sizeof(sequences) / sizeof(sequences[0]); s++) {
		struct sequence sequence = sequences[s];

		qsort_r(m->rows, m->num_rows, sizeof(*m->rows), compare_in_sequence, &sequence);
		for (size_t i = 0; i < m->num_rows; i++) {
			const struct nfp_matrix_row *row = &m->rows[i];

			for (size_t k = 0; k < row->num_cells && row->driver; k++) {
				struct nfp_matrix_cell *cell = &row->cells[k];

				if (nfp_matrix_proof(cell) != NFP_VERDICT_NOT_APPLICABLE &&
				    (sequence.shared || !cell->compared))
					compare_cell(m, &sequence, i, cell);
			}
		}
	}
}

static void put_worse_first(struct nfp_matrix *m)
{
	for (size_t i = 0; i < m->num_rows; i++) {
		struct nfp_matrix_row *row = &m->rows[i];

		for (size_t k = 0; k < row->num_cells; k++) {
			bool worse = row->cells[k].num_before > 0;

			m->worse += worse;
			row->worse = row->worse || worse;
		}
	}
	for (size_t first = 0, num; first < m->num_rows; first += num) {
		bool worse = false;

		num = nfp_matrix_same_model(m, first);
		for (size_t i = first; i < first + num; i++)
			worse = worse || m->rows[i].worse;
		for (size_t i = first; i < first + num; i++)
			m->rows[i].model_worse = worse;
	}
	qsort(m->rows, m->num_rows, sizeof(*m->rows), compare_rows);
}

void nfp_matrix_compare_updates(struct nfp_matrix *matrix)
{
	if (!matrix->num_rows)
		return;
	compare_all(matrix);
	put_worse_first(matrix);
}
