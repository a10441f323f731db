// SPDX-License-Identifier: GPL-2.0-or-later
// The frame codec: SipHash's own vectors, the documented layout, what must not be believed.
#include <linux/if_ether.h>

#include "harness.h"
#include "traffic/sources.h"
#include "base/base.h"
#include "../../src/traffic/traffic_priv.h"

#define NUM(a) (sizeof(a) / sizeof((a)[0]))

static const struct nfp_frame_id our_id = {
	.run = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
	.key = {0xf0, 0xe1, 0xd2, 0xc3, 0xb4, 0xa5, 0x96, 0x87, 0x78, 0x69, 0x5a, 0x4b, 0x3c},
};

static struct nfp_frame sample(uint16_t vid)
{
	struct nfp_frame frame = {
		.dst = {{0x02, 0x11, 0x22, 0x33, 0x44, 0x55}},
		.src = {{0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0xee}},
		.kind = NFP_KIND_UNICAST,
		.seq = UINT64_C(0x0102030405060708),
		.sent_ns = UINT64_C(0xfedcba9876543210),
	};

	if (vid)
		frame.vlan = (struct nfp_vlan) {.vid = vid, .qos = 5, .proto = ETH_P_8021Q};
	return frame;
}

/* Parses a copy that ends exactly where the data does, so that a sanitizer sees a read behind it.
 */
static enum nfp_frame_check parse(const struct nfp_frame_id *id, const uint8_t *data, size_t len,
				  struct nfp_frame *ret_frame)
{
	uint8_t *copy = malloc(len ? len : 1);
	enum nfp_frame_check check;

	assert_non_null(copy);
	memcpy(copy, data, len);
	check = nfp_frame_parse(id, copy, len, ret_frame);
	free(copy);
	return check;
}

static void assert_frame_equal(const struct nfp_frame *a, const struct nfp_frame *b)
{
	assert_memory_equal(a->dst.b, b->dst.b, NFP_MAC_LEN);
	assert_memory_equal(a->src.b, b->src.b, NFP_MAC_LEN);
	assert_int_equal(a->vlan.vid, b->vlan.vid);
	assert_int_equal(a->vlan.qos, b->vlan.qos);
	assert_int_equal(a->vlan.proto, b->vlan.proto);
	assert_int_equal(a->kind, b->kind);
	assert_true(a->seq == b->seq);
	assert_true(a->sent_ns == b->sent_ns);
}

/* The published test vectors: key 00..0f, message 00, 01, .. of each length. */
TEST(siphash_vectors)
{
	static const struct {
		size_t len;
		uint64_t hash;
	} vectors[] = {
		{0, UINT64_C(0x726fdb47dd0e0e31)},  {1, UINT64_C(0x74f839c593dc67fd)},
		{2, UINT64_C(0x0d6c8009d9a94f5a)},  {3, UINT64_C(0x85676696d7fb7e2d)},
		{7, UINT64_C(0xab0200f58b01d137)},  {8, UINT64_C(0x93f5f5799a932462)},
		{15, UINT64_C(0xa129ca6149be45e5)}, {16, UINT64_C(0x3f2acc7f57c29bdb)},
		{63, UINT64_C(0x958a324ceb064572)},
	};
	uint8_t key[NFP_SIPHASH_KEY_LEN], message[64];

	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = (uint8_t)i;
	memcpy(key, message, sizeof(key));
	for (size_t i = 0; i < NUM(vectors); i++)
		assert_true(nfp_siphash(key, message, vectors[i].len) == vectors[i].hash);
}

