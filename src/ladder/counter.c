// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The PF's own counter of frames to the VF, as a second witness: if unicast lands nowhere, a
 * counter that rises with it shows that the NIC gave the frames to the VF. Evidence beside the
 * landing; no verdict depends on it.
 *
 * The counter is read when the window begins, then after every half of the settling time, and when
 * the window ends. In each stretch between two readings one counter, received or dropped, must rise
 * by the broadcasts (which may have gone to the VF as well) plus 80 % to 120 % of the unicast
 * frames due in that time. A driver that reads its registers every 2 s (ixgbe) shows too little in
 * one stretch and too much in another, which may belong to an earlier step. So only a counter that
 * moves evenly shows anything, and one that does not move shows nothing.
 *
 * The control is `standby`, in which the VF does not have X: if the counter rises there by more
 * than our broadcasts and 10 % of the unicast, foreign frames move it, and it is ignored in this
 * ladder. It is also ignored while the VF is up, when it counts all broadcast on the segment.
 */
#include "runner_priv.h"

#define FEW 10U /* frames; less is no proof */
/*
 * A read may block on the RTNL lock, or on a VF that resets; its value is valid at return. Discard
 * slow reads: there is no telling which moment they belong to.
 */
#define LONG_NS (200 * NFP_NSEC_PER_MSEC)
/* A read that takes longer than this keeps the probe from its work: do without. */
#define TOO_LONG_NS NFP_NSEC_PER_SEC
#define TRIES	    3
#define RISES	    2U /* stretches; fewer are no proof */

static bool is_read(const struct runner *r)
{
	return r->step->step >= NFP_STEP_STANDBY && r->host.ops->received && !r->counter_off;
}

/* Tries again after a slow read. */
static void read_counter(struct runner *r, struct counter_reading *ret_reading)
{
	struct counter_reading reading = {0};

	for (int i = 0; i < TRIES && !reading.good && !r->counter_off; i++) {
		uint64_t begin_ns = runner_now(r), took_ns;
		struct nfp_err ignored;
		int ret = r->host.ops->received(r->host.ctx, &reading.seen, &ignored);

		reading.at_ns = runner_now(r);
		took_ns = reading.at_ns - begin_ns;
		r->counter_off = ret || took_ns > TOO_LONG_NS;
		reading.good = ret == 0 && took_ns <= LONG_NS;
		r->counter_moved |= reading.good && (reading.seen.packets || reading.seen.dropped);
	}
	*ret_reading = reading;
}

/* Frames that were due between two readings. */
static uint64_t due(const struct runner *r, enum nfp_kind kind, const struct counter_reading *from,
		    const struct counter_reading *to)
{
	return r->plan.rate[kind] * (to->at_ns - from->at_ns) / NFP_NSEC_PER_SEC;
}

static bool rose(uint64_t by, uint64_t unicast, uint64_t broadcast)
{
	return unicast >= FEW && by >= broadcast + unicast * 4 / 5 &&
	       by <= broadcast + unicast * 6 / 5;
}

static bool moved_with_frames(const struct runner *r, const struct counter_reading *from,
			      const struct counter_reading *to)
{
	uint64_t unicast = due(r, NFP_KIND_UNICAST, from, to);
	uint64_t broadcast = due(r, NFP_KIND_BROADCAST, from, to);

	return from->good && to->good &&
	       (rose(to->seen.packets - from->seen.packets, unicast, broadcast) ||
		rose(to->seen.dropped - from->seen.dropped, unicast, broadcast));
}

/* If a driver reads its registers once in a while, the counter rises by too much in one stretch and
 * not at all in the next. */
static void compare(struct runner *r, const struct counter_reading *now)
{
	if (moved_with_frames(r, &r->counter_last, now))
		r->counter_rises++;
	else
		r->counter_steady = false;
	r->counter_last = *now;
}

void runner_counter(struct runner *r, uint64_t from_ns)
{
	bool same = r->counter_begin.good && r->counter_from_ns == from_ns;

	if (!is_read(r))
		return;
	if (!same) {
		r->counter_from_ns = from_ns;
		read_counter(r, &r->counter_begin);
		r->counter_last = r->counter_begin;
		r->counter_rises = 0;
		r->counter_steady = true;
	} else if (runner_now(r) >= r->counter_last.at_ns + r->config->settle_ns / 2) {
		struct counter_reading now;

		read_counter(r, &now);
		if (now.good)
			compare(r, &now);
	}
}

void runner_counter_end(struct runner *r, uint64_t from_ns)
{
	const struct counter_reading *begin = &r->counter_begin;
	struct nfp_step_result *step = r->step;
	struct counter_reading end;
	uint64_t packets, dropped, most;

	if (!is_read(r) || !begin->good || r->counter_from_ns != from_ns)
		return;
	read_counter(r, &end);
	/* A reset may clear the counter. */
	if (!end.good || end.seen.packets < begin->seen.packets ||
	    end.seen.dropped < begin->seen.dropped)
		return;
	packets = end.seen.packets - begin->seen.packets;
	dropped = end.seen.dropped - begin->seen.dropped;
	/* The kernel reports zeros for a driver that does not count. */
	step->have_vf_rx = r->counter_moved;
	step->vf_rx_packets = packets;
	step->vf_rx_dropped = dropped;
	most = due(r, NFP_KIND_BROADCAST, begin, &end) + due(r, NFP_KIND_UNICAST, begin, &end) / 10;
	if (step->step == NFP_STEP_STANDBY)
		r->counter_quiet = packets <= most + 1 && dropped <= most + 1;
	if (end.at_ns >= r->counter_last.at_ns + r->config->settle_ns / 4)
		compare(r, &end);
	step->vf_counted = r->counter_quiet && !r->up &&
			   step->landing[NFP_KIND_UNICAST] == NFP_LANDING_NOWHERE &&
			   r->counter_steady && r->counter_rises >= RISES;
}
