// SPDX-License-Identifier: GPL-2.0-or-later
/* path.c - the paths from the netdevs of a host to the functions of a PF. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/neighbour.h>

#include "inventory_priv.h"
#include "owner_priv.h"

/*
 * A guest that has ended stays in the table for minutes, so an entry at the PF's own port proves
 * that the guest is elsewhere only if its last frame is this fresh.
 */
#define FRESH_CS 3000

static void reach(struct nfp_paths *paths, size_t at, size_t from, struct nfp_path path)
{
	if (!at || paths->found[at])
		return;
	paths->found[at] = true;
	paths->path[at] = path;
	paths->before[at] = from;
	paths->queue[paths->end++] = at;
}

/* A port that is a veth leads to its peer, and so to what that is a port of. */
static void reach_peers(struct nfp_paths *paths, size_t at)
{
	const struct nfp_index *s = paths->index;
	bool is_switch = strcmp(s->all[at]->kind, "openvswitch") == 0;

	if (!is_switch && strcmp(s->all[at]->kind, "bridge") != 0)
		return;
	for (size_t port = s->port[at]; port; port = s->next_port[port]) {
		struct nfp_path path = paths->path[at];

		if (paths->found[port])
			continue;
		path.inner = true;
		path.by_switch |= is_switch;
		/* 1 is what a port has that nobody has given a VLAN. */
		if (s->all[at]->vlan_filtering && s->pvid[port] > 1 && !path.vlan)
			path.vlan = s->pvid[port];
		reach(paths, s->peer[port], at, path);
	}
}

/* Upwards from the netdevs in the queue. Each netdev is in it once. */
static void walk_links(struct nfp_paths *paths)
{
	const struct nfp_index *s = paths->index;

	while (paths->begin < paths->end) {
		size_t at = paths->queue[paths->begin++];

		for (size_t child = s->child[at]; child; child = s->sibling[child]) {
			struct nfp_path path = paths->path[at];

			if (strcmp(s->all[child]->kind, "vlan") == 0 && !path.vlan)
				path.vlan = s->all[child]->vlan_id;
			reach(paths, child, at, path);
		}
		reach(paths, s->master[at], at, paths->path[at]);
		reach_peers(paths, at);
	}
}

/* ---- the bridges on a path ---- */

#define MOST_STEPS 64 /* from a tap to the PF: eight bridges, and what is stacked between them */

static struct nfp_placed place_of(const struct nfp_index *s, size_t at)
{
	size_t ns = 0;

	while (ns + 1 < s->facts->num_netns && s->before[ns + 1] < at)
		ns++;
	return (struct nfp_placed) {&s->facts->netns[ns], s->all[at]};
}

/* The same by numbers: the bridge of each hop, and its ports. */
struct hop {
	size_t bridge, in, out;
};

static size_t find_hops(const struct nfp_paths *paths, size_t at, struct hop hops[NFP_HOPS_MAX])
{
	const struct nfp_index *s = paths->index;
	size_t port = 0, num = 0;

	if (!paths->found[at]) {
		port = at;
		at = s->master[at];
	}
	for (int step = 0; at && paths->found[at] && step < MOST_STEPS; step++) {
		size_t next = paths->before[at];
		bool is_port = next && s->master[next] == at;

		if (strcmp(s->all[at]->kind, "bridge") == 0) {
			if (num == NFP_HOPS_MAX)
				return 0;
			hops[num++] = (struct hop) {at, port, is_port ? next : 0};
		}
		port = next && s->peer[at] && s->master[s->peer[at]] == next ? s->peer[at] : 0;
		at = next;
	}
	return num;
}

size_t nfp_path_hops(const struct nfp_paths *paths, const struct nfp_netns *netns,
		     const struct nfp_link *link, struct nfp_hop hops[NFP_HOPS_MAX])
{
	const struct nfp_index *s = paths->index;
	struct hop found[NFP_HOPS_MAX];
	size_t num = find_hops(paths, nfp_link_number(s, netns, link), found);

	for (size_t i = 0; i < num; i++) {
		const struct nfp_placed bridge = place_of(s, found[i].bridge);

		hops[i] = (struct nfp_hop) {bridge.netns, bridge.link, s->all[found[i].in],
					    s->all[found[i].out]};
	}
	return num;
}

static int order_behind(const void *a, const void *b)
{
	const struct nfp_behind *x = a, *y = b;

	return NFP_ORDER(x->port, y->port);
}

static int compare_behind(const void *a, const void *b)
{
	const struct nfp_behind *x = a, *y = b;

	return order_behind(a, b) ?: NFP_ORDER(x->tap, y->tap);
}

static void note_tap(struct nfp_paths *paths, const struct nfp_placed *tap)
{
	struct hop hops[NFP_HOPS_MAX];
	size_t num = find_hops(paths, nfp_link_number(paths->index, tap->netns, tap->link), hops);

	for (size_t i = 0; i < num; i++)
		if (hops[i].in)
			*nfp_grow(paths->behind,
				  paths->num_behind) = (struct nfp_behind) {hops[i].in, tap};
}

/* Those of this namespace come first: in one of his own, anybody makes as many as he likes. */
#define TAPS_MAX 4096U

