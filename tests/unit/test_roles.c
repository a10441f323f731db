// SPDX-License-Identifier: GPL-2.0-or-later
/* Who plays which part: hosts, what is asked for, what the wire says, and the roles of each. */
#include "roles_host.h"
#include "verdict/verdict.h"
#include "said.h"

struct row {
	const char *vfs; /* as make_vfs takes them */
	const char *args;
	const char *heard; /* the netdev that the PF hears */
	/* The reflector: NULL: it does not answer; "wire"; or "vf": it has the address of VF 1 */
	const char *peer;
	/* A character for each neighbour of the kernel's table, 192.0.2.1 and so on, of which the
	 * first is a gateway. -: silent; 1: to what is sent to it alone; t: it answers the sender;
	 * a: it answers; A: the broadcast address as well; n: likewise, and it is no gateway; v: it
	 * has the address of VF 1. */
	const char *arp;
	const char *says;
};

/* Answers as the row says, and adds who was asked to @said. */
static void answer(const struct row *row, const struct nfp_roles_input *input,
		   const struct nfp_roles *roles, struct nfp_found *found, char *said, size_t size)
{
	static const char kinds[] = "-1taA";
	const struct nfp_link *links[NFP_CANDIDATES_MAX];
	char kind;
	struct nfp_arp_reply *arp;
	size_t num;

	switch (roles->query) {
	case NFP_QUERY_NETDEVS:
		num = nfp_roles_netdevs(input, links);
		found->asked_netdevs = true;
		for (size_t i = 0; i < num; i++) {
			nfp_appendf(said, size, "%s? ", links[i]->ifname);
			found->heard[i] = row->heard && strcmp(row->heard, links[i]->ifname) == 0;
		}
		break;
	case NFP_QUERY_PEER:
		nfp_appendf(said, size, "peer? ");
		found->asked_peer = true;
		found->peer_answers = row->peer;
		found->peer = (struct nfp_mac) {{2, 9}};
		if (row->peer && strcmp(row->peer, "vf") == 0)
			found->peer = input->pf->vfs[1].attr.mac;
		break;
	case NFP_QUERY_NEIGHBOURS:
		found->have_neighbours = true;
		found->neighbours.n = row->arp ? strlen(row->arp) : 0;
		for (uint8_t i = 0; i < found->neighbours.n; i++)
			found->neighbours.v[i] =
				(struct nfp_neighbour) {.ip = {{192, 0, 2, (uint8_t)(i + 1)}},
							.gateway = i == 0 && row->arp[0] != 'n'};
		break;
	case NFP_QUERY_ARP:
		nfp_appendf(said, size, "%s? ", nfp_ipv4_str(&roles->neighbour.ip).text);
		kind = row->arp ? row->arp[roles->neighbour.ip.b[3] - 1] : '-';
		kind = kind == 'n' ? 'A' : kind;
		arp = &found->arp[found->num_arp++];
		arp->mac = kind == 'v' ? input->pf->vfs[1].attr.mac : (struct nfp_mac) {{2, 8}};
		arp->what = kind == 'v' ? NFP_ARP_ANSWERS
					: (enum nfp_arp_what)(strchr(kinds, kind) - kinds);
		break;
	case NFP_QUERY_NOBODY:
		fail();
	}
}

static void append_vf(char *said, size_t size, const char *as, const struct nfp_vf_info *vf)
{
	if (vf)
		nfp_appendf(said, size, ", %s %u", as, vf->vf);
}

static void append_source(char *said, size_t size, const struct nfp_roles *roles)
{
	nfp_appendf(said, size, "VF %u: ", roles->number);
	if (roles->source == NFP_SOURCE_NETDEV)
		nfp_appendf(said, size, "%s", roles->link ? roles->link->ifname : "a netdev");
	else if (roles->source == NFP_SOURCE_ARP || roles->source == NFP_SOURCE_ARP_ALONE)
		nfp_appendf(said, size, "%s%s", nfp_ipv4_str(&roles->neighbour.ip).text,
			    roles->source == NFP_SOURCE_ARP ? "" : " alone");
	else
		nfp_appendf(said, size, "%s",
			    roles->source == NFP_SOURCE_PEER ? "peer"
			    : roles->source == NFP_SOURCE_PF ? "pf"
							     : "VF");
	append_vf(said, size, "sender", roles->sender);
}

