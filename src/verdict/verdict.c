// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * verdict.c - the rules of nfprobe-verdicts(7), "VERDICTS". The first that matches decides: 1 the
 * standby is not served, 2 the ladder was disturbed, 3 EARLY, 4 REFUSED, 5 a step is inconclusive,
 * 6 DEAF (without announcements: behind 7), 7 STICKY, 8 the VF never spoke, 9 SAFE. A rule that
 * asks for yes or no never matches on unknown. The positive controls are the exception: anything
 * but yes is a failure there, so that silence is never read as safe.
 *
 * Multicast, where `standby` has shown it, is judged by the same rules, in a second pass.
 */

#include "verdict/verdict.h"
#include "judge.h"

enum nfp_answer nfp_reaches(enum nfp_landing landing, enum nfp_receiver at)
{
	if (landing == NFP_LANDING_PF || landing == NFP_LANDING_VF)
		return (landing == NFP_LANDING_PF) == (at == NFP_AT_PF) ? NFP_YES : NFP_NO;
	if (landing == NFP_LANDING_BOTH)
		return NFP_YES;
	return landing == NFP_LANDING_NOWHERE ? NFP_NO : NFP_UNKNOWN;
}

bool nfp_lands_at(enum nfp_landing landing, enum nfp_receiver at)
{
	return nfp_reaches(landing, at) == NFP_YES;
}

bool nfp_lands(enum nfp_landing landing)
{
	return nfp_lands_at(landing, NFP_AT_PF) || nfp_lands_at(landing, NFP_AT_VF);
}

/* A receiver that gets only a part of its frames, and loses the others to another, does not get
 * them. */
static enum nfp_answer unicast_reaches(const struct nfp_observation *obs, enum nfp_receiver at)
{
	return obs->split ? NFP_NO : nfp_reaches(obs->landing[NFP_KIND_UNICAST], at);
}

enum nfp_answer nfp_receives(const struct nfp_observation *obs, enum nfp_receiver at)
{
	enum nfp_answer unicast, broadcast;

	if (obs->status != NFP_STATUS_DONE)
		return NFP_UNKNOWN;
	unicast = unicast_reaches(obs, at);
	broadcast = nfp_reaches(obs->landing[NFP_KIND_BROADCAST], at);
	if (unicast == NFP_UNKNOWN || broadcast == NFP_UNKNOWN)
		return NFP_UNKNOWN;
	return unicast == NFP_YES && broadcast == NFP_YES ? NFP_YES : NFP_NO;
}

static bool gets(const struct nfp_observation *obs, enum nfp_kind kind, enum nfp_receiver at)
{
	return obs->status == NFP_STATUS_DONE && nfp_lands_at(obs->landing[kind], at);
}

/* Multicast that lands unclear takes nothing from what unicast and broadcast show. */
bool nfp_lacks_multicast(const struct nfp_observation *obs, enum nfp_receiver at)
{
	return nfp_receives(obs, at) == NFP_YES &&
	       nfp_reaches(obs->landing[NFP_KIND_MULTICAST], at) == NFP_NO;
}

static bool lacks_multicast(const struct nfp_evidence *e, enum nfp_step step, enum nfp_receiver at)
{
	return e->with_multicast && nfp_lacks_multicast(&e->step[step], at);
}

/* S(step). A no counts only if broadcast shows that the PF could hear at all. */
static enum nfp_answer pf_keeps(const struct nfp_evidence *e, enum nfp_step step)
{
	const struct nfp_observation *obs = &e->step[step];
	enum nfp_answer receives = nfp_receives(obs, NFP_AT_PF);

	if (lacks_multicast(e, step, NFP_AT_PF))
		return NFP_NO;
	return receives == NFP_NO && !gets(obs, NFP_KIND_BROADCAST, NFP_AT_PF) ? NFP_UNKNOWN
									       : receives;
}

/*
 * Unicast reaches the VF and broadcast does not. If the source may not bring broadcast to any VF,
 * its absence shows nothing.
 */
