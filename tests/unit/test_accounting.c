// SPDX-License-Identifier: GPL-2.0-or-later
// The frame accounting: each rule by itself, then a long random history against a plain model.
#include <malloc.h>

#include "harness.h"
#include "traffic/traffic.h"
#include "../../src/traffic/traffic_priv.h"

#define MS    NFP_NSEC_PER_MSEC
#define START (UINT64_C(1000) * NFP_NSEC_PER_SEC)
#define UNI   NFP_KIND_UNICAST
#define BROAD NFP_KIND_BROADCAST

static int setup(void **state)
{
	*state = nfp_accounting_new();
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	nfp_accounting_free(*state);
	return 0;
}

static struct nfp_count sum_of(const struct nfp_frame_accounting *accounting, uint64_t from,
			       uint64_t to, enum nfp_kind kind)
{
	struct nfp_count count[NFP_KIND_COUNT];

	nfp_accounting_sum(accounting, from, to, count);
	return count[kind];
}

static void assert_count(const struct nfp_count *count, uint64_t sent, uint64_t pf, uint64_t vf,
			 uint64_t both, uint64_t duplicates)
{
	assert_int_equal(count->sent, sent);
	assert_int_equal(count->at[NFP_AT_PF], pf);
	assert_int_equal(count->at[NFP_AT_VF], vf);
	assert_int_equal(count->both, both);
	assert_int_equal(count->duplicates, duplicates);
}

TEST(free_takes_null)
{
	nfp_accounting_free(NULL);
}

#define CASE(name)                                                      \
	static void name##_of(struct nfp_frame_accounting *accounting); \
	TEST_WITH(name, setup, teardown)                                \
	{                                                               \
		name##_of(*state);                                      \
	}                                                               \
	static void name##_of(struct nfp_frame_accounting *accounting)

CASE(counts_each_frame_once)
{
	struct nfp_count count;

	for (uint64_t seq = 1; seq <= 4; seq++)
		assert_int_equal(nfp_accounting_sent(accounting, seq, UNI, START), 0);
	assert_int_equal(nfp_accounting_sent(accounting, 5, BROAD, START), 0);
	assert_int_equal(nfp_accounting_seen(accounting, 1, UNI, NFP_AT_PF, START), NFP_RX_COUNTED);
	assert_int_equal(nfp_accounting_seen(accounting, 1, UNI, NFP_AT_VF, START + 5),
			 NFP_RX_COUNTED);
	assert_int_equal(nfp_accounting_seen(accounting, 2, UNI, NFP_AT_VF, START + 9),
			 NFP_RX_COUNTED);
	assert_int_equal(nfp_accounting_seen(accounting, 2, UNI, NFP_AT_VF, START + 10),
			 NFP_RX_DUPLICATE);
	assert_int_equal(nfp_accounting_seen(accounting, 2, UNI, NFP_AT_VF, START + 11),
			 NFP_RX_DUPLICATE);
	assert_int_equal(nfp_accounting_seen(accounting, 5, BROAD, NFP_AT_PF, START + 1),
			 NFP_RX_COUNTED);
	count = sum_of(accounting, START, START + NFP_ACCOUNTING_SLICE_NS, UNI);
	assert_count(&count, 4, 1, 2, 1, 2);
	assert_int_equal(nfp_count_lost(&count), 2);
	count = sum_of(accounting, START, START + NFP_ACCOUNTING_SLICE_NS, BROAD);
	assert_count(&count, 1, 1, 0, 0, 0);
	/* A duplicate does not make anybody wait longer. */
	assert_int_equal(nfp_accounting_max_latency(accounting), 9);
}

/* In a loop of the network, it comes again for as long as it is not late. */
CASE(a_frame_that_goes_in_circles)
{
	struct nfp_frame_record frame;

	assert_int_equal(nfp_accounting_sent(accounting, 1, UNI, START), 0);
	assert_int_equal(nfp_accounting_seen(accounting, 1, UNI, NFP_AT_PF, START), NFP_RX_COUNTED);
	for (unsigned int i = 0; i < UINT16_MAX + 1; i++)
		assert_int_equal(nfp_accounting_seen(accounting, 1, UNI, NFP_AT_PF, START + i),
				 NFP_RX_DUPLICATE);
	assert_true(nfp_frame_record(accounting, 1, &frame));
	assert_int_equal(frame.duplicates, UINT16_MAX);
}

