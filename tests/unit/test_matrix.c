// SPDX-License-Identifier: GPL-2.0-or-later
/* Many results as one table: what counts, what got worse, what is known, and which text is read. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "unit/sample_matrix.h"
#include "unit/sample_store.h"

#define NUM(array) (sizeof(array) / sizeof((array)[0]))

#define EARLY	     NFP_VERDICT_EARLY
#define STICKY	     NFP_VERDICT_STICKY
#define INCONCLUSIVE NFP_VERDICT_INCONCLUSIVE
#define UNTESTABLE   NFP_VERDICT_UNTESTABLE
#define SAFE	     NFP_VERDICT_SAFE
#define NONE	     NFP_VERDICT_NOT_APPLICABLE

static void finish(struct nfp_matrix *m, const struct sample_run *runs, size_t num)
{
	sample_matrix_runs(m, runs, num);
	sample_matrix_finish(m);
}

/* The row of a firmware and a kernel; NULL: that of the sample. */
static const struct nfp_matrix_row *row_of(const struct nfp_matrix *m, const char *firmware,
					   const char *kernel)
{
	for (size_t i = 0; i < m->num_rows; i++) {
		if (strcmp(m->rows[i].firmware ? m->rows[i].firmware : "", firmware) == 0 &&
		    strcmp(m->rows[i].kernel, kernel ? kernel : "6.12.95") == 0)
			return &m->rows[i];
	}
	fail_msg("no row of %s", firmware);
	return NULL;
}

/* That of macvtap, from the first source. */
static const struct nfp_matrix_cell *macvtap_of(const struct nfp_matrix *m, const char *firmware)
{
	const struct nfp_matrix_cell *cell = row_of(m, firmware, NULL)->cells;

	assert_int_equal(cell->style, NFP_STYLE_FILTER);
	return cell;
}

/* ---- cells ---- */

static void worst_of_runs_and_hosts(void **state)
{
	static const struct sample_run runs[] = {
		RUN(1, "hv1", "1", SAFE, SAFE),
		RUN(2, "hv1", "1", STICKY, SAFE),
		RUN(3, "hv2", "1", EARLY, SAFE),
		RUN(4, "", "1", SAFE, INCONCLUSIVE),
	};
	const struct nfp_matrix_cell *cell;
	struct nfp_matrix m;

	(void)state;
	finish(&m, runs, NUM(runs));
	assert_int_equal(m.num_rows, 1);
	assert_int_equal(m.runs, 4);
	assert_int_equal(m.hosts, 3);
	assert_int_equal(m.files, 4);
	assert_int_equal(m.rows[0].num_cells, 2);
	cell = &m.rows[0].cells[0];
	assert_int_equal(cell->verdict, EARLY);
	assert_int_equal(cell->runs, 4);
	assert_int_equal(cell->hosts, 3);
	assert_int_equal(cell->verdicts[SAFE], 2);
	assert_int_equal(cell->verdicts[STICKY], 1);
	assert_true(cell->conflict);
	assert_int_equal(cell->num_differences, 0);
	assert_string_equal(cell->results[0].file, "runs/2.json");
	assert_int_equal(cell->results[1].verdict, STICKY);
	/* What proves nothing disagrees with nobody, but is no proof either. */
	cell = &m.rows[0].cells[1];
	assert_int_equal(cell->verdict, INCONCLUSIVE);
	assert_int_equal(nfp_matrix_proof(cell), SAFE);
	assert_false(cell->conflict);
	assert_int_equal(cell->safe, NFP_UNKNOWN);
	assert_int_equal(m.conflicts, 1);
	nfp_matrix_fini(&m);
}

static void a_run_counts_once(void **state)
{
	static const struct sample_run runs[] = {
		RUN(1, "hv1", "2.1.0", SAFE, SAFE), RUN(1, "hv1", "2.1.0", EARLY, SAFE),
		RUN(1, "hv1", "2.1.0", SAFE, SAFE), RUN(0, "hv1", "2.1.0", SAFE, SAFE),
		RUN(0, "hv1", "2.1.0", SAFE, SAFE),
	};
	const struct nfp_matrix_cell *cell;
	struct nfp_result result;
	struct nfp_store store = {.path = NULL};
	struct nfp_matrix m;
	char *text;

	(void)state;
	sample_matrix_runs(&m, runs, NUM(runs));
	/* A store has it, too. */
	sample_run(&runs[0], &result);
	sample_store_add(&store, &result);
	text = json_dumps(store.root, 0);
	sample_matrix_text(&m, "store.json", text);
	sample_matrix_finish(&m);
	cell = &m.rows[0].cells[0];
	assert_int_equal(m.files, 6);
	assert_int_equal(m.runs, 3);
	assert_int_equal(cell->runs, 3);
	assert_int_equal(cell->num_results, 3);
	assert_int_equal(cell->verdicts[EARLY], 1);
	assert_int_equal(cell->verdicts[SAFE], 2);
	nfp_matrix_fini(&m);
	free(text);
	nfp_result_fini(&result);
	nfp_store_fini(&store);
}

static void vfs_of_a_run_may_disagree(void **state)
{
	static const struct sample_run run = RUN(1, "hv1", "1", SAFE, SAFE);
	struct nfp_result result;
	struct nfp_matrix m;

	(void)state;
	sample_run(&run, &result);
	result.vfs = realloc(result.vfs, 2 * sizeof(*result.vfs));
	result.vfs[1] = result.vfs[0];
	result.vfs[1].vf = 4;
	result.vfs[1].styles[0].verdict = EARLY;
	result.num_vfs = 2;
	nfp_matrix_init(&m, sample_settle_needed);
	sample_matrix_add(&m, &result, "x.json");
	sample_matrix_finish(&m);
	assert_int_equal(m.rows[0].cells[0].runs, 1);
	assert_int_equal(m.rows[0].cells[0].num_results, 2);
	assert_int_equal(m.rows[0].cells[0].results[0].vf, 4);
	assert_true(m.rows[0].cells[0].conflict);
	nfp_matrix_fini(&m);
	nfp_result_fini(&result);
}

static void what_else_differs_is_told(void **state)
{
	const struct nfp_matrix_cell *cell;
	struct nfp_matrix m;

	(void)state;
	sample_matrix(&m);
	cell = macvtap_of(&m, "1.3");
	assert_int_equal(cell->num_differences, 3);
	assert_int_equal(cell->differences[0].what, NFP_ID_VF_DRIVER);
	assert_string_equal(cell->differences[0].worst, "iavf");
	assert_string_equal(cell->differences[0].best, "igbvf");
	assert_int_equal(cell->differences[2].what, NFP_ID_NUM_VFS);
	nfp_matrix_fini(&m);
}

