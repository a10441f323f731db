// SPDX-License-Identifier: GPL-2.0-or-later
/* A reflector that plays a guest: what it takes, hears and reports, and what the prober makes of
 * reports that are late, lost, repeated, out of order or forged. */
#include <linux/if_ether.h>

#include "harness.h"
#include "nfprobe/sources.h"
#include "nfprobe/verdict.h"

#define SEC	NFP_NSEC_PER_SEC
#define MS	NFP_NSEC_PER_MSEC
#define SESSION UINT64_C(0xfeedfacecafe)
#define NOW	(1000 * SEC)

static const struct nfp_frame_id run_id = {.run = {9, 8, 7, 6}, .key = {42}};
static const struct nfp_frame_id near_id = {.run = {9 ^ 0xff, 8, 7, 6}, .key = {42}};
static const struct nfp_mac prober = {{0x02, 0, 0, 0, 0, 0x0a}}, mine = {{0x02, 0, 0, 0, 0, 0x0b}};
static const struct nfp_mac x = {{0x02, 1, 2, 3, 4, 5}}, u = {{0x02, 1, 2, 3, 4, 6}};

/* ---- a host ---- */

struct place {
	struct nfp_reflect *reflect;
	struct nfp_reflector_config config;
	struct nfp_mac taken[NFP_GUEST_ADDRESSES];
	unsigned int num_taken, changes;
	int refusal;
	uint32_t drops;
	uint64_t seq; /* of the prober */
};

static int take(void *ctx, const struct nfp_mac macs[], unsigned int num)
{
	struct place *p = ctx;

	p->changes++;
	p->num_taken = p->refusal ? 0 : num;
	if (num)
		memcpy(p->taken, macs, num * sizeof(*macs));
	return num ? p->refusal : 0;
}

static uint32_t count_drops(void *ctx)
{
	return ((struct place *)ctx)->drops;
}

static void make(struct place *p)
{
	p->config = (struct nfp_reflector_config) {.id = {{1, 2, 3}},
						   .mac = mine,
						   .rate = 1000,
						   .session = SESSION,
						   .deadline_ns = NOW + 600 * SEC,
						   .host = {take, count_drops, p}};
	p->reflect = nfp_reflect_new(&p->config);
}

static void unmake(struct place *p)
{
	free(p->reflect);
}

#define CASE(name) TEST_OF(name, make, unmake, struct place, p)

static enum nfp_reflect_outcome give(struct place *p, struct nfp_peer_frame *frame, uint64_t now_ns,
				     struct nfp_packet *ret_packet)
{
	uint8_t buf[NFP_PEER_LEN_MAX];

	frame->dst = mine;
	frame->src = prober;
	frame->seq = ++p->seq;
	if (!frame->session)
		frame->session = SESSION;
	memcpy(frame->run, run_id.run, NFP_RUN_ID_LEN);
	return nfp_reflect_handle(p->reflect, buf, nfp_peer_build(&p->config.id, frame, buf),
				  now_ns, ret_packet);
}

static enum nfp_reflect_outcome ask_at(struct place *p, const struct nfp_mac macs[],
				       unsigned int num, uint64_t now_ns)
{
	struct nfp_peer_frame frame = {.type = NFP_PEER_GUEST, .guest = {.num = num}};
	struct nfp_packet packet;

	if (num)
		memcpy(frame.guest.macs, macs, num * sizeof(*macs));
	memcpy(frame.guest.run, near_id.run, NFP_RUN_ID_LEN);
	return give(p, &frame, now_ns, &packet);
}

static enum nfp_reflect_outcome ask(struct place *p, const struct nfp_mac macs[], unsigned int num)
{
	return ask_at(p, macs, num, NOW);
}

/* The report, as the prober reads it. */
static struct nfp_peer_frame report_of(const struct place *p)
{
	struct nfp_peer_frame frame;
	uint8_t buf[NFP_REPORT_LEN_MAX];

