/* SPDX-License-Identifier: GPL-2.0-or-later */
/* settle.h - when a landing counts. */
#ifndef NFPROBE_PROBE_SETTLE_H
#define NFPROBE_PROBE_SETTLE_H

#include "probe/probe.h"

/*
 * Decides whether a landing has been stable for long enough to count. Pure: reads the frame
 * accounting, and keeps its own position in it.
 *
 * The stream since the end of a change is cut into groups of at least NFP_SETTLE_GROUP frames of
 * one kind. In each group a receiver has the kind, lacks it, or is unclear (by the thresholds of
 * nfp_landing_of). The window that counts begins with the first clear group after the last group
 * that differs from the clear one before it. Unclear groups do not restart it, so that steady loss
 * ends as a mixed landing instead of never.
 *
 * The window also restarts if the source stood still for a good part of it: frames that were not
 * sent show nothing.
 */

#define NFP_SETTLE_GROUP 8U /* frames; 7 of 8 is "has", 0 of 8 is "lacks" */
#define NFP_SETTLE_FEW	 3U /* a window has at least so many frames of each kind */
/*
 * A mixed landing needs so many frames of the rarest kind that decides, while there is time: with
 * 10 % loss, losing more than 6 of 30 is not rare (1 in 40), but losing more than 20 of 100 is (1
 * in 1,200).
 */
#define NFP_SETTLE_SURE 100U
/*
 * A change may come as late as the settling time allows, and must still be seen: a window lasts for
 * three more frames of the rarest kind. A group of a kind with no more frames than NFP_SETTLE_RARE
 * takes long, so each of its newest three must agree with the landing.
 */
#define NFP_SETTLE_RARE 100U
#define NFP_SETTLE_LAST 3U

enum nfp_settle_state {
	NFP_SETTLE_WAIT,    /* not yet */
	NFP_SETTLE_CLEAR,   /* not yet, but every landing in the window is clear */
	NFP_SETTLE_HELD,    /* it was stable for the settling time */
	NFP_SETTLE_EXPIRED, /* time is up; see nfp_settle_is_unstable */
};

struct nfp_settle_group {
	uint64_t from_ns;
	struct nfp_count count;
};

/* Private, but callers may read the window from from_ns to end_ns, in slices of the accounting, and
 * its count. */
struct nfp_settle {
	uint64_t settle_ns; /* how long a landing must be stable */
	uint64_t expire_ns;
	uint64_t begin_ns;
	uint64_t from_ns, end_ns;
	struct nfp_count count[NFP_KIND_COUNT]; /* in the window, at the last update */
	uint64_t fed_ns;	   /* the end of the newest slice in which unicast was sent */
	uint64_t hole_ns;	   /* the longest time without unicast that a window may have */
	bool sent[NFP_KIND_COUNT]; /* the stream has this kind, often enough to wait for it */
	struct nfp_settle_group group[NFP_KIND_COUNT];
	enum nfp_landing last[NFP_KIND_COUNT][NFP_RECEIVER_COUNT];
	unsigned int unclear[NFP_KIND_COUNT][NFP_RECEIVER_COUNT]; /* unclear groups in a row */
	uint64_t unclear_ns[NFP_KIND_COUNT]; /* the end of the newest unclear group */
	/* When the newest landing began; 0: it never changed. */
	uint64_t changed_ns[NFP_KIND_COUNT];
};

/*
 * Begins at @now_ns, which the caller has marked in the accounting. @rate: frames per second of
 * each kind in the stream. @slowness: the factor by which the source may slow down; 1: it does not.
 */
void nfp_settle_begin(struct nfp_settle *settle, uint64_t now_ns, uint64_t settle_ns,
		      const unsigned int rate[NFP_KIND_COUNT], unsigned int slowness);

/* Restarts the window at @now_ns (marked as well), for a reason that the accounting
 * does not know. */
void nfp_settle_restart(struct nfp_settle *settle, uint64_t now_ns);

/*
 * Returns the time before which every frame sent has arrived by @now_ns or is lost: the grace
 * period has passed, or each receiver that listens has got frames that were sent well after it.
 */
uint64_t nfp_settle_final(const struct nfp_frame_accounting *accounting, uint64_t now_ns,
			  bool vf_listens);

/* Adds every slice that ended by @final_ns. */
enum nfp_settle_state nfp_settle_update(struct nfp_settle *settle,
					const struct nfp_frame_accounting *accounting,
					uint64_t now_ns, uint64_t final_ns);

/* Returns when an update may next find the landing stable; @early: clear. */
uint64_t nfp_settle_due(const struct nfp_settle *settle, uint64_t grace_ns, bool early);

/* After EXPIRED: moves the window to the last settling time, or longer if frames are few. */
void nfp_settle_take_last(struct nfp_settle *settle, const struct nfp_frame_accounting *accounting);

/*
 * True if the window [from_ns, end_ns) shows nothing, whatever its counts: it has too few frames of
 * a kind that decides, or no unicast for too long.
 */
bool nfp_settle_has_too_few(const struct nfp_settle *settle,
			    const struct nfp_frame_accounting *accounting);

/* True if the landing of @kind changed in the window [from_ns, end_ns). */
bool nfp_settle_is_unstable(const struct nfp_settle *settle, enum nfp_kind kind);

/* Returns how long to wait for frames in flight, in ns, by the largest latency seen so far. */
uint64_t nfp_settle_grace(const struct nfp_frame_accounting *accounting);

#endif
