// SPDX-License-Identifier: GPL-2.0-or-later
/* Ladders on NICs whose drivers act at once: the NIC has its settling time, the network its own. */
#include "unit/bedded.h"

#define MS NFP_NSEC_PER_MSEC

struct row {
	const char *name;
	unsigned int late_ms; /* the VF's filter comes so long after its netdev is up */
	struct memnic_conditions c;
	/* Expected. */
	unsigned int settle_ms;
	enum nfp_verdict verdict;
};

static void run_ladder(const struct row *row, bool quick, struct bed *bed)
{
	struct core_personality p = {
		.name = "quick",
		.comes_on = CORE_BIT(CORE_ON_UP),
		.goes_on = CORE_BIT(CORE_ON_DOWN) | CORE_BIT(CORE_ON_CLEAR),
		.comes_after_ns[CORE_ON_UP] = row->late_ms * MS,
	};

	bed_anew(bed, &p, &row->c, NFP_STYLE_MACVTAP);
	bed->config.network_ns = bed->config.settle_ns;
	if (quick)
		bed->config.settle_ns = NFP_SETTLE_QUICK_NS;
	assert_int_equal(bed_run(bed), 0);
}

BED_TEST(rows)
{
	static const struct row rows[] = {
		{"at once", 0, {.latency_ns = 0}, 500, NFP_VERDICT_SAFE},
		{"soon", 150, {.latency_ns = 0}, 500, NFP_VERDICT_SAFE},
		/* It goes on with more time. */
		{"in the second half", 350, {.latency_ns = 0}, 500, NFP_VERDICT_SAFE},
		{"a network that withholds", 0, {.suppress_unknown = true}, 1500, NFP_VERDICT_SAFE},
		/* As late as that, where the network had not shown that it floods. */
		{"late on such a network", 900, {.suppress_unknown = true}, 1500, NFP_VERDICT_SAFE},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		run_ladder(&rows[i], true, bed);
		if (bed->result.verdict != rows[i].verdict ||
		    bed->result.settle_ns != rows[i].settle_ms * MS)
			fail_msg("%s: %s, %u ms", rows[i].name,
				 nfp_verdict_name(bed->result.verdict),
				 (unsigned int)(bed->result.settle_ns / MS));
	}
}

/* Each state that is served has a window of its own time; virtual seconds. */
BED_TEST(it_saves_time_where_the_network_floods)
{
	static const struct row floods = {.name = "floods"};
	static const struct row withholds = {.name = "withholds", .c.suppress_unknown = true};
	uint64_t ns[2][2];

	for (int quick = 0; quick < 2; quick++) {
		run_ladder(&floods, quick, bed);
		ns[0][quick] = bed_now(bed) - MEMNIC_BEGIN_NS;
		run_ladder(&withholds, quick, bed);
		ns[1][quick] = bed_now(bed) - MEMNIC_BEGIN_NS;
	}
	/* A second in each step behind `standby`, but for `alone` and those behind a reset. */
	assert_in_range(ns[0][0] - ns[0][1], 9000 * MS, 9100 * MS);
	assert_int_equal(ns[1][1], ns[1][0]);
}

static uint64_t watched_ns(const struct bed *bed, enum nfp_step step)
{
	return bed_step(bed, step)->window_ns;
}

/* The steps before it stay as they were. */
BED_TEST(a_ladder_that_finds_its_nic_slow_goes_on_with_more_time)
{
	static const struct row late = {.name = "late", .late_ms = 400};

	run_ladder(&late, true, bed);
	assert_true(nfp_mac_equal(&bed->result.address, &bed->config.address));
	assert_in_range(watched_ns(bed, NFP_STEP_ASSIGN), 500 * MS, 600 * MS);
	assert_non_null(strstr(bed_step(bed, NFP_STEP_UP)->w.note, "late for these drivers"));
	assert_true(watched_ns(bed, NFP_STEP_UNPLUG) >= 1500 * MS);
	assert_true(watched_ns(bed, NFP_STEP_VF_FIRST_CLEAR) >= 1500 * MS);
}

/* A later ladder, too, begins with that. */
BED_TEST(nor_is_it_quick_in_a_later_ladder)
{
	static const struct row late = {.name = "late", .late_ms = 400};
	struct nfp_earlier earlier = {.slow = false};

	run_ladder(&late, true, bed);
	bed->config.earlier = &earlier;
	assert_int_equal(bed_run_next(bed, NFP_STYLE_BRIDGE, 1), 0);
	assert_true(earlier.slow);
	assert_int_equal(bed_run_next(bed, NFP_STYLE_BRIDGE_FDB, 1), 0);
	assert_true(watched_ns(bed, NFP_STEP_ASSIGN) >= 1500 * MS);
}

/* Each of `attach`, `detach` and `vf-first`, by one letter: does it last as long as the
 * network needs? */
static const char *resets_of(const struct bed *bed, char letters[4])
{
	static const enum nfp_step steps[] = {NFP_STEP_ATTACH, NFP_STEP_DETACH, NFP_STEP_VF_FIRST};

	for (size_t i = 0; i < 3; i++)
		letters[i] = watched_ns(bed, steps[i]) >= 1500 * MS ? 'n' : '-';
	letters[3] = '\0';
	return letters;
}

