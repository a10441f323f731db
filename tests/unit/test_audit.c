// SPDX-License-Identifier: GPL-2.0-or-later
/* What an audit finds in the facts of a host, and what it must leave alone. */
#include <net/if.h>
#include <sys/socket.h>
#include <linux/neighbour.h>

#include "harness.h"
#include "nfprobe/audit.h"
#include "nfprobe/report.h"
#include "shell.h"

/* Before a command in the namespace of process 7. */
#define IN_POD "find -L /proc/7/ns/net -inum 4026532281 -exec nsenter '--net={}' "

#define ADDRESS(last)                               \
	{                                           \
		{                                   \
			0x52, 0x54, 0, 0, 0, (last) \
		}                                   \
	}

enum { VFS = 6, LINKS = 16, ENTRIES = 16, NAMESPACES = 3 };

/* A host with the PF eth0 and six idle VFs, each with an address that nobody else has. */
struct host {
	struct nfp_vf_info vfs[VFS], other_vf;
	struct nfp_pf pfs[2];
	struct nfp_link links[NAMESPACES][LINKS];
	struct nfp_neigh entries[NAMESPACES][ENTRIES];
	struct nfp_port_vlan port_vlans[2];
	struct nfp_netns netns[NAMESPACES];
	struct nfp_guest_tap tap;
	struct nfp_guest_tap macvtap;
	struct nfp_facts facts;
};

static struct nfp_link *add_link(struct host *h, size_t ns, const char *name, int ifindex,
				 const char *kind)
{
	struct nfp_link *link = &h->links[ns][h->netns[ns].num_links++];

	*link = (struct nfp_link) {.ifindex = ifindex, .flags = IFF_UP};
	snprintf(link->ifname, sizeof(link->ifname), "%s", name);
	snprintf(link->kind, sizeof(link->kind), "%s", kind);
	if (ns == 0)
		h->facts.topology.num_links = h->netns[0].num_links;
	return link;
}

static struct nfp_neigh *add_entry(struct host *h, size_t ns, uint8_t family, int ifindex,
				   uint8_t last)
{
	struct nfp_neigh *entry = &h->entries[ns][h->netns[ns].num_entries++];

	*entry = (struct nfp_neigh) {.family = family,
				     .state = NUD_REACHABLE,
				     .ifindex = ifindex,
				     .have_mac = true,
				     .mac = ADDRESS(last)};
	return entry;
}

static void make(struct host *h)
{
	*h = (struct host) {.macvtap = {.pid = 7}};
	for (unsigned int i = 0; i < VFS; i++) {
		struct nfp_vf_info *vf = &h->vfs[i];

		*vf = (struct nfp_vf_info) {.vf = i, .bus = "pci", .attr = NFP_VF_ATTR_UNKNOWN};
		vf->attr.have_mac = true;
		vf->attr.mac = (struct nfp_mac)ADDRESS((uint8_t)(0x10 + i));
		snprintf(vf->parentdev, sizeof(vf->parentdev), "0000:01:10.%u", i);
		strcpy(vf->driver, "vfio-pci");
	}
	h->pfs[0] = (struct nfp_pf) {.vfs = h->vfs, .num_vfs = VFS, .eswitch_errno = EOPNOTSUPP};
	h->pfs[0].info = (struct nfp_pf_info) {.ifname = "eth0",
					       .ifindex = 2,
					       .parentdev = "0000:01:00.0",
					       .driver = "igb",
					       .num_vfs = VFS,
					       .address = ADDRESS(1)};
	h->other_vf = (struct nfp_vf_info) {.vf = 0, .attr = NFP_VF_ATTR_UNKNOWN};
	h->pfs[1] =
		(struct nfp_pf) {.vfs = &h->other_vf, .num_vfs = 1, .eswitch_errno = EOPNOTSUPP};
	h->pfs[1].info = (struct nfp_pf_info) {
		.ifname = "eth9", .ifindex = 9, .driver = "igb", .address = ADDRESS(9)};
	for (size_t i = 0; i < NAMESPACES; i++) {
		h->netns[i].links = h->links[i];
		h->netns[i].entries = h->entries[i];
	}
	h->netns[0].port_vlans = h->port_vlans;
	strcpy(h->netns[1].name, "network namespace red");
	strcpy(h->netns[1].ip_name, "red");
	strcpy(h->netns[2].name, "the network namespace of pause (pid 7)");
	h->netns[2].pid = 7;
	h->netns[2].inode = 4026532281;
	h->facts = (struct nfp_facts) {
		.topology = {.pfs = h->pfs, .num_pfs = 2, .links = h->links[0]},
		.netns = h->netns,
		.num_netns = NAMESPACES,
		.holders_known = true,
		.open_macvtaps = &h->macvtap,
		.num_open_macvtaps = 1,
		.taps = &h->tap,
		.num_taps = 1,
	};
	add_link(h, 0, "eth0", 2, "")->address = h->pfs[0].info.address;
	add_link(h, 0, "eth9", 9, "")->address = h->pfs[1].info.address;
}

