// SPDX-License-Identifier: GPL-2.0-or-later
/* restore.c - --restore: undoes what an interrupted run has left. */
#include "print.h"
#include "rights.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>

/* The status is 0: a unit restores NICs that have vanished. A name that is mistyped is noticed. */
static void warn_of_name(struct nfp_program *p)
{
	struct if_nameindex *all = if_nameindex();
	const char *names[256], *meant;
	char *words;
	size_t num = 0;

	for (size_t i = 0; all && all[i].if_index && num < NFP_NUM(names); i++)
		names[num++] = all[i].if_name;
	meant = nfp_nearest(p->request.pf, names, num);
	words = nfp_asprintf("there is no netdev %s, and no journal names it%s%s%s; nfprobe "
			     "--restore alone undoes what any run left",
			     p->request.pf, meant ? " (did you mean " : "", meant ?: "",
			     meant ? "?)" : "");
	(void)nfp_report_warning(words, &p->out.opts, stderr);
	free(words);
	if_freenameindex(all);
}

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
		if (report.no_interface)
			warn_of_name(p);
		written = nfp_report_restore(&report, &p->out.opts, p->out.file);
	}
	if (ret < 0)
		nfp_print_error(p, &err);
	nfp_restore_report_fini(&report);
	return nfp_print_finish(p, written, status);
}
