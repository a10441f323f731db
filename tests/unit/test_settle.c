// SPDX-License-Identifier: GPL-2.0-or-later
/* When a landing counts, over streams made here frame by frame. */
#include "harness.h"
#include "../../src/probe/settle.h"

#define MS	NFP_NSEC_PER_MSEC
#define BEGIN	(10 * NFP_NSEC_PER_SEC)
#define SETTLE	(1500 * MS)
#define AT_PF	1U
#define AT_VF	2U
#define NOWHERE 0U

/* Where a frame goes that is sent @at_ms after the beginning. */
typedef unsigned int (*route_fn)(enum nfp_kind kind, unsigned int at_ms, uint64_t seq);

struct bed {
	struct nfp_frame_accounting *accounting;
	struct nfp_settle settle;
	unsigned int rate[NFP_KIND_COUNT];
	uint64_t next_ns[NFP_KIND_COUNT];
	uint64_t now_ns, seq, latency_ns;
	bool vf_listens;
	route_fn route;
};

static int set_up(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));

	bed->accounting = nfp_accounting_new();
	bed->rate[NFP_KIND_UNICAST] = 1000;
	bed->rate[NFP_KIND_BROADCAST] = bed->rate[NFP_KIND_UNREGISTERED] = 20;
	bed->latency_ns = NFP_NSEC_PER_USEC;
	bed->now_ns = BEGIN;
	*state = bed;
	return 0;
}

static int tear_down(void **state)
{
	struct bed *bed = *state;

	nfp_accounting_free(bed->accounting);
	free(bed);
	return 0;
}

static void begin(struct bed *bed, route_fn route, uint64_t settle_ns)
{
	bed->route = route;
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
		bed->next_ns[kind] = bed->rate[kind] ? BEGIN : UINT64_MAX;
	assert_int_equal(nfp_accounting_mark(bed->accounting, BEGIN), 0);
	nfp_settle_begin(&bed->settle, BEGIN, settle_ns, bed->rate, 1);
}

static void send_one(struct bed *bed, enum nfp_kind kind)
{
	uint64_t sent_ns = bed->next_ns[kind];
	unsigned int to = bed->route(kind, (unsigned int)((sent_ns - BEGIN) / MS), ++bed->seq);

	assert_int_equal(nfp_accounting_sent(bed->accounting, bed->seq, kind, sent_ns), 0);
	for (int at = 0; at < NFP_RECEIVER_COUNT; at++) {
		if (to & (1U << at))
			nfp_accounting_seen(bed->accounting, bed->seq, kind, (enum nfp_receiver)at,
					    sent_ns + bed->latency_ns);
	}
	bed->next_ns[kind] += NFP_NSEC_PER_SEC / bed->rate[kind];
}

static void send_until(struct bed *bed, uint64_t until_ns)
{
	for (;;) {
		int kind = 0;

		for (int k = 1; k < NFP_KIND_COUNT; k++) {
			if (bed->next_ns[k] < bed->next_ns[kind])
				kind = k;
		}
		if (bed->next_ns[kind] >= until_ns)
			break;
		send_one(bed, (enum nfp_kind)kind);
	}
	bed->now_ns = until_ns;
}

static enum nfp_settle_state look(struct bed *bed)
{
	return nfp_settle_update(&bed->settle, bed->accounting, bed->now_ns,
				 nfp_settle_final(bed->accounting, bed->now_ns, bed->vf_listens));
}

/* In steps of @tick_ms until it is over; returns how. */
static enum nfp_settle_state run(struct bed *bed, unsigned int tick_ms)
{
	enum nfp_settle_state state;

	do {
		send_until(bed, bed->now_ns + tick_ms * MS);
		state = look(bed);
	} while (state < NFP_SETTLE_HELD);
	return state;
}

static unsigned int window_from_ms(const struct bed *bed)
{
	return (unsigned int)((bed->settle.from_ns - BEGIN) / MS);
}

static unsigned int window_ms(const struct bed *bed)
{
	return (unsigned int)((bed->settle.end_ns - bed->settle.from_ns) / MS);
}

static enum nfp_landing landing(const struct bed *bed, enum nfp_kind kind)
{
	struct nfp_count count[NFP_KIND_COUNT];

