// SPDX-License-Identifier: GPL-2.0-or-later
/* Hosts that an audit leaves alone or remarks on, and those that it cannot see whole. */
#include "audit_hosts.h"

/* ---- hosts that are well ---- */

/*
 * Harvester's bridge of a cluster network: it filters VLANs and is promiscuous (Ensure in
 * bridge.go, network-controller-harvester), its uplink is a bond of the NICs (EnsureBond in
 * bond.go), which is given the VLANs of networks of VMs (AddBridgeVlan in link.go); a VM is behind
 * a veth of its pod.
 */
static void cluster_network(struct host *h, struct nfp_link *nic)
{
	struct nfp_link *bond = add_link(h, 0, "mgmt-bo", 40, "bond");
	struct nfp_link *bridge = add_link(h, 0, "mgmt-br", 5, "bridge");

	nic->master = 40;
	nic->bond_backup = false;
	strcpy(nic->master_kind, "bond");
	bond->address = bridge->address = nic->address;
	bond->master = 5;
	strcpy(bond->master_kind, "bridge");
	bridge->vlan_filtering = true;
	bridge->promiscuity = 1;
	bridge->has_address = true;
	add_link(h, 0, "veth1", 6, "veth")->master = 5;
	h->port_vlans[0] = (struct nfp_port_vlan) {.ifindex = 40, .vid = 9};
	h->port_vlans[1] = (struct nfp_port_vlan) {.ifindex = 6, .vid = 9, .untagged = true};
	h->netns[0].num_port_vlans = 2;
	learned(h, 6, 0x30)->vlan = 9;
	learned(h, 40, 0x31)->vlan = 9;
	learned(h, 5, 1)->state = NUD_PERMANENT;
}

/* Its NICs of the management network are no SR-IOV devices (IdentifyManagementNIC in helper.go,
 * pcidevices); it makes the VFs of others (ensureDeviceIsConfigured in sriovdevice_controller.go),
 * with no address, and gives them to VMs by vfio-pci. */
static void harvester(struct host *h)
{
	cluster_network(h, &h->links[0][1]);
	h->pfs[1].num_vfs = 0;
	for (unsigned int i = 0; i < VFS; i++)
		h->vfs[i].attr.mac = (struct nfp_mac) {{0}};
	in_guest(&h->vfs[2], 7);
	in_guest(&h->vfs[3], 8);
}

/* harvester#5678: the VFs are those of a cluster network's own NIC, one of them in a network's
 * VLAN. That VM is not in the PF's filter is a remark. */
static void harvester_uplink(struct host *h)
{
	cluster_network(h, &h->links[0][0]);
	in_guest(&h->vfs[2], 7);
	in_guest(&h->vfs[3], 8);
	h->vfs[3].attr.vlan.vid = 9;
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
	in_lag,
	in_lag_both,
	in_lag_bonded_pod,
	in_lag_dpdk,
	keepalived,
	other_vlans,
	management,
	switchdev,
	dpdk,
	neutron,
	harvester,
	harvester_uplink,
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
	for (size_t i = 0; i < sizeof(well) / sizeof(well[0]); i++)
		audit_is_silent(well[i], i, 1);
}

/* Who may have bonded a VF of each member is told, and who has is not. */
TEST(test_users_of_a_lag)
{
	static const struct {
		void (*make)(struct host *h);
		size_t num;
	} cases[] = {{in_lag, 0}, {in_lag_both, 0}, {in_lag_bonded_pod, 0}, {in_lag_dpdk, 1}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct nfp_audit audit;

		audit_of(cases[i].make, &audit);
		assert_int_equal(audit.num_findings, cases[i].num);
		if (cases[i].num)
			assert_string_equal(audit.findings[0].what,
					    "VF 2 (qemu (pid 8) holds it through vfio (group 12)): "
					    "in use on a member of bond0 (802.3ad), a LAG");
		nfp_audit_fini(&audit);
	}
}

/* ---- remarks ---- */

static void audit_bridged(void (*change)(struct host *h), struct host *h, struct nfp_audit *audit)
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

	audit_bridged(nothing, &h, &audit);
	assert_int_equal(audit.num_findings, 1);
	assert_int_equal(audit.findings[0].code, NFP_FINDING_BRIDGE_FILTER);
	assert_true(audit.findings[0].remark);
	assert_string_equal(
		audit.findings[0].what,
		"the filter of eth0 lacks 2 guests of br0, and VF 2 is in the same VLAN");
	assert_commands(&audit.findings[0], 2, "bridge fdb add 52:54:00:00:00:30 dev eth0");
	nfp_audit_fini(&audit);
	audit_bridged(one_is_there, &h, &audit);
	assert_commands(&audit.findings[0], 1, "bridge fdb add 52:54:00:00:00:30 dev eth0");
	assert_int_equal(audit.findings[0].address.b[5], 0x30);
	nfp_audit_fini(&audit);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		audit_bridged(none[i], &h, &audit);
		assert_int_equal(audit.num_findings, 0);
		nfp_audit_fini(&audit);
	}
}

