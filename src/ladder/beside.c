// SPDX-License-Identifier: GPL-2.0-or-later
/* beside.c - does the standby keep the address when another VF comes up? If so, that VF stays up
 * until vf-first: a life in company, and one alone. */
#include <stdio.h>
#include <string.h>

#include "runner_priv.h"

void runner_beside_begin(struct runner *r)
{
	const struct nfp_beside_test *test = r->config->beside;
	struct nfp_aside *b = &r->result->beside;

	if (!test)
		return;
	b->told.verdict = NFP_TRAIT_UNTESTED;
	snprintf(b->told.vf, sizeof(b->told.vf), "%s", test->vf);
	snprintf(b->told.note, sizeof(b->told.note), "%s",
		 test->why[0] ? test->why : "the ladder did not get there");
}

/* The windows so far say so of the newest. */
static enum nfp_answer arrives_now(const struct runner *r)
{
	const struct nfp_aside *b = &r->result->beside;

	return nfp_beside_arrives(&b->windows[b->num_windows - 1]);
}

static struct nfp_window *open_window(struct runner *r)
{
	struct nfp_aside *b = &r->result->beside;
	struct nfp_window *w = &b->windows[b->num_windows];

	*w = (struct nfp_window) {.state = (unsigned int)b->num_windows++,
				  .status = NFP_STATUS_DONE,
				  .answer = NFP_UNKNOWN};
	return w;
}

/* Nothing has changed since the window of the step. */
static void take_step(struct runner *r)
{
	struct nfp_window *before = open_window(r);

	window_pick(r->step->w.count, WINDOW_SLOTS(window_slots_at_pf), before);
	if (r->step->changed)
		window_disturb(before, "another process changed the host");
}

/* A network may pause, whatever a silence shows. */
static bool beside_is_enough(const struct runner *r, const struct window *w)
{
	const struct nfp_settle *settle = &w->settle;

	if (w->spec->early && window_is_lost(w))
		return true;
	return w->state >= NFP_SETTLE_HELD &&
	       (nfp_landing_of(&settle->count[NFP_KIND_UNICAST]) != NFP_LANDING_NOWHERE ||
		settle->end_ns - settle->from_ns >= runner_network(r->config));
}

static int beside_window(struct runner *r, struct nfp_window *ret_window, void *of)
{
	const bool *brief = of;
	const struct window_spec spec = {
		WINDOW_OF_LADDER(r, runner_hold(r)),
		.early = *brief,
		.say = runner_say,
		.enough = beside_is_enough,
		.again = runner_say_again,
		.doubts = WINDOW_NO_CARRIER | WINDOW_EXPIRED | WINDOW_CHANGING | WINDOW_TOO_FEW |
			  WINDOW_DROPS,
	};
	struct window w;
	int ret = run_window(r, &spec, &w);

	if (!ret)
		window_keep(&w, WINDOW_SLOTS(window_slots_at_pf), ret_window);
	if (r->over)
		window_disturb(ret_window, "another process changed the host");
	return ret;
}

/* @brief: what is lost is watched until that is clear. */
static int watch_once(struct runner *r, struct nfp_window *w, bool brief)
{
	return runner_aside(r, w, beside_window, &brief);
}

/* A silence that would condemn is announced once more where that may help, and watched again: the
 * network may have forgotten the address. */
static int watch_beside(struct runner *r, struct nfp_window *w)
{
	int ret = watch_once(r, w, false);

	if (ret || nfp_beside_arrives(w) != NFP_NO ||
	    !runner_announce_again(r, 1U << (unsigned int)NFP_KIND_UNICAST, &ret))
		return ret;
	ret = ret ?: watch_once(r, w, false);
	if (!ret && nfp_beside_arrives(w) == NFP_YES)
		window_disturb(w, "frames to the address arrived only once it was announced again");
	return ret;
}

/* The other VF comes up, or goes down. 0, 1 when it does not, or the error that ends the run. */
static int set_other(struct runner *r, struct nfp_window *w, bool up)
{
	int ret = runner_check_stop(r) ?: r->host.ops->sender(r->host.ctx, up, r->err);

	return aside_not_made(r, w, NFP_STATUS_REFUSED, ret);
}

