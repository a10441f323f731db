// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * NICs and networks that change multicast, through the whole ladder. But for multicast, the NIC is
 * one that is safe: its VF gets frames only while it is up, and the PF gets them all the time.
 */
#include "unit/bedded.h"

#define SAFE_NIC "come=up go=down+clear arb=both pf_promisc_mc=0 loop_pf_pf=1"
#define MS	 NFP_NSEC_PER_MSEC

#define FILTER	NFP_STYLE_MACVTAP
#define PROMISC NFP_STYLE_BRIDGE

/* The verdict is the one of multicast: unicast is safe. */
#define IN(...)             \
	{                   \
		__VA_ARGS__ \
	}
#define OK(...)	      NFP_VERDICT_SAFE, NFP_STATE_OK, IN(__VA_ARGS__)
#define UNPROVEN(...) NFP_VERDICT_SAFE, NFP_STATE_UNPROVEN, IN(__VA_ARGS__)
#define EARLY	      NFP_VERDICT_EARLY, NFP_STATE_LOST, IN()
#define DEAF(...)     NFP_VERDICT_DEAF, NFP_STATE_LOST, IN(__VA_ARGS__)
#define STICKY	      NFP_VERDICT_STICKY, NFP_STATE_LOST, IN()

struct expect {
	const char *keys; /* tests/drivers.def */
	enum nfp_style style;
	const char *row; /* memnic_row_of() of the group under test */
	enum nfp_verdict verdict;
	enum nfp_check_state multicast;
	struct memnic_conditions conditions;
};

static void open_safe(struct bed *bed, const struct expect *want)
{
	char keys[200], word[MEMNIC_WORD_LEN];
	struct core_personality p;

	snprintf(keys, sizeof(keys), SAFE_NIC " %s", want->keys);
	assert_int_equal(memnic_read(keys, &p, NULL, word), 0);
	bed_anew(bed, &p, &want->conditions, want->style);
}

static void check(struct bed *bed, const struct expect *want)
{
	/* Unicast is as it is without multicast. */
	const char *unicast = want->style == FILTER ? "-PPPBlPPPPBBPBP" : "-PPPVlPPPPVVPVP";
	char row[MEMNIC_ROW_LEN];

	assert_int_equal(bed_run(bed), 0);
	memnic_row_of(&bed->result, NFP_KIND_MULTICAST, row);
	if (strcmp(row, want->row) != 0 || strcmp(bed_row(bed), unicast) != 0 ||
	    bed->result.verdict != want->verdict || bed->result.multicast != want->multicast)
		print_error("%s, %s: %s, multicast %s: %s; %s\n", want->keys,
			    nfp_style_name(want->style), nfp_verdict_name(bed->result.verdict),
			    nfp_check_state_name(bed->result.multicast), bed->result.reason,
			    bed->result.multicast_note);
	assert_string_equal(row, want->row);
	assert_string_equal(bed_row(bed), unicast);
	assert_int_equal(bed->result.verdict, want->verdict);
	assert_int_equal(bed->result.multicast, want->multicast);
}

/* The landings by each key: tests/nic/landings.txt.
 *
 * control standby assign attach up alone unplug detach clear
 * vf-first -up -rewritten -unplug -back -clear */
static const struct expect expected[] = {
	/* A filter that another process opens shows nothing; a bridge wants it open. */
	{"", FILTER, "-PPPBlPPPPBBPBP", UNPROVEN(.all_multicast = true)},
	{"", PROMISC, "-PPPBlPPPPBBPBP", OK(.all_multicast = true)},
	{"", FILTER, "-PPPBlPPPPBBPBP", OK()},
	{"", FILTER, "-PPPBlPPPPBBPBP", OK(.source = NFP_ENTERS_PF)},
	/* A VF that must be trusted is deaf. */
	{"mc=trust", FILTER, "-PPPPlPPPPPPPPP", DEAF()},
	/* A group that goes to one receiver: the guest gets it by the VF while it has it, so only
	 * that it does not come back is wrong. */
	{"mc_steal=1 mc_back=unplug", FILTER, "-PPPVlPPPPVVPVP", OK()},
	{"mc_steal=1 mc_back=reset", FILTER, "-PPPVl-PPPVV-V-", STICKY},
	/* The next guest boots without it. */
	{"mc_steal=1 mc_back=never", PROMISC, "-PPPVl----VV-V-", EARLY},
	/* A PF whose groups are wiped; a bridge has joined nothing. */
	{"mc_wipe=assign mc_ms=900", FILTER, "-P--Vl---PBBPBP", EARLY},
	{"mc_wipe=unplug", FILTER, "-PPPBl---PBB-V-", STICKY},
	{"mc_wipe=assign", PROMISC, "-PPPBlPPPPBBPBP", OK()},
	/* Promiscuity is not allmulti: QEMU's igb, while it has VFs. */
	{"pf_allmulti=ignored", PROMISC, "----Vl----VV-V-", UNPROVEN()},
	{"", PROMISC, "----Vl----VV-V-", UNPROVEN(.openvswitch = true)},
	{"pf_promisc_mc=1", PROMISC, "-PPPBlPPPPBBPBP", OK(.openvswitch = true)},
	/* A network without multicast proves nothing; frames from inside do not cross it. */
	{"mc=trust", FILTER, "-----l---------", UNPROVEN(.multicast_blocked = true)},
	{"", FILTER, "-PPPBlPPPPBBPBP", OK(.source = NFP_ENTERS_PF, .multicast_blocked = true)},
};

