/* SPDX-License-Identifier: GPL-2.0-or-later */
/* print.h - the program's state, what prints, and the modes, which print by it. */
#ifndef NFPROBE_PRINT_H
#define NFPROBE_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "app/app.h"

/* Standard output, or standard error. */
struct nfp_out_stream {
	FILE *file; /* while the host is changed, by way of the sink; a CI filter if it is no
		       terminal */
	struct nfp_ci_filter ci_filter;
	struct nfp_sink sink;
	struct nfp_report_opts opts;
};

/* The state that a process which dies leaves to the one that restores and reports in its place. */
struct nfp_shared_state {
	bool locked;		 /* it had the lock, so it may have changed the host */
	bool printing;		 /* it had begun to write the result to standard output */
	bool written;		 /* the file of --json is complete */
	bool in_line;		 /* its last event is incomplete */
	struct nfp_result known; /* without anything that it points at */
};

struct nfp_program {
	struct nfp_request request;
	struct nfp_signals signals;
	struct nfp_out_stream out, err;
	struct nfp_progress *progress; /* of a probe, while it runs; NULL: of nothing else */
	bool err_lost; /* lines of stderr were discarded, since nobody read them in time */
	struct nfp_result result;	 /* of a run */
	struct nfp_err stopped;		 /* why --reflect could not begin */
	int events;			 /* --json-stream: 0, or -errno of the first failure */
	struct nfp_shared_state *shared; /* shared with the parent */
	int parent;			 /* the process that the user started */
};

/* From now on what is printed to @stream goes to @to, which is open as @fd. 0 or -errno. */
int nfp_print_to(struct nfp_program *p, struct nfp_out_stream *stream, FILE *to, int fd);

/* For struct nfp_events, with a struct nfp_program: prints and streams what happens during a run.
 */
void nfp_print_event(void *program, const struct nfp_event *event);
void nfp_print_error(struct nfp_program *p, const struct nfp_err *err);

/* Can the file of --json be written, with the rights that will be left then? */
int nfp_print_check(struct nfp_program *p, struct nfp_err *err);

/* The functions below return the exit status, which a failure to write may have changed. */
/*
 * Prints the errors of a result, and writes it to standard output and, with @file, to the file of
 * --json, whose errors are then the result's.
 */
int nfp_print_result(struct nfp_program *p, struct nfp_result *result, bool file);
/* Writes --json=FILE, if that was asked for; frees @root. */
int nfp_print_document(struct nfp_program *p, json_t *root, int status);
/* Flushes standard output; @ret: 0, or -errno of what was written there. */
int nfp_print_finish(struct nfp_program *p, int ret, int status);

/* The host is as it was, so a slow reader of the output may take its time from now on. */
void nfp_print_take_time(struct nfp_program *p);
/* Reports lines of standard error that were discarded. */
int nfp_print_end(struct nfp_program *p, int status);

/* After a mode that only reads has done so: should its text be printed? Prints @err where @ret is
 * -errno. */
bool nfp_print_wants_text(struct nfp_program *p, int ret, const struct nfp_err *err);
/* The end of such a mode. @written: 0, or -errno of the text. Frees @root. */
int nfp_print_found(struct nfp_program *p, json_t *root, int written, int status);

/* The modes, each in the file of its name. */
int nfp_probe_main(struct nfp_program *p);
int nfp_list_main(struct nfp_program *p);
int nfp_audit_main(struct nfp_program *p);
int nfp_plan_main(struct nfp_program *p);
int nfp_restore_main(struct nfp_program *p);
int nfp_reflect_main(struct nfp_program *p);

/*
 * A signal ends at once what has nothing to undo; a restore goes on, since the user would have to
 * ask for it next. In every mode, a reader that went away makes the write fail. 0 or the exit
 * status.
 */
int nfp_open_signals(struct nfp_program *p);
/* Reports an error from before the mode began. @files: the files of the result may be written. */
int nfp_fail_early(struct nfp_program *p, const struct nfp_err *err, int status, bool files);

#endif
