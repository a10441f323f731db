// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/schedule.h"

static uint64_t due_of(const struct nfp_schedule *schedule, int kind)
{
	unsigned int rate = schedule->kind[kind].rate;
	uint64_t num = schedule->kind[kind].num;

	if (!rate)
		return NFP_SCHEDULE_NEVER;
	/* In two parts: neither overflows, and no error adds up. */
	return schedule->kind[kind].base_ns + num / rate * NFP_NSEC_PER_SEC +
	       num % rate * NFP_NSEC_PER_SEC / rate;
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
		schedule->kind[kind].base_ns = now_ns + (uint64_t)kind * apart;
		schedule->kind[kind].num = 0;
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

void nfp_schedule_take(struct nfp_schedule *schedule, enum nfp_kind kind)
{
	schedule->kind[kind].num++;
}

void nfp_schedule_defer(struct nfp_schedule *schedule, enum nfp_kind kind, uint64_t ns)
{
	schedule->kind[kind].base_ns = ns;
	schedule->kind[kind].num = 0;
}

void nfp_schedule_skip(struct nfp_schedule *schedule, uint64_t ns)
{
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		if (due_of(schedule, kind) >= ns)
			continue;
		nfp_schedule_defer(schedule, (enum nfp_kind)kind, ns);
	}
}
