// SPDX-License-Identifier: GPL-2.0-or-later
/* limit.c - the limit on how long a change may make a guest deaf. */
#include <stdio.h>

#include "checks_priv.h"

bool nfp_gap_hurts(enum nfp_step to)
{
	return to != NFP_STEP_STANDBY && to != NFP_STEP_VF_FIRST;
}

const char *nfp_duration_text(int64_t us, char *buf, size_t size)
{
	double ms = (double)us / 1000;

	if (ms < 9.95)
		snprintf(buf, size, "%.1f ms", ms);
	else if (ms < 999.5)
		snprintf(buf, size, "%.0f ms", ms);
	else
		snprintf(buf, size, "%.2f s", ms / 1000);
	return buf;
}

bool nfp_gap_is_over(const struct nfp_transition *transition, uint64_t limit_us)
{
	const struct nfp_span *gap = &transition->unicast.gap;

	return gap->known && nfp_gap_hurts(transition->to) &&
	       gap->us - gap->error_us > (int64_t)limit_us;
}

/* Does an allowed verdict leave the guest deaf in that step? Such a loss has no end, so that no
 * limit applies. */
static bool is_deaf_in(const struct nfp_style_result *style, enum nfp_step step)
{
	const struct nfp_step_result *result = nfp_style_step(style, step);
	const struct nfp_observation obs = nfp_observe(result);

	if (!result || style->judged.verdict == NFP_VERDICT_SAFE)
		return false;
	return step == NFP_STEP_ASSIGN
		       ? nfp_receives(&obs, NFP_AT_PF) == NFP_NO
		       : result->w.answer == NFP_NO && !nfp_unfit_by_multicast(result);
}

static bool may_have_gap(const struct nfp_style_result *style, const struct nfp_transition *t)
{
	return nfp_gap_hurts(t->to) && !is_deaf_in(style, t->from) && !is_deaf_in(style, t->to);
}

/* NULL: there is none. */
static const struct nfp_transition *longest_gap_over(const struct nfp_style_result *style,
						     uint64_t limit_us)
{
	const struct nfp_transition *longest = NULL;

	nfp_for_each (t, style->transitions, style->num_transitions) {
		if (may_have_gap(style, t) && nfp_gap_is_over(t, limit_us) &&
		    (!longest || t->unicast.gap.us > longest->unicast.gap.us))
			longest = t;
	}
	return longest;
}

const struct nfp_transition *nfp_gap_unmeasured(const struct nfp_style_result *style,
						uint64_t limit_us)
{
	nfp_for_each (t, style->transitions, style->num_transitions) {
		const struct nfp_span *gap = &t->unicast.gap;

		if (!may_have_gap(style, t) || nfp_ladder[t->to].listens == NFP_LISTENS_NOWHERE)
			continue;
		if (!gap->known || (gap->us - gap->error_us <= (int64_t)limit_us &&
				    gap->us + gap->error_us > (int64_t)limit_us))
			return t;
	}
	return NULL;
}

/* Some drivers take their time: ice_reset_vf and i40e_reset_vf make a VF anew, and fm10k_lport_map
 * keeps a port down for 2 s. The style is slow if a gap certainly exceeds the limit, by its lower
 * bound, and unknown if a gap could not be measured well enough. */
bool check_limit(const struct nfp_style_result *style, const struct nfp_criteria *criteria,
		 struct nfp_failed_check *ret)
{
	const uint64_t limit_us = UINT64_C(1000) * criteria->settings->gap_limit_ms;
	const struct nfp_transition *longest = NULL, *unmeasured = NULL;
	char time[32], error[32], limit[32];

	if (limit_us) {
		longest = longest_gap_over(style, limit_us);
		unmeasured = nfp_gap_unmeasured(style, limit_us);
	}
	if (!longest && !unmeasured)
		return false;
	ret->verdict = longest ? NFP_VERDICT_SLOW : NFP_VERDICT_UNKNOWN;
	ret->step = longest ? longest->to : unmeasured->to;
	nfp_duration_text((int64_t)limit_us, limit, sizeof(limit));
	if (longest) {
		const struct nfp_span *most = &longest->unicast.gap;

		snprintf(ret->reason, sizeof(ret->reason),
			 "the guest is deaf for %s (+-%s) %s, and --gap-limit is "
			 "%s",
			 nfp_duration_text(most->us, time, sizeof(time)),
			 nfp_duration_text(most->error_us, error, sizeof(error)),
			 nfp_step_place(longest->to), limit);
	} else {
		snprintf(ret->reason, sizeof(ret->reason),
			 "whether the guest is deaf for longer than %s (--gap-limit) %s "
			 "could not be measured",
			 limit, nfp_step_place(unmeasured->to));
	}
	return true;
}
