// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * neigh.c - RTM_*NEIGH, which is two things: FDB entries of netdevs and bridges (AF_BRIDGE), and
 * neighbours, to which the default routes add the gateways; and the VLANs of bridge ports.
 */
#include "net/netlink.h"
#include "netlink_priv.h"

#include <string.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

bool nfp_neigh_parse(const struct nlmsghdr *nlh, struct nfp_neigh *ret_neigh)
{
	const struct ndmsg *nd = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[NDA_MASTER + 1];
	struct nda_cacheinfo cache;
	struct nfp_neigh n = {0};

	if (nlh->nlmsg_type != RTM_NEWNEIGH || nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*nd))
		return false;
	n.family = nd->ndm_family;
	n.ifindex = nd->ndm_ifindex;
	n.state = nd->ndm_state;
	n.flags = nd->ndm_flags;
	nfp_attrs_table(nfp_attrs_of(nlh, sizeof(*nd)), tb, NDA_MASTER + 1);
	n.have_mac = nfp_attr_exact(tb[NDA_LLADDR], n.mac.b, NFP_MAC_LEN);
	nfp_attr_get(tb[NDA_MASTER], &n.master, sizeof(n.master));
	nfp_attr_get(tb[NDA_VLAN], &n.vlan, sizeof(n.vlan));
	/* USER_HZ is 100 on each architecture that has such a NIC. */
	if (nfp_attr_get(tb[NDA_CACHEINFO], &cache, sizeof(cache)))
		n.seen_cs = cache.ndm_updated;
	if (n.family == AF_INET)
		n.have_dst = nfp_attr_exact(tb[NDA_DST], n.dst, 4);
	else if (n.family == AF_INET6)
		n.have_dst = nfp_attr_exact(tb[NDA_DST], n.dst, 16);
	*ret_neigh = n;
	return true;
}

bool nfp_neigh_in_filter(const struct nfp_neigh *n, int ifindex)
{
	return n->family == AF_BRIDGE && n->flags & NTF_SELF && !n->master && n->ifindex == ifindex;
}

int nfp_neigh_dump(struct nfp_nl *nl, uint8_t family, struct nfp_err *err)
{
	const struct ndmsg nd = {.ndm_family = family};
	struct nfp_nl_msg msg;

	nfp_nl_msg_init(&msg, RTM_GETNEIGH, NLM_F_DUMP, &nd, sizeof(nd));
	return nfp_nl_talk(nl, &msg.head, err, "list the %s",
			   family == AF_BRIDGE ? "FDB entries" : "neighbours");
}

/* ---- VLANs of bridges' ports ---- */

#define VID_MAX 4094

/* Appends the VLANs from @first to that of @info. */
static void add_vlans(int ifindex, unsigned int first, const struct bridge_vlan_info *info,
		      struct nfp_port_vlan **list, size_t *num)
{
	for (unsigned int vid = first; vid <= info->vid && vid <= VID_MAX; vid++)
		*nfp_grow(*list, *num) = (struct nfp_port_vlan) {
			.ifindex = ifindex,
			.vid = (uint16_t)vid,
			.untagged = info->flags & BRIDGE_VLAN_INFO_UNTAGGED,
			.pvid = info->flags & BRIDGE_VLAN_INFO_PVID,
		};
}

void nfp_port_vlans_parse(const struct nlmsghdr *nlh, struct nfp_port_vlan **list, size_t *num)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[IFLA_AF_SPEC + 1], *attr;
	struct bridge_vlan_info info;
	unsigned int first = 0; /* of a range that has begun; 0: none has */
	const size_t before = *num;
	struct nfp_attrs it;

	if (nlh->nlmsg_type != RTM_NEWLINK || nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*ifi) ||
	    ifi->ifi_family != AF_BRIDGE)
		return;
	nfp_attrs_table(nfp_attrs_of(nlh, sizeof(*ifi)), tb, IFLA_AF_SPEC + 1);
	it = nfp_attrs_in(tb[IFLA_AF_SPEC]);
	while ((attr = nfp_attrs_next(&it)) && *num - before < VID_MAX) {
		if (mnl_attr_get_type(attr) != IFLA_BRIDGE_VLAN_INFO ||
		    !nfp_attr_get(attr, &info, sizeof(info)))
			continue;
		if (info.flags & BRIDGE_VLAN_INFO_RANGE_BEGIN) {
			first = info.vid;
			continue;
		}
		if (!(info.flags & BRIDGE_VLAN_INFO_RANGE_END) || !first)
			first = info.vid;
		add_vlans(ifi->ifi_index, first, &info, list, num);
		first = 0;
	}
}

