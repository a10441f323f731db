/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sheet.h - what a VF lets its guest do (--sheet): a row for each thing that a guest may ask for,
 * answered by the frames that were delivered. "Accepted" cannot be known of most of them:
 * dev_uc_add, allmulticast and promiscuity return nothing (net/core/dev_addr_lists.c,
 * net/core/dev.c), ice_vc_cfg_promiscuous_mode_msg and i40e_vc_config_promiscuous_mode_msg tell an
 * untrusted VF that all is well, and ixgbe_update_vf_xcast_mode lowers the mode.
 */
#ifndef NFPROBE_SHEET_H
#define NFPROBE_SHEET_H

#include "nfprobe/probe.h"

/* ---- the judgement; pure ---- */

/* Answers every row of @result->sheet from its facts, and finds what is wrong. */
void nfp_judge_sheet(struct nfp_result *result);
/*
 * NFP_EXIT_*: UNSAFE for a finding, or a required row that is otherwise; UNKNOWN for a
 * required row that is unknown, or if none has an answer.
 */
int nfp_sheet_exit(const struct nfp_result *result);
/* Does a NIC keep the addresses that a guest asked for when the guest has gone? */
bool nfp_sheet_stays(const struct nfp_sheet_result *sheet);
/* Why a row is unknown, which its note may say already; never NULL. */
const char *nfp_sheet_doubt(const struct nfp_sheet_fact *fact);

/* ---- the windows ---- */

/* Frames with a forged source that a VF sends at most, in all combinations together. */
#define NFP_SHEET_FORGED_MAX 20U

struct nfp_sheet_config {
	/* Host, wire, address, groups, times and events; its style does not matter. */
	const struct nfp_runner_config *run;
	struct nfp_mac second, third, next; /* that the guest asks for; nobody else has them */
	struct nfp_mac nobody, forged, pf;  /* nobody has the first two; the PF has its own */
	/* Its frames enter at another VF, whose netdev host.sender sets up. ops NULL: there is
	 * none, and @no_sibling says why. */
	struct nfp_wire sibling;
	const char *no_sibling;
	const char *no_forging; /* why no forged frame is sent; NULL: they may be */
	/* The VF's driver needs it (nfp_vf_settle_needed): a window counts from then on, when what
	 * the guest has asked for acts. */
	uint64_t vf_settle_ns;
	int trust, spoofchk; /* of the VF; -1: not known */
	enum nfp_sheet_mode mode;
	uint16_t vid;		   /* of the guest; 0: none */
	const char *no_vlan;	   /* why it is not tested; NULL: it is */
	const char *unregistrable; /* why the PF must not register it; NULL: it may */
};

/*
 * Takes the sheet: fills *ret_sheet with facts, which nfp_judge_sheet answers. PF and VF stay as
 * the last window left them: the caller undoes. 0, or what ends the run, as of nfp_ladder_run; the
 * facts so far are kept.
 */
int nfp_sheet_run(const struct nfp_sheet_config *config, struct nfp_sheet_result *ret_sheet,
		  struct nfp_err *err);
/* How long that takes where nothing is slow, ns: as nfp_ladder_estimate. */
uint64_t nfp_sheet_estimate(const struct nfp_sheet_config *config);

#endif
