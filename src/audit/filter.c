// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * filter.c - the PF's own filter: guests whose address it lacks, and addresses in it that nobody
 * has any more.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/neighbour.h>

#include "audit_priv.h"

/* ---- guests that it lacks ---- */

/* Does the NIC know where the address is? That of a VF is another matter. */
static bool is_in_filter(const struct nfp_paths *paths, const struct nfp_mac *mac)
{
	const struct nfp_vfs vfs = nfp_vfs_with(paths->index, mac);
	const struct nfp_entries of = nfp_own_entries_of(paths->index, mac);

	nfp_for_each (has, vfs.v, vfs.n)
		if (has->pf == paths->pf)
			return true;
	nfp_for_each (e, of.v, of.n)
		if (nfp_neigh_in_filter(e->entry, paths->pf->info.ifindex))
			return true;
	return nfp_mac_equal(&paths->pf->info.address, mac);
}

/* Returns a VF that sends into the VLAN of a guest, and is not that guest's own: nobody sends by
 * one of their NICs to the other. NULL: none. */
static const struct nfp_vf_info *sender(const struct nfp_paths *paths, const struct nfp_learned *l)
{
	nfp_for_each (vf, paths->pf->vfs, paths->pf->num_vfs)
		if (vf->attr.vlan.vid == l->vlan && nfp_vf_is_used(paths, vf) &&
		    !(vf->user_pid &&
		      nfp_process_is_behind(paths, vf->user_pid, paths->facts->netns, l->port)))
			return vf;
	return NULL;
}

/* Does a VF send to the guest behind a bridge, while the filter lacks it? */
static bool is_lacking(const struct nfp_paths *paths, const struct nfp_neigh *entry,
		       struct nfp_learned *l)
{
	return nfp_learned_find(paths, entry, l) && !l->inner && !l->at_pf && !l->at_vf &&
	       l->port && !l->port->physical && sender(paths, l) &&
	       !is_in_filter(paths, &entry->mac);
}

/* Was the guest counted before? The bridge may have an entry for several of its VLANs. */
static bool is_counted(const struct nfp_paths *paths, const struct nfp_learned *found)
{
	const struct nfp_entries of = nfp_own_entries_of(paths->index, &found->entry->mac);
	struct nfp_learned l;

	nfp_for_each (e, of.v, of.n)
		if (e->entry < found->entry && e->entry->master == found->entry->master &&
		    is_lacking(paths, e->entry, &l))
			return true;
	return false;
}

/* Finds the guests of one bridge, whose first entry is at @first. */
static void find_guests(const struct nfp_paths *paths, size_t first,
			const struct nfp_learned *found, struct nfp_audit *audit)
{
	const struct nfp_netns *own = paths->facts->netns;
	const struct nfp_pf *pf = paths->pf;
	const struct nfp_vf_info *vf = sender(paths, found);
	struct nfp_finding *f = nfp_finding_add(audit, NFP_FINDING_BRIDGE_FILTER, pf);
	size_t num = 0;

	f->remark = true;
	f->vlan = found->vlan;
	f->bridge = found->bridge->ifindex;
	nfp_finding_name(f, paths, NULL);
	nfp_finding_name(f, paths, vf);
	for (size_t i = first; i < own->num_entries; i++) {
		struct nfp_learned l;

		if (own->entries[i].master != f->bridge ||
		    !is_lacking(paths, &own->entries[i], &l) || is_counted(paths, &l))
			continue;
		f->vlan = l.vlan == f->vlan ? f->vlan : 0;
		if (num++ < COMMANDS_MAX)
			nfp_command_add(&f->commands, "bridge fdb add %s dev %s",
					nfp_mac_str(&l.entry->mac).text, pf->info.ifname);
	}
	if (num == 1)
		f->address = found->entry->mac;
	snprintf(f->what, sizeof(f->what),
		 "the filter of %s lacks %zu guest%s of %s, and VF %u is in the same VLAN",
		 pf->info.ifname, num, num == 1 ? "" : "s", found->bridge->ifname, vf->vf);
	snprintf(f->why, sizeof(f->why),
		 "on some NICs, what a VF sends to such a guest leaves by the wire and is lost");
}

