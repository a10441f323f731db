// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rules.c - the definitions in nfprobe-verdicts(7), of states that somebody saw. Nothing here is
 * nfprobe's: its judge is held against it.
 */
#include "truth_priv.h"

#include <errno.h>

/* The states, with or without what a receiver shows of multicast. */
struct view {
	const struct truth_state *states;
	bool groups; /* who gets the rest, and not its group, does not count as served */
};

/* ---- one state ---- */

static bool is_done(const struct truth_state *s)
{
	return s->status == NFP_STATUS_DONE;
}

static bool gets(const struct truth_state *s, enum nfp_kind kind, unsigned int bit)
{
	return is_done(s) && (s->reach[kind] & bit);
}

static bool is_known(const struct truth_state *s, enum nfp_kind kind)
{
	return !(s->unclear & 1U << kind);
}

bool truth_serves(const struct truth_state *s, unsigned int bit)
{
	return gets(s, NFP_KIND_UNICAST, bit) && gets(s, NFP_KIND_BROADCAST, bit);
}

bool truth_has_group(const struct truth_state *s, unsigned int bit)
{
	return gets(s, NFP_KIND_MULTICAST, bit);
}

static bool lacks_group(const struct truth_state *s, unsigned int bit)
{
	return truth_serves(s, bit) && is_known(s, NFP_KIND_MULTICAST) && !truth_has_group(s, bit);
}

static enum nfp_answer served(const struct view *v, enum nfp_step step, unsigned int bit)
{
	const struct truth_state *s = &v->states[step];

	if (!is_done(s) || !is_known(s, NFP_KIND_UNICAST) || !is_known(s, NFP_KIND_BROADCAST))
		return NFP_UNKNOWN;
	return truth_serves(s, bit) && !(v->groups && lacks_group(s, bit)) ? NFP_YES : NFP_NO;
}

/* Is the standby served? It is deaf only where broadcast shows that it could hear. */
static enum nfp_answer keeps(const struct view *v, enum nfp_step step)
{
	enum nfp_answer answer = served(v, step, PF_BIT);

	return answer == NFP_NO && !gets(&v->states[step], NFP_KIND_BROADCAST, PF_BIT) ? NFP_UNKNOWN
										       : answer;
}

static bool is_left(const struct view *v, enum nfp_step step)
{
	return v->states[step].leave;
}

/* Without a reset the guest boots in the state of `assign`. */
static enum nfp_step boots(const struct view *v)
{
	return is_left(v, NFP_STEP_ATTACH) ? NFP_STEP_ASSIGN : NFP_STEP_ATTACH;
}

static bool is_expected(const struct view *v, enum nfp_step step)
{
	return truth_life[step].decides || step == boots(v);
}

bool truth_is_expected(const struct truth_state states[NFP_STEP_COUNT], enum nfp_step step)
{
	const struct view v = {.states = states};

	return is_expected(&v, step);
}

enum nfp_answer truth_fits(const struct truth_state states[NFP_STEP_COUNT], enum nfp_step step,
			   bool groups)
{
	const struct view v = {.states = states, .groups = groups};

	return truth_life[step].hearer == VF_BIT ? served(&v, step, VF_BIT) : keeps(&v, step);
}

/* ---- when the VF takes the address, and when it gives it back ---- */

static enum nfp_answer is_early(const struct view *v)
{
	const struct {
		enum nfp_step step;
		enum nfp_answer keeps;
	} before[] = {
		{boots(v), keeps(v, boots(v))},
		{NFP_STEP_VF_FIRST, keeps(v, NFP_STEP_VF_FIRST)},
	};
	enum nfp_answer early = NFP_NO;

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		if (before[i].keeps == NFP_NO)
			return NFP_YES;
		if (before[i].keeps == NFP_UNKNOWN && !is_left(v, before[i].step))
			early = NFP_UNKNOWN;
	}
	return early;
}

static enum nfp_claim claim_of(const struct view *v)
{
	enum nfp_answer answer = is_early(v);

