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

/* ---- the guests of VFs ---- */

/* The processes that have a VF of the PF, or are to get one. */
struct users {
	int *pids; /* owned, sorted */
	size_t num;
};

static int compare_pids(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

static struct users find_users(const struct nfp_pf *pf)
{
	struct users users = {.pids = nfp_calloc(pf->num_vfs + 1, sizeof(*users.pids))};

	nfp_for_each (vf, pf->vfs, pf->num_vfs)
		if (vf->user_pid)
			users.pids[users.num++] = vf->user_pid;
	qsort(users.pids, users.num, sizeof(*users.pids), compare_pids);
	return users;
}

static bool is_of(const struct users *users, const struct nfp_index *index,
		  const struct nfp_placed *tap)
{
	int pids[NFP_SAME_MAX];
	size_t num = nfp_tap_pids(index, tap->netns, tap->link, pids);

	nfp_for_each (pid, pids, users->num ? num : 0)
		if (bsearch(pid, users->pids, users->num, sizeof(*pid), compare_pids))
			return true;
	return false;
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

static bool is_running(const struct nfp_link *port)
{
	return port->flags & IFF_UP && port->carrier;
}

/* A port that is down, or has no carrier, is disabled, and the link of its guest is
 * down as well. */
static bool is_held(const struct note *note)
{
	return note->port->port.known && note->port->port.state != BR_STATE_FORWARDING &&
	       is_running(note->port);
}

static bool is_isolated(const struct note *note)
{
	return note->other && note->port->port.isolated && note->other->port.isolated;
}

static bool lacks_broadcast(const struct note *note)
{
	return note->port->port.no_bcast_flood;
}

static bool has_proxy_arp(const struct note *note)
{
	return note->port->port.proxy_arp;
}

static bool lacks_groups(const struct note *note)
{
	return note->port->port.no_mcast_flood && note->port->port.mcast_router != 2;
}

static bool lacks_flood(const struct note *note)
{
	return note->port->port.no_flood;
}

static bool is_locked(const struct note *note)
{
	return note->port->port.locked;
}

static bool is_snooped(const struct note *note)
{
	return note->bridge->bridge.snoops && note->bridge->bridge.has_querier &&
	       note->port->port.mcast_router != 2;
}

static unsigned int netfilter_of(const struct note *note)
{
	return note->bridge->bridge.netfilter | note->netns->netfilter;
}

static bool is_filtered(const struct note *note)
{
	return netfilter_of(note) != 0;
}

static bool delays_ports(const struct note *note)
{
	return note->bridge->bridge.stp_delay_ms != 0;
}

/* Adds a command of bridge(8) for the port. */
#define PORT_SETTING(name, words)                                                   \
	static void name(const struct note *note, struct nfp_commands *to)          \
	{                                                                           \
		nfp_fix_tool(to, note->netns, "bridge");                            \
		nfp_command_more(to, "link set dev %s " words, note->port->ifname); \
		nfp_fix_end(to, note->netns);                                       \
	}

PORT_SETTING(set_bcast_flood, "bcast_flood on")
PORT_SETTING(set_mcast_flood, "mcast_flood on")
PORT_SETTING(set_flood, "flood on")
PORT_SETTING(set_unlocked, "locked off")
PORT_SETTING(set_router, "mcast_router 2")
PORT_SETTING(set_forwarding, "state 3")

static void set_no_stp(const struct note *note, struct nfp_commands *to)
{
	nfp_fix_begin(to, note->netns, note->bridge, "set");
	nfp_command_more(to, "type bridge stp_state 0");
	nfp_fix_end(to, note->netns);
}

/* br_set_port_state refuses it while the kernel's STP is on, and a port that listens goes on to
 * listen when STP ends (br_stp_stop). */
static void set_free(const struct note *note, struct nfp_commands *to)
{
	if (note->bridge->bridge.stp)
		set_no_stp(note, to);
	set_forwarding(note, to);
}

/* All ports are to reach the port towards the PF. */
static void set_joined(const struct note *note, struct nfp_commands *to)
{
	nfp_fix_tool(to, note->netns, "bridge");
	nfp_command_more(to, "link set dev %s isolated off", note->other->ifname);
	nfp_fix_end(to, note->netns);
}

static void set_no_proxy(const struct note *note, struct nfp_commands *to)
{
	nfp_fix_begin(to, note->netns, note->port, "set");
	nfp_command_more(to, "type bridge_slave proxy_arp off");
	nfp_fix_end(to, note->netns);
}

static void set_unfiltered(const struct note *note, struct nfp_commands *to)
{
	static const char *const tables[] = {"iptables", "ip6tables", "arptables"};

	for (unsigned int i = 0; i < NFP_NUM(tables); i++) {
		if (note->netns->netfilter & 1U << i)
			nfp_command_add(to, "sysctl -w net.bridge.bridge-nf-call-%s=0", tables[i]);
		if (!(note->bridge->bridge.netfilter & 1U << i))
			continue;
		nfp_fix_begin(to, note->netns, note->bridge, "set");
		nfp_command_more(to, "type bridge nf_call_%s 0", tables[i]);
		nfp_fix_end(to, note->netns);
	}
}

enum whom {
	TAPS,	 /* any guest */
	PAIRS,	 /* guests that also have a VF of the PF */
	BRIDGES, /* the next guest */
};

/*
 * The kinds, in the order of the report. @what follows "PORT of BRIDGE", or "BRIDGE". A remark may
 * be on purpose, or may cost nothing.
 */
static const struct kind {
	enum nfp_finding_code code;
	bool remark;
	enum whom whom;
	bool is_bridge;
	bool (*is_so)(const struct note *note);
	const char *what, *why, *after;
	void (*fix)(const struct note *note, struct nfp_commands *to);
} kinds[] = {
	{NFP_FINDING_NOT_FORWARDING, false, TAPS, false, is_held, "does not forward",
	 "a guest behind it is cut off on its standby, and on that alone: its VF passes by the "
	 "bridge",
	 "no second path leads around the bridge, by which frames would go in circles", set_free},
	{NFP_FINDING_NOT_FORWARDING, false, TAPS, false, is_isolated, "is isolated from the PF",
	 "two ports that are isolated pass each other nothing: a guest behind them is cut off on "
	 "its standby alone",
	 "", set_joined},
	{NFP_FINDING_NOT_FORWARDING, false, PAIRS, false, lacks_broadcast, "gets no broadcasts",
	 "nobody finds a guest by ARP there, once it is on its standby", "", set_bcast_flood},
	{NFP_FINDING_NOT_FORWARDING, false, PAIRS, false, has_proxy_arp,
	 "has proxy_arp, and gets no broadcasts",
	 "nothing is flooded to such a port: nobody finds a guest by ARP there, once it is on its "
	 "standby",
	 "", set_no_proxy},
	{NFP_FINDING_NOT_FORWARDING, true, PAIRS, false, lacks_groups,
	 "gets no groups but those that were joined by it",
	 "the guest has joined its groups, as those of IPv6, by its VF alone", "", set_mcast_flood},
	{NFP_FINDING_NOT_FORWARDING, true, PAIRS, false, lacks_flood,
	 "gets nothing for an address that the bridge does not have",
	 "a guest on its standby that is silent is forgotten, and then loses what is sent to it",
	 "", set_flood},
	{NFP_FINDING_NOT_FORWARDING, true, PAIRS, false, is_locked, "is locked",
	 "what a guest sends by its standby is dropped there, unless the bridge has its address at "
	 "that port",
	 "the guest may send without having been let in (802.1X)", set_unlocked},
	{NFP_FINDING_STP_DELAY, true, BRIDGES, true, delays_ports, "holds each new port back (STP)",
	 "a guest that starts here, or migrates here, is deaf on its standby for so long, and "
	 "nothing is logged",
	 "no second path leads around the bridge, by which frames would go in circles", set_no_stp},
	{NFP_FINDING_BRIDGE_SNOOPS, true, PAIRS, false, is_snooped,
	 "gets only groups that were joined by it: the bridge snoops, and there is a querier",
	 "the guest has joined its groups by its VF alone, so that on its standby it is not found "
	 "by IPv6; the command gives it all groups, which costs it some load",
	 "", set_router},
	{NFP_FINDING_BRIDGE_NETFILTER, true, PAIRS, true, is_filtered,
	 "gives the frames between its ports to netfilter",
	 "its rules, which are not read, may drop them on the standby alone: the VF passes by the "
	 "bridge",
	 "nobody needs these rules (Docker, Kubernetes, libvirt's nwfilter and firewalls of guests "
	 "set this)",
	 set_unfiltered},
};

static void add_note(struct notes *notes, struct note note)
{
	if (note.kind->is_so(&note))
		*nfp_grow(notes->v, notes->n) = note;
}

static void look_at_hop(struct notes *notes, const struct nfp_placed *tap, bool is_pair,
			const struct nfp_hop *hop)
{
	nfp_for_each (kind, kinds, NFP_NUM(kinds)) {
		struct note note = {kind, hop->netns, hop->bridge, hop->in, hop->out, tap};

		if (kind->whom == BRIDGES || (kind->whom == PAIRS && !is_pair))
			continue;
		if (kind->is_bridge)
			note.port = NULL;
		if (note.port || kind->is_bridge)
			add_note(notes, note);
		/* Flooded frames reach the PF as well. A note on both ports, or on the guest's
		 * groups, says so already. */
		note.port = hop->out;
		note.other = NULL;
		if (note.port && !kind->is_bridge && kind->code == NFP_FINDING_NOT_FORWARDING &&
		    kind->is_so != is_locked)
			add_note(notes, note);
	}
}

static void look_at_taps(struct notes *notes, const struct users *users)
{
	const struct nfp_paths *paths = notes->paths;

	nfp_for_each (tap, paths->taps, paths->num_taps) {
		struct nfp_hop hops[NFP_HOPS_MAX];
		size_t num = nfp_path_hops(paths, tap->netns, tap->link, hops);
		bool is_pair = num && is_of(users, paths->index, tap);

		/* Only root must be able to cause a finding. */
		if (!num || tap->netns->users ||
		    !(nfp_tap_may_be_open(paths->index, tap->netns, tap->link) ||
		      nfp_macvtap_is_open(paths->index, tap->netns, tap->link)))
			continue;
		nfp_for_each (hop, hops, num)
			look_at_hop(notes, tap, is_pair, hop);
	}
}

static void look_at_bridges(struct notes *notes)
{
	const struct nfp_facts *facts = notes->paths->facts;

	nfp_for_each (kind, kinds, NFP_NUM(kinds))
		nfp_for_each (netns, facts->netns, kind->whom == BRIDGES ? facts->num_netns : 0)
			nfp_for_each (link, netns->links, netns->num_links) {
				struct nfp_path path;

				if (strcmp(link->kind, "bridge") == 0 && !netns->users &&
				    nfp_path_find(notes->paths, netns, link, &path) && !path.vf)
					add_note(notes, (struct note) {.kind = kind,
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
	if (note->kind == kinds)
		nfp_appendf(f->what, sizeof(f->what), " (%s)", state_of(note));
	if (note->kind->is_so == delays_ports)
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
	note->kind->fix(note, &f->commands);
}

void nfp_find_forward(const struct nfp_paths *paths, struct nfp_audit *audit)
{
	struct notes notes = {.paths = paths};
	struct users users = find_users(paths->pf);
	const struct kind *kind = NULL;
	size_t num = 0;

	if (paths->pf->num_vfs) {
		look_at_taps(&notes, &users);
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
	free(users.pids);
}
