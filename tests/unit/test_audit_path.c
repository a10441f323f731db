// SPDX-License-Identifier: GPL-2.0-or-later
/* What an audit says of guests who are behind more than one bridge of their host. */
#include <linux/if_bridge.h>

#include "path_host.h"

/* Before a command in the namespace of process 7. */
#define IN_POD "find -L /proc/7/ns/net -inum 4026532281 -exec nsenter '--net={}' "

/* ---- hosts that are well ---- */

/* Proxmox with firewall=1 (rtedpro-cpu/dockermox#18): a pair, while the guest has both. */
static void proxmox_pair(struct host *h)
{
	second_bridge(h, 0);
	in_guest(&h->vfs[2], 7);
	learned_twice(h, 0, FWPR, TAP, 0);
}

static void proxmox_pair_on_vf(struct host *h)
{
	second_bridge(h, 0);
	in_guest(&h->vfs[2], 7);
	learned_twice(h, 0, ETH0, FWLN, 0);
}

/* KubeVirt's bridge binding, in the pod (kubevirt#1620). */
static void kubevirt_pair(struct host *h)
{
	second_bridge(h, 2);
	in_guest(&h->vfs[2], 7);
	learned_twice(h, 2, FWPR, TAP, 0);
}

/* Harvester's bridge filters VLANs, and that of the network is at the veth (harvester#9735). */
static void harvester_pair(struct host *h)
{
	kubevirt_pair(h);
	link_of(h, 0, BR0)->vlan_filtering = true;
	h->port_vlans[0] = (struct nfp_port_vlan) {.ifindex = ETH0, .vid = 9};
	h->port_vlans[1] =
		(struct nfp_port_vlan) {.ifindex = FWPR, .vid = 9, .untagged = true, .pvid = true};
	h->netns[0].num_port_vlans = 2;
	h->entries[0][0].vlan = 9;
	h->vfs[2].attr.vlan.vid = 9;
}

/* In one bridge, a guest in VLAN 9 has the address of VF 2, which is in that VLAN. */
static void one_bridge(struct host *h, const struct nfp_port_vlan *uplink)
{
	static struct nfp_port_vlan vlans[2];

	bridged(h);
	link_of(h, 0, BR0)->vlan_filtering = true;
	vlans[0] = *uplink;
	vlans[1] =
		(struct nfp_port_vlan) {.ifindex = TAP, .vid = 9, .untagged = true, .pvid = true};
	h->netns[0].port_vlans = vlans;
	h->netns[0].num_port_vlans = 2;
	learned(h, TAP, 0x12)->vlan = 9;
	h->tap = (struct nfp_guest_tap) {.ifname = "vnet0", .pid = 7, .in_netns = true};
	in_guest(&h->vfs[2], 8);
	h->vfs[2].attr.vlan.vid = 9;
}

/* The PF's port passes VLAN 8 alone. */
static void vlan_of_another_uplink(struct host *h)
{
	one_bridge(h, &(const struct nfp_port_vlan) {.ifindex = ETH0, .vid = 8});
}

/* A VLAN netdev of the PF is the port, so that the bridge's VLAN 9 is VLAN 8 on the wire, or 9. */
static void vlan_by_a_netdev(struct host *h, uint16_t vid)
{
	struct nfp_link *link;

	one_bridge(h, &(const struct nfp_port_vlan) {
			      .ifindex = 60, .vid = 9, .untagged = true, .pvid = true});
	link_of(h, 0, ETH0)->master = 0;
	for (int i = 0; i < 2; i++) {
		link = add_link(h, 0, i ? "eth0.9" : "eth0.8", (vid == 9) == i ? 60 : 61, "vlan");
		link->link = ETH0;
		link->master = BR0;
		link->vlan_id = (uint16_t)(8 + i);
	}
}

static void vlan_by_netdev_of_another(struct host *h)
{
	vlan_by_a_netdev(h, 8);
}

static void vlan_by_its_netdev(struct host *h)
{
	vlan_by_a_netdev(h, 9);
}

/* The PF's port passes it without a tag. */
static void vlan_without_tag(struct host *h)
{
	one_bridge(h, &(const struct nfp_port_vlan) {
			      .ifindex = ETH0, .vid = 9, .untagged = true, .pvid = true});
}

static void untagged_vlan(struct host *h)
{
	vlan_without_tag(h);
	h->vfs[2].attr.vlan.vid = 0;
}

static void vlan_of_the_uplink(struct host *h)
{
	one_bridge(h, &(const struct nfp_port_vlan) {.ifindex = ETH0, .vid = 9});
}

