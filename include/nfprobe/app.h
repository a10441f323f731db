/* SPDX-License-Identifier: GPL-2.0-or-later */
/* app.h - what the program does, mode by mode. */
#ifndef NFPROBE_APP_H
#define NFPROBE_APP_H

#include <stdbool.h>

#include "nfprobe/confine.h"
#include "nfprobe/report.h"

/*
 * The status for `git bisect run` (git-bisect(1)), to which 1 to 127 is bad but for 125, which is a
 * commit that cannot be tested, and anything above ends the bisection. No signal is above 200.
 */
#define NFP_BISECT_SKIP	 125
#define NFP_BISECT_ABORT 200
int nfp_bisect_exit(int status);

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
 * May this process write the files of sysfs that probing @vf writes? 0, or -EACCES
 * (NFP_E_PERMISSION) naming the first that it may not. Files that do not exist now do not count.
 */
int nfp_need_files(const struct nfp_vf_info *vf, struct nfp_err *err);

/*
 * Gives up every capability that the mode has no use for, for good: a program that is executed does
 * not get them back either (no_new_privs). Only with NFP_MODE_ALL does such a program have what is
 * kept. @confines: a probe, or those of --all, may have to call nfp_run_confined.
 * Missing capabilities are no failure. 0 or -errno.
 */
int nfp_rights_limit(enum nfp_mode mode, bool confines);

/* Only the result is left to write, or to have written: gives up every capability that concerns
 * neither files nor nfp_confine. */
int nfp_rights_finish(void);

/*
 * Refuses to run with more rights than the caller has (setuid, setgid, file capabilities), since
 * nfprobe writes files that its caller names: 0 or -EPERM (NFP_E_PERMISSION).
 */
int nfp_rights_refuse_raised(struct nfp_err *err);

/*
 * run: the modes of the program: each puts host, wire and probe together and fills a result.
 * Nothing is printed here: main.c prints the events that it is told of, and the report.
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
struct nfp_death {
	unsigned int num;      /* processes that have died so far */
	char how[64];	       /* the last one: "was killed by SIGSEGV" */
	struct nfp_lock *lock; /* of the first one, kept since; NULL: it had not sent any */
};

/*
 * Runs @work in a child; if that dies, runs it again with @death set, in up to two more children. A
 * child gets SIGTERM if this process is killed; signals sent to this process are passed on. The
 * child sends its lock to @parent_fd (nfp_lock_send). Returns in each child what @work returned,
 * and in the parent the same, 0 to 255; or -errno, -ECHILD when all of them died.
 */
int nfp_supervise(int (*work)(void *ctx, int parent_fd, const struct nfp_death *death), void *ctx,
		  struct nfp_err *err);

/* Between a run and its process. */
struct nfp_run_io {
	struct nfp_events events;
	struct nfp_signals *signals;
	int parent;	 /* the process that forked this one .. */
	int parent_fd;	 /* .. gets the PF's lock (nfp_lock_send) */
	int baseline_fd; /* of request->baseline_file; it is not read here */
};

/*
 * Probes; always fills *result (nfp_result_init before), result->exit_status included. The host
 * has been restored when this returns, or result says what could not be.
 */
void nfp_run_probe(const struct nfp_request *request, const struct nfp_run_io *io,
		   struct nfp_result *result);

/* How --all reports. */
struct nfp_all_io {
	/* A line that the run on this PF has written to standard error, as that has it. */
	void (*line)(void *ctx, const char *ifname, const char *text);
	/* The run of @job has begun a step, or has ended. */
	void (*progress)(void *ctx, const struct nfp_jobs *jobs, const struct nfp_job *job);
	void *ctx;
	struct nfp_signals *signals; /* passed on to the runs; then no other one begins */
};

/*
 * Executes a run on each PF of this host that has VFs, with options of the request; always fills
 * *ret_jobs (end it with nfp_jobs_fini). All runs have ended when this returns, and after one that
 * was killed --restore has; each gets SIGTERM if this process dies. 0, with the worst status in
 * ret_jobs->exit_status; or -errno with @err if none was begun.
 */
int nfp_run_all(const struct nfp_request *request, const struct nfp_all_io *io,
		struct nfp_jobs *ret_jobs, struct nfp_err *err);

/* Descriptors of the regular files that a request names to be read. -1: not asked for. */
struct nfp_inputs {
	int recording, baseline;
};

/*
 * Opens them while this process still may, and reads the id of --id @FILE into the request: 32 hex
 * digits and perhaps a newline, also from a pipe, whose writer is waited for. 0; -EINVAL if it is
 * not a regular file, or not an id; -EPERM for an id that every user may read or write; or another
 * -errno. On failure nothing is open.
 */
