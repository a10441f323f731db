// SPDX-License-Identifier: GPL-2.0-or-later
/* A result beside an earlier one: what is worse, and what counts. */
#include "harness.h"
#include "nfprobe/verdict.h"
#include "nfprobe/result.h"
#include "nfprobe/tables.h"
#include "unit/sample_past.h"

/* Two results, then and now, that differ in firmware only. */
struct pair {
	struct nfp_result then, now;
	struct nfp_comparison c;
};

static void pair_open(struct pair *p)
{
	*p = (struct pair) {0};
	sample_igb(&p->then);
	sample_igb(&p->now);
	strcpy(p->now.pf.firmware, "2.2.0");
}

static void pair_compare(struct pair *p, bool same)
{
	free(p->c.v);
	nfp_compare(&p->then, &p->now, same, &p->c);
}

static void pair_close(struct pair *p)
{
	free(p->c.v);
	nfp_result_fini(&p->then);
	nfp_result_fini(&p->now);
}

/* The landings of @style become those of @row, and its verdict what they mean. */
static void change(struct nfp_result *result, size_t style, enum nfp_step step,
		   enum nfp_landing landing)
{
	struct nfp_style_result *s = &result->vfs[0].styles[style];

	for (size_t i = 0; i < s->num_steps; i++) {
		if (s->steps[i].step == step)
			s->steps[i].landing[NFP_KIND_UNICAST] = landing;
	}
	sample_judge(s, NFP_BY_NETDEV, 3);
}

static void expect(const struct nfp_difference *d, enum nfp_compared matter, enum nfp_step to,
		   enum nfp_trend trend, bool counts, const char *before, const char *now)
{
	assert_int_equal(d->compared, matter);
	if (matter != NFP_COMPARED_VERDICT)
		assert_int_equal(d->to, to);
	assert_string_equal(nfp_trend_name(d->trend), nfp_trend_name(trend));
	assert_int_equal(d->counts, counts);
	assert_string_equal(d->before, before);
	assert_string_equal(d->now, now);
}

/* A NIC that is known to be early and stays so is no failure. */
TEST(nothing_changed)
{
	struct pair p;

	pair_open(&p);
	assert_int_equal(p.now.verdict, NFP_VERDICT_EARLY);
	for (int same = 0; same < 2; same++) {
		pair_compare(&p, same);
		assert_int_equal(p.c.n, 0);
		assert_int_equal(p.c.compared, 2);
		assert_false(p.c.worse);
		assert_int_equal(p.c.exit_status, 0);
		assert_true(nfp_comparison_excuses(&p.c, 3, &p.now.vfs[0].styles[1]));
	}
	pair_close(&p);
}

TEST(worse)
{
	struct pair p;

	pair_open(&p);
	change(&p.now, 0, NFP_STEP_UNPLUG, NFP_LANDING_NOWHERE);
	pair_compare(&p, false);
	assert_int_equal(p.c.n, 2);
	expect(&p.c.v[0], NFP_COMPARED_VERDICT, 0, NFP_TREND_WORSE, true, "safe", "sticky");
	expect(&p.c.v[1], NFP_COMPARED_LANDING, NFP_STEP_UNPLUG, NFP_TREND_WORSE, true, "pf",
	       "nowhere");
	assert_true(p.c.worse);
	assert_int_equal(p.c.exit_status, 1);
	assert_false(nfp_comparison_excuses(&p.c, 3, &p.now.vfs[0].styles[0]));
	assert_true(nfp_comparison_excuses(&p.c, 3, &p.now.vfs[0].styles[1]));
	/* Allowed, it does not count, and neither does how it came about. */
	p.now.vfs[0].styles[0].allowed = true;
	pair_compare(&p, false);
	assert_int_equal(p.c.n, 2);
	assert_int_equal(p.c.exit_status, 0);
	pair_close(&p);
}

/* The verdict is as bad as it was, and still something got worse. */
TEST(worse_within_a_verdict)
{
	struct pair p;

	pair_open(&p);
	change(&p.now, 1, NFP_STEP_CLEAR, NFP_LANDING_NOWHERE);
	assert_int_equal(p.now.vfs[0].styles[1].verdict, NFP_VERDICT_EARLY);
	pair_compare(&p, false);
	assert_int_equal(p.c.n, 1);
	expect(&p.c.v[0], NFP_COMPARED_LANDING, NFP_STEP_CLEAR, NFP_TREND_WORSE, true, "pf",
	       "nowhere");
	assert_int_equal(p.c.exit_status, 1);
	pair_close(&p);
}

