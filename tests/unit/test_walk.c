// SPDX-License-Identifier: GPL-2.0-or-later
/* The styles of a run: which of them get a ladder, and in which order. */
#include "harness.h"

#include "../../src/app/run_priv.h"

struct walk {
	bool try_fixes, early; /* early: all styles but the first and @fixes turn out to be */
	bool named;	       /* by --style */
	enum nfp_style fixes;  /* 0: none */
	uint64_t deadline_ns;
	char styles[64]; /* that were due */
};

static void walk(struct walk *w)
{
	static const struct nfp_pf pf;
	struct nfp_result result = {.have_vf = true, .vf = {.status = NFP_VF_PROBED}};
	struct nfp_request request = {.settings.try_fixes = w->try_fixes,
				      .named = w->named,
				      .settings.styles = {true, true}};
	struct nfp_run run = {
		.request = &request, .result = &result, .pf = &pf, .deadline_ns = w->deadline_ns};

	w->styles[0] = '\0';
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		struct nfp_style_result *added;

		if (!nfp_style_is_due(&run, style))
			continue;
		nfp_appendf(w->styles, sizeof(w->styles), "%u", (unsigned int)style);
		added = nfp_vf_add_style(&result.vf);
		added->style = style;
		added->verdict = w->early && style && style != w->fixes ? NFP_VERDICT_EARLY
									: NFP_VERDICT_SAFE;
	}
	nfp_vf_fini(&result.vf);
}

/* No style is begun that --timeout would cut off. */
TEST(fixes_follow_a_style_that_is_not_safe)
{
	struct walk fixed = {
		.try_fixes = true, .early = true, .named = true, .fixes = NFP_STYLE_BRIDGE_FDB};
	struct walk all = {.try_fixes = true, .early = true, .named = true};
	struct walk none = {.early = true, .named = true};
	struct walk safe = {.try_fixes = true, .named = true};
	struct walk late = {.try_fixes = true, .early = true, .named = true};
	struct walk unnamed = {.try_fixes = true, .early = true};
	const struct nfp_runner_config config = {.source = &nfp_sources[NFP_SOURCE_NETDEV],
						 .rate = NFP_RATE_DEFAULT};
	struct nfp_timetable times;
	struct walk hasty = {.try_fixes = true, .early = true, .named = true};

	walk(&fixed);
	assert_string_equal(fixed.styles, "013");
	walk(&all);
	assert_true(strncmp(all.styles, "0135", 4) == 0);
	walk(&none);
	assert_string_equal(none.styles, "01");
	walk(&safe);
	assert_string_equal(safe.styles, "01");
	/* The first is safe, and nobody has asked for a bridge. */
	walk(&unnamed);
	assert_string_equal(unnamed.styles, "01");
	late.deadline_ns = 1;
	walk(&late);
	assert_string_equal(late.styles, "01");
	/* Time for a ladder and a half: one fix after the other is begun. */
	nfp_ladder_estimate(&config, &times);
	hasty.deadline_ns = nfp_clock_now() + times.all_ns * 3 / 2;
	walk(&hasty);
	assert_string_equal(hasty.styles, all.styles);
}

TEST_MAIN()
