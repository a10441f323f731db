// SPDX-License-Identifier: GPL-2.0-or-later
/* main.c - picks the mode and the process that does it. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "print.h"

static void on_event(void *ctx, const struct nfp_event *event)
{
	struct program *p = ctx;

	if (event->what == NFP_EVENT_LOCKED) {
		p->shared->known = *event->run;
		nfp_result_disown(&p->shared->known);
		p->shared->locked = true;
	}
	print_event(p, event);
}

/* A run that failed early knows its PF only by the name that was typed, without which other
 * programs could not tell whose result it is. */
static void name_pf(const struct program *p, struct nfp_result *result)
{
	if (!result->pf.ifname[0])
		snprintf(result->pf.ifname, sizeof(result->pf.ifname), "%s", p->request.pf);
}

/* The result of a run that has none of its own. */
static void init_failed(const struct program *p, const struct nfp_err *err, int status,
			struct nfp_result *ret_result)
{
	if (p->shared->locked)
		*ret_result = p->shared->known;
	else
		nfp_result_init(ret_result);
	ret_result->error = *err;
	ret_result->exit_status = status;
	ret_result->restored = status != NFP_EXIT_NOT_RESTORED;
	name_pf(p, ret_result);
}

/* Restores the host in place of a process that died, and reports what that one no longer can. */
static int run_after(struct program *p, const struct nfp_death *death)
{
	const struct nfp_events events = {print_event, p};
	struct nfp_restore_report report = {0};
	struct nfp_result result;
	struct nfp_err err = {0};
	int ret = 0;

	/* Twice, since a driver may still be carrying out the dead process's last request. */
	for (int i = 0; i < 2 && p->shared->locked; i++) {
		nfp_strv_fini(&report.failed);
		nfp_strv_fini(&report.taken);
		ret = death->lock ? nfp_restore_locked(death->lock, &events, &report, &err)
					    ?: nfp_restore_failed(&report, &err)
				  : nfp_restore(NFP_RUNDIR, p->request.pf, &events, &report, &err);
		if (ret == 0 || ret == -EBUSY)
			break;
	}
	print_take_time(p);
	(void)nfp_rights_finish();
	if (ret == 0)
		nfp_err_set(&err, 0, NFP_E_DIED, "the process that probed %s%s", death->how,
			    p->shared->locked ? "; the host was put back as it was" : "");
	init_failed(p, &err, ret ? NFP_EXIT_NOT_RESTORED : NFP_EXIT_CANNOT, &result);
	result.left_behind = report.left_behind;
	result.warnings = report.others;
	if (p->request.json_stream && p->shared->in_line)
		fputc('\n', p->out.file);
	for (size_t i = 0; i < report.others.n; i++)
		print_event(p, &(struct nfp_event) {.what = NFP_EVENT_WARNING,
						    .text = report.others.v[i]});
	ret = print_result(p, &result, true);
	nfp_restore_report_fini(&report);
	return ret;
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
	return print_finish(p, written, ret ? NFP_EXIT_CANNOT : 0);
}

/* After a mode that only reads has done so: should its text be printed? */
static bool wants_text(struct program *p, int ret, const struct nfp_err *err)
{
	(void)nfp_rights_finish();
	if (ret < 0)
		print_error(p, err);
	return ret == 0 && !nfp_request_json_stdout(&p->request);
}

/* @written: 0, or -errno of the text. Frees @root. */
static int print_found(struct program *p, json_t *root, int written, int status)
{
	if (nfp_request_json_stdout(&p->request))
		written = nfp_report_document(root, p->out.file);
	return print_document(p, root, print_finish(p, written, status));
}

static int run_list(struct program *p)
{
	struct nfp_listing listing;
	struct nfp_err err = {0};
	int ret = nfp_run_list(&p->request, &listing, &err), written = 0;

	if (wants_text(p, ret, &err))
		written = nfp_report_list_text(&listing, &p->out.opts, p->out.file);
	ret = print_found(p, nfp_report_list_json(&listing, &err), written, listing.exit_status);
	nfp_listing_fini(&listing);
	return ret;
}

