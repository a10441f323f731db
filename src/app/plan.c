// SPDX-License-Identifier: GPL-2.0-or-later
/* plan.c - the mode of --dry-run: prints what a run would do. */
#include "print.h"
#include "run.h"

int nfp_plan_main(struct nfp_program *p)
{
	struct nfp_outline outline = {0};
	struct nfp_err err = {0};
	int ret = nfp_run_plan(&p->request, &outline, &err);
	int written = 0;

	if (ret < 0)
		nfp_print_error(p, &err);
	else
		written = nfp_report_outline(&outline, &p->out.opts, p->out.file);
	nfp_outline_fini(&outline);
	return nfp_print_finish(p, written, ret ? NFP_EXIT_CANNOT : 0);
}
