// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODE 0666 /* minus the umask */

struct nfp_outfile {
	char *path;
	char *name; /* the new file that is to replace it; NULL: it is written directly */
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
		nfp_err_hint(err, "name another file: in a sticky directory, only its owner can "
				  "replace a file");
	if (ret == -ENXIO)
		nfp_err_hint(err, "begin what reads it first");
	return ret;
}

/* /dev/stdout is a symbolic link, but must not be replaced by a file. */
static bool is_of_the_kernel(const char *path)
{
	return (strncmp(path, "/dev/", 5) == 0 && strncmp(path, "/dev/shm/", 9) != 0) ||
	       strncmp(path, "/proc/", 6) == 0;
}

/* 1: write it directly; 0: replace it by a new file of *ret_mode; or -errno. */
static int choose_way(const char *path, mode_t *ret_mode)
{
	const bool kernels = is_of_the_kernel(path);
	const char *name = strrchr(path, '/');
	struct stat st, in;
	char *folder;
	bool link;
	int ret;

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
	/* In a sticky folder rename(2) does not replace the file of another user. */
	folder = nfp_asprintf("%.*s.", name ? (int)(name - path) + 1 : 0, path);
	ret = stat(folder, &in) < 0 ? -errno : 0;
	free(folder);
	if (ret == 0 && (in.st_mode & S_ISVTX) && in.st_uid != geteuid() && st.st_uid != geteuid())
		return -EPERM;
	return ret;
}

int nfp_outfile_open(const char *path, struct nfp_outfile **ret_file, struct nfp_err *err)
{
	struct nfp_outfile *file;
	char *name = NULL;
	mode_t mode;
	int fd, ret = choose_way(path, &mode);

	if (ret < 0)
		return cannot(err, ret, path);
	if (ret > 0) {
		/* Does not wait for the reader of a pipe. Follows only the kernel's links. */
		fd = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC |
					(is_of_the_kernel(path) ? O_TRUNC : O_NOFOLLOW));
	} else {
		const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
		unsigned int i = 0;

		do {
			free(name);
			name = nfp_asprintf("%.*s.%s.%d-%u", (int)(base - path), path, base,
					    (int)getpid(), i);
			fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
		} while (fd < 0 && errno == EEXIST && ++i < 100);
	}
	if (fd < 0) {
		ret = cannot(err, -errno, path);
		free(name);
		return ret;
	}
	*ret_file = file = nfp_malloc(sizeof(*file));
	*file = (struct nfp_outfile) {
		.path = nfp_strdup(path), .name = name, .sink = nfp_sink_of(fd)};
	return 0;
}

int nfp_outfile_add(struct nfp_outfile *file, const void *data, size_t len)
{
	return nfp_sink_write(&file->sink, data, len);
}

int nfp_outfile_publish(struct nfp_outfile *file, mode_t mode)
{
	if (!file->sink.failed && (fchmod(file->sink.fd, mode) < 0 || fsync(file->sink.fd) < 0))
		file->sink.failed = -errno;
	return file->sink.failed;
}

bool nfp_outfile_replaces(const struct nfp_outfile *file)
{
	struct stat st;

	return file->name && lstat(file->path, &st) == 0;
}

/* Removes a new file that did not replace @path. */
static int close_file(struct nfp_outfile *file, bool commit, struct nfp_err *err)
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
	mode_t mode;
	int ret = choose_way(path, &mode);

	if (ret < 0)
		return cannot(err, ret, path);
	/* Do not open a pipe: its reader would take closing it for the end of the result. */
	if (ret > 0)
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
