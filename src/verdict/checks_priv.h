/* SPDX-License-Identifier: GPL-2.0-or-later */
/* checks_priv.h - the checks of a style, which checks.c runs. */
#ifndef NFPROBE_CHECKS_PRIV_H
#define NFPROBE_CHECKS_PRIV_H

#include "verdict/verdict.h"

/*
 * Returns whether the check fails, by facts alone, never by the style's verdict. A check that fails
 * sets in @ret the verdict and the reason, the clause that follows "slow is allowed, but"; and
 * other members that are not 0 (step: NFP_STEP_COUNT).
 */
typedef bool check_fn(const struct nfp_style_result *style, const struct nfp_criteria *criteria,
		      struct nfp_failed_check *ret);

check_fn check_requirements, check_vlan, check_limit, check_ipv6, check_group, check_bridge,
	check_possible, check_lag;

/* bridge.c: is the failed check worse than the verdict that the style has so far? */
bool bridge_check_is_worse(const struct nfp_style_result *style,
			   const struct nfp_failed_check *failed);

#endif
