// SPDX-License-Identifier: GPL-2.0-or-later
/* Whatever is put at a netdev's egress is found there: frames must not go past it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/bpf.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "netns/net.h"
#include "nfprobe/egress.h"

#define TCX_EGRESS    47 /* enum bpf_attach_type */
#define TCX_PASS      0
#define NETDEV_EGRESS 1 /* enum nf_dev_hooks */

static int make(void **state)
{
	(void)state;
	net_run("ip link add s1 type veth peer name s0 && ip link set s1 up && ip link set s0 up");
	return 0;
}

static int unmake(void **state)
{
	(void)state;
	net_run("ip link del s0");
	return 0;
}

static bool is_bare(const char *ifname)
{
	const struct nfp_netdev netdev = net_netdev(ifname);

	return nfp_egress_is_bare(&netdev);
}

static void as_the_kernel_made_it(void **state)
{
	(void)state;
	assert_true(is_bare("s0"));
	/* What another netdev has is its own. */
	net_run("tc qdisc add dev s1 clsact");
	assert_true(is_bare("s0"));
}

static void a_netdev_that_is_not_there(void **state)
{
	struct nfp_netdev netdev = net_netdev("s0");

	(void)state;
	netdev.ifindex = 4711;
	assert_false(nfp_egress_is_bare(&netdev));
}

/* Not every kernel has every discipline. */
static void assert_seen(const char *command)
{
	char line[256];

	snprintf(line, sizeof(line), "%s 2>/dev/null", command);
	if (system(line) != 0) {
		print_message("# not here: %s\n", command);
		return;
	}
	assert_false(is_bare("s0"));
	net_run("tc qdisc del dev s0 %s", strstr(command, "clsact")    ? "clsact"
					  : strstr(command, "ingress") ? "ingress"
								       : "root");
	assert_true(is_bare("s0"));
}

static void queueing_disciplines(void **state)
{
	(void)state;
	assert_seen("tc qdisc add dev s0 clsact");
	assert_seen("tc qdisc add dev s0 ingress");
	assert_seen("tc qdisc add dev s0 root tbf rate 1mbit burst 32k latency 50ms");
	assert_seen("tc qdisc add dev s0 root pfifo");
	assert_seen("tc qdisc add dev s0 root fq_codel");
	assert_seen("tc qdisc add dev s0 root netem loss 10%");
	assert_seen("tc qdisc add dev s0 root handle 1: prio");
}

static void other_kinds(void **state)
{
	(void)state;
	net_run("ip link add link s0 name c0 type macvlan mode bridge && ip link set c0 up");
	assert_false(is_bare("c0"));
	net_run("ip link add b0 type bridge && ip link set b0 up");
	assert_false(is_bare("b0"));
	net_run("ip link del b0");
	assert_true(is_bare("s0"));
}

/* ---- a program of tcx ---- */

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static int load_program(void)
{
	static const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = TCX_PASS},
		{.code = BPF_JMP | BPF_EXIT},
	};
	static const char license[] = "GPL";
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_SCHED_CLS;
	attr.insns = (uintptr_t)insns;
	attr.insn_cnt = sizeof(insns) / sizeof(insns[0]);
	attr.license = (uintptr_t)license;
	return (int)bpf(BPF_PROG_LOAD, &attr);
}

static void a_program(void **state)
{
	int fd = load_program();
	union bpf_attr attr;

	(void)state;
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)net_netdev("s0").ifindex;
	attr.attach_bpf_fd = (uint32_t)fd;
	attr.attach_type = TCX_EGRESS;
	if (fd < 0 || bpf(BPF_PROG_ATTACH, &attr)) {
		print_message("# no tcx in this kernel: %s\n", strerror(errno));
		skip();
	}
	assert_false(is_bare("s0"));
	assert_int_equal(bpf(BPF_PROG_DETACH, &attr), 0);
	assert_true(is_bare("s0"));
	close(fd);
}

/* ---- a chain of nftables ---- */

struct batch {
	char room[4096];
	size_t len;
	uint32_t seq;
};

