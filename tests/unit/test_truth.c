// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Drivers drawn at random: what the runner makes of a noisy stream against what the NIC in memory
 * really does in each state. NFPROBE_NICS="FIRST COUNT" draws others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "memnic/truth.h"

#define USUAL_NICS 1500

static void the_runner_sees_what_is(void **state)
{
	unsigned int *verdicts = *state;
	const char *lot = getenv("NFPROBE_NICS");
	unsigned long first = 0, count = USUAL_NICS, wrong = 0;
	struct nfp_style_result result;
	char why[TRUTH_WHY_LEN];

	assert_true(!lot || sscanf(lot, "%lu %lu", &first, &count) == 2);
	for (unsigned long seed = first; seed < first + count; seed++) {
		for (int style = 0; style < NFP_STYLE_COUNT; style++) {
			if (!truth_climb(seed, (enum nfp_style)style, &result, why)) {
				print_error("%s\n", why);
				wrong++;
			}
			verdicts[result.verdict]++;
		}
	}
	assert_int_equal(wrong, 0);
}

/* A lot that never draws a verdict would test nothing about it. */
static void every_sort_was_drawn(void **state)
{
	const unsigned int *verdicts = *state;

	if (getenv("NFPROBE_NICS"))
		return; /* these may be few */
	assert_true(verdicts[NFP_VERDICT_SAFE] > 10);
	assert_true(verdicts[NFP_VERDICT_EARLY] > 10);
	assert_true(verdicts[NFP_VERDICT_DEAF] > 10);
	assert_true(verdicts[NFP_VERDICT_STICKY] > 10);
	assert_true(verdicts[NFP_VERDICT_INCONCLUSIVE] > 10);
	assert_true(verdicts[NFP_VERDICT_UNTESTABLE] > 10);
}

int main(void)
{
	unsigned int verdicts[NFP_VERDICT_COUNT] = {0};
	struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(the_runner_sees_what_is, verdicts),
		cmocka_unit_test_prestate(every_sort_was_drawn, verdicts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
