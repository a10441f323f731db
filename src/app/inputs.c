// SPDX-License-Identifier: GPL-2.0-or-later
/* inputs.c - the files that a request names to be read. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nfprobe/app.h"

/* Not waiting: a pipe without a writer is to be refused, too. */
static int open_regular(const char *what, const char *path, enum nfp_errcode code,
			struct nfp_err *err)
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

static int parse_id(FILE *in, const char *path, struct nfp_peer_id *ret_id, struct nfp_err *err)
{
	char text[NFP_PEER_ID_STRLEN + 2] = "";
	size_t len = fread(text, 1, sizeof(text) - 1, in);

	if (ferror(in))
		return nfp_err_errno(err, -errno, NFP_E_INPUT, "cannot read the id in %s", path);
	if (len && text[len - 1] == '\n')
		text[--len] = '\0';
	if (strlen(text) == len && nfp_peer_id_parse(text, ret_id))
		return 0;
	nfp_err_set(err, -EINVAL, NFP_E_INPUT, "there is no id in %s", path);
	nfp_err_hint(err, "it is to have %d hex digits, as nfprobe --reflect prints them",
		     2 * NFP_PEER_ID_LEN);
	return -EINVAL;
}

static int read_id(const char *path, struct nfp_peer_id *ret_id, struct nfp_err *err)
{
	FILE *in = fopen(path, "re");
	struct stat st;
	int ret;

	if (!in)
		return nfp_err_errno(err, -errno, NFP_E_INPUT, "cannot read the id in %s", path);
	if (fstat(fileno(in), &st) == 0 && S_ISREG(st.st_mode) &&
	    (st.st_mode & (S_IROTH | S_IWOTH))) {
		ret = nfp_err_set(err, -EPERM, NFP_E_INPUT,
				  "the id in %s is no secret: every user may read or write it",
				  path);
		nfp_err_hint(err, "chmod o= %s, and draw another id", path);
	} else {
		ret = parse_id(in, path, ret_id, err);
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
			nfp_err_hint(err, "a recording is read twice: name a file that has it");
	}
	if (ret < 0 && inputs.baseline >= 0)
		close(inputs.baseline);
	else
		*ret_inputs = inputs;
	return ret < 0 ? ret : 0;
}
