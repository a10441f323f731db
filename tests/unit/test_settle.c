// SPDX-License-Identifier: GPL-2.0-or-later
/* When a landing counts, over streams made here frame by frame. */
#include <limits.h>

#include "harness.h"
#include "../../src/probe/settle.h"
#include "../../src/traffic/traffic_priv.h"

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

static void set_up(struct bed *bed)
{
	*bed = (struct bed) {.accounting = nfp_accounting_new()};
	bed->rate[NFP_KIND_UNICAST] = 1000;
	bed->rate[NFP_KIND_BROADCAST] = bed->rate[NFP_KIND_UNREGISTERED] = 20;
	bed->latency_ns = NFP_NSEC_PER_USEC;
	bed->now_ns = BEGIN;
}

static void tear_down(struct bed *bed)
{
	nfp_accounting_free(bed->accounting);
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

/* Runs in steps of @tick_ms until it is over; returns how. */
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

/* ---- rows: where frames go otherwise than to the PF, and what comes of it ---- */

#define ANY    NFP_KIND_COUNT
#define EVER   UINT_MAX
#define UNI    NFP_KIND_UNICAST
#define BROAD  NFP_KIND_BROADCAST
#define UNREG  NFP_KIND_UNREGISTERED
#define BIT(k) (1U << (k))

static const enum nfp_kind kinds[3] = {UNI, BROAD, UNREG};

static const struct row {
	const char *name;
	struct {
		enum nfp_kind kind;
		unsigned int from_ms, to_ms, to;
		unsigned int every_ms;	       /* by turns with the PF; 0: all the time */
	} away[3];			       /* the first that applies; to_ms 0: none */
	bool half;			       /* every other frame is lost */
	bool silent;			       /* nothing is sent */
	unsigned int rate[3];		       /* of kinds[]; 0: as ever */
	unsigned int settle_ms, tick_ms;       /* 0: 1,500 and 25 */
	unsigned int not_before_ms;	       /* it has not held then */
	enum nfp_settle_state state;	       /* the end */
	unsigned int end_ms[2];		       /* the time of the end; {0}: any */
	unsigned int from_ms[2], length_ms[2]; /* of the window; {0}: any */
	enum nfp_landing landing[3];	       /* of kinds[]; 0: any */
	unsigned int unstable;		       /* BIT() of kinds; no other one is */
} rows[] = {
	/* The settling time, three intervals of the rarest kind and the grace of 20 ms: not a
	   moment earlier, nor later. */
	{"steady", .tick_ms = 2, .not_before_ms = 1669, .state = NFP_SETTLE_HELD,
	 .end_ms = {1671, 1671}, .from_ms = {0, 1}, .length_ms = {1650, 1650},
	 .landing = {NFP_LANDING_PF}},
	/* An i40e: the filter is gone for 200 ms, and later once more. */
	{"what goes and comes back",
	 .away = {{UNI, 300, 500, NOWHERE, 0}, {UNI, 1200, 1400, NOWHERE, 0}},
	 .state = NFP_SETTLE_HELD, .from_ms = {1400, 1400}, .length_ms = {1650, 1650},
	 .landing = {NFP_LANDING_PF}},
	{"rare looks see the same",
	 .away = {{UNI, 300, 500, NOWHERE, 0}, {UNI, 1200, 1400, NOWHERE, 0}}, .tick_ms = 725,
	 .state = NFP_SETTLE_HELD, .from_ms = {1400, 1400}, .landing = {NFP_LANDING_PF}},
	/* A service task that acts after 1.1 s: within the settling time. */
	{"a late driver", .away = {{UNREG, 0, EVER, NOWHERE, 0}, {ANY, 1100, EVER, AT_VF, 0}},
	 .state = NFP_SETTLE_HELD, .from_ms = {1100, 1100},
	 .landing = {NFP_LANDING_VF, NFP_LANDING_VF, NFP_LANDING_NOWHERE}},
	{"the same of a slow stream",
	 .away = {{UNREG, 0, EVER, NOWHERE, 0}, {ANY, 1100, EVER, AT_VF, 0}}, .rate = {20},
	 .state = NFP_SETTLE_HELD, .from_ms = {1000, 9000}, .landing = {NFP_LANDING_VF}},
	/* It may become clear while time is left. */
	{"steady loss", .half = true, .state = NFP_SETTLE_EXPIRED, .landing = {NFP_LANDING_MIXED}},
	/* The frames behind a hole in one kind are clear, and enough. */
	{"a hole in one kind", .away = {{BROAD, 450, 1150, NOWHERE, 0}}, .state = NFP_SETTLE_HELD,
	 .end_ms = {0, 3000}, .from_ms = {1150, 9000}, .landing = {0, NFP_LANDING_PF}},
	/* The newest frames of a rare kind tell that it has changed: one frame before the
	 * window would be long enough, and a group takes too long. */
	{"the newest of few frames", .away = {{UNI, 2150, EVER, NOWHERE, 0}}, .rate = {10, 4, EVER},
	 .state = NFP_SETTLE_HELD, .landing = {NFP_LANDING_NOWHERE}},
	{"flapping", .away = {{UNI, 0, EVER, AT_VF, 500}}, .state = NFP_SETTLE_EXPIRED,
	 .end_ms = {9500, 9500}, .length_ms = {1650, 1650}, .unstable = BIT(UNI)},
	/* An unregistered frame a second is not waited for: but for three broadcasts more than the
	 * settling time. */
	{"rare unregistered", .rate = {8, 4, 1}, .state = NFP_SETTLE_HELD,
	 .length_ms = {2250, 2300}},
	{"flapping unregistered", .away = {{UNREG, 0, EVER, NOWHERE, 700}},
	 .state = NFP_SETTLE_EXPIRED, .landing = {NFP_LANDING_PF}, .unstable = BIT(UNREG)},
	/* 250 ms before the window would be long enough. */
	{"a change that just began", .away = {{BROAD, 1250, EVER, NOWHERE, 0}},
	 .not_before_ms = 1521, .state = NFP_SETTLE_HELD, .from_ms = {1200, 9000},
	 .landing = {0, NFP_LANDING_NOWHERE}},
	/* A change within a group, and in the next one, with which the window would be long enough,
	 * some frames are lost. */
	{"loss after a change", .away = {{UNI, 0, 1462, NOWHERE, 0}, {UNI, 1480, 1486, NOWHERE, 0}},
	 .state = NFP_SETTLE_HELD, .from_ms = {1475, 1525}, .landing = {NFP_LANDING_PF}},
	/* Three of the state before still arrive: a tenth of the window, were it to count. */
	{"what lingers", .away = {{BROAD, 120, EVER, NOWHERE, 0}}, .state = NFP_SETTLE_HELD,
	 .from_ms = {120, 9000}, .landing = {0, NFP_LANDING_NOWHERE}},
	{"nothing sent", .silent = true, .state = NFP_SETTLE_EXPIRED},
	{"a short settling time takes three frames", .settle_ms = 100, .tick_ms = 5,
	 .state = NFP_SETTLE_HELD, .length_ms = {250, 300}},
	{"odd settling times are rounded up", .settle_ms = 333, .tick_ms = 5,
	 .state = NFP_SETTLE_HELD, .length_ms = {500, 500}},
	/* Two of the first seven broadcasts are lost, and none after them: ten to twelve in all. */
	{"bad luck with few frames is watched on",
	 .away = {{BROAD, 100, 101, NOWHERE, 0}, {BROAD, 200, 201, NOWHERE, 0}}, .settle_ms = 300,
	 .state = NFP_SETTLE_HELD, .length_ms = {475, 600}, .landing = {0, NFP_LANDING_PF}},
};

static const struct row *row;

static unsigned int by_row(enum nfp_kind kind, unsigned int at_ms, uint64_t seq)
{
	for (size_t i = 0; i < 3 && row->away[i].to_ms; i++) {
		if ((row->away[i].kind != kind && row->away[i].kind != ANY) ||
		    at_ms < row->away[i].from_ms || at_ms >= row->away[i].to_ms)
			continue;
		if (row->away[i].every_ms && at_ms / row->away[i].every_ms % 2)
			continue;
		return row->away[i].to;
	}
	return row->half && seq % 2 == 0 ? NOWHERE : AT_PF;
}

static void in_range(const char *what, unsigned int is, const unsigned int range[2])
{
	if (range[1] && (is < range[0] || is > range[1]))
		fail_msg("%s: %s is %u, not %u to %u", row->name, what, is, range[0], range[1]);
}

static void check_row(struct bed *bed)
{
	enum nfp_settle_state state;

	for (int i = 0; i < 3; i++)
		if (row->rate[i])
			bed->rate[kinds[i]] = row->rate[i] == EVER ? 0 : row->rate[i];
	begin(bed, by_row, row->settle_ms ? row->settle_ms * MS : SETTLE);
	for (int kind = 0; row->silent && kind < NFP_KIND_COUNT; kind++)
		bed->next_ns[kind] = UINT64_MAX;
	if (row->not_before_ms) {
		send_until(bed, BEGIN + row->not_before_ms * MS);
		assert_true(look(bed) < NFP_SETTLE_HELD);
		assert_true(nfp_settle_due(&bed->settle, 20 * MS, false) > bed->now_ns);
	}
	state = run(bed, row->tick_ms ? row->tick_ms : 25);
	if (state != row->state)
		fail_msg("%s: state %d", row->name, state);
	in_range("the end", (unsigned int)((bed->now_ns - BEGIN) / MS), row->end_ms);
	if (state == NFP_SETTLE_EXPIRED)
		nfp_settle_take_last(&bed->settle, bed->accounting);
	in_range("the window", window_from_ms(bed), row->from_ms);
	in_range("its length", window_ms(bed), row->length_ms);
	for (int i = 0; i < 3; i++) {
		enum nfp_landing is = landing(bed, kinds[i]);

		if ((row->landing[i] || row->silent) && is != row->landing[i])
			fail_msg("%s: kind %d lands %s", row->name, kinds[i], nfp_landing_name(is));
		if (nfp_settle_is_unstable(&bed->settle, kinds[i]) !=
		    !!(row->unstable & BIT(kinds[i])))
			fail_msg("%s: kind %d is unstable, or not", row->name, kinds[i]);
	}
}

TEST(known_rows)
{
	for (row = rows; row < rows + sizeof(rows) / sizeof(rows[0]); row++) {
		struct bed bed;

		set_up(&bed);
		check_row(&bed);
		tear_down(&bed);
	}
}

/* ---- single moments ---- */

#define CASE(name) TEST_OF(name, set_up, tear_down, struct bed, bed)

/* One frame in the last settling time is not what a landing is judged by. */
CASE(few_frames_are_looked_for_further_back)
{
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

/* Frames in flight when the time is up are waited for, as long as frames have taken so far. */
CASE(grace_follows_the_latency)
{
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

/* A later frame that was seen says that the earlier ones are not under way any more. */
CASE(order_ends_the_grace)
{
	bed->latency_ns = 100 * MS;
	begin(bed, all_at_pf, SETTLE);
	send_until(bed, BEGIN + 400 * MS);
	assert_in_range(final_ms(bed), 378, 380);
	/* The VF listens and has heard nothing: nothing is known of its order. */
	bed->vf_listens = true;
	assert_int_equal(final_ms(bed), 400 - 220);
}

CASE(disorder_makes_order_say_less)
{
	uint64_t seq;

	bed->latency_ns = 100 * MS;
	begin(bed, all_at_pf, SETTLE);
	send_until(bed, BEGIN + 300 * MS);
	/* One that reached nobody yet, sent 60 ms before the newest. */
	seq = ++bed->seq;
	nfp_accounting_sent(bed->accounting, seq, NFP_KIND_UNICAST, BEGIN + 300 * MS);
	send_until(bed, BEGIN + 360 * MS);
	assert_in_range(final_ms(bed), 338, 340);
	nfp_accounting_seen(bed->accounting, seq, NFP_KIND_UNICAST, NFP_AT_PF, BEGIN + 400 * MS);
	assert_in_range(final_ms(bed), 338 - 2 * 60, 340 - 2 * 58);
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

CASE(any_history_ends_in_its_last_landing)
{
	static const enum nfp_landing want[] = {NFP_LANDING_NOWHERE, NFP_LANDING_PF, NFP_LANDING_VF,
						NFP_LANDING_BOTH};
	unsigned int random = 4711;

	for (int i = 0; i < 500; i++) {
		tear_down(bed);
		set_up(bed);
		draw(&random);
		begin(bed, drawn, SETTLE);
		assert_int_equal(run(bed, 25), NFP_SETTLE_HELD);
		assert_int_equal(landing(bed, NFP_KIND_UNICAST), want[change_to[4]]);
		assert_int_equal(landing(bed, NFP_KIND_BROADCAST), want[change_to[4]]);
		assert_int_equal(window_ms(bed) >= 1500, 1);
	}
}

TEST_MAIN()
