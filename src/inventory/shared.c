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

static int add(struct owners *owners, const struct owner *owner)
{
	struct owner *v;

	if (nfp_mac_is_zero(&owner->mac) || nfp_mac_is_multicast(&owner->mac))
		return 0;
	v = nfp_reallocarray(owners->v, owners->n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	owners->v = v;
	v[owners->n] = *owner;
	v[owners->n].stack = owners->n;
	owners->n++;
	return 0;
}

static int collect(const struct nfp_topology *t, struct owners *owners)
{
	size_t i, k;
	int r = 0;

	for (i = 0; i < t->num_links && r == 0; i++) {
		struct owner o = {.link = &t->links[i], .mac = t->links[i].address};

		if (t->links[i].flags & IFF_UP && !(t->links[i].flags & IFF_LOOPBACK))
			r = add(owners, &o);
	}
	for (i = 0; i < t->num_pfs; i++) {
		for (k = 0; k < t->pfs[i].num_vfs && r == 0; k++) {
			struct owner o = {.pf = &t->pfs[i],
					  .vf = &t->pfs[i].vfs[k],
					  .mac = t->pfs[i].vfs[k].attr.mac};

			r = add(owners, &o);
		}
	}
	return r;
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
	size_t i, k, m;

	for (i = 0; i < owners->n; i++) {
		for (k = i + 1; k < owners->n; k++) {
			size_t from = owners->v[k].stack, to = owners->v[i].stack;

			if (from == to || !nfp_mac_equal(&owners->v[i].mac, &owners->v[k].mac) ||
			    !same_thing(&owners->v[i], &owners->v[k]))
				continue;
			for (m = 0; m < owners->n; m++)
				if (owners->v[m].stack == from)
					owners->v[m].stack = to;
		}
	}
}

/* The one that a stack is known by: what lies lowest and is not a VF. */
static const struct owner *face(const struct owners *owners, size_t stack_id)
{
	const struct owner *best = NULL;
	size_t i;

	for (i = 0; i < owners->n; i++) {
		const struct owner *o = &owners->v[i];

		if (o->stack != stack_id)
			continue;
		if (!best ||
		    (o->link && o->link->physical && !(best->link && best->link->physical)))
			best = o;
	}
	return best;
}

static void name(const struct owner *o, char *buf, size_t size)
{
	if (o->link)
		snprintf(buf, size, "%s", o->link->ifname);
	else
		snprintf(buf, size, "VF %u of %s", o->vf->vf, o->pf->info.ifname);
}

static bool is_failover_master(const struct owner *o, const struct owners *owners)
{
	size_t i;

	if (!o->link || o->link->kind[0])
		return false;
	for (i = 0; i < owners->n; i++)
		if (owners->v[i].link && owners->v[i].link->master == o->link->ifindex)
			return true;
	return false;
}

struct sentence {
	char names[320];
	size_t stacks;
	const struct owner *failover;
};

/* "a", "a and b", "a, b and c" grow from the end: each name comes before what was said so far. */
static void put_name(struct sentence *s, const struct owner *o)
{
	char one[64], rest[sizeof(s->names)];

	name(o, one, sizeof(one));
	memcpy(rest, s->names, sizeof(rest));
	snprintf(s->names, sizeof(s->names), "%s%s%.240s", one,
		 s->stacks == 0	  ? ""
		 : s->stacks == 1 ? " and "
				  : ", ",
		 rest);
	s->stacks++;
}

static void sentence_of(const struct owners *owners, size_t first, struct nfp_strv *list)
{
	const struct nfp_mac *mac = &owners->v[first].mac;
	const struct owner *shown;
	struct sentence s = {0};
	char text[NFP_MAC_STRLEN];
	size_t i;

	for (i = owners->n; i-- > first;) {
		if (!nfp_mac_equal(&owners->v[i].mac, mac) || owners->v[i].stack != i)
			continue;
		shown = face(owners, i);
		put_name(&s, shown);
		if (is_failover_master(shown, owners))
			s.failover = shown;
	}
	if (s.stacks < 2)
		return;
	nfp_mac_str(mac, text);
	if (s.failover)
		nfp_strv_addf(list, "%s have the same address %s: %s is a failover netdev", s.names,
			      text, s.failover->link->ifname);
	else
		nfp_strv_addf(list, "%s have the same address %s: a failover pair?", s.names, text);
}

int nfp_shared_addresses(const struct nfp_topology *topology, struct nfp_strv *ret_sentences)
{
	struct owners owners = {0};
	struct nfp_strv list = {0};
	size_t i, k;
	int r = collect(topology, &owners);

	if (r == 0)
		stack(&owners);
	for (i = 0; i < owners.n && r == 0; i++) {
		for (k = 0; k < i; k++)
			if (nfp_mac_equal(&owners.v[k].mac, &owners.v[i].mac))
				break;
		if (k == i)
			sentence_of(&owners, i, &list);
	}
	free(owners.v);
	if (r < 0) {
		nfp_strv_fini(&list);
		return r;
	}
	*ret_sentences = list;
	return 0;
}
