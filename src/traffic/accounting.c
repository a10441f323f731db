// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * accounting.c - counts the frames that were sent and captured, for each time and receiver.
 *
 * It has two stores, slices and records: arrays whose oldest entries are dropped by advancing the
 * head; now and then the rest is moved to the front. They grow by doubling, so that a frame costs
 * no allocation once they are large enough.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "traffic/traffic.h"
#include "traffic_priv.h"

#define FIRST_ROOM 256U

#define SEEN(receiver) (1U << (receiver))
#define SEEN_ANY       (SEEN(NFP_AT_PF) | SEEN(NFP_AT_VF))

struct record {
	uint64_t sent_ns;
	uint32_t slice;				 /* number since the reset, modulo 2^32 */
	uint32_t latency_ns[NFP_RECEIVER_COUNT]; /* where it was seen: NFP_ACCOUNTING_LATE_NS at
						    most */
	uint16_t duplicates;
	uint8_t kind;
	uint8_t seen : 2;
	uint8_t unsent : 1;
};

struct store {
	size_t head, tail, room; /* entries kept: [head, tail) of room */
};

struct nfp_frame_accounting {
	struct record *records;
	struct nfp_slice *slices;
	struct store of_records, of_slices;
	unsigned int kinds;   /* bits: sent since the reset */
	uint32_t head_number; /* number of the oldest slice */
	uint64_t first, end;  /* sequence numbers kept: [first, end); end 0: none ever */
	uint64_t last_ns;     /* the newest time sent or marked */
	uint64_t last_sent_ns;
	uint64_t latency_ns[2];	 /* the largest: since the last forget, and in the stretch before */
	uint64_t disorder_ns[2]; /* the same of how long before a newer frame one was sent that was
				    seen later */
	uint64_t newest_ns[NFP_RECEIVER_COUNT]; /* time sent of the newest frame seen there */
};

uint64_t nfp_count_lost(const struct nfp_count *count)
{
	return count->sent - (count->at[NFP_AT_PF] + count->at[NFP_AT_VF] - count->both);
}

/* Makes room after the newest entry of @entries, and returns where they are now. */
static void *make_room(struct store *store, void *entries, size_t size)
{
	size_t used = store->tail - store->head;

	if (store->tail < store->room)
		return entries;
	if (entries && used < store->room / 2) {
		memmove(entries, (char *)entries + store->head * size, used * size);
		store->head = 0;
		store->tail = used;
		return entries;
	}
	store->room = store->room ? 2 * store->room : FIRST_ROOM;
	return nfp_reallocarray(entries, store->room, size);
}

struct nfp_frame_accounting *nfp_accounting_new(void)
{
	struct nfp_frame_accounting *accounting = nfp_calloc(1, sizeof(*accounting));

	/* Never NULL: C allows nobody to add even 0 to that. */
	accounting->slices = make_room(&accounting->of_slices, NULL, sizeof(*accounting->slices));
	accounting->records = make_room(&accounting->of_records, NULL,
					sizeof(*accounting->records));
	return accounting;
}

void nfp_accounting_free(struct nfp_frame_accounting *accounting)
{
	if (!accounting)
		return;
	free(accounting->records);
	free(accounting->slices);
	free(accounting);
}

void nfp_accounting_reset(struct nfp_frame_accounting *accounting)
{
	*accounting = (struct nfp_frame_accounting) {
		.records = accounting->records,
		.of_records.room = accounting->of_records.room,
		.slices = accounting->slices,
		.of_slices.room = accounting->of_slices.room,
	};
}

/* ---- slices ---- */

static void push_slice(struct nfp_frame_accounting *accounting, uint64_t from_ns, uint64_t to_ns)
{
	struct store *store = &accounting->of_slices;

	accounting->slices = make_room(store, accounting->slices, sizeof(*accounting->slices));
	accounting->slices[store->tail++] = (struct nfp_slice) {.from_ns = from_ns, .to_ns = to_ns};
}

/* NULL: there is none. */
static struct nfp_slice *newest_slice(struct nfp_frame_accounting *accounting)
{
	const struct store *store = &accounting->of_slices;

	return store->tail == store->head ? NULL : &accounting->slices[store->tail - 1];
}

/*
 * Returns the newest slice, as a rule, or one that follows it on the grid that the last mark set.
 * But a frame that was sent before the mark and is reported after it belongs before the mark: the
 * slice there is extended to hold it.
 */
static struct nfp_slice *slice_for(struct nfp_frame_accounting *accounting, uint64_t sent_ns)
{
	struct nfp_slice *slice = newest_slice(accounting);

