// SPDX-License-Identifier: GPL-2.0-or-later
/* probe.c - a run: reads the host, refuses, locks, undoes what an interrupted run left, probes
 * the VF, restores, judges. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "run_priv.h"

/* ---- before the run ---- */

/* Fills in what is known before the host is read, and opens the recording. */
static int identify_run(struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_request *request = run->request;
	struct nfp_result *result = run->result;
	struct nfp_settings *s = &result->settings;
	struct nfp_recorder_host host = {.clock = nfp_clock_read()};
	struct utsname uts = {.machine = ""};

	snprintf(s->from, sizeof(s->from), "%s", request->from.text);
	s->rate = request->rate;
	s->settle_ns = request->settle_ns ?: NFP_SETTLE_DEFAULT_NS;
	s->vlan = request->vlan;
	s->forced = request->force;
	s->multicast = request->multicast;
	s->gap_limit_ms = request->gap_limit_ms;
	s->require_neighbours = request->require_neighbours;
	memcpy(s->styles, request->styles, sizeof(s->styles));
	memcpy(s->allow, request->allow, sizeof(s->allow));
	if (getrandom(&run->id, sizeof(run->id), 0) != (ssize_t)sizeof(run->id))
		return nfp_err_errno(err, -EIO, NFP_E_KERNEL, "cannot get random numbers");
	memcpy(result->id, run->id.run, sizeof(result->id));
	result->start_unix_ms = (int64_t)(host.clock.real_ns / NFP_NSEC_PER_MSEC);
	(void)uname(&uts); /* fails only for a bad address */
	snprintf(result->hostname, sizeof(result->hostname), "%s", uts.nodename);
	snprintf(result->kernel, sizeof(result->kernel), "%s", uts.release);
	if (!request->write_file)
		return 0;
	host.hostname = uts.nodename;
	host.kernel = uts.release;
	host.machine = uts.machine;
	return nfp_recorder_open(request->write_file, &host, &run->recorder, err);
}

static int need_files(const struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_vf_result *vf = &run->result->vf;

	return vf->status == NFP_VF_PROBED ? nfp_need_files(nfp_pf_vf(run->pf, vf->vf), err) : 0;
}

/* Takes the lock; undoes what an interrupted run left, and then reads the host again. */
static int lock_and_restore(struct nfp_run *run, struct nfp_err *err)
{
	struct nfp_result *result = run->result;
	struct nfp_vf_result *vf = &result->vf;
	const char *ifname = run->result->pf.ifname;
	const struct nfp_events events = {nfp_run_tell, run};
	struct nfp_restore_report report = {0};
	int ret = nfp_lock_acquire(NFP_RUNDIR, run->pf->info.parentdev, &run->lock, err);

	if (ret < 0)
		return ret;
	ret = nfp_lock_send(run->lock, run->io->parent_fd);
	nfp_run_tell(run, &(struct nfp_event) {.what = NFP_EVENT_LOCKED, .run = result});
	if (ret)
		return nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot share the lock");
	ret = nfp_restore_locked(run->lock, &events, &report, err);
	if (ret < 0)
		result->restored = false;
	if (ret < 0 || !report.found)
		goto out;
	run->undone = report.done.n > 0;
	result->changed_host |= run->undone;
	if (run->undone)
		nfp_run_warn(run,
			     "an earlier run on %s was interrupted; its changes were undone first",
			     ifname);
	for (size_t i = 0; i < report.others.n; i++)
		nfp_run_warn(run, "%s", report.others.v[i]);
	for (size_t i = 0; i < report.left_behind.n; i++)
		nfp_strv_addf(&result->left_behind, "%s", report.left_behind.v[i]);
	/* A failed restore concerns one VF: others can be probed. */
	for (size_t i = 0; i < report.failed.n; i++)
		nfp_run_warn(run, "%s", report.failed.v[i]);
	for (size_t i = 0; i < report.taken.n; i++)
		nfp_run_warn(run, "%s", report.taken.v[i]);
	if (vf->status == NFP_VF_PROBED &&
	    nfp_journal_is_parked(run->lock->dirfd, run->lock->parentdev, vf->vf)) {
		vf->status = NFP_VF_IN_USE;
		nfp_err_set(&vf->error, -EBUSY, NFP_E_VF_IN_USE,
			    "VF %u of %s still has what an interrupted run changed", vf->vf,
			    ifname);
		nfp_err_try(&vf->error, "nfprobe --restore %s", ifname);
	}
	nfp_topology_fini(&run->topology);
	ret = nfp_run_read_host(run, err);
out:
	nfp_restore_report_fini(&report);
	return ret;
}

