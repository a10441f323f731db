// SPDX-License-Identifier: GPL-2.0-or-later
/* path.c - the paths from the netdevs of a host to the functions of a PF. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/neighbour.h>

#include "inventory_priv.h"
#include "owner_priv.h"

/* ---- the walk ---- */

void nfp_paths_begin(struct nfp_paths *paths, const struct nfp_index *s)
{
	*paths = (struct nfp_paths) {.index = s, .facts = s->facts};
	paths->nodes = nfp_calloc(s->n + 1, sizeof(*paths->nodes));
	paths->queue = nfp_calloc(s->n + 1, sizeof(*paths->queue));
}

/* Notes a path to a netdev; the first one counts. @from: the netdev before it. @over: the bridge or
 * the switch that passes frames from one to the other; 0: none. */
static void reach(struct nfp_paths *paths, size_t at, size_t from, size_t over,
		  struct nfp_path path)
{
	if (!at || paths->nodes[at].found)
		return;
	paths->nodes[at] = (struct nfp_reached) {true, path, from, over};
	paths->queue[paths->end++] = at;
}

void nfp_paths_from(struct nfp_paths *paths, size_t at, struct nfp_path path)
{
	reach(paths, at, 0, 0, path);
}

void nfp_path_tag(struct nfp_path *path, unsigned int vid)
{
	path->unknown |= path->num_vlans == NFP_TAGS_MAX;
	if (path->num_vlans < NFP_TAGS_MAX)
		path->vlans[path->num_vlans++] = (uint16_t)vid;
}

static bool is_kind(const struct nfp_paths *paths, size_t at, const char *kind)
{
	return strcmp(paths->index->all[at]->kind, kind) == 0;
}

bool nfp_is_tunnel(const struct nfp_link *link)
{
	static const char *const tunnels[] = {"vxlan", "geneve", "gretap", "ip6gretap", "l2tpeth"};

	nfp_for_each (kind, tunnels, NFP_NUM(tunnels))
		if (strcmp(link->kind, *kind) == 0)
			return true;
	return false;
}

static bool knows_vlans(const struct nfp_paths *paths, size_t port)
{
	size_t netns = paths->index->nodes[port].netns;

	return netns ? paths->facts->netns[netns].vlans_known : paths->have_vlans;
}

/* Does a bridge's port let frames out that are in the VLAN within the bridge? Adds its tag. */
static bool leaves(const struct nfp_paths *paths, size_t port, unsigned int vid, bool has_vlan,
		   struct nfp_path *path)
{
	const struct nfp_port_vlan *vlan = nfp_index_vlan(paths->index, port, vid);
	bool known = knows_vlans(paths, port);

	path->unknown |= !known;
	if (known ? vlan && !vlan->untagged : has_vlan)
		nfp_path_tag(path, vid);
	return vlan || !known;
}

/* A netdev that is stacked on a bridge sends into one VLAN of the bridge. */
static void reach_child(struct nfp_paths *paths, size_t port, size_t bridge, size_t child)
{
	const struct nfp_link *link = paths->index->all[child], *on = paths->index->all[bridge];
	struct nfp_path path = paths->nodes[port].path;
	bool has_vlan = strcmp(link->kind, "vlan") == 0;

	if (!on->vlan_filtering && has_vlan)
		nfp_path_tag(&path, link->vlan_id);
	if (!on->vlan_filtering ||
	    leaves(paths, port, has_vlan ? link->vlan_id : on->default_pvid, has_vlan, &path))
		reach(paths, child, port, bridge, path);
}

/* A port that is a veth leads to its peer, and so to what has that as a port. */
static void reach_peer(struct nfp_paths *paths, size_t port, size_t bridge, size_t veth)
{
	const struct nfp_index *s = paths->index;
	struct nfp_path path = paths->nodes[port].path;

	path.inner = true;
	path.by_switch |= is_kind(paths, bridge, "openvswitch");
	path.unknown |= path.by_switch;
	if (s->all[bridge]->vlan_filtering &&
	    !leaves(paths, port, s->nodes[veth].pvid, false, &path))
		return;
	reach(paths, s->nodes[veth].peer, port, bridge, path);
}

/* Goes from a port of a bridge, or of Open vSwitch, to everything that sends by it. */
static void cross(struct nfp_paths *paths, size_t port, size_t bridge)
{
	const struct nfp_index *s = paths->index;

	for (size_t child = s->nodes[bridge].child; child; child = s->nodes[child].sibling)
		if (paths->into_tunnels || !nfp_is_tunnel(s->all[child]))
			reach_child(paths, port, bridge, child);
	for (size_t veth = s->nodes[bridge].port; veth; veth = s->nodes[veth].next_port)
		if (s->nodes[veth].peer && veth != port && !paths->nodes[veth].found)
			reach_peer(paths, port, bridge, veth);
}

