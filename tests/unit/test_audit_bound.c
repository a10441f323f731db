// SPDX-License-Identifier: GPL-2.0-or-later
/* How long an audit takes on hosts that are large, or that a stranger has made so. */
#include <net/if.h>
#include <sys/socket.h>
#include <time.h>
#include <linux/neighbour.h>

#include "harness.h"
#include "audit/audit.h"

enum { PFS = 8, VFS = 8, PORTS = 1000, FIRST_PORT = 100 };

/* The sanitizers' code takes some ten times as long. */
#ifdef __SANITIZE_ADDRESS__
#define MOST_SECONDS 10.0
#else
#define MOST_SECONDS 1.0
#endif

struct host {
	struct nfp_facts facts;
	struct nfp_audit audit;
};

static double cpu_seconds(void)
{
	struct timespec ts;

	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts), 0);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static struct nfp_mac address(unsigned int kind, size_t num)
{
	return (struct nfp_mac) {{0x52, 0x54, (uint8_t)kind, 0, (uint8_t)(num >> 8), (uint8_t)num}};
}

static struct nfp_link *add_link(struct nfp_netns *netns, int ifindex, const char *kind)
{
	struct nfp_link *link;

	netns->links = nfp_reallocarray(netns->links, netns->num_links + 1, sizeof(*link));
	link = &netns->links[netns->num_links++];
	*link = (struct nfp_link) {.ifindex = ifindex, .flags = IFF_UP};
	snprintf(link->ifname, sizeof(link->ifname), "%s%d", kind[0] ? kind : "eth", ifindex);
	snprintf(link->kind, sizeof(link->kind), "%s", kind);
	return link;
}

static struct nfp_neigh *add_entry(struct nfp_netns *netns, uint8_t family, int ifindex,
				   struct nfp_mac mac)
{
	struct nfp_neigh *entry;

	netns->entries = nfp_reallocarray(netns->entries, netns->num_entries + 1, sizeof(*entry));
	entry = &netns->entries[netns->num_entries++];
	*entry = (struct nfp_neigh) {.family = family,
				     .state = NUD_REACHABLE,
				     .ifindex = ifindex,
				     .have_mac = true,
				     .mac = mac};
	return entry;
}

/* PFs with ifindexes from 1; each VF is idle and has an address of its own. */
static void make_pfs(struct host *h, size_t num)
{
	struct nfp_topology *t = &h->facts.topology;

	t->pfs = nfp_calloc(num, sizeof(*t->pfs));
	t->num_pfs = num;
	for (size_t i = 0; i < num; i++) {
		struct nfp_pf *pf = &t->pfs[i];

		*pf = (struct nfp_pf) {
			.flags = IFF_UP, .num_vfs = VFS, .eswitch_errno = EOPNOTSUPP};
		pf->vfs = nfp_calloc(VFS, sizeof(*pf->vfs));
		for (unsigned int k = 0; k < VFS; k++) {
			pf->vfs[k] = (struct nfp_vf_info) {
				.vf = k, .use = NFP_USE_IDLE, .attr = NFP_VF_ATTR_UNKNOWN};
			pf->vfs[k].attr.mac = address(2, i * VFS + k);
			snprintf(pf->vfs[k].parentdev, sizeof(pf->vfs[k].parentdev),
				 "0000:%02zx:10.%u", i, k);
		}
		pf->info = (struct nfp_pf_info) {
			.ifindex = (int)i + 1, .driver = "igb", .address = address(1, i)};
		snprintf(pf->info.ifname, sizeof(pf->info.ifname), "eth%u", (unsigned int)i + 1);
		add_link(h->facts.netns, (int)i + 1, "")->address = pf->info.address;
	}
}

/* Judges it, takes it apart, and says how long the first took. */
static double judge(struct host *h)
{
	static const struct nfp_strv all = {.n = 0};
	double begin;

	h->facts.topology.links = h->facts.netns[0].links;
	h->facts.topology.num_links = h->facts.netns[0].num_links;
	h->facts.holders_known = true;
	nfp_audit_fini(&h->audit);
	begin = cpu_seconds();
	nfp_audit_judge(&h->facts, &all, &h->audit);
	begin = cpu_seconds() - begin;
	print_message("%.3f s\n", begin);
	nfp_facts_fini(&h->facts);
	return begin;
}

