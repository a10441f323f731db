// SPDX-License-Identifier: GPL-2.0-or-later
/* main.c - picks the mode, writes what it found, and is the only one to exit. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "nfprobe/output.h"
#include "nfprobe/report.h"
#include "nfprobe/request.h"
#include "nfprobe/app.h"

#define EXIT_USAGE	  2
#define EXIT_CANNOT	  4
#define EXIT_NOT_RESTORED 5

/* Standard output, or standard error. */
struct stream {
	FILE *file; /* while the host is changed, by way of the sink */
	struct nfp_sink sink;
	struct nfp_report_opts opts;
};

struct program {
	struct nfp_request request;
	struct nfp_signals signals;
	struct stream out, err;
	bool progress;	/* a progress line is on the terminal */
	bool err_lacks; /* lines of stderr that nobody read in time */
	struct nfp_inputs inputs;
	struct nfp_result baseline;
	int events; /* of --json-stream: 0, or -errno of what went wrong */
};

static void clear_progress(struct program *p)
{
	if (p->progress)
		nfp_report_progress_clear(p->err.file);
	p->progress = false;
}

static void print_error(struct program *p, const struct nfp_err *err)
{
	clear_progress(p);
	(void)nfp_report_error(err, &p->err.opts, p->err.file);
}

/* ---- what happens as it happens ---- */

static int64_t unix_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Is there a stream that an event can go to? */
static bool may_stream(const struct program *p)
{
	return p->request.json_stream && p->events == 0;
}

static void on_begun(void *ctx, const struct nfp_result *result)
{
	struct program *p = ctx;

	if (may_stream(p))
		p->events = nfp_event_run(result, unix_ms(), p->out.file);
}

static void on_done(void *ctx, const struct nfp_where *where, const struct nfp_step_result *step,
		    const struct nfp_transition *transition)
{
	struct program *p = ctx;

	if (transition && may_stream(p))
		p->events = nfp_event_transition(where, transition, unix_ms(), p->out.file);
	if (may_stream(p))
		p->events = nfp_event_landing(where, step, unix_ms(), p->out.file);
}

static void on_judged(void *ctx, unsigned int vf, const struct nfp_style_result *style)
{
	struct program *p = ctx;

	if (may_stream(p))
		p->events = nfp_event_verdict(vf, style, unix_ms(), p->out.file);
}

static void on_change(void *ctx, const char *command)
{
	struct program *p = ctx;

	if (!p->request.verbose)
		return;
	clear_progress(p);
	(void)nfp_report_change(command, p->err.file);
}

static void on_warning(void *ctx, const char *sentence)
{
	struct program *p = ctx;

	if (may_stream(p))
		p->events = nfp_event_warning(sentence, unix_ms(), p->out.file);
	if (p->request.quiet)
		return;
	clear_progress(p);
	(void)nfp_report_warning(sentence, &p->err.opts, p->err.file);
}

static void on_progress(void *ctx, const struct nfp_where *where, enum nfp_step step,
			uint64_t remaining_ns)
{
	struct program *p = ctx;

	if (may_stream(p))
		p->events = nfp_event_step(where, step, remaining_ns, unix_ms(), p->out.file);
	/* A terminal that was stopped does without. */
	if (p->request.quiet || !nfp_report_is_terminal(STDERR_FILENO) ||
	    !nfp_sink_ready(&p->err.sink))
		return;
	p->progress = true;
	nfp_report_progress(p->err.file, p->err.opts.columns, where->vf, where->style, step,
			    remaining_ns);
}

/* A result that did not reach its reader is a failure, unless something worse happened. */
static int fail_output(struct program *p, const struct nfp_err *err, int status)
{
	print_error(p, err);
	return status == EXIT_NOT_RESTORED || status > 128 ? status : EXIT_CANNOT;
}

static int finish_output(struct program *p, int ret, int status)
{
	struct nfp_err err;

	if (ret == 0 && fflush(p->out.file) != 0)
		ret = -errno;
	if (ret == 0)
		return status;
	nfp_err_set(&err, ret, NFP_E_OUTPUT, "the result could not be written: %s",
		    nfp_sink_strerror(ret));
	return fail_output(p, &err, status);
}

static bool json_on_stdout(const struct program *p)
{
	return p->request.json && !p->request.json_file && !p->request.json_stream;
}

/* ---- files ---- */

static int open_inputs(struct program *p, struct nfp_err *err)
{
	return nfp_inputs_open(&p->request, &p->inputs, err);
}

