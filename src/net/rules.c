// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rules.c - which rules see the frames of a netdev or of a bridge: nftables, ebtables, tc, XDP.
 * Says that they are there and what they are called, and reads none of them: only their maker knows
 * what they let through. A look loads no module.
 */
#include <errno.h>
#include <libkmod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <net/if.h>
#include <netinet/in.h>
#include <linux/bpf.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_bridge/ebtables.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "inventory_priv.h"
#include "netlink_priv.h"

/* Headers have these since Linux 6.6. */
#define TCX_INGRESS 46 /* BPF_TCX_INGRESS */
#define TCX_EGRESS  47

/* ---- what a kernel has without loading it ---- */

bool nfp_module_is_there(const char *name)
{
	struct kmod_ctx *kmod;
	struct kmod_module *mod = NULL;
	bool is_there;

	/* Without /proc/modules, the kernel loads none. */
	if (!nfp_sysfs_exists(NULL, "/proc/modules") ||
	    nfp_sysfs_exists(NULL, "/sys/module/%s", name))
		return true;
	kmod = kmod_new(NULL, NULL);
	if (!kmod)
		return false;
	kmod_set_log_priority(kmod, 0);
	is_there = kmod_module_new_from_name(kmod, name, &mod) == 0 &&
		   kmod_module_get_initstate(mod) == KMOD_MODULE_BUILTIN;
	kmod_module_unref(mod);
	kmod_unref(kmod);
	return is_there;
}

static void add_rules(struct nfp_netns *netns, enum nfp_rules_kind kind, int ifindex,
		      const char *name)
{
	struct nfp_rules rules = {.kind = kind, .ifindex = ifindex};

	snprintf(rules.name, sizeof(rules.name), "%s", name);
	if (netns->num_rules < NFP_FACTS_MAX)
		*nfp_grow(netns->rules, netns->num_rules) = rules;
	else
		netns->rules_known = false;
}

static const struct nfp_link *find_name(const struct nfp_netns *netns, const char *ifname)
{
	nfp_for_each (link, netns->links, netns->num_links)
		if (strcmp(link->ifname, ifname) == 0)
			return link;
	return NULL;
}

/* ---- nftables ---- */

/* The chain is one of the family netdev, on the devices of its hook. */
static void note_devices(struct nfp_netns *netns, const char *table,
			 const struct nlattr *const *hook)
{
	struct nfp_attrs it = nfp_attrs_in(hook[NFTA_HOOK_DEVS]);
	const struct nlattr *attr = hook[NFTA_HOOK_DEV];
	bool more = true;

	while (more) {
		char ifname[IFNAMSIZ] = "";
		const struct nfp_link *link;

		nfp_attr_str(attr, ifname, sizeof(ifname));
		link = ifname[0] ? find_name(netns, ifname) : NULL;
		if (link)
			add_rules(netns, NFP_RULES_NFT_NETDEV, link->ifindex, table);
		do
			attr = nfp_attrs_next(&it);
		while (attr && mnl_attr_get_type(attr) != NFTA_DEVICE_NAME);
		more = attr != NULL;
	}
}

/* Does the hook of the family bridge see what passes from one port to another? */
static bool is_between_ports(uint32_t hook)
{
	return hook == NF_BR_PRE_ROUTING || hook == NF_BR_FORWARD || hook == NF_BR_POST_ROUTING;
}

