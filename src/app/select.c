// SPDX-License-Identifier: GPL-2.0-or-later
/* select.c - which VFs are probed, and why one is not. */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfprobe/app.h"
#include "run_priv.h"

int nfp_check_pf(const struct nfp_pf *pf, struct nfp_err *err)
{
	int ret = nfp_pf_check(pf, err);

	/* Without that capability the kernel itself does not tell the eswitch mode. */
	return ret == -EPERM && !nfp_has_capability(CAP_NET_ADMIN) ? 0 : ret;
}

static void describe(struct nfp_vf_result *result, const struct nfp_vf_info *vf)
{
	result->status = NFP_VF_PROBED;
	snprintf(result->parentdev, sizeof(result->parentdev), "%s", vf->parentdev);
	snprintf(result->driver, sizeof(result->driver), "%s", vf->driver);
	result->address = vf->attr.mac;
	result->trust = vf->attr.trust;
	result->spoofchk = vf->attr.spoofchk;
	result->vlan = vf->attr.vlan;
}

/* One VF into the result; what keeps it from being probed goes with it. */
static void add(struct nfp_run *run, unsigned int number)
{
	const struct nfp_request *request = run->request;
	const struct nfp_pf_info *pf = &run->pf->info;
	const struct nfp_vf_info *vf = nfp_pf_vf(run->pf, number);
	struct nfp_vf_result *out = &run->result->vfs[run->result->num_vfs++];

	out->vf = number;
	out->trust = out->spoofchk = -1;
	out->verdict = NFP_VERDICT_INCONCLUSIVE;
	if (!vf) {
		out->status = NFP_VF_FAILED;
		nfp_err_set(&out->error, -ENODEV, NFP_E_NO_SUCH_VF,
			    "%s has no VF %u: it has %u, VF 0 to VF %u", pf->ifname, number,
			    pf->num_vfs, pf->num_vfs - 1);
		nfp_err_hint(&out->error, "nfprobe --list %s shows them; at most %u can be made",
			     pf->ifname, pf->total_vfs);
		return;
	}
	describe(out, vf);
	if (nfp_vf_refuse(run->pf->info.ifname, vf, request->force, &out->error) < 0) {
		out->status = NFP_VF_IN_USE;
	} else if (request->all_vfs && request->from == NFP_FROM_VF && request->from_vf == number) {
		out->status = NFP_VF_IN_USE;
		nfp_err_set(&out->error, -EBUSY, NFP_E_VF_IN_USE,
			    "VF %u of %s is the source of this run's frames", number, pf->ifname);
		nfp_err_hint(&out->error, "probe it in a run of its own, with another source");
	}
}

int nfp_select_vfs(struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_request *request = run->request;
	size_t num = request->all_vfs ? run->pf->num_vfs : request->num_vfs;

	(void)err;
	run->result->vfs = nfp_calloc(num, sizeof(*run->result->vfs));
	for (size_t i = 0; i < num; i++)
		add(run, request->all_vfs ? run->pf->vfs[i].vf : request->vfs[i]);
	return 0;
}
