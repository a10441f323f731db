// SPDX-License-Identifier: GPL-2.0-or-later
/* Who is asked when, against neighbours that answer in many ways, in virtual time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "nfprobe/sources.h"

#define MS     NFP_NSEC_PER_MSEC
#define T0     (5 * NFP_NSEC_PER_SEC)
#define MINUTE (60 * NFP_NSEC_PER_SEC)
#define TICK   MS

static const struct nfp_mac macs[NFP_KIND_COUNT] = {
	{{2, 0, 0, 0, 0, 1}}, {{2, 0, 0, 0, 0, 2}}, {{2, 0, 0, 0, 0, 3}}};
static const unsigned int rates[NFP_KIND_COUNT] = {8, 4, 1};

/* A neighbour, and what came of asking it. */
struct town {
	/* How it answers. */
	uint64_t trip;	     /* takes so long */
	unsigned int police; /* answers a second at most, 0: all */
	bool silent[NFP_KIND_COUNT];
	/* What happened. */
	struct nfp_arp_pending book;
	double tokens;
	struct {
		uint64_t due, seq;
		int kind;
	} under_way[256];
	size_t num_under_way;
	uint64_t seq, asked[NFP_KIND_COUNT], answered[NFP_KIND_COUNT], wrong;
	uint64_t when[64]; /* of the newest questions */
	size_t num_when;
	uint64_t most_in_a_second;
	uint64_t now;
};

static void count_second(struct town *t)
{
	uint64_t num = 0;

	t->when[t->num_when++ % 64] = t->now;
	for (size_t i = 0; i < 64 && i < t->num_when; i++)
		num += t->now - t->when[i] < NFP_NSEC_PER_SEC;
	if (num > t->most_in_a_second)
		t->most_in_a_second = num;
}

static void ask(struct town *t, enum nfp_kind kind)
{
	bool answers = !t->silent[kind];

	nfp_arp_pending_sent(&t->book, kind, ++t->seq, t->now);
	t->asked[kind]++;
	count_second(t);
	if (t->police) {
		answers = answers && t->tokens >= 1;
		t->tokens -= t->tokens >= 1;
	}
	if (!answers)
		return;
	assert_true(t->num_under_way < 256);
	t->under_way[t->num_under_way].due = t->now + t->trip;
	t->under_way[t->num_under_way].seq = t->seq;
	t->under_way[t->num_under_way++].kind = (int)kind;
}

static void deliver(struct town *t)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->num_under_way; i++) {
		struct nfp_arp_request question;
		enum nfp_kind kind;

		if (t->under_way[i].due > t->now) {
			t->under_way[kept++] = t->under_way[i];
			continue;
		}
		if (!nfp_arp_pending_match(&t->book, &macs[t->under_way[i].kind], t->now, &kind,
					   &question))
			continue;
		assert_int_equal(kind, t->under_way[i].kind);
		t->answered[kind]++;
		t->wrong += question.seq != t->under_way[i].seq;
	}
	t->num_under_way = kept;
}

static void open_town(struct town *t)
{
	if (t->now)
		return;
	t->now = T0;
	nfp_arp_pending_init(&t->book, 12345);
	nfp_arp_pending_plan(&t->book, macs, rates);
}

static void live(struct town *t, uint64_t for_ns)
{
	uint64_t end;

	open_town(t);
	for (end = t->now + for_ns; t->now < end; t->now += TICK) {
		t->tokens += t->police * (double)TICK / (double)NFP_NSEC_PER_SEC;
		if (t->tokens > 2)
			t->tokens = 2;
		deliver(t);
		for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
			if (nfp_arp_pending_ready(&t->book, (enum nfp_kind)kind, t->now) <= t->now)
				ask(t, (enum nfp_kind)kind);
		}
	}
}

static uint64_t all_asked(const struct town *t)
{
	return t->asked[0] + t->asked[1] + t->asked[2];
}

