// SPDX-License-Identifier: GPL-2.0-or-later
/* owner.c - who has an address: on which function, in which VLAN, behind which port. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inventory_priv.h"
#include "owner_priv.h"

/* ---- the netdevs and the entries of the host, in the order in which they are looked up ---- */

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return NFP_ORDER(x->ns, y->ns) ?: NFP_ORDER(x->ifindex, y->ifindex);
}

/* The process that has the tap open is not compared. */
static int compare_tap_places(const void *a, const void *b)
{
	const struct nfp_guest_tap *x = a, *y = b;

	return strcmp(x->ifname, y->ifname) ?: NFP_ORDER(x->ifindex, y->ifindex)
		       ?: NFP_ORDER(x->in_netns, y->in_netns) ?: NFP_ORDER(x->netns, y->netns);
}

static int compare_taps(const void *a, const void *b)
{
	const struct nfp_guest_tap *x = a, *y = b;

	return compare_tap_places(a, b) ?: NFP_ORDER(x->pid, y->pid);
}

static int compare_entry_macs(const void *a, const void *b)
{
	const struct nfp_entry *x = a, *y = b;

	return memcmp(x->entry->mac.b, y->entry->mac.b, NFP_MAC_LEN);
}

/* Entries of one address are in the order of the namespaces, and within one in
 * the kernel's order. */
static int compare_entries(const void *a, const void *b)
{
	const struct nfp_entry *x = a, *y = b;

	return compare_entry_macs(a, b) ?: NFP_ORDER(x->netns, y->netns)
					       ?: NFP_ORDER(x->entry, y->entry);
}

/* Returns the part of @list, which is sorted, that equals @key: so many at most. */
static const void *alike(const void *key, const void *list, size_t num, size_t size,
			 int (*order)(const void *, const void *), size_t most, size_t *ret_num)
{
	size_t from = nfp_lower_bound(key, list, num, size, order), end = from;

	while (end < num && end - from < most && order((const char *)list + end * size, key) == 0)
		end++;
	*ret_num = end - from;
	return (const char *)list + from * size;
}

struct nfp_entries nfp_entries_of(const struct nfp_index *s, const struct nfp_mac *mac)
{
	const struct nfp_neigh like = {.mac = *mac};
	const struct nfp_entry key = {.entry = &like};
	struct nfp_entries of;

	of.v = alike(&key, s->entries, s->num_entries, sizeof(key), compare_entry_macs,
		     NFP_SAME_MAX, &of.n);
	return of;
}

struct nfp_entries nfp_own_entries_of(const struct nfp_index *s, const struct nfp_mac *mac)
{
	struct nfp_entries of = nfp_entries_of(s, mac);

	while (of.n && of.v[of.n - 1].netns != s->facts->netns)
		of.n--;
	return of;
}

bool nfp_index_is_crowded(const struct nfp_index *s)
{
	for (size_t i = 0; i + NFP_SAME_MAX < s->num_entries; i++)
		if (nfp_mac_equal(&s->entries[i].entry->mac,
				  &s->entries[i + NFP_SAME_MAX].entry->mac))
			return true;
	return false;
}

static int order_by_mac(const void *a, const void *b)
{
	const struct nfp_placed *x = a, *y = b;

	return memcmp(x->link->address.b, y->link->address.b, NFP_MAC_LEN);
}

static int order_by_device(const void *a, const void *b)
{
	const struct nfp_placed *x = a, *y = b;

	return strcmp(x->link->parentdev, y->link->parentdev);
}

/* Equal ones are in the order of the namespaces, and there as they were read. */
static int compare_netdevs(const void *a, const void *b)
{
	const struct nfp_placed *x = a, *y = b;

	return NFP_ORDER(x->netns, y->netns) ?: NFP_ORDER(x->link, y->link);
}

static int compare_macs(const void *a, const void *b)
{
	return order_by_mac(a, b) ?: compare_netdevs(a, b);
}

static int compare_devices(const void *a, const void *b)
{
	return order_by_device(a, b) ?: compare_netdevs(a, b);
}

/* Children of some kinds name the parent device of their lower netdev. */
static bool is_hardware(const struct nfp_link *link)
{
	return link->parentdev[0] && !link->kind[0];
}

