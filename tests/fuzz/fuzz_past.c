// SPDX-License-Identifier: GPL-2.0-or-later
/* An earlier result read from any bytes: refused, or something that can be compared with itself. */
#include <string.h>

#include "nfprobe/store.h"
#include "nfprobe/verdict.h"
#include "fuzz/render.h"

static void check_style(const struct nfp_style_result *style)
{
	require(style->style < NFP_STYLE_COUNT && style->verdict < NFP_VERDICT_COUNT);
	require(style->num_steps <= NFP_STEP_COUNT && style->num_transitions <= NFP_STEP_COUNT);
	for (size_t i = 0; i < style->num_steps; i++)
		require(style->steps[i].step < NFP_STEP_COUNT &&
			style->steps[i].landing[NFP_KIND_BROADCAST] < NFP_LANDING_COUNT);
	for (size_t i = 0; i < style->num_transitions; i++) {
		const struct nfp_transition *t = &style->transitions[i];
		const struct nfp_span *gap = &t->count[NFP_KIND_UNICAST].gap;

		require(t->from < t->to && t->to < NFP_STEP_COUNT);
		require(gap->us >= 0 && gap->error_us >= 0);
	}
}

/* Nothing differs from itself; and what counts makes it worse. */
static void check_comparison(const struct nfp_result *then, const struct nfp_result *now, bool same)
{
	struct nfp_comparison c = {0};
	bool counts = false;

	nfp_compare(then, now, same, &c);
	for (size_t i = 0; i < c.n; i++) {
		counts = counts || c.v[i].counts;
		require(c.v[i].before[0] || c.v[i].now[0]);
	}
	require(c.worse == counts);
	require(!c.worse || c.exit_status == 1);
	require(c.exit_status == 0 || c.exit_status == 1 || c.exit_status == 3);
	require(then != now || (c.n == 0 && c.exit_status != 1));
	free(c.v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct nfp_style_result safe = {.verdict = NFP_VERDICT_SAFE};
	static struct nfp_vf_result other = {.vf = 3, .styles = &safe, .num_styles = 1};
	struct nfp_result past, empty = {.vfs = &other, .num_vfs = 1};
	struct nfp_err err = {0};

	if (nfp_baseline_parse((const char *)data, size, &past, &err) < 0) {
		require(err.code == NFP_E_BASELINE && err.message[0]);
		render_error(&err);
		return 0;
	}
	require(past.num_vfs > 0 && past.num_vfs <= 4096);
	for (size_t i = 0; i < past.num_vfs; i++) {
		require(past.vfs[i].num_styles <= NFP_STYLE_COUNT);
		for (size_t j = 0; j < past.vfs[i].num_styles; j++)
			check_style(&past.vfs[i].styles[j]);
	}
	check_comparison(&past, &past, false);
	check_comparison(&past, &past, true);
	check_comparison(&empty, &past, false);
	check_comparison(&past, &empty, true);
	render_all(&past);
	nfp_result_fini(&past);
	return 0;
}
