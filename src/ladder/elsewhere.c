// SPDX-License-Identifier: GPL-2.0-or-later
/* The windows in which a VF has the address and no guest, and a neighbour sends to the guest. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "runner_priv.h"

/* All windows: on a switch that does not know the address each of these frames goes everywhere. */
#define UNICAST_RATE   40U
#define BROADCAST_RATE 40U
/* An announcement each quarter of the settling time; the first of them have the control, too. */
#define ROUNDS_WITH_CONTROL 2U

void runner_elsewhere_begin(struct runner *r)
{
	struct nfp_elsewhere_result *result = &r->result->elsewhere;

	if (!r->config->neighbour)
		return;
	if (!r->elsewhere) {
		result->verdict = NFP_TRAIT_UNPROVEN;
		snprintf(result->note, sizeof(result->note), "%s", r->config->neighbour->why);
		return;
	}
	nfp_accounting_reset(r->elsewhere->accounting);
	for (enum nfp_empty empty = 0; empty < NFP_EMPTY_COUNT; empty++) {
		struct nfp_elsewhere_window *w = &result->windows[result->num_windows++];

		*w = (struct nfp_elsewhere_window) {.empty = empty,
						    .leaves = NFP_UNKNOWN,
						    .note = "the ladder did not get there"};
	}
}

static const struct nfp_mac *address_of(const struct runner *r, enum nfp_empty empty)
{
	return nfp_empty_rows[empty].moved ? &r->address : &r->elsewhere->address;
}

static const struct nfp_mac *control_of(const struct runner *r, enum nfp_empty empty)
{
	return &r->elsewhere->unregistered[nfp_empty_rows[empty].moved];
}

/* ---- a window ---- */

static void disturb(struct nfp_elsewhere_window *w, const char *why)
{
	w->disturbed = true;
	if (!w->note[0])
		snprintf(w->note, sizeof(w->note), "%.*s", (int)sizeof(w->note) - 1, why);
}

/* The window shows nothing: 1, or the error that ends the run. */
static int fail(struct runner *r, struct nfp_elsewhere_window *w, int ret)
{
	disturb(w, r->err->message);
	return runner_is_own_error(r) ? ret : 1;
}

static int take(struct runner *r, struct nfp_elsewhere_window *w)
{
	const struct nfp_wire *wire = &r->elsewhere->wire;
	const struct nfp_mac macs[] = {*address_of(r, w->empty), *control_of(r, w->empty)};
	int ret = wire->ops->take(wire->ctx, macs, 2, r->err);

	return ret ? fail(r, w, ret) : 0;
}

/*
 * The address comes first, since a port may learn few, and last, since it may keep the newest, and
 * twice, since a frame may be lost. The unregistered one between them is its control. Later rounds
 * have the address alone.
 */
static int announce(struct runner *r, struct nfp_elsewhere_window *w, unsigned int round)
{
	const struct nfp_wire *wire = &r->elsewhere->wire;
	const struct nfp_mac *x = address_of(r, w->empty);
	const struct nfp_mac macs[] = {*x, *x, *control_of(r, w->empty), *x};
	size_t num = round < ROUNDS_WITH_CONTROL ? sizeof(macs) / sizeof(macs[0]) : 1;
	int ret = 0;

	for (size_t i = 0; i < num && !ret; i++)
		ret = wire->ops->announce(wire->ctx, NFP_AT_PF, &macs[i], r->err);
	return ret ? fail(r, w, ret) : 0;
}

static void plan(struct runner *r, enum nfp_empty empty, struct nfp_plan *plan, bool sends)
{
	const struct nfp_wire *wire = &r->elsewhere->wire;

	*plan = (struct nfp_plan) {.unicast = *address_of(r, empty),
				   .unregistered_mac = *control_of(r, empty)};
	if (sends) {
		plan->rate[NFP_KIND_UNICAST] = plan->rate[NFP_KIND_UNREGISTERED] = UNICAST_RATE;
		plan->rate[NFP_KIND_BROADCAST] = BROADCAST_RATE;
	}
	wire->ops->plan(wire->ctx, plan);
}

