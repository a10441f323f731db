// SPDX-License-Identifier: GPL-2.0-or-later
/* The runner against the NIC in memory: order, faults, ends. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "memnic/memnic.h"
#include "nfprobe/ladder.h"
#include "nfprobe/verdict.h"

#define MS NFP_NSEC_PER_MSEC

struct bed {
	struct memnic *nic;
	struct nfp_ledger *ledger;
	struct nfp_runner_config config;
	struct nfp_style_result result;
	struct nfp_runner_times times;
	struct nfp_err err;
};

static void open_bed(struct bed *bed, const struct memnic_personality *personality,
		     const struct memnic_conditions *conditions, enum nfp_style style)
{
	memset(bed, 0, sizeof(*bed));
	bed->nic = memnic_new(personality, conditions);
	bed->ledger = nfp_ledger_new();
	assert_non_null(bed->nic);
	assert_non_null(bed->ledger);
	memnic_config(bed->nic, bed->ledger, style, &bed->config);
}

static int climb(struct bed *bed)
{
	return nfp_ladder_run(&bed->config, &bed->result, &bed->times, &bed->err);
}

static void close_bed(struct bed *bed)
{
	memnic_free(bed->nic);
	nfp_ledger_free(bed->ledger);
}

static const struct nfp_step_result *step_of(const struct bed *bed, enum nfp_step step)
{
	for (size_t i = 0; i < bed->result.num_steps; i++) {
		if (bed->result.steps[i].step == step)
			return &bed->result.steps[i];
	}
	return NULL;
}

static const char *row_of(const struct bed *bed)
{
	static char row[MEMNIC_ROW_LEN];

	return memnic_row(&bed->result, row);
}

static uint64_t now_of(const struct bed *bed)
{
	return bed->config.wire.ops->now(bed->config.wire.ctx);
}

/* Virtual time in the middle of a step of an undisturbed run. */
static uint64_t middle_of(const char *name, enum nfp_style style, enum nfp_step step)
{
	const struct nfp_step_result *result;
	struct bed bed;
	uint64_t ns;

	open_bed(&bed, memnic_archetype(name), NULL, style);
	assert_int_equal(climb(&bed), 0);
	result = step_of(&bed, step);
	ns = MEMNIC_BEGIN_NS + result->start_ns + result->duration_ns - result->window_ns / 4;
	close_bed(&bed);
	return ns;
}

/* ---- the order of things ---- */

static void order_of_changes(void **state)
{
	struct bed bed;

	(void)state;
	open_bed(&bed, memnic_archetype("igb"), NULL, NFP_STYLE_FILTER);
	assert_int_equal(climb(&bed), 0);
	assert_string_equal(memnic_log(bed.nic),
			    "hold announce assign reset bind up down unbind reset clear "
			    "assign reset release assign reset hold announce bind up unbind ");
	close_bed(&bed);
}

static void alone_only_when_up_is_not_served(void **state)
{
	struct bed bed;

	(void)state;
	open_bed(&bed, memnic_archetype("ixgbe"), NULL, NFP_STYLE_FILTER);
	assert_int_equal(climb(&bed), 0);
	assert_string_equal(
		memnic_log(bed.nic),
		"hold announce assign reset bind up release hold down unbind reset "
		"clear assign reset release assign reset hold announce bind up unbind ");
	assert_non_null(step_of(&bed, NFP_STEP_ALONE));
	close_bed(&bed);
}

static void announces_only_to_the_wire(void **state)
{
	const struct memnic_conditions inside = {.source = NFP_SOURCE_VF};
	struct bed bed;

	(void)state;
	open_bed(&bed, memnic_archetype("mlx5"), &inside, NFP_STYLE_FILTER);
	assert_int_equal(climb(&bed), 0);
	assert_null(strstr(memnic_log(bed.nic), "announce"));
	close_bed(&bed);
	open_bed(&bed, memnic_archetype("mlx5"), NULL, NFP_STYLE_FILTER);
	bed.config.announce = false;
	assert_int_equal(climb(&bed), 0);
	assert_null(strstr(memnic_log(bed.nic), "announce"));
	close_bed(&bed);
}

