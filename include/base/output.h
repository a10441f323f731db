/* SPDX-License-Identifier: GPL-2.0-or-later */
/* output.h - output to readers that may stop reading, and to files. */
#ifndef NFPROBE_OUTPUT_H
#define NFPROBE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/base.h"

/* Exit statuses. A signal that ended the run gives 128 and its number. */
enum nfp_exit {
	NFP_EXIT_SAFE, /* or a mode without a verdict has done its work */
	NFP_EXIT_UNSAFE,
	NFP_EXIT_USAGE,
	NFP_EXIT_UNKNOWN,
	NFP_EXIT_CANNOT, /* nothing was probed or listed, a process died, or nobody got the result
			  */
	NFP_EXIT_NOT_RESTORED,
};

/* One unsafe verdict decides, whatever else is not known. */
static inline int nfp_exit_of(bool unsafe, bool unknown)
{
	return unsafe ? NFP_EXIT_UNSAFE : unknown ? NFP_EXIT_UNKNOWN : NFP_EXIT_SAFE;
}

/*
 * sink: output to a pipe or terminal whose reader may have stopped reading. A run that holds a VF
 * must not wait long for that reader.
 */

/* A reader that reads nothing for this long is given up, as nfprobe-result(5) promises. */
#define NFP_STALL_NS (3 * NFP_NSEC_PER_SEC)
/* A slow reader is given up after waiting this long in all. */
#define NFP_SLOW_READER_NS (30 * NFP_NSEC_PER_SEC)
/* Once the host is restored, a reader gets this long: a pager, ^S, a controller that is busy. */
#define NFP_RESTORED_STALL_NS (60 * NFP_NSEC_PER_SEC)

struct nfp_sink {
	int fd;		  /* should be non-blocking, else a write may wait longer */
	uint64_t wait_ns; /* how long the reader may read nothing */
	uint64_t left_ns; /* how long we may still wait in all */
	int wake_fd;	  /* the wait ends when this is readable; never read; -1: none */
	bool *in_line;	  /* NULL, or set to whether the output ends within a line */
	int failed;	  /* -errno of the first failure, after which nothing is written */
};

/*
 * Keeps the numbers of closed standard streams from being reused by files opened later. Using such
 * a stream is still an error.
 */
void nfp_sink_reserve_std(void);

/*
 * Returns a stream that writes to the inherited descriptor @fd through @sink, which it initializes
 * and which must live as long. It opens a pipe or terminal anew, because the inherited open file
 * description is shared with other processes and blocks. NULL with errno set on failure.
 */
FILE *nfp_sink_stream(struct nfp_sink *sink, int fd);

/* Writes everything. 0; -ETIMEDOUT if the reader was given up; or another -errno. */
int nfp_sink_write(struct nfp_sink *sink, const void *data, size_t len);

/*
 * Waits longer from now on, since the host is restored: for a reader that reads nothing,
 * NFP_RESTORED_STALL_NS or until @wake_fd is readable, and for a slow one as long as it reads at
 * all. Returns whether the reader was given up before; then only a terminal's is waited for longer.
 */
bool nfp_sink_wait_longer(struct nfp_sink *sink, int wake_fd);

/* True if something can be written without waiting. */
bool nfp_sink_ready(const struct nfp_sink *sink);

/* strerror(3) for what nfp_sink_write returned; for -ETIMEDOUT it mentions the reader. */
const char *nfp_sink_strerror(int ret);

/*
 * CI filter: output to anything but a terminal, in which nothing is a command of a CI system that
 * prints it. It escapes the character that would complete one, or replaces it by a question mark
 * where there are no escapes.
 */

/* How characters are escaped in the output. */
enum nfp_markup {
	NFP_MARKUP_NONE,
	NFP_MARKUP_JSON,
};

struct nfp_ci_filter {
	FILE *to;
	enum nfp_markup markup;
	bool colour;   /* colour sequences are the program's own */
	bool in_line;  /* the line has more than blanks so far */
	bool colon;    /* the line has just one colon */
	char tail[16]; /* the last characters */
};

/* Returns a stream into @to, which stays open and is flushed with it. @ci_filter must live as long.
 * NULL with errno set on failure. */
FILE *nfp_ci_filter_open(struct nfp_ci_filter *ci_filter, FILE *to, enum nfp_markup markup,
			 bool colour);

/*
 * outfile: a file for a result, which is either complete or as it was before.
 *
 * Its folder is opened once. A regular file that exists is replaced by a new file with renameat(2).
 * Anything else is refused (-ENOTSUP), even a symbolic link: nothing is ever written through a link
 * that somebody planted, and what stands for an open file (/dev/stdout) is for the shell. The new
 * file's mode is what umask(2) leaves, and no more than that of the file it replaces.
 *
 * The new file's name begins with a dot: whoever reads all files of a folder (Node Feature
 * Discovery, the textfile collector of Prometheus) passes over a file that is not complete.
 */

/* Writes @what to @out. 0 or -errno. */
typedef int nfp_render(const void *what, FILE *out);

/*
 * Looks whether @path can be written. Called before a run, so that its result has somewhere to go.
 * Changes nothing. 0 or -errno (NFP_E_OUTPUT).
 */
int nfp_outfile_check(const char *path, struct nfp_err *err);

/* Replaces @path with what @render writes, through a CI filter. 0 or -errno (NFP_E_OUTPUT). */
int nfp_outfile_render(const char *path, enum nfp_markup markup, nfp_render *render,
		       const void *what, struct nfp_err *err);

/*
 * Writes the file in parts. If the process is killed before nfp_outfile_commit, the new file stays
 * beside the old one as .NAME.RANDOM, whose 16 digits nobody can guess.
 */
struct nfp_outfile;

int nfp_outfile_open(const char *path, struct nfp_outfile **ret_file, struct nfp_err *err);
/*
 * Opens a file that lasts: @name in the folder @dir, which everybody may read, whatever the umask.
 * nfp_outfile_commit flushes it to the disk, and fails with -EEXIST rather than replace another. 0
 * or -errno.
 */
int nfp_outfile_open_lasting(int dir, const char *name, struct nfp_outfile **ret_file);
/* Adds to the file. 0 or -errno. After a failure, all later calls return the same. */
int nfp_outfile_add(struct nfp_outfile *file, const void *data, size_t len);
/* Writes the text that @render makes, through a CI filter. */
int nfp_outfile_fill(struct nfp_outfile *file, enum nfp_markup markup, nfp_render *render,
		     const void *what);
/* Puts the new file in place. Frees @file in any case. 0 or -errno. */
int nfp_outfile_commit(struct nfp_outfile *file, struct nfp_err *err);
void nfp_outfile_discard(struct nfp_outfile *file);

#endif
