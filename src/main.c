// SPDX-License-Identifier: GPL-2.0-or-later
/* main.c - picks the mode and the process that does it; the only one to exit. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "print.h"

static int on_locked(void *ctx, const struct nfp_lock *lock, const struct nfp_result *result,
		     struct nfp_err *err)
{
	struct program *p = ctx;
	int ret = nfp_lock_send(lock, p->parent_fd);

	p->legacy->known = *result;
	nfp_result_forget(&p->legacy->known);
	p->legacy->locked = true;
	return ret ? nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot share the lock") : 0;
}

static int run_probe(struct program *p)
{
	struct nfp_run_io io = {
		.locked = on_locked,
		.change = print_change,
		.warning = print_warning,
		.progress = print_progress,
		.begun = print_begun,
		.done = print_done,
		.judged = print_judged,
		.ctx = p,
		.signals = &p->signals,
		.parent = p->parent,
		.baseline = p->request.baseline_file ? &p->baseline : NULL,
	};
	struct nfp_result result;
	int status;

	nfp_result_init(&result);
	nfp_run_probe(&p->request, &io, &result);
	print_take_time(p);
	(void)nfp_rights_finish();
	print_errors(p, &result);
	status = print_result(p, &result);
	nfp_result_fini(&result);
	return status;
}

/* Of a run that came to no result. */
static void begin_result(const struct program *p, const struct nfp_err *err, int status,
			 struct nfp_result *ret_result)
{
	if (p->legacy->locked)
		*ret_result = p->legacy->known;
	else
		nfp_result_init(ret_result);
	ret_result->error = *err;
	ret_result->exit_status = status;
	ret_result->restored = status != EXIT_NOT_RESTORED;
	if (!ret_result->pf.ifname[0])
		snprintf(ret_result->pf.ifname, sizeof(ret_result->pf.ifname), "%s", p->request.pf);
}

static int restore_for(struct program *p, const struct nfp_lock *lock,
		       struct nfp_restore_report *report, struct nfp_err *err)
{
	const struct nfp_change_log log = {.change = print_change, .ctx = p};
	struct nfp_lock own = lock ? *lock : (struct nfp_lock) {.fd = -1};
	int ret;

	if (!lock)
		return nfp_restore(NFP_RUNDIR, p->request.pf, &log, report, err);
	ret = nfp_restore_locked(&own, &log, report, err);
	return ret ? ret : nfp_restore_failed(report, report->failed.n, err);
}

/* In place of a process that died: puts back, and says what that one cannot say any more. */
static int run_after(struct program *p, const struct nfp_death *death)
{
	struct nfp_result result;
	struct nfp_restore_report report = {0};
	struct nfp_err err = {0};
	int ret = 0;

	/* Once more, since a driver may have been in the middle of what the other had asked for. */
	for (int i = 0; i < 2 && p->legacy->locked; i++) {
		nfp_restore_report_fini(&report);
		ret = restore_for(p, death->lock, &report, &err);
		if (ret == 0 || ret == -EBUSY)
			break;
	}
	print_take_time(p);
	(void)nfp_rights_finish();
	begin_result(p, &err, ret ? EXIT_NOT_RESTORED : EXIT_CANNOT, &result);
	if (ret == 0)
		nfp_err_set(&result.error, 0, NFP_E_DIED, "the process that probed %s%s",
			    death->how,
			    p->legacy->locked ? "; the host was put back as it was" : "");
	result.left_behind = report.left_behind;
	result.warnings = report.others;
	if (p->request.json_stream && p->legacy->in_line)
		fputc('\n', p->out.file);
	for (size_t i = 0; i < report.others.n; i++)
		print_warning(p, report.others.v[i]);
	print_error(p, &result.error);
	ret = print_result(p, &result);
	nfp_restore_report_fini(&report);
	return ret;
}

static int run_read(struct program *p)
{
	const struct nfp_run_io io = {
		.baseline = p->request.baseline_file ? &p->baseline : NULL,
	};
	struct nfp_result result;
	int status;

	(void)nfp_rights_finish();
	nfp_result_init(&result);
	nfp_run_read(&p->request, &io, p->inputs.recording, &result);
	for (size_t i = 0; i < result.warnings.n; i++)
		print_warning(p, result.warnings.v[i]);
	print_errors(p, &result);
	status = print_result(p, &result);
	nfp_result_fini(&result);
	return status;
}

static int run_plan(struct program *p)
{
	struct nfp_outline outline = {0};
	struct nfp_err err = {0};
	int ret = nfp_run_plan(&p->request, &outline, &err);
	int written = 0;

	if (ret < 0)
		print_error(p, &err);
	else
		written = nfp_report_outline(&outline, &p->out.opts, p->out.file);
	nfp_outline_fini(&outline);
	return print_finish(p, written, ret < 0 ? EXIT_CANNOT : 0);
}

