// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What NICs and networks do to multicast, through the whole ladder. But for multicast, the NIC is
 * one that is safe: its VF gets frames only while it is up, and the PF gets them all the time.
 */
#include "harness.h"
#include "memnic/bed.h"

#define SAFE_NIC "come=up go=down+clear arb=both"
#define MS	 NFP_NSEC_PER_MSEC

#define FILTER	NFP_STYLE_MACVTAP
#define PROMISC NFP_STYLE_BRIDGE

/* The verdict is the one of multicast: unicast is safe. */
#define IN(...)             \
	{                   \
		__VA_ARGS__ \
	}
#define OK(...)	      NFP_VERDICT_SAFE, NFP_MULTICAST_OK, IN(__VA_ARGS__)
#define UNPROVEN(...) NFP_VERDICT_SAFE, NFP_MULTICAST_UNPROVEN, IN(__VA_ARGS__)
#define UNTESTED      NFP_VERDICT_SAFE, NFP_MULTICAST_UNTESTED, IN()
#define EARLY	      NFP_VERDICT_EARLY, NFP_MULTICAST_LOST, IN()
#define DEAF(...)     NFP_VERDICT_DEAF, NFP_MULTICAST_LOST, IN(__VA_ARGS__)
#define STICKY	      NFP_VERDICT_STICKY, NFP_MULTICAST_LOST, IN()

struct expect {
	const char *keys; /* tests/drivers.def */
	enum nfp_style style;
	const char *row; /* memnic_row_of() of the group under test */
	enum nfp_verdict verdict;
	enum nfp_multicast multicast;
	struct memnic_conditions conditions;
};

static void open_safe(struct bed *bed, const struct expect *want)
{
	struct memnic_personality p = {.name = "safe", .promisc_from_inside = true};

	memnic_set(&p, SAFE_NIC);
	memnic_set(&p, want->keys);
	bed_open(bed, &p, &want->conditions, want->style);
}

static void check(struct bed *bed, const struct expect *want)
{
	/* Unicast is as it is without multicast. */
	const char *unicast = want->style == FILTER ? "-PPPPBlPPPPPPBP" : "-PPPPVlPPPPPPVP";
	char row[MEMNIC_ROW_LEN];

	assert_int_equal(bed_climb(bed), 0);
	memnic_row_of(&bed->result, NFP_KIND_MULTICAST, row);
	if (strcmp(row, want->row) != 0 || strcmp(bed_row(bed), unicast) != 0 ||
	    bed->result.verdict != want->verdict || bed->result.multicast != want->multicast)
		print_error("%s, %s: %s, multicast %s: %s; %s\n", want->keys,
			    nfp_style_name(want->style), nfp_verdict_name(bed->result.verdict),
			    nfp_multicast_name(bed->result.multicast), bed->result.reason,
			    bed->result.multicast_note);
	assert_string_equal(row, want->row);
	assert_string_equal(bed_row(bed), unicast);
	assert_int_equal(bed->result.verdict, want->verdict);
	assert_int_equal(bed->result.multicast, want->multicast);
}

/* control standby assign attach driver up alone down unplug detach clear reassign
 * vf-first -up -unplug */
