// SPDX-License-Identifier: GPL-2.0-or-later
/* arp_book.c - who was asked when, how fast, and to which question an answer belongs. */
#include <string.h>

#include "nfprobe/sources.h"

/*
 * No two questions of any kind are closer than this share of what the rates add up to: at 13 a
 * second that makes 15 at most in any second, the limit of switches that inspect ARP.
 */
#define CLOSEST_NUM 13U
#define CLOSEST_DEN 15U
/* An answer counts for a question of the last second. */
#define LATEST_NS NFP_NSEC_PER_SEC
/* Two clocks are read one after the other: an answer may seem to precede its question. */
#define SLACK_NS (100 * NFP_NSEC_PER_USEC)
/* How long an answer is waited for before the next question to its address. */
#define FIRST_WAIT_NS (300 * NFP_NSEC_PER_MSEC)
#define LEAST_WAIT_NS (50 * NFP_NSEC_PER_MSEC)
#define MORE_WAIT_NS  (30 * NFP_NSEC_PER_MSEC)
/* While an answer is awaited it is looked for this often. */
#define LOOK_NS (10 * NFP_NSEC_PER_MSEC)

void nfp_arp_book_open(struct nfp_arp_book *book, uint64_t random)
{
	*book = (struct nfp_arp_book) {.random = random ? random : 1};
}

void nfp_arp_book_plan(struct nfp_arp_book *book, const struct nfp_mac mac[NFP_KIND_COUNT],
		       const unsigned int rate[NFP_KIND_COUNT])
{
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		struct nfp_arp_page *page = &book->page[kind];

		page->rate = rate[kind];
		if (nfp_mac_equal(&page->mac, &mac[kind]))
			continue;
		page->former = page->mac;
		page->former_ns = page->ring[page->newest].sent_ns + LATEST_NS;
		page->mac = mac[kind];
		memset(page->ring, 0, sizeof(page->ring));
	}
}

static const struct nfp_arp_question *newest(const struct nfp_arp_page *page)
{
	return &page->ring[page->newest];
}

static uint64_t patience(const struct nfp_arp_book *book)
{
	uint64_t wait = 2 * book->trip_ns + MORE_WAIT_NS;

	if (!book->trip_ns)
		return FIRST_WAIT_NS;
	if (wait < LEAST_WAIT_NS)
		return LEAST_WAIT_NS;
	return wait > LATEST_NS ? LATEST_NS : wait;
}

static bool in_flight(const struct nfp_arp_question *question, uint64_t until_ns, uint64_t now_ns)
{
	return question->seq && !question->answered && now_ns < until_ns;
}

uint64_t nfp_arp_book_ready(const struct nfp_arp_book *book, enum nfp_kind kind, uint64_t now_ns)
{
	const struct nfp_arp_page *page = &book->page[kind];
	const struct nfp_arp_question *last = newest(page);
	uint64_t until = last->sent_ns + patience(book);
	uint64_t next = page->next_ns > book->next_ns ? page->next_ns : book->next_ns;

	if (next > now_ns)
		return next;
	if (!in_flight(last, until, now_ns))
		return now_ns;
	return until < now_ns + LOOK_NS ? until : now_ns + LOOK_NS;
}

/* xorshift64 (Marsaglia, 2003). */
static uint64_t draw(struct nfp_arp_book *book)
{
	book->random ^= book->random << 13;
	book->random ^= book->random >> 7;
	book->random ^= book->random << 17;
	return book->random;
}

/* Between three and five quarters of @ns. */
static uint64_t around(struct nfp_arp_book *book, uint64_t ns)
{
	return ns / 4 * 3 + draw(book) % (ns / 2 + 1);
}

/*
 * Where few are asked, a step is as long as the rarest kind that decides: both have one share then.
 */
static uint64_t interval(const struct nfp_arp_book *book, enum nfp_kind kind)
{
	unsigned int rate = book->page[kind].rate;

	if (book->level && kind != NFP_KIND_STRANGER)
		rate = (book->page[NFP_KIND_UNICAST].rate + book->page[NFP_KIND_BROADCAST].rate) /
		       2;
	return (NFP_NSEC_PER_SEC << book->level) / (rate ? rate : 1);
}