/* All PFs, or the one that was named; borrows from @topology. */
static struct nfp_topology listed(const struct program *p, const struct nfp_topology *topology)
{
	struct nfp_topology view = *topology;

	for (size_t i = 0; i < topology->num_pfs; i++) {
		if (strcmp(topology->pfs[i].info.ifname, p->request.pf) == 0) {
			view.pfs = &topology->pfs[i];
			view.num_pfs = 1;
		}
	}
	return view;
}

struct listing {
	const struct nfp_topology *view;
	const struct nfp_err *error; /* NULL: none */
	int status;
};

static int render_list(const void *what, FILE *out)
{
	const struct listing *listing = what;

	return nfp_report_list_json(listing->view, listing->error, listing->status, out);
}

static int write_list(struct program *p, const struct listing *listing)
{
	struct nfp_err err;
	int status = listing->status, ret = 0;

	if (print_is_json(p))
		ret = render_list(listing, p->out.file);
	else if (!listing->error)
		ret = nfp_report_list_text(listing->view, &p->out.opts, p->out.file);
	status = print_finish(p, ret, status);
	if (p->request.json_file &&
	    nfp_outfile_render(p->request.json_file, render_list, listing, &err) < 0)
		status = print_failed(p, &err, status);
	return status;
}

static int run_list(struct program *p)
{
	struct nfp_topology topology = {0}, view;
	struct nfp_err err = {0};
	int ret = nfp_topology_read(p->request.pf, &topology, &err);
	struct listing listing = {&view, ret < 0 ? &err : NULL, ret < 0 ? EXIT_CANNOT : 0};
	int status;

	(void)nfp_rights_finish();
	if (ret < 0)
		print_error(p, &err);
	view = listed(p, &topology);
	status = write_list(p, &listing);
	nfp_topology_fini(&topology);
	return status;
}

static int run_restore(struct program *p)
{
	struct nfp_change_log log = {.change = print_change, .ctx = p};
	struct nfp_restore_report report = {0};
	struct nfp_err err = {0};
	int ret = nfp_need_capabilities(&err);
	int status = EXIT_CANNOT, written = 0;

	if (ret == 0) {
		ret = nfp_restore(NFP_RUNDIR, p->request.pf[0] ? p->request.pf : NULL, &log,
				  &report, &err);
		print_take_time(p);
		status = ret < 0 ? EXIT_NOT_RESTORED : 0;
		written = nfp_report_restore(&report, &p->out.opts, p->out.file);
	}
	if (ret < 0)
		print_error(p, &err);
	nfp_restore_report_fini(&report);
	return print_finish(p, written, status);
}

static int on_opened(void *ctx, const struct nfp_reflector_config *config)
{
	struct program *p = ctx;

	/* Its sockets are open, and whatever comes through them is read without any rights. */
	(void)nfp_rights_drop();
	return nfp_report_reflect_start(config, &p->out.opts, p->out.file);
}

static int run_reflect(struct program *p)
{
	struct nfp_reflector_report report;
	struct nfp_err err = {0};
	int ret;

	/* Nothing is held, but a signal that came already is to end it. */
	(void)nfp_sink_take_time(&p->out.sink, p->signals.fd);
	ret = nfp_run_reflect(&p->request, &p->signals, on_opened, p, &report, &err);
	if (ret < 0) {
		if (err.code == NFP_E_NONE)
			nfp_err_set(&err, ret, NFP_E_OUTPUT, "the id could not be written: %s",
				    nfp_sink_strerror(ret));
		print_error(p, &err);
		return EXIT_CANNOT;
	}
	return print_finish(p, nfp_report_reflect_end(&report, &p->out.opts, p->out.file), 0);
}

static int print_usage(struct program *p)
{
	char text[8192];

	nfp_request_usage(text, sizeof(text));
	return print_finish(p, fputs(text, p->out.file) < 0 ? -EIO : 0, 0);
}

static int dispatch(struct program *p)
{
	switch (p->request.mode) {
	case NFP_MODE_PROBE:
		return run_probe(p);
	case NFP_MODE_DRY_RUN:
		return run_plan(p);
	case NFP_MODE_LIST:
		return run_list(p);
	case NFP_MODE_RESTORE:
		return run_restore(p);
	case NFP_MODE_REFLECT:
		return run_reflect(p);
	case NFP_MODE_READ:
		return run_read(p);
	case NFP_MODE_VERSION:
		fprintf(p->out.file, "nfprobe %s\n", NFP_VERSION);
		return print_finish(p, 0, 0);
	case NFP_MODE_HELP:
	default:
		return print_usage(p);
	}
}

