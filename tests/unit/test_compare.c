// SPDX-License-Identifier: GPL-2.0-or-later
/* A result beside an earlier one: what is worse, and what counts. */
#include "harness.h"
#include "nfprobe/verdict.h"
#include "nfprobe/result.h"
#include "nfprobe/store.h"
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

/* "verdict worse! safe > sticky, unplug worse! pf > nowhere: 1": what differs, ! where it counts,
 * and the exit status. */
static const char *said(struct pair *p, bool same)
{
	static char text[512];
	size_t len = 0;

	pair_compare(p, same);
	text[0] = '\0';
	for (size_t i = 0; i < p->c.n; i++) {
		const struct nfp_difference *d = &p->c.v[i];
		const char *what = d->compared == NFP_COMPARED_VERDICT ? "verdict"
				   : d->compared == NFP_COMPARED_GAP   ? "gap"
								       : nfp_step_name(d->to);

		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s %s%s %s > %s",
					i ? ", " : "", what, nfp_trend_name(d->trend),
					d->counts ? "!" : "", d->before, d->now);
	}
	snprintf(text + len, sizeof(text) - len, ": %d", p->c.exit_status);
	return text;
}

/* ---- what is worse, and what is only different ---- */

#define WORSE	"verdict worse! safe > sticky, unplug worse! pf > nowhere: 1"
#define ON	NFP_STEP_COUNT	  /* from the standby on */
#define REFUSED NFP_LANDING_COUNT /* the step, and no landing */

enum when { NONE, THEN, NOW };

/* Style 0 was safe, style 1 early: a NIC that is known to be early and stays so is no failure. */
static const struct row {
	const char *name;
	struct {
		enum when when;
		unsigned int style;
		enum nfp_step step;
		enum nfp_kind kind;
		enum nfp_landing landing;
	} edit[3];
	/* And the exit status, that of a repetition, and the styles that do not count. */
	const char *said;
} rows[] = {
#define UNI	  NFP_KIND_UNICAST
#define BROAD	  NFP_KIND_BROADCAST
#define MULTI	  NFP_KIND_MULTICAST
#define AT(where) NFP_LANDING_##where
#define IN(step)  NFP_STEP_##step
	{"nothing changed", {{NONE}}, ": 0, again 0, excused 01"},
	{"worse", {{NOW, 0, IN(UNPLUG), UNI, AT(NOWHERE)}}, WORSE ", again 1, excused 1"},
	/* The verdict is as bad as it was, and still something got worse. */
	{"worse within a verdict",
	 {{NOW, 1, IN(CLEAR), UNI, AT(NOWHERE)}},
	 "clear worse! pf > nowhere: 1, again 1, excused 0"},
	/* But it is no repetition. */
	{"better",
	 {{THEN, 0, IN(UNPLUG), UNI, AT(NOWHERE)}},
	 "verdict better sticky > safe, unplug better nowhere > pf: 0, again 1, excused 01"},
	/* Where nothing is demanded, or frames arrive as they should in another way. */
	{"changed only",
	 {{NOW, 0, IN(DOWN), UNI, AT(NOWHERE)}, {NOW, 0, IN(UP), UNI, AT(VF)}},
	 "up changed both > vf, down changed pf > nowhere: 0, again 1, excused 01"},
	{"inconclusive",
	 {{NOW, 0, IN(UNPLUG), UNI, AT(MIXED)}},
	 "verdict changed safe > inconclusive, unplug changed pf > mixed: 3, again 3, excused 1"},
	{"inconclusive as it was",
	 {{THEN, 0, IN(UNPLUG), UNI, AT(MIXED)}, {NOW, 0, IN(UNPLUG), UNI, AT(MIXED)}},
	 ": 3, again 3, excused 1"},
	{"inconclusive, and something is worse",
	 {{THEN, 0, IN(UNPLUG), UNI, AT(MIXED)},
	  {NOW, 0, IN(UNPLUG), UNI, AT(MIXED)},
	  {NOW, 1, IN(CLEAR), UNI, AT(NOWHERE)}},
	 "clear worse! pf > nowhere: 1, again 1, excused none"},
	{"known now: to be unfit",
	 {{THEN, 0, IN(UNPLUG), UNI, AT(MIXED)}, {NOW, 0, IN(UNPLUG), UNI, AT(NOWHERE)}},
	 "verdict worse! inconclusive > sticky, unplug changed mixed > nowhere: 1, again 1, "
	 "excused 1"},
	/* In a state that is only recorded, a lost broadcast frame is no change. */
	{"refusals and broadcast",
	 {{NOW, 1, IN(REASSIGN), UNI, REFUSED},
	  {NOW, 1, IN(CLEAR), BROAD, AT(NOWHERE)},
	  {NOW, 1, IN(ASSIGN), BROAD, AT(MIXED)}},
	 "clear changed pf > pf, broadcast nowhere, reassign changed nowhere > refused: 0, again "
	 "1, excused 01"},
	{"multicast is lost",
	 {{NOW, 0, IN(UP), MULTI, AT(PF)}},
	 "verdict worse! safe > deaf, up worse! both > both, multicast pf: 1, again 1, excused 1"},
	/* Unclear multicast takes nothing from what the other two show. */
	{"multicast comes",
	 {{THEN, 0, IN(UNPLUG), MULTI, AT(NOWHERE)}, {NOW, 0, IN(VF_FIRST), MULTI, AT(MIXED)}},
	 "verdict better sticky > safe, unplug better pf, multicast nowhere > pf: 0, again 1, "
	 "excused 01"},
	/* The network may have stopped passing it. */
	{"multicast is not proven any more",
	 {{NOW, 0, ON, MULTI, AT(NOWHERE)}},
	 "standby changed pf > pf, multicast nowhere: 0, again 1, excused 01"},
};

