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
	uint64_t asked_ns = r->host.ops->asked ? r->host.ops->asked(r->host.ctx) : begin_ns;

	if (!asked_ns || action == NFP_DO_NEW_ADDRESS || action == NFP_DO_ANNOUNCE)
		return;
	if (action == counts)
		r->asked_ns = asked_ns;
}

static const unsigned int reach_of[NFP_LANDING_COUNT] = {
	[NFP_LANDING_PF] = BIT(NFP_AT_PF),
	[NFP_LANDING_VF] = BIT(NFP_AT_VF),
	[NFP_LANDING_BOTH] = BIT(NFP_AT_PF) | BIT(NFP_AT_VF),
};

/* net_failover hears the standby while there is no VF driver, and the VF alone once there is. */
static int hears(const struct nfp_step_result *step)
{
	enum nfp_listens listens = nfp_ladder[step->step].listens;
	int at = listens == NFP_LISTENS_PF ? NFP_AT_PF : NFP_AT_VF;

	return listens != NFP_LISTENS_NOWHERE && reach_of[step->landing[NFP_KIND_UNICAST]] & BIT(at)
		       ? at
		       : -1;
}

/* Frames that the guest should have heard in a settled state and did not. */
static void add_loss(const struct nfp_step_result *step, struct nfp_transition_query *ask, int at)
{
	const struct nfp_count *count = &step->count[NFP_KIND_UNICAST];

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
	unsigned int rate = r->plan.rate[NFP_KIND_UNICAST];
	struct nfp_transition_query ask = {
		.from_ns = r->window_end_ns,
		.to_ns = to_ns,
		.asked_ns = r->asked_ns,
		.vf_since_ns = r->listening_ns,
		.interval_ns = rate ? NFP_NSEC_PER_SEC / rate : 0,
	};

	if (!before)
		return;
	t = &result->transitions[result->num_transitions++];
	*t = (struct nfp_transition) {.from = before->step, .to = after->step};
	/* A new address is that of another guest. */
	ask.before = t->to == NFP_STEP_VF_FIRST ? -1 : hears(before);
	ask.after = hears(after);
	add_loss(before, &ask, ask.before);
	add_loss(after, &ask, ask.after);
	nfp_transition_measure(r->config->accounting, &ask, &t->unicast);
	if (r->asked_ns)
		t->asked_ns = r->asked_ns - MIN(r->asked_ns, r->config->start_ns);
}
