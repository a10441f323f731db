// SPDX-License-Identifier: GPL-2.0-or-later
/* steps.c - the netdevs between a guest and the wire. */
#include "net/steps.h"

#include <linux/if_bridge.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "inventory_priv.h"
#include "owner_priv.h"

/* A netdev of a way, as nfp_step_at has it, by numbers of the index. */
struct leg {
	size_t at, bridge;
	bool inward, beside;
};

struct nfp_walker {
	const struct nfp_index *s;
	const struct nfp_pf *pf;
	/* By the number of a bridge, behind any of its ports; or of the netdev below a macvtap. */
	struct route {
		bool known, reaches, is_cut;
		struct leg *v; /* owned */
		size_t n;
	} * routes;
};

/* Number 0 is where the walk begins. */
struct walk {
	const struct nfp_index *s;
	struct reached {
		bool found, inward;
		bool leads;  /* a way out begins here */
		bool beside; /* another way out begins where the frames came from */
		size_t before, bridge, depth;
	} * nodes;
	size_t *queue, begin, end;
};

static bool is_kind(const struct nfp_index *s, size_t at, const char *kind)
{
	return at && strcmp(s->all[at]->kind, kind) == 0;
}

static bool is_bridge(const struct nfp_index *s, size_t at)
{
	return is_kind(s, at, "bridge") || is_kind(s, at, "openvswitch");
}

static void reach(struct walk *w, size_t at, size_t before, size_t bridge, bool inward)
{
	if (!at)
		return;
	if (w->nodes[at].found) {
		/* Two ways meet; what is behind them is the first one's. */
		w->nodes[before].leads |= w->nodes[before].before != at;
		return;
	}
	w->nodes[at] = (struct reached) {.found = true,
					 .inward = inward,
					 .before = before,
					 .bridge = bridge,
					 .depth = w->nodes[before].depth + 1};
	w->queue[w->end++] = at;
}

/* All ports of a bridge but the one where the frame came. */
static void reach_ports(struct walk *w, size_t bridge, size_t from)
{
	for (size_t port = w->s->nodes[bridge].port; port; port = w->s->nodes[port].next_port)
		if (port != from && !nfp_link_is_tap(w->s->all[port]))
			reach(w, port, from, bridge, false);
}

/* Returns the netdev below it. */
static size_t lower_of(const struct nfp_index *s, size_t at)
{
	const struct nfp_link *link = s->all[at];

	return link->link_elsewhere ? nfp_ifindex_number(s, 0, link->link_elsewhere)
				    : nfp_ifindex_number(s, s->nodes[at].netns, link->link);
}

/* Goes from a netdev towards the wire. */
static void go_on(struct walk *w, size_t at)
{
	const struct nfp_index *s = w->s;
	const struct nfp_link *link = s->all[at];
	size_t lower;

	if (w->nodes[at].inward && is_bridge(s, s->nodes[at].master)) {
		reach_ports(w, s->nodes[at].master, at);
		return;
	}
	if (link->physical)
		return;
	if (s->nodes[at].peer) {
		size_t peer = s->nodes[at].peer;
		size_t master = s->nodes[peer].master;

		reach(w, peer, at, is_bridge(s, master) ? master : 0, true);
		return;
	}
	/* A bond, or a team. */
	for (size_t port = s->nodes[at].port; port && !is_bridge(s, at);
	     port = s->nodes[port].next_port)
		reach(w, port, at, 0, false);
	lower = lower_of(s, at);
	if (is_bridge(s, lower))
		reach_ports(w, lower, at);
	else
		reach(w, lower, at, 0, false);
}

/* Returns the last netdev of the way. */
static size_t find_end(const struct walk *w, const struct nfp_pf *pf, bool *reaches)
{
	size_t best = w->end ? w->queue[0] : 0;

	*reaches = false;
	for (size_t i = 0; i < w->end; i++) {
		size_t at = w->queue[i];
		const struct nfp_link *link = w->s->all[at];
		bool is_pf = pf && !w->s->nodes[at].netns && link->ifindex == pf->info.ifindex;

		if (is_pf || (link->physical && !*reaches)) {
			*reaches = true;
			best = at;
		} else if (!*reaches && w->nodes[at].depth > w->nodes[best].depth) {
			best = at;
		}
		if (is_pf)
			break;
	}
	return best;
}

/* Returns whether its own state lets the netdev pass frames. */
static bool passes(const struct walk *w, size_t at)
{
	const struct nfp_link *link = w->s->all[at];

	return link->flags & IFF_UP && !(w->nodes[at].bridge && link->port.known &&
					 link->port.state != BR_STATE_FORWARDING);
}

