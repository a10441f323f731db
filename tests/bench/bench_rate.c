// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How fast are frames sent? The injector, as at --rate max, and trafgen (which by default sends
 * past the queueing discipline and from a ring), in turn over one veth pair and one processor, so
 * that both have the same machine.
 *
 *   bench_rate [ROUNDS]      7 by default. Needs root and trafgen.
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
#include "nfprobe/base.h"
#include "nfprobe/traffic.h"

#define ROUNDS_MAX 25
#define SECONDS	   2

enum how { NFPROBE, TRAFGEN, HOWS };

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

static struct speed race(const struct net *net, enum how how)
{
	uint64_t before = frames_sent(), begin = nfp_clock_now(), sent;
	double cpu, seconds;
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();

	if (pid == 0) {
		pin(0);
		if (how == TRAFGEN)
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

struct ratios {
	double by_clock[ROUNDS_MAX], by_cpu[ROUNDS_MAX];
};

static void tell_ratio(const char *what, double *ratios, size_t num)
{
	qsort(ratios, num, sizeof(*ratios), compare);
	printf("  nfprobe / trafgen, %-18s %.2f (%.2f to %.2f)\n", what,
	       (ratios[(num - 1) / 2] + ratios[num / 2]) / 2, ratios[0], ratios[num - 1]);
}

static void tell(struct ratios *ratios, size_t num)
{
	tell_ratio("by the clock", ratios->by_clock, num);
	tell_ratio("by processor time", ratios->by_cpu, num);
}

/* Each in turn; what comes later may find the machine warmer, so the first is another each time. */
static void race_round(const struct net *net, size_t round, struct speed speeds[HOWS])
{
	static const char *const names[HOWS] = {"nfprobe", "trafgen"};

	for (unsigned int i = 0; i < HOWS; i++) {
		enum how how = (enum how)((i + round) % HOWS);

		speeds[how] = race(net, how);
	}
	for (unsigned int i = 0; i < HOWS; i++)
		printf("  %s %7.0f (%7.0f)", names[i], speeds[i].by_clock, speeds[i].by_cpu);
	putchar('\n');
	fflush(stdout);
}

static void bench(const struct net *net, size_t num)
{
	struct ratios ratios;

	printf("frames a second, and by the second of processor time\n");
	for (size_t i = 0; i < num; i++) {
		struct speed speeds[HOWS];

		race_round(net, i, speeds);
		ratios.by_clock[i] = speeds[NFPROBE].by_clock / speeds[TRAFGEN].by_clock;
		ratios.by_cpu[i] = speeds[NFPROBE].by_cpu / speeds[TRAFGEN].by_cpu;
	}
	tell(&ratios, num);
}

int main(int argc, char **argv)
{
	size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 7;
	double load[1] = {0};
	struct net net;

	if (rounds < 1 || rounds > ROUNDS_MAX)
		die("usage: bench_rate [ROUNDS], 1 to 25");
	if (system("command -v trafgen >/dev/null") != 0) {
		printf("trafgen is not there (apt install netsniff-ng): left out\n");
		return 0;
	}
	(void)getloadavg(load, 1);
	printf("%ld processors, load %.1f; one sends over veth as fast as it goes\n",
	       sysconf(_SC_NPROCESSORS_ONLN), load[0]);
	net_enter();
	net_make(&net);
	bench(&net, rounds);
	(void)getloadavg(load, 1);
	printf("  load at the end %.1f\n", load[0]);
	net_unmake(&net);
	return 0;
}
