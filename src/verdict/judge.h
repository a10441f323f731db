/* SPDX-License-Identifier: GPL-2.0-or-later */
/* judge.h - the parts of a judgement, which judge.c and evidence.c put together. */
#ifndef NFPROBE_JUDGE_H
#define NFPROBE_JUDGE_H

#include "verdict/verdict.h"

/* Does the receiver get unicast and broadcast, and clearly no multicast? */
bool nfp_lacks_multicast(const struct nfp_observation *obs, enum nfp_receiver at);

/*
 * cause: of a step in which frames of a kind arrived nowhere, though broadcast did.
 *
 * UNKNOWN: the network was not shown to deliver them: in an earlier step, with no loss of carrier
 * since; in a later one, before anybody announced the address anew (but not in the next, where it
 * may still have learned what was announced after a loss of carrier); or because it floods what it
 * does not know: the address of the vf-first steps only if anybody gets it.
 * OUTAGE: it was, but it may have paused.
 * NIC: no outage looks like that. In another step the same receiver lacks its frames too, and some
 * arrived in between.
 */
enum nfp_cause {
	NFP_CAUSE_UNKNOWN,
	NFP_CAUSE_OUTAGE,
	NFP_CAUSE_NIC,
};

/* @step: one of the style's. Frames that come from inside the NIC meet no network: do not ask. */
enum nfp_cause nfp_cause_of(const struct nfp_style_result *style,
			    const struct nfp_step_result *step, enum nfp_kind kind);

/* Does a silence in this step condemn? `assign` stands for `attach` where that was not made. */
bool nfp_condemns(const struct nfp_style_result *style, enum nfp_step step);

/*
 * The guest's VLAN, of a style that is judged already. A kind of frame in it is lost where the rest
 * arrives, if the network was shown to bring that kind in that VLAN: while the PF had registered
 * it, or at anyone in another step. It is ok only in steps whose rest is, and where nobody else can
 * have brought it about: no netdev on the PF that swallows it, no sibling that may have registered
 * it at a PF that may filter, no filter that may sleep. Sets what belongs to it, of steps
 * vlan_passed. In a step whose loss is allowed nothing more is lost. A style that loses it would be
 * deaf or sticky, one in which that is not known unknown.
 */
void nfp_judge_vlan(struct nfp_style_result *style, const bool allow[NFP_VERDICT_COUNT],
		    const char *ifname);

/* Collects the requirements of a VF's styles, and how this run has proved each of them. */
void nfp_advise(struct nfp_vf_result *vf);

#endif
