// SPDX-License-Identifier: GPL-2.0-or-later
/* A bridge that learns: what a guest that talks loses, whatever the NIC's filter does. */
#include <string.h>

#include "harness.h"
#include "memnic/ask.h"
#include "memnic/bed.h"
#include "verdict/verdict.h"
#include "unit/sample_result.h"
#include "../../src/verdict/judge.h"

#define NOT_BACK(num)                         \
	{                                     \
		.sent = (num), .shown = (num) \
	}
#define BACK                                     \
	{                                        \
		.sent = 4, .back = 1, .shown = 3 \
	}
#define NOT_HEARD         \
	{                 \
		.sent = 4 \
	}
#define NOT_BACK_BEFORE(a, b)                                  \
	{                                                      \
		.sent = (a), .shown = (a), .shown_before = (b) \
	}
#define BACK_BEFORE(num)                                        \
	{                                                       \
		.sent = (num), .shown = (num), .back_before = 1 \
	}

TEST(three_frames_of_a_ladder_or_one_in_each_of_two_show_that_none_comes_back)
{
	static const struct {
		struct nfp_reflection reflection;
		enum nfp_answer hears;
	} rows[] = {
		{BACK, NFP_YES},
		{NOT_BACK(3), NFP_NO},
		{NOT_BACK(2), NFP_UNKNOWN},
		{NOT_HEARD, NFP_UNKNOWN},
		{NOT_BACK_BEFORE(1, 1), NFP_NO},
		{NOT_BACK_BEFORE(0, 9), NFP_UNKNOWN},
		/* Once is enough for yes; but this ladder knows better. */
		{BACK_BEFORE(2), NFP_YES},
		{BACK_BEFORE(3), NFP_NO},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (nfp_uplink_hears(&rows[i].reflection) != rows[i].hears)
			fail_msg(
				"row %zu: %s", i,
				nfp_name(&nfp_answer_names, nfp_uplink_hears(&rows[i].reflection)));
	}
}

/* The first ladder of the sample, in another style, with these reflections. */
static struct nfp_style_result style_of(enum nfp_style which, enum nfp_verdict filter,
					struct nfp_reflection standby, struct nfp_reflection vf)
{
	struct nfp_result result;
	struct nfp_style_result style;

	sample_igb(&result);
	style = result.vf.styles[0];
	nfp_result_fini(&result);
	style.style = which;
	style.judged = (struct nfp_judged) {.verdict = filter, .step = NFP_STEP_COUNT};
	style.reflections[NFP_AT_PF] = standby;
	style.reflections[NFP_AT_VF] = vf;
	return style;
}

