// SPDX-License-Identifier: GPL-2.0-or-later
#include "netns/bed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Longer than any frame that is not late is under way. */
#define FLIGHT_NS (300 * NFP_NSEC_PER_MSEC)
#define TICK_NS	  (10 * NFP_NSEC_PER_MSEC)

void bed_make(struct bed *bed)
{
	struct relay_rules pf_only = relay_all();

	pf_only.to[NFP_AT_VF].serves = false;
	net_make(&bed->net);
	bed->relay = relay_start(&bed->net, &pf_only);
	bed->accounting = nfp_accounting_new();
}

void bed_unmake(struct bed *bed)
{
	nfp_stream_close(bed->stream);
	nfp_accounting_free(bed->accounting);
	relay_stop(bed->relay);
	net_unmake(&bed->net);
}

struct nfp_stream_config bed_config(const struct bed *bed)
{
	return (struct nfp_stream_config) {
		.id = bed->net.id,
		.sender = bed->net.sender,
		.sender_mac = bed->net.sender_mac,
		.pf = bed->net.pf,
		.wake_fds = {-1, -1},
	};
}

void bed_open(struct bed *bed, const struct nfp_stream_config *config)
{
	struct nfp_err err = {0};

	if (nfp_stream_open(config, &bed->stream, &err))
		fail_msg("%s", err.message);
	bed->wire = nfp_stream_wire(bed->stream);
	bed->start_ns = bed->wire.ops->now(bed->wire.ctx);
	assert_int_equal(nfp_accounting_mark(bed->accounting, bed->start_ns), 0);
}

void bed_open_usual(struct bed *bed)
{
	const struct nfp_stream_config config = bed_config(bed);

	bed_open(bed, &config);
}

void bed_plan(struct bed *bed, unsigned int rate)
{
	struct nfp_plan plan = {
		.unicast = {{0x02, 0, 0, 0, 0, 0x11}},
		.unregistered_mac = {{0x02, 0, 0, 0, 0, 0x22}},
		.group = {{0x33, 0x33, 0xff, 0, 0, 0x33}},
		.unjoined = {{0x33, 0x33, 0xff, 0, 0, 0x44}},
		.rate = {rate},
	};

	for (enum nfp_kind kind = NFP_KIND_BROADCAST; kind < NFP_KIND_COUNT; kind++) {
		if (!nfp_kinds[kind].tagged)
			plan.rate[kind] = rate ? 20 : 0;
	}
	bed->wire.ops->plan(bed->wire.ctx, &plan);
}

void bed_listen_vf(struct bed *bed)
{
	const struct relay_rules all = relay_all();
	struct nfp_err err = {0};

	if (bed->wire.ops->listen_vf(bed->wire.ctx, &bed->net.vf, false, &err))
		fail_msg("%s", err.message);
	relay_set(bed->relay, &all);
}

void bed_pump(struct bed *bed, uint64_t for_ns)
{
	uint64_t until = bed->wire.ops->now(bed->wire.ctx) + for_ns;
	struct nfp_err err = {0};
	int ret = bed->wire.ops->pump(bed->wire.ctx, until, bed->accounting, &err);

	if (ret < 0)
		fail_msg("%s", err.message);
}

struct nfp_count bed_count(const struct bed *bed, enum nfp_kind kind)
{
	struct nfp_count count[NFP_KIND_COUNT];

	nfp_accounting_sum(bed->accounting, bed->start_ns, UINT64_MAX, count);
	return count[kind];
}

struct nfp_wire_stats bed_stats(const struct bed *bed)
{
	struct nfp_wire_stats stats;

	/* A field that the wire does not set is not zero. */
	memset(&stats, 0xaa, sizeof(stats));
	bed->wire.ops->stats(bed->wire.ctx, &stats);
	return stats;
}

bool bed_pump_until(struct bed *bed, uint64_t for_ns, bool (*done)(struct bed *bed))
{
	uint64_t deadline = bed->wire.ops->now(bed->wire.ctx) + for_ns;

	while (!done(bed)) {
		if (bed->wire.ops->now(bed->wire.ctx) > deadline)
			return false;
		bed_pump(bed, TICK_NS);
	}
	return true;
}

void bed_await(struct bed *bed, bool (*done)(struct bed *bed))
{
	assert_true(bed_pump_until(bed, NET_PATIENCE_NS, done));
}

void bed_pump_frames(struct bed *bed, uint64_t num)
{
	uint64_t deadline = bed->wire.ops->now(bed->wire.ctx) + NET_PATIENCE_NS;
	uint64_t until = relay_totals(bed->relay).taken + num;

	while (relay_totals(bed->relay).taken < until) {
		assert_true(bed->wire.ops->now(bed->wire.ctx) < deadline);
		bed_pump(bed, TICK_NS);
	}
}

static bool nothing_held(struct bed *bed)
{
	return relay_totals(bed->relay).held == 0;
}

void bed_finish(struct bed *bed)
{
	bed_plan(bed, 0);
	bed_pump(bed, FLIGHT_NS);
	bed_await(bed, nothing_held);
	bed_pump(bed, FLIGHT_NS);
}

static bool agrees(struct bed *bed)
{
	struct nfp_count want[NFP_KIND_COUNT], got[NFP_KIND_COUNT];

	relay_count(bed->relay, bed->start_ns, want);
	nfp_accounting_sum(bed->accounting, bed->start_ns, UINT64_MAX, got);
	return memcmp(got, want, sizeof(got)) == 0;
}

/* The counts must not change once they agree, whatever comes then. */
void bed_assert_agrees(struct bed *bed)
{
	struct nfp_count want[NFP_KIND_COUNT];

	bed_pump_until(bed, NET_PATIENCE_NS, agrees);
	bed_pump(bed, TICK_NS);

	assert_int_equal(relay_error(bed->relay), 0);
	relay_count(bed->relay, bed->start_ns, want);
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		struct nfp_count got = bed_count(bed, (enum nfp_kind)kind);

		assert_int_equal(got.sent, want[kind].sent);
		for (int at = 0; at < NFP_RECEIVER_COUNT; at++)
			assert_int_equal(got.at[at], want[kind].at[at]);
		assert_int_equal(got.both, want[kind].both);
		assert_int_equal(got.duplicates, want[kind].duplicates);
	}
}
