// SPDX-License-Identifier: GPL-2.0-or-later
/* Which neighbour is asked when: against many ways to answer, in virtual time. */
#include "harness.h"
#include "traffic/sources.h"

#define MS     NFP_NSEC_PER_MSEC
#define T0     (5 * NFP_NSEC_PER_SEC)
#define MINUTE (60 * NFP_NSEC_PER_SEC)
#define TICK   MS

static const struct nfp_mac pf = {{2, 0, 0, 0, 0, 9}}, gateway = {{2, 0, 0, 0, 0, 8}};
static const struct nfp_ipv4 ip = {{192, 0, 2, 1}};
/* The reply to the broadcast probe goes to everybody. */
static const struct nfp_mac macs[NFP_KIND_COUNT] = {
	[NFP_KIND_UNICAST] = {{2, 0, 0, 0, 0, 1}},
	[NFP_KIND_BROADCAST] = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
	[NFP_KIND_UNREGISTERED] = {{2, 0, 0, 0, 0, 3}},
};
static const struct nfp_plan usual = {
	.unicast = {{2, 0, 0, 0, 0, 1}},
	.unregistered_mac = {{2, 0, 0, 0, 0, 3}},
	.rate = {[NFP_KIND_UNICAST] = 8, [NFP_KIND_BROADCAST] = 4, [NFP_KIND_UNREGISTERED] = 1}};

static void make_codec(struct nfp_codec *codec, uint8_t seed)
{
	const struct nfp_arp_config config = {.id.key = {seed},
					      .pf_mac = pf,
					      .ip = ip,
					      .neighbour = gateway,
					      .broadcast_reply = true};

	*codec = nfp_arp_codec_new(&config);
	codec->ops->plan(codec->ctx, &usual);
}

static bool is_ready(struct nfp_codec *codec, int kind, uint64_t now)
{
	return usual.rate[kind] && codec->ops->ready(codec->ctx, (enum nfp_kind)kind, now) <= now;
}

/* Sends a probe whose reply goes to macs[kind]. */
static void probe(struct nfp_codec *codec, int kind, uint64_t seq, uint64_t now)
{
	const struct nfp_frame frame = {
		.dst = macs[kind], .kind = (enum nfp_kind)kind, .seq = seq, .sent_ns = now};
	struct nfp_packet packets[NFP_CODEC_PACKETS];

	assert_int_equal(codec->ops->make(codec->ctx, &frame, packets), 1);
}

/* A reply to @to reaches the PF: true when it belongs to a request. */
static bool reply(struct nfp_codec *codec, const struct nfp_mac *to, uint64_t now,
		  struct nfp_frame *ret_frame)
{
	const struct nfp_arp arp = {.dst = *to,
				    .src = gateway,
				    .op = NFP_ARP_REPLY,
				    .sha = gateway,
				    .spa = ip,
				    .tha = *to};
	uint8_t buf[NFP_PACKET_MAX];
	size_t len = nfp_arp_build(&arp, buf);

	return codec->ops->recognise(codec->ctx, NFP_AT_PF, buf, len, now, ret_frame) ==
	       NFP_FRAME_OURS;
}

static struct nfp_wire_stats stats(const struct nfp_codec *codec)
{
	struct nfp_wire_stats stats = {0};

	codec->ops->stats(codec->ctx, &stats);
	return stats;
}

/* A neighbour, and what came of asking it. */
struct town {
	/* How it answers. */
	uint64_t trip;	     /* takes so long */
	unsigned int police; /* answers a second at most, 0: all */
	bool silent[NFP_KIND_COUNT];
	/* The state of the test. */
	struct nfp_codec codec;
	double tokens;
	struct {
		uint64_t due, seq;
		int kind;
	} under_way[256];
	size_t num_under_way;
	uint64_t seq, asked[NFP_KIND_COUNT], answered[NFP_KIND_COUNT], wrong;
	uint64_t when[64]; /* of the newest ARP requests */
	size_t num_when;
	uint64_t most_in_a_second;
	uint64_t now;
};

