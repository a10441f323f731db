// SPDX-License-Identifier: GPL-2.0-or-later
/* Each wait of a ladder ends, on a host that stalls for good, without a carrier, and with a carrier
 * that flaps for good. */
#include <unistd.h>

#include "unit/bedded.h"
#include "probe/probe.h"
#include "verdict/verdict.h"

#define MS NFP_NSEC_PER_MSEC
#define S  NFP_NSEC_PER_SEC

/* The longest step that is well, with its silence announced once more, takes some 12 s. */
#define STEP_MOST_NS (60 * S)
/* A ladder that is well takes 50 s. The limit of a run is 300 s at least. */
#define RUN_MOST_NS (200 * S)

/* A wait without an end would keep this program for ever. */
static void bound_this_program(void)
{
	alarm(300);
}

struct scene {
	const char *name;
	uint64_t for_ns, every_ns; /* of the stalls, or of the flaps */
	bool flaps;
	unsigned int loss_permille;
};

static const struct scene scenes[] = {
	{"stalls of 0.6 s every 5 s, all lost", 600 * MS, 5 * S, false, 1000},
	{"stalls of 0.6 s every 5 s", 600 * MS, 5 * S, false, 0},
	{"stalls of 0.9 s every second, all lost", 900 * MS, S, false, 1000},
	{"stalls of 0.9 s every second", 900 * MS, S, false, 0},
	{"stalls of 0.4 s every 0.5 s, all lost", 400 * MS, 500 * MS, false, 1000},
	{"stalls of 3 s every 4 s", 3 * S, 4 * S, false, 0},
	{"stalls of 90 ms every 0.1 s, all lost", 90 * MS, 100 * MS, false, 1000},
	{"stalls of 60 s every 61 s, all lost", 60 * S, 61 * S, false, 1000},
	{"flaps of 0.5 s every second", 500 * MS, S, true, 0},
	{"flaps of 0.1 s every 4 s", 100 * MS, 4 * S, true, 0},
	{"flaps of 0.1 s every 4 s, all lost", 100 * MS, 4 * S, true, 1000},
	{"flaps of 0.1 s every 8 s", 100 * MS, 8 * S, true, 0},
	{"flaps of 0.1 s every 8 s, all lost", 100 * MS, 8 * S, true, 1000},
	{"no carrier", 10000 * S, 0, true, 0},
};

static struct memnic_conditions conditions_of(const struct scene *scene, uint64_t from_ns)
{
	struct memnic_conditions c = {.loss_permille = scene->loss_permille};

	if (scene->flaps) {
		c.carrier_down_ns = from_ns;
		c.carrier_up_ns = from_ns + scene->for_ns;
		c.carrier_every_ns = scene->every_ns;
	} else {
		c.stall_ns = from_ns;
		c.stall_for_ns = scene->for_ns;
		c.stall_every_ns = scene->every_ns;
		c.stall_stops_us = true;
	}
	return c;
}

/* The stops that a window forgives are no time of its own. */
static uint64_t forgiven_ns(const struct scene *scene)
{
	return scene->flaps ? 0 : 4 * scene->for_ns;
}

/* A wait that takes longer is one without an end of its own: the run's deadline ends it. */
static void check_run(struct bed *bed, const struct scene *scene)
{
	const uint64_t step_ns = STEP_MOST_NS + forgiven_ns(scene);
	uint64_t begin_ns = bed_now(bed), last_ns = begin_ns;
	int ret;

	bed->config.deadline_ns = begin_ns + RUN_MOST_NS + 10 * forgiven_ns(scene);
	ret = bed_run(bed);
	if (ret)
		print_message("%s: the run did not end\n", scene->name);
	assert_int_equal(ret, 0);
	nfp_for_each (step, bed->result.steps, bed->result.num_steps) {
		uint64_t start_ns = begin_ns + step->start_ns;

		if (!step->start_ns)
			continue;
		if (start_ns > last_ns + step_ns)
			print_message("%s: step %u begins after %u s\n", scene->name, step->step,
				      (unsigned int)((start_ns - last_ns) / S));
		assert_true(start_ns <= last_ns + step_ns);
		last_ns = start_ns;
	}
	assert_true(bed_now(bed) <= last_ns + 2 * step_ns);
}

