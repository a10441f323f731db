// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The verdict against an oracle that is written from nfprobe-verdicts(7) in another form: landings
 * as sets of receivers, rules as a list of predicates of which the first that holds answers.
 */
#include "harness.h"
#include "nfprobe/result.h"
#include "nfprobe/verdict.h"
#include "unit/sight.h"

/* ---- what may be seen in a step ---- */

#define MAX_SIGHTS 64

/* Every status, and for a step that was made every pair of landings. */
static size_t all_sights(struct sight *sights)
{
	size_t n = 0;

	sights[n++] = (struct sight) {.status = NFP_STATUS_SKIPPED};
	sights[n++] = (struct sight) {.status = NFP_STATUS_SKIPPED, .skip_allowed = true};
	sights[n++] = (struct sight) {.status = NFP_STATUS_REFUSED};
	for (enum nfp_landing u = 0; u < NFP_LANDING_COUNT; u++) {
		for (enum nfp_landing b = 0; b < NFP_LANDING_COUNT; b++)
			sights[n++] = (struct sight) {NFP_STATUS_DONE, false, u, b};
	}
	return n;
}

/* One of each sort that the rules tell apart, for products. */
static const struct sight sorts[] = {
	{NFP_STATUS_DONE, false, NFP_LANDING_PF, NFP_LANDING_BOTH},
	{NFP_STATUS_DONE, false, NFP_LANDING_VF, NFP_LANDING_BOTH},
	{NFP_STATUS_DONE, false, NFP_LANDING_MIXED, NFP_LANDING_BOTH},
	{NFP_STATUS_SKIPPED, true, NFP_LANDING_NONE, NFP_LANDING_NONE},
	{NFP_STATUS_SKIPPED, false, NFP_LANDING_NONE, NFP_LANDING_NONE},
	{NFP_STATUS_REFUSED, false, NFP_LANDING_NONE, NFP_LANDING_NONE},
	{NFP_STATUS_DONE, false, NFP_LANDING_BOTH, NFP_LANDING_BOTH},
	{NFP_STATUS_DONE, false, NFP_LANDING_NOWHERE, NFP_LANDING_PF},
	{NFP_STATUS_DONE, false, NFP_LANDING_NOWHERE, NFP_LANDING_NOWHERE},
	{NFP_STATUS_DONE, false, NFP_LANDING_VF, NFP_LANDING_VF},
	{NFP_STATUS_DONE, false, NFP_LANDING_PF, NFP_LANDING_MIXED},
};
#define NUM_SORTS (sizeof(sorts) / sizeof(sorts[0]))

/* Every step fit; `alone` was not needed. */
static void make_fit(struct nfp_evidence *e)
{
	static const struct sight at_pf = {NFP_STATUS_DONE, false, NFP_LANDING_PF, NFP_LANDING_PF};
	static const struct sight at_vf = {NFP_STATUS_DONE, false, NFP_LANDING_VF,
					   NFP_LANDING_BOTH};
	static const struct sight absent = {.status = NFP_STATUS_SKIPPED};

	*e = (struct nfp_evidence) {.shows = nfp_sources[NFP_BY_NETDEV].shows};
	for (enum nfp_step s = 0; s < NFP_STEP_COUNT; s++)
		put(e, s, nfp_ladder[s].fit == NFP_FIT_VF ? &at_vf : &at_pf);
	put(e, NFP_STEP_ALONE, &absent);
}

/* ---- the oracle ---- */

#define PF 1
#define VF 2

/* The set of receivers; -1 where it is not known. */
static int set_of(const struct nfp_observation *o, enum nfp_kind kind)
{
	static const int sets[NFP_LANDING_COUNT] = {-1, PF, VF, PF | VF, 0, -1};

	return o->status == NFP_STATUS_DONE ? sets[o->landing[kind]] : -1;
}

static bool known(const struct nfp_evidence *e, enum nfp_step s)
{
	return set_of(&e->step[s], NFP_KIND_UNICAST) >= 0 &&
	       set_of(&e->step[s], NFP_KIND_BROADCAST) >= 0;
}

