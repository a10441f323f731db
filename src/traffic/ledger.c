// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two stores. Slices: an array whose oldest entries are dropped by advancing its head; now and then
 * the rest is moved to the front. Records: a ring indexed by sequence number, whose size is a power
 * of two. Both grow by doubling, so a frame costs no allocation once they are large enough.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nfprobe/traffic.h"

#define FIRST_RECORDS 4096U
#define FIRST_SLICES  256U

#define SEEN(receiver) (1U << (receiver))
#define SEEN_ANY       (SEEN(NFP_AT_PF) | SEEN(NFP_AT_VF))

struct record {
	uint64_t sent_ns;
	uint32_t slice;				 /* number since the reset, modulo 2^32 */
	uint32_t latency_ns[NFP_RECEIVER_COUNT]; /* where seen: NFP_LEDGER_LATE_NS at most */
	uint16_t duplicates;
	uint8_t kind;
	uint8_t seen : 2;
	uint8_t unsent : 1;
};

struct nfp_ledger {
	struct record *records;
	uint64_t mask;	     /* of the ring */
	uint64_t first, end; /* sequence numbers kept: [first, end); end 0: none ever */
	uint64_t last_ns;    /* the newest time sent or marked */
	uint64_t last_sent_ns;
	uint64_t latency_ns[2];	 /* the largest: since the last forget, and in the stretch before */
	uint64_t disorder_ns[2]; /* likewise, how long a frame seen was sent before a newer one */
	uint64_t newest_ns[NFP_RECEIVER_COUNT]; /* time sent of the newest frame seen there */

	struct nfp_slice *slices;
	size_t head, tail, room; /* slices kept: [head, tail) of room */
	uint32_t head_number;	 /* number of slices[head] */
};

uint64_t nfp_count_lost(const struct nfp_count *count)
{
	return count->sent + count->both - count->at[NFP_AT_PF] - count->at[NFP_AT_VF];
}

struct nfp_ledger *nfp_ledger_new(void)
{
	struct nfp_ledger *ledger = nfp_calloc(1, sizeof(*ledger));

	ledger->records = nfp_calloc(FIRST_RECORDS, sizeof(*ledger->records));
	ledger->slices = nfp_calloc(FIRST_SLICES, sizeof(*ledger->slices));
	ledger->mask = FIRST_RECORDS - 1;
	ledger->room = FIRST_SLICES;
	return ledger;
}

void nfp_ledger_free(struct nfp_ledger *ledger)
{
	if (!ledger)
		return;
	free(ledger->records);
	free(ledger->slices);
	free(ledger);
}

void nfp_ledger_reset(struct nfp_ledger *ledger)
{
	*ledger = (struct nfp_ledger) {.records = ledger->records,
				       .mask = ledger->mask,
				       .slices = ledger->slices,
				       .room = ledger->room};
}

/* ---- slices ---- */

static void push_slice(struct nfp_ledger *ledger, uint64_t from_ns, uint64_t to_ns)
{
	size_t used = ledger->tail - ledger->head;

	if (ledger->tail == ledger->room && used < ledger->room / 2) {
		memmove(ledger->slices, ledger->slices + ledger->head,
			used * sizeof(*ledger->slices));
		ledger->head = 0;
		ledger->tail = used;
	} else if (ledger->tail == ledger->room) {
		ledger->room *= 2;
		ledger->slices = nfp_reallocarray(ledger->slices, ledger->room,
						  sizeof(*ledger->slices));
	}
	ledger->slices[ledger->tail++] = (struct nfp_slice) {.from_ns = from_ns, .to_ns = to_ns};
}

/*
 * Usually the newest slice, or one that follows it on the grid that the last mark set. But a frame
 * that was sent before the mark and is reported after it belongs before the mark: the slice there
 * is extended to hold it.
 */
static struct nfp_slice *slice_for(struct nfp_ledger *ledger, uint64_t sent_ns)
{
	bool none = ledger->tail == ledger->head;
	struct nfp_slice *slice = none ? NULL : &ledger->slices[ledger->tail - 1];

	if (none || sent_ns >= slice->to_ns) {
		uint64_t behind = none ? 0 : (sent_ns - slice->to_ns) % NFP_LEDGER_SLICE_NS;

		push_slice(ledger, sent_ns - behind, sent_ns - behind + NFP_LEDGER_SLICE_NS);
		return &ledger->slices[ledger->tail - 1];
	}
	if (sent_ns >= slice->from_ns)
		return slice;
	while (slice > ledger->slices + ledger->head && sent_ns < slice->from_ns)
		slice--;
	if (sent_ns < slice->from_ns)
		slice->from_ns = sent_ns;
	if (sent_ns >= slice->to_ns)
		slice->to_ns = sent_ns + 1;
	return slice;
}

