// SPDX-License-Identifier: GPL-2.0-or-later
/* probe.c - the mode that probes. The child of nfp_supervise runs, or restores the host after a
 * child that died, and reports. */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "print.h"
#include "rights.h"
#include "run.h"
#include "supervise.h"

static void on_event(void *ctx, const struct nfp_event *event)
{
	struct nfp_program *p = ctx;

	if (event->what == NFP_EVENT_LOCKED) {
		p->shared->known = *event->run;
		nfp_result_disown(&p->shared->known);
		p->shared->locked = true;
	}
	nfp_print_event(p, event);
}

/* A run that failed early knows its PF only by the name that the user typed, without which other
 * programs could not tell whose result it is. */
static void name_pf(const struct nfp_program *p, struct nfp_result *result)
{
	if (!result->pf.ifname[0])
		snprintf(result->pf.ifname, sizeof(result->pf.ifname), "%s", p->request.pf);
}

/* Makes the result of a run that has none of its own. */
static void init_failed(const struct nfp_program *p, const struct nfp_err *err, int status,
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
static int run_after(struct nfp_program *p, const struct nfp_child_exit *child_exit)
{
	const struct nfp_events events = {nfp_print_event, p};
	struct nfp_restore_report report = {0};
	struct nfp_result result;
	struct nfp_err err = {0};
	int ret = 0;

	/* Try twice: a driver may still be carrying out the dead process's last request. */
	for (int i = 0; i < 2 && p->shared->locked; i++) {
		nfp_strv_fini(&report.failed);
		nfp_strv_fini(&report.taken);
		ret = child_exit->lock
			      ? nfp_restore_locked(child_exit->lock, &events, &report, &err)
					?: nfp_restore_failed(&report, &err)
			      : nfp_restore(NFP_RUNDIR, p->request.pf, &events, &report, &err);
		if (ret == 0 || ret == -EBUSY)
			break;
	}
	nfp_print_take_time(p);
	(void)nfp_rights_finish();
	if (ret == 0)
		nfp_err_set(&err, 0, NFP_E_DIED, "the process that probed %s%s", child_exit->how,
			    p->shared->locked ? "; the host was put back as it was" : "");
	init_failed(p, &err, ret ? NFP_EXIT_NOT_RESTORED : NFP_EXIT_CANNOT, &result);
	result.left_behind = report.left_behind;
	result.warnings = report.others;
	if (p->request.json_stream && p->shared->in_line)
		fputc('\n', p->out.file);
	for (size_t i = 0; i < report.others.n; i++)
		nfp_print_event(p, &(struct nfp_event) {.what = NFP_EVENT_WARNING,
							.text = report.others.v[i]});
	ret = nfp_print_result(p, &result, true);
	nfp_restore_report_fini(&report);
	return ret;
}

int nfp_fail_early(struct nfp_program *p, const struct nfp_err *err, int status, bool files)
{
	struct nfp_result result;

	(void)nfp_rights_finish();
	init_failed(p, err, status, &result);
	return nfp_print_result(p, &result, files);
}

int nfp_open_signals(struct nfp_program *p)
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
		ret = ret ?: nfp_print_to(p, &p->out, out ?: stdout, STDOUT_FILENO)
			  ?: nfp_print_to(p, &p->err, err ?: stderr, STDERR_FILENO);
		if (!ret && !(out && err))
			ret = -ENOMEM;
	}
	if (ret == 0)
		return 0;
	nfp_err_errno(&error, ret, NFP_E_KERNEL, "cannot set up signals and streams");
	return nfp_fail_early(p, &error, NFP_EXIT_CANNOT, true);
}

/* The child of nfp_supervise: probes, or restores after the @child_exit of the one that did. */
static int probe_or_restore(void *ctx, int parent_fd, const struct nfp_child_exit *child_exit)
{
	struct nfp_program *p = ctx;
	const struct nfp_run_io io = {
		.events = {on_event, p},
		.signals = &p->signals,
		.parent = p->parent,
		.parent_fd = parent_fd,
	};
	int status = nfp_open_signals(p);

	if (status)
		return status;
	if (child_exit)
		return nfp_print_end(p, run_after(p, child_exit));
	nfp_result_init(&p->result);
	p->progress = nfp_progress_new();
	nfp_run_probe(&p->request, &io, &p->result);
	nfp_print_take_time(p);
	(void)nfp_rights_finish();
	name_pf(p, &p->result);
	status = nfp_print_result(p, &p->result, true);
	nfp_progress_free(p->progress);
	p->progress = NULL;
	nfp_result_fini(&p->result);
	return nfp_print_end(p, status);
}

int nfp_probe_main(struct nfp_program *p)
{
	struct nfp_err err = {0};
	int status = nfp_supervise(probe_or_restore, p, &err);

	if (status >= 0)
		return status;
	return nfp_fail_early(p, &err, p->shared->locked ? NFP_EXIT_NOT_RESTORED : NFP_EXIT_CANNOT,
			      true);
}