/* A result from before each VF had its VLAN. */
static void the_vlan_of_old_results(void **state)
{
	static const struct sample_run run = RUN(1, "a", "1", SAFE, SAFE);
	char *text;
	struct nfp_result result;
	struct nfp_matrix m;
	json_t *root;

	(void)state;
	sample_run(&run, &result);
	result.settings.vlan.vid = 7;
	for (unsigned int i = 0; i < 2; i++) {
		text = sample_text(&result);
		root = json_loads(text, 0, NULL);
		free(text);
		if (i)
			json_object_del(json_array_get(json_object_get(root, "vfs"), 0),
					"probed_vlan");
		text = json_dumps(root, 0);
		json_decref(root);
		nfp_matrix_init(&m, sample_settle_needed);
		sample_matrix_text(&m, "x.json", text);
		sample_matrix_finish(&m);
		assert_int_equal(m.rows[0].cells[0].tagged, i);
		assert_int_equal(m.rows[0].cells[0].results[0].vlan, i ? 7 : 0);
		nfp_matrix_fini(&m);
		free(text);
	}
	nfp_result_fini(&result);
}

/* Runs of one row: what each differs in makes another row, and nothing else does. */
static void rows(void **state)
{
	static const struct sample_run run = RUN(1, "hv1", "1", SAFE, SAFE);
	struct nfp_result result;
	struct nfp_matrix m;

	(void)state;
	nfp_matrix_init(&m, sample_settle_needed);
	sample_run(&run, &result);
#define ANOTHER(rows_, change)                       \
	do {                                         \
		struct nfp_pf_info pf_ = result.pf;  \
		result.id[1]++;                      \
		change;                              \
		sample_matrix_add(&m, &result, "a"); \
		assert_int_equal(m.num_rows, rows_); \
		result.pf = pf_;                     \
	} while (0)
	ANOTHER(1, (void)0);
	ANOTHER(1, result.pf.num_vfs++);
	ANOTHER(1, strcpy(result.pf.ifname, "eth7"));
	ANOTHER(2, result.pf.vendor++);
	ANOTHER(3, result.pf.device++);
	ANOTHER(4, result.pf.subsystem_vendor++);
	ANOTHER(5, result.pf.subsystem_device++);
	ANOTHER(6, strcpy(result.pf.board_id, "M1"));
	ANOTHER(7, strcpy(result.pf.firmware, "2"));
	ANOTHER(8, strcpy(result.pf.driver, "ixgbe"));
	ANOTHER(9, strcpy(result.pf.driver_version, "5.1"));
	ANOTHER(10, strcpy(result.kernel, "6.13"));
	nfp_matrix_fini(&m);
	nfp_result_fini(&result);
}

/* ---- what counts ---- */

static enum nfp_verdict verdict_after(void (*change)(struct nfp_result *result),
				      enum nfp_verdict verdict)
{
	const struct sample_run run = RUN(1, "hv1", "1", verdict, verdict);
	struct nfp_result result;
	struct nfp_matrix m;

	sample_run(&run, &result);
	change(&result);
	nfp_matrix_init(&m, sample_settle_needed);
	sample_matrix_add(&m, &result, "x.json");
	sample_matrix_finish(&m);
	verdict = m.rows[0].cells[0].verdict;
	assert_true(m.exit_status != 0);
	nfp_matrix_fini(&m);
	nfp_result_fini(&result);
	return verdict;
}

static void not_restored(struct nfp_result *result)
{
	result->restored = false;
}

static void interrupted(struct nfp_result *result)
{
	nfp_err_set(&result->error, 0, NFP_E_INTERRUPTED, "stopped by SIGINT");
}

static void vf_failed(struct nfp_result *result)
{
	result->vfs[0].status = NFP_VF_FAILED;
	nfp_err_set(&result->vfs[0].error, 0, NFP_E_KERNEL, "no");
}

static void watched_short(struct nfp_result *result)
{
	result->settings.settle_ns = 100 * NFP_NSEC_PER_MSEC;
}

static void watched_short_for_hns3(struct nfp_result *result)
{
	strcpy(result->pf.driver, "hns3");
}

static void what_was_not_proven_is_inconclusive(void **state)
{
	(void)state;
	assert_int_equal(verdict_after(not_restored, SAFE), INCONCLUSIVE);
	assert_int_equal(verdict_after(not_restored, EARLY), INCONCLUSIVE);
	assert_int_equal(verdict_after(interrupted, SAFE), INCONCLUSIVE);
	assert_int_equal(verdict_after(vf_failed, SAFE), INCONCLUSIVE);
	assert_int_equal(verdict_after(watched_short, SAFE), INCONCLUSIVE);
	assert_int_equal(verdict_after(watched_short_for_hns3, SAFE), INCONCLUSIVE);
	/* A fault that showed in a short time is one. */
	assert_int_equal(verdict_after(watched_short, EARLY), EARLY);
	assert_int_equal(verdict_after(interrupted, UNTESTABLE), UNTESTABLE);
}

/* Of a run that was to probe several VFs, one of which failed before it had a verdict. */
static void a_vf_that_failed_is_not_known(void **state)
{
	static const struct sample_run run = RUN(1, "hv1", "1", SAFE, SAFE);
	static const struct {
		enum nfp_vf_status status;
		enum nfp_errcode of_run;
		int exit_status;
	} cases[] = {
		{NFP_VF_IN_USE, NFP_E_NONE, 0}, /* one of --vf all */
		{NFP_VF_IN_USE, NFP_E_VF_IN_USE, 3},
		{NFP_VF_FAILED, NFP_E_NONE, 3},
		{NFP_VF_PROBED, NFP_E_NONE, 3},
	};
	struct nfp_result result;
	struct nfp_matrix m;

	(void)state;
	sample_run(&run, &result);
	result.vfs = realloc(result.vfs, 2 * sizeof(*result.vfs));
	result.vfs[1] = (struct nfp_vf_result) {.vf = 4};
	result.num_vfs = 2;
	for (size_t i = 0; i < NUM(cases); i++) {
		result.vfs[1].status = cases[i].status;
		if (cases[i].of_run != NFP_E_NONE)
			nfp_err_set(&result.error, 0, cases[i].of_run, "VF 4 is in use");
		nfp_matrix_init(&m, sample_settle_needed);
		sample_matrix_add(&m, &result, "x.json");
		sample_matrix_finish(&m);
		assert_int_equal(m.exit_status, cases[i].exit_status);
		assert_int_equal(m.without, cases[i].exit_status == 3);
		assert_int_equal(m.rows[0].cells[0].verdict, SAFE);
		nfp_matrix_fini(&m);
		result.error = (struct nfp_err) {.code = NFP_E_NONE};
	}
	nfp_result_fini(&result);
}

/* ---- what got worse ---- */

#define FIRMWARE NFP_MATRIX_BIT(NFP_ID_FIRMWARE)
#define DRIVER	 NFP_MATRIX_BIT(NFP_ID_DRIVER_VERSION)
#define KERNEL	 NFP_MATRIX_BIT(NFP_ID_KERNEL)

