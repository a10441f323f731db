// SPDX-License-Identifier: GPL-2.0-or-later
/* What an audit says of guests who are behind more than one bridge of their host. */
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

static void (*const well[])(struct host *h) = {
	proxmox_pair, proxmox_pair_on_vf, kubevirt_pair, harvester_pair, proxmox_tagged_pair,
	hybrid_pair,  hybrid_other,	  incus_pair,	 false_peer,
};

TEST(test_well_pairs)
{
	static const struct nfp_strv all = {.n = 0};

	for (size_t i = 0; i < NFP_NUM(well); i++) {
		struct nfp_audit audit;
		struct host h;

		make(&h);
		well[i](&h);
		nfp_audit_judge(&h.facts, &all, &audit);
		if (audit.num_findings)
			print_error("%zu: %s\n", i, audit.findings[0].what);
		assert_int_equal(audit.num_findings, 0);
		nfp_audit_fini(&audit);
	}
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

/* Only the bridge at the guest has it so. */
static void kubevirt_deaf_inside(struct host *h)
{
	deaf(h, 2);
	h->netns[0].num_entries = 0;
}

static void proxmox_lag(struct host *h)
{
	proxmox_pair(h);
	strcpy(h->pfs[0].info.lag, "802.3ad");
	strcpy(h->pfs[0].info.master, "bond0");
}

static const struct {
	void (*make)(struct host *h);
	enum nfp_finding_code code;
	const char *what, *command, *second;
	size_t commands;
} wrong[] = {
	{proxmox_two_guests, NFP_FINDING_SAME_ADDRESS,
	 "has the address 52:54:00:00:00:12, which is also behind fwpr106p0 of br0",
	 "ip link set eth0 vf 2 mac 56:54:00:00:00:12", NULL, 1},
	{kubevirt_two_guests, NFP_FINDING_SAME_ADDRESS, "which is also behind fwpr106p0 of br0",
	 "ip link set eth0 vf 2 mac 56:54:00:00:00:12", NULL, 1},
	{harvester_two_guests, NFP_FINDING_SAME_ADDRESS, "which is also behind fwpr106p0 of br0",
	 "ip link set eth0 vf 2 mac 56:54:00:00:00:12", NULL, 1},
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
	{proxmox_lag, NFP_FINDING_LAG, "is on a member of bond0", NULL, NULL, 0},
};

TEST(test_each_finding)
{
	static const struct nfp_strv all = {.n = 0};

	for (size_t i = 0; i < NFP_NUM(wrong); i++) {
		struct nfp_audit audit;
		size_t at = 0;
		struct host h;
		char *second;

		print_message("%zu: %s\n", i, wrong[i].what);
		make(&h);
		wrong[i].make(&h);
		nfp_audit_judge(&h.facts, &all, &audit);
		assert_int_equal(audit.num_findings, 1);
		assert_int_equal(audit.findings[0].code, wrong[i].code);
		assert_false(audit.findings[0].remark);
		if (!strstr(audit.findings[0].what, wrong[i].what))
			assert_string_equal(audit.findings[0].what, wrong[i].what);
		assert_commands(&audit.findings[0], wrong[i].commands, wrong[i].command);
		free(nfp_commands_line(&audit.findings[0].commands, &at));
		second = nfp_commands_line(&audit.findings[0].commands, &at);
		if (wrong[i].second)
			assert_string_equal(second, wrong[i].second);
		free(second);
		assert_int_equal(audit.exit_status, 1);
		nfp_audit_fini(&audit);
	}
}

TEST_MAIN()
