// SPDX-License-Identifier: GPL-2.0-or-later
/* ARP and neighbour discovery, built and recognised; the codec that makes a run's frames of them.
 */
#include "harness.h"
#include "nfprobe/sources.h"

#define MS NFP_NSEC_PER_MSEC
#define T0 (1000 * MS)

static const struct nfp_mac everybody = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
static const struct nfp_mac pf = {{2, 0, 0, 0, 0, 1}}, gateway = {{2, 0, 0, 0, 0, 2}};
static const struct nfp_mac x = {{2, 0, 0, 0, 0, 3}}, unregistered_mac = {{2, 0, 0, 0, 0, 4}};
static const struct nfp_ipv4 ip = {{192, 0, 2, 1}};

/* The answer of a Linux neighbour to a probe whose sender is @to. */
static struct nfp_arp reply_to(const struct nfp_mac *to)
{
	return (struct nfp_arp) {.dst = *to,
				 .src = gateway,
				 .op = NFP_ARP_REPLY,
				 .sha = gateway,
				 .spa = ip,
				 .tha = *to};
}

TEST(addresses)
{
	static const char *const bad[] = {
		"",	      "192.0.2",   "192.0.2.1.1", "192.0.2.256",     "192.0.2.01",
		"0.0.0.0",    "127.0.0.1", "224.0.0.1",	  "255.255.255.255", " 192.0.2.1",
		"192.0.2.1 ", "a.b.c.d"};
	char text[NFP_IPV4_STRLEN];
	struct nfp_ipv4 got = {{9, 9, 9, 9}};

	assert_true(nfp_ipv4_parse("192.0.2.1", &got));
	assert_true(nfp_ipv4_equal(&got, &ip));
	assert_string_equal(nfp_ipv4_str(&got, text), "192.0.2.1");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(nfp_ipv4_parse(bad[i], &got));
	assert_true(nfp_ipv4_equal(&got, &ip));
}

/* Byte for byte as RFC 826 and RFC 5227 draw it. */
TEST(a_probe_on_the_wire)
{
	static const uint8_t want[] = {
		2, 0, 0,    0,	  0,	2,   2,	   0,	 0, 0,
		0, 1, 0x81, 0x00, 0x60, 100, 0x08, 0x06,       /* Ethernet */
		0, 1, 0x08, 0x00, 6,	4,   0,	   1,	       /* request */
		2, 0, 0,    0,	  0,	3,   0,	   0,	 0, 0, /* X, 0.0.0.0 */
		0, 0, 0,    0,	  0,	0,   192,  0,	 2, 1};
	const struct nfp_arp probe = {.dst = gateway,
				      .src = pf,
				      .vlan = {.vid = 100, .qos = 3, .proto = 0x8100},
				      .op = NFP_ARP_REQUEST,
				      .sha = x,
				      .tpa = ip};
	uint8_t buf[NFP_ARP_LEN_MAX];
	struct nfp_arp got;

	assert_int_equal(nfp_arp_build(&probe, buf), sizeof(want));
	assert_memory_equal(buf, want, sizeof(want));
	assert_true(nfp_arp_parse(buf, sizeof(want), &got));
	assert_int_equal(got.vlan.vid, 100);
	assert_int_equal(got.vlan.qos, 3);
	assert_int_equal(got.op, NFP_ARP_REQUEST);
	assert_true(nfp_mac_equal(&got.sha, &x) && nfp_ipv4_equal(&got.tpa, &ip));
	assert_true(nfp_mac_is_zero(&got.tha));
}

TEST(every_truncation_and_every_wrong_field)
{
	static const size_t fixed[] = {12, 13, 14, 15, 16, 17, 18, 19};
	const struct nfp_arp reply = reply_to(&x);
	uint8_t buf[64] = {0};
	struct nfp_arp got = {.op = 77};
	size_t len = nfp_arp_build(&reply, buf);

	for (size_t cut = 0; cut < len; cut++)
		assert_false(nfp_arp_parse(buf, cut, &got));
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		buf[fixed[i]] ^= 0x40;
		assert_false(nfp_arp_parse(buf, sizeof(buf), &got));
		buf[fixed[i]] ^= 0x40;
	}
	assert_int_equal(got.op, 77);
	/* Ethernet pads to 60 bytes. */
	assert_true(nfp_arp_parse(buf, 60, &got));
	assert_int_equal(got.op, NFP_ARP_REPLY);
}

/* ---- neighbour discovery ---- */

