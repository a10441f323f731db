// SPDX-License-Identifier: GPL-2.0-or-later
// The stream end to end over veth pairs: the accounting must say what the relay between them did.
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "netns/bed.h"
#include "base/base.h"
#include "traffic/sources.h"

#define MS   NFP_NSEC_PER_MSEC
#define RATE 1000U

static void assert_quiet(const struct bed *bed)
{
	struct nfp_wire_stats stats = bed_stats(bed);

	assert_int_equal(stats.drops, 0);
	assert_int_equal(stats.foreign, 0);
	assert_int_equal(stats.send_errors, 0);
}

static enum nfp_landing landing(const struct bed *bed, enum nfp_kind kind)
{
	struct nfp_count count = bed_count(bed, kind);

	return nfp_landing_of(&count);
}

/* Streams so many frames at the usual rates, until all of them have arrived that will. */
static void stream(struct bed *bed, unsigned int num)
{
	bed_plan(bed, RATE);
	bed_pump_frames(bed, num);
	bed_finish(bed);
}

/* ---- what arrives ---- */

/* The number sent is what the rate wants of the time asked for, give or take a tenth and one. */
static void assert_pace(const struct bed *bed, enum nfp_kind kind, unsigned int rate,
			uint64_t least_ns, uint64_t most_ns)
{
	assert_in_range(bed_count(bed, kind).sent, rate * least_ns * 9 / 10 / NFP_NSEC_PER_SEC - 1,
			rate * most_ns * 11 / 10 / NFP_NSEC_PER_SEC + 1);
}

#define CASE(name) TEST_OF(name, bed_make, bed_unmake, struct bed, bed)

CASE(all_frames_reach_the_pf)
{
	uint64_t before[2], after[2];

	bed_open_usual(bed);
	before[0] = nfp_clock_now();
	bed_plan(bed, RATE);
	before[1] = nfp_clock_now();
	bed_pump(bed, 500 * MS);
	after[0] = nfp_clock_now();
	bed_plan(bed, 0);
	after[1] = nfp_clock_now();
	bed_finish(bed);
	bed_assert_agrees(bed);
	assert_quiet(bed);
	for (int kind = 0; kind < NFP_KIND_VLAN_UNICAST; kind++)
		assert_int_equal(landing(bed, (enum nfp_kind)kind), NFP_LANDING_PF);
	/* The pace can only be held where the machine lets us run. */
	if (!bed_stats(bed).stalls) {
		uint64_t least = after[0] - before[1], most = after[1] - before[0];

		assert_pace(bed, NFP_KIND_UNICAST, RATE, least, most);
		for (int kind = NFP_KIND_BROADCAST; kind < NFP_KIND_VLAN_UNICAST; kind++)
			assert_pace(bed, (enum nfp_kind)kind, 20, least, most);
	}
}

/* Loss, duplicates, delays that reorder, and copies too late to count, everywhere and at once. */
CASE(agrees_with_a_bad_network)
{
	struct relay_rules rules = relay_all();
	struct relay_totals totals;

	bed_open_usual(bed);
	bed_listen_vf(bed);
	for (int to = 0; to < NFP_RECEIVER_COUNT; to++) {
		rules.to[to].lose = to == NFP_AT_PF ? 100 : 300;
		rules.to[to].twice = 80;
		rules.to[to].delay = 250;
		rules.to[to].late = 10;
	}
	for (uint64_t seed = 1; seed <= 3; seed++) {
		rules.seed = seed * 7919;
		relay_set(bed->relay, &rules);
		stream(bed, 700);
		bed_assert_agrees(bed);
	}
	totals = relay_totals(bed->relay);
	assert_true(totals.late > 0);
	assert_int_equal(bed_stats(bed).foreign, totals.late);
	assert_int_equal(bed_stats(bed).drops, 0);
	assert_true(nfp_accounting_max_latency(bed->accounting) > 20 * MS);
}

