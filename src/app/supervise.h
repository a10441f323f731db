/* SPDX-License-Identifier: GPL-2.0-or-later */
/* supervise.h - the signals that end a run, and the parent process that outlives it. */
#ifndef NFPROBE_SUPERVISE_H
#define NFPROBE_SUPERVISE_H

#include "app/app.h"

/*
 * Blocks the signals that end a run, and ignores SIGPIPE and SIGXFSZ, for the rest of the process.
 * Call it before any thread is started. 0 or -errno.
 */
int nfp_signals_open(struct nfp_signals *signals);
/* Reads what has arrived, and returns the signal's number or 0. */
int nfp_signals_poll(struct nfp_signals *signals);

/*
 * The process that the user starts forks the one that works, and forks another to restore the host
 * if that one dies in any way. The parent opens neither packet sockets nor namespaces: its copies
 * would keep alive what the kernel is to remove.
 */

/* How the process that worked ended. */
struct nfp_child_exit {
	unsigned int num; /* children that have died so far */
	char how[64];	  /* how the last one ended: "was killed by SIGSEGV" */
	/* The lock of the first one, kept since; NULL: it had not sent any. */
	struct nfp_lock *lock;
};

/*
 * Runs @work in a child. If the child dies, runs it again with @child_exit set, in up to two more
 * children. A child gets SIGTERM if this process is killed. Passes on signals sent to this process.
 * The child sends its lock to @parent_fd (nfp_lock_send). Returns in each child what @work
 * returned, and in the parent the same, 0 to 255; or -errno, -ECHILD when all of them died.
 */
int nfp_supervise(int (*work)(void *ctx, int parent_fd, const struct nfp_child_exit *child_exit),
		  void *ctx, struct nfp_err *err);

#endif
