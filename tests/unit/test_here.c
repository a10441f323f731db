// SPDX-License-Identifier: GPL-2.0-or-later
/* Does what another VF of the NIC sends reach a guest that is here? */
#include "harness.h"

#include <errno.h>

#include "memnic/ask.h"
#include "memnic/memnic.h"
#include "nfprobe/verdict.h"
#include "unit/windows.h"

/* ---- the judgement ---- */

/* A letter for each window (windows.h); y: the guest is heard as the style makes it so; x: as
 * something else would. */
static struct nfp_aside judged(enum nfp_style style, const char *letters)
{
	static const enum nfp_step steps[] = {NFP_STEP_STANDBY, NFP_STEP_UP, NFP_STEP_UNPLUG,
					      NFP_STEP_DETACH};
	struct nfp_aside here = {.told.style = style};

	for (; letters[here.num_windows]; here.num_windows++) {
		struct nfp_window *w = &here.windows[here.num_windows];
		char letter = letters[here.num_windows];
		bool all = nfp_styles[style].promiscuous && !nfp_styles[style].entry &&
			   here.num_windows != 1;

		*w = window_of(letter);
		w->state = steps[here.num_windows];
		if ((letter == 'x') == all)
			w->count[NFP_KIND_UNREGISTERED].at[NFP_AT_PF] = 0;
	}
	nfp_judge_here(&here);
	return here;
}

struct meaning {
	enum nfp_style style;
	const char *letters;
	enum nfp_trait verdict;
	enum nfp_step from, until;
};

static const struct meaning meanings[] = {
	{NFP_STYLE_MACVTAP, "yyyy", NFP_TRAIT_OK, 0, 0},
	{NFP_STYLE_BRIDGE, "yyyy", NFP_TRAIT_OK, 0, 0},
	{NFP_STYLE_MACVTAP, "yyyl", NFP_TRAIT_OK, 0, 0},
	{NFP_STYLE_MACVTAP, "nnnn", NFP_TRAIT_LOST, NFP_STEP_STANDBY, 0},
	{NFP_STYLE_BRIDGE, "nyyy", NFP_TRAIT_LOST, NFP_STEP_STANDBY, NFP_STEP_UP},
	/* It is not over as long as it comes again. */
	{NFP_STYLE_BRIDGE, "nynn", NFP_TRAIT_LOST, NFP_STEP_STANDBY, 0},
	{NFP_STYLE_BRIDGE, "yyyn", NFP_TRAIT_LOST, NFP_STEP_DETACH, 0},
	{NFP_STYLE_BRIDGE, "yynn", NFP_TRAIT_LOST, NFP_STEP_UNPLUG, 0},
	{NFP_STYLE_BRIDGE, "yyny", NFP_TRAIT_LOST, NFP_STEP_UNPLUG, NFP_STEP_DETACH},
	{NFP_STYLE_BRIDGE, "ynny", NFP_TRAIT_LOST, NFP_STEP_UP, NFP_STEP_DETACH},
	{NFP_STYLE_BRIDGE, "nsss", NFP_TRAIT_LOST, NFP_STEP_STANDBY, 0},
	{NFP_STYLE_BRIDGE, "dnny", NFP_TRAIT_LOST, NFP_STEP_UP, NFP_STEP_DETACH},
	/* Without its controls a silence is none of the NIC's. */
	{NFP_STYLE_MACVTAP, "byyy", NFP_TRAIT_UNPROVEN, 0, 0},
	{NFP_STYLE_MACVTAP, "yoyy", NFP_TRAIT_UNPROVEN, 0, 0},
	{NFP_STYLE_MACVTAP, "yyym", NFP_TRAIT_UNPROVEN, 0, 0},
	{NFP_STYLE_MACVTAP, "ydyy", NFP_TRAIT_UNPROVEN, 0, 0},
	/* A PF that is promiscuous for another reason, a NIC that has learned. */
	{NFP_STYLE_MACVTAP, "xyyy", NFP_TRAIT_UNPROVEN, 0, 0},
	{NFP_STYLE_STATIC_BRIDGE, "yyyx", NFP_TRAIT_UNPROVEN, 0, 0},
	{NFP_STYLE_BRIDGE, "xyyy", NFP_TRAIT_UNPROVEN, 0, 0},
	{NFP_STYLE_BRIDGE, "yxyy", NFP_TRAIT_UNPROVEN, 0, 0},
	/* Where both may be the reason, either is a lasting one. */
	{NFP_STYLE_BRIDGE_FDB, "xyxx", NFP_TRAIT_OK, 0, 0},
	{NFP_STYLE_BRIDGE_FDB, "yxyy", NFP_TRAIT_UNPROVEN, 0, 0},
	{NFP_STYLE_MACVTAP, "ysss", NFP_TRAIT_UNTESTED, 0, 0},
	{NFP_STYLE_MACVTAP, "yssm", NFP_TRAIT_UNPROVEN, 0, 0},
	{NFP_STYLE_MACVTAP, "ssss", NFP_TRAIT_UNTESTED, 0, 0},
};

