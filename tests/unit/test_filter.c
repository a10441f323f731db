// SPDX-License-Identifier: GPL-2.0-or-later
/* A run's filter, compiled as a capture compiles it, passes frames of the run and no others. */
#include <pcap/pcap.h>

#include "harness.h"
#include "../../src/traffic/traffic_priv.h"

#define LEN NFP_ND_LEN_MAX

static const struct nfp_frame_id id = {.run = {1, 2, 3, 4, 5, 6, 7, 8}};

static int compile(const char *text, struct bpf_program *ret_program)
{
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 128);
	int ret = pcap_compile(pcap, ret_program, text, 1, PCAP_NETMASK_UNKNOWN);

	pcap_close(pcap);
	return ret;
}

/* A frame with each byte changed in turn, and truncated everywhere. */
static void check(const char *text, unsigned char frame[LEN], const bool looks[LEN])
{
	struct bpf_program program;
	unsigned int last = 0;

	assert_int_equal(compile(text, &program), 0);
	assert_true(bpf_filter(program.bf_insns, frame, LEN, LEN));
	for (unsigned int i = 0; i < LEN; i++) {
		frame[i] ^= 1;
		assert_int_equal(bpf_filter(program.bf_insns, frame, LEN, LEN) != 0, !looks[i]);
		frame[i] ^= 1;
		last = looks[i] ? i : last;
	}
	for (unsigned int len = 0; len <= last; len++)
		assert_int_equal(bpf_filter(program.bf_insns, frame, len, len), 0);
	pcap_freecode(&program);
}

static void set(bool looks[LEN], size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		looks[i] = true;
}

TEST(of_a_run)
{
	char text[NFP_CAPTURE_FILTER_LEN];

	nfp_capture_filter(&id, text);
	for (uint16_t vid = 0; vid <= 100; vid += 100) {
		const struct nfp_frame made = {.vlan = {.vid = vid}, .kind = NFP_KIND_UNICAST};
		unsigned char frame[LEN] = {0};
		bool looks[LEN] = {false};
		size_t at = vid ? 16 : 12;

		nfp_frame_build(&id, &made, frame);
		set(looks, at, at + 6);
		set(looks, at + 10, at + 14);
		check(text, frame, looks);
	}
}

TEST(of_arp)
{
	const struct nfp_ipv4 ip = {{192, 0, 2, 1}};
	char text[NFP_ARP_FILTER_LEN];

	nfp_arp_filter(&ip, text);
	for (uint16_t vid = 0; vid <= 100; vid += 100) {
		const struct nfp_arp made = {.vlan = {.vid = vid}, .op = NFP_ARP_REPLY, .spa = ip};
		unsigned char frame[LEN] = {0};
		bool looks[LEN] = {false};
		size_t at = vid ? 16 : 12;

		nfp_arp_build(&made, frame);
		set(looks, at, at + 2);
		set(looks, at + 8, at + 10);
		set(looks, at + 16, at + 20);
		set(looks, at + 26, at + 30);
		check(text, frame, looks);
	}
}

TEST(of_neighbour_discovery)
{
	const struct nfp_ipv6 target = {{0xfe, 0x80, [12] = 9, 8, 7, 6}};
	char text[NFP_ND_FILTER_LEN];

	nfp_nd_filter(&target, text);
	assert_true(strlen(text) < sizeof(text) - 1);
	for (uint16_t vid = 0; vid <= 100; vid += 100) {
		const struct nfp_nd made = {.dst = nfp_mac_all_nodes,
					    .vlan = {.vid = vid},
					    .advertises = true,
					    .target = target};
		unsigned char frame[LEN] = {0};
		bool looks[LEN] = {false};
		size_t at = vid ? 16 : 12;

		nfp_nd_build(&made, frame);
		set(looks, 0, 6);
		set(looks, at, at + 2);
		set(looks, at + 8, at + 9);
		set(looks, at + 42, at + 43);
		set(looks, at + 62, at + 66);
		check(text, frame, looks);
	}
}

TEST(of_a_reflector)
{
	const struct nfp_peer_id peer = {{7}};

	for (uint16_t vid = 0; vid <= 100; vid += 100) {
		const struct nfp_peer_frame made = {.vlan = {.vid = vid}, .type = NFP_PEER_HELLO};
		unsigned char frame[NFP_PEER_LEN_MAX] = {0};
		bool looks[LEN] = {false};

		nfp_peer_build(&peer, &made, frame);
		set(looks, vid ? 16 : 12, vid ? 22 : 18);
		check(nfp_peer_filter, frame, looks);
	}
}

TEST_MAIN()
