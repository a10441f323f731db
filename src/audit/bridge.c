// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bridge.c - what bridges on a PF do to their guests: they look for one behind the wrong port, or
 * keep its frames.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/neighbour.h>

#include "audit_priv.h"

static void say_vlan(struct nfp_commands *commands, const struct nfp_neigh *e)
{
	if (e->vlan)
		nfp_command_more(commands, "vlan %u", (unsigned int)e->vlan);
}

/* Returns the bridge on a path to the PF that has the entry. NULL: the entry is the netdev's own,
 * or of no such bridge. */
static const struct nfp_link *bridge_with(const struct nfp_paths *paths,
					  const struct nfp_netns *netns, const struct nfp_neigh *e)
{
	const struct nfp_link *bridge = nfp_index_link(paths->index, netns, e->master);
	struct nfp_path path;

	return e->family == AF_BRIDGE && !(e->flags & NTF_SELF) && bridge &&
			       strcmp(bridge->kind, "bridge") == 0 &&
			       nfp_path_find(paths, netns, bridge, &path) && !path.vf
		       ? bridge
		       : NULL;
}

/* Does a process have the tap open, and is it a port of that bridge, or of one behind it? */
static bool is_behind(const struct nfp_paths *paths, const struct nfp_placed *tap,
		      const struct nfp_link *bridge)
{
	struct nfp_hop hops[NFP_HOPS_MAX];
	size_t num = 0;

	if (strcmp(tap->link->kind, "tun") == 0 &&
	    nfp_tap_is_open(paths->index, tap->netns, tap->link))
		num = nfp_path_hops(paths, tap->netns, tap->link, hops);
	nfp_for_each (hop, hops, num)
		if (hop->bridge == bridge)
			return true;
	return false;
}

bool nfp_stands_by(const struct nfp_paths *paths, const struct nfp_vf_info *vf,
		   const struct nfp_placed *tap)
{
	const struct nfp_placed *named = nfp_tap_of(paths->index, &vf->attr.mac);
	const struct nfp_entries of = nfp_entries_of(paths->index, &vf->attr.mac);

	if (named && named->link == tap->link)
		return true;
	nfp_for_each (e, of.v, of.n)
		if (e->netns == tap->netns && e->entry->family == AF_BRIDGE &&
		    e->entry->ifindex == tap->link->ifindex &&
		    e->entry->master == tap->link->master && !(e->entry->state & NUD_PERMANENT))
			return true;
	return false;
}

/* Returns the finding about that address after @before, so that a cause is reported once. NULL:
 * none. */
static struct nfp_finding *told(const struct nfp_audit *audit, size_t before,
				const struct nfp_mac *mac)
{
	for (size_t i = before; i < audit->num_findings; i++)
		if (nfp_mac_equal(&audit->findings[i].address, mac))
			return &audit->findings[i];
	return NULL;
}

/* Does the entry age, and has no frame of the guest confirmed it since its VF went? */
static bool is_stale(const struct nfp_neigh *e)
{
	return e->state & NUD_NOARP || e->seen_cs > NFP_FRESH_CS;
}

/* Is there an entry like it without a VLAN? A command that names no VLAN deletes the port's entries
 * of all VLANs (br_fdb_delete). */
static bool is_covered(const struct nfp_paths *paths, const struct nfp_netns *netns,
		       const struct nfp_neigh *e)
{
	const struct nfp_entries of = nfp_entries_of(paths->index, &e->mac);

	nfp_for_each (like, of.v, e->vlan ? of.n : 0) {
		const struct nfp_neigh *other = like->entry;

		if (like->netns == netns && other->master == e->master &&
		    other->ifindex == e->ifindex && !other->vlan &&
		    bridge_with(paths, netns, other) &&
		    (other->state & NUD_PERMANENT) == (e->state & NUD_PERMANENT) &&
		    is_stale(other) == is_stale(e))
			return true;
	}
	return false;
}

/* ---- bridge-learned ---- */