static const struct nfp_mac owner = {{0x02, 0x1b, 0x2c, 0x3d, 0x4e, 0x5f}};
/* fe80::1b:2cff:fe3d:4e5f */
static const struct nfp_ipv6 ipv6 = {
	{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0x00, 0x1b, 0x2c, 0xff, 0xfe, 0x3d, 0x4e, 0x5f}};

/* Captured: duplicate address detection by Linux, with a nonce and to the group's own Ethernet
 * address, and the answer of a Linux host that has the address. */
static const uint8_t linux_solicits[] = {
	0x33, 0x33, 0xff, 0x3d, 0x4e, 0x5f, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x86, 0xdd, 0x60,
	0x00, 0x00, 0x00, 0x00, 0x20, 0x3a, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x01, 0xff, 0x3d, 0x4e, 0x5f, 0x87, 0x00, 0x03, 0x78, 0x00, 0x00,
	0x00, 0x00, 0xfe, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x1b, 0x2c, 0xff, 0xfe,
	0x3d, 0x4e, 0x5f, 0x0e, 0x01, 0xfd, 0x64, 0x82, 0xee, 0x21, 0xff};
static const uint8_t linux_advertises[] = {
	0x33, 0x33, 0x00, 0x00, 0x00, 0x01, 0x02, 0x1b, 0x2c, 0x3d, 0x4e, 0x5f, 0x86, 0xdd, 0x60,
	0x00, 0x00, 0x00, 0x00, 0x20, 0x3a, 0xff, 0xfe, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x1b, 0x2c, 0xff, 0xfe, 0x3d, 0x4e, 0x5f, 0xff, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x88, 0x00, 0xe9, 0x77, 0x20, 0x00,
	0x00, 0x00, 0xfe, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x1b, 0x2c, 0xff, 0xfe,
	0x3d, 0x4e, 0x5f, 0x02, 0x01, 0x02, 0x1b, 0x2c, 0x3d, 0x4e, 0x5f};

TEST(a_solicitation_on_the_wire)
{
	/* As RFC 4861, section 4.3, and RFC 4862, section 5.4.2 draw it. */
	static const uint8_t want[] = {
		0x02, 0x1b, 0x2c, 0x3d, 0x4e, 0x5f, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x81, 0x00,
		0x60, 0x64, 0x86, 0xdd, 0x60, 0x00, 0x00, 0x00, 0x00, 0x18, 0x3a, 0xff, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0xff, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0xff, 0x3d,
		0x4e, 0x5f, 0x87, 0x00, 0xb3, 0xd3, 0x00, 0x00, 0x00, 0x00, 0xfe, 0x80, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x1b, 0x2c, 0xff, 0xfe, 0x3d, 0x4e, 0x5f};
	const struct nfp_nd solicitation = {.dst = owner,
					    .src = pf,
					    .vlan = {.vid = 100, .qos = 3, .proto = 0x8100},
					    .target = ipv6};
	struct nfp_ipv6 derived = nfp_ipv6_link_local(&owner);
	uint8_t buf[NFP_ND_LEN_MAX];
	struct nfp_nd got;

	assert_true(nfp_ipv6_equal(&derived, &ipv6));
	assert_int_equal(nfp_nd_build(&solicitation, buf), sizeof(want));
	assert_memory_equal(buf, want, sizeof(want));
	assert_true(nfp_nd_parse(buf, sizeof(want), &got));
	assert_false(got.advertises);
	assert_int_equal(got.vlan.vid, 100);
	assert_int_equal(got.vlan.qos, 3);
	assert_true(nfp_mac_equal(&got.dst, &owner) && nfp_mac_equal(&got.src, &pf));
	assert_true(nfp_ipv6_equal(&got.target, &ipv6));
}

TEST(what_linux_sends)
{
	uint8_t buf[NFP_ND_LEN_MAX];
	struct nfp_nd got;

	assert_true(nfp_nd_parse(linux_solicits, sizeof(linux_solicits), &got));
	assert_false(got.advertises);
	assert_true(nfp_ipv6_equal(&got.target, &ipv6));
	assert_true(nfp_nd_parse(linux_advertises, sizeof(linux_advertises), &got));
	assert_true(got.advertises);
	assert_true(nfp_ipv6_equal(&got.target, &ipv6));
	assert_true(nfp_mac_equal(&got.dst, &nfp_mac_all_nodes));
	assert_int_equal(nfp_nd_build(&got, buf), sizeof(linux_advertises));
	assert_memory_equal(buf, linux_advertises, sizeof(linux_advertises));
}

