// SPDX-License-Identifier: GPL-2.0-or-later
/* file.c - reads and replaces the file of a PF. */
#include "nfprobe/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nfprobe/output.h"

#define FILE_MODE   0644
#define FOLDER_MODE 0755

static char *device_name(const char *bus, const char *parentdev)
{
	return nfp_asprintf("%s-%s", bus, parentdev);
}

static int cannot_read(struct nfp_err *err, int ret, const char *path)
{
	struct nfp_err why = {0};

	if (ret == -ELOOP)
		nfp_err_set(&why, ret, NFP_E_INPUT, "it is a symbolic link");
	else if (ret == -EINVAL)
		nfp_err_set(&why, ret, NFP_E_INPUT, "it is not a regular file");
	else if (ret == -EPERM)
		nfp_err_set(&why, ret, NFP_E_INPUT, "another user could have written it");
	else if (ret == -EFBIG)
		nfp_err_set(&why, ret, NFP_E_INPUT, "it is larger than %u MB",
			    NFP_STORE_BYTES >> 20);
	else if (ret == -EBADMSG)
		why = *err;
	else
		return nfp_err_errno(err, ret, NFP_E_INPUT, "cannot read %s", path);
	nfp_err_set(err, ret, NFP_E_INPUT, "cannot use %s: %s", path, why.message);
	nfp_err_hint(err, "nfprobe does not replace it: move it away, and run nfprobe PF --vf N "
			  "--save again");
	return ret;
}

/* A user who may write the folder can replace the file as well. */
static int check_file(int folder, int fd)
{
	struct stat in, st;

	if (fstat(folder, &in) < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) ||
	    (st.st_uid != 0 && st.st_uid != geteuid() && st.st_uid != in.st_uid))
		return -EPERM;
	return 0;
}

int nfp_store_read(const char *dir, const char *bus, const char *parentdev,
		   struct nfp_store *ret_store, struct nfp_err *err)
{
	char *device = device_name(bus, parentdev), *text = NULL;
	char *name = nfp_asprintf("%s.json", device);
	struct nfp_store store = {.path = nfp_asprintf("%s/%s", dir, name)};
	struct nfp_err local = {0};
	int folder = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1, ret;
	size_t len = 0;

	if (folder >= 0)
		fd = openat(folder, name,
			    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	ret = fd < 0 ? -errno : check_file(folder, fd);
	if (ret == 0)
		ret = nfp_read_fd(fd, NFP_STORE_BYTES, &text, &len);
	if (ret == 0)
		ret = nfp_store_parse(text, len, device, &store, &local);
	if (ret < 0 && ret != -ENOENT) {
		ret = cannot_read(&local, ret, store.path);
		if (err)
			*err = local;
		nfp_store_fini(&store);
	} else {
		*ret_store = store;
		ret = 0;
	}
	if (fd >= 0)
		close(fd);
	if (folder >= 0)
		close(folder);
	free(text);
	free(name);
	free(device);
	return ret;
}

int nfp_store_check(const char *dir, const char *bus, const char *parentdev, struct nfp_err *err)
{
	struct nfp_store store = {.path = NULL};
	int ret = 0;

	/* Other users are to read it, whatever the umask. */
	if (strcmp(dir, NFP_STORE_DIR) == 0 &&
	    (mkdir(dir, FOLDER_MODE) == 0 ? chmod(dir, FOLDER_MODE) < 0 : errno != EEXIST))
		ret = nfp_err_errno(err, -errno, NFP_E_OUTPUT, "cannot create the folder %s", dir);
	if (ret == 0)
		ret = nfp_store_read(dir, bus, parentdev, &store, err)
			      ?: nfp_outfile_check(store.path, err);
	nfp_store_fini(&store);
	return ret;
}

static int write_store(const struct nfp_store *store, struct nfp_err *err)
{
	char *text = json_dumps(store->root, JSON_COMPACT);
	struct nfp_outfile *file = NULL;
	size_t len = strlen(text);
	int ret;

	text[len++] = '\n'; /* in place of the NUL */
	if (len > NFP_STORE_BYTES)
		ret = nfp_err_set(err, -EFBIG, NFP_E_OUTPUT,
				  "cannot save in %s: it would be larger than %u MB", store->path,
				  NFP_STORE_BYTES >> 20);
	else
		ret = nfp_outfile_open(store->path, &file, err);
	if (ret == 0) {
		(void)nfp_outfile_add(file, text, len);
		(void)nfp_outfile_publish(file, FILE_MODE);
		ret = nfp_outfile_commit(file, err);
	}
	free(text);
	return ret;
}

int nfp_store_save(const char *dir, const char *bus, const char *parentdev,
		   const struct nfp_result *result, struct nfp_err *err)
{
	char *device = device_name(bus, parentdev);
	struct nfp_store store = {.path = NULL};
	int ret = nfp_store_read(dir, bus, parentdev, &store, err);

	if (ret == 0 && nfp_store_merge(&store, device, result))
		ret = write_store(&store, err);
	nfp_store_fini(&store);
	free(device);
	return ret;
}
