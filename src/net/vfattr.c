// SPDX-License-Identifier: GPL-2.0-or-later
/* vfattr.c - the attributes of VFs: reads and sets them through the PF, compares them, puts them in
 * words. */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "net/netlink.h"
#include "netlink_priv.h"

/*
 * The table of attributes. A switch is an int; -1 means that the driver does not report it. The
 * kernel's switches are all like struct ifla_vf_spoofchk.
 */
static const struct row {
	const char *name;
	uint16_t type; /* of a switch; 0: it is none */
	uint32_t max;
	size_t offset;
} rows[NFP_VF_ATTR_COUNT] = {
	[NFP_VF_ATTR_MAC] = {.name = "address"},
	[NFP_VF_ATTR_VLAN] = {.name = "VLAN"},
	[NFP_VF_ATTR_SPOOFCHK] = {"spoofchk", IFLA_VF_SPOOFCHK, 1,
				  offsetof(struct nfp_vf_attr, spoofchk)},
	[NFP_VF_ATTR_TRUST] = {"trust", IFLA_VF_TRUST, 1, offsetof(struct nfp_vf_attr, trust)},
	[NFP_VF_ATTR_STATE] = {"link state", IFLA_VF_LINK_STATE, IFLA_VF_LINK_STATE_DISABLE,
			       offsetof(struct nfp_vf_attr, link_state)},
	[NFP_VF_ATTR_RSS_QUERY] = {"query_rss", IFLA_VF_RSS_QUERY_EN, 1,
				   offsetof(struct nfp_vf_attr, rss_query)},
	[NFP_VF_ATTR_RATE] = {.name = "tx rate"},
};

const char *nfp_vf_attr_name(enum nfp_vf_attr_id id)
{
	return rows[id].name;
}

int *nfp_vf_attr_switch(struct nfp_vf_attr *attr, enum nfp_vf_attr_id id)
{
	return rows[id].type ? (int *)((char *)attr + rows[id].offset) : NULL;
}

static int switch_value(const struct nfp_vf_attr *attr, enum nfp_vf_attr_id id)
{
	return *(const int *)((const char *)attr + rows[id].offset);
}

/* ---- read ---- */

/* A length can have wrapped only if the rest of the message is at least this long. */
#define WRAP   65536U
#define HEADER sizeof(struct nlattr)

/* Reads one IFLA_VF_INFO. False if it does not name its VF, which IFLA_VF_MAC always does. */
static bool parse_vf_info(const struct nlattr *info, struct nfp_vf_attr *ret_attr)
{
	const struct nlattr *tb[IFLA_VF_VLAN_LIST + 1];
	const struct nlattr *list[IFLA_VF_VLAN_INFO + 1];
	struct nfp_vf_attr a = NFP_VF_ATTR_UNKNOWN;
	struct ifla_vf_vlan_info vlan = {0};
	struct ifla_vf_spoofchk v;
	struct ifla_vf_rate rate;
	struct ifla_vf_mac mac;

	nfp_attrs_table(nfp_attrs_in(info), tb, IFLA_VF_VLAN_LIST + 1);
	/* Without the list, as before Linux 4.9, the VLAN would be taken for none. */
	if (!tb[IFLA_VF_VLAN_LIST] || !nfp_attr_get(tb[IFLA_VF_MAC], &mac, sizeof(mac)))
		return false;
	a.have_mac = true;
	a.vf = mac.vf;
	memcpy(a.mac.b, mac.mac, NFP_MAC_LEN);
	/* Drivers report at most one VLAN. */
	nfp_attrs_table(nfp_attrs_in(tb[IFLA_VF_VLAN_LIST]), list, IFLA_VF_VLAN_INFO + 1);
	nfp_attr_get(list[IFLA_VF_VLAN_INFO], &vlan, sizeof(vlan));
	if (vlan.vlan > 0 && vlan.vlan <= 4094)
		a.vlan = (struct nfp_vlan) {.vid = (uint16_t)vlan.vlan,
					    .qos = vlan.qos & 7,
					    .proto = be16toh(vlan.vlan_proto)};
	if (nfp_attr_get(tb[IFLA_VF_RATE], &rate, sizeof(rate))) {
		a.min_tx_rate = rate.min_tx_rate;
		a.max_tx_rate = rate.max_tx_rate;
	}
	/* The kernel presets -1, which a driver leaves if it does not know the switch. */
	for (enum nfp_vf_attr_id id = 0; id < NFP_VF_ATTR_COUNT; id++)
		if (rows[id].type && nfp_attr_get(tb[rows[id].type], &v, sizeof(v)) &&
		    v.setting <= rows[id].max)
			*nfp_vf_attr_switch(&a, id) = (int)v.setting;
	*ret_attr = a;
	return true;
}

