// SPDX-License-Identifier: GPL-2.0-or-later
/* Steps that end early: no NIC that acts late is called safe for it, and a surprise is found out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "memnic/bed.h"
#include "nfprobe/result.h"
#include "nfprobe/verdict.h"

#define MS	   NFP_NSEC_PER_MSEC
#define ON(event)  MEMNIC_BIT(MEMNIC_ON_##event)
#define LATE	   (1300 * MS)
#define WATCHED_NS (1500 * MS)

static void open_with(struct bed *bed, const struct memnic_personality *p)
{
	bed_open(bed, p, NULL, NFP_STYLE_FILTER);
}

static bool was_cut(const struct bed *bed, enum nfp_step step)
{
	return bed_step(bed, step)->window_ns < WATCHED_NS;
}

/* What ends early where nothing is late. */
static void which_steps_end_early(void **state)
{
	const unsigned int brief = 1U << NFP_STEP_CONTROL | 1U << NFP_STEP_STANDBY;
	const unsigned int like = 1U << NFP_STEP_DETACH;
	const unsigned int moot = 1U << NFP_STEP_REASSIGN | 1U << NFP_STEP_VF_FIRST_UP |
				  1U << NFP_STEP_VF_FIRST_UNPLUG;
	static const struct {
		const char *name;
		enum nfp_style style;
		bool is_early;
	} nics[] = {{"mlx5", NFP_STYLE_FILTER, false}, {"rar-vf-wins", NFP_STYLE_FILTER, true}};

	(void)state;
	for (size_t i = 0; i < sizeof(nics) / sizeof(nics[0]); i++) {
		unsigned int want = brief | like | (nics[i].is_early ? moot : 0), cut = 0;
		struct bed bed;

		bed_open(&bed, memnic_archetype(nics[i].name), NULL, nics[i].style);
		assert_int_equal(bed_climb(&bed), 0);
		assert_false(bed.result.again);
		assert_int_equal(bed.result.verdict == NFP_VERDICT_EARLY, nics[i].is_early);
		for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
			if (bed_step(&bed, step) && was_cut(&bed, step))
				cut |= 1U << step;
		}
		assert_int_equal(cut, want);
		bed_close(&bed);
	}
}

/* The PF takes X without a filter, whose coming must not be taken for the doing of `assign`. */
static void a_filter_of_the_pf_that_comes_late(void **state)
{
	const struct memnic_personality p = {
		.name = "late hold",
		.comes_on = ON(ASSIGN),
		.goes_on = ON(CLEAR),
		.winner = MEMNIC_LAST_WINS,
		.hold_after_ns = LATE,
		.pf_default_from_wire = true,
	};
	struct bed bed;

	(void)state;
	open_with(&bed, &p);
	assert_int_equal(bed_climb(&bed), 0);
	assert_false(was_cut(&bed, NFP_STEP_STANDBY));
	assert_int_equal(bed_row(&bed)[NFP_STEP_ASSIGN], '-');
	assert_int_equal(bed.result.verdict, NFP_VERDICT_EARLY);
	bed_close(&bed);
}

/* Nor what undoing the ladder before does. */
static void an_undo_that_acts_late(void **state)
{
	const struct memnic_personality p = {
		.name = "late clear",
		.comes_on = ON(ASSIGN),
		.goes_on = ON(CLEAR),
		.goes_after_ns = {[MEMNIC_ON_CLEAR] = LATE},
		.winner = MEMNIC_VF_WINS,
	};

	(void)state;
	for (int follows = 0; follows < 2; follows++) {
		struct bed bed;

		open_with(&bed, &p);
		bed.config.host.ops->assign(bed.config.host.ctx, &bed.config.address_first, NULL);
		bed.config.host.ops->clear(bed.config.host.ctx, NULL);
		bed.config.follows = follows;
		assert_int_equal(bed_climb(&bed), 0);
		assert_int_equal(bed_row(&bed)[NFP_STEP_ASSIGN], follows ? '-' : 'P');
		bed_close(&bed);
	}
}