static bool is_unshown(const struct nfp_evidence *e, enum nfp_step step)
{
	const struct nfp_observation *obs = &e->step[step];

	return !e->shows.vf_broadcast && gets(obs, NFP_KIND_UNICAST, NFP_AT_VF) &&
	       nfp_reaches(obs->landing[NFP_KIND_BROADCAST], NFP_AT_VF) == NFP_NO;
}

static enum nfp_answer vf_gets(const struct nfp_evidence *e, enum nfp_step step)
{
	if (lacks_multicast(e, step, NFP_AT_VF))
		return NFP_NO;
	return is_unshown(e, step) ? NFP_UNKNOWN : nfp_receives(&e->step[step], NFP_AT_VF);
}

/* The VF may have no reset, or another ladder may have shown the step. */
static bool may_be_stood_for(enum nfp_step step)
{
	return step == NFP_STEP_ATTACH || step == NFP_STEP_DETACH || nfp_ladder[step].once;
}

/*
 * A step may be missing only where the manual says so: the VF has no reset, another ladder has
 * shown the step, or the address did not come back to the PF when it was cleared (which is never
 * safe by itself).
 */
static bool may_be_skipped(const struct nfp_evidence *e, enum nfp_step step)
{
	const struct nfp_observation *obs = &e->step[step];

	if (obs->status != NFP_STATUS_SKIPPED || !obs->skip_allowed)
		return false;
	if (may_be_stood_for(step))
		return true;
	return step >= NFP_STEP_VF_FIRST && pf_keeps(e, NFP_STEP_CLEAR) == NFP_NO;
}

/* A guest whose VF has no reset boots in the state of `assign`. */
static enum nfp_step attach_step(const struct nfp_evidence *e)
{
	return may_be_skipped(e, NFP_STEP_ATTACH) ? NFP_STEP_ASSIGN : NFP_STEP_ATTACH;
}

/* ---- claim, release, delivery ---- */

/* Does assigning the test MAC to the VF take it from the PF for good? Yes: *ret_step is the first
 * step that shows it. */
static enum nfp_answer is_early(const struct nfp_evidence *e, enum nfp_step *ret_step)
{
	const enum nfp_step steps[] = {attach_step(e), NFP_STEP_VF_FIRST};
	enum nfp_answer early = NFP_NO;

	nfp_for_each (step, steps, NFP_NUM(steps)) {
		enum nfp_answer keeps = pf_keeps(e, *step);

		if (keeps == NFP_NO) {
			*ret_step = *step;
			return NFP_YES;
		}
		if (keeps == NFP_UNKNOWN && !may_be_skipped(e, *step))
			early = NFP_UNKNOWN;
	}
	return early;
}

static enum nfp_claim claim_of(const struct nfp_evidence *e)
{
	enum nfp_step step;
	enum nfp_answer answer = is_early(e, &step);

	if (answer != NFP_NO)
		return answer == NFP_YES ? NFP_CLAIM_ASSIGN : NFP_CLAIM_UNKNOWN;
	answer = pf_keeps(e, NFP_STEP_ASSIGN);
	if (answer != NFP_YES)
		return answer == NFP_NO ? NFP_CLAIM_ASSIGN_UNTIL_RESET : NFP_CLAIM_UNKNOWN;
	answer = vf_gets(e, NFP_STEP_UP);
	if (answer == NFP_UNKNOWN)
		return NFP_CLAIM_UNKNOWN;
	return answer == NFP_YES ? NFP_CLAIM_UP : NFP_CLAIM_NEVER;
}

/* Walks back from `clear` as long as the standby receives. */
static enum nfp_release release_of(const struct nfp_evidence *e)
{
	static const struct {
		enum nfp_step step;
		enum nfp_release release;
	} back[] = {
		{NFP_STEP_CLEAR, NFP_RELEASE_CLEAR},
		{NFP_STEP_DETACH, NFP_RELEASE_DETACH},
		{NFP_STEP_UNPLUG, NFP_RELEASE_UNPLUG},
	};
	enum nfp_release release = NFP_RELEASE_NEVER;

	nfp_for_each (b, back, NFP_NUM(back)) {
		enum nfp_answer keeps = pf_keeps(e, b->step);

		if (may_be_skipped(e, b->step))
			continue;
		if (keeps == NFP_UNKNOWN)
			return NFP_RELEASE_UNKNOWN;
		if (keeps == NFP_NO)
			break;
		release = b->release;
	}
	return release;
}

