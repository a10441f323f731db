// SPDX-License-Identifier: GPL-2.0-or-later
/* restore.c - --restore: undoes what an interrupted run has left. */
#include "print.h"
#include "rights.h"

int nfp_restore_main(struct nfp_program *p)
{
	const struct nfp_events events = {nfp_print_event, p};
	struct nfp_restore_report report = {0};
	struct nfp_err err = {0};
	int ret = nfp_need_capabilities(&err)
			  ?: nfp_need_host_folder(nfp_sysroot_default(), NFP_RUNDIR, NFP_E_JOURNAL,
						  &err);
	int status = NFP_EXIT_CANNOT, written = 0;

	if (ret == 0) {
		ret = nfp_restore(NFP_RUNDIR, p->request.pf[0] ? p->request.pf : NULL, &events,
				  &report, &err);
		nfp_print_take_time(p);
		status = ret < 0 ? NFP_EXIT_NOT_RESTORED : 0;
		written = nfp_report_restore(&report, &p->out.opts, p->out.file);
	}
	if (ret < 0)
		nfp_print_error(p, &err);
	nfp_restore_report_fini(&report);
	return nfp_print_finish(p, written, status);
}
