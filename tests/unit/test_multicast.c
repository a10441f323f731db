// SPDX-License-Identifier: GPL-2.0-or-later
/* Multicast: its share in a verdict, and the verdicts that it never changes. */
#include "harness.h"
#include "nfprobe/verdict.h"

static enum nfp_landing without(enum nfp_landing landing, enum nfp_receiver at)
{
	enum nfp_landing alone = at == NFP_AT_PF ? NFP_LANDING_PF : NFP_LANDING_VF;

	if (landing == NFP_LANDING_BOTH)
		return at == NFP_AT_PF ? NFP_LANDING_VF : NFP_LANDING_PF;
	return landing == alone ? NFP_LANDING_NOWHERE : landing;
}

static bool is_clear(enum nfp_landing landing)
{
	return landing != NFP_LANDING_NONE && landing != NFP_LANDING_MIXED;
}

static bool is_at(enum nfp_landing landing, enum nfp_receiver at)
{
	return is_clear(landing) && without(landing, at) != landing;
}

static void set(struct nfp_evidence *e, enum nfp_step step, enum nfp_landing unicast,
		enum nfp_landing broadcast, enum nfp_landing multicast)
{
	e->step[step] = (struct nfp_observation) {
		.status = NFP_STATUS_DONE,
		.landing = {[NFP_KIND_UNICAST] = unicast,
			    [NFP_KIND_BROADCAST] = broadcast,
			    [NFP_KIND_MULTICAST] = multicast},
		.vf_heard = is_at(unicast, NFP_AT_VF) || is_at(broadcast, NFP_AT_VF),
	};
}

/* A NIC that is safe in every kind of frame; `alone` was not needed. */
static struct nfp_evidence fit(void)
{
	struct nfp_evidence e = {.shows = nfp_sources[NFP_BY_NETDEV].shows};

	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		if (nfp_ladder[step].fit == NFP_FIT_VF)
			set(&e, step, NFP_LANDING_VF, NFP_LANDING_BOTH, NFP_LANDING_BOTH);
		else
			set(&e, step, NFP_LANDING_PF, NFP_LANDING_PF, NFP_LANDING_PF);
	}
	set(&e, NFP_STEP_CONTROL, NFP_LANDING_NOWHERE, NFP_LANDING_PF, NFP_LANDING_NOWHERE);
	e.step[NFP_STEP_ALONE] = (struct nfp_observation) {.status = NFP_STATUS_SKIPPED};
	return e;
}

static void lose(struct nfp_evidence *e, enum nfp_step step, enum nfp_kind kind)
{
	e->step[step].landing[kind] = NFP_LANDING_NOWHERE;
}

static void doubt_group(struct nfp_evidence *e, enum nfp_step step)
{
	e->step[step].landing[NFP_KIND_MULTICAST] = NFP_LANDING_MIXED;
	e->step[step].unproven_group = true;
}

static void expect(const struct nfp_evidence *e, enum nfp_verdict verdict, enum nfp_reason why,
		   enum nfp_multicast multicast, enum nfp_step multicast_step)
{
	struct nfp_judgement j;

	nfp_judge(e, &j);
	assert_string_equal(nfp_verdict_name(j.verdict), nfp_verdict_name(verdict));
	assert_int_equal(j.why, why);
	assert_string_equal(nfp_multicast_name(j.multicast), nfp_multicast_name(multicast));
	assert_int_equal(j.multicast_step, multicast_step);
}

static void lost_in(enum nfp_step step, enum nfp_verdict verdict, enum nfp_reason why)
{
	struct nfp_evidence e = fit();

	lose(&e, step, NFP_KIND_MULTICAST);
	expect(&e, verdict, why, NFP_MULTICAST_LOST, step);
	/* Not clear: nothing is known, and the verdict on the other kinds stands. */
	e.step[step].landing[NFP_KIND_MULTICAST] = NFP_LANDING_MIXED;
	expect(&e, NFP_VERDICT_SAFE, NFP_WHY_SAFE, NFP_MULTICAST_UNPROVEN, step);
	/* The network was never seen to pass it. */
	lose(&e, step, NFP_KIND_MULTICAST);
	lose(&e, NFP_STEP_STANDBY, NFP_KIND_MULTICAST);
	expect(&e, NFP_VERDICT_SAFE, NFP_WHY_SAFE, NFP_MULTICAST_UNPROVEN, NFP_STEP_STANDBY);
}

