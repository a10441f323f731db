// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of the ladder is whole, and says what the manual says. */
#include "harness.h"
#include "nfprobe/result.h"

TEST(every_row_is_there)
{
	for (enum nfp_step s = 0; s < NFP_STEP_COUNT; s++) {
		assert_int_equal(nfp_ladder[s].step, s);
		assert_non_null(nfp_ladder[s].meaning);
		assert_true(strlen(nfp_ladder[s].meaning) > 10);
	}
}

TEST(fit_and_deciding_steps)
{
	/* p, v: fit when the PF, the VF is served; r: recorded. Capital: decides. */
	static const char want[NFP_STEP_COUNT + 1] = "rprPrVvrPPPPPVP";

	for (enum nfp_step s = 0; s < NFP_STEP_COUNT; s++) {
		static const char letters[] = "rpv";
		char letter = letters[nfp_ladder[s].fit];

		assert_int_equal(want[s] | 0x20, letter);
		assert_int_equal((want[s] & 0x20) == 0, nfp_ladder[s].decides);
	}
}

struct machine {
	bool held, assigned, bound, up;
};

static void play(struct machine *m, enum nfp_action action)
{
	switch (action) {
	case NFP_DO_ADD_STANDBY:
		assert_false(m->held);
		m->held = true;
		break;
	case NFP_DO_REMOVE_STANDBY:
		assert_true(m->held);
		m->held = false;
		break;
	case NFP_DO_ASSIGN:
		assert_false(m->bound);
		m->assigned = true;
		break;
	case NFP_DO_CLEAR:
		assert_false(m->bound);
		m->assigned = false;
		break;
	case NFP_DO_BIND:
		assert_true(m->assigned && !m->bound);
		m->bound = true;
		break;
	case NFP_DO_UP:
		assert_true(m->bound && !m->up);
		m->up = true;
		break;
	case NFP_DO_DOWN:
		assert_true(m->up);
		m->up = false;
		break;
	case NFP_DO_UNBIND:
		assert_true(m->bound);
		m->bound = m->up = false;
		break;
	case NFP_DO_RESET:
		assert_true(m->assigned && !m->bound);
		break;
	default:
		break;
	}
}

/* Each row can be done in the state that the rows before it leave, and that state fits its needs.
 */
TEST(rows_follow_from_each_other)
{
	struct machine m = {0};

	for (enum nfp_step s = 0; s < NFP_STEP_COUNT; s++) {
		const struct nfp_ladder_row *row = &nfp_ladder[s];

		assert_true(!(row->needs & NFP_NEEDS_ADDRESS) || m.assigned ||
			    s == NFP_STEP_REASSIGN);
		assert_true(!(row->needs & NFP_NEEDS_DRIVER) || m.bound);
		assert_true(!(row->needs & NFP_NEEDS_UP) || m.up);
		for (size_t i = 0; i < NFP_ACTIONS_MAX && row->actions[i]; i++)
			play(&m, row->actions[i]);
		assert_int_equal(m.held, s != NFP_STEP_CONTROL && s != NFP_STEP_ALONE);
		assert_int_equal(m.up, s == NFP_STEP_UP || s == NFP_STEP_ALONE ||
					       s == NFP_STEP_VF_FIRST_UP);
		for (size_t i = 0; i < 2 && row->after[i]; i++)
			play(&m, row->after[i]);
	}
}

TEST_MAIN()
