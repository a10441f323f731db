// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The MLD report: a Linux bridge, which floods no multicast, takes it for a membership of PF or VF,
 * and from then on passes IPv6 frames to that group there. (It looks up by IP addresses, so frames
 * of the stream would not do.)
 */
#include <linux/if_packet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "netns/bed.h"
#include "base/base.h"

#define FRAME_LEN 60
#define GROUP_AT  (14 + 40 - 1) /* its last byte */

static const struct nfp_mac x = {{0x02, 0xab, 0xcd, 0, 0, 1}};

static struct nfp_mac group_of(uint8_t last)
{
	return (struct nfp_mac) {{0x33, 0x33, 0xff, 0, 0, last}};
}

/*
 * A bridge in place of the relay. It goes by groups only while there is a querier; its own works
 * once it has an address, for which it looks each second.
 */
static void make(struct bed *bed)
{
	static const char *const ports[] = {"s1", "p1", "v1"};

	bed_make(bed);
	net_run("ip link add br0 up type bridge mcast_snooping 1 mcast_query_response_interval 1 "
		"mcast_query_interval 100 mcast_startup_query_interval 100");
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		net_run("ip link set %s master br0 && bridge link set dev %s mcast_flood off",
			ports[i], ports[i]);
	net_run("echo 0 > /proc/sys/net/ipv6/conf/br0/disable_ipv6");
	net_run("ip addr add fe80::1/64 dev br0 nodad");
	net_run("ip link set br0 type bridge mcast_querier 1");
}

static void unmake(struct bed *bed)
{
	net_run("ip link del br0");
	bed_unmake(bed);
}

static void open_with(struct bed *bed, uint16_t vid, const struct nfp_tap *tap)
{
	struct nfp_stream_config config = bed_config(bed);

	config.pf_vlan.vid = vid;
	config.pf_mac = net_mac("p0"); /* a bridge drops what comes from no address */
	if (tap)
		config.tap = *tap;
	bed_open(bed, &config);
	bed_listen_vf(bed);
}

static void report(struct bed *bed, enum nfp_receiver at, uint8_t last)
{
	const struct nfp_mac to = group_of(last);

	assert_int_equal(bed->wire.ops->report(bed->wire.ctx, at, &x, &to, NULL), 0);
}

/* ---- what the bridge knows ---- */

static bool is_member(const char *port, uint8_t last)
{
	char line[256], entry[80];
	bool found = false;
	FILE *out = popen("bridge mdb show dev br0", "r");

	assert_non_null(out);
	snprintf(entry, sizeof(entry), "port %s grp ff02::1:ff00:%x temp", port, last);
	while (fgets(line, sizeof(line), out))
		found |= strstr(line, entry) != NULL;
	assert_int_equal(pclose(out), 0);
	return found;
}

/* More than once: a netdev that has just come up may drop what it sends (net.c). */
static void join(struct bed *bed, enum nfp_receiver at, uint8_t last)
{
	uint64_t deadline = nfp_clock_now() + NET_PATIENCE_NS;

	do {
		assert_true(nfp_clock_now() < deadline);
		report(bed, at, last);
	} while (!is_member(at == NFP_AT_PF ? "p1" : "v1", last));
}

/* ---- what passes ---- */

