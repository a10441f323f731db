// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A result that is written as JSON has all that its judgement rests on: read back without what was
 * judged, judged again and written again, it is the same, byte for byte.
 */
#include <jansson.h>

#include "harness.h"
#include "memnic/adversary.h"
#include "memnic/memnic.h"
#include "nfprobe/verdict.h"
#include "reader/load.h"
#include "unit/sample_pages.h"
#include "unit/sample_result.h"

#define LADDERS LOT(40U) /* for each cell of the adversary */

static char *read_again(const char *text)
{
	struct nfp_result result;
	struct nfp_err err = {0};
	char *again;

	if (reader_load(text, strlen(text), &result, &err))
		fail_msg("%s", err.message);
	nfp_judge_result(&result);
	again = sample_json(&result);
	nfp_result_fini(&result);
	return again;
}

/* The lines around the first that differs. */
static void must_be_same(const char *name, const char *text, const char *again)
{
	size_t i = 0, from = 0;

	if (strcmp(text, again) == 0)
		return;
	while (text[i] && text[i] == again[i])
		i++;
	for (size_t lines = 0, k = i; k > 0 && lines < 4; k--) {
		lines += text[k - 1] == '\n';
		from = k - 1;
	}
	fail_msg("%s: was %.300s\nis %.300s", name, text + from, again + from);
}

static void must_be_same_again(const char *name, struct nfp_result *result)
{
	char *text, *again;

	nfp_judge_result(result);
	text = sample_json(result);
	again = read_again(text);
	must_be_same(name, text, again);
	free(text);
	free(again);
}

/* ---- results made by hand ---- */

static void sample_slow(struct nfp_result *result)
{
	sample_igb(result);
	result->settings.gap_limit_ms = 200;
	result->settings.allow[NFP_VERDICT_SLOW] = true;
	result->settings.require_neighbours = true;
}

static void sample_required(struct nfp_result *result)
{
	sample_lost_to_neighbours(result);
	result->settings.require_neighbours = true;
}

static void sample_untested(struct nfp_result *result)
{
	sample_igb(result);
	sample_multicast(result, NFP_MULTICAST_UNTESTED);
}

static void sample_unproven(struct nfp_result *result)
{
	sample_igb(result);
	sample_multicast(result, NFP_MULTICAST_UNPROVEN);
}

static void sample_lost(struct nfp_result *result)
{
	sample_igb(result);
	sample_multicast(result, NFP_MULTICAST_LOST);
}

/* In a VLAN of a provider, watched for a short time, stopped by a signal in the second style. */
static void sample_interrupted(struct nfp_result *result)
{
	struct nfp_vf_result *vf;

	sample_igb(result);
	vf = &result->vf;
	result->settings.vlan = (struct nfp_vlan) {.vid = 12, .proto = 0x88a8};
	result->settings.settle_short = true;
	vf->num_styles = 1;
	vf->status = NFP_VF_FAILED;
	nfp_err_set(&vf->error, -EINTR, NFP_E_INTERRUPTED, "stopped by SIGINT");
	result->error = vf->error;
	result->exit_status = 130;
}

static void sample_unrestored(struct nfp_result *result)
{
	sample_interrupted(result);
	result->restored = false;
	nfp_err_set(&result->error, 0, NFP_E_RESTORE, "VF 3 has another address");
	result->vf.error = result->error;
}

static void sample_left_out(struct nfp_result *result)
{
	struct nfp_style_result *style;

	sample_igb(result);
	style = &result->vf.styles[0];
	*style = (struct nfp_style_result) {.style = NFP_STYLE_MACVTAP,
					    .verdict = NFP_VERDICT_NOT_APPLICABLE,
					    .from = style->from};
	strcpy(style->reason, "eth0 is promiscuous already (br0)");
	style = nfp_vf_add_style(&result->vf, NULL);
	*style = (struct nfp_style_result) {.style = NFP_STYLE_VF_BRIDGE,
					    .verdict = NFP_VERDICT_INCONCLUSIVE,
					    .remedy = true,
					    .stopped = true,
					    .from = result->vf.styles[0].from};
	strcpy(style->reason, "not begun: VF 1 is gone");
}

