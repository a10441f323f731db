// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hold.c - the devices that the frames of a run are sent through, which no other run may probe
 * meanwhile. Each is held by its lock, which sources share.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "run_priv.h"

/* What a run on it would lock; empty: it is no device's netdev. */
static const char *device_of(const struct nfp_link *link)
{
	return link->physfn[0] ? link->physfn : link->parentdev;
}

static void release_to(struct nfp_run *run, size_t num)
{
	while (run->num_held > num)
		nfp_lock_release(run->held[--run->num_held]);
}

void nfp_hold_end(struct nfp_run *run)
{
	release_to(run, 0);
	free(run->held);
	run->held = NULL;
}

int nfp_hold(struct nfp_run *run, const struct nfp_link *link, struct nfp_err *err)
{
	const struct nfp_topology *topology = &run->topology;
	size_t before = run->num_held;

	for (size_t i = 0; i < topology->num_links; i++) {
		const struct nfp_link *lower = &topology->links[i];
		struct nfp_lock *lock;
		struct nfp_err why = {0};
		int ret;

		/* This run has the lock of its PF already. */
		if (!lower->physical || !device_of(lower)[0] ||
		    strcmp(device_of(lower), run->pf->info.parentdev) == 0 ||
		    !nfp_sends_through(topology, link, lower))
			continue;
		ret = nfp_lock_share(NFP_RUNDIR, device_of(lower), &lock, &why);
		if (ret < 0) {
			release_to(run, before);
			nfp_err_set(err, ret, why.code, "%s cannot be the source: %s", link->ifname,
				    why.message);
			nfp_err_hint(err, "%s", why.hint);
			return ret;
		}
		run->held = nfp_reallocarray(run->held, run->num_held + 1, sizeof(*run->held));
		run->held[run->num_held++] = lock;
	}
	return 0;
}

int nfp_hold_named(struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_request *request = run->request;

	for (size_t i = 0; i < request->num_from; i++) {
		const struct nfp_link *link = request->from[i].kind == NFP_FROM_IFACE
						      ? nfp_topology_link(&run->topology,
									  request->from[i].ifname)
						      : NULL;
		int ret = link ? nfp_hold(run, link, err) : 0;

		if (ret < 0)
			return ret;
	}
	return 0;
}

size_t nfp_hold_filter(struct nfp_run *run, const struct nfp_link *links[], size_t num,
		       struct nfp_err *ret_why)
{
	size_t left = 0;

	for (size_t i = 0; i < num; i++) {
		size_t before = run->num_held;

		if (nfp_hold(run, links[i], ret_why) < 0)
			continue;
		release_to(run, before);
		links[left++] = links[i];
	}
	return left;
}
