// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a guest meets on NICs in memory, against what is made of a noisy stream: of a result as
 * JSON, and where a row of the ladder is wrong. NICs are drawn by lot in
 * tests/python/test_memnic.py.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "harness.h"
#include "memnic/adversary.h"
#include "memnic/told.h"
#include "report/report.h"

#define USUAL_NICS LOT(1000U)

/* A fault that one history of the NIC shows, and another does not, cannot be shown twice. */
static bool is_unclear(const char *why)
{
	return !strstr(why, "expected safe") &&
	       (strstr(why, "verdict unknown, expected ") || strstr(why, "multicast unproven"));
}

/* ---- what a result tells ---- */

/* The result of a run of one ladder, as JSON. */
static json_t *json_of(const struct nfp_style_result *ladder, enum nfp_enters source)
{
	static const enum nfp_source_id by[NFP_ENTERS_COUNT] = {
		[NFP_ENTERS_WIRE] = NFP_SOURCE_NETDEV,
		[NFP_ENTERS_VF] = NFP_SOURCE_VF,
		[NFP_ENTERS_PF] = NFP_SOURCE_PF,
	};
	struct nfp_result result;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	json_t *root;

	nfp_result_init(&result);
	result.have_vf = result.have_verdict = result.settings.multicast = true;
	result.settings.styles[ladder->style] = true;
	result.source =
		(struct nfp_ladder_source) {.known = true, .source = source, .by = by[source]};
	*nfp_vf_add_style(&result.vf) = *ladder;
	result.vf.styles[0].from = result.source;
	nfp_judge_result(&result);
	assert_non_null(out);
	assert_int_equal(nfp_report_json(&result, out), 0);
	fclose(out);
	root = json_loadb(text, len, 0, NULL);
	assert_non_null(root);
	free(text);
	nfp_result_fini(&result);
	return root;
}

/* Is a key of the style as the landings in it say, or less? */
static bool follows(const json_t *style, const json_t *answer, const char *key)
{
	const json_t *told = json_object_get(style, key);
	const char *word = json_string_value(told);

	return json_equal(told, json_object_get(answer, key)) || json_is_null(told) ||
	       (word && strcmp(word, "unproven") == 0);
}

static unsigned int differences(const json_t *style, uint64_t seed)
{
	static const char *const keys[] = {"claim",    "release",   "delivery",
					   "requires", "multicast", "filter_verdict"};
	struct truth_state states[NFP_STEP_COUNT];
	struct truth_answer truth;
	unsigned int wrong = 0;
	json_t *answer;

	if (told_disturbed(style))
		return strcmp(json_string_value(json_object_get(style, "filter_verdict")),
			      "unknown") != 0;
	told_states(style, states);
	truth_judge(states, &truth);
	answer = told_answer(&truth);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (follows(style, answer, keys[i]))
			continue;
		wrong++;
		print_error("seed %lu: %s %s, and the landings say %s: %s\n", (unsigned long)seed,
			    keys[i], json_dumps(json_object_get(style, keys[i]), JSON_ENCODE_ANY),
			    json_dumps(json_object_get(answer, keys[i]), JSON_ENCODE_ANY),
			    json_string_value(json_object_get(style, "reason")));
	}
	json_decref(answer);
	return wrong;
}

static unsigned int wrong_json(const struct nfp_style_result *ladder, enum nfp_enters source,
			       uint64_t seed)
{
	json_t *root = json_of(ladder, source);
	const json_t *styles = json_object_get(json_object_get(root, "vf"), "styles");
	unsigned int wrong = differences(json_array_get(styles, 0), seed);

	json_decref(root);
	return wrong;
}

/* Cells whose network hides an address now and then. A switch that snoops may hide a group alone,
 * and so may any that had no carrier: a landing does not tell whether it did. */
static const char *const hiding[] = {"lossy", "security", "slow", "flush", "pauses", "all"};

