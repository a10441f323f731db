// SPDX-License-Identifier: GPL-2.0-or-later
/* settle.c - whether a landing has been stable for long enough. Pure. */
#include "settle.h"

#include <string.h>
#include <sys/param.h>

#define GRACE_LEAST_NS (20 * NFP_NSEC_PER_MSEC)
#define GRACE_MOST_NS  (500 * NFP_NSEC_PER_MSEC)
#define EXPIRE_FACTOR  5
#define EXPIRE_MORE_NS (2 * NFP_NSEC_PER_SEC)
/* Tolerates scheduling delays, and the normal interval between rare frames. */
#define HOLE_LEAST_NS (500 * NFP_NSEC_PER_MSEC)
#define HOLE_FRAMES   3

uint64_t nfp_settle_grace(const struct nfp_frame_accounting *accounting)
{
	uint64_t latency = nfp_accounting_max_latency(accounting);

	if (latency > (GRACE_MOST_NS - GRACE_LEAST_NS) / 2)
		return GRACE_MOST_NS;
	return GRACE_LEAST_NS + 2 * latency;
}

uint64_t nfp_settle_final(const struct nfp_frame_accounting *accounting, uint64_t now_ns,
			  bool vf_listens)
{
	uint64_t grace_ns = nfp_settle_grace(accounting);
	uint64_t by_time_ns = now_ns > grace_ns ? now_ns - grace_ns : 0;
	uint64_t by_order_ns = nfp_accounting_overtaken(accounting, NFP_AT_PF);

	if (vf_listens)
		by_order_ns = MIN(by_order_ns, nfp_accounting_overtaken(accounting, NFP_AT_VF));
	by_order_ns = by_order_ns > GRACE_LEAST_NS ? by_order_ns - GRACE_LEAST_NS : 0;
	return MAX(by_order_ns, by_time_ns);
}

static void begin_window(struct nfp_settle *settle, uint64_t from_ns)
{
	settle->from_ns = from_ns;
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
		settle->group[kind] = (struct nfp_settle_group) {.from_ns = from_ns};
	memset(settle->unclear, 0, sizeof(settle->unclear));
	memset(settle->unclear_ns, 0, sizeof(settle->unclear_ns));
}

/* Returns the time between two frames of the rarest kind that decides. */
static uint64_t rarest_ns(const unsigned int rate[NFP_KIND_COUNT])
{
	uint64_t most_ns = rate[NFP_KIND_UNICAST] ? NFP_NSEC_PER_SEC / rate[NFP_KIND_UNICAST] : 0;

	for (int kind = 0; kind < NFP_KINDS_HEARD; kind++) {
		if (rate[kind] >= (kind < NFP_KINDS_DECIDE ? 1 : NFP_SETTLE_FEW))
			most_ns = MAX(most_ns, NFP_NSEC_PER_SEC / rate[kind]);
	}
	return most_ns;
}

void nfp_settle_begin(struct nfp_settle *settle, uint64_t now_ns, uint64_t settle_ns,
		      const unsigned int rate[NFP_KIND_COUNT], unsigned int slowness)
{
	unsigned int unicast = rate[NFP_KIND_UNICAST];
	uint64_t apart_ns = unicast ? NFP_NSEC_PER_SEC / unicast : 0; /* two frames */

	*settle = (struct nfp_settle) {
		.settle_ns = settle_ns + NFP_SETTLE_LAST * rarest_ns(rate),
		.begin_ns = now_ns,
		.end_ns = now_ns,
		.fed_ns = now_ns,
		.expire_ns = now_ns + MAX(EXPIRE_FACTOR * settle_ns + EXPIRE_MORE_NS,
					  NFP_SETTLE_SURE * rarest_ns(rate)),
		.hole_ns = slowness *
			   MAX(MAX(settle_ns / 2, HOLE_LEAST_NS), HOLE_FRAMES * apart_ns),
	};
	for (int kind = 0; kind < NFP_KINDS_SETTLE; kind++)
		settle->sent[kind] = rate[kind] > 0;
	/* Unregistered unicast does not decide whether a receiver is served: do not wait for it
	 * where it is rare. */
	settle->sent[NFP_KIND_UNREGISTERED] = rate[NFP_KIND_UNREGISTERED] >= NFP_SETTLE_FEW;
	settle->sent[NFP_KIND_MULTICAST] = rate[NFP_KIND_MULTICAST] >= NFP_SETTLE_FEW;
	begin_window(settle, now_ns);
}