TEST(better)
{
	struct pair p;

	pair_open(&p);
	change(&p.then, 0, NFP_STEP_UNPLUG, NFP_LANDING_NOWHERE);
	pair_compare(&p, false);
	assert_int_equal(p.c.n, 2);
	expect(&p.c.v[0], NFP_COMPARED_VERDICT, 0, NFP_TREND_BETTER, false, "sticky", "safe");
	expect(&p.c.v[1], NFP_COMPARED_LANDING, NFP_STEP_UNPLUG, NFP_TREND_BETTER, false, "nowhere",
	       "pf");
	assert_int_equal(p.c.exit_status, 0);
	/* But it is no repetition. */
	pair_compare(&p, true);
	assert_int_equal(p.c.v[0].trend, NFP_TREND_UNSTABLE);
	assert_int_equal(p.c.exit_status, 1);
	pair_close(&p);
}

/* Where nothing is demanded, or frames arrive as they should in another way. */
TEST(changed_only)
{
	struct pair p;

	pair_open(&p);
	change(&p.now, 0, NFP_STEP_DOWN, NFP_LANDING_NOWHERE);
	change(&p.now, 0, NFP_STEP_UP, NFP_LANDING_VF);
	pair_compare(&p, false);
	assert_int_equal(p.c.n, 2);
	expect(&p.c.v[0], NFP_COMPARED_LANDING, NFP_STEP_UP, NFP_TREND_CHANGED, false, "both",
	       "vf");
	expect(&p.c.v[1], NFP_COMPARED_LANDING, NFP_STEP_DOWN, NFP_TREND_CHANGED, false, "pf",
	       "nowhere");
	assert_int_equal(p.c.exit_status, 0);
	pair_compare(&p, true);
	assert_int_equal(p.c.exit_status, 1);
	/* --allow is about verdicts; what is unstable stays so. */
	p.now.vfs[0].styles[0].allowed = true;
	pair_compare(&p, true);
	assert_int_equal(p.c.exit_status, 1);
	pair_close(&p);
}

TEST(inconclusive_stays_so)
{
	struct pair p;

	pair_open(&p);
	change(&p.now, 0, NFP_STEP_UNPLUG, NFP_LANDING_MIXED);
	assert_int_equal(p.now.vfs[0].styles[0].verdict, NFP_VERDICT_INCONCLUSIVE);
	for (int same = 0; same < 2; same++) {
		pair_compare(&p, same);
		assert_int_equal(p.c.n, 2);
		assert_false(p.c.worse);
		assert_int_equal(p.c.exit_status, 3);
		assert_false(nfp_comparison_excuses(&p.c, 3, &p.now.vfs[0].styles[0]));
	}
	/* Even if it was so then; and something that is worse goes before it. */
	change(&p.then, 0, NFP_STEP_UNPLUG, NFP_LANDING_MIXED);
	pair_compare(&p, false);
	assert_int_equal(p.c.n, 0);
	assert_int_equal(p.c.exit_status, 3);
	change(&p.now, 1, NFP_STEP_CLEAR, NFP_LANDING_NOWHERE);
	pair_compare(&p, false);
	assert_int_equal(p.c.exit_status, 1);
	/* What was not known is known now: to be unfit. */
	pair_close(&p);
	pair_open(&p);
	change(&p.then, 0, NFP_STEP_UNPLUG, NFP_LANDING_MIXED);
	change(&p.now, 0, NFP_STEP_UNPLUG, NFP_LANDING_NOWHERE);
	pair_compare(&p, false);
	expect(&p.c.v[0], NFP_COMPARED_VERDICT, 0, NFP_TREND_WORSE, true, "inconclusive", "sticky");
	expect(&p.c.v[1], NFP_COMPARED_LANDING, NFP_STEP_UNPLUG, NFP_TREND_CHANGED, false, "mixed",
	       "nowhere");
	assert_int_equal(p.c.exit_status, 1);
	pair_close(&p);
}

