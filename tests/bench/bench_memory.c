// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What memory a stream takes: ladders over the NIC in memory, in virtual time: one, and one after
 * the other for more than an hour, each row in a process of its own. What a real run adds
 * (libraries, the rings of its captures, 2 MB each) is in bench-vm.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memnic/memnic.h"

static void die(const char *what)
{
	fprintf(stderr, "bench_memory: %s\n", what);
	exit(1);
}

struct shape {
	unsigned int ladders, settle_s, rate;
};

struct cost {
	uint64_t frames, virtual_ns;
	long rss_kb;
	double cpu_s;
};

/* What the process had before is not the stream's. */
static long peak_kb(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

static double cpu_s(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6 +
	       (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6;
}

static void run_ladder(const struct shape *shape, struct nfp_frame_accounting *accounting,
		       struct cost *cost)
{
	const struct memnic_conditions conditions = {.seed = 1};
	struct memnic *nic = memnic_new(memnic_archetype("igb"), &conditions);
	struct nfp_style_result result;
	struct nfp_runner_config config;

	if (!nic)
		die("no memory");
	memnic_config(nic, accounting, NFP_STYLE_MACVTAP, &config);
	config.rate = shape->rate;
	config.settle_ns = shape->settle_s * NFP_NSEC_PER_SEC;
	if (nfp_ladder_run(&config, &result, NULL))
		die("the ladder broke");
	cost->frames += memnic_frames(nic);
	cost->virtual_ns += config.wire.ops->now(config.wire.ctx) - MEMNIC_BEGIN_NS;
	memnic_free(nic);
}

static void climb_all(const struct shape *shape, int out)
{
	struct nfp_frame_accounting *accounting = nfp_accounting_new();
	struct cost cost = {0};

	if (!accounting)
		die("no memory");
	for (unsigned int i = 0; i < shape->ladders; i++)
		run_ladder(shape, accounting, &cost);
	nfp_accounting_free(accounting);
	cost.rss_kb = peak_kb();
	cost.cpu_s = cpu_s();
	if (write(out, &cost, sizeof(cost)) != (ssize_t)sizeof(cost))
		die("cannot tell the cost");
}

static void measure(const struct shape *shape)
{
	struct cost cost;
	int ends[2], status;
	pid_t pid;

	fflush(stdout);
	if (pipe(ends))
		die("no pipe");
	pid = fork();
	if (pid < 0)
		die("cannot fork");
	if (pid == 0) {
		climb_all(shape, ends[1]);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status ||
	    read(ends[0], &cost, sizeof(cost)) != (ssize_t)sizeof(cost))
		die("a ladder failed");
	close(ends[0]);
	close(ends[1]);
	printf("  %3u ladders, settle %2u s, %6u frames/s: %6.0f s, %9llu frames, peak memory "
	       "%5.1f "
	       "MB, processor time %.0f ns a frame\n",
	       shape->ladders, shape->settle_s, shape->rate, (double)cost.virtual_ns / 1e9,
	       (unsigned long long)cost.frames, (double)cost.rss_kb / 1024,
	       cost.cpu_s * 1e9 / (double)cost.frames);
	fflush(stdout);
}

int main(void)
{
	/* A step keeps the records of its frames until it is over, and 60 s is the longest settle.
	 */
	static const struct shape shapes[] = {
		{1, 2, 1000}, {200, 2, 1000}, {1, 60, 1000}, {1, 2, 10000}, {200, 2, 10000},
	};

	printf("ladders in virtual time\n");
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		measure(&shapes[i]);
	return 0;
}
