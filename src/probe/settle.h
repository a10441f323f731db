/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settle.h - when has a landing held long enough to count? Pure: reads a ledger, keeps its own
 * place in it.
 *
 * The stream since the end of a change is cut into groups of at least NFP_SETTLE_GROUP frames of
 * one kind. In a group a receiver has the kind, lacks it, or it is unclear (the thresholds of
 * nfp_landing_of). The window that counts begins with the first clear group after the last group
 * that differs from the clear one before it. Unclear groups do not begin it anew, so steady loss
 * ends as a mixed landing instead of never.
 *
 * Nobody knows what would have become of frames that were not sent: a source that stood still for
 * a good part of the window begins it anew, too.
 */
#ifndef NFPROBE_PROBE_SETTLE_H
#define NFPROBE_PROBE_SETTLE_H

#include "nfprobe/traffic.h"

#define NFP_SETTLE_GROUP 8U /* frames; 7 of 8 is "has", 0 of 8 is "lacks" */
#define NFP_SETTLE_FEW	 3U /* frames of each kind that a window has at least */
/*
 * A landing that is mixed over fewer frames than this is watched on: where 3 % are lost, 2 of 7
 * lost are no rarity (2 %), but more than 6 of 30 are (1 in 40,000).
 */
#define NFP_SETTLE_SURE 30U

enum nfp_settle_state {
	NFP_SETTLE_WAIT,    /* not yet */
	NFP_SETTLE_CLEAR,   /* not yet, but every landing in the window is clear: enough for some */
	NFP_SETTLE_HELD,    /* it has held for the settling time */
	NFP_SETTLE_EXPIRED, /* time is up; see nfp_settle_is_unstable */
};

struct nfp_settle_group {
	uint64_t from_ns;
	struct nfp_count count;
};

/* Fields are private but for reading from_ns and end_ns: the window, on the ledger's slices. */
struct nfp_settle {
	uint64_t settle_ns;
	uint64_t expire_ns;
	uint64_t begin_ns;
	uint64_t from_ns, end_ns;
	uint64_t fed_ns;	   /* the end of the newest slice in which unicast was sent */
	uint64_t hole_ns;	   /* the longest time without any that a window may have */
	bool sent[NFP_KIND_COUNT]; /* the stream has this kind, often enough to wait for it */
	struct nfp_settle_group group[NFP_KIND_COUNT];
	enum nfp_landing last[NFP_KIND_COUNT][NFP_RECEIVER_COUNT];
	unsigned int unclear[NFP_KIND_COUNT][NFP_RECEIVER_COUNT]; /* groups in a row */
	uint64_t changed_ns[NFP_KIND_COUNT]; /* beginning of the newest landing; 0: it never
						changed */
	bool wavered;			     /* unicast was clear, and then it was not in a group */
};

/*
 * Begins at @now_ns, where the caller has put a mark into the ledger. @rate: frames a second that
 * the stream has of each kind. @slowness: the source may send so many times slower; 1: it does not.
 */
void nfp_settle_begin(struct nfp_settle *settle, uint64_t now_ns, uint64_t settle_ns,
		      const unsigned int rate[NFP_KIND_COUNT], unsigned int slowness);

/* The window begins anew at @now_ns (a mark as well), because of something the ledger cannot
 * know. */
void nfp_settle_restart(struct nfp_settle *settle, uint64_t now_ns);

/*
 * The time before which every frame sent has arrived by @now_ns or is lost: the grace has passed
 * since, or each receiver that listens has seen frames sent well after it.
 */
uint64_t nfp_settle_final(const struct nfp_ledger *ledger, uint64_t now_ns, bool vf_listens);

/* Takes in every slice that ended by @final_ns. */
enum nfp_settle_state nfp_settle_update(struct nfp_settle *settle, const struct nfp_ledger *ledger,
					uint64_t now_ns, uint64_t final_ns);

/* The next time at which an update may tell that the landing has held; @brief: that it is clear. */
uint64_t nfp_settle_due(const struct nfp_settle *settle, uint64_t grace_ns, bool brief);

/* After EXPIRED: moves the window to the last settling time, longer where frames are few. */
void nfp_settle_take_last(struct nfp_settle *settle, const struct nfp_ledger *ledger);

/*
 * Why the window [from_ns, end_ns) says nothing whatever its counts are: fewer than a few frames of
 * a kind that decides were sent in it, or none of unicast for too long. False: it may say
 * something.
 */
bool nfp_settle_has_too_few(const struct nfp_settle *settle, const struct nfp_ledger *ledger);

/* True when the landing of @kind changed in the window [from_ns, end_ns). */
bool nfp_settle_is_unstable(const struct nfp_settle *settle, enum nfp_kind kind);

/* True when a landing that decides changed, or unicast wavered, after it had been clear once. */
bool nfp_settle_was_late(const struct nfp_settle *settle);

/* How long frames in flight are waited for, ns, from the largest latency seen so far. */
uint64_t nfp_settle_grace(const struct nfp_ledger *ledger);

#endif
