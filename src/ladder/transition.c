// SPDX-License-Identifier: GPL-2.0-or-later
/* The transition between two windows: when the change was requested, and what frames it cost. */
#include <sys/param.h>

#include "runner_priv.h"

/* The receivers that frames of a landing reach, as bits. */
#define BIT(receiver) (1U << (unsigned int)(receiver))

void runner_note_change(struct runner *r, enum nfp_action action, uint64_t begin_ns)
{
	const struct nfp_ladder_row *row = runner_row(r);
	enum nfp_action counts = row->change != NFP_DO_NOTHING ? row->change : row->actions[0];
	struct nfp_host_times times = {0};

	if (r->host.ops->times)
		r->host.ops->times(r->host.ctx, &times);
	else
		times = (struct nfp_host_times) {begin_ns, runner_now(r)};
	if (!times.asked_ns || action == NFP_DO_NEW_ADDRESS || action == NFP_DO_ANNOUNCE)
		return;
	if (action == counts)
		r->asked_ns = times.asked_ns;
	if (r->asked_ns)
		r->answered_ns = times.answered_ns;
}

static const unsigned int reach_of[NFP_LANDING_COUNT] = {
	[NFP_LANDING_PF] = BIT(NFP_AT_PF),
	[NFP_LANDING_VF] = BIT(NFP_AT_VF),
	[NFP_LANDING_BOTH] = BIT(NFP_AT_PF) | BIT(NFP_AT_VF),
};

/* If frames reach both, the guest uses the VF. */
static int receiver_of(unsigned int reach)
{
	if (reach & BIT(NFP_AT_VF))
		return NFP_AT_VF;
	return reach ? NFP_AT_PF : -1;
}

/* net_failover hears the standby while there is no VF driver, and the VF alone once there is. */
static int hears(const struct nfp_step_result *step, enum nfp_kind kind)
{
	enum nfp_listens listens = nfp_ladder[step->step].listens;
	int at = listens == NFP_LISTENS_PF ? NFP_AT_PF : NFP_AT_VF;

	return listens != NFP_LISTENS_NOWHERE && reach_of[step->landing[kind]] & BIT(at) ? at : -1;
}

/* Frames that the guest should have heard in a settled state and did not. */
static void add_loss(const struct nfp_step_result *step, struct nfp_transition_query *ask, int at)
{
	const struct nfp_count *count = &step->count[ask->kind];

	if (at < 0)
		return;
	ask->sent += count->sent;
	ask->lost += count->sent - count->at[at];
}

void runner_count_transition(struct runner *r, uint64_t to_ns)
{
	const struct nfp_step_result *before = r->before, *after = r->step;
	struct nfp_style_result *result = r->result;
	struct nfp_transition *t;

	if (!before)
		return;
	t = &result->transitions[result->num_transitions++];
	*t = (struct nfp_transition) {.from = before->step, .to = after->step};
	for (enum nfp_kind kind = 0; kind < NFP_KIND_COUNT; kind++) {
		enum nfp_landing was = before->landing[kind];
		unsigned int had = reach_of[was], has = reach_of[after->landing[kind]];
		/* Frames of an unclear landing may have reached the new receiver already. */
		bool clear = was != NFP_LANDING_MIXED && was != NFP_LANDING_NONE;
		unsigned int rate = r->plan.rate[kind];
		struct nfp_transition_query ask = {
			.kind = kind,
			.from_ns = r->window_end_ns,
			.to_ns = to_ns,
			.asked_ns = r->asked_ns,
			.answered_ns = r->answered_ns,
			.vf_since_ns = r->listening_ns,
			.interval_ns = rate ? NFP_NSEC_PER_SEC / rate : 0,
			/* A new address is that of another guest. */
			.before = t->to == NFP_STEP_VF_FIRST ? -1 : hears(before, kind),
			.after = hears(after, kind),
			.newly = clear ? receiver_of(has & ~had) : -1,
		};

		add_loss(before, &ask, ask.before);
		add_loss(after, &ask, ask.after);
		nfp_transition_measure(r->config->accounting, &ask, &t->count[kind]);
	}
	if (!r->asked_ns)
		return;
	t->ack = (struct nfp_span) {
		.known = true,
		.us = (int64_t)((r->answered_ns - r->asked_ns) / NFP_NSEC_PER_USEC),
		.error_us = 1,
	};
	t->asked_ns = r->asked_ns - MIN(r->asked_ns, r->config->start_ns);
	t->answered_ns = r->answered_ns - MIN(r->answered_ns, r->config->start_ns);
}
