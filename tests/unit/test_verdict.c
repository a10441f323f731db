// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The verdict against an oracle that is written from nfprobe(8) in another form: landings as sets
 * of receivers, rules as a list of predicates of which the first that holds answers.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "nfprobe/ladder.h"
#include "nfprobe/verdict.h"

/* ---- what may be seen in a step ---- */

struct class
{
	enum nfp_status status;
	bool leave;
	enum nfp_landing unicast, broadcast;
};

#define MAX_CLASSES 64

/* Every status, and for a step that was made every pair of landings. */
static size_t all_classes(struct class *classes)
{
	size_t n = 0;

	classes[n++] = (struct class) {.status = NFP_STATUS_SKIPPED};
	classes[n++] = (struct class) {.status = NFP_STATUS_SKIPPED, .leave = true};
	classes[n++] = (struct class) {.status = NFP_STATUS_REFUSED};
	for (enum nfp_landing u = 0; u < NFP_LANDING_COUNT; u++) {
		for (enum nfp_landing b = 0; b < NFP_LANDING_COUNT; b++)
			classes[n++] = (struct class) {NFP_STATUS_DONE, false, u, b};
	}
	return n;
}

/* One of each sort that the rules tell apart, for products. */
static const struct class sorts[] = {
	{NFP_STATUS_DONE, false, NFP_LANDING_PF, NFP_LANDING_BOTH},
	{NFP_STATUS_DONE, false, NFP_LANDING_VF, NFP_LANDING_BOTH},
	{NFP_STATUS_DONE, false, NFP_LANDING_BOTH, NFP_LANDING_BOTH},
	{NFP_STATUS_DONE, false, NFP_LANDING_NOWHERE, NFP_LANDING_PF},
	{NFP_STATUS_DONE, false, NFP_LANDING_NOWHERE, NFP_LANDING_NOWHERE},
	{NFP_STATUS_DONE, false, NFP_LANDING_VF, NFP_LANDING_VF},
	{NFP_STATUS_DONE, false, NFP_LANDING_MIXED, NFP_LANDING_PF},
	{NFP_STATUS_DONE, false, NFP_LANDING_PF, NFP_LANDING_MIXED},
	{NFP_STATUS_REFUSED, false, NFP_LANDING_NONE, NFP_LANDING_NONE},
	{NFP_STATUS_SKIPPED, false, NFP_LANDING_NONE, NFP_LANDING_NONE},
	{NFP_STATUS_SKIPPED, true, NFP_LANDING_NONE, NFP_LANDING_NONE},
};
#define NUM_SORTS (sizeof(sorts) / sizeof(sorts[0]))

static void put(struct nfp_evidence *e, enum nfp_step step, const struct class *class)
{
	e->step[step] = (struct nfp_observation) {
		.status = class->status,
		.leave = class->leave,
		.landing = {class->unicast, class->broadcast, NFP_LANDING_NOWHERE},
		.vf_heard = class->status == NFP_STATUS_DONE &&
			    (class->unicast == NFP_LANDING_VF ||
			     class->unicast == NFP_LANDING_BOTH ||
			     class->broadcast == NFP_LANDING_VF ||
			     class->broadcast == NFP_LANDING_BOTH),
	};
}

