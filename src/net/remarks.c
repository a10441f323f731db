// SPDX-License-Identifier: GPL-2.0-or-later
/* remarks.c - remarks on a host's netdevs: addresses that several have, macvtaps on PFs, who made a
 * PF promiscuous. Pure. */
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inventory_priv.h"
#include "net/owner.h"

/* ---- addresses that several have ---- */

/*
 * Does @link have its address from @from? Stacked netdevs share theirs by design: a VLAN has that
 * of its lower netdev, a bridge that of a port, a bond and its other members that of the first, and
 * the internal port of an OVS bridge that of a physical one. They count as one. The others are
 * mistakes, or failover pairs. A master without a kind is a failover netdev (net_failover, netvsc):
 * its slaves are two NICs with one address, and must be found.
 */
static bool has_it_from(const struct nfp_link *link, const struct nfp_link *from)
{
	if (!(from->flags & IFF_UP) || !nfp_mac_equal(&from->address, &link->address))
		return false;
	if (link->master && link->master == from->master && from->ifindex < link->ifindex)
		return strcmp(link->master_kind, "bond") == 0 ||
		       strcmp(link->master_kind, "team") == 0;
	return nfp_link_is_child(link, from) ||
	       (from->master == link->ifindex && (link->kind[0] || from->master_kind[0])) ||
	       (strcmp(link->kind, "openvswitch") == 0 &&
		strcmp(from->master_kind, "openvswitch") == 0);
}

/* A netdev, or a VF as its PF reports it. */
struct owner {
	const struct nfp_mac *mac;
	char name[64];
	bool failover; /* a failover netdev */
	int pid;       /* the process that holds it; 0: not known, or nobody */
};

struct owners {
	struct owner *v;
	size_t n;
};

static void add_owner(struct owners *owners, struct owner owner)
{
	if (nfp_mac_is_nobodys(owner.mac))
		return;
	*nfp_grow(owners->v, owners->n) = owner;
}

/* The netdevs, in the order in which they are looked up. */
struct sharing {
	const struct nfp_topology *t;
	const struct nfp_netns *own;
	struct nfp_index *index;
	bool *failover; /* by the number of the netdev: it has slaves */
	struct owners owners;
};

/* The process that has it open, or a tap or macvtap with its address on the same hardware. 0: none,
 * or several. */
static int holder_of(const struct sharing *s, const struct nfp_link *base)
{
	const struct nfp_netdevs with = nfp_netdevs_with(s->index, &base->address);
	const struct nfp_link *below = nfp_index_base(s->index, s->own, base);
	int holder = 0;

	nfp_for_each (netdev, with.v, with.n) {
		const struct nfp_link *link = netdev->link;

		if (!link->holder ||
		    (link != base && (!below || nfp_index_base(s->index, s->own, link) != below)))
			continue;
		if (holder && holder != link->holder)
			return 0;
		holder = link->holder;
	}
	return holder;
}

static void add_link(struct sharing *s, const struct nfp_link *link)
{
	struct owner owner = {.mac = &link->address};
	const struct nfp_netdevs with = nfp_netdevs_with(s->index, owner.mac);

	if (!(link->flags & IFF_UP) || link->flags & IFF_LOOPBACK)
		return;
	nfp_for_each (other, with.v, with.n)
		if (other->link != link && has_it_from(link, other->link))
			return;
	owner.failover = !link->kind[0] && s->failover[link - s->t->links];
	owner.pid = holder_of(s, link);
	snprintf(owner.name, sizeof(owner.name), "%s", link->ifname);
	add_owner(&s->owners, owner);
}

