// SPDX-License-Identifier: GPL-2.0-or-later
/* links.c - netdevs: reads, sets, renames and moves them, and makes children of others. */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/if_arp.h>
#include <linux/if_bonding.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <netlink/addr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/route/link/macvlan.h>
#include <netlink/route/link/vlan.h>

#include "inventory_priv.h"
#include "net/netlink.h"
#include "netlink_priv.h"

#define ALLMULTI 61 /* IFLA_ALLMULTI, which headers have since Linux 6.0 */

static void parse_phys_id(const struct nlattr *attr, struct nfp_phys_id *id)
{
	size_t len = attr ? mnl_attr_get_payload_len(attr) : 0;

	id->len = (uint8_t)(len < sizeof(id->b) ? len : sizeof(id->b));
	nfp_attr_get(attr, id->b, id->len);
}

/* Parses what a bond says of its member. */
static void parse_member(struct nfp_link *link, const struct nlattr *attr)
{
	const struct nlattr *data[IFLA_BOND_SLAVE_STATE + 1];
	uint8_t state = BOND_STATE_ACTIVE;

	nfp_attrs_table(nfp_attrs_in(attr), data, IFLA_BOND_SLAVE_STATE + 1);
	if (strcmp(link->master_kind, "bond") == 0)
		nfp_attr_get(data[IFLA_BOND_SLAVE_STATE], &state, sizeof(state));
	link->bond_backup = state != BOND_STATE_ACTIVE;
}

static const struct {
	const char *name;
	bool is_lag;
} bond_modes[] = {
	[BOND_MODE_ROUNDROBIN] = {"balance-rr", true},
	[BOND_MODE_ACTIVEBACKUP] = {"active-backup", false},
	[BOND_MODE_XOR] = {"balance-xor", true},
	[BOND_MODE_BROADCAST] = {"broadcast", true},
	[BOND_MODE_8023AD] = {"802.3ad", true},
	[BOND_MODE_TLB] = {"balance-tlb", false},
	[BOND_MODE_ALB] = {"balance-alb", false},
};

static void parse_bond(struct nfp_link *link, const struct nlattr *attr)
{
	const struct nlattr *data[IFLA_BOND_ALL_SLAVES_ACTIVE + 1];
	uint8_t mode = UINT8_MAX, fail_over_mac = 1, takes_all = 0;
	uint32_t interval = 0, validates = 0;

	nfp_attrs_table(nfp_attrs_in(attr), data, IFLA_BOND_ALL_SLAVES_ACTIVE + 1);
	nfp_attr_get(data[IFLA_BOND_MODE], &mode, sizeof(mode));
	nfp_attr_get(data[IFLA_BOND_FAIL_OVER_MAC], &fail_over_mac, sizeof(fail_over_mac));
	nfp_attr_get(data[IFLA_BOND_ACTIVE_SLAVE], &link->bond_active, sizeof(link->bond_active));
	nfp_attr_get(data[IFLA_BOND_ARP_INTERVAL], &interval, sizeof(interval));
	nfp_attr_get(data[IFLA_BOND_ARP_VALIDATE], &validates, sizeof(validates));
	nfp_attr_get(data[IFLA_BOND_ALL_SLAVES_ACTIVE], &takes_all, sizeof(takes_all));
	link->bond_takes_all = takes_all;
	if (mode < NFP_NUM(bond_modes)) {
		snprintf(link->bond_mode, sizeof(link->bond_mode), "%s", bond_modes[mode].name);
		snprintf(link->lag, sizeof(link->lag), "%s",
			 bond_modes[mode].is_lag ? bond_modes[mode].name : "");
	}
	/* BOND_ARP_VALIDATE_ACTIVE and _BACKUP of include/net/bonding.h: a bit for each state. */
	link->any_frame_lives[0] = interval && !(validates & 1U << BOND_STATE_ACTIVE);
	link->any_frame_lives[1] = interval && !(validates & 1U << BOND_STATE_BACKUP);
	/* 0: none, so that members have the bond's own address (bond_fail_over_mac in
	 * drivers/net/bonding/bond_main.c). */
	link->bond_of_one_address = mode == BOND_MODE_ACTIVEBACKUP && fail_over_mac == 0;
}

