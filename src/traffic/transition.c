// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/traffic.h"

#define ALLOWED_MAX	 16U
#define ONCE_IN		 1e-6 /* .. a frame lost by chance passes for one that the NIC lost */
#define NEIGHBOURS	 64U  /* records on either side whose latency is looked at */
#define CLOCK_NS	 (25 * (int64_t)NFP_NSEC_PER_USEC) /* two clocks, read one after the other */
#define LATENCY_NS	 NFP_NSEC_PER_MSEC /* of a frame none of whose neighbours arrived */
#define STALL_FACTOR	 2U
#define OVERTAKEN_FACTOR 4U
#define TIME_MAX_NS	 (UINT64_MAX / 8) /* 73 years */
#define NO_SEQ		 UINT64_MAX

/* A moment: between lo and hi, most likely at ns. */
struct moment {
	int64_t ns, lo, hi;
};

struct measure {
	const struct nfp_ledger *ledger;
	const struct nfp_transition_ask *ask;
	uint64_t first, end; /* records there are */
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

/* ---- frames of the kind ---- */

static bool get(const struct measure *m, uint64_t seq, struct nfp_ledger_frame *frame)
{
	return nfp_ledger_frame(m->ledger, seq, frame) && frame->kind == m->ask->kind;
}

#define ANYWHERE   -1 /* .. that it was seen */
#define REGARDLESS -2 /* .. of whether it was seen */

static bool is_at(const struct nfp_ledger_frame *frame, int at)
{
	if (at == ANYWHERE)
		return frame->seen_ns[NFP_AT_PF] || frame->seen_ns[NFP_AT_VF];
	return at == REGARDLESS || frame->seen_ns[at] != 0;
}

/* The nearest frame of the kind before @seq that was seen at @at; NO_SEQ: there is none. */
static uint64_t previous(const struct measure *m, uint64_t seq, int at,
			 struct nfp_ledger_frame *frame)
{
	while (seq > m->first) {
		if (get(m, --seq, frame) && is_at(frame, at))
			return seq;
	}
	return NO_SEQ;
}

/* .. from @seq on. */
static uint64_t next(const struct measure *m, uint64_t seq, int at, struct nfp_ledger_frame *frame)
{
	for (; seq < m->end; seq++) {
		if (get(m, seq, frame) && is_at(frame, at))
			return seq;
	}
	return NO_SEQ;
}

/* ---- how late ---- */

struct latency {
	uint64_t least, most;
};

static void look_at_latency(const struct measure *m, uint64_t seq, struct latency *latency)
{
	struct nfp_ledger_frame frame;

	if (!nfp_ledger_frame(m->ledger, seq, &frame))
		return;
	for (int at = 0; at < NFP_RECEIVER_COUNT; at++) {
		uint64_t ns = frame.seen_ns[at] - frame.sent_ns;

		if (!frame.seen_ns[at])
			continue;
		latency->least = ns < latency->least ? ns : latency->least;
		latency->most = ns > latency->most ? ns : latency->most;
	}
}

/* Of the frames that arrived next to [from, to], which are missing. */
static struct latency latency_around(const struct measure *m, uint64_t from, uint64_t to)
{
	struct latency latency = {.least = UINT64_MAX};