/* Every step fit; `alone` was not needed. */
static void make_fit(struct nfp_evidence *e)
{
	static const struct class at_pf = {NFP_STATUS_DONE, false, NFP_LANDING_PF, NFP_LANDING_PF};
	static const struct class at_vf = {NFP_STATUS_DONE, false, NFP_LANDING_VF,
					   NFP_LANDING_BOTH};
	static const struct class absent = {.status = NFP_STATUS_SKIPPED};

	*e = (struct nfp_evidence) {.source = NFP_SOURCE_WIRE};
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

static bool no(const struct nfp_evidence *e, enum nfp_step s, int at)
{
	return known(e, s) && !yes(e, s, at);
}

/* Not S although broadcast reached the PF. */
static bool gone(const struct nfp_evidence *e, enum nfp_step s)
{
	return no(e, s, PF) && bcast(e, s, PF);
}

static bool excused(const struct nfp_evidence *e, enum nfp_step s)
{
	if (e->step[s].status != NFP_STATUS_SKIPPED || !e->step[s].leave)
		return false;
	if (s == NFP_STEP_ATTACH || s == NFP_STEP_DETACH)
		return true;
	return s >= NFP_STEP_REASSIGN && gone(e, NFP_STEP_CLEAR);
}

static enum nfp_step boot(const struct nfp_evidence *e)
{
	return excused(e, NFP_STEP_ATTACH) ? NFP_STEP_ASSIGN : NFP_STEP_ATTACH;
}

static bool rule_standby_untestable(const struct nfp_evidence *e)
{
	return gone(e, NFP_STEP_STANDBY) && e->source != NFP_SOURCE_WIRE;
}

static bool rule_standby(const struct nfp_evidence *e)
{
	return !yes(e, NFP_STEP_STANDBY, PF);
}

static bool rule_disturbed(const struct nfp_evidence *e)
{
	return e->drops || e->carrier_lost || e->changed || e->stopped;
}

static bool rule_early(const struct nfp_evidence *e)
{
	return gone(e, boot(e)) || gone(e, NFP_STEP_REASSIGN) || gone(e, NFP_STEP_VF_FIRST);
}

static bool rule_refused(const struct nfp_evidence *e)
{
	return e->step[NFP_STEP_ASSIGN].status == NFP_STATUS_REFUSED && e->assign_refused_exist;
}

static bool rule_doubt(const struct nfp_evidence *e)
{
	const enum nfp_step at_pf[] = {
		boot(e),	   NFP_STEP_UNPLUG,   NFP_STEP_DETACH,	       NFP_STEP_CLEAR,
		NFP_STEP_REASSIGN, NFP_STEP_VF_FIRST, NFP_STEP_VF_FIRST_UNPLUG};
	const enum nfp_step at_vf[] = {NFP_STEP_UP, NFP_STEP_VF_FIRST_UP};

	for (size_t i = 0; i < sizeof(at_pf) / sizeof(at_pf[0]); i++) {
		if (!excused(e, at_pf[i]) && !(known(e, at_pf[i]) && bcast(e, at_pf[i], PF)))
			return true;
	}
	for (size_t i = 0; i < sizeof(at_vf) / sizeof(at_vf[0]); i++) {
		if (!excused(e, at_vf[i]) && !(known(e, at_vf[i]) && bcast(e, at_vf[i], PF | VF)))
			return true;
	}
	return false;
}

static bool vf_unserved(const struct nfp_evidence *e)
{
	return no(e, NFP_STEP_UP, VF) || no(e, NFP_STEP_VF_FIRST_UP, VF);
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
	       no(e, NFP_STEP_CLEAR, PF) || no(e, NFP_STEP_VF_FIRST_UNPLUG, PF);
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
	{rule_standby_untestable, NFP_VERDICT_UNTESTABLE},
	{rule_standby, NFP_VERDICT_INCONCLUSIVE},
	{rule_disturbed, NFP_VERDICT_INCONCLUSIVE},
	{rule_early, NFP_VERDICT_EARLY},
	{rule_refused, NFP_VERDICT_REFUSED},
	{rule_doubt, NFP_VERDICT_INCONCLUSIVE},
	{rule_deaf, NFP_VERDICT_DEAF},
	{vf_unserved, NFP_VERDICT_INCONCLUSIVE},
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
		if (!yes(e, later[i], PF) && !excused(e, later[i]))
			return NFP_CLAIM_UNKNOWN;
	}
	if (gone(e, NFP_STEP_ASSIGN))
		return NFP_CLAIM_ASSIGN_UNTIL_RESET;
	if (!yes(e, NFP_STEP_ASSIGN, PF))
		return NFP_CLAIM_UNKNOWN;
	if (gone(e, NFP_STEP_DRIVER))
		return NFP_CLAIM_DRIVER;
	if (!yes(e, NFP_STEP_DRIVER, PF) || !known(e, NFP_STEP_UP))
		return NFP_CLAIM_UNKNOWN;
	return yes(e, NFP_STEP_UP, VF) ? NFP_CLAIM_UP : NFP_CLAIM_NEVER;
}

/*
 * Forwards: the first step from which on all through clear is S. A candidate before which an
 * unknown lies cannot be told to be the earliest.
 */
static enum nfp_release oracle_release(const struct nfp_evidence *e)
{
	static const enum nfp_step steps[] = {NFP_STEP_DOWN, NFP_STEP_UNPLUG, NFP_STEP_DETACH,
					      NFP_STEP_CLEAR};
	static const enum nfp_release names[] = {NFP_RELEASE_DOWN, NFP_RELEASE_UNPLUG,
						 NFP_RELEASE_DETACH, NFP_RELEASE_CLEAR};