TEST(what_windows_mean)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		const struct meaning *row = &meanings[i];
		const struct nfp_aside here = judged(row->style, row->letters);

		if (here.told.verdict != row->verdict || here.told.from != row->from ||
		    here.told.until != row->until)
			fail_msg("%s %s: %s from %s until %s", nfp_style_name(row->style),
				 row->letters, nfp_trait_name(here.told.verdict),
				 nfp_step_name(here.told.from), nfp_step_name(here.told.until));
		/* Anything but an answer has a reason. */
		assert_int_equal(here.told.note[0] != '\0', here.told.verdict < NFP_TRAIT_OK);
	}
}

TEST(an_entry)
{
	struct nfp_aside here = judged(NFP_STYLE_BRIDGE, "nnnn");
	struct nfp_window *w = &here.windows[0];

	assert_int_equal(here.told.entry, NFP_TRAIT_OK);
	w->count[NFP_SLOT_ENTRY].at[NFP_AT_PF] = WINDOW_SENT / 2;
	nfp_judge_here(&here);
	assert_int_equal(here.told.entry, NFP_TRAIT_UNPROVEN);
	w->count[NFP_SLOT_ENTRY].at[NFP_AT_PF] = 0;
	nfp_judge_here(&here);
	assert_int_equal(here.told.entry, NFP_TRAIT_LOST);
	w->count[NFP_SLOT_OWN].at[NFP_AT_PF] = 0;
	nfp_judge_here(&here);
	assert_int_equal(here.told.entry, NFP_TRAIT_UNPROVEN);
	w->count[NFP_SLOT_ENTRY].sent = 0;
	nfp_judge_here(&here);
	assert_int_equal(here.told.entry, NFP_TRAIT_UNTESTED);
	/* One that has an entry is asked as such. */
	assert_int_equal(judged(NFP_STYLE_MACVTAP, "nnnn").told.entry, NFP_TRAIT_NONE);
}

TEST(require_makes_it_count)
{
	static const struct {
		const char *letters;
		enum nfp_verdict verdict;
	} rows[] = {
		{"yyyy", NFP_VERDICT_SAFE},    {"nnnn", NFP_VERDICT_DEAF},
		{"ynny", NFP_VERDICT_DEAF},    {"yyyn", NFP_VERDICT_STICKY},
		{"yyny", NFP_VERDICT_STICKY},  {"ymyy", NFP_VERDICT_UNKNOWN},
		{"ysss", NFP_VERDICT_UNKNOWN},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct nfp_aside here = judged(NFP_STYLE_MACVTAP, rows[i].letters);
		const struct nfp_settings settings = {.require_here = true};
		struct nfp_style_result style = {.judged.verdict = NFP_VERDICT_SAFE, .here = here};

		ask_for(&style, &settings, NFP_DECIDED_BY_STEPS, NFP_DECIDED_BY_HERE);
		assert_int_equal(style.verdict, rows[i].verdict);
		assert_int_equal(style.reason[0] != '\0', style.verdict != NFP_VERDICT_SAFE);
	}
}

