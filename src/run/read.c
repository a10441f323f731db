// SPDX-License-Identifier: GPL-2.0-or-later
/* read.c - a run that was written down, counted and judged again. */
#include <errno.h>
#include <stdio.h>

#include "nfprobe/recording.h"
#include "nfprobe/rights.h"
#include "run_priv.h"

#define EXIT_CANNOT 4

static FILE *open_recording(const char *path, struct nfp_err *err)
{
	struct nfp_rights rights;
	int ret = nfp_rights_lower(nfp_rights_raised(), &rights);
	FILE *in = NULL;

	if (ret == 0) {
		in = fopen(path, "re");
		ret = in ? 0 : -errno;
		nfp_rights_raise(&rights);
	}
	if (ret < 0)
		nfp_err_errno(err, ret, NFP_E_INPUT, "cannot read %s", path);
	return in;
}

/* As a run that is over. */
static int compare(struct nfp_run *run, struct nfp_err *err)
{
	struct nfp_result *result = run->result;
	int ret = nfp_baseline_check(run, err);

	if (ret < 0 || !result->have_verdict || result->error.code != NFP_E_NONE)
		return ret;
	ret = nfp_baseline_compare(run, err);
	if (ret == 0 && result->comparison)
		result->exit_status = result->comparison->exit_status;
	return ret;
}

void nfp_run_read(const struct nfp_request *request, const struct nfp_run_io *io,
		  struct nfp_result *result)
{
	struct nfp_run run = {.request = request, .io = io, .result = result};
	struct nfp_err err = {0};
	FILE *in = open_recording(request->read_file, &err);
	int ret = in ? 0 : -err.errnum;

	/* What is in the file is nobody's word: it is read without rights to anything but files. */
	(void)nfp_rights_finish(nfp_rights_raised());
	if (ret == 0)
		ret = nfp_recording_read(in, request->read_file, result, &err);
	if (in)
		fclose(in);
	if (ret == 0)
		ret = compare(&run, &err);
	if (ret == 0)
		return;
	nfp_result_fini(result);
	result->error = err;
	result->exit_status = EXIT_CANNOT;
}