/* The roles, or the sentence that refuses it and its hint. */
static const char *said_of(struct host *host, const struct row *row)
{
	static char said[2048];
	struct nfp_request request;
	struct nfp_found found = {0};
	struct nfp_roles_input input = {.request = &request,
					.topology = &host->topology,
					.pf = &host->pf,
					.net_admin = true,
					.found = &found};
	struct nfp_roles roles;
	struct nfp_err err = {0}, why;
	int ret;

	said[0] = '\0';
	stack(host);
	make_vfs(host, row->vfs);
	parse(row->args, &request);
	input.dry = request.mode == NFP_MODE_DRY_RUN;
	input.vid = request.settings.vlan.vid;
	ret = nfp_roles_pick_vf(&input, &roles, &why, &err);
	if (ret == 0 && roles.status != NFP_VF_PROBED) {
		err = why;
		ret = -EBUSY;
	}
	while (ret == 0 && (ret = nfp_roles_pick_sender(&input, &roles, &why, &err)) > 0) {
		answer(row, &input, &roles, &found, said, sizeof(said));
		ret = 0;
	}
	if (ret < 0) {
		nfp_appendf(said, sizeof(said), "%s / %s", err.message, said_hint(&err.hint));
	} else {
		append_source(said, sizeof(said), &roles);
		nfp_roles_pick_port(&input, NFP_STYLE_VF_BRIDGE, &roles);
		append_vf(said, sizeof(said), "port", roles.port);
		nfp_roles_pick_port(&input, NFP_STYLE_MACVTAP, &roles);
	}
	nfp_request_fini(&request);
	return said;
}

#define ID "00112233445566778899aabbccddeeff"
#define NO_SOURCE                                                                         \
	"eth1? there is no source of test frames for eth0: it does not hear the 1 other " \
	"netdev, no known neighbour answers ARP probes, and no idle VF has a driver of "  \
	"this host / Name a neighbour on its segment with --from arp:IP, run nfprobe "    \
	"--reflect on another host there, or connect a second port of this host to the "  \
	"segment of eth0."
#define ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

static void play(struct host *host, const struct row *rows, size_t num)
{
	struct nfp_vf_info before[4];

	memcpy(before, host->vfs, sizeof(before));
	for (size_t i = 0; i < num; i++) {
		memcpy(host->vfs, before, sizeof(before));
		assert_string_equal(said_of(host, &rows[i]), rows[i].says);
	}
}