	if (answer != NFP_NO)
		return answer == NFP_YES ? NFP_CLAIM_ASSIGN : NFP_CLAIM_UNKNOWN;
	answer = keeps(v, NFP_STEP_ASSIGN);
	if (answer != NFP_YES)
		return answer == NFP_NO ? NFP_CLAIM_ASSIGN_UNTIL_RESET : NFP_CLAIM_UNKNOWN;
	answer = served(v, NFP_STEP_UP, VF_BIT);
	if (answer == NFP_UNKNOWN)
		return NFP_CLAIM_UNKNOWN;
	return answer == NFP_YES ? NFP_CLAIM_UP : NFP_CLAIM_NEVER;
}

/* The moment since when the standby is served, to the end of the guest's life. */
static enum nfp_release release_of(const struct view *v)
{
	static const struct {
		enum nfp_step step;
		enum nfp_release release;
	} life[] = {
		{NFP_STEP_UNPLUG, NFP_RELEASE_UNPLUG},
		{NFP_STEP_DETACH, NFP_RELEASE_DETACH},
		{NFP_STEP_CLEAR, NFP_RELEASE_CLEAR},
	};
	enum nfp_release since = NFP_RELEASE_NEVER;

	for (size_t i = 0; i < sizeof(life) / sizeof(life[0]); i++) {
		if (is_left(v, life[i].step))
			continue;
		switch (keeps(v, life[i].step)) {
		case NFP_NO:
			since = NFP_RELEASE_NEVER;
			break;
		case NFP_UNASKED:
		case NFP_UNKNOWN:
			since = NFP_RELEASE_UNKNOWN;
			break;
		case NFP_YES:
			since = since == NFP_RELEASE_NEVER ? life[i].release : since;
			break;
		}
	}
	return since;
}

/* ---- the verdict ---- */

/* The PF has the address already, and so the VF is not given it. EINVAL may mean anything, unless
 * the VF takes an address that the PF does not have. */
static bool is_duplicate(const struct view *v)
{
	const struct truth_state *assign = &v->states[NFP_STEP_ASSIGN];

	return assign->status == NFP_STATUS_REFUSED &&
	       (assign->errnum == EEXIST ||
		(assign->errnum == EINVAL && is_done(&v->states[NFP_STEP_VF_FIRST])));
}

/* A state that must be known, is not. */
static bool is_in_doubt(const struct view *v)
{
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		const struct truth_state *s = &v->states[step];
		unsigned int bits = truth_life[step].hearer == VF_BIT ? PF_BIT | VF_BIT : PF_BIT;

		if (!is_expected(v, step) || s->leave)
			continue;
		if (served(v, step, PF_BIT) == NFP_UNKNOWN || !gets(s, NFP_KIND_BROADCAST, bits))
			return true;
	}
	return false;
}

static bool vf_heard_any(const struct view *v)
{
	static const enum nfp_step steps[] = {NFP_STEP_UP, NFP_STEP_ALONE, NFP_STEP_VF_FIRST_UP};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const struct truth_state *s = &v->states[steps[i]];

		if (s->vf_heard || gets(s, NFP_KIND_UNICAST, VF_BIT) ||
		    gets(s, NFP_KIND_BROADCAST, VF_BIT) || gets(s, NFP_KIND_MULTICAST, VF_BIT))
			return true;
	}
	return false;
}

static bool is_deaf(const struct view *v)
{
	static const enum nfp_step steps[] = {NFP_STEP_UP, NFP_STEP_VF_FIRST_UP,
					      NFP_STEP_VF_FIRST_REWRITTEN, NFP_STEP_VF_FIRST_BACK};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (!is_left(v, steps[i]) && served(v, steps[i], VF_BIT) != NFP_YES)
			return true;
	}
	return false;
}

static bool is_sticky(const struct view *v)
{
	static const enum nfp_step steps[] = {NFP_STEP_UNPLUG, NFP_STEP_DETACH, NFP_STEP_CLEAR,
					      NFP_STEP_VF_FIRST_UNPLUG, NFP_STEP_VF_FIRST_CLEAR};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (!is_left(v, steps[i]) && keeps(v, steps[i]) != NFP_YES)
			return true;
	}
	return false;
}