TEST(a_verdict_is_no_better_than_that_of_the_bridge)
{
	static const struct {
		enum nfp_style style;
		enum nfp_verdict filter;
		struct nfp_reflection standby, vf;
		enum nfp_verdict bridge, verdict;
		unsigned int gap_s;
	} rows[] = {
#define SAFE	NFP_VERDICT_SAFE
#define DEAF	NFP_VERDICT_DEAF
#define SLOW	NFP_VERDICT_SLOW
#define EARLY	NFP_VERDICT_EARLY
#define STICKY	NFP_VERDICT_STICKY
#define UNKNOWN NFP_VERDICT_UNKNOWN
#define NONE	NFP_VERDICT_NOT_APPLICABLE
		{NFP_STYLE_BRIDGE, SAFE, NOT_BACK(3), NOT_BACK(3), SAFE, SAFE, 0},
		{NFP_STYLE_BRIDGE, SAFE, BACK, NOT_BACK(3), DEAF, DEAF, 0},
		{NFP_STYLE_BRIDGE, SAFE, BACK, NOT_HEARD, DEAF, DEAF, 0},
		/* It gets what the guest sends by its VF, or may: safe on a condition. */
		{NFP_STYLE_BRIDGE, SAFE, NOT_BACK(3), BACK, SAFE, SAFE, 300},
		{NFP_STYLE_BRIDGE, SAFE, NOT_BACK(3), NOT_HEARD, SAFE, SAFE, 300},
		/* No time is promised where it may be lost for good. */
		{NFP_STYLE_BRIDGE, SAFE, NOT_HEARD, BACK, UNKNOWN, UNKNOWN, 0},
		{NFP_STYLE_BRIDGE, SAFE, NOT_HEARD, NOT_BACK(3), UNKNOWN, UNKNOWN, 0},
		{NFP_STYLE_BRIDGE, EARLY, BACK, BACK, DEAF, EARLY, 0},
		{NFP_STYLE_BRIDGE, STICKY, BACK, BACK, DEAF, DEAF, 0},
		{NFP_STYLE_BRIDGE, STICKY, NOT_BACK(3), BACK, SAFE, STICKY, 300},
		{NFP_STYLE_BRIDGE, SLOW, NOT_HEARD, NOT_HEARD, UNKNOWN, SLOW, 0},
		{NFP_STYLE_BRIDGE, UNKNOWN, BACK, BACK, DEAF, DEAF, 0},
		{NFP_STYLE_BRIDGE, UNKNOWN, NOT_BACK(3), BACK, SAFE, UNKNOWN, 300},
		{NFP_STYLE_BRIDGE, NONE, BACK, BACK, DEAF, NONE, 0},
		{NFP_STYLE_BRIDGE_FDB, SAFE, BACK, BACK, DEAF, DEAF, 0},
		{NFP_STYLE_BRIDGE_FDB, SAFE, NOT_BACK(3), BACK, SAFE, SAFE, 300},
		{NFP_STYLE_VF_BRIDGE, SAFE, NOT_BACK(3), BACK, SAFE, SAFE, 300},
		/* These have the guest where it is, or no bridge at all. */
		{NFP_STYLE_MACVTAP, SAFE, BACK, BACK, NONE, SAFE, 0},
		{NFP_STYLE_STATIC_BRIDGE, SAFE, BACK, BACK, NONE, SAFE, 0},
		{NFP_STYLE_BRIDGE_PIN, SAFE, BACK, BACK, NONE, SAFE, 0},
		{NFP_STYLE_BRIDGE_FDB_PIN, SAFE, BACK, BACK, NONE, SAFE, 0},
		{NFP_STYLE_VF_BRIDGE_PIN, SAFE, BACK, BACK, NONE, SAFE, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nfp_style_result style = style_of(rows[i].style, rows[i].filter,
							 rows[i].standby, rows[i].vf);

		ask_all(&style, NULL);
		if (style.bridge_verdict != rows[i].bridge || style.verdict != rows[i].verdict ||
		    style.filter_verdict != rows[i].filter ||
		    style.by_bridge != (rows[i].verdict != rows[i].filter) ||
		    style.bridge_gap_ms != 1000 * rows[i].gap_s ||
		    (style.by_bridge && !strstr(style.reason, "its own broadcasts back")))
			fail_msg("row %zu: %s, bridge %s, filter %s: %s", i,
				 nfp_verdict_name(style.verdict),
				 nfp_verdict_name(style.bridge_verdict),
				 nfp_verdict_name(style.filter_verdict), style.reason);
	}
}

/* IPv6 alone is lost by the filter, and all of the guest by the bridge. */
TEST(deaf_to_multicast_is_better_than_deaf)
{
	const struct nfp_criteria criteria = {.settings = &no_settings, .ifname = "eth0"};
	const struct nfp_reflection back = BACK;
	struct nfp_style_result style = style_of(NFP_STYLE_BRIDGE_FDB, NFP_VERDICT_DEAF, back,
						 back),
				pinned;

	style.multicast = NFP_STATE_LOST;
	style.bridge_verdict = NFP_VERDICT_NOT_APPLICABLE;
	ask(&style, NULL, NFP_CHECK_STEPS, NFP_CHECK_STEPS);
	assert_true(nfp_lacks_only_multicast(&style));
	ask_all(&style, NULL);
	assert_true(style.by_bridge);
	assert_false(nfp_lacks_only_multicast(&style));
	nfp_pin(&style, NFP_STYLE_BRIDGE_FDB_PIN, &criteria, &pinned);
	assert_true(nfp_lacks_only_multicast(&pinned));
}

static enum nfp_verdict verdict_within(enum nfp_style which, struct nfp_reflection vf,
				       unsigned int limit_ms, int ageing_ms)
{
	const struct nfp_settings settings = {.gap_limit_ms = limit_ms};
	const struct nfp_criteria criteria = {.settings = &settings,
					      .ifname = "eth0",
					      .have_ageing = ageing_ms >= 0,
					      .ageing_ms = ageing_ms > 0 ? (unsigned int)ageing_ms
									 : 0};
	const struct nfp_reflection not_back = NOT_BACK(3);
	struct nfp_style_result style = style_of(which, NFP_VERDICT_SAFE, not_back, vf);

	style.num_transitions = 0;
	nfp_judge_uplink(&style, &criteria);
	nfp_run_checks(&style, &criteria, NFP_CHECK_STEPS, NFP_CHECK_BRIDGE);
	assert_int_equal(style.by_bridge, style.verdict != NFP_VERDICT_SAFE);
	return style.verdict;
}

/* Against the time of the bridge that the PF is in, or that of a new one; a second VF is in none.
 */
TEST(a_gap_limit_counts_the_gap_of_the_bridge)
{
	static const struct {
		enum nfp_style style;
		bool seen;
		unsigned int limit_ms;
		int ageing_ms; /* -1: it is in none */
		enum nfp_verdict verdict;
	} rows_[] = {
		{NFP_STYLE_BRIDGE, true, 0, -1, SAFE},
		{NFP_STYLE_BRIDGE, true, 1000, -1, SLOW},
		{NFP_STYLE_BRIDGE, true, 299999, -1, SLOW},
		{NFP_STYLE_BRIDGE, true, 300000, -1, SAFE},
		{NFP_STYLE_BRIDGE, true, 1000, 15000, SLOW},
		{NFP_STYLE_BRIDGE, true, 15000, 15000, SAFE},
		{NFP_STYLE_BRIDGE, true, 300000, 600000, SLOW},
		/* br_fdb_update: a bridge that forgets at once learns nothing. */
		{NFP_STYLE_BRIDGE, true, 1000, 0, SAFE},
		{NFP_STYLE_BRIDGE, false, 1000, -1, UNKNOWN},
		{NFP_STYLE_BRIDGE_FDB, true, 1000, -1, SLOW},
		{NFP_STYLE_BRIDGE_PIN, true, 1000, -1, SAFE},
		{NFP_STYLE_VF_BRIDGE, true, 20000, 15000, SLOW},
		{NFP_STYLE_MACVTAP, true, 1000, -1, SAFE},
	};
	const struct nfp_reflection back = BACK, not_heard = NOT_HEARD;

	for (size_t i = 0; i < NFP_NUM(rows_); i++) {
		enum nfp_verdict verdict = verdict_within(rows_[i].style,
							  rows_[i].seen ? back : not_heard,
							  rows_[i].limit_ms, rows_[i].ageing_ms);

		if (verdict != rows_[i].verdict)
			fail_msg("row %zu: %s", i, nfp_verdict_name(verdict));
	}
}

/* No frame that stays inside the NIC shows what a bridge makes of those from the wire. */
TEST(nothing_is_known_of_a_bridge_from_inside)
{
	static const struct nfp_settings limit = {.gap_limit_ms = 1000};
	const struct nfp_reflection back = BACK, not_back = NOT_BACK(3);

	for (int deaf = 0; deaf < 2; deaf++) {
		for (int no_wire = 0; no_wire < 2; no_wire++) {
			struct nfp_style_result style = style_of(NFP_STYLE_BRIDGE, NFP_VERDICT_SAFE,
								 deaf ? back : not_back, back);

			style.from.source = NFP_ENTERS_VF;
			style.no_wire = no_wire;
			style.num_transitions = 0;
			nfp_judge_uplink(&style, NULL);
			ask_for(&style, deaf ? &no_settings : &limit, NFP_CHECK_STEPS,
				NFP_CHECK_BRIDGE);
			assert_int_equal(style.verdict, !no_wire ? UNKNOWN : deaf ? DEAF : SLOW);
			assert_true(style.by_bridge);
		}
	}
}

TEST(only_the_verdict_that_is_allowed_stands)
{
	static const struct nfp_settings slow = {.gap_limit_ms = 1000,
						 .allow = {[NFP_VERDICT_SLOW] = true}};
	static const bool deaf[NFP_VERDICT_COUNT] = {[NFP_VERDICT_DEAF] = true};
	const struct nfp_reflection back = BACK, not_back = NOT_BACK(3), not_heard = NOT_HEARD;
	struct nfp_style_result style;

	style = style_of(NFP_STYLE_BRIDGE, NFP_VERDICT_SAFE, not_back, back);
	style.num_transitions = 0;
	nfp_judge_uplink(&style, NULL);
	ask_for(&style, &slow, NFP_CHECK_STEPS, NFP_CHECK_BRIDGE);
	assert_int_equal(style.verdict, NFP_VERDICT_SLOW);
	assert_true(style.allowed);
	/* It may be deaf for good. */
	style = style_of(NFP_STYLE_BRIDGE, NFP_VERDICT_SAFE, not_heard, back);
	ask_all(&style, slow.allow);
	assert_int_equal(style.verdict, NFP_VERDICT_UNKNOWN);
	assert_false(style.allowed);
	style = style_of(NFP_STYLE_BRIDGE, NFP_VERDICT_UNKNOWN, back, back);
	ask_all(&style, deaf);
	assert_int_equal(style.verdict, NFP_VERDICT_UNKNOWN);
	assert_false(style.allowed);
}

/* Where the bridge is all that is wrong: the same ladder without the condition is no fix. */
TEST(a_pin_is_offered_for_what_a_bridge_fails)
{
	static const struct {
		struct nfp_reflection standby, vf;
		unsigned int limit_ms;
		bool slow_itself, offered;
	} rows_[] = {
		{BACK, BACK, 0, false, true},		{NOT_BACK(3), BACK, 0, false, false},
		{NOT_HEARD, BACK, 0, false, false},	{NOT_BACK(3), BACK, 1000, false, true},
		{NOT_BACK(3), BACK, 1000, true, false},
	};

	for (size_t i = 0; i < NFP_NUM(rows_); i++) {
		struct nfp_result run = {.settings.gap_limit_ms = rows_[i].limit_ms};
		struct nfp_style_result *style = nfp_vf_add_style(&run.vf);
		struct nfp_criteria criteria = nfp_criteria_of(&run, &run.vf);

		*style = style_of(NFP_STYLE_BRIDGE, NFP_VERDICT_SAFE, rows_[i].standby,
				  rows_[i].vf);
		style->num_transitions = rows_[i].slow_itself ? style->num_transitions : 0;
		if (rows_[i].slow_itself)
			style->transitions[0].unicast.gap = (struct nfp_span) {true, 2000000, 1000};
		nfp_judge_uplink(style, &criteria);
		nfp_run_checks(style, &criteria, NFP_CHECK_STEPS, NFP_CHECK_HOST);
		assert_int_equal(nfp_vf_add_pinned(&run, NFP_STYLE_BRIDGE_PIN, false) != NULL,
				 rows_[i].offered);
		nfp_vf_fini(&run.vf);
	}
}

/* Zero is EARLY. */
TEST(a_style_that_was_not_tested_has_no_verdict_nor_has_its_pin)
{
	const struct nfp_criteria criteria = {.settings = &no_settings, .ifname = "eth0"};
	static const enum nfp_verdict verdicts[] = {NFP_VERDICT_UNKNOWN,
						    NFP_VERDICT_NOT_APPLICABLE};
	struct nfp_vf_result vf = {.vf = 3};
	struct nfp_style_result *style = nfp_vf_add_style(&vf), pinned;

	assert_int_equal(style->verdict, NFP_VERDICT_UNKNOWN);
	assert_int_equal(style->judged.verdict, NFP_VERDICT_UNKNOWN);
	for (size_t i = 0; i < 2; i++) {
		style->style = NFP_STYLE_VF_BRIDGE;
		nfp_leave_out(style, verdicts[i], "there is none");
		assert_int_equal(style->verdict, verdicts[i]);
		nfp_pin(style, NFP_STYLE_VF_BRIDGE_PIN, &criteria, &pinned);
		assert_int_equal(pinned.verdict, verdicts[i]);
		assert_int_equal(pinned.filter_verdict, verdicts[i]);
		assert_string_equal(pinned.reason, "there is none");
	}
	nfp_vf_fini(&vf);
}

/* ---- ladders on a NIC in memory ---- */

static struct nfp_style_result run_ladder(struct core_personality nic, enum nfp_style which,
					  const struct memnic_conditions *conditions)
{
	struct nfp_style_result style;
	struct bed bed;

	bed_open(&bed, &nic, conditions, which);
	assert_int_equal(bed_run(&bed), 0);
	style = bed.result;
	bed_close(&bed);
	ask_behind(&style, NULL);
	return style;
}

/* A safe NIC whose PF gets nothing of what PF and VF send. */
static struct core_personality quiet_nic(void)
{
	struct core_personality nic = *memnic_archetype("mlx5");

	nic.returns[NFP_AT_PF] = nic.returns[NFP_AT_VF] = false;
	nic.no_loop[NFP_ENTERS_VF][NFP_AT_PF] = true;
	nic.promisc_from_inside = false;
	return nic;
}

TEST(what_comes_back_is_heard)
{
	struct core_personality nic = quiet_nic();
	struct nfp_style_result style = run_ladder(nic, NFP_STYLE_BRIDGE, NULL);

	assert_int_equal(style.uplink_hears[NFP_AT_PF], NFP_NO);
	assert_int_equal(style.uplink_hears[NFP_AT_VF], NFP_NO);
	assert_int_equal(style.verdict, NFP_VERDICT_SAFE);
	assert_int_equal(style.bridge_gap_ms, 0);
	/* A guest that talks to its host alone teaches the bridge, too. */
	nic.promisc_from_inside = true;
	style = run_ladder(nic, NFP_STYLE_BRIDGE, NULL);
	assert_int_equal(style.verdict, NFP_VERDICT_SAFE);
	assert_int_equal(style.bridge_gap_ms, NFP_AGEING_MS);
	nic.promisc_from_inside = false;
	nic.returns[NFP_AT_VF] = true;
	style = run_ladder(nic, NFP_STYLE_BRIDGE, NULL);
	assert_int_equal(style.uplink_hears[NFP_AT_PF], NFP_NO);
	assert_int_equal(style.uplink_hears[NFP_AT_VF], NFP_YES);
	assert_int_equal(style.verdict, NFP_VERDICT_SAFE);
	assert_int_equal(style.bridge_gap_ms, NFP_AGEING_MS);
	assert_int_equal(style.filter_verdict, NFP_VERDICT_SAFE);
	nic.returns[NFP_AT_PF] = true;
	style = run_ladder(nic, NFP_STYLE_BRIDGE, NULL);
	assert_int_equal(style.uplink_hears[NFP_AT_PF], NFP_YES);
	assert_int_equal(style.verdict, NFP_VERDICT_DEAF);
	style = run_ladder(nic, NFP_STYLE_MACVTAP, NULL);
	assert_int_equal(style.uplink_hears[NFP_AT_PF], NFP_YES);
	assert_int_equal(style.verdict, NFP_VERDICT_SAFE);
}

/* Silence of a source that hears nobody shows nothing. */
TEST(a_deaf_source_shows_no_no)
{
	static const struct memnic_conditions deaf = {.source_deaf = true};
	struct core_personality nic = quiet_nic();
	struct nfp_style_result style = run_ladder(nic, NFP_STYLE_BRIDGE, &deaf);

	assert_int_equal(style.uplink_hears[NFP_AT_PF], NFP_UNKNOWN);
	assert_int_equal(style.verdict, NFP_VERDICT_UNKNOWN);
	nic.returns[NFP_AT_VF] = true;
	style = run_ladder(nic, NFP_STYLE_BRIDGE, &deaf);
	assert_int_equal(style.uplink_hears[NFP_AT_VF], NFP_YES);
	assert_int_equal(style.verdict, NFP_VERDICT_UNKNOWN);
}

TEST_MAIN()