int nfp_ledger_mark(struct nfp_ledger *ledger, uint64_t now_ns)
{
	struct nfp_slice *newest;

	if (now_ns < ledger->last_ns)
		return -EINVAL;
	/* An empty slice before the first mark takes frames that were sent before it. */
	if (ledger->tail == ledger->head)
		push_slice(ledger, now_ns, now_ns);
	newest = &ledger->slices[ledger->tail - 1];
	if (newest->to_ns > now_ns)
		newest->to_ns = now_ns;
	push_slice(ledger, now_ns, now_ns + NFP_LEDGER_SLICE_NS);
	ledger->last_ns = now_ns;
	return 0;
}

void nfp_count_add(struct nfp_count *sum, const struct nfp_count *count)
{
	sum->sent += count->sent;
	for (int at = 0; at < NFP_RECEIVER_COUNT; at++)
		sum->at[at] += count->at[at];
	sum->both += count->both;
	sum->duplicates += count->duplicates;
}

size_t nfp_ledger_slices(const struct nfp_ledger *ledger, uint64_t from_ns,
			 const struct nfp_slice **ret_slices)
{
	size_t first = ledger->tail;

	/* No further back than what the caller is going to read. */
	while (first > ledger->head && ledger->slices[first - 1].from_ns >= from_ns)
		first--;
	*ret_slices = ledger->slices + first;
	return ledger->tail - first;
}

size_t nfp_ledger_sum(const struct nfp_ledger *ledger, uint64_t from_ns, uint64_t to_ns,
		      struct nfp_count ret_count[NFP_KIND_COUNT])
{
	struct nfp_count sum[NFP_KIND_COUNT] = {0};
	const struct nfp_slice *slices;
	size_t num = nfp_ledger_slices(ledger, from_ns, &slices), i;

	for (i = 0; i < num && slices[i].to_ns <= to_ns; i++) {
		for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
			nfp_count_add(&sum[kind], &slices[i].count[kind]);
	}
	memcpy(ret_count, sum, sizeof(sum));
	return i;
}

/* ---- records ---- */

static struct record *record_at(const struct nfp_ledger *ledger, uint64_t seq)
{
	return &ledger->records[seq & ledger->mask];
}

static bool is_kept(const struct nfp_ledger *ledger, uint64_t seq)
{
	return seq >= ledger->first && seq < ledger->end;
}

static struct nfp_count *count_of(struct nfp_ledger *ledger, const struct record *record)
{
	uint32_t behind_head = record->slice - ledger->head_number;

	return &ledger->slices[ledger->head + behind_head].count[record->kind];
}

int nfp_ledger_sent(struct nfp_ledger *ledger, uint64_t seq, enum nfp_kind kind, uint64_t sent_ns)
{
	uint64_t mask = 2 * ledger->mask + 1;
	struct nfp_slice *slice;
	struct record *grown;

	if ((unsigned int)kind >= NFP_KIND_COUNT || seq == 0 || seq == UINT64_MAX ||
	    (ledger->end && seq != ledger->end) || sent_ns < ledger->last_sent_ns)
		return -EINVAL;
	if (!ledger->end)
		ledger->first = seq;
	if (seq - ledger->first > ledger->mask) {
		grown = nfp_calloc(mask + 1, sizeof(*grown));
		for (uint64_t i = ledger->first; i < ledger->end; i++)
			grown[i & mask] = *record_at(ledger, i);
		free(ledger->records);
		ledger->records = grown;
		ledger->mask = mask;
	}
	slice = slice_for(ledger, sent_ns);
	slice->count[kind].sent++;
	*record_at(ledger, seq) = (struct record) {
		.sent_ns = sent_ns,
		.slice = ledger->head_number + (uint32_t)(slice - (ledger->slices + ledger->head)),
		.kind = (uint8_t)kind,
	};
	ledger->end = seq + 1;
	ledger->last_sent_ns = sent_ns;
	if (sent_ns > ledger->last_ns)
		ledger->last_ns = sent_ns;
	return 0;
}

void nfp_ledger_unsent(struct nfp_ledger *ledger, uint64_t seq)
{
	struct record *record;

	if (!is_kept(ledger, seq))
		return;
	record = record_at(ledger, seq);
	if (record->seen || record->unsent)
		return;
	record->unsent = 1;
	count_of(ledger, record)->sent--;
}

enum nfp_sighting nfp_ledger_seen(struct nfp_ledger *ledger, uint64_t seq, enum nfp_kind kind,
				  enum nfp_receiver at, uint64_t seen_ns)
{
	struct record *record;
	struct nfp_count *count;
	uint64_t latency;

