// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What nfprobe-matrix costs:   bench_matrix PROGRAM FOLDER RESULTS
 *
 * Writes so many results, each of a ladder on the NIC in memory in both styles, of 50 hosts, 4
 * models, 10 firmware versions and 3 kernels, to a FOLDER that it makes and removes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memnic/memnic.h"
#include "nfprobe/report.h"
#include "unit/sample_result.h"

static void die(const char *what)
{
	fprintf(stderr, "bench_matrix: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void run_ladder(struct nfp_result *result)
{
	const struct memnic_conditions conditions = {.seed = 1};

	sample_head(result, 1);
	sample_igb_vf(&result->vfs[0], 3);
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		struct nfp_style_result *s = &result->vfs[0].styles[style];
		struct nfp_ladder_source from = s->from;

		if (memnic_climb(memnic_archetype("igb"), &conditions, style, s))
			die("a ladder");
		s->from = from;
	}
	nfp_judge_vf(&result->vfs[0]);
}

/* The size of what it wrote. */
static long write_result(const char *folder, unsigned int number, struct nfp_result *result)
{
	char *path = nfp_asprintf("%s/%06u.json", folder, number);
	FILE *out = fopen(path, "we");
	long size;

	if (!out)
		die(path);
	memcpy(result->id, &number, sizeof(number));
	snprintf(result->hostname, sizeof(result->hostname), "hv%u", number % 50);
	snprintf(result->kernel, sizeof(result->kernel), "6.%u.0", number / 2000 % 3);
	result->pf.device = (uint16_t)(0x1000 + number % 4);
	snprintf(result->pf.firmware, sizeof(result->pf.firmware), "2.%u.0", number / 200 % 10);
	if (nfp_report_json(result, out))
		die(path);
	size = ftell(out);
	fclose(out);
	free(path);
	return size;
}

static void remove_results(const char *folder, unsigned int num)
{
	for (unsigned int i = 0; i < num; i++) {
		char *path = nfp_asprintf("%s/%06u.json", folder, i);

		(void)unlink(path);
		free(path);
	}
	(void)rmdir(folder);
}

static void measure(const char *matrix, const char *folder, const char *format)
{
	uint64_t begin_ns = nfp_clock_now();
	struct rusage usage = {0};
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (!freopen("/dev/null", "w", stdout))
			_exit(1);
		execl(matrix, matrix, folder, format, NULL);
		_exit(1);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid || !WIFEXITED(status))
		die(matrix);
	printf("  %-18s %5.2f s, processor %5.2f s, peak memory %4ld MB, exit status %d\n", format,
	       (double)(nfp_clock_now() - begin_ns) / 1e9,
	       (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
	       usage.ru_maxrss / 1024, WEXITSTATUS(status));
}

int main(int argc, char **argv)
{
	unsigned int num = 0;
	struct nfp_result result;
	long long bytes = 0;

	if (argc != 4 || nfp_value_uint(argv[3], 1, 1000000, &num) < 0) {
		fputs("usage: bench_matrix PROGRAM FOLDER RESULTS\n", stderr);
		return 1;
	}
	if (mkdir(argv[2], 0700) < 0)
		die(argv[2]);
	run_ladder(&result);
	for (unsigned int i = 0; i < num; i++)
		bytes += write_result(argv[2], i, &result);
	printf("%u results of %lld bytes\n", num, bytes / num);
	measure(argv[1], argv[2], "--color");
	measure(argv[1], argv[2], "--json");
	measure(argv[1], argv[2], "--html=/dev/null");
	remove_results(argv[2], num);
	nfp_result_fini(&result);
	return 0;
}
