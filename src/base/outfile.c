// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/output.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define MODE 0666 /* minus the umask */

struct nfp_outfile {
	char *path;
	const char *base; /* its last component */
	int dir;	  /* the folder in which it is, whatever is renamed meanwhile */
	char *name; /* in it, the new file that is to replace it; NULL: it is written directly */
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
		nfp_err_hint(err, "Is there a folder %.*s?", (int)(name - path), path);
	if (ret == -EPERM)
		nfp_err_hint(err, "Name another file: in a sticky directory, nfprobe does not use "
				  "what belongs to another user.");
	if (ret == -ENXIO)
		nfp_err_hint(err, "Begin what reads it first.");
	return ret;
}

/* The file that is there now. */
struct found {
	struct stat st;
	bool kernels; /* in /dev itself, or of procfs, wherever that is mounted: links are followed
		       */
	bool direct;  /* to be written, and not replaced by a new file .. */
	mode_t mode;  /* .. of this mode */
};

static bool is_dev(const struct stat *folder)
{
	struct stat dev;

	return stat("/dev", &dev) == 0 && dev.st_dev == folder->st_dev &&
	       dev.st_ino == folder->st_ino;
}

/* Looks at @base in @dir through a descriptor of it, which does nothing to it. 0 or -errno. */
static int look(int dir, const char *base, struct found *found)
{
	struct stat folder, target;
	struct statfs fs;
	int fd, ret = 0;
	bool others;

	*found = (struct found) {.mode = MODE};
	if (fstat(dir, &folder) < 0)
		return -errno;
	if (!*base || (fstatat(dir, base, &target, 0) == 0 && S_ISDIR(target.st_mode)))
		return -EISDIR;
	fd = openat(dir, base, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	ret = fd < 0 ? -errno : 0;
	if (fd < 0)
		return ret == -ENOENT && !is_dev(&folder) ? 0 : ret;
	if (fstat(fd, &found->st) < 0 || fstatfs(fd, &fs) < 0)
		ret = -errno;
	close(fd);
	if (ret)
		return ret;
	found->kernels = fs.f_type == PROC_SUPER_MAGIC || is_dev(&folder);
	if ((found->kernels || !S_ISLNK(found->st.st_mode)) &&
	    faccessat(dir, base, W_OK, AT_EACCESS) < 0)
		return -errno;
	found->direct = found->kernels ||
			(!S_ISLNK(found->st.st_mode) && !S_ISREG(found->st.st_mode));
	if (S_ISREG(found->st.st_mode))
		found->mode &= found->st.st_mode;
	/* There rename(2) does not replace the file of another user, whose pipe is a trap. */
	others = (folder.st_mode & S_ISVTX) && found->st.st_uid != geteuid();
	if (others && (found->direct ? found->st.st_uid != 0 : folder.st_uid != geteuid()))
		return -EPERM;
	return 0;
}

/* Opens what was found, if it is that still. A descriptor or -errno. */
static int open_found(int dir, const char *base, const struct found *found)
{
	/* Does not wait for the reader of a pipe. */
	int fd = openat(dir, base,
			O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC |
				(found->kernels ? 0 : O_NOFOLLOW));
	struct stat st;
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		ret = -errno;
	else if (!found->kernels &&
		 (st.st_dev != found->st.st_dev || st.st_ino != found->st.st_ino))
		ret = -EBUSY;
	else if (S_ISREG(st.st_mode) && ftruncate(fd, 0) < 0)
		ret = -errno;
	if (ret)
		close(fd);
	return ret ? ret : fd;
}

/* A descriptor or -errno. */
static int open_new(int dir, const char *base, mode_t mode, char **ret_name)
{
	unsigned int i = 0;
	int fd;

	do {
		free(*ret_name);
		*ret_name = nfp_asprintf(".%s.%d-%u", base, (int)getpid(), i);
		fd = openat(dir, *ret_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	} while (fd < 0 && errno == EEXIST && ++i < 100);
	return fd < 0 ? -errno : fd;
}

/* The folder of @path, and what is there. A descriptor or -errno. */
static int find(const char *path, const char **ret_base, struct found *found)
{
	const char *slash = strrchr(path, '/');
	char *folder;
	int dir, ret;

	*ret_base = slash ? slash + 1 : path;
	folder = nfp_asprintf("%.*s.", (int)(*ret_base - path), path);
	dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ret = dir < 0 ? -errno : look(dir, *ret_base, found);
	free(folder);
	if (dir >= 0 && ret)
		close(dir);
	return ret ? ret : dir;
}

int nfp_outfile_open(const char *path, struct nfp_outfile **ret_file, struct nfp_err *err)
{
	struct nfp_outfile *file;
	char *own = nfp_strdup(path), *name = NULL;
	const char *base;
	struct found found;
	int fd = -1, dir = find(own, &base, &found);

	if (dir >= 0)
		fd = found.direct ? open_found(dir, base, &found)
				  : open_new(dir, base, found.mode, &name);
	if (fd < 0) {
		if (dir >= 0)
			close(dir);
		free(name);
		free(own);
		return cannot(err, dir < 0 ? dir : fd, path);
	}
	*ret_file = file = nfp_malloc(sizeof(*file));
	*file = (struct nfp_outfile) {
		.path = own, .base = base, .dir = dir, .name = name, .sink = nfp_sink_of(fd)};
	return 0;
}

int nfp_outfile_add(struct nfp_outfile *file, const void *data, size_t len)
{
	return nfp_sink_write(&file->sink, data, len);
}

bool nfp_outfile_replaces(const struct nfp_outfile *file)
{
	struct stat st;

	return file->name && fstatat(file->dir, file->base, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Removes a new file that did not replace @path. */
static int close_file(struct nfp_outfile *file, bool commit, struct nfp_err *err)
{
	int ret = file->sink.failed;

	if (close(file->sink.fd) < 0 && ret == 0)
		ret = -errno;
	if (file->name && ret == 0 && commit &&
	    renameat(file->dir, file->name, file->dir, file->base) < 0)
		ret = -errno;
	if (file->name && (ret < 0 || !commit))
		(void)unlinkat(file->dir, file->name, 0);
	close(file->dir);
	if (ret < 0)
		cannot(err, ret, file->path);
	free(file->name);
	free(file->path);
	free(file);
	return ret;
}

int nfp_outfile_commit(struct nfp_outfile *file, struct nfp_err *err)
{
	return close_file(file, true, err);
}

void nfp_outfile_discard(struct nfp_outfile *file)
{
	if (file)
		(void)close_file(file, false, NULL);
}

int nfp_outfile_check(const char *path, struct nfp_err *err)
{
	struct nfp_outfile *file;
	struct found found;
	const char *base;
	int ret, dir = find(path, &base, &found);

	if (dir < 0)
		return cannot(err, dir, path);
	close(dir);
	/* Do not open a pipe: its reader would take closing it for the end of the result. */
	if (found.direct)
		return 0;
	ret = nfp_outfile_open(path, &file, err);
	if (ret == 0)
		nfp_outfile_discard(file);
	return ret;
}

int nfp_outfile_render(const char *path, enum nfp_markup markup,
		       int (*render)(const void *what, FILE *out), const void *what,
		       struct nfp_err *err)
{
	struct nfp_outfile *file;
	struct nfp_door door;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	FILE *in = out ? nfp_door_open(&door, out, markup, false) : NULL;
	int ret = in ? render(what, in) : -ENOMEM;

	if (in && fclose(in) != 0 && ret == 0)
		ret = -ENOMEM;
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