static int need_rights(const struct nfp_run *run, struct nfp_err *err)
{
	int ret = nfp_need_capabilities(err);

	if (ret < 0) {
		nfp_err_hint(err, "Run it as root; the list and --dry-run need no privileges.");
		nfp_err_try(err, "sudo nfprobe %s --vf %u", run->result->pf.ifname,
			    run->result->vf.vf);
	}
	return ret;
}

/* -EBUSY if the VF cannot be probed. */
static int need_vf(const struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_vf_result *vf = &run->result->vf;

	if (vf->status == NFP_VF_PROBED)
		return 0;
	*err = vf->error;
	return -EBUSY;
}

static void warn_of_settle(struct nfp_run *run)
{
	const struct nfp_driver *driver = nfp_driver(run->pf->info.driver);
	bool is_short = run->result->settings.settle_short;
	double need = (double)driver->settle_ns / (double)NFP_NSEC_PER_SEC;

	if (driver->slow && is_short)
		nfp_run_warn(run, "--settle is shorter than the %g s that %s needs: %s", need,
			     driver->name, driver->slow);
	else if (is_short)
		nfp_run_warn(run, "--settle is shorter than 1.5 s: drivers that act once a second "
				  "may be judged too early");
	else if (driver->slow && !run->request->settle_ns)
		nfp_run_warn(run, "each state is watched for %g s, since %s is slow: %s", need,
			     driver->name, driver->slow);
}

static void warn_of_host(struct nfp_run *run)
{
	const struct nfp_pf_info *pf = &run->pf->info;

	for (size_t i = 0; i < run->topology.shared.n; i++)
		nfp_run_warn(run, "%s", run->topology.shared.v[i]);
	for (size_t i = 0; i < run->topology.warnings.n; i++)
		nfp_run_warn(run, "%s", run->topology.warnings.v[i]);
	if (strcmp(pf->master_kind, "openvswitch") == 0)
		nfp_run_warn(run,
			     "%s is a port of Open vSwitch, which floods the test frames: at most "
			     "100 a second are sent",
			     pf->ifname);
	for (size_t i = 0; i < pf->num_fw; i++) {
		const struct nfp_fw_version *v = &pf->fw[i];

		if (v->running[0] && v->stored[0] && strcmp(v->running, v->stored) != 0)
			nfp_run_warn(run,
				     "%s runs firmware (%s) %s, and %s is stored but not active "
				     "yet: it is after devlink dev reload %s/%s action "
				     "fw_activate, or a power cycle",
				     pf->ifname, v->name, v->running, v->stored, run->pf->bus,
				     pf->parentdev);
	}
	warn_of_settle(run);
}

/* ---- after the run ---- */

/* The first failure stays an error, but the host is as it was after all. */
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

static void close_host(struct nfp_run *run, struct nfp_err *err)
{
	struct nfp_result *result = run->result;
	struct nfp_err undo = {0};
	bool was_open = run->backend;

	if (nfp_backend_close(run->backend, &result->left_behind, &result->warnings, &undo) < 0) {
		result->restored = false;
		*err = undo;
	} else if (was_open && !result->restored) {
		nfp_restored_after_all(result, err);
	}
	nfp_hold_end(run);
	nfp_lock_release(run->lock);
	nfp_accounting_free(run->accounting);
	nfp_accounting_free(run->near_accounting);
	free(run->source.codec.ctx); /* for a reflector, this is the link to it */
	free(run->pool);
}

