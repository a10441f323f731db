// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * traffic FROM TO ADDRESS RATE: somebody else's traffic. Sends numbered frames by the netdev FROM
 * to ADDRESS until its input ends, listens for them at the netdev TO, and prints what became of
 * them as JSON. It does not send late what it could not send in time: a burst would be lost for
 * another reason.
 */
#include <inttypes.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define ETHERTYPE   0x88b6 /* local experimental EtherType 2 */
#define FRAME_LEN   60
#define TICK_NS	    1000000L
#define BURST_MAX   64
#define FRAMES_MAX  (16U << 20)
#define BUFFER	    (64 << 20)
#define GAPS_MAX    20
#define QUIET_MS    500
#define NS_A_SECOND 1000000000L

struct traffic {
	int out, in, timer;
	uint8_t frame[FRAME_LEN];
	uint64_t rate;
	uint32_t sent, most; /* most 0: until the input ends */
	uint64_t received, duplicates, postponed;
	double seconds;
	struct timespec begun;
	uint8_t *seen; /* a bit a frame */
};

static void __attribute__((noreturn)) die(const char *what)
{
	perror(what);
	exit(1);
}

static int open_socket(const char *netdev, int protocol)
{
	struct sockaddr_ll where = {.sll_family = AF_PACKET, .sll_protocol = htons(ETHERTYPE)};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);

	where.sll_ifindex = (int)if_nametoindex(netdev);
	where.sll_protocol = htons((uint16_t)protocol);
	if (fd < 0 || !where.sll_ifindex || bind(fd, (struct sockaddr *)&where, sizeof(where)))
		die(netdev);
	return fd;
}

static void open_all(struct traffic *t, char **argv)
{
	const struct itimerspec tick = {{0, TICK_NS}, {0, TICK_NS}};
	struct sockaddr_ll own;
	socklen_t len = sizeof(own);
	int size = BUFFER;

	t->out = open_socket(argv[1], 0);
	t->in = open_socket(argv[2], ETHERTYPE);
	if (setsockopt(t->in, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		die("SO_RCVBUFFORCE");
	if (getsockname(t->out, (struct sockaddr *)&own, &len))
		die("getsockname");
	if (sscanf(argv[3], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &t->frame[0], &t->frame[1],
		   &t->frame[2], &t->frame[3], &t->frame[4], &t->frame[5]) != ETH_ALEN)
		die(argv[3]);
	memcpy(t->frame + ETH_ALEN, own.sll_addr, ETH_ALEN);
	t->frame[12] = ETHERTYPE >> 8;
	t->frame[13] = ETHERTYPE & 0xff;
	t->rate = strtoul(argv[4], NULL, 10);
	t->most = argv[5] ? (uint32_t)strtoul(argv[5], NULL, 10) : 0;
	t->seen = calloc(FRAMES_MAX / 8, 1);
	t->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	if (!t->seen || t->timer < 0 || timerfd_settime(t->timer, 0, &tick, NULL))
		die("timerfd");
	clock_gettime(CLOCK_MONOTONIC, &t->begun);
}

static uint64_t due(const struct traffic *t)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)((now.tv_sec - t->begun.tv_sec) * NS_A_SECOND + now.tv_nsec -
			  t->begun.tv_nsec) *
	       t->rate / NS_A_SECOND;
}

static void send_due(struct traffic *t)
{
	uint64_t behind = due(t) - t->sent - t->postponed, ticks;

	(void)!read(t->timer, &ticks, sizeof(ticks));
	if (behind > BURST_MAX) {
		t->postponed += behind - BURST_MAX;
		behind = BURST_MAX;
	}
	while (behind-- && t->sent < FRAMES_MAX) {
		uint32_t number = htonl(t->sent);

		memcpy(t->frame + ETH_HLEN, &number, sizeof(number));
		if (send(t->out, t->frame, FRAME_LEN, 0) != FRAME_LEN)
			return; /* no room: when it is due again */
		t->sent++;
	}
}

static void receive(struct traffic *t)
{
	uint8_t frame[FRAME_LEN];
	uint32_t number;

	while (recv(t->in, frame, sizeof(frame), 0) == FRAME_LEN) {
		memcpy(&number, frame + ETH_HLEN, sizeof(number));
		number = ntohl(number);
		if (number >= t->sent)
			continue;
		if (t->seen[number / 8] & 1U << number % 8)
			t->duplicates++;
		else
			t->received++;
		t->seen[number / 8] |= (uint8_t)(1U << number % 8);
	}
}

/* Its input has ended: what is under way still arrives. */
static void wait_for_the_rest(struct traffic *t)
{
	struct pollfd in = {.fd = t->in, .events = POLLIN};

	while (poll(&in, 1, QUIET_MS) > 0)
		receive(t);
}

static void run(struct traffic *t)
{
	struct pollfd fds[] = {{.fd = t->timer, .events = POLLIN},
			       {.fd = t->in, .events = POLLIN},
			       {.fd = STDIN_FILENO, .events = POLLIN}};

	while (poll(fds, t->most ? 2 : 3, -1) > 0 && !fds[2].revents &&
	       (!t->most || t->sent < t->most)) {
		if (fds[0].revents)
			send_due(t);
		if (fds[1].revents)
			receive(t);
	}
	t->seconds = (double)due(t) / (double)t->rate;
	wait_for_the_rest(t);
}

/* Where frames are missing: [when the first of them was due, how many], in order. */
static void print_gaps(const struct traffic *t)
{
	uint32_t gaps = 0;

	printf(", \"gaps\": [");
	for (uint32_t i = 0; i < t->sent && gaps < GAPS_MAX; i++) {
		uint32_t first = i;

		while (i < t->sent && !(t->seen[i / 8] & 1U << i % 8))
			i++;
		if (i > first)
			printf("%s[%.1f, %" PRIu32 "]", gaps++ ? ", " : "",
			       first * t->seconds / t->sent, i - first);
	}
	printf("]}\n");
}

int main(int argc, char **argv)
{
	struct traffic t = {.sent = 0};
	struct tpacket_stats stats;
	socklen_t len = sizeof(stats);

	if (argc != 5 && argc != 6)
		return 2;
	open_all(&t, argv);
	puts("running");
	fflush(stdout);
	run(&t);
	if (getsockopt(t.in, SOL_PACKET, PACKET_STATISTICS, &stats, &len))
		die("PACKET_STATISTICS");
	printf("{\"sent\": %" PRIu32 ", \"lost\": %" PRIu64 ", \"duplicates\": %" PRIu64
	       ", \"dropped_here\": %u, \"rate\": %.0f, \"seconds\": %.1f",
	       t.sent, t.sent - t.received, t.duplicates, stats.tp_drops, t.sent / t.seconds,
	       t.seconds);
	print_gaps(&t);
	return 0;
}
