// SPDX-License-Identifier: GPL-2.0-or-later
/* How long an audit takes on hosts that are large, or that a stranger has made so. */
#include <net/if.h>
#include <sys/socket.h>
#include <time.h>
#include <linux/neighbour.h>

#include "harness.h"
#include "nfprobe/audit.h"

enum { PFS = 8, VFS = 8, PORTS = 1000, LEARNED = 4, FIRST_PORT = 100 };

/* The sanitizers' code takes some ten times as long. */
#ifdef __SANITIZE_ADDRESS__
#define MOST_SECONDS 10.0
#else
#define MOST_SECONDS 1.0
#endif

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
static void make_pfs(struct nfp_facts *facts, size_t num)
{
	struct nfp_topology *t = &facts->topology;

	t->pfs = nfp_calloc(num, sizeof(*t->pfs));
	t->num_pfs = num;
	for (size_t i = 0; i < num; i++) {
		struct nfp_pf *pf = &t->pfs[i];

		*pf = (struct nfp_pf) {
			.flags = IFF_UP, .num_vfs = VFS, .eswitch_errno = EOPNOTSUPP};
		pf->vfs = nfp_calloc(VFS, sizeof(*pf->vfs));
		for (unsigned int k = 0; k < VFS; k++) {
			pf->vfs[k] = (struct nfp_vf_info) {.vf = k, .attr = NFP_VF_ATTR_UNKNOWN};
			pf->vfs[k].attr.mac = address(2, i * VFS + k);
			snprintf(pf->vfs[k].parentdev, sizeof(pf->vfs[k].parentdev),
				 "0000:%02zx:10.%u", i, k);
		}
		pf->info = (struct nfp_pf_info) {
			.ifindex = (int)i + 1, .driver = "igb", .address = address(1, i)};
		snprintf(pf->info.ifname, sizeof(pf->info.ifname), "eth%u", (unsigned int)i + 1);
		add_link(facts->netns, (int)i + 1, "")->address = pf->info.address;
	}
}

/* Judges it, takes it apart, and says how long the first took. */
static double judge(struct nfp_facts *facts, struct nfp_audit *audit)
{
	static const struct nfp_strv all = {.n = 0};
	double begin;

	facts->topology.links = facts->netns[0].links;
	facts->topology.num_links = facts->netns[0].num_links;
	facts->holders_known = true;
	begin = cpu_seconds();
	nfp_audit_judge(facts, &all, audit);
	begin = cpu_seconds() - begin;
	print_message("%.3f s\n", begin);
	nfp_facts_fini(facts);
	return begin;
}

static void make_netns(struct nfp_facts *facts, size_t num)
{
	*facts = (struct nfp_facts) {.num_netns = num};
	facts->netns = nfp_calloc(num, sizeof(*facts->netns));
	for (size_t i = 1; i < num; i++)
		snprintf(facts->netns[i].name, sizeof(facts->netns[i].name), "netns %zu", i);
}

/* A bridge of a thousand guests, on none of eight PFs, or on the first. */
static double judge_bridge(bool on_pf, struct nfp_audit *audit)
{
	struct nfp_facts facts;
	struct nfp_netns *own;

	make_netns(&facts, 1);
	own = facts.netns;
	make_pfs(&facts, PFS);
	own->links[0].master = on_pf ? 50 : 0;
	add_link(own, 50, "bridge");
	for (int i = 0; i < PORTS; i++) {
		add_link(own, FIRST_PORT + i, "tun")->master = 50;
		for (size_t k = 0; k < LEARNED; k++)
			add_entry(own, AF_BRIDGE, FIRST_PORT + i,
				  address(3, (size_t)i * LEARNED + k))
				->master = 50;
	}
	if (on_pf)
		own->entries[own->num_entries - 1].mac = facts.topology.pfs[0].vfs[3].attr.mac;
	return judge(&facts, audit);
}

/* Eight NICs with 256 VFs each, a pod for each VF, and a bridge of 1,000 ports and 10,000 entries,
 * a thousand of which the PF's filter has as well. */
