// SPDX-License-Identifier: GPL-2.0-or-later
/* The runner disturbed: signals, refusals, what others do, steps that cannot be made. */
#include "harness.h"
#include "memnic/bed.h"
#include "nfprobe/result.h"

#define MS NFP_NSEC_PER_MSEC

/* Virtual time in the middle of a step of an undisturbed run. */
static uint64_t middle_of(const char *name, enum nfp_style style, enum nfp_step step)
{
	const struct nfp_step_result *result;
	struct bed bed;
	uint64_t ns;

	bed_open(&bed, memnic_archetype(name), NULL, style);
	assert_int_equal(bed_climb(&bed), 0);
	result = bed_step(&bed, step);
	ns = MEMNIC_BEGIN_NS + result->start_ns + result->duration_ns - result->window_ns / 4;
	bed_close(&bed);
	return ns;
}

/* ---- ends ---- */

static void check_ended(struct bed *bed, int ret, int want, enum nfp_errcode code)
{
	size_t alone = bed_step(bed, NFP_STEP_ALONE) ? 1 : 0;

	assert_int_equal(ret, want);
	assert_int_equal(bed->err.code, code);
	assert_true(bed->result.stopped);
	assert_true(bed->result.verdict == NFP_VERDICT_INCONCLUSIVE ||
		    bed->result.verdict == NFP_VERDICT_UNTESTABLE);
	assert_true(bed->result.reason[0]);
	assert_int_equal(bed->result.num_steps, NFP_STEP_COUNT - 1 + alone);
	assert_false(memnic_listens(bed->nic));
}

TEST(a_signal_ends_it_at_any_time)
{
	for (uint64_t ms = 1; ms < 24000; ms += 173) {
		const struct memnic_conditions signal = {.stop_ns = MEMNIC_BEGIN_NS + ms * MS};
		struct bed bed;
		int ret;

		bed_open(&bed, memnic_archetype("igb"), &signal, NFP_STYLE_MACVTAP);
		ret = bed_climb(&bed);
		if (ret == 0) {
			assert_true(bed_now(&bed) <= signal.stop_ns);
			bed_close(&bed);
			break;
		}
		check_ended(&bed, ret, -EINTR, NFP_E_INTERRUPTED);
		/* At once: only what the kernel was asked before is waited for. */
		assert_true(bed_now(&bed) < signal.stop_ns + 400 * MS);
		bed_close(&bed);
	}
}

TEST(time_is_up_at_any_time)
{
	for (uint64_t ms = 1; ms < 20000; ms += 311) {
		struct bed bed;
		int ret;

		bed_open(&bed, memnic_archetype("igb"), NULL, NFP_STYLE_BRIDGE);
		bed.config.deadline_ns = MEMNIC_BEGIN_NS + ms * MS;
		ret = bed_climb(&bed);
		if (ret == 0)
			assert_true(bed_now(&bed) < bed.config.deadline_ns);
		else
			check_ended(&bed, ret, -ETIME, NFP_E_TIMEOUT);
		bed_close(&bed);
	}
}

TEST(each_refusal_is_a_result)
{
	static const int errnums[] = {EIO, EEXIST, EPERM, ENODEV, EOPNOTSUPP};

	for (unsigned int call = 1; call <= 21; call++) {
		for (size_t i = 0; i < sizeof(errnums) / sizeof(errnums[0]); i++) {
			const struct memnic_conditions fault = {.fail_call = call,
								.fail_errno = errnums[i],
								.fail_code = NFP_E_KERNEL};
			struct bed bed;

			bed_open(&bed, memnic_archetype("mlx5"), &fault, NFP_STYLE_MACVTAP);
			assert_int_equal(bed_climb(&bed), 0);
			assert_int_equal(bed.err.code, NFP_E_NONE);
			assert_false(bed.result.stopped);
			/* down decides nothing, and a reset may lack. */
			if (memnic_calls(bed.nic) >= call && call != 6 && errnums[i] != EOPNOTSUPP)
				assert_true(bed.result.verdict == NFP_VERDICT_INCONCLUSIVE ||
					    bed.result.verdict == NFP_VERDICT_REFUSED);
			assert_true(bed.result.reason[0]);
			bed_close(&bed);
		}
	}
}

TEST(an_error_of_the_probe_ends_it)
{
	for (unsigned int call = 1; call <= 18; call++) {
		const struct memnic_conditions fault = {
			.fail_call = call, .fail_errno = ENOSPC, .fail_code = NFP_E_JOURNAL};
		struct bed bed;
		int ret;

		bed_open(&bed, memnic_archetype("igb"), &fault, NFP_STYLE_MACVTAP);
		ret = bed_climb(&bed);
		check_ended(&bed, ret, -ENOSPC, NFP_E_JOURNAL);
		assert_int_equal(memnic_calls(bed.nic), call);
		bed_close(&bed);
	}
}

