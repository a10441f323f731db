// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Drivers drawn by lot: what the runner makes of a noisy stream against what the NIC in memory
 * really does in each state. tests/soak/memory.c does the same with a million.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "memnic/truth.h"

#define PERSONALITIES 1500

static void the_runner_sees_what_is(void **state)
{
	unsigned int *verdicts = *state;
	struct nfp_style_result result;
	char why[TRUTH_WHY_LEN];

	for (unsigned int seed = 0; seed < PERSONALITIES; seed++) {
		for (int style = 0; style < NFP_STYLE_COUNT; style++) {
			if (!truth_climb(seed, (enum nfp_style)style, &result, why))
				fail_msg("%s", why);
			verdicts[result.verdict]++;
		}
	}
}

/* A lot that never draws a verdict would test nothing about it. */
static void every_sort_was_drawn(void **state)
{
	const unsigned int *verdicts = *state;

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
