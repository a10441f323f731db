// SPDX-License-Identifier: GPL-2.0-or-later
/* set.c - single changes: attributes of VFs by way of the PF, netdevs, children. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/addr.h>
#include <netlink/msg.h>
#include <netlink/route/link/macvlan.h>
#include <netlink/route/link/vlan.h>

#include "nfprobe/netlink.h"

static void begin_link(struct nfp_nl_msg *msg, uint16_t type, const struct nfp_rt_dev *dev)
{
	struct ifinfomsg ifi = {.ifi_family = AF_UNSPEC, .ifi_index = dev->ifindex};

	nfp_nl_msg_init(msg, type, 0, &ifi, sizeof(ifi));
}

/* ---- VFs ---- */

/* RTM_SETLINK with IFLA_VFINFO_LIST { IFLA_VF_INFO { one attribute } }. */
static int set_vf_attr(struct nfp_nl *nl, const struct nfp_rt_dev *pf, unsigned int vf,
		       uint16_t type, const void *data, size_t len, const char *what,
		       const char *to, struct nfp_err *err)
{
	struct nlattr *list, *info;
	struct nfp_nl_msg msg;

	begin_link(&msg, RTM_SETLINK, pf);
	list = mnl_attr_nest_start(&msg.head, IFLA_VFINFO_LIST);
	info = mnl_attr_nest_start(&msg.head, IFLA_VF_INFO);
	mnl_attr_put(&msg.head, type, len, data);
	mnl_attr_nest_end(&msg.head, info);
	mnl_attr_nest_end(&msg.head, list);
	return nfp_nl_talk(nl, &msg.head, err, "set %s of VF %u of %s%s", what, vf, nfp_rt_name(pf),
			   to);
}

int nfp_rt_vf_mac(struct nfp_nl *nl, const struct nfp_rt_dev *pf, unsigned int vf,
		  const struct nfp_mac *mac, struct nfp_err *err)
{
	char to[NFP_MAC_STRLEN + 4] = " to ";
	struct ifla_vf_mac v = {.vf = vf};
	int ret;

	memcpy(v.mac, mac->b, NFP_MAC_LEN);
	nfp_mac_str(mac, to + 4);
	ret = set_vf_attr(nl, pf, vf, IFLA_VF_MAC, &v, sizeof(v), "the address", to, err);
	if (ret)
		nfp_err_hint(err, "%s", nfp_rt_vf_mac_hint(ret));
	return ret;
}

int nfp_rt_vf_vlan(struct nfp_nl *nl, const struct nfp_rt_dev *pf, unsigned int vf,
		   const struct nfp_vlan *vlan, struct nfp_err *err)
{
	uint16_t proto = vlan->vid && vlan->proto ? vlan->proto : ETH_P_8021Q;
	struct {
		struct nlattr head;
		struct ifla_vf_vlan_info info;
	} list;
	char what[16];

	memset(&list, 0, sizeof(list)); /* its padding is sent, too */
	list.head.nla_len = sizeof(list);
	list.head.nla_type = IFLA_VF_VLAN_INFO;
	list.info.vf = vf;
	list.info.vlan = vlan->vid;
	list.info.qos = vlan->qos;
	list.info.vlan_proto = htons(proto);
	snprintf(what, sizeof(what), "VLAN %u", vlan->vid);
	return set_vf_attr(nl, pf, vf, NLA_F_NESTED | IFLA_VF_VLAN_LIST, &list, sizeof(list), what,
			   "", err);
}

int nfp_rt_vf_setting(struct nfp_nl *nl, const struct nfp_rt_dev *pf, unsigned int vf,
		      enum nfp_vf_attr_id id, unsigned int value, struct nfp_err *err)
{
	static const uint16_t types[NFP_VF_ATTR_COUNT] = {
		[NFP_VF_ATTR_SPOOFCHK] = IFLA_VF_SPOOFCHK,
		[NFP_VF_ATTR_TRUST] = IFLA_VF_TRUST,
		[NFP_VF_ATTR_STATE] = IFLA_VF_LINK_STATE,
		[NFP_VF_ATTR_RSS_QUERY] = IFLA_VF_RSS_QUERY_EN,
	};
	/* As struct ifla_vf_trust, _rss_query_en and _link_state. */
	struct ifla_vf_spoofchk v = {.vf = vf, .setting = value};

	return set_vf_attr(nl, pf, vf, types[id], &v, sizeof(v), nfp_vf_attr_name(id), "", err);
}

