// SPDX-License-Identifier: GPL-2.0-or-later
// Where a kind of frame lands: the thresholds, exact at their borders.
#include "harness.h"
#include "traffic/traffic.h"

static enum nfp_landing landing(uint64_t sent, uint64_t pf, uint64_t vf)
{
	const struct nfp_count count = {.sent = sent, .at = {pf, vf}};

	return nfp_landing_of(&count);
}

TEST(nothing_sent_is_nothing_known)
{
	assert_int_equal(landing(0, 0, 0), NFP_LANDING_NONE);
}

TEST(borders)
{
	assert_int_equal(landing(100, 80, 0), NFP_LANDING_PF);
	assert_int_equal(landing(100, 79, 0), NFP_LANDING_MIXED);
	assert_int_equal(landing(100, 80, 5), NFP_LANDING_PF);
	assert_int_equal(landing(100, 80, 6), NFP_LANDING_MIXED);
	assert_int_equal(landing(100, 5, 5), NFP_LANDING_NOWHERE);
	assert_int_equal(landing(100, 6, 5), NFP_LANDING_MIXED);
	assert_int_equal(landing(100, 0, 80), NFP_LANDING_VF);
	assert_int_equal(landing(100, 80, 80), NFP_LANDING_BOTH);
	assert_int_equal(landing(100, 80, 79), NFP_LANDING_MIXED);
	assert_int_equal(landing(100, 50, 50), NFP_LANDING_MIXED);
	/* Where the border is no whole frame: 2.4 and 0.15 of 3, 4 and 0.25 of 5, 15.2 of 19. */
	assert_int_equal(landing(3, 2, 0), NFP_LANDING_MIXED);
	assert_int_equal(landing(3, 3, 0), NFP_LANDING_PF);
	assert_int_equal(landing(5, 4, 0), NFP_LANDING_PF);
	assert_int_equal(landing(5, 5, 1), NFP_LANDING_MIXED);
	assert_int_equal(landing(19, 15, 0), NFP_LANDING_MIXED);
	assert_int_equal(landing(19, 16, 1), NFP_LANDING_MIXED);
	assert_int_equal(landing(20, 16, 1), NFP_LANDING_PF);
	assert_int_equal(landing(1, 1, 0), NFP_LANDING_PF);
	assert_int_equal(landing(1, 0, 0), NFP_LANDING_NOWHERE);
}

/* One receiver at a time, against the rule in fractions, for every number up to 120. */
TEST(against_the_rule)
{
	for (uint64_t sent = 1; sent <= 120; sent++) {
		for (uint64_t at = 0; at <= sent; at++) {
			uint64_t share = at * 10000 / sent; /* in ten-thousandths */
			enum nfp_landing want = NFP_LANDING_MIXED;

			if (share >= 8000)
				want = NFP_LANDING_PF;
			else if (at * 100 <= sent * 5)
				want = NFP_LANDING_NOWHERE;
			assert_int_equal(landing(sent, at, 0), want);
			if (want == NFP_LANDING_PF)
				want = NFP_LANDING_VF;
			assert_int_equal(landing(sent, 0, at), want);
		}
	}
}

/* Nothing is lost, each frame is at one receiver, and neither has 80 %. */
TEST(frames_that_are_shared_out)
{
	const struct {
		struct nfp_count count;
		bool split, lost;
	} cases[] = {
		{{.sent = 100, .at = {50, 50}}, true, false},
		{{.sent = 100, .at = {79, 21}}, true, false},
		{{.sent = 100, .at = {21, 74}}, true, false},
		{{.sent = 100, .at = {21, 73}}, false, true},
		{{.sent = 100, .at = {80, 20}}, false, false},
		{{.sent = 100, .at = {79, 21}, .both = 5}, true, false},
		/* Each receiver loses a fifth, by chance: nobody shares anything out. */
		{{.sent = 100, .at = {79, 79}, .both = 62}, false, false},
		{{.sent = 100, .at = {50, 50}, .both = 50}, false, true},
		{{.sent = 100, .at = {100, 50}, .both = 50}, false, false},
		{{.sent = 100, .at = {50, 0}}, false, true},
		{{.sent = 0}, false, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(nfp_count_is_split(&cases[i].count), cases[i].split);
		assert_int_equal(nfp_count_has_loss(&cases[i].count), cases[i].lost);
	}
}

TEST_MAIN()
