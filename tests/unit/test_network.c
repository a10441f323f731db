// SPDX-License-Identifier: GPL-2.0-or-later
/* Networks that withhold, forget and pause: no NIC is condemned, or called safe, for what they do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "memnic/bed.h"
#include "nfprobe/result.h"
#include "nfprobe/verdict.h"

#define MS	 NFP_NSEC_PER_MSEC
#define SAFE_ROW "-PPPPBlPPPPPPBP"

static void climb(struct bed *bed, const struct memnic_personality *p,
		  const struct memnic_conditions *c)
{
	bed_open(bed, p, c, NFP_STYLE_MACVTAP);
	assert_int_equal(bed_climb(bed), 0);
}

/* ---- who says what, and when ---- */

static void a_network_that_floods_needs_no_unregistered(void **state)
{
	struct memnic_conditions c = {0};
	struct bed bed;

	(void)state;
	climb(&bed, memnic_archetype("mlx5"), &c);
	assert_true(bed.result.floods);
	assert_false(bed.result.unregistered_announced);
	bed_close(&bed);

	c.suppress_unknown = true;
	climb(&bed, memnic_archetype("mlx5"), &c);
	assert_false(bed.result.floods);
	assert_true(bed.result.unregistered_announced);
	assert_string_equal(bed_row(&bed), SAFE_ROW);
	assert_int_equal(bed.result.verdict, NFP_VERDICT_SAFE);
	bed_close(&bed);
}

/* That of the unregistered address would take the place of X. */
static void the_unregistered_comes_last(void **state)
{
	const struct memnic_conditions c = {.suppress_unknown = true, .learn_max = 1};
	struct bed bed;

	(void)state;
	climb(&bed, memnic_archetype("mlx5"), &c);
	assert_int_equal(bed_row(&bed)[NFP_STEP_STANDBY], 'P');
	bed_close(&bed);
}

/* Whatever else the run asks, nothing is sent from X where a guest's standby would be silent. */
static void a_nic_that_learns_is_not_misled(void **state)
{
	struct memnic_personality p = *memnic_archetype("mlx5");

	(void)state;
	p.learns = true;
	p.winner = MEMNIC_VF_WINS;
	p.unlearns_on = MEMNIC_BIT(MEMNIC_ON_UNBIND);
	for (int i = 0; i < 4; i++) {
		struct bed bed;

		bed_open(&bed, &p, NULL, NFP_STYLE_MACVTAP);
		bed.config.transmit = i & 1;
		bed.config.multicast = i & 2;
		assert_int_equal(bed_climb(&bed), 0);
		assert_int_equal(bed_row(&bed)[NFP_STEP_UP], 'V');
		assert_int_equal(bed_row(&bed)[NFP_STEP_UNPLUG], 'P');
		assert_int_equal(bed.result.verdict, NFP_VERDICT_SAFE);
		bed_close(&bed);
	}
}

/* ---- what condemns ---- */

static void an_address_that_was_never_delivered_condemns_nobody(void **state)
{
	const struct memnic_conditions c = {.suppress_unknown = true, .learn_max = 2};
	struct bed bed;

	(void)state;
	climb(&bed, memnic_archetype("mlx5"), &c);
	assert_int_equal(bed_row(&bed)[NFP_STEP_VF_FIRST], '-');
	assert_int_equal(bed.result.verdict, NFP_VERDICT_INCONCLUSIVE);
	assert_non_null(strstr(bed.result.reason, "was not shown to deliver"));
	bed_close(&bed);
}

/* The switch has forgotten X, and is told again. */
static void a_carrier_that_blinks_condemns_nobody(void **state)
{
	const struct memnic_conditions c = {.suppress_unknown = true};
	struct memnic_personality p = *memnic_archetype("mlx5");
	struct bed bed;

	(void)state;
	p.blinks_on = MEMNIC_BIT(MEMNIC_ON_RESET) | MEMNIC_BIT(MEMNIC_ON_UNBIND);
	p.blink_after_ns = 300 * MS;
	p.blink_for_ns = 200 * MS;
	climb(&bed, &p, &c);
	assert_true(bed_step(&bed, NFP_STEP_ATTACH)->blinked);
	assert_string_equal(bed_row(&bed), SAFE_ROW);
	assert_int_equal(bed.result.verdict, NFP_VERDICT_SAFE);
	bed_close(&bed);
}

