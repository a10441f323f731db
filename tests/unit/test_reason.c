// SPDX-License-Identifier: GPL-2.0-or-later
/* The words of a verdict: each reason, and what comes first in it. */
#include "harness.h"
#include "memnic/ask.h"
#include "base/output.h"
#include "verdict/result.h"
#include "verdict/verdict.h"
#include "unit/sight.h"
#include "../../src/report/summary_priv.h"
#include "../../src/verdict/judge.h"

TEST(every_reason_has_words)
{
	struct nfp_style_result style = {.style = NFP_STYLE_BRIDGE};
	char text[NFP_REASON_LEN], try[NFP_REASON_LEN];

	for (enum nfp_step s = 0; s < NFP_STEP_COUNT; s++)
		add_step(&style, s, NFP_STATUS_DONE);
	for (enum nfp_reason why = NFP_WHY_NONE + 1; why < NFP_WHY_COUNT; why++) {
		for (enum nfp_step s = 0; s <= NFP_STEP_COUNT; s++) {
			for (enum nfp_release r = 0; r < NFP_RELEASE_COUNT; r++) {
				struct nfp_judgement j = {.why = why, .step = s, .release = r};

				memset(text, 'x', sizeof(text));
				memset(try, 'x', sizeof(try));
				nfp_reason_text(&j, &style, "eth0", 3, text, try);
				/* Whole sentences: nothing was cut. */
				assert_true(strlen(text) + strlen(try) < sizeof(text) - 1);
				assert_true(why == NFP_WHY_SAFE || strlen(text) > 20);
				assert_null(strstr(text, "(null)"));
				assert_null(strstr(try, "(null)"));
			}
		}
	}
}

/* One cause, one sentence; and none where the group has another fate than the address. */
TEST(what_is_lost_together_is_told_once)
{
	struct nfp_judgement j = {
		.verdict = NFP_VERDICT_EARLY, .why = NFP_WHY_CLAIM, .step = NFP_STEP_VF_FIRST};
	struct nfp_style_result style = {.style = NFP_STYLE_MACVTAP};
	enum nfp_landing *group[2];
	char text[NFP_REASON_LEN], try[NFP_REASON_LEN];

	add_step(&style, NFP_STEP_STANDBY, NFP_STATUS_DONE);
	add_step(&style, NFP_STEP_VF_FIRST, NFP_STATUS_DONE);
	for (size_t i = 0; i < 2; i++)
		group[i] = &style.steps[i].w.landing[NFP_KIND_MULTICAST];
	*group[0] = NFP_LANDING_PF;
	*group[1] = style.steps[1].w.landing[NFP_KIND_UNICAST] = NFP_LANDING_NOWHERE;
	style.steps[1].w.landing[NFP_KIND_BROADCAST] = NFP_LANDING_PF;
	nfp_reason_text(&j, &style, "eth0", 3, text, try);
	assert_non_null(strstr(text, "; at \"reboot\" the multicast group does not reach eth0 "
				     "either: "));
	assert_non_null(strstr(text, "both have one cause"));
	*group[1] = NFP_LANDING_PF;
	nfp_reason_text(&j, &style, "eth0", 3, text, try);
	assert_null(strstr(text, "multicast"));
	*group[1] = NFP_LANDING_MIXED;
	nfp_reason_text(&j, &style, "eth0", 3, text, try);
	assert_null(strstr(text, "multicast"));
	*group[0] = *group[1] = NFP_LANDING_NOWHERE;
	nfp_reason_text(&j, &style, "eth0", 3, text, try);
	assert_null(strstr(text, "multicast"));
}

/* Broadcast alone reaches the standby: whatever it stands on, its own filter comes before a switch.
 */