static struct nlmsghdr *put(struct batch *batch, uint16_t type, uint16_t flags, uint8_t family)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(batch->room + batch->len);
	struct nfgenmsg *nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++batch->seq;
	nfg->nfgen_family = family;
	nfg->version = NFNETLINK_V0;
	nfg->res_id = type >> 8 ? 0 : htons(NFNL_SUBSYS_NFTABLES);
	return nlh;
}

static void end(struct batch *batch, const struct nlmsghdr *nlh)
{
	batch->len += NLMSG_ALIGN(nlh->nlmsg_len);
}

static void put_table(struct batch *batch)
{
	struct nlmsghdr *nlh = put(batch, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWTABLE,
				   NLM_F_CREATE, NFPROTO_NETDEV);

	mnl_attr_put_strz(nlh, NFTA_TABLE_NAME, "t");
	end(batch, nlh);
}

static void put_chain(struct batch *batch, uint32_t where)
{
	struct nlmsghdr *nlh = put(batch, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWCHAIN,
				   NLM_F_CREATE | NLM_F_ACK, NFPROTO_NETDEV);
	struct nlattr *hook;

	mnl_attr_put_strz(nlh, NFTA_CHAIN_TABLE, "t");
	mnl_attr_put_strz(nlh, NFTA_CHAIN_NAME, "c");
	mnl_attr_put_strz(nlh, NFTA_CHAIN_TYPE, "filter");
	hook = mnl_attr_nest_start(nlh, NFTA_CHAIN_HOOK);
	mnl_attr_put_u32(nlh, NFTA_HOOK_HOOKNUM, htonl(where));
	mnl_attr_put_u32(nlh, NFTA_HOOK_PRIORITY, 0);
	mnl_attr_put_strz(nlh, NFTA_HOOK_DEV, "s0");
	mnl_attr_nest_end(nlh, hook);
	end(batch, nlh);
}

static void delete_table(struct batch *batch)
{
	struct nlmsghdr *nlh = put(batch, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELTABLE, NLM_F_ACK,
				   NFPROTO_NETDEV);

	mnl_attr_put_strz(nlh, NFTA_TABLE_NAME, "t");
	end(batch, nlh);
}

/* The message before the last is acknowledged. 0 or -errno. */
static int commit(struct batch *batch)
{
	struct mnl_socket *nl = mnl_socket_open(NETLINK_NETFILTER);
	const struct nlmsghdr *answer;
	char buf[4096];
	ssize_t len;
	int ret;

	if (!nl)
		return -errno;
	end(batch, put(batch, NFNL_MSG_BATCH_END, 0, 0));
	assert_true(mnl_socket_sendto(nl, batch->room, batch->len) > 0);
	len = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	assert_true(len > 0);
	answer = (const struct nlmsghdr *)(const void *)buf;
	assert_int_equal(answer->nlmsg_type, NLMSG_ERROR);
	ret = ((const struct nlmsgerr *)mnl_nlmsg_get_payload(answer))->error;
	mnl_socket_close(nl);
	return ret;
}

static struct batch begin(void)
{
	struct batch batch = {.seq = 1};

	end(&batch, put(&batch, NFNL_MSG_BATCH_BEGIN, 0, 0));
	return batch;
}

static void chain_at(uint32_t where, bool bare)
{
	struct batch batch = begin();
	int ret;

	put_table(&batch);
	put_chain(&batch, where);
	ret = commit(&batch);
	if (ret) {
		print_message("# no such chain in this kernel: %s\n", strerror(-ret));
		skip();
	}
	assert_int_equal(is_bare("s0"), bare);
	batch = begin();
	delete_table(&batch);
	assert_int_equal(commit(&batch), 0);
	assert_true(is_bare("s0"));
}

static void a_chain_at_egress(void **state)
{
	(void)state;
	chain_at(NETDEV_EGRESS, false);
}

static void a_chain_at_ingress(void **state)
{
	(void)state;
	chain_at(0, true);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
	const struct CMUnitTest tests[] = {
		TEST(as_the_kernel_made_it),
		TEST(a_netdev_that_is_not_there),
		TEST(queueing_disciplines),
		TEST(other_kinds),
		TEST(a_program),
		TEST(a_chain_at_egress),
		TEST(a_chain_at_ingress),
	};

	net_enter();
	return cmocka_run_group_tests_name("egress", tests, NULL, NULL);
}
