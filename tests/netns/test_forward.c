// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bridges that lose a guest on its standby alone: what an audit finds there, and whether the
 * command that it prints helps. Frames come from the wire, and are counted at the guest's tap:
 *
 *   wire === eth0, the PF's netdev    br0: eth0, ctl (a tap of nobody's), vnet0 (the guest's tap)
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "audit/audit.h"
#include "harness.h"
#include "netns/net.h"
#include "../../src/net/inventory_priv.h"

#define GUEST  "52:54:00:00:00:12"
#define MARKER 0x88b7 /* the last of a burst */
#define FRAMES 10

static const uint8_t guest_mac[6] = {0x52, 0x54, 0, 0, 0, 0x12};
static const uint8_t group_mac[6] = {0x33, 0x33, 0xff, 0, 0, 0x12}; /* of ff02::1:ff00:12 */
static const uint8_t nodes_mac[6] = {0x33, 0x33, 0, 0, 0, 1};
static const uint8_t all_mac[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static int wire, ctl, vnet0;

static int open_tap(const char *ifname)
{
	struct ifreq ifr = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	assert_true(fd >= 0);
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
	assert_int_equal(ioctl(fd, TUNSETIFF, &ifr), 0);
	return fd;
}

/* ctl is the first port of its bridge, and so the last to which a frame is flooded. */
static int make(void **state)
{
	unsigned int cpu;
	cpu_set_t one;

	(void)state;
	/* Frames of one processor keep their order. */
	CPU_ZERO(&one);
	assert_int_equal(getcpu(&cpu, NULL), 0);
	CPU_SET(cpu, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	net_run("ip link add wire type veth peer name eth0 && ip link set wire up");
	net_run("ip link add br0 type bridge && ip link set br0 up");
	ctl = open_tap("ctl");
	net_run("ip link set ctl master br0 up && ip link set eth0 master br0 up");
	vnet0 = open_tap("vnet0");
	net_run("ip link set vnet0 address fe:54:00:00:00:12 up");
	net_await_path("wire", "br0");
	wire = net_socket((int)if_nametoindex("wire"));
	return 0;
}

static int unmake(void **state)
{
	(void)state;
	close(wire);
	close(vnet0);
	close(ctl);
	net_run("ip link del wire && ip link del br0");
	return 0;
}

/* ---- frames ---- */

struct frame {
	struct ether_header head;
	uint8_t body[86];
};

static struct frame frame_to(const uint8_t to[6], uint16_t type)
{
	struct frame frame = {.head.ether_type = htons(type)};

	memcpy(frame.head.ether_dhost, to, 6);
	memcpy(frame.head.ether_shost, (const uint8_t[]) {2, 0, 0, 0, 0, 9}, 6);
	return frame;
}

static void send_frame(const struct frame *frame)
{
	assert_int_equal(send(wire, frame, sizeof(*frame), 0), sizeof(*frame));
}

/* Reads all that waits at a tap: how many frames are like @like? *marked: the marker was there. */
static size_t read_tap(int tap, const struct frame *like, bool *marked)
{
	struct frame got;
	size_t num = 0;
	ssize_t len;

	while ((len = read(tap, &got, sizeof(got))) > 0) {
		num += memcmp(&got.head, &like->head, sizeof(like->head)) == 0;
		*marked |= got.head.ether_type == htons(MARKER);
	}
	return num;
}

/* Sends it ten times: how often does it come to the guest's tap? */
static size_t count_at_tap(const struct frame *frame)
{
	const struct frame marker = frame_to(all_mac, MARKER);
	uint64_t until_ns = nfp_clock_now() + NET_PATIENCE_NS;
	bool marked = false, ignored = false;

	(void)read_tap(vnet0, frame, &ignored);
	for (int i = 0; i < FRAMES; i++)
		send_frame(frame);
	send_frame(&marker);
	while (!marked) {
		struct pollfd pfd = {.fd = ctl, .events = POLLIN};

		assert_true(nfp_clock_now() < until_ns);
		(void)poll(&pfd, 1, 1000);
		(void)read_tap(ctl, frame, &marked);
	}
	return read_tap(vnet0, frame, &ignored);
}

static size_t unicast(void)
{
	const struct frame frame = frame_to(guest_mac, 0x88b5);

	return count_at_tap(&frame);
}

static size_t broadcast(void)
{
	const struct frame frame = frame_to(all_mac, 0x88b5);

	return count_at_tap(&frame);
}

static uint16_t sum_of(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* A packet of MLD (RFC 2710): a query of all groups, or a report of one. */
static struct frame mld(uint8_t type, const uint8_t to_mac[6], const uint8_t group[16],
			uint8_t from)
{
	struct frame frame = frame_to(to_mac, ETHERTYPE_IPV6);
	uint8_t pseudo[64] = {0}, *ip = frame.body, *icmp = ip + 48;
	uint16_t sum;

	memcpy(ip, (const uint8_t[]) {0x60, 0, 0, 0, 0, 32, 0, 1, 0xfe, 0x80}, 10);
	ip[23] = from;
	memcpy(ip + 24, type == 130 ? (const uint8_t[16]) {0xff, 2, [15] = 1} : group, 16);
	/* Hop-by-hop: a router alert, and padding. */
	memcpy(ip + 40, (const uint8_t[]) {58, 0, 5, 2, 0, 0, 1, 0}, 8);
	icmp[0] = type;
	icmp[5] = type == 130; /* a millisecond to reply */
	if (type != 130)
		memcpy(icmp + 8, group, 16);
	memcpy(pseudo, ip + 8, 32);
	pseudo[35] = 24;
	pseudo[39] = 58;
	memcpy(pseudo + 40, icmp, 24);
	sum = sum_of(pseudo, sizeof(pseudo));
	icmp[2] = (uint8_t)(sum >> 8);
	icmp[3] = (uint8_t)sum;
	return frame;
}

/* A neighbour solicitation, as far as a bridge looks at it. */
static size_t solicited(void)
{
	struct frame frame = frame_to(group_mac, ETHERTYPE_IPV6);

	memcpy(frame.body, (const uint8_t[]) {0x60, 0, 0, 0, 0, 32, 58, 255, 0xfe, 0x80}, 10);
	frame.body[23] = 9;
	memcpy(frame.body + 24, (const uint8_t[16]) {0xff, 2, [11] = 1, [12] = 0xff, [15] = 0x12},
	       16);
	frame.body[40] = 135;
	return count_at_tap(&frame);
}

static size_t ipv4(void)
{
	struct frame frame = frame_to(guest_mac, ETHERTYPE_IP);
	uint8_t *ip = frame.body;
	uint16_t sum;

	memcpy(ip, (const uint8_t[]) {0x45, 0, 0,   86, 0, 1, 0,   0, 64, 17,
				      0,    0, 192, 0,	2, 1, 192, 0, 2,  2},
	       20);
	sum = sum_of(ip, 20);
	ip[10] = (uint8_t)(sum >> 8);
	ip[11] = (uint8_t)sum;
	ip[25] = 66; /* of UDP */
	return count_at_tap(&frame);
}

/* ---- what an audit says ---- */

/* eth0 is a PF. Its VF is this process's, as is vnet0; or nobody's, and the entries of tables are
 * a minute old. */
static void judge(bool has_vf, struct nfp_audit *ret_audit)
{
	static const struct nfp_strv all = {.n = 0};
	const struct nfp_reading how = {.netns_fd = -1, .most = NFP_FACTS_MAX};
	struct nfp_vf_info vf = {.attr = NFP_VF_ATTR_UNKNOWN, .bus = "pci"};
	struct nfp_pf pf = {.flags = IFF_UP,
			    .vfs = &vf,
			    .num_vfs = 1,
			    .eswitch_errno = EOPNOTSUPP,
			    .info = {.ifname = "eth0", .driver = "igb"}};
	struct nfp_guest_tap tap = {.ifname = "vnet0", .pid = getpid(), .in_netns = true};
	struct nfp_netns own = {.own_nsid = -1};
	struct nfp_facts facts = {.topology = {.pfs = &pf, .num_pfs = 1},
				  .netns = &own,
				  .num_netns = 1,
				  .taps = &tap,
				  .num_taps = 1,
				  .holders_known = true};

	pf.info.ifindex = (int)if_nametoindex("eth0");
	if (has_vf) {
		vf.use = NFP_USE_VFIO;
		vf.user_pid = getpid();
	}
	assert_int_equal(nfp_netns_read(NFP_SEE_LINKS | NFP_SEE_FDBS, &how, &own, NULL), 0);
	assert_int_equal(nfp_netfilter_read(nfp_sysroot_default(), &own.netfilter), 0);
	nfp_for_each (entry, own.entries, has_vf ? 0 : own.num_entries)
		entry->seen_cs += 6000;
	nfp_audit_judge(&facts, &all, ret_audit);
	nfp_netns_fini(&own);
}

static bool has_finding(bool has_vf, enum nfp_finding_code code)
{
	struct nfp_audit audit;
	bool has = false;

	judge(has_vf, &audit);
	nfp_for_each (f, audit.findings, audit.num_findings)
		has |= f->code == code;
	nfp_audit_fini(&audit);
	return has;
}

/* Its commands are run; and it is not found again. */
static void expect(bool has_vf, enum nfp_finding_code code, const char *what)
{
	const struct nfp_finding *found = NULL;
	struct nfp_audit audit;
	size_t at = 0;
	char *line;

	judge(has_vf, &audit);
	nfp_for_each (f, audit.findings, audit.num_findings)
		if (f->code == code)
			found = f;
	assert_non_null(found);
	assert_non_null(strstr(found->what, what));
	while ((line = nfp_commands_line(&found->commands, &at))) {
		print_message("%s\n", line);
		net_run("%s >/dev/null", line);
		free(line);
	}
	nfp_audit_fini(&audit);
	assert_false(has_finding(has_vf, code));
}

#define CASE(name) TEST_WITH(name, make, unmake)

CASE(a_bridge_as_new_loses_nothing)
{
	struct nfp_audit audit;

	net_run("ip link set br0 type bridge mcast_snooping 0");
	net_run("sysctl -qw net.bridge.bridge-nf-call-iptables=0");
	net_run("sysctl -qw net.bridge.bridge-nf-call-ip6tables=0");
	net_run("sysctl -qw net.bridge.bridge-nf-call-arptables=0");
	net_run("ip link set vnet0 master br0");
	judge(true, &audit);
	assert_int_equal(audit.num_findings, 0);
	nfp_audit_fini(&audit);
	assert_int_equal(unicast(), FRAMES);
	assert_int_equal(broadcast(), FRAMES);
	assert_int_equal(solicited(), FRAMES);
	assert_int_equal(ipv4(), FRAMES);
}

/* eth0 in br0, a veth to fwbr, and the tap in that. */
static void make_second(void)
{
	net_run("ip link add fwbr type bridge && ip link set fwbr up");
	net_run("ip link add fwpr type veth peer name fwln");
	net_run("ip link set fwpr master br0 up && ip link set fwln master fwbr up");
	net_run("ip link set vnet0 master fwbr");
	net_await_path("wire", "fwbr");
	assert_int_equal(unicast(), FRAMES);
}

static void unmake_second(void)
{
	net_run("ip link del fwpr && ip link del fwbr");
}

/* What the guest sends by its VF comes to eth0, too. */
static void send_by_vf(void)
{
	struct frame from_guest = frame_to(all_mac, 0x88b5);

	memcpy(from_guest.head.ether_shost, guest_mac, 6);
	assert_int_equal(count_at_tap(&from_guest), FRAMES);
}

/* A: two bridges have learned the guest where the NIC has shown it. */
CASE(a_second_bridge)
{
	make_second();
	send_by_vf();
	assert_int_equal(unicast(), 0);
	assert_int_equal(broadcast(), FRAMES);
	expect(false, NFP_FINDING_BRIDGE_LEARNED, "has " GUEST " behind ");
	assert_int_equal(unicast(), FRAMES);
	unmake_second();
}

/* The port towards the PF is what learns wrongly, of each bridge. */
CASE(two_bridges_that_do_not_learn)
{
	make_second();
	send_by_vf();
	net_run("bridge link set dev eth0 learning off && bridge fdb del " GUEST
		" dev eth0 master");
	assert_int_equal(unicast(), 0);
	net_run("bridge link set dev fwln learning off && bridge fdb del " GUEST
		" dev fwln master");
	assert_int_equal(unicast(), FRAMES);
	send_by_vf();
	assert_int_equal(unicast(), FRAMES);
	unmake_second();
}

/* libvirt keeps the table of the guest's bridge alone, in which its entry moves. */
CASE(a_static_bridge_behind_another)
{
	make_second();
	net_run("bridge link set dev vnet0 learning off flood off");
	net_run("bridge fdb add " GUEST " dev vnet0 master static");
	net_run("bridge link set dev eth0 learning off");
	assert_int_equal(unicast(), FRAMES);
	send_by_vf();
	assert_int_equal(unicast(), 0);
	unmake_second();
}

/* B: STP was on when the guest's tap came. */
CASE(a_port_that_listens)
{
	net_run("ip link set br0 type bridge stp_state 1");
	net_run("ip link set vnet0 master br0");
	assert_int_equal(unicast(), 0);
	assert_int_equal(broadcast(), 0);
	expect(true, NFP_FINDING_NOT_FORWARDING, "vnet0 of br0 does not forward (");
	assert_int_equal(unicast(), FRAMES);
	assert_int_equal(broadcast(), FRAMES);
	net_run("ip link set vnet0 nomaster && ip link set vnet0 master br0");
	assert_int_equal(broadcast(), FRAMES);
}

CASE(stp_is_told_before_a_guest_comes)
{
	net_run("ip link set br0 type bridge stp_state 1");
	expect(true, NFP_FINDING_STP_DELAY, "br0 holds each new port back (STP) for 30 s");
	net_run("ip link set vnet0 master br0");
	assert_int_equal(broadcast(), FRAMES);
}

/* Each row: a setting of a port, how many unicast frames then pass, and the sentence about it. */
CASE(a_port_is_set_so)
{
	static const struct {
		const char *setting;
		size_t unicast;
		const char *what;
	} rows[] = {
		{"isolated on && bridge link set dev eth0 isolated on", 0,
		 "vnet0 of br0 is isolated from the PF"},
		{"bcast_flood off", FRAMES, "vnet0 of br0 gets no broadcasts"},
		{"proxy_arp on", 0, "vnet0 of br0 has proxy_arp"},
	};

	nfp_for_each (row, rows, NFP_NUM(rows)) {
		print_message("%s\n", row->setting);
		net_run("ip link set vnet0 master br0");
		net_run("ip link set vnet0 type bridge_slave %s", row->setting);
		assert_int_equal(unicast(), row->unicast);
		assert_int_equal(broadcast(), 0);
		expect(true, NFP_FINDING_NOT_FORWARDING, row->what);
		assert_int_equal(unicast(), FRAMES);
		assert_int_equal(broadcast(), FRAMES);
		net_run("ip link set vnet0 nomaster");
	}
}

/* C: a querier is on the wire, and the guest has joined its group by its VF. */
CASE(a_bridge_that_snoops)
{
	static const uint8_t group[16] = {0xff, 2, [11] = 1, [12] = 0xff, [15] = 0x12};
	const struct frame query = mld(130, nodes_mac, group, 1);
	const struct frame report = mld(131, group_mac, group, 0x12);
	uint64_t until_ns = nfp_clock_now() + NET_PATIENCE_NS;

	net_run("ip link set vnet0 master br0");
	assert_int_equal(solicited(), FRAMES);
	assert_false(has_finding(true, NFP_FINDING_BRIDGE_SNOOPS));
	(void)count_at_tap(&query);
	(void)count_at_tap(&report);
	/* It waits for reports, for as long as the query says. */
	while (solicited() != 0)
		assert_true(nfp_clock_now() < until_ns);
	assert_int_equal(unicast(), FRAMES);
	assert_int_equal(broadcast(), FRAMES);
	expect(true, NFP_FINDING_BRIDGE_SNOOPS, "vnet0 of br0 gets only groups");
	assert_int_equal(solicited(), FRAMES);
}

/* D: a policy of a firewall's or Docker's. */
CASE(a_bridge_whose_frames_pass_netfilter)
{
	if (access("/proc/sys/net/bridge", F_OK) != 0 || system("iptables -nL >/dev/null 2>&1"))
		skip();
	net_run("ip link set vnet0 master br0");
	net_run("sysctl -qw net.bridge.bridge-nf-call-iptables=1 && iptables -P FORWARD DROP");
	assert_int_equal(ipv4(), 0);
	assert_int_equal(unicast(), FRAMES);
	expect(true, NFP_FINDING_BRIDGE_NETFILTER, "br0 gives the frames between its ports");
	assert_int_equal(ipv4(), FRAMES);
	net_run("iptables -P FORWARD ACCEPT");
}

TEST_MAIN()
