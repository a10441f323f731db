// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a guest meets on NICs in memory, against what is made of a noisy stream where a row of the
 * ladder is wrong. NICs are drawn by lot in tests/python/test_memnic.py, which asks as well whether
 * a result's answers follow from the landings in its JSON.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "harness.h"
#include "memnic/truth.h"

/* A fault that one history of the NIC shows, and another does not, cannot be shown twice. */
static bool is_unclear(const char *why)
{
	return !strstr(why, "expected safe") &&
	       (strstr(why, "verdict unknown, expected ") || strstr(why, "multicast unproven"));
}

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
			if (!truth_run(seed, (enum nfp_style)style, &result, why) &&
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
		WITHOUT(STANDBY, 0),
		WITHOUT(ASSIGN, 0),
		WITHOUT(ATTACH, 0),
		WITHOUT(UP, 0),
		WITHOUT(ALONE, 0),
		WITHOUT(UNPLUG, 0),
		WITHOUT(DETACH, 0),
		WITHOUT(CLEAR, 0),
		WITHOUT(VF_FIRST_UP, 1),
		WITHOUT(VF_FIRST_UNPLUG, 0),
		WITHOUT(UP, 1),
		WITH(UNPLUG, 0, RESET),
		WITH(DETACH, 0, CLEAR),
		WITH(VF_FIRST, 1, ANNOUNCE),
		WITH(VF_FIRST, 3, ANNOUNCE),
		WITHOUT(VF_FIRST, 7),
		WITHOUT(VF_FIRST_CLEAR, 0),
		WITHOUT(VF_FIRST_BACK, 1),
		WITHOUT(VF_FIRST_REWRITTEN, 0),
		WITHOUT(VF_FIRST_CLEAR, 1),
		WITH(VF_FIRST, 6, ANNOUNCE),
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

		row->expected = right.expected == NFP_EXPECTED_VF ? NFP_EXPECTED_PF
								  : NFP_EXPECTED_VF;
		row->decides = true;
		noticed = is_noticed(200);
		*row = right;
		if (!noticed)
			fail_msg("step %s demands another", nfp_step_name(step));
	}
	assert_false(is_noticed(20));
}

TEST_MAIN()