CASE(the_vf_under_test)
{
	static const struct row rows[] = {
		{"iiii", "--vf 1", .heard = "eth1", .says = "eth1? VF 1: eth1, port 0"},
		{"iiii", "--vf any", .heard = "eth1", .says = "eth1? VF 0: eth1, port 1"},
		/* One that loses nothing is taken before one that somebody has set up. */
		{"vsii", "--vf any", .heard = "eth1", .says = "eth1? VF 2: eth1, port 3"},
		/* It is no matter of --force, nor is one without a driver passed over. */
		{"fui.", "--vf any", .heard = "eth1", .says = "eth1? VF 2: eth1, port 1"},
		{"fvvv", "--vf any --force", .heard = "eth1",
		 .says = "every VF of eth0 is in use, or the source of this run's frames / Try: "
			 "nfprobe eth0"},
		{"iiii", "--vf any --from vf:0", .says = "VF 1: VF, sender 0, port 2"},
		{"iiii", "--vf any --from eth0v2", .says = "VF 0: VF, sender 2, port 1"},
		{"iiii", "--vf 9", .heard = "eth1",
		 .says = "eth0 has no VF 9: it has 4, VF 0 to VF 3 / At most 7 can be made. Idle: "
			 "VF 0, VF 1, VF 2, VF 3. Try: nfprobe eth0 --vf 0"},
		{"iv.i", "--vf 1", .heard = "eth1",
		 .says = "VF 1 of eth0 is in use: qemu / Idle: VF 0, VF 2, VF 3. Try: nfprobe eth0 "
			 "--vf 0"},
		{"if.i", "--vf 1", .heard = "eth1",
		 .says = "VF 1 of eth0 is in use: eth7 is up / If nobody needs it, set eth0v1 "
			 "down, or add --force: nfprobe sets it up again afterwards. Idle: VF 0, "
			 "VF 2, VF 3. Try: nfprobe eth0 --vf 0"},
		{"imii", "--vf 1 --force", .heard = "eth1",
		 .says = "VF 1 of eth0 is in use: NetworkManager has connected eth7 / To keep "
			 "NetworkManager off it, also where its netdev is made anew, add "
			 "unmanaged-devices=interface-name:eth0v1 to the section keyfile of "
			 "NetworkManager.conf(5), and reload that. Idle: VF 0, VF 2, VF 3. Try: "
			 "nfprobe eth0 --vf 0"},
		{"if.i", "--vf 1 --force", .heard = "eth1", .says = "eth1? VF 1: eth1, port 0"},
		{"iriv", "--vf 1", .heard = "eth1",
		 .says = "VF 1 of eth0 is in use: guest web1 / Only a process says so, and nothing "
			 "holds the VF. If it is to have no guest, add --force. Idle: VF 0, VF 2. "
			 "Try: nfprobe eth0 --vf 0"},
		{"iriv", "--vf 1 --force", .heard = "eth1", .says = "eth1? VF 1: eth1, port 0"},
		{"vvvv", "--vf 1", .heard = "eth1",
		 .says = "VF 1 of eth0 is in use: qemu / No VF of eth0 is idle. Try: nfprobe eth0"},
		/* The source is none of those that are named as idle. */
		{"vfvv", "--vf 1", .heard = "eth1",
		 .says = "VF 1 of eth0 is in use: eth7 is up / If nobody needs it, set eth0v1 "
			 "down, or add --force: nfprobe sets it up again afterwards. No VF of eth0 "
			 "is idle. Try: nfprobe eth0"},
		{"viii", "--vf 0 --from vf:1",
		 .says = "VF 0 of eth0 is in use: qemu / Idle: VF 2, VF 3. Try: nfprobe eth0 --vf "
			 "2"},
	};

	play(host, rows, ROWS(rows));
}

CASE(who_is_named)
{
	static const struct row rows[] = {
		{"iiii", "--vf 0 --from vf:7",
		 .says = "--from vf:7: eth0 has no VF 7 / Try: nfprobe eth0"},
		{"iiii", "--vf 0 --from eth0v0",
		 .says = "--from vf:0: VF 0 is probed itself and cannot be the source / "},
		{"iivi", "--vf 0 --from vf:2",
		 .says = "VF 2 of eth0 is in use: qemu / Try: nfprobe eth0"},
		{"iiii", "--vf 0 --from nope",
		 .says = "--from nope: no such interface / ip link lists the interfaces."},
		{"iiii", "--vf 0 --from eth2",
		 .says = "eth2 cannot send: it is down / Set it up, plug in its cable, or name "
			 "another source with --from. Try: ip link set eth2 up"},
		{"iiii", "--vf 0 --from eth0.100",
		 .says = "eth0.100 sends through eth0 itself, so its frames do not come from the "
			 "wire / "},
		{"iiii", "--vf 0 --from pf", .says = "VF 0: pf, port 1"},
		{"iiiv", "--vf 0 --style vf-bridge:3", .heard = "eth1",
		 .says = "VF 3 of eth0 is in use: qemu / Try: nfprobe eth0"},
		{"iiii", "--vf 0 --style vf-bridge:0", .heard = "eth1",
		 .says = "--style vf-bridge:0: VF 0 is probed itself and cannot be the standby's "
			 "port / "},
		{"iiii", "--vf 0 --style vf-bridge:2 --from vf:2",
		 .says = "--style vf-bridge:2: VF 2 is the source and cannot be the standby's port "
			 "/ "},
	};

	play(host, rows, ROWS(rows));
}

