// SPDX-License-Identifier: GPL-2.0-or-later
// Frames between prober and reflector: the documented layout, and what is not believed.
#include <linux/if_ether.h>

#include "harness.h"
#include "traffic/sources.h"
#include "base/base.h"
#include "../../src/traffic/traffic_priv.h"

static const struct nfp_peer_id our_id = {{0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe, 0xe1,
					   0xd2, 0xc3, 0xb4, 0xa5, 0x96, 0x87, 0x78}};
static const struct nfp_frame_id run_id = {.run = {9, 8, 7, 6, 5, 4, 3, 2, 1}, .key = {42}};
static const struct nfp_mac prober = {{0x02, 0, 0, 0, 0, 0x0a}},
			    reflector = {{0x02, 0, 0, 0, 0, 0x0b}};

static size_t inner_frame(uint8_t buf[NFP_FRAME_LEN_MAX])
{
	const struct nfp_frame frame = {
		.dst = {{0x02, 1, 2, 3, 4, 5}},
		.src = reflector,
		.kind = NFP_KIND_UNICAST,
		.seq = 77,
		.sent_ns = 123456789,
	};

	return nfp_frame_build(&run_id, &frame, buf);
}

static struct nfp_peer_frame sample(enum nfp_peer_type type, const uint8_t *inner, uint16_t vid)
{
	struct nfp_peer_frame frame = {
		.dst = reflector,
		.src = prober,
		.type = type,
		.session = type == NFP_PEER_HELLO ? 0 : UINT64_C(0x1122334455667788),
		.seq = UINT64_C(0x0102030405060708),
		.inner = type == NFP_PEER_CARRY ? inner : NULL,
	};

	memcpy(frame.run, run_id.run, sizeof(frame.run));
	if (type == NFP_PEER_WELCOME) {
		frame.rate = 1000;
		frame.left_s = 599;
	}
	if (vid)
		frame.vlan = (struct nfp_vlan) {.vid = vid, .qos = 3, .proto = ETH_P_8021Q};
	return frame;
}

/* Parses a copy that ends exactly where the data does, so that a sanitizer sees a read behind it.
 */
static enum nfp_peer_check parse(const struct nfp_peer_id *id, const uint8_t *data, size_t len,
				 struct nfp_peer_frame *ret_frame)
{
	uint8_t *copy = malloc(len ? len : 1);
	enum nfp_peer_check check;

	assert_non_null(copy);
	memcpy(copy, data, len);
	check = nfp_peer_parse(id, copy, len, ret_frame);
	if (check == NFP_PEER_OURS && ret_frame->inner)
		ret_frame->inner = data + (ret_frame->inner - copy);
	free(copy);
	return check;
}

TEST(layout_is_as_documented)
{
	uint8_t inner[NFP_FRAME_LEN_MAX], buf[NFP_PEER_LEN_MAX], text[256];
	struct nfp_peer_frame frame;
	uint64_t tag = 0;
	size_t len;

	inner_frame(inner);
	frame = sample(NFP_PEER_CARRY, inner, 0);
	len = nfp_peer_build(&our_id, &frame, buf);
	assert_int_equal(len, 14 + 40 + 62 + 8);
	assert_memory_equal(buf, reflector.b, 6);
	assert_memory_equal(buf + 6, prober.b, 6);
	assert_memory_equal(buf + 12, "\x88\xb5nfpx\x03\x03\x00\x3e", 10);
	assert_memory_equal(buf + 22, run_id.run, 16);
	assert_memory_equal(buf + 38,
			    "\x11\x22\x33\x44\x55\x66\x77\x88\x01\x02\x03\x04\x05\x06\x07\x08", 16);
	assert_memory_equal(buf + 54, inner, 62);
	memcpy(text, buf, 12);
	memcpy(text + 12, buf + 14, 40 + 62);
	for (int i = 0; i < 8; i++)
		tag = tag << 8 | buf[116 + i];
	assert_true(tag == nfp_siphash(our_id.b, text, 12 + 40 + 62));
}

/* The id is the key, and nowhere in the frame. */
TEST(id_is_not_on_the_wire)
{
	uint8_t inner[NFP_FRAME_LEN_MAX], buf[NFP_PEER_LEN_MAX];
	struct nfp_peer_frame frame;
	size_t len;

	inner_frame(inner);
	frame = sample(NFP_PEER_CARRY, inner, 0);
	len = nfp_peer_build(&our_id, &frame, buf);
	for (size_t i = 0; i + 4 <= len; i++)
		for (size_t j = 0; j + 4 <= NFP_PEER_ID_LEN; j++)
			assert_memory_not_equal(buf + i, our_id.b + j, 4);
}

