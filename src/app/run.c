// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * run.c - a run, from the look at the host to the result; nfp_run_probe has its order. A dry run
 * takes the same path, but changes and sends nothing (dry.c).
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "run_priv.h"
#include "rights.h"

/* ---- look ---- */

static void note_request(struct nfp_run *run)
{
	const struct nfp_request *request = run->request;
	struct nfp_result *result = run->result;
	struct nfp_settings *s = &result->settings;

	*s = request->settings;
	snprintf(s->from, sizeof(s->from), "%s", request->from.text);
	s->settle_ns = s->settle_ns ?: NFP_SETTLE_DEFAULT_NS;
	for (size_t i = 0; i < request->command.n; i++)
		nfp_strv_take(&result->command, nfp_strdup(request->command.v[i]));
}

static int draw_run_id(struct nfp_run *run)
{
	struct nfp_result *result = run->result;

	if (nfp_draw_id(&run->id, sizeof(run->id), &run->err) < 0)
		return -EIO;
	memcpy(result->id, run->id.run, sizeof(result->id));
	nfp_hex_str(result->id, sizeof(result->id), run->id_text);
	return 0;
}

/* Notes the host and the time, and opens the recording, which has both. */
static int note_host(struct nfp_run *run)
{
	struct nfp_result *result = run->result;
	struct utsname uts = {.machine = ""};
	struct nfp_recorder_host host = {
		.hostname = uts.nodename,
		.kernel = uts.release,
		.machine = uts.machine,
		.clock = nfp_clock_read(),
	};

	(void)uname(&uts); /* fails only for a bad address */
	snprintf(result->hostname, sizeof(result->hostname), "%s", uts.nodename);
	snprintf(result->kernel, sizeof(result->kernel), "%s", uts.release);
	result->start_unix_ms = (int64_t)(host.clock.real_ns / NFP_NSEC_PER_MSEC);
	if (!run->request->write_file)
		return 0;
	return nfp_recorder_open(run->request->write_file, &host, &run->recorder, &run->err);
}

/* Only a run that changes the host needs these rights; a dry run does not. */
static int need_rights(struct nfp_run *run)
{
	const struct nfp_sysroot *root = nfp_sysroot_default();
	const struct nfp_vf_result *vf = &run->result->vf;
	int ret = nfp_need_capabilities(&run->err);

	if (ret < 0 && geteuid() != 0) {
		nfp_err_hint(&run->err,
			     "Run it as root; the list and --dry-run need no privileges.");
		nfp_err_try(&run->err, "sudo nfprobe %s --vf %u", run->result->pf.ifname, vf->vf);
	}
	ret = ret ?: nfp_need_namespace(root, &run->err)
		  ?: nfp_need_host_folder(root, NFP_RUNDIR, NFP_E_JOURNAL, &run->err);
	if (ret == 0 && run->request->save && !run->request->save_dir)
		ret = nfp_need_host_folder(root, NFP_STORE_DIR, NFP_E_OUTPUT, &run->err);
	if (ret < 0 || vf->status != NFP_VF_PROBED)
		return ret;
	return nfp_need_files(nfp_pf_vf(run->pf, vf->vf), &run->err);
}

/* A dry run needs no rights, but refuses everything else that a run would refuse. */
static int check_place(struct nfp_run *run)
{
	const struct nfp_sysroot *root = nfp_sysroot_default();

	return nfp_need_namespace(root, &run->err)
		       ?: nfp_need_host_folder(root, NFP_RUNDIR, NFP_E_JOURNAL, &run->err);
}

/* ---- lock ---- */

void nfp_note_restore(struct nfp_run *run, const struct nfp_restore_report *report)
{
	struct nfp_result *result = run->result;

	run->undone = report->done.n > 0;
	result->changed_host |= run->undone;
	if (run->undone)
		nfp_run_warn(run,
			     "an earlier run on %s was interrupted; its changes were undone first",
			     result->pf.ifname);
	for (size_t i = 0; i < report->others.n; i++)
		nfp_run_warn(run, "%s", report->others.v[i]);
	nfp_hints_add(&result->left_behind, &report->left_behind);
	/* A failed restore concerns one VF: others can be probed. */
	for (size_t i = 0; i < report->failed.n; i++)
		nfp_run_warn(run, "%s", report->failed.v[i]);
	for (size_t i = 0; i < report->taken.n; i++)
		nfp_run_warn(run, "%s", report->taken.v[i]);
}

