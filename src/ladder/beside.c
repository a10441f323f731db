// SPDX-License-Identifier: GPL-2.0-or-later
/* beside.c - does the standby keep the address when another VF comes up, and when that is reset? If
 * so, that VF stays up until vf-first: a life in company, and one alone. In `up` it goes and comes,
 * while the guest's VF is watched. Behind the last step it comes up once more, for the guest of
 * vf-first. */
#include <errno.h>
#include <stdio.h>
#include <sys/param.h>

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

/* The answer of the newest window, by those so far. */
static enum nfp_answer arrives_now(const struct runner *r)
{
	const struct nfp_aside *b = &r->result->beside;

	return nfp_beside_arrives(&b->windows[b->num_windows - 1]);
}

static struct nfp_window *open_window(struct runner *r, enum nfp_beside state)
{
	struct nfp_aside *b = &r->result->beside;
	struct nfp_window *w = &b->windows[b->num_windows++];

	*w = (struct nfp_window) {.state = state, .status = NFP_STATUS_DONE, .answer = NFP_UNKNOWN};
	return w;
}

/* Nothing has changed since the window of the step. */
static void take_step(struct runner *r)
{
	struct nfp_window *before = open_window(r, NFP_BESIDE_BEFORE);

	window_pick(r->step->w.count, WINDOW_SLOTS(window_slots_at_pf), before);
	if (r->step->changed)
		window_disturb(before, "another process changed the host");
}

/* A network may pause, whatever a silence shows; one for the guest's VF puts the step in doubt
 * unless broadcast arrives by then. */