BED_TEST(known_rows)
{
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		open_safe(bed, &expected[i]);
		check(bed, &expected[i]);
	}
}

/* ---- the network ---- */

BED_TEST(a_switch_that_snoops_wants_a_report)
{
	static const struct expect snooping = {"", FILTER, "-PPPBlPPPPBBPBP",
					       OK(.mld_snooping = true)};
	const struct expect unannounced = {"",
					   FILTER,
					   "-----l---------",
					   NFP_VERDICT_UNKNOWN,
					   NFP_STATE_UNPROVEN,
					   IN(.mld_snooping = true)};

	open_safe(bed, &snooping);
	check(bed, &snooping);
	assert_string_equal(memnic_log(bed->nic), BED_LOG_SAFE);

	open_safe(bed, &unannounced);
	bed->config.announce = false;
	check(bed, &unannounced);
	assert_null(strstr(memnic_log(bed->nic), "report"));
}

/* Another group in its bucket is joined by somebody: the control is tested instead. */
BED_TEST(a_group_that_collides_is_drawn_anew)
{
	struct core_personality p = *memnic_archetype("mlx5");
	bool drawn = false;

	p.group_buckets = 64;
	p.pf_wiped_on = CORE_BIT(CORE_ON_UNBIND);
	for (unsigned int bucket = 0; bucket < 64; bucket++) {
		const struct memnic_conditions c = {.others_groups = UINT64_C(1) << bucket};

		bed_has_run(bed, &p, &c, NFP_STYLE_MACVTAP);
		assert_int_equal(bed->result.multicast, NFP_STATE_LOST);
		drawn |= strstr(bed_step(bed, NFP_STEP_CONTROL)->w.note, "tested instead") != NULL;
	}
	assert_true(drawn);
}

/* ---- time ---- */

/* How much longer than on a NIC that loses nothing each step is watched, in settling times. */
static void excess(const char *keys, unsigned int ret_settles[NFP_STEP_COUNT])
{
	const struct expect lost = {keys, FILTER, .row = ""}, good = {"", FILTER, .row = ""};
	struct bed beds[2] = {0};

	open_safe(&beds[0], &lost);
	open_safe(&beds[1], &good);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(bed_run(&beds[i]), 0);
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		const struct nfp_step_result *a = bed_step(&beds[0], step);
		const struct nfp_step_result *b = bed_step(&beds[1], step);
		uint64_t settle_ns = beds[0].config.settle_ns;

		ret_settles[step] = 0;
		if (a && b && a->duration_ns > b->duration_ns)
			ret_settles[step] =
				(unsigned int)((a->duration_ns - b->duration_ns + settle_ns / 2) /
					       settle_ns);
	}
	for (size_t i = 0; i < 2; i++)
		bed_close(&beds[i]);
}

/* Twice as long, and once more after it was reported again; then a state that lasts is known. */
TEST(a_loss_that_lasts_is_confirmed_once)
{
	unsigned int settles[NFP_STEP_COUNT];

	excess("mc_wipe=assign", settles);
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++)
		assert_int_equal(settles[step], step == NFP_STEP_ASSIGN ? 2 : 0);
}

/* It comes back in clear, and so a second loss may be the network's. */
TEST(a_second_loss_is_confirmed_as_the_first_is)
{
	unsigned int settles[NFP_STEP_COUNT];

	excess("mc_steal=1 mc_back=clear", settles);
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++)
		assert_int_equal(settles[step],
				 step == NFP_STEP_UNPLUG || step == NFP_STEP_VF_FIRST_UNPLUG ? 2
											     : 0);
}

/* A bridge's group on QEMU's igb: nobody has it before the VF, and then the PF still lacks it. */
BED_TEST(what_was_never_there_is_not_confirmed)
{
	const struct expect never = {"pf_allmulti=ignored", PROMISC, .row = ""};

	open_safe(bed, &never);
	assert_int_equal(bed_run(bed), 0);
	for (enum nfp_step step = NFP_STEP_STANDBY; step < NFP_STEP_COUNT; step++) {
		if (bed_step(bed, step))
			assert_true(bed_step(bed, step)->window_ns < bed->config.settle_ns * 3 / 2);
	}
}

TEST_MAIN()
