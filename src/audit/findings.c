// SPDX-License-Identifier: GPL-2.0-or-later
/* findings.c - what an audit finds, and the remarks. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit_priv.h"
#include "base/output.h"

/* ---- remarks ---- */

static void find_macvtaps(const struct nfp_paths *paths, struct nfp_audit *audit)
{
	const struct nfp_netns *own = paths->facts->netns;

	nfp_for_each (link, own->links, own->num_links) {
		struct nfp_finding *f;
		struct nfp_path path;

		if (!link->deaf || !nfp_path_find(paths, own, link, &path) || path.vf)
			continue;
		f = nfp_finding_add(audit, NFP_FINDING_MACVTAP_GROUPS, paths->pf);
		f->remark = true;
		f->vlan = path.vlans[0];
		f->functions = nfp_calloc(1, sizeof(*f->functions));
		f->num_functions = 1;
		memcpy(f->functions->ifname, link->ifname, sizeof(link->ifname));
		f->address = link->address;
		snprintf(f->what, sizeof(f->what),
			 "%s does not pass the groups that its guest joins", link->ifname);
		snprintf(f->why, sizeof(f->why),
			 "the guest may not be found by IPv6; trustGuestRxFilters='yes' in "
			 "libvirt lets it ask for them (it may then change its MAC)");
	}
}

/* ---- runs of nfprobe ---- */

static void find_traces(const struct nfp_paths *paths, struct nfp_audit *audit)
{
	const struct nfp_pf *pf = paths->pf;

	nfp_for_each (vf, pf->vfs, pf->num_vfs) {
		bool left = vf->trace == NFP_TRACE_LEFT;
		struct nfp_finding *f;

		if (vf->trace == NFP_TRACE_NONE)
			continue;
		f = nfp_finding_add(
			audit, left ? NFP_FINDING_INTERRUPTED_RUN : NFP_FINDING_BEING_PROBED, pf);
		f->remark = !left;
		nfp_finding_name(f, paths, vf);
		if (!left) {
			snprintf(f->what, sizeof(f->what), "VF %u: %s", vf->vf, vf->user);
			snprintf(f->why, sizeof(f->why),
				 "its address and driver are the run's until that has finished");
			continue;
		}
		snprintf(f->what, sizeof(f->what), "VF %u: left by an interrupted run", vf->vf);
		snprintf(f->why, sizeof(f->why),
			 "its address, driver or netdev may be those of the run");
		nfp_command_add(&f->commands, "nfprobe --restore %s", pf->info.ifname);
	}
}

/* ---- all of it ---- */

/* Does the PF switch by address alone, as far as is known? In another mode, software does. */
static bool is_legacy(const struct nfp_pf *pf)
{
	if (pf->info.eswitch_mode[0])
		return strcmp(pf->info.eswitch_mode, "legacy") == 0;
	return pf->eswitch_errno == EOPNOTSUPP || !nfp_driver(pf->info.driver)->has_modes;
}

static void note_cut(const struct nfp_pf *pf, struct nfp_audit *audit)
{
	struct nfp_unread unread = {.needs = ""};

	snprintf(unread.pf, sizeof(unread.pf), "%s", pf->info.ifname);
	snprintf(
		unread.what, sizeof(unread.what),
		"all taps on %s: more than %u, or one behind more than %u bridges, or open in more "
		"than %u processes",
		pf->info.ifname, NFP_TAPS_MAX, NFP_HOPS_MAX, NFP_SAME_MAX);
	*nfp_grow(audit->unread, audit->num_unread) = unread;
}

static void judge_pf(const struct nfp_index *index, const struct nfp_pf *pf,
		     struct nfp_audit *audit)
{
	bool legacy = is_legacy(pf);
	struct nfp_audited *audited;
	struct nfp_paths paths;
	size_t before;

	audited = nfp_grow(audit->pfs, audit->num_pfs);
	*audited = (struct nfp_audited) {.ifname = ""};
	memcpy(audited->ifname, pf->info.ifname, sizeof(audited->ifname));
	memcpy(audited->parentdev, pf->info.parentdev, sizeof(audited->parentdev));
	before = audit->num_findings;
	nfp_paths_find(index, pf, &paths);
	find_traces(&paths, audit);
	nfp_find_same(&paths, legacy, audit);
	nfp_find_vlan_netdevs(&paths, audit);
	nfp_find_vfs(&paths, legacy, audit);
	if (legacy) {
		nfp_find_idle(&paths, audit);
		nfp_find_filter(&paths, audit);
		nfp_find_bridges(&paths, audit);
		nfp_find_vf_ports(&paths, audit);
		find_macvtaps(&paths, audit);
		nfp_find_left(&paths, before, audit);
		nfp_find_lag(&paths, audit);
		nfp_find_ways(&paths, audit);
	}
	if (paths.is_cut)
		note_cut(pf, audit);
	nfp_paths_fini(&paths);
}

