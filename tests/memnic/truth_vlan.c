// SPDX-License-Identifier: GPL-2.0-or-later
/* truth_vlan.c - the guest's VLAN, by nfprobe-verdicts(7): of what it brings beside the rest. */
#include "truth_priv.h"

static const enum nfp_kind tagged[] = {NFP_KIND_VLAN_UNICAST, NFP_KIND_VLAN_BROADCAST,
				       NFP_KIND_VLAN_MULTICAST};
static const enum nfp_kind plain[] = {NFP_KIND_UNICAST, NFP_KIND_BROADCAST, NFP_KIND_MULTICAST};
#define NUM_KINDS 3
#define GROUP	  2

static bool is_done(const struct truth_state *s)
{
	return s->status == NFP_STATUS_DONE;
}

/* A window counts only if the standby could hear. */
static bool is_at_pf(const struct truth_state *window, enum nfp_kind kind)
{
	return is_done(window) && (window->reach[NFP_KIND_BROADCAST] & PF_BIT) &&
	       (window->reach[kind] & PF_BIT);
}

/* Does the network bring the kind in this VLAN? Of a group only the window shows that. */
static bool is_shown(const struct truth *t, int k)
{
	bool shown = is_at_pf(&t->registered, tagged[k]);

	for (enum nfp_step step = 0; step < NFP_STEP_COUNT && k != GROUP; step++)
		shown |= is_done(&t->states[step]) && t->states[step].reach[tagged[k]];
	return shown;
}

static bool is_carried(const struct truth *t)
{
	bool carried = is_at_pf(&t->registered, NFP_KIND_VLAN_OWN);

	for (int k = 0; k < NUM_KINDS; k++)
		carried |= is_shown(t, k);
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++)
		carried |= is_done(&t->states[step]) && t->states[step].reach[NFP_KIND_VLAN_OWN];
	return carried;
}

/* Does the standby get a VLAN that nobody has registered? */
static bool gets_free(const struct truth *t)
{
	bool gets = false;

	for (enum nfp_step step = NFP_STEP_STANDBY; step < NFP_STEP_COUNT; step++)
		gets |= is_done(&t->states[step]) &&
			(t->states[step].reach[NFP_KIND_VLAN_FREE] & PF_BIT);
	return gets;
}

static bool is_needed(const struct truth *t, int k)
{
	return k != GROUP || t->answer.multicast == NFP_STATE_OK;
}

/* Does the standby get, once the PF has registered the VLAN, what it gets without a tag? */
static enum nfp_answer works_registered(const struct truth *t)
{
	enum nfp_answer answer = NFP_YES;

	if (!truth_serves(&t->registered, PF_BIT))
		return NFP_UNKNOWN;
	for (int k = 0; k < NUM_KINDS; k++) {
		if (is_needed(t, k) && is_at_pf(&t->registered, plain[k]) &&
		    !is_at_pf(&t->registered, tagged[k]))
			answer = NFP_NO;
	}
	return answer;
}

static enum nfp_answer passed_of(const struct truth *t, enum nfp_step step)
{
	bool groups = truth_has_group(&t->states[NFP_STEP_STANDBY], PF_BIT);
	enum nfp_answer rest = truth_fits(t->states, step, groups);
	const struct truth_state *state = &t->states[step];
	unsigned int bit = truth_life[step].hearer ?: PF_BIT;
	bool lacks = false, lost = false;

	if (rest == NFP_UNKNOWN)
		return NFP_UNKNOWN;
	for (int k = 0; k < NUM_KINDS; k++) {
		if (!is_needed(t, k) || (state->reach[tagged[k]] & bit))
			continue;
		lacks = true;
		lost |= is_shown(t, k) && (rest == NFP_NO || (state->reach[plain[k]] & bit));
	}
	if (lost)
		return NFP_NO;
	return lacks || rest == NFP_NO ? NFP_UNKNOWN : NFP_YES;
}

static void check_steps(struct truth *t)
{
	enum nfp_step lost = NFP_STEP_COUNT, open = NFP_STEP_COUNT;

	for (enum nfp_step step = NFP_STEP_COUNT; step-- > 0;) {
		const struct truth_state *state = &t->states[step];
		enum nfp_answer fit;

		if (state->leave ||
		    !(truth_is_expected(t->states, step) || step == NFP_STEP_STANDBY ||
		      (step == NFP_STEP_ALONE && is_done(state))))
			continue;
		fit = passed_of(t, step);
		if (fit == NFP_NO)
			lost = step;
		else if (fit == NFP_UNKNOWN)
			open = step;
	}
	t->vlan.verdict = lost < NFP_STEP_COUNT	  ? NFP_STATE_LOST
			  : open < NFP_STEP_COUNT ? NFP_STATE_UNPROVEN
						  : NFP_STATE_OK;
	t->vlan.step = lost < NFP_STEP_COUNT ? lost : open;
}

void truth_judge_vlan(struct truth *t)
{
	bool free = gets_free(t);
	bool known = is_at_pf(&t->registered, NFP_KIND_BROADCAST);
	/* Some filters sleep until a VLAN is registered. */
	bool wakes = free && known && !is_at_pf(&t->registered, NFP_KIND_VLAN_FREE);
	bool falls = is_at_pf(&t->registered, NFP_KIND_VLAN_OWN) &&
		     !is_at_pf(&t->unregistered, NFP_KIND_VLAN_OWN);

	t->vlan = (struct truth_vlan) {
		.verdict = NFP_STATE_UNPROVEN,
		.step = NFP_STEP_COUNT,
		.carried = is_carried(t) ? NFP_YES : NFP_UNKNOWN,
		.filters = wakes   ? NFP_YES
			   : free  ? NFP_NO
			   : falls ? NFP_YES
				   : NFP_UNKNOWN,
		.works_registered = works_registered(t),
	};
	if (t->answer.verdict == NFP_VERDICT_UNKNOWN)
		return;
	check_steps(t);
	if (t->vlan.verdict == NFP_STATE_OK && (wakes || t->vlan.filters == NFP_UNKNOWN))
		t->vlan.verdict = NFP_STATE_UNPROVEN;
}
