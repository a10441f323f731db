// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The lengths of gaps, measured by a real stream over veth pairs, against a filter in the kernel
 * that drops frames from one given moment to another (an XDP program that compares the clock).
 *
 *   accuracy COUNT [SEED]     gaps of 0 to 5 s, at 100, 1,000 and 10,000 frames a second, a third
 *                             of them with loss. Needs root.
 */
#include <inttypes.h>
#include <libmnl/libmnl.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netns/net.h"
#include "nfprobe/clock.h"
#include "nfprobe/transition.h"

#define MS	 NFP_NSEC_PER_MSEC
#define SLACK_US 200
#define WORKERS	 3 /* side by side, one for each rate */
#define LISTED	 20

/* What the filter reads: frames that come in [from_ns, to_ns) are dropped, others by chance. */
struct rules {
	uint64_t from_ns, to_ns;
	uint32_t lose; /* of 2^32 */
	uint32_t unused;
};

struct score {
	uint64_t runs, inside, close, lossy;
};

struct rig {
	struct net net;
	int map;
	struct nfp_stream *stream;
	struct nfp_wire wire;
	struct nfp_ledger *ledger;
	unsigned int rate;
	uint64_t seed;
	struct score score;
};

static void die(const char *what)
{
	fprintf(stderr, "accuracy: %s\n", what);
	exit(1);
}

static uint64_t draw(struct rig *rig, uint64_t below)
{
	rig->seed = rig->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return below ? (rig->seed >> 33) % below : 0;
}

/* ---- the filter ---- */

static int bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static int make_map(void)
{
	union bpf_attr attr = {0};

	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = sizeof(uint32_t);
	attr.value_size = sizeof(struct rules);
	attr.max_entries = 1;
	return bpf(BPF_MAP_CREATE, &attr);
}

static void set_rules(const struct rig *rig, const struct rules *rules)
{
	union bpf_attr attr = {0};
	uint32_t key = 0;

	attr.map_fd = (uint32_t)rig->map;
	attr.key = (uintptr_t)&key;
	attr.value = (uintptr_t)rules;
	if (bpf(BPF_MAP_UPDATE_ELEM, &attr))
		die("cannot set the filter");
}

#define INSN(c, d, s, o, i)                                                         \
	(struct bpf_insn)                                                           \
	{                                                                           \
		.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) \
	}
#define CALL(fn)       INSN(BPF_JMP | BPF_CALL, 0, 0, 0, fn)
#define MOV_REG(d, s)  INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define MOV_IMM(d, i)  INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define LOAD(sz, d, o) INSN(BPF_LDX | BPF_MEM | (sz), d, BPF_REG_6, o, 0)
#define JUMP(op, s, o) INSN(BPF_JMP | (op) | BPF_X, BPF_REG_0, s, o, 0)
#define RETURN	       INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

static int load_filter(int map)
{
	const struct bpf_insn program[] = {
		INSN(BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, -4, 0),
		MOV_REG(BPF_REG_2, BPF_REG_10),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, -4),
		INSN(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, map),
		INSN(0, 0, 0, 0, 0),
		CALL(BPF_FUNC_map_lookup_elem),
		INSN(BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 12, 0), /* pass */
		MOV_REG(BPF_REG_6, BPF_REG_0),
		CALL(BPF_FUNC_get_prandom_u32),
		LOAD(BPF_W, BPF_REG_1, 16),
		/* The upper half of the random number is not defined. */
		INSN(BPF_ALU | BPF_MOV | BPF_X, BPF_REG_0, BPF_REG_0, 0, 0),
		JUMP(BPF_JLT, BPF_REG_1, 5), /* drop */
		CALL(BPF_FUNC_ktime_get_ns),
		LOAD(BPF_DW, BPF_REG_1, 0),
		LOAD(BPF_DW, BPF_REG_2, 8),
		JUMP(BPF_JLT, BPF_REG_1, 3),
		JUMP(BPF_JGE, BPF_REG_2, 2),
		MOV_IMM(BPF_REG_0, XDP_DROP),
		RETURN,
		MOV_IMM(BPF_REG_0, XDP_PASS),
		RETURN,
	};
	static const char license[] = "GPL";
	union bpf_attr attr = {0};

	attr.prog_type = BPF_PROG_TYPE_XDP;
	attr.insns = (uintptr_t)program;
	attr.insn_cnt = sizeof(program) / sizeof(program[0]);
	attr.license = (uintptr_t)license;
	return bpf(BPF_PROG_LOAD, &attr);
}