static void add_netdevs(struct nfp_index *s)
{
	const struct nfp_facts *facts = s->facts;
	size_t n = 0;

	s->by_mac = nfp_calloc(s->n + 1, sizeof(*s->by_mac));
	s->by_device = nfp_calloc(s->n + 1, sizeof(*s->by_device));
	nfp_for_each (netns, facts->netns, facts->num_netns)
		nfp_for_each (link, netns->links, netns->num_links) {
			struct nfp_placed netdev = {netns, link};

			if (!netns->apart || nfp_link_is_tap(link))
				s->by_mac[n++] = netdev;
			if (is_hardware(netdev.link))
				s->by_device[s->num_by_device++] = netdev;
		}
	s->num_by_mac = n;
	qsort(s->by_mac, n, sizeof(*s->by_mac), compare_macs);
	qsort(s->by_device, s->num_by_device, sizeof(*s->by_device), compare_devices);
}

struct nfp_netdevs nfp_netdevs_with(const struct nfp_index *s, const struct nfp_mac *mac)
{
	const struct nfp_link like = {.address = *mac};
	const struct nfp_placed key = {.link = &like};
	struct nfp_netdevs of;

	of.v = alike(&key, s->by_mac, s->num_by_mac, sizeof(key), order_by_mac, SIZE_MAX, &of.n);
	return of;
}

struct nfp_netdevs nfp_netdevs_of(const struct nfp_index *s, const char *parentdev)
{
	struct nfp_link like = {.ifindex = 0};
	const struct nfp_placed key = {.link = &like};
	struct nfp_netdevs of;

	snprintf(like.parentdev, sizeof(like.parentdev), "%s", parentdev);
	of.v = alike(&key, s->by_device, s->num_by_device, sizeof(key), order_by_device, SIZE_MAX,
		     &of.n);
	return of;
}

const struct nfp_link *nfp_vf_netdev(const struct nfp_index *s, const struct nfp_vf_info *vf,
				     const struct nfp_mac *mac, const struct nfp_netns **ret_netns)
{
	const struct nfp_netdevs of = nfp_netdevs_of(s, vf->parentdev);

	nfp_for_each (netdev, of.v, of.n) {
		if (mac && !nfp_mac_equal(&netdev->link->address, mac))
			continue;
		if (ret_netns)
			*ret_netns = netdev->netns;
		return netdev->link;
	}
	return NULL;
}

static int compare_mac_bytes(const void *a, const void *b)
{
	return memcmp(a, b, NFP_MAC_LEN);
}

static int order_vfs(const void *a, const void *b)
{
	const struct nfp_placed_vf *x = a, *y = b;

	return compare_mac_bytes(&x->vf->attr.mac, &y->vf->attr.mac);
}

static int compare_vfs(const void *a, const void *b)
{
	const struct nfp_placed_vf *x = a, *y = b;

	return order_vfs(a, b) ?: NFP_ORDER(x->vf, y->vf);
}

static void add_vfs(struct nfp_index *s)
{
	const struct nfp_topology *t = &s->facts->topology;
	size_t n = 0;

	nfp_for_each (pf, t->pfs, t->num_pfs)
		n += pf->num_vfs;
	s->vfs = nfp_calloc(n + 1, sizeof(*s->vfs));
	nfp_for_each (pf, t->pfs, t->num_pfs)
		nfp_for_each (vf, pf->vfs, pf->num_vfs)
			s->vfs[s->num_vfs++] = (struct nfp_placed_vf) {pf, vf};
	qsort(s->vfs, n, sizeof(*s->vfs), compare_vfs);
	s->apart = nfp_calloc(s->facts->num_apart + 1, sizeof(*s->apart));
	for (size_t i = 0; i < s->facts->num_apart; i++)
		s->apart[i] = s->facts->apart[i];
	qsort(s->apart, s->facts->num_apart, sizeof(*s->apart), compare_mac_bytes);
}

struct nfp_vfs nfp_vfs_with(const struct nfp_index *s, const struct nfp_mac *mac)
{
	const struct nfp_vf_info like = {.attr.mac = *mac};
	const struct nfp_placed_vf key = {.vf = &like};
	struct nfp_vfs of;

