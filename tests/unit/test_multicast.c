// SPDX-License-Identifier: GPL-2.0-or-later
/* Multicast: its share in a verdict, and the verdicts that it never changes. */
#include "harness.h"
#include "memnic/ask.h"
#include "verdict/verdict.h"
#include "unit/sight.h"
#include "../../src/verdict/judge.h"

/* A NIC that is safe in every kind of frame; `alone` was not needed. */
#define GROUP_ROW "-PPPBsPPPPBBPBP"

static struct nfp_evidence fit(void)
{
	struct nfp_evidence e;

	read_row(&e, FIT_ROW);
	read_kind(&e, NFP_KIND_MULTICAST, GROUP_ROW);
	return e;
}

/* ---- rows: unicast, multicast, and broadcast where that is not as ever (sight.h) ---- */

struct expect {
	const char *unicast, *multicast, *broadcast;
	enum nfp_verdict verdict;
	enum nfp_reason why;
	enum nfp_check_state group;
	enum nfp_step step; /* of the group; NFP_STEP_COUNT: none */
	enum nfp_source_id by;
	bool promiscuous;
	uint32_t advises, advises_not;
};

static void check(const struct expect *want, const struct nfp_evidence *e)
{
	struct nfp_judgement j;

	nfp_judge(e, &j);
	if (j.verdict != want->verdict || j.why != want->why || j.multicast != want->group ||
	    j.multicast_step != want->step || (j.requires & want->advises) != want->advises ||
	    (j.requires & want->advises_not))
		fail_msg("%s, multicast %s: %s, reason %d, multicast %s in step %d, requires %x",
			 want->unicast, want->multicast, nfp_verdict_name(j.verdict), j.why,
			 nfp_check_state_name(j.multicast), j.multicast_step, j.requires);
}

#define ROW(unicast_, multicast_, ...)                                    \
	{                                                                 \
		.unicast = unicast_, .multicast = multicast_, __VA_ARGS__ \
	}
#define IS(verdict_, why_, group_, step_)                                                      \
	.verdict = NFP_VERDICT_##verdict_, .why = NFP_WHY_##why_, .group = NFP_STATE_##group_, \
	.step = NFP_STEP_##step_
#define SAFE(group_, step_) IS(SAFE, SAFE, group_, step_)
#define ADVICE(name)	    NFP_REQ_BIT(NFP_REQ_##name)