/* ---- what others do ---- */

TEST(a_change_by_others_is_inconclusive)
{
	for (enum nfp_step step = NFP_STEP_STANDBY; step < NFP_STEP_COUNT; step++) {
		struct memnic_conditions others = {0};
		struct bed bed;

		if (step == NFP_STEP_ALONE)
			continue;
		others.change_ns = middle_of("igb", NFP_STYLE_MACVTAP, step);
		bed_open(&bed, memnic_archetype("igb"), &others, NFP_STYLE_MACVTAP);
		assert_int_equal(bed_climb(&bed), 0);
		assert_int_equal(bed.result.verdict, NFP_VERDICT_INCONCLUSIVE);
		assert_non_null(strstr(bed.result.reason, "somebody set VF 3's address"));
		assert_true(bed_step(&bed, step)->changed);
		bed_close(&bed);
	}
}

/* Not told of by anybody, and in the last window: nothing comes after it that would ask again. */
TEST(a_change_that_nobody_tells_is_seen)
{
	struct memnic_conditions others = {.change_unheard = true};
	struct bed bed;

	others.change_ns = middle_of("igb", NFP_STYLE_MACVTAP, NFP_STEP_VF_FIRST_UNPLUG);
	bed_open(&bed, memnic_archetype("igb"), &others, NFP_STYLE_MACVTAP);
	assert_int_equal(bed_climb(&bed), 0);
	assert_int_equal(bed.result.verdict, NFP_VERDICT_INCONCLUSIVE);
	assert_true(bed_step(&bed, NFP_STEP_VF_FIRST_UNPLUG)->changed);
	bed_close(&bed);
}

TEST(a_vf_that_goes_away_ends_it)
{
	struct memnic_conditions gone = {
		.gone_ns = middle_of("igb", NFP_STYLE_MACVTAP, NFP_STEP_UP)};
	struct bed bed;
	int ret;

	bed_open(&bed, memnic_archetype("igb"), &gone, NFP_STYLE_MACVTAP);
	ret = bed_climb(&bed);
	check_ended(&bed, ret, -ENODEV, NFP_E_KERNEL);
	assert_non_null(strstr(bed.result.reason, "VF 3 went away"));
	bed_close(&bed);
}

TEST(lost_carrier_is_inconclusive)
{
	struct memnic_conditions link = {0};
	struct bed bed;

	link.carrier_down_ns = middle_of("igb", NFP_STYLE_MACVTAP, NFP_STEP_CLEAR);
	link.carrier_up_ns = link.carrier_down_ns + 2000 * MS;
	bed_open(&bed, memnic_archetype("igb"), &link, NFP_STYLE_MACVTAP);
	assert_int_equal(bed_climb(&bed), 0);
	assert_int_equal(bed.result.verdict, NFP_VERDICT_INCONCLUSIVE);
	assert_true(bed_step(&bed, NFP_STEP_CLEAR)->carrier_lost);
	assert_non_null(strstr(bed.result.reason, "carrier in step clear"));
	/* What was sent meanwhile did not count. */
	assert_string_equal(bed_row(&bed), "PPPPPBlPPPPPPBP");
	bed_close(&bed);
}

TEST(a_driver_that_resets_the_port_is_forgiven)
{
	const struct nfp_step_result *clear;
	struct memnic_conditions link = {0};
	struct bed bed;

	bed_open(&bed, memnic_archetype("igb"), NULL, NFP_STYLE_MACVTAP);
	assert_int_equal(bed_climb(&bed), 0);
	clear = bed_step(&bed, NFP_STEP_CLEAR);
	link.carrier_down_ns = MEMNIC_BEGIN_NS + clear->start_ns + 300 * MS;
	link.carrier_up_ns = link.carrier_down_ns + 2500 * MS;
	bed_close(&bed);

	bed_open(&bed, memnic_archetype("igb"), &link, NFP_STYLE_MACVTAP);
	assert_int_equal(bed_climb(&bed), 0);
	clear = bed_step(&bed, NFP_STEP_CLEAR);
	assert_int_equal(bed.result.verdict, NFP_VERDICT_SAFE);
	assert_false(clear->carrier_lost);
	assert_non_null(strstr(clear->note, "for a moment"));
	assert_int_equal(clear->window_ns, 1500 * MS);
	assert_int_equal(nfp_count_lost(&clear->count[NFP_KIND_UNICAST]), 0);
	bed_close(&bed);
}