static bool beside_is_enough(const struct runner *r, const struct window *w)
{
	const enum nfp_receiver at = nfp_receiver_of(r->step->step);
	const struct nfp_settle *settle = &w->settle;
	enum nfp_landing landing[NFP_KIND_COUNT];

	if (w->spec->early && window_is_lost(w, at))
		return true;
	runner_landings(settle->count, landing);
	if (w->state < NFP_SETTLE_HELD || !window_misses(landing[NFP_KIND_UNICAST], at))
		return w->state >= NFP_SETTLE_HELD;
	return settle->end_ns - settle->from_ns >= runner_network(r->config) &&
	       (at == NFP_AT_PF || at_pf(landing[NFP_KIND_BROADCAST]));
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

	if (!ret && nfp_receiver_of(r->step->step) == NFP_AT_VF)
		window_keep(&w, WINDOW_SLOTS(window_slots_at_vf), ret_window);
	else if (!ret)
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
	if (ret || nfp_beside_arrives(w) != NFP_YES || r->result->learns_nothing)
		return ret;
	/* The step is in doubt, unless the NIC is shown to learn nothing. */
	if (nfp_receiver_of(r->step->step) == NFP_AT_VF) {
		r->step->healed = true;
		runner_note(r, "frames arrived only after the address was announced once more");
	} else {
		window_disturb(w, "frames to the address arrived only once it was announced again");
	}
	return 0;
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
static int watch_loss(struct runner *r, struct nfp_window *w, bool confirms)
{
	return confirms && r->result->floods ? watch_once(r, w, true) : watch_beside(r, w);
}

static int live(struct runner *r, bool confirms)
{
	struct nfp_window *w = open_window(r, confirms ? NFP_BESIDE_UP_AGAIN : NFP_BESIDE_UP);

	return set_other(r, w, true) ?: watch_loss(r, w, confirms);
}

static int rest(struct runner *r, bool again)
{
	struct nfp_window *w = open_window(r, again ? NFP_BESIDE_RESTS_AGAIN : NFP_BESIDE_RESTS);
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
		ret = ret < 0 ? ret : rest(r, round > 0) ?: ret;
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

/* ---- its reset ---- */

/* A VF that may have been reset, or not, goes down. */
static int reset_other(struct runner *r, struct nfp_window *w)
{
	int ret = runner_check_stop(r) ?: r->host.ops->reset_sender(r->host.ctx, r->err);
	bool unable = ret == -EOPNOTSUPP;

	ret = aside_not_made(r, w, unable ? NFP_STATUS_SKIPPED : NFP_STATUS_REFUSED, ret);
	if (ret && !unable)
		runner_beside_end(r);
	return ret;
}

/* It goes down, and the standby takes the address anew. */
static int hold_alone(struct runner *r, bool again)
{
	struct nfp_window *w = open_window(r, again ? NFP_BESIDE_HELD_AGAIN : NFP_BESIDE_HELD);

	return set_other(r, w, false) ?: hold_anew(r) ?: watch_beside(r, w);
}

/* The window in which the address was lost, once more. */
static int lose_again(struct runner *r, enum nfp_beside lost)
{
	struct nfp_window *w = open_window(r, NFP_BESIDE_RESET_AGAIN);
	int ret = reset_other(r, w);

	if (!ret && lost == NFP_BESIDE_RETURNS)
		ret = set_other(r, w, true);
	return ret ?: watch_loss(r, w, true);
}

/* It is reset, and comes up. If the standby loses the address in either, that is confirmed, and
 * the VF rests. */
static int reset_and_return(struct runner *r)
{
	enum nfp_beside at = NFP_BESIDE_RESET;
	struct nfp_window *w = open_window(r, at);
	int ret = reset_other(r, w);
	bool lost;

	if (ret)
		return ret;
	r->beside_up = r->company = false;
	ret = watch_beside(r, w);
	if (!ret && arrives_now(r) == NFP_YES) {
		at = NFP_BESIDE_RETURNS;
		w = open_window(r, at);
		ret = set_other(r, w, true) ?: watch_beside(r, w);
		r->beside_up = r->company = !ret && arrives_now(r) == NFP_YES;
	}
	if (ret < 0 || r->beside_up)
		return ret;
	lost = arrives_now(r) == NFP_NO;
	ret = hold_alone(r, false);
	if (ret || !lost || arrives_now(r) != NFP_YES)
		return ret;
	ret = lose_again(r, at);
	return ret < 0 ? ret : hold_alone(r, true);
}

/* Another ladder of the run stands for this one, if its standby takes the address in the same way.
 */
static int look_at_reset(struct runner *r)
{
	struct nfp_window *w;

	if (!r->beside_up || runner_was_shown(r, NFP_EARLIER_SENDER_RESET))
		return 0;
	if (r->config->beside->why_no_reset) {
		w = open_window(r, NFP_BESIDE_RESET);
		w->status = NFP_STATUS_SKIPPED;
		snprintf(w->note, sizeof(w->note), "%s", r->config->beside->why_no_reset);
		return 0;
	}
	return reset_and_return(r);
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
	ret = look_beside(r) ?: look_at_reset(r);
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

/* ---- it goes, and another guest comes to it, while the guest uses its VF ---- */

/* vfio resets the VF of a guest that leaves. One that must not, or cannot, be reset goes down. */
static int leave(struct runner *r, struct nfp_window *w)
{
	int ret = r->config->beside->why_no_reset
			  ? -EOPNOTSUPP
			  : runner_check_stop(r)
				    ?: r->host.ops->reset_sender(r->host.ctx, r->err);

	r->beside_up &= ret != 0;
	if (ret == -EOPNOTSUPP) {
		ret = set_other(r, w, false);
		r->beside_up &= ret != 0;
		return ret;
	}
	return aside_not_made(r, w, NFP_STATUS_REFUSED, ret);
}

static int come(struct runner *r, struct nfp_window *w)
{
	int ret = set_other(r, w, true);

	r->beside_up |= ret == 0;
	return ret;
}

/* In their order. */
static const struct event {
	enum nfp_beside state, again;
	int (*make)(struct runner *r, struct nfp_window *w);
	int (*undo)(struct runner *r, struct nfp_window *w);
} events[] = {
	{NFP_BESIDE_LEAVES, NFP_BESIDE_LEAVES_AGAIN, leave, come},
	{NFP_BESIDE_COMES, NFP_BESIDE_COMES_AGAIN, come, leave},
};

/* The host, and the guest's driver, ask for all that they asked for before. */
static int start_anew(struct runner *r, struct nfp_window *w)
{
	static const enum nfp_action anew[NFP_ACTIONS_MAX] = {NFP_DO_UNBIND, NFP_DO_ASSIGN,
							      NFP_DO_RESET, NFP_DO_BIND, NFP_DO_UP};
	static const struct script plain = {.refused = NULL};
	int ret = runner_play(r, anew, &plain);

	if (ret > 0)
		return aside_not_made(r, w, NFP_STATUS_REFUSED, -EIO);
	runner_announce_begin(r, NFP_STEP_UP, runner_now(r));
	return ret;
}

/* The VF has lost the address in @event: it starts anew, and loses it once more. */
static int lose_once_more(struct runner *r, const struct event *event)
{
	struct nfp_window *w = open_window(r, NFP_BESIDE_STARTED);
	int ret = event->undo(r, w) ?: start_anew(r, w) ?: watch_beside(r, w);

	if (ret || arrives_now(r) != NFP_YES)
		return ret;
	w = open_window(r, event->again);
	ret = event->make(r, w) ?: watch_loss(r, w, true);
	if (ret || arrives_now(r) != NFP_NO)
		return ret;
	w = open_window(r, NFP_BESIDE_STARTED_AGAIN);
	runner_beside_end(r);
	return start_anew(r, w) ?: watch_beside(r, w);
}

/* Behind a loss, or a doubt, the ladder goes on without that VF. */
int runner_up_beside(struct runner *r)
{
	const struct nfp_aside *b = &r->result->beside;
	int ret = 0;

	if (!r->config->beside || !r->beside_up || r->over || !r->carrier ||
	    runner_was_shown(r, NFP_EARLIER_UP))
		return 0;
	nfp_for_each (event, events, NFP_NUM(events)) {
		struct nfp_window *w = open_window(r, event->state);

		ret = event->make(r, w) ?: watch_beside(r, w);
		if (!ret && arrives_now(r) == NFP_NO)
			ret = lose_once_more(r, event);
		if (ret || b->windows[b->num_windows - 1].state != event->state ||
		    arrives_now(r) != NFP_YES)
			break;
	}
	nfp_judge_beside(&r->result->beside);
	if (b->told.up != NFP_TRAIT_OK) {
		runner_beside_end(r);
		r->company = false;
	}
	return ret < 0 || r->over ? MIN(ret, 0) : aside_resume(r);
}

/*
 * A driver, or firmware, may write what it was told of a VF only when it deals with the next one. A
 * ladder that has shown otherwise stands for others as it does for resets (climb.c).
 */
int runner_meet_another(struct runner *r)
{
	int ret;

	if (!r->beside_up || runner_was_shown(r, NFP_EARLIER_COMPANY))
		return 0;
	ret = set_company(r, false) ?: runner_check_stop(r) ?: set_company(r, true);
	r->met = !ret;
	if (!ret || runner_is_own_error(r))
		return ret;
	runner_note(r, "VF %s did not come up once more: %s",
		    r->result->beside.told.vf + sizeof("vf:") - 1, r->err->message);
	return 0;
}

/* ---- a guest that starts behind its VF, beside another ---- */

/* Would the answer be another if the standby were deaf in it? */
static bool first_is_open(struct runner *r)
{
	const struct nfp_observation cleared =
		nfp_observe(nfp_style_step(r->result, NFP_STEP_CLEAR));
	enum nfp_trait *first = &r->result->beside.told.first;
	struct nfp_judgement with, without;

	/* A VF that keeps what it had shows nothing with another address. */
	if (!r->company || r->over || !r->carrier || r->stuck ||
	    nfp_served(&cleared, NFP_AT_PF) != NFP_YES || runner_was_shown(r, NFP_EARLIER_FIRST))
		return false;
	*first = NFP_TRAIT_LOST;
	nfp_judgement_of(r->result, &r->config->source->shows, &with);
	*first = NFP_TRAIT_NONE;
	nfp_judgement_of(r->result, &r->config->source->shows, &without);
	return with.verdict != without.verdict || with.requires != without.requires;
}

/* As in vf-first. No late write of what was done for the same address may take it from the PF. 0, 1
 * where the host refuses, or what ends the run. */
static int start_guest(struct runner *r, bool company, const struct nfp_mac *address,
		       enum nfp_answer *ret_arrives)
{
	static const enum nfp_action gone[NFP_ACTIONS_MAX] = {NFP_DO_REMOVE_STANDBY, NFP_DO_UNBIND,
							      NFP_DO_CLEAR, NFP_DO_SETTLE};
	static const enum nfp_action starts[NFP_ACTIONS_MAX] = {
		NFP_DO_REMOVE_STANDBY, NFP_DO_ASSIGN, NFP_DO_RESET,
		NFP_DO_ADD_STANDBY,    NFP_DO_SETTLE, NFP_DO_RESET};
	static const struct script plain = {.refused = NULL};
	static const struct nfp_window begun = {.status = NFP_STATUS_DONE};
	struct nfp_window w = begun;
	int ret = 0;

	*ret_arrives = NFP_UNKNOWN;
	if (r->bound || nfp_mac_equal(&r->address, address))
		ret = runner_play(r, gone, &plain);
	if (ret)
		return ret;
	if (company)
		ret = set_company(r, true);
	else
		runner_beside_end(r);
	if (ret) {
		*ret_arrives = NFP_UNASKED;
		return runner_is_own_error(r) ? ret : 1;
	}
	r->address = *address;
	r->announced = false;
	ret = runner_play(r, starts, &plain);
	if (ret)
		return ret;
	runner_send(r, r->config->rate);
	ret = watch_once(r, &w, false);
	/* As long as in a step: a NIC may be late, and a network pause. */
	if (!ret && nfp_beside_arrives(&w) != NFP_YES) {
		w = begun;
		ret = watch_beside(r, &w);
	}
	*ret_arrives = nfp_beside_arrives(&w);
	return ret;
}

/* The address is that which the ladder began with: the network knows it. A loss is confirmed by
 * what the standby gets of the other one without that VF, and by another loss. */
static int check_first(struct runner *r, enum nfp_trait *ret_first)
{
	const struct nfp_mac *first = &r->config->address, *other = &r->config->address_first;
	enum nfp_answer arrives;
	int ret = start_guest(r, true, first, &arrives);

	*ret_first = arrives == NFP_YES	      ? NFP_TRAIT_OK
		     : arrives == NFP_UNASKED ? NFP_TRAIT_NONE
					      : NFP_TRAIT_UNPROVEN;
	if (ret || arrives != NFP_NO)
		return ret;
	ret = start_guest(r, false, other, &arrives);
	if (ret || arrives != NFP_YES)
		return ret;
	ret = start_guest(r, true, first, &arrives);
	if (!ret && arrives == NFP_NO)
		*ret_first = NFP_TRAIT_LOST;
	return ret;
}

int runner_check_beside(struct runner *r)
{
	enum nfp_trait *first = &r->result->beside.told.first;
	int ret;

	if (!first_is_open(r))
		return 0;
	r->no_step.step = NFP_STEP_VF_FIRST;
	runner_tell_inside(r, NFP_EVENT_BESIDE, (enum nfp_empty)0, &r->config->address);
	ret = check_first(r, first);
	if (*first == NFP_TRAIT_OK)
		runner_has_shown(r, NFP_EARLIER_FIRST, false);
	runner_beside_end(r);
	return ret;
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
