// SPDX-License-Identifier: GPL-2.0-or-later
/* where.c - the netdevs of PFs and VFs in other network namespaces. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "inventory_priv.h"

/* The netdev is in some other namespace, or the device has none. */
void nfp_pf_describe_where(const struct nfp_sysroot *root, struct nfp_pf *pf)
{
	pf->away = nfp_sysfs_exists(root, "%s/net", pf->devpath);
	if (pf->away)
		snprintf(pf->where, sizeof(pf->where),
			 "its netdev is in another network namespace");
	else if (pf->info.driver[0])
		snprintf(pf->where, sizeof(pf->where), "%s is bound to it, but it has no netdev",
			 pf->info.driver);
	else
		snprintf(pf->where, sizeof(pf->where), "no driver is bound to it");
}

void nfp_pf_place(struct nfp_pf *pf, const char *ifname, const char *in)
{
	snprintf(pf->where, sizeof(pf->where), "its netdev %s is in %s", ifname, in);
}

static const struct nfp_away *find_away(const struct nfp_uppers *uppers, const char *parentdev)
{
	nfp_for_each (away, uppers->away, uppers->num_away)
		if (strcmp(away->link.parentdev, parentdev) == 0)
			return away;
	return NULL;
}

static void place_vf(struct nfp_vf_info *vf, const struct nfp_away *away)
{
	if (vf->only_away && away->in_first && away->use == NFP_USE_IDLE) {
		vf->use = NFP_USE_IDLE;
		vf->user[0] = '\0';
	} else if (vf->only_away && away->in_first) {
		vf->use = away->use;
		snprintf(vf->user, sizeof(vf->user), "%.150s, in %.64s", away->user, away->in);
	} else {
		snprintf(vf->user, sizeof(vf->user), "its netdev %s is in %s", away->link.ifname,
			 away->in);
	}
}

void nfp_topology_place(struct nfp_topology *topology, const struct nfp_uppers *uppers)
{
	nfp_for_each (pf, topology->pfs, topology->num_pfs) {
		const struct nfp_away *away = pf->where[0] ? find_away(uppers, pf->info.parentdev)
							   : NULL;

		if (away)
			nfp_pf_place(pf, away->link.ifname, away->in);
		nfp_for_each (vf, pf->vfs, pf->num_vfs) {
			away = vf->use == NFP_USE_NAMESPACE ? find_away(uppers, vf->parentdev)
							    : NULL;
			if (away)
				place_vf(vf, away);
		}
	}
}

/* Finds the netdev of that name, if its device is that of a PF. */
static const struct nfp_away *find_pf(const struct nfp_sysroot *root,
				      const struct nfp_uppers *uppers, const char *name)
{
	struct nfp_device device;

	nfp_for_each (away, uppers->away, uppers->num_away)
		if (strcmp(away->link.ifname, name) == 0 &&
		    nfp_device_find(root, away->link.parentdev, &device, NULL) == 0 &&
		    device.vf < 0)
			return away;
	return NULL;
}

int nfp_refuse_away(const struct nfp_sysroot *root, const char *name, struct nfp_err *err)
{
	struct nfp_device device = {.vf = -1};
	bool is_device = nfp_device_find(root, name, &device, NULL) == 0;
	const char *slash = is_device ? strrchr(device.devpath, '/') : NULL;
	const struct nfp_away *away = NULL;
	struct nfp_uppers uppers;
	struct nfp_pf pf = {.away = false};

	if (is_device && (device.ifname[0] || !slash))
		return 0;
	nfp_uppers_read(root, nfp_clock_now() + NFP_UPPERS_NS, &uppers);
	away = slash ? find_away(&uppers, slash + 1) : find_pf(root, &uppers, name);
	if (is_device) {
		snprintf(pf.devpath, sizeof(pf.devpath), "%s", device.devpath);
		nfp_sysfs_link(root, pf.info.driver, sizeof(pf.info.driver), "%s/driver",
			       pf.devpath);
		nfp_pf_describe_where(root, &pf);
	}
	if (away)
		nfp_pf_place(&pf, away->link.ifname, away->in);
	if (is_device || away) {
		nfp_err_set(err, -ENODEV, NFP_E_NO_INTERFACE, "%s is not here: %s",
			    slash  ? slash + 1
			    : away ? away->link.parentdev
				   : name,
			    pf.where);
		if (away || pf.away)
			nfp_err_hint(err,
				     "A run takes a PF whose netdev is in the network namespace of "
				     "process 1, where those of its VFs appear. To move the PF "
				     "there cuts off whoever uses it; its list and its audit can "
				     "be made where it is.");
	}
	nfp_uppers_fini(&uppers);
	return is_device || away ? -ENODEV : 0;
}