static void a_pause_condemns_nobody(void **state)
{
	(void)state;
	for (int i = 0; i < 30; i++) {
		const struct memnic_conditions c = {
			.pauses = {{MEMNIC_BEGIN_NS + (uint64_t)i * 700 * MS, 2500 * MS, i % 2}}};
		struct bed bed;

		climb(&bed, memnic_archetype("mlx5"), &c);
		assert_int_equal(bed.result.verdict, NFP_VERDICT_SAFE);
		bed_close(&bed);
	}
}

/* Nobody knows whether the guest would have spoken in time, or what the NIC has learned from it. */
static void what_a_last_announcement_heals_is_not_served(void **state)
{
	const struct memnic_conditions withholds = {.suppress_unknown = true};
	struct memnic_personality p = *memnic_archetype("mlx5");
	struct bed bed;

	(void)state;
	p.learns = true;
	p.unlearns_on = MEMNIC_BIT(MEMNIC_ON_CLEAR);
	p.winner = MEMNIC_VF_WINS;
	climb(&bed, &p, &withholds);
	assert_true(bed_step(&bed, NFP_STEP_UNPLUG)->healed);
	assert_int_equal(bed.result.verdict, NFP_VERDICT_INCONCLUSIVE);
	assert_non_null(strstr(bed.result.reason, "arrived only after the address was announced"));
	bed_close(&bed);
	/* No announcement can help where the network floods: it is the NIC. */
	climb(&bed, &p, NULL);
	assert_false(bed_step(&bed, NFP_STEP_UNPLUG)->healed);
	assert_int_equal(bed.result.verdict, NFP_VERDICT_STICKY);
	bed_close(&bed);
}

/* Only the group is lost: to announce X would teach a NIC that learns where it is. */
static void a_lost_group_is_reported_and_not_announced(void **state)
{
	const struct memnic_conditions c = {.suppress_unknown = true, .mld_snooping = true};
	struct memnic_personality p = *memnic_archetype("mlx5");
	struct bed bed;

	(void)state;
	p.pf_wiped_on = MEMNIC_BIT(MEMNIC_ON_UNBIND);
	climb(&bed, &p, &c);
	assert_int_equal(bed.result.multicast, NFP_MULTICAST_LOST);
	assert_non_null(strstr(memnic_log(bed.nic), " unbind report report reset "));
	bed_close(&bed);
}

/* An address that the user chose is not asked whether the network floods; its group need not wait
 * for that. */
static void a_group_is_reported_at_once(void **state)
{
	const struct memnic_conditions c = {.mld_snooping = true};
	struct bed bed;

	(void)state;
	bed_open(&bed, memnic_archetype("mlx5"), &c, NFP_STYLE_MACVTAP);
	bed.config.address_first = bed.config.address;
	assert_int_equal(bed_climb(&bed), 0);
	assert_int_equal(bed_step(&bed, NFP_STEP_STANDBY)->landing[NFP_KIND_MULTICAST],
			 NFP_LANDING_PF);
	assert_non_null(strstr(memnic_log(bed.nic), "hold report report announce "));
	bed_close(&bed);
}

/* Its port passes nothing at first when the carrier is back. */
static void a_port_that_forwards_late_hears_a_report(void **state)
{
	const struct memnic_conditions c = {.mld_snooping = true, .forward_after_ns = 300 * MS};
	struct memnic_personality p = *memnic_archetype("mlx5");
	struct bed bed;

	(void)state;
	p.blinks_on = MEMNIC_BIT(MEMNIC_ON_RESET);
	p.blink_for_ns = 100 * MS;
	climb(&bed, &p, &c);
	assert_true(bed_step(&bed, NFP_STEP_ATTACH)->blinked);
	assert_int_equal(bed_step(&bed, NFP_STEP_ATTACH)->landing[NFP_KIND_MULTICAST],
			 NFP_LANDING_PF);
	assert_int_equal(bed.result.multicast, NFP_MULTICAST_OK);
	bed_close(&bed);
}

/* ---- what proves a loss ---- */