/* Returns the host's own. */
static struct nfp_netns *make_netns(struct host *h, size_t num)
{
	struct nfp_netns *all = nfp_calloc(num, sizeof(*all));

	h->facts = (struct nfp_facts) {.netns = all, .num_netns = num};
	for (size_t i = 1; i < num; i++)
		snprintf(all[i].name, sizeof(all[i].name), "netns %zu", i);
	return all;
}

static void unmake(struct host *h)
{
	nfp_audit_fini(&h->audit);
}

#define CASE(name) TEST_OF(name, unmake_nothing, unmake, struct host, h)

/* Eight NICs with 256 VFs each, a pod for each VF, and a bridge of 1,000 ports and 10,000 entries,
 * a thousand of which the PF's filter has as well. */
CASE(test_a_large_host)
{
	enum { ALL_VFS = 256, ENTRIES = 10000, FILTERED = 1000 };
	struct nfp_netns *own = make_netns(h, 1 + PFS * ALL_VFS);
	size_t pod = 1;

	own->memberships_known = true;
	make_pfs(h, PFS);
	for (size_t i = 0; i < PFS; i++) {
		struct nfp_pf *pf = &h->facts.topology.pfs[i];

		pf->vfs = nfp_reallocarray(pf->vfs, ALL_VFS, sizeof(*pf->vfs));
		pf->num_vfs = ALL_VFS;
		for (unsigned int k = 0; k < ALL_VFS; k++) {
			struct nfp_vf_info *vf = &pf->vfs[k];
			struct nfp_netns *netns = &h->facts.netns[pod++];
			struct nfp_link *link;

			*vf = (struct nfp_vf_info) {
				.vf = k, .use = NFP_USE_NAMESPACE, .attr = NFP_VF_ATTR_UNKNOWN};
			vf->attr.mac = address(2, i * ALL_VFS + k);
			vf->attr.have_mac = true;
			snprintf(vf->parentdev, sizeof(vf->parentdev), "0000:%02zx:10.%u", i, k);
			link = add_link(netns, 20, "");
			link->address = vf->attr.mac;
			snprintf(link->parentdev, sizeof(link->parentdev), "%s", vf->parentdev);
			add_entry(netns, AF_INET, 20, address(2, (i * ALL_VFS + k + 1) % 2048));
		}
	}
	own->links[0].master = 50;
	add_link(own, 50, "bridge");
	h->facts.taps = nfp_calloc(PORTS, sizeof(*h->facts.taps));
	h->facts.num_taps = PORTS;
	for (int i = 0; i < PORTS; i++) {
		struct nfp_link *tap = add_link(own, FIRST_PORT + i, "tun");

		tap->master = 50;
		h->facts.taps[i] = (struct nfp_guest_tap) {.pid = 1000 + i, .in_netns = true};
		memcpy(h->facts.taps[i].ifname, tap->ifname, sizeof(tap->ifname));
	}
	for (size_t i = 0; i < ENTRIES; i++)
		add_entry(own, AF_BRIDGE, FIRST_PORT + (int)(i % PORTS), address(3, i))->master =
			50;
	for (size_t i = 0; i < FILTERED; i++) {
		struct nfp_neigh *entry = add_entry(own, AF_BRIDGE, 1, address(3, i));

		entry->flags = NTF_SELF;
		entry->state = NUD_PERMANENT;
	}
	assert_true(judge(h) < 0.3 * MOST_SECONDS);
	assert_int_equal(h->audit.num_findings, 1);
	assert_non_null(strstr(h->audit.findings[0].what, "lacks 9000 guests of bridge50"));
}

