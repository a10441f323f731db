// SPDX-License-Identifier: GPL-2.0-or-later
/* backend_ops.c - what the ladder does to the VF under test, and how a VF gets its driver. */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "apply.h"
#include "backend.h"
#include "change.h"
#include "guard.h"
#include "vf_state.h"
#include "vfdrv.h"

/* ---- the address ---- */

/*
 * The address counts once the PF reports it. Some drivers set it from a work queue, or reset the VF
 * for it, and no event tells when they are done.
 */
static int await_mac(struct nfp_backend *backend, const struct nfp_mac *mac, struct nfp_err *err)
{
	struct nfp_guard *guard = &backend->vf.guard;
	uint64_t end_ns = nfp_clock_now() + NFP_REPORT_MS * NFP_NSEC_PER_MSEC;

	for (;;) {
		uint64_t begin_ns = nfp_clock_now();
		int ret = nfp_guard_check_attributes(&backend->apply, guard, true, err);

		if (ret || !guard->mac_pending || !guard->is.attr.have_mac)
			return ret;
		if (nfp_clock_now() >= end_ns)
			break;
		nfp_vf_look_pause(nfp_clock_now() - begin_ns);
	}
	return nfp_err_set(err, -EIO, NFP_E_KERNEL,
			   "the driver of %s accepted %s as the address of VF %u, but reports %s",
			   backend->apply.pf.ifname, nfp_mac_str(mac).text, guard->is.vf,
			   nfp_mac_str(&guard->mac_before).text);
}

static int op_assign(void *ctx, const struct nfp_mac *mac, struct nfp_err *err)
{
	struct nfp_backend *backend = ctx;
	struct nfp_guard *guard = &backend->vf.guard;
	struct nfp_change c = nfp_change_of_vf(&guard->is, NFP_CHANGE_VF_MAC, NULL);
	int ret;

	c.mac = *mac;
	ret = nfp_apply_guarded(&backend->apply, guard, &c, err);
	backend->vf.assigned |= !ret;
	return ret ?: await_mac(backend, mac, err);
}

/*
 * Looks whether the PF's driver has cleared the address, which only the run may do. The kernel does
 * not announce what a driver does by itself.
 */
static int look_for_address(struct nfp_backend *backend, struct nfp_err *err)
{
	const struct nfp_guard *guard = &backend->vf.guard;
	uint64_t begin_ns = nfp_clock_now();
	int ret;

	if (!guard->stopped || !guard->assigned || !nfp_backend_may_look(backend))
		return 0;
	ret = nfp_guard_check_attributes(&backend->apply, &backend->vf.guard, true, err);
	nfp_backend_note_look(backend, nfp_clock_now() - begin_ns);
	return ret;
}

int nfp_backend_clear(void *ctx, struct nfp_err *err)
{
	struct nfp_backend *backend = ctx;
	struct nfp_change c = nfp_change_of_vf(&backend->vf.before, NFP_CHANGE_VF_MAC, NULL);
	int ret = look_for_address(backend, err), has_placeholder;

	c.placeholder_mac = nfp_backend_placeholder_mac(backend, c.vf);
	if (!ret)
		ret = nfp_apply_change(&backend->apply, &c, err);
	if (ret < 0)
		return ret;
	has_placeholder = ret == NFP_PLACEHOLDER;
	backend->vf.assigned = false;
	/* The PF's report of a VF without an address decides nothing. The next
	 * assignment reads it. */
	return nfp_guard_check_attributes(&backend->apply, &backend->vf.guard, false, err)
		       ?: has_placeholder;
}

static int op_reset(void *ctx, struct nfp_err *err)
{
	struct nfp_backend *backend = ctx;
	struct nfp_change c = nfp_change_of_vf(&backend->vf.before, NFP_CHANGE_VF_RESET, NULL);
	struct nfp_busdev dev = nfp_apply_busdev(&backend->apply, &c);

	if (!nfp_vfdrv_has_reset(&dev))
		return nfp_err_set(err, -EOPNOTSUPP, NFP_E_UNSUPPORTED,
				   "VF %u has no function-level reset", c.vf);
	return nfp_apply_change(&backend->apply, &c, err);
}

