// SPDX-License-Identifier: GPL-2.0-or-later
/* A limit to gaps; and copies of a VF. */
#include "harness.h"
#include "memnic/ask.h"
#include "verdict/result.h"
#include "verdict/verdict.h"
#include "sample_result.h"
#include "../../src/verdict/judge.h"

static struct nfp_style_result ladder(enum nfp_verdict verdict, enum nfp_landing up, int64_t gap_us)
{
	struct nfp_style_result style = {.judged.verdict = verdict};

	sample_step(&style, NFP_STEP_UP, up, NFP_LANDING_PF);
	style.transitions[0] = (struct nfp_transition) {
		.from = NFP_STEP_ATTACH,
		.to = NFP_STEP_UNPLUG,
		.unicast = {.lost = 7, .gap = {gap_us >= 0, gap_us >= 0 ? gap_us : 0, 1100}},
	};
	style.num_transitions = 1;
	return style;
}

static void limit_to(struct nfp_style_result *style, unsigned int limit_ms)
{
	const struct nfp_settings settings = {.gap_limit_ms = limit_ms};

	ask_for(style, &settings, NFP_CHECK_STEPS, NFP_CHECK_LIMIT);
}

/* The limit is 100 ms, and gaps are known to 1.1 ms. */
TEST(limit)
{
	static const struct {
		enum nfp_verdict verdict;
		enum nfp_step to;
		int64_t gap_us;
		enum nfp_verdict want;
	} rows[] = {
		{NFP_VERDICT_SAFE, NFP_STEP_UNPLUG, 101101, NFP_VERDICT_SLOW},
		{NFP_VERDICT_SAFE, NFP_STEP_UNPLUG, 101100, NFP_VERDICT_UNKNOWN},
		{NFP_VERDICT_SAFE, NFP_STEP_UNPLUG, 98901, NFP_VERDICT_UNKNOWN},
		{NFP_VERDICT_SAFE, NFP_STEP_UNPLUG, 98900, NFP_VERDICT_SAFE},
		/* No guest is there yet. */
		{NFP_VERDICT_SAFE, NFP_STEP_STANDBY, 900000, NFP_VERDICT_SAFE},
		{NFP_VERDICT_SAFE, NFP_STEP_VF_FIRST, 900000, NFP_VERDICT_SAFE},
		/* A worse verdict stays; and a gap proves nothing. */
		{NFP_VERDICT_EARLY, NFP_STEP_UNPLUG, 900000, NFP_VERDICT_EARLY},
		{NFP_VERDICT_UNKNOWN, NFP_STEP_UNPLUG, 900000, NFP_VERDICT_UNKNOWN},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nfp_style_result style = ladder(rows[i].verdict, NFP_LANDING_PF,
						       rows[i].gap_us);

		style.transitions[0].to = rows[i].to;
		limit_to(&style, 100);
		assert_int_equal(style.verdict, rows[i].want);
		if (rows[i].want == NFP_VERDICT_SLOW)
			assert_string_equal(style.reason,
					    "frames land where they must, but the guest is deaf "
					    "for 101 ms (+-1.1 ms) at \"unplug\", and "
					    "--gap-limit is 100 ms");
	}
	assert_int_equal(nfp_verdict_exit(NFP_VERDICT_SLOW), 1);
}

/* A limit that was not measured is not kept. */
TEST(an_outage_that_was_not_measured)
{
	struct nfp_style_result style = ladder(NFP_VERDICT_SAFE, NFP_LANDING_PF, -1);

	limit_to(&style, 100);
	assert_int_equal(style.verdict, NFP_VERDICT_UNKNOWN);
	assert_string_equal(style.reason,
			    "frames land where they must, but whether the guest is deaf for longer "
			    "than 100 ms (--gap-limit) at \"unplug\" could not be "
			    "measured");
	/* One that is certainly too long is told first. */
	style = ladder(NFP_VERDICT_SAFE, NFP_LANDING_PF, -1);
	style.transitions[style.num_transitions] = style.transitions[0];
	style.transitions[style.num_transitions++].unicast.gap = (struct nfp_span) {true, 200000,
										    0};
	limit_to(&style, 100);
	assert_int_equal(style.verdict, NFP_VERDICT_SLOW);
}

TEST(a_style_may_be_a_copy_of_one_of_the_same_vf)
{
	struct nfp_vf_result vf = {.vf = 3};
	struct nfp_style_result *style;

	assert_true(sizeof(vf) <= 5120);
	for (int i = 0; i < 3; i++) {
		struct nfp_style_result one = ladder(NFP_VERDICT_SAFE, NFP_LANDING_PF, i);

		*nfp_vf_add_style(&vf) = one;
	}
	style = nfp_vf_add_style(&vf);
	*style = vf.styles[1];
	assert_int_equal(style->transitions[0].unicast.gap.us, 1);
	nfp_vf_fini(&vf);
	assert_int_equal(vf.num_styles, 0);
	nfp_vf_fini(&vf);
}

/* As it ends: the limit, and what is allowed, are asked of each ladder. */
TEST(what_was_demanded_of_a_run_is_judged)
{
	struct nfp_result result;

	sample_igb(&result);
	result.settings.gap_limit_ms = 200;
	result.settings.allow[NFP_VERDICT_SLOW] = true;
	nfp_judge_result(&result);
	assert_int_equal(result.vf.styles[0].verdict, NFP_VERDICT_SLOW);
	assert_true(result.vf.styles[0].allowed);
	nfp_result_fini(&result);
}

TEST_MAIN()