void nfp_settle_restart(struct nfp_settle *settle, uint64_t now_ns)
{
	settle->end_ns = settle->fed_ns = now_ns;
	memset(settle->last, 0, sizeof(settle->last));
	begin_window(settle, now_ns);
}

/* The landing at one receiver: PF is "has", NOWHERE "lacks", MIXED "unclear", NONE "no frames". */
static enum nfp_landing landing_at(const struct nfp_count *count, int at)
{
	const struct nfp_count alone = {.sent = count->sent, .at[NFP_AT_PF] = count->at[at]};

	return nfp_landing_of(&alone);
}

/*
 * If the landing of @kind has changed, the window begins with its group. The groups of the other
 * kinds are cut there, too: what came before belongs to another state.
 */
static void settle_group(struct nfp_settle *settle, const struct nfp_frame_accounting *accounting,
			 int kind)
{
	uint64_t from_ns = settle->group[kind].from_ns;
	struct nfp_count count[NFP_KIND_COUNT];
	bool begins = false;

	for (int at = 0; at < NFP_RECEIVER_COUNT; at++) {
		enum nfp_landing now = landing_at(&settle->group[kind].count, at);
		enum nfp_landing last = settle->last[kind][at];

		if (now == NFP_LANDING_MIXED) {
			settle->unclear[kind][at]++;
			settle->unclear_ns[kind] = settle->end_ns;
			continue;
		}
		if (last == NFP_LANDING_NONE) {
			begins |= settle->unclear[kind][at] > 0;
		} else if (last != now) {
			begins = true;
			settle->changed_ns[kind] = from_ns;
		}
		settle->last[kind][at] = now;
		settle->unclear[kind][at] = 0;
	}
	if (begins && from_ns > settle->from_ns) {
		nfp_accounting_sum(accounting, from_ns, settle->end_ns, count);
		settle->from_ns = from_ns;
		for (int other = 0; other < NFP_KIND_COUNT; other++) {
			if (settle->group[other].from_ns < from_ns)
				settle->group[other] = (struct nfp_settle_group) {from_ns,
										  count[other]};
		}
	}
	settle->group[kind] = (struct nfp_settle_group) {.from_ns = settle->end_ns};
}

static void add_slices(struct nfp_settle *settle, const struct nfp_frame_accounting *accounting,
		       uint64_t final_ns)
{
	const struct nfp_slice *slice;
	size_t num = nfp_accounting_slices(accounting, settle->end_ns, &slice);

	for (; num && slice->to_ns <= final_ns; num--, slice++) {
		if (settle->sent[NFP_KIND_UNICAST] && slice->count[NFP_KIND_UNICAST].sent) {
			/* Nothing is known of the time before a hole. */
			if (slice->from_ns > settle->fed_ns + settle->hole_ns)
				settle->from_ns = MAX(settle->from_ns, slice->from_ns);
			settle->fed_ns = slice->to_ns;
		}
		settle->end_ns = slice->to_ns;
		for (int kind = 0; kind < NFP_KINDS_SETTLE; kind++)
			nfp_count_add(&settle->group[kind].count, &slice->count[kind]);
		for (int kind = 0; kind < NFP_KINDS_SETTLE; kind++) {
			if (settle->group[kind].count.sent >= NFP_SETTLE_GROUP)
				settle_group(settle, accounting, kind);
		}
	}
	/* Without frames there is no slice, but time goes on. */
	if (!num && final_ns > settle->end_ns)
		settle->end_ns += (final_ns - settle->end_ns) / NFP_ACCOUNTING_SLICE_NS *
				  NFP_ACCOUNTING_SLICE_NS;
}