/* Returns the tap behind the bridge whose guest has that address. NULL: none is known. */
static const struct nfp_placed *tap_with(const struct nfp_paths *paths,
					 const struct nfp_link *bridge, const struct nfp_mac *mac)
{
	const struct nfp_placed *named = nfp_tap_of(paths->index, mac), *found = NULL;
	const struct nfp_vfs vfs = nfp_vfs_with(paths->index, mac);

	if (named && is_behind(paths, named, bridge))
		return named;
	/* If a tool other than libvirt has made it, the only tap of the process that holds the VF
	 * with that address. */
	for (size_t i = 0; i < paths->num_taps && vfs.n == 1 && vfs.v->vf->user_pid; i++) {
		const struct nfp_placed *tap = &paths->taps[i];

		if (!nfp_process_has(paths->index, vfs.v->vf->user_pid, tap->netns, tap->link) ||
		    !is_behind(paths, tap, bridge))
			continue;
		if (found || tap->link->address.b[0] == 0xfe)
			return NULL;
		found = tap;
	}
	return found;
}

static bool is_on_vf(const struct nfp_paths *paths, const struct nfp_mac *mac)
{
	const struct nfp_vfs vfs = nfp_vfs_with(paths->index, mac);

	nfp_for_each (has, vfs.v, vfs.n)
		if (has->vf->use == NFP_USE_UNKNOWN || has->vf->trace != NFP_TRACE_NONE ||
		    nfp_vf_is_used(paths, has->vf))
			return true;
	return false;
}

static void judge_learned(const struct nfp_paths *paths, const struct nfp_netns *netns,
			  const struct nfp_neigh *e, size_t before, struct nfp_audit *audit)
{
	const struct nfp_link *port = nfp_index_link(paths->index, netns, e->ifindex),
			      *bridge = bridge_with(paths, netns, e);
	const struct nfp_placed *tap;
	struct nfp_finding *f;
	struct nfp_path path;

	if (!bridge || e->state & NUD_PERMANENT || !is_stale(e) || !port || port == bridge ||
	    !nfp_path_find(paths, netns, port, &path) || path.vf)
		return;
	tap = tap_with(paths, bridge, &e->mac);
	if (!tap || is_on_vf(paths, &e->mac))
		return;
	f = told(audit, before, &e->mac);
	if (!f) {
		f = nfp_finding_add(audit, NFP_FINDING_BRIDGE_LEARNED, paths->pf);
		nfp_finding_name(f, paths, NULL);
		f->address = e->mac;
		f->vlan = path.vlans[0];
	}
	snprintf(f->what, sizeof(f->what),
		 "%s%s%.60s has %s behind %s, and the guest with that address, who is on no VF, "
		 "behind %s%s%.60s",
		 bridge->ifname, netns->name[0] ? " in " : "", netns->name,
		 nfp_mac_str(&e->mac).text, port->ifname, tap->link->ifname,
		 tap->netns->name[0] ? " in " : "", tap->netns->name);
	snprintf(f->why, sizeof(f->why),
		 "what is sent to the guest leaves by %s, until the guest talks", port->ifname);
	if (is_covered(paths, netns, e))
		return;
	nfp_fix_tool(&f->commands, netns, "bridge");
	nfp_command_more(&f->commands, "fdb del %s dev %s master", nfp_mac_str(&e->mac).text,
			 port->ifname);
	say_vlan(&f->commands, e);
	nfp_fix_end(&f->commands, netns);
}

/* Each bridge between the guest and the PF may have it there. */
static void find_learned(const struct nfp_paths *paths, struct nfp_audit *audit)
{
	size_t before = audit->num_findings;

	nfp_for_each (netns, paths->facts->netns, paths->facts->num_netns)
		nfp_for_each (e, netns->entries, netns->num_entries)
			judge_learned(paths, netns, e, before, audit);
}

/* ---- local-entry ---- */

/* Does a netdev here have the address, other than VFs' in other namespaces? A bridge keeps the
 * addresses of its ports for itself, and those of virtual routers on purpose. */
static bool is_of_netdev(const struct nfp_paths *paths, const struct nfp_mac *mac)
{
	const struct nfp_netdevs with = nfp_netdevs_with(paths->index, mac);
	struct nfp_path path;

	nfp_for_each (has, with.v, with.n) {
		bool leads = nfp_path_find(paths, has->netns, has->link, &path);

		if (has->netns->users && !leads)
			continue;
		if (has->netns == paths->facts->netns || has->link->kind[0] || !leads || !path.vf)
			return true;
	}
	return !mac->b[0] && !mac->b[1] && mac->b[2] == 0x5e;
}