/* A guest may send from as many addresses as it likes: the bridge learns each. */
CASE(test_a_guest_of_many_addresses)
{
	struct nfp_netns *own = make_netns(h, 1);
	struct nfp_vf_info *vf;
	/* Each grows its array anew, of which ASan keeps every copy for a while. */
	const size_t many = UNDER_ASAN ? 2000 : 200000;
	char lacks[64];

	make_pfs(h, PFS);
	vf = &h->facts.topology.pfs[0].vfs[3];
	vf->use = NFP_USE_VFIO;
	own->links[0].master = 50;
	add_link(own, 50, "bridge");
	add_link(own, FIRST_PORT, "tun")->master = 50;
	for (size_t i = 0; i < many; i++)
		add_entry(own, AF_BRIDGE, FIRST_PORT, address((unsigned int)(3 + (i >> 16)), i))
			->master = 50;
	add_entry(own, AF_BRIDGE, 1, address(3, 7))->flags = NTF_SELF;
	assert_true(judge(h) < 2.0);
	assert_int_equal(h->audit.num_findings, 1);
	snprintf(lacks, sizeof(lacks), "lacks %zu guests of bridge50", many - 1);
	assert_non_null(strstr(h->audit.findings[0].what, lacks));
}

/* A veth from the bridge of the first PF to one of that namespace, with so many guests' taps, each
 * of which both bridges have behind the other. */
static void add_pod(struct host *h, size_t ns, size_t taps)
{
	struct nfp_netns *own = h->facts.netns, *pod = &own[ns];
	int host = FIRST_PORT + (int)ns;
	struct nfp_link *link = add_link(own, host, "veth");

	link->master = 50;
	link->link_elsewhere = 10;
	add_link(pod, 9, "bridge");
	link = add_link(pod, 10, "veth");
	link->master = 9;
	link->link_elsewhere = host;
	for (size_t i = 0; i < taps; i++) {
		struct nfp_guest_tap *tap = nfp_grow(h->facts.taps, h->facts.num_taps);

		link = add_link(pod, 11 + (int)i, "tun");
		link->master = 9;
		link->address = address(9, ns + i);
		link->port = (struct nfp_bridge_port) {.known = true, .no_bcast_flood = true};
		*tap = (struct nfp_guest_tap) {.pid = (int)ns, .in_netns = true, .netns = ns};
		memcpy(tap->ifname, link->ifname, sizeof(tap->ifname));
		add_entry(own, AF_BRIDGE, host, address(2, i % (PFS * VFS)))->master = 50;
		add_entry(pod, AF_BRIDGE, 10, address(2, i % (PFS * VFS)))->master = 9;
	}
}

static void make_pods(struct host *h, size_t num, size_t taps)
{
	struct nfp_netns *own = make_netns(h, num + 1);

	make_pfs(h, PFS);
	own->links[0].master = 50;
	add_link(own, 50, "bridge");
	for (size_t ns = 1; ns <= num; ns++)
		add_pod(h, ns, taps);
	for (size_t i = 0; i < PFS; i++)
		for (size_t k = 0; k < VFS; k++) {
			struct nfp_vf_info *vf = &h->facts.topology.pfs[i].vfs[k];

			vf->use = NFP_USE_VFIO;
			vf->user_pid = (int)(i * VFS + k + 1);
		}
}

/* KubeVirt: two thousand guests, each behind a bridge of its pod. */
CASE(test_a_host_of_pods)
{
	make_pods(h, 2000, 1);
	assert_true(judge(h) < MOST_SECONDS);
}

#define MANY_TAPS                                                                          \
	"all taps on eth1: more than 4096, or one behind more than 8 bridges, or open in " \
	"more than 256 processes"

#define MANY_STANDBYS "the ways of all guests of eth1: more than 32 taps of one"

/* One who has a veth into the bridge makes as many taps as he likes. */
CASE(test_a_pod_of_many_taps)
{
	make_pods(h, 1, UNDER_ASAN ? 5000 : 60000);
	assert_true(judge(h) < 2.0);
	/* Of the larger number, more than 256 entries have one address, too. */
	assert_int_equal(h->audit.num_unread, UNDER_ASAN ? 2 : 3);
	assert_string_equal(h->audit.unread[0].what, MANY_STANDBYS);
	assert_string_equal(h->audit.unread[1].what, MANY_TAPS);
}