static bool bcast(const struct nfp_evidence *e, enum nfp_step s, int at)
{
	int set = set_of(&e->step[s], NFP_KIND_BROADCAST);

	return set > 0 && (set & at) != 0;
}

/* S is yes (PF), V is yes (VF). */
static bool yes(const struct nfp_evidence *e, enum nfp_step s, int at)
{
	return known(e, s) && bcast(e, s, at) && (set_of(&e->step[s], NFP_KIND_UNICAST) & at) != 0;
}

/* Broadcast that a source need not bring to the VF proves nothing by its absence. */
static bool unshown(const struct nfp_evidence *e, enum nfp_step s)
{
	return !e->shows.vf_broadcast && known(e, s) &&
	       (set_of(&e->step[s], NFP_KIND_UNICAST) & VF) && !bcast(e, s, VF);
}

static bool no(const struct nfp_evidence *e, enum nfp_step s, int at)
{
	return known(e, s) && !yes(e, s, at) && !(at == VF && unshown(e, s));
}

/* Not S although broadcast reached the PF. */
static bool gone(const struct nfp_evidence *e, enum nfp_step s)
{
	return no(e, s, PF) && bcast(e, s, PF);
}

static bool excused(const struct nfp_evidence *e, enum nfp_step s)
{
	if (e->step[s].status != NFP_STATUS_SKIPPED || !e->step[s].skip_allowed)
		return false;
	if (s == NFP_STEP_ATTACH || s == NFP_STEP_DETACH || s == NFP_STEP_VF_FIRST_REWRITTEN)
		return true;
	return s >= NFP_STEP_REASSIGN && gone(e, NFP_STEP_CLEAR);
}

static enum nfp_step boot(const struct nfp_evidence *e)
{
	return excused(e, NFP_STEP_ATTACH) ? NFP_STEP_ASSIGN : NFP_STEP_ATTACH;
}

static bool rule_standby_untestable(const struct nfp_evidence *e)
{
	return gone(e, NFP_STEP_STANDBY) && !e->shows.outside;
}

static bool rule_standby(const struct nfp_evidence *e)
{
	return !yes(e, NFP_STEP_STANDBY, PF);
}

static bool rule_disturbed(const struct nfp_evidence *e)
{
	return e->drops || e->carrier_lost || e->changed || e->stopped ||
	       (e->promiscuous && e->style == NFP_STYLE_MACVTAP);
}

static bool rule_early(const struct nfp_evidence *e)
{
	/* An address that is assigned a second time must have been taken back before. */
	return gone(e, boot(e)) || (gone(e, NFP_STEP_REASSIGN) && yes(e, NFP_STEP_CLEAR, PF)) ||
	       gone(e, NFP_STEP_VF_FIRST);
}

static bool rule_refused(const struct nfp_evidence *e)
{
	return e->step[NFP_STEP_ASSIGN].status == NFP_STATUS_REFUSED && e->assign_refused_duplicate;
}

static bool rule_doubt(const struct nfp_evidence *e)
{
	const enum nfp_step at_pf[] = {boot(e),
				       NFP_STEP_UNPLUG,
				       NFP_STEP_DETACH,
				       NFP_STEP_CLEAR,
				       NFP_STEP_REASSIGN,
				       NFP_STEP_VF_FIRST,
				       NFP_STEP_VF_FIRST_UNPLUG,
				       NFP_STEP_VF_FIRST_CLEAR};
	const enum nfp_step at_vf[] = {NFP_STEP_UP, NFP_STEP_VF_FIRST_UP,
				       NFP_STEP_VF_FIRST_REWRITTEN, NFP_STEP_VF_FIRST_BACK};

	for (size_t i = 0; i < sizeof(at_pf) / sizeof(at_pf[0]); i++) {
		if (!excused(e, at_pf[i]) && !(known(e, at_pf[i]) && bcast(e, at_pf[i], PF)))
			return true;
	}
	for (size_t i = 0; i < sizeof(at_vf) / sizeof(at_vf[0]); i++) {
		if (!excused(e, at_vf[i]) && !(known(e, at_vf[i]) && bcast(e, at_vf[i], PF | VF)))
			return true;
		if (unshown(e, at_vf[i]))
			return true;
	}
	return false;
}

