// SPDX-License-Identifier: GPL-2.0-or-later
/* audit.c - --audit: what is wrong with the addresses on this host's NICs. */
#include <linux/capability.h>

#include "nfprobe/audit.h"
#include "run_priv.h"

#define LOOK_NS (10 * NFP_NSEC_PER_SEC) /* what takes longer is "not seen" */

/* There is no PF, or none with a netdev in this network namespace. */
static int refuse(const struct nfp_topology *topology, struct nfp_err *err)
{
	if (topology->num_pfs)
		return nfp_err_set(err, -ENODEV, NFP_E_NO_INTERFACE, "no SR-IOV PF is here: %s: %s",
				   topology->pfs[0].info.parentdev, topology->pfs[0].where);
	nfp_err_set(err, -ENODEV, NFP_E_NO_INTERFACE, "this host has no SR-IOV PF");
	nfp_err_hint(err, "DIAGNOSTICS in nfprobe(8) has the usual causes.");
	return -ENODEV;
}

int nfp_run_audit(const struct nfp_request *request, struct nfp_audit *ret_audit,
		  struct nfp_err *err)
{
	const struct nfp_facts_rights may = {
		.net_admin = nfp_has_capability(CAP_NET_ADMIN),
		.sys_admin = nfp_has_capability(CAP_SYS_ADMIN),
		.sys_ptrace = nfp_has_capability(CAP_SYS_PTRACE),
	};
	struct nfp_strv names = {.n = 0};
	struct nfp_err traces = {.code = NFP_E_NONE};
	struct nfp_facts facts;
	int ret = nfp_asked_pfs(request, &names, err);

	*ret_audit = (struct nfp_audit) {.num_pfs = 0};
	/* --accept with a word that is no finding ends it before anything is read. */
	ret = ret
		      ?: nfp_audit_accept(ret_audit, &request->accept, err)
		      ?: nfp_facts_read(nfp_sysroot_default(), &may, nfp_clock_now() + LOOK_NS,
					&facts, err);
	if (ret == 0) {
		if (nfp_traces_mark(NFP_RUNDIR, &facts.topology, &traces) < 0)
			nfp_facts_unseen(&facts, "", "root", "what runs of nfprobe have left: %s",
					 traces.message);
		nfp_audit_judge(&facts, &names, ret_audit);
		(void)nfp_audit_accept(ret_audit, &request->accept, NULL);
		if (ret_audit->num_pfs == 0)
			ret = refuse(&facts.topology, err);
		nfp_facts_fini(&facts);
	}
	nfp_strv_fini(&names);
	if (ret < 0)
		ret_audit->exit_status = err->code == NFP_E_USAGE ? NFP_EXIT_USAGE
								  : NFP_EXIT_CANNOT;
	return ret;
}
