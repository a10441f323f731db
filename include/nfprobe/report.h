/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.h - writes results, lists, plans, events and messages, each in its format.
 */
#ifndef NFPROBE_REPORT_H
#define NFPROBE_REPORT_H

#include <stdio.h>

#include "nfprobe/probe.h"
#include "nfprobe/inventory.h"
#include "nfprobe/jobs.h"
#include "nfprobe/request.h"
#include "nfprobe/result.h"
#include "nfprobe/sources.h"
#include "nfprobe/store.h"
#include "nfprobe/host.h"

struct nfp_outline_line {
	unsigned int depth; /* 0: a heading */
	bool command;	    /* never wrapped, so that it can be copied */
	char *text;	    /* owned */
};

/* Zero is empty. */
struct nfp_outline {
	struct nfp_outline_line *lines; /* owned */
	size_t num;
};

/* Append a line; @command is copied. */
void nfp_outline_add(struct nfp_outline *outline, unsigned int depth, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void nfp_outline_command(struct nfp_outline *outline, unsigned int depth, const char *command);
void nfp_outline_fini(struct nfp_outline *outline);

/*
 * report: renders what others have decided.
 *
 * The functions flush the stream and return 0, or the negative errno of writing to it (-EIO if
 * errno was not set).
 */

struct nfp_report_opts {
	bool color;
	unsigned int columns; /* of the terminal; 0: unlimited (80 is assumed for tables) */
	bool quiet;	      /* only the lines of the verdicts */
	bool verbose;	      /* counts as well */
	bool timeline;	      /* draw each ladder below the table .. */
	bool utf8;	      /* .. with block characters, not in ASCII */
	bool next;	      /* end with what to do with the verdict next .. */
	bool saved;	      /* .. which is in the store */
};

/* Is @fd a terminal that understands escape sequences? Not if TERM=dumb. */
bool nfp_report_is_terminal(int fd);
/* Derives the options from the request, the environment, and the terminal if @fd is one. */
struct nfp_report_opts nfp_report_opts_for(const struct nfp_request *request, int fd);

int nfp_report_text(const struct nfp_result *result, const struct nfp_report_opts *opts, FILE *out);
int nfp_report_json(const struct nfp_result *result, FILE *out);
/* The same document, for --save and the event `end` of --json-stream. */
json_t *nfp_report_result_json(const struct nfp_result *result);
/* A document of --list, --check or --all: a json_t, which stays the caller's. */
int nfp_report_document(const void *root, FILE *out);
/* JSON schema @i of NFP_SCHEMAS, and the name of its file. */
#define NFP_SCHEMAS	    6
#define NFP_SCHEMA_NAME_LEN 64
json_t *nfp_report_schema(size_t i, char name[NFP_SCHEMA_NAME_LEN]);
/* Writes @result in any format. Those of --export must show which verdicts are stale, and which are
 * not stored. */
int nfp_report_export(enum nfp_export format, const struct nfp_result *result, FILE *out);
/* One self-contained page (HTML 5 with an SVG of each ladder); no script, loads nothing. */
int nfp_report_html(const struct nfp_result *result, FILE *out);

/* Writes those events of which the user is told as one JSON object per line, flushed. @unix_ms:
 * now.
 */
int nfp_report_event(const struct nfp_event *event, int64_t unix_ms, FILE *out);

/* The changes that a run would make. */
int nfp_report_outline(const struct nfp_outline *outline, const struct nfp_report_opts *opts,
		       FILE *out);

/* @checks: of each PF, what is stored of it. */
int nfp_report_list_text(const struct nfp_topology *topology, const struct nfp_check *checks,
			 const struct nfp_report_opts *opts, FILE *out);
json_t *nfp_report_list_json(const struct nfp_topology *topology, const struct nfp_check *checks,
			     const struct nfp_err *error, int exit_status);

/* Greets a user who typed no arguments: the commands to begin with, with a PF and an idle VF of
 * this host if there are any, and its PFs. @topology: NULL if it could not be read. */
int nfp_report_first_contact(const struct nfp_topology *topology,
			     const struct nfp_report_opts *opts, FILE *out);

/* Whether the stored verdicts still hold. @error: why that is not known; NULL or empty: nothing. */
int nfp_report_check_text(const struct nfp_check *check, const struct nfp_report_opts *opts,
			  FILE *out);
json_t *nfp_report_check_json(const struct nfp_check *check, const struct nfp_err *error);

/* A line that the run of --all on this PF has written to standard error. Never wrapped. */
int nfp_report_line(const char *ifname, const char *text, FILE *out);
/* The findings of --all: a row for each PF. @allow: of the request. */
int nfp_report_jobs_text(const struct nfp_jobs *jobs, const bool allow[NFP_VERDICT_COUNT],
			 const struct nfp_report_opts *opts, FILE *out);
/* @error: why there was no run; NULL or empty: there were some. */
json_t *nfp_report_jobs_json(const struct nfp_jobs *jobs, const struct nfp_err *error);

/* "nfprobe: message\nnfprobe: hint\n", wrapped to the terminal. */
int nfp_report_error(const struct nfp_err *err, const struct nfp_report_opts *opts, FILE *out);

/* "nfprobe: warning: sentence\n", wrapped to the terminal. */
int nfp_report_warning(const char *sentence, const struct nfp_report_opts *opts, FILE *out);

/* "+ command\n": a change that is about to be made. Never wrapped. */
int nfp_report_change(const char *command, FILE *out);

/* A reflector's plan, and the command for the other host; then its report. */
int nfp_report_reflect_start(const struct nfp_reflector_config *config,
			     const struct nfp_report_opts *opts, FILE *out);
int nfp_report_reflect_end(const struct nfp_reflector_report *report,
			   const struct nfp_report_opts *opts, FILE *out);

/* The work of --restore, one line per VF or change, or "nothing to undo". */
int nfp_report_restore(const struct nfp_restore_report *report, const struct nfp_report_opts *opts,
		       FILE *out);

/*
 * How far a run is, by the step that it begins, and how far those of --all are, by one of which
 * there is news: a line without its end, which _clear wipes before anything else is printed. Only
 * for a terminal. A style that @request does not ask for is a remedy; if it asks for several
 * sources, the line names that of the step.
 */
void nfp_report_progress(FILE *out, unsigned int columns, const struct nfp_event *step,
			 const struct nfp_request *request);
void nfp_report_jobs_progress(FILE *out, unsigned int columns, const struct nfp_jobs *jobs,
			      const struct nfp_job *job, const struct nfp_request *request);
void nfp_report_progress_clear(FILE *out);

#endif
