// SPDX-License-Identifier: GPL-2.0-or-later
/* snapshot.c - reads what a network namespace has: netdevs, tables, VLANs of ports. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/if_packet.h>
#include <linux/packet_diag.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>

#include "inventory_priv.h"
#include "netlink_priv.h"

#define PORTS_MAX     8192	  /* of the bridges of a namespace, where that is bounded */
#define PROC_TEXT_MAX (16U << 20) /* bytes; dev_mcast: a line of 60 for each group of a netdev */

char *nfp_proc_text(const struct nfp_sysroot *root, const char *file)
{
	char path[512], *text = NULL;
	size_t len;
	int fd;

	snprintf(path, sizeof(path), "%s%s", root->prefix, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	if (nfp_read_fd(fd, PROC_TEXT_MAX, &text, &len) != 0) {
		free(text);
		text = NULL;
	}
	close(fd);
	return text;
}

static int read_links(unsigned int what, const struct nfp_reading *how, struct nfp_netns *netns,
		      struct nfp_err *err)
{
	struct nfp_nl *nl;
	int ret = nfp_nl_open(NETLINK_ROUTE, how->netns_fd, &nl, err);

	if (ret < 0)
		return ret;
	nfp_nl_bound(nl, how->until_ns, how->most);
	ret = nfp_links_read(nl, &netns->links, &netns->num_links, err);
	if (ret == 0 && what & NFP_SEE_NSID)
		ret = nfp_rt_nsid(nl, how->own_fd, &netns->own_nsid, err);
	nfp_nl_close(nl);
	if (ret == 0 && what & NFP_SEE_DEVICES)
		nfp_links_sysfs(how->root, netns->links, netns->num_links);
	return ret;
}

/* Each table has a socket of its own: a dump that was broken off would go on in the next one. */
static int read_table(uint8_t family, const struct nfp_reading *how, struct nfp_netns *netns,
		      struct nfp_err *err)
{
	const struct nlmsghdr *nlh = NULL;
	struct nfp_neigh n;
	struct nfp_nl *nl;
	int ret = nfp_nl_open(NETLINK_ROUTE, how->netns_fd, &nl, err);

	if (ret < 0)
		return ret;
	nfp_nl_bound(nl, how->until_ns, how->most);
	ret = nfp_neigh_dump(nl, family, err);
	/* The messages within the bound are there. */
	while ((ret == 0 || ret == -EFBIG || ret == -ETIME) && (nlh = nfp_nl_next(nl, nlh, 0))) {
		if (!nfp_neigh_parse(nlh, &n) || !n.have_mac || nfp_mac_is_zero(&n.mac) ||
		    nfp_mac_is_multicast(&n.mac))
			continue;
		*nfp_grow(netns->entries, netns->num_entries) = n;
	}
	nfp_nl_close(nl);
	return ret;
}

static int read_port_vlans(const struct nfp_reading *how, struct nfp_netns *netns,
			   struct nfp_err *err)
{
	const struct nlmsghdr *nlh = NULL;
	struct nfp_nl *nl;
	int ret = nfp_nl_open(NETLINK_ROUTE, how->netns_fd, &nl, err);

	if (ret < 0)
		return ret;
	nfp_nl_bound(nl, how->until_ns, MIN(how->most, (size_t)PORTS_MAX));
	ret = nfp_rt_port_vlans(nl, 0, &netns->port_vlans, &netns->num_port_vlans, err);
	if (ret == 0 && how->until_ns && netns->num_port_vlans > how->most)
		ret = -EFBIG;
	netns->vlans_known = ret == 0;
	while (ret == 0 && (nlh = nfp_nl_next(nl, nlh, RTM_NEWLINK))) {
		int ifindex = nfp_vepa_parse(nlh);

		if (!ifindex)
			continue;
		*nfp_grow(netns->vepa, netns->num_vepa) = ifindex;
	}
	nfp_nl_close(nl);
	return ret;
}

/* Adds the unicast addresses that one socket hears. Anybody can have any number of sockets, but
 * none of these without CAP_NET_RAW. */
static void add_memberships(const struct nlmsghdr *nlh, struct nfp_netns *netns)
{
	const struct nlattr *tb[PACKET_DIAG_MCLIST + 1];
	struct packet_diag_mclist one;
	const char *at;
	size_t left;

	if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(struct packet_diag_msg))
		return;
	nfp_attrs_table(nfp_attrs_of(nlh, sizeof(struct packet_diag_msg)), tb,
			PACKET_DIAG_MCLIST + 1);
	if (!tb[PACKET_DIAG_MCLIST])
		return;
	at = mnl_attr_get_payload(tb[PACKET_DIAG_MCLIST]);
	for (left = mnl_attr_get_payload_len(tb[PACKET_DIAG_MCLIST]); left >= sizeof(one);
	     left -= sizeof(one), at += sizeof(one)) {
		struct nfp_membership m;

		memcpy(&one, at, sizeof(one));
		if (one.pdmc_type != PACKET_MR_UNICAST || one.pdmc_alen != NFP_MAC_LEN)
			continue;
		m.ifindex = (int)one.pdmc_index;
		memcpy(m.mac.b, one.pdmc_addr, NFP_MAC_LEN);
		*nfp_grow(netns->memberships, netns->num_memberships) = m;
	}
}

