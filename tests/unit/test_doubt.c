// SPDX-License-Identifier: GPL-2.0-or-later
/* NICs that look safe and are not known to be: none may be called so. */
#include "unit/bedded.h"

#define MS NFP_NSEC_PER_MSEC

/* A ladder on igb, whose filter style is safe, that begins when others have done their part. */
static void run_after(struct bed *bed, const struct memnic_conditions *others)
{
	bed_anew(bed, memnic_archetype("igb"), others, NFP_STYLE_MACVTAP);
	assert_int_equal(bed->config.wire.ops->pump(bed->config.wire.ctx, MEMNIC_BEGIN_NS + MS,
						    bed->accounting, &bed->err),
			 0);
	assert_int_equal(bed_run(bed), 0);
}

/*
 * A PF that somebody made promiscuous after the run looked at it and before the ladder began: that
 * the filter serves the standby cannot be told any more, in this ladder or a later one.
 */
BED_TEST(what_others_did_before_the_ladder_lasts)
{
	struct memnic_conditions others = {
		.change_ns = MEMNIC_BEGIN_NS, .change_lasts = true, .change_unheard = true};

	run_after(bed, &others);
	assert_int_equal(bed->result.verdict, NFP_VERDICT_UNKNOWN);
	assert_true(bed_step(bed, NFP_STEP_CONTROL)->changed);
	assert_non_null(strstr(bed->result.reason, "promiscuity of eth0"));
	/* Another address of the VF does not last: the ladder gives it its own. */
	others.change_lasts = false;
	run_after(bed, &others);
	assert_int_equal(bed->result.verdict, NFP_VERDICT_SAFE);
}

/* Virtual time at which a step of an undisturbed run has begun, and how long it takes. */
static uint64_t begin_of(const struct core_personality *personality, enum nfp_step step)
{
	const struct nfp_step_result *result;
	struct bed bed;
	uint64_t ns;

	bed_open(&bed, personality, NULL, NFP_STYLE_MACVTAP);
	assert_int_equal(bed_run(&bed), 0);
	result = bed_step(&bed, step);
	ns = MEMNIC_BEGIN_NS + result->start_ns;
	bed_close(&bed);
	return ns;
}

/* mlx5, but one second after unplug the address goes to the VF after all. */
static struct core_personality late(void)
{
	struct core_personality nic = *memnic_archetype("mlx5");

	nic.comes_on = CORE_BIT(CORE_ON_UP) | CORE_BIT(CORE_ON_UNBIND);
	nic.comes_after_ns[CORE_ON_UNBIND] = 1000 * MS;
	nic.winner = CORE_ARB_VF;
	return nic;
}

/* A source that sends nothing while the NIC changes its mind has not seen the landing hold. */
BED_TEST(a_source_that_stood_still_shows_nothing)
{
	const struct core_personality nic = late();
	struct memnic_conditions busy = {0};
	const struct nfp_step_result *unplug;

	busy.stall_ns = begin_of(&nic, NFP_STEP_UNPLUG) + 500 * MS;
	busy.stall_for_ns = 1300 * MS;
	bed_has_run(bed, &nic, &busy, NFP_STYLE_MACVTAP);
	unplug = bed_step(bed, NFP_STEP_UNPLUG);
	assert_int_equal(unplug->w.landing[NFP_KIND_UNICAST], NFP_LANDING_NOWHERE);
	/* A step that condemns is watched for twice as long, and once more behind another
	 * announcement. */
	assert_in_range(unplug->window_ns, 4500 * MS, 5000 * MS);
	assert_int_equal(bed->result.verdict, NFP_VERDICT_STICKY);
}