TEST(refusals_and_broadcast)
{
	struct pair p;
	struct nfp_step_result *steps;

	pair_open(&p);
	steps = p.now.vfs[0].styles[1].steps;
	assert_int_equal(steps[10].step, NFP_STEP_REASSIGN);
	steps[10].status = NFP_STATUS_REFUSED;
	assert_int_equal(steps[9].step, NFP_STEP_CLEAR);
	steps[9].landing[NFP_KIND_BROADCAST] = NFP_LANDING_NOWHERE;
	/* In a state that is only recorded, a lost broadcast frame is no change. */
	assert_int_equal(steps[2].step, NFP_STEP_ASSIGN);
	steps[2].landing[NFP_KIND_BROADCAST] = NFP_LANDING_MIXED;
	sample_judge(&p.now.vfs[0].styles[1], NFP_BY_NETDEV, 3);
	pair_compare(&p, false);
	assert_int_equal(p.c.n, 2);
	expect(&p.c.v[0], NFP_COMPARED_LANDING, NFP_STEP_CLEAR, NFP_TREND_CHANGED, false, "pf",
	       "pf, broadcast nowhere");
	expect(&p.c.v[1], NFP_COMPARED_LANDING, NFP_STEP_REASSIGN, NFP_TREND_CHANGED, false,
	       "nowhere", "refused");
	pair_close(&p);
}

/* Multicast of a style lands there in these steps; NONE: it was not sent. */
static void multicast(struct nfp_result *result, size_t style, enum nfp_step first,
		      enum nfp_step last, enum nfp_landing landing)
{
	struct nfp_style_result *s = &result->vfs[0].styles[style];

	for (size_t i = 0; i < s->num_steps; i++) {
		if (s->steps[i].step >= first && s->steps[i].step <= last)
			s->steps[i].landing[NFP_KIND_MULTICAST] = landing;
	}
	sample_judge(s, NFP_BY_NETDEV, 3);
}

static void not_tested(struct nfp_result *result)
{
	for (size_t i = 0; i < 2; i++) {
		multicast(result, i, NFP_STEP_CONTROL, NFP_STEP_VF_FIRST_UNPLUG, NFP_LANDING_NONE);
		result->vfs[0].styles[i].multicast = NFP_MULTICAST_NONE;
	}
}

TEST(multicast_is_lost)
{
	struct pair p;

	pair_open(&p);
	multicast(&p.now, 0, NFP_STEP_UP, NFP_STEP_UP, NFP_LANDING_PF);
	pair_compare(&p, false);
	assert_int_equal(p.c.n, 2);
	expect(&p.c.v[0], NFP_COMPARED_VERDICT, 0, NFP_TREND_WORSE, true, "safe", "deaf");
	expect(&p.c.v[1], NFP_COMPARED_LANDING, NFP_STEP_UP, NFP_TREND_WORSE, true, "both",
	       "both, multicast pf");
	assert_int_equal(p.c.exit_status, 1);
	pair_close(&p);
	pair_open(&p);
	multicast(&p.then, 0, NFP_STEP_UNPLUG, NFP_STEP_UNPLUG, NFP_LANDING_NOWHERE);
	/* Unclear multicast takes nothing from what the other two show. */
	multicast(&p.now, 0, NFP_STEP_VF_FIRST, NFP_STEP_VF_FIRST, NFP_LANDING_MIXED);
	pair_compare(&p, false);
	assert_int_equal(p.c.n, 2);
	expect(&p.c.v[0], NFP_COMPARED_VERDICT, 0, NFP_TREND_BETTER, false, "sticky", "safe");
	expect(&p.c.v[1], NFP_COMPARED_LANDING, NFP_STEP_UNPLUG, NFP_TREND_BETTER, false,
	       "pf, multicast nowhere", "pf");
	pair_close(&p);
}

/* A baseline of an older version, or --no-multicast: multicast does not count, not even in the
 * verdict. */
TEST(multicast_of_one_run_only)
{
	struct pair p;

	for (unsigned int i = 0; i < 3; i++) {
		pair_open(&p);
		not_tested(i == 1 ? &p.now : &p.then);
		multicast(i == 1 ? &p.then : &p.now, 0, i == 2 ? NFP_STEP_STANDBY : NFP_STEP_UP,
			  i == 2 ? NFP_STEP_VF_FIRST_UNPLUG : NFP_STEP_UP, NFP_LANDING_NOWHERE);
		/* The other style's standby got it. */
		assert_int_equal(
			nfp_judge_across_styles(&p.now.vfs[0], "eth0", p.now.settings.allow),
			i == 2);
		assert_int_equal((i == 1 ? &p.then : &p.now)->vfs[0].styles[0].verdict,
				 NFP_VERDICT_DEAF);
		pair_compare(&p, true);
		assert_int_equal(p.c.n, 0);
		assert_int_equal(p.c.exit_status, 0);
		/* What unicast shows does count. */
		change(&p.now, 0, NFP_STEP_UNPLUG, NFP_LANDING_NOWHERE);
		pair_compare(&p, false);
		assert_int_equal(p.c.n, 2);
		expect(&p.c.v[0], NFP_COMPARED_VERDICT, 0, NFP_TREND_WORSE, true, "safe", "sticky");
		expect(&p.c.v[1], NFP_COMPARED_LANDING, NFP_STEP_UNPLUG, NFP_TREND_WORSE, true,
		       "pf", "nowhere");
		pair_close(&p);
	}
}

