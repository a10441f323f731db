// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * unregistered.c - whether the PF gets unregistered unicast. If it did not at first and does later,
 * its driver has made it promiscuous in hardware, which the kernel does not see: i40e does so when
 * the firmware refuses a filter, and does not end it (I40E_VSI_OVERFLOW_PROMISC in
 * i40e_sync_vsi_filters, drivers/net/ethernet/intel/i40e/i40e_main.c).
 */
#include <sys/param.h>

#include "runner.h"
#include "settle.h"
#include "window.h"

/* A yes need not last longer, whatever the settling time: a signal may have ended the run. */
#define HOLD_MOST_NS (3 * NFP_NSEC_PER_SEC)

/*
 * Asked while nobody has the test MAC. Unicast to the test MAC and to the unregistered address must
 * agree: a switch may have learned the test MAC, and withhold the other. Some sources send
 * unregistered unicast so rarely that there was none.
 */
static enum nfp_answer pf_hears(const enum nfp_landing landing[NFP_KIND_COUNT])
{
	enum nfp_landing unicast = landing[NFP_KIND_UNICAST];
	enum nfp_landing unregistered = landing[NFP_KIND_UNREGISTERED];

	if (!nfp_lands_at(landing[NFP_KIND_BROADCAST], NFP_AT_PF))
		return NFP_UNKNOWN;
	if (nfp_lands_at(unicast, NFP_AT_PF) &&
	    (nfp_lands_at(unregistered, NFP_AT_PF) || unregistered == NFP_LANDING_NONE))
		return NFP_YES;
	return (unicast == NFP_LANDING_NOWHERE || unicast == NFP_LANDING_VF) &&
			       !nfp_lands_at(unregistered, NFP_AT_PF)
		       ? NFP_NO
		       : NFP_UNKNOWN;
}

/*
 * On a network that withholds unregistered unicast its absence shows nothing. But where the test
 * MAC arrives unannounced, or the unregistered address was announced as well, it would arrive.
 */
static bool is_quiet(const struct runner *r, const struct nfp_step_result *control)
{
	const enum nfp_landing *landing = r->step->w.landing;

	if (r->result->floods)
		return control && pf_hears(control->w.landing) == NFP_NO;
	return r->result->unregistered_announced && !nfp_styles[r->config->style].promiscuous &&
	       nfp_lands_at(landing[NFP_KIND_UNICAST], NFP_AT_PF) &&
	       nfp_lands_at(landing[NFP_KIND_BROADCAST], NFP_AT_PF) &&
	       (landing[NFP_KIND_UNREGISTERED] == NFP_LANDING_NOWHERE ||
		landing[NFP_KIND_UNREGISTERED] == NFP_LANDING_VF);
}

static void compare_with_first(struct runner *r, struct nfp_step_result *control)
{
	static const char what[] =
		" gets frames to addresses that nobody registered, and did not when the run began";
	enum nfp_answer *first = r->config->unregistered;
	struct nfp_earlier *earlier = r->config->earlier;
	bool of_first = r->step == control;
	bool heard = of_first ? pf_hears(control->w.landing) == NFP_YES
			      : nfp_lands_at(r->step->w.landing[NFP_KIND_UNREGISTERED], NFP_AT_PF);

	if (!first)
		return;
	/* Once the run has done something, it may itself have caused a yes. */
	if (*first == NFP_UNKNOWN && r->quiet)
		*first = NFP_NO;
	else if (*first == NFP_UNKNOWN && of_first && heard && !r->config->follows)
		*first = NFP_YES;
	/* On a network that withholds it, it arrives only after an announcement. */
	if (*first == NFP_NO && heard && !control->promiscuous &&
	    (of_first || (!r->result->floods && !nfp_styles[r->config->style].promiscuous))) {
		control->promiscuous = true;
		runner_note(r, "%s%s", r->config->ifname, what);
	} else if (of_first && earlier && earlier->left_promiscuous) {
		control->promiscuous = true;
		runner_note(r, "an earlier ladder left %s promiscuous in hardware",
			    r->config->ifname);
	}
	if (earlier)
		earlier->left_promiscuous |= control->promiscuous;
}

/* True if the PF gets what went elsewhere in an earlier ladder. */
static bool gets_through(enum nfp_landing now, enum nfp_landing elsewhere, bool *was_kept)
{
	*was_kept |= now == elsewhere;
	return *was_kept && nfp_lands_at(now, NFP_AT_PF);
}

/*
 * If the PF gets unregistered unicast from the beginning, something else must show that it was left
 * promiscuous: it gets what its filter kept from it in an earlier ladder.
 */
