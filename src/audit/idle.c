// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * idle.c - a VF, or a macvtap, that nobody uses, and whose address somebody else has. A guest that
 * has released its VF, which QEMU still holds, does not use it, and is on its standby.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <linux/neighbour.h>

#include "audit_priv.h"

/* A function that nobody uses. */
struct idle {
	const struct nfp_paths *paths;
	const struct nfp_vf_info *vf; /* NULL: it is a macvtap in @netns */
	const struct nfp_netns *netns;
	const struct nfp_link *link;
	const struct nfp_mac *mac;
	unsigned int vlan;
	int holder;	/* the process that holds the VF: only its taps count; 0: nobody does */
	bool by_switch; /* it is in use behind Open vSwitch, in a VLAN that is not known */
	char where[NFP_NOTE_LEN]; /* a clause about who has the address; empty: nobody */
};

static void look_at_bridge(struct idle *idle, const struct nfp_neigh *entry)
{
	struct nfp_learned l;

	if (!nfp_learned_find(idle->paths, entry, &l) || l.vlan != idle->vlan ||
	    (l.at_vf && l.at_vf == idle->vf) || !l.port ||
	    (idle->holder &&
	     !nfp_process_is_behind(idle->paths, idle->holder, idle->paths->facts->netns, l.port)))
		return;
	snprintf(idle->where, sizeof(idle->where), "%s has it in its table, behind %s",
		 l.bridge->ifname, l.port->ifname);
}

/*
 * Does what this netdev sends there end in the idle one? The PF's own netdev gives nothing to a
 * macvtap on it; other netdevs there do if both are in bridge mode (macvlan_queue_xmit), and a VF
 * does through the NIC, which has the address in the PF's filter.
 */
static bool sends_into(const struct idle *idle, const struct nfp_link *link,
		       const struct nfp_path *path)
{
	if (idle->vf || path->vf)
		return !path->vf || path->vf != idle->vf;
	return link != idle->link && link->bridging && idle->link->bridging;
}

/* Only an entry that was confirmed at most half a minute ago, or set by hand, shows that the
 * address is in use. */
static void look_at_neighbour(struct idle *idle, const struct nfp_netns *netns,
			      const struct nfp_neigh *entry)
{
	char dst[INET6_ADDRSTRLEN] = "?";
	const struct nfp_link *link = nfp_index_link(idle->paths->index, netns, entry->ifindex);
	struct nfp_path path;

	if (!(entry->state & (NUD_REACHABLE | NUD_PERMANENT)) || !link ||
	    !nfp_path_find(idle->paths, netns, link, &path) || path.by_switch ||
	    path.vlans[0] != idle->vlan || !sends_into(idle, link, &path))
		return;
	if (entry->have_dst)
		inet_ntop(entry->family, entry->dst, dst, sizeof(dst));
	snprintf(idle->where, sizeof(idle->where), "%s is there for %s%s%.80s", dst, link->ifname,
		 netns->name[0] ? " in " : "", netns->name);
}

static void look_at_tables(struct idle *idle)
{
	const struct nfp_entries of = nfp_entries_of(idle->paths->index, idle->mac);

	for (size_t i = 0; i < of.n && !idle->where[0]; i++) {
		const struct nfp_entry *e = &of.v[i];

		if (e->entry->family != AF_BRIDGE && idle->holder)
			continue;
		if (e->entry->family != AF_BRIDGE)
			look_at_neighbour(idle, e->netns, e->entry);
		/* A PF with macvtaps is no port. */
		else if (e->netns == idle->paths->facts->netns && idle->vf)
			look_at_bridge(idle, e->entry);
	}
}

/* Netdevs of the same PF are a finding of their own, unless a macvtap is the idle one. */
static void look_at_vfs(struct idle *idle)
{
	const struct nfp_topology *t = &idle->paths->facts->topology;

	nfp_for_each (pf, t->pfs, t->num_pfs)
		for (size_t k = 0; k < pf->num_vfs && !idle->where[0]; k++) {
			const struct nfp_vf_info *vf = &pf->vfs[k];

			if (vf->use == NFP_USE_IDLE || vf->use == NFP_USE_UNKNOWN ||
			    (idle->vf && pf == idle->paths->pf) ||
			    !nfp_mac_equal(&vf->attr.mac, idle->mac) ||
			    vf->attr.vlan.vid != idle->vlan)
				continue;
			snprintf(idle->where, sizeof(idle->where), "VF %u of %s has it, and %.160s",
				 vf->vf, pf->info.ifname, vf->user);
		}
}