CASE(refuses_impossible_sightings)
{
	struct nfp_count count;

	assert_int_equal(nfp_accounting_seen(accounting, 1, UNI, NFP_AT_PF, START),
			 NFP_RX_IMPOSSIBLE);
	nfp_accounting_sent(accounting, 10, UNI, START);
	assert_int_equal(nfp_accounting_seen(accounting, 9, UNI, NFP_AT_PF, START),
			 NFP_RX_IMPOSSIBLE);
	assert_int_equal(nfp_accounting_seen(accounting, 11, UNI, NFP_AT_PF, START),
			 NFP_RX_IMPOSSIBLE);
	assert_int_equal(nfp_accounting_seen(accounting, 0, UNI, NFP_AT_PF, START),
			 NFP_RX_IMPOSSIBLE);
	assert_int_equal(nfp_accounting_seen(accounting, UINT64_MAX, UNI, NFP_AT_PF, START),
			 NFP_RX_IMPOSSIBLE);
	assert_int_equal(nfp_accounting_seen(accounting, 10, BROAD, NFP_AT_PF, START),
			 NFP_RX_IMPOSSIBLE);
	assert_int_equal(nfp_accounting_seen(accounting, 10, UNI, NFP_RECEIVER_COUNT, START),
			 NFP_RX_IMPOSSIBLE);
	assert_int_equal(nfp_accounting_seen(accounting, 10, UNI, NFP_AT_PF, START - 1),
			 NFP_RX_IMPOSSIBLE);
	count = sum_of(accounting, 0, UINT64_MAX, UNI);
	assert_count(&count, 1, 0, 0, 0, 0);
}

CASE(refuses_what_is_out_of_order)
{
	assert_int_equal(nfp_accounting_sent(accounting, 0, UNI, START), -EINVAL);
	assert_int_equal(nfp_accounting_sent(accounting, 5, NFP_KIND_ANNOUNCE, START), -EINVAL);
	assert_int_equal(nfp_accounting_sent(accounting, 5, UNI, START), 0);
	assert_int_equal(nfp_accounting_sent(accounting, 5, UNI, START), -EINVAL);
	assert_int_equal(nfp_accounting_sent(accounting, 7, UNI, START), -EINVAL);
	assert_int_equal(nfp_accounting_sent(accounting, 6, UNI, START - 1), -EINVAL);
	assert_int_equal(nfp_accounting_mark(accounting, START - 1), -EINVAL);
	assert_int_equal(nfp_accounting_mark(accounting, START + 1), 0);
	assert_int_equal(nfp_accounting_mark(accounting, START), -EINVAL);
	assert_int_equal(nfp_accounting_sent(accounting, 6, UNI, START), 0);
}

CASE(unsent_frames_do_not_count)
{
	struct nfp_count count;

	for (uint64_t seq = 1; seq <= 3; seq++)
		nfp_accounting_sent(accounting, seq, UNI, START + seq);
	nfp_accounting_seen(accounting, 1, UNI, NFP_AT_PF, START + 2);
	nfp_accounting_unsent(accounting, 1); /* it was seen, so it was sent */
	nfp_accounting_unsent(accounting, 2);
	nfp_accounting_unsent(accounting, 2);
	nfp_accounting_unsent(accounting, 4);
	nfp_accounting_unsent(accounting, 0);
	count = sum_of(accounting, 0, UINT64_MAX, UNI);
	assert_count(&count, 2, 1, 0, 0, 0);
	assert_int_equal(nfp_accounting_seen(accounting, 2, UNI, NFP_AT_PF, START + 9),
			 NFP_RX_IMPOSSIBLE);
}