TEST(carrier_that_stays_away_is_inconclusive)
{
	struct memnic_conditions link = {0};
	struct bed bed;

	link.carrier_down_ns = middle_of("igb", NFP_STYLE_MACVTAP, NFP_STEP_ATTACH);
	bed_open(&bed, memnic_archetype("igb"), &link, NFP_STYLE_MACVTAP);
	assert_int_equal(bed_climb(&bed), 0);
	assert_int_equal(bed.result.verdict, NFP_VERDICT_INCONCLUSIVE);
	assert_true(bed_step(&bed, NFP_STEP_ATTACH)->carrier_lost);
	/* Nothing is waited for that cannot be seen. */
	assert_int_equal(bed_step(&bed, NFP_STEP_CLEAR)->status, NFP_STATUS_SKIPPED);
	bed_close(&bed);
}

TEST(port_security_is_named)
{
	const struct memnic_conditions security = {.announce_kills_carrier = true};
	struct bed bed;

	bed_open(&bed, memnic_archetype("igb"), &security, NFP_STYLE_MACVTAP);
	assert_int_equal(bed_climb(&bed), 0);
	assert_int_equal(bed.result.verdict, NFP_VERDICT_INCONCLUSIVE);
	assert_non_null(strstr(bed.result.reason, "port security"));
	/* The run of this style is over: nothing more was changed. */
	assert_string_equal(memnic_log(bed.nic), "hold report announce ");
	bed_close(&bed);
}

TEST(dropped_captures_are_inconclusive)
{
	struct memnic_conditions busy = {.drop_frames = 1};
	struct bed bed;

	busy.drop_ns = middle_of("igb", NFP_STYLE_MACVTAP, NFP_STEP_UNPLUG);
	bed_open(&bed, memnic_archetype("igb"), &busy, NFP_STYLE_MACVTAP);
	assert_int_equal(bed_climb(&bed), 0);
	assert_int_equal(bed.result.verdict, NFP_VERDICT_INCONCLUSIVE);
	assert_int_equal(bed_step(&bed, NFP_STEP_UNPLUG)->drops, 1);
	assert_int_equal(bed_step(&bed, NFP_STEP_DETACH)->drops, 0);
	assert_non_null(strstr(bed.result.reason, "step unplug"));
	bed_close(&bed);
}

TEST(a_lossy_wire_is_inconclusive)
{
	const struct memnic_conditions lossy = {.loss_permille = 400};
	struct nfp_style_result result;

	assert_int_equal(memnic_climb(memnic_archetype("igb"), &lossy, NFP_STYLE_MACVTAP, &result),
			 0);
	assert_int_equal(result.verdict, NFP_VERDICT_INCONCLUSIVE);
	assert_non_null(strstr(result.reason, "loss on the way"));
}

/* Each landing holds for a second, then comes the other: none has held when the time is up. */
TEST(a_landing_that_never_holds_is_mixed)
{
	struct memnic_conditions restless = {.mute_for_ns = 1000 * MS, .mute_every_ns = 2000 * MS};
	const struct nfp_step_result *unplug;
	struct bed bed;

	restless.mute_ns = middle_of("igb", NFP_STYLE_MACVTAP, NFP_STEP_DOWN);
	bed_open(&bed, memnic_archetype("igb"), &restless, NFP_STYLE_MACVTAP);
	assert_int_equal(bed_climb(&bed), 0);
	unplug = bed_step(&bed, NFP_STEP_UNPLUG);
	assert_true(unplug->unsettled);
	assert_int_equal(unplug->landing[NFP_KIND_UNICAST], NFP_LANDING_MIXED);
	assert_int_equal(bed.result.verdict, NFP_VERDICT_INCONCLUSIVE);
	bed_close(&bed);
}

TEST(a_fabric_that_wants_an_announcement)
{
	const struct memnic_conditions fabric = {.suppress_unknown = true};
	struct bed bed;

	bed_open(&bed, memnic_archetype("igb"), &fabric, NFP_STYLE_MACVTAP);
	assert_int_equal(bed_climb(&bed), 0);
	assert_string_equal(bed_row(&bed), "-PPPPBlPPPPPPBP");
	assert_int_equal(bed.result.verdict, NFP_VERDICT_SAFE);
	bed_close(&bed);
	bed_open(&bed, memnic_archetype("igb"), &fabric, NFP_STYLE_MACVTAP);
	bed.config.announce = false;
	assert_int_equal(bed_climb(&bed), 0);
	assert_int_equal(bed.result.verdict, NFP_VERDICT_INCONCLUSIVE);
	assert_non_null(strstr(bed.result.reason, "--no-announce"));
	bed_close(&bed);
}

