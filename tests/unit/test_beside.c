// SPDX-License-Identifier: GPL-2.0-or-later
/* Does the guest keep the address when another VF of the NIC comes up, is reset, and goes? */
#include "unit/bedded.h"

#include <errno.h>

#include "memnic/ask.h"
#include "nfprobe/verdict.h"
#include "unit/windows.h"

/* ---- the judgement ---- */

/* A letter for each window (windows.h); r: the other VF did not come up, or go down. */
static struct nfp_aside judged(const char *letters)
{
	struct nfp_aside b = {.told = {.verdict = NFP_TRAIT_UNTESTED, .vf = "vf:4"}};

	for (; letters[b.num_windows]; b.num_windows++) {
		b.windows[b.num_windows] = window_of(letters[b.num_windows]);
		b.windows[b.num_windows].state = (unsigned int)b.num_windows;
	}
	nfp_judge_beside(&b);
	return b;
}

TEST(what_windows_mean)
{
	static const struct {
		const char *letters;
		enum nfp_trait verdict;
	} rows[] = {
		{"yy", NFP_TRAIT_OK},
		{"ynyny", NFP_TRAIT_LOST},
		/* Once may be a pause of the network. */
		{"yny", NFP_TRAIT_UNTESTED},
		{"ynyyy", NFP_TRAIT_UNPROVEN},
		/* It did not come back, or was not there before. */
		{"ynn", NFP_TRAIT_UNPROVEN},
		{"ynynn", NFP_TRAIT_UNPROVEN},
		{"n", NFP_TRAIT_UNPROVEN},
		{"m", NFP_TRAIT_UNPROVEN},
		/* Without its control a silence is none of the NIC's. */
		{"yby", NFP_TRAIT_UNPROVEN},
		{"ydy", NFP_TRAIT_UNPROVEN},
		{"ymy", NFP_TRAIT_UNPROVEN},
		{"ynyb", NFP_TRAIT_UNPROVEN},
		{"yry", NFP_TRAIT_UNTESTED},
		{"ynr", NFP_TRAIT_UNTESTED},
		{"y", NFP_TRAIT_UNTESTED},
		{"", NFP_TRAIT_UNTESTED},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct nfp_aside b = judged(rows[i].letters);

		if (b.told.verdict != rows[i].verdict)
			fail_msg("%s: %s: %s", rows[i].letters, nfp_trait_name(b.told.verdict),
				 b.told.note);
		/* Anything but an answer has a reason; the runner sets that of no window. */
		if (rows[i].letters[0])
			assert_int_equal(b.told.note[0] != '\0', b.told.verdict < NFP_TRAIT_OK);
	}
}

