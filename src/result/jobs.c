// SPDX-License-Identifier: GPL-2.0-or-later
/* jobs.c - which runs of --all may start now, what each is told, and the exit status of all. */
#include "nfprobe/jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the jobs of a host ---- */

static void plan_job(const struct nfp_pf *pf, const struct nfp_request *request,
		     struct nfp_jobs *jobs)
{
	struct nfp_job *job = &jobs->v[jobs->num];

	job->port = jobs->num++;
	job->pf = pf->info;
	memcpy(job->bus, pf->bus, sizeof(job->bus));
	job->counts = pf->info.num_vfs > 0;
	nfp_result_init(&job->result);
	job->exit_status = NFP_EXIT_INCONCLUSIVE;
	for (size_t i = 0; i < request->num_from && job->counts; i++) {
		if (strcmp(request->from[i].ifname, pf->info.ifname) != 0)
			continue;
		nfp_err_set(&job->error, 0, NFP_E_SOURCE_UNUSABLE,
			    "it is the source of the others' frames (--from)");
		job->state = NFP_JOB_OVER;
	}
	if (!job->counts) {
		nfp_err_set(&job->error, 0, NFP_E_NO_VFS, "it has no VFs");
		job->state = NFP_JOB_OVER;
	}
}

void nfp_jobs_plan(const struct nfp_topology *topology, const struct nfp_request *request,
		   struct nfp_jobs *ret_jobs)
{
	*ret_jobs = (struct nfp_jobs) {.exit_status = NFP_EXIT_CANNOT};
	ret_jobs->v = nfp_calloc(topology->num_pfs, sizeof(*ret_jobs->v));
	for (size_t i = 0; i < topology->num_pfs; i++)
		plan_job(&topology->pfs[i], request, ret_jobs);
}

void nfp_jobs_fini(struct nfp_jobs *jobs)
{
	for (size_t i = 0; i < jobs->num; i++) {
		json_decref(jobs->v[i].document);
		nfp_result_fini(&jobs->v[i].result);
	}
	free(jobs->v);
	*jobs = (struct nfp_jobs) {.exit_status = jobs->exit_status};
}

/* ---- who sends for whom ---- */

/* How little a netdev is wanted as a source: what is probed may be reset. */
static size_t cost_of(const struct nfp_jobs *jobs, const struct nfp_link *link)
{
	size_t cost = 0;

	for (size_t i = 0; i < jobs->num; i++) {
		const struct nfp_job *job = &jobs->v[i];

		cost += strcmp(job->from, link->ifname) == 0;
		if (job->state != NFP_JOB_WAITS)
			continue;
		if (strcmp(job->pf.parentdev, link->parentdev) == 0)
			cost += jobs->num;
		else if (strcmp(job->pf.parentdev, link->physfn) == 0)
			cost += 2 * jobs->num;
	}
	return cost;
}

void nfp_jobs_tell(struct nfp_jobs *jobs, size_t index, const struct nfp_link *const heard[],
		   size_t num)
{
	const struct nfp_link *best = NULL;

	for (size_t i = 0; i < num; i++) {
		if (!best || cost_of(jobs, heard[i]) < cost_of(jobs, best))
			best = heard[i];
	}
	if (best)
		snprintf(jobs->v[index].from, sizeof(jobs->v[index].from), "%s", best->ifname);
}

/* ---- which may start ---- */

static bool is_port_busy(const struct nfp_jobs *jobs, const struct nfp_job *job)
{
	for (size_t i = 0; i < jobs->num; i++) {
		if (jobs->v[i].state == NFP_JOB_RUNS && jobs->v[i].port == job->port)
			return true;
	}
	return false;
}

ssize_t nfp_jobs_next(const struct nfp_jobs *jobs)
{
	for (size_t i = 0; i < jobs->num; i++) {
		if (jobs->v[i].state == NFP_JOB_WAITS && !is_port_busy(jobs, &jobs->v[i]))
			return (ssize_t)i;
	}
	return -1;
}

