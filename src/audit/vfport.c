// SPDX-License-Identifier: GPL-2.0-or-later
/* vfport.c - a bridge, or macvlans, on a VF that does not pass their frames. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <string.h>
#include <linux/neighbour.h>

#include "audit_priv.h"

/* The macvlans of a VF, and its bridge. */
struct on_vf {
	size_t num; /* addresses of macvlans other than its own; and the first */
	struct nfp_mac first;
	const struct nfp_netns *netns; /* of the bridge; NULL: there is none */
	const struct nfp_link *bridge;
	/* The port towards the VF: its netdev, a bond, a VLAN netdev. */
	const struct nfp_link *port;
};

static void note_macvlan(const struct nfp_paths *paths, const struct nfp_vf_info *vf,
			 const struct nfp_link *link, struct on_vf *on)
{
	const struct nfp_link *own = nfp_vf_netdev(paths->index, vf, NULL, NULL);

	if (own && nfp_mac_equal(&own->address, &link->address))
		return;
	on->first = on->num++ ? on->first : link->address;
}

/* Notes the bridge that is nearest to the VF. */
static void note_bridge(const struct nfp_paths *paths, const struct nfp_netns *netns,
			const struct nfp_link *link, struct on_vf *on)
{
	struct nfp_hop hops[NFP_HOPS_MAX];

	if (!on->bridge && nfp_path_hops(paths, netns, link, hops) == 1 && hops[0].out)
		*on = (struct on_vf) {on->num, on->first, netns, link, hops[0].out};
}

static struct on_vf *find_what_stands(const struct nfp_paths *paths)
{
	struct on_vf *on = nfp_calloc(paths->pf->num_vfs + 1, sizeof(*on));

	nfp_for_each (netns, paths->facts->netns, paths->facts->num_netns) {
		nfp_for_each (link, netns->links, netns->num_links) {
			struct nfp_path path;

			if (!nfp_path_find(paths, netns, link, &path) || !path.vf)
				continue;
			if (strncmp(link->kind, "macv", 4) == 0)
				note_macvlan(paths, path.vf, link, &on[path.vf - paths->pf->vfs]);
			else if (strcmp(link->kind, "bridge") == 0)
				note_bridge(paths, netns, link, &on[path.vf - paths->pf->vfs]);
		}
	}
	return on;
}

/* A bridge that also has the PF as a port is found on that path. */
static void find_own_bridge(const struct nfp_paths *paths, const struct nfp_netns *netns,
			    const struct nfp_link *vf, struct on_vf *on)
{
	const struct nfp_link *master = nfp_index_link(paths->index, netns, vf->master);

	if (!on->bridge && master && strcmp(master->kind, "bridge") == 0)
		*on = (struct on_vf) {on->num, on->first, netns, master, vf};
}

/* Is the address behind the bridge, but not behind the VF? */
static bool is_behind(const struct on_vf *on, const struct nfp_link *vf, const struct nfp_neigh *e)
{
	return e->family == AF_BRIDGE && e->master == on->bridge->ifindex &&
	       e->ifindex != on->port->ifindex && !(e->flags & NTF_SELF) &&
	       !(e->state & NUD_PERMANENT) && !nfp_mac_equal(&e->mac, &vf->address);
}

static bool is_in_filter(const struct nfp_paths *paths, const struct nfp_netns *netns,
			 const struct nfp_link *vf, const struct nfp_mac *mac)
{
	const struct nfp_entries entries = nfp_entries_of(paths->index, mac);

	nfp_for_each (e, entries.v, entries.n)
		if (e->netns == netns && nfp_neigh_in_filter(e->entry, vf->ifindex))
			return true;
	return false;
}

/* Returns how many there are, the first, and whether all are in the filter of the VF. */
static size_t count_behind(const struct nfp_paths *paths, const struct on_vf *on,
			   const struct nfp_netns *netns, const struct nfp_link *vf,
			   struct nfp_mac *ret_mac, bool *ret_filtered)
{
	size_t num = 0;

	*ret_filtered = true;
	nfp_for_each (e, on->netns->entries, on->netns->num_entries) {
		if (!is_behind(on, vf, e))
			continue;
		*ret_mac = num++ ? *ret_mac : e->mac;
		*ret_filtered &= is_in_filter(paths, netns, vf, &e->mac);
	}
	return num;
}

