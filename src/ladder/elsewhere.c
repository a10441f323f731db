// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * elsewhere.c - the windows in which a VF has the address and no guest, and a neighbour sends to
 * the guest, which is elsewhere.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "runner_priv.h"

/* Few frames: a switch that does not know the address sends each of them everywhere. */
#define UNICAST_RATE   40U
#define BROADCAST_RATE 40U
/* An announcement each quarter of the settling time; the first of them have the control, too. */
#define ROUNDS_WITH_CONTROL 2U

void runner_elsewhere_begin(struct runner *r)
{
	struct nfp_aside *result = &r->result->elsewhere;

	if (!r->config->elsewhere)
		return;
	if (!r->elsewhere) {
		result->told.verdict = NFP_TRAIT_UNPROVEN;
		snprintf(result->told.note, sizeof(result->told.note), "%s",
			 r->config->elsewhere->why);
		return;
	}
	result->told.other_vf = r->elsewhere->other_vf;
	nfp_accounting_reset(r->elsewhere->wire.accounting);
	for (enum nfp_empty empty = 0; empty < NFP_EMPTY_COUNT; empty++) {
		struct nfp_window *w = &result->windows[result->num_windows++];

		*w = (struct nfp_window) {.state = empty,
					  .answer = NFP_UNKNOWN,
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

static int take_pair(struct runner *r, struct nfp_window *w)
{
	const struct nfp_wire *wire = &r->elsewhere->wire;
	const struct nfp_mac macs[] = {*address_of(r, w->state), *control_of(r, w->state)};

	return aside_refused(r, w, wire->ops->take(wire->ctx, macs, 2, r->err));
}

/*
 * The address comes first, since a port may learn few, and last, since it may keep the newest, and
 * twice, since a frame may be lost. The unregistered one between them is its control. Later rounds
 * have the address alone.
 */
static int announce_round(struct runner *r, struct nfp_window *w, unsigned int round)
{
	const struct nfp_wire *wire = &r->elsewhere->wire;
	const struct nfp_mac *x = address_of(r, w->state);
	const struct nfp_mac macs[] = {*x, *x, *control_of(r, w->state), *x};
	size_t num = round < ROUNDS_WITH_CONTROL ? NFP_NUM(macs) : 1;
	int ret = 0;

	for (size_t i = 0; i < num && !ret; i++)
		ret = wire->ops->announce(wire->ctx, NFP_AT_PF, &macs[i], r->err);
	return aside_refused(r, w, ret);
}

/* The windows of a guest elsewhere under way. */
struct announced {
	struct nfp_window *window;
	unsigned int round; /* of announcements */
};

/*
 * It is announced for as long as the window is watched: an announcement may be lost, or overtaken
 * by what the VF or the PF sent before, and a switch may pause.
 */
static int say_elsewhere(struct runner *r, struct window *w)
{
	struct announced *a = w->spec->of;
	uint64_t now_ns = runner_now(r);

	if (a->window->state == NFP_EMPTY_CONTROL || !r->carrier ||
	    (a->round && now_ns < w->say_ns))
		return 0;
	w->say_ns = now_ns + runner_network(r->config) / 4;
	return announce_round(r, a->window, a->round++);
}

/*
 * Just after the guest has left, a network that is slow to learn still looks for it here. A NIC
 * that has kept an address which was never here keeps this one as well.
 */
static bool may_lag(const struct runner *r, const struct window *w)
{
	const struct announced *a = w->spec->of;
	const struct nfp_window *reset = &r->result->elsewhere.windows[NFP_EMPTY_RESET];
	const struct nfp_settle *settle = &w->settle;

	return a->window->state == NFP_EMPTY_UNPLUG && nfp_elsewhere_leaves(reset) != NFP_NO &&
	       nfp_landing_of(&settle->count[NFP_KIND_UNICAST]) != NFP_LANDING_PF &&
	       settle->end_ns - settle->from_ns < runner_hold(r) + runner_network(r->config);
}

/*
 * The first window counts only where the address alone stays away, and that must hold. If nothing
 * else is heard either, the network withholds what it does not know.
 */
static bool elsewhere_is_enough(const struct runner *r, const struct window *w)
{
	struct nfp_count counts[NFP_KIND_COUNT];

	if (!w->early || w->state != NFP_SETTLE_CLEAR)
		return w->state >= NFP_SETTLE_HELD && !may_lag(r, w);
	window_count(w, counts);
	return nfp_landing_of(&counts[NFP_KIND_UNICAST]) ==
	       nfp_landing_of(&counts[NFP_KIND_UNREGISTERED]);
}

static void again_elsewhere(struct runner *r, struct window *w)
{
	(void)r;
	((struct announced *)w->spec->of)->round = 0;
}

/* How long a window may be watched, of all the time that there is for all of them. */
static uint64_t time_for(const struct runner *r, uint64_t window_ns, bool *ret_short)
{
	/* A neighbour sends few frames a second, however short the settling time is. */
	uint64_t usual_ns = MAX(runner_network(r->config), NFP_SETTLE_DEFAULT_NS);
	uint64_t all_ns = usual_ns * 16 / 3, left_ns = all_ns - MIN(all_ns, r->elsewhere_ns);
	uint64_t one_ns = MAX(usual_ns, window_ns) * 5 / 2;

	*ret_short = left_ns < one_ns;
	return MIN(left_ns, one_ns);
}

static int watch_neighbour(struct runner *r, struct nfp_window *ret_window)
{
	enum nfp_empty empty = ret_window->state;
	const struct nfp_plan plan = {
		.unicast = *address_of(r, empty),
		.unregistered_mac = *control_of(r, empty),
		.rate = {[NFP_KIND_UNICAST] = UNICAST_RATE,
			 [NFP_KIND_UNREGISTERED] = UNICAST_RATE,
			 [NFP_KIND_BROADCAST] = BROADCAST_RATE},
	};
	struct announced announced = {.window = ret_window};
	uint64_t hold_ns = runner_hold_behind(r, nfp_empty_rows[empty].actions);
	bool short_of_time;
	uint64_t left_ns = time_for(r, nfp_settle_length(hold_ns, plan.rate), &short_of_time);
	const struct window_spec spec = {
		.wire = &r->elsewhere->wire,
		.plan = &plan,
		.hold_ns = hold_ns,
		/* 0 would be no limit. */
		.patience_ns = MAX(left_ns, 1),
		.short_of_time = short_of_time,
		.early = empty == NFP_EMPTY_CONTROL,
		.on_wire = true,
		.say = say_elsewhere,
		.enough = elsewhere_is_enough,
		.again = again_elsewhere,
		.doubts = WINDOW_NO_CARRIER | WINDOW_EXPIRED | WINDOW_CHANGING | WINDOW_TOO_FEW |
			  WINDOW_DROPS | WINDOW_UNREPORTED,
		.of = &announced,
	};
	struct window w;
	int ret = run_window(r, &spec, &w);

	r->elsewhere_ns += w.took_ns - w.unwatched_ns;
	/* All heard at the netdev behind the source. */
	if (!ret)
		window_keep(&w, WINDOW_SLOTS(window_slots_at_pf), ret_window);
	return ret;
}

/* The stream of the ladder pauses; what it sent before is entered first. */
static int ask_neighbour(struct runner *r, struct nfp_window *w, void *of)
{
	const struct nfp_elsewhere_test *n = r->elsewhere;
	int ret;

	(void)of;
	/* A driver may take the carrier for a moment, as in a step. */
	r->action_ns = 0;
	ret = aside_pause(r);
	r->blinked = !r->carrier;
	ret = ret ?: aside_wake(r, n->rests, w) ?: take_pair(r, w) ?: watch_neighbour(r, w);
	aside_rest(r, n->rests);
	if (ret >= 0)
		w->status = NFP_STATUS_DONE;
	(void)n->wire.ops->take(n->wire.ctx, NULL, 0, NULL);
	r->wire.ops->plan(r->wire.ctx, &r->plan);
	return MIN(ret, 0);
}

static int watch_state(struct runner *r, enum nfp_empty empty)
{
	struct nfp_window *w = &r->result->elsewhere.windows[empty];

	if (!r->elsewhere || r->over)
		return 0;
	w->note[0] = '\0';
	runner_tell_inside(r, NFP_EVENT_ELSEWHERE, empty, address_of(r, empty));
	return runner_aside(r, w, ask_neighbour, NULL);
}

/* ---- the states of the VF ---- */

/* The guest uses its VF for as long as in a step, and speaks by it until that is taken from it. */
static int use_vf(struct runner *r)
{
	uint64_t until_ns = runner_now(r) + r->config->settle_ns;
	int ret = 0;

	while (ret >= 0 && runner_now(r) < until_ns) {
		ret = r->wire.ops->pump(r->wire.ctx, until_ns, r->wire.accounting, r->err);
		if (ret > 0)
			ret = runner_check_changes(r);
		ret = ret < 0 ? ret : runner_check_stop(r);
	}
	runner_announce_last(r);
	return MIN(ret, 0);
}

static int leave_vf(struct runner *r, enum nfp_action action)
{
	return action == NFP_DO_UNBIND ? use_vf(r) : 0;
}

/* The state cannot be reached. A VF without a reset stays as it is, which shows nothing only where
 * nothing else is done to it. */
static int refuse_state(struct runner *r, enum nfp_action action, int ret, void *of)
{
	struct nfp_window *w = of;
	bool no_reset = action == NFP_DO_RESET && ret == -EOPNOTSUPP;

	if (runner_is_own_error(r))
		return ret;
	if (no_reset && nfp_empty_rows[w->state].actions[0] != NFP_DO_RESET)
		return 0;
	w->skip_allowed = no_reset;
	r->over |= runner_lost_vf(r);
	if (!no_reset && !r->over)
		w->status = NFP_STATUS_REFUSED;
	snprintf(w->note, sizeof(w->note), "%.*s", (int)sizeof(w->note) - 1,
		 no_reset	      ? "this VF has no function-level reset"
		 : r->err->message[0] ? r->err->message
				      : strerror(-ret));
	return 1;
}

/* 0, 1 when the state cannot be reached, or the error that ends the run. */
static int enter_state(struct runner *r, struct nfp_window *w)
{
	const struct script script = {.before = leave_vf, .refused = refuse_state, .of = w};

	return runner_play(r, nfp_empty_rows[w->state].actions, &script);
}

/* ---- before vf-first ---- */

int runner_elsewhere_control(struct runner *r)
{
	if (r->elsewhere)
		runner_tell_inside(r, NFP_EVENT_EMPTY, NFP_EMPTY_CONTROL, NULL);
	return watch_state(r, NFP_EMPTY_CONTROL);
}

int runner_elsewhere_before(struct runner *r)
{
	struct nfp_window *w = &r->result->elsewhere.windows[NFP_EMPTY_RESET];
	const struct nfp_mac address = r->address;
	int ret = 0;

	if (!r->elsewhere || r->stuck)
		return 0;
	r->address = r->elsewhere->address;
	runner_tell_inside(r, NFP_EVENT_EMPTY, w->state, NULL);
	ret = enter_state(r, w) ?: watch_state(r, w->state);
	r->address = address;
	return ret < 0 ? ret : 0;
}

/* ---- after it ---- */

/* Why no guest can have its VF once more, and leave it; NULL: one can. */
static const char *why_not(const struct runner *r)
{
	const struct nfp_step_result *unplug = nfp_style_step(r->result, NFP_STEP_VF_FIRST_UNPLUG);

	if (!unplug || unplug->w.status != NFP_STATUS_DONE || r->over)
		return "vf-first-unplug was not made";
	return r->carrier ? NULL : "the PF has no carrier";
}

/* A window of its own, which leaves no other trace. */
static int check_reset(struct runner *r)
{
	struct nfp_aside *elsewhere = &r->result->elsewhere;
	const struct nfp_window reset = elsewhere->windows[NFP_EMPTY_RESET];
	struct nfp_window ignored = {.state = NFP_EMPTY_CLEAR};
	bool cleared = elsewhere->windows[NFP_EMPTY_CLEAR].status == NFP_STATUS_DONE ||
		       !r->assigned;
	int ret = cleared ? 0 : enter_state(r, &ignored);

	r->elsewhere_ns = 0;
	ret = ret ?: watch_state(r, NFP_EMPTY_RESET);
	elsewhere->reset_cleared =
		!ret && nfp_elsewhere_leaves(&elsewhere->windows[NFP_EMPTY_RESET]) == NFP_YES;
	elsewhere->windows[NFP_EMPTY_RESET] = reset;
	return ret;
}

int runner_elsewhere_after(struct runner *r)
{
	const char *why = why_not(r);
	struct nfp_step_result *last;
	int ret = 0;

	if (!r->elsewhere)
		return 0;
	ret = aside_pause(r);
	r->plan = (struct nfp_plan) {0};
	last = aside_leave_ladder(r);
	for (enum nfp_empty empty = NFP_EMPTY_UNPLUG; empty < NFP_EMPTY_COUNT && ret >= 0;
	     empty++) {
		struct nfp_window *w = &r->result->elsewhere.windows[empty];

		if (why || r->over) {
			snprintf(w->note, sizeof(w->note), "%s",
				 why ?: "another process has the VF");
			continue;
		}
		runner_tell_inside(r, NFP_EVENT_EMPTY, empty, NULL);
		ret = enter_state(r, w);
		if (ret == 0)
			ret = watch_state(r, empty);
		else if (empty == NFP_EMPTY_UNPLUG)
			why = "no guest could have the VF once more";
	}
	if (ret >= 0 && !r->over && r->carrier && nfp_elsewhere_is_open(&r->result->elsewhere))
		ret = check_reset(r);
	/* Switches are to look for an address that is used again where the ladder left it. */
	if (nfp_mac_equal(&r->address, &r->config->address) && !why && r->carrier &&
	    runner_may_speak(r, NFP_AT_PF))
		(void)r->wire.ops->announce(r->wire.ctx, NFP_AT_PF, &r->address, NULL);
	r->step = last;
	return ret < 0 ? ret : 0;
}