	if (gone(e, NFP_STEP_CLEAR))
		return NFP_RELEASE_NEVER;
	for (size_t i = 0; i < 4; i++) {
		bool served = true, sure = true;

		if (excused(e, steps[i]))
			continue;
		for (size_t k = i; k < 4; k++) {
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

/* What must hold whenever the answer is safe, said without the rules. */
static void check_safe(const struct nfp_evidence *e, const struct nfp_judgement *j)
{
	static const enum nfp_step demanded[] = {NFP_STEP_STANDBY,  NFP_STEP_UNPLUG,
						 NFP_STEP_CLEAR,    NFP_STEP_REASSIGN,
						 NFP_STEP_VF_FIRST, NFP_STEP_VF_FIRST_UNPLUG};

	for (size_t i = 0; i < sizeof(demanded) / sizeof(demanded[0]); i++)
		assert_true(yes(e, demanded[i], PF));
	assert_true(yes(e, NFP_STEP_ATTACH, PF) || yes(e, NFP_STEP_ASSIGN, PF));
	assert_true(yes(e, NFP_STEP_DETACH, PF) || excused(e, NFP_STEP_DETACH));
	assert_true(yes(e, NFP_STEP_UP, VF) && yes(e, NFP_STEP_VF_FIRST_UP, VF));
	assert_false(rule_disturbed(e));
	assert_int_equal(j->requires, 0);
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
				    e->step[s].leave, e->step[s].landing[0], e->step[s].landing[1]);
	}
	assert_int_equal(j.verdict, oracle(e));
	assert_int_equal(j.claim, oracle_claim(e));
	assert_int_equal(j.release, oracle_release(e));
	assert_true(has_reason(&j));
	if (j.verdict == NFP_VERDICT_SAFE)
		check_safe(e, &j);
	else if (j.verdict == NFP_VERDICT_INCONCLUSIVE || j.verdict == NFP_VERDICT_UNTESTABLE)
		assert_int_equal(j.requires, 0);
	else
		assert_int_not_equal(j.requires, 0);
}

/* ---- tests ---- */

static void every_pair_of_steps(void **state)
{
	struct class classes[MAX_CLASSES];
	size_t n = all_classes(classes);
	struct nfp_evidence e;

	(void)state;
	for (enum nfp_source from = 0; from < NFP_SOURCE_COUNT; from++) {
		for (enum nfp_step a = 0; a < NFP_STEP_COUNT; a++) {
			for (enum nfp_step b = 0; b < a; b++) {
				make_fit(&e);
				e.source = from;
				for (size_t i = 0; i < n * n; i++) {
					put(&e, a, &classes[i / n]);
					put(&e, b, &classes[i % n]);
					check(&e);
				}
			}
		}
	}
}

static void every_triple_of_sorts(void **state)
{
	struct nfp_evidence e;

	(void)state;
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
static void whole_product(void **state)
{
	static const enum nfp_step steps[] = {NFP_STEP_ATTACH,	    NFP_STEP_UP,
					      NFP_STEP_ALONE,	    NFP_STEP_UNPLUG,
					      NFP_STEP_DETACH,	    NFP_STEP_CLEAR,
					      NFP_STEP_REASSIGN,    NFP_STEP_VF_FIRST,
					      NFP_STEP_VF_FIRST_UP, NFP_STEP_VF_FIRST_UNPLUG};
	static const struct class four[] = {
		{NFP_STATUS_DONE, false, NFP_LANDING_PF, NFP_LANDING_BOTH},
		{NFP_STATUS_DONE, false, NFP_LANDING_VF, NFP_LANDING_BOTH},
		{NFP_STATUS_DONE, false, NFP_LANDING_MIXED, NFP_LANDING_BOTH},
		{NFP_STATUS_SKIPPED, true, NFP_LANDING_NONE, NFP_LANDING_NONE},
	};
	const size_t n = sizeof(steps) / sizeof(steps[0]);
	struct nfp_evidence e;

	(void)state;
	make_fit(&e);
	for (uint32_t code = 0; code < UINT32_C(1) << (2 * n); code++) {
		for (size_t i = 0; i < n; i++)
			put(&e, steps[i], &four[code >> (2 * i) & 3]);
		check(&e);
	}
}

static void every_disturbance(void **state)
{
	struct class classes[MAX_CLASSES];
	size_t n = all_classes(classes);
	struct nfp_evidence e;

	(void)state;
	for (unsigned int flags = 0; flags < 32; flags++) {
		for (size_t i = 0; i < n * n; i++) {
			make_fit(&e);
			e.drops = flags & 1;
			e.carrier_lost = flags & 2;
			e.changed = flags & 4;
			e.stopped = flags & 8;
			e.assign_refused_exist = flags & 16;
			put(&e, NFP_STEP_STANDBY, &classes[i / n]);
			put(&e, NFP_STEP_ASSIGN, &classes[i % n]);
			check(&e);
			put(&e, NFP_STEP_STANDBY, &sorts[0]);
			put(&e, NFP_STEP_VF_FIRST, &classes[i / n]);
			check(&e);
		}
	}
}

/* From safe, any one demanded step that is seen otherwise is the end of safe. */
static void one_step_ends_safe(void **state)
{
	struct class classes[MAX_CLASSES];
	size_t n = all_classes(classes);
	struct nfp_judgement j;
	struct nfp_evidence e;

	(void)state;
	make_fit(&e);
	nfp_judge(&e, &j);
	assert_int_equal(j.verdict, NFP_VERDICT_SAFE);
	for (enum nfp_step s = 0; s < NFP_STEP_COUNT; s++) {
		int want = nfp_ladder[s].fit == NFP_FIT_VF ? VF : PF;

		if (!nfp_ladder[s].decides && s != NFP_STEP_STANDBY)
			continue;
		for (size_t i = 0; i < n; i++) {
			make_fit(&e);
			put(&e, s, &classes[i]);
			nfp_judge(&e, &j);
			assert_int_equal(j.verdict == NFP_VERDICT_SAFE,
					 yes(&e, s, want) || excused(&e, s));
		}
	}
}

static void values_out_of_range_are_unknown(void **state)
{
	struct nfp_judgement j;
	struct nfp_evidence e;

	(void)state;
	make_fit(&e);
	e.step[NFP_STEP_UNPLUG].landing[NFP_KIND_UNICAST] = (enum nfp_landing)99;
	nfp_judge(&e, &j);
	assert_int_equal(j.verdict, NFP_VERDICT_INCONCLUSIVE);
	make_fit(&e);
	e.step[NFP_STEP_UNPLUG].status = (enum nfp_status)99;
	nfp_judge(&e, &j);
	assert_int_equal(j.verdict, NFP_VERDICT_INCONCLUSIVE);
	memset(&e, 0, sizeof(e));
	nfp_judge(&e, &j);
	assert_int_equal(j.verdict, NFP_VERDICT_INCONCLUSIVE);
}

/* ---- rows as people write them: one letter a step ---- */

/* P pf, V vf, B both, - nowhere, m mixed, r refused, s skipped, l skipped with leave. */
static void read_row(struct nfp_evidence *e, const char *row)
{
	static const char letters[] = "?PVB-m";

	*e = (struct nfp_evidence) {.source = NFP_SOURCE_WIRE};
	for (enum nfp_step s = 0; s < NFP_STEP_COUNT; s++) {
		const char *letter = strchr(letters, row[s]);
		struct class class = {.status = NFP_STATUS_SKIPPED, .leave = row[s] == 'l'};

		if (letter)
			class = (struct class) {NFP_STATUS_DONE, false,
						(enum nfp_landing)(letter - letters),
						nfp_ladder[s].fit == NFP_FIT_VF ? NFP_LANDING_BOTH
										: NFP_LANDING_PF};
		else if (row[s] == 'r')
			class.status = NFP_STATUS_REFUSED;
		put(e, s, &class);
	}
}

#define R(name) NFP_REQ_BIT(NFP_REQ_##name)

/* control standby assign attach driver up alone down unplug detach clear reassign vf-first -up
 * -unplug */
static const struct {
	const char *row;
	enum nfp_verdict verdict;
	enum nfp_claim claim;
	enum nfp_release release;
	enum nfp_delivery delivery;
	uint32_t requires;
} rows[] = {
	/* Measured: igb with macvtap; with a bridge; with a bridge after the PF was set up anew. */
	{"PPPPPBsPPPPPPBP", NFP_VERDICT_SAFE, NFP_CLAIM_UP, NFP_RELEASE_DOWN, NFP_DELIVERY_BOTH, 0},
	{"PP---Vs---P--V-", NFP_VERDICT_EARLY, NFP_CLAIM_ASSIGN, NFP_RELEASE_CLEAR, NFP_DELIVERY_VF,
	 R(ASSIGN_AT_HOTPLUG) | R(CLEAR_AT_UNPLUG)},
	{"PPP--Vs---P--V-", NFP_VERDICT_EARLY, NFP_CLAIM_ASSIGN, NFP_RELEASE_CLEAR, NFP_DELIVERY_VF,
	 R(ASSIGN_AT_HOTPLUG) | R(CLEAR_AT_UNPLUG)},
	/* The VF takes the address when it is up, and gives it back. */
	{"-PPPPVsPPPPPPVP", NFP_VERDICT_SAFE, NFP_CLAIM_UP, NFP_RELEASE_DOWN, NFP_DELIVERY_VF, 0},
	/* Only until the reset. */
	{"-P-PPVsPPPPPPVP", NFP_VERDICT_SAFE, NFP_CLAIM_ASSIGN_UNTIL_RESET, NFP_RELEASE_DOWN,
	 NFP_DELIVERY_VF, 0},
	{"-PPP-Vs-PPPPPVP", NFP_VERDICT_SAFE, NFP_CLAIM_DRIVER, NFP_RELEASE_UNPLUG, NFP_DELIVERY_VF,
	 0},
	/* Without a reset, assign is the state in which the guest boots. */
	{"-P-l-Vs--lP--V-", NFP_VERDICT_EARLY, NFP_CLAIM_ASSIGN, NFP_RELEASE_CLEAR, NFP_DELIVERY_VF,
	 R(ASSIGN_AT_HOTPLUG) | R(CLEAR_AT_UNPLUG)},
	{"-PPlPVsPPlPPPVP", NFP_VERDICT_SAFE, NFP_CLAIM_UP, NFP_RELEASE_DOWN, NFP_DELIVERY_VF, 0},
	{"-PrlPVsPPlPPPVP", NFP_VERDICT_INCONCLUSIVE, NFP_CLAIM_UNKNOWN, NFP_RELEASE_DOWN,
	 NFP_DELIVERY_VF, 0},
	/* Sticky: until the reset, until cleared, for ever. */
	{"-PPPPVs--PPPPV-", NFP_VERDICT_STICKY, NFP_CLAIM_UP, NFP_RELEASE_DETACH, NFP_DELIVERY_VF,
	 R(DETACH_BEFORE_MIGRATION)},
	{"-PPPPVs---PPPV-", NFP_VERDICT_STICKY, NFP_CLAIM_UP, NFP_RELEASE_CLEAR, NFP_DELIVERY_VF,
	 R(CLEAR_AT_UNPLUG)},
	{"-PPPPVs----llll", NFP_VERDICT_STICKY, NFP_CLAIM_UP, NFP_RELEASE_NEVER, NFP_DELIVERY_VF,
	 R(DO_NOT_USE)},
	{"-PPPPVsPPPPPPV-", NFP_VERDICT_STICKY, NFP_CLAIM_UP, NFP_RELEASE_DOWN, NFP_DELIVERY_VF,
	 R(CLEAR_AT_UNPLUG)},
	/* What is served after unplug may be lost again later: never safe. */
	{"-PPPPVsPP-PPPVP", NFP_VERDICT_STICKY, NFP_CLAIM_UP, NFP_RELEASE_CLEAR, NFP_DELIVERY_VF,
	 R(CLEAR_AT_UNPLUG)},
	{"-PPPPVsPPP-lPVP", NFP_VERDICT_STICKY, NFP_CLAIM_UP, NFP_RELEASE_NEVER, NFP_DELIVERY_VF,
	 R(DO_NOT_USE)},
	/* Early, and the address never comes back. */
	{"-P---Vs----l-V-", NFP_VERDICT_EARLY, NFP_CLAIM_ASSIGN, NFP_RELEASE_NEVER, NFP_DELIVERY_VF,
	 R(ASSIGN_AT_HOTPLUG) | R(DO_NOT_USE)},
	/* Early only for an address that the PF had first. */
	{"-P---Vs---P-PVP", NFP_VERDICT_EARLY, NFP_CLAIM_ASSIGN, NFP_RELEASE_CLEAR, NFP_DELIVERY_VF,
	 R(ASSIGN_BEFORE_STANDBY) | R(CLEAR_AT_UNPLUG)},
	/* Early only for the second guest; only when the VF is first. */
	{"-PPPPVs--PP-PVP", NFP_VERDICT_EARLY, NFP_CLAIM_ASSIGN, NFP_RELEASE_DETACH,
	 NFP_DELIVERY_VF, R(ASSIGN_BEFORE_STANDBY) | R(DETACH_BEFORE_MIGRATION)},
	{"-PPPPVsPPPPP-V-", NFP_VERDICT_EARLY, NFP_CLAIM_ASSIGN, NFP_RELEASE_DOWN, NFP_DELIVERY_VF,
	 R(ASSIGN_AT_HOTPLUG)},
	/* The PF wins as long as it holds the address. */
	{"-PPPPPVPPPPPPPP", NFP_VERDICT_DEAF, NFP_CLAIM_NEVER, NFP_RELEASE_DOWN, NFP_DELIVERY_NONE,
	 R(RELEASE_STANDBY_WHEN_UP)},
	{"-PPPPP-PPPPPPPP", NFP_VERDICT_DEAF, NFP_CLAIM_NEVER, NFP_RELEASE_DOWN, NFP_DELIVERY_NONE,
	 R(DO_NOT_USE)},
	/* Mixed and refused. */
	{"-PPPPVsPmPPPPVP", NFP_VERDICT_INCONCLUSIVE, NFP_CLAIM_UP, NFP_RELEASE_UNKNOWN,
	 NFP_DELIVERY_VF, 0},
	{"-PPPPmsPPPPPPVP", NFP_VERDICT_INCONCLUSIVE, NFP_CLAIM_UNKNOWN, NFP_RELEASE_DOWN,
	 NFP_DELIVERY_NONE, 0},
	{"-PmPPVsmPPPPPVP", NFP_VERDICT_SAFE, NFP_CLAIM_UNKNOWN, NFP_RELEASE_UNKNOWN,
	 NFP_DELIVERY_VF, 0},
	{"-Prsssssssss-V-", NFP_VERDICT_EARLY, NFP_CLAIM_ASSIGN, NFP_RELEASE_UNKNOWN,
	 NFP_DELIVERY_NONE, R(ASSIGN_AT_HOTPLUG)},
	{"-PrsssssssssPVP", NFP_VERDICT_INCONCLUSIVE, NFP_CLAIM_UNKNOWN, NFP_RELEASE_UNKNOWN,
	 NFP_DELIVERY_NONE, 0},
	{"-mPPPVsPPPPPPVP", NFP_VERDICT_INCONCLUSIVE, NFP_CLAIM_UP, NFP_RELEASE_DOWN,
	 NFP_DELIVERY_VF, 0},
	{"-rsssssssssssss", NFP_VERDICT_INCONCLUSIVE, NFP_CLAIM_UNKNOWN, NFP_RELEASE_UNKNOWN,
	 NFP_DELIVERY_NONE, 0},
};

static void known_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nfp_judgement j;
		struct nfp_evidence e;

		read_row(&e, rows[i].row);
		nfp_judge(&e, &j);
		if (j.verdict != rows[i].verdict || j.requires != rows[i].requires)
			print_error("row %s: %s, requires %x\n", rows[i].row,
				    nfp_verdict_name(j.verdict), j.requires);
		assert_int_equal(j.verdict, rows[i].verdict);
		assert_int_equal(j.claim, rows[i].claim);
		assert_int_equal(j.release, rows[i].release);
		assert_int_equal(j.delivery, rows[i].delivery);
		assert_int_equal(j.requires, rows[i].requires);
	}
}