	assert_int_equal(
		nfp_peer_parse(&p->config.id, buf, nfp_reflect_report(p->reflect, buf), &frame),
		NFP_PEER_OURS);
	assert_int_equal(frame.type, NFP_PEER_REPORT);
	return frame;
}

static size_t test_frame(uint8_t buf[NFP_FRAME_LEN_MAX], enum nfp_kind kind,
			 const struct nfp_mac *dst, uint64_t seq)
{
	const struct nfp_frame frame = {
		.dst = *dst, .src = prober, .kind = kind, .seq = seq, .sent_ns = seq};

	return nfp_frame_build(&near_id, &frame, buf);
}

static enum nfp_reflect_outcome hear(struct place *p, enum nfp_kind kind, const struct nfp_mac *dst,
				     uint64_t seq)
{
	uint8_t buf[NFP_FRAME_LEN_MAX];
	struct nfp_packet packet;
	size_t len = test_frame(buf, kind, dst, seq);

	return nfp_reflect_handle(p->reflect, buf, len, NOW, &packet);
}

/* ---- what it takes ---- */

CASE(takes_what_is_named_and_gives_it_back)
{
	const struct nfp_mac macs[] = {x, u};

	assert_int_equal(ask(p, macs, 2), NFP_REFLECT_REPORTED);
	assert_int_equal(report_of(p).report.num_taken, 2);
	assert_int_equal(p->num_taken, 2);
	/* The same again changes nothing. */
	assert_int_equal(ask(p, macs, 2), NFP_REFLECT_REPORTED);
	assert_int_equal(p->changes, 1);
	assert_int_equal(ask(p, &u, 1), NFP_REFLECT_REPORTED);
	assert_int_equal(p->num_taken, 1);
	assert_true(nfp_mac_equal(&p->taken[0], &u));
	assert_int_equal(ask(p, NULL, 0), NFP_REFLECT_REPORTED);
	assert_int_equal(p->num_taken, 0);
	assert_int_equal(report_of(p).report.num_taken, 0);
}

CASE(takes_locally_administered_unicast_alone)
{
	static const struct nfp_mac others[] = {
		{{0x00, 1, 2, 3, 4, 5}}, {{0x03, 1, 2, 3, 4, 5}}, {{0}}, {{0xff, 0xff, 0xff}}};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		const struct nfp_mac macs[] = {x, others[i]};

		assert_int_equal(ask(p, macs, 2), NFP_REFLECT_REPORTED);
		assert_int_equal(report_of(p).report.num_taken, 0);
		assert_int_equal(p->num_taken, 0);
		assert_int_equal(p->changes, 0);
	}
	p->refusal = -EADDRINUSE;
	assert_int_equal(ask(p, &x, 1), NFP_REFLECT_REPORTED);
	assert_int_equal(report_of(p).report.num_taken, 0);
	p->refusal = 0;
	assert_int_equal(ask(p, &x, 1), NFP_REFLECT_REPORTED);
	assert_int_equal(report_of(p).report.num_taken, 1);
}

CASE(gives_up_after_ten_seconds)
{
	assert_true(nfp_reflect_tick(p->reflect, NOW) == UINT64_MAX);
	assert_int_equal(ask(p, &x, 1), NFP_REFLECT_REPORTED);
	assert_true(nfp_reflect_tick(p->reflect, NOW) == NOW + 10 * SEC);
	assert_int_equal(ask_at(p, &x, 1, NOW + 5 * SEC), NFP_REFLECT_REPORTED);
	assert_true(nfp_reflect_tick(p->reflect, NOW + 14 * SEC) == NOW + 15 * SEC);
	assert_int_equal(p->num_taken, 1);
	assert_true(nfp_reflect_tick(p->reflect, NOW + 15 * SEC) == UINT64_MAX);
	assert_int_equal(p->num_taken, 0);
	assert_int_equal(report_of(p).report.num_taken, 0);
}

