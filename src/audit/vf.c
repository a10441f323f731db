// SPDX-License-Identifier: GPL-2.0-or-later
/* vf.c - is each VF as its user needs it: what its PF has set, and what its netdev has? */
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <linux/if_link.h>

#include "audit_priv.h"

/* The kernel of a namespace without a process still forwards, or answers. */
static bool is_served_by_kernel(const struct nfp_link *link)
{
	return link && link->flags & IFF_UP && (link->master || link->has_address);
}

bool nfp_vf_is_used(const struct nfp_paths *paths, const struct nfp_vf_info *vf)
{
	const struct nfp_link *link = nfp_vf_netdev(paths->index, vf, NULL, NULL);

	if (vf->trace != NFP_TRACE_NONE || vf->use == NFP_USE_IDLE ||
	    (nfp_vf_is_left(paths, vf) && !is_served_by_kernel(link)))
		return false;
	switch (vf->use) {
	case NFP_USE_VFIO:
		return !vf->at_rest;
	case NFP_USE_NETDEV_UP:
	case NFP_USE_NETDEV:
	case NFP_USE_NAMESPACE:
		return link ? link->flags & IFF_UP : vf->up;
	case NFP_USE_OTHER:
		return vf->up && vf->user_pid;
	default:
		return false;
	}
}

/* ---- the address ---- */

static bool is_assigned(const struct nfp_pf *pf, const struct nfp_mac *mac)
{
	nfp_for_each (vf, pf->vfs, pf->num_vfs)
		if (nfp_mac_equal(&vf->attr.mac, mac))
			return true;
	return nfp_mac_equal(&pf->info.address, mac);
}

/* Does another VF's netdev, or a macvlan, also have it, so that nobody knows which should? */
static bool is_shared(const struct nfp_paths *paths, const struct nfp_vf_info *vf,
		      const struct nfp_mac *mac)
{
	const struct nfp_netdevs with = nfp_netdevs_with(paths->index, mac);
	const struct nfp_netns *netns = NULL;
	const struct nfp_link *own = nfp_vf_netdev(paths->index, vf, mac, &netns);

	nfp_for_each (netdev, with.v, with.n) {
		const struct nfp_link *link = netdev->link;

		if (!netdev->netns->users &&
		    (strncmp(link->kind, "macv", 4) == 0
			     ? nfp_index_base(paths->index, netdev->netns, link) != own
			     : netdev->netns != netns && !link->kind[0]))
			return true;
	}
	nfp_for_each (other, paths->pf->vfs, paths->pf->num_vfs)
		if (other != vf && nfp_vf_netdev(paths->index, other, mac, NULL))
			return true;
	return false;
}

static void judge_address(const struct nfp_paths *paths, const struct nfp_vf_info *vf,
			  struct nfp_audit *audit)
{
	const struct nfp_link *link = nfp_vf_netdev(paths->index, vf, NULL, NULL);
	const char *by = nfp_driver(paths->pf->info.driver)->vf_follows_pf;
	bool none = nfp_mac_is_nobodys(&vf->attr.mac);
	char name[NFP_NOTE_LEN];
	struct nfp_finding *f;

	if (!link || !vf->attr.have_mac || nfp_mac_is_nobodys(&link->address) ||
	    nfp_vf_netdev(paths->index, vf, &vf->attr.mac, NULL))
		return;
	/* Another filter follows the address of its user, as far as that may have one: all is well
	 * if none was assigned, the VF is trusted, or a bond gave it its own. */
	if (!by && (none || vf->attr.trust == 1 || strcmp(link->master_kind, "bond") == 0))
		return;
	/* An entry of another function is a finding of its own. */
	if (is_assigned(paths->pf, &link->address))
		return;
	f = nfp_finding_add(audit, NFP_FINDING_VF_ADDRESS, paths->pf);
	f->remark = !by;
	nfp_finding_name(f, paths, vf);
	f->address = link->address;
	f->vlan = vf->attr.vlan.vid;
	snprintf(f->what, sizeof(f->what), "%.160s uses the address %s, and %s has assigned %s",
		 nfp_named_text(f->functions, name, sizeof(name)), nfp_mac_str(&link->address).text,
		 paths->pf->info.ifname, none ? "none" : nfp_mac_str(&vf->attr.mac).text);
	if (f->remark) {
		snprintf(f->why, sizeof(f->why),
			 "whether the NIC gives it the frames for its own address depends on its "
			 "driver");
		return;
	}
	snprintf(f->why, sizeof(f->why),
		 "the NIC gives a VF of %s the frames for the assigned address alone (%s): those "
		 "for its own are lost%s",
		 paths->pf->info.driver, by, nfp_reset_price(paths->pf));
	if (is_shared(paths, vf, &link->address)) {
		nfp_appendf(f->why, sizeof(f->why),
			    "; another netdev has it as well, and either may have taken it");
		return;
	}
	snprintf(f->after, sizeof(f->after), "the user of VF %u is to have that address", vf->vf);
	nfp_command_add(&f->commands, "ip link set %s vf %u mac %s", paths->pf->info.ifname, vf->vf,
			nfp_mac_str(&link->address).text);
}

