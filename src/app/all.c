// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * all.c - --all: executes this program once for each PF, as a user would, and reads its results.
 * So each run has a lock, a journal and a supervising process of its own, and undoes its changes
 * whatever becomes of this process.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run_priv.h"

#define LINE_BYTES (64U << 10) /* of standard error; longer lines are broken */

/* The bytes that come through a pipe. */
struct stream {
	int fd; /* -1: it has ended */
	char *text;
	size_t len, max;
	bool cut;
};

struct child {
	size_t job;
	pid_t pid;
	int pidfd; /* -1: it has ended, with this status of waitpid(2) */
	int status;
	int killed; /* it is no run, but restores after one that this signal killed */
	struct stream events, err, result;
};

struct all {
	const struct nfp_request *request;
	const struct nfp_all_io *io;
	struct nfp_jobs *jobs;
	struct child *children; /* those that run; room for one for each job */
	size_t num;
};

/* ---- a child ---- */

/* Standard output and standard error become @out and @err; @result keeps its number, which is among
 * the arguments. */
static void execute(const struct nfp_strv *arguments, int out, int err, int result, pid_t parent)
{
	char **argv = nfp_calloc(arguments->n + 1, sizeof(*argv));
	sigset_t none;

	memcpy(argv, arguments->v, arguments->n * sizeof(*argv));
	/* Takes back what nfp_signals_open has changed. SIGHUP stays ignored if it was (nohup). */
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() == parent && dup2(out, STDOUT_FILENO) >= 0 && dup2(err, STDERR_FILENO) >= 0 &&
	    fcntl(result, F_SETFD, 0) == 0)
		execv("/proc/self/exe", argv);
	_exit(NFP_EXIT_CANNOT);
}