CASE(mark_divides)
{
	const uint64_t mark = START + 7 * MS;
	struct nfp_count count;

	nfp_accounting_sent(accounting, 1, UNI, START);
	nfp_accounting_sent(accounting, 2, UNI, START + 6 * MS);
	assert_int_equal(nfp_accounting_mark(accounting, mark), 0);
	nfp_accounting_sent(accounting, 3, UNI, mark);
	nfp_accounting_seen(accounting, 2, UNI, NFP_AT_PF, mark + 1);
	nfp_accounting_seen(accounting, 3, UNI, NFP_AT_VF, mark + 1);
	count = sum_of(accounting, START, mark, UNI);
	assert_count(&count, 2, 1, 0, 0, 0);
	count = sum_of(accounting, mark, mark + 25 * MS, UNI);
	assert_count(&count, 1, 0, 1, 0, 0);
	/* Only slices that lie entirely inside. */
	count = sum_of(accounting, mark, mark + 25 * MS - 1, UNI);
	assert_count(&count, 0, 0, 0, 0, 0);
	count = sum_of(accounting, START + 1, mark, UNI);
	assert_count(&count, 0, 0, 0, 0, 0);
}

/* The sender goes on between draining its queue and the mark. */
CASE(told_of_after_the_mark)
{
	struct nfp_count count;

	assert_int_equal(nfp_accounting_mark(accounting, START), 0);
	nfp_accounting_sent(accounting, 1, UNI, START - 40 * MS);
	nfp_accounting_sent(accounting, 2, UNI, START - 1);
	nfp_accounting_sent(accounting, 3, UNI, START);
	nfp_accounting_seen(accounting, 1, UNI, NFP_AT_PF, START);
	count = sum_of(accounting, 0, START, UNI);
	assert_count(&count, 2, 1, 0, 0, 0);
	count = sum_of(accounting, START, START + 25 * MS, UNI);
	assert_count(&count, 1, 0, 0, 0, 0);

	/* The same after a pause and a forget at the very mark. */
	nfp_accounting_mark(accounting, START + 900 * MS);
	nfp_accounting_forget(accounting, START + 900 * MS);
	nfp_accounting_sent(accounting, 4, UNI, START + 899 * MS);
	nfp_accounting_sent(accounting, 5, UNI, START + 900 * MS);
	count = sum_of(accounting, START + 900 * MS, START + 925 * MS, UNI);
	assert_count(&count, 1, 0, 0, 0, 0);
	assert_int_equal(nfp_accounting_seen(accounting, 4, UNI, NFP_AT_VF, START + 900 * MS),
			 NFP_RX_COUNTED);
}

/* The clock did not move between the last frame and the mark. */
CASE(forgets_up_to_a_mark_at_the_last_frame)
{
	struct nfp_count count;

	nfp_accounting_sent(accounting, 1, UNI, START);
	for (uint64_t i = 0; i < 3; i++)
		assert_int_equal(nfp_accounting_mark(accounting, START), 0);
	nfp_accounting_sent(accounting, 2, UNI, START);
	nfp_accounting_forget(accounting, START);
	assert_int_equal(nfp_accounting_seen(accounting, 1, UNI, NFP_AT_PF, START), NFP_RX_COUNTED);
	assert_int_equal(nfp_accounting_seen(accounting, 2, UNI, NFP_AT_PF, START), NFP_RX_COUNTED);
	count = sum_of(accounting, 0, UINT64_MAX, UNI);
	assert_count(&count, 2, 2, 0, 0, 0);
}

/* ---- a random history against a model that keeps everything in plain arrays ---- */

#define HISTORY 60000U

struct model_frame {
	uint64_t sent_ns;
	enum nfp_kind kind;
	unsigned int sightings[NFP_RECEIVER_COUNT];
	bool unsent;
};

static uint32_t next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33);
}

static void model_sum(const struct model_frame *frames, uint64_t first, uint64_t last,
		      uint64_t from, uint64_t to, struct nfp_count sum[NFP_KIND_COUNT])
{
	memset(sum, 0, NFP_KIND_COUNT * sizeof(*sum));
	for (uint64_t seq = first; seq <= last; seq++) {
		const struct model_frame *frame = &frames[seq];
		struct nfp_count *count = &sum[frame->kind];

		if (frame->unsent || frame->sent_ns < from || frame->sent_ns >= to)
			continue;
		count->sent++;
		for (int at = 0; at < NFP_RECEIVER_COUNT; at++) {
			count->at[at] += frame->sightings[at] > 0;
			count->duplicates += frame->sightings[at] > 1 ? frame->sightings[at] - 1
								      : 0;
		}
		count->both += frame->sightings[NFP_AT_PF] && frame->sightings[NFP_AT_VF];
	}
}