static bool vf_unserved(const struct nfp_evidence *e)
{
	return no(e, NFP_STEP_UP, VF) || no(e, NFP_STEP_VF_FIRST_UP, VF) ||
	       no(e, NFP_STEP_VF_FIRST_REWRITTEN, VF) || no(e, NFP_STEP_VF_FIRST_BACK, VF);
}

static bool rule_deaf(const struct nfp_evidence *e)
{
	return vf_unserved(e) &&
	       (yes(e, NFP_STEP_ALONE, VF) || e->step[NFP_STEP_UP].vf_heard ||
		e->step[NFP_STEP_ALONE].vf_heard || e->step[NFP_STEP_VF_FIRST_UP].vf_heard);
}

static bool rule_sticky(const struct nfp_evidence *e)
{
	return no(e, NFP_STEP_UNPLUG, PF) || no(e, NFP_STEP_DETACH, PF) ||
	       no(e, NFP_STEP_CLEAR, PF) || no(e, NFP_STEP_VF_FIRST_UNPLUG, PF) ||
	       no(e, NFP_STEP_VF_FIRST_CLEAR, PF);
}

static bool always(const struct nfp_evidence *e)
{
	(void)e;
	return true;
}

static const struct {
	bool (*holds)(const struct nfp_evidence *e);
	enum nfp_verdict verdict;
} rules[] = {
	{rule_standby_untestable, NFP_VERDICT_UNKNOWN},
	{rule_standby, NFP_VERDICT_UNKNOWN},
	{rule_disturbed, NFP_VERDICT_UNKNOWN},
	{rule_early, NFP_VERDICT_EARLY},
	{rule_refused, NFP_VERDICT_REFUSED},
	{rule_doubt, NFP_VERDICT_UNKNOWN},
	{rule_deaf, NFP_VERDICT_DEAF},
	{vf_unserved, NFP_VERDICT_UNKNOWN},
	{rule_sticky, NFP_VERDICT_STICKY},
	{always, NFP_VERDICT_SAFE},
};

static enum nfp_verdict oracle(const struct nfp_evidence *e)
{
	size_t i = 0;

	while (!rules[i].holds(e))
		i++;
	return rules[i].verdict;
}

static enum nfp_claim oracle_claim(const struct nfp_evidence *e)
{
	const enum nfp_step later[] = {boot(e), NFP_STEP_REASSIGN, NFP_STEP_VF_FIRST};

	if (rule_early(e))
		return NFP_CLAIM_ASSIGN;
	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
		bool taken_back = later[i] != NFP_STEP_REASSIGN || yes(e, NFP_STEP_CLEAR, PF);

		if (!(taken_back && yes(e, later[i], PF)) && !excused(e, later[i]))
			return NFP_CLAIM_UNKNOWN;
	}
	if (gone(e, NFP_STEP_ASSIGN))
		return NFP_CLAIM_ASSIGN_UNTIL_RESET;
	if (!yes(e, NFP_STEP_ASSIGN, PF))
		return NFP_CLAIM_UNKNOWN;
	if (!known(e, NFP_STEP_UP) || unshown(e, NFP_STEP_UP))
		return NFP_CLAIM_UNKNOWN;
	return yes(e, NFP_STEP_UP, VF) ? NFP_CLAIM_UP : NFP_CLAIM_NEVER;
}

/*
 * Forwards: the first step from which on all through clear is S. A candidate before which an
 * unknown lies cannot be told to be the earliest.
 */
