// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/netlink.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <libmnl/libmnl.h>

/* The kernel has an address and nothing against it. */
#define USABLE (NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT)

static bool is_wanted(const struct nfp_neighbours *neighbours, uint32_t ifindex)
{
	size_t num = sizeof(neighbours->ifindex) / sizeof(neighbours->ifindex[0]);

	for (size_t i = 0; i < num; i++) {
		if (ifindex && (uint32_t)neighbours->ifindex[i] == ifindex)
			return true;
	}
	return false;
}

static struct nfp_neighbour *find(struct nfp_neighbours *neighbours, const struct nfp_ipv4 *ip)
{
	for (size_t i = 0; i < neighbours->n; i++) {
		if (nfp_ipv4_equal(&neighbours->v[i].ip, ip))
			return &neighbours->v[i];
	}
	return NULL;
}

/* NULL when there is no room, or when the address is nobody's to answer for. */
static struct nfp_neighbour *add(struct nfp_neighbours *neighbours, const struct nfp_ipv4 *ip)
{
	struct nfp_neighbour *there = find(neighbours, ip);

	if (there)
		return there;
	if (neighbours->n == NFP_NEIGHBOURS_MAX || ip->b[0] == 0 || ip->b[0] == 127 ||
	    ip->b[0] >= 224)
		return NULL;
	there = &neighbours->v[neighbours->n++];
	*there = (struct nfp_neighbour) {.ip = *ip};
	return there;
}

struct hop {
	uint32_t ifindex;
	bool has_gateway;
	struct nfp_ipv4 gateway;
};

static void add_hop(struct nfp_neighbours *neighbours, const struct hop *hop)
{
	struct nfp_neighbour *added;

	if (!hop->has_gateway || !is_wanted(neighbours, hop->ifindex))
		return;
	added = add(neighbours, &hop->gateway);
	if (added)
		added->gateway = true;
}

static bool copy_ip(const struct nlattr *attr, struct nfp_ipv4 *ret_ip)
{
	if (mnl_attr_get_payload_len(attr) != sizeof(ret_ip->b))
		return false;
	nfp_attr_copy(attr, ret_ip->b, sizeof(ret_ip->b));
	return true;
}

static bool copy_mac(const struct nlattr *attr, struct nfp_mac *ret_mac)
{
	if (mnl_attr_get_payload_len(attr) != NFP_MAC_LEN)
		return false;
	nfp_attr_copy(attr, ret_mac->b, NFP_MAC_LEN);
	return !nfp_mac_is_zero(ret_mac) && !nfp_mac_is_multicast(ret_mac);
}

static void read_hop(struct nfp_attrs it, struct hop *hop)
{
	const struct nlattr *attr;

	while ((attr = nfp_attrs_next(&it))) {
		if (mnl_attr_get_type(attr) == RTA_OIF)
			nfp_attr_u32(attr, &hop->ifindex);
		else if (mnl_attr_get_type(attr) == RTA_GATEWAY)
			hop->has_gateway = copy_ip(attr, &hop->gateway);
	}
}

/* The next hops of a route with several: struct rtnexthop, each with attributes behind it. */
static void add_hops(struct nfp_neighbours *neighbours, const struct nlattr *multipath)
{
	const char *at = mnl_attr_get_payload(multipath);
	size_t left = mnl_attr_get_payload_len(multipath);

	while (left >= sizeof(struct rtnexthop)) {
		struct rtnexthop head;
		struct hop hop = {0};
		size_t step;

		memcpy(&head, at, sizeof(head));
		if (head.rtnh_len < sizeof(head) || head.rtnh_len > left)
			return;
		read_hop((struct nfp_attrs) {.at = at + sizeof(head),
					     .left = head.rtnh_len - sizeof(head)},
			 &hop);
		hop.ifindex = (uint32_t)head.rtnh_ifindex;
		add_hop(neighbours, &hop);
		step = ((size_t)head.rtnh_len + RTNH_ALIGNTO - 1) & ~(size_t)(RTNH_ALIGNTO - 1);
		if (step >= left)
			return;
		at += step;
		left -= step;
	}
}

void nfp_neighbours_route(struct nfp_neighbours *neighbours, const struct nlmsghdr *nlh)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	struct hop hop = {0};
	struct nfp_attrs it;

	if (nlh->nlmsg_type != RTM_NEWROUTE || nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*rtm) ||
	    rtm->rtm_family != AF_INET || rtm->rtm_dst_len != 0 || rtm->rtm_type != RTN_UNICAST)
		return;
	read_hop(nfp_attrs_of(nlh, sizeof(*rtm)), &hop);
	add_hop(neighbours, &hop);
	it = nfp_attrs_of(nlh, sizeof(*rtm));
	while ((attr = nfp_attrs_next(&it))) {
		if (mnl_attr_get_type(attr) == RTA_MULTIPATH)
			add_hops(neighbours, attr);
	}
}

void nfp_neighbours_entry(struct nfp_neighbours *neighbours, const struct nlmsghdr *nlh)
{
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(nlh);
	struct nfp_neighbour *there;
	const struct nlattr *attr;
	struct nfp_ipv4 ip;
	struct nfp_mac mac;
	bool have_ip = false, have_mac = false;
	struct nfp_attrs it;

	if (nlh->nlmsg_type != RTM_NEWNEIGH || nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*ndm) ||
	    ndm->ndm_family != AF_INET || !(ndm->ndm_state & USABLE) ||
	    !is_wanted(neighbours, (uint32_t)ndm->ndm_ifindex))
		return;
	it = nfp_attrs_of(nlh, sizeof(*ndm));
	while ((attr = nfp_attrs_next(&it))) {
		if (mnl_attr_get_type(attr) == NDA_DST)
			have_ip = copy_ip(attr, &ip);
		else if (mnl_attr_get_type(attr) == NDA_LLADDR)
			have_mac = copy_mac(attr, &mac);
	}
	if (!have_ip || !have_mac)
		return;
	there = add(neighbours, &ip);
	if (!there)
		return;
	there->have_mac = true;
	there->mac = mac;
}

static int route_message(const struct nlmsghdr *nlh, void *ctx)
{
	nfp_neighbours_route(ctx, nlh);
	return 0;
}

static int entry_message(const struct nlmsghdr *nlh, void *ctx)
{
	nfp_neighbours_entry(ctx, nlh);
	return 0;
}

/* A dump that begins anew only finds the same again. */
int nfp_neighbours_read(struct nfp_nl *nl, struct nfp_neighbours *neighbours, struct nfp_err *err)
{
	const struct nfp_nl_sink routes = {.message = route_message, .ctx = neighbours};
	const struct nfp_nl_sink entries = {.message = entry_message, .ctx = neighbours};
	const struct rtmsg rtm = {.rtm_family = AF_INET};
	const struct ndmsg ndm = {.ndm_family = AF_INET};
	struct nfp_nl_msg msg;
	int ret;

	neighbours->n = 0;
	nfp_nl_msg_init(&msg, RTM_GETROUTE, 0, &rtm, sizeof(rtm));
	ret = nfp_nl_dump(nl, &msg.head, &routes, err, "list the routes");
	if (ret < 0)
		return ret;
	nfp_nl_msg_init(&msg, RTM_GETNEIGH, 0, &ndm, sizeof(ndm));
	return nfp_nl_dump(nl, &msg.head, &entries, err, "list the neighbours");
}
