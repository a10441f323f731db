/* SPDX-License-Identifier: GPL-2.0-or-later */
/* judges_priv.h - the judges of a style, which objections.c hears. */
#ifndef NFPROBE_JUDGES_PRIV_H
#define NFPROBE_JUDGES_PRIV_H

#include "verdict/verdict.h"

/*
 * A judge. False: it has nothing against the style. It goes by facts, never by the style's verdict,
 * and sets the objection's verdict and reason, the clause that follows "slow is allowed, but"; and
 * the other members where they are not 0 (step: NFP_STEP_COUNT).
 */
typedef bool judge_fn(const struct nfp_style_result *style, const struct nfp_demands *demands,
		      struct nfp_objection *ret);

judge_fn judge_duties, judge_vlan, judge_limit, judge_ipv6, judge_group, judge_bridge,
	judge_possible, judge_lag;

/* bridge.c: is an objection worse than the style's verdict, as it is by then? */
bool judge_is_worse(const struct nfp_style_result *style, const struct nfp_objection *objection);

#endif
