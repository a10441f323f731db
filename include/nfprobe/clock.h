/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clock.h - the one clock of a run is CLOCK_MONOTONIC, but the kernel stamps captured frames with
 * CLOCK_REALTIME (packet(7)). Both are slewed alike, so their difference only changes when
 * somebody sets the time. Pure, but for nfp_clock_now and nfp_clock_read.
 */
#ifndef NFPROBE_CLOCK_H
#define NFPROBE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Nanoseconds of both clocks at one moment. */
struct nfp_clock_pair {
	uint64_t mono_ns, real_ns;
};

struct nfp_clock {
	int64_t offset_ns; /* real - mono */
	bool known;
	uint64_t steps; /* times the real one was set since */
};

/* A difference that changes by more than this was set; less is the reading of two clocks. */
#define NFP_CLOCK_STEP_NS 1000000

uint64_t nfp_clock_now(void); /* CLOCK_MONOTONIC */
struct nfp_clock_pair nfp_clock_read(void);

/* Takes a new pair; a step is counted. All zero is a new clock. */
void nfp_clock_update(struct nfp_clock *clock, const struct nfp_clock_pair *pair);

/*
 * When on the monotonic clock a frame was seen that the kernel stamped with @real_ns, that was sent
 * at @sent_ns and read at @now_ns. The time lies between these two whatever the stamp says: a
 * stamp from the other side of a step gives @now_ns, which is late by the reading at most.
 */
uint64_t nfp_clock_seen(const struct nfp_clock *clock, uint64_t real_ns, uint64_t sent_ns,
			uint64_t now_ns);

/* ppoll until @until_ns on the clock of nfp_clock_now (UINT64_MAX: without end); -errno. */
struct pollfd;
int nfp_clock_poll(struct pollfd *fds, unsigned int num, uint64_t until_ns);

#endif
