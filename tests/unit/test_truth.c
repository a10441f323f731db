// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Drivers drawn at random: what the runner makes of a noisy stream against what the NIC in memory
 * really does in each state. NFPROBE_NICS="FIRST COUNT" draws others.
 */
#include "harness.h"
#include "memnic/truth.h"

#define USUAL_NICS LOT(1000)

static struct {
	unsigned int verdicts[NFP_VERDICT_COUNT];
	unsigned int by_multicast[NFP_VERDICT_COUNT]; /* of these, since it loses multicast alone */
	unsigned int multicast[NFP_MULTICAST_COUNT];
} drawn;

/* A fault that one history of the NIC shows, and another does not, cannot be shown twice. */
static bool is_unclear(const char *why)
{
	return !strstr(why, "expected safe") && (strstr(why, "verdict inconclusive, expected ") ||
						 strstr(why, "multicast unproven"));
}

TEST(the_runner_sees_what_is)
{
	const char *lot = getenv("NFPROBE_NICS");
	unsigned long first = 0, count = USUAL_NICS, wrong = 0, unclear = 0;
	struct nfp_style_result result;
	char why[TRUTH_WHY_LEN];

	assert_true(!lot || sscanf(lot, "%lu %lu", &first, &count) == 2);
	for (unsigned long seed = first; seed < first + count; seed++) {
		for (int style = 0; style < NFP_STYLE_COUNT; style++) {
			bool right = truth_climb(seed, (enum nfp_style)style, &result, why);

			if (!right && is_unclear(why))
				unclear++;
			else if (!right) {
				print_error("%s: %s\n", why, result.reason);
				wrong++;
			}
			drawn.verdicts[result.verdict]++;
			drawn.multicast[result.multicast]++;
			if (strstr(result.reason, "only multicast is affected"))
				drawn.by_multicast[result.verdict]++;
		}
	}
	assert_int_equal(wrong, 0);
	assert_in_range(unclear * 100, 0, count * NFP_STYLE_COUNT);
}

/* A lot that never draws a verdict would test nothing about it. */
TEST(every_sort_was_drawn)
{
	static const enum nfp_verdict any[] = {NFP_VERDICT_SAFE,	 NFP_VERDICT_EARLY,
					       NFP_VERDICT_DEAF,	 NFP_VERDICT_STICKY,
					       NFP_VERDICT_INCONCLUSIVE, NFP_VERDICT_UNTESTABLE};

	if (getenv("NFPROBE_NICS") || USUAL_NICS < 1000)
		return; /* these may be few */
	for (size_t i = 0; i < sizeof(any) / sizeof(any[0]); i++)
		assert_true(drawn.verdicts[any[i]] > 10);
	assert_true(drawn.by_multicast[NFP_VERDICT_EARLY] > 10);
	assert_true(drawn.by_multicast[NFP_VERDICT_DEAF] > 10);
	assert_true(drawn.by_multicast[NFP_VERDICT_STICKY] > 10);
	assert_true(drawn.multicast[NFP_MULTICAST_OK] > 10);
	assert_true(drawn.multicast[NFP_MULTICAST_LOST] > 10);
	assert_true(drawn.multicast[NFP_MULTICAST_UNPROVEN] > 10);
}

TEST_MAIN()
