/* SPDX-License-Identifier: GPL-2.0-or-later */
/* words.h - the enumerations of a result, whose names JSON and the command line use. */
#ifndef NFPROBE_WORDS_H
#define NFPROBE_WORDS_H

#include "verdict/ladder.h"
#include "traffic/sources.h"

/* Do frames that the standby sends from the test MAC leave the NIC while the VF has the test MAC?
 */
/* Beside the verdict of a style: do the frames of this check, such as the multicast that IPv6
 * needs, reach the guest wherever they must? */
enum nfp_check_state {
	NFP_STATE_NONE,	    /* not asked of this ladder; null in JSON */
	NFP_STATE_UNTESTED, /* left out, a state was not reached, or the run cannot test it */
	NFP_STATE_UNPROVEN, /* a control is missing, or a landing is not clear */
	NFP_STATE_OK,
	NFP_STATE_LOST,
	NFP_STATE_COUNT,
};

enum nfp_status {
	NFP_STATUS_SKIPPED,
	NFP_STATUS_DONE,
	NFP_STATUS_REFUSED, /* the kernel refused the change; the note says why */
};

/* In the order of the ladder, "never" last; UNKNOWN is null in JSON. */
enum nfp_claim {
	NFP_CLAIM_UNKNOWN,
	NFP_CLAIM_ASSIGN,
	NFP_CLAIM_ASSIGN_UNTIL_RESET,
	NFP_CLAIM_UP,
	NFP_CLAIM_NEVER,
	NFP_CLAIM_COUNT,
};

enum nfp_release {
	NFP_RELEASE_UNKNOWN,
	NFP_RELEASE_UNPLUG,
	NFP_RELEASE_DETACH,
	NFP_RELEASE_CLEAR,
	NFP_RELEASE_NEVER,
	NFP_RELEASE_COUNT,
};

enum nfp_delivery {
	NFP_DELIVERY_NONE, /* null in JSON */
	NFP_DELIVERY_VF,
	NFP_DELIVERY_BOTH,
	NFP_DELIVERY_COUNT,
};

/*
 * Worst first, so that the worst of several is the smallest. NOT_APPLICABLE is ignored, unless all
 * styles that were asked for are not possible on the host: then it is the VF's. UNKNOWN has its
 * reason in `judged.why`.
 */
enum nfp_verdict {
	NFP_VERDICT_EARLY,
	NFP_VERDICT_REFUSED,
	NFP_VERDICT_DEAF,
	NFP_VERDICT_STICKY,
	NFP_VERDICT_SLOW, /* with --gap-limit only */
	NFP_VERDICT_UNKNOWN,
	NFP_VERDICT_SAFE,
	NFP_VERDICT_NOT_APPLICABLE,
	NFP_VERDICT_COUNT,
};

/* The steps that a manager must take to use the NIC nevertheless: bits, in the order of reports. */
enum nfp_requires {
	NFP_REQ_USE_FILTER_STANDBY,
	NFP_REQ_USE_PROMISC_STANDBY,
	NFP_REQ_ADD_FILTER_ENTRY,
	NFP_REQ_KEEP_BRIDGE_STATIC,
	NFP_REQ_USE_SECOND_VF,
	NFP_REQ_PIN_AT_TAP,
	NFP_REQ_ASSIGN_AT_HOTPLUG,
	NFP_REQ_ASSIGN_BEFORE_STANDBY,
	NFP_REQ_RELEASE_STANDBY_WHEN_UP,
	NFP_REQ_DETACH_BEFORE_MIGRATION,
	NFP_REQ_CLEAR_AT_UNPLUG,
	NFP_REQ_DO_NOT_USE,
	NFP_REQ_COUNT,
};
#define NFP_REQ_BIT(r) (1U << (unsigned int)(r))

/* Each enumeration has one table of names, in src/verdict/names.c, which JSON and the command line
 * use. */
extern const struct nfp_names nfp_source_names, nfp_source_by_names, nfp_landing_names,
	nfp_check_state_names, nfp_status_names, nfp_claim_names, nfp_release_names,
	nfp_delivery_names, nfp_verdict_names, nfp_requires_names, nfp_settle_source_names,
	nfp_reason_names, nfp_fix_names; /* by the style; NULL: it is no fix of another */
#define nfp_source_name(v)	nfp_name(&nfp_source_names, v)
#define nfp_landing_name(v)	nfp_name(&nfp_landing_names, v)
#define nfp_check_state_name(v) nfp_name(&nfp_check_state_names, v) /* NULL for NONE */
#define nfp_status_name(v)	nfp_name(&nfp_status_names, v)
#define nfp_claim_name(v)	nfp_name(&nfp_claim_names, v)	 /* NULL for UNKNOWN */
#define nfp_release_name(v)	nfp_name(&nfp_release_names, v)	 /* NULL for UNKNOWN */
#define nfp_delivery_name(v)	nfp_name(&nfp_delivery_names, v) /* NULL for NONE */
#define nfp_verdict_name(v)	nfp_name(&nfp_verdict_names, v)

enum nfp_answer {
	NFP_NO,
	NFP_YES,
	NFP_UNKNOWN,
	NFP_UNASKED, /* by nobody; null in JSON */
};
extern const struct nfp_names nfp_answer_names; /* no, yes, unknown */

/* Why the rules of verdict.c came to a verdict. */
enum nfp_reason {
	NFP_WHY_NONE,
	/* one for each way to a verdict (verdict.c); reason.c has a sentence for each */
	NFP_WHY_STANDBY_UNTESTABLE,
	NFP_WHY_STANDBY_NO_BROADCAST,
	NFP_WHY_STANDBY_WIRE,
	NFP_WHY_STANDBY_UNKNOWN,
	NFP_WHY_DROPS,
	NFP_WHY_CARRIER,
	NFP_WHY_CHANGED,
	NFP_WHY_ELSEWHERE, /* frames from the test MAC came that the run did not send */
	NFP_WHY_PROMISCUOUS,
	NFP_WHY_STOPPED,
	NFP_WHY_CLAIM,
	NFP_WHY_REFUSED,
	NFP_WHY_STEP_SKIPPED,
	NFP_WHY_STEP_REFUSED,
	NFP_WHY_STEP_MIXED,
	NFP_WHY_STEP_UNPROVEN,
	NFP_WHY_STEP_OUTAGE, /* the network delivers, but may have paused */
	NFP_WHY_GROUP_UNPROVEN,
	NFP_WHY_STEP_NO_BROADCAST,
	NFP_WHY_VF_BROADCAST_UNSHOWN, /* the source cannot tell whether broadcast reaches the VF */
	NFP_WHY_DEAF_WHILE_HELD,
	NFP_WHY_DEAF,
	NFP_WHY_VF_SILENT,
	NFP_WHY_STICKY,
	/* unicast and broadcast are served there, multicast is not */
	NFP_WHY_CLAIM_MULTICAST,
	NFP_WHY_DEAF_MULTICAST,
	NFP_WHY_STICKY_MULTICAST,
	NFP_WHY_UNSPOKEN, /* safe but for what a guest's frames may teach the NIC */
	NFP_WHY_SAFE,
	NFP_WHY_SAFE_BOTH, /* safe, with duplicates that the guest drops */
	NFP_WHY_COUNT,
};

#endif
