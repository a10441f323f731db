// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * --all: the processes. Each executes this program itself, which then acts as a run on the PF that
 * it is given: its name says how.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "../../src/app/run_priv.h"
#include "unit/sample_jobs.h"

#define FOLDER "NFPROBE_TEST_ALL" /* in the environment */

/* ---- a run ---- */

static const char *result_file; /* of --json=FILE */

static int say(int status, enum nfp_errcode code)
{
	const struct nfp_event event = {
		.what = NFP_EVENT_STEP, .where = {.vf = 3, .from = "eth1"}, .step = NFP_STEP_UP};
	FILE *out = fopen(result_file, "w");
	struct nfp_result result;

	if (!out || nfp_report_event(&event, 0, stdout))
		return 2;

	sample_igb(&result);
	result.exit_status = status;
	if (code != NFP_E_NONE)
		nfp_err_set(&result.error, 0, code, "this is why");
	(void)nfp_report_json(&result, out);
	nfp_result_fini(&result);
	return fclose(out) ? 2 : status;
}

static int open_fifo(int flags)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/fifo", getenv(FOLDER));
	return open(path, flags);
}

/* Both ends of a FIFO are open only if two runs are at the same time. */
static int meet(int flags)
{
	return say(open_fifo(flags) < 0 ? 4 : 0, NFP_E_NONE);
}

static int wait_for_signal(void)
{
	sigset_t set;
	int caught = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fputs("ready\n", stderr);
	sigwait(&set, &caught);
	return say(128 + caught, NFP_E_INTERRUPTED);
}

/*
 * A run whose first process is killed. The second one undoes, for half a second or until --restore
 * begins, which is too early.
 */
static int die_before_child(void)
{
	struct pollfd fifo = {.fd = open_fifo(O_RDONLY | O_NONBLOCK), .events = POLLIN};

	if (fork() == 0) {
		fputs(poll(&fifo, 1, 500) == 0 ? "undone\n" : "disturbed\n", stderr);
		_exit(0);
	}
	return raise(SIGKILL);
}

/* nfprobe --restore */
static int restore(const char *pf)
{
	int fd = open_fifo(O_WRONLY | O_NONBLOCK);

	puts("restored");
	fflush(stdout);
	if (strcmp(pf, "killed9") == 0)
		raise(SIGKILL);
	return strcmp(pf, "killed5") == 0 || (fd >= 0 && write(fd, "", 1)) ? 5 : 0;
}

static int act(const char *pf)
{
	sigset_t now;

	/* As whoever has started the program has them. */
	if (sigprocmask(SIG_BLOCK, NULL, &now) || sigismember(&now, SIGTERM) ||
	    signal(SIGPIPE, SIG_DFL) != SIG_DFL)
		return 2;
	if (strcmp(pf, "meet0") == 0)
		return meet(O_RDONLY);
	if (strcmp(pf, "meet1") == 0)
		return meet(O_WRONLY);
	if (strcmp(pf, "waits") == 0)
		return wait_for_signal();
	if (strcmp(pf, "killed") == 0)
		return die_before_child();
	if (strncmp(pf, "killed", 6) == 0)
		raise(SIGKILL);
	if (strcmp(pf, "after") == 0)
		fputs("begun\n", stderr);
	if (strcmp(pf, "late") == 0) { /* such as a file that could not be written */
		fputs("nfprobe: no room\n", stderr);
		return say(0, NFP_E_NONE) + 4;
	}
	if (strcmp(pf, "large") == 0) {
		FILE *out = fopen(result_file, "w");

		if (!out)
			return 2;
		for (unsigned int i = 0; i < (33U << 20) / 1024; i++)
			fprintf(out, "%1024s", "");
		return fclose(out) ? 2 : 0;
	}
	if (strcmp(pf, "words") == 0) {
		FILE *result = fopen(result_file, "w");

		if (!result)
			return 2;
		fputs("first\nsecond\n::notice::third\nno end", stderr);
		puts("not JSON");
		return fputs("nor this", result) < 0 || fclose(result) ? 2 : 0;
	}
	return say(0, NFP_E_NONE);
}

