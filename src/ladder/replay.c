// SPDX-License-Identifier: GPL-2.0-or-later
/* A ladder that was climbed before, counted and judged again from its frames and marks. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runner_priv.h"

struct nfp_replay {
	struct nfp_runner_config config;
	struct runner r;
	struct nfp_settle settle; /* of the step that is watched */
	bool watching;
	bool counted[NFP_STEP_COUNT];
	bool was_unsettled[NFP_STEP_COUNT];
};

struct nfp_replay *nfp_replay_new(const struct nfp_runner_config *config,
				  struct nfp_style_result *style)
{
	struct nfp_replay *replay = nfp_calloc(1, sizeof(*replay));

	replay->config = *config;
	replay->config.events = (struct nfp_events) {0};
	replay->r = (struct runner) {
		.config = &replay->config,
		.result = style,
	};
	style->num_transitions = 0;
	/* Forget what the frames will show anew. */
	for (size_t i = 0; i < style->num_steps; i++) {
		struct nfp_step_result *step = &style->steps[i];

		replay->was_unsettled[step->step] = step->unsettled;
		step->window_ns = 0;
		step->unsettled = false;
		/* The frames do not show what the run knew of a PF before this ladder. */
		step->promiscuous &= step->step == NFP_STEP_CONTROL;
		memset(step->count, 0, sizeof(step->count));
		memset(step->landing, 0, sizeof(step->landing));
	}
	nfp_accounting_reset(config->accounting);
	return replay;
}

static int bad_mark(const struct nfp_event *mark, const char *what, struct nfp_err *err)
{
	return nfp_err_set(err, -EBADMSG, NFP_E_INPUT, "%s: %s", nfp_step_name(mark->step), what);
}

static int count_window(struct nfp_replay *replay, const struct nfp_event *mark,
			struct nfp_err *err)
{
	struct nfp_style_result *style = replay->r.result;
	struct nfp_settle *settle = &replay->settle;
	struct nfp_step_result *step = NULL;
	char note[NFP_NOTE_LEN];

	for (size_t i = 0; i < style->num_steps; i++) {
		if (style->steps[i].step == mark->step && style->steps[i].status == NFP_STATUS_DONE)
			step = &style->steps[i];
	}
	if (!step || !replay->watching)
		return bad_mark(mark, "a window of a step that was not made", err);
	if (replay->counted[mark->step])
		return bad_mark(mark, "two windows of one step", err);
	if (mark->from_ns < settle->begin_ns || mark->to_ns < mark->from_ns)
		return bad_mark(mark, "its window lies before its change, or backwards", err);
	/*
	 * Group the frames of the stretch that was watched as the run did, so that a landing that
	 * changed inside the window makes it unstable here, too.
	 */
	(void)nfp_settle_update(settle, replay->config.accounting, mark->to_ns, mark->to_ns);
	settle->from_ns = mark->from_ns;
	settle->end_ns = mark->to_ns;
	memcpy(note, step->note, sizeof(note));
	replay->r.step = step;
	runner_count(&replay->r, settle);
	/* A window that is shorter than the settling time does not show what came after it. */
	if (mark->step != NFP_STEP_CONTROL && step->window_ns < settle->settle_ns &&
	    !step->changed && !step->carrier_lost) {
		step->unsettled = true;
		runner_note(&replay->r, "it was not watched for the settling time");
	}
	/* The run's own note says already that the landing kept changing. */
	if (replay->was_unsettled[mark->step])
		memcpy(step->note, note, sizeof(note));
	replay->counted[mark->step] = true;
	replay->watching = false;
	return 0;
}

/* A window begins anew only when the carrier is back. */
static void note_blink(struct nfp_replay *replay, enum nfp_step step)
{
	struct nfp_style_result *style = replay->r.result;

	for (size_t i = 0; i < style->num_steps; i++)
		style->steps[i].blinked |= style->steps[i].step == step;
}

int nfp_replay_mark(struct nfp_replay *replay, const struct nfp_event *mark, struct nfp_err *err)
{
	struct runner *r = &replay->r;

	if ((unsigned int)mark->step >= NFP_STEP_COUNT)
		return nfp_err_set(err, -EBADMSG, NFP_E_INPUT, "a mark of no step");
	if (mark->what == NFP_EVENT_WINDOW)
		return count_window(replay, mark, err);
	if (mark->what != NFP_EVENT_WATCH && mark->what != NFP_EVENT_AGAIN)
		return 0;
	if (mark->what == NFP_EVENT_AGAIN && !replay->watching)
		return bad_mark(mark, "nothing is watched that could be watched anew", err);
	if (nfp_accounting_mark(replay->config.accounting, mark->from_ns))
		return bad_mark(mark, "it is watched from a time before its frames on", err);
	if (mark->what == NFP_EVENT_AGAIN) {
		note_blink(replay, mark->step);
		nfp_settle_restart(&replay->settle, mark->from_ns);
		return 0;
	}
	runner_settle_begin(&replay->config, &replay->settle, mark->from_ns, mark->rate);
	memcpy(r->plan.rate, mark->rate, sizeof(r->plan.rate));
	r->asked_ns = mark->asked_ns;
	r->listening_ns = mark->listening_ns;
	replay->watching = true;
	return 0;
}

int nfp_replay_end(struct nfp_replay *replay, struct nfp_err *err)
{
	struct nfp_style_result *style = replay->r.result;
	int ret = 0;

	for (size_t i = 0; i < style->num_steps; i++) {
		struct nfp_step_result *step = &style->steps[i];

		/* A landing may be the reason for which this step could be skipped. */
		if (step->step >= NFP_STEP_REASSIGN)
			step->skip_allowed &= runner_shows_nothing(&replay->r, step->step);
		if (step->status != NFP_STATUS_DONE || replay->counted[step->step])
			continue;
		style->stopped = true;
		ret = nfp_err_set(err, -EBADMSG, NFP_E_INPUT, "%s: its window is missing",
				  nfp_step_name(step->step));
	}
	runner_judge(&replay->config, style);
	return ret;
}
