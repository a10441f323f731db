// SPDX-License-Identifier: GPL-2.0-or-later
/* What a frame costs: codec and frame accounting. The injector is in bench_rate, the capture in
 * bench_capture. */
#include <stdio.h>
#include <stdlib.h>

#include "nfprobe/base.h"
#include "nfprobe/traffic.h"

#define FRAMES UINT64_C(20000000)
#define ROUNDS 5U

static void report(const char *what, double value, const char *unit)
{
	printf("%-44s %12.1f %s\n", what, value, unit);
	fflush(stdout);
}

static void die(const char *what)
{
	fprintf(stderr, "bench_wire: %s\n", what);
	exit(1);
}

/* As in a run: a thousand frames a second, seen once, forgotten when a step is over. */
static double accounting_ns(void)
{
	struct nfp_frame_accounting *accounting = nfp_accounting_new();
	uint64_t ns = NFP_NSEC_PER_SEC, start = nfp_clock_now();

	if (!accounting)
		die("no memory");
	for (uint64_t seq = 1; seq <= FRAMES / ROUNDS; seq++, ns += NFP_NSEC_PER_MSEC) {
		nfp_accounting_sent(accounting, seq, NFP_KIND_UNICAST, ns);
		nfp_accounting_seen(accounting, seq, NFP_KIND_UNICAST, NFP_AT_PF, ns + 1000);
		if (seq % 2000 == 0) {
			nfp_accounting_forget(accounting, ns - NFP_NSEC_PER_SEC);
			nfp_accounting_mark(accounting, ns);
		}
	}
	start = nfp_clock_now() - start;
	nfp_accounting_free(accounting);
	return (double)start / (double)(FRAMES / ROUNDS);
}

static int compare(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static void bench_accounting(void)
{
	double ns[ROUNDS];

	for (unsigned int i = 0; i < ROUNDS; i++)
		ns[i] = accounting_ns();
	qsort(ns, ROUNDS, sizeof(*ns), compare);
	report("accounting, a frame sent and seen", ns[ROUNDS / 2], "ns");
	report("  least of five rounds", ns[0], "ns");
	report("  most", ns[ROUNDS - 1], "ns");
}

static void bench_codec(void)
{
	const struct nfp_frame_id id = {.run = {1}, .key = {2}};
	struct nfp_frame frame = {.kind = NFP_KIND_UNICAST};
	uint8_t buf[NFP_FRAME_LEN_MAX];
	uint64_t num = FRAMES / 10, built = 0, parsed = 0;

	for (uint64_t seq = 1; seq <= num; seq += 64) {
		uint64_t start = nfp_clock_now(), middle;
		size_t len = 0;

		for (unsigned int i = 0; i < 64; i++) {
			frame.seq = seq + i;
			len = nfp_frame_build(&id, &frame, buf);
		}
		middle = nfp_clock_now();
		for (unsigned int i = 0; i < 64; i++) {
			if (nfp_frame_parse(&id, buf, len, &frame) != NFP_FRAME_OURS)
				die("a frame that was built is not believed");
		}
		built += middle - start;
		parsed += nfp_clock_now() - middle;
	}
	report("codec, a frame built", (double)built / (double)num, "ns");
	report("codec, a frame parsed", (double)parsed / (double)num, "ns");
}

int main(void)
{
	bench_accounting();
	bench_codec();
	return 0;
}
