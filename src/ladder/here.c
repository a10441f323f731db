// SPDX-License-Identifier: GPL-2.0-or-later
/* here.c - the windows in which another VF, and the standby's own port, send to a guest that is
 * here. */
#include <stdio.h>
#include <sys/param.h>

#include "runner_priv.h"

#define RATE	100U			  /* of each kind */
#define HOLD_NS (300 * NFP_NSEC_PER_MSEC) /* what was settled before must hold for so long */
/* The port has heard all of the ladder: where it sends, no longer than that takes. */
#define PORT_HOLD_NS (100 * NFP_NSEC_PER_MSEC)
/* All windows of a run: of a settling time, or of the usual one where that is longer. */
#define SPEND(settle_ns) (17 * (settle_ns) / 3)

static const struct nfp_window not_made = {
	.answer = NFP_UNKNOWN,
	.status = NFP_STATUS_SKIPPED,
	.note = "the ladder did not get there",
};

/* Where a guest listens, and nothing of the VF is in doubt. */
static const enum nfp_step port_steps[NFP_PORT_WINDOWS] = {NFP_STEP_STANDBY, NFP_STEP_UP};

static void begin_port_windows(struct runner *r)
{
	struct nfp_aside *port = &r->result->port;

	if (!r->port)
		return;
	nfp_accounting_reset(r->port->port.accounting);
	for (size_t i = 0; i < NFP_PORT_WINDOWS; i++) {
		port->windows[i] = not_made;
		port->windows[i].state = port_steps[i];
	}
	port->num_windows = NFP_PORT_WINDOWS;
}

void runner_here_begin(struct runner *r)
{
	struct nfp_aside *here = &r->result->here;

	begin_port_windows(r);
	if (!r->config->here)
		return;
	here->told.style = r->config->style;
	if (!r->here) {
		here->told.verdict = NFP_TRAIT_UNTESTED;
		snprintf(here->told.note, sizeof(here->told.note), "%s", r->config->here->why);
		return;
	}
	nfp_accounting_reset(r->here->wire.accounting);
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		if (!nfp_ladder[step].here)
			continue;
		here->windows[here->num_windows] = not_made;
		here->windows[here->num_windows++].state = step;
	}
}

/* The addresses of the stream are all of the caller's choice. */
#define KIND_OF_OWN   NFP_KIND_MULTICAST
#define KIND_OF_ENTRY NFP_KIND_UNJOINED

static struct nfp_plan plan_here(const struct runner *r, bool with_entry)
{
	return (struct nfp_plan) {
		.unicast = r->address,
		.unregistered_mac = r->here->nobody,
		.group = r->here->own,
		.unjoined = r->here->entry,
		.rate = {[NFP_KIND_UNICAST] = RATE,
			 [NFP_KIND_BROADCAST] = RATE,
			 [NFP_KIND_UNREGISTERED] = RATE,
			 [KIND_OF_OWN] = RATE,
			 [KIND_OF_ENTRY] = with_entry ? RATE : 0},
	};
}

/* Listens where the guest does. A refusal makes a window that shows nothing. */
static int listen(struct runner *r, const struct nfp_wire *wire, bool on)
{
	struct nfp_netdev child = {.netns_fd = -1};
	int ret = 0;

	if (r->up)
		ret = wire->ops->listen_vf(wire->ctx, on ? &r->netdev : NULL, false, r->err);
	if (!ret && wire->ops->listen_standby && r->host.ops->standby &&
	    !r->host.ops->standby(r->host.ctx, &child))
		ret = wire->ops->listen_standby(wire->ctx, on ? &child : NULL, r->err);
	return ret;
}

static uint64_t time_left_here(const struct runner *r)
{
	uint64_t all_ns = SPEND(MAX(runner_network(r->config), NFP_SETTLE_DEFAULT_NS));

	return all_ns - MIN(all_ns, *r->here->spent_ns);
}

static enum nfp_receiver guest_at(const struct nfp_window *w)
{
	return w->state == NFP_STEP_UP ? NFP_AT_VF : NFP_AT_PF;
}

static int watch_sibling(struct runner *r, struct nfp_window *ret_window, bool with_entry)
{
	const struct nfp_here_test *here = r->here;
	const struct nfp_plan plan = plan_here(r, with_entry);
	/* A driver may write an entry as late as any change, and so the filters of a sender that
	 * has just come. Behind the first step they are known. */
	bool late = with_entry || (here->rests && ret_window->state == NFP_STEP_STANDBY);
	uint64_t hold_ns = late ? MAX(r->config->settle_ns, HOLD_NS) : HOLD_NS;
	uint64_t left_ns = time_left_here(r);
	const struct window_spec spec = {
		.wire = &here->wire,
		.plan = &plan,
		.hold_ns = hold_ns,
		.patience_ns = MIN(hold_ns + 2 * HOLD_NS, left_ns),
		.short_of_time = left_ns < hold_ns + 2 * HOLD_NS,
		.doubts = WINDOW_NO_CARRIER | WINDOW_EXPIRED | WINDOW_CHANGING | WINDOW_TOO_FEW |
			  WINDOW_DROPS,
	};
	const enum nfp_receiver guest = guest_at(ret_window);
	const struct window_slot slots[] = {
		{NFP_KIND_UNICAST, NFP_KIND_UNICAST, guest},
		{NFP_KIND_BROADCAST, NFP_KIND_BROADCAST, NFP_AT_PF},
		{NFP_KIND_UNREGISTERED, NFP_KIND_UNREGISTERED, guest},
		{NFP_SLOT_OWN, KIND_OF_OWN, NFP_AT_PF},
		{NFP_SLOT_ENTRY, KIND_OF_ENTRY, NFP_AT_PF},
	};
	struct window w;
	int ret;

	runner_tell_inside(r, NFP_EVENT_HERE, (enum nfp_empty)0, &r->address);
	ret = run_window(r, &spec, &w);
	*here->spent_ns += w.took_ns - MIN(w.took_ns, w.unwatched_ns);
	if (ret)
		return ret;
	window_keep(&w, WINDOW_SLOTS(slots), ret_window);
	if (r->taught && nfp_count_heard(&ret_window->count[NFP_KIND_UNICAST]))
		r->taught_here |= 1U << ret_window->state;
	return 0;
}