TEST(each_step_has_its_verdict)
{
	const struct nfp_evidence e = fit();

	expect(&e, NFP_VERDICT_SAFE, NFP_WHY_SAFE, NFP_MULTICAST_OK, NFP_STEP_COUNT);
	lost_in(NFP_STEP_ATTACH, NFP_VERDICT_EARLY, NFP_WHY_CLAIM_MULTICAST);
	lost_in(NFP_STEP_REASSIGN, NFP_VERDICT_EARLY, NFP_WHY_CLAIM_MULTICAST);
	lost_in(NFP_STEP_VF_FIRST, NFP_VERDICT_EARLY, NFP_WHY_CLAIM_MULTICAST);
	lost_in(NFP_STEP_UP, NFP_VERDICT_DEAF, NFP_WHY_DEAF_MULTICAST);
	lost_in(NFP_STEP_VF_FIRST_UP, NFP_VERDICT_DEAF, NFP_WHY_DEAF_MULTICAST);
	lost_in(NFP_STEP_UNPLUG, NFP_VERDICT_STICKY, NFP_WHY_STICKY_MULTICAST);
	lost_in(NFP_STEP_DETACH, NFP_VERDICT_STICKY, NFP_WHY_STICKY_MULTICAST);
	lost_in(NFP_STEP_CLEAR, NFP_VERDICT_STICKY, NFP_WHY_STICKY_MULTICAST);
	lost_in(NFP_STEP_VF_FIRST_UNPLUG, NFP_VERDICT_STICKY, NFP_WHY_STICKY_MULTICAST);
}

/* As for unicast: nothing is demanded there. */
TEST(steps_that_demand_nothing)
{
	static const enum nfp_step steps[] = {NFP_STEP_CONTROL, NFP_STEP_ASSIGN, NFP_STEP_DRIVER,
					      NFP_STEP_DOWN};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct nfp_evidence e = fit();

		lose(&e, steps[i], NFP_KIND_MULTICAST);
		expect(&e, NFP_VERDICT_SAFE, NFP_WHY_SAFE, NFP_MULTICAST_OK, NFP_STEP_COUNT);
	}
}

/* A VF without a reset boots in `assign`. */
TEST(without_a_reset)
{
	struct nfp_evidence e = fit();

	e.step[NFP_STEP_ATTACH] = (struct nfp_observation) {.status = NFP_STATUS_SKIPPED,
							    .skip_allowed = true};
	e.step[NFP_STEP_DETACH] = e.step[NFP_STEP_ATTACH];
	expect(&e, NFP_VERDICT_SAFE, NFP_WHY_SAFE, NFP_MULTICAST_OK, NFP_STEP_COUNT);
	e.step[NFP_STEP_ASSIGN].landing[NFP_KIND_MULTICAST] = NFP_LANDING_VF;
	expect(&e, NFP_VERDICT_EARLY, NFP_WHY_CLAIM_MULTICAST, NFP_MULTICAST_LOST, NFP_STEP_ASSIGN);
}