TEST(results_made_by_hand)
{
	static const struct {
		const char *name;
		void (*sample)(struct nfp_result *result);
	} samples[] = {
		{"igb", sample_igb},
		{"brief", sample_brief},
		{"beside", sample_beside},
		{"hostile", sample_hostile},
		{"odd", sample_odd},
		{"not begun", sample_not_begun},
		{"nothing", sample_nothing},
		{"neighbours", sample_lost_to_neighbours},
		{"slow", sample_slow},
		{"required", sample_required},
		{"untested", sample_untested},
		{"unproven", sample_unproven},
		{"lost", sample_lost},
		{"interrupted", sample_interrupted},
		{"unrestored", sample_unrestored},
		{"left out", sample_left_out},
	};

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct nfp_result result;

		samples[i].sample(&result);
		must_be_same_again(samples[i].name, &result);
		nfp_result_fini(&result);
	}
}

/* The same judge read and wrote these: it may not leave out the same twice. */
TEST(what_was_demanded_is_judged)
{
	struct nfp_result result;

	sample_slow(&result);
	nfp_judge_result(&result);
	assert_int_equal(result.vf.styles[0].verdict, NFP_VERDICT_SLOW);
	assert_true(result.vf.styles[0].allowed);
	nfp_result_fini(&result);
}

static char *file_text(const char *path)
{
	char *text = NULL;
	size_t len = 0;
	FILE *in = fopen(path, "r");

	assert_non_null(in);
	assert_true(getdelim(&text, &len, '\0', in) > 0);
	fclose(in);
	return text;
}

/* As a run judges: nothing of it was set by hand. */
TEST(file_of_golden)
{
	char *text = file_text("tests/golden/igb.json"), *again = read_again(text);

	must_be_same("igb.json", text, again);
	free(text);
	free(again);
}

/* ---- ladders on NICs in memory ---- */

static void begin_result(struct nfp_result *result, bool multicast)
{
	sample_head(result);
	result->settings.styles[NFP_STYLE_BRIDGE] = false;
	result->settings.styles[NFP_STYLE_MACVTAP] = false;
	result->settings.multicast = multicast;
	result->have_verdict = true;
}

/* False: the ladder belongs to another run, since a run has one source, and each style once. */
static bool has_room(const struct nfp_result *result, const struct nfp_style_result *ladder,
		     enum nfp_source_id by)
{
	bool has = false;

	for (size_t i = 0; i < result->vf.num_styles; i++)
		has |= result->vf.styles[i].style == ladder->style;
	return !result->have_vf || (result->source.by == by && !has);
}

static void add_ladder(struct nfp_result *result, const struct nfp_style_result *ladder,
		       enum nfp_source_id by)
{
	struct nfp_style_result *added;

	if (!result->have_vf)
		sample_vf(&result->vf, 3); /* as the runner of the NICs in memory calls it */
	result->have_vf = true;
	result->source = (struct nfp_ladder_source) {
		.known = true, .source = nfp_sources[by].enters, .by = by};
	snprintf(result->source.name, sizeof(result->source.name), "%s",
		 nfp_name(&nfp_source_by_names, by));
	added = nfp_vf_add_style(&result->vf, ladder);
	added->from = result->source;
}

/* The judge of the whole says what the runner said of the ladder. */
static void must_agree(const char *name, const struct nfp_style_result *runner,
		       const struct nfp_result *result)
{
	static const bool allow[NFP_VERDICT_COUNT];
	const struct nfp_style_result *judged = &result->vf.styles[0];
	struct nfp_style_result with_bridge = *runner;
	const struct nfp_style_result *ladder = &with_bridge;

	nfp_judge_bridge(&with_bridge, "eth0", allow);

	if (judged->verdict != ladder->verdict || judged->multicast != ladder->multicast ||
	    judged->requires != ladder->requires ||
	    judged->neighbours.verdict != ladder->neighbours.verdict ||
	    strcmp(judged->reason, ladder->reason) != 0)
		fail_msg("%s: %s, %s; the runner said %s, %s", name,
			 nfp_verdict_name(judged->verdict), judged->reason,
			 nfp_verdict_name(ladder->verdict), ladder->reason);
}

TEST(every_archetype)
{
	for (size_t i = 0; i < memnic_num_archetypes; i++) {
		const char *name = memnic_archetypes[i].name;
		struct nfp_style_result ladder;
		struct nfp_result result;

		begin_result(&result, true);
		for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
			const struct memnic_conditions wire = {.source = NFP_SOURCE_WIRE};

			assert_int_equal(
				memnic_climb(memnic_archetype(name), &wire, style, &ladder), 0);
			ladder.remedy = nfp_styles[style].mends != 0;
			add_ladder(&result, &ladder, NFP_BY_NETDEV);
		}
		must_be_same_again(name, &result);
		nfp_result_fini(&result);
	}
}