/* Proxmox's bridge that filters VLANs, with a tag at the guest's NIC. */
static void proxmox_tagged_pair(struct host *h)
{
	harvester_pair(h);
	h->netns[0].num_links = h->netns[2].num_links = 0;
	h->netns[0].num_entries = h->netns[2].num_entries = 0;
	add_link(h, 0, "eth0", ETH0, "")->address = h->pfs[0].info.address;
	proxmox_pair(h);
	link_of(h, 0, BR0)->vlan_filtering = true;
	h->entries[0][0].vlan = 9;
}

/* OpenStack's hybrid plug: the PF and qvo in Open vSwitch, qvb and the tap in qbr. */
static void hybrid_pair(struct host *h)
{
	proxmox_pair(h);
	strcpy(link_of(h, 0, BR0)->kind, "openvswitch");
	strcpy(link_of(h, 0, ETH0)->master_kind, "openvswitch");
	h->netns[0].num_entries = 0;
	entry_of(h, 0, FWBR, TAP, 0x12);
	h->facts.open_vswitch = true;
}

/* The same bridge of another guest: its table says nothing of this PF's VFs, whose VLANs those of
 * Open vSwitch are not known to be. */
static void hybrid_other(struct host *h)
{
	hybrid_pair(h);
	h->vfs[2].user_pid = 8;
}

/* incus: a container's veth beside a VM's tap, in one bridge. */
static void incus_pair(struct host *h)
{
	struct nfp_link *host, *inside;

	bridged(h);
	host = add_link(h, 0, "veth1a2b", 40, "veth");
	host->master = BR0;
	host->link_elsewhere = 41;
	inside = add_link(h, 1, "eth0", 41, "veth");
	inside->link_elsewhere = 40;
	inside->address = (struct nfp_mac)ADDRESS(0x40);
	learned(h, 40, 0x40);
	filtered(h, 0x40);
	in_guest(&h->vfs[2], 7);
	learned(h, TAP, 0x12);
	h->tap = (struct nfp_guest_tap) {.ifname = "vnet0", .pid = 7, .in_netns = true};
}

/* A veth that names another, which does not name it. */
static void false_peer(struct host *h)
{
	proxmox_pair(h);
	link_of(h, 0, FWLN)->link = 77;
	in_guest(&h->vfs[2], 8);
	h->netns[0].num_entries = 0;
	entry_of(h, 0, FWBR, TAP, 0x12);
}

/* A macvlan of a pod on the PF, with the address of VF 2. */
static struct nfp_link *macvlan_pod(struct host *h)
{
	struct nfp_link *link = add_link(h, 1, "net1", 31, "macvlan");

	link->link_elsewhere = ETH0;
	link->address = h->vfs[2].attr.mac;
	return link;
}

/* Guest and standby by a macvtap are one. */
static void macvtap_pair(struct host *h)
{
	struct nfp_link *link = macvlan_pod(h);

	strcpy(link->kind, "macvtap");
	h->macvtap = (struct nfp_guest_tap) {.ifindex = 31, .pid = 7, .in_netns = true, .netns = 1};
	in_guest(&h->vfs[2], 7);
}

static void macvlan_in_other_vlan(struct host *h)
{
	macvlan_pod(h);
	in_guest(&h->vfs[2], 7);
	h->vfs[2].attr.vlan.vid = 9;
}

/* A pod's bond of its VF and a macvlan. */
static void macvlan_beside_vf(struct host *h)
{
	macvlan_pod(h);
	netdev_of(h, 1, 2, "net2");
}

static void macvlan_down(struct host *h)
{
	macvlan_pod(h)->flags = 0;
	in_guest(&h->vfs[2], 7);
}

static void macvlan_deserted(struct host *h)
{
	macvlan_pod(h);
	h->netns[1].deserted = true;
}

/* NVIDIA/doca-platform#50: the VF is a member of a bond that is a port of a bridge. */
static void below_bridge(struct host *h)
{
	vf_uplink(h);
	link_of(h, 1, 24)->master = 40;
	strcpy(link_of(h, 1, 24)->master_kind, "bond");
	add_link(h, 1, "bond0", 40, "bond")->master = 30;
	entry_of(h, 1, 30, 40, 0x71); /* behind the VF */
}

static void below_bridge_trusted(struct host *h)
{
	below_bridge(h);
	h->vfs[4].attr.trust = 1;
	h->vfs[4].attr.spoofchk = 0;
}

static void in_its_filter(struct host *h)
{
	below_bridge_trusted(h);
	in_guest(&h->vfs[2], 7);
	entry_of(h, 1, 0, 24, 0x70)->flags = NTF_SELF;
}

/* A namespace without a process, where nothing forwards: what a pod has left. */
static void deserted_pod(struct host *h)
{
	reset_in_use(h);
	h->netns[1].deserted = true;
}

