// SPDX-License-Identifier: GPL-2.0-or-later
/* The time that the service of a PF has, beside that of whole ladders from each source. */
#include "harness.h"
#include "memnic/memnic.h"
#include "nfprobe/result.h"
#include "nfprobe/verdict.h"

static void run_ladder(const struct memnic_personality *personality, enum nfp_source_id id,
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
	config.rate = nfp_sources[id].rate[NFP_KIND_UNICAST];
	assert_int_equal(nfp_ladder_run(&config, ret_result, NULL), 0);
	nfp_accounting_free(accounting);
	memnic_free(nic);
}

static uint64_t time_of(const struct memnic_personality *personality, enum nfp_source_id id)
{
	uint64_t ns = 0;

	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		struct nfp_style_result result;
		uint64_t end = 0;

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
		for (enum nfp_source_id id = 0; id < NFP_BY_COUNT; id++) {
			uint64_t ns = time_of(&memnic_archetypes[i], id);

			longest = ns > longest ? ns : longest;
		}
	}
	assert_true(2 * NFP_FROM_MAX * longest <= limit * NFP_NSEC_PER_SEC);
	/* What the run then undoes may take 30 s, and may be begun only by the restore. */
	assert_true(in_the_unit("TimeoutStartSec=") >= limit + 60);
	assert_true(in_the_unit("TimeoutStopSec=") >= 60);
}

TEST_MAIN()