	for (uint64_t i = 1; i <= NEIGHBOURS; i++) {
		if (from >= m->first + i)
			look_at_latency(m, from - i, &latency);
		look_at_latency(m, to + i, &latency);
	}
	if (latency.least == UINT64_MAX)
		return (struct latency) {0, LATENCY_NS};
	/* The one that is missing may have been slower than all of these. */
	latency.most += (latency.most - latency.least) / 8;
	return latency;
}

/*
 * By when one that was lost had passed the filter. The sender sends one batch after the other: had
 * it stood still after it noted the time, the next one would be late as well.
 */
static uint64_t passed_by(const struct measure *m, uint64_t seq, const struct latency *latency)
{
	struct nfp_ledger_frame lost = {0}, after;
	uint64_t stall = STALL_FACTOR * m->ask->interval_ns;

	(void)nfp_ledger_frame(m->ledger, seq, &lost);
	while (++seq < m->end) {
		if (!nfp_ledger_frame(m->ledger, seq, &after) || after.sent_ns == lost.sent_ns)
			continue;
		if (stall && after.sent_ns - lost.sent_ns > stall)
			return after.sent_ns + latency->most;
		break;
	}
	return lost.sent_ns + latency->most;
}

/* ---- moments ---- */

static struct moment exactly(uint64_t ns)
{
	return (struct moment) {(int64_t)ns, (int64_t)ns, (int64_t)ns};
}

/* @heard and those before it arrived, the ones up to @until (a frame that did, or the end) not. */
static struct moment ceased(const struct measure *m, uint64_t heard, uint64_t until,
			    const struct latency *latency)
{
	struct nfp_ledger_frame frame = {0};
	uint64_t last_ns, missed = heard, seq = heard;

	(void)nfp_ledger_frame(m->ledger, heard, &frame);
	last_ns = frame.sent_ns;
	seq = next(m, heard + 1, REGARDLESS, &frame);
	if (seq == NO_SEQ || seq >= until)
		return exactly(last_ns);
	missed = seq;
	for (unsigned int i = 0; i < m->allowed; i++) {
		uint64_t further = next(m, missed + 1, REGARDLESS, &frame);

		if (further == NO_SEQ || further >= until)
			break;
		missed = further;
	}
	(void)nfp_ledger_frame(m->ledger, seq, &frame);
	return (struct moment) {
		.ns = (int64_t)(last_ns / 2 + frame.sent_ns / 2 + latency->least / 2),
		.lo = (int64_t)last_ns - CLOCK_NS,
		.hi = (int64_t)passed_by(m, missed, latency) + CLOCK_NS,
	};
}

/* @heard arrived at @at, those back to @since (one that did, or the begin) did not. */
static struct moment began(const struct measure *m, uint64_t heard, uint64_t since_ns, int at,
			   const struct latency *latency)
{
	struct nfp_ledger_frame frame = {0}, missed = {0};
	uint64_t missed_ns = since_ns, least_ns = since_ns, unknown_ns = 0, seq = heard;
	struct moment moment;

	(void)nfp_ledger_frame(m->ledger, heard, &frame);
	if (at == NFP_AT_VF && m->ask->vf_since_ns > since_ns)
		unknown_ns = m->ask->vf_since_ns;
	for (unsigned int i = 0; i <= m->allowed; i++) {
		seq = previous(m, seq, REGARDLESS, &missed);
		least_ns = since_ns;
		if (seq == NO_SEQ || missed.sent_ns <= since_ns || missed.sent_ns < unknown_ns)
			break;
		least_ns = missed.sent_ns;
		if (i == 0)
			missed_ns = missed.sent_ns;
	}
	moment.ns = (int64_t)(missed_ns / 2 + frame.sent_ns / 2 + latency->least / 2);
	moment.lo = (int64_t)least_ns - (least_ns > since_ns ? CLOCK_NS : 0);
	moment.hi = (int64_t)frame.seen_ns[at] + CLOCK_NS;
	return moment;
}

static int64_t up_to_microseconds(int64_t ns)
{
	return (ns + (int64_t)NFP_NSEC_PER_USEC - 1) / (int64_t)NFP_NSEC_PER_USEC;
}

/* From one moment to another. */
static struct nfp_span span_between(const struct moment *a, const struct moment *b, int64_t least)
{
	int64_t lo = b->lo - a->hi, hi = b->hi - a->lo;
	int64_t ns, below, above;

