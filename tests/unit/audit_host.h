/* SPDX-License-Identifier: GPL-2.0-or-later */
/* audit_host.h - hosts in memory, with or without something wrong, for audits. */
#ifndef AUDIT_HOST_H
#define AUDIT_HOST_H

#include <net/if.h>
#include <sys/socket.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>

#include "harness.h"
#include "audit/audit.h"

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

static inline struct nfp_link *add_link(struct host *h, size_t ns, const char *name, int ifindex,
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

static inline struct nfp_neigh *add_entry(struct host *h, size_t ns, uint8_t family, int ifindex,
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

static inline void make(struct host *h)
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
	h->pfs[0] = (struct nfp_pf) {
		.flags = IFF_UP, .vfs = h->vfs, .num_vfs = VFS, .eswitch_errno = EOPNOTSUPP};
	h->pfs[0].info = (struct nfp_pf_info) {.ifname = "eth0",
					       .ifindex = 2,
					       .parentdev = "0000:01:00.0",
					       .driver = "igb",
					       .num_vfs = VFS,
					       .address = ADDRESS(1)};
	h->other_vf = (struct nfp_vf_info) {.vf = 0, .attr = NFP_VF_ATTR_UNKNOWN};
	h->pfs[1] = (struct nfp_pf) {
		.flags = IFF_UP, .vfs = &h->other_vf, .num_vfs = 1, .eswitch_errno = EOPNOTSUPP};
	h->pfs[1].info = (struct nfp_pf_info) {
		.ifname = "eth9", .ifindex = 9, .driver = "igb", .address = ADDRESS(9)};
	for (size_t i = 0; i < NAMESPACES; i++) {
		h->netns[i].links = h->links[i];
		h->netns[i].entries = h->entries[i];
	}
	h->netns[0].port_vlans = h->port_vlans;
	h->netns[0].memberships_known = true;
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
static inline void in_guest(struct nfp_vf_info *vf, int pid)
{
	vf->use = NFP_USE_VFIO;
	vf->user_pid = pid;
	snprintf(vf->user, sizeof(vf->user), "qemu (pid %d) holds it through vfio (group 12)", pid);
}

/* Adds its netdev, with its address. */
static inline struct nfp_link *netdev_of(struct host *h, size_t ns, unsigned int vf,
					 const char *name)
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
static inline void bridged(struct host *h)
{
	add_link(h, 0, "br0", 5, "bridge")->address = h->pfs[0].info.address;
	h->links[0][0].master = 5;
	strcpy(h->links[0][0].master_kind, "bridge");
	add_link(h, 0, "vnet0", 6, "tun")->master = 5;
}

static inline struct nfp_neigh *learned(struct host *h, int port, uint8_t last)
{
	struct nfp_neigh *entry = add_entry(h, 0, AF_BRIDGE, port, last);

	entry->master = 5;
	return entry;
}

static inline struct nfp_neigh *neighbour(struct host *h, size_t ns, int ifindex, uint8_t last)
{
	struct nfp_neigh *entry = add_entry(h, ns, AF_INET, ifindex, last);

	entry->have_dst = true;
	memcpy(entry->dst, (const uint8_t[]) {192, 0, 2, 7}, 4);
	return entry;
}

/* A macvtap on eth0 with the address of VF 3, which a process has open. */
static inline struct nfp_link *macvtap(struct host *h)
{
	struct nfp_link *link = add_link(h, 0, "macvtap0", 8, "macvtap");

	link->link = 2;
	link->address = h->vfs[3].attr.mac;
	h->macvtap.ifindex = 8;
	return link;
}

/* ---- hosts with something wrong ---- */

static inline void two_vfs(struct host *h)
{
	netdev_of(h, 1, 4, "net1");
	h->vfs[1].attr.mac = h->vfs[4].attr.mac;
}

static inline void leaked_netdev(struct host *h)
{
	netdev_of(h, 0, 1, "eth0v1")->address = h->vfs[4].attr.mac;
	h->vfs[1].attr.mac = h->vfs[4].attr.mac;
	in_guest(&h->vfs[4], 7);
}

/* sriov-network-device-plugin#685: the first pod's namespace is still there. */
static inline void leaked_pod(struct host *h)
{
	h->vfs[1].attr.mac = h->vfs[4].attr.mac;
	netdev_of(h, 1, 1, "net1");
	netdev_of(h, 2, 4, "net1");
	h->netns[1].deserted = true;
}

/* The driver of the PF does not know the address. */
static inline void netdevs_alone(struct host *h)
{
	netdev_of(h, 2, 4, "net1");
	netdev_of(h, 1, 5, "net2")->address = h->vfs[4].attr.mac;
}

static inline void pf_and_vf(struct host *h)
{
	h->vfs[2].attr.mac = h->pfs[0].info.address;
	in_guest(&h->vfs[2], 7);
}

/* The PF has the VLAN of the VF. */
static inline void pf_and_vf_vlan(struct host *h)
{
	struct nfp_link *vlan = add_link(h, 0, "eth0.9", 12, "vlan");

	pf_and_vf(h);
	h->vfs[2].attr.vlan.vid = 9;
	vlan->link = 2;
	vlan->vlan_id = 9;
}

static inline void two_guests(struct host *h)
{
	bridged(h);
	in_guest(&h->vfs[2], 7);
	learned(h, 6, 0x12);
	h->tap = (struct nfp_guest_tap) {.ifname = "vnet0", .pid = 8};
}

static inline void idle_on_wire(struct host *h)
{
	bridged(h);
	learned(h, 2, 0x13)->seen_cs = 2999;
}

static inline void idle_on_tap(struct host *h)
{
	bridged(h);
	learned(h, 6, 0x13)->seen_cs = 20000;
}

static inline void idle_vlan_bridge(struct host *h)
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

static inline void idle_neighbour(struct host *h)
{
	neighbour(h, 0, 2, 0x13);
}

/* Neighbours of a pod that has a VF, and of another with a macvlan on the PF. */
static inline void idle_neighbour_pod(struct host *h)
{
	netdev_of(h, 1, 5, "net1");
	neighbour(h, 1, 25, 0x13);
}

static inline void idle_neighbour_macvlan(struct host *h)
{
	add_link(h, 2, "net1", 31, "macvlan")->link_elsewhere = 2;
	neighbour(h, 2, 31, 0x13)->state = NUD_PERMANENT;
}

static inline void idle_other_pf(struct host *h)
{
	h->other_vf.attr.mac = h->vfs[3].attr.mac;
	in_guest(&h->other_vf, 7);
}

static inline void idle_standby(struct host *h)
{
	macvtap(h);
}

/* A guest that waits for its VF to be unplugged, or whose migration was cancelled: its driver has
 * released the VF, and QEMU holds it. */
static inline void at_rest(struct host *h)
{
	bridged(h);
	in_guest(&h->vfs[2], 8);
	h->vfs[2].at_rest = true;
	learned(h, 6, 0x12);
	h->tap = (struct nfp_guest_tap) {.ifname = "vnet0", .pid = 8};
}

/* A guest that was given the VF, in process @pid, and has not taken it. */
static inline void reserve(struct nfp_vf_info *vf, int pid)
{
	vf->use = NFP_USE_RESERVED;
	vf->user_pid = pid;
	snprintf(vf->user, sizeof(vf->user), "guest web1 (pid %d), not taken yet", pid);
}

static inline void reserved(struct host *h)
{
	at_rest(h);
	reserve(&h->vfs[2], 8);
}

/* A reservation whose process is not known. */
static inline void reserved_by_libvirt(struct host *h)
{
	at_rest(h);
	reserve(&h->vfs[2], 0);
}

static inline void reserved_macvtap(struct host *h)
{
	macvtap(h);
	reserve(&h->vfs[3], 7);
}

static inline void reserved_by_address(struct host *h)
{
	macvtap(h);
	reserve(&h->vfs[3], 0);
	h->vfs[3].by_address = true;
}

static inline void at_rest_macvtap(struct host *h)
{
	macvtap(h);
	in_guest(&h->vfs[3], 7);
	h->vfs[3].at_rest = true;
}

/* kubevirt#5912: the guest has migrated, and its macvtap is still in the pod. */
static inline void left_macvtap(struct host *h)
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

/* A neighbour of a VF, whatever the mode. */
static inline void left_macvtap_vf(struct host *h)
{
	left_macvtap(h);
	h->links[2][0].bridging = false;
	netdev_of(h, 1, 5, "net2");
	h->entries[1][0].ifindex = 25;
}

/* Another pod has a macvtap open with the same ifindex there. */
static inline void left_macvtap_like_another(struct host *h)
{
	left_macvtap(h);
	h->macvtap = (struct nfp_guest_tap) {.ifindex = 30, .pid = 8, .in_netns = true, .netns = 1};
}

/* The guest of the VF also has a tap of that name, in its pod. */
static inline void two_guests_one_name(struct host *h)
{
	two_guests(h);
	h->tap = (struct nfp_guest_tap) {.ifname = "vnet0", .pid = 7, .in_netns = true, .netns = 2};
}

static inline void switchdev_same(struct host *h)
{
	two_vfs(h);
	strcpy(h->pfs[0].info.eswitch_mode, "switchdev");
}

static inline struct nfp_link *vlan_on(struct host *h, size_t ns, const char *name, int lower)
{
	struct nfp_link *link = add_link(h, ns, name, 60 + (int)h->netns[ns].num_links, "vlan");

	*(ns && lower == 2 ? &link->link_elsewhere : &link->link) = lower;
	link->vlan_id = 9;
	return link;
}

/* A pod's VLAN, on its macvlan. */
static inline void swallowed_pod(struct host *h)
{
	add_link(h, 1, "net1", 30, "macvlan")->link_elsewhere = 2;
	vlan_on(h, 1, "net1.9", 30);
	vlan_on(h, 0, "eth0.9", 2);
}

/* A guest's tap has it, on a bridge that takes it from the PF by its tag. */
static inline void swallowed_tap(struct host *h)
{
	bridged(h);
	h->port_vlans[0] = (struct nfp_port_vlan) {.ifindex = 2, .vid = 9};
	h->port_vlans[1] = (struct nfp_port_vlan) {.ifindex = 6, .vid = 9, .untagged = true};
	h->netns[0].num_port_vlans = 2;
	vlan_on(h, 1, "old9", 2)->flags = 0;
}

/* vnet0 as libvirt makes it for the guest with the address of VF 2 (virNetDevTapCreateInBridgePort
 * in src/util/virnetdevtap.c: fe, and the rest of the guest's), and process 8, which has it. */
static inline void libvirt_tap(struct host *h)
{
	bridged(h);
	h->links[0][3].address = (struct nfp_mac) {{0xfe, 0x54, 0, 0, 0, 0x12}};
	h->tap = (struct nfp_guest_tap) {.ifname = "vnet0", .pid = 8, .in_netns = true};
}

/* The guest is on its standby and silent: the bridge still has it where the NIC has shown it. */
static inline void learned_at_pf(struct host *h)
{
	libvirt_tap(h);
	h->vfs[2].attr.mac = (struct nfp_mac) {{0}};
	learned(h, 2, 0x12)->seen_cs = 4000;
}

/* The same with a tap that another tool has made (managed='no'), and a VF that QEMU still holds. */
static inline void learned_at_pf_held(struct host *h)
{
	libvirt_tap(h);
	in_guest(&h->vfs[2], 8);
	h->vfs[2].at_rest = true;
	h->links[0][3].address = (struct nfp_mac) {{2, 1, 2, 3, 4, 5}};
	learned(h, 2, 0x12)->seen_cs = 4000;
}

/* systemd#37776: [BridgeFDB] of systemd-networkd made a guest's entry local; hypeman#476 */
static inline void local_at_tap(struct host *h)
{
	libvirt_tap(h);
	learned(h, 6, 0x12)->state = NUD_PERMANENT;
}

static inline void local_at_pf(struct host *h)
{
	bridged(h);
	netdev_of(h, 1, 2, "net1");
	learned(h, 2, 0x12)->state = NUD_PERMANENT;
}

/* pipework#258, dpu-operator#564: a VF is the uplink of a bridge in a container. */
static inline void vf_uplink(struct host *h)
{
	netdev_of(h, 1, 4, "net1")->master = 30;
	add_link(h, 1, "br0", 30, "bridge")->address = h->vfs[4].attr.mac;
	add_link(h, 1, "veth0", 31, "veth")->master = 30;
	add_entry(h, 1, AF_BRIDGE, 31, 0x70)->master = 30;
	h->vfs[4].attr.trust = 0;
	h->vfs[4].attr.spoofchk = 1;
	strcpy(h->pfs[0].info.driver, "ixgbe");
}

/* Trust would not help here. */
static inline void vf_uplink_igb(struct host *h)
{
	vf_uplink(h);
	strcpy(h->pfs[0].info.driver, "igb");
}

/* A LAG over both PFs, and a bridge with a guest's tap on it. */
static inline void in_lag(struct host *h)
{
	add_link(h, 0, "bond0", 40, "bond")->address = (struct nfp_mac)ADDRESS(1);
	for (size_t i = 0; i < 2; i++) {
		h->links[0][i].master = 40;
		strcpy(h->links[0][i].master_kind, "bond");
		h->links[0][i].address = h->pfs[i].info.address = (struct nfp_mac)ADDRESS(1);
		strcpy(h->pfs[i].info.master, "bond0");
		strcpy(h->pfs[i].info.lag, "802.3ad");
	}
	add_link(h, 0, "br0", 5, "bridge")->address = (struct nfp_mac)ADDRESS(1);
	h->links[0][2].master = 5;
	strcpy(h->links[0][2].master_kind, "bridge");
	add_link(h, 0, "vnet0", 6, "tun")->master = 5;
}

/* libvirt's tap of the guest whose VF is on one member. */
static inline void in_lag_guest(struct host *h)
{
	in_lag(h);
	in_guest(&h->vfs[2], 7);
	h->links[0][h->netns[0].num_links - 1].address =
		(struct nfp_mac) {{0xfe, 0x54, 0, 0, 0, 0x12}};
	strcpy(h->tap.ifname, "vnet0");
	h->tap.pid = 7;
	h->tap.in_netns = true;
}

static inline void in_lag_macvtap(struct host *h)
{
	struct nfp_link *link;

	in_lag(h);
	in_guest(&h->vfs[2], 7);
	link = add_link(h, 0, "macvtap0", 60, "macvtap");
	link->link = 40;
	link->address = h->vfs[2].attr.mac;
	h->macvtap.ifindex = 60;
	h->macvtap.in_netns = true;
}

/* bond-cni#11: the bond of a pod has VFs of two NICs, and uses the second; another pod is on the
 * first. */
static inline void backup_member(struct host *h)
{
	struct nfp_link *one = netdev_of(h, 1, 4, "net1"), *two = add_link(h, 1, "net2", 30, "");
	struct nfp_link *bond = add_link(h, 1, "bond0", 40, "bond");

	one->master = two->master = 40;
	strcpy(one->master_kind, "bond");
	strcpy(two->master_kind, "bond");
	two->address = bond->address = one->address;
	one->bond_backup = bond->bond_of_one_address = true;
	in_guest(&h->vfs[1], 9);
}

/* sriov-cni#219: the late DEL of the pod before takes the address from a VF that has its next user.
 */
static inline void reset_in_use(struct host *h)
{
	netdev_of(h, 1, 4, "net1");
	h->vfs[4].attr.mac = (struct nfp_mac) {{0}};
}

/* sriov-cni#232, kata-containers/agent#414: the PF is told another address while the VF is used. */
static inline void assigned_in_use(struct host *h)
{
	netdev_of(h, 1, 4, "net1");
	h->vfs[4].attr.mac = (struct nfp_mac)ADDRESS(0x44);
}

/* sriov-network-device-plugin#204 */
static inline void link_disabled(struct host *h)
{
	netdev_of(h, 1, 4, "net1");
	in_guest(&h->vfs[2], 7);
	h->vfs[2].attr.link_state = h->vfs[4].attr.link_state = IFLA_VF_LINK_STATE_DISABLE;
}

static inline void pf_down(struct host *h)
{
	netdev_of(h, 1, 4, "net1");
	h->pfs[0].flags = 0;
}

static inline struct nfp_neigh *filtered(struct host *h, uint8_t last)
{
	struct nfp_neigh *entry = add_entry(h, 0, AF_BRIDGE, 2, last);

	entry->flags = NTF_SELF;
	entry->state = NUD_PERMANENT;
	return entry;
}

/* pve-hookscript-sriov's bridgefix.sh, or Neutron's fdb_population extension, when a guest has
 * left. */
static inline void filter_left(struct host *h)
{
	netdev_of(h, 1, 4, "net1");
	filtered(h, 0x60);
}

/* Somebody on another NIC of this host has it. */
static inline void filter_left_another_nic(struct host *h)
{
	struct nfp_link *link = add_link(h, 2, "far0", 31, "macvlan");

	filter_left(h);
	strcpy(h->links[0][1].parentdev, "0000:02:00.0");
	add_entry(h, 0, AF_BRIDGE, 9, 0x60)->flags =
		NTF_SELF; /* that NIC's filter has it as well */
	link->link_elsewhere = 9;
	link->address = (struct nfp_mac)ADDRESS(0x60);
}

/* The bridge hears that the guest is now on another host. */
static inline void filter_left_elsewhere(struct host *h)
{
	filter_left(h);
	bridged(h);
	learned(h, 2, 0x60);
}

/* A run of nfprobe was interrupted; the PF also has the run's address. */
static inline void interrupted(struct host *h)
{
	h->vfs[3].trace = NFP_TRACE_LEFT;
	h->vfs[3].use = NFP_USE_OTHER;
	strcpy(h->vfs[3].user, "left by an interrupted run: nfprobe --restore eth0");
}

/* Expects so many commands, of which that is the first. */
static inline void assert_commands(const struct nfp_finding *f, size_t num, const char *first)
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

/* Audits the host that @change makes; end it with nfp_audit_fini(). */
static inline void audit_of(void (*change)(struct host *h), struct nfp_audit *audit)
{
	static const struct nfp_strv all = {.n = 0};
	struct host h;

	make(&h);
	change(&h);
	nfp_audit_judge(&h.facts, &all, audit);
}

/* Expects one finding of that host, or @remark, with so many commands, of which @command is the
 * first. */
static inline void audit_finds(void (*change)(struct host *h), enum nfp_finding_code code,
			       bool remark, const char *what, size_t commands, const char *command,
			       struct nfp_audit *audit)
{
	audit_of(change, audit);
	assert_int_equal(audit->num_findings, 1);
	assert_int_equal(audit->findings[0].code, code);
	assert_int_equal(audit->findings[0].remark, remark);
	if (!strstr(audit->findings[0].what, what))
		assert_string_equal(audit->findings[0].what, what);
	assert_commands(&audit->findings[0], commands, command);
	assert_int_equal(audit->exit_status, !remark);
}

/* Expects no finding of that host; with @remarks, at most one remark. */
static inline void audit_is_silent(void (*change)(struct host *h), size_t i, size_t remarks)
{
	struct nfp_audit audit;

	audit_of(change, &audit);
	for (size_t k = 0; k < audit.num_findings; k++) {
		if (k >= remarks || !audit.findings[k].remark)
			fail_msg("host %zu: %s", i, audit.findings[k].what);
	}
	assert_int_equal(audit.exit_status, 0);
	assert_int_equal(audit.num_pfs, 2);
	nfp_audit_fini(&audit);
}

#endif
