// SPDX-License-Identifier: GPL-2.0-or-later
/* next.c - what a list proposes to type next, and what other runs forbid. */
#include <errno.h>

#include "candidate.h"

static const struct nfp_vf_info *traced_vf(const struct nfp_pf *pf, enum nfp_trace trace)
{
	nfp_for_each (vf, pf->vfs, pf->num_vfs)
		if (vf->trace == trace)
			return vf;
	return NULL;
}

/* Another run that has the PF, or has left a VF of it, must end or be undone first. */
int nfp_refuse_runs(const struct nfp_pf *pf, struct nfp_err *err)
{
	nfp_for_each (vf, pf->vfs, pf->num_vfs) {
		if (vf->trace == NFP_TRACE_PROBED) {
			nfp_err_set(err, -EBUSY, NFP_E_LOCKED, "VF %u of %s: %s", vf->vf,
				    pf->info.ifname, vf->user);
			nfp_err_hint(err, "Wait until that run has finished.");
			return -EBUSY;
		}
		if (vf->trace == NFP_TRACE_LEFT) {
			nfp_err_set(err, -EBUSY, NFP_E_JOURNAL,
				    "VF %u of %s: left by an interrupted run, whose changes a run "
				    "would undo first",
				    vf->vf, pf->info.ifname);
			nfp_err_try(err, "nfprobe --restore %s", pf->info.ifname);
			return -EBUSY;
		}
	}
	return 0;
}

static const struct nfp_vf_info *vf_of_use(const struct nfp_pf *pf, enum nfp_use use)
{
	nfp_for_each (vf, pf->vfs, pf->num_vfs)
		if (vf->use == use)
			return vf;
	return NULL;
}

/* Returns the first PF that is refused for @why alone (NFP_E_NONE: for nothing), that no run has,
 * and that has an idle VF. A PF by which a run sends shows more, and is preferred. An unprivileged
 * user sees neither each eswitch mode nor each user of a VF. */
static const struct nfp_pf *example_pf(const struct nfp_pf pfs[], size_t num, bool unprivileged,
				       enum nfp_errcode why, const struct nfp_vf_info **ret_vf)
{
	const struct nfp_pf *best = NULL;

	nfp_for_each (pf, pfs, num) {
		const struct nfp_pf_terms plain = {.inside = false};
		struct nfp_err err = {.code = NFP_E_NONE};

		if (!pf->info.ifname[0] || traced_vf(pf, NFP_TRACE_PROBED))
			continue;
		(void)nfp_pf_check(pf, &plain, &err);
		if (unprivileged && err.code == NFP_E_ESWITCH_UNKNOWN)
			err.code = NFP_E_NONE;
		if (err.code == why &&
		    (vf_of_use(pf, NFP_USE_IDLE) ||
		     (unprivileged && vf_of_use(pf, NFP_USE_UNKNOWN))) &&
		    (!best || (nfp_why_pf_silent(&best->info) && !nfp_why_pf_silent(&pf->info))))
			best = pf;
	}
	*ret_vf = best ? vf_of_use(best, NFP_USE_IDLE) : NULL;
	return best;
}

struct nfp_next nfp_next_command(const struct nfp_pf pfs[], size_t num, bool unprivileged)
{
	const struct nfp_vf_info *vf = NULL;
	const struct nfp_pf *pf = NULL;

	nfp_for_each (left, pfs, num)
		if (traced_vf(left, NFP_TRACE_LEFT))
			return (struct nfp_next) {.what = NFP_NEXT_RESTORE, .pf = left};
	pf = example_pf(pfs, num, unprivileged, NFP_E_NONE, &vf);
	if (pf)
		return (struct nfp_next) {
			.what = vf ? NFP_NEXT_PROBE : NFP_NEXT_PROBE_ANY, .pf = pf, .vf = vf};
	pf = example_pf(pfs, num, unprivileged, NFP_E_PF_DOWN, &vf);
	if (pf)
		return (struct nfp_next) {.what = NFP_NEXT_SET_UP, .pf = pf};
	nfp_for_each (empty, pfs, num)
		if (!empty->info.num_vfs && empty->info.ifname[0])
			return (struct nfp_next) {.what = NFP_NEXT_CREATE, .pf = empty};
	return (struct nfp_next) {.what = NFP_NEXT_NOTHING};
}
