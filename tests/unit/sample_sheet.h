/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sample_sheet.h - sheets made by hand: what a NIC without anti-spoofing lets its guest do. */
#ifndef TESTS_SAMPLE_SHEET_H
#define TESTS_SAMPLE_SHEET_H

#include <errno.h>

#include "nfprobe/sheet.h"
#include "nfprobe/verdict.h"
#include "unit/sample_result.h"

#define SAMPLE_ROWS(from, to) (NFP_ROW_BIT((to) + 1) - NFP_ROW_BIT(from))
/* Any guest of that NIC gets these. */
#define SAMPLE_GETS                                                               \
	(SAMPLE_ROWS(NFP_ROW_SECOND, NFP_ROW_GROUP) | NFP_ROW_BIT(NFP_ROW_VLAN) | \
	 NFP_ROW_BIT(NFP_ROW_OLD))

/* Its window was watched, with both controls. */
static inline void sample_fact(struct nfp_sheet_fact *fact, bool heard)
{
	bool forged = fact->window.state <= NFP_ROW_FORGED_SIBLING;

	*fact = (struct nfp_sheet_fact) {
		.window = {.state = fact->window.state, .status = NFP_STATUS_DONE},
		.carried = NFP_YES};
	fact->window.count[NFP_SLOT_ASKED].sent = fact->window.count[NFP_SLOT_OWN].sent =
		fact->window.count[NFP_SLOT_OWN].at[NFP_AT_VF] = forged ? 8 : 75;
	fact->window.count[NFP_KIND_BROADCAST].sent =
		fact->window.count[NFP_KIND_BROADCAST].at[NFP_AT_VF] = forged ? 0 : 75;
	fact->strangers = fact->window.state == NFP_ROW_UNADDRESSED ||
			  fact->window.state == NFP_ROW_PROMISC ||
			  fact->window.state == NFP_ROW_OVERHEARS ||
			  fact->window.state == NFP_ROW_KEEPS_PROMISC;
	fact->window.count[NFP_SLOT_ASKED].at[NFP_AT_VF] =
		heard ? fact->window.count[NFP_SLOT_ASKED].sent : 0;
}

/* What the guest did not get, and the next one does not either. */
static inline void sample_never_granted(struct nfp_sheet_combination *c)
{
	static const enum nfp_sheet_row of[] = {NFP_ROW_SECOND, NFP_ROW_NEW, NFP_ROW_ALLMULTI,
						NFP_ROW_PROMISC};

	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		struct nfp_sheet_fact *keeps = &c->rows[NFP_ROW_KEEPS_SECOND + i];

		if (c->rows[of[i]].window.count[NFP_SLOT_ASKED].at[NFP_AT_VF] ||
		    keeps->window.count[NFP_SLOT_ASKED].at[NFP_AT_VF])
			continue;
		keeps->carried = NFP_UNKNOWN;
		strcpy(keeps->window.note, "the last guest was not seen to have it");
	}
}

/* In which the rows of the bits @yes are answered so, and the others with no. */
static inline struct nfp_sheet_combination *sample_combination(struct nfp_result *result, int trust,
							       int spoofchk, uint32_t yes)
{
	struct nfp_sheet_result *sheet = &result->sheet;
	struct nfp_sheet_combination *c = &sheet->combinations[sheet->num_combinations];

	*c = (struct nfp_sheet_combination) {
		.present = !sheet->num_combinations++,
		.trust = trust,
		.spoofchk = spoofchk,
		.reported = {{0x52, 0x54, 0, 0xaa, 0xbb, 3}},
		.num_rows = NFP_ROW_COUNT,
	};
	for (enum nfp_sheet_row row = 0; row < NFP_ROW_COUNT; row++) {
		c->rows[row].window.state = row;
		c->rows[row].carried = NFP_UNKNOWN;
		if (sheet->vid || (row != NFP_ROW_VLAN && row != NFP_ROW_FREE_VLAN))
			sample_fact(&c->rows[row], yes & NFP_ROW_BIT(row));
	}
	sample_never_granted(c);
	return c;
}

static inline void sample_no_sheet(struct nfp_result *result)
{
	sample_head(result);
	memset(result->settings.styles, 0, sizeof(result->settings.styles));
	result->settings.sheet = NFP_SHEET_PRESENT;
	result->have_vf = true;
	sample_vf(&result->vf, 3);
	result->duration_ns = UINT64_C(21400000000);
	result->sheet.address = (struct nfp_mac) {{0x02, 0x11, 0x22, 0x33, 0x44, 0}};
	strcpy(result->sheet.sibling, "vf:1");
	result->sheet.forged = 20;
}

