// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * forward.c - guests whose standby is cut off by what a bridge between it and the PF does to its
 * ports, while the VF, which the bridge does not touch, works.
 */
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/if_bridge.h>

#include "audit_priv.h"

/* Returns the VF of the PF that the process of the tap has, or is to get. NULL: none. */
static const struct nfp_vf_info *vf_of_user(const struct nfp_paths *paths,
					    const struct nfp_placed *tap)
{
	int pids[NFP_SAME_MAX];
	size_t num = nfp_tap_pids(paths->index, tap->netns, tap->link, pids);

	for (size_t i = 0; i < num; i++)
		nfp_for_each (vf, paths->pf->vfs, paths->pf->num_vfs)
			if (vf->user_pid == pids[i])
				return vf;
	return NULL;
}

/* ---- what is wrong on the path of a tap ---- */

/* A bridge, or a port of one, that may lose a guest. */
struct note {
	const struct kind *kind;
	const struct nfp_netns *netns;
	const struct nfp_link *bridge, *port, *other; /* port, other: NULL if it concerns none */
	const struct nfp_placed *tap;		      /* NULL: any guest */
};

struct notes {
	const struct nfp_paths *paths;
	struct note *v;
	size_t n;
};

enum what {
	HELD,
	ISOLATED,
	NO_BROADCAST,
	PROXY_ARP,
	NO_GROUPS,
	NO_FLOOD,
	AUTO_PORT,
	LOCKED,
	DELAYS_PORTS,
	SNOOPED,
	MAY_SNOOP,
	FILTERED,
};

enum whom {
	TAPS,	 /* any guest */
	PAIRS,	 /* guests that also have a VF of the PF */
	BRIDGES, /* the next guest */
};

/*
 * The kinds, in the order of the report. @what follows "PORT of BRIDGE", or "BRIDGE". @setting, of
 * bridge(8), is for the port. A remark may be on purpose, or may cost nothing.
 */
static const struct kind {
	enum nfp_finding_code code;
	bool remark;
	enum whom whom;
	const char *what, *why, *after, *setting, *value;
} kinds[] = {
	[HELD] = {NFP_FINDING_NOT_FORWARDING, false, TAPS, "does not forward",
		  "a guest behind it is cut off on its standby, and on that alone: its VF passes "
		  "by the bridge",
		  "no second path leads around the bridge, by which frames would go in circles",
		  "state", "3"},
	[ISOLATED] = {NFP_FINDING_NOT_FORWARDING, false, TAPS, "is isolated from the PF",
		      "two ports that are isolated pass each other nothing: a guest behind them is "
		      "cut off on its standby alone",
		      "", "isolated", "off"},
	[NO_BROADCAST] = {NFP_FINDING_NOT_FORWARDING, false, PAIRS, "gets no broadcasts",
			  "nobody finds a guest by ARP there, once it is on its standby", "",
			  "bcast_flood", "on"},
	[PROXY_ARP] = {NFP_FINDING_NOT_FORWARDING, false, PAIRS,
		       "has proxy_arp, and gets no broadcasts",
		       "nothing is flooded to such a port: nobody finds a guest by ARP there, once "
		       "it is on its standby",
		       "", NULL, NULL},
	[NO_GROUPS] = {NFP_FINDING_NOT_FORWARDING, true, PAIRS,
		       "gets no groups but those that were joined by it",
		       "the guest has joined its groups, as those of IPv6, by its VF alone", "",
		       "mcast_flood", "on"},
	[NO_FLOOD] = {NFP_FINDING_NOT_FORWARDING, true, PAIRS,
		      "gets nothing for an address that the bridge does not have",
		      "a guest on its standby that is silent is forgotten, and then loses what is "
		      "sent to it",
		      "", "flood", "on"},
	/* br_manage_promisc in net/bridge/br_if.c: with vlan_filtering, a port of a bridge that has
	 * one other port at most which learns or is flooded to is not promiscuous. */
	[AUTO_PORT] =
		{NFP_FINDING_NOT_FORWARDING, true, PAIRS,
		 "learns or is flooded to, and the port towards the PF does not learn",
		 "so the PF is promiscuous, and its filter is not that of static-bridge: a tap "
		 "that was out of its bridge, as when the host's network is restarted, lacks what "
		 "libvirt has set there",
		 "", NULL, NULL},
	[LOCKED] = {NFP_FINDING_NOT_FORWARDING, true, PAIRS, "is locked",
		    "what a guest sends by its standby is dropped there, unless the bridge has its "
		    "address at that port",
		    "the guest may send without having been let in (802.1X)", "locked", "off"},
	[DELAYS_PORTS] = {NFP_FINDING_STP_DELAY, true, BRIDGES, "holds each new port back (STP)",
			  "a guest that starts here, or migrates here, is deaf on its standby for "
			  "so long, and nothing is logged",
			  "no second path leads around the bridge, by which frames would go in "
			  "circles",
			  NULL, NULL},
	[SNOOPED] =
		{NFP_FINDING_BRIDGE_SNOOPS, true, PAIRS,
		 "gets only groups that were joined by it: the bridge snoops, and there is a "
		 "querier",
		 "the guest has joined its groups by its VF alone, so that on its standby it is "
		 "not found by IPv6; the command gives it all groups, which costs it some load",
		 "", "mcast_router", "2"},
	[MAY_SNOOP] =
		{NFP_FINDING_BRIDGE_SNOOPS, true, PAIRS,
		 "gets only groups that were joined by it if a querier is on the wire, which "
		 "this kernel does not say: the bridge snoops",
		 "the guest has joined its groups by its VF alone, so that on its standby it is "
		 "not found by IPv6; the command gives it all groups, which costs it some load",
		 "", "mcast_router", "2"},
	[FILTERED] = {NFP_FINDING_BRIDGE_NETFILTER, true, PAIRS,
		      "gives the frames between its ports to netfilter",
		      "its rules, which are not read, may drop them on the standby alone: the VF "
		      "passes by the bridge",
		      "nobody needs these rules (Docker, Kubernetes, libvirt's nwfilter and "
		      "firewalls of guests set this)",
		      NULL, NULL},
};