/* Walks upwards from the netdevs in the queue, which has each netdev once. */
void nfp_paths_walk(struct nfp_paths *paths)
{
	const struct nfp_index *s = paths->index;

	while (paths->begin < paths->end) {
		size_t at = paths->queue[paths->begin++], master = s->nodes[at].master;
		bool is_new = master && !paths->nodes[master].found;

		for (size_t child = is_kind(paths, at, "bridge") ? 0 : s->nodes[at].child; child;
		     child = s->nodes[child].sibling) {
			struct nfp_path path = paths->nodes[at].path;

			if (!paths->into_tunnels && nfp_is_tunnel(s->all[child]))
				continue;
			if (is_kind(paths, child, "vlan"))
				nfp_path_tag(&path, s->all[child]->vlan_id);
			reach(paths, child, at, 0, path);
		}
		reach(paths, master, at, 0, paths->nodes[at].path);
		/* Another port of a bridge that filters VLANs may let out another VLAN. */
		if (master &&
		    (is_new || (knows_vlans(paths, at) && s->all[master]->vlan_filtering)) &&
		    (is_kind(paths, master, "bridge") || is_kind(paths, master, "openvswitch")))
			cross(paths, at, master);
	}
}

/* ---- the bridges on a path ---- */

static struct nfp_hop hop_of(const struct nfp_index *s, size_t bridge, size_t in, size_t out)
{
	size_t ns = 0;

	while (ns + 1 < s->facts->num_netns && s->before[ns + 1] < bridge)
		ns++;
	return (struct nfp_hop) {&s->facts->netns[ns], s->all[bridge], s->all[in], s->all[out]};
}

size_t nfp_path_hops_at(const struct nfp_paths *paths, size_t at, struct nfp_hop hops[NFP_HOPS_MAX])
{
	const struct nfp_index *s = paths->index;
	size_t port = 0, num = 0, before;

	if (!paths->nodes[at].found) {
		port = at;
		at = s->nodes[at].master;
	}
	if (!at || !paths->nodes[at].found)
		return 0;
	if (is_kind(paths, at, "bridge") && paths->nodes[at].before) {
		hops[num++] = hop_of(s, at, port, paths->nodes[at].before);
		at = paths->nodes[at].before;
	}
	for (; (before = paths->nodes[at].before); at = before) {
		size_t over = paths->nodes[at].over, peer = s->nodes[at].peer;

		if (!over || !is_kind(paths, over, "bridge"))
			continue;
		if (num == NFP_HOPS_MAX)
			return NFP_HOPS_MAX + 1;
		hops[num++] = hop_of(s, over, s->nodes[peer].master == over ? peer : 0, before);
	}
	return num;
}

size_t nfp_path_hops(const struct nfp_paths *paths, const struct nfp_netns *netns,
		     const struct nfp_link *link, struct nfp_hop hops[NFP_HOPS_MAX])
{
	size_t num = nfp_path_hops_at(paths, nfp_link_number(paths->index, netns, link), hops);

	return num > NFP_HOPS_MAX ? 0 : num;
}

/* ---- the taps on it ---- */

static int compare_behind(const void *a, const void *b)
{
	const struct nfp_behind *x = a, *y = b;

	return NFP_ORDER(x->port, y->port) ?: NFP_ORDER(x->pid, y->pid);
}

static void note_tap(struct nfp_paths *paths, const struct nfp_placed *tap)
{
	const struct nfp_index *s = paths->index;
	struct nfp_hop hops[NFP_HOPS_MAX];
	size_t num = nfp_path_hops_at(paths, nfp_link_number(s, tap->netns, tap->link), hops), n;
	int pids[NFP_SAME_MAX];

	paths->is_cut |= num > NFP_HOPS_MAX;
	n = num > NFP_HOPS_MAX ? 0 : nfp_tap_pids(s, tap->netns, tap->link, pids);
	paths->is_cut |= n == NFP_SAME_MAX;
	for (size_t i = 0; n && i < num; i++)
		for (size_t k = 0; k < n && hops[i].in; k++)
			*nfp_grow(paths->behind, paths->num_behind) = (struct nfp_behind) {
				nfp_link_number(s, hops[i].netns, hops[i].in), pids[k]};
}