/* A guest has the VF through vfio, in process @pid. */
static void in_guest(struct nfp_vf_info *vf, int pid)
{
	vf->use = NFP_USE_VFIO;
	vf->user_pid = pid;
	snprintf(vf->user, sizeof(vf->user), "qemu (pid %d) holds it through vfio (group 12)", pid);
}

/* Its netdev, with its address. */
static struct nfp_link *netdev_of(struct host *h, size_t ns, unsigned int vf, const char *name)
{
	struct nfp_link *link = add_link(h, ns, name, 20 + (int)vf, "");

	memcpy(link->parentdev, h->vfs[vf].parentdev, sizeof(link->parentdev));
	link->address = h->vfs[vf].attr.mac;
	strcpy(h->vfs[vf].driver, "igbvf");
	if (ns == 0)
		return link;
	h->vfs[vf].use = NFP_USE_NAMESPACE;
	strcpy(h->vfs[vf].user, "its netdev is in another network namespace");
	return link;
}

/* br0 with the ports eth0 and vnet0, a tap. */
static void bridged(struct host *h)
{
	add_link(h, 0, "br0", 5, "bridge")->address = h->pfs[0].info.address;
	h->links[0][0].master = 5;
	strcpy(h->links[0][0].master_kind, "bridge");
	add_link(h, 0, "vnet0", 6, "tun")->master = 5;
}

static struct nfp_neigh *learned(struct host *h, int port, uint8_t last)
{
	struct nfp_neigh *entry = add_entry(h, 0, AF_BRIDGE, port, last);

	entry->master = 5;
	return entry;
}

static struct nfp_neigh *neighbour(struct host *h, size_t ns, int ifindex, uint8_t last)
{
	struct nfp_neigh *entry = add_entry(h, ns, AF_INET, ifindex, last);

	entry->have_dst = true;
	memcpy(entry->dst, (const uint8_t[]) {192, 0, 2, 7}, 4);
	return entry;
}

/* A macvtap on eth0 with the address of VF 3, which a process has open. */
static struct nfp_link *macvtap(struct host *h)
{
	struct nfp_link *link = add_link(h, 0, "macvtap0", 8, "macvtap");

	link->link = 2;
	link->address = h->vfs[3].attr.mac;
	h->macvtap.ifindex = 8;
	return link;
}

/* ---- hosts with something wrong ---- */

static void two_vfs(struct host *h)
{
	netdev_of(h, 1, 4, "net1");
	h->vfs[1].attr.mac = h->vfs[4].attr.mac;
}

static void leaked_netdev(struct host *h)
{
	netdev_of(h, 0, 1, "eth0v1")->address = h->vfs[4].attr.mac;
	h->vfs[1].attr.mac = h->vfs[4].attr.mac;
	in_guest(&h->vfs[4], 7);
}

/* sriov-network-device-plugin#685: the first pod's namespace is still there. */
static void leaked_pod(struct host *h)
{
	h->vfs[1].attr.mac = h->vfs[4].attr.mac;
	netdev_of(h, 1, 1, "net1");
	netdev_of(h, 2, 4, "net1");
	h->netns[1].deserted = true;
}

/* The driver of the PF does not know of it. */
static void netdevs_alone(struct host *h)
{
	netdev_of(h, 2, 4, "net1");
	netdev_of(h, 1, 5, "net2")->address = h->vfs[4].attr.mac;
}

static void pf_and_vf(struct host *h)
{
	h->vfs[2].attr.mac = h->pfs[0].info.address;
	in_guest(&h->vfs[2], 7);
}

/* The PF has the VLAN of the VF. */
static void pf_and_vf_vlan(struct host *h)
{
	struct nfp_link *vlan = add_link(h, 0, "eth0.9", 12, "vlan");

	pf_and_vf(h);
	h->vfs[2].attr.vlan.vid = 9;
	vlan->link = 2;
	vlan->vlan_id = 9;
}

static void two_guests(struct host *h)
{
	bridged(h);
	in_guest(&h->vfs[2], 7);
	learned(h, 6, 0x12);
	h->tap = (struct nfp_guest_tap) {.ifname = "vnet0", .pid = 8};
}

static void idle_on_wire(struct host *h)
{
	bridged(h);
	learned(h, 2, 0x13)->seen_cs = 2999;
}

static void idle_on_tap(struct host *h)
{
	bridged(h);
	learned(h, 6, 0x13)->seen_cs = 20000;
}

static void idle_vlan_bridge(struct host *h)
{
	struct nfp_link *vlan = add_link(h, 0, "eth0.9", 12, "vlan");

	bridged(h);
	h->links[0][0].master = 0;
	vlan->link = 2;
	vlan->vlan_id = 9;
	vlan->master = 5;
	h->vfs[3].attr.vlan.vid = 9;
	learned(h, 6, 0x13);
}

static void idle_neighbour(struct host *h)
{
	neighbour(h, 0, 2, 0x13);
}

/* Asked from a pod that has a VF, and by a macvlan on the PF in another. */
static void idle_neighbour_pod(struct host *h)
{
	netdev_of(h, 1, 5, "net1");
	neighbour(h, 1, 25, 0x13);
}

static void idle_neighbour_macvlan(struct host *h)
{
	add_link(h, 2, "net1", 31, "macvlan")->link_elsewhere = 2;
	neighbour(h, 2, 31, 0x13)->state = NUD_PERMANENT;
}

