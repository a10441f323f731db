// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/netlink.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "nfprobe/base.h"

/* A length can have wrapped only if the rest of the message is at least this long. */
#define WRAP   65536U
#define HEADER sizeof(struct nlattr)

static void set_vlan(struct nfp_vf_attr *a, uint32_t vid, uint32_t qos, uint16_t proto)
{
	a->vlan = (struct nfp_vlan) {0};
	if (vid > 0 && vid <= 4094)
		a->vlan = (struct nfp_vlan) {.vid = (uint16_t)vid, .qos = qos & 7, .proto = proto};
}

/* A setting up to @max. The kernel presets -1, which a driver that does not know it leaves. */
static void set_setting(const struct nlattr *attr, uint32_t max, int *setting)
{
	struct ifla_vf_spoofchk v; /* as struct ifla_vf_trust, _rss_query_en and _link_state */

	if (nfp_attr_get(attr, &v, sizeof(v)))
		*setting = v.setting <= max ? (int)v.setting : -1;
}

/* Reads one IFLA_VF_INFO. False if it does not name its VF, which IFLA_VF_MAC always does. */
static bool parse_entry(const struct nlattr *info, struct nfp_vf_attr *ret_attr)
{
	const struct nlattr *tb[IFLA_VF_VLAN_LIST + 1], *stats[IFLA_VF_STATS_RX_DROPPED + 1];
	const struct nlattr *list[IFLA_VF_VLAN_INFO + 1];
	struct nfp_vf_attr a = NFP_VF_ATTR_UNKNOWN;
	struct ifla_vf_vlan_info vlan_info;
	struct ifla_vf_vlan vlan;
	struct ifla_vf_rate rate;
	struct ifla_vf_mac mac;

	nfp_attrs_table(nfp_attrs_in(info), tb, IFLA_VF_VLAN_LIST + 1);
	if (!nfp_attr_get(tb[IFLA_VF_MAC], &mac, sizeof(mac)))
		return false;
	a.have_mac = true;
	a.vf = mac.vf;
	memcpy(a.mac.b, mac.mac, NFP_MAC_LEN);
	/* Drivers report one VLAN at most. */
	nfp_attrs_table(nfp_attrs_in(tb[IFLA_VF_VLAN_LIST]), list, IFLA_VF_VLAN_INFO + 1);
	if (nfp_attr_get(list[IFLA_VF_VLAN_INFO], &vlan_info, sizeof(vlan_info)))
		set_vlan(&a, vlan_info.vlan, vlan_info.qos, be16toh(vlan_info.vlan_proto));
	else if (nfp_attr_get(tb[IFLA_VF_VLAN], &vlan, sizeof(vlan)))
		set_vlan(&a, vlan.vlan, vlan.qos, ETH_P_8021Q);
	if (nfp_attr_get(tb[IFLA_VF_RATE], &rate, sizeof(rate))) {
		a.min_tx_rate = rate.min_tx_rate;
		a.max_tx_rate = rate.max_tx_rate;
	}
	set_setting(tb[IFLA_VF_SPOOFCHK], 1, &a.spoofchk);
	set_setting(tb[IFLA_VF_TRUST], 1, &a.trust);
	set_setting(tb[IFLA_VF_RSS_QUERY_EN], 1, &a.rss_query);
	set_setting(tb[IFLA_VF_LINK_STATE], IFLA_VF_LINK_STATE_DISABLE, &a.link_state);
	nfp_attrs_table(nfp_attrs_in(tb[IFLA_VF_STATS]), stats, IFLA_VF_STATS_RX_DROPPED + 1);
	nfp_attr_get(stats[IFLA_VF_STATS_RX_PACKETS], &a.received.packets, sizeof(uint64_t));
	nfp_attr_get(stats[IFLA_VF_STATS_RX_DROPPED], &a.received.dropped, sizeof(uint64_t));
	*ret_attr = a;
	return true;
}