/* A netdev that ends a way may lead out, unless its kind is known to lead nowhere. */
static bool may_lead_out(const struct walk *w, size_t at)
{
	static const char *const known[] = {"tun",  "macvtap", "dummy",	 "bond",
					    "team", "vlan",    "macvlan"};
	const struct nfp_link *link = w->s->all[at];

	if (link->physical)
		return true;
	nfp_for_each (kind, known, NFP_NUM(known))
		if (strcmp(link->kind, *kind) == 0)
			return false;
	return !(strcmp(link->kind, "veth") == 0 && w->s->nodes[at].peer);
}

/* Finds where the way to @last has another beside it. */
static void find_forks(struct walk *w, size_t last)
{
	bool *on_way = nfp_calloc(w->s->n + 1, sizeof(*on_way));
	size_t *next = nfp_calloc(w->s->n + 1, sizeof(*next));

	on_way[0] = true;
	for (size_t at = last; at; at = w->nodes[at].before) {
		on_way[at] = true;
		next[w->nodes[at].before] = at;
	}
	for (size_t i = w->end; i-- > 0;) {
		size_t at = w->queue[i], before = w->nodes[at].before;

		w->nodes[at].leads = (w->nodes[at].leads || may_lead_out(w, at)) && passes(w, at);
		if (!w->nodes[at].leads || on_way[at])
			continue;
		w->nodes[before].leads = true;
		if (on_way[before])
			w->nodes[next[before]].beside = true;
	}
	free(on_way);
	free(next);
}

/* ---- the tags ---- */

/* The VLANs of frames on the way, as far as it goes. */
struct tags {
	bool has_vid, any;
	uint16_t vid; /* the outermost tag */
	bool lacks;
	uint16_t in_bridge; /* the VLAN in the bridge that filters; 0: not known */
};

static bool knows_vlans(const struct nfp_index *s, size_t port)
{
	const struct nfp_netns *netns = &s->facts->netns[s->nodes[port].netns];

	return netns->vlans_known || (netns == s->facts->netns && netns->num_port_vlans);
}

/* Sets the tag at a port of a bridge that filters, where frames are in the VLAN @vid. */
static void tag_at_port(const struct nfp_index *s, size_t port, uint16_t vid, struct tags *tags)
{
	const struct nfp_port_vlan *vlan = nfp_index_vlan(s, port, vid);

	tags->lacks = knows_vlans(s, port) && !vlan;
	tags->has_vid = vid;
	tags->any = !vid || !knows_vlans(s, port);
	/* A frame in a VLAN that the port lacks comes to it with its tag. */
	tags->vid = vlan && vlan->untagged ? 0 : vid;
}

static void tag_step(const struct nfp_index *s, const struct leg *leg, size_t from,
		     struct tags *tags)
{
	bool filters = leg->bridge && s->all[leg->bridge]->vlan_filtering;

	tags->lacks = false;
	if (is_kind(s, leg->bridge, "openvswitch"))
		tags->any = true;
	if (filters && leg->inward) {
		tags->in_bridge = s->nodes[leg->at].pvid;
		tag_at_port(s, leg->at, tags->in_bridge, tags);
	} else if (filters) {
		/* A VLAN netdev on the bridge, or a port of it. */
		if (s->nodes[from].master != leg->bridge)
			tags->in_bridge = is_kind(s, from, "vlan")
						  ? s->all[from]->vlan_id
						  : s->all[leg->bridge]->default_pvid;
		tag_at_port(s, leg->at, tags->in_bridge, tags);
	} else if (!leg->inward && is_kind(s, from, "vlan")) {
		tags->has_vid = true;
		tags->vid = s->all[from]->vlan_id;
	}
}

/* ---- the way ---- */

static void find_route(const struct nfp_walker *walker, size_t key, struct route *route)
{
	struct walk w = {.s = walker->s};
	size_t last, n;
	bool beside = false;

	w.nodes = nfp_calloc(w.s->n + 1, sizeof(*w.nodes));
	w.queue = nfp_calloc(w.s->n + 1, sizeof(*w.queue));
	if (is_bridge(w.s, key))
		reach_ports(&w, key, 0);
	else
		reach(&w, key, 0, 0, false);
	while (w.begin < w.end)
		go_on(&w, w.queue[w.begin++]);
	last = find_end(&w, walker->pf, &route->reaches);
	find_forks(&w, last);
	route->n = n = w.nodes[last].depth;
	route->v = nfp_calloc(n + 1, sizeof(*route->v));
	for (size_t at = last; at; at = w.nodes[at].before)
		route->v[--n] = (struct leg) {at, w.nodes[at].bridge, w.nodes[at].inward,
					      w.nodes[at].beside};
	nfp_for_each (leg, route->v, route->n)
		leg->beside = beside |= leg->beside;
	free(w.nodes);
	free(w.queue);
}