/* A short one, as a busy host has it, changes nothing. */
BED_TEST(a_source_that_was_late_is_forgiven)
{
	const struct core_personality *nic = memnic_archetype("mlx5");
	const struct memnic_conditions busy = {.stall_ns = begin_of(nic, NFP_STEP_UNPLUG),
					       .stall_for_ns = 400 * MS,
					       .stall_every_ns = 1000 * MS};

	bed_has_run(bed, nic, &busy, NFP_STYLE_MACVTAP);
	assert_int_equal(bed_step(bed, NFP_STEP_UNPLUG)->window_ns, 1550 * MS);
	assert_int_equal(bed->result.verdict, NFP_VERDICT_SAFE);
}

/* Nor does a process that was stopped (SIGSTOP, a machine that was suspended), for however long. */
BED_TEST(a_process_that_was_stopped_watches_on)
{
	const struct core_personality *nic = memnic_archetype("mlx5");
	struct memnic_conditions stopped = {.stall_for_ns = 60000 * MS, .stall_stops_us = true};

	stopped.stall_ns = begin_of(nic, NFP_STEP_STANDBY) + 100 * MS;
	bed_has_run(bed, nic, &stopped, NFP_STYLE_MACVTAP);
	assert_int_equal(bed_step(bed, NFP_STEP_STANDBY)->w.landing[NFP_KIND_UNICAST],
			 NFP_LANDING_PF);
	assert_int_equal(bed->result.verdict, NFP_VERDICT_SAFE);
}

static void check_hollow(const struct memnic_conditions *stalled, enum nfp_step step)
{
	const struct nfp_step_result *hollow;
	struct bed bed;

	bed_open(&bed, memnic_archetype("mlx5"), stalled, NFP_STYLE_MACVTAP);
	assert_int_equal(bed_run(&bed), 0);
	hollow = bed_step(&bed, step);
	assert_true(hollow->w.count[NFP_KIND_UNICAST].sent > 0);
	assert_int_equal(hollow->w.count[NFP_KIND_UNICAST].at[NFP_AT_PF],
			 hollow->w.count[NFP_KIND_UNICAST].sent);
	assert_int_equal(hollow->w.landing[NFP_KIND_UNICAST], NFP_LANDING_MIXED);
	assert_non_null(strstr(hollow->w.note, "too few frames were sent"));
	assert_int_equal(bed.result.verdict, NFP_VERDICT_UNKNOWN);
	assert_non_null(strstr(bed.result.reason, "too few frames were sent"));
	bed_close(&bed);
}

/* All that was sent arrived, and all that was sent is next to nothing. */
TEST(next_to_nothing_shows_nothing)
{
	const struct core_personality *nic = memnic_archetype("mlx5");
	struct memnic_conditions stalled = {.stall_for_ns = 60000 * MS};

	/* A hundred frames, and then none until the time of the step is up. */
	stalled.stall_ns = begin_of(nic, NFP_STEP_UNPLUG) + 100 * MS;
	check_hollow(&stalled, NFP_STEP_UNPLUG);
	/* In the last step, so that no other can make up for it. */
	stalled.stall_ns = begin_of(nic, NFP_STEP_VF_FIRST_UNPLUG) + 100 * MS;
	check_hollow(&stalled, NFP_STEP_VF_FIRST_UNPLUG);
	/* A handful a second. */
	stalled.stall_for_ns = 995 * MS;
	stalled.stall_every_ns = 1000 * MS;
	check_hollow(&stalled, NFP_STEP_VF_FIRST_UNPLUG);
}

/* One frame a second is what was asked for. */
BED_TEST(a_low_rate_is_no_hole)
{
	for (unsigned int rate = 1; rate <= 8; rate++) {
		bed_anew(bed, memnic_archetype("mlx5"), NULL, NFP_STYLE_MACVTAP);
		bed->config.rate = rate;
		assert_int_equal(bed_run(bed), 0);
		assert_int_equal(bed->result.verdict, NFP_VERDICT_SAFE);
		for (size_t s = 0; s < bed->result.num_steps; s++)
			assert_true(bed->result.steps[s].w.count[NFP_KIND_UNICAST].sent >= 3);
	}
}

TEST_MAIN()