/* The worst of the styles that were asked for. */
TEST(of_a_vf)
{
	struct nfp_style_result styles[] = {
		{.style = NFP_STYLE_MACVTAP, .here = judged(NFP_STYLE_MACVTAP, "yyyy")},
		{.style = NFP_STYLE_BRIDGE, .here = judged(NFP_STYLE_BRIDGE, "yyym")},
		{.style = NFP_STYLE_BRIDGE_FDB,
		 .remedy = true,
		 .here = judged(NFP_STYLE_BRIDGE_FDB, "nnnn")},
	};
	struct nfp_vf_result vf = {.styles = styles, .num_styles = 3};

	nfp_judge_vf_here(&vf);
	assert_int_equal(vf.here.verdict, NFP_TRAIT_UNPROVEN);
	assert_int_equal(vf.here.style, NFP_STYLE_BRIDGE);
	vf.num_styles = 1;
	nfp_judge_vf_here(&vf);
	assert_int_equal(vf.here.verdict, NFP_TRAIT_OK);
	vf.num_styles = 0;
	nfp_judge_vf_here(&vf);
	assert_int_equal(vf.here.verdict, NFP_TRAIT_NONE);
}

/* ---- the windows ---- */

/* The last ladder's; setup() makes the next one. */
static struct bed {
	struct memnic *nic;
	struct nfp_frame_accounting *own, *other, *port;
	uint64_t spent_ns;
	struct nfp_here_test test;
	struct nfp_runner_config config;
	struct nfp_style_result result;
} bed;

static void setup(const struct core_personality *p, const struct memnic_conditions *c,
		  enum nfp_style style)
{
	nfp_accounting_free(bed.own);
	nfp_accounting_free(bed.other);
	nfp_accounting_free(bed.port);
	memnic_free(bed.nic);
	bed = (struct bed) {.nic = memnic_new(p, c),
			    .own = nfp_accounting_new(),
			    .other = nfp_accounting_new(),
			    .port = nfp_accounting_new()};
	bed.test = (struct nfp_here_test) {
		.wire = memnic_sibling(bed.nic, bed.other),
		.own = {{0x02, 0, 0, 0, 0, 0x55}},
		.nobody = {{0x02, 0, 0, 0, 0, 0x66}},
		.entry = {{0x02, 0, 0, 0, 0, 0x77}},
		.spent_ns = &bed.spent_ns,
		.port = memnic_port(bed.nic, bed.port),
	};
	memnic_config(bed.nic, bed.own, style, &bed.config);
	bed.config.here = &bed.test;
}

static struct nfp_aside climbed(const struct core_personality *p, const struct memnic_conditions *c,
				enum nfp_style style)
{
	setup(p, c, style);
	assert_int_equal(nfp_ladder_run(&bed.config, &bed.result, NULL), 0);
	return bed.result.here;
}

static void check_climb(const struct core_personality *p, const struct memnic_conditions *c,
			enum nfp_style style, enum nfp_trait verdict, enum nfp_step from,
			enum nfp_step until)
{
	const struct nfp_aside here = climbed(p, c, style);

	if (here.told.verdict != verdict || here.told.from != from || here.told.until != until)
		fail_msg("%s: %s from %s until %s: %s", nfp_style_name(style),
			 nfp_trait_name(here.told.verdict), nfp_step_name(here.told.from),
			 nfp_step_name(here.told.until), here.told.note);
}

#define FIT .comes_on = CORE_BIT(CORE_ON_UP), .goes_on = CORE_BIT(CORE_ON_DOWN)

static const struct core_personality fit = {FIT}; /* as most NICs are */
static const struct core_personality hears_all = {FIT, .promisc_from_inside = true};

static int refuse_to_listen(void *ctx, const struct nfp_netdev *vf, bool early, struct nfp_err *err)
{
	(void)ctx;
	(void)early;
	return vf ? nfp_err_set(err, -ENOBUFS, NFP_E_KERNEL, "no room") : 0;
}