/* The windows of the steps, what settles between two actions, the guest's VLAN and learning.c. */
BED_TEST(each_wait_of_a_ladder_ends)
{
	static const char *const nics[] = {"igb", "mlx5", "ice", "qlcnic"};

	bound_this_program();
	nfp_for_each (scene, scenes, NFP_NUM(scenes)) {
		nfp_for_each (nic, nics, NFP_NUM(nics)) {
			for (uint64_t at_ns = 0; at_ns < 30 * S; at_ns += 1700 * MS) {
				struct memnic_conditions c =
					conditions_of(scene, MEMNIC_BEGIN_NS + at_ns + 1);
				struct core_personality p = *memnic_archetype(*nic);

				/* Such a NIC is asked whether it learns (learning.c). */
				p.blinks_on = CORE_BIT(CORE_ON_RESET);
				p.blink_for_ns = 100 * MS;
				c.suppress_unknown = true;
				bed_anew(bed, &p, &c, NFP_STYLE_MACVTAP);
				bed->config.settle_ns = at_ns % 3 ? 500 * MS : 1500 * MS;
				if (at_ns % 4 == 0) {
					bed->config.guest_vlan.vid = 100;
					bed->config.guest_vlan.free_vid = MEMNIC_FREE_VLAN;
					bed->config.guest_vlan.own =
						(struct nfp_mac) {{0x02, 0, 0, 0, 0, 0x55}};
				}
				check_run(bed, scene);
			}
		}
	}
}

static bool is_stopped(void *ctx)
{
	(void)ctx;
	return true;
}

static bool is_stopped_meanwhile(void *ctx)
{
	return bed_now(ctx) >= MEMNIC_BEGIN_NS + 100 * MS;
}

/* Returns how long it took. */
static uint64_t ask(struct bed *bed, const struct scene *scene, bool (*stop)(void *ctx),
		    enum nfp_answer *ret_answer)
{
	const struct memnic_conditions calm = {0},
				       c = scene ? conditions_of(scene, MEMNIC_BEGIN_NS + 1) : calm;

	bed_anew(bed, memnic_archetype("igb"), &c, NFP_STYLE_MACVTAP);
	bed->config.stop = stop;
	bed->config.stop_ctx = bed;
	*ret_answer = nfp_hears_unregistered(&bed->config);
	return bed_now(bed) - MEMNIC_BEGIN_NS;
}

/* The question is asked in a run that was stopped as well, and the run's deadline is no bound. */
BED_TEST(the_question_after_the_last_ladder_ends)
{
	enum nfp_answer answer;

	bound_this_program();
	nfp_for_each (scene, scenes, NFP_NUM(scenes)) {
		const uint64_t most_ns = STEP_MOST_NS + forgiven_ns(scene);

		assert_in_range(ask(bed, scene, NULL, &answer), 0, most_ns);
		assert_in_range(ask(bed, scene, is_stopped, &answer), 0, most_ns);
		if (scene->loss_permille)
			assert_int_equal(answer, NFP_UNKNOWN);
	}
	(void)ask(bed, NULL, is_stopped, &answer);
	assert_int_equal(answer, NFP_YES);
}

/* A signal that comes while it is asked ends it at once. */
BED_TEST(the_question_after_the_last_ladder_can_be_stopped)
{
	enum nfp_answer answer;

	assert_in_range(ask(bed, NULL, is_stopped_meanwhile, &answer), 100 * MS, 250 * MS);
	assert_int_equal(answer, NFP_UNKNOWN);
}

/* The window says why, and condemns nobody. */
BED_TEST(a_host_that_stalls_for_good_is_unknown)
{
	const struct memnic_conditions c = {.stall_ns = MEMNIC_BEGIN_NS + 1,
					    .stall_for_ns = 2 * S,
					    .stall_every_ns = 3 * S,
					    .stall_stops_us = true};

	bed_has_run(bed, memnic_archetype("igb"), &c, NFP_STYLE_BRIDGE);
	assert_int_equal(bed->result.verdict, NFP_VERDICT_UNKNOWN);
	assert_non_null(strstr(bed->result.reason, "this host did not let nfprobe run"));
}

TEST_MAIN()
