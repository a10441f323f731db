// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Frames that go straight to the driver: which of them left is known to the frame, whatever the
 * netdev does meanwhile; and what left is what the netdev counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netns/bed.h"
#include "nfprobe/clock.h"
#include "nfprobe/inject.h"

#define MS	  NFP_NSEC_PER_MSEC
#define FRAME_LEN 62U
/* Only a machine that is starved of processor time makes anything take this long. */
#define PATIENCE (60 * NFP_NSEC_PER_SEC)

static const struct nfp_mac dst = {{0x02, 0, 0, 0, 0, 0x11}};

struct line {
	struct net net;
	struct nfp_inject *inject;
	int heard_fd;  /* at s1 */
	uint32_t seq;  /* of the next frame that is sent */
	uint32_t next; /* may be heard next, or one after it */
};

/* ---- the netdev's own count, and its state ---- */

static uint32_t packets_sent(const char *ifname)
{
	struct ifaddrs *all, *it;
	uint32_t num = 0;

	if (getifaddrs(&all))
		abort();
	for (it = all; it; it = it->ifa_next) {
		if (it->ifa_addr && it->ifa_addr->sa_family == AF_PACKET &&
		    strcmp(it->ifa_name, ifname) == 0)
			num = ((const struct rtnl_link_stats *)it->ifa_data)->tx_packets;
	}
	freeifaddrs(all);
	return num;
}