	nfp_accounting_sum(bed->accounting, bed->settle.from_ns, bed->settle.end_ns, count);
	return nfp_landing_of(&count[kind]);
}

/* ---- routes ---- */

static unsigned int all_at_pf(enum nfp_kind kind, unsigned int at_ms, uint64_t seq)
{
	(void)kind;
	(void)at_ms;
	(void)seq;
	return AT_PF;
}

static unsigned int broadcast_pauses(enum nfp_kind kind, unsigned int at_ms, uint64_t seq)
{
	(void)seq;
	return kind == NFP_KIND_BROADCAST && at_ms >= 450 && at_ms < 1150 ? 0 : AT_PF;
}

/* One frame before the window would be long enough. */
static unsigned int late_loss(enum nfp_kind kind, unsigned int at_ms, uint64_t seq)
{
	(void)seq;
	return kind == NFP_KIND_UNICAST && at_ms >= 2150 ? 0 : AT_PF;
}

/* An i40e: the filter is gone for 200 ms, and later once more. */
static unsigned int gone_twice(enum nfp_kind kind, unsigned int at_ms, uint64_t seq)
{
	(void)seq;
	if (kind != NFP_KIND_UNICAST)
		return AT_PF;
	return (at_ms >= 300 && at_ms < 500) || (at_ms >= 1200 && at_ms < 1400) ? NOWHERE : AT_PF;
}

/* A service task that acts after 1.1 s: within the settling time. */
static unsigned int late_vf(enum nfp_kind kind, unsigned int at_ms, uint64_t seq)
{
	(void)seq;
	if (kind == NFP_KIND_UNREGISTERED)
		return NOWHERE;
	return at_ms < 1100 ? AT_PF : AT_VF;
}

static unsigned int every_other(enum nfp_kind kind, unsigned int at_ms, uint64_t seq)
{
	(void)kind;
	(void)at_ms;
	return seq % 2 ? AT_PF : NOWHERE;
}

static unsigned int flapping(enum nfp_kind kind, unsigned int at_ms, uint64_t seq)
{
	(void)seq;
	if (kind != NFP_KIND_UNICAST)
		return AT_PF;
	return at_ms / 500 % 2 ? AT_PF : AT_VF;
}

static unsigned int unregistered_flap(enum nfp_kind kind, unsigned int at_ms, uint64_t seq)
{
	(void)seq;
	if (kind != NFP_KIND_UNREGISTERED)
		return AT_PF;
	return at_ms / 700 % 2 ? AT_PF : NOWHERE;
}

/* Broadcast ends 250 ms before the window would. */
static unsigned int broadcast_ends(enum nfp_kind kind, unsigned int at_ms, uint64_t seq)
{
	(void)seq;
	return kind == NFP_KIND_BROADCAST && at_ms >= 1250 ? NOWHERE : AT_PF;
}

/* Three broadcasts of the state before still arrive: a tenth of the window, were it to count. */
static unsigned int broadcast_lingers(enum nfp_kind kind, unsigned int at_ms, uint64_t seq)
{
	(void)seq;
	return kind == NFP_KIND_BROADCAST && at_ms >= 120 ? NOWHERE : AT_PF;
}

/* ---- tests ---- */

TEST_WITH(steady_holds_from_the_beginning, set_up, tear_down)
{
	struct bed *bed = *state;

	begin(bed, all_at_pf, SETTLE);
	assert_int_equal(run(bed, 25), NFP_SETTLE_HELD);
	assert_int_equal(window_from_ms(bed), 0);
	assert_int_equal(window_ms(bed), 1500);
	assert_int_equal(landing(bed, NFP_KIND_UNICAST), NFP_LANDING_PF);
	/* The settling time, the grace, and not more than one tick. */
	assert_true(bed->now_ns - BEGIN <= SETTLE + 20 * MS + 25 * MS);
}

TEST_WITH(is_not_held_a_moment_earlier, set_up, tear_down)
{
	struct bed *bed = *state;

	begin(bed, all_at_pf, SETTLE);
	send_until(bed, BEGIN + SETTLE + 19 * MS);
	assert_int_equal(look(bed), NFP_SETTLE_CLEAR);
	assert_true(nfp_settle_due(&bed->settle, 20 * MS, false) >= BEGIN + SETTLE + 20 * MS);
	send_until(bed, BEGIN + SETTLE + 21 * MS);
	assert_int_equal(look(bed), NFP_SETTLE_HELD);
}

