// SPDX-License-Identifier: GPL-2.0-or-later
/* The checks of a style that fail, in their order, and the verdict that is made of them. */
#include <string.h>

#include "harness.h"
#include "memnic/ask.h"
#include "unit/sample_result.h"
#include "../../src/verdict/judge.h"

/* A style whose steps say @steps, and a letter for each fact: V, v: the VLAN is lost in standby,
 * and not shown; L, l: a gap is too long, and was not measured; I: IPv6 is lost; G: another style
 * shows that; S, D: its bridge learns from the VF, from itself; U: that is not known;
 * P, p: its VF is deaf in `up`, or that is not known; W, w: its frames came from another VF, which
 * --allow no-wire accepts.
 */
static struct nfp_style_result style_of(enum nfp_verdict steps, const char *facts)
{
	struct nfp_style_result style = {.style = strpbrk(facts, "SDU") ? NFP_STYLE_BRIDGE
									: NFP_STYLE_STATIC_BRIDGE,
					 .judged = {.verdict = steps, .step = NFP_STEP_COUNT},
					 .num_steps = 1,
					 .guest_vlan.from = NFP_STEP_COUNT,
					 .multicast = NFP_STATE_OK,
					 .reflections = {{.shown = 3}, {.shown = 3}}};

	style.steps[0] = (struct nfp_step_result) {.step = NFP_STEP_STANDBY, .w.answer = NFP_YES};
	if (strpbrk(facts, "Pp"))
		style.steps[style.num_steps++] = (struct nfp_step_result) {
			.step = NFP_STEP_UP, .w.answer = strchr(facts, 'P') ? NFP_NO : NFP_UNKNOWN};
	if (strpbrk(facts, "Vv")) {
		style.guest_vlan.vid = 100;
		style.guest_vlan.verdict = strchr(facts, 'V') ? NFP_STATE_LOST : NFP_STATE_UNPROVEN;
		style.guest_vlan.from = NFP_STEP_STANDBY;
	}
	if (strpbrk(facts, "Ll")) {
		style.num_transitions = 1;
		style.transitions[0] = (struct nfp_transition) {
			.from = NFP_STEP_ATTACH,
			.to = NFP_STEP_UP,
			.unicast.gap = {.known = strchr(facts, 'L') != NULL, .us = 900000}};
	}
	if (strpbrk(facts, "IG"))
		style.multicast = NFP_STATE_LOST;
	if (strpbrk(facts, "Ww"))
		style.from = (struct nfp_ladder_source) {
			.known = true, .source = NFP_ENTERS_VF, .by = NFP_SOURCE_VF};
	style.no_wire = strchr(facts, 'w') != NULL;
	style.lacks_group = strchr(facts, 'G') != NULL;
	if (strchr(facts, 'S'))
		style.reflections[NFP_AT_VF].back = 3;
	if (strchr(facts, 'D'))
		style.reflections[NFP_AT_PF].back = 3;
	if (strchr(facts, 'U'))
		style.reflections[NFP_AT_PF].shown = 0;
	nfp_judge_uplink(&style, NULL);
	return style;
}

/* "steps:early bridge:slow+": what is accepted has a plus. */
static const char *list_of(const struct nfp_style_result *style, char buf[256])
{
	buf[0] = '\0';
	for (size_t i = 0; i < style->num_failed_checks; i++) {
		const struct nfp_failed_check *o = &style->failed_checks[i];

		nfp_appendf(buf, 256, "%s%s:%s%s", i ? " " : "",
			    nfp_name(&nfp_check_names, o->check), nfp_verdict_name(o->verdict),
			    o->allowed ? "+" : "");
	}
	return buf;
}

/* Whose the verdict is. */
static const char *maker_of(const struct nfp_style_result *style)
{
	return nfp_name(&nfp_check_names, style->by_bridge ? NFP_CHECK_BRIDGE : style->by);
}

#define E	 NFP_VERDICT_EARLY
#define F	 NFP_VERDICT_REFUSED
#define D	 NFP_VERDICT_DEAF
#define T	 NFP_VERDICT_STICKY
#define S	 NFP_VERDICT_SLOW
#define U	 NFP_VERDICT_UNKNOWN
#define O	 NFP_VERDICT_SAFE
#define ALLOW(v) (1U << (v))