static void see_something(struct nfp_frame_accounting *accounting, struct model_frame *frames,
			  uint64_t first, uint64_t last, uint64_t now, uint64_t *seed)
{
	uint64_t seq = last + 20 - next_random(seed) % 320;
	enum nfp_receiver at = next_random(seed) % 2 ? NFP_AT_PF : NFP_AT_VF;
	enum nfp_rx_outcome want = NFP_RX_COUNTED;
	struct model_frame *frame;

	if (seq < first || seq > last) {
		assert_int_equal(nfp_accounting_seen(accounting, seq, UNI, at, now),
				 NFP_RX_IMPOSSIBLE);
		return;
	}
	frame = &frames[seq];
	if (frame->unsent)
		want = NFP_RX_IMPOSSIBLE;
	else if (now - frame->sent_ns > NFP_ACCOUNTING_LATE_NS)
		want = NFP_RX_LATE;
	else if (frame->sightings[at]++)
		want = NFP_RX_DUPLICATE;
	assert_int_equal(nfp_accounting_seen(accounting, seq, frame->kind, at, now), want);
}

static void check_sums(const struct nfp_frame_accounting *accounting,
		       const struct model_frame *frames, uint64_t first, uint64_t last,
		       uint64_t mark, uint64_t seed)
{
	struct nfp_count want[NFP_KIND_COUNT], got[NFP_KIND_COUNT];
	uint64_t to = mark + (next_random(&seed) % 40) * NFP_ACCOUNTING_SLICE_NS;

	/* Frames after the mark lie on a grid, so these ends are ends of slices. */
	nfp_accounting_sum(accounting, mark, to, got);
	model_sum(frames, first, last, mark, to, want);
	assert_memory_equal(got, want, sizeof(got));
}

CASE(random_history)
{
	struct model_frame *frames = calloc(HISTORY + 1, sizeof(*frames));
	uint64_t seed = 42, now = START, mark = START, first = 1;

	assert_non_null(frames);
	assert_int_equal(nfp_accounting_mark(accounting, mark), 0);
	for (uint64_t seq = 1; seq <= HISTORY; seq++) {
		uint32_t dice = next_random(&seed) % 2000;

		now += dice == 0 ? 800 * MS : next_random(&seed) % (2 * MS);
		if (dice == 1) {
			mark = now;
			assert_int_equal(nfp_accounting_mark(accounting, mark), 0);
		} else if (dice == 2) {
			nfp_accounting_forget(accounting, mark);
			while (first < seq && frames[first].sent_ns < mark)
				first++;
		}
		frames[seq].kind = (enum nfp_kind)(next_random(&seed) % NFP_KIND_COUNT);
		frames[seq].sent_ns = now;
		assert_int_equal(nfp_accounting_sent(accounting, seq, frames[seq].kind, now), 0);
		if (dice > 1980 && !frames[seq].sightings[0] && !frames[seq].sightings[1]) {
			nfp_accounting_unsent(accounting, seq);
			frames[seq].unsent = true;
		}
		see_something(accounting, frames, first, seq, now, &seed);
		see_something(accounting, frames, first, seq, now, &seed);
		if (dice % 100 == 7)
			check_sums(accounting, frames, first, seq, mark, seed);
	}
	free(frames);
}

/* 3.6 million frames, forgotten as a run does when a step is over. */
CASE(an_hour_in_constant_memory)
{
	uint64_t ns = START;
	size_t used = 0;

	for (uint64_t seq = 1; seq <= 3600000; seq++, ns += MS) {
		nfp_accounting_sent(accounting, seq, seq % 50 ? UNI : BROAD, ns);
		nfp_accounting_seen(accounting, seq, seq % 50 ? UNI : BROAD, NFP_AT_PF, ns + 1000);
		if (seq % 2000 == 0) {
			nfp_accounting_forget(accounting, ns - 250 * MS);
			nfp_accounting_mark(accounting, ns);
		}
		if (seq == 10000)
			used = mallinfo2().uordblks;
	}
	assert_int_equal(mallinfo2().uordblks, used);
}

TEST_MAIN()