/* Undoes what an interrupted run left, and then reads the host again. */
static int undo_earlier(struct nfp_run *run)
{
	const struct nfp_events events = {nfp_run_emit, run};
	struct nfp_vf_result *vf = &run->result->vf;
	const char *ifname = run->result->pf.ifname;
	struct nfp_restore_report report = {0};
	int ret = nfp_restore_locked(run->lock, &events, &report, &run->err);

	if (ret < 0)
		run->result->restored = false;
	if (ret == 0 && report.found) {
		nfp_note_restore(run, &report);
		nfp_topology_fini(&run->topology);
		ret = nfp_run_read_host(run, &run->err);
		if (ret == 0)
			nfp_select_vf_again(run);
		if (ret == 0 && vf->status == NFP_VF_PROBED &&
		    nfp_journal_is_split(run->lock->dirfd, run->lock->parentdev, vf->vf)) {
			vf->status = NFP_VF_IN_USE;
			nfp_err_set(&vf->error, -EBUSY, NFP_E_VF_IN_USE,
				    "VF %u of %s still has what an interrupted run changed", vf->vf,
				    ifname);
			nfp_err_try(&vf->error, "nfprobe --restore %s", ifname);
		}
	}
	nfp_restore_report_fini(&report);
	return ret;
}

/* Locks the PF, the VF, and the address of --mac. A VF through which another run sends
 * is in use. */
static int lock(struct nfp_run *run)
{
	struct nfp_vf_result *vf = &run->result->vf;
	const char *parentdev = run->pf->info.parentdev;
	int ret = need_rights(run)
			  ?: nfp_lock_acquire(NFP_RUNDIR, parentdev, &run->lock, &run->err);

	if (ret < 0)
		return ret;
	ret = nfp_lock_send(run->lock, run->io->parent_fd);
	nfp_run_emit(run, &(struct nfp_event) {.what = NFP_EVENT_LOCKED, .run = run->result});
	if (ret)
		return nfp_err_errno(&run->err, ret, NFP_E_KERNEL, "cannot share the lock");
	ret = undo_earlier(run);
	if (ret == 0 && vf->status == NFP_VF_PROBED &&
	    nfp_run_lock(run, vf->parentdev, false, &vf->error) < 0)
		vf->status = NFP_VF_IN_USE;
	if (ret == 0 && run->request->have_mac)
		ret = nfp_run_lock(run, nfp_mac_str(&run->request->mac).text, false, &run->err);
	if (ret == 0 && run->request->save)
		ret = nfp_save_open(run->request->save_dir ?: NFP_STORE_DIR, run->pf->bus,
				    run->pf->info.parentdev, &run->save, &run->err);
	return ret;
}

/* ---- begin ---- */

static void warn_of_settle(struct nfp_run *run)
{
	const struct nfp_driver *pf = nfp_driver(run->pf->info.driver), *vf = nfp_vf_driver(run);
	const struct nfp_driver *driver = vf->settle_ns > pf->settle_ns ? vf : pf;
	bool is_short = run->result->settings.settle_short;
	double need = (double)driver->settle_ns / (double)NFP_NSEC_PER_SEC;

	if (driver->slow && is_short)
		nfp_run_warn(run, "--settle is shorter than the %g s that %s needs: %s", need,
			     driver->name, driver->slow);
	else if (is_short)
		nfp_run_warn(run, "--settle is shorter than 1.5 s: drivers that act once a second "
				  "may be judged too early");
	else if (driver->slow && !run->request->settings.settle_ns)
		nfp_run_warn(run, "each state is watched for %g s, since %s is slow: %s", need,
			     driver->name, driver->slow);
}