/* The cell is worse than this, and than nothing else. */
static void assert_before(const struct nfp_matrix_cell *cell, enum nfp_verdict verdict,
			  const char *firmware, const char *kernel, uint32_t changed)
{
	assert_int_equal(cell->num_before, 1);
	assert_int_equal(cell->before[0].verdict, verdict);
	assert_string_equal(cell->before[0].firmware ? cell->before[0].firmware : "", firmware);
	assert_string_equal(cell->before[0].kernel, kernel);
	assert_int_equal(cell->before[0].changed, changed);
}

static void newer_firmware_is_compared_with_older(void **state)
{
	static const struct sample_run runs[] = {
		RUN(1, "a", "2.10.0", STICKY, SAFE),
		RUN(2, "a", "2.9.0", SAFE, STICKY),
		RUN(3, "a", "2.11.0", EARLY, EARLY),
		RUN(4, "a", "2.8.0", EARLY, SAFE),
	};
	struct nfp_matrix m;

	(void)state;
	finish(&m, runs, NUM(runs));
	assert_int_equal(m.exit_status, 1);
	assert_int_equal(m.worse, 4);
	assert_before(macvtap_of(&m, "2.11.0"), STICKY, "2.10.0", "6.12.95", FIRMWARE);
	assert_before(macvtap_of(&m, "2.10.0"), SAFE, "2.9.0", "6.12.95", FIRMWARE);
	assert_int_equal(macvtap_of(&m, "2.9.0")->num_before, 0);
	assert_int_equal(macvtap_of(&m, "2.8.0")->num_before, 0);
	assert_before(&row_of(&m, "2.9.0", NULL)->cells[1], SAFE, "2.8.0", "6.12.95", FIRMWARE);
	/* 2.10.0 is better than 2.9.0 with a bridge. */
	assert_int_equal(row_of(&m, "2.10.0", NULL)->cells[1].num_before, 0);
	nfp_matrix_fini(&m);
}

static void the_nearest_firmware_that_proves_something(void **state)
{
	static const struct sample_run runs[] = {
		RUN(1, "a", "1", SAFE, SAFE),	       RUN(2, "a", "2", INCONCLUSIVE, NONE),
		RUN(3, "a", "3", EARLY, INCONCLUSIVE), RUN(4, "a", "4", EARLY, EARLY),
		RUN(5, "a", "1", INCONCLUSIVE, SAFE),
	};
	struct nfp_matrix m;

	(void)state;
	finish(&m, runs, NUM(runs));
	assert_before(macvtap_of(&m, "3"), SAFE, "1", "6.12.95", FIRMWARE);
	assert_int_equal(macvtap_of(&m, "4")->num_before, 0);
	assert_int_equal(macvtap_of(&m, "2")->num_before, 0);
	assert_before(&row_of(&m, "4", NULL)->cells[1], SAFE, "1", "6.12.95", FIRMWARE);
	assert_int_equal(m.worse, 2);
	nfp_matrix_fini(&m);
}

/* A kernel is compared as firmware is, and is named as the cause if it is. */
static void newer_kernels_are_compared_with_older(void **state)
{
	static const struct sample_run runs[] = {
		RUN(1, "a", "2", SAFE, SAFE, .kernel = "6.9.1"),
		RUN(2, "a", "2", INCONCLUSIVE, SAFE, .kernel = "6.12.0-rc3"),
		RUN(3, "a", "2", STICKY, SAFE, .kernel = "6.12.0"),
		RUN(4, "a", "2", STICKY, EARLY, .kernel = "6.12.1"),
		RUN(5, "a", "1", SAFE, EARLY, .kernel = "6.9.1"),
	};
	struct nfp_matrix m;

	(void)state;
	finish(&m, runs, NUM(runs));
	assert_int_equal(m.exit_status, 1);
	assert_int_equal(m.worse, 2);
	assert_before(&row_of(&m, "2", "6.12.0")->cells[0], SAFE, "2", "6.9.1", KERNEL);
	assert_before(&row_of(&m, "2", "6.12.1")->cells[1], SAFE, "2", "6.12.0", KERNEL);
	/* Nor is it compared with 1, from which more differs. */
	assert_int_equal(row_of(&m, "2", "6.12.1")->cells[0].num_before, 0);
	assert_true(m.rows[0].worse && m.rows[1].worse && !m.rows[2].worse);
	nfp_matrix_fini(&m);
}

/* A driver of its own, which is updated with the same kernel, with it, or in place of it. */
static void newer_drivers_are_compared_with_older(void **state)
{
	static const struct sample_run runs[] = {
		RUN(1, "a", "1", SAFE, SAFE, .kernel = "6.1", .version = "1.9"),
		RUN(2, "a", "1", EARLY, SAFE, .kernel = "6.1", .version = "1.10"),
		RUN(3, "a", "1", EARLY, EARLY, .kernel = "6.2", .version = "1.11"),
		RUN(4, "a", "2", SAFE, SAFE, .kernel = "6.3"),
		RUN(5, "a", "2", STICKY, SAFE, .kernel = "6.3", .version = "1.0"),
		/* It is the driver, whatever the kernel. */
		RUN(6, "a", "3", SAFE, SAFE, .kernel = "6.2", .version = "1.9"),
		RUN(7, "a", "3", EARLY, SAFE, .kernel = "6.1", .version = "1.10"),
		RUN(8, "a", "3", EARLY, SAFE, .kernel = "6.2", .version = "1.10"),
	};
	struct nfp_matrix m;

	(void)state;
	finish(&m, runs, NUM(runs));
	assert_int_equal(m.worse, 4);
	assert_before(&row_of(&m, "3", "6.2")->cells[0], SAFE, "3", "6.2", DRIVER);
	for (size_t i = 0; i < m.num_rows; i++) {
		const struct nfp_matrix_row *row = &m.rows[i];

		if (strcmp(row->firmware, "3") == 0)
			continue;
		if (strcmp(row->driver_version, "1.10") == 0)
			assert_before(&row->cells[0], SAFE, "1", "6.1", DRIVER);
		else if (strcmp(row->driver_version, "1.11") == 0)
			assert_before(&row->cells[1], SAFE, "1", "6.1", DRIVER | KERNEL);
		else if (strcmp(row->driver_version, "1.0") == 0)
			assert_before(&row->cells[0], SAFE, "2", "6.3", DRIVER);
		else
			assert_false(row->worse);
	}
	nfp_matrix_fini(&m);
}

