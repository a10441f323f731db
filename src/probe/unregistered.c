// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Does the PF get frames to addresses that nobody registered? Where it did not at first, and does
 * later, its driver made it promiscuous in hardware, which the kernel does not see: i40e does so
 * when the firmware refuses a filter, and keeps it so (I40E_VSI_OVERFLOW_PROMISC in
 * i40e_sync_vsi_filters, drivers/net/ethernet/intel/i40e/i40e_main.c).
 */
#include <stdio.h>
#include <string.h>

#include "runner_priv.h"

#define TICK_NS (100 * NFP_NSEC_PER_MSEC)
/* Nobody waits longer for a yes to hold, whatever the settling time is: a signal may have ended the
 * run. */
#define HOLD_MOST_NS (3 * NFP_NSEC_PER_SEC)

static bool not_at_pf(enum nfp_landing landing)
{
	return landing == NFP_LANDING_NOWHERE || landing == NFP_LANDING_VF;
}

/*
 * While nobody has X. Both kinds must agree: X may have been learned by a switch that withholds
 * what it does not know. Strangers are so rare from some sources that none was sent.
 */
static enum nfp_answer hears(const enum nfp_landing landing[NFP_KIND_COUNT])
{
	enum nfp_landing stranger = landing[NFP_KIND_STRANGER];

	if (!at_pf(landing[NFP_KIND_BROADCAST]))
		return NFP_UNKNOWN;
	if (at_pf(landing[NFP_KIND_UNICAST]) && (at_pf(stranger) || stranger == NFP_LANDING_NONE))
		return NFP_YES;
	return not_at_pf(landing[NFP_KIND_UNICAST]) && !at_pf(stranger) ? NFP_NO : NFP_UNKNOWN;
}

/* Where it is counted again the run's own note has it already. */
static void note(struct runner *r, const char *before, const char *after)
{
	const char *ifname = r->config->ifname ? r->config->ifname : "the PF";
	char words[NFP_NOTE];

	snprintf(words, sizeof(words), "%s%s%s", before, ifname, after);
	if (!strstr(r->step->note, words))
		runner_note(r, "%s", words);
}

/* A PF that is promiscuous on purpose says nothing by that. */
void runner_compare_unregistered(struct runner *r)
{
	const struct nfp_step_result *control = nfp_style_step(r->result, NFP_STEP_CONTROL);
	enum nfp_answer *first = r->config->unregistered, now = hears(r->step->landing);

	if (r->step->step == NFP_STEP_CONTROL) {
		if (!first)
			return;
		if (*first == NFP_UNKNOWN)
			*first = now;
		r->step->promiscuous = *first == NFP_NO && now == NFP_YES;
		if (r->step->promiscuous)
			note(r, "",
			     " gets frames to addresses that nobody registered, and did not when "
			     "the run began");
	} else if (r->config->style == NFP_STYLE_FILTER && !r->promiscuous && control &&
		   hears(control->landing) == NFP_NO &&
		   at_pf(r->step->landing[NFP_KIND_STRANGER])) {
		r->promiscuous = r->step->promiscuous = true;
		note(r, "from here on ", " gets frames to addresses that nobody registered, too");
	}
}

/* ---- after the last ladder ---- */

/* What woke it up must be read, or it wakes up for ever. True: somebody changed the host. */
static bool was_changed(const struct nfp_runner_config *config)
{
	struct nfp_host_news news = {.carrier = true};

	if (config->stop)
		(void)config->stop(config->stop_ctx);
	return config->host.ops->news(config->host.ctx, &news, NULL) || news.changed ||
	       !news.carrier;
}

static enum nfp_answer watch(const struct nfp_runner_config *config, struct nfp_settle *settle)
{
	const struct nfp_wire *wire = &config->wire;
	const struct nfp_ledger *ledger = config->ledger;
	uint64_t end_ns = settle->begin_ns + 2 * (settle->settle_ns + NFP_NSEC_PER_SEC);

	for (;;) {
		uint64_t now_ns = wire->ops->now(wire->ctx);
		enum nfp_landing landing[NFP_KIND_COUNT];
		struct nfp_count count[NFP_KIND_COUNT];
		enum nfp_answer answer = NFP_UNKNOWN;
		enum nfp_settle_state state;
		int ret;

		if (now_ns >= end_ns)
			return NFP_UNKNOWN;
		ret = wire->ops->pump(wire->ctx,
				      now_ns + TICK_NS < end_ns ? now_ns + TICK_NS : end_ns,
				      config->ledger, NULL);
		if (ret < 0 || (ret > 0 && was_changed(config)))
			return NFP_UNKNOWN;
		now_ns = wire->ops->now(wire->ctx);
		state = nfp_settle_update(settle, ledger, now_ns,
					  nfp_settle_final(ledger, now_ns, false));
		nfp_ledger_sum(ledger, settle->from_ns, settle->end_ns, count);
		for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
			landing[kind] = nfp_landing_of(&count[kind]);
		if (state == NFP_SETTLE_CLEAR || state == NFP_SETTLE_HELD)
			answer = hears(landing);
		/* A driver may leave that mode a moment later than it drops the address. */
		if (state >= NFP_SETTLE_HELD || answer == NFP_NO)
			return answer == NFP_YES && was_changed(config) ? NFP_UNKNOWN : answer;
	}
}

enum nfp_answer nfp_hears_unregistered(const struct nfp_runner_config *config)
{
	const struct nfp_wire *wire = &config->wire;
	struct nfp_plan plan = {.unicast = config->stranger, .stranger = config->stranger};
	struct nfp_settle settle;
	enum nfp_answer answer;
	uint64_t now_ns;

	memcpy(plan.rate, config->source->rate, sizeof(plan.rate));
	plan.rate[NFP_KIND_UNICAST] = runner_control_rate(config);
	nfp_ledger_reset(config->ledger);
	now_ns = wire->ops->now(wire->ctx);
	runner_settle_begin(config, &settle, now_ns, plan.rate);
	if (settle.settle_ns > HOLD_MOST_NS)
		settle.settle_ns = HOLD_MOST_NS;
	/* The clock of the wire does not go back, so the ledger takes the mark. */
	(void)nfp_ledger_mark(config->ledger, now_ns);
	wire->ops->plan(wire->ctx, &plan);
	answer = watch(config, &settle);
	memset(plan.rate, 0, sizeof(plan.rate));
	wire->ops->plan(wire->ctx, &plan);
	return answer;
}