TEST(its_own_filter_comes_first)
{
	static const struct {
		enum nfp_style style;
		const char *filter;
	} cases[] = {
		{NFP_STYLE_MACVTAP, "its own filter comes first, which may have no room"},
		{NFP_STYLE_BRIDGE, "its own filter comes first, since not every driver lets it be"},
		{NFP_STYLE_VF_BRIDGE, "that VF's own filter comes first"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct nfp_judgement j = {.verdict = NFP_VERDICT_UNKNOWN,
						.why = NFP_WHY_STANDBY_WIRE,
						.step = NFP_STEP_STANDBY};
		struct nfp_style_result style = {.style = cases[i].style};
		char text[NFP_REASON_LEN], try[NFP_REASON_LEN];
		const char *filter, *network;

		add_step(&style, NFP_STEP_STANDBY, NFP_STATUS_DONE);
		nfp_reason_text(&j, &style, "eth0", 3, text, try);
		nfp_appendf(text, sizeof(text), "%s", try);
		filter = strstr(text, cases[i].filter);
		network = strstr(text, "a switch that suppresses unknown unicast");
		assert_non_null(filter);
		assert_true(network > filter);
	}
}

/* From a sibling, the NIC's own switch comes first: what is known of it is said, else where to
 * look.
 */
TEST(the_switch_of_the_nic_is_named)
{
	struct nfp_judgement j = {.verdict = NFP_VERDICT_UNKNOWN,
				  .why = NFP_WHY_STANDBY_NO_BROADCAST,
				  .step = NFP_STEP_STANDBY};
	struct nfp_style_result style = {.style = NFP_STYLE_MACVTAP,
					 .from = {.known = true, .source = NFP_ENTERS_VF}};
	char text[NFP_REASON_LEN], try[NFP_REASON_LEN];

	add_step(&style, NFP_STEP_STANDBY, NFP_STATUS_DONE);
	nfp_reason_text(&j, &style, "eth0", 3, text, try);
	assert_non_null(strstr(try, "see whether the NIC's own switch is off"));
	j.vepa = true;
	nfp_reason_text(&j, &style, "eth0", 3, text, try);
	assert_non_null(strstr(text, "the NIC's switch is in mode VEPA"));
	assert_non_null(strstr(try, "set hwmode veb"));
	/* What comes by the wire has another way. */
	style.from.source = NFP_ENTERS_WIRE;
	nfp_reason_text(&j, &style, "eth0", 3, text, try);
	assert_null(strstr(text, "VEPA"));
}

/* Whatever is not known of frames that stay in the NIC, no cable and no switch withholds them. */
TEST(nobody_outside_is_blamed_for_frames_inside)
{
	static const char *const outside[] = {"cable",	     "the switch",    "a switch",
					      "the network", "port security", "storm"};
	static const enum nfp_reason whys[] = {NFP_WHY_STANDBY_UNKNOWN, NFP_WHY_STEP_UNPROVEN,
					       NFP_WHY_STEP_OUTAGE,	NFP_WHY_STEP_NO_BROADCAST,
					       NFP_WHY_STEP_MIXED,	NFP_WHY_GROUP_UNPROVEN,
					       NFP_WHY_VF_SILENT};
	struct nfp_style_result style = {.style = NFP_STYLE_MACVTAP,
					 .from = {.known = true, .source = NFP_ENTERS_VF}};
	char text[NFP_REASON_LEN], try[NFP_REASON_LEN];

	for (enum nfp_step s = 0; s < NFP_STEP_COUNT; s++)
		add_step(&style, s, NFP_STATUS_DONE);
	for (size_t i = 0; i < sizeof(whys) / sizeof(whys[0]); i++) {
		const struct nfp_judgement j = {.why = whys[i], .step = NFP_STEP_UP};
		const struct nfp_inconclusive *doubt;

		style.judged.why = j.why;
		nfp_reason_text(&j, &style, "eth0", 3, text, try);
		doubt = nfp_why_inconclusive(&style);
		nfp_appendf(text, sizeof(text), "%s; %s %s", try, doubt->words, doubt->todo);
		for (size_t k = 0; k < sizeof(outside) / sizeof(outside[0]); k++)
			if (strstr(text, outside[k]))
				fail_msg("%s: %s", nfp_reason_names.v[j.why], text);
	}
}

/* The PF has heard the source: a standby's VF that does not is to be looked at first. */
TEST(the_vf_that_is_the_port_is_looked_at_first)
{
	const struct nfp_judgement j = {.verdict = NFP_VERDICT_UNKNOWN,
					.why = NFP_WHY_STANDBY_NO_BROADCAST,
					.step = NFP_STEP_STANDBY};
	struct nfp_style_result style = {.style = NFP_STYLE_VF_BRIDGE, .via = "vf:0"};
	char text[NFP_REASON_LEN], try[NFP_REASON_LEN];

	add_step(&style, NFP_STEP_STANDBY, NFP_STATUS_DONE);
	style.judged.why = j.why;
	nfp_reason_text(&j, &style, "eth0", 3, text, try);
	assert_non_null(strstr(text, "from a source that eth0 hears: that VF's link state"));
	assert_null(strstr(try, "cable"));
	assert_string_equal(nfp_why_inconclusive(&style)->words, "the port's own VF hears nothing");
}

static void count_unicast(struct nfp_step_result *step, uint64_t pf, uint64_t vf, uint64_t both)
{
	step->w.count[NFP_KIND_UNICAST] =
		(struct nfp_count) {.sent = 1000, .at = {pf, vf}, .both = both};
	step->w.count[NFP_KIND_BROADCAST] =
		(struct nfp_count) {.sent = 20, .at = {20, 20}, .both = 20};
	step->w.landing[NFP_KIND_UNICAST] = nfp_landing_of(&step->w.count[NFP_KIND_UNICAST]);
}

/* Every step fit, and `alone` made. */
static struct nfp_style_result fit_style(void)
{
	struct nfp_style_result style = {.style = NFP_STYLE_MACVTAP};

	for (enum nfp_step s = 0; s < NFP_STEP_COUNT; s++) {
		add_step(&style, s, NFP_STATUS_DONE);
		count_unicast(&style.steps[s], nfp_ladder[s].expected == NFP_EXPECTED_VF ? 0 : 1000,
			      nfp_ladder[s].expected == NFP_EXPECTED_VF ? 1000 : 0, 0);
	}
	return style;
}

static void judge_style(const struct nfp_style_result *style, struct nfp_judgement *j,
			char text[NFP_REASON_LEN])
{
	char try[NFP_REASON_LEN];
	struct nfp_evidence e;

	nfp_evidence_of(style, &nfp_sources[NFP_SOURCE_NETDEV].shows, &e);
	nfp_judge(&e, j);
	nfp_reason_text(j, style, "eth0", 3, text, try);
	nfp_appendf(text, NFP_REASON_LEN, "%s", try);
}

/* The standby is not to blame for what the VF lacks without it, too. */
TEST(broadcast_that_the_vf_never_gets)
{
	struct nfp_style_result style = fit_style();
	enum nfp_landing *at = style.steps[NFP_STEP_ALONE].w.landing;
	char text[NFP_REASON_LEN];
	struct nfp_judgement j;

	for (enum nfp_step s = 0; s < NFP_STEP_COUNT; s++)
		if (nfp_ladder[s].expected == NFP_EXPECTED_VF)
			style.steps[s].w.landing[NFP_KIND_BROADCAST] = NFP_LANDING_PF;
	at[NFP_KIND_UNICAST] = NFP_LANDING_VF;
	at[NFP_KIND_BROADCAST] = NFP_LANDING_PF;
	judge_style(&style, &j, text);
	assert_int_equal(j.verdict, NFP_VERDICT_DEAF);
	assert_non_null(strstr(text, "never receives broadcast, with or without a standby"));
	at[NFP_KIND_BROADCAST] = NFP_LANDING_BOTH;
	style.steps[NFP_STEP_ALONE].w.landing[NFP_KIND_UNICAST] = NFP_LANDING_PF;
	judge_style(&style, &j, text);
	assert_int_equal(j.verdict, NFP_VERDICT_DEAF);
	assert_non_null(strstr(text, "does not receive broadcast while the standby has"));
}

/* A VF that gets half of its frames, since the PF gets the others, is deaf; lost frames show
 * nothing. */
TEST(frames_that_are_shared_out)
{
	struct nfp_style_result style = fit_style();
	struct nfp_step_result *up = &style.steps[NFP_STEP_UP];
	char text[NFP_REASON_LEN];
	struct nfp_judgement j;

	judge_style(&style, &j, text);
	assert_int_equal(j.verdict, NFP_VERDICT_SAFE);
	count_unicast(up, 500, 500, 0);
	judge_style(&style, &j, text);
	assert_int_equal(j.verdict, NFP_VERDICT_DEAF);
	assert_int_equal(j.requires, NFP_REQ_BIT(NFP_REQ_RELEASE_STANDBY_WHEN_UP));
	assert_non_null(strstr(text, "the NIC shares its frames out between eth0 and VF 3: of 1000 "
				     "frames 500 reached the PF and 500 the VF"));
	/* Nor does it get them alone. */
	count_unicast(&style.steps[NFP_STEP_ALONE], 500, 500, 0);
	judge_style(&style, &j, text);
	assert_int_equal(j.verdict, NFP_VERDICT_DEAF);
	assert_int_equal(j.requires, NFP_REQ_BIT(NFP_REQ_DO_NOT_USE));
	assert_non_null(strstr(text, "shares the frames to its address out"));
	/* It went from one to the other, and did not hold. */
	up->unsettled = true;
	judge_style(&style, &j, text);
	assert_int_equal(j.verdict, NFP_VERDICT_UNKNOWN);
	up->unsettled = false;
	/* Lost on the way. */
	count_unicast(up, 500, 500, 400);
	judge_style(&style, &j, text);
	assert_int_equal(j.verdict, NFP_VERDICT_UNKNOWN);
	assert_non_null(strstr(text, "look for loss"));
	/* Not clear, but nothing is lost. */
	count_unicast(up, 1000, 500, 500);
	judge_style(&style, &j, text);
	assert_int_equal(j.verdict, NFP_VERDICT_UNKNOWN);
	assert_null(strstr(text, "look for loss"));
	assert_non_null(strstr(text, "none was lost"));
}

TEST_MAIN()