int nfp_vepa_parse(const struct nlmsghdr *nlh)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[IFLA_AF_SPEC + 1], *spec[IFLA_BRIDGE_MODE + 1];
	uint16_t mode = BRIDGE_MODE_UNDEF;

	if (nlh->nlmsg_type != RTM_NEWLINK || nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*ifi) ||
	    ifi->ifi_family != AF_BRIDGE)
		return 0;
	nfp_attrs_table(nfp_attrs_of(nlh, sizeof(*ifi)), tb, IFLA_AF_SPEC + 1);
	nfp_attrs_table(nfp_attrs_in(tb[IFLA_AF_SPEC]), spec, IFLA_BRIDGE_MODE + 1);
	nfp_attr_get(spec[IFLA_BRIDGE_MODE], &mode, sizeof(mode));
	return mode == BRIDGE_MODE_VEPA ? ifi->ifi_index : 0;
}

/* The VLANs come as ranges: a port with all 4,094, one by one, does not fit into a message of a
 * dump (br_fill_ifvlaninfo_compressed, net/bridge/br_netlink.c). */
static int dump_port_vlans(struct nfp_nl *nl, struct nfp_err *err)
{
	const struct ifinfomsg ifi = {.ifi_family = AF_BRIDGE};
	struct nfp_nl_msg msg;

	nfp_nl_msg_init(&msg, RTM_GETLINK, NLM_F_DUMP, &ifi, sizeof(ifi));
	mnl_attr_put_u32(&msg.head, IFLA_EXT_MASK, RTEXT_FILTER_BRVLAN_COMPRESSED);
	return nfp_nl_talk(nl, &msg.head, err, "list the VLANs of bridges");
}

int nfp_rt_port_vlans(struct nfp_nl *nl, int ifindex, struct nfp_port_vlan **list, size_t *num,
		      struct nfp_err *err)
{
	const struct nlmsghdr *nlh = NULL;
	size_t kept = *num, i = *num;
	int ret = dump_port_vlans(nl, err);

	while (!ret && (nlh = nfp_nl_next(nl, nlh, RTM_NEWLINK)))
		nfp_port_vlans_parse(nlh, list, num);
	for (; i < *num; i++) {
		if (!ifindex || (*list)[i].ifindex == ifindex)
			(*list)[kept++] = (*list)[i];
	}
	*num = kept;
	return ret;
}

int nfp_rt_port_has_vlan(struct nfp_nl *nl, int ifindex, uint16_t vid, struct nfp_err *err)
{
	struct nfp_port_vlan *list = NULL;
	size_t num = 0;
	int ret = nfp_rt_port_vlans(nl, ifindex, &list, &num, err);

	for (size_t i = 0; i < num && ret >= 0; i++)
		ret |= list[i].vid == vid;
	free(list);
	return ret;
}

/* ---- FDB entries ---- */

int nfp_rt_port_fdb_set(struct nfp_nl *nl, const struct nfp_rt_dev *port, const struct nfp_mac *mac,
			bool add, struct nfp_err *err)
{
	/* The states are those of iproute2: static is NUD_NOARP, which a bridge combines with
	 * NUD_REACHABLE. */
	struct ndmsg nd = {
		.ndm_family = PF_BRIDGE,
		.ndm_ifindex = port->ifindex,
		.ndm_flags = NTF_MASTER,
		.ndm_state = NUD_NOARP | NUD_REACHABLE,
	};
	struct nfp_nl_msg msg;

	nfp_nl_msg_init(&msg, add ? RTM_NEWNEIGH : RTM_DELNEIGH,
			add ? NLM_F_CREATE | NLM_F_EXCL : 0, &nd, sizeof(nd));
	mnl_attr_put(&msg.head, NDA_LLADDR, NFP_MAC_LEN, mac->b);
	return nfp_nl_talk(nl, &msg.head, err, "%s %s %s the FDB of the bridge of %s",
			   add ? "add" : "delete", nfp_mac_str(mac).text, add ? "to" : "from",
			   nfp_rt_name(port));
}

/* Dumps all netdevs: kernels differ in which header selects one. */
int nfp_rt_fdb_has(struct nfp_nl *nl, const struct nfp_rt_dev *dev, enum nfp_rt_fdb where,
		   const struct nfp_mac *mac, bool *ret_has, struct nfp_err *err)
{
	bool is_master = where == NFP_RT_FDB_MASTER;
	uint16_t states = is_master ? NUD_NOARP | NUD_PERMANENT : NUD_PERMANENT;
	const struct nlmsghdr *nlh = NULL;
	struct nfp_neigh n;
	int r = nfp_neigh_dump(nl, AF_BRIDGE, err);

	if (r)
		return r;
	*ret_has = false;
	while ((nlh = nfp_nl_next(nl, nlh, RTM_NEWNEIGH)))
		*ret_has |= nfp_neigh_parse(nlh, &n) && n.family == AF_BRIDGE &&
			    n.ifindex == dev->ifindex && !(n.flags & NTF_SELF) == is_master &&
			    (n.state & states) && n.have_mac && nfp_mac_equal(&n.mac, mac);
	return 0;
}

/* ---- neighbours ---- */

/* The kernel has an address, and nothing against it. */
#define USABLE (NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT)

static bool is_wanted(const struct nfp_neighbours *neighbours, int ifindex)
{
	bool wanted = false;

	for (size_t i = 0; i < NFP_NUM(neighbours->ifindex); i++)
		wanted |= ifindex && neighbours->ifindex[i] == ifindex;
	return wanted;
}

