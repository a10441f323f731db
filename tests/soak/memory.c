// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * NICs in memory, drawn by lot, in both styles: what the runner says of them against the truth.
 *
 *   memory COUNT [SEED]    so many, from that number on; prints the sum, and each that is wrong
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memnic/truth.h"

#define WORKERS_MAX 64

struct sum {
	uint64_t right, wrong, verdicts[NFP_VERDICT_COUNT];
};

static void climb(uint64_t seed, enum nfp_style style, struct sum *sum)
{
	struct nfp_style_result result;
	char why[TRUTH_WHY_LEN];

	if (truth_climb(seed, style, &result, why)) {
		sum->right++;
	} else {
		sum->wrong++;
		fprintf(stderr, "%s\n", why);
	}
	sum->verdicts[result.verdict]++;
}

/* Every so-manieth number; the sum goes to the parent. */
static int work(uint64_t first, uint64_t end, unsigned int step, int out)
{
	struct sum sum = {0};

	for (uint64_t seed = first; seed < end; seed += step) {
		climb(seed, NFP_STYLE_FILTER, &sum);
		climb(seed, NFP_STYLE_PROMISC, &sum);
	}
	return write(out, &sum, sizeof(sum)) == sizeof(sum) ? 0 : 1;
}

static void add(struct sum *sum, const struct sum *more)
{
	sum->right += more->right;
	sum->wrong += more->wrong;
	for (int verdict = 0; verdict < NFP_VERDICT_COUNT; verdict++)
		sum->verdicts[verdict] += more->verdicts[verdict];
}

/* One process a processor. Returns false if any failed. */
static bool share(uint64_t seed, uint64_t count, struct sum *sum)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned int workers = processors < 1		  ? 1
			       : processors > WORKERS_MAX ? WORKERS_MAX
							  : (unsigned int)processors;
	int ends[2], status;
	bool good = true;

	if (pipe(ends) < 0)
		return false;
	for (unsigned int i = 0; i < workers; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return false;
		if (pid == 0)
			_exit(work(seed + i, seed + count, workers, ends[1]));
	}
	close(ends[1]);
	for (unsigned int i = 0; i < workers; i++) {
		struct sum part;

		if (read(ends[0], &part, sizeof(part)) == sizeof(part))
			add(sum, &part);
		else
			good = false;
	}
	close(ends[0]);
	while (wait(&status) > 0)
		good = good && status == 0;
	return good;
}

static bool number(const char *text, uint64_t *ret_value)
{
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	*ret_value = strtoull(text, &end, 10);
	return *end == '\0';
}

int main(int argc, char **argv)
{
	uint64_t count, seed = 0;
	struct sum sum = {0};

	if (argc < 2 || argc > 3 || !number(argv[1], &count) || !count ||
	    (argc == 3 && !number(argv[2], &seed))) {
		fprintf(stderr, "usage: memory COUNT [SEED]\n");
		return 2;
	}
	if (!share(seed, count, &sum)) {
		fprintf(stderr, "memory: a process of it failed\n");
		return 1;
	}
	printf("%" PRIu64 " NICs from seed %" PRIu64 " in two styles: %" PRIu64 " right, %" PRIu64
	       " wrong;",
	       count, seed, sum.right, sum.wrong);
	for (int verdict = 0; verdict < NFP_VERDICT_COUNT; verdict++) {
		if (sum.verdicts[verdict])
			printf(" %" PRIu64 " %s", sum.verdicts[verdict],
			       nfp_verdict_name((enum nfp_verdict)verdict));
	}
	printf("\n");
	return sum.wrong || sum.right != 2 * count;
}
