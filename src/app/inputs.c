// SPDX-License-Identifier: GPL-2.0-or-later
/* inputs.c - the files that a request names to be read: an id, a baseline, a recording. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run_priv.h"

/* Does not wait for the writer of a pipe, which is refused anyway. */
static int open_regular(const char *what, const char *path, enum nfp_errcode code,
			struct nfp_err *err)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st = {0};
	int ret = fd < 0 || fstat(fd, &st) < 0 ? -errno : S_ISDIR(st.st_mode) ? -EISDIR : 0;

	if (ret == 0 && S_ISREG(st.st_mode))
		return fd;
	if (ret < 0)
		nfp_err_errno(err, ret, code, "cannot read %s%s", what, path);
	else
		ret = nfp_err_set(err, -EINVAL, code, "cannot read %s%s: it is not a regular file",
				  what, path);
	if (fd >= 0)
		close(fd);
	return ret;
}

static int read_id(const char *path, struct nfp_peer_id *ret_id, struct nfp_err *err)
{
	char text[NFP_PEER_ID_STRLEN + 2] = "";
	FILE *in = fopen(path, "re");
	struct stat st;
	size_t len;
	int ret = 0;

	if (!in)
		return nfp_err_errno(err, -errno, NFP_E_INPUT, "cannot read the id in %s", path);
	len = fread(text, 1, sizeof(text) - 1, in);
	if (ferror(in))
		ret = nfp_err_errno(err, -errno, NFP_E_INPUT, "cannot read the id in %s", path);
	if (len && text[len - 1] == '\n')
		text[--len] = '\0';
	if (ret == 0 && fstat(fileno(in), &st) == 0 && S_ISREG(st.st_mode) &&
	    (st.st_mode & (S_IROTH | S_IWOTH))) {
		ret = nfp_err_set(err, -EPERM, NFP_E_INPUT,
				  "the id in %s is not secret: every user can read or write it",
				  path);
		nfp_err_hint(err, "chmod o= %s, and draw another id", path);
	} else if (ret == 0 && (strlen(text) != len || !nfp_peer_id_parse(text, ret_id))) {
		ret = nfp_err_set(err, -EINVAL, NFP_E_INPUT, "there is no id in %s", path);
		nfp_err_hint(err, "it must have %d hex digits, as nfprobe --reflect prints them",
			     2 * NFP_PEER_ID_LEN);
	}
	fclose(in);
	return ret;
}

int nfp_inputs_open(struct nfp_request *request, struct nfp_inputs *ret_inputs, struct nfp_err *err)
{
	struct nfp_inputs inputs = {.recording = -1, .baseline = -1};
	int ret = 0;

	if (request->id_file)
		ret = read_id(request->id_file, &request->id, err);
	if (ret == 0 && request->baseline_file)
		ret = inputs.baseline = open_regular("the baseline ", request->baseline_file,
						     NFP_E_BASELINE, err);
	if (ret >= 0 && request->read_file) {
		ret = inputs.recording = open_regular("", request->read_file, NFP_E_INPUT, err);
		if (ret == -EINVAL)
			nfp_err_hint(err, "a recording is read twice: name a regular file");
	}
	if (ret < 0 && inputs.baseline >= 0)
		close(inputs.baseline);
	else
		*ret_inputs = inputs;
	return ret < 0 ? ret : 0;
}

/* ---- a baseline ---- */

/* The offset is shared with other processes that read it. */
static int read_baseline(int fd, const char *path, struct nfp_result *ret_result,
			 struct nfp_err *err)
{
	struct nfp_err inner = {0};
	char *text = NULL;
	size_t len = 0;
	int ret = lseek(fd, 0, SEEK_SET) < 0 ? -errno
					     : nfp_read_fd(fd, NFP_BASELINE_BYTES, &text, &len);

	if (ret < 0)
		return nfp_err_errno(err, ret, NFP_E_BASELINE, "cannot read the baseline %s", path);
	ret = nfp_baseline_parse(text, len, ret_result, &inner);
	free(text);
	if (ret < 0) {
		nfp_err_set(err, ret, inner.code, "the baseline %s cannot be used: %s", path,
			    inner.message);
		nfp_err_hint(err, "it must be what nfprobe PF --vf N --json=FILE wrote, or nfprobe "
				  "--read RUN.pcapng --json=FILE");
	}
	return ret;
}