static void add_vf_address(struct sharing *s, const struct nfp_pf *pf, const struct nfp_vf_info *vf)
{
	struct owner owner = {.mac = &vf->attr.mac, .pid = vf->user_pid};
	const struct nfp_netdevs with = nfp_netdevs_with(s->index, owner.mac);

	/* Its own netdev. */
	nfp_for_each (netdev, with.v, with.n) {
		const struct nfp_link *link = netdev->link;

		if (link->flags & IFF_UP &&
		    (vf->ifindex == link->ifindex ||
		     (link->parentdev[0] && strcmp(vf->parentdev, link->parentdev) == 0)))
			return;
	}
	snprintf(owner.name, sizeof(owner.name), "VF %u of %s", vf->vf, pf->info.ifname);
	add_owner(&s->owners, owner);
}

/* Sorts by address, and those of one address as they were added. */
static int compare_owners(const void *a, const void *b)
{
	const struct owner *x = *(const struct owner *const *)a,
			   *y = *(const struct owner *const *)b;

	return memcmp(x->mac->b, y->mac->b, NFP_MAC_LEN) ?: NFP_ORDER(x, y);
}

/* Reports two or more that have one address. */
static void report_shared(const struct owner *const *group, size_t num, struct nfp_strv *list)
{
	const struct nfp_mac *mac = group[0]->mac;
	const char *failover = NULL;
	char all[320] = "", what[96] = "a failover pair?";
	int pid = group[0]->pid;

	for (size_t i = 0; i < num; i++) {
		nfp_appendf(all, sizeof(all), "%s%s",
			    i == 0	   ? ""
			    : i + 1 == num ? " and "
					   : ", ",
			    group[i]->name);
		pid = group[i]->pid == pid ? pid : 0;
		if (group[i]->failover && !failover)
			failover = group[i]->name;
	}
	if (failover)
		snprintf(what, sizeof(what), "%s is a failover netdev", failover);
	else if (pid)
		snprintf(what, sizeof(what), "process %d holds them all, one guest's pair", pid);
	nfp_strv_addf(list, "%s have the same address %s: %s", all, nfp_mac_str(mac).text, what);
}

/* A group of those that have one address, known by the first. */
struct group {
	const struct owner *const *begin;
	size_t num;
};

static int compare_groups(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	return NFP_ORDER(*x->begin, *y->begin);
}

/* Groups are in the order of their first. */
static void report_groups(const struct owners *owners, struct nfp_strv *list)
{
	const struct owner **by_mac = nfp_calloc(owners->n + 1, sizeof(*by_mac));
	struct group *groups = nfp_calloc(owners->n + 1, sizeof(*groups));
	size_t n = 0;

	for (size_t i = 0; i < owners->n; i++)
		by_mac[i] = &owners->v[i];
	qsort(by_mac, owners->n, sizeof(*by_mac), compare_owners);
	for (size_t i = 0; i < owners->n; i++) {
		if (i > 0 && nfp_mac_equal(by_mac[i - 1]->mac, by_mac[i]->mac))
			groups[n - 1].num++;
		else
			groups[n++] = (struct group) {&by_mac[i], 1};
	}
	qsort(groups, n, sizeof(*groups), compare_groups);
	nfp_for_each (group, groups, n)
		if (group->num > 1)
			report_shared(group->begin, group->num, list);
	free(groups);
	free(by_mac);
}

void nfp_shared_addresses(const struct nfp_topology *topology, struct nfp_strv *ret_sentences)
{
	struct nfp_netns own = {.links = topology->links, .num_links = topology->num_links};
	const struct nfp_facts facts = {.netns = &own, .num_netns = 1};
	struct sharing s = {.t = topology, .own = &own, .index = nfp_index_new(&facts)};

	s.failover = nfp_calloc(own.num_links + 1, sizeof(*s.failover));
	nfp_for_each (link, own.links, own.num_links) {
		const struct nfp_link *master = nfp_index_link(s.index, &own, link->master);

		if (master)
			s.failover[master - own.links] = true;
	}
	nfp_for_each (link, own.links, own.num_links)
		add_link(&s, link);
	nfp_for_each (pf, topology->pfs, topology->num_pfs)
		nfp_for_each (vf, pf->vfs, pf->num_vfs)
			add_vf_address(&s, pf, vf);
	*ret_sentences = (struct nfp_strv) {0};
	report_groups(&s.owners, ret_sentences);
	free(s.owners.v);
	free(s.failover);
	nfp_index_free(s.index);
}