static bool is_running(const struct nfp_link *port)
{
	return port->flags & IFF_UP && port->carrier;
}

/* Does the bridge not learn at the PF, as that of static-bridge? libvirt keeps its table then. */
static bool is_static(const struct note *note)
{
	return note->other && note->other->port.no_learning && note->bridge->vlan_filtering;
}

static bool is_so(const struct note *note)
{
	const struct nfp_bridge *bridge = &note->bridge->bridge;
	const struct nfp_bridge_port *port = note->port ? &note->port->port : NULL;

	switch (note->kind - kinds) {
	case HELD: /* one that is down, or without carrier, is disabled, as is its guest's link */
		return note->bridge->flags & IFF_UP && port->known &&
		       port->state != BR_STATE_FORWARDING && is_running(note->port);
	case ISOLATED:
		return note->other && port->isolated && note->other->port.isolated;
	case NO_BROADCAST:
		return port->no_bcast_flood;
	case PROXY_ARP:
		return port->proxy_arp;
	case NO_GROUPS:
		return port->no_mcast_flood && port->mcast_router != 2;
	case NO_FLOOD:
		return port->no_flood && !is_static(note);
	case AUTO_PORT:
		return is_static(note) && !(port->no_learning && port->no_flood);
	case LOCKED:
		return port->locked;
	case SNOOPED:
		return bridge->snoops && bridge->has_querier && port->mcast_router != 2;
	case MAY_SNOOP:
		return bridge->snoops && bridge->querier_unknown && port->mcast_router != 2;
	case DELAYS_PORTS:
		return bridge->stp_delay_ms != 0;
	default:
		return bridge->netfilter || note->netns->netfilter;
	}
}

/* ---- the commands ---- */

static void set_link(const struct note *note, const char *setting, const char *value,
		     struct nfp_commands *to)
{
	nfp_fix_begin(to, note->netns, note->port ?: note->bridge, "set");
	nfp_command_more(to, "type %s %s %s", note->port ? "bridge_slave" : "bridge", setting,
			 value);
	nfp_fix_end(to, note->netns);
}

static void set_unfiltered(const struct note *note, struct nfp_commands *to)
{
	static const char *const tables[] = {"iptables", "ip6tables", "arptables"};
	char setting[64];

	for (unsigned int i = 0; i < NFP_NUM(tables); i++) {
		if (note->netns->netfilter & 1U << i)
			nfp_command_add(to, "sysctl -w net.bridge.bridge-nf-call-%s=0", tables[i]);
		snprintf(setting, sizeof(setting), "nf_call_%s", tables[i]);
		if (note->bridge->bridge.netfilter & 1U << i)
			set_link(note, setting, "0", to);
	}
}

