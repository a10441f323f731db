// SPDX-License-Identifier: GPL-2.0-or-later
// Rules that see a guest's frames: what this kernel says of nftables, tc, tcx and XDP.
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/bpf.h>

#include "../../src/net/inventory_priv.h"
#include "harness.h"
#include "netns/net.h"

#define TCX_INGRESS 46 /* BPF_TCX_INGRESS, since Linux 6.6 */

static int make(void **state)
{
	(void)state;
	net_run("ip link add br0 type bridge && ip link add v0 type veth peer name v1");
	net_run("ip link set v0 master br0 && ip link set v0 up && ip link set v1 up");
	return 0;
}

static int unmake(void **state)
{
	(void)state;
	net_run("ip link del v0 && ip link del br0");
	net_run("nft flush ruleset");
	return 0;
}

static struct nfp_netns look(void)
{
	const struct nfp_reading how = {.root = nfp_sysroot_default(), .netns_fd = -1};
	struct nfp_netns netns = {.num_links = 0};
	struct nfp_err err = {0};

	assert_int_equal(nfp_netns_read(NFP_SEE_LINKS, &how, &netns, &err), 0);
	assert_int_equal(nfp_rules_read(&how, &netns, &err), 0);
	assert_true(netns.rules_known);
	return netns;
}

static const struct nfp_link *link_of(const struct nfp_netns *netns, const char *ifname)
{
	nfp_for_each (link, netns->links, netns->num_links)
		if (strcmp(link->ifname, ifname) == 0)
			return link;
	fail_msg("there is no %s", ifname);
	return NULL;
}

/* Writes the rules at a netdev, "kind name" each, with commas. */
static const char *rules_at(const char *ifname)
{
	static const char *const kinds[] = {[NFP_RULES_NFT_BRIDGE] = "bridge",
					    [NFP_RULES_NFT_NETDEV] = "netdev",
					    [NFP_RULES_EBTABLES] = "ebtables",
					    [NFP_RULES_TC] = "tc",
					    [NFP_RULES_XDP] = "xdp"};
	static char text[256];
	struct nfp_netns netns = look();
	size_t num;
	const struct nfp_rules *rules = nfp_rules_at(&netns, link_of(&netns, ifname), &num);

	text[0] = '\0';
	for (size_t i = 0; i < num; i++)
		nfp_appendf(text, sizeof(text), "%s%s %s", i ? ", " : "", kinds[rules[i].kind],
			    rules[i].name);
	nfp_netns_fini(&netns);
	return text;
}

TEST_WITH(a_host_without_rules, make, unmake)
{
	assert_string_equal(rules_at("br0"), "");
	assert_string_equal(rules_at("v0"), "");
}

TEST_WITH(tables_of_a_bridge, make, unmake)
{
	/* Neither sees what passes between ports; an empty chain that accepts does nothing. */
	net_run("nft add table bridge in && nft 'add chain bridge in c { type filter hook input "
		"priority 0; policy drop; }'");
	net_run("nft add table bridge empty && nft 'add chain bridge empty c { type filter hook "
		"forward priority 0; policy accept; }'");
	net_run("nft add table bridge apart && nft add chain bridge apart c && nft add rule bridge "
		"apart c drop");
	net_run("nft add table ip mine && nft 'add chain ip mine c { type filter hook forward "
		"priority 0; policy drop; }'");
	assert_string_equal(rules_at("br0"), "");
	net_run("nft 'add rule bridge empty c iifname v0 drop'");
	assert_string_equal(rules_at("br0"), "bridge empty");
	net_run("nft add table bridge pre && nft 'add chain bridge pre c { type filter hook "
		"prerouting priority 0; policy drop; }'");
	assert_string_equal(rules_at("br0"), "bridge empty, bridge pre");
	assert_string_equal(rules_at("v0"), "");
}

TEST_WITH(tables_of_netdevs, make, unmake)
{
	net_run("nft add table netdev n && nft 'add chain netdev n c { type filter hook ingress "
		"devices = { v0, v1 } priority 0; policy drop; }'");
	net_run("nft add table netdev one && nft 'add chain netdev one c { type filter hook "
		"ingress "
		"device v0 priority 0; policy drop; }'");
	assert_string_equal(rules_at("v0"), "netdev n, netdev one");
	assert_string_equal(rules_at("v1"), "netdev n");
	assert_string_equal(rules_at("br0"), "");
}

TEST_WITH(filters_of_tc, make, unmake)
{
	net_run("tc qdisc add dev v0 clsact && tc qdisc add dev v1 ingress");
	assert_string_equal(rules_at("v0"), "");
	net_run("tc filter add dev v0 egress u32 match u32 0 0 flowid 1:1");
	net_run("tc filter add dev v1 ingress u32 match u32 0 0 flowid 1:1");
	assert_string_equal(rules_at("v0"), "tc u32");
	assert_string_equal(rules_at("v1"), "tc u32");
	net_run("tc filter add dev v0 ingress bpf bytecode '1,6 0 0 4294967295,'");
	assert_string_equal(rules_at("v0"), "tc bpf, tc u32");
}

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* Attaches a program that passes each frame. Returns its link, or -1. */
static int attach(enum bpf_prog_type type, uint32_t at, const char *ifname)
{
	/* r0 = 2 (XDP_PASS; TC_ACT_SHOT is as good for the other: nothing is sent); exit */
	static const struct bpf_insn pass[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 2},
		{.code = BPF_JMP | BPF_EXIT}};
	union bpf_attr attr;
	long program;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = type;
	attr.insns = (uint64_t)(uintptr_t)pass;
	attr.insn_cnt = NFP_NUM(pass);
	attr.license = (uint64_t)(uintptr_t) "GPL";
	program = bpf(BPF_PROG_LOAD, &attr);
	assert_true(program >= 0);
	memset(&attr, 0, sizeof(attr));
	attr.link_create.prog_fd = (uint32_t)program;
	attr.link_create.target_ifindex = if_nametoindex(ifname);
	attr.link_create.attach_type = at;
	return (int)bpf(BPF_LINK_CREATE, &attr);
}

TEST_WITH(programs, make, unmake)
{
	int link = attach(BPF_PROG_TYPE_XDP, BPF_XDP, "v0");

	assert_true(link >= 0);
	assert_true(strncmp(rules_at("v0"), "xdp program ", strlen("xdp program ")) == 0);
	assert_true(strcmp(rules_at("v0"), "xdp program 0") != 0);
	close(link);
	assert_string_equal(rules_at("v0"), "");
	link = attach(BPF_PROG_TYPE_SCHED_CLS, TCX_INGRESS, "v0");
	/* A kernel before 6.6 has no tcx. */
	assert_true(link >= 0 || errno == EINVAL);
	if (link < 0)
		return;
	assert_true(strncmp(rules_at("v0"), "tc bpf, program ", strlen("tc bpf, program ")) == 0);
	assert_string_equal(rules_at("v1"), "");
	close(link);
}

TEST_MAIN()
