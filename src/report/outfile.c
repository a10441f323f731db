// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODE	  0666 /* less the umask */
#define READER_MS 3000

static int cannot(struct nfp_err *err, int ret, const char *path)
{
	const char *name = strrchr(path, '/');

	nfp_err_errno(err, ret, NFP_E_OUTPUT, "cannot write %s", path);
	if (ret == -ENOENT && name && name != path)
		nfp_err_hint(err, "is there a folder %.*s?", (int)(name - path), path);
	if (ret == -ENXIO)
		nfp_err_hint(err, "begin what reads it first");
	return ret;
}

/* Written as it is: no other file can take its place. */
static bool is_special(const char *path, const struct stat *st)
{
	return (st && !S_ISREG(st->st_mode)) || strncmp(path, "/dev/", 5) == 0 ||
	       strncmp(path, "/proc/", 6) == 0;
}

/* A new file beside @path, of its mode if it is there; its name goes to *ret_name. fd or -errno. */
static int open_beside(const char *path, const struct stat *st, char **ret_name)
{
	char *name;
	int fd = -EEXIST;

	for (unsigned int i = 0; i < 100 && fd == -EEXIST; i++) {
		if (asprintf(&name, "%s.%d-%u", path, (int)getpid(), i) < 0)
			return -ENOMEM;
		fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
		if (fd >= 0)
			break;
		fd = -errno;
		free(name);
	}
	if (fd < 0)
		return fd;
	if (st && fchmod(fd, st->st_mode & 07777) < 0) {
		int ret = -errno;

		close(fd);
		(void)unlink(name);
		free(name);
		return ret;
	}
	*ret_name = name;
	return fd;
}

/* Of a pipe that takes nothing now. What is written in the meantime of a run must not hold it up.
 */
static int wait_for_reader(int fd)
{
	struct pollfd pfd = {.fd = fd, .events = POLLOUT};
	int ready = poll(&pfd, 1, READER_MS);

	if (ready < 0)
		return errno == EINTR ? 0 : -errno;
	return ready ? 0 : -ETIMEDOUT;
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);
		int ret;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			ret = wait_for_reader(fd);
			if (ret < 0)
				return ret;
			continue;
		}
		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Closes in any case. */
static int fill(int fd, const char *data, size_t len)
{
	int ret = write_all(fd, data, len);

	if (close(fd) < 0 && ret == 0)
		ret = -errno;
	return ret;
}

/* A pipe that nobody reads is not waited for: signals wait in the meantime, and nothing ended it.
 */
static int put_in_place(const char *path, const char *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, MODE);

	return fd < 0 ? -errno : fill(fd, data, len);
}

/* Where another file cannot take the place of this one, it may be writable all the same. */
static bool may_be_in_place(int ret)
{
	return ret == -EACCES || ret == -EPERM || ret == -EROFS || ret == -EBUSY || ret == -EXDEV;
}

static int put_beside(const char *path, const struct stat *st, const char *data, size_t len)
{
	char *name;
	int fd = open_beside(path, st, &name);
	int ret = fd;

	if (fd >= 0) {
		ret = fill(fd, data, len);
		if (ret == 0 && rename(name, path) < 0)
			ret = -errno;
		if (ret < 0)
			(void)unlink(name);
		free(name);
	}
	if (st && may_be_in_place(ret))
		return put_in_place(path, data, len);
	return ret;
}

static int check_beside(const char *path, const struct stat *st)
{
	char *name;
	int fd = open_beside(path, st, &name);

	if (fd >= 0) {
		close(fd);
		(void)unlink(name);
		free(name);
		return 0;
	}
	return st && may_be_in_place(fd) ? 0 : fd;
}

/* What a symbolic link leads to; a file that is not there yet stands for itself. */
static int resolve(const char *path, char **ret_real)
{
	*ret_real = realpath(path, NULL);
	if (!*ret_real && errno == ENOENT)
		*ret_real = strdup(path);
	return *ret_real ? 0 : -errno;
}

