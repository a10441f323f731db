/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfmodel.h - a VF in memory that behaves like those of many drivers: what each change does to it.
 */
#ifndef NFPROBE_TESTS_VFMODEL_H
#define NFPROBE_TESTS_VFMODEL_H

#include <linux/netdevice.h>

#include "harness.h"
#include "../../src/change/change.h"
#include "../../src/change/vf_state.h"
#include "net/netlink.h"

/* Tests try every combination of these, so that no driver has to be named. */
struct character {
	bool refuses_zero; /* be2net, bnx2x, cxgb4, ... */
	bool reports_own;  /* igb: the VF tells the PF the address that it gave itself */
	/* igb: a reset forgets an address that no administrator set; with other drivers, what else
	 * was set. The VF's driver resets it when it is bound (igb_vf_reset_msg,
	 * i40e_vc_reset_vf_msg). */
	bool reset_forgets;
	bool reports_last;  /* bnxt: reports an address that was taken away */
	bool reports_none;  /* enic: reports no VF at all */
	bool autoprobe_off; /* a bind by hand needs driver_override */
	bool has_override;
};

struct nic {
	struct character is;
	struct nfp_vf_state vf;
	bool admin; /* the address is an administrator's */
	bool private_netns;
	unsigned int drawn;   /* random addresses so far */
	unsigned int unbound; /* how often */
	/* The address of its netdev, which was up, until it is reset: nfp_app_set_vf_mac and
	 * otx2_set_vf_mac do nothing to a VF whose driver has run. Nobody can read it. */
	struct nfp_mac filter;
	/* While the VF has no driver, the PF reports the address from before the last so many
	 * changes and one: qed_handle_pf_set_vf_unicast sets it from a work queue. 0: at once. */
	unsigned int late;
	struct nfp_mac had[128]; /* before each change since the last bind */
	size_t num_had;
	unsigned int mtu, mtu_before; /* of its netdev, which is new with each bind */
};

static const struct nfp_mac X = {{0x06, 1, 1, 1, 1, 1}}, Y = {{0x06, 2, 2, 2, 2, 2}};
static const struct nfp_mac P = {{0x06, 3, 3, 3, 3, 3}}; /* placeholder */
static const struct nfp_mac A = {{0x52, 0x54, 0, 0, 0, 0xa}}, B = {{0x52, 0x54, 0, 0, 0, 0xb}};
static const struct nfp_mac zero;

static inline void forget_settings(struct nic *nic)
{
	struct nfp_vf_attr *attr = &nic->vf.attr;

	attr->spoofchk = attr->trust = attr->link_state = attr->rss_query = 0;
	attr->min_tx_rate = attr->max_tx_rate = 0;
}

static inline void probe_netdev(struct nic *nic)
{
	struct nfp_vf_state *vf = &nic->vf;

	vf->have_netdev = true;
	snprintf(vf->ifname, sizeof(vf->ifname), "eth9");
	vf->ifindex++;
	vf->up = false;
	nic->mtu = 1500;
	vf->address = vf->attr.mac;
	vf->addr_assign_type = NET_ADDR_PERM;
	if (!nfp_mac_is_zero(&vf->attr.mac))
		return;
	vf->address = (struct nfp_mac) {{0x0a, 0, 0, 0, 0, (uint8_t)++nic->drawn}};
	vf->addr_assign_type = NET_ADDR_RANDOM;
	if (nic->is.reports_own)
		vf->attr.mac = vf->address;
}

static inline int nic_bind(struct nic *nic, const char *driver)
{
	const char *override = nic->vf.driver_override;

	if (nic->vf.driver[0])
		return -EBUSY;
	if (override[0] ? strcmp(override, driver) != 0 : nic->is.autoprobe_off)
		return -ENODEV;
	snprintf(nic->vf.driver, sizeof(nic->vf.driver), "%s", driver);
	nic->num_had = 0;
	if (strcmp(driver, "vfio-pci") == 0)
		return 0;
	if (nic->is.reset_forgets)
		forget_settings(nic);
	probe_netdev(nic);
	return 0;
}

static inline int nic_unbind(struct nic *nic)
{
	if (!nic->vf.driver[0])
		return -ENODEV;
	nic->unbound++;
	nic->vf.driver[0] = '\0';
	nic->vf.have_netdev = false;
	nic->private_netns = false;
	return 0;
}

static inline int nic_mac(struct nic *nic, const struct nfp_mac *mac)
{
	if (nfp_mac_is_zero(mac) && nic->is.refuses_zero)
		return -EINVAL;
	nic->admin = !nfp_mac_is_zero(mac);
	if (nic->admin || !nic->is.reports_last)
		nic->vf.attr.mac = *mac;
	return 0;
}

