// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A stream of ARP probes over a veth pair, against the kernel's own
 * answers from a namespace and against lwIP's; and who answers a question, and to whom. Neighbours
 * that answer late, twice, seldom, or what nobody asked: unit/test_arp.c and test_arp_pending.c.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "netns/net.h"
#include "netns/neighbour.h"
#include "netns/stack.h"
#include "../../src/app/run_priv.h"
#include "traffic/sources.h"
#include "base/base.h"

#define SEC NFP_NSEC_PER_SEC
#define MS  NFP_NSEC_PER_MSEC

static const struct nfp_mac x = {{2, 0, 0, 0, 0, 0x11}}, unregistered_mac = {{2, 0, 0, 0, 0, 0x22}};
static const struct nfp_ipv4 ip = {{192, 0, 2, 1}};

struct bed {
	struct nfp_netdev pf;
	struct nfp_mac pf_mac, gateway_mac;
	struct neighbour *neighbour; /* NULL: the kernel's */
	int netns_fd;		     /* where that is; -1: none */
	struct nfp_netdev sibling;   /* sends the control, too; ifindex 0: none does */
	struct nfp_mac sibling_mac;
	struct nfp_codec ops;
	struct nfp_stream *stream;
	struct nfp_wire wire;
	struct nfp_frame_accounting *accounting;
};

static void make_pair(struct bed *bed)
{
	*bed = (struct bed) {.netns_fd = -1};
	/* A test that failed may have left them. */
	net_run("ip link del p0 2>/dev/null || :");
	net_run("ip link add p0 type veth peer name g0");
	net_run("ip link set p0 up && ip link set g0 up");
	net_await_path("p0", "g0");
	net_await_path("g0", "p0");
	bed->pf = net_netdev("p0");
	bed->pf_mac = net_mac("p0");
	bed->gateway_mac = net_mac("g0");
}

static void make_scripted(struct bed *bed, const struct neighbour_manners *manners)
{
	make_pair(bed);
	bed->neighbour = neighbour_start(net_netdev("g0").ifindex, &bed->gateway_mac, &ip, manners);
}

static void make_kernel(struct bed *bed)
{
	struct nfp_err err = {0};
	int self = getpid();

	make_pair(bed);
	if (nfp_netns_new(&bed->netns_fd, &err))
		fail_msg("%s", err.message);
	net_run("ip link set g0 netns /proc/%d/fd/%d", self, bed->netns_fd);
	net_run("nsenter --net=/proc/%d/fd/%d sh -ec "
		"'ip link set g0 up && ip address add 192.0.2.1/24 dev g0'",
		self, bed->netns_fd);
}

static void unmake(struct bed *bed)
{
	nfp_stream_close(bed->stream);
	free(bed->ops.ctx);
	nfp_accounting_free(bed->accounting);
	neighbour_stop(bed->neighbour);
	net_run("ip link del p0");
	if (bed->netns_fd >= 0)
		close(bed->netns_fd);
}

static void begin(struct bed *bed, bool aloud)
{
	struct nfp_arp_config config = {
		.id = {.run = {1, 2, 3}, .key = {4, 5, 6}},
		.pf_mac = bed->pf_mac,
		.ip = ip,
		.neighbour = bed->gateway_mac,
		.broadcast_reply = aloud,
		.sibling = bed->sibling_mac,
	};
	struct nfp_stream_config stream = {
		.id = config.id,
		.second_sender = bed->sibling,
		.sender = bed->pf,
		.sender_mac = bed->pf_mac,
		.pf = bed->pf,
		.wake_fds = {-1, -1},
	};
	const struct nfp_plan plan = {
		.unicast = x,
		.unregistered_mac = unregistered_mac,
		.rate = {[NFP_KIND_UNICAST] = 8,
			 [NFP_KIND_BROADCAST] = 4,
			 [NFP_KIND_UNREGISTERED] = 1},
	};
	struct nfp_err err = {0};

	bed->ops = nfp_arp_codec_new(&config);
	bed->accounting = nfp_accounting_new();
	stream.codec = &bed->ops;
	if (nfp_stream_open(&stream, &bed->stream, &err))
		fail_msg("%s", err.message);
	bed->wire = nfp_stream_wire(bed->stream);
	bed->wire.ops->plan(bed->wire.ctx, &plan);
}

