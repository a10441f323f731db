// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * upuse.c - who uses a netdev that is up. A route, a socket or a redirection through it is use. A
 * netdev that is merely up is unused: network managers set up each one that they find.
 */
#include <errno.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/inet_diag.h>
#include <linux/nexthop.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tc_act/tc_mirred.h>
#include <linux/xdp_diag.h>

#include "inventory_priv.h"
#include "netlink_priv.h"

static void add_up_use(struct nfp_up_uses *uses, struct nfp_up_use use)
{
	if (!use.ifindex)
		return;
	*nfp_grow(uses->v, uses->n) = use;
}

static void not_told(struct nfp_up_uses *uses, const char *why)
{
	nfp_appendf(uses->unread, sizeof(uses->unread), "%s%s", uses->unread[0] ? "; " : "", why);
}

/* Does a kernel without such things say so? Any other error leaves open whether there are any. */
static bool lacks(int error)
{
	return error == -EOPNOTSUPP || error == -ENOENT || error == -EINVAL;
}

/* ---- routes ---- */

/* The kernel's own routes come and go with the addresses of a netdev, even link-local ones. */
static void note_route(struct nfp_up_uses *uses, const struct nlmsghdr *nlh)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[RTA_MULTIPATH + 1];
	struct nfp_up_use use = {.by = NFP_UP_ROUTE};
	struct nfp_attrs it, hop;

	if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*rtm) || rtm->rtm_protocol == RTPROT_KERNEL)
		return;
	nfp_attrs_table(nfp_attrs_of(nlh, sizeof(*rtm)), tb, RTA_MULTIPATH + 1);
	nfp_attr_get(tb[RTA_OIF], &use.ifindex, sizeof(use.ifindex));
	add_up_use(uses, use);
	it = nfp_attrs_in(tb[RTA_MULTIPATH]);
	while (nfp_nexthop_next(&it, &use.ifindex, &hop))
		add_up_use(uses, use);
}

/* A route with a next-hop object names no netdev itself (RTA_NH_ID): objects are listed apart. */
static void note_nexthop(struct nfp_up_uses *uses, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[NHA_OIF + 1];
	struct nfp_up_use use = {.by = NFP_UP_ROUTE};

	if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(struct nhmsg))
		return;
	nfp_attrs_table(nfp_attrs_of(nlh, sizeof(struct nhmsg)), tb, NHA_OIF + 1);
	nfp_attr_get(tb[NHA_OIF], &use.ifindex, sizeof(use.ifindex));
	add_up_use(uses, use);
}

static void read_routes(struct nfp_nl *nl, struct nfp_up_uses *uses)
{
	const struct rtmsg rtm = {.rtm_family = AF_UNSPEC};
	const struct nhmsg nhm = {.nh_family = AF_UNSPEC};
	const struct nlmsghdr *nlh = NULL;
	struct nfp_nl_msg msg;
	int ret;

	nfp_nl_msg_init(&msg, RTM_GETROUTE, NLM_F_DUMP, &rtm, sizeof(rtm));
	if (nfp_nl_talk(nl, &msg.head, NULL, "list the routes") < 0)
		not_told(uses, "the kernel does not list its routes");
	while ((nlh = nfp_nl_next(nl, nlh, RTM_NEWROUTE)))
		note_route(uses, nlh);
	/* Linux before 5.3 has no objects. */
	nfp_nl_msg_init(&msg, RTM_GETNEXTHOP, NLM_F_DUMP, &nhm, sizeof(nhm));
	ret = nfp_nl_talk(nl, &msg.head, NULL, "list the next hops");
	if (ret < 0 && !lacks(ret))
		not_told(uses, "the kernel does not list its next hops");
	while (ret == 0 && (nlh = nfp_nl_next(nl, nlh, RTM_NEWNEXTHOP)))
		note_nexthop(uses, nlh);
}

/* ---- tc ---- */

static void note_mirred(struct nfp_up_uses *uses, const struct nlattr *action)
{
	const struct nlattr *tb[TCA_ACT_OPTIONS + 1], *options[TCA_MIRRED_PARMS + 1];
	struct tc_mirred mirred;

	nfp_attrs_table(nfp_attrs_in(action), tb, TCA_ACT_OPTIONS + 1);
	nfp_attrs_table(nfp_attrs_in(tb[TCA_ACT_OPTIONS]), options, TCA_MIRRED_PARMS + 1);
	if (nfp_attr_get(options[TCA_MIRRED_PARMS], &mirred, sizeof(mirred)))
		add_up_use(uses, (struct nfp_up_use) {.ifindex = (int)mirred.ifindex,
						      .by = NFP_UP_REDIRECT});
}