/* Most NICs give the PF nothing of its own back, and the VF what the PF sends to it. */
TEST(the_port_sends)
{
	static const struct {
		const char *name;
		struct core_personality p;
		struct memnic_conditions c;
		bool refused;
		enum nfp_answer standby, up;
	} rows[] = {
		{"brings back", {FIT}, {.seed = 1}, false, NFP_YES, NFP_YES},
		{"not to the PF",
		 {FIT, .no_loop[NFP_SOURCE_PF] = {[NFP_AT_PF] = true}},
		 {.seed = 1},
		 false,
		 NFP_NO,
		 NFP_YES},
		{"to nobody",
		 {FIT, .no_loop[NFP_SOURCE_PF] = {[NFP_AT_PF] = true, [NFP_AT_VF] = true}},
		 {.seed = 1},
		 false,
		 NFP_NO,
		 NFP_UNKNOWN},
		{"the PF keeps it",
		 {FIT, .inside_winner = CORE_ARB_PF},
		 {.seed = 1},
		 false,
		 NFP_YES,
		 NFP_NO},
		{"the capture of the VF is refused",
		 {FIT},
		 {.seed = 1},
		 true,
		 NFP_YES,
		 NFP_UNKNOWN},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct nfp_aside *port;
		struct nfp_wire_ops ops;

		setup(&rows[i].p, &rows[i].c, NFP_STYLE_MACVTAP);
		ops = *bed.test.port.ops;
		ops.listen_vf = refuse_to_listen;
		if (rows[i].refused)
			bed.test.port.ops = &ops;
		assert_int_equal(nfp_ladder_run(&bed.config, &bed.result, NULL), 0);
		port = &bed.result.port;
		assert_int_equal(port->num_windows, NFP_PORT_WINDOWS);
		if (port->windows[0].answer != rows[i].standby ||
		    port->windows[1].answer != rows[i].up)
			fail_msg("%s: %d, %d", rows[i].name, port->windows[0].answer,
				 port->windows[1].answer);
	}
}

TEST(nics)
{
	const struct core_personality early = {.comes_on = CORE_BIT(CORE_ON_ASSIGN),
					       .goes_on = CORE_BIT(CORE_ON_CLEAR),
					       .winner = CORE_ARB_VF,
					       .promisc_from_inside = true};
	const struct core_personality no_switch = {
		FIT, .no_loop[NFP_SOURCE_VF] = {[NFP_AT_PF] = true, [NFP_AT_VF] = true}};
	const struct core_personality not_among_vfs = {
		FIT, .promisc_from_inside = true, .no_loop[NFP_SOURCE_VF] = {[NFP_AT_VF] = true}};
	const struct core_personality one_inside = {.comes_on = CORE_BIT(CORE_ON_UP),
						    .goes_on = CORE_BIT(CORE_ON_RESET),
						    .inside_winner = CORE_ARB_VF};
	const struct memnic_conditions quiet = {.seed = 1};

	check_climb(&hears_all, &quiet, NFP_STYLE_MACVTAP, NFP_TRAIT_OK, 0, 0);
	check_climb(&hears_all, &quiet, NFP_STYLE_BRIDGE, NFP_TRAIT_OK, 0, 0);
	/* Most NICs do this. */
	check_climb(&fit, &quiet, NFP_STYLE_MACVTAP, NFP_TRAIT_OK, 0, 0);
	check_climb(&fit, &quiet, NFP_STYLE_BRIDGE, NFP_TRAIT_LOST, NFP_STEP_STANDBY, 0);
	assert_int_equal(climbed(&fit, &quiet, NFP_STYLE_BRIDGE).told.entry, NFP_TRAIT_OK);
	check_climb(&fit, &quiet, NFP_STYLE_BRIDGE_FDB, NFP_TRAIT_OK, 0, 0);
	check_climb(&fit, &quiet, NFP_STYLE_STATIC_BRIDGE, NFP_TRAIT_OK, 0, 0);
	check_climb(&early, &quiet, NFP_STYLE_BRIDGE, NFP_TRAIT_LOST, NFP_STEP_UNPLUG, 0);
	check_climb(&no_switch, &quiet, NFP_STYLE_MACVTAP, NFP_TRAIT_UNPROVEN, 0, 0);
	check_climb(&not_among_vfs, &quiet, NFP_STYLE_BRIDGE, NFP_TRAIT_LOST, NFP_STEP_UP,
		    NFP_STEP_UNPLUG);
	/* What comes from the wire shows nothing of it. */
	check_climb(&one_inside, &quiet, NFP_STYLE_MACVTAP, NFP_TRAIT_LOST, NFP_STEP_UNPLUG,
		    NFP_STEP_DETACH);
}