static void warn_of_host(struct nfp_run *run)
{
	const struct nfp_pf_info *pf = &run->pf->info;

	for (size_t i = 0; i < run->topology.warnings.n; i++)
		nfp_run_warn(run, "%s", run->topology.warnings.v[i]);
	if (strcmp(pf->master_kind, "openvswitch") == 0)
		nfp_run_warn(run,
			     "%s is a port of Open vSwitch, which floods the test frames: at most "
			     "100 a second are sent",
			     pf->ifname);
	nfp_for_each (v, pf->fw, pf->num_fw) {
		if (v->running[0] && v->stored[0] && strcmp(v->running, v->stored) != 0)
			nfp_run_warn(run,
				     "%s runs firmware (%s) %s, and %s is stored but not active "
				     "yet: it is after a reload with fw_activate (devlink-dev(8)), "
				     "or a power cycle",
				     pf->ifname, v->name, v->running, v->stored);
	}
	warn_of_settle(run);
	if (run->request->settings.allow[NFP_VERDICT_SLOW] && !run->request->settings.gap_limit_ms)
		nfp_run_warn(run, "--allow slow changes nothing without --gap-limit, by which "
				  "alone a style is SLOW");
	if (run->save.crowded)
		nfp_run_warn(run, "%s", run->save.crowded);
}

/* Opens the host for the VF, if that can be probed: from here on there may be something to undo. */
static int open_host(struct nfp_run *run)
{
	const struct nfp_vf_result *vf = &run->result->vf;
	struct nfp_backend_config config = {
		.dry = run->dry,
		.lock = run->lock,
		.topology = &run->topology,
		.pf = run->pf,
		.force = run->request->settings.forced,
		.id = run->id_text,
		.events = {nfp_run_emit, run},
	};
	/* An interrupted run may have left the address, so check it only now. */
	int ret = nfp_check_mac(run, &run->err);
	uint64_t estimate_ns;

	if (ret == 0 && vf->status != NFP_VF_PROBED) {
		run->err = vf->error;
		ret = -EBUSY;
	}
	if (ret < 0)
		return ret;
	estimate_ns = nfp_run_estimate(run, true);
	if (!run->request->timeout_ns && !run->dry)
		run->deadline_ns = nfp_clock_now() + nfp_run_limit(estimate_ns);
	nfp_run_emit(run, &(struct nfp_event) {.what = NFP_EVENT_RUN,
					       .run = run->result,
					       .remaining_ns = estimate_ns});
	warn_of_host(run);
	ret = nfp_pool_fill(run, &run->err);
	if (ret < 0)
		return ret;
	config.addresses = run->pool;
	config.num_addresses = run->num_pool;
	if (nfp_is_bonded(&run->pf->info)) {
		config.own = *nfp_own_address(run);
		config.num_addresses++;
	}
	ret = nfp_backend_open(&config, &run->backend, &run->err);
	if (ret < 0 && run->err.code == NFP_E_RESTORE)
		run->result->restored = false;
	return ret;
}

/* Prepares the VF for the first step: unbinds its driver, and clears the address of --mac if it had
 * it. */
static int begin_vf(struct nfp_run *run)
{
	const struct nfp_request *request = run->request;
	struct nfp_vf_result *vf = &run->result->vf;
	struct nfp_host host = nfp_backend_host(run->backend);
	int ret;

	if (nfp_run_stop(run))
		return -EINTR;
	run->begun = run->result->changed_host = true;
	run->vlan = request->have_vlan ? request->settings.vlan : vf->vlan;
	ret = nfp_backend_begin_vf(run->backend, vf->vf, &run->vlan, &run->err);
	/* In the first steps only the PF has the test MAC. */
	if (ret == 0 && request->have_mac && nfp_mac_equal(&vf->address, &request->mac))
		ret = MIN(host.ops->clear(host.ctx, &run->err), 0);
	vf->probed_vlan = run->vlan.vid;
	run->undone |= request->have_mac;
	return ret;
}

/* ---- end ---- */

/* Collects the notes of the steps, and judges the styles once more, against each other. */
static void judge_vf(struct nfp_run *run)
{
	struct nfp_vf_result *vf = &run->result->vf;
	uint32_t changed;

	nfp_for_each (style, vf->styles, vf->num_styles) {
		nfp_for_each (step, style->steps, style->num_steps) {
			if (step->changed && step->w.note[0])
				nfp_strv_addf(&run->result->changes_seen, "VF %u, %s, %s: %s",
					      vf->vf, nfp_style_name(style->style),
					      nfp_step_name(step->step), step->w.note);
		}
	}
	changed = nfp_judge_vf_of(run->result, vf);
	for (size_t i = 0; i < vf->num_styles; i++) {
		if (changed & 1U << i)
			nfp_emit_verdict(run, &vf->styles[i]);
	}
}

