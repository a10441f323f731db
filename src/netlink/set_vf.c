// SPDX-License-Identifier: GPL-2.0-or-later
/* set_vf.c - netlink.h for the attributes of VFs, which are set by way of the PF. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "nfprobe/netlink.h"

/* RTM_SETLINK with IFLA_VFINFO_LIST { IFLA_VF_INFO { one attribute } }. */
static struct nlattr *begin(struct nfp_nl_msg *msg, const struct nfp_rt_dev *pf,
			    struct nlattr **ret_list)
{
	struct ifinfomsg ifi = {.ifi_family = AF_UNSPEC, .ifi_index = pf->ifindex};

	nfp_nl_msg_init(msg, RTM_SETLINK, 0, &ifi, sizeof(ifi));
	*ret_list = mnl_attr_nest_start(&msg->head, IFLA_VFINFO_LIST);
	return mnl_attr_nest_start(&msg->head, IFLA_VF_INFO);
}

static void end(struct nfp_nl_msg *msg, struct nlattr *list, struct nlattr *info)
{
	mnl_attr_nest_end(&msg->head, info);
	mnl_attr_nest_end(&msg->head, list);
}

/* The message has room for a few hundred such attributes. */
static void build(struct nfp_nl_msg *msg, const struct nfp_rt_dev *pf, uint16_t type,
		  const void *data, size_t len)
{
	struct nlattr *list, *info = begin(msg, pf, &list);

	mnl_attr_put(&msg->head, type, len, data);
	end(msg, list, info);
}

int nfp_rt_vf_mac(struct nfp_nl *nl, const struct nfp_rt_dev *pf, unsigned int vf,
		  const struct nfp_mac *mac, struct nfp_err *err)
{
	struct ifla_vf_mac v = {.vf = vf};
	char text[NFP_MAC_STRLEN];
	struct nfp_nl_msg msg;
	int ret;

	memcpy(v.mac, mac->b, NFP_MAC_LEN);
	build(&msg, pf, IFLA_VF_MAC, &v, sizeof(v));
	ret = nfp_nl_talk(nl, &msg.head, NULL, err, "set the address of VF %u of %s to %s", vf,
			  nfp_rt_name(pf), nfp_mac_str(mac, text));
	if (ret)
		nfp_err_hint(err, "%s", nfp_rt_vf_mac_hint(ret));
	return ret;
}

static int vlan_list(struct nfp_nl *nl, const struct nfp_rt_dev *pf,
		     const struct ifla_vf_vlan_info *v, struct nfp_err *err)
{
	struct nlattr *list, *info, *vlans;
	struct nfp_nl_msg msg;

	info = begin(&msg, pf, &list);
	vlans = mnl_attr_nest_start(&msg.head, IFLA_VF_VLAN_LIST);
	mnl_attr_put(&msg.head, IFLA_VF_VLAN_INFO, sizeof(*v), v);
	mnl_attr_nest_end(&msg.head, vlans);
	end(&msg, list, info);
	return nfp_nl_talk(nl, &msg.head, NULL, err, "set VLAN %u of VF %u of %s", v->vlan, v->vf,
			   nfp_rt_name(pf));
}

int nfp_rt_vf_vlan(struct nfp_nl *nl, const struct nfp_rt_dev *pf, unsigned int vf,
		   const struct nfp_vlan *vlan, struct nfp_err *err)
{
	uint16_t proto = vlan->vid && vlan->proto ? vlan->proto : ETH_P_8021Q;
	struct ifla_vf_vlan_info v;
	struct ifla_vf_vlan old = {.vf = vf, .vlan = vlan->vid, .qos = vlan->qos};
	struct nfp_nl_msg msg;
	int r;

	memset(&v, 0, sizeof(v)); /* its padding is sent, too */
	v.vf = vf;
	v.vlan = vlan->vid;
	v.qos = vlan->qos;
	v.vlan_proto = htons(proto);
	r = vlan_list(nl, pf, &v, err);
	/* Before Linux 4.9 the list is an unknown attribute, and nothing known is -EINVAL. */
	if (r != -EINVAL || proto != ETH_P_8021Q)
		return r;
	build(&msg, pf, IFLA_VF_VLAN, &old, sizeof(old));
	return nfp_nl_talk(nl, &msg.head, NULL, err, "set VLAN %u of VF %u of %s", v.vlan, vf,
			   nfp_rt_name(pf));
}

int nfp_rt_vf_setting(struct nfp_nl *nl, const struct nfp_rt_dev *pf, unsigned int vf,
		      uint16_t type, unsigned int value, struct nfp_err *err)
{
	/* As struct ifla_vf_trust, _rss_query_en and _link_state. */
	struct ifla_vf_spoofchk v = {.vf = vf, .setting = value};
	const char *what = type == IFLA_VF_SPOOFCHK	  ? "spoofchk"
			   : type == IFLA_VF_TRUST	  ? "trust"
			   : type == IFLA_VF_RSS_QUERY_EN ? "query_rss"
							  : "the link state";
	struct nfp_nl_msg msg;

	build(&msg, pf, type, &v, sizeof(v));
	return nfp_nl_talk(nl, &msg.head, NULL, err, "set %s of VF %u of %s", what, vf,
			   nfp_rt_name(pf));
}

int nfp_rt_vf_rate(struct nfp_nl *nl, const struct nfp_rt_dev *pf, unsigned int vf,
		   uint32_t min_tx_rate, uint32_t max_tx_rate, struct nfp_err *err)
{
	struct ifla_vf_rate v = {.vf = vf, .min_tx_rate = min_tx_rate, .max_tx_rate = max_tx_rate};
	struct nfp_nl_msg msg;

	build(&msg, pf, IFLA_VF_RATE, &v, sizeof(v));
	return nfp_nl_talk(nl, &msg.head, NULL, err, "set the tx rate of VF %u of %s", vf,
			   nfp_rt_name(pf));
}
