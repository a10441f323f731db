// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * after.c - two questions behind the last step, where its landings leave a doubt: does the network
 * deliver the address of vf-first, and does the NIC learn from what a guest sends?
 */
#include "runner_priv.h"

#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

/* When a window is watched no longer, whatever the carrier does. */
struct hold {
	uint64_t patience_ns, latest_ns;
};

/* After a loss of carrier, the window begins with the first frame that arrives again. */
static int say_behind(struct runner *r, struct window *w)
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
	const struct hold *hold = w->spec->of;
	uint64_t now_ns = w->settle.from_ns;

	/* A switch may have forgotten a VF that speaks, and passes nothing for a while. */
	if (r->up && r->config->announce)
		runner_announce_begin(r, NFP_STEP_UP, now_ns);
	r->back_ns = now_ns;
	w->settle.expire_ns = MIN(now_ns + hold->patience_ns, hold->latest_ns);
}

/* Watches until unicast has landed in one way for @times the settling time; NFP_LANDING_NONE: it
 * did not. */
static int watch_landing(struct runner *r, unsigned int times, enum nfp_landing *ret_landing)
{
	uint64_t network_ns = runner_network_ns(r->config), stable_ns = times * network_ns;
	/* On a busy machine a landing needs as long to hold, however short the settling time is. */
	uint64_t patience_ns = 3 * MAX(stable_ns, NFP_SETTLE_DEFAULT_NS);
	struct hold hold = {patience_ns, runner_now(r) + 2 * patience_ns};
	const struct window_spec spec = {
		.stable_ns = network_ns,
		.times = times,
		.patience_ns = patience_ns,
		.announce = say_behind,
		.enough = landing_is_enough,
		.again = again_behind,
		.of = &hold,
	};
	struct window w;
	int ret = run_window(r, &spec, &w);

	*ret_landing = NFP_LANDING_NONE;
	if (!ret && w.shows && at_pf(w.landing[NFP_KIND_BROADCAST]))
		*ret_landing = w.landing[NFP_KIND_UNICAST];
	return ret;
}

/*
 * Does it land at the PF alone, at the VF at least, or nowhere (NFP_RECEIVER_COUNT), for @times the
 * settling time?
 */
static int lands(struct runner *r, enum nfp_receiver at, unsigned int times, bool *ret_does)
{
	enum nfp_landing landing;
	int ret = watch_landing(r, times, &landing);

	if (at == NFP_AT_VF)
		*ret_does = nfp_lands_at(landing, NFP_AT_VF);
	else
		*ret_does = landing == (at == NFP_AT_PF ? NFP_LANDING_PF : NFP_LANDING_NOWHERE);
	return ret;
}
#define NOWHERE NFP_RECEIVER_COUNT

static void note_cleared(struct runner *r, enum nfp_action action, uint64_t begin_ns)
{
	(void)begin_ns;
	r->assigned &= action != NFP_DO_CLEAR;
}

static const struct script behind = {.made = note_cleared};

/* The host as it was before the ladder. */
static int leave(struct runner *r)
{
	static const enum nfp_action undo[NFP_ACTIONS_MAX] = {NFP_DO_REMOVE_STANDBY, NFP_DO_UNBIND,
							      NFP_DO_CLEAR};

	return runner_play(r, undo, &behind);
}

static void begin_behind(struct runner *r)
{
	r->announcements = r->unregistered = r->reports = 0;
	r->back_ns = 0;
	r->link_flapped = false;
}

/* ---- a row ---- */

/* The answer that follows from where unicast lands. */
enum shows {
	SHOWS_NOTHING,
	SHOWS_IF_SO, /* it lands there: yes, and that is the end */
	SHOWS_ELSE,  /* it does not: no, and that is the end */
	SHOWS_IT,    /* yes or no */
};

/* A change of the host, and the window that shows where unicast lands then. */
struct look {
	enum nfp_action actions[NFP_ACTIONS_MAX];
	bool fresh;  /* from here on the test MAC is another address, which the PF and the VF never
			had */
	bool speaks; /* the guest, as it would when its VF is up */
	/* Nobody speaks, so that only the network itself brings what arrives. A loss of carrier
	 * makes that unknown: the address may have been announced, or forgotten. */
	bool quiet;
	bool transmits; /* so does the standby, and its frames must leave the NIC */
	enum nfp_receiver at;
	unsigned int times; /* settling times for which it holds */
	enum shows shows;
};