static enum nfp_verdict verdict_of(const struct view *v, bool *silent)
{
	*silent = false;
	if (served(v, NFP_STEP_STANDBY, PF_BIT) != NFP_YES)
		return NFP_VERDICT_UNKNOWN;
	if (is_early(v) == NFP_YES)
		return NFP_VERDICT_EARLY;
	if (is_duplicate(v))
		return NFP_VERDICT_REFUSED;
	if (is_in_doubt(v))
		return NFP_VERDICT_UNKNOWN;
	if (is_deaf(v)) {
		*silent = !vf_heard_any(v);
		return *silent ? NFP_VERDICT_UNKNOWN : NFP_VERDICT_DEAF;
	}
	return is_sticky(v) ? NFP_VERDICT_STICKY : NFP_VERDICT_SAFE;
}

enum nfp_verdict truth_verdict(const struct truth_state states[NFP_STEP_COUNT], bool groups)
{
	const struct view v = {.states = states, .groups = groups};
	bool silent;

	return verdict_of(&v, &silent);
}

/* ---- what must be done ---- */

/* When the address is assigned. */
static uint32_t orders(const struct view *v, const struct truth_answer *a)
{
	const struct truth_state *first = &v->states[NFP_STEP_VF_FIRST];
	bool refused = a->verdict == NFP_VERDICT_REFUSED || is_duplicate(v);

	if (a->claim != NFP_CLAIM_ASSIGN && !refused)
		return 0;
	if (keeps(v, NFP_STEP_VF_FIRST) == NFP_YES &&
	    served(v, NFP_STEP_VF_FIRST_UP, VF_BIT) == NFP_YES &&
	    keeps(v, NFP_STEP_VF_FIRST_UNPLUG) == NFP_YES)
		return NFP_REQ_BIT(NFP_REQ_ASSIGN_BEFORE_STANDBY);
	if (!refused)
		return NFP_REQ_BIT(NFP_REQ_ASSIGN_AT_HOTPLUG);
	if (first->status == NFP_STATUS_REFUSED)
		return NFP_REQ_BIT(NFP_REQ_DO_NOT_USE);
	/* One order alone is taken; where the standby is deaf after it, the guest must run. */
	return NFP_REQ_BIT(NFP_REQ_ASSIGN_BEFORE_STANDBY) |
	       (a->claim == NFP_CLAIM_ASSIGN ? NFP_REQ_BIT(NFP_REQ_ASSIGN_AT_HOTPLUG) : 0);
}

static bool may_keep(const struct view *v, enum nfp_step step)
{
	return !is_left(v, step) && keeps(v, step) != NFP_YES;
}

/* The act that gives the address back before a migration. */
static uint32_t ends(const struct view *v, const struct truth_answer *a)
{
	bool cleared = keeps(v, NFP_STEP_CLEAR) == NFP_YES;

	if (a->release == NFP_RELEASE_DETACH)
		return NFP_REQ_BIT(NFP_REQ_DETACH_BEFORE_MIGRATION);
	if (a->release == NFP_RELEASE_CLEAR)
		return NFP_REQ_BIT(NFP_REQ_CLEAR_AT_UNPLUG);
	if (a->release == NFP_RELEASE_NEVER)
		return NFP_REQ_BIT(NFP_REQ_DO_NOT_USE);
	/* Only a reset makes clearing harmless. */
	if (a->verdict == NFP_VERDICT_STICKY && keeps(v, NFP_STEP_VF_FIRST_UNPLUG) == NFP_YES)
		return keeps(v, NFP_STEP_DETACH) == NFP_YES
			       ? NFP_REQ_BIT(NFP_REQ_DETACH_BEFORE_MIGRATION)
			       : NFP_REQ_BIT(NFP_REQ_DO_NOT_USE);
	/* The VF keeps only the address that it had first. */
	if (a->verdict == NFP_VERDICT_STICKY)
		return cleared ? NFP_REQ_BIT(NFP_REQ_CLEAR_AT_UNPLUG)
			       : NFP_REQ_BIT(NFP_REQ_DO_NOT_USE);
	if (a->release != NFP_RELEASE_UNKNOWN)
		return 0;
	if (cleared && may_keep(v, NFP_STEP_DETACH))
		return NFP_REQ_BIT(NFP_REQ_CLEAR_AT_UNPLUG);
	return keeps(v, NFP_STEP_DETACH) == NFP_YES && may_keep(v, NFP_STEP_UNPLUG)
		       ? NFP_REQ_BIT(NFP_REQ_DETACH_BEFORE_MIGRATION)
		       : 0;
}

