// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The verdict of all that can be seen in two steps, and of more, against the definitions of
 * nfprobe-verdicts(7) as the truth about NICs in memory has them (memnic/rules.c).
 */
#include <errno.h>

#include "harness.h"
#include "memnic/truth_priv.h"
#include "verdict/result.h"
#include "verdict/verdict.h"
#include "unit/sight.h"
#include "../../src/verdict/judge.h"

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

	*e = (struct nfp_evidence) {.shows = nfp_sources[NFP_SOURCE_NETDEV].shows};
	for (enum nfp_step s = 0; s < NFP_STEP_COUNT; s++)
		put(e, s, nfp_ladder[s].expected == NFP_EXPECTED_VF ? &at_vf : &at_pf);
	put(e, NFP_STEP_ALONE, &absent);
}

/* ---- what the definitions say of it ---- */

/* Bits of receivers; -1 where they are not known. */
static int set_of(const struct nfp_observation *o, enum nfp_kind kind)
{
	static const int sets[NFP_LANDING_COUNT] = {-1, PF_BIT, VF_BIT, PF_BIT | VF_BIT, 0, -1};

	return o->status == NFP_STATUS_DONE ? sets[o->landing[kind]] : -1;
}

static void see(const struct nfp_observation *o, enum nfp_kind kind, struct truth_state *state)
{
	int set = set_of(o, kind);

	if (set < 0)
		state->unclear |= 1U << kind;
	else
		state->reach[kind] = (unsigned int)set;
}

/* Broadcast that a source need not bring to the VF proves nothing by its absence. */
static bool is_unshown(const struct nfp_evidence *e, const struct truth_state *state)
{
	return !e->shows.vf_broadcast && (state->reach[NFP_KIND_UNICAST] & VF_BIT) &&
	       !(state->reach[NFP_KIND_BROADCAST] & VF_BIT);
}

/* May the step be missing? @states: those before it. */
static bool may_leave(const struct truth_state *states, enum nfp_step step)
{
	return step == NFP_STEP_ATTACH || step == NFP_STEP_DETACH ||
	       step == NFP_STEP_VF_FIRST_REWRITTEN ||
	       (step >= NFP_STEP_VF_FIRST && truth_fits(states, NFP_STEP_CLEAR, false) == NFP_NO);
}

static void states_of(const struct nfp_evidence *e, struct truth_state states[NFP_STEP_COUNT])
{
	memset(states, 0, NFP_STEP_COUNT * sizeof(*states));
	for (enum nfp_step s = 0; s < NFP_STEP_COUNT; s++) {
		const struct nfp_observation *o = &e->step[s];
		struct truth_state *state = &states[s];

		state->status = o->status;
		state->vf_heard = o->vf_heard;
		state->leave = o->status == NFP_STATUS_SKIPPED && o->skip_allowed &&
			       may_leave(states, s);
		see(o, NFP_KIND_UNICAST, state);
		see(o, NFP_KIND_BROADCAST, state);
		if (truth_life[s].hearer == VF_BIT && is_unshown(e, state))
			state->unclear |= 1U << NFP_KIND_BROADCAST;
	}
	if (e->assign_refused_duplicate)
		states[NFP_STEP_ASSIGN].errnum = EEXIST;
}

static bool is_disturbed(const struct nfp_evidence *e)
{
	return e->drops || e->carrier_lost || e->changed || e->stopped ||
	       (e->promiscuous && e->style == NFP_STYLE_MACVTAP);
}

/* ---- checks ---- */

static bool has_reason(const struct nfp_judgement *j)
{
	return j->why > NFP_WHY_NONE && j->why < NFP_WHY_COUNT;
}