/* An update is not blamed for what another VF driver may have done. */
static void what_else_differs_from_before(void **state)
{
	static const struct sample_run runs[] = {
		RUN(1, "a", "1", SAFE, SAFE),
		RUN(2, "a", "2", EARLY, SAFE),
	};
	const struct nfp_matrix_before *before;
	struct nfp_report_opts opts = {.columns = 0};
	struct nfp_result result;
	struct nfp_matrix m;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	sample_matrix_runs(&m, runs, 1);
	sample_run(&runs[1], &result);
	strcpy(result.vfs[0].driver, "iavf");
	/* Part of what was updated. */
	result.pf.num_fw = 1;
	strcpy(result.pf.fw[0].name, "fw");
	strcpy(result.pf.fw[0].running, "2");
	sample_matrix_add(&m, &result, "2.json");
	sample_matrix_finish(&m);
	assert_before(macvtap_of(&m, "2"), SAFE, "1", "6.12.95", FIRMWARE);
	before = &macvtap_of(&m, "2")->before[0];
	assert_int_equal(before->num_differences, 1);
	assert_int_equal(before->differences[0].what, NFP_ID_VF_DRIVER);
	assert_string_equal(before->differences[0].worst, "iavf");
	assert_string_equal(before->differences[0].best, "igbvf");
	assert_int_equal(nfp_report_matrix_text(&m, &opts, out), 0);
	fclose(out);
	assert_non_null(strstr(text, "EARLY with firmware 2, VF driver iavf (then igbvf): "));
	free(text);
	nfp_matrix_fini(&m);
	nfp_result_fini(&result);
}

/* Whatever stands between them. */
static void only_one_thing_that_changed(void **state)
{
	static const struct sample_run runs[] = {
		RUN(1, "a", "1", SAFE, SAFE, .kernel = "6.1"),
		RUN(2, "a", "2", EARLY, SAFE, .kernel = "6.0"),
		RUN(3, "a", "3", EARLY, SAFE, .kernel = "6.1"),
		RUN(4, "a", "3", SAFE, SAFE, .kernel = "6.0"),
	};
	const struct nfp_matrix_cell *cell;
	struct nfp_matrix m;

	(void)state;
	finish(&m, runs, NUM(runs));
	cell = &row_of(&m, "3", "6.1")->cells[0];
	/* Both updates made it worse, each by itself. */
	assert_int_equal(cell->num_before, 2);
	assert_string_equal(cell->before[0].firmware, "1");
	assert_int_equal(cell->before[0].changed, FIRMWARE);
	assert_string_equal(cell->before[1].kernel, "6.0");
	assert_int_equal(cell->before[1].changed, KERNEL);
	/* The only older firmware had a newer kernel. */
	assert_before(&row_of(&m, "2", "6.0")->cells[0], SAFE, "1", "6.1", FIRMWARE | KERNEL);
	assert_int_equal(m.worse, 2);
	nfp_matrix_fini(&m);
}

static void several_changes_if_there_is_nothing_else(void **state)
{
	static const struct sample_run runs[] = {
		RUN(1, "a", "1", SAFE, SAFE, .kernel = "6.1"),
		RUN(2, "a", "1", STICKY, SAFE, .kernel = "6.10"),
		RUN(3, "a", "2", EARLY, INCONCLUSIVE, .kernel = "6.11"),
		RUN(4, "a", "", STICKY, SAFE, .kernel = "6.1"),
		RUN(5, "a", "", EARLY, SAFE, .kernel = "6.2"),
	};
	struct nfp_matrix m;

	(void)state;
	finish(&m, runs, NUM(runs));
	/* The newest kernel of the older firmware. */
	assert_before(&row_of(&m, "2", "6.11")->cells[0], STICKY, "1", "6.10", FIRMWARE | KERNEL);
	/* Firmware that no driver names, and of which nobody knows that it is another. */
	assert_before(&row_of(&m, "", "6.2")->cells[0], STICKY, "", "6.1", KERNEL);
	assert_int_equal(m.worse, 3);
	nfp_matrix_fini(&m);
}

static void versions(void **state)
{
	/* Each is older than the next. */
	static const char *const orders[][8] = {
		{"2.8", "2.8.1", "2.9", "2.10", "2.10b", "10.1"},
		{"8.05", "8.5", "8.10"},
		{"0x800003df", "0x80000d5e", "0x80000E10", "0x1000000000"},
		{"9.20 0x8000d95e 22.0.9", "9.20 0x8000D961 21.5.9", "9.30 0x8000d95e 22.0.9"},
		{"6.12~rc6-amd64", "6.12-rc7", "6.12", "6.12-13", "6.12.0-rc3", "6.12.0", "6.12.1"},
		{"5.14.0-427.el9", "5.14.0-427.13.1.el9_4", "5.14.0-503.el9"},
		{"6.1.0-9-amd64", "6.1.0-13-amd64"},
		{"", "0", "1"},
	};

	(void)state;
	for (size_t i = 0; i < NUM(orders); i++) {
		for (size_t k = 0; orders[i][k]; k++) {
			for (size_t n = 0; orders[i][n]; n++) {
				int ret = nfp_matrix_compare_versions(orders[i][k], orders[i][n]);

				if ((ret > 0) - (ret < 0) != (k > n) - (k < n))
					fail_msg("%s, %s: %d", orders[i][k], orders[i][n], ret);
			}
		}
	}
}

/* What frames with a tag prove is nothing about those without. */
static void vlans_are_columns(void **state)
{
	static const struct sample_run runs[] = {
		RUN(1, "a", "1", SAFE, SAFE),
		RUN(2, "a", "1", EARLY, SAFE, .vlan = 7),
		RUN(3, "a", "2", EARLY, SAFE),
		RUN(4, "a", "2", EARLY, STICKY, .vlan = 100),
	};
	static const struct sample_run unproven[] = {
		RUN(1, "a", "1", SAFE, SAFE),
		RUN(2, "a", "1", SAFE, INCONCLUSIVE, .vlan = 7),
	};
	const struct nfp_matrix_row *row;
	struct nfp_matrix m;

	(void)state;
	finish(&m, runs, NUM(runs));
	assert_int_equal(m.conflicts, 0);
	assert_int_equal(m.worse, 2);
	row = row_of(&m, "2", NULL);
	assert_int_equal(row->num_cells, 4);
	assert_false(row->cells[0].tagged);
	assert_before(&row->cells[0], SAFE, "1", "6.12.95", FIRMWARE);
	assert_true(row->cells[1].tagged);
	assert_int_equal(row->cells[1].num_before, 0);
	/* Which VLAN it was does not matter. */
	assert_before(&row->cells[3], SAFE, "1", "6.12.95", FIRMWARE);
	nfp_matrix_fini(&m);

	finish(&m, unproven, NUM(unproven));
	assert_int_equal(m.exit_status, 3);
	assert_int_equal(m.unproven, 1);
	nfp_matrix_fini(&m);
}