CASE(vlan_in_the_frame)
{
	struct nfp_stream_config config = bed_config(bed);
	struct relay_rules rules = relay_all();

	config.sender_vlan = config.pf_vlan = (struct nfp_vlan) {.vid = 100, .qos = 3};
	bed_open(bed, &config);
	bed_listen_vf(bed);
	rules.to[NFP_AT_VF].untag = true; /* as a VF with a VST VLAN gets them */
	relay_set(bed->relay, &rules);
	stream(bed, 200);
	bed_assert_agrees(bed);
	assert_quiet(bed);
	assert_int_equal(landing(bed, NFP_KIND_UNICAST), NFP_LANDING_BOTH);
}

/* Each kind in a VLAN is heard that has a tag. */
CASE(a_kind_has_a_tag_of_its_own)
{
	struct nfp_stream_config config = bed_config(bed);
	struct nfp_plan plan = {
		.unicast = {{0x02, 0, 0, 0, 0, 0x11}},
		.own = {{0x02, 0, 0, 0, 0, 0x44}},
		.rate = {[NFP_KIND_UNICAST] = RATE,
			 [NFP_KIND_VLAN_UNICAST] = 100,
			 [NFP_KIND_VLAN_OWN] = 100,
			 [NFP_KIND_VLAN_FREE] = 100},
	};

	config.tag[NFP_KIND_VLAN_UNICAST] = 100;
	config.tag[NFP_KIND_VLAN_FREE] = 200;
	bed_open(bed, &config);
	bed->wire.ops->plan(bed->wire.ctx, &plan);
	bed_pump(bed, 300 * MS);
	bed_plan(bed, 0);
	bed_finish(bed);
	assert_int_equal(landing(bed, NFP_KIND_VLAN_UNICAST), NFP_LANDING_PF);
	assert_int_equal(landing(bed, NFP_KIND_VLAN_FREE), NFP_LANDING_PF);
	assert_int_equal(landing(bed, NFP_KIND_VLAN_OWN), NFP_LANDING_NOWHERE);
}

static bool all_seen_at_vf(struct bed *bed)
{
	struct nfp_count count = bed_count(bed, NFP_KIND_UNICAST);

	return count.sent == count.at[NFP_AT_VF];
}

/* All unicast frames, or none. */
static void assert_seen(const struct bed *bed, enum nfp_receiver at, bool all)
{
	struct nfp_count count = bed_count(bed, NFP_KIND_UNICAST);

	assert_true(count.sent > 0);
	assert_int_equal(count.at[at], all ? count.sent : 0);
}

/* A standby on an 802.1Q child hears no frame that lost its tag, nor one of another VLAN. A guest's
 * VF hears no frame that kept one. */
CASE(frames_of_other_vlans_reach_nobody)
{
	static const uint16_t vids[][2] = {{100, 200}, {0, 100}, {100, 0}};

	for (size_t i = 0; i < 3; i++) {
		struct nfp_stream_config config = bed_config(bed);

		nfp_accounting_reset(bed->accounting);
		config.sender_vlan.vid = vids[i][0];
		config.pf_vlan.vid = vids[i][1];
		bed_open(bed, &config);
		bed_listen_vf(bed);
		stream(bed, 100);
		if (vids[i][0] == 0)
			bed_pump_until(bed, NET_PATIENCE_NS, all_seen_at_vf);
		assert_seen(bed, NFP_AT_PF, false);
		assert_seen(bed, NFP_AT_VF, vids[i][0] == 0);
		assert_true(bed_stats(bed).foreign >= bed_count(bed, NFP_KIND_UNICAST).sent);
		nfp_stream_close(bed->stream);
		bed->stream = NULL;
	}
}

static bool enough_sent(struct bed *bed)
{
	return bed_count(bed, NFP_KIND_UNICAST).sent > 100;
}

/* Frames of the PF itself are not frames that reached it. */
CASE(own_frames_are_not_heard)
{
	struct nfp_stream_config config = bed_config(bed);

	config.sender = bed->net.pf;
	config.sender_mac = net_mac("p0");
	bed_open(bed, &config);
	bed_plan(bed, RATE);
	bed_await(bed, enough_sent);
	bed_finish(bed);
	for (int kind = 0; kind < NFP_KIND_VLAN_UNICAST; kind++)
		assert_int_equal(landing(bed, (enum nfp_kind)kind), NFP_LANDING_NOWHERE);
	assert_quiet(bed);
}

