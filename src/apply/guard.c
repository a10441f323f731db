// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/apply.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfprobe/netlink.h"
#include "nfprobe/inventory.h"

#define LEAVE_MS 1000 /* for the device of a VF whose netdev or driver is gone */

void nfp_guard_begin(struct nfp_guard *guard, const struct nfp_vf_state *before, bool force)
{
	*guard = (struct nfp_guard) {.vf = before->vf,
				     .force = force,
				     .untouched = true,
				     .have_override = before->have_override,
				     .attr = before->attr};
	snprintf(guard->bus, sizeof(guard->bus), "%s", before->bus);
	snprintf(guard->parentdev, sizeof(guard->parentdev), "%s", before->parentdev);
	snprintf(guard->driver, sizeof(guard->driver), "%s", before->driver);
	snprintf(guard->driver_override, sizeof(guard->driver_override), "%s",
		 before->driver_override);
}

/* The worst counts, and of two that are as bad the first. */
static __attribute__((format(printf, 3, 4))) void
found(struct nfp_guard *g, enum nfp_guard_state state, const char *fmt, ...)
{
	va_list ap;

	if (state <= g->state)
		return;
	g->state = state;
	va_start(ap, fmt);
	vsnprintf(g->what, sizeof(g->what), fmt, ap);
	va_end(ap);
}

static int verdict(const struct nfp_guard *g, struct nfp_err *err)
{
	if (g->state == NFP_GUARD_OURS)
		return 0;
	return nfp_err_set(err, -EBUSY,
			   g->state == NFP_GUARD_TAKEN ? NFP_E_VF_TAKEN : NFP_E_VF_CHANGED, "%s",
			   g->what);
}

/* ---- the device ---- */

static int gone(const struct nfp_guard *g, struct nfp_err *err)
{
	return nfp_err_set(err, -ENODEV, NFP_E_NO_SUCH_VF, "VF %u (%s) is no longer there", g->vf,
			   g->parentdev);
}

/* A VF that is taken away loses its netdev, its driver and its device, in that order. */
static bool is_leaving(const struct nfp_guard *g, const struct nfp_busdev *dev)
{
	return g->state == NFP_GUARD_OURS && nfp_wait_device_gone(dev, LEAVE_MS);
}

static int check_driver(struct nfp_guard *g, const struct nfp_busdev *dev, struct nfp_err *err)
{
	char driver[NFP_TEXT], override[NFP_TEXT] = "";
	int ret = nfp_vfdrv_current(dev, driver, sizeof(driver));

	if (ret == -ENODEV)
		return gone(g, err);
	if (!ret && g->have_override)
		ret = nfp_vfdrv_override(dev, override, sizeof(override));
	if (ret)
		return nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot read the driver of VF %u (%s)",
				     g->vf, g->parentdev);
	if (g->driver_unsure && strcmp(driver, g->driver_maybe) == 0) {
		g->driver_unsure = false;
		memcpy(g->driver, driver, sizeof(g->driver));
	}
	if (strcmp(driver, g->driver) != 0 && driver[0])
		found(g, NFP_GUARD_TAKEN, "another process has bound VF %u (%s) to %s", g->vf,
		      g->parentdev, driver);
	if (g->have_override && override[0] && strcmp(override, g->driver_override) != 0)
		found(g, NFP_GUARD_TAKEN,
		      "another process has set driver_override of VF %u (%s) to %s", g->vf,
		      g->parentdev, override);
	if (!driver[0] && g->driver[0] && is_leaving(g, dev))
		return gone(g, err);
	if (!driver[0] && g->driver[0])
		found(g, NFP_GUARD_CHANGED, "another process has unbound VF %u (%s) from %s", g->vf,
		      g->parentdev, g->driver);
	if (g->have_override && !override[0] && g->driver_override[0])
		found(g, NFP_GUARD_CHANGED,
		      "another process has emptied driver_override of VF %u (%s)", g->vf,
		      g->parentdev);
	return 0;
}

/* Its netdev is in the private namespace, unless its driver has left it. */
static int check_netdev(struct nfp_hands *h, struct nfp_guard *g, const struct nfp_busdev *dev,
			struct nfp_err *err)
{
	struct nfp_err lost = {.code = NFP_E_NONE};
	struct nfp_link link;
	int ret;

	if (!g->ifindex || g->state != NFP_GUARD_OURS)
		return 0;
	ret = nfp_link_by_ifindex(h->nl_private, g->ifindex, &link, &lost);
	if (ret == -ENODEV && nfp_vfdrv_has_netdev(dev))
		found(g, NFP_GUARD_TAKEN,
		      "another process has moved the netdev of VF %u (%s) to another network "
		      "namespace",
		      g->vf, g->parentdev);
	else if (ret == -ENODEV && is_leaving(g, dev))
		return gone(g, err);
	else if (ret == -ENODEV)
		found(g, NFP_GUARD_CHANGED, "the netdev of VF %u (%s) is no longer there", g->vf,
		      g->parentdev);
	else if (ret && err)
		*err = lost;
	return ret == -ENODEV ? 0 : ret;
}

