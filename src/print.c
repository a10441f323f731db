// SPDX-License-Identifier: GPL-2.0-or-later
/* print.c - what a mode has to say: standard output, standard error, the files of a result. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "print.h"

static void clear_progress(struct program *p)
{
	if (p->progress)
		nfp_report_progress_clear(p->err.file);
	p->progress = false;
}

void print_error(struct program *p, const struct nfp_err *err)
{
	clear_progress(p);
	(void)nfp_report_error(err, &p->err.opts, p->err.file);
}

/* ---- what happens as it happens ---- */

static int64_t unix_ms(void)
{
	return (int64_t)(nfp_clock_real() / NFP_NSEC_PER_MSEC);
}

/* Is there a stream that an event can go to? */
static bool may_stream(const struct program *p)
{
	return p->request.json_stream && p->events == 0;
}

void print_begun(void *ctx, const struct nfp_result *result)
{
	struct program *p = ctx;

	if (may_stream(p))
		p->events = nfp_event_run(result, unix_ms(), p->out.file);
}

void print_done(void *ctx, const struct nfp_where *where, const struct nfp_step_result *step,
		const struct nfp_transition *transition)
{
	struct program *p = ctx;

	if (transition && may_stream(p))
		p->events = nfp_event_transition(where, transition, unix_ms(), p->out.file);
	if (may_stream(p))
		p->events = nfp_event_landing(where, step, unix_ms(), p->out.file);
}

void print_judged(void *ctx, unsigned int vf, const struct nfp_style_result *style)
{
	struct program *p = ctx;

	if (may_stream(p))
		p->events = nfp_event_verdict(vf, style, unix_ms(), p->out.file);
}

void print_change(void *ctx, const char *command)
{
	struct program *p = ctx;

	if (!p->request.verbose)
		return;
	clear_progress(p);
	(void)nfp_report_change(command, p->err.file);
}

void print_warning(void *ctx, const char *sentence)
{
	struct program *p = ctx;

	if (may_stream(p))
		p->events = nfp_event_warning(sentence, unix_ms(), p->out.file);
	if (p->request.quiet)
		return;
	clear_progress(p);
	(void)nfp_report_warning(sentence, &p->err.opts, p->err.file);
}

void print_progress(void *ctx, const struct nfp_where *where, enum nfp_step step,
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
int print_failed(struct program *p, const struct nfp_err *err, int status)
{
	print_error(p, err);
	return status == EXIT_NOT_RESTORED || status > 128 ? status : EXIT_CANNOT;
}

int print_finish(struct program *p, int ret, int status)
{
	struct nfp_err err;

	if (ret == 0 && fflush(p->out.file) != 0)
		ret = -errno;
	if (ret == 0)
		return status;
	nfp_err_set(&err, ret, NFP_E_OUTPUT, "the result could not be written: %s",
		    nfp_sink_strerror(ret));
	return print_failed(p, &err, status);
}

bool print_is_json(const struct program *p)
{
	return p->request.json && !p->request.json_file && !p->request.json_stream;
}

/* ---- files ---- */

/* With the rights with which they will be written: a run must not end with nowhere to go. */
int print_check(struct program *p, struct nfp_err *err)
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
int print_files(struct program *p, const struct nfp_result *result, int status)
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

		if (!files[i].path || p->legacy->written & 1U << i)
			continue;
		if (nfp_outfile_render(files[i].path, files[i].render, result, &err) < 0)
			status = print_failed(p, &err, status);
		else
			p->legacy->written |= 1U << i;
	}
	return status;
}

int print_stdout(struct program *p, const struct nfp_result *result)
{
	int ret;

	clear_progress(p);
	/* What is there already of an object or a text does not become right by another one. */
	if (p->legacy->printing)
		return result->exit_status;
	p->legacy->printing = true;
	if (may_stream(p))
		p->events = nfp_event_end(result, unix_ms(), p->out.file);
	if (p->request.json_stream)
		ret = p->events;
	else if (print_is_json(p))
		ret = nfp_report_json(result, p->out.file);
	else
		ret = nfp_report_text(result, &p->out.opts, p->out.file);
	return print_finish(p, ret, result->exit_status);
}

int print_result(struct program *p, const struct nfp_result *result)
{
	return print_files(p, result, print_stdout(p, result));
}

/* Errors that a result carries besides its own: those of single VFs, one hint to several. */
void print_errors(struct program *p, const struct nfp_result *result)
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
void print_take_time(struct program *p)
{
	/* Signals that came before do not count. */
	(void)nfp_signals_poll(&p->signals);
	(void)nfp_sink_take_time(&p->out.sink, p->signals.fd);
	p->err_lacks = nfp_sink_take_time(&p->err.sink, p->signals.fd);
	if (p->err_lacks)
		p->err.sink.failed = 0;
}

/* Who closes standard error does not want it; who stops reading it misses something. */
int print_end(struct program *p, int status)
{
	struct nfp_err err;

	if (!p->err_lacks)
		return status;
	nfp_err_set(
		&err, 0, NFP_E_OUTPUT,
		"lines of standard error are missing: nobody read it while the host was changed");
	return print_failed(p, &err, status);
}
