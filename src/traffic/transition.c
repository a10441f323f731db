// SPDX-License-Identifier: GPL-2.0-or-later
/* transition.c - measures the gap of a change from single frames. */
#include "traffic/traffic.h"
#include "traffic_priv.h"

#define ALLOWED_MAX 16U
/* The chance that a frame lost by accident is taken for one that the NIC lost. */
#define ONCE_IN	     1e-6
#define NEIGHBOURS   64U /* records on either side whose latency counts */
#define CLOCK_NS     (25 * (int64_t)NFP_NSEC_PER_USEC) /* two clocks, read one after the other */
#define LATENCY_NS   NFP_NSEC_PER_MSEC /* latency of a frame if none of its neighbours arrived */
#define STALL_FACTOR 2U
#define NO_SEQ	     UINT64_MAX

/* A moment: between lo and hi, most likely at ns. */
struct moment {
	int64_t ns, lo, hi;
};

struct measure {
	const struct nfp_frame_accounting *accounting;
	const struct nfp_transition_query *ask;
	uint64_t first, end; /* the records kept */
	uint64_t from, to;   /* those of the transition */
	unsigned int allowed;
};

unsigned int nfp_loss_allowance(uint64_t lost, uint64_t sent)
{
	double share, chance = 1;
	unsigned int num = 0;

	if (!lost || !sent)
		return 0;
	share = (double)(lost + 1) / (double)(sent + 1);
	for (; num < ALLOWED_MAX && chance > ONCE_IN; num++)
		chance *= share;
	return num;
}

/* ---- unicast frames ---- */

static bool get_frame(const struct measure *m, uint64_t seq, struct nfp_frame_record *frame)
{
	return nfp_frame_record(m->accounting, seq, frame) && frame->kind == NFP_KIND_UNICAST;
}

#define REGARDLESS -1 /* whether it was seen or not */

static bool was_at(const struct nfp_frame_record *frame, int at)
{
	return at == REGARDLESS || frame->seen_ns[at] != 0;
}

#define FORWARD	 1
#define BACKWARD UINT64_MAX /* adds -1 */

/* Returns the first unicast frame that was seen at @at, from @seq on; NO_SEQ: there is none. */
static uint64_t find_frame(const struct measure *m, uint64_t seq, uint64_t direction, int at,
			   struct nfp_frame_record *frame)
{
	for (; seq >= m->first && seq < m->end; seq += direction) {
		if (get_frame(m, seq, frame) && was_at(frame, at))
			return seq;
	}
	return NO_SEQ;
}

/* ---- how late ---- */

struct latency {
	uint64_t least, most;
};

static void add_latency(const struct measure *m, uint64_t seq, uint64_t direction,
			struct latency *latency)
{
	struct nfp_frame_record frame;

	for (unsigned int num = 0; num < NEIGHBOURS && seq >= m->first && seq < m->end;
	     seq += direction) {
		bool sent = nfp_frame_record(m->accounting, seq, &frame);

		num++;
		for (int at = 0; sent && at < NFP_RECEIVER_COUNT; at++) {
			uint64_t ns = frame.seen_ns[at] - frame.sent_ns;

			if (!frame.seen_ns[at])
				continue;
			latency->least = ns < latency->least ? ns : latency->least;
			latency->most = ns > latency->most ? ns : latency->most;
		}
	}
}

/* Returns the latency of the frames around [from, to], which are missing. */
static struct latency latency_around(const struct measure *m, uint64_t from, uint64_t to)
{
	struct latency latency = {.least = UINT64_MAX};

	add_latency(m, from - 1, BACKWARD, &latency);
	add_latency(m, to + 1, FORWARD, &latency);
	if (latency.least == UINT64_MAX)
		return (struct latency) {0, LATENCY_NS};
	/* The missing one may have been slower than all of these. */
	latency.most += (latency.most - latency.least) / 8;
	return latency;
}

/* ---- moments ---- */