static void refused_while_held(void **state)
{
	static const struct {
		const char *row;
		enum nfp_verdict verdict;
		uint32_t requires;
	} cases[] = {
		{"-PrsssssssssPVP", NFP_VERDICT_REFUSED, R(ASSIGN_BEFORE_STANDBY)},
		{"-Prsssssssssmss", NFP_VERDICT_REFUSED, R(ASSIGN_BEFORE_STANDBY)},
		{"-Prsssssssssrss", NFP_VERDICT_REFUSED, R(DO_NOT_USE)},
		{"-Prsssssssss-V-", NFP_VERDICT_EARLY,
		 R(ASSIGN_BEFORE_STANDBY) | R(ASSIGN_AT_HOTPLUG)},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nfp_judgement j;
		struct nfp_evidence e;

		read_row(&e, cases[i].row);
		e.assign_refused_exist = true;
		nfp_judge(&e, &j);
		assert_int_equal(j.verdict, cases[i].verdict);
		assert_int_equal(j.requires, cases[i].requires);
	}
}

/* ---- evidence, VFs, the run ---- */

static void add_step(struct nfp_style_result *style, enum nfp_step step, enum nfp_status status)
{
	style->steps[style->num_steps++] = (struct nfp_step_result) {
		.step = step,
		.status = status,
		.landing = {NFP_LANDING_PF, NFP_LANDING_BOTH, NFP_LANDING_NOWHERE},
	};
}