CASE(the_source_is_the_first_that_is_there)
{
	static const struct row rows[] = {
		{"iiii", "--vf 0", .heard = "eth1", .says = "eth1? VF 0: eth1, port 1"},
		{"iiii", "--vf 0 --id " ID, .peer = "wire", .arp = "A",
		 .says = "eth1? peer? VF 0: peer, port 1"},
		/* What is inside the NIC is not the wire. */
		{"iiii", "--vf 0 --id " ID, .peer = "vf", .arp = "A",
		 .says = "eth1? peer? 192.0.2.1? VF 0: 192.0.2.1, port 1"},
		{"iiii", "--vf 0 --id " ID, .arp = "A",
		 .says = "eth1? peer? 192.0.2.1? VF 0: 192.0.2.1, port 1"},
		/* The first that answers to everybody, else the first that answers. */
		{"iiii", "--vf 0", .arp = "aA",
		 .says = "eth1? 192.0.2.1? 192.0.2.2? VF 0: 192.0.2.2, port 1"},
		{"iiii", "--vf 0", .arp = "taaa",
		 .says = "eth1? 192.0.2.1? 192.0.2.2? 192.0.2.3? VF 0: 192.0.2.2 alone, sender 3, "
			 "port 1"},
		/* No more than three are asked. */
		{"iiii", "--vf 0", .arp = "v-1A",
		 .says = "eth1? 192.0.2.1? 192.0.2.2? 192.0.2.3? VF 0: VF, sender 3, port 1"},
		{"iiii", "--vf 0", .arp = "---A",
		 .says = "eth1? 192.0.2.1? 192.0.2.2? 192.0.2.3? VF 0: VF, sender 3, port 1"},
		{"iiii", "--vf 0", .says = "eth1? VF 0: VF, sender 3, port 1"},
		{"ivvv", "--vf 0", .says = NO_SOURCE},
	};

	play(host, rows, ROWS(rows));
}

