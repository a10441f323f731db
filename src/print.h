/* SPDX-License-Identifier: GPL-2.0-or-later */
/* print.h - the program's state, and what prints. */
#ifndef NFPROBE_PRINT_H
#define NFPROBE_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "app/app.h"

/* Standard output, or standard error. */
struct stream {
	FILE *file; /* while the host is changed, by way of the sink; a door if it is no terminal */
	struct nfp_door door;
	struct nfp_sink sink;
	struct nfp_report_opts opts;
};

/* The state that a process which dies leaves to the one that restores and reports in its place. */
struct shared_state {
	bool locked;		 /* it had the lock, so it may have changed the host */
	bool printing;		 /* it had begun to write the result to standard output */
	bool written;		 /* the file of --json is complete */
	bool in_line;		 /* its last event is incomplete */
	struct nfp_result known; /* without anything that it points at */
};

struct program {
	struct nfp_request request;
	struct nfp_signals signals;
	struct stream out, err;
	struct nfp_live *live; /* of a probe, while it runs; NULL: of nothing else */
	bool err_lost;	       /* lines of stderr were discarded, since nobody read them in time */
	struct nfp_result result;    /* of a run */
	struct nfp_err stopped;	     /* why --reflect could not begin */
	int events;		     /* --json-stream: 0, or -errno of the first failure */
	struct shared_state *shared; /* shared with the parent */
	int parent;		     /* the process that the user started */
};

/* From now on what is printed to @stream goes to @to, which is open as @fd. 0 or -errno. */
int print_to(struct program *p, struct stream *stream, FILE *to, int fd);

/* For struct nfp_events, with a struct program: prints and streams what happens during a run. */
void print_event(void *program, const struct nfp_event *event);
void print_error(struct program *p, const struct nfp_err *err);

/* Can the file of --json be written, with the rights that will be left then? */
int print_check(struct program *p, struct nfp_err *err);

/* The functions below return the exit status, which a failure to write may have changed. */
/*
 * Prints the errors of a result, and writes it to standard output and, with @file, to the file of
 * --json, whose errors are then the result's.
 */
int print_result(struct program *p, struct nfp_result *result, bool file);
/* Writes --json=FILE, if that was asked for; frees @root. */
int print_document(struct program *p, json_t *root, int status);
/* Flushes standard output; @ret: 0, or -errno of what was written there. */
int print_finish(struct program *p, int ret, int status);

/* The host is as it was, so a slow reader of the output may take its time from now on. */
void print_take_time(struct program *p);
/* Reports lines of standard error that were discarded. */
int print_end(struct program *p, int status);

#endif
