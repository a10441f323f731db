// SPDX-License-Identifier: GPL-2.0-or-later
/* The runner disturbed: signals, refusals, what others do, steps that cannot be made. */
#include "unit/bedded.h"
#include "unit/scene.h"

/* ---- ends ---- */

static void check_ended(struct bed *bed, int ret, int want, enum nfp_errcode code)
{
	size_t alone = bed_step(bed, NFP_STEP_ALONE) ? 1 : 0;

	assert_int_equal(ret, want);
	assert_int_equal(bed->err.code, code);
	assert_true(bed->result.stopped);
	assert_true(bed->result.verdict == NFP_VERDICT_UNKNOWN);
	assert_true(bed->result.reason[0]);
	assert_int_equal(bed->result.num_steps, NFP_STEP_COUNT - 1 + alone);
	assert_false(memnic_listens(bed->nic));
}

BED_TEST(a_signal_ends_it_at_any_time)
{
	for (uint64_t ms = 1; ms < 24000; ms += 173) {
		const struct memnic_conditions signal = {.stop_ns = MEMNIC_BEGIN_NS + ms * MS};
		int ret;

		bed_anew(bed, memnic_archetype("igb"), &signal, NFP_STYLE_MACVTAP);
		ret = bed_run(bed);
		if (ret == 0) {
			assert_true(bed_now(bed) <= signal.stop_ns);
			break;
		}
		/* Behind the ladder only advice is at stake. */
		if (bed->result.verdict == NFP_VERDICT_SAFE) {
			assert_int_equal(ret, -EINTR);
			assert_false(memnic_listens(bed->nic));
			continue;
		}
		check_ended(bed, ret, -EINTR, NFP_E_INTERRUPTED);
		/* At once: only what the kernel was asked before is waited for. */
		assert_true(bed_now(bed) < signal.stop_ns + 400 * MS);
	}
}

BED_TEST(time_is_up_at_any_time)
{
	for (uint64_t ms = 1; ms < 20000; ms += 311) {
		int ret;

		bed_anew(bed, memnic_archetype("igb"), NULL, NFP_STYLE_BRIDGE);
		bed->config.deadline_ns = MEMNIC_BEGIN_NS + ms * MS;
		ret = bed_run(bed);
		if (ret == 0)
			assert_true(bed_now(bed) < bed->config.deadline_ns);
		else
			check_ended(bed, ret, -ETIME, NFP_E_TIMEOUT);
	}
}

NIC_AS(blinks_at_reset, p->blinks_on = CORE_BIT(CORE_ON_RESET); p->blink_for_ns = 100 * MS)

struct silenced {
	const char *name;
	void (*nic)(struct core_personality *);
	struct memnic_conditions c;
	bool vlan, learns; /* the guest's VLAN is asked, whether the NIC learns */
};

static const struct nfp_guest_vlan_config guest_vlan = {
	.vid = 100, .free_vid = MEMNIC_FREE_VLAN, .own = {{0x02, 0, 0, 0, 0, 0x55}}};

/* A ladder from whose @at_ns on no frame, or no unicast, arrives. Each state that is left has five
 * settling times and two seconds, and a window that lacks an end has no more. */
static int climb_into_silence(struct bed *bed, const struct silenced *of, uint64_t at_ns,
			      bool unicast_alone)
{
	struct core_personality p = *memnic_archetype(of->name);
	struct memnic_conditions c = of->c;

	if (of->nic)
		of->nic(&p);
	c.pauses[0].from_ns = MEMNIC_BEGIN_NS + at_ns;
	c.pauses[0].for_ns = 3600 * NFP_NSEC_PER_SEC;
	c.pauses[0].unicast_alone = unicast_alone;
	bed_anew(bed, &p, &c, NFP_STYLE_MACVTAP);
	if (of->vlan)
		bed->config.guest_vlan = guest_vlan;
	bed->config.deadline_ns = c.pauses[0].from_ns + (NFP_STEP_COUNT + 2) * UINT64_C(9500) * MS;
	return bed_run(bed);
}

/* Whatever is waited for has a time after which it is unknown: in a step, in the windows of the
 * guest's VLAN, in those behind the last step. */