/* IPv6, next header 59 (none); a bridge drops one that is empty. */
static void send_to(int fd, uint8_t last)
{
	const struct nfp_mac to = group_of(last);
	uint8_t frame[FRAME_LEN] = {
		[12] = 0x86, [13] = 0xdd, [14] = 0x60, [19] = 6, [20] = 59, [21] = 1};

	memcpy(frame, to.b, NFP_MAC_LEN);
	frame[6] = 0x02;
	memcpy(frame + 22, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\2", 16);
	memcpy(frame + 38, "\xff\x02\0\0\0\0\0\0\0\0\0\1\xff\0\0", 15);
	frame[GROUP_AT] = last;
	assert_int_equal(send(fd, frame, sizeof(frame), 0), sizeof(frame));
}

/* Reads up to the next frame of ours; its last byte, or 0: there is none yet. */
static uint8_t take(int fd)
{
	uint8_t frame[256];

	while (recv(fd, frame, sizeof(frame), 0) >= FRAME_LEN) {
		if (memcmp(frame, "\x33\x33\xff\0\0", 5) == 0 && frame[20] == 59)
			return frame[GROUP_AT];
	}
	return 0;
}

/* Sends to @group until one gets through. */
static void passes(int from, int to, uint8_t group)
{
	uint64_t deadline = nfp_clock_now() + NET_PATIENCE_NS;
	struct pollfd pollfd = {.fd = to, .events = POLLIN};

	do {
		assert_true(nfp_clock_now() < deadline);
		send_to(from, group);
		(void)poll(&pollfd, 1, 10);
	} while (take(to) != group);
}

/* Frames arrive in order: sends to @group before each frame to @other, which passes. */
static void does_not_pass(int from, int to, uint8_t group, uint8_t other)
{
	uint64_t deadline = nfp_clock_now() + NET_PATIENCE_NS;
	struct pollfd pollfd = {.fd = to, .events = POLLIN};
	uint8_t got;

	while (take(to))
		;
	do {
		assert_true(nfp_clock_now() < deadline);
		send_to(from, group);
		send_to(from, other);
		(void)poll(&pollfd, 1, 10);
		got = take(to);
		assert_int_not_equal(got, group);
	} while (got != other);
}

static int open_in_vf(void *arg)
{
	*(int *)arg = net_socket(net_netdev("v0").ifindex);
	return 0;
}

#define CASE(name) TEST_OF(name, make, unmake, struct bed, bed)

CASE(joins_at_the_reporting_port)
{
	int from = net_socket(bed->net.sender.ifindex), pf = net_socket(bed->net.pf.ifindex), vf;

	open_with(bed, 0, NULL);
	assert_int_equal(nfp_netns_run(bed->net.vf.netns_fd, open_in_vf, &vf), 0);
	/* Each port has a group of its own, by which to see that frames pass. */
	join(bed, NFP_AT_PF, 1);
	join(bed, NFP_AT_VF, 2);
	assert_false(is_member("v1", 1));
	assert_false(is_member("p1", 2));
	does_not_pass(from, pf, 3, 1);
	does_not_pass(from, vf, 3, 2);
	join(bed, NFP_AT_PF, 3);
	passes(from, pf, 3);
	does_not_pass(from, vf, 3, 2);
	join(bed, NFP_AT_VF, 3);
	passes(from, vf, 3);
	close(from);
	close(pf);
	close(vf);
}

/* The VLAN id of the next report from @at, as it arrives at @fd; 0: it is untagged. */
static unsigned int vid_of_report(struct bed *bed, enum nfp_receiver at, int fd)
{
	uint64_t deadline = nfp_clock_now() + NET_PATIENCE_NS;
	char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))] __attribute__((aligned(8)));
	uint8_t frame[256] = {0};
	struct iovec iov = {frame, sizeof(frame)};
	struct msghdr header = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control};
	struct pollfd pollfd = {.fd = fd, .events = POLLIN};
	struct tpacket_auxdata aux;

	while (memcmp(frame, "\x33\x33\0\0\0\x16", 6) != 0) {
		assert_true(nfp_clock_now() < deadline);
		report(bed, at, 1);
		(void)poll(&pollfd, 1, 10);
		header.msg_controllen = sizeof(control);
		(void)recvmsg(fd, &header, 0);
	}
	assert_non_null(CMSG_FIRSTHDR(&header));
	memcpy(&aux, CMSG_DATA(CMSG_FIRSTHDR(&header)), sizeof(aux));
	return aux.tp_status & TP_STATUS_VLAN_VALID ? aux.tp_vlan_tci : 0;
}

/* The standby's guest is in the VLAN; what the VF sends gets its tag from the NIC. */
CASE(in_a_vlan)
{
	int pf = net_socket(bed->net.relay_pf), vf = net_socket(bed->net.relay_vf);

	open_with(bed, 100, NULL);
	assert_int_equal(vid_of_report(bed, NFP_AT_PF, pf), 100);
	assert_int_equal(vid_of_report(bed, NFP_AT_VF, vf), 0);
	close(pf);
	close(vf);
}

struct tapped {
	unsigned int num[NFP_RECEIVER_COUNT];
};

static void on_frame(void *ctx, const struct nfp_tap_event *event)
{
	struct tapped *tapped = ctx;

	if (event->what != NFP_TAP_OTHER || event->len <= 20 || event->data[12] != 0x86)
		return;
	tapped->num[event->at]++;
	/* Only the VF has the address under test as its own. */
	assert_int_equal(memcmp(event->data + 6, x.b, sizeof(x.b)) == 0, event->at == NFP_AT_VF);
}

CASE(is_recorded_where_it_left)
{
	struct tapped tapped = {.num = {0}};
	const struct nfp_tap tap = {.frame = on_frame, .ctx = &tapped};

	open_with(bed, 0, &tap);
	report(bed, NFP_AT_PF, 1);
	assert_int_equal(tapped.num[NFP_AT_PF], 1);
	assert_int_equal(tapped.num[NFP_AT_VF], 0);
	report(bed, NFP_AT_VF, 1);
	assert_int_equal(tapped.num[NFP_AT_PF], 1);
	assert_int_equal(tapped.num[NFP_AT_VF], 1);
	/* Nothing of the stream. */
	bed_pump(bed, 10 * NFP_NSEC_PER_MSEC);
	assert_int_equal(bed_stats(bed).foreign, 0);
	nfp_stream_close(bed->stream);
	bed->stream = NULL;
}

CASE(a_netdev_that_is_down)
{
	const struct nfp_mac to = group_of(1);
	struct nfp_err err = {0};

	open_with(bed, 0, NULL);
	net_run("ip link set p0 down");
	assert_int_equal(bed->wire.ops->report(bed->wire.ctx, NFP_AT_PF, &x, &to, &err), -ENETDOWN);
	assert_non_null(strstr(err.message, "cannot send an MLD report from p0"));
}

TEST_MAIN()
