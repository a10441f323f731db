// SPDX-License-Identifier: GPL-2.0-or-later
/* probe.c - a run: read, refuse, lock, restore what another run left, probe each VF, put back,
 * judge. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "nfprobe/verdict.h"
#include "run_priv.h"

#define EXIT_CANNOT	  4
#define EXIT_RESTORE	  5
#define EXIT_INCONCLUSIVE 3

static uint64_t user_time(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return (uint64_t)usage.ru_utime.tv_sec * NFP_NSEC_PER_SEC +
	       (uint64_t)usage.ru_utime.tv_usec * NFP_NSEC_PER_USEC;
}

struct nfp_lap nfp_lap_begin(struct nfp_result *result)
{
	return (struct nfp_lap) {result, nfp_clock_now(), user_time()};
}

void nfp_lap_end(struct nfp_lap *lap)
{
	uint64_t wall_ns = nfp_clock_now() - lap->wall_ns, user_ns = user_time() - lap->user_ns;

	/* The kernel counts processor time in ticks. */
	if (wall_ns > user_ns)
		lap->result->kernel_total_ns += wall_ns - user_ns;
}

bool nfp_run_stop(void *ctx)
{
	const struct nfp_run *run = ctx;

	return run->io->signals && nfp_signals_poll(run->io->signals) != 0;
}

void nfp_run_warn(struct nfp_run *run, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	nfp_strv_addf(&run->result->warnings, "%s", text);
	if (run->io->warning)
		run->io->warning(run->io->ctx, text);
}

static int identify(struct nfp_run *run, struct nfp_err *err)
{
	struct nfp_result *result = run->result;
	struct utsname uts;

	if (getrandom(&run->id, sizeof(run->id), 0) != (ssize_t)sizeof(run->id))
		return nfp_err_errno(err, -EIO, NFP_E_KERNEL, "cannot get random numbers");
	memcpy(result->id, run->id.run, sizeof(result->id));
	result->start_unix_ms = (int64_t)(nfp_clock_real() / NFP_NSEC_PER_MSEC);
	if (uname(&uts) == 0) {
		snprintf(result->hostname, sizeof(result->hostname), "%s", uts.nodename);
		snprintf(result->kernel, sizeof(result->kernel), "%s", uts.release);
	}
	return 0;
}

/* As --from has it. */
static void name_source(const struct nfp_request *request, char *buf, size_t size)
{
	static const char *const names[] = {
		[NFP_FROM_AUTO] = "auto",
		[NFP_FROM_PEER] = "peer",
		[NFP_FROM_ARP] = "arp",
		[NFP_FROM_PF] = "pf",
	};
	char text[NFP_MAC_STRLEN];

	if (request->from == NFP_FROM_IFACE)
		snprintf(buf, size, "%s", request->from_ifname);
	else if (request->from == NFP_FROM_VF)
		snprintf(buf, size, "vf:%u", request->from_vf);
	else if (request->from == NFP_FROM_PEER && !nfp_mac_is_zero(&request->from_peer))
		snprintf(buf, size, "peer:%s", nfp_mac_str(&request->from_peer, text));
	else if (request->from == NFP_FROM_ARP && request->have_from_ip)
		snprintf(buf, size, "arp:%s", nfp_ipv4_str(&request->from_ip, text));
	else
		snprintf(buf, size, "%s", names[request->from]);
}

static void settings(struct nfp_run *run)
{
	const struct nfp_request *request = run->request;
	struct nfp_settings *s = &run->result->settings;

	name_source(request, s->from, sizeof(s->from));
	s->rate = request->rate;
	s->settle_ns = request->settle_ns;
	s->vlan = request->vlan;
	s->forced = request->force;
	s->repeat = request->repeat;
	s->gap_limit_ms = request->gap_limit_ms;
	memcpy(s->styles, request->styles, sizeof(s->styles));
	memcpy(s->allow, request->allow, sizeof(s->allow));
}

static int read_host(struct nfp_run *run, struct nfp_err *err)
{
	NFP_COUNT_WAITING(run->result);
	int ret = nfp_topology_read(run->request->pf, &run->topology, err);
	uint64_t needed_ns;

	if (ret < 0)
		return ret;
	run->pf = nfp_topology_pf(&run->topology, run->request->pf);
	if (!run->pf)
		return nfp_err_set(err, -ENODEV, NFP_E_NO_INTERFACE, "%s has gone",
				   run->request->pf);
	run->result->pf = run->pf->info;
	needed_ns = nfp_settle_needed(run->pf->info.driver);
	run->settle_ns = run->request->have_settle ? run->request->settle_ns : needed_ns;
	run->result->settings.settle_ns = run->settle_ns;
	run->result->settings.settle_short = run->settle_ns < needed_ns;
	return 0;
}