static uint64_t closest(const struct nfp_arp_book *book)
{
	unsigned int sum = 1;

	for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
		sum += book->page[kind].rate;
	sum -= sum > 1;
	return (NFP_NSEC_PER_SEC / sum * CLOSEST_NUM / CLOSEST_DEN) << book->level;
}

/*
 * For good: a rate that was too much once would be so again, and a step is watched anew for each
 * change.
 */
static void slow_down(struct nfp_arp_book *book)
{
	/* Less than half came back: twice is not enough. */
	unsigned int level = book->level + (2 * book->misses > book->judged ? 2 : 1);

	if (level >= NFP_ARP_LEVELS)
		level = NFP_ARP_LEVELS - 1;
	if (level > book->level)
		book->slowed++;
	book->level = level;
	book->judged = book->misses = 0;
}

static void judge(struct nfp_arp_book *book, bool answered)
{
	if (book->judged == NFP_ARP_JUDGED) {
		/* The oldest ones are forgotten, half of them at a time. */
		book->judged /= 2;
		book->misses /= 2;
	}
	book->judged++;
	book->misses += !answered;
	if (book->misses >= NFP_ARP_MISSES)
		slow_down(book);
}

void nfp_arp_book_sent(struct nfp_arp_book *book, enum nfp_kind kind, uint64_t seq, uint64_t now_ns)
{
	struct nfp_arp_page *page = &book->page[kind];

	if (kind == NFP_KIND_BROADCAST && newest(page)->seq)
		judge(book, newest(page)->answered);
	page->newest = (page->newest + 1) % NFP_ARP_RING;
	page->ring[page->newest] = (struct nfp_arp_question) {.seq = seq, .sent_ns = now_ns};
	page->next_ns = now_ns + around(book, interval(book, kind));
	book->next_ns = now_ns + closest(book);
}

static void learn_trip(struct nfp_arp_book *book, uint64_t trip_ns)
{
	/* Falls by an eighth with each shorter one. */
	book->trip_ns -= book->trip_ns / 8;
	if (trip_ns > book->trip_ns)
		book->trip_ns = trip_ns;
	if (!book->trip_ns)
		book->trip_ns = 1;
}

/* The newest question that had been asked by then. */
static struct nfp_arp_question *question_for(struct nfp_arp_page *page, uint64_t seen_ns)
{
	for (unsigned int back = 0; back < NFP_ARP_RING; back++) {
		unsigned int at = (page->newest + NFP_ARP_RING - back) % NFP_ARP_RING;
		struct nfp_arp_question *question = &page->ring[at];

		if (question->seq && question->sent_ns <= seen_ns + SLACK_NS)
			return question;
	}
	return NULL;
}

bool nfp_arp_book_match(struct nfp_arp_book *book, const struct nfp_mac *mac, uint64_t seen_ns,
			enum nfp_kind *ret_kind, struct nfp_arp_question *ret_question)
{
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		struct nfp_arp_page *page = &book->page[kind];
		struct nfp_arp_question *question;

		if (nfp_mac_equal(&page->former, mac) && seen_ns <= page->former_ns) {
			*ret_kind = NFP_KIND_ANNOUNCE;
			*ret_question = (struct nfp_arp_question) {0};
			return true;
		}
		if (!nfp_mac_equal(&page->mac, mac))
			continue;
		/* Two kinds may have one address, and it may be the other's question. */
		question = question_for(page, seen_ns);
		if (!question || seen_ns > question->sent_ns + LATEST_NS)
			continue;
		if (!question->answered)
			learn_trip(book,
				   seen_ns > question->sent_ns ? seen_ns - question->sent_ns : 0);
		question->answered = true;
		*ret_kind = (enum nfp_kind)kind;
		*ret_question = *question;
		return true;
	}
	return false;
}