CASE(another_run_takes_its_place)
{
	struct nfp_peer_frame frame = {.type = NFP_PEER_GUEST, .session = SESSION + 1}, carrier;
	uint8_t bytes[NFP_PEER_INNER_LEN] = {0};
	struct nfp_packet packet;

	carrier = frame;
	carrier.type = NFP_PEER_CARRY;
	carrier.inner = bytes;
	assert_int_equal(ask(p, &x, 1), NFP_REFLECT_REPORTED);
	assert_int_equal(hear(p, NFP_KIND_UNICAST, &x, 1), NFP_REFLECT_HEARD);
	/* Whatever its first frame is. */
	assert_int_equal(give(p, &carrier, NOW, &packet), NFP_REFLECT_REFUSED);
	assert_int_equal(p->num_taken, 0);
	assert_int_equal(give(p, &frame, NOW, &packet), NFP_REFLECT_REPORTED);
	assert_int_equal(report_of(p).report.num_taken, 0);
	assert_int_equal(report_of(p).report.heard, 0);
}

CASE(plays_no_guest_without_a_host)
{
	struct nfp_reflector_config config = p->config;

	config.host.take = NULL;
	free(p->reflect);
	p->reflect = nfp_reflect_new(&config);
	assert_int_equal(ask(p, &x, 1), NFP_REFLECT_REFUSED);
	assert_int_equal(hear(p, NFP_KIND_BROADCAST, &nfp_mac_broadcast, 1),
			 NFP_REFLECT_NOT_FOR_US);
}

/* ---- what it sends ---- */

static enum nfp_reflect_outcome announce(struct place *p, const struct nfp_frame_id *id,
					 struct nfp_frame inner, struct nfp_packet *ret_packet)
{
	uint8_t bytes[NFP_FRAME_LEN_MAX];
	struct nfp_peer_frame frame = {.type = NFP_PEER_CARRY, .inner = bytes};

	inner.seq = 1;
	nfp_frame_build(id, &inner, bytes);
	return give(p, &frame, NOW, ret_packet);
}

CASE(announces_what_it_has_to_everybody)
{
	const struct nfp_frame good = {
		.dst = nfp_mac_broadcast, .src = x, .kind = NFP_KIND_ANNOUNCE};
	struct nfp_frame bad = good, sent;
	struct nfp_packet packet;

	assert_int_equal(announce(p, &near_id, good, &packet), NFP_REFLECT_REFUSED);
	assert_int_equal(ask(p, &x, 1), NFP_REFLECT_REPORTED);
	assert_int_equal(announce(p, &near_id, good, &packet), NFP_REFLECT_SENT_ON);
	assert_int_equal(nfp_frame_parse(&near_id, packet.data, packet.len, &sent), NFP_FRAME_OURS);
	assert_true(nfp_mac_equal(&sent.src, &x));
	assert_int_equal(announce(p, &run_id, good, &packet), NFP_REFLECT_REFUSED);
	bad.src = u;
	assert_int_equal(announce(p, &near_id, bad, &packet), NFP_REFLECT_REFUSED);
	bad.src = mine;
	assert_int_equal(announce(p, &near_id, bad, &packet), NFP_REFLECT_REFUSED);
	bad = good;
	bad.dst = prober;
	assert_int_equal(announce(p, &near_id, bad, &packet), NFP_REFLECT_REFUSED);
	bad = good;
	bad.kind = NFP_KIND_UNICAST;
	assert_int_equal(announce(p, &near_id, bad, &packet), NFP_REFLECT_REFUSED);
}

/* ---- what it hears ---- */