static void tell_restored(struct nfp_run *run, const struct nfp_restore_report *report)
{
	if (report->done.n)
		nfp_run_warn(run,
			     "an earlier run on %s was interrupted; its changes were undone first",
			     run->pf->info.ifname);
	for (size_t i = 0; i < report->others.n; i++)
		nfp_run_warn(run, "%s", report->others.v[i]);
	for (size_t i = 0; i < report->left_behind.n; i++)
		nfp_strv_addf(&run->result->left_behind, "%s", report->left_behind.v[i]);
}

static void say_change(void *ctx, const char *command)
{
	const struct nfp_run *run = ctx;

	nfp_recorder_change(run->recorder, command);
	if (run->io->change)
		run->io->change(run->io->ctx, command);
}

/* What an earlier run did to these VFs is still to be undone, because another process took them. */
static void leave_out_parked(struct nfp_run *run, const struct nfp_restore_report *report)
{
	struct nfp_result *result = run->result;

	for (size_t i = 0; i < report->taken.n; i++)
		nfp_run_warn(run, "%s", report->taken.v[i]);
	for (size_t i = 0; i < result->num_vfs; i++) {
		struct nfp_vf_result *vf = &result->vfs[i];

		if (vf->status != NFP_VF_PROBED ||
		    !nfp_journal_is_parked(run->lock->dirfd, run->lock->parentdev, vf->vf))
			continue;
		vf->status = NFP_VF_IN_USE;
		nfp_err_set(&vf->error, -EBUSY, NFP_E_VF_IN_USE,
			    "VF %u of %s was taken by another process, and what an earlier run "
			    "changed of it is not undone yet",
			    vf->vf, run->pf->info.ifname);
		nfp_err_hint(&vf->error, "nfprobe --restore %s, once it is free",
			     run->pf->info.ifname);
	}
}

/* Takes the lock; puts back what an interrupted run left, and then reads the host again. */
static int take_over(struct nfp_run *run, struct nfp_err *err)
{
	struct nfp_change_log log = {.change = say_change, .ctx = run};
	struct nfp_restore_report report = {0};
	int ret = nfp_lock_take(NFP_RUNDIR, run->pf->info.parentdev, &run->lock, err);

	if (ret == 0 && run->io->locked)
		ret = run->io->locked(run->io->ctx, run->lock, run->result, err);
	if (ret < 0)
		return ret;
	{
		NFP_COUNT_WAITING(run->result);
		ret = nfp_restore_locked(run->lock, &log, &report, err);
	}
	if (ret < 0)
		run->result->restored = false;
	if (ret == 0 && report.found) {
		tell_restored(run, &report);
		leave_out_parked(run, &report);
		nfp_topology_fini(&run->topology);
		ret = read_host(run, err);
	}
	nfp_restore_report_fini(&report);
	return ret;
}

static void warn_of_firmware(struct nfp_run *run, const struct nfp_fw_version *v)
{
	if (!v->running[0] || !v->stored[0] || strcmp(v->running, v->stored) == 0)
		return;
	nfp_run_warn(run,
		     "%s runs firmware (%s) %s, and %s is stored but not active yet: it is after "
		     "devlink dev reload %s/%s action fw_activate, or a power cycle",
		     run->pf->info.ifname, v->name, v->running, v->stored, run->pf->bus,
		     run->pf->info.parentdev);
}

static void warn_of(struct nfp_run *run)
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
	for (size_t i = 0; i < pf->num_fw; i++)
		warn_of_firmware(run, &pf->fw[i]);
	nfp_warn_of_settle(run);
}

static int open_all(struct nfp_run *run, struct nfp_err *err)
{
	struct nfp_live_config config = {
		.lock = run->lock,
		.topology = &run->topology,
		.pf = run->pf,
		.force = run->request->force,
		.log = {.change = say_change, .ctx = run},
	};
	NFP_COUNT_WAITING(run->result);
	int ret = nfp_pool_fill(run, err);

	if (ret < 0)
		return ret;
	run->ledger = nfp_ledger_new();
	config.addresses = run->pool;
	config.num_addresses = run->num_pool;
	ret = nfp_live_open(&config, &run->live, err);
	if (ret < 0 && err->code == NFP_E_RESTORE)
		run->result->restored = false;
	return ret;
}