/* ---- main and its threads ---- */

/* Another process stops this one for so long, and lets it go on. */
static void stop_for(int ms)
{
	pid_t parent = getpid(), child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		kill(parent, SIGSTOP);
		(void)poll(NULL, 0, ms);
		kill(parent, SIGCONT);
		_exit(0);
	}
	while (waitpid(child, NULL, 0) < 0)
		assert_int_equal(errno, EINTR);
}

/* The frames that were due meanwhile are left out: neither a burst nor lost. */
CASE(a_stopped_process_has_sent_nothing)
{
	uint64_t begin_ns, sent;

	bed_open_usual(bed);
	bed_plan(bed, RATE);
	bed_pump(bed, 200 * MS);
	sent = bed_count(bed, NFP_KIND_UNICAST).sent;
	begin_ns = bed->wire.ops->now(bed->wire.ctx);
	stop_for(1000);
	assert_true(bed->wire.ops->now(bed->wire.ctx) - begin_ns >= 1000 * MS);
	bed_pump(bed, 200 * MS);
	bed_finish(bed);
	/* The relay was stopped as well: what it had is late, which is as good as lost. */
	assert_int_equal(bed_stats(bed).drops, 0);
	assert_true(bed_stats(bed).stalls > 0);
	/* 200 in the time given, and 20 that were due: not the thousand of the stop. */
	assert_in_range(bed_count(bed, NFP_KIND_UNICAST).sent - sent, 1, 600);
	assert_int_equal(landing(bed, NFP_KIND_UNICAST), NFP_LANDING_PF);
}

CASE(pump_is_woken)
{
	struct nfp_stream_config config = bed_config(bed);
	int fd = eventfd(0, EFD_CLOEXEC);
	uint64_t now, one = 1;

	assert_true(fd >= 0);
	config.wake_fds[1] = fd;
	bed_open(bed, &config);
	now = bed->wire.ops->now(bed->wire.ctx);
	assert_int_equal(bed->wire.ops->pump(bed->wire.ctx, now, bed->accounting, NULL), 0);
	assert_int_equal(bed->wire.ops->pump(bed->wire.ctx, now + 20 * MS, bed->accounting, NULL),
			 0);
	assert_true(bed->wire.ops->now(bed->wire.ctx) >= now + 20 * MS);
	assert_int_equal(write(fd, &one, sizeof(one)), sizeof(one));
	assert_int_equal(
		bed->wire.ops->pump(bed->wire.ctx, now + 3600000 * MS, bed->accounting, NULL), 1);
	close(fd);
}

/* ---- announcements ---- */

CASE(announces_from_the_pf)
{
	struct nfp_stream_config config = bed_config(bed);
	const struct nfp_mac mac = {{0x02, 0xab, 0xcd, 0, 0, 1}};
	int fd = net_socket(bed->net.relay_pf);
	struct pollfd pollfd = {.fd = fd, .events = POLLIN};
	struct nfp_frame frame;
	uint8_t buf[256];
	struct nfp_err err = {0};
	ssize_t got;

	config.pf_vlan.vid = 100;
	bed_open(bed, &config);
	assert_int_equal(bed->wire.ops->announce(bed->wire.ctx, NFP_AT_PF, &mac, NULL), 0);
	assert_int_equal(poll(&pollfd, 1, 60000), 1);
	/* ARP, RARP and IPv4 come before. */
	for (int i = 0; i < NFP_ANNOUNCEMENT_PACKETS; i++)
		got = recv(fd, buf, sizeof(buf), 0);
	assert_true(got > 0);
	/* The kernel took the tag out of what the socket gets. */
	assert_int_equal(nfp_frame_parse(&bed->net.id, buf, (size_t)got, &frame), NFP_FRAME_OURS);
	assert_int_equal(frame.kind, NFP_KIND_ANNOUNCE);
	assert_true(nfp_mac_equal(&frame.src, &mac));
	assert_memory_equal(frame.dst.b, "\xff\xff\xff\xff\xff\xff", 6);
	close(fd);
	bed_pump(bed, 30 * MS);
	assert_quiet(bed);
	net_run("ip link set p0 down");
	assert_int_equal(bed->wire.ops->announce(bed->wire.ctx, NFP_AT_PF, &mac, &err), -ENETDOWN);
	assert_string_equal(err.message, "cannot announce the address from p0: Network is down");
}

