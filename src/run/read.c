// SPDX-License-Identifier: GPL-2.0-or-later
/* read.c - a run that was written down, counted and judged again. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nfprobe/recording.h"
#include "nfprobe/rights.h"
#include "run_priv.h"

#define EXIT_CANNOT 4

/* Not waiting: a pipe without a writer is to be refused, too. */
int nfp_open_regular(const char *what, const char *path, enum nfp_errcode code, struct nfp_err *err)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st = {0};
	int ret = fd < 0 || fstat(fd, &st) < 0 ? -errno : S_ISDIR(st.st_mode) ? -EISDIR : 0;

	if (ret < 0)
		nfp_err_errno(err, ret, code, "cannot read %s%s", what, path);
	else if (!S_ISREG(st.st_mode))
		ret = nfp_err_set(err, -EINVAL, code, "cannot read %s%s: it is no regular file",
				  what, path);
	if (ret == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return ret;
}

/* It is read from its beginning twice, which a pipe does not let anybody do. */
static int open_recording(const char *path, FILE **ret_in, struct nfp_err *err)
{
	int fd = nfp_open_regular("", path, NFP_E_INPUT, err), ret;

	if (fd == -EINVAL)
		nfp_err_hint(err, "a recording is read twice: name a file that has it");
	if (fd < 0)
		return fd;
	*ret_in = fdopen(fd, "r");
	if (*ret_in)
		return 0;
	ret = nfp_err_errno(err, -errno, NFP_E_INPUT, "cannot read %s", path);
	close(fd);
	return ret;
}

/* With the rights of who asks: what is in the file is shown. */
static int open_as_caller(const char *path, FILE **ret_in, struct nfp_err *err)
{
	struct nfp_rights rights;
	int ret = nfp_rights_lower(nfp_rights_raised(), &rights);

	if (ret < 0)
		return nfp_err_errno(err, ret, NFP_E_INPUT, "cannot read %s", path);
	ret = open_recording(path, ret_in, err);
	nfp_rights_raise(&rights);
	return ret;
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

void nfp_run_read(const struct nfp_request *request, const struct nfp_run_io *io,
		  struct nfp_result *result)
{
	struct nfp_run run = {.request = request, .io = io, .result = result};
	struct nfp_err err = {0};
	const struct nfp_criteria criteria = criteria_of(request);
	FILE *in = NULL;
	int ret = open_as_caller(request->read_file, &in, &err);

	/* What is in the file is nobody's word: it is read without rights to anything but files. */
	(void)nfp_rights_finish(nfp_rights_raised());
	if (ret == 0)
		ret = nfp_recording_read(in, request->read_file, &criteria, result, &err);
	if (ret == -EBADMSG)
		nfp_err_hint(&err, "--read takes what nfprobe PF --vf N --write FILE wrote, whole");
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