CASE(a_source_that_is_named_and_not_there)
{
	static const struct row rows[] = {
		{"iiii", "--vf 0 --from eth1", .heard = "eth1", .says = "eth1? VF 0: eth1, port 1"},
		{"iiii", "--vf 0 --from eth1",
		 .says = "eth1? eth0 does not hear eth1: a broadcast test frame sent there did not "
			 "arrive / Are both on one segment? nfprobe without --from looks for a "
			 "netdev that is heard."},
		{"iiii", "--vf 0 --from eth1 --vlan 100",
		 .says = "eth1? eth0 does not hear eth1: a broadcast test frame sent there did not "
			 "arrive / Does the VLAN filter of eth0 (rx-vlan-filter) let VLAN 100 in? "
			 "Are both on one segment, and is the VLAN allowed on both switch "
			 "ports? nfprobe without --from looks for a netdev that is heard."},
		{"iiii", "--vf 0 --from peer:02:09:00:00:00:01 --id " ID, .peer = "wire",
		 .says = "peer? VF 0: peer, port 1"},
		{"iiii", "--vf 0 --from peer:02:09:00:00:00:01 --id " ID,
		 .says = "peer? no reflector with this id answers eth0 from 02:09:00:00:00:01 / Is "
			 "nfprobe --reflect running there, with this id, and is its interface on "
			 "the segment of eth0?"},
		{"iiii", "--vf 0 --from peer:02:09:00:00:00:01 --id " ID, .peer = "vf",
		 .says = "peer? the reflector has the address of VF 1 of eth0 (02:00:00:00:01:01): "
			 "its frames would come through the NIC's own switch, not from the wire / "
			 "Name one that is not a guest on this NIC."},
		{"iiii", "--vf 0 --from arp", .arp = "A",
		 .says = "192.0.2.1? VF 0: 192.0.2.1, port 1"},
		{"iiii", "--vf 0 --from arp",
		 .says = "--from arp: no default gateway is reached through eth0 / Name a "
			 "neighbour on the segment of eth0: --from arp:IP."},
		{"iiii", "--vf 0 --from arp", .arp = "nA",
		 .says = "--from arp: no default gateway is reached through eth0 / Name a "
			 "neighbour on the segment of eth0: --from arp:IP."},
		{"iiii", "--vf 0 --from arp:192.0.2.2", .arp = "Aa",
		 .says = "192.0.2.2? VF 0: 192.0.2.2 alone, sender 3, port 1"},
		{"iiii", "--vf 0 --from arp:192.0.2.2 --vlan 100", .arp = "A-",
		 .says = "192.0.2.2? 192.0.2.2 does not answer ARP probes from eth0, VLAN 100 / Is "
			 "it on the segment of eth0, and does it answer arping -0 192.0.2.2? "
			 "--from arp:IP names another neighbour."},
		{"iiii", "--vf 0 --from arp:192.0.2.2", .arp = "A1",
		 .says = "192.0.2.2? 192.0.2.2 does not answer ARP probes that are sent to it "
			 "alone from eth0 / Is it on the segment of eth0, and does it answer "
			 "arping -0 192.0.2.2? --from arp:IP names another neighbour."},
		{"iiii", "--vf 0 --from arp:192.0.2.2", .arp = "At",
		 .says = "192.0.2.2? 192.0.2.2 answers ARP, but always to the sender of the frame, "
			 "not to the hardware address that a probe names: no answer of it would go "
			 "to the test address / Name another neighbour on the segment of eth0: "
			 "--from arp:IP."},
		{"iiii", "--vf 0 --from arp:192.0.2.2", .arp = "Av",
		 .says = "192.0.2.2? 192.0.2.2 has the address of VF 1 of eth0 "
			 "(02:00:00:00:01:01): its frames would come through the NIC's own switch, "
			 "not from the wire / Name one that is not a guest on this NIC."},
	};

	play(host, rows, ROWS(rows));
}

CASE(a_dry_run_asks_nobody)
{
	static const struct row rows[] = {
		{"iiii", "--vf 0 -n", .says = "VF 0: a netdev, port 1"},
		{"iiii", "--vf 0 -n --from eth1", .says = "VF 0: a netdev, port 1"},
		{"iiii", "--vf 0 -n --from pf", .says = "VF 0: pf, port 1"},
		{"iiii", "--vf 0 -n --from vf:1", .says = "VF 0: VF, sender 1, port 2"},
	};

	play(host, rows, ROWS(rows));
}

CASE(who_helps)
{
	static const struct row rows[] = {
		{"iiii", "--vf 3", .heard = "eth1", .says = "eth1? VF 3: eth1, port 0"},
		/* Who sends has no other part. */
		{"iiii", "--vf 3 --from vf:0", .says = "VF 3: VF, sender 0, port 1"},
		{"iiii", "--vf 3 --style vf-bridge:2", .says = "eth1? VF 3: VF, sender 1, port 2"},
		{"viii", "--vf 3", .heard = "eth1", .says = "eth1? VF 3: eth1, port 1"},
		/* One that loses nothing, else one that somebody has set up. */
		{"sisi", "--vf 3", .heard = "eth1", .says = "eth1? VF 3: eth1, port 1"},
		/* One without a driver is no port and no sender. */
		{"s.si", "--vf 3", .heard = "eth1", .says = "eth1? VF 3: eth1, port 0"},
		{"v..i", "--vf 3", .heard = "eth1", .says = "eth1? VF 3: eth1"},
		{"v..i", "--vf 3", .says = NO_SOURCE},
		/* Others that are up play no part. */
		{"iuii", "--vf 3", .heard = "eth1", .says = "eth1? VF 3: eth1, port 0"},
	};

	play(host, rows, ROWS(rows));
}

