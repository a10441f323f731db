// SPDX-License-Identifier: GPL-2.0-or-later
/* Does what a neighbour on the NIC sends reach a guest that is elsewhere? */
#include "harness.h"

#include <errno.h>

#include "memnic/ask.h"
#include "memnic/memnic.h"
#include "nfprobe/verdict.h"
#include "unit/windows.h"

/* ---- the judgement ---- */

/* A letter for each window (windows.h); N: as n, until the VF is cleared. */
static struct nfp_aside judged(const char *letters)
{
	struct nfp_aside n = {.reset_cleared = strchr(letters, 'N')};

	for (; letters[n.num_windows]; n.num_windows++) {
		char letter = letters[n.num_windows];

		n.windows[n.num_windows] = window_of(letter == 'N' ? 'n' : letter);
		n.windows[n.num_windows].state = (unsigned int)n.num_windows;
	}
	nfp_judge_elsewhere(&n);
	return n;
}

TEST(what_windows_mean)
{
	static const struct {
		const char *letters;
		enum nfp_trait verdict;
		enum nfp_empty from, until;
	} rows[] = {
		{"yyyyy", NFP_TRAIT_OK, 0, 0},
		/* A network that withholds what it does not know. */
		{"uyyyy", NFP_TRAIT_OK, 0, 0},
		{"yyyly", NFP_TRAIT_OK, 0, 0},
		{"ynnny", NFP_TRAIT_LOST, NFP_EMPTY_RESET, NFP_EMPTY_CLEAR},
		{"yNyyy", NFP_TRAIT_LOST, NFP_EMPTY_RESET, NFP_EMPTY_UNPLUG},
		/* A member of a bond may be dead for this address alone. */
		{"ynyyy", NFP_TRAIT_UNPROVEN, 0, 0},
		{"yynyy", NFP_TRAIT_LOST, NFP_EMPTY_UNPLUG, NFP_EMPTY_DETACH},
		{"yynly", NFP_TRAIT_LOST, NFP_EMPTY_UNPLUG, NFP_EMPTY_CLEAR},
		{"yNsss", NFP_TRAIT_LOST, NFP_EMPTY_RESET, 0},
		{"ynsss", NFP_TRAIT_UNPROVEN, 0, 0},
		{"yNuuu", NFP_TRAIT_LOST, NFP_EMPTY_RESET, 0},
		{"ynuuu", NFP_TRAIT_UNPROVEN, 0, 0},
		/* Nothing shows that the network delivers it where it has moved. */
		{"yynnn", NFP_TRAIT_UNPROVEN, 0, 0},
		{"yyyyn", NFP_TRAIT_UNPROVEN, 0, 0},
		/* A frame to nobody does not leave either. */
		{"nnnny", NFP_TRAIT_UNPROVEN, 0, 0},
		{"yuyyy", NFP_TRAIT_UNPROVEN, 0, 0},
		{"ybyyy", NFP_TRAIT_UNPROVEN, 0, 0},
		{"ydyyy", NFP_TRAIT_UNPROVEN, 0, 0},
		{"ymyyy", NFP_TRAIT_UNPROVEN, 0, 0},
		{"yydyy", NFP_TRAIT_UNPROVEN, 0, 0},
		{"yybyy", NFP_TRAIT_UNPROVEN, 0, 0},
		{"yyuyy", NFP_TRAIT_UNPROVEN, 0, 0},
		{"yysyy", NFP_TRAIT_UNTESTED, 0, 0},
		{"sssss", NFP_TRAIT_UNTESTED, 0, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct nfp_aside n = judged(rows[i].letters);

		if (n.told.verdict != rows[i].verdict || n.told.from != rows[i].from ||
		    n.told.until != rows[i].until)
			fail_msg("%s: %s from %s until %s", rows[i].letters,
				 nfp_trait_name(n.told.verdict), nfp_empty_name(n.told.from),
				 nfp_empty_name(n.told.until));
		/* Anything but an answer has a reason. */
		assert_int_equal(n.told.note[0] != '\0', n.told.verdict < NFP_TRAIT_OK);
	}
}

TEST(require_makes_it_count)
{
	static const struct {
		const char *letters;
		enum nfp_verdict verdict;
		uint32_t requires;
	} rows[] = {
		{"yyyyy", NFP_VERDICT_SAFE, 0},
		{"ynnny", NFP_VERDICT_EARLY,
		 NFP_REQ_BIT(NFP_REQ_ASSIGN_AT_HOTPLUG) | NFP_REQ_BIT(NFP_REQ_CLEAR_AT_UNPLUG)},
		{"yynny", NFP_VERDICT_STICKY, NFP_REQ_BIT(NFP_REQ_CLEAR_AT_UNPLUG)},
		{"yuyyy", NFP_VERDICT_UNKNOWN, 0},
		{"yyyys", NFP_VERDICT_UNKNOWN, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct nfp_settings settings = {.require_neighbours = true};
		struct nfp_style_result style = {.judged.verdict = NFP_VERDICT_SAFE,
						 .elsewhere = judged(rows[i].letters)};

		ask_for(&style, &settings, NFP_DECIDED_BY_STEPS, NFP_DECIDED_BY_ELSEWHERE);
		assert_int_equal(style.verdict, rows[i].verdict);
		assert_int_equal(style.requires, rows[i].requires);
		assert_int_equal(style.reason[0] != '\0', style.verdict != NFP_VERDICT_SAFE);
	}
}

/* ---- the windows ---- */

/* The last ladder's; setup() makes the next one. */
static struct bed {
	struct memnic *nic;
	struct nfp_frame_accounting *own, *near;
	struct nfp_elsewhere_test test;
	struct nfp_runner_config config;
	struct nfp_style_result result;
} bed;

static void setup(const struct core_personality *p, const struct memnic_conditions *c)
{
	nfp_accounting_free(bed.own);
	nfp_accounting_free(bed.near);
	memnic_free(bed.nic);
	bed = (struct bed) {
		.nic = memnic_new(p, c), .own = nfp_accounting_new(), .near = nfp_accounting_new()};
	bed.test = (struct nfp_elsewhere_test) {
		.wire = memnic_neighbour(bed.nic, bed.near),
		.address = {{0x02, 0, 0, 0, 0, 0x88}},
		.unregistered = {{{0x02, 0, 0, 0, 0, 0x66}}, {{0x02, 0, 0, 0, 0, 0x77}}},
	};
	memnic_config(bed.nic, bed.own, NFP_STYLE_MACVTAP, &bed.config);
	bed.config.elsewhere = &bed.test;
}

#define EARLY_COMES CORE_BIT(CORE_ON_ASSIGN)
#define AT_UP	    CORE_BIT(CORE_ON_UP)

static const struct core_personality fit = {.comes_on = AT_UP, .goes_on = CORE_BIT(CORE_ON_DOWN)};
static const struct core_personality early = {.comes_on = EARLY_COMES,
					      .goes_on = CORE_BIT(CORE_ON_CLEAR)};

static struct nfp_aside climbed(const struct core_personality *p, const struct memnic_conditions *c)
{
	setup(p, c);
	assert_int_equal(nfp_ladder_run(&bed.config, &bed.result, NULL), 0);
	return bed.result.elsewhere;
}

static void check_climb(const struct core_personality *p, const struct memnic_conditions *c,
			enum nfp_trait verdict, enum nfp_empty from, enum nfp_empty until)
{
	const struct nfp_aside n = climbed(p, c);

	if (n.told.verdict != verdict || n.told.from != from || n.told.until != until)
		fail_msg("%s from %s until %s: %s", nfp_trait_name(n.told.verdict),
			 nfp_empty_name(n.told.from), nfp_empty_name(n.told.until), n.told.note);
}

TEST(nics)
{
	struct core_personality inside = early;
	const struct core_personality until_reset = {.comes_on = AT_UP,
						     .goes_on = CORE_BIT(CORE_ON_RESET)};
	const struct core_personality late = {.comes_on = EARLY_COMES,
					      .comes_after_ns[CORE_ON_ASSIGN] = 1300 *
										NFP_NSEC_PER_MSEC,
					      .goes_on = CORE_BIT(CORE_ON_CLEAR)};
	const struct memnic_conditions quiet = {.seed = 1};

	check_climb(&early, &quiet, NFP_TRAIT_LOST, NFP_EMPTY_RESET, NFP_EMPTY_CLEAR);
	check_climb(&late, &quiet, NFP_TRAIT_LOST, NFP_EMPTY_RESET, NFP_EMPTY_CLEAR);
	check_climb(&fit, &quiet, NFP_TRAIT_OK, 0, 0);
	check_climb(&until_reset, &quiet, NFP_TRAIT_LOST, NFP_EMPTY_UNPLUG, NFP_EMPTY_DETACH);
	inside.inside = CORE_INSIDE_NONE;
	check_climb(&inside, &quiet, NFP_TRAIT_OK, 0, 0);
	inside.inside = CORE_INSIDE_COPIES;
	check_climb(&inside, &quiet, NFP_TRAIT_OK, 0, 0);
	inside.inside = CORE_INSIDE_LEARNS;
	check_climb(&inside, &quiet, NFP_TRAIT_OK, 0, 0);
}

TEST(networks)
{
	const struct memnic_conditions withholds = {.seed = 1, .suppress_unknown = true};
	const struct memnic_conditions slow = {.seed = 1,
					       .learn_after_ns = 1200 * NFP_NSEC_PER_MSEC};
	const struct memnic_conditions deaf = {.seed = 1, .source_deaf = true};

	check_climb(&early, &withholds, NFP_TRAIT_LOST, NFP_EMPTY_RESET, NFP_EMPTY_CLEAR);
	check_climb(&early, &slow, NFP_TRAIT_LOST, NFP_EMPTY_RESET, NFP_EMPTY_CLEAR);
	check_climb(&early, &deaf, NFP_TRAIT_UNPROVEN, 0, 0);
	/* Until it has learned where the guest is, the switch keeps its frames, and those of the
	 * control. */
	for (int withheld = 0; withheld < 2; withheld++) {
		const struct memnic_conditions slower = {
			.seed = 1,
			.suppress_unknown = withheld,
			.learn_after_ns = 1670 * NFP_NSEC_PER_MSEC,
		};

		assert_int_not_equal(climbed(&fit, &slower).told.verdict, NFP_TRAIT_LOST);
	}
}

/*
 * Where a port learns one address, the control is forgotten and flooded, while the guest's address
 * is still looked for here: the silence is the switch's, however short the NIC's settling time is.
 */
static void check_late(enum core_event leaves, uint64_t after_ns, enum nfp_trait verdict)
{
	const struct core_personality p = {.comes_on = AT_UP, .goes_on = CORE_BIT(leaves)};
	const struct memnic_conditions c = {
		.seed = 1, .learn_after_ns = after_ns, .learn_max = 1, .learn_evicts = true};

	setup(&p, &c);
	bed.config.settle_ns = 500 * NFP_NSEC_PER_MSEC;
	bed.config.network_ns = 1500 * NFP_NSEC_PER_MSEC;
	assert_int_equal(nfp_ladder_run(&bed.config, &bed.result, NULL), 0);
	assert_int_equal(bed.result.elsewhere.told.verdict, verdict);
}

TEST(a_switch_moves_the_guest_late)
{
	for (uint64_t ms = 500; ms <= 1700; ms += 100) {
		check_late(CORE_ON_DOWN, ms * NFP_NSEC_PER_MSEC, NFP_TRAIT_OK);
		check_late(CORE_ON_RESET, ms * NFP_NSEC_PER_MSEC, NFP_TRAIT_LOST);
	}
}

/* A member of a bond upstream that dies may be that of the address of `reset` alone. */
TEST(a_bond_keeps_one_address)
{
	unsigned int kept = 0;

	for (uint64_t seed = 1; seed <= 100; seed++) {
		const struct memnic_conditions bond = {
			.seed = seed,
			.bond = {.members = 2, .from_ns = MEMNIC_BEGIN_NS + NFP_NSEC_PER_SEC}};
		const struct nfp_aside n = climbed(&fit, &bond);
		const struct nfp_window *w = n.windows;

		assert_int_not_equal(n.told.verdict, NFP_TRAIT_LOST);
		kept += w[NFP_EMPTY_CONTROL].answer == NFP_YES &&
			w[NFP_EMPTY_RESET].answer == NFP_NO && w[NFP_EMPTY_CLEAR].answer == NFP_YES;
	}
	assert_true(kept > 2); /* else it shows nothing */
}

/* When a ladder ends, with or without the windows of a neighbour. @settle_ns: 0: as usual. */
static uint64_t end_of(const struct core_personality *p, const struct memnic_conditions *c,
		       uint64_t settle_ns, bool mac, bool with)
{
	setup(p, c);
	/* The window of all groups behind the ladder takes a time of its own. */
	bed.config.multicast = false;
	if (settle_ns)
		bed.config.settle_ns = settle_ns;
	if (mac)
		bed.config.address_first = bed.config.address;
	if (!with)
		bed.config.elsewhere = NULL;
	assert_int_equal(nfp_ladder_run(&bed.config, &bed.result, NULL), 0);
	return bed.config.wire.ops->now(bed.config.wire.ctx);
}

/* Whatever is heard, all windows of a run end by sixteen thirds of the settling time. The guest
 * that comes once more waits for one. */
TEST(windows_that_never_settle_end)
{
	uint64_t quiet_ns = end_of(&fit, NULL, 0, false, false), more_ns;
	/* From the windows behind the ladder on. */
	const struct memnic_conditions restless = {
		.seed = 1,
		.mute_ns = quiet_ns + 2 * NFP_NSEC_PER_SEC,
		.mute_for_ns = 400 * NFP_NSEC_PER_MSEC,
		.mute_every_ns = 900 * NFP_NSEC_PER_MSEC,
	};

	more_ns = end_of(&fit, &restless, 0, false, true) - quiet_ns;
	assert_in_range(more_ns, 8 * NFP_NSEC_PER_SEC, 12 * NFP_NSEC_PER_SEC);
}

struct pace {
	unsigned int settle_ms, blip_ms;
	bool withholds; /* the network, what it does not know */
	bool follows;	/* something was undone before */
	bool mac;	/* the address is the same from the beginning */
};

static void check_pace(const struct pace *pace)
{
	/* Each reset makes the filter anew, which takes some time. */
	const struct core_personality p = {
		.comes_on = EARLY_COMES | CORE_BIT(CORE_ON_RESET),
		.comes_after_ns[CORE_ON_RESET] = pace->blip_ms * NFP_NSEC_PER_MSEC,
		.goes_on = CORE_BIT(CORE_ON_CLEAR) | CORE_BIT(CORE_ON_RESET)};
	const struct memnic_conditions c = {.seed = 1, .suppress_unknown = pace->withholds};
	const struct nfp_aside *n;

	setup(&p, &c);
	bed.config.settle_ns = pace->settle_ms * NFP_NSEC_PER_MSEC;
	bed.config.follows = pace->follows;
	if (pace->mac)
		bed.config.address_first = bed.config.address;
	assert_int_equal(nfp_ladder_run(&bed.config, &bed.result, NULL), 0);
	n = &bed.result.elsewhere;
	if (n->told.verdict != NFP_TRAIT_LOST || n->told.from != NFP_EMPTY_RESET ||
	    n->told.until != NFP_EMPTY_CLEAR)
		fail_msg("%u ms, filter after %u ms%s%s%s: %s from %s until %s: %s; %s",
			 pace->settle_ms, pace->blip_ms, pace->withholds ? ", withholds" : "",
			 pace->follows ? ", follows" : "", pace->mac ? ", --mac" : "",
			 nfp_trait_name(n->told.verdict), nfp_empty_name(n->told.from),
			 nfp_empty_name(n->told.until), n->windows[NFP_EMPTY_DETACH].note,
			 n->windows[NFP_EMPTY_CLEAR].note);
}

/* A neighbour sends few frames a second, but as many as it takes, however soon a landing counts. */
TEST(settling_times)
{
	static const unsigned int settle_ms[] = {100, 300, 700, 1500, 3000};

	for (size_t i = 0; i < sizeof(settle_ms) / sizeof(settle_ms[0]); i++) {
		for (unsigned int bits = 0; bits < 16; bits++) {
			unsigned int blip_ms = settle_ms[i] < 250 ? 80 : 200;
			const struct pace pace = {.settle_ms = settle_ms[i],
						  .blip_ms = bits & 1 ? blip_ms : 0,
						  .withholds = bits & 2,
						  .follows = bits & 4,
						  .mac = bits & 8};

			check_pace(&pace);
		}
	}
}

/* A window is given time in which somebody watches: a process that was stopped, or that a
 * busy host lets run now and then, sees as much as any other. */
TEST(a_process_that_was_stopped_watches_on)
{
	struct memnic_conditions stopped = {
		.seed = 1, .stall_for_ns = 60 * NFP_NSEC_PER_SEC, .stall_stops_us = true};
	uint64_t end_ns = end_of(&early, NULL, 0, false, true);

	for (uint64_t ns = MEMNIC_BEGIN_NS; ns < end_ns; ns += 390 * NFP_NSEC_PER_MSEC) {
		stopped.stall_ns = ns;
		check_climb(&early, &stopped, NFP_TRAIT_LOST, NFP_EMPTY_RESET, NFP_EMPTY_CLEAR);
	}
	for (uint64_t ms = 100; ms <= 1700; ms += 400) {
		const struct memnic_conditions busy = {
			.seed = 1,
			.stall_ns = MEMNIC_BEGIN_NS,
			.stall_for_ns = ms * NFP_NSEC_PER_MSEC,
			.stall_every_ns = (ms + 2200) * NFP_NSEC_PER_MSEC,
			.stall_stops_us = true,
		};

		check_climb(&early, &busy, NFP_TRAIT_LOST, NFP_EMPTY_RESET, NFP_EMPTY_CLEAR);
	}
}

TEST(no_wire)
{
	setup(&fit, NULL);
	bed.test.wire.ops = NULL;
	bed.test.why = "the reflector does not report what it hears: it was not started with "
		       "--guest";
	assert_int_equal(nfp_ladder_run(&bed.config, &bed.result, NULL), 0);
	assert_int_equal(bed.result.elsewhere.told.verdict, NFP_TRAIT_UNPROVEN);
	assert_int_equal(bed.result.elsewhere.num_windows, 0);
	assert_string_equal(bed.result.elsewhere.told.note, bed.test.why);
	setup(&fit, NULL);
	bed.config.elsewhere = NULL;
	assert_int_equal(nfp_ladder_run(&bed.config, &bed.result, NULL), 0);
	assert_int_equal(bed.result.elsewhere.told.verdict, NFP_TRAIT_NONE);
}

/* Each time that it is asked, another report of a reflector is missing. */
static void lose_reports(void *ctx, struct nfp_wire_stats *ret_stats)
{
	static uint64_t unreported;

	(void)ctx;
	*ret_stats = (struct nfp_wire_stats) {.unreported = ++unreported};
}

TEST(what_is_not_reported_is_unknown)
{
	const struct nfp_window *windows;
	struct nfp_wire_ops ops;

	setup(&early, NULL);
	ops = *bed.test.wire.ops;
	ops.stats = lose_reports;
	bed.test.wire.ops = &ops;
	assert_int_equal(nfp_ladder_run(&bed.config, &bed.result, NULL), 0);
	windows = bed.result.elsewhere.windows;
	assert_int_equal(bed.result.elsewhere.told.verdict, NFP_TRAIT_UNPROVEN);
	for (enum nfp_empty empty = 0; empty < NFP_EMPTY_COUNT; empty++)
		assert_int_equal(windows[empty].answer, NFP_UNKNOWN);
	assert_string_equal(windows[NFP_EMPTY_RESET].note,
			    "not all that the reflector heard is known");
}

static int refuse_clear(void *ctx, struct nfp_err *err)
{
	(void)ctx;
	return nfp_err_set(err, -EPERM, NFP_E_KERNEL, "no");
}

TEST(a_refusal_is_no_verdict)
{
	struct nfp_host_ops ops;

	setup(&fit, NULL);
	ops = *bed.config.host.ops;
	ops.clear = refuse_clear;
	bed.config.host.ops = &ops;
	assert_int_equal(nfp_ladder_run(&bed.config, &bed.result, NULL), 0);
	assert_int_equal(bed.result.elsewhere.told.verdict, NFP_TRAIT_UNTESTED);
	assert_int_equal(bed.result.elsewhere.windows[NFP_EMPTY_CLEAR].status, NFP_STATUS_REFUSED);
	assert_string_equal(bed.result.elsewhere.told.note, "clear: no");
}

/* The time of users: no more than eight seconds, changes not included, however late the NIC acts,
 * a settling time before a guest comes once more,
 * with --mac another settling time, and one window more where `reset` alone is lost, as here. */
TEST(time_that_it_takes)
{
	const struct core_personality late = {
		.comes_on = EARLY_COMES | CORE_BIT(CORE_ON_RESET),
		.comes_after_ns = {[CORE_ON_ASSIGN] = 1400 * NFP_NSEC_PER_MSEC,
				   [CORE_ON_RESET] = 1400 * NFP_NSEC_PER_MSEC},
		.goes_on = CORE_BIT(CORE_ON_CLEAR) | CORE_BIT(CORE_ON_RESET),
		.goes_after_ns[CORE_ON_CLEAR] = 1400 * NFP_NSEC_PER_MSEC};

	for (int mac = 0; mac < 2; mac++) {
		for (uint64_t ms = 500; ms <= 1500; ms += 500) {
			uint64_t settle_ns = ms * NFP_NSEC_PER_MSEC;
			uint64_t most_ns = 8 * NFP_NSEC_PER_SEC + (mac ? settle_ns : 0);
			uint64_t took_ns = end_of(&late, NULL, settle_ns, mac, true) -
					   end_of(&late, NULL, settle_ns, mac, false);

			assert_in_range(took_ns,
					ms < 1500 ? 0 : 8 * NFP_NSEC_PER_SEC + 3 * settle_ns,
					most_ns + 500 * NFP_NSEC_PER_MSEC + settle_ns * 7 / 2);
		}
	}
}

TEST_MAIN()
