// SPDX-License-Identifier: GPL-2.0-or-later
/* guard.c - compares a VF with how this run left it, right before each write to it. */
#include "apply.h"
#include "change.h"
#include "guard.h"
#include "journal.h"
#include "vf_state.h"
#include "vfdrv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/rtnetlink.h>

#define LEAVE_MS 1000 /* how long a VF's device may stay after its netdev or driver is gone */

#define SEARCH_HOLDS_NS NFP_NSEC_PER_SEC /* reads follow one another when the kernel has news */

void nfp_guard_begin(struct nfp_guard *guard, const struct nfp_vf_state *before, bool force)
{
	*guard = (struct nfp_guard) {
		.is = *before, .force = force, .untouched = true, .state = NFP_GUARD_OURS};
	snprintf(guard->who, sizeof(guard->who), "VF %u (%s)", before->vf, before->parentdev);
}

/* The worst state counts, and the first of equal ones. */
static NFP_PRINTF(3, 4) void raise_state(struct nfp_guard *g, enum nfp_guard_state state,
					 const char *fmt, ...)
{
	if (state <= g->state)
		return;
	g->state = state;
	NFP_VFORMAT(g->what, sizeof(g->what), fmt);
}

/* ---- the device ---- */

static int vf_is_gone(const struct nfp_guard *g, struct nfp_err *err)
{
	return nfp_err_set(err, -ENODEV, NFP_E_NO_SUCH_VF, "%s is no longer there", g->who);
}

/* A VF that is removed loses its netdev, its driver and its device, in this order. */
static bool is_leaving(const struct nfp_guard *g, const struct nfp_busdev *dev)
{
	return g->state == NFP_GUARD_OURS && nfp_wait_device_gone(dev, LEAVE_MS);
}

static int check_driver(struct nfp_guard *g, const struct nfp_busdev *dev, struct nfp_err *err)
{
	struct nfp_vf_state now = {.have_override = g->is.have_override};
	const char *driver = now.driver, *override = now.driver_override;
	int ret = nfp_vfdrv_current(dev, now.driver, sizeof(now.driver));
	uint32_t differ;

	if (ret == -ENODEV)
		return vf_is_gone(g, err);
	if (!ret && g->is.have_override)
		ret = nfp_vfdrv_override(dev, now.driver_override, sizeof(now.driver_override));
	if (ret)
		return nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot read the driver of %s",
				     g->who);
	if (g->driver_unsure && strcmp(driver, g->driver_maybe) == 0) {
		g->driver_unsure = false;
		memcpy(g->is.driver, now.driver, sizeof(g->is.driver));
	}
	differ = nfp_vf_state_differ(&g->is, &now, NFP_PART_DRIVER | NFP_PART_OVERRIDE);
	if (differ & NFP_PART_DRIVER && driver[0])
		raise_state(g, NFP_GUARD_TAKEN, "another process has bound %s to %s", g->who,
			    driver);
	if (differ & NFP_PART_OVERRIDE && override[0])
		raise_state(g, NFP_GUARD_TAKEN,
			    "another process has set driver_override of %s to %s", g->who,
			    override);
	if (differ & NFP_PART_DRIVER && !driver[0] && is_leaving(g, dev))
		return vf_is_gone(g, err);
	if (differ & NFP_PART_DRIVER && !driver[0])
		raise_state(g, NFP_GUARD_CHANGED, "another process has unbound %s from %s", g->who,
			    g->is.driver);
	if (differ & NFP_PART_OVERRIDE && !override[0])
		raise_state(g, NFP_GUARD_CHANGED,
			    "another process has cleared driver_override of %s", g->who);
	return 0;
}

/* The netdev is in the private namespace, unless another process has moved it. */
static int check_netdev(struct nfp_apply *h, struct nfp_guard *g, const struct nfp_busdev *dev,
			struct nfp_err *err)
{
	struct nfp_err lost = {.code = NFP_E_NONE};
	struct nfp_link link;
	int ret;

	if (!g->ifindex || g->state == NFP_GUARD_TAKEN)
		return 0;
	ret = nfp_link_by_ifindex(h->nl_private, g->ifindex, &link, &lost);
	if (ret && ret != -ENODEV && err)
		*err = lost;
	if (ret != -ENODEV)
		return ret;
	if (nfp_vfdrv_has_netdev(dev))
		raise_state(g, NFP_GUARD_TAKEN,
			    "another process has moved the netdev of %s to another network "
			    "namespace",
			    g->who);
	else if (is_leaving(g, dev))
		return vf_is_gone(g, err);
	else
		raise_state(g, NFP_GUARD_CHANGED, "the netdev of %s is no longer there", g->who);
	return 0;
}