/* What went wrong before a mode could begin; JSON is valid then as well. @files: they may be
 * written. */
static int fail_early(struct program *p, const struct nfp_err *err, int status, bool files)
{
	struct nfp_result result;

	(void)nfp_rights_finish();
	print_error(p, err);
	begin_result(p, err, status, &result);
	status = print_stdout(p, &result);
	if (files)
		status = print_files(p, &result, status);
	return status;
}

/*
 * A signal ends at once what has nothing to undo; a restore goes on, since it is what would be
 * asked for next. A reader that has gone is an error of the write in every mode.
 */
static int open_signals(struct program *p)
{
	enum nfp_mode mode = p->request.mode;
	FILE *out, *err;
	int ret;

	if (mode != NFP_MODE_PROBE && mode != NFP_MODE_REFLECT && mode != NFP_MODE_RESTORE)
		return signal(SIGPIPE, SIG_IGN) == SIG_ERR ? -errno : 0;
	ret = nfp_signals_open(&p->signals);
	if (ret < 0)
		return ret;
	out = nfp_sink_stream(&p->out.sink, STDOUT_FILENO);
	err = nfp_sink_stream(&p->err.sink, STDERR_FILENO);
	if (out)
		p->out.file = out;
	p->out.sink.in_line = &p->legacy->in_line;
	if (err)
		p->err.file = err;
	return out && err ? 0 : -ENOMEM;
}

/* The mode, in the process that does it. */
static int work(void *ctx, int parent_fd, const struct nfp_death *death)
{
	struct program *p = ctx;
	struct nfp_err err = {0};
	int ret = open_signals(p);

	p->parent_fd = parent_fd;
	if (ret < 0) {
		nfp_err_errno(&err, ret, NFP_E_KERNEL, "cannot set up signals and streams");
		return fail_early(p, &err, EXIT_CANNOT, true);
	}
	return print_end(p, death ? run_after(p, death) : dispatch(p));
}

static int supervise(struct program *p)
{
	struct nfp_err err = {0};
	int status;

	p->parent = (int)getpid();
	status = nfp_supervise(work, p, &err);
	if (status >= 0)
		return status;
	return fail_early(p, &err, p->legacy->locked ? EXIT_NOT_RESTORED : EXIT_CANNOT, true);
}

static int run(struct program *p, int argc, char **argv)
{
	struct nfp_err err = {0};
	int ret, limited, parsed;

	/* First of all: an option may name a file that is read. */
	if (nfp_rights_refuse_raised(&err) < 0)
		return fail_early(p, &err, EXIT_CANNOT, false);
	parsed = nfp_request_parse(argc, argv, &p->request, &err);
	p->out.opts = nfp_report_opts_for(&p->request, STDOUT_FILENO);
	p->err.opts = nfp_report_opts_for(&p->request, STDERR_FILENO);
	if (parsed < 0)
		return fail_early(p, &err, EXIT_USAGE, false);
	ret = nfp_inputs_open(&p->request, &p->inputs, &err);
	limited = nfp_rights_limit(p->request.mode);
	if (limited < 0)
		nfp_err_errno(&err, limited, NFP_E_KERNEL, "cannot give up capabilities");
	if (limited < 0 || ret < 0)
		return fail_early(p, &err, EXIT_CANNOT, limited == 0 && print_check(p, NULL) == 0);
	ret = print_check(p, &err);
	if (ret == 0 && p->request.baseline_file)
		ret = nfp_baseline_read(p->inputs.baseline, p->request.baseline_file, &p->baseline,
					&err);
	if (ret < 0)
		return fail_early(p, &err, EXIT_CANNOT, false);
	return p->request.mode == NFP_MODE_PROBE ? supervise(p) : work(p, -1, NULL);
}

int main(int argc, char **argv)
{
	struct legacy *legacy = mmap(NULL, sizeof(*legacy), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct program program = {
		.legacy = legacy,
		.signals = {.fd = -1},
		.out = {.file = stdout},
		.err = {.file = stderr},
	};
	int status;

	if (legacy == MAP_FAILED) {
		perror("nfprobe");
		exit(EXIT_CANNOT);
	}
	nfp_sink_occupy();
	json_set_alloc_funcs(nfp_malloc, free);
	status = run(&program, argc, argv);
	nfp_signals_close(&program.signals);
	nfp_result_fini(&program.baseline);
	nfp_request_fini(&program.request);
	exit(status);
}
