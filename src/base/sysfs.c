// SPDX-License-Identifier: GPL-2.0-or-later
/* sysfs.c - files of /sys and /proc. */
#include "base/base.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Truncates to PATH_MAX bytes, which the kernel refuses with ENAMETOOLONG. */
#define FORMAT_PATH(buf, root, fmt)                                              \
	do {                                                                     \
		int len_ = snprintf((buf), sizeof(buf), "%s", prefix_of(root));  \
		va_list ap_;                                                     \
		va_start(ap_, fmt);                                              \
		vsnprintf((buf) + len_, sizeof(buf) - (size_t)len_, (fmt), ap_); \
		va_end(ap_);                                                     \
	} while (0)

const struct nfp_sysroot *nfp_sysroot_default(void)
{
	static const struct nfp_sysroot root = {.prefix = ""};

	return &root;
}

static const char *prefix_of(const struct nfp_sysroot *root)
{
	return root ? root->prefix : "";
}

static int open_path(const char *path, int flags)
{
	int fd = (int)TEMP_FAILURE_RETRY(open(path, flags | O_CLOEXEC | O_NOCTTY));

	return fd < 0 ? -errno : fd;
}

/*
 * Container runtimes mount /proc/sys read-only. A procfs that is mounted nowhere has the same
 * files; it needs CAP_SYS_ADMIN. Returns a descriptor or -errno.
 */
