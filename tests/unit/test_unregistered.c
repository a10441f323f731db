// SPDX-License-Identifier: GPL-2.0-or-later
/* A PF that its driver leaves promiscuous in hardware: told apart from one that always was, kept
 * from being called safe, and looked for when all is over. */
#include "unit/bedded.h"
#include "probe/probe.h"
#include "verdict/verdict.h"

/* Firmware refuses the PF an address that a VF has, and the PF stays promiscuous: i40e. */
static struct core_personality sticky(void)
{
	struct core_personality p = *memnic_archetype("i40e-refused");

	p.promisc_stays = true;
	return p;
}

static void open_bed(struct bed *bed, const struct core_personality *p,
		     const struct memnic_conditions *c, enum nfp_answer *first)
{
	*first = NFP_UNKNOWN;
	bed_anew(bed, p, c, NFP_STYLE_MACVTAP);
	bed->config.unregistered = first;
	assert_int_equal(bed_run(bed), 0);
}

static const struct nfp_step_result *control(const struct bed *bed)
{
	return bed_step(bed, NFP_STEP_CONTROL);
}

BED_TEST(a_later_ladder_is_not_safe)
{
	struct core_personality p = sticky();
	enum nfp_answer first;

	open_bed(bed, &p, NULL, &first);
	assert_int_equal(first, NFP_NO);
	assert_false(control(bed)->promiscuous);
	/* It becomes so when the VF has the address first, and says so there and once. */
	assert_true(bed_step(bed, NFP_STEP_VF_FIRST)->promiscuous);
	assert_non_null(strstr(bed_step(bed, NFP_STEP_VF_FIRST)->w.note, "from here on "));
	assert_false(bed_step(bed, NFP_STEP_VF_FIRST_UNPLUG)->promiscuous);

	assert_int_equal(bed_run_next(bed, NFP_STYLE_MACVTAP, 1), 0);
	assert_true(control(bed)->promiscuous);
	assert_int_equal(bed->result.verdict, NFP_VERDICT_UNKNOWN);
	assert_non_null(strstr(bed->result.reason, "promiscuous in hardware"));
	/* A bridge acts as ever, with a note. */
	assert_int_equal(bed_run_next(bed, NFP_STYLE_BRIDGE, 1), 0);
	assert_true(control(bed)->promiscuous);
	assert_non_null(strstr(control(bed)->w.note, "addresses that nobody registered"));
	assert_int_not_equal(bed->result.verdict, NFP_VERDICT_UNKNOWN);
	assert_int_equal(nfp_hears_unregistered(&bed->config), NFP_YES);
}

/*
 * Two sources: what the ladders from the first have done is not what the second finds. Its baseline
 * is asked before, and where it cannot tell, what the first one found counts.
 */
BED_TEST(ladders_from_another_source)
{
	struct core_personality p = sticky();
	enum nfp_answer first = NFP_UNKNOWN, second;
	struct nfp_earlier earlier = {.left_promiscuous = false};

	bed_anew(bed, &p, NULL, NFP_STYLE_MACVTAP);
	bed->config.earlier = &earlier;
	second = nfp_hears_unregistered(&bed->config);
	assert_int_equal(second, NFP_NO);
	bed->config.unregistered = &first;
	assert_int_equal(bed_run(bed), 0);
	assert_false(earlier.left_promiscuous);

	bed->config.unregistered = &second;
	bed->config.follows = true;
	assert_int_equal(bed_run_next(bed, NFP_STYLE_MACVTAP, 1), 0);
	assert_true(control(bed)->promiscuous);
	assert_int_equal(bed->result.verdict, NFP_VERDICT_UNKNOWN);
	assert_true(earlier.left_promiscuous);
	/* A yes after the first ladder is no baseline, and a source that cannot tell is told. */
	second = NFP_UNKNOWN;
	assert_int_equal(bed_run_next(bed, NFP_STYLE_MACVTAP, 1), 0);
	assert_int_equal(second, NFP_UNKNOWN);
	assert_true(control(bed)->promiscuous);
	assert_non_null(strstr(control(bed)->w.note, "an earlier ladder left eth0 promiscuous"));
	assert_int_equal(bed->result.verdict, NFP_VERDICT_UNKNOWN);
	/* Nobody has found that out. */
	earlier = (struct nfp_earlier) {.left_promiscuous = false};
	assert_int_equal(bed_run_next(bed, NFP_STYLE_MACVTAP, 1), 0);
	assert_false(control(bed)->promiscuous);
	assert_false(earlier.left_promiscuous);
}

/* Nothing else keeps a ladder from being safe: where nobody asked what was before, it is. */
BED_TEST(nothing_else_keeps_it_from_safe)
{
	struct core_personality p = *memnic_archetype("mlx5");
	enum nfp_answer first = NFP_NO;

	p.pf_default_from_wire = true;
	bed_anew(bed, &p, NULL, NFP_STYLE_MACVTAP);
	bed->config.unregistered = &first;
	assert_int_equal(bed_run(bed), 0);
	assert_int_equal(bed->result.verdict, NFP_VERDICT_UNKNOWN);
	bed->config.unregistered = NULL;
	assert_int_equal(bed_run_next(bed, NFP_STYLE_MACVTAP, 1), 0);
	assert_int_equal(bed->result.verdict, NFP_VERDICT_SAFE);
	assert_false(control(bed)->promiscuous);
}