/* ---- the netdev ---- */

/* Moves a netdev into the private namespace, where it is called @name. */
static int move_netdev_in(struct nfp_backend *backend, unsigned int vf, const struct nfp_link *link,
			  const char *name, struct nfp_link *ret_link, struct nfp_err *err)
{
	struct nfp_change c = nfp_change_of_link(NFP_CHANGE_NETNS_IN, vf, link->ifindex,
						 link->ifname, name);
	int ret = nfp_apply_change(&backend->apply, &c, err);

	if (ret)
		return ret;
	if (!backend->config.dry)
		return nfp_link_by_name(backend->apply.nl_private, name, ret_link, err);
	*ret_link = *link;
	snprintf(ret_link->ifname, sizeof(ret_link->ifname), "%s", name);
	return 0;
}

int nfp_backend_move_in(struct nfp_backend *backend, const struct nfp_vf_state *vf,
			const char *name, struct nfp_link *ret_link, struct nfp_err *err)
{
	struct nfp_busdev dev = {backend->apply.root, vf->bus, vf->parentdev};
	struct nfp_link link = {.ifindex = 0}, second = {.ifindex = vf->second_ifindex}, there;
	char second_name[NFP_IFNAMSIZ];
	int ret = 0;

	snprintf(second_name, sizeof(second_name), "%s" NFP_SECOND_OF, name);
	if (backend->config.dry) {
		/* These are the netdevs that the VF had at the beginning: its driver would name
		 * others. */
		link.address = vf->address;
		snprintf(link.ifname, sizeof(link.ifname), "%s",
			 vf->ifname[0] ? vf->ifname : "VFDEV");
		snprintf(second.ifname, sizeof(second.ifname), "%s", vf->second);
	} else {
		ret = nfp_netdev_of(backend->apply.nl, &backend->apply.pf, &dev, &link, &second,
				    err);
	}
	if (ret == -ENOENT)
		return nfp_err_set(err, -ENODEV, NFP_E_KERNEL,
				   "the netdev of VF %u has disappeared", vf->vf);
	/* The second netdev goes first: alone in this namespace it could be taken for the first. */
	if (!ret && second.ifindex)
		ret = move_netdev_in(backend, vf->vf, &second, second_name, &there, err);
	if (!ret)
		ret = move_netdev_in(backend, vf->vf, &link, name, ret_link, err);
	return ret;
}

int nfp_backend_set_link(struct nfp_backend *backend, const struct nfp_backend_vf *vf, bool up,
			 struct nfp_err *err)
{
	struct nfp_change c = nfp_backend_change(vf,
						 up ? NFP_CHANGE_LINK_UP : NFP_CHANGE_LINK_DOWN);

	return nfp_apply_change(&backend->apply, &c, err);
}

struct carrier_wait {
	struct nfp_backend *backend;
	int ifindex;
	struct nfp_err *err;
};

static int has_carrier(void *ctx)
{
	struct carrier_wait *wait = ctx;
	struct nfp_link link;
	int ret = nfp_link_by_ifindex(wait->backend->apply.nl_private, wait->ifindex, &link,
				      wait->err);

	return ret ? ret : link.carrier && (link.flags & IFF_RUNNING) ? 1 : 0;
}

int nfp_backend_await_carrier(struct nfp_backend *backend, const struct nfp_backend_vf *vf,
			      struct nfp_err *err)
{
	struct carrier_wait wait = {backend, vf->netdev.ifindex, err};
	int ret = 0;

	if (!backend->config.dry)
		ret = nfp_wait_links(backend->apply.netns_fd, NFP_CARRIER_MS, has_carrier, &wait,
				     err);
	if (ret == -ETIMEDOUT)
		nfp_err_set(err, ret, NFP_E_KERNEL,
			    "%s, the netdev of VF %u, has no carrier after %d s", vf->netdev.ifname,
			    vf->before.vf, NFP_CARRIER_MS / 1000);
	if (ret == -ETIMEDOUT && !backend->pf_start.link.carrier)
		nfp_err_hint(err,
			     "%s has no carrier either: some drivers give a VF one without a "
			     "cable, by its link state, enable; others, such as igb, cannot.",
			     backend->apply.pf.ifname);
	return ret;
}