static void idle_other_pf(struct host *h)
{
	h->other_vf.attr.mac = h->vfs[3].attr.mac;
	in_guest(&h->other_vf, 7);
}

static void idle_standby(struct host *h)
{
	macvtap(h);
}

/* A guest that waits for its VF to be unplugged, or whose migration was given up: its driver has
 * let go of the VF, and QEMU holds it. */
static void at_rest(struct host *h)
{
	bridged(h);
	in_guest(&h->vfs[2], 8);
	h->vfs[2].at_rest = true;
	learned(h, 6, 0x12);
	h->tap = (struct nfp_guest_tap) {.ifname = "vnet0", .pid = 8};
}

static void at_rest_macvtap(struct host *h)
{
	macvtap(h);
	in_guest(&h->vfs[3], 7);
	h->vfs[3].at_rest = true;
}

/* kubevirt#5912: the guest has migrated, and its macvtap is still in the pod. */
static void left_macvtap(struct host *h)
{
	struct nfp_link *link = add_link(h, 2, "tap0", 30, "macvtap");

	link->link_elsewhere = 2;
	link->bridging = true;
	link->address = (struct nfp_mac)ADDRESS(0x77);
	link = add_link(h, 1, "net1", 31, "macvlan");
	link->link_elsewhere = 2;
	link->bridging = true;
	neighbour(h, 1, 31, 0x77);
}

/* Asked from a VF, whatever the mode. */
static void left_macvtap_vf(struct host *h)
{
	left_macvtap(h);
	h->links[2][0].bridging = false;
	netdev_of(h, 1, 5, "net2");
	h->entries[1][0].ifindex = 25;
}

/* Another pod has one open that has the same ifindex there. */
static void left_macvtap_like_another(struct host *h)
{
	left_macvtap(h);
	h->macvtap = (struct nfp_guest_tap) {.ifindex = 30, .pid = 8, .in_netns = true, .netns = 1};
}

/* The guest of the VF has a tap of that name as well, in its pod. */
static void two_guests_one_name(struct host *h)
{
	two_guests(h);
	h->tap = (struct nfp_guest_tap) {.ifname = "vnet0", .pid = 7, .in_netns = true, .netns = 2};
}

static void switchdev_same(struct host *h)
{
	two_vfs(h);
	strcpy(h->pfs[0].info.eswitch_mode, "switchdev");
}

static struct nfp_link *vlan_on(struct host *h, size_t ns, const char *name, int lower)
{
	struct nfp_link *link = add_link(h, ns, name, 60 + (int)h->netns[ns].num_links, "vlan");

	*(ns && lower == 2 ? &link->link_elsewhere : &link->link) = lower;
	link->vlan_id = 9;
	return link;
}

/* A pod's VLAN, on its macvlan. */
static void swallowed_pod(struct host *h)
{
	add_link(h, 1, "net1", 30, "macvlan")->link_elsewhere = 2;
	vlan_on(h, 1, "net1.9", 30);
	vlan_on(h, 0, "eth0.9", 2);
}

/* A guest's tap has it on a bridge that takes it from the PF by its tag. */
static void swallowed_tap(struct host *h)
{
	bridged(h);
	h->port_vlans[0] = (struct nfp_port_vlan) {.ifindex = 2, .vid = 9};
	h->port_vlans[1] = (struct nfp_port_vlan) {.ifindex = 6, .vid = 9, .untagged = true};
	h->netns[0].num_port_vlans = 2;
	vlan_on(h, 1, "old9", 2)->flags = 0;
}

/* By a run of nfprobe; the PF has the run's address, too. */
static void interrupted(struct host *h)
{
	h->vfs[3].trace = NFP_TRACE_LEFT;
	h->vfs[3].use = NFP_USE_OTHER;
	strcpy(h->vfs[3].user, "left by an interrupted run: nfprobe --restore eth0");
}

