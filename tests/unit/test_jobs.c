// SPDX-License-Identifier: GPL-2.0-or-later
/* --all: which runs are at the same time, what each is told, and what they come to together. */
#include "harness.h"
#include "unit/sample_jobs.h"

static void begin(struct nfp_jobs *jobs, ssize_t index)
{
	assert_int_equal(nfp_jobs_next(jobs), index);
	jobs->v[index].state = NFP_JOB_RUNS;
}

static void end(struct nfp_jobs *jobs, size_t index, int status, enum nfp_errcode code)
{
	jobs->v[index].exit_status = status;
	jobs->v[index].error.code = code;
	nfp_jobs_end(jobs, index);
	assert_int_equal(jobs->v[index].state, NFP_JOB_OVER);
}

/* Whether or not they are functions of one card; those that share a port take turns. */
TEST(ports_run_at_once)
{
	struct nfp_jobs jobs = {0};

	sample_job(&jobs, "pci", "0000:01:00.0");
	sample_job(&jobs, "pci", "0000:01:00.1");
	sample_job(&jobs, "pci", "0000:02:00.0");
	sample_job(&jobs, "pci", "0000:02:00.1")->port = 2;
	begin(&jobs, 0);
	begin(&jobs, 1);
	begin(&jobs, 2);
	assert_int_equal(nfp_jobs_next(&jobs), -1);
	end(&jobs, 0, 0, NFP_E_NONE);
	assert_int_equal(nfp_jobs_next(&jobs), -1);
	end(&jobs, 2, 4, NFP_E_LOCKED);
	begin(&jobs, 3);
	end(&jobs, 3, 0, NFP_E_NONE);
	end(&jobs, 1, 0, NFP_E_NONE);
	assert_int_equal(nfp_jobs_next(&jobs), -1);
	nfp_jobs_fini(&jobs);
}

static struct nfp_link link_of(const char *ifname, const char *parentdev, const char *physfn)
{
	struct nfp_link link = {.physical = true};

	snprintf(link.ifname, sizeof(link.ifname), "%s", ifname);
	snprintf(link.parentdev, sizeof(link.parentdev), "%s", parentdev);
	snprintf(link.physfn, sizeof(link.physfn), "%s", physfn);
	return link;
}

static void told(struct nfp_jobs *jobs, size_t index, const char *from,
		 const struct nfp_link *const heard[], size_t num)
{
	nfp_jobs_tell(jobs, index, heard, num);
	assert_string_equal(jobs->v[index].from, from);
}

/* On one switch each PF sends for one other; what is not probed sends for all. */
TEST(who_sends_for_whom)
{
	const struct nfp_link vf = link_of("v", "0000:02:10.0", "0000:02:00.0"),
			      spare = link_of("spare", "0000:05:00.0", ""),
			      eth[] = {link_of("eth0", "0000:01:00.0", ""),
				       link_of("eth1", "0000:02:00.0", ""),
				       link_of("eth2", "0000:03:00.0", ""),
				       link_of("eth3", "0000:04:00.0", "")};
	struct nfp_jobs jobs = {0};

	for (size_t i = 0; i < 4; i++)
		sample_job(&jobs, "pci", eth[i].parentdev);
	told(&jobs, 0, "eth1", (const struct nfp_link *[]) {&vf, &eth[1], &eth[2], &eth[3]}, 4);
	told(&jobs, 1, "eth0", (const struct nfp_link *[]) {&eth[0], &eth[2], &eth[3]}, 3);
	told(&jobs, 2, "eth3", (const struct nfp_link *[]) {&vf, &eth[0], &eth[1], &eth[3]}, 4);
	told(&jobs, 3, "eth2", (const struct nfp_link *[]) {&vf, &eth[0], &eth[1], &eth[2]}, 4);
	for (size_t i = 0; i < 4; i++)
		told(&jobs, i, "spare", (const struct nfp_link *[]) {&eth[(i + 1) % 4], &spare}, 2);
	told(&jobs, 0, "v", (const struct nfp_link *[]) {&vf}, 1);
	/* A PF without VFs is not probed, and so is not reset. */
	jobs.v[1].state = NFP_JOB_OVER;
	told(&jobs, 0, "eth1", (const struct nfp_link *[]) {&eth[2], &eth[1]}, 2);
	jobs.v[2].from[0] = '\0';
	told(&jobs, 2, "", NULL, 0);
	nfp_jobs_fini(&jobs);
}