static struct moment exactly(uint64_t ns)
{
	return (struct moment) {(int64_t)ns, (int64_t)ns, (int64_t)ns};
}

/*
 * Returns when a receiver ceased to get frames: @heard and those before it arrived; those from
 * there to @until (a frame that did arrive, or the end) did not.
 */
static struct moment moment_ceased(const struct measure *m, uint64_t heard, uint64_t until,
				   const struct latency *latency)
{
	uint64_t stall = STALL_FACTOR * m->ask->interval_ns, last_ns, first_ns, missed_ns;
	struct nfp_frame_record frame = {0};
	uint64_t missed, further;

	(void)nfp_frame_record(m->accounting, heard, &frame);
	last_ns = frame.sent_ns;
	missed = find_frame(m, heard + 1, FORWARD, REGARDLESS, &frame);
	if (missed == NO_SEQ || missed >= until)
		return exactly(last_ns);
	first_ns = missed_ns = frame.sent_ns;
	for (unsigned int i = 0; i < m->allowed; i++) {
		further = find_frame(m, missed + 1, FORWARD, REGARDLESS, &frame);
		if (further == NO_SEQ || further >= until)
			break;
		missed = further;
		missed_ns = frame.sent_ns;
	}
	/*
	 * The sender sends one batch after the other. If it had stalled after it noted the time of
	 * the missed frame, the next batch would be late as well.
	 */
	for (further = missed + 1; further < m->end; further++) {
		if (!nfp_frame_record(m->accounting, further, &frame) || frame.sent_ns == missed_ns)
			continue;
		if (stall && frame.sent_ns - missed_ns > stall)
			missed_ns = frame.sent_ns;
		break;
	}
	return (struct moment) {
		.ns = (int64_t)(last_ns / 2 + first_ns / 2 + latency->least / 2),
		.lo = (int64_t)last_ns - CLOCK_NS,
		.hi = (int64_t)(missed_ns + latency->most) + CLOCK_NS,
	};
}

/*
 * Returns when @at began to get frames: @heard arrived there; those back to @since_ns (when one
 * did, or the beginning) did not.
 */
static struct moment moment_began(const struct measure *m, uint64_t heard, uint64_t since_ns,
				  int at, const struct latency *latency)
{
	struct nfp_frame_record frame = {0}, missed = {0};
	uint64_t missed_ns = since_ns, least_ns = since_ns, unknown_ns = 0, seq = heard;

	(void)nfp_frame_record(m->accounting, heard, &frame);
	if (at == NFP_AT_VF && m->ask->vf_since_ns > since_ns)
		unknown_ns = m->ask->vf_since_ns;
	for (unsigned int i = 0; i <= m->allowed; i++) {
		seq = find_frame(m, seq - 1, BACKWARD, REGARDLESS, &missed);
		least_ns = since_ns;
		if (seq == NO_SEQ || missed.sent_ns <= since_ns || missed.sent_ns < unknown_ns)
			break;
		least_ns = missed.sent_ns;
		if (i == 0)
			missed_ns = missed.sent_ns;
	}
	return (struct moment) {
		.ns = (int64_t)(missed_ns / 2 + frame.sent_ns / 2 + latency->least / 2),
		.lo = (int64_t)least_ns - (least_ns > since_ns ? CLOCK_NS : 0),
		.hi = (int64_t)frame.seen_ns[at] + CLOCK_NS,
	};
}

static int64_t up_to_microseconds(int64_t ns)
{
	return (ns + (int64_t)NFP_NSEC_PER_USEC - 1) / (int64_t)NFP_NSEC_PER_USEC;
}

/* Returns the time from one moment to another. */
static struct nfp_span span_between(const struct moment *a, const struct moment *b)
{
	int64_t lo = b->lo - a->hi, hi = b->hi - a->lo, ns = b->ns - a->ns;