/* Behind "yy", which is lost where it is reset. */
TEST(what_windows_of_a_reset_mean)
{
	static const struct {
		enum nfp_beside states[NFP_ASIDE_WINDOWS];
		const char *letters;
		enum nfp_trait reset;
	} rows[] = {
		{{NFP_BESIDE_RESET, NFP_BESIDE_RETURNS}, "yy", NFP_TRAIT_OK},
		{{NFP_BESIDE_RESET, NFP_BESIDE_HELD, NFP_BESIDE_RESET_AGAIN, NFP_BESIDE_HELD_AGAIN},
		 "nyny",
		 NFP_TRAIT_LOST},
		{{NFP_BESIDE_RESET, NFP_BESIDE_RETURNS, NFP_BESIDE_HELD, NFP_BESIDE_RESET_AGAIN,
		  NFP_BESIDE_HELD_AGAIN},
		 "ynyny",
		 NFP_TRAIT_LOST},
		/* Once may be a pause of the network. */
		{{NFP_BESIDE_RESET, NFP_BESIDE_HELD, NFP_BESIDE_RESET_AGAIN, NFP_BESIDE_HELD_AGAIN},
		 "nyyy",
		 NFP_TRAIT_UNPROVEN},
		{{NFP_BESIDE_RESET, NFP_BESIDE_HELD, NFP_BESIDE_RESET_AGAIN, NFP_BESIDE_HELD_AGAIN},
		 "nynn",
		 NFP_TRAIT_UNPROVEN},
		{{NFP_BESIDE_RESET, NFP_BESIDE_HELD}, "nn", NFP_TRAIT_UNPROVEN},
		/* Without its control a silence is none of the NIC's. */
		{{NFP_BESIDE_RESET, NFP_BESIDE_HELD}, "by", NFP_TRAIT_UNPROVEN},
		{{NFP_BESIDE_RESET, NFP_BESIDE_HELD, NFP_BESIDE_RESET_AGAIN, NFP_BESIDE_HELD_AGAIN},
		 "nyby",
		 NFP_TRAIT_UNPROVEN},
		{{NFP_BESIDE_RESET, NFP_BESIDE_RETURNS, NFP_BESIDE_HELD},
		 "ymy",
		 NFP_TRAIT_UNPROVEN},
		{{NFP_BESIDE_RESET, NFP_BESIDE_RETURNS, NFP_BESIDE_HELD},
		 "yry",
		 NFP_TRAIT_UNTESTED},
		{{NFP_BESIDE_RESET}, "r", NFP_TRAIT_UNTESTED},
		/* The run ended. */
		{{NFP_BESIDE_RESET}, "y", NFP_TRAIT_UNTESTED},
		{{NFP_BESIDE_RESET, NFP_BESIDE_HELD, NFP_BESIDE_RESET_AGAIN},
		 "nyn",
		 NFP_TRAIT_UNTESTED},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char letters[NFP_ASIDE_WINDOWS + 1] = "yy";
		struct nfp_aside b;

		b = judged(strcat(letters, rows[i].letters));
		for (size_t k = 2; k < b.num_windows; k++) {
			b.windows[k].state = rows[i].states[k - 2];
			b.windows[k].note[0] = '\0';
		}
		nfp_judge_beside(&b);
		if (b.told.reset != rows[i].reset)
			fail_msg("%s: %s", rows[i].letters, nfp_trait_name(b.told.reset));
		assert_int_equal(b.told.verdict,
				 rows[i].reset == NFP_TRAIT_LOST ? NFP_TRAIT_LOST : NFP_TRAIT_OK);
		assert_int_equal(nfp_beside_reset_note(&b)[0] != '\0',
				 rows[i].reset < NFP_TRAIT_OK);
	}
}

/* Behind "yyyy", of the guest's VF. */
TEST(what_windows_in_up_mean)
{
	static const struct {
		enum nfp_beside states[NFP_ASIDE_WINDOWS];
		const char *letters;
		enum nfp_trait up;
	} rows[] = {
		{{NFP_BESIDE_LEAVES, NFP_BESIDE_COMES}, "yy", NFP_TRAIT_OK},
		{{NFP_BESIDE_LEAVES, NFP_BESIDE_STARTED, NFP_BESIDE_LEAVES_AGAIN,
		  NFP_BESIDE_STARTED_AGAIN},
		 "nyny",
		 NFP_TRAIT_LOST},
		{{NFP_BESIDE_LEAVES, NFP_BESIDE_COMES, NFP_BESIDE_STARTED, NFP_BESIDE_COMES_AGAIN,
		  NFP_BESIDE_STARTED_AGAIN},
		 "ynyny",
		 NFP_TRAIT_LOST},
		/* Once may be a pause of the network, or the VF got its frames by something else.
		 */
		{{NFP_BESIDE_LEAVES, NFP_BESIDE_STARTED, NFP_BESIDE_LEAVES_AGAIN},
		 "nyy",
		 NFP_TRAIT_UNPROVEN},
		{{NFP_BESIDE_LEAVES, NFP_BESIDE_STARTED}, "nn", NFP_TRAIT_UNPROVEN},
		{{NFP_BESIDE_LEAVES, NFP_BESIDE_STARTED, NFP_BESIDE_LEAVES_AGAIN,
		  NFP_BESIDE_STARTED_AGAIN},
		 "nynn",
		 NFP_TRAIT_UNPROVEN},
		{{NFP_BESIDE_LEAVES}, "b", NFP_TRAIT_UNPROVEN},
		{{NFP_BESIDE_LEAVES, NFP_BESIDE_COMES}, "ym", NFP_TRAIT_UNPROVEN},
		{{NFP_BESIDE_LEAVES}, "r", NFP_TRAIT_UNTESTED},
		{{NFP_BESIDE_LEAVES, NFP_BESIDE_COMES}, "yr", NFP_TRAIT_UNTESTED},
		{{NFP_BESIDE_LEAVES, NFP_BESIDE_STARTED}, "nr", NFP_TRAIT_UNTESTED},
		/* The run ended. */
		{{NFP_BESIDE_LEAVES}, "y", NFP_TRAIT_UNTESTED},
		{{NFP_BESIDE_LEAVES, NFP_BESIDE_STARTED, NFP_BESIDE_LEAVES_AGAIN},
		 "nyn",
		 NFP_TRAIT_UNTESTED},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char letters[NFP_ASIDE_WINDOWS + 1] = "yyyy";
		struct nfp_aside b = judged(strcat(letters, rows[i].letters));

		b.windows[2].state = NFP_BESIDE_RESET;
		b.windows[3].state = NFP_BESIDE_RETURNS;
		for (size_t k = 4; k < b.num_windows; k++)
			b.windows[k].state = rows[i].states[k - 4];
		nfp_judge_beside(&b);
		if (b.told.up != rows[i].up)
			fail_msg("%s: %s", rows[i].letters, nfp_trait_name(b.told.up));
		assert_int_equal(b.told.reset, NFP_TRAIT_OK);
		assert_int_equal(b.told.verdict,
				 rows[i].up == NFP_TRAIT_LOST ? NFP_TRAIT_LOST : NFP_TRAIT_OK);
		assert_int_equal(nfp_beside_up_note(&b)[0] != '\0', rows[i].up < NFP_TRAIT_OK);
		assert_string_equal(nfp_beside_reset_note(&b), "");
	}
}