/* ---- the rules ---- */

static void decide(struct nfp_judgement *j, enum nfp_verdict verdict, enum nfp_reason why,
		   enum nfp_step step)
{
	j->verdict = verdict;
	j->why = why;
	j->step = step;
}

/* A promiscuous PF gets groups and addresses whatever its filter does. */
static bool is_filter_hidden(const struct nfp_evidence *e)
{
	return e->promiscuous && !nfp_styles[e->style].promiscuous;
}

/* Rule 2. */
static enum nfp_reason disturbance(const struct nfp_evidence *e)
{
	if (e->changed)
		return NFP_WHY_CHANGED;
	if (e->address_in_use)
		return NFP_WHY_ELSEWHERE;
	if (e->carrier_lost)
		return NFP_WHY_CARRIER;
	if (e->drops)
		return NFP_WHY_DROPS;
	if (is_filter_hidden(e))
		return NFP_WHY_PROMISCUOUS;
	return e->stopped ? NFP_WHY_STOPPED : NFP_WHY_NONE;
}

/* Rule 1. */
static bool standby_fails(const struct nfp_evidence *e, struct nfp_judgement *j)
{
	const struct nfp_observation *standby = &e->step[NFP_STEP_STANDBY];
	enum nfp_answer receives = nfp_receives(standby, NFP_AT_PF);
	enum nfp_reason why = disturbance(e);

	if (receives == NFP_YES)
		return false;
	if (receives == NFP_NO && gets(standby, NFP_KIND_BROADCAST, NFP_AT_PF) &&
	    !e->shows.outside) {
		decide(j, NFP_VERDICT_UNKNOWN, NFP_WHY_STANDBY_UNTESTABLE, NFP_STEP_STANDBY);
		return true;
	}
	if (why == NFP_WHY_NONE && standby->status == NFP_STATUS_REFUSED)
		why = NFP_WHY_STEP_REFUSED;
	else if (why == NFP_WHY_NONE && receives == NFP_UNKNOWN)
		why = NFP_WHY_STANDBY_UNKNOWN;
	else if (why == NFP_WHY_NONE)
		why = gets(standby, NFP_KIND_BROADCAST, NFP_AT_PF) ? NFP_WHY_STANDBY_WIRE
								   : NFP_WHY_STANDBY_NO_BROADCAST;
	decide(j, NFP_VERDICT_UNKNOWN, why, NFP_STEP_STANDBY);
	return true;
}

static enum nfp_reason why_inconclusive(const struct nfp_evidence *e, enum nfp_step step)
{
	const struct nfp_observation *obs = &e->step[step];
	bool heard;

	if (obs->status == NFP_STATUS_REFUSED)
		return NFP_WHY_STEP_REFUSED;
	if (obs->status != NFP_STATUS_DONE)
		return may_be_skipped(e, step) ? NFP_WHY_NONE : NFP_WHY_STEP_SKIPPED;
	/* Where nothing at all arrives, the address is not to blame. */
	if (obs->unproven && obs->landing[NFP_KIND_BROADCAST] == NFP_LANDING_NOWHERE)
		return NFP_WHY_STEP_NO_BROADCAST;
	if (obs->unproven)
		return obs->may_be_outage ? NFP_WHY_STEP_OUTAGE : NFP_WHY_STEP_UNPROVEN;
	if (unicast_reaches(obs, NFP_AT_PF) == NFP_UNKNOWN ||
	    nfp_reaches(obs->landing[NFP_KIND_BROADCAST], NFP_AT_PF) == NFP_UNKNOWN)
		return NFP_WHY_STEP_MIXED;
	if (nfp_ladder[step].expected == NFP_EXPECTED_VF && is_unshown(e, step))
		return NFP_WHY_VF_BROADCAST_UNSHOWN;
	/* Rule 6 judges broadcast that reaches the PF alone. */
	heard = nfp_ladder[step].expected == NFP_EXPECTED_VF
			? obs->landing[NFP_KIND_BROADCAST] != NFP_LANDING_NOWHERE
			: gets(obs, NFP_KIND_BROADCAST, NFP_AT_PF);
	return heard ? NFP_WHY_NONE : NFP_WHY_STEP_NO_BROADCAST;
}