int nfp_vfinfo_list(const struct nlmsghdr *nlh, struct nfp_attrs *ret_list, uint32_t *ret_num)
{
	const struct nlattr *attr;
	struct nfp_attrs it;

	*ret_list = (struct nfp_attrs) {0};
	*ret_num = 0;
	if (nlh->nlmsg_type != RTM_NEWLINK ||
	    nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(struct ifinfomsg))
		return -EBADMSG;
	/* IFLA_NUM_VF precedes the list, whose own length may be anything. */
	it = nfp_attrs_of(nlh, sizeof(struct ifinfomsg));
	while (it.left >= HEADER && !ret_list->at) {
		attr = (const struct nlattr *)it.at;
		if (mnl_attr_get_type(attr) == IFLA_VFINFO_LIST) {
			size_t claimed = attr->nla_len;

			*ret_list = (struct nfp_attrs) {it.at + HEADER, it.left - HEADER};
			if (it.left < WRAP && claimed >= HEADER && claimed <= it.left)
				ret_list->left = claimed - HEADER;
		} else if (!nfp_attrs_next(&it)) {
			break;
		} else if (mnl_attr_get_type(attr) == IFLA_NUM_VF) {
			nfp_attr_get(attr, ret_num, sizeof(*ret_num));
		}
	}
	return *ret_num > NFP_VF_MAX ? -E2BIG : 0;
}

int nfp_vfinfo_parse(const struct nlmsghdr *nlh, struct nfp_vf_attr **ret_attrs, size_t *ret_num)
{
	const struct nlattr *attr;
	struct nfp_vf_attr *attrs, a;
	uint32_t num, next = 0;
	struct nfp_attrs list;
	int ret = nfp_vfinfo_list(nlh, &list, &num);

	if (ret < 0)
		return ret;
	attrs = num ? nfp_calloc(num, sizeof(*attrs)) : NULL;
	for (uint32_t i = 0; i < num; i++) {
		attrs[i] = (struct nfp_vf_attr)NFP_VF_ATTR_UNKNOWN;
		attrs[i].vf = i;
		attrs[i].never_reported = !list.at;
	}
	/*
	 * If the list's length may have wrapped, this walk continues after it. Data after the list
	 * in the message cannot be taken for an entry: an entry has the right type and names its
	 * VF, and these numbers only rise.
	 */
	while (next < num && (attr = nfp_attrs_next(&list))) {
		if (mnl_attr_get_type(attr) != IFLA_VF_INFO || !parse_vf_info(attr, &a) ||
		    a.vf < next || a.vf >= num)
			break;
		attrs[a.vf] = a;
		next = a.vf + 1;
	}
	*ret_attrs = attrs;
	*ret_num = num;
	return 0;
}

int nfp_vf_attrs_read(struct nfp_nl *nl, const struct nfp_rt_dev *pf,
		      struct nfp_vf_attr **ret_attrs, size_t *ret_num, struct nfp_err *err)
{
	struct ifinfomsg ifi = {.ifi_family = AF_UNSPEC, .ifi_index = pf->ifindex};
	const struct nlmsghdr *nlh;
	struct nfp_nl_msg msg;
	int r;

	*ret_attrs = NULL;
	*ret_num = 0;
	nfp_nl_msg_init(&msg, RTM_GETLINK, 0, &ifi, sizeof(ifi));
	mnl_attr_put_u32(&msg.head, IFLA_EXT_MASK, RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS);
	r = nfp_nl_talk(nl, &msg.head, err, "read the VFs of %s", nfp_rt_name(pf));
	nlh = r ? NULL : nfp_nl_next(nl, NULL, RTM_NEWLINK);
	if (!nlh)
		return r;
	r = nfp_vfinfo_parse(nlh, ret_attrs, ret_num);
	return r ? nfp_err_errno(err, r, NFP_E_KERNEL, "cannot read the VFs of %s", nfp_rt_name(pf))
		 : 0;
}

int nfp_vf_attr_read(struct nfp_nl *nl, const struct nfp_rt_dev *pf, unsigned int vf,
		     struct nfp_vf_attr *ret_attr, struct nfp_err *err)
{
	struct nfp_vf_attr *attrs;
	size_t num;
	int r = nfp_vf_attrs_read(nl, pf, &attrs, &num, err);

	if (r < 0)
		return r;
	if (vf >= num)
		r = nfp_err_set(err, -ENODEV, NFP_E_NO_SUCH_VF, "%s has no VF %u: it has %zu VFs",
				nfp_rt_name(pf), vf, num);
	else if (!attrs[vf].have_mac)
		r = nfp_err_set(err, -ENODATA, NFP_E_KERNEL,
				"the driver of %s does not report VF %u", nfp_rt_name(pf), vf);
	if (vf < num)
		*ret_attr = attrs[vf];
	free(attrs);
	return r;
}

