// SPDX-License-Identifier: GPL-2.0-or-later
/* From steps to evidence; from styles to the run. The rules: test_verdict.c, test_archetypes.c. */
#include "harness.h"
#include "memnic/ask.h"
#include "base/output.h"
#include "verdict/result.h"
#include "verdict/verdict.h"
#include "unit/sight.h"
#include "../../src/verdict/judge.h"

/* No step demands anything of `assign`, but what healed there may have healed the later ones. */
TEST(a_heal_in_assign)
{
	struct nfp_evidence e;
	struct nfp_judgement j;

	read_row(&e, "-PmPVsPPPPVVPVP");
	nfp_judge(&e, &j);
	assert_int_equal(j.verdict, NFP_VERDICT_SAFE);
	e.step[NFP_STEP_ASSIGN].unproven = true;
	nfp_judge(&e, &j);
	assert_int_equal(j.verdict, NFP_VERDICT_UNKNOWN);
	assert_int_equal(j.why, NFP_WHY_STEP_UNPROVEN);
	assert_int_equal(j.step, NFP_STEP_ASSIGN);
}

TEST(an_inconclusive_step_has_not_passed)
{
	struct nfp_evidence e;
	struct nfp_judgement j;

	read_row(&e, "-PmPVs-PPPVVPVP");
	e.step[NFP_STEP_ATTACH].unproven = true;
	nfp_judge(&e, &j);
	assert_int_equal(j.passed[NFP_STEP_STANDBY], NFP_YES);
	assert_int_equal(j.passed[NFP_STEP_ASSIGN], NFP_UNKNOWN);
	assert_int_equal(j.passed[NFP_STEP_ATTACH], NFP_UNKNOWN);
	assert_int_equal(j.passed[NFP_STEP_UNPLUG], NFP_NO);
}

#define R(name) NFP_REQ_BIT(NFP_REQ_##name)
/* ---- evidence, VFs, the run ---- */

TEST(evidence_comes_from_the_steps)
{
	struct nfp_style_result style = {.style = NFP_STYLE_BRIDGE, .stopped = true};
	struct nfp_evidence e;

	add_step(&style, NFP_STEP_STANDBY, NFP_STATUS_DONE);
	add_step(&style, NFP_STEP_ASSIGN, NFP_STATUS_REFUSED);
	style.steps[1].errnum = EEXIST;
	style.steps[1].drops = 3;
	add_step(&style, NFP_STEP_ATTACH, NFP_STATUS_SKIPPED);
	style.steps[2].w.skip_allowed = true;
	add_step(&style, NFP_STEP_UP, NFP_STATUS_DONE);
	style.steps[3].unsettled = true;
	style.steps[3].w.count[NFP_KIND_UNREGISTERED].at[NFP_AT_VF] = 1;
	style.steps[3].carrier_lost = true;
	nfp_evidence_of(&style, &nfp_sources[NFP_SOURCE_VF].shows, &e);
	assert_true(e.stopped && e.drops && e.carrier_lost && !e.changed);
	assert_true(e.assign_refused_duplicate);
	assert_false(e.shows.outside);
	assert_int_equal(e.style, NFP_STYLE_BRIDGE);
	assert_true(e.step[NFP_STEP_ATTACH].skip_allowed);
	assert_int_equal(e.step[NFP_STEP_STANDBY].landing[NFP_KIND_BROADCAST], NFP_LANDING_BOTH);
	assert_int_equal(e.step[NFP_STEP_UP].landing[NFP_KIND_UNICAST], NFP_LANDING_MIXED);
	assert_true(e.step[NFP_STEP_UP].vf_heard);
	assert_false(e.step[NFP_STEP_STANDBY].vf_heard);
	assert_int_equal(e.step[NFP_STEP_CLEAR].status, NFP_STATUS_SKIPPED);

	/* Any other refusal has nothing to do with a second owner. */
	style.steps[1].errnum = EPERM;
	nfp_evidence_of(&style, &nfp_sources[NFP_SOURCE_VF].shows, &e);
	assert_false(e.assign_refused_duplicate);
}