static void apply(struct pair *p, const struct row *row)
{
	for (size_t i = 0; i < 3 && row->edit[i].when; i++) {
		struct nfp_result *result = row->edit[i].when == NOW ? &p->now : &p->then;
		struct nfp_style_result *s = &result->vfs[0].styles[row->edit[i].style];
		enum nfp_step step = row->edit[i].step;

		for (size_t n = 0; n < s->num_steps; n++) {
			if (step == ON ? s->steps[n].step < NFP_STEP_STANDBY
				       : s->steps[n].step != step)
				continue;
			if (row->edit[i].landing == REFUSED)
				s->steps[n].status = NFP_STATUS_REFUSED;
			else
				s->steps[n].landing[row->edit[i].kind] = row->edit[i].landing;
		}
		sample_judge(s, NFP_BY_NETDEV, 3);
	}
}

TEST(known_rows)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char excused[3] = "", text[640];
		struct pair p;
		int len;

		pair_open(&p);
		apply(&p, &rows[i]);
		len = snprintf(text, sizeof(text), "%s", said(&p, false));
		assert_int_equal(p.c.worse, p.c.exit_status == 1);
		for (size_t n = 0; n < 2; n++) {
			if (nfp_comparison_excuses(&p.c, 3, &p.now.vfs[0].styles[n]))
				strcat(excused, n ? "1" : "0");
		}
		pair_compare(&p, true);
		snprintf(text + len, sizeof(text) - (size_t)len, ", again %d, excused %s",
			 p.c.exit_status, excused[0] ? excused : "none");
		if (strcmp(text, rows[i].said) != 0)
			fail_msg("%s: %s", rows[i].name, text);
		pair_close(&p);
	}
}

