// SPDX-License-Identifier: GPL-2.0-or-later
/* check.c - --check: what this host is now, beside what was tested. */
#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "run_priv.h"

const char *nfp_store_dir(const struct nfp_request *request)
{
	return request->store ? request->store : NFP_STORE_DIR;
}

/* The VF as it is now. The version of its driver is that of the last entry, since all usually have
 * the same. */
struct vf_now {
	struct nfp_vf_result vf;
	int driver_ret;
};

/*
 * Without a driver, or with one that hands the VF to a guest, the VF is as good as it was: it would
 * be tested with the same driver.
 */
static void read_vf_driver(const struct nfp_pf *pf, const struct nfp_vf_info *vf,
			   const struct nfp_vf_result *tested, struct vf_now *now)
{
	const char *name = tested->driver;

	if (vf && vf->driver[0] && nfp_driver(vf->driver)->gives == NFP_GIVES_NOBODY)
		name = vf->driver;
	if (now->vf.driver[0] && strcmp(now->vf.driver, name) == 0)
		return;
	snprintf(now->vf.driver, sizeof(now->vf.driver), "%s", name);
	now->driver_ret = nfp_driver_version(nfp_sysroot_default(), pf->bus, name,
					     now->vf.driver_version,
					     sizeof(now->vf.driver_version));
}

/* A VF that is gone is as it was: the number of VFs has changed. */
static void read_vf(const struct nfp_pf *pf, const struct nfp_vf_result *tested, struct vf_now *now)
{
	const struct nfp_vf_info *vf = nfp_pf_vf(pf, tested->vf);

	read_vf_driver(pf, vf, tested, now);
	now->vf.trust = vf ? vf->attr.trust : tested->trust;
	now->vf.spoofchk = vf ? vf->attr.spoofchk : tested->spoofchk;
	now->vf.vlan = vf ? vf->attr.vlan : tested->vlan;
}

/* The identity that the VF of an entry would be tested on now. */
static void read_identity(const struct nfp_pf *pf, const char *kernel,
			  const struct nfp_vf_result *tested, struct vf_now *now,
			  struct nfp_identity *ret_identity)
{
	struct nfp_identity *id = ret_identity;

	read_vf(pf, tested, now);
	nfp_identity_of(&pf->info, kernel, &now->vf, id);
	/* EMSGSIZE: the kernel cannot list so many VFs, nor could it for the run. */
	if (pf->attrs_errno && pf->attrs_errno != EMSGSIZE) {
		id->readable[NFP_ID_TRUST] = NFP_UNREADABLE;
		id->readable[NFP_ID_SPOOFCHK] = NFP_UNREADABLE;
		id->readable[NFP_ID_VLAN] = NFP_UNREADABLE;
	}
	if (now->driver_ret < 0)
		id->readable[NFP_ID_VF_DRIVER_VERSION] = NFP_UNREADABLE;
	if (pf->versions_errno) {
		id->readable[NFP_ID_FIRMWARE] = NFP_UNREADABLE;
		id->readable[NFP_ID_FIRMWARE_VERSIONS] = NFP_UNREADABLE;
		id->readable[NFP_ID_BOARD] = NFP_UNREADABLE;
		id->readable[NFP_ID_DRIVER_VERSION] = NFP_UNREADABLE;
	}
	/* EOPNOTSUPP: the driver has no modes, which is an answer. */
	if (pf->eswitch_errno && pf->eswitch_errno != EOPNOTSUPP)
		id->readable[NFP_ID_ESWITCH_MODE] =
			pf->eswitch_errno == EPERM && !nfp_has_capability(CAP_NET_ADMIN)
				? NFP_NEEDS_PRIVILEGES
				: NFP_UNREADABLE;
}

static void check_pf(const struct nfp_pf *pf, const struct nfp_check_query *query,
		     struct nfp_check *check)
{
	const struct nfp_store *store = &check->store;
	struct nfp_identity *now = nfp_calloc(store->num, sizeof(*now));
	struct vf_now vf = {.driver_ret = 0};
	struct utsname uts = {.release = ""};

	(void)uname(&uts); /* fails only for a bad address */
	for (size_t i = 0; i < store->num; i++)
		read_identity(pf, uts.release, &store->entries[i].vfs[0], &vf, &now[i]);
	nfp_check_store(check, now, query);
	free(now);
}

/* The stored results of @pf in @dir, beside the PF as it is now. @result: as one, if not NULL. */
static int check_store(const struct nfp_pf *pf, const char *dir, struct nfp_check_query *query,
		       struct nfp_check *check, struct nfp_result *result, struct nfp_err *err)
{
	int ret = nfp_store_read(dir, pf->bus, pf->info.parentdev, &check->store, err);

	memcpy(check->ifname, pf->info.ifname, sizeof(check->ifname));
	memcpy(check->parentdev, pf->info.parentdev, sizeof(check->parentdev));
	check->exit_status = NFP_EXIT_INCONCLUSIVE;
	query->now_unix_ms = (int64_t)(nfp_clock_real() / NFP_NSEC_PER_MSEC);
	query->settle_needed_ns = nfp_settle_needed(pf->info.driver);
	if (ret < 0)
		return ret;
	snprintf(check->file, sizeof(check->file), "%s", check->store.path);
	check_pf(pf, query, check);
	if (result)
		nfp_check_result(check, result);
	return 0;
}

int nfp_run_check(const struct nfp_request *request, struct nfp_check *ret_check,
		  struct nfp_result *ret_result, struct nfp_err *err)
{
	struct nfp_check_query query = {
		.vlan = request->have_vlan ? request->vlan.vid : -1,
		.max_age_days = request->max_age_days,
	};
	struct nfp_check *check = ret_check;
	struct nfp_pf_info *info = &ret_result->pf;
	struct nfp_pf pf;
	int ret = nfp_pf_read(request->device, &pf, &query.vf, err);

	*check = (struct nfp_check) {.exit_status = NFP_EXIT_CANNOT};
	nfp_result_init(ret_result);
	if (ret == 0) {
		check->have_vf = query.vf >= 0;
		check->vf = check->have_vf ? (unsigned int)query.vf : 0;
		memcpy(query.styles, request->styles, sizeof(query.styles));
		ret = check_store(&pf, nfp_store_dir(request), &query, check, ret_result, err);
		free(pf.vfs);
		if (request->store && access(request->store, F_OK) < 0)
			nfp_strv_addf(&check->notes, "there is no folder %s", request->store);
	}
	if (ret < 0) {
		memcpy(info->ifname, check->ifname, sizeof(info->ifname));
		memcpy(info->parentdev, check->parentdev, sizeof(info->parentdev));
		ret_result->exit_status = check->exit_status;
		ret_result->error = *err;
	}
	/* Without a netdev, programs know the PF by what was typed. */
	if (!info->ifname[0])
		snprintf(info->ifname, sizeof(info->ifname), "%.*s", (int)sizeof(info->ifname) - 1,
			 request->device);
	return ret;
}

struct nfp_check *nfp_check_pfs(const struct nfp_topology *topology)
{
	struct nfp_check *checks = nfp_calloc(topology->num_pfs, sizeof(*checks));

	for (size_t i = 0; i < topology->num_pfs; i++) {
		struct nfp_check_query query = {.vf = -1, .styles = {true, true}, .vlan = -1};
		struct nfp_err err = {0};

		if (check_store(&topology->pfs[i], NFP_STORE_DIR, &query, &checks[i], NULL, &err) <
		    0)
			nfp_strv_addf(&checks[i].notes, "%s", err.message);
	}
	return checks;
}