TEST(the_verdict_of_a_style)
{
	static const bool allow_deaf[NFP_VERDICT_COUNT] = {[NFP_VERDICT_DEAF] = true};
	static const struct {
		enum nfp_verdict filter, with;
	} rows[] = {
		{NFP_VERDICT_SAFE, NFP_VERDICT_DEAF},	 {NFP_VERDICT_SLOW, NFP_VERDICT_DEAF},
		{NFP_VERDICT_STICKY, NFP_VERDICT_DEAF},	 {NFP_VERDICT_EARLY, NFP_VERDICT_EARLY},
		{NFP_VERDICT_UNKNOWN, NFP_VERDICT_DEAF},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nfp_style_result style = {.style = NFP_STYLE_MACVTAP,
						 .judged.verdict = rows[i].filter,
						 .beside = judged("ynyny")};

		ask_all(&style, NULL);
		assert_int_equal(style.verdict, rows[i].with);
		assert_int_equal(style.filter_verdict, rows[i].filter);
		assert_int_equal(style.by_beside, rows[i].with != rows[i].filter);
		assert_false(style.allowed);
		/* The same again. */
		style.beside = judged("ynn");
		ask_all(&style, NULL);
		assert_int_equal(style.verdict, rows[i].filter);
		assert_false(style.by_beside);
	}
	{
		struct nfp_style_result style = {.style = NFP_STYLE_BRIDGE,
						 .judged.verdict = NFP_VERDICT_SAFE,
						 .num_steps = 1,
						 .beside = judged("ynyny")};
		struct nfp_settings settings = {.gap_limit_ms = 0};
		const struct nfp_demands demands = {.settings = &settings, .ifname = "eth0"};
		struct nfp_style_result pinned;

		memcpy(settings.allow, allow_deaf, sizeof(allow_deaf));
		/* Of its bridge nothing is known. */
		ask_all(&style, allow_deaf);
		assert_int_equal(style.verdict, NFP_VERDICT_UNKNOWN);
		assert_false(style.allowed);
		for (int from = 0; from < NFP_RECEIVER_COUNT; from++)
			style.reflections[from] = (struct nfp_reflection) {.sent = 3, .shown = 3};
		ask_all(&style, allow_deaf);
		assert_true(style.allowed);
		assert_non_null(strstr(style.reason, "VF 4"));
		/* A pin at the tap moves nothing that the NIC does not bring. */
		nfp_pin(&style, NFP_STYLE_BRIDGE_PIN, &demands, &pinned);
		assert_int_equal(pinned.verdict, NFP_VERDICT_DEAF);
		assert_true(pinned.by_beside);
	}
}