/* Returns a clause about who has the address, and their tap. NULL: nobody is known to have it. */
static const char *who_has(const struct nfp_paths *paths, const struct nfp_neigh *e, char *buf,
			   size_t size, const struct nfp_link **ret_tap)
{
	const struct nfp_netns *own = paths->facts->netns;
	const struct nfp_placed *tap = nfp_tap_of(paths->index, &e->mac);
	const struct nfp_vfs vfs = nfp_vfs_with(paths->index, &e->mac);
	const struct nfp_entries of = nfp_own_entries_of(paths->index, &e->mac);
	struct nfp_path path;

	*ret_tap = NULL;
	if (tap && is_behind(paths, tap, nfp_index_link(paths->index, own, e->master))) {
		*ret_tap = tap->link;
		snprintf(buf, size, "the guest of %s", tap->link->ifname);
		return buf;
	}
	nfp_for_each (has, vfs.v, vfs.n)
		if (has->pf == paths->pf && nfp_vf_is_used(paths, has->vf)) {
			snprintf(buf, size, "VF %u", has->vf->vf);
			return buf;
		}
	nfp_for_each (one, of.v, of.n) {
		const struct nfp_link *link = nfp_index_link(paths->index, own,
							     one->entry->ifindex);

		if (one->entry->family == AF_BRIDGE || !link ||
		    !(one->entry->state & (NUD_REACHABLE | NUD_PERMANENT)) ||
		    !nfp_path_find(paths, own, link, &path) || path.vf)
			continue;
		snprintf(buf, size, "a neighbour of %s", link->ifname);
		return buf;
	}
	return NULL;
}

static void find_local(const struct nfp_paths *paths, struct nfp_audit *audit)
{
	const struct nfp_netns *own = paths->facts->netns;
	size_t before = audit->num_findings;

	nfp_for_each (e, own->entries, own->num_entries) {
		const struct nfp_link *bridge, *port, *tap;
		const struct nfp_netns *apart = nfp_mac_apart(paths->index, &e->mac);
		const struct nfp_mac_text mac = nfp_mac_str(&e->mac);
		char who[NFP_TEXT_LEN];
		struct nfp_finding *f;

		if (!(e->state & NUD_PERMANENT) || !bridge_with(paths, own, e) ||
		    is_of_netdev(paths, &e->mac) || !who_has(paths, e, who, sizeof(who), &tap))
			continue;
		bridge = nfp_index_link(paths->index, own, e->master);
		port = nfp_index_link(paths->index, own, e->ifindex);
		f = told(audit, before, &e->mac)
			    ?: nfp_finding_add(audit, NFP_FINDING_LOCAL_ENTRY, paths->pf);
		f->address = e->mac;
		snprintf(f->what, sizeof(f->what),
			 "%s takes %s for an address of its own, and %s has it%s%.100s%s",
			 bridge->ifname, mac.text, who, apart ? "; a netdev in " : "",
			 apart ? apart->name : "",
			 apart ? ", which leads to no PF, has it as well" : "");
		snprintf(f->why, sizeof(f->why),
			 "frames for it that come to %s end in this host; an entry that is local "
			 "(permanent) was meant to be static",
			 bridge->ifname);
		if (apart || is_covered(paths, own, e))
			continue;
		if (port == bridge || !port)
			nfp_command_add(&f->commands, "bridge fdb del %s dev %s self", mac.text,
					bridge->ifname);
		else if (port == tap)
			nfp_command_add(&f->commands, "bridge fdb replace %s dev %s master static",
					mac.text, port->ifname);
		else
			nfp_command_add(&f->commands, "bridge fdb del %s dev %s master", mac.text,
					port->ifname);
		say_vlan(&f->commands, e);
	}
}

void nfp_find_bridges(const struct nfp_paths *paths, struct nfp_audit *audit)
{
	find_learned(paths, audit);
	find_local(paths, audit);
}
