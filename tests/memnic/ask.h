/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ask.h - judges a style by itself, on eth0, with only the criteria that are given. */
#ifndef NFPROBE_TESTS_MEMNIC_ASK_H
#define NFPROBE_TESTS_MEMNIC_ASK_H

#include <string.h>

#include "verdict/verdict.h"
#include "../../src/verdict/judge.h"

static inline void ask_for(struct nfp_style_result *style, const struct nfp_settings *settings,
			   enum nfp_check first, enum nfp_check last)
{
	const struct nfp_criteria criteria = {.settings = settings, .ifname = "eth0", .vf = 3};

	nfp_run_checks(style, &criteria, first, last);
}

static const struct nfp_settings no_settings __attribute__((unused));

/* @allow NULL allows nothing. */
static inline void ask(struct nfp_style_result *style, const bool allow[NFP_VERDICT_COUNT],
		       enum nfp_check first, enum nfp_check last)
{
	struct nfp_settings settings = {.gap_limit_ms = 0};

	if (allow)
		memcpy(settings.allow, allow, sizeof(settings.allow));
	ask_for(style, &settings, first, last);
}

static inline void ask_all(struct nfp_style_result *style, const bool allow[NFP_VERDICT_COUNT])
{
	nfp_judge_uplink(style, NULL);
	ask(style, allow, NFP_CHECK_STEPS, NFP_CHECK_BRIDGE);
}

/* Judges the bridge, after those that were judged before. */
static inline void ask_behind(struct nfp_style_result *style, const bool allow[NFP_VERDICT_COUNT])
{
	nfp_judge_uplink(style, NULL);
	ask(style, allow, NFP_CHECK_BRIDGE, NFP_CHECK_BRIDGE);
}

#endif