BED_TEST(no_window_waits_for_ever)
{
	static const struct silenced rows[] = {
		{.name = "igb", .vlan = true},
		{.name = "ixgbe"}, /* has the step alone */
		{.name = "mlx5",
		 .nic = blinks_at_reset,
		 .c.suppress_unknown = true,
		 .learns = true},
	};

	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		const struct silenced *row = &rows[i / 2];
		const bool unicast_alone = i % 2;
		uint64_t whole_ns;

		assert_int_equal(climb_into_silence(bed, row, 900000 * MS, unicast_alone), 0);
		assert_int_equal(bed->result.learns_nothing, row->learns);
		whole_ns = bed_now(bed) - MEMNIC_BEGIN_NS;
		for (uint64_t at_ns = 0; at_ns < whole_ns; at_ns += (uint64_t)LOT_STEP * 200 * MS) {
			if (climb_into_silence(bed, row, at_ns, unicast_alone))
				fail_msg("%s, %u ms, %s: %s", row->name, (unsigned int)(at_ns / MS),
					 unicast_alone ? "unicast" : "all", bed_row(bed));
		}
	}
}

/* Nothing comes back from then on: what the NIC does is not shown, whichever NIC it is. */
BED_TEST(a_reflector_that_is_lost_is_no_fault_of_the_nic)
{
	static const char *const nics[] = {"igb", "i40e-old", "mlx5"};

	for (size_t i = 0; i < sizeof(nics) / sizeof(nics[0]); i++) {
		for (enum nfp_step step = NFP_STEP_STANDBY; step <= NFP_STEP_VF_FIRST_UP; step++) {
			struct memnic_conditions lost = {.mute_for_ns = 3600 * NFP_NSEC_PER_SEC};

			if (step == NFP_STEP_ALONE)
				continue;
			lost.mute_ns = middle_of(nics[i], NFP_STYLE_MACVTAP, step);
			bed_anew(bed, memnic_archetype(nics[i]), &lost, NFP_STYLE_MACVTAP);
			bed->config.source = &nfp_sources[NFP_SOURCE_PEER];
			assert_int_equal(bed_run(bed), 0);
			if (bed->result.verdict != NFP_VERDICT_UNKNOWN)
				fail_msg("%s, lost in %s: %s %s: %s", nics[i], nfp_step_name(step),
					 nfp_verdict_name(bed->result.verdict), bed_row(bed),
					 bed->result.reason);
		}
	}
}

BED_TEST(each_refusal_is_a_result)
{
	static const int errnums[] = {EIO, EEXIST, EPERM, ENODEV, EOPNOTSUPP};

	for (unsigned int call = 1; call <= 24; call++) {
		for (size_t i = 0; i < sizeof(errnums) / sizeof(errnums[0]); i++) {
			const struct memnic_conditions fault = {.fail_call = call,
								.fail_errno = errnums[i],
								.fail_code = NFP_E_KERNEL};

			bed_has_run(bed, memnic_archetype("mlx5"), &fault, NFP_STYLE_MACVTAP);
			assert_int_equal(bed->err.code, NFP_E_NONE);
			assert_false(bed->result.stopped);
			/* A reset may lack; behind the ladder's 22 calls only advice is at stake.
			 */
			if (call > 22)
				assert_int_equal(bed->result.verdict, NFP_VERDICT_SAFE);
			else if (errnums[i] != EOPNOTSUPP)
				assert_true(bed->result.verdict == NFP_VERDICT_UNKNOWN ||
					    bed->result.verdict == NFP_VERDICT_REFUSED);
			assert_true(bed->result.reason[0]);
		}
	}
}

BED_TEST(an_error_of_the_probe_ends_it)
{
	/* At each call: without a journal, without descriptors, without another process. */
	static const struct memnic_conditions faults[] = {
		{.fail_errno = ENOSPC, .fail_code = NFP_E_JOURNAL},
		{.fail_errno = EMFILE, .fail_code = NFP_E_KERNEL},
		{.fail_errno = NFP_ENOPROCESS, .fail_code = NFP_E_KERNEL},
	};

	for (unsigned int call = 1; call <= 19; call++) {
		nfp_for_each (row, faults, NFP_NUM(faults)) {
			struct memnic_conditions fault = *row;
			int ret;

			fault.fail_call = call;
			bed_anew(bed, memnic_archetype("igb"), &fault, NFP_STYLE_MACVTAP);
			ret = bed_run(bed);
			check_ended(bed, ret, -fault.fail_errno, fault.fail_code);
			assert_int_equal(memnic_calls(bed->nic), call);
		}
	}
}

/* ---- what others do ---- */

BED_TEST(a_change_by_others_is_unknown)
{
	for (enum nfp_step step = NFP_STEP_STANDBY; step < NFP_STEP_COUNT; step++) {
		struct memnic_conditions others = {0};

		if (step == NFP_STEP_ALONE)
			continue;
		others.change_ns = middle_of("igb", NFP_STYLE_MACVTAP, step);
		bed_has_run(bed, memnic_archetype("igb"), &others, NFP_STYLE_MACVTAP);
		assert_int_equal(bed->result.verdict, NFP_VERDICT_UNKNOWN);
		assert_non_null(strstr(bed->result.reason, "somebody set VF 3's address"));
		assert_true(bed_step(bed, step)->changed);
	}
}