static int read_sockets(const struct nfp_reading *how, struct nfp_netns *netns)
{
	const struct packet_diag_req req = {.sdiag_family = AF_PACKET,
					    .pdiag_show = PACKET_SHOW_MCLIST};
	const struct nlmsghdr *nlh = NULL;
	struct nfp_nl_msg msg;
	struct nfp_nl *nl;
	int ret = nfp_nl_open(NETLINK_SOCK_DIAG, how->netns_fd, &nl, NULL);

	netns->memberships_known = false;
	if (ret < 0)
		return ret;
	nfp_nl_bound(nl, how->until_ns, how->most);
	nfp_nl_msg_init(&msg, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &req, sizeof(req));
	ret = nfp_nl_talk(nl, &msg.head, NULL, "list packet sockets");
	netns->memberships_known = ret == 0;
	while ((nlh = nfp_nl_next(nl, nlh, SOCK_DIAG_BY_FAMILY)))
		add_memberships(nlh, netns);
	nfp_nl_close(nl);
	return ret;
}

int nfp_netns_read(unsigned int what, const struct nfp_reading *how, struct nfp_netns *netns,
		   struct nfp_err *err)
{
	struct nfp_err ignored;
	int ret = what & NFP_SEE_LINKS ? read_links(what, how, netns, err) : 0;

	if (ret < 0)
		return ret;
	if (what & NFP_SEE_FDBS)
		ret = read_table(AF_BRIDGE, how, netns, err);
	/* A dump of AF_UNSPEC has ARP and ND entries, but no FDB. */
	if (what & NFP_SEE_NEIGHBOURS) {
		int one = read_table(AF_UNSPEC, how, netns, ret ? &ignored : err);

		ret = ret ?: one;
	}
	if (what & NFP_SEE_PORT_VLANS) {
		int one = read_port_vlans(how, netns, ret ? &ignored : err);

		ret = ret ?: one;
	}
	if (what & NFP_SEE_SOCKETS) {
		int one = read_sockets(how, netns);

		ret = ret ?: one;
	}
	return ret;
}

void nfp_topology_vepa(struct nfp_topology *topology, const struct nfp_netns *own)
{
	nfp_for_each (pf, topology->pfs, topology->num_pfs)
		for (size_t k = 0; k < own->num_vepa; k++)
			pf->info.vepa |= own->vepa[k] == pf->info.ifindex;
}

void nfp_netns_fini(struct nfp_netns *netns)
{
	free(netns->links);
	free(netns->entries);
	free(netns->port_vlans);
	free(netns->vepa);
	free(netns->memberships);
	free(netns->rules);
	*netns = (struct nfp_netns) {.num_links = 0};
}