static void (*const well[])(struct host *h) = {
	proxmox_pair,
	proxmox_pair_on_vf,
	kubevirt_pair,
	harvester_pair,
	proxmox_tagged_pair,
	hybrid_pair,
	hybrid_other,
	incus_pair,
	false_peer,
	macvtap_pair,
	macvlan_in_other_vlan,
	macvlan_beside_vf,
	macvlan_down,
	macvlan_deserted,
	below_bridge_trusted,
	in_its_filter,
	deserted_pod,
	vlan_of_another_uplink,
	vlan_by_netdev_of_another,
	vlan_without_tag,
};

TEST(test_well_pairs)
{
	for (size_t i = 0; i < NFP_NUM(well); i++)
		audit_is_silent(well[i], i, 0);
}

/* ---- hosts with something wrong ---- */

/* Two guests have one address: the VF is that of process 8. */
static void proxmox_two_guests(struct host *h)
{
	proxmox_pair(h);
	in_guest(&h->vfs[2], 8);
}

static void kubevirt_two_guests(struct host *h)
{
	kubevirt_pair(h);
	in_guest(&h->vfs[2], 8);
}

static void harvester_two_guests(struct host *h)
{
	harvester_pair(h);
	in_guest(&h->vfs[2], 8);
}

/* Its driver has let go of the VF: the guest is on its standby. */
static void proxmox_at_rest(struct host *h)
{
	proxmox_pair(h);
	h->vfs[2].at_rest = true;
}

static void kubevirt_at_rest(struct host *h)
{
	kubevirt_pair(h);
	h->vfs[2].at_rest = true;
}

/* The guest is on its standby, and both bridges have it where the NIC has shown it. */
static void deaf(struct host *h, size_t ns)
{
	second_bridge(h, ns);
	h->vfs[2].attr.mac = (struct nfp_mac) {{0}};
	link_of(h, ns, TAP)->address = (struct nfp_mac) {{0xfe, 0x54, 0, 0, 0, 0x12}};
	learned_twice(h, ns, ETH0, FWLN, 4000);
}

static void proxmox_deaf(struct host *h)
{
	deaf(h, 0);
}

static void kubevirt_deaf(struct host *h)
{
	deaf(h, 2);
}

/* Both bridges are of one host, and br0 passes the guest's VLAN to the veth (harvester#9735). */
static void harvester_deaf(struct host *h)
{
	harvester_pair(h);
	h->vfs[2].use = NFP_USE_IDLE;
	h->vfs[2].attr.mac = (struct nfp_mac) {{0}};
	h->vfs[2].attr.vlan.vid = 0;
	h->netns[0].num_entries = h->netns[2].num_entries = 0;
	link_of(h, 2, TAP)->address = (struct nfp_mac) {{0xfe, 0x54, 0, 0, 0, 0x12}};
	learned_twice(h, 2, ETH0, FWLN, 4000);
	h->entries[0][0].vlan = 9;
}

/* In one bridge with containers, who are on no VF. */
static void incus_two_guests(struct host *h)
{
	incus_pair(h);
	h->vfs[2].user_pid = 8;
}

static void incus_at_rest(struct host *h)
{
	incus_pair(h);
	h->vfs[2].at_rest = true;
}

static void incus_deaf(struct host *h)
{
	incus_pair(h);
	h->vfs[2].use = NFP_USE_IDLE;
	h->vfs[2].attr.mac = (struct nfp_mac) {{0}};
	link_of(h, 0, TAP)->address = (struct nfp_mac) {{0xfe, 0x54, 0, 0, 0, 0x12}};
	h->entries[0][h->netns[0].num_entries - 1].ifindex = ETH0;
	h->entries[0][h->netns[0].num_entries - 1].seen_cs = 4000;
}

/* What Open vSwitch has learned is not seen: qbr has it so, whatever that does. */
static void hybrid_deaf(struct host *h)
{
	hybrid_pair(h);
	h->vfs[2].use = NFP_USE_IDLE;
	h->vfs[2].attr.mac = (struct nfp_mac) {{0}};
	link_of(h, 0, TAP)->address = (struct nfp_mac) {{0xfe, 0x54, 0, 0, 0, 0x12}};
	h->entries[0][0].ifindex = FWLN;
	h->entries[0][0].seen_cs = 4000;
}

/* Only the bridge at the guest has it so. */
static void kubevirt_deaf_inside(struct host *h)
{
	deaf(h, 2);
	h->netns[0].num_entries = 0;
}

/* calico#13129: a tap that another tool has made, and a guest whose VF has gone. */
static void deaf_unmanaged(struct host *h)
{
	deaf(h, 0);
	link_of(h, 0, TAP)->address = (struct nfp_mac) {{2, 1, 2, 3, 4, 5}};
	h->tap.mac = (struct nfp_mac)ADDRESS(0x12);
}