/* Allowed, a verdict does not count, and neither does how it came about; but what is unstable. */
TEST(allowed)
{
	struct pair p;

	pair_open(&p);
	change(&p.now, 0, NFP_STEP_UNPLUG, NFP_LANDING_NOWHERE);
	p.now.vfs[0].styles[0].allowed = true;
	pair_compare(&p, false);
	assert_int_equal(p.c.n, 2);
	assert_int_equal(p.c.exit_status, 0);
	pair_close(&p);
	pair_open(&p);
	change(&p.now, 0, NFP_STEP_DOWN, NFP_LANDING_NOWHERE);
	p.now.vfs[0].styles[0].allowed = true;
	pair_compare(&p, true);
	assert_int_equal(p.c.exit_status, 1);
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
		assert_string_equal(said(&p, true), ": 0");
		/* A landing of unicast does count. */
		change(&p.now, 0, NFP_STEP_UNPLUG, NFP_LANDING_NOWHERE);
		assert_string_equal(said(&p, false), WORSE);
		pair_close(&p);
	}
}

/* The other style's standby got it, so the NIC is to blame: for the verdict, and not once more for
 * each step. */
TEST(multicast_that_another_standby_got)
{
	struct pair p;

	pair_open(&p);
	multicast(&p.now, 0, NFP_STEP_STANDBY, NFP_STEP_VF_FIRST_UNPLUG, NFP_LANDING_NOWHERE);
	assert_int_equal(nfp_judge_across_styles(&p.now.vfs[0], "eth0", p.now.settings.allow), 1);
	assert_string_equal(
		said(&p, false),
		"verdict worse! safe > deaf, standby changed pf > pf, multicast nowhere: 1");
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

TEST(one_of_the_two_has_it)
{
	struct pair p;

	pair_open(&p);
	p.then.vfs[0].num_styles = 1;
	/* A style without a past counts by its verdict. */
	assert_string_equal(said(&p, false), "verdict new  > early: 1");
	assert_false(nfp_comparison_excuses(&p.c, 3, &p.now.vfs[0].styles[1]));
	p.now.vfs[0].styles[1].allowed = true;
	assert_string_equal(said(&p, false), "verdict new  > early: 0");
	pair_close(&p);
	pair_open(&p);
	p.now.vfs[0].num_styles = 1;
	assert_string_equal(said(&p, true), "verdict gone early > : 0");
	/* So is a remedy, in either run. */
	p.then.vfs[0].styles[1].remedy = true;
	assert_string_equal(said(&p, false), ": 0");
	/* A verdict of not applicable is as if it was not there. */
	p.then.vfs[0].styles[1].verdict = NFP_VERDICT_NOT_APPLICABLE;
	assert_string_equal(said(&p, false), ": 0");
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
		struct nfp_style_result *style = nfp_vf_add_style(vf, &vf->styles[i]);

		style->from.source = NFP_SOURCE_VF;
		strcpy(style->from.name, "vf:1");
	}
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
	assert_string_equal(said(&p, false), "verdict new  > safe, verdict new  > early: 1");
	assert_int_equal(p.c.compared, 2);
	assert_string_equal(p.c.v[0].of.name, "vf:1");
	assert_string_equal(p.c.v[1].of.name, "vf:1");
	styles[1].allowed = true;
	pair_compare(&p, false);
	assert_int_equal(p.c.exit_status, 0);
	/* A style that another source has tested does not have to be tested from this one. */
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
	assert_string_equal(said(&p, false), WORSE);
	assert_int_equal(p.c.compared, 4);
	assert_int_equal(p.c.v[0].of.source, NFP_SOURCE_VF);
	styles = p.now.vfs[0].styles;
	assert_true(nfp_comparison_excuses(&p.c, 3, &styles[0]));
	assert_false(nfp_comparison_excuses(&p.c, 3, &styles[2]));
	/* This run lacks the sibling. */
	p.now.vfs[0].num_styles = 2;
	assert_string_equal(said(&p, false), "verdict gone safe > , verdict gone early > : 0");
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
	assert_string_equal(said(&p, false), ": 0");
	assert_int_equal(p.c.compared, 4);
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
