// SPDX-License-Identifier: GPL-2.0-or-later
/* The MLD report, field by field. */
#include "harness.h"
#include "traffic/traffic.h"
#include "../../src/traffic/traffic_priv.h"

static const struct nfp_mac x = {{0x02, 0xab, 0xcd, 0x00, 0x00, 0x01}};
static const struct nfp_mac group = {{0x33, 0x33, 0xff, 0x12, 0x34, 0x56}};

/* Written down from RFC 8200, RFC 2711, RFC 3810 and RFC 4291, but for the checksum. */
static const uint8_t expected[] = {
	/* to 33:33:00:00:00:16, from x, IPv6 */
	0x33, 0x33, 0x00, 0x00, 0x00, 0x16, 0x02, 0xab, 0xcd, 0x00, 0x00, 0x01, 0x86, 0xdd,
	/* version 6, 36 bytes, hop-by-hop options, hop limit 1 */
	0x60, 0x00, 0x00, 0x00, 0x00, 0x24, 0x00, 0x01,
	/* fe80::ab:cdff:fe00:1 */
	0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0x00, 0xab, 0xcd, 0xff, 0xfe, 0x00, 0x00, 0x01,
	/* ff02::16 */
	0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x16,
	/* ICMPv6 follows, 8 bytes; Router Alert: MLD; PadN */
	0x3a, 0x00, 0x05, 0x02, 0x00, 0x00, 0x01, 0x00,
	/* report, one record */
	0x8f, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01,
	/* to EXCLUDE, no data, no sources, ff02::1:ff12:3456 */
	0x04, 0x00, 0x00, 0x00, 0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0xff, 0x12, 0x34,
	0x56};

#define CHECKSUM_AT 64
#define ICMPV6_AT   62

_Static_assert(sizeof(expected) + 4 == NFP_MLD_LEN_MAX, "the longest one has a tag");

/*
 * RFC 4443, section 2.3, by another way than the program's: the sum of pseudo header and message,
 * checksum included, modulo 65535, is 0.
 */
static unsigned int remainder_of(const uint8_t *ip)
{
	const uint8_t *message = ip + ICMPV6_AT - 14;
	uint64_t sum = 28 + 58;

	for (int i = 0; i < 32; i++)
		sum += ip[8 + i] * (i % 2 ? 1U : 256U);
	for (int i = 0; i < 28; i++)
		sum += message[i] * (i % 2 ? 1U : 256U);
	return (unsigned int)(sum % 65535);
}

TEST(fields)
{
	const struct nfp_vlan none = {.vid = 0};
	uint8_t buf[NFP_MLD_LEN_MAX];
	size_t len = nfp_mld_build(&x, &group, &none, buf);

	assert_int_equal(len, sizeof(expected));
	assert_int_equal(remainder_of(buf + 14), 0);
	assert_true(buf[CHECKSUM_AT] || buf[CHECKSUM_AT + 1]);
	buf[CHECKSUM_AT] = buf[CHECKSUM_AT + 1] = 0;
	assert_memory_equal(buf, expected, len);
}

TEST(tagged)
{
	static const uint8_t tag[] = {0x81, 0x00, 0x60, 0x64};
	const struct nfp_vlan none = {.vid = 0}, vlan = {.vid = 100, .qos = 3};
	uint8_t buf[NFP_MLD_LEN_MAX], plain[NFP_MLD_LEN_MAX];
	size_t len = nfp_mld_build(&x, &group, &vlan, buf);

	assert_int_equal(len, NFP_MLD_LEN_MAX);
	assert_int_equal(nfp_mld_build(&x, &group, &none, plain), len - sizeof(tag));
	assert_memory_equal(buf, plain, 12);
	assert_memory_equal(buf + 12, tag, sizeof(tag));
	assert_memory_equal(buf + 16, plain + 12, len - 16);
}

/* Sums that carry more than once, and sums of every parity. */
TEST(checksums)
{
	const struct nfp_vlan none = {.vid = 0};
	uint64_t seed = 1;

	for (int i = 0; i < 100000; i++) {
		struct nfp_mac mac = x, to = group;
		uint8_t buf[NFP_MLD_LEN_MAX];

		for (int j = 0; j < NFP_MAC_LEN; j++) {
			seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			mac.b[j] = (uint8_t)(seed >> 33);
			if (j > 2)
				to.b[j] = (uint8_t)(seed >> 41);
		}
		nfp_mld_build(&mac, &to, &none, buf);
		assert_int_equal(remainder_of(buf + 14), 0);
	}
}

TEST_MAIN()
