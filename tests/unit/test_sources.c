// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of sources, and whole ladders from each: what they say, and the time that they take. */
#include "harness.h"
#include "memnic/memnic.h"
#include "verdict/result.h"
#include "verdict/verdict.h"

static void run_ladder(const struct core_personality *personality, enum nfp_source_id id,
		       enum nfp_style style, struct nfp_style_result *ret_result)
{
	const struct memnic_conditions conditions = {.source = nfp_sources[id].enters};
	struct memnic *nic = memnic_new(personality, &conditions);
	struct nfp_frame_accounting *accounting = nfp_accounting_new();
	struct nfp_runner_config config;

	assert_non_null(nic);
	assert_non_null(accounting);
	memnic_config(nic, accounting, style, &config);
	config.source = &nfp_sources[id];
	config.multicast = nfp_sources[id].shows.group;
	config.rate = nfp_sources[id].rate[NFP_KIND_UNICAST];
	assert_int_equal(nfp_ladder_run(&config, ret_result, NULL), 0);
	nfp_accounting_free(accounting);
	memnic_free(nic);
}

/* Only frames from the wire show the outside, and what cannot show all says so. */
TEST(every_row_says_what_it_lacks)
{
	for (enum nfp_source_id id = 0; id < NFP_SOURCE_COUNT; id++) {
		const struct nfp_source_row *row = &nfp_sources[id];

		assert_int_equal(row->shows.outside, row->enters == NFP_ENTERS_WIRE);
		assert_int_equal(!row->lacks[0], row->shows.outside && row->shows.vf_broadcast);
	}
}

/* A dozen frames a second tell the same of each driver as a thousand. */
TEST(few_frames_say_the_same)
{
	for (size_t i = 0; i < memnic_num_archetypes * NFP_STYLE_COUNT; i++) {
		const struct core_personality *nic = &memnic_archetypes[i / NFP_STYLE_COUNT];
		enum nfp_style style = (enum nfp_style)(i % NFP_STYLE_COUNT);
		char many_row[MEMNIC_ROW_LEN], few_row[MEMNIC_ROW_LEN];
		struct nfp_style_result many, few;

		run_ladder(nic, NFP_SOURCE_NETDEV, style, &many);
		for (enum nfp_source_id id = NFP_SOURCE_ARP; id <= NFP_SOURCE_ARP_ALONE; id++) {
			run_ladder(nic, id, style, &few);
			assert_string_equal(memnic_row(&few, few_row), memnic_row(&many, many_row));
			assert_int_equal(few.verdict, many.verdict);
			assert_int_equal(few.requires, many.requires);
		}
	}
}

/* A VF that gets no broadcast is deaf; where the source may be to blame, nobody knows. */
TEST(missing_broadcast_is_no_proof_from_inside)
{
	struct core_personality igb = *memnic_archetype("igb");
	struct nfp_style_result result;

	igb.vf_no_broadcast = true;
	run_ladder(&igb, NFP_SOURCE_ARP, NFP_STYLE_MACVTAP, &result);
	assert_int_equal(result.verdict, NFP_VERDICT_DEAF);
	run_ladder(&igb, NFP_SOURCE_ARP_ALONE, NFP_STYLE_MACVTAP, &result);
	assert_int_equal(result.verdict, NFP_VERDICT_UNKNOWN);
	assert_int_equal(result.requires, 0);
	assert_non_null(strstr(result.reason, "from this source broadcast may be missing"));
	/* A fault that unicast alone proves stays proved. */
	run_ladder(&igb, NFP_SOURCE_ARP_ALONE, NFP_STYLE_BRIDGE, &result);
	assert_int_equal(result.verdict, NFP_VERDICT_EARLY);
}

static uint64_t time_of(const struct core_personality *personality, enum nfp_source_id id)
{
	uint64_t ns = 0;

	/* Fixes are begun only if there is time for the usual styles. */
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		struct nfp_style_result result;
		uint64_t end = 0;

		if (!nfp_styles[style].usual)
			continue;
		run_ladder(personality, id, style, &result);
		for (size_t i = 0; i < result.num_steps; i++) {
			const struct nfp_step_result *step = &result.steps[i];

			if (step->start_ns + step->duration_ns > end)
				end = step->start_ns + step->duration_ns;
		}
		ns += end;
	}
	return ns;
}

/* The seconds behind a word of the unit's file. */
static uint64_t in_the_unit(const char *word)
{
	FILE *file = fopen("scripts/packaging/systemd/nfprobe@.service", "r");
	char line[1024];
	uint64_t sec = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		const char *at = strstr(line, word);

		if (at && line[0] != '#')
			sec = strtoull(at + strlen(word), NULL, 10);
	}
	fclose(file);
	assert_int_not_equal(sec, 0);
	return sec;
}

/* Any driver, by as many sources as can be named, with hns3's settling time, twice that of the
 * others. */
TEST(the_service_has_time_for_all_sources)
{
	uint64_t limit = in_the_unit("--timeout "), longest = 0;

	for (size_t i = 0; i < memnic_num_archetypes; i++) {
		for (enum nfp_source_id id = 0; id < NFP_SOURCE_COUNT; id++) {
			uint64_t ns = time_of(&memnic_archetypes[i], id);

			longest = ns > longest ? ns : longest;
		}
	}
	assert_true(2 * longest <= limit * NFP_NSEC_PER_SEC);
	/* The undo after it may take 30 s, and the restore may be the first to begin it. */
	assert_true(in_the_unit("TimeoutStartSec=") >= limit + 60);
	assert_true(in_the_unit("TimeoutStopSec=") >= 60);
}

TEST_MAIN()
