/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transition.h - what became of the frames between two settled states, and how long it took. Pure:
 * reads a ledger.
 *
 * A frame passes the NIC's filter at a moment that nobody sees: after it was sent and, if it
 * arrived, before it was seen. So the moment at which a receiver begins to get frames lies between
 * the last one that it missed and the first one that it got, and likewise that at which it ceases.
 * The middle is the best guess, and half of one frame interval the error; for a length of time,
 * which has two such ends, it is one interval. To that come the errors of the timestamps: how late
 * a frame was seen, how long one that was lost may have been under way (as long as the slowest of
 * its neighbours, or until the sender, had it stood still, sent the next), and what the two
 * clocks of the kernel differ by. Where frames are lost also in settled states, the frame next to
 * an end may be such a one: as many are left out at both ends as are lost in a row once in a
 * million.
 * All times are of the ledger's clock.
 */
#ifndef NFPROBE_TRANSITION_H
#define NFPROBE_TRANSITION_H

#include "nfprobe/ledger.h"

/* A length of time: the true one lies in [us - error_us, us + error_us]. */
struct nfp_span {
	bool known; /* false: there is none, or it has no end; the others are 0 then */
	int64_t us;
	int64_t error_us; /* never negative */
};

/* What is asked of one kind of frame. Receivers are enum nfp_receiver, -1: none. */
struct nfp_transition_ask {
	enum nfp_kind kind;
	uint64_t from_ns, to_ns; /* end of the window before, begin of the one after */
	/*
	 * When the change was asked of the kernel, and when it had answered; both 0: none was made.
	 */
	uint64_t asked_ns, answered_ns;
	/* From when on the VF was listened to: that a frame sent before was not seen there says
	 * nothing. */
	uint64_t vf_since_ns;
	int before;   /* where the guest listened, and heard the kind, in the window before */
	int after;    /* .. in the one after */
	int old, new; /* where the kind landed in the two windows; at both the VF, which counts */
	int newly;    /* where it lands in the one after and did not in the one before */
	uint64_t interval_ns; /* between two frames of the kind, as the sender is told */
	uint64_t lost, sent;  /* of the kind in settled windows: how much is lost anyway */
};

struct nfp_transition_count {
	uint64_t lost;	     /* sent in the transition and seen nowhere */
	uint64_t duplicates; /* sightings at a receiver that had the frame already */
	/*
	 * The longest time during which the guest heard nothing. Where it listens to the same
	 * receiver before and after, and heard the kind before: from one frame to the next one
	 * that it heard, with others between. Else from the request of the change, for before it
	 * the guest heard nothing anyway, or something else. 0: no frame was missed; one shorter
	 * than the error may have been there all the same. Not known: it hears nothing afterwards.
	 */
	struct nfp_span gap;
	bool gap_from_request;
	/*
	 * From the last frame at the old receiver to the first at the new one; 0 when the new one
	 * had frames before the old one had its last. Not known: one of them had none, or they are
	 * the same.
	 */
	struct nfp_span switched;
	/*
	 * From the kernel's answer to the first frame at the receiver that did not get the kind
	 * before; negative when the NIC was faster than the answer. Not known: there is none.
	 */
	struct nfp_span effect;
};

/* Measures; sees no further back than the ledger's last forget. */
void nfp_transition_measure(const struct nfp_ledger *ledger, const struct nfp_transition_ask *ask,
			    struct nfp_transition_count *ret_count);

/*
 * How many frames in a row may be lost by chance, once in a million, where @lost of @sent are; 0
 * when none were. 16 at most.
 */
unsigned int nfp_loss_allowance(uint64_t lost, uint64_t sent);

#endif