bool nfp_job_event(struct nfp_job *job, const char *line)
{
	json_t *event = json_loads(line, 0, NULL);
	const char *name = "", *style, *step;
	int vf, is_style, is_step;
	json_int_t ms;
	bool read = json_unpack(event, "{s:s, s:i, s:s, s:s, s:I}", "event", &name, "vf", &vf,
				"style", &style, "step", &step, "remaining_ms", &ms) == 0 &&
		    strcmp(name, "step") == 0;

	if (read) {
		is_style = nfp_name_find(&nfp_style_names, style);
		is_step = nfp_name_find(&nfp_step_names, step);
		read = is_style >= 0 && is_step >= 0;
	}
	if (read)
		job->doing = (struct nfp_event) {
			.what = NFP_EVENT_STEP,
			.where = {.vf = (unsigned int)vf, .style = (enum nfp_style)is_style},
			.step = (enum nfp_step)is_step,
			.remaining_ns = (uint64_t)ms * NFP_NSEC_PER_MSEC,
		};
	json_decref(event);
	return read;
}

void nfp_jobs_end(struct nfp_jobs *jobs, size_t index)
{
	struct nfp_job *job = &jobs->v[index];

	/* A VF would be in the result if it had been chosen. */
	if (job->error.code == NFP_E_VF_IN_USE && job->result.num_vfs == 0)
		job->exit_status = NFP_EXIT_INCONCLUSIVE;
	job->state = NFP_JOB_OVER;
}

void nfp_jobs_stop(struct nfp_jobs *jobs, const struct nfp_err *why)
{
	for (size_t i = 0; i < jobs->num; i++) {
		if (jobs->v[i].state != NFP_JOB_WAITS)
			continue;
		jobs->v[i].state = NFP_JOB_OVER;
		jobs->v[i].exit_status = NFP_EXIT_INCONCLUSIVE;
		jobs->v[i].error = *why;
	}
}

int nfp_jobs_worst(const struct nfp_jobs *jobs)
{
	static const int order[] = {NFP_EXIT_SAFE, NFP_EXIT_INCONCLUSIVE, NFP_EXIT_UNSAFE,
				    NFP_EXIT_CANNOT, NFP_EXIT_NOT_RESTORED};
	size_t worst = 0, counted = 0;

	for (size_t i = 0; i < jobs->num; i++) {
		size_t at = 3; /* for one that is not in order[] */

		if (!jobs->v[i].counts)
			continue;
		counted++;
		for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++) {
			if (jobs->v[i].exit_status == order[k])
				at = k;
		}
		worst = at > worst ? at : worst;
	}
	return counted ? order[worst] : NFP_EXIT_CANNOT;
}

/* ---- what each is told ---- */

/* A file in @folder, named as the store names the file of a PF. @option: empty: without one. */
static void add_file(struct nfp_strv *list, const char *option, const char *folder,
		     const struct nfp_job *job, const char *ending)
{
	if (folder && strcmp(folder, "-") != 0)
		nfp_strv_addf(list, "%s%s%s/%s-%s.%s", option, option[0] ? "=" : "", folder,
			      job->bus, job->pf.parentdev, ending);
}

/* The files that the run itself writes. */
static void add_files(struct nfp_strv *list, bool with_options, const struct nfp_job *job,
		      const struct nfp_request *request)
{
	add_file(list, with_options ? "--write" : "", request->write_file, job, "pcapng");
}

struct nfp_strv nfp_job_arguments(const struct nfp_job *job, const struct nfp_request *request,
				  int result_fd)
{
	static const char *const first[] = {"nfprobe", "--vf", "any", "--json-stream"};
	struct nfp_strv arguments = {0};

	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++)
		nfp_strv_addf(&arguments, "%s", first[i]);
	nfp_strv_addf(&arguments, "--json=/proc/self/fd/%d", result_fd);
	for (size_t i = 0; i < request->passed.n; i++) {
		/* --from=auto */
		if (!job->from[0] || strncmp(request->passed.v[i], "--from=", 7) != 0)
			nfp_strv_addf(&arguments, "%s", request->passed.v[i]);
	}
	if (job->from[0])
		nfp_strv_addf(&arguments, "--from=%s", job->from);
	add_files(&arguments, true, job, request);
	/* A netdev may be called -h. */
	nfp_strv_addf(&arguments, "--");
	nfp_strv_addf(&arguments, "%s", job->pf.ifname);
	return arguments;
}

struct nfp_strv nfp_job_files(const struct nfp_job *job, const struct nfp_request *request)
{
	struct nfp_strv files = {0};

	add_file(&files, "", request->json_file, job, "json");
	add_files(&files, false, job, request);
	return files;
}