/* @ret_does: did the window show all that it must? */
static int watch_look(struct runner *r, const struct look *look, bool *ret_does)
{
	struct nfp_transmit_count count = {0};
	int ret;

	if (look->speaks)
		runner_announce_begin(r, NFP_STEP_UP, runner_now(r));
	if (look->transmits)
		r->wire.ops->transmit(r->wire.ctx, NFP_AT_PF, &r->address, NULL);
	ret = lands(r, look->at, look->times, ret_does);
	if (look->transmits) {
		r->wire.ops->transmitted(r->wire.ctx, &count);
		*ret_does &= count.heard_tests > 0;
	}
	*ret_does &= !look->quiet || !r->step->link_flapped;
	return ret;
}

/* Row after row: 0, 1 when the host refuses one, or what ends the run. @ret_does: what they show.
 */
static int play_looks(struct runner *r, const struct look *looks, size_t num, bool *ret_does)
{
	*ret_does = false;
	nfp_for_each (look, looks, num) {
		bool does = false;
		int ret;

		if (look->transmits &&
		    (r->config->source->why_not_heard || !runner_may_speak(r, NFP_AT_PF)))
			return 0;
		if (look->fresh)
			r->address = r->config->spare[NFP_SPARE_NEW];
		if (look->quiet) {
			r->announcements = 0;
			r->step->link_flapped = false;
		}
		ret = runner_play(r, look->actions, &behind);
		if (!ret && look->fresh)
			runner_send(r, r->config->rate);
		ret = ret ?: watch_look(r, look, &does);
		if (ret)
			return ret;
		if (look->shows == SHOWS_IT || (look->shows == SHOWS_IF_SO && does))
			*ret_does = does;
		if ((look->shows == SHOWS_IF_SO && (does || r->over)) ||
		    (look->shows == SHOWS_ELSE && !does))
			return 0;
	}
	return 0;
}

/* ---- the second address ---- */

/*
 * Nobody had it before `vf-first`: the network may be the cause of a silence. Once the VF has lost
 * it, the PF must get it. But in `vf-first` it may not have been known yet, and may be by now; so
 * that state is made anew, nothing is announced, and it must be silent again.
 */
static bool second_is_open(const struct runner *r, bool *ret_first)
{
	const struct nfp_style_result *result = r->result;
	bool open = false;

	*ret_first = false;
	if (r->over || !r->carrier || !r->config->source->shows.outside)
		return false;
	nfp_for_each (step, result->steps, result->num_steps) {
		if (step->step < NFP_STEP_VF_FIRST || step->w.status != NFP_STATUS_DONE ||
		    step->w.landing[NFP_KIND_UNICAST] != NFP_LANDING_NOWHERE)
			continue;
		*ret_first |= step->step == NFP_STEP_VF_FIRST;
		open |= nfp_cause_of(result, step, NFP_KIND_UNICAST) == NFP_CAUSE_UNKNOWN;
	}
	return open;
}

/*
 * A NIC that keeps it from the PF for good still gives it to the guest that uses the VF. The
 * standby has let it go, since a NIC may refuse the VF what the PF has. When the guest has left,
 * the driver may take the carrier as it clears the VF, and what follows needs it.
 */
#define REACHES_GUEST                                                                    \
	{.actions = {NFP_DO_REMOVE_STANDBY, NFP_DO_ASSIGN, NFP_DO_BIND, NFP_DO_UP},      \
	 .quiet = true,                                                                  \
	 .at = NFP_AT_VF,                                                                \
	 .times = 1,                                                                     \
	 .shows = SHOWS_IT},                                                             \
	{                                                                                \
		.actions = {NFP_DO_UNBIND, NFP_DO_CLEAR, NFP_DO_ADD_STANDBY}, .times = 1 \
	}

/*
 * Clearing the VF may have taken it from the PF as well. A driver that is late to remove an address
 * must be done with that before the PF gets it again. It is not announced: a switch that had not
 * learned it in `vf-first`, or has forgotten it since, would learn it from that.
 */
static const struct look comes_back[] = {
	{.actions = {NFP_DO_CLEAR}, .at = NFP_AT_PF, .times = 1, .shows = SHOWS_IF_SO},
	{.actions = {NFP_DO_REMOVE_STANDBY}, .at = NOWHERE, .times = 1},
	{.actions = {NFP_DO_ADD_STANDBY}, .at = NFP_AT_PF, .times = 1, .shows = SHOWS_IF_SO},
	REACHES_GUEST,
};

/* `vf-first` anew; a switch may have forgotten the address with the carrier. */
static const struct look is_away[] = {
	{.actions = {NFP_DO_REMOVE_STANDBY, NFP_DO_ASSIGN, NFP_DO_RESET, NFP_DO_ADD_STANDBY,
		     NFP_DO_SETTLE, NFP_DO_RESET},
	 .quiet = true,
	 .at = NOWHERE,
	 .times = 2,
	 .shows = SHOWS_IT},
};