static const struct expect rows[] = {
	ROW(FIT_ROW, GROUP_ROW, SAFE(OK, COUNT)),
	/* As for unicast: nothing is demanded in assign. */
	ROW(FIT_ROW, "-P-PBsPPPPBBPBP", SAFE(OK, COUNT)),
	/* A VF without a reset boots in `assign`. */
	ROW("-PPlVsPlPPVVPVP", "-PPlBsPlPPBBPBP", SAFE(OK, COUNT)),
	ROW("-PPlVsPlPPVVPVP", "-PVlBsPlPPBBPBP", IS(EARLY, CLAIM_MULTICAST, LOST, ASSIGN)),
	/* The reason of the other kinds is the reason, since "only multicast" would be false. */
	ROW("-PPPVsPPP-VVPVP", "-PP-BsPPPPBBPBP", IS(EARLY, CLAIM, LOST, ATTACH)),
	/* EARLY is worse than the STICKY that unicast shows. */
	ROW("-PPPVs-PPPVVPVP", "-PP-BsPPPPBBPBP", IS(EARLY, CLAIM_MULTICAST, LOST, ATTACH)),
	/* Nothing is known of the step, so nothing of multicast in it. */
	ROW("-PPPmsPPPPVVPVP", "-PPPmsPPPPBBPBP", IS(UNKNOWN, STEP_MIXED, UNPROVEN, UP),
	    .broadcast = "PPPPmsPPPPBBPBP"),
	/* The group came in each step, but not all that is known of them is sure. */
	ROW("-PPPVsPPPPmmPmP", GROUP_ROW, IS(UNKNOWN, STEP_MIXED, UNPROVEN, COUNT)),
	/* A link that is away takes every kind: nothing is known of multicast alone. */
	ROW("-PPPVs-PPPVVPVP", "-PPPBs-PPPBBPBP", IS(UNKNOWN, STEP_NO_BROADCAST, UNPROVEN, UNPLUG),
	    .broadcast = "PPPPBs-PPPBBPBP"),
	/* The address is away: the NIC may keep the group with it. */
	ROW("-PPPVs-PPPVVPVP", "-PPPBs-PPPBBPBP", IS(STICKY, STICKY, UNPROVEN, UNPLUG)),
	/* Nor do steps that were not made, since the address did not come back. */
	ROW("-PPPVs---llllll", "-PPPBsPPPllllll", IS(STICKY, STICKY, UNPROVEN, VF_FIRST)),
	/* One step is known to lose the group; another may, too, and its verdict would be worse. */
	ROW(FIT_ROW, "-PPPPsdPPPBBPBP", IS(DEAF, DEAF_MULTICAST, LOST, UP)),
	ROW(FIT_ROW, "-PPPPsdPPmBBPBP", IS(DEAF, DEAF_MULTICAST, LOST, UP)),
	ROW(FIT_ROW, "-PPPPsdPPdBBPBP", IS(UNKNOWN, GROUP_UNPROVEN, LOST, UP)),
	ROW(FIT_ROW, "-PPPdsPP-PBBPB-", IS(UNKNOWN, GROUP_UNPROVEN, LOST, CLEAR)),
	/* Nothing is worse than EARLY. */
	ROW("-PP-VsPPPPVVPVP", "-PPPPsdPPdBBPBP", IS(EARLY, CLAIM, LOST, UP)),
	/* Any later step shows that the network passes it, where that is not clear at first. */
	ROW(FIT_ROW, "-mPPBsPP-PBBPBm", IS(STICKY, STICKY_MULTICAST, LOST, CLEAR)),
	/* A PF left promiscuous proves no group. */
	ROW(FIT_ROW, GROUP_ROW, IS(UNKNOWN, PROMISCUOUS, UNPROVEN, CONTROL), .promiscuous = true),
	/* Nor does a standby that is not clearly served, in recordings of short windows. */
	ROW("-mPPVsPPPPVVPVP", GROUP_ROW, IS(UNKNOWN, STANDBY_UNKNOWN, UNPROVEN, STANDBY)),
	/* Advice on the VF goes by unicast: nothing in the ladder makes the VF join a group. */
	ROW("-PPPPVPPPPPPPPP", "-PP---PPPP--P-P", IS(EARLY, CLAIM_MULTICAST, LOST, ATTACH),
	    .advises = ADVICE(RELEASE_STANDBY_WHEN_UP), .advises_not = ADVICE(DO_NOT_USE)),
	/* It gets its frames, and only the groups are missing. */
	ROW("-PPPVVPPPPVVPVP", "-PP---PPPP--P-P", IS(EARLY, CLAIM_MULTICAST, LOST, ATTACH),
	    .advises_not = ADVICE(RELEASE_STANDBY_WHEN_UP) | ADVICE(DO_NOT_USE)),
};

TEST(known_rows)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nfp_evidence e;

		read_row(&e, rows[i].unicast);
		read_kind(&e, NFP_KIND_MULTICAST, rows[i].multicast);
		if (rows[i].broadcast)
			read_kind(&e, NFP_KIND_BROADCAST, rows[i].broadcast);
		e.shows = nfp_sources[rows[i].by].shows;
		e.promiscuous = rows[i].promiscuous;
		check(&rows[i], &e);
	}
}

/* Lost there; not clear there, so that the verdict on the other kinds stands; and lost on a network
 * that was never seen to pass it. */
TEST(each_step_has_its_verdict)
{
	static const struct expect lost[] = {
		ROW(FIT_ROW, "", IS(EARLY, CLAIM_MULTICAST, LOST, ATTACH)),
		ROW(FIT_ROW, "", IS(EARLY, CLAIM_MULTICAST, LOST, VF_FIRST)),
		ROW(FIT_ROW, "", IS(DEAF, DEAF_MULTICAST, LOST, UP)),
		ROW(FIT_ROW, "", IS(DEAF, DEAF_MULTICAST, LOST, VF_FIRST_UP)),
		ROW(FIT_ROW, "", IS(STICKY, STICKY_MULTICAST, LOST, UNPLUG)),
		ROW(FIT_ROW, "", IS(STICKY, STICKY_MULTICAST, LOST, DETACH)),
		ROW(FIT_ROW, "", IS(STICKY, STICKY_MULTICAST, LOST, CLEAR)),
		ROW(FIT_ROW, "", IS(STICKY, STICKY_MULTICAST, LOST, VF_FIRST_UNPLUG)),
	};

	for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
		struct expect unproven = ROW(FIT_ROW, "", SAFE(UNPROVEN, STANDBY));
		struct nfp_evidence e = fit();
		enum nfp_landing *landing = &e.step[lost[i].step].landing[NFP_KIND_MULTICAST];
		struct nfp_judgement j;

		*landing = NFP_LANDING_NOWHERE;
		check(&lost[i], &e);
		nfp_judge(&e, &j);
		assert_int_equal(j.passed[lost[i].step], NFP_NO);
		e.step[NFP_STEP_STANDBY].landing[NFP_KIND_MULTICAST] = NFP_LANDING_NOWHERE;
		check(&unproven, &e);
		e.step[NFP_STEP_STANDBY].landing[NFP_KIND_MULTICAST] = NFP_LANDING_PF;
		*landing = NFP_LANDING_MIXED;
		unproven.step = lost[i].step;
		check(&unproven, &e);
	}
}