/* `attach` has shown that a reset acts late: `detach` is watched for that long, too. */
static void a_reset_that_acts_late(void **state)
{
	const struct memnic_personality p = {
		.name = "late reset",
		.comes_on = ON(ASSIGN) | ON(UP),
		.goes_on = ON(RESET) | ON(CLEAR),
		.goes_after_ns = {[MEMNIC_ON_RESET] = LATE},
		.winner = MEMNIC_VF_WINS,
	};
	struct bed bed;

	(void)state;
	open_with(&bed, &p);
	assert_int_equal(bed_climb(&bed), 0);
	assert_false(bed.result.again);
	assert_false(was_cut(&bed, NFP_STEP_DETACH));
	assert_int_equal(bed_row(&bed)[NFP_STEP_DETACH], 'P');
	assert_int_not_equal(bed.result.verdict, NFP_VERDICT_SAFE);
	bed_close(&bed);
}

/* Before `attach` the VF did not have X, so nobody saw that a reset takes it away late. */
static void a_reset_that_attach_could_not_show(void **state)
{
	const struct memnic_personality p = {
		.name = "unseen reset",
		.comes_on = ON(UP),
		.goes_on = ON(RESET) | ON(CLEAR),
		.goes_after_ns = {[MEMNIC_ON_RESET] = LATE},
		.winner = MEMNIC_VF_WINS,
	};
	struct bed bed;

	(void)state;
	open_with(&bed, &p);
	assert_int_equal(bed_climb(&bed), 0);
	assert_string_equal(bed_row(&bed), "-PPPPVl--PPPPV-");
	assert_false(was_cut(&bed, NFP_STEP_DETACH));
	bed_close(&bed);
}

/* Nor does what a reset did in `attach` say anything of one that does something else. */
static void a_reset_that_acts_otherwise(void **state)
{
	const struct memnic_personality p = {
		.name = "another reset",
		.comes_on = ON(UP) | ON(RESET),
		.goes_on = ON(DOWN) | ON(CLEAR),
		.reset_needs_up = true,
		.winner = MEMNIC_VF_WINS,
	};
	struct bed bed;

	(void)state;
	open_with(&bed, &p);
	assert_int_equal(bed_climb(&bed), 0);
	assert_string_equal(bed_row(&bed), "-PPPPVlPP-P--VP");
	assert_false(was_cut(&bed, NFP_STEP_DETACH));
	bed_close(&bed);
}

/* Where the VF gets nothing while it is up, `alone` changes who has X: nothing is as before. */
static void nothing_ends_early_after_alone(void **state)
{
	struct memnic_personality p = *memnic_archetype("mlx5");
	struct bed bed;

	(void)state;
	p.comes_on = 0;
	open_with(&bed, &p);
	assert_int_equal(bed_climb(&bed), 0);
	assert_non_null(bed_step(&bed, NFP_STEP_ALONE));
	assert_false(was_cut(&bed, NFP_STEP_DETACH));
	bed_close(&bed);
}

/* Not even what could never be late. */
static void in_full_nothing_ends_early(void **state)
{
	struct bed bed;

	(void)state;
	open_with(&bed, memnic_archetype("rar-vf-wins"));
	bed.config.in_full = true;
	assert_int_equal(bed_climb(&bed), 0);
	assert_true(bed.result.in_full);
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++)
		assert_false(bed_step(&bed, step) && was_cut(&bed, step));
	bed_close(&bed);
}

/* ---- surprises ---- */

/* Given up at `clear`, and in full it is what it is. */
static void surprises_at_clear(const struct memnic_personality *p, const char *row,
			       enum nfp_verdict verdict)
{
	struct nfp_style_result result;
	char got[MEMNIC_ROW_LEN];
	struct bed bed;

	open_with(&bed, p);
	assert_int_equal(bed_climb(&bed), 0);
	assert_true(was_cut(&bed, NFP_STEP_DETACH));
	assert_true(bed.result.again);
	assert_false(bed.result.in_full);
	assert_int_equal(bed.result.steps[bed.result.num_steps - 1].step, NFP_STEP_CLEAR);
	assert_int_not_equal(bed.result.verdict, NFP_VERDICT_SAFE);
	bed_close(&bed);

	assert_int_equal(memnic_climb(p, NULL, NFP_STYLE_FILTER, &result), 0);
	assert_true(result.in_full);
	assert_false(result.again);
	assert_string_equal(memnic_row(&result, got), row);
	assert_int_equal(result.verdict, verdict);
}