struct elsewhere_watch {
	struct runner_watch watch;
	struct nfp_elsewhere_window *window;
	unsigned int round; /* of announcements */
};

/*
 * It is announced for as long as the window is watched: an announcement may be lost, or overtaken
 * by what the VF or the PF sent before, and a switch may pause.
 */
static int say(struct runner *r, struct runner_watch *watch)
{
	struct elsewhere_watch *w = (struct elsewhere_watch *)watch;
	uint64_t now_ns = runner_now(r);

	if (w->window->empty == NFP_EMPTY_CONTROL || !r->carrier ||
	    (w->round && now_ns < watch->say_ns))
		return 0;
	watch->say_ns = now_ns + r->config->settle_ns / 4;
	return announce(r, w->window, w->round++);
}

/*
 * The first window counts only where the address alone stays away, and that must hold. If nothing
 * else is heard either, the network withholds what it does not know.
 */
static bool is_enough(const struct runner *r, const struct runner_watch *watch)
{
	const struct nfp_settle *settle = &watch->settle;
	struct nfp_count counts[NFP_KIND_COUNT];

	(void)r;
	if (!watch->early || watch->state != NFP_SETTLE_CLEAR)
		return watch->state >= NFP_SETTLE_HELD;
	nfp_accounting_sum(watch->accounting, settle->from_ns, settle->end_ns, counts);
	return nfp_landing_of(&counts[NFP_KIND_UNICAST]) ==
	       nfp_landing_of(&counts[NFP_KIND_UNREGISTERED]);
}

static void again(struct runner *r, struct runner_watch *watch)
{
	(void)r;
	((struct elsewhere_watch *)watch)->round = 0;
}

/* Until what is heard has held for long enough, with the carrier there. */
static int settle(struct runner *r, struct elsewhere_watch *w, bool short_of_time)
{
	int ret = runner_wait(r, &w->watch);

	if (ret)
		return ret;
	if (r->blinked)
		disturb(w->window, "the PF had no carrier");
	else if (w->watch.state == NFP_SETTLE_EXPIRED)
		disturb(w->window,
			short_of_time ? "the windows before it left it too little time"
				      : "what was heard on the wire did not stay the same for long "
					"enough");
	return 0;
}

static void count(struct runner *r, struct nfp_elsewhere_window *w, const struct nfp_settle *settle)
{
	struct nfp_frame_accounting *accounting = r->elsewhere->accounting;
	struct nfp_count counts[NFP_KIND_COUNT];

	nfp_accounting_sum(accounting, settle->from_ns, settle->end_ns, counts);
	for (enum nfp_kind kind = 0; kind < NFP_KIND_COUNT; kind++) {
		w->sent[kind] = counts[kind].sent;
		w->heard[kind] = counts[kind].at[NFP_AT_PF];
		if (nfp_settle_is_unstable(settle, kind))
			disturb(w, "what was heard on the wire kept changing");
	}
	if (nfp_settle_has_too_few(settle, accounting))
		disturb(w, "too few frames were sent, or none for too long");
	nfp_accounting_forget(accounting, settle->end_ns);
}

/* How long a window may be watched, of all the time that there is for all of them. */
static uint64_t time_for(const struct runner *r, uint64_t window_ns, bool *ret_short)
{
	/* A neighbour sends few frames a second, however short the settling time is. */
	uint64_t usual_ns = MAX(r->config->settle_ns, NFP_SETTLE_DEFAULT_NS);
	uint64_t all_ns = usual_ns * 16 / 3, left_ns = all_ns - MIN(all_ns, r->elsewhere_ns);
	uint64_t one_ns = MAX(usual_ns, window_ns) * 5 / 2;

	*ret_short = left_ns < one_ns;
	return MIN(left_ns, one_ns);
}