/* ---- set ---- */

/* IFLA_VFINFO_LIST { IFLA_VF_INFO { one attribute } } */
static void put_attr(struct nlmsghdr *nlh, const struct nfp_vf_attr *attr, enum nfp_vf_attr_id id)
{
	const struct nfp_vlan *vlan = &attr->vlan;
	struct ifla_vf_mac mac = {.vf = attr->vf};
	struct ifla_vf_vlan_info tag;
	struct ifla_vf_rate rate = {attr->vf, attr->min_tx_rate, attr->max_tx_rate};
	struct ifla_vf_spoofchk value = {.vf = attr->vf};
	struct nlattr *list = mnl_attr_nest_start(nlh, IFLA_VFINFO_LIST), *tags;
	struct nlattr *info = mnl_attr_nest_start(nlh, IFLA_VF_INFO);

	switch (id) {
	case NFP_VF_ATTR_MAC:
		memcpy(mac.mac, attr->mac.b, NFP_MAC_LEN);
		mnl_attr_put(nlh, IFLA_VF_MAC, sizeof(mac), &mac);
		break;
	case NFP_VF_ATTR_VLAN:
		memset(&tag, 0, sizeof(tag)); /* its padding is sent, too */
		tag.vf = attr->vf;
		tag.vlan = vlan->vid;
		tag.qos = vlan->qos;
		tag.vlan_proto = htons(vlan->vid && vlan->proto ? vlan->proto : ETH_P_8021Q);
		tags = mnl_attr_nest_start(nlh, IFLA_VF_VLAN_LIST);
		mnl_attr_put(nlh, IFLA_VF_VLAN_INFO, sizeof(tag), &tag);
		mnl_attr_nest_end(nlh, tags);
		break;
	case NFP_VF_ATTR_RATE:
		mnl_attr_put(nlh, IFLA_VF_RATE, sizeof(rate), &rate);
		break;
	default:
		value.setting = (uint32_t)switch_value(attr, id);
		mnl_attr_put(nlh, rows[id].type, sizeof(value), &value);
	}
	mnl_attr_nest_end(nlh, info);
	mnl_attr_nest_end(nlh, list);
}

int nfp_rt_vf_set(struct nfp_nl *nl, const struct nfp_rt_dev *pf, const struct nfp_vf_attr *attr,
		  enum nfp_vf_attr_id id, struct nfp_err *err)
{
	struct ifinfomsg ifi = {.ifi_family = AF_UNSPEC, .ifi_index = pf->ifindex};
	char to[NFP_VF_ATTR_TEXT];
	struct nfp_nl_msg msg;
	int ret;

	nfp_nl_msg_init(&msg, RTM_SETLINK, 0, &ifi, sizeof(ifi));
	put_attr(&msg.head, attr, id);
	ret = nfp_nl_talk(nl, &msg.head, err, "set the %s of VF %u of %s to %s", rows[id].name,
			  attr->vf, nfp_rt_name(pf), nfp_vf_attr_text(attr, id, to));
	if (ret && id == NFP_VF_ATTR_MAC)
		nfp_err_hint(err, "%s", nfp_rt_vf_mac_hint(ret));
	return ret;
}

/* ---- compared and in words ---- */

const char *nfp_vf_attr_text(const struct nfp_vf_attr *attr, enum nfp_vf_attr_id id,
			     char buf[NFP_VF_ATTR_TEXT])
{
	static const char *const states[] = {"auto", "enable", "disable"};
	const struct nfp_vlan *vlan = &attr->vlan;
	int value = rows[id].type ? switch_value(attr, id) : -1;

	switch (id) {
	case NFP_VF_ATTR_MAC:
		snprintf(buf, NFP_VF_ATTR_TEXT, "%s",
			 nfp_mac_is_zero(&attr->mac) ? "none" : nfp_mac_str(&attr->mac).text);
		break;
	case NFP_VF_ATTR_VLAN:
		if (vlan->vid || vlan->qos)
			snprintf(buf, NFP_VF_ATTR_TEXT, "%u, qos %u%s", vlan->vid, vlan->qos,
				 vlan->proto == ETH_P_8021AD ? ", 802.1ad" : "");
		else
			snprintf(buf, NFP_VF_ATTR_TEXT, "none");
		break;
	case NFP_VF_ATTR_RATE:
		snprintf(buf, NFP_VF_ATTR_TEXT, "%" PRIu32 " to %" PRIu32 " Mbit/s",
			 attr->min_tx_rate, attr->max_tx_rate);
		break;
	default:
		if (value < 0)
			snprintf(buf, NFP_VF_ATTR_TEXT, "unknown");
		else if (id == NFP_VF_ATTR_STATE)
			snprintf(buf, NFP_VF_ATTR_TEXT, "%s",
				 value <= IFLA_VF_LINK_STATE_DISABLE ? states[value] : "?");
		else
			snprintf(buf, NFP_VF_ATTR_TEXT, "%s", value ? "on" : "off");
	}
	return buf;
}

