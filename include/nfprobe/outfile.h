/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * outfile.h - a file that a result goes to: whole, or as it was before.
 *
 * What is not a regular file (a pipe, /dev/null), and all below /dev and /proc, is written as it
 * is. Else the text goes to a new file beside it that then takes its place; where that is not
 * possible (a folder that one may not write to, a file that is a mount of its own) it is written in
 * place. A symbolic link stays one. The file that is replaced hands on its mode.
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
 * Makes @len bytes of @data the whole of @path. A pipe is not waited for: without a reader -ENXIO,
 * with one that does not read for three seconds -ETIMEDOUT. 0 or -errno (NFP_E_OUTPUT).
 */
int nfp_outfile_put(const char *path, const char *data, size_t len, struct nfp_err *err);

/* The same with what @render writes of @what; when that fails, so does this. */
int nfp_outfile_render(const char *path, int (*render)(const void *what, FILE *out),
		       const void *what, struct nfp_err *err);

/*
 * The same in parts, for what does not fit into memory: a regular file as it was until
 * nfp_outfile_commit, and where no other file can take its place, none. A process that is killed in
 * between leaves the new file beside the old one, as @path.PID-N. A pipe is not waited for: without
 * a reader -ENXIO, with one that does not read for three seconds -ETIMEDOUT.
 */
struct nfp_outfile;

int nfp_outfile_open(const char *path, struct nfp_outfile **ret_file, struct nfp_err *err);
/* After a failure every later one is the same. 0 or -errno. */
int nfp_outfile_add(struct nfp_outfile *file, const void *data, size_t len);
/* Ends it in any case; the file is in its place when this returns 0. */
int nfp_outfile_commit(struct nfp_outfile *file, struct nfp_err *err);
void nfp_outfile_discard(struct nfp_outfile *file);

#endif
