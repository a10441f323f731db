// SPDX-License-Identifier: GPL-2.0-or-later
/* schedule.c - which frame is due, and to which address it goes; pure. */
#include "traffic_priv.h"

static uint64_t due_of(const struct nfp_schedule *schedule, int kind)
{
	unsigned int rate = schedule->kind[kind].rate;
	uint64_t num = schedule->kind[kind].num;

	if (!rate)
		return NFP_SCHEDULE_NEVER;
	/* In two parts, so that nothing overflows and no error adds up. */
	return schedule->kind[kind].base_ns + num / rate * NFP_NSEC_PER_SEC +
	       num % rate * NFP_NSEC_PER_SEC / rate;
}

void nfp_schedule_start(struct nfp_schedule *schedule, const unsigned int rate[NFP_KIND_COUNT],
			uint64_t now_ns)
{
	unsigned int highest = 1;

	for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
		highest = rate[kind] > highest ? rate[kind] : highest;
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		if (rate[kind] && rate[kind] == schedule->kind[kind].rate)
			continue;
		schedule->kind[kind].rate = rate[kind];
		nfp_schedule_defer(schedule, (enum nfp_kind)kind,
				   now_ns + (uint64_t)kind *
						    (NFP_NSEC_PER_SEC / highest / NFP_KIND_COUNT));
	}
}

uint64_t nfp_schedule_next(const struct nfp_schedule *schedule, enum nfp_kind *ret_kind)
{
	uint64_t first = NFP_SCHEDULE_NEVER;

	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		uint64_t due = due_of(schedule, kind);

		if (due < first) {
			first = due;
			*ret_kind = (enum nfp_kind)kind;
		}
	}
	return first;
}

void nfp_schedule_defer(struct nfp_schedule *schedule, enum nfp_kind kind, uint64_t ns)
{
	schedule->kind[kind].base_ns = ns;
	schedule->kind[kind].num = 0;
}

void nfp_schedule_skip(struct nfp_schedule *schedule, uint64_t ns)
{
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		if (due_of(schedule, kind) < ns)
			nfp_schedule_defer(schedule, (enum nfp_kind)kind, ns);
	}
}

const struct nfp_mac *nfp_plan_to(const struct nfp_plan *plan, enum nfp_kind kind)
{
	const struct nfp_mac *const macs[NFP_TO_COUNT] = {
		[NFP_TO_EVERYBODY] = &nfp_mac_broadcast,
		[NFP_TO_X] = &plan->unicast,
		[NFP_TO_GROUP] = &plan->group,
		[NFP_TO_UNREGISTERED] = &plan->unregistered_mac,
		[NFP_TO_ALL_NODES] = &nfp_mac_all_nodes,
		[NFP_TO_UNJOINED] = &plan->unjoined,
		[NFP_TO_PF] = &plan->own,
	};

	return macs[nfp_kinds[kind].to];
}