CASE(hears_the_run_that_it_is_to_hear)
{
	const struct nfp_mac macs[] = {x, u};
	struct nfp_peer_frame report;
	struct nfp_packet packet;
	uint8_t buf[NFP_FRAME_LEN_MAX];
	size_t len;

	assert_int_equal(hear(p, NFP_KIND_UNICAST, &x, 1), NFP_REFLECT_NOT_FOR_US);
	assert_int_equal(ask(p, macs, 2), NFP_REFLECT_REPORTED);
	assert_int_equal(hear(p, NFP_KIND_UNICAST, &x, 2), NFP_REFLECT_HEARD);
	assert_int_equal(hear(p, NFP_KIND_UNREGISTERED, &u, 3), NFP_REFLECT_HEARD);
	assert_int_equal(hear(p, NFP_KIND_BROADCAST, &nfp_mac_broadcast, 4), NFP_REFLECT_HEARD);
	/* A copy. */
	assert_int_equal(hear(p, NFP_KIND_UNICAST, &x, 2), NFP_REFLECT_REPEATED);
	/* A promiscuous netdev shows it more. */
	assert_int_equal(hear(p, NFP_KIND_UNICAST, &prober, 5), NFP_REFLECT_NOT_FOR_US);
	assert_int_equal(hear(p, NFP_KIND_ANNOUNCE, &nfp_mac_broadcast, 6), NFP_REFLECT_NOT_FOR_US);
	len = test_frame(buf, NFP_KIND_UNICAST, &x, 7);
	buf[14 + 8] ^= 1; /* another run */
	assert_int_equal(nfp_reflect_handle(p->reflect, buf, len, NOW, &packet),
			 NFP_REFLECT_NOT_FOR_US);
	report = report_of(p);
	assert_int_equal(report.report.heard, 3);
	assert_int_equal(report.report.num, 3);
	assert_int_equal(report.report.last[0].seq, 2);
	assert_int_equal(report.report.last[2].seq, 4);
}

/* It hears its own VLAN alone. */
CASE(hears_one_vlan)
{
	struct nfp_frame inner = {.dst = x, .src = prober, .kind = NFP_KIND_UNICAST, .seq = 1};
	struct nfp_packet packet;
	uint8_t buf[NFP_FRAME_LEN_MAX];
	size_t len;

	assert_int_equal(ask(p, &x, 1), NFP_REFLECT_REPORTED);
	inner.vlan = (struct nfp_vlan) {.vid = 100, .proto = ETH_P_8021Q};
	len = nfp_frame_build(&near_id, &inner, buf);
	assert_int_equal(nfp_reflect_handle(p->reflect, buf, len, NOW, &packet),
			 NFP_REFLECT_NOT_FOR_US);
}

CASE(reports_the_last_64)
{
	struct nfp_peer_report report;

	assert_int_equal(ask(p, &x, 1), NFP_REFLECT_REPORTED);
	for (uint64_t seq = 1; seq <= 1000; seq++) {
		assert_int_equal(hear(p, NFP_KIND_UNICAST, &x, seq), NFP_REFLECT_HEARD);
		report = report_of(p).report;
		assert_int_equal(report.heard, seq);
		assert_int_equal(report.num, seq < 64 ? seq : 64);
		assert_int_equal(report.last[report.num - 1].seq, seq);
		assert_int_equal(report.last[0].seq, seq - report.num + 1);
	}
}

/* ---- what the prober makes of it ---- */

struct desk {
	struct nfp_guest_log log;
	struct nfp_frame_accounting *accounting;
	uint64_t sent;
};

static void open_desk(struct desk *desk)
{
	memset(desk, 0, sizeof(*desk));
	desk->accounting = nfp_accounting_new();
}

/* A frame leaves the prober; it is the caller's whether the reflector hears it. */
static uint64_t send(struct desk *desk, enum nfp_kind kind, const struct nfp_mac *dst, uint64_t ns)
{
	uint8_t buf[NFP_FRAME_LEN_MAX];
	uint64_t seq = ++desk->sent;
	size_t len = test_frame(buf, kind, dst, seq);

	assert_int_equal(nfp_accounting_sent(desk->accounting, seq, kind, ns), 0);
	nfp_guest_log_sent(&desk->log, seq, kind, buf, len);
	return seq;
}

