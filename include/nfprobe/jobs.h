/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jobs.h - a run on each PF of this host: which run may start now, what it is told, and what they
 * come to together. Pure.
 */
#ifndef NFPROBE_JOBS_H
#define NFPROBE_JOBS_H

#include <jansson.h>
#include <sys/types.h>

#include "nfprobe/probe.h"
#include "nfprobe/inventory.h"
#include "nfprobe/request.h"
#include "nfprobe/result.h"

enum nfp_job_state {
	NFP_JOB_WAITS,
	NFP_JOB_RUNS,
	NFP_JOB_OVER,
};

/* The run on one PF. */
struct nfp_job {
	struct nfp_pf_info pf; /* before the run */
	char bus[16];	       /* of its device: pci */
	enum nfp_job_state state;
	bool counts;		  /* false: the PF has no VFs, so there is nothing to know */
	size_t port;		  /* jobs with the same number never run at the same time */
	char from[NFP_IFNAMSIZ];  /* the source that it is told; empty: it finds its own */
	struct nfp_event doing;	  /* the step that it has begun last */
	int exit_status;	  /* of the run; 3 if the PF has no idle VF */
	json_t *document;	  /* what the run wrote; NULL: nothing usable; owned */
	struct nfp_result result; /* .. as nfp_result_read_verdicts reads it */
	struct nfp_err error;	  /* why there is no verdict; code NFP_E_NONE: there is one */
};

struct nfp_jobs {
	struct nfp_job *v; /* owned, in the order of the topology */
	size_t num;
	int exit_status; /* of all */
};

/*
 * A job for each PF, with a port of its own. Those without VFs, and those that --from names as a
 * source, are over. Always end it with nfp_jobs_fini.
 */
void nfp_jobs_plan(const struct nfp_topology *topology, const struct nfp_request *request,
		   struct nfp_jobs *ret_jobs);
void nfp_jobs_fini(struct nfp_jobs *jobs);
/*
 * Tells a job its source: of the netdevs that its PF hears, one that no job probes, else the PF, or
 * else the VF, that sends for the fewest others.
 */
void nfp_jobs_tell(struct nfp_jobs *jobs, size_t index, const struct nfp_link *const heard[],
		   size_t num);

/* The index of a job that may start now; -1: none, for now or at all. */
ssize_t nfp_jobs_next(const struct nfp_jobs *jobs);
/* Reads an event of its run, a line of --json-stream. True: it has begun another step. */
bool nfp_job_event(struct nfp_job *job, const char *line);
/* Notes that the run of a job has ended; its result and error are set. */
void nfp_jobs_end(struct nfp_jobs *jobs, size_t index);
/* Ends the jobs that still wait, for the reason @why. */
void nfp_jobs_stop(struct nfp_jobs *jobs, const struct nfp_err *why);

/*
 * The worst exit status: 5, 4, 1, 3, 0. Another one (2, or 128+N of a run that somebody else
 * stopped) counts as 4, and so does a host where none counts.
 */
int nfp_jobs_worst(const struct nfp_jobs *jobs);

/*
 * The arguments of its run, for execv: the options that were given, its source, and for each folder
 * the file in it. The run writes events to standard output, and its result to @result_fd. The
 * caller frees it with nfp_strv_fini.
 */
struct nfp_strv nfp_job_arguments(const struct nfp_job *job, const struct nfp_request *request,
				  int result_fd);
/*
 * The files that come of its run; likewise. The first is that of --json=DIR, with the run's result;
 * the run itself writes the others.
 */
struct nfp_strv nfp_job_files(const struct nfp_job *job, const struct nfp_request *request);

#endif