/* One that took unregistered unicast from the beginning. */
BED_TEST(one_that_always_was_so_is_left_alone)
{
	const struct core_personality *igb = memnic_archetype("igb");
	enum nfp_answer first;

	assert_true(igb->pf_default_from_wire);
	open_bed(bed, igb, NULL, &first);
	assert_int_equal(first, NFP_YES);
	assert_int_equal(bed_run_next(bed, NFP_STYLE_MACVTAP, 1), 0);
	assert_false(control(bed)->promiscuous);
	assert_int_equal(bed->result.verdict, NFP_VERDICT_SAFE);
}

/* It was so before it was left promiscuous as well: what its filter kept from it shows that, the
 * VF's frames and groups that nobody joined. */
BED_TEST(one_that_always_was_so_shows_it_by_what_it_did_not_get)
{
	for (int groups = 0; groups < 2; groups++) {
		struct core_personality p = sticky();
		struct nfp_earlier earlier = {.left_promiscuous = false};

		p.pf_default_from_wire = true;
		p.winner = CORE_ARB_VF;
		p.promisc_sees_owned = !groups;
		p.promisc_passes_groups = groups;
		bed_anew(bed, &p, NULL, NFP_STYLE_MACVTAP);
		bed->config.earlier = &earlier;
		assert_int_equal(bed_run(bed), 0);
		assert_false(earlier.left_promiscuous);
		assert_true(groups ? earlier.kept_groups : earlier.vf_alone);
		assert_int_equal(bed_run_next(bed, NFP_STYLE_MACVTAP, 1), 0);
		assert_true(control(bed)->promiscuous && earlier.left_promiscuous);
		assert_int_equal(bed->result.verdict, NFP_VERDICT_UNKNOWN);
	}
}

/* Silence of the source and others' changes show nothing. A fabric that withholds frames knows the
 * address, which was announced. */
BED_TEST(what_is_not_shown_is_not_claimed)
{
	struct memnic_conditions c[4] = {
		{.mute_for_ns = 3600 * NFP_NSEC_PER_SEC},
		{.change_lasts = true},
		{.change_unheard = true},
		{.suppress_unknown = true},
	};
	struct core_personality p = sticky();
	enum nfp_answer first, after[4] = {NFP_UNKNOWN, NFP_UNKNOWN, NFP_UNKNOWN, NFP_YES};
	uint64_t over_ns, begin_ns;

	open_bed(bed, &p, NULL, &first);
	over_ns = bed_now(bed);
	assert_int_equal(nfp_hears_unregistered(&bed->config), NFP_YES);
	/* A yes has held for as long as a landing must. */
	assert_true(bed_now(bed) - over_ns >= bed->config.settle_ns);
	for (size_t i = 0; i < 4; i++) {
		if (i == 0)
			c[i].mute_ns = over_ns;
		if (i == 1 || i == 2)
			c[i].change_ns = over_ns + NFP_NSEC_PER_SEC;
		open_bed(bed, &p, &c[i], &first);
		begin_ns = bed_now(bed);
		assert_int_equal(nfp_hears_unregistered(&bed->config), after[i]);
		assert_true(bed_now(bed) - begin_ns <
			    2 * bed->config.settle_ns + 2 * NFP_NSEC_PER_SEC);
	}
}

/*
 * With --mac a switch has learned the address by the second ladder, and withheld it in the first;
 * one that learns a single address withholds the unregistered one for ever.
 */
BED_TEST(an_address_that_a_switch_learned_is_no_sign)
{
	for (unsigned int learn_max = 0; learn_max < 2; learn_max++) {
		const struct memnic_conditions c = {.suppress_unknown = true,
						    .learn_max = learn_max};
		enum nfp_answer first = NFP_UNKNOWN;

		bed_anew(bed, memnic_archetype("igb"), &c, NFP_STYLE_MACVTAP);
		bed->config.unregistered = &first;
		bed->config.address_first = bed->config.address;
		assert_int_equal(bed_run(bed), 0);
		/* It arrives only since it was announced: of a PF that takes all, that is no
		 * sign. */
		assert_int_equal(first == NFP_UNKNOWN, learn_max == 0);
		first = NFP_UNKNOWN;
		assert_int_equal(bed_run_next(bed, NFP_STYLE_MACVTAP, 0), 0);
		assert_int_equal(control(bed)->w.landing[NFP_KIND_UNICAST], NFP_LANDING_PF);
		assert_int_equal(first == NFP_YES, learn_max == 0);
		assert_false(control(bed)->promiscuous);
	}
}

/* X is known to the switch from before, and the unregistered address never was. */
BED_TEST(an_address_that_nobody_announced_is_no_sign)
{
	const struct memnic_conditions c = {.suppress_unknown = true, .learn_max = 1};
	enum nfp_answer first = NFP_UNKNOWN;

	bed_anew(bed, memnic_archetype("igb"), &c, NFP_STYLE_MACVTAP);
	bed->config.address_first = bed->config.address;
	assert_int_equal(bed_run(bed), 0);
	bed->config.unregistered = &first;
	bed->config.announce = false;
	assert_int_equal(bed_run_next(bed, NFP_STYLE_MACVTAP, 0), 0);
	assert_int_equal(bed_step(bed, NFP_STEP_STANDBY)->w.landing[NFP_KIND_UNICAST],
			 NFP_LANDING_PF);
	assert_int_equal(first, NFP_UNKNOWN);
}

TEST_MAIN()