/* Where the entry is refused, the guest is asked for without. */
static int watch_guest(struct runner *r, struct nfp_window *w)
{
	bool entry = w->state == NFP_STEP_STANDBY && !nfp_styles[r->config->style].entry;
	int ret = aside_refused(r, w, listen(r, &r->here->wire, true)), released = 0;

	if (ret)
		return ret;
	if (entry)
		ret = r->host.ops->entry(r->host.ctx, &r->here->entry, r->err);
	if (ret && runner_is_own_error(r))
		return ret;
	ret = watch_sibling(r, w, entry && !ret);
	if (entry)
		released = r->host.ops->entry(r->host.ctx, NULL, ret ? NULL : r->err);
	return ret ?: released;
}

/* The windows in which another VF sends. */
static int ask_sibling(struct runner *r, struct nfp_window *w, void *of)
{
	int ret;

	(void)of;
	if (time_left_here(r) < HOLD_NS) {
		window_disturb(w, window_too_little);
		return 0;
	}
	ret = aside_wake(r, r->here->rests, w) ?: watch_guest(r, w);
	(void)listen(r, &r->here->wire, false);
	aside_rest(r, r->here->rests);
	return MIN(ret, 0);
}

static int ask_port(struct runner *r, struct nfp_window *ret_window, void *of)
{
	const struct nfp_plan plan = {
		.unicast = r->address,
		.rate = {[NFP_KIND_UNICAST] = RATE, [NFP_KIND_BROADCAST] = RATE},
	};
	const struct window_spec spec = {
		.wire = &r->port->port,
		.plan = &plan,
		.hold_ns = PORT_HOLD_NS,
		.patience_ns = PORT_HOLD_NS + 2 * HOLD_NS,
		.doubts = WINDOW_NO_CARRIER | WINDOW_EXPIRED | WINDOW_CHANGING | WINDOW_TOO_FEW |
			  WINDOW_DROPS,
	};
	const enum nfp_receiver guest = guest_at(ret_window);
	const struct window_slot slots[] = {
		{NFP_KIND_UNICAST, NFP_KIND_UNICAST, guest},
		{NFP_KIND_BROADCAST, NFP_KIND_BROADCAST, guest},
	};
	struct window w;
	int ret = aside_refused(r, ret_window, listen(r, spec.wire, true));

	(void)of;
	if (ret)
		return MIN(ret, 0);
	runner_tell_inside(r, NFP_EVENT_PORT, (enum nfp_empty)0, &r->address);
	ret = run_window(r, &spec, &w);
	if (!ret)
		window_keep(&w, WINDOW_SLOTS(slots), ret_window);
	(void)listen(r, spec.wire, false);
	return ret;
}

static struct nfp_window *window_of(const struct runner *r, struct nfp_window *windows, size_t num)
{
	nfp_for_each (w, windows, num) {
		if (w->state == r->step->step)
			return w;
	}
	return NULL;
}

static int ask_here(struct runner *r, struct nfp_window *w, aside_watch *watch)
{
	w->note[0] = '\0';
	w->status = NFP_STATUS_DONE;
	return runner_aside(r, w, watch, NULL);
}

int runner_here(struct runner *r)
{
	struct nfp_aside *here = &r->result->here;
	struct nfp_aside *port = &r->result->port;
	struct nfp_window *of_sibling = r->here ? window_of(r, here->windows, here->num_windows)
						: NULL,
			  *of_port = r->port ? window_of(r, port->windows, port->num_windows)
					     : NULL;
	int ret;

	if ((!of_sibling && !of_port) || r->over)
		return 0;
	ret = aside_pause(r);
	if (!ret && of_sibling)
		ret = ask_here(r, of_sibling, ask_sibling);
	if (!ret && of_port)
		ret = ask_here(r, of_port, ask_port);
	return ret < 0 ? ret : aside_resume(r);
}

static void conclude_here(struct runner *r, struct nfp_window *windows, size_t num)
{
	nfp_for_each (w, windows, num) {
		const struct nfp_step_result *step = nfp_style_step(r->result, w->state);

		/* A NIC that learns may know more than it would by the guest. */
		if (w->state >= NFP_STEP_UNPLUG && w->status == NFP_STATUS_DONE &&
		    (r->taught_here & 1U << w->state) && !r->result->learns_nothing)
			window_disturb(w, "the address was announced once more for the guest");
		if (w->status == NFP_STATUS_DONE || !step || step->w.status == NFP_STATUS_DONE)
			continue;
		w->status = step->w.status;
		w->skip_allowed = step->w.skip_allowed;
		snprintf(w->note, sizeof(w->note), "%.*s", (int)sizeof(w->note) - 1, step->w.note);
	}
}

void runner_here_conclude(struct runner *r)
{
	conclude_here(r, r->result->here.windows, r->result->here.num_windows);
	conclude_here(r, r->result->port.windows, r->result->port.num_windows);
}