/* Records how the run ended, as facts, and judges it. */
static void conclude(struct nfp_run *run, int ret, const struct nfp_err *err)
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
		result->exit_status = NFP_EXIT_INCONCLUSIVE;
		nfp_err_set(&result->error, ret, NFP_E_TIMEOUT,
			    "the run took longer than --timeout allows");
		nfp_err_hint(&result->error,
			     "Each style takes about half a minute: allow more, or name one with "
			     "--style.");
	} else if (ret < 0) {
		result->error = *err;
	}
	/* The VF that was being probed reports the same error as the run. */
	if ((interrupted || timed_out) && vf->error.code == result->error.code)
		vf->error = result->error;
	if (ret == 0 && result->error.code == NFP_E_NONE && vf->status != NFP_VF_PROBED)
		result->error = vf->error;
	if (!result->restored)
		result->error = *err;
	nfp_judge_result(result);
}

/* Before anything is changed. */
static int open_save(struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_request *request = run->request;

	if (!request->save)
		return 0;
	return nfp_save_open(request->save_dir ?: NFP_STORE_DIR, run->pf->bus,
			     run->pf->info.parentdev, &run->save, err);
}

/* The last thing that happens to a result, so that what is saved is what --json prints. */
static void save(struct nfp_run *run)
{
	struct nfp_err err = {0};

	if (run->save.folder >= 0 && run->begun &&
	    nfp_save_write(&run->save, run->result, &err) < 0)
		nfp_result_fail(run->result, &err);
	nfp_save_close(&run->save);
}

void nfp_run_probe(const struct nfp_request *request, const struct nfp_run_io *io,
		   struct nfp_result *result)
{
	struct nfp_run run = {.request = request,
			      .io = io,
			      .result = result,
			      .root = *nfp_sysroot_default(),
			      .save = {.folder = -1}};
	struct nfp_backend_config config = {
		.root = &run.root,
		.topology = &run.topology,
		.force = request->force,
		.events = {nfp_run_tell, &run},
	};
	struct nfp_err err = {0};
	int ret;

	run.start_ns = result->start_ns = nfp_clock_now();
	if (request->timeout_ns)
		run.deadline_ns = run.start_ns + request->timeout_ns;
	ret = identify_run(&run, &err) ?: nfp_run_select(&run, &err)
	      ?: need_rights(&run, &err)
	      ?: nfp_need_namespace(nfp_sysroot_default(), &err)
	      ?: need_files(&run, &err)
	      ?: lock_and_restore(&run, &err)
	      ?: nfp_hold_tested(&run, &err)
	      ?: open_save(&run, &err)
	      /* Not earlier, since an interrupted run may have left the address behind. */
	      ?: nfp_check_mac(&run, &err)
	      ?: need_vf(&run, &err);
	if (ret == 0) {
		nfp_run_tell(&run, &(struct nfp_event) {.what = NFP_EVENT_RUN, .run = result});
		warn_of_host(&run);
		ret = nfp_pool_fill(&run, &err);
	}
	if (ret == 0) {
		config.lock = run.lock;
		config.pf = run.pf;
		config.addresses = run.pool;
		config.num_addresses = run.num_pool;
		run.accounting = nfp_accounting_new();
		ret = nfp_backend_open(&config, &run.backend, &err);
		if (ret < 0 && err.code == NFP_E_RESTORE)
			result->restored = false;
	}
	if (ret == 0)
		ret = nfp_probe_vf(&run, &err);
	close_host(&run, &err);
	conclude(&run, ret, &err);
	if (nfp_recorder_close(run.recorder, &err) < 0)
		nfp_result_fail(result, &err);
	save(&run);
	nfp_topology_fini(&run.topology);
}
