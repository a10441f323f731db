/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * outfile.h - a file that a result goes to: whole, or as it was before.
 *
 * One rule. A pipe, a device, and whatever is named below /dev (but for /dev/shm) or /proc is
 * written as it is. In place of anything else, a symbolic link too, goes a new file, by way of
 * rename(2): of the mode that umask(2) leaves, and of no more than the mode of the file that it
 * replaces. So nothing is ever written through a link that somebody planted.
 */
#ifndef NFPROBE_OUTFILE_H
#define NFPROBE_OUTFILE_H

#include <stddef.h>
#include <stdio.h>

#include "nfprobe/error.h"

/*
 * Could @path be written? Asked before a run, so that it does not end with a result that has
 * nowhere to go. Leaves everything as it is. 0 or -errno (NFP_E_OUTPUT).
 */
int nfp_outfile_check(const char *path, struct nfp_err *err);

/*
 * Makes what @render writes of @what the whole of @path. A pipe is not waited for: without a reader
 * -ENXIO, with one that takes nothing (sink.h) -ETIMEDOUT. 0 or -errno (NFP_E_OUTPUT).
 */
int nfp_outfile_render(const char *path, int (*render)(const void *what, FILE *out),
		       const void *what, struct nfp_err *err);

/*
 * The same in parts, for what does not fit into memory. A process that is killed before
 * nfp_outfile_commit leaves the new file beside the old one, as @path.PID-N.
 */
struct nfp_outfile;

int nfp_outfile_open(const char *path, struct nfp_outfile **ret_file, struct nfp_err *err);
/* After a failure every later one is the same. 0 or -errno. */
int nfp_outfile_add(struct nfp_outfile *file, const void *data, size_t len);
/* Ends it in any case; the file is in its place when this returns 0. */
int nfp_outfile_commit(struct nfp_outfile *file, struct nfp_err *err);
void nfp_outfile_discard(struct nfp_outfile *file);

#endif
