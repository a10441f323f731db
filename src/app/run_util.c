// SPDX-License-Identifier: GPL-2.0-or-later
/* run_util.c - what every part of a run does: look for a signal, emit an event, warn,
 * keep a lock. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "run_priv.h"
#include "supervise.h"

bool nfp_run_stop(void *ctx)
{
	const struct nfp_run *run = ctx;

	return nfp_signals_poll(run->io->signals) != 0;
}

void nfp_run_warn(struct nfp_run *run, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = nfp_vasprintf(fmt, ap);
	va_end(ap);
	nfp_strv_addf(&run->result->warnings, "%s", text);
	nfp_run_emit(run, &(struct nfp_event) {.what = NFP_EVENT_WARNING, .text = text});
	free(text);
}

void nfp_run_emit(void *ctx, const struct nfp_event *event)
{
	struct nfp_run *run = ctx;
	int failure;

	nfp_recorder_event(run->recorder, event);
	failure = event->what == NFP_EVENT_STEP ? nfp_recorder_failure(run->recorder) : 0;
	if (failure)
		nfp_run_warn(run, "cannot write %s: %s; the run goes on without it",
			     run->request->write_file, nfp_sink_strerror(failure));
	nfp_emit(&run->io->events, event);
}

int nfp_run_lock(struct nfp_run *run, const char *what, bool shared, struct nfp_err *err)
{
	struct nfp_lock *lock;
	int ret = shared ? nfp_lock_share(NFP_RUNDIR, what, &lock, err)
			 : nfp_lock_acquire(NFP_RUNDIR, what, &lock, err);

	if (ret < 0)
		return ret;
	*nfp_grow(run->locks, run->num_locks) = lock;
	return 0;
}

struct nfp_netdev nfp_netdev_named(int ifindex, const char *ifname)
{
	struct nfp_netdev dev = {.ifindex = ifindex, .netns_fd = -1};

	snprintf(dev.ifname, sizeof(dev.ifname), "%s", ifname);
	return dev;
}

struct nfp_netdev nfp_source_pf(const struct nfp_run *run)
{
	return nfp_netdev_named(run->pf->info.ifindex, run->pf->info.ifname);
}

const struct nfp_mac *nfp_own_address(const struct nfp_run *run)
{
	return run->pool && nfp_is_bonded(&run->pf->info) ? &run->pool[run->num_pool]
							  : &run->pf->info.address;
}

const char *nfp_run_why_silent(const struct nfp_run *run, enum nfp_style style)
{
	return nfp_styles[style].second_vf ? NULL : nfp_why_pf_silent(&run->pf->info);
}

int nfp_draw_id(void *ret_id, size_t len, struct nfp_err *err)
{
	if (getrandom(ret_id, len, 0) == (ssize_t)len)
		return 0;
	return nfp_err_errno(err, -EIO, NFP_E_KERNEL, "cannot get random numbers");
}