static int run_audit(struct program *p)
{
	struct nfp_audit audit;
	struct nfp_err err = {0};
	int ret = nfp_run_audit(&p->request, &audit, &err), written = 0;

	if (wants_text(p, ret, &err))
		written = nfp_report_audit_text(&audit, &p->out.opts, p->out.file);
	ret = print_found(p, nfp_report_audit_json(&audit, &err), written, audit.exit_status);
	nfp_audit_fini(&audit);
	return ret;
}

static int run_restore(struct program *p)
{
	const struct nfp_events events = {print_event, p};
	struct nfp_restore_report report = {0};
	struct nfp_err err = {0};
	int ret = nfp_need_capabilities(&err)
			  ?: nfp_need_host_folder(nfp_sysroot_default(), NFP_RUNDIR, NFP_E_JOURNAL,
						  &err);
	int status = NFP_EXIT_CANNOT, written = 0;

	if (ret == 0) {
		ret = nfp_restore(NFP_RUNDIR, p->request.pf[0] ? p->request.pf : NULL, &events,
				  &report, &err);
		print_take_time(p);
		status = ret < 0 ? NFP_EXIT_NOT_RESTORED : 0;
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
	int ret = nfp_rights_drop_root(&p->stopped);

	if (ret < 0)
		return ret;
	return nfp_report_reflect_start(config, &p->out.opts, p->out.file);
}

static int run_reflect(struct program *p)
{
	struct nfp_reflector_report report;
	struct nfp_err err = {0};
	int ret;

	/* There is nothing to undo, but a signal that has already come must end it. */
	(void)nfp_sink_wait_longer(&p->out.sink, p->signals.fd);
	ret = nfp_run_reflect(&p->request, &p->signals, on_opened, p, &report, &err);
	if (ret < 0) {
		if (p->stopped.code != NFP_E_NONE)
			err = p->stopped;
		if (err.code == NFP_E_NONE)
			nfp_err_set(&err, ret, NFP_E_OUTPUT, "the id could not be written: %s",
				    nfp_sink_strerror(ret));
		print_error(p, &err);
		return NFP_EXIT_CANNOT;
	}
	return print_finish(p, nfp_report_reflect_end(&report, &p->out.opts, p->out.file), 0);
}

/* Reports an error from before the mode began. @files: the files of the result may be written. */
static int fail_early(struct program *p, const struct nfp_err *err, int status, bool files)
{
	struct nfp_result result;

	(void)nfp_rights_finish();
	init_failed(p, err, status, &result);
	return print_result(p, &result, files);
}

/*
 * A signal ends at once what has nothing to undo; a restore goes on, since the user would have to
 * ask for it next. In every mode, a reader that went away makes the write fail. 0 or the exit
 * status.
 */
static int open_signals(struct program *p)
{
	enum nfp_mode mode = p->request.mode;
	struct nfp_err error = {0};
	FILE *out, *err;
	int ret;

	if (mode != NFP_MODE_PROBE && mode != NFP_MODE_REFLECT && mode != NFP_MODE_RESTORE) {
		ret = signal(SIGPIPE, SIG_IGN) == SIG_ERR ? -errno : 0;
	} else {
		ret = nfp_signals_open(&p->signals);
		out = nfp_sink_stream(&p->out.sink, STDOUT_FILENO);
		err = nfp_sink_stream(&p->err.sink, STDERR_FILENO);
		p->out.sink.in_line = &p->shared->in_line;
		ret = ret ?: print_to(p, &p->out, out ?: stdout, STDOUT_FILENO)
			  ?: print_to(p, &p->err, err ?: stderr, STDERR_FILENO)
			  ?: (out && err ? 0 : -ENOMEM);
	}
	if (ret == 0)
		return 0;
	nfp_err_errno(&error, ret, NFP_E_KERNEL, "cannot set up signals and streams");
	return fail_early(p, &error, NFP_EXIT_CANNOT, true);
}

static int print_version(struct program *p)
{
	fprintf(p->out.file, "nfprobe %s\n", nfp_version);
	return print_finish(p, 0, 0);
}

static int print_usage(struct program *p)
{
	char text[8192];

	nfp_request_usage(p->request.brief_help, text, sizeof(text));
	return print_finish(p, fputs(text, p->out.file) < 0 ? -errno : 0, 0);
}

static int (*const modes[])(struct program *p) = {
	[NFP_MODE_DRY_RUN] = run_plan,	  [NFP_MODE_LIST] = run_list,
	[NFP_MODE_AUDIT] = run_audit,	  [NFP_MODE_RESTORE] = run_restore,
	[NFP_MODE_REFLECT] = run_reflect, [NFP_MODE_VERSION] = print_version,
	[NFP_MODE_HELP] = print_usage,
};

static int run_mode(struct program *p)
{
	return open_signals(p) ?: print_end(p, modes[p->request.mode](p));
}

/* The child of nfp_supervise: probes, or restores after the @death of the one that did. */
static int run_probe(void *ctx, int parent_fd, const struct nfp_death *death)
{
	struct program *p = ctx;
	const struct nfp_run_io io = {
		.events = {on_event, p},
		.signals = &p->signals,
		.parent = p->parent,
		.parent_fd = parent_fd,
	};
	int status = open_signals(p);

	if (status)
		return status;
	if (death)
		return print_end(p, run_after(p, death));
	nfp_result_init(&p->result);
	p->live = nfp_live_new();
	nfp_run_probe(&p->request, &io, &p->result);
	print_take_time(p);
	(void)nfp_rights_finish();
	name_pf(p, &p->result);
	status = print_result(p, &p->result, true);
	nfp_live_free(p->live);
	p->live = NULL;
	nfp_result_fini(&p->result);
	return print_end(p, status);
}

/* Reads the command line, and gives up the rights that its mode has no use for. 0, or the exit
 * status of a program that is over. */
static int begin_program(struct program *p, int argc, char **argv)
{
	struct nfp_err err = {0};
	int ret, limited, parsed;

	/* Before anything else, since an option may name a file to be read. */
	if (nfp_rights_refuse_raised(&err) < 0)
		return fail_early(p, &err, NFP_EXIT_CANNOT, false);
	parsed = nfp_request_parse(argc, argv, &p->request, &err);
	p->out.opts = nfp_report_opts_for(&p->request, STDOUT_FILENO);
	p->err.opts = nfp_report_opts_for(&p->request, STDERR_FILENO);
	(void)(print_to(p, &p->out, stdout, STDOUT_FILENO)
		       ?: print_to(p, &p->err, stderr, STDERR_FILENO));
	if (parsed < 0) {
		/* A person who mistyped something reads the sentence; the document is for programs.
		 */
		if (nfp_request_json_stdout(&p->request) && isatty(STDOUT_FILENO)) {
			free(p->request.json_file);
			p->request.json_file = NULL;
		}
		return fail_early(p, &err, NFP_EXIT_USAGE, false);
	}
	ret = nfp_id_read(&p->request, &err);
	nfp_names_resolve(&p->request);
	limited = nfp_rights_limit(p->request.mode);
	if (limited < 0)
		nfp_err_errno(&err, limited, NFP_E_KERNEL, "cannot give up capabilities");
	if (limited < 0 || ret < 0)
		return fail_early(p, &err, NFP_EXIT_CANNOT,
				  limited == 0 && print_check(p, NULL) == 0);
	return print_check(p, &err) < 0 ? fail_early(p, &err, NFP_EXIT_CANNOT, false) : 0;
}

int main(int argc, char **argv)
{
	struct shared_state *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
					   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct program program = {
		.shared = shared,
		.signals = {.fd = -1},
		.out = {.file = stdout},
		.err = {.file = stderr},
	};
	struct nfp_err err = {0};
	int status;

	if (shared == MAP_FAILED) {
		perror("nfprobe");
		exit(NFP_EXIT_CANNOT);
	}
	nfp_sink_reserve_std();
	json_set_alloc_funcs(nfp_malloc, free);
	program.parent = (int)getpid();
	status = begin_program(&program, argc, argv);
	if (!status && program.request.mode != NFP_MODE_PROBE) {
		status = run_mode(&program);
	} else if (!status) {
		status = nfp_supervise(run_probe, &program, &err);
		if (status < 0)
			status = fail_early(
				&program, &err,
				shared->locked ? NFP_EXIT_NOT_RESTORED : NFP_EXIT_CANNOT, true);
	}
	nfp_request_fini(&program.request);
	exit(status);
}