static const struct expect expected[] = {
	/* Perfect filters lose nothing. */
	{"", FILTER, "-PPPPBlPPPPPPBP", OK()},
	{"", PROMISC, "-PPPPBlPPPPPPBP", OK()},
	{"", FILTER, "-PPPPBlPPPPPPBP", OK(.source = NFP_SOURCE_VF)},
	{"", FILTER, "-PPPPBlPPPPPPBP", OK(.source = NFP_SOURCE_PF)},
	/* A VF that must be trusted is deaf. */
	{"mc=trust", FILTER, "-PPPPPlPPPPPPPP", DEAF()},
	{"mc=trust", PROMISC, "-PPPPPlPPPPPPPP", DEAF()},
	{"mc=trust", FILTER, "-PPPPPlPPPPPPPP", DEAF(.source = NFP_SOURCE_PF)},
	/* A VF that forgets its groups is deaf. */
	{"mc_forget_ever=reset", FILTER, "-PPPPPlPPPPPPPP", DEAF()},
	/* The second guest's. */
	{"mc_forget_ever=down", FILTER, "-PPPPBlPPPPPPPP", DEAF()},
	{"mc_forget_ever=up mc_ms=700", FILTER, "-PPPPPlPPPPPPPP", DEAF()},
	/* A group that goes to one receiver: the guest gets it by the VF while it has it, so only
	 * that it does not come back is wrong. */
	{"mc_steal=1", FILTER, "-PPPPVlPPPPPPVP", OK()},
	{"mc_steal=1 mc_back=unplug", FILTER, "-PPPPVl-PPPPPVP", OK()},
	{"mc_steal=1 mc_back=reset", FILTER, "-PPPPVl--PPPPV-", STICKY},
	{"mc_steal=1 mc_back=clear", FILTER, "-PPPPVl---PPPV-", STICKY},
	{"mc_steal=1 mc_back=unplug mc_ms=900", PROMISC, "-PPPPVl-PPPPPVP", OK()},
	/* The next guest boots without it. */
	{"mc_steal=1 mc_back=never", FILTER, "-PPPPVl------V-", EARLY},
	{"mc_steal=1 mc_back=never", PROMISC, "-PPPPVl------V-", EARLY},
	/* A PF whose groups are wiped. */
	{"mc_wipe=assign", FILTER, "-P---Vl-----PBP", EARLY},
	{"mc_wipe=assign mc_ms=900", FILTER, "-P---Vl-----PBP", EARLY},
	{"mc_wipe=reset", FILTER, "-PP--Vl-----PBP", EARLY},
	/* Nor does clear give it back, so reassign does not take it. */
	{"mc_wipe=unplug", FILTER, "-PPPPBlP----PB-", STICKY},
	{"mc_wipe=unplug mc_steal=1 mc_back=assign", FILTER, "-PPPPVl-----PV-", STICKY},
	/* A bridge has joined nothing. */
	{"mc_wipe=assign", PROMISC, "-PPPPBlPPPPPPBP", OK()},
	{"mc_wipe=assign wipes_allmulti", PROMISC, "-P---Vl-----PBP", EARLY},
	/* Promiscuity is not allmulti: QEMU's igb, while it has VFs. */
	{"pf_allmulti=ignored", PROMISC, "-----Vl------V-", UNPROVEN()},
	{"pf_allmulti=ignored", FILTER, "-PPPPBlPPPPPPBP", OK()},
	{"pf_allmulti=ignored pf_promisc_mc=1", PROMISC, "-PPPPBlPPPPPPBP", OK()},
	{"", PROMISC, "-----Vl------V-", UNPROVEN(.openvswitch = true)},
	{"pf_promisc_mc=1", PROMISC, "-PPPPBlPPPPPPBP", OK(.openvswitch = true)},
	{"", FILTER, "-PPPPBlPPPPPPBP", OK(.openvswitch = true)},
	/* A filter that is programmed late is there all the same. */
	{"mc_ms=900", FILTER, "-PPPPBlPPPPPPBP", OK()},
	{"mc_ms=900", PROMISC, "-PPPPBlPPPPPPBP", OK()},
	/* A network without multicast proves nothing. */
	{"", FILTER, "------l--------", UNPROVEN(.multicast_blocked = true)},
	{"mc=trust", FILTER, "------l--------", UNPROVEN(.multicast_blocked = true)},
	/* Frames from inside the NIC do not cross it. */
	{"", FILTER, "-PPPPBlPPPPPPBP", OK(.source = NFP_SOURCE_PF, .multicast_blocked = true)},
};

TEST(known_rows)
{
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		struct bed bed;

		open_safe(&bed, &expected[i]);
		check(&bed, &expected[i]);
		bed_close(&bed);
	}
}

/* Where frames to a group that nobody has joined go in `up`. */
static void check_unjoined(const struct expect *want, enum nfp_landing landing)
{
	struct bed bed;

	open_safe(&bed, want);
	check(&bed, want);
	assert_int_equal(bed_step(&bed, NFP_STEP_UP)->landing[NFP_KIND_UNJOINED], landing);
	assert_int_equal(bed_step(&bed, NFP_STEP_UP)->landing[NFP_KIND_ALL_NODES],
			 NFP_LANDING_BOTH);
	bed_close(&bed);
}