/* A pipe of which only the end that is read from does not block. */
static int open_pipe(int fds[2])
{
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	return fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static void close_all(const int fds[], size_t num)
{
	for (size_t i = 0; i < num; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
}

/* Its output is for standard error. */
static struct nfp_strv restore_arguments(const struct nfp_job *job, bool verbose)
{
	struct nfp_strv arguments = {0};

	nfp_strv_addf(&arguments, "nfprobe");
	nfp_strv_addf(&arguments, "--restore");
	if (verbose)
		nfp_strv_addf(&arguments, "--verbose");
	nfp_strv_addf(&arguments, "--");
	nfp_strv_addf(&arguments, "%s", job->pf.ifname);
	return arguments;
}

/* @killed: the signal that killed its run, after which the host is restored; 0: begins the run. */
static int start(struct all *all, size_t index, int killed, struct nfp_err *err)
{
	const struct nfp_job *job = &all->jobs->v[index];
	int fds[] = {-1, -1, -1, -1, -1, -1}, pidfd = -1;
	int ret = open_pipe(&fds[0]) ?: open_pipe(&fds[2]) ?: open_pipe(&fds[4]);
	struct nfp_strv arguments = killed ? restore_arguments(job, all->request->verbose)
					   : nfp_job_arguments(job, all->request, fds[5]);
	pid_t parent = getpid(), pid = ret ? -1 : fork();

	if (pid == 0)
		execute(&arguments, killed ? fds[3] : fds[1], fds[3], fds[5], parent);
	if (ret == 0 && pid < 0)
		ret = -errno;
	if (ret == 0)
		pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	nfp_strv_fini(&arguments);
	if (ret == 0 && pidfd < 0) {
		ret = -errno;
		kill(pid, SIGTERM);
		waitpid(pid, NULL, 0);
	}
	if (ret < 0) {
		close_all(fds, 6);
		return nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot start its run");
	}
	close_all((const int[]) {fds[1], fds[3], fds[5]}, 3);
	all->children[all->num++] = (struct child) {
		.job = index,
		.pid = pid,
		.pidfd = pidfd,
		.killed = killed,
		.events = {.fd = fds[0], .max = NFP_BASELINE_BYTES}, /* `end` has the result */
		.err = {.fd = fds[2], .max = LINE_BYTES},
		.result = {.fd = fds[4], .max = NFP_BASELINE_BYTES},
	};
	return 0;
}

/* ---- what it writes ---- */

/* Reads what is there; false: nothing is, or never will be. Bytes beyond the limit are discarded.
 */
static bool read_stream(struct stream *stream)
{
	char buf[16384];
	ssize_t got = stream->fd < 0 ? 0 : TEMP_FAILURE_RETRY(read(stream->fd, buf, sizeof(buf)));
	size_t room = stream->max - stream->len, len = got < 0 ? 0 : (size_t)got;

	if (got == 0 || (got < 0 && errno != EAGAIN)) {
		if (stream->fd >= 0)
			close(stream->fd);
		stream->fd = -1;
	}
	stream->cut |= len > room;
	len = len > room ? room : len;
	if (len) {
		stream->text = nfp_reallocarray(stream->text, stream->len + len, 1);
		memcpy(stream->text + stream->len, buf, len);
		stream->len += len;
	}
	return got > 0;
}

static void on_event(struct all *all, struct nfp_job *job, const char *line)
{
	if (nfp_job_event(job, line))
		all->io->progress(all->io->ctx, all->jobs, job);
}

static void on_error(struct all *all, struct nfp_job *job, const char *line)
{
	all->io->line(all->io->ctx, job->pf.ifname, line);
}

/* Passes on whole lines, and at the @end what is left. */
static void pass_lines(struct all *all, size_t job, struct stream *s, bool end,
		       void (*pass)(struct all *all, struct nfp_job *job, const char *line))
{
	size_t at = 0;

	while (at < s->len) {
		const char *begin = s->text + at, *stop = memchr(begin, '\n', s->len - at);
		char *line;

		if (!stop && !end && (at || s->len < s->max))
			break;
		line = strndup(begin, stop ? (size_t)(stop - begin) : s->len - at);
		if (line)
			pass(all, &all->jobs->v[job], line);
		free(line);
		at = stop ? (size_t)(stop + 1 - s->text) : s->len;
	}
	if (at)
		memmove(s->text, s->text + at, s->len - at);
	s->len -= at;
}

static int render_text(const void *what, FILE *out)
{
	const struct stream *s = what;

	return fwrite(s->text, 1, s->len, out) == s->len ? 0 : -EIO;
}

/* Reads the result that a run has written, and writes it to the file of --json=DIR. */
static int read_result(const struct all *all, struct nfp_job *job, const struct stream *out)
{
	const char *folder = all->request->export_files[NFP_EXPORT_JSON];
	struct nfp_strv files = nfp_job_files(job, all->request);
	struct nfp_budget budget = {NFP_BUDGET_BYTES};
	struct nfp_err why = {0};
	int ret;

	job->document = out->cut ? NULL : nfp_json_load(out->text ?: "", out->len, &budget, &why);
	if (job->document)
		ret = nfp_result_read(job->document, NFP_IN_VERDICTS, &budget, &job->result, &why);
	else
		ret = out->cut ? nfp_err_set(&why, -EBADMSG, NFP_E_INPUT, "it is larger than 32 MB")
			       : -EBADMSG;
	if (ret < 0) {
		nfp_err_set(&job->error, ret, NFP_E_INPUT,
			    "what its run has written cannot be read: %s", why.message);
		json_decref(job->document);
		job->document = NULL;
	} else {
		job->error = job->result.error;
	}
	if (ret == 0 && folder && strcmp(folder, "-") != 0)
		ret = nfp_outfile_render(files.v[0], NFP_MARKUP_JSON, render_text, out,
					 &job->error);
	nfp_strv_fini(&files);
	return ret;
}

/* Its run ended by itself. */
static void conclude_run(const struct all *all, struct nfp_job *job, const struct stream *out,
			 int status)
{
	job->exit_status = status;
	if (read_result(all, job, out) < 0 && status != NFP_EXIT_NOT_RESTORED)
		job->exit_status = NFP_EXIT_CANNOT;
	/* Such as that a file could not be written; the result was complete by then. */
	if (job->error.code == NFP_E_NONE && job->exit_status != 0 && job->exit_status != 1 &&
	    job->exit_status != NFP_EXIT_INCONCLUSIVE)
		nfp_err_set(&job->error, 0, NFP_E_OUTPUT,
			    "its run ended with status %d, as standard error says",
			    job->exit_status);
}

/* Its run was killed. */
static void conclude_killed(struct nfp_job *job, int killed, bool restored)
{
	const char *name = sigabbrev_np(killed) ?: "?";

	job->exit_status = restored ? NFP_EXIT_CANNOT : NFP_EXIT_NOT_RESTORED;
	if (restored)
		nfp_err_set(&job->error, -ECHILD, NFP_E_DIED,
			    "its run was killed by SIG%s; the host was put back as it was", name);
	else
		nfp_err_set(&job->error, -ECHILD, NFP_E_DIED,
			    "its run was killed by SIG%s, and the host may not be as it was: "
			    "nfprobe --restore %s",
			    name, job->pf.ifname);
}

/*
 * The process has ended. Its work goes on if it was killed: the run undoes its changes
 * then, and has ended when nobody has its pipes any more.
 */
static void reap(struct child *child)
{
	waitpid(child->pid, &child->status, 0);
	close(child->pidfd);
	child->pidfd = -1;
}

static bool is_over(const struct child *child)
{
	return child->pidfd < 0 && (child->killed || WIFEXITED(child->status) ||
				    (child->events.fd < 0 && child->err.fd < 0));
}

/* Nothing more will come: what is in its pipes is all. */
static void finish(struct all *all, size_t at)
{
	struct child child = all->children[at];
	struct nfp_job *job = &all->jobs->v[child.job];
	bool over = true, exited = WIFEXITED(child.status);
	struct nfp_err err;

	while (read_stream(&child.result)) {
	}
	while (read_stream(&child.err))
		pass_lines(all, child.job, &child.err, false, on_error);
	pass_lines(all, child.job, &child.err, true, on_error);
	close_all((const int[]) {child.events.fd, child.err.fd, child.result.fd}, 3);
	all->children[at] = all->children[--all->num];

	if (child.killed)
		conclude_killed(job, child.killed, exited && WEXITSTATUS(child.status) == 0);
	else if (exited)
		conclude_run(all, job, &child.result, WEXITSTATUS(child.status));
	else if (start(all, child.job, WTERMSIG(child.status), &err) < 0)
		conclude_killed(job, WTERMSIG(child.status), false);
	else
		over = false;
	free(child.events.text);
	free(child.err.text);
	free(child.result.text);
	if (!over)
		return;
	nfp_jobs_end(all->jobs, child.job);
	all->io->progress(all->io->ctx, all->jobs, job);
}

/* ---- all of them ---- */

static void stop_waiting(struct all *all)
{
	struct nfp_err why = {0};

	nfp_err_set(&why, -EINTR, NFP_E_INTERRUPTED, "stopped by SIG%s before its run began",
		    sigabbrev_np(all->io->signals->caught));
	nfp_jobs_stop(all->jobs, &why);
}

static void start_jobs(struct all *all)
{
	if (all->io->signals->caught)
		stop_waiting(all);
	for (ssize_t next; (next = nfp_jobs_next(all->jobs)) >= 0;) {
		struct nfp_job *job = &all->jobs->v[next];
		int ret;

		job->state = NFP_JOB_RUNS;
		ret = start(all, (size_t)next, 0, &job->error);
		if (ret < 0) {
			job->exit_status = NFP_EXIT_CANNOT;
			nfp_jobs_end(all->jobs, (size_t)next);
		}
	}
}

/* The terminal signals every process; what was sent to this one alone is passed on. */
static void forward_signal(const struct all *all)
{
	const struct nfp_signals *signals = all->io->signals;

	for (size_t i = 0; i < all->num && signals->code <= 0; i++) {
		if (all->children[i].pidfd >= 0)
			kill(all->children[i].pid, signals->caught);
	}
}

#define FDS 4 /* of a child */

/* Waits until something happens to the children, and sees to it. */
static void handle_events(struct all *all, struct pollfd *fds)
{
	struct nfp_signals *signals = all->io->signals;
	bool stopping = signals->caught;

	fds[0] = (struct pollfd) {.fd = signals->fd, .events = POLLIN};
	for (size_t i = 0; i < all->num; i++) {
		const struct child *child = &all->children[i];
		const int watched[FDS] = {child->pidfd, child->events.fd, child->err.fd,
					  child->result.fd};

		for (size_t k = 0; k < FDS; k++)
			fds[1 + FDS * i + k] = (struct pollfd) {.fd = watched[k], .events = POLLIN};
	}
	if (poll(fds, 1 + FDS * all->num, -1) < 0)
		return;
	if (nfp_signals_poll(signals) && !stopping)
		forward_signal(all);
	/* Backwards, since the last one takes the place of one that has ended. */
	for (size_t i = all->num; i-- > 0;) {
		const struct pollfd *of = &fds[1 + FDS * i];
		struct child *child = &all->children[i];

		if (of[1].revents && read_stream(&child->events))
			pass_lines(all, child->job, &child->events, false, on_event);
		if (of[2].revents && read_stream(&child->err))
			pass_lines(all, child->job, &child->err, false, on_error);
		if (of[3].revents)
			(void)read_stream(&child->result);
		if (of[0].revents)
			reap(child);
		if (is_over(child))
			finish(all, i);
	}
}

/* Each file of a run can be written: it must not end with a result that has nowhere to go. */
static int check_files(const struct nfp_jobs *jobs, const struct nfp_request *request,
		       struct nfp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < jobs->num && ret == 0; i++) {
		struct nfp_strv files = {0};

		if (jobs->v[i].state == NFP_JOB_WAITS)
			files = nfp_job_files(&jobs->v[i], request);
		for (size_t k = 0; k < files.n && ret == 0; k++)
			ret = nfp_outfile_check(files.v[k], err);
		nfp_strv_fini(&files);
	}
	if (ret < 0)
		nfp_err_hint(err, "--all writes a file for each PF into the folder that is named, "
				  "which must exist");
	return ret;
}

static int plan(const struct nfp_request *request, struct nfp_topology *topology,
		struct nfp_jobs *jobs, struct nfp_err *err)
{
	size_t counted = 0;
	int ret = nfp_topology_read(nfp_sysroot_default(), NULL, topology, err);

	nfp_jobs_plan(topology, request, jobs);
	nfp_jobs_find_ports(topology, jobs);
	for (size_t i = 0; i < jobs->num; i++)
		counted += jobs->v[i].counts;
	if (ret < 0 || counted)
		return ret;
	nfp_err_set(err, -ENODEV, jobs->num ? NFP_E_NO_VFS : NFP_E_NOT_PF,
		    jobs->num ? "no PF of this host has VFs" : "this host has no SR-IOV PF");
	if (jobs->num)
		nfp_err_hint(err, "nfprobe --list shows them, and how to make VFs");
	return -ENODEV;
}

void nfp_jobs_run(const struct nfp_request *request, const struct nfp_all_io *io,
		  struct nfp_jobs *jobs)
{
	struct all all = {.request = request, .io = io, .jobs = jobs};
	struct pollfd *fds = nfp_calloc(1 + FDS * jobs->num, sizeof(*fds));

	/* A process that was started with SIGCHLD ignored could not wait for its children. */
	signal(SIGCHLD, SIG_DFL);
	all.children = nfp_calloc(jobs->num, sizeof(*all.children));
	for (start_jobs(&all); all.num; start_jobs(&all))
		handle_events(&all, fds);
	free(fds);
	free(all.children);
	jobs->exit_status = nfp_jobs_worst(jobs);
	if (io->signals->caught && jobs->exit_status != NFP_EXIT_NOT_RESTORED)
		jobs->exit_status = 128 + io->signals->caught;
}

int nfp_run_all(const struct nfp_request *request, const struct nfp_all_io *io,
		struct nfp_jobs *ret_jobs, struct nfp_err *err)
{
	struct nfp_topology topology = {0};
	int ret = plan(request, &topology, ret_jobs, err) ?: nfp_need_capabilities(err)
		  ?: check_files(ret_jobs, request, err);

	if (ret == 0 && request->num_from == 1 && request->from[0].kind == NFP_FROM_AUTO)
		nfp_jobs_find_sources(request, &topology, io->signals, ret_jobs);
	nfp_topology_fini(&topology);
	if (ret == 0)
		nfp_jobs_run(request, io, ret_jobs);
	return ret;
}
