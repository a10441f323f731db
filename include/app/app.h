/* SPDX-License-Identifier: GPL-2.0-or-later */
/* app.h - the program's state, and its modes. */
#ifndef NFPROBE_APP_H
#define NFPROBE_APP_H

#include <stdbool.h>
#include <stdio.h>

#include "report/report.h"

/*
 * Signals that end a run (INT, TERM, and HUP unless it was ignored, as nohup does), blocked in
 * every thread and read from a descriptor.
 */
struct nfp_signals {
	int fd;	    /* -1: not open */
	int caught; /* the first one, 0: none yet */
	int code; /* its si_code: above 0 if the kernel sent it, as a terminal's to all processes */
};

/* Standard output or standard error. */
struct nfp_out_stream {
	FILE *file; /* goes through the sink while the host is changed; through a CI filter if it is
		       no terminal */
	struct nfp_ci_filter ci_filter;
	struct nfp_sink sink;
	struct nfp_report_opts opts;
};

/* A process that dies leaves this to the one that restores and reports in its place. */
struct nfp_shared_state {
	bool locked;		 /* it had the lock, so it may have changed the host */
	bool printing;		 /* it had begun to write the result to standard output */
	bool written;		 /* the file of --json is complete */
	bool in_line;		 /* its last event is incomplete */
	struct nfp_result known; /* without what it points at */
};

struct nfp_program {
	struct nfp_request request;
	struct nfp_signals signals;
	struct nfp_out_stream out, err;
	struct nfp_progress *progress; /* of a probe, while it runs; else NULL */
	bool err_lost; /* lines of stderr were discarded, since nobody read them in time */
	struct nfp_result result;	 /* the result of a run */
	struct nfp_err stopped;		 /* why --reflect could not begin */
	int events;			 /* --json-stream: 0, or -errno of the first failure */
	struct nfp_shared_state *shared; /* shared with the parent */
	int parent;			 /* the process that the user started */
};

/* The modes, each in the file of its name. */
int nfp_probe_main(struct nfp_program *p);
int nfp_list_main(struct nfp_program *p);
int nfp_audit_main(struct nfp_program *p);
int nfp_way_main(struct nfp_program *p);
int nfp_plan_main(struct nfp_program *p);
int nfp_restore_main(struct nfp_program *p);
int nfp_reflect_main(struct nfp_program *p);

/*
 * Reads the id of --id @FILE into the request: 32 hex digits and perhaps a newline, also from a
 * pipe, whose writer is waited for. 0; -EINVAL if it is no id; -EPERM for one that every user may
 * read or write; or another -errno.
 */
int nfp_id_read(struct nfp_request *request, struct nfp_err *err);

/* Replaces each altname (ip link property) in the request by the netdev's own name. */
void nfp_names_resolve(struct nfp_request *request);

/*
 * Gives up every capability that the mode does not need, for good: a program that is executed does
 * not get them back either (no_new_privs). Missing capabilities are no failure. 0 or -errno.
 */
int nfp_rights_limit(enum nfp_mode mode);

/*
 * Refuses to run with more rights than the caller has (setuid, setgid, file capabilities), since
 * nfprobe writes files that its caller names: 0 or -EPERM (NFP_E_PERMISSION).
 */
int nfp_rights_refuse_raised(struct nfp_err *err);

/*
 * Opens the signals of the mode. A signal ends at once what has nothing to undo; a restore goes on,
 * since the user would have to ask for it next. In every mode, a reader that went away makes the
 * write fail. 0 or the exit status.
 */
int nfp_open_signals(struct nfp_program *p);
/* Reports an error from before the mode began. @files: write the files of the result, too. */
int nfp_fail_early(struct nfp_program *p, const struct nfp_err *err, int status, bool files);

/* Prints what goes to @stream to @to from now on, which is open as @fd. 0 or -errno. */
int nfp_print_to(struct nfp_program *p, struct nfp_out_stream *stream, FILE *to, int fd);

/* Can the file of --json be written, with the rights that will be left then? */
int nfp_print_check(struct nfp_program *p, struct nfp_err *err);

/* The functions below return the exit status, which a failure to write may have changed. */
/* Flushes standard output; @ret: 0, or -errno of what was written there. */
int nfp_print_finish(struct nfp_program *p, int ret, int status);

/* Reports lines of standard error that were discarded. */
int nfp_print_end(struct nfp_program *p, int status);

#endif