/* Reads the VF's address if others have given it one, which stays. */
static void read_address(struct nfp_run *run)
{
	const struct nfp_rt_dev dev = {run->pf->info.ifindex, run->pf->info.ifname};
	struct nfp_vf_result *vf = &run->result->vf;
	struct nfp_vf_attr attr = NFP_VF_ATTR_UNKNOWN;
	struct nfp_nl *nl = NULL;

	if (nfp_changed_by_others(run->result) && nfp_nl_open(NETLINK_ROUTE, -1, &nl, NULL) == 0 &&
	    nfp_vf_attr_read(nl, &dev, vf->vf, &attr, NULL) == 0)
		vf->address_after = attr.mac;
	nfp_nl_close(nl);
}

/* Restores the VF. A failure of that replaces an earlier one, @ret. */
static int end_vf(struct nfp_run *run, int ret)
{
	struct nfp_result *result = run->result;
	struct nfp_err undo = {0};
	enum nfp_errcode code;
	int failed = nfp_backend_end_vf(run->backend, &result->left_behind, &result->warnings,
					&undo);

	run->undone = true;
	if (failed) {
		result->restored = false;
		run->err = undo;
		ret = failed;
	}
	if (ret) {
		result->vf.status = NFP_VF_FAILED;
		result->vf.error = run->err;
	}
	judge_vf(run);
	read_address(run);
	code = run->err.code;
	/* Other errors concern the VF only. */
	if (ret == -EINTR || ret == -ETIME || code == NFP_E_RESTORE || code == NFP_E_NO_SOURCE ||
	    code == NFP_E_SOURCE_UNUSABLE || code == NFP_E_NO_INTERFACE || code == NFP_E_LOCKED)
		return ret;
	return 0;
}

/* The first failure stays an error, although the host is as it was after all. */
static void note_second_attempt(struct nfp_err *err)
{
	char first[NFP_ERR_MSGLEN];

	if (err->code != NFP_E_RESTORE)
		return;
	snprintf(first, sizeof(first), "%s", err->message);
	nfp_err_set(err, 0, NFP_E_KERNEL,
		    "the host was restored only at the second attempt; at the first, %s", first);
}

void nfp_restored_after_all(struct nfp_result *result, struct nfp_err *err)
{
	result->restored = true;
	note_second_attempt(&result->vf.error);
	note_second_attempt(err);
}

/* Restores what is left, and closes everything. */
static void close_host(struct nfp_run *run)
{
	struct nfp_result *result = run->result;
	struct nfp_err undo = {0};
	bool was_open = run->backend;

	if (nfp_backend_close(run->backend, &result->left_behind, &result->warnings, &undo) < 0) {
		result->restored = false;
		run->err = undo;
	} else if (was_open && !result->restored) {
		nfp_restored_after_all(result, &run->err);
	}
	while (run->num_locks > 0)
		nfp_lock_release(run->locks[--run->num_locks]);
	free(run->locks);
	nfp_lock_release(run->lock);
	nfp_accounting_free(run->source.accounting);
	free(run->source.codec.ctx); /* the link to a reflector */
	free(run->pool);
}

