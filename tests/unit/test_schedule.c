// SPDX-License-Identifier: GPL-2.0-or-later
// When which frame is due.
#include "harness.h"
#include "../../src/traffic/traffic_priv.h"

#define MS    NFP_NSEC_PER_MSEC
#define START (UINT64_C(123456789) * MS)

/* Takes all that is due before @end; checks order and even spacing on the way. */
static void take(struct nfp_schedule *schedule, const unsigned int rate[NFP_KIND_COUNT],
		 uint64_t end, uint64_t ret_num[NFP_KIND_COUNT])
{
	uint64_t last = 0, last_of[NFP_KIND_COUNT] = {0};
	enum nfp_kind kind;

	for (;;) {
		uint64_t due = nfp_schedule_next(schedule, &kind), interval;

		if (due >= end)
			return;
		assert_true(due >= last);
		interval = NFP_NSEC_PER_SEC / rate[kind];
		if (last_of[kind])
			assert_in_range(due - last_of[kind], interval, interval + 1);
		last = last_of[kind] = due;
		ret_num[kind]++;
		schedule->kind[kind].num++;
	}
}

TEST(rates_are_kept)
{
	static const unsigned int rates[][NFP_KIND_COUNT] = {
		{1000, 20, 20}, {20, 20, 20}, {1, 0, 0}, {0, 20, 0}, {999983, 20, 7}, {3, 7, 11},
	};

	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		uint64_t num[NFP_KIND_COUNT] = {0};
		struct nfp_schedule schedule = {0};

		nfp_schedule_start(&schedule, rates[i], START);
		take(&schedule, rates[i], START + 2000 * MS, num);
		for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
			assert_int_equal(num[kind], 2 * rates[i][kind]);
	}
}

TEST(kinds_come_at_once_but_apart)
{
	unsigned int rate[NFP_KIND_COUNT] = {1000};
	struct nfp_schedule schedule = {0};
	uint64_t num[NFP_KIND_COUNT] = {0};
	uint64_t due[NFP_KIND_COUNT];

	for (int i = 1; i < NFP_KIND_COUNT; i++)
		rate[i] = 20;
	nfp_schedule_start(&schedule, rate, START);
	for (int i = 0; i < NFP_KIND_COUNT; i++) {
		enum nfp_kind kind;

		due[i] = nfp_schedule_next(&schedule, &kind);
		assert_int_equal(kind, i);
		schedule.kind[kind].num++;
	}
	assert_true(due[0] == START);
	for (int i = 1; i < NFP_KIND_COUNT; i++)
		assert_true(due[i] > due[i - 1]);
	assert_true(due[NFP_KIND_COUNT - 1] < START + MS);
	take(&schedule, rate, START + 1 * MS, num);
	for (int i = 0; i < NFP_KIND_COUNT; i++)
		assert_int_equal(num[i], 0);
}

TEST(skips_what_is_late)
{
	static const unsigned int rate[NFP_KIND_COUNT] = {1000, 1, 0};
	uint64_t num[NFP_KIND_COUNT] = {0}, late = START + 500 * MS;
	struct nfp_schedule schedule = {0};
	enum nfp_kind kind;

	nfp_schedule_start(&schedule, rate, START);
	schedule.kind[NFP_KIND_BROADCAST].num++; /* its next is in time */
	nfp_schedule_skip(&schedule, late);
	assert_true(nfp_schedule_next(&schedule, &kind) == late);
	take(&schedule, rate, late + 100 * MS, num);
	assert_int_equal(num[NFP_KIND_UNICAST], 100);
	assert_int_equal(num[NFP_KIND_BROADCAST], 0);
	take(&schedule, rate, START + 1001 * MS, num);
	assert_int_equal(num[NFP_KIND_BROADCAST], 1);
}

TEST(a_kind_goes_on_where_another_changes)
{
	static const unsigned int first[NFP_KIND_COUNT] = {
		[NFP_KIND_UNICAST] = 20, [NFP_KIND_UNJOINED] = 5};
	static const unsigned int second[NFP_KIND_COUNT] = {
		[NFP_KIND_UNICAST] = 1000, [NFP_KIND_UNJOINED] = 5};
	struct nfp_schedule schedule = {0};
	uint64_t num[NFP_KIND_COUNT] = {0};

	nfp_schedule_start(&schedule, first, START);
	/* A change each 100 ms for 2 s, half of an interval of the rare kind. */
	for (unsigned int i = 0; i < 20; i++) {
		nfp_schedule_start(&schedule, i % 2 ? second : first, START + i * 100 * MS);
		take(&schedule, i % 2 ? second : first, START + (i + 1) * 100 * MS, num);
	}
	assert_int_equal(num[NFP_KIND_UNJOINED], 10);
}

TEST_MAIN()