	if (!slice || sent_ns >= slice->to_ns) {
		uint64_t behind = slice ? (sent_ns - slice->to_ns) % NFP_ACCOUNTING_SLICE_NS : 0;

		push_slice(accounting, sent_ns - behind,
			   sent_ns - behind + NFP_ACCOUNTING_SLICE_NS);
		return newest_slice(accounting);
	}
	if (sent_ns >= slice->from_ns)
		return slice;
	while (slice > accounting->slices + accounting->of_slices.head && sent_ns < slice->from_ns)
		slice--;
	if (sent_ns < slice->from_ns)
		slice->from_ns = sent_ns;
	if (sent_ns >= slice->to_ns)
		slice->to_ns = sent_ns + 1;
	return slice;
}

int nfp_accounting_mark(struct nfp_frame_accounting *accounting, uint64_t now_ns)
{
	struct nfp_slice *newest;

	if (now_ns < accounting->last_ns)
		return -EINVAL;
	/* An empty slice before the first mark takes frames that were sent before it. */
	if (!newest_slice(accounting))
		push_slice(accounting, now_ns, now_ns);
	newest = newest_slice(accounting);
	if (newest->to_ns > now_ns)
		newest->to_ns = now_ns;
	push_slice(accounting, now_ns, now_ns + NFP_ACCOUNTING_SLICE_NS);
	accounting->last_ns = now_ns;
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

size_t nfp_accounting_slices(const struct nfp_frame_accounting *accounting, uint64_t from_ns,
			     const struct nfp_slice **ret_slices)
{
	const struct store *store = &accounting->of_slices;
	size_t first = store->tail;

	while (first > store->head && accounting->slices[first - 1].from_ns >= from_ns)
		first--;
	*ret_slices = accounting->slices + first;
	return store->tail - first;
}

size_t nfp_accounting_sum(const struct nfp_frame_accounting *accounting, uint64_t from_ns,
			  uint64_t to_ns, struct nfp_count ret_count[NFP_KIND_COUNT])
{
	const struct nfp_slice *slices;
	size_t num = nfp_accounting_slices(accounting, from_ns, &slices);

	while (num && slices[num - 1].to_ns > to_ns)
		num--;
	/* Each new slice makes its window be summed anew: one kind at a time keeps the sum in
	 * registers. */
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		struct nfp_count sum = {0};

		for (size_t i = 0; i < num && accounting->kinds & 1U << kind; i++)
			nfp_count_add(&sum, &slices[i].count[kind]);
		ret_count[kind] = sum;
	}
	return num;
}

/* ---- records ---- */

static struct record *record_at(const struct nfp_frame_accounting *accounting, uint64_t seq)
{
	return &accounting->records[accounting->of_records.head + (seq - accounting->first)];
}

static bool is_kept(const struct nfp_frame_accounting *accounting, uint64_t seq)
{
	return seq >= accounting->first && seq < accounting->end;
}

static struct nfp_count *count_of(struct nfp_frame_accounting *accounting,
				  const struct record *record)
{
	uint32_t behind_head = record->slice - accounting->head_number;

	return &accounting->slices[accounting->of_slices.head + behind_head].count[record->kind];
}

int nfp_accounting_sent(struct nfp_frame_accounting *accounting, uint64_t seq, enum nfp_kind kind,
			uint64_t sent_ns)
{
	struct nfp_slice *slice;

	if ((unsigned int)kind >= NFP_KIND_COUNT || seq == 0 || seq == UINT64_MAX ||
	    (accounting->end && seq != accounting->end) || sent_ns < accounting->last_sent_ns)
		return -EINVAL;
	if (!accounting->end)
		accounting->first = seq;
	slice = slice_for(accounting, sent_ns);
	slice->count[kind].sent++;
	accounting->kinds |= 1U << kind;
	accounting->records = make_room(&accounting->of_records, accounting->records,
					sizeof(*accounting->records));
	accounting->records[accounting->of_records.tail++] = (struct record) {
		.sent_ns = sent_ns,
		.slice = accounting->head_number +
			 (uint32_t)(slice - (accounting->slices + accounting->of_slices.head)),
		.kind = (uint8_t)kind,
	};
	accounting->end = seq + 1;
	accounting->last_sent_ns = sent_ns;
	if (sent_ns > accounting->last_ns)
		accounting->last_ns = sent_ns;
	return 0;
}

void nfp_accounting_unsent(struct nfp_frame_accounting *accounting, uint64_t seq)
{
	struct record *record;

	if (!is_kept(accounting, seq))
		return;
	record = record_at(accounting, seq);
	if (record->seen || record->unsent)
		return;
	record->unsent = 1;
	count_of(accounting, record)->sent--;
}