/*
 * A landing that was clear and no longer is may be about to change. The next group tells: if it is
 * unclear as well, frames are lost, since a change makes only one group unclear.
 */
static bool is_changing(const struct nfp_settle *settle)
{
	for (int kind = 0; kind < NFP_KINDS_HEARD; kind++) {
		const struct nfp_count *count = &settle->group[kind].count;

		for (int at = 0; at < NFP_RECEIVER_COUNT; at++) {
			enum nfp_landing last = settle->last[kind][at];
			unsigned int unclear = settle->unclear[kind][at];

			if (last != NFP_LANDING_NONE &&
			    (unclear == 1 || (unclear == 0 && count->sent >= NFP_SETTLE_FEW &&
					      landing_at(count, at) != last)))
				return true;
		}
	}
	return false;
}

/*
 * True if the newest frames of a rare kind disagree with its landing. A group of such a kind takes
 * so long that a change would go unseen.
 */
static bool ends_otherwise(const struct nfp_settle *settle,
			   const struct nfp_frame_accounting *accounting, int kind,
			   const struct nfp_count *whole)
{
	const struct nfp_slice *slices;
	size_t num = nfp_accounting_slices(accounting, settle->from_ns, &slices);
	enum nfp_landing landing = nfp_landing_of(whole);
	struct nfp_count last = {0};

	if (whole->sent > NFP_SETTLE_RARE || landing == NFP_LANDING_MIXED)
		return false;
	while (num && last.sent < NFP_SETTLE_LAST) {
		num--;
		if (slices[num].to_ns <= settle->end_ns)
			nfp_count_add(&last, &slices[num].count[kind]);
	}
	for (int at = 0; at < NFP_RECEIVER_COUNT; at++) {
		enum nfp_landing now = landing_at(whole, at);

		if (now == NFP_LANDING_PF ? last.at[at] < last.sent : last.at[at] > 0)
			return true;
	}
	return false;
}

/* A hole in one kind leaves that kind mixed. The frames after it may be clear, and enough. */
static bool is_clear_behind(struct nfp_settle *settle,
			    const struct nfp_frame_accounting *accounting)
{
	struct nfp_count count[NFP_KIND_COUNT];
	uint64_t from_ns = settle->from_ns;

	for (int kind = 0; kind < NFP_KINDS_HEARD; kind++)
		from_ns = MAX(from_ns, settle->unclear_ns[kind]);
	if (from_ns == settle->from_ns || settle->end_ns < from_ns + settle->settle_ns)
		return false;
	nfp_accounting_sum(accounting, from_ns, settle->end_ns, count);
	for (int kind = 0; kind < NFP_KINDS_HEARD; kind++) {
		if (settle->sent[kind] && (count[kind].sent < NFP_SETTLE_FEW ||
					   nfp_landing_of(&count[kind]) == NFP_LANDING_MIXED))
			return false;
	}
	settle->from_ns = from_ns;
	memcpy(settle->count, count, sizeof(count));
	return true;
}

