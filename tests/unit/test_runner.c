// SPDX-License-Identifier: GPL-2.0-or-later
/* The runner against the NIC in memory: what it does in which order, and how long. */
#include "unit/bedded.h"
#include "verdict/result.h"

#define MS NFP_NSEC_PER_MSEC

/* ---- the order of things ---- */

BED_TEST(order_of_changes)
{
	bed_has_run(bed, memnic_archetype("igb"), NULL, NFP_STYLE_MACVTAP);
	assert_string_equal(memnic_log(bed->nic), BED_LOG_SAFE);
	/* The NIC's memory of the first address must not show in vf-first. */
	assert_memory_equal(memnic_pf_address(bed->nic), &bed->config.address_first,
			    sizeof(struct nfp_mac));
}

/* What it sends is lost in the host: the VF alone speaks, and that is enough to know whether it
 * then gets what is for its address. */
BED_TEST(a_pf_without_carrier_is_silent)
{
	const char *log, *says = "hold assign reset bind up report announce";

	bed_anew(bed, memnic_archetype("igb"), NULL, NFP_STYLE_MACVTAP);
	bed->config.pf_silent = "the PF has no carrier";
	assert_int_equal(bed_run(bed), 0);
	log = memnic_log(bed->nic);
	if (strncmp(log, says, strlen(says)) != 0)
		assert_string_equal(log, says);
	for (const char *at = log; (at = strstr(at, "unbind")); at += strlen("unbind")) {
		const char *bind = strstr(at + strlen("unbind"), " bind");
		const char *spoken = strstr(at, "announce") ?: strstr(at, "report");

		assert_true(!spoken || (bind && bind < spoken));
	}
	assert_false(bed->result.unannounced);
	assert_int_equal(bed->result.verdict, NFP_VERDICT_SAFE);
}

/* Nothing leaves by it, which memnic holds; the VF tells the switch, unless that withholds what it
 * does not know from the standby, so that no control can land. */
BED_TEST(a_bonded_pf_is_silent)
{
	static const struct {
		struct memnic_conditions c;
		enum nfp_style style;
		enum nfp_verdict verdict;
		enum nfp_reason why;
	} rows[] = {
		{{.bonded = true}, NFP_STYLE_MACVTAP, NFP_VERDICT_SAFE, NFP_WHY_SAFE_BOTH},
		{{.bonded = true}, NFP_STYLE_BRIDGE, NFP_VERDICT_EARLY, NFP_WHY_CLAIM},
		{{.bonded = true, .mld_snooping = true},
		 NFP_STYLE_MACVTAP,
		 NFP_VERDICT_SAFE,
		 NFP_WHY_SAFE_BOTH},
		{{.bonded = true, .flush_ns = 20 * NFP_NSEC_PER_SEC},
		 NFP_STYLE_MACVTAP,
		 NFP_VERDICT_SAFE,
		 NFP_WHY_SAFE_BOTH},
		{{.bonded = true, .suppress_unknown = true},
		 NFP_STYLE_MACVTAP,
		 NFP_VERDICT_UNKNOWN,
		 NFP_WHY_STANDBY_WIRE},
		{{.bonded = true, .suppress_unknown = true},
		 NFP_STYLE_BRIDGE,
		 NFP_VERDICT_UNKNOWN,
		 NFP_WHY_STANDBY_WIRE},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bed_has_run(bed, memnic_archetype("igb"), &rows[i].c, rows[i].style);
		assert_int_equal(bed->result.verdict, rows[i].verdict);
		assert_int_equal(bed->result.judged.why, rows[i].why);
	}
}

BED_TEST(alone_only_when_up_is_not_served)
{
	bed_has_run(bed, memnic_archetype("ixgbe"), NULL, NFP_STYLE_MACVTAP);
	assert_string_equal(
		memnic_log(bed->nic),
		"hold report report announce announce announce assign report reset report bind "
		"up report announce report announce announce release report hold announce unbind "
		"report reset report clear report release "
		"assign reset hold report announce report announce announce reset "
		"report bind up report announce report announce announce "
		"entry entry report announce announce unbind report "
		"bind up report announce report announce announce announce unbind clear report ");
	assert_non_null(bed_step(bed, NFP_STEP_ALONE));
}

BED_TEST(announces_only_to_the_wire)
{
	const struct memnic_conditions inside = {.source = NFP_ENTERS_VF};
	const struct memnic_conditions withholds = {.suppress_unknown = true};

	bed_has_run(bed, memnic_archetype("mlx5"), &inside, NFP_STYLE_MACVTAP);
	/* The VF speaks inside the NIC, too, as its guest would; the PF does not. */
	assert_null(strstr(memnic_log(bed->nic), "hold report"));
	assert_non_null(strstr(memnic_log(bed->nic), "up announce"));
	bed_anew(bed, memnic_archetype("mlx5"), NULL, NFP_STYLE_MACVTAP);
	bed->config.announce = false;
	assert_int_equal(bed_run(bed), 0);
	assert_null(strstr(memnic_log(bed->nic), "announce"));
	/* Nor anew, where frames stay away. */
	bed_anew(bed, memnic_archetype("mlx5"), &withholds, NFP_STYLE_MACVTAP);
	bed->config.announce = false;
	assert_int_equal(bed_run(bed), 0);
	assert_null(strstr(memnic_log(bed->nic), "announce"));
}