TEST(layout_is_as_documented)
{
	static const uint8_t start[] = {
		0x02, 0x11, 0x22, 0x33, 0x44, 0x55, 0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0xee,
		0x81, 0x00, 0xa0, 0x64, 0x88, 0xb5, 'n',  'f',	'p',  'r',  2,	  0,
		0,    0,    1,	  2,	3,    4,    5,	  6,	7,    8,    9,	  10,
		11,   12,   13,	  14,	15,   16,   1,	  2,	3,    4,    5,	  6,
		7,    8,    0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10,
	};
	struct nfp_frame frame = sample(100);
	uint8_t buf[NFP_FRAME_LEN_MAX], text[52];
	uint64_t hash, in_frame = 0;

	assert_int_equal(nfp_frame_build(&our_id, &frame, buf), 18 + NFP_FRAME_PAYLOAD);
	assert_memory_equal(buf, start, sizeof(start));
	memcpy(text, buf, 12);
	memcpy(text + 12, buf + 18, 40);
	hash = nfp_siphash(our_id.key, text, sizeof(text));
	for (size_t i = 0; i < 8; i++)
		in_frame = in_frame << 8 | buf[58 + i];
	assert_true(hash == in_frame);
	frame = sample(0);
	assert_int_equal(nfp_frame_build(&our_id, &frame, buf), 14 + NFP_FRAME_PAYLOAD);
}

/* Puts a tag in front of the EtherType at offset 12; returns the new length. */
static size_t insert_tag(uint8_t *buf, size_t len, uint16_t proto, uint16_t tci)
{
	memmove(buf + 16, buf + 12, len - 12);
	buf[12] = (uint8_t)(proto >> 8);
	buf[13] = (uint8_t)proto;
	buf[14] = (uint8_t)(tci >> 8);
	buf[15] = (uint8_t)tci;
	return len + 4;
}

TEST(tags_that_are_odd)
{
	uint8_t buf[NFP_FRAME_LEN_MAX + 16];
	struct nfp_frame frame = sample(0), got = {0};
	size_t len;

	/* A priority tag is no VLAN, but is told. */
	len = insert_tag(buf, nfp_frame_build(&our_id, &frame, buf), ETH_P_8021Q, 0xe000);
	frame.vlan = (struct nfp_vlan) {.qos = 7, .proto = ETH_P_8021Q};
	assert_int_equal(parse(&our_id, buf, len, &got), NFP_FRAME_OURS);
	assert_frame_equal(&frame, &got);
	/* 4095 is reserved. */
	len = insert_tag(buf, nfp_frame_build(&our_id, &frame, buf), ETH_P_8021Q, 0x0fff);
	assert_int_equal(parse(&our_id, buf, len, &got), NFP_FRAME_FOREIGN);
	/* A second tag is not ours to have. */
	frame = sample(100);
	len = insert_tag(buf, nfp_frame_build(&our_id, &frame, buf), ETH_P_8021AD, 5);
	assert_int_equal(parse(&our_id, buf, len, &got), NFP_FRAME_FOREIGN);
	len = insert_tag(buf, len, ETH_P_8021AD, 6);
	assert_int_equal(parse(&our_id, buf, len, &got), NFP_FRAME_FOREIGN);
}

/* A guest hears the run's VLAN at its standby, and untagged frames at its VF. */
TEST(tags_that_are_heard)
{
	const struct nfp_vlan none = {0}, priority = {.qos = 7, .proto = ETH_P_8021Q};
	const struct nfp_vlan run = {.vid = 100}, tag = {.vid = 100, .proto = ETH_P_8021Q};
	const struct nfp_vlan outer = {.vid = 100, .proto = ETH_P_8021AD}, other = {.vid = 200};
	const struct {
		const struct nfp_vlan *run, *tag;
		bool at[NFP_RECEIVER_COUNT];
	} cases[] = {
		{&none, &none, {[NFP_AT_PF] = true, [NFP_AT_VF] = true}},
		{&none, &priority, {[NFP_AT_PF] = true, [NFP_AT_VF] = true}},
		{&none, &tag, {false}},
		{&run, &tag, {[NFP_AT_PF] = true}},
		{&run, &none, {[NFP_AT_VF] = true}},
		{&run, &priority, {[NFP_AT_VF] = true}},
		{&run, &outer, {false}},
		{&outer, &outer, {[NFP_AT_PF] = true}},
		{&outer, &tag, {false}},
		{&run, &other, {false}},
	};

	for (size_t i = 0; i < NUM(cases); i++) {
		for (enum nfp_receiver at = 0; at < NFP_RECEIVER_COUNT; at++)
			assert_int_equal(nfp_vlan_is_heard(cases[i].run, at, cases[i].tag),
					 cases[i].at[at]);
	}
}