/* Does a macvtap or macvlan there take frames? For the guest that holds the VF, only its own
 * counts. */
static bool is_in_use(const struct idle *idle, const struct nfp_netns *netns,
		      const struct nfp_link *link)
{
	if (idle->holder)
		return nfp_process_has(idle->paths->index, idle->holder, netns, link);
	return strcmp(link->kind, "macvlan") == 0
		       ? !netns->deserted
		       : strcmp(link->kind, "macvtap") == 0 &&
				 nfp_tap_may_be_open(idle->paths->index, netns, link);
}

/* A guest's standby, or a container's netdev. */
static void look_at_macvtaps(struct idle *idle)
{
	const struct nfp_netdevs with = nfp_netdevs_with(idle->paths->index, idle->mac);

	nfp_for_each (on, with.v, idle->where[0] ? 0 : with.n) {
		struct nfp_path path;

		if (!(on->link->flags & IFF_UP) || on->link == idle->link ||
		    !is_in_use(idle, on->netns, on->link) ||
		    !nfp_path_find(idle->paths, on->netns, on->link, &path) ||
		    path.vlans[0] != idle->vlan || path.vf)
			continue;
		snprintf(idle->where, sizeof(idle->where), "%s%s%.80s has it%s", on->link->ifname,
			 on->netns->name[0] ? " in " : "", on->netns->name,
			 strcmp(on->link->kind, "macvtap") == 0 ? ", a guest's" : "");
		return;
	}
}

/* A guest there, or the standby of the one that holds the VF (OpenStack's hybrid plug). */
static void look_at_switch(struct idle *idle)
{
	const struct nfp_placed *tap = nfp_tap_in_switch(idle->paths, idle->mac);

	if (idle->where[0] || !tap ||
	    (idle->holder &&
	     !nfp_process_has(idle->paths->index, idle->holder, tap->netns, tap->link)))
		return;
	idle->by_switch = true;
	snprintf(idle->where, sizeof(idle->where), "the guest of %s has it, behind Open vSwitch",
		 tap->link->ifname);
}

static struct nfp_finding *report_idle(const struct idle *idle, struct nfp_audit *audit)
{
	struct nfp_finding *f = nfp_finding_add(audit, NFP_FINDING_IDLE_ADDRESS, idle->paths->pf);
	char name[NFP_NOTE_LEN];

	if (idle->vf) {
		nfp_finding_name(f, idle->paths, idle->vf);
	} else {
		f->functions = nfp_calloc(1, sizeof(*f->functions));
		f->num_functions = 1;
		memcpy(f->functions->ifname, idle->link->ifname, sizeof(idle->link->ifname));
		memcpy(f->functions->netns, idle->netns->name, sizeof(f->functions->netns));
	}
	f->address = *idle->mac;
	f->vlan = idle->vlan;
	if (idle->vf && idle->vf->use == NFP_USE_RESERVED) {
		snprintf(f->what, sizeof(f->what),
			 "%.160s: its guest, with the address %s, is %s%.120s",
			 nfp_named_text(f->functions, name, sizeof(name)),
			 nfp_mac_str(idle->mac).text,
			 idle->where[0] ? "on its standby: " : "not on it", idle->where);
		return f;
	}
	if (idle->holder) {
		snprintf(f->what, sizeof(f->what),
			 "process %d holds %.120s and does not use it: its guest, with the address "
			 "%s, is on its standby: %.160s",
			 idle->holder, nfp_named_text(f->functions, name, sizeof(name)),
			 nfp_mac_str(idle->mac).text, idle->where);
		return f;
	}
	snprintf(f->what, sizeof(f->what), "nobody uses %.120s, whose address %s is in use: %.180s",
		 nfp_named_text(f->functions, name, sizeof(name)), nfp_mac_str(idle->mac).text,
		 idle->where);
	return f;
}