/* Rule 5. */
static bool is_inconclusive(const struct nfp_evidence *e, struct nfp_judgement *j)
{
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		enum nfp_reason why;

		/* An announcement that brought frames back in `assign` may have done so for every
		 * later step. */
		if (!nfp_ladder[step].decides && step != attach_step(e) &&
		    !(step == NFP_STEP_ASSIGN && e->step[step].unproven &&
		      !e->step[step].may_be_outage))
			continue;
		why = why_inconclusive(e, step);
		if (why == NFP_WHY_NONE)
			continue;
		decide(j, NFP_VERDICT_UNKNOWN, why, step);
		/* A step that is missing because an earlier one was refused has that
		 * as its reason. */
		for (enum nfp_step before = step; why == NFP_WHY_STEP_SKIPPED && before-- > 0;) {
			if (e->step[before].status == NFP_STATUS_REFUSED) {
				decide(j, NFP_VERDICT_UNKNOWN, NFP_WHY_STEP_REFUSED, before);
				break;
			}
		}
		return true;
	}
	return false;
}

/* The VF is deaf in any case. Unicast tells whether `alone` helps, if the source shows no more. */
static bool receives_alone(const struct nfp_evidence *e)
{
	return vf_gets(e, NFP_STEP_ALONE) == NFP_YES || is_unshown(e, NFP_STEP_ALONE);
}

/* Rule 6. */
static bool is_deaf(const struct nfp_evidence *e, struct nfp_judgement *j)
{
	bool heard = e->step[NFP_STEP_UP].vf_heard || e->step[NFP_STEP_ALONE].vf_heard ||
		     e->step[NFP_STEP_VF_FIRST_UP].vf_heard;

	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		if (nfp_phase_of(step) != NFP_PHASE_WITH || !nfp_ladder[step].decides ||
		    vf_gets(e, step) == NFP_YES || may_be_skipped(e, step))
			continue;
		if (lacks_multicast(e, step, NFP_AT_VF))
			decide(j, NFP_VERDICT_DEAF, NFP_WHY_DEAF_MULTICAST, step);
		else if (receives_alone(e))
			decide(j, NFP_VERDICT_DEAF, NFP_WHY_DEAF_WHILE_HELD, step);
		else if (heard)
			decide(j, NFP_VERDICT_DEAF, NFP_WHY_DEAF, step);
		else
			decide(j, NFP_VERDICT_UNKNOWN, NFP_WHY_VF_SILENT, step);
		return true;
	}
	return false;
}

/* Rule 7. A standby that goes deaf only after detach or clear is no better than one that is deaf
 * from unplug on. */
static bool is_sticky(const struct nfp_evidence *e, struct nfp_judgement *j)
{
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		if (nfp_phase_of(step) != NFP_PHASE_AFTER || pf_keeps(e, step) == NFP_YES ||
		    may_be_skipped(e, step))
			continue;
		decide(j, NFP_VERDICT_STICKY,
		       lacks_multicast(e, step, NFP_AT_PF) ? NFP_WHY_STICKY_MULTICAST
							   : NFP_WHY_STICKY,
		       step);
		return true;
	}
	return false;
}

