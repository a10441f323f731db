// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/egress.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/bpf.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "attr.h"
#include "nfprobe/links.h"

/* enum bpf_attach_type and nf_dev_hooks; headers older than Linux 6.6 and 5.16 lack them. */
#define TCX_EGRESS    47
#define NETDEV_EGRESS 1

struct search {
	int ifindex;
	bool found;
};

bool nfp_egress_is_qdisc(const struct nlmsghdr *nlh, int ifindex)
{
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);

	if (nlh->nlmsg_type != RTM_NEWQDISC || nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*tcm))
		return false;
	return tcm->tcm_ifindex == ifindex && tcm->tcm_handle != 0;
}

static int on_qdisc(const struct nlmsghdr *nlh, void *ctx)
{
	struct search *search = ctx;

	search->found |= nfp_egress_is_qdisc(nlh, search->ifindex);
	return 0;
}

static bool has_qdisc(struct nfp_nl *nl, int ifindex)
{
	const struct tcmsg tcm = {.tcm_family = AF_UNSPEC, .tcm_ifindex = ifindex};
	struct search search = {.ifindex = ifindex};
	const struct nfp_nl_sink sink = {.message = on_qdisc, .ctx = &search};
	struct nfp_nl_msg msg;

	nfp_nl_msg_init(&msg, RTM_GETQDISC, 0, &tcm, sizeof(tcm));
	return nfp_nl_dump(nl, &msg.head, &sink, NULL, "read the queueing disciplines") ||
	       search.found;
}

/* A bond, a bridge or a child of somebody may look at what only the stack has filled in. */
static bool is_plain(struct nfp_nl *nl, int ifindex)
{
	struct nfp_link link;

	return !nfp_link_by_ifindex(nl, ifindex, &link, NULL) &&
	       (!*link.kind || !strcmp(link.kind, "veth"));
}

static bool has_program(int ifindex)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.query.target_fd = (uint32_t)ifindex; /* target_ifindex */
	attr.query.attach_type = TCX_EGRESS;
	if (syscall(SYS_bpf, BPF_PROG_QUERY, &attr, sizeof(attr)) == 0)
		return attr.query.prog_cnt > 0;
	/* A kernel that knows no such place, or no programs. */
	return errno != EINVAL && errno != ENOSYS;
}

bool nfp_egress_is_chain(const struct nlmsghdr *nlh)
{
	struct nfp_attrs it = nfp_attrs_of(nlh, sizeof(struct nfgenmsg)), hook;
	const struct nlattr *attr, *inner;
	uint32_t num;

	if (nlh->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWCHAIN) ||
	    nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(struct nfgenmsg) ||
	    ((const struct nfgenmsg *)mnl_nlmsg_get_payload(nlh))->nfgen_family != NFPROTO_NETDEV)
		return false;
	while ((attr = nfp_attrs_next(&it))) {
		if (mnl_attr_get_type(attr) != NFTA_CHAIN_HOOK)
			continue;
		hook = nfp_attrs_in(attr);
		while ((inner = nfp_attrs_next(&hook))) {
			if (mnl_attr_get_type(inner) == NFTA_HOOK_HOOKNUM &&
			    nfp_attr_u32(inner, &num) && ntohl(num) == NETDEV_EGRESS)
				return true;
		}
	}
	return false;
}

static int on_chain(const struct nlmsghdr *nlh, void *ctx)
{
	struct search *search = ctx;

	search->found |= nfp_egress_is_chain(nlh);
	return 0;
}

/* To ask a kernel for chains makes it load the module; one that is not there has none. */
static bool may_have_chains(void)
{
	char line[256];
	struct utsname name;
	bool found = false;
	FILE *file;

	if (access("/sys/module/nf_tables", F_OK) == 0 || uname(&name))
		return true;
	snprintf(line, sizeof(line), "/lib/modules/%s/modules.builtin", name.release);
	file = fopen(line, "re");
	if (!file)
		return true;
	while (!found && fgets(line, sizeof(line), file))
		found = strstr(line, "/nf_tables.ko") != NULL;
	fclose(file);
	return found;
}

static bool has_chain(void)
{
	const struct nfgenmsg nfg = {.nfgen_family = NFPROTO_NETDEV, .version = NFNETLINK_V0};
	struct search search = {0};
	const struct nfp_nl_sink sink = {.message = on_chain, .ctx = &search};
	struct nfp_nl_msg msg;
	struct nfp_nl *nl;
	int ret;

	if (!may_have_chains())
		return false;
	ret = nfp_nl_open(NETLINK_NETFILTER, -1, &nl, NULL);
	if (ret)
		return ret != -EPROTONOSUPPORT;
	nfp_nl_msg_init(&msg, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN, 0, &nfg, sizeof(nfg));
	ret = nfp_nl_dump(nl, &msg.head, &sink, NULL, "read the chains of nftables");
	nfp_nl_close(nl);
	/* -EINVAL: no nftables in this kernel (net/netfilter/nfnetlink.c). */
	return search.found || (ret && ret != -EINVAL);
}

bool nfp_egress_is_bare(const struct nfp_netdev *netdev)
{
	struct nfp_nl *nl;
	bool bare;

	if (netdev->netns_fd >= 0 || nfp_nl_open(NETLINK_ROUTE, -1, &nl, NULL))
		return false;
	bare = is_plain(nl, netdev->ifindex) && !has_qdisc(nl, netdev->ifindex);
	nfp_nl_close(nl);
	return bare && !has_program(netdev->ifindex) && !has_chain();
}