/* It remembers that the VF was up, so that `attach` does not show what `detach` does late. */
static void a_late_reset_that_attach_does_not_show(void **state)
{
	const struct memnic_personality p = {
		.name = "remembers",
		.comes_on = ON(UP) | ON(RESET),
		.goes_on = ON(DOWN),
		.comes_after_ns = {[MEMNIC_ON_RESET] = LATE},
		.reset_needs_up = true,
		.winner = MEMNIC_VF_WINS,
	};

	(void)state;
	surprises_at_clear(&p, "-PPPPVlPP--l-VP", NFP_VERDICT_EARLY);
}

static void a_clear_that_takes_the_address_from_all(void **state)
{
	struct memnic_personality p = *memnic_archetype("mlx5");

	(void)state;
	p.clear_wipes_pf = true;
	surprises_at_clear(&p, "-PPPPBlPPP-lPBP", NFP_VERDICT_STICKY);
}

/* Which of the two acted late is not known, so neither is believed. */
static void a_clear_that_acts_late(void **state)
{
	struct memnic_personality p = *memnic_archetype("rar-vf-wins");

	(void)state;
	p.goes_after_ns[MEMNIC_ON_CLEAR] = LATE;
	surprises_at_clear(&p, "-P---Vl---P--V-", NFP_VERDICT_EARLY);
}

/* A NIC that was EARLY when the ladder was given up is not safe because it is not EARLY in full. */
static void early_before_is_not_safe_now(void **state)
{
	static const char *const names[] = {"mlx5", "rar-vf-wins"};
	static const enum nfp_verdict verdicts[] = {NFP_VERDICT_INCONCLUSIVE, NFP_VERDICT_EARLY};
	struct bed bed;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		open_with(&bed, memnic_archetype(names[i]));
		assert_int_equal(bed_climb(&bed), 0);
		assert_int_equal(nfp_shows_early(bed_step(&bed, NFP_STEP_ATTACH)), i == 1);
		bed_close(&bed);

		open_with(&bed, memnic_archetype(names[i]));
		bed.config.in_full = bed.config.early_before = true;
		assert_int_equal(bed_climb(&bed), 0);
		assert_int_equal(bed.result.verdict, verdicts[i]);
		bed_close(&bed);
	}
	assert_false(nfp_shows_early(NULL));
}

/* What the host says of another process ends the ladder, and must not begin another. */
static void a_change_by_another_process_is_no_surprise(void **state)
{
	struct memnic_personality p = *memnic_archetype("mlx5");
	struct memnic_conditions others = {0};
	const struct nfp_step_result *clear;
	struct bed bed;

	(void)state;
	p.clear_wipes_pf = true;
	open_with(&bed, &p);
	assert_int_equal(bed_climb(&bed), 0);
	assert_true(bed.result.again);
	clear = bed_step(&bed, NFP_STEP_CLEAR);
	others.change_ns = MEMNIC_BEGIN_NS + clear->start_ns + 700 * MS;
	bed_close(&bed);

	bed_open(&bed, &p, &others, NFP_STYLE_FILTER);
	assert_int_equal(bed_climb(&bed), 0);
	assert_false(bed.result.again);
	assert_int_equal(bed.result.verdict, NFP_VERDICT_INCONCLUSIVE);
	bed_close(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(which_steps_end_early),
		cmocka_unit_test(a_filter_of_the_pf_that_comes_late),
		cmocka_unit_test(an_undo_that_acts_late),
		cmocka_unit_test(a_reset_that_acts_late),
		cmocka_unit_test(a_reset_that_attach_could_not_show),
		cmocka_unit_test(a_reset_that_acts_otherwise),
		cmocka_unit_test(nothing_ends_early_after_alone),
		cmocka_unit_test(in_full_nothing_ends_early),
		cmocka_unit_test(a_late_reset_that_attach_does_not_show),
		cmocka_unit_test(a_clear_that_takes_the_address_from_all),
		cmocka_unit_test(a_clear_that_acts_late),
		cmocka_unit_test(early_before_is_not_safe_now),
		cmocka_unit_test(a_change_by_another_process_is_no_surprise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
