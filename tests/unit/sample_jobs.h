/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sample_jobs.h - what --all found on a host with PFs of every sort. */
#ifndef TESTS_SAMPLE_JOBS_H
#define TESTS_SAMPLE_JOBS_H

#include "nfprobe/jobs.h"
#include "nfprobe/report.h"
#include "unit/sample_result.h"

/* A job that waits, on eth<number> with this device. */
static inline struct nfp_job *sample_job(struct nfp_jobs *jobs, const char *bus, const char *device)
{
	struct nfp_job *job;

	jobs->v = nfp_reallocarray(jobs->v, jobs->num + 1, sizeof(*jobs->v));
	job = &jobs->v[jobs->num];
	*job = (struct nfp_job) {.counts = true, .port = jobs->num, .exit_status = 3};
	sample_pf(&job->pf);
	nfp_result_init(&job->result);
	snprintf(job->bus, sizeof(job->bus), "%s", bus);
	snprintf(job->pf.ifname, sizeof(job->pf.ifname), "eth%zu", jobs->num);
	snprintf(job->pf.parentdev, sizeof(job->pf.parentdev), "%s", device);
	jobs->num++;
	return job;
}

static inline void sample_job_ends(struct nfp_job *job, int status, enum nfp_errcode code,
				   const char *message)
{
	job->state = NFP_JOB_OVER;
	job->exit_status = status;
	if (code != NFP_E_NONE)
		nfp_err_set(&job->error, 0, code, "%s", message);
}

/* Puts into the job what its run would have written. */
static inline void sample_job_result(struct nfp_job *job, const struct nfp_result *result)
{
	char *text = sample_json(result);

	job->document = json_loads(text, 0, NULL);
	free(text);
	job->result = *result;
}

/* A result without its steps, which are tested elsewhere. */
static inline void sample_igb_verdicts(struct nfp_result *result)
{
	sample_igb(result);
	for (size_t i = 0; i < result->vfs[0].num_styles; i++)
		result->vfs[0].styles[i].num_steps = 0;
}

static inline void sample_jobs(struct nfp_jobs *jobs)
{
	struct nfp_result result;
	struct nfp_job *job;

	*jobs = (struct nfp_jobs) {.exit_status = 4};
	job = sample_job(jobs, "pci", "0000:01:00.0");
	sample_igb_verdicts(&result);
	sample_job_result(job, &result);
	sample_job_ends(job, 1, NFP_E_NONE, "");
	job = sample_job(jobs, "pci", "0000:01:00.1");
	sample_igb_verdicts(&result);
	result.vfs[0].vf = 12;
	result.vfs[0].styles[0].verdict = NFP_VERDICT_INCONCLUSIVE;
	snprintf(result.vfs[0].styles[0].reason, sizeof(result.vfs[0].styles[0].reason),
		 "eth1 lost carrier");
	result.vfs[0].styles[1].verdict = NFP_VERDICT_STICKY;
	sample_job_result(job, &result);
	sample_job_ends(job, 3, NFP_E_NONE, "");
	job = sample_job(jobs, "pci", "0000:02:00.0");
	sample_job_ends(job, 3, NFP_E_VF_IN_USE,
			"each VF of eth2 is in use, or a source of this run's frames");
	job = sample_job(jobs, "pci", "0000:03:00.0");
	job->counts = false;
	job->pf.vendor = 0;
	job->pf.firmware[0] = '\0';
	sample_job_ends(job, 3, NFP_E_NO_VFS, "it has no VFs");
	job = sample_job(jobs, "vmbus", "f8615163-df3e-46c5-913f-f2d2f965ed0e");
	sample_job_ends(job, 5, NFP_E_DIED,
			"its run was killed by SIGKILL: nfprobe --restore eth4");
}

#endif