/* ---- its users ---- */

static bool has_nodes(const struct nfp_busdev *dev)
{
	static const char *const classes[] = {"infiniband_verbs", "vfio-dev", "uio"};

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (nfp_sysfs_exists("%s/bus/%s/devices/%s/%s", dev->root->sys, dev->bus, dev->name,
				     classes[i]))
			return true;
	return false;
}

static int describe_device(const struct nfp_guard *g, const struct nfp_busdev *dev,
			   struct nfp_vf_info *info, struct nfp_err *err)
{
	int ret = nfp_sysfs_resolve(info->devpath, sizeof(info->devpath), "%s/bus/%s/devices/%s",
				    dev->root->sys, dev->bus, dev->name);

	if (ret == -ENOENT)
		return gone(g, err);
	if (ret)
		return nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot find VF %u (%s)", g->vf,
				     g->parentdev);
	info->vf = g->vf;
	snprintf(info->parentdev, sizeof(info->parentdev), "%s", g->parentdev);
	return 0;
}

/* Before the first write its netdev is still where it was, and may have been taken into use there.
 */
static int check_users(struct nfp_guard *g, const struct nfp_busdev *dev, struct nfp_err *err)
{
	struct nfp_vf_info info = {.use = NFP_USE_IDLE};
	int ret;

	if (g->state == NFP_GUARD_TAKEN || (!g->untouched && !has_nodes(dev)))
		return 0;
	ret = describe_device(g, dev, &info, err);
	if (ret)
		return ret;
	if (g->untouched) {
		ret = nfp_vf_use_read(&info, err);
	} else {
		ret = nfp_vf_held_read(dev->root, g->driver, &info);
		if (ret)
			nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot find out who uses VF %u (%s)",
				      g->vf, g->parentdev);
	}
	if (!ret && nfp_vf_refuse("", &info, g->force, NULL) < 0)
		found(g, NFP_GUARD_TAKEN, "VF %u (%s) is in use now: %s", g->vf, g->parentdev,
		      info.user);
	return ret;
}

/* ---- its attributes ---- */

/* The address, which some drivers report only after a while. */
static uint32_t mac_differs(struct nfp_guard *g, const struct nfp_vf_attr *now)
{
	if (nfp_mac_equal(&g->attr.mac, &now->mac))
		g->mac_pending = false;
	else if (g->mac_pending && nfp_mac_equal(&g->mac_before, &now->mac))
		return 0;
	else
		return NFP_VF_ATTR_BIT(NFP_VF_ATTR_MAC);
	return 0;
}

/* A process that sets an attribute is announced; what a driver does by itself is not. */
static void tell_changed(struct nfp_guard *g, const struct nfp_vf_attr *now, uint32_t differ,
			 bool notified, const char *pf_ifname)
{
	char was[NFP_VF_ATTR_TEXT], is[NFP_VF_ATTR_TEXT];

	for (enum nfp_vf_attr_id id = 0; id < NFP_VF_ATTR_COUNT; id++) {
		if (!(differ & NFP_VF_ATTR_BIT(id)))
			continue;
		nfp_vf_attr_text(&g->attr, id, was);
		nfp_vf_attr_text(now, id, is);
		if (notified)
			found(g, NFP_GUARD_CHANGED,
			      "another process has changed the %s of VF %u of %s from %s to %s",
			      nfp_vf_attr_name(id), g->vf, pf_ifname, was, is);
		else
			found(g, NFP_GUARD_CHANGED,
			      "the driver of %s reports %s as the %s of VF %u, which was set to %s",
			      pf_ifname, is, nfp_vf_attr_name(id), g->vf, was);
	}
}

void nfp_guard_compare(struct nfp_guard *g, const struct nfp_vf_attr *now, bool notified,
		       const char *pf_ifname)
{
	const uint32_t mac = NFP_VF_ATTR_BIT(NFP_VF_ATTR_MAC);
	struct nfp_mac awaited = g->attr.mac;
	uint32_t differ;

	if (!now->have_mac)
		return;
	differ = nfp_vf_attr_differ(&g->attr, now) & ~mac;
	if (g->attr.have_mac)
		differ |= mac_differs(g, now);
	/* Drivers change settings as a consequence of what we do, and a VF without an address of
	 * ours reports one of its own. */
	if (!notified)
		differ &= NFP_VF_ATTR_BIT(NFP_VF_ATTR_VLAN) | (g->assigned ? mac : 0);
	tell_changed(g, now, differ, notified, pf_ifname);
	g->foreign |= differ;
	g->attr = *now;
	if (g->mac_pending)
		g->attr.mac = awaited;
}