/* With the rights with which they will be written: a run must not end with nowhere to go. */
static int check_outputs(struct program *p, struct nfp_err *err)
{
	const char *const files[] = {p->request.json_file, p->request.junit_file,
				     p->request.html_file};
	int ret = 0;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && ret == 0; i++)
		ret = files[i] ? nfp_outfile_check(files[i], err) : 0;
	if ((ret == -EACCES || ret == -EPERM) && p->request.mode == NFP_MODE_READ && geteuid() == 0)
		nfp_err_hint(err, "with --read root may write its own files only: run it as the "
				  "owner of that folder");
	return ret;
}

static int render_json(const void *result, FILE *out)
{
	return nfp_report_json(result, out);
}

static int render_junit(const void *result, FILE *out)
{
	return nfp_report_junit(result, out);
}

static int render_html(const void *result, FILE *out)
{
	return nfp_report_html(result, out);
}

/* A file that fails does not keep another from being written. */
static int write_files(struct program *p, const struct nfp_result *result, int status)
{
	const struct {
		const char *path;
		int (*render)(const void *what, FILE *out);
	} files[] = {
		{p->request.json_file, render_json},
		{p->request.junit_file, render_junit},
		{p->request.html_file, render_html},
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct nfp_err err;

		if (files[i].path &&
		    nfp_outfile_render(files[i].path, files[i].render, result, &err) < 0)
			status = fail_output(p, &err, status);
	}
	return status;
}

static int write_stdout(struct program *p, const struct nfp_result *result)
{
	int ret;

	clear_progress(p);
	if (may_stream(p))
		p->events = nfp_event_end(result, unix_ms(), p->out.file);
	if (p->request.json_stream)
		ret = p->events;
	else if (json_on_stdout(p))
		ret = nfp_report_json(result, p->out.file);
	else
		ret = nfp_report_text(result, &p->out.opts, p->out.file);
	return finish_output(p, ret, result->exit_status);
}

static int write_result(struct program *p, const struct nfp_result *result)
{
	return write_files(p, result, write_stdout(p, result));
}

/* Errors that a result carries besides its own: those of single VFs, one hint to several. */
static void print_errors(struct program *p, const struct nfp_result *result)
{
	const char *hint = result->error.hint;

	if (result->error.code != NFP_E_NONE)
		print_error(p, &result->error);
	for (size_t i = 0; i < result->num_vfs; i++) {
		struct nfp_err err = result->vfs[i].error;

		if (err.code == NFP_E_NONE || strcmp(err.message, result->error.message) == 0 ||
		    p->request.all_vfs)
			continue;
		if (strcmp(err.hint, hint) == 0)
			err.hint[0] = '\0';
		else
			hint = result->vfs[i].error.hint;
		print_error(p, &err);
	}
}

/* Nothing is changed any more, so there is time for who reads. */
static void take_time(struct program *p)
{
	/* Signals that came before do not count. */
	(void)nfp_signals_poll(&p->signals);
	(void)nfp_sink_take_time(&p->out.sink, p->signals.fd);
	p->err_lacks = nfp_sink_take_time(&p->err.sink, p->signals.fd);
	if (p->err_lacks)
		p->err.sink.failed = 0;
}

/* Who closes standard error does not want it; who stops reading it misses something. */
static int finish_errors(struct program *p, int status)
{
	struct nfp_err err;

	if (!p->err_lacks)
		return status;
	nfp_err_set(&err, 0, NFP_E_OUTPUT,
		    "lines of standard error are missing: nobody read it while the host was "
		    "changed");
	return fail_output(p, &err, status);
}

