// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Transitions: by hand, and by lot against a filter that switches at a known moment, with latency,
 * loss, reordering and a sender that gets no processor now and then.
 */
#include "harness.h"
#include "traffic/traffic.h"
#include "../../src/traffic/traffic_priv.h"

#define MS    NFP_NSEC_PER_MSEC
#define US    NFP_NSEC_PER_USEC
#define START (10 * NFP_NSEC_PER_SEC)
#define UNI   NFP_KIND_UNICAST
#define BROAD NFP_KIND_BROADCAST

#define P    NFP_AT_PF
#define V    NFP_AT_VF
#define NONE (-1)

static int make(void **state)
{
	*state = nfp_accounting_new();
	return *state ? 0 : -1;
}

static int drop(void **state)
{
	nfp_accounting_free(*state);
	return 0;
}

/* ---- one unicast frame a millisecond, seen 10 us later: 'p' at the PF, 'v' at the VF, 'b' at
 * both,
 * '.' lost, 'd' twice at the PF, 'u' unsent, 'x' a lost broadcast ---- */

#define LATENCY (10 * US)
#define CLOCK	(25 * US)

static void play(struct nfp_frame_accounting *accounting, const char *script)
{
	for (uint64_t seq = 1; script[seq - 1]; seq++) {
		char c = script[seq - 1];
		enum nfp_kind kind = c == 'x' ? BROAD : UNI;
		uint64_t at = START + seq * MS;

		assert_int_equal(nfp_accounting_sent(accounting, seq, kind, at), 0);
		if (c == 'p' || c == 'b' || c == 'd')
			nfp_accounting_seen(accounting, seq, kind, P, at + LATENCY);
		if (c == 'd')
			nfp_accounting_seen(accounting, seq, kind, P, at + LATENCY + 1);
		if (c == 'v' || c == 'b')
			nfp_accounting_seen(accounting, seq, kind, V, at + LATENCY);
		if (c == 'u')
			nfp_accounting_unsent(accounting, seq);
	}
}

/*
 * @script has two '|', the ends of the transition, and may have one '!', the request, which the
 * kernel answers 500 us later; it is half a millisecond before the frame behind it.
 */
static struct nfp_transition_count measure(struct nfp_frame_accounting *accounting,
					   const char *script, struct nfp_transition_query ask)
{
	struct nfp_transition_count count;
	uint64_t end[2] = {0, 0};
	char frames[128];
	size_t num = 0, ends = 0;

	for (const char *c = script; *c; c++) {
		if (*c == '|')
			end[ends++] = START + (num + 1) * MS;
		else if (*c == '!')
			ask.request_ns = START + (num + 1) * MS - MS / 2;
		else
			frames[num++] = *c;
	}
	frames[num] = '\0';
	assert_int_equal(ends, 2);
	nfp_accounting_reset(accounting);
	play(accounting, frames);
	ask.from_ns = end[0];
	ask.to_ns = end[1];
	ask.interval_ns = MS;
	nfp_transition_measure(accounting, &ask, &count);
	return count;
}

#define UNKNOWN INT64_MIN

static void assert_span(const struct nfp_span *span, int64_t us, int64_t error_us)
{
	assert_int_equal(span->known, us != UNKNOWN);
	if (us == UNKNOWN)
		return;
	assert_int_equal(span->us, us);
	assert_int_equal(span->error_us, error_us);
}

/* Both ends: an interval; the later end also the latency twice, and the clocks. */
#define FULL 1061

TEST_WITH(gaps, make, drop)
{
	static const struct {
		const char *script;
		int before, after;
		uint64_t lost;
		int64_t gap_us, error_us;
		bool from_request;
	} rows[] = {
		/* Nothing is lost: what may have been there fits between two frames. */
		{"ppp|!pppp|pp", P, P, 0, 0, 1060, false},
		{"bbb|!bbvb|bb", P, P, 0, 1000, FULL, false},
		/* Silence inside, to the edges, and beyond them; the longest counts. */
		{"ppp|!p...pp|p", P, P, 3, 3000, FULL, false},
		{"ppp|!...|ppp", P, P, 3, 3000, FULL, false},
		{"pp.|!...|.pp", P, P, 3, 5000, FULL, false},
		{"pp|!..p...p|p", P, P, 5, 3000, FULL, false},
		/* Heard by somebody else is not heard. */
		{"ppp|!pvvvpp|p", P, P, 0, 3000, FULL, false},
		/* It heard nothing before: from the request, which is known exactly. */
		{"...|!..pp|pp", NONE, P, 2, 2005, 531, true},
		{"pp.|..!..pp|pp", NONE, P, 4, 2005, 531, true},
		{"ppp|p!p.pvv|vv", P, V, 1, 3005, 531, true},
		{"ppp|p!vvvv|vv", P, V, 0, 0, 1060, true},
		{"...|pp!pp|pp", NONE, P, 0, 0, 1060, true},
		/* It hears nothing afterwards. */
		{"ppp|!pp..|...", P, NONE, 2, UNKNOWN, 0, false},
		{"...|!...|...", NONE, NONE, 3, UNKNOWN, 0, false},
		{"ppp|!pp..|...", P, P, 2, UNKNOWN, 0, false},
		/* Others are not looked at. */
		{"ppp|!pxupxd|p", P, P, 0, 0, 3060, false},
		{"|!..pp|p", P, P, 2, 2005, 531, true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nfp_transition_query ask = {.before = rows[i].before,
						   .after = rows[i].after};
		struct nfp_transition_count got = measure(*state, rows[i].script, ask);

		assert_int_equal(got.lost, rows[i].lost);
		assert_span(&got.gap, rows[i].gap_us, rows[i].error_us);
		if (got.gap.known)
			assert_int_equal(got.gap_from_request, rows[i].from_request);
	}
}

/* Nobody listened there yet: it may have heard from the request on. */
TEST_WITH(not_listened_to, make, drop)
{
	struct nfp_transition_query ask = {.before = NONE, .after = V};
	struct nfp_transition_count got;

	ask.vf_since_ns = START + 8 * MS + MS / 2;
	got = measure(*state, "ppp|!pppppvv|vv", ask);
	assert_span(&got.gap, 2755, 2781);
	assert_true(got.gap.us - got.gap.error_us <= 0);
	/* It did, and one frame was missed. */
	ask.vf_since_ns = START + 7 * MS + MS / 2;
	got = measure(*state, "ppp|!pppppvv|vv", ask);
	assert_span(&got.gap, 5005, 531);
}

/* As a file may say; UBSan watches. */
TEST(allowance)
{
	assert_int_equal(nfp_loss_allowance(0, 0), 0);
	assert_int_equal(nfp_loss_allowance(0, 100000), 0);
	assert_int_equal(nfp_loss_allowance(10, 1000), 4);
	assert_int_equal(nfp_loss_allowance(1, 1500), 3);
	assert_int_equal(nfp_loss_allowance(1000, 1000), 16);
}

/* ---- by lot ---- */

static uint64_t draw(uint64_t *seed, uint64_t below)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return below ? (*seed >> 33) % below : 0;
}

