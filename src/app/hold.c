// SPDX-License-Identifier: GPL-2.0-or-later
/* hold.c - the locks that a run has beside that of its PF (journal.h says what each means). */
#include <stdlib.h>

#include "run_priv.h"

void nfp_hold_end(struct nfp_run *run)
{
	while (run->num_held > 0)
		nfp_lock_release(run->held[--run->num_held]);
	free(run->held);
	run->held = NULL;
}

static void keep(struct nfp_run *run, struct nfp_lock *lock)
{
	run->held = nfp_reallocarray(run->held, run->num_held + 1, sizeof(*run->held));
	run->held[run->num_held++] = lock;
}

int nfp_hold_tested(struct nfp_run *run, struct nfp_err *err)
{
	struct nfp_vf_result *vf = &run->result->vf;
	char mac[NFP_MAC_STRLEN];
	struct nfp_lock *lock;
	int ret;

	if (vf->status == NFP_VF_PROBED) {
		ret = nfp_lock_acquire(NFP_RUNDIR, vf->parentdev, &lock, &vf->error);
		if (ret == 0)
			keep(run, lock);
		else
			vf->status = NFP_VF_IN_USE;
	}
	if (!run->request->have_mac)
		return 0;
	ret = nfp_lock_acquire(NFP_RUNDIR, nfp_mac_str(&run->request->mac, mac), &lock, err);
	if (ret == 0)
		keep(run, lock);
	return ret;
}

int nfp_hold_source(struct nfp_run *run, const struct nfp_link *link, struct nfp_err *err)
{
	const struct nfp_topology *topology = &run->topology;

	for (size_t i = 0; i < topology->num_links; i++) {
		const struct nfp_link *lower = &topology->links[i];
		struct nfp_lock *lock;
		struct nfp_err why = {0};
		int ret;

		if (!lower->physfn[0] || !nfp_sends_through(topology, link, lower))
			continue;
		ret = nfp_lock_share(NFP_RUNDIR, lower->parentdev, &lock, &why);
		if (ret < 0) {
			nfp_err_set(err, ret, why.code, "%s cannot be the source: %s", link->ifname,
				    why.message);
			nfp_err_hint(err, "%s", why.hint);
			return ret;
		}
		keep(run, lock);
	}
	return 0;
}
