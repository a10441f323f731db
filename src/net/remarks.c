// SPDX-License-Identifier: GPL-2.0-or-later
/* remarks.c - what is said of a host's netdevs: addresses that several have, macvtaps on PFs, who
 * made a PF promiscuous. Pure. */
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inventory_priv.h"

/* ---- addresses that several have ---- */

/*
 * Stacked netdevs share theirs by design (a bridge and its port, a VLAN and its lower netdev, a
 * bond and its members) and count as one. The others are mistakes, or failover pairs.
 */

/* The owner of an address: a netdev, or a VF as its PF reports it. */
struct owner {
	const struct nfp_link *link;
	const struct nfp_pf *pf;
	const struct nfp_vf_info *vf;
	struct nfp_mac mac;
	size_t stack; /* the least index of those it is stacked with */
};

struct owners {
	struct owner *v;
	size_t n;
};

/*
 * A master without a kind is a failover netdev (net_failover, netvsc): its slaves are two NICs with
 * one address, which are to be found.
 */
static bool is_stacked(const struct nfp_link *a, const struct nfp_link *b)
{
	if (nfp_link_is_child(a, b))
		return true;
	if (a->master == b->ifindex && (b->kind[0] || a->master_kind[0]))
		return true;
	/* The internal port of an OVS bridge takes the address of a physical one. */
	return strcmp(a->kind, "openvswitch") == 0 && strcmp(b->master_kind, "openvswitch") == 0;
}

static bool same_stack(const struct owner *a, const struct owner *b)
{
	if (a->link && b->link)
		return is_stacked(a->link, b->link) || is_stacked(b->link, a->link);
	if (a->vf && b->link) /* the VF's own netdev */
		return a->vf->ifindex == b->link->ifindex ||
		       (b->link->parentdev[0] && strcmp(a->vf->parentdev, b->link->parentdev) == 0);
	if (a->link && b->vf)
		return same_stack(b, a);
	return false;
}

static void add_owner(struct owners *owners, struct owner owner)
{
	size_t last = owners->n;

	if (nfp_mac_is_zero(&owner.mac) || nfp_mac_is_multicast(&owner.mac))
		return;
	owner.stack = last;
	owners->v = nfp_reallocarray(owners->v, ++owners->n, sizeof(*owners->v));
	owners->v[last] = owner;
	for (size_t i = 0; i < last; i++) {
		size_t a = owners->v[i].stack, b = owners->v[last].stack;

		if (!nfp_mac_equal(&owners->v[i].mac, &owner.mac) ||
		    !same_stack(&owners->v[i], &owner))
			continue;
		for (size_t k = 0; k < owners->n; k++)
			if (owners->v[k].stack == a || owners->v[k].stack == b)
				owners->v[k].stack = a < b ? a : b;
	}
}

/* Reports the owners of the address of @first, if they are several stacks. */
static void report_shared(const struct owners *owners, size_t first, struct nfp_strv *list)
{
	const struct nfp_mac *mac = &owners->v[first].mac;
	const char *failover = NULL;
	char all[320] = "", text[NFP_MAC_STRLEN];
	struct nfp_strv names = {0};

	for (size_t i = first; i < owners->n; i++) {
		const struct owner *o = &owners->v[i];

		if (!nfp_mac_equal(&o->mac, mac) || o->stack != i)
			continue;
		/* A stack is known by its physical netdev, else by the first. */
		for (size_t k = owners->n; k-- > 0;)
			if (owners->v[k].stack == i && owners->v[k].link &&
			    owners->v[k].link->physical)
				o = &owners->v[k];
		if (o->link)
			nfp_strv_addf(&names, "%s", o->link->ifname);
		else
			nfp_strv_addf(&names, "VF %u of %s", o->vf->vf, o->pf->info.ifname);
		for (size_t k = 0; k < owners->n && o->link && !o->link->kind[0] && !failover; k++)
			if (owners->v[k].link && owners->v[k].link->master == o->link->ifindex)
				failover = o->link->ifname;
	}
	for (size_t i = 0; i < names.n; i++)
		nfp_appendf(all, sizeof(all), "%s%s",
			    i == 0	       ? ""
			    : i + 1 == names.n ? " and "
					       : ", ",
			    names.v[i]);
	nfp_mac_str(mac, text);
	if (names.n > 1 && failover)
		nfp_strv_addf(list, "%s have the same address %s: %s is a failover netdev", all,
			      text, failover);
	else if (names.n > 1)
		nfp_strv_addf(list, "%s have the same address %s: a failover pair?", all, text);
	nfp_strv_fini(&names);
}

void nfp_shared_addresses(const struct nfp_topology *topology, struct nfp_strv *ret_sentences)
{
	struct owners owners = {0};

	for (size_t i = 0; i < topology->num_links; i++) {
		const struct nfp_link *link = &topology->links[i];

		if (link->flags & IFF_UP && !(link->flags & IFF_LOOPBACK))
			add_owner(&owners, (struct owner) {.link = link, .mac = link->address});
	}
	for (size_t i = 0; i < topology->num_pfs; i++) {
		const struct nfp_pf *pf = &topology->pfs[i];

		for (size_t k = 0; k < pf->num_vfs; k++)
			add_owner(&owners, (struct owner) {.pf = pf,
							   .vf = &pf->vfs[k],
							   .mac = pf->vfs[k].attr.mac});
	}
	*ret_sentences = (struct nfp_strv) {0};
	for (size_t i = 0; i < owners.n; i++) {
		size_t k = 0;

		while (!nfp_mac_equal(&owners.v[k].mac, &owners.v[i].mac))
			k++;
		if (k == i)
			report_shared(&owners, i, ret_sentences);
	}
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

void nfp_macvtaps_find(const struct nfp_topology *topology, const char *dev_mcast,
		       struct nfp_strv *ret_sentences)
{
	*ret_sentences = (struct nfp_strv) {0};
	for (size_t i = 0; i < topology->num_links; i++) {
		const struct nfp_link *link = &topology->links[i];
		const struct nfp_pf *pf = strcmp(link->kind, "macvtap") == 0
						  ? pf_below(topology, link)
						  : NULL;

		if (!pf || link->flags & (IFF_ALLMULTI | IFF_PROMISC) ||
		    has_added_group(dev_mcast, link->ifindex))
			continue;
		nfp_strv_addf(ret_sentences,
			      "%s on %s does not pass the groups of its guest, which may not be "
			      "found by IPv6: set trustGuestRxFilters='yes' in libvirt, or ip "
			      "link set %s allmulticast on",
			      link->ifname, pf->info.ifname, link->ifname);
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
		nfp_appendf(words, size, "ip link set %s promisc on, ", link->ifname);
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