static inline int nic_address(struct nic *nic, const struct nfp_mac *mac)
{
	if (nic->admin)
		return -EADDRNOTAVAIL;
	nic->vf.address = *mac;
	nic->vf.addr_assign_type = NET_ADDR_SET;
	if (nic->is.reports_own)
		nic->vf.attr.mac = *mac;
	return 0;
}

static inline int nic_reset(struct nic *nic)
{
	nic->filter = zero;
	if (!nic->is.reset_forgets)
		return 0;
	if (!nic->admin)
		nic->vf.attr.mac = zero;
	forget_settings(nic);
	return 0;
}

static inline int nic_make(struct nic *nic, const struct nfp_change *c)
{
	struct nfp_vf_state *vf = &nic->vf;

	assert_true(nic->num_had < sizeof(nic->had) / sizeof(nic->had[0]));
	nic->had[nic->num_had++] = vf->attr.mac;
	switch (c->kind) {
	case NFP_CHANGE_VF_UNBIND:
		assert_string_equal(c->name, vf->driver);
		return nic_unbind(nic);
	case NFP_CHANGE_VF_BIND:
		return nic_bind(nic, c->name);
	case NFP_CHANGE_VF_OVERRIDE:
		assert_true(nic->is.has_override);
		snprintf(vf->driver_override, sizeof(vf->driver_override), "%s", c->name);
		return 0;
	case NFP_CHANGE_VF_RESET:
		assert_string_equal(vf->driver, ""); /* a driver would lose its device */
		return nic_reset(nic);
	case NFP_CHANGE_VF_MAC:
		return nic_mac(nic, &c->mac);
	case NFP_CHANGE_VF_VLAN:
	case NFP_CHANGE_VF_SPOOFCHK:
	case NFP_CHANGE_VF_TRUST:
	case NFP_CHANGE_VF_STATE:
	case NFP_CHANGE_VF_RSS_QUERY:
	case NFP_CHANGE_VF_RATE:
		nfp_change_to_attr(c, &vf->attr);
		return 0;
	case NFP_CHANGE_NETNS_IN:
	case NFP_CHANGE_NETNS_OUT:
		nic->private_netns = c->kind == NFP_CHANGE_NETNS_IN;
		vf->up = false;
		snprintf(vf->ifname, sizeof(vf->ifname), "%.15s", c->name);
		return 0;
	case NFP_CHANGE_LINK_UP:
	case NFP_CHANGE_LINK_DOWN:
		if (vf->second[0] && c->ifindex == vf->second_ifindex) {
			vf->second_up = c->kind == NFP_CHANGE_LINK_UP;
			return 0;
		}
		vf->up = c->kind == NFP_CHANGE_LINK_UP;
		if (vf->up)
			nic->filter = vf->address;
		return 0;
	case NFP_CHANGE_LINK_NAME:
		if (vf->second[0] && c->ifindex == vf->second_ifindex)
			snprintf(vf->second, sizeof(vf->second), "%.15s", c->name);
		else
			snprintf(vf->ifname, sizeof(vf->ifname), "%.15s", c->name);
		return 0;
	case NFP_CHANGE_LINK_ADDRESS:
		return nic_address(nic, &c->mac);
	case NFP_CHANGE_LINK_SETTING:
		nic->mtu = nic->mtu_before;
		return 0;
	default:
		fail_msg("not a change of a VF: %d", (int)c->kind);
		return -EINVAL;
	}
}

/* Makes a change as apply.c does: if the bus refuses because another driver is named, names this
 * one. */
static inline int nic_carry_out(struct nic *nic, const struct nfp_change *c)
{
	int ret = nic_make(nic, c);

	if (c->kind != NFP_CHANGE_VF_BIND || ret != -ENODEV || !nic->is.has_override)
		return ret;
	snprintf(nic->vf.driver_override, sizeof(nic->vf.driver_override), "%s", c->name);
	return nic_make(nic, c);
}

/* Returns the state of the VF that this namespace shows. */
static inline struct nfp_vf_state nic_look(const struct nic *nic)
{
	struct nfp_vf_state now = nic->vf;

	now.have_override = nic->is.has_override;
	if (nic->is.reports_none)
		now.attr = (struct nfp_vf_attr)NFP_VF_ATTR_UNKNOWN;
	if (nic->private_netns)
		now.have_netdev = false;
	if (nic->late && nic->num_had && !now.driver[0])
		now.attr.mac =
			nic->had[nic->num_had > nic->late ? nic->num_had - 1 - nic->late : 0];
	return now;
}

#endif