static const char *refusal(struct host *host, const char *args, bool net_admin,
			   struct nfp_roles *ret_roles)
{
	static char said[512];
	struct nfp_request request;
	struct nfp_found found = {0};
	struct nfp_roles_input input = {.request = &request,
					.topology = &host->topology,
					.pf = &host->pf,
					.net_admin = net_admin,
					.found = &found};
	struct nfp_err err = {0}, why;

	stack(host);
	parse(args, &request);
	input.dry = request.mode == NFP_MODE_DRY_RUN;
	said[0] = '\0';
	if (nfp_roles_pick_vf(&input, ret_roles, &why, &err) < 0)
		snprintf(said, sizeof(said), "%s", err.message);
	nfp_request_fini(&request);
	return said;
}

CASE(a_pf_that_another_run_has_is_refused)
{
	struct nfp_roles roles;

	make_vfs(host, "iiii");
	host->vfs[2].trace = NFP_TRACE_PROBED;
	strcpy(host->vfs[2].user, "nfprobe probes it");
	assert_string_equal(refusal(host, "--vf 0", true, &roles),
			    "VF 2 of eth0: nfprobe probes it");
	host->vfs[2].trace = NFP_TRACE_LEFT;
	assert_string_equal(refusal(host, "--vf 0", true, &roles),
			    "VF 2 of eth0: left by an interrupted run, whose changes a run would "
			    "undo first");
	assert_false(roles.have_vf);
}

/* Without CAP_NET_ADMIN the kernel reports no eswitch mode, and a dry run goes on. */
CASE(an_eswitch_mode_that_nobody_may_read_refuses_nobody)
{
	struct nfp_roles roles;

	make_vfs(host, "iiii");
	host->pf.eswitch_errno = EPERM;
	assert_string_equal(refusal(host, "--vf 0 -n", false, &roles), "");
	assert_int_equal(roles.status, NFP_VF_PROBED);
	assert_non_null(strstr(refusal(host, "--vf 0", true, &roles), "the eswitch mode of eth0"));
}

/* From a sibling, frames come without a cable. */
CASE(a_pf_without_carrier_needs_a_sender_inside)
{
	struct nfp_roles roles;

	make_vfs(host, "iiii");
	host->pf.carrier = false;
	assert_string_equal(refusal(host, "--vf 0", true, &roles), "eth0 has no carrier");
	assert_string_equal(refusal(host, "--vf 0 --from vf:1", true, &roles), "");
	assert_string_equal(refusal(host, "--vf 0 --from eth0v1", true, &roles), "");
}

/* Whoever uses the VF: no frame is sent, and no VF is touched. */
CASE(a_lag_is_the_answer_of_a_run)
{
	struct nfp_roles roles;

	make_vfs(host, "viii");
	strcpy(host->pf.info.master, "bond0");
	strcpy(host->pf.info.master_kind, "bond");
	assert_string_equal(refusal(host, "--vf 0", true, &roles),
			    "eth0 is a member of bond0 (bond)");
	strcpy(host->pf.info.lag, "802.3ad");
	assert_string_equal(refusal(host, "--vf 0", true, &roles), "");
	assert_true(roles.in_lag);
	assert_int_equal(roles.status, NFP_VF_PROBED);
	assert_string_equal(refusal(host, "--vf any", true, &roles), "");
	assert_int_equal(roles.number, 0);
	assert_non_null(strstr(refusal(host, "--vf 9", true, &roles), "eth0 has no VF 9"));
	assert_false(roles.in_lag);
	assert_string_equal(refusal(host, "--vf 0 -n", true, &roles),
			    "eth0 is a member of bond0 (bond)");
}