/* Errors that end the run, not only the probe of one VF. */
static bool ends_run(int ret, const struct nfp_err *err)
{
	return ret == -EINTR || ret == -ETIME || err->code == NFP_E_RESTORE ||
	       err->code == NFP_E_NO_SOURCE || err->code == NFP_E_SOURCE_UNUSABLE ||
	       err->code == NFP_E_NO_INTERFACE;
}

static int probe_all(struct nfp_run *run, struct nfp_err *err)
{
	struct nfp_result *result = run->result;

	for (size_t i = 0; i < result->num_vfs; i++) {
		struct nfp_vf_result *vf = &result->vfs[i];
		struct nfp_err failure = {0};
		int ret;

		if (vf->status != NFP_VF_PROBED)
			continue;
		if (nfp_run_stop(run))
			return -EINTR;
		ret = nfp_probe_vf(run, i, &failure);
		if (ret == 0)
			continue;
		vf->status = NFP_VF_FAILED;
		vf->error = failure;
		nfp_judge_vf(vf);
		if (ends_run(ret, &failure)) {
			*err = failure;
			return ret;
		}
	}
	return 0;
}

/* The first failure stays an error, but no longer says that the host is not as it was. */
static void say_second_attempt(struct nfp_err *err)
{
	char first[NFP_ERR_MSGLEN];

	if (err->code != NFP_E_RESTORE)
		return;
	snprintf(first, sizeof(first), "%s", err->message);
	nfp_err_set(
		err, 0, NFP_E_KERNEL,
		"the host was put back as it was, but at the second attempt only; at the first %s",
		first);
}

void nfp_restored_after_all(struct nfp_result *result, struct nfp_err *err)
{
	result->restored = true;
	for (size_t i = 0; i < result->num_vfs; i++)
		say_second_attempt(&result->vfs[i].error);
	say_second_attempt(err);
}

static void close_all(struct nfp_run *run, struct nfp_err *err)
{
	struct nfp_result *result = run->result;
	NFP_COUNT_WAITING(result);
	struct nfp_err undo = {0};
	bool was_live = run->live;

	if (nfp_live_close(run->live, &result->left_behind, &result->warnings, &undo) < 0) {
		result->restored = false;
		*err = undo;
	} else if (was_live && !result->restored) {
		nfp_restored_after_all(result, err);
	}
	nfp_lock_drop(run->lock);
	nfp_ledger_free(run->ledger);
	/* Of a reflector, that is the link to it. */
	free(run->origin.codec.ctx);
	free(run->pool);
}

static int need_files(const struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_result *result = run->result;
	int ret = 0;

	for (size_t i = 0; i < result->num_vfs && ret == 0; i++) {
		const struct nfp_vf_info *vf = nfp_pf_vf(run->pf, result->vfs[i].vf);

		if (vf && result->vfs[i].status == NFP_VF_PROBED)
			ret = nfp_need_files(vf, err);
	}
	return ret;
}

static int prepare(struct nfp_run *run, struct nfp_err *err)
{
	int ret = read_host(run, err);

	if (ret == 0)
		ret = nfp_baseline_check(run, err);
	if (ret == 0)
		ret = nfp_check_pf(run->pf, err);
	if (ret == 0)
		ret = nfp_select_vfs(run, err);
	if (ret == 0)
		ret = nfp_origin_check(run, err);
	if (ret == 0)
		ret = nfp_need_capabilities(err);
	if (ret == 0)
		ret = nfp_need_namespace(nfp_sysroot_default(), err);
	if (ret == 0)
		ret = need_files(run, err);
	if (ret == 0)
		ret = take_over(run, err);
	/* Only now: what an interrupted run left may have it. */
	if (ret == 0)
		ret = nfp_check_mac(run, err);
	return ret;
}

/*
 * -EBUSY if no VF can be probed. Each of several has its own sentence besides; one that is not in
 * use, but not there, speaks for all.
 */
static int need_vf(const struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_result *result = run->result;

	for (size_t i = 0; i < result->num_vfs; i++) {
		if (result->vfs[i].status == NFP_VF_PROBED)
			return 0;
	}
	for (size_t i = 0; i < result->num_vfs; i++) {
		if (result->num_vfs > 1 && result->vfs[i].error.code == NFP_E_VF_IN_USE)
			continue;
		*err = result->vfs[i].error;
		return -EBUSY;
	}
	nfp_err_set(err, -EBUSY, NFP_E_VF_IN_USE, "every VF of %s that was asked for is in use",
		    run->pf->info.ifname);
	nfp_err_hint(err, "nfprobe --list %s says by whom", run->pf->info.ifname);
	return -EBUSY;
}