/* ---- the windows ---- */

static void open_with(struct bed *bed, const struct nfp_beside_test *test,
		      const struct core_personality *p, const struct memnic_conditions *c,
		      enum nfp_style style)
{
	bed_anew(bed, p, c, style);
	bed->config.beside = test;
}

static const struct nfp_beside_test other = {.vf = "vf:4"};

static void climb(struct bed *bed)
{
	assert_int_equal(bed_climb(bed), 0);
	ask_behind(&bed->result, NULL);
}

/* How often the NIC was told @word. */
static unsigned int count(const struct bed *bed, const char *word)
{
	unsigned int num = 0;

	for (const char *log = memnic_log(bed->nic); (log = strstr(log, word)); log++)
		num++;
	return num;
}

/* Has it gone down since it came up? */
static bool rests(const struct bed *bed)
{
	const char *log = memnic_log(bed->nic), *up = log;

	while ((log = strstr(up + 1, "sender ")))
		up = log;
	return strstr(up, "rest ") || strstr(up, "other-reset ");
}

/* The PF gets the frames that a VF sends. */
#define FIT_INSIDE .comes_on = CORE_BIT(CORE_ON_UP), .goes_on = CORE_BIT(CORE_ON_DOWN)
/* A bridge learns nothing behind it. */
#define FIT FIT_INSIDE, .no_loop[NFP_SOURCE_VF] = {[NFP_AT_PF] = true}

/* The address is the VF's as soon as it is assigned. */
#define FIT_EARLY                                                                              \
	.comes_on = CORE_BIT(CORE_ON_ASSIGN) | CORE_BIT(CORE_ON_RESET) | CORE_BIT(CORE_ON_UP), \
	.goes_on = CORE_BIT(CORE_ON_UNBIND) | CORE_BIT(CORE_ON_CLEAR), .winner = CORE_ARB_VF

static const struct core_personality fit = {FIT};
static const struct core_personality yields = {FIT, .promisc_yields = true};
static const struct core_personality wiped = {FIT, .others_wipe_pf = true};
static const struct core_personality reset = {FIT, .resets_wipe_pf = true};

static void check(const struct core_personality *p, const struct memnic_conditions *c,
		  enum nfp_style style, enum nfp_trait beside, enum nfp_verdict verdict,
		  unsigned int ups)
{
	unsigned int num_ups;
	struct bed bed = {0};

	open_with(&bed, &other, p, c, style);
	climb(&bed);
	num_ups = count(&bed, "sender ");
	if (bed.result.beside.told.verdict != beside || bed.result.verdict != verdict ||
	    num_ups != ups)
		fail_msg("%s: %s, %s, %u times up, %s: %s; %s", nfp_style_name(style),
			 nfp_trait_name(bed.result.beside.told.verdict),
			 nfp_verdict_name(bed.result.verdict), num_ups, bed_row(&bed),
			 bed.result.beside.told.note, bed.result.reason);
	assert_true(rests(&bed));
	bed_close(&bed);
}