static void put_into_bond(struct host *host, const char *mode, bool backup)
{
	make_vfs(host, "iiii");
	strcpy(host->pf.info.master, "br0");
	strcpy(host->pf.info.master_kind, "bond");
	snprintf(host->pf.info.bond_mode, sizeof(host->pf.info.bond_mode), "%s", mode);
	host->pf.info.bond_backup = backup;
}

CASE(the_active_member_of_a_bond_is_probed)
{
	static const struct row active[] = {
		{"iiii", "--vf 0", .heard = "eth1", .says = "eth1? VF 0: eth1, port 1"},
		{"iiii", "--vf 0", .arp = "A", .says = "eth1? 192.0.2.1? VF 0: 192.0.2.1, port 1"},
	};

	put_into_bond(host, "active-backup", false);
	play(host, active, ROWS(active));
	put_into_bond(host, "balance-tlb", false);
	play(host, active, ROWS(active));
}

/* Who must be asked from there is no source. */
CASE(nothing_is_asked_from_a_silent_member)
{
	static const struct {
		const char *mode;
		bool backup;
	} members[] = {{"active-backup", true},
		       {"balance-tlb", true},
		       {"balance-alb", false},
		       {"balance-alb", true}};
	static const struct row silent[] = {
		{"iiii", "--vf 0", .heard = "eth1", .says = "eth1? VF 0: eth1, port 1"},
		{"iiii", "--vf 0 --id " ID, .arp = "A", .peer = "wire",
		 .says = "eth1? VF 0: VF, sender 3, port 1"},
	};
	static const char *const refused[] = {"--from arp", ("--from peer --id " ID), "--from pf"};
	struct nfp_roles roles;

	for (size_t i = 0; i < ROWS(members); i++) {
		put_into_bond(host, members[i].mode, members[i].backup);
		play(host, silent, ROWS(silent));
		for (size_t k = 0; k < ROWS(refused); k++) {
			char args[96];

			snprintf(args, sizeof(args), "--vf 0 %s", refused[k]);
			assert_non_null(strstr(refusal(host, args, true, &roles),
					       "by which a run sends nothing"));
		}
		assert_string_equal(refusal(host, "--vf 0 --from vf:1", true, &roles), "");
	}
}

/* Inactive, it hands its bond unicast that is not its own, once it is promiscuous. */
CASE(balance_alb_under_a_bridge_has_no_inactive_member_probed)
{
	struct nfp_roles roles;

	for (int backup = 0; backup < 2; backup++) {
		put_into_bond(host, "balance-alb", backup);
		host->links[0].master = BRIDGE;
		/* A VLAN netdev on the bond is a port of a bridge. */
		host->links[6].link = BRIDGE;
		host->links[6].master = 77;
		if (backup)
			assert_non_null(strstr(refusal(host, "--vf 0", true, &roles),
					       "eth0.100 is a port of a bridge"));
		else
			assert_string_equal(refusal(host, "--vf 0", true, &roles), "");
		put_into_bond(host, "active-backup", backup);
		assert_string_equal(refusal(host, "--vf 0", true, &roles), "");
	}
}

/* Its bond lets in the VLANs that a netdev on it has. */
CASE(a_vf_in_a_vlan_needs_a_netdev_on_the_bond)
{
	struct nfp_roles roles;

	put_into_bond(host, "active-backup", false);
	assert_string_equal(refusal(host, "--vf 0 --vlan 100", true, &roles),
			    "VF 0 is in VLAN 100, in which br0 has no netdev: its members do not "
			    "let it in");
	strcpy(host->links[6].kind, "vlan");
	host->links[6].vlan_id = 100;
	host->links[6].link = BRIDGE;
	assert_string_equal(refusal(host, "--vf 0 --vlan 100", true, &roles), "");
	host->vfs[0].attr.vlan.vid = 101;
	assert_non_null(strstr(refusal(host, "--vf 0", true, &roles), "VF 0 is in VLAN 101"));
}