/* Returns the one port of a bridge that is no tap. 0: there are more, or none. */
static size_t only_port(const struct nfp_index *s, size_t bridge)
{
	size_t found = 0, num = 0;

	for (size_t port = s->nodes[bridge].port; port; port = s->nodes[port].next_port)
		if (!nfp_link_is_tap(s->all[port])) {
			found = port;
			num++;
		}
	return num == 1 ? found : 0;
}

static const struct route *route_of(struct nfp_walker *walker, size_t key, size_t depth)
{
	const struct nfp_index *s = walker->s;
	struct route *route = &walker->routes[key];
	const struct route *rest = NULL;
	size_t port = 0, peer = 0;

	if (route->known)
		return route;
	route->known = true;
	if (is_bridge(s, key)) {
		port = only_port(s, key);
		peer = s->nodes[port].peer;
	}
	/* A guest's own bridge, as that of a firewall, leads to one that others have, too. */
	if (peer && is_bridge(s, s->nodes[peer].master) && depth < NFP_STEPS_MAX)
		rest = route_of(walker, s->nodes[peer].master, depth + 2);
	for (size_t i = 0; rest && i < rest->n; i++)
		if (rest->v[i].at == port || rest->v[i].at == peer)
			rest = NULL;
	if (!rest || !rest->n) {
		find_route(walker, key, route);
		return route;
	}
	*route = (struct route) {.known = true, .reaches = rest->reaches, .n = rest->n + 2};
	route->v = nfp_calloc(route->n, sizeof(*route->v));
	route->v[0] = (struct leg) {port, key, false, false};
	route->v[1] = (struct leg) {peer, s->nodes[peer].master, true, false};
	memcpy(&route->v[2], rest->v, rest->n * sizeof(*rest->v));
	return route;
}

struct nfp_walker *nfp_walker_new(const struct nfp_index *s, const struct nfp_pf *pf)
{
	struct nfp_walker *walker = nfp_calloc(1, sizeof(*walker));

	walker->s = s;
	walker->pf = pf;
	walker->routes = nfp_calloc(s->n + 1, sizeof(*walker->routes));
	return walker;
}

void nfp_walker_free(struct nfp_walker *walker)
{
	for (size_t i = 0; i <= walker->s->n; i++)
		free(walker->routes[i].v);
	free(walker->routes);
	free(walker);
}

static void add_step(const struct nfp_index *s, const struct leg *leg, size_t from,
		     struct tags *tags, struct nfp_steps *steps)
{
	tag_step(s, leg, from, tags);
	steps->v[steps->n++] = (struct nfp_step_at) {
		.at = {&s->facts->netns[s->nodes[leg->at].netns], s->all[leg->at]},
		.bridge = leg->bridge ? s->all[leg->bridge] : NULL,
		.inward = leg->inward,
		.beside = leg->beside,
		.has_vid = tags->has_vid,
		.vid = tags->vid,
		.any_vlan = tags->any,
		.in_bridge = tags->in_bridge,
		.lacks = tags->lacks,
	};
}

void nfp_steps_find(struct nfp_walker *walker, const struct nfp_placed *tap,
		    struct nfp_steps *ret_steps)
{
	const struct nfp_index *s = walker->s;
	size_t from = nfp_link_number(s, tap->netns, tap->link);
	size_t master = is_bridge(s, s->nodes[from].master) ? s->nodes[from].master : 0, key;
	struct leg first = {.at = from, .bridge = master, .inward = !is_kind(s, from, "macvtap")};
	const struct route *route;
	struct tags tags = {.has_vid = false};

	*ret_steps = (struct nfp_steps) {.n = 0};
	key = master ?: lower_of(s, from);
	route = key ? route_of(walker, key, 1) : &walker->routes[0];
	ret_steps->is_cut = route->n + 1 > NFP_STEPS_MAX;
	if (ret_steps->is_cut)
		return;
	ret_steps->reaches = route->reaches;
	add_step(s, &first, 0, &tags, ret_steps);
	nfp_for_each (leg, route->v, route->n) {
		add_step(s, leg, from, &tags, ret_steps);
		from = leg->at;
	}
}
