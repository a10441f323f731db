/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFPROBE_HOST_LOCK_PRIV_H
#define NFPROBE_HOST_LOCK_PRIV_H

#include "nfprobe/live.h"

struct nfp_lock {
	int dirfd; /* the run directory */
	int fd;	   /* the lock file, locked */
	char parentdev[NFP_TEXT];
};

/*
 * Opens the run directory, made when absent and @create. -ENOENT without words: absent. -EPERM:
 * a symlink, somebody else's, or writable by others.
 */
int nfp_rundir_open(const char *rundir, bool create, int *ret_fd, struct nfp_err *err);

#endif