/* ---- across styles ---- */

static struct nfp_style_result style_with(enum nfp_style which, enum nfp_verdict verdict,
					  enum nfp_landing broadcast, enum nfp_landing multicast)
{
	struct nfp_style_result style = {.style = which,
					 .judged.verdict = verdict,
					 .num_steps = 3,
					 .multicast = NFP_STATE_UNPROVEN};

	style.steps[0] = (struct nfp_step_result) {
		.step = NFP_STEP_STANDBY,
		.w.status = NFP_STATUS_DONE,
		.w.answer = NFP_YES,
		.w.landing = {[NFP_KIND_UNICAST] = NFP_LANDING_PF,
			      [NFP_KIND_BROADCAST] = broadcast,
			      [NFP_KIND_MULTICAST] = multicast},
	};
	/* The network brings the group to this port. */
	style.steps[1] = (struct nfp_step_result) {
		.step = NFP_STEP_UP,
		.w.status = NFP_STATUS_DONE,
		.w.landing = {[NFP_KIND_UNICAST] = NFP_LANDING_VF,
			      [NFP_KIND_BROADCAST] = broadcast,
			      [NFP_KIND_MULTICAST] = NFP_LANDING_VF},
	};
	style.steps[2] = style.steps[0];
	style.steps[2].step = NFP_STEP_CLEAR;
	return style;
}

/* What nfp_compare_groups returns. */
static uint32_t compare(struct nfp_vf_result *vf, const bool allow[NFP_VERDICT_COUNT])
{
	const uint32_t changed = nfp_compare_groups(vf, "eth0");

	for (size_t i = 0; i < vf->num_styles; i++)
		ask(&vf->styles[i], allow, NFP_CHECK_STEPS, NFP_CHECK_OTHERS);
	return changed;
}

TEST(one_standby_hears_and_the_other_does_not)
{
	const enum nfp_landing pf = NFP_LANDING_PF, both = NFP_LANDING_BOTH,
			       nowhere = NFP_LANDING_NOWHERE, mixed = NFP_LANDING_MIXED,
			       unsent = NFP_LANDING_NONE;
	const enum nfp_verdict safe = NFP_VERDICT_SAFE, early = NFP_VERDICT_EARLY,
			       deaf = NFP_VERDICT_DEAF, sticky = NFP_VERDICT_STICKY,
			       doubt = NFP_VERDICT_UNKNOWN;
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
		struct nfp_style_result styles[2] = {{0}};
		struct nfp_vf_result vf = {.vf = 3, .styles = styles, .num_styles = 2};

		vf.styles[0] = style_with(NFP_STYLE_MACVTAP, NFP_VERDICT_SAFE, NFP_LANDING_PF,
					  cases[i].other);
		vf.styles[1] = style_with(NFP_STYLE_BRIDGE, cases[i].before, cases[i].broadcast,
					  cases[i].multicast);
		assert_int_equal(compare(&vf, NULL), cases[i].lost ? 2 : 0);
		assert_int_equal(vf.styles[0].verdict, NFP_VERDICT_SAFE);
		assert_int_equal(vf.styles[1].verdict, cases[i].after);
		assert_int_equal(vf.styles[1].steps[0].w.answer, cases[i].lost ? NFP_NO : NFP_YES);
		assert_int_equal(vf.styles[1].multicast,
				 cases[i].lost ? NFP_STATE_LOST : NFP_STATE_UNPROVEN);
		if (cases[i].before != cases[i].after) {
			assert_non_null(strstr(vf.styles[1].reason, "only multicast is affected"));
			nfp_judge_vf(&vf);
			assert_int_equal(vf.verdict, NFP_VERDICT_DEAF);
			assert_true(vf.requires & NFP_REQ_BIT(NFP_REQ_USE_FILTER_STANDBY));
		}
	}
}