int nfp_link_parse(const struct nlmsghdr *nlh, struct nfp_link *ret_link)
{
	const struct nlattr *tb[ALLMULTI + 1], *xdp[IFLA_XDP_PROG_ID + 1];
	const struct nlattr *info[IFLA_INFO_SLAVE_DATA + 1], *data[IFLA_BR_VLAN_DEFAULT_PVID + 1];
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct nfp_link link = {0};
	uint8_t carrier = 0, filtering = 0;
	uint32_t mode = 0, ageing = 0;

	if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*ifi))
		return -EBADMSG;
	link.ifindex = ifi->ifi_index;
	link.flags = ifi->ifi_flags;
	link.type = ifi->ifi_type;
	nfp_attrs_table(nfp_attrs_of(nlh, sizeof(*ifi)), tb, ALLMULTI + 1);
	nfp_attr_str(tb[IFLA_IFNAME], link.ifname, sizeof(link.ifname));
	if (link.ifname[0] == '\0')
		return -EBADMSG;
	/* InfiniBand has 20 bytes, a tunnel 4: neither is an Ethernet address. */
	nfp_attr_exact(tb[IFLA_ADDRESS], link.address.b, NFP_MAC_LEN);
	nfp_attr_get(tb[IFLA_CARRIER], &carrier, sizeof(carrier));
	link.carrier = carrier != 0;
	nfp_attr_get(tb[IFLA_MTU], &link.mtu, sizeof(link.mtu));
	nfp_attr_get(tb[IFLA_PROMISCUITY], &link.promiscuity, sizeof(link.promiscuity));
	link.allmulti = (link.flags & IFF_ALLMULTI) != 0;
	nfp_attr_get(tb[ALLMULTI], &link.allmulti, sizeof(link.allmulti));
	nfp_attr_get(tb[IFLA_MASTER], &link.master, sizeof(link.master));
	/* An ifindex of another namespace must not be taken for one of our own. */
	nfp_attr_get(tb[IFLA_LINK], tb[IFLA_LINK_NETNSID] ? &link.link_elsewhere : &link.link,
		     sizeof(link.link));
	nfp_attr_get(tb[IFLA_LINK_NETNSID], &link.link_nsid, sizeof(link.link_nsid));
	nfp_attr_str(tb[IFLA_PARENT_DEV_NAME], link.parentdev, sizeof(link.parentdev));
	nfp_attr_str(tb[IFLA_PHYS_PORT_NAME], link.phys_port_name, sizeof(link.phys_port_name));
	parse_phys_id(tb[IFLA_PHYS_PORT_ID], &link.phys_port_id);
	parse_phys_id(tb[IFLA_PHYS_SWITCH_ID], &link.phys_switch_id);
	nfp_attrs_table(nfp_attrs_in(tb[IFLA_LINKINFO]), info, IFLA_INFO_SLAVE_DATA + 1);
	nfp_attr_str(info[IFLA_INFO_KIND], link.kind, sizeof(link.kind));
	nfp_attr_str(info[IFLA_INFO_SLAVE_KIND], link.master_kind, sizeof(link.master_kind));
	nfp_attrs_table(nfp_attrs_in(info[IFLA_INFO_DATA]), data, IFLA_BR_VLAN_DEFAULT_PVID + 1);
	parse_member(&link, info[IFLA_INFO_SLAVE_DATA]);
	if (strcmp(link.master_kind, "bridge") == 0)
		nfp_port_parse(info[IFLA_INFO_SLAVE_DATA], &link.port);
	if (strcmp(link.kind, "vlan") == 0) {
		nfp_attr_get(data[IFLA_VLAN_ID], &link.vlan_id, sizeof(link.vlan_id));
		nfp_attr_get(data[IFLA_VLAN_PROTOCOL], &link.vlan_proto, sizeof(link.vlan_proto));
	} else if (strcmp(link.kind, "bridge") == 0) {
		nfp_bridge_parse(info[IFLA_INFO_DATA], &link.bridge);
		nfp_attr_get(data[IFLA_BR_VLAN_FILTERING], &filtering, sizeof(filtering));
		/* br_fill_info in net/bridge/br_netlink.c: in clock_t. */
		link.have_ageing = nfp_attr_get(data[IFLA_BR_AGEING_TIME], &ageing, sizeof(ageing));
		link.ageing_ms = 10 * ageing;
		nfp_attr_get(data[IFLA_BR_VLAN_PROTOCOL], &link.vlan_proto,
			     sizeof(link.vlan_proto));
		nfp_attr_get(data[IFLA_BR_VLAN_DEFAULT_PVID], &link.default_pvid,
			     sizeof(link.default_pvid));
	} else if (strcmp(link.kind, "macvlan") == 0 || strcmp(link.kind, "macvtap") == 0) {
		nfp_attr_get(data[IFLA_MACVLAN_MODE], &mode, sizeof(mode));
		link.passthru = mode == MACVLAN_MODE_PASSTHRU;
		link.bridging = mode == MACVLAN_MODE_BRIDGE;
	} else if (strcmp(link.kind, "bond") == 0) {
		parse_bond(&link, info[IFLA_INFO_DATA]);
	}
	link.vlan_proto = be16toh(link.vlan_proto);
	link.vlan_filtering = filtering != 0;
	nfp_attrs_table(nfp_attrs_in(tb[IFLA_XDP]), xdp, IFLA_XDP_PROG_ID + 1);
	nfp_attr_get(xdp[IFLA_XDP_ATTACHED], &link.xdp, sizeof(link.xdp));
	nfp_attr_get(xdp[IFLA_XDP_PROG_ID], &link.xdp_program, sizeof(link.xdp_program));
	*ret_link = link;
	return 0;
}

