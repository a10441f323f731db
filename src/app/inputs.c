// SPDX-License-Identifier: GPL-2.0-or-later
/* inputs.c - the files that a request names to be read: an id, a recording. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run_priv.h"

/* Does not wait for the writer of a pipe, which is refused anyway. */
static int open_regular(const char *path, struct nfp_err *err)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st = {0};
	int ret = fd < 0 || fstat(fd, &st) < 0 ? -errno : S_ISDIR(st.st_mode) ? -EISDIR : 0;

	if (ret == 0 && S_ISREG(st.st_mode))
		return fd;
	if (ret < 0)
		nfp_err_errno(err, ret, NFP_E_INPUT, "cannot read %s", path);
	else
		ret = nfp_err_set(err, -EINVAL, NFP_E_INPUT,
				  "cannot read %s: it is not a regular file", path);
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
	struct nfp_inputs inputs = {.recording = -1};
	int ret = 0;

	if (request->id_file)
		ret = read_id(request->id_file, &request->id, err);
	if (ret >= 0 && request->read_file) {
		ret = inputs.recording = open_regular(request->read_file, err);
		if (ret == -EINVAL)
			nfp_err_hint(err, "a recording is read twice: name a regular file");
	}
	*ret_inputs = inputs;
	return ret < 0 ? ret : 0;
}

/* ---- --read ---- */

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
