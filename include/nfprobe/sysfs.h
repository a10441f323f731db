/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sysfs.h - small files of /sys and /proc: bounded reads, writes that keep the errno.
 *
 * Paths are given as a printf format, so that they are built and bounded in one place. Everything
 * returns 0 or -errno and says nothing in words: a file that is absent is an ordinary answer
 * (-ENOENT) which only the caller can judge. A path of 4096 bytes and more is -ENAMETOOLONG.
 */
#ifndef NFPROBE_SYSFS_H
#define NFPROBE_SYSFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the kernel's file systems are; tests point it at a directory of their own. */
struct nfp_sysroot {
	const char *sys;  /* "/sys" */
	const char *proc; /* "/proc" */
	const char *dev;  /* "/dev" */
	const char *run;  /* "/run" */
};

/* The machine's own. Never NULL. */
const struct nfp_sysroot *nfp_sysroot_default(void);

/*
 * Reads a file of at most @size - 1 bytes as text: NUL-terminated, without the last newline.
 * -EFBIG when it is longer; @buf is then an empty string, as after every failure.
 */
int nfp_sysfs_read(char *buf, size_t size, const char *path, ...)
	__attribute__((format(printf, 3, 4)));
/* A file with one number, decimal or 0x.., and nothing else. -EINVAL otherwise. */
int nfp_sysfs_number(uint64_t *ret_value, const char *path, ...)
	__attribute__((format(printf, 2, 3)));
/* Writes @text in one write(2) to a file that exists. Blocks as long as the kernel does. */
int nfp_sysfs_write(const char *text, const char *path, ...) __attribute__((format(printf, 2, 3)));
/* The last component of a symbolic link's target. */
int nfp_sysfs_link(char *buf, size_t size, const char *path, ...)
	__attribute__((format(printf, 3, 4)));
/* The path with every symbolic link resolved. */
int nfp_sysfs_resolve(char *buf, size_t size, const char *path, ...)
	__attribute__((format(printf, 3, 4)));
bool nfp_sysfs_exists(const char *path, ...) __attribute__((format(printf, 1, 2)));

/*
 * A whole file of up to @max bytes into a buffer that the caller frees; NUL-terminated behind
 * *ret_len bytes. -EFBIG when it is longer.
 */
int nfp_sysfs_slurp(size_t max, char **ret_text, size_t *ret_len, const char *path, ...)
	__attribute__((format(printf, 4, 5)));
/* The rest of any file that is open. */
int nfp_sysfs_slurp_fd(int fd, size_t max, char **ret_text, size_t *ret_len);

/*
 * Calls @entry for each name in a directory but "." and "..", in no order. A value other than 0
 * ends it and is returned.
 */
int nfp_sysfs_each(int (*entry)(const char *name, void *ctx), void *ctx, const char *path, ...)
	__attribute__((format(printf, 3, 4)));

#endif