/* The act that gets the VF its frames; nothing gets it its groups. */
static uint32_t services(const struct view *v, const struct truth_answer *a)
{
	const struct view plain = {.states = v->states};
	bool only = a->verdict == NFP_VERDICT_DEAF || a->verdict == NFP_VERDICT_REFUSED;
	bool works = served(&plain, NFP_STEP_UP, VF_BIT) != NFP_NO &&
		     !(only && served(&plain, NFP_STEP_VF_FIRST_UP, VF_BIT) == NFP_NO);

	if (works && a->verdict != NFP_VERDICT_DEAF)
		return 0;
	/* Nobody decides what others do on the PF. */
	if (works && served(&plain, NFP_STEP_VF_FIRST_REWRITTEN, VF_BIT) == NFP_NO)
		return NFP_REQ_BIT(NFP_REQ_DO_NOT_USE);
	if (works && served(&plain, NFP_STEP_VF_FIRST_BACK, VF_BIT) != NFP_NO)
		return 0;
	/* A guest that comes back needs a reset. */
	if (works)
		return keeps(v, NFP_STEP_DETACH) == NFP_YES
			       ? NFP_REQ_BIT(NFP_REQ_DETACH_BEFORE_MIGRATION)
			       : NFP_REQ_BIT(NFP_REQ_DO_NOT_USE);
	return served(&plain, NFP_STEP_ALONE, VF_BIT) == NFP_YES
		       ? NFP_REQ_BIT(NFP_REQ_RELEASE_STANDBY_WHEN_UP)
		       : NFP_REQ_BIT(NFP_REQ_DO_NOT_USE);
}

/* A host in the life of life.c, by the acts that have led to a step. */
struct scene {
	bool holds;    /* the standby has the address */
	bool assigned; /* the VF has it, */
	bool late;     /* which came while the standby had it, */
	bool driven;   /* and the guest's driver has found it since */
	bool up, left; /* left: a driver went, and no reset has followed */
};

static void play(struct scene *at, truth_act *act)
{
	const struct truth_acts *acts = &truth_acts;

	if (act == acts->hold || act == acts->release) {
		at->holds = act == acts->hold;
	} else if (act == acts->assign) {
		*at = (struct scene) {.holds = at->holds, .assigned = true, .late = at->holds};
	} else if (act == acts->set_up) {
		at->driven = at->up = true;
	} else if (act == acts->unbind) {
		at->up = false;
		at->left = true;
	} else if (act == acts->reset) {
		at->left = false;
	} else if (act == acts->clear) {
		at->assigned = false;
	}
}

static struct scene scene_of(enum nfp_step step)
{
	struct scene at = {.holds = false};

	for (enum nfp_step s = 0; s <= step; s++) {
		/* ALONE is asked of few, and undone. */
		for (size_t i = 0; truth_life[s].acts[i] && s != NFP_STEP_ALONE; i++)
			play(&at, truth_life[s].acts[i]);
	}
	return at;
}

/* WHAT A MANAGER MUST DO, of which each takes a guest past states. */
bool truth_spares(uint32_t requires, enum nfp_step step)
{
	const struct scene at = scene_of(step);
	const bool spared[NFP_REQ_COUNT] = {
		/* The VF gets the address right before the guest's driver finds it. */
		[NFP_REQ_ASSIGN_AT_HOTPLUG] = at.assigned && !at.driven,
		/* It has the address before the standby does, from the guest's start on. */
		[NFP_REQ_ASSIGN_BEFORE_STANDBY] = at.late,
		/* The standby gives it up while the VF is up. */
		[NFP_REQ_RELEASE_STANDBY_WHEN_UP] = at.up && at.holds,
		/* The VF is taken away, which resets it, and never comes back as it was. */
		[NFP_REQ_DETACH_BEFORE_MIGRATION] = at.left,
		/* The VF loses the address as soon as the driver has gone. */
		[NFP_REQ_CLEAR_AT_UNPLUG] = at.assigned && at.driven && !at.up,
	};

	for (enum nfp_requires r = 0; r < NFP_REQ_COUNT; r++) {
		if (requires & NFP_REQ_BIT(r) && spared[r])
			return true;
	}
	return false;
}