static void unicast_is_sparse_before_it_is_announced(void **state)
{
	const struct nfp_step_result *control, *standby;
	struct bed bed;

	(void)state;
	open_bed(&bed, memnic_archetype("igb"), NULL, NFP_STYLE_FILTER);
	assert_int_equal(climb(&bed), 0);
	control = step_of(&bed, NFP_STEP_CONTROL);
	standby = step_of(&bed, NFP_STEP_STANDBY);
	assert_in_range(control->count[NFP_KIND_UNICAST].sent, 3, 5);
	assert_true(standby->count[NFP_KIND_UNICAST].sent * (NFP_NSEC_PER_SEC / 1000) ==
		    standby->window_ns);
	close_bed(&bed);
}

static void leaves_nothing_running(void **state)
{
	struct bed bed;
	uint64_t frames;

	(void)state;
	open_bed(&bed, memnic_archetype("igb"), NULL, NFP_STYLE_FILTER);
	assert_int_equal(climb(&bed), 0);
	frames = memnic_frames(bed.nic);
	bed.config.wire.ops->pump(bed.config.wire.ctx, now_of(&bed) + NFP_NSEC_PER_SEC, bed.ledger,
				  NULL);
	/* What was due before the plan ended was still to be made. */
	assert_true(memnic_frames(bed.nic) <= frames + 1);
	assert_false(memnic_listens(bed.nic));
	close_bed(&bed);
}

static void windows_are_as_long_as_demanded(void **state)
{
	struct bed bed;
	uint64_t windows = 0;

	(void)state;
	open_bed(&bed, memnic_archetype("igb"), NULL, NFP_STYLE_FILTER);
	assert_int_equal(climb(&bed), 0);
	for (size_t i = 0; i < bed.result.num_steps; i++) {
		const struct nfp_step_result *step = &bed.result.steps[i];

		windows += step->window_ns;
		/* igb's PF takes X without a filter: whether it has one shows only later. */
		if (nfp_ladder[step->step].may_be_brief && step->step != NFP_STEP_STANDBY)
			assert_in_range(step->window_ns, 100 * MS, 200 * MS);
		else
			assert_int_equal(step->window_ns, 1500 * MS);
	}
	assert_int_equal(bed.times.settle_ns, windows);
	/* nfprobe's own share: less than 70 ms a step. */
	assert_true(now_of(&bed) - MEMNIC_BEGIN_NS - bed.times.settle_ns - bed.times.kernel_ns <
		    14 * 70 * MS);
	close_bed(&bed);
}

static void standby_is_brief_where_it_shows_at_once(void **state)
{
	struct bed bed;

	(void)state;
	open_bed(&bed, memnic_archetype("mlx5"), NULL, NFP_STYLE_FILTER);
	assert_int_equal(climb(&bed), 0);
	assert_in_range(step_of(&bed, NFP_STEP_STANDBY)->window_ns, 100 * MS, 200 * MS);
	close_bed(&bed);
}

static unsigned int told;
static void count_told(void *ctx, enum nfp_style style, enum nfp_step step, uint64_t remaining_ns)
{
	uint64_t *last = ctx;

	(void)style;
	assert_int_equal(remaining_ns, nfp_ladder_estimate(1500 * MS, step));
	assert_true(remaining_ns < *last);
	*last = remaining_ns;
	told++;
}

static void progress_is_told(void **state)
{
	uint64_t last = UINT64_MAX;
	struct bed bed;

	(void)state;
	open_bed(&bed, memnic_archetype("igb"), NULL, NFP_STYLE_FILTER);
	bed.config.progress = (struct nfp_progress) {count_told, &last};
	told = 0;
	assert_int_equal(climb(&bed), 0);
	assert_int_equal(told, 14);
	close_bed(&bed);
}

/* ---- transitions ---- */

static const struct nfp_transition *transition_to(const struct bed *bed, enum nfp_step to)
{
	for (size_t i = 0; i < bed->result.num_transitions; i++) {
		if (bed->result.transitions[i].to == to)
			return &bed->result.transitions[i];
	}
	return NULL;
}

