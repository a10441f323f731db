// SPDX-License-Identifier: GPL-2.0-or-later
/* A step that one ladder of a run makes for all: vf-first-rewritten. */
#include "unit/bedded.h"
#include "probe/probe.h"

static const struct nfp_step_result *rewritten(const struct bed *bed)
{
	return bed_step(bed, NFP_STEP_VF_FIRST_REWRITTEN);
}

static void open_bed(struct bed *bed, bool rewrites, enum nfp_style style,
		     struct nfp_earlier *earlier)
{
	const struct core_personality p = {
		.name = "last",
		.comes_on = CORE_BIT(CORE_ON_UP),
		.goes_on = CORE_BIT(CORE_ON_UNBIND) | CORE_BIT(CORE_ON_RESET) |
			   CORE_BIT(CORE_ON_CLEAR),
		.winner = CORE_ARB_LAST,
		.rewrites = rewrites,
	};

	*earlier = (struct nfp_earlier) {.vf_alone = false};
	bed_anew(bed, &p, NULL, style);
	bed->config.earlier = earlier;
	assert_int_equal(bed_run(bed), 0);
}

static void check_made(const struct bed *bed, enum nfp_verdict verdict)
{
	assert_int_equal(rewritten(bed)->w.status, NFP_STATUS_DONE);
	assert_int_equal(bed->result.verdict, verdict);
}

static void check_left_out(const struct bed *bed)
{
	assert_int_equal(rewritten(bed)->w.status, NFP_STATUS_SKIPPED);
	assert_true(rewritten(bed)->w.skip_allowed);
	assert_string_equal(rewritten(bed)->w.note,
			    "an earlier ladder has shown that the VF keeps its frames");
	assert_int_equal(bed->result.verdict, NFP_VERDICT_SAFE);
	assert_int_equal(bed->result.multicast, NFP_STATE_OK);
}

BED_TEST(the_first_ladder_shows_it_for_all)
{
	struct nfp_earlier earlier;
	struct nfp_timetable times;

	open_bed(bed, false, NFP_STYLE_MACVTAP, &earlier);
	check_made(bed, NFP_VERDICT_SAFE);
	/* An estimate knows it, too. */
	bed->config.style = NFP_STYLE_BRIDGE;
	nfp_ladder_estimate(&bed->config, &times);
	assert_int_equal(times.begins_ns[NFP_STEP_VF_FIRST_REWRITTEN],
			 times.begins_ns[NFP_STEP_VF_FIRST_REWRITTEN + 1]);
	assert_int_equal(bed_run_next(bed, NFP_STYLE_BRIDGE, 1), 0);
	check_left_out(bed);
	assert_int_equal(bed_run_next(bed, NFP_STYLE_BRIDGE_FDB, 1), 0);
	check_left_out(bed);
	/* A ladder that watches for longer has not seen it for long enough. */
	bed->config.settle_ns *= 2;
	assert_int_equal(bed_run_next(bed, NFP_STYLE_BRIDGE, 1), 0);
	check_made(bed, NFP_VERDICT_SAFE);
}

/* A VF that loses its frames is asked for them in each style: a plain bridge keeps nothing in the
 * PF's list that could take them. */
BED_TEST(a_ladder_that_lost_them_shows_nothing_for_others)
{
	struct nfp_earlier earlier;

	open_bed(bed, true, NFP_STYLE_MACVTAP, &earlier);
	check_made(bed, NFP_VERDICT_DEAF);
	assert_int_equal(bed_run_next(bed, NFP_STYLE_BRIDGE, 1), 0);
	check_made(bed, NFP_VERDICT_SAFE);
	assert_int_equal(bed_run_next(bed, NFP_STYLE_BRIDGE_FDB, 1), 0);
	assert_int_equal(rewritten(bed)->w.status, NFP_STATUS_DONE);
}

/* The PF's list is without the address there. */
BED_TEST(a_plain_bridge_shows_it_for_itself_alone)
{
	struct nfp_earlier earlier;

	open_bed(bed, true, NFP_STYLE_BRIDGE, &earlier);
	check_made(bed, NFP_VERDICT_SAFE);
	assert_int_equal(bed_run_next(bed, NFP_STYLE_MACVTAP, 1), 0);
	check_made(bed, NFP_VERDICT_DEAF);
}

TEST_MAIN()