static int on_file(const char *path, const char *data, size_t len)
{
	struct stat st;
	bool there;
	char *real;
	int ret;

	there = stat(path, &st) == 0;
	if (there && S_ISDIR(st.st_mode))
		return -EISDIR;
	if (there && access(path, W_OK) < 0)
		return -errno;
	if (is_special(path, there ? &st : NULL)) {
		if (data)
			return put_in_place(path, data, len);
		return there ? 0 : -ENOENT;
	}
	ret = resolve(path, &real);
	if (ret < 0)
		return ret;
	if (data)
		ret = put_beside(real, there ? &st : NULL, data, len);
	else
		ret = check_beside(real, there ? &st : NULL);
	free(real);
	return ret;
}

int nfp_outfile_check(const char *path, struct nfp_err *err)
{
	int ret = on_file(path, NULL, 0);

	return ret < 0 ? cannot(err, ret, path) : 0;
}

int nfp_outfile_put(const char *path, const char *data, size_t len, struct nfp_err *err)
{
	int ret = on_file(path, data, len);

	return ret < 0 ? cannot(err, ret, path) : 0;
}

int nfp_outfile_render(const char *path, int (*render)(const void *what, FILE *out),
		       const void *what, struct nfp_err *err)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int ret;

	if (!out)
		return cannot(err, -ENOMEM, path);
	ret = render(what, out);
	if (fclose(out) != 0 && ret == 0)
		ret = -ENOMEM;
	ret = ret < 0 ? cannot(err, ret, path) : nfp_outfile_put(path, text, len, err);
	free(text);
	return ret;
}

/* ---- in parts ---- */

struct nfp_outfile {
	char *path; /* what a symbolic link leads to */
	char *name; /* the new file beside it; NULL: it is written as it is */
	int fd, failed;
};

/* A pipe has a reader from the beginning: nobody must have to wait for one. */
static int open_as_it_is(struct nfp_outfile *file)
{
	int fd = open(file->path, O_WRONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

static int open_parts(struct nfp_outfile *file, const char *path)
{
	struct stat st;
	bool there = stat(path, &st) == 0;
	int ret;

	if (there && S_ISDIR(st.st_mode))
		return -EISDIR;
	if (there && access(path, W_OK) < 0)
		return -errno;
	if (is_special(path, there ? &st : NULL)) {
		file->path = strdup(path);
		file->fd = file->path ? open_as_it_is(file) : -ENOMEM;
		return file->fd < 0 ? file->fd : 0;
	}
	ret = resolve(path, &file->path);
	if (ret < 0)
		return ret;
	file->fd = open_beside(file->path, there ? &st : NULL, &file->name);
	return file->fd < 0 ? file->fd : 0;
}

static void free_parts(struct nfp_outfile *file)
{
	free(file->path);
	free(file->name);
	free(file);
}

int nfp_outfile_open(const char *path, struct nfp_outfile **ret_file, struct nfp_err *err)
{
	struct nfp_outfile *file = calloc(1, sizeof(*file));
	int ret = file ? open_parts(file, path) : -ENOMEM;

	if (ret < 0) {
		if (file)
			free_parts(file);
		return cannot(err, ret, path);
	}
	*ret_file = file;
	return 0;
}

int nfp_outfile_add(struct nfp_outfile *file, const void *data, size_t len)
{
	if (!file->failed)
		file->failed = write_all(file->fd, data, len);
	return file->failed;
}

int nfp_outfile_commit(struct nfp_outfile *file, struct nfp_err *err)
{
	int ret = file->failed;

	if (close(file->fd) < 0 && ret == 0)
		ret = -errno;
	if (file->name && ret == 0 && rename(file->name, file->path) < 0)
		ret = -errno;
	if (file->name && ret < 0)
		(void)unlink(file->name);
	if (ret < 0)
		cannot(err, ret, file->path);
	free_parts(file);
	return ret;
}

void nfp_outfile_discard(struct nfp_outfile *file)
{
	if (!file)
		return;
	close(file->fd);
	if (file->name)
		(void)unlink(file->name);
	free_parts(file);
}
