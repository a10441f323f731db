// SPDX-License-Identifier: GPL-2.0-or-later
/* vfattr.c - compares and names the attributes of a VF; explains why a PF's driver refuses an
 * address. Pure. */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>

#include "nfprobe/journal.h"

/* A switch is an int; -1 means that the driver does not report it. */
static const struct {
	const char *name;
	size_t offset; /* of a switch; 0: it is none */
} rows[NFP_VF_ATTR_COUNT] = {
	[NFP_VF_ATTR_MAC] = {"address", 0},
	[NFP_VF_ATTR_VLAN] = {"VLAN", 0},
	[NFP_VF_ATTR_SPOOFCHK] = {"spoofchk", offsetof(struct nfp_vf_attr, spoofchk)},
	[NFP_VF_ATTR_TRUST] = {"trust", offsetof(struct nfp_vf_attr, trust)},
	[NFP_VF_ATTR_STATE] = {"link state", offsetof(struct nfp_vf_attr, link_state)},
	[NFP_VF_ATTR_RSS_QUERY] = {"query_rss", offsetof(struct nfp_vf_attr, rss_query)},
	[NFP_VF_ATTR_RATE] = {"tx rate", 0},
};

const char *nfp_vf_attr_name(enum nfp_vf_attr_id id)
{
	return rows[id].name;
}

static int switch_value(const struct nfp_vf_attr *a, enum nfp_vf_attr_id id)
{
	return *(const int *)((const char *)a + rows[id].offset);
}

const char *nfp_vf_attr_text(const struct nfp_vf_attr *attr, enum nfp_vf_attr_id id,
			     char buf[NFP_VF_ATTR_TEXT])
{
	static const char *const states[] = {"auto", "enable", "disable"};
	const struct nfp_vlan *vlan = &attr->vlan;
	int value = rows[id].offset ? switch_value(attr, id) : -1;

	switch (id) {
	case NFP_VF_ATTR_MAC:
		if (nfp_mac_is_zero(&attr->mac))
			snprintf(buf, NFP_VF_ATTR_TEXT, "none");
		else
			nfp_mac_str(&attr->mac, buf);
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
		if (rows[id].offset && switch_value(a, id) >= 0 && switch_value(b, id) >= 0 &&
		    switch_value(a, id) != switch_value(b, id))
			mask |= NFP_VF_ATTR_BIT(id);
	return mask;
}

/*
 * The reasons of PF drivers to refuse an address for a VF (ndo_set_vf_mac in Linux), and the
 * remedies. i40e and ice are busy while they reset the VF; octeontx2 needs the PF up; bnx2x,
 * cxgb4 and be2net refuse an invalid address; old mlx5, ice and hns3 refuse one that the NIC has
 * already; mlx4 refuses zero with spoofchk on; bnxt_en and nfp leave it to the firmware.
 */
static const struct {
	int error;
	const char *hint;
} hints[] = {
	{EBUSY, "the driver has been busy with this VF for 5 s: see that no other process sets it "
		"up or resets it, then probe again"},
	{EAGAIN, "the driver asked to be retried later, for 5 s: the VF or PF is in reset; see "
		 "that the PF is up, then probe again"},
	{EINVAL, "the driver does not accept this address, or any for this VF: try another with "
		 "--mac; the kernel log (dmesg) may say more"},
	{EOPNOTSUPP, "this driver, firmware or mode does not let the host set a VF's address, "
		     "which failover needs: look for an update or a setting of the firmware"},
	{ENOMEM, "the NIC's table of addresses is full, or memory is: have fewer VFs, or fewer "
		 "macvlans and addresses on the PF"},
	{ENOSPC, "the NIC's table of addresses is full: have fewer VFs, or fewer macvlans and "
		 "addresses on the PF"},
	{EEXIST, "the NIC has this address for the PF or another VF, and accepts it only once: "
		 "look for it in ip link show and bridge fdb show"},
	{EPERM, "the driver or firmware forbids it: try trust on and spoofchk off for the VF (ip "
		"link set), or run nfprobe with CAP_NET_ADMIN"},
	{EACCES, "the firmware forbids it: the VF's address may be fixed there, or another host "
		 "owns the NIC"},
	{ENODEV, "the VF or its PF is no longer there: another process has changed sriov_numvfs "
		 "or the driver; nfprobe --list shows what is"},
	{EADDRNOTAVAIL, "the driver considers this address invalid: try another with --mac"},
	{EIO, "the NIC's firmware failed to do it: the kernel log (dmesg) may say why"},
	{ETIMEDOUT, "the NIC's firmware has not answered: the kernel log (dmesg) may say why"},
};

const char *nfp_rt_vf_mac_hint(int ret)
{
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (hints[i].error == -ret)
			return hints[i].hint;
	return "";
}