static void deaf(struct host *h)
{
	no_sender(h);
	in_guest(&h->vfs[3], 7);
	h->vfs[3].attr.vlan.vid = 9;
	macvtap(h);
	nfp_for_each (link, h->links[0], h->netns[0].num_links)
		link->deaf = link->ifindex == 8;
}

TEST(test_macvtap_remark)
{
	struct nfp_audit audit;
	struct host h;

	audit_bridged(deaf, &h, &audit);
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
	no_sender(h);
	in_guest(&h->vfs[4], 7);
	h->vfs[4].attr.vlan.vid = 9;
	h->pfs[0].info.vepa = true;
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

		audit_bridged(cases[i].make, &h, &audit);
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

		audit_bridged(cases[i].make, &h, &audit);
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
	static struct nfp_unread unread = {"", "all network namespaces", ""};

	h->facts.unread = &unread;
	h->facts.num_unread = 1;
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

/* A netdev in another network namespace has the address. */
static void somewhere(struct host *h, uint8_t mac, bool users)
{
	struct nfp_link *link = add_link(h, 1, "dx", 77, "dummy");

	link->address.b[5] = mac;
	memcpy(link->address.b, h->vfs[0].attr.mac.b, 5);
	h->netns[1].users = users;
}

/* A namespace of root's that leads to no PF may do so by what is not seen: no command, and the
 * finding stays. One of a user's lends its addresses to nobody, taps and entries as well. */
TEST(test_an_address_elsewhere)
{
	static const struct {
		void (*make)(struct host *h);
		uint8_t mac;
		enum nfp_finding_code code;
	} rows[] = {{filter_left, 0x60, NFP_FINDING_FILTER_LEFT},
		    {local_at_tap, 0x12, NFP_FINDING_LOCAL_ENTRY}};

	for (size_t i = 0; i < NFP_NUM(rows); i++)
		for (int whose = 0; whose < 4;
		     whose++) { /* nobody's, root's apart, root's, a user's */
			struct nfp_apart apart = {ADDRESS(0), 1};
			struct nfp_audit audit;
			struct host h;

			make(&h);
			rows[i].make(&h);
			apart.mac = h.vfs[0].attr.mac;
			apart.mac.b[5] = rows[i].mac;
			h.facts.apart = &apart;
			h.facts.num_apart = whose == 1;
			if (whose > 1)
				somewhere(&h, rows[i].mac, whose == 3);
			if (whose == 3)
				add_entry(&h, 1, AF_BRIDGE, 77, rows[i].mac)->master = 77;
			nfp_audit_judge(&h.facts, &(struct nfp_strv) {.n = 0}, &audit);
			assert_int_equal(audit.num_findings, whose != 2);
			assert_int_equal(audit.exit_status, whose != 2);
			if (whose == 2) {
				nfp_audit_fini(&audit);
				continue;
			}
			assert_int_equal(audit.findings[0].code, rows[i].code);
			assert_false(audit.findings[0].remark);
			assert_int_equal(!audit.findings[0].commands.len, whose == 1);
			assert_int_equal(
				strstr(audit.findings[0].what,
				       "a netdev in network namespace red, which leads to no "
				       "PF, has it") != NULL,
				whose == 1);
			nfp_audit_fini(&audit);
		}
}

/* Whoever has it may be where nobody has looked: to delete the entry would cut him off. */
TEST(test_filter_of_somebody_unseen)
{
	static void (*const cases[])(struct host * h) = {not_all_seen, other_switch, no_sockets,
							 silent_tap};

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

/* `bridge fdb replace` makes an entry for each VLAN and one for none, and `del` takes them all. */
TEST(test_one_command_for_all_vlans)
{
	static void (*const cases[])(struct host * h) = {learned_at_pf, local_at_pf};

	for (size_t i = 0; i < 4; i++) {
		struct nfp_neigh *entry, *other;
		struct nfp_audit audit;
		char *line;
		size_t at = 0;
		struct host h;

		make(&h);
		cases[i / 2](&h);
		entry = &h.entries[0][h.netns[0].num_entries - 1];
		other = &h.entries[0][h.netns[0].num_entries++];
		*other = *entry;
		(i % 2 ? entry : other)->vlan = 1;
		nfp_audit_judge(&h.facts, &(struct nfp_strv) {.n = 0}, &audit);
		assert_int_equal(audit.num_findings, 1);
		line = nfp_commands_line(&audit.findings[0].commands, &at);
		assert_commands(&audit.findings[0], 1, line);
		assert_non_null(strstr(line, "bridge fdb del"));
		assert_null(strstr(line, "vlan"));
		free(line);
		nfp_audit_fini(&audit);
	}
}

/* A PF without a netdev here is not judged, and does not count but for VFs that somebody may have.
 */
TEST(test_pf_without_a_netdev)
{
	for (size_t i = 0; i < 3; i++) {
		struct nfp_audit audit;
		struct host h;

		make(&h);
		h.pfs[1].info.ifname[0] = '\0';
		h.pfs[1].info.ifindex = 0;
		h.pfs[1].attrs_errno = ENODEV;
		strcpy(h.pfs[1].info.parentdev, "0000:02:00.0");
		strcpy(h.pfs[1].where, "its netdev eth9 is in network namespace red");
		h.pfs[1].away = i > 0;
		h.pfs[1].num_vfs = i < 2 ? 0 : 1; /* facts.c says that these were not seen */
		nfp_audit_judge(&h.facts, &(struct nfp_strv) {.n = 0}, &audit);
		assert_int_equal(audit.num_pfs, 1);
		assert_int_equal(audit.num_findings, 0);
		assert_int_equal(audit.exit_status, 0);
		assert_int_equal(audit.unasked.n, i < 2);
		if (audit.unasked.n)
			assert_string_equal(audit.unasked.v[0], "0000:02:00.0: its netdev eth9 is "
								"in network namespace red");
		nfp_audit_fini(&audit);
	}
}

/* A tap that nobody has open has no guest now: that is told, and left to whoever knows. */
TEST(test_filter_of_a_closed_tap)
{
	struct nfp_audit audit;
	struct host h;

	make(&h);
	filtered_guests(&h);
	nfp_audit_judge(&h.facts, &(struct nfp_strv) {.n = 0}, &audit);
	assert_int_equal(audit.num_findings, 0);
	nfp_audit_fini(&audit);
	h.facts.num_taps = 0;
	nfp_audit_judge(&h.facts, &(struct nfp_strv) {.n = 0}, &audit);
	assert_int_equal(audit.num_findings, 1);
	assert_int_equal(audit.findings[0].code, NFP_FINDING_FILTER_LEFT);
	assert_true(audit.findings[0].remark);
	assert_non_null(strstr(audit.findings[0].what, "52:54:00:00:00:60, 52:54:00:00:00:61, "
						       "which a bridge has behind a tap that "
						       "nobody has open"));
	assert_commands(&audit.findings[0], 0, NULL);
	nfp_audit_fini(&audit);
	/* Not all processes were seen: somebody may have it. */
	h.facts.holders_known = false;
	nfp_audit_judge(&h.facts, &(struct nfp_strv) {.n = 0}, &audit);
	assert_int_equal(audit.num_findings, 0);
	nfp_audit_fini(&audit);
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

/* ---- what could not be seen, and which PFs ---- */

TEST(test_unread)
{
	struct nfp_unread unread[] = {{"", "what processes have", "CAP_SYS_PTRACE"},
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
	h.facts.unread = unread;
	h.facts.num_unread = 2;
	nfp_strv_addf(&names, "eth0");
	nfp_audit_judge(&h.facts, &names, &audit);
	assert_int_equal(audit.exit_status, 3);
	assert_int_equal(audit.num_unread, 1);
	assert_string_equal(audit.unread[0].needs, "CAP_SYS_PTRACE");
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
		{"same-address:net1", 1}, /* in another namespace, where anybody calls his so */
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
		const char *unread; /* of which PF something was; NULL: nothing */
		bool in_doubt;
	} cases[] = {
		{idle_on_tap, NULL, false},   {idle_on_tap, "", true}, {idle_on_tap, "eth0", true},
		{idle_on_tap, "eth9", false}, {at_rest, "", false},    {two_vfs, "", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct nfp_unread unread = {.what = "what processes have"};
		struct nfp_audit audit;
		struct host h;

		make(&h);
		cases[i].with(&h);
		snprintf(unread.pf, sizeof(unread.pf), "%s", cases[i].unread ?: "");
		h.facts.unread = &unread;
		h.facts.num_unread = cases[i].unread != NULL;
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
