// SPDX-License-Identifier: GPL-2.0-or-later
/* What an audit must leave alone, what it only remarks on, and what it could not see. */
#include "audit_host.h"

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
	/* Of a port: libvirt gives its tap the guest's address, with fe in front. */
	h->links[0][3].address = (struct nfp_mac) {{0xfe, 0x54, 0, 0, 0, 0x12}};
	learned(h, 6, 0x12)->state = NUD_PERMANENT;
	h->entries[0][h->netns[0].num_entries - 1].mac = h->links[0][3].address;
}

/* A port's own address is permanent, and no guest's. */
static void own_ports(struct host *h)
{
	bridged(h);
	in_guest(&h->vfs[2], 7);
	h->links[0][3].address = (struct nfp_mac)ADDRESS(0x12);
	learned(h, 6, 0x12)->state = NUD_PERMANENT;
	add_link(h, 0, "vnet1", 7, "tun")->address = (struct nfp_mac)ADDRESS(0x13);
	h->links[0][4].master = 5;
	learned(h, 7, 0x13)->state = NUD_PERMANENT;
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
	/* libvirt gives an idle VF back what it had (virHostdevNetConfigRestore). */
	h->vfs[3].attr.mac = (struct nfp_mac) {{0}};
	h->vfs[3].attr.vlan.vid = 0;
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

static void mlx5(struct host *h)
{
	strcpy(h->pfs[0].info.driver, "mlx5_core");
	strcpy(h->pfs[0].info.eswitch_mode, "legacy");
}

/* eco-gotests#1355, ConnectX-6 Dx: sriov-cni sets the address in the pod alone, and the PF's line
 * shows zeros; the NIC's filter is made from the VF's own list (esw_update_vport_addr_list). */
static void own_address(struct host *h)
{
	mlx5(h);
	netdev_of(h, 1, 4, "net1");
	h->vfs[4].attr.mac = (struct nfp_mac) {{0}};
}

/* A guest that changes its address, as a VRRP router does. */
static void trusted_address(struct host *h)
{
	mlx5(h);
	netdev_of(h, 1, 4, "net1")->address = (struct nfp_mac) {{0, 0, 0x5e, 0, 1, 1}};
	h->vfs[4].attr.trust = 1;
}

/* bond-cni gives each member the bond's address. */
static void bonded_address(struct host *h)
{
	mlx5(h);
	bonded(h);
}

/* A netdev that nobody has set up keeps what it had (igbvf reads the address when it is bound). */
static void stale_netdev(struct host *h)
{
	netdev_of(h, 0, 4, "eth0v4")->flags = 0;
	h->vfs[4].attr.mac = (struct nfp_mac)ADDRESS(0x44);
}

/* Neutron's SR-IOV agent disables the link of a port that is down (pci_lib.py, set_vf_state). */
static void disabled_idle(struct host *h)
{
	h->vfs[2].attr.link_state = IFLA_VF_LINK_STATE_DISABLE;
	at_rest_alone(h);
}

/* cnf-testbed#39: VFs that are to reach each other without a cable. */
static void link_always_on(struct host *h)
{
	pf_down(h);
	h->vfs[4].attr.link_state = IFLA_VF_LINK_STATE_ENABLE;
}

static void down_and_idle(struct host *h)
{
	h->pfs[0].flags = 0;
}

/* Neutron's fdb_population and nfprobe's own hook: the addresses of guests that are there. */
static void filtered_guests(struct host *h)
{
	bridged(h);
	filter_left(h);
	learned(h, 6, 0x60);
	/* libvirt's tap of a guest that has said nothing for minutes: fe, and the rest. */
	add_link(h, 0, "vnet1", 7, "tun")->address = (struct nfp_mac) {{0xfe, 0x54, 0, 0, 0, 0x61}};
	h->links[0][h->netns[0].num_links - 1].master = 5;
	filtered(h, 0x61);
}

/* A macvlan's address is in the filter of what it is on (macvlan_open), wherever it is. */
static void filtered_macvlan(struct host *h)
{
	struct nfp_link *link = add_link(h, 2, "net1", 31, "macvlan");

	filter_left(h);
	link->link_elsewhere = 2;
	link->address = (struct nfp_mac)ADDRESS(0x60);
}

/* So is that of a VLAN netdev or a bond that was given another than the PF's. */
static void filtered_bond(struct host *h)
{
	filter_left(h);
	add_link(h, 0, "bond0", 40, "bond")->address = (struct nfp_mac)ADDRESS(0x60);
}

/* br_fdb_sync_static */
static void filtered_static(struct host *h)
{
	filter_left(h);
	bridged(h);
	learned(h, 2, 0x60)->state = NUD_NOARP;
	filtered(h, 0x61);
	learned(h, 5, 0x61)->state = NUD_PERMANENT;
}

/* keepalived without a macvlan, ptp4l and lldpd ask a packet socket for theirs. */
static void filtered_socket(struct host *h)
{
	static struct nfp_membership membership = {2, ADDRESS(0x60)};

	filter_left(h);
	h->netns[0].memberships = &membership;
	h->netns[0].num_memberships = 1;
}

/* fcoe_ctlr: 0e:fc:00, and what the fabric gives */
static void filtered_fcoe(struct host *h)
{
	filter_left(h);
	h->entries[0][h->netns[0].num_entries - 1].mac =
		(struct nfp_mac) {{0x0e, 0xfc, 0, 1, 2, 3}};
}

/* A driver with a switch shows what that has learned. */
static void filtered_by_switch(struct host *h)
{
	filter_left(h);
	h->entries[0][h->netns[0].num_entries - 1].state = NUD_REACHABLE;
}

/* Nobody sends there. */
static void filtered_alone(struct host *h)
{
	filtered(h, 0x60);
}

/* While the guest is on its VF, the entry at the PF's port is right. */
static void learned_on_vf(struct host *h)
{
	learned_at_pf_held(h);
	h->vfs[2].at_rest = false;
}

/* It migrates in, and talks on the other host. */
static void migrates_in(struct host *h)
{
	learned_at_pf(h);
	h->entries[0][0].seen_cs = 10;
}

static void learned_elsewhere(struct host *h)
{
	learned_at_pf(h);
	h->links[0][3].address.b[5] = 0x33; /* another guest's tap */
}

/* A stranger's process has a tap of that name, from a namespace of his own. */
static void strangers_tap(struct host *h)
{
	learned_at_pf(h);
	h->tap.in_netns = false;
}

static void tap_without_guest(struct host *h)
{
	learned_at_pf(h);
	h->tap.pid = 0;
	h->tap.ifname[0] = '\0';
}

/* EVPN's anycast gateways, VRRP: addresses of virtual routers, and of a bridge's own. */
static void local_on_purpose(struct host *h)
{
	local_at_tap(h);
	h->entries[0][0].mac = (struct nfp_mac) {{0, 0, 0x5e, 0, 1, 1}};
	neighbour(h, 0, 2, 0)->mac = h->entries[0][0].mac;
	learned(h, 5, 0x60)->state = NUD_PERMANENT; /* nobody has it */
	add_link(h, 0, "br0.9", 50, "vlan")->address = (struct nfp_mac)ADDRESS(0x61);
	learned(h, 5, 0x61)->state = NUD_PERMANENT;
	neighbour(h, 0, 2, 0x61);
}

/* A VF that was prepared for it, as dpu-operator's documents ask for. */
static void vf_uplink_trusted(struct host *h)
{
	vf_uplink(h);
	h->vfs[4].attr.trust = 1;
	h->vfs[4].attr.spoofchk = 0;
}

/* Nobody is behind it, or the driver does not say. */
static void vf_uplink_alone(struct host *h)
{
	vf_uplink(h);
	h->entries[1][0].state = NUD_PERMANENT;
}

/* A driver that may let any VF be promiscuous. */
static void vf_uplink_other_driver(struct host *h)
{
	vf_uplink(h);
	strcpy(h->pfs[0].info.driver, "nfp");
	h->vfs[4].attr.spoofchk = 0;
}

static void vf_uplink_unknown(struct host *h)
{
	vf_uplink(h);
	h->vfs[4].attr.trust = h->vfs[4].attr.spoofchk = -1;
}

/* sriov-network-operator and a manager's placeholder are remarks; mlx5 has no spoof checking, and a
 * VF in use is as its user wants it. */
static void mlx5_defaults(struct host *h)
{
	mlx5(h);
	for (unsigned int i = 0; i < VFS; i++) {
		h->vfs[i].attr.spoofchk = h->vfs[i].attr.trust = h->vfs[i].attr.link_state = 0;
		h->vfs[i].attr.mac = (struct nfp_mac) {{0}};
	}
	netdev_of(h, 1, 4, "net1");
	h->vfs[4].attr.vlan.vid = 9;
	h->vfs[4].attr.trust = 1;
	h->vfs[4].attr.max_tx_rate = 1000;
}

/* A driver of which it is not known: half of them have it, for whatever reason. */
static void unknown_defaults(struct host *h)
{
	strcpy(h->pfs[0].info.driver, "nfsim");
	for (unsigned int i = 0; i < VFS; i++)
		h->vfs[i].attr.spoofchk = i % 2;
}

/* bond-cni's default, whose members are on one NIC, or with a member that nobody else is beside. */
static void bonded_backup(struct host *h)
{
	bonded(h);
	h->links[1][1].bond_backup = true;
	h->links[1][2].bond_of_one_address = true;
}

static void alone_in_bond(struct host *h)
{
	backup_member(h);
	h->vfs[1].use = NFP_USE_IDLE;
}

static void own_address_in_bond(struct host *h)
{
	backup_member(h);
	h->links[1][2].bond_of_one_address = false; /* fail_over_mac active */
}

static void vepa_alone(struct host *h)
{
	static int pf = 2;

	netdev_of(h, 1, 4, "net1");
	h->netns[0].vepa = &pf;
	h->netns[0].num_vepa = 1;
}

/* libvirt's default for a macvtap */
static void vepa_macvtap(struct host *h)
{
	pods(h);
	macvtap_standby(h);
	h->vfs[3].use = NFP_USE_VFIO;
}

static void (*const well[])(struct host *h) = {
	mlx5_defaults,
	unknown_defaults,
	bonded_backup,
	alone_in_bond,
	own_address_in_bond,
	vepa_alone,
	vepa_macvtap,
	learned_on_vf,
	migrates_in,
	learned_elsewhere,
	strangers_tap,
	tap_without_guest,
	local_on_purpose,
	vf_uplink_trusted,
	vf_uplink_alone,
	vf_uplink_unknown,
	vf_uplink_other_driver,
	filtered_guests,
	filtered_macvlan,
	filtered_bond,
	filtered_static,
	filtered_socket,
	filtered_fcoe,
	filtered_by_switch,
	filtered_alone,
	own_address,
	trusted_address,
	bonded_address,
	stale_netdev,
	disabled_idle,
	link_always_on,
	down_and_idle,
	trunk,
	access_port,
	only_vf_in_vlan,
	service_tag,
	another_vlan,
	vlan_in_vlan,
	nothing,
	libvirt,
	heard_at_pf,
	own_ports,
	ended_guest,
	pods,
	bonded,
	bonded_pfs,
	keepalived,
	other_vlans,
	management,
	switchdev,
	dpdk,
	neutron,
	macvtap_standby,
	apart_macvtap,
	open_macvtap,
	unknown_macvtap,
	probed,
	in_use,
	at_rest_alone,
	second_vf,
	two_held,
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
		if (audit.num_findings > 1)
			print_error("%zu: %s; %s\n", i, audit.findings[0].what,
				    audit.findings[1].what);
		assert_in_range(audit.num_findings, 0, 1);
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

/* A driver of which it is not known what its NICs do. */
static void untrusted_address(struct host *h)
{
	mlx5(h);
	no_sender(h);
	h->vfs[4].attr.vlan.vid = 9;
	netdev_of(h, 1, 4, "net1")->address = (struct nfp_mac)ADDRESS(0x44);
}

static void larger_frames(struct host *h)
{
	no_sender(h);
	h->vfs[4].attr.vlan.vid = 9;
	netdev_of(h, 1, 4, "net1")->mtu = 9000;
	h->pfs[0].info.mtu = 1500;
}

static void vepa(struct host *h)
{
	static int pf = 2;

	no_sender(h);
	in_guest(&h->vfs[4], 7);
	h->vfs[4].attr.vlan.vid = 9;
	h->netns[0].vepa = &pf;
	h->netns[0].num_vepa = 1;
}

TEST(test_remarks_on_vfs)
{
	static const struct {
		void (*make)(struct host *h);
		enum nfp_finding_code code;
		const char *what;
	} cases[] = {
		{untrusted_address, NFP_FINDING_VF_ADDRESS,
		 "VF 4 (net1 in network namespace red) uses the address 52:54:00:00:00:44, and "
		 "eth0 has assigned 52:54:00:00:00:14"},
		{vepa, NFP_FINDING_VEPA, "the switch of eth0 is in mode VEPA"},
		{larger_frames, NFP_FINDING_MTU,
		 "VF 4 (net1 in network namespace red): an MTU of 9000, and eth0 has 1500"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct nfp_audit audit;
		struct host h;

		audit_of(cases[i].make, &h, &audit);
		assert_int_equal(audit.num_findings, 1);
		assert_int_equal(audit.findings[0].code, cases[i].code);
		assert_true(audit.findings[0].remark);
		assert_string_equal(audit.findings[0].what, cases[i].what);
		if (cases[i].code == NFP_FINDING_VEPA)
			assert_commands(&audit.findings[0], 1,
					"bridge link set dev eth0 hwmode veb");
		else
			assert_commands(&audit.findings[0], 0, NULL);
		nfp_audit_fini(&audit);
	}
}

/* openshift/sriov-cni#25, sriov-cni#113: the next pod gets the VLAN of the one before. */
static void left_vlan(struct host *h)
{
	no_sender(h);
	for (unsigned int i = 0; i < VFS; i++)
		h->vfs[i].attr.spoofchk = 1;
	h->vfs[2].attr.vlan.vid = 100;
	h->vfs[2].attr.spoofchk = 0;
	h->vfs[2].attr.trust = 1;
	h->vfs[3].attr.max_tx_rate = 100;
	h->vfs[3].attr.link_state = IFLA_VF_LINK_STATE_DISABLE;
}

/* A manager that gives each VF that it releases one address, with everything open. */
static void placeholder(struct host *h)
{
	no_sender(h);
	for (unsigned int i = 0; i < VFS; i++) {
		h->vfs[i].attr.mac = (struct nfp_mac) {{0, 0, 0, 0, 1, 4}};
		h->vfs[i].attr.spoofchk = 0;
		h->vfs[i].attr.link_state = IFLA_VF_LINK_STATE_ENABLE;
	}
}

TEST(test_left_settings)
{
	static const struct {
		void (*make)(struct host *h);
		const char *what, *command;
		size_t functions, commands;
	} cases[] = {
		{left_vlan,
		 "idle, and not as new: VF 2 (VLAN 100, trust, no spoof check); VF 3 (a rate, a "
		 "link "
		 "that is disabled)",
		 "ip link set eth0 vf 2 vlan 0 trust off spoofchk on", 2, 2},
		{placeholder,
		 "idle, and not as new: VF 0, VF 1, VF 2, VF 3, VF 4, VF 5 (no spoof check, a link "
		 "that "
		 "is always on, 00:00:00:00:01:04, which 5 others have)",
		 "ip link set eth0 vf 0 spoofchk on state auto", VFS, VFS},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct nfp_audit audit;
		struct host h;

		audit_of(cases[i].make, &h, &audit);
		assert_int_equal(audit.num_findings, 1);
		assert_int_equal(audit.findings[0].code, NFP_FINDING_LEFT_SETTINGS);
		assert_true(audit.findings[0].remark);
		assert_string_equal(audit.findings[0].what, cases[i].what);
		assert_int_equal(audit.findings[0].num_functions, cases[i].functions);
		assert_commands(&audit.findings[0], cases[i].commands, cases[i].command);
		nfp_audit_fini(&audit);
	}
}

static void not_all_seen(struct host *h)
{
	static struct nfp_unseen unseen = {"", "all network namespaces", ""};

	h->facts.unseen = &unseen;
	h->facts.num_unseen = 1;
}

static void apart(struct host *h)
{
	static struct nfp_mac mac = ADDRESS(0x60);

	h->facts.apart = &mac;
	h->facts.num_apart = 1;
}

static void other_switch(struct host *h)
{
	h->facts.open_vswitch = true;
}

static void no_sockets(struct host *h)
{
	h->netns[0].memberships_known = false;
}

/* QEMU, or a tool that makes its own taps: Proxmox, KubeVirt, Calico. */
static void silent_tap(struct host *h)
{
	bridged(h);
	h->tap = (struct nfp_guest_tap) {.ifname = "vnet0", .pid = 8, .in_netns = true};
}

/* Whoever has it may be where nobody has looked: to delete the entry would cut him off. */
TEST(test_filter_of_somebody_unseen)
{
	static void (*const cases[])(struct host * h) = {not_all_seen, apart, other_switch,
							 no_sockets, silent_tap};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct nfp_audit audit;
		struct host h;

		make(&h);
		filter_left(&h);
		cases[i](&h);
		nfp_audit_judge(&h.facts, &(struct nfp_strv) {.n = 0}, &audit);
		assert_int_equal(audit.num_findings, 1);
		assert_int_equal(audit.findings[0].code, NFP_FINDING_FILTER_LEFT);
		assert_true(audit.findings[0].remark);
		assert_non_null(strstr(audit.findings[0].what, "as far as was seen"));
		assert_commands(&audit.findings[0], 0, NULL);
		nfp_audit_fini(&audit);
	}
}

/* A bridge may keep a guest's entry for two VLANs: it is one guest, and one cause. */
TEST(test_a_guest_in_two_vlans)
{
	struct nfp_audit audit;
	struct host h;

	make(&h);
	bridged(&h);
	in_guest(&h.vfs[2], 7);
	in_guest(&h.vfs[3], 7);
	h.vfs[3].attr.vlan.vid = 9;
	learned(&h, 6, 0x30);
	learned(&h, 6, 0x30)->vlan = 9;
	nfp_audit_judge(&h.facts, &(struct nfp_strv) {.n = 0}, &audit);
	assert_int_equal(audit.num_findings, 1);
	assert_string_equal(
		audit.findings[0].what,
		"the filter of eth0 lacks 1 guest of br0, and VF 2 is in the same VLAN");
	nfp_audit_fini(&audit);
}

/* ---- a bridge that will look for the guest behind the PF ---- */

static void paired(struct host *h)
{
	libvirt_tap(h);
	in_guest(&h->vfs[2], 8);
}

/* macTableManager='libvirt' turns learning off at its taps, and writes their entries itself. */
static void managed_table(struct host *h)
{
	paired(h);
	h->links[0][3].port_learns = false;
}

static void pinned(struct host *h)
{
	paired(h);
	learned(h, 6, 0x12)->flags = 1U << 6; /* NTF_STICKY */
}

static void not_learning(struct host *h)
{
	paired(h);
	h->links[0][0].port_learns = false;
}

static void another_nic(struct host *h)
{
	paired(h);
	h->links[0][3].address.b[5] = 0x33;
}

TEST(test_unpinned)
{
	static const struct {
		void (*make)(struct host *h);
		const char *command; /* NULL: nothing is said */
	} cases[] = {
		{paired, "bridge fdb replace 52:54:00:00:00:12 dev vnet0 master static sticky"},
		{managed_table, "bridge link set dev eth0 learning off"},
		{pinned, NULL},
		{not_learning, NULL},
		{another_nic, NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct nfp_audit audit;
		struct host h;

		make(&h);
		cases[i].make(&h);
		nfp_audit_judge(&h.facts, &(struct nfp_strv) {.n = 0}, &audit);
		assert_int_equal(audit.exit_status, 0);
		assert_int_equal(audit.num_findings, cases[i].command != NULL);
		if (cases[i].command) {
			assert_int_equal(audit.findings[0].code, NFP_FINDING_UNPINNED);
			assert_commands(&audit.findings[0], 1, cases[i].command);
		}
		nfp_audit_fini(&audit);
	}
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

/* A finding that the user has accepted is shown, and does not count. */
TEST(test_accepted)
{
	static const struct {
		const char *accept;
		int exit_status; /* -1: there is no such finding */
	} cases[] = {
		{"same-address", 0},
		{"same-address:eth0", 0},
		{"same-address:vf:4", 0},
		{"same-address:net1", 0},
		{"same-address:52:54:00:00:00:14", 0},
		{"same-address:0000:01:00.0", 0},
		{"same-address:eth9", 1},
		{"same-address:vf:3", 1},
		{"idle-address", 1},
		{"same", -1},
		{"same-address,idle-address", -1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct nfp_strv accept = {.n = 0};
		struct nfp_audit audit;
		struct nfp_err err;
		struct host h;

		make(&h);
		two_vfs(&h);
		nfp_audit_judge(&h.facts, &(struct nfp_strv) {.n = 0}, &audit);
		nfp_strv_addf(&accept, "%s", cases[i].accept);
		assert_int_equal(nfp_audit_accept(&audit, &accept, &err),
				 cases[i].exit_status < 0 ? -EINVAL : 0);
		assert_int_equal(audit.num_findings, 1);
		assert_int_equal(audit.findings[0].accepted, cases[i].exit_status == 0);
		if (cases[i].exit_status >= 0)
			assert_int_equal(audit.exit_status, cases[i].exit_status);
		nfp_strv_fini(&accept);
		nfp_audit_fini(&audit);
	}
}

/* Who was not seen may use an idle VF of that PF; one that is held is not in doubt. */
TEST(test_in_doubt)
{
	static const struct {
		void (*with)(struct host *h);
		const char *unseen; /* of which PF something was; NULL: nothing */
		bool in_doubt;
	} cases[] = {
		{idle_on_tap, NULL, false},   {idle_on_tap, "", true}, {idle_on_tap, "eth0", true},
		{idle_on_tap, "eth9", false}, {at_rest, "", false},    {two_vfs, "", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct nfp_unseen unseen = {.what = "what processes have"};
		struct nfp_audit audit;
		struct host h;

		make(&h);
		cases[i].with(&h);
		snprintf(unseen.pf, sizeof(unseen.pf), "%s", cases[i].unseen ?: "");
		h.facts.unseen = &unseen;
		h.facts.num_unseen = cases[i].unseen != NULL;
		nfp_audit_judge(&h.facts, &(struct nfp_strv) {.n = 0}, &audit);
		assert_int_equal(audit.num_findings, 1);
		assert_int_equal(audit.findings[0].in_doubt, cases[i].in_doubt);
		nfp_audit_fini(&audit);
	}
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
