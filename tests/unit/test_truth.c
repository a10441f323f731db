// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Drivers drawn at random: what the runner makes of a noisy stream against what the NIC in memory
 * really does in each state. NFPROBE_NICS="FIRST COUNT" draws others.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "harness.h"
#include "memnic/truth.h"

#define USUAL_NICS LOT(1000)

static struct {
	unsigned int verdicts[NFP_VERDICT_COUNT];
	unsigned int by_multicast[NFP_VERDICT_COUNT]; /* of these, since it loses multicast alone */
	unsigned int multicast[NFP_MULTICAST_COUNT];
} drawn;

/* A fault that one history of the NIC shows, and another does not, cannot be shown twice. */
static bool is_unclear(const char *why)
{
	return !strstr(why, "expected safe") && (strstr(why, "verdict inconclusive, expected ") ||
						 strstr(why, "multicast unproven"));
}

TEST(the_runner_sees_what_is)
{
	const char *lot = getenv("NFPROBE_NICS");
	unsigned long first = 0, count = USUAL_NICS, wrong = 0, unclear = 0;
	struct nfp_style_result result;
	char why[TRUTH_WHY_LEN];

	assert_true(!lot || sscanf(lot, "%lu %lu", &first, &count) == 2);
	for (unsigned long seed = first; seed < first + count; seed++) {
		for (int style = 0; style < NFP_STYLE_COUNT; style++) {
			bool right = truth_climb(seed, (enum nfp_style)style, &result, why);

			if (!right && is_unclear(why))
				unclear++;
			else if (!right) {
				print_error("%s: %s\n", why, result.reason);
				wrong++;
			}
			drawn.verdicts[result.verdict]++;
			drawn.multicast[result.multicast]++;
			if (strstr(result.reason, "only multicast is affected"))
				drawn.by_multicast[result.verdict]++;
		}
	}
	assert_int_equal(wrong, 0);
	assert_in_range(unclear * 100, 0, count * NFP_STYLE_COUNT);
}

/* A lot that never draws a verdict would test nothing about it. */
TEST(every_sort_was_drawn)
{
	static const enum nfp_verdict any[] = {NFP_VERDICT_SAFE,	 NFP_VERDICT_EARLY,
					       NFP_VERDICT_DEAF,	 NFP_VERDICT_STICKY,
					       NFP_VERDICT_INCONCLUSIVE, NFP_VERDICT_UNTESTABLE};

	if (getenv("NFPROBE_NICS") || USUAL_NICS < 1000)
		return; /* these may be few */
	for (size_t i = 0; i < sizeof(any) / sizeof(any[0]); i++)
		assert_true(drawn.verdicts[any[i]] > 10);
	assert_true(drawn.by_multicast[NFP_VERDICT_EARLY] > 10);
	assert_true(drawn.by_multicast[NFP_VERDICT_DEAF] > 10);
	assert_true(drawn.by_multicast[NFP_VERDICT_STICKY] > 10);
	assert_true(drawn.multicast[NFP_MULTICAST_OK] > 10);
	assert_true(drawn.multicast[NFP_MULTICAST_LOST] > 10);
	assert_true(drawn.multicast[NFP_MULTICAST_UNPROVEN] > 10);
}

/* ---- rows that are wrong ---- */

/* The truth reads nothing of the ladder, so that a wrong row of it is seen in some NIC. */
static struct nfp_ladder_row *row_to_spoil(enum nfp_step step)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), begin = (uintptr_t)nfp_ladder;
	size_t size = sizeof(nfp_ladder) + begin % page;
	struct nfp_ladder_row *volatile row;

	begin -= begin % page;
	assert_int_equal(mprotect((void *)begin, size, PROT_READ | PROT_WRITE), 0);
	/* The compiler takes what is const for what never changes. */
	row = (struct nfp_ladder_row *)(uintptr_t)&nfp_ladder[step];
	return row;
}

/* As many as may be needed. */
static bool is_noticed(uint64_t nics)
{
	struct nfp_style_result result;
	char why[TRUTH_WHY_LEN];

	for (uint64_t seed = 1; seed <= nics; seed++) {
		for (int style = 0; style < 2; style++) {
			if (!truth_climb(seed, (enum nfp_style)style, &result, why) &&
			    !is_unclear(why))
				return true;
		}
	}
	return false;
}

#define WITHOUT(step_, i)                           \
	{                                           \
		NFP_STEP_##step_, i, NFP_DO_NOTHING \
	}
#define WITH(step_, i, other)                       \
	{                                           \
		NFP_STEP_##step_, i, NFP_DO_##other \
	}

TEST(a_wrong_row_is_noticed)
{
	/* Of the row, that action becomes another; what is behind NOTHING is not done either. */
	static const struct {
		enum nfp_step step;
		size_t i;
		enum nfp_action action;
	} wrong[] = {
		WITHOUT(STANDBY, 0),	     WITHOUT(ASSIGN, 0),
		WITHOUT(ATTACH, 0),	     WITHOUT(UP, 0),
		WITHOUT(ALONE, 0),	     WITHOUT(UNPLUG, 0),
		WITHOUT(DETACH, 0),	     WITHOUT(CLEAR, 0),
		WITHOUT(REASSIGN, 1),	     WITHOUT(VF_FIRST_UP, 1),
		WITHOUT(VF_FIRST_UNPLUG, 0), WITH(DOWN, 0, UNBIND),
		WITH(UNPLUG, 0, DOWN),	     WITH(DETACH, 0, CLEAR),
		WITH(VF_FIRST, 1, ANNOUNCE), WITH(VF_FIRST, 3, ANNOUNCE),
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct nfp_ladder_row *row = row_to_spoil(wrong[i].step), right = *row;
		bool noticed;

		row->actions[wrong[i].i] = wrong[i].action;
		noticed = is_noticed(200);
		*row = right;
		if (!noticed)
			fail_msg("step %s, action %zu", nfp_step_name(wrong[i].step), wrong[i].i);
	}
	for (enum nfp_step step = NFP_STEP_STANDBY; step < NFP_STEP_COUNT; step++) {
		struct nfp_ladder_row *row = row_to_spoil(step), right = *row;
		bool noticed;

		row->fit = right.fit == NFP_FIT_VF ? NFP_FIT_PF : NFP_FIT_VF;
		row->decides = true;
		noticed = is_noticed(200);
		*row = right;
		if (!noticed)
			fail_msg("step %s demands another", nfp_step_name(step));
	}
	assert_false(is_noticed(20));
}

TEST_MAIN()