BED_TEST(unicast_is_sparse_before_it_is_announced)
{
	const struct nfp_step_result *control, *standby;

	bed_has_run(bed, memnic_archetype("igb"), NULL, NFP_STYLE_MACVTAP);
	control = bed_step(bed, NFP_STEP_CONTROL);
	standby = bed_step(bed, NFP_STEP_STANDBY);
	assert_in_range(control->w.count[NFP_KIND_UNICAST].sent, 3, 5);
	assert_true(standby->w.count[NFP_KIND_UNICAST].sent * (NFP_NSEC_PER_SEC / 1000) ==
		    standby->window_ns);
}

BED_TEST(leaves_nothing_running)
{
	uint64_t frames;

	bed_has_run(bed, memnic_archetype("igb"), NULL, NFP_STYLE_MACVTAP);
	frames = memnic_frames(bed->nic);
	bed->config.wire.ops->pump(bed->config.wire.ctx, bed_now(bed) + NFP_NSEC_PER_SEC,
				   bed->accounting, NULL);
	/* Frames that were due before the plan ended were still to be made: one of each kind. */
	assert_true(memnic_frames(bed->nic) <= frames + NFP_KIND_COUNT);
	assert_false(memnic_listens(bed->nic));
}

BED_TEST(windows_are_as_long_as_demanded)
{
	uint64_t windows = 0;

	bed_has_run(bed, memnic_archetype("igb"), NULL, NFP_STYLE_MACVTAP);
	for (size_t i = 0; i < bed->result.num_steps; i++) {
		const struct nfp_step_result *step = &bed->result.steps[i];

		windows += step->window_ns;
		if (step->step == NFP_STEP_CONTROL)
			assert_in_range(step->window_ns, 100 * MS, 200 * MS);
		else
			assert_int_equal(step->window_ns, 1550 * MS);
	}
	/* nfprobe's own share, with what the kernel takes: less than 190 ms a step, and for that in
	 * which the PF is to get all groups. */
	windows += 1550 * MS;
	assert_true(bed_now(bed) - MEMNIC_BEGIN_NS - windows < 15 * 190 * MS);
}

/* A source that hangs for a while shows nothing, not even in a step that may be brief. */
BED_TEST(silence_of_the_source_is_waited_out)
{
	const struct memnic_conditions conditions = {
		.source = NFP_ENTERS_WIRE,
		.mute_ns = MEMNIC_BEGIN_NS,
		.mute_for_ns = 700 * MS,
	};

	bed_has_run(bed, memnic_archetype("igb"), &conditions, NFP_STYLE_MACVTAP);
	assert_int_equal(bed_step(bed, NFP_STEP_CONTROL)->w.landing[NFP_KIND_UNICAST],
			 NFP_LANDING_PF);
	assert_int_equal(bed_step(bed, NFP_STEP_CONTROL)->w.landing[NFP_KIND_BROADCAST],
			 NFP_LANDING_PF);
	assert_int_equal(bed->result.verdict, NFP_VERDICT_SAFE);
}

/* Undoing the ladder before may act late, and must not be taken for the doing of this one. */
BED_TEST(control_waits_for_what_was_undone)
{
	for (int follows = 0; follows < 2; follows++) {
		uint64_t control_ns;

		bed_anew(bed, memnic_archetype("igb"), NULL, NFP_STYLE_MACVTAP);
		bed->config.follows = follows;
		assert_int_equal(bed_run(bed), 0);
		control_ns = bed_step(bed, NFP_STEP_STANDBY)->start_ns;
		assert_int_equal(control_ns >= 1500 * MS, follows);
		assert_true(control_ns < 1700 * MS);
	}
}

struct over {
	unsigned int steps, skipped, transitions;
	enum nfp_step last, to; /* the one that is over, and the one of a transition */
	enum nfp_style style;
};

static void count_over(void *ctx, const struct nfp_event *event)
{
	const struct nfp_step_result *step = event->landing;
	struct over *over = ctx;

	if (event->what == NFP_EVENT_TRANSITION) {
		over->to = event->transition->to;
		over->transitions++;
	}
	if (event->what != NFP_EVENT_LANDING)
		return;
	assert_int_equal(event->where.vf, 3);
	assert_int_equal(event->where.style, over->style);
	assert_string_equal(event->where.from, "eth1");
	assert_true(over->steps == 0 || step->step > over->last);
	assert_true(step->w.status != NFP_STATUS_DONE || step->duration_ns > 0);
	over->last = step->step;
	over->steps++;
	over->skipped += step->w.status == NFP_STATUS_SKIPPED;
	assert_true(over->to == NFP_STEP_COUNT || over->to == step->step);
	over->to = NFP_STEP_COUNT;
}

