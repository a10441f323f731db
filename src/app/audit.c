// SPDX-License-Identifier: GPL-2.0-or-later
/* audit.c - --audit: what is wrong with the addresses on this host's NICs. */
#include <linux/capability.h>

#include "audit/audit.h"
#include "print.h"
#include "run_priv.h"
#include "rights.h"
#include "watch.h"

#define LOOK_NS (10 * NFP_NSEC_PER_SEC) /* what takes longer is reported as not seen */

/* Refuses a host without a PF, or without one that has a netdev in this network namespace. */
static int refuse(const struct nfp_topology *topology, struct nfp_err *err)
{
	if (topology->num_pfs)
		return nfp_err_set(err, -ENODEV, NFP_E_NO_INTERFACE, "no SR-IOV PF is here: %s: %s",
				   topology->pfs[0].info.parentdev, topology->pfs[0].where);
	nfp_err_set(err, -ENODEV, NFP_E_NO_INTERFACE, "this host has no SR-IOV PF");
	nfp_err_hint(err, "DIAGNOSTICS in nfprobe(8) has the usual causes.");
	return -ENODEV;
}

/*
 * Lists the PFs that @devices names by their own names or those of their VFs; none for all.
 * Each must exist. 0 or -errno.
 */
static int asked_pfs(const struct nfp_strv *devices, struct nfp_strv *ret_names,
		     struct nfp_err *err)
{
	const struct nfp_sysroot *root = nfp_sysroot_default();
	int ret = 0;

	for (size_t i = 0; i < devices->n && ret == 0; i++) {
		const char *name = devices->v[i];
		struct nfp_topology topology = {.num_pfs = 0};
		ssize_t pf;

		ret = nfp_topology_list(root, name, NFP_READ_PFS, 0, &topology, &pf, err);
		if (ret == 0 && !topology.pfs[pf].info.ifindex)
			ret = nfp_refuse_away(root, name, err)
				      ?: nfp_err_set(
						 err, -ENODEV, NFP_E_NO_INTERFACE,
						 "%s moved between network namespaces meanwhile",
						 name);
		if (ret == 0)
			nfp_strv_addf(ret_names, "%s", topology.pfs[pf].info.ifname);
		nfp_topology_fini(&topology);
	}
	return ret;
}

/*
 * Finds what is wrong with the addresses on the PFs of @devices, or on all. Sends and
 * changes nothing. Always fills *ret_audit (end it with nfp_audit_fini), with the exit status. 0 or
 * -errno.
 */
static int run_audit(const struct nfp_request *request, const struct nfp_strv *devices,
		     struct nfp_audit *ret_audit, struct nfp_err *err)
{
	const struct nfp_facts_rights may = {
		.net_admin = nfp_has_capability(CAP_NET_ADMIN),
		.sys_admin = nfp_has_capability(CAP_SYS_ADMIN),
		.sys_ptrace = nfp_has_capability(CAP_SYS_PTRACE),
	};
	struct nfp_strv names = {.n = 0};
	struct nfp_err traces = {.code = NFP_E_NONE};
	struct nfp_facts facts;
	int ret = asked_pfs(devices, &names, err);

	*ret_audit = (struct nfp_audit) {.num_pfs = 0};
	/* --accept with a word that is no finding ends it before anything is read. */
	ret = ret
		      ?: nfp_audit_accept(ret_audit, &request->accept, err)
		      ?: nfp_facts_read(nfp_sysroot_default(), &may, nfp_clock_now() + LOOK_NS,
					&facts, err);
	if (ret == 0) {
		if (nfp_runs_mark(NFP_RUNDIR, &facts.topology, &traces) < 0)
			nfp_facts_unread(&facts, "", "root", "what runs of nfprobe have left: %s",
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

int nfp_audit_main(struct nfp_program *p)
{
	struct nfp_audit audit;
	struct nfp_err err = {0};
	int ret = run_audit(&p->request, &p->request.devices, &audit, &err), written = 0;

	if (nfp_print_wants_text(p, ret, &err))
		written = nfp_report_audit_text(&audit, &p->out.opts, p->out.file);
	ret = nfp_print_found(p, nfp_report_audit_json(&audit, &err), written, audit.exit_status);
	nfp_audit_fini(&audit);
	return ret;
}

/* Keeps the guests that the user has named, or all. */
static int find_guests(const struct nfp_request *request, struct nfp_audit *audit,
		       struct nfp_err *err)
{
	const struct nfp_strv none = {.n = 0};
	const char *name = request->devices.n ? request->devices.v[0] : NULL;
	bool stops = false;
	int ret = run_audit(request, &none, audit, err);

	if (ret < 0)
		return ret;
	nfp_audit_keep_guests(audit, name);
	nfp_for_each (guest, audit->guests, audit->num_guests)
		stops |= nfp_guest_is_cut_off(guest);
	audit->exit_status = nfp_exit_of(stops, audit->num_unread > 0);
	if (audit->num_guests || !name)
		return 0;
	audit->exit_status = NFP_EXIT_CANNOT;
	nfp_err_set(err, -ENOENT, NFP_E_NO_INTERFACE, "no guest %s that has a VF was seen", name);
	nfp_err_hint(err, "Name a guest, the number of its process, or its tap or macvtap; nfprobe "
			  "--way shows each that is seen.");
	return -ENOENT;
}

int nfp_ways_main(struct nfp_program *p)
{
	struct nfp_audit audit;
	struct nfp_err err = {0};
	int ret = find_guests(&p->request, &audit, &err), written = 0;

	if (nfp_print_wants_text(p, ret, &err))
		written = nfp_report_way_text(&audit, &p->out.opts, p->out.file);
	ret = nfp_print_found(p, nfp_report_way_json(&audit, &err), written, audit.exit_status);
	nfp_audit_fini(&audit);
	return ret;
}