static const struct {
	const char *name;
	void (*make)(struct host *h);
	enum nfp_finding_code code;
	const char *what, *command, *after;
	size_t commands;
} wrong[] = {
	{"two VFs, one in a pod", two_vfs, NFP_FINDING_SAME_ADDRESS,
	 "VF 1 (idle) and VF 4 (net1 in network namespace red) have the address "
	 "52:54:00:00:00:14",
	 "ip link set eth0 vf 1 mac 00:00:00:00:00:00", "no guest is about to get VF 1", 1},
	{"an idle one with a netdev", leaked_netdev, NFP_FINDING_SAME_ADDRESS,
	 "VF 1 (idle) and VF 4 (qemu (pid 7) holds it through vfio (group 12)) have the address "
	 "52:54:00:00:00:14",
	 "ip link set eth0 vf 1 mac 00:00:00:00:00:00", "no guest is about to get VF 1", 3},
	{"a pod that was left", leaked_pod, NFP_FINDING_SAME_ADDRESS,
	 "VF 1 (net1 in network namespace red) and VF 4 (net1 in the network namespace of pause "
	 "(pid 7)) have the address 52:54:00:00:00:14",
	 "ip link set eth0 vf 1 mac 00:00:00:00:00:00",
	 "you have made sure that nobody needs network namespace red, where no process is", 3},
	{"netdevs alone", netdevs_alone, NFP_FINDING_SAME_ADDRESS,
	 "VF 4 (net1 in the network namespace of pause (pid 7)) and VF 5 (net2 in network "
	 "namespace red) have the address 52:54:00:00:00:14",
	 "ip -n red link set net2 address 56:54:00:00:00:14", "VF 5 is free", 1},
	{"the PF and a VF", pf_and_vf, NFP_FINDING_SAME_ADDRESS,
	 "the PF and VF 2 (qemu (pid 7) holds it through vfio (group 12)) have the address "
	 "52:54:00:00:00:01",
	 "ip link set eth0 vf 2 mac 56:54:00:00:00:01",
	 "VF 2 is free (qemu (pid 7) holds it through vfio (group 12))", 1},
	{"the PF and a VF, in a VLAN", pf_and_vf_vlan, NFP_FINDING_SAME_ADDRESS, "the PF and VF 2",
	 "ip link set eth0 vf 2 mac 56:54:00:00:00:01", "VF 2 is free", 1},
	{"two guests, one behind a bridge", two_guests, NFP_FINDING_SAME_ADDRESS,
	 "VF 2 (qemu (pid 7) holds it through vfio (group 12)) has the address "
	 "52:54:00:00:00:12, which is also behind vnet0 of br0",
	 "ip link set eth0 vf 2 mac 56:54:00:00:00:12", "VF 2 is free", 1},
	{"idle, and on the wire", idle_on_wire, NFP_FINDING_IDLE_ADDRESS,
	 "nobody uses VF 3 (idle), whose address 52:54:00:00:00:13 is in use: br0 has it in its "
	 "table, behind eth0",
	 "ip link set eth0 vf 3 mac 00:00:00:00:00:00", "no guest is about to get VF 3", 1},
	{"idle, and a guest's on a bridge", idle_on_tap, NFP_FINDING_IDLE_ADDRESS,
	 "in its table, behind vnet0", "ip link set eth0 vf 3 mac 00:00:00:00:00:00",
	 "no guest is about to get VF 3", 1},
	{"idle, and on a bridge in its VLAN", idle_vlan_bridge, NFP_FINDING_IDLE_ADDRESS,
	 "in its table, behind vnet0", "ip link set eth0 vf 3 mac 00:00:00:00:00:00",
	 "no guest is about to get VF 3", 1},
	{"idle, and a neighbour", idle_neighbour, NFP_FINDING_IDLE_ADDRESS,
	 "192.0.2.7 is there for eth0", "ip link set eth0 vf 3 mac 00:00:00:00:00:00",
	 "no guest is about to get VF 3", 1},
	{"idle, and a pod's neighbour", idle_neighbour_pod, NFP_FINDING_IDLE_ADDRESS,
	 "192.0.2.7 is there for net1 in network namespace red",
	 "ip link set eth0 vf 3 mac 00:00:00:00:00:00", "no guest is about to get VF 3", 1},
	{"idle, and a neighbour of a macvlan", idle_neighbour_macvlan, NFP_FINDING_IDLE_ADDRESS,
	 "192.0.2.7 is there for net1 in the network namespace of pause (pid 7)",
	 "ip link set eth0 vf 3 mac 00:00:00:00:00:00", "no guest is about to get VF 3", 1},
	{"idle, and in use on another PF", idle_other_pf, NFP_FINDING_IDLE_ADDRESS,
	 "VF 0 of eth9 has it, and qemu (pid 7)", "ip link set eth0 vf 3 mac 00:00:00:00:00:00",
	 "no guest is about to get VF 3", 1},
	{"idle, and a guest's standby", idle_standby, NFP_FINDING_IDLE_ADDRESS,
	 "macvtap0 has it, a guest's", "ip link set eth0 vf 3 mac 00:00:00:00:00:00",
	 "no guest is about to get VF 3", 1},
	{"held by a guest that is on its standby", at_rest, NFP_FINDING_IDLE_ADDRESS,
	 "process 8 holds VF 2 (qemu (pid 8) holds it through vfio (group 12)) and does not use "
	 "it: its guest, with the address 52:54:00:00:00:12, is on its standby: br0 has it in its "
	 "table, behind vnet0",
	 "ip link set eth0 vf 2 mac 00:00:00:00:00:00",
	 "whoever gives the guest VF 2 back will first assign the address again", 1},
	{"the same, by a macvtap", at_rest_macvtap, NFP_FINDING_IDLE_ADDRESS,
	 "is on its standby: macvtap0 has it", "ip link set eth0 vf 3 mac 00:00:00:00:00:00",
	 "whoever gives the guest VF 3 back will first assign the address again", 1},
	{"a macvtap that its guest has left", left_macvtap, NFP_FINDING_IDLE_ADDRESS,
	 "nobody uses tap0 in the network namespace of pause (pid 7), whose address "
	 "52:54:00:00:00:77 is in use: 192.0.2.7 is there for net1 in network namespace red",
	 IN_POD "ip link set tap0 down ';'", "no guest is about to use tap0", 1},
	{"the same, and another in a pod", left_macvtap_like_another, NFP_FINDING_IDLE_ADDRESS,
	 "nobody uses tap0", IN_POD "ip link set tap0 down ';'", "no guest is about to use tap0",
	 1},
	{"two guests, and taps of one name", two_guests_one_name, NFP_FINDING_SAME_ADDRESS,
	 "which is also behind vnet0 of br0", "ip link set eth0 vf 2 mac 56:54:00:00:00:12",
	 "VF 2 is free", 1},
	{"the same, and a VF", left_macvtap_vf, NFP_FINDING_IDLE_ADDRESS,
	 "192.0.2.7 is there for net2", IN_POD "ip link set tap0 down ';'",
	 "no guest is about to use tap0", 1},
	{"the VLAN of a pod", swallowed_pod, NFP_FINDING_VLAN_SWALLOWED,
	 "eth0.9 takes what comes for VLAN 9, which net1.9 in network namespace red has, too",
	 "ip link delete eth0.9", "nothing needs eth0.9", 1},
	{"the VLAN of a tap", swallowed_tap, NFP_FINDING_VLAN_SWALLOWED,
	 "old9 in network namespace red takes what comes for VLAN 9, which vnet0 has, too",
	 "ip -n red link delete old9", "nothing needs old9", 1},
	{"what a run left", interrupted, NFP_FINDING_INTERRUPTED_RUN,
	 "VF 3: left by an interrupted run", "nfprobe --restore eth0", "", 1},
	{"two VFs, in switchdev mode", switchdev_same, NFP_FINDING_SAME_ADDRESS,
	 "VF 1 (idle) and VF 4", "ip link set eth0 vf 1 mac 00:00:00:00:00:00",
	 "no guest is about to get VF 1", 1},
};