/* Those of our own namespace come first: any user can create any number in their own. */
static void find_taps(struct nfp_paths *paths)
{
	const struct nfp_facts *facts = paths->facts;
	const struct nfp_index *s = paths->index;

	nfp_for_each (netns, facts->netns, facts->num_netns)
		nfp_for_each (link, netns->links, netns->num_links) {
			size_t at = nfp_link_number(s, netns, link);

			if ((strcmp(link->kind, "tun") != 0 &&
			     strcmp(link->kind, "macvtap") != 0) ||
			    !(paths->nodes[at].found || paths->nodes[s->nodes[at].master].found))
				continue;
			paths->is_cut |= paths->num_taps == NFP_TAPS_MAX;
			if (paths->num_taps < NFP_TAPS_MAX)
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
	const struct nfp_behind key = {nfp_link_number(paths->index, netns, port), pid};

	return pid && (nfp_process_has(paths->index, pid, netns, port) ||
		       (paths->num_behind && bsearch(&key, paths->behind, paths->num_behind,
						     sizeof(key), compare_behind)));
}

/* ---- all of them ---- */

void nfp_paths_find(const struct nfp_index *s, const struct nfp_pf *pf, struct nfp_paths *ret_paths)
{
	struct nfp_paths paths;
	size_t of_pf = nfp_ifindex_number(s, 0, pf->info.ifindex);

	nfp_paths_begin(&paths, s);
	paths.pf = pf;
	paths.have_vlans = s->facts->netns->num_port_vlans > 0;
	/* The PF itself comes first: a bridge may also have VFs as its ports. */
	nfp_paths_from(&paths, of_pf, (struct nfp_path) {.vf = NULL});
	nfp_for_each (vf, pf->vfs, pf->num_vfs) {
		const struct nfp_netdevs of = nfp_netdevs_of(s, vf->parentdev);

		nfp_for_each (netdev, of.v, of.n) {
			size_t at = nfp_link_number(s, netdev->netns, netdev->link);

			if (at == of_pf)
				continue;
			paths.nodes[at].found = true;
			paths.nodes[at].path = (struct nfp_path) {.vf = vf};
			if (vf->attr.vlan.vid)
				nfp_path_tag(&paths.nodes[at].path, vf->attr.vlan.vid);
		}
	}
	nfp_paths_walk(&paths);
	for (size_t at = 1; at <= s->n; at++)
		if (paths.nodes[at].found && paths.nodes[at].path.vf)
			paths.queue[paths.end++] = at;
	nfp_paths_walk(&paths);
	find_taps(&paths);
	*ret_paths = paths;
}

void nfp_paths_fini(struct nfp_paths *paths)
{
	free(paths->nodes);
	free(paths->queue);
	free(paths->taps);
	free(paths->behind);
	*paths = (struct nfp_paths) {.begin = 0};
}

bool nfp_path_find(const struct nfp_paths *paths, const struct nfp_netns *netns,
		   const struct nfp_link *link, struct nfp_path *ret_path)
{
	size_t at = nfp_link_number(paths->index, netns, link);

	if (paths->nodes[at].found)
		*ret_path = paths->nodes[at].path;
	return paths->nodes[at].found;
}

bool nfp_is_on_another(const struct nfp_paths *paths, const struct nfp_placed *netdev)
{
	const struct nfp_index *s = paths->index;
	size_t at = nfp_link_number(s, netdev->netns, netdev->link), base = s->nodes[at].base;

	return base && !paths->nodes[at].found && !paths->nodes[base].found &&
	       !paths->nodes[s->nodes[base].master].found;
}

/* Finds the path of frames of the entry's VLAN from the bridge to the PF, by the port that has the
 * entry if that leads there. False: no port passes them on. */
static bool leave_bridge(const struct nfp_paths *paths, const struct nfp_neigh *entry,
			 struct nfp_path *ret_path)
{
	const struct nfp_index *s = paths->index;
	size_t bridge = nfp_ifindex_number(s, 0, entry->master);
	size_t at = nfp_ifindex_number(s, 0, entry->ifindex);
	bool is_there = at && paths->nodes[at].found && !paths->nodes[at].path.vf;
	size_t port = is_there ? at : s->nodes[bridge].port;

	for (; port; port = is_there ? 0 : s->nodes[port].next_port) {
		*ret_path = paths->nodes[port].path;
		if (!paths->nodes[port].found || ret_path->vf)
			continue;
		if (!s->all[bridge]->vlan_filtering ||
		    leaves(paths, port, entry->vlan, entry->vlan > 1, ret_path))
			return true;
	}
	return false;
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
	    !nfp_path_find(paths, own, l.bridge, &path) || path.vf || path.by_switch ||
	    !leave_bridge(paths, entry, &path))
		return false;
	l.inner = path.inner;
	l.vlan = path.vlans[0];
	if (l.port && nfp_path_find(paths, own, l.port, &path)) {
		l.at_vf = path.vf;
		l.at_pf = !path.vf;
	}
	if (l.at_pf && !(entry->state & NUD_NOARP) && entry->seen_cs > NFP_FRESH_CS)
		return false;
	*ret_learned = l;
	return true;
}
