// SPDX-License-Identifier: GPL-2.0-or-later
// The frames that a reflector sends on, and all those that it does not.
#include <linux/if_ether.h>

#include "harness.h"
#include "traffic/sources.h"
#include "verdict/verdict.h"
#include "../../src/traffic/traffic_priv.h"

#define SEC	NFP_NSEC_PER_SEC
#define SESSION UINT64_C(0xfeedfacecafe)
#define NOW	(1000 * SEC)

static const struct nfp_frame_id run_id = {.run = {9, 8, 7, 6, 5, 4, 3, 2, 1}, .key = {42}};
static const struct nfp_mac prober = {{0x02, 0, 0, 0, 0, 0x0a}}, mine = {{0x02, 0, 0, 0, 0, 0x0b}};
static const struct nfp_mac x = {{0x02, 1, 2, 3, 4, 5}},
			    all = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

static const struct nfp_reflector_config usual = {
	.id = {{1, 2, 3}},
	.mac = {{0x02, 0, 0, 0, 0, 0x0b}},
	.rate = 1000,
	.session = SESSION,
	.deadline_ns = NOW + 600 * SEC,
};

/* A frame to be carried, as a prober makes it; what a test wants otherwise it changes. */
struct order {
	struct nfp_peer_id id;
	struct nfp_frame inner;
	struct nfp_peer_frame outer;
	uint8_t bytes[NFP_PEER_LEN_MAX];
	size_t len;
};

static struct order carry_order(uint64_t seq)
{
	struct order order = {
		.id = usual.id,
		.inner = {.dst = x,
			  .src = mine,
			  .kind = NFP_KIND_UNICAST,
			  .seq = seq,
			  .sent_ns = seq},
		.outer = {.dst = mine,
			  .src = prober,
			  .type = NFP_PEER_CARRY,
			  .session = SESSION,
			  .seq = seq + 1}, /* the first was a HELLO */
	};

	memcpy(order.outer.run, run_id.run, NFP_RUN_ID_LEN);
	return order;
}

static void write_order(struct order *order)
{
	struct nfp_frame_id id = run_id;
	uint8_t inner[NFP_FRAME_LEN_MAX];

	memcpy(id.run, order->outer.run, NFP_RUN_ID_LEN);
	nfp_frame_build(&id, &order->inner, inner);
	order->outer.inner = inner;
	order->len = nfp_peer_build(&order->id, &order->outer, order->bytes);
	order->outer.inner = NULL;
}

static enum nfp_reflect_outcome give_at(struct nfp_reflect *reflect, struct order *order,
					uint64_t now_ns, struct nfp_packet *ret_packet)
{
	write_order(order);
	return nfp_reflect_handle(reflect, order->bytes, order->len, now_ns, ret_packet);
}

static enum nfp_reflect_outcome give(struct nfp_reflect *reflect, struct order *order)
{
	struct nfp_packet packet, untouched;
	enum nfp_reflect_outcome outcome;

	memset(&packet, 0x5a, sizeof(packet));
	untouched = packet;
	outcome = give_at(reflect, order, NOW, &packet);
	if (outcome != NFP_REFLECT_SENT_ON && outcome != NFP_REFLECT_ANSWERED)
		assert_memory_equal(&packet, &untouched, sizeof(packet));
	return outcome;
}

static struct order hello_order(uint64_t seq)
{
	struct order order = carry_order(seq);

	order.outer.type = NFP_PEER_HELLO;
	order.outer.session = 0;
	order.outer.seq = seq;
	return order;
}

/* One to which the run has said HELLO, long ago. */
static int make(void **state)
{
	struct order order = hello_order(1);
	struct nfp_packet packet;

	*state = nfp_reflect_new(&usual);
	assert_int_equal(give_at(*state, &order, 1, &packet), NFP_REFLECT_ANSWERED);
	return 0;
}

static int unmake(void **state)
{
	free(*state);
	return 0;
}

TEST_WITH(sends_the_inner_frame_on, make, unmake)
{
	struct order order = carry_order(5);
	struct nfp_packet packet;
	struct nfp_frame frame;

	order.outer.vlan = (struct nfp_vlan) {.vid = 100, .qos = 2, .proto = ETH_P_8021Q};
	assert_int_equal(give_at(*state, &order, NOW, &packet), NFP_REFLECT_SENT_ON);
	/* Smaller than what it got: no amplifier. */
	assert_true(packet.len < order.len);
	assert_int_equal(nfp_frame_parse(&run_id, packet.data, packet.len, &frame), NFP_FRAME_OURS);
	assert_true(nfp_mac_equal(&frame.dst, &x));
	assert_true(nfp_mac_equal(&frame.src, &mine));
	assert_int_equal(frame.seq, 5);
	/* With the tag with which it came. */
	assert_int_equal(frame.vlan.vid, 100);
}