TEST(nics)
{
	const struct core_personality early_beside = {
		FIT,
		.winner = CORE_ARB_VF,
		.beside_comes_on = CORE_BIT(CORE_ON_ASSIGN),
	};
	const struct core_personality early_alone = {FIT_EARLY, .idle_alone = true};
	const struct core_personality waits = {
		FIT_EARLY,
		.waits_on = CORE_BIT(CORE_ON_ASSIGN) | CORE_BIT(CORE_ON_RESET),
	};

	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++)
		check(&fit, NULL, style, NFP_TRAIT_OK, NFP_VERDICT_SAFE, 5);
	check(&yields, NULL, NFP_STYLE_BRIDGE, NFP_TRAIT_LOST, NFP_VERDICT_DEAF, 2);
	/* An entry is no promiscuity. */
	check(&yields, NULL, NFP_STYLE_BRIDGE_FDB, NFP_TRAIT_OK, NFP_VERDICT_SAFE, 5);
	check(&yields, NULL, NFP_STYLE_MACVTAP, NFP_TRAIT_OK, NFP_VERDICT_SAFE, 5);
	check(&wiped, NULL, NFP_STYLE_MACVTAP, NFP_TRAIT_LOST, NFP_VERDICT_DEAF, 2);
	check(&wiped, NULL, NFP_STYLE_BRIDGE, NFP_TRAIT_OK, NFP_VERDICT_SAFE, 5);
	/* It stays up, which shows what the NIC does then. */
	check(&early_beside, NULL, NFP_STYLE_MACVTAP, NFP_TRAIT_OK, NFP_VERDICT_EARLY, 6);
	/* It rests from vf-first on, which shows what the NIC does without it. */
	check(&early_alone, NULL, NFP_STYLE_MACVTAP, NFP_TRAIT_OK, NFP_VERDICT_EARLY, 4);
	/* It comes up behind `attach`, too, and when the ladder is climbed anew. */
	check(&waits, NULL, NFP_STYLE_MACVTAP, NFP_TRAIT_OK, NFP_VERDICT_EARLY, 7);
	/* The entries go when it is reset, though not when it comes up. */
	check(&reset, NULL, NFP_STYLE_MACVTAP, NFP_TRAIT_LOST, NFP_VERDICT_DEAF, 1);
	check(&reset, NULL, NFP_STYLE_BRIDGE_FDB, NFP_TRAIT_OK, NFP_VERDICT_SAFE, 5);
	check(&reset, NULL, NFP_STYLE_BRIDGE, NFP_TRAIT_OK, NFP_VERDICT_SAFE, 5);
}

/* A VF that takes the address at assign beside another VF alone, of a NIC that refuses the PF what
 * a VF has: the standby is deaf where the VF has it first. */
TEST(vf_first_in_company)
{
	const struct core_personality alone = {FIT, .hold_ignored = true};
	struct core_personality refuses = alone;
	struct bed bed = {0};

	refuses.beside_comes_on = CORE_BIT(CORE_ON_ASSIGN);
	refuses.goes_on |= CORE_BIT(CORE_ON_CLEAR);
	for (unsigned int i = 0; i < 4; i++) {
		const bool lost = i % 2;

		open_with(&bed, &other, lost ? &refuses : &alone, NULL, NFP_STYLE_MACVTAP);
		if (i > 1)
			bed.config.address_first = bed.config.address;
		climb(&bed);
		assert_int_equal(bed.result.beside.told.first,
				 lost ? NFP_TRAIT_LOST : NFP_TRAIT_OK);
		assert_int_equal(bed.result.verdict, lost ? NFP_VERDICT_EARLY : NFP_VERDICT_SAFE);
		assert_true(!lost || strstr(bed.result.reason, "and another VF is up"));
		assert_true(!lost || bed.result.requires & NFP_REQ_BIT(NFP_REQ_ASSIGN_AT_HOTPLUG));
		assert_true(rests(&bed));
	}
	bed_close(&bed);
}

/* A safe ladder is unknown where that is unclear, and a fault stays one; without another VF it is
 * not asked. */
TEST(what_is_unclear_is_not_safe)
{
	const struct core_personality early = {FIT_EARLY};
	static const struct {
		const char *letters;
		enum nfp_beside third;
		bool unclear;
	} rows[] = {
		{"yy", NFP_BESIDE_RESTS, false},  {"ym", NFP_BESIDE_RESTS, true},
		{"yyr", NFP_BESIDE_RESET, false}, {"yyb", NFP_BESIDE_RESET, true},
		{"ynn", NFP_BESIDE_RESTS, true},  {"", NFP_BESIDE_RESTS, false},
	};
	struct bed bed = {0};

	for (size_t i = 0; i < 2 * NFP_NUM(rows); i++) {
		const bool is_safe = i % 2;
		struct nfp_judgement j;

		open_with(&bed, NULL, is_safe ? &fit : &early, NULL, NFP_STYLE_MACVTAP);
		climb(&bed);
		bed.result.beside = judged(rows[i / 2].letters);
		bed.result.beside.windows[2].state = rows[i / 2].third;
		nfp_judge_beside(&bed.result.beside);
		nfp_judgement_of(&bed.result, &bed.config.source->shows, &j);
		if (j.verdict != (!is_safe		? NFP_VERDICT_EARLY
				  : rows[i / 2].unclear ? NFP_VERDICT_UNKNOWN
							: NFP_VERDICT_SAFE))
			fail_msg("%s: %s", rows[i / 2].letters, nfp_verdict_name(j.verdict));
	}
	bed_close(&bed);
}