/* `nfprobe eth0 --vf 3 --sheet`: a forged source leaves. */
static inline void sample_sheet(struct nfp_result *result)
{
	struct nfp_sheet_combination *c;

	sample_no_sheet(result);
	c = sample_combination(result, 0, 1,
			       SAMPLE_GETS | SAMPLE_ROWS(NFP_ROW_FORGED, NFP_ROW_FORGED_SIBLING));
	c->rows[NFP_ROW_NEW].errnum = EPERM;
	strcpy(c->rows[NFP_ROW_NEW].window.note,
	       "ip link set nfpvf address 02:11:22:33:44:03: Operation not permitted");
	nfp_judge_result(result);
}

/* As --sheet=all --guest-vlan 100 --require: each key of a sheet has a value. */
static inline void sample_whole_sheet(struct nfp_result *result)
{
	struct nfp_sheet_combination *c;

	sample_no_sheet(result);
	result->settings.sheet = NFP_SHEET_ALL;
	result->settings.guest_vlan = result->sheet.vid = 100;
	result->settings.require_yes = NFP_ROW_BIT(NFP_ROW_SECOND) | NFP_ROW_BIT(NFP_ROW_VLAN);
	result->settings.require_no = NFP_ROW_BIT(NFP_ROW_ALLMULTI);
	result->duration_ns = UINT64_C(71400000000);
	c = sample_combination(result, 0, 1, SAMPLE_GETS | NFP_ROW_BIT(NFP_ROW_FORGED));
	c->rows[NFP_ROW_THIRD].window.disturbed = true;
	c->rows[NFP_ROW_GROUP].others = 1;
	c->rows[NFP_ROW_OVERHEARS].window.status = NFP_STATUS_SKIPPED;
	strcpy(c->rows[NFP_ROW_OVERHEARS].window.note, "the other VF does not come up");
	c->rows[NFP_ROW_NEW].errnum = EPERM;
	strcpy(c->rows[NFP_ROW_NEW].window.note,
	       "ip link set nfpvf address 02:11:22:33:44:03: Operation not permitted");
	c->rows[NFP_ROW_KEEPS_SECOND].carried = NFP_UNKNOWN;
	sample_combination(result, 0, 0,
			   SAMPLE_GETS | NFP_ROW_BIT(NFP_ROW_FORGED) |
				   NFP_ROW_BIT(NFP_ROW_UNADDRESSED));
	result->sheet.combinations[1].unreset = true;
	result->sheet.combinations[1].rows[NFP_ROW_UNADDRESSED].others = 2;
	c = sample_combination(result, 1, 1,
			       SAMPLE_GETS | SAMPLE_ROWS(NFP_ROW_ALLMULTI, NFP_ROW_NEW) |
				       NFP_ROW_BIT(NFP_ROW_KEEPS_NEW));
	c->reported = (struct nfp_mac) {{0x02, 0x11, 0x22, 0x33, 0x44, 3}};
	c = sample_combination(result, 1, 0, 0);
	c->reported = (struct nfp_mac) {{0}};
	for (enum nfp_sheet_row row = 0; row < NFP_ROW_COUNT; row++)
		c->rows[row] = (struct nfp_sheet_fact) {.window = {.state = row},
							.carried = NFP_UNKNOWN};
	strcpy(c->note, "the combination is refused: ip link set eth0 vf 3 trust on: Operation not "
			"supported");
	nfp_judge_result(result);
}

/* Ctrl-C in the window of the groups. */
static inline void sample_stopped_sheet(struct nfp_result *result)
{
	struct nfp_sheet_combination *c;

	sample_no_sheet(result);
	c = sample_combination(result, 0, 1, SAMPLE_GETS);
	c->reported = (struct nfp_mac) {{0}};
	for (enum nfp_sheet_row row = NFP_ROW_SECOND; row < NFP_ROW_COUNT; row++)
		c->rows[row] = (struct nfp_sheet_fact) {.window = {.state = row},
							.carried = NFP_UNKNOWN};
	result->duration_ns = UINT64_C(9400000000);
	result->exit_status = 130;
	nfp_err_set(&result->error, -EINTR, NFP_E_INTERRUPTED, "stopped by SIGINT");
	nfp_judge_result(result);
}

#endif