/* Might somebody who was not seen use it? */
static bool is_in_doubt(const struct nfp_audit *audit, const struct nfp_finding *f)
{
	if (f->code != NFP_FINDING_IDLE_ADDRESS || !f->num_functions || f->functions->user[0])
		return false;
	nfp_for_each (u, audit->unread, audit->num_unread) {
		if (!u->pf[0] || strcmp(u->pf, f->pf) == 0)
			return true;
	}
	return false;
}

void nfp_audit_judge(const struct nfp_facts *facts, const struct nfp_strv *pfs,
		     struct nfp_audit *ret_audit)
{
	struct nfp_index *index = nfp_index_new(facts);
	struct nfp_audit audit = {.num_pfs = 0};

	nfp_for_each (pf, facts->topology.pfs, facts->topology.num_pfs) {
		if (pf->info.ifname[0] && (!pfs->n || nfp_strv_has(pfs, pf->info.ifname)))
			judge_pf(index, pf, &audit);
		else if (!pf->info.ifname[0] && !pfs->n && !(pf->away && pf->num_vfs))
			nfp_strv_addf(&audit.unasked, "%s: %s", pf->info.parentdev, pf->where);
	}
	if (nfp_index_is_crowded(index)) {
		struct nfp_unread unread = {.needs = ""};

		snprintf(unread.what, sizeof(unread.what),
			 "all entries of an address that more than %u have", NFP_SAME_MAX);
		*nfp_grow(audit.unread, audit.num_unread) = unread;
	}
	nfp_index_free(index);
	nfp_for_each (u, facts->unread, facts->num_unread)
		if (!u->pf[0] || !pfs->n || nfp_strv_has(pfs, u->pf))
			*nfp_grow(audit.unread, audit.num_unread) = *u;
	if (facts->open_vswitch)
		nfp_strv_addf(&audit.unasked, "the tables of Open vSwitch");
	nfp_for_each (f, audit.findings, audit.num_findings)
		f->in_doubt = is_in_doubt(&audit, f);
	(void)nfp_audit_accept(&audit, &(const struct nfp_strv) {.n = 0}, NULL);
	*ret_audit = audit;
}

static bool is_at_place(const struct nfp_finding *f, const char *place)
{
	char vf[24];

	if (!place[0] || strcmp(f->pf, place) == 0 || strcmp(f->parentdev, place) == 0 ||
	    (!nfp_mac_is_zero(&f->address) &&
	     strcasecmp(nfp_mac_str(&f->address).text, place) == 0))
		return true;
	nfp_for_each (named, f->functions, f->num_functions) {
		snprintf(vf, sizeof(vf), "vf:%u", named->vf);
		if ((named->is_vf && strcmp(vf, place) == 0) ||
		    /* In another namespace, somebody else may have given their netdev this name. */
		    (named->ifname[0] && !named->netns[0] && strcmp(named->ifname, place) == 0))
			return true;
	}
	return false;
}

int nfp_audit_accept(struct nfp_audit *audit, const struct nfp_strv *accepted, struct nfp_err *err)
{
	bool found = false;

	for (size_t i = 0; i < accepted->n; i++) {
		const char *place = strchrnul(accepted->v[i], ':');
		int code = -1;

		for (int k = 0; k < NFP_FINDING_COUNT; k++) {
			const char *name = nfp_name(&nfp_finding_names, (unsigned int)k);

			if (strlen(name) == (size_t)(place - accepted->v[i]) &&
			    strncmp(name, accepted->v[i], strlen(name)) == 0)
				code = k;
		}
		if (code < 0)
			return nfp_err_set(err, -EINVAL, NFP_E_USAGE,
					   "--accept %s: there is no such finding; AUDIT in "
					   "nfprobe(8) has all",
					   accepted->v[i]);
		nfp_for_each (f, audit->findings, audit->num_findings)
			f->accepted |= (int)f->code == code &&
				       is_at_place(f, place + (*place == ':'));
	}
	nfp_for_each (f, audit->findings, audit->num_findings)
		found |= !f->remark && !f->accepted;
	audit->exit_status = nfp_exit_of(found, audit->num_unread > 0);
	return 0;
}

void nfp_audit_fini(struct nfp_audit *audit)
{
	nfp_for_each (f, audit->findings, audit->num_findings)
		free(f->functions);
	free(audit->findings);
	nfp_guests_free(audit->guests, audit->num_guests);
	free(audit->pfs);
	free(audit->unread);
	nfp_strv_fini(&audit->unasked);
	*audit = (struct nfp_audit) {.num_pfs = 0};
}
