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
