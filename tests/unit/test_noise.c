// SPDX-License-Identifier: GPL-2.0-or-later
/* Which frames beyond a run's own are worth a warning. */
#include "harness.h"
#include "../../src/app/run_priv.h"

static const struct nfp_ladder_source eth1 = {.name = "eth1"}, gateway = {.name = "192.0.2.1"};

/* Two steps of one style, in which so many frames arrived once, and so many once more. */
static struct nfp_noise noise(uint64_t arrived, uint64_t duplicates, uint64_t foreign, bool has_id)
{
	static struct nfp_style_result style;
	struct nfp_vf_result vf = {.vf = 3, .styles = &style, .num_styles = 1};

	style = (struct nfp_style_result) {.num_steps = 2};
	for (size_t i = 0; i < 2; i++) {
		struct nfp_count *count =
			&style.steps[i].w.count[i ? NFP_KIND_UNICAST : NFP_KIND_BROADCAST];

		count->sent = arrived / 2;
		count->at[i ? NFP_AT_VF : NFP_AT_PF] = arrived / 2;
		count->duplicates = duplicates / 2;
	}
	return nfp_noise_of(&vf, foreign, has_id ? &eth1 : &gateway, has_id);
}

TEST(copies)
{
	assert_string_equal(noise(0, 0, 0, true).copies, "");
	assert_string_equal(noise(1000, 0, 0, true).copies, "");
	assert_string_equal(noise(1000, 50, 0, true).copies, "");
	assert_string_equal(noise(1000, 52, 0, true).copies,
			    "VF 3: 52 of the 1000 frames that arrived did so once more: the "
			    "network loops, or somebody sends them again");
	/* Each twice more. */
	assert_string_not_equal(noise(40000, 80000, 0, false).copies, "");
}

TEST(frames_that_are_not_ours)
{
	assert_string_equal(noise(1000, 0, 50, true).foreign, "");
	assert_string_equal(noise(1000, 0, 4596416, true).foreign,
			    "VF 3: 4596416 frames with this run's id came too late to count (a "
			    "busy host), or were damaged or forged; it sent 1000");
	assert_string_equal(noise(10, 0, 3, true).foreign, "");
	/* An answer has no id: a few are enough. */
	assert_string_equal(noise(1000, 0, 3, false).foreign, "");
	assert_string_equal(noise(1000, 0, 4, false).foreign,
			    "VF 3: 4 answers were not requested: another host answers as "
			    "192.0.2.1, or answers were forged");
}

TEST_MAIN()