/* May a run on @is be compared with it? */
static int check_change(const struct nfp_request *request, const struct nfp_result *was,
			const struct nfp_result *is, struct nfp_err *err)
{
	char difference[2 * NFP_TEXT_LEN + 64] = "";
	const struct {
		const char *what, *was, *is;
	} texts[] = {
		{"the driver", was->pf.driver, is->pf.driver},
		{"the driver's version", was->pf.driver_version, is->pf.driver_version},
		{"the firmware", was->pf.firmware, is->pf.firmware},
		{"the kernel", was->kernel, is->kernel},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]) && !difference[0]; i++) {
		if (strcmp(texts[i].was, texts[i].is) != 0)
			snprintf(difference, sizeof(difference), "%s was %s and is %s",
				 texts[i].what, texts[i].was[0] ? texts[i].was : "unknown",
				 texts[i].is[0] ? texts[i].is : "unknown");
	}
	if (!difference[0] == request->same)
		return 0;
	nfp_err_set(err, -EINVAL, NFP_E_BASELINE,
		    difference[0] ? "--same, but since the baseline %s"
				  : "driver, firmware and kernel are those of the baseline%s: "
				    "there is nothing whose change could be tested",
		    difference);
	nfp_err_hint(err, difference[0] ? "leave out --same to see what that changed"
					: "--same tests whether the result is repeatable");
	return -EINVAL;
}

/* The child that reads it before the run gets this. */
struct check {
	const struct nfp_request *request;
	int fd;
	const struct nfp_result *now; /* NULL: not known yet */
};

static int check_confined(void *ctx, bool landlock, struct nfp_err *err)
{
	const struct check *check = ctx;
	struct nfp_result was;
	int ret = read_baseline(check->fd, check->request->baseline_file, &was, err);

	(void)landlock;
	if (ret == 0 && check->now)
		ret = check_change(check->request, &was, check->now, err);
	if (ret == 0)
		nfp_result_fini(&was);
	return ret ? -ret : 0;
}

int nfp_baseline_check(const struct nfp_request *request, int fd, const struct nfp_result *now,
		       struct nfp_err *err)
{
	struct check check = {request, fd, now};
	int ret = nfp_run_confined(check_confined, &check, &fd, 1, err);

	return ret > 0 ? -ret : ret;
}

static void compare(const struct nfp_request *request, const struct nfp_result *was,
		    const struct nfp_events *events, struct nfp_result *result)
{
	struct nfp_comparison *comparison = nfp_calloc(1, sizeof(*comparison));

	nfp_compare(was, result, request->same, comparison);
	snprintf(comparison->file, sizeof(comparison->file), "%s", request->baseline_file);
	if (comparison->not_compared[0]) {
		char *text = nfp_asprintf("not compared with the baseline: %s",
					  comparison->not_compared);

		nfp_strv_addf(&result->warnings, "%s", text);
		nfp_tell(events, &(struct nfp_event) {.what = NFP_EVENT_WARNING, .text = text});
		free(text);
	}
	result->comparison = comparison;
	if (result->error.code == NFP_E_NONE)
		result->exit_status = comparison->exit_status;
}

int nfp_baseline_compare(const struct nfp_request *request, int fd, const struct nfp_events *events,
			 struct nfp_result *result, struct nfp_err *err)
{
	struct nfp_result was;
	int ret;

	if (!result->have_verdict || result->error.code == NFP_E_INTERRUPTED ||
	    result->error.code == NFP_E_TIMEOUT)
		return 0;
	ret = read_baseline(fd, request->baseline_file, &was, err);
	if (ret < 0)
		return ret;
	compare(request, &was, events, result);
	nfp_result_fini(&was);
	return 0;
}

/* ---- --read ---- */

static int compare_recorded(const struct nfp_request *request, int fd, struct nfp_result *result,
			    struct nfp_err *err)
{
	const struct nfp_events silent = {.tell = NULL};
	struct nfp_result was;
	int ret;

	if (!request->baseline_file)
		return 0;
	ret = read_baseline(fd, request->baseline_file, &was, err);
	if (ret < 0)
		return ret;
	ret = check_change(request, &was, result, err);
	if (ret == 0 && result->have_verdict && result->error.code == NFP_E_NONE)
		compare(request, &was, &silent, result);
	nfp_result_fini(&was);
	return ret;
}

void nfp_run_read(const struct nfp_request *request, const struct nfp_inputs *inputs,
		  const struct nfp_events *events, struct nfp_result *result)
{
	const struct nfp_criteria criteria = {
		.allow = request->have_allow ? request->allow : NULL,
		.gap_limit_ms = request->gap_limit_ms,
		.require_neighbours = request->require_neighbours,
	};
	struct nfp_err err = {0};
	FILE *in = fdopen(inputs->recording, "r");
	int ret;

	if (in) {
		ret = nfp_recording_read(in, request->read_file, &criteria, result, &err);
		fclose(in);
	} else {
		ret = nfp_err_errno(&err, -errno, NFP_E_INPUT, "cannot read %s",
				    request->read_file);
	}
	if (ret == -EBADMSG)
		nfp_err_hint(&err, "--read takes what nfprobe PF --vf N --write FILE wrote, whole");
	if (ret == 0)
		ret = compare_recorded(request, inputs->baseline, result, &err);
	if (ret < 0) {
		nfp_result_fini(result);
		result->error = err;
		result->exit_status = NFP_EXIT_CANNOT;
		return;
	}
	/* Each once, whoever has warned of it. */
	for (size_t i = 0; i < result->warnings.n; i++)
		nfp_tell(events, &(struct nfp_event) {.what = NFP_EVENT_WARNING,
						      .text = result->warnings.v[i]});
}
