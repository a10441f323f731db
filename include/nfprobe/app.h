/* SPDX-License-Identifier: GPL-2.0-or-later */
/* app.h - what the program does, mode by mode. */
#ifndef NFPROBE_APP_H
#define NFPROBE_APP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "nfprobe/base.h"
#include "nfprobe/host.h"
#include "nfprobe/inventory.h"
#include "nfprobe/report.h"
#include "nfprobe/request.h"
#include "nfprobe/result.h"
#include "nfprobe/sources.h"
#include "nfprobe/verdict.h"

/*
 * rights: what this process may do: what a mode needs and lacks, and what it gives up.
 * Capabilities belong to a thread: all of this is for the main thread, before it makes others.
 */

/* Effective capabilities that a probe needs: 0 or -EPERM (NFP_E_PERMISSION, naming what lacks). */
int nfp_need_capabilities(struct nfp_err *err);

/* Is this one of them, CAP_*, effective? */
bool nfp_has_capability(unsigned int cap);

/*
 * Is this the network namespace where netdevs come to life when their driver is bound (init_net, as
 * alloc_netdev has it)? 0, also where that cannot be told, or -EXDEV (NFP_E_UNSUPPORTED): a VF's
 * netdev would come up elsewhere, and could not be put back here.
 */
int nfp_need_namespace(const struct nfp_sysroot *root, struct nfp_err *err);

/*
 * The files of sysfs that probing this VF writes: 0, or -EACCES (NFP_E_PERMISSION) naming the first
 * that this process may not write. What is not there now is not asked for.
 */
int nfp_need_files(const struct nfp_vf_info *vf, struct nfp_err *err);

/*
 * Gives up every capability that the mode has no use for, and for good: also what a program that
 * is executed would get (no_new_privs). Of NFP_MODE_READ none is left: what it reads is open by
 * then. Never fails for want of a capability. 0 or -errno.
 */
int nfp_rights_limit(enum nfp_mode mode);
/* Gives up all that is left. */
int nfp_rights_drop(void);

/* Nothing remains but to write the result: every capability that is not about files is given up. */
int nfp_rights_finish(void);

/*
 * Was this program given more rights than its caller has (setuid, setgid, file capabilities)? Then
 * -EPERM (NFP_E_PERMISSION): it must not run at all, since it writes files that its caller names.
 */
int nfp_rights_refuse_raised(struct nfp_err *err);

/*
 * run: the modes of the program: each puts host, wire and probe together and fills a result.
 * Nothing is printed here; main is told through struct nfp_run_io and writes the report.
 */

/*
 * Signals that end a run (INT, TERM, and HUP unless it was ignored, as nohup does), blocked in
 * every thread and read from a descriptor.
 */
struct nfp_signals {
	int fd;	    /* -1: not open */
	int caught; /* the first one, 0: none yet */
};
/* Blocks them, ignores SIGPIPE and SIGXFSZ. To be called before any thread is made. 0 or -errno. */
int nfp_signals_open(struct nfp_signals *signals);
void nfp_signals_close(struct nfp_signals *signals);
/* Reads what has arrived; the signal's number or 0. */
int nfp_signals_poll(struct nfp_signals *signals);

/*
 * supervise: the process that the user starts forks the one that works, and forks another to put
 * the host back if that dies, however it dies. The parent opens neither packet sockets nor
 * namespaces: a copy there would keep alive what the kernel is to take back.
 */

/* What became of the process that worked. */
struct nfp_death {
	unsigned int num;      /* processes that died so far; of the last one: */
	char how[64];	       /* "was killed by SIGSEGV" */
	struct nfp_lock *lock; /* that of the first one, kept since; NULL: it had not sent any */
};

/*
 * Runs @work in a child, and again, with @death not NULL, in up to two more while they die. A child
 * has SIGTERM if this process is killed; signals that are sent to this process are passed on. The
 * child sends its lock to @parent_fd (nfp_lock_send). Returns in each child what @work returned,
 * and in the parent the same, 0 to 255; or -errno, -ECHILD when all of them died.
 */
