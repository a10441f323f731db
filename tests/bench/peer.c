// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ends of tests/bench/peers.py, each a process, so that what it costs can be told apart:
 *
 *   peer send IFNAME RATE COUNT    so many test frames at that rate; prints how many left
 *   peer hear IFNAME               captures until its standard input ends, as a run does: filter in
 *                                  the kernel, each frame parsed, believed and accounted for;
 *                                  prints "captured N" and "dropped N"
 *   peer watch IFNAME              counts the frames of a guest that is not there, as --watch does,
 *                                  until its standard input ends; prints "counted N"
 */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <net/if.h>

#include "traffic/listen.h"
#include "base/base.h"
#include "../../src/traffic/traffic_priv.h"

#define READ_MAX 256U

static const struct nfp_frame_id id = {.run = {0x42, 1, 2, 3}, .key = {4}};

static void die(const char *what)
{
	fprintf(stderr, "peer: %s\n", what);
	exit(1);
}

static struct nfp_netdev netdev_of(const char *ifname)
{
	struct nfp_netdev netdev = {.netns_fd = -1, .ifindex = (int)if_nametoindex(ifname)};

	if (!netdev.ifindex)
		die("no such netdev");
	snprintf(netdev.ifname, sizeof(netdev.ifname), "%s", ifname);
	return netdev;
}

/* ---- send ---- */

static int ticks(void)
{
	const struct itimerspec every = {{0, 1000000}, {0, 1000000}};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	if (fd < 0 || timerfd_settime(fd, 0, &every, NULL))
		die("no timer");
	return fd;
}

/* As many as are due each millisecond. */
static uint64_t send_all(struct nfp_inject *injector, uint64_t rate, uint64_t count)
{
	struct nfp_frame frame = {.dst = {{2, 0, 0, 0, 0, 0x11}}, .src = {{2, 0, 0, 0, 0, 1}}};
	struct nfp_packet packets[NFP_INJECT_BATCH];
	uint64_t begin = nfp_clock_now(), left, sent = 0;
	int timer = ticks();

	while (frame.seq < count) {
		uint64_t due = (nfp_clock_now() - begin) * rate / NFP_NSEC_PER_SEC, times;

		due = due < count ? due : count;
		while (frame.seq < due) {
			unsigned int num = 0;

			frame.sent_ns = nfp_clock_now();
			for (; num < NFP_INJECT_BATCH && frame.seq < due; num++) {
				frame.seq++;
				packets[num].len = nfp_frame_build(&id, &frame, packets[num].data);
			}
			left = (uint64_t)nfp_inject_send(injector, packets, num);
			sent += left <= num ? left : 0;
		}
		if (read(timer, &times, sizeof(times)) < 0)
			die("no timer");
	}
	close(timer);
	return sent;
}

static void run_send(const char *ifname, uint64_t rate, uint64_t count)
{
	struct nfp_netdev netdev = netdev_of(ifname);
	struct nfp_inject *injector;
	struct nfp_err err;

	if (nfp_inject_open(&netdev, &injector, &err))
		die(err.message);
	printf("sent %" PRIu64 "\n", send_all(injector, rate, count));
	nfp_inject_close(injector);
}

/* ---- hear ---- */

struct ear {
	struct nfp_frame_accounting *accounting;
	uint64_t captured;
};

static void hear_one(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns)
{
	struct ear *ear = ctx;
	struct nfp_frame frame;

	(void)real_ns;
	if (nfp_frame_parse(&id, data, len, &frame) != NFP_FRAME_OURS)
		return;
	ear->captured++;
	/* The sender is another process: what it would enter in a run is entered here. */
	nfp_accounting_sent(ear->accounting, frame.seq, frame.kind, frame.sent_ns);
	nfp_accounting_seen(ear->accounting, frame.seq, frame.kind, NFP_AT_PF, frame.sent_ns + 1);
	if (frame.seq % 8192 == 0)
		nfp_accounting_forget(ear->accounting, frame.sent_ns - 250 * NFP_NSEC_PER_MSEC);
}

static void run_hear(const char *ifname)
{
	struct nfp_netdev netdev = netdev_of(ifname);
	struct ear ear = {.accounting = nfp_accounting_new()};
	struct nfp_capture *capture;
	struct nfp_err err;
	char filter[NFP_CAPTURE_FILTER_LEN];
	struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.events = POLLIN}};

	nfp_capture_filter(&id, filter);
	if (nfp_capture_open(&netdev, filter, 0, false, &capture, &err))
		die(ear.accounting ? err.message : "no memory");
	fds[1].fd = nfp_capture_fd(capture);
	while (poll(fds, 2, -1) > 0 && !fds[0].revents)
		(void)nfp_capture_drain(capture, READ_MAX, hear_one, &ear);
	while (nfp_capture_drain(capture, READ_MAX, hear_one, &ear) > 0)
		;
	printf("captured %" PRIu64 "\ndropped %" PRIu64 "\n", ear.captured,
	       nfp_capture_drops(capture));
	nfp_capture_close(capture);
	nfp_accounting_free(ear.accounting);
}

/* ---- watch ---- */

static void run_watch(const char *ifname)
{
	const struct nfp_listen listen = {.netdev = netdev_of(ifname),
					  .guest = {{0x52, 0x54, 0, 0, 0, 0x12}},
					  .has_vid = true};
	struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
	struct nfp_heard heard = {0};
	struct nfp_listener *listener;
	struct nfp_err err;
	uint64_t sum = 0;

	if (nfp_listener_open(&listen, &listener, &err))
		die(err.message);
	(void)poll(&fd, 1, -1);
	if (nfp_listener_read(listener, &heard))
		die("no counts");
	for (enum nfp_heard_kind kind = 0; kind < NFP_HEARD_KINDS; kind++)
		sum += heard.frames[NFP_TO_GUEST][kind];
	printf("counted %" PRIu64 "\n", sum);
	nfp_listener_close(listener);
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "send"))
		run_send(argv[2], strtoull(argv[3], NULL, 10), strtoull(argv[4], NULL, 10));
	else if (argc == 3 && !strcmp(argv[1], "hear"))
		run_hear(argv[2]);
	else if (argc == 3 && !strcmp(argv[1], "watch"))
		run_watch(argv[2]);
	else
		die("usage: peer send IFNAME RATE COUNT, peer hear IFNAME, peer watch IFNAME");
	return 0;
}