static void evidence_comes_from_the_steps(void **state)
{
	struct nfp_style_result style = {.style = NFP_STYLE_PROMISC, .stopped = true};
	struct nfp_evidence e;

	(void)state;
	add_step(&style, NFP_STEP_STANDBY, NFP_STATUS_DONE);
	add_step(&style, NFP_STEP_ASSIGN, NFP_STATUS_REFUSED);
	style.steps[1].errnum = EEXIST;
	style.steps[1].drops = 3;
	add_step(&style, NFP_STEP_ATTACH, NFP_STATUS_SKIPPED);
	style.steps[2].leave = true;
	add_step(&style, NFP_STEP_UP, NFP_STATUS_DONE);
	style.steps[3].unsettled = true;
	style.steps[3].count[NFP_KIND_STRANGER].at[NFP_AT_VF] = 1;
	style.steps[3].carrier_lost = true;
	nfp_evidence_of(&style, NFP_SOURCE_VF, &e);
	assert_true(e.stopped && e.drops && e.carrier_lost && !e.changed);
	assert_true(e.assign_refused_exist);
	assert_int_equal(e.source, NFP_SOURCE_VF);
	assert_int_equal(e.style, NFP_STYLE_PROMISC);
	assert_true(e.step[NFP_STEP_ATTACH].leave);
	assert_int_equal(e.step[NFP_STEP_STANDBY].landing[NFP_KIND_BROADCAST], NFP_LANDING_BOTH);
	assert_int_equal(e.step[NFP_STEP_UP].landing[NFP_KIND_UNICAST], NFP_LANDING_MIXED);
	assert_true(e.step[NFP_STEP_UP].vf_heard);
	assert_false(e.step[NFP_STEP_STANDBY].vf_heard);
	assert_int_equal(e.step[NFP_STEP_CLEAR].status, NFP_STATUS_SKIPPED);
}