TEST_WITH(what_goes_and_comes_back_restarts, set_up, tear_down)
{
	struct bed *bed = *state;

	begin(bed, gone_twice, SETTLE);
	assert_int_equal(run(bed, 25), NFP_SETTLE_HELD);
	assert_int_equal(window_from_ms(bed), 1400);
	assert_int_equal(window_ms(bed), 1500);
	assert_int_equal(landing(bed, NFP_KIND_UNICAST), NFP_LANDING_PF);
	assert_false(nfp_settle_is_unstable(&bed->settle, NFP_KIND_UNICAST));
}

/* It makes no difference how often one looks. */
TEST_WITH(rare_looks_see_the_same, set_up, tear_down)
{
	struct bed *bed = *state;

	begin(bed, gone_twice, SETTLE);
	assert_int_equal(run(bed, 725), NFP_SETTLE_HELD);
	assert_int_equal(window_from_ms(bed), 1400);
	assert_int_equal(landing(bed, NFP_KIND_UNICAST), NFP_LANDING_PF);
}

TEST_WITH(a_late_driver_is_waited_for, set_up, tear_down)
{
	struct bed *bed = *state;

	begin(bed, late_vf, SETTLE);
	assert_int_equal(run(bed, 25), NFP_SETTLE_HELD);
	assert_int_equal(window_from_ms(bed), 1100);
	assert_int_equal(landing(bed, NFP_KIND_UNICAST), NFP_LANDING_VF);
	assert_int_equal(landing(bed, NFP_KIND_BROADCAST), NFP_LANDING_VF);
	assert_int_equal(landing(bed, NFP_KIND_UNREGISTERED), NFP_LANDING_NOWHERE);
}

TEST_WITH(steady_loss_ends_as_mixed, set_up, tear_down)
{
	struct bed *bed = *state;

	begin(bed, every_other, SETTLE);
	/* It may become clear while time is left. */
	assert_int_equal(run(bed, 25), NFP_SETTLE_EXPIRED);
	nfp_settle_take_last(&bed->settle, bed->accounting);
	assert_int_equal(landing(bed, NFP_KIND_UNICAST), NFP_LANDING_MIXED);
	assert_false(nfp_settle_is_unstable(&bed->settle, NFP_KIND_UNICAST));
}

/* What came behind a hole in one kind is clear, and long enough. */
TEST_WITH(a_hole_in_one_kind_is_left_behind, set_up, tear_down)
{
	struct bed *bed = *state;

	begin(bed, broadcast_pauses, SETTLE);
	assert_int_equal(run(bed, 25), NFP_SETTLE_HELD);
	assert_int_equal(landing(bed, NFP_KIND_BROADCAST), NFP_LANDING_PF);
	assert_true(window_from_ms(bed) >= 1150);
	assert_true(bed->now_ns - BEGIN < 3000 * MS);
}

/* Of a kind that is rare, the newest frames tell that it has changed; a group takes too long. */
TEST_WITH(the_newest_of_few_frames_must_agree, set_up, tear_down)
{
	struct bed *bed = *state;

	bed->rate[NFP_KIND_UNICAST] = 10;
	bed->rate[NFP_KIND_BROADCAST] = 4;
	bed->rate[NFP_KIND_UNREGISTERED] = 0;
	begin(bed, late_loss, SETTLE);
	assert_int_equal(run(bed, 25), NFP_SETTLE_HELD);
	assert_int_equal(landing(bed, NFP_KIND_UNICAST), NFP_LANDING_NOWHERE);
}

TEST_WITH(flapping_expires, set_up, tear_down)
{
	struct bed *bed = *state;

	begin(bed, flapping, SETTLE);
	assert_int_equal(run(bed, 25), NFP_SETTLE_EXPIRED);
	assert_int_equal((bed->now_ns - BEGIN) / MS, 9500);
	nfp_settle_take_last(&bed->settle, bed->accounting);
	assert_int_equal(window_ms(bed), 1500);
	assert_true(nfp_settle_is_unstable(&bed->settle, NFP_KIND_UNICAST));
	assert_false(nfp_settle_is_unstable(&bed->settle, NFP_KIND_BROADCAST));
}