static void transitions_say_how_long(void **state)
{
	const struct nfp_transition *t;
	struct bed bed;

	(void)state;
	open_bed(&bed, memnic_archetype("ice"), NULL, NFP_STYLE_PROMISC);
	assert_int_equal(climb(&bed), 0);
	/* The VF's filter comes 200 ms after the assignment: until then the PF is served. */
	t = transition_to(&bed, NFP_STEP_ASSIGN);
	assert_int_equal(t->from, NFP_STEP_STANDBY);
	assert_int_equal(t->count.lost, 0);
	assert_int_equal(t->count.gap_us, 0);
	/* Deaf until the netdev is up. */
	assert_int_equal(transition_to(&bed, NFP_STEP_UP)->count.gap_us, -1);
	assert_true(transition_to(&bed, NFP_STEP_UP)->count.lost > 0);
	close_bed(&bed);

	open_bed(&bed, memnic_archetype("hns3"), NULL, NFP_STYLE_PROMISC);
	assert_int_equal(climb(&bed), 0);
	t = transition_to(&bed, NFP_STEP_UP);
	assert_int_equal(t->count.lost, 0);
	assert_in_range(t->count.switch_us, 1, 2000);
	t = transition_to(&bed, NFP_STEP_VF_FIRST_UNPLUG);
	assert_in_range(t->count.gap_us, 890000, 960000);
	assert_in_range(t->count.lost, 880, 960);
	close_bed(&bed);
}

/* Every frame is in a window or in a transition, and in one only. */
static void no_frame_is_unaccounted_for(void **state)
{
	static const enum nfp_style styles[] = {NFP_STYLE_FILTER, NFP_STYLE_PROMISC};

	(void)state;
	for (size_t i = 0; i < memnic_num_archetypes; i++) {
		const struct memnic_conditions loss = {.seed = i, .loss_permille = 30};
		struct bed bed;

		open_bed(&bed, &memnic_archetypes[i], &loss, styles[i % 2]);
		assert_int_equal(climb(&bed), 0);
		for (size_t s = 0; s < bed.result.num_steps; s++) {
			const struct nfp_count *c = bed.result.steps[s].count;

			for (int k = 0; k < NFP_KIND_COUNT; k++) {
				assert_true(c[k].at[NFP_AT_PF] <= c[k].sent);
				assert_true(c[k].both <= c[k].at[NFP_AT_VF]);
				assert_true(nfp_count_lost(&c[k]) <= c[k].sent);
			}
		}
		close_bed(&bed);
	}
}

/* ---- ends ---- */

static void check_ended(struct bed *bed, int ret, int want, enum nfp_errcode code)
{
	size_t alone = step_of(bed, NFP_STEP_ALONE) ? 1 : 0;

	assert_int_equal(ret, want);
	assert_int_equal(bed->err.code, code);
	assert_true(bed->result.stopped);
	assert_true(bed->result.verdict == NFP_VERDICT_INCONCLUSIVE ||
		    bed->result.verdict == NFP_VERDICT_UNTESTABLE);
	assert_true(bed->result.reason[0]);
	assert_int_equal(bed->result.num_steps, NFP_STEP_COUNT - 1 + alone);
	assert_false(memnic_listens(bed->nic));
}

static void a_signal_ends_it_at_any_time(void **state)
{
	(void)state;
	for (uint64_t ms = 1; ms < 24000; ms += 173) {
		const struct memnic_conditions signal = {.stop_ns = MEMNIC_BEGIN_NS + ms * MS};
		struct bed bed;
		int ret;

		open_bed(&bed, memnic_archetype("igb"), &signal, NFP_STYLE_FILTER);
		ret = climb(&bed);
		if (ret == 0) {
			assert_true(now_of(&bed) <= signal.stop_ns);
			close_bed(&bed);
			break;
		}
		check_ended(&bed, ret, -EINTR, NFP_E_INTERRUPTED);
		/* At once: only what the kernel was asked before is waited for. */
		assert_true(now_of(&bed) < signal.stop_ns + 400 * MS);
		close_bed(&bed);
	}
}

static void time_is_up_at_any_time(void **state)
{
	(void)state;
	for (uint64_t ms = 1; ms < 20000; ms += 311) {
		struct bed bed;
		int ret;

		open_bed(&bed, memnic_archetype("igb"), NULL, NFP_STYLE_PROMISC);
		bed.config.deadline_ns = MEMNIC_BEGIN_NS + ms * MS;
		ret = climb(&bed);
		if (ret == 0)
			assert_true(now_of(&bed) < bed.config.deadline_ns);
		else
			check_ended(&bed, ret, -ETIME, NFP_E_TIMEOUT);
		close_bed(&bed);
	}
}

