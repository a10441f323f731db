// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * learning.c - whether the NIC learns from what a guest sends, as qlcnic's does
 * (qlcnic_send_filter). The question arises after the last step of a ladder in which frames arrived
 * only after a second announcement: these count if the NIC does not learn.
 */
#include <sys/param.h>

#include "announce.h"
#include "runner.h"
#include "settle.h"
#include "window.h"

/* A landing on a busy machine needs as long, however short the settling time is. */
static uint64_t patience_ns(const struct runner *r)
{
	return 3 * MAX(r->network_ns, NFP_SETTLE_DEFAULT_NS);
}

/* After a loss of carrier, the window begins with the first frame that arrives again. */
static int announce_behind(struct runner *r, struct window *w)
{
	bool away = r->back_ns;
	int ret = announce_due(r, w);

	if (away && !r->back_ns)
		runner_restart(r, w);
	return ret;
}

static bool landing_is_enough(const struct runner *r, const struct window *w)
{
	return w->state >= NFP_SETTLE_HELD && !r->back_ns;
}

static void again_behind(struct runner *r, struct window *w)
{
	const uint64_t *latest_ns = w->spec->data;
	uint64_t now_ns = w->settle.from_ns;

	/* A switch may have forgotten a VF that sends, and passes nothing for a while. */
	if (r->up)
		runner_announce_begin(r, NFP_STEP_UP, now_ns);
	r->back_ns = now_ns;
	w->settle.expire_ns = MIN(now_ns + patience_ns(r), *latest_ns + w->given_ns);
}

/* Looks whether unicast lands at the VF at least (at the PF alone) for the settling time. */
static int lands(struct runner *r, enum nfp_receiver at, bool *ret_does)
{
	/* The window ends then, whatever the carrier does, but for the time in which this process
	 * did not run. */
	uint64_t latest_ns = runner_now(r) + 2 * patience_ns(r);
	const struct window_spec spec = {
		.stable_ns = r->network_ns,
		.announce = announce_behind,
		.enough = landing_is_enough,
		.again = again_behind,
		.data = &latest_ns,
	};
	enum nfp_landing landing;
	struct window w;
	int ret = run_window(r, &spec, &w);

	landing = w.landing[NFP_KIND_UNICAST];
	*ret_does = !ret && w.shows && nfp_lands_at(w.landing[NFP_KIND_BROADCAST], NFP_AT_PF) &&
		    (at == NFP_AT_VF ? nfp_lands_at(landing, NFP_AT_VF)
				     : landing == NFP_LANDING_PF);
	return ret;
}

/* A state in which unicast is sent to a new address, and where that must land. */
struct look {
	enum nfp_action actions[NFP_ACTIONS_MAX];
	bool guest_speaks;   /* the guest sends, as it does when its VF is up */
	bool standby_speaks; /* the PF sends, and its frames must leave the NIC */
	/* Nobody sends, so that only the network itself brings what arrives. A loss of carrier
	 * makes that unknown: the address may have been announced, or forgotten. */
	bool quiet;
	enum nfp_receiver at;
};

static bool is_heard(struct runner *r)
{
	struct nfp_announced_count count[NFP_RECEIVER_COUNT];

	r->wire.ops->announced(r->wire.ctx, &r->address, count);
	return count[NFP_AT_PF].at_pf + count[NFP_AT_PF].at_source_only > 0;
}

/* Returns 0, 1 when the host refuses an action, or what ends the run. */
static int take_look(struct runner *r, const struct look *look, bool *ret_does)
{
	static const struct script plain = {.refused = NULL};
	int ret = 0;

	if (look->quiet) {
		r->announcements = 0;
		r->step->link_flapped = false;
	}
	ret = runner_play(r, look->actions, &plain);
	if (ret)
		return ret;
	runner_send(r, r->config->rate);
	if (look->guest_speaks)
		runner_announce_begin(r, NFP_STEP_UP, runner_now(r));
	if (look->standby_speaks)
		ret = r->wire.ops->announce(r->wire.ctx, NFP_AT_PF, &r->address, r->err);
	ret = ret ?: lands(r, look->at, ret_does);
	*ret_does &= !look->standby_speaks || is_heard(r);
	*ret_does &= !look->quiet || !r->step->link_flapped;
	return ret;
}

/* True if the verdict depends on it. With --mac a port may know no other address. */
static bool is_open(struct runner *r)
{
	const struct nfp_runner_config *config = r->config;
	struct nfp_judgement if_not, if_it_does;
	bool taught = false;

	/* With --skip announce nobody sends, and the NIC cannot be shown to learn nothing. */
	nfp_for_each (step, r->result->steps, r->result->num_steps)
		taught |= step->after_reannounce;
	if (!taught || r->over || !r->carrier || r->stuck || config->source->why_not_heard ||
	    !r->wire.ops->announced || !runner_may_speak(r, NFP_AT_PF) ||
	    nfp_mac_equal(&config->address, &config->address_first))
		return false;
	r->result->learns_nothing = true;
	nfp_judgement_of(r->result, &config->source->shows, &if_not);
	r->result->learns_nothing = false;
	nfp_judgement_of(r->result, &config->source->shows, &if_it_does);
	return if_not.verdict != if_it_does.verdict;
}

/*
 * Leads a guest's life with an address that PF and VF never had: the PF's announcement must take
 * nothing from a VF that is up, and the VF's must keep nothing there for good. A switch may forget
 * an address at a change in which the driver takes the carrier.
 */
int runner_check_learning(struct runner *r)
{
	const struct nfp_step_result *unplug = nfp_style_step(r->result, NFP_STEP_UNPLUG);
	const struct look looks[] = {
		{.actions = {NFP_DO_REMOVE_STANDBY, NFP_DO_UNBIND, NFP_DO_ASSIGN, NFP_DO_RESET,
			     NFP_DO_ADD_STANDBY, NFP_DO_BIND, NFP_DO_UP},
		 .guest_speaks = true,
		 .at = NFP_AT_VF},
		{.standby_speaks = true, .at = NFP_AT_VF},
		{.guest_speaks = true, .at = NFP_AT_VF},
		{.actions = {unplug && unplug->link_flapped ? NFP_DO_DOWN : NFP_DO_UNBIND},
		 .quiet = true,
		 .at = NFP_AT_PF},
	};
	bool does = true;
	int ret = 0;

	if (!is_open(r))
		return 0;
	r->announcements = r->unregistered = r->reports = 0;
	r->back_ns = 0;
	r->link_flapped = false;
	r->address = r->config->spare[NFP_SPARE_NEW];
	nfp_for_each (look, looks, NFP_NUM(looks)) {
		if (!ret && does)
			ret = take_look(r, look, &does);
	}
	r->result->learns_nothing = !ret && does;
	return ret;
}
