/* SPDX-License-Identifier: GPL-2.0-or-later */
/* confine.h - processes that parse what others wrote. */
#ifndef NFPROBE_CONFINE_H
#define NFPROBE_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

#include "nfprobe/base.h"

/*
 * Confines this process for good: it becomes nobody if it is root's and may, gives up all
 * capabilities, and can open no file and no socket, make no process and execute no program; the
 * calls fail with EPERM or EACCES (seccomp(2), landlock(7)). Open descriptors stay open. For a
 * process that parses what others wrote; call it in the only thread. 0 or -errno. *ret_landlock:
 * the kernel has Landlock; without it the rest holds.
 */
int nfp_confine(bool *ret_landlock, struct nfp_err *err);

/*
 * Runs @work in a child that is confined and has only the standard streams and the descriptors
 * @keep. The child dies with this process. Returns what @work returned, 0 to 255, with the error
 * that it set; -ECHILD if the child was killed; or another -errno, and @work was not called. All
 * else that @work changes in memory is the child's own, unless it is shared.
 */
typedef int (*nfp_confined_work)(void *ctx, bool landlock, struct nfp_err *err);
int nfp_run_confined(nfp_confined_work work, void *ctx, const int keep[], size_t num_keep,
		     struct nfp_err *err);

#endif