static int run_probe(struct program *p)
{
	struct nfp_run_io io = {
		.change = on_change,
		.warning = on_warning,
		.progress = on_progress,
		.begun = on_begun,
		.done = on_done,
		.judged = on_judged,
		.ctx = p,
		.signals = &p->signals,
		.baseline = p->request.baseline_file ? &p->baseline : NULL,
	};
	struct nfp_result result;
	int status;

	nfp_result_init(&result);
	nfp_run_probe(&p->request, &io, &result);
	take_time(p);
	(void)nfp_rights_finish();
	print_errors(p, &result);
	status = write_result(p, &result);
	nfp_result_fini(&result);
	return status;
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
		on_warning(p, result.warnings.v[i]);
	print_errors(p, &result);
	status = write_result(p, &result);
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
	return finish_output(p, written, ret < 0 ? EXIT_CANNOT : 0);
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

	if (json_on_stdout(p))
		ret = render_list(listing, p->out.file);
	else if (!listing->error)
		ret = nfp_report_list_text(listing->view, &p->out.opts, p->out.file);
	status = finish_output(p, ret, status);
	if (p->request.json_file &&
	    nfp_outfile_render(p->request.json_file, render_list, listing, &err) < 0)
		status = fail_output(p, &err, status);
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
	struct nfp_change_log log = {.change = on_change, .ctx = p};
	struct nfp_restore_report report = {0};
	struct nfp_err err = {0};
	int ret = nfp_need_capabilities(&err);
	int status = EXIT_CANNOT, written = 0;

	if (ret == 0) {
		ret = nfp_restore(NFP_RUNDIR, p->request.pf[0] ? p->request.pf : NULL, &log,
				  &report, &err);
		take_time(p);
		status = ret < 0 ? EXIT_NOT_RESTORED : 0;
		written = nfp_report_restore(&report, &p->out.opts, p->out.file);
	}
	if (ret < 0)
		print_error(p, &err);
	nfp_restore_report_fini(&report);
	return finish_output(p, written, status);
}

static int on_started(void *ctx, const struct nfp_reflect_start *start)
{
	struct program *p = ctx;

	/* Its sockets are open, and whatever comes through them is read without any rights. */
	(void)nfp_rights_drop();
	return nfp_report_reflect_start(start, &p->out.opts, p->out.file);
}

static int run_reflect(struct program *p)
{
	struct nfp_reflector_report report;
	struct nfp_err err = {0};
	int ret;

	/* Nothing is held, but a signal that came already is to end it. */
	(void)nfp_sink_take_time(&p->out.sink, p->signals.fd);
	ret = nfp_run_reflect(&p->request, &p->signals, on_started, p, &report, &err);
	if (ret < 0) {
		if (err.code == NFP_E_NONE)
			nfp_err_set(&err, ret, NFP_E_OUTPUT, "the id could not be written: %s",
				    nfp_sink_strerror(ret));
		print_error(p, &err);
		return EXIT_CANNOT;
	}
	return finish_output(p, nfp_report_reflect_end(&report, &p->out.opts, p->out.file), 0);
}

static int print_usage(struct program *p)
{
	char text[8192];

	nfp_request_usage(text, sizeof(text));
	return finish_output(p, fputs(text, p->out.file) < 0 ? -EIO : 0, 0);
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
		return finish_output(p, 0, 0);
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
	nfp_result_init(&result);
	result.error = *err;
	result.exit_status = status;
	snprintf(result.pf.ifname, sizeof(result.pf.ifname), "%s", p->request.pf);
	status = write_stdout(p, &result);
	if (files)
		status = write_files(p, &result, status);
	nfp_result_fini(&result);
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
	if (err)
		p->err.file = err;
	return out && err ? 0 : -ENOMEM;
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
		return fail_early(p, &err, err.code == NFP_E_MEMORY ? EXIT_CANNOT : EXIT_USAGE,
				  false);
	ret = open_inputs(p, &err);
	limited = nfp_rights_limit(p->request.mode);
	if (limited < 0)
		nfp_err_errno(&err, limited, NFP_E_KERNEL, "cannot give up capabilities");
	if (limited < 0 || ret < 0)
		return fail_early(p, &err, EXIT_CANNOT,
				  limited == 0 && check_outputs(p, NULL) == 0);
	ret = check_outputs(p, &err);
	if (ret == 0 && p->request.baseline_file)
		ret = nfp_baseline_read(p->inputs.baseline, p->request.baseline_file, &p->baseline,
					&err);
	if (ret < 0)
		return fail_early(p, &err, EXIT_CANNOT, false);
	ret = open_signals(p);
	if (ret < 0) {
		nfp_err_errno(&err, ret, NFP_E_KERNEL, "cannot set up signals and streams");
		return fail_early(p, &err, EXIT_CANNOT, true);
	}
	return finish_errors(p, dispatch(p));
}

int main(int argc, char **argv)
{
	struct program program = {
		.signals = {.fd = -1},
		.out = {.file = stdout},
		.err = {.file = stderr},
	};
	int status;

	nfp_sink_occupy();
	json_set_alloc_funcs(nfp_malloc, free);
	status = run(&program, argc, argv);
	nfp_signals_close(&program.signals);
	nfp_result_fini(&program.baseline);
	nfp_request_fini(&program.request);
	exit(status);
}
