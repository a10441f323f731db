// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The control of the second address: in `vf-first` nobody had it before the VF. If it arrives
 * nowhere then, the network may be the cause. Once the VF has lost it, the PF must get it.
 */

#include "runner_priv.h"

#define TICK_NS (100 * NFP_NSEC_PER_MSEC)

static bool is_open(const struct runner *r)
{
	bool lost = false;

	if (r->over || r->result->floods || !runner_may_announce(r) || !r->carrier)
		return false;
	for (size_t i = 0; i < r->result->num_steps; i++) {
		const struct nfp_step_result *step = &r->result->steps[i];

		if (step->step < NFP_STEP_VF_FIRST || step->status != NFP_STATUS_DONE)
			continue;
		if (step->landing[NFP_KIND_UNICAST] != NFP_LANDING_NOWHERE)
			return false;
		lost = true;
	}
	return lost;
}

/* With --mac it is the address that the PF got in `standby`. */
static bool was_shown(const struct runner *r)
{
	bool blinked = false;

	for (size_t i = 0; i < r->result->num_steps; i++)
		blinked |= r->result->steps[i].blinked;
	return !blinked && nfp_mac_equal(&r->config->address, &r->config->address_first);
}

/* Waits for it at the PF, for twice the settling time. */
static int wait_for_address(struct runner *r)
{
	const struct nfp_runner_config *config = r->config;
	uint64_t begin_ns = runner_now(r), now_ns = begin_ns;
	struct nfp_count count[NFP_KIND_COUNT];

	(void)nfp_accounting_mark(config->accounting, begin_ns);
	while (now_ns < begin_ns + 2 * config->settle_ns && !r->over) {
		int ret = runner_announce(r)
				  ?: runner_pump(r, &r->wire, now_ns + TICK_NS, config->accounting);

		if (ret)
			return ret;
		now_ns = runner_now(r);
		nfp_accounting_sum(config->accounting, begin_ns, now_ns, count);
		r->result->second_back = count[NFP_KIND_UNICAST].at[NFP_AT_PF] >= NFP_SETTLE_FEW;
		if (r->result->second_back)
			break;
	}
	return 0;
}

int runner_check_second(struct runner *r)
{
	const struct nfp_host_ops *host = r->host.ops;
	int ret;

	if (!is_open(r))
		return 0;
	r->result->second_back = was_shown(r);
	if (r->result->second_back)
		return 0;
	r->announcements = r->unregistered = r->reports = 0;
	/* A refusal leaves it open. */
	if (host->clear(r->host.ctx, r->err))
		return 0;
	r->assigned = false;
	ret = wait_for_address(r);
	if (ret || r->result->second_back || r->over)
		return ret;
	/* Clearing the VF may have taken it from the PF as well. */
	if (runner_standby_anew(r))
		return 0;
	runner_announce_begin(r, NFP_STEP_VF_FIRST, runner_now(r));
	return wait_for_address(r);
}