static void apply_rules(const struct nfp_evidence *e, struct nfp_judgement *j)
{
	enum nfp_reason why = disturbance(e);
	enum nfp_step step;

	if (standby_fails(e, j))
		return;
	if (why != NFP_WHY_NONE)
		decide(j, NFP_VERDICT_UNKNOWN, why, NFP_STEP_COUNT);
	else if (is_early(e, &step) == NFP_YES)
		decide(j, NFP_VERDICT_EARLY,
		       lacks_multicast(e, step, NFP_AT_PF) ? NFP_WHY_CLAIM_MULTICAST
							   : NFP_WHY_CLAIM,
		       step);
	else if (e->step[NFP_STEP_ASSIGN].status == NFP_STATUS_REFUSED &&
		 e->assign_refused_duplicate)
		decide(j, NFP_VERDICT_REFUSED, NFP_WHY_REFUSED, NFP_STEP_ASSIGN);
	else if (is_inconclusive(e, j) || (!e->unannounced && is_deaf(e, j)) || is_sticky(e, j))
		return;
	/* A VF that never spoke may get these frames once it has. */
	else if (e->unannounced)
		decide(j, NFP_VERDICT_UNKNOWN, NFP_WHY_UNSPOKEN, NFP_STEP_COUNT);
	else
		decide(j, NFP_VERDICT_SAFE,
		       j->delivery == NFP_DELIVERY_BOTH ? NFP_WHY_SAFE_BOTH : NFP_WHY_SAFE,
		       NFP_STEP_COUNT);
}

/* ---- what a manager must do ---- */

static uint32_t require_for_assign(const struct nfp_evidence *e, const struct nfp_judgement *j)
{
	bool refused = j->verdict == NFP_VERDICT_REFUSED || e->assign_refused_duplicate;

	if (j->claim != NFP_CLAIM_ASSIGN && !refused)
		return 0;
	if (pf_keeps(e, NFP_STEP_VF_FIRST) == NFP_YES &&
	    vf_gets(e, NFP_STEP_VF_FIRST_UP) == NFP_YES &&
	    pf_keeps(e, NFP_STEP_VF_FIRST_UNPLUG) == NFP_YES)
		return NFP_REQ_BIT(NFP_REQ_ASSIGN_BEFORE_STANDBY);
	if (!refused)
		return NFP_REQ_BIT(NFP_REQ_ASSIGN_AT_HOTPLUG);
	/* The NIC accepts neither order. */
	if (e->step[NFP_STEP_VF_FIRST].status == NFP_STATUS_REFUSED)
		return NFP_REQ_BIT(NFP_REQ_DO_NOT_USE);
	/* The VF must come first, which makes the standby deaf: only a running guest
	 * can bear that. */
	if (j->claim == NFP_CLAIM_ASSIGN)
		return NFP_REQ_BIT(NFP_REQ_ASSIGN_BEFORE_STANDBY) |
		       NFP_REQ_BIT(NFP_REQ_ASSIGN_AT_HOTPLUG);
	return NFP_REQ_BIT(NFP_REQ_ASSIGN_BEFORE_STANDBY);
}

static bool may_keep(const struct nfp_evidence *e, enum nfp_step step)
{
	return !may_be_skipped(e, step) && pf_keeps(e, step) != NFP_YES;
}

/* A manager relies on a step that was seen to give the address back, even if an earlier one may
 * have done so. */
static uint32_t require_what_was_seen(const struct nfp_evidence *e)
{
	if (pf_keeps(e, NFP_STEP_CLEAR) == NFP_YES && may_keep(e, NFP_STEP_DETACH))
		return NFP_REQ_BIT(NFP_REQ_CLEAR_AT_UNPLUG);
	if (pf_keeps(e, NFP_STEP_DETACH) == NFP_YES && may_keep(e, NFP_STEP_UNPLUG))
		return NFP_REQ_BIT(NFP_REQ_DETACH_BEFORE_MIGRATION);
	return 0;
}

static uint32_t require_for_release(const struct nfp_evidence *e, const struct nfp_judgement *j)
{
	switch (j->release) {
	case NFP_RELEASE_DETACH:
		return NFP_REQ_BIT(NFP_REQ_DETACH_BEFORE_MIGRATION);
	case NFP_RELEASE_CLEAR:
		return NFP_REQ_BIT(NFP_REQ_CLEAR_AT_UNPLUG);
	case NFP_RELEASE_NEVER:
		return NFP_REQ_BIT(NFP_REQ_DO_NOT_USE);
	default:
		break;
	}
	/* Clearing takes the address from the standby, unless a reset comes first. */
	if (j->verdict == NFP_VERDICT_STICKY && j->step == NFP_STEP_VF_FIRST_CLEAR)
		return pf_keeps(e, NFP_STEP_DETACH) == NFP_YES
			       ? NFP_REQ_BIT(NFP_REQ_DETACH_BEFORE_MIGRATION)
			       : NFP_REQ_BIT(NFP_REQ_DO_NOT_USE);
	/* The VF keeps only the address that it had first: clearing gave the other one back. */
	if (j->verdict == NFP_VERDICT_STICKY && j->step == NFP_STEP_VF_FIRST_UNPLUG)
		return pf_keeps(e, NFP_STEP_CLEAR) == NFP_YES ? NFP_REQ_BIT(NFP_REQ_CLEAR_AT_UNPLUG)
							      : NFP_REQ_BIT(NFP_REQ_DO_NOT_USE);
	return j->release == NFP_RELEASE_UNKNOWN ? require_what_was_seen(e) : 0;
}

