// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every way in which drivers treat a VF's address, through the whole ladder. The rows were derived
 * from what is known of the drivers (tests/drivers.def), igb's were measured; none was taken
 * from nfprobe.
 */
#include "harness.h"
#include "../../src/report/summary_priv.h"
#include "memnic/memnic.h"
#include "verdict/verdict.h"
#include "said.h"
#include "../../src/verdict/judge.h"

#define R(name)	   NFP_REQ_BIT(NFP_REQ_##name)
#define AT_HOTPLUG (R(ASSIGN_AT_HOTPLUG) | R(CLEAR_AT_UNPLUG))

struct expect {
	const char *name;
	enum nfp_style style;
	enum nfp_enters source;
	const char *row; /* memnic_row() */
	enum nfp_verdict verdict;
	enum nfp_claim claim;
	enum nfp_release release;
	enum nfp_delivery delivery;
	uint32_t requires;
};

#define FILTER	NFP_STYLE_MACVTAP
#define PROMISC NFP_STYLE_BRIDGE
#define WIRE	NFP_ENTERS_WIRE

/* The same answers come again and again. */
#define SAFE_BOTH NFP_VERDICT_SAFE, NFP_CLAIM_UP, NFP_RELEASE_UNPLUG, NFP_DELIVERY_BOTH, 0
#define SAFE_VF	  NFP_VERDICT_SAFE, NFP_CLAIM_UP, NFP_RELEASE_UNPLUG, NFP_DELIVERY_VF, 0
#define EARLY_KEPT \
	NFP_VERDICT_EARLY, NFP_CLAIM_ASSIGN, NFP_RELEASE_CLEAR, NFP_DELIVERY_VF, AT_HOTPLUG
#define UNTESTABLE NFP_VERDICT_UNKNOWN, NFP_CLAIM_UNKNOWN, NFP_RELEASE_UNKNOWN, NFP_DELIVERY_NONE, 0

/* control standby assign attach up alone unplug detach clear
 * vf-first -up -unplug */