static const struct {
	enum nfp_verdict steps;
	const char *facts;
	uint32_t allow;
	enum nfp_verdict verdict;
	bool allowed;
	const char *by, *list;
} rows[] = {
	{O, "", 0, O, false, "steps", ""},
	/* What is allowed accepts its own failed check. */
	{E, "", ALLOW(E), E, true, "steps", "steps:early+"},
	{E, "S", ALLOW(E), S, false, "bridge", "steps:early+ bridge:slow"},
	{E, "S", ALLOW(E) | ALLOW(S), E, true, "steps", "steps:early+ bridge:slow+"},
	/* And no step in which the requirements of who accepts it do not help. */
	{E, "P", 0, E, false, "steps", "steps:early"},
	{E, "P", ALLOW(E), D, false, "requirements", "steps:early+ requirements:deaf"},
	{E, "P", ALLOW(E) | ALLOW(D), E, true, "steps", "steps:early+"},
	{E, "p", ALLOW(E), U, false, "requirements", "steps:early+ requirements:unknown"},
	{E, "p", ALLOW(E) | ALLOW(D), E, true, "steps", "steps:early+"},
	/* A VLAN, and a gap, of what is fit otherwise. */
	{O, "V", 0, D, false, "vlan", "vlan:deaf"},
	{T, "V", 0, T, false, "steps", "steps:sticky vlan:deaf"},
	{T, "V", ALLOW(T), D, false, "vlan", "steps:sticky+ vlan:deaf"},
	{O, "vL", 0, U, false, "vlan", "vlan:unknown limit:slow"},
	{O, "L", ALLOW(S), S, true, "limit", "limit:slow+"},
	{E, "l", ALLOW(E), U, false, "limit", "steps:early+ limit:unknown"},
	/* What is required is never allowed, and asked of what is fit or accepted. */
	{O, "I", ALLOW(D), D, false, "ipv6", "ipv6:deaf"},
	{E, "I", 0, E, false, "steps", "steps:early ipv6:deaf"},
	{E, "I", ALLOW(E), D, false, "ipv6", "steps:early+ ipv6:deaf"},
	/* Once the styles were compared. */
	{U, "G", 0, U, false, "steps", "steps:unknown others:deaf"},
	{E, "G", 0, E, false, "steps", "steps:early others:deaf"},
	{O, "lG", 0, D, false, "others", "limit:unknown others:deaf"},
	{O, "LG", 0, D, false, "others", "limit:slow others:deaf"},
	{O, "LG", ALLOW(D), S, false, "limit", "limit:slow others:deaf+"},
	{O, "GI", 0, D, false, "others", "others:deaf ipv6:deaf"},
	{O, "GI", ALLOW(D), D, false, "ipv6", "others:deaf+ ipv6:deaf"},
	/* A bridge: only what is worse, and more than what is not known. */
	{O, "D", ALLOW(D), D, true, "bridge", "bridge:deaf+"},
	{S, "S", 0, S, false, "steps", "steps:slow bridge:slow"},
	{U, "S", 0, U, false, "steps", "steps:unknown bridge:slow"},
	{U, "D", 0, D, false, "bridge", "steps:unknown bridge:deaf"},
	{O, "U", ALLOW(S) | ALLOW(D), U, false, "bridge", "bridge:unknown"},
	{E, "U", ALLOW(E), U, false, "bridge", "steps:early+ bridge:unknown"},
	/* Without the wire nothing is safe, and what fails does. */
	{O, "W", ALLOW(O), U, false, "wire", "wire:unknown"},
	{O, "w", 0, O, false, "steps", ""},
	{E, "W", 0, E, false, "steps", "steps:early"},
	{E, "W", ALLOW(E), E, true, "steps", "steps:early+"},
	{O, "WD", 0, U, false, "bridge", "bridge:unknown"},
	{O, "WL", 0, S, false, "limit", "limit:slow"},
};

static struct nfp_settings settings_of(size_t row)
{
	struct nfp_settings settings = {.gap_limit_ms = 100,
					.require_ipv6 = strchr(rows[row].facts, 'I')};

	for (enum nfp_verdict v = 0; v < NFP_VERDICT_COUNT; v++)
		settings.allow[v] = rows[row].allow >> v & 1;
	return settings;
}