struct world {
	unsigned int rate, loss_permille;
	uint64_t latency_ns, jitter_ns; /* before the filter: frames may overtake */
	unsigned int stalls;		/* a second: of up to 20 ms */
	uint64_t gap_ns;
};

struct score {
	unsigned int runs, outside, close;
	int64_t widest_us;
};

/* One second, the gap, one second. Returns the true gap. */
static uint64_t live(struct nfp_frame_accounting *accounting, const struct world *w, uint64_t *seed,
		     struct nfp_transition_query *ask)
{
	uint64_t interval = NFP_NSEC_PER_SEC / w->rate, seq = 0;
	uint64_t deaf = START + NFP_NSEC_PER_SEC + draw(seed, 10 * interval);
	uint64_t hears = deaf + w->gap_ns, end = hears + NFP_NSEC_PER_SEC;
	uint64_t quiet = 0;

	nfp_accounting_reset(accounting);
	for (uint64_t due = START; due < end; due += interval) {
		uint64_t sent = due > quiet ? due : quiet, passed, seen;

		if (draw(seed, w->rate) < w->stalls)
			quiet = sent + 2 * US + draw(seed, 20 * MS);
		passed = sent + 5 * US + draw(seed, w->jitter_ns);
		seen = passed + 5 * US + draw(seed, w->latency_ns);
		assert_int_equal(nfp_accounting_sent(accounting, ++seq, UNI, sent), 0);
		if (draw(seed, 1000) < w->loss_permille) {
			ask->lost++;
		} else if (passed < deaf || passed >= hears) {
			nfp_accounting_seen(accounting, seq, UNI, P, seen);
		}
		ask->sent++;
	}
	ask->from_ns = deaf - 100 * MS;
	ask->to_ns = hears + 300 * MS;
	ask->interval_ns = interval;
	return w->gap_ns;
}

static void try_world(struct nfp_frame_accounting *accounting, const struct world *w,
		      uint64_t *seed, struct score *score)
{
	struct nfp_transition_query ask = {.before = P, .after = P};
	int64_t truth = (int64_t)(live(accounting, w, seed, &ask) / US), off;
	struct nfp_transition_count count;

	nfp_transition_measure(accounting, &ask, &count);
	assert_true(count.gap.known);
	off = count.gap.us > truth ? count.gap.us - truth : truth - count.gap.us;
	score->runs++;
	score->outside += off > count.gap.error_us;
	score->close += off <= (int64_t)(NFP_NSEC_PER_SEC / w->rate / US) + 200;
	if (count.gap.error_us > score->widest_us)
		score->widest_us = count.gap.error_us;
}

TEST_WITH(gaps_by_lot, make, drop)
{
	static const unsigned int rates[] = {100, 1000, 10000};
	uint64_t seed = 1;
	struct score all = {0};

	for (unsigned int i = 0; i < 3000; i++) {
		struct world w = {
			.rate = rates[i % 3],
			.latency_ns = 20 * US + draw(&seed, 400) * US,
			.loss_permille = i % 5 == 1 ? (unsigned int)draw(&seed, 20) : 0,
			.jitter_ns = i % 5 == 2 ? draw(&seed, 1000) * US : 0,
			.stalls = i % 5 == 3,
			.gap_ns = draw(&seed, i % 30 ? 300 : 5000) * MS + draw(&seed, MS),
		};
		struct score score = {0};

		try_world(*state, &w, &seed, &score);
		all.runs++;
		all.outside += score.outside;
		all.close += score.close;
		if (score.outside)
			print_message("run %u: rate %u, loss %u, jitter %llu us, stalls %u\n", i,
				      w.rate, w.loss_permille,
				      (unsigned long long)(w.jitter_ns / US), w.stalls);
	}
	print_message("%u transitions, %u outside, %u close\n", all.runs, all.outside, all.close);
	assert_int_equal(all.outside, 0);
	/* The middle is a worse guess where frames overtake each other; the error says so. */
	assert_true(all.close * 100 >= all.runs * 98);
}

TEST_MAIN()
