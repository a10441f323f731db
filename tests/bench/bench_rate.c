// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How fast are frames sent and caught? Side by side in one run, so that both have the same machine:
 * the injector and trafgen over a veth pair on one processor, in turn; then two captures at 200,000
 * frames a second; then the processor time of a stream at the usual rate.
 *
 *   bench_rate [PAIRS]      3 by default. Needs root; without trafgen that part is left out.
 *
 * On a host that is busy the time of the clock says little: frames are also counted by the second
 * of processor time that the sender used, the kernel's part included.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netns/net.h"
#include "nfprobe/clock.h"
#include "nfprobe/inject.h"

#define PAIRS_MAX   25
#define SECONDS	    2
#define FAST	    200000U
#define FAST_RUNS   10
#define FAST_BUFFER (64U << 20)

struct speed {
	double by_clock, by_cpu; /* frames a second */
};

static void die(const char *what)
{
	fprintf(stderr, "bench_rate: %s\n", what);
	exit(1);
}

static double cpu_seconds(int who)
{
	struct rusage u;

	getrusage(who, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static uint64_t frames_sent(void)
{
	/* /sys shows the namespace in which it was mounted; ip(8) asks this one. */
	FILE *file = popen("ip -s -j link show s0", "r");
	unsigned long long num = 0;

	for (char line[4096]; file && fgets(line, sizeof(line), file);) {
		const char *tx = strstr(line, "\"tx\":{");
		const char *packets = tx ? strstr(tx, "\"packets\":") : NULL;

		if (packets)
			num = strtoull(packets + strlen("\"packets\":"), NULL, 10);
	}
	if (file)
		pclose(file);
	return num;
}

static void pin(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
}

/* ---- one processor, as fast as it goes ---- */

/* Each frame with its own number and checksum, as in a run. */
static void inject(const struct net *net)
{
	static struct nfp_packet packets[NFP_INJECT_BATCH];
	uint64_t end = nfp_clock_now() + SECONDS * NFP_NSEC_PER_SEC, seq = 0;
	struct nfp_frame frame = {.dst = {{0x02, 0, 0, 0, 0, 0x11}}, .src = net->sender_mac};
	struct nfp_inject *injector;
	struct nfp_err err;

	if (nfp_inject_open(&net->sender, &injector, &err))
		die(err.message);
	while ((frame.sent_ns = nfp_clock_now()) < end) {
		for (unsigned int i = 0; i < NFP_INJECT_BATCH; i++) {
			frame.seq = ++seq;
			packets[i].len = nfp_frame_build(&net->id, &frame, packets[i].data);
		}
		(void)nfp_inject_send(injector, packets, NFP_INJECT_BATCH);
	}
	nfp_inject_close(injector);
}

static void trafgen(void)
{
	char file[] = "/tmp/bench_rate.XXXXXX", limit[16];
	/* 62 bytes, as ours. */
	static const char frame[] =
		"{ 0x02,0,0,0,0,0x11, 0x02,0,0,0,0,1, 0x88,0xb5, fill(0x5a, 48) }\n";
	int fd = mkstemp(file);

	if (fd < 0 || write(fd, frame, sizeof(frame) - 1) < 0)
		die("cannot write a file for trafgen");
	snprintf(limit, sizeof(limit), "%ds", SECONDS);
	/* -P 1: one process. It would run on until it is told to stop. */
	if (freopen("/dev/null", "w", stdout))
		execlp("timeout", "timeout", "-s", "INT", limit, "trafgen", "-o", "s0", "-i", file,
		       "-P", "1", (char *)NULL);
	die("cannot start trafgen");
}

static struct speed race(const struct net *net, bool ours)
{
	uint64_t before = frames_sent(), begin = nfp_clock_now(), sent;
	double cpu, seconds;
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();

	if (pid == 0) {
		pin(0);
		if (!ours)
			trafgen();
		inject(net);
		_exit(0);
	}
	if (pid < 0)
		die("cannot fork");
	cpu = cpu_seconds(RUSAGE_CHILDREN);
	waitpid(pid, &status, 0);
	seconds = (double)(nfp_clock_now() - begin) / 1e9;
	cpu = cpu_seconds(RUSAGE_CHILDREN) - cpu;
	sent = frames_sent() - before;
	return (struct speed) {(double)sent / seconds, (double)sent / cpu};
}

static int compare(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static void tell_ratio(const char *what, double *ratios, size_t num)
{
	qsort(ratios, num, sizeof(*ratios), compare);
	printf("  injector / trafgen, %-22s %.2f (%.2f to %.2f)\n", what,
	       (ratios[(num - 1) / 2] + ratios[num / 2]) / 2, ratios[0], ratios[num - 1]);
}

static void bench_inject(const struct net *net, size_t pairs)
{
	double clock[PAIRS_MAX], cpu[PAIRS_MAX];

	if (system("command -v trafgen >/dev/null") != 0) {
		printf("trafgen is not there (apt install netsniff-ng): left out\n");
		return;
	}
	for (size_t i = 0; i < pairs; i++) {
		struct speed ours, theirs;

		/* What comes second may find the machine warmer. */
		if (i % 2 == 0)
			ours = race(net, true);
		theirs = race(net, false);
		if (i % 2 == 1)
			ours = race(net, true);
		printf("  injector %9.0f frames/s, %9.0f by the second of processor time; trafgen "
		       "%9.0f, %9.0f\n",
		       ours.by_clock, ours.by_cpu, theirs.by_clock, theirs.by_cpu);
		fflush(stdout);
		clock[i] = ours.by_clock / theirs.by_clock;
		cpu[i] = ours.by_cpu / theirs.by_cpu;
	}
	tell_ratio("by the clock", clock, pairs);
	tell_ratio("by processor time", cpu, pairs);
}

/* ---- two receivers ---- */

struct outcome {
	struct nfp_count count;
	struct nfp_wire_stats stats;
	double cpu;
};

/* A bridge in the place of the relay: each frame goes to PF and VF. */
static void make_bridge(void)
{
	net_run("ip link add bench0 type bridge && ip link set bench0 up");
	for (const char *const *port = (const char *const[]) {"s1", "p1", "v1", NULL}; *port;
	     port++)
		net_run("ip link set %s master bench0", *port);
	net_await_path("s0", "p0");
}

static struct outcome stream(const struct net *net, unsigned int rate, uint64_t for_ns)
{
	struct nfp_stream_config config = {.id = net->id,
					   .sender = net->sender,
					   .sender_mac = net->sender_mac,
					   .pf = net->pf,
					   .buffer_bytes = FAST_BUFFER,
					   .wake_fds = {-1, -1, -1, -1}};
	const struct nfp_plan plan = {.unicast = {{0x02, 0, 0, 0, 0, 0x11}}, .rate = {rate}};
	const struct nfp_plan pause = {.rate = {0}};
	struct nfp_ledger *ledger = nfp_ledger_new();
	struct nfp_count count[NFP_KIND_COUNT];
	struct nfp_stream *stream;
	struct outcome outcome;
	struct nfp_wire wire;
	struct nfp_err err;
	uint64_t start;

	if (!ledger || nfp_stream_open(&config, &stream, &err))
		die(ledger ? err.message : "no memory");
	wire = nfp_stream_wire(stream);
	if (wire.ops->listen_vf(wire.ctx, &net->vf, &err))
		die(err.message);
	outcome.cpu = cpu_seconds(RUSAGE_SELF);
	start = wire.ops->now(wire.ctx);
	wire.ops->plan(wire.ctx, &plan, NULL);
	wire.ops->pump(wire.ctx, start + for_ns, ledger, NULL);
	wire.ops->plan(wire.ctx, &pause, NULL);
	outcome.cpu = (cpu_seconds(RUSAGE_SELF) - outcome.cpu) / ((double)for_ns / 1e9);
	wire.ops->pump(wire.ctx, start + for_ns + 500 * NFP_NSEC_PER_MSEC, ledger, NULL);
	nfp_ledger_sum(ledger, 0, UINT64_MAX, count);
	outcome.count = count[NFP_KIND_UNICAST];
	wire.ops->stats(wire.ctx, &outcome.stats);
	nfp_stream_close(stream);
	nfp_ledger_free(ledger);
	return outcome;
}

static void bench_capture(const struct net *net)
{
	unsigned int whole = 0, exact = 0;

	for (int i = 0; i < FAST_RUNS; i++) {
		struct outcome o = stream(net, FAST, SECONDS * NFP_NSEC_PER_SEC);
		uint64_t lost = 2 * o.count.sent - o.count.at[NFP_AT_PF] - o.count.at[NFP_AT_VF];

		whole += lost == 0;
		exact += lost == o.stats.drops;
		printf("  %9.0f frames/s sent, %llu not caught, %llu of them told; stalls %llu, "
		       "processor time %.2f s/s\n",
		       (double)o.count.sent / SECONDS, (unsigned long long)lost,
		       (unsigned long long)o.stats.drops, (unsigned long long)o.stats.stalls,
		       o.cpu);
		fflush(stdout);
	}
	printf("  nothing lost in %u of %d runs, every loss told in %u\n", whole, FAST_RUNS, exact);
}

int main(int argc, char **argv)
{
	size_t pairs = argc > 1 ? strtoul(argv[1], NULL, 10) : 3;
	double load[1] = {0};
	struct outcome usual;
	struct net net;

	if (pairs < 1 || pairs > PAIRS_MAX)
		die("usage: bench_rate [PAIRS], 1 to 25");
	(void)getloadavg(load, 1);
	printf("%ld processors, load %.1f\n", sysconf(_SC_NPROCESSORS_ONLN), load[0]);
	net_enter();
	net_make(&net);
	printf("one processor, over veth, as fast as it goes\n");
	bench_inject(&net, pairs);
	make_bridge();
	printf("two receivers, %u frames a second asked for\n", FAST);
	bench_capture(&net);
	usual = stream(&net, 1000, 10 * NFP_NSEC_PER_SEC);
	printf("1000 frames a second to two receivers: processor time %.1f ms/s\n",
	       1e3 * usual.cpu);
	net_unmake(&net);
	return 0;
}