/* A frame that comes back to PF or VF is none of the stream, and no foreign one. */
CASE(announcements_do_not_count)
{
	struct nfp_stream_config config = bed_config(bed);
	struct nfp_stream *other;
	struct nfp_wire wire;

	bed_open_usual(bed);
	bed_listen_vf(bed);
	config.pf = bed->net.sender; /* so that the relay passes it on */
	assert_int_equal(nfp_stream_open(&config, &other, NULL), 0);
	wire = nfp_stream_wire(other);
	assert_int_equal(wire.ops->announce(wire.ctx, NFP_AT_PF, &config.sender_mac, NULL), 0);
	bed_pump(bed, 50 * MS);
	nfp_stream_close(other);
	assert_int_equal(bed_count(bed, NFP_KIND_BROADCAST).sent, 0);
	assert_quiet(bed);
}

/* Announces @mac, and hands its frames on to the netdev that @fd sends to. */
static void announce_to(struct bed *bed, const struct nfp_mac *mac, int relay_fd, int fd)
{
	struct pollfd pollfd = {.fd = relay_fd, .events = POLLIN};
	uint8_t buf[256];
	ssize_t got;

	assert_int_equal(bed->wire.ops->announce(bed->wire.ctx, NFP_AT_PF, mac, NULL), 0);
	for (size_t i = 0; i < NFP_ANNOUNCEMENT_PACKETS; i++) {
		assert_int_equal(poll(&pollfd, 1, 60000), 1);
		got = recv(relay_fd, buf, sizeof(buf), 0);
		assert_true(got > 0);
		if (fd >= 0)
			assert_int_equal(send(fd, buf, (size_t)got, 0), got);
	}
}

/* Back at the PF, at the source alone, nowhere; another address; and each is told once. */
CASE(announcements_that_come_back_are_counted)
{
	const struct nfp_mac mac = {{0x02, 0xab, 0xcd, 0, 0, 1}};
	const struct nfp_mac other = {{0x02, 0xab, 0xcd, 0, 0, 2}};
	int pf = net_socket(bed->net.relay_pf), source = net_socket(bed->net.relay_in);
	struct nfp_announced_count count[NFP_RECEIVER_COUNT];

	bed_open_usual(bed);
	bed->wire.ops->announced(bed->wire.ctx, &mac, count);
	announce_to(bed, &mac, pf, pf);
	announce_to(bed, &mac, pf, source);
	announce_to(bed, &mac, pf, -1);
	announce_to(bed, &other, pf, pf);
	bed_pump(bed, NFP_ANNOUNCED_NS + 30 * MS);
	bed->wire.ops->announced(bed->wire.ctx, &mac, count);
	assert_int_equal(count[NFP_AT_PF].sent, 3);
	assert_int_equal(count[NFP_AT_PF].at_pf, 1);
	assert_int_equal(count[NFP_AT_PF].at_source_only, 1);
	assert_int_equal(count[NFP_AT_VF].sent, 0);
	bed->wire.ops->announced(bed->wire.ctx, &mac, count);
	assert_int_equal(count[NFP_AT_PF].sent, 0);
	close(source);
	close(pf);
}

/* A counter of this namespace, as /proc/net/snmp has it: a line of names, and one of numbers. */
static unsigned long long counter(const char *protocol, const char *name)
{
	char names[2048], numbers[2048], *at_names, *at_numbers, *a, *b;
	FILE *file = fopen("/proc/net/snmp", "re");

	assert_non_null(file);
	do {
		assert_non_null(fgets(names, sizeof(names), file));
		assert_non_null(fgets(numbers, sizeof(numbers), file));
	} while (strncmp(names, protocol, strlen(protocol)) != 0);
	fclose(file);
	a = strtok_r(names, " \n", &at_names);
	b = strtok_r(numbers, " \n", &at_numbers);
	while (a && strcmp(a, name) != 0) {
		a = strtok_r(NULL, " \n", &at_names);
		b = strtok_r(NULL, " \n", &at_numbers);
	}
	assert_non_null(b);
	return strtoull(b, NULL, 10);
}

