/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * schedule.h - when which kind of frame is due: each kind evenly spaced at its own rate, all of
 * them merged by time. Pure.
 */
#ifndef NFPROBE_TRAFFIC_SCHEDULE_H
#define NFPROBE_TRAFFIC_SCHEDULE_H

#include "nfprobe/base.h"

struct nfp_schedule {
	struct {
		unsigned int rate; /* frames a second; 0: none */
		uint64_t base_ns;  /* when number 0 is due */
		uint64_t num;	   /* frames taken since the base */
		uint64_t due_ns;   /* when number num is due: what the above make, kept */
	} kind[NFP_KIND_COUNT];
};

#define NFP_SCHEDULE_NEVER UINT64_MAX

/*
 * From @now_ns on, the first frame of each kind at once, but spread over the shortest interval so
 * that no two kinds fall together.
 */
void nfp_schedule_start(struct nfp_schedule *schedule, const unsigned int rate[NFP_KIND_COUNT],
			uint64_t now_ns);

/* When the next frame is due, and of which kind; NFP_SCHEDULE_NEVER when all rates are 0. */
uint64_t nfp_schedule_next(const struct nfp_schedule *schedule, enum nfp_kind *ret_kind);

/* The next frame of @kind has been dealt with. */
void nfp_schedule_take(struct nfp_schedule *schedule, enum nfp_kind kind);

/* The next frame of @kind is due at @ns, and the others evenly spaced from there. */
void nfp_schedule_defer(struct nfp_schedule *schedule, enum nfp_kind kind, uint64_t ns);

/* What was due before @ns is left out; kinds that are in time stay as they are. */
void nfp_schedule_skip(struct nfp_schedule *schedule, uint64_t ns);

#endif
