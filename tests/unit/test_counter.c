// SPDX-License-Identifier: GPL-2.0-or-later
/* The PF's count of what its VF received, beside the landings. */
#include <inttypes.h>

#include "harness.h"
#include "memnic/bed.h"

#define MS NFP_NSEC_PER_MSEC

/* A letter for each step of the ladder: c the VF counted most of what landed nowhere, n it did
 * not, ? not known, . not made. */
static const char *witness(const struct nfp_style_result *result, char row[MEMNIC_ROW_LEN])
{
	memset(row, '.', NFP_STEP_COUNT);
	row[NFP_STEP_COUNT] = '\0';
	for (size_t i = 0; i < result->num_steps; i++) {
		const struct nfp_step_result *step = &result->steps[i];

		if (step->status == NFP_STATUS_DONE)
			row[step->step] = !step->have_vf_rx	   ? '?'
					  : nfp_step_counted(step) ? 'c'
								   : 'n';
	}
	return row;
}

static void expect(struct bed *bed, const char *landings, const char *row)
{
	char got[MEMNIC_ROW_LEN];

	assert_int_equal(bed_climb(bed), 0);
	assert_string_equal(bed_row(bed), landings);
	assert_string_equal(witness(&bed->result, got), row);
}

static void open_with(struct bed *bed, const char *name, enum memnic_stats stats)
{
	struct memnic_personality p = *memnic_archetype(name);

	p.stats = stats;
	bed_open(bed, &p, NULL, NFP_STYLE_BRIDGE);
}

TEST(what_is_counted_is_told)
{
	const struct nfp_step_result *attach;
	char words[128];
	struct bed bed;

	open_with(&bed, "rar-vf-wins", MEMNIC_STATS_LIVE);
	expect(&bed, "-P---Vl---P--V-", "??cccn.cccnccnc");
	assert_int_equal(bed.result.verdict, NFP_VERDICT_EARLY);
	attach = bed_step(&bed, NFP_STEP_ATTACH);
	/* All of the window but the tick at its begin, and the grace after it. */
	assert_in_range(attach->vf_rx_packets, attach->window_ns / NFP_NSEC_PER_MSEC - 200,
			attach->window_ns / NFP_NSEC_PER_MSEC + 200);
	assert_int_equal(attach->vf_rx_dropped, 0);
	snprintf(words, sizeof(words),
		 "; in step attach the driver counted %" PRIu64 " frames for VF 3",
		 attach->vf_rx_packets);
	assert_non_null(strstr(bed.result.reason, words));
	bed_close(&bed);
}

TEST(where_the_vf_is_heard_there_is_nothing_to_tell)
{
	struct bed bed;

	bed_open(&bed, memnic_archetype("mlx5"), NULL, NFP_STYLE_MACVTAP);
	expect(&bed, "-PPPPBlPPPPPPBP", "?????n.nnnnnnnn");
	assert_int_equal(bed.result.verdict, NFP_VERDICT_SAFE);
	assert_null(strstr(bed.result.reason, "counted"));
	bed_close(&bed);
}

TEST(a_driver_that_does_not_count)
{
	struct memnic_personality p = *memnic_archetype("rar-vf-wins");
	char row[MEMNIC_ROW_LEN];
	struct bed bed;

	open_with(&bed, "rar-vf-wins", MEMNIC_NO_STATS);
	expect(&bed, "-P---Vl---P--V-", "??????.????????");
	assert_int_equal(bed.result.verdict, NFP_VERDICT_EARLY);
	assert_null(strstr(bed.result.reason, "counted"));
	bed_close(&bed);

	/* One that refuses to tell is not asked again. */
	p.stats_errno = EOPNOTSUPP;
	bed_open(&bed, &p, NULL, NFP_STYLE_BRIDGE);
	assert_int_equal(bed_climb(&bed), 0);
	assert_string_equal(witness(&bed.result, row), "??????.????????");
	assert_int_equal(bed.err.code, NFP_E_NONE);
	bed_close(&bed);
}