/* A NIC may have forgotten what the standby asked for, until that asks anew. */
static int hold_anew(struct runner *r)
{
	int ret = runner_do_action(r, NFP_DO_REMOVE_STANDBY)
			  ?: runner_do_action(r, NFP_DO_ADD_STANDBY);

	if (ret)
		return runner_is_own_error(r) ? ret : 1;
	(void)runner_announce_again(r, 1U << (unsigned int)NFP_KIND_UNICAST, &ret);
	return ret;
}

/* It was lost before, and is confirmed. A network that does not flood may have forgotten it. */
static int live(struct runner *r, bool confirms)
{
	struct nfp_window *w = open_window(r);
	int ret = set_other(r, w, true);

	return ret ?: confirms && r->result->floods ? watch_once(r, w, true) : watch_beside(r, w);
}

static int rest(struct runner *r)
{
	struct nfp_window *w = open_window(r);
	int ret = set_other(r, w, false) ?: watch_beside(r, w);

	if (ret || nfp_beside_arrives(w) != NFP_NO)
		return ret;
	ret = hold_anew(r) ?: watch_beside(r, w);
	if (!ret && nfp_beside_arrives(w) == NFP_YES)
		snprintf(w->note, sizeof(w->note), "only once the standby had taken it anew");
	return ret;
}

/* 0, 1 where something is refused, or the error that ends the run. */
static int look_beside(struct runner *r)
{
	int ret = 0;

	take_step(r);
	for (int round = 0; round < 2 && !ret && arrives_now(r) == NFP_YES; round++) {
		enum nfp_answer lives;

		ret = live(r, round > 0);
		lives = arrives_now(r);
		r->beside_up = r->company = !ret && !round && lives == NFP_YES;
		if (r->beside_up)
			return 0;
		ret = ret < 0 ? ret : rest(r) ?: ret;
		if (lives != NFP_NO)
			break;
	}
	return ret;
}

/* Requests for it are no change of a step. 0, or the host's refusal. */
static int set_company(struct runner *r, bool up)
{
	int ret = r->host.ops->sender(r->host.ctx, up, r->err);

	r->beside_up = up && !ret;
	if (r->host.ops->asked)
		(void)r->host.ops->asked(r->host.ctx);
	return ret;
}

int runner_beside(struct runner *r)
{
	const struct nfp_aside *b = &r->result->beside;
	bool lost = false;
	int ret;

	if (r->over)
		return 0;
	/* A ladder that is climbed anew has the company that it had. */
	if (!r->config->beside && r->company) {
		ret = set_company(r, true);
		return ret && runner_is_own_error(r) ? ret : aside_resume(r);
	}
	if (!r->config->beside || r->config->beside->why[0])
		return 0;
	ret = look_beside(r);
	if (ret < 0)
		return ret;
	/* Without the standby no step shows anything. */
	for (size_t i = 0; i < b->num_windows; i++)
		lost |= nfp_beside_arrives(&b->windows[i]) == NFP_NO;
	if (lost && arrives_now(r) != NFP_YES) {
		runner_note(r, "the standby did not get the address back when VF %s was down again",
			    b->told.vf + sizeof("vf:") - 1);
		r->over = true;
	}
	return r->over ? 0 : aside_resume(r);
}

/*
 * A driver, or firmware, may write what it was told of a VF only when it deals with the next one. A
 * ladder that has shown otherwise stands for others as it does for resets (climb.c).
 */
int runner_meet_another(struct runner *r)
{
	const struct nfp_style_row *style = &nfp_styles[r->config->style];
	const struct nfp_earlier *earlier = r->config->earlier;
	int ret;

	if (!r->beside_up || (earlier && !style->second_vf && earlier->company_shown[style->entry]))
		return 0;
	ret = set_company(r, false) ?: runner_check_stop(r) ?: set_company(r, true);
	r->met = !ret;
	if (!ret || runner_is_own_error(r))
		return ret;
	runner_note(r, "VF %s did not come up once more: %s",
		    r->result->beside.told.vf + sizeof("vf:") - 1, r->err->message);
	return 0;
}

void runner_beside_end(struct runner *r)
{
	struct nfp_err *err = r->err, ignored;

	r->err = &ignored;
	if (r->beside_up)
		(void)set_company(r, false);
	r->err = err;
	r->beside_up = false;
}
