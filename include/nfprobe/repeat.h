/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repeat.h - several ladders of one style: the worst is the style's result, and of all it is kept
 * where frames landed and how long the transitions took. And a limit to how long the guest may be
 * deaf. Pure.
 */
#ifndef NFPROBE_REPEAT_H
#define NFPROBE_REPEAT_H

#include "nfprobe/result.h"

/* What is kept of the transition to one step. */
struct nfp_round_step {
	bool made;			 /* done, so that the landings mean something */
	uint8_t landing[NFP_KIND_COUNT]; /* enum nfp_landing */
	bool have_transition;
	uint64_t lost;
	struct nfp_span gap, switched, ack, effect; /* of unicast */
};

struct nfp_round {
	enum nfp_verdict verdict;
	struct nfp_round_step step[NFP_STEP_COUNT];
};

struct nfp_repeats {
	unsigned int asked;
	struct nfp_round *rounds; /* owned, in order; the last may have been broken off */
	size_t num;
	size_t worst; /* index of the one that the style's result is */
};

struct nfp_repeats *nfp_repeats_new(unsigned int asked); /* NULL: out of memory */
void nfp_repeats_free(struct nfp_repeats *repeats);

/*
 * Takes in one more ladder. *worst becomes it when it is the first, or its verdict is worse than
 * all before (an allowed one counts as what it is). 0 or -ENOMEM.
 */
int nfp_repeats_add(struct nfp_repeats *repeats, const struct nfp_style_result *round,
		    struct nfp_style_result *worst);

/*
 * How often a kind landed where in a step, in the rounds that made it. True when it landed in more
 * than one way: the step is unstable. Strangers decide nothing and are not asked for.
 */
bool nfp_repeats_landings(const struct nfp_repeats *repeats, enum nfp_step step, enum nfp_kind kind,
			  unsigned int ret_num[NFP_LANDING_COUNT]);

enum nfp_quantity {
	NFP_QUANTITY_GAP,
	NFP_QUANTITY_SWITCH,
	NFP_QUANTITY_ACK,
	NFP_QUANTITY_EFFECT,
	NFP_QUANTITY_LOST, /* frames, not microseconds */
	NFP_QUANTITY_COUNT,
};

/* median: the middle, or the mean of the middle two; p95: by nearest rank. num 0: no values. */
struct nfp_summary {
	size_t num;
	int64_t min, median, p95, max;
};

/* Over the rounds that have the quantity of the transition to @to; microseconds but for LOST. 0 or
 * -ENOMEM. */
int nfp_repeats_summary(const struct nfp_repeats *repeats, enum nfp_step to,
			enum nfp_quantity quantity, struct nfp_summary *ret_summary);

/* ---- a limit ---- */

/* Is there a guest in the transition to @to, that a gap hurts? None yet in standby and vf-first. */
bool nfp_gap_hurts(enum nfp_step to);

/*
 * Makes a safe style `slow` when the guest was deaf for longer than @limit_us in some transition:
 * for certain, that is, by the lower bound of the gap; the reason names the longest. Returns true
 * when a gap was not that long for certain, but may have been; *ret_step names it then.
 */
bool nfp_gap_limit(struct nfp_style_result *style, uint64_t limit_us, enum nfp_step *ret_step);
/* That, as a sentence. */
void nfp_gap_unsure_words(unsigned int vf, enum nfp_style style, unsigned int limit_ms,
			  enum nfp_step step, char *buf, size_t size);

/* "212 ms", "3.10 s", "0.5 ms"; returns @buf. */
const char *nfp_time_words(int64_t us, char *buf, size_t size);

#endif