/* Records how the run ended, as facts, and judges it. */
static void conclude(struct nfp_run *run, int ret)
{
	struct nfp_result *result = run->result;
	struct nfp_vf_result *vf = &result->vf;
	int signal_number = run->io->signals->caught;
	/* A kernel or a driver may return these errors for reasons of its own. */
	bool interrupted = ret == -EINTR && signal_number;
	bool timed_out = ret == -ETIME && run->deadline_ns && nfp_clock_now() >= run->deadline_ns;

	result->duration_ns = nfp_clock_now() - run->start_ns;
	result->have_verdict = ret >= 0 || interrupted || timed_out;
	if (interrupted) {
		result->exit_status = 128 + signal_number;
		nfp_err_set(&result->error, ret, NFP_E_INTERRUPTED, "stopped by SIG%s%s",
			    sigabbrev_np(signal_number),
			    getppid() != run->io->parent
				    ? ": the process that started this one was killed"
				    : "");
	} else if (timed_out) {
		result->exit_status = NFP_EXIT_UNKNOWN;
		nfp_err_set(&result->error, ret, NFP_E_TIMEOUT, "the run took longer than %s",
			    run->request->timeout_ns ? "--timeout allows"
						     : "ten times its estimate allows");
		nfp_err_hint(&result->error,
			     run->request->timeout_ns
				     ? "Each style takes about half a minute: allow more, or name "
				       "one with --style."
				     : "Look with -v at what it waited for; --timeout sets another "
				       "limit.");
	} else if (ret < 0) {
		result->error = run->err;
	}
	/* The VF that was being probed reports the same error as the run. */
	if ((interrupted || timed_out) && vf->error.code == result->error.code)
		vf->error = result->error;
	if (ret == 0 && result->error.code == NFP_E_NONE && vf->status != NFP_VF_PROBED)
		result->error = vf->error;
	if (!result->restored)
		result->error = run->err;
	nfp_judge_result(result);
}

/* Completes the recording. Writes the saved result last, so that it is what --json prints. */
static void write_files(struct nfp_run *run)
{
	struct nfp_err err = {0};

	if (nfp_recorder_close(run->recorder, &err) < 0)
		nfp_result_fail(run->result, &err);
	if (run->save.folder >= 0 && run->begun &&
	    nfp_save_write(&run->save, run->result, &err) < 0)
		nfp_result_fail(run->result, &err);
	nfp_save_close(&run->save);
}

/* ---- the run ---- */

/* Without a frame, what is known of a LAG is the answer for each style that was asked for. */
static void answer_lag(struct nfp_run *run)
{
	const struct nfp_criteria criteria = nfp_criteria_of(run->result, &run->result->vf);

	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		struct nfp_style_result *result;

		if (!run->request->settings.styles[style])
			continue;
		result = nfp_vf_add_style(&run->result->vf);
		result->style = style;
		nfp_judge_lag(result, &criteria);
		nfp_emit_verdict(run, result);
	}
}

/* Starts the clocks of the run, and reads the host. */
static int look_at_host(struct nfp_run *run)
{
	const uint64_t timeout_ns = run->request->timeout_ns;

	if (run->dry)
		run->dry->run = run;
	run->start_ns = run->result->start_ns = nfp_clock_now();
	if (timeout_ns && !run->dry)
		run->deadline_ns = run->start_ns + timeout_ns;
	note_request(run);
	return draw_run_id(run) ?: note_host(run) ?: nfp_run_select(run, &run->err);
}

/* Locks the PF; from here on the host may change. */
static int take_host(struct nfp_run *run)
{
	int ret = run->dry ? check_place(run) : lock(run);

	return ret ?: open_host(run) ?: begin_vf(run);
}

static int test_styles(struct nfp_run *run)
{
	int ret = nfp_styles_begin(run);

	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT && ret == 0; style++) {
		if (nfp_style_is_due(run, style))
			ret = nfp_style_test(run, style);
	}
	return nfp_styles_end(run, ret);
}

/* Puts the host back, even after a run that failed. */
static int give_host_back(struct nfp_run *run, int ret)
{
	if (run->begun)
		ret = end_vf(run, ret);
	close_host(run);
	return ret;
}

static void free_run(struct nfp_run *run)
{
	nfp_topology_fini(&run->topology);
	nfp_uppers_fini(&run->uppers);
	free(run->port_vlans);
}

void nfp_run_probe(const struct nfp_request *request, const struct nfp_run_io *io,
		   struct nfp_result *result)
{
	struct nfp_run run = {.request = request,
			      .io = io,
			      .dry = io->dry,
			      .result = result,
			      .save = {.folder = -1}};
	int ret = look_at_host(&run);

	if (ret == 0 && run.roles.in_lag)
		answer_lag(&run);
	else if (ret == 0)
		ret = take_host(&run) ?: nfp_source_find(&run, &run.err) ?: test_styles(&run);
	ret = give_host_back(&run, ret);
	conclude(&run, ret);
	write_files(&run);
	free_run(&run);
}