/* So many, of which that is the first. */
static void assert_commands(const struct nfp_finding *f, size_t num, const char *first)
{
	size_t at = 0, found = 0;
	char *line;

	for (; (line = nfp_commands_line(&f->commands, &at)); found++) {
		if (!found)
			assert_string_equal(line, first);
		free(line);
	}
	assert_int_equal(found, num);
}

TEST(test_each_finding)
{
	static const struct nfp_strv all = {.n = 0};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct nfp_audit audit;
		struct host h;

		print_message("%s\n", wrong[i].name);
		make(&h);
		wrong[i].make(&h);
		nfp_audit_judge(&h.facts, &all, &audit);
		assert_int_equal(audit.num_findings, 1);
		assert_int_equal(audit.findings[0].code, wrong[i].code);
		assert_false(audit.findings[0].remark);
		if (!strstr(audit.findings[0].what, wrong[i].what))
			assert_string_equal(audit.findings[0].what, wrong[i].what);
		assert_commands(&audit.findings[0], wrong[i].commands, wrong[i].command);
		assert_int_equal(
			strncmp(audit.findings[0].after, wrong[i].after, strlen(wrong[i].after)),
			0);
		assert_int_equal(!audit.findings[0].after[0], !wrong[i].after[0]);
		assert_int_equal(audit.exit_status, 1);
		nfp_audit_fini(&audit);
	}
}

/* All that a guest, a pod or a user may name. */
static void rename_all(struct host *h, const char *name)
{
	snprintf(h->netns[1].ip_name, sizeof(h->netns[1].ip_name), "%s", name);
	for (size_t i = 0; i < NAMESPACES; i++)
		for (size_t k = 0; k < h->netns[i].num_links; k++)
			snprintf(h->links[i][k].ifname, sizeof(h->links[i][k].ifname), "%s", name);
	for (size_t i = 0; i < h->facts.topology.num_pfs; i++)
		snprintf(h->pfs[i].info.ifname, sizeof(h->pfs[i].info.ifname), "%s", name);
}

/* Each command is on a line of its own, whole, and comes out of a shell as the words it is. */
TEST(names_are_only_names)
{
	static const struct nfp_report_opts opts = {.columns = 40};
	static const struct nfp_strv all = {.n = 0};
	struct shell_batch batch = {0};

	for (size_t n = 0; n < NUM_HOSTILE_NAMES; n++)
		for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
			struct nfp_audit audit;
			char *text = NULL, *line;
			size_t size, at = 0;
			struct host h;
			FILE *out;

			make(&h);
			wrong[i].make(&h);
			rename_all(&h, hostile_names[n]);
			nfp_audit_judge(&h.facts, &all, &audit);
			out = open_memstream(&text, &size);
			assert_int_equal(nfp_report_audit_text(&audit, &opts, out), 0);
			fclose(out);
			assert_int_equal(audit.num_findings, 1);
			shell_add(&batch, &audit.findings[0].commands);
			while ((line = nfp_commands_line(&audit.findings[0].commands, &at))) {
				char *whole = nfp_asprintf(" %s\n", line);

				assert_non_null(strstr(text, whole));
				free(whole);
				free(line);
			}
			free(text);
			nfp_audit_fini(&audit);
		}
	shell_try(&batch);
}

/* ---- hosts that are well ---- */

static void nothing(struct host *h)
{
	(void)h;
}