static void proxmox_lag(struct host *h)
{
	proxmox_pair(h);
	strcpy(h->pfs[0].info.lag, "802.3ad");
	strcpy(h->pfs[0].info.master, "bond0");
}

/* kubemacpool#16 */
static void macvlan_of_another(struct host *h)
{
	macvlan_pod(h);
	in_guest(&h->vfs[2], 7);
}

static void macvtap_of_another(struct host *h)
{
	macvtap_pair(h);
	h->macvtap.pid = 99;
}

/* spidernet-io/cni-plugins#144 */
static void idle_macvlan(struct host *h)
{
	macvlan_pod(h);
}

/* It is up, and a port of a bridge: the kernel forwards for it. */
static void deserted_bridge(struct host *h)
{
	vf_uplink(h);
	h->netns[1].deserted = true;
}

static void deserted_router(struct host *h)
{
	deserted_pod(h);
	link_of(h, 1, 24)->has_address = true;
}

static const struct {
	void (*make)(struct host *h);
	enum nfp_finding_code code;
	const char *what, *command, *second;
	size_t commands;
} wrong[] = {
	{proxmox_two_guests, NFP_FINDING_SAME_ADDRESS,
	 "has the address 52:54:00:00:00:12, which is also behind fwpr106p0 of br0", NULL, NULL, 0},
	{kubevirt_two_guests, NFP_FINDING_SAME_ADDRESS, "which is also behind fwpr106p0 of br0",
	 NULL, NULL, 0},
	{harvester_two_guests, NFP_FINDING_SAME_ADDRESS, "which is also behind fwpr106p0 of br0",
	 NULL, NULL, 0},
	{vlan_of_the_uplink, NFP_FINDING_SAME_ADDRESS, "which is also behind vnet0 of br0", NULL,
	 NULL, 0},
	{vlan_by_its_netdev, NFP_FINDING_SAME_ADDRESS, "which is also behind vnet0 of br0", NULL,
	 NULL, 0},
	{untagged_vlan, NFP_FINDING_SAME_ADDRESS, "which is also behind vnet0 of br0", NULL, NULL,
	 0},
	{proxmox_at_rest, NFP_FINDING_IDLE_ADDRESS, "is on its standby: br0 has it in its table",
	 "ip link set eth0 vf 2 mac 00:00:00:00:00:00", NULL, 1},
	{kubevirt_at_rest, NFP_FINDING_IDLE_ADDRESS, "is on its standby: br0 has it in its table",
	 "ip link set eth0 vf 2 mac 00:00:00:00:00:00", NULL, 1},
	{proxmox_deaf, NFP_FINDING_BRIDGE_LEARNED, "who is on no VF, behind tap106i0",
	 "bridge fdb del 52:54:00:00:00:12 dev eth0 master",
	 "bridge fdb del 52:54:00:00:00:12 dev fwln106i0 master", 2},
	{kubevirt_deaf, NFP_FINDING_BRIDGE_LEARNED,
	 "behind tap106i0 in the network namespace of pause (pid 7)",
	 "bridge fdb del 52:54:00:00:00:12 dev eth0 master",
	 IN_POD "bridge fdb del 52:54:00:00:00:12 dev fwln106i0 master ';'", 2},
	{kubevirt_deaf_inside, NFP_FINDING_BRIDGE_LEARNED,
	 "fwbr106i0 in the network namespace of pause (pid 7) has 52:54:00:00:00:12 behind "
	 "fwln106i0",
	 IN_POD "bridge fdb del 52:54:00:00:00:12 dev fwln106i0 master ';'", NULL, 1},
	{deaf_unmanaged, NFP_FINDING_BRIDGE_LEARNED, "who is on no VF, behind tap106i0",
	 "bridge fdb del 52:54:00:00:00:12 dev eth0 master",
	 "bridge fdb del 52:54:00:00:00:12 dev fwln106i0 master", 2},
	{harvester_deaf, NFP_FINDING_BRIDGE_LEARNED, "who is on no VF, behind tap106i0",
	 "bridge fdb del 52:54:00:00:00:12 dev eth0 master vlan 9",
	 IN_POD "bridge fdb del 52:54:00:00:00:12 dev fwln106i0 master ';'", 2},
	{incus_two_guests, NFP_FINDING_SAME_ADDRESS, "which is also behind vnet0 of br0", NULL,
	 NULL, 0},
	{incus_at_rest, NFP_FINDING_IDLE_ADDRESS, "is on its standby: br0 has it in its table",
	 "ip link set eth0 vf 2 mac 00:00:00:00:00:00", NULL, 1},
	{incus_deaf, NFP_FINDING_BRIDGE_LEARNED, "who is on no VF, behind vnet0",
	 "bridge fdb del 52:54:00:00:00:12 dev eth0 master", NULL, 1},
	{hybrid_deaf, NFP_FINDING_BRIDGE_LEARNED, "who is on no VF, behind tap106i0",
	 "bridge fdb del 52:54:00:00:00:12 dev fwln106i0 master", NULL, 1},
	{macvlan_of_another, NFP_FINDING_SAME_ADDRESS,
	 "has the address 52:54:00:00:00:12, which net1 in network namespace red on eth0 has, too",
	 NULL, NULL, 0},
	{macvtap_of_another, NFP_FINDING_SAME_ADDRESS,
	 "which net1 in network namespace red on eth0 has, too", NULL, NULL, 0},
	{idle_macvlan, NFP_FINDING_IDLE_ADDRESS, "is in use: net1 in network namespace red has it",
	 "ip link set eth0 vf 2 mac 00:00:00:00:00:00", NULL, 1},
	{below_bridge, NFP_FINDING_VF_BRIDGE_PORT,
	 "is below br0, with 52:54:00:00:00:70 behind it, and is not trusted",
	 "ip link set eth0 vf 4 trust on", "ip link set eth0 vf 4 spoofchk off", 2},
	{deserted_bridge, NFP_FINDING_VF_BRIDGE_PORT, "is a port of br0",
	 "ip link set eth0 vf 4 trust on", "ip link set eth0 vf 4 spoofchk off", 2},
	{deserted_router, NFP_FINDING_VF_ADDRESS, "and eth0 has assigned none",
	 "ip link set eth0 vf 4 mac 52:54:00:00:00:14", NULL, 1},
	{proxmox_lag, NFP_FINDING_LAG, "is on a member of bond0", NULL, NULL, 0},
};