static int watch(struct runner *r, struct nfp_elsewhere_window *w)
{
	const struct nfp_elsewhere_test *n = r->elsewhere;
	uint64_t settle_ns = r->config->settle_ns;
	/* With --mac X was at the PF's port before, and the control may not have been. */
	bool moves = nfp_mac_equal(&r->config->address, &r->config->address_first) &&
		     w->empty == NFP_EMPTY_UNPLUG;
	uint64_t more_ns = moves ? settle_ns : 0; /* beyond the time that there is for all */
	static const struct runner_watch_ops ops = {
		.say = say, .is_enough = is_enough, .again = again};
	struct nfp_wire_stats before = {0}, after = {0};
	struct elsewhere_watch watch = {
		.watch = {.ops = &ops,
			  .wire = &n->wire,
			  .accounting = n->accounting,
			  .early = w->empty == NFP_EMPTY_CONTROL},
		.window = w,
	};
	struct nfp_settle *window = &watch.watch.settle;
	struct nfp_plan sent;
	uint64_t begin_ns, took_ns;
	bool short_of_time;
	int ret;

	n->wire.ops->stats(n->wire.ctx, &before);
	plan(r, w->empty, &sent, true);
	begin_ns = runner_mark(r, n->accounting);
	nfp_settle_begin(window, begin_ns, settle_ns + more_ns, sent.rate, 1);
	window->expire_ns = begin_ns + time_for(r, window->settle_ns, &short_of_time) + more_ns;
	ret = settle(r, &watch, short_of_time);
	plan(r, w->empty, &sent, false);
	ret = ret ?: runner_catch_up(r, &n->wire, n->accounting);
	took_ns = runner_now(r) - begin_ns - watch.watch.unwatched_ns;
	r->elsewhere_ns += took_ns - MIN(took_ns, more_ns);
	if (ret)
		return ret;
	count(r, w, window);
	n->wire.ops->stats(n->wire.ctx, &after);
	if (after.drops != before.drops)
		disturb(w, "the capture lost frames");
	if (after.unreported != before.unreported)
		disturb(w, "not all that the reflector heard is known");
	return 0;
}

/* The stream of the ladder pauses; what it sent before is entered first. */
static int pause_stream(struct runner *r)
{
	runner_silence(r);
	return runner_catch_up(r, &r->wire, r->config->accounting);
}

static int window(struct runner *r, enum nfp_empty empty)
{
	struct nfp_elsewhere_window *w = &r->result->elsewhere.windows[empty];
	const struct nfp_elsewhere_test *n = r->elsewhere;
	struct nfp_step_result *step = r->step;
	bool changed = step->changed;
	int ret;

	if (!n || r->over)
		return 0;
	w->note[0] = '\0';
	step->changed = false;
	/* A driver may take the carrier for a moment, as in a step. */
	r->action_ns = 0;
	ret = pause_stream(r);
	r->blinked = !r->carrier;
	ret = ret ?: take(r, w) ?: watch(r, w);
	if (ret >= 0)
		w->status = NFP_STATUS_DONE;
	(void)n->wire.ops->take(n->wire.ctx, NULL, 0, NULL);
	r->wire.ops->plan(r->wire.ctx, &r->plan);
	if (step->changed)
		disturb(w, "another process changed the host");
	step->changed |= changed;
	return ret < 0 ? ret : 0;
}

/* ---- before vf-first ---- */

/* 0, 1 when the state cannot be reached, or the error that ends the run. */
static int enter(struct runner *r, struct nfp_elsewhere_window *w, enum nfp_action action)
{
	int ret = runner_check_stop(r) ?: runner_do_action(r, action);

	if (!ret)
		return 0;
	if (runner_is_own_error(r))
		return ret;
	w->skip_allowed = action == NFP_DO_RESET && ret == -EOPNOTSUPP;
	r->over |= runner_lost_vf(r);
	if (!w->skip_allowed && !r->over)
		w->status = NFP_STATUS_REFUSED;
	snprintf(w->note, sizeof(w->note), "%.*s", (int)sizeof(w->note) - 1,
		 w->skip_allowed      ? "this VF has no function-level reset"
		 : r->err->message[0] ? r->err->message
				      : strerror(-ret));
	return 1;
}

