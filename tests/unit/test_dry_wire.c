// SPDX-License-Identifier: GPL-2.0-or-later
/* A ladder on a dry wire: what --dry-run shows is what a run on a safe NIC does, and its clock is
 * the estimate. */
#include "unit/bedded.h"
#include "traffic/stream.h"

static const struct core_personality safe = {.comes_on = CORE_BIT(CORE_ON_UP),
					     .goes_on = CORE_BIT(CORE_ON_DOWN) |
							CORE_BIT(CORE_ON_UNBIND),
					     .winner = CORE_ARB_VF};
static const struct memnic_conditions quiet;

/* The calls of the host alone: what the wire announces and reports is left out. */
static void calls_of(const struct bed *bed, char *ret_calls, size_t size)
{
	char *log = nfp_strdup(memnic_log(bed->nic)), *at = NULL;

	ret_calls[0] = '\0';
	for (char *word = strtok_r(log, " ", &at); word; word = strtok_r(NULL, " ", &at)) {
		if (strcmp(word, "announce") != 0 && strcmp(word, "report") != 0)
			nfp_appendf(ret_calls, size, "%s ", word);
	}
	free(log);
}

BED_TEST(a_dry_wire_shows_the_calls_of_a_run)
{
	char made[4096], dry[4096];

	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		uint64_t now_ns = NFP_NSEC_PER_SEC;
		struct nfp_dry_wire *wire;

		if (nfp_styles[style].pinned || nfp_styles[style].second_vf)
			continue;
		bed_has_run(bed, &safe, &quiet, style);
		assert_int_equal(bed->result.verdict, NFP_VERDICT_SAFE);
		calls_of(bed, made, sizeof(made));
		bed_anew(bed, &safe, &quiet, style);
		wire = nfp_dry_wire_new(&now_ns);
		bed->config.wire = nfp_dry_wire(wire);
		bed->config.wire.accounting = bed->accounting;
		assert_int_equal(bed_run(bed), 0);
		assert_int_equal(bed->result.verdict, NFP_VERDICT_SAFE);
		calls_of(bed, dry, sizeof(dry));
		assert_string_equal(dry, made);
		assert_true(strstr(made, "bind up ") && now_ns > 10 * NFP_NSEC_PER_SEC);
		nfp_dry_wire_free(wire);
	}
}

BED_TEST(an_estimate_is_what_a_ladder_takes)
{
	struct nfp_timetable times, brief;
	uint64_t begin_ns;

	bed_anew(bed, &safe, &quiet, NFP_STYLE_MACVTAP);
	nfp_ladder_estimate(&bed->config, &times);
	begin_ns = bed_now(bed);
	assert_int_equal(bed_run(bed), 0);
	/* A NIC in memory has its guest at once; a host takes two seconds for each. And it shows
	 * soon that it gets all groups. */
	assert_in_range(times.all_ns, bed_now(bed) - begin_ns,
			bed_now(bed) - begin_ns + 6 * NFP_NSEC_PER_SEC);
	for (enum nfp_step step = 1; step < NFP_STEP_COUNT; step++)
		assert_true(times.begins_ns[step - 1] <= times.begins_ns[step]);
	assert_true(times.begins_ns[NFP_STEP_ALONE] == times.begins_ns[NFP_STEP_ALONE + 1]);
	assert_true(times.begins_ns[NFP_STEP_COUNT - 1] < times.all_ns);
	bed->config.settle_ns /= 3;
	nfp_ladder_estimate(&bed->config, &brief);
	assert_true(brief.all_ns + 12 * 2 * bed->config.settle_ns < times.all_ns);
}

TEST_MAIN()