/* Reads all actions that send frames elsewhere, of whichever filter. A kernel without
 * tc has none. */
static void read_redirects(struct nfp_nl *nl, struct nfp_up_uses *uses)
{
	const struct tcamsg tca = {.tca_family = AF_UNSPEC};
	const struct nlmsghdr *nlh = NULL;
	const struct nlattr *tb[TCA_ROOT_TAB + 1], *action;
	struct nlattr *table, *first;
	struct nfp_nl_msg msg;
	int ret;

	nfp_nl_msg_init(&msg, RTM_GETACTION, NLM_F_DUMP, &tca, sizeof(tca));
	table = mnl_attr_nest_start(&msg.head, TCA_ACT_TAB);
	first = mnl_attr_nest_start(&msg.head, 1);
	mnl_attr_put_strz(&msg.head, TCA_ACT_KIND, "mirred");
	mnl_attr_nest_end(&msg.head, first);
	mnl_attr_nest_end(&msg.head, table);
	ret = nfp_nl_talk(nl, &msg.head, NULL, "list the actions of tc");
	if (ret < 0 && !lacks(ret))
		not_told(uses, "the kernel does not list the actions of tc");
	while (ret == 0 && (nlh = nfp_nl_next(nl, nlh, 0))) {
		struct nfp_attrs it;

		nfp_attrs_table(nfp_attrs_of(nlh, sizeof(tca)), tb, TCA_ROOT_TAB + 1);
		it = nfp_attrs_in(tb[TCA_ACT_TAB]);
		while (tb[TCA_ACT_TAB] && (action = nfp_attrs_next(&it)))
			note_mirred(uses, action);
	}
}

/* ---- sockets ---- */

/* sk RefCnt Type Proto Iface R Rmem User Inode: net/packet/af_packet.c, packet_seq_show */
static void read_packet_sockets(const struct nfp_sysroot *root, struct nfp_up_uses *uses)
{
	char *text = nfp_proc_text(root, "/proc/net/packet"), *line, *save = NULL;

	if (!text)
		not_told(uses, "/proc/net/packet cannot be read");
	for (line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		struct nfp_up_use use = {.by = NFP_UP_PACKET};
		unsigned int protocol;

		if (sscanf(line, "%*s %*s %*s %x %d %*s %*s %*s %lu", &protocol, &use.ifindex,
			   &use.inode) != 3)
			continue;
		use.protocol = (uint16_t)protocol;
		add_up_use(uses, use);
	}
	free(text);
}

/* Asks only for sockets that are bound to a netdev: there may be hundreds of
 * thousands of others. */
struct bound_only {
	struct inet_diag_bc_op dev;
	uint32_t ifindex;
	struct inet_diag_bc_op reject;
};
static const struct bound_only bound_only = {
	/* yes: the next operation; no: the end, which accepts */
	.dev = {INET_DIAG_BC_DEV_COND, sizeof(bound_only.dev) + sizeof(uint32_t),
		sizeof(struct bound_only)},
	.ifindex = 0,
	/* A jump beyond the end rejects. */
	.reject = {INET_DIAG_BC_JMP, sizeof(struct inet_diag_bc_op),
		   sizeof(struct inet_diag_bc_op) + 4},
};

/*
 * A socket is use if its maker needed a right for it: a packet, raw or XDP socket. Anybody can bind
 * one of TCP or UDP to a netdev (SO_BINDTODEVICE, since Linux 5.7), and who holds it by now proves
 * nothing: su inherits it. Nor is a connection of TCP use. By an address that root has set, the
 * address already is; by a link-local one, anybody can connect to whoever listens on the segment.
 */
