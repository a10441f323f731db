// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lag.c - who loses frames on a PF in a LAG: a VF gets what comes in at its own PF, and the bond,
 * with everything on it, gets the rest.
 */
#include <stdio.h>
#include <string.h>

#include "audit_priv.h"

/* Does the VF's user bond a VF of each member, or might it? That is a guest that also has one of
 * another member, or a netdev that is in a bond. */
static bool has_other_member(const struct nfp_paths *paths, const struct nfp_vf_info *vf)
{
	const struct nfp_topology *t = &paths->facts->topology;
	const struct nfp_link *link = nfp_vf_netdev(paths->index, vf, NULL, NULL);

	if (link && link->master)
		return true;
	for (size_t i = 0; i < t->num_pfs && vf->user_pid; i++) {
		const struct nfp_pf *pf = &t->pfs[i];

		if (pf == paths->pf || strcmp(pf->info.master, paths->pf->info.master) != 0)
			continue;
		nfp_for_each (other, pf->vfs, pf->num_vfs)
			if (other->user_pid == vf->user_pid)
				return true;
	}
	return false;
}

/* Returns the VF's standby, which gets the rest: a tap or a macvtap on the bond, of the same
 * process and guest. */
static const struct nfp_link *standby_of(const struct nfp_paths *paths,
					 const struct nfp_vf_info *vf)
{
	for (size_t i = 0; i < paths->num_taps && vf->user_pid; i++) {
		const struct nfp_placed *tap = &paths->taps[i];
		const struct nfp_link *link = tap->link;
		struct nfp_path path = {.vf = NULL};

		if (!(strcmp(link->kind, "tun") == 0
			      ? nfp_stands_by(paths, vf, tap)
			      : nfp_mac_equal(&link->address, &vf->attr.mac)) ||
		    !nfp_process_has(paths->index, vf->user_pid, tap->netns, link))
			continue;
		/* A tap has the path of its bridge. */
		if (!nfp_path_find(paths, tap->netns, link, &path))
			link = nfp_index_link(paths->index, tap->netns, link->master);
		if (link && nfp_path_find(paths, tap->netns, link, &path) && !path.vf)
			return tap->link;
	}
	return NULL;
}

/* A guest with failover loses what its standby gets, and no command on this host helps. */
static void find_pairs(const struct nfp_paths *paths, struct nfp_audit *audit)
{
	const struct nfp_pf *pf = paths->pf;

	nfp_for_each (vf, pf->vfs, pf->num_vfs) {
		const struct nfp_link *standby = standby_of(paths, vf);
		char name[NFP_NOTE_LEN];
		struct nfp_finding *f;

		if (!standby || !nfp_vf_is_used(paths, vf) || has_other_member(paths, vf))
			continue;
		f = nfp_finding_add(audit, NFP_FINDING_LAG, pf);
		nfp_finding_name(f, paths, vf);
		f->address = vf->attr.mac;
		f->vlan = vf->attr.vlan.vid;
		snprintf(f->what, sizeof(f->what), "%.200s is on a member of %s (%s), a LAG",
			 nfp_named_text(f->functions, name, sizeof(name)), pf->info.master,
			 pf->info.lag);
		snprintf(f->why, sizeof(f->why),
			 "what the switch sends to its guest by another member comes to the "
			 "standby %s, where the guest drops it (MY PF IS IN A BOND in "
			 "nfprobe-guide(7) says what people do instead)",
			 standby->ifname);
	}
}

/* Others may have bonded VFs of each member in a way that cannot be seen. */
static void find_others(const struct nfp_paths *paths, struct nfp_audit *audit)
{
	const struct nfp_pf *pf = paths->pf;
	struct nfp_finding *f = NULL;
	char names[NFP_NOTE_LEN];

	nfp_for_each (vf, pf->vfs, pf->num_vfs) {
		if (!nfp_vf_is_used(paths, vf) || has_other_member(paths, vf) ||
		    standby_of(paths, vf))
			continue;
		f = f ?: nfp_finding_add(audit, NFP_FINDING_LAG, pf);
		nfp_finding_name(f, paths, vf);
	}
	if (!f)
		return;
	f->remark = true;
	snprintf(f->what, sizeof(f->what), "%.300s: in use on a member of %s (%s), a LAG",
		 nfp_named_all(f, names, sizeof(names)), pf->info.master, pf->info.lag);
	snprintf(f->why, sizeof(f->why),
		 "what the switch sends by another member does not reach a VF of %s",
		 pf->info.ifname);
}

void nfp_find_lag(const struct nfp_paths *paths, struct nfp_audit *audit)
{
	if (!paths->pf->info.lag[0])
		return;
	find_pairs(paths, audit);
	find_others(paths, audit);
}
