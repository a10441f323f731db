// SPDX-License-Identifier: GPL-2.0-or-later
/* Where frames leave a host that are sent to a netdev of it. */
#include <stdlib.h>
#include <time.h>

#include "harness.h"
#include "net/owner.h"
#include "audit_host.h"

struct mine {
	struct nfp_netns own;
	struct nfp_ways ways;
};

static void take_apart(struct mine *h)
{
	nfp_ways_fini(&h->ways);
	free(h->own.links);
}

#define CASE(name) TEST_OF(name, unmake_nothing, take_apart, struct mine, h)

static struct nfp_link *add(struct mine *h, int ifindex, const char *name, const char *kind,
			    int master)
{
	struct nfp_link *link = nfp_grow(h->own.links, h->own.num_links);

	*link = (struct nfp_link) {.ifindex = ifindex, .master = master};
	snprintf(link->ifname, sizeof(link->ifname), "%s", name);
	snprintf(link->kind, sizeof(link->kind), "%s", kind);
	if (!kind[0])
		snprintf(link->parentdev, sizeof(link->parentdev), "0000:%02x:00.0", ifindex);
	link->physical = !kind[0];
	return link;
}

/* Two ends, each a port. */
static void add_pair(struct mine *h, int ifindex, const char *outer, int master, const char *inner,
		     int inner_master)
{
	add(h, ifindex, outer, "veth", master)->link = ifindex + 1;
	add(h, ifindex + 1, inner, "veth", inner_master)->link = ifindex;
}

static void find(struct mine *h)
{
	nfp_ways_fini(&h->ways);
	nfp_ways_find(&h->own, true, &h->ways);
}

/* "eth0.7.5 br0(inner,outer)", and "?" at the end of one that is not known; several in a row. */
static const char *said(const struct nfp_ways *ways, const char *on)
{
	static char text[1024];

	text[0] = '\0';
	nfp_for_each (way, ways->v, ways->n) {
		if (strcmp(way->on->ifname, on) != 0)
			continue;
		nfp_appendf(text, sizeof(text), "%s%s", text[0] ? "; " : "", way->link->ifname);
		for (size_t i = 0; i < way->path.num_vlans; i++)
			nfp_appendf(text, sizeof(text), ".%u", way->path.vlans[i]);
		nfp_for_each (hop, way->hops, way->num_hops)
			nfp_appendf(text, sizeof(text), " %s(%s,%s)", hop->bridge->ifname,
				    hop->in ? hop->in->ifname : "", hop->out->ifname);
		nfp_appendf(text, sizeof(text), "%s%s", way->path.unknown ? " .." : "",
			    way->known ? "" : "?");
	}
	return text;
}

#define FILTERS                                                                            \
	"br0 bridge filters_vlans pvid; eth9 in=br0; v100 vlan on=eth0 vlan=100 in=br0; "  \
	"v200 vlan on=eth0 vlan=200 in=br0; port_vlan v100 10 untagged pvid; "             \
	"port_vlan v200 20 untagged pvid; port_vlan eth9 7; fwbr bridge; br1 bridge; "     \
	"up20 veth in=br0; in20 veth in=fwbr peer=up20; port_vlan up20 20 untagged pvid; " \
	"up7 veth in=br0; in7 veth in=br1 peer=up7; port_vlan up7 7 untagged pvid; "       \
	"br0.7 vlan on=br0 vlan=7; on-br0 macvlan on=br0"

enum { ETH0 = 1, ETH1, BR0, BR1, FWBR, V100, V200 };

