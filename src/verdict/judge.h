/* SPDX-License-Identifier: GPL-2.0-or-later */
/* judge.h - the parts of a judgement, which judge.c and evidence.c put together. */
#ifndef NFPROBE_JUDGE_H
#define NFPROBE_JUDGE_H

#include "verdict/verdict.h"

/* Does the receiver get unicast and broadcast, and clearly no multicast? */
bool nfp_lacks_multicast(const struct nfp_observation *obs, enum nfp_receiver at);

/*
 * cause: who silenced a step in which frames of a kind arrived nowhere, though broadcast did.
 *
 * UNKNOWN: the network was not shown to deliver them. It is shown by an earlier step, if the
 * carrier stayed since; or by a later one before anybody announced the address anew, though not by
 * the very next, where the switch may still have learned what was announced after a loss of
 * carrier; or by flooding, which proves the address of the vf-first steps only if anybody gets it.
 *
 * OUTAGE: the network delivers them, but may have paused.
 *
 * NIC: no outage looks like this. In another step the same receiver lacks its frames too, and some
 * arrived in between.
 */
enum nfp_cause {
	NFP_CAUSE_UNKNOWN,
	NFP_CAUSE_OUTAGE,
	NFP_CAUSE_NIC,
};

/* Returns the cause for @step, one of the style's. Must not be asked for frames from inside the
 * NIC, which meet no network. */
enum nfp_cause nfp_cause_of(const struct nfp_style_result *style,
			    const struct nfp_step_result *step, enum nfp_kind kind);

/* Does a silence in this step condemn the NIC? `assign` stands for `attach` where that was not
 * made. */
bool nfp_condemns(const struct nfp_style_result *style, enum nfp_step step);

/*
 * Judges the guest's VLAN, in a style that is judged already. A kind of frame in it is lost where
 * untagged frames arrive, if the network was shown to bring that kind in that VLAN: while the PF
 * had registered it, or at anyone in another step. It is ok in steps whose untagged frames are, and
 * only if nobody else can have brought that about: no netdev on the PF takes the VLAN, no other VF
 * may have registered it at a PF that may filter, no filter may sleep.
 *
 * Sets all that belongs to it, and vlan_passed of the steps. Where a loss is allowed, the VLAN
 * loses no more. A style that loses the VLAN is deaf or sticky; one in which that is not known is
 * unknown.
 */
void nfp_judge_vlan(struct nfp_style_result *style, const bool allow[NFP_VERDICT_COUNT],
		    const char *ifname);

/* Collects the requirements of a VF's styles, and how this run has proved each. */
void nfp_advise(struct nfp_vf_result *vf);

/*
 * Judges the evidence. Unicast and broadcast decide first. Multicast is judged only if `standby`
 * showed it at the PF: a step that expects a receiver expects multicast there too, by the same
 * rules, and if these say otherwise, theirs is the verdict and the only reason.
 */
void nfp_judge(const struct nfp_evidence *evidence, struct nfp_judgement *ret_judgement);

/*
 * Did the port get what the standby sent, or what the guest sent by its VF?
 *
 * YES is heard. NO needs announcements that the source heard and the port did not: three of this
 * ladder, or one of it and one of an earlier ladder at the same port.
 */
enum nfp_answer nfp_uplink_hears(const struct nfp_reflection *reflection);

/* Sets what the port of a style hears, and what a bridge there makes of it. @criteria may be NULL
 * for a style without steps. */
void nfp_judge_uplink(struct nfp_style_result *style, const struct nfp_criteria *criteria);

/* Runs these checks, keeps what those before @first have found, and makes the verdict. */
void nfp_run_checks(struct nfp_style_result *style, const struct nfp_criteria *criteria,
		    enum nfp_check first, enum nfp_check last);

/* Makes @ret_pinned, a result in @style, from the ladder of its plain style, without what the
 * bridge adds to that. */
void nfp_pin(const struct nfp_style_result *plain, enum nfp_style style,
	     const struct nfp_criteria *criteria, struct nfp_style_result *ret_pinned);

/*
 * Compares the styles of a VF, which met the same network: if one standby got multicast and
 * another clearly did not, the NIC is the cause, and that standby is deaf to multicast. Sets
 * lacks_group, multicast and its note, and the answers of the steps, not the verdict. Returns the
 * deaf styles, as bits of their index.
 */
uint32_t nfp_compare_groups(struct nfp_vf_result *vf, const char *ifname);

/* Judges the evidence of the style: sets what the steps say of it, and which of them passed. */
void nfp_judge_style(struct nfp_style_result *style, const struct nfp_shows *shows,
		     struct nfp_judgement *ret_judgement);

/* Explains the verdict, and writes what to try, as the end of that sentence, if that can be known.
 * @ifname: the PF. */
void nfp_reason_text(const struct nfp_judgement *judgement, const struct nfp_style_result *style,
		     const char *ifname, unsigned int vf, char reason[NFP_REASON_LEN],
		     char try[NFP_REASON_LEN]);

/* Adds to the requirements that of a cancelled migration: bits of enum nfp_requires. */
uint32_t nfp_with_detach(const struct nfp_style_result *style, uint32_t requires);

/* Returns a style that counts. NULL: the VF has none, it is not applicable, or it is a fix. */
const struct nfp_style_result *nfp_counted_style(const struct nfp_vf_result *vf,
						 enum nfp_style style);

/* Writes why multicast is unproven or lost, as the end of a sentence; empty if it is ok. */
void nfp_multicast_text(const struct nfp_judgement *judgement, const struct nfp_style_result *style,
			const char *ifname, unsigned int vf, char *buf, size_t size);

/*
 * Sets the verdict and requirements of a VF: the worst of its styles that count. Allowed verdicts
 * count as safe. UNKNOWN, or a probe that was cut short, makes it unknown at best. NOT_APPLICABLE:
 * this host can build none of the styles that were asked for. The verdict of a run is that of its
 * VF, if that was probed. Both are NFP_VERDICT_UNKNOWN if there is nothing to judge.
 */
void nfp_judge_vf(struct nfp_vf_result *vf);

enum nfp_verdict nfp_judge_run(const struct nfp_result *result);

/* Returns 0, 1 or 3 for the verdict of a run. */
int nfp_verdict_exit(enum nfp_verdict verdict);

#endif
