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

static void reach(struct nfp_paths *paths, size_t at, struct nfp_path path)
{
	if (!at || paths->found[at])
		return;
	paths->found[at] = true;
	paths->path[at] = path;
	paths->queue[paths->end++] = at;
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
			reach(paths, child, path);
		}
		reach(paths, s->master[at], paths->path[at]);
	}
}

void nfp_paths_find(const struct nfp_index *s, const struct nfp_pf *pf, struct nfp_paths *ret_paths)
{
	struct nfp_paths paths = {.index = s, .facts = s->facts, .pf = pf};
	size_t of_pf = nfp_ifindex_number(s, 0, pf->info.ifindex);

	paths.found = nfp_calloc(s->n + 1, sizeof(*paths.found));
	paths.path = nfp_calloc(s->n + 1, sizeof(*paths.path));
	paths.queue = nfp_calloc(s->n + 1, sizeof(*paths.queue));
	/* The PF itself comes first: a bridge may have VFs as its ports, too. */
	reach(&paths, of_pf, (struct nfp_path) {.vlan = 0});
	nfp_for_each (vf, pf->vfs, pf->num_vfs) {
		const struct nfp_netdevs of = nfp_netdevs_of(s, vf->parentdev);

		nfp_for_each (netdev, of.v, of.n) {
			size_t at = nfp_link_number(s, netdev->netns, netdev->link);

			if (at == of_pf)
				continue;
			paths.found[at] = true;
			paths.path[at] = (struct nfp_path) {vf, vf->attr.vlan.vid};
		}
	}
	walk_links(&paths);
	for (size_t at = 1; at <= s->n; at++)
		if (paths.found[at] && paths.path[at].vf)
			paths.queue[paths.end++] = at;
	walk_links(&paths);
	free(paths.queue);
	paths.queue = NULL;
	*ret_paths = paths;
}

void nfp_paths_fini(struct nfp_paths *paths)
{
	free(paths->found);
	free(paths->path);
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
	    !nfp_path_find(paths, own, l.bridge, &path) || path.vf)
		return false;
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