/* ---- the driver ---- */

static int set_override(struct nfp_backend *backend, const struct nfp_guard *guard,
			const char *driver, struct nfp_err *err)
{
	struct nfp_change c = nfp_change_of_vf(&guard->is, NFP_CHANGE_VF_OVERRIDE, driver);

	return guard->is.have_override ? nfp_apply_change(&backend->apply, &c, err) : 0;
}

/*
 * A qede VF registers its netdev with the address zero, and takes the one that the PF has assigned
 * from a periodic task, without a notification (qed_fill_eth_dev_info, qede_force_mac).
 */
static int await_address(struct nfp_backend *backend, struct nfp_link *netdev, struct nfp_err *err)
{
	uint64_t end_ns = nfp_clock_now() + NFP_ADDRESS_MS * NFP_NSEC_PER_MSEC;
	int ret = 0;

	while (!ret && nfp_mac_is_zero(&netdev->address) && nfp_clock_now() < end_ns) {
		nfp_vf_look_pause(0);
		ret = nfp_link_by_ifindex(backend->apply.nl_private, netdev->ifindex, netdev, err);
	}
	return ret;
}

int nfp_backend_keep_unbound(struct nfp_backend *backend, const struct nfp_guard *guard,
			     const char *driver, struct nfp_err *err)
{
	struct nfp_change c = nfp_change_of_vf(&guard->is, NFP_CHANGE_VF_UNBIND, driver);
	bool unsure = guard->driver_unsure;
	int ret = set_override(backend, guard, NFP_VFDRV_NO_DRIVER, err);

	if (ret || !driver[0])
		return ret;
	ret = nfp_apply_change(&backend->apply, &c, err);
	/* The bind that had been given up has failed after all. */
	return ret == -ENODEV && unsure ? 0 : ret;
}

int nfp_backend_unbind(void *ctx, struct nfp_err *err)
{
	struct nfp_backend *backend = ctx;
	struct nfp_backend_vf *vf = &backend->vf;
	int ret = 0;

	if (vf->bound)
		ret = look_for_address(backend, err)
			      ?: nfp_backend_keep_unbound(backend, &vf->guard, vf->driver, err);
	/* The memberships of a netdev end with it. */
	if (!ret)
		vf->bound = vf->joined = vf->tagged = false;
	return ret;
}

/* Waits for the netdev that the driver makes, and moves it into the private namespace. */
static int take_netdev(struct nfp_backend *backend, struct nfp_err *err)
{
	struct nfp_backend_vf *vf = &backend->vf;
	struct nfp_busdev dev = {backend->apply.root, vf->before.bus, vf->before.parentdev};
	struct nfp_link link;
	int ret = 0;

	if (!backend->config.dry)
		ret = nfp_wait_netdev(&backend->apply, &dev, NFP_NETDEV_MS, &link, err);
	if (!ret)
		ret = nfp_backend_move_in(backend, &vf->before, NFP_VF_NETDEV, &vf->netdev, err);
	if (ret)
		return ret;
	vf->guard.ifindex = vf->netdev.ifindex;
	if (backend->config.dry)
		vf->netdev.address = vf->guard.is.attr.mac;
	return await_address(backend, &vf->netdev, err);
}

/*
 * Tries twice: igbvf makes up an address if its PF answers too late, and iavf gets no netdev if its
 * PF does not answer at all.
 */
static int op_bind(void *ctx, const struct nfp_mac *mac, struct nfp_err *err)
{
	struct nfp_backend *backend = ctx;
	struct nfp_backend_vf *vf = &backend->vf;
	int ret = 0;

	for (int i = 0; i < 2; i++) {
		struct nfp_change c = nfp_change_of_vf(&vf->before, NFP_CHANGE_VF_BIND, vf->driver);
		int unbound;

		ret = set_override(backend, &vf->guard, vf->driver, err);
		if (!ret) {
			ret = nfp_apply_change(&backend->apply, &c, err);
			/* A bind that was given up may still take effect: the VF
			 * counts as bound. */
			vf->bound = !ret || ret == -ETIMEDOUT;
		}
		ret = ret ?: take_netdev(backend, err);
		if (!ret && nfp_mac_equal(&vf->netdev.address, mac))
			return 0;
		unbound = nfp_backend_unbind(backend, ret ? NULL : err);
		if (ret && ret != -ETIMEDOUT)
			return ret;
		if (unbound)
			return ret ? ret : unbound;
	}
	if (ret)
		return ret;
	return nfp_err_set(err, -EADDRNOTAVAIL, NFP_E_KERNEL,
			   "%s came up twice with the address %s instead of %s", vf->driver,
			   nfp_mac_str(&vf->netdev.address).text, nfp_mac_str(mac).text);
}