static void pump(struct bed *bed, uint64_t for_ns)
{
	uint64_t until = bed->wire.ops->now(bed->wire.ctx) + for_ns;
	struct nfp_err err = {0};

	if (bed->wire.ops->pump(bed->wire.ctx, until, bed->accounting, &err) < 0)
		fail_msg("%s", err.message);
}

static struct nfp_wire_stats stats(const struct bed *bed)
{
	struct nfp_wire_stats sum;

	bed->wire.ops->stats(bed->wire.ctx, &sum);
	return sum;
}

/* @alone NULL: everybody is asked. */
static struct nfp_arp_answers ask(const struct bed *bed, const struct nfp_mac *alone, bool aloud)
{
	const struct nfp_arp_query query = {
		.pf = bed->pf,
		.pf_mac = bed->pf_mac,
		.ip = ip,
		.alone = alone != NULL,
		.neighbour = alone ? *alone : (struct nfp_mac) {{0}},
		.broadcast_reply = aloud,
	};
	struct nfp_arp_answers answers;
	struct nfp_err err = {0};

	if (nfp_arp_ask(&query, &answers, &err))
		fail_msg("%s", err.message);
	return answers;
}

/* Ends the stream, waits for what is under way. */
static void finish(struct bed *bed, struct nfp_count count[NFP_KIND_COUNT])
{
	const struct nfp_plan silence = {.unicast = x, .unregistered_mac = unregistered_mac};

	bed->wire.ops->plan(bed->wire.ctx, &silence);
	pump(bed, 600 * MS);
	nfp_accounting_sum(bed->accounting, 0, UINT64_MAX, count);
}

/* ---- real stacks as the neighbour ---- */

static void has_learned_nothing(const struct bed *bed)
{
	char command[128], line[256] = "";
	FILE *out;

	snprintf(command, sizeof(command),
		 "nsenter --net=/proc/%d/fd/%d ip neigh show nud all dev g0", getpid(),
		 bed->netns_fd);
	out = popen(command, "r");
	assert_non_null(out);
	while (fgets(line, sizeof(line), out)) {
		if (strstr(line, "192.0.2.") || (strstr(line, "lladdr") && !strstr(line, "NOARP")))
			fail_msg("the neighbour has learned: %s", line);
	}
	assert_int_equal(pclose(out), 0);
}

/*
 * Each was answered once. The neighbour is a thread: on a starved machine it answers after the
 * next probe was sent, which then has one more and its own probe one less, and the last one after
 * the end.
 */
static void has_nearly_all(const struct nfp_count *count)
{
	assert_in_range(count->at[NFP_AT_PF] + count->duplicates, count->sent - 1, count->sent);
	assert_true(count->at[NFP_AT_PF] * 10 >= count->sent * 8);
}

static void all_is_answered(struct bed *bed, bool aloud, bool at_once)
{
	struct nfp_count count[NFP_KIND_COUNT];
	struct nfp_arp_answers answers = ask(bed, NULL, false);

	assert_int_equal(answers.num, 1);
	assert_true(nfp_mac_equal(&answers.macs[0], &bed->gateway_mac));
	answers = ask(bed, &bed->gateway_mac, aloud);
	assert_int_equal(answers.num, 1);
	assert_false(answers.to_sender);
	begin(bed, aloud);
	pump(bed, 3 * SEC);
	finish(bed, count);
	for (enum nfp_kind kind = 0; kind < NFP_KIND_COUNT; kind++) {
		if (kind != NFP_KIND_UNICAST && kind != NFP_KIND_BROADCAST &&
		    kind != NFP_KIND_UNREGISTERED)
			continue;
		assert_true(count[kind].sent >= 2);
		if (at_once) {
			assert_int_equal(count[kind].at[NFP_AT_PF], count[kind].sent);
			assert_int_equal(count[kind].duplicates, 0);
		} else {
			has_nearly_all(&count[kind]);
		}
		assert_int_equal(count[kind].at[NFP_AT_VF], 0);
	}
	assert_int_equal(stats(bed).foreign, 0);
	assert_int_equal(stats(bed).slowed, 0);
}