TEST(groups_that_nobody_joined_harm_nobody)
{
	static const struct {
		struct expect expect;
		enum nfp_landing unjoined;
	} cases[] = {
		{{"", FILTER, "-PPPPBlPPPPPPBP", OK()}, NFP_LANDING_NOWHERE},
		{{"mc=all", FILTER, "-PPPPBlPPPPPPBP", OK()}, NFP_LANDING_VF},
		{{"pf_mc=all", FILTER, "PPPPPBlPPPPPPBP", OK()}, NFP_LANDING_PF},
		{{"mc=all pf_mc=all", FILTER, "PPPPPBlPPPPPPBP", OK()}, NFP_LANDING_BOTH},
		{{"mc=hash", FILTER, "-PPPPBlPPPPPPBP", OK()}, NFP_LANDING_VF},
		{{"mc=hash pf_mc=hash", FILTER, "-PPPPBlPPPPPPBP", OK()}, NFP_LANDING_BOTH},
		{{"mc=hash pf_mc=hash", PROMISC, "-PPPPBlPPPPPPBP", OK()}, NFP_LANDING_BOTH},
		/* That the VF gets what it has not joined does not give the PF what it loses. */
		{{"mc=all mc_wipe=reset", FILTER, "-PP--Vl-----PBP", EARLY}, NFP_LANDING_VF},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_unjoined(&cases[i].expect, cases[i].unjoined);
}

/* What one style shows of the network tells that the NIC is to blame in the other. */
TEST(a_bridge_that_hears_less_than_a_macvtap)
{
	static const struct {
		const char *keys;
		struct memnic_conditions conditions;
		enum nfp_verdict filter, promisc;
	} cases[] = {
		{"pf_allmulti=ignored", {0}, NFP_VERDICT_SAFE, NFP_VERDICT_DEAF},
		{"", {.openvswitch = true}, NFP_VERDICT_SAFE, NFP_VERDICT_DEAF},
		{"pf_mc=trust", {0}, NFP_VERDICT_DEAF, NFP_VERDICT_SAFE},
		{"pf_mc=trust pf_allmulti=ignored", {0}, NFP_VERDICT_SAFE, NFP_VERDICT_SAFE},
		{"pf_allmulti=ignored",
		 {.multicast_blocked = true},
		 NFP_VERDICT_SAFE,
		 NFP_VERDICT_SAFE},
	};
	static const bool none[NFP_VERDICT_COUNT];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct memnic_personality p = {.name = "safe", .promisc_from_inside = true};
		struct nfp_style_result styles[NFP_STYLE_COUNT];
		struct nfp_vf_result vf = {.vf = 3, .styles = styles, .num_styles = 2};

		memnic_set(&p, SAFE_NIC);
		memnic_set(&p, cases[i].keys);
		for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++)
			assert_int_equal(
				memnic_climb(&p, &cases[i].conditions, style, &styles[style]), 0);
		(void)nfp_judge_across_styles(&vf, "eth0", none);
		assert_int_equal(styles[FILTER].verdict, cases[i].filter);
		assert_int_equal(styles[PROMISC].verdict, cases[i].promisc);
	}
}

/* Nothing that unicast shows depends on the last steps here, but what they show of multicast. */
TEST(the_last_steps_are_not_cut_where_multicast_differs)
{
	struct memnic_personality p = *memnic_archetype("rar-vf-wins");
	struct nfp_style_result result;
	char row[MEMNIC_ROW_LEN];

	memnic_set(&p, "mc_wipe=reset mc_steal=1 mc_back=down mc_ms=200");
	assert_int_equal(memnic_climb(&p, NULL, FILTER, &result), 0);
	assert_string_equal(memnic_row(&result, row), "-P---Vl---P--V-");
	/* The first guest's standby had lost the group before; the second one's gets it back. */
	assert_string_equal(memnic_row_of(&result, NFP_KIND_MULTICAST, row), "-PP--Vl-----PVP");
}

/* ---- the network ---- */

TEST(a_switch_that_snoops_wants_a_report)
{
	static const struct expect snooping = {"", FILTER, "-PPPPBlPPPPPPBP",
					       OK(.mld_snooping = true)};
	struct expect unannounced = {"", FILTER, "------l--------", UNPROVEN(.mld_snooping = true)};
	struct bed bed;

	open_safe(&bed, &snooping);
	check(&bed, &snooping);
	/* Once in each step, twice where somebody joins. */
	assert_string_equal(memnic_log(bed.nic),
			    "hold report announce report announce announce assign report reset "
			    "report bind report up report announce report announce down report "
			    "unbind report reset report clear report assign reset report release "
			    "assign reset hold report announce report announce announce bind up "
			    "report announce report announce unbind report ");
	bed_close(&bed);

	open_safe(&bed, &unannounced);
	bed.config.announce = false;
	check(&bed, &unannounced);
	assert_null(strstr(memnic_log(bed.nic), "report"));
	bed_close(&bed);

	/* One that has no use for reports. */
	unannounced = (struct expect) {"", FILTER, "-PPPPBlPPPPPPBP", OK()};
	open_safe(&bed, &unannounced);
	bed.config.announce = false;
	check(&bed, &unannounced);
	bed_close(&bed);
}