/* Each port of a bridge is a VLAN netdev on the next bridge. The last lies on the PF. */
static void add_tower(struct nfp_netns *netns, size_t width, size_t height)
{
	int ifindex = 1000;

	for (size_t i = 0; i < height; i++) {
		int bridge = ifindex++;

		add_link(netns, bridge, "bridge");
		for (size_t k = 0; k < width; k++) {
			struct nfp_link *port = add_link(netns, ifindex++, "vlan");

			port->master = bridge;
			port->link = bridge + (int)width + 1;
			port->vlan_id = (uint16_t)(k + 1);
		}
	}
	add_link(netns, ifindex, "macvlan");
}

/* As `unshare -Urn` lets anybody build it, with the address of an idle VF as a neighbour on top. */
static double judge_tower(struct host *h, size_t width, size_t height, bool on_pf)
{
	struct nfp_netns *theirs = &make_netns(h, 2)[1];

	make_pfs(h, 1);
	add_tower(theirs, width, height);
	if (on_pf)
		theirs->links[theirs->num_links - 1].link_elsewhere = 1;
	for (size_t i = 0; i < 100; i++)
		add_entry(theirs, AF_INET, 1000, h->facts.topology.pfs[0].vfs[3].attr.mac);
	return judge(h);
}

CASE(test_a_tower_of_bridges)
{
	assert_true(judge_tower(h, 200, 3, false) < MOST_SECONDS);
	assert_int_equal(h->audit.num_findings, 0);
	assert_true(judge_tower(h, 1000, 3, true) < MOST_SECONDS);
}

/* However many netdevs are in between, and in a circle. */
CASE(test_a_high_tower)
{
	struct nfp_netns *own = make_netns(h, 1);

	make_pfs(h, 1);
	add_link(own, 20, "macvlan")->link = 1;
	for (int i = 21; i < 40; i++)
		add_link(own, i, "macvlan")->link = i - 1;
	add_link(own, 50, "bridge")->master = 51;
	add_link(own, 51, "bridge")->master = 50;
	add_entry(own, AF_INET, 51, h->facts.topology.pfs[0].vfs[2].attr.mac);
	add_entry(own, AF_INET, 39, h->facts.topology.pfs[0].vfs[3].attr.mac);
	assert_true(judge(h) < MOST_SECONDS);
	assert_int_equal(h->audit.num_findings, 1);
	assert_int_equal(h->audit.findings[0].functions[0].vf, 3);
}

/* A namespace from which a macvlan leads to the PF, which is number 1. */
static struct nfp_netns *make_pod(struct host *h)
{
	struct nfp_netns *pod = &make_netns(h, 2)[1];

	make_pfs(h, 1);
	add_link(pod, 20, "macvlan")->link_elsewhere = 1;
	return pod;
}

/* Taps, macvtaps, neighbours and netdevs of a pod, in any number, none of which is a guest's. */
CASE(test_a_full_pod)
{
	const size_t many = UNDER_ASAN ? 5000 : 20000; /* ASan copies a list that grows */
	struct nfp_netns *pod = make_pod(h);
	struct nfp_mac mac = h->facts.topology.pfs[0].vfs[3].attr.mac;

	h->facts.holders_known = true;
	h->facts.taps = nfp_calloc(2 * many, sizeof(*h->facts.taps));
	for (size_t i = 0; i < many; i++) {
		struct nfp_link *link = add_link(pod, 100 + (int)i, "macvtap");

		link->link = 20;
		link->address = mac;
		add_entry(pod, AF_INET, 1000000 + (int)i, mac);
		snprintf(h->facts.taps[i].ifname, sizeof(h->facts.taps[i].ifname), "macvtap%zu", i);
		h->facts.taps[i].pid = h->facts.taps[many + i].pid = 7;
		h->facts.taps[many + i].ifindex = 200000 + (int)i;
	}
	h->facts.num_taps = 2 * many;
	assert_true(judge(h) < MOST_SECONDS);
	assert_int_equal(h->audit.num_findings, 0);
	assert_int_equal(h->audit.num_unread, 2);
	assert_string_equal(h->audit.unread[0].what, MANY_TAPS);
	assert_string_equal(h->audit.unread[1].what,
			    "all entries of an address that more than 256 have");
}