TEST(test_each_finding)
{
	for (size_t i = 0; i < NFP_NUM(wrong); i++) {
		struct nfp_audit audit;
		size_t at = 0;
		char *second;

		print_message("%zu: %s\n", i, wrong[i].what);
		audit_finds(wrong[i].make, wrong[i].code, false, wrong[i].what, wrong[i].commands,
			    wrong[i].command, &audit);
		free(nfp_commands_line(&audit.findings[0].commands, &at));
		second = nfp_commands_line(&audit.findings[0].commands, &at);
		if (wrong[i].second)
			assert_string_equal(second, wrong[i].second);
		free(second);
		nfp_audit_fini(&audit);
	}
}

/* hotsos#365: the PF is in Open vSwitch, and a VF has the address of a guest there. Its own standby
 * is one there as well. */
TEST(test_guest_of_open_vswitch)
{
	static const struct nfp_strv all = {.n = 0};

	for (int i = 0; i < 4; i++) {
		struct nfp_audit audit;
		struct host h;

		make(&h);
		if (i & 1) {
			hybrid_pair(&h);
		} else {
			bridged(&h);
			strcpy(link_of(&h, 0, BR0)->kind, "openvswitch");
			in_guest(&h.vfs[2], 7);
			h.tap = (struct nfp_guest_tap) {
				.ifname = "vnet0", .pid = 7, .in_netns = true};
		}
		link_of(&h, 0, TAP)->address = (struct nfp_mac) {{0xfe, 0x54, 0, 0, 0, 0x12}};
		h.vfs[2].user_pid = i & 2 ? 8 : 7;
		nfp_audit_judge(&h.facts, &all, &audit);
		assert_int_equal(audit.num_findings, i & 2 ? 1 : 0);
		if (i & 2) {
			assert_int_equal(audit.findings[0].code, NFP_FINDING_SAME_ADDRESS);
			assert_true(audit.findings[0].remark);
			assert_non_null(strstr(audit.findings[0].what, "behind Open vSwitch"));
		}
		assert_int_equal(audit.exit_status, 0);
		nfp_audit_fini(&audit);
	}
}

/* grout#653, incus#2864: a remark, with the addresses that are behind the VF's bridge. */
TEST(test_bridge_on_a_trusted_vf)
{
	static const struct nfp_strv all = {.n = 0};
	struct nfp_audit audit;
	struct host h;

	make(&h);
	below_bridge_trusted(&h);
	in_guest(&h.vfs[2], 7);
	nfp_audit_judge(&h.facts, &all, &audit);
	assert_int_equal(audit.num_findings, 1);
	assert_int_equal(audit.findings[0].code, NFP_FINDING_VF_BRIDGE_PORT);
	assert_true(audit.findings[0].remark);
	assert_non_null(strstr(audit.findings[0].what, "lacks 1 address behind br0"));
	assert_commands(&audit.findings[0], 1,
			"bridge -n red fdb add 52:54:00:00:00:70 dev net1 self");
	nfp_audit_fini(&audit);
}