bool nfp_link_may_be_of(const struct nfp_link *link, const char *parentdev)
{
	return link->parentdev[0] == '\0' || strcmp(link->parentdev, parentdev) == 0;
}

const char *nfp_link_other_medium(const struct nfp_link *link)
{
	return link->type == ARPHRD_ETHER	 ? NULL
	       : link->type == ARPHRD_INFINIBAND ? "InfiniBand"
						 : "not Ethernet";
}

static void begin_link(struct nfp_nl_msg *msg, uint16_t type, uint16_t flags, int ifindex)
{
	struct ifinfomsg ifi = {.ifi_family = AF_UNSPEC, .ifi_index = ifindex};

	nfp_nl_msg_init(msg, type, flags, &ifi, sizeof(ifi));
	if (type == RTM_GETLINK)
		mnl_attr_put_u32(&msg->head, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
}

/* Adds the netdev as this attribute: its ifindex, or its name if the ifindex is 0. */
static int read_link(struct nfp_nl *nl, int ifindex, uint16_t attr, const char *ifname,
		     struct nfp_link *ret_link, struct nfp_err *err)
{
	const struct nlmsghdr *nlh;
	struct nfp_nl_msg msg;
	int r;

	begin_link(&msg, RTM_GETLINK, 0, ifindex);
	if (!ifindex)
		mnl_attr_put_strz(&msg.head, attr, ifname);
	r = nfp_nl_talk(nl, &msg.head, err, "read the state of %s", ifname);
	if (r)
		return r;
	nlh = nfp_nl_next(nl, NULL, RTM_NEWLINK);
	return nlh && nfp_link_parse(nlh, ret_link) == 0
		       ? 0
		       : nfp_err_set(err, -EBADMSG, NFP_E_KERNEL,
				     "the kernel's answer about %s does not describe a netdev",
				     ifname);
}

int nfp_link_by_ifindex(struct nfp_nl *nl, int ifindex, struct nfp_link *ret_link,
			struct nfp_err *err)
{
	char name[32];

	snprintf(name, sizeof(name), "netdev %d", ifindex);
	return read_link(nl, ifindex, IFLA_IFNAME, name, ret_link, err);
}

int nfp_link_by_altname(struct nfp_nl *nl, const char *altname, struct nfp_link *ret_link,
			struct nfp_err *err)
{
	return read_link(nl, 0, IFLA_ALT_IFNAME, altname, ret_link, err);
}

int nfp_link_by_name(struct nfp_nl *nl, const char *ifname, struct nfp_link *ret_link,
		     struct nfp_err *err)
{
	if (strlen(ifname) >= NFP_IFNAMSIZ)
		return nfp_err_errno(err, -ENODEV, NFP_E_NO_INTERFACE, "cannot find %s", ifname);
	return read_link(nl, 0, IFLA_IFNAME, ifname, ret_link, err);
}

/* Notes which links, in the order of ifindex, have an address. */
static void note_address(const struct nlmsghdr *nlh, struct nfp_link *links, size_t num)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[IFA_LOCAL + 1];
	struct nfp_link key = {0}, *link;
	uint8_t ip[4] = {0};

	if (!num || nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*ifa) ||
	    (ifa->ifa_family == AF_INET6 && ifa->ifa_scope == RT_SCOPE_LINK))
		return;
	nfp_attrs_table(nfp_attrs_of(nlh, sizeof(*ifa)), tb, IFA_LOCAL + 1);
	if (ifa->ifa_family == AF_INET && nfp_attr_exact(tb[IFA_LOCAL], ip, sizeof(ip)) &&
	    ip[0] == 169 && ip[1] == 254) /* RFC 3927 */
		return;
	key.ifindex = (int)ifa->ifa_index;
	link = bsearch(&key, links, num, sizeof(*links), nfp_compare_ifindex);
	if (link)
		link->has_address = true;
}