static uint64_t num_heard(const struct desk *desk)
{
	struct nfp_count count[NFP_KIND_COUNT];

	nfp_accounting_sum(desk->accounting, 0, UINT64_MAX, count);
	return count[NFP_KIND_UNICAST].at[NFP_AT_PF];
}

/* @num frames to X, each heard. */
static struct nfp_peer_frame heard(struct place *p, struct desk *desk, unsigned int num)
{
	for (unsigned int i = 0; i < num; i++)
		assert_int_equal(
			hear(p, NFP_KIND_UNICAST, &x, send(desk, NFP_KIND_UNICAST, &x, NOW)),
			NFP_REFLECT_HEARD);
	assert_int_equal(ask(p, &x, 1), NFP_REFLECT_REPORTED);
	return report_of(p);
}

static void read_report(struct desk *desk, const struct nfp_peer_frame *frame)
{
	nfp_guest_log_report(&desk->log, frame, desk->accounting, NOW + MS);
}

CASE(a_report_counts_once)
{
	struct nfp_peer_frame first, second, third;
	struct desk desk;

	open_desk(&desk);
	assert_int_equal(ask(p, &x, 1), NFP_REFLECT_REPORTED);
	first = heard(p, &desk, 30);
	second = heard(p, &desk, 30);
	read_report(&desk, &second);
	assert_int_equal(num_heard(&desk), 60);
	/* Late, and again. */
	read_report(&desk, &first);
	read_report(&desk, &second);
	assert_int_equal(num_heard(&desk), 60);
	assert_int_equal(desk.log.unreported, 0);
	third = heard(p, &desk, 4);
	read_report(&desk, &third);
	assert_int_equal(num_heard(&desk), 64);
	assert_int_equal(desk.log.unreported, 0);
	assert_int_equal(desk.log.foreign, 0);
	nfp_accounting_free(desk.accounting);
}

CASE(a_gap_is_known)
{
	struct nfp_peer_frame first, last;
	struct desk desk;

	open_desk(&desk);
	assert_int_equal(ask(p, &x, 1), NFP_REFLECT_REPORTED);
	first = heard(p, &desk, 1);
	read_report(&desk, &first);
	(void)heard(p, &desk, 64);
	last = heard(p, &desk, 1);
	read_report(&desk, &last);
	assert_int_equal(num_heard(&desk), 65);
	assert_int_equal(desk.log.unreported, 1);
	nfp_accounting_free(desk.accounting);
}

CASE(so_are_drops_and_a_reflector_that_counts_anew)
{
	struct nfp_peer_frame report;
	struct desk desk;

	open_desk(&desk);
	assert_int_equal(ask(p, &x, 1), NFP_REFLECT_REPORTED);
	p->drops = 7; /* before it was asked */
	report = heard(p, &desk, 10);
	read_report(&desk, &report);
	assert_int_equal(desk.log.unreported, 0);
	p->drops = 8;
	report = heard(p, &desk, 1);
	read_report(&desk, &report);
	assert_int_equal(desk.log.unreported, 1);
	report.seq++;
	report.report.heard = report.report.num = 1;
	read_report(&desk, &report);
	assert_int_equal(desk.log.unreported, 2);
	nfp_accounting_free(desk.accounting);
}

/* Whoever has the id, and not the key, can make the reports worthless, and no more. */
CASE(forged_frames_count_for_nothing)
{
	struct nfp_peer_frame report;
	struct desk desk;

	open_desk(&desk);
	assert_int_equal(ask(p, &x, 1), NFP_REFLECT_REPORTED);
	for (unsigned int i = 0; i < 40; i++)
		(void)send(&desk, NFP_KIND_UNICAST, &x, NOW);
	report = report_of(p);
	report.report.heard = report.report.num = 64;
	for (unsigned int i = 0; i < 64; i++)
		report.report.last[i] = (struct nfp_heard_frame) {.seq = i, .tag = i * 77};
	read_report(&desk, &report);
	assert_int_equal(num_heard(&desk), 0);
	assert_int_equal(desk.log.foreign, 64);
	nfp_accounting_free(desk.accounting);
}