/* The reason of the other kinds is the reason, since "only multicast" would be false. */
TEST(unicast_comes_first)
{
	struct nfp_evidence e = fit();

	lose(&e, NFP_STEP_ATTACH, NFP_KIND_MULTICAST);
	lose(&e, NFP_STEP_REASSIGN, NFP_KIND_UNICAST);
	expect(&e, NFP_VERDICT_EARLY, NFP_WHY_CLAIM, NFP_MULTICAST_LOST, NFP_STEP_ATTACH);
	/* EARLY is worse than the STICKY that unicast shows. */
	e = fit();
	lose(&e, NFP_STEP_ATTACH, NFP_KIND_MULTICAST);
	lose(&e, NFP_STEP_UNPLUG, NFP_KIND_UNICAST);
	expect(&e, NFP_VERDICT_EARLY, NFP_WHY_CLAIM_MULTICAST, NFP_MULTICAST_LOST, NFP_STEP_ATTACH);
	/* Nothing is known of the step, so nothing of multicast in it. */
	e = fit();
	set(&e, NFP_STEP_UP, NFP_LANDING_MIXED, NFP_LANDING_MIXED, NFP_LANDING_MIXED);
	expect(&e, NFP_VERDICT_INCONCLUSIVE, NFP_WHY_STEP_MIXED, NFP_MULTICAST_UNPROVEN,
	       NFP_STEP_UP);
	/* A link that is away takes every kind: nothing is known of multicast alone. */
	e = fit();
	set(&e, NFP_STEP_UNPLUG, NFP_LANDING_NOWHERE, NFP_LANDING_NOWHERE, NFP_LANDING_NOWHERE);
	expect(&e, NFP_VERDICT_INCONCLUSIVE, NFP_WHY_STEP_NO_BROADCAST, NFP_MULTICAST_UNPROVEN,
	       NFP_STEP_UNPLUG);
	/* Only the address is away, and so nothing is wrong with multicast alone. */
	set(&e, NFP_STEP_UNPLUG, NFP_LANDING_NOWHERE, NFP_LANDING_PF, NFP_LANDING_NOWHERE);
	expect(&e, NFP_VERDICT_STICKY, NFP_WHY_STICKY, NFP_MULTICAST_OK, NFP_STEP_COUNT);
}

/* One step is known to lose the group; another may, too, and its verdict would be worse. */
TEST(a_loss_whose_beginning_is_open)
{
	struct nfp_evidence e = fit();

	e.step[NFP_STEP_UP].landing[NFP_KIND_MULTICAST] = NFP_LANDING_PF;
	doubt_group(&e, NFP_STEP_UNPLUG);
	expect(&e, NFP_VERDICT_DEAF, NFP_WHY_DEAF_MULTICAST, NFP_MULTICAST_LOST, NFP_STEP_UP);
	e.step[NFP_STEP_REASSIGN].landing[NFP_KIND_MULTICAST] = NFP_LANDING_MIXED;
	expect(&e, NFP_VERDICT_DEAF, NFP_WHY_DEAF_MULTICAST, NFP_MULTICAST_LOST, NFP_STEP_UP);
	doubt_group(&e, NFP_STEP_REASSIGN);
	expect(&e, NFP_VERDICT_INCONCLUSIVE, NFP_WHY_GROUP_UNPROVEN, NFP_MULTICAST_LOST,
	       NFP_STEP_UP);
	/* Nothing is worse than EARLY. */
	lose(&e, NFP_STEP_ATTACH, NFP_KIND_UNICAST);
	expect(&e, NFP_VERDICT_EARLY, NFP_WHY_CLAIM, NFP_MULTICAST_LOST, NFP_STEP_UP);
	e = fit();
	doubt_group(&e, NFP_STEP_UP);
	lose(&e, NFP_STEP_CLEAR, NFP_KIND_MULTICAST);
	expect(&e, NFP_VERDICT_INCONCLUSIVE, NFP_WHY_GROUP_UNPROVEN, NFP_MULTICAST_LOST,
	       NFP_STEP_CLEAR);
}

TEST(a_pf_left_promiscuous_proves_no_group)
{
	struct nfp_evidence e = fit();

	e.promiscuous = true;
	expect(&e, NFP_VERDICT_INCONCLUSIVE, NFP_WHY_PROMISCUOUS, NFP_MULTICAST_UNPROVEN,
	       NFP_STEP_CONTROL);
	/* Nor does a standby that is not clearly served, in recordings of short windows. */
	e = fit();
	e.step[NFP_STEP_STANDBY].landing[NFP_KIND_UNICAST] = NFP_LANDING_MIXED;
	expect(&e, NFP_VERDICT_INCONCLUSIVE, NFP_WHY_STANDBY_UNKNOWN, NFP_MULTICAST_UNPROVEN,
	       NFP_STEP_STANDBY);
}

/* ---- every verdict, restated ---- */

static uint64_t random_state = 88172645463325252U;

static unsigned int draw(unsigned int num)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned int)(random_state >> 33) % num;
}

static struct nfp_evidence random_evidence(void)
{
	struct nfp_evidence e = fit();

