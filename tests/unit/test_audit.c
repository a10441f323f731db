// SPDX-License-Identifier: GPL-2.0-or-later
/* What an audit finds in the facts of a host, and the commands that it names. */
#include "audit_host.h"
#include "report/report.h"
#include "shell.h"

/* Before a command in the namespace of process 7. */
#define IN_POD "find -L /proc/7/ns/net -inum 4026532281 -exec nsenter '--net={}' "

/* Either may have taken it from the other: no command says whose it is. */
static void reset_and_shared(struct host *h)
{
	reset_in_use(h);
	add_link(h, 0, "mv0", 77, "macvlan")->address = (struct nfp_mac)ADDRESS(0x14);
}

static void reset_and_beside(struct host *h)
{
	reset_in_use(h);
	add_link(h, 1, "mv0", 77, "macvlan")->address = (struct nfp_mac)ADDRESS(0x14);
}

/* On it, in passthru mode. */
static void reset_and_above(struct host *h)
{
	reset_and_beside(h);
	h->links[1][h->netns[1].num_links - 1].link = 24;
}

static void reset_and_claimed(struct host *h)
{
	reset_in_use(h);
	add_link(h, 2, "mv0", 77, "macvlan")->address = (struct nfp_mac)ADDRESS(0x14);
	h->netns[2].users = true;
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
	 NULL, "", 0},
	{"the PF and a VF", pf_and_vf, NFP_FINDING_SAME_ADDRESS,
	 "the PF and VF 2 (qemu (pid 7) holds it through vfio (group 12)) have the address "
	 "52:54:00:00:00:01",
	 NULL, "", 0},
	{"the PF and a VF, in a VLAN", pf_and_vf_vlan, NFP_FINDING_SAME_ADDRESS, "the PF and VF 2",
	 NULL, "", 0},
	{"two guests, one behind a bridge", two_guests, NFP_FINDING_SAME_ADDRESS,
	 "VF 2 (qemu (pid 7) holds it through vfio (group 12)) has the address "
	 "52:54:00:00:00:12, which is also behind vnet0 of br0",
	 NULL, "", 0},
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
	{"a guest's that has not taken it yet", reserved, NFP_FINDING_IDLE_ADDRESS,
	 "VF 2 (guest web1 (pid 8), not taken yet): its guest, with the address "
	 "52:54:00:00:00:12, is on its standby: br0 has it in its table, behind vnet0",
	 NULL, "", 0},
	{"the same, by a macvtap", reserved_macvtap, NFP_FINDING_IDLE_ADDRESS,
	 "is on its standby: macvtap0 has it, a guest's", NULL, "", 0},
	{"the same, of a process that is not known", reserved_by_libvirt, NFP_FINDING_IDLE_ADDRESS,
	 "is on its standby: br0 has it in its table, behind vnet0", NULL, "", 0},
	{"the same, by its address alone", reserved_by_address, NFP_FINDING_IDLE_ADDRESS,
	 "is on its standby: macvtap0 has it, a guest's",
	 "ip link set eth0 vf 3 mac 00:00:00:00:00:00",
	 "no guest is about to get VF 3, which then needs this address", 1},
	{"a macvtap that its guest has left", left_macvtap, NFP_FINDING_IDLE_ADDRESS,
	 "nobody uses tap0 in the network namespace of pause (pid 7), whose address "
	 "52:54:00:00:00:77 is in use: 192.0.2.7 is there for net1 in network namespace red",
	 IN_POD "ip link set tap0 down ';'", "no guest is about to use tap0", 1},
	{"the same, and another in a pod", left_macvtap_like_another, NFP_FINDING_IDLE_ADDRESS,
	 "nobody uses tap0", IN_POD "ip link set tap0 down ';'", "no guest is about to use tap0",
	 1},
	{"two guests, and taps of one name", two_guests_one_name, NFP_FINDING_SAME_ADDRESS,
	 "which is also behind vnet0 of br0", NULL, "", 0},
	{"the same, and a VF", left_macvtap_vf, NFP_FINDING_IDLE_ADDRESS,
	 "192.0.2.7 is there for net2", IN_POD "ip link set tap0 down ';'",
	 "no guest is about to use tap0", 1},
	{"the VLAN of a pod", swallowed_pod, NFP_FINDING_VLAN_NETDEV,
	 "eth0.9 takes what comes for VLAN 9, which net1.9 in network namespace red has, too",
	 "ip link delete eth0.9", "nothing needs eth0.9", 1},
	{"the VLAN of a tap", swallowed_tap, NFP_FINDING_VLAN_NETDEV,
	 "old9 in network namespace red takes what comes for VLAN 9, which vnet0 has, too",
	 "ip -n red link delete old9", "nothing needs old9", 1},
	{"what a run left", interrupted, NFP_FINDING_INTERRUPTED_RUN,
	 "VF 3: left by an interrupted run", "nfprobe --restore eth0", "", 1},
	{"an address that was taken from a pod", reset_in_use, NFP_FINDING_VF_ADDRESS,
	 "VF 4 (net1 in network namespace red) uses the address 52:54:00:00:00:14, and eth0 has "
	 "assigned none",
	 "ip link set eth0 vf 4 mac 52:54:00:00:00:14", "the user of VF 4 is to have that address",
	 1},
	{"the same, where another has it as well", reset_and_shared, NFP_FINDING_VF_ADDRESS,
	 "VF 4 (net1 in network namespace red) uses the address 52:54:00:00:00:14", NULL, "", 0},
	{"the same, where a macvlan beside it has it", reset_and_beside, NFP_FINDING_VF_ADDRESS,
	 "VF 4 (net1 in network namespace red) uses the address 52:54:00:00:00:14", NULL, "", 0},
	{"the same, where what is on it has it", reset_and_above, NFP_FINDING_VF_ADDRESS,
	 "VF 4 (net1 in network namespace red) uses the address 52:54:00:00:00:14",
	 "ip link set eth0 vf 4 mac 52:54:00:00:00:14", "the user of VF 4 is to have that address",
	 1},
	{"the same, where a user has it in a namespace of his own", reset_and_claimed,
	 NFP_FINDING_VF_ADDRESS,
	 "VF 4 (net1 in network namespace red) uses the address 52:54:00:00:00:14",
	 "ip link set eth0 vf 4 mac 52:54:00:00:00:14", "the user of VF 4 is to have that address",
	 1},
	{"another address, for a pod", assigned_in_use, NFP_FINDING_VF_ADDRESS,
	 "uses the address 52:54:00:00:00:14, and eth0 has assigned 52:54:00:00:00:44",
	 "ip link set eth0 vf 4 mac 52:54:00:00:00:14", "the user of VF 4 is to have that address",
	 1},
	{"links that were disabled", link_disabled, NFP_FINDING_VF_LINK,
	 "VF 2 and VF 4: in use, and eth0 has disabled the link",
	 "ip link set eth0 vf 2 state auto", "", 2},
	{"a PF that is down", pf_down, NFP_FINDING_VF_LINK,
	 "VF 4 (net1 in network namespace red): in use, and eth0 is down", "ip link set eth0 up",
	 "", 1},
	{"an entry of the filter for nobody", filter_left, NFP_FINDING_FILTER_LEFT,
	 "the filter of eth0 has 52:54:00:00:00:60, which nobody behind eth0 has",
	 "bridge fdb del 52:54:00:00:00:60 dev eth0 self", "", 1},
	{"the same, for somebody on another NIC", filter_left_another_nic, NFP_FINDING_FILTER_LEFT,
	 "has 52:54:00:00:00:60, which nobody behind eth0 has",
	 "bridge fdb del 52:54:00:00:00:60 dev eth0 self", "", 1},
	{"the same, for a guest elsewhere", filter_left_elsewhere, NFP_FINDING_FILTER_LEFT,
	 "the filter of eth0 has 52:54:00:00:00:60, which nobody behind eth0 has",
	 "bridge fdb del 52:54:00:00:00:60 dev eth0 self", "", 1},
	{"a guest whom the bridge has elsewhere", learned_at_pf, NFP_FINDING_BRIDGE_LEARNED,
	 "br0 has 52:54:00:00:00:12 behind eth0, and the guest with that address, who is on no "
	 "VF, behind vnet0",
	 "bridge fdb del 52:54:00:00:00:12 dev eth0 master", "", 1},
	{"the same, with a VF at rest", learned_at_pf_held, NFP_FINDING_BRIDGE_LEARNED,
	 "br0 has 52:54:00:00:00:12 behind eth0",
	 "bridge fdb del 52:54:00:00:00:12 dev eth0 master", "", 1},
	{"a guest whom the bridge takes for itself", local_at_tap, NFP_FINDING_LOCAL_ENTRY,
	 "br0 takes 52:54:00:00:00:12 for an address of its own, and the guest of vnet0 has it",
	 "bridge fdb replace 52:54:00:00:00:12 dev vnet0 master static", "", 1},
	{"the same of a VF, at the PF's port", local_at_pf, NFP_FINDING_LOCAL_ENTRY,
	 "br0 takes 52:54:00:00:00:12 for an address of its own, and VF 2 has it",
	 "bridge fdb del 52:54:00:00:00:12 dev eth0 master", "", 1},
	{"a bridge on a VF", vf_uplink, NFP_FINDING_VF_BRIDGE_PORT,
	 "VF 4 (net1 in network namespace red) is a port of br0, with 52:54:00:00:00:70 behind "
	 "it, and is not trusted, and checked for forged sources",
	 "ip link set eth0 vf 4 trust on", "whoever has VF 4 may hear", 2},
	{"the same, of a NIC whose VFs are never promiscuous", vf_uplink_igb,
	 NFP_FINDING_VF_BRIDGE_PORT,
	 "VF 4 (net1 in network namespace red) is a port of br0, with 52:54:00:00:00:70 behind "
	 "it",
	 NULL, "", 0},
	{"an inactive member of a bond", backup_member, NFP_FINDING_BOND_BACKUP,
	 "VF 4 (net1 in network namespace red) is inactive in bond0, and has its address; the "
	 "active member is on another NIC",
	 NULL, "", 0},
	{"a guest with its VF in a LAG", in_lag_guest, NFP_FINDING_LAG,
	 "VF 2 (qemu (pid 7) holds it through vfio (group 12)) is on a member of bond0 (802.3ad), "
	 "a LAG",
	 NULL, "", 0},
	{"the same, by a macvtap", in_lag_macvtap, NFP_FINDING_LAG, "is on a member of bond0", NULL,
	 "", 0},
	{"two VFs, in switchdev mode", switchdev_same, NFP_FINDING_SAME_ADDRESS,
	 "VF 1 (idle) and VF 4", "ip link set eth0 vf 1 mac 00:00:00:00:00:00",
	 "no guest is about to get VF 1", 1},
};

