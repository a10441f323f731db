// SPDX-License-Identifier: GPL-2.0-or-later
#include "traffic_priv.h"

/* Divisions, once a frame. */
static void find_due(struct nfp_schedule *schedule, enum nfp_kind kind)
{
	unsigned int rate = schedule->kind[kind].rate;
	uint64_t num = schedule->kind[kind].num;

	/* In two parts: neither overflows, and no error adds up. */
	schedule->kind[kind].due_ns = rate ? schedule->kind[kind].base_ns +
						      num / rate * NFP_NSEC_PER_SEC +
						      num % rate * NFP_NSEC_PER_SEC / rate
					   : NFP_SCHEDULE_NEVER;
}

static uint64_t shortest_interval(const unsigned int rate[NFP_KIND_COUNT])
{
	unsigned int highest = 1;

	for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
		highest = rate[kind] > highest ? rate[kind] : highest;
	return NFP_NSEC_PER_SEC / highest;
}

void nfp_schedule_start(struct nfp_schedule *schedule, const unsigned int rate[NFP_KIND_COUNT],
			uint64_t now_ns)
{
	uint64_t apart = shortest_interval(rate) / NFP_KIND_COUNT;

	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		schedule->kind[kind].rate = rate[kind];
		nfp_schedule_defer(schedule, (enum nfp_kind)kind, now_ns + (uint64_t)kind * apart);
	}
}

uint64_t nfp_schedule_next(const struct nfp_schedule *schedule, enum nfp_kind *ret_kind)
{
	uint64_t first = NFP_SCHEDULE_NEVER;

	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		if (schedule->kind[kind].due_ns < first) {
			first = schedule->kind[kind].due_ns;
			*ret_kind = (enum nfp_kind)kind;
		}
	}
	return first;
}

void nfp_schedule_take(struct nfp_schedule *schedule, enum nfp_kind kind)
{
	schedule->kind[kind].num++;
	find_due(schedule, kind);
}

void nfp_schedule_defer(struct nfp_schedule *schedule, enum nfp_kind kind, uint64_t ns)
{
	schedule->kind[kind].base_ns = ns;
	schedule->kind[kind].num = 0;
	find_due(schedule, kind);
}

void nfp_schedule_skip(struct nfp_schedule *schedule, uint64_t ns)
{
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		if (schedule->kind[kind].due_ns < ns)
			nfp_schedule_defer(schedule, (enum nfp_kind)kind, ns);
	}
}
