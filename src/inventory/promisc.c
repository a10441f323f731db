// SPDX-License-Identifier: GPL-2.0-or-later
/* promisc.c - finds who made a netdev promiscuous. */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <libmnl/libmnl.h>
#include <linux/if_packet.h>
#include <linux/packet_diag.h>
#include <linux/sock_diag.h>

#include "inventory_priv.h"

int nfp_promisc_parse(const struct nlmsghdr *nlh, struct nfp_promisc_sockets *sockets)
{
	const struct packet_diag_msg *msg = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[PACKET_DIAG_MCLIST + 1];
	struct packet_diag_mclist m;
	struct nfp_attrs list;

	if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*msg))
		return -EBADMSG;
	nfp_attrs_table(nfp_attrs_of(nlh, sizeof(*msg)), tb, PACKET_DIAG_MCLIST + 1);
	/* An array of struct packet_diag_mclist, one for each membership. */
	list = nfp_attrs_in(tb[PACKET_DIAG_MCLIST]);
	for (; list.left >= sizeof(m); list.at += sizeof(m), list.left -= sizeof(m)) {
		memcpy(&m, list.at, sizeof(m));
		if (m.pdmc_type != PACKET_MR_PROMISC)
			continue;
		sockets->v = nfp_reallocarray(sockets->v, sockets->n + 1, sizeof(*sockets->v));
		sockets->v[sockets->n++] = (struct nfp_promisc_socket) {
			.inode = msg->pdiag_ino, .ifindex = (int)m.pdmc_index};
	}
	return 0;
}

static int packet_socket(const struct nlmsghdr *nlh, void *ctx)
{
	return nlh->nlmsg_type == SOCK_DIAG_BY_FAMILY ? nfp_promisc_parse(nlh, ctx) : 0;
}

static void forget_sockets(void *ctx)
{
	struct nfp_promisc_sockets *sockets = ctx;

	sockets->n = 0;
}

int nfp_promisc_sockets_read(struct nfp_promisc_sockets *ret_sockets)
{
	const struct packet_diag_req req = {.sdiag_family = AF_PACKET,
					    .pdiag_show = PACKET_SHOW_MCLIST};
	const struct nfp_nl_handler sink = {packet_socket, forget_sockets, ret_sockets};
	struct nfp_nl_msg msg;
	struct nfp_nl *nl;
	int r = nfp_nl_open(NETLINK_SOCK_DIAG, -1, &nl, NULL);

	*ret_sockets = (struct nfp_promisc_sockets) {0};
	if (r < 0)
		return r;
	nfp_nl_msg_init(&msg, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &req, sizeof(req));
	r = nfp_nl_talk(nl, &msg.head, &sink, NULL, "list packet sockets");
	nfp_nl_close(nl);
	if (r < 0)
		nfp_promisc_sockets_fini(ret_sockets);
	return r;
}

void nfp_promisc_sockets_fini(struct nfp_promisc_sockets *sockets)
{
	free(sockets->v);
	memset(sockets, 0, sizeof(*sockets));
}

/* -- words -- */

void nfp_promisc_describe(struct nfp_use_ctx *ctx, const struct nfp_promisc_sockets *sockets,
			  const struct nfp_link *link, char *words, size_t size)
{
	const struct nfp_link *links = ctx->links;
	size_t num_links = ctx->num_links;
	const struct nfp_link *master = nfp_links_by_ifindex(links, num_links, link->master);
	const char *kind = master && !link->master_kind[0] ? master->kind : link->master_kind;
	char name[32], who[NFP_PROCESS_LEN];

	words[0] = '\0';
	if (link->promiscuity == 0)
		return;
	if (link->flags & IFF_PROMISC)
		nfp_appendf(words, size, "ip link set %s promisc on, ", link->ifname);
	if (link->master && master)
		nfp_appendf(words, size, "%s%s%s%s, ", master->ifname, kind[0] ? " (" : "", kind,
			    kind[0] ? ")" : "");
	/* A promiscuous child, most often the port of a bridge, makes its lower netdev so. */
	for (size_t i = 0; i < num_links; i++) {
		const struct nfp_link *child = &links[i];

		if (!nfp_link_is_child(child, link) || !(child->passthru || child->promiscuity > 0))
			continue;
		master = nfp_links_by_ifindex(links, num_links, child->master);
		nfp_appendf(words, size, "%s (%s%s%s%s), ", child->ifname, child->kind,
			    child->passthru ? " passthru" : "", master ? " in " : "",
			    master ? master->ifname : "");
	}
	for (size_t i = 0; i < sockets->n; i++) {
		if (sockets->v[i].ifindex != link->ifindex)
			continue;
		snprintf(name, sizeof(name), "socket:[%u]", sockets->v[i].inode);
		if (nfp_holder_find(ctx, 0, name, who) == 1)
			nfp_appendf(words, size, "%s, ", who);
		else
			nfp_appendf(words, size, "a packet socket (inode %u), ",
				    sockets->v[i].inode);
	}
	if (words[0])
		words[strlen(words) - 2] = '\0';
	else
		snprintf(words, size, "something that cannot be found (promiscuity %u)",
			 link->promiscuity);
}