	lo = lo < least ? least : lo;
	hi = hi < lo ? lo : hi;
	ns = b->ns - a->ns;
	ns = ns < lo ? lo : ns > hi ? hi : ns;
	below = ns - lo;
	above = hi - ns;
	return (struct nfp_span) {
		.known = true,
		.us = ns / (int64_t)NFP_NSEC_PER_USEC,
		/* One more: the length itself was cut to whole microseconds. */
		.error_us = up_to_microseconds(below > above ? below : above) + 1,
	};
}

/* ---- the gap ---- */

/* Walks along the frames and keeps the longest silence. */
struct walk {
	uint64_t heard;	   /* the last one that was; NO_SEQ: the silence began with the request */
	uint64_t heard_ns; /* when it was sent, or the time of the request */
	uint64_t missed;   /* the first one behind it that was not; NO_SEQ: none was */
	uint64_t last_missed;
	uint64_t longest_ns; /* of the silences */
	struct nfp_span gap;
	int64_t between_ns; /* the longest time between two that were heard with none between */
};

/* One side of a silence, by the times seen. */
struct side {
	uint64_t first_ns, last_ns;
	uint64_t before_ns; /* the one seen last, on the way along the side */
	bool overtaken;	    /* .. by one that was sent later */
};

static void look_at_side(const struct measure *m, uint64_t seq, struct side *side)
{
	struct nfp_ledger_frame frame;
	uint64_t ns;

	if (!get(m, seq, &frame) || !is_at(&frame, m->ask->after))
		return;
	ns = frame.seen_ns[m->ask->after];
	side->overtaken |= ns < side->before_ns;
	side->before_ns = ns;
	side->first_ns = ns < side->first_ns ? ns : side->first_ns;
	side->last_ns = ns > side->last_ns ? ns : side->last_ns;
}

/*
 * Where frames overtake each other, their order at the filter is that in which they are seen, and
 * the ends of the silence are better known by that; the frame that is missing at each end is half
 * an interval away. Else the time sent says more: receivers read late and many at once. A silence
 * that began with the request (@heard is NO_SEQ) has only one end to guess, and that one's bounds
 * hold in any order.
 */
static void guess_by_seen(const struct measure *m, uint64_t heard, uint64_t seq,
			  const struct latency *latency, struct moment *begin, struct moment *end)
{
	struct side before = {.first_ns = UINT64_MAX}, after = {.first_ns = UINT64_MAX};
	uint64_t half = m->ask->interval_ns / 2, back = heard > NEIGHBOURS ? NEIGHBOURS : heard;
	uint64_t spread = latency->most - latency->least;
	bool requested = heard == NO_SEQ;

	for (uint64_t i = heard - back; !requested && i <= heard; i++)
		look_at_side(m, i, &before);
	for (uint64_t i = seq; i < seq + NEIGHBOURS; i++)
		look_at_side(m, i, &after);
	if (!before.overtaken && !after.overtaken)
		return;
	/* One that was heard in the midst of those missed may belong to either side. */
	if (!requested) {
		begin->lo -= (int64_t)spread;
		end->hi += (int64_t)spread;
	}
	if (spread < OVERTAKEN_FACTOR * m->ask->interval_ns)
		return;
	if (!requested)
		begin->ns = (int64_t)(before.last_ns - latency->least + half);
	end->ns = (int64_t)(after.first_ns - latency->least - half);
}

/* The one that ended with the frame @seq: measured, if it is the longest so far. */
static void silence_ended(const struct measure *m, struct walk *w, uint64_t seq,
			  const struct nfp_ledger_frame *frame)
{
	struct latency latency = latency_around(m, w->missed, w->last_missed);
	struct moment begin = exactly(w->heard_ns), end;

	if (frame->sent_ns - w->heard_ns <= w->longest_ns)
		return;
	w->longest_ns = frame->sent_ns - w->heard_ns;
	if (w->heard != NO_SEQ)
		begin = ceased(m, w->heard, seq, &latency);
	end = began(m, seq, w->heard_ns, m->ask->after, &latency);
	guess_by_seen(m, w->heard, seq, &latency, &begin, &end);
	w->gap = span_between(&begin, &end, 0);
}

static void measure_gap(const struct measure *m, struct nfp_transition_count *count)
{
	const struct nfp_transition_ask *ask = m->ask;
	struct walk w = {.heard = NO_SEQ,
			 .missed = NO_SEQ,
			 .heard_ns = ask->asked_ns ? ask->asked_ns : ask->from_ns};
	struct nfp_ledger_frame frame = {0};
	uint64_t seq;

	if (ask->after < 0)
		return;
	/* It begins at a frame that was heard before, or at the request. */
	if (ask->before == ask->after)
		w.heard = previous(m, m->from, ask->before, &frame);
	count->gap_from_request = w.heard == NO_SEQ;
	if (w.heard != NO_SEQ)
		w.heard_ns = frame.sent_ns;
	seq = w.heard != NO_SEQ ? w.heard + 1 : nfp_ledger_find(m->ledger, w.heard_ns);
	/* Up to the first one that is heard in the window after. */
	for (; seq < m->end; seq++) {
		int64_t apart;

		if (!get(m, seq, &frame))
			continue;
		if (!is_at(&frame, ask->after)) {
			w.missed = w.missed == NO_SEQ ? seq : w.missed;
			w.last_missed = seq;
			continue;
		}
		apart = (int64_t)(frame.seen_ns[ask->after] - w.heard_ns) + 2 * CLOCK_NS;
		if (w.missed != NO_SEQ)
			silence_ended(m, &w, seq, &frame);
		else if (apart > w.between_ns)
			w.between_ns = apart;
		w.heard = seq;
		w.heard_ns = frame.sent_ns;
		w.missed = NO_SEQ;
		if (seq >= m->to)
			break;
	}
	if (seq >= m->end)
		return;
	count->gap = w.gap;
	if (!w.gap.known)
		count->gap = (struct nfp_span) {.known = true,
						.error_us = up_to_microseconds(w.between_ns)};
}

/* ---- from one receiver to another ---- */

static void measure_switch(const struct measure *m, struct nfp_transition_count *count)
{
	const struct nfp_transition_ask *ask = m->ask;
	struct latency latency = latency_around(m, m->from, m->to);
	struct nfp_ledger_frame old, new;
	uint64_t last, first;
	struct moment a, b;

	if (ask->old < 0 || ask->new < 0 || ask->old == ask->new)
		return;
	last = previous(m, m->to, ask->old, &old);
	first = next(m, m->from, ask->new, &new);
	if (last == NO_SEQ || first == NO_SEQ)
		return;
	if (new.sent_ns <= old.sent_ns) {
		count->switched.known = true;
		return;
	}
	a = ceased(m, last, m->end, &latency);
	b = began(m, first, old.sent_ns, ask->new, &latency);
	count->switched = span_between(&a, &b, 0);
}

static void measure_effect(const struct measure *m, struct nfp_transition_count *count)
{
	const struct nfp_transition_ask *ask = m->ask;
	struct moment answer = exactly(ask->answered_ns), effect;
	struct nfp_ledger_frame frame;
	struct latency latency;
	uint64_t first;

	if (ask->newly < 0 || !ask->asked_ns)
		return;
	first = next(m, nfp_ledger_find(m->ledger, ask->asked_ns), ask->newly, &frame);
	if (first == NO_SEQ)
		return;
	latency = latency_around(m, first, first);
	/* It cannot have come before it was asked for. */
	effect = began(m, first, ask->asked_ns, ask->newly, &latency);
	count->effect = span_between(&answer, &effect, INT64_MIN);
}

static void count_frames(const struct measure *m, struct nfp_transition_count *count)
{
	struct nfp_ledger_frame frame;

	for (uint64_t seq = m->from; seq < m->to; seq++) {
		if (!get(m, seq, &frame))
			continue;
		count->duplicates += frame.duplicates;
		count->lost += !is_at(&frame, ANYWHERE);
	}
}

/* Times read from a file may be anything; with smaller ones no difference overflows. */
static bool is_sane(const struct measure *m)
{
	struct nfp_ledger_frame last = {0};

	for (uint64_t seq = m->end; seq > m->first; seq--) {
		if (nfp_ledger_frame(m->ledger, seq - 1, &last))
			break;
	}
	return last.sent_ns < TIME_MAX_NS && m->ask->asked_ns < TIME_MAX_NS &&
	       m->ask->answered_ns < TIME_MAX_NS && m->ask->from_ns < TIME_MAX_NS &&
	       m->ask->interval_ns < TIME_MAX_NS;
}

void nfp_transition_measure(const struct nfp_ledger *ledger, const struct nfp_transition_ask *ask,
			    struct nfp_transition_count *ret_count)
{
	struct nfp_transition_count count = {0};
	struct measure m = {
		.ledger = ledger,
		.ask = ask,
		.from = nfp_ledger_find(ledger, ask->from_ns),
		.to = nfp_ledger_find(ledger, ask->to_ns),
		.allowed = nfp_loss_allowance(ask->lost, ask->sent),
	};

	nfp_ledger_records(ledger, &m.first, &m.end);
	count_frames(&m, &count);
	*ret_count = count;
	if (!is_sane(&m))
		return;
	measure_gap(&m, &count);
	measure_switch(&m, &count);
	measure_effect(&m, &count);
	*ret_count = count;
}