	lo = lo < 0 ? 0 : lo;
	hi = hi < lo ? lo : hi;
	ns = ns < lo ? lo : ns > hi ? hi : ns;
	return (struct nfp_span) {
		.known = true,
		.us = ns / (int64_t)NFP_NSEC_PER_USEC,
		/* A microsecond more, since the length itself was cut to whole ones. */
		.error_us = up_to_microseconds(ns - lo > hi - ns ? ns - lo : hi - ns) + 1,
	};
}

/* ---- the gap ---- */

/* Walks along the frames and keeps the longest silence. */
static void measure_gap(const struct measure *m, struct nfp_transition_count *count)
{
	const struct nfp_transition_query *ask = m->ask;
	uint64_t heard = NO_SEQ, missed = NO_SEQ, last_missed = 0, longest_ns = 0, seq;
	uint64_t heard_ns = ask->request_ns ? ask->request_ns : ask->from_ns;
	struct nfp_frame_record frame = {0};
	struct nfp_span gap = {0};
	int64_t between_ns = 0; /* the longest time between two heard with none missed between */

	if (ask->after < 0)
		return;
	/* It begins at a frame that was heard before, or at the request. */
	if (ask->before == ask->after)
		heard = find_frame(m, m->from - 1, BACKWARD, ask->before, &frame);
	count->gap_from_request = heard == NO_SEQ;
	if (heard != NO_SEQ)
		heard_ns = frame.sent_ns;
	seq = heard != NO_SEQ ? heard + 1 : nfp_accounting_find(m->accounting, heard_ns);
	/* It ends at the first frame that is heard in the window after. */
	for (; seq < m->end; seq++) {
		int64_t apart;

		if (!get_frame(m, seq, &frame))
			continue;
		if (!was_at(&frame, ask->after)) {
			missed = missed == NO_SEQ ? seq : missed;
			last_missed = seq;
			continue;
		}
		apart = (int64_t)(frame.seen_ns[ask->after] - heard_ns) + 2 * CLOCK_NS;
		if (missed == NO_SEQ) {
			between_ns = apart > between_ns ? apart : between_ns;
		} else if (frame.sent_ns - heard_ns > longest_ns) {
			struct latency latency = latency_around(m, missed, last_missed);
			struct moment begin = exactly(heard_ns), end;

			longest_ns = frame.sent_ns - heard_ns;
			if (heard != NO_SEQ)
				begin = moment_ceased(m, heard, seq, &latency);
			end = moment_began(m, seq, heard_ns, ask->after, &latency);
			/* If frames overtake each other, one that was heard may have passed the
			 * filter on either side of the silence. */
			if (heard != NO_SEQ) {
				begin.lo -= (int64_t)(latency.most - latency.least);
				end.hi += (int64_t)(latency.most - latency.least);
			}
			gap = span_between(&begin, &end);
		}
		heard = seq;
		heard_ns = frame.sent_ns;
		missed = NO_SEQ;
		if (seq >= m->to)
			break;
	}
	if (seq >= m->end)
		return;
	count->gap = gap;
	if (!gap.known)
		count->gap = (struct nfp_span) {.known = true,
						.error_us = up_to_microseconds(between_ns)};
}

void nfp_transition_measure(const struct nfp_frame_accounting *accounting,
			    const struct nfp_transition_query *ask,
			    struct nfp_transition_count *ret_count)
{
	struct nfp_transition_count count = {0};
	struct measure m = {
		.accounting = accounting,
		.ask = ask,
		.from = nfp_accounting_find(accounting, ask->from_ns),
		.to = nfp_accounting_find(accounting, ask->to_ns),
		.allowed = nfp_loss_allowance(ask->lost, ask->sent),
	};
	struct nfp_frame_record frame;

	nfp_accounting_records(accounting, &m.first, &m.end);
	for (uint64_t seq = m.from; seq < m.to; seq++) {
		if (!get_frame(&m, seq, &frame))
			continue;
		count.duplicates += frame.duplicates;
		count.lost += !frame.seen_ns[NFP_AT_PF] && !frame.seen_ns[NFP_AT_VF];
	}
	measure_gap(&m, &count);
	*ret_count = count;
}