/* ---- the tests ---- */

struct fixture {
	char folder[64];
	struct nfp_signals signals;
	struct nfp_jobs jobs;
	char lines[1024];
	unsigned int steps, over; /* that were told */
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char path[128];

	*state = f;
	if (!f)
		return 1;
	strcpy(f->folder, "/tmp/nfprobe-all-XXXXXX");
	if (!mkdtemp(f->folder) || setenv(FOLDER, f->folder, 1))
		return 1;
	snprintf(path, sizeof(path), "%s/fifo", f->folder);
	return mkfifo(path, 0600) || nfp_signals_open(&f->signals);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char command[128];
	int ret;

	snprintf(command, sizeof(command), "rm -rf '%s'", f->folder);
	ret = system(command);
	close(f->signals.fd);
	nfp_jobs_fini(&f->jobs);
	free(f);
	return ret;
}

static void on_line(void *ctx, const char *ifname, const char *text)
{
	struct fixture *f = ctx;

	nfp_appendf(f->lines, sizeof(f->lines), "%s: %s\n", ifname, text);
	if (strcmp(text, "ready") == 0)
		raise(SIGTERM);
}

static void on_progress(void *ctx, const struct nfp_jobs *jobs, const struct nfp_job *job)
{
	struct fixture *f = ctx;
	unsigned int over = 0;

	for (size_t i = 0; i < jobs->num; i++)
		over += jobs->v[i].state == NFP_JOB_OVER;
	f->steps += job->state != NFP_JOB_OVER;
	f->over = over;
}

static struct nfp_job *add(struct fixture *f, const char *pf, const char *device)
{
	struct nfp_job *job = sample_job(&f->jobs, "pci", device);

	snprintf(job->pf.ifname, sizeof(job->pf.ifname), "%s", pf);
	return job;
}

