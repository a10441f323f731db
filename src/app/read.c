// SPDX-License-Identifier: GPL-2.0-or-later
/* read.c - a run that was written down, counted and judged again. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nfprobe/record.h"
#include "run_priv.h"

#define EXIT_CANNOT 4

/* What the command line asks of the verdicts. --allow names one at least. */
static struct nfp_criteria criteria_of(const struct nfp_request *request)
{
	struct nfp_criteria criteria = {.gap_limit_ms = request->gap_limit_ms};

	for (unsigned int i = 0; i < NFP_VERDICT_COUNT; i++) {
		if (request->allow[i])
			criteria.allow = request->allow;
	}
	return criteria;
}

void nfp_run_read(const struct nfp_request *request, const struct nfp_run_io *io, int fd,
		  struct nfp_result *result)
{
	struct nfp_run run = {.request = request, .io = io, .result = result};
	struct nfp_err err = {0};
	const struct nfp_criteria criteria = criteria_of(request);
	FILE *in = fdopen(fd, "r");
	int ret;

	if (in)
		ret = nfp_recording_read(in, request->read_file, &criteria, result, &err);
	else
		ret = nfp_err_errno(&err, -errno, NFP_E_INPUT, "cannot read %s",
				    request->read_file);
	if (ret == -EBADMSG)
		nfp_err_hint(&err, "--read takes what nfprobe PF --vf N --write FILE wrote, whole");
	if (in)
		fclose(in);
	else
		close(fd);
	if (ret == 0)
		ret = nfp_baseline_check(&run, &err);
	if (ret == 0) {
		if (result->have_verdict && result->error.code == NFP_E_NONE)
			nfp_baseline_compare(&run);
		return;
	}
	nfp_result_fini(result);
	result->error = err;
	result->exit_status = EXIT_CANNOT;
}