/* In the way that every netdev has, in front of the sockets that capture. */
static void attach(int ifindex, int program)
{
	char buf[256];
	struct nlmsghdr *head = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *link;
	struct mnl_socket *nl = mnl_socket_open(NETLINK_ROUTE);
	struct nlattr *nest;
	ssize_t len;

	head->nlmsg_type = RTM_SETLINK;
	head->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	link = mnl_nlmsg_put_extra_header(head, sizeof(*link));
	link->ifi_index = ifindex;
	nest = mnl_attr_nest_start(head, IFLA_XDP);
	mnl_attr_put_u32(head, IFLA_XDP_FD, (uint32_t)program);
	mnl_attr_put_u32(head, IFLA_XDP_FLAGS, XDP_FLAGS_SKB_MODE);
	mnl_attr_nest_end(head, nest);
	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(nl, head, head->nlmsg_len) < 0)
		die("netlink");
	len = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	if (len < 0 || mnl_cb_run(buf, (size_t)len, 0, mnl_socket_get_portid(nl), NULL, NULL) < 0)
		die("cannot attach the filter");
	mnl_socket_close(nl);
}

/* ---- one gap ---- */

static void pump(struct rig *rig, uint64_t until_ns)
{
	struct nfp_err err;

	if (rig->wire.ops->pump(rig->wire.ctx, until_ns, rig->ledger, &err) < 0)
		die(err.message);
}

/* Often short, now and then none, or seconds. */
static uint64_t length_of(struct rig *rig)
{
	uint64_t kind = draw(rig, 20);

	if (kind == 0)
		return 0;
	return kind == 1 ? draw(rig, 5000 * MS) : draw(rig, 300 * MS);
}

static void judge(struct rig *rig, const struct nfp_transition_ask *ask, uint64_t truth_ns)
{
	struct nfp_transition_count count;
	int64_t truth_us = (int64_t)(truth_ns / 1000), off;
	bool inside, close;

	nfp_transition_measure(rig->ledger, ask, &count);
	off = count.gap.us > truth_us ? count.gap.us - truth_us : truth_us - count.gap.us;
	inside = count.gap.known && off <= count.gap.error_us;
	close = count.gap.known && off <= (int64_t)(1000000 / rig->rate) + SLACK_US;
	rig->score.runs++;
	rig->score.inside += inside;
	rig->score.close += close;
	rig->score.lossy += ask->lost > 0;
	if ((!inside || !close) && rig->score.runs - rig->score.close < LISTED)
		printf("# %s: %u frames/s, %" PRIi64 " +-%" PRIi64 " us, in truth %" PRIi64
		       ", %" PRIu64 " of %" PRIu64 " lost besides\n",
		       inside ? "far" : "OUTSIDE", rig->rate, count.gap.us, count.gap.error_us,
		       truth_us, ask->lost, ask->sent);
	fflush(stdout);
}

static void one_gap(struct rig *rig)
{
	uint64_t lead = 300 * MS + draw(rig, 10 * MS), now = rig->wire.ops->now(rig->wire.ctx);
	struct rules rules = {.from_ns = now + lead};
	struct nfp_transition_ask ask = {
		.kind = NFP_KIND_UNICAST,
		.before = NFP_AT_PF,
		.after = NFP_AT_PF,
		.old = NFP_AT_PF,
		.new = NFP_AT_PF,
		.newly = -1,
		.interval_ns = NFP_NSEC_PER_SEC / rig->rate,
	};
	struct nfp_count count[NFP_KIND_COUNT];

	rules.to_ns = rules.from_ns + length_of(rig);
	rules.lose = draw(rig, 3) ? 0 : (uint32_t)draw(rig, UINT32_MAX / 100);
	set_rules(rig, &rules);
	nfp_ledger_forget(rig->ledger, now - 250 * MS);
	nfp_ledger_mark(rig->ledger, now);
	pump(rig, rules.to_ns + lead);
	ask.from_ns = rules.from_ns - 100 * MS;
	ask.to_ns = rules.to_ns + 100 * MS;
	nfp_ledger_sum(rig->ledger, now, ask.from_ns, count);
	ask.sent = count[NFP_KIND_UNICAST].sent;
	ask.lost = nfp_count_lost(&count[NFP_KIND_UNICAST]);
	nfp_ledger_sum(rig->ledger, ask.to_ns, UINT64_MAX, count);
	judge(rig, &ask, rules.to_ns - rules.from_ns);
}