int nfp_supervise(int (*work)(void *ctx, int parent_fd, const struct nfp_death *death), void *ctx,
		  struct nfp_err *err);

/* How a mode speaks while it runs. Each function may be NULL. */
struct nfp_run_io {
	void (*change)(void *ctx, const char *command);	  /* about to be changed, as a command */
	void (*warning)(void *ctx, const char *sentence); /* also in the result */
	void (*progress)(void *ctx, const struct nfp_where *where, enum nfp_step step,
			 uint64_t remaining_ns);
	/* The PF is this run's; nothing was changed yet. 0 or -errno. */
	int (*locked)(void *ctx, const struct nfp_lock *lock, const struct nfp_result *result,
		      struct nfp_err *err);
	/* PF and VFs are known and may be probed; nothing was changed yet. */
	void (*begun)(void *ctx, const struct nfp_result *result);
	/* As in struct nfp_progress. */
	void (*done)(void *ctx, const struct nfp_where *where, const struct nfp_step_result *step,
		     const struct nfp_transition *transition);
	/* A style of a VF has its verdict. */
	void (*judged)(void *ctx, unsigned int vf, const struct nfp_style_result *style);
	void *ctx;
	struct nfp_signals *signals;
	int parent;			   /* process that forked this one; 0: none */
	const struct nfp_result *baseline; /* of --baseline; NULL: none */
};

/*
 * Probes; always fills *result (nfp_result_init before), result->exit_status included. The
 * host has been put back when this returns, or result says what could not be.
 */
void nfp_run_probe(const struct nfp_request *request, const struct nfp_run_io *io,
		   struct nfp_result *result);

/* What a request names to be read. -1: not asked for. */
struct nfp_inputs {
	int recording, baseline; /* descriptors of regular files */
};

/*
 * Opens them, while this process still may, and reads the id of --id @FILE into the request: 32 hex
 * digits and perhaps a newline, by way of a pipe, too, which is waited for. 0; -EINVAL for what is
 * no regular file, or no id; -EPERM for an id that every user may read or write; or another -errno.
 * On failure nothing is open.
 */
int nfp_inputs_open(struct nfp_request *request, struct nfp_inputs *ret_inputs,
		    struct nfp_err *err);

/* No file of a result is larger. */
#define NFP_BASELINE_BYTES (32U << 20)
/*
 * What io.baseline points at, from @fd, which it closes: of at most NFP_BASELINE_BYTES. -EINVAL
 * (NFP_E_BASELINE) for what is no result, or -errno of the file; the words name @path. Nothing is
 * left to free on failure.
 */
int nfp_baseline_read(int fd, const char *path, struct nfp_result *ret_result, struct nfp_err *err);

/*
 * Reads what a run with --write left in request->read_file, which is open as @fd (closed here), and
 * counts and judges it again; always fills *result (nfp_result_init before). What is in the file
 * is nobody's word: to be called without any capability.
 */
void nfp_run_read(const struct nfp_request *request, const struct nfp_run_io *io, int fd,
		  struct nfp_result *result);

/*
 * Fills *ret_outline (to be ended by nfp_outline_fini in any case) with what nfp_run_probe would
 * do, in order. Changes and sends nothing. 0 or -errno.
 */
int nfp_run_plan(const struct nfp_request *request, struct nfp_outline *ret_outline,
		 struct nfp_err *err);

/*
 * Is the reflector of a run on another host until its time is over or a signal comes; *ret_report
 * is filled when this returns 0. @opened is told once all is open; what it returns, if not 0, ends
 * the mode. Needs CAP_NET_RAW only, and changes nothing. 0 or -errno.
 */
int nfp_run_reflect(const struct nfp_request *request, const struct nfp_signals *signals,
		    int (*opened)(void *ctx, const struct nfp_reflector_config *config), void *ctx,
		    struct nfp_reflector_report *ret_report, struct nfp_err *err);

#endif
