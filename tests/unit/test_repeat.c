// SPDX-License-Identifier: GPL-2.0-or-later
/* Several ladders of one style: the worst, what differs, and the numbers; and a limit to gaps. */
#include "harness.h"
#include "nfprobe/result.h"
#include "nfprobe/verdict.h"
#include "sample_result.h"

static struct nfp_style_result ladder(enum nfp_verdict verdict, enum nfp_landing driver,
				      int64_t gap_us)
{
	struct nfp_style_result style = {.verdict = verdict};

	sample_step(&style, NFP_STEP_DRIVER, driver, NFP_LANDING_PF);
	style.transitions[0] = (struct nfp_transition) {
		.from = NFP_STEP_ATTACH,
		.to = NFP_STEP_UNPLUG,
		.ack = {true, 1000, 1},
		.count = {{.lost = 7, .gap = {gap_us >= 0, gap_us >= 0 ? gap_us : 0, 1100}}},
	};
	style.num_transitions = 1;
	return style;
}

TEST(worst_counts)
{
	static const enum nfp_verdict verdicts[] = {NFP_VERDICT_SAFE, NFP_VERDICT_INCONCLUSIVE,
						    NFP_VERDICT_STICKY, NFP_VERDICT_SAFE,
						    NFP_VERDICT_STICKY};
	struct nfp_repeats *repeats = nfp_repeats_new(5);
	struct nfp_style_result worst = {0};

	for (size_t i = 0; i < 5; i++) {
		struct nfp_style_result round = ladder(
			verdicts[i], i == 3 ? NFP_LANDING_NOWHERE : NFP_LANDING_PF, (int64_t)i);

		assert_int_equal(nfp_repeats_add(repeats, &round, &worst), 0);
		assert_ptr_equal(worst.repeats, repeats);
	}
	/* The first of two. */
	assert_int_equal(worst.verdict, NFP_VERDICT_STICKY);
	assert_int_equal(worst.transitions[0].count[0].gap.us, 2);
	assert_int_equal(repeats->worst, 3);
	assert_int_equal(repeats->num_unstable, 1);
	assert_int_equal(repeats->unstable[0].step, NFP_STEP_DRIVER);
	assert_int_equal(repeats->unstable[0].kind, NFP_KIND_UNICAST);
	assert_int_equal(repeats->unstable[0].landings[NFP_LANDING_PF], 4);
	assert_int_equal(repeats->unstable[0].landings[NFP_LANDING_NOWHERE], 1);
	assert_int_equal(repeats->verdicts[NFP_VERDICT_STICKY], 2);
	assert_true(nfp_repeats_add(repeats, &worst, &worst) < 0);
	free(repeats);
}

/* The requirements and losses of each ladder count, whichever ladder was the worst. */
TEST(of_all_ladders)
{
	static const struct {
		enum nfp_verdict verdict;
		uint32_t requires;
		enum nfp_multicast multicast;
		const char *note;
	} rounds[] = {
		{NFP_VERDICT_STICKY, 1, NFP_MULTICAST_OK, ""},
		{NFP_VERDICT_EARLY, 2, NFP_MULTICAST_OK, ""},
		{NFP_VERDICT_DEAF, 4, NFP_MULTICAST_LOST, "lost"},
		{NFP_VERDICT_SAFE, 0, NFP_MULTICAST_UNPROVEN, "unproven"},
	};

	/* The order makes no difference. */
	for (size_t first = 0; first < 4; first++) {
		struct nfp_repeats *repeats = nfp_repeats_new(4);
		struct nfp_style_result worst = {0};

		for (size_t i = 0; i < 4; i++) {
			size_t at = (first + i) % 4;
			struct nfp_style_result round = {.verdict = rounds[at].verdict,
							 .requires = rounds[at].requires,
							 .multicast = rounds[at].multicast};

			strcpy(round.multicast_note, rounds[at].note);
			if (at == 3) /* the one that has the windows */
				round.neighbours.verdict = NFP_NEAR_LOST;
			nfp_repeats_add(repeats, &round, &worst);
		}
		assert_int_equal(worst.verdict, NFP_VERDICT_EARLY);
		assert_int_equal(worst.requires, 7);
		assert_int_equal(worst.multicast, NFP_MULTICAST_LOST);
		assert_int_equal(worst.neighbours.verdict, NFP_NEAR_LOST);
		assert_string_equal(worst.multicast_note, "lost");
		free(repeats);
	}
}

TEST(summaries)
{
	static const struct {
		int64_t gaps[8];
		size_t num;
		struct nfp_summary want;
	} rows[] = {
		{{-1}, 1, {0, 0, 0, 0, 0}},
		{{5}, 1, {1, 5, 5, 5, 5}},
		{{9, 1}, 2, {2, 1, 5, 9, 9}},
		{{30, 10, -1, 20}, 4, {3, 10, 20, 30, 30}},
		{{8, 7, 6, 5, 4, 3, 2, 1}, 8, {8, 1, 4, 8, 8}},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nfp_repeats *repeats = nfp_repeats_new((unsigned int)rows[i].num);
		struct nfp_style_result worst = {0};
		const struct nfp_summary *of, *gap;

		for (size_t j = 0; j < rows[i].num; j++) {
			struct nfp_style_result round = ladder(NFP_VERDICT_SAFE, NFP_LANDING_PF,
							       rows[i].gaps[j]);

			nfp_repeats_add(repeats, &round, &worst);
		}
		gap = nfp_repeats_gap(repeats, NFP_STEP_UNPLUG);
		assert_int_equal(gap != NULL, rows[i].want.num > 0);
		assert_int_equal(repeats->num_transitions, 1);
		assert_int_equal(repeats->transitions[0].to, NFP_STEP_UNPLUG);
		of = repeats->transitions[0].of;
		assert_memory_equal(&of[NFP_QUANTITY_GAP], &rows[i].want, sizeof(*of));
		assert_int_equal(of[NFP_QUANTITY_LOST].num, rows[i].num);
		assert_int_equal(of[NFP_QUANTITY_LOST].p95, 7);
		free(repeats);
	}
}