/* Ten guests as libvirt sets them up: idle VFs have its placeholder, or zero. */
static void libvirt(struct host *h)
{
	bridged(h);
	for (unsigned int i = 0; i < VFS; i++)
		h->vfs[i].attr.mac = (struct nfp_mac) {{i % 2 ? 0 : 2}};
	h->vfs[2].attr.mac = (struct nfp_mac)ADDRESS(0x12);
	in_guest(&h->vfs[2], 7);
	/* Its standby, while it has both. */
	learned(h, 6, 0x12);
	h->tap = (struct nfp_guest_tap) {.ifname = "vnet0", .pid = 7};
	for (uint8_t i = 0; i < 8; i++)
		learned(h, 6, (uint8_t)(0x30 + i));
	learned(h, 5, 1)->state = NUD_PERMANENT;
	learned(h, 6, 0x12)->state = NUD_PERMANENT; /* of a port */
}

/* A port's own address is permanent, and no guest's. */
static void own_ports(struct host *h)
{
	bridged(h);
	in_guest(&h->vfs[2], 7);
	learned(h, 6, 0x12)->state = NUD_PERMANENT;
	learned(h, 6, 0x13)->state = NUD_PERMANENT;
}

/* The address of a guest with a VF comes to the bridge through the PF. */
static void heard_at_pf(struct host *h)
{
	bridged(h);
	in_guest(&h->vfs[2], 7);
	learned(h, 2, 0x12);
}

static void ended_guest(struct host *h)
{
	bridged(h);
	learned(h, 2, 0x13)->seen_cs = 3001;
	learned(h, 6, 0x13)->state = NUD_STALE;
	neighbour(h, 0, 2, 0x13)->state = NUD_STALE;
	neighbour(h, 0, 2, 0x13)->state = NUD_FAILED;
}

/* KubeVirt and the operator: VFs in pods, and idle ones that have addresses. */
static void pods(struct host *h)
{
	netdev_of(h, 1, 4, "net1");
	netdev_of(h, 2, 5, "net1");
	netdev_of(h, 0, 0, "eth0v0");
	neighbour(h, 1, 24, 0x15);
	neighbour(h, 2, 25, 0x14);
}

/* A bond of two VFs has one address. */
static void bonded(struct host *h)
{
	struct nfp_link *one = netdev_of(h, 1, 4, "net1"), *two = netdev_of(h, 1, 5, "net2");

	two->address = one->address;
	one->master = two->master = 40;
	strcpy(one->master_kind, "bond");
	strcpy(two->master_kind, "bond");
	add_link(h, 1, "bond0", 40, "bond")->address = one->address;
}

static void bonded_pfs(struct host *h)
{
	for (size_t i = 0; i < 2; i++) {
		h->links[0][i].master = 40;
		strcpy(h->links[0][i].master_kind, "bond");
		h->links[0][i].address = h->pfs[i].info.address = (struct nfp_mac)ADDRESS(1);
	}
	add_link(h, 0, "bond0", 40, "bond")->address = (struct nfp_mac)ADDRESS(1);
	add_link(h, 0, "bond0.9", 41, "vlan")->address = (struct nfp_mac)ADDRESS(1);
}

/* VRRP: the same address on each router. */
static void keepalived(struct host *h)
{
	netdev_of(h, 1, 4, "net1");
	netdev_of(h, 2, 5, "net1");
	for (size_t ns = 1; ns < 3; ns++) {
		struct nfp_link *link = add_link(h, ns, "vrrp.1", 50, "macvlan");

		link->link = 23 + (int)ns;
		link->address = (struct nfp_mac) {{0, 0, 0x5e, 0, 1, 1}};
	}
}

static void other_vlans(struct host *h)
{
	h->vfs[1].attr.mac = h->vfs[2].attr.mac;
	h->vfs[1].attr.vlan.vid = 9;
	h->vfs[2].attr.vlan.vid = 10;
	bridged(h);
	in_guest(&h->vfs[2], 7);
	learned(h, 6, 0x12);
	h->vfs[3].attr.vlan.vid = 9;
	learned(h, 6, 0x13);
	neighbour(h, 0, 2, 0x13);
}

/* On a bridge of another NIC, and a neighbour there. */
static void management(struct host *h)
{
	bridged(h);
	h->links[0][0].master = 0;
	h->links[0][1].master = 5;
	h->other_vf.use = NFP_USE_IDLE;
	learned(h, 6, 0x13);
	neighbour(h, 0, 9, 0x13);
}

static void switchdev(struct host *h)
{
	bridged(h);
	strcpy(h->pfs[0].info.eswitch_mode, "switchdev");
	in_guest(&h->vfs[2], 7);
	learned(h, 6, 0x12);
	learned(h, 6, 0x13);
	macvtap(h);
}

/* DPDK holds the VF, or may. */
static void dpdk(struct host *h)
{
	in_guest(&h->vfs[3], 7);
	h->vfs[2].use = NFP_USE_OTHER;
	neighbour(h, 0, 2, 0x12);
	neighbour(h, 0, 2, 0x13);
}

/* Neutron's bridges: one for each network, on a VLAN of the PF. */
static void neutron(struct host *h)
{
	idle_vlan_bridge(h);
	h->vfs[3].attr.mac = (struct nfp_mac) {{0}};
	in_guest(&h->vfs[2], 7);
	h->vfs[2].attr.vlan.vid = 9;
	learned(h, 12, 0x12);
}