/* One frame in the last settling time is not what a landing is judged by. */
TEST_WITH(few_frames_are_looked_for_further_back, set_up, tear_down)
{
	struct bed *bed = *state;
	struct nfp_count count[NFP_KIND_COUNT];

	bed->rate[NFP_KIND_UNICAST] = 2;
	bed->rate[NFP_KIND_BROADCAST] = bed->rate[NFP_KIND_UNREGISTERED] = 1;
	begin(bed, all_at_pf, SETTLE);
	send_until(bed, BEGIN + 9500 * MS);
	look(bed);
	bed->settle.settle_ns = 200 * MS;
	nfp_settle_take_last(&bed->settle, bed->accounting);
	nfp_accounting_sum(bed->accounting, bed->settle.from_ns, bed->settle.end_ns, count);
	assert_true(count[NFP_KIND_UNICAST].sent >= NFP_SETTLE_FEW);
	assert_true(count[NFP_KIND_BROADCAST].sent >= NFP_SETTLE_FEW);
	assert_true(window_ms(bed) >= 2000);
}

/* An unregistered frame a second is not waited for: it decides nothing. */
TEST_WITH(rare_unregistered_are_not_waited_for, set_up, tear_down)
{
	struct bed *bed = *state;

	bed->rate[NFP_KIND_UNICAST] = 8;
	bed->rate[NFP_KIND_BROADCAST] = 4;
	bed->rate[NFP_KIND_UNREGISTERED] = 1;
	begin(bed, all_at_pf, SETTLE);
	assert_int_equal(run(bed, 25), NFP_SETTLE_HELD);
	/* But for three broadcasts more than the settling time. */
	assert_in_range(window_ms(bed), 2250, 2300);
}

TEST_WITH(flapping_unregistered_do_not_spoil_unicast, set_up, tear_down)
{
	struct bed *bed = *state;

	begin(bed, unregistered_flap, SETTLE);
	assert_int_equal(run(bed, 25), NFP_SETTLE_EXPIRED);
	nfp_settle_take_last(&bed->settle, bed->accounting);
	assert_false(nfp_settle_is_unstable(&bed->settle, NFP_KIND_UNICAST));
	assert_true(nfp_settle_is_unstable(&bed->settle, NFP_KIND_UNREGISTERED));
	assert_int_equal(landing(bed, NFP_KIND_UNICAST), NFP_LANDING_PF);
}

TEST_WITH(a_change_that_just_began_is_waited_for, set_up, tear_down)
{
	struct bed *bed = *state;

	begin(bed, broadcast_ends, SETTLE);
	send_until(bed, BEGIN + SETTLE + 21 * MS);
	assert_true(look(bed) < NFP_SETTLE_HELD);
	assert_int_equal(run(bed, 25), NFP_SETTLE_HELD);
	assert_true(window_from_ms(bed) >= 1200);
	assert_int_equal(landing(bed, NFP_KIND_BROADCAST), NFP_LANDING_NOWHERE);
}

/* A change in the middle of a group, and in the next group two frames are lost. */
static unsigned int broadcast_begins_with_loss(enum nfp_kind kind, unsigned int at_ms, uint64_t seq)
{
	bool lost = at_ms < 550 || at_ms == 900 || at_ms == 1000;

	(void)seq;
	return kind == NFP_KIND_BROADCAST && lost ? NOWHERE : AT_PF;
}

TEST_WITH(loss_after_a_change_does_not_hide_it, set_up, tear_down)
{
	struct bed *bed = *state;

	begin(bed, broadcast_begins_with_loss, SETTLE);
	assert_int_equal(run(bed, 25), NFP_SETTLE_HELD);
	assert_in_range(window_from_ms(bed), 1150, 1225);
	assert_int_equal(landing(bed, NFP_KIND_BROADCAST), NFP_LANDING_PF);
}