/*
 * Ignores a VF that is deaf only in an assignment order that the manager can avoid. Ignores groups
 * that a VF does not get: nothing that a manager does in the ladder brings them.
 */
static uint32_t require_for_deaf(const struct nfp_evidence *evidence, const struct nfp_judgement *j)
{
	bool only_order = j->verdict == NFP_VERDICT_DEAF || j->verdict == NFP_VERDICT_REFUSED;
	struct nfp_evidence of_unicast = *evidence;
	const struct nfp_evidence *e = &of_unicast;

	of_unicast.with_multicast = false;
	if (vf_gets(e, NFP_STEP_UP) != NFP_NO &&
	    !(only_order && vf_gets(e, NFP_STEP_VF_FIRST_UP) == NFP_NO)) {
		if (j->verdict != NFP_VERDICT_DEAF)
			return 0;
		/* Nobody can keep the other guests of a host from coming and going. */
		if (vf_gets(e, NFP_STEP_VF_FIRST_REWRITTEN) == NFP_NO)
			return NFP_REQ_BIT(NFP_REQ_DO_NOT_USE);
		if (vf_gets(e, NFP_STEP_VF_FIRST_BACK) != NFP_NO)
			return 0;
		/* The guest whose migration is cancelled needs a VF that was reset. */
		return pf_keeps(e, NFP_STEP_DETACH) == NFP_YES
			       ? NFP_REQ_BIT(NFP_REQ_DETACH_BEFORE_MIGRATION)
			       : NFP_REQ_BIT(NFP_REQ_DO_NOT_USE);
	}
	if (receives_alone(e))
		return NFP_REQ_BIT(NFP_REQ_RELEASE_STANDBY_WHEN_UP);
	return NFP_REQ_BIT(NFP_REQ_DO_NOT_USE);
}

static void judge_once(const struct nfp_evidence *evidence, struct nfp_judgement *ret_judgement)
{
	static const enum nfp_delivery delivery_at[NFP_LANDING_COUNT] = {
		[NFP_LANDING_VF] = NFP_DELIVERY_VF,
		[NFP_LANDING_BOTH] = NFP_DELIVERY_BOTH,
	};
	const struct nfp_evidence *e = evidence;
	const struct nfp_observation *up = &e->step[NFP_STEP_UP];
	struct nfp_judgement j = {
		.claim = claim_of(e),
		.release = release_of(e),
	};

	if (up->status == NFP_STATUS_DONE)
		j.delivery = delivery_at[up->landing[NFP_KIND_UNICAST]];
	apply_rules(e, &j);
	if (nfp_is_fault(j.verdict))
		j.requires = require_for_assign(e, &j) | require_for_release(e, &j) |
			     require_for_deaf(e, &j);
	*ret_judgement = j;
}

/* ---- multicast ---- */

/* A step that was not made because the address did not come back has an expected receiver, and
 * shows nothing. */
static bool is_expected(const struct nfp_evidence *e, enum nfp_step step)
{
	return (nfp_ladder[step].decides || step == attach_step(e)) &&
	       !(may_be_stood_for(step) && may_be_skipped(e, step));
}

/*
 * Sets j->multicast by the steps that expect a receiver. A receiver that gets the other two kinds
 * and not the group has lost it; one that lacks unicast as well shows nothing of it.
 */
