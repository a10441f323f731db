/* SPDX-License-Identifier: GPL-2.0-or-later */
/* output.h - where output goes. */
#ifndef NFPROBE_OUTPUT_H
#define NFPROBE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "nfprobe/base.h"

/*
 * sink: where output goes: to a reader that may have stopped reading. While a run holds a VF it
 * must not wait for that reader for long.
 */

/* A reader that takes nothing for this long is given up; nfprobe(8) promises it. */
#define NFP_STALL_NS (3 * NFP_NSEC_PER_SEC)
/* .. and so is one that takes a little now and then, once it was waited for so long in all. */
#define NFP_PATIENCE_NS (30 * NFP_NSEC_PER_SEC)
/* .. and a terminal that somebody has stopped, once nothing is held any more. */
#define NFP_STOPPED_NS (60 * NFP_NSEC_PER_SEC)

struct nfp_sink {
	int fd;		  /* best non-blocking, else a write may wait for longer */
	uint64_t wait_ns; /* how long it may take nothing */
	uint64_t left_ns; /* how long it may still be waited for in all */
	int wake_fd;	  /* ends the wait when it is readable; never read here; -1: none */
	bool *in_line;	  /* NULL, or true while what was written does not end a line */
	int failed;	  /* 0, or -errno of the first failure; from then on nothing is written */
};

/*
 * What is opened later must not get the number of a standard stream that was closed, and what goes
 * there. Using one of those is an error still.
 */
void nfp_sink_occupy(void);

/*
 * A stream onto the inherited descriptor @fd, by way of @sink, which it fills and which must live
 * as long. Of a pipe or a terminal it opens a description of its own, since the inherited one is
 * shared with other processes and blocks. NULL with errno set on failure.
 */
FILE *nfp_sink_stream(struct nfp_sink *sink, int fd);

/* Writes all of it: 0; -ETIMEDOUT when the reader was given up; or another -errno. */
int nfp_sink_put(struct nfp_sink *sink, const void *data, size_t len);

/*
 * Nothing is held any more: a terminal is waited for, for NFP_STOPPED_NS or until @wake_fd is
 * readable; others as before, and who takes a little now and then gets it all. Was the reader given
 * up?
 */
bool nfp_sink_take_time(struct nfp_sink *sink, int wake_fd);

/* Onto @fd, which must be non-blocking and stays the caller's. */
struct nfp_sink nfp_sink_of(int fd);

/* Does it take something at once? */
bool nfp_sink_ready(const struct nfp_sink *sink);

/* strerror(3) of what nfp_sink_put returned, which for -ETIMEDOUT speaks of the reader. */
const char *nfp_sink_strerror(int ret);

/*
 * outfile: a file that a result goes to: whole, or as it was before.
 *
 * One rule. A pipe, a device, and whatever is named below /dev (but for /dev/shm) or /proc is
 * written as it is. In place of anything else, a symbolic link too, goes a new file, by way of
 * rename(2): of the mode that umask(2) leaves, and of no more than the mode of the file that it
 * replaces. So nothing is ever written through a link that somebody planted.
 */

/*
 * Could @path be written? Asked before a run, so that it does not end with a result that has
 * nowhere to go. Leaves everything as it is. 0 or -errno (NFP_E_OUTPUT).
 */
int nfp_outfile_check(const char *path, struct nfp_err *err);

/*
 * Makes what @render writes of @what the whole of @path. A pipe is not waited for: without a reader
 * -ENXIO, with one that takes nothing (output.h) -ETIMEDOUT. 0 or -errno (NFP_E_OUTPUT).
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
