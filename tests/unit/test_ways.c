// SPDX-License-Identifier: GPL-2.0-or-later
/* Where frames leave a host that are sent to a netdev of it. */
#include <stdlib.h>
#include <time.h>

#include "harness.h"
#include "net/owner.h"

struct host {
	struct nfp_netns own;
	struct nfp_ways ways;
};

static void take_apart(struct host *h)
{
	nfp_ways_fini(&h->ways);
	free(h->own.links);
	free(h->own.port_vlans);
}

#define CASE(name) TEST_OF(name, unmake_nothing, take_apart, struct host, h)

static struct nfp_link *add(struct host *h, int ifindex, const char *name, const char *kind,
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

static void add_vlan(struct host *h, int port, uint16_t vid, bool untagged)
{
	*nfp_grow(h->own.port_vlans, h->own.num_port_vlans) = (struct nfp_port_vlan) {
		.ifindex = port, .vid = vid, .untagged = untagged, .pvid = untagged};
}

/* Two ends, each a port. */
static void add_pair(struct host *h, int ifindex, const char *outer, int master, const char *inner,
		     int inner_master)
{
	add(h, ifindex, outer, "veth", master)->link = ifindex + 1;
	add(h, ifindex + 1, inner, "veth", inner_master)->link = ifindex;
}

static void find(struct host *h)
{
	nfp_ways_fini(&h->ways);
	nfp_ways_find(&h->own, true, &h->ways);
}

/* "eth0.7.5 br0(inner,outer)", and "?" at the end of one that is not known; several in a row. */
static const char *said(const struct host *h, const char *on)
{
	static char text[1024];

	text[0] = '\0';
	nfp_for_each (way, h->ways.v, h->ways.n) {
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

enum { ETH0 = 1, ETH1, BR0, BR1, FWBR, V100, V200 };

/* Proxmox with firewall=1. */
CASE(second_bridge)
{
	add(h, ETH0, "eth0", "", BR0);
	add(h, BR0, "br0", "bridge", 0);
	add(h, FWBR, "fwbr", "bridge", 0);
	add_pair(h, 20, "fwpr", BR0, "fwln", FWBR);
	add(h, 30, "tap100i0", "tun", FWBR);
	add(h, 31, "vnet7", "tun", BR0);
	find(h);
	assert_string_equal(said(h, "fwbr"), "eth0 fwbr(,fwln) br0(fwpr,eth0)");
	assert_string_equal(said(h, "br0"), "eth0 br0(,eth0)");
	assert_string_equal(said(h, "eth0"), "eth0");
	assert_string_equal(said(h, "fwln"), "");
	assert_string_equal(said(h, "tap100i0"), "");
	assert_false(h->ways.is_cut);
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

/* A bond of both NICs, VLAN netdevs in one another, and a macvlan, which a container calls its own.
 */
CASE(stacks)
{
	struct nfp_link *link;

	add(h, ETH0, "eth0", "", 10);
	add(h, ETH1, "eth1", "", 10);
	add(h, 10, "bond0", "bond", 0);
	link = add(h, V100, "outer", "vlan", 0);
	link->link = 10;
	link->vlan_id = 100;
	link = add(h, V200, "inner", "vlan", BR1);
	link->link = V100;
	link->vlan_id = 200;
	add(h, BR1, "br1", "bridge", 0);
	add(h, 11, "m0", "macvlan", 0)->link = BR1;
	add(h, 12, "lost", "vlan", 0)->link_elsewhere = ETH0;
	add(h, 13, "nowhere", "bridge", 0);
	find(h);
	assert_string_equal(said(h, "bond0"), "eth0; eth1");
	assert_string_equal(said(h, "br1"), "eth0.100.200 br1(,inner); eth1.100.200 br1(,inner)");
	assert_string_equal(said(h, "m0"), "eth0.100.200 br1(,inner); eth1.100.200 br1(,inner)");
	assert_string_equal(said(h, "lost"), "lost ..?");
	assert_string_equal(said(h, "nowhere"), "");
}

/* A bridge that filters lets a VLAN out by the port that has it. */
CASE(vlans_of_ports)
{
	struct nfp_link *link;

	add(h, ETH0, "eth0", "", 0);
	add(h, ETH1, "eth1", "", BR0);
	link = add(h, BR0, "br0", "bridge", 0);
	link->vlan_filtering = true;
	link->default_pvid = 1;
	for (int i = 0; i < 2; i++) {
		link = add(h, V100 + i, i ? "v200" : "v100", "vlan", BR0);
		link->link = ETH0;
		link->vlan_id = i ? 200 : 100;
		add_vlan(h, V100 + i, i ? 20 : 10, true);
	}
	add_vlan(h, ETH1, 7, false);
	add(h, FWBR, "fwbr", "bridge", 0);
	add(h, BR1, "br1", "bridge", 0);
	add_pair(h, 40, "up20", BR0, "in20", FWBR);
	add_vlan(h, 40, 20, true);
	add_pair(h, 42, "up7", BR0, "in7", BR1);
	add_vlan(h, 42, 7, true);
	link = add(h, 50, "br0.7", "vlan", 0);
	link->link = BR0;
	link->vlan_id = 7;
	add(h, 51, "on-br0", "macvlan", 0)->link = BR0;
	find(h);
	assert_string_equal(said(h, "fwbr"), "eth0.200 fwbr(,in20) br0(up20,v200)");
	assert_string_equal(said(h, "br1"), "eth1.7 br1(,in7) br0(up7,eth1)");
	assert_string_equal(said(h, "br0.7"), "eth1.7 br0(,eth1)");
	assert_string_equal(said(h, "on-br0"), "");
	/* Its own ways are those of all its VLANs. */
	assert_string_equal(said(h, "br0"),
			    "eth0.100 br0(,v100); eth0.200 br0(,v200); eth1 br0(,eth1)");
	nfp_ways_fini(&h->ways);
	nfp_ways_find(&h->own, false, &h->ways);
	assert_string_equal(said(h, "br1"),
			    "eth0.100 br1(,in7) br0(up7,v100) ..; eth1 br1(,in7) br0(up7,eth1) ..");
}

/* Containers, a tap of no guest's name, a tunnel, Open vSwitch. */
CASE(what_nobody_can_look_into)
{
	add(h, ETH0, "eth0", "", 90);
	add(h, BR0, "docker0", "bridge", 0);
	for (int i = 0; i < 2000; i++)
		add(h, 1000 + i, "veth", "veth", BR0)->link_elsewhere = 5;
	add(h, BR1, "br1", "bridge", 0);
	add(h, 60, "vx0", "vxlan", BR1)->link = ETH0;
	add(h, 61, "odd", "tun", BR1);
	add(h, 90, "ovs-system", "openvswitch", 0);
	add(h, 91, "ovsbr0", "openvswitch", 90);
	add(h, FWBR, "qbr", "bridge", 0);
	add_pair(h, 92, "qvo", 90, "qvb", FWBR);
	find(h);
	assert_string_equal(said(h, "docker0"), "veth docker0(,veth) ..?; veth docker0(,veth) ..?");
	assert_string_equal(said(h, "br1"), "vx0 br1(,vx0) ..; odd br1(,odd) ..?");
	assert_non_null(strstr(said(h, "ovs-system"), "eth0"));
	assert_non_null(strstr(said(h, "qbr"), "eth0 qbr(,qvb) ..?"));
	assert_string_equal(said(h, "ovsbr0"), "ovsbr0 ..?");
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
	assert_true(seconds() - begin < MOST_SECONDS);
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
	const struct host *h;
	struct frame {
		const struct nfp_link *exit;
		char vlans[64];
	} v[FRAMES_MAX];
	size_t n;
};

static const struct nfp_link *link_at(const struct host *h, int ifindex)
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
	const struct nfp_link *below = link_at(f->h, at->link), *on;
	char tagged[64];

	if (depth > 8 || f->n == FRAMES_MAX)
		return;
	if (!at->kind[0]) {
		f->v[f->n].exit = at;
		snprintf(f->v[f->n++].vlans, sizeof(f->v->vlans), "%s", vlans);
	} else if (strcmp(at->kind, "bridge") == 0) {
		cross(f, at, 0, vlans, depth + 1);
	} else if (strcmp(at->kind, "veth") == 0 && below) {
		on = link_at(f->h, below->master);
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
static void draw(struct host *h)
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

static void check(const struct host *h, const struct nfp_topology *t, const struct nfp_link *on)
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