struct nfp_netdev nfp_backend_netdev(const struct nfp_backend *backend,
				     const struct nfp_backend_vf *vf)
{
	struct nfp_netdev netdev = {.ifindex = vf->netdev.ifindex,
				    .netns_fd = backend->apply.netns_fd};

	memcpy(netdev.ifname, vf->netdev.ifname, sizeof(netdev.ifname));
	return netdev;
}

static int op_netdev(void *ctx, struct nfp_netdev *ret_netdev)
{
	const struct nfp_backend *backend = ctx;

	if (!backend->vf.bound)
		return -ENODEV;
	*ret_netdev = nfp_backend_netdev(backend, &backend->vf);
	return 0;
}

/* The VF's netdev joins the group, or leaves it. */
static int set_group(struct nfp_backend *backend, bool joins, struct nfp_err *err)
{
	struct nfp_change c = nfp_backend_change(&backend->vf, NFP_CHANGE_MADDR);
	int ret;

	c.value = joins;
	c.mac = backend->vf.group;
	ret = nfp_apply_change(&backend->apply, &c, err);
	if (!ret)
		backend->vf.joined = joins;
	return ret;
}

static int op_up(void *ctx, const struct nfp_mac *group, struct nfp_netdev *ret_netdev,
		 struct nfp_err *err)
{
	struct nfp_backend *backend = ctx;
	struct nfp_backend_vf *vf = &backend->vf;
	int ret = op_netdev(ctx, ret_netdev);

	if (ret)
		return nfp_err_set(err, ret, NFP_E_KERNEL, "the VF has no driver");
	if (group && !vf->joined) {
		vf->group = *group;
		ret = set_group(backend, true, err);
	}
	return ret ?: nfp_backend_set_link(backend, vf, true, err);
}

static int op_carrier(void *ctx, struct nfp_err *err)
{
	struct nfp_backend *backend = ctx;

	return nfp_backend_await_carrier(backend, &backend->vf, err);
}

static int op_down(void *ctx, struct nfp_err *err)
{
	struct nfp_backend *backend = ctx;
	struct nfp_backend_vf *vf = &backend->vf;
	int ret;

	if (!vf->bound)
		return 0;
	ret = nfp_backend_set_link(backend, vf, false, err);
	return ret || !vf->joined ? ret : set_group(backend, false, err);
}

static uint64_t op_asked(void *ctx)
{
	struct nfp_backend *backend = ctx;
	uint64_t request_ns = backend->apply.request_ns;

	backend->apply.request_ns = 0;
	return request_ns;
}

static int op_bus_master(void *ctx)
{
	const struct nfp_backend *backend = ctx;
	const struct nfp_vf_state *vf = &backend->vf.before;
	struct nfp_busdev dev = {backend->apply.root, vf->bus, vf->parentdev};

	return nfp_vfdrv_bus_master(&dev);
}

const struct nfp_host_ops nfp_backend_ops = {
	.add_standby = nfp_backend_add_standby,
	.entry = nfp_backend_entry,
	.remove_standby = nfp_backend_remove_standby,
	.standby = nfp_backend_standby,
	.assign = op_assign,
	.clear = nfp_backend_clear,
	.reset = op_reset,
	.bind = op_bind,
	.netdev = op_netdev,
	.up = op_up,
	.carrier = op_carrier,
	.down = op_down,
	.unbind = nfp_backend_unbind,
	.changes = nfp_backend_external_changes,
	.asked = op_asked,
	.vlan = nfp_backend_vlan,
	.swallower = nfp_backend_swallower,
	.bus_master = op_bus_master,
};
