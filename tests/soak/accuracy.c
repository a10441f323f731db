// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The lengths of gaps, measured by a real stream over veth pairs, against a filter in the kernel
 * that drops frames from one given moment to another (an XDP program that compares the clock).
 *
 *   accuracy COUNT [SEED]     gaps of 0 to 5 s, at 100, 1,000 and 10,000 frames a second, a third
 *                             of them with loss, a third with frames that overtake each other in
 *                             front of the filter (held back by a relay), a ninth with both.
 *                             Needs root.
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

#include "netns/relay.h"
#include "nfprobe/base.h"
#include "nfprobe/traffic.h"

#define MS	 NFP_NSEC_PER_MSEC
#define SLACK_US 200
#define WORKERS	 3 /* side by side, one for each rate */
#define LISTED	 20

static const unsigned int rates[WORKERS] = {100, 1000, 10000};

/* What the filter reads: frames that come in [from_ns, to_ns) are dropped, others by chance. */
struct rules {
	uint64_t from_ns, to_ns;
	uint32_t lose; /* of 2^32 */
	uint32_t unused;
};

struct score {
	unsigned int rate;
	uint64_t runs, inside, close, lossy, reordered;
	uint64_t again;	    /* measured again, as the relay stood still */
	uint64_t explained; /* far, as sender or frames next to an end were late */
};

struct rig {
	struct net net;
	int map;
	struct nfp_stream *stream;
	struct nfp_wire wire;
	struct nfp_frame_accounting *accounting;
	struct relay *relay; /* NULL: straight */
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