static void read_inet(struct nfp_nl *nl, uint8_t family, uint8_t protocol, struct nfp_up_uses *uses)
{
	const struct inet_diag_req_v2 request = {
		.sdiag_family = family, .sdiag_protocol = protocol, .idiag_states = ~0U};
	const struct nlmsghdr *nlh = NULL;
	struct nfp_nl_msg msg;
	int ret;

	nfp_nl_msg_init(&msg, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &request, sizeof(request));
	mnl_attr_put(&msg.head, INET_DIAG_REQ_BYTECODE, sizeof(bound_only), &bound_only);
	ret = nfp_nl_talk(nl, &msg.head, NULL, "list the sockets");
	/* A kernel without IPv6 has no such sockets. One without the module does not say. */
	if (ret < 0 && protocol == IPPROTO_RAW && (family == AF_INET || !lacks(ret)))
		not_told(uses, "the kernel does not list its raw sockets (module raw_diag)");
	while (ret == 0 && (nlh = nfp_nl_next(nl, nlh, SOCK_DIAG_BY_FAMILY))) {
		const struct inet_diag_msg *found = mnl_nlmsg_get_payload(nlh);

		if (nlh->nlmsg_len >= NLMSG_HDRLEN + sizeof(*found))
			add_up_use(uses, (struct nfp_up_use) {.ifindex = (int)found->id.idiag_if,
							      .by = protocol == IPPROTO_RAW
									    ? NFP_UP_SOCKET
									    : NFP_UP_BOUND,
							      .inode = found->idiag_inode});
	}
}

/* A kernel without XDP sockets, or without their module of diagnosis, lists none. */
static void read_xdp(struct nfp_nl *nl, struct nfp_up_uses *uses)
{
	const struct xdp_diag_req request = {.sdiag_family = AF_XDP, .xdiag_show = XDP_SHOW_INFO};
	const struct nlmsghdr *nlh = NULL;
	struct nfp_nl_msg msg;
	int ret;

	nfp_nl_msg_init(&msg, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &request, sizeof(request));
	ret = nfp_nl_talk(nl, &msg.head, NULL, "list the AF_XDP sockets");
	if (ret < 0 && !lacks(ret))
		not_told(uses, "the kernel does not list its XDP sockets");
	while (ret == 0 && (nlh = nfp_nl_next(nl, nlh, SOCK_DIAG_BY_FAMILY))) {
		const struct xdp_diag_msg *found = mnl_nlmsg_get_payload(nlh);
		const struct nlattr *tb[XDP_DIAG_INFO + 1];
		struct xdp_diag_info info;

		if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*found))
			continue;
		nfp_attrs_table(nfp_attrs_of(nlh, sizeof(*found)), tb, XDP_DIAG_INFO + 1);
		if (nfp_attr_get(tb[XDP_DIAG_INFO], &info, sizeof(info)))
			add_up_use(uses, (struct nfp_up_use) {.ifindex = (int)info.ifindex,
							      .by = NFP_UP_SOCKET,
							      .inode = found->xdiag_ino});
	}
}

static void read_ip_sockets(struct nfp_up_uses *uses)
{
	static const uint8_t protocols[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_RAW};
	struct nfp_nl *nl;

	if (nfp_nl_open(NETLINK_SOCK_DIAG, -1, &nl, NULL) < 0) {
		not_told(uses, "the kernel does not list its sockets");
		return;
	}
	for (size_t i = 0; i < sizeof(protocols); i++) {
		read_inet(nl, AF_INET, protocols[i], uses);
		read_inet(nl, AF_INET6, protocols[i], uses);
	}
	read_xdp(nl, uses);
	nfp_nl_close(nl);
}

/* ---- whose it is ---- */

struct socket_search {
	const struct nfp_use_ctx *ctx;
	unsigned long inode;
	pid_t pid;
};

static int check_descriptor(const char *name, void *arg)
{
	const struct socket_search *s = arg;
	char path[512], target[48] = "";
	unsigned long inode;

	snprintf(path, sizeof(path), "%s/proc/%d/fd/%s", s->ctx->root->prefix, (int)s->pid, name);
	return readlink(path, target, sizeof(target) - 1) > 0 &&
	       sscanf(target, "socket:[%lu]", &inode) == 1 && inode == s->inode;
}

static int check_process(const char *name, void *arg)
{
	struct socket_search *s = arg;

	s->pid = nfp_pid_of(name);
	if (!s->pid)
		return 0;
	if (s->ctx->until_ns && nfp_clock_now() >= s->ctx->until_ns)
		return -ETIME;
	return nfp_sysfs_each(s->ctx->root, check_descriptor, s, "/proc/%d/fd", (int)s->pid) > 0;
}