TEST(ladders_drawn_by_lot)
{
	static const enum nfp_source_id row_of[NFP_SOURCE_COUNT] = {
		[NFP_SOURCE_WIRE] = NFP_BY_NETDEV,
		[NFP_SOURCE_VF] = NFP_BY_VF,
		[NFP_SOURCE_PF] = NFP_BY_PF,
	};
	static struct adversary_outcome outcomes[ADVERSARY_LADDERS];
	unsigned int verdicts[NFP_VERDICT_COUNT] = {0};

	for (size_t i = 0; i < adversary_num_cells; i++) {
		unsigned int ladders = 0;

		for (uint64_t seed = 1; ladders < LADDERS; seed++) {
			struct adversary_scene scene;
			struct nfp_result result;
			char name[64];

			adversary_draw(&adversary_cells[i], seed, &scene);
			(void)adversary_run(&scene, outcomes);
			snprintf(name, sizeof(name), "%s:%u", adversary_cells[i].name,
				 (unsigned int)seed);
			begin_result(&result, !scene.no_multicast);
			for (unsigned int n = 0; n < scene.num_ladders; n++) {
				enum nfp_source_id by = scene.c.arp
								? NFP_BY_ARP
								: row_of[scene.ladder[n].source];

				if (!has_room(&result, &outcomes[n].result, by)) {
					must_be_same_again(name, &result);
					nfp_result_fini(&result);
					begin_result(&result, !scene.no_multicast);
				}
				add_ladder(&result, &outcomes[n].result, by);
				verdicts[outcomes[n].result.verdict]++;
			}
			must_be_same_again(name, &result);
			if (scene.num_ladders == 1)
				must_agree(name, &outcomes[0].result, &result);
			ladders += scene.num_ladders;
			nfp_result_fini(&result);
		}
	}
	/* Else it shows nothing. */
	assert_true(verdicts[NFP_VERDICT_SAFE] > LADDERS && verdicts[NFP_VERDICT_EARLY] > LADDERS &&
		    verdicts[NFP_VERDICT_INCONCLUSIVE] > LADDERS &&
		    verdicts[NFP_VERDICT_STICKY] > LADDERS / 4);
}

/* ---- a fact that is not there ---- */

static const json_t *part(const json_t *of, const char *key, size_t index)
{
	return json_array_get(json_object_get(of, key), index);
}

static enum nfp_verdict judge_json(const json_t *root)
{
	char *text = json_dumps(root, JSON_INDENT(2));
	struct nfp_result result;
	struct nfp_err err = {0};
	enum nfp_verdict verdict;

	assert_int_equal(reader_load(text, strlen(text), &result, &err), 0);
	nfp_judge_result(&result);
	verdict = result.vf.styles[0].verdict;
	nfp_result_fini(&result);
	free(text);
	return verdict;
}

/* A judgement that rested on something else than what is read would be the same without it. */
TEST(a_fact_that_is_taken_away_changes_the_answer)
{
	static const struct {
		const char *key;
		size_t at; /* of a step; 0: of the style */
	} facts[] = {
		{"carrier_lost", offsetof(struct nfp_step_result, carrier_lost)},
		{"changed", offsetof(struct nfp_step_result, changed)},
		{"unsettled", offsetof(struct nfp_step_result, unsettled)},
		{"healed", offsetof(struct nfp_step_result, healed)},
		{"stopped", 0},
	};

	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		struct nfp_result result;
		struct nfp_style_result *style;
		json_t *root, *of;
		char *text;

		sample_igb(&result);
		style = &result.vf.styles[0];
		if (facts[i].at)
			((bool *)&style->steps[8])[facts[i].at] = true;
		else
			style->stopped = true;
		text = sample_json(&result);
		nfp_result_fini(&result);
		root = json_loads(text, 0, NULL);
		free(text);
		assert_int_equal(judge_json(root), NFP_VERDICT_INCONCLUSIVE);
		of = (json_t *)(uintptr_t)part(json_object_get(root, "vf"), "styles", 0);
		if (facts[i].at)
			of = (json_t *)(uintptr_t)part(of, "steps", 8);
		assert_int_equal(json_object_del(of, facts[i].key), 0);
		assert_int_equal(judge_json(root), NFP_VERDICT_SAFE);
		json_decref(root);
	}
}

TEST(what_is_no_result_is_refused)
{
	static const char *const texts[] = {"", "{}", "[]", "{\"schema\": 2}", "{\"schema\": 3}"};
	struct nfp_result result;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct nfp_err err = {0};

		assert_int_equal(reader_load(texts[i], strlen(texts[i]), &result, &err), -EBADMSG);
		assert_int_not_equal(err.message[0], '\0');
		nfp_result_fini(&result);
	}
}

TEST_MAIN()
