/* SPDX-License-Identifier: GPL-2.0-or-later */
/* audit_hosts.h - hosts without a fault, as those who set them up leave them: an audit is silent.
 */
#ifndef NFPROBE_TESTS_AUDIT_HOSTS_H
#define NFPROBE_TESTS_AUDIT_HOSTS_H

#include "audit_host.h"

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
	/* The guest's standby, while it has both. */
	learned(h, 6, 0x12);
	h->tap = (struct nfp_guest_tap) {.ifname = "vnet0", .pid = 7};
	for (uint8_t i = 0; i < 8; i++)
		learned(h, 6, (uint8_t)(0x30 + i));
	learned(h, 5, 1)->state = NUD_PERMANENT;
	/* A bridge port: libvirt gives its tap the guest's address, with fe in front. */
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

/* The address of a guest with a VF reaches the bridge through the PF. */
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

/* The guest bonds a VF of each member itself. */
static void in_lag_both(struct host *h)
{
	in_lag_guest(h);
	in_guest(&h->other_vf, 7);
}

/* The pod bonds a VF of each member, which cannot be seen from here. */
static void in_lag_bonded_pod(struct host *h)
{
	struct nfp_link *link;

	in_lag(h);
	link = netdev_of(h, 1, 4, "net1");
	link->master = 41;
	strcpy(link->master_kind, "bond");
}

/* Whoever holds the VF may bond it with one of another member: a remark. */
static void in_lag_dpdk(struct host *h)
{
	in_lag(h);
	in_guest(&h->vfs[2], 8);
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

/* On a bridge of another NIC, with a neighbour there. */
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

/* The standby of the guest that has the VF, and one of an unknown guest. */
static void macvtap_standby(struct host *h)
{
	macvtap(h);
	in_guest(&h->vfs[3], 7);
	add_link(h, 0, "macvtap1", 11, "macvtap")->link = 2;
}

/* The PF's own netdev sends nothing into a macvtap; a macvlan sends nothing to one in VEPA mode. */
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

/* The VF's driver uses it; the tap is another guest's; nobody is on its standby. */
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

/* A pair on two VFs, the second through a macvtap, or held like the first. */
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

/* cnf-testbed#39: VFs that must reach each other without a cable. */
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
	static struct nfp_guest_tap taps[] = {{.ifname = "vnet0", .pid = 8, .in_netns = true},
					      {.ifname = "vnet1", .pid = 9}};

	h->facts.taps = taps; /* the second was handed over */
	h->facts.num_taps = 2;
	bridged(h);
	filter_left(h);
	learned(h, 6, 0x60);
	/* libvirt's tap of a guest that has sent nothing for minutes: fe, and the rest. */
	add_link(h, 0, "vnet1", 7, "tun")->address = (struct nfp_mac) {{0xfe, 0x54, 0, 0, 0, 0x61}};
	h->links[0][h->netns[0].num_links - 1].master = 5;
	filtered(h, 0x61);
}

/* A macvlan's address is in the filter of what it is on (macvlan_open), wherever that is. */
static void filtered_macvlan(struct host *h)
{
	struct nfp_link *link = add_link(h, 2, "net1", 31, "macvlan");

	filter_left(h);
	link->link_elsewhere = 2;
	link->address = (struct nfp_mac)ADDRESS(0x60);
}

/* So is that of a VLAN netdev or a bond with another address than the PF's. */
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

/* keepalived without a macvlan, ptp4l and lldpd add their addresses by a packet socket. */
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

/* A driver with a switch shows what the switch has learned. */
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

/* It migrates in, and sends on the other host. */
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

/* A stranger's process has a tap of that name, from its own namespace. */
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

/* A VF that was prepared for it, as dpu-operator's documents require. */
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

/* A driver whose default is not known: half of its VFs have the setting, for whatever reason. */
static void unknown_defaults(struct host *h)
{
	strcpy(h->pfs[0].info.driver, "nfsim");
	for (unsigned int i = 0; i < VFS; i++)
		h->vfs[i].attr.spoofchk = i % 2;
}

/* bond-cni's default, whose members are on one NIC, or with a member whose PF nobody else uses. */
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
	netdev_of(h, 1, 4, "net1");
	h->pfs[0].info.vepa = true;
}

/* libvirt's default for a macvtap */
static void vepa_macvtap(struct host *h)
{
	pods(h);
	macvtap_standby(h);
	h->vfs[3].use = NFP_USE_VFIO;
}

#endif
