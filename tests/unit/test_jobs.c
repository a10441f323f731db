// SPDX-License-Identifier: GPL-2.0-or-later
/* --all: which runs are at the same time, what each is told, and what they come to together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "unit/sample_jobs.h"

static void begin(struct nfp_jobs *jobs, ssize_t index)
{
	assert_int_equal(nfp_jobs_next(jobs), index);
	nfp_jobs_begin(jobs, (size_t)index);
}

/* Is it to run again? */
static bool end(struct nfp_jobs *jobs, size_t index, int status, enum nfp_errcode code)
{
	jobs->v[index].exit_status = status;
	jobs->v[index].error.code = code;
	nfp_jobs_end(jobs, index);
	return jobs->v[index].state == NFP_JOB_WAITS;
}

static void cards_run_at_once(void **state)
{
	struct nfp_jobs jobs = {0};

	(void)state;
	sample_job(&jobs, "pci", "0000:01:00.0");
	sample_job(&jobs, "pci", "0000:01:00.1");
	sample_job(&jobs, "pci", "0000:01:01.0");
	sample_job(&jobs, "pci", "0001:01:00.0");
	/* Of other buses, a name that differs is another card, whatever its points may mean. */
	sample_job(&jobs, "vmbus", "a.0");
	sample_job(&jobs, "vmbus", "a.1");
	begin(&jobs, 0);
	begin(&jobs, 2);
	begin(&jobs, 3);
	begin(&jobs, 4);
	begin(&jobs, 5);
	assert_int_equal(nfp_jobs_next(&jobs), -1);
	assert_false(end(&jobs, 3, 0, NFP_E_NONE));
	assert_int_equal(nfp_jobs_next(&jobs), -1);
	assert_false(end(&jobs, 0, 0, NFP_E_NONE));
	begin(&jobs, 1);
	nfp_jobs_fini(&jobs);
}

static void locked_ones_run_again(void **state)
{
	struct nfp_jobs jobs = {0};

	(void)state;
	sample_job(&jobs, "pci", "0000:01:00.0");
	sample_job(&jobs, "pci", "0000:02:00.0");
	begin(&jobs, 0);
	begin(&jobs, 1);
	assert_true(end(&jobs, 1, 4, NFP_E_LOCKED));
	/* Not at once: what it lacks is still taken. */
	assert_int_equal(nfp_jobs_next(&jobs), -1);
	assert_false(end(&jobs, 0, 1, NFP_E_NONE));
	begin(&jobs, 1);
	/* Alone, so nobody here keeps it from anything. */
	assert_false(end(&jobs, 1, 4, NFP_E_LOCKED));
	assert_int_equal(nfp_jobs_next(&jobs), -1);
	nfp_jobs_fini(&jobs);
}

/* Each waits for another: one goes alone, and then the others at once. */
static void all_are_locked(void **state)
{
	struct nfp_jobs jobs = {0};

	(void)state;
	sample_job(&jobs, "pci", "0000:01:00.0");
	sample_job(&jobs, "pci", "0000:02:00.0");
	sample_job(&jobs, "pci", "0000:03:00.0");
	for (ssize_t i = 0; i < 3; i++)
		begin(&jobs, i);
	for (size_t i = 0; i < 3; i++)
		assert_true(end(&jobs, i, 4, NFP_E_LOCKED));
	begin(&jobs, 0);
	assert_int_equal(nfp_jobs_next(&jobs), -1);
	assert_false(end(&jobs, 0, 0, NFP_E_NONE));
	begin(&jobs, 1);
	begin(&jobs, 2);
	nfp_jobs_fini(&jobs);
}

/* Whatever the runs say, each ends, and none starts more often than there are jobs and once more.
 */