static void keep_origin(struct nfp_run *run)
{
	struct nfp_settings *s = &run->result->settings;

	if (!run->have_origin)
		return;
	s->have_source = true;
	s->source = run->origin.row->enters;
	s->rate = nfp_rate_from(run, run->origin.row);
	memcpy(s->from, run->origin.name, sizeof(s->from));
	memcpy(s->source_note, run->origin.note, sizeof(s->source_note));
	if (!run->request->have_vlan && run->result->num_vfs > 0)
		s->vlan = run->result->vfs[0].vlan;
}

static int work(struct nfp_run *run, struct nfp_err *err)
{
	int ret = prepare(run, err);

	if (ret == 0)
		ret = need_vf(run, err);
	if (ret < 0)
		return ret;
	if (run->io->begun)
		run->io->begun(run->io->ctx, run->result);
	warn_of(run);
	ret = open_all(run, err);
	if (ret == 0)
		ret = probe_all(run, err);
	keep_origin(run);
	return ret;
}

/*
 * The first VF that was named and could not be probed, which makes the run 4; with --vf all those
 * in use do not count. NULL: none.
 */
static const struct nfp_vf_result *lacking(const struct nfp_run *run)
{
	const struct nfp_result *result = run->result;

	for (size_t i = 0; i < result->num_vfs; i++) {
		enum nfp_vf_status status = result->vfs[i].status;

		if (status == NFP_VF_FAILED || (status == NFP_VF_IN_USE && !run->request->all_vfs))
			return &result->vfs[i];
	}
	return NULL;
}

/* A kernel or a driver has these errors for reasons of its own, too. */
static bool is_stopped(const struct nfp_run *run, int ret)
{
	return (ret == -EINTR && run->io->signals && run->io->signals->caught) ||
	       (ret == -ETIME && run->deadline_ns && nfp_clock_now() >= run->deadline_ns);
}

static void stopped(struct nfp_run *run, int ret)
{
	struct nfp_result *result = run->result;

	result->have_verdict = true;
	result->verdict = NFP_VERDICT_INCONCLUSIVE;
	if (ret == -EINTR) {
		result->exit_status = 128 + run->io->signals->caught;
		nfp_err_set(&result->error, ret, NFP_E_INTERRUPTED, "stopped by SIG%s%s",
			    sigabbrev_np(run->io->signals->caught),
			    run->io->parent && getppid() != run->io->parent
				    ? ": the process that started this one was killed"
				    : "");
	} else {
		result->exit_status = EXIT_INCONCLUSIVE;
		nfp_err_set(&result->error, ret, NFP_E_TIMEOUT,
			    "the time given by --timeout is over");
		nfp_err_hint(&result->error,
			     "a ladder of one style takes about half a minute; give more, or one "
			     "--style");
	}
	/* The VF that was being probed says the same as the run. */
	for (size_t i = 0; i < result->num_vfs; i++) {
		if (result->vfs[i].error.code == result->error.code)
			result->vfs[i].error = result->error;
	}
}

/* 5 goes before 4, 4 before a verdict. */
static void conclude(struct nfp_run *run, int ret, const struct nfp_err *err)
{
	struct nfp_result *result = run->result;
	const struct nfp_vf_result *lacks = lacking(run);

	result->duration_ns = nfp_clock_now() - run->start_ns;
	if (is_stopped(run, ret)) {
		stopped(run, ret);
	} else if (ret < 0) {
		result->error = *err;
		result->exit_status = EXIT_CANNOT;
	} else {
		result->have_verdict = true;
		result->verdict = nfp_judge_run(result);
		result->exit_status = nfp_verdict_exit(result->verdict);
		/* With a baseline the verdict does not decide, but whether it is worse. */
		nfp_baseline_compare(run);
		if (lacks) {
			result->exit_status = EXIT_CANNOT;
			result->error = lacks->error;
		}
	}
	if (!result->restored) {
		result->error = *err;
		result->exit_status = EXIT_RESTORE;
	}
}

void nfp_run_probe(const struct nfp_request *request, const struct nfp_run_io *io,
		   struct nfp_result *result)
{
	struct nfp_run run = {
		.request = request, .io = io, .result = result, .unregistered = NFP_UNKNOWN};
	struct nfp_err err = {0};
	int ret;

	run.start_ns = result->start_ns = nfp_clock_now();
	if (request->timeout_ns)
		run.deadline_ns = run.start_ns + request->timeout_ns;
	settings(&run);
	ret = identify(&run, &err);
	if (ret == 0)
		ret = nfp_record_open(&run, &err);
	if (ret == 0)
		ret = work(&run, &err);
	close_all(&run, &err);
	conclude(&run, ret, &err);
	nfp_record_finish(&run);
	nfp_topology_fini(&run.topology);
}