TEST_WITH(only_with_this_id, make, unmake)
{
	struct order order = carry_order(1);

	order.id.b[15] ^= 1;
	assert_int_equal(give(*state, &order), NFP_REFLECT_OTHER_ID);
	order.outer.type = NFP_PEER_HELLO;
	order.outer.session = 0;
	assert_int_equal(give(*state, &order), NFP_REFLECT_OTHER_ID);
}

TEST_WITH(only_to_itself, make, unmake)
{
	struct order order = carry_order(1);

	order.outer.dst = x;
	assert_int_equal(give(*state, &order), NFP_REFLECT_NOT_FOR_US);
	order.outer.dst = all; /* a carrier to all would be forwarded by every reflector */
	assert_int_equal(give(*state, &order), NFP_REFLECT_NOT_FOR_US);
	order.outer.type = NFP_PEER_WELCOME;
	order.outer.dst = mine;
	assert_int_equal(give(*state, &order), NFP_REFLECT_NOT_FOR_US);
}

TEST_WITH(only_in_this_session, make, unmake)
{
	struct order order = carry_order(1);

	order.outer.session++;
	assert_int_equal(give(*state, &order), NFP_REFLECT_OTHER_SESSION);
}

/* Each kind to the one sort of address that it is for. */
TEST_WITH(no_kind_to_any_other_address, make, unmake)
{
#define BIT(kind) (1U << (kind))
	enum {
		STATIONS = BIT(NFP_KIND_UNICAST) | BIT(NFP_KIND_UNREGISTERED),
		GROUPS = BIT(NFP_KIND_MULTICAST) | BIT(NFP_KIND_UNJOINED),
	};
	static const struct {
		struct nfp_mac dst;
		unsigned int kinds;
	} cases[] = {
		{{{0x02, 1, 2, 3, 4, 5}}, STATIONS},
		{{{0x32, 0x33, 0xff, 3, 4, 5}}, STATIONS},
		{{{0}}, 0},
		{{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}, BIT(NFP_KIND_BROADCAST)},
		{{{0x33, 0x33, 0, 0, 0, 1}}, BIT(NFP_KIND_ALL_NODES)},
		{{{0x33, 0x33, 0, 0, 0, 2}}, 0}, /* all routers */
		{{{0x33, 0x33, 0, 0, 0, 0xfb}}, 0},
		{{{0x33, 0x33, 0xff, 0, 0, 0}}, GROUPS},
		{{{0x33, 0x33, 0xff, 0xff, 0xff, 0xff}}, GROUPS},
		{{{0x33, 0x33, 0xfe, 1, 2, 3}}, 0},
		{{{0x33, 0x32, 0xff, 1, 2, 3}}, 0},
		{{{0x01, 0x00, 0x5e, 0, 0, 1}}, 0},
		{{{0x01, 0x80, 0xc2, 0, 0, 0}}, 0},
	};
	uint64_t seq = 1;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int kind = NFP_KIND_UNICAST; kind <= NFP_KIND_LAST; kind++) {
			struct order order = carry_order(seq++);

			order.inner.dst = cases[i].dst;
			order.inner.kind = (enum nfp_kind)kind;
			assert_int_equal(give(*state, &order), cases[i].kinds & BIT(kind)
								       ? NFP_REFLECT_SENT_ON
								       : NFP_REFLECT_REFUSED);
		}
	}
}

TEST_WITH(only_test_frames_with_its_own_source, make, unmake)
{
	struct order order = carry_order(1);

	order.inner.src = x;
	assert_int_equal(give(*state, &order), NFP_REFLECT_REFUSED);
	order = carry_order(2);
	order.inner.kind = NFP_KIND_ANNOUNCE;
	assert_int_equal(give(*state, &order), NFP_REFLECT_REFUSED);
	order = carry_order(3);
	order.inner.kind = NFP_KIND_HELLO;
	assert_int_equal(give(*state, &order), NFP_REFLECT_REFUSED);
}

