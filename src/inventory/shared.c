// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Several interfaces with one address. Stacked netdevs share theirs by design (a bridge and its
 * port, a VLAN and its lower netdev, a bond and its members) and are counted as one. What is left
 * is what confuses people, and what failover is made of.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inventory_priv.h"

/* Who has the address of the group: a netdev, or a VF by its PF's word. */
struct owner {
	const struct nfp_link *link;
	const struct nfp_pf *pf;
	const struct nfp_vf_info *vf;
	struct nfp_mac mac;
	size_t stack; /* index of the owner that stands for all it is stacked with */
};

struct owners {
	struct owner *v;
	size_t n;
};

static void add(struct owners *owners, struct owner owner)
{
	if (nfp_mac_is_zero(&owner.mac) || nfp_mac_is_multicast(&owner.mac))
		return;
	owner.stack = owners->n;
	owners->v = nfp_reallocarray(owners->v, owners->n + 1, sizeof(*owners->v));
	owners->v[owners->n++] = owner;
}

static void collect(const struct nfp_topology *t, struct owners *owners)
{
	for (size_t i = 0; i < t->num_links; i++) {
		const struct nfp_link *link = &t->links[i];

		if (link->flags & IFF_UP && !(link->flags & IFF_LOOPBACK))
			add(owners, (struct owner) {.link = link, .mac = link->address});
	}
	for (size_t i = 0; i < t->num_pfs; i++) {
		for (size_t k = 0; k < t->pfs[i].num_vfs; k++) {
			const struct nfp_vf_info *vf = &t->pfs[i].vfs[k];

			add(owners,
			    (struct owner) {.pf = &t->pfs[i], .vf = vf, .mac = vf->attr.mac});
		}
	}
}

/*
 * A master without a kind is a failover netdev (net_failover, netvsc): its slaves are two NICs with
 * one address, which is what is looked for.
 */
static bool in_stack(const struct nfp_link *a, const struct nfp_link *b)
{
	if (nfp_link_is_child(a, b))
		return true;
	if (a->master == b->ifindex && (b->kind[0] || a->master_kind[0]))
		return true;
	/* The internal port of an OVS bridge takes the address of a physical one. */
	return strcmp(a->kind, "openvswitch") == 0 && strcmp(b->master_kind, "openvswitch") == 0;
}

static bool same_thing(const struct owner *a, const struct owner *b)
{
	if (a->link && b->link)
		return in_stack(a->link, b->link) || in_stack(b->link, a->link);
	if (a->vf && b->link) /* the VF's own netdev */
		return a->vf->ifindex == b->link->ifindex ||
		       (b->link->parentdev[0] && strcmp(a->vf->parentdev, b->link->parentdev) == 0);
	if (a->link && b->vf)
		return same_thing(b, a);
	return false;
}

static void stack(struct owners *owners)
{
	for (size_t i = 0; i < owners->n; i++) {
		for (size_t k = i + 1; k < owners->n; k++) {
			size_t from = owners->v[k].stack, to = owners->v[i].stack;

			if (from == to || !nfp_mac_equal(&owners->v[i].mac, &owners->v[k].mac) ||
			    !same_thing(&owners->v[i], &owners->v[k]))
				continue;
			for (size_t m = 0; m < owners->n; m++)
				if (owners->v[m].stack == from)
					owners->v[m].stack = to;
		}
	}
}

/* The one that a stack is known by: what lies lowest and is not a VF. */
static const struct owner *face(const struct owners *owners, size_t stack_id)
{
	const struct owner *best = NULL;

	for (size_t i = 0; i < owners->n; i++) {
		const struct owner *o = &owners->v[i];

		if (o->stack != stack_id)
			continue;
		if (!best ||
		    (o->link && o->link->physical && !(best->link && best->link->physical)))
			best = o;
	}
	return best;
}

static bool is_failover_master(const struct owner *o, const struct owners *owners)
{
	if (!o->link || o->link->kind[0])
		return false;
	for (size_t i = 0; i < owners->n; i++)
		if (owners->v[i].link && owners->v[i].link->master == o->link->ifindex)
			return true;
	return false;
}

/* A sentence about those that have the address of @first, if they are several stacks. */
static void say_shared(const struct owners *owners, size_t first, struct nfp_strv *list)
{
	const struct nfp_mac *mac = &owners->v[first].mac;
	const struct owner *failover = NULL;
	char all[320] = "", text[NFP_MAC_STRLEN];
	struct nfp_strv names = {0};

	for (size_t i = first; i < owners->n; i++) {
		const struct owner *o;

		if (!nfp_mac_equal(&owners->v[i].mac, mac) || owners->v[i].stack != i)
			continue;
		o = face(owners, i);
		if (o->link)
			nfp_strv_addf(&names, "%s", o->link->ifname);
		else
			nfp_strv_addf(&names, "VF %u of %s", o->vf->vf, o->pf->info.ifname);
		if (!failover && is_failover_master(o, owners))
			failover = o;
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
			      text, failover->link->ifname);
	else if (names.n > 1)
		nfp_strv_addf(list, "%s have the same address %s: a failover pair?", all, text);
	nfp_strv_fini(&names);
}

void nfp_shared_addresses(const struct nfp_topology *topology, struct nfp_strv *ret_sentences)
{
	struct owners owners = {0};

	*ret_sentences = (struct nfp_strv) {0};
	collect(topology, &owners);
	stack(&owners);
	for (size_t i = 0; i < owners.n; i++) {
		size_t k = 0;

		while (!nfp_mac_equal(&owners.v[k].mac, &owners.v[i].mac))
			k++;
		if (k == i)
			say_shared(&owners, i, ret_sentences);
	}
	free(owners.v);
}
