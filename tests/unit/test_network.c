// SPDX-License-Identifier: GPL-2.0-or-later
/* Networks that withhold, forget and pause: no NIC is condemned, or called safe, for what they do.
 */
#include "verdict/verdict.h"
#include "unit/bedded.h"
#include "unit/scene.h"

#define SAFE_ROW "-PPPBlPPPPBBPBP"

NIC_AS(blinks, p->blinks_on = CORE_BIT(CORE_ON_RESET) | CORE_BIT(CORE_ON_UNBIND);
       p->blink_after_ns = 300 * MS; p->blink_for_ns = 200 * MS)
NIC_AS(blinks_at_reset, p->blinks_on = CORE_BIT(CORE_ON_RESET); p->blink_for_ns = 100 * MS)
NIC_AS(learns, p->learns = true; p->unlearns_on = CORE_BIT(CORE_ON_CLEAR); p->winner = CORE_ARB_VF)
NIC_AS(learns_until_down, learns(p); blinks_at_reset(p); p->unlearns_on = CORE_BIT(CORE_ON_DOWN))
NIC_AS(learns_and_blinks, learns(p); blinks_at_reset(p))
NIC_AS(wipes, p->clear_wipes_pf = true)
NIC_AS(loses_groups, p->pf_wiped_on = CORE_BIT(CORE_ON_UNBIND))
NIC_AS(joins_late, p->join_after_ns = 400 * MS)

static void settle_shortly(struct bed *bed)
{
	bed->config.settle_ns = 100 * MS;
}

/* Frames to the group are rare: twice the shortest settling time has seven of them. */
static void enough_was_lost(struct bed *bed)
{
	unsigned int lacks = 0;

	for (size_t i = 0; i < bed->result.num_steps; i++) {
		const struct nfp_step_result *step = &bed->result.steps[i];

		if (step->w.landing[NFP_KIND_MULTICAST] != NFP_LANDING_PF ||
		    step->w.landing[NFP_KIND_BROADCAST] != NFP_LANDING_BOTH)
			continue;
		lacks++;
		assert_true(step->w.count[NFP_KIND_MULTICAST].sent >= 8);
	}
	assert_int_not_equal(lacks, 0);
}