int nfp_inputs_open(struct nfp_request *request, struct nfp_inputs *ret_inputs,
		    struct nfp_err *err);

/* No file of a result is larger. */
#define NFP_BASELINE_BYTES (32U << 20)
/*
 * Can request->baseline_file, open as @fd, be compared with, and with a run on @now if that is not
 * NULL? A confined process reads it. 0; -EINVAL (NFP_E_BASELINE); or another -errno.
 */
int nfp_baseline_check(const struct nfp_request *request, int fd, const struct nfp_result *now,
		       struct nfp_err *err);

/*
 * Sets result->comparison of a complete result, whose exit status becomes that of the comparison
 * unless the run has an error. Does nothing without a verdict. The file is untrusted: only for a
 * confined process. 0, or -errno as nfp_baseline_check.
 */
int nfp_baseline_compare(const struct nfp_request *request, int fd, const struct nfp_events *events,
			 struct nfp_result *result, struct nfp_err *err);

/*
 * Reads what a run with --write left in request->read_file, counts and judges it again, and
 * compares it with the baseline; always fills *result (nfp_result_init before). The files are
 * untrusted: only for a confined process. Tells @events of warnings.
 */
void nfp_run_read(const struct nfp_request *request, const struct nfp_inputs *inputs,
		  const struct nfp_events *events, struct nfp_result *result);

/* The facts about this host that --check needs; they are read before the stored results. */
#define NFP_CHECK_DRIVERS 16
struct nfp_check_host {
	struct nfp_pf pf;
	int vf;	    /* -1: any */
	bool found; /* there is such a PF or VF */
	bool net_admin, no_folder;
	struct nfp_store_file file;
	/* If the file is others': the drivers that are named in it. */
	struct nfp_check_driver {
		char name[NFP_TEXT_LEN], version[NFP_TEXT_LEN];
		int ret; /* of nfp_driver_version */
	} drivers[NFP_CHECK_DRIVERS];
	size_t num_drivers;
	/* The guests whose address the libvirt hook added. */
	struct nfp_check_served {
		bool known;
		unsigned int missing; /* their entries are gone */
		struct nfp_strv notes;
	} served;
};

/* Reads request->device, and opens what is stored of it. 0 or -errno. Always end it with
 * nfp_check_close. */
int nfp_check_open(const struct nfp_request *request, struct nfp_check_host *ret_host,
		   struct nfp_err *err);
void nfp_check_close(struct nfp_check_host *host);

/*
 * Do the stored results say that the device is safe? Always fills *ret_check (end it with
 * nfp_check_fini). 0; or -errno with @err, and exit status 4 if there is no such PF or VF, 3 if the
 * store cannot be read. *err: of nfp_check_open. Opens nothing, and must be confined if
 * host->file.others. *ret_result: what that rests on, as nfp_check_result makes it, with that
 * error; always end it with nfp_result_fini.
 */
int nfp_run_check(const struct nfp_request *request, const struct nfp_check_host *host,
		  struct nfp_check *ret_check, struct nfp_result *ret_result, struct nfp_err *err);

/*
 * Reads what --list shows: of request->device alone if that is named, and with request->quiet
 * without who uses the VFs. Always fills *ret_listing (end it with nfp_listing_fini). 0 or -errno.
 */
int nfp_run_list(const struct nfp_request *request, struct nfp_listing *ret_listing,
		 struct nfp_err *err);

/*
 * Finds out which netdevs each PF of request->devices hears, in its VLAN: those have said hello
 * when this returns. Always fills *ret_hearing (end it with nfp_hearing_fini), whose exit status is
 * 3 if a PF could not be asked. Needs CAP_NET_RAW. 0; or -errno before anything is sent.
 */
int nfp_run_hear(const struct nfp_request *request, struct nfp_hearing *ret_hearing,
		 struct nfp_err *err);

/*
 * Fills *ret_outline (always end it with nfp_outline_fini) with what nfp_run_probe would do, in
 * order. Changes and sends nothing. 0 or -errno.
 */
int nfp_run_plan(const struct nfp_request *request, struct nfp_outline *ret_outline,
		 struct nfp_err *err);

/*
 * Reflects frames for a run on another host until its time is over or a signal comes; fills
 * *ret_report when this returns 0. Calls @opened once all is open; if that returns other than 0,
 * the mode ends. Needs CAP_NET_RAW only, and changes nothing. 0 or -errno.
 */
int nfp_run_reflect(const struct nfp_request *request, const struct nfp_signals *signals,
		    int (*opened)(void *ctx, const struct nfp_reflector_config *config), void *ctx,
		    struct nfp_reflector_report *ret_report, struct nfp_err *err);

#endif