TEST(a_slow_answer_is_of_no_moment)
{
	struct memnic_personality p = *memnic_archetype("rar-vf-wins");
	char row[MEMNIC_ROW_LEN];
	struct bed bed;

	p.stats = MEMNIC_STATS_LIVE;
	p.stats_take_ns = 210 * MS;
	bed_open(&bed, &p, NULL, NFP_STYLE_BRIDGE);
	assert_int_equal(bed_climb(&bed), 0);
	assert_string_equal(witness(&bed.result, row), "??????.????????");
	bed_close(&bed);
	/* One that takes a second is asked once. */
	p.stats_take_ns = 1100 * MS;
	bed_open(&bed, &p, NULL, NFP_STYLE_BRIDGE);
	assert_int_equal(bed_climb(&bed), 0);
	assert_true(bed_now(&bed) - MEMNIC_BEGIN_NS < 40 * NFP_NSEC_PER_SEC);
	bed_close(&bed);
}

/* Broadcasts that a VF without a driver counts are fewer than the unicast. */
TEST(a_few_broadcasts_are_not_worth_telling)
{
	struct memnic_personality p = *memnic_archetype("rar-vf-wins");
	char row[MEMNIC_ROW_LEN];
	struct bed bed;

	p.stats = MEMNIC_STATS_LIVE;
	p.stats_all_broadcast = true;
	/* Unicast goes to nobody. */
	p.comes_on = 0;
	p.assign_wipes_pf = true;
	bed_open(&bed, &p, NULL, NFP_STYLE_MACVTAP);
	assert_int_equal(bed_climb(&bed), 0);
	assert_null(strchr(witness(&bed.result, row), 'c'));
	assert_int_equal(bed_step(&bed, NFP_STEP_ATTACH)->landing[NFP_KIND_UNICAST],
			 NFP_LANDING_NOWHERE);
	assert_true(bed_step(&bed, NFP_STEP_ATTACH)->vf_rx_packets > 0);
	bed_close(&bed);
}

/* The counter includes other frames on the segment, above all while the VF is up. */
TEST(a_busy_segment_is_not_told_of)
{
	struct nfp_step_result step = {.step = NFP_STEP_ATTACH, .have_vf_rx = true};

	step.landing[NFP_KIND_UNICAST] = NFP_LANDING_NOWHERE;
	step.count[NFP_KIND_UNICAST].sent = 100;
	step.count[NFP_KIND_BROADCAST].sent = 10;
	step.vf_rx_packets = 110;
	step.vf_rx_dropped = 22;
	assert_int_equal(nfp_step_counted(&step), 132);
	step.vf_rx_dropped = 23;
	assert_int_equal(nfp_step_counted(&step), 0);
	step.vf_rx_dropped = 0;
	step.step = NFP_STEP_UP;
	assert_int_equal(nfp_step_counted(&step), 0);
}

/* With and without it: the same landings and verdicts. */
TEST(never_the_ground_of_a_verdict)
{
	for (uint64_t seed = 1; seed <= 300; seed++) {
		struct memnic_personality p = memnic_random(seed);
		struct bed with, without;

		p.stats = seed % 3 ? MEMNIC_STATS_LIVE : MEMNIC_STATS_LATE;
		bed_open(&with, &p, NULL, (enum nfp_style)(seed % 2));
		p.stats = MEMNIC_NO_STATS;
		bed_open(&without, &p, NULL, (enum nfp_style)(seed % 2));
		assert_int_equal(bed_climb(&with), bed_climb(&without));
		assert_string_equal(bed_row(&with), bed_row(&without));
		assert_int_equal(with.result.verdict, without.result.verdict);
		assert_int_equal(with.result.requires, without.result.requires);
		bed_close(&with);
		bed_close(&without);
	}
}

TEST_MAIN()