int nfp_links_read(struct nfp_nl *nl, struct nfp_link **ret_links, size_t *ret_num,
		   struct nfp_err *err)
{
	struct ifaddrmsg ifa = {.ifa_family = AF_UNSPEC};
	const struct nlmsghdr *nlh = NULL;
	struct nfp_link *links = NULL;
	struct nfp_nl_msg msg;
	size_t n = 0;
	int r;

	begin_link(&msg, RTM_GETLINK, NLM_F_DUMP, 0);
	r = nfp_nl_talk(nl, &msg.head, err, "list the netdevs");
	while (r == 0 && (nlh = nfp_nl_next(nl, nlh, RTM_NEWLINK))) {
		links = nfp_reallocarray(links, n + 1, sizeof(*links));
		/* A link that cannot be parsed is no PF, and must not hide the others. */
		n += nfp_link_parse(nlh, &links[n]) == 0;
	}
	if (r == 0) {
		nfp_nl_msg_init(&msg, RTM_GETADDR, NLM_F_DUMP, &ifa, sizeof(ifa));
		r = nfp_nl_talk(nl, &msg.head, err, "list the IP addresses");
	}
	if (r < 0) {
		free(links);
		return r;
	}
	if (n > 0)
		qsort(links, n, sizeof(*links), nfp_compare_ifindex);
	while ((nlh = nfp_nl_next(nl, nlh, RTM_NEWADDR)))
		note_address(nlh, links, n);
	*ret_links = links;
	*ret_num = n;
	return 0;
}

int nfp_rt_nsid(struct nfp_nl *nl, int netns_fd, int *ret_nsid, struct nfp_err *err)
{
	const struct rtgenmsg head = {.rtgen_family = AF_UNSPEC};
	const struct nlattr *tb[NETNSA_NSID + 1];
	const struct nlmsghdr *nlh;
	struct nfp_nl_msg msg;
	int r;

	*ret_nsid = NETNSA_NSID_NOT_ASSIGNED;
	nfp_nl_msg_init(&msg, RTM_GETNSID, 0, &head, sizeof(head));
	mnl_attr_put_u32(&msg.head, NETNSA_FD, (uint32_t)netns_fd);
	r = nfp_nl_talk(nl, &msg.head, err, "ask for the number of a network namespace");
	nlh = r == 0 ? nfp_nl_next(nl, NULL, RTM_NEWNSID) : NULL;
	nfp_attrs_table(nlh ? nfp_attrs_of(nlh, sizeof(head)) : (struct nfp_attrs) {0}, tb,
			NETNSA_NSID + 1);
	nfp_attr_get(tb[NETNSA_NSID], ret_nsid, sizeof(*ret_nsid));
	return r;
}

/* ---- set ---- */

int nfp_rt_link_set_up(struct nfp_nl *nl, const struct nfp_rt_dev *dev, bool up,
		       struct nfp_err *err)
{
	struct nfp_nl_msg msg;
	struct ifinfomsg *ifi;

