// SPDX-License-Identifier: GPL-2.0-or-later
/* remarks.c - what is said of a host's netdevs: addresses that several have, macvtaps on PFs, who
 * made a PF promiscuous. Pure. */
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inventory_priv.h"

#define MOST_DEPTH 8 /* of netdevs that are stacked: MAX_NEST_DEV in include/linux/netdevice.h */

/* ---- addresses that several have ---- */

/*
 * Does @link have its address from @from? Stacked netdevs share theirs by design: a VLAN has that
 * of its lower netdev, a bridge that of a port, a bond and its other members that of the first, and
 * the internal port of an OVS bridge that of a physical one. They count as one. The others are
 * mistakes, or failover pairs. A master without a kind is a failover netdev (net_failover, netvsc):
 * its slaves are two NICs with one address, which are to be found.
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
	int pid;       /* of the process that holds it; 0: not known, or nobody does */
};

struct owners {
	struct owner *v;
	size_t n;
};

static void add_owner(struct owners *owners, struct owner owner)
{
	if (nfp_mac_is_nobodys(owner.mac))
		return;
	owners->v = nfp_reallocarray(owners->v, owners->n + 1, sizeof(owner));
	owners->v[owners->n++] = owner;
}

/* The process that has it open, or a tap or macvtap with its address that is stacked on it. 0:
 * none, or several. */
static int holder_of(const struct nfp_topology *t, const struct nfp_link *base)
{
	int holder = 0;

	for (size_t i = 0; i < t->num_links; i++) {
		const struct nfp_link *link = &t->links[i];

		for (int depth = 0; link && link != base && depth < MOST_DEPTH; depth++)
			link = nfp_mac_equal(&link->address, &base->address) &&
					       !link->link_elsewhere
				       ? nfp_topology_ifindex(t, link->link)
				       : NULL;
		if (link != base || !t->links[i].holder)
			continue;
		if (holder && holder != t->links[i].holder)
			return 0;
		holder = t->links[i].holder;
	}
	return holder;
}

static void add_link(struct owners *owners, const struct nfp_topology *t,
		     const struct nfp_link *link)
{
	struct owner owner = {.mac = &link->address};

	if (!(link->flags & IFF_UP) || link->flags & IFF_LOOPBACK)
		return;
	for (size_t i = 0; i < t->num_links; i++) {
		if (&t->links[i] != link && has_it_from(link, &t->links[i]))
			return;
		owner.failover |= !link->kind[0] && t->links[i].master == link->ifindex;
	}
	owner.pid = holder_of(t, link);
	snprintf(owner.name, sizeof(owner.name), "%s", link->ifname);
	add_owner(owners, owner);
}

static void add_vf(struct owners *owners, const struct nfp_topology *t, const struct nfp_pf *pf,
		   const struct nfp_vf_info *vf)
{
	struct owner owner = {.mac = &vf->attr.mac, .pid = vf->user_pid};

	/* Its own netdev. */
	for (size_t i = 0; i < t->num_links; i++) {
		const struct nfp_link *link = &t->links[i];

		if (link->flags & IFF_UP && nfp_mac_equal(&link->address, owner.mac) &&
		    (vf->ifindex == link->ifindex ||
		     (link->parentdev[0] && strcmp(vf->parentdev, link->parentdev) == 0)))
			return;
	}
	snprintf(owner.name, sizeof(owner.name), "VF %u of %s", vf->vf, pf->info.ifname);
	add_owner(owners, owner);
}