static void each_refusal_is_a_result(void **state)
{
	static const int errnums[] = {EIO, EEXIST, EPERM, ENODEV, EOPNOTSUPP};

	(void)state;
	for (unsigned int call = 1; call <= 21; call++) {
		for (size_t i = 0; i < sizeof(errnums) / sizeof(errnums[0]); i++) {
			const struct memnic_conditions fault = {.fail_call = call,
								.fail_errno = errnums[i],
								.fail_code = NFP_E_KERNEL};
			struct bed bed;

			open_bed(&bed, memnic_archetype("mlx5"), &fault, NFP_STYLE_FILTER);
			assert_int_equal(climb(&bed), 0);
			assert_int_equal(bed.err.code, NFP_E_NONE);
			assert_false(bed.result.stopped);
			/* down decides nothing, and a reset may lack. */
			if (memnic_calls(bed.nic) >= call && call != 6 && errnums[i] != EOPNOTSUPP)
				assert_true(bed.result.verdict == NFP_VERDICT_INCONCLUSIVE ||
					    bed.result.verdict == NFP_VERDICT_REFUSED);
			assert_true(bed.result.reason[0]);
			close_bed(&bed);
		}
	}
}

static void an_error_of_the_probe_ends_it(void **state)
{
	(void)state;
	for (unsigned int call = 1; call <= 18; call++) {
		const struct memnic_conditions fault = {
			.fail_call = call, .fail_errno = ENOSPC, .fail_code = NFP_E_JOURNAL};
		struct bed bed;
		int ret;

		open_bed(&bed, memnic_archetype("igb"), &fault, NFP_STYLE_FILTER);
		ret = climb(&bed);
		check_ended(&bed, ret, -ENOSPC, NFP_E_JOURNAL);
		assert_int_equal(memnic_calls(bed.nic), call);
		close_bed(&bed);
	}
}

/* ---- what others do ---- */

static void a_change_by_others_is_inconclusive(void **state)
{
	(void)state;
	for (enum nfp_step step = NFP_STEP_STANDBY; step < NFP_STEP_COUNT; step++) {
		struct memnic_conditions others = {0};
		struct bed bed;

		if (step == NFP_STEP_ALONE)
			continue;
		others.change_ns = middle_of("igb", NFP_STYLE_FILTER, step);
		open_bed(&bed, memnic_archetype("igb"), &others, NFP_STYLE_FILTER);
		assert_int_equal(climb(&bed), 0);
		assert_int_equal(bed.result.verdict, NFP_VERDICT_INCONCLUSIVE);
		assert_non_null(strstr(bed.result.reason, "somebody set VF 3's address"));
		assert_true(step_of(&bed, step)->changed);
		close_bed(&bed);
	}
}

static void a_vf_that_goes_away_ends_it(void **state)
{
	struct memnic_conditions gone = {
		.gone_ns = middle_of("igb", NFP_STYLE_FILTER, NFP_STEP_UP)};
	struct bed bed;
	int ret;

	(void)state;
	open_bed(&bed, memnic_archetype("igb"), &gone, NFP_STYLE_FILTER);
	ret = climb(&bed);
	check_ended(&bed, ret, -ENODEV, NFP_E_KERNEL);
	assert_non_null(strstr(bed.result.reason, "VF 3 went away"));
	close_bed(&bed);
}

static void lost_carrier_is_inconclusive(void **state)
{
	struct memnic_conditions link = {0};
	struct bed bed;

	(void)state;
	link.carrier_down_ns = middle_of("igb", NFP_STYLE_FILTER, NFP_STEP_CLEAR);
	link.carrier_up_ns = link.carrier_down_ns + 2000 * MS;
	open_bed(&bed, memnic_archetype("igb"), &link, NFP_STYLE_FILTER);
	assert_int_equal(climb(&bed), 0);
	assert_int_equal(bed.result.verdict, NFP_VERDICT_INCONCLUSIVE);
	assert_true(step_of(&bed, NFP_STEP_CLEAR)->carrier_lost);
	assert_non_null(strstr(bed.result.reason, "carrier in step clear"));
	/* What was sent meanwhile did not count. */
	assert_string_equal(row_of(&bed), "PPPPPBlPPPPPPBP");
	close_bed(&bed);
}

static void a_driver_that_resets_the_port_is_forgiven(void **state)
{
	const struct nfp_step_result *clear;
	struct memnic_conditions link = {0};
	struct bed bed;

	(void)state;
	open_bed(&bed, memnic_archetype("igb"), NULL, NFP_STYLE_FILTER);
	assert_int_equal(climb(&bed), 0);
	clear = step_of(&bed, NFP_STEP_CLEAR);
	link.carrier_down_ns = MEMNIC_BEGIN_NS + clear->start_ns + 300 * MS;
	link.carrier_up_ns = link.carrier_down_ns + 2500 * MS;
	close_bed(&bed);

	open_bed(&bed, memnic_archetype("igb"), &link, NFP_STYLE_FILTER);
	assert_int_equal(climb(&bed), 0);
	clear = step_of(&bed, NFP_STEP_CLEAR);
	assert_int_equal(bed.result.verdict, NFP_VERDICT_SAFE);
	assert_false(clear->carrier_lost);
	assert_non_null(strstr(clear->note, "for a moment"));
	assert_int_equal(clear->window_ns, 1500 * MS);
	assert_int_equal(nfp_count_lost(&clear->count[NFP_KIND_UNICAST]), 0);
	close_bed(&bed);
}

