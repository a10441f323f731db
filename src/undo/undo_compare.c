// SPDX-License-Identifier: GPL-2.0-or-later
/* undo_compare.c - what still differs once everything was tried, and whose doing it is. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <linux/netdevice.h>

#include "nfprobe/apply.h"
#include "nfprobe/netlink.h"
#include "undo_priv.h"

struct compare {
	const struct nfp_vf_state *before, *now;
	const struct nfp_vf_touch *touch;
	const struct nfp_undo_verdict *to;
	char who[NFP_TEXT]; /* "VF 3 of eth0" */
};

static const char *or_none(const char *text)
{
	return text[0] ? text : "none";
}

static const char *mac_text(const struct nfp_mac *mac, char buf[NFP_MAC_STRLEN])
{
	return nfp_mac_is_zero(mac) ? "none" : nfp_mac_str(mac, buf);
}

static int compare_driver(const struct compare *c)
{
	int ret = 0;

	if (strcmp(c->before->driver, c->now->driver) != 0)
		ret = nfp_strv_addf(c->to->failed, "%s: its driver was %s and is %s", c->who,
				    or_none(c->before->driver), or_none(c->now->driver));
	if (!ret && c->before->have_override &&
	    strcmp(c->before->driver_override, c->now->driver_override) != 0)
		ret = nfp_strv_addf(c->to->failed, "%s: its driver_override was %s and is %s",
				    c->who, or_none(c->before->driver_override),
				    or_none(c->now->driver_override));
	return ret;
}

static int compare_mac(const struct compare *c)
{
	const struct nfp_mac *was = &c->before->attr.mac, *is = &c->now->attr.mac;
	char a[NFP_MAC_STRLEN], b[NFP_MAC_STRLEN];

	if (!c->before->attr.have_mac)
		return 0;
	if (nfp_mac_equal(was, is)) {
		if (!c->touch->mac_by_pf)
			return 0;
		return nfp_strv_addf(
			c->to->left_behind,
			"%s: its address %s was put back by way of the PF: if no "
			"administrator had set it before, the PF's driver may take it "
			"for one that was, and then lets no guest change it, until that "
			"driver is loaded anew",
			c->who, nfp_mac_str(was, a));
	}
	if (nfp_undo_mac_foreign(c->before, c->now, c->touch))
		return nfp_strv_addf(
			c->to->others,
			"%s: another process has given it the address %s (it was %s): left alone",
			c->who, mac_text(is, b), mac_text(was, a));
	/* bnxt_get_vf_config shows the address that the VF's driver has told, until VFs are made
	 * anew. */
	if (nfp_mac_is_zero(was) && (c->touch->tried & (NFP_TRY_MAC | NFP_TRY_MAC_AFTER)) &&
	    !c->touch->zero_refused && nfp_undo_mac_ours(c->touch, is))
		return nfp_strv_addf(
			c->to->left_behind,
			"%s: it had no address and has none now, but the driver of the PF "
			"goes on reporting the last one, %s",
			c->who, nfp_mac_str(is, b));
	if (nfp_mac_is_zero(was) && c->touch->zero_refused &&
	    (nfp_mac_equal(is, &nfp_mac_parked) || nfp_mac_equal(is, &c->before->address)))
		return nfp_strv_addf(c->to->left_behind,
				     "%s: it had no address, and the driver does not let one be "
				     "taken away: it has %s now",
				     c->who, nfp_mac_str(is, b));
	return nfp_strv_addf(c->to->failed, "%s: its address was %s and is %s", c->who,
			     mac_text(was, a), mac_text(is, b));
}