static void find_missing(const struct nfp_paths *paths, struct nfp_audit *audit)
{
	const struct nfp_netns *own = paths->facts->netns;
	size_t before = audit->num_findings;

	for (size_t i = 0; i < own->num_entries; i++) {
		struct nfp_learned l;
		bool known = false;

		if (!is_lacking(paths, &own->entries[i], &l))
			continue;
		for (size_t k = before; k < audit->num_findings; k++)
			known |= audit->findings[k].bridge == l.bridge->ifindex;
		if (!known)
			find_guests(paths, i, &l, audit);
	}
}

/* ---- addresses that nobody has ---- */

/* Has a bridge heard the address from the wire? Then whoever has it is elsewhere. */
static bool is_from_wire(const struct nfp_paths *paths, const struct nfp_neigh *e)
{
	const struct nfp_netns *own = paths->facts->netns;
	const struct nfp_link *port = nfp_index_link(paths->index, own, e->ifindex);
	struct nfp_path path;

	return e->master && e->master != e->ifindex && !(e->flags & NTF_SELF) &&
	       !(e->state & (NUD_PERMANENT | NUD_NOARP)) && port &&
	       nfp_path_find(paths, own, port, &path) && !path.vf;
}

/* Has nobody the tap open, so that a guest may have left it? */
static bool is_closed(const struct nfp_paths *paths, const struct nfp_placed *tap)
{
	return paths->facts->holders_known && strcmp(tap->link->kind, "tun") == 0 &&
	       !nfp_tap_may_be_open(paths->index, tap->netns, tap->link);
}

enum owner {
	NOBODY,
	CLOSED, /* a bridge has the address behind a tap that nobody has open */
	SOMEBODY,
};

/*
 * Does somebody on this host, or the kernel for them, have the address? A netdev's address goes
 * into the filter of what it is on, and a static entry of a bridge into the filters of all its
 * ports that are not promiscuous (br_fdb_sync_static): to delete that would cut it off.
 */
static enum owner owner_of(const struct nfp_paths *paths, const struct nfp_mac *mac)
{
	const struct nfp_netns *own = paths->facts->netns;
	const struct nfp_placed *tap = nfp_tap_of(paths->index, mac);
	const struct nfp_netdevs with = nfp_netdevs_with(paths->index, mac);
	const struct nfp_entries of = nfp_entries_of(paths->index, mac);
	enum owner owner = NOBODY;
	struct nfp_path path;

	nfp_for_each (netdev, with.v, with.n) {
		/* A user of this host can give their netdevs any addresses. */
		if (netdev->netns->users &&
		    !nfp_path_find(paths, netdev->netns, netdev->link, &path))
			continue;
		if (!nfp_is_on_another(paths, netdev))
			return SOMEBODY;
	}
	if (tap && !is_closed(paths, tap))
		return SOMEBODY;
	if (nfp_vfs_with(paths->index, mac).n ||
	    (mac->b[0] == 0x0e && mac->b[1] == 0xfc && mac->b[2] == 0)) /* FCoE's */
		return SOMEBODY;
	nfp_for_each (m, own->memberships, own->num_memberships)
		if (nfp_mac_equal(&m->mac, mac))
			return SOMEBODY;
	nfp_for_each (one, of.v, of.n) {
		const struct nfp_neigh *e = one->entry;
		const struct nfp_placed of_whom = {
			one->netns, nfp_index_link(paths->index, one->netns, e->ifindex)};

		if (e->family != AF_BRIDGE || one->netns->users ||
		    (one->netns == own &&
		     (nfp_neigh_in_filter(e, paths->pf->info.ifindex) || is_from_wire(paths, e))))
			continue;
		if (e->master && of_whom.link && is_closed(paths, &of_whom)) {
			owner = CLOSED;
			continue;
		}
		/* The filter of another NIC does not concern this one. */
		if (e->master || !of_whom.link || !nfp_is_on_another(paths, &of_whom))
			return SOMEBODY;
	}
	return of.n >= NFP_SAME_MAX ? SOMEBODY : tap ? CLOSED : owner;
}

/* Does a bridge have a port whose guest is not known? It lacks libvirt's name, and is silent. */
static bool has_stranger(const struct nfp_paths *paths)
{
	const struct nfp_netns *own = paths->facts->netns;

	nfp_for_each (tap, own->links, own->num_links) {
		bool heard = tap->address.b[0] == 0xfe;

		if (strcmp(tap->kind, "tun") != 0 || !tap->master ||
		    !nfp_tap_is_open(paths->index, own, tap))
			continue;
		for (size_t k = 0; k < own->num_entries && !heard; k++)
			heard = own->entries[k].ifindex == tap->ifindex &&
				!(own->entries[k].state & NUD_PERMANENT);
		if (!heard)
			return true;
	}
	return false;
}