BED_TEST(states_behind_a_reset_last_as_long_as_the_network_needs)
{
	static const struct {
		const char *name;
		enum core_arb winner;
		enum nfp_style first, then;
		const char *shown; /* of the second ladder */
	} rows[] = {
		{"the VF alone", CORE_ARB_VF, NFP_STYLE_MACVTAP, NFP_STYLE_BRIDGE, "---"},
		/* A filter of the VF that had come late would have gone unseen. */
		{"both, a bridge", CORE_ARB_BOTH, NFP_STYLE_MACVTAP, NFP_STYLE_BRIDGE, "nnn"},
		/* The entry may not be in the NIC: be_set_uc_list. */
		{"both, an entry", CORE_ARB_BOTH, NFP_STYLE_MACVTAP, NFP_STYLE_BRIDGE_FDB, "nnn"},
		{"another port", CORE_ARB_VF, NFP_STYLE_MACVTAP, NFP_STYLE_VF_BRIDGE, "nnn"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct core_personality p = {
			.name = "resets",
			.comes_on = CORE_BIT(CORE_ON_UP),
			.goes_on = CORE_BIT(CORE_ON_UNBIND) | CORE_BIT(CORE_ON_CLEAR),
			.winner = rows[i].winner,
		};
		struct nfp_earlier earlier = {.slow = false};
		char letters[4];

		bed_anew(bed, &p, NULL, rows[i].first);
		bed->config.network_ns = bed->config.settle_ns;
		bed->config.settle_ns = NFP_SETTLE_QUICK_NS;
		bed->config.earlier = &earlier;
		assert_int_equal(bed_run(bed), 0);
		assert_string_equal(resets_of(bed, letters), "nnn");
		assert_int_equal(bed_run_next(bed, rows[i].then, 1), 0);
		if (strcmp(resets_of(bed, letters), rows[i].shown) != 0)
			fail_msg("%s: %s, not %s", rows[i].name, letters, rows[i].shown);
	}
}

/* ---- what is lost ---- */

/* As igb behind a bridge: the address is the VF's from its assignment on. */
static const struct core_personality early = {
	.name = "early",
	.comes_on = CORE_BIT(CORE_ON_ASSIGN) | CORE_BIT(CORE_ON_UP),
	.goes_on = CORE_BIT(CORE_ON_CLEAR),
};

/* Up to `vf-first`: "b" where a step was watched briefly, "2" where twice the network's time, else
 * "-". */
static const char *lengths_of(const struct nfp_style_result *result, char row[NFP_STEP_COUNT + 1])
{
	memset(row, 0, NFP_STEP_COUNT + 1);
	for (size_t i = 0; i < result->num_steps; i++) {
		const struct nfp_step_result *step = &result->steps[i];

		if (step->step <= NFP_STEP_VF_FIRST)
			row[i] = step->cut_short ? 'b' : step->window_ns >= 3000 * MS ? '2' : '-';
	}
	return row;
}

BED_TEST(what_is_lost_is_watched_briefly_once_that_is_sure)
{
	static const struct {
		const char *name;
		struct memnic_conditions c;
		bool slow, was_reset;
		const char *lengths; /* without `alone` */
	} rows[] = {
		/* `up` and `clear` are served. */
		{"floods", {.latency_ns = 0}, false, false, "--2--bb-b"},
		/* `attach` confirms the silence: `assign` lasts for milliseconds. */
		{"a reset is sure", {.latency_ns = 0}, false, true, "---2-bb-b"},
		/* Each silence is announced once more, and that has its time. */
		{"withholds", {.suppress_unknown = true}, false, false, "--22-22-2"},
		{"1.5 s", {.latency_ns = 0}, true, false, "--2--2--2"},
		/* In `attach`. UNKNOWN is not EARLY: `vf-first` takes its time. */
		{"another process",
		 {.change_ns = MEMNIC_BEGIN_NS + 8000 * MS},
		 false,
		 false,
		 "--2--bb-2"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nfp_earlier earlier = {.was_reset = rows[i].was_reset};
		char lengths[NFP_STEP_COUNT + 1];

		bed_anew(bed, &early, &rows[i].c, NFP_STYLE_BRIDGE);
		bed->config.network_ns = bed->config.settle_ns;
		if (!rows[i].slow)
			bed->config.settle_ns = NFP_SETTLE_QUICK_NS;
		bed->config.earlier = &earlier;
		assert_int_equal(bed_run(bed), 0);
		assert_int_equal(bed->result.verdict,
				 rows[i].c.change_ns ? NFP_VERDICT_UNKNOWN : NFP_VERDICT_EARLY);
		if (strcmp(lengths_of(&bed->result, lengths), rows[i].lengths) != 0)
			fail_msg("%s: %s, not %s", rows[i].name, lengths, rows[i].lengths);
	}
}

TEST_MAIN()
