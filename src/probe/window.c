// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * window.c - a window: how long frames must land in the same way, which of them count, and whether
 * they show anything. It has the one loop in which the runner waits for frames, looks at the clock
 * and at changes of the host, takes notes and emits events.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "runner.h"
#include "settle.h"
#include "window.h"

#define TICK_NS	     (100 * NFP_NSEC_PER_MSEC) /* look at the frames at least this often */
#define OWN_BLINK_NS NFP_NSEC_PER_SEC /* a driver's change may take the carrier for so long */

uint64_t runner_now(const struct runner *r)
{
	return r->wire.ops->now(r->wire.ctx);
}

int runner_begin(struct runner *r, const struct nfp_runner_config *config,
		 struct nfp_style_result *result, struct nfp_err *err,
		 struct nfp_external_changes *ret_news)
{
	int ret;

	*r = (struct runner) {
		.config = config,
		.host = config->host,
		.wire = config->wire,
		.result = result,
		.err = err,
		.address = config->address,
		.network_ns = MAX(config->network_ns, config->settle_ns),
		.slow = config->earlier && config->earlier->slow,
	};
	r->step = &r->no_step;
	r->begin_ns = runner_now(r);
	*ret_news = (struct nfp_external_changes) {.carrier = true};
	ret = r->host.ops->changes(r->host.ctx, ret_news, err);
	r->losses = ret_news->carrier_losses;
	r->carrier = ret_news->carrier;
	return ret;
}

int runner_check_stop(struct runner *r)
{
	const struct nfp_runner_config *config = r->config;

	if (config->stop && config->stop(config->stop_ctx))
		return nfp_err_set(r->err, -EINTR, NFP_E_INTERRUPTED, "interrupted");
	if (config->deadline_ns && runner_now(r) >= config->deadline_ns)
		return nfp_err_set(r->err, -ETIME, NFP_E_TIMEOUT, "the time of --timeout is up");
	return 0;
}

void runner_note(struct runner *r, const char *fmt, ...)
{
	char words[NFP_NOTE_LEN], *note = r->step->w.note;

	NFP_VFORMAT(words, sizeof(words), fmt);
	if (!strstr(note, words))
		nfp_appendf(note, NFP_NOTE_LEN, "%s%s", note[0] ? "; " : "", words);
}

static uint64_t time_left(const struct nfp_runner_config *config, enum nfp_step step)
{
	const struct nfp_timetable *t = config->timetable;

	return t ? t->all_ns - t->begins_ns[step] : 0;
}

void runner_emit(const struct runner *r, enum nfp_event_what what, uint64_t from_ns, uint64_t to_ns)
{
	const struct nfp_runner_config *config = r->config;
	const struct nfp_style_result *result = r->result;
	enum nfp_step step = r->step ? r->step->step : 0;
	const struct nfp_event event = {
		.what = what,
		.where = {config->vf, config->style, config->from},
		.step = step,
		.remaining_ns = time_left(config, step),
		.from_ns = from_ns,
		.to_ns = to_ns,
		.address = &r->address,
		.config = config,
		.landing = r->step,
		.transition = result->num_transitions
				      ? &result->transitions[result->num_transitions - 1]
				      : NULL,
		.style = result,
	};

	nfp_emit(&config->events, &event);
}

void runner_note_groups(struct runner *r, const struct nfp_external_changes *changes)
{
	r->allmulti |= changes->all_multicast;
	r->result->all_multicast |= r->allmulti && !nfp_styles[r->config->style].all_multicast;
}

int runner_check_changes(struct runner *r)
{
	struct nfp_external_changes changes = {.carrier = true};
	int ret = r->host.ops->changes(r->host.ctx, &changes, r->err);

	if (ret)
		return ret;
	if (changes.gone && !changes.change[0])
		snprintf(changes.change, sizeof(changes.change), "the VF or its PF went away");
	if (changes.changed || changes.gone) {
		r->step->changed = true;
		runner_note(r, "%s", changes.change);
	}
	r->over |= changes.ended || changes.gone;
	runner_note_groups(r, &changes);
	if (changes.gone)
		return nfp_err_set(r->err, -ENODEV, NFP_E_KERNEL, "%s", changes.change);
	if (changes.carrier_losses > r->losses || (r->carrier && !changes.carrier)) {
		/* The change itself takes the carrier, until it is made and for a moment after. */
		uint64_t since_ns = r->action_ns ? runner_now(r) - r->action_ns : 0;
		bool late = since_ns > OWN_BLINK_NS;
		/* A switch may have shut its port for a new address, unless the driver is known to
		 * take the carrier. */
		bool shut = r->announced && !r->blinks;

		r->link_flapped = r->step->link_flapped = true;
		r->blinks |= !r->announced && !late;
		r->step->carrier_lost |= shut || late;
		r->over |= shut;
		if (shut)
			runner_note(r,
				    "%s lost its carrier right after the address was announced: "
				    "does the switch have port security?",
				    r->config->ifname);
		else if (late)
			runner_note(r, "%s lost its carrier %u ms after the change",
				    r->config->ifname,
				    (unsigned int)(since_ns / NFP_NSEC_PER_MSEC));
		else
			runner_note(r, "%s lost its carrier for a moment: its driver did that",
				    r->config->ifname);
	}
	r->losses = changes.carrier_losses;
	r->carrier = changes.carrier;
	return 0;
}