TEST(what_is_planned)
{
	struct nfp_pf pfs[3] = {{.bus = "pci"}, {.bus = "pci"}, {.bus = "pci"}};
	const struct nfp_topology topology = {.pfs = pfs, .num_pfs = 3};
	struct nfp_request request = {.from = {{.kind = NFP_FROM_IFACE, .ifname = "eth2"}},
				      .num_from = 1};
	struct nfp_jobs jobs;

	for (size_t i = 0; i < 3; i++) {
		sample_pf(&pfs[i].info);
		snprintf(pfs[i].info.ifname, sizeof(pfs[i].info.ifname), "eth%zu", i);
	}
	pfs[1].info.num_vfs = 0;
	nfp_jobs_plan(&topology, &request, &jobs);
	assert_int_equal(jobs.num, 3);
	begin(&jobs, 0);
	end(&jobs, 0, 0, NFP_E_NONE);
	assert_int_equal(nfp_jobs_next(&jobs), -1);
	assert_int_equal(jobs.v[1].error.code, NFP_E_NO_VFS);
	assert_false(jobs.v[1].counts);
	/* The source is not there, so nothing is known of this PF. */
	assert_int_equal(jobs.v[2].error.code, NFP_E_SOURCE_UNUSABLE);
	assert_int_equal(nfp_jobs_worst(&jobs), 3);
	nfp_jobs_fini(&jobs);
}

TEST(the_worst_counts)
{
	static const struct {
		int a, b, worst;
	} cases[] = {
		{0, 0, 0}, {0, 3, 3}, {3, 1, 1}, {1, 4, 4},   {4, 5, 5},
		{5, 1, 5}, {2, 0, 4}, {2, 5, 5}, {130, 1, 4}, {125, 3, 4},
	};
	struct nfp_jobs jobs = {0};

	assert_int_equal(nfp_jobs_worst(&jobs), 4);
	sample_job(&jobs, "pci", "0000:01:00.0");
	sample_job(&jobs, "pci", "0000:02:00.0");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		jobs.v[0].exit_status = cases[i].a;
		jobs.v[1].exit_status = cases[i].b;
		assert_int_equal(nfp_jobs_worst(&jobs), cases[i].worst);
		jobs.v[0].exit_status = cases[i].b;
		jobs.v[1].exit_status = cases[i].a;
		assert_int_equal(nfp_jobs_worst(&jobs), cases[i].worst);
	}
	jobs.v[0].counts = jobs.v[1].counts = false;
	assert_int_equal(nfp_jobs_worst(&jobs), 4);
	nfp_jobs_fini(&jobs);
}

/* A PF with no idle VF is not known to be safe; a VF that was lost during the run is an error. */
TEST(no_idle_vf)
{
	struct nfp_jobs jobs = {0};

	sample_job(&jobs, "pci", "0000:01:00.0");
	begin(&jobs, 0);
	end(&jobs, 0, 4, NFP_E_VF_IN_USE);
	assert_int_equal(nfp_jobs_worst(&jobs), 3);
	jobs.v[0].result.num_vfs = 1;
	end(&jobs, 0, 4, NFP_E_VF_IN_USE);
	assert_int_equal(nfp_jobs_worst(&jobs), 4);
	jobs.v[0].result.num_vfs = 0;
	nfp_jobs_fini(&jobs);
}

static void check_list(struct nfp_strv list, const char *const expected[])
{
	for (size_t i = 0; i < list.n && expected[i]; i++)
		assert_string_equal(list.v[i], expected[i]);
	for (size_t i = 0; i <= list.n; i++)
		assert_int_equal(expected[i] == NULL, i == list.n);
	nfp_strv_fini(&list);
}