	e.shows = nfp_sources[draw(NFP_BY_COUNT)].shows;
	for (unsigned int n = draw(4); n; n--) {
		struct nfp_observation *obs = &e.step[draw(NFP_STEP_COUNT)];

		obs->landing[draw(NFP_KINDS_DECIDE)] = (enum nfp_landing)draw(NFP_LANDING_COUNT);
		if (draw(8) == 0)
			*obs = (struct nfp_observation) {.status = (enum nfp_status)draw(3),
							 .skip_allowed = draw(2)};
	}
	for (unsigned int n = draw(4); n; n--)
		e.step[draw(NFP_STEP_COUNT)].landing[NFP_KIND_MULTICAST] =
			(enum nfp_landing)draw(NFP_LANDING_COUNT);
	e.drops = draw(30) == 0;
	return e;
}

/*
 * The verdict with multicast is what the rules on unicast say of a NIC that loses unicast wherever
 * it loses multicast alone; the worse of that and of the verdict without multicast. (test_verdict
 * holds the rules on unicast against an oracle.)
 */
TEST(as_if_unicast_were_lost)
{
	unsigned int by_multicast = 0;

	for (int i = 0; i < 300000; i++) {
		struct nfp_evidence e = random_evidence(), silent = e, as_if;
		const struct nfp_observation *standby = &e.step[NFP_STEP_STANDBY];
		bool shown = standby->status == NFP_STATUS_DONE &&
			     is_at(standby->landing[NFP_KIND_MULTICAST], NFP_AT_PF);
		struct nfp_judgement j, alone, worst;

		for (enum nfp_step step = NFP_STEP_ASSIGN; step < NFP_STEP_COUNT; step++)
			shown |= standby->landing[NFP_KIND_MULTICAST] == NFP_LANDING_MIXED &&
				 e.step[step].status == NFP_STATUS_DONE &&
				 is_at(e.step[step].landing[NFP_KIND_MULTICAST], NFP_AT_PF);
		for (enum nfp_step step = NFP_STEP_STANDBY; step < NFP_STEP_COUNT; step++)
			shown &= e.shows.group ||
				 e.step[step].landing[NFP_KIND_MULTICAST] != NFP_LANDING_MIXED;
		for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++)
			silent.step[step].landing[NFP_KIND_MULTICAST] = NFP_LANDING_NONE;
		as_if = silent;
		for (enum nfp_step step = 0; step < NFP_STEP_COUNT && shown; step++) {
			enum nfp_landing *landing = as_if.step[step].landing;
			const enum nfp_landing *l = e.step[step].landing;

			for (int at = 0; at < NFP_RECEIVER_COUNT; at++) {
				if (e.step[step].status == NFP_STATUS_DONE &&
				    is_at(l[NFP_KIND_UNICAST], (enum nfp_receiver)at) &&
				    is_at(l[NFP_KIND_BROADCAST], (enum nfp_receiver)at) &&
				    is_clear(l[NFP_KIND_MULTICAST]) &&
				    !is_at(l[NFP_KIND_MULTICAST], (enum nfp_receiver)at))
					landing[NFP_KIND_UNICAST] = without(
						landing[NFP_KIND_UNICAST], (enum nfp_receiver)at);
			}
		}
		nfp_judge(&e, &j);
		nfp_judge(&silent, &alone);
		nfp_judge(&as_if, &worst);
		assert_int_equal(alone.multicast, NFP_MULTICAST_UNPROVEN);
		/* Where `clear` has lost the group alone, what `reassign` loses counts as before.
		 */
		if (alone.verdict == NFP_VERDICT_EARLY)
			worst.verdict = NFP_VERDICT_EARLY;
		assert_int_equal(j.verdict, worst.verdict);
		if (j.verdict == alone.verdict)
			assert_int_equal(j.why, alone.why);
		else
			by_multicast++;
		if (j.verdict == NFP_VERDICT_SAFE)
			assert_int_not_equal(j.multicast, NFP_MULTICAST_LOST);
		assert_true(shown || j.multicast == NFP_MULTICAST_UNPROVEN);
	}
	assert_in_range(by_multicast, 1000, 300000);
}