/* By hand: of 100 values 1 .. 100 the 95th by nearest rank is 95. */
TEST(ninety_fifth)
{
	struct nfp_repeats *repeats = nfp_repeats_new(100);
	struct nfp_style_result worst = {0};
	const struct nfp_summary *gap;

	for (int64_t i = 0; i < 100; i++) {
		struct nfp_style_result round = ladder(NFP_VERDICT_SAFE, NFP_LANDING_PF,
						       (i * 37) % 100 + 1);

		nfp_repeats_add(repeats, &round, &worst);
	}
	gap = nfp_repeats_gap(repeats, NFP_STEP_UNPLUG);
	assert_non_null(gap);
	assert_int_equal(gap->p95, 95);
	assert_int_equal(gap->median, 50);
	free(repeats);
}

/* Gaps are 100 ms (+-1.1 ms). */
TEST(limit)
{
	static const struct {
		enum nfp_verdict verdict;
		enum nfp_step to;
		uint64_t limit_us;
		enum nfp_verdict want;
		bool unsure;
	} rows[] = {
		{NFP_VERDICT_SAFE, NFP_STEP_UNPLUG, 98899, NFP_VERDICT_SLOW, false},
		{NFP_VERDICT_SAFE, NFP_STEP_UNPLUG, 98900, NFP_VERDICT_SAFE, true},
		{NFP_VERDICT_SAFE, NFP_STEP_UNPLUG, 101099, NFP_VERDICT_SAFE, true},
		{NFP_VERDICT_SAFE, NFP_STEP_UNPLUG, 101100, NFP_VERDICT_SAFE, false},
		/* No guest is there yet. */
		{NFP_VERDICT_SAFE, NFP_STEP_STANDBY, 1000, NFP_VERDICT_SAFE, false},
		{NFP_VERDICT_SAFE, NFP_STEP_VF_FIRST, 1000, NFP_VERDICT_SAFE, false},
		/* A worse verdict stays; and a gap proves nothing. */
		{NFP_VERDICT_EARLY, NFP_STEP_UNPLUG, 1000, NFP_VERDICT_EARLY, false},
		{NFP_VERDICT_INCONCLUSIVE, NFP_STEP_UNPLUG, 1000, NFP_VERDICT_INCONCLUSIVE, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nfp_style_result style = ladder(rows[i].verdict, NFP_LANDING_PF, 100000);
		enum nfp_step step = NFP_STEP_COUNT;

		style.transitions[0].to = rows[i].to;
		assert_int_equal(nfp_gap_limit(&style, rows[i].limit_us, &step), rows[i].unsure);
		assert_int_equal(style.verdict, rows[i].want);
		if (rows[i].unsure)
			assert_int_equal(step, rows[i].to);
		if (rows[i].want == NFP_VERDICT_SLOW)
			assert_string_equal(style.reason,
					    "frames land where they must, but the guest is deaf "
					    "for 100 ms (+-1.1 ms) in the change to unplug, and "
					    "--gap-limit is 99 ms");
	}
	assert_int_equal(nfp_verdict_exit(NFP_VERDICT_SLOW), 1);
}

/* Each of the two owns its styles and their ladders, whatever becomes of the other. */
TEST(a_copy_owns_what_it_has)
{
	struct nfp_vf_result vf = {.vf = 3}, copy, part;
	struct nfp_style_result *style;

	assert_true(sizeof(vf) <= 8192);
	for (int i = 0; i < 3; i++) {
		struct nfp_style_result round = ladder(NFP_VERDICT_SAFE, NFP_LANDING_PF, i);

		style = nfp_vf_add_style(&vf, NULL);
		if (i != 1)
			continue;
		style->repeats = nfp_repeats_new(2);
		assert_int_equal(nfp_repeats_add(style->repeats, &round, style), 0);
	}
	vf.styles[2].style = NFP_STYLE_BRIDGE;
	nfp_vf_copy(&vf, 0, 3, &copy);
	nfp_vf_copy(&vf, 1, 1, &part);
	assert_int_equal(part.num_styles, 1);
	assert_int_equal(part.styles[0].num_transitions, 1);
	assert_ptr_not_equal(copy.styles, vf.styles);
	assert_ptr_not_equal(copy.styles[1].repeats, vf.styles[1].repeats);
	/* There is room for the second of two ladders. */
	assert_int_equal(nfp_repeats_add(copy.styles[1].repeats, &vf.styles[1], &copy.styles[1]),
			 0);
	assert_int_equal(vf.styles[1].repeats->made, 1);
	/* One of its own, which moves when room is made for the copy. */
	style = nfp_vf_add_style(&vf, &vf.styles[1]);
	assert_int_equal(style->repeats->made, 1);
	vf.styles[1].repeats->worst = 7;
	nfp_vf_fini(&vf);
	assert_int_equal(vf.num_styles, 0);
	assert_int_equal(copy.num_styles, 3);
	assert_int_equal(copy.styles[2].style, NFP_STYLE_BRIDGE);
	assert_int_equal(copy.styles[1].repeats->worst, 1);
	assert_int_equal(part.styles[0].repeats->worst, 1);
	nfp_vf_fini(&copy);
	nfp_vf_fini(&part);
	nfp_vf_fini(&part);
}

TEST_MAIN()
