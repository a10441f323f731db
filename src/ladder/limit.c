// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/result.h"

#include <stdio.h>

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

const struct nfp_transition *nfp_gap_longest_over(const struct nfp_style_result *style,
						  uint64_t limit_us)
{
	const struct nfp_transition *longest = NULL;

	for (size_t i = 0; i < style->num_transitions; i++) {
		const struct nfp_transition *t = &style->transitions[i];

		if (nfp_gap_is_over(t, limit_us) &&
		    (!longest || t->unicast.gap.us > longest->unicast.gap.us))
			longest = t;
	}
	return longest;
}

bool nfp_gap_limit(struct nfp_style_result *style, uint64_t limit_us, enum nfp_step *ret_step)
{
	const struct nfp_transition *longest = nfp_gap_longest_over(style, limit_us);
	char time[32], error[32], limit[32];
	const struct nfp_span *most;
	bool unsure = false;

	if (style->verdict != NFP_VERDICT_SAFE)
		return false;
	for (size_t i = 0; i < style->num_transitions && !longest; i++) {
		const struct nfp_transition *t = &style->transitions[i];
		const struct nfp_span *gap = &t->unicast.gap;

		if (gap->known && nfp_gap_hurts(t->to) &&
		    gap->us + gap->error_us > (int64_t)limit_us) {
			unsure = true;
			*ret_step = t->to;
		}
	}
	if (!longest)
		return unsure;
	most = &longest->unicast.gap;
	style->verdict = NFP_VERDICT_SLOW;
	snprintf(style->reason, sizeof(style->reason),
		 "frames land where they must, but the guest is deaf for %s (+-%s) in the change "
		 "to %s, and --gap-limit is %s",
		 nfp_duration_text(most->us, time, sizeof(time)),
		 nfp_duration_text(most->error_us, error, sizeof(error)),
		 nfp_step_name(longest->to),
		 nfp_duration_text((int64_t)limit_us, limit, sizeof(limit)));
	return false;
}

void nfp_gap_unsure_text(unsigned int vf, enum nfp_style style, unsigned int limit_ms,
			 enum nfp_step step, char *buf, size_t size)
{
	snprintf(buf, size,
		 "VF %u, %s: whether the guest is deaf for longer than %u ms in the change to %s "
		 "could not be determined; try a higher --rate",
		 vf, nfp_style_name(style), limit_ms, nfp_step_name(step));
}