TEST(the_order_of_the_checks)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct nfp_settings settings = settings_of(i);
		struct nfp_style_result style = style_of(rows[i].steps, rows[i].facts);
		char list[256];

		ask_for(&style, &settings, NFP_CHECK_STEPS, NFP_CHECK_WIRE);
		if (style.verdict != rows[i].verdict || style.allowed != rows[i].allowed ||
		    strcmp(maker_of(&style), rows[i].by) != 0 ||
		    strcmp(list_of(&style, list), rows[i].list) != 0)
			fail_msg("row %zu (%s): %s by %s, of %s: %s", i, rows[i].facts,
				 nfp_verdict_name(style.verdict), maker_of(&style),
				 list_of(&style, list), style.reason);
	}
}

/* Whatever was said before, and from whichever check on. */
TEST(who_asks_twice_gets_the_same)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct nfp_settings settings = settings_of(i), none = {.gap_limit_ms = 0};
		struct nfp_style_result style = style_of(rows[i].steps, rows[i].facts), once;

		ask_for(&style, &settings, NFP_CHECK_STEPS, NFP_CHECK_WIRE);
		once = style;
		for (enum nfp_check first = NFP_CHECK_STEPS; first < NFP_CHECK_COUNT; first++) {
			ask_for(&style, &settings, first, NFP_CHECK_WIRE);
			assert_memory_equal(&style, &once, sizeof(style));
		}
		ask_for(&style, &none, NFP_CHECK_STEPS, NFP_CHECK_VLAN);
		ask_for(&style, &settings, NFP_CHECK_STEPS, NFP_CHECK_WIRE);
		assert_int_equal(style.verdict, once.verdict);
		assert_string_equal(style.reason, once.reason);
		assert_int_equal(style.num_failed_checks, once.num_failed_checks);
	}
}

/* A run, with its styles beside each other. */
TEST(a_run_that_is_judged_twice_is_the_same)
{
	struct nfp_result result;
	char *once, *twice;

	sample_igb(&result);
	sample_multicast(&result, NFP_STATE_LOST);
	result.settings.gap_limit_ms = 200;
	result.settings.require_ipv6 = true;
	result.settings.allow[NFP_VERDICT_EARLY] = true;
	nfp_judge_result(&result);
	once = sample_json(&result);
	nfp_judge_result(&result);
	twice = sample_json(&result);
	assert_string_equal(once, twice);
	free(once);
	free(twice);
	nfp_result_fini(&result);
}

/* A pin withdraws what the bridge has against the style, and nothing else. */
TEST(a_pin_withdraws_the_bridge)
{
	const struct nfp_settings settings = settings_of(0);
	const struct nfp_criteria criteria = {.settings = &settings, .ifname = "eth0"};
	static const struct {
		enum nfp_verdict steps;
		const char *facts, *list;
	} pins[] = {
		{O, "S", ""},
		{O, "D", ""},
		{S, "D", "steps:slow"},
		{E, "LS", "steps:early limit:slow"},
	};

	for (size_t i = 0; i < sizeof(pins) / sizeof(pins[0]); i++) {
		struct nfp_style_result plain = style_of(pins[i].steps, pins[i].facts), pinned;
		char list[256];

		ask_for(&plain, &settings, NFP_CHECK_STEPS, NFP_CHECK_WIRE);
		nfp_pin(&plain, NFP_STYLE_BRIDGE_PIN, &criteria, &pinned);
		assert_string_equal(list_of(&pinned, list), pins[i].list);
		assert_false(pinned.by_bridge);
		assert_int_equal(pinned.bridge_verdict, NFP_VERDICT_NOT_APPLICABLE);
	}
}

/* Known without a frame: nothing is said of the NIC, and nothing of it can be allowed. */
TEST(a_lag_is_the_answer_of_each_style)
{
	struct nfp_settings settings = settings_of(0);
	const struct nfp_criteria criteria = {
		.settings = &settings, .ifname = "eth0", .bond = "bond9", .lag = "802.3ad"};

	for (int v = 0; v < NFP_VERDICT_COUNT; v++)
		settings.allow[v] = true;
	settings.allow_no_wire = true;
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		struct nfp_style_result result = {.style = style};
		char list[256];

		nfp_judge_lag(&result, &criteria);
		assert_string_equal(list_of(&result, list), "lag:deaf");
		assert_int_equal(result.verdict, NFP_VERDICT_DEAF);
		assert_int_equal(result.filter_verdict, NFP_VERDICT_UNKNOWN);
		assert_int_equal(result.by, NFP_CHECK_LAG);
		assert_false(nfp_is_accepted(&result));
		assert_non_null(strstr(result.reason, "bond9 (802.3ad)"));
	}
}

TEST_MAIN()
