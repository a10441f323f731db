/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ledger.h - the one account of (frame, sent when, seen where, seen when). Pure.
 *
 * Frames enter by nfp_ledger_sent in the order of their sequence numbers, sightings by
 * nfp_ledger_seen in any order. The ledger keeps slices, counters over short stretches of time
 * sent, from which the landing of any stretch is summed in no time, and the records of single
 * frames since the last nfp_ledger_forget, from which transitions are measured (transition.h).
 * All times are nanoseconds of one clock, the wire's now(). A sighting belongs to the time at
 * which the frame was sent, not to the time at which it was seen.
 */
#ifndef NFPROBE_LEDGER_H
#define NFPROBE_LEDGER_H

#include "nfprobe/types.h"

struct nfp_ledger;

/* Frames of one kind over a stretch. sent counts frames that really left. */
struct nfp_count {
	uint64_t sent;
	uint64_t at[NFP_RECEIVER_COUNT]; /* distinct frames seen there, those at both included */
	uint64_t both;			 /* distinct frames seen at PF and VF */
	uint64_t duplicates; /* sightings of a frame at a receiver that had it already */
};
/* lost = sent - (at[PF] + at[VF] - both) */
uint64_t nfp_count_lost(const struct nfp_count *count);

/*
 * In the order of time, never overlapping. NFP_LEDGER_SLICE_NS long on a grid that begins at the
 * last mark; shorter before a mark. Where nothing was sent there may be a hole between two.
 */
struct nfp_slice {
	uint64_t from_ns, to_ns; /* half open; to_ns of the newest slice is where it will end */
	struct nfp_count count[NFP_KIND_COUNT];
};

enum nfp_sighting {
	NFP_SIGHTING_COUNTED,
	NFP_SIGHTING_DUPLICATE,
	NFP_SIGHTING_IMPOSSIBLE, /* never sent, forgotten, of another kind, or seen before sent */
	NFP_SIGHTING_LATE,	 /* more than the limit after it was sent: not counted */
};

/* The record of one frame. */
struct nfp_ledger_frame {
	uint64_t sent_ns;
	uint64_t seen_ns[NFP_RECEIVER_COUNT]; /* first seen there; 0: never */
	enum nfp_kind kind;
	unsigned int duplicates;
};

#define NFP_LEDGER_SLICE_NS (25 * NFP_NSEC_PER_MSEC)
#define NFP_LEDGER_LATE_NS  NFP_NSEC_PER_SEC

/* NULL when out of memory. */
struct nfp_ledger *nfp_ledger_new(void);
void nfp_ledger_free(struct nfp_ledger *ledger);
/* As new, with the memory kept. */
void nfp_ledger_reset(struct nfp_ledger *ledger);

/*
 * @seq must be the last one plus 1 (the first may be anything but 0), @sent_ns not before the last
 * frame's, @kind one that is counted: else -EINVAL. -ENOMEM. A frame that was sent before a mark
 * but is told of after it is counted before the mark.
 */
int nfp_ledger_sent(struct nfp_ledger *ledger, uint64_t seq, enum nfp_kind kind, uint64_t sent_ns);
/* The frame did not leave after all; does nothing when it was seen or is unknown. */
void nfp_ledger_unsent(struct nfp_ledger *ledger, uint64_t seq);
enum nfp_sighting nfp_ledger_seen(struct nfp_ledger *ledger, uint64_t seq, enum nfp_kind kind,
				  enum nfp_receiver at, uint64_t seen_ns);

/*
 * Ends the current slice at @now_ns, so that a stretch may begin there. -EINVAL when that lies
 * before a frame or a mark that the ledger has; -ENOMEM.
 */
int nfp_ledger_mark(struct nfp_ledger *ledger, uint64_t now_ns);

/* The slices since the last forget, oldest first; valid until the next call with this ledger. */
size_t nfp_ledger_slices(const struct nfp_ledger *ledger, const struct nfp_slice **ret_slices);

/* Sums the slices that lie entirely in [from_ns, to_ns); returns how many they were. */
size_t nfp_ledger_sum(const struct nfp_ledger *ledger, uint64_t from_ns, uint64_t to_ns,
		      struct nfp_count ret_count[NFP_KIND_COUNT]);

/*
 * The largest time from sent to seen, ns, of sightings that were COUNTED (so that replaying frames
 * makes nobody wait) since the forget before the last, or the reset; 0: nothing seen. A host that
 * was busy for a moment is so forgotten after a step or two.
 */
uint64_t nfp_ledger_max_latency(const struct nfp_ledger *ledger);

/*
 * The time before which no frame sent is on its way to @at any more, as far as order tells: a
 * frame sent then or later was seen there, and twice the largest disorder seen at any receiver
 * (over the same stretch as the latency) lies between. 0: nothing seen there.
 */
uint64_t nfp_ledger_overtaken(const struct nfp_ledger *ledger, enum nfp_receiver at);

/*
 * The records kept, by sequence number: those in [*ret_first, *ret_end), of which nfp_ledger_find
 * returns the oldest that was not sent before @ns (*ret_end when there is none).
 */
void nfp_ledger_records(const struct nfp_ledger *ledger, uint64_t *ret_first, uint64_t *ret_end);
uint64_t nfp_ledger_find(const struct nfp_ledger *ledger, uint64_t ns);
/* False when the record is not kept, or the frame did not leave. */
bool nfp_ledger_frame(const struct nfp_ledger *ledger, uint64_t seq,
		      struct nfp_ledger_frame *ret_frame);

/*
 * Drops slices and records of frames sent before @before_ns: what is sent for an hour needs no more
 * memory. Sightings of what was dropped are IMPOSSIBLE from then on, so frames that may still be
 * under way should stay. The newest two slices stay in any case.
 */
void nfp_ledger_forget(struct nfp_ledger *ledger, uint64_t before_ns);

/*
 * The landing of one kind by section "landing" of nfprobe(8): a receiver has it at 80 % and more of
 * what was sent, lacks it at 5 % and less, between is MIXED; NONE when nothing was sent. Frames
 * that reach two receivers but neither at 80 % are MIXED.
 */
enum nfp_landing nfp_landing_of(const struct nfp_count *count);

#endif
