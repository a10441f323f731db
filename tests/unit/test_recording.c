// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs on the NIC in memory, written down and read back: the same result. */
#include "harness.h"
#include "recording_fixture.h"

static void round_trip(struct fixture *f)
{
	conclude(f);
	reads_the_same(f);
	close_fixture(f);
}

TEST(drivers_by_lot_in_noise)
{
	for (uint64_t seed = 1; seed <= 100; seed++) {
		const struct memnic_personality p = memnic_random(seed);
		const struct memnic_conditions noise = truth_noise(seed);
		struct fixture f;

		open_fixture(&f);
		run_ladder(&f, add_vf(&f, 3), &p, &noise, (enum nfp_style)(seed % NFP_STYLE_COUNT));
		round_trip(&f);
	}
}

TEST(disturbed_runs)
{
	const uint64_t s = NFP_NSEC_PER_SEC;
	const struct memnic_conditions disturbed[] = {
		{.carrier_down_ns = 5 * s, .carrier_up_ns = 6 * s},
		{.change_ns = 5 * s},
		{.gone_ns = 7 * s},
		{.stop_ns = 9 * s},
		{.drop_ns = 4 * s, .drop_frames = 3},
		{.mute_ns = 4 * s, .mute_for_ns = 20 * s},
		{.stall_ns = 6 * s, .stall_for_ns = s},
		{.stall_ns = 6 * s, .stall_for_ns = 60 * s},
		{.stall_ns = 6 * s, .stall_for_ns = s - s / 200, .stall_every_ns = s},
		{.announce_kills_carrier = true},
		{.fail_call = 4, .fail_errno = EIO, .fail_code = NFP_E_JOURNAL},
	};

	for (size_t i = 0; i < sizeof(disturbed) / sizeof(disturbed[0]); i++) {
		struct fixture f;

		open_fixture(&f);
		run_ladder(&f, add_vf(&f, 3), memnic_archetype("igb"), &disturbed[i],
			   NFP_STYLE_MACVTAP);
		round_trip(&f);
	}
}

TEST(several_vfs_one_style_left_out)
{
	struct nfp_vf_result *vf;
	struct fixture f;

	open_fixture(&f);
	vf = add_vf(&f, 0);
	leave_out(vf, NFP_STYLE_MACVTAP);
	run_ladder(&f, vf, memnic_archetype("igb"), NULL, NFP_STYLE_BRIDGE);
	vf = add_vf(&f, 2);
	vf->status = NFP_VF_IN_USE;
	nfp_err_set(&vf->error, -EBUSY, NFP_E_VF_IN_USE, "VF 2 is in use by qemu (pid 1)");
	vf = add_vf(&f, 7);
	run_ladder(&f, vf, memnic_archetype("ixgbe"), NULL, NFP_STYLE_MACVTAP);
	run_ladder(&f, vf, memnic_archetype("ixgbe"), NULL, NFP_STYLE_BRIDGE);
	round_trip(&f);
}

/* The result of the first control is part of what the later ladders mean. */
TEST(a_pf_that_became_promiscuous)
{
	struct memnic_personality then = *memnic_archetype("mlx5"), now = then;
	struct nfp_vf_result *vf;
	struct fixture f;

	now.pf_default_from_wire = true;
	open_fixture(&f);
	vf = add_vf(&f, 3);
	run_ladder(&f, vf, &then, NULL, NFP_STYLE_BRIDGE);
	run_ladder(&f, vf, &now, NULL, NFP_STYLE_MACVTAP);
	assert_int_equal(vf->styles[1].verdict, NFP_VERDICT_INCONCLUSIVE);
	assert_non_null(strstr(vf->styles[1].reason, "promiscuous in hardware"));
	round_trip(&f);
}

/* No frame of the first ladder shows what the run knew before it. */
TEST(a_pf_that_was_known_before)
{
	struct memnic_personality now = *memnic_archetype("mlx5");
	struct nfp_vf_result *vf;
	struct fixture f;

	now.pf_default_from_wire = true;
	open_fixture(&f);
	f.unregistered = NFP_NO;
	vf = add_vf(&f, 3);
	run_ladder(&f, vf, &now, NULL, NFP_STYLE_MACVTAP);
	assert_non_null(strstr(vf->styles[0].reason, "promiscuous in hardware"));
	round_trip(&f);
}

/* As the run does it: what the first control showed is of one source. */
static void climb_from(struct fixture *f, struct nfp_vf_result *vf, const char *name,
		       const struct memnic_personality *p)
{
	f->unregistered = NFP_UNKNOWN;
	run_ladder(f, vf, p, NULL, NFP_STYLE_BRIDGE);
	vf->styles[vf->num_styles - 1].from = (struct nfp_ladder_source) {
		.known = true,
		.source = strcmp(name, "eth1") == 0 ? NFP_SOURCE_WIRE : NFP_SOURCE_VF};
	strcpy(vf->styles[vf->num_styles - 1].from.name, name);
}

TEST(several_sources)
{
	struct memnic_personality quiet = *memnic_archetype("mlx5"), floods = quiet;
	struct nfp_vf_result *vf;
	struct fixture f;

	floods.pf_default_from_wire = true;
	open_fixture(&f);
	for (unsigned int number = 2; number < 4; number++) {
		vf = add_vf(&f, number);
		climb_from(&f, vf, "eth1", &quiet);
		climb_from(&f, vf, "vf:1", &floods);
		climb_from(&f, vf, "vf:0", memnic_archetype("igb"));
		assert_null(strstr(vf->styles[1].reason, "promiscuous in hardware"));
		assert_int_not_equal(vf->styles[0].verdict, vf->styles[2].verdict);
	}
	round_trip(&f);
}

TEST(gaps_that_are_too_long)
{
	struct nfp_vf_result *vf;
	enum nfp_step step;
	struct fixture f;

	open_fixture(&f);
	vf = add_vf(&f, 3);
	run_ladder(&f, vf, memnic_archetype("igb"), NULL, NFP_STYLE_MACVTAP);
	f.result.settings.gap_limit_ms = 1;
	(void)nfp_gap_limit(&vf->styles[0], 1000, &step);
	assert_int_equal(vf->styles[0].verdict, NFP_VERDICT_SLOW);
	round_trip(&f);
}

/* More facts than one comment holds. */
TEST(many_warnings)
{
	struct fixture f;

	open_fixture(&f);
	run_ladder(&f, add_vf(&f, 3), memnic_archetype("igb"), NULL, NFP_STYLE_MACVTAP);
	for (int i = 0; i < 2000; i++)
		nfp_strv_addf(&f.result.warnings, "VF %d: %060d", i, i);
	round_trip(&f);
}

TEST_MAIN()