void runner_look_at_bus(struct runner *r)
{
	struct nfp_step_result *step = r->step;
	struct nfp_span *change = &step->bus_master_change;
	uint64_t last_ns = MAX(r->bus_ns, r->request_ns), now_ns;
	int master = r->host.ops->bus_master(r->host.ctx);

	now_ns = runner_now(r);
	if (master >= 0 && step->have_bus_master && step->bus_master != master && !change->known &&
	    r->request_ns)
		*change = (struct nfp_span) {
			.known = true,
			.us = (int64_t)(((last_ns - r->request_ns) + (now_ns - r->request_ns)) / 2 /
					NFP_NSEC_PER_USEC),
			.error_us = (int64_t)((now_ns - last_ns) / 2 / NFP_NSEC_PER_USEC) + 1,
		};
	step->have_bus_master = master >= 0;
	step->bus_master = master > 0;
	r->bus_ns = now_ns;
}

/* ---- the wait ---- */

void runner_landings(const struct nfp_count count[NFP_KIND_COUNT],
		     enum nfp_landing ret_landing[NFP_KIND_COUNT])
{
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
		ret_landing[kind] = nfp_landing_of(&count[kind]);
}

/* nfp_accounting_mark cannot fail: the clock of a wire does not go back. */
uint64_t runner_mark(const struct runner *r)
{
	uint64_t now_ns = runner_now(r);

	(void)nfp_accounting_mark(r->wire.accounting, now_ns);
	return now_ns;
}

void runner_restart(struct runner *r, struct window *w)
{
	nfp_settle_restart(&w->settle, runner_mark(r));
	w->state = NFP_SETTLE_WAIT;
}

int runner_catch_up(struct runner *r)
{
	int ret = r->wire.ops->pump(r->wire.ctx, runner_now(r), r->wire.accounting, r->err);

	return ret < 0 ? ret : runner_check_changes(r);
}

static uint64_t due(const struct runner *r, const struct window *w)
{
	uint64_t now_ns = runner_now(r);
	uint64_t due_ns = nfp_settle_due(&w->settle, nfp_settle_grace(r->wire.accounting),
					 w->early);

	if (due_ns <= now_ns)
		due_ns = now_ns + NFP_ACCOUNTING_SLICE_NS;
	due_ns = MIN(due_ns, now_ns + TICK_NS);
	if (r->carrier)
		due_ns = MIN(due_ns, MAX(w->announce_ns, now_ns));
	return r->config->deadline_ns ? MIN(due_ns, r->config->deadline_ns) : due_ns;
}

#define HOLES_MOST  2U /* long holes that a window may have */
#define DELAYS_MOST 2U /* all other delays of a window, in times of what it has */

/*
 * This process did not run for @late_ns: it was stopped, or the host was busy. Moves the deadline
 * by that. A hole that is longer than a window may have also restarts the window, and gives it the
 * time before the hole back. A host that makes such holes again and again, or runs this process for
 * a moment in each tick, would keep the window open for as long as it likes, so the window ends.
 */
static void give_time_back(struct runner *r, struct window *w, uint64_t late_ns)
{
	struct nfp_settle *settle = &w->settle;

	if (late_ns <= settle->hole_ns) {
		w->delays_ns += late_ns;
		w->starved |= w->delays_ns > w->delays_most_ns;
	} else if (w->holes == HOLES_MOST) {
		w->starved = true;
	} else {
		w->holes++;
		late_ns = runner_now(r) - settle->from_ns;
		runner_restart(r, w);
	}
	settle->expire_ns += late_ns;
	w->given_ns += late_ns;
}