struct counters {
	unsigned long long ignored, errors, forwarded;
};

static struct counters counters_now(void)
{
	return (struct counters) {.ignored = counter("Udp:", "IgnoredMulti"),
				  .errors = counter("Icmp:", "OutMsgs"),
				  .forwarded = counter("Ip:", "ForwDatagrams")};
}

/* A router that filters by reverse path and logs martians; its counters. */
static struct counters make_router(void)
{
	net_run("sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=1 "
		"net.ipv4.conf.all.log_martians=1");
	return counters_now();
}

/* It has answered and forwarded nothing since. Returns how many datagrams found nobody. */
static unsigned long long ignored_since(const struct counters *had)
{
	const struct counters now = counters_now();

	assert_int_equal(now.errors, had->errors);
	assert_int_equal(now.forwarded, had->forwarded);
	return now.ignored - had->ignored;
}

/* A router that filters by reverse path gives the datagram to UDP, which has nobody for it: it is
 * no martian. Nothing is forwarded, or comes back before the answer to a request behind it. */
CASE(no_host_answers_an_announcement)
{
	const struct nfp_mac mac = {{0x02, 0xab, 0xcd, 0, 0, 1}};
	int pf = net_socket(bed->net.relay_pf), source = net_socket(bed->net.relay_in);
	struct pollfd pollfd = {.fd = source, .events = POLLIN};
	struct counters had;
	const struct nfp_arp request = {.dst = nfp_mac_broadcast,
					.src = mac,
					.op = NFP_ARP_REQUEST,
					.sha = mac,
					.spa = {{192, 0, 2, 2}},
					.tpa = {{192, 0, 2, 1}}};
	uint8_t buf[256];
	struct nfp_arp answer;
	ssize_t got;

	net_run("ip address add 192.0.2.1/24 dev s0");
	had = make_router();
	bed_open_usual(bed);
	announce_to(bed, &mac, pf, source);
	assert_int_equal(send(source, buf, nfp_arp_build(&request, buf), 0), 42);
	assert_int_equal(poll(&pollfd, 1, 60000), 1);
	got = recv(source, buf, sizeof(buf), 0);
	assert_true(got > 0 && nfp_arp_parse(buf, (size_t)got, &answer));
	assert_true(answer.op == NFP_ARP_REPLY && nfp_mac_equal(&answer.dst, &mac));
	/* At the relay, and at the sender. */
	assert_int_equal(ignored_since(&had), 2);
	close(source);
	close(pf);
}

/* ---- netdevs that go down ---- */

static bool pf_hears_again(struct bed *bed)
{
	const struct nfp_slice *slices;
	size_t num = nfp_accounting_slices(bed->accounting, 0, &slices);

	return num && slices[num - 1].count[NFP_KIND_UNICAST].at[NFP_AT_PF] > 0;
}

static bool pf_hears_nothing(struct bed *bed)
{
	const struct nfp_slice *slices;
	size_t num = nfp_accounting_slices(bed->accounting, 0, &slices);

	return num > 2 && slices[num - 2].count[NFP_KIND_UNICAST].sent > 5 &&
	       !slices[num - 2].count[NFP_KIND_UNICAST].at[NFP_AT_PF];
}

CASE(capture_survives_a_reset)
{
	bed_open_usual(bed);
	bed_plan(bed, RATE);
	bed_await(bed, pf_hears_again);
	for (int i = 0; i < 3; i++) {
		net_run("ip link set p0 down");
		bed_await(bed, pf_hears_nothing);
		net_run("ip link set p0 up");
		bed_await(bed, pf_hears_again);
	}
	assert_int_equal(bed_stats(bed).drops, 0);
}

