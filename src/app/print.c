// SPDX-License-Identifier: GPL-2.0-or-later
/* print.c - prints to standard output and standard error, and writes the file of a result. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "print.h"
#include "rights.h"
#include "supervise.h"

int nfp_print_to(struct nfp_program *p, struct nfp_out_stream *stream, FILE *to, int fd)
{
	bool json = p->request.json_stream || nfp_request_json_stdout(&p->request);
	enum nfp_markup markup = fd == STDOUT_FILENO && json ? NFP_MARKUP_JSON : NFP_MARKUP_NONE;

	stream->file = isatty(fd) ? to
				  : nfp_ci_filter_open(&stream->ci_filter, to, markup,
						       stream->opts.color);
	if (!stream->file) {
		stream->file = to;
		return -errno;
	}
	if (fd == STDERR_FILENO)
		setvbuf(stream->file, NULL, _IOLBF, 0);
	return 0;
}

static void clear_progress(struct nfp_program *p)
{
	if (!p->progress)
		return;
	nfp_report_resize(&p->err.opts, STDERR_FILENO);
	nfp_progress_clear(p->progress, p->err.opts.columns, p->err.file);
}

void nfp_print_error(struct nfp_program *p, const struct nfp_err *err)
{
	clear_progress(p);
	(void)nfp_report_error(err, &p->err.opts, p->err.file);
}

/* ---- while the mode runs ---- */

/* Shows progress, but not on a terminal that the user has stopped. */
static void show_live(struct nfp_program *p, const struct nfp_event *event)
{
	uint64_t now_ns = nfp_clock_now();
	bool shows = nfp_progress_event(p->progress, event, now_ns);

	if (p->request.quiet)
		return;
	if (nfp_report_is_terminal(STDERR_FILENO)) {
		if (!shows || !nfp_sink_ready(&p->err.sink))
			return;
		nfp_report_resize(&p->err.opts, STDERR_FILENO);
		nfp_progress_draw(p->progress, p->err.opts.columns, now_ns, p->err.file);
	} else if (shows && event->what == NFP_EVENT_VERDICT && !p->request.json_stream) {
		(void)nfp_progress_so_far(p->progress, event->style, now_ns, p->err.file);
	}
}

void nfp_print_event(void *ctx, const struct nfp_event *event)
{
	struct nfp_program *p = ctx;

	if (p->request.json_stream && p->events == 0)
		p->events = nfp_report_event(event, (int64_t)(nfp_clock_real() / NFP_NSEC_PER_MSEC),
					     p->out.file);
	if (p->progress)
		show_live(p, event);
	if (event->what == NFP_EVENT_CHANGE && p->request.verbose) {
		clear_progress(p);
		(void)nfp_report_change(event->text, p->err.file);
	} else if (event->what == NFP_EVENT_WARNING && !p->request.quiet) {
		clear_progress(p);
		(void)nfp_report_warning(event->text, &p->err.opts, p->err.file);
	}
}

/* A result that was not written is a failure, unless something worse happened. */
static int worst_of_output(int status)
{
	return status == NFP_EXIT_NOT_RESTORED || status > 128 ? status : NFP_EXIT_CANNOT;
}

static int fail(struct nfp_program *p, const struct nfp_err *err, int status)
{
	nfp_print_error(p, err);
	return worst_of_output(status);
}

int nfp_print_finish(struct nfp_program *p, int ret, int status)
{
	struct nfp_err err;

	if (ret == 0 && fflush(p->out.file) != 0)
		ret = -errno;
	if (ret == 0)
		return status;
	/* A reader that has gone, such as head(1), has everything that it wanted. */
	if (ret == -EPIPE)
		return worst_of_output(status);
	nfp_err_set(&err, ret, NFP_E_OUTPUT, "the result could not be written: %s",
		    nfp_sink_strerror(ret));
	return fail(p, &err, status);
}

/* ---- the file ---- */

/* Returns the file. NULL: none is wanted, or standard output. */
static const char *json_file(const struct nfp_program *p)
{
	return nfp_request_json_stdout(&p->request) ? NULL : p->request.json_file;
}

/* This comes before the run, which must not end with a result that cannot be written. */
int nfp_print_check(struct nfp_program *p, struct nfp_err *err)
{
	return json_file(p) ? nfp_outfile_check(json_file(p), err) : 0;
}