/*
 * Pumps until something is due, and looks at what the frames show by then. The host may take long
 * to answer, while frames are still read. So only a pump that ends late gives time back: without a
 * carrier the host is asked each time, and the wait would never expire.
 */
static int look_around(struct runner *r, struct window *w)
{
	const struct nfp_wire *wire = &r->wire;
	uint64_t due_ns = due(r, w), now_ns;
	int ret = wire->ops->pump(wire->ctx, due_ns, wire->accounting, r->err);

	now_ns = runner_now(r);
	if (ret >= 0 && now_ns > due_ns)
		give_time_back(r, w, now_ns - due_ns);
	/* The wire was woken, or the carrier is awaited: the host may know why. */
	if (ret > 0 || (ret == 0 && !r->carrier))
		ret = runner_check_changes(r);
	ret = ret ?: runner_check_stop(r);
	if (ret)
		return ret;
	if (w->starved) {
		w->state = NFP_SETTLE_EXPIRED;
		return 0;
	}
	w->state = nfp_settle_update(&w->settle, wire->accounting, now_ns,
				     nfp_settle_final(wire->accounting, now_ns, r->up));
	/* The landing of a link that stays away, nowhere, would never end. A stable landing may
	 * still not be enough. */
	if (now_ns >= w->settle.expire_ns && (r->link_flapped || !window_is_enough(r, w)))
		w->state = NFP_SETTLE_EXPIRED;
	return 0;
}

static bool is_over(const struct runner *r, const struct window *w)
{
	return r->over || w->state == NFP_SETTLE_EXPIRED ||
	       (!r->link_flapped && window_is_enough(r, w));
}

void runner_link_is_back(struct runner *r, struct window *w)
{
	if (!r->link_flapped || !r->carrier)
		return;
	r->link_flapped = false;
	w->flaps++;
	runner_restart(r, w);
	if (w->spec->again)
		w->spec->again(r, w);
}

int runner_wait(struct runner *r, struct window *w)
{
	const struct window_spec *spec = w->spec;
	bool over;
	int ret;

	w->announce_ns = UINT64_MAX;
	for (;;) {
		ret = spec->announce ? spec->announce(r, w) : 0;
		ret = ret ?: look_around(r, w);
		over = !ret && is_over(r, w);
		/* The window may have been disturbed without a wake-up. */
		if (over)
			ret = runner_check_changes(r);
		if (ret || (over && is_over(r, w)))
			return ret;
		runner_link_is_back(r, w);
	}
}

/* ---- the window ---- */

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

#define BRIEF_NS (300 * NFP_NSEC_PER_MSEC) /* a loss shows in so short a time */

bool window_is_lost(const struct window *w)
{
	const struct nfp_settle *settle = &w->settle;
	enum nfp_landing landing[NFP_KIND_COUNT];

	runner_landings(settle->count, landing);
	return w->state == NFP_SETTLE_CLEAR && settle->end_ns - settle->from_ns >= BRIEF_NS &&
	       landing[NFP_KIND_UNICAST] == NFP_LANDING_NOWHERE &&
	       nfp_lands_at(landing[NFP_KIND_BROADCAST], NFP_AT_PF) &&
	       settle->count[NFP_KIND_UNICAST].sent >= NFP_SETTLE_GROUP;
}

bool window_is_enough(const struct runner *r, const struct window *w)
{
	return w->spec->enough ? w->spec->enough(r, w) : w->state >= NFP_SETTLE_HELD;
}

/*
 * EARLY is the worst verdict. Once `attach` has lost what the network delivers, SAFE is out of
 * reach: up to `clear`, and later once the steps say EARLY, a loss is watched only until it is
 * clear. A NIC that may act later would pass through these states otherwise than with a guest.
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
	w->delays_most_ns = DELAYS_MOST * (w->settle.expire_ns - w->settle.begin_ns);
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

/* ENOMEM may be a refusal: a full table. */
bool runner_is_own_error(const struct runner *r)
{
	const struct nfp_err *err = r->err;

	return err->code == NFP_E_JOURNAL || err->code == NFP_E_MEMORY ||
	       err->code == NFP_E_INTERRUPTED || err->code == NFP_E_TIMEOUT ||
	       err->errnum == NFP_ENOANSWER || err->errnum == NFP_ENOPROCESS ||
	       err->errnum == EMFILE || err->errnum == ENFILE;
}