static void find_taps(struct nfp_paths *paths)
{
	const struct nfp_facts *facts = paths->facts;
	const struct nfp_index *s = paths->index;

	nfp_for_each (netns, facts->netns, facts->num_netns)
		nfp_for_each (link, netns->links, netns->num_links) {
			size_t at = nfp_link_number(s, netns, link);

			if (paths->num_taps < TAPS_MAX &&
			    (strcmp(link->kind, "tun") == 0 ||
			     strcmp(link->kind, "macvtap") == 0) &&
			    (paths->found[at] || paths->found[s->master[at]]))
				*nfp_grow(paths->taps,
					  paths->num_taps) = (struct nfp_placed) {netns, link};
		}
	nfp_for_each (tap, paths->taps, paths->num_taps)
		note_tap(paths, tap);
	if (paths->num_behind)
		qsort(paths->behind, paths->num_behind, sizeof(*paths->behind), compare_behind);
}

bool nfp_process_is_behind(const struct nfp_paths *paths, int pid, const struct nfp_netns *netns,
			   const struct nfp_link *port)
{
	const struct nfp_behind key = {.port = nfp_link_number(paths->index, netns, port)};
	size_t i, end;

	if (!pid || nfp_process_has(paths->index, pid, netns, port))
		return pid;
	i = paths->num_behind ? nfp_lower_bound(&key, paths->behind, paths->num_behind, sizeof(key),
						order_behind)
			      : 0;
	/* In a namespace of his own, anybody makes as many as he likes. */
	for (end = i + NFP_SAME_MAX; i < paths->num_behind && i < end; i++) {
		const struct nfp_behind *b = &paths->behind[i];

		if (b->port != key.port)
			break;
		if (nfp_process_has(paths->index, pid, b->tap->netns, b->tap->link))
			return true;
	}
	return false;
}

/* ---- all of them ---- */

void nfp_paths_find(const struct nfp_index *s, const struct nfp_pf *pf, struct nfp_paths *ret_paths)
{
	struct nfp_paths paths = {.index = s, .facts = s->facts, .pf = pf};
	size_t of_pf = nfp_ifindex_number(s, 0, pf->info.ifindex);

	paths.found = nfp_calloc(s->n + 1, sizeof(*paths.found));
	paths.path = nfp_calloc(s->n + 1, sizeof(*paths.path));
	paths.before = nfp_calloc(s->n + 1, sizeof(*paths.before));
	paths.queue = nfp_calloc(s->n + 1, sizeof(*paths.queue));
	/* The PF itself comes first: a bridge may have VFs as its ports, too. */
	reach(&paths, of_pf, 0, (struct nfp_path) {.vlan = 0});
	nfp_for_each (vf, pf->vfs, pf->num_vfs) {
		const struct nfp_netdevs of = nfp_netdevs_of(s, vf->parentdev);

		nfp_for_each (netdev, of.v, of.n) {
			size_t at = nfp_link_number(s, netdev->netns, netdev->link);

			if (at == of_pf)
				continue;
			paths.found[at] = true;
			paths.path[at] = (struct nfp_path) {.vf = vf, .vlan = vf->attr.vlan.vid};
		}
	}
	walk_links(&paths);
	for (size_t at = 1; at <= s->n; at++)
		if (paths.found[at] && paths.path[at].vf)
			paths.queue[paths.end++] = at;
	walk_links(&paths);
	free(paths.queue);
	paths.queue = NULL;
	find_taps(&paths);
	*ret_paths = paths;
}

void nfp_paths_fini(struct nfp_paths *paths)
{
	free(paths->found);
	free(paths->path);
	free(paths->before);
	free(paths->taps);
	free(paths->behind);
	*paths = (struct nfp_paths) {.begin = 0};
}

bool nfp_path_find(const struct nfp_paths *paths, const struct nfp_netns *netns,
		   const struct nfp_link *link, struct nfp_path *ret_path)
{
	size_t at = nfp_link_number(paths->index, netns, link);

	if (paths->found[at])
		*ret_path = paths->path[at];
	return paths->found[at];
}

bool nfp_learned_find(const struct nfp_paths *paths, const struct nfp_neigh *entry,
		      struct nfp_learned *ret_learned)
{
	const struct nfp_netns *own = paths->facts->netns;
	struct nfp_learned l = {.entry = entry};
	struct nfp_path path;

	/* A bridge's own addresses and those of its ports are permanent there. */
	if (entry->family != AF_BRIDGE || !entry->master || entry->master == entry->ifindex ||
	    entry->flags & NTF_SELF || entry->state & (NUD_PERMANENT | NUD_STALE))
		return false;
	l.bridge = nfp_index_link(paths->index, own, entry->master);
	l.port = nfp_index_link(paths->index, own, entry->ifindex);
	if (!l.bridge || strcmp(l.bridge->kind, "bridge") != 0 ||
	    !nfp_path_find(paths, own, l.bridge, &path) || path.vf || path.by_switch)
		return false;
	l.inner = path.inner;
	l.vlan = path.vlan	   ? path.vlan
		 : entry->vlan > 1 ? entry->vlan
				   : 0; /* 1: untagged, usually */
	if (l.port && nfp_path_find(paths, own, l.port, &path)) {
		l.at_vf = path.vf;
		l.at_pf = !path.vf;
	}
	if (l.at_pf && !(entry->state & NUD_NOARP) && entry->seen_cs > FRESH_CS)
		return false;
	*ret_learned = l;
	return true;
}