/* The filter of the guest's VF goes with each event of the other VF in turn, or with none. */
TEST(in_up)
{
	static const struct nfp_beside_test bound = {.vf = "vf:4",
						     .why_no_reset = "it has a driver"};
	static const struct {
		enum core_event event;
		const struct nfp_beside_test *test;
		enum nfp_trait up;
		const char *says;
	} rows[] = {
		{CORE_ON_RESET, &other, NFP_TRAIT_LOST, "went away"},
		{CORE_ON_DOWN, &other, NFP_TRAIT_LOST, "went away"},
		{CORE_ON_UNBIND, &other, NFP_TRAIT_LOST, "went away"},
		{CORE_ON_UP, &other, NFP_TRAIT_LOST, "came up"},
		{CORE_ON_BIND, &other, NFP_TRAIT_LOST, "came up"},
		{CORE_ON_CLEAR, &other, NFP_TRAIT_OK, NULL},
		{CORE_ON_DOWN, &bound, NFP_TRAIT_LOST, "went away"},
		{CORE_ON_RESET, &bound, NFP_TRAIT_OK, NULL},
	};
	static const enum nfp_style styles[] = {NFP_STYLE_MACVTAP, NFP_STYLE_BRIDGE_FDB,
						NFP_STYLE_BRIDGE};

	for (size_t i = 0; i < NFP_NUM(rows) * NFP_NUM(styles); i++) {
		const size_t row = i / NFP_NUM(styles);
		const bool lost = rows[row].up == NFP_TRAIT_LOST;
		const struct core_personality p = {FIT,
						   .winner = row % 2 ? CORE_ARB_VF : CORE_ARB_BOTH,
						   .goes_on_others = CORE_BIT(rows[row].event)};
		const struct memnic_conditions c = {.suppress_unknown = i % 2};
		const struct nfp_style_result *result;
		struct bed bed = {0};

		open_with(&bed, rows[row].test, &p, &c, styles[i % NFP_NUM(styles)]);
		climb(&bed);
		result = &bed.result;
		if (result->beside.told.up != rows[row].up ||
		    result->verdict != (lost ? NFP_VERDICT_DEAF : NFP_VERDICT_SAFE))
			fail_msg("row %zu, %s: %s, %s: %s; %s", row, nfp_style_name(result->style),
				 nfp_trait_name(result->beside.told.up),
				 nfp_verdict_name(result->verdict),
				 nfp_beside_up_note(&result->beside), result->reason);
		assert_int_equal(result->filter_verdict, NFP_VERDICT_SAFE);
		assert_true(!lost || strstr(result->reason, rows[row].says));
		assert_int_equal(nfp_beside_loses(result, NFP_STEP_UP), lost);
		assert_false(nfp_beside_loses(result, NFP_STEP_STANDBY));
		assert_true(rests(&bed));
		bed_close(&bed);
	}
}

/* A ladder in which it came up once more behind `attach`, or was reset, or kept the address that a
 * VF had first, stands for those whose standby takes the address in the same way, whoever gets the
 * frames of PF and VF. */
BED_TEST(once_a_run_is_enough)
{
	static const struct {
		enum core_arb winner;
		enum nfp_style then;
		unsigned int ups;
	} rows[] = {
		{CORE_ARB_VF, NFP_STYLE_BRIDGE, 4},
		{CORE_ARB_BOTH, NFP_STYLE_BRIDGE, 4},
		{CORE_ARB_BOTH, NFP_STYLE_BRIDGE_FDB, 1},
		/* Of a port of its own. */
		{CORE_ARB_VF, NFP_STYLE_VF_BRIDGE, 5},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct core_personality p = {FIT, .winner = rows[i].winner};
		struct nfp_earlier earlier = {.slow = false};

		open_with(bed, &other, &p, NULL, NFP_STYLE_MACVTAP);
		bed->config.earlier = &earlier;
		climb(bed);
		assert_int_equal(count(bed, "sender "), 5);
		assert_int_equal(bed_climb_next(bed, rows[i].then, 1), 0);
		assert_int_equal(count(bed, "sender ") - 5, rows[i].ups);
	}
}