/* Any other bytes inside, under the right tag. */
TEST_WITH(no_other_bytes, make, unmake)
{
	uint8_t inner[NFP_FRAME_LEN_MAX];
	struct nfp_packet packet;
	uint64_t seq = 1;

	/* Addresses and tag are not the reflector's to judge; EtherType, magic, version and id are.
	 */
	for (size_t at = 12; at < 14 + 24; at++) {
		struct order order = carry_order(seq++);

		nfp_frame_build(&run_id, &order.inner, inner);
		inner[at] ^= 0x81;
		order.outer.inner = inner;
		order.len = nfp_peer_build(&usual.id, &order.outer, order.bytes);
		assert_int_equal(nfp_reflect_handle(*state, order.bytes, order.len, NOW, &packet),
				 NFP_REFLECT_REFUSED);
	}
}

TEST_WITH(each_once, make, unmake)
{
	static const uint64_t order_of[] = {1, 3, 2, 64, 100, 99, 37, 1000, 1060, 997, 1000000};
	static const uint64_t stale[] = {1, 700, 996, 1060, 999900};
	struct order order;

	for (size_t i = 0; i < sizeof(order_of) / sizeof(order_of[0]); i++) {
		order = carry_order(order_of[i]);
		assert_int_equal(give(*state, &order), NFP_REFLECT_SENT_ON);
		assert_int_equal(give(*state, &order), NFP_REFLECT_REPEATED);
	}
	for (size_t i = 0; i < sizeof(stale) / sizeof(stale[0]); i++) {
		order = carry_order(stale[i]);
		assert_int_equal(give(*state, &order), NFP_REFLECT_REPEATED);
	}
	/* Another run counts afresh, in a session of its own. */
	order = hello_order(1);
	order.outer.run[0] ^= 1;
	assert_int_equal(give(*state, &order), NFP_REFLECT_ANSWERED);
	order = carry_order(1);
	order.outer.run[0] ^= 1;
	assert_int_equal(give(*state, &order), NFP_REFLECT_OTHER_SESSION);
	order.outer.session++;
	assert_int_equal(give(*state, &order), NFP_REFLECT_SENT_ON);
}

TEST_WITH(not_more_than_its_rate, make, unmake)
{
	uint64_t seq = 1, sent = 0;
	unsigned int controls = 0;
	struct order hello = hello_order(1);
	struct nfp_packet packet;

	/* A flood of ten times as much for three seconds: a burst of one second's worth, then the
	 * rate. The limit is that of all kinds, HELLOs of another run included. */
	hello.outer.run[3] = 100;
	for (uint64_t ms = 0; ms < 3000; ms++) {
		sent += give_at(*state, &hello, NOW + ms * NFP_NSEC_PER_MSEC, &packet) ==
			NFP_REFLECT_ANSWERED;
		for (int i = 0; i < 10; i++) {
			struct order order = carry_order(seq++);
			enum nfp_reflect_outcome outcome =
				give_at(*state, &order, NOW + ms * NFP_NSEC_PER_MSEC, &packet);

			assert_true(outcome == NFP_REFLECT_SENT_ON ||
				    outcome == NFP_REFLECT_OVER_RATE);
			sent += outcome == NFP_REFLECT_SENT_ON;
		}
	}
	assert_in_range(sent, 3 * 1000, 4 * nfp_reflect_cap(1000));
	/* A prober that asked for this rate never exceeds the limit. */
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
		controls += kind == NFP_KIND_UNICAST ? 0 : nfp_sources[NFP_SOURCE_PEER].rate[kind];
	assert_int_equal(controls, NFP_PEER_CONTROLS);
	assert_true(nfp_reflect_cap(1000) >= 1000 + controls);
	assert_true(nfp_reflect_cap(1) >= 1 + controls);
	for (uint64_t i = 0; i < 5 * (1000 + controls); i++) {
		struct order order = carry_order(seq++);

		assert_int_equal(give_at(*state, &order,
					 NOW + 10 * SEC + i * SEC / (1000 + controls), &packet),
				 NFP_REFLECT_SENT_ON);
	}
}

/*
 * HELLOs that somebody recorded of another run, and frames of this one, again and again: 100,000 a
 * second. The run's own requests are answered, each of them, at the whole rate of a prober.
 */
