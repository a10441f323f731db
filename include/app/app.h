/* SPDX-License-Identifier: GPL-2.0-or-later */
/* app.h - what the program does, mode by mode. */
#ifndef NFPROBE_APP_H
#define NFPROBE_APP_H

#include <stdbool.h>

#include "report/report.h"

/*
 * rights: what this process may do, what a mode needs, and what it gives up. Capabilities belong to
 * a thread: call these in the main thread, before it starts others.
 */

/* Are the capabilities that a probe needs effective? 0 or -EPERM (NFP_E_PERMISSION, naming those
 * that are missing). */
int nfp_need_capabilities(struct nfp_err *err);

/* Is @cap, a CAP_*, effective? */
bool nfp_has_capability(unsigned int cap);

/*
 * Is this the network namespace where a netdev appears when its driver is bound (init_net, see
 * alloc_netdev)? 0, also if that cannot be determined, or -EXDEV (NFP_E_UNSUPPORTED): a VF's netdev
 * would appear elsewhere, and could not be restored here.
 */
int nfp_need_namespace(const struct nfp_sysroot *root, struct nfp_err *err);

/*
 * Is the folder @path of this process that of process 1? A container that sees the host's processes
 * could have one of its own, which ends with it. Where it is not there, the one above it counts. 0,
 * also if that cannot be determined, or -EXDEV (@code).
 */
int nfp_need_host_folder(const struct nfp_sysroot *root, const char *path, enum nfp_errcode code,
			 struct nfp_err *err);

/*
 * May this process write the files of sysfs that probing @vf writes? 0, or -EACCES
 * (NFP_E_PERMISSION) naming the first that it may not. Files that do not exist now do not count.
 */
int nfp_need_files(const struct nfp_vf_info *vf, struct nfp_err *err);

/*
 * Gives up every capability that the mode has no use for, for good: a program that is executed does
 * not get them back either (no_new_privs). Missing capabilities are no failure. 0 or -errno.
 */
int nfp_rights_limit(enum nfp_mode mode);

/* Only the result is left to write, or to have written: gives up every capability that does not
 * concern files. */
int nfp_rights_finish(void);

/* For --reflect, once its sockets are open: root becomes nobody, if it may, and no capability is
 * left. 0 or -errno. */
int nfp_rights_drop_root(struct nfp_err *err);

/*
 * Refuses to run with more rights than the caller has (setuid, setgid, file capabilities), since
 * nfprobe writes files that its caller names: 0 or -EPERM (NFP_E_PERMISSION).
 */
int nfp_rights_refuse_raised(struct nfp_err *err);

/*
 * run: the modes of the program: each puts host, wire and probe together and fills a result.
 * These functions print nothing (print.h).
 */

/*
 * Signals that end a run (INT, TERM, and HUP unless it was ignored, as nohup does), blocked in
 * every thread and read from a descriptor.
 */
struct nfp_signals {
	int fd;	    /* -1: not open */
	int caught; /* the first one, 0: none yet */
	int code; /* its si_code: above 0 if the kernel sent it, as a terminal's to all processes */
};
/*
 * Blocks them, and ignores SIGPIPE and SIGXFSZ, for the rest of the process. Call it before any
 * thread is started. 0 or -errno.
 */
int nfp_signals_open(struct nfp_signals *signals);
/* Reads what has arrived; the signal's number or 0. */
int nfp_signals_poll(struct nfp_signals *signals);

/*
 * supervise: the process that the user starts forks the one that works, and forks another to
 * restore the host if that dies in any way. The parent opens neither packet sockets nor
 * namespaces: its copies would keep alive what the kernel is to remove.
 */

/* How the process that worked ended. */
struct nfp_child_exit {
	unsigned int num;      /* processes that have died so far */
	char how[64];	       /* the last one: "was killed by SIGSEGV" */
	struct nfp_lock *lock; /* of the first one, kept since; NULL: it had not sent any */
};

/*
 * Runs @work in a child. If that dies, runs it again with @child_exit set, in up to two more
 * children. A child gets SIGTERM if this process is killed. Signals sent to this process are passed
 * on. The child sends its lock to @parent_fd (nfp_lock_send). Returns in each child what @work
 * returned, and in the parent the same, 0 to 255; or -errno, -ECHILD when all of them died.
 */
int nfp_supervise(int (*work)(void *ctx, int parent_fd, const struct nfp_child_exit *child_exit),
		  void *ctx, struct nfp_err *err);

/* Between a run and its process. */
struct nfp_run_io {
	struct nfp_events events;
	struct nfp_signals *signals;
	int parent;	     /* the process that forked this one */
	int parent_fd;	     /* a socket to it, which gets the PF's lock (nfp_lock_send) */
	struct nfp_dry *dry; /* of nfp_run_plan; NULL: a run */
};

/*
 * Probes; always fills *result (nfp_result_init before), result->exit_status included. The host
 * has been restored when this returns, or result says what could not be.
 */
void nfp_run_probe(const struct nfp_request *request, const struct nfp_run_io *io,
		   struct nfp_result *result);

/*
 * Reads the id of --id @FILE into the request: 32 hex digits and perhaps a newline, also from a
 * pipe, whose writer is waited for. 0; -EINVAL if it is no id; -EPERM for one that every user may
 * read or write; or another -errno.
 */
int nfp_id_read(struct nfp_request *request, struct nfp_err *err);

/* Puts the netdev's own name in the place of each altname (ip link property) of the request. */
void nfp_names_resolve(struct nfp_request *request);

/*
 * Reads what --list shows: of the one of request->devices if it is named, and with request->quiet
 * without who uses the VFs. Always fills *ret_listing (end it with nfp_listing_fini), with the exit
 * status. 0 or -errno.
 */
int nfp_run_list(const struct nfp_request *request, struct nfp_listing *ret_listing,
		 struct nfp_err *err);

/*
 * Finds what is wrong with the addresses on the PFs of request->devices, or on all. Sends and
 * changes nothing. Always fills *ret_audit (end it with nfp_audit_fini), with the exit status. 0 or
 * -errno.
 */
int nfp_run_audit(const struct nfp_request *request, struct nfp_audit *ret_audit,
		  struct nfp_err *err);

/*
 * Fills *ret_outline (always end it with nfp_outline_fini) with what nfp_run_probe would do, in
 * order. Changes and sends nothing. 0; 1: it would be refused, as the outline says; or -errno.
 */
int nfp_run_plan(const struct nfp_request *request, struct nfp_outline *ret_outline,
		 struct nfp_err *err);

/*
 * Reflects frames for a run on another host until its time is over or a signal comes; fills
 * *ret_report when this returns 0. Calls @opened once all is open. If that returns other than 0,
 * the mode ends. Needs CAP_NET_RAW only. Changes nothing.
 * 0 or -errno.
 */
int nfp_run_reflect(const struct nfp_request *request, const struct nfp_signals *signals,
		    int (*opened)(void *ctx, const struct nfp_reflector_config *config), void *ctx,
		    struct nfp_reflector_report *ret_report, struct nfp_err *err);

#endif