static void shares_and_limits(void **state)
{
	struct town t = {.trip = MS};

	(void)state;
	live(&t, MINUTE);
	assert_in_range(t.asked[NFP_KIND_UNICAST], 7 * 60, 9 * 60);
	assert_in_range(t.asked[NFP_KIND_BROADCAST], 7 * 30, 9 * 30);
	assert_in_range(t.asked[NFP_KIND_STRANGER], 50, 70);
	/* A switch that inspects ARP may shut a port at more. */
	assert_true(t.most_in_a_second <= 15);
	assert_int_equal(t.book.slowed, 0);
	assert_int_equal(t.wrong, 0);
}

/* X is nowhere for most of a bad NIC's ladder: that must not slow anything down. */
static void unanswered_x_is_no_reason_to_be_slow(void **state)
{
	struct town t = {.trip = MS, .silent = {true, false, true}};

	(void)state;
	live(&t, MINUTE);
	assert_in_range(t.asked[NFP_KIND_UNICAST], 7 * 60, 9 * 60);
	assert_int_equal(t.book.slowed, 0);
}

static void a_policer_slows_it_down(void **state)
{
	struct town t = {.trip = MS, .police = 5};
	uint64_t asked, answered;

	(void)state;
	live(&t, MINUTE / 2);
	assert_true(t.book.slowed >= 1);
	asked = all_asked(&t);
	answered = t.answered[0] + t.answered[1] + t.answered[2];
	live(&t, MINUTE);
	asked = all_asked(&t) - asked;
	answered = t.answered[0] + t.answered[1] + t.answered[2] - answered;
	assert_true(asked > 60);
	assert_true(asked <= 5 * 60);
	assert_true(answered * 100 >= asked * 95);
}

/* A link that blinks for half a second costs little. */
static void a_blink_is_no_policer(void **state)
{
	struct town t = {.trip = MS};

	(void)state;
	live(&t, MINUTE / 6);
	t.silent[0] = t.silent[1] = t.silent[2] = true;
	live(&t, 500 * MS);
	memset(t.silent, 0, sizeof(t.silent));
	live(&t, MINUTE);
	assert_true(t.book.level <= 1);
}

static void a_slow_neighbour_is_waited_for(void **state)
{
	struct town t = {.trip = 250 * MS};

	(void)state;
	live(&t, MINUTE);
	assert_int_equal(t.wrong, 0);
	assert_int_equal(t.book.slowed, 0);
	/* One in flight: four a second at most. */
	assert_in_range(t.asked[NFP_KIND_UNICAST], 2 * 60, 4 * 60);
	assert_true(t.answered[NFP_KIND_UNICAST] + 1 >= t.asked[NFP_KIND_UNICAST]);
}

static void a_neighbour_that_is_gone_is_asked_rarely(void **state)
{
	struct town t = {.silent = {true, true, true}};

	(void)state;
	live(&t, MINUTE);
	assert_int_equal(t.book.level, NFP_ARP_LEVELS - 1);
	assert_true(all_asked(&t) <= 3 * 60);
}

/* Every n-th answer: whatever n is, it must not look like a NIC that drops one kind. */
static void a_policer_cannot_pick_a_kind(void **state)
{
	(void)state;
	for (unsigned int n = 2; n <= 8; n++) {
		uint64_t hit[NFP_KIND_COUNT] = {0}, all[NFP_KIND_COUNT] = {0}, count = 0;
		struct nfp_arp_pending book;

		nfp_arp_pending_init(&book, 99 + n);
		nfp_arp_pending_plan(&book, macs, rates);
		for (uint64_t now = T0; now < T0 + 4 * MINUTE; now += TICK) {
			for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
				struct nfp_arp_request question;
				enum nfp_kind got;

				if (nfp_arp_pending_ready(&book, (enum nfp_kind)kind, now) > now)
					continue;
				nfp_arp_pending_sent(&book, (enum nfp_kind)kind, ++count, now);
				/* So that the rate stays what it is. */
				nfp_arp_pending_match(&book, &macs[kind], now, &got, &question);
				all[kind]++;
				hit[kind] += count % n == 0;
			}
		}
		for (int kind = 0; kind < NFP_KIND_STRANGER; kind++) {
			assert_true(hit[kind] * n * 2 > all[kind]);
			assert_true(hit[kind] * n < all[kind] * 2);
		}
	}
}

