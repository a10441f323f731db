// SPDX-License-Identifier: GPL-2.0-or-later
/* counters.c - reads the counters of a netdev, and those of a VF. */
#include "net/counters.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "netlink_priv.h"

int nfp_link_counters_read(struct nfp_nl *nl, const struct nfp_rt_dev *dev,
			   struct nfp_link_counters *ret_counters, struct nfp_err *err)
{
	struct ifinfomsg ifi = {.ifi_family = AF_UNSPEC, .ifi_index = dev->ifindex};
	const struct nlattr *tb[IFLA_STATS64 + 1];
	struct rtnl_link_stats64 stats = {0};
	const struct nlmsghdr *nlh;
	struct nfp_nl_msg msg;
	int ret;

	nfp_nl_msg_init(&msg, RTM_GETLINK, 0, &ifi, sizeof(ifi));
	ret = nfp_nl_talk(nl, &msg.head, err, "read the counters of %s", nfp_rt_name(dev));
	nlh = ret ? NULL : nfp_nl_next(nl, NULL, RTM_NEWLINK);
	if (!nlh)
		return ret ?: -ENODATA;
	nfp_attrs_table(nfp_attrs_of(nlh, sizeof(ifi)), tb, IFLA_STATS64 + 1);
	/* Later kernels append members. */
	if (!nfp_attr_get(tb[IFLA_STATS64], &stats,
			  offsetof(struct rtnl_link_stats64, rx_compressed)))
		return -ENODATA;
	*ret_counters = (struct nfp_link_counters) {stats.tx_packets, stats.tx_dropped};
	return 0;
}

static uint64_t counter(const struct nlattr *const *tb, unsigned int type)
{
	uint64_t value = 0;

	(void)nfp_attr_get(tb[type], &value, sizeof(value));
	return value;
}

int nfp_vf_counters_parse(const struct nlmsghdr *nlh, unsigned int vf,
			  struct nfp_vf_counters *ret_counters)
{
	const struct nlattr *tb[IFLA_VF_STATS + 1], *stats[IFLA_VF_STATS_TX_DROPPED + 1], *info;
	struct nfp_attrs list;
	struct ifla_vf_mac mac;
	uint32_t num;
	int ret = nfp_vfinfo_list(nlh, &list, &num);

	if (ret < 0)
		return ret;
	while ((info = nfp_attrs_next(&list)) && mnl_attr_get_type(info) == IFLA_VF_INFO) {
		nfp_attrs_table(nfp_attrs_in(info), tb, IFLA_VF_STATS + 1);
		if (!nfp_attr_get(tb[IFLA_VF_MAC], &mac, sizeof(mac)))
			break;
		if (mac.vf != vf)
			continue;
		if (!tb[IFLA_VF_STATS])
			break;
		nfp_attrs_table(nfp_attrs_in(tb[IFLA_VF_STATS]), stats,
				IFLA_VF_STATS_TX_DROPPED + 1);
		*ret_counters = (struct nfp_vf_counters) {
			.rx_packets = counter(stats, IFLA_VF_STATS_RX_PACKETS),
			.rx_dropped = counter(stats, IFLA_VF_STATS_RX_DROPPED),
			.broadcast = counter(stats, IFLA_VF_STATS_BROADCAST),
			.multicast = counter(stats, IFLA_VF_STATS_MULTICAST),
		};
		return 0;
	}
	return -ENODATA;
}

int nfp_vf_counters_read(struct nfp_nl *nl, const struct nfp_rt_dev *pf, unsigned int vf,
			 struct nfp_vf_counters *ret_counters, struct nfp_err *err)
{
	struct ifinfomsg ifi = {.ifi_family = AF_UNSPEC, .ifi_index = pf->ifindex};
	const struct nlmsghdr *nlh;
	struct nfp_nl_msg msg;
	int ret;

	nfp_nl_msg_init(&msg, RTM_GETLINK, 0, &ifi, sizeof(ifi));
	mnl_attr_put_u32(&msg.head, IFLA_EXT_MASK, RTEXT_FILTER_VF);
	ret = nfp_nl_talk(nl, &msg.head, err, "read the counters of the VFs of %s",
			  nfp_rt_name(pf));
	nlh = ret ? NULL : nfp_nl_next(nl, NULL, RTM_NEWLINK);
	ret = ret ?: nlh ? nfp_vf_counters_parse(nlh, vf, ret_counters) : -ENODATA;
	return ret == -ENODATA || ret == -EBADMSG
		       ? nfp_err_set(err, ret, NFP_E_KERNEL,
				     "the driver of %s does not count for VF %u", nfp_rt_name(pf),
				     vf)
		       : ret;
}