TEST(linux_answers_and_learns_nothing)
{
	struct bed bed;

	for (int aloud = 0; aloud < 2; aloud++) {
		make_kernel(&bed);
		all_is_answered(&bed, aloud, true);
		has_learned_nothing(&bed);
		unmake(&bed);
	}
}

TEST(lwip_answers_and_learns_nothing)
{
	struct stack *stack;
	struct bed bed;

	make_pair(&bed);
	stack = stack_start(net_socket(net_netdev("g0").ifindex), bed.gateway_mac.b, ip.b);
	if (!stack) {
		unmake(&bed);
		skip();
	}
	all_is_answered(&bed, true, false);
	assert_int_equal(stack_learned(stack), 0);
	stack_stop(stack);
	unmake(&bed);
}

/* ---- neighbours with manners of their own ---- */

TEST(who_answers_is_told)
{
	const struct neighbour_manners silent = {.silent = true};
	const struct neighbour_manners two = {.second = {{2, 0, 0, 0, 0, 0x77}}};
	struct bed bed;

	make_scripted(&bed, &silent);
	assert_int_equal(ask(&bed, NULL, false).num, 0);
	assert_int_equal(neighbour_asked(bed.neighbour, 3), 3);
	unmake(&bed);
	make_scripted(&bed, &two);
	assert_int_equal(ask(&bed, NULL, false).num, 2);
	/* Asked alone, only one counts. */
	assert_int_equal(ask(&bed, &bed.gateway_mac, false).num, 1);
	assert_int_equal(ask(&bed, &bed.gateway_mac, true).num, 1);
	unmake(&bed);
}

TEST(to_whom_it_answers_is_told)
{
	const struct neighbour_manners only_one = {.only_one = true}, astray = {.to_sender = true};
	struct nfp_arp_answers answers;
	struct bed bed;

	make_scripted(&bed, &only_one);
	answers = ask(&bed, &bed.gateway_mac, true);
	assert_int_equal(answers.num, 0);
	assert_false(answers.to_sender);
	assert_int_equal(neighbour_asked(bed.neighbour, 3), 3);
	assert_int_equal(ask(&bed, &bed.gateway_mac, false).num, 1);
	unmake(&bed);
	make_scripted(&bed, &astray);
	/* Asked by the frame's own source it cannot be told. */
	answers = ask(&bed, &bed.gateway_mac, false);
	assert_int_equal(answers.num, 1);
	assert_false(answers.to_sender);
	answers = ask(&bed, &bed.gateway_mac, true);
	assert_int_equal(answers.num, 0);
	assert_true(answers.to_sender);
	unmake(&bed);
}

static const struct nfp_pf *pf_of(const struct bed *bed, struct nfp_pf *ret_pf)
{
	*ret_pf = (struct nfp_pf) {.info = {.ifname = "p0", .ifindex = bed->pf.ifindex}};
	ret_pf->info.address = bed->pf_mac;
	return ret_pf;
}

TEST(a_silent_one_is_named)
{
	const struct neighbour_manners silent = {.silent = true};
	const struct nfp_request request = {
		.from = {.kind = NFP_FROM_ARP, .have_ip = true, .ip = ip}};
	struct nfp_run run = {.request = &request, .vlan = {.vid = 100}};
	struct nfp_err err = {0};
	struct nfp_pf pf;
	struct bed bed;

	make_scripted(&bed, &silent);
	run.pf = pf_of(&bed, &pf);
	assert_int_equal(nfp_source_find(&run, &err), -ENOLINK);
	assert_string_equal(err.message, "192.0.2.1 does not answer ARP probes from p0, VLAN 100");
	run.vlan.vid = 0;
	run.found = (struct nfp_found) {.num_arp = 0};
	assert_int_equal(nfp_source_find(&run, &err), -ENOLINK);
	assert_string_equal(err.message, "192.0.2.1 does not answer ARP probes from p0");
	unmake(&bed);
}