/* Without the other VF the ladder shows what it always did. */
BED_TEST(the_ladder_goes_on)
{
	char row[MEMNIC_ROW_LEN];

	open_with(bed, NULL, &fit, NULL, NFP_STYLE_BRIDGE);
	climb(bed);
	assert_int_equal(bed->result.beside.told.verdict, NFP_TRAIT_NONE);
	strcpy(row, bed_row(bed));
	open_with(bed, &other, &yields, NULL, NFP_STYLE_BRIDGE);
	climb(bed);
	assert_string_equal(bed_row(bed), row);
	assert_int_equal(bed->result.filter_verdict, NFP_VERDICT_SAFE);
}

/* A loss is watched as long as the network may pause, and briefly where it is confirmed; all else
 * for the NIC's time. */
BED_TEST(a_loss_is_confirmed_briefly)
{
	static const struct {
		bool withholds;
		unsigned int lives_ms, again_ms, rests_ms;
	} rows[] = {
		{false, 1500, 300, 500},
		/* It is announced, and watched again. */
		{true, 1500, 1500, 1500},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct memnic_conditions c = {.suppress_unknown = rows[i].withholds};
		const struct nfp_window *w;

		open_with(bed, &other, &yields, &c, NFP_STYLE_BRIDGE);
		bed->config.network_ns = bed->config.settle_ns;
		bed->config.settle_ns = NFP_SETTLE_QUICK_NS;
		climb(bed);
		w = bed->result.beside.windows;
		assert_int_equal(bed->result.beside.told.verdict, NFP_TRAIT_LOST);
		/* 1,000 frames a second; the first window is that of the step. */
		assert_int_equal(w[NFP_BESIDE_BEFORE].count[NFP_KIND_UNICAST].sent,
				 bed->result.steps[1].w.count[NFP_KIND_UNICAST].sent);
		assert_in_range(w[NFP_BESIDE_UP].count[NFP_KIND_UNICAST].sent, rows[i].lives_ms,
				rows[i].lives_ms + 60);
		assert_in_range(w[NFP_BESIDE_UP_AGAIN].count[NFP_KIND_UNICAST].sent,
				rows[i].again_ms, rows[i].again_ms + 60);
		assert_in_range(w[NFP_BESIDE_RESTS].count[NFP_KIND_UNICAST].sent, rows[i].rests_ms,
				rows[i].rests_ms + 60);
	}
}

/* The network pauses at any time, for less and for more than a window. */
BED_TEST(pauses)
{
	static const uint64_t for_ms[] = {400, 1700, 5000};
	unsigned int said[NFP_TRAIT_COUNT] = {0}, in_up[NFP_TRAIT_COUNT] = {0};

	for (size_t i = 0; i < sizeof(for_ms) / sizeof(for_ms[0]); i++) {
		for (uint64_t from_ms = 500; from_ms < 25000; from_ms += 190) {
			const struct memnic_conditions c = {
				.seed = 1,
				.pauses = {{.from_ns = MEMNIC_BEGIN_NS +
						       from_ms * NFP_NSEC_PER_MSEC,
					    .for_ns = for_ms[i] * NFP_NSEC_PER_MSEC,
					    .unicast_alone = true}},
			};

			open_with(bed, &other, &fit, &c, NFP_STYLE_BRIDGE);
			climb(bed);
			said[bed->result.beside.told.verdict]++;
			in_up[bed->result.beside.told.up]++;
			assert_true(bed->result.verdict >= NFP_VERDICT_UNKNOWN);
		}
	}
	assert_int_equal(said[NFP_TRAIT_LOST] + in_up[NFP_TRAIT_LOST], 0);
	assert_true(in_up[NFP_TRAIT_OK] && in_up[NFP_TRAIT_UNPROVEN]);
	assert_true(said[NFP_TRAIT_OK] && said[NFP_TRAIT_UNPROVEN]);
}

