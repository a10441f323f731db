/* SPDX-License-Identifier: GPL-2.0-or-later */
/* print.h - how the modes print. */
#ifndef NFPROBE_PRINT_H
#define NFPROBE_PRINT_H

#include "app/app.h"

/* For struct nfp_events, with a struct nfp_program: prints and streams what happens
 * during a run. */
void nfp_print_event(void *program, const struct nfp_event *event);
void nfp_print_error(struct nfp_program *p, const struct nfp_err *err);

/* The functions below return the exit status, which a failure to write may have changed. */
/*
 * Prints the errors of a result, and writes it to standard output and, with @file, to the file of
 * --json, whose errors are then the result's.
 */
int nfp_print_result(struct nfp_program *p, struct nfp_result *result, bool file);
/* Writes --json=FILE, if the user asked for it; frees @root. */
int nfp_print_document(struct nfp_program *p, json_t *root, int status);
/* Lets a slow reader of the output take its time from now on, since the host is as it was. */
void nfp_print_take_time(struct nfp_program *p);
/* True if a mode that has only read should print its text now. Prints @err where @ret is -errno. */
bool nfp_print_wants_text(struct nfp_program *p, int ret, const struct nfp_err *err);
/* Ends such a mode. @written: 0, or -errno of the text. Frees @root. */
int nfp_print_found(struct nfp_program *p, json_t *root, int written, int status);

#endif
