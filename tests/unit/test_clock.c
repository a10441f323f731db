// SPDX-License-Identifier: GPL-2.0-or-later
// Kernel timestamps on the monotonic clock, also while somebody sets the time.
#include "harness.h"
#include "base/base.h"

#define MS   UINT64_C(1000000)
#define HOUR (UINT64_C(3600) * 1000 * MS)
#define MONO (UINT64_C(50) * 1000 * MS)		/* 50 s since boot */
#define REAL (UINT64_C(1760000000) * 1000 * MS) /* some day in 2025 */

static void update(struct nfp_clock *clock, uint64_t mono, uint64_t real)
{
	const struct nfp_clock_pair pair = {mono, real};

	nfp_clock_update(clock, &pair);
}

static struct nfp_clock started(void)
{
	struct nfp_clock clock = {0};

	update(&clock, MONO, REAL);
	return clock;
}

TEST(converts)
{
	struct nfp_clock clock = started();

	assert_true(nfp_clock_seen(&clock, REAL + 7, MONO, MONO + MS) == MONO + 7);
	update(&clock, MONO + HOUR, REAL + HOUR + 900000); /* less than a step */
	assert_int_equal(clock.steps, 0);
	assert_true(nfp_clock_seen(&clock, REAL + HOUR + 900005, MONO + HOUR, MONO + HOUR + MS) ==
		    MONO + HOUR + 5);
}

/* A computer without a battery-backed clock: 1970, so real is behind monotonic plus nothing. */
TEST(offset_may_be_negative)
{
	struct nfp_clock clock = {0};

	update(&clock, HOUR, MS);
	assert_int_equal(clock.steps, 0);
	assert_true(nfp_clock_seen(&clock, 3 * MS, HOUR, HOUR + 5 * MS) == HOUR + 2 * MS);
}

TEST(steps_are_counted)
{
	struct nfp_clock clock = started();

	update(&clock, MONO + MS, REAL + MS + HOUR);
	assert_int_equal(clock.steps, 1);
	update(&clock, MONO + 2 * MS, REAL + 2 * MS + HOUR);
	assert_int_equal(clock.steps, 1);
	update(&clock, MONO + 3 * MS, REAL - HOUR);
	assert_int_equal(clock.steps, 2);
}

/* The frame was seen between being sent and being read, whatever a stamp says. */
TEST(a_step_corrupts_no_time)
{
	static const int64_t steps[] = {-(int64_t)HOUR,	  -1000 * (int64_t)MS, -30 * (int64_t)MS, 0,
					30 * (int64_t)MS, (int64_t)HOUR};
	const uint64_t sent = MONO, seen = MONO + 10 * MS, read = MONO + 12 * MS;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct nfp_clock clock = started();
		uint64_t got, stamp = REAL + 10 * MS;

		/* Stamped after the step, converted with the offset from before it. */
		got = nfp_clock_seen(&clock, stamp + (uint64_t)steps[i], sent, read);
		assert_true(got >= sent && got <= read);
		/* Stamped before the step, converted with the offset from after it. */
		update(&clock, read, REAL + 12 * MS + (uint64_t)steps[i]);
		assert_int_equal(clock.steps, steps[i] != 0);
		got = nfp_clock_seen(&clock, stamp, sent, read);
		assert_true(got >= sent && got <= read);
		if (!steps[i])
			assert_true(got == seen);
	}
}

/* The two clocks are never read at quite the same moment. */
TEST(just_before_sent_is_sent)
{
	struct nfp_clock clock = started();

	assert_true(nfp_clock_seen(&clock, REAL - 500, MONO, MONO + MS) == MONO);
	assert_true(nfp_clock_seen(&clock, REAL - 2 * MS, MONO, MONO + MS) == MONO + MS);
	/* Sent after it was read: left as it is, for the accounting to refuse. */
	assert_true(nfp_clock_seen(&clock, REAL, MONO + 9, MONO + 8) == MONO + 8);
}

TEST(real_clocks_agree)
{
	struct nfp_clock_pair first = nfp_clock_read(), then;
	uint64_t now = nfp_clock_now();

	assert_true(first.mono_ns <= now);
	then = nfp_clock_read();
	assert_true(then.mono_ns >= first.mono_ns);
	assert_true(then.mono_ns >= now);
}

TEST_MAIN()
