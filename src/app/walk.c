// SPDX-License-Identifier: GPL-2.0-or-later
/* walk.c - the styles of a run, one after the other: which of them get a ladder. */
#include "run_priv.h"

bool nfp_may_test(const struct nfp_run *run, enum nfp_style style)
{
	const struct nfp_request *request = run->request;

	return request->styles[style] ||
	       (request->remedy && nfp_style_may_mend(request->styles, style));
}

/* Can a remedy be over before --timeout, with time for all that is asked for? */
static bool has_time(const struct nfp_run *run, enum nfp_style style)
{
	size_t ladders = 1;

	for (enum nfp_style s = style; s < NFP_STYLE_COUNT; s++)
		ladders += run->request->styles[s];
	return !run->deadline_ns ||
	       nfp_clock_now() + ladders * nfp_ladder_estimate(run->settle_ns, NFP_STEP_CONTROL,
							       false) <=
		       run->deadline_ns;
}

bool nfp_style_is_due(const struct nfp_run *run, enum nfp_style style)
{
	if (!nfp_may_test(run, style))
		return false;
	return run->request->styles[style] ||
	       (nfp_remedy_is_due(&run->result->vf, style) && has_time(run, style));
}

uint64_t nfp_run_estimate(const struct nfp_run *run, bool remedies)
{
	uint64_t each_ns = nfp_ladder_estimate(run->settle_ns, NFP_STEP_CONTROL, false);
	uint64_t total_ns = 0;

	if (!run->result->have_vf || run->result->vf.status != NFP_VF_PROBED)
		return 0;
	for (enum nfp_style s = 0; s < NFP_STYLE_COUNT; s++) {
		if (run->request->styles[s] || (remedies && nfp_may_test(run, s)))
			total_ns += each_ns;
	}
	if (nfp_near_possible(run))
		total_ns += nfp_ladder_estimate(run->settle_ns, NFP_STEP_CONTROL, true) - each_ns;
	return total_ns;
}