/* Was everything on the host seen that could have an address of the filter? */
static bool is_all_seen(const struct nfp_paths *paths)
{
	const struct nfp_facts *facts = paths->facts;

	nfp_for_each (u, facts->unread, facts->num_unread)
		if (!u->pf[0] || strcmp(u->pf, paths->pf->info.ifname) == 0)
			return false;
	return facts->netns->memberships_known && !facts->open_vswitch && !has_stranger(paths);
}

static bool has_user(const struct nfp_paths *paths)
{
	bool probed = false, used = false;

	nfp_for_each (vf, paths->pf->vfs, paths->pf->num_vfs) {
		probed |= vf->trace != NFP_TRACE_NONE;
		used |= nfp_vf_is_used(paths, vf);
	}
	return used && !probed;
}

static void find_left(const struct nfp_paths *paths, enum owner owner, struct nfp_audit *audit)
{
	const struct nfp_netns *own = paths->facts->netns;
	const struct nfp_netns *apart = NULL;
	struct nfp_finding *f = NULL;
	char list[NFP_NOTE_LEN] = "";
	size_t num = 0;

	if (!has_user(paths))
		return;
	nfp_for_each (e, own->entries, own->num_entries) {
		/* The filter of a driver with a switch also has what that has learned. */
		if (!nfp_neigh_in_filter(e, paths->pf->info.ifindex) ||
		    !(e->state & NUD_PERMANENT) ||
		    nfp_mac_equal(&e->mac, &paths->pf->info.address) ||
		    owner_of(paths, &e->mac) != owner)
			continue;
		if (!f) {
			f = nfp_finding_add(audit, NFP_FINDING_FILTER_LEFT, paths->pf);
			f->remark = owner == CLOSED || !is_all_seen(paths);
			f->address = e->mac;
			nfp_finding_name(f, paths, NULL);
		}
		apart = apart ?: nfp_mac_apart(paths->index, &e->mac);
		if (num < NAMED_MAX)
			nfp_appendf(list, sizeof(list), "%s%s", num ? ", " : "",
				    nfp_mac_str(&e->mac).text);
		if (num++ < COMMANDS_MAX)
			nfp_command_add(&f->commands, "bridge fdb del %s dev %s self",
					nfp_mac_str(&e->mac).text, paths->pf->info.ifname);
		/* Linux wants a permanent entry, which bridge(8) assumes. ice_fdb_del wants any
		 * other. */
		if (num <= COMMANDS_MAX && strcmp(paths->pf->info.driver, "ice") == 0)
			nfp_command_more(&f->commands, "static");
		if (e->vlan && num <= COMMANDS_MAX)
			nfp_command_more(&f->commands, "vlan %u", (unsigned int)e->vlan);
	}
	if (!f)
		return;
	if (num > 1)
		f->address = (struct nfp_mac) {{0}};
	snprintf(f->what, sizeof(f->what), "the filter of %s has %.200s%s, which %s %s has%s",
		 paths->pf->info.ifname, list, num > NAMED_MAX ? " and others" : "",
		 owner == CLOSED
			 ? "a bridge has behind a tap that nobody has open, and nobody else "
			   "behind"
			 : "nobody behind",
		 paths->pf->info.ifname, f->remark ? ", as far as was seen" : "");
	if (apart)
		nfp_appendf(f->what, sizeof(f->what),
			    "; a netdev in %s, which leads to no PF, has it", apart->name);
	snprintf(f->why, sizeof(f->why),
		 "what its VFs send to %s goes to %s and is lost; a guest that was here may have "
		 "left %s behind",
		 num == 1 ? "it" : "them", paths->pf->info.ifname, num == 1 ? "it" : "them");
	/* The address may lead here through something that is not seen. */
	if (f->remark || apart)
		f->commands = (struct nfp_commands) {.len = 0};
}

void nfp_find_filter(const struct nfp_paths *paths, struct nfp_audit *audit)
{
	find_missing(paths, audit);
	find_left(paths, NOBODY, audit);
	find_left(paths, CLOSED, audit);
}