/* Of two safe styles, by one broadcast: the group comes to a macvtap alone. */
static struct nfp_vf_result only_macvtap_hears(struct nfp_style_result styles[2])
{
	styles[0] = style_with(NFP_STYLE_MACVTAP, NFP_VERDICT_SAFE, NFP_LANDING_PF, NFP_LANDING_PF);
	styles[1] = style_with(NFP_STYLE_BRIDGE, NFP_VERDICT_SAFE, NFP_LANDING_PF,
			       NFP_LANDING_NOWHERE);
	return (struct nfp_vf_result) {.vf = 3, .styles = styles, .num_styles = 2};
}

/* The switch passed the group later: a report was lost at first, and the NIC did not do that. */
TEST(a_group_that_comes_later)
{
	struct nfp_style_result styles[2];
	struct nfp_vf_result vf = only_macvtap_hears(styles);

	vf.styles[1].steps[2].w.landing[NFP_KIND_MULTICAST] = NFP_LANDING_PF;
	assert_int_equal(compare(&vf, NULL), 0);
	assert_int_equal(vf.styles[1].verdict, NFP_VERDICT_SAFE);
	assert_int_equal(vf.styles[1].multicast, NFP_STATE_UNPROVEN);
}

/* The NIC may have lost the group in between, as at a reset, and each report of the standby may
 * have been lost before. */
TEST(a_group_of_a_standby_that_is_not_served_again)
{
	struct nfp_style_result styles[2];
	struct nfp_vf_result vf = only_macvtap_hears(styles);

	vf.styles[1].steps[2].w.landing[NFP_KIND_UNICAST] = NFP_LANDING_NOWHERE;
	assert_int_equal(compare(&vf, NULL), 0);
	assert_int_equal(vf.styles[1].multicast, NFP_STATE_UNPROVEN);
}

/* A port with room for one group drops that of the second ladder. */
TEST(a_group_that_never_comes)
{
	struct nfp_style_result styles[2];
	struct nfp_vf_result vf = only_macvtap_hears(styles);

	vf.styles[1].steps[1].w.landing[NFP_KIND_MULTICAST] = NFP_LANDING_NOWHERE;
	assert_int_equal(compare(&vf, NULL), 0);
	assert_int_equal(vf.styles[1].multicast, NFP_STATE_UNPROVEN);
}