/* Old ice says EINVAL, as others do to any address: only one that it takes first tells. */
TEST(einval_for_a_duplicate)
{
	struct nfp_style_result style = {.style = NFP_STYLE_MACVTAP};
	struct nfp_evidence e;

	add_step(&style, NFP_STEP_STANDBY, NFP_STATUS_DONE);
	add_step(&style, NFP_STEP_ASSIGN, NFP_STATUS_REFUSED);
	style.steps[1].errnum = EINVAL;
	nfp_evidence_of(&style, &nfp_sources[NFP_SOURCE_NETDEV].shows, &e);
	assert_false(e.assign_refused_duplicate);
	add_step(&style, NFP_STEP_VF_FIRST, NFP_STATUS_DONE);
	nfp_evidence_of(&style, &nfp_sources[NFP_SOURCE_NETDEV].shows, &e);
	assert_true(e.assign_refused_duplicate);
	style.steps[2].w.status = NFP_STATUS_REFUSED;
	nfp_evidence_of(&style, &nfp_sources[NFP_SOURCE_NETDEV].shows, &e);
	assert_false(e.assign_refused_duplicate);
	/* The PF holds no address of its own: what is refused is no duplicate. */
	style.steps[2].w.status = NFP_STATUS_DONE;
	style.style = NFP_STYLE_BRIDGE;
	nfp_evidence_of(&style, &nfp_sources[NFP_SOURCE_NETDEV].shows, &e);
	assert_false(e.assign_refused_duplicate);
}

/* Expected verdict of a VF, said as a list from worst to best. */
static enum nfp_verdict worst_of(const enum nfp_verdict v[2], const bool allowed[2])
{
	static const enum nfp_verdict worst_first[] = {NFP_VERDICT_EARLY, NFP_VERDICT_REFUSED,
						       NFP_VERDICT_DEAF, NFP_VERDICT_STICKY,
						       NFP_VERDICT_SLOW};
	bool any = false, doubt = false;

	for (size_t w = 0; w < 5; w++) {
		for (size_t i = 0; i < 2; i++) {
			if (v[i] == worst_first[w] && !allowed[i])
				return worst_first[w];
		}
	}
	for (size_t i = 0; i < 2; i++) {
		any |= v[i] != NFP_VERDICT_NOT_APPLICABLE;
		doubt |= v[i] == NFP_VERDICT_UNKNOWN || v[i] == NFP_VERDICT_UNSET;
	}
	return !any || doubt ? NFP_VERDICT_UNKNOWN : NFP_VERDICT_SAFE;
}

TEST(worst_style_is_the_vf)
{
	for (unsigned int code = 0; code < 4U * NFP_VERDICT_COUNT * NFP_VERDICT_COUNT; code++) {
		enum nfp_verdict v[2] = {code / 4 % NFP_VERDICT_COUNT,
					 code / 4 / NFP_VERDICT_COUNT};
		bool allowed[2] = {code & 1, code & 2};
		struct nfp_style_result styles[2];
		struct nfp_vf_result vf = {.styles = styles, .num_styles = 2};
		bool filter_better = v[0] == NFP_VERDICT_SAFE && v[1] != NFP_VERDICT_SAFE &&
				     v[1] != NFP_VERDICT_NOT_APPLICABLE;

		for (unsigned int i = 0; i < 2; i++)
			styles[i] = (struct nfp_style_result) {.style = (enum nfp_style)i,
							       .verdict = v[i],
							       .allowed = allowed[i],
							       .requires = 8U << i};
		nfp_judge_vf(&vf);
		assert_int_equal(vf.verdict, worst_of(v, allowed));
		assert_int_equal(vf.requires & 24U, 24U);
		assert_int_equal((vf.requires & R(USE_FILTER_STANDBY)) != 0, filter_better);
	}
}

/* A style that is not there any more was not seen; that a VF was not put back is another matter. */
TEST(a_probe_that_was_cut_short_is_not_safe)
{
	struct nfp_style_result style = {.style = NFP_STYLE_MACVTAP, .verdict = NFP_VERDICT_SAFE};
	struct nfp_vf_result vf = {
		.num_styles = 1,
		.styles = &style,
		.status = NFP_VF_FAILED,
		.error = {.code = NFP_E_KERNEL},
	};

	nfp_judge_vf(&vf);
	assert_int_equal(vf.verdict, NFP_VERDICT_UNKNOWN);
	style.verdict = NFP_VERDICT_EARLY;
	nfp_judge_vf(&vf);
	assert_int_equal(vf.verdict, NFP_VERDICT_EARLY);
	style.verdict = NFP_VERDICT_SAFE;
	vf.error.code = NFP_E_RESTORE;
	nfp_judge_vf(&vf);
	assert_int_equal(vf.verdict, NFP_VERDICT_SAFE);
}