/* Adds what the change of a word at @at from @old takes from the checksum (RFC 1624). */
static void amend(uint8_t *frame, size_t at, uint16_t old)
{
	uint8_t *sum = frame + 14 + 40 + 2;
	uint32_t now = (uint32_t)(frame[at] << 8 | frame[at + 1]);
	uint32_t all = (uint32_t)(uint16_t) ~(sum[0] << 8 | sum[1]) + (uint16_t)~old + now;

	all = (all & 0xffff) + (all >> 16);
	all = (all & 0xffff) + (all >> 16);
	sum[0] = (uint8_t)(~all >> 8);
	sum[1] = (uint8_t)~all;
}

TEST(no_other_message)
{
	enum { IP = 14, MESSAGE = IP + 40 };
	/* Fields of the advertisement: hop limit, next header, source and destination, type,
	 * code, the solicited flag, the target. The checksum is right for those it covers. */
	static const struct {
		size_t at;
		uint8_t value;
		bool covered;
	} wrong[] = {
		{12, 0x08, false},	     {IP, 0x40, false},		  {IP + 6, 0, false},
		{IP + 7, 254, false},	     {IP + 8, 0xff, true},	  {IP + 39, 2, true},
		{MESSAGE, 135, true},	     {MESSAGE, 134, true},	  {MESSAGE + 1, 1, true},
		{MESSAGE + 4, 0x60, true},   {MESSAGE + 8, 0xff, true},	  {MESSAGE + 2, 0, false},
		{MESSAGE + 20, 0xfd, false}, {MESSAGE + 31, 0x60, false}, {IP + 5, 23, false},
		{IP + 5, 33, false},
	};
	uint8_t frame[sizeof(linux_advertises)];
	struct nfp_nd got = {.target = {{77}}};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		size_t word = wrong[i].at & ~(size_t)1;
		uint16_t old;

		memcpy(frame, linux_advertises, sizeof(frame));
		old = (uint16_t)(frame[word] << 8 | frame[word + 1]);
		assert_int_not_equal(frame[wrong[i].at], wrong[i].value);
		frame[wrong[i].at] = wrong[i].value;
		if (wrong[i].covered)
			amend(frame, word, old);
		assert_false(nfp_nd_parse(frame, sizeof(frame), &got));
	}
	for (size_t cut = 0; cut < sizeof(frame); cut++)
		assert_false(nfp_nd_parse(linux_advertises, cut, &got));
	/* An advertisement that has no source, and a solicitation that has one. */
	memcpy(frame, linux_advertises, sizeof(frame));
	for (size_t at = IP + 8; at < IP + 24; at += 2) {
		uint16_t old = (uint16_t)(frame[at] << 8 | frame[at + 1]);

		memset(frame + at, 0, 2);
		amend(frame, at, old);
	}
	assert_false(nfp_nd_parse(frame, sizeof(frame), &got));
	memcpy(frame, linux_solicits, sizeof(frame));
	frame[IP + 9] = 1;
	amend(frame, IP + 8, 0);
	assert_false(nfp_nd_parse(frame, sizeof(frame), &got));
	assert_int_equal(got.target.b[0], 77);
	/* Another router's flag is nobody's business. */
	memcpy(frame, linux_advertises, sizeof(frame));
	frame[MESSAGE + 4] = 0xa0;
	amend(frame, MESSAGE + 4, 0x2000);
	assert_true(nfp_nd_parse(frame, sizeof(frame), &got));
}

/* ---- the codec ---- */

struct bed {
	struct nfp_codec ops;
	struct nfp_frame_id id;
	struct nfp_packet packets[NFP_CODEC_PACKETS];
	struct nfp_frame frame;
};

static const struct nfp_mac nobody = {{0}};

static void bed_open_to(struct bed *bed, const struct nfp_mac *sibling, bool aloud)
{
	const struct nfp_plan plan = {.unicast = x,
				      .unregistered_mac = unregistered_mac,
				      .group = nfp_mac_all_nodes,
				      .rate = {[NFP_KIND_UNICAST] = 8,
					       [NFP_KIND_MULTICAST] = 4,
					       [NFP_KIND_BROADCAST] = 4,
					       [NFP_KIND_UNREGISTERED] = 1}};
	struct nfp_arp_config config = {.pf_mac = pf,
					.ip = ip,
					.neighbour = gateway,
					.broadcast_reply = aloud,
					.have_ipv6 = true,
					.ipv6 = ipv6};

	*bed = (struct bed) {.id = {.run = {1, 2, 3}, .key = {4, 5, 6}}};
	config.id = bed->id;
	config.sibling = *sibling;
	bed->ops = nfp_arp_codec_new(&config);
	bed->ops.ops->plan(bed->ops.ctx, &plan);
}