static int run(struct fixture *f, const struct nfp_request *request)
{
	const struct nfp_all_io io = {
		.line = on_line, .progress = on_progress, .ctx = f, .signals = &f->signals};

	nfp_jobs_run(request, &io, &f->jobs);
	/* No process is left, and none has left anything open. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	for (size_t i = 0; i < f->jobs.num; i++)
		assert_int_equal(f->jobs.v[i].state, NFP_JOB_OVER);
	return f->jobs.exit_status;
}

static const struct nfp_request nothing = {.num_from = 1};

#define CASE(name) TEST_OF(name, set_up, tear_down, struct fixture, f)

CASE(separate_cards_at_once)
{
	add(f, "meet0", "0000:01:00.0");
	add(f, "meet1", "0000:02:00.0");
	assert_int_equal(run(f, &nothing), 0);
	assert_int_equal(f->jobs.v[1].result.vfs[0].vf, 3);
	assert_int_equal(f->steps, 2);
	assert_int_equal(f->over, 2);
	assert_int_equal(f->jobs.v[0].doing.step, NFP_STEP_UP);
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(f->jobs.v[0].document, "pf"), "ifname")),
			    "eth0");
}

/* The changes of a run that was killed are undone before another PF on its port is probed. */
CASE(one_dies)
{
	add(f, "killed", "0000:01:00.0");
	add(f, "after", "0000:01:00.1")->port = 0;
	assert_int_equal(run(f, &nothing), 4);
	assert_int_equal(f->jobs.v[0].error.code, NFP_E_DIED);
	assert_non_null(strstr(f->jobs.v[0].error.message, "was put back"));
	assert_null(f->jobs.v[0].document);
	assert_int_equal(f->jobs.v[1].exit_status, 0);
	assert_string_equal(f->lines, "killed: undone\nkilled: restored\n"
				      "after: begun\n");
}

CASE(one_dies_and_is_not_restored)
{
	add(f, "safe", "0000:01:00.0");
	add(f, "killed5", "0000:02:00.0");
	add(f, "killed9", "0000:03:00.0");
	assert_int_equal(run(f, &nothing), 5);
	assert_int_equal(f->jobs.v[0].exit_status, 0);
	for (size_t i = 1; i < 3; i++) {
		assert_int_equal(f->jobs.v[i].exit_status, 5);
		assert_int_equal(f->jobs.v[i].error.code, NFP_E_DIED);
		assert_non_null(strstr(f->jobs.v[i].error.message, "nfprobe --restore killed"));
	}
}

CASE(what_cannot_be_read)
{
	add(f, "words", "0000:01:00.0");
	add(f, "large", "0000:02:00.0");
	assert_int_equal(run(f, &nothing), 4);
	assert_int_equal(f->jobs.v[0].error.code, NFP_E_INPUT);
	assert_int_equal(f->jobs.v[0].exit_status, 4);
	assert_non_null(strstr(f->jobs.v[1].error.message, "larger than 32 MB"));
	assert_int_equal(f->jobs.v[1].exit_status, 4);
	assert_string_equal(f->lines, "words: first\nwords: second\nwords: ::notice::third\n"
				      "words: no end\n");
}

CASE(a_status_that_the_result_does_not_have)
{
	add(f, "late", "0000:01:00.0");
	assert_int_equal(run(f, &nothing), 4);
	assert_int_equal(f->jobs.v[0].error.code, NFP_E_OUTPUT);
	assert_string_equal(f->lines, "late: nfprobe: no room\n");
}

CASE(a_signal_is_passed_on)
{
	add(f, "waits", "0000:01:00.0");
	add(f, "safe", "0000:01:00.1")->port = 0;
	assert_int_equal(run(f, &nothing), 128 + SIGTERM);
	assert_int_equal(f->jobs.v[0].exit_status, 128 + SIGTERM);
	assert_int_equal(f->jobs.v[1].error.code, NFP_E_INTERRUPTED);
	assert_null(f->jobs.v[1].document);
}

static void die(void *ctx, const char *ifname, const char *text)
{
	(void)ctx;
	(void)ifname;
	(void)text;
	raise(SIGKILL);
}

/* Its run gets SIGTERM, and ends: then nobody has the pipe any more. */
CASE(the_death_of_all_is_noticed)
{
	int fds[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		const struct nfp_all_io io = {
			.line = die,
			.progress = on_progress,
			.ctx = f,
			.signals = &f->signals,
		};

		close(fds[0]);
		add(f, "waits", "0000:01:00.0");
		nfp_jobs_run(&nothing, &io, &f->jobs);
		_exit(0);
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 0);
	close(fds[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

TEST_WITH(files_of_json, set_up, tear_down)
{
	struct fixture *f = *state;
	struct nfp_request request = {.num_from = 1, .json_file = f->folder};
	char path[128];
	json_t *document;

	add(f, "safe", "0000:01:00.0");
	assert_int_equal(run(f, &request), 0);
	snprintf(path, sizeof(path), "%s/pci-0000:01:00.0.json", f->folder);
	document = json_load_file(path, 0, NULL);
	assert_true(json_equal(document, f->jobs.v[0].document));
	json_decref(document);
	/* A result that has nowhere to go. */
	json_decref(f->jobs.v[0].document);
	nfp_result_fini(&f->jobs.v[0].result);
	request.json_file = path;
	f->jobs.v[0].state = NFP_JOB_WAITS;
	assert_int_equal(run(f, &request), 4);
	assert_int_equal(f->jobs.v[0].error.code, NFP_E_OUTPUT);
}

int main(int argc, char **argv)
{
	if (argc > 4 && strcmp(argv[1], "--vf") == 0) {
		result_file = argv[4] + strlen("--json=");
		return act(argv[argc - 1]);
	}
	if (argc == 4 && strcmp(argv[1], "--restore") == 0)
		return restore(argv[3]);
	return RUN_TESTS(NULL, NULL);
}
