/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * truth.h - what a NIC in memory really does in each state of the ladder, read from inside it after
 * a long wait, and what follows from that by the definitions in nfprobe-verdicts(7); to hold
 * against what the runner made of a noisy stream.
 *
 * The walk uses the NIC as a guest and its host do: nothing repeats, tests or reports. The standby
 * announces itself when it takes the address, and a guest that uses its VF sends by it.
 */
#ifndef NFPROBE_TESTS_TRUTH_H
#define NFPROBE_TESTS_TRUTH_H

#include "memnic.h"

/* A state of the guest's life, as somebody saw it. */
struct truth_state {
	enum nfp_status status;
	bool leave;    /* skipped, and nothing is unknown for that */
	int errnum;    /* of a refusal, positive */
	bool vf_heard; /* the VF got any frame at all meanwhile */
	/* Bits 1 << enum nfp_receiver, and the kinds (1 << enum nfp_kind) of which they are not
	 * known. */
	unsigned int reach[NFP_KIND_COUNT], unclear;
};

/* The answers that follow from the states, by the definitions in nfprobe-verdicts(7). */
struct truth_answer {
	enum nfp_verdict verdict;
	enum nfp_claim claim;
	enum nfp_release release;
	enum nfp_delivery delivery;
	enum nfp_check_state multicast;
	uint32_t requires; /* NFP_REQ_BIT */
	/* Unknown only since the VF gets nothing in any settled state. One frame that it got
	 * before its filter went shows that it works: deaf. */
	bool silent;
};

void truth_judge(const struct truth_state states[NFP_STEP_COUNT], struct truth_answer *ret_answer);
/* The verdict alone; @groups: .. if who gets the rest, and not its group, does not count. */
enum nfp_verdict truth_verdict(const struct truth_state states[NFP_STEP_COUNT], bool groups);

/* Frames in the guest's VLAN, beside those without a tag. */
struct truth_vlan {
	enum nfp_check_state verdict;
	enum nfp_step step; /* of LOST and UNPROVEN; NFP_STEP_COUNT: none */
	enum nfp_answer carried, filters, works_registered;
};

struct truth {
	char row[MEMNIC_ROW_LEN];	    /* as memnic_row() */
	char multicast_row[MEMNIC_ROW_LEN]; /* as memnic_row_of() */
	struct truth_state states[NFP_STEP_COUNT];
	struct truth_answer answer;
	/* While the PF has registered the guest's VLAN, behind the ladder, and then no longer. */
	struct truth_state registered, unregistered;
	struct truth_vlan vlan;
	enum nfp_verdict of_unicast; /* the verdict where the network shows no multicast */
	enum nfp_verdict shown_late; /* where it shows multicast at the PF, but not in `standby` */
	/* Where unicast went in the window of the run that paces the walk: 1 << reach, as bits. */
	unsigned int went[NFP_STEP_COUNT];
	/* In the change to vf-first-unplug the guest, which speaks until it is unplugged, is deaf
	 * for so long; 0: for no time, or for good. Only of NICs that forget the silent. */
	uint64_t gap_ns;
};

/* A NIC that goes through one ladder after the other. */
struct truth_walk;

/* The host in @conditions counts, and the network does not. Aborts when out of memory. */
struct truth_walk *truth_begin(const struct core_personality *personality,
			       const struct memnic_conditions *conditions);
void truth_end(struct truth_walk *walk);

/* One of several ladders on a NIC. */
struct truth_ladder {
	enum nfp_style style;
	enum nfp_enters source;
	bool vlan; /* the guest has one */
	/* As in a run: each state lasts as long as in its result, not until the NIC has come to
	 * rest.
	 */
	const struct nfp_style_result *paced_by;
	bool no_group; /* nobody joins one */
	struct nfp_mac address, address_first, group;
	uint64_t lasting;	/* memnic_lasting() of the NIC that the ladder finds */
	bool multicast_blocked; /* by the network, so that no landing of it is known */
};
/* The lasting effects of earlier ladders are undone first, and so is the promiscuity of a PF that
 * one of them has left behind: nobody may take that for the NIC's own. */
void truth_walk(struct truth_walk *walk, const struct truth_ladder *ladder,
		struct truth *ret_truth);

/* The first ladder on a NIC, on the network that @conditions describe, but without their noise. */
void truth_of(const struct core_personality *personality,
	      const struct memnic_conditions *conditions, enum nfp_style style,
	      struct truth *ret_truth);

/*
 * Several ladders on one NIC and network: where one standby gets its group, and another does not,
 * though its VF does, the NIC is the cause.
 */
void truth_across(struct truth *const truths[], unsigned int num);

/* The answer for a guest with a VLAN: one that is safe otherwise is as good as in it. */
enum nfp_verdict truth_in_vlan(const struct truth *truth);

/* Does a standby in this style get what itself (NFP_AT_PF) or the guest's VF sends to everybody? */
bool truth_uplink_hears(const struct core_personality *p, enum nfp_style style,
			enum nfp_receiver from);

/* Is each landing of unicast in the run that paced the walk one that was there in its window? */
bool truth_explains(const struct truth *truth, const struct nfp_style_result *result);

/* Would a guest miss any of its VLAN where it hears the rest? Of the steps that @result has. */
bool truth_misses_vlan(const struct truth *truth, const struct nfp_style_result *result);

/*
 * Is the guest served in each state that @requires leads to? @with_group: and keeps a group that
 * its standby had.
 */
bool truth_proves(const struct truth *truth, enum nfp_requires requires, bool with_group);

/* Is the verdict of @result that of @truth? Multicast that was not judged takes nothing from it. */
bool truth_agrees(const struct truth *truth, const struct nfp_style_result *result);

#define TRUTH_WHY_LEN 300

/*
 * A ladder over the personality drawn with @seed, on a network that is noisy. Returns true if the
 * result, verdict, multicast and the landings of each step, is what truth_of() says; else @why
 * tells the difference.
 */
bool truth_run(uint64_t seed, enum nfp_style style, struct nfp_style_result *ret_result,
	       char why[TRUTH_WHY_LEN]);

#endif