/* Expected verdict of a VF, said as a list from worst to best. */
static enum nfp_verdict worst_of(const enum nfp_verdict v[2], const bool allowed[2])
{
	static const enum nfp_verdict worst_first[] = {NFP_VERDICT_EARLY, NFP_VERDICT_REFUSED,
						       NFP_VERDICT_DEAF, NFP_VERDICT_STICKY};
	bool any = false, doubt = false;

	for (size_t w = 0; w < 4; w++) {
		for (size_t i = 0; i < 2; i++) {
			if (v[i] == worst_first[w] && !allowed[i])
				return worst_first[w];
		}
	}
	for (size_t i = 0; i < 2; i++) {
		any |= v[i] != NFP_VERDICT_NOT_APPLICABLE;
		doubt |= v[i] == NFP_VERDICT_INCONCLUSIVE ||
			 (v[i] == NFP_VERDICT_UNTESTABLE && !allowed[i]);
	}
	return !any || doubt ? NFP_VERDICT_INCONCLUSIVE : NFP_VERDICT_SAFE;
}

static void worst_style_is_the_vf(void **state)
{
	(void)state;
	for (unsigned int code = 0; code < 4U * NFP_VERDICT_COUNT * NFP_VERDICT_COUNT; code++) {
		enum nfp_verdict v[2] = {code / 4 % NFP_VERDICT_COUNT,
					 code / 4 / NFP_VERDICT_COUNT};
		bool allowed[2] = {code & 1, code & 2};
		struct nfp_vf_result vf = {.num_styles = 2};
		bool filter_better = v[0] == NFP_VERDICT_SAFE && v[1] != NFP_VERDICT_SAFE &&
				     v[1] != NFP_VERDICT_NOT_APPLICABLE;

		for (unsigned int i = 0; i < 2; i++)
			vf.styles[i] = (struct nfp_style_result) {.style = (enum nfp_style)i,
								  .verdict = v[i],
								  .allowed = allowed[i],
								  .requires = 8U << i};
		nfp_judge_vf(&vf);
		assert_int_equal(vf.verdict, worst_of(v, allowed));
		assert_int_equal(vf.requires & 24U, 24U);
		assert_int_equal((vf.requires & R(USE_FILTER_STANDBY)) != 0, filter_better);
	}
}

