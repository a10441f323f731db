// SPDX-License-Identifier: GPL-2.0-or-later
/* file.c - reads and replaces the file of a PF. */
#include "nfprobe/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nfprobe/confine.h"

#define FILE_MODE   0644
#define FOLDER_MODE 0755

/* @parsed: for -EBADMSG, the error in the contents of the file. */
static int cannot_read(struct nfp_err *err, int ret, const struct nfp_err *parsed, const char *path)
{
	char large[32];
	const char *why = ret == -ELOOP	    ? "it is a symbolic link"
			  : ret == -EINVAL  ? "it is not a regular file"
			  : ret == -EPERM   ? "another user could have written it"
			  : ret == -EFBIG   ? large
			  : ret == -EBADMSG ? parsed->message
					    : NULL;

	if (!why)
		return nfp_err_errno(err, ret, NFP_E_INPUT, "cannot read %s", path);
	snprintf(large, sizeof(large), "it is larger than %u MB", NFP_STORE_BYTES >> 20);
	nfp_err_set(err, ret, NFP_E_INPUT, "cannot use %s: %s", path, why);
	nfp_err_hint(err, "nfprobe does not replace it: move it away, and run nfprobe PF --vf N "
			  "--save again");
	return ret;
}

/* A user who may write the folder can replace the file as well. */
static int check_file(int folder, struct nfp_store_file *file)
{
	struct stat in, st;

	if (fstat(folder, &in) < 0 || fstat(file->fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) ||
	    (st.st_uid != 0 && st.st_uid != geteuid() && st.st_uid != in.st_uid))
		return -EPERM;
	file->others = (in.st_uid != 0 && in.st_uid != geteuid()) ||
		       (st.st_uid != 0 && st.st_uid != geteuid());
	return 0;
}

int nfp_store_open(const char *dir, const char *bus, const char *parentdev,
		   struct nfp_store_file *ret_file, struct nfp_err *err)
{
	char *device = nfp_asprintf("%s-%s", bus, parentdev);
	char *name = nfp_asprintf("%s.json", device);
	struct nfp_store_file *file = ret_file;
	int folder = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC), ret;

	*file = (struct nfp_store_file) {
		.path = nfp_asprintf("%s/%s", dir, name), .device = device, .fd = -1};
	if (folder >= 0)
		file->fd = openat(folder, name,
				  O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	ret = file->fd < 0 ? -errno : check_file(folder, file);
	if (folder >= 0)
		close(folder);
	free(name);
	return ret < 0 && ret != -ENOENT ? cannot_read(err, ret, NULL, file->path) : 0;
}

void nfp_store_close(struct nfp_store_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	free(file->path);
	free(file->device);
}

int nfp_store_load(const struct nfp_store_file *file, struct nfp_store *ret_store,
		   struct nfp_err *err)
{
	struct nfp_store store = {.path = nfp_strdup(file->path)};
	struct nfp_err why = {0};
	char *text = NULL;
	size_t len = 0;
	int ret = 0;

	/* The offset is shared with other processes that read it. */
	if (file->fd >= 0)
		ret = lseek(file->fd, 0, SEEK_SET) < 0
			      ? -errno
			      : nfp_read_fd(file->fd, NFP_STORE_BYTES, &text, &len);
	if (ret == 0 && file->fd >= 0)
		ret = nfp_store_parse(text, len, file->device, &store, &why);
	free(text);
	if (ret == 0) {
		*ret_store = store;
		return 0;
	}
	nfp_store_fini(&store);
	return cannot_read(err, ret, &why, file->path);
}

/* ---- saving ---- */

struct saving {
	const struct nfp_store_file *file;
	const struct nfp_result *result; /* NULL: nothing to add */
	int to;				 /* gets the text of the new file; empty: nothing is new */
};

static int merge(const struct saving *saving, struct nfp_err *err)
{
	struct nfp_store store;
	int ret = nfp_store_load(saving->file, &store, err);

	if (ret < 0)
		return ret;
	if (saving->result && nfp_store_merge(&store, saving->file->device, saving->result) &&
	    json_dumpfd(store.root, saving->to, JSON_COMPACT) < 0)
		ret = nfp_err_errno(err, -EIO, NFP_E_OUTPUT, "cannot save in %s", store.path);
	nfp_store_fini(&store);
	return ret;
}

static int merge_confined(void *ctx, bool landlock, struct nfp_err *err)
{
	(void)landlock;
	return -merge(ctx, err);
}

/* Reads the file, which another user may have written, and adds the result, if there is one. */
static int merge_safely(struct saving *saving, struct nfp_err *err)
{
	const int keep[] = {saving->file->fd, saving->to};
	int ret = saving->file->others ? nfp_run_confined(merge_confined, saving, keep, 2, err)
				       : merge(saving, err);

	return ret > 0 ? -ret : ret;
}

int nfp_store_check(const char *dir, const char *bus, const char *parentdev, struct nfp_err *err)
{
	struct nfp_store_file file = {.fd = -1};
	struct saving saving = {.file = &file, .to = -1};
	int ret = 0;

	/* Other users are to read it, whatever the umask. */
	if (strcmp(dir, NFP_STORE_DIR) == 0 &&
	    (mkdir(dir, FOLDER_MODE) == 0 ? chmod(dir, FOLDER_MODE) < 0 : errno != EEXIST))
		ret = nfp_err_errno(err, -errno, NFP_E_OUTPUT, "cannot create the folder %s", dir);
	if (ret == 0)
		ret = nfp_store_open(dir, bus, parentdev, &file, err)
			      ?: merge_safely(&saving, err)
			      ?: nfp_outfile_check(file.path, err);
	nfp_store_close(&file);
	return ret;
}

/* Replaces the file @path by the text in @from, unless that is empty. */
static int replace(const char *path, int from, struct nfp_err *err)
{
	struct nfp_outfile *file;
	char *text = NULL;
	size_t len = 0;
	int ret = lseek(from, 0, SEEK_SET) < 0
			  ? -errno
			  : nfp_read_fd(from, NFP_STORE_BYTES - 1, &text, &len);

	if (ret == -EFBIG)
		return nfp_err_set(err, ret, NFP_E_OUTPUT,
				   "cannot save in %s: it would be larger than %u MB", path,
				   NFP_STORE_BYTES >> 20);
	if (ret < 0)
		return nfp_err_errno(err, ret, NFP_E_OUTPUT, "cannot save in %s", path);
	ret = len ? nfp_outfile_open(path, &file, err) : 0;
	if (ret < 0 || len == 0) {
		free(text);
		return ret;
	}
	text[len++] = '\n'; /* in place of the NUL */
	(void)nfp_outfile_add(file, text, len);
	free(text);
	(void)nfp_outfile_publish(file, FILE_MODE);
	return nfp_outfile_commit(file, err);
}

int nfp_store_save(const char *dir, const char *bus, const char *parentdev,
		   const struct nfp_result *result, struct nfp_err *err)
{
	struct nfp_store_file file;
	struct saving saving = {.file = &file, .result = result};
	int ret = nfp_store_open(dir, bus, parentdev, &file, err);

	saving.to = memfd_create("nfprobe", MFD_CLOEXEC);
	if (ret == 0 && saving.to < 0)
		ret = nfp_err_errno(err, -errno, NFP_E_KERNEL, "cannot make a file in memory");
	if (ret == 0)
		ret = merge_safely(&saving, err) ?: replace(file.path, saving.to, err);
	if (saving.to >= 0)
		close(saving.to);
	nfp_store_close(&file);
	return ret;
}
