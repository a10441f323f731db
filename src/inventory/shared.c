// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shared.c - finds interfaces with the same address. Stacked netdevs share theirs by design (a
 * bridge and its port, a VLAN and its lower netdev, a bond and its members) and count as one. The
 * others are mistakes, or failover pairs.
 */
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "inventory_priv.h"

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
