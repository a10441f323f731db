// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODE 0666 /* less the umask */

struct nfp_outfile {
	char *path;
	char *name; /* the new file beside it; NULL: it is written as it is */
	struct nfp_sink sink;
};

static int cannot(struct nfp_err *err, int ret, const char *path)
{
	const char *name = strrchr(path, '/');

	if (ret == -ETIMEDOUT)
		return nfp_err_set(err, ret, NFP_E_OUTPUT, "cannot write %s: %s", path,
				   nfp_sink_strerror(ret));
	nfp_err_errno(err, ret, NFP_E_OUTPUT, "cannot write %s", path);
	if (ret == -ENOENT && name && name != path)
		nfp_err_hint(err, "is there a folder %.*s?", (int)(name - path), path);
	if (ret == -EPERM)
		nfp_err_hint(err, "name another file: in a sticky folder nobody's but one's own is "
				  "replaced");
	if (ret == -ENXIO)
		nfp_err_hint(err, "begin what reads it first");
	return ret;
}

/* /dev/stdout is a symbolic link, but no file may take its place. */
static bool is_of_the_kernel(const char *path)
{
	return (strncmp(path, "/dev/", 5) == 0 && strncmp(path, "/dev/shm/", 9) != 0) ||
	       strncmp(path, "/proc/", 6) == 0;
}

/* In a sticky folder rename(2) puts nothing in the place of what is another user's. */
static int may_replace(const char *path, const struct stat *st)
{
	const char *name = strrchr(path, '/');
	char *folder = nfp_asprintf("%.*s.", name ? (int)(name - path) + 1 : 0, path);
	struct stat in;
	int ret = stat(folder, &in) < 0 ? -errno : 0;

	free(folder);
	if (ret == 0 && (in.st_mode & S_ISVTX) && in.st_uid != geteuid() && st->st_uid != geteuid())
		return -EPERM;
	return ret;
}

/* 1: it is written as it is; 0: a new file of *ret_mode takes its place; or -errno. */
static int look(const char *path, mode_t *ret_mode)
{
	const bool kernels = is_of_the_kernel(path);
	struct stat st;
	bool link;

	*ret_mode = MODE;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return -EISDIR;
	if (lstat(path, &st) < 0)
		return errno == ENOENT && !kernels ? 0 : -errno;
	link = S_ISLNK(st.st_mode) && !kernels;
	if (!link && faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) < 0)
		return -errno;
	if (!link && (kernels || !S_ISREG(st.st_mode)))
		return 1;
	if (!link)
		*ret_mode &= st.st_mode;
	return may_replace(path, &st);
}

/* The name of the new file beside @path goes to *ret_name. fd or -errno. */
static int open_beside(const char *path, mode_t mode, char **ret_name)
{
	int fd = -EEXIST;

	for (unsigned int i = 0; i < 100 && fd == -EEXIST; i++) {
		char *name = nfp_asprintf("%s.%d-%u", path, (int)getpid(), i);

		fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
		if (fd >= 0) {
			*ret_name = name;
			return fd;
		}
		fd = -errno;
		free(name);
	}
	return fd;
}

/* Not waiting: a pipe has its reader by now. A link is followed where it is the kernel's only. */
static int open_as_it_is(const char *path)
{
	int flags = O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
	int fd = open(path, flags | (is_of_the_kernel(path) ? O_TRUNC : O_NOFOLLOW));

	return fd < 0 ? -errno : fd;
}

int nfp_outfile_open(const char *path, struct nfp_outfile **ret_file, struct nfp_err *err)
{
	struct nfp_outfile *file;
	char *name = NULL;
	mode_t mode;
	int fd = look(path, &mode);

	if (fd >= 0)
		fd = fd ? open_as_it_is(path) : open_beside(path, mode, &name);
	if (fd < 0)
		return cannot(err, fd, path);
	file = nfp_calloc(1, sizeof(*file));
	*file = (struct nfp_outfile) {
		.path = nfp_strdup(path), .name = name, .sink = nfp_sink_of(fd)};
	*ret_file = file;
	return 0;
}

int nfp_outfile_add(struct nfp_outfile *file, const void *data, size_t len)
{
	return nfp_sink_put(&file->sink, data, len);
}

/* What is not in its place then is nowhere. */
static int end(struct nfp_outfile *file, bool commit, struct nfp_err *err)
{
	int ret = file->sink.failed;

	if (close(file->sink.fd) < 0 && ret == 0)
		ret = -errno;
	if (file->name && ret == 0 && commit && rename(file->name, file->path) < 0)
		ret = -errno;
	if (file->name && (ret < 0 || !commit))
		(void)unlink(file->name);
	if (ret < 0)
		cannot(err, ret, file->path);
	free(file->name);
	free(file->path);
	free(file);
	return ret;
}

int nfp_outfile_commit(struct nfp_outfile *file, struct nfp_err *err)
{
	return end(file, true, err);
}

void nfp_outfile_discard(struct nfp_outfile *file)
{
	if (file)
		(void)end(file, false, NULL);
}

int nfp_outfile_check(const char *path, struct nfp_err *err)
{
	struct nfp_outfile *file;
	mode_t mode;
	int ret = look(path, &mode);

	if (ret < 0)
		return cannot(err, ret, path);
	/* What is written as it is waits for its time: who reads a pipe takes its closing for the
	 * end. */
	if (ret > 0)
		return 0;
	ret = nfp_outfile_open(path, &file, err);
	if (ret == 0)
		nfp_outfile_discard(file);
	return ret;
}

int nfp_outfile_render(const char *path, int (*render)(const void *what, FILE *out),
		       const void *what, struct nfp_err *err)
{
	struct nfp_outfile *file;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int ret = out ? render(what, out) : -ENOMEM;

	if (out && fclose(out) != 0 && ret == 0)
		ret = -ENOMEM;
	ret = ret < 0 ? cannot(err, ret, path) : nfp_outfile_open(path, &file, err);
	if (ret == 0) {
		(void)nfp_outfile_add(file, text, len);
		ret = nfp_outfile_commit(file, err);
	}
	free(text);
	return ret;
}
