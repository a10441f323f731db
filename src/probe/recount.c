// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/probe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runner_priv.h"

struct nfp_recount {
	struct nfp_runner_config config;
	struct runner r;
	struct nfp_runner_times times;
	struct nfp_settle settle; /* of the step that is watched */
	bool watching;
	bool counted[NFP_STEP_COUNT];
	bool was_unsettled[NFP_STEP_COUNT];
};

struct nfp_recount *nfp_recount_new(const struct nfp_runner_config *config,
				    struct nfp_style_result *style)
{
	struct nfp_recount *recount = nfp_calloc(1, sizeof(*recount));

	recount->config = *config;
	recount->config.marks = (struct nfp_marks) {0};
	recount->r = (struct runner) {
		.config = &recount->config,
		.result = style,
		.times = &recount->times,
	};
	style->num_transitions = 0;
	/* What the frames will say anew is forgotten. */
	for (size_t i = 0; i < style->num_steps; i++) {
		struct nfp_step_result *step = &style->steps[i];

		recount->was_unsettled[step->step] = step->unsettled;
		step->window_ns = 0;
		step->unsettled = step->promiscuous = false;
		memset(step->count, 0, sizeof(step->count));
		memset(step->landing, 0, sizeof(step->landing));
	}
	nfp_ledger_reset(config->ledger);
	return recount;
}

static int bad(const struct nfp_mark *mark, const char *what, struct nfp_err *err)
{
	return nfp_err_set(err, -EBADMSG, NFP_E_INPUT, "%s: %s", nfp_step_name(mark->step), what);
}

static struct nfp_step_result *made_step(const struct nfp_recount *recount, enum nfp_step step)
{
	struct nfp_style_result *style = recount->r.result;

	for (size_t i = 0; i < style->num_steps; i++) {
		if (style->steps[i].step == step && style->steps[i].status == NFP_STATUS_DONE)
			return &style->steps[i];
	}
	return NULL;
}

static int mark_ledger(struct nfp_recount *recount, const struct nfp_mark *mark,
		       struct nfp_err *err)
{
	if (nfp_ledger_mark(recount->config.ledger, mark->from_ns))
		return bad(mark, "it is watched from a time before its frames on", err);
	return 0;
}

static int watch(struct nfp_recount *recount, const struct nfp_mark *mark, struct nfp_err *err)
{
	struct runner *r = &recount->r;
	int ret = mark_ledger(recount, mark, err);

	if (ret)
		return ret;
	runner_settle_begin(&recount->config, &recount->settle, mark->from_ns, mark->rate);
	memcpy(r->plan.rate, mark->rate, sizeof(r->plan.rate));
	r->asked_ns = mark->asked_ns;
	r->answered_ns = mark->answered_ns;
	r->listening_ns = mark->listening_ns;
	recount->watching = true;
	return 0;
}

static int watch_again(struct nfp_recount *recount, const struct nfp_mark *mark,
		       struct nfp_err *err)
{
	int ret;

	if (!recount->watching)
		return bad(mark, "nothing is watched that could be watched anew", err);
	ret = mark_ledger(recount, mark, err);
	if (!ret)
		nfp_settle_restart(&recount->settle, mark->from_ns);
	return ret;
}

static int count(struct nfp_recount *recount, const struct nfp_mark *mark, struct nfp_err *err)
{
	struct nfp_step_result *step = made_step(recount, mark->step);
	struct nfp_settle *settle = &recount->settle;
	char note[NFP_NOTE];

	if (!step || !recount->watching)
		return bad(mark, "a window of a step that was not made", err);
	if (recount->counted[mark->step])
		return bad(mark, "two windows of one step", err);
	if (mark->from_ns < settle->begin_ns || mark->to_ns < mark->from_ns)
		return bad(mark, "its window lies before its change, or backwards", err);
	/*
	 * The groups of frames in the stretch that was watched, judged as the run judged them: a
	 * landing that changed inside the window makes it restless here, too.
	 */
	(void)nfp_settle_update(settle, recount->config.ledger, mark->to_ns, mark->to_ns);
	settle->from_ns = mark->from_ns;
	settle->end_ns = mark->to_ns;
	memcpy(note, step->note, sizeof(note));
	recount->r.step = step;
	runner_count(&recount->r, settle);
	step->vf_counted &= step->landing[NFP_KIND_UNICAST] == NFP_LANDING_NOWHERE;
	/* The run's own note says already that the landing kept changing. */
	if (recount->was_unsettled[mark->step])
		memcpy(step->note, note, sizeof(note));
	recount->counted[mark->step] = true;
	recount->watching = false;
	return 0;
}

int nfp_recount_mark(struct nfp_recount *recount, const struct nfp_mark *mark, struct nfp_err *err)
{
	if ((unsigned int)mark->step >= NFP_STEP_COUNT)
		return nfp_err_set(err, -EBADMSG, NFP_E_INPUT, "a mark of no step");
	switch (mark->what) {
	case NFP_MARK_WATCH:
		return watch(recount, mark, err);
	case NFP_MARK_AGAIN:
		return watch_again(recount, mark, err);
	case NFP_MARK_WINDOW:
		return count(recount, mark, err);
	default:
		return 0;
	}
}

int nfp_recount_end(struct nfp_recount *recount, struct nfp_err *err)
{
	struct nfp_style_result *style = recount->r.result;
	int ret = 0;

	for (size_t i = 0; i < style->num_steps; i++) {
		struct nfp_step_result *step = &style->steps[i];

		/* Whether it was rightly left out depends on a landing, where that was the reason.
		 */
		if (step->step >= NFP_STEP_REASSIGN)
			step->leave &= runner_shows_nothing(&recount->r, step->step);
		if (step->status != NFP_STATUS_DONE || recount->counted[step->step])
			continue;
		style->stopped = true;
		ret = nfp_err_set(err, -EBADMSG, NFP_E_INPUT, "%s: its window is missing",
				  nfp_step_name(step->step));
	}
	runner_judge(&recount->config, style);
	return ret;
}