/* ---- macvtaps on PFs behind which a guest may not be found by IPv6 ---- */

/*
 * A macvtap passes the groups that its netdev has joined, and all groups only if the netdev is in
 * allmulticast or promiscuous mode (macvlan_set_mac_lists in drivers/net/macvlan.c). It knows the
 * guest's groups if user space adds them with SIOCADDMULTI, as libvirt with trustGuestRxFilters and
 * ip maddr do. /proc/net/dev_mcast shows such a group as global (dev_mc_add_global), unlike those
 * that the kernel has joined for itself.
 */
static bool has_added_group(const char *dev_mcast, int ifindex)
{
	const char *line = dev_mcast;

	while (*line) {
		unsigned int global;
		char group[8];
		int index;

		/* ifindex, name, users, global, address */
		if (sscanf(line, "%d %*s %*u %u %7s", &index, &global, group) == 3 &&
		    index == ifindex && global && strncmp(group, "3333", 4) == 0)
			return true;
		line = strchrnul(line, '\n');
		line += *line == '\n';
	}
	return false;
}

static bool is_deaf(const struct nfp_link *link, const char *dev_mcast)
{
	return strcmp(link->kind, "macvtap") == 0 &&
	       !(link->flags & (IFF_ALLMULTI | IFF_PROMISC)) &&
	       !has_added_group(dev_mcast, link->ifindex);
}

void nfp_macvtaps_find(struct nfp_topology *topology, const char *dev_mcast,
		       struct nfp_strv *ret_sentences)
{
	struct nfp_netns own = {.links = topology->links, .num_links = topology->num_links};
	const struct nfp_facts facts = {.netns = &own, .num_netns = 1};
	struct nfp_index *index = nfp_index_new(&facts);

	*ret_sentences = (struct nfp_strv) {0};
	nfp_for_each (link, own.links, own.num_links) {
		const struct nfp_link *base = nfp_index_base(index, &own, link);

		link->deaf = is_deaf(link, dev_mcast);
		if (link->deaf && base && nfp_topology_pf(topology, base->ifname))
			nfp_strv_addf(
				ret_sentences,
				"%s on %s does not pass the multicast groups of its guest, so IPv6 "
				"hosts may not find the guest: set trustGuestRxFilters='yes' in "
				"libvirt, or add them with ip maddr",
				link->ifname, base->ifname);
	}
	nfp_index_free(index);
}

/* ---- who made a netdev promiscuous ---- */

void nfp_promisc_describe(const struct nfp_link *links, size_t num_links,
			  const struct nfp_link *link, char *words, size_t size)
{
	const struct nfp_link *master = nfp_links_by_ifindex(links, num_links, link->master);
	const char *kind = master && !link->master_kind[0] ? master->kind : link->master_kind;

	words[0] = '\0';
	if (link->promiscuity == 0)
		return;
	if (link->flags & IFF_PROMISC)
		nfp_appendf(words, size, "`promisc on`, ");
	if (link->master && master)
		nfp_appendf(words, size, "%s%s%s%s, ", master->ifname, kind[0] ? " (" : "", kind,
			    kind[0] ? ")" : "");
	/* A promiscuous child, most often the port of a bridge, makes its
	 * lower netdev promiscuous. */
	nfp_for_each (child, links, num_links) {
		if (!nfp_link_is_child(child, link) || !(child->passthru || child->promiscuity > 0))
			continue;
		master = nfp_links_by_ifindex(links, num_links, child->master);
		nfp_appendf(words, size, "%s (%s%s%s%s), ", child->ifname, child->kind,
			    child->passthru ? " passthru" : "", master ? " in " : "",
			    master ? master->ifname : "");
	}
	if (words[0])
		words[strlen(words) - 2] = '\0';
	else
		snprintf(words, size, "a packet socket, most likely; ss -0p lists them");
}