/* The address of @first, if others behind it have the same, and none before it has. */
static void report_shared(const struct owners *owners, size_t first, struct nfp_strv *list)
{
	const struct nfp_mac *mac = owners->v[first].mac;
	const char *failover = NULL;
	char all[320] = "", text[NFP_MAC_STRLEN], what[96] = "a failover pair?";
	struct nfp_strv names = {0};
	int pid = owners->v[first].pid;

	for (size_t i = 0; i < owners->n; i++) {
		const struct owner *o = &owners->v[i];

		if (!nfp_mac_equal(o->mac, mac))
			continue;
		if (i < first)
			return;
		nfp_strv_addf(&names, "%s", o->name);
		pid = o->pid == pid ? pid : 0;
		if (o->failover && !failover)
			failover = o->name;
	}
	for (size_t i = 0; i < names.n; i++)
		nfp_appendf(all, sizeof(all), "%s%s",
			    i == 0	       ? ""
			    : i + 1 == names.n ? " and "
					       : ", ",
			    names.v[i]);
	if (failover)
		snprintf(what, sizeof(what), "%s is a failover netdev", failover);
	else if (pid)
		snprintf(what, sizeof(what), "process %d holds them all, one guest's pair", pid);
	if (names.n > 1)
		nfp_strv_addf(list, "%s have the same address %s: %s", all, nfp_mac_str(mac, text),
			      what);
	nfp_strv_fini(&names);
}

void nfp_shared_addresses(const struct nfp_topology *topology, struct nfp_strv *ret_sentences)
{
	struct owners owners = {0};

	for (size_t i = 0; i < topology->num_links; i++)
		add_link(&owners, topology, &topology->links[i]);
	for (size_t i = 0; i < topology->num_pfs; i++)
		for (size_t k = 0; k < topology->pfs[i].num_vfs; k++)
			add_vf(&owners, topology, &topology->pfs[i], &topology->pfs[i].vfs[k]);
	*ret_sentences = (struct nfp_strv) {0};
	for (size_t i = 0; i < owners.n; i++)
		report_shared(&owners, i, ret_sentences);
	free(owners.v);
}

/* ---- macvtaps on PFs behind which a guest may not be found by IPv6 ---- */

/*
 * A macvtap passes the groups that its netdev has joined, and all groups only if the netdev is in
 * allmulticast or promiscuous mode (macvlan_set_mac_lists in drivers/net/macvlan.c). It knows of
 * the guest's groups if user space adds them with SIOCADDMULTI, as libvirt does with
 * trustGuestRxFilters, and ip maddr. /proc/net/dev_mcast shows such a group as global
 * (dev_mc_add_global), as opposed to those that the kernel has joined for itself.
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

/* The PF that @link is on, directly or through a VLAN; NULL: none. */
static const struct nfp_pf *pf_below(const struct nfp_topology *topology,
				     const struct nfp_link *link)
{
	const struct nfp_link *lower = nfp_topology_ifindex(topology, link->link);

	if (lower && strcmp(lower->kind, "vlan") == 0)
		lower = nfp_topology_ifindex(topology, lower->link);
	return lower ? nfp_topology_pf(topology, lower->ifname) : NULL;
}

const struct nfp_pf *nfp_macvtap_deaf(const struct nfp_topology *topology,
				      const struct nfp_link *link, const char *dev_mcast)
{
	if (strcmp(link->kind, "macvtap") != 0 || link->flags & (IFF_ALLMULTI | IFF_PROMISC) ||
	    has_added_group(dev_mcast, link->ifindex))
		return NULL;
	return pf_below(topology, link);
}

void nfp_macvtaps_find(const struct nfp_topology *topology, const char *dev_mcast,
		       struct nfp_strv *ret_sentences)
{
	*ret_sentences = (struct nfp_strv) {0};
	for (size_t i = 0; i < topology->num_links; i++) {
		const struct nfp_link *link = &topology->links[i];
		const struct nfp_pf *pf = nfp_macvtap_deaf(topology, link, dev_mcast);

		if (!pf)
			continue;
		nfp_strv_addf(ret_sentences,
			      "%s on %s does not pass the multicast groups of its guest, so IPv6 "
			      "hosts may not find the guest: set trustGuestRxFilters='yes' in "
			      "libvirt, or make it allmulticast",
			      link->ifname, pf->info.ifname);
	}
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
	/* A promiscuous child, most often the port of a bridge, makes its lower netdev so. */
	for (size_t i = 0; i < num_links; i++) {
		const struct nfp_link *child = &links[i];

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
