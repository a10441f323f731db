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

/* What only such NICs need; golden/answers.txt has the other commands. */
TEST(a_macvtap_that_is_down_for_the_vf)
{
	static const struct {
		const char *name, *commands;
	} rows[] = {
		{"ixgbe", "ip link set MACVTAP down"},
		{"ice-duplicate", "ip link set MACVTAP down\nvirsh attach-device GUEST VF_XML "
				  "--live; ip link set MACVTAP up"},
	};

	for (size_t i = 0; i < NFP_NUM(rows); i++) {
		const struct memnic_conditions conditions = {.source = WIRE};
		struct nfp_result result = {.pf.ifname = "eth0", .restored = true, .have_vf = true};
		struct nfp_style_result style;
		struct nfp_summary *summary;
		bool told = false;

		assert_int_equal(
			memnic_run(memnic_archetype(rows[i].name), &conditions, FILTER, &style), 0);
		result.vf = (struct nfp_vf_result) {.vf = 3, .styles = &style, .num_styles = 1};
		nfp_judge_vf(&result.vf);
		summary = nfp_summary_of(&result);
		nfp_for_each (a, summary->advised.advice, summary->advised.num_advice)
			told |= strcmp(said_commands(&a->commands), rows[i].commands) == 0;
		assert_true(told);
		nfp_summary_free(summary);
	}
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