TEST_WITH(what_lingers_does_not_count, set_up, tear_down)
{
	struct bed *bed = *state;

	begin(bed, broadcast_lingers, SETTLE);
	assert_int_equal(run(bed, 25), NFP_SETTLE_HELD);
	assert_int_equal(landing(bed, NFP_KIND_BROADCAST), NFP_LANDING_NOWHERE);
	assert_true(window_from_ms(bed) >= 120);
}

TEST_WITH(nothing_sent_expires_with_nothing_known, set_up, tear_down)
{
	struct bed *bed = *state;

	begin(bed, all_at_pf, SETTLE);
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
		bed->next_ns[kind] = UINT64_MAX;
	assert_int_equal(run(bed, 25), NFP_SETTLE_EXPIRED);
	nfp_settle_take_last(&bed->settle, bed->accounting);
	assert_int_equal(landing(bed, NFP_KIND_UNICAST), NFP_LANDING_NONE);
	assert_false(nfp_settle_is_unstable(&bed->settle, NFP_KIND_UNICAST));
}

TEST_WITH(clear_takes_three_frames_of_each_kind, set_up, tear_down)
{
	struct bed *bed = *state;

	begin(bed, all_at_pf, SETTLE);
	send_until(bed, BEGIN + 119 * MS);
	assert_int_equal(look(bed), NFP_SETTLE_WAIT);
	send_until(bed, BEGIN + 150 * MS);
	assert_int_equal(look(bed), NFP_SETTLE_CLEAR);
}

TEST_WITH(a_short_settling_time_still_takes_three_frames, set_up, tear_down)
{
	struct bed *bed = *state;

	begin(bed, all_at_pf, 100 * MS);
	assert_int_equal(run(bed, 5), NFP_SETTLE_HELD);
	assert_in_range(window_ms(bed), 250, 300);
}

TEST_WITH(odd_settling_times_are_rounded_up, set_up, tear_down)
{
	struct bed *bed = *state;

	begin(bed, all_at_pf, 333 * MS);
	assert_int_equal(run(bed, 5), NFP_SETTLE_HELD);
	assert_int_equal(window_ms(bed), 500);
}

TEST_WITH(slow_streams_are_judged_too, set_up, tear_down)
{
	struct bed *bed = *state;

	bed->rate[NFP_KIND_UNICAST] = 20;
	begin(bed, late_vf, SETTLE);
	assert_int_equal(run(bed, 25), NFP_SETTLE_HELD);
	assert_true(window_from_ms(bed) >= 1000);
	assert_int_equal(landing(bed, NFP_KIND_UNICAST), NFP_LANDING_VF);
}

/* Frames in flight when the time is up are waited for, as long as frames have taken so far. */
TEST_WITH(grace_follows_the_latency, set_up, tear_down)
{
	struct bed *bed = *state;

	bed->latency_ns = 100 * MS;
	begin(bed, all_at_pf, SETTLE);
	assert_int_equal(nfp_settle_grace(bed->accounting), 20 * MS);
	send_until(bed, BEGIN + 50 * MS);
	assert_int_equal(nfp_settle_grace(bed->accounting), 220 * MS);
	bed->latency_ns = 900 * MS;
	send_until(bed, BEGIN + 60 * MS);
	assert_int_equal(nfp_settle_grace(bed->accounting), 500 * MS);
}

static uint64_t final_ms(const struct bed *bed)
{
	return (nfp_settle_final(bed->accounting, bed->now_ns, bed->vf_listens) - BEGIN) / MS;
}

static unsigned int all_lost(enum nfp_kind kind, unsigned int at_ms, uint64_t seq)
{
	(void)kind;
	(void)at_ms;
	(void)seq;
	return NOWHERE;
}

/* A later frame that was seen says that the earlier ones are not under way any more. */
TEST_WITH(order_ends_the_grace, set_up, tear_down)
{
	struct bed *bed = *state;

	bed->latency_ns = 100 * MS;
	begin(bed, all_at_pf, SETTLE);
	send_until(bed, BEGIN + 400 * MS);
	assert_in_range(final_ms(bed), 378, 380);
	/* The VF listens and has heard nothing: nothing is known of its order. */
	bed->vf_listens = true;
	assert_int_equal(final_ms(bed), 400 - 220);
}