TEST(every_truncation)
{
	static const uint16_t vids[] = {0, 100};

	for (size_t v = 0; v < NUM(vids); v++) {
		struct nfp_frame frame = sample(vids[v]), got, untouched;
		uint8_t buf[NFP_FRAME_LEN_MAX];
		size_t len = nfp_frame_build(&our_id, &frame, buf);
		size_t id_end = len - NFP_FRAME_PAYLOAD + 8 + NFP_RUN_ID_LEN;

		memset(&got, 0x5a, sizeof(got));
		untouched = got;
		for (size_t cut = 0; cut < len; cut++) {
			assert_int_equal(parse(&our_id, buf, cut, &got),
					 cut < id_end ? NFP_FRAME_FOREIGN : NFP_FRAME_MALFORMED);
			assert_memory_equal(&got, &untouched, sizeof(got));
		}
	}
}

/* A frame with any single bit wrong is not ours; only the VLAN and priority may differ. */
TEST(every_flipped_bit)
{
	struct nfp_frame frame = sample(100), got;
	uint8_t buf[NFP_FRAME_LEN_MAX];
	size_t len = nfp_frame_build(&our_id, &frame, buf);

	for (size_t bit = 0; bit < len * 8; bit++) {
		enum nfp_frame_check check;
		size_t at = bit / 8;

		buf[at] ^= (uint8_t)(1U << (bit % 8));
		check = parse(&our_id, buf, len, &got);
		if (at == 14 || at == 15)
			assert_int_equal(check, NFP_FRAME_OURS);
		else if (at < 12 || (at >= 22 && at < 26) || at >= 42)
			assert_int_equal(check, NFP_FRAME_MALFORMED);
		else
			assert_int_equal(check, NFP_FRAME_FOREIGN);
		buf[at] ^= (uint8_t)(1U << (bit % 8));
	}
}

TEST(another_run_is_external)
{
	struct nfp_frame frame = sample(0), got;
	uint8_t buf[NFP_FRAME_LEN_MAX];
	size_t len = nfp_frame_build(&our_id, &frame, buf);

	for (size_t i = 0; i < NFP_RUN_ID_LEN; i++) {
		struct nfp_frame_id other = our_id;

		other.run[i] ^= 0x80;
		assert_int_equal(parse(&other, buf, len, &got), NFP_FRAME_FOREIGN);
	}
	/* The id was read off the wire, but the key never was on it. */
	for (size_t i = 0; i < NFP_FRAME_KEY_LEN; i++) {
		struct nfp_frame_id other = our_id;

		other.key[i] ^= 1;
		assert_int_equal(parse(&other, buf, len, &got), NFP_FRAME_MALFORMED);
	}
}

/* Values that the sender never sends are refused although the tag is right. */
TEST(impossible_values)
{
	struct nfp_frame frame = sample(0), got;
	uint8_t buf[NFP_FRAME_LEN_MAX];
	size_t len;

	frame.seq = 0;
	len = nfp_frame_build(&our_id, &frame, buf);
	assert_int_equal(parse(&our_id, buf, len, &got), NFP_FRAME_MALFORMED);
	frame.seq = UINT64_MAX;
	len = nfp_frame_build(&our_id, &frame, buf);
	for (unsigned int code = 0; code < 256; code++) {
		uint8_t text[52];
		uint64_t tag;

		buf[14 + 5] = (uint8_t)code;
		memcpy(text, buf, 12);
		memcpy(text + 12, buf + 14, 40);
		tag = nfp_siphash(our_id.key, text, sizeof(text));
		for (size_t i = 0; i < 8; i++)
			buf[14 + 40 + i] = (uint8_t)(tag >> (56 - 8 * i));
		assert_int_equal(parse(&our_id, buf, len, &got),
				 code <= NFP_KIND_LAST ? NFP_FRAME_OURS : NFP_FRAME_MALFORMED);
	}
}

