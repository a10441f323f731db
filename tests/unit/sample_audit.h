/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sample_audit.h - an audit made by hand, for the tests of what is printed. */
#ifndef TESTS_SAMPLE_AUDIT_H
#define TESTS_SAMPLE_AUDIT_H

#include <string.h>

#include "report/report.h"

static inline struct nfp_finding *sample_finding(struct nfp_audit *audit,
						 enum nfp_finding_code code, const char *pf,
						 size_t functions)
{
	struct nfp_finding *f = &audit->findings[audit->num_findings++];

	f->code = code;
	strcpy(f->pf, pf);
	strcpy(f->parentdev, "0000:01:00.0");
	f->functions = nfp_calloc(functions, sizeof(*f->functions));
	f->num_functions = functions;
	return f;
}

static inline struct nfp_guest_hop *sample_hop(struct nfp_guest_way *guest, const char *ifname,
					       const char *kind, const char *bridge, bool inward)
{
	struct nfp_guest_hop *hop = nfp_grow(guest->hops, guest->num_hops);

	*hop = (struct nfp_guest_hop) {.inward = inward, .has_vlan = true};
	strcpy(hop->ifname, ifname);
	strcpy(hop->kind, kind);
	strcpy(hop->bridge, bridge);
	return hop;
}

/* A guest whose standby stops at the PF's port, and one that has a VF alone. */
static inline void sample_guests(struct nfp_audit *audit)
{
	struct nfp_guest_way *guest = nfp_grow(audit->guests, audit->num_guests);
	struct nfp_guest_stop *stop;
	struct nfp_guest_hop *hop;

	*guest = (struct nfp_guest_way) {.name = "web1",
					 .pid = 7,
					 .pf = "eth0",
					 .vf = 2,
					 .vlan = 9,
					 .address = {{0x52, 0x54, 0, 0, 0, 0x12}},
					 .has_standby = true,
					 .standby = "vnet0",
					 .standby_address = {{0xfe, 0x54, 0, 0, 0, 0x12}},
					 .pairing = NFP_PAIR_SURE,
					 .end = NFP_END_PF};
	hop = sample_hop(guest, "vnet0", "tun", "br0", true);
	strcpy(hop->netns, "network namespace red");
	stop = nfp_grow(hop->stops, hop->num_stops);
	*stop = (struct nfp_guest_stop) {.code = NFP_FINDING_NOT_FORWARDING,
					 .weight = NFP_WEIGHT_MAY,
					 .ifname = "vnet0",
					 .what = "is locked",
					 .after = "the guest may send without having been let in"};
	nfp_command_add(&stop->commands, "ip netns exec red bridge link set dev vnet0 locked off");
	hop = sample_hop(guest, "eth0", "", "br0", false);
	hop->vlan = 9;
	stop = nfp_grow(hop->stops, hop->num_stops);
	*stop = (struct nfp_guest_stop) {.code = NFP_FINDING_NOT_FORWARDING,
					 .weight = NFP_WEIGHT_STOPS,
					 .ifname = "eth0",
					 .what = "is not in VLAN 9"};
	nfp_command_add(&stop->commands, "bridge vlan add vid 9 dev eth0");
	guest = nfp_grow(audit->guests, audit->num_guests);
	*guest = (struct nfp_guest_way) {
		.pid = 8, .pf = "eth1", .vf = 3, .at_rest = true, .end = NFP_END_NONE};
}

/* A finding with a netdev in a pod, one that takes a while to fix, and a remark; guests; two things
 * that were not seen, and one that is never asked. */
static inline void sample_audit(struct nfp_audit *audit)
{
	struct nfp_finding *f;

	*audit = (struct nfp_audit) {.num_pfs = 2, .exit_status = 1};
	audit->pfs = nfp_calloc(2, sizeof(*audit->pfs));
	strcpy(audit->pfs[0].ifname, "eth0");
	strcpy(audit->pfs[0].parentdev, "0000:01:00.0");
	strcpy(audit->pfs[1].ifname, "eth1");
	audit->findings = nfp_calloc(3, sizeof(*audit->findings));
	f = sample_finding(audit, NFP_FINDING_SAME_ADDRESS, "eth0", 2);
	f->address = (struct nfp_mac) {{0, 0x23, 0, 0x24, 0x8d, 0x13}};
	f->functions[0] = (struct nfp_named) {.is_vf = true, .vf = 1};
	f->functions[1] = (struct nfp_named) {.is_vf = true,
					      .vf = 4,
					      .ifname = "net1",
					      .netns = "network namespace red",
					      .user = "its netdev is in another network namespace"};
	strcpy(f->what, "VF 1 (idle) and VF 4 (net1 in network namespace red) have the address "
			"00:23:00:24:8d:13");
	strcpy(f->why, "frames for it reach one of them, or both: connections break, or stay "
		       "silent");
	nfp_command_add(&f->commands, "ip link set eth0 vf 1 mac 00:00:00:00:00:00");
	f = sample_finding(audit, NFP_FINDING_IDLE_ADDRESS, "eth1", 1);
	f->vlan = 9;
	f->in_doubt = true;
	f->functions[0] = (struct nfp_named) {.is_vf = true, .vf = 2};
	strcpy(f->what, "nobody uses VF 2, whose address 52:54:00:aa:bb:02 is in use: br1 "
			"has it in its table, behind tap0");
	strcpy(f->why, "the NIC gives the idle VF the frames that its PF and its other VFs send "
		       "there, and those from the wire as well if it assigns the address early");
	strcpy(f->after, "no guest is about to get VF 2, which then needs this address");
	nfp_command_write(&f->commands, "0000:01:10.2", "/sys/bus/pci/drivers/igbvf/unbind");
	nfp_command_write(&f->commands, "0000:01:10.2", "/sys/bus/pci/drivers/igbvf/bind");
	f = sample_finding(audit, NFP_FINDING_BRIDGE_FILTER, "eth0", 1);
	f->remark = true;
	f->functions[0] = (struct nfp_named) {.is_pf = true, .ifname = "eth0"};
	f->parentdev[0] = '\0';
	strcpy(f->what, "the filter of eth0 lacks 1 guest of br0, and VF 2 is in the same VLAN");
	strcpy(f->why, "on some NICs, what a VF sends to such a guest leaves by the wire and is "
		       "lost");
	sample_guests(audit);
	audit->unread = nfp_calloc(2, sizeof(*audit->unread));
	audit->num_unread = 2;
	strcpy(audit->unread[0].what, "what each process of this host has open");
	strcpy(audit->unread[0].needs, "CAP_SYS_PTRACE");
	strcpy(audit->unread[1].pf, "eth1");
	strcpy(audit->unread[1].what, "the address of VF 0 of eth1: its driver does not report it");
	nfp_strv_addf(&audit->unasked, "the tables of Open vSwitch");
}

#endif
