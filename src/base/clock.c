// SPDX-License-Identifier: GPL-2.0-or-later
/* clock.c - monotonic and real time, read as a pair, and a poll until a time. */
#include "base/base.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

/* If reading the clocks took longer, the thread was interrupted: try again. */
#define APART_NS 20000
#define TRIES	 5

static uint64_t read_clock(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * NFP_NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

uint64_t nfp_clock_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t nfp_clock_real(void)
{
	return read_clock(CLOCK_REALTIME);
}

/* Reads the real clock between two readings of the monotonic one. The closest of a few tries
 * counts. */
struct nfp_clock_pair nfp_clock_read(void)
{
	struct nfp_clock_pair best = {0};
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < TRIES && least > APART_NS; i++) {
		uint64_t before = read_clock(CLOCK_MONOTONIC);
		uint64_t real = read_clock(CLOCK_REALTIME);
		uint64_t apart = read_clock(CLOCK_MONOTONIC) - before;

		if (apart < least) {
			least = apart;
			best.mono_ns = before + apart / 2;
			best.real_ns = real;
		}
	}
	return best;
}

void nfp_clock_update(struct nfp_clock *clock, const struct nfp_clock_pair *pair)
{
	int64_t offset = (int64_t)(pair->real_ns - pair->mono_ns);
	int64_t change = (int64_t)((uint64_t)offset - (uint64_t)clock->offset_ns);

	if (clock->known && (change > NFP_CLOCK_STEP_NS || change < -NFP_CLOCK_STEP_NS))
		clock->steps++;
	clock->offset_ns = offset;
	clock->known = true;
}

uint64_t nfp_clock_seen(const struct nfp_clock *clock, uint64_t real_ns, uint64_t sent_ns,
			uint64_t now_ns)
{
	uint64_t seen = real_ns - (uint64_t)clock->offset_ns;

	if (now_ns < sent_ns)
		return now_ns;
	/* The two clocks are not read at once, so a frame may seem to arrive before it was sent. */
	if (seen < sent_ns && sent_ns - seen <= NFP_CLOCK_STEP_NS)
		return sent_ns;
	return seen < sent_ns || seen > now_ns ? now_ns : seen;
}

int nfp_clock_poll(struct pollfd *fds, unsigned int num, uint64_t until_ns)
{
	uint64_t now = nfp_clock_now();
	uint64_t left = until_ns > now ? until_ns - now : 0;
	struct timespec timeout = {
		.tv_sec = (time_t)(left / NFP_NSEC_PER_SEC),
		.tv_nsec = (long)(left % NFP_NSEC_PER_SEC),
	};
	int ret = ppoll(fds, num, until_ns == UINT64_MAX ? NULL : &timeout, NULL);

	return ret < 0 ? -errno : ret;
}