/* The network may have stopped passing it. */
TEST(multicast_is_not_proven_any_more)
{
	struct pair p;

	pair_open(&p);
	multicast(&p.now, 0, NFP_STEP_STANDBY, NFP_STEP_VF_FIRST_UNPLUG, NFP_LANDING_NOWHERE);
	pair_compare(&p, false);
	assert_int_equal(p.c.n, 1);
	expect(&p.c.v[0], NFP_COMPARED_LANDING, NFP_STEP_STANDBY, NFP_TREND_CHANGED, false, "pf",
	       "pf, multicast nowhere");
	assert_int_equal(p.c.exit_status, 0);
	pair_close(&p);
}

/* Then, now, each with its error, in microseconds; -1: not known. */
TEST(gaps)
{
	static const struct {
		enum nfp_step to;
		int64_t then, then_error, now, now_error;
		int trend; /* -1: none */
	} cases[] = {
		{NFP_STEP_UNPLUG, 0, 500, 100000, 500, -1},
		{NFP_STEP_UNPLUG, 0, 500, 100001, 500, NFP_TREND_WORSE},
		{NFP_STEP_UNPLUG, 0, 500, 100001, 99501, -1},
		{NFP_STEP_UNPLUG, 1000000, 500, 1500000, 500, -1},
		{NFP_STEP_UNPLUG, 1000000, 500, 1500001, 500, NFP_TREND_WORSE},
		{NFP_STEP_UNPLUG, 1500001, 500, 1000000, 500, NFP_TREND_BETTER},
		{NFP_STEP_UNPLUG, 1000000, 300000, 1550000, 300000, -1},
		{NFP_STEP_UNPLUG, -1, 0, 5000000, 500, -1},
		{NFP_STEP_UNPLUG, 5000000, 500, -1, 0, -1},
		/* Until the VF is there it takes now longer, now shorter. */
		{NFP_STEP_UP, 0, 500, 500000, 500, -1},
		{NFP_STEP_UP, 0, 500, 500001, 500, NFP_TREND_WORSE},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool is_worse = cases[i].trend == NFP_TREND_WORSE;
		struct pair p;

		pair_open(&p);
		set_gap(&p.then, cases[i].to, cases[i].then, cases[i].then_error);
		set_gap(&p.now, cases[i].to, cases[i].now, cases[i].now_error);
		pair_compare(&p, false);
		assert_int_equal(p.c.n, cases[i].trend >= 0);
		assert_int_equal(p.c.exit_status, is_worse);
		if (p.c.n) {
			assert_int_equal(p.c.v[0].trend, cases[i].trend);
			assert_int_equal(p.c.v[0].compared, NFP_COMPARED_GAP);
			assert_int_equal(p.c.v[0].to, cases[i].to);
		}
		pair_close(&p);
	}
}

/* Ladders of @style whose gaps before `up` are these, in microseconds. */
static void repeat_gaps(struct nfp_result *result, const int64_t us[], size_t num)
{
	struct nfp_style_result *style = &result->vfs[0].styles[0], round = *style;
	struct nfp_repeats *repeats = nfp_repeats_new((unsigned int)num);

	assert_non_null(repeats);
	for (size_t i = 0; i < num; i++) {
		set_gap(result, NFP_STEP_UP, us[i], 1000);
		round = *style;
		round.repeats = NULL;
		assert_int_equal(nfp_repeats_add(repeats, &round, style), 0);
	}
	style->repeats = repeats;
}