static void only_one_model_driver_and_source(void **state)
{
	static const struct sample_run runs[] = {
		RUN(1, "a", "1", SAFE, SAFE, .device = 0x1000),
		RUN(2, "a", "2", EARLY, EARLY, .device = 0x1001),
		RUN(3, "a", "1", SAFE, SAFE, .device = 0x1002, .source = NFP_SOURCE_VF),
		RUN(4, "a", "2", EARLY, EARLY, .device = 0x1002, .source = NFP_SOURCE_WIRE),
		RUN(5, "a", "", SAFE, SAFE, .device = 0x1003),
		RUN(6, "a", "2", EARLY, EARLY, .device = 0x1003),
		RUN(7, "a", "1", SAFE, SAFE, .device = 0x1004),
		RUN(8, "a", "", EARLY, EARLY, .device = 0x1004),
	};
	struct nfp_result result;
	struct nfp_matrix m;

	(void)state;
	sample_matrix_runs(&m, runs, NUM(runs));
	sample_run(&runs[1], &result);
	result.id[0] = 9;
	result.pf.device = 0x1000;
	strcpy(result.pf.driver, "another");
	sample_matrix_add(&m, &result, "9.json");
	result.id[0] = 10;
	strcpy(result.pf.driver, "igb");
	strcpy(result.pf.board_id, "another");
	sample_matrix_add(&m, &result, "10.json");
	sample_matrix_finish(&m);
	assert_int_equal(m.worse, 0);
	assert_int_equal(m.exit_status, 1);
	nfp_matrix_fini(&m);
	nfp_result_fini(&result);
}

static void what_got_worse_comes_first(void **state)
{
	static const struct sample_run runs[] = {
		RUN(1, "a", "3", SAFE, SAFE, .device = 0x1000),
		RUN(2, "a", "1", EARLY, SAFE, .device = 0x1001),
		RUN(3, "a", "3", SAFE, SAFE, .device = 0x1001),
		RUN(4, "a", "10", SAFE, SAFE, .device = 0x1002),
		RUN(5, "a", "9", STICKY, SAFE, .device = 0x1002),
		RUN(6, "a", "8", SAFE, SAFE, .device = 0x1002),
		RUN(7, "a", "", SAFE, SAFE, .device = 0x1002),
	};
	static const char *const order[] = {"9", "10", "8", "", "3", "3", "1"};
	struct nfp_matrix m;

	(void)state;
	finish(&m, runs, NUM(runs));
	assert_int_equal(m.num_rows, NUM(order));
	for (size_t i = 0; i < NUM(order); i++)
		assert_string_equal(m.rows[i].firmware ? m.rows[i].firmware : "", order[i]);
	assert_int_equal(m.rows[0].device, 0x1002);
	assert_int_equal(m.rows[4].device, 0x1000);
	assert_int_equal(m.rows[6].device, 0x1001);
	nfp_matrix_fini(&m);
}

/* ---- exit statuses ---- */

static int status_of(const struct sample_run *runs, size_t num,
		     const struct nfp_matrix_query *query)
{
	struct nfp_matrix m;
	int status;

	sample_matrix_runs(&m, runs, num);
	nfp_matrix_finish(&m, query);
	status = m.exit_status;
	nfp_matrix_fini(&m);
	return status;
}

#define ALL                \
	{                  \
		true, true \
	}
#define STATUS(query_, ...)                                  \
	status_of((const struct sample_run[]) {__VA_ARGS__}, \
		  NUM(((const struct sample_run[]) {__VA_ARGS__})), query_)

static void exit_status(void **state)
{
	static const struct nfp_matrix_query all = {.styles = ALL},
					     macvtap = {.styles = {true, false}},
					     early = {.styles = ALL, .allow = {[EARLY] = true}},
					     untestable = {.styles = ALL,
							   .allow = {[UNTESTABLE] = true}};

	(void)state;
	assert_int_equal(STATUS(&all, RUN(1, "a", "1", SAFE, SAFE)), 0);
	assert_int_equal(STATUS(&all, RUN(1, "a", "1", SAFE, NONE)), 0);
	assert_int_equal(STATUS(&all, RUN(1, "a", "1", NONE, NONE)), 3);
	assert_int_equal(STATUS(&all, RUN(1, "a", "1", SAFE, EARLY)), 1);
	assert_int_equal(STATUS(&macvtap, RUN(1, "a", "1", SAFE, EARLY)), 0);
	assert_int_equal(STATUS(&all, RUN(1, "a", "1", SAFE, INCONCLUSIVE)), 3);
	assert_int_equal(STATUS(&all, RUN(1, "a", "1", SAFE, UNTESTABLE)), 3);
	assert_int_equal(STATUS(&untestable, RUN(1, "a", "1", SAFE, UNTESTABLE)), 0);
	/* One run of many that proves nothing. */
	assert_int_equal(
		STATUS(&all, RUN(1, "a", "1", SAFE, SAFE), RUN(2, "b", "1", SAFE, INCONCLUSIVE)),
		3);
	assert_int_equal(
		STATUS(&all, RUN(1, "a", "1", EARLY, SAFE), RUN(2, "b", "1", SAFE, INCONCLUSIVE)),
		1);
	/* Allowed, but not that it got worse, nor what is hidden behind it. */
	assert_int_equal(STATUS(&early, RUN(1, "a", "1", SAFE, EARLY)), 0);
	assert_int_equal(
		STATUS(&early, RUN(1, "a", "1", SAFE, EARLY), RUN(2, "a", "1", SAFE, STICKY)), 1);
	assert_int_equal(
		STATUS(&early, RUN(1, "a", "1", SAFE, EARLY), RUN(2, "a", "1", SAFE, INCONCLUSIVE)),
		3);
	assert_int_equal(
		STATUS(&early, RUN(1, "a", "1", SAFE, EARLY), RUN(2, "a", "2", EARLY, EARLY)), 1);
	/* Only the wire proves that it is safe; that it is not, every source does. */
	assert_int_equal(STATUS(&all, RUN(1, "a", "1", SAFE, SAFE, .source = NFP_SOURCE_VF)), 3);
	assert_int_equal(STATUS(&all, RUN(1, "a", "1", SAFE, UNTESTABLE, .source = NFP_SOURCE_VF),
				RUN(2, "a", "1", SAFE, SAFE)),
			 0);
	assert_int_equal(STATUS(&all, RUN(1, "a", "1", SAFE, EARLY, .source = NFP_SOURCE_VF),
				RUN(2, "a", "1", SAFE, SAFE)),
			 1);
}