static void it_ends(void **state)
{
	(void)state;
	for (unsigned int seed = 0; seed < 1000; seed++) {
		struct nfp_jobs jobs = {0};
		unsigned int starts[6] = {0};
		size_t running[6], num = 0;

		srand(seed);
		for (unsigned int i = 0; i < 6; i++) {
			char device[32];

			snprintf(device, sizeof(device), "0000:%02x:00.%u", rand() % 4, i);
			sample_job(&jobs, "pci", device);
		}
		for (;;) {
			ssize_t next = nfp_jobs_next(&jobs);
			size_t at;

			if (next >= 0) {
				nfp_jobs_begin(&jobs, (size_t)next);
				running[num++] = (size_t)next;
				assert_in_range(++starts[next], 1, 7);
				continue;
			}
			if (num == 0)
				break;
			at = (size_t)rand() % num;
			next = (ssize_t)running[at];
			running[at] = running[--num];
			(void)end(&jobs, (size_t)next, 4, rand() % 4 ? NFP_E_LOCKED : NFP_E_KERNEL);
		}
		for (size_t i = 0; i < jobs.num; i++)
			assert_int_equal(jobs.v[i].state, NFP_JOB_OVER);
		nfp_jobs_fini(&jobs);
	}
}

static void what_is_planned(void **state)
{
	struct nfp_pf pfs[3] = {{.bus = "pci"}, {.bus = "pci"}, {.bus = "pci"}};
	const struct nfp_topology topology = {.pfs = pfs, .num_pfs = 3};
	struct nfp_request request = {.from = {{.kind = NFP_FROM_IFACE, .ifname = "eth2"}},
				      .num_from = 1};
	struct nfp_jobs jobs;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		sample_pf(&pfs[i].info);
		snprintf(pfs[i].info.ifname, sizeof(pfs[i].info.ifname), "eth%zu", i);
	}
	pfs[1].info.num_vfs = 0;
	nfp_jobs_plan(&topology, &request, &jobs);
	assert_int_equal(jobs.num, 3);
	begin(&jobs, 0);
	assert_false(end(&jobs, 0, 0, NFP_E_NONE));
	assert_int_equal(nfp_jobs_next(&jobs), -1);
	assert_int_equal(jobs.v[1].error.code, NFP_E_NO_VFS);
	assert_false(jobs.v[1].counts);
	/* What was to be known of it is not. */
	assert_int_equal(jobs.v[2].error.code, NFP_E_SOURCE_UNUSABLE);
	assert_int_equal(nfp_jobs_worst(&jobs), 3);
	nfp_jobs_fini(&jobs);
}