/* The median now beyond the longest then: what varies anyway is not called worse. */
TEST(gaps_of_several_ladders)
{
	static const int64_t then[] = {2000000, 3900000, 2500000};
	static const int64_t now[] = {3800000, 3700000, 9000000}, more[] = {6000000, 6100000, 10};
	struct nfp_result read;
	struct nfp_summary gap;
	struct pair p;
	size_t len;
	char *text;

	pair_open(&p);
	repeat_gaps(&p.then, then, 3);
	repeat_gaps(&p.now, now, 3);
	pair_compare(&p, true);
	assert_int_equal(p.c.n, 0);
	nfp_repeats_free(p.now.vfs[0].styles[0].repeats);
	p.now.vfs[0].styles[0].repeats = NULL;
	repeat_gaps(&p.now, more, 3);
	pair_compare(&p, false);
	assert_int_equal(p.c.n, 1);
	expect(&p.c.v[0], NFP_COMPARED_GAP, NFP_STEP_UP, NFP_TREND_WORSE, true, "2500.0 ms",
	       "6000.0 ms");
	/* And read back. */
	text = json_of(&p.then, &len);
	assert_int_equal(nfp_baseline_parse(text, len, &read, NULL), 0);
	nfp_repeats_summary(read.vfs[0].styles[0].repeats, NFP_STEP_UP, NFP_QUANTITY_GAP, &gap);
	assert_int_equal(gap.median, 2500000);
	assert_int_equal(gap.min, 2000000);
	assert_int_equal(gap.max, 3900000);
	nfp_result_fini(&read);
	free(text);
	pair_close(&p);
}

TEST(gap_words)
{
	struct pair p;

	pair_open(&p);
	set_gap(&p.then, NFP_STEP_UP, 1234, 10);
	set_gap(&p.now, NFP_STEP_UP, 850960, 10);
	pair_compare(&p, false);
	assert_int_equal(p.c.n, 1);
	assert_string_equal(p.c.v[0].before, "1.2 ms");
	assert_string_equal(p.c.v[0].now, "850.9 ms");
	pair_close(&p);
}

TEST(one_of_the_two_has_it)
{
	struct pair p;

	pair_open(&p);
	p.then.vfs[0].num_styles = 1;
	pair_compare(&p, false);
	/* A style without a past counts by its verdict. */
	assert_int_equal(p.c.n, 1);
	expect(&p.c.v[0], NFP_COMPARED_VERDICT, 0, NFP_TREND_NEW, false, "", "early");
	assert_int_equal(p.c.exit_status, 1);
	assert_false(nfp_comparison_excuses(&p.c, 3, &p.now.vfs[0].styles[1]));
	p.now.vfs[0].styles[1].allowed = true;
	pair_compare(&p, false);
	assert_int_equal(p.c.exit_status, 0);
	pair_close(&p);
	pair_open(&p);
	p.now.vfs[0].num_styles = 1;
	pair_compare(&p, true);
	expect(&p.c.v[0], NFP_COMPARED_VERDICT, 0, NFP_TREND_GONE, false, "early", "");
	assert_int_equal(p.c.exit_status, 0);
	/* Not applicable is as if it was not there. */
	p.then.vfs[0].styles[1].verdict = NFP_VERDICT_NOT_APPLICABLE;
	pair_compare(&p, false);
	assert_int_equal(p.c.n, 0);
	pair_close(&p);
}

static void set_source(struct nfp_result *result, enum nfp_source source)
{
	result->settings.source = source;
	for (size_t i = 0; i < result->vfs[0].num_styles; i++)
		result->vfs[0].styles[i].from.source = source;
}

/* The same ladders once more, from a sibling VF. */
static void add_sibling(struct nfp_result *result)
{
	struct nfp_vf_result *vf = &result->vfs[0];

	for (size_t i = 0; i < 2; i++) {
		vf->styles[2 + i] = vf->styles[i];
		vf->styles[2 + i].from.source = NFP_SOURCE_VF;
		strcpy(vf->styles[2 + i].from.name, "vf:1");
	}
	vf->num_styles = 4;
}