int nfp_vfinfo_parse(const struct nlmsghdr *nlh, struct nfp_vf_attr **ret_attrs, size_t *ret_num)
{
	struct nfp_attrs it, list = {0};
	const struct nlattr *attr;
	struct nfp_vf_attr *attrs, a;
	uint32_t num = 0, next = 0;

	if (nlh->nlmsg_type != RTM_NEWLINK ||
	    nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(struct ifinfomsg))
		return -EBADMSG;
	/* IFLA_NUM_VF precedes the list, whose own length may be anything. */
	it = nfp_attrs_of(nlh, sizeof(struct ifinfomsg));
	while (it.left >= HEADER && !list.at) {
		attr = (const struct nlattr *)it.at;
		if (mnl_attr_get_type(attr) == IFLA_VFINFO_LIST) {
			size_t claimed = attr->nla_len;

			list = (struct nfp_attrs) {it.at + HEADER, it.left - HEADER};
			if (it.left < WRAP && claimed >= HEADER && claimed <= it.left)
				list.left = claimed - HEADER;
		} else if (!nfp_attrs_next(&it)) {
			break;
		} else if (mnl_attr_get_type(attr) == IFLA_NUM_VF) {
			nfp_attr_get(attr, &num, sizeof(num));
		}
	}
	if (num > NFP_VF_MAX)
		return -E2BIG;
	attrs = num ? nfp_calloc(num, sizeof(*attrs)) : NULL;
	for (uint32_t i = 0; i < num; i++) {
		attrs[i] = (struct nfp_vf_attr)NFP_VF_ATTR_UNKNOWN;
		attrs[i].vf = i;
	}
	/*
	 * If the list's length may have wrapped, this walk continues behind it. What follows the
	 * list in the message cannot be taken for an entry: an entry has the right type and names
	 * its VF, and these numbers only rise.
	 */
	while (next < num && (attr = nfp_attrs_next(&list))) {
		if (mnl_attr_get_type(attr) != IFLA_VF_INFO || !parse_entry(attr, &a) ||
		    a.vf < next || a.vf >= num)
			break;
		attrs[a.vf] = a;
		next = a.vf + 1;
	}
	*ret_attrs = attrs;
	*ret_num = num;
	return 0;
}

struct vf_answer {
	struct nfp_vf_attr *attrs;
	size_t num;
};

static int vfs_message(const struct nlmsghdr *nlh, void *ctx)
{
	struct vf_answer *answer = ctx;

	if (nlh->nlmsg_type != RTM_NEWLINK)
		return 0;
	free(answer->attrs);
	*answer = (struct vf_answer) {0};
	return nfp_vfinfo_parse(nlh, &answer->attrs, &answer->num);
}

/* @mask: RTEXT_FILTER_*. */
static int read_attrs(struct nfp_nl *nl, const struct nfp_rt_dev *pf, uint32_t mask,
		      struct nfp_vf_attr **ret_attrs, size_t *ret_num, struct nfp_err *err)
{
	struct ifinfomsg ifi = {.ifi_family = AF_UNSPEC, .ifi_index = pf->ifindex};
	struct vf_answer answer = {0};
	const struct nfp_nl_sink sink = {.message = vfs_message, .ctx = &answer};
	struct nfp_nl_msg msg;
	int r;

	nfp_nl_msg_init(&msg, RTM_GETLINK, 0, &ifi, sizeof(ifi));
	mnl_attr_put_u32(&msg.head, IFLA_EXT_MASK, mask);
	r = nfp_nl_talk(nl, &msg.head, &sink, err, "read the VFs of %s", nfp_rt_name(pf));
	if (r < 0) {
		free(answer.attrs);
		return r;
	}
	*ret_attrs = answer.attrs;
	*ret_num = answer.num;
	return 0;
}

int nfp_vf_attrs_read(struct nfp_nl *nl, const struct nfp_rt_dev *pf,
		      struct nfp_vf_attr **ret_attrs, size_t *ret_num, struct nfp_err *err)
{
	return read_attrs(nl, pf, RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS, ret_attrs, ret_num,
			  err);
}

static int read_one(struct nfp_nl *nl, const struct nfp_rt_dev *pf, uint32_t mask, unsigned int vf,
		    struct nfp_vf_attr *ret_attr, struct nfp_err *err)
{
	struct nfp_vf_attr *attrs;
	size_t num;
	int r = read_attrs(nl, pf, mask, &attrs, &num, err);

	if (r < 0)
		return r;
	if (vf >= num)
		r = nfp_err_set(err, -ENODEV, NFP_E_NO_SUCH_VF, "%s has no VF %u: it has %zu VFs",
				nfp_rt_name(pf), vf, num);
	else if (!attrs[vf].have_mac)
		r = nfp_err_set(err, -ENODATA, NFP_E_KERNEL,
				"the driver of %s says nothing of VF %u", nfp_rt_name(pf), vf);
	else
		*ret_attr = attrs[vf];
	free(attrs);
	return r;
}

int nfp_vf_attr_read(struct nfp_nl *nl, const struct nfp_rt_dev *pf, unsigned int vf,
		     struct nfp_vf_attr *ret_attr, struct nfp_err *err)
{
	return read_one(nl, pf, RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS, vf, ret_attr, err);
}

int nfp_vf_received_read(struct nfp_nl *nl, const struct nfp_rt_dev *pf, unsigned int vf,
			 struct nfp_vf_received *ret_received, struct nfp_err *err)
{
	struct nfp_vf_attr attr;
	int r = read_one(nl, pf, RTEXT_FILTER_VF, vf, &attr, err);

	if (r == 0)
		*ret_received = attr.received;
	return r;
}
