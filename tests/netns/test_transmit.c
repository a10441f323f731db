// SPDX-License-Identifier: GPL-2.0-or-later
/* The PF's frames of the transmit test, and which count as heard at the source's netdev. */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "netns/bed.h"
#include "base/base.h"
#include "traffic/stream.h"

#define ALL ((1U << NFP_TRANSMIT_FRAMES) - 1)
/* By index: X, own, X, own, X. */
#define TESTS	 0x15U
#define CONTROLS 0x0aU

static const struct nfp_mac x = {{0x02, 0xab, 0xcd, 0, 0, 1}};
static const struct nfp_mac pf_mac = {{0x02, 0xff, 0, 0, 0, 2}};

/* One round, as it left the PF. */
struct round {
	uint8_t data[NFP_TRANSMIT_FRAMES][NFP_FRAME_LEN_MAX];
	size_t len[NFP_TRANSMIT_FRAMES];
};

static void open_with(struct bed *bed, uint16_t vid)
{
	struct nfp_stream_config config = bed_config(bed);

	config.pf_mac = pf_mac;
	config.pf_vlan.vid = vid;
	bed_open(bed, &config);
}

/* Other traffic may pass: it is not ours. */
static bool take_one(struct bed *bed, int fd, struct round *round, unsigned int i)
{
	struct pollfd pollfd = {.fd = fd, .events = POLLIN};
	struct nfp_frame frame;
	ssize_t got;

	assert_int_equal(poll(&pollfd, 1, 60000), 1);
	got = recv(fd, round->data[i], sizeof(round->data[i]), 0);
	assert_true(got > 0);
	round->len[i] = (size_t)got;
	return nfp_frame_parse(&bed->net.id, round->data[i], (size_t)got, &frame) == NFP_FRAME_OURS;
}

/* The protocol with which a frame passes tc and BPF, host byte order. */
static uint16_t protocol_of(int fd)
{
	struct sockaddr_ll from;
	uint8_t data[NFP_FRAME_LEN_MAX];

	for (;;) {
		struct pollfd pollfd = {.fd = fd, .events = POLLIN};
		socklen_t len = sizeof(from);

		assert_int_equal(poll(&pollfd, 1, 60000), 1);
		assert_true(recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&from, &len) >
			    0);
		if (from.sll_pkttype == PACKET_OUTGOING && memcmp(data + 6, &x, NFP_MAC_LEN) == 0)
			return ntohs(from.sll_protocol);
	}
}

TEST_OF(test_a_frame_passes_tc_as_what_it_is, bed_make, bed_unmake, struct bed, bed)
{
	static const uint16_t types[] = {NFP_ETHERTYPE, ETH_P_ARP, ETH_P_8021Q, ETH_P_8021AD};
	struct nfp_netdev to = {.ifindex = bed->net.relay_pf, .ifname = "p1", .netns_fd = -1};
	struct nfp_inject *inject;
	int fd = net_socket(bed->net.relay_pf), off = 0;

	assert_int_equal(setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &off, sizeof(off)), 0);
	assert_int_equal(nfp_inject_open(&to, &inject, NULL), 0);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct nfp_packet packet = {.len = 64};

		memcpy(packet.data, &pf_mac, NFP_MAC_LEN);
		memcpy(packet.data + NFP_MAC_LEN, &x, NFP_MAC_LEN);
		packet.data[12] = (uint8_t)(types[i] >> 8);
		packet.data[13] = (uint8_t)types[i];
		packet.data[16] = 0x88; /* behind a tag */
		packet.data[17] = 0xb5;
		assert_int_equal(nfp_inject_send(inject, &packet, 1), 1);
		assert_int_equal(protocol_of(fd), types[i]);
	}
	nfp_inject_close(inject);
	close(fd);
}

static void send_round(struct bed *bed, struct round *round)
{
	int fd = net_socket(bed->net.relay_pf);

	bed->wire.ops->transmit(bed->wire.ctx, NFP_AT_PF, &x, NULL);
	for (unsigned int i = 0; i < NFP_TRANSMIT_FRAMES;)
		i += take_one(bed, fd, round, i);
	close(fd);
}