static void count_second(struct town *t)
{
	uint64_t num = 0;

	t->when[t->num_when++ % 64] = t->now;
	for (size_t i = 0; i < 64 && i < t->num_when; i++)
		num += t->now - t->when[i] < NFP_NSEC_PER_SEC;
	if (num > t->most_in_a_second)
		t->most_in_a_second = num;
}

static void ask(struct town *t, enum nfp_kind kind)
{
	bool answers = !t->silent[kind];

	probe(&t->codec, (int)kind, ++t->seq, t->now);
	t->asked[kind]++;
	count_second(t);
	if (t->police) {
		answers = answers && t->tokens >= 1;
		t->tokens -= t->tokens >= 1;
	}
	if (!answers)
		return;
	assert_true(t->num_under_way < 256);
	t->under_way[t->num_under_way].due = t->now + t->trip;
	t->under_way[t->num_under_way].seq = t->seq;
	t->under_way[t->num_under_way++].kind = (int)kind;
}

static void deliver(struct town *t)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->num_under_way; i++) {
		struct nfp_frame frame;

		if (t->under_way[i].due > t->now) {
			t->under_way[kept++] = t->under_way[i];
			continue;
		}
		if (!reply(&t->codec, &macs[t->under_way[i].kind], t->now, &frame))
			continue;
		assert_int_equal(frame.kind, t->under_way[i].kind);
		t->answered[frame.kind]++;
		t->wrong += frame.seq != t->under_way[i].seq;
	}
	t->num_under_way = kept;
}

static void live(struct town *t, uint64_t for_ns)
{
	uint64_t end;

	if (!t->now) {
		t->now = T0;
		make_codec(&t->codec, 57);
	}
	for (end = t->now + for_ns; t->now < end; t->now += TICK) {
		t->tokens += t->police * (double)TICK / (double)NFP_NSEC_PER_SEC;
		if (t->tokens > 2)
			t->tokens = 2;
		deliver(t);
		for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
			if (is_ready(&t->codec, kind, t->now))
				ask(t, (enum nfp_kind)kind);
		}
	}
}

static uint64_t sum(const uint64_t of[NFP_KIND_COUNT])
{
	uint64_t all = 0;

	for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
		all += of[kind];
	return all;
}

TEST(shares_and_limits)
{
	struct town t = {.trip = MS};

	live(&t, MINUTE);
	assert_in_range(t.asked[NFP_KIND_UNICAST], 7 * 60, 9 * 60);
	assert_in_range(t.asked[NFP_KIND_BROADCAST], 7 * 30, 9 * 30);
	assert_in_range(t.asked[NFP_KIND_UNREGISTERED], 50, 70);
	/* A switch that inspects ARP may shut a port at more. */
	assert_true(t.most_in_a_second <= 15);
	assert_int_equal(stats(&t.codec).slowed, 0);
	assert_int_equal(t.wrong, 0);
	free(t.codec.ctx);
}

TEST(a_policer_slows_it_down)
{
	struct town t = {.trip = MS, .police = 5};
	uint64_t asked, answered;

	live(&t, MINUTE / 2);
	assert_true(stats(&t.codec).slowed >= 1);
	asked = sum(t.asked);
	answered = sum(t.answered);
	live(&t, MINUTE);
	asked = sum(t.asked) - asked;
	answered = sum(t.answered) - answered;
	assert_true(asked > 60);
	assert_true(asked <= 5 * 60);
	assert_true(answered * 100 >= asked * 95);
	free(t.codec.ctx);
}

TEST(a_neighbour_that_is_gone_is_asked_rarely)
{
	struct town t = {.now = 0};

	memset(t.silent, true, sizeof(t.silent));
	live(&t, MINUTE);
	assert_int_equal(stats(&t.codec).slowness, 8);
	assert_true(sum(t.asked) <= 3 * 60);
	free(t.codec.ctx);
}