static int compare_vlan(const struct compare *c)
{
	const struct nfp_vlan *was = &c->before->attr.vlan, *is = &c->now->attr.vlan;

	if (!c->before->attr.have_mac || nfp_vlan_equal(was, is))
		return 0;
	if (nfp_undo_vlan_foreign(c->before, c->now, c->touch))
		return nfp_strv_addf(
			c->to->others,
			"%s: another process has given it VLAN %u (it was %u): left alone", c->who,
			is->vid, was->vid);
	return nfp_strv_addf(c->to->failed,
			     "%s: its VLAN was %u (qos %u, protocol 0x%04x) and is %u (qos %u, "
			     "protocol 0x%04x)",
			     c->who, was->vid, was->qos, was->proto, is->vid, is->qos, is->proto);
}

static int compare_setting(const struct compare *c, enum nfp_vf_attr_id id)
{
	bool foreign = (c->touch->foreign & NFP_VF_ATTR_BIT(id)) ||
		       (id == NFP_VF_ATTR_RATE && c->now->attr.max_tx_rate);
	char was[NFP_VF_ATTR_TEXT], is[NFP_VF_ATTR_TEXT];

	nfp_vf_attr_text(&c->before->attr, id, was);
	nfp_vf_attr_text(&c->now->attr, id, is);
	if (!foreign)
		return nfp_strv_addf(c->to->failed, "%s: its %s was %s and is %s", c->who,
				     nfp_vf_attr_name(id), was, is);
	return nfp_strv_addf(c->to->others,
			     "%s: another process has changed its %s from %s to %s: left alone",
			     c->who, nfp_vf_attr_name(id), was, is);
}

/* A PF that reported the VF before and does not now has not been heard. */
static int compare_attr(const struct compare *c)
{
	uint32_t differ = nfp_vf_attr_differ(&c->before->attr, &c->now->attr);
	int ret;

	if (c->before->attr.have_mac && !c->now->attr.have_mac)
		return nfp_strv_addf(
			c->to->failed,
			"%s: the PF's driver does not report it any more, so whether it "
			"has its address and VLAN again is not known",
			c->who);
	if (!c->before->attr.have_mac)
		return nfp_strv_addf(
			c->to->left_behind,
			"%s: the PF's driver does not report it, so whether it has its "
			"address and VLAN again is not known",
			c->who);
	ret = compare_mac(c);
	if (!ret)
		ret = compare_vlan(c);
	for (enum nfp_vf_attr_id id = NFP_VF_ATTR_SPOOFCHK; id < NFP_VF_ATTR_COUNT && !ret; id++)
		if (differ & NFP_VF_ATTR_BIT(id))
			ret = compare_setting(c, id);
	return ret;
}

static int compare_address(const struct compare *c)
{
	char a[NFP_MAC_STRLEN], b[NFP_MAC_STRLEN];

	if (nfp_mac_equal(&c->before->address, &c->now->address))
		return 0;
	/* It got somebody else's from the PF, as was said, and its driver keeps to that. */
	if (nfp_mac_equal(&c->now->address, &c->now->attr.mac) &&
	    nfp_undo_mac_foreign(c->before, c->now, c->touch))
		return 0;
	/* One that the driver made up is worth a word, not a failure. */
	return nfp_strv_addf(c->before->addr_assign_type == NET_ADDR_RANDOM ? c->to->left_behind
									    : c->to->failed,
			     "%s: the address of its netdev was %s and is %s", c->who,
			     nfp_mac_str(&c->before->address, a), nfp_mac_str(&c->now->address, b));
}

static int compare_name(const struct compare *c)
{
	if (strcmp(c->before->ifname, c->now->ifname) == 0)
		return 0;
	if (c->touch->name_taken)
		return nfp_strv_addf(c->to->others,
				     "%s: its netdev was called %s, as another netdev is now: it "
				     "is called %s",
				     c->who, c->before->ifname, c->now->ifname);
	return nfp_strv_addf(c->to->failed, "%s: its netdev was called %s and is called %s", c->who,
			     c->before->ifname, c->now->ifname);
}

