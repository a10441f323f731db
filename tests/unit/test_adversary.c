// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A small share of what scripts/soak adversary runs: networks drawn by lot. A failure is reported
 * as the words after "scripts/soak adversary 1" that show it alone.
 */
#include "harness.h"
#include "memnic/adversary.h"

#define LADDERS LOT(30U) /* for each cell */
#define SCENES	LOT(2000U)
/* One that learns from what its standby sends is condemned in some 1,600 (README.md). */
#define MOST_CONDEMNED (1 + SCENES / 1000)

/* Nothing unsafe is called safe; other mistakes are of the cells that have a rate of them. */
static bool may_be(const struct adversary_cell *cell, enum adversary_class class)
{
	return !adversary_is_wrong(class) || (cell->wrong && class > ADVERSARY_WRONG_OK);
}

TEST(no_network_bends_a_verdict)
{
	static struct adversary_outcome outcomes[ADVERSARY_LADDERS];
	unsigned int wrong = 0, safe = 0, unsafe = 0;

	for (size_t i = 0; i < adversary_num_cells; i++) {
		const struct adversary_cell *cell = &adversary_cells[i];
		unsigned int ladders = 0;

		for (uint64_t seed = 1; ladders < LADDERS; seed++) {
			struct adversary_scene scene;
			unsigned int num;

			adversary_draw(cell, seed, &scene);
			num = adversary_run(&scene, outcomes);
			for (unsigned int n = 0; n < num; n++) {
				enum adversary_class class = outcomes[n].class;

				safe += outcomes[n].result.verdict == NFP_VERDICT_SAFE;
				unsafe += outcomes[n].result.verdict < NFP_VERDICT_SAFE;
				if (may_be(cell, class))
					continue;
				print_error("%s:%u, ladder %u: %s\n", cell->name,
					    (unsigned int)seed, n + 1, adversary_class_name[class]);
				wrong++;
			}
			ladders += num;
		}
	}
	assert_int_equal(wrong, 0);
	/* Else it shows nothing of the odds, for which it is not under ASan. */
	assert_true(UNDER_ASAN || (safe > LADDERS && unsafe > LADDERS));
}

/* The adversary's NICs end the test where something leaves by such a PF. */
TEST(no_network_makes_a_silent_pf_safe)
{
	static struct adversary_outcome outcomes[ADVERSARY_LADDERS];
	const struct adversary_cell *cell = adversary_cell("bonded");
	unsigned int safe = 0, unsafe = 0, condemned = 0;

	assert_non_null(cell);
	for (uint64_t seed = 1; seed <= SCENES; seed++) {
		struct adversary_scene scene;
		unsigned int num;

		adversary_draw(cell, seed, &scene);
		num = adversary_run(&scene, outcomes);
		for (unsigned int n = 0; n < num; n++) {
			safe += outcomes[n].result.verdict == NFP_VERDICT_SAFE;
			unsafe += outcomes[n].result.verdict < NFP_VERDICT_SAFE;
			assert_int_not_equal(outcomes[n].class, ADVERSARY_WRONG_SAFE);
			assert_int_not_equal(outcomes[n].class, ADVERSARY_WRONG_OK);
			condemned += outcomes[n].class == ADVERSARY_CONDEMNED;
		}
	}
	assert_in_range(condemned, 0, MOST_CONDEMNED);
	/* As above. */
	assert_true(UNDER_ASAN || (safe > SCENES / 4 && unsafe > SCENES / 5));
}

/* ---- found by longer runs ---- */