/* Words of audit_host.h; the host has eth0 and eth9. */
static const struct {
	const char *host;
	bool no_vlans; /* those of ports could not be read */
	const char *ways[5][2];
} rows[] = {
	/* Proxmox with firewall=1. */
	{"br0 bridge; eth0 in=br0; fwbr bridge; fwpr veth in=br0; fwln veth in=fwbr peer=fwpr; "
	 "tap100i0 tun in=fwbr; vnet7 tun in=br0",
	 .ways = {{"fwbr", "eth0 fwbr(,fwln) br0(fwpr,eth0)"},
		  {"br0", "eth0 br0(,eth0)"},
		  {"eth0", "eth0"},
		  {"fwln", ""},
		  {"tap100i0", ""}}},
	/* A bond of both NICs, VLAN netdevs in one another, and a macvlan, which a container calls
	 * its own. */
	{"bond0 bond; eth0 in=bond0; eth9 in=bond0; outer vlan on=bond0 vlan=100; br1 bridge; "
	 "inner vlan on=outer vlan=200 in=br1; m0 macvlan on=br1; lost vlan elsewhere=21; "
	 "nowhere bridge",
	 .ways = {{"bond0", "eth0; eth9"},
		  {"br1", "eth0.100.200 br1(,inner); eth9.100.200 br1(,inner)"},
		  {"m0", "eth0.100.200 br1(,inner); eth9.100.200 br1(,inner)"},
		  {"lost", "lost ..?"},
		  {"nowhere", ""}}},
	/* A bridge that filters lets a VLAN out by the port that has it. Its own ways are those of
	 * all its VLANs. */
	{FILTERS, .ways = {{"fwbr", "eth0.200 fwbr(,in20) br0(up20,v200)"},
			   {"br1", "eth9.7 br1(,in7) br0(up7,eth9)"},
			   {"br0.7", "eth9.7 br0(,eth9)"},
			   {"on-br0", ""},
			   {"br0", "eth0.100 br0(,v100); eth0.200 br0(,v200); eth9 br0(,eth9)"}}},
	{FILTERS, .no_vlans = true,
	 .ways = {{"br1", "eth0.100 br1(,in7) br0(up7,v100) ..; eth9 br1(,in7) br0(up7,eth9) .."}}},
	/* Containers, a tap of no guest's name, a tunnel, Open vSwitch. */
	{"docker0 bridge; v1 veth in=docker0 elsewhere=5; v2 veth in=docker0 elsewhere=5; "
	 "v3 veth in=docker0 elsewhere=5; br1 bridge; vx0 vxlan on=eth0 in=br1; tun7 tun "
	 "in=br1; "
	 "ovs openvswitch; eth0 in=ovs; ovsbr0 openvswitch in=ovs; qbr bridge; qvo veth in=ovs; "
	 "qvb veth in=qbr peer=qvo",
	 .ways = {{"docker0", "v1 docker0(,v1) ..?; v2 docker0(,v2) ..?"},
		  {"br1", "vx0 br1(,vx0) ..; tun7 br1(,tun7) ..?"},
		  {"ovs", "eth0; ovs ..?"},
		  {"qbr", "eth0 qbr(,qvb) ..?"},
		  {"ovsbr0", "ovsbr0 ..?"}}},
};

TEST(ways_of_a_host)
{
	nfp_for_each (row, rows, NFP_NUM(rows)) {
		struct nfp_ways ways = {.n = 0};
		struct host h;

		make_empty(&h);
		make_line(&h, "eth0 physical parentdev=0000:01:00.0; eth9 physical "
			      "parentdev=0000:09:00.0");
		make_line(&h, row->host);
		nfp_ways_find(&h.netns[0], !row->no_vlans, &ways);
		assert_false(ways.is_cut);
		for (size_t i = 0; i < 5 && row->ways[i][0]; i++)
			assert_string_equal(said(&ways, row->ways[i][0]), row->ways[i][1]);
		nfp_ways_fini(&ways);
	}
}

/* The bridges on the way, as a run has them of its PF. */
CASE(bridges_of_a_pf)
{
	struct nfp_pf_info pf = {.ifindex = ETH0};

	add(h, ETH0, "eth0", "", BR0);
	add(h, BR0, "br0", "bridge", 0)->bridge = (struct nfp_bridge) {.snoops = true};
	add(h, FWBR, "br07", "bridge", 0)->bridge = (struct nfp_bridge) {.snoops = true,
									 .has_querier = true};
	nfp_pf_find_bridges(&h->own, &pf);
	assert_string_equal(pf.snooping, "");
	assert_string_equal(pf.inner_port, "");
	add_pair(h, 20, "fwpr", BR0, "fwln", FWBR);
	add_pair(h, 22, "fwpr2", BR0, "fwln2", FWBR);
	nfp_pf_find_bridges(&h->own, &pf);
	assert_string_equal(pf.snooping, "br07");
	assert_non_null(strstr(pf.inner_port, "fwpr"));
	h->own.links[1].bridge.has_querier = true;
	nfp_pf_find_bridges(&h->own, &pf);
	assert_true(strcmp(pf.snooping, "br0, br07") == 0 || strcmp(pf.snooping, "br07, br0") == 0);
	pf.ifindex = ETH1;
	nfp_pf_find_bridges(&h->own, &pf);
	assert_string_equal(pf.snooping, "");
}

