/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * truth.h - what a NIC in memory really does in each state of the ladder, read from inside it after
 * a long wait, and what follows from that; to hold against what the runner made of a noisy
 * stream.
 */
#ifndef NFPROBE_TESTS_TRUTH_H
#define NFPROBE_TESTS_TRUTH_H

#include "memnic.h"

struct truth {
	char row[MEMNIC_ROW_LEN];	    /* as memnic_row() */
	char multicast_row[MEMNIC_ROW_LEN]; /* as memnic_row_of() */
	/* By step: bits 1 << enum nfp_receiver; 0 where it was not made. */
	unsigned int reach[NFP_STEP_COUNT][NFP_KIND_COUNT];
	bool made[NFP_STEP_COUNT];
	enum nfp_verdict verdict;
	enum nfp_multicast multicast;
	/* Inconclusive only since the VF gets nothing in any settled state. One frame that it got
	 * before its filter went shows that it works: deaf. */
	bool silent;
};

/* On the network that @conditions describe, but without their noise. Aborts when out of memory. */
void truth_of(const struct memnic_personality *personality,
	      const struct memnic_conditions *conditions, enum nfp_style style,
	      struct truth *ret_truth);

/* What goes with a number: source, loss, duplicates, jitter, and what the network does to
 * multicast. */
struct memnic_conditions truth_noise(uint64_t seed);

#define TRUTH_WHY_LEN 300

/*
 * A ladder over the personality drawn with @seed, under truth_noise(). Returns true if the result,
 * verdict, multicast and the landings of each step, is what truth_of() says; else @why tells the
 * difference.
 */
bool truth_climb(uint64_t seed, enum nfp_style style, struct nfp_style_result *ret_result,
		 char why[TRUTH_WHY_LEN]);

#endif