TEST_WITH(disorder_makes_order_say_less, set_up, tear_down)
{
	struct bed *bed = *state;
	uint64_t seq;

	bed->latency_ns = 100 * MS;
	begin(bed, all_at_pf, SETTLE);
	send_until(bed, BEGIN + 300 * MS);
	/* One that reached nobody yet, sent 60 ms before the newest. */
	bed->route = all_lost;
	send_one(bed, NFP_KIND_UNICAST);
	seq = bed->seq;
	bed->route = all_at_pf;
	send_until(bed, BEGIN + 360 * MS);
	assert_in_range(final_ms(bed), 338, 340);
	nfp_accounting_seen(bed->accounting, seq, NFP_KIND_UNICAST, NFP_AT_PF, BEGIN + 400 * MS);
	assert_in_range(final_ms(bed), 338 - 2 * 60, 340 - 2 * 58);
}

TEST_WITH(restart_begins_at_the_mark, set_up, tear_down)
{
	struct bed *bed = *state;

	begin(bed, all_at_pf, SETTLE);
	send_until(bed, BEGIN + 737 * MS);
	look(bed);
	assert_int_equal(nfp_accounting_mark(bed->accounting, bed->now_ns), 0);
	nfp_settle_restart(&bed->settle, bed->now_ns);
	assert_int_equal(run(bed, 25), NFP_SETTLE_HELD);
	assert_int_equal(window_from_ms(bed), 737);
	assert_int_equal(window_ms(bed), 1500);
}

/* ---- any history: the window never holds two landings ---- */

static unsigned int change_ms[4];
static unsigned int change_to[5];

static unsigned int drawn(enum nfp_kind kind, unsigned int at_ms, uint64_t seq)
{
	unsigned int i = 0;

	(void)seq;
	if (kind == NFP_KIND_UNREGISTERED)
		return NOWHERE;
	while (i < 4 && at_ms >= change_ms[i])
		i++;
	return change_to[i];
}

static void draw(unsigned int *random)
{
	unsigned int at_ms = 0;

	for (size_t i = 0; i < 5; i++) {
		*random = *random * 1103515245U + 12345U;
		/* Long enough for a whole group, too short to count. */
		at_ms += 60 + (*random >> 16) % 1340;
		if (i < 4)
			change_ms[i] = at_ms;
		/* Never the same twice: that would be no change. */
		change_to[i] = i ? (change_to[i - 1] + 1 + (*random >> 8) % 3) % 4 : 0;
	}
}

TEST_WITH(any_history_ends_in_its_last_landing, set_up, tear_down)
{
	static const enum nfp_landing want[] = {NFP_LANDING_NOWHERE, NFP_LANDING_PF, NFP_LANDING_VF,
						NFP_LANDING_BOTH};
	unsigned int random = 4711;

	for (int i = 0; i < 500; i++) {
		struct bed *bed;

		tear_down(state);
		set_up(state);
		bed = *state;
		draw(&random);
		begin(bed, drawn, SETTLE);
		assert_int_equal(run(bed, 25), NFP_SETTLE_HELD);
		assert_int_equal(landing(bed, NFP_KIND_UNICAST), want[change_to[4]]);
		assert_int_equal(landing(bed, NFP_KIND_BROADCAST), want[change_to[4]]);
		assert_int_equal(window_ms(bed) >= 1500, 1);
	}
}

/* Two of the first seven broadcasts are lost, and none after them. */
static unsigned int unlucky(enum nfp_kind kind, unsigned int at_ms, uint64_t seq)
{
	(void)seq;
	return kind == NFP_KIND_BROADCAST && (at_ms == 100 || at_ms == 200) ? NOWHERE : AT_PF;
}

TEST_WITH(bad_luck_with_few_frames_is_watched_on, set_up, tear_down)
{
	struct bed *bed = *state;
	struct nfp_count count[NFP_KIND_COUNT];

	begin(bed, unlucky, 300 * MS);
	assert_int_equal(run(bed, 25), NFP_SETTLE_HELD);
	nfp_accounting_sum(bed->accounting, bed->settle.from_ns, bed->settle.end_ns, count);
	assert_int_equal(nfp_landing_of(&count[NFP_KIND_BROADCAST]), NFP_LANDING_PF);
	assert_in_range(count[NFP_KIND_BROADCAST].sent, 10, 12);
}

TEST_MAIN()