/* The standby of the guest that has the VF, and one that nobody knows of. */
static void macvtap_standby(struct host *h)
{
	macvtap(h);
	in_guest(&h->vfs[3], 7);
	add_link(h, 0, "macvtap1", 11, "macvtap")->link = 2;
}

/* The PF's own netdev sends nothing into a macvtap, nor does a macvlan to one in VEPA mode. */
static void apart_macvtap(struct host *h)
{
	left_macvtap(h);
	h->links[2][0].bridging = false;
	neighbour(h, 0, 2, 0x77);
}

static void open_macvtap(struct host *h)
{
	left_macvtap(h);
	h->macvtap.ifindex = 30;
}

static void unknown_macvtap(struct host *h)
{
	left_macvtap(h);
	h->facts.holders_known = false;
}

static void trunk(struct host *h)
{
	swallowed_tap(h);
	h->port_vlans[1].ifindex = 5; /* the bridge has it, and no port but the PF's */
}

static void access_port(struct host *h)
{
	swallowed_tap(h);
	h->port_vlans[0].untagged = true;
}

static void only_vf_in_vlan(struct host *h)
{
	swallowed_tap(h);
	netdev_of(h, 0, 4, "eth0v4")->master = 5;
	h->port_vlans[1].ifindex = 24;
}

static void service_tag(struct host *h)
{
	swallowed_tap(h);
	h->links[1][0].vlan_proto = 0x88a8;
}

static void another_vlan(struct host *h)
{
	swallowed_pod(h);
	h->links[1][1].vlan_id = 10;
}

/* Two tags. */
static void vlan_in_vlan(struct host *h)
{
	vlan_on(h, 0, "eth0.9", 2);
	vlan_on(h, 0, "eth0.8", 2)->vlan_id = 8;
	vlan_on(h, 0, "eth0.8.9", h->links[0][h->netns[0].num_links - 1].ifindex);
}

/* A run shares its address on purpose. */
static void probed(struct host *h)
{
	two_vfs(h);
	h->vfs[1].trace = NFP_TRACE_PROBED;
	h->vfs[1].use = NFP_USE_OTHER;
	strcpy(h->vfs[1].user, "being probed (process 7)");
}

/* Its driver uses the VF; the tap is another guest's; nobody is on its standby. */
static void in_use(struct host *h)
{
	at_rest(h);
	h->vfs[2].at_rest = false;
}

static void at_rest_alone(struct host *h)
{
	in_guest(&h->vfs[2], 8);
	h->vfs[2].at_rest = true;
}

/* A pair on two VFs, the second by a macvtap, or held as the first is. */
static void second_vf(struct host *h)
{
	struct nfp_link *link;

	in_guest(&h->vfs[2], 7);
	h->vfs[5].attr.mac = h->vfs[2].attr.mac;
	netdev_of(h, 0, 5, "eth0v5");
	link = add_link(h, 0, "macvtap1", 30, "macvtap");
	link->link = 25;
	link->address = h->vfs[2].attr.mac;
	h->vfs[5].use = NFP_USE_NETDEV;
	h->macvtap.ifindex = 30;
}

static void two_held(struct host *h)
{
	in_guest(&h->vfs[2], 7);
	in_guest(&h->vfs[5], 7);
	h->vfs[5].attr.mac = h->vfs[2].attr.mac;
}

static void (*const well[])(struct host *h) = {
	trunk,	 access_port, only_vf_in_vlan, service_tag,   another_vlan, vlan_in_vlan,
	nothing, libvirt,     heard_at_pf,     own_ports,     ended_guest,  pods,
	bonded,	 bonded_pfs,  keepalived,      other_vlans,   management,   switchdev,
	dpdk,	 neutron,     macvtap_standby, apart_macvtap, open_macvtap, unknown_macvtap,
	probed,	 in_use,      at_rest_alone,   second_vf,     two_held,
};

TEST(test_no_finding)
{
	static const struct nfp_strv all = {.n = 0};

	for (size_t i = 0; i < sizeof(well) / sizeof(well[0]); i++) {
		struct nfp_audit audit;
		struct host h;

		make(&h);
		well[i](&h);
		nfp_audit_judge(&h.facts, &all, &audit);
		for (size_t k = 0; k < audit.num_findings; k++) {
			if (!audit.findings[k].remark)
				print_error("%zu: %s\n", i, audit.findings[k].what);
			assert_true(audit.findings[k].remark);
		}
		assert_int_equal(audit.exit_status, 0);
		assert_int_equal(audit.num_pfs, 2);
		nfp_audit_fini(&audit);
	}
}

/* ---- remarks ---- */

static void audit_of(void (*change)(struct host *h), struct host *h, struct nfp_audit *audit)
{
	static const struct nfp_strv all = {.n = 0};

	make(h);
	bridged(h);
	in_guest(&h->vfs[2], 7);
	learned(h, 6, 0x30);
	learned(h, 6, 0x31);
	learned(h, 2, 0x32); /* behind the wire */
	change(h);
	nfp_audit_judge(&h->facts, &all, audit);
	assert_int_equal(audit->exit_status, 0);
}