#define PARSE(request, ...)                                                                     \
	do {                                                                                    \
		const char *argv_[] = {"nfprobe", __VA_ARGS__, NULL};                           \
		struct nfp_err err_;                                                            \
                                                                                                \
		assert_int_equal(nfp_request_parse((int)(sizeof(argv_) / sizeof(argv_[0])) - 1, \
						   (char *const *)argv_, request, &err_),       \
				 0);                                                            \
	} while (0)

TEST(what_a_run_is_told)
{
	struct nfp_jobs jobs = {0};
	struct nfp_request request;

	sample_job(&jobs, "pci", "0000:01:00.0");
	PARSE(&request, "--all");
	check_list(nfp_job_arguments(&jobs.v[0], &request, 9),
		   (const char *const[]) {"nfprobe", "--vf", "any", "--json-stream",
					  "--json=/proc/self/fd/9", "--", "eth0", NULL});
	check_list(nfp_job_files(&jobs.v[0], &request), (const char *const[]) {NULL});
	nfp_request_fini(&request);
	PARSE(&request, "--all", "--from=auto", "-q");
	strcpy(jobs.v[0].from, "eth1");
	check_list(nfp_job_arguments(&jobs.v[0], &request, 9),
		   (const char *const[]) {"nfprobe", "--vf", "any", "--json-stream",
					  "--json=/proc/self/fd/9", "--quiet", "--from=eth1", "--",
					  "eth0", NULL});
	jobs.v[0].from[0] = '\0';
	nfp_request_fini(&request);
	/* A netdev may be called what an option is called. */
	snprintf(jobs.v[0].pf.ifname, sizeof(jobs.v[0].pf.ifname), "--list");
	PARSE(&request, "-v", "--rate", "100", "--json=o", "--all", "--write=w", "--save",
	      "--from=eth8,arp", "--no-announce", "--color", "--allow=early");
	check_list(nfp_job_arguments(&jobs.v[0], &request, 9),
		   (const char *const[]) {"nfprobe", "--vf", "any", "--json-stream",
					  "--json=/proc/self/fd/9", "--verbose", "--rate=100",
					  "--save", "--from=eth8,arp", "--no-announce",
					  "--allow=early", "--write=w/pci-0000:01:00.0.pcapng",
					  "--", "--list", NULL});
	check_list(nfp_job_files(&jobs.v[0], &request),
		   (const char *const[]) {"o/pci-0000:01:00.0.json", "w/pci-0000:01:00.0.pcapng",
					  NULL});
	nfp_request_fini(&request);
	nfp_jobs_fini(&jobs);
}

/* Other events, and what is none, leave it at the step that it is known to make. */
TEST(what_a_run_does)
{
	static const char *const others[] = {
		"",
		"{",
		"[]",
		"{\"event\":\"step\"}",
		"{\"event\":\"landing\",\"vf\":1,\"style\":\"macvtap\",\"step\":\"up\","
		"\"remaining_ms\":1}",
		"{\"event\":\"step\",\"vf\":1,\"style\":\"macvtap\",\"step\":\"jump\","
		"\"remaining_ms\":1}",
	};
	const struct nfp_event event = {
		.what = NFP_EVENT_STEP,
		.where = {.vf = 3, .style = NFP_STYLE_BRIDGE, .from = "eth1"},
		.step = NFP_STEP_ATTACH,
		.remaining_ns = 20400 * NFP_NSEC_PER_MSEC,
	};
	struct nfp_jobs jobs = {0};
	char *line = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&line, &len);
	struct nfp_job *job;

	assert_non_null(out);
	assert_int_equal(nfp_report_event(&event, 0, out), 0);
	fclose(out);
	job = sample_job(&jobs, "pci", "0000:01:00.0");
	assert_true(nfp_job_event(job, line));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(nfp_job_event(job, others[i]));
	assert_true(job->doing.what == NFP_EVENT_STEP);
	assert_int_equal(job->doing.where.vf, 3);
	assert_int_equal(job->doing.where.style, NFP_STYLE_BRIDGE);
	assert_int_equal(job->doing.step, NFP_STEP_ATTACH);
	assert_int_equal(job->doing.remaining_ns, 20400 * NFP_NSEC_PER_MSEC);
	free(line);
	nfp_jobs_fini(&jobs);
}

TEST_MAIN()