/* Every column that there can be, as wide as a terminal, and none in it. */
static void all_columns(void **state)
{
	struct nfp_report_opts opts = {.columns = 80};
	struct nfp_result result;
	struct nfp_matrix m;
	size_t lines = 0, len = 0;
	char *text = NULL;
	FILE *out;

	(void)state;
	nfp_matrix_init(&m, sample_settle_needed);
	for (unsigned int i = 0; i < 2 * (NFP_SOURCE_COUNT + 1); i++) {
		const struct sample_run run = RUN(i + 1, "a", "1", SAFE, SAFE, .vlan = i % 2);

		sample_run(&run, &result);
		result.settings.have_source = i / 2 < NFP_SOURCE_COUNT;
		for (size_t s = 0; s < 2; s++) {
			result.vfs[0].styles[s].from.known = i / 2 < NFP_SOURCE_COUNT;
			result.vfs[0].styles[s].from.source = i / 2;
		}
		sample_matrix_add(&m, &result, "x.json");
		nfp_result_fini(&result);
	}
	sample_matrix_finish(&m);
	assert_int_equal(m.rows[0].num_cells, 4 * (NFP_SOURCE_COUNT + 1));
	assert_int_equal(m.exit_status, 0);
	for (unsigned int i = 0; i < 2; i++) {
		out = open_memstream(&text, &len);
		assert_int_equal(nfp_report_matrix_text(&m, &opts, out), 0);
		fclose(out);
		lines = 0;
		for (const char *at = text; (at = strstr(at, "SAFE")); at++)
			lines++;
		assert_int_equal(lines, m.rows[0].num_cells);
		if (opts.columns)
			assert_non_null(
				strstr(text, "\n    bridge, vf, VLAN: SAFE (not proven) 1/1\n"));
		free(text);
		opts.columns = 0;
	}
	nfp_matrix_fini(&m);
}

static void only_the_wire_proves_it(void **state)
{
	static const struct sample_run runs[] = {
		RUN(1, "a", "1", SAFE, EARLY, .source = NFP_SOURCE_VF),
		RUN(2, "a", "2", SAFE, SAFE),
	};
	struct nfp_matrix m;

	(void)state;
	finish(&m, runs, NUM(runs));
	assert_int_equal(row_of(&m, "1", NULL)->cells[0].safe, NFP_UNKNOWN);
	assert_int_equal(row_of(&m, "1", NULL)->cells[1].safe, NFP_NO);
	assert_int_equal(row_of(&m, "2", NULL)->cells[0].safe, NFP_YES);
	assert_int_equal(m.unproven, 1);
	nfp_matrix_fini(&m);
}

static void a_style_that_does_not_apply_is_not_safe(void **state)
{
	static const struct sample_run runs[] = {
		RUN(1, "a", "1", NONE, NONE),
		RUN(2, "a", "1", SAFE, NONE),
	};
	struct nfp_matrix m;

	(void)state;
	finish(&m, runs, NUM(runs));
	assert_int_equal(m.rows[0].cells[0].safe, NFP_YES);
	assert_int_equal(m.rows[0].cells[1].safe, NFP_UNKNOWN);
	assert_int_equal(m.exit_status, 0);
	nfp_matrix_fini(&m);
}

static void what_was_not_read_is_not_known(void **state)
{
	static const struct sample_run run = RUN(1, "a", "1", SAFE, SAFE);
	struct nfp_result failed;
	struct nfp_matrix m;

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		sample_matrix_runs(&m, &run, 1);
		if (i == 2) {
			nfp_result_init(&failed);
			sample_matrix_add(&m, &failed, "failed.json");
		} else {
			nfp_matrix_skip(&m, "x.json", i == 0, "whatever");
		}
		sample_matrix_finish(&m);
		assert_int_equal(m.exit_status, i == 0 ? 0 : 3);
		assert_int_equal(m.without, i == 2);
		nfp_matrix_fini(&m);
	}
	/* No file, and files without a verdict. */
	nfp_matrix_init(&m, sample_settle_needed);
	sample_matrix_finish(&m);
	assert_int_equal(m.exit_status, 4);
	nfp_matrix_fini(&m);
	nfp_matrix_init(&m, sample_settle_needed);
	sample_matrix_add(&m, &failed, "failed.json");
	sample_matrix_finish(&m);
	assert_int_equal(m.exit_status, 3);
	nfp_matrix_fini(&m);
}

/* ---- text ---- */

static int add(const char *text, char ret_why[NFP_ERR_MSGLEN], size_t *ret_rows)
{
	char *copy = strdup(text);
	struct nfp_err err = {0};
	struct nfp_matrix m;
	int ret;

	nfp_matrix_init(&m, sample_settle_needed);
	ret = nfp_matrix_add(&m, "x", "x", copy, strlen(copy), &err);
	*ret_rows = m.num_rows;
	assert_int_equal(m.files, ret == 0);
	strcpy(ret_why, err.message);
	nfp_matrix_fini(&m);
	free(copy);
	return ret;
}

static void what_is_refused(void **state)
{
	static const struct {
		const char *text;
		int ret;
		const char *why;
	} cases[] = {
		{"", -EBADMSG, "it is damaged, or not JSON"},
		{"{", -EBADMSG, "it is damaged, or not JSON"},
		{"\xff\xfe", -EBADMSG, "it is damaged, or not JSON"},
		{"[\"steps\", [garbage]]", -EBADMSG, "it is damaged, or not JSON"},
		{"[]", -ENOMSG, "it is neither a result of --json nor a file of --save"},
		{"3", -EBADMSG, "it is damaged, or not JSON"},
		{"{}", -ENOMSG, NULL},
		{"{\"name\": \"x\", \"version\": 1}", -ENOMSG, NULL},
		{"{\"schema\": 1, \"entries\": []}", -ENOMSG, NULL},
		{"{\"schema\": 1, \"pfs\": []}", -ENOMSG, NULL},
		{"{\"schema\": 2, \"run\": {}, \"vfs\": []}", -EBADMSG, "another version"},
		{"{\"schema\": 2, \"store\": \"x\", \"entries\": []}", -EBADMSG, "another version"},
		{"{\"schema\": 1, \"store\": \"x\", \"entries\": {}}", -EBADMSG, "not a list"},
		{"{\"schema\": 1, \"store\": \"x\", \"entries\": [3]}", -EBADMSG,
		 "it is damaged: schema is not 1"},
		{"{\"schema\": 1, \"run\": {}, \"vfs\": []}", -EBADMSG, "it is damaged: run.id"},
		/* Of --all, and of --list. */
		{"{\"schema\": 1, \"pfs\": {}, \"exit\": 0}", -EBADMSG, "not a list"},
		{"{\"schema\": 1, \"pfs\": [3], \"exit\": 0}", -EBADMSG, "a PF has no result"},
		{"{\"schema\": 1, \"pfs\": [{\"counts\": true, \"result\": 3}], \"exit\": 0}",
		 -EBADMSG, "schema is not 1"},
		{"{\"schema\": 1, \"pfs\": [{\"counts\": 1, \"result\": null}], \"exit\": 0}",
		 -EBADMSG, "a PF has no result"},
		{"{\"schema\": 1, \"pfs\": [], \"shared\": [], \"exit\": 0}", -ENOMSG, NULL},
		{"{\"schema\": 1, \"schema\": 1, \"run\": {}, \"vfs\": []}", -EBADMSG,
		 "it is damaged, or not JSON"},
		/* Arrays of steps without an end, or with another's. */
		{"{\"steps\": [", -EBADMSG, "it is damaged, or not JSON"},
		{"{\"steps\": [}", -EBADMSG, "it is damaged, or not JSON"},
		{"{\"steps\": [\"]}", -EBADMSG, "it is damaged, or not JSON"},
		{"{\"steps\"", -EBADMSG, "it is damaged, or not JSON"},
		{"{\"steps\": ", -EBADMSG, "it is damaged, or not JSON"},
		{"\"\\", -EBADMSG, "it is damaged, or not JSON"},
	};
	char why[NFP_ERR_MSGLEN];
	size_t num;

	(void)state;
	for (size_t i = 0; i < NUM(cases); i++) {
		assert_int_equal(add(cases[i].text, why, &num), cases[i].ret);
		assert_int_equal(num, 0);
		if (cases[i].why && !strstr(why, cases[i].why))
			fail_msg("%s: %s", cases[i].text, why);
	}
}