/* The JSON of a result has all that its verdict rests on. */
TEST(json_is_enough_to_judge_by)
{
	static struct adversary_outcome outcomes[ADVERSARY_LADDERS];
	unsigned int wrong = 0;

	for (uint64_t seed = 0; seed < USUAL_NICS; seed++) {
		const struct core_personality p = memnic_random(seed);
		const struct memnic_conditions c = truth_noise(seed);
		struct nfp_style_result result;

		assert_int_equal(
			memnic_run(&p, &c, (enum nfp_style)(seed % NFP_STYLE_COUNT), &result), 0);
		wrong += wrong_json(&result, c.source, seed);
	}
	for (size_t i = 0; i < sizeof(hiding) / sizeof(hiding[0]); i++) {
		const struct adversary_cell *cell = adversary_cell(hiding[i]);

		assert_non_null(cell);
		for (uint64_t seed = 1; seed <= USUAL_NICS / 10; seed++) {
			struct adversary_scene scene;

			adversary_draw(cell, seed, &scene);
			if (scene.c.mld_snooping || scene.p.blinks_on)
				continue;
			(void)adversary_run(&scene, outcomes);
			wrong += wrong_json(&outcomes[0].result, scene.ladder[0].source, seed);
		}
	}
	assert_int_equal(wrong, 0);
}

/* ---- rows that are wrong ---- */

/* The truth reads nothing of the ladder, so that a wrong row of it is seen in some NIC. */
static struct nfp_ladder_row *row_to_spoil(enum nfp_step step)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), begin = (uintptr_t)nfp_ladder;
	size_t size = sizeof(nfp_ladder) + begin % page;
	struct nfp_ladder_row *volatile row;

	begin -= begin % page;
	assert_int_equal(mprotect((void *)begin, size, PROT_READ | PROT_WRITE), 0);
	/* The compiler takes what is const for what never changes. */
	row = (struct nfp_ladder_row *)(uintptr_t)&nfp_ladder[step];
	return row;
}

/* As many as may be needed. */
static bool is_noticed(uint64_t nics)
{
	struct nfp_style_result result;
	char why[TRUTH_WHY_LEN];

	for (uint64_t seed = 1; seed <= nics; seed++) {
		for (int style = 0; style < 2; style++) {
			if (!truth_run(seed, (enum nfp_style)style, &result, why) &&
			    !is_unclear(why))
				return true;
		}
	}
	return false;
}

#define WITHOUT(step_, i)                           \
	{                                           \
		NFP_STEP_##step_, i, NFP_DO_NOTHING \
	}
#define WITH(step_, i, other)                       \
	{                                           \
		NFP_STEP_##step_, i, NFP_DO_##other \
	}

TEST(a_wrong_row_is_noticed)
{
	/* Of the row, that action becomes another; what is behind NOTHING is not done either. */
	static const struct {
		enum nfp_step step;
		size_t i;
		enum nfp_action action;
	} wrong[] = {
		WITHOUT(STANDBY, 0),
		WITHOUT(ASSIGN, 0),
		WITHOUT(ATTACH, 0),
		WITHOUT(UP, 0),
		WITHOUT(ALONE, 0),
		WITHOUT(UNPLUG, 0),
		WITHOUT(DETACH, 0),
		WITHOUT(CLEAR, 0),
		WITHOUT(VF_FIRST_UP, 1),
		WITHOUT(VF_FIRST_UNPLUG, 0),
		WITHOUT(UP, 1),
		WITH(UNPLUG, 0, RESET),
		WITH(DETACH, 0, CLEAR),
		WITH(VF_FIRST, 1, ANNOUNCE),
		WITH(VF_FIRST, 3, ANNOUNCE),
		WITHOUT(VF_FIRST, 7),
		WITHOUT(VF_FIRST_CLEAR, 0),
		WITHOUT(VF_FIRST_BACK, 1),
		WITHOUT(VF_FIRST_REWRITTEN, 0),
		WITHOUT(VF_FIRST_CLEAR, 1),
		WITH(VF_FIRST, 6, ANNOUNCE),
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct nfp_ladder_row *row = row_to_spoil(wrong[i].step), right = *row;
		bool noticed;

		row->actions[wrong[i].i] = wrong[i].action;
		noticed = is_noticed(200);
		*row = right;
		if (!noticed)
			fail_msg("step %s, action %zu", nfp_step_name(wrong[i].step), wrong[i].i);
	}
	for (enum nfp_step step = NFP_STEP_STANDBY; step < NFP_STEP_COUNT; step++) {
		struct nfp_ladder_row *row = row_to_spoil(step), right = *row;
		bool noticed;

		row->expected = right.expected == NFP_EXPECTED_VF ? NFP_EXPECTED_PF
								  : NFP_EXPECTED_VF;
		row->decides = true;
		noticed = is_noticed(200);
		*row = right;
		if (!noticed)
			fail_msg("step %s demands another", nfp_step_name(step));
	}
	assert_false(is_noticed(20));
}

TEST_MAIN()