enum nfp_settle_state nfp_settle_update(struct nfp_settle *settle,
					const struct nfp_frame_accounting *accounting,
					uint64_t now_ns, uint64_t final_ns)
{
	/* There are enough frames of each kind; each landing is clear; so is each that a guest
	 * hears. */
	bool enough = true, clear = true, heard = true;
	struct nfp_count *count = settle->count;

	add_slices(settle, accounting, final_ns);
	nfp_accounting_sum(accounting, settle->from_ns, settle->end_ns, count);
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		if (!settle->sent[kind])
			continue;
		enough &= count[kind].sent >= NFP_SETTLE_FEW;
		if (kind < NFP_KINDS_HEARD)
			enough &= !ends_otherwise(settle, accounting, kind, &count[kind]);
		if (nfp_landing_of(&count[kind]) != NFP_LANDING_MIXED)
			continue;
		clear = false;
		heard &= kind >= NFP_KINDS_HEARD;
	}
	enough &= !is_changing(settle);
	/* The source may be standing still right now. */
	enough &= !settle->sent[NFP_KIND_UNICAST] ||
		  settle->end_ns <= settle->fed_ns + settle->hole_ns;
	if (enough && settle->end_ns - settle->from_ns >= settle->settle_ns &&
	    (heard || is_clear_behind(settle, accounting)))
		return NFP_SETTLE_HELD;
	if (now_ns >= settle->expire_ns)
		return NFP_SETTLE_EXPIRED;
	return enough && clear ? NFP_SETTLE_CLEAR : NFP_SETTLE_WAIT;
}

uint64_t nfp_settle_due(const struct nfp_settle *settle, uint64_t grace_ns, bool early)
{
	uint64_t whole = settle->from_ns + settle->settle_ns;
	uint64_t next = settle->end_ns + NFP_ACCOUNTING_SLICE_NS;

	/* If the grace period is long, the order of frames may tell earlier. */
	if (grace_ns > GRACE_LEAST_NS + NFP_ACCOUNTING_SLICE_NS)
		grace_ns = GRACE_LEAST_NS;
	return (whole > next && !early ? whole : next) + grace_ns;
}

/* True if a kind that decides has too few frames. */
static bool is_short(const struct nfp_settle *settle, const struct nfp_frame_accounting *accounting)
{
	struct nfp_count count[NFP_KIND_COUNT];

	nfp_accounting_sum(accounting, settle->from_ns, settle->end_ns, count);
	for (int kind = 0; kind < NFP_KINDS_DECIDE; kind++) {
		if (settle->sent[kind] && count[kind].sent < NFP_SETTLE_FEW)
			return true;
	}
	return false;
}

void nfp_settle_take_last(struct nfp_settle *settle, const struct nfp_frame_accounting *accounting)
{
	uint64_t slices = (settle->settle_ns + NFP_ACCOUNTING_SLICE_NS - 1) /
			  NFP_ACCOUNTING_SLICE_NS;
	uint64_t length = slices * NFP_ACCOUNTING_SLICE_NS;

	/* Nothing has changed for long enough: the landing is mixed. */
	if (settle->end_ns >= settle->from_ns + settle->settle_ns)
		return;

	for (;; length *= 2) {
		if (settle->end_ns - settle->begin_ns <= length) {
			settle->from_ns = settle->begin_ns;
			return;
		}
		settle->from_ns = settle->end_ns - length;
		if (!is_short(settle, accounting))
			return;
	}
}

bool nfp_settle_has_too_few(const struct nfp_settle *settle,
			    const struct nfp_frame_accounting *accounting)
{
	uint64_t fed_ns = settle->from_ns;
	const struct nfp_slice *slices;
	size_t num = nfp_accounting_slices(accounting, settle->from_ns, &slices);

	if (is_short(settle, accounting))
		return true;
	if (!settle->sent[NFP_KIND_UNICAST])
		return false;
	for (size_t i = 0; i < num && slices[i].to_ns <= settle->end_ns; i++) {
		if (!slices[i].count[NFP_KIND_UNICAST].sent)
			continue;
		if (slices[i].from_ns > fed_ns + settle->hole_ns)
			return true;
		fed_ns = slices[i].to_ns;
	}
	return settle->end_ns > fed_ns + settle->hole_ns;
}

bool nfp_settle_is_unstable(const struct nfp_settle *settle, enum nfp_kind kind)
{
	return settle->changed_ns[kind] > settle->from_ns;
}