static void carrier_that_stays_away_is_inconclusive(void **state)
{
	struct memnic_conditions link = {0};
	struct bed bed;

	(void)state;
	link.carrier_down_ns = middle_of("igb", NFP_STYLE_FILTER, NFP_STEP_ATTACH);
	open_bed(&bed, memnic_archetype("igb"), &link, NFP_STYLE_FILTER);
	assert_int_equal(climb(&bed), 0);
	assert_int_equal(bed.result.verdict, NFP_VERDICT_INCONCLUSIVE);
	assert_true(step_of(&bed, NFP_STEP_ATTACH)->carrier_lost);
	close_bed(&bed);
}

static void port_security_is_named(void **state)
{
	const struct memnic_conditions security = {.announce_kills_carrier = true};
	struct bed bed;

	(void)state;
	open_bed(&bed, memnic_archetype("igb"), &security, NFP_STYLE_FILTER);
	assert_int_equal(climb(&bed), 0);
	assert_int_equal(bed.result.verdict, NFP_VERDICT_INCONCLUSIVE);
	assert_non_null(strstr(bed.result.reason, "port security"));
	/* The run of this style is over: nothing more was changed. */
	assert_string_equal(memnic_log(bed.nic), "hold announce ");
	close_bed(&bed);
}

static void dropped_captures_are_inconclusive(void **state)
{
	struct memnic_conditions busy = {.drop_frames = 1};
	struct bed bed;

	(void)state;
	busy.drop_ns = middle_of("igb", NFP_STYLE_FILTER, NFP_STEP_UNPLUG);
	open_bed(&bed, memnic_archetype("igb"), &busy, NFP_STYLE_FILTER);
	assert_int_equal(climb(&bed), 0);
	assert_int_equal(bed.result.verdict, NFP_VERDICT_INCONCLUSIVE);
	assert_int_equal(step_of(&bed, NFP_STEP_UNPLUG)->drops, 1);
	assert_int_equal(step_of(&bed, NFP_STEP_DETACH)->drops, 0);
	assert_non_null(strstr(bed.result.reason, "step unplug"));
	close_bed(&bed);
}

static void a_lossy_wire_is_inconclusive(void **state)
{
	const struct memnic_conditions lossy = {.loss_permille = 400};
	struct nfp_style_result result;

	(void)state;
	assert_int_equal(memnic_climb(memnic_archetype("igb"), &lossy, NFP_STYLE_FILTER, &result),
			 0);
	assert_int_equal(result.verdict, NFP_VERDICT_INCONCLUSIVE);
	assert_non_null(strstr(result.reason, "loss on the way"));
}

static void a_fabric_that_wants_an_announcement(void **state)
{
	const struct memnic_conditions fabric = {.suppress_unknown = true};
	struct bed bed;

	(void)state;
	open_bed(&bed, memnic_archetype("igb"), &fabric, NFP_STYLE_FILTER);
	assert_int_equal(climb(&bed), 0);
	assert_string_equal(row_of(&bed), "-PPPPBlPPPPPPBP");
	assert_int_equal(bed.result.verdict, NFP_VERDICT_SAFE);
	close_bed(&bed);
	open_bed(&bed, memnic_archetype("igb"), &fabric, NFP_STYLE_FILTER);
	bed.config.announce = false;
	assert_int_equal(climb(&bed), 0);
	assert_int_equal(bed.result.verdict, NFP_VERDICT_INCONCLUSIVE);
	assert_non_null(strstr(bed.result.reason, "--no-announce"));
	close_bed(&bed);
}

/* ---- steps that cannot be made ---- */

static void check_fault(const char *name, enum nfp_style style,
			void (*break_it)(struct memnic_personality *p), const char *row,
			enum nfp_verdict verdict)
{
	struct memnic_personality broken = *memnic_archetype(name);
	struct bed bed;