TEST(a_vf_that_was_probed_is_the_run)
{
	static const struct {
		enum nfp_vf_status status;
		enum nfp_verdict verdict, run;
	} cases[] = {
		{NFP_VF_PROBED, NFP_VERDICT_SAFE, NFP_VERDICT_SAFE},
		{NFP_VF_PROBED, NFP_VERDICT_STICKY, NFP_VERDICT_STICKY},
		{NFP_VF_IN_USE, NFP_VERDICT_EARLY, NFP_VERDICT_UNKNOWN},
		{NFP_VF_FAILED, NFP_VERDICT_SAFE, NFP_VERDICT_UNKNOWN},
	};
	struct nfp_result result = {.vf = {.verdict = NFP_VERDICT_SAFE, .status = NFP_VF_PROBED}};

	assert_int_equal(nfp_judge_run(&result), NFP_VERDICT_UNKNOWN);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		result = (struct nfp_result) {
			.have_vf = true,
			.vf = {.status = cases[i].status, .verdict = cases[i].verdict}};
		assert_int_equal(nfp_judge_run(&result), cases[i].run);
	}
}

/* A run of macvtap and bridge, of which @styles have a ladder without steps, which says what it
 * says. */
static struct nfp_result run_of(struct nfp_style_result *styles, size_t num)
{
	for (size_t i = 0; i < num; i++)
		styles[i] = (struct nfp_style_result) {.style = (enum nfp_style)i,
						       .verdict = NFP_VERDICT_SAFE};
	return (struct nfp_result) {
		.settings.styles = {[NFP_STYLE_MACVTAP] = true, [NFP_STYLE_BRIDGE] = true},
		.have_vf = true,
		.vf = {.status = NFP_VF_PROBED, .styles = styles, .num_styles = num},
		.have_verdict = true,
		.restored = true,
		.exit_status = 77,
	};
}

TEST(what_ended_a_run_decides_its_status)
{
	static const struct {
		enum nfp_errcode code;
		bool have_verdict, restored;
		enum nfp_verdict verdict;
		int status;
	} ends[] = {
		{NFP_E_NONE, true, true, NFP_VERDICT_SAFE, NFP_EXIT_SAFE},
		{NFP_E_NONE, false, true, NFP_VERDICT_UNKNOWN, NFP_EXIT_CANNOT},
		{NFP_E_OUTPUT, true, true, NFP_VERDICT_SAFE, NFP_EXIT_CANNOT},
		{NFP_E_KERNEL, false, true, NFP_VERDICT_UNKNOWN, NFP_EXIT_CANNOT},
		{NFP_E_INTERRUPTED, true, true, NFP_VERDICT_UNKNOWN, 77},
		{NFP_E_TIMEOUT, true, true, NFP_VERDICT_UNKNOWN, 77},
		{NFP_E_RESTORE, true, false, NFP_VERDICT_SAFE, NFP_EXIT_NOT_RESTORED},
		{NFP_E_INTERRUPTED, true, false, NFP_VERDICT_UNKNOWN, NFP_EXIT_NOT_RESTORED},
	};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct nfp_style_result styles[2];
		struct nfp_result result = run_of(styles, 2);

		result.error.code = ends[i].code;
		result.have_verdict = ends[i].have_verdict;
		result.restored = ends[i].restored;
		nfp_judge_result(&result);
		assert_int_equal(result.verdict, ends[i].verdict);
		assert_int_equal(result.exit_status, ends[i].status);
	}
}

TEST(a_style_that_was_not_begun_leaves_the_run_unknown)
{
	struct nfp_style_result styles[1];
	struct nfp_result result = run_of(styles, 1);

	nfp_judge_result(&result);
	assert_int_equal(result.verdict, NFP_VERDICT_UNKNOWN);
	styles[0].verdict = NFP_VERDICT_EARLY;
	nfp_judge_result(&result);
	assert_int_equal(result.verdict, NFP_VERDICT_EARLY);
	styles[0].verdict = NFP_VERDICT_SAFE;
	result.settings.styles[NFP_STYLE_BRIDGE] = false;
	nfp_judge_result(&result);
	assert_int_equal(result.verdict, NFP_VERDICT_SAFE);
}