/* A ladder is compared with that of the same class of source; the others are new, or gone. */
TEST(sources_are_compared_by_class)
{
	struct nfp_style_result *styles;
	struct pair p;

	pair_open(&p);
	add_sibling(&p.now);
	styles = p.now.vfs[0].styles;
	/* The sibling's turn comes first, and the wire has another name. */
	for (size_t i = 0; i < 2; i++) {
		styles[i].from = styles[2 + i].from;
		styles[2 + i].from.source = NFP_SOURCE_WIRE;
		strcpy(styles[2 + i].from.name, "eth7");
	}
	pair_compare(&p, false);
	assert_int_equal(p.c.compared, 2);
	assert_int_equal(p.c.n, 2);
	for (size_t i = 0; i < 2; i++) {
		expect(&p.c.v[i], NFP_COMPARED_VERDICT, NFP_STEP_COUNT, NFP_TREND_NEW, false, "",
		       i ? "early" : "safe");
		assert_string_equal(p.c.v[i].of.name, "vf:1");
	}
	assert_int_equal(p.c.exit_status, 1); /* early is new */
	styles[1].allowed = true;
	pair_compare(&p, false);
	assert_int_equal(p.c.exit_status, 0);
	/* What another source has tested does not have to be tested from this one. */
	styles[1].allowed = false;
	styles[1].verdict = NFP_VERDICT_UNTESTABLE;
	pair_compare(&p, false);
	assert_int_equal(p.c.exit_status, 0);
	styles[1].verdict = NFP_VERDICT_INCONCLUSIVE;
	pair_compare(&p, false);
	assert_int_equal(p.c.exit_status, 3);
	pair_close(&p);

	/* Only the ladder from the sibling is worse now. */
	pair_open(&p);
	add_sibling(&p.then);
	add_sibling(&p.now);
	change(&p.now, 2, NFP_STEP_UNPLUG, NFP_LANDING_NOWHERE);
	pair_compare(&p, false);
	assert_int_equal(p.c.compared, 4);
	assert_int_equal(p.c.n, 2);
	expect(&p.c.v[0], NFP_COMPARED_VERDICT, NFP_STEP_COUNT, NFP_TREND_WORSE, true, "safe",
	       "sticky");
	assert_int_equal(p.c.v[0].of.source, NFP_SOURCE_VF);
	styles = p.now.vfs[0].styles;
	assert_true(nfp_comparison_excuses(&p.c, 3, &styles[0]));
	assert_false(nfp_comparison_excuses(&p.c, 3, &styles[2]));
	/* This run lacks the sibling. */
	p.now.vfs[0].num_styles = 2;
	pair_compare(&p, false);
	assert_int_equal(p.c.n, 2);
	expect(&p.c.v[0], NFP_COMPARED_VERDICT, NFP_STEP_COUNT, NFP_TREND_GONE, false, "safe", "");
	assert_int_equal(p.c.exit_status, 0);
	pair_close(&p);
}

TEST(two_sources_of_one_class)
{
	struct pair p;

	pair_open(&p);
	add_sibling(&p.then);
	add_sibling(&p.now);
	set_source(&p.then, NFP_SOURCE_WIRE);
	set_source(&p.now, NFP_SOURCE_WIRE);
	change(&p.then, 2, NFP_STEP_UNPLUG, NFP_LANDING_NOWHERE);
	change(&p.now, 2, NFP_STEP_UNPLUG, NFP_LANDING_NOWHERE);
	pair_compare(&p, false);
	assert_int_equal(p.c.compared, 4);
	assert_int_equal(p.c.n, 0);
	pair_close(&p);
}

TEST(what_cannot_be_compared)
{
	struct pair p;

	pair_open(&p);
	p.now.vfs[0].vf = 2;
	pair_compare(&p, false);
	assert_string_equal(p.c.not_compared, "the two have no VF and style in common");
	assert_int_equal(p.c.exit_status, 1); /* its own verdict */
	p.now.vfs[0].num_styles = 1;
	pair_compare(&p, false);
	assert_int_equal(p.c.exit_status, 3); /* safe, but not compared */
	pair_close(&p);
	pair_open(&p);
	set_source(&p.now, NFP_SOURCE_VF);
	pair_compare(&p, false);
	assert_non_null(strstr(p.c.not_compared, "another source then (wire, now vf)"));
	assert_int_equal(p.c.n, 0);
	assert_int_equal(p.c.exit_status, 3);
	assert_false(nfp_comparison_excuses(&p.c, 3, &p.now.vfs[0].styles[1]));
	set_source(&p.now, NFP_SOURCE_WIRE);
	p.now.settings.vlan.vid = 100;
	pair_compare(&p, false);
	assert_non_null(strstr(p.c.not_compared, "VLAN"));
	p.now.settings.vlan.vid = 0;
	p.now.pf.device = 0x1234;
	pair_compare(&p, false);
	assert_non_null(strstr(p.c.not_compared, "another NIC (8086:10c9, this is 8086:1234)"));
	pair_close(&p);
}

TEST_MAIN()