static void a_new_address_has_no_old_questions(void **state)
{
	struct nfp_mac changed[NFP_KIND_COUNT];
	struct nfp_arp_request question;
	struct nfp_arp_pending book;
	enum nfp_kind kind = 0;

	(void)state;
	memcpy(changed, macs, sizeof(changed));
	changed[NFP_KIND_UNICAST].b[5] = 77;
	nfp_arp_pending_init(&book, 1);
	nfp_arp_pending_plan(&book, macs, rates);
	nfp_arp_pending_sent(&book, NFP_KIND_UNICAST, 1, T0);
	nfp_arp_pending_sent(&book, NFP_KIND_BROADCAST, 2, T0);
	nfp_arp_pending_plan(&book, changed, rates);
	/* What is under way is passed over, for a second. */
	assert_true(nfp_arp_pending_match(&book, &macs[0], T0 + MS, &kind, &question));
	assert_true(kind >= NFP_KIND_COUNT);
	assert_false(nfp_arp_pending_match(&book, &macs[0], T0 + 1001 * MS, &kind, &question));
	assert_false(nfp_arp_pending_match(&book, &changed[0], T0 + MS, &kind, &question));
	assert_true(nfp_arp_pending_match(&book, &macs[1], T0 + MS, &kind, &question));
	assert_int_equal(question.seq, 2);
}

/* Read late, an answer still belongs to the question that was open when it came. */
/* As when the PF is looked at after the last ladder: an answer to the stranger is under way. */
static void two_kinds_with_one_address(void **state)
{
	struct nfp_mac same[NFP_KIND_COUNT];
	struct nfp_arp_request question;
	struct nfp_arp_pending book;
	enum nfp_kind kind;

	(void)state;
	nfp_arp_pending_init(&book, 1);
	nfp_arp_pending_plan(&book, macs, rates);
	nfp_arp_pending_sent(&book, NFP_KIND_STRANGER, 7, T0);
	memcpy(same, macs, sizeof(same));
	same[NFP_KIND_UNICAST] = macs[NFP_KIND_STRANGER];
	nfp_arp_pending_plan(&book, same, rates);
	assert_true(nfp_arp_pending_match(&book, &macs[NFP_KIND_STRANGER], T0 + 150 * MS, &kind,
					  &question));
	assert_int_equal(kind, NFP_KIND_STRANGER);
	assert_int_equal(question.seq, 7);
	/* What nobody asked for is nobody's still. */
	assert_false(nfp_arp_pending_match(&book, &macs[NFP_KIND_STRANGER],
					   T0 + 5 * NFP_NSEC_PER_SEC, &kind, &question));
}

static void the_time_of_arrival_decides(void **state)
{
	struct nfp_arp_request question;
	struct nfp_arp_pending book;
	enum nfp_kind kind;

	(void)state;
	nfp_arp_pending_init(&book, 1);
	nfp_arp_pending_plan(&book, macs, rates);
	nfp_arp_pending_sent(&book, NFP_KIND_UNICAST, 1, T0);
	nfp_arp_pending_sent(&book, NFP_KIND_UNICAST, 2, T0 + 100 * MS);
	assert_true(nfp_arp_pending_match(&book, &macs[0], T0 + 99 * MS, &kind, &question));
	assert_int_equal(question.seq, 1);
	assert_true(nfp_arp_pending_match(&book, &macs[0], T0 + 101 * MS, &kind, &question));
	assert_int_equal(question.seq, 2);
	assert_false(nfp_arp_pending_match(&book, &macs[0], T0 - MS, &kind, &question));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_and_limits),
		cmocka_unit_test(unanswered_x_is_no_reason_to_be_slow),
		cmocka_unit_test(a_policer_slows_it_down),
		cmocka_unit_test(a_blink_is_no_policer),
		cmocka_unit_test(a_slow_neighbour_is_waited_for),
		cmocka_unit_test(a_neighbour_that_is_gone_is_asked_rarely),
		cmocka_unit_test(a_policer_cannot_pick_a_kind),
		cmocka_unit_test(a_new_address_has_no_old_questions),
		cmocka_unit_test(two_kinds_with_one_address),
		cmocka_unit_test(the_time_of_arrival_decides),
	};

	return cmocka_run_group_tests_name("arp_pending", tests, NULL, NULL);
}