static void summarize_multicast(const struct nfp_evidence *e, struct nfp_judgement *j)
{
	bool hidden = is_filter_hidden(e);
	bool receives = nfp_receives(&e->step[NFP_STEP_STANDBY], NFP_AT_PF) == NFP_YES;

	j->multicast = e->with_multicast ? NFP_STATE_OK : NFP_STATE_UNPROVEN;
	j->multicast_step = e->with_multicast ? NFP_STEP_COUNT : NFP_STEP_STANDBY;
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT && e->with_multicast; step++) {
		enum nfp_receiver at = nfp_receiver_of(step);
		const struct nfp_observation *obs = &e->step[step];

		if (!is_expected(e, step) || gets(obs, NFP_KIND_MULTICAST, at))
			continue;
		if (j->multicast == NFP_STATE_OK || lacks_multicast(e, step, at))
			j->multicast_step = step;
		j->multicast = NFP_STATE_UNPROVEN;
		if (lacks_multicast(e, step, at)) {
			j->multicast = NFP_STATE_LOST;
			return;
		}
	}
	/* A PF that was left promiscuous, or that another process keeps allmulticast, gets a group
	 * whatever its filter holds. */
	if (j->multicast == NFP_STATE_OK &&
	    (hidden || !receives || e->unannounced || e->all_multicast)) {
		j->multicast = NFP_STATE_UNPROVEN;
		j->multicast_step = hidden ? NFP_STEP_CONTROL : NFP_STEP_STANDBY;
	}
	/* A ladder whose landings are inconclusive proves nothing either: a step may have shown
	 * nothing. */
	if (j->multicast == NFP_STATE_OK && j->verdict == NFP_VERDICT_UNKNOWN)
		j->multicast = NFP_STATE_UNPROVEN;
}

/* A group that one step loses may have been lost in another step, whose verdict would be worse. */
static void note_unproven_groups(const struct nfp_evidence *e, struct nfp_judgement *j)
{
	if (j->multicast != NFP_STATE_LOST || j->verdict <= NFP_VERDICT_EARLY ||
	    j->verdict > NFP_VERDICT_SAFE)
		return;
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		bool early = step == attach_step(e) || step == NFP_STEP_VF_FIRST;
		bool deaf = nfp_ladder[step].expected == NFP_EXPECTED_VF;

		if (!is_expected(e, step) || !e->step[step].unproven_group ||
		    !(early || (deaf && j->verdict > NFP_VERDICT_DEAF)))
			continue;
		decide(j, NFP_VERDICT_UNKNOWN, NFP_WHY_GROUP_UNPROVEN, step);
		j->requires = 0;
		return;
	}
}

static enum nfp_answer passed_of(const struct nfp_evidence *e, enum nfp_step step)
{
	enum nfp_expected expected = nfp_ladder[step].expected;

	if (expected == NFP_EXPECTED_RECORDED || why_inconclusive(e, step) != NFP_WHY_NONE)
		return NFP_UNKNOWN;
	return expected == NFP_EXPECTED_VF ? vf_gets(e, step) : pf_keeps(e, step);
}

void nfp_judge(const struct nfp_evidence *evidence, struct nfp_judgement *ret_judgement)
{
	const struct nfp_observation *standby = &evidence->step[NFP_STEP_STANDBY];
	struct nfp_evidence all = *evidence;
	struct nfp_judgement j;

	/* Where the landing of `standby` is not clear, any later step may show that the source's
	 * multicast arrives at the PF. */
	for (enum nfp_step step = NFP_STEP_STANDBY;
	     step == NFP_STEP_STANDBY ||
	     (step < NFP_STEP_COUNT && standby->landing[NFP_KIND_MULTICAST] == NFP_LANDING_MIXED);
	     step++)
		all.with_multicast |= gets(&evidence->step[step], NFP_KIND_MULTICAST, NFP_AT_PF);
	judge_once(evidence, ret_judgement);
	judge_once(&all, &j);
	if (j.verdict != ret_judgement->verdict)
		*ret_judgement = j;
	summarize_multicast(&all, ret_judgement);
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++)
		ret_judgement->passed[step] = passed_of(&all, step);
	note_unproven_groups(&all, ret_judgement);
}
