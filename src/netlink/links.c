// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/netlink.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

static void parse_vlan(const struct nlattr *data, struct nfp_link *link)
{
	struct nfp_attrs it = nfp_attrs_in(data);
	const struct nlattr *attr;
	uint16_t proto;

	while ((attr = nfp_attrs_next(&it))) {
		if (mnl_attr_get_type(attr) == IFLA_VLAN_ID)
			nfp_attr_u16(attr, &link->vlan_id);
		else if (mnl_attr_get_type(attr) == IFLA_VLAN_PROTOCOL &&
			 nfp_attr_u16(attr, &proto))
			link->vlan_proto = be16toh(proto);
	}
}

static void parse_macvlan(const struct nlattr *data, struct nfp_link *link)
{
	struct nfp_attrs it = nfp_attrs_in(data);
	const struct nlattr *attr;
	uint32_t mode;

	while ((attr = nfp_attrs_next(&it))) {
		if (mnl_attr_get_type(attr) == IFLA_MACVLAN_MODE && nfp_attr_u32(attr, &mode))
			link->passthru = mode == MACVLAN_MODE_PASSTHRU;
	}
}

static void parse_linkinfo(const struct nlattr *info, struct nfp_link *link)
{
	struct nfp_attrs it = nfp_attrs_in(info);
	const struct nlattr *attr, *data = NULL;

	while ((attr = nfp_attrs_next(&it))) {
		switch (mnl_attr_get_type(attr)) {
		case IFLA_INFO_KIND:
			nfp_attr_str(attr, link->kind, sizeof(link->kind));
			break;
		case IFLA_INFO_SLAVE_KIND:
			nfp_attr_str(attr, link->master_kind, sizeof(link->master_kind));
			break;
		case IFLA_INFO_DATA:
			data = attr;
			break;
		}
	}
	if (data && strcmp(link->kind, "vlan") == 0)
		parse_vlan(data, link);
	else if (data && (strcmp(link->kind, "macvlan") == 0 || strcmp(link->kind, "macvtap") == 0))
		parse_macvlan(data, link);
}

static void parse_xdp(const struct nlattr *xdp, struct nfp_link *link)
{
	struct nfp_attrs it = nfp_attrs_in(xdp);
	const struct nlattr *attr;
	uint8_t attached;

	while ((attr = nfp_attrs_next(&it))) {
		if (mnl_attr_get_type(attr) == IFLA_XDP_ATTACHED && nfp_attr_u8(attr, &attached))
			link->xdp_attached = attached;
	}
	link->xdp = link->xdp_attached != XDP_ATTACHED_NONE;
}

static void parse_number(const struct nlattr *attr, struct nfp_link *link)
{
	uint32_t v;

	if (!nfp_attr_u32(attr, &v))
		return;
	switch (mnl_attr_get_type(attr)) {
	case IFLA_MTU:
		link->mtu = v;
		break;
	case IFLA_PROMISCUITY:
		link->promiscuity = v;
		break;
	case IFLA_NUM_VF:
		link->num_vf = v;
		break;
	case IFLA_LINK:
		link->link = (int)v;
		break;
	case IFLA_MASTER:
		link->master = (int)v;
		break;
	}
}

static void parse_phys_id(const struct nlattr *attr, struct nfp_phys_id *id)
{
	size_t len = mnl_attr_get_payload_len(attr);

	id->len = (uint8_t)(len < sizeof(id->b) ? len : sizeof(id->b));
	nfp_attr_copy(attr, id->b, sizeof(id->b));
}

static void parse_attr(const struct nlattr *attr, struct nfp_link *link, bool *elsewhere)
{
	uint8_t carrier;

	switch (mnl_attr_get_type(attr)) {
	case IFLA_IFNAME:
		nfp_attr_str(attr, link->ifname, sizeof(link->ifname));
		break;
	case IFLA_ADDRESS:
		/* Infiniband has 20 bytes, a tunnel 4: they are no Ethernet address. */
		if (mnl_attr_get_payload_len(attr) == NFP_MAC_LEN)
			nfp_attr_copy(attr, link->address.b, NFP_MAC_LEN);
		break;
	case IFLA_CARRIER:
		if (nfp_attr_u8(attr, &carrier))
			link->carrier = carrier != 0;
		break;
	case IFLA_PARENT_DEV_NAME:
		nfp_attr_str(attr, link->parentdev, sizeof(link->parentdev));
		break;
	case IFLA_PHYS_PORT_ID:
		parse_phys_id(attr, &link->phys_port_id);
		break;
	case IFLA_PHYS_SWITCH_ID:
		parse_phys_id(attr, &link->phys_switch_id);
		break;
	case IFLA_PHYS_PORT_NAME:
		nfp_attr_str(attr, link->phys_port_name, sizeof(link->phys_port_name));
		break;
	case IFLA_LINK_NETNSID:
		*elsewhere = true;
		break;
	case IFLA_LINKINFO:
		parse_linkinfo(attr, link);
		break;
	case IFLA_XDP:
		parse_xdp(attr, link);
		break;
	default:
		parse_number(attr, link);
		break;
	}
}

int nfp_link_parse(const struct nlmsghdr *nlh, struct nfp_link *ret_link)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct nfp_link link = {0};
	const struct nlattr *attr;
	bool elsewhere = false;
	struct nfp_attrs it;

	if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*ifi))
		return -EBADMSG;
	link.ifindex = ifi->ifi_index;
	link.flags = ifi->ifi_flags;
	it = nfp_attrs_of(nlh, sizeof(*ifi));
	while ((attr = nfp_attrs_next(&it)))
		parse_attr(attr, &link, &elsewhere);
	/* A number of another namespace would be taken for one of ours. */
	if (elsewhere)
		link.link = 0;
	if (link.ifname[0] == '\0')
		return -EBADMSG;
	*ret_link = link;
	return 0;
}

