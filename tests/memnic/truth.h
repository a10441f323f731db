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
	char row[MEMNIC_ROW_LEN]; /* as memnic_row() */
	/* By step: bits 1 << enum nfp_receiver; 0 where it was not made. */
	unsigned int reach[NFP_STEP_COUNT][NFP_KIND_COUNT];
	bool made[NFP_STEP_COUNT];
	enum nfp_verdict verdict;
	/* Inconclusive only since the VF gets nothing in any settled state. One frame that it got
	 * before its filter went shows that it works: deaf. */
	bool silent;
};

/* Aborts when out of memory. */
void truth_of(const struct memnic_personality *personality, enum nfp_source source,
	      enum nfp_style style, struct truth *ret_truth);

/* The noise that goes with a number: source, loss, duplicates, jitter. */
struct memnic_conditions truth_noise(uint64_t seed);

#define TRUTH_WHY_LEN 200

/*
 * A ladder over the personality drawn with @seed, under truth_noise(). Returns true if the result,
 * verdict and the landing of each step, is what truth_of() says; else @why tells the difference.
 */
bool truth_climb(uint64_t seed, enum nfp_style style, struct nfp_style_result *ret_result,
		 char why[TRUTH_WHY_LEN]);

#endif