static void the_worst_counts(void **state)
{
	static const struct {
		int a, b, worst;
	} cases[] = {
		{0, 0, 0}, {0, 3, 3}, {3, 1, 1}, {1, 4, 4},   {4, 5, 5},
		{5, 1, 5}, {2, 0, 4}, {2, 5, 5}, {130, 1, 4}, {125, 3, 4},
	};
	struct nfp_jobs jobs = {0};

	(void)state;
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
static void no_idle_vf(void **state)
{
	struct nfp_jobs jobs = {0};

	(void)state;
	sample_job(&jobs, "pci", "0000:01:00.0");
	begin(&jobs, 0);
	assert_false(end(&jobs, 0, 4, NFP_E_VF_IN_USE));
	assert_int_equal(nfp_jobs_worst(&jobs), 3);
	jobs.v[0].result.num_vfs = 1;
	assert_false(end(&jobs, 0, 4, NFP_E_VF_IN_USE));
	assert_int_equal(nfp_jobs_worst(&jobs), 4);
	jobs.v[0].result.num_vfs = 0;
	nfp_jobs_fini(&jobs);
}

static void stopped(void **state)
{
	struct nfp_jobs jobs = {0};
	struct nfp_err why = {0};

	(void)state;
	sample_job(&jobs, "pci", "0000:01:00.0");
	sample_job(&jobs, "pci", "0000:01:00.1");
	begin(&jobs, 0);
	nfp_err_set(&why, 0, NFP_E_INTERRUPTED, "stopped");
	nfp_jobs_stop(&jobs, &why);
	assert_int_equal(jobs.v[0].state, NFP_JOB_RUNS);
	assert_false(end(&jobs, 0, 0, NFP_E_NONE));
	assert_int_equal(nfp_jobs_next(&jobs), -1);
	assert_int_equal(jobs.v[1].error.code, NFP_E_INTERRUPTED);
	assert_int_equal(nfp_jobs_worst(&jobs), 3);
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

static void what_a_run_is_told(void **state)
{
	struct nfp_jobs jobs = {0};
	struct nfp_request request;

	(void)state;
	sample_job(&jobs, "pci", "0000:01:00.0");
	PARSE(&request, "--all");
	check_list(nfp_job_arguments(&jobs.v[0], &request),
		   (const char *const[]) {"nfprobe", "--vf", "any", "--json", "--", "eth0", NULL});
	check_list(nfp_job_files(&jobs.v[0], &request), (const char *const[]) {NULL});
	nfp_request_fini(&request);
	/* A netdev may be called what an option is called. */
	snprintf(jobs.v[0].pf.ifname, sizeof(jobs.v[0].pf.ifname), "--list");
	PARSE(&request, "-v", "--rate", "100", "--json=o", "--all", "--export", "junit=x", "--html",
	      "h", "--export", "nfd=/n", "--write=w", "--save", "--from=eth8,arp", "--no-announce",
	      "--color", "--allow=early");
	check_list(nfp_job_arguments(&jobs.v[0], &request),
		   (const char *const[]) {
			   "nfprobe", "--vf", "any", "--json", "--verbose", "--rate=100", "--save",
			   "--from=eth8,arp", "--no-announce", "--allow=early",
			   "--export=junit=x/pci-0000:01:00.0.xml",
			   "--export=nfd=/n/pci-0000:01:00.0.nfd", "--html=h/pci-0000:01:00.0.html",
			   "--write=w/pci-0000:01:00.0.pcapng", "--", "--list", NULL});
	check_list(nfp_job_files(&jobs.v[0], &request),
		   (const char *const[]) {"o/pci-0000:01:00.0.json", "x/pci-0000:01:00.0.xml",
					  "/n/pci-0000:01:00.0.nfd", "h/pci-0000:01:00.0.html",
					  "w/pci-0000:01:00.0.pcapng", NULL});
	nfp_request_fini(&request);
	nfp_jobs_fini(&jobs);
}

/* What a run is told is what it understands, and means what it meant. */
static void it_is_understood(void **state)
{
	struct nfp_jobs jobs = {0};
	struct nfp_request request, again;
	struct nfp_strv arguments;
	struct nfp_err err;

	(void)state;
	sample_job(&jobs, "pci", "0000:01:00.0");
	PARSE(&request, "--all", "--style=filter", "--vlan", "7", "--settle", "0.3", "--timeout=9",
	      "--repeat", "2", "--gap-limit=5", "--no-transmit", "--no-multicast", "-q",
	      "--save=dir", "--json", "--html=h");
	arguments = nfp_job_arguments(&jobs.v[0], &request);
	nfp_strv_addf(&arguments, "%s", "");
	free(arguments.v[--arguments.n]);
	arguments.v[arguments.n] = NULL;
	assert_int_equal(nfp_request_parse((int)arguments.n, arguments.v, &again, &err), 0);
	assert_int_equal(again.mode, NFP_MODE_PROBE);
	assert_string_equal(again.pf, "eth0");
	assert_true(again.any_vf && again.json && !again.json_file && again.quiet && again.save);
	assert_memory_equal(again.styles, request.styles, sizeof(again.styles));
	assert_int_equal(again.vlan.vid, 7);
	assert_int_equal(again.settle_ns, request.settle_ns);
	assert_int_equal(again.timeout_ns, request.timeout_ns);
	assert_int_equal(again.repeat, 2);
	assert_int_equal(again.gap_limit_ms, 5);
	assert_true(again.announce && !again.transmit && !again.multicast);
	assert_string_equal(again.store, "dir");
	assert_string_equal(again.html_file, "h/pci-0000:01:00.0.html");
	nfp_strv_fini(&arguments);
	nfp_request_fini(&request);
	nfp_request_fini(&again);
	nfp_jobs_fini(&jobs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cards_run_at_once),  cmocka_unit_test(locked_ones_run_again),
		cmocka_unit_test(all_are_locked),     cmocka_unit_test(it_ends),
		cmocka_unit_test(what_is_planned),    cmocka_unit_test(the_worst_counts),
		cmocka_unit_test(no_idle_vf),	      cmocka_unit_test(stopped),
		cmocka_unit_test(what_a_run_is_told), cmocka_unit_test(it_is_understood),
	};

	return cmocka_run_group_tests_name("jobs", tests, NULL, NULL);
}
