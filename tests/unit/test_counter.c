// SPDX-License-Identifier: GPL-2.0-or-later
/* The PF's count of what its VF received, beside the landings. */
#include "harness.h"
#include "memnic/bed.h"

#define MS NFP_NSEC_PER_MSEC

/* Of each step of the ladder: c counted, n not, ? nothing known, . not made. */
static const char *witness(const struct nfp_style_result *result, char row[MEMNIC_ROW_LEN])
{
	memset(row, '.', NFP_STEP_COUNT);
	row[NFP_STEP_COUNT] = '\0';
	for (size_t i = 0; i < result->num_steps; i++) {
		const struct nfp_step_result *step = &result->steps[i];

		if (step->status == NFP_STATUS_DONE)
			row[step->step] = !step->have_vf_rx ? '?' : step->vf_counted ? 'c' : 'n';
		else
			assert_false(step->vf_counted);
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

/* `clear` has no two parts that move. */
TEST(a_counter_that_moves_is_a_witness)
{
	const struct nfp_step_result *attach;
	struct bed bed;

	open_with(&bed, "rar-vf-wins", MEMNIC_STATS_LIVE);
	expect(&bed, "-P---Vl---P--V-", "??cccn.cccnccnc");
	assert_int_equal(bed.result.verdict, NFP_VERDICT_EARLY);
	assert_non_null(strstr(bed.result.reason,
			       "; in step attach the NIC itself counted the frames as VF 3's"));
	attach = bed_step(&bed, NFP_STEP_ATTACH);
	/* All of the window but the tick at its begin, and the grace after it. */
	assert_in_range(attach->vf_rx_packets, attach->window_ns / NFP_NSEC_PER_MSEC - 200,
			attach->window_ns / NFP_NSEC_PER_MSEC + 200);
	assert_int_equal(attach->vf_rx_dropped, 0);
	bed_close(&bed);
}

TEST(a_driver_that_does_not_count_is_none)
{
	char row[MEMNIC_ROW_LEN];
	struct bed bed;

	open_with(&bed, "rar-vf-wins", MEMNIC_NO_STATS);
	expect(&bed, "-P---Vl---P--V-", "??????.????????");
	assert_int_equal(bed.result.verdict, NFP_VERDICT_EARLY);
	assert_null(strstr(bed.result.reason, "counted"));
	bed_close(&bed);

	/* One that refuses to tell is not asked again. */
	struct memnic_personality p = *memnic_archetype("rar-vf-wins");

	p.stats_errno = EOPNOTSUPP;
	bed_open(&bed, &p, NULL, NFP_STYLE_BRIDGE);
	assert_int_equal(bed_climb(&bed), 0);
	assert_string_equal(witness(&bed.result, row), "??????.????????");
	assert_int_equal(bed.err.code, NFP_E_NONE);
	bed_close(&bed);
}

/* A ladder in which the VF's counter is a witness of no step; 0: the usual settling time, or rate.
 */
static void expect_no_witness(const struct memnic_personality *p, enum nfp_style style,
			      unsigned int settle_ms, unsigned int rate, bool multicast)
{
	char row[MEMNIC_ROW_LEN];
	struct bed bed;

	bed_open(&bed, p, NULL, style);
	bed.config.multicast = multicast;
	if (settle_ms)
		bed.config.settle_ns = settle_ms * MS;
	if (rate)
		bed.config.rate = rate;
	assert_int_equal(bed_climb(&bed), 0);
	if (strchr(witness(&bed.result, row), 'c'))
		fail_msg("settle %u ms, %u a second, noise %u: %s, landings %s", settle_ms, rate,
			 p->stats_noise, row, bed_row(&bed));
	if (style == NFP_STYLE_BRIDGE)
		assert_int_equal(bed.result.verdict, NFP_VERDICT_EARLY);
	else
		assert_int_equal(bed_step(&bed, NFP_STEP_ATTACH)->landing[NFP_KIND_UNICAST],
				 NFP_LANDING_NOWHERE);
	bed_close(&bed);
}

static void is_no_witness(const struct memnic_personality *p, enum nfp_style style,
			  unsigned int settle_ms, unsigned int rate)
{
	expect_no_witness(p, style, settle_ms, rate, true);
}

/* What is counted late may have come in an earlier step. */
TEST(a_counter_that_lags_is_none)
{
	struct memnic_personality p = *memnic_archetype("rar-vf-wins");

	p.stats = MEMNIC_STATS_LATE;
	for (unsigned int settle_ms = 500; settle_ms <= 3000; settle_ms += 500)
		is_no_witness(&p, NFP_STYLE_BRIDGE, settle_ms, 0);
}

/* Counted in `up`, told of in `down`, `unplug` and `detach`, where nobody gets the frames. */
TEST(what_was_counted_before_is_not_of_this_step)
{
	static const unsigned int settle_ms[] = {300, 500, 1000, 1500, 2000, 3000};
	struct memnic_personality p = *memnic_archetype("mlx5");

	p.winner = MEMNIC_VF_WINS;
	p.assign_wipes_pf = true; /* so that nobody has the address once the VF lets go */
	p.stats = MEMNIC_STATS_LATE;
	for (size_t i = 0; i < sizeof(settle_ms) / sizeof(settle_ms[0]); i++)
		is_no_witness(&p, NFP_STYLE_MACVTAP, settle_ms[i], 0);
}

TEST(a_slow_answer_is_of_no_moment)
{
	struct memnic_personality p = *memnic_archetype("rar-vf-wins");
	struct bed bed;

	p.stats = MEMNIC_STATS_LIVE;
	p.stats_take_ns = 210 * MS;
	is_no_witness(&p, NFP_STYLE_BRIDGE, 0, 0);
	/* One that takes a second is asked once. */
	p.stats_take_ns = 1100 * MS;
	bed_open(&bed, &p, NULL, NFP_STYLE_BRIDGE);
	assert_int_equal(bed_climb(&bed), 0);
	assert_true(bed.times.kernel_ns < 5000 * MS);
	bed_close(&bed);
}

/*
 * Broadcasts that a VF without a driver counts are not the unicast. Without multicast they alone
 * move the counter, which the control lets pass.
 */
TEST(a_few_broadcasts_are_no_proof)
{
	static const unsigned int rates[] = {8, 20, 40, 100};
	struct memnic_personality p = *memnic_archetype("rar-vf-wins");

	p.stats = MEMNIC_STATS_LIVE;
	p.stats_all_broadcast = true;
	/* Unicast goes to nobody. */
	p.comes_on = 0;
	p.assign_wipes_pf = true;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		expect_no_witness(&p, NFP_STYLE_MACVTAP, 0, rates[i], true);
		expect_no_witness(&p, NFP_STYLE_MACVTAP, 0, rates[i], false);
	}
}

/* Others' frames move it: before the VF has the address as well as later. */
TEST(a_busy_segment_is_no_proof)
{
	static const unsigned int noise[] = {200, 1000, 1100};
	struct memnic_personality p = *memnic_archetype("mlx5");

	p.assign_wipes_pf = true; /* nobody has the address until the VF is up */
	for (size_t i = 0; i < sizeof(noise) / sizeof(noise[0]); i++) {
		p.stats_noise = noise[i];
		is_no_witness(&p, NFP_STYLE_MACVTAP, 0, 0);
	}
}

/* Whatever is claimed is so: the NIC in memory knows. */
TEST(claims_only_what_is_true)
{
	unsigned int claims = 0;

	for (uint64_t seed = 1; seed <= 1000; seed++) {
		struct memnic_personality p = memnic_random(seed);
		struct bed bed;

		p.stats = seed % 2 ? MEMNIC_STATS_LIVE : MEMNIC_STATS_LATE;
		bed_open(&bed, &p, NULL, (enum nfp_style)(seed / 2 % 2));
		(void)bed_climb(&bed);
		for (size_t i = 0; i < bed.result.num_steps; i++) {
			const struct nfp_step_result *step = &bed.result.steps[i];

			if (!step->vf_counted)
				continue;
			claims++;
			assert_int_equal(p.stats, MEMNIC_STATS_LIVE);
			assert_int_equal(step->landing[NFP_KIND_UNICAST], NFP_LANDING_NOWHERE);
			assert_true(step->vf_rx_packets * 5 >=
				    step->count[NFP_KIND_UNICAST].sent * 3);
		}
		bed_close(&bed);
	}
	assert_true(claims > 100);
}

TEST_MAIN()