static void worst_vf_is_the_run(void **state)
{
	struct nfp_vf_result vfs[] = {
		{.status = NFP_VF_IN_USE, .verdict = NFP_VERDICT_EARLY},
		{.status = NFP_VF_PROBED, .verdict = NFP_VERDICT_SAFE},
		{.status = NFP_VF_PROBED, .verdict = NFP_VERDICT_STICKY},
		{.status = NFP_VF_FAILED, .verdict = NFP_VERDICT_SAFE},
	};
	struct nfp_result result = {.vfs = vfs, .num_vfs = 4};

	(void)state;
	assert_int_equal(nfp_judge_run(&result), NFP_VERDICT_STICKY);
	result.num_vfs = 2;
	assert_int_equal(nfp_judge_run(&result), NFP_VERDICT_SAFE);
	result.num_vfs = 1;
	assert_int_equal(nfp_judge_run(&result), NFP_VERDICT_INCONCLUSIVE);
	result.num_vfs = 0;
	assert_int_equal(nfp_judge_run(&result), NFP_VERDICT_INCONCLUSIVE);
	result.vfs = vfs + 3;
	result.num_vfs = 1;
	assert_int_equal(nfp_judge_run(&result), NFP_VERDICT_INCONCLUSIVE);
}

static void exit_status(void **state)
{
	static const int status[NFP_VERDICT_COUNT] = {
		[NFP_VERDICT_EARLY] = 1,	[NFP_VERDICT_REFUSED] = 1,
		[NFP_VERDICT_DEAF] = 1,		[NFP_VERDICT_STICKY] = 1,
		[NFP_VERDICT_INCONCLUSIVE] = 3, [NFP_VERDICT_UNTESTABLE] = 3,
		[NFP_VERDICT_SAFE] = 0,		[NFP_VERDICT_NOT_APPLICABLE] = 3,
	};

	(void)state;
	for (enum nfp_verdict v = 0; v < NFP_VERDICT_COUNT; v++)
		assert_int_equal(nfp_verdict_exit(v), status[v]);
}