/* Advice on the VF goes by unicast: nothing in the ladder makes the VF join a group. */
TEST(a_deaf_vf_is_advised_by_unicast)
{
	static const enum nfp_step with_vf[] = {NFP_STEP_UP, NFP_STEP_VF_FIRST_UP};
	const enum nfp_landing pf = NFP_LANDING_PF, vf = NFP_LANDING_VF,
			       nowhere = NFP_LANDING_NOWHERE;
	struct nfp_evidence e = fit();
	struct nfp_judgement j;

	for (size_t i = 0; i < sizeof(with_vf) / sizeof(with_vf[0]); i++)
		set(&e, with_vf[i], pf, NFP_LANDING_BOTH, nowhere);
	set(&e, NFP_STEP_ALONE, vf, vf, nowhere);
	set(&e, NFP_STEP_ATTACH, pf, pf, nowhere);
	nfp_judge(&e, &j);
	assert_int_equal(j.verdict, NFP_VERDICT_EARLY);
	assert_int_equal(j.multicast, NFP_MULTICAST_LOST);
	assert_true(j.requires & NFP_REQ_BIT(NFP_REQ_RELEASE_STANDBY_WHEN_UP));
	assert_false(j.requires & NFP_REQ_BIT(NFP_REQ_DO_NOT_USE));
	/* It gets its frames, and only the groups are missing. */
	for (size_t i = 0; i < sizeof(with_vf) / sizeof(with_vf[0]); i++)
		set(&e, with_vf[i], vf, NFP_LANDING_BOTH, nowhere);
	nfp_judge(&e, &j);
	assert_int_equal(j.verdict, NFP_VERDICT_EARLY);
	assert_false(j.requires & (NFP_REQ_BIT(NFP_REQ_RELEASE_STANDBY_WHEN_UP) |
				   NFP_REQ_BIT(NFP_REQ_DO_NOT_USE)));
}

/* Getting all nodes proves nothing of a group that somebody must join; losing it is a loss. */
TEST(all_nodes_prove_no_group)
{
	static const enum nfp_source_id by[] = {NFP_BY_ARP, NFP_BY_ARP_ALONE};

	for (size_t i = 0; i < sizeof(by) / sizeof(by[0]); i++) {
		struct nfp_evidence e = fit();

		e.shows = nfp_sources[by[i]].shows;
		expect(&e, NFP_VERDICT_SAFE, NFP_WHY_SAFE, NFP_MULTICAST_UNPROVEN,
		       NFP_STEP_STANDBY);
		e.step[NFP_STEP_UP].landing[NFP_KIND_MULTICAST] = NFP_LANDING_PF;
		expect(&e, NFP_VERDICT_DEAF, NFP_WHY_DEAF_MULTICAST, NFP_MULTICAST_LOST,
		       NFP_STEP_UP);
		/* Nor does losing them where the neighbour answers now and then. */
		e.step[NFP_STEP_ASSIGN].landing[NFP_KIND_MULTICAST] = NFP_LANDING_MIXED;
		expect(&e, NFP_VERDICT_SAFE, NFP_WHY_SAFE, NFP_MULTICAST_UNPROVEN,
		       NFP_STEP_STANDBY);
	}
}

/* ---- across styles ---- */

static struct nfp_style_result style_with(enum nfp_style which, enum nfp_verdict verdict,
					  enum nfp_landing broadcast, enum nfp_landing multicast)
{
	struct nfp_style_result style = {.style = which,
					 .verdict = verdict,
					 .num_steps = 1,
					 .multicast = NFP_MULTICAST_UNPROVEN};

	style.steps[0] = (struct nfp_step_result) {
		.step = NFP_STEP_STANDBY,
		.status = NFP_STATUS_DONE,
		.fit = NFP_YES,
		.landing = {[NFP_KIND_UNICAST] = NFP_LANDING_PF,
			    [NFP_KIND_BROADCAST] = broadcast,
			    [NFP_KIND_MULTICAST] = multicast},
	};
	return style;
}

