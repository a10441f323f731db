// SPDX-License-Identifier: GPL-2.0-or-later
/* watch.c - one window: how long frames must land in the same way, which of them count, and whether
 * they show anything. */
#include <string.h>
#include <sys/param.h>

#include "runner_priv.h"

#define SLOWEST 8U /* a source slows down by this factor at most */

void window_begin(struct runner *r, struct window *w)
{
	const struct window_spec *spec = w->spec;
	struct nfp_settle *settle = &w->settle;
	uint64_t begin_ns = runner_mark(r);

	nfp_settle_begin(settle, begin_ns, spec->stable_ns, r->plan.rate,
			 r->config->source->slows ? SLOWEST : 1);
	w->state = NFP_SETTLE_WAIT;
}

void window_count(const struct runner *r, const struct window *w,
		  struct nfp_count ret_count[NFP_KIND_COUNT])
{
	nfp_accounting_sum(r->wire.accounting, w->settle.from_ns, w->settle.end_ns, ret_count);
}

#define BRIEF_NS (300 * NFP_NSEC_PER_MSEC) /* what is lost needs no longer to show */

bool window_is_lost(const struct window *w)
{
	const struct nfp_settle *settle = &w->settle;
	enum nfp_landing landing[NFP_KIND_COUNT];

	runner_landings(settle->count, landing);
	return w->state == NFP_SETTLE_CLEAR && settle->end_ns - settle->from_ns >= BRIEF_NS &&
	       landing[NFP_KIND_UNICAST] == NFP_LANDING_NOWHERE &&
	       at_pf(landing[NFP_KIND_BROADCAST]) &&
	       settle->count[NFP_KIND_UNICAST].sent >= NFP_SETTLE_GROUP;
}

bool window_is_enough(const struct runner *r, const struct window *w)
{
	return w->spec->enough ? w->spec->enough(r, w) : w->state >= NFP_SETTLE_HELD;
}

/*
 * EARLY is the worst verdict. Once `attach` has lost what the network delivers, SAFE is out of
 * reach: up to `clear`, and later once the steps say EARLY, a loss is watched only until it is
 * clear. A NIC that may act later would pass through these states otherwise than a guest lets it.
 */
bool runner_may_cut_short(const struct runner *r)
{
	enum nfp_step step = r->step->step;

	if (!runner_is_quick(r) || runner_has_vlan(r))
		return false;
	return step > NFP_STEP_CLEAR ? r->early
				     : r->lost && step > NFP_STEP_ATTACH && step < NFP_STEP_CLEAR;
}

void runner_silence(struct runner *r)
{
	struct nfp_plan silent = r->plan;

	memset(silent.rate, 0, sizeof(silent.rate));
	r->wire.ops->plan(r->wire.ctx, &silent);
}

void window_open(struct runner *r, const struct window_spec *spec, struct window *w)
{
	*w = (struct window) {.spec = spec, .early = spec->early};
	/* The changes before this moment explain no later loss of carrier. */
	r->action_ns = runner_now(r);
	window_begin(r, w);
}

void window_close(const struct runner *r, struct window *w)
{
	w->shows = r->carrier && !r->link_flapped && w->state != NFP_SETTLE_EXPIRED &&
		   window_is_enough(r, w) && !r->step->changed && !r->over;
	window_count(r, w, w->count);
	runner_landings(w->count, w->landing);
	if (!w->spec->keeps)
		nfp_accounting_forget(r->wire.accounting, w->settle.end_ns);
}

int run_window(struct runner *r, const struct window_spec *spec, struct window *w)
{
	int ret;

	window_open(r, spec, w);
	ret = runner_wait(r, w);
	if (!ret)
		window_close(r, w);
	return ret;
}

/* An error of the probe itself, not a refusal by the kernel. ENOMEM may be one: a full table. */
bool runner_is_own_error(const struct runner *r)
{
	const struct nfp_err *err = r->err;

	return err->code == NFP_E_JOURNAL || err->code == NFP_E_MEMORY ||
	       err->code == NFP_E_INTERRUPTED || err->code == NFP_E_TIMEOUT ||
	       err->errnum == NFP_ENOANSWER || err->errnum == EMFILE || err->errnum == ENFILE;
}