	of.v = alike(&key, s->vfs, s->num_vfs, sizeof(key), order_vfs, SIZE_MAX, &of.n);
	return of;
}

const struct nfp_netns *nfp_mac_apart(const struct nfp_index *s, const struct nfp_mac *mac)
{
	const struct nfp_apart *found = s->facts->num_apart
						? bsearch(mac, s->apart, s->facts->num_apart,
							  sizeof(*s->apart), compare_mac_bytes)
						: NULL;

	return found ? &s->facts->netns[found->netns] : NULL;
}

static int compare_guests(const void *a, const void *b)
{
	const struct guest *x = a, *y = b;

	return memcmp(x->mac->b, y->mac->b, NFP_MAC_LEN);
}

const struct nfp_placed *nfp_tap_of(const struct nfp_index *s, const struct nfp_mac *mac)
{
	const struct guest key = {.mac = mac}, *guest;
	const struct nfp_mac like = nfp_libvirt_tap_mac(mac);
	const struct nfp_netdevs with = nfp_netdevs_with(s, &like);

	nfp_for_each (netdev, with.v, with.n)
		if (strcmp(netdev->link->kind, "tun") == 0 && !netdev->netns->users)
			return netdev;
	guest = s->num_guests ? bsearch(&key, s->guests, s->num_guests, sizeof(key), compare_guests)
			      : NULL;
	return guest ? &guest->tap : NULL;
}

/* They are few (NFP_GUEST_MACS_MAX). */
static void add_guests(struct nfp_index *s)
{
	const struct nfp_facts *facts = s->facts;

	nfp_for_each (tap, facts->taps, facts->num_taps) {
		const struct nfp_netns *netns = &facts->netns[tap->netns];

		if (!tap->in_netns || netns->users || nfp_mac_is_zero(&tap->mac))
			continue;
		nfp_for_each (link, netns->links, netns->num_links)
			if (strcmp(link->kind, "tun") == 0 &&
			    strcmp(link->ifname, tap->ifname) == 0)
				*nfp_grow(s->guests, s->num_guests) =
					(struct guest) {&tap->mac, {netns, link}};
	}
	if (s->num_guests)
		qsort(s->guests, s->num_guests, sizeof(*s->guests), compare_guests);
}

static void add_taps(struct nfp_index *s)
{
	const struct nfp_facts *facts = s->facts;

	s->taps = nfp_calloc(facts->num_taps + 1, sizeof(*s->taps));
	nfp_for_each (tap, facts->taps, facts->num_taps) {
		s->taps[s->num_taps] = *tap;
		s->taps[s->num_taps++].netns = tap->in_netns ? tap->netns : 0;
	}
	qsort(s->taps, s->num_taps, sizeof(*s->taps), compare_taps);
}

/* @key: pid 0: any process. */
static bool tap_is_open(const struct nfp_index *s, struct nfp_guest_tap key)
{
	return bsearch(&key, s->taps, s->num_taps, sizeof(key),
		       key.pid ? compare_taps : compare_tap_places);
}

/* A macvtap is known by its ifindex, and a tap by its name. @in_netns false: handed over to a
 * process of whichever namespace. */
static struct nfp_guest_tap key_of(const struct nfp_index *s, int pid,
				   const struct nfp_netns *netns, const struct nfp_link *link,
				   bool in_netns)
{
	struct nfp_guest_tap key = {.pid = pid, .in_netns = in_netns};

	if (strcmp(link->kind, "macvtap") == 0)
		key.ifindex = link->ifindex;
	else
		memcpy(key.ifname, link->ifname, sizeof(key.ifname));
	key.netns = in_netns ? (size_t)(netns - s->facts->netns) : 0;
	return key;
}

bool nfp_process_has(const struct nfp_index *s, int pid, const struct nfp_netns *netns,
		     const struct nfp_link *link)
{
	return pid && (tap_is_open(s, key_of(s, pid, netns, link, true)) ||
		       tap_is_open(s, key_of(s, pid, netns, link, false)));
}