TEST(one_standby_hears_and_the_other_does_not)
{
	static const bool none[NFP_VERDICT_COUNT];
	const enum nfp_landing pf = NFP_LANDING_PF, both = NFP_LANDING_BOTH,
			       nowhere = NFP_LANDING_NOWHERE, mixed = NFP_LANDING_MIXED,
			       unsent = NFP_LANDING_NONE;
	const enum nfp_verdict safe = NFP_VERDICT_SAFE, early = NFP_VERDICT_EARLY,
			       deaf = NFP_VERDICT_DEAF, sticky = NFP_VERDICT_STICKY,
			       doubt = NFP_VERDICT_INCONCLUSIVE;
	const struct {
		enum nfp_verdict before, after;
		enum nfp_landing broadcast, multicast, other;
		bool lost;
	} cases[] = {
		{safe, deaf, pf, nowhere, pf, true},
		{sticky, deaf, pf, nowhere, both, true},
		/* Worse, or nothing is known. */
		{early, early, pf, nowhere, pf, true},
		{doubt, doubt, pf, nowhere, pf, true},
		/* The network showed it to neither, or the silence is not clear. */
		{safe, safe, pf, nowhere, nowhere, false},
		{safe, safe, pf, mixed, pf, false},
		{safe, safe, pf, unsent, pf, false},
		{safe, safe, nowhere, nowhere, pf, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nfp_vf_result vf = {.vf = 3, .num_styles = 2};

		vf.styles[0] = style_with(NFP_STYLE_MACVTAP, NFP_VERDICT_SAFE, NFP_LANDING_PF,
					  cases[i].other);
		vf.styles[1] = style_with(NFP_STYLE_BRIDGE, cases[i].before, cases[i].broadcast,
					  cases[i].multicast);
		assert_int_equal(nfp_judge_across_styles(&vf, "eth0", none), cases[i].lost ? 2 : 0);
		assert_int_equal(vf.styles[0].verdict, NFP_VERDICT_SAFE);
		assert_int_equal(vf.styles[1].verdict, cases[i].after);
		assert_int_equal(vf.styles[1].steps[0].fit, cases[i].lost ? NFP_NO : NFP_YES);
		assert_int_equal(vf.styles[1].multicast,
				 cases[i].lost ? NFP_MULTICAST_LOST : NFP_MULTICAST_UNPROVEN);
		if (cases[i].before != cases[i].after) {
			assert_non_null(strstr(vf.styles[1].reason, "only multicast is affected"));
			nfp_judge_vf(&vf);
			assert_int_equal(vf.verdict, NFP_VERDICT_DEAF);
			assert_true(vf.requires & NFP_REQ_BIT(NFP_REQ_USE_FILTER_STANDBY));
		}
	}
}

/* The switch passed the group later: a report was lost at first, and the NIC did not do that. */
TEST(a_group_that_comes_later)
{
	static const bool none[NFP_VERDICT_COUNT];
	struct nfp_vf_result vf = {.vf = 3, .num_styles = 2};

	vf.styles[0] = style_with(NFP_STYLE_MACVTAP, NFP_VERDICT_SAFE, NFP_LANDING_PF,
				  NFP_LANDING_PF);
	vf.styles[1] = style_with(NFP_STYLE_BRIDGE, NFP_VERDICT_SAFE, NFP_LANDING_PF,
				  NFP_LANDING_NOWHERE);
	vf.styles[1].steps[1] = vf.styles[0].steps[0];
	vf.styles[1].steps[1].step = NFP_STEP_CLEAR;
	vf.styles[1].num_steps = 2;
	assert_int_equal(nfp_judge_across_styles(&vf, "eth0", none), 0);
	assert_int_equal(vf.styles[1].verdict, NFP_VERDICT_SAFE);
	assert_int_equal(vf.styles[1].multicast, NFP_MULTICAST_UNPROVEN);
}

TEST(an_allowed_verdict)
{
	static const bool allow[NFP_VERDICT_COUNT] = {[NFP_VERDICT_DEAF] = true};
	struct nfp_vf_result vf = {.vf = 3, .num_styles = 2};

	vf.styles[0] = style_with(NFP_STYLE_MACVTAP, NFP_VERDICT_SAFE, NFP_LANDING_PF,
				  NFP_LANDING_NOWHERE);
	vf.styles[1] = style_with(NFP_STYLE_BRIDGE, NFP_VERDICT_SAFE, NFP_LANDING_PF,
				  NFP_LANDING_PF);
	assert_int_equal(nfp_judge_across_styles(&vf, "eth0", allow), 1);
	assert_int_equal(vf.styles[0].verdict, NFP_VERDICT_DEAF);
	assert_true(vf.styles[0].allowed);
}

/* A group that comes from one source proves nothing about the way from another. */
TEST(another_source)
{
	static const bool none[NFP_VERDICT_COUNT];
	struct nfp_vf_result vf = {.vf = 3, .num_styles = 4};

	for (unsigned int i = 0; i < 4; i++) {
		vf.styles[i] = style_with(i % 2 ? NFP_STYLE_BRIDGE : NFP_STYLE_MACVTAP,
					  NFP_VERDICT_SAFE, NFP_LANDING_PF,
					  i == 0 ? NFP_LANDING_PF : NFP_LANDING_NOWHERE);
		strcpy(vf.styles[i].from.name, i < 2 ? "eth1" : "vf:1");
	}
	assert_int_equal(nfp_judge_across_styles(&vf, "eth0", none), 2);
	assert_int_equal(vf.styles[1].verdict, NFP_VERDICT_DEAF);
	assert_int_equal(vf.styles[2].verdict, NFP_VERDICT_SAFE);
	assert_int_equal(vf.styles[3].verdict, NFP_VERDICT_SAFE);
}

/* ---- texts ---- */

TEST(unproven_says_why)
{
	static const struct {
		uint64_t sent;
		enum nfp_landing multicast, all_nodes;
		const char *words;
		enum nfp_landing others;
	} cases[] = {
		{0, NFP_LANDING_NONE, NFP_LANDING_NONE, "this source sends no multicast",
		 NFP_LANDING_PF},
		{30, NFP_LANDING_NOWHERE, NFP_LANDING_NOWHERE, "no multicast reached eth0",
		 NFP_LANDING_PF},
		{30, NFP_LANDING_NOWHERE, NFP_LANDING_PF, "a switch that snoops on MLD",
		 NFP_LANDING_PF},
		{30, NFP_LANDING_MIXED, NFP_LANDING_PF, "step standby shows no clear landing",
		 NFP_LANDING_PF},
		{6, NFP_LANDING_PF, NFP_LANDING_NONE, "only multicast to all nodes was tested",
		 NFP_LANDING_PF},
		{30, NFP_LANDING_PF, NFP_LANDING_PF, "does not show that the standby is served",
		 NFP_LANDING_NOWHERE},
	};
	struct nfp_style_result style = {.num_steps = 1};
	struct nfp_judgement j = {.multicast = NFP_MULTICAST_UNPROVEN,
				  .multicast_step = NFP_STEP_STANDBY};
	char text[NFP_NOTE_LEN];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		style.steps[0] = (struct nfp_step_result) {
			.step = NFP_STEP_STANDBY,
			.status = NFP_STATUS_DONE,
			.count = {[NFP_KIND_MULTICAST] = {.sent = cases[i].sent}},
			.landing = {[NFP_KIND_UNICAST] = cases[i].others,
				    [NFP_KIND_BROADCAST] = cases[i].others,
				    [NFP_KIND_MULTICAST] = cases[i].multicast,
				    [NFP_KIND_ALL_NODES] = cases[i].all_nodes},
		};
		nfp_multicast_text(&j, &style, "eth0", 3, text, sizeof(text));
		assert_non_null(strstr(text, cases[i].words));
	}
	j.multicast_step = NFP_STEP_UP;
	nfp_multicast_text(&j, &style, "eth0", 3, text, sizeof(text));
	assert_string_equal(text, "step up was not run");
	j.multicast = NFP_MULTICAST_LOST;
	nfp_multicast_text(&j, &style, "eth0", 3, text, sizeof(text));
	assert_string_equal(text, "in step up VF 3 does not get the group that it joined");
	j.multicast_step = NFP_STEP_UNPLUG;
	nfp_multicast_text(&j, &style, "eth0", 3, text, sizeof(text));
	assert_string_equal(text, "in step unplug eth0 does not get the group that it joined");
	j.multicast = NFP_MULTICAST_OK;
	nfp_multicast_text(&j, &style, "eth0", 3, text, sizeof(text));
	assert_string_equal(text, "");
	j.multicast = NFP_MULTICAST_UNPROVEN;
	style.steps[0].step = j.multicast_step = NFP_STEP_CONTROL;
	nfp_multicast_text(&j, &style, "eth0", 3, text, sizeof(text));
	assert_non_null(strstr(text, "eth0 was left promiscuous in hardware"));
}

TEST_MAIN()
