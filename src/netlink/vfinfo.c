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

/* A length that may have wrapped cannot be less than this away from the end of the message. */
#define WRAP   65536U
#define HEADER sizeof(struct nlattr)

/* Bytes of an attribute as a whole; false where it does not hold all of them. */
static bool fetch(const struct nlattr *attr, void *value, size_t size)
{
	if (mnl_attr_get_payload_len(attr) < size)
		return false;
	memcpy(value, mnl_attr_get_payload(attr), size);
	return true;
}

static int tristate(uint32_t setting)
{
	/* The kernel presets -1, which a driver that does not know leaves alone. */
	return setting <= 1 ? (int)setting : -1;
}

static void set_vlan(struct nfp_vf_attr *a, uint32_t vid, uint32_t qos, uint16_t proto)
{
	if (vid == 0 || vid > 4094) {
		a->vlan = (struct nfp_vlan) {0};
		return;
	}
	a->vlan = (struct nfp_vlan) {.vid = (uint16_t)vid, .qos = qos & 7, .proto = proto};
}

/* Drivers report one VLAN at most; it is the first. */
static bool parse_vlan_list(const struct nlattr *list, struct nfp_vf_attr *a)
{
	struct nfp_attrs it = nfp_attrs_in(list);
	struct ifla_vf_vlan_info v;
	const struct nlattr *attr;

	while ((attr = nfp_attrs_next(&it))) {
		if (mnl_attr_get_type(attr) != IFLA_VF_VLAN_INFO || !fetch(attr, &v, sizeof(v)))
			continue;
		set_vlan(a, v.vlan, v.qos, be16toh(v.vlan_proto));
		return true;
	}
	return false;
}

static void parse_setting(const struct nlattr *attr, struct nfp_vf_attr *a)
{
	struct {
		uint32_t vf, setting;
	} v; /* as struct ifla_vf_spoofchk, _trust, _rss_query_en and _link_state */

	if (!fetch(attr, &v, sizeof(v)))
		return;
	switch (mnl_attr_get_type(attr)) {
	case IFLA_VF_SPOOFCHK:
		a->spoofchk = tristate(v.setting);
		break;
	case IFLA_VF_TRUST:
		a->trust = tristate(v.setting);
		break;
	case IFLA_VF_RSS_QUERY_EN:
		a->rss_query = tristate(v.setting);
		break;
	case IFLA_VF_LINK_STATE:
		a->link_state = v.setting <= IFLA_VF_LINK_STATE_DISABLE ? (int)v.setting : -1;
		break;
	}
}

static void parse_stats(const struct nlattr *stats, struct nfp_vf_attr *a)
{
	struct nfp_attrs it = nfp_attrs_in(stats);
	const struct nlattr *attr;

	while ((attr = nfp_attrs_next(&it))) {
		if (mnl_attr_get_type(attr) == IFLA_VF_STATS_RX_PACKETS)
			fetch(attr, &a->received.packets, sizeof(a->received.packets));
		else if (mnl_attr_get_type(attr) == IFLA_VF_STATS_RX_DROPPED)
			fetch(attr, &a->received.dropped, sizeof(a->received.dropped));
	}
}

/* Reads one IFLA_VF_INFO. True when it names its VF, which IFLA_VF_MAC always does. */
static bool parse_entry(const struct nlattr *info, struct nfp_vf_attr *ret_attr)
{
	struct nfp_vf_attr a = NFP_VF_ATTR_UNKNOWN;
	struct nfp_attrs it = nfp_attrs_in(info);
	const struct nlattr *attr;
	struct ifla_vf_vlan vlan;
	struct ifla_vf_rate rate;
	struct ifla_vf_mac mac;
	bool listed = false;

	while ((attr = nfp_attrs_next(&it))) {
		switch (mnl_attr_get_type(attr)) {
		case IFLA_VF_MAC:
			if (!fetch(attr, &mac, sizeof(mac)))
				return false;
			a.have_mac = true;
			a.vf = mac.vf;
			memcpy(a.mac.b, mac.mac, NFP_MAC_LEN);
			break;
		case IFLA_VF_VLAN:
			if (!listed && fetch(attr, &vlan, sizeof(vlan)))
				set_vlan(&a, vlan.vlan, vlan.qos, ETH_P_8021Q);
			break;
		case IFLA_VF_VLAN_LIST:
			listed = parse_vlan_list(attr, &a) || listed;
			break;
		case IFLA_VF_RATE:
			if (fetch(attr, &rate, sizeof(rate))) {
				a.min_tx_rate = rate.min_tx_rate;
				a.max_tx_rate = rate.max_tx_rate;
			}
			break;
		case IFLA_VF_STATS:
			parse_stats(attr, &a);
			break;
		default:
			parse_setting(attr, &a);
			break;
		}
	}
	if (a.have_mac)
		*ret_attr = a;
	return a.have_mac;
}