/* ---- words ---- */

static void every_reason_has_words(void **state)
{
	struct nfp_style_result style = {.style = NFP_STYLE_PROMISC};
	char text[NFP_REASON];

	(void)state;
	for (enum nfp_step s = 0; s < NFP_STEP_COUNT; s++)
		add_step(&style, s, NFP_STATUS_DONE);
	for (enum nfp_reason why = NFP_WHY_NONE + 1; why < NFP_WHY_COUNT; why++) {
		for (enum nfp_step s = 0; s <= NFP_STEP_COUNT; s++) {
			for (enum nfp_release r = 0; r < NFP_RELEASE_COUNT; r++) {
				struct nfp_judgement j = {.why = why, .step = s, .release = r};

				memset(text, 'x', sizeof(text));
				nfp_reason_text(&j, &style, "eth0", 3, text, sizeof(text));
				/* Whole sentences: nothing was cut. */
				assert_true(strlen(text) < sizeof(text) - 1);
				assert_true(why == NFP_WHY_SAFE || strlen(text) > 20);
				assert_null(strstr(text, "(null)"));
			}
		}
	}
}

static void long_notes_are_cut_not_overrun(void **state)
{
	struct nfp_judgement j = {.why = NFP_WHY_STEP_REFUSED, .step = NFP_STEP_ASSIGN};
	struct nfp_style_result style = {0};
	char text[64];

	(void)state;
	add_step(&style, NFP_STEP_ASSIGN, NFP_STATUS_REFUSED);
	memset(style.steps[0].note, 'n', sizeof(style.steps[0].note) - 1);
	nfp_reason_text(&j, &style, "eth0", 3, text, sizeof(text));
	assert_int_equal(strlen(text), sizeof(text) - 1);
}

static void words_name_what_matters(void **state)
{
	struct nfp_judgement j = {
		.why = NFP_WHY_CLAIM, .step = NFP_STEP_ATTACH, .release = NFP_RELEASE_CLEAR};
	struct nfp_style_result style = {.style = NFP_STYLE_PROMISC};
	char text[NFP_REASON];

	(void)state;
	add_step(&style, NFP_STEP_ATTACH, NFP_STATUS_DONE);
	nfp_reason_text(&j, &style, "eth0", 3, text, sizeof(text));
	assert_string_equal(text, "eth0 gives the address to VF 3 as soon as it is assigned, and "
				  "keeps it until it is cleared");
	j.why = NFP_WHY_SAFE_BOTH;
	nfp_reason_text(&j, &style, "eth0", 3, text, sizeof(text));
	assert_string_equal(text, "while the VF is up the standby gets a copy of every frame; the "
				  "guest drops it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_of_steps),
		cmocka_unit_test(every_triple_of_sorts),
		cmocka_unit_test(whole_product),
		cmocka_unit_test(every_disturbance),
		cmocka_unit_test(one_step_ends_safe),
		cmocka_unit_test(values_out_of_range_are_unknown),
		cmocka_unit_test(known_rows),
		cmocka_unit_test(refused_while_held),
		cmocka_unit_test(evidence_comes_from_the_steps),
		cmocka_unit_test(worst_style_is_the_vf),
		cmocka_unit_test(worst_vf_is_the_run),
		cmocka_unit_test(exit_status),
		cmocka_unit_test(every_reason_has_words),
		cmocka_unit_test(long_notes_are_cut_not_overrun),
		cmocka_unit_test(words_name_what_matters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