bool nfp_vlan_equal(const struct nfp_vlan *a, const struct nfp_vlan *b)
{
	/* Without a VLAN the protocol has no meaning, and drivers differ in what they report. */
	if (!a->vid && !b->vid)
		return a->qos == b->qos;
	/* mlx5, nfp and liquidio report no protocol (mlx5_eswitch_get_vport_config clears what
	 * rtnetlink has filled in). */
	return a->vid == b->vid && a->qos == b->qos &&
	       (a->proto == b->proto || !a->proto || !b->proto);
}

uint32_t nfp_vf_attr_differ(const struct nfp_vf_attr *a, const struct nfp_vf_attr *b)
{
	uint32_t mask = 0;

	if (!a->have_mac || !b->have_mac)
		return 0;
	if (!nfp_mac_equal(&a->mac, &b->mac))
		mask |= NFP_VF_ATTR_BIT(NFP_VF_ATTR_MAC);
	if (!nfp_vlan_equal(&a->vlan, &b->vlan))
		mask |= NFP_VF_ATTR_BIT(NFP_VF_ATTR_VLAN);
	if (a->min_tx_rate != b->min_tx_rate || a->max_tx_rate != b->max_tx_rate)
		mask |= NFP_VF_ATTR_BIT(NFP_VF_ATTR_RATE);
	for (enum nfp_vf_attr_id id = 0; id < NFP_VF_ATTR_COUNT; id++)
		if (rows[id].type && switch_value(a, id) >= 0 && switch_value(b, id) >= 0 &&
		    switch_value(a, id) != switch_value(b, id))
			mask |= NFP_VF_ATTR_BIT(id);
	return mask;
}

/*
 * Why PF drivers refuse an address for a VF (ndo_set_vf_mac in Linux), and the fixes. i40e and ice
 * are busy while they reset the VF; octeontx2 needs the PF up; bnx2x, cxgb4 and be2net refuse an
 * invalid address; old mlx5, ice and hns3 refuse an address that the NIC already has; mlx4 refuses
 * zero with spoofchk on; bnxt_en and nfp leave it to the firmware.
 */
static const struct {
	int error;
	const char *hint;
} hints[] = {
	{EBUSY, "the driver has been busy with this VF for 5 s: make sure that no other process is "
		"configuring or resetting it, then probe again"},
	{EAGAIN, "the driver has asked for another try for 5 s: the VF or the PF is in reset; "
		 "check that the PF is up, then probe again"},
	{EINVAL, "the driver does not accept this address, or any for this VF: try another with "
		 "--mac; the kernel log (dmesg) may say more"},
	{EOPNOTSUPP, "this driver, firmware or mode does not let the host set a VF's address, "
		     "which failover needs: look for an update, or for a firmware setting"},
	{ENOMEM, "the NIC's address table is full, or memory has run out: use fewer VFs, or fewer "
		 "macvlans and addresses on the PF"},
	{ENOSPC, "the NIC's address table is full: use fewer VFs, or fewer macvlans and addresses "
		 "on the PF"},
	{EEXIST, "the NIC already has this address for the PF or another VF, and accepts it only "
		 "once: look for it in ip link show and bridge fdb show"},
	{EPERM, "the driver or firmware forbids it: try trust on and spoofchk off for the VF (ip "
		"link set), or run nfprobe with CAP_NET_ADMIN"},
	{EACCES, "the firmware forbids it: the VF's address may be fixed there, or another host "
		 "owns the NIC"},
	{ENODEV, "the VF or its PF is no longer there: another process has changed sriov_numvfs or "
		 "the driver; nfprobe --list shows what exists"},
	{EADDRNOTAVAIL, "the driver considers this address invalid: try another with --mac"},
	{EIO, "the NIC's firmware failed to set it: the kernel log (dmesg) may say why"},
	{ETIMEDOUT, "the NIC's firmware has not answered: the kernel log (dmesg) may say why"},
};

const char *nfp_rt_vf_mac_hint(int ret)
{
	nfp_for_each (row, hints, NFP_NUM(hints))
		if (row->error == -ret)
			return row->hint;
	return "";
}