enum { MANY_ERRORS = 400, SOME_FRAMES = 50 };

static bool pf_has_heard_some(struct bed *bed)
{
	return bed_count(bed, NFP_KIND_UNICAST).at[NFP_AT_PF] >= SOME_FRAMES;
}

static bool errors_are_seen(struct bed *bed)
{
	return bed_stats(bed).send_errors > bed->errors + MANY_ERRORS;
}

/*
 * Runs it, and returns how many frames of the stream may get lost unseen meanwhile: while a netdev
 * goes down, the kernel takes frames that it does not send. How long that is depends on how busy
 * the machine is.
 */
static uint64_t lost_during(const char *command)
{
	uint64_t begin_ns = nfp_clock_now();

	net_run("%s", command);
	return 20 + (nfp_clock_now() - begin_ns) * RATE / NFP_NSEC_PER_SEC;
}

CASE(sender_survives_a_reset)
{
	struct nfp_count count, relayed[NFP_KIND_COUNT];
	struct nfp_wire_stats stats;
	uint64_t lost;

	bed_open_usual(bed);
	bed_plan(bed, RATE);
	bed_await(bed, pf_has_heard_some);
	lost = lost_during("ip link set s0 down");
	bed_await(bed, errors_are_seen);
	lost += lost_during("ip link set s0 up");
	bed_await(bed, pf_hears_again);
	bed_finish(bed);
	stats = bed_stats(bed);
	assert_true(stats.send_errors > 0);
	/* Frames that did not leave are not in the account. */
	count = bed_count(bed, NFP_KIND_UNICAST);
	assert_in_range(count.sent - count.at[NFP_AT_PF], 0, lost);
	relay_count(bed->relay, bed->start_ns, relayed);
	assert_in_range(count.at[NFP_AT_PF], SOME_FRAMES, relayed[NFP_KIND_UNICAST].sent);
}

/*
 * The kernel accepts what is sent without carrier, and discards it. Here it is the peer that is
 * down, which s0 itself cannot know.
 */
CASE(sender_without_carrier)
{
	struct nfp_count count;
	uint64_t lost = 0;

	bed_open_usual(bed);
	bed_plan(bed, RATE);
	bed_pump_frames(bed, 50);
	for (int i = 0; i < 2; i++) {
		bed->errors = bed_stats(bed).send_errors;
		lost += lost_during("ip link set s1 down");
		bed_await(bed, errors_are_seen);
		lost += lost_during("ip link set s1 up");
		bed_await(bed, pf_hears_again);
		bed_pump_frames(bed, 50);
	}
	bed_finish(bed);
	assert_true(bed_stats(bed).send_errors > 0);
	count = bed_count(bed, NFP_KIND_UNICAST);
	assert_in_range(count.sent - count.at[NFP_AT_PF], 0, lost);
}

CASE(vf_may_vanish_while_listening)
{
	bed_open_usual(bed);
	bed_listen_vf(bed);
	bed_plan(bed, RATE);
	bed_pump_frames(bed, 50);
	net_run("ip link del v1");
	bed_pump(bed, 100 * MS);
	(void)bed->wire.ops->listen_vf(bed->wire.ctx, NULL, false, NULL);
	bed_await(bed, pf_hears_again);
	net_run("ip link add v1 type veth peer name v2"); /* for the end of the test */
}

/*
 * A child of the PF to which the NIC itself hands unicast: what it gets counts as the PF's,
 * whatever the PF gets, and of the rest nothing counts twice.
 */
