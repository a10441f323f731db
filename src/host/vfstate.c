// SPDX-License-Identifier: GPL-2.0-or-later
/* vfstate.c - a VF as it is now, in everything that is put back. */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "hands.h"
#include "nfprobe/links.h"
#include "nfprobe/vfinfo.h"

/*
 * A netdev may be renamed between the look at the directory and the question to the kernel, and its
 * name be taken by the next one at once: udev renames VFs as they come, and each comes as eth0.
 */
#define RENAME_TRIES 5

static int first_name(const char *name, void *ctx)
{
	snprintf(ctx, NFP_IFNAMSIZ, "%s", name);
	return 1;
}

int nfp_netdev_of(struct nfp_nl *nl, const struct nfp_busdev *dev, struct nfp_link *ret_link,
		  struct nfp_err *err)
{
	struct nfp_err lost = {.code = NFP_E_NONE};
	int ret = -ENOENT;

	for (int i = 0; i < RENAME_TRIES; i++) {
		char ifname[NFP_IFNAMSIZ] = "";

		ret = nfp_sysfs_each(first_name, ifname, "%s/bus/%s/devices/%s/net", dev->root->sys,
				     dev->bus, dev->name);
		/* What cannot be read, for want of memory say, is not what is not there. */
		if (ret < 0 && ret != -ENOENT && ret != -ENODEV)
			return nfp_err_errno(err, ret, NFP_E_KERNEL,
					     "cannot read the netdevs of %s", dev->name);
		if (!ifname[0])
			return -ENOENT;
		ret = nfp_link_by_name(nl, ifname, ret_link, &lost);
		if (!ret && !nfp_link_may_be_of(ret_link, dev->name))
			ret = -ENODEV;
		if (ret != -ENODEV)
			break;
	}
	if (ret && err)
		*err = lost;
	return ret == -ENODEV ? -ENOENT : ret;
}

/* How its address is put back depends on it. */
static int read_assign_type(const struct nfp_sysroot *root, struct nfp_vf_state *state,
			    struct nfp_err *err)
{
	uint64_t type = 0;
	int ret = nfp_sysfs_number(&type, "%s/class/net/%s/addr_assign_type", root->sys,
				   state->ifname);

	state->addr_assign_type = (uint8_t)type;
	/* The latter: it is about to go, or was renamed. */
	if (!ret || ret == -ENOENT || ret == -ENODEV || ret == -EINVAL)
		return 0;
	return nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot read addr_assign_type of %s",
			     state->ifname);
}

static int read_netdev(struct nfp_nl *nl, const struct nfp_busdev *dev, struct nfp_vf_state *state,
		       struct nfp_err *err)
{
	struct nfp_link link;
	int ret = nfp_netdev_of(nl, dev, &link, err);

	if (ret)
		return ret == -ENOENT ? 0 : ret;
	state->have_netdev = true;
	snprintf(state->ifname, sizeof(state->ifname), "%s", link.ifname);
	state->ifindex = link.ifindex;
	state->address = link.address;
	state->mtu = link.mtu;
	state->up = link.flags & IFF_UP;
	return read_assign_type(dev->root, state, err);
}

/* An unbind that was given up may still be under way: what is read before it has ended is of no
 * use. */
static int read_driver(const struct nfp_busdev *dev, struct nfp_vf_state *state,
		       struct nfp_err *err)
{
	int ret = nfp_vfdrv_settle(dev);

	if (!ret) {
		ret = nfp_vfdrv_override(dev, state->driver_override,
					 sizeof(state->driver_override));
		state->have_override = !ret;
	}
	if (!ret || ret == -ENOENT)
		ret = nfp_vfdrv_current(dev, state->driver, sizeof(state->driver));
	if (ret == -ENODEV)
		return nfp_err_set(err, ret, NFP_E_NO_SUCH_VF, "the VF %s is no longer there",
				   dev->name);
	if (ret == -ETIMEDOUT) {
		nfp_err_set(err, ret, NFP_E_KERNEL,
			    "the kernel is busy with %s (binding, unbinding or resetting it) for "
			    "%d s now",
			    dev->name, NFP_VFDRV_DEADLINE_MS / 1000);
		nfp_err_hint(err, "its driver is stuck, or waits for a process that has it open");
		return ret;
	}
	if (ret)
		return nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot read the driver of %s",
				     dev->name);
	return 0;
}

/* A driver that says nothing of its VFs leaves have_mac false: nothing of it is compared. */
static int read_attr(struct nfp_nl *nl, const struct nfp_rt_dev *pf, struct nfp_vf_state *state,
		     struct nfp_err *err)
{
	struct nfp_vf_attr none = NFP_VF_ATTR_UNKNOWN;
	struct nfp_err silent = {.code = NFP_E_NONE};
	int ret;

	state->attr = none;
	state->attr.vf = state->vf;
	ret = nfp_vf_attr_read(nl, pf, state->vf, &state->attr, &silent);
	if (ret == -ENODATA) {
		state->attr = none;
		state->attr.vf = state->vf;
		return 0;
	}
	if (ret && err)
		*err = silent;
	return ret;
}

int nfp_vf_state_read(const struct nfp_sysroot *root, struct nfp_nl *nl,
		      const struct nfp_rt_dev *pf, unsigned int vf, const char *bus,
		      const char *parentdev, struct nfp_vf_state *ret_state, struct nfp_err *err)
{
	struct nfp_vf_state state = {.vf = vf};
	struct nfp_busdev dev = {root, state.bus, state.parentdev};
	int ret;

	snprintf(state.bus, sizeof(state.bus), "%s", bus);
	snprintf(state.parentdev, sizeof(state.parentdev), "%s", parentdev);
	ret = read_driver(&dev, &state, err);
	if (!ret)
		ret = read_netdev(nl, &dev, &state, err);
	if (!ret)
		ret = read_attr(nl, pf, &state, err);
	if (!ret)
		*ret_state = state;
	return ret;
}