/* Sets at the tap what libvirt sets there with macTableManager='libvirt'. */
static void make_static(const struct note *note, const struct nfp_paths *paths,
			struct nfp_commands *to)
{
	const struct nfp_vf_info *vf = vf_of_user(paths, note->tap);

	nfp_fix_tool(to, note->netns, "bridge");
	nfp_command_more(to, "link set dev %s learning off flood off", note->port->ifname);
	nfp_fix_end(to, note->netns);
	if (!vf || nfp_mac_is_nobodys(&vf->attr.mac))
		return;
	nfp_fix_tool(to, note->netns, "bridge");
	nfp_command_more(to, "fdb replace %s dev %s master static", nfp_mac_str(&vf->attr.mac).text,
			 note->port->ifname);
	nfp_fix_end(to, note->netns);
}

/* br_set_port_state refuses a state while the kernel's STP is on, and a port that listens goes on
 * to listen when STP ends (br_stp_stop). All ports are to reach an isolated one towards the PF. */
static void fix(const struct nfp_paths *paths, const struct note *note, struct nfp_commands *to)
{
	const struct note of_bridge = {.netns = note->netns, .bridge = note->bridge};
	const ptrdiff_t what = note->kind - kinds;

	if (what == DELAYS_PORTS || (what == HELD && note->bridge->bridge.stp))
		set_link(&of_bridge, "stp_state", "0", to);
	if (what == PROXY_ARP)
		set_link(note, "proxy_arp", "off", to);
	if (what == FILTERED)
		set_unfiltered(note, to);
	if (what == AUTO_PORT)
		make_static(note, paths, to);
	if (!note->kind->setting)
		return;
	nfp_fix_tool(to, note->netns, "bridge");
	nfp_command_more(to, "link set dev %s %s %s",
			 (what == ISOLATED ? note->other : note->port)->ifname, note->kind->setting,
			 note->kind->value);
	nfp_fix_end(to, note->netns);
}

/* ---- the ports and bridges ---- */

static void add_note(struct notes *notes, struct note note)
{
	if (is_so(&note))
		*nfp_grow(notes->v, notes->n) = note;
}

static void look_at_hop(struct notes *notes, const struct nfp_placed *tap, bool is_pair,
			const struct nfp_hop *hop)
{
	nfp_for_each (kind, kinds, NFP_NUM(kinds)) {
		struct note note = {kind, hop->netns, hop->bridge, hop->in, hop->out, tap};

		if (kind->whom == BRIDGES || (kind->whom == PAIRS && !is_pair))
			continue;
		if (kind == &kinds[FILTERED])
			note.port = NULL;
		if (note.port || kind == &kinds[FILTERED])
			add_note(notes, note);
		/* Flooded frames reach the PF as well. A note on both ports, or on the guest's
		 * groups, says so already. */
		note.port = hop->out;
		note.other = NULL;
		if (note.port && kind < &kinds[AUTO_PORT])
			add_note(notes, note);
	}
}

static void look_at_taps(struct notes *notes)
{
	const struct nfp_paths *paths = notes->paths;

	nfp_for_each (tap, paths->taps, paths->num_taps) {
		struct nfp_hop hops[NFP_HOPS_MAX];
		size_t num = nfp_path_hops(paths, tap->netns, tap->link, hops);
		bool is_pair = num && vf_of_user(paths, tap);

		/* Only root must be able to cause a finding. */
		if (!num || tap->netns->users ||
		    !nfp_tap_may_be_open(paths->index, tap->netns, tap->link))
			continue;
		nfp_for_each (hop, hops, num)
			look_at_hop(notes, tap, is_pair, hop);
	}
}

static void look_at_bridges(struct notes *notes)
{
	const struct nfp_facts *facts = notes->paths->facts;

	nfp_for_each (netns, facts->netns, facts->num_netns)
		nfp_for_each (link, netns->links, netns->users ? 0 : netns->num_links) {
			struct nfp_path path;

			if (strcmp(link->kind, "bridge") == 0 &&
			    nfp_path_find(notes->paths, netns, link, &path) && !path.vf)
				add_note(notes, (struct note) {.kind = &kinds[DELAYS_PORTS],
							       .netns = netns,
							       .bridge = link});
		}
}

/* ---- each is told once ---- */