/*
 * Says what the guest loses until it has its VF, which QEMU plugs in once the guest's driver
 * negotiates failover. If only an address says whose the VF is, it may be left from another run.
 */
static void finish_reserved(const struct idle *idle, struct nfp_finding *f)
{
	const struct nfp_vf_info *vf = idle->vf;

	f->remark = !idle->where[0] || idle->by_switch;
	snprintf(f->why, sizeof(f->why),
		 "until the guest takes the VF, it hears nothing of what the PF and its other VFs "
		 "send there, nor of what comes from the wire if the NIC assigns the address "
		 "early; a guest without a driver for failover never takes it");
	if (!vf->by_address)
		return;
	snprintf(f->after, sizeof(f->after),
		 "no guest is about to get VF %u, which then needs this address", vf->vf);
	nfp_command_add(&f->commands, "ip link set %s vf %u mac 00:00:00:00:00:00",
			idle->paths->pf->info.ifname, vf->vf);
}

static void find_vf(const struct nfp_paths *paths, const struct nfp_vf_info *vf,
		    struct nfp_audit *audit)
{
	struct idle idle = {
		.paths = paths, .vf = vf, .mac = &vf->attr.mac, .vlan = vf->attr.vlan.vid};
	bool reserved = vf->use == NFP_USE_RESERVED;
	struct nfp_finding *f;

	if ((vf->use != NFP_USE_IDLE && !reserved && !(vf->at_rest && vf->user_pid)) ||
	    nfp_mac_is_nobodys(idle.mac))
		return;
	idle.holder = vf->use == NFP_USE_IDLE ? 0 : vf->user_pid;
	look_at_tables(&idle);
	if (vf->use == NFP_USE_IDLE)
		look_at_vfs(&idle);
	look_at_macvtaps(&idle);
	look_at_switch(&idle);
	if (!idle.where[0] && !reserved)
		return;
	f = report_idle(&idle, audit);
	if (reserved) {
		finish_reserved(&idle, f);
		return;
	}
	f->remark = idle.by_switch;
	snprintf(f->why, sizeof(f->why),
		 "%sthe NIC gives the idle VF the frames that its PF and its other VFs send there, "
		 "and those from the wire as well if it assigns the address early",
		 idle.by_switch ? "if both are in one VLAN, which only the tables of Open vSwitch "
				  "say, "
				: "");
	if (idle.holder)
		nfp_fix_at_rest(paths->pf, vf, f);
	else
		nfp_fix_vf(paths, vf, idle.mac, f);
}

/* A macvtap takes the frames for its address whether or not a guest has it open. */
static void find_macvtap(const struct nfp_paths *paths, const struct nfp_netns *netns,
			 const struct nfp_link *link, struct nfp_audit *audit)
{
	struct idle idle = {.paths = paths, .netns = netns, .link = link, .mac = &link->address};
	struct nfp_finding *f;
	struct nfp_path path;

	if (strcmp(link->kind, "macvtap") != 0 || !(link->flags & IFF_UP) ||
	    !paths->facts->holders_known || nfp_tap_may_be_open(paths->index, netns, link) ||
	    nfp_mac_is_nobodys(idle.mac) || !nfp_path_find(paths, netns, link, &path) || path.vf)
		return;
	idle.vlan = path.vlans[0];
	look_at_tables(&idle);
	if (!idle.where[0])
		return;
	f = report_idle(&idle, audit);
	snprintf(f->why, sizeof(f->why),
		 "the frames that others on %s send there end in it, until it is gone",
		 paths->pf->info.ifname);
	snprintf(f->after, sizeof(f->after), "no guest is about to use %s", link->ifname);
	nfp_fix_begin(&f->commands, netns, link, "set");
	nfp_command_more(&f->commands, "down");
	nfp_fix_end(&f->commands, netns);
}

void nfp_find_idle(const struct nfp_paths *paths, struct nfp_audit *audit)
{
	const struct nfp_facts *facts = paths->facts;

	nfp_for_each (vf, paths->pf->vfs, paths->pf->num_vfs)
		find_vf(paths, vf, audit);
	nfp_for_each (netns, facts->netns, facts->num_netns)
		nfp_for_each (link, netns->links, netns->num_links)
			find_macvtap(paths, netns, link, audit);
}