/* No finding is made of a way of which only the end is known. */
CASE(test_a_long_way)
{
	for (int last = 24; last <= 25; last++) {
		struct nfp_netns *own = make_netns(h, 1);
		struct nfp_vf_info *vf;
		struct nfp_link *tap;

		make_pfs(h, 1);
		vf = &h->facts.topology.pfs[0].vfs[3];
		vf->use = NFP_USE_VFIO;
		vf->user_pid = 7;
		vf->attr.have_mac = true;
		for (int i = 2; i < last; i++)
			add_link(own, i, "macvlan")->link = i - 1;
		tap = add_link(own, last, "macvtap");
		tap->link = last - 1;
		tap->address = vf->attr.mac;
		tap->flags = 0;
		h->facts.taps = nfp_calloc(1, sizeof(*h->facts.taps));
		h->facts.num_taps = 1;
		h->facts.taps[0] = (struct nfp_guest_tap) {
			.pid = 7, .ifindex = last, .in_netns = true, .mac = vf->attr.mac};
		judge(h);
		assert_int_equal(h->audit.num_findings, last == 24);
		assert_int_equal(h->audit.num_unread, last == 25);
		assert_int_equal(h->audit.exit_status, last == 24 ? 1 : 3);
	}
	assert_string_equal(h->audit.unread[0].what,
			    "the ways of all guests of eth1: more than 24 netdevs on a way");
}

/* Each VLAN of the PF is looked up among those of its bridge's ports. */
CASE(test_vlans_of_many_ports)
{
	struct nfp_netns *own = make_netns(h, 1);

	make_pfs(h, 1);
	add_link(own, 50, "bridge");
	for (size_t i = 0; i < own->num_links; i++)
		if (own->links[i].ifindex == 1)
			own->links[i].master = 50;
	own->port_vlans = nfp_calloc(101 * 4094, sizeof(*own->port_vlans));
	for (int port = 100; port <= 200; port++) {
		if (port < 200)
			add_link(own, port, "tun")->master = 50;
		/* The last port and the PF have all, the others only those that are not swallowed.
		 */
		for (uint16_t vid = port < 199 ? 501 : 1; vid <= 4094; vid++)
			own->port_vlans[own->num_port_vlans++] = (struct nfp_port_vlan) {
				.ifindex = port < 200 ? port : 1, .vid = vid};
	}
	for (int i = 0; i < 500; i++) {
		struct nfp_link *link = add_link(own, 1000 + i, "vlan");

		link->link = 1;
		link->vlan_id = (uint16_t)(i + 1);
	}
	assert_true(judge(h) < MOST_SECONDS);
	assert_int_equal(h->audit.num_findings, 500);
	assert_non_null(strstr(h->audit.findings[0].what, "which tun199 has, too"));
}

/* An address that holds the place of a guest's is one finding, whatever number of VFs has it. */
CASE(test_one_address_for_all)
{
	struct nfp_vf_info *vfs;

	make_netns(h, 1);
	make_pfs(h, 1);
	vfs = h->facts.topology.pfs[0].vfs;
	for (size_t i = 0; i < VFS; i++)
		vfs[i].attr.mac = vfs[0].attr.mac;
	vfs[2].use = NFP_USE_VFIO;
	assert_true(judge(h) < MOST_SECONDS);
	assert_int_equal(h->audit.num_findings, 1);
	assert_int_equal(h->audit.findings[0].code, NFP_FINDING_SAME_ADDRESS);
	assert_int_equal(h->audit.findings[0].num_functions, VFS);
	assert_non_null(strstr(h->audit.findings[0].what, "8 functions have the address"));
	assert_non_null(strstr(h->audit.findings[0].what, ": VF 0, VF 1, VF 2, VF 3, VF 4"));
}

TEST_MAIN()