/*
 * Macvtap, bridge, bridge+pin, bridge+fdb: the verdicts so far. i: safe by frames from inside the
 * NIC; r: REFUSED, with a duty that helps; 4: IPv4 only, and --require ipv6.
 */
static bool is_due_if(bool named, const char *verdicts, enum nfp_style fix)
{
	struct nfp_style_result styles[NFP_STYLE_COUNT] = {{0}};
	struct nfp_vf_result vf = {.styles = styles};

	for (; verdicts[vf.num_styles]; vf.num_styles++) {
		struct nfp_style_result *style = &styles[vf.num_styles];

		style->style = (enum nfp_style)vf.num_styles;
		style->verdict = verdicts[vf.num_styles] == 's'		 ? NFP_VERDICT_SAFE
				 : strchr("?i", verdicts[vf.num_styles]) ? NFP_VERDICT_UNKNOWN
				 : verdicts[vf.num_styles] == 'n' ? NFP_VERDICT_NOT_APPLICABLE
				 : verdicts[vf.num_styles] == 'r' ? NFP_VERDICT_REFUSED
				 : verdicts[vf.num_styles] == '4' ? NFP_VERDICT_DEAF
								  : NFP_VERDICT_EARLY;
		style->allowed = verdicts[vf.num_styles] == 'a';
		if (verdicts[vf.num_styles] == 'i')
			style->by = NFP_CHECK_WIRE;
		if (verdicts[vf.num_styles] == 'r')
			style->requires = NFP_REQ_BIT(NFP_REQ_ASSIGN_BEFORE_STANDBY);
		if (verdicts[vf.num_styles] == '4')
			style->by = NFP_CHECK_IPV6;
	}
	return nfp_fix_is_due(&vf, fix, named);
}

/* Of a bridge that --style has named. */
static bool is_due(const char *verdicts, enum nfp_style fix)
{
	return is_due_if(true, verdicts, fix);
}

TEST(a_fix_is_due_where_a_bridge_is_not_safe)
{
	const enum nfp_style fdb = NFP_STYLE_BRIDGE_FDB, still = NFP_STYLE_STATIC_BRIDGE;

	assert_true(is_due("se", fdb));
	assert_true(is_due("ee", fdb));
	assert_false(is_due("ss", fdb));
	assert_false(is_due("s?", fdb));
	assert_false(is_due("sn", fdb));
	assert_false(is_due("sa", fdb));
	assert_false(is_due("se", NFP_STYLE_VF_BRIDGE));
	assert_false(is_due("es", NFP_STYLE_MACVTAP));
	/* Only after one that failed, and where the PF's filter does its work. */
	assert_true(is_due("see", still));
	assert_true(is_due("se?", still));
	assert_false(is_due("ses", still));
	assert_false(is_due("eee", still));
	assert_false(is_due("nee", still));
}

/* Of a run that has named no style, where each other is not safe by itself. */
TEST(a_fix_is_not_due_where_a_guest_is_served_without_it)
{
	static const struct {
		const char *verdicts;
		bool due, due_if_named;
	} runs[] = {
		{"se", false, true}, {"ae", false, true}, {"ee", true, true},
		{"re", true, true},  {"4e", true, true},  {"?e", true, true},
		{"ie", true, true},  {"ne", true, true},  {"es", false, false},
	};

	nfp_for_each (run, runs, NFP_NUM(runs)) {
		assert_int_equal(is_due_if(false, run->verdicts, NFP_STYLE_BRIDGE_FDB), run->due);
		assert_int_equal(is_due(run->verdicts, NFP_STYLE_BRIDGE_FDB), run->due_if_named);
	}
}

