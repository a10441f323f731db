// SPDX-License-Identifier: GPL-2.0-or-later
/* finish.c - what all results together mean: of each cell, of each row, of the whole. */
#include "matrix_priv.h"

#include <stdlib.h>
#include <string.h>

#define EXIT_UNSAFE	  1
#define EXIT_INCONCLUSIVE 3

/* ---- one cell ---- */

static int compare_places(const void *a, const void *b)
{
	const struct nfp_matrix_result *x = a, *y = b;

	if (x->run != y->run)
		return x->run < y->run ? -1 : 1;
	if (x->vf != y->vf)
		return x->vf < y->vf ? -1 : 1;
	/* Worst first, which is the one that is kept. */
	if (x->verdict != y->verdict)
		return x->verdict < y->verdict ? -1 : 1;
	return nfp_matrix_compare_texts(x->file, y->file);
}

static int compare_results(const void *a, const void *b)
{
	const struct nfp_matrix_result *x = a, *y = b;
	int ret = nfp_matrix_compare_texts(x->host, y->host);

	if (x->verdict != y->verdict)
		return x->verdict < y->verdict ? -1 : 1;
	if (ret == 0)
		ret = nfp_matrix_compare_texts(x->file, y->file);
	if (ret == 0)
		ret = compare_places(a, b);
	return ret;
}

/* One result of each VF of each run, and the number of runs. */
static void drop_copies(struct nfp_matrix_cell *cell)
{
	size_t num = 0;

	qsort(cell->results, cell->num_results, sizeof(*cell->results), compare_places);
	for (size_t i = 0; i < cell->num_results; i++) {
		const struct nfp_matrix_result *r = &cell->results[i];
		bool same_run = num && cell->results[num - 1].run == r->run;

		cell->runs += !same_run;
		if (!same_run || cell->results[num - 1].vf != r->vf)
			cell->results[num++] = *r;
	}
	cell->num_results = num;
}

static int compare_hosts(const void *a, const void *b)
{
	return nfp_matrix_compare_texts(*(const char *const *)a, *(const char *const *)b);
}

static size_t count_hosts(const struct nfp_matrix_cell *cell)
{
	const char **hosts = nfp_calloc(cell->num_results, sizeof(*hosts));
	size_t num = 0;

	for (size_t i = 0; i < cell->num_results; i++)
		hosts[i] = cell->results[i].host;
	qsort(hosts, cell->num_results, sizeof(*hosts), compare_hosts);
	for (size_t i = 0; i < cell->num_results; i++)
		num += i == 0 || compare_hosts(&hosts[i - 1], &hosts[i]) != 0;
	free(hosts);
	return num;
}

static bool is_of_wire(const struct nfp_matrix_cell *cell)
{
	return nfp_store_can_prove_safe(cell->have_source, cell->source);
}

/* A style that does not apply is not safe by that. */
static enum nfp_answer is_safe(const struct nfp_matrix_cell *cell,
			       const bool allow[NFP_VERDICT_COUNT])
{
	enum nfp_answer answer = cell->verdict != NFP_VERDICT_NOT_APPLICABLE ? NFP_YES
									     : NFP_UNKNOWN;

	for (enum nfp_verdict v = 0; v < NFP_VERDICT_NOT_APPLICABLE; v++) {
		enum nfp_answer one = nfp_store_proves_safe(allow[v] ? NFP_VERDICT_SAFE : v,
							    cell->have_source, cell->source);

		if (cell->verdicts[v] && one == NFP_NO)
			return NFP_NO;
		if (cell->verdicts[v] && one == NFP_UNKNOWN)
			answer = NFP_UNKNOWN;
	}
	return answer;
}

struct nfp_matrix_difference *nfp_matrix_differences(const struct nfp_identity *worst,
						     const struct nfp_identity *best,
						     uint32_t except, size_t *ret_num)
{
	struct nfp_matrix_difference *differences = nfp_calloc(NFP_ID_COUNT, sizeof(*differences));
	size_t num = 0;

	for (enum nfp_identity_member m = 0; m < NFP_ID_COUNT; m++) {
		struct nfp_matrix_difference *d = &differences[num];

		if (except & NFP_MATRIX_BIT(m) || nfp_identity_same(worst, best, m) != NFP_NO)
			continue;
		d->what = m;
		nfp_identity_values(worst, best, m, d->worst, d->best);
		num++;
	}
	*ret_num = num;
	return differences;
}

/* What differs between the worst result that proves anything and the best one. */
static void explain_conflict(struct nfp_matrix_cell *cell)
{
	const struct nfp_matrix_result *worst = NULL, *best = NULL;

	for (size_t i = 0; i < cell->num_results; i++) {
		const struct nfp_matrix_result *r = &cell->results[i];

		if (!nfp_store_proves(r->verdict))
			continue;
		worst = worst ? worst : r;
		best = r;
	}
	cell->conflict = best && best->verdict != worst->verdict;
	if (!cell->conflict)
		return;
	cell->differences = nfp_matrix_differences(worst->identity, best->identity, 0,
						   &cell->num_differences);
}