/* The sanitizers' code takes some ten times as long. */
#define MOST_SECONDS (UNDER_ASAN ? 10.0 : 1.0)

static double seconds(void)
{
	struct timespec ts;

	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts), 0);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Two thousand guests of Proxmox, and as many VFs with a netdev. ASan copies a list that grows. */
CASE(many_second_bridges)
{
	const int many = UNDER_ASAN ? 500 : 2000;
	struct nfp_topology t;
	double begin;

	add(h, ETH0, "eth0", "", BR0);
	add(h, BR0, "br0", "bridge", 0);
	for (int i = 0; i < many; i++) {
		add(h, 10000 + i, "vf", "", 0);
		add(h, 20000 + i, "fwbr", "bridge", 0);
		add_pair(h, 30000 + 2 * i, "fwpr", BR0, "fwln", 20000 + i);
		add(h, 40000 + i, "tap1i0", "tun", 20000 + i);
	}
	begin = seconds();
	find(h);
	t = (struct nfp_topology) {.links = h->own.links, .num_links = h->own.num_links};
	nfp_sending_find(&t);
	assert_true(seconds() - begin < MOST_SECONDS);
	/* Each device by itself; br0, and each guest's bridge and its port, by the PF. */
	assert_int_equal(t.num_sending, 1 + many + 1 + 2 * many);
	free(t.sending);
	assert_int_equal(h->ways.n, 2 * many + 2);
	assert_false(h->ways.is_cut);
}

/* Each port of a bridge is a VLAN netdev on the next one, which lies on the NIC: a billion paths.
 */
CASE(bounds)
{
	double begin;
	int ifindex = 100;

	add(h, ETH0, "eth0", "", 0);
	for (int i = 0; i < 6; i++) {
		int bridge = ifindex++;

		add(h, bridge, "br", "bridge", 0);
		for (int k = 0; k < 50; k++) {
			struct nfp_link *port = add(h, ifindex++, "port", "vlan", bridge);

			port->link = i == 5 ? ETH0 : bridge + 51;
			port->vlan_id = (uint16_t)(k + 1);
		}
	}
	begin = seconds();
	find(h);
	assert_true(seconds() - begin < MOST_SECONDS);
	assert_false(h->ways.is_cut);
	/* One more bridge than is followed. */
	h->own.num_links = 1;
	h->own.links[0].master = 100;
	for (int i = 0; i < (int)NFP_HOPS_MAX; i++) {
		add(h, 100 + i, "br", "bridge", 0);
		add_pair(h, 200 + 2 * i, "up", 100 + i, "in", 101 + i);
	}
	find(h);
	assert_false(h->ways.is_cut);
	add(h, 100 + (int)NFP_HOPS_MAX, "last", "bridge", 0);
	find(h);
	assert_true(h->ways.is_cut);
	nfp_for_each (way, h->ways.v, h->ways.n)
		assert_string_not_equal(way->on->ifname, "last");
}

/* ---- by lot, against a rule that sends frames by each path ---- */

enum { FRAMES_MAX = 512 };

struct frames {
	const struct mine *h;
	struct frame {
		const struct nfp_link *exit;
		char vlans[64];
	} v[FRAMES_MAX];
	size_t n;
};

static const struct nfp_link *link_by(const struct mine *h, int ifindex)
{
	nfp_for_each (link, h->own.links, h->own.num_links)
		if (link->ifindex == ifindex)
			return link;
	return NULL;
}

static void cross(struct frames *f, const struct nfp_link *bridge, int from, const char *vlans,
		  int depth);

/* The tags, of which the innermost is the last. */
static void leave(struct frames *f, const struct nfp_link *at, const char *vlans, int depth)
{
	const struct nfp_link *below = link_by(f->h, at->link), *on;
	char tagged[64];

	if (depth > 8 || f->n == FRAMES_MAX)
		return;
	if (!at->kind[0]) {
		f->v[f->n].exit = at;
		snprintf(f->v[f->n++].vlans, sizeof(f->v->vlans), "%s", vlans);
	} else if (strcmp(at->kind, "bridge") == 0) {
		cross(f, at, 0, vlans, depth + 1);
	} else if (strcmp(at->kind, "veth") == 0 && below) {
		on = link_by(f->h, below->master);
		if (on && strcmp(on->kind, "bridge") == 0)
			cross(f, on, below->ifindex, vlans, depth + 1);
	} else if (strcmp(at->kind, "bond") == 0) {
		nfp_for_each (port, f->h->own.links, f->h->own.num_links)
			if (port->master == at->ifindex)
				leave(f, port, vlans, depth + 1);
	} else if (below) {
		snprintf(tagged, sizeof(tagged), ".%u%s", at->vlan_id, vlans);
		leave(f, below, tagged, depth + 1);
	}
}

