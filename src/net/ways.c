// SPDX-License-Identifier: GPL-2.0-or-later
/* ways.c - where frames leave this host that are sent to one of its netdevs. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "inventory_priv.h"
#include "owner_priv.h"

enum how {
	PASSES,	 /* it hands frames on, or ends them */
	LEAVES,	 /* frames leave by the device, */
	TUNNELS, /* or inside packets of the host */
	STRANGE, /* nobody here can look into it */
};

static bool is_one_of(const char *word, const char *const words[])
{
	for (; *words; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}
#define IS_ONE_OF(word, ...) is_one_of(word, (const char *const[]) {__VA_ARGS__, NULL})

/* A guest's tap, by the names of libvirt, KubeVirt and Proxmox, has no network behind it. */
static bool is_guests(const struct nfp_link *link)
{
	static const char *const names[] = {"vnet", "macvtap", "tap"};

	if (strcmp(link->kind, "tun") != 0)
		return false;
	nfp_for_each (name, names, NFP_NUM(names)) {
		const char *at = link->ifname + strlen(*name);

		if (strncmp(link->ifname, *name, strlen(*name)) != 0 || !isdigit(*at))
			continue;
		at += strspn(at, "0123456789");
		if (at[0] == 'i' && isdigit(at[1]))
			at += 1 + strspn(at + 1, "0123456789");
		if (!*at)
			return true;
	}
	return false;
}

static enum how how_of(const struct nfp_index *s, size_t at)
{
	const struct nfp_link *link = s->all[at];
	size_t bridge = s->nodes[at].peer ? s->nodes[s->nodes[at].peer].master : 0;

	if (link->link_elsewhere)
		return STRANGE;
	if (link->parentdev[0])
		return LEAVES;
	if (nfp_is_tunnel(link))
		return TUNNELS;
	if (IS_ONE_OF(link->kind, "bridge", "bond", "team", "dummy", "ifb") || is_guests(link) ||
	    (link->link && IS_ONE_OF(link->kind, "vlan", "macvlan", "macvtap", "ipvlan")) ||
	    (bridge && IS_ONE_OF(s->all[bridge]->kind, "bridge", "openvswitch")))
		return PASSES;
	return STRANGE;
}

/* A tap, a macvtap or a veth is no place for a standby. */
static bool is_place(const struct nfp_link *link)
{
	return link->parentdev[0] || !IS_ONE_OF(link->kind, "tun", "macvtap", "veth");
}

struct search {
	const struct nfp_netns *own;
	struct nfp_paths paths;
	struct nfp_ways *ways;
	size_t *strange; /* by the number of a netdev: how many ways it has that nobody can look
			    into */
};

/* Two ways that nobody can look into suffice: one of them may be the asking netdev itself. */
static void add(struct search *s, size_t on, size_t by, size_t exit, bool known)
{
	const struct nfp_index *index = s->paths.index;
	struct nfp_hop hops[NFP_HOPS_MAX];
	size_t first = by != on, num = nfp_path_hops_at(&s->paths, by, hops);
	struct nfp_way *e;

	if (!known && s->strange[on]++ >= 2)
		return;
	/* A part of the bridges is no way: a pin in each of these alone helps nobody. */
	if (s->ways->n == NFP_WAYS_MAX || first + num > NFP_HOPS_MAX) {
		s->ways->is_cut = true;
		return;
	}
	e = nfp_grow(s->ways->v, s->ways->n);
	*e = (struct nfp_way) {.on = index->all[on],
			       .link = index->all[exit],
			       .path = s->paths.nodes[by].path,
			       .known = known && !s->paths.nodes[by].path.by_switch,
			       .num_hops = first + num};
	if (first)
		e->hops[0] = (struct nfp_hop) {NULL, index->all[on], NULL, index->all[by]};
	memcpy(e->hops + first, hops, num * sizeof(*hops));
	nfp_for_each (hop, e->hops, e->num_hops)
		hop->netns = s->own;
}

static void forget(struct nfp_paths *p)
{
	for (size_t i = 0; i < p->end; i++)
		p->nodes[p->queue[i]].found = false;
	p->begin = p->end = 0;
}

/* Adds what was found, and forgets it. @exit 0: any exit that nobody can look into. */
static void collect(struct search *s, size_t exit)
{
	const struct nfp_index *index = s->paths.index;
	struct nfp_paths *p = &s->paths;

	nfp_paths_walk(p);
	for (size_t i = 0; i < p->end; i++) {
		size_t at = p->queue[i], master = index->nodes[at].master, end = at;

		while (!exit && p->nodes[end].before)
			end = p->nodes[end].before;
		if (is_place(index->all[at]) && strcmp(index->all[at]->kind, "bridge") != 0)
			add(s, at, at, exit ?: end, exit);
		if (master && strcmp(index->all[master]->kind, "bridge") == 0)
			add(s, master, at, exit ?: end, exit);
	}
	forget(p);
}

static int compare_ways(const void *a, const void *b)
{
	const struct nfp_way *x = a, *y = b;

	return NFP_ORDER(x->on, y->on) ?: NFP_ORDER(y->known, x->known)
		       ?: NFP_ORDER(x->link, y->link) ?: NFP_ORDER(x->hops->out, y->hops->out);
}

void nfp_ways_find(const struct nfp_netns *own, bool have_vlans, struct nfp_ways *ret_ways)
{
	struct nfp_netns netns = *own;
	const struct nfp_facts facts = {.netns = &netns, .num_netns = 1};
	struct nfp_index *index = nfp_index_new(&facts);
	struct search s = {.own = own, .ways = ret_ways};

	*ret_ways = (struct nfp_ways) {.n = 0};
	nfp_paths_begin(&s.paths, index);
	s.paths.have_vlans = have_vlans;
	s.strange = nfp_calloc(index->n + 1, sizeof(*s.strange));
	for (size_t at = 1; at <= index->n; at++) {
		enum how way = how_of(index, at);

		if (way != LEAVES && way != TUNNELS)
			continue;
		nfp_paths_from(&s.paths, at, (struct nfp_path) {.unknown = way == TUNNELS});
		collect(&s, at);
	}
	s.paths.have_vlans = false; /* whatever they are */
	for (size_t at = 1; at <= index->n; at++)
		if (how_of(index, at) == STRANGE)
			nfp_paths_from(&s.paths, at, (struct nfp_path) {.unknown = true});
	collect(&s, 0);
	if (ret_ways->n)
		qsort(ret_ways->v, ret_ways->n, sizeof(*ret_ways->v), compare_ways);
	nfp_paths_fini(&s.paths);
	free(s.strange);
	nfp_index_free(index);
}

/* ---- who sends by whom ---- */

static int compare_sending(const void *a, const void *b)
{
	const struct nfp_sending *x = a, *y = b;

	return NFP_ORDER(x->link, y->link) ?: NFP_ORDER(x->by, y->by);
}

void nfp_sending_find(struct nfp_topology *t)
{
	struct nfp_netns own = {.links = t->links, .num_links = t->num_links};
	const struct nfp_facts facts = {.netns = &own, .num_netns = 1};
	struct nfp_index *index = nfp_index_new(&facts);
	struct nfp_paths paths;

	nfp_paths_begin(&paths, index);
	paths.into_tunnels = true;
	for (size_t at = 1; at <= index->n; at++) {
		if (!index->all[at]->physical)
			continue;
		nfp_paths_from(&paths, at, (struct nfp_path) {.vf = NULL});
		nfp_paths_walk(&paths);
		for (size_t i = 0; i < paths.end; i++)
			*nfp_grow(t->sending, t->num_sending) =
				(struct nfp_sending) {index->all[paths.queue[i]], index->all[at]};
		forget(&paths);
	}
	if (t->num_sending)
		qsort(t->sending, t->num_sending, sizeof(*t->sending), compare_sending);
	nfp_paths_fini(&paths);
	nfp_index_free(index);
}

struct nfp_sendings nfp_sends_by(const struct nfp_topology *t, const struct nfp_link *link)
{
	const struct nfp_sending key = {.link = link};
	size_t from = nfp_lower_bound(&key, t->sending, t->num_sending, sizeof(key),
				      compare_sending),
	       end = from;

	while (end < t->num_sending && t->sending[end].link == link)
		end++;
	return (struct nfp_sendings) {t->sending + from, end - from};
}

bool nfp_sends_through(const struct nfp_topology *t, const struct nfp_link *link,
		       const struct nfp_link *by)
{
	const struct nfp_sendings all = nfp_sends_by(t, link);

	nfp_for_each (sending, all.v, all.n)
		if (sending->by == by)
			return true;
	return false;
}

/* ---- the ways ---- */

void nfp_ways_fini(struct nfp_ways *ways)
{
	free(ways->v);
	*ways = (struct nfp_ways) {.n = 0};
}

void nfp_pf_find_bridges(const struct nfp_netns *own, struct nfp_pf_info *pf)
{
	struct nfp_strv snooping = {.n = 0};
	struct nfp_ways ways;

	nfp_ways_find(own, false, &ways);
	pf->snooping[0] = pf->inner_port[0] = '\0';
	nfp_for_each (way, ways.v, ways.n) {
		if (way->link->ifindex != pf->ifindex)
			continue;
		nfp_for_each (hop, way->hops, way->num_hops) {
			const struct nfp_link *bridge = hop->bridge;

			if (bridge->bridge.snoops && bridge->bridge.has_querier)
				nfp_strv_addf(&snooping, "%s", bridge->ifname);
			if (hop->in && !pf->inner_port[0])
				memcpy(pf->inner_port, hop->in->ifname, sizeof(pf->inner_port));
		}
	}
	for (size_t i = 0; i < snooping.n; i++)
		nfp_appendf(pf->snooping, sizeof(pf->snooping), "%s%s", i ? ", " : "",
			    snooping.v[i]);
	nfp_strv_fini(&snooping);
	nfp_ways_fini(&ways);
}