enum nfp_verdict nfp_matrix_proof(const struct nfp_matrix_cell *cell)
{
	for (enum nfp_verdict v = 0; v < NFP_VERDICT_COUNT; v++) {
		if (cell->verdicts[v] && nfp_store_proves(v))
			return v;
	}
	return NFP_VERDICT_NOT_APPLICABLE;
}

static void finish_cell(struct nfp_matrix_cell *cell, const bool allow[NFP_VERDICT_COUNT])
{
	drop_copies(cell);
	qsort(cell->results, cell->num_results, sizeof(*cell->results), compare_results);
	for (size_t i = 0; i < cell->num_results; i++)
		cell->verdicts[cell->results[i].verdict]++;
	cell->verdict = cell->results[0].verdict;
	cell->hosts = count_hosts(cell);
	cell->safe = is_safe(cell, allow);
	explain_conflict(cell);
}

/* ---- columns ---- */

int nfp_matrix_compare_columns(const struct nfp_matrix_cell *a, const struct nfp_matrix_cell *b)
{
	/* Results that do not name their source come last. */
	const unsigned int ranks[][2] = {
		{a->style, b->style},
		{!a->have_source, !b->have_source},
		{a->source, b->source},
		{a->tagged, b->tagged},
	};

	for (size_t i = 0; i < sizeof(ranks) / sizeof(ranks[0]); i++) {
		if (ranks[i][0] != ranks[i][1])
			return ranks[i][0] < ranks[i][1] ? -1 : 1;
	}
	return 0;
}

static int compare_cells(const void *a, const void *b)
{
	return nfp_matrix_compare_columns(a, b);
}

const struct nfp_matrix_cell *nfp_matrix_at(const struct nfp_matrix_row *row,
					    const struct nfp_matrix_cell *column)
{
	for (size_t i = 0; i < row->num_cells; i++) {
		if (nfp_matrix_compare_columns(&row->cells[i], column) == 0)
			return &row->cells[i];
	}
	return NULL;
}

/* ---- the whole ---- */

/*
 * Is a style of a row safe, with or without a VLAN? What another source cannot prove is no doubt of
 * what the wire has proved. *ret_applies: was it tested at all?
 */
static enum nfp_answer style_is_safe(const struct nfp_matrix_row *row, enum nfp_style style,
				     bool tagged, bool *ret_applies)
{
	enum nfp_answer answer = NFP_UNKNOWN;

	for (size_t i = 0; i < row->num_cells; i++) {
		const struct nfp_matrix_cell *cell = &row->cells[i];

		if (cell->style != style || cell->tagged != tagged ||
		    cell->verdict == NFP_VERDICT_NOT_APPLICABLE)
			continue;
		*ret_applies = true;
		if (cell->safe == NFP_NO)
			return NFP_NO;
		if (is_of_wire(cell))
			answer = cell->safe;
	}
	return answer;
}

static void conclude(struct nfp_matrix *m)
{
	bool unsafe = m->worse > 0, unknown = m->num_rows == 0 || m->unread || m->without;

	for (size_t i = 0; i < m->num_rows; i++) {
		bool any = false;

		for (unsigned int c = 0; c < 2 * NFP_STYLE_COUNT; c++) {
			bool applies = false;
			enum nfp_answer answer = style_is_safe(&m->rows[i], c / 2, c % 2, &applies);

			any = any || applies;
			unsafe = unsafe || answer == NFP_NO;
			m->unproven += applies && answer == NFP_UNKNOWN;
		}
		unknown = unknown || !any;
	}
	unknown = unknown || m->unproven;
	m->exit_status = m->files == 0 ? NFP_EXIT_CANNOT
			 : unsafe      ? EXIT_UNSAFE
			 : unknown     ? EXIT_INCONCLUSIVE
				       : 0;
}

static void drop_styles(struct nfp_matrix *m, const bool styles[NFP_STYLE_COUNT])
{
	size_t rows = 0;

	for (size_t i = 0; i < m->num_rows; i++) {
		struct nfp_matrix_row *row = &m->rows[i];
		size_t cells = 0;

		for (size_t k = 0; k < row->num_cells; k++) {
			if (styles[row->cells[k].style])
				row->cells[cells++] = row->cells[k];
			else
				free(row->cells[k].results);
		}
		row->num_cells = cells;
		if (cells)
			m->rows[rows++] = *row;
		else
			free(row->cells);
	}
	m->num_rows = rows;
}

void nfp_matrix_finish(struct nfp_matrix *matrix, const struct nfp_matrix_query *query)
{
	drop_styles(matrix, query->styles);
	for (size_t i = 0; i < matrix->num_rows; i++) {
		struct nfp_matrix_row *row = &matrix->rows[i];

		qsort(row->cells, row->num_cells, sizeof(*row->cells), compare_cells);
		for (size_t k = 0; k < row->num_cells; k++) {
			finish_cell(&row->cells[k], query->allow);
			matrix->conflicts += row->cells[k].conflict;
		}
	}
	nfp_matrix_compare_updates(matrix);
	for (size_t i = 0; i < matrix->runs; i++)
		matrix->without += !matrix->index->judged[i] || matrix->index->failed[i];
	conclude(matrix);
}
