// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VLAN and macvlan children. libnl-route knows how such requests are laid out and builds them; they
 * are sent over our own socket, because libnl's would lose the kernel's sentence.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/rtnetlink.h>
#include <netlink/addr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/link/macvlan.h>
#include <netlink/route/link/vlan.h>

#include "nfprobe/netlink.h"

static int no_memory(struct nfp_err *err, const struct nfp_rt_dev *lower)
{
	return nfp_err_errno(err, -ENOMEM, NFP_E_MEMORY, "cannot make a child of %s",
			     nfp_rt_name(lower));
}

/* The number that the child has in its own namespace. */
static int find_child(struct nfp_nl *nl, const char *ifname, int netns_fd, int *ret_ifindex,
		      struct nfp_err *err)
{
	struct nfp_nl *there = NULL;
	struct nfp_link link;
	int r = 0;

	if (netns_fd >= 0)
		r = nfp_nl_open(NETLINK_ROUTE, netns_fd, &there, err);
	if (r == 0)
		r = nfp_link_by_name(there ? there : nl, ifname, &link, err);
	nfp_nl_close(there);
	if (r == 0)
		*ret_ifindex = link.ifindex;
	return r;
}

static int create(struct nfp_nl *nl, const struct nfp_rt_dev *lower, struct rtnl_link *link,
		  int netns_fd, struct nfp_err *err)
{
	const char *kind = rtnl_link_get_type(link);
	struct nl_msg *msg = NULL;
	int r;

	rtnl_link_set_link(link, lower->ifindex);
	if (netns_fd >= 0)
		rtnl_link_set_ns_fd(link, netns_fd);
	if (rtnl_link_build_add_request(link, NLM_F_CREATE | NLM_F_EXCL, &msg) < 0)
		return no_memory(err, lower);
	r = nfp_nl_talk(nl, nlmsg_hdr(msg), NULL, err, "make a %s of %s", kind, nfp_rt_name(lower));
	nlmsg_free(msg);
	return r;
}

int nfp_rt_add_vlan(struct nfp_nl *nl, const struct nfp_rt_dev *lower, const char *ifname,
		    const struct nfp_vlan *vlan, int netns_fd, int *ret_ifindex,
		    struct nfp_err *err)
{
	struct rtnl_link *link = rtnl_link_vlan_alloc();
	int r;

	if (!link)
		return no_memory(err, lower);
	rtnl_link_set_name(link, ifname);
	rtnl_link_vlan_set_id(link, vlan->vid);
	if (vlan->proto)
		rtnl_link_vlan_set_protocol(link, htons(vlan->proto));
	r = create(nl, lower, link, netns_fd, err);
	rtnl_link_put(link);
	return r < 0 ? r : find_child(nl, ifname, netns_fd, ret_ifindex, err);
}

int nfp_rt_add_macvlan(struct nfp_nl *nl, const struct nfp_rt_dev *lower, const char *ifname,
		       const struct nfp_mac *mac, enum nfp_rt_macvlan_mode mode, int netns_fd,
		       int *ret_ifindex, struct nfp_err *err)
{
	struct nl_addr *addr = nl_addr_build(AF_LLC, mac->b, NFP_MAC_LEN);
	struct rtnl_link *link = rtnl_link_macvlan_alloc();
	int r;

	if (!link || !addr) {
		r = no_memory(err, lower);
		goto out;
	}
	rtnl_link_set_name(link, ifname);
	rtnl_link_set_addr(link, addr);
	rtnl_link_macvlan_set_mode(link, (uint32_t)mode);
	r = create(nl, lower, link, netns_fd, err);
	if (r == 0)
		r = find_child(nl, ifname, netns_fd, ret_ifindex, err);
out:
	if (link)
		rtnl_link_put(link);
	nl_addr_put(addr);
	return r;
}
