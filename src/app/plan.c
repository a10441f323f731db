// SPDX-License-Identifier: GPL-2.0-or-later
/* plan.c - the mode of --dry-run: prints what a run would do. */
#include <errno.h>

#include "print.h"
#include "run_priv.h"

/*
 * Fills *ret_outline with what nfp_run_probe would do, in order; the caller ends it in any case.
 * Changes and sends nothing. 0; 1: it would be refused, as the outline says; or -errno.
 */
static int plan_run(const struct nfp_request *request, struct nfp_outline *ret_outline,
		    struct nfp_err *err)
{
	struct nfp_signals signals = {.fd = -1};
	struct nfp_dry dry = {.out = ret_outline, .now_ns = nfp_clock_now(), .depth = 1};
	const struct nfp_run_io io = {
		.events = {nfp_dry_event, &dry},
		.signals = &signals,
		.parent_fd = -1,
		.dry = &dry,
	};
	struct nfp_result result;
	int ret = 0;

	nfp_result_init(&result);
	nfp_run_probe(request, &io, &result);
	/* An error that concerns the VF alone is part of the plan. */
	if (result.vf.error.code != NFP_E_NONE)
		ret = 1;
	else if (result.error.code != NFP_E_NONE)
		ret = -ECANCELED;
	if (ret < 0)
		*err = result.error;
	else
		nfp_dry_end(&dry, &result);
	nfp_result_fini(&result);
	return ret;
}

int nfp_plan_main(struct nfp_program *p)
{
	struct nfp_outline outline = {0};
	struct nfp_err err = {0};
	int ret = plan_run(&p->request, &outline, &err);
	int written = 0;

	if (ret < 0)
		nfp_print_error(p, &err);
	else
		written = nfp_report_outline(&outline, &p->out.opts, p->out.file);
	nfp_outline_fini(&outline);
	return nfp_print_finish(p, written, ret ? NFP_EXIT_CANNOT : 0);
}