enum nfp_rx_outcome nfp_accounting_seen(struct nfp_frame_accounting *accounting, uint64_t seq,
					enum nfp_kind kind, enum nfp_receiver at, uint64_t seen_ns)
{
	struct record *record;
	struct nfp_count *count;
	uint64_t latency;

	if (!is_kept(accounting, seq) || (unsigned int)at >= NFP_RECEIVER_COUNT)
		return NFP_RX_IMPOSSIBLE;
	record = record_at(accounting, seq);
	if (record->unsent || record->kind != kind || seen_ns < record->sent_ns)
		return NFP_RX_IMPOSSIBLE;
	latency = seen_ns - record->sent_ns;
	if (latency > NFP_ACCOUNTING_LATE_NS)
		return NFP_RX_LATE;
	count = count_of(accounting, record);
	if (record->seen & SEEN(at)) {
		if (record->duplicates < UINT16_MAX)
			record->duplicates++;
		count->duplicates++;
		return NFP_RX_DUPLICATE;
	}
	record->seen = (record->seen | SEEN(at)) & SEEN_ANY;
	record->latency_ns[at] = (uint32_t)latency;
	count->at[at]++;
	if (record->seen == SEEN_ANY)
		count->both++;
	if (latency > accounting->latency_ns[0])
		accounting->latency_ns[0] = latency;
	/* Most receivers see frames in the order sent. A NIC with many queues may not. */
	if (record->sent_ns >= accounting->newest_ns[at])
		accounting->newest_ns[at] = record->sent_ns;
	else if (accounting->newest_ns[at] - record->sent_ns > accounting->disorder_ns[0])
		accounting->disorder_ns[0] = accounting->newest_ns[at] - record->sent_ns;
	return NFP_RX_COUNTED;
}

static uint64_t larger(const uint64_t ns[2])
{
	return ns[0] > ns[1] ? ns[0] : ns[1];
}

uint64_t nfp_accounting_max_latency(const struct nfp_frame_accounting *accounting)
{
	return larger(accounting->latency_ns);
}

uint64_t nfp_accounting_overtaken(const struct nfp_frame_accounting *accounting,
				  enum nfp_receiver at)
{
	uint64_t slack_ns = 2 * larger(accounting->disorder_ns);

	return accounting->newest_ns[at] > slack_ns ? accounting->newest_ns[at] - slack_ns : 0;
}

void nfp_accounting_forget(struct nfp_frame_accounting *accounting, uint64_t before_ns)
{
	struct store *slices = &accounting->of_slices;
	uint64_t first = nfp_accounting_find(accounting, before_ns);

	accounting->of_records.head += (size_t)(first - accounting->first);
	accounting->first = first;
	accounting->latency_ns[1] = accounting->latency_ns[0];
	accounting->latency_ns[0] = 0;
	accounting->disorder_ns[1] = accounting->disorder_ns[0];
	accounting->disorder_ns[0] = 0;
	/* Two stay: the newest, and the one before a mark for frames reported after the mark. */
	while (slices->head + 2 < slices->tail &&
	       accounting->slices[slices->head].to_ns <= before_ns) {
		/* A frame sent at the very time of a mark, but reported before it, is kept here. */
		if (accounting->first < accounting->end &&
		    record_at(accounting, accounting->first)->slice == accounting->head_number)
			break;
		slices->head++;
		accounting->head_number++;
	}
}

/* ---- single frames ---- */

void nfp_accounting_records(const struct nfp_frame_accounting *accounting, uint64_t *ret_first,
			    uint64_t *ret_end)
{
	*ret_first = accounting->first;
	*ret_end = accounting->end;
}

uint64_t nfp_accounting_find(const struct nfp_frame_accounting *accounting, uint64_t ns)
{
	uint64_t low = accounting->first, high = accounting->end;

	while (low < high) {
		uint64_t mid = low + (high - low) / 2;

		if (record_at(accounting, mid)->sent_ns < ns)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool nfp_frame_record(const struct nfp_frame_accounting *accounting, uint64_t seq,
		      struct nfp_frame_record *ret_frame)
{
	const struct record *record;

	if (!is_kept(accounting, seq))
		return false;
	record = record_at(accounting, seq);
	if (record->unsent)
		return false;
	*ret_frame = (struct nfp_frame_record) {
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

bool nfp_count_has_loss(const struct nfp_count *count)
{
	return nfp_count_lost(count) * 20 > count->sent;
}

bool nfp_count_is_split(const struct nfp_count *count)
{
	for (int at = 0; at < NFP_RECEIVER_COUNT; at++) {
		const struct nfp_count alone = {.sent = count->sent, .at[0] = count->at[at]};

		if (nfp_landing_of(&alone) != NFP_LANDING_MIXED)
			return false;
	}
	return !nfp_count_has_loss(count) && count->both * 20 <= count->sent;
}