/* Switches that learn from one of them alone know the address then, and the run its own frame. */
TEST(an_address_is_announced_in_four_ways)
{
	static const struct nfp_frame_id id = {.run = {1}, .key = {2}};
	const struct nfp_frame frame = {.dst = nfp_mac_broadcast,
					.src = {{0x02, 0xab, 0, 0, 0, 7}},
					.vlan = {.vid = 5},
					.kind = NFP_KIND_ANNOUNCE,
					.seq = 1};
	static const uint8_t arp[] =
		"\xff\xff\xff\xff\xff\xff\x02\xab\0\0\0\x07\x81\0\0\x05\x08\x06"
		"\0\x01\x08\0\x06\x04\0\x01\x02\xab\0\0\0\x07\0\0\0\0"
		"\0\0\0\0\0\0\0\0\0";
	static const uint8_t rarp[] = "\x80\x35\0\x01\x08\0\x06\x04\0\x03\x02\xab\0\0\0\x07"
				      "\0\0\0\0\x02\xab\0\0\0\x07\0\0\0";
	/* Up to the UDP header: TTL 1, its checksum, nobody's address and everybody's. */
	static const uint8_t ip[] = "\x08\0\x45\0\0\x24\0\0\x40\0\x01\x11\x79\xca"
				    "\0\0\0\0\xff\xff\xff\xff\0\x09\0\x09\0\x10";
	struct nfp_packet packets[NFP_ANNOUNCEMENT_PACKETS];
	const uint8_t *udp = packets[2].data + 38;
	uint32_t sum = 2 * 0xffff + 17 + 16; /* RFC 768: of the pseudo header */
	struct nfp_frame own;

	nfp_announcement_build(&id, &frame, packets);
	assert_int_equal(packets[0].len, sizeof(arp));
	assert_memory_equal(packets[0].data, arp, sizeof(arp));
	assert_int_equal(packets[1].len, sizeof(arp));
	assert_memory_equal(packets[1].data, arp, 16);
	assert_memory_equal(packets[1].data + 16, rarp, sizeof(rarp));
	assert_int_equal(packets[2].len, 16 + 2 + 36);
	assert_memory_equal(packets[2].data, arp, 16);
	assert_memory_equal(packets[2].data + 16, ip, sizeof(ip) - 1);
	for (size_t i = 0; i < 16; i += 2)
		sum += (uint32_t)udp[i] << 8 | udp[i + 1];
	assert_int_equal((sum & 0xffff) + (sum >> 16), 0xffff);
	assert_int_equal(nfp_frame_parse(&id, packets[3].data, packets[3].len, &own),
			 NFP_FRAME_OURS);
	assert_true(own.kind == NFP_KIND_ANNOUNCE && nfp_mac_equal(&own.src, &frame.src));
	for (size_t i = 0; i < 3; i++) {
		assert_true(nfp_announcement_is(packets[i].data, packets[i].len));
		assert_false(nfp_announcement_is(packets[i].data, packets[i].len - 1));
		/* Another address in the body, another operation: somebody else's. */
		packets[i].data[packets[i].len - 19] ^= 1;
		assert_false(nfp_announcement_is(packets[i].data, packets[i].len));
	}
	assert_false(nfp_announcement_is(packets[3].data, packets[3].len));
}

/* A report is known as one that nfprobe sends. */
TEST(a_report_is_recognised)
{
	const struct nfp_mac from = {{0x02, 0xab, 0, 0, 0, 7}},
			     group = {{0x33, 0x33, 0xff, 1, 2, 3}};
	const struct nfp_vlan vlan = {.vid = 5};
	uint8_t data[NFP_MLD_LEN_MAX];
	size_t len = nfp_mld_build(&from, &group, &vlan, data);

	assert_true(nfp_mld_is(data, len));
	assert_false(nfp_mld_is(data, len - 1));
	data[len - 1] ^= 1;
	assert_false(nfp_mld_is(data, len));
}

TEST_MAIN()
