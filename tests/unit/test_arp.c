// SPDX-License-Identifier: GPL-2.0-or-later
/* ARP and neighbour discovery, built and recognised; the codec that makes a run's frames of them.
 */
#include "harness.h"
#include "traffic/sources.h"

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
	struct nfp_ipv4 got = {{9, 9, 9, 9}};

	assert_true(nfp_ipv4_parse("192.0.2.1", &got));
	assert_true(nfp_ipv4_equal(&got, &ip));
	assert_string_equal(nfp_ipv4_str(&got).text, "192.0.2.1");
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
				      .rate = {[NFP_KIND_UNICAST] = 8,
					       [NFP_KIND_BROADCAST] = 4,
					       [NFP_KIND_UNREGISTERED] = 1}};
	struct nfp_arp_config config = {
		.pf_mac = pf, .ip = ip, .neighbour = gateway, .broadcast_reply = aloud};

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

/* The NIC hears the @i-th packet that was made come back. */
static enum nfp_frame_check hear_own(struct bed *bed, enum nfp_receiver at, unsigned int i)
{
	return recognise(bed, at, bed->packets[i].data, bed->packets[i].len, T0 + MS);
}

TEST(what_nobody_asked_for_is_external)
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

TEST_MAIN()