bool nfp_link_may_be_of(const struct nfp_link *link, const char *parentdev)
{
	return link->parentdev[0] == '\0' || strcmp(link->parentdev, parentdev) == 0;
}

static int one_link(const struct nlmsghdr *nlh, void *ctx)
{
	return nlh->nlmsg_type == RTM_NEWLINK ? nfp_link_parse(nlh, ctx) : 0;
}

static void get_link(struct nfp_nl_msg *msg, int ifindex)
{
	struct ifinfomsg ifi = {.ifi_family = AF_UNSPEC, .ifi_index = ifindex};

	nfp_nl_msg_init(msg, RTM_GETLINK, 0, &ifi, sizeof(ifi));
	mnl_attr_put_u32(&msg->head, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
}

static int ask_one(struct nfp_nl *nl, struct nfp_nl_msg *msg, const char *name,
		   struct nfp_link *ret_link, struct nfp_err *err)
{
	struct nfp_link link = {0};
	const struct nfp_nl_sink sink = {.message = one_link, .ctx = &link};
	int r = nfp_nl_talk(nl, &msg->head, &sink, err, "read the state of %s", name);

	if (r < 0)
		return r;
	if (link.ifindex == 0)
		return nfp_err_set(err, -EBADMSG, NFP_E_KERNEL,
				   "the kernel's answer about %s describes no netdev", name);
	*ret_link = link;
	return 0;
}

int nfp_link_by_ifindex(struct nfp_nl *nl, int ifindex, struct nfp_link *ret_link,
			struct nfp_err *err)
{
	struct nfp_nl_msg msg;
	char name[32];

	snprintf(name, sizeof(name), "netdev %d", ifindex);
	get_link(&msg, ifindex);
	return ask_one(nl, &msg, name, ret_link, err);
}

int nfp_link_by_name(struct nfp_nl *nl, const char *ifname, struct nfp_link *ret_link,
		     struct nfp_err *err)
{
	struct nfp_nl_msg msg;

	if (strlen(ifname) >= NFP_IFNAMSIZ)
		return nfp_err_errno(err, -ENODEV, NFP_E_NO_INTERFACE, "cannot find %s", ifname);
	get_link(&msg, 0);
	mnl_attr_put_strz(&msg.head, IFLA_IFNAME, ifname);
	return ask_one(nl, &msg, ifname, ret_link, err);
}

struct links {
	struct nfp_link *v;
	size_t n, room;
};

static void links_restart(void *ctx)
{
	struct links *links = ctx;

	links->n = 0;
}

static int links_message(const struct nlmsghdr *nlh, void *ctx)
{
	struct links *links = ctx;

	if (nlh->nlmsg_type != RTM_NEWLINK)
		return 0;
	if (links->n == links->room) {
		size_t room = links->room ? 2 * links->room : 16;
		struct nfp_link *v = nfp_reallocarray(links->v, room, sizeof(*v));

		if (!v)
			return -ENOMEM;
		links->v = v;
		links->room = room;
	}
	/* One that cannot be read is nobody's PF, and no reason to read none. */
	if (nfp_link_parse(nlh, &links->v[links->n]) == 0)
		links->n++;
	return 0;
}

/* Notes who has an address. A dump that begins anew would only note the same again. */
static int addr_message(const struct nlmsghdr *nlh, void *ctx)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	struct links *links = ctx;
	size_t i;

	if (nlh->nlmsg_type != RTM_NEWADDR || nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*ifa))
		return 0;
	for (i = 0; i < links->n; i++) {
		if (links->v[i].ifindex != (int)ifa->ifa_index)
			continue;
		if (ifa->ifa_family == AF_INET6 && ifa->ifa_scope == RT_SCOPE_LINK)
			links->v[i].has_link_local = true;
		else
			links->v[i].has_address = true;
	}
	return 0;
}

static int by_ifindex(const void *a, const void *b)
{
	const struct nfp_link *x = a, *y = b;

	return (x->ifindex > y->ifindex) - (x->ifindex < y->ifindex);
}

int nfp_links_read(struct nfp_nl *nl, struct nfp_link **ret_links, size_t *ret_num,
		   struct nfp_err *err)
{
	struct links links = {0};
	const struct nfp_nl_sink link_sink = {links_message, links_restart, &links};
	const struct nfp_nl_sink addr_sink = {addr_message, NULL, &links};
	struct ifaddrmsg ifa = {.ifa_family = AF_UNSPEC};
	struct nfp_nl_msg msg;
	int r;

	get_link(&msg, 0);
	r = nfp_nl_dump(nl, &msg.head, &link_sink, err, "list the netdevs");
	if (r == 0) {
		nfp_nl_msg_init(&msg, RTM_GETADDR, 0, &ifa, sizeof(ifa));
		r = nfp_nl_dump(nl, &msg.head, &addr_sink, err, "list the IP addresses");
	}
	if (r < 0) {
		free(links.v);
		return r;
	}
	if (links.n > 0)
		qsort(links.v, links.n, sizeof(*links.v), by_ifindex);
	*ret_links = links.v;
	*ret_num = links.n;
	return 0;
}