/* i40e resets the VF, and mlx5 does not. */
TEST(test_price_of_a_reset)
{
	static const struct nfp_strv all = {.n = 0};

	for (int i = 0; i < 2; i++) {
		struct nfp_audit audit;
		struct host h;

		make(&h);
		below_bridge(&h);
		strcpy(h.pfs[0].info.driver, i ? "i40e" : "mlx5_core");
		strcpy(h.pfs[0].info.eswitch_mode, "legacy");
		nfp_audit_judge(&h.facts, &all, &audit);
		assert_int_equal(audit.num_findings, 1);
		assert_int_equal(strstr(audit.findings[0].why, "resets the VF") != NULL, i);
		assert_true(strlen(audit.findings[0].why) < sizeof(audit.findings[0].why) - 1);
		nfp_audit_fini(&audit);
	}
}

/* ---- what a bridge does to its ports ---- */

/* As new: each port forwards, and the guest of the tap has VF 2. */
static void bridged_pair(struct host *h)
{
	bridged(h);
	in_guest(&h->vfs[2], 7);
	h->tap = (struct nfp_guest_tap) {.ifname = "vnet0", .pid = 7, .in_netns = true};
	link_of(h, 0, BR0)->bridge.known = true;
	for (int i = 0; i < 2; i++) {
		struct nfp_link *port = link_of(h, 0, i ? TAP : ETH0);

		port->carrier = true;
		port->port = (struct nfp_bridge_port) {.known = true, .state = BR_STATE_FORWARDING};
	}
}

static struct nfp_bridge_port *tap_port(struct host *h)
{
	bridged_pair(h);
	return &link_of(h, 0, TAP)->port;
}

static void tap_listens(struct host *h)
{
	tap_port(h)->state = BR_STATE_LISTENING;
	link_of(h, 0, BR0)->bridge.stp = true;
	link_of(h, 0, BR0)->bridge.stp_delay_ms = 30000;
}

/* Set by hand, or by a program for rings. */
static void tap_blocks(struct host *h)
{
	tap_port(h)->state = BR_STATE_BLOCKING;
}

static void uplink_blocks(struct host *h)
{
	bridged_pair(h);
	link_of(h, 0, ETH0)->port.state = BR_STATE_BLOCKING;
}

/* STP has a second path, and uses that. */
static void uplink_blocks_beside(struct host *h)
{
	uplink_blocks(h);
	link_of(h, 0, 9)->master = BR0;
	link_of(h, 0, 9)->carrier = true;
	link_of(h, 0, 9)->port = (struct nfp_bridge_port) {.known = true,
							   .state = BR_STATE_FORWARDING};
}

/* The other guests' ports are no path to the network. */
static void uplink_blocks_with_guests(struct host *h)
{
	uplink_blocks(h);
	*add_link(h, 0, "vnet1", 7, "tun") = *link_of(h, 0, TAP);
	link_of(h, 0, TAP)->ifindex = 7;
	strcpy(h->links[0][h->netns[0].num_links - 1].ifname, "vnet1");
}

static void tap_is_down(struct host *h)
{
	tap_port(h)->state = BR_STATE_DISABLED;
	link_of(h, 0, TAP)->flags = 0;
}

static void tap_lacks_carrier(struct host *h)
{
	tap_port(h)->state = BR_STATE_DISABLED;
	link_of(h, 0, TAP)->carrier = false;
}

static void tap_of_nobody(struct host *h)
{
	tap_blocks(h);
	h->tap.ifname[0] = '\0';
}

static void tap_of_old_kernel(struct host *h)
{
	tap_port(h)->known = false;
	link_of(h, 0, TAP)->port.state = 0;
}

static void on_other_nic(struct host *h)
{
	tap_blocks(h);
	link_of(h, 0, ETH0)->master = 0;
	link_of(h, 0, 9)->master = BR0;
	h->pfs[1].num_vfs = 0;
}

static void both_isolated(struct host *h)
{
	tap_port(h)->isolated = true;
	link_of(h, 0, ETH0)->port.isolated = true;
}

/* As guests are kept from each other. */
static void tap_isolated(struct host *h)
{
	tap_port(h)->isolated = true;
}

static void no_broadcast(struct host *h)
{
	tap_port(h)->no_bcast_flood = true;
}

static void no_broadcast_out(struct host *h)
{
	bridged_pair(h);
	link_of(h, 0, ETH0)->port.no_bcast_flood = true;
}

/* Whoever has no VF has no other path, either. */
static void no_broadcast_no_vf(struct host *h)
{
	no_broadcast(h);
	h->vfs[2].use = NFP_USE_IDLE;
	h->vfs[2].user_pid = 0;
}