/* ---- steps that cannot be made ---- */

static void check_fault(const char *name, enum nfp_style style,
			void (*break_it)(struct memnic_personality *p), const char *row,
			enum nfp_verdict verdict)
{
	struct memnic_personality broken = *memnic_archetype(name);
	struct bed bed;

	break_it(&broken);
	bed_open(&bed, &broken, NULL, style);
	assert_int_equal(bed_climb(&bed), 0);
	assert_string_equal(bed_row(&bed), row);
	assert_int_equal(bed.result.verdict, verdict);
	bed_close(&bed);
}

static void bind_another_address(struct memnic_personality *p)
{
	p->bind_errno = EADDRNOTAVAIL;
}

static void no_vf_carrier(struct memnic_personality *p)
{
	p->up_errno = ETIMEDOUT;
}

static void stuck_unbind(struct memnic_personality *p)
{
	p->unbind_errno = ETIMEDOUT;
}

static void wiped_by_assign(struct memnic_personality *p)
{
	p->assign_wipes_pf = true;
}

static void wiped_by_clear(struct memnic_personality *p)
{
	p->clear_wipes_pf = true;
}

static void no_vf_broadcast(struct memnic_personality *p)
{
	p->vf_no_broadcast = true;
}

static void no_reset(struct memnic_personality *p)
{
	p->no_reset = true;
}

TEST(steps_that_cannot_be_made)
{
	/* A VF with another address than X is never a landing. */
	check_fault("igb", NFP_STYLE_MACVTAP, bind_another_address, "PPPPrslssPPPPrs",
		    NFP_VERDICT_INCONCLUSIVE);
	check_fault("igb", NFP_STYLE_MACVTAP, no_vf_carrier, "PPPPPrlsPPPPPrP",
		    NFP_VERDICT_INCONCLUSIVE);
	check_fault("igb", NFP_STYLE_MACVTAP, stuck_unbind, "PPPPPBlPrssssss",
		    NFP_VERDICT_INCONCLUSIVE);
	check_fault("mlx5", NFP_STYLE_MACVTAP, no_reset, "-PPlPBlPPlPPPBP", NFP_VERDICT_SAFE);
	/* The PF's entry goes with the VF's: early, or deaf when all should be well again. */
	check_fault("mlx5", NFP_STYLE_MACVTAP, wiped_by_assign, "-P---Vl----lPBP",
		    NFP_VERDICT_EARLY);
	check_fault("mlx5", NFP_STYLE_MACVTAP, wiped_by_clear, "-PPPPBlPPP-lPBP",
		    NFP_VERDICT_STICKY);
	/* Unicast alone is not enough for the VF. */
	check_fault("mlx5", NFP_STYLE_BRIDGE, no_vf_broadcast, "-PPPPVVPPPPPPVP", NFP_VERDICT_DEAF);
}

TEST(one_address_for_all)
{
	struct memnic_personality kept = *memnic_archetype("mlx5");
	struct bed bed;

	bed_open(&bed, &kept, NULL, NFP_STYLE_BRIDGE);
	bed.config.address_first = bed.config.address;
	assert_int_equal(bed_climb(&bed), 0);
	assert_string_equal(bed_row(&bed), "-PPPPVlPPPPPPVP");
	assert_int_equal(bed.result.verdict, NFP_VERDICT_SAFE);
	bed_close(&bed);

	/* Another one for vf-first is not spoilt by one that is never given back, as the same is.
	 */
	kept.goes_on = 0;
	bed_open(&bed, &kept, NULL, NFP_STYLE_BRIDGE);
	assert_int_equal(bed_climb(&bed), 0);
	assert_string_equal(bed_row(&bed), "-PPPPVl----lPV-");
	bed_close(&bed);

	bed_open(&bed, &kept, NULL, NFP_STYLE_BRIDGE);
	bed.config.address_first = bed.config.address;
	assert_int_equal(bed_climb(&bed), 0);
	assert_string_equal(bed_row(&bed), "-PPPPVl----llll");
	assert_int_equal(bed.result.verdict, NFP_VERDICT_STICKY);
	assert_int_equal(bed.result.requires, NFP_REQ_BIT(NFP_REQ_DO_NOT_USE));
	bed_close(&bed);
}

TEST_MAIN()