int runner_check_second(struct runner *r)
{
	bool first, does, away = true;
	int ret;

	if (!second_is_open(r, &first))
		return 0;
	begin_behind(r);
	ret = play_looks(r, comes_back, NFP_NUM(comes_back), &does);
	if (!ret && does && first)
		ret = play_looks(r, is_away, NFP_NUM(is_away), &away)
			      ?: play_looks(r, comes_back, NFP_NUM(comes_back), &does);
	r->result->second_back = !ret && away && does;
	return ret;
}

/* ---- the whole ladder anew ---- */

/* Would the answer be another if each silence that may be an outage were the NIC's? */
static bool is_outage_open(struct runner *r, enum nfp_step *ret_last)
{
	struct nfp_style_result *result = r->result;
	struct nfp_judgement with, without;
	uint32_t unicast = 0, group = 0;

	nfp_for_each (step, result->steps, result->num_steps) {
		bool mute = step->w.status == NFP_STATUS_DONE && step->step > NFP_STEP_STANDBY;

		if (mute && step->w.landing[NFP_KIND_UNICAST] == NFP_LANDING_NOWHERE &&
		    nfp_cause_of(result, step, NFP_KIND_UNICAST) == NFP_CAUSE_OUTAGE)
			unicast |= 1U << step->step;
		if (mute && step->w.landing[NFP_KIND_MULTICAST] == NFP_LANDING_NOWHERE &&
		    nfp_cause_of(result, step, NFP_KIND_MULTICAST) == NFP_CAUSE_OUTAGE)
			group |= 1U << step->step;
		if ((unicast | group) & 1U << step->step)
			*ret_last = step->step;
	}
	if (!(unicast | group))
		return false;
	nfp_judgement_of(result, &r->config->source->shows, &without);
	nfp_for_each (step, result->steps, result->num_steps) {
		step->repeated = unicast & 1U << step->step;
		step->repeated_group = group & 1U << step->step;
	}
	nfp_judgement_of(result, &r->config->source->shows, &with);
	nfp_for_each (step, result->steps, result->num_steps)
		step->repeated = step->repeated_group = false;
	return with.verdict != without.verdict || with.multicast != without.multicast ||
	       with.claim != without.claim || with.release != without.release;
}

static bool is_lost_in(const struct nfp_style_result *style, enum nfp_step which,
		       enum nfp_kind kind)
{
	const struct nfp_step_result *step = nfp_style_step(style, which);

	return step && step->w.status == NFP_STATUS_DONE &&
	       step->w.landing[kind] == NFP_LANDING_NOWHERE &&
	       nfp_cause_of(style, step, kind) != NFP_CAUSE_UNKNOWN;
}

/* The ladder takes two spare addresses, and groups like them. */
static void take_spare(struct nfp_runner_config *config)
{
	const struct nfp_mac *spare = &config->spare[NFP_SPARE_AGAIN];

	/* A port may know no other than that of --mac. */
	if (!nfp_mac_equal(&config->address, &config->address_first)) {
		config->address = spare[0];
		config->address_first = spare[1];
	}
	/* A NIC that has lost the group of the first ladder may have lost it for good. */
	if (config->multicast) {
		memcpy(&config->group.b[3], &spare[0].b[3], 3);
		memcpy(&config->unjoined.b[3], &spare[1].b[3], 3);
	}
}

/* The host is as it was before the ladder, and the next one has addresses of its own. */
static int run_steps_again(struct runner *r, enum nfp_step last,
			   struct nfp_style_result *ret_result)
{
	struct nfp_runner_config config = *r->config;
	struct runner again;
	int ret = leave(r);

	if (ret)
		return ret;
	config.settle_ns = runner_network_ns(r->config);
	config.follows = true;
	config.guest_vlan.vid = 0;
	config.unregistered = NULL;
	config.earlier = NULL;
	config.events = (struct nfp_events) {0};
	take_spare(&config);
	again = (struct runner) {
		.config = &config,
		.host = r->host,
		.wire = r->wire,
		.result = ret_result,
		.err = r->err,
		.address = config.address,
		.is = r->is,
		.begin_ns = runner_now(r), /* `control` waits for what was undone just now */
	};
	*ret_result = (struct nfp_style_result) {.style = config.style,
						 .unannounced = !config.announce,
						 .pf_silent = config.pf_silent};
	ret = run_steps(&again, last);
	runner_stop_traffic(&again);
	r->is = again.is;
	r->over |= again.over;
	return ret;
}