/* A PF without a filter is promiscuous for any address, and the kernel says so. */
TEST(an_entry_that_the_driver_cannot_have)
{
	const struct core_personality none = {FIT, .no_unicast_filter = true};
	const struct core_personality full = {FIT, .table_full = true};

	assert_int_equal(climbed(&none, NULL, NFP_STYLE_BRIDGE).told.entry, NFP_TRAIT_LOST);
	assert_int_equal(climbed(&full, NULL, NFP_STYLE_BRIDGE).told.entry, NFP_TRAIT_LOST);
}

/* The NIC has learned where the guest is, from its announcement, and may forget it. */
TEST(a_nic_that_learns_is_no_proof)
{
	const struct core_personality learns = {FIT, .pf_default_from_inside = true,
						.learns = true};
	const struct memnic_conditions quiet = {.seed = 1};

	assert_int_not_equal(climbed(&learns, &quiet, NFP_STYLE_MACVTAP).told.verdict,
			     NFP_TRAIT_OK);
}

/* Checks what is said while a sibling takes what is in no filter; counts what was said. */
static void check_promiscuous(const struct memnic_conditions *sibling,
			      unsigned int said[NFP_TRAIT_COUNT])
{
	const struct nfp_aside here = climbed(&hears_all, sibling, NFP_STYLE_BRIDGE);

	said[here.told.verdict]++;
	for (size_t i = 0; i < here.num_windows; i++) {
		const struct nfp_window *w = &here.windows[i];

		if (here.told.verdict == NFP_TRAIT_OK)
			assert_int_equal(nfp_count_heard(&w->count[NFP_KIND_UNICAST]),
					 w->count[NFP_KIND_UNICAST].sent);
		if (here.told.verdict == NFP_TRAIT_LOST && w->state == here.told.from)
			assert_int_equal(nfp_count_heard(&w->count[NFP_KIND_UNICAST]), 0);
	}
}

/* Another VF turns promiscuous at any time, for less and for more than a window. */
TEST(promiscuous_siblings)
{
	static const uint64_t for_ms[] = {1300, 6000};
	unsigned int said[NFP_TRAIT_COUNT] = {0};

	for (size_t i = 0; i < sizeof(for_ms) / sizeof(for_ms[0]); i++) {
		for (uint64_t from_ms = 0; from_ms < 12000; from_ms += 170) {
			const struct memnic_conditions sibling = {
				.seed = 1,
				.sibling = {.from_ns = MEMNIC_BEGIN_NS +
						       from_ms * NFP_NSEC_PER_MSEC,
					    .for_ns = for_ms[i] * NFP_NSEC_PER_MSEC},
			};

			check_promiscuous(&sibling, said);
		}
	}
	/* It is lost while that lasts, and unproven where it begins or ends in a window. */
	assert_true(said[NFP_TRAIT_OK] && said[NFP_TRAIT_LOST] && said[NFP_TRAIT_UNPROVEN]);
}

/* The network takes no part in what stays in the NIC, but what it does to the ladder ends that. */
TEST(networks)
{
	const struct memnic_conditions rows[] = {
		{.seed = 1, .suppress_unknown = true},
		{.seed = 1, .learn_after_ns = 1200 * NFP_NSEC_PER_MSEC},
		{.seed = 1, .suppress_unknown = true, .age_ns = 4 * NFP_NSEC_PER_SEC},
		{.seed = 1, .loss_permille = 50},
		{.seed = 1, .flush_ns = MEMNIC_BEGIN_NS + 5 * NFP_NSEC_PER_SEC},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check_climb(&fit, &rows[i], NFP_STYLE_MACVTAP, NFP_TRAIT_OK, 0, 0);
		check_climb(&fit, &rows[i], NFP_STYLE_BRIDGE, NFP_TRAIT_LOST, NFP_STEP_STANDBY, 0);
	}
}

TEST(nobody_sends)
{
	setup(&fit, NULL, NFP_STYLE_MACVTAP);
	bed.test.wire.ops = NULL;
	bed.test.why = "no other VF is idle and has a host driver";
	assert_int_equal(nfp_ladder_run(&bed.config, &bed.result, NULL), 0);
	assert_int_equal(bed.result.here.told.verdict, NFP_TRAIT_UNTESTED);
	assert_string_equal(bed.result.here.told.note, bed.test.why);
	assert_true(bed.result.asks_neighbours);
	setup(&fit, NULL, NFP_STYLE_MACVTAP);
	bed.config.here = NULL;
	assert_int_equal(nfp_ladder_run(&bed.config, &bed.result, NULL), 0);
	assert_int_equal(bed.result.here.told.verdict, NFP_TRAIT_NONE);
	assert_false(bed.result.asks_neighbours);
}