/* A VF sends all the time, and a third one comes up. */
TEST(a_third_vf)
{
	const struct memnic_conditions c = {.seed = 1, .source = NFP_SOURCE_VF};
	const struct core_personality inside = {FIT_INSIDE};
	const struct core_personality inside_wiped = {FIT_INSIDE, .others_wipe_pf = true};

	check(&inside, &c, NFP_STYLE_MACVTAP, NFP_TRAIT_OK, NFP_VERDICT_SAFE, 5);
	check(&inside_wiped, &c, NFP_STYLE_MACVTAP, NFP_TRAIT_LOST, NFP_VERDICT_DEAF, 2);
}

BED_TEST(none_is_idle)
{
	const struct nfp_beside_test none = {.why = "no other VF is idle"};

	open_with(bed, &none, &fit, NULL, NFP_STYLE_BRIDGE);
	climb(bed);
	assert_int_equal(bed->result.beside.told.verdict, NFP_TRAIT_UNTESTED);
	assert_string_equal(bed->result.beside.told.note, none.why);
	assert_int_equal(count(bed, "sender "), 0);
}

/* That it is not to be reset, or cannot be, changes no answer, and the VF stays up. */
BED_TEST(it_is_not_reset)
{
	const struct nfp_beside_test bound = {.vf = "vf:4", .why_no_reset = "it has a driver"};
	const struct core_personality unable = {FIT, .resets_wipe_pf = true, .no_reset = true};

	for (int i = 0; i < 2; i++) {
		open_with(bed, i ? &other : &bound, i ? &unable : &reset, NULL, NFP_STYLE_MACVTAP);
		climb(bed);
		assert_int_equal(bed->result.beside.told.verdict, NFP_TRAIT_OK);
		assert_int_equal(bed->result.beside.told.reset, NFP_TRAIT_UNTESTED);
		assert_string_equal(nfp_beside_reset_note(&bed->result.beside),
				    i ? "no reset" : "it has a driver");
		assert_int_equal(bed->result.verdict, NFP_VERDICT_SAFE);
		/* Once more in `attach`, which is left out where no VF has a reset. */
		assert_int_equal(count(bed, "sender "), i ? 3 : 4);
	}
}

static int refuse_up(void *ctx, bool up, struct nfp_err *err)
{
	(void)ctx;
	return up ? nfp_err_set(err, -ENETDOWN, NFP_E_KERNEL, "no carrier") : 0;
}

BED_TEST(a_refusal_is_no_verdict)
{
	struct nfp_host_ops ops;

	open_with(bed, &other, &fit, NULL, NFP_STYLE_BRIDGE);
	ops = *bed->config.host.ops;
	ops.sender = refuse_up;
	bed->config.host.ops = &ops;
	climb(bed);
	assert_int_equal(bed->result.beside.told.verdict, NFP_TRAIT_UNTESTED);
	assert_non_null(strstr(bed->result.beside.told.note, "no carrier"));
	assert_int_equal(bed->result.verdict, NFP_VERDICT_SAFE);
}

/* A signal ends the run in any of these windows. */
BED_TEST(a_stop_ends_it)
{
	unsigned int untested = 0;

	for (uint64_t at_ms = 500; at_ms < 28000; at_ms += 250) {
		const struct core_personality *p = at_ms % 500 ? &reset : &yields;
		const struct memnic_conditions c = {.stop_ns = MEMNIC_BEGIN_NS +
							       at_ms * NFP_NSEC_PER_MSEC};

		open_with(bed, &other, p, &c, at_ms % 500 ? NFP_STYLE_MACVTAP : NFP_STYLE_BRIDGE);
		assert_int_equal(bed_climb(bed), -EINTR);
		untested += bed->result.beside.told.verdict == NFP_TRAIT_UNTESTED;
		assert_int_not_equal(bed->result.verdict, NFP_VERDICT_SAFE);
	}
	assert_true(untested > 3);
}

TEST_MAIN()
