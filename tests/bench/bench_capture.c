// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Measures what two captures catch, and whether they report what they lose: a stream, a bridge in
 * place of the relay that sends each frame to both, and the netdevs' own counters beside the
 * accounting's. A frame that came to a netdev and was not seen there was lost by its capture, and
 * must be in its count of drops. First what the usual and the highest rate cost, how long after it
 * was due a frame was sent, how long after that the kernel stamped it, and the peak memory. Then
 * what is caught at the highest rate; at as many as go; and with rings so small that much is lost.
 *
 *   bench_capture [RUNS]     10 by default. Needs root.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "netns/net.h"
#include "nfprobe/base.h"

#define SECONDS	     2
#define BUSY_SECONDS 10
#define FAST	     NFP_RATE_MAX
#define FASTEST	     1000000U
#define BUFFER	     (2U << 20)	 /* a run's */
#define TINY_BUFFER  (64U << 10) /* some 300 frames */

static void die(const char *what)
{
	fprintf(stderr, "bench_capture: %s\n", what);
	exit(1);
}

static double cpu_seconds(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* ---- what the netdevs count ---- */

/* @which: "rx" or "tx". /sys shows the namespace in which it was mounted; ip(8) asks this one. */
static uint64_t packets(const struct nfp_netdev *netdev, const char *which)
{
	char command[128], key[16];
	unsigned long long num = 0;
	FILE *file;

	snprintf(command, sizeof(command), "ip -s -j link show %s", netdev->ifname);
	if (netdev->netns_fd >= 0)
		snprintf(command, sizeof(command),
			 "nsenter --net=/proc/%d/fd/%d ip -s -j link show %s", getpid(),
			 netdev->netns_fd, netdev->ifname);
	snprintf(key, sizeof(key), "\"%s\":{", which);
	file = popen(command, "r");
	for (char line[4096]; file && fgets(line, sizeof(line), file);) {
		const char *at = strstr(line, key);
		const char *found = at ? strstr(at, "\"packets\":") : NULL;

		if (found)
			num = strtoull(found + strlen("\"packets\":"), NULL, 10);
	}
	if (!file || pclose(file))
		die(command);
	return num;
}

struct counters {
	uint64_t sent, at_pf, at_vf;
};

static struct counters read_counters(const struct net *net)
{
	return (struct counters) {packets(&net->sender, "tx"), packets(&net->pf, "rx"),
				  packets(&net->vf, "rx")};
}

/* ---- two receivers ---- */

struct outcome {
	struct nfp_count count;
	struct nfp_wire_stats stats;
	struct counters real;
	double cpu;
	/* ns, of 100 frames the 50th and the 99th: late, and from the time sent to the stamp */
	uint64_t late[2], under_way[2];
};

/*
 * A bridge in the place of the relay: each frame goes to PF and VF. With snooping it would send
 * frames of its own, which the netdevs count.
 */
static void make_bridge(void)
{
	net_run("ip link add bench0 type bridge mcast_snooping 0 && ip link set bench0 up");
	for (const char *const *port = (const char *const[]) {"s1", "p1", "v1", NULL}; *port;
	     port++)
		net_run("ip link set %s master bench0", *port);
	net_await_path("s0", "p0");
}

static int by_size(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void percentiles(uint64_t ns[], size_t num, uint64_t ret[2])
{
	if (!num)
		return;
	qsort(ns, num, sizeof(*ns), by_size);
	ret[0] = ns[num / 2];
	ret[1] = ns[num * 99 / 100];
}

static void time_frames(const struct nfp_frame_accounting *accounting, unsigned int rate,
			struct outcome *outcome)
{
	struct nfp_frame_record record;
	uint64_t first, end, begin = UINT64_MAX, *late, *under_way;
	size_t num = 0, num_seen = 0;

	nfp_accounting_records(accounting, &first, &end);
	late = nfp_calloc(end - first + 1, sizeof(*late));
	under_way = nfp_calloc(end - first + 1, sizeof(*under_way));
	for (uint64_t seq = first; seq < end; seq++) {
		if (!nfp_frame_record(accounting, seq, &record))
			continue;
		late[num] = record.sent_ns - (seq - first) * NFP_NSEC_PER_SEC / rate;
		begin = late[num] < begin ? late[num] : begin;
		num++;
		if (record.seen_ns[NFP_AT_PF])
			under_way[num_seen++] = record.seen_ns[NFP_AT_PF] - record.sent_ns;
	}
	/* Frames are due evenly spaced; the one that was sent soonest was in time. */
	for (size_t i = 0; i < num; i++)
		late[i] -= begin;
	percentiles(late, num, outcome->late);
	percentiles(under_way, num_seen, outcome->under_way);
	free(late);
	free(under_way);
}

static void measure(const struct net *net, struct nfp_wire *wire, unsigned int rate,
		    uint64_t for_ns, struct outcome *outcome)
{
	const struct nfp_plan plan = {.unicast = {{0x02, 0, 0, 0, 0, 0x11}}, .rate = {rate}};
	const struct nfp_plan pause = {.rate = {0}};
	struct nfp_frame_accounting *accounting = nfp_accounting_new();
	struct nfp_count count[NFP_KIND_COUNT];
	struct counters before = read_counters(net);
	uint64_t start;

	if (!accounting)
		die("no memory");
	outcome->cpu = cpu_seconds();
	start = wire->ops->now(wire->ctx);
	wire->ops->plan(wire->ctx, &plan);
	wire->ops->pump(wire->ctx, start + for_ns, accounting, NULL);
	wire->ops->plan(wire->ctx, &pause);
	outcome->cpu = (cpu_seconds() - outcome->cpu) / ((double)for_ns / 1e9);
	wire->ops->pump(wire->ctx, start + for_ns + 500 * NFP_NSEC_PER_MSEC, accounting, NULL);
	outcome->real = read_counters(net);
	outcome->real.sent -= before.sent;
	outcome->real.at_pf -= before.at_pf;
	outcome->real.at_vf -= before.at_vf;
	nfp_accounting_sum(accounting, 0, UINT64_MAX, count);
	outcome->count = count[NFP_KIND_UNICAST];
	wire->ops->stats(wire->ctx, &outcome->stats);
	time_frames(accounting, rate, outcome);
	nfp_accounting_free(accounting);
}

static struct outcome stream(const struct net *net, unsigned int rate, size_t buffer_bytes,
			     uint64_t for_ns)
{
	struct nfp_stream_config config = {.id = net->id,
					   .sender = net->sender,
					   .sender_mac = net->sender_mac,
					   .pf = net->pf,
					   .buffer_bytes = buffer_bytes,
					   .wake_fds = {-1, -1, -1, -1}};
	struct nfp_stream *stream;
	struct outcome outcome;
	struct nfp_wire wire;
	struct nfp_err err;

	if (nfp_stream_open(&config, &stream, &err))
		die(err.message);
	wire = nfp_stream_wire(stream);
	if (wire.ops->listen_vf(wire.ctx, &net->vf, false, &err))
		die(err.message);
	measure(net, &wire, rate, for_ns, &outcome);
	nfp_stream_close(stream);
	return outcome;
}

static unsigned long long lost(uint64_t there, uint64_t seen)
{
	return there > seen ? there - seen : 0;
}

/* Returns whether all was caught, *ret_exact: whether the accounting has what the netdevs counted.
 */
static bool bench_once(const struct net *net, unsigned int rate, size_t buffer_bytes,
		       bool *ret_exact)
{
	const struct outcome o = stream(net, rate, buffer_bytes, SECONDS * NFP_NSEC_PER_SEC);
	unsigned long long missed = lost(o.real.at_pf, o.count.at[NFP_AT_PF]) +
				    lost(o.real.at_vf, o.count.at[NFP_AT_VF]);

	*ret_exact = o.count.sent == o.real.sent && missed == o.stats.drops &&
		     o.count.at[NFP_AT_PF] <= o.real.at_pf && o.count.at[NFP_AT_VF] <= o.real.at_vf;
	printf("  %7.0f frames/s sent (%llu, by its netdev %llu); %llu and %llu came, %llu not "
	       "caught, "
	       "%llu told; stalls %llu, processor time %.2f s/s%s\n",
	       (double)o.count.sent / SECONDS, (unsigned long long)o.count.sent,
	       (unsigned long long)o.real.sent, (unsigned long long)o.real.at_pf,
	       (unsigned long long)o.real.at_vf, missed, (unsigned long long)o.stats.drops,
	       (unsigned long long)o.stats.stalls, o.cpu, *ret_exact ? "" : "  NOT EXACT");
	fflush(stdout);
	return missed == 0;
}

static void bench(const struct net *net, unsigned int rate, size_t buffer_bytes, unsigned int runs)
{
	unsigned int whole = 0, exact = 0;

	printf("%u frames a second asked for, rings of %zu kB\n", rate, buffer_bytes >> 10);
	for (unsigned int i = 0; i < runs; i++) {
		bool is_exact;

		whole += bench_once(net, rate, buffer_bytes, &is_exact);
		exact += is_exact;
	}
	printf("  all caught in %u of %u runs; every frame sent and every loss told in %u\n", whole,
	       runs, exact);
}

static void tell_cost(const struct net *net, unsigned int rate)
{
	const struct outcome o = stream(net, rate, 0, 10 * NFP_NSEC_PER_SEC);

	printf("%u frames a second: processor time %.1f ms/s; late by %.0f us (1 in 100: %.0f), "
	       "stamped after %.0f us (1 in 100: %.0f); stalls %llu, drops %llu\n",
	       rate, 1e3 * o.cpu, (double)o.late[0] / 1e3, (double)o.late[1] / 1e3,
	       (double)o.under_way[0] / 1e3, (double)o.under_way[1] / 1e3,
	       (unsigned long long)o.stats.stalls, (unsigned long long)o.stats.drops);
	fflush(stdout);
}

/* The caller waits for the kernel while frames come. */
static void tell_busy(const struct net *net)
{
	const struct nfp_stream_config config = {.id = net->id,
						 .sender = net->sender,
						 .sender_mac = net->sender_mac,
						 .pf = net->pf,
						 .wake_fds = {-1, -1, -1, -1}};
	const struct nfp_plan plan = {.unicast = {{0x02, 0, 0, 0, 0, 0x11}},
				      .rate = {NFP_RATE_MAX}};
	struct nfp_frame_accounting *accounting = nfp_accounting_new();
	struct nfp_count count[NFP_KIND_COUNT];
	struct nfp_wire_stats stats;
	struct nfp_stream *stream;
	struct nfp_wire wire;
	struct nfp_err err;

	if (nfp_stream_open(&config, &stream, &err))
		die(err.message);
	wire = nfp_stream_wire(stream);
	if (wire.ops->listen_vf(wire.ctx, &net->vf, false, &err))
		die(err.message);
	wire.ops->plan(wire.ctx, &plan);
	(void)nfp_clock_poll(NULL, 0, nfp_clock_now() + BUSY_SECONDS * NFP_NSEC_PER_SEC);
	wire.ops->pump(wire.ctx, 0, accounting, NULL);
	wire.ops->stats(wire.ctx, &stats);
	nfp_accounting_sum(accounting, 0, UINT64_MAX, count);
	printf("%u frames a second, not read for %u s: %llu sent, stalls %llu, drops %llu\n",
	       NFP_RATE_MAX, BUSY_SECONDS, (unsigned long long)count[NFP_KIND_UNICAST].sent,
	       (unsigned long long)stats.stalls, (unsigned long long)stats.drops);
	nfp_stream_close(stream);
	nfp_accounting_free(accounting);
}

static void tell_memory(const char *when)
{
	FILE *file = fopen("/proc/self/status", "r");

	for (char line[256]; file && fgets(line, sizeof(line), file);) {
		if (strncmp(line, "VmHWM:", 6) == 0)
			printf("  %s: %s", when, line);
	}
	if (file)
		fclose(file);
}

static void tell_load(const char *when)
{
	double load[1] = {0};

	(void)getloadavg(load, 1);
	printf("%ld processors, load %s %.1f\n", sysconf(_SC_NPROCESSORS_ONLN), when, load[0]);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	unsigned int runs = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 10) : 10;
	struct net net;

	if (runs < 1)
		die("usage: bench_capture [RUNS]");
	tell_load("at the start");
	net_make(&net);
	make_bridge();
	printf("a bridge between, two receivers\n");
	tell_cost(&net, NFP_RATE_DEFAULT);
	tell_memory("at that rate");
	tell_cost(&net, NFP_RATE_MAX);
	tell_busy(&net);
	tell_memory("then");
	bench(&net, FAST, BUFFER, runs);
	bench(&net, FASTEST, BUFFER, (runs + 2) / 3);
	bench(&net, FASTEST, TINY_BUFFER, (runs + 2) / 3);
	tell_load("at the end");
	net_unmake(&net);
	return 0;
}