/* ---- an adversary between the two ---- */

struct channel {
	unsigned int lost, late, again, forged; /* permille of reports */
	unsigned int lost_asks, lost_frames;
	uint64_t late_ms, pause_ms; /* late by up to; nothing passes for so long */
	bool has_id;		    /* who forges */
};

#define TICKS	     80 /* of 25 ms, each with a frame of each kind, and a question */
#define FLIGHTS_MAX  (TICKS * 4)
#define AFTER_TICKS  40
#define TICK_MS	     UINT64_C(25)
#define NUM_CHANNELS 9

static uint64_t draw(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static bool happens(uint64_t *state, unsigned int permille)
{
	return draw(state) % 1000 < permille;
}

struct flight {
	uint64_t at_ms;
	size_t len;
	uint8_t bytes[NFP_REPORT_LEN_MAX];
};

struct air {
	const struct channel *channel;
	uint64_t random, paused_ms;
	struct flight flights[FLIGHTS_MAX];
	size_t num;
};

static void fly(struct air *air, const uint8_t *bytes, size_t len, uint64_t at_ms)
{
	if (air->num == FLIGHTS_MAX)
		return;
	air->flights[air->num].at_ms = at_ms;
	air->flights[air->num].len = len;
	memcpy(air->flights[air->num++].bytes, bytes, len);
}

/* A report by somebody without the key: all frames so far were heard. */
static void forge(struct air *air, const struct place *p, const struct desk *desk, uint64_t now_ms)
{
	struct nfp_peer_frame frame = report_of(p);
	struct nfp_peer_id id = p->config.id;
	uint8_t buf[NFP_REPORT_LEN_MAX];

	frame.seq = p->seq;
	frame.report.heard = desk->sent;
	frame.report.num = desk->sent < 64 ? (unsigned int)desk->sent : 64;
	for (unsigned int i = 0; i < frame.report.num; i++)
		frame.report.last[i] = (struct nfp_heard_frame) {.seq = desk->sent - i,
								 .tag = draw(&air->random)};
	if (!air->channel->has_id)
		id.b[0] ^= 1;
	fly(air, buf, nfp_peer_build(&id, &frame, buf), now_ms);
}

static void question(struct air *air, struct place *p, const struct desk *desk, uint64_t now_ms)
{
	const struct nfp_mac macs[] = {x, u};
	const struct channel *c = air->channel;
	uint8_t buf[NFP_REPORT_LEN_MAX];
	bool passes = now_ms < air->paused_ms || now_ms >= air->paused_ms + c->pause_ms;
	size_t len;

	if (happens(&air->random, c->lost_asks) || !passes) {
		p->seq++;
		return;
	}
	assert_int_equal(ask_at(p, macs, 2, NOW + now_ms * MS), NFP_REFLECT_REPORTED);
	len = nfp_reflect_report(p->reflect, buf);
	if (!happens(&air->random, c->lost)) {
		bool late = happens(&air->random, c->late);

		fly(air, buf, len, now_ms + (late ? draw(&air->random) % c->late_ms : 0));
	}
	if (happens(&air->random, c->again))
		fly(air, buf, len, now_ms + draw(&air->random) % (TICKS * TICK_MS));
	if (happens(&air->random, c->forged))
		forge(air, p, desk, now_ms);
}

static void land(struct air *air, const struct place *p, struct desk *desk, uint64_t now_ms)
{
	for (size_t i = 0; i < air->num; i++) {
		struct flight *flight = &air->flights[i];
		struct nfp_peer_frame frame;

		if (!flight->len || flight->at_ms > now_ms)
			continue;
		if (nfp_peer_parse(&p->config.id, flight->bytes, flight->len, &frame) ==
		    NFP_PEER_OURS)
			nfp_guest_log_report(&desk->log, &frame, desk->accounting,
					     NOW + now_ms * MS);
		flight->len = 0;
	}
}

/* One window of a neighbour, whose frames to X leave the NIC or not. */
static enum nfp_answer watch(struct place *p, const struct channel *c, uint64_t seed, bool leaves)
{
	static const enum nfp_kind kinds[] = {NFP_KIND_UNICAST, NFP_KIND_UNREGISTERED,
					      NFP_KIND_BROADCAST};
	struct nfp_window window = {.status = NFP_STATUS_DONE};
	struct nfp_count count[NFP_KIND_COUNT];
	struct air *air = calloc(1, sizeof(*air));
	struct desk desk;

	assert_non_null(air);
	open_desk(&desk);
	air->channel = c;
	air->random = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
	air->paused_ms = draw(&air->random) % (TICKS * TICK_MS);
	question(air, p, &desk, 0);
	for (uint64_t tick = 0; tick < TICKS + AFTER_TICKS; tick++) {
		uint64_t now_ms = tick * TICK_MS;

		for (size_t i = 0; i < 3 && tick < TICKS; i++) {
			const struct nfp_mac *dst = i == 0 ? &x : i == 1 ? &u : &nfp_mac_broadcast;
			uint64_t seq = send(&desk, kinds[i], dst, NOW + now_ms * MS);

			if ((i || leaves) && !happens(&air->random, c->lost_frames))
				(void)hear(p, kinds[i], dst, seq);
		}
		question(air, p, &desk, now_ms);
		land(air, p, &desk, now_ms);
	}
	nfp_accounting_sum(desk.accounting, 0, UINT64_MAX, count);
	for (size_t i = 0; i < 3; i++) {
		window.count[kinds[i]].sent = count[kinds[i]].sent;
		window.count[kinds[i]].at[NFP_AT_PF] = count[kinds[i]].at[NFP_AT_PF];
	}
	window.disturbed = desk.log.unreported > 0;
	nfp_accounting_free(desk.accounting);
	free(air);
	return nfp_elsewhere_leaves(&window);
}

/* A wrong answer is never given, and where little is wrong with the reports, the right one is. */
TEST(no_adversary_brings_a_wrong_answer)
{
	static const struct {
		struct channel channel;
		unsigned int right; /* percent at least */
	} rows[NUM_CHANNELS] = {
		{{0}, 100},
		{{.lost = 300, .lost_asks = 100}, 95},
		{{.lost = 900}, 0},
		{{.late = 1000, .late_ms = 300}, 95},
		{{.late = 1000, .late_ms = 2500}, 0},
		{{.again = 800, .late = 300, .late_ms = 200}, 95},
		{{.forged = 500}, 100},
		{{.forged = 100, .has_id = true}, 0},
		{{.pause_ms = 900, .lost_frames = 100, .lost = 100}, 0},
	};

	for (size_t i = 0; i < NUM_CHANNELS; i++) {
		unsigned int right = 0, num = LOT(400U);

		for (uint64_t seed = 1; seed <= num; seed++) {
			bool leaves = seed % 2;
			enum nfp_answer answer, truth = leaves ? NFP_YES : NFP_NO;
			struct place place = {.seq = 0};

			make(&place);
			answer = watch(&place, &rows[i].channel, seed + i * 1000, leaves);
			unmake(&place);
			if (answer != truth && answer != NFP_UNKNOWN)
				fail_msg("row %zu, seed %u: a wrong answer", i, (unsigned int)seed);
			right += answer == truth;
		}
		if (right * 100 < num * rows[i].right)
			fail_msg("row %zu: only %u of %u are known", i, right, num);
	}
}

TEST_MAIN()
