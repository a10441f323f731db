// SPDX-License-Identifier: GPL-2.0-or-later
/* truth_near.c - a guest and those beside it on the NIC: in which states do they lose each other?
 */
#include "truth_priv.h"

/* ---- the guest is elsewhere ---- */

static bool is_left_out(enum nfp_empty idle, bool no_reset)
{
	return idle == NFP_EMPTY_DETACH && no_reset;
}

static void judge(struct truth *t, bool no_reset)
{
	t->neighbours = NFP_TRAIT_OK;
	for (enum nfp_empty idle = NFP_EMPTY_RESET; idle < NFP_EMPTY_COUNT; idle++) {
		if (is_left_out(idle, no_reset))
			continue;
		if (!t->leaves[idle] && !t->from) {
			t->neighbours = NFP_TRAIT_LOST;
			t->from = idle;
		} else if (t->leaves[idle] && t->from && !t->until) {
			t->until = idle;
		}
	}
}

/* A later state in which it leaves; NFP_EMPTY_CONTROL: none. */
static enum nfp_empty leaves_after(const struct truth *t, enum nfp_empty idle, bool no_reset)
{
	while (++idle < NFP_EMPTY_COUNT) {
		if (t->leaves[idle] && !is_left_out(idle, no_reset))
			return idle;
	}
	return NFP_EMPTY_CONTROL;
}

/* A loss that no later state ends may be the network's, but before the guest was there. */
void truth_judge_elsewhere(struct truth *t, bool no_reset)
{
	struct truth_shown *shown = &t->elsewhere_shown;

	judge(t, no_reset);
	shown->verdict = NFP_TRAIT_OK;
	for (enum nfp_empty idle = NFP_EMPTY_RESET; idle < NFP_EMPTY_COUNT; idle++) {
		enum nfp_empty until = leaves_after(t, idle, no_reset);

		if (is_left_out(idle, no_reset) || t->leaves[idle])
			continue;
		shown->verdict = NFP_TRAIT_UNPROVEN;
		if (idle != NFP_EMPTY_RESET && !until)
			continue;
		*shown = (struct truth_shown) {NFP_TRAIT_LOST, NFP_TRAIT_NONE, idle, until};
		return;
	}
}

/* ---- it is here ---- */

void truth_judge_here(struct truth *t)
{
	static const enum nfp_step steps[] = {NFP_STEP_STANDBY, NFP_STEP_UP, NFP_STEP_UNPLUG,
					      NFP_STEP_DETACH};
	struct truth_shown *shown = &t->here_shown;
	bool open = false, unseen = false;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const struct truth_state *state = &t->states[steps[i]];
		enum nfp_answer arrives = t->shows[steps[i]];

		if (state->status != NFP_STATUS_DONE) {
			unseen |= !state->leave;
			continue;
		}
		open |= arrives == NFP_UNKNOWN;
		if (arrives == NFP_NO) {
			shown->from = shown->from ?: steps[i];
			shown->until = NFP_STEP_CONTROL;
		} else if (arrives == NFP_YES && shown->from && !shown->until) {
			shown->until = steps[i];
		}
	}
	shown->verdict = shown->from ? NFP_TRAIT_LOST
			 : open	     ? NFP_TRAIT_UNPROVEN
			 : unseen    ? NFP_TRAIT_UNTESTED
				     : NFP_TRAIT_OK;
}