static void bed_open(struct bed *bed)
{
	bed_open_to(bed, &nobody, false);
}

static unsigned int make(struct bed *bed, enum nfp_kind kind, uint64_t seq, uint64_t now)
{
	const struct nfp_mac *const to[] = {[NFP_KIND_UNICAST] = &x,
					    [NFP_KIND_BROADCAST] = &everybody,
					    [NFP_KIND_MULTICAST] = &nfp_mac_all_nodes,
					    [NFP_KIND_UNREGISTERED] = &unregistered_mac};
	const struct nfp_frame frame = {
		.dst = *to[kind], .src = pf, .kind = kind, .seq = seq, .sent_ns = now};

	return bed->ops.ops->make(bed->ops.ctx, &frame, bed->packets);
}

static enum nfp_frame_check recognise(struct bed *bed, enum nfp_receiver at, const uint8_t *data,
				      size_t len, uint64_t seen)
{
	return bed->ops.ops->recognise(bed->ops.ctx, at, data, len, seen, &bed->frame);
}

static enum nfp_frame_check hear(struct bed *bed, enum nfp_receiver at, const struct nfp_arp *arp,
				 uint64_t seen)
{
	uint8_t buf[NFP_ARP_LEN_MAX];

	return recognise(bed, at, buf, nfp_arp_build(arp, buf), seen);
}

static enum nfp_frame_check hear_nd(struct bed *bed, enum nfp_receiver at, const struct nfp_nd *nd,
				    uint64_t seen)
{
	uint8_t buf[NFP_ND_LEN_MAX];

	return recognise(bed, at, buf, nfp_nd_build(nd, buf), seen);
}

/* The NIC hears the @i-th packet that was made come back. */
static enum nfp_frame_check hear_own(struct bed *bed, enum nfp_receiver at, unsigned int i)
{
	return recognise(bed, at, bed->packets[i].data, bed->packets[i].len, T0 + MS);
}

TEST(what_nobody_asked_for_is_foreign)
{
	const struct nfp_mac guess = {{2, 0, 0, 0, 0, 99}};
	struct nfp_arp bad[7];
	struct bed bed;

	bed_open(&bed);
	for (size_t i = 0; i < 7; i++)
		bad[i] = reply_to(&x);
	/* Nothing is in flight. */
	assert_int_equal(hear(&bed, NFP_AT_PF, &bad[0], T0 + MS), NFP_FRAME_FOREIGN);
	make(&bed, NFP_KIND_UNICAST, 1, T0);
	bad[0].op = NFP_ARP_REQUEST;
	bad[1].sha = guess;
	bad[2].spa.b[3]++;
	bad[3].tpa = ip; /* what the kernel itself asked for */
	bad[4].dst = pf;
	bad[5] = reply_to(&guess);
	bad[6] = reply_to(&unregistered_mac); /* not asked yet */
	for (size_t i = 0; i < 7; i++)
		assert_int_equal(hear(&bed, NFP_AT_PF, &bad[i], T0 + MS), NFP_FRAME_FOREIGN);
	/* Too late. */
	bad[0] = reply_to(&x);
	assert_int_equal(hear(&bed, NFP_AT_PF, &bad[0], T0 + 1001 * MS), NFP_FRAME_FOREIGN);
	assert_int_equal(hear(&bed, NFP_AT_PF, &bad[0], T0 + 999 * MS), NFP_FRAME_OURS);
	free(bed.ops.ctx);
}

/* The control: an answer to the PF's own address at the PF, a broadcast test frame at the VF. */
TEST(the_control_has_two_frames)
{
	const struct nfp_arp reply = reply_to(&pf);
	struct nfp_frame own;
	struct bed bed;

	bed_open(&bed);
	assert_int_equal(make(&bed, NFP_KIND_BROADCAST, 5, T0), 2);
	assert_int_equal(nfp_frame_parse(&bed.id, bed.packets[1].data, bed.packets[1].len, &own),
			 NFP_FRAME_OURS);
	assert_true(nfp_mac_is_multicast(&own.dst) && nfp_mac_equal(&own.src, &pf));
	assert_int_equal(hear(&bed, NFP_AT_PF, &reply, T0 + MS), NFP_FRAME_OURS);
	assert_int_equal(bed.frame.kind, NFP_KIND_BROADCAST);
	assert_int_equal(bed.frame.seq, 5);
	/* At the other receiver each of them shows nothing. */
	assert_int_equal(hear(&bed, NFP_AT_VF, &reply, T0 + MS), NFP_FRAME_OURS);
	assert_true(bed.frame.kind >= NFP_KIND_COUNT);
	assert_int_equal(hear_own(&bed, NFP_AT_PF, 1), NFP_FRAME_OURS);
	assert_true(bed.frame.kind >= NFP_KIND_COUNT);
	assert_int_equal(hear_own(&bed, NFP_AT_VF, 1), NFP_FRAME_OURS);
	assert_int_equal(bed.frame.kind, NFP_KIND_BROADCAST);
	assert_int_equal(bed.frame.seq, 5);
	free(bed.ops.ctx);
}