	if (!is_kept(ledger, seq) || (unsigned int)at >= NFP_RECEIVER_COUNT)
		return NFP_SIGHTING_IMPOSSIBLE;
	record = record_at(ledger, seq);
	if (record->unsent || record->kind != kind || seen_ns < record->sent_ns)
		return NFP_SIGHTING_IMPOSSIBLE;
	latency = seen_ns - record->sent_ns;
	if (latency > NFP_LEDGER_LATE_NS)
		return NFP_SIGHTING_LATE;
	count = count_of(ledger, record);
	if (record->seen & SEEN(at)) {
		if (record->duplicates < UINT16_MAX)
			record->duplicates++;
		count->duplicates++;
		return NFP_SIGHTING_DUPLICATE;
	}
	record->seen = (record->seen | SEEN(at)) & SEEN_ANY;
	record->latency_ns[at] = (uint32_t)latency;
	count->at[at]++;
	if (record->seen == SEEN_ANY)
		count->both++;
	if (latency > ledger->latency_ns[0])
		ledger->latency_ns[0] = latency;
	/* Most receivers see frames in the order sent; a NIC with many queues may not. */
	if (record->sent_ns >= ledger->newest_ns[at])
		ledger->newest_ns[at] = record->sent_ns;
	else if (ledger->newest_ns[at] - record->sent_ns > ledger->disorder_ns[0])
		ledger->disorder_ns[0] = ledger->newest_ns[at] - record->sent_ns;
	return NFP_SIGHTING_COUNTED;
}

static uint64_t larger(const uint64_t ns[2])
{
	return ns[0] > ns[1] ? ns[0] : ns[1];
}

uint64_t nfp_ledger_max_latency(const struct nfp_ledger *ledger)
{
	return larger(ledger->latency_ns);
}

uint64_t nfp_ledger_overtaken(const struct nfp_ledger *ledger, enum nfp_receiver at)
{
	uint64_t slack_ns = 2 * larger(ledger->disorder_ns);

	return ledger->newest_ns[at] > slack_ns ? ledger->newest_ns[at] - slack_ns : 0;
}

void nfp_ledger_forget(struct nfp_ledger *ledger, uint64_t before_ns)
{
	ledger->first = nfp_ledger_find(ledger, before_ns);
	ledger->latency_ns[1] = ledger->latency_ns[0];
	ledger->latency_ns[0] = 0;
	ledger->disorder_ns[1] = ledger->disorder_ns[0];
	ledger->disorder_ns[0] = 0;
	/* Two stay: the newest, and the one before a mark for frames reported after the mark. */
	while (ledger->head + 2 < ledger->tail && ledger->slices[ledger->head].to_ns <= before_ns) {
		/* A frame sent at the very time of a mark, but reported before it, is kept here. */
		if (ledger->first < ledger->end &&
		    record_at(ledger, ledger->first)->slice == ledger->head_number)
			break;
		ledger->head++;
		ledger->head_number++;
	}
}

/* ---- single frames ---- */

void nfp_ledger_records(const struct nfp_ledger *ledger, uint64_t *ret_first, uint64_t *ret_end)
{
	*ret_first = ledger->first;
	*ret_end = ledger->end;
}

uint64_t nfp_ledger_find(const struct nfp_ledger *ledger, uint64_t ns)
{
	uint64_t low = ledger->first, high = ledger->end;

	while (low < high) {
		uint64_t mid = low + (high - low) / 2;

		if (record_at(ledger, mid)->sent_ns < ns)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool nfp_ledger_frame(const struct nfp_ledger *ledger, uint64_t seq,
		      struct nfp_ledger_frame *ret_frame)
{
	const struct record *record;

	if (!is_kept(ledger, seq))
		return false;
	record = record_at(ledger, seq);
	if (record->unsent)
		return false;
	*ret_frame = (struct nfp_ledger_frame) {
		.sent_ns = record->sent_ns,
		.kind = (enum nfp_kind)record->kind,
		.duplicates = record->duplicates,
	};
	for (int at = 0; at < NFP_RECEIVER_COUNT; at++) {
		if (record->seen & SEEN(at))
			ret_frame->seen_ns[at] = record->sent_ns + record->latency_ns[at];
	}
	return true;
}

/* ---- landing ---- */

enum nfp_landing nfp_landing_of(const struct nfp_count *count)
{
	static const enum nfp_landing landings[] = {
		[0] = NFP_LANDING_NOWHERE,
		[SEEN(NFP_AT_PF)] = NFP_LANDING_PF,
		[SEEN(NFP_AT_VF)] = NFP_LANDING_VF,
		[SEEN_ANY] = NFP_LANDING_BOTH,
	};
	unsigned int has = 0;

	if (!count->sent)
		return NFP_LANDING_NONE;
	/* 80 % and 5 % without a division: exact at the borders. */
	for (int at = 0; at < NFP_RECEIVER_COUNT; at++) {
		if (count->at[at] * 5 >= count->sent * 4)
			has |= SEEN(at);
		else if (count->at[at] * 20 > count->sent)
			return NFP_LANDING_MIXED;
	}
	return landings[has];
}
