/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fdscan.h - which process has a device or a socket open, from /proc/<pid>/fd.
 */
#ifndef NFPROBE_HOST_FDSCAN_H
#define NFPROBE_HOST_FDSCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "nfprobe/base.h"

#define NFP_COMM_LEN 32

/* One open file: @target is what the link says, @rdev the device number of a character device, else
 * 0. */
struct nfp_fd {
	pid_t pid;
	const char *target;
	dev_t rdev;
};

/*
 * Calls @fd for every open file of every other process. *ret_complete is false when processes may
 * exist that could not be looked into: no permission, or a PID namespace other than the initial
 * one. Returns 0, what @fd returned when that was not 0, or -errno.
 */
int nfp_fdscan(const struct nfp_sysroot *root, int (*fd)(const struct nfp_fd *fd, void *ctx),
	       void *ctx, bool *ret_complete);

/* Name of a process as in /proc/<pid>/comm; "a process" when it has gone. */
void nfp_fdscan_comm(const struct nfp_sysroot *root, pid_t pid, char comm[NFP_COMM_LEN]);

/* Every character device that somebody has open. Zero is empty and not complete. */
struct nfp_holders {
	struct nfp_holder {
		pid_t pid;
		dev_t rdev;
		char target[64]; /* cut */
	} * v;
	size_t n;
	bool complete;
};
int nfp_holders_read(const struct nfp_sysroot *root, struct nfp_holders *ret_holders);
void nfp_holders_fini(struct nfp_holders *holders);
/* Who has the device open, by its number (0: not known) or its path; NULL: nobody seen. */
const struct nfp_holder *nfp_holders_find(const struct nfp_holders *holders, dev_t rdev,
					  const char *path);

#endif