BED_TEST(a_vf_that_goes_away_ends_it)
{
	struct memnic_conditions gone = {
		.gone_ns = middle_of("igb", NFP_STYLE_MACVTAP, NFP_STEP_UP)};
	int ret;

	bed_anew(bed, memnic_archetype("igb"), &gone, NFP_STYLE_MACVTAP);
	ret = bed_run(bed);
	check_ended(bed, ret, -ENODEV, NFP_E_KERNEL);
	assert_non_null(strstr(bed->result.reason, "VF 3 went away"));
}

static void dropped(struct bed *bed)
{
	assert_int_equal(bed_step(bed, NFP_STEP_UNPLUG)->drops, 1);
	assert_int_equal(bed_step(bed, NFP_STEP_DETACH)->drops, 0);
}

#define IGB_ROW "PPPPBlPPPPBBPBP"

TEST(what_others_do_is_unknown)
{
	static const struct scene rows[] = {
		/* In the last window: nothing comes after it that would ask again. */
		{"a change that nobody tells", "igb", .network = {.change_unheard = true},
		 AT(change_ns), .in = NFP_STEP_VF_FIRST_CLEAR, .verdict = NFP_VERDICT_UNKNOWN,
		 STEP_IS(NFP_STEP_VF_FIRST_CLEAR, changed)},
		/* Nothing is waited for that cannot be seen. */
		{"a carrier that stays away", "igb", AT(carrier_down_ns), .in = NFP_STEP_ATTACH,
		 .verdict = NFP_VERDICT_UNKNOWN, .row = "PPP-slsssssssss",
		 STEP_IS(NFP_STEP_ATTACH, carrier_lost)},
		/* Without a carrier the host is asked again and again: the wait ends all the same.
		 */
		{"one whose host is slow to answer", "igb", .network = {.answer_ns = 900 * MS},
		 AT(carrier_down_ns), .in = NFP_STEP_ATTACH, .verdict = NFP_VERDICT_UNKNOWN,
		 STEP_IS(NFP_STEP_ATTACH, carrier_lost)},
		/* The run of this style is over: nothing more was changed. */
		{"port security", "igb", .network = {.announce_kills_carrier = true},
		 .verdict = NFP_VERDICT_UNKNOWN, .reason = "port security", .lacks = "assign"},
		{"captures that drop", "igb", .network = {.drop_frames = 1}, AT(drop_ns),
		 .in = NFP_STEP_UNPLUG, .verdict = NFP_VERDICT_UNKNOWN,
		 .reason = "frames at \"unplug\"", .also = dropped},
		{"a lossy wire", "igb", .network = {.loss_permille = 400},
		 .verdict = NFP_VERDICT_UNKNOWN, .reason = "loss on the way"},
		/* Each landing holds for a second, then comes the other: none has held. */
		{"a landing that never holds", "igb",
		 .network = {.mute_for_ns = 1000 * MS, .mute_every_ns = 2000 * MS}, AT(mute_ns),
		 .in = NFP_STEP_UNPLUG, .verdict = NFP_VERDICT_UNKNOWN, .row = "PPPPBlmmmmmmmmm",
		 STEP_IS(NFP_STEP_UNPLUG, unsettled)},
		{"a fabric that wants an announcement", "igb",
		 .network = {.suppress_unknown = true}, .verdict = NFP_VERDICT_SAFE,
		 .row = "-PPPBlPPPPBBPBP"},
		{"one that gets none", "igb", .network = {.suppress_unknown = true},
		 .run = scene_no_announce, .verdict = NFP_VERDICT_UNKNOWN,
		 .reason = "--skip announce"},
	};

	CHECK_SCENES(rows);
}

/* The carrier is away for a while, from the middle of `clear`: what was sent meanwhile does not
 * count. */
TEST(lost_carrier_is_unknown)
{
	const uint64_t down_ns = middle_of("igb", NFP_STYLE_MACVTAP, NFP_STEP_CLEAR);
	const struct scene row = {
		"a carrier that is lost",
		"igb",
		.network = {.carrier_down_ns = down_ns, .carrier_up_ns = down_ns + 2000 * MS},
		.verdict = NFP_VERDICT_UNKNOWN,
		.row = IGB_ROW,
		.reason = "carrier at \"clear\"",
		STEP_IS(NFP_STEP_CLEAR, carrier_lost)};

	scene_check(&row);
}