/* Each was wrong once, in its last ladder; reduced. */
static const char *const found[] = {
	/* SAFE of a PF that takes unregistered unicast anyway, and was left promiscuous: what the
	 * VF alone got before, both get now. */
	"p.promisc_when_refused=1 p.promisc_stays=1 p.pf_default_from_wire=1 "
	"p.promisc_sees_owned=1 p.comes_on=39 p.winner=3 c.seed=2562312456 ladder[1].style=1 "
	"num_ladders=3",
	"p.promisc_when_refused=1 p.promisc_stays=1 p.pf_default_from_wire=1 "
	"p.promisc_sees_owned=1 p.comes_on=59 p.winner=3 c.seed=492352587 ladder[1].style=1 "
	"ladder[2].style=1 num_ladders=3",
	/* SAFE by a window that ended with the first frames of another landing. */
	"p.comes_after_ns[1]=1500000000 p.goes_on=98 p.comes_on=10 rate=100 c.seed=285769650 "
	"ladder[0].style=1 num_ladders=1",
	/* Another fault than its own, and a group that it loses, "ok", for the same reason. */
	"p.promisc_when_refused=1 p.promisc_stays=1 p.pf_default_from_wire=1 p.pf_groups=3 "
	"p.vf_steals_group=1 p.promisc_passes_groups=1 p.comes_on=12 p.winner=2 "
	"c.seed=3224142942 ladder[1].style=1 num_ladders=3",
	"c.suppress_unknown=1 p.promisc_when_refused=1 p.promisc_stays=1 p.promisc_sees_owned=1 "
	"p.vf_steals_group=1 p.goes_on=125 p.comes_on=27 p.winner=3 c.seed=4257972264 "
	"ladder[1].style=1 num_ladders=3",
	/* A safe NIC was condemned: what was announced before the port passed anything was lost. */
	"c.suppress_unknown=1 c.learn_after_ns=1700000000 c.forward_after_ns=600000000 "
	"p.blinks_on=8 p.blink_for_ns=300000000 p.comes_on=4 c.seed=5 num_ladders=1",
};

TEST(scenes_that_were_wrong_once)
{
	static struct adversary_outcome outcomes[ADVERSARY_LADDERS];

	for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++) {
		struct adversary_scene scene;
		unsigned int num;

		assert_true(adversary_read(found[i], &scene));
		num = adversary_run(&scene, outcomes);
		for (unsigned int n = 0; n < num; n++) {
			if (adversary_is_wrong(outcomes[n].class))
				fail_msg("%s: ladder %u: %s", found[i], n + 1,
					 adversary_class_name[outcomes[n].class]);
		}
	}
}

/* ---- what nfprobe does for other questions ---- */

static void ignore_frame(void *ctx, const struct nfp_tap_event *tapped)
{
	(void)tapped;
	++*(uint64_t *)ctx;
}

static bool lands_alike(const struct nfp_style_result *a, const struct nfp_style_result *b)
{
	for (size_t i = 0; i < a->num_steps; i++)
		if (a->steps[i].step != b->steps[i].step ||
		    a->steps[i].w.status != b->steps[i].w.status ||
		    memcmp(a->steps[i].w.landing, b->steps[i].w.landing,
			   sizeof(a->steps[i].w.landing)) != 0)
			return false;
	return a->num_steps == b->num_steps && a->verdict == b->verdict;
}

static void ignore_event(void *ctx, const struct nfp_event *event)
{
	(void)event;
	++*(uint64_t *)ctx;
}

/* Where nothing happens by chance, or at a time of day: that falls on other frames where more are
 * sent. */
static const char *const sure[] = {
	"security", "slow", "blinks", "groups", "room",
};

/* With --write and -v. What --skip multicast leaves is drawn in tests/nfsim/alike.py. */
TEST(no_other_question_changes_an_answer)
{
	static struct adversary_outcome usual[ADVERSARY_LADDERS], other[ADVERSARY_LADDERS];

	for (size_t i = 0; i < sizeof(sure) / sizeof(sure[0]); i++) {
		const struct adversary_cell *cell = adversary_cell(sure[i]);

		assert_non_null(cell);
		for (uint64_t seed = 1; seed <= LADDERS / 10; seed++) {
			uint64_t frames = 0, events = 0;
			struct adversary_scene scene;
			unsigned int num;

			adversary_draw(cell, seed, &scene);
			scene.c.jitter_ns = 0;
			num = adversary_run(&scene, usual);
			scene.tap = (struct nfp_tap) {.frame = ignore_frame, .ctx = &frames};
			scene.events = (struct nfp_events) {ignore_event, &events};
			adversary_run(&scene, other);
			assert_true(frames > 0 && events > 0);
			for (unsigned int n = 0; n < num; n++)
				if (!lands_alike(&usual[n].result, &other[n].result))
					fail_msg("%s:%u, ladder %u", cell->name, (unsigned int)seed,
						 n + 1);
		}
	}
}

TEST_MAIN()