int runner_elsewhere_control(struct runner *r)
{
	return window(r, NFP_EMPTY_CONTROL);
}

int runner_elsewhere_before(struct runner *r)
{
	struct nfp_elsewhere_window *w = &r->result->elsewhere.windows[NFP_EMPTY_RESET];
	const struct nfp_mac address = r->address;
	int ret = 0;

	if (!r->elsewhere || r->stuck)
		return 0;
	r->address = r->elsewhere->address;
	for (const enum nfp_action *action = nfp_empty_rows[w->empty].actions; *action && !ret;
	     action++) {
		/* A VF without a reset stays as it was assigned. */
		if (*action != NFP_DO_RESET || !r->no_reset)
			ret = enter(r, w, *action);
	}
	if (!ret || w->skip_allowed)
		ret = window(r, w->empty);
	w->skip_allowed = false;
	r->address = address;
	return ret < 0 ? ret : 0;
}

/* ---- after it ---- */

/* Why the VF is not in the state of one whose guest has gone; NULL: it is. */
static const char *why_not(const struct runner *r)
{
	const struct nfp_step_result *unplug = nfp_style_step(r->result, NFP_STEP_VF_FIRST_UNPLUG);

	if (!unplug || unplug->status != NFP_STATUS_DONE || r->over)
		return "vf-first-unplug was not made";
	if (!r->assigned)
		return "the VF was cleared, to see whether the network delivers the address";
	return r->carrier ? NULL : "the PF has no carrier";
}

/* A window of its own, which leaves no other trace. */
static int check_reset(struct runner *r)
{
	struct nfp_elsewhere_result *near = &r->result->elsewhere;
	const struct nfp_elsewhere_window reset = near->windows[NFP_EMPTY_RESET];
	struct nfp_elsewhere_window ignored = {.empty = NFP_EMPTY_CLEAR};
	bool cleared = near->windows[NFP_EMPTY_CLEAR].status == NFP_STATUS_DONE || !r->assigned;
	int ret = cleared ? 0 : enter(r, &ignored, NFP_DO_CLEAR);

	r->elsewhere_ns = 0;
	ret = ret ?: window(r, NFP_EMPTY_RESET);
	near->reset_cleared = !ret &&
			      nfp_elsewhere_leaves(&near->windows[NFP_EMPTY_RESET]) == NFP_YES;
	near->windows[NFP_EMPTY_RESET] = reset;
	return ret;
}

int runner_elsewhere_after(struct runner *r)
{
	const char *why = why_not(r);
	struct nfp_step_result *last = r->step;
	struct nfp_err refusal;
	int ret = 0;

	if (!r->elsewhere)
		return 0;
	ret = pause_stream(r);
	r->plan = (struct nfp_plan) {0};
	/* The windows that follow are no part of a step. */
	r->no_step = (struct nfp_step_result) {.step = NFP_STEP_VF_FIRST_UNPLUG};
	r->step = &r->no_step;
	for (enum nfp_empty empty = NFP_EMPTY_UNPLUG; empty < NFP_EMPTY_COUNT && ret >= 0;
	     empty++) {
		struct nfp_elsewhere_window *w = &r->result->elsewhere.windows[empty];

		if (why || r->over) {
			snprintf(w->note, sizeof(w->note), "%s",
				 why ?: "another process has the VF");
			continue;
		}
		ret = enter(r, w, nfp_empty_rows[empty].actions[0]);
		if (ret == 0)
			ret = window(r, empty);
		else if (empty == NFP_EMPTY_UNPLUG)
			why = "the standby could not be taken away";
	}
	if (ret >= 0 && !r->over && r->carrier && nfp_elsewhere_is_open(&r->result->elsewhere))
		ret = check_reset(r);
	/* Switches are to look for an address that is used again where the ladder left it. */
	if (nfp_mac_equal(&r->address, &r->config->address) && !why && r->carrier)
		(void)r->wire.ops->announce(r->wire.ctx, NFP_AT_PF, &r->address, &refusal);
	r->step = last;
	return ret < 0 ? ret : 0;
}