	begin_link(&msg, RTM_NEWLINK, 0, dev->ifindex);
	ifi = mnl_nlmsg_get_payload(&msg.head);
	ifi->ifi_change = IFF_UP;
	ifi->ifi_flags = up ? IFF_UP : 0;
	return nfp_nl_talk(nl, &msg.head, err, "set %s %s", nfp_rt_name(dev), up ? "up" : "down");
}

static int set_link_attr(struct nfp_nl *nl, const struct nfp_rt_dev *dev, uint16_t type,
			 const void *data, size_t len, const char *what, const char *to,
			 struct nfp_err *err)
{
	struct nfp_nl_msg msg;

	begin_link(&msg, RTM_SETLINK, 0, dev->ifindex);
	mnl_attr_put(&msg.head, type, len, data);
	return nfp_nl_talk(nl, &msg.head, err, "%s %s to %s", what, nfp_rt_name(dev), to);
}

int nfp_rt_link_rename(struct nfp_nl *nl, const struct nfp_rt_dev *dev, const char *ifname,
		       struct nfp_err *err)
{
	char name[NFP_IFNAMSIZ];
	int ret, up;

	if (nfp_value_ifname(ifname, name) < 0)
		return nfp_err_set(err, -EINVAL, NFP_E_KERNEL, "\"%s\" is not a valid netdev name",
				   ifname);
	ret = set_link_attr(nl, dev, IFLA_IFNAME, name, strlen(name) + 1, "rename", name, err);
	if (ret != -EBUSY || nfp_rt_link_set_up(nl, dev, false, NULL) < 0)
		return ret;
	ret = set_link_attr(nl, dev, IFLA_IFNAME, name, strlen(name) + 1, "rename", name, err);
	up = nfp_rt_link_set_up(nl, dev, true, ret ? NULL : err);
	return ret ?: up;
}

int nfp_rt_link_address(struct nfp_nl *nl, const struct nfp_rt_dev *dev, const struct nfp_mac *mac,
			struct nfp_err *err)
{
	return set_link_attr(nl, dev, IFLA_ADDRESS, mac->b, NFP_MAC_LEN, "set the address of",
			     nfp_mac_str(mac).text, err);
}

int nfp_rt_link_move(struct nfp_nl *nl, const struct nfp_rt_dev *dev, int netns_fd,
		     const char *ifname, struct nfp_err *err)
{
	struct nfp_nl_msg msg;

	if (nfp_value_ifname(ifname, (char[NFP_IFNAMSIZ]) {0}) < 0)
		return nfp_err_set(err, -EINVAL, NFP_E_KERNEL, "\"%s\" is not a valid netdev name",
				   ifname);
	begin_link(&msg, RTM_NEWLINK, 0, dev->ifindex);
	mnl_attr_put_u32(&msg.head, IFLA_NET_NS_FD, (uint32_t)netns_fd);
	mnl_attr_put_strz(&msg.head, IFLA_IFNAME, ifname);
	return nfp_nl_talk(nl, &msg.head, err, "move %s to another network namespace",
			   nfp_rt_name(dev));
}

int nfp_rt_link_delete(struct nfp_nl *nl, const struct nfp_rt_dev *dev, struct nfp_err *err)
{
	struct nfp_nl_msg msg;

	begin_link(&msg, RTM_DELLINK, 0, dev->ifindex);
	return nfp_nl_talk(nl, &msg.head, err, "delete %s", nfp_rt_name(dev));
}

/* ---- children ---- */

/* @link NULL: no memory. 0 or -errno, for which libnl has numbers of its own. */
static int build_request(struct rtnl_link *link, struct nl_msg **ret_msg)
{
	int r = link ? rtnl_link_build_add_request(link, NLM_F_CREATE | NLM_F_EXCL, ret_msg)
		     : -NLE_NOMEM;

	return r >= 0 ? 0 : r == -NLE_NOMEM ? -ENOMEM : r == -NLE_MSGSIZE ? -EMSGSIZE : -EINVAL;
}

/*
 * Takes over @link (NULL: no memory), from which libnl-route builds the request. Our own socket
 * sends it, because libnl's would lose the kernel's sentence.
 */