TEST(every_truncation_and_flipped_bit)
{
	uint8_t inner[NFP_FRAME_LEN_MAX], buf[NFP_PEER_LEN_MAX];
	struct nfp_peer_frame frame, out, untouched;

	inner_frame(inner);
	memset(&untouched, 0x5a, sizeof(untouched));
	for (int type = NFP_PEER_HELLO; type <= NFP_PEER_CARRY; type++) {
		size_t len;

		frame = sample((enum nfp_peer_type)type, inner, 0);
		len = nfp_peer_build(&our_id, &frame, buf);
		for (size_t cut = 0; cut < len; cut++) {
			out = untouched;
			assert_int_not_equal(parse(&our_id, buf, cut, &out), NFP_PEER_OURS);
			assert_memory_equal(&out, &untouched, sizeof(out));
		}
		for (size_t bit = 0; bit < len * 8; bit++) {
			buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
			out = untouched;
			assert_int_not_equal(parse(&our_id, buf, len, &out), NFP_PEER_OURS);
			assert_memory_equal(&out, &untouched, sizeof(out));
			buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

static enum nfp_peer_check read_back(const struct nfp_peer_frame *frame)
{
	uint8_t buf[NFP_PEER_LEN_MAX];
	struct nfp_peer_frame out;

	return parse(&our_id, buf, nfp_peer_build(&our_id, frame, buf), &out);
}

/* Under the right tag: only somebody who has the id could write these. */
TEST(impossible_values)
{
	uint8_t inner[NFP_FRAME_LEN_MAX];
	struct nfp_peer_frame frame;

	inner_frame(inner);
	frame = sample(NFP_PEER_CARRY, inner, 0);
	frame.seq = 0;
	assert_int_equal(read_back(&frame), NFP_PEER_MALFORMED);
	frame = sample(NFP_PEER_CARRY, inner, 0);
	frame.session = 0;
	assert_int_equal(read_back(&frame), NFP_PEER_MALFORMED);
	frame = sample(NFP_PEER_HELLO, inner, 0);
	frame.session = 1;
	assert_int_equal(read_back(&frame), NFP_PEER_MALFORMED);
	frame = sample(NFP_PEER_HELLO, inner, 0);
	frame.src.b[0] |= 1; /* whoever it is answered to would be a group */
	assert_int_equal(read_back(&frame), NFP_PEER_MALFORMED);
	frame = sample(NFP_PEER_CARRY, inner, 4095);
	assert_int_equal(read_back(&frame), NFP_PEER_FOREIGN);
}

/* The reflector's output is the test frame, and is checked as ever. */
TEST(reflected_frame)
{
	const struct nfp_vlan vlans[] = {{0}, {.vid = 100, .qos = 1, .proto = ETH_P_8021AD}};
	uint8_t inner[NFP_FRAME_LEN_MAX], buf[NFP_FRAME_LEN_MAX];
	struct nfp_frame frame;

	inner_frame(inner);
	for (size_t i = 0; i < 2; i++) {
		size_t len = nfp_peer_reflect(inner, &vlans[i], buf);

		assert_int_equal(len, NFP_PEER_INNER_LEN + (vlans[i].vid ? 4 : 0));
		assert_int_equal(nfp_frame_parse(&run_id, buf, len, &frame), NFP_FRAME_OURS);
		assert_int_equal(frame.seq, 77);
		assert_int_equal(frame.vlan.vid, vlans[i].vid);
		assert_true(nfp_mac_equal(&frame.src, &reflector));
	}
}

TEST(id_as_text)
{
	static const char *const wrong[] = {"",
					    "00",
					    "103254769_badcfee1d2c3b4a5968778",
					    "1032547698badcfee1d2c3b4a596877",
					    "1032547698badcfee1d2c3b4a59687780",
					    " 032547698badcfee1d2c3b4a5968778",
					    "0x32547698badcfee1d2c3b4a5968778"};
	struct nfp_peer_id id = {{0}};
	char text[NFP_PEER_ID_STRLEN];

	assert_true(nfp_peer_id_parse("1032547698BADCFEE1D2C3B4A5968778", &id));
	assert_memory_equal(id.b, our_id.b, sizeof(id.b));
	assert_string_equal(nfp_peer_id_str(&id, text), "1032547698badcfee1d2c3b4a5968778");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(nfp_peer_id_parse(wrong[i], &id));
	assert_memory_equal(id.b, our_id.b, sizeof(id.b));
}

TEST_MAIN()