bool nfp_tap_is_open(const struct nfp_index *s, const struct nfp_netns *netns,
		     const struct nfp_link *link)
{
	return tap_is_open(s, key_of(s, 0, netns, link, true));
}

bool nfp_tap_may_be_open(const struct nfp_index *s, const struct nfp_netns *netns,
			 const struct nfp_link *link)
{
	return nfp_tap_is_open(s, netns, link) || tap_is_open(s, key_of(s, 0, netns, link, false));
}

size_t nfp_tap_pids(const struct nfp_index *s, const struct nfp_netns *netns,
		    const struct nfp_link *link, int pids[NFP_SAME_MAX])
{
	size_t num = 0;

	for (int in_netns = 0; in_netns < 2; in_netns++) {
		const struct nfp_guest_tap key = key_of(s, 0, netns, link, in_netns), *of;
		size_t n;

		of = alike(&key, s->taps, s->num_taps, sizeof(key), compare_tap_places,
			   NFP_SAME_MAX - num, &n);
		nfp_for_each (tap, of, n)
			pids[num++] = tap->pid;
	}
	return num;
}

static void add_entries(struct nfp_index *s)
{
	const struct nfp_facts *facts = s->facts;
	size_t n = 0;

	nfp_for_each (netns, facts->netns, facts->num_netns)
		n += netns->num_entries;
	s->entries = nfp_calloc(n + 1, sizeof(*s->entries));
	nfp_for_each (netns, facts->netns, facts->num_netns)
		nfp_for_each (e, netns->entries, netns->num_entries)
			s->entries[s->num_entries++] = (struct nfp_entry) {netns, e};
	qsort(s->entries, n, sizeof(*s->entries), compare_entries);
}

size_t nfp_link_number(const struct nfp_index *s, const struct nfp_netns *netns,
		       const struct nfp_link *link)
{
	return s->before[netns - s->facts->netns] + (size_t)(link - netns->links) + 1;
}

size_t nfp_ifindex_number(const struct nfp_index *s, size_t ns, int ifindex)
{
	const struct place key = {.ns = ns, .ifindex = ifindex};
	const struct place *place = NULL;

	if (ifindex && s->n)
		place = bsearch(&key, s->places, s->n, sizeof(key), compare_places);
	return place ? place->at : 0;
}

const struct nfp_link *nfp_index_link(const struct nfp_index *s, const struct nfp_netns *netns,
				      int ifindex)
{
	size_t at = nfp_ifindex_number(s, (size_t)(netns - s->facts->netns), ifindex);

	return at ? s->all[at] : NULL;
}

const struct nfp_link *nfp_index_base(const struct nfp_index *s, const struct nfp_netns *netns,
				      const struct nfp_link *link)
{
	size_t base = s->nodes[nfp_link_number(s, netns, link)].base;

	return base ? s->all[base] : NULL;
}

/* Either end of a veth names the other. An end in another namespace names ours by a number that its
 * owner chose, unless ours agrees. */
static void join_peers(struct nfp_index *s, size_t at, size_t peer)
{
	const struct nfp_link *a = s->all[at], *b = s->all[peer];

	if (strcmp(b->kind, "veth") != 0 ||
	    (b->link_elsewhere ? b->link_elsewhere : b->link) != a->ifindex)
		return;
	s->nodes[at].peer = peer;
	s->nodes[peer].peer = at;
}

/* Notes the lower netdev of a link, and its master. The peer of a veth is no lower netdev. */
static void stack_link(struct nfp_index *s, size_t ns, size_t at)
{
	const struct nfp_link *link = s->all[at];
	/* Our own namespace has the PFs: what is elsewhere for another namespace is here. */
	size_t lower = !link->link_elsewhere ? nfp_ifindex_number(s, ns, link->link)
		       : ns		     ? nfp_ifindex_number(s, 0, link->link_elsewhere)
					     : 0;

	s->nodes[at].master = nfp_ifindex_number(s, ns, link->master);
	if (s->nodes[at].master) {
		s->nodes[at].next_port = s->nodes[s->nodes[at].master].port;
		s->nodes[s->nodes[at].master].port = at;
	}
	if (!lower || lower == at)
		return;
	if (strcmp(link->kind, "veth") == 0) {
		join_peers(s, at, lower);
		return;
	}
	s->nodes[at].sibling = s->nodes[lower].child;
	s->nodes[lower].child = at;
}