void nfp_nft_chain_parse(const struct nlmsghdr *nlh, struct nfp_netns *netns)
{
	const struct nfgenmsg *nfg = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[NFTA_CHAIN_USE + 1], *hook[NFTA_HOOK_DEVS + 1];
	uint32_t use = 0, policy = NF_ACCEPT, number = UINT32_MAX;
	char table[NFP_RULES_NAME] = "";

	if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*nfg))
		return;
	nfp_attrs_table(nfp_attrs_of(nlh, sizeof(*nfg)), tb, NFTA_CHAIN_USE + 1);
	nfp_attrs_table(nfp_attrs_in(tb[NFTA_CHAIN_HOOK]), hook, NFTA_HOOK_DEVS + 1);
	nfp_attr_get(tb[NFTA_CHAIN_USE], &use, sizeof(use));
	if (nfp_attr_get(tb[NFTA_CHAIN_POLICY], &policy, sizeof(policy)))
		policy = ntohl(policy);
	nfp_attr_get(hook[NFTA_HOOK_HOOKNUM], &number, sizeof(number));
	nfp_attr_str(tb[NFTA_CHAIN_TABLE], table, sizeof(table));
	/* A chain without a hook is called by others; one without a rule that accepts does nothing.
	 */
	if (!tb[NFTA_CHAIN_HOOK] || !table[0] || (!ntohl(use) && policy == NF_ACCEPT))
		return;
	if (nfg->nfgen_family == NFPROTO_BRIDGE && is_between_ports(ntohl(number)))
		add_rules(netns, NFP_RULES_NFT_BRIDGE, 0, table);
	else if (nfg->nfgen_family == NFPROTO_NETDEV)
		note_devices(netns, table, hook);
}

static int read_nft(const struct nfp_reading *how, struct nfp_netns *netns, struct nfp_err *err)
{
	static const uint8_t families[] = {NFPROTO_BRIDGE, NFPROTO_NETDEV};
	struct nfp_nl *nl;
	int ret;

	if (!nfp_module_is_there("nf_tables"))
		return 0;
	ret = nfp_nl_open(NETLINK_NETFILTER, how->netns_fd, &nl, err);
	if (ret < 0)
		return ret == -EPROTONOSUPPORT ? 0 : ret; /* a kernel without netfilter */
	nfp_nl_bound(nl, how->until_ns, how->most);
	nfp_for_each (family, families, NFP_NUM(families)) {
		const struct nfgenmsg nfg = {.nfgen_family = *family, .version = NFNETLINK_V0};
		const uint16_t type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN;
		const struct nlmsghdr *nlh = NULL;
		struct nfp_nl_msg msg;

		nfp_nl_msg_init(&msg, type, NLM_F_DUMP, &nfg, sizeof(nfg));
		ret = nfp_nl_talk(nl, &msg.head, err, "list the chains of nftables");
		/* It has no nftables, or not this family. */
		if (ret == -EINVAL || ret == -EOPNOTSUPP || ret == -EAFNOSUPPORT)
			ret = 0;
		if (ret < 0)
			break;
		while ((nlh = nfp_nl_next(nl, nlh, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWCHAIN)))
			nfp_nft_chain_parse(nlh, netns);
	}
	nfp_nl_close(nl);
	return ret;
}

/* ---- ebtables, which is older ---- */

static int open_raw(void *arg)
{
	int *fd = arg;

	*fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	return *fd < 0 ? -errno : 0;
}

/* How many entries a table has comes with the sizes that its reader needs (EBT_SO_GET_INFO in
 * net/bridge/netfilter/ebtables.c). To ask for a table loads its module. */
static int read_ebtables(const struct nfp_reading *how, struct nfp_netns *netns)
{
	static const char *const tables[] = {"filter", "nat", "broute"};
	int fd = -1, ret = 0;

	for (size_t i = 0; i < NFP_NUM(tables) && ret == 0; i++) {
		struct ebt_replace info = {.nentries = 0};
		socklen_t len = sizeof(info);
		char module[32];

		snprintf(module, sizeof(module), "ebtable_%s", tables[i]);
		if (!nfp_module_is_there("ebtables") || !nfp_module_is_there(module))
			continue;
		if (fd < 0)
			ret = nfp_netns_run(how->netns_fd, open_raw, &fd);
		snprintf(info.name, sizeof(info.name), "%s", tables[i]);
		if (ret == 0 && getsockopt(fd, IPPROTO_IP, EBT_SO_GET_INFO, &info, &len) != 0)
			ret = errno == ENOENT || errno == ENOPROTOOPT ? 0 : -errno;
		else if (ret == 0 && info.nentries)
			add_rules(netns, NFP_RULES_EBTABLES, 0, tables[i]);
	}
	if (fd >= 0)
		close(fd);
	return ret;
}

/* ---- tc ---- */