/* Any link of the notification may be the PF's; which attribute changed it does not say. */
static int note_pf(const struct nlmsghdr *nlh, void *ctx)
{
	struct nfp_hands *h = ctx;
	struct nfp_link link;

	if (nfp_link_parse(nlh, &link) || link.ifindex == h->pf.ifindex)
		h->pf_notified = true;
	return 0;
}

static int drain(struct nfp_hands *h, struct nfp_err *err)
{
	const struct nfp_nl_sink sink = {.message = note_pf, .ctx = h};
	int ret = h->notify ? nfp_nl_drain(h->notify, &sink, err) : 0;

	h->pf_notified |= ret == 1;
	return ret < 0 ? ret : 0;
}

/* A VF that is being reset is missing in the report: it is looked for again next time. */
static void compare_all(struct nfp_hands *h, const struct nfp_vf_attr *attrs, size_t num)
{
	bool notified = h->pf_notified;

	h->pf_notified = false;
	for (size_t i = 0; i < NFP_GUARDS; i++) {
		struct nfp_guard *g = h->guards[i];

		if (!g || g->vf >= num)
			continue;
		nfp_guard_compare(g, &attrs[g->vf], notified, h->pf.ifname);
		h->pf_notified |= notified && !attrs[g->vf].have_mac && g->attr.have_mac;
	}
}

static int check_attributes(struct nfp_hands *h, bool thorough, struct nfp_err *err)
{
	struct nfp_vf_attr *attrs;
	size_t num;
	int ret = drain(h, err);

	if (ret || (!h->pf_notified && !thorough))
		return ret;
	ret = nfp_vf_attrs_read(h->nl, &h->pf, &attrs, &num, err);
	if (ret)
		return ret;
	compare_all(h, attrs, num);
	free(attrs);
	return 0;
}

int nfp_guard_check_attributes(struct nfp_hands *h, struct nfp_guard *g, bool thorough,
			       struct nfp_err *err)
{
	int ret;

	/* What a dry run has set counts as read back. */
	if (h->dry) {
		g->mac_pending = false;
		return 0;
	}
	ret = check_attributes(h, thorough, err);
	return ret ? ret : verdict(g, err);
}

int nfp_guard_check(struct nfp_hands *h, struct nfp_guard *g, bool thorough, struct nfp_err *err)
{
	struct nfp_busdev dev = {h->root, g->bus, g->parentdev};
	int ret;

	if (h->dry)
		return nfp_guard_check_attributes(h, g, thorough, err);
	ret = check_driver(g, &dev, err);
	if (!ret)
		ret = check_netdev(h, g, &dev, err);
	if (!ret)
		ret = check_users(g, &dev, err);
	return ret ? ret : nfp_guard_check_attributes(h, g, thorough, err);
}

/* ---- our own changes ---- */

static void note_driver(struct nfp_guard *g, const struct nfp_change *c, int ret)
{
	const char *driver = c->kind == NFP_CHANGE_VF_BIND ? c->name : "";

	g->driver_unsure = ret == -ETIMEDOUT;
	if (g->driver_unsure)
		snprintf(g->driver_maybe, sizeof(g->driver_maybe), "%s", driver);
	if (!ret)
		snprintf(g->driver, sizeof(g->driver), "%s", driver);
	if (c->kind == NFP_CHANGE_VF_UNBIND && (!ret || ret == -ETIMEDOUT))
		g->ifindex = 0;
}

static void note_mac(struct nfp_guard *g, const struct nfp_mac *mac)
{
	g->mac_before = g->attr.mac;
	g->attr.mac = *mac;
	g->mac_pending = !nfp_mac_equal(&g->mac_before, mac);
	g->assigned = !nfp_mac_is_zero(mac) && !nfp_mac_equal(mac, &nfp_mac_parked);
}

void nfp_guard_note(struct nfp_hands *h, struct nfp_guard *g, const struct nfp_change *c, int ret)
{
	g->untouched = false;
	switch (c->kind) {
	case NFP_CHANGE_VF_BIND:
	case NFP_CHANGE_VF_UNBIND:
		note_driver(g, c, ret);
		break;
	case NFP_CHANGE_VF_OVERRIDE:
		if (!ret)
			snprintf(g->driver_override, sizeof(g->driver_override), "%s", c->name);
		break;
	case NFP_CHANGE_VF_MAC:
		if (!ret)
			note_mac(g, &c->mac);
		break;
	case NFP_CHANGE_VF_VLAN:
		if (!ret)
			g->attr.vlan = c->vlan;
		break;
	case NFP_CHANGE_NETNS_OUT:
		g->ifindex = 0;
		break;
	default:
		break;
	}
	/* The kernel has queued the notification of our own change before it answered. */
	if (nfp_change_is(c->kind, NFP_CHANGE_VF_ATTR) && !ret) {
		bool before = h->pf_notified;

		(void)drain(h, NULL);
		h->pf_notified = before;
	}
}