static void compare_with_earlier(struct runner *r, struct nfp_step_result *control)
{
	struct nfp_earlier *earlier = r->config->earlier;
	const enum nfp_landing *landing = r->step->w.landing;
	const char *what = NULL;

	if (!earlier || nfp_styles[r->config->style].promiscuous)
		return;
	if (r->step->step == NFP_STEP_UP &&
	    gets_through(landing[NFP_KIND_UNICAST], NFP_LANDING_VF, &earlier->vf_alone))
		what = " gets the VF's frames, too, and did not in an earlier ladder";
	if (r->step == control && nfp_lands_at(landing[NFP_KIND_BROADCAST], NFP_AT_PF) &&
	    gets_through(landing[NFP_KIND_MULTICAST], NFP_LANDING_NOWHERE, &earlier->kept_groups))
		what = " gets groups that nobody joined, and did not in an earlier ladder";
	if (!what)
		return;
	control->promiscuous = earlier->left_promiscuous = true;
	runner_note(r, "%s%s", r->config->ifname, what);
}

/* This shows nothing of a PF that is promiscuous on purpose, and a second VF is no PF. */
void runner_compare_unregistered(struct runner *r)
{
	struct nfp_step_result *control = &r->result->steps[NFP_STEP_CONTROL];

	if (nfp_styles[r->config->style].second_vf)
		return;
	if (r->step->step == NFP_STEP_STANDBY)
		r->quiet = is_quiet(r, control);
	if (r->step->step <= NFP_STEP_STANDBY)
		compare_with_first(r, control);
	compare_with_earlier(r, control);
	if (r->step != control && !nfp_styles[r->config->style].promiscuous && r->quiet &&
	    !r->promiscuous && nfp_lands_at(r->step->w.landing[NFP_KIND_UNREGISTERED], NFP_AT_PF)) {
		r->promiscuous = r->step->promiscuous = true;
		runner_note(r,
			    "from here on %s gets frames to addresses that nobody registered, too",
			    r->config->ifname);
	}
}

/* ---- after the last ladder ---- */

struct later_stop {
	const struct nfp_runner_config *config;
	bool before; /* the run was stopped before the question was asked */
};

/* The question is asked even in a run that was stopped, and ends when it is stopped now. The signal
 * is read in either case, or it would wake the wire for ever. */
static bool stops_now(void *ctx)
{
	const struct later_stop *stop = ctx;

	return stop->config->stop && stop->config->stop(stop->config->stop_ctx) && !stop->before;
}

/* A yes must last: a driver may leave that mode a moment after it drops the address. */
static bool unregistered_is_enough(const struct runner *r, const struct window *w)
{
	enum nfp_landing landing[NFP_KIND_COUNT];
	struct nfp_count count[NFP_KIND_COUNT];

	if (r->step->changed || !r->carrier || w->state >= NFP_SETTLE_HELD)
		return true;
	window_count(r, w, count);
	runner_landings(count, landing);
	return w->state == NFP_SETTLE_CLEAR && pf_hears(landing) == NFP_NO;
}

enum nfp_answer nfp_hears_unregistered(const struct nfp_runner_config *config)
{
	struct nfp_runner_config asking = *config;
	struct later_stop stop = {config, config->stop && config->stop(config->stop_ctx)};
	struct nfp_style_result no_result = {.style = config->style};
	struct nfp_err err = {0};
	struct runner r;
	struct nfp_plan plan = {.unicast = config->unregistered_mac,
				.unregistered_mac = config->unregistered_mac};
	struct nfp_external_changes before;
	const struct window_spec spec = {
		.stable_ns = MAX(config->network_ns, config->settle_ns),
		.early = true,
		.enough = unregistered_is_enough,
	};
	enum nfp_answer answer;
	struct window w;
	int ret;

	asking.stop = stops_now;
	asking.stop_ctx = &stop;
	asking.deadline_ns = 0;
	plan.rate[NFP_KIND_UNICAST] = runner_control_rate(config);
	plan.rate[NFP_KIND_BROADCAST] = nfp_rate_of(config->source, NFP_KIND_BROADCAST,
						    config->on_ovs);
	plan.rate[NFP_KIND_UNREGISTERED] = config->source->rate[NFP_KIND_UNREGISTERED];
	nfp_accounting_reset(config->wire.accounting);
	(void)runner_begin(&r, &asking, &no_result, &err, &before);
	r.plan = plan;
	r.wire.ops->plan(r.wire.ctx, &plan);
	window_open(&r, &spec, &w);
	w.settle.settle_ns = MIN(w.settle.settle_ns, HOLD_MOST_NS);
	w.settle.expire_ns = w.settle.begin_ns + 2 * (w.settle.settle_ns + NFP_NSEC_PER_SEC);
	ret = runner_wait(&r, &w);
	runner_silence(&r);
	ret = ret ?: runner_catch_up(&r);
	window_close(&r, &w);
	answer = ret || !w.shows ? NFP_UNKNOWN : pf_hears(w.landing);
	return answer == NFP_YES && before.changed ? NFP_UNKNOWN : answer;
}