static int compare_notes(const void *a, const void *b)
{
	const struct note *x = a, *y = b;

#define ORDER(member) ((x->member > y->member) - (x->member < y->member))
	return ORDER(kind) ?: ORDER(netns) ?: ORDER(bridge) ?: ORDER(port) ?: ORDER(tap);
#undef ORDER
}

static bool is_same(const struct note *a, const struct note *b)
{
	return a->kind == b->kind && a->netns == b->netns && a->bridge == b->bridge &&
	       a->port == b->port;
}

/* STP blocks a second path, and the guests have the first: is there a port that leads to a network,
 * as far as its kind says? */
static bool has_other_path(const struct note *note)
{
	nfp_for_each (link, note->netns->links, note->netns->num_links)
		if (link->master == note->bridge->ifindex && link != note->port &&
		    link->port.state == BR_STATE_FORWARDING && is_running(link) &&
		    strcmp(link->kind, "tun") != 0 && strcmp(link->kind, "veth") != 0)
			return true;
	return false;
}

/* Has its cause been reported, a port that it delays now? */
static bool is_told(const struct notes *notes, const struct note *note)
{
	for (size_t i = 0; i < notes->n && note->kind->whom == BRIDGES; i++)
		if (notes->v[i].kind == kinds && notes->v[i].bridge == note->bridge)
			return true;
	return note->kind == kinds && !note->other && has_other_path(note);
}

static const char *state_of(const struct note *note)
{
	static const char *const states[] = {[BR_STATE_DISABLED] = "disabled",
					     [BR_STATE_LISTENING] = "listening",
					     [BR_STATE_LEARNING] = "learning",
					     [BR_STATE_BLOCKING] = "blocking"};
	uint8_t state = note->port->port.state;

	return state < NFP_NUM(states) && states[state] ? states[state] : "unknown";
}

static void tell(const struct notes *notes, const struct note *note, struct nfp_finding *f)
{
	bool is_first = !f->what[0];

	nfp_appendf(f->what, sizeof(f->what), "%s", is_first ? "" : "; ");
	if (note->port)
		nfp_appendf(f->what, sizeof(f->what), "%s of ", note->port->ifname);
	nfp_appendf(f->what, sizeof(f->what), "%s%s%.60s %s", note->bridge->ifname,
		    note->netns->name[0] ? " in " : "", note->netns->name, note->kind->what);
	if (note->port && note->kind == kinds)
		nfp_appendf(f->what, sizeof(f->what), " (%s)", state_of(note));
	if (note->kind == &kinds[DELAYS_PORTS])
		nfp_appendf(f->what, sizeof(f->what), " for %g s",
			    note->bridge->bridge.stp_delay_ms / 1000.0);
	if (note->tap && note->tap->link != note->port)
		nfp_appendf(f->what, sizeof(f->what), ", and %s is behind it",
			    note->tap->link->ifname);
	if (is_first) {
		f->remark = note->kind->remark;
		nfp_finding_name(f, notes->paths, NULL);
		snprintf(f->why, sizeof(f->why), "%s", note->kind->why);
		if (note->kind != kinds || note->bridge->bridge.stp)
			snprintf(f->after, sizeof(f->after), "%s", note->kind->after);
	}
	fix(notes->paths, note, &f->commands);
}

void nfp_find_forward(const struct nfp_paths *paths, struct nfp_audit *audit)
{
	struct notes notes = {.paths = paths};
	const struct kind *kind = kinds + NFP_NUM(kinds); /* of none yet */
	size_t num = 0;

	if (paths->pf->num_vfs) {
		look_at_taps(&notes);
		look_at_bridges(&notes);
	}
	if (notes.n)
		qsort(notes.v, notes.n, sizeof(*notes.v), compare_notes);
	for (size_t i = 0; i < notes.n; i++) {
		const struct note *note = &notes.v[i];
		struct nfp_finding *f;

		if ((i && is_same(note, note - 1)) || is_told(&notes, note))
			continue;
		if (note->kind != kind)
			nfp_finding_add(audit, note->kind->code, paths->pf);
		num = note->kind == kind ? num + 1 : 1;
		kind = note->kind;
		f = &audit->findings[audit->num_findings - 1];
		if (num <= COMMANDS_MAX)
			tell(&notes, note, f);
		else if (num == COMMANDS_MAX + 1)
			nfp_appendf(f->what, sizeof(f->what), "; and others");
	}
	free(notes.v);
}