TEST_WITH(what_was_recorded_leaves_room_for_the_run, make, unmake)
{
	struct order recorded[] = {hello_order(1), carry_order(1), hello_order(3)};
	unsigned int answered = 0;
	struct nfp_packet packet;

	recorded[0].outer.run[3] = 100;
	for (size_t i = 0; i < sizeof(recorded) / sizeof(recorded[0]); i++)
		assert_true(give_at(*state, &recorded[i], NOW, &packet) <= NFP_REFLECT_ANSWERED);
	for (uint64_t ms = 0; ms < 3000; ms++) {
		uint64_t now = NOW + SEC + ms * NFP_NSEC_PER_MSEC;
		struct order fresh = ms % 100 ? carry_order(10 + ms) : hello_order(11 + ms);

		for (size_t i = 0; i < 100; i++) {
			struct order *again = &recorded[i % 3];
			enum nfp_reflect_outcome outcome =
				nfp_reflect_handle(*state, again->bytes, again->len, now, &packet);

			answered += outcome == NFP_REFLECT_ANSWERED;
			assert_true(outcome == NFP_REFLECT_REPEATED ||
				    (again == recorded && (outcome == NFP_REFLECT_OVER_RATE ||
							   outcome == NFP_REFLECT_ANSWERED)));
		}
		assert_int_equal(give_at(*state, &fresh, now, &packet),
				 ms % 100 ? NFP_REFLECT_SENT_ON : NFP_REFLECT_ANSWERED);
	}
	/* A burst of a second's worth, and three seconds. */
	assert_in_range(answered, 3 * NFP_PEER_HELLOS, 4 * NFP_PEER_HELLOS);
}

/* The HELLOs of a run under way are answered once each, with its session. */
TEST_WITH(hellos_of_the_run, make, unmake)
{
	struct order order = carry_order(1), hello = hello_order(3);
	struct nfp_peer_frame welcome;
	struct nfp_packet packet;

	assert_int_equal(give(*state, &order), NFP_REFLECT_SENT_ON);
	assert_int_equal(give_at(*state, &hello, NOW, &packet), NFP_REFLECT_ANSWERED);
	assert_int_equal(nfp_peer_parse(&usual.id, packet.data, packet.len, &welcome),
			 NFP_PEER_OURS);
	assert_true(welcome.session == SESSION);
	for (int i = 0; i < 100; i++) {
		hello.outer.dst = i % 2 ? all : mine;
		assert_int_equal(give(*state, &hello), NFP_REFLECT_REPEATED);
	}
}

/* HELLOs of other runs, as whoever recorded them may send them again, have no effect. */
TEST_WITH(a_hello_ends_no_run, make, unmake)
{
	struct nfp_packet packet;

	for (uint64_t seq = 1; seq < 100; seq++) {
		struct order order = carry_order(seq), hello = hello_order(1);
		uint64_t now = NOW + seq * 10 * SEC;

		hello.outer.run[3] = (uint8_t)(100 + seq);
		assert_int_equal(give_at(*state, &order, now, &packet), NFP_REFLECT_SENT_ON);
		assert_int_equal(give_at(*state, &hello, now, &packet), NFP_REFLECT_ANSWERED);
	}
}

/* Frames recorded of a run that is over are of no use, not even after its own HELLO. */
TEST_WITH(a_run_ends_with_the_next, make, unmake)
{
	struct order order = carry_order(1), next = carry_order(1), hello = hello_order(1);
	struct nfp_peer_frame welcome;
	struct nfp_packet packet;

	assert_int_equal(give(*state, &order), NFP_REFLECT_SENT_ON);
	next.outer.run[0] ^= 1;
	next.outer.session = SESSION + 1;
	assert_int_equal(give(*state, &next), NFP_REFLECT_SENT_ON);
	order = carry_order(2);
	assert_int_equal(give(*state, &order), NFP_REFLECT_OTHER_SESSION);
	assert_int_equal(give_at(*state, &hello, NOW, &packet), NFP_REFLECT_ANSWERED);
	assert_int_equal(give(*state, &order), NFP_REFLECT_OTHER_SESSION);
	assert_int_equal(nfp_peer_parse(&usual.id, packet.data, packet.len, &welcome),
			 NFP_PEER_OURS);
	order.outer.session = welcome.session;
	assert_int_equal(give(*state, &order), NFP_REFLECT_SENT_ON);
	next = carry_order(2);
	next.outer.run[0] ^= 1;
	next.outer.session = SESSION + 1;
	assert_int_equal(give(*state, &next), NFP_REFLECT_OTHER_SESSION);
}

TEST_WITH(every_outcome_has_words, make, unmake)
{
	for (int i = 0; i < NFP_REFLECT_OUTCOMES; i++)
		assert_true(strlen(nfp_reflect_outcome_text((enum nfp_reflect_outcome)i)) > 1);
	assert_string_equal(nfp_reflect_outcome_text(NFP_REFLECT_OUTCOMES), "?");
}

TEST_MAIN()
