// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The frame accounting under any sequence of calls: rx records come from the network and may claim
 * anything. Four bytes are one call.
 */

#include "traffic/traffic.h"
#include "fuzz/fuzz.h"
#include "../../src/traffic/traffic_priv.h"

struct run {
	struct nfp_frame_accounting *accounting;
	uint64_t now, seq, seen;
};

static void call(struct run *run, const uint8_t op[4])
{
	uint64_t step = (uint64_t)op[1] << (op[2] & 31); /* up to minutes */
	uint64_t back = op[3];

	switch (op[0] % 6) {
	case 0:
	case 1:
		run->now += op[0] & 0x80 ? step : op[1];
		if (!nfp_accounting_sent(run->accounting, run->seq, op[2] % 5, run->now - back))
			run->seq++;
		break;
	case 2:
		if (nfp_accounting_seen(run->accounting, run->seq - back, op[2] % 5, op[1] & 3,
					run->now + op[1]) == NFP_RX_COUNTED)
			run->seen++;
		break;
	case 3:
		nfp_accounting_unsent(run->accounting, run->seq - back);
		break;
	case 4:
		nfp_accounting_mark(run->accounting, run->now + back);
		break;
	default:
		nfp_accounting_forget(run->accounting, run->now - step);
	}
}

static void check_count(const struct nfp_count *count)
{
	uint64_t pf = count->at[NFP_AT_PF], vf = count->at[NFP_AT_VF];

	require(pf <= count->sent && vf <= count->sent);
	require(count->both <= pf && count->both <= vf);
	require(nfp_count_lost(count) <= count->sent);
	require(nfp_landing_of(count) < NFP_LANDING_COUNT);
}

static void check_span(const struct nfp_span *span)
{
	require(span->error_us >= 0 && span->us >= 0);
	require(span->known || (span->us == 0 && span->error_us == 0));
}

static void check_transition(const struct run *run, int before, int after)
{
	const struct nfp_transition_query ask = {
		.from_ns = run->now / 2,
		.to_ns = run->now,
		.request_ns = run->now / 2 + 1,
		.before = before,
		.after = after,
		.interval_ns = NFP_NSEC_PER_MSEC,
		.lost = run->seen,
		.sent = 2 * run->seen,
	};
	struct nfp_transition_count count;

	nfp_transition_measure(run->accounting, &ask, &count);
	check_span(&count.gap);
}

static void check(const struct run *run)
{
	struct nfp_count sum[NFP_KIND_COUNT];
	const struct nfp_slice *slices;
	size_t num = nfp_accounting_slices(run->accounting, 0, &slices);
	uint64_t sent = 0, at = 0;

	for (size_t i = 0; i < num; i++) {
		require(slices[i].from_ns <= slices[i].to_ns);
		require(!i || slices[i - 1].to_ns <= slices[i].from_ns);
		for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
			check_count(&slices[i].count[kind]);
			sent += slices[i].count[kind].sent;
		}
	}
	require(nfp_accounting_sum(run->accounting, 0, UINT64_MAX, sum) == num);
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		sent -= sum[kind].sent;
		at += sum[kind].at[NFP_AT_PF] + sum[kind].at[NFP_AT_VF];
	}
	require(sent == 0 && at <= run->seen);
	require(nfp_accounting_max_latency(run->accounting) <= NFP_ACCOUNTING_LATE_NS);
	check_transition(run, NFP_AT_PF, NFP_AT_VF);
	check_transition(run, NFP_AT_PF, NFP_AT_PF);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run run = {.accounting = nfp_accounting_new(), .now = UINT64_C(1) << 40, .seq = 1};

	if (!run.accounting)
		return 0;
	for (size_t at = 0; size - at >= 4; at += 4)
		call(&run, data + at);
	check(&run);
	nfp_accounting_free(run.accounting);
	return 0;
}
