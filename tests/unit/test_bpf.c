// SPDX-License-Identifier: GPL-2.0-or-later
/* Our instructions pass what libpcap's pass, of frames that nearly match as well. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <pcap/pcap.h>

#include "../../src/traffic/traffic_priv.h"
#include "nfprobe/traffic.h"

#define LEN 64

static const char *const texts[] = {
	"ether[12:2] = 0x88b5",
	"ether[0] = 2 or ether[1] = 3 and ether[2] = 4",
	"ether[0] = 2 and ether[1] = 3 or ether[2] = 4",
	"(ether[0] = 2 or ether[4:4] = 4294967295) and (ether[19] = 3 or (ether[23] = 3))",
	"(ether[12:2] = 0x806 and ether[20:2] = 2 and ether[38:4] = 0) or "
	"(ether[16:2] = 0x806 and ether[24:2] = 2 and ether[42:4] = 0)",
};

/* Of few values, so that each comparison is often true. */
static void draw(unsigned char frame[LEN], unsigned int *seed)
{
	static const unsigned char some[] = {0, 2, 3, 4, 0x88, 0xb5, 8, 6, 0xff};

	for (size_t i = 0; i < LEN; i++)
		frame[i] = some[(unsigned int)rand_r(seed) % sizeof(some)];
	if (rand_r(seed) % 2)
		memcpy(frame + 12, "\x08\x06", 2);
	if (rand_r(seed) % 2)
		memcpy(frame + 20, "\0\2", 2);
	if (rand_r(seed) % 2)
		memset(frame + 38, 0, 8);
	if (rand_r(seed) % 2)
		memset(frame + 4, 0xff, 4);
}

static void compare(pcap_t *pcap, const char *text, unsigned int *seed, unsigned int num)
{
	struct bpf_insn insns[NFP_BPF_MAX];
	struct bpf_program theirs;
	unsigned int passed = 0;
	size_t len;

	assert_int_equal(nfp_bpf_compile(text, insns, &len), 0);
	assert_true(bpf_validate(insns, (int)len));
	assert_int_equal(pcap_compile(pcap, &theirs, text, 1, PCAP_NETMASK_UNKNOWN), 0);
	for (unsigned int i = 0; i < num; i++) {
		unsigned char frame[LEN];
		bool ours;

		draw(frame, seed);
		ours = bpf_filter(insns, frame, LEN, LEN) != 0;
		assert_int_equal(ours, bpf_filter(theirs.bf_insns, frame, LEN, LEN) != 0);
		passed += ours;
	}
	pcap_freecode(&theirs);
	assert_true(num == 1 || (passed > 0 && passed < num));
}

static void as_libpcap(void **state)
{
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 128);
	unsigned int seed = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		compare(pcap, texts[i], &seed, 20000);
	pcap_close(pcap);
}

/* A run's own filter, over a frame of its own with each byte changed in turn. */
static void of_a_run(void **state)
{
	const struct nfp_frame_id id = {.run = {1, 2, 3, 4, 5, 6, 7, 8}};
	unsigned char frame[LEN] = {[12] = 0x88, 0xb5, 'n', 'f', 'p', 'r'};
	char text[NFP_CAPTURE_FILTER_LEN];
	struct bpf_insn insns[NFP_BPF_MAX];
	size_t num;

	(void)state;
	memcpy(frame + 22, id.run, 8);
	nfp_capture_filter(&id, text);
	assert_int_equal(nfp_bpf_compile(text, insns, &num), 0);
	assert_true(bpf_filter(insns, frame, LEN, LEN));
	for (size_t i = 0; i < LEN; i++) {
		bool looks = (i >= 12 && i < 18) || (i >= 22 && i < 26);

		frame[i] ^= 1;
		assert_int_equal(bpf_filter(insns, frame, LEN, LEN) != 0, !looks);
		frame[i] ^= 1;
	}
	for (unsigned int len = 0; len < 26; len++)
		assert_int_equal(bpf_filter(insns, frame, len, len), 0);
}

static void what_is_no_filter(void **state)
{
	static const char *const wrong[] = {
		"",
		"ip",
		"ether[1] = 2 and",
		"ether[1] = 2 or or",
		"(ether[1] = 2",
		"ether[1] = 2)",
		"ether[1:3] = 2",
		"ether[1] = 0x100000000",
		"ether[-1] = 2",
		"ether[1] != 2",
		"ether[1] = 2 ether[2] = 3",
		"((((((((((ether[1] = 2))))))))))",
	};
	struct bpf_insn insns[NFP_BPF_MAX];
	char text[60 * 40] = "ether[1] = 2";
	size_t num = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(nfp_bpf_compile(wrong[i], insns, &num), -EINVAL);
	for (int i = 0; i < 60; i++)
		strcat(text, " or ether[1] = 3");
	assert_int_equal(nfp_bpf_compile(text, insns, &num), -EINVAL);
	assert_int_equal(num, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_libpcap),
		cmocka_unit_test(of_a_run),
		cmocka_unit_test(what_is_no_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