/* A sibling VF says the same from inside the NIC, untagged; heard twice it is one control. */
TEST(a_sibling_says_it_too)
{
	const struct nfp_mac sibling = {{2, 0, 0, 0, 0, 3}};
	struct nfp_frame own;
	struct bed bed;

	bed_open_to(&bed, &sibling, false);
	for (uint64_t seq = 5; seq < 7; seq++) {
		assert_int_equal(make(&bed, NFP_KIND_BROADCAST, seq, T0 + seq), 3);
		assert_false(bed.packets[0].second_sender || bed.packets[1].second_sender);
		assert_true(bed.packets[2].second_sender);
		assert_int_equal(
			nfp_frame_parse(&bed.id, bed.packets[2].data, bed.packets[2].len, &own),
			NFP_FRAME_OURS);
		assert_true(nfp_mac_equal(&own.src, &sibling));
		assert_int_equal(own.seq, seq);
		assert_int_equal(own.vlan.vid, 0);
		for (unsigned int i = 1; i < 3; i++) {
			assert_int_equal(hear_own(&bed, NFP_AT_VF, i), NFP_FRAME_OURS);
			assert_int_equal(bed.frame.kind == NFP_KIND_BROADCAST, i == 1);
		}
		/* The standby hears nothing by it. */
		assert_int_equal(hear_own(&bed, NFP_AT_PF, 2), NFP_FRAME_OURS);
		assert_true(bed.frame.kind >= NFP_KIND_COUNT);
	}
	assert_int_equal(make(&bed, NFP_KIND_UNICAST, 7, T0), 1);
	free(bed.ops.ctx);
}

TEST(an_advertisement_belongs_to_its_solicitation)
{
	const struct nfp_nd advertisement = {
		.dst = nfp_mac_all_nodes, .src = gateway, .advertises = true, .target = ipv6};
	const struct nfp_arp reply = reply_to(&nfp_mac_all_nodes);
	struct nfp_nd got, bad[4] = {advertisement, advertisement, advertisement, advertisement};
	struct bed bed;

	bed_open(&bed);
	/* Nobody has asked. */
	assert_int_equal(hear_nd(&bed, NFP_AT_PF, &advertisement, T0), NFP_FRAME_FOREIGN);
	assert_int_equal(make(&bed, NFP_KIND_UNICAST, 6, T0), 1);
	assert_int_equal(make(&bed, NFP_KIND_MULTICAST, 7, T0), 1);
	assert_true(nfp_nd_parse(bed.packets[0].data, bed.packets[0].len, &got));
	assert_false(got.advertises);
	/* To the neighbour alone. */
	assert_true(nfp_mac_equal(&got.dst, &gateway) && nfp_mac_equal(&got.src, &pf));
	assert_true(nfp_ipv6_equal(&got.target, &ipv6));
	for (enum nfp_receiver at = 0; at < NFP_RECEIVER_COUNT; at++) {
		assert_int_equal(hear_nd(&bed, at, &advertisement, T0 + MS), NFP_FRAME_OURS);
		assert_int_equal(bed.frame.kind, NFP_KIND_MULTICAST);
		assert_int_equal(bed.frame.seq, 7);
		assert_int_equal(bed.frame.sent_ns, T0);
	}
	bad[0].src = x;
	bad[1].target.b[15] ^= 1;
	bad[2].dst = x;
	bad[3].advertises = false;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(hear_nd(&bed, NFP_AT_PF, &bad[i], T0 + MS), NFP_FRAME_FOREIGN);
	/* Neither by ARP, nor too late. */
	assert_int_equal(hear(&bed, NFP_AT_PF, &reply, T0 + MS), NFP_FRAME_FOREIGN);
	assert_int_equal(hear_nd(&bed, NFP_AT_PF, &advertisement, T0 + 1001 * MS),
			 NFP_FRAME_FOREIGN);
	free(bed.ops.ctx);
}

TEST_MAIN()