static void judge_port(const struct nfp_paths *paths, const struct nfp_vf_info *vf,
		       const struct nfp_netns *netns, const struct nfp_link *link,
		       const struct on_vf *on, struct nfp_audit *audit)
{
	const struct nfp_driver *driver = nfp_driver(paths->pf->info.driver);
	bool untrusted = vf->attr.trust == 0, checked = vf->attr.spoofchk == 1;
	bool is_port = on->bridge != NULL, filtered = false;
	struct nfp_mac first = on->first;
	char name[NFP_NOTE_LEN];
	struct nfp_finding *f;
	size_t num = is_port ? count_behind(paths, on, netns, link, &first, &filtered) : on->num;

	/* A NIC has room for a few addresses of macvlans, trusted or not: it most likely refuses
	 * them only if both settings are against it. */
	if (!num || (!is_port && !(untrusted && checked)))
		return;
	/* A VF hears the addresses of its filter without trust. Where a driver asks whether the
	 * host has assigned the VF an address, the kernel does not show that. */
	untrusted &= !filtered || driver->filter_needs_trust;
	if (!untrusted && !checked)
		return;
	f = nfp_finding_add(audit, NFP_FINDING_VF_BRIDGE_PORT, paths->pf);
	f->remark = !is_port || !(checked || (driver->promisc_needs_trust && !filtered));
	nfp_finding_name(f, paths, vf);
	f->vlan = vf->attr.vlan.vid;
	if (num == 1)
		f->address = first;
	snprintf(f->what, sizeof(f->what), "%.160s is %s%s, with %s%s behind it, and is %s%s%s",
		 nfp_named_text(f->functions, name, sizeof(name)),
		 !is_port	    ? "below macvlans"
		 : on->port == link ? "a port of "
				    : "below ",
		 is_port ? on->bridge->ifname : "", nfp_mac_str(&first).text,
		 num > 1 ? " and others" : "", untrusted ? "not trusted" : "",
		 untrusted && checked ? ", and " : "", checked ? "checked for forged sources" : "");
	if (is_port && driver->promisc_never && !filtered) {
		snprintf(
			f->why, sizeof(f->why),
			"a VF of %.32s hears its own addresses alone, trusted or not: a bridge for "
			"others needs the PF as its port",
			paths->pf->info.driver);
		return;
	}
	snprintf(
		f->why, sizeof(f->why),
		"a VF that is not trusted hears its own addresses alone%s, and one that is checked "
		"sends from them alone; not every driver lets a trusted one be promiscuous%s",
		filtered ? ", and those in its filter, unless the host has assigned it one" : "",
		untrusted ? nfp_reset_price(paths->pf) : "");
	snprintf(f->after, sizeof(f->after),
		 "whoever has VF %u may hear, and send from, any address", vf->vf);
	if (untrusted)
		nfp_command_add(&f->commands, "ip link set %s vf %u trust on",
				paths->pf->info.ifname, vf->vf);
	if (checked)
		nfp_command_add(&f->commands, "ip link set %s vf %u spoofchk off",
				paths->pf->info.ifname, vf->vf);
}

/* ---- what other VFs send there ---- */

/* grout#653, incus#2864: a VF may be promiscuous towards the wire, but the NIC's switch does not
 * give it what another VF sends to an address that is in no filter. */
static void judge_filter(const struct nfp_paths *paths, const struct nfp_vf_info *vf,
			 const struct nfp_netns *netns, const struct nfp_link *link,
			 const struct on_vf *on, struct nfp_audit *audit)
{
	struct nfp_finding *f = NULL;
	char name[NFP_NOTE_LEN];
	size_t num = 0;

	nfp_for_each (e, on->netns->entries, on->netns->num_entries) {
		if (!is_behind(on, link, e) || is_in_filter(paths, netns, link, &e->mac))
			continue;
		if (!f) {
			f = nfp_finding_add(audit, NFP_FINDING_VF_BRIDGE_PORT, paths->pf);
			nfp_finding_name(f, paths, vf);
			f->remark = true;
			f->vlan = vf->attr.vlan.vid;
		}
		f->address = e->mac;
		if (num++ >= COMMANDS_MAX)
			continue;
		nfp_fix_tool(&f->commands, netns, "bridge");
		nfp_command_more(&f->commands, "fdb add %s dev %s self", nfp_mac_str(&e->mac).text,
				 link->ifname);
		nfp_fix_end(&f->commands, netns);
	}
	if (!f)
		return;
	if (num > 1)
		f->address = (struct nfp_mac) {{0}};
	snprintf(f->what, sizeof(f->what),
		 "the filter of %.160s lacks %zu address%s behind %s, and the NIC has other users",
		 nfp_named_text(f->functions, name, sizeof(name)), num, num == 1 ? "" : "es",
		 on->bridge->ifname);
	snprintf(f->why, sizeof(f->why),
		 "on some NICs, what another VF sends there leaves by the wire and is lost");
}

void nfp_find_vf_ports(const struct nfp_paths *paths, struct nfp_audit *audit)
{
	struct on_vf *all = find_what_stands(paths);

	for (size_t i = 0; i < paths->pf->num_vfs; i++) {
		const struct nfp_vf_info *vf = &paths->pf->vfs[i];
		const struct nfp_netns *netns = NULL;
		const struct nfp_link *link = nfp_vf_netdev(paths->index, vf, NULL, &netns);

		if (!link || !nfp_vf_is_used(paths, vf))
			continue;
		find_own_bridge(paths, netns, link, &all[i]);
		if (vf->attr.trust == 0 || vf->attr.spoofchk == 1)
			judge_port(paths, vf, netns, link, &all[i], audit);
		else if (all[i].bridge && vf->attr.trust == 1 && nfp_has_other_vf(paths, vf))
			judge_filter(paths, vf, netns, link, &all[i], audit);
	}
	free(all);
}
