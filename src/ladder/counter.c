// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The frames that the PF's driver counts for the VF, from the begin of the window to its end.
 * Nothing is concluded from them: a driver may read its registers now and then, so that they belong
 * to an earlier step, or count the broadcasts of the whole segment.
 */
#include "runner_priv.h"

/*
 * A read may block on the RTNL lock, or on a VF that resets; its value is valid at return. Discard
 * slow reads: there is no telling which moment they belong to.
 */
#define LONG_NS (200 * NFP_NSEC_PER_MSEC)
/* A read that takes longer than this keeps the probe from its work: do without. */
#define TOO_LONG_NS NFP_NSEC_PER_SEC

static bool is_read(const struct runner *r)
{
	return r->step->step >= NFP_STEP_STANDBY && r->host.ops->received && !r->counter_off;
}

static bool read_counter(struct runner *r, struct nfp_vf_received *ret_seen)
{
	uint64_t begin_ns = runner_now(r), took_ns;
	struct nfp_err ignored;
	int ret = r->host.ops->received(r->host.ctx, ret_seen, &ignored);

	took_ns = runner_now(r) - begin_ns;
	r->counter_off = ret || took_ns > TOO_LONG_NS;
	return ret == 0 && took_ns <= LONG_NS;
}

void runner_counter(struct runner *r, uint64_t from_ns)
{
	if (!is_read(r) || (r->counter_good && r->counter_from_ns == from_ns))
		return;
	r->counter_from_ns = from_ns;
	r->counter_good = read_counter(r, &r->counter_begin);
}

void runner_counter_end(struct runner *r, uint64_t from_ns)
{
	const struct nfp_vf_received *begin = &r->counter_begin;
	struct nfp_step_result *step = r->step;
	struct nfp_vf_received end;

	if (!is_read(r) || !r->counter_good || r->counter_from_ns != from_ns ||
	    !read_counter(r, &end))
		return;
	/* The kernel reports zeros for a driver that does not count; a reset may clear them. */
	r->counter_moved |= end.packets || end.dropped;
	if (!r->counter_moved || end.packets < begin->packets || end.dropped < begin->dropped)
		return;
	step->have_vf_rx = true;
	step->vf_rx_packets = end.packets - begin->packets;
	step->vf_rx_dropped = end.dropped - begin->dropped;
}