void nfp_tc_filter_parse(const struct nlmsghdr *nlh, struct nfp_netns *netns)
{
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[TCA_OPTIONS + 1], *options[TCA_BPF_NAME + 1];
	char kind[16] = "", program[NFP_RULES_NAME] = "", name[2 * NFP_RULES_NAME];

	if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*tcm))
		return;
	nfp_attrs_table(nfp_attrs_of(nlh, sizeof(*tcm)), tb, TCA_OPTIONS + 1);
	nfp_attr_str(tb[TCA_KIND], kind, sizeof(kind));
	/* Without options it is no filter, but the head of a list of some. */
	if (!kind[0] || !tb[TCA_OPTIONS])
		return;
	if (strcmp(kind, "bpf") == 0) {
		nfp_attrs_table(nfp_attrs_in(tb[TCA_OPTIONS]), options, TCA_BPF_NAME + 1);
		nfp_attr_str(options[TCA_BPF_NAME], program, sizeof(program));
	}
	snprintf(name, sizeof(name), "%s%s%s", kind, program[0] ? " " : "", program);
	add_rules(netns, NFP_RULES_TC, tcm->tcm_ifindex, name);
}

/* Appends the netdev of a queueing discipline whose filters see each frame, before it is queued. */
static void note_qdisc(const struct nlmsghdr *nlh, int **list, size_t *num)
{
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[TCA_KIND + 1];
	char kind[16] = "";

	if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*tcm))
		return;
	nfp_attrs_table(nfp_attrs_of(nlh, sizeof(*tcm)), tb, TCA_KIND + 1);
	nfp_attr_str(tb[TCA_KIND], kind, sizeof(kind));
	if (strcmp(kind, "clsact") == 0 || strcmp(kind, "ingress") == 0)
		*nfp_grow(*list, *num) = tcm->tcm_ifindex;
}

static int read_filters(struct nfp_nl *nl, int ifindex, struct nfp_netns *netns,
			struct nfp_err *err)
{
	static const uint32_t sides[] = {TC_H_MIN_INGRESS, TC_H_MIN_EGRESS};
	int ret = 0;

	for (size_t i = 0; i < NFP_NUM(sides) && ret == 0; i++) {
		const struct tcmsg tcm = {.tcm_ifindex = ifindex,
					  .tcm_parent = TC_H_MAKE(TC_H_CLSACT, sides[i])};
		const struct nlmsghdr *nlh = NULL;
		struct nfp_nl_msg msg;

		nfp_nl_msg_init(&msg, RTM_GETTFILTER, NLM_F_DUMP, &tcm, sizeof(tcm));
		ret = nfp_nl_talk(nl, &msg.head, err, "list the filters of tc");
		while (ret == 0 && (nlh = nfp_nl_next(nl, nlh, RTM_NEWTFILTER)))
			nfp_tc_filter_parse(nlh, netns);
	}
	return ret;
}

static int read_tc(const struct nfp_reading *how, struct nfp_netns *netns, struct nfp_err *err)
{
	const struct tcmsg tcm = {.tcm_family = AF_UNSPEC};
	const struct nlmsghdr *nlh = NULL;
	struct nfp_nl_msg msg;
	struct nfp_nl *nl;
	int *with = NULL, ret = nfp_nl_open(NETLINK_ROUTE, how->netns_fd, &nl, err);
	size_t num = 0;

	if (ret < 0)
		return ret;
	nfp_nl_bound(nl, how->until_ns, how->most);
	nfp_nl_msg_init(&msg, RTM_GETQDISC, NLM_F_DUMP, &tcm, sizeof(tcm));
	ret = nfp_nl_talk(nl, &msg.head, err, "list the queueing disciplines");
	while (ret == 0 && (nlh = nfp_nl_next(nl, nlh, RTM_NEWQDISC)))
		note_qdisc(nlh, &with, &num);
	for (size_t i = 0; i < num && ret == 0; i++)
		ret = read_filters(nl, with[i], netns, err);
	nfp_nl_close(nl);
	free(with);
	/* A kernel without tc. */
	return ret == -EOPNOTSUPP ? 0 : ret;
}

/* ---- programs that no other list shows ---- */

struct tcx_reader {
	struct nfp_netns *netns;
	uint64_t until_ns;
};

/* Programs of tcx, as Cilium attaches them, are in no dump of tc. The kernel finds the netdev in
 * the namespace of this thread. */