/* Checks what takes only a few system calls. */
static int check_device(struct nfp_apply *h, struct nfp_guard *g, const struct nfp_busdev *dev,
			struct nfp_err *err)
{
	return check_driver(g, dev, err) ?: check_netdev(h, g, dev, err);
}

/*
 * A look is full, slow or denied where others have many descriptors open, and says nothing of this
 * VF. The run ends, and its undo writes where the VF is as the run left it, except to a VF that a
 * process may have through a node of vfio without a group: no other sign would show that.
 */
static void judge_users(struct nfp_guard *g, const struct nfp_vf_info *info)
{
	bool through_vfio = nfp_gives(g->is.driver) == NFP_GIVES_VFIO;

	if (g->undoes &&
	    (info->use == NFP_USE_RESERVED || (info->use == NFP_USE_UNKNOWN && !through_vfio)))
		return;
	if (nfp_vf_check_use("", info, g->force, NULL) == 0)
		return;
	if (info->use == NFP_USE_UNKNOWN && !g->undoes && !g->untouched)
		raise_state(g, NFP_GUARD_UNSEEN, "cannot tell whether %s is still free: %s", g->who,
			    info->user);
	else
		raise_state(g, NFP_GUARD_TAKEN, "%s %s: %s", g->who,
			    info->use == NFP_USE_UNKNOWN ? "may be in use now" : "is in use now",
			    info->user);
}

/*
 * Until the first write, the netdev is where it was, and may have come into use there. Later only
 * character devices can be in use. A search looks at each descriptor of each process, which takes
 * seconds if somebody has hundreds of thousands open: another process may take the VF meanwhile.
 */
static int check_users(struct nfp_apply *h, struct nfp_guard *g, const struct nfp_busdev *dev,
		       bool search, struct nfp_err *err)
{
	static const char *const classes[] = {"infiniband_verbs", "vfio-dev", "uio"};
	struct nfp_vf_info info = {.vf = g->is.vf, .attr = g->is.attr, .use = NFP_USE_IDLE};
	bool has_node = g->untouched;
	int ret;

	for (size_t i = 0; i < NFP_NUM(classes) && !has_node; i++)
		has_node = nfp_sysfs_exists(dev->root, "/sys/bus/%s/devices/%s/%s", dev->bus,
					    dev->name, classes[i]);
	if (g->state == NFP_GUARD_TAKEN || !has_node)
		return 0;
	memcpy(info.parentdev, g->is.parentdev, sizeof(info.parentdev));
	ret = nfp_sysfs_resolve(dev->root, info.devpath, sizeof(info.devpath),
				"/sys/bus/%s/devices/%s", dev->bus, dev->name);
	if (ret == -ENOENT)
		return vf_is_gone(g, err);
	if (ret)
		return nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot find %s", g->who);
	if (g->untouched) {
		ret = nfp_vf_use_read(dev->root, &info, err);
	} else {
		ret = nfp_vf_holders_read(dev->root, g->is.driver, search, &info);
		if (ret)
			nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot find out who uses %s",
				      g->who);
	}
	if (!ret && (search || g->untouched))
		g->searched_ns = nfp_clock_now();
	if (!ret)
		judge_users(g, &info);
	return ret ?: check_device(h, g, dev, err);
}

/* ---- its attributes ---- */