static void proxy_arp(struct host *h)
{
	tap_port(h)->proxy_arp = true;
}

static void no_groups(struct host *h)
{
	tap_port(h)->no_mcast_flood = true;
}

static void all_groups(struct host *h)
{
	no_groups(h);
	link_of(h, 0, TAP)->port.mcast_router = 2;
}

static void no_flood(struct host *h)
{
	tap_port(h)->no_flood = true;
}

static void locked(struct host *h)
{
	tap_port(h)->locked = true;
}

static void stp(struct host *h)
{
	bridged_pair(h);
	link_of(h, 0, BR0)->bridge.stp = true;
	link_of(h, 0, BR0)->bridge.stp_delay_ms = 30000;
}

/* Before it has a guest. */
static void stp_without_guests(struct host *h)
{
	stp(h);
	h->netns[0].num_links--;
	h->facts.topology.num_links--;
	h->vfs[2].use = NFP_USE_IDLE;
	h->vfs[2].user_pid = 0;
}

static void stp_without_vfs(struct host *h)
{
	stp_without_guests(h);
	h->pfs[0].num_vfs = h->pfs[1].num_vfs = 0;
}

static void stp_without_delay(struct host *h)
{
	stp(h);
	link_of(h, 0, BR0)->bridge.stp_delay_ms = 0;
}

static void stp_on_a_vf(struct host *h)
{
	vf_uplink_igb(h);
	h->vfs[4].attr.trust = 1;
	h->vfs[4].attr.spoofchk = 0;
	link_of(h, 1, 30)->bridge =
		(struct nfp_bridge) {.known = true, .stp = true, .stp_delay_ms = 30000};
}

static void snoops(struct host *h)
{
	bridged_pair(h);
	link_of(h, 0, BR0)->bridge.snoops = true;
	link_of(h, 0, BR0)->bridge.querier_known = true;
	link_of(h, 0, BR0)->bridge.has_querier = true;
}

static void snoops_without_querier(struct host *h)
{
	snoops(h);
	link_of(h, 0, BR0)->bridge.has_querier = false;
}

static void querier_without_snooping(struct host *h)
{
	snoops(h);
	link_of(h, 0, BR0)->bridge.snoops = false;
}

static void snoops_at_router_port(struct host *h)
{
	snoops(h);
	link_of(h, 0, TAP)->port.mcast_router = 2;
}

/* It has joined its groups by the tap. */
static void snoops_no_vf(struct host *h)
{
	snoops(h);
	h->vfs[2].user_pid = 8;
}

static void netfilter(struct host *h)
{
	bridged_pair(h);
	h->netns[0].netfilter = NFP_NF_IPTABLES | NFP_NF_IP6TABLES;
}

static void netfilter_of_bridge(struct host *h)
{
	bridged_pair(h);
	link_of(h, 0, BR0)->bridge.netfilter = NFP_NF_ARPTABLES;
}

static void netfilter_no_vf(struct host *h)
{
	netfilter(h);
	h->vfs[2].user_pid = 8;
}

/* In the pod's bridge, behind that of the host. */
static void inner_listens(struct host *h)
{
	kubevirt_pair(h);
	link_of(h, 2, TAP)->carrier = true;
	link_of(h, 2, TAP)->port = (struct nfp_bridge_port) {.known = true,
							     .state = BR_STATE_LISTENING};
}

/* Whoever has made the namespace may do so at will. */
static void inner_of_a_user(struct host *h)
{
	inner_listens(h);
	h->netns[2].users = true;
	link_of(h, 2, FWBR)->bridge = (struct nfp_bridge) {.known = true, .stp_delay_ms = 30000};
}

static void inner_isolated(struct host *h)
{
	kubevirt_pair(h);
	link_of(h, 0, FWPR)->port = (struct nfp_bridge_port) {.known = true, .isolated = true};
	link_of(h, 0, ETH0)->port = link_of(h, 0, FWPR)->port;
}

static void inner_snoops(struct host *h)
{
	kubevirt_pair(h);
	link_of(h, 2, FWBR)->bridge = (struct nfp_bridge) {
		.known = true, .snoops = true, .querier_known = true, .has_querier = true};
}