/* A state that a guest meets, whatever its manager does of these, and in which it is lost. A VF
 * whose address the driver has forgotten is none that the guest can use
 * (i40e_vc_del_mac_addr_msg, once). */
static bool is_lost(const struct view *v, uint32_t requires)
{
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		if (truth_life[step].decides && !truth_spares(requires, step) &&
		    !is_left(v, step) &&
		    (v->states[step].status == NFP_STATUS_REFUSED ||
		     truth_fits(v->states, step, false) == NFP_NO))
			return true;
	}
	return false;
}

/* A migration that is cancelled leaves a VF as it was: it is attached anew where only that serves
 * the guest. */
static uint32_t returns(const struct view *v, uint32_t requires)
{
	const uint32_t detach = NFP_REQ_BIT(NFP_REQ_DETACH_BEFORE_MIGRATION);

	return requires && is_lost(v, requires) && !is_lost(v, requires | detach) &&
			       truth_fits(v->states, NFP_STEP_DETACH, false) == NFP_YES
		       ? detach
		       : 0;
}

/* ---- multicast ---- */

static enum nfp_check_state multicast_of(const struct view *v)
{
	/* A state that was left out, since the address did not come back, shows nothing. */
	bool shown = truth_serves(&v->states[NFP_STEP_STANDBY], PF_BIT) &&
		     !is_left(v, NFP_STEP_VF_FIRST);

	if (!truth_has_group(&v->states[NFP_STEP_STANDBY], PF_BIT))
		return NFP_STATE_UNPROVEN;
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		const struct truth_state *s = &v->states[step];

		if (!is_expected(v, step))
			continue;
		if (lacks_group(s, truth_life[step].hearer ?: PF_BIT))
			return NFP_STATE_LOST;
		shown &= s->leave || truth_has_group(s, truth_life[step].hearer ?: PF_BIT);
	}
	return shown ? NFP_STATE_OK : NFP_STATE_UNPROVEN;
}

/* ---- all of it ---- */

static void judge_once(const struct view *v, struct truth_answer *a)
{
	const struct truth_state *up = &v->states[NFP_STEP_UP];

	*a = (struct truth_answer) {.claim = claim_of(v), .release = release_of(v)};
	if (gets(up, NFP_KIND_UNICAST, VF_BIT) && is_known(up, NFP_KIND_UNICAST))
		a->delivery = gets(up, NFP_KIND_UNICAST, PF_BIT) ? NFP_DELIVERY_BOTH
								 : NFP_DELIVERY_VF;
	a->verdict = verdict_of(v, &a->silent);
	if (a->verdict == NFP_VERDICT_EARLY || a->verdict == NFP_VERDICT_REFUSED ||
	    a->verdict == NFP_VERDICT_DEAF || a->verdict == NFP_VERDICT_STICKY)
		a->requires = orders(v, a) | ends(v, a) | services(v, a);
	a->requires |= returns(v, a->requires);
}

void truth_judge(const struct truth_state states[NFP_STEP_COUNT], struct truth_answer *ret_answer)
{
	struct view v = {.states = states};
	struct truth_answer strict;

	judge_once(&v, ret_answer);
	/* Only a network that has shown multicast at the standby can tell of a NIC that loses it.
	 */
	v.groups = truth_has_group(&states[NFP_STEP_STANDBY], PF_BIT);
	judge_once(&v, &strict);
	if (strict.verdict != ret_answer->verdict)
		*ret_answer = strict;
	ret_answer->multicast = multicast_of(&v);
}
