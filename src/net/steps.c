// SPDX-License-Identifier: GPL-2.0-or-later
/* steps.c - the netdevs between a guest and the wire. */
#include "net/steps.h"

#include <stdlib.h>
#include <string.h>

#include "inventory_priv.h"
#include "owner_priv.h"

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
					 .depth = before ? w->nodes[before].depth + 1 : 1};
	w->queue[w->end++] = at;
}

/* All ports of a bridge but the one where the frame came. */
static void reach_ports(struct walk *w, size_t bridge, size_t from)
{
	for (size_t port = w->s->nodes[bridge].port; port; port = w->s->nodes[port].next_port)
		if (port != from && !nfp_link_is_tap(w->s->all[port]))
			reach(w, port, from, bridge, false);
}

/* Goes from a netdev towards the wire. */
static void go_on(struct walk *w, size_t at)
{
	const struct nfp_index *s = w->s;
	const struct nfp_link *link = s->all[at];
	size_t ns = s->nodes[at].netns, lower;

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
	lower = link->link_elsewhere ? nfp_ifindex_number(s, 0, link->link_elsewhere)
				     : nfp_ifindex_number(s, ns, link->link);
	if (is_bridge(s, lower))
		reach_ports(w, lower, at);
	else
		reach(w, lower, at, 0, false);
}

/* Returns the last netdev of the way. */
static size_t find_end(const struct walk *w, const struct nfp_pf *pf, bool *reaches)
{
	size_t best = w->queue[0];

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

/* What ends a way, and is neither a NIC nor known to lead nowhere, may lead out. */
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

	for (size_t at = last; at; at = w->nodes[at].before) {
		on_way[at] = true;
		next[w->nodes[at].before] = at;
	}
	for (size_t i = w->end; i-- > 0;) {
		size_t at = w->queue[i], before = w->nodes[at].before;

		w->nodes[at].leads |= may_lead_out(w, at);
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
	/* What a port lacks comes to it with its tag. */
	tags->vid = vlan && vlan->untagged ? 0 : vid;
}

static void tag_step(const struct walk *w, size_t at, struct tags *tags)
{
	const struct nfp_index *s = w->s;
	const struct reached *node = &w->nodes[at];
	bool filters = node->bridge && s->all[node->bridge]->vlan_filtering;

	tags->lacks = false;
	if (is_kind(s, node->bridge, "openvswitch"))
		tags->any = true;
	if (filters && node->inward) {
		tags->in_bridge = s->nodes[at].pvid;
		tag_at_port(s, at, tags->in_bridge, tags);
	} else if (filters) {
		size_t from = node->before;

		/* A VLAN netdev on the bridge, or a port of it. */
		if (s->nodes[from].master != node->bridge)
			tags->in_bridge = is_kind(s, from, "vlan")
						  ? s->all[from]->vlan_id
						  : s->all[node->bridge]->default_pvid;
		tag_at_port(s, at, tags->in_bridge, tags);
	} else if (node->before && !node->inward && is_kind(s, node->before, "vlan")) {
		tags->has_vid = true;
		tags->vid = s->all[node->before]->vlan_id;
	}
}

void nfp_steps_find(const struct nfp_index *s, const struct nfp_placed *tap,
		    const struct nfp_pf *pf, struct nfp_steps *ret_steps)
{
	struct walk w = {.s = s};
	size_t first = nfp_link_number(s, tap->netns, tap->link), last;
	struct tags tags = {.has_vid = false};
	size_t way[NFP_STEPS_MAX] = {0}, n = 0;
	bool beside = false;

	*ret_steps = (struct nfp_steps) {.n = 0};
	w.nodes = nfp_calloc(s->n + 1, sizeof(*w.nodes));
	w.queue = nfp_calloc(s->n + 1, sizeof(*w.queue));
	reach(&w, first, 0, is_bridge(s, s->nodes[first].master) ? s->nodes[first].master : 0,
	      !is_kind(s, first, "macvtap"));
	while (w.begin < w.end)
		go_on(&w, w.queue[w.begin++]);
	last = w.end ? find_end(&w, pf, &ret_steps->reaches) : 0;
	ret_steps->is_cut = w.nodes[last].depth > NFP_STEPS_MAX;
	if (ret_steps->is_cut)
		last = 0;
	find_forks(&w, last);
	for (size_t at = last; at; at = w.nodes[at].before)
		way[n++] = at;
	while (n-- > 0) {
		size_t at = way[n];

		beside |= w.nodes[at].beside;
		tag_step(&w, at, &tags);
		ret_steps->v[ret_steps->n++] = (struct nfp_step_at) {
			.at = {&s->facts->netns[s->nodes[at].netns], s->all[at]},
			.bridge = w.nodes[at].bridge ? s->all[w.nodes[at].bridge] : NULL,
			.inward = w.nodes[at].inward,
			.beside = beside,
			.has_vid = tags.has_vid,
			.vid = tags.vid,
			.any_vlan = tags.any,
			.in_bridge = tags.in_bridge,
			.lacks = tags.lacks,
		};
	}
	free(w.nodes);
	free(w.queue);
}