/* Each netdev has one below it, and is met once. */
static void note_bases(struct nfp_index *s)
{
	size_t *queue = nfp_calloc(s->n + 1, sizeof(*queue)), begin = 0, end = 0;

	for (size_t at = 1; at <= s->n; at++)
		if (is_hardware(s->all[at]))
			s->nodes[queue[end++] = at].base = at;
	while (begin < end) {
		size_t at = queue[begin++];

		for (size_t child = s->nodes[at].child; child; child = s->nodes[child].sibling)
			if (!s->nodes[child].base)
				s->nodes[queue[end++] = child].base = s->nodes[at].base;
	}
	free(queue);
}

/* Notes the VLANs of each port, which are in ascending order, and that of untagged frames. */
static void note_vlans(struct nfp_index *s)
{
	for (size_t at = 1; at <= s->n; at++)
		s->nodes[at].vlans = s->facts->netns[s->nodes[at].netns].num_port_vlans;
	for (size_t ns = 0; ns < s->facts->num_netns; ns++) {
		const struct nfp_netns *netns = &s->facts->netns[ns];

		for (size_t i = netns->num_port_vlans; i-- > 0;) {
			size_t at = nfp_ifindex_number(s, ns, netns->port_vlans[i].ifindex);

			s->nodes[at].vlans = i;
			if (netns->port_vlans[i].pvid)
				s->nodes[at].pvid = netns->port_vlans[i].vid;
		}
	}
	s->nodes[0].pvid = 0;
}

const struct nfp_port_vlan *nfp_index_vlan(const struct nfp_index *s, size_t port, unsigned int vid)
{
	const struct nfp_netns *netns = &s->facts->netns[s->nodes[port].netns];
	int ifindex = s->all[port]->ifindex;

	for (size_t i = s->nodes[port].vlans;
	     i < netns->num_port_vlans && netns->port_vlans[i].ifindex == ifindex; i++)
		if (netns->port_vlans[i].vid == vid)
			return &netns->port_vlans[i];
	return NULL;
}

struct nfp_index *nfp_index_new(const struct nfp_facts *facts)
{
	struct nfp_index *s = nfp_calloc(1, sizeof(*s));

	s->facts = facts;
	s->before = nfp_calloc(facts->num_netns + 1, sizeof(*s->before));
	for (size_t i = 0; i < facts->num_netns; i++) {
		s->before[i] = s->n;
		s->n += facts->netns[i].num_links;
	}
	s->all = nfp_calloc(s->n + 1, sizeof(const struct nfp_link *));
	s->nodes = nfp_calloc(s->n + 1, sizeof(*s->nodes));
	s->places = nfp_calloc(s->n + 1, sizeof(*s->places));
	for (size_t i = 0; i < facts->num_netns; i++)
		for (size_t k = 0; k < facts->netns[i].num_links; k++) {
			size_t at = s->before[i] + k + 1;

			s->all[at] = &facts->netns[i].links[k];
			s->nodes[at].netns = i;
			s->places[at - 1] = (struct place) {i, s->all[at]->ifindex, at};
		}
	qsort(s->places, s->n, sizeof(*s->places), compare_places);
	/* Begins with the last, so that siblings are in the order of the links. */
	for (size_t i = facts->num_netns; i-- > 0;)
		for (size_t k = facts->netns[i].num_links; k-- > 0;)
			stack_link(s, i, s->before[i] + k + 1);
	note_bases(s);
	note_vlans(s);
	add_netdevs(s);
	add_vfs(s);
	add_entries(s);
	add_guests(s);
	add_taps(s);
	return s;
}

void nfp_index_free(struct nfp_index *s)
{
	if (!s)
		return;
	free(s->guests);
	free(s->taps);
	free(s->before);
	free(s->all);
	free(s->places);
	free(s->nodes);
	free(s->by_mac);
	free(s->by_device);
	free(s->vfs);
	free(s->apart);
	free(s->entries);
	free(s);
}