static const struct scene rows[] = {
	{"a network that floods", "mlx5", .verdict = NFP_VERDICT_SAFE, RESULT_IS(floods),
	 RESULT_IS_NOT(unregistered_announced)},
	{"one that withholds", "mlx5", .network = {.suppress_unknown = true},
	 .verdict = NFP_VERDICT_SAFE, .row = SAFE_ROW, RESULT_IS(unregistered_announced),
	 RESULT_IS_NOT(floods)},
	/* The port learns one address: the unregistered one would take the place of X. */
	{"the unregistered comes last", "mlx5",
	 .network = {.suppress_unknown = true, .learn_max = 1}, .verdict = NFP_VERDICT_UNKNOWN,
	 .row = "-PPPBlPPP------"},
	{"an address that was never delivered condemns nobody", "mlx5",
	 .network = {.suppress_unknown = true, .learn_max = 2}, .verdict = NFP_VERDICT_UNKNOWN,
	 .reason = "was not shown to deliver", .row = "-PPPBlPPP------"},
	/* The switch has forgotten X, and is told again. */
	{"a carrier that blinks condemns nobody", "mlx5", blinks,
	 .network = {.suppress_unknown = true}, .verdict = NFP_VERDICT_SAFE, .row = SAFE_ROW,
	 STEP_IS(NFP_STEP_ATTACH, link_flapped)},
	/* Nobody knows whether the guest would have spoken in time, or what the NIC has
	 * learned from it. */
	{"what a last announcement heals is not served", "mlx5", learns,
	 .network = {.suppress_unknown = true}, .verdict = NFP_VERDICT_UNKNOWN,
	 .reason = "arrived only after the address was announced",
	 STEP_IS(NFP_STEP_UNPLUG, after_reannounce)},
	{"the same where the network floods", "mlx5", learns, .verdict = NFP_VERDICT_UNKNOWN,
	 .reason = "arrived only after the address was announced", RESULT_IS(floods),
	 STEP_IS(NFP_STEP_UNPLUG, after_reannounce)},
	/* What nobody announced arrives at a promiscuous standby while the address does not: no
	 * announcement can help, and the NIC has lost it. */
	{"a network that is seen to flood needs no announcement", "mlx5", learns,
	 .style = NFP_STYLE_BRIDGE, .verdict = NFP_VERDICT_STICKY, RESULT_IS(floods),
	 STEP_IS_NOT(NFP_STEP_UNPLUG, after_reannounce)},
	/* What it knew ages while storm control lets nothing else through: the address is announced
	 * once more, which teaches a NIC that learns nothing. */
	{"a flood that has ended condemns nobody", "mlx5",
	 .network = {.suppress_unknown = true,
		     .flood_permille = 1000,
		     .storm_frames = 1000,
		     .storm_ns = 9000 * MS,
		     .age_ns = 2500 * MS},
	 .verdict = NFP_VERDICT_SAFE, RESULT_IS(learns_nothing)},
	/* Only the group is lost: to announce X would teach a NIC that learns where it is.
	 */
	{"a lost group is reported and not announced", "mlx5", loses_groups,
	 .network = {.suppress_unknown = true, .mld_snooping = true}, .verdict = NFP_VERDICT_STICKY,
	 .log = " unbind report report reset ", .group = NFP_STATE_LOST},
	/* The announcement of an address that the user chose waits for the settling time,
	 * since that address shows no flooding; the report of its group need not wait. */
	{"a group is reported at once", "mlx5", .network = {.mld_snooping = true},
	 .run = scene_one_address, .verdict = NFP_VERDICT_SAFE,
	 .log = "hold report report announce ", .group = NFP_STATE_OK},
	/* Each reset needs an announcement, which teaches a NIC that learns nothing. */
	{"what a last announcement heals is served by a NIC that learns nothing", "mlx5",
	 blinks_at_reset, .network = {.suppress_unknown = true}, .verdict = NFP_VERDICT_SAFE,
	 .row = SAFE_ROW, STEP_IS(NFP_STEP_ATTACH, after_reannounce), RESULT_IS(learns_nothing)},
	{"a port that forwards late hears what shows that", "mlx5", blinks_at_reset,
	 .network = {.suppress_unknown = true, .forward_after_ns = 3000 * MS},
	 .verdict = NFP_VERDICT_SAFE, RESULT_IS(learns_nothing)},
	{"a NIC that learns is found out", "mlx5", learns_and_blinks,
	 .network = {.suppress_unknown = true}, .verdict = NFP_VERDICT_UNKNOWN,
	 RESULT_IS_NOT(learns_nothing)},
	{"and one that forgets when the VF is set down", "mlx5", learns_until_down,
	 .network = {.suppress_unknown = true}, .verdict = NFP_VERDICT_UNKNOWN,
	 RESULT_IS_NOT(learns_nothing)},
	{"without announcements nothing is shown to learn nothing", "mlx5",
	 .run = scene_no_announce, .verdict = NFP_VERDICT_UNKNOWN,
	 .reason = "nobody spoke under the address", RESULT_IS_NOT(learns_nothing)},
	{"and one that learns may be anything", "mlx5", learns, .run = scene_no_announce,
	 .verdict = NFP_VERDICT_UNKNOWN, .reason = "nobody spoke under the address",
	 RESULT_IS_NOT(learns_nothing)},
	{"an address that another station has", "mlx5",
	 .network = {.station = {{0x02, 0, 0, 0, 0, 0x11}},
		     .station_ns = MEMNIC_BEGIN_NS + 9000 * MS},
	 .run = scene_one_address, .verdict = NFP_VERDICT_UNKNOWN,
	 .reason = "another station has it", RESULT_IS(address_in_use)},
	{"a silence that comes again is the NIC's", "mlx5", wipes, .verdict = NFP_VERDICT_STICKY,
	 .row = "-PPPBlPP-PBBPB-"},
	/* With one address, nothing behind it is looked at. */
	{"one that cannot may be an outage", "mlx5", wipes, .run = scene_one_address,
	 .verdict = NFP_VERDICT_UNKNOWN, .reason = "did not happen again",
	 .row = "-PPPBlPP-llllll"},
	/* The PF is refused what the VF has first; the guest gets it. */
	{"a network that floods delivers an address that only the guest gets", "i40e-refused",
	 .verdict = NFP_VERDICT_EARLY, .row = "-PPPBlPPP-VV-VP", RESULT_IS(floods)},
	{"one that withholds was not shown to", "i40e-refused",
	 .network = {.suppress_unknown = true}, .verdict = NFP_VERDICT_UNKNOWN,
	 .row = "-PPPBlPPP-VV-VP", .reason = "was not shown to deliver", RESULT_IS_NOT(floods)},
	/* The switch's port passes nothing at first when the carrier is back. */
	{"a port that forwards late hears a report", "mlx5", blinks_at_reset,
	 .network = {.mld_snooping = true, .forward_after_ns = 300 * MS},
	 .verdict = NFP_VERDICT_SAFE, .group = NFP_STATE_OK,
	 STEP_IS(NFP_STEP_ATTACH, link_flapped)},
	{"a few frames condemn nobody", "mlx5", joins_late, .run = settle_shortly,
	 .verdict = NFP_VERDICT_SAFE, .also = enough_was_lost},
};