static void one_is_there(struct host *h)
{
	add_entry(h, 0, AF_BRIDGE, 2, 0x31)->flags = NTF_SELF;
}

static void both_are_there(struct host *h)
{
	one_is_there(h);
	add_entry(h, 0, AF_BRIDGE, 2, 0x30)->flags = NTF_SELF;
}

static void sender_elsewhere(struct host *h)
{
	h->vfs[2].attr.vlan.vid = 9;
}

static void no_sender(struct host *h)
{
	h->vfs[2].use = NFP_USE_IDLE;
}

TEST(test_guests_that_the_filter_lacks)
{
	static void (*const none[])(struct host * h) = {both_are_there, sender_elsewhere,
							no_sender};
	struct nfp_audit audit;
	struct host h;

	audit_of(nothing, &h, &audit);
	assert_int_equal(audit.num_findings, 1);
	assert_int_equal(audit.findings[0].code, NFP_FINDING_BRIDGE_FILTER);
	assert_true(audit.findings[0].remark);
	assert_string_equal(
		audit.findings[0].what,
		"the filter of eth0 lacks 2 guests of br0, and VF 2 is in the same VLAN");
	assert_commands(&audit.findings[0], 2, "bridge fdb add 52:54:00:00:00:30 dev eth0");
	nfp_audit_fini(&audit);
	audit_of(one_is_there, &h, &audit);
	assert_commands(&audit.findings[0], 1, "bridge fdb add 52:54:00:00:00:30 dev eth0");
	assert_int_equal(audit.findings[0].address.b[5], 0x30);
	nfp_audit_fini(&audit);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		audit_of(none[i], &h, &audit);
		assert_int_equal(audit.num_findings, 0);
		nfp_audit_fini(&audit);
	}
}

static void deaf(struct host *h)
{
	static int ifindex = 8;

	no_sender(h);
	in_guest(&h->vfs[3], 7);
	h->vfs[3].attr.vlan.vid = 9;
	macvtap(h);
	h->facts.deaf = &ifindex;
	h->facts.num_deaf = 1;
}

TEST(test_macvtap_remark)
{
	struct nfp_audit audit;
	struct host h;

	audit_of(deaf, &h, &audit);
	assert_int_equal(audit.num_findings, 1);
	assert_int_equal(audit.findings[0].code, NFP_FINDING_MACVTAP_GROUPS);
	/* Whether the NIC then passes the groups cannot be known. */
	assert_commands(&audit.findings[0], 0, NULL);
	assert_non_null(strstr(audit.findings[0].why, "trustGuestRxFilters"));
	nfp_audit_fini(&audit);
}

/* ---- what could not be seen, and which PFs ---- */

TEST(test_unseen)
{
	struct nfp_unseen unseen[] = {{"", "what processes have", "CAP_SYS_PTRACE"},
				      {"eth9", "the eswitch mode of eth9", "CAP_NET_ADMIN"}};
	struct nfp_strv names = {.n = 0};
	struct nfp_audit audit;
	struct host h;

	make(&h);
	h.facts.open_vswitch = true; /* this alone is nothing */
	nfp_audit_judge(&h.facts, &names, &audit);
	assert_int_equal(audit.exit_status, 0);
	assert_int_equal(audit.unasked.n, 1);
	nfp_audit_fini(&audit);
	h.facts.unseen = unseen;
	h.facts.num_unseen = 2;
	nfp_strv_addf(&names, "eth0");
	nfp_audit_judge(&h.facts, &names, &audit);
	assert_int_equal(audit.exit_status, 3);
	assert_int_equal(audit.num_unseen, 1);
	assert_string_equal(audit.unseen[0].needs, "CAP_SYS_PTRACE");
	assert_int_equal(audit.num_pfs, 1);
	nfp_audit_fini(&audit);
	/* A finding says more than what is missing. */
	two_vfs(&h);
	nfp_audit_judge(&h.facts, &names, &audit);
	assert_int_equal(audit.exit_status, 1);
	nfp_audit_fini(&audit);
	nfp_strv_fini(&names);
	nfp_strv_addf(&names, "eth9");
	nfp_audit_judge(&h.facts, &names, &audit);
	assert_int_equal(audit.num_findings, 0);
	assert_int_equal(audit.exit_status, 3);
	nfp_audit_fini(&audit);
	nfp_strv_fini(&names);
}

/* Where the mode is not known, only what holds in each is said. */
TEST(test_unknown_mode)
{
	static const struct nfp_strv all = {.n = 0};
	struct nfp_audit audit;
	struct host h;

	make(&h);
	idle_neighbour(&h);
	h.pfs[0].eswitch_errno = EPERM;
	strcpy(h.pfs[0].info.driver, "mlx5_core");
	nfp_audit_judge(&h.facts, &all, &audit);
	assert_int_equal(audit.num_findings, 0);
	nfp_audit_fini(&audit);
	strcpy(h.pfs[0].info.eswitch_mode, "legacy");
	nfp_audit_judge(&h.facts, &all, &audit);
	assert_int_equal(audit.num_findings, 1);
	nfp_audit_fini(&audit);
}

TEST_MAIN()