static const struct {
	void (*make)(struct host *h);
	enum nfp_finding_code code;
	bool remark;
	const char *what, *command;
	size_t commands;
} forwarding[] = {
	{tap_listens, NFP_FINDING_NOT_FORWARDING, false,
	 "vnet0 of br0 does not forward (listening)", "ip link set br0 type bridge stp_state 0", 2},
	{tap_blocks, NFP_FINDING_NOT_FORWARDING, false, "vnet0 of br0 does not forward (blocking)",
	 "bridge link set dev vnet0 state 3", 1},
	{uplink_blocks, NFP_FINDING_NOT_FORWARDING, false,
	 "eth0 of br0 does not forward (blocking), and vnet0 is behind it",
	 "bridge link set dev eth0 state 3", 1},
	{uplink_blocks_with_guests, NFP_FINDING_NOT_FORWARDING, false,
	 "eth0 of br0 does not forward (blocking)", "bridge link set dev eth0 state 3", 1},
	{both_isolated, NFP_FINDING_NOT_FORWARDING, false, "vnet0 of br0 is isolated from the PF",
	 "bridge link set dev eth0 isolated off", 1},
	{no_broadcast, NFP_FINDING_NOT_FORWARDING, false, "vnet0 of br0 gets no broadcasts",
	 "bridge link set dev vnet0 bcast_flood on", 1},
	{no_broadcast_out, NFP_FINDING_NOT_FORWARDING, false, "eth0 of br0 gets no broadcasts",
	 "bridge link set dev eth0 bcast_flood on", 1},
	{proxy_arp, NFP_FINDING_NOT_FORWARDING, false, "vnet0 of br0 has proxy_arp",
	 "ip link set vnet0 type bridge_slave proxy_arp off", 1},
	{no_groups, NFP_FINDING_NOT_FORWARDING, true, "vnet0 of br0 gets no groups",
	 "bridge link set dev vnet0 mcast_flood on", 1},
	{no_flood, NFP_FINDING_NOT_FORWARDING, true,
	 "vnet0 of br0 gets nothing for an address that the bridge does not have",
	 "bridge link set dev vnet0 flood on", 1},
	{locked, NFP_FINDING_NOT_FORWARDING, true, "vnet0 of br0 is locked",
	 "bridge link set dev vnet0 locked off", 1},
	{stp, NFP_FINDING_STP_DELAY, true, "br0 holds each new port back (STP) for 30 s",
	 "ip link set br0 type bridge stp_state 0", 1},
	{stp_without_guests, NFP_FINDING_STP_DELAY, true, "br0 holds each new port back",
	 "ip link set br0 type bridge stp_state 0", 1},
	{snoops, NFP_FINDING_BRIDGE_SNOOPS, true,
	 "vnet0 of br0 gets only groups that were joined by it",
	 "bridge link set dev vnet0 mcast_router 2", 1},
	{netfilter, NFP_FINDING_BRIDGE_NETFILTER, true,
	 "br0 gives the frames between its ports to netfilter, and vnet0 is behind it",
	 "sysctl -w net.bridge.bridge-nf-call-iptables=0", 2},
	{netfilter_of_bridge, NFP_FINDING_BRIDGE_NETFILTER, true, "br0 gives the frames",
	 "ip link set br0 type bridge nf_call_arptables 0", 1},
	{inner_listens, NFP_FINDING_NOT_FORWARDING, false,
	 "tap106i0 of fwbr106i0 in the network namespace of pause (pid 7) does not forward",
	 IN_POD "bridge link set dev tap106i0 state 3 ';'", 1},
	{inner_isolated, NFP_FINDING_NOT_FORWARDING, false,
	 "fwpr106p0 of br0 is isolated from the PF, and tap106i0 is behind it",
	 "bridge link set dev eth0 isolated off", 1},
	{inner_snoops, NFP_FINDING_BRIDGE_SNOOPS, true,
	 "tap106i0 of fwbr106i0 in the network namespace of pause (pid 7) gets only groups",
	 IN_POD "bridge link set dev tap106i0 mcast_router 2 ';'", 1},
};

TEST(test_forwarding)
{
	nfp_for_each (row, forwarding, NFP_NUM(forwarding)) {
		struct nfp_audit audit;

		print_message("%s\n", row->what);
		audit_finds(row->make, row->code, row->remark, row->what, row->commands,
			    row->command, &audit);
		nfp_audit_fini(&audit);
	}
}

static void (*const passes[])(struct host *h) = {
	bridged_pair,	   uplink_blocks_beside,   tap_is_down,
	tap_lacks_carrier, tap_of_nobody,	   tap_of_old_kernel,
	on_other_nic,	   tap_isolated,	   no_broadcast_no_vf,
	all_groups,	   stp_without_vfs,	   stp_without_delay,
	stp_on_a_vf,	   snoops_without_querier, querier_without_snooping,
	snoops_no_vf,	   snoops_at_router_port,  netfilter_no_vf,
	inner_of_a_user,
};

TEST(test_ports_that_pass)
{
	for (size_t i = 0; i < NFP_NUM(passes); i++)
		audit_is_silent(passes[i], i, 0);
}

TEST_MAIN()