static const struct expect expected[] = {
	{"igb", FILTER, WIRE, "PPPPBlPPPPBBPBP", SAFE_BOTH},
	{"igb", PROMISC, WIRE, "PP--Vl--P-VV-VP", EARLY_KEPT},
	{"igb", FILTER, NFP_ENTERS_VF, "-PPPBlPPPPBBPBP", SAFE_BOTH},
	{"igb", FILTER, NFP_ENTERS_PF, "-PPPBlPPPPBBPBP", SAFE_BOTH},
	{"igb", PROMISC, NFP_ENTERS_VF, "--ssslsssssssss", UNTESTABLE},
	{"igb", PROMISC, NFP_ENTERS_PF, "--ssslsssssssss", UNTESTABLE},
	{"igb-fresh-pf", FILTER, WIRE, "PPPPBlPPPPBBPBP", SAFE_BOTH},
	{"igb-fresh-pf", PROMISC, WIRE, "PPP-Vl--P-VV-VP", EARLY_KEPT},

	{"ixgbe", FILTER, WIRE, "-PPPPVPPPPPPPPP", NFP_VERDICT_DEAF, NFP_CLAIM_NEVER,
	 NFP_RELEASE_UNPLUG, NFP_DELIVERY_NONE, R(RELEASE_STANDBY_WHEN_UP)},
	{"ixgbe", PROMISC, WIRE, "-P-PVl-PPPVV-VP", NFP_VERDICT_STICKY,
	 NFP_CLAIM_ASSIGN_UNTIL_RESET, NFP_RELEASE_DETACH, NFP_DELIVERY_VF,
	 R(DETACH_BEFORE_MIGRATION)},

	{"ice-promisc-gap", FILTER, WIRE, "-P--Vl--P-VV-VP", EARLY_KEPT},
	{"ice-promisc-gap", PROMISC, WIRE, "-P--Vl--P-VV-VP", EARLY_KEPT},

	/* A VF that comes back has another address. */
	{"i40e-old", FILTER, WIRE, "-PPPBlPPPPBBPrP", NFP_VERDICT_UNKNOWN, NFP_CLAIM_UP,
	 NFP_RELEASE_UNPLUG, NFP_DELIVERY_BOTH, 0},
	{"i40e-old", PROMISC, WIRE, "-P--VlPPP-VVPrP", NFP_VERDICT_EARLY, NFP_CLAIM_ASSIGN,
	 NFP_RELEASE_UNPLUG, NFP_DELIVERY_VF, R(ASSIGN_AT_HOTPLUG) | R(DETACH_BEFORE_MIGRATION)},

	{"mlx5", FILTER, WIRE, "-PPPBlPPPPBBPBP", SAFE_BOTH},
	{"mlx5", PROMISC, WIRE, "-PPPVlPPPPVVPVP", SAFE_VF},
	{"mlx5", PROMISC, NFP_ENTERS_VF, "-PPPVlPPPPVVPVP", SAFE_VF},

	{"list-rewritten", FILTER, WIRE, "-PPPVlPPPPVPPVP", NFP_VERDICT_DEAF, NFP_CLAIM_UP,
	 NFP_RELEASE_UNPLUG, NFP_DELIVERY_VF, R(DO_NOT_USE)},
	{"list-rewritten", PROMISC, WIRE, "-PPPVlPPPPVVPVP", SAFE_VF},
	{"qlcnic", FILTER, WIRE, "-PPPVlPPPPVVPVP", SAFE_VF},
	{"qlcnic", PROMISC, WIRE, "-PPPVlPPPPVVPVP", SAFE_VF},

	{"octeontx2", FILTER, WIRE, "-PPPVlPPPPVVPVP", SAFE_VF},
	{"octeontx2", PROMISC, WIRE, "-PPPVlPPPPVVPVP", SAFE_VF},

	{"hns3", FILTER, WIRE, "-PPPBlPPPPBBPBP", SAFE_BOTH},
	{"hns3", PROMISC, WIRE, "-PPPVlPPPPVVPVP", SAFE_VF},

	{"sfc", FILTER, WIRE, "-PPPVlPPPPVVPVP", NFP_VERDICT_SAFE, NFP_CLAIM_UP, NFP_RELEASE_UNPLUG,
	 NFP_DELIVERY_VF, 0},
	{"sfc", PROMISC, WIRE, "-PPPVlPPPPVVPVP", NFP_VERDICT_SAFE, NFP_CLAIM_UP,
	 NFP_RELEASE_UNPLUG, NFP_DELIVERY_VF, 0},

	{"ice", FILTER, WIRE, "-PPPBlPPPPBBPBP", SAFE_BOTH},
	{"ice", PROMISC, WIRE, "-P--Vl--P-VV-VP", EARLY_KEPT},

	{"rar-vf-wins", FILTER, WIRE, "-P--Vl--P-VV-VP", EARLY_KEPT},
	{"rar-vf-wins", PROMISC, WIRE, "-P--Vl--P-VV-VP", EARLY_KEPT},
	{"rar-last-wins", FILTER, WIRE, "-P--Vl--PPPPPPP", EARLY_KEPT},
	{"rar-last-wins", PROMISC, WIRE, "-P--Vl--P-VV-VP", EARLY_KEPT},

	/* The VF asks for the address when it is up, and the PF has it then. */
	{"hns3-old", FILTER, WIRE, "-PrsslsssPPPPPP", NFP_VERDICT_REFUSED, NFP_CLAIM_UNKNOWN,
	 NFP_RELEASE_UNKNOWN, NFP_DELIVERY_NONE, R(ASSIGN_BEFORE_STANDBY) | R(DO_NOT_USE)},
	{"hns3-old", PROMISC, WIRE, "-PPPVlPPPPVVPVP", SAFE_VF},
	{"ice-duplicate", FILTER, WIRE, "-PrsslsssPBBPBP", NFP_VERDICT_REFUSED, NFP_CLAIM_UNKNOWN,
	 NFP_RELEASE_UNKNOWN, NFP_DELIVERY_NONE, R(ASSIGN_BEFORE_STANDBY)},
	{"ice-duplicate", PROMISC, WIRE, "-P--Vl--P-VV-VP", EARLY_KEPT},
	{"ice-old", FILTER, WIRE, "-PPPP-PPP-VV-V-", NFP_VERDICT_EARLY, NFP_CLAIM_ASSIGN,
	 NFP_RELEASE_UNPLUG, NFP_DELIVERY_NONE, R(ASSIGN_AT_HOTPLUG) | R(DO_NOT_USE)},
	{"ice-old", PROMISC, WIRE, "-P--Vl--P-VV-VP", EARLY_KEPT},

	/* Behind a VF that has it, the PF's address is refused, and is not there at unplug either.
	 */
	{"i40e-refused", FILTER, WIRE, "-PPPBlPPP-VV-VP", NFP_VERDICT_EARLY, NFP_CLAIM_ASSIGN,
	 NFP_RELEASE_UNPLUG, NFP_DELIVERY_BOTH, R(ASSIGN_AT_HOTPLUG) | R(DETACH_BEFORE_MIGRATION)},
	{"i40e-refused", PROMISC, WIRE, "-P--Vl--P-VV-VP", EARLY_KEPT},

	{"table-full", FILTER, WIRE, "--ssslsssssssss", NFP_VERDICT_UNKNOWN, NFP_CLAIM_UNKNOWN,
	 NFP_RELEASE_UNKNOWN, NFP_DELIVERY_NONE, 0},
	{"table-full", PROMISC, WIRE, "-P--Vl--P-VV-VP", EARLY_KEPT},
	{"table-full-promisc", FILTER, WIRE, "-P--Vl--P-VV-VP", EARLY_KEPT},
	{"table-full-promisc", PROMISC, WIRE, "-P--Vl--P-VV-VP", EARLY_KEPT},

	{"no-unicast-filter", FILTER, WIRE, "-P--Vl--P-VV-VP", EARLY_KEPT},
	{"no-unicast-filter", PROMISC, WIRE, "-P--Vl--P-VV-VP", EARLY_KEPT},

	{"enetc", FILTER, WIRE, "-PPPBlPPPPBBPBP", SAFE_BOTH},
	{"enetc", PROMISC, WIRE, "-P--Vl--P-VV-VP", EARLY_KEPT},
	{"forced", FILTER, WIRE, "-PP-Vl--r-VV-Vr", NFP_VERDICT_EARLY, NFP_CLAIM_ASSIGN,
	 NFP_RELEASE_UNKNOWN, NFP_DELIVERY_VF, R(ASSIGN_AT_HOTPLUG)},
	{"forced", PROMISC, WIRE, "-PP-Vl--r-VV-Vr", NFP_VERDICT_EARLY, NFP_CLAIM_ASSIGN,
	 NFP_RELEASE_UNKNOWN, NFP_DELIVERY_VF, R(ASSIGN_AT_HOTPLUG)},

	{"switchdev", FILTER, WIRE, "PPPPPPPPPPPPPPP", NFP_VERDICT_UNKNOWN, NFP_CLAIM_NEVER,
	 NFP_RELEASE_UNPLUG, NFP_DELIVERY_NONE, 0},
	{"switchdev", PROMISC, WIRE, "PPPPPPPPPPPPPPP", NFP_VERDICT_UNKNOWN, NFP_CLAIM_NEVER,
	 NFP_RELEASE_UNPLUG, NFP_DELIVERY_NONE, 0},

	{"liquidio", FILTER, WIRE, "-PPlBlPlPPBBPBP", SAFE_BOTH},
	{"liquidio", PROMISC, WIRE, "-P-lVl-lP-VV-VP", EARLY_KEPT},
};
#define NUM_EXPECTED (sizeof(expected) / sizeof(expected[0]))