TEST(of_two_that_answer_the_one_that_the_kernel_knows_is_asked)
{
	const struct neighbour_manners two = {.second = {{2, 0, 0, 0, 0, 0x77}}};
	const struct nfp_run_io io = {0};
	struct nfp_result result = {0};
	struct nfp_run run = {.io = &io, .result = &result};
	struct nfp_err err = {0};
	struct nfp_pf pf;
	struct bed bed;

	make_scripted(&bed, &two);
	run.pf = pf_of(&bed, &pf);
	run.roles.neighbour =
		(struct nfp_neighbour) {.ip = ip, .have_mac = true, .mac = two.second};
	assert_int_equal(nfp_arp_question(&run, &err), 0);
	assert_true(nfp_mac_equal(&run.found.arp[0].mac, &two.second));
	assert_int_equal(result.warnings.n, 1);
	assert_ptr_equal(strstr(result.warnings.v[0], "two hosts answer for 192.0.2.1: "),
			 result.warnings.v[0]);
	assert_non_null(strstr(result.warnings.v[0], "; only 02:00:00:00:00:77 is asked further"));
	nfp_strv_fini(&result.warnings);
	unmake(&bed);
}

/* ---- what else is on the wire ---- */

/* A sibling says each control again, on its own netdev. */
TEST(a_sibling_sends_the_control_too)
{
	const struct neighbour_manners only_one = {.only_one = true};
	const struct nfp_frame_id id = {.run = {1, 2, 3}, .key = {4, 5, 6}};
	struct nfp_count count[NFP_KIND_COUNT];
	uint64_t heard = 0;
	struct nfp_frame frame;
	uint8_t buf[256];
	struct bed bed;
	ssize_t len;
	int fd;

	make_scripted(&bed, &only_one);
	net_run("ip link add s0 type veth peer name s1 && ip link set s0 up && ip link set s1 up");
	net_await_path("s0", "s1");
	bed.sibling = net_netdev("s0");
	bed.sibling_mac = net_mac("s0");
	fd = net_socket(net_netdev("s1").ifindex);
	begin(&bed, false);
	pump(&bed, 1 * SEC);
	finish(&bed, count);
	while ((len = recv(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		heard += nfp_frame_parse(&id, buf, (size_t)len, &frame) == NFP_FRAME_OURS &&
			 frame.kind == NFP_KIND_BROADCAST &&
			 nfp_mac_equal(&frame.src, &bed.sibling_mac);
	assert_true(heard > 0);
	assert_int_equal(heard, count[NFP_KIND_BROADCAST].sent);
	close(fd);
	unmake(&bed);
	net_run("ip link del s0");
}

static void send_arp(int fd, const struct nfp_arp *arp)
{
	uint8_t buf[NFP_ARP_LEN_MAX];
	size_t len = nfp_arp_build(arp, buf);

	assert_int_equal(send(fd, buf, len, 0), len);
}

/* The kernel's own ARP, say: it neither counts as a reply that nobody asked for nor costs time. */
TEST(only_replies_to_probes_are_read)
{
	const struct neighbour_manners silent = {.silent = true};
	const struct nfp_mac nobody = {{2, 0, 0, 0, 0, 0x99}};
	uint64_t deadline = nfp_clock_now() + NET_PATIENCE_NS;
	struct nfp_arp arp = {.op = NFP_ARP_REQUEST, .spa = ip, .tpa = ip};
	struct bed bed;
	int fd;

	make_scripted(&bed, &silent);
	arp.dst = bed.pf_mac;
	arp.src = arp.sha = bed.gateway_mac;
	begin(&bed, true);
	fd = net_socket(net_netdev("g0").ifindex);
	send_arp(fd, &arp);
	arp.op = NFP_ARP_REPLY;
	send_arp(fd, &arp); /* to a host that has an address */
	arp.tpa = (struct nfp_ipv4) {{0}};
	arp.dst = arp.tha = nobody;
	send_arp(fd, &arp);
	/* A pump reads all that has come. */
	do {
		assert_true(nfp_clock_now() < deadline);
		pump(&bed, 10 * MS);
	} while (!stats(&bed).foreign);
	assert_int_equal(stats(&bed).foreign, 1);
	close(fd);
	unmake(&bed);
}

TEST_MAIN()