int runner_check_again(struct runner *r)
{
	struct nfp_style_result *again;
	enum nfp_step last = 0;
	int ret;

	if (r->over || !r->carrier || r->stuck || !r->config->source->shows.outside ||
	    !is_outage_open(r, &last))
		return 0;
	again = nfp_calloc(1, sizeof(*again));
	begin_behind(r);
	ret = run_steps_again(r, last, again);
	nfp_for_each (step, r->result->steps, ret ? 0 : r->result->num_steps) {
		step->repeated = is_lost_in(again, step->step, NFP_KIND_UNICAST) &&
				 is_lost_in(r->result, step->step, NFP_KIND_UNICAST);
		step->repeated_group = is_lost_in(again, step->step, NFP_KIND_MULTICAST) &&
				       is_lost_in(r->result, step->step, NFP_KIND_MULTICAST);
	}
	free(again);
	return ret;
}

/* ---- does the network still flood? ---- */

/* Only where the verdict depends on it. */
bool runner_flood_is_open(struct runner *r)
{
	struct nfp_judgement with, without;

	if (!r->result->floods || !r->config->source->shows.outside)
		return false;
	r->result->flood_ended = true;
	nfp_judgement_of(r->result, &r->config->source->shows, &with);
	r->result->flood_ended = false;
	nfp_judgement_of(r->result, &r->config->source->shows, &without);
	return with.verdict != without.verdict || with.claim != without.claim ||
	       with.release != without.release;
}

/* Does the network flood? Only where it does not is there an address that a NIC may learn. Nobody
 * has announced this one. */
int runner_check_flood(struct runner *r)
{
	static const struct look floods[] = {
		{.actions = {NFP_DO_ADD_STANDBY},
		 .fresh = true,
		 .at = NFP_AT_PF,
		 .times = 1,
		 .shows = SHOWS_IF_SO},
		REACHES_GUEST,
	};
	bool does;
	int ret;

	if (r->over || !r->carrier || r->stuck)
		return 0;
	begin_behind(r);
	/* A VF that keeps the old address, since it cannot be cleared, is no obstacle. */
	ret = MIN(leave(r), 0) ?: play_looks(r, floods, NFP_NUM(floods), &does);
	r->result->flood_ended = ret || !does;
	return ret;
}

/* ---- does the NIC learn? ---- */

/* Only where the verdict depends on it. A port may know no other address than that of --mac. */
static bool is_learning_open(struct runner *r)
{
	const struct nfp_runner_config *config = r->config;
	struct nfp_judgement with, without;
	bool taught = false;

	/* With --skip announce nobody speaks, and nothing can be said to learn nothing. */
	nfp_for_each (step, r->result->steps, r->result->num_steps)
		taught |= step->after_reannounce;
	if (!taught || r->over || !r->carrier || r->stuck ||
	    nfp_mac_equal(&config->address, &config->address_first))
		return false;
	r->result->learns_nothing = true;
	nfp_judgement_of(r->result, &config->source->shows, &with);
	r->result->learns_nothing = false;
	nfp_judgement_of(r->result, &config->source->shows, &without);
	return with.verdict != without.verdict;
}

/*
 * The life of a guest with another address: what the PF says must take nothing from a VF that is
 * up, and what the VF has said must keep nothing there for good. No switch need remember an address
 * behind a change at which the driver takes the carrier: where `unplug` does, the guest sets the VF
 * down, and keeps its driver.
 */
int runner_check_learning(struct runner *r)
{
	const struct nfp_step_result *unplug = nfp_style_step(r->result, NFP_STEP_UNPLUG);
	const struct look learns_nothing[] = {
		{.actions = {NFP_DO_REMOVE_STANDBY, NFP_DO_UNBIND, NFP_DO_ASSIGN, NFP_DO_RESET,
			     NFP_DO_ADD_STANDBY, NFP_DO_BIND, NFP_DO_UP},
		 .fresh = true,
		 .speaks = true,
		 .at = NFP_AT_VF,
		 .times = 1,
		 .shows = SHOWS_ELSE},
		{.transmits = true, .at = NFP_AT_VF, .times = 1, .shows = SHOWS_ELSE},
		{.speaks = true, .at = NFP_AT_VF, .times = 1, .shows = SHOWS_ELSE},
		{.actions = {unplug && unplug->link_flapped ? NFP_DO_DOWN : NFP_DO_UNBIND},
		 .quiet = true,
		 .at = NFP_AT_PF,
		 .times = 1,
		 .shows = SHOWS_IT},
	};
	bool does;
	int ret;

	if (!is_learning_open(r))
		return 0;
	begin_behind(r);
	ret = play_looks(r, learns_nothing, NFP_NUM(learns_nothing), &does);
	r->result->learns_nothing = !ret && does;
	return ret;
}