TEST(scenes)
{
	CHECK_SCENES(rows);
}

/* The run sends nothing from X where a guest's standby is silent. */
BED_TEST(a_nic_that_learns_is_not_misled)
{
	struct core_personality p = *memnic_archetype("mlx5");

	p.learns = true;
	p.winner = CORE_ARB_VF;
	p.unlearns_on = CORE_BIT(CORE_ON_UNBIND);
	for (int i = 0; i < 2; i++) {
		bed_anew(bed, &p, NULL, NFP_STYLE_MACVTAP);
		bed->config.multicast = i;
		assert_int_equal(bed_run(bed), 0);
		assert_int_equal(bed_row(bed)[NFP_STEP_UP], 'V');
		assert_int_equal(bed_row(bed)[NFP_STEP_UNPLUG], 'P');
		assert_int_equal(bed->result.verdict, NFP_VERDICT_SAFE);
	}
}

TEST(a_pause_condemns_nobody)
{
	for (int i = 0; i < 30; i++) {
		const struct scene row = {
			"a pause", "mlx5",
			.network = {.pauses = {{MEMNIC_BEGIN_NS + (uint64_t)i * 700 * MS, 2500 * MS,
						i % 2}}},
			.verdict = NFP_VERDICT_SAFE};

		scene_check(&row);
	}
}

/* ---- what proves a loss ---- */

/* Where unicast lands in each step from `standby` on: P(F), V(F), - nowhere; a space: no step. */
static struct nfp_style_result style_of(const char *row)
{
	struct nfp_style_result style = {0};

	for (size_t i = 0; row[i]; i++) {
		if (row[i] == ' ')
			continue;
		style.steps[style.num_steps++] = (struct nfp_step_result) {
			.step = NFP_STEP_STANDBY + (enum nfp_step)i,
			.w.status = NFP_STATUS_DONE,
			.w.landing = {[NFP_KIND_UNICAST] = row[i] == 'P'   ? NFP_LANDING_PF
							   : row[i] == 'V' ? NFP_LANDING_VF
									   : NFP_LANDING_NOWHERE,
				      [NFP_KIND_BROADCAST] = NFP_LANDING_PF},
		};
	}
	return style;
}

static bool is_doubted(const struct nfp_style_result *style, enum nfp_step step)
{
	const struct nfp_shows shows = {.outside = true, .vf_broadcast = true};
	struct nfp_evidence evidence;

	nfp_evidence_of(style, &shows, &evidence);
	assert_int_equal(evidence.step[step].unproven,
			 evidence.step[step].landing[NFP_KIND_UNICAST] == NFP_LANDING_MIXED);
	return evidence.step[step].unproven;
}

static bool is_lost(const char *row, enum nfp_step step)
{
	struct nfp_style_result style = style_of(row);

	return !is_doubted(&style, step);
}

/* A silence is the NIC's if the network delivered the address before, and if it comes again. */
TEST(a_loss_has_its_own_control)
{
	struct nfp_style_result style = style_of("PP-V P-");

	assert_false(is_doubted(&style, NFP_STEP_ATTACH));
	/* A switch may forget while the carrier is lost, and hears of it again in `up`. */
	style.steps[2].link_flapped = true;
	assert_true(is_doubted(&style, NFP_STEP_ATTACH));
	/* A network that floods has nothing to forget. */
	style.floods = true;
	assert_false(is_doubted(&style, NFP_STEP_ATTACH));
}

/* The step of the loss tells it once more, and what learns slowly may deliver it only in the next.
 */
TEST(a_loss_that_the_next_step_ends_may_be_a_slow_switch)
{
	struct nfp_style_result style = style_of("P-P");

	style.steps[1].link_flapped = true;
	assert_true(is_doubted(&style, NFP_STEP_ASSIGN));
	style = style_of("P--  P");
	style.steps[1].link_flapped = true;
	assert_false(is_doubted(&style, NFP_STEP_ASSIGN));
}

TEST(a_vf_that_goes_has_told_the_switch)
{
	struct nfp_style_result style = style_of("P  - P  P-");

	assert_int_equal(style.steps[1].step, NFP_STEP_UP);
	assert_false(is_doubted(&style, NFP_STEP_UP));
	style.steps[1].link_flapped = true;
	assert_true(is_doubted(&style, NFP_STEP_UP));
}