/* A result whose @key in @object has another value, or none if that is NULL. */
static int add_changed(const char *object, const char *key, json_t *value)
{
	static const struct sample_run run = RUN(1, "a", "1", SAFE, SAFE);
	char why[NFP_ERR_MSGLEN], *text;
	struct nfp_result result;
	json_t *root, *at;
	size_t num;
	int ret;

	sample_run(&run, &result);
	text = sample_text(&result);
	root = json_loads(text, 0, NULL);
	free(text);
	at = strcmp(object, "style")
		     ? json_object_get(root, object)
		     : json_array_get(
			       json_object_get(json_array_get(json_object_get(root, "vfs"), 0),
					       "styles"),
			       0);
	if (!object[0])
		at = root;
	assert_non_null(at);
	if (value)
		json_object_set_new(at, key, value);
	else
		json_object_del(at, key);
	text = json_dumps(root, JSON_COMPACT);
	ret = add(text, why, &num);
	assert_int_equal(num, ret == 0);
	free(text);
	json_decref(root);
	nfp_result_fini(&result);
	return ret;
}

static void keys(void **state)
{
	(void)state;
	/* What a row or a verdict rests on must be there, and what is not known may be null. */
	assert_int_equal(add_changed("style", "verdict", json_string("fine")), -EBADMSG);
	assert_int_equal(add_changed("style", "verdict", NULL), -EBADMSG);
	assert_int_equal(add_changed("pf", "firmware", json_integer(1)), -EBADMSG);
	assert_int_equal(add_changed("pf", "firmware", json_null()), 0);
	assert_int_equal(add_changed("pf", "vendor", json_string("8086")), -EBADMSG);
	assert_int_equal(add_changed("", "restored", NULL), -EBADMSG);
	assert_int_equal(add_changed("run", "host", json_null()), 0);
	/* Results from before there were these keys. */
	assert_int_equal(add_changed("pf", "subsystem_vendor", NULL), 0);
	assert_int_equal(add_changed("pf", "board_id", NULL), 0);
	assert_int_equal(add_changed("style", "source", NULL), 0);
	/* What nobody reads may be anything that has an end. */
	assert_int_equal(add_changed("style", "steps",
				     json_pack("[{s:s, s:[[],{}]}]", "a", "]}\\\"", "steps")),
			 0);
	assert_int_equal(add_changed("style", "transitions", json_integer(3)), 0);
	assert_int_equal(add_changed("style", "reason", json_string("\"steps\":[")), 0);
}

/* What --all found, as one file: @results (NULL: none) of PFs of which each has VFs or not. */
static void add_all(struct nfp_matrix *m, struct nfp_result *const *results, const bool *counts,
		    size_t num)
{
	struct nfp_jobs jobs = {.v = calloc(num, sizeof(*jobs.v)), .num = num};
	struct nfp_err err = {0};
	char *text = NULL, *one;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	for (size_t i = 0; i < num; i++) {
		jobs.v[i].counts = counts[i];
		if (!results[i])
			continue;
		one = sample_text(results[i]);
		jobs.v[i].document = json_loads(one, 0, NULL);
		free(one);
	}
	if (!num)
		nfp_err_set(&err, 0, NFP_E_NOT_PF, "this host has no SR-IOV PF");
	assert_int_equal(nfp_report_jobs_json(&jobs, &err, out), 0);
	fclose(out);
	sample_matrix_text(m, "all.json", text);
	free(text);
	nfp_jobs_fini(&jobs);
}

static void results_of_all(void **state)
{
	static const struct sample_run of[] = {
		RUN(1, "a", "1", SAFE, SAFE),
		RUN(2, "a", "1", SAFE, SAFE, .device = 0x1592),
		RUN(3, "a", "2", EARLY, SAFE),
	};
	struct nfp_result results[NUM(of)];
	struct nfp_matrix m;

	(void)state;
	for (size_t i = 0; i < NUM(of); i++)
		sample_run(&of[i], &results[i]);
	nfp_matrix_init(&m, sample_settle_needed);
	add_all(&m, (struct nfp_result *[]) {&results[0], &results[1], NULL},
		(bool[]) {true, true, false}, 3);
	/* The same run as a file of its own. */
	sample_matrix_add(&m, &results[1], "pci-0000:01:00.1.json");
	sample_matrix_finish(&m);
	assert_int_equal(m.runs, 2);
	assert_int_equal(m.num_rows, 2);
	assert_int_equal(m.exit_status, 0);
	nfp_matrix_fini(&m);

	nfp_matrix_init(&m, sample_settle_needed);
	add_all(&m, (struct nfp_result *[]) {&results[0], &results[2]}, (bool[]) {true, true}, 2);
	sample_matrix_finish(&m);
	assert_int_equal(m.exit_status, 1);
	nfp_matrix_fini(&m);

	/* A PF of which nothing is known, and a host without any. */
	for (size_t num = 0; num < 3; num += 2) {
		nfp_matrix_init(&m, sample_settle_needed);
		add_all(&m, (struct nfp_result *[]) {&results[0], NULL}, (bool[]) {true, true},
			num);
		sample_matrix_add(&m, &results[1], "x.json");
		sample_matrix_finish(&m);
		assert_int_equal(m.without, 1);
		assert_int_equal(m.exit_status, 3);
		nfp_matrix_fini(&m);
	}
	for (size_t i = 0; i < NUM(of); i++)
		nfp_result_fini(&results[i]);
}

/* Nothing of a file counts if a part of it is damaged. */
static void whole_or_not_at_all(void **state)
{
	static const struct sample_run run = RUN(1, "a", "1", SAFE, SAFE);
	char why[NFP_ERR_MSGLEN], *text;
	struct nfp_store store = {.path = NULL};
	struct nfp_result result;
	json_t *entries;
	size_t num;

	(void)state;
	sample_run(&run, &result);
	sample_store_add(&store, &result);
	text = json_dumps(store.root, 0);
	assert_int_equal(add(text, why, &num), 0);
	assert_int_equal(num, 1);
	free(text);
	entries = json_object_get(store.root, "entries");
	json_object_set_new(json_array_get(entries, 1), "vfs", json_integer(3));
	text = json_dumps(store.root, 0);
	assert_int_equal(add(text, why, &num), -EBADMSG);
	assert_int_equal(num, 0);
	free(text);
	nfp_store_fini(&store);
	nfp_result_fini(&result);
}