CASE(a_child_may_stand_in_for_the_pf)
{
	struct relay_rules rules = relay_all();
	struct nfp_err err = {0};

	bed_open_usual(bed);
	if (bed->wire.ops->listen_standby(bed->wire.ctx, &bed->net.vf, &err))
		fail_msg("%s", err.message);
	relay_set(bed->relay, &rules);
	stream(bed, 200);
	for (int kind = 0; kind < NFP_KIND_VLAN_UNICAST; kind++) {
		struct nfp_count count = bed_count(bed, (enum nfp_kind)kind);

		assert_true(count.sent > 0);
		assert_int_equal(count.at[NFP_AT_PF], count.sent);
		assert_int_equal(count.at[NFP_AT_VF], 0);
		assert_int_equal(count.duplicates, 0);
	}
	/* Only the PF gets it now, and then the PF stands for itself. */
	rules.to[NFP_AT_VF].lose = 1000;
	relay_set(bed->relay, &rules);
	for (int child = 1; child >= 0; child--) {
		bed->start_ns = bed->wire.ops->now(bed->wire.ctx);
		assert_int_equal(nfp_accounting_mark(bed->accounting, bed->start_ns), 0);
		if (!child)
			assert_int_equal(bed->wire.ops->listen_standby(bed->wire.ctx, NULL, NULL),
					 0);
		stream(bed, 200);
		assert_seen(bed, NFP_AT_PF, !child);
		assert_int_equal(landing(bed, NFP_KIND_BROADCAST), NFP_LANDING_PF);
	}
	assert_quiet(bed);
}

/* ---- what cannot be opened ---- */

static unsigned int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int num = 0;

	assert_non_null(dir);
	while (readdir(dir))
		num++;
	closedir(dir);
	return num;
}

CASE(says_what_it_cannot_open)
{
	struct nfp_stream_config config = bed_config(bed);
	struct nfp_stream *stream = NULL;
	struct nfp_capture *capture;
	struct nfp_err err = {0};
	struct nfp_netdev vf = bed->net.vf;
	unsigned int fds;

	nfp_stream_close(NULL);
	net_run("ip link set p0 down");
	assert_int_equal(nfp_stream_open(&config, &stream, &err), -ENETDOWN);
	assert_non_null(strstr(err.message, "p0"));
	net_run("ip link set p0 up && ip link set lo down");
	assert_int_equal(nfp_stream_open(&config, &stream, &err), -ENETDOWN);
	assert_non_null(strstr(err.message, "loopback of its network namespace is down"));
	net_run("ip link set lo up");
	config.pf.ifindex = 4711;
	assert_int_equal(nfp_stream_open(&config, &stream, &err), -ENODEV);
	assert_int_equal(err.code, NFP_E_NO_INTERFACE);
	assert_null(stream);
	bed_open_usual(bed);
	vf.netns_fd = STDIN_FILENO; /* no namespace */
	assert_true(bed->wire.ops->listen_vf(bed->wire.ctx, &vf, false, &err) < 0);
	assert_non_null(strstr(err.message, "namespace of v0"));
	/* Its capture is open already when it turns out that the netdev is gone. */
	vf = bed->net.vf;
	vf.ifindex = 4711;
	fds = open_fds();
	assert_int_equal(nfp_capture_open(&vf, "", 0, true, &capture, &err), -ENODEV);
	assert_int_equal(open_fds(), fds);
}

/* A name that udev changed in between does not matter: the index counts. */
CASE(finds_netdevs_by_index)
{
	net_run("ip link set p0 down && ip link set p0 name renamed0 && ip link set renamed0 up");
	net_await_path("p1", "renamed0");
	bed_open_usual(bed);
	stream(bed, 50);
	bed_assert_agrees(bed);
}

/* By each of these names pcap_create() of some build of libpcap opens another thing, or fails. */
CASE(hears_by_any_name)
{
	static const char *const names[] = {"any",     "nflog",	      "nfqueue",
					    "usbmon1", "usbmon+1",    "bluetooth0",
					    "vale0",   "dbus-system", "dbus-session"};
	const char *last = "p0";

	for (size_t i = 0; i < NFP_NUM(names); i++) {
		net_run("ip link set %s down && ip link set %s name %s && ip link set %s up", last,
			last, names[i], names[i]);
		last = names[i];
		net_await_path("p1", last);
		bed_open_usual(bed);
		stream(bed, 50);
		bed_assert_agrees(bed);
		nfp_stream_close(bed->stream);
		bed->stream = NULL;
		nfp_accounting_free(bed->accounting);
		bed->accounting = nfp_accounting_new();
	}
}

TEST_MAIN()
