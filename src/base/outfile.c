// SPDX-License-Identifier: GPL-2.0-or-later
/* outfile.c - files that replace an old one only when they are complete. */
#include "base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODE	     0666 /* minus the umask */
#define LASTING_MODE 0644 /* whatever the umask */

struct nfp_outfile {
	char *path;
	const char *base; /* its last component */
	int dir;	  /* its folder, whatever is renamed meanwhile */
	char *name;	  /* of the new file, in @dir */
	int fd;		  /* the new file */
	bool lasting;	  /* flushed to the disk, and never replaces another file */
	int failed;	  /* -errno of the first failure, after which nothing is written */
};

static int cannot(struct nfp_err *err, int ret, const char *path)
{
	const char *name = strrchr(path, '/');

	if (ret == -ENOTSUP) {
		nfp_err_set(err, ret, NFP_E_OUTPUT, "cannot write %s: it is not a regular file",
			    path);
		nfp_err_hint(err, "Name a regular file. The shell writes the result into anything "
				  "else: --json > FILE.");
		return ret;
	}
	nfp_err_errno(err, ret, NFP_E_OUTPUT, "cannot write %s", path);
	if (ret == -ENOENT && name && name != path)
		nfp_err_hint(err, "Is there a folder %.*s?", (int)(name - path), path);
	return ret;
}

/* Checks that @base in @dir may be replaced. @ret_mode: what its mode leaves to the new file. 0 or
 * -errno. */
static int look_at_old(int dir, const char *base, mode_t *ret_mode)
{
	struct stat there;

	*ret_mode = MODE;
	if (!*base)
		return -EISDIR;
	if (fstatat(dir, base, &there, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISREG(there.st_mode))
		return S_ISDIR(there.st_mode) ? -EISDIR : -ENOTSUP;
	*ret_mode &= there.st_mode;
	return faccessat(dir, base, W_OK, AT_EACCESS) < 0 ? -errno : 0;
}

static void free_file(struct nfp_outfile *file)
{
	close(file->dir);
	free(file->name);
	free(file->path);
	free(file);
}

/* Opens a new file in @dir, which it takes over. 0 or -errno. */
static int open_new(int dir, const char *path, mode_t mode, struct nfp_outfile **ret_file)
{
	struct nfp_outfile *file = nfp_malloc(sizeof(*file));
	const char *slash;
	uint64_t number;
	int ret;

	*file = (struct nfp_outfile) {.path = nfp_strdup(path), .dir = dir};
	slash = strrchr(file->path, '/');
	file->base = slash ? slash + 1 : file->path;
	/* In a folder that others can write to, nobody can know the name in advance. */
	ret = getrandom(&number, sizeof(number), 0) == (ssize_t)sizeof(number) ? 0 : -EIO;
	if (ret == 0) {
		file->name = nfp_asprintf(".%s.%016" PRIx64, file->base, number);
		file->fd = openat(dir, file->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
		if (file->fd >= 0) {
			*ret_file = file;
			return 0;
		}
		ret = -errno;
	}
	free_file(file);
	return ret;
}

int nfp_outfile_open(const char *path, struct nfp_outfile **ret_file, struct nfp_err *err)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	char *folder = nfp_asprintf("%.*s.", (int)(base - path), path);
	int dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC), ret;
	mode_t mode;

	free(folder);
	if (dir < 0)
		return cannot(err, -errno, path);
	ret = look_at_old(dir, base, &mode);
	if (ret < 0)
		close(dir);
	else
		ret = open_new(dir, path, mode, ret_file);
	return ret < 0 ? cannot(err, ret, path) : 0;
}

int nfp_outfile_open_lasting(int dir, const char *name, struct nfp_outfile **ret_file)
{
	int copy = fcntl(dir, F_DUPFD_CLOEXEC, 0);
	int ret = copy < 0 ? -errno : open_new(copy, name, LASTING_MODE, ret_file);

	if (ret == 0)
		(*ret_file)->lasting = true;
	return ret;
}

int nfp_outfile_add(struct nfp_outfile *file, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0 && !file->failed) {
		ssize_t n = write(file->fd, at, len);

		if (n >= 0) {
			at += n;
			len -= (size_t)n;
		} else if (errno != EINTR) {
			file->failed = -errno;
		}
	}
	return file->failed;
}

int nfp_outfile_commit(struct nfp_outfile *file, struct nfp_err *err)
{
	bool lasting = file->lasting;
	int ret = file->failed;

	if (ret == 0 && lasting && (fchmod(file->fd, LASTING_MODE) < 0 || fsync(file->fd) < 0))
		ret = -errno;
	if (close(file->fd) < 0 && ret == 0)
		ret = -errno;
	/* A link, unlike a rename, never replaces what exists. */
	if (ret == 0 && (lasting ? linkat(file->dir, file->name, file->dir, file->base, 0)
				 : renameat(file->dir, file->name, file->dir, file->base)) < 0)
		ret = -errno;
	if (ret < 0 || lasting)
		(void)unlinkat(file->dir, file->name, 0);
	if (ret == 0 && lasting && fsync(file->dir) < 0)
		ret = -errno;
	if (ret < 0)
		cannot(err, ret, file->path);
	free_file(file);
	return ret;
}

void nfp_outfile_discard(struct nfp_outfile *file)
{
	if (!file)
		return;
	close(file->fd);
	(void)unlinkat(file->dir, file->name, 0);
	free_file(file);
}

int nfp_outfile_check(const char *path, struct nfp_err *err)
{
	struct nfp_outfile *file = NULL;
	int ret = nfp_outfile_open(path, &file, err);

	nfp_outfile_discard(file);
	return ret;
}

/* fopencookie(3): a failure stays in @file. */
static ssize_t write_outfile(void *cookie, const char *data, size_t len)
{
	return nfp_outfile_add(cookie, data, len) < 0 ? 0 : (ssize_t)len;
}

int nfp_outfile_fill(struct nfp_outfile *file, enum nfp_markup markup, nfp_render *render,
		     const void *what)
{
	struct nfp_ci_filter ci_filter;
	FILE *out = fopencookie(file, "w", (cookie_io_functions_t) {.write = write_outfile});
	FILE *in = out ? nfp_ci_filter_open(&ci_filter, out, markup, false) : NULL;
	int ret = in ? render(what, in) : -ENOMEM;

	if (in && fclose(in) != 0 && ret == 0)
		ret = -EIO;
	if (out && fclose(out) != 0 && ret == 0)
		ret = -EIO;
	if (ret < 0 && !file->failed)
		file->failed = ret;
	return file->failed;
}

int nfp_outfile_render(const char *path, enum nfp_markup markup, nfp_render *render,
		       const void *what, struct nfp_err *err)
{
	struct nfp_outfile *file = NULL;
	int ret = nfp_outfile_open(path, &file, err);

	if (!file)
		return ret;
	(void)nfp_outfile_fill(file, markup, render, what);
	return nfp_outfile_commit(file, err);
}