/* @piece again and again, @size bytes of it. */
static char *repeated(const char *piece, size_t size)
{
	char *text = malloc(size + 1);
	size_t len = strlen(piece);

	assert_non_null(text);
	for (size_t i = 0; i < size; i++)
		text[i] = piece[i % len];
	text[size] = '\0';
	return text;
}

/* Each of these is small, but an array in memory is large, and an end may be looked for in vain. */
static void large_files(void **state)
{
	static const struct {
		const char *piece;
		int ret;
	} cases[] = {
		{"[],", -EFBIG},
		{"{", -EFBIG},
		{"1,", -EFBIG},
		{" ", -EBADMSG},
		{"\"steps\":[", -EBADMSG},
		{"\"steps\" ", -EBADMSG},
		{"\"", -EBADMSG},
		{"\\\"", -EBADMSG},
		{"\"steps\":[]", -EFBIG},
	};
	char why[NFP_ERR_MSGLEN], *text;
	size_t num;

	(void)state;
	for (size_t i = 0; i < NUM(cases); i++) {
		uint64_t begin_ns = nfp_clock_now();

		text = repeated(cases[i].piece, NFP_MATRIX_BYTES / 4);
		assert_int_equal(add(text, why, &num), cases[i].ret);
		free(text);
		assert_true(nfp_clock_now() - begin_ns < 20 * NFP_NSEC_PER_SEC);
	}
}

/* ---- names ---- */

static void names(void **state)
{
	const struct nfp_matrix_row *row;
	struct nfp_matrix m;

	(void)state;
	sample_matrix(&m);
	row = row_of(&m, "2.10.0", NULL);
	assert_string_equal(row->vendor_name, "Intel Corporation");
	assert_string_equal(row->device_name, "82576 Gigabit Network Connection");
	assert_string_equal(row->subsystem_name, "Gigabit ET ?[31m<b>Dual</b>");
	row = row_of(&m, "1.3", NULL);
	assert_string_equal(row->device_name, "Ethernet Controller E810-C for QSFP");
	nfp_matrix_fini(&m);
}

/* Two vendors have a device, and two devices a subsystem, of one number. */
static void names_of_two_vendors(void **state)
{
	static const char text[] = "8086  Intel\n\t10c9  82576\n\t\t8086 a04c  ET\n"
				   "\t10ca  82576 VF\n\t\t8086 a04c  no ET\n"
				   "8087  Another\n\t10c9  no 82576\n\t\t8086 a04c  another\n";
	static const struct sample_run run = RUN(1, "a", "1", SAFE, SAFE);
	struct nfp_result result;
	struct nfp_matrix m;

	(void)state;
	sample_matrix_runs(&m, &run, 1);
	sample_run(&run, &result);
	result.pf.vendor = 0x8087;
	result.pf.device = 0x10ca;
	sample_matrix_add(&m, &result, "b");
	result.pf.vendor = 0x8086;
	sample_matrix_add(&m, &result, "c");
	nfp_matrix_name(&m, text, sizeof(text) - 1);
	assert_string_equal(m.rows[0].device_name, "82576");
	assert_string_equal(m.rows[0].subsystem_name, "ET");
	assert_string_equal(m.rows[1].vendor_name, "Another");
	assert_null(m.rows[1].device_name);
	assert_null(m.rows[1].subsystem_name);
	assert_string_equal(m.rows[2].subsystem_name, "no ET");
	nfp_matrix_fini(&m);
	nfp_result_fini(&result);
}

static void names_of_broken_files(void **state)
{
	static const char *const texts[] = {
		"",
		"\n\n\t\n\t\t\n#",
		"8086",
		"8086 ",
		"8086 \n\t10c9  a device of a vendor without a name\n",
		"\t10c9  a device without a vendor\n",
		"808g  Intel\n\t10c9  x\n",
		"C 02  Network\n8086  Intel\n",
		"8086\tIntel\n\t10c9  x\n",
	};
	static const struct sample_run run = RUN(1, "a", "1", SAFE, SAFE);
	struct nfp_matrix m;

	(void)state;
	for (size_t i = 0; i < NUM(texts); i++) {
		/* No byte behind the text is read. */
		char *exact = malloc(strlen(texts[i]) + 1);

		memcpy(exact, texts[i], strlen(texts[i]));
		sample_matrix_runs(&m, &run, 1);
		nfp_matrix_name(&m, exact, strlen(texts[i]));
		assert_null(m.rows[0].device_name);
		assert_true(!m.rows[0].vendor_name || m.rows[0].vendor_name[0]);
		nfp_matrix_fini(&m);
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(worst_of_runs_and_hosts),
		cmocka_unit_test(a_run_counts_once),
		cmocka_unit_test(vfs_of_a_run_may_disagree),
		cmocka_unit_test(what_else_differs_is_told),
		cmocka_unit_test(the_vlan_of_old_results),
		cmocka_unit_test(rows),
		cmocka_unit_test(what_was_not_proven_is_inconclusive),
		cmocka_unit_test(a_vf_that_failed_is_not_known),
		cmocka_unit_test(newer_firmware_is_compared_with_older),
		cmocka_unit_test(the_nearest_firmware_that_proves_something),
		cmocka_unit_test(newer_kernels_are_compared_with_older),
		cmocka_unit_test(newer_drivers_are_compared_with_older),
		cmocka_unit_test(what_else_differs_from_before),
		cmocka_unit_test(only_one_thing_that_changed),
		cmocka_unit_test(several_changes_if_there_is_nothing_else),
		cmocka_unit_test(versions),
		cmocka_unit_test(vlans_are_columns),
		cmocka_unit_test(only_one_model_driver_and_source),
		cmocka_unit_test(what_got_worse_comes_first),
		cmocka_unit_test(exit_status),
		cmocka_unit_test(all_columns),
		cmocka_unit_test(only_the_wire_proves_it),
		cmocka_unit_test(a_style_that_does_not_apply_is_not_safe),
		cmocka_unit_test(what_was_not_read_is_not_known),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(keys),
		cmocka_unit_test(results_of_all),
		cmocka_unit_test(whole_or_not_at_all),
		cmocka_unit_test(large_files),
		cmocka_unit_test(names),
		cmocka_unit_test(names_of_two_vendors),
		cmocka_unit_test(names_of_broken_files),
	};

	return cmocka_run_group_tests_name("matrix", tests, NULL, NULL);
}