static int refuse_entry(void *ctx, const struct nfp_mac *mac, struct nfp_err *err)
{
	(void)ctx;
	return mac ? nfp_err_set(err, -ENOSPC, NFP_E_KERNEL, "no room") : 0;
}

TEST(a_refusal_is_no_verdict)
{
	struct nfp_host_ops ops;

	setup(&fit, NULL, NFP_STYLE_BRIDGE);
	ops = *bed.config.host.ops;
	ops.entry = refuse_entry;
	bed.config.host.ops = &ops;
	assert_int_equal(nfp_ladder_run(&bed.config, &bed.result, NULL), 0);
	assert_int_equal(bed.result.here.windows[0].answer, NFP_NO);
	assert_int_equal(bed.result.here.told.entry, NFP_TRAIT_UNTESTED);
}

/* No verdict, landing or gap depends on what a window shows or leaves. */
TEST(the_ladder_is_the_same)
{
	for (uint64_t seed = 1; seed <= 150; seed++) {
		const struct core_personality p = memnic_random(seed);
		enum nfp_style style = seed % 2 ? NFP_STYLE_BRIDGE : NFP_STYLE_MACVTAP;
		char with[MEMNIC_ROW_LEN], without[MEMNIC_ROW_LEN];
		const struct memnic_conditions quiet = {.seed = seed};
		struct nfp_style_result other;

		setup(&p, &quiet, style);
		assert_int_equal(nfp_ladder_run(&bed.config, &bed.result, NULL), 0);
		assert_int_equal(memnic_climb(&p, &quiet, style, &other), 0);
		memnic_row(&bed.result, with);
		memnic_row(&other, without);
		if (strcmp(with, without) != 0 || bed.result.verdict != other.verdict)
			fail_msg("seed %u: %s, %s without", (unsigned int)seed, with, without);
		for (size_t i = 0; i < other.num_transitions; i++) {
			const struct nfp_span *a = &bed.result.transitions[i].unicast.gap;
			const struct nfp_span *b = &other.transitions[i].unicast.gap;

			assert_int_equal(a->known, b->known);
			if (a->known && a->error_us > b->error_us + 5000)
				fail_msg("seed %u: to %s %d us +-%d, without %d +-%d",
					 (unsigned int)seed, nfp_step_name(other.transitions[i].to),
					 (int)a->us, (int)a->error_us, (int)b->us,
					 (int)b->error_us);
		}
	}
}

/* All windows of a run, those of a guest elsewhere included, which may take 13.25 s
 * (test_elsewhere). */
TEST(time_that_it_takes)
{
	static const enum nfp_style styles[] = {NFP_STYLE_MACVTAP, NFP_STYLE_BRIDGE,
						NFP_STYLE_BRIDGE_FDB, NFP_STYLE_STATIC_BRIDGE};
	uint64_t spent_ns = 0;

	for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++) {

		setup(&fit, NULL, styles[i]);
		bed.test.spent_ns = &spent_ns;
		assert_int_equal(nfp_ladder_run(&bed.config, &bed.result, NULL), 0);
		assert_int_not_equal(bed.result.here.told.verdict, NFP_TRAIT_UNPROVEN);
	}
	assert_in_range(spent_ns, 5 * NFP_NSEC_PER_SEC, 8500 * NFP_NSEC_PER_MSEC);
}

TEST(windows_before_it_may_leave_it_no_time)
{
	uint64_t spent_ns = 8450 * NFP_NSEC_PER_MSEC;

	setup(&fit, NULL, NFP_STYLE_MACVTAP);
	bed.test.spent_ns = &spent_ns;
	assert_int_equal(nfp_ladder_run(&bed.config, &bed.result, NULL), 0);
	assert_int_equal(bed.result.here.told.verdict, NFP_TRAIT_UNPROVEN);
	assert_non_null(strstr(bed.result.here.told.note, "left it too little time"));
	assert_in_range(spent_ns, 8450 * NFP_NSEC_PER_MSEC, 8600 * NFP_NSEC_PER_MSEC);
}

TEST_MAIN()