static void check(const struct expect *want, const struct memnic_conditions *conditions)
{
	struct nfp_style_result result;
	char row[MEMNIC_ROW_LEN];

	assert_non_null(memnic_archetype(want->name));
	assert_int_equal(memnic_run(memnic_archetype(want->name), conditions, want->style, &result),
			 0);
	memnic_row(&result, row);
	if (strcmp(row, want->row) != 0 || result.verdict != want->verdict ||
	    result.requires != want->requires)
		print_error("%s %s: %s, requires %x: %s\n", want->name, nfp_style_name(want->style),
			    nfp_verdict_name(result.verdict), result.requires, result.reason);
	assert_string_equal(row, want->row);
	assert_int_equal(result.verdict, want->verdict);
	assert_int_equal(result.claim, want->claim);
	assert_int_equal(result.release, want->release);
	assert_int_equal(result.delivery, want->delivery);
	assert_int_equal(result.requires, want->requires);
	if (result.verdict == NFP_VERDICT_UNKNOWN)
		assert_true(result.reason[0]);
	/* Groups have filters of their own, and these lose none. But a VF that hears nothing shows
	 * none. */
	assert_int_equal(result.multicast,
			 strpbrk(row, "rs") || want->verdict == NFP_VERDICT_UNKNOWN
				 ? NFP_STATE_UNPROVEN
				 : NFP_STATE_OK);
}

TEST(each_archetype)
{
	for (size_t i = 0; i < NUM_EXPECTED; i++) {
		struct memnic_conditions conditions = {.source = expected[i].source};

		check(&expected[i], &conditions);
	}
}

/* ---- what an administrator is told to do ---- */