static enum nfp_release oracle_release(const struct nfp_evidence *e)
{
	static const enum nfp_step steps[] = {NFP_STEP_UNPLUG, NFP_STEP_DETACH, NFP_STEP_CLEAR};
	static const enum nfp_release names[] = {NFP_RELEASE_UNPLUG, NFP_RELEASE_DETACH,
						 NFP_RELEASE_CLEAR};

	if (gone(e, NFP_STEP_CLEAR))
		return NFP_RELEASE_NEVER;
	for (size_t i = 0; i < 3; i++) {
		bool served = true, sure = true;

		if (excused(e, steps[i]))
			continue;
		for (size_t k = i; k < 3; k++) {
			if (excused(e, steps[k]))
				continue;
			served = served && !gone(e, steps[k]);
			sure = sure && yes(e, steps[k], PF);
		}
		if (served)
			return sure ? names[i] : NFP_RELEASE_UNKNOWN;
	}
	return NFP_RELEASE_NEVER;
}

/* ---- checks ---- */

static bool has_reason(const struct nfp_judgement *j)
{
	return j->why > NFP_WHY_NONE && j->why < NFP_WHY_COUNT;
}

/* Conditions that must hold whenever the answer is safe, stated without the rules. */
static void check_safe(const struct nfp_evidence *e, const struct nfp_judgement *j)
{
	static const enum nfp_step demanded[] = {NFP_STEP_STANDBY,	 NFP_STEP_UNPLUG,
						 NFP_STEP_CLEAR,	 NFP_STEP_REASSIGN,
						 NFP_STEP_VF_FIRST,	 NFP_STEP_VF_FIRST_UNPLUG,
						 NFP_STEP_VF_FIRST_CLEAR};

	for (size_t i = 0; i < sizeof(demanded) / sizeof(demanded[0]); i++)
		assert_true(yes(e, demanded[i], PF));
	assert_true(yes(e, NFP_STEP_ATTACH, PF) || yes(e, NFP_STEP_ASSIGN, PF));
	assert_true(yes(e, NFP_STEP_DETACH, PF) || excused(e, NFP_STEP_DETACH));
	assert_true(yes(e, NFP_STEP_UP, VF) && yes(e, NFP_STEP_VF_FIRST_UP, VF) &&
		    yes(e, NFP_STEP_VF_FIRST_BACK, VF));
	assert_true(yes(e, NFP_STEP_VF_FIRST_REWRITTEN, VF) ||
		    excused(e, NFP_STEP_VF_FIRST_REWRITTEN));
	assert_false(rule_disturbed(e));
	assert_int_not_equal(j->claim, NFP_CLAIM_ASSIGN);
	assert_int_not_equal(j->release, NFP_RELEASE_NEVER);
}

static void check(const struct nfp_evidence *e)
{
	struct nfp_judgement j;

	nfp_judge(e, &j);
	if (j.verdict != oracle(e) || j.claim != oracle_claim(e) ||
	    j.release != oracle_release(e)) {
		for (int s = 0; s < NFP_STEP_COUNT; s++)
			print_error("%-16s status %d leave %d unicast %d broadcast %d\n",
				    nfp_step_name((enum nfp_step)s), e->step[s].status,
				    e->step[s].skip_allowed, e->step[s].landing[0],
				    e->step[s].landing[1]);
	}
	assert_int_equal(j.verdict, oracle(e));
	assert_int_equal(j.claim, oracle_claim(e));
	assert_int_equal(j.release, oracle_release(e));
	assert_true(has_reason(&j));
	assert_int_equal(j.requires == 0,
			 j.verdict == NFP_VERDICT_SAFE || j.verdict == NFP_VERDICT_UNKNOWN);
	if (j.verdict == NFP_VERDICT_SAFE)
		check_safe(e, &j);
}

/* ---- tests ---- */