/* True if the run ended before it touched the host. What went wrong is no output then. */
static bool is_unchanged(const struct nfp_result *result)
{
	enum nfp_errcode code = result->error.code;

	return result->exit_status == NFP_EXIT_CANNOT && !result->changed_host &&
	       result->restored && !result->left_behind.n && code != NFP_E_DIED &&
	       code != NFP_E_OUTPUT && code != NFP_E_MEMORY;
}

/* Writes the one format that the user wants there. */
static int print_stdout(struct nfp_program *p, const struct nfp_result *result)
{
	nfp_print_event(p, &(struct nfp_event) {.what = NFP_EVENT_END, .run = result});
	if (p->request.json_stream)
		return p->events;
	if (nfp_request_json_stdout(&p->request))
		return nfp_report_json(result, p->out.file);
	nfp_report_resize(&p->out.opts, STDOUT_FILENO);
	/* The error says everything then. */
	return is_unchanged(result) ? 0 : nfp_report_text(result, &p->out.opts, p->out.file);
}

/* Writes the file by @write. 0 or -errno with @err. */
static int write_file(struct nfp_program *p, nfp_render *write, const void *what,
		      struct nfp_err *err)
{
	int ret = nfp_outfile_render(json_file(p), NFP_MARKUP_JSON, write, what, err);

	if (ret == 0)
		p->shared->written = true;
	return ret;
}

int nfp_print_document(struct nfp_program *p, json_t *root, int status)
{
	struct nfp_err err;

	if (json_file(p) && write_file(p, nfp_report_document, root, &err) < 0)
		status = fail(p, &err, status);
	json_decref(root);
	return status;
}

int nfp_print_result(struct nfp_program *p, struct nfp_result *result, bool file)
{
	struct nfp_err err = result->vf.error;

	p->err.opts.unchanged = is_unchanged(result);
	if (result->error.code != NFP_E_NONE)
		nfp_print_error(p, &result->error);
	/* A hint that both errors have is given once. */
	if (err.code != NFP_E_NONE && strcmp(err.message, result->error.message) != 0) {
		if (strcmp(err.hint.text, result->error.hint.text) == 0 &&
		    nfp_commands_equal(&err.hint.commands, &result->error.hint.commands))
			err.hint = (struct nfp_hint) {0};
		nfp_print_error(p, &err);
	}
	p->err.opts.unchanged = false;
	clear_progress(p);
	/* The file comes before standard output, which tells the status. */
	if (file && json_file(p) && !p->shared->written &&
	    write_file(p, nfp_report_json, result, &err) < 0) {
		nfp_print_error(p, &err);
		nfp_result_fail(result, &err);
	}
	/* A second document would not make valid what a process that died had begun to write. */
	if (p->shared->printing)
		return result->exit_status;
	p->shared->printing = true;
	return nfp_print_finish(p, print_stdout(p, result), result->exit_status);
}

void nfp_print_take_time(struct nfp_program *p)
{
	clear_progress(p);
	/* Signals that came before do not count. */
	(void)nfp_signals_poll(&p->signals);
	(void)nfp_sink_wait_longer(&p->out.sink, p->signals.fd);
	p->err_lost = nfp_sink_wait_longer(&p->err.sink, p->signals.fd);
	if (p->err_lost)
		p->err.sink.failed = 0;
}

/* A reader that closed standard error does not want it; one that stopped reading misses lines. */
int nfp_print_end(struct nfp_program *p, int status)
{
	struct nfp_err err;

	if (!p->err_lost)
		return status;
	nfp_err_set(
		&err, 0, NFP_E_OUTPUT,
		"lines of standard error are missing: nobody read it while the host was changed");
	return fail(p, &err, status);
}

bool nfp_print_wants_text(struct nfp_program *p, int ret, const struct nfp_err *err)
{
	(void)nfp_rights_finish();
	if (ret < 0)
		nfp_print_error(p, err);
	return ret == 0 && !nfp_request_json_stdout(&p->request);
}

int nfp_print_found(struct nfp_program *p, json_t *root, int written, int status)
{
	if (nfp_request_json_stdout(&p->request))
		written = nfp_report_document(root, p->out.file);
	return nfp_print_document(p, root, nfp_print_finish(p, written, status));
}