	break_it(&broken);
	open_bed(&bed, &broken, NULL, style);
	assert_int_equal(climb(&bed), 0);
	assert_string_equal(row_of(&bed), row);
	assert_int_equal(bed.result.verdict, verdict);
	close_bed(&bed);
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

static void steps_that_cannot_be_made(void **state)
{
	(void)state;
	/* A VF with another address than X is never a landing. */
	check_fault("igb", NFP_STYLE_FILTER, bind_another_address, "PPPPrslssPPPPrs",
		    NFP_VERDICT_INCONCLUSIVE);
	check_fault("igb", NFP_STYLE_FILTER, no_vf_carrier, "PPPPPrlsPPPPPrP",
		    NFP_VERDICT_INCONCLUSIVE);
	check_fault("igb", NFP_STYLE_FILTER, stuck_unbind, "PPPPPBlPrssssss",
		    NFP_VERDICT_INCONCLUSIVE);
	check_fault("mlx5", NFP_STYLE_FILTER, no_reset, "-PPlPBlPPlPPPBP", NFP_VERDICT_SAFE);
	/* The PF's entry goes with the VF's: early, or deaf when all should be well again. */
	check_fault("mlx5", NFP_STYLE_FILTER, wiped_by_assign, "-P---Vl----lPBP",
		    NFP_VERDICT_EARLY);
	check_fault("mlx5", NFP_STYLE_FILTER, wiped_by_clear, "-PPPPBlPPP-lPBP",
		    NFP_VERDICT_STICKY);
	/* Unicast alone is not enough for the VF. */
	check_fault("mlx5", NFP_STYLE_PROMISC, no_vf_broadcast, "-PPPPVVPPPPPPVP",
		    NFP_VERDICT_DEAF);
}

static void one_address_for_all(void **state)
{
	struct memnic_personality kept = *memnic_archetype("mlx5");
	struct bed bed;

	(void)state;
	open_bed(&bed, &kept, NULL, NFP_STYLE_PROMISC);
	bed.config.address_first = bed.config.address;
	assert_int_equal(climb(&bed), 0);
	assert_string_equal(row_of(&bed), "-PPPPVlPPPPPPVP");
	assert_int_equal(bed.result.verdict, NFP_VERDICT_SAFE);
	close_bed(&bed);

	/* What is never given back would spoil vf-first. */
	kept.goes_on = 0;
	open_bed(&bed, &kept, NULL, NFP_STYLE_PROMISC);
	bed.config.address_first = bed.config.address;
	assert_int_equal(climb(&bed), 0);
	assert_string_equal(row_of(&bed), "-PPPPVl----llll");
	assert_int_equal(bed.result.verdict, NFP_VERDICT_STICKY);
	assert_int_equal(bed.result.requires, NFP_REQ_BIT(NFP_REQ_DO_NOT_USE));
	close_bed(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_of_changes),
		cmocka_unit_test(alone_only_when_up_is_not_served),
		cmocka_unit_test(announces_only_to_the_wire),
		cmocka_unit_test(unicast_is_sparse_before_it_is_announced),
		cmocka_unit_test(leaves_nothing_running),
		cmocka_unit_test(windows_are_as_long_as_demanded),
		cmocka_unit_test(standby_is_brief_where_it_shows_at_once),
		cmocka_unit_test(progress_is_told),
		cmocka_unit_test(transitions_say_how_long),
		cmocka_unit_test(no_frame_is_unaccounted_for),
		cmocka_unit_test(a_signal_ends_it_at_any_time),
		cmocka_unit_test(time_is_up_at_any_time),
		cmocka_unit_test(each_refusal_is_a_result),
		cmocka_unit_test(an_error_of_the_probe_ends_it),
		cmocka_unit_test(a_change_by_others_is_inconclusive),
		cmocka_unit_test(a_vf_that_goes_away_ends_it),
		cmocka_unit_test(lost_carrier_is_inconclusive),
		cmocka_unit_test(a_driver_that_resets_the_port_is_forgiven),
		cmocka_unit_test(carrier_that_stays_away_is_inconclusive),
		cmocka_unit_test(port_security_is_named),
		cmocka_unit_test(dropped_captures_are_inconclusive),
		cmocka_unit_test(a_lossy_wire_is_inconclusive),
		cmocka_unit_test(a_fabric_that_wants_an_announcement),
		cmocka_unit_test(steps_that_cannot_be_made),
		cmocka_unit_test(one_address_for_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