void nfp_guard_compare(struct nfp_guard *g, const struct nfp_vf_attr *now, bool notified,
		       const char *pf_ifname)
{
	const uint32_t mac = NFP_VF_ATTR_BIT(NFP_VF_ATTR_MAC);
	struct nfp_mac expected = g->is.attr.mac;
	bool own = g->stopped && !notified && !nfp_mac_equal(&g->is.attr.mac, &now->mac);
	const struct nfp_vf_state reported = {.attr = *now};
	uint32_t differ;

	if (!now->have_mac)
		return;
	differ = nfp_vf_state_differ(&g->is, &reported, NFP_PART_ATTRS);
	if (nfp_mac_equal(&g->is.attr.mac, &now->mac))
		g->mac_pending = false;
	/* Some drivers report a new address late. What they report until then is not known if it
	 * was not read. */
	else if (g->mac_pending &&
		 (nfp_mac_equal(&g->mac_before, &now->mac) || (g->mac_before_unread && !notified)))
		differ &= ~mac;
	else if (g->refused && nfp_mac_equal(&g->mac_refused, &now->mac))
		differ &= ~mac;
	/* igb forgets an address that no administrator set as soon as the VF is reset. */
	else if (nfp_mac_is_zero(&now->mac) && (g->stopped || (g->unread && !g->assigned)))
		differ &= ~mac;
	/* A NIC that forgot the address with the driver makes the next driver choose its own. */
	else if (own)
		differ &= ~mac;
	if (g->assigned && !g->mac_lost && !g->mac_pending && (nfp_mac_is_zero(&now->mac) || own))
		g->mac_lost = g->stopped;
	/* Drivers change settings as a consequence of what we do, and a VF without an address of
	 * ours reports its own. */
	if (!notified)
		differ &= NFP_VF_ATTR_BIT(NFP_VF_ATTR_VLAN) | (g->assigned ? mac : 0);
	for (enum nfp_vf_attr_id id = 0; id < NFP_VF_ATTR_COUNT; id++) {
		char was[NFP_VF_ATTR_TEXT], is[NFP_VF_ATTR_TEXT];

		if (!(differ & NFP_VF_ATTR_BIT(id)))
			continue;
		nfp_vf_attr_text(&g->is.attr, id, was);
		nfp_vf_attr_text(now, id, is);
		if (notified)
			raise_state(
				g, NFP_GUARD_CHANGED,
				"another process has changed the %s of VF %u of %s from %s to %s",
				nfp_vf_attr_name(id), g->is.vf, pf_ifname, was, is);
		else
			raise_state(g, NFP_GUARD_CHANGED,
				    "the driver of %s reports %s as the %s of VF %u, which was set "
				    "to %s",
				    pf_ifname, is, nfp_vf_attr_name(id), g->is.vf, was);
	}
	g->external |= differ;
	g->is.attr = *now;
	g->unread = false;
	if (!g->mac_pending)
		return;
	g->mac_before = now->mac;
	g->mac_before_unread = false;
	g->is.attr.mac = expected;
}

bool nfp_guard_is_news(const struct nlmsghdr *nlh, int pf_ifindex)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct nfp_link link;

	if (nfp_link_parse(nlh, &link))
		return true;
	/* All bits are set where the netdev is new in this namespace. */
	return link.ifindex == pf_ifindex &&
	       (nlh->nlmsg_type != RTM_NEWLINK || !ifi->ifi_change || ifi->ifi_change == ~0U);
}

int nfp_guard_drain(struct nfp_apply *h, struct nfp_err *err)
{
	const struct nlmsghdr *nlh = NULL;
	int ret = h->watch.notify ? nfp_nl_drain(h->watch.notify, err) : 0;

	while (h->watch.notify && (nlh = nfp_nl_next(h->watch.notify, nlh, 0)))
		h->watch.pf_notified |= nfp_guard_is_news(nlh, h->pf.ifindex);
	h->watch.pf_notified |= ret == 1;
	return ret < 0 ? ret : 0;
}

void nfp_guard_forget(struct nfp_apply *h)
{
	/* A notification that was lost may have been about another process. */
	h->watch.pf_notified |= h->watch.notify && nfp_nl_drain(h->watch.notify, NULL) != 0;
}

/* Without this line a later undo would overwrite what another process has changed. */
static void journal_external(struct nfp_apply *h, struct nfp_guard *g)
{
	if (!h->journal || !(g->external & ~g->journalled))
		return;
	(void)nfp_journal_note(
		h->journal,
		&(struct nfp_journal_note) {"foreign", .vf = g->is.vf, .attributes = g->external},
		NULL);
	g->journalled = g->external;
}

static int check_attributes(struct nfp_apply *h, bool thorough, struct nfp_err *err)
{
	struct nfp_vf_attr *attrs = NULL;
	size_t num = 0;
	int ret = nfp_guard_drain(h, err);
	bool notified = h->watch.pf_notified;

	if (!ret && (notified || thorough)) {
		h->watch.pf_notified = false;
		ret = nfp_vf_attrs_read(h->nl, &h->pf, &attrs, &num, err)
			      ?: nfp_guard_drain(h, err);
		/* The request may have waited for a process whose change the report already has. */
		notified |= h->watch.pf_notified;
		h->watch.pf_notified |= ret && notified;
	}
	if (ret) {
		free(attrs);
		return ret;
	}
	for (size_t i = 0; i < NFP_GUARDS; i++) {
		struct nfp_guard *g = h->watch.guards[i];

		if (!g || g->is.vf >= num)
			continue;
		nfp_guard_compare(g, &attrs[g->is.vf], notified, h->pf.ifname);
		journal_external(h, g);
		/* A VF that is being reset is missing in the report: read it again next time. */
		h->watch.pf_notified |= notified && !attrs[g->is.vf].have_mac &&
					g->is.attr.have_mac;
	}
	free(attrs);
	return 0;
}