TEST(test_a_large_host)
{
	enum { ALL_VFS = 256, ENTRIES = 10000, FILTERED = 1000 };
	struct nfp_audit audit;
	struct nfp_facts facts;
	struct nfp_netns *own;
	size_t pod = 1;

	make_netns(&facts, 1 + PFS * ALL_VFS);
	own = facts.netns;
	own->memberships_known = true;
	make_pfs(&facts, PFS);
	for (size_t i = 0; i < PFS; i++) {
		struct nfp_pf *pf = &facts.topology.pfs[i];

		pf->vfs = nfp_reallocarray(pf->vfs, ALL_VFS, sizeof(*pf->vfs));
		pf->num_vfs = ALL_VFS;
		for (unsigned int k = 0; k < ALL_VFS; k++) {
			struct nfp_vf_info *vf = &pf->vfs[k];
			struct nfp_netns *netns = &facts.netns[pod++];
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
	facts.taps = nfp_calloc(PORTS, sizeof(*facts.taps));
	facts.num_taps = PORTS;
	for (int i = 0; i < PORTS; i++) {
		struct nfp_link *tap = add_link(own, FIRST_PORT + i, "tun");

		tap->master = 50;
		facts.taps[i] = (struct nfp_guest_tap) {.pid = 1000 + i, .in_netns = true};
		memcpy(facts.taps[i].ifname, tap->ifname, sizeof(tap->ifname));
	}
	for (size_t i = 0; i < ENTRIES; i++)
		add_entry(own, AF_BRIDGE, FIRST_PORT + (int)(i % PORTS), address(3, i))->master =
			50;
	for (size_t i = 0; i < FILTERED; i++) {
		struct nfp_neigh *entry = add_entry(own, AF_BRIDGE, 1, address(3, i));

		entry->flags = NTF_SELF;
		entry->state = NUD_PERMANENT;
	}
	assert_true(judge(&facts, &audit) < 0.3 * MOST_SECONDS);
	assert_int_equal(audit.num_findings, 1);
	assert_non_null(strstr(audit.findings[0].what, "lacks 9000 guests of bridge50"));
	nfp_audit_fini(&audit);
}

/* A guest may send from as many addresses as it likes: the bridge learns each. */
TEST(test_a_guest_of_many_addresses)
{
	struct nfp_audit audit;
	struct nfp_facts facts;
	struct nfp_netns *own;
	struct nfp_vf_info *vf;
	/* Each grows its array anew, of which ASan keeps every copy for a while. */
	const size_t many = UNDER_ASAN ? 2000 : 200000;
	char lacks[64];

	make_netns(&facts, 1);
	own = facts.netns;
	make_pfs(&facts, PFS);
	vf = &facts.topology.pfs[0].vfs[3];
	vf->use = NFP_USE_VFIO;
	own->links[0].master = 50;
	add_link(own, 50, "bridge");
	add_link(own, FIRST_PORT, "tun")->master = 50;
	for (size_t i = 0; i < many; i++)
		add_entry(own, AF_BRIDGE, FIRST_PORT, address((unsigned int)(3 + (i >> 16)), i))
			->master = 50;
	add_entry(own, AF_BRIDGE, 1, address(3, 7))->flags = NTF_SELF;
	assert_true(judge(&facts, &audit) < 2.0);
	assert_int_equal(audit.num_findings, 1);
	snprintf(lacks, sizeof(lacks), "lacks %zu guests of bridge50", many - 1);
	assert_non_null(strstr(audit.findings[0].what, lacks));
	nfp_audit_fini(&audit);
}

TEST(test_a_bridge_of_a_thousand_ports)
{
	struct nfp_audit audit;

	assert_true(judge_bridge(false, &audit) < 2.0);
	assert_int_equal(audit.num_findings, 0);
	nfp_audit_fini(&audit);
	assert_true(judge_bridge(true, &audit) < 2.0);
	assert_int_equal(audit.num_findings, 1);
	nfp_audit_fini(&audit);
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
static double judge_tower(size_t width, size_t height, bool on_pf, struct nfp_audit *audit)
{
	struct nfp_facts facts;
	struct nfp_netns *theirs;

	make_netns(&facts, 2);
	make_pfs(&facts, 1);
	theirs = &facts.netns[1];
	add_tower(theirs, width, height);
	if (on_pf)
		theirs->links[theirs->num_links - 1].link_elsewhere = 1;
	for (size_t i = 0; i < 100; i++)
		add_entry(theirs, AF_INET, 1000, facts.topology.pfs[0].vfs[3].attr.mac);
	return judge(&facts, audit);
}

TEST(test_a_tower_of_bridges)
{
	struct nfp_audit audit;

	assert_true(judge_tower(200, 3, false, &audit) < MOST_SECONDS);
	assert_int_equal(audit.num_findings, 0);
	nfp_audit_fini(&audit);
	assert_true(judge_tower(1000, 3, true, &audit) < MOST_SECONDS);
	nfp_audit_fini(&audit);
}

/* However many netdevs are in between, and in a circle. */
TEST(test_a_high_tower)
{
	struct nfp_audit audit;
	struct nfp_facts facts;
	struct nfp_netns *own;

	make_netns(&facts, 1);
	own = facts.netns;
	make_pfs(&facts, 1);
	add_link(own, 20, "macvlan")->link = 1;
	for (int i = 21; i < 40; i++)
		add_link(own, i, "macvlan")->link = i - 1;
	add_link(own, 50, "bridge")->master = 51;
	add_link(own, 51, "bridge")->master = 50;
	add_entry(own, AF_INET, 51, facts.topology.pfs[0].vfs[2].attr.mac);
	add_entry(own, AF_INET, 39, facts.topology.pfs[0].vfs[3].attr.mac);
	assert_true(judge(&facts, &audit) < MOST_SECONDS);
	assert_int_equal(audit.num_findings, 1);
	assert_int_equal(audit.findings[0].functions[0].vf, 3);
	nfp_audit_fini(&audit);
}

/* A namespace from which a macvlan leads to the PF, which is number 1. */
static struct nfp_netns *make_pod(struct nfp_facts *facts)
{
	make_netns(facts, 2);
	make_pfs(facts, 1);
	add_link(&facts->netns[1], 20, "macvlan")->link_elsewhere = 1;
	return &facts->netns[1];
}

/* Taps, macvtaps, neighbours and netdevs of a pod, in any number, none of which is a guest's. */
TEST(test_a_full_pod)
{
	static const size_t many = 20000;
	struct nfp_audit audit;
	struct nfp_facts facts;
	struct nfp_netns *pod = make_pod(&facts);
	struct nfp_mac mac = facts.topology.pfs[0].vfs[3].attr.mac;

	facts.holders_known = true;
	facts.taps = nfp_calloc(many, sizeof(*facts.taps));
	facts.open_macvtaps = nfp_calloc(many, sizeof(*facts.open_macvtaps));
	for (size_t i = 0; i < many; i++) {
		struct nfp_link *link = add_link(pod, 100 + (int)i, "macvtap");

		link->link = 20;
		link->address = mac;
		add_entry(pod, AF_INET, 1000000 + (int)i, mac);
		snprintf(facts.taps[i].ifname, sizeof(facts.taps[i].ifname), "macvtap%zu", i);
		facts.taps[i].pid = facts.open_macvtaps[i].pid = 7;
		facts.open_macvtaps[i].ifindex = 200000 + (int)i;
	}
	facts.num_taps = facts.num_open_macvtaps = many;
	assert_true(judge(&facts, &audit) < MOST_SECONDS);
	assert_int_equal(audit.num_findings, 0);
	assert_int_equal(audit.num_unseen, 1);
	assert_string_equal(audit.unseen[0].what,
			    "all entries of an address that more than 256 have");
	nfp_audit_fini(&audit);
}

/* Each VLAN of the PF is looked up among those of its bridge's ports. */
TEST(test_vlans_of_many_ports)
{
	struct nfp_audit audit;
	struct nfp_facts facts;
	struct nfp_netns *own;

	make_netns(&facts, 1);
	make_pfs(&facts, 1);
	own = facts.netns;
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
	assert_true(judge(&facts, &audit) < MOST_SECONDS);
	assert_int_equal(audit.num_findings, 500);
	assert_non_null(strstr(audit.findings[0].what, "which tun199 has, too"));
	nfp_audit_fini(&audit);
}

/* An address that holds the place of a guest's is one finding, whatever number of VFs has it. */
TEST(test_one_address_for_all)
{
	struct nfp_audit audit;
	struct nfp_facts facts;
	struct nfp_vf_info *vfs;

	make_netns(&facts, 1);
	make_pfs(&facts, 1);
	vfs = facts.topology.pfs[0].vfs;
	for (size_t i = 0; i < VFS; i++)
		vfs[i].attr.mac = vfs[0].attr.mac;
	vfs[2].use = NFP_USE_VFIO;
	assert_true(judge(&facts, &audit) < MOST_SECONDS);
	assert_int_equal(audit.num_findings, 1);
	assert_int_equal(audit.findings[0].code, NFP_FINDING_SAME_ADDRESS);
	assert_int_equal(audit.findings[0].num_functions, VFS);
	assert_non_null(strstr(audit.findings[0].what, "8 functions have the address"));
	assert_non_null(strstr(audit.findings[0].what, ": VF 0, VF 1, VF 2, VF 3, VF 4"));
	nfp_audit_fini(&audit);
}

TEST_MAIN()