int nfp_rt_vf_rate(struct nfp_nl *nl, const struct nfp_rt_dev *pf, unsigned int vf,
		   uint32_t min_tx_rate, uint32_t max_tx_rate, struct nfp_err *err)
{
	struct ifla_vf_rate v = {.vf = vf, .min_tx_rate = min_tx_rate, .max_tx_rate = max_tx_rate};

	return set_vf_attr(nl, pf, vf, IFLA_VF_RATE, &v, sizeof(v), "the tx rate", "", err);
}

/* ---- netdevs ---- */

int nfp_rt_link_set_up(struct nfp_nl *nl, const struct nfp_rt_dev *dev, bool up,
		       struct nfp_err *err)
{
	struct nfp_nl_msg msg;
	struct ifinfomsg *ifi;

	begin_link(&msg, RTM_NEWLINK, dev);
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

	begin_link(&msg, RTM_SETLINK, dev);
	mnl_attr_put(&msg.head, type, len, data);
	return nfp_nl_talk(nl, &msg.head, err, "%s %s to %s", what, nfp_rt_name(dev), to);
}

int nfp_rt_link_rename(struct nfp_nl *nl, const struct nfp_rt_dev *dev, const char *ifname,
		       struct nfp_err *err)
{
	char name[NFP_IFNAMSIZ];
	int ret, up;

	if (nfp_value_ifname(ifname, name) < 0)
		return nfp_err_set(err, -EINVAL, NFP_E_KERNEL, "\"%s\" cannot name a netdev",
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
	char text[NFP_MAC_STRLEN];

	return set_link_attr(nl, dev, IFLA_ADDRESS, mac->b, NFP_MAC_LEN, "set the address of",
			     nfp_mac_str(mac, text), err);
}

int nfp_rt_link_move(struct nfp_nl *nl, const struct nfp_rt_dev *dev, int netns_fd,
		     const char *ifname, struct nfp_err *err)
{
	struct nfp_nl_msg msg;

	if (ifname && nfp_value_ifname(ifname, (char[NFP_IFNAMSIZ]) {0}) < 0)
		return nfp_err_set(err, -EINVAL, NFP_E_KERNEL, "\"%s\" cannot name a netdev",
				   ifname);
	begin_link(&msg, RTM_NEWLINK, dev);
	mnl_attr_put_u32(&msg.head, IFLA_NET_NS_FD, (uint32_t)netns_fd);
	if (ifname)
		mnl_attr_put_strz(&msg.head, IFLA_IFNAME, ifname);
	return nfp_nl_talk(nl, &msg.head, err, "move %s to another network namespace",
			   nfp_rt_name(dev));
}

int nfp_rt_link_delete(struct nfp_nl *nl, const struct nfp_rt_dev *dev, struct nfp_err *err)
{
	struct nfp_nl_msg msg;

	begin_link(&msg, RTM_DELLINK, dev);
	return nfp_nl_talk(nl, &msg.head, err, "delete %s", nfp_rt_name(dev));
}

/* ---- children ---- */

/*
 * Takes over @link (NULL: no memory), from which libnl-route builds the request. It is sent over
 * our own socket, because libnl's would lose the kernel's sentence.
 */
static int add_child(struct nfp_nl *nl, const struct nfp_rt_dev *lower, const char *ifname,
		     struct rtnl_link *link, struct nfp_nl *there, int netns_fd, int *ret_ifindex,
		     struct nfp_err *err)
{
	struct nl_msg *msg = NULL;
	struct nfp_link made;
	int r = -ENOMEM;

	if (link) {
		rtnl_link_set_name(link, ifname);
		rtnl_link_set_link(link, lower->ifindex);
		rtnl_link_set_ns_fd(link, netns_fd);
		r = rtnl_link_build_add_request(link, NLM_F_CREATE | NLM_F_EXCL, &msg);
	}
	if (r < 0)
		r = nfp_err_errno(err, -ENOMEM, NFP_E_MEMORY, "cannot make a child of %s",
				  nfp_rt_name(lower));
	else
		r = nfp_nl_talk(nl, nlmsg_hdr(msg), err, "make a %s of %s",
				rtnl_link_get_type(link), nfp_rt_name(lower));
	nlmsg_free(msg);
	rtnl_link_put(link);
	r = r ?: nfp_link_by_name(there, ifname, &made, err);
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
	struct nl_addr *addr = nl_addr_build(AF_LLC, mac->b, NFP_MAC_LEN);
	struct rtnl_link *link = addr ? rtnl_link_macvlan_alloc() : NULL;

	if (link) {
		rtnl_link_set_addr(link, addr);
		rtnl_link_macvlan_set_mode(link, MACVLAN_MODE_PRIVATE);
	}
	nl_addr_put(addr);
	return add_child(nl, lower, ifname, link, there, netns_fd, ret_ifindex, err);
}
