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

/* Makes @len bytes of @data the whole of @path. 0 or -errno (NFP_E_OUTPUT). */
int nfp_outfile_put(const char *path, const char *data, size_t len, struct nfp_err *err);

/* The same with what @render writes of @what; when that fails, so does this. */
int nfp_outfile_render(const char *path, int (*render)(const void *what, FILE *out),
		       const void *what, struct nfp_err *err);

#endif