static void set(struct nfp_step_result *step, enum nfp_step which, enum nfp_landing unicast)
{
	*step = (struct nfp_step_result) {
		.step = which,
		.status = NFP_STATUS_DONE,
		.landing = {[NFP_KIND_UNICAST] = unicast, [NFP_KIND_BROADCAST] = NFP_LANDING_PF},
	};
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

static void a_loss_has_its_own_control(void **state)
{
	struct nfp_style_result style = {.num_steps = 4};

	(void)state;
	set(&style.steps[0], NFP_STEP_STANDBY, NFP_LANDING_PF);
	set(&style.steps[1], NFP_STEP_ASSIGN, NFP_LANDING_NOWHERE);
	set(&style.steps[2], NFP_STEP_ATTACH, NFP_LANDING_NOWHERE);
	set(&style.steps[3], NFP_STEP_UP, NFP_LANDING_VF);
	/* Before, and after. */
	assert_false(is_doubted(&style, NFP_STEP_ATTACH));
	style.steps[2].blinked = true;
	assert_false(is_doubted(&style, NFP_STEP_ATTACH));
	/* After alone: not if a carrier was lost meanwhile, nor if an announcement brought it. */
	style.steps[3].blinked = true;
	assert_true(is_doubted(&style, NFP_STEP_ATTACH));
	assert_false(is_doubted(&style, NFP_STEP_ASSIGN));
	style.steps[3].blinked = false;
	style.steps[3].healed = true;
	assert_true(is_doubted(&style, NFP_STEP_ATTACH));
	/* A network that floods has nothing to forget. */
	style.floods = true;
	assert_false(is_doubted(&style, NFP_STEP_ATTACH));
}

/* Each step reports the group again: that one arrived says nothing of the one before. */
static void a_group_that_comes_later_is_no_control(void **state)
{
	static const enum nfp_landing landings[] = {NFP_LANDING_PF, NFP_LANDING_NOWHERE,
						    NFP_LANDING_PF};
	const struct nfp_shows shows = {.outside = true, .vf_broadcast = true, .group = true};
	struct nfp_style_result style = {.num_steps = 3};
	struct nfp_evidence evidence;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		set(&style.steps[i], NFP_STEP_STANDBY + (enum nfp_step)i, NFP_LANDING_PF);
		style.steps[i].landing[NFP_KIND_MULTICAST] = landings[i];
	}
	nfp_evidence_of(&style, &shows, &evidence);
	assert_false(evidence.step[NFP_STEP_ASSIGN].unproven_group);
	style.steps[1].blinked = true;
	nfp_evidence_of(&style, &shows, &evidence);
	assert_true(evidence.step[NFP_STEP_ASSIGN].unproven_group);
}

/* A NIC may have learned from the announcement that a guest would not have made. */
static void what_comes_after_a_heal_is_not_served(void **state)
{
	struct nfp_style_result style = {.num_steps = 5};

	(void)state;
	set(&style.steps[0], NFP_STEP_STANDBY, NFP_LANDING_PF);
	set(&style.steps[1], NFP_STEP_ASSIGN, NFP_LANDING_PF);
	set(&style.steps[2], NFP_STEP_ATTACH, NFP_LANDING_PF);
	set(&style.steps[3], NFP_STEP_UP, NFP_LANDING_VF);
	set(&style.steps[4], NFP_STEP_UNPLUG, NFP_LANDING_NOWHERE);
	style.steps[1].healed = true;
	assert_false(is_doubted(&style, NFP_STEP_STANDBY));
	assert_true(is_doubted(&style, NFP_STEP_ATTACH));
	/* What is lost nevertheless is lost. */
	assert_false(is_doubted(&style, NFP_STEP_UP));
	assert_false(is_doubted(&style, NFP_STEP_UNPLUG));
}

static void the_second_address_needs_a_control_of_its_own(void **state)
{
	struct nfp_style_result style = {.num_steps = 2};

	(void)state;
	set(&style.steps[0], NFP_STEP_STANDBY, NFP_LANDING_PF);
	set(&style.steps[1], NFP_STEP_VF_FIRST, NFP_LANDING_NOWHERE);
	assert_true(is_doubted(&style, NFP_STEP_VF_FIRST));
	style.second_back = true;
	assert_false(is_doubted(&style, NFP_STEP_VF_FIRST));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_network_that_floods_needs_no_unregistered),
		cmocka_unit_test(the_unregistered_comes_last),
		cmocka_unit_test(a_nic_that_learns_is_not_misled),
		cmocka_unit_test(an_address_that_was_never_delivered_condemns_nobody),
		cmocka_unit_test(a_carrier_that_blinks_condemns_nobody),
		cmocka_unit_test(a_pause_condemns_nobody),
		cmocka_unit_test(what_a_last_announcement_heals_is_not_served),
		cmocka_unit_test(a_lost_group_is_reported_and_not_announced),
		cmocka_unit_test(a_group_is_reported_at_once),
		cmocka_unit_test(a_port_that_forwards_late_hears_a_report),
		cmocka_unit_test(a_loss_has_its_own_control),
		cmocka_unit_test(a_group_that_comes_later_is_no_control),
		cmocka_unit_test(what_comes_after_a_heal_is_not_served),
		cmocka_unit_test(the_second_address_needs_a_control_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