/* Conditions that must hold whenever the answer is safe, stated without the rules. */
static void check_safe(const struct truth_state states[NFP_STEP_COUNT],
		       const struct nfp_judgement *j)
{
	for (enum nfp_step s = NFP_STEP_STANDBY; s < NFP_STEP_COUNT; s++) {
		if (truth_life[s].decides && !states[s].leave)
			assert_int_equal(truth_fits(states, s, false), NFP_YES);
	}
	assert_int_equal(truth_fits(states, NFP_STEP_STANDBY, false), NFP_YES);
	assert_true(!states[NFP_STEP_ATTACH].leave ||
		    truth_fits(states, NFP_STEP_ASSIGN, false) == NFP_YES);
	assert_int_not_equal(j->claim, NFP_CLAIM_ASSIGN);
	assert_int_not_equal(j->release, NFP_RELEASE_NEVER);
}

static void check(const struct nfp_evidence *e)
{
	struct truth_state states[NFP_STEP_COUNT];
	struct truth_answer said;
	struct nfp_judgement j;

	states_of(e, states);
	truth_judge(states, &said);
	if (is_disturbed(e))
		said.verdict = NFP_VERDICT_UNKNOWN;
	nfp_judge(e, &j);
	if (j.verdict != said.verdict || j.claim != said.claim || j.release != said.release) {
		for (int s = 0; s < NFP_STEP_COUNT; s++)
			print_error("%-16s status %d leave %d unicast %d broadcast %d\n",
				    nfp_step_name((enum nfp_step)s), e->step[s].status,
				    e->step[s].skip_allowed, e->step[s].landing[0],
				    e->step[s].landing[1]);
	}
	assert_int_equal(j.verdict, said.verdict);
	assert_int_equal(j.claim, said.claim);
	assert_int_equal(j.release, said.release);
	assert_true(has_reason(&j));
	assert_int_equal(j.requires == 0,
			 j.verdict == NFP_VERDICT_SAFE || j.verdict == NFP_VERDICT_UNKNOWN);
	if (j.verdict == NFP_VERDICT_SAFE)
		check_safe(states, &j);
}

/* ---- tests ---- */

TEST(every_pair_of_steps)
{
	struct sight sights[MAX_SIGHTS];
	size_t n = all_sights(sights), step = LOT_STEP;
	struct nfp_evidence e;

	for (enum nfp_source_id from = 0; from < NFP_SOURCE_COUNT; from++) {
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
	static const enum nfp_step steps[] = {
		NFP_STEP_ATTACH,   NFP_STEP_UP,		 NFP_STEP_ALONE,
		NFP_STEP_UNPLUG,   NFP_STEP_DETACH,	 NFP_STEP_CLEAR,
		NFP_STEP_VF_FIRST, NFP_STEP_VF_FIRST_UP, NFP_STEP_VF_FIRST_UNPLUG};
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

/* Of a guest that is lost in one state, and of all that a manager may do. */
TEST(every_requirement_takes_a_guest_past_the_states_that_it_says)
{
	struct nfp_style_result style = {.style = NFP_STYLE_MACVTAP};
	unsigned int spared = 0;

	for (enum nfp_step s = 0; s < NFP_STEP_COUNT; s++) {
		style.steps[s] = (struct nfp_step_result) {.step = s};
		style.steps[s].w.status = NFP_STATUS_DONE;
		style.steps[s].w.answer = NFP_YES;
	}
	style.num_steps = NFP_STEP_COUNT;
	for (uint32_t requires = 0; requires < NFP_REQ_BIT(NFP_REQ_DO_NOT_USE); requires++) {
		style.requires = requires;
		for (enum nfp_step s = 0; s < NFP_STEP_COUNT; s++) {
			if (!truth_life[s].decides)
				continue;
			style.steps[s].w.answer = NFP_NO;
			spared += truth_spares(requires, s);
			assert_int_equal(nfp_requirements_serve(&style),
					 truth_spares(requires, s) ? NFP_YES : NFP_NO);
			style.steps[s].w.answer = NFP_YES;
		}
	}
	assert_true(spared > 0);
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