/* ---- all ---- */

static void open_rig(struct rig *rig)
{
	const struct nfp_plan plan = {.unicast = {{0x02, 0, 0, 0, 0, 0x11}}, .rate = {rig->rate}};
	struct nfp_stream_config config = {.wake_fds = {-1, -1, -1, -1}};
	struct nfp_err err;
	int program;

	net_enter();
	net_make(&rig->net);
	rig->map = make_map();
	program = rig->map < 0 ? -1 : load_filter(rig->map);
	if (program < 0)
		die("this kernel takes no filter");
	config.id = rig->net.id;
	config.sender = rig->net.sender;
	config.sender_mac = rig->net.sender_mac;
	config.pf = net_netdev("s1");
	config.buffer_bytes = 16U << 20;
	attach(config.pf.ifindex, program);
	rig->ledger = nfp_ledger_new();
	if (!rig->ledger || nfp_stream_open(&config, &rig->stream, &err))
		die(rig->ledger ? err.message : "no memory");
	rig->wire = nfp_stream_wire(rig->stream);
	rig->wire.ops->plan(rig->wire.ctx, &plan, NULL);
}

static void work(unsigned int number, uint64_t count, uint64_t seed, int out)
{
	static const unsigned int rates[WORKERS] = {100, 1000, 10000};
	struct rig rig = {.rate = rates[number], .seed = seed + number};

	open_rig(&rig);
	for (uint64_t i = number; i < count; i += WORKERS)
		one_gap(&rig);
	nfp_stream_close(rig.stream);
	nfp_ledger_free(rig.ledger);
	printf("# %u frames a second: %" PRIu64 " runs: %" PRIu64 " contain the truth, %" PRIu64
	       " close; %" PRIu64 " with loss\n",
	       rig.rate, rig.score.runs, rig.score.inside, rig.score.close, rig.score.lossy);
	fflush(stdout);
	if (write(out, &rig.score, sizeof(rig.score)) != (ssize_t)sizeof(rig.score))
		die("cannot tell the score");
}

int main(int argc, char **argv)
{
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	struct score sum = {0}, part;
	const struct sched_param first = {.sched_priority = 1};
	int ends[2], status;
	bool good = true;

	if (!count || pipe(ends))
		die("usage: accuracy COUNT [SEED]");
	/* What else runs on this host is not the subject: where no frame is sent, nothing is known.
	 */
	if (sched_setscheduler(0, SCHED_RR, &first) < 0)
		printf("# no precedence over other processes: a busy host makes gaps less "
		       "certain\n");
	for (unsigned int i = 0; i < WORKERS; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			work(i, count, seed, ends[1]);
			exit(0);
		}
		good = good && pid > 0;
	}
	close(ends[1]);
	while (read(ends[0], &part, sizeof(part)) == (ssize_t)sizeof(part)) {
		sum.runs += part.runs;
		sum.inside += part.inside;
		sum.close += part.close;
		sum.lossy += part.lossy;
	}
	while (wait(&status) > 0)
		good = good && status == 0;
	printf("# %" PRIu64 " gaps runs: %" PRIu64 " contain the truth, %" PRIu64
	       " within one interval and %d us; %" PRIu64 " with loss\n",
	       sum.runs, sum.inside, sum.close, SLACK_US, sum.lossy);
	good = good && sum.runs == count && sum.inside == sum.runs &&
	       sum.close * 100 >= sum.runs * 99;
	printf("%s 1 - gaps are as long as measured\n1..1\n", good ? "ok" : "not ok");
	return !good;
}