TEST(an_allowed_verdict)
{
	static const bool allow[NFP_VERDICT_COUNT] = {[NFP_VERDICT_DEAF] = true};
	struct nfp_style_result styles[2] = {{0}};
	struct nfp_vf_result vf = {.vf = 3, .styles = styles, .num_styles = 2};

	vf.styles[0] = style_with(NFP_STYLE_MACVTAP, NFP_VERDICT_SAFE, NFP_LANDING_PF,
				  NFP_LANDING_NOWHERE);
	vf.styles[1] = style_with(NFP_STYLE_BRIDGE, NFP_VERDICT_SAFE, NFP_LANDING_PF,
				  NFP_LANDING_PF);
	assert_int_equal(compare(&vf, allow), 1);
	assert_int_equal(vf.styles[0].verdict, NFP_VERDICT_DEAF);
	assert_true(vf.styles[0].allowed);
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
		{0, NFP_LANDING_NONE, NFP_LANDING_NONE,
		 "the step before it gets a VF shows no clear landing", NFP_LANDING_PF},
		{30, NFP_LANDING_NOWHERE, NFP_LANDING_NOWHERE, "no multicast reached eth0",
		 NFP_LANDING_PF},
		{30, NFP_LANDING_NOWHERE, NFP_LANDING_PF, "a switch that snoops on MLD",
		 NFP_LANDING_PF},
		{30, NFP_LANDING_MIXED, NFP_LANDING_PF,
		 "the step before it gets a VF shows no clear landing", NFP_LANDING_PF},
		{6, NFP_LANDING_PF, NFP_LANDING_NONE,
		 "a VF that has sent nothing may get its groups", NFP_LANDING_PF},
		{30, NFP_LANDING_PF, NFP_LANDING_PF, "nothing shows that the standby is served",
		 NFP_LANDING_NOWHERE},
	};
	struct nfp_style_result style = {.num_steps = 1};
	struct nfp_judgement j = {.multicast = NFP_STATE_UNPROVEN,
				  .multicast_step = NFP_STEP_STANDBY};
	char text[NFP_NOTE_LEN];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		style.steps[0] = (struct nfp_step_result) {
			.step = NFP_STEP_STANDBY,
			.w.status = NFP_STATUS_DONE,
			.w.count = {[NFP_KIND_MULTICAST] = {.sent = cases[i].sent}},
			.w.landing = {[NFP_KIND_UNICAST] = cases[i].others,
				      [NFP_KIND_BROADCAST] = cases[i].others,
				      [NFP_KIND_MULTICAST] = cases[i].multicast,
				      [NFP_KIND_ALL_NODES] = cases[i].all_nodes},
		};
		nfp_multicast_text(&j, &style, "eth0", 3, text, sizeof(text));
		assert_non_null(strstr(text, cases[i].words));
	}
	j.multicast_step = NFP_STEP_UP;
	nfp_multicast_text(&j, &style, "eth0", 3, text, sizeof(text));
	assert_string_equal(text, "the step at \"VF up\" was not run");
	j.multicast = NFP_STATE_LOST;
	nfp_multicast_text(&j, &style, "eth0", 3, text, sizeof(text));
	assert_string_equal(text, "at \"VF up\" VF 3 does not get the group that it joined");
	j.multicast_step = NFP_STEP_UNPLUG;
	nfp_multicast_text(&j, &style, "eth0", 3, text, sizeof(text));
	assert_string_equal(text, "at \"unplug\" eth0 does not get the group that it joined");
	j.multicast = NFP_STATE_OK;
	nfp_multicast_text(&j, &style, "eth0", 3, text, sizeof(text));
	assert_string_equal(text, "");
	j.multicast = NFP_STATE_UNPROVEN;
	style.steps[0].step = j.multicast_step = NFP_STEP_CONTROL;
	nfp_multicast_text(&j, &style, "eth0", 3, text, sizeof(text));
	assert_non_null(strstr(text, "eth0 was left promiscuous in hardware"));
}

/* A driver that is refused the address may not write the group either, and that is clear. */
TEST(unproven_where_neither_arrives)
{
	static const struct {
		enum nfp_step step;
		enum nfp_landing unicast, multicast;
		const char *words;
	} cases[] = {
		{NFP_STEP_VF_FIRST, NFP_LANDING_NOWHERE, NFP_LANDING_NOWHERE,
		 "at \"reboot\" eth0 gets neither the address nor the group"},
		{NFP_STEP_UP, NFP_LANDING_PF, NFP_LANDING_PF,
		 "at \"VF up\" VF 3 gets neither the address nor the group"},
		{NFP_STEP_VF_FIRST, NFP_LANDING_NOWHERE, NFP_LANDING_MIXED,
		 "the step at \"reboot\" shows no clear landing of multicast"},
		{NFP_STEP_VF_FIRST, NFP_LANDING_MIXED, NFP_LANDING_NOWHERE,
		 "the step at \"reboot\" shows no clear landing of multicast"},
		{NFP_STEP_VF_FIRST, NFP_LANDING_PF, NFP_LANDING_NOWHERE,
		 "the step at \"reboot\" shows no clear landing of multicast"},
		{NFP_STEP_VF_FIRST, NFP_LANDING_NOWHERE, NFP_LANDING_PF,
		 "the step at \"reboot\" shows no clear landing of multicast"},
	};
	char text[NFP_NOTE_LEN];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct nfp_style_result style = {
			.num_steps = 1,
			.steps[0] = {.step = cases[i].step,
				     .w.status = NFP_STATUS_DONE,
				     .w.count = {[NFP_KIND_MULTICAST] = {.sent = 30}},
				     .w.landing = {[NFP_KIND_UNICAST] = cases[i].unicast,
						   [NFP_KIND_MULTICAST] = cases[i].multicast}},
		};
		const struct nfp_judgement j = {.multicast = NFP_STATE_UNPROVEN,
						.multicast_step = cases[i].step};

		nfp_multicast_text(&j, &style, "eth0", 3, text, sizeof(text));
		assert_string_equal(text, cases[i].words);
	}
}

TEST_MAIN()