TEST(test_each_finding)
{
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct nfp_audit audit;

		print_message("%s\n", wrong[i].name);
		audit_finds(wrong[i].make, wrong[i].code, false, wrong[i].what, wrong[i].commands,
			    wrong[i].command, &audit);
		assert_int_equal(
			strncmp(audit.findings[0].after, wrong[i].after, strlen(wrong[i].after)),
			0);
		assert_int_equal(!audit.findings[0].after[0], !wrong[i].after[0]);
		nfp_audit_fini(&audit);
	}
}

/* A guest whose standby is not seen, and one that is to get a VF without an address. */
TEST(test_reserved_without_a_standby)
{
	static const struct nfp_strv all = {.n = 0};

	for (int has_address = 0; has_address <= 1; has_address++) {
		struct nfp_audit audit;
		struct host h;

		make(&h);
		reserve(&h.vfs[3], 7);
		if (!has_address)
			h.vfs[3].attr.mac = (struct nfp_mac) {{0}};
		nfp_audit_judge(&h.facts, &all, &audit);
		assert_int_equal(audit.num_findings, has_address);
		assert_int_equal(audit.exit_status, 0);
		if (has_address) {
			assert_true(audit.findings[0].remark);
			assert_string_equal(audit.findings[0].what,
					    "VF 3 (guest web1 (pid 7), not taken yet): its guest, "
					    "with the address 52:54:00:00:00:13, is not on it");
		}
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
	if (h->tap.ifname[0])
		snprintf(h->tap.ifname, sizeof(h->tap.ifname), "%s", name);
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

TEST_MAIN()
