// SPDX-License-Identifier: GPL-2.0-or-later
/* snapshot.c - reads what a network namespace has: netdevs, tables, VLANs of ports. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "inventory_priv.h"

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

/* By a socket of its own: a dump that was broken off would go on in the next one. */
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
		netns->entries = nfp_reallocarray(netns->entries, netns->num_entries + 1,
						  sizeof(n));
		netns->entries[netns->num_entries++] = n;
	}
	nfp_nl_close(nl);
	return ret;
}

static int read_port_vlans(const struct nfp_reading *how, struct nfp_netns *netns,
			   struct nfp_err *err)
{
	struct nfp_nl *nl;
	int ret = nfp_nl_open(NETLINK_ROUTE, how->netns_fd, &nl, err);

	if (ret < 0)
		return ret;
	ret = nfp_rt_port_vlans(nl, 0, &netns->port_vlans, &netns->num_port_vlans, err);
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
	/* A dump of AF_UNSPEC has ARP and ND entries, but none of an FDB. */
	if (what & NFP_SEE_NEIGHBOURS) {
		int one = read_table(AF_UNSPEC, how, netns, ret ? &ignored : err);

		ret = ret ?: one;
	}
	if (what & NFP_SEE_PORT_VLANS) {
		int one = read_port_vlans(how, netns, ret ? &ignored : err);

		ret = ret ?: one;
	}
	return ret;
}

void nfp_netns_fini(struct nfp_netns *netns)
{
	free(netns->links);
	free(netns->entries);
	free(netns->port_vlans);
	*netns = (struct nfp_netns) {.num_links = 0};
}