/* Each requirement must name a command, for another guest than the probed VF's, and its moment. */
static const struct {
	const char *command;
	enum nfp_moment moment;
	bool not_before;
} told[NFP_REQ_COUNT] = {
	[NFP_REQ_ASSIGN_AT_HOTPLUG] = {"virsh attach-device GUEST VF_XML --live", NFP_MOMENT_RUNS,
				       true},
	[NFP_REQ_ASSIGN_BEFORE_STANDBY] =
		{"ip link set MACVTAP down\nvirsh attach-device GUEST VF_XML --live; ip "
		 "link set MACVTAP up",
		 NFP_MOMENT_START, false},
	[NFP_REQ_RELEASE_STANDBY_WHEN_UP] = {"ip link set MACVTAP down", NFP_MOMENT_VF_UP, true},
	[NFP_REQ_DETACH_BEFORE_MIGRATION] = {"virsh detach-device GUEST VF_XML --live",
					     NFP_MOMENT_MIGRATION, false},
	[NFP_REQ_CLEAR_AT_UNPLUG] = {"ip link set dev eth0 vf GUEST_VF mac 00:00:00:00:00:00",
				     NFP_MOMENT_VF_GONE, true},
};

static bool is_told(const struct nfp_advised *advised, unsigned int i)
{
	for (size_t k = 0; k < advised->num_advice; k++) {
		const struct nfp_advice *a = &advised->advice[k];

		if (a->moment == told[i].moment && a->not_before == told[i].not_before &&
		    strncmp(said_commands(&a->commands), told[i].command,
			    strlen(told[i].command)) == 0)
			return true;
	}
	return false;
}

/* All that is required leaves a state in which the guest is lost, or that is not known: none of it
 * is told. */
static bool is_in_vain(const struct expect *want)
{
	return strcmp(want->name, "forced") == 0 ||
	       (strcmp(want->name, "rar-last-wins") == 0 && want->style == NFP_STYLE_MACVTAP);
}

static void check_words(const struct expect *want, const struct nfp_summary *summary)
{
	const struct nfp_advised *advised = &summary->advised;
	const struct nfp_style_outcome *outcome = &summary->styles[0];
	const struct nfp_style_result *style = outcome->style;
	bool never = (want->requires & R(DO_NOT_USE)) != 0, useless = never || is_in_vain(want);
	uint32_t duties = useless ? 0 : want->requires;

	assert_non_null(strstr(style->reason, "eth0") ? style->reason
						      : strstr(style->reason, "VF 3"));
	assert_in_range(advised->num_advice, useless ? 0 : 1, NFP_REQ_COUNT);
	for (unsigned int i = 0; i < NFP_REQ_COUNT; i++) {
		/* A NIC that cannot be used at all needs no further conditions. */
		if (told[i].command)
			assert_int_equal(is_told(advised, i), !!(duties & NFP_REQ_BIT(i)));
	}
	assert_int_equal(outcome->rank == 0, useless);
	assert_int_equal(strstr(summary->answer.text, "below") != NULL, !useless);
}

TEST(each_unfit_archetype_is_told_what_to_do)
{
	uint32_t seen = 0;

	for (size_t i = 0; i < NUM_EXPECTED; i++) {
		struct memnic_conditions conditions = {.source = expected[i].source};
		struct nfp_summary *summary;
		struct nfp_result result = {.pf.ifname = "eth0", .restored = true, .have_vf = true};
		struct nfp_style_result style;

		if (!expected[i].requires)
			continue;
		assert_int_equal(memnic_run(memnic_archetype(expected[i].name), &conditions,
					    expected[i].style, &style),
				 0);
		result.vf = (struct nfp_vf_result) {.vf = 3, .styles = &style, .num_styles = 1};
		nfp_judge_vf(&result.vf);
		summary = nfp_summary_of(&result);
		check_words(&expected[i], summary);
		seen |= expected[i].requires;
		nfp_summary_free(summary);
	}
	/* Each of them is what some driver needs. */
	for (unsigned int i = 0; i < NFP_REQ_COUNT; i++)
		assert_true(!told[i].command || (seen & NFP_REQ_BIT(i)));
}

TEST(every_archetype_is_expected)
{
	for (size_t i = 0; i < memnic_num_archetypes; i++) {
		unsigned int styles = 0;

		for (size_t k = 0; k < NUM_EXPECTED; k++) {
			if (strcmp(expected[k].name, memnic_archetypes[i].name) == 0)
				styles |= 1U << expected[k].style;
		}
		assert_int_equal(styles, 3);
	}
}

TEST_MAIN()