static int add_child(struct nfp_nl *nl, const struct nfp_rt_dev *lower, const char *ifname,
		     struct rtnl_link *link, struct nfp_nl *there, int netns_fd, int *ret_ifindex,
		     struct nfp_err *err)
{
	struct nl_msg *msg = NULL;
	struct nfp_link made = {0};
	int r;

	if (link) {
		rtnl_link_set_name(link, ifname);
		rtnl_link_set_link(link, lower->ifindex);
		rtnl_link_set_ns_fd(link, netns_fd);
	}
	r = build_request(link, &msg);
	if (r < 0)
		nfp_err_errno(err, r, r == -ENOMEM ? NFP_E_MEMORY : NFP_E_KERNEL,
			      "cannot create a child of %s", nfp_rt_name(lower));
	else
		r = nfp_nl_talk(nl, nlmsg_hdr(msg), err, "create a %s on %s",
				rtnl_link_get_type(link), nfp_rt_name(lower));
	nlmsg_free(msg);
	rtnl_link_put(link);
	if (r || !ret_ifindex)
		return r;
	r = nfp_link_by_name(there, ifname, &made, err);
	if (r == 0)
		*ret_ifindex = made.ifindex;
	return r;
}

int nfp_rt_add_vlan(struct nfp_nl *nl, const struct nfp_rt_dev *lower, const char *ifname,
		    const struct nfp_vlan *vlan, struct nfp_nl *there, int netns_fd,
		    int *ret_ifindex, struct nfp_err *err)
{
	struct rtnl_link *link = rtnl_link_vlan_alloc();

	if (link)
		rtnl_link_vlan_set_id(link, vlan->vid);
	if (link && vlan->proto)
		rtnl_link_vlan_set_protocol(link, htons(vlan->proto));
	return add_child(nl, lower, ifname, link, there, netns_fd, ret_ifindex, err);
}

int nfp_rt_add_macvlan(struct nfp_nl *nl, const struct nfp_rt_dev *lower, const char *ifname,
		       const struct nfp_mac *mac, struct nfp_nl *there, int netns_fd,
		       int *ret_ifindex, struct nfp_err *err)
{
	struct nl_addr *addr = mac ? nl_addr_build(AF_LLC, mac->b, NFP_MAC_LEN) : NULL;
	struct rtnl_link *link = addr || !mac ? rtnl_link_macvlan_alloc() : NULL;

	if (link && addr)
		rtnl_link_set_addr(link, addr);
	if (link)
		rtnl_link_macvlan_set_mode(link, MACVLAN_MODE_PRIVATE);
	nl_addr_put(addr);
	return add_child(nl, lower, ifname, link, there, netns_fd, ret_ifindex, err);
}

/* The largest MTU that a VLAN netdev can have (vlan_setup), larger than that of any NIC. */
#define MTU_TOO_LARGE 65535U

int nfp_rt_has_vlan(struct nfp_nl *nl, const struct nfp_rt_dev *lower, uint16_t vid,
		    struct nfp_err *err)
{
	struct rtnl_link *link = rtnl_link_vlan_alloc();
	struct nfp_err refusal = {0};
	struct nl_msg *msg = NULL;
	int r;

	if (link) {
		rtnl_link_vlan_set_id(link, vid);
		rtnl_link_set_link(link, lower->ifindex);
		rtnl_link_set_mtu(link, MTU_TOO_LARGE);
	}
	r = build_request(link, &msg);
	if (r < 0) {
		nfp_err_errno(&refusal, r, r == -ENOMEM ? NFP_E_MEMORY : NFP_E_KERNEL,
			      "cannot ask for VLANs of %s", nfp_rt_name(lower));
		r = -EIO; /* not the kernel's EINVAL, which is an answer */
	} else {
		r = nfp_nl_talk(nl, nlmsg_hdr(msg), &refusal, "ask for VLANs of %s",
				nfp_rt_name(lower));
	}
	nlmsg_free(msg);
	rtnl_link_put(link);
	if (r == -EEXIST)
		return 1;
	/* EOPNOTSUPP: neither the kernel nor the netdev has VLANs. */
	if (r == -EINVAL || r == -EOPNOTSUPP)
		return 0;
	if (err)
		*err = refusal;
	return r < 0 ? r : -EIO;
}