/* However short it was: a few frames that are lost do not show by their landing. */
static void check_blink(uint64_t ms)
{
	const struct nfp_step_result *clear;
	struct memnic_conditions link = {0};
	struct bed bed;

	bed_open(&bed, memnic_archetype("igb"), NULL, NFP_STYLE_MACVTAP);
	assert_int_equal(bed_run(&bed), 0);
	clear = bed_step(&bed, NFP_STEP_CLEAR);
	link.carrier_down_ns = MEMNIC_BEGIN_NS + clear->start_ns + 300 * MS;
	link.carrier_up_ns = link.carrier_down_ns + ms * MS;
	bed_close(&bed);

	bed_open(&bed, memnic_archetype("igb"), &link, NFP_STYLE_MACVTAP);
	assert_int_equal(bed_run(&bed), 0);
	clear = bed_step(&bed, NFP_STEP_CLEAR);
	assert_int_equal(bed.result.verdict, NFP_VERDICT_SAFE);
	assert_false(clear->carrier_lost);
	assert_non_null(strstr(clear->w.note, "for a moment"));
	assert_int_equal(clear->window_ns, 1550 * MS);
	assert_int_equal(nfp_count_lost(&clear->w.count[NFP_KIND_UNICAST]), 0);
	bed_close(&bed);
}

TEST(a_driver_that_resets_the_port_is_forgiven)
{
	check_blink(2500);
	check_blink(4);
}

/* ---- steps that cannot be made ---- */

NIC_AS(bind_another_address, p->bind_errno = EADDRNOTAVAIL)
NIC_AS(no_vf_carrier, p->up_errno = ETIMEDOUT)
NIC_AS(stuck_unbind, p->unbind_errno = ETIMEDOUT)
NIC_AS(wiped_by_clear, p->clear_wipes_pf = true)
NIC_AS(back_needs_reset, p->back_needs_reset = true)
NIC_AS(clear_needs_reset, p->goes_on = CORE_BIT(CORE_ON_CLEAR), p->clear_needs_reset = true)
NIC_AS(no_vf_broadcast, p->vf_no_broadcast = true)
NIC_AS(no_reset, p->no_reset = true)
NIC_AS(never_gives_back, p->goes_on = 0)

TEST(steps_that_cannot_be_made)
{
	static const struct scene rows[] = {
		/* A VF with another address than X is never a landing. */
		{"another address", "igb", bind_another_address, .row = "PPPPrlsPPPrssss",
		 .verdict = NFP_VERDICT_UNKNOWN},
		{"no carrier of the VF", "igb", no_vf_carrier, .row = "PPPPrlPPPPrsPrP",
		 .verdict = NFP_VERDICT_UNKNOWN},
		{"an unbind that is stuck", "igb", stuck_unbind, .row = "PPPPBlrssssssss",
		 .verdict = NFP_VERDICT_UNKNOWN},
		{"no reset", "mlx5", no_reset, .row = "-PPlBlPlPPBBPBP",
		 .verdict = NFP_VERDICT_SAFE},
		/* The PF's entry goes with the VF's: deaf when all should be well again. */
		{"wiped by clear", "mlx5", wiped_by_clear, .row = "-PPPBlPP-PBBPB-",
		 .verdict = NFP_VERDICT_STICKY},
		/* A reset makes the VF work again, and lets it be cleared. */
		{"a VF that comes back", "mlx5", back_needs_reset, .row = "-PPPBlPPPPBBPPP",
		 .verdict = NFP_VERDICT_DEAF, .reason = "a migration that was cancelled"},
		{"a VF that is cleared at once", "mlx5", clear_needs_reset, NFP_STYLE_BRIDGE,
		 .row = "-PPPVl--PPVV-V-", .verdict = NFP_VERDICT_STICKY},
		/* Unicast alone is not enough for the VF. */
		{"no broadcast to the VF", "mlx5", no_vf_broadcast, NFP_STYLE_BRIDGE,
		 .row = "-PPPVVPPPPVVPVP", .verdict = NFP_VERDICT_DEAF},
		{"one address for all", "mlx5", .style = NFP_STYLE_BRIDGE, .run = scene_one_address,
		 .row = "-PPPVlPPPPVVPVP", .verdict = NFP_VERDICT_SAFE},
		/* Another one for vf-first is not spoilt by one that is never given back, as the
		 * same is. */
		{"another one for vf-first", "mlx5", never_gives_back, NFP_STYLE_BRIDGE,
		 .row = "-PPPVl---PVV-V-", .verdict = NFP_VERDICT_STICKY},
		{"the same for vf-first", "mlx5", never_gives_back, NFP_STYLE_BRIDGE,
		 .run = scene_one_address, .row = "-PPPVl---llllll", .verdict = NFP_VERDICT_UNKNOWN,
		 .reason = "did not happen again"},
	};

	CHECK_SCENES(rows);
}

TEST_MAIN()
