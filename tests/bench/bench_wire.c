// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the wire costs: codec and frame accounting by the frame, injector and capture over a veth
 * pair by the second. One line each. Needs root, for a network namespace of its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "netns/net.h"
#include "nfprobe/base.h"

#define FRAMES UINT64_C(20000000)
#define ROUNDS 5U
#define STREAM (2 * NFP_NSEC_PER_SEC)

static void report(const char *what, double value, const char *unit)
{
	printf("%-44s %12.1f %s\n", what, value, unit);
	fflush(stdout);
}

static double cpu_ms(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
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

struct outcome {
	struct nfp_count count;
	struct nfp_wire_stats stats;
	uint64_t latency_ns;
	double cpu_ms;
};

/* Straight from s0 to s1, where the PF's capture listens. */
static struct outcome run_stream(const struct net *net, unsigned int rate)
{
	struct nfp_stream_config config = {.id = net->id,
					   .sender = net->sender,
					   .sender_mac = net->sender_mac,
					   .pf = net_netdev("s1"),
					   .wake_fds = {-1, -1, -1, -1}};
	const struct nfp_plan plan = {.rate = {rate}}, pause = {.rate = {0}};
	struct nfp_frame_accounting *accounting = nfp_accounting_new();
	struct nfp_count count[NFP_KIND_COUNT];
	struct nfp_stream *stream;
	struct outcome outcome;
	struct nfp_err err;
	struct nfp_wire wire;
	uint64_t start;

	if (!accounting || nfp_stream_open(&config, &stream, &err))
		die(accounting ? err.message : "no memory");
	wire = nfp_stream_wire(stream);
	outcome.cpu_ms = cpu_ms();
	start = wire.ops->now(wire.ctx);
	wire.ops->plan(wire.ctx, &plan);
	wire.ops->pump(wire.ctx, start + STREAM, accounting, NULL);
	wire.ops->plan(wire.ctx, &pause);
	outcome.cpu_ms = cpu_ms() - outcome.cpu_ms;
	wire.ops->pump(wire.ctx, start + STREAM + 100 * NFP_NSEC_PER_MSEC, accounting, NULL);
	nfp_accounting_sum(accounting, 0, UINT64_MAX, count);
	outcome.count = count[NFP_KIND_UNICAST];
	outcome.latency_ns = nfp_accounting_max_latency(accounting);
	wire.ops->stats(wire.ctx, &outcome.stats);
	nfp_stream_close(stream);
	nfp_accounting_free(accounting);
	return outcome;
}

static void bench_stream(const struct net *net, unsigned int rate)
{
	struct outcome outcome = run_stream(net, rate);
	double seconds = (double)STREAM / (double)NFP_NSEC_PER_SEC;

	printf("stream, %u frames a second asked for\n", rate);
	report("  sent", (double)outcome.count.sent / seconds, "frames/s");
	report("  seen", (double)outcome.count.at[NFP_AT_PF] / seconds, "frames/s");
	report("  dropped by the capture", (double)outcome.stats.drops / seconds, "frames/s");
	report("  not sent", (double)outcome.stats.send_errors / seconds, "frames/s");
	report("  stalls", (double)outcome.stats.stalls, "");
	report("  longest way", (double)outcome.latency_ns / 1e3, "us");
	report("  processor time, the kernel's included", outcome.cpu_ms / seconds, "ms/s");
}

int main(void)
{
	struct rusage usage;
	struct net net;

	bench_accounting();
	bench_codec();
	net_enter();
	net_make(&net);
	bench_stream(&net, 1000);
	getrusage(RUSAGE_SELF, &usage);
	report("peak memory up to here", (double)usage.ru_maxrss / 1024, "MB");
	bench_stream(&net, 100000);
	bench_stream(&net, 1000000);
	net_unmake(&net);
	return 0;
}