static int guard_verdict(const struct nfp_guard *g, struct nfp_err *err)
{
	if (g->state == NFP_GUARD_OURS)
		return 0;
	return nfp_err_set(err, -EBUSY,
			   g->state == NFP_GUARD_TAKEN ? NFP_E_VF_TAKEN : NFP_E_VF_CHANGED, "%s",
			   g->what);
}

int nfp_guard_check_attributes(struct nfp_apply *h, struct nfp_guard *g, bool thorough,
			       struct nfp_err *err)
{
	/* A value that a dry run has set counts as read back. */
	if (h->dry) {
		g->mac_pending = false;
		return 0;
	}
	return check_attributes(h, thorough, err) ?: guard_verdict(g, err);
}

static int check(struct nfp_apply *h, struct nfp_guard *g, bool search, struct nfp_err *err)
{
	struct nfp_busdev dev = {h->root, g->is.bus, g->is.parentdev};
	int ret;

	if (h->dry)
		return nfp_guard_check_attributes(h, g, false, err);
	/*
	 * Reading the attributes may wait for the RTNL lock. Another process may bind the VF
	 * meanwhile, which only later checks see.
	 */
	ret = g->attributes_known ? 0 : check_attributes(h, false, err);
	return check_device(h, g, &dev, err) ?: check_users(h, g, &dev, search, err)
		?: ret ?: guard_verdict(g, err);
}

int nfp_guard_check(struct nfp_apply *h, struct nfp_guard *g, struct nfp_err *err)
{
	return check(h, g, !g->searched_ns, err);
}

int nfp_guard_look(struct nfp_apply *h, struct nfp_guard *g, struct nfp_err *err)
{
	return check(h, g, !g->searched_ns || nfp_clock_now() - g->searched_ns >= SEARCH_HOLDS_NS,
		     err);
}

/* ---- our own changes ---- */

void nfp_guard_note(struct nfp_apply *h, struct nfp_guard *g, const struct nfp_change *c, int ret)
{
	const char *driver = c->kind == NFP_CHANGE_VF_BIND ? c->name : "";

	/* A driver that lacks the operation has done nothing. */
	g->untouched &= ret == -EOPNOTSUPP;
	if (c->kind == NFP_CHANGE_VF_BIND || c->kind == NFP_CHANGE_VF_UNBIND) {
		g->driver_unsure = ret == -ETIMEDOUT;
		if (g->driver_unsure)
			snprintf(g->driver_maybe, sizeof(g->driver_maybe), "%s", driver);
		if (!ret)
			snprintf(g->is.driver, sizeof(g->is.driver), "%s", driver);
	}
	g->unread |= !nfp_change_row(c->kind)->is_attr;
	if (c->kind == NFP_CHANGE_NETNS_OUT ||
	    (c->kind == NFP_CHANGE_VF_UNBIND && (!ret || ret == -ETIMEDOUT)))
		g->ifindex = 0;
	if (!ret && c->kind == NFP_CHANGE_LINK_DOWN)
		g->stopped = "its netdev was set down";
	else if (!ret && c->kind == NFP_CHANGE_VF_UNBIND)
		g->stopped = "its driver was unbound";
	if (c->kind == NFP_CHANGE_VF_MAC) {
		g->refused = ret;
		g->mac_refused = c->mac;
	}
	/* Without an answer, the VF may have the new address or still the old one: expect both. */
	if (ret && !(c->kind == NFP_CHANGE_VF_MAC && ret == -NFP_ENOANSWER))
		return;
	if (c->kind == NFP_CHANGE_VF_OVERRIDE)
		snprintf(g->is.driver_override, sizeof(g->is.driver_override), "%s", c->name);
	if (c->kind == NFP_CHANGE_VF_MAC) {
		g->mac_before = g->is.attr.mac;
		g->mac_before_unread = g->unread || g->mac_pending;
		g->mac_pending = !nfp_mac_equal(&g->mac_before, &c->mac);
		g->assigned = !nfp_mac_is_zero(&c->mac);
		g->stopped = NULL;
	}
	if (!nfp_change_row(c->kind)->is_attr)
		return;
	nfp_change_to_attr(c, &g->is.attr);
	nfp_guard_forget(h);
}