static int open_in_own_proc(const char *path, int flags)
{
	int fs = (int)syscall(SYS_fsopen, "proc", FSOPEN_CLOEXEC), mount = -1, fd = -1, ret;

	if (fs >= 0 && syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		mount = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	if (mount >= 0)
		fd = openat(mount, path, flags | O_CLOEXEC | O_NOCTTY);
	ret = fd < 0 ? -errno : fd;
	if (mount >= 0)
		close(mount);
	if (fs >= 0)
		close(fs);
	return ret;
}

/* Reads until the end of the file or @size bytes. Returns their number or -errno. */
static ssize_t read_fully(int fd, char *buf, size_t size)
{
	size_t have = 0;

	while (have < size) {
		ssize_t n = TEMP_FAILURE_RETRY(read(fd, buf + have, size - have));

		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

static int read_text(char *buf, size_t size, const char *path)
{
	int fd = open_path(path, O_RDONLY);
	ssize_t n = fd < 0 ? fd : read_fully(fd, buf, size);

	if (fd >= 0)
		close(fd);
	if (n == (ssize_t)size)
		n = -EFBIG;
	if (n > 0 && buf[n - 1] == '\n')
		n--;
	buf[n > 0 ? n : 0] = '\0';
	return n < 0 ? (int)n : 0;
}

int nfp_sysfs_read(const struct nfp_sysroot *root, char *buf, size_t size, const char *path, ...)
{
	char full[PATH_MAX + 1];

	FORMAT_PATH(full, root, path);
	return read_text(buf, size, full);
}

int nfp_sysfs_number(const struct nfp_sysroot *root, uint64_t *ret_value, const char *path, ...)
{
	char full[PATH_MAX + 1], text[32];
	unsigned long long value;
	char *end;
	int ret;

	FORMAT_PATH(full, root, path);
	ret = read_text(text, sizeof(text), full);
	if (ret < 0)
		return ret;
	errno = 0;
	value = strtoull(text, &end, strncmp(text, "0x", 2) == 0 ? 16 : 10);
	if (text[0] < '0' || text[0] > '9' || errno || *end != '\0')
		return -EINVAL;
	*ret_value = value;
	return 0;
}

int nfp_sysfs_write(const struct nfp_sysroot *root, const char *text, const char *path, ...)
{
	char full[PATH_MAX + 1];
	size_t len = strlen(text);
	ssize_t n;
	int fd, ret;

	FORMAT_PATH(full, root, path);
	fd = open_path(full, O_WRONLY);
	if (fd == -EROFS && strncmp(full, "/proc/sys/", strlen("/proc/sys/")) == 0)
		fd = open_in_own_proc(full + strlen("/proc/"), O_WRONLY);
	if (fd < 0)
		return fd;
	n = TEMP_FAILURE_RETRY(write(fd, text, len));
	ret = n < 0 ? -errno : (size_t)n == len ? 0 : -EIO;
	if (close(fd) < 0 && ret == 0 && errno != EINTR)
		ret = -errno;
	return ret;
}

/* Copies all of @text, or nothing. */
static int copy_whole(char *buf, size_t size, const char *text)
{
	if (strlen(text) >= size)
		return -ENAMETOOLONG;
	memcpy(buf, text, strlen(text) + 1);
	return 0;
}

int nfp_sysfs_link(const struct nfp_sysroot *root, char *buf, size_t size, const char *path, ...)
{
	char full[PATH_MAX + 1], target[PATH_MAX + 1];
	const char *slash;
	ssize_t n;

	buf[0] = '\0';
	FORMAT_PATH(full, root, path);
	n = readlink(full, target, sizeof(target) - 1); /* the kernel limits targets to PATH_MAX */
	if (n < 0)
		return -errno;
	target[n] = '\0';
	slash = strrchr(target, '/');
	return copy_whole(buf, size, slash ? slash + 1 : target);
}

int nfp_sysfs_resolve(const struct nfp_sysroot *root, char *buf, size_t size, const char *path, ...)
{
	char full[PATH_MAX + 1], real[PATH_MAX];

	buf[0] = '\0';
	FORMAT_PATH(full, root, path);
	return realpath(full, real) ? copy_whole(buf, size, real + strlen(prefix_of(root)))
				    : -errno;
}

int nfp_sysfs_beside(const struct nfp_sysroot *root, char *buf, size_t size, const char *dir,
		     const char *name)
{
	char full[PATH_MAX + 1], target[PATH_MAX + 1];
	const char *left = target;
	size_t len = strlen(dir);
	ssize_t n;

	buf[0] = '\0';
	n = snprintf(full, sizeof(full), "%s%s/%s", prefix_of(root), dir, name);
	if (n < 0 || (size_t)n >= sizeof(full))
		return -ENAMETOOLONG;
	n = readlink(full, target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';
	for (; strncmp(left, "../", 3) == 0; left += 3)
		while (len && dir[--len] != '/')
			;
	if (left == target || strstr(left, "..") || !len)
		return nfp_sysfs_resolve(root, buf, size, "%s/%s", dir, name);
	n = snprintf(buf, size, "%.*s/%s", (int)len, dir, left);
	if (n >= 0 && (size_t)n < size)
		return 0;
	buf[0] = '\0';
	return -ENAMETOOLONG;
}

bool nfp_sysfs_exists(const struct nfp_sysroot *root, const char *path, ...)
{
	char full[PATH_MAX + 1];

	FORMAT_PATH(full, root, path);
	return access(full, F_OK) == 0;
}

int nfp_read_fd(int fd, size_t max, char **ret_text, size_t *ret_len)
{
	size_t size = 0, have = 0;
	char *text = NULL;
	ssize_t n;

	/* Files of procfs have no size: grow until the end, or until there is more than @max. */
	do {
		size = size ? 2 * size : 4096;
		text = nfp_reallocarray(text, size + 1, 1);
		n = read_fully(fd, text + have, size - have);
		have += n > 0 ? (size_t)n : 0;
	} while (n >= 0 && have == size && size <= max);
	if (n < 0 || have > max) {
		free(text);
		return n < 0 ? (int)n : -EFBIG;
	}
	text[have] = '\0';
	*ret_text = text;
	*ret_len = have;
	return 0;
}

int nfp_sysfs_each(const struct nfp_sysroot *root, int (*entry)(const char *name, void *ctx),
		   void *ctx, const char *path, ...)
{
	char full[PATH_MAX + 1];
	struct dirent *d;
	int ret = 0;
	DIR *dir;

	FORMAT_PATH(full, root, path);
	dir = opendir(full);
	if (!dir)
		return -errno;
	while (ret == 0 && (errno = 0, d = readdir(dir))) {
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			ret = entry(d->d_name, ctx);
	}
	if (ret == 0)
		ret = -errno;
	closedir(dir);
	return ret;
}
