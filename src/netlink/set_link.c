// SPDX-License-Identifier: GPL-2.0-or-later
/* set_link.c - netlink.h for netdevs: up, name, address, MTU, namespace, FDB entries. */
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "nfprobe/netlink.h"

static void begin(struct nfp_nl_msg *msg, uint16_t type, const struct nfp_rt_dev *dev)
{
	struct ifinfomsg ifi = {.ifi_family = AF_UNSPEC, .ifi_index = dev->ifindex};

	nfp_nl_msg_init(msg, type, 0, &ifi, sizeof(ifi));
}

int nfp_rt_link_set_up(struct nfp_nl *nl, const struct nfp_rt_dev *dev, bool up,
		       struct nfp_err *err)
{
	struct ifinfomsg ifi = {.ifi_family = AF_UNSPEC,
				.ifi_index = dev->ifindex,
				.ifi_flags = up ? IFF_UP : 0,
				.ifi_change = IFF_UP};
	struct nfp_nl_msg msg;

	nfp_nl_msg_init(&msg, RTM_NEWLINK, 0, &ifi, sizeof(ifi));
	return nfp_nl_talk(nl, &msg.head, NULL, err, "set %s %s", nfp_rt_name(dev),
			   up ? "up" : "down");
}

static bool good_name(const char *ifname)
{
	return ifname[0] != '\0' && strlen(ifname) < NFP_IFNAMSIZ;
}

int nfp_rt_link_rename(struct nfp_nl *nl, const struct nfp_rt_dev *dev, const char *ifname,
		       struct nfp_err *err)
{
	struct nfp_nl_msg msg;

	if (!good_name(ifname))
		return nfp_err_set(err, -EINVAL, NFP_E_KERNEL, "\"%s\" cannot name a netdev",
				   ifname);
	begin(&msg, RTM_SETLINK, dev);
	mnl_attr_put_strz(&msg.head, IFLA_IFNAME, ifname);
	return nfp_nl_talk(nl, &msg.head, NULL, err, "rename %s to %s", nfp_rt_name(dev), ifname);
}

int nfp_rt_link_address(struct nfp_nl *nl, const struct nfp_rt_dev *dev, const struct nfp_mac *mac,
			struct nfp_err *err)
{
	char text[NFP_MAC_STRLEN];
	struct nfp_nl_msg msg;

	begin(&msg, RTM_SETLINK, dev);
	mnl_attr_put(&msg.head, IFLA_ADDRESS, NFP_MAC_LEN, mac->b);
	return nfp_nl_talk(nl, &msg.head, NULL, err, "set the address of %s to %s",
			   nfp_rt_name(dev), nfp_mac_str(mac, text));
}

int nfp_rt_link_mtu(struct nfp_nl *nl, const struct nfp_rt_dev *dev, unsigned int mtu,
		    struct nfp_err *err)
{
	struct nfp_nl_msg msg;

	begin(&msg, RTM_SETLINK, dev);
	mnl_attr_put_u32(&msg.head, IFLA_MTU, mtu);
	return nfp_nl_talk(nl, &msg.head, NULL, err, "set the MTU of %s to %u", nfp_rt_name(dev),
			   mtu);
}

int nfp_rt_link_move(struct nfp_nl *nl, const struct nfp_rt_dev *dev, int netns_fd,
		     const char *ifname, struct nfp_err *err)
{
	struct nfp_nl_msg msg;

	if (ifname && !good_name(ifname))
		return nfp_err_set(err, -EINVAL, NFP_E_KERNEL, "\"%s\" cannot name a netdev",
				   ifname);
	begin(&msg, RTM_NEWLINK, dev);
	mnl_attr_put_u32(&msg.head, IFLA_NET_NS_FD, (uint32_t)netns_fd);
	if (ifname)
		mnl_attr_put_strz(&msg.head, IFLA_IFNAME, ifname);
	return nfp_nl_talk(nl, &msg.head, NULL, err, "move %s to another network namespace",
			   nfp_rt_name(dev));
}

int nfp_rt_link_delete(struct nfp_nl *nl, const struct nfp_rt_dev *dev, struct nfp_err *err)
{
	struct nfp_nl_msg msg;

	begin(&msg, RTM_DELLINK, dev);
	return nfp_nl_talk(nl, &msg.head, NULL, err, "delete %s", nfp_rt_name(dev));
}

static void build_fdb(struct nfp_nl_msg *msg, uint16_t type, uint16_t flags,
		      const struct nfp_rt_dev *dev, enum nfp_rt_fdb where,
		      const struct nfp_mac *mac)
{
	struct ndmsg nd = {.ndm_family = PF_BRIDGE, .ndm_ifindex = dev->ifindex};

	/* As iproute2: static is NUD_NOARP, and goes to a bridge together with NUD_REACHABLE. */
	if (where == NFP_RT_FDB_SELF) {
		nd.ndm_flags = NTF_SELF;
		nd.ndm_state = NUD_PERMANENT;
	} else {
		nd.ndm_flags = NTF_MASTER;
		nd.ndm_state = NUD_NOARP | NUD_REACHABLE;
	}
	nfp_nl_msg_init(msg, type, flags, &nd, sizeof(nd));
	mnl_attr_put(&msg->head, NDA_LLADDR, NFP_MAC_LEN, mac->b);
}

int nfp_rt_fdb_add(struct nfp_nl *nl, const struct nfp_rt_dev *dev, enum nfp_rt_fdb where,
		   const struct nfp_mac *mac, struct nfp_err *err)
{
	char text[NFP_MAC_STRLEN];
	struct nfp_nl_msg msg;

	build_fdb(&msg, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_EXCL, dev, where, mac);
	return nfp_nl_talk(nl, &msg.head, NULL, err, "add %s to the FDB of %s%s",
			   nfp_mac_str(mac, text),
			   where == NFP_RT_FDB_MASTER ? "the bridge of " : "", nfp_rt_name(dev));
}

int nfp_rt_fdb_del(struct nfp_nl *nl, const struct nfp_rt_dev *dev, enum nfp_rt_fdb where,
		   const struct nfp_mac *mac, struct nfp_err *err)
{
	char text[NFP_MAC_STRLEN];
	struct nfp_nl_msg msg;

	build_fdb(&msg, RTM_DELNEIGH, 0, dev, where, mac);
	return nfp_nl_talk(nl, &msg.head, NULL, err, "take %s from the FDB of %s%s",
			   nfp_mac_str(mac, text),
			   where == NFP_RT_FDB_MASTER ? "the bridge of " : "", nfp_rt_name(dev));
}