	if (rig->wire.ops->pump(rig->wire.ctx, until_ns, rig->accounting, &err) < 0)
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

/* How late were the sender, beyond its interval, and frames on their way, near a moment? */
static uint64_t lateness(const struct rig *rig, uint64_t near_ns)
{
	uint64_t interval = NFP_NSEC_PER_SEC / rig->rate, span = 3 * interval + 5 * MS, worst = 0;
	struct nfp_frame_record frame, last = {0};
	uint64_t seq = nfp_accounting_find(rig->accounting, near_ns - span), first, end;

	nfp_accounting_records(rig->accounting, &first, &end);
	/* A pause may be longer than this stretch: from the frame before it, to the one behind. */
	for (seq -= seq > first; seq < end; seq++) {
		uint64_t took, pause;

		if (!nfp_frame_record(rig->accounting, seq, &frame))
			continue;
		took = frame.seen_ns[NFP_AT_PF] ? frame.seen_ns[NFP_AT_PF] - frame.sent_ns : 0;
		pause = last.sent_ns ? frame.sent_ns - last.sent_ns : 0;
		worst = took > worst ? took : worst;
		worst = pause > interval && pause - interval > worst ? pause - interval : worst;
		last = frame;
		if (frame.sent_ns > near_ns + span)
			break;
	}
	return worst / 1000;
}

static int64_t slowest_us(const struct rig *rig)
{
	return (int64_t)(relay_totals(rig->relay).slowest_ns / 1000);
}

/*
 * The relay is a process that may stand still as well; what then waits in front of the filter and
 * is lost there had been under way for longer than anything that arrived. No network does that, so
 * the gap is measured again: false.
 */
static bool judge(struct rig *rig, const struct nfp_transition_query *ask,
		  const struct rules *rules)
{
	struct nfp_transition_count count;
	int64_t truth_us = (int64_t)((rules->to_ns - rules->from_ns) / 1000), off, interval_us;
	uint64_t late_us = lateness(rig, rules->from_ns), at_end = lateness(rig, rules->to_ns);
	bool inside, close;

	late_us = at_end > late_us ? at_end : late_us;
	interval_us = 1000000 / rig->rate;
	nfp_transition_measure(rig->accounting, ask, &count);
	off = count.gap.us > truth_us ? count.gap.us - truth_us : truth_us - count.gap.us;
	inside = count.gap.known && off <= count.gap.error_us;
	close = count.gap.known && off <= interval_us + SLACK_US;
	if (!inside && rig->relay && off <= interval_us + slowest_us(rig)) {
		rig->score.again++;
		return false;
	}
	rig->score.runs++;
	rig->score.inside += inside;
	rig->score.close += close;
	rig->score.lossy += rules->lose > 0;
	rig->score.reordered += rig->relay != NULL;
	rig->score.explained += !close && off <= interval_us + (int64_t)late_us;
	if ((!inside || !close) && rig->score.runs - rig->score.close < LISTED)
		printf("# %s: %u frames/s%s, %" PRIi64 " +-%" PRIi64 " us, in truth %" PRIi64
		       ", %" PRIu64 " of %" PRIu64 " lost besides; sender or frames up to %" PRIu64
		       " us late there\n",
		       inside ? "far" : "OUTSIDE", rig->rate, rig->relay ? ", reordered" : "",
		       count.gap.us, count.gap.error_us, truth_us, ask->lost, ask->sent, late_us);
	fflush(stdout);
	return true;
}

/* Up to a twentieth of the frames is held back, for up to three intervals. */
static void reorder(struct rig *rig)
{
	struct relay_rules rules = relay_all();
	uint64_t least = 3 * MS, some = 3 * NFP_NSEC_PER_SEC / rig->rate;

	rules.seed = draw(rig, UINT32_MAX);
	rules.delay_ns = 1 + draw(rig, some > least ? some : least);
	rules.to[NFP_AT_PF].delay = 1 + (unsigned int)draw(rig, 50);
	rules.to[NFP_AT_VF].serves = false;
	relay_set(rig->relay, &rules);
}

/*
 * How much is lost anyway is seen in the settled windows, which are as long as a run's where
 * something is. False: to be measured again.
 */
static bool one_gap(struct rig *rig)
{
	struct rules rules = {
		.lose = draw(rig, 3) ? 0 : (uint32_t)draw(rig, UINT32_MAX / 100),
	};
	uint64_t lead = (rules.lose ? 1600 * MS : 300 * MS) + draw(rig, 10 * MS);
	uint64_t now = rig->wire.ops->now(rig->wire.ctx);
	struct nfp_transition_query ask = {
		.kind = NFP_KIND_UNICAST,
		.before = NFP_AT_PF,
		.after = NFP_AT_PF,
		.old = NFP_AT_PF,
		.new = NFP_AT_PF,
		.newly = -1,
		.interval_ns = NFP_NSEC_PER_SEC / rig->rate,
	};
	struct nfp_count count[NFP_KIND_COUNT];

	rules.from_ns = now + lead;
	rules.to_ns = rules.from_ns + length_of(rig);
	set_rules(rig, &rules);
	if (rig->relay)
		reorder(rig);
	nfp_accounting_forget(rig->accounting, now - 250 * MS);
	nfp_accounting_mark(rig->accounting, now);
	pump(rig, rules.to_ns + lead);
	ask.from_ns = rules.from_ns - 100 * MS;
	ask.to_ns = rules.to_ns + 100 * MS;
	nfp_accounting_sum(rig->accounting, now, ask.from_ns, count);
	ask.sent = count[NFP_KIND_UNICAST].sent;
	ask.lost = nfp_count_lost(&count[NFP_KIND_UNICAST]);
	nfp_accounting_sum(rig->accounting, ask.to_ns, rules.to_ns + lead - 50 * MS, count);
	ask.sent += count[NFP_KIND_UNICAST].sent;
	ask.lost += nfp_count_lost(&count[NFP_KIND_UNICAST]);
	return judge(rig, &ask, &rules);
}

/* ---- all ---- */

static void open_rig(struct rig *rig, bool relayed)
{
	const struct nfp_plan plan = {.unicast = {{0x02, 0, 0, 0, 0, 0x11}}, .rate = {rig->rate}};
	const struct relay_rules rules = relay_all();
	struct nfp_stream_config config = {.wake_fds = {-1, -1, -1, -1}};
	struct nfp_err err;
	int program;

	net_make(&rig->net);
	rig->map = make_map();
	program = rig->map < 0 ? -1 : load_filter(rig->map);
	if (program < 0)
		die("this kernel takes no filter");
	config.id = rig->net.id;
	config.sender = rig->net.sender;
	config.sender_mac = rig->net.sender_mac;
	config.pf = relayed ? rig->net.pf : net_netdev("s1");
	config.buffer_bytes = 16U << 20;
	attach(config.pf.ifindex, program);
	close(program);
	rig->relay = relayed ? relay_start(&rig->net, &rules) : NULL;
	rig->accounting = nfp_accounting_new();
	if (!rig->accounting || nfp_stream_open(&config, &rig->stream, &err))
		die(rig->accounting ? err.message : "no memory");
	rig->wire = nfp_stream_wire(rig->stream);
	rig->wire.ops->plan(rig->wire.ctx, &plan);
}

static void close_rig(struct rig *rig)
{
	nfp_stream_close(rig->stream);
	nfp_accounting_free(rig->accounting);
	if (rig->relay)
		relay_stop(rig->relay);
	close(rig->map);
	net_unmake(&rig->net);
}

static void work(unsigned int number, uint64_t count, uint64_t seed, int out)
{
	struct rig rig = {
		.rate = rates[number], .score = {.rate = rates[number]}, .seed = seed + number};
	uint64_t mine = count / WORKERS + (number < count % WORKERS);

	net_enter();
	for (int relayed = 0; relayed < 2; relayed++) {
		uint64_t some = relayed ? mine / 3 : mine - mine / 3;

		open_rig(&rig, relayed);
		while (some)
			some -= one_gap(&rig);
		close_rig(&rig);
	}
	if (write(out, &rig.score, sizeof(rig.score)) != (ssize_t)sizeof(rig.score))
		die("cannot tell the score");
}

static void add(struct score *sum, const struct score *part)
{
	sum->runs += part->runs;
	sum->inside += part->inside;
	sum->close += part->close;
	sum->lossy += part->lossy;
	sum->reordered += part->reordered;
	sum->again += part->again;
	sum->explained += part->explained;
}

/* "1000 gaps runs: 1000 contain the truth, 999 .. (100/s: 333 and 333 of 333, ..)" */
static void tell(const struct score *sum, const struct score parts[WORKERS])
{
	printf("# %" PRIu64 " gaps runs: %" PRIu64 " contain the truth, %" PRIu64
	       " within one interval and %d us (",
	       sum->runs, sum->inside, sum->close, SLACK_US);
	for (unsigned int i = 0; i < WORKERS; i++)
		printf("%s%u/s: %" PRIu64 " and %" PRIu64 " of %" PRIu64, i ? ", " : "", rates[i],
		       parts[i].inside, parts[i].close, parts[i].runs);
	printf("); %" PRIu64 " with loss, %" PRIu64 " reordered; of %" PRIu64
	       " that are far %" PRIu64 " no farther than sender or frames were late; %" PRIu64
	       " measured again, as the relay stood still\n",
	       sum->lossy, sum->reordered, sum->runs - sum->close, sum->explained, sum->again);
}

int main(int argc, char **argv)
{
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	struct score sum = {0}, part, parts[WORKERS] = {0};
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
		for (unsigned int i = 0; i < WORKERS; i++) {
			if (part.rate == rates[i])
				parts[i] = part;
		}
		add(&sum, &part);
	}
	while (wait(&status) > 0)
		good = good && status == 0;
	tell(&sum, parts);
	good = good && sum.runs == count && sum.inside == sum.runs &&
	       sum.close * 100 >= sum.runs * 99;
	printf("%s 1 - gaps are as long as measured\n1..1\n", good ? "ok" : "not ok");
	return !good;
}
