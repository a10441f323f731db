// SPDX-License-Identifier: GPL-2.0-or-later
/* A file of results, or of names, read from any bytes: refused, or a table that holds together. */
#include <errno.h>
#include <string.h>

#include "nfprobe/report.h"
#include "fuzz/fuzz.h"

static uint64_t settle_needed(const char *driver)
{
	return *driver == 'h' ? 3 * NFP_NSEC_PER_SEC : NFP_SETTLE_DEFAULT_NS;
}

static int add(struct nfp_matrix *m, const uint8_t *data, size_t size, const char *file)
{
	char *text = nfp_malloc(size + 1);
	struct nfp_err err = {0};
	int ret;

	memcpy(text, data, size);
	ret = nfp_matrix_add(m, file, file, text, size, &err);
	free(text);
	require(ret == 0 || (err.code == NFP_E_INPUT && err.message[0]));
	require(ret == 0 || ret == -ENOMSG || ret == -EBADMSG || ret == -EFBIG);
	return ret;
}

/* What proves nothing, and what is not safe, never ends in 0. */
static void check_cell(const struct nfp_matrix *m, const struct nfp_matrix_cell *cell)
{
	size_t results = 0;

	require(cell->num_results > 0 && cell->runs > 0 && cell->hosts > 0);
	require(cell->runs <= cell->num_results && cell->hosts <= cell->num_results);
	for (size_t i = 0; i < cell->num_results; i++)
		require(cell->results[i].verdict >= cell->verdict);
	for (enum nfp_verdict v = 0; v < NFP_VERDICT_COUNT; v++) {
		results += cell->verdicts[v];
		require(v >= cell->verdict || !cell->verdicts[v]);
	}
	require(results == cell->num_results);
	require(m->exit_status != 0 || cell->safe != NFP_NO);
	require(cell->safe != NFP_YES || cell->verdict == NFP_VERDICT_SAFE);
	require(m->exit_status != 0 || cell->safe == NFP_YES || !cell->have_source ||
		cell->source != NFP_SOURCE_WIRE);
	require(cell->num_before == 0 || m->exit_status == 1);
	for (size_t i = 0; i < cell->num_before; i++)
		require(cell->before[i].changed && cell->verdict < cell->before[i].verdict);
}

static void render(const struct nfp_matrix *m)
{
	struct nfp_report_opts opts = {.columns = 40, .color = true, .verbose = true};
	FILE *out = fopen("/dev/null", "w");

	require(nfp_report_matrix_text(m, &opts, out) == 0);
	require(nfp_report_matrix_json(m, NULL, out) == 0);
	require(nfp_report_matrix_html(m, out) == 0);
	fclose(out);
}

static int sign(int value)
{
	return (value > 0) - (value < 0);
}

/* Three versions are in one order, whatever they are. */
static void check_versions(const uint8_t *data, size_t size)
{
	char v[3][32] = {""};
	const size_t third = size / 3;

	for (size_t i = 0; i < 3; i++)
		memcpy(v[i], data + i * third, third < sizeof(v[i]) - 1 ? third : sizeof(v[i]) - 1);
	for (size_t i = 0; i < 3; i++) {
		const char *a = v[i], *b = v[(i + 1) % 3], *c = v[(i + 2) % 3];
		int ab = sign(nfp_matrix_compare_versions(a, b));
		int bc = sign(nfp_matrix_compare_versions(b, c));

		require(ab == -sign(nfp_matrix_compare_versions(b, a)));
		require((ab == 0) == (strcmp(a, b) == 0));
		require(ab != bc || sign(nfp_matrix_compare_versions(a, c)) == ab);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct nfp_matrix_query query = {.styles = {true, true}};
	struct nfp_matrix m;
	size_t half = size / 2;
	bool used;

	check_versions(data, size);
	/* The same bytes twice, and as two files. */
	nfp_matrix_init(&m, settle_needed);
	used = add(&m, data, size, "a.json") == 0;
	require((add(&m, data, size, "a.json") == 0) == used);
	(void)add(&m, data, half, "b.json");
	(void)add(&m, data + half, size - half, "c.json");
	nfp_matrix_name(&m, (const char *)data, size);
	nfp_matrix_finish(&m, &query);
	require(m.files > 0 || m.exit_status == 4);
	require(!used || m.exit_status != 4);
	for (size_t i = 0; i < m.num_rows; i++) {
		require(m.rows[i].num_cells > 0);
		for (size_t k = 0; k < m.rows[i].num_cells; k++)
			check_cell(&m, &m.rows[i].cells[k]);
	}
	render(&m);
	nfp_matrix_fini(&m);
	return 0;
}