/* sriov-cni#114: what it sends is compared with an address that it does not have. */
static void judge_spoofchk(const struct nfp_paths *paths, const struct nfp_vf_info *vf,
			   struct nfp_audit *audit)
{
	const struct nfp_pf *pf = paths->pf;
	const char *by = nfp_driver(pf->info.driver)->spoofchk_needs_mac;
	char name[NFP_NOTE_LEN];
	struct nfp_finding *f;

	if (!by || vf->attr.spoofchk != 1 || !vf->attr.have_mac ||
	    !nfp_mac_is_nobodys(&vf->attr.mac))
		return;
	f = nfp_finding_add(audit, NFP_FINDING_VF_ADDRESS, pf);
	nfp_finding_name(f, paths, vf);
	f->vlan = vf->attr.vlan.vid;
	snprintf(f->what, sizeof(f->what),
		 "%.160s is spoof checked, and %s has assigned no address",
		 nfp_named_text(f->functions, name, sizeof(name)), pf->info.ifname);
	snprintf(f->why, sizeof(f->why),
		 "the NIC drops all that such a VF of %s sends (%s); with an address assigned, it "
		 "drops only what is sent from others",
		 pf->info.driver, by);
	nfp_command_add(&f->commands, "ip link set %s vf %u spoofchk off", pf->info.ifname, vf->vf);
}

/* ---- its link ---- */

static void find_disabled(const struct nfp_paths *paths, struct nfp_audit *audit)
{
	const struct nfp_pf *pf = paths->pf;
	struct nfp_finding *f = NULL;
	char names[NFP_NOTE_LEN];

	nfp_for_each (vf, pf->vfs, pf->num_vfs) {
		if (vf->attr.link_state != IFLA_VF_LINK_STATE_DISABLE || !nfp_vf_is_used(paths, vf))
			continue;
		f = f ?: nfp_finding_add(audit, NFP_FINDING_VF_LINK, pf);
		nfp_finding_name(f, paths, vf);
		if (f->num_functions <= COMMANDS_MAX)
			nfp_command_add(&f->commands, "ip link set %s vf %u state auto",
					pf->info.ifname, vf->vf);
	}
	if (!f)
		return;
	snprintf(f->what, sizeof(f->what), "%.300s: in use, and %s has disabled the link",
		 nfp_named_all(f, names, sizeof(names)), pf->info.ifname);
	snprintf(f->why, sizeof(f->why), "without a link, nothing is sent or received");
}

static void find_down(const struct nfp_paths *paths, struct nfp_audit *audit)
{
	const struct nfp_pf *pf = paths->pf;
	struct nfp_finding *f = NULL;
	char names[NFP_NOTE_LEN];

	/* A VF whose link is always on reaches the other VFs, which may be all
	 * that somebody wants. */
	nfp_for_each (vf, pf->vfs, pf->flags & IFF_UP ? 0 : pf->num_vfs) {
		if (vf->attr.link_state == IFLA_VF_LINK_STATE_ENABLE || !nfp_vf_is_used(paths, vf))
			continue;
		f = f ?: nfp_finding_add(audit, NFP_FINDING_VF_LINK, pf);
		nfp_finding_name(f, paths, vf);
	}
	if (!f)
		return;
	snprintf(f->what, sizeof(f->what), "%.300s: in use, and %s is down",
		 nfp_named_all(f, names, sizeof(names)), pf->info.ifname);
	snprintf(f->why, sizeof(f->why), "a VF has a link only while its PF is up");
	nfp_command_add(&f->commands, "ip link set %s up", pf->info.ifname);
}

/* ---- the size of frames ---- */

static void find_mtu(const struct nfp_paths *paths, struct nfp_audit *audit)
{
	const struct nfp_pf *pf = paths->pf;
	struct nfp_finding *f = NULL;
	unsigned int most = 0;
	char names[NFP_NOTE_LEN];

	for (size_t i = 0; i < pf->num_vfs && pf->info.mtu; i++) {
		const struct nfp_link *link = nfp_vf_netdev(paths->index, &pf->vfs[i], NULL, NULL);

		if (!link || link->mtu <= pf->info.mtu || !nfp_vf_is_used(paths, &pf->vfs[i]))
			continue;
		f = f ?: nfp_finding_add(audit, NFP_FINDING_MTU, pf);
		nfp_finding_name(f, paths, &pf->vfs[i]);
		most = link->mtu > most ? link->mtu : most;
	}
	if (!f)
		return;
	f->remark = true;
	snprintf(f->what, sizeof(f->what), "%.300s: an MTU of %u, and %s has %u",
		 nfp_named_all(f, names, sizeof(names)), most, pf->info.ifname, pf->info.mtu);
	snprintf(f->why, sizeof(f->why),
		 "larger frames than the PF takes do not reach it, nor a guest's standby there; "
		 "changing the MTU of a PF may reset its VFs");
}