/* Another VF may have turned promiscuous, and take both. */
TEST(what_stops_along_with_the_address_may_be_elsewhere)
{
	struct nfp_style_result style = style_of("PP-V P-");

	style.style = NFP_STYLE_BRIDGE;
	for (size_t i = 0; i < style.num_steps; i++)
		style.steps[i].w.landing[NFP_KIND_UNREGISTERED] = NFP_LANDING_PF;
	assert_false(is_doubted(&style, NFP_STEP_ATTACH));
	style.steps[2].w.landing[NFP_KIND_UNREGISTERED] = NFP_LANDING_NOWHERE;
	assert_true(is_doubted(&style, NFP_STEP_ATTACH));
	/* A filter is to bring the address alone. */
	style.style = NFP_STYLE_MACVTAP;
	assert_false(is_doubted(&style, NFP_STEP_ATTACH));
	/* Where the network floods, it must arrive even if it never has. */
	style.style = NFP_STYLE_BRIDGE;
	for (size_t i = 0; i < style.num_steps; i++)
		style.steps[i].w.landing[NFP_KIND_UNREGISTERED] = NFP_LANDING_NOWHERE;
	assert_false(is_doubted(&style, NFP_STEP_ATTACH));
	style.floods = true;
	assert_true(is_doubted(&style, NFP_STEP_ATTACH));
}

TEST(a_loss_comes_again)
{
	/* Once: an outage looks like that. */
	assert_false(is_lost("PP-V", NFP_STEP_ATTACH));
	assert_true(is_lost("PP-V P-", NFP_STEP_ATTACH));
	/* One silence, however many steps it lasts. */
	assert_false(is_lost("PPPV ---", NFP_STEP_UNPLUG));
	/* What a VF that comes back gets by its own filter does not end it. */
	assert_false(is_lost("P       PV -V-", NFP_STEP_VF_FIRST_UNPLUG));
	assert_true(is_lost("P    -  PV -V-", NFP_STEP_VF_FIRST_UNPLUG));
	/* Before a guest has its VF, and before the next one has, if anybody got its address. */
	assert_true(is_lost("PP-V PPP-V", NFP_STEP_ATTACH));
	assert_false(is_lost("PP-V PPP--", NFP_STEP_ATTACH));
	/* A loss in `up` says nothing of losses without the VF. */
	assert_false(is_lost("PPP-P-PP", NFP_STEP_UNPLUG));
}

/* Each step reports the group again: that one arrived says nothing of the one before. */
TEST(a_group_that_comes_later_is_no_control)
{
	static const enum nfp_landing landings[] = {NFP_LANDING_PF, NFP_LANDING_NOWHERE,
						    NFP_LANDING_PF, NFP_LANDING_NOWHERE};
	const struct nfp_shows shows = {.outside = true, .vf_broadcast = true, .group = true};
	struct nfp_style_result style = style_of("P P  PP");
	struct nfp_evidence evidence;

	for (size_t i = 0; i < 4; i++)
		style.steps[i].w.landing[NFP_KIND_MULTICAST] = landings[i];
	nfp_evidence_of(&style, &shows, &evidence);
	assert_false(evidence.step[NFP_STEP_ATTACH].unproven_group);
	style.steps[1].link_flapped = true;
	nfp_evidence_of(&style, &shows, &evidence);
	assert_true(evidence.step[NFP_STEP_ATTACH].unproven_group);
}

/* A NIC may have learned from the announcement that a guest would not have made. */
TEST(what_comes_after_a_heal_is_not_served)
{
	struct nfp_style_result style = style_of("PPPP PP");

	assert_int_equal(style.steps[4].step, NFP_STEP_UNPLUG);
	style.steps[1].after_reannounce = true;
	assert_false(is_doubted(&style, NFP_STEP_STANDBY));
	assert_true(is_doubted(&style, NFP_STEP_ATTACH));
	assert_true(is_doubted(&style, NFP_STEP_UNPLUG));
	/* The VF that speaks has taken it back. */
	style.steps[3].w.landing[NFP_KIND_UNICAST] = NFP_LANDING_VF;
	assert_true(is_doubted(&style, NFP_STEP_ATTACH));
	assert_false(is_doubted(&style, NFP_STEP_UNPLUG));
	/* A NIC that learns nothing has learned nothing from it. */
	style.learns_nothing = true;
	assert_false(is_doubted(&style, NFP_STEP_ATTACH));
}

TEST(the_second_address_needs_a_control_of_its_own)
{
	struct nfp_style_result style = style_of("P       -V -");

	assert_int_equal(style.steps[1].step, NFP_STEP_VF_FIRST);
	assert_true(is_doubted(&style, NFP_STEP_VF_FIRST));
	style.floods = true;
	assert_false(is_doubted(&style, NFP_STEP_VF_FIRST));
	/* Flooding of the first address shows nothing of one that nobody gets. */
	style.steps[2].w.landing[NFP_KIND_UNICAST] = NFP_LANDING_NOWHERE;
	assert_true(is_doubted(&style, NFP_STEP_VF_FIRST));
}

TEST_MAIN()