/* One by which a run speaks comes first. */
CASE(a_list_proposes_the_active_member)
{
	struct nfp_pf pfs[2];

	put_into_bond(host, "active-backup", true);
	pfs[0] = pfs[1] = host->pf;
	assert_ptr_equal(nfp_next_command(pfs, 2, false).pf, &pfs[0]);
	pfs[1].info.bond_backup = false;
	assert_ptr_equal(nfp_next_command(pfs, 2, false).pf, &pfs[1]);
	assert_ptr_equal(nfp_next_command(pfs, 1, false).pf, &pfs[0]);
}

CASE(a_list_proposes_what_can_be_done)
{
	struct nfp_pf pfs[2] = {host->pf, host->pf};

	make_vfs(host, "vfii");
	pfs[0].num_vfs = pfs[0].info.num_vfs = 0;
	assert_int_equal(nfp_next_command(pfs, 2, false).what, NFP_NEXT_PROBE);
	assert_ptr_equal(nfp_next_command(pfs, 2, false).vf, &host->vfs[2]);
	assert_int_equal(nfp_next_command(pfs, 1, false).what, NFP_NEXT_CREATE);
	assert_int_equal(nfp_next_command(pfs, 0, false).what, NFP_NEXT_NOTHING);
	host->vfs[3].trace = NFP_TRACE_PROBED;
	assert_int_equal(nfp_next_command(&pfs[1], 1, false).what, NFP_NEXT_NOTHING);
	host->vfs[3].trace = NFP_TRACE_LEFT;
	assert_int_equal(nfp_next_command(pfs, 2, false).what, NFP_NEXT_RESTORE);
	host->vfs[3].trace = NFP_TRACE_NONE;
	pfs[1].flags = 0;
	assert_int_equal(nfp_next_command(pfs, 2, false).what, NFP_NEXT_SET_UP);
	pfs[1].xdp = 1;
	pfs[1].flags = IFF_UP;
	assert_int_equal(nfp_next_command(pfs, 2, false).what, NFP_NEXT_CREATE);
	pfs[0].info.ifname[0] = '\0';
	assert_int_equal(nfp_next_command(pfs, 2, false).what, NFP_NEXT_NOTHING);
	/* Who is not root sees less, and may be told to type it as root. */
	pfs[1].xdp = 0;
	pfs[1].eswitch_errno = EPERM;
	assert_int_equal(nfp_next_command(pfs, 2, false).what, NFP_NEXT_NOTHING);
	assert_int_equal(nfp_next_command(pfs, 2, true).what, NFP_NEXT_PROBE);
	make_vfs(host, "vvvv");
	host->vfs[1].use = NFP_USE_UNKNOWN;
	assert_int_equal(nfp_next_command(pfs, 2, false).what, NFP_NEXT_NOTHING);
	assert_int_equal(nfp_next_command(pfs, 2, true).what, NFP_NEXT_PROBE_ANY);
}

CASE(a_vf_in_use_is_refused_unless_forced_and_only_up)
{
	struct nfp_vf_info *vf = &host->vfs[1];

	for (unsigned int use = NFP_USE_IDLE; use <= NFP_USE_VFIO; use++) {
		struct nfp_err err = {0};
		bool idle = use == NFP_USE_IDLE, up = use == NFP_USE_NETDEV_UP;

		vf->use = (enum nfp_use)use;
		snprintf(vf->user, sizeof(vf->user), "qemu (pid 7)");
		assert_int_equal(nfp_vf_check_use(host->pf.info.ifname, vf, false, &err),
				 idle ? 0 : -EBUSY);
		assert_int_equal(nfp_vf_check_use(host->pf.info.ifname, vf, true, NULL),
				 idle || up ? 0 : -EBUSY);
		if (!idle) {
			assert_int_equal(err.code, NFP_E_VF_IN_USE);
			assert_non_null(strstr(err.message, "qemu (pid 7)"));
			assert_true(!nfp_hint_is_empty(&err.hint));
		}
	}
}

TEST_MAIN()