/* Every step of the result is told of as it ends, those that are not begun any more too. */
BED_TEST(what_is_over_is_told)
{
	static const char *const archetypes[] = {"igb", "ice"};

	for (unsigned int deaf = 0; deaf < 2; deaf++) {
		struct over over = {.to = NFP_STEP_COUNT,
				    .style = deaf ? NFP_STYLE_MACVTAP : NFP_STYLE_BRIDGE};
		struct memnic_conditions conditions = {
			.mute_ns = MEMNIC_BEGIN_NS,
			.mute_for_ns = deaf ? 3600 * NFP_NSEC_PER_SEC : 0,
		};

		bed_anew(bed, memnic_archetype(archetypes[deaf]), &conditions, over.style);
		bed->config.events = (struct nfp_events) {count_over, &over};
		bed->config.vf = 3;
		bed->config.from = "eth1";
		assert_int_equal(bed_run(bed), 0);
		assert_int_equal(over.steps, bed->result.num_steps);
		assert_int_equal(over.transitions, bed->result.num_transitions);
		assert_true(deaf ? over.skipped > 10 : over.skipped == 0);
	}
}

/* ---- transitions ---- */

static const struct nfp_transition *transition_to(const struct bed *bed, enum nfp_step to)
{
	for (size_t i = 0; i < bed->result.num_transitions; i++) {
		if (bed->result.transitions[i].to == to)
			return &bed->result.transitions[i];
	}
	return NULL;
}

/* The true length lies within the error, and that is not larger than @error_us. */
static void assert_span(const struct nfp_span *span, int64_t us, int64_t error_us)
{
	assert_true(span->known);
	assert_true(span->us - span->error_us <= us && us <= span->us + span->error_us);
	assert_in_range(span->error_us, 1, error_us);
}

BED_TEST(transitions_say_how_long)
{
	const struct nfp_transition *t;

	bed_has_run(bed, memnic_archetype("ice"), NULL, NFP_STYLE_BRIDGE);
	/* The VF's filter comes 200 ms after the assignment: until then the PF is served. */
	t = transition_to(bed, NFP_STEP_ASSIGN);
	assert_int_equal(t->from, NFP_STEP_STANDBY);
	assert_int_equal(t->unicast.lost, 0);
	/* It is deaf from then on: that has no end here. */
	assert_false(t->unicast.gap.known);
	/* Until the VF hears, 300 ms after it is asked to be up. */
	t = transition_to(bed, NFP_STEP_UP);
	assert_true(t->unicast.lost > 0);
	assert_true(t->unicast.gap_from_request);
	assert_span(&t->unicast.gap, 300000, 1700);

	bed_has_run(bed, memnic_archetype("hns3"), NULL, NFP_STYLE_BRIDGE);
	t = transition_to(bed, NFP_STEP_UP);
	assert_int_equal(t->unicast.lost, 0);
	/* The standby hears all along, but the guest listens to the VF. */
	assert_span(&t->unicast.gap, 1200000, 1700);
	/* Unbinding takes 30 ms, and 900 ms later the filter goes. */
	t = transition_to(bed, NFP_STEP_VF_FIRST_UNPLUG);
	assert_span(&t->unicast.gap, 930000, 1700);
	assert_in_range(t->unicast.lost, 880, 960);
	/* Nobody changes anything for the PF: no frame is missed. */
	t = transition_to(bed, NFP_STEP_ATTACH);
	assert_span(&t->unicast.gap, 0, 1700);
}

/* The NIC in memory is a bus master while a driver is bound, and unbinding takes 30 ms. up
 * begins with NFP_DO_UP. */
BED_TEST(bus_mastering_falls_with_the_driver)
{
	static const bool on[NFP_STEP_COUNT] = {
		[NFP_STEP_UP] = true,
		[NFP_STEP_VF_FIRST_UP] = true,
		[NFP_STEP_VF_FIRST_REWRITTEN] = true,
		[NFP_STEP_VF_FIRST_BACK] = true,
	};

	bed_has_run(bed, memnic_archetype("igb"), NULL, NFP_STYLE_MACVTAP);
	for (size_t i = 0; i < bed->result.num_steps; i++) {
		const struct nfp_step_result *step = &bed->result.steps[i];
		bool changes = step->step == NFP_STEP_UNPLUG ||
			       step->step == NFP_STEP_VF_FIRST_UNPLUG ||
			       step->step == NFP_STEP_VF_FIRST_CLEAR;

		assert_true(step->have_bus_master);
		assert_int_equal(step->bus_master, on[step->step]);
		assert_int_equal(step->bus_master_change.known, changes);
	}
	assert_span(&bed_step(bed, NFP_STEP_UNPLUG)->bus_master_change, 30000, 15001);
	assert_int_equal(bed->result.bus_master_falls, NFP_YES);
}

TEST_MAIN()
