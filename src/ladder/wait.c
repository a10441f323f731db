// SPDX-License-Identifier: GPL-2.0-or-later
/* The one loop in which the runner waits for frames. */
#include <sys/param.h>

#include "runner_priv.h"

#define TICK_NS (100 * NFP_NSEC_PER_MSEC) /* look at the frames at least this often */

/* The clock of a wire does not go back, so the mark is accepted. */
uint64_t runner_mark(const struct runner *r, struct nfp_frame_accounting *accounting)
{
	uint64_t now_ns = runner_now(r);

	(void)nfp_accounting_mark(accounting, now_ns);
	return now_ns;
}

void runner_restart(struct runner *r, struct runner_watch *watch)
{
	nfp_settle_restart(&watch->settle, runner_mark(r, watch->accounting));
	watch->state = NFP_SETTLE_WAIT;
}

static int pump(struct runner *r, const struct runner_watch *watch, uint64_t until_ns)
{
	int ret = watch->wire->ops->pump(watch->wire->ctx, until_ns, watch->accounting, r->err);

	/* Woken, or the carrier is awaited: the host may know why. */
	if (ret > 0 || (ret == 0 && !r->carrier))
		ret = runner_check_changes(r);
	return ret ?: runner_check_stop(r);
}

int runner_catch_up(struct runner *r, const struct nfp_wire *wire,
		    struct nfp_frame_accounting *accounting)
{
	int ret = wire->ops->pump(wire->ctx, runner_now(r), accounting, r->err);

	return ret < 0 ? ret : runner_check_changes(r);
}

static uint64_t due(const struct runner *r, const struct runner_watch *watch)
{
	uint64_t now_ns = runner_now(r);
	uint64_t due_ns = nfp_settle_due(&watch->settle, nfp_settle_grace(watch->accounting),
					 watch->early);

	if (due_ns <= now_ns)
		due_ns = now_ns + NFP_ACCOUNTING_SLICE_NS;
	due_ns = MIN(due_ns, now_ns + TICK_NS);
	if (r->carrier)
		due_ns = MIN(due_ns, MAX(watch->say_ns, now_ns));
	return r->config->deadline_ns ? MIN(due_ns, r->config->deadline_ns) : due_ns;
}

/*
 * A process that was stopped, or that a busy host forgot for @late_ns, did not watch meanwhile, nor
 * did it send. That time is not spent; nor is the window's, which begins anew after a hole.
 */
static void give_back(struct runner *r, struct runner_watch *watch, uint64_t late_ns)
{
	struct nfp_settle *settle = &watch->settle;

	if (late_ns > settle->hole_ns) {
		late_ns = runner_now(r) - settle->from_ns;
		runner_restart(r, watch);
	}
	settle->expire_ns += late_ns;
	watch->unwatched_ns += late_ns;
}

/* Pumps until something is due, and looks at what the frames show by then. */
static int look(struct runner *r, struct runner_watch *watch)
{
	bool vf_listens = r->up && watch->wire == &r->wire;
	uint64_t due_ns = due(r, watch), now_ns;
	int ret = pump(r, watch, due_ns);

	if (ret)
		return ret;
	now_ns = runner_now(r);
	if (now_ns > due_ns)
		give_back(r, watch, now_ns - due_ns);
	watch->state = nfp_settle_update(&watch->settle, watch->accounting, now_ns,
					 nfp_settle_final(watch->accounting, now_ns, vf_listens));
	/* A link that stays away would hold its landing, nowhere, for ever. */
	if (r->blinked && now_ns >= watch->settle.expire_ns)
		watch->state = NFP_SETTLE_EXPIRED;
	return 0;
}

static bool is_over(const struct runner *r, const struct runner_watch *watch)
{
	return r->over || watch->state == NFP_SETTLE_EXPIRED ||
	       (!r->blinked && watch->ops->is_enough(r, watch));
}

int runner_wait(struct runner *r, struct runner_watch *watch)
{
	const struct runner_watch_ops *ops = watch->ops;
	int ret;

	watch->say_ns = UINT64_MAX;
	for (;;) {
		ret = ops->say ? ops->say(r, watch) : 0;
		ret = ret ?: look(r, watch);
		/* Before the window counts: was it disturbed without a wake-up? */
		if (!ret && is_over(r, watch))
			ret = runner_check_changes(r);
		if (ret)
			return ret;
		if (is_over(r, watch)) {
			ret = ops->watch_on ? ops->watch_on(r, watch) : 0;
			if (ret <= 0)
				return ret;
		}
		/* Frames lost while the link was away show nothing. */
		if (r->blinked && r->carrier) {
			r->blinked = false;
			runner_restart(r, watch);
			if (ops->again)
				ops->again(r, watch);
		}
	}
}