/* ---- a bond ---- */

/* Does the bond use a member on another NIC now? */
static bool is_active_elsewhere(const struct nfp_paths *paths, const struct nfp_netns *netns,
				int bond)
{
	struct nfp_path path;

	nfp_for_each (member, netns->links, netns->num_links) {
		if (member->master == bond && !member->bond_backup)
			return !nfp_path_find(paths, netns, member, &path);
	}
	return false;
}

bool nfp_has_other_vf(const struct nfp_paths *paths, const struct nfp_vf_info *but)
{
	const struct nfp_pf *pf = paths->pf;

	nfp_for_each (vf, pf->vfs, pf->num_vfs)
		if (vf != but && nfp_vf_is_used(paths, vf))
			return true;
	return false;
}

/* Does somebody other than that VF send by the PF? The PF itself does if it has an address or is a
 * bridge port. */
static bool has_other_user(const struct nfp_paths *paths, const struct nfp_vf_info *but)
{
	const struct nfp_link *own = nfp_index_link(paths->index, paths->facts->netns,
						    paths->pf->info.ifindex);

	return nfp_has_other_vf(paths, but) || (own && (own->has_address || own->master));
}

static void judge_bond(const struct nfp_paths *paths, const struct nfp_vf_info *vf,
		       struct nfp_audit *audit)
{
	const struct nfp_netns *netns = NULL;
	const struct nfp_link *link = nfp_vf_netdev(paths->index, vf, NULL, &netns), *bond;
	struct nfp_finding *f;
	char name[NFP_NOTE_LEN];

	bond = link ? nfp_index_link(paths->index, netns, link->master) : NULL;
	if (!bond || !bond->bond_of_one_address || !link->bond_backup ||
	    !nfp_mac_equal(&link->address, &bond->address) ||
	    !is_active_elsewhere(paths, netns, bond->ifindex) || !has_other_user(paths, vf))
		return;
	f = nfp_finding_add(audit, NFP_FINDING_BOND_BACKUP, paths->pf);
	nfp_finding_name(f, paths, vf);
	f->address = bond->address;
	f->vlan = vf->attr.vlan.vid;
	snprintf(f->what, sizeof(f->what),
		 "%.200s is inactive in %s, and has its address; the active member is on another "
		 "NIC",
		 nfp_named_text(f->functions, name, sizeof(name)), bond->ifname);
	snprintf(f->why, sizeof(f->why),
		 "the NIC gives the inactive member what others on %s send to %s; "
		 "fail_over_mac=active ends that, which a bond takes only while it has no members",
		 paths->pf->info.ifname, bond->ifname);
}

/* ---- the NIC's switch ---- */

static void find_vepa(const struct nfp_paths *paths, struct nfp_audit *audit)
{
	const struct nfp_pf *pf = paths->pf;
	const struct nfp_vf_info *used = NULL;
	struct nfp_finding *f;

	for (size_t i = 0; i < pf->num_vfs && pf->info.vepa && !used; i++)
		used = nfp_vf_is_used(paths, &pf->vfs[i]) ? &pf->vfs[i] : NULL;
	if (!used || !has_other_user(paths, used))
		return;
	f = nfp_finding_add(audit, NFP_FINDING_VEPA, pf);
	f->remark = true;
	nfp_finding_name(f, paths, NULL);
	snprintf(f->what, sizeof(f->what), "the switch of %s is in mode VEPA", pf->info.ifname);
	snprintf(f->why, sizeof(f->why),
		 "what its VFs and %s send to each other leaves by the wire, and comes back only "
		 "from a switch that reflects it",
		 pf->info.ifname);
	snprintf(f->after, sizeof(f->after), "the switch at the other end is known not to reflect");
	nfp_command_add(&f->commands, "bridge link set dev %s hwmode veb", pf->info.ifname);
}

void nfp_find_vfs(const struct nfp_paths *paths, bool is_legacy, struct nfp_audit *audit)
{
	const struct nfp_pf *pf = paths->pf;

	for (size_t i = 0; i < pf->num_vfs && is_legacy; i++)
		if (nfp_vf_is_used(paths, &pf->vfs[i]))
			judge_address(paths, &pf->vfs[i], audit);
	for (size_t i = 0; i < pf->num_vfs && is_legacy; i++)
		if (nfp_vf_is_used(paths, &pf->vfs[i]))
			judge_spoofchk(paths, &pf->vfs[i], audit);
	for (size_t i = 0; i < pf->num_vfs && is_legacy; i++)
		if (nfp_vf_is_used(paths, &pf->vfs[i]))
			judge_bond(paths, &pf->vfs[i], audit);
	if (is_legacy) {
		find_disabled(paths, audit);
		find_vepa(paths, audit);
	}
	find_down(paths, audit);
	find_mtu(paths, audit);
}
