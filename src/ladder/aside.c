// SPDX-License-Identifier: GPL-2.0-or-later
/* aside.c - windows between the steps of a ladder, in which others send: what all of them need,
 * whatever they ask. */
#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "runner_priv.h"

/* The stream has frames on either side of a transition again. */
#define RESUME_NS     (50 * NFP_NSEC_PER_MSEC)
#define RESUME_FRAMES 3U

int runner_aside(struct runner *r, struct nfp_window *w, aside_watch *watch, void *of)
{
	struct nfp_step_result *step = r->step;
	bool changed = step->changed;
	int ret;

	step->changed = false;
	r->blinked = !r->carrier;
	ret = watch(r, w, of);
	if (step->changed)
		window_disturb(w, "another process changed the host");
	step->changed |= changed;
	return ret;
}

int aside_refused(struct runner *r, struct nfp_window *w, int ret)
{
	if (!ret)
		return 0;
	window_disturb(w, r->err->message);
	return runner_is_own_error(r) ? ret : 1;
}

int aside_not_made(struct runner *r, struct nfp_window *w, enum nfp_status status, int ret)
{
	if (!ret)
		return 0;
	w->status = status;
	snprintf(w->note, sizeof(w->note), "%.*s", (int)sizeof(w->note) - 1,
		 r->err->message[0] ? r->err->message : strerror(-ret));
	return runner_is_own_error(r) ? ret : 1;
}

int aside_pause(struct runner *r)
{
	runner_silence(r);
	return runner_catch_up(r, &r->wire);
}

int aside_wake(struct runner *r, bool rests, struct nfp_window *w)
{
	int ret = rests ? r->host.ops->sender(r->host.ctx, true, r->err) : 0;

	return aside_refused(r, w, ret);
}

void aside_rest(struct runner *r, bool rests)
{
	struct nfp_err ignored;

	if (rests)
		(void)r->host.ops->sender(r->host.ctx, false, &ignored);
}

int aside_resume(struct runner *r)
{
	uint64_t few_ns = RESUME_FRAMES * NFP_NSEC_PER_SEC / r->config->rate;
	uint64_t until_ns = runner_now(r) + MAX(RESUME_NS, few_ns);
	int ret = 0;

	r->wire.ops->plan(r->wire.ctx, &r->plan);
	/* Requests to the kernel in the windows are no change of a step. */
	if (r->host.ops->asked)
		(void)r->host.ops->asked(r->host.ctx);
	while (ret >= 0 && runner_now(r) < until_ns) {
		ret = r->wire.ops->pump(r->wire.ctx, until_ns, r->wire.accounting, r->err);
		if (ret > 0)
			ret = runner_check_changes(r);
	}
	r->window_end_ns = runner_mark(r, &r->wire);
	return ret < 0 ? ret : runner_check_changes(r);
}

/* ---- windows behind the last step ---- */

struct nfp_step_result *aside_leave_ladder(struct runner *r)
{
	struct nfp_step_result *last = r->step;

	r->no_step = (struct nfp_step_result) {.step = NFP_STEP_VF_FIRST_UNPLUG};
	r->step = &r->no_step;
	return last;
}