/*
 * Walks the entries. Where the list's own length may have wrapped, the walk goes on behind it: what
 * follows the list in the message cannot be taken for an entry, because an entry has the right
 * type, names its VF, and these only ever rise.
 */
static void parse_entries(struct nfp_attrs it, struct nfp_vf_attr *attrs, size_t num)
{
	const struct nlattr *attr;
	struct nfp_vf_attr a;
	size_t next = 0;

	while (next < num && (attr = nfp_attrs_next(&it))) {
		if (mnl_attr_get_type(attr) != IFLA_VF_INFO || !parse_entry(attr, &a))
			return;
		if (a.vf < next || a.vf >= num)
			return;
		attrs[a.vf] = a;
		next = (size_t)a.vf + 1;
	}
}

/* The bytes in which the entries are, given the list's header and what is left of the message. */
static struct nfp_attrs list_bytes(const struct nfp_attrs *at, const struct nlattr *list)
{
	struct nfp_attrs it = {.at = at->at + HEADER, .left = at->left - HEADER};
	size_t claimed = list->nla_len;

	if (at->left < WRAP && claimed >= HEADER && claimed <= at->left)
		it.left = claimed - HEADER;
	return it;
}

/* Finds IFLA_NUM_VF and, behind it, the list. False when there is no list. */
static bool find_list(const struct nlmsghdr *nlh, uint32_t *ret_num, struct nfp_attrs *ret_list)
{
	struct nfp_attrs it = nfp_attrs_of(nlh, sizeof(struct ifinfomsg));
	const struct nlattr *attr;

	/* The list's header is looked at before its length is: that may be anything. */
	while (it.left >= sizeof(*attr)) {
		attr = (const struct nlattr *)it.at;
		if (mnl_attr_get_type(attr) == IFLA_VFINFO_LIST) {
			*ret_list = list_bytes(&it, attr);
			return true;
		}
		if (!nfp_attrs_next(&it))
			return false;
		if (mnl_attr_get_type(attr) == IFLA_NUM_VF)
			nfp_attr_u32(attr, ret_num);
	}
	return false;
}

int nfp_vfinfo_parse(const struct nlmsghdr *nlh, struct nfp_vf_attr **ret_attrs, size_t *ret_num)
{
	struct nfp_attrs list = {0};
	struct nfp_vf_attr *attrs;
	uint32_t num = 0, i;

	if (nlh->nlmsg_type != RTM_NEWLINK ||
	    nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(struct ifinfomsg))
		return -EBADMSG;
	find_list(nlh, &num, &list);
	if (num > NFP_VF_MAX)
		return -E2BIG;
	if (num == 0) {
		*ret_attrs = NULL;
		*ret_num = 0;
		return 0;
	}
	attrs = nfp_calloc(num, sizeof(*attrs));
	if (!attrs)
		return -ENOMEM;
	for (i = 0; i < num; i++) {
		attrs[i] = (struct nfp_vf_attr)NFP_VF_ATTR_UNKNOWN;
		attrs[i].vf = i;
	}
	parse_entries(list, attrs, num);
	*ret_attrs = attrs;
	*ret_num = num;
	return 0;
}

struct answer {
	struct nfp_vf_attr *attrs;
	size_t num;
};

static int answer_message(const struct nlmsghdr *nlh, void *ctx)
{
	struct answer *answer = ctx;

	if (nlh->nlmsg_type != RTM_NEWLINK)
		return 0;
	free(answer->attrs);
	*answer = (struct answer) {0};
	return nfp_vfinfo_parse(nlh, &answer->attrs, &answer->num);
}

static int read_attrs(struct nfp_nl *nl, const struct nfp_rt_dev *pf, uint32_t what,
		      struct nfp_vf_attr **ret_attrs, size_t *ret_num, struct nfp_err *err)
{
	struct ifinfomsg ifi = {.ifi_family = AF_UNSPEC, .ifi_index = pf->ifindex};
	struct answer answer = {0};
	const struct nfp_nl_sink sink = {.message = answer_message, .ctx = &answer};
	struct nfp_nl_msg msg;
	int r;

	nfp_nl_msg_init(&msg, RTM_GETLINK, 0, &ifi, sizeof(ifi));
	mnl_attr_put_u32(&msg.head, IFLA_EXT_MASK, what);
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

static int read_one(struct nfp_nl *nl, const struct nfp_rt_dev *pf, uint32_t what, unsigned int vf,
		    struct nfp_vf_attr *ret_attr, struct nfp_err *err)
{
	struct nfp_vf_attr *attrs;
	size_t num;
	int r = read_attrs(nl, pf, what, &attrs, &num, err);

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
