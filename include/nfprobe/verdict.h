/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verdict.h - from what was observed to what it means. Pure, total: every combination of
 * landings and statuses has exactly one answer.
 *
 * S(step): unicast and broadcast reach the PF. V(step): both reach the VF. Each is yes, no, or
 * unknown (a landing is mixed or none, or the step was not made).
 */
#ifndef NFPROBE_VERDICT_H
#define NFPROBE_VERDICT_H

#include "nfprobe/result.h"
#include "nfprobe/source.h"
#include "nfprobe/types.h"

struct nfp_observation {
	enum nfp_status status;
	bool leave; /* skipped with leave: no reset to be had, or `reassign` after a `clear` that
		       failed */
	enum nfp_landing landing[NFP_KIND_COUNT];
	bool vf_heard; /* at least one frame of any kind reached the VF */
};

struct nfp_evidence {
	struct nfp_observation step[NFP_STEP_COUNT];
	struct nfp_shows shows; /* what the source can show */
	enum nfp_style style;
	/* assign was refused because the PF held X: with EEXIST, or as ice did before Linux 6.0
	 * (ice_unicast_mac_exists), with an EINVAL that vf-first did not meet */
	bool assign_refused_duplicate;
	bool drops, carrier_lost, changed,
		stopped;   /* stopped: the ladder ended before its last step */
	bool early_before; /* the ladder that was given up before this one showed EARLY */
	bool promiscuous;  /* an earlier ladder left the PF so: what its filter does is not shown */
};

enum nfp_reason {
	NFP_WHY_NONE,
	/* one for each way to a verdict; verdict.c lists them beside its rules */
	NFP_WHY_STANDBY_UNTESTABLE,
	NFP_WHY_STANDBY_NO_BROADCAST,
	NFP_WHY_STANDBY_WIRE,
	NFP_WHY_STANDBY_UNKNOWN,
	NFP_WHY_DROPS,
	NFP_WHY_CARRIER,
	NFP_WHY_CHANGED,
	NFP_WHY_PROMISCUOUS,
	NFP_WHY_STOPPED,
	NFP_WHY_CLAIM,
	NFP_WHY_REFUSED,
	NFP_WHY_STEP_SKIPPED,
	NFP_WHY_STEP_REFUSED,
	NFP_WHY_STEP_MIXED,
	NFP_WHY_STEP_NO_BROADCAST,
	NFP_WHY_VF_BROADCAST_UNSHOWN, /* the source cannot tell whether broadcast reaches the VF */
	NFP_WHY_DEAF_WHILE_HELD,
	NFP_WHY_DEAF,
	NFP_WHY_VF_SILENT,
	NFP_WHY_STICKY,
	NFP_WHY_EARLY_BEFORE,
	NFP_WHY_SAFE,
	NFP_WHY_SAFE_BOTH, /* safe, with duplicates that the guest drops */
	NFP_WHY_COUNT,
};

struct nfp_judgement {
	enum nfp_verdict verdict;
	enum nfp_claim claim;
	enum nfp_release release;
	enum nfp_delivery delivery;
	uint32_t requires;
	enum nfp_reason why;
	enum nfp_step step; /* the step behind `why`, NFP_STEP_COUNT where there is none */
};

enum nfp_answer {
	NFP_NO,
	NFP_YES,
	NFP_UNKNOWN,
};

enum nfp_answer nfp_served(const struct nfp_observation *obs);	/* S */
enum nfp_answer nfp_vf_gets(const struct nfp_observation *obs); /* V */

void nfp_judge(const struct nfp_evidence *evidence, struct nfp_judgement *ret_judgement);

/* Does this step show that the VF has X before anybody serves it: the PF hears, but not X? NULL:
 * no. */
bool nfp_shows_early(const struct nfp_step_result *step);

/* The evidence in the steps of a result, for nfp_judge and for whoever recomputes. */
void nfp_evidence_of(const struct nfp_style_result *style, const struct nfp_shows *shows,
		     struct nfp_evidence *ret_evidence);

/* Words for a person: why, and for inconclusive and untestable what to try. @ifname: the PF. */
void nfp_reason_text(const struct nfp_judgement *judgement, const struct nfp_style_result *style,
		     const char *ifname, unsigned int vf, char *buf, size_t size);

/*
 * Verdict and requires of a VF from its styles (NOT_APPLICABLE does not count, allowed verdicts
 * count as safe, UNTESTABLE or a probe that was cut short makes it at best inconclusive), and of a
 * run from its VFs (those in use do not count). Both return NFP_VERDICT_INCONCLUSIVE when there is
 * nothing to judge.
 */
void nfp_judge_vf(struct nfp_vf_result *vf);
enum nfp_verdict nfp_judge_run(const struct nfp_result *result);

/* 0, 1 or 3 for the verdict of a run. */
int nfp_verdict_exit(enum nfp_verdict verdict);

#endif