/* Every n-th answer: whatever n is, it must not look like a NIC that drops one kind. */
TEST(a_policer_cannot_pick_a_kind)
{
	for (unsigned int n = 2; n <= 8; n++) {
		uint64_t hit[NFP_KIND_COUNT] = {0}, all[NFP_KIND_COUNT] = {0}, count = 0;
		struct nfp_codec codec;

		make_codec(&codec, (uint8_t)(99 + n));
		for (uint64_t now = T0; now < T0 + 4 * MINUTE; now += TICK) {
			for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
				struct nfp_frame frame;

				if (!is_ready(&codec, kind, now))
					continue;
				probe(&codec, kind, ++count, now);
				/* So that the rate stays what it is. */
				reply(&codec, &macs[kind], now, &frame);
				all[kind]++;
				hit[kind] += count % n == 0;
			}
		}
		for (int kind = 0; kind < NFP_KINDS_DECIDE; kind++) {
			assert_true(hit[kind] * n * 2 > all[kind]);
			assert_true(hit[kind] * n < all[kind] * 2);
		}
		free(codec.ctx);
	}
}

TEST(a_new_address_has_no_old_requests)
{
	struct nfp_plan changed = usual;
	struct nfp_frame frame = {0};
	struct nfp_codec codec;

	changed.unicast.b[5] = 77;
	make_codec(&codec, 1);
	probe(&codec, NFP_KIND_UNICAST, 1, T0);
	probe(&codec, NFP_KIND_BROADCAST, 2, T0);
	codec.ops->plan(codec.ctx, &changed);
	/* Probes that are under way are not counted, for a second. */
	assert_true(reply(&codec, &macs[0], T0 + MS, &frame));
	assert_true(frame.kind >= NFP_KIND_COUNT);
	assert_false(reply(&codec, &macs[0], T0 + 1001 * MS, &frame));
	assert_false(reply(&codec, &changed.unicast, T0 + MS, &frame));
	assert_true(reply(&codec, &macs[1], T0 + MS, &frame));
	assert_int_equal(frame.seq, 2);
	free(codec.ctx);
}

/* Read late, a reply still belongs to the request that was open when it came. */
TEST(the_time_of_arrival_decides)
{
	struct nfp_frame frame;
	struct nfp_codec codec;

	make_codec(&codec, 1);
	probe(&codec, NFP_KIND_UNICAST, 1, T0);
	probe(&codec, NFP_KIND_UNICAST, 2, T0 + 100 * MS);
	assert_true(reply(&codec, &macs[0], T0 + 99 * MS, &frame));
	assert_int_equal(frame.seq, 1);
	assert_true(reply(&codec, &macs[0], T0 + 101 * MS, &frame));
	assert_int_equal(frame.seq, 2);
	assert_false(reply(&codec, &macs[0], T0 - MS, &frame));
	free(codec.ctx);
}

/* A reply that is lost is waited for twice as long as replies take, and a duplicate, which may be
 * as late as it likes, is no measure of that. */
TEST(the_first_reply_tells_how_long_to_wait)
{
	const uint64_t wait = 2 * 100 * MS + 30 * MS, second = T0 + NFP_NSEC_PER_SEC;
	struct nfp_frame frame;
	struct nfp_codec codec;

	make_codec(&codec, 1);
	probe(&codec, NFP_KIND_UNICAST, 1, T0);
	assert_true(reply(&codec, &macs[0], T0 + 100 * MS, &frame));
	assert_true(reply(&codec, &macs[0], T0 + 900 * MS, &frame));
	probe(&codec, NFP_KIND_UNICAST, 2, second);
	assert_false(is_ready(&codec, NFP_KIND_UNICAST, second + wait - 1));
	assert_true(is_ready(&codec, NFP_KIND_UNICAST, second + wait));
	free(codec.ctx);
}

TEST_MAIN()