/* Steps of a minute take longer than a switch remembers a report. */
TEST(a_switch_that_forgets_is_told_again)
{
	static const struct expect forgets = {
		"", FILTER, "-PPPPBlPPPPPPBP",
		OK(.mld_snooping = true, .mld_forget_ns = 260 * NFP_NSEC_PER_SEC)};
	struct bed bed;

	open_safe(&bed, &forgets);
	bed.config.settle_ns = 60 * NFP_NSEC_PER_SEC;
	bed.config.rate = 20;
	check(&bed, &forgets);
	bed_close(&bed);
}

/* ---- noise ---- */

static enum nfp_multicast multicast_in(const struct memnic_conditions *noise)
{
	struct memnic_personality p = {.name = "safe", .promisc_from_inside = true};
	struct nfp_style_result result;
	char row[MEMNIC_ROW_LEN];

	memnic_set(&p, SAFE_NIC);
	assert_int_equal(memnic_climb(&p, noise, FILTER, &result), 0);
	assert_string_equal(memnic_row(&result, row), "-PPPPBlPPPPPPBP");
	assert_int_equal(result.verdict, NFP_VERDICT_SAFE);
	return result.multicast;
}

/* It comes and goes in the network, and unicast does not. */
TEST(multicast_that_flaps_does_not_touch_unicast)
{
	struct memnic_conditions flaps = {.multicast_mute_ns = MEMNIC_BEGIN_NS,
					  .multicast_mute_for_ns = 900 * MS,
					  .multicast_mute_every_ns = 1800 * MS};

	assert_int_equal(multicast_in(&flaps), NFP_MULTICAST_UNPROVEN);
	flaps.multicast_mute_for_ns = 300 * MS;
	flaps.multicast_mute_every_ns = 500 * MS;
	assert_int_equal(multicast_in(&flaps), NFP_MULTICAST_UNPROVEN);
	/* From `up` on. */
	flaps.multicast_mute_ns = MEMNIC_BEGIN_NS + 6000 * MS;
	assert_int_equal(multicast_in(&flaps), NFP_MULTICAST_UNPROVEN);
}

TEST(multicast_with_loss_proves_nothing)
{
	unsigned int num_unproven = 0;

	for (uint64_t seed = 1; seed <= 100; seed++) {
		struct memnic_conditions lossy = {.seed = seed, .multicast_loss_permille = 200};

		/* Some lots lose so few that the landing is clear in each step for long enough. */
		num_unproven += multicast_in(&lossy) == NFP_MULTICAST_UNPROVEN;
		assert_int_not_equal(multicast_in(&lossy), NFP_MULTICAST_LOST);
		lossy.multicast_loss_permille = 400;
		assert_int_equal(multicast_in(&lossy), NFP_MULTICAST_UNPROVEN);
	}
	assert_true(num_unproven > 0);
}

TEST(without_multicast_there_is_none)
{
	static const struct expect unheard = {"mc=trust mc_wipe=assign", FILTER, "???????????????",
					      UNTESTED};
	struct bed bed;

	open_safe(&bed, &unheard);
	bed.config.multicast = false;
	assert_int_equal(bed_climb(&bed), 0);
	assert_string_equal(bed_row(&bed), "-PPPPBlPPPPPPBP");
	for (size_t i = 0; i < bed.result.num_steps; i++) {
		const struct nfp_count *count = bed.result.steps[i].count;

		assert_int_equal(count[NFP_KIND_MULTICAST].sent, 0);
		assert_int_equal(count[NFP_KIND_ALL_NODES].sent, 0);
		assert_int_equal(count[NFP_KIND_UNJOINED].sent, 0);
	}
	assert_null(strstr(memnic_log(bed.nic), "report"));
	assert_int_equal(bed.result.verdict, unheard.verdict);
	assert_int_equal(bed.result.multicast, unheard.multicast);
	bed_close(&bed);
}

TEST_MAIN()