/* What is required of an allowed verdict, too; another verdict stays as it is. */
TEST(no_allowed_verdict_waives_what_is_required)
{
	static const struct {
		enum nfp_verdict verdict, allowed;
		enum nfp_check_state ipv6;
		enum nfp_verdict expect;
		bool expect_allowed;
		const char *reason;
	} cases[] = {
		{NFP_VERDICT_SLOW, NFP_VERDICT_SLOW, NFP_STATE_OK, NFP_VERDICT_SLOW, true, ""},
		{NFP_VERDICT_SLOW, NFP_VERDICT_SLOW, NFP_STATE_LOST, NFP_VERDICT_DEAF, false,
		 "slow is allowed, but --require ipv6: IPv6 is lost"},
		{NFP_VERDICT_SLOW, NFP_VERDICT_SLOW, NFP_STATE_UNTESTED, NFP_VERDICT_UNKNOWN, false,
		 "slow is allowed, but --require ipv6: "},
		{NFP_VERDICT_REFUSED, NFP_VERDICT_REFUSED, NFP_STATE_UNPROVEN, NFP_VERDICT_UNKNOWN,
		 false, "refused is allowed, but --require ipv6: "},
		/* That it is deaf is allowed, but not where IPv6 is required. */
		{NFP_VERDICT_SAFE, NFP_VERDICT_DEAF, NFP_STATE_LOST, NFP_VERDICT_DEAF, false,
		 "frames land where they must, but --require ipv6: "},
		{NFP_VERDICT_STICKY, NFP_VERDICT_EARLY, NFP_STATE_LOST, NFP_VERDICT_STICKY, false,
		 ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nfp_settings settings = {.require_ipv6 = true};
		struct nfp_style_result style = {.style = NFP_STYLE_BRIDGE,
						 .judged.verdict = cases[i].verdict,
						 .multicast = cases[i].ipv6};

		settings.allow[cases[i].allowed] = true;
		ask_for(&style, &settings, NFP_CHECK_STEPS, NFP_CHECK_IPV6);
		assert_int_equal(style.verdict, cases[i].expect);
		assert_int_equal(style.allowed, cases[i].expect_allowed);
		assert_int_equal(strncmp(style.reason, cases[i].reason, strlen(cases[i].reason)),
				 0);
	}
}

TEST(ipv6_that_is_required_has_no_condition)
{
	static const struct {
		enum nfp_style style;
		enum nfp_verdict verdict;
		enum nfp_check_state multicast;
		enum nfp_verdict expect;
		const char *reason;
	} cases[] = {
		{NFP_STYLE_BRIDGE, NFP_VERDICT_SAFE, NFP_STATE_OK, NFP_VERDICT_SAFE, ""},
		{NFP_STYLE_MACVTAP, NFP_VERDICT_SAFE, NFP_STATE_OK, NFP_VERDICT_DEAF,
		 "frames land where they must, but --require ipv6: without trustGuestRxFilters"},
		{NFP_STYLE_MACVTAP, NFP_VERDICT_SLOW, NFP_STATE_OK, NFP_VERDICT_DEAF,
		 "slow is allowed, but --require ipv6: without trustGuestRxFilters"},
		{NFP_STYLE_BRIDGE, NFP_VERDICT_SLOW, NFP_STATE_LOST, NFP_VERDICT_DEAF,
		 "slow is allowed, but --require ipv6: IPv6 is lost"},
		{NFP_STYLE_BRIDGE, NFP_VERDICT_SAFE, NFP_STATE_UNPROVEN, NFP_VERDICT_UNKNOWN,
		 "frames land where they must, but --require ipv6: "},
		{NFP_STYLE_BRIDGE, NFP_VERDICT_SAFE, NFP_STATE_UNTESTED, NFP_VERDICT_UNKNOWN,
		 "frames land where they must, but --require ipv6: IPv6 was not tested"},
		{NFP_STYLE_MACVTAP, NFP_VERDICT_EARLY, NFP_STATE_OK, NFP_VERDICT_EARLY, ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nfp_settings settings = {.require_ipv6 = true};
		struct nfp_style_result style = {.style = cases[i].style,
						 .judged.verdict = cases[i].verdict,
						 .multicast = cases[i].multicast};

		settings.allow[NFP_VERDICT_SLOW] = settings.allow[NFP_VERDICT_DEAF] = true;
		ask_for(&style, &settings, NFP_CHECK_STEPS, NFP_CHECK_IPV6);
		assert_int_equal(style.verdict, cases[i].expect);
		assert_false(style.allowed);
		assert_int_equal(strncmp(style.reason, cases[i].reason, strlen(cases[i].reason)),
				 0);
	}
}

TEST(a_fix_counts_for_nothing_but_as_a_fix)
{
	struct nfp_style_result styles[] = {
		{.style = NFP_STYLE_MACVTAP, .verdict = NFP_VERDICT_SAFE},
		{.style = NFP_STYLE_BRIDGE,
		 .verdict = NFP_VERDICT_STICKY,
		 .requires = R(CLEAR_AT_UNPLUG) | R(ASSIGN_AT_HOTPLUG),
		 .steps = {{.step = NFP_STEP_UP, .w.answer = NFP_NO},
			   {.step = NFP_STEP_VF_FIRST_CLEAR, .w.answer = NFP_YES}},
		 .num_steps = 2},
		{.style = NFP_STYLE_BRIDGE_FDB,
		 .verdict = NFP_VERDICT_EARLY,
		 .requires = R(DO_NOT_USE),
		 .is_fix = true},
		{.style = NFP_STYLE_STATIC_BRIDGE, .verdict = NFP_VERDICT_SAFE, .is_fix = true},
	};
	struct nfp_vf_result vf = {.styles = styles, .num_styles = 4};
	static const char *const by[] = {"macvtap", "static-bridge", "", "vf-first-clear"};

	nfp_judge_vf(&vf);
	assert_int_equal(vf.verdict, NFP_VERDICT_STICKY);
	assert_int_equal(vf.requires, R(USE_FILTER_STANDBY) | R(KEEP_BRIDGE_STATIC) |
					      R(ASSIGN_AT_HOTPLUG) | R(CLEAR_AT_UNPLUG));
	assert_int_equal(vf.num_proofs, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_string_equal(vf.proofs[i].by, by[i]);
		assert_false(vf.proofs[i].multicast_lost);
	}
}

/* A landing of unicast and broadcast at the PF, where a group lands nowhere. */
static struct nfp_step_result without_multicast(enum nfp_step step)
{
	return (struct nfp_step_result) {
		.step = step,
		.w.status = NFP_STATUS_DONE,
		.w.landing = {[NFP_KIND_UNICAST] = NFP_LANDING_PF,
			      [NFP_KIND_BROADCAST] = NFP_LANDING_PF,
			      [NFP_KIND_MULTICAST] = NFP_LANDING_NOWHERE},
		.w.answer = NFP_NO,
	};
}

static enum nfp_style best(const struct nfp_vf_result *vf, bool expect_multicast_lost)
{
	bool lost;
	enum nfp_style style = nfp_best_fix(vf, NFP_STYLE_BRIDGE, &lost);

	assert_int_equal(lost, expect_multicast_lost);
	return style;
}

TEST(the_best_fix_is_safe_or_lacks_multicast_alone)
{
	struct nfp_style_result styles[] = {
		{.style = NFP_STYLE_BRIDGE,
		 .verdict = NFP_VERDICT_EARLY,
		 .requires = R(CLEAR_AT_UNPLUG),
		 .steps = {without_multicast(NFP_STEP_VF_FIRST_CLEAR)},
		 .num_steps = 1},
		{.style = NFP_STYLE_BRIDGE_FDB,
		 .verdict = NFP_VERDICT_DEAF,
		 .multicast = NFP_STATE_LOST,
		 .steps = {without_multicast(NFP_STEP_UNPLUG)},
		 .num_steps = 1,
		 .is_fix = true},
		{.style = NFP_STYLE_STATIC_BRIDGE, .verdict = NFP_VERDICT_SAFE, .is_fix = true},
	};
	struct nfp_style_result *bridge = &styles[0], *fdb = &styles[1], *still = &styles[2];
	struct nfp_vf_result vf = {.styles = styles, .num_styles = 3};

	assert_int_equal(best(&vf, false), NFP_STYLE_STATIC_BRIDGE);
	/* The first of two that are alike. */
	*still = *fdb;
	still->style = NFP_STYLE_STATIC_BRIDGE;
	assert_int_equal(best(&vf, true), NFP_STYLE_BRIDGE_FDB);
	nfp_judge_vf(&vf);
	assert_int_equal(vf.requires, R(ADD_FILTER_ENTRY) | R(CLEAR_AT_UNPLUG));
	assert_string_equal(vf.proofs[0].by, "bridge+fdb");
	assert_true(vf.proofs[0].multicast_lost);
	assert_string_equal(vf.proofs[1].by, "vf-first-clear");
	assert_true(vf.proofs[1].multicast_lost);
	still->verdict = NFP_VERDICT_UNKNOWN;
	/* It fixes nothing of a bridge that lacks multicast alone, too. */
	bridge->verdict = NFP_VERDICT_DEAF;
	bridge->multicast = NFP_STATE_LOST;
	assert_int_equal(best(&vf, true), NFP_STYLE_COUNT);
	fdb->verdict = NFP_VERDICT_SAFE;
	assert_int_equal(best(&vf, false), NFP_STYLE_BRIDGE_FDB);
	fdb->verdict = NFP_VERDICT_NOT_APPLICABLE;
	/* Whichever verdict it has for that. */
	bridge->verdict = NFP_VERDICT_EARLY;
	assert_int_equal(best(&vf, true), NFP_STYLE_COUNT);
	assert_true(nfp_lacks_only_multicast(bridge));
	bridge->verdict = NFP_VERDICT_REFUSED;
	assert_false(nfp_lacks_only_multicast(bridge));
	bridge->verdict = NFP_VERDICT_EARLY;
	bridge->multicast = NFP_STATE_OK;
	assert_int_equal(best(&vf, false), NFP_STYLE_COUNT);
}

TEST(assign_before_standby_is_proved_by_three_steps)
{
	struct nfp_style_result style = {
		.steps = {{.step = NFP_STEP_VF_FIRST, .w.answer = NFP_YES},
			  {.step = NFP_STEP_VF_FIRST_UP, .w.answer = NFP_YES},
			  {.step = NFP_STEP_VF_FIRST_UNPLUG, .w.answer = NFP_YES}},
		.num_steps = 3,
	};
	enum nfp_check_state group;

	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(nfp_proved_by(&style, NFP_REQ_ASSIGN_BEFORE_STANDBY, &group),
				 NFP_STEP_VF_FIRST);
		assert_int_equal(group, NFP_STATE_OK);
		style.steps[i].w.answer = NFP_UNKNOWN;
		assert_int_equal(nfp_proved_by(&style, NFP_REQ_ASSIGN_BEFORE_STANDBY, &group),
				 NFP_STEP_COUNT);
		style.steps[i].w.answer = NFP_YES;
	}
	style.steps[2] = without_multicast(NFP_STEP_VF_FIRST_UNPLUG);
	assert_int_equal(nfp_proved_by(&style, NFP_REQ_ASSIGN_BEFORE_STANDBY, &group),
			 NFP_STEP_VF_FIRST);
	assert_int_equal(group, NFP_STATE_LOST);
	assert_int_equal(nfp_proved_by(&style, NFP_REQ_DO_NOT_USE, &group), NFP_STEP_COUNT);
}

/* A reset before it may be what makes it work. */
TEST(clear_at_unplug_is_proved_without_a_reset)
{
	struct nfp_style_result style = {
		.steps = {{.step = NFP_STEP_CLEAR, .w.answer = NFP_YES},
			  {.step = NFP_STEP_VF_FIRST_CLEAR, .w.answer = NFP_NO}},
		.num_steps = 2,
	};
	enum nfp_check_state group;

	assert_int_equal(nfp_proved_by(&style, NFP_REQ_CLEAR_AT_UNPLUG, &group), NFP_STEP_COUNT);
	style.steps[0].w.answer = NFP_NO;
	style.steps[1].w.answer = NFP_YES;
	assert_int_equal(nfp_proved_by(&style, NFP_REQ_CLEAR_AT_UNPLUG, &group),
			 NFP_STEP_VF_FIRST_CLEAR);
}

/* A group that a state does not show is not proved with the rest. */
TEST(a_proof_is_of_the_group_or_says_so)
{
	struct nfp_style_result style = {
		.requires = R(CLEAR_AT_UNPLUG),
		.verdict = NFP_VERDICT_STICKY,
		.steps = {{.step = NFP_STEP_STANDBY,
			   .w.landing[NFP_KIND_MULTICAST] = NFP_LANDING_PF},
			  {.step = NFP_STEP_VF_FIRST_CLEAR,
			   .w.answer = NFP_YES,
			   .w.landing[NFP_KIND_MULTICAST] = NFP_LANDING_PF}},
		.num_steps = 2,
	};
	static const struct {
		enum nfp_landing standby, clear;
		bool after_reannounce, open;
	} cases[] = {
		{NFP_LANDING_PF, NFP_LANDING_PF, false, false},
		{NFP_LANDING_BOTH, NFP_LANDING_BOTH, false, false},
		{NFP_LANDING_PF, NFP_LANDING_NOWHERE, false, true},
		{NFP_LANDING_PF, NFP_LANDING_MIXED, false, true},
		{NFP_LANDING_PF, NFP_LANDING_PF, true, true},
		{NFP_LANDING_MIXED, NFP_LANDING_VF, false, true},
		{NFP_LANDING_NOWHERE, NFP_LANDING_PF, false, false},
		/* The network brings none; or none was sent. */
		{NFP_LANDING_NOWHERE, NFP_LANDING_NOWHERE, false, true},
		{NFP_LANDING_NONE, NFP_LANDING_NONE, false, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nfp_vf_result vf = {.styles = &style, .num_styles = 1};
		enum nfp_check_state group;

		style.steps[0].w.landing[NFP_KIND_MULTICAST] = cases[i].standby;
		style.steps[1].w.landing[NFP_KIND_MULTICAST] = cases[i].clear;
		style.steps[1].after_rereport = cases[i].after_reannounce;
		assert_int_equal(nfp_proved_by(&style, NFP_REQ_CLEAR_AT_UNPLUG, &group),
				 NFP_STEP_VF_FIRST_CLEAR);
		assert_int_equal(group, cases[i].open ? NFP_STATE_UNPROVEN : NFP_STATE_OK);
		nfp_judge_vf(&vf);
		assert_string_equal(vf.proofs[0].by, "vf-first-clear");
		assert_int_equal(vf.proofs[0].multicast_unproven, cases[i].open);
	}
}

/* .. of the states that the requirements leave a guest in, and of no other. */
TEST(the_group_that_requirements_leave)
{
	static const struct {
		uint32_t requires;
		enum nfp_step step;
		enum nfp_check_state lost,
			open; /* where the group is lost, or open, in that step */
	} cases[] = {
		{0, NFP_STEP_UNPLUG, NFP_STATE_LOST, NFP_STATE_UNPROVEN},
		{R(DETACH_BEFORE_MIGRATION), NFP_STEP_UNPLUG, NFP_STATE_OK, NFP_STATE_OK},
		{R(DETACH_BEFORE_MIGRATION), NFP_STEP_DETACH, NFP_STATE_LOST, NFP_STATE_UNPROVEN},
		{R(CLEAR_AT_UNPLUG), NFP_STEP_DETACH, NFP_STATE_OK, NFP_STATE_OK},
		{R(CLEAR_AT_UNPLUG), NFP_STEP_CLEAR, NFP_STATE_LOST, NFP_STATE_UNPROVEN},
		{0, NFP_STEP_ASSIGN, NFP_STATE_OK, NFP_STATE_OK}, /* it only records */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nfp_style_result style = {
			.requires = cases[i].requires,
			.steps = {{.step = NFP_STEP_STANDBY,
				   .w.answer = NFP_YES,
				   .w.landing[NFP_KIND_MULTICAST] = NFP_LANDING_PF},
				  without_multicast(cases[i].step)},
			.num_steps = 2,
		};

		assert_int_equal(nfp_requirements_leave_group(&style), cases[i].lost);
		style.steps[1] = (struct nfp_step_result) {
			.step = cases[i].step,
			.w.answer = NFP_YES,
			.w.landing[NFP_KIND_MULTICAST] = NFP_LANDING_MIXED,
		};
		assert_int_equal(nfp_requirements_leave_group(&style), cases[i].open);
	}
}

TEST(exit_status)
{
	static const int status[NFP_VERDICT_COUNT] = {
		[NFP_VERDICT_UNSET] = 3,	  [NFP_VERDICT_EARLY] = 1,
		[NFP_VERDICT_REFUSED] = 1,	  [NFP_VERDICT_DEAF] = 1,
		[NFP_VERDICT_STICKY] = 1,	  [NFP_VERDICT_SLOW] = 1,
		[NFP_VERDICT_UNKNOWN] = 3,	  [NFP_VERDICT_SAFE] = 0,
		[NFP_VERDICT_NOT_APPLICABLE] = 1,
	};

	for (enum nfp_verdict v = 0; v < NFP_VERDICT_COUNT; v++)
		assert_int_equal(nfp_verdict_exit(v), status[v]);
	assert_int_equal(nfp_exit_of(true, true), 1);
}

TEST_MAIN()
