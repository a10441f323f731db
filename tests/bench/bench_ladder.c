// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How fast is a ladder over the NIC in memory, in virtual time? Tests run thousands.
 *
 *   bench_ladder [LADDERS [RATE [SETTLE]]]    10,000 ladders, 1,000 frames a second, the usual
 *                                             settling time, or so many seconds
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "memnic/memnic.h"

struct totals {
	uint64_t frames, virtual_ns, settle_ns;
	unsigned long verdicts[NFP_VERDICT_COUNT];
};

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int run_ladder(unsigned long n, unsigned int rate, unsigned int settle_s,
		      struct nfp_frame_accounting *accounting, struct totals *t)
{
	const struct core_personality *p = &memnic_archetypes[n % memnic_num_archetypes];
	const struct memnic_conditions conditions = {.seed = n};
	enum nfp_style style = n / memnic_num_archetypes % 2 ? NFP_STYLE_BRIDGE : NFP_STYLE_MACVTAP;
	struct memnic *nic = memnic_new(p, &conditions);
	struct nfp_runner_config config;
	struct nfp_style_result result;
	int ret;

	if (!nic)
		return -ENOMEM;
	memnic_config(nic, accounting, style, &config);
	config.rate = rate;
	if (settle_s)
		config.settle_ns = settle_s * NFP_NSEC_PER_SEC;
	ret = nfp_ladder_run(&config, &result, NULL);
	t->verdicts[result.verdict]++;
	t->frames += memnic_frames(nic);
	t->virtual_ns += config.wire.ops->now(config.wire.ctx) - MEMNIC_BEGIN_NS;
	for (size_t i = 0; i < result.num_steps; i++)
		t->settle_ns += result.steps[i].window_ns;
	memnic_free(nic);
	return ret;
}

static void report(const struct totals *t, unsigned long ladders, unsigned int rate, double took)
{
	double per_ladder = 1e-9 / (double)ladders;
	struct rusage usage;
	double cpu;

	getrusage(RUSAGE_SELF, &usage);
	cpu = (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6 +
	      (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6;
	printf("ladders in memory: %lu at %u frames/s in %.2f s, processor time %.2f s (%.0f us "
	       "each, %.1f ns a frame), %ld kB\n",
	       ladders, rate, took, cpu, cpu * 1e6 / (double)ladders, cpu * 1e9 / (double)t->frames,
	       usage.ru_maxrss);
	printf("virtual time of one: %.2f s, in windows that count %.2f s\n",
	       (double)t->virtual_ns * per_ladder, (double)t->settle_ns * per_ladder);
	for (enum nfp_verdict v = 0; v < NFP_VERDICT_COUNT; v++) {
		if (t->verdicts[v])
			printf("%s%s %lu", v ? ", " : "", nfp_verdict_name(v), t->verdicts[v]);
	}
	printf("\n");
}

int main(int argc, char **argv)
{
	unsigned long ladders = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000;
	unsigned int rate = argc > 2 ? (unsigned int)strtoul(argv[2], NULL, 10) : 1000;
	unsigned int settle_s = argc > 3 ? (unsigned int)strtoul(argv[3], NULL, 10) : 0;
	struct nfp_frame_accounting *accounting = nfp_accounting_new();
	struct totals totals = {0};
	double begin = seconds();
	int ret = accounting && ladders && rate ? 0 : -EINVAL;

	for (unsigned long n = 0; !ret && n < ladders; n++)
		ret = run_ladder(n, rate, settle_s, accounting, &totals);
	nfp_accounting_free(accounting);
	if (ret) {
		fprintf(stderr, "bench_ladder: %s\n", strerror(-ret));
		return 1;
	}
	report(&totals, ladders, rate, seconds() - begin);
	return 0;
}
