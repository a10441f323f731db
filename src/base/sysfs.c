// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/base.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FORMAT_PATH(buf, fmt, ret)                                   \
	do {                                                         \
		va_list ap_;                                         \
		va_start(ap_, fmt);                                  \
		(ret) = format_path((buf), sizeof(buf), (fmt), ap_); \
		va_end(ap_);                                         \
	} while (0)

const struct nfp_sysroot *nfp_sysroot_default(void)
{
	static const struct nfp_sysroot root = {
		.sys = "/sys", .proc = "/proc", .dev = "/dev", .run = "/run"};

	return &root;
}

static int __attribute__((format(printf, 3, 0)))
format_path(char *buf, size_t size, const char *fmt, va_list ap)
{
	int n = vsnprintf(buf, size, fmt, ap);

	if (n < 0)
		return -EINVAL;
	return (size_t)n < size ? 0 : -ENAMETOOLONG;
}

static int open_retry(const char *path, int flags)
{
	int fd = (int)TEMP_FAILURE_RETRY(open(path, flags | O_CLOEXEC | O_NOCTTY));

	return fd < 0 ? -errno : fd;
}

/* Reads up to @size bytes, until the end; the number read or -errno. */
static ssize_t read_all(int fd, char *buf, size_t size)
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

static int read_text(const char *path, char *buf, size_t size)
{
	ssize_t n;
	int fd = open_retry(path, O_RDONLY);

	buf[0] = '\0';
	if (fd < 0)
		return fd;
	n = read_all(fd, buf, size);
	close(fd);
	if (n < 0 || (size_t)n == size) {
		buf[0] = '\0';
		return n < 0 ? (int)n : -EFBIG;
	}
	if (n > 0 && buf[n - 1] == '\n')
		n--;
	buf[n] = '\0';
	return 0;
}

int nfp_sysfs_read(char *buf, size_t size, const char *path, ...)
{
	char full[PATH_MAX];
	int r;

	buf[0] = '\0';
	FORMAT_PATH(full, path, r);
	return r < 0 ? r : read_text(full, buf, size);
}

int nfp_sysfs_number(uint64_t *ret_value, const char *path, ...)
{
	char full[PATH_MAX], text[32];
	unsigned long long value;
	char *end;
	int r;

	FORMAT_PATH(full, path, r);
	if (r == 0)
		r = read_text(full, text, sizeof(text));
	if (r < 0)
		return r;
	if (text[0] < '0' || text[0] > '9')
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, strncmp(text, "0x", 2) == 0 ? 16 : 10);
	if (errno || *end != '\0')
		return -EINVAL;
	*ret_value = value;
	return 0;
}

int nfp_sysfs_write(const char *text, const char *path, ...)
{
	char full[PATH_MAX];
	size_t len = strlen(text);
	ssize_t n;
	int fd, r;

	FORMAT_PATH(full, path, r);
	if (r < 0)
		return r;
	fd = open_retry(full, O_WRONLY);
	if (fd < 0)
		return fd;
	n = TEMP_FAILURE_RETRY(write(fd, text, len));
	r = n < 0 ? -errno : (size_t)n == len ? 0 : -EIO;
	if (close(fd) < 0 && r == 0 && errno != EINTR)
		r = -errno;
	return r;
}

/* All of @text, or nothing. */
static int copy(char *buf, size_t size, const char *text)
{
	if (strlen(text) >= size)
		return -ENAMETOOLONG;
	memcpy(buf, text, strlen(text) + 1);
	return 0;
}

int nfp_sysfs_link(char *buf, size_t size, const char *path, ...)
{
	char full[PATH_MAX], target[PATH_MAX];
	const char *slash;
	ssize_t n;
	int r;

	buf[0] = '\0';
	FORMAT_PATH(full, path, r);
	if (r < 0)
		return r;
	n = readlink(full, target, sizeof(target));
	if (n < 0)
		return -errno;
	if ((size_t)n == sizeof(target))
		return -ENAMETOOLONG;
	target[n] = '\0';
	slash = strrchr(target, '/');
	return copy(buf, size, slash ? slash + 1 : target);
}

int nfp_sysfs_resolve(char *buf, size_t size, const char *path, ...)
{
	char full[PATH_MAX], real[PATH_MAX];
	int r;

	buf[0] = '\0';
	FORMAT_PATH(full, path, r);
	if (r < 0)
		return r;
	return realpath(full, real) ? copy(buf, size, real) : -errno;
}

bool nfp_sysfs_exists(const char *path, ...)
{
	char full[PATH_MAX];
	int r;

	FORMAT_PATH(full, path, r);
	return r == 0 && access(full, F_OK) == 0;
}

/* Files of procfs have no size: grow until the end is reached, or one byte more than @max. */
int nfp_sysfs_slurp_fd(int fd, size_t max, char **ret_text, size_t *ret_len)
{
	size_t size = 0, have = 0;
	char *text = NULL;
	ssize_t n;

	do {
		size = size ? 2 * size : 4096;
		text = nfp_reallocarray(text, size + 1, 1);
		n = read_all(fd, text + have, size - have);
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

int nfp_sysfs_slurp(size_t max, char **ret_text, size_t *ret_len, const char *path, ...)
{
	char full[PATH_MAX];
	int fd, r;

	FORMAT_PATH(full, path, r);
	if (r < 0)
		return r;
	fd = open_retry(full, O_RDONLY);
	if (fd < 0)
		return fd;
	r = nfp_sysfs_slurp_fd(fd, max, ret_text, ret_len);
	close(fd);
	return r;
}

int nfp_sysfs_each(int (*entry)(const char *name, void *ctx), void *ctx, const char *path, ...)
{
	char full[PATH_MAX];
	struct dirent *d;
	DIR *dir;
	int r;

	FORMAT_PATH(full, path, r);
	if (r < 0)
		return r;
	dir = opendir(full);
	if (!dir)
		return -errno;
	while (r == 0 && (errno = 0, d = readdir(dir))) {
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			r = entry(d->d_name, ctx);
	}
	if (r == 0)
		r = -errno;
	closedir(dir);
	return r;
}