/*
 * Finds the neighbour @ip on @ifindex, or adds it. NULL: nobody asks about that netdev, there is no
 * room, or no host can have the address.
 */
static struct nfp_neighbour *find_neighbour(struct nfp_neighbours *neighbours, int ifindex,
					    const struct nfp_ipv4 *ip)
{
	if (!is_wanted(neighbours, ifindex))
		return NULL;
	nfp_for_each (known, neighbours->v, neighbours->n) {
		if (nfp_ipv4_equal(&known->ip, ip))
			return known;
	}
	if (neighbours->n == NFP_NEIGHBOURS_MAX || ip->b[0] == 0 || ip->b[0] == 127 ||
	    ip->b[0] >= 224)
		return NULL;
	neighbours->v[neighbours->n] = (struct nfp_neighbour) {.ip = *ip};
	return &neighbours->v[neighbours->n++];
}

bool nfp_nexthop_next(struct nfp_attrs *it, int *ret_ifindex, struct nfp_attrs *ret_attrs)
{
	struct rtnexthop head;
	size_t step;

	if (it->left < sizeof(head))
		return false;
	memcpy(&head, it->at, sizeof(head));
	if (head.rtnh_len < sizeof(head) || head.rtnh_len > it->left)
		return false;
	*ret_ifindex = head.rtnh_ifindex;
	*ret_attrs = (struct nfp_attrs) {.at = it->at + sizeof(head),
					 .left = head.rtnh_len - sizeof(head)};
	step = MIN(NLMSG_ALIGN((size_t)head.rtnh_len), it->left);
	it->at += step;
	it->left -= step;
	return true;
}

/* @it: the attributes of a route, or of one of its next hops. */
static void add_gateway(struct nfp_neighbours *neighbours, struct nfp_attrs it, int ifindex)
{
	const struct nlattr *tb[RTA_GATEWAY + 1];
	struct nfp_neighbour *added = NULL;
	struct nfp_ipv4 gateway;

	nfp_attrs_table(it, tb, RTA_GATEWAY + 1);
	nfp_attr_get(tb[RTA_OIF], &ifindex, sizeof(ifindex));
	if (nfp_attr_exact(tb[RTA_GATEWAY], gateway.b, sizeof(gateway.b)))
		added = find_neighbour(neighbours, ifindex, &gateway);
	if (added)
		added->gateway = true;
}

static void parse_route(struct nfp_neighbours *neighbours, const struct nlmsghdr *nlh)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[RTA_MULTIPATH + 1];
	struct nfp_attrs it, hop;
	int ifindex;

	if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*rtm) || rtm->rtm_family != AF_INET ||
	    rtm->rtm_dst_len != 0 || rtm->rtm_type != RTN_UNICAST)
		return;
	add_gateway(neighbours, nfp_attrs_of(nlh, sizeof(*rtm)), 0);
	nfp_attrs_table(nfp_attrs_of(nlh, sizeof(*rtm)), tb, RTA_MULTIPATH + 1);
	it = nfp_attrs_in(tb[RTA_MULTIPATH]);
	while (nfp_nexthop_next(&it, &ifindex, &hop))
		add_gateway(neighbours, hop, ifindex);
}

void nfp_neighbours_parse(const struct nlmsghdr *nlh, struct nfp_neighbours *neighbours)
{
	struct nfp_neighbour *entry = NULL;
	struct nfp_ipv4 ip;
	struct nfp_neigh n;

	if (nlh->nlmsg_type == RTM_NEWROUTE)
		parse_route(neighbours, nlh);
	if (!nfp_neigh_parse(nlh, &n) || !(n.state & USABLE) || !n.have_dst || !n.have_mac ||
	    nfp_mac_is_zero(&n.mac) || nfp_mac_is_multicast(&n.mac))
		return;
	memcpy(ip.b, n.dst, sizeof(ip.b));
	if (n.family == AF_INET)
		entry = find_neighbour(neighbours, n.ifindex, &ip);
	if (entry) {
		entry->have_mac = true;
		entry->mac = n.mac;
	}
}

int nfp_neighbours_read(struct nfp_nl *nl, struct nfp_neighbours *neighbours, struct nfp_err *err)
{
	const struct rtmsg rtm = {.rtm_family = AF_INET};
	const struct nlmsghdr *nlh = NULL;
	struct nfp_nl_msg msg;
	int r;

	neighbours->n = 0;
	nfp_nl_msg_init(&msg, RTM_GETROUTE, NLM_F_DUMP, &rtm, sizeof(rtm));
	r = nfp_nl_talk(nl, &msg.head, err, "list the routes");
	while (r == 0 && (nlh = nfp_nl_next(nl, nlh, 0)))
		nfp_neighbours_parse(nlh, neighbours);
	r = r ?: nfp_neigh_dump(nl, AF_INET, err);
	while (r == 0 && (nlh = nfp_nl_next(nl, nlh, 0)))
		nfp_neighbours_parse(nlh, neighbours);
	return r;
}