TEST(every_pair_of_steps)
{
	struct sight sights[MAX_SIGHTS];
	size_t n = all_sights(sights), step = LOT_STEP;
	struct nfp_evidence e;

	for (enum nfp_source_id from = 0; from < NFP_BY_COUNT; from++) {
		for (enum nfp_step a = 0; a < NFP_STEP_COUNT; a++) {
			for (enum nfp_step b = 0; b < a; b++) {
				make_fit(&e);
				e.shows = nfp_sources[from].shows;
				for (size_t i = 0; i < n * n; i += step) {
					put(&e, a, &sights[i / n]);
					put(&e, b, &sights[i % n]);
					check(&e);
				}
			}
		}
	}
}

TEST(every_triple_of_sorts)
{
	struct nfp_evidence e;

	for (enum nfp_step a = 1; a < NFP_STEP_COUNT; a++) {
		for (enum nfp_step b = 1; b < a; b++) {
			for (enum nfp_step c = 1; c < b; c++) {
				make_fit(&e);
				for (size_t i = 0; i < NUM_SORTS * NUM_SORTS * NUM_SORTS; i++) {
					put(&e, a, &sorts[i % NUM_SORTS]);
					put(&e, b, &sorts[i / NUM_SORTS % NUM_SORTS]);
					put(&e, c, &sorts[i / NUM_SORTS / NUM_SORTS]);
					check(&e);
				}
			}
		}
	}
}

/* The whole product over the steps that a rule names, of yes, no, unknown and missing. */
TEST(whole_product)
{
	static const enum nfp_step steps[] = {NFP_STEP_ATTACH,	    NFP_STEP_UP,
					      NFP_STEP_ALONE,	    NFP_STEP_UNPLUG,
					      NFP_STEP_DETACH,	    NFP_STEP_CLEAR,
					      NFP_STEP_REASSIGN,    NFP_STEP_VF_FIRST,
					      NFP_STEP_VF_FIRST_UP, NFP_STEP_VF_FIRST_UNPLUG};
	const size_t n = sizeof(steps) / sizeof(steps[0]);
	const uint32_t step = LOT_STEP;
	struct nfp_evidence e;

	make_fit(&e);
	for (uint32_t code = 0; code < UINT32_C(1) << (2 * n); code += step) {
		for (size_t i = 0; i < n; i++)
			put(&e, steps[i], &sorts[code >> (2 * i) & 3]); /* the first four */
		check(&e);
	}
}

TEST(every_disturbance)
{
	struct sight sights[MAX_SIGHTS];
	size_t n = all_sights(sights);
	struct nfp_evidence e;

	for (unsigned int flags = 0; flags < 128; flags++) {
		for (size_t i = 0; i < n * n; i++) {
			make_fit(&e);
			e.drops = flags & 1;
			e.carrier_lost = flags & 2;
			e.changed = flags & 4;
			e.stopped = flags & 8;
			e.assign_refused_duplicate = flags & 16;
			e.promiscuous = flags & 32;
			e.style = flags & 64 ? NFP_STYLE_BRIDGE : NFP_STYLE_MACVTAP;
			put(&e, NFP_STEP_STANDBY, &sights[i / n]);
			put(&e, NFP_STEP_ASSIGN, &sights[i % n]);
			check(&e);
			put(&e, NFP_STEP_STANDBY, &sorts[0]);
			put(&e, NFP_STEP_VF_FIRST, &sights[i / n]);
			check(&e);
		}
	}
}

TEST(values_out_of_range_are_unknown)
{
	struct nfp_judgement j;
	struct nfp_evidence e;

	make_fit(&e);
	e.step[NFP_STEP_UNPLUG].landing[NFP_KIND_UNICAST] = (enum nfp_landing)99;
	nfp_judge(&e, &j);
	assert_int_equal(j.verdict, NFP_VERDICT_UNKNOWN);
	make_fit(&e);
	e.step[NFP_STEP_UNPLUG].status = (enum nfp_status)99;
	nfp_judge(&e, &j);
	assert_int_equal(j.verdict, NFP_VERDICT_UNKNOWN);
	memset(&e, 0, sizeof(e));
	nfp_judge(&e, &j);
	assert_int_equal(j.verdict, NFP_VERDICT_UNKNOWN);
}

TEST_MAIN()