/* Returns the process that has the socket open. 0: it was not found. */
static pid_t owner_of(const struct nfp_use_ctx *ctx, unsigned long inode)
{
	struct socket_search s = {.ctx = ctx, .inode = inode};

	return nfp_sysfs_each(ctx->root, check_process, &s, "/proc") > 0 ? s.pid : 0;
}

/* These open a socket for each netdev, to learn what is at the other end of its cable. */
static bool is_lldp_agent(const char *who)
{
	static const char *const agents[] = {"lldpd ", "lldpad ", "ladvd "};

	for (size_t i = 0; i < NFP_NUM(agents); i++)
		if (strncmp(who, agents[i], strlen(agents[i])) == 0)
			return true;
	return false;
}

/* NetworkManager writes a file for each netdev that it manages, with the connection once that has
 * begun (nm_config_device_state_write). */
bool nfp_networkmanager_has(const struct nfp_sysroot *root, int ifindex)
{
	char *file = nfp_asprintf("/run/NetworkManager/devices/%d", ifindex);
	char *text = nfp_proc_text(root, file);
	bool has = text && strstr(text, "\nconnection-uuid=") != NULL;

	free(file);
	free(text);
	return has;
}

static void read_uses(struct nfp_use_ctx *ctx)
{
	struct nfp_up_uses *uses = &ctx->up_uses;
	struct nfp_nl *nl;

	if (uses->known)
		return;
	uses->known = true;
	read_packet_sockets(ctx->root, uses);
	read_ip_sockets(uses);
	if (nfp_nl_open(NETLINK_ROUTE, -1, &nl, NULL) < 0) {
		not_told(uses, "the kernel does not list its routes");
		return;
	}
	read_routes(nl, uses);
	read_redirects(nl, uses);
	nfp_nl_close(nl);
}

/* Notes for the reader a socket that anybody can open, which is no use. */
static void note_bound(const struct nfp_use_ctx *ctx, const struct nfp_up_use *use,
		       const char *ifname, struct nfp_vf_info *vf)
{
	char who[NFP_PROCESS_LEN] = "a process";
	pid_t pid;

	if (vf->note[0])
		return;
	pid = owner_of(ctx, use->inode);
	if (pid)
		nfp_process_name(ctx->root, pid, who);
	snprintf(vf->note, sizeof(vf->note),
		 "%s has a socket on %s, for which it needs no right and which is no use of it",
		 who, ifname);
}

/* False: it is no use. */
static bool describe_use(const struct nfp_use_ctx *ctx, const struct nfp_up_use *use,
			 const char *ifname, struct nfp_vf_info *vf)
{
	char who[NFP_PROCESS_LEN] = "a process ";
	pid_t pid;

	if (use->by == NFP_UP_ROUTE) {
		nfp_vf_use_note(vf, NFP_USE_NETDEV_UP, "%s is up, and a route goes through it",
				ifname);
		return true;
	}
	if (use->by == NFP_UP_REDIRECT) {
		nfp_vf_use_note(vf, NFP_USE_NETDEV_UP, "%s is up, and tc sends frames to it",
				ifname);
		return true;
	}
	if (use->by == NFP_UP_PACKET && use->protocol == ETH_P_LLDP)
		return false;
	if (use->by == NFP_UP_BOUND) {
		note_bound(ctx, use, ifname, vf);
		return false;
	}
	pid = owner_of(ctx, use->inode);
	if (pid)
		nfp_process_name(ctx->root, pid, who);
	if (use->by == NFP_UP_PACKET && is_lldp_agent(who))
		return false;
	vf->by_manager = strncmp(who, "NetworkManager ", strlen("NetworkManager ")) == 0;
	nfp_vf_use_note(vf, NFP_USE_NETDEV_UP, "%s is up, and %s%s has a socket on it", ifname, who,
			pid ? "" : "whose files cannot be read");
	return true;
}

void nfp_up_use_find(struct nfp_use_ctx *ctx, const struct nfp_link *link, struct nfp_vf_info *vf)
{
	const struct nfp_up_uses *uses = &ctx->up_uses;

	read_uses(ctx);
	nfp_for_each (use, uses->v, uses->n)
		if (use->ifindex == link->ifindex && describe_use(ctx, use, link->ifname, vf))
			return;
	if (uses->unread[0])
		nfp_vf_use_note_by(vf, NFP_USE_NETDEV_UP, NFP_SAID,
				   "%s is up, and who uses it is not known: %s", link->ifname,
				   uses->unread);
}