/* Brings those of @which to the sender's netdev. */
static void bring(struct bed *bed, const struct round *round, unsigned int which)
{
	int fd = net_socket(bed->net.relay_in);

	for (unsigned int i = 0; i < NFP_TRANSMIT_FRAMES; i++) {
		if (which & (1U << i))
			assert_int_equal(send(fd, round->data[i], round->len[i], 0), round->len[i]);
	}
	close(fd);
	bed_pump(bed, 20 * NFP_NSEC_PER_MSEC);
}

/* The capture reads a little later than the kernel delivers; nothing may come that is not expected.
 */
static void expect(struct bed *bed, unsigned int heard_tests, unsigned int heard_controls)
{
	uint64_t deadline = nfp_clock_now() + NET_PATIENCE_NS;
	struct nfp_transmit_count count;

	bed->wire.ops->transmitted(bed->wire.ctx, &count);
	while ((count.heard_tests != heard_tests || count.heard_controls != heard_controls) &&
	       nfp_clock_now() < deadline) {
		bed_pump(bed, 20 * NFP_NSEC_PER_MSEC);
		bed->wire.ops->transmitted(bed->wire.ctx, &count);
	}
	assert_int_equal(count.tests, NFP_TRANSMIT_TESTS);
	assert_int_equal(count.controls, NFP_TRANSMIT_CONTROLS);
	assert_int_equal(count.heard_tests, heard_tests);
	assert_int_equal(count.heard_controls, heard_controls);
	assert_false(count.drops);
}

#define CASE(name) TEST_OF(name, bed_make, bed_unmake, struct bed, bed)

CASE(goes_to_the_source_and_nowhere_else)
{
	struct nfp_frame frame;
	struct round round;

	open_with(bed, 0);
	send_round(bed, &round);
	for (unsigned int i = 0; i < NFP_TRANSMIT_FRAMES; i++) {
		bool test = TESTS & (1U << i);

		assert_int_equal(nfp_frame_parse(&bed->net.id, round.data[i], round.len[i], &frame),
				 NFP_FRAME_OURS);
		assert_int_equal(frame.kind, NFP_KIND_TRANSMIT);
		assert_true(nfp_mac_equal(&frame.dst, &bed->net.sender_mac));
		assert_true(nfp_mac_equal(&frame.src, test ? &x : &pf_mac));
	}
}

CASE(hears_what_arrives)
{
	struct round round;

	open_with(bed, 0);
	send_round(bed, &round);
	expect(bed, 0, 0);
	bring(bed, &round, CONTROLS);
	expect(bed, 0, 2);
	bring(bed, &round, CONTROLS); /* twice is once */
	expect(bed, 0, 2);
	bring(bed, &round, 1);
	expect(bed, 1, 2);
	send_round(bed, &round);
	bring(bed, &round, ALL);
	expect(bed, 3, 2);
}

CASE(an_earlier_round_is_none)
{
	struct round first, second;

	open_with(bed, 0);
	send_round(bed, &first);
	send_round(bed, &second);
	bring(bed, &first, ALL);
	expect(bed, 0, 0);
	bring(bed, &second, CONTROLS);
	expect(bed, 0, 2);
}

/* A control with X written over its source is no test. */
CASE(forged_ones_do_not_count)
{
	struct round round;

	open_with(bed, 0);
	send_round(bed, &round);
	for (unsigned int i = 0; i < NFP_TRANSMIT_FRAMES; i++)
		memcpy(round.data[i] + NFP_MAC_LEN, TESTS & (1U << i) ? &pf_mac : &x, NFP_MAC_LEN);
	bring(bed, &round, ALL);
	expect(bed, 0, 0);
}

/* The tag is the standby's; the kernel takes it out of what the test's socket gets. */
CASE(in_a_vlan)
{
	struct round round;

	open_with(bed, 100);
	send_round(bed, &round);
	bring(bed, &round, ALL);
	expect(bed, 3, 2);
}

TEST_MAIN()