static void cross(struct frames *f, const struct nfp_link *bridge, int from, const char *vlans,
		  int depth)
{
	nfp_for_each (port, f->h->own.links, f->h->own.num_links)
		if (port->master == bridge->ifindex && port->ifindex != from)
			leave(f, port, vlans, depth);
}

/* Two NICs, which may be a bond, three bridges, VLAN netdevs, and pairs of veths. */
static void draw(struct mine *h)
{
	static const int masters[] = {0, BR0, BR1, FWBR};
	bool bonded = rand() % 3 == 0;

	add(h, ETH0, "eth0", "", bonded ? 10 : masters[rand() % 4]);
	add(h, ETH1, "eth1", "", bonded ? 10 : masters[rand() % 4]);
	if (bonded)
		add(h, 10, "bond0", "bond", masters[rand() % 4]);
	add(h, BR0, "br0", "bridge", 0);
	add(h, BR1, "br1", "bridge", 0);
	add(h, FWBR, "fwbr", "bridge", 0);
	for (int i = 0; i < 3; i++) {
		const int lowers[] = {bonded ? 10 : ETH0, ETH1, BR0, i ? V100 : BR1};
		struct nfp_link *link = add(h, V100 + i, "vlan", "vlan", masters[rand() % 4]);

		link->link = lowers[rand() % 4];
		link->vlan_id = (uint16_t)(100 + i);
	}
	for (int i = 0; i < 2; i++)
		add_pair(h, 20 + 2 * i, "up", masters[1 + rand() % 3], "in",
			 masters[1 + rand() % 3]);
}

static bool is_a_frame(const struct frames *f, const struct nfp_way *way)
{
	char vlans[64] = "";

	for (size_t i = 0; i < way->path.num_vlans; i++)
		nfp_appendf(vlans, sizeof(vlans), ".%u", way->path.vlans[i]);
	nfp_for_each (frame, f->v, f->n)
		if (frame->exit == way->link && strcmp(frame->vlans, vlans) == 0)
			return true;
	return false;
}

static bool leaves_by(const struct frames *f, const struct nfp_link *exit)
{
	nfp_for_each (frame, f->v, f->n)
		if (frame->exit == exit)
			return true;
	return false;
}

static void check(const struct mine *h, const struct nfp_topology *t, const struct nfp_link *on)
{
	struct frames f = {.h = h};

	leave(&f, on, "", 0);
	/* Of eth0 and eth1. A port sends nothing itself. */
	for (int i = 0; i < 2 && !on->master; i++)
		assert_int_equal(nfp_sends_through(t, on, &h->own.links[i]),
				 leaves_by(&f, &h->own.links[i]));
	if (strcmp(on->kind, "veth") == 0)
		return;
	/* Each way is one of a frame. */
	nfp_for_each (way, h->ways.v, h->ways.n)
		assert_true(way->on != on || f.n == FRAMES_MAX || is_a_frame(&f, way));
	/* And no frame leaves by what is not listed. */
	nfp_for_each (frame, f.v, f.n) {
		bool found = false;

		nfp_for_each (way, h->ways.v, h->ways.n)
			found |= way->on == on && way->link == frame->exit;
		assert_true(found);
	}
}

CASE(by_lot)
{
	srand(20261130);
	for (int i = 0; i < LOT(20000); i++) {
		struct nfp_topology t = {.num_pfs = 0};

		draw(h);
		find(h);
		assert_false(h->ways.is_cut);
		t.links = h->own.links;
		t.num_links = h->own.num_links;
		nfp_sending_find(&t);
		nfp_for_each (link, h->own.links, h->own.num_links)
			check(h, &t, link);
		free(t.sending);
		h->own.num_links = 0;
	}
}

TEST_MAIN()
