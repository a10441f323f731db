/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run.h - a run, which prints nothing. */
#ifndef NFPROBE_RUN_H
#define NFPROBE_RUN_H

#include "app/app.h"

/* The connections of a run to its process. */
struct nfp_run_io {
	struct nfp_events events;
	struct nfp_signals *signals;
	int parent;	     /* the process that forked this one */
	int parent_fd;	     /* a socket to it, which gets the PF's lock (nfp_lock_send) */
	struct nfp_dry *dry; /* of --dry-run; NULL: a run */
};

/*
 * Probes. Always fills *result (nfp_result_init before), result->exit_status included. The host has
 * been restored when this returns, or result says what could not be.
 */
void nfp_run_probe(const struct nfp_request *request, const struct nfp_run_io *io,
		   struct nfp_result *result);

#endif