static int query_tcx(void *arg)
{
	static const uint32_t types[] = {TCX_INGRESS, TCX_EGRESS};
	const struct tcx_reader *r = arg;

	nfp_for_each (link, r->netns->links, r->netns->num_links) {
		if (r->until_ns && nfp_clock_now() >= r->until_ns)
			return -ETIME;
		for (size_t i = 0; i < NFP_NUM(types); i++) {
			union bpf_attr attr;
			uint32_t ids[1] = {0};
			char name[32];
			long ret;

			memset(&attr, 0, sizeof(attr));
			attr.query.target_fd = (uint32_t)link->ifindex;
			attr.query.attach_type = types[i];
			attr.query.prog_ids = (uint64_t)(uintptr_t)ids;
			attr.query.prog_cnt = 1;
			ret = syscall(SYS_bpf, BPF_PROG_QUERY, &attr, sizeof(attr));
			/* A kernel without it does not know the type of any netdev. */
			if (ret < 0 && errno != ENOSPC)
				return errno == ENODEV || errno == ENOENT || errno == EPERM
					       ? 0
					       : -errno;
			if (!attr.query.prog_cnt)
				continue;
			snprintf(name, sizeof(name), "bpf, program %u", ids[0]);
			add_rules(r->netns, NFP_RULES_TC, link->ifindex, name);
		}
	}
	return 0;
}

static void note_xdp(struct nfp_netns *netns)
{
	nfp_for_each (link, netns->links, netns->num_links) {
		char name[32];

		if (!link->xdp)
			continue;
		snprintf(name, sizeof(name), "program %u", link->xdp_program);
		add_rules(netns, NFP_RULES_XDP, link->ifindex, name);
	}
}

/* ---- all of them ---- */

static int compare_rules(const void *a, const void *b)
{
	const struct nfp_rules *x = a, *y = b;

	return NFP_ORDER(x->ifindex, y->ifindex) ?: NFP_ORDER(x->kind, y->kind)
					 ?: strcmp(x->name, y->name);
}

static int order_by_ifindex(const void *a, const void *b)
{
	const struct nfp_rules *x = a, *y = b;

	return NFP_ORDER(x->ifindex, y->ifindex);
}

/* A table may have several chains, and a netdev several filters of a kind. */
static void sort_rules(struct nfp_netns *netns)
{
	size_t kept = 0;

	if (netns->num_rules)
		qsort(netns->rules, netns->num_rules, sizeof(*netns->rules), compare_rules);
	for (size_t i = 0; i < netns->num_rules; i++)
		if (!kept || compare_rules(&netns->rules[kept - 1], &netns->rules[i]) != 0)
			netns->rules[kept++] = netns->rules[i];
	netns->num_rules = kept;
}

int nfp_rules_read(const struct nfp_reading *how, struct nfp_netns *netns, struct nfp_err *err)
{
	struct tcx_reader tcx = {netns, how->until_ns};
	int rets[4];

	netns->rules_known = true;
	rets[0] = read_nft(how, netns, err);
	rets[1] = read_ebtables(how, netns);
	rets[2] = read_tc(how, netns, err);
	rets[3] = nfp_netns_run(how->netns_fd, query_tcx, &tcx);
	note_xdp(netns);
	sort_rules(netns);
	for (size_t i = 0; i < NFP_NUM(rets); i++)
		if (rets[i] < 0) {
			netns->rules_known = false;
			return rets[i];
		}
	return netns->rules_known ? 0 : -EFBIG;
}

const struct nfp_rules *nfp_rules_at(const struct nfp_netns *netns, const struct nfp_link *link,
				     size_t *ret_num)
{
	/* Those of bridges are of every bridge of their namespace. */
	const bool is_bridge = strcmp(link->kind, "bridge") == 0;
	const struct nfp_rules key = {.ifindex = is_bridge ? 0 : link->ifindex};
	size_t from = nfp_lower_bound(&key, netns->rules, netns->num_rules, sizeof(key),
				      order_by_ifindex);
	size_t to = from;

	while (to < netns->num_rules && netns->rules[to].ifindex == key.ifindex)
		to++;
	*ret_num = to - from;
	return to > from ? &netns->rules[from] : NULL;
}