static int compare_second(const struct compare *c)
{
	const struct nfp_vf_state *before = c->before, *now = c->now;
	int ret = 0;

	if (!before->second[0])
		return 0;
	if (strcmp(before->second, now->second) != 0)
		ret = nfp_strv_addf(c->to->failed, "%s: its second netdev was called %s and %s%s",
				    c->who, before->second,
				    now->second[0] ? "is called " : "has not come back",
				    now->second);
	if (!ret && now->second[0] && before->second_up && !now->second_up)
		ret = nfp_strv_addf(c->to->failed, "%s: its second netdev %s was up and is down",
				    c->who, before->second);
	return ret;
}

static int compare_netdev(const struct compare *c)
{
	int ret;

	if (!c->before->have_netdev)
		return 0;
	if (!c->now->have_netdev)
		return nfp_strv_addf(c->to->failed, "%s: its netdev %s has not come back", c->who,
				     c->before->ifname);
	ret = compare_address(c);
	if (!ret)
		ret = compare_name(c);
	if (!ret && c->before->mtu != c->now->mtu)
		ret = nfp_strv_addf(c->to->failed, "%s: the MTU of its netdev was %u and is %u",
				    c->who, c->before->mtu, c->now->mtu);
	if (!ret && c->before->up && !c->now->up)
		ret = nfp_strv_addf(c->to->failed, "%s: its netdev %s was up and is down", c->who,
				    c->before->ifname);
	return ret ? ret : compare_second(c);
}

int nfp_undo_compare(const struct nfp_vf_state *before, const struct nfp_vf_state *now,
		     const struct nfp_vf_touch *touch, const char *pf,
		     const struct nfp_undo_verdict *verdict)
{
	struct compare c = {before, now, touch, verdict, ""};
	int ret;

	snprintf(c.who, sizeof(c.who), "VF %u of %s", before->vf, pf);
	ret = compare_driver(&c);
	if (!ret)
		ret = compare_attr(&c);
	return ret ? ret : compare_netdev(&c);
}

void nfp_undo_remains(const struct nfp_vf_state *before, const struct nfp_vf_state *now,
		      const struct nfp_vf_touch *touch, char *buf, size_t size)
{
	char was[NFP_VF_ATTR_TEXT], is[NFP_VF_ATTR_TEXT];
	uint32_t differ = nfp_vf_attr_differ(&before->attr, &now->attr);
	size_t used = 0;

	buf[0] = '\0';
	if ((differ & NFP_VF_ATTR_BIT(NFP_VF_ATTR_MAC)) &&
	    !nfp_undo_mac_foreign(before, now, touch))
		used = (size_t)snprintf(buf, size, "its address is %s%s (it was %s)",
					nfp_mac_is_zero(&now->attr.mac) ? "" : "still the run's, ",
					nfp_vf_attr_text(&now->attr, NFP_VF_ATTR_MAC, is),
					nfp_vf_attr_text(&before->attr, NFP_VF_ATTR_MAC, was));
	if ((differ & NFP_VF_ATTR_BIT(NFP_VF_ATTR_VLAN)) &&
	    !nfp_undo_vlan_foreign(before, now, touch) && used < size)
		used += (size_t)snprintf(buf + used, size - used, "%sits VLAN is %s (it was %s)",
					 used ? ", " : "",
					 nfp_vf_attr_text(&now->attr, NFP_VF_ATTR_VLAN, is),
					 nfp_vf_attr_text(&before->attr, NFP_VF_ATTR_VLAN, was));
	if (strcmp(now->driver_override, NFP_VFDRV_NO_DRIVER) == 0 && used < size)
		used += (size_t)snprintf(buf + used, size - used,
					 "%sits driver_override is still %s", used ? ", " : "",
					 NFP_VFDRV_NO_DRIVER);
	if (strcmp(now->driver, before->driver) != 0 && used < size)
		snprintf(buf + used, size - used, "%sits driver was %s", used ? ", " : "",
			 or_none(before->driver));
}