static void set_up(int fd, const char *ifname, bool up)
{
	struct ifreq request = {0};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", ifname);
	if (ioctl(fd, SIOCGIFFLAGS, &request))
		abort();
	request.ifr_flags = (short)(up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
	if (ioctl(fd, SIOCSIFFLAGS, &request))
		abort();
}

/* ---- frames with a number ---- */

static int make_line(void **state)
{
	struct line *line = calloc(1, sizeof(*line));
	struct nfp_err err;

	if (!line)
		return -1;
	net_make(&line->net);
	if (nfp_inject_open(&line->net.sender, &line->inject, &err))
		return -1;
	line->heard_fd = net_socket(line->net.relay_in);
	*state = line;
	return 0;
}

static int unmake_line(void **state)
{
	struct line *line = *state;

	nfp_inject_close(line->inject);
	close(line->heard_fd);
	net_unmake(&line->net);
	free(line);
	return 0;
}

static void go_directly(struct line *line)
{
	int ret = nfp_inject_directly(line->inject, &line->net.sender);

	if (ret) {
		print_message("# not by this kernel: %s\n", strerror(-ret));
		skip();
	}
}

/* The number in network byte order, and all over the rest of the frame. */
static void fill(const struct line *line, uint32_t seq, struct nfp_packet *packet)
{
	packet->len = FRAME_LEN;
	memset(packet->data, (uint8_t)(seq * 7), FRAME_LEN);
	memcpy(packet->data, dst.b, NFP_MAC_LEN);
	memcpy(packet->data + 6, line->net.sender_mac.b, NFP_MAC_LEN);
	packet->data[12] = 0x88;
	packet->data[13] = 0xb5;
	for (int i = 0; i < 4; i++)
		packet->data[14 + i] = (uint8_t)(seq >> (24 - 8 * i));
}

/* Numbers of frames that did not leave are used up: a frame that leaves late would show. */
static int send_frames(struct line *line, unsigned int num)
{
	struct nfp_packet packets[NFP_INJECT_BATCH];
	int ret;

	for (unsigned int i = 0; i < num; i++)
		fill(line, line->seq + i, &packets[i]);
	ret = nfp_inject_send(line->inject, packets, num);
	line->seq += num;
	return ret;
}

static void check(struct line *line, const uint8_t *data, size_t len)
{
	uint32_t seq = (uint32_t)data[14] << 24 | (uint32_t)data[15] << 16 |
		       (uint32_t)data[16] << 8 | data[17];
	struct nfp_packet want;

	assert_true(seq < line->seq && seq >= line->next);
	fill(line, seq, &want);
	assert_int_equal(len, FRAME_LEN);
	assert_memory_equal(data, want.data, FRAME_LEN);
	line->next = seq + 1;
}

static unsigned int hear_now(struct line *line)
{
	unsigned int num = 0;
	uint8_t data[256];
	ssize_t len;

	while ((len = recv(line->heard_fd, data, sizeof(data), 0)) > 0) {
		if (data[12] != 0x88 || data[13] != 0xb5)
			continue;
		check(line, data, (size_t)len);
		num++;
	}
	return num;
}

/* Waits for @num; all that has come then, in order, none twice. Returns how many. */
static unsigned int hear(struct line *line, unsigned int num)
{
	uint64_t deadline = nfp_clock_now() + PATIENCE;
	struct pollfd fd = {.fd = line->heard_fd, .events = POLLIN};
	unsigned int heard = hear_now(line);

	while (heard < num && nfp_clock_now() < deadline) {
		poll(&fd, 1, 100);
		heard += hear_now(line);
	}
	return heard;
}

static void all_leave_in_order(void **state)
{
	struct line *line = *state;
	uint32_t before = packets_sent("s0");

	go_directly(line);
	for (unsigned int i = 0; i < 2000; i++) {
		unsigned int num = 1 + i % NFP_INJECT_BATCH;

		assert_int_equal(send_frames(line, num), num);
		assert_int_equal(hear(line, num), num);
	}
	assert_int_equal(packets_sent("s0") - before, line->seq);
}

/* What could not leave does not leave later. */
static void down_and_up(void **state)
{
	struct line *line = *state;
	uint32_t before = packets_sent("s0");
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	go_directly(line);
	for (unsigned int i = 0; i < 20; i++) {
		assert_int_equal(send_frames(line, 10), 10);
		assert_int_equal(hear(line, 10), 10);
		set_up(fd, "s0", false);
		assert_int_equal(send_frames(line, NFP_INJECT_BATCH), -ENETDOWN);
		assert_int_equal(send_frames(line, 1), -ENETDOWN);
		set_up(fd, "s0", true);
		net_await_path("s0", "s1");
		before++;
		assert_int_equal(hear(line, 0), 0);
		assert_int_equal(send_frames(line, 1 + i % 3), 1 + i % 3);
		assert_int_equal(hear(line, 1 + i % 3), 1 + i % 3);
	}
	close(fd);
	/* net_await_path sends by itself, once at least. */
	assert_true(packets_sent("s0") - before >= 20 * 10 + 39);
}

/* Dropped by the kernel on the way to the driver: the first of a batch, and all of it. */
static void no_carrier(void **state)
{
	struct line *line = *state;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint32_t before;

	go_directly(line);
	assert_int_equal(send_frames(line, 10), 10);
	assert_int_equal(hear(line, 10), 10);
	set_up(fd, "s1", false);
	before = packets_sent("s0");
	for (unsigned int num = 1; num <= NFP_INJECT_BATCH; num++)
		assert_int_equal(send_frames(line, num), -ENOBUFS);
	assert_int_equal(packets_sent("s0"), before);
	set_up(fd, "s1", true);
	net_await_path("s0", "s1");
	assert_int_equal(hear(line, 0), 0);
	assert_int_equal(send_frames(line, 5), 5);
	assert_int_equal(hear(line, 5), 5);
	close(fd);
}

/* The kernel drops one amidst the batch: veth has none that its peer's MTU does not allow. */
static void dropped_amidst(void **state)
{
	struct nfp_packet packets[NFP_INJECT_BATCH];
	struct line *line = *state;
	uint32_t before;

	net_run("ip link set s1 mtu 68");
	go_directly(line);
	before = packets_sent("s0");
	for (unsigned int at = 0; at < NFP_INJECT_BATCH; at++) {
		for (unsigned int i = 0; i < NFP_INJECT_BATCH; i++)
			fill(line, line->seq + i, &packets[i]);
		line->seq += NFP_INJECT_BATCH;
		packets[at].len = NFP_PACKET_MAX;
		assert_int_equal(nfp_inject_send(line->inject, packets, NFP_INJECT_BATCH),
				 at ? (int)at : -ENOBUFS);
		assert_int_equal(nfp_inject_send(line->inject, packets + at, 1), -ENOBUFS);
		assert_int_equal(hear(line, at), at);
	}
	assert_int_equal(packets_sent("s0") - before,
			 NFP_INJECT_BATCH * (NFP_INJECT_BATCH - 1) / 2);
	assert_int_equal(send_frames(line, 7), 7);
	assert_int_equal(hear(line, 7), 7);
}

static void only_one_at_a_time(void **state)
{
	struct line *line = *state;
	struct nfp_inject *second;
	struct nfp_err err;

	go_directly(line);
	assert_int_equal(nfp_inject_directly(line->inject, &line->net.sender), 0);
	assert_int_equal(nfp_inject_open(&line->net.sender, &second, &err), 0);
	assert_int_equal(nfp_inject_directly(second, &line->net.sender), -EBUSY);
	nfp_inject_close(line->inject);
	/* .. which sends as before. */
	line->inject = second;
	assert_int_equal(send_frames(line, 3), 3);
	assert_int_equal(hear(line, 3), 3);
}

static void a_netdev_that_is_gone(void **state)
{
	struct line *line = *state;

	go_directly(line);
	net_run("ip link del s0");
	assert_int_equal(send_frames(line, 3), -ENXIO);
	assert_int_equal(send_frames(line, 3), -ENXIO);
	net_run("ip link add s1 type veth peer name s0");
}

/* ---- up and down at any instant ---- */

#define FLAPS	   16
#define FLAP_AFTER 500 /* frames, so that it falls amidst them */

struct flapper {
	pthread_t thread;
	atomic_bool done;
};

/* A netdev whose carrier was lost may drop frames until the kernel's link watch has run. */
static void await_frames(uint32_t num)
{
	uint64_t deadline = nfp_clock_now() + PATIENCE;
	uint32_t begin = packets_sent("s0");

	while (packets_sent("s0") - begin < num && nfp_clock_now() < deadline)
		poll(NULL, 0, 1);
}

static void *flap(void *arg)
{
	struct flapper *flapper = arg;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	for (unsigned int i = 0; i < FLAPS; i++) {
		const char *which = i % 2 ? "s0" : "s1";

		await_frames(FLAP_AFTER);
		set_up(fd, which, false);
		set_up(fd, which, true);
	}
	close(fd);
	atomic_store(&flapper->done, true);
	return NULL;
}

static void start_flapping(struct flapper *flapper)
{
	atomic_init(&flapper->done, false);
	assert_int_equal(pthread_create(&flapper->thread, NULL, flap, flapper), 0);
}

static void every_frame_is_accounted_for(void **state)
{
	struct line *line = *state;
	struct flapper flapper;
	uint32_t before = packets_sent("s0"), sent = 0;
	unsigned int failed = 0, parted = 0;

	go_directly(line);
	start_flapping(&flapper);
	while (!atomic_load(&flapper.done)) {
		unsigned int num = 1 + line->seq % NFP_INJECT_BATCH;
		int ret = send_frames(line, num);

		if (ret > 0)
			sent += (uint32_t)ret;
		failed += ret < 0;
		parted += ret > 0 && (unsigned int)ret < num;
	}
	pthread_join(flapper.thread, NULL);
	assert_int_equal(packets_sent("s0") - before, sent);
	print_message("# %u frames sent, %u batches refused, %u in part\n", sent, failed, parted);
}

static uint64_t counted(const struct bed *bed)
{
	uint64_t num = 0;

	for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
		num += bed_count(bed, (enum nfp_kind)kind).sent;
	return num;
}

/* As fast as it goes, by a stream: what its ledger has as sent is what the netdev sent. */
static void a_stream_counts_what_left(void **state)
{
	struct bed *bed = *state;
	struct nfp_stream_config config = bed_config(bed);
	uint32_t before = packets_sent("s0");
	struct flapper flapper;
	uint64_t deadline;

	config.direct = true;
	bed_open(bed, &config);
	bed_plan(bed, 1000000);
	start_flapping(&flapper);
	while (!atomic_load(&flapper.done))
		bed_pump(bed, 20 * MS);
	pthread_join(flapper.thread, NULL);
	bed_plan(bed, 0);
	/* The last batch may still be on its way, or be taken back. */
	deadline = nfp_clock_now() + PATIENCE;
	do
		bed_pump(bed, 50 * MS);
	while (counted(bed) != packets_sent("s0") - before && nfp_clock_now() < deadline);
	print_message("# %lu frames sent, %lu taken back\n", (unsigned long)counted(bed),
		      (unsigned long)bed_stats(bed).send_errors);
	assert_int_equal(packets_sent("s0") - before, counted(bed));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_line, unmake_line)
	const struct CMUnitTest tests[] = {
		TEST(all_leave_in_order),
		TEST(down_and_up),
		TEST(no_carrier),
		TEST(dropped_amidst),
		TEST(only_one_at_a_time),
		TEST(a_netdev_that_is_gone),
		TEST(every_frame_is_accounted_for),
		cmocka_unit_test_setup_teardown(a_stream_counts_what_left, bed_make, bed_unmake),
	};

	net_enter();
	return cmocka_run_group_tests_name("direct", tests, NULL, NULL);
}
