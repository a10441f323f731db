/* SPDX-License-Identifier: GPL-2.0-or-later */
/* truth_priv.h - what the files of the truth share: the life of a guest, and the walk through it.
 */
#ifndef NFPROBE_TESTS_TRUTH_PRIV_H
#define NFPROBE_TESTS_TRUTH_PRIV_H

#include "truth.h"

#define PF_BIT (1U << NFP_AT_PF)
#define VF_BIT (1U << NFP_AT_VF)

/* A NIC that goes through one ladder after the other. */
struct truth_walk {
	struct memnic *nic;
	struct nfp_host host;
	struct nfp_wire wire;
	struct nfp_frame_accounting *accounting;
	const struct truth_ladder *ladder;
	const struct nfp_mac *address;
	struct truth *truth;
	bool no_reset, used;
	bool unlearns; /* what is silent */
	bool assigned, bound, up;
	bool left; /* a driver went, and no reset has followed */
	bool over; /* the standby is not served, and nothing else shows anything */
};

/*
 * A state of the guest's life, told a second time: nfprobe's own table of it is under test here,
 * and nothing of that is read. Each act returns 0 or a negative errno.
 */
typedef int truth_act(struct truth_walk *w);
struct truth_row {
	truth_act *acts[9]; /* that lead to the state, ended by NULL */
	truth_act *ends;    /* what ends it; NULL: nothing */
	unsigned int
		hearer;	  /* PF_BIT or VF_BIT: who must hear the guest's frames; 0: nobody must */
	bool decides;	  /* the guest's service depends on it */
	bool after_reset; /* it is the state after a reset alone, which some VFs do not have */
	/* Is it part of a life whose VF got so far? NULL: of any. */
	bool (*is_lived)(const struct truth_walk *w);
};
extern const struct truth_row truth_life[NFP_STEP_COUNT];

/* The acts alone, for another life of the same guest. */
extern const struct truth_acts {
	truth_act *hold, *release, *take_another_address, *assign, *reset, *bind, *set_up,
		*come_and_go, *unbind, *clear;
} truth_acts;

/* Walks the ladder on the NIC: sets the landings and windows of w->truth. */
void truth_live(struct truth_walk *w);
void truth_wait(struct truth_walk *w); /* until nothing is pending any more */

/* rules.c: of a walk, or of what a run says that it saw. */
bool truth_serves(const struct truth_state *state, unsigned int bit);
bool truth_has_group(const struct truth_state *state, unsigned int bit);
bool truth_is_expected(const struct truth_state states[NFP_STEP_COUNT], enum nfp_step step);
/* Does the receiver get all that it needs, its group with @groups? The standby lacks it only where
 * broadcast shows that it could hear. */
enum nfp_answer truth_fits(const struct truth_state states[NFP_STEP_COUNT], enum nfp_step step,
			   bool groups);

/* Does a manager that does all of these (NFP_REQ_BIT) take the guest past this state? */
bool truth_spares(uint32_t requires, enum nfp_step step);

/* truth_vlan.c: from the states, the windows and the answer of @truth. */
void truth_judge_vlan(struct truth *truth);

#endif
