// SPDX-License-Identifier: GPL-2.0-or-later
/* vfstate.c - reads everything that is restored of a VF; waits for its netdev, and
 * for its removal. */
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "apply.h"
#include "vf_state.h"
#include "vfdrv.h"

/*
 * A netdev may be renamed after the directory was read, and another may get its old name at once:
 * udev renames VFs as they appear, and each appears as eth0.
 */
#define RENAME_TRIES 5

#define GONE_POLL_MS	 50
#define LOOK_POLL_MS	 50U
#define LOOK_POLL_MAX_MS 2000U

struct netdev_names {
	const struct nfp_busdev *dev;
	uint64_t port;		      /* the port of the PF's netdev */
	char ifname[2][NFP_IFNAMSIZ]; /* netdevs of that port, and of another */
};

static int note_netdev(const char *name, void *ctx)
{
	struct netdev_names *n = ctx;
	uint64_t port = n->port;

	(void)nfp_sysfs_number(n->dev->root, &port, "/sys/bus/%s/devices/%s/net/%s/dev_port",
			       n->dev->bus, n->dev->name, name);
	snprintf(n->ifname[port != n->port], NFP_IFNAMSIZ, "%s", name);
	return 0;
}

static int read_vf_link(struct nfp_nl *nl, const char *ifname, const struct nfp_busdev *dev,
			struct nfp_link *ret_link, struct nfp_err *err)
{
	int ret = nfp_link_by_name(nl, ifname, ret_link, err);

	return !ret && !nfp_link_may_be_of(ret_link, dev->name) ? -ENODEV : ret;
}

int nfp_netdev_of(struct nfp_nl *nl, const struct nfp_rt_dev *pf, const struct nfp_busdev *dev,
		  struct nfp_link *ret_link, struct nfp_link *ret_second, struct nfp_err *err)
{
	struct nfp_err lost = {.code = NFP_E_NONE};
	int ret = -ENODEV;

	if (ret_second)
		memset(ret_second, 0, sizeof(*ret_second));
	for (int i = 0; i < RENAME_TRIES && ret == -ENODEV; i++) {
		struct netdev_names n = {.dev = dev};

		(void)nfp_sysfs_number(dev->root, &n.port, "/sys/class/net/%s/dev_port",
				       pf->ifname ? pf->ifname : "");
		ret = nfp_sysfs_each(dev->root, note_netdev, &n, "/sys/bus/%s/devices/%s/net",
				     dev->bus, dev->name);
		/* A failed read says nothing of what is there. */
		if (ret < 0 && ret != -ENOENT && ret != -ENODEV)
			return nfp_err_errno(err, ret, NFP_E_KERNEL,
					     "cannot read the netdevs of %s", dev->name);
		/* A VF that has only one port may number it differently. */
		if (!n.ifname[0][0]) {
			memcpy(n.ifname[0], n.ifname[1], NFP_IFNAMSIZ);
			n.ifname[1][0] = '\0';
		}
		if (!n.ifname[0][0])
			return -ENOENT;
		ret = read_vf_link(nl, n.ifname[0], dev, ret_link, &lost);
		if (!ret && ret_second && n.ifname[1][0])
			ret = read_vf_link(nl, n.ifname[1], dev, ret_second, &lost);
	}
	if (ret && err)
		*err = lost;
	return ret == -ENODEV ? -ENOENT : ret;
}

static int read_netdev(struct nfp_nl *nl, const struct nfp_rt_dev *pf, const struct nfp_busdev *dev,
		       struct nfp_vf_state *state, struct nfp_err *err)
{
	struct nfp_link link, second;
	uint64_t type = 0;
	int ret = nfp_netdev_of(nl, pf, dev, &link, &second, err);

	if (ret)
		return ret == -ENOENT ? 0 : ret;
	state->have_netdev = true;
	memcpy(state->ifname, link.ifname, sizeof(state->ifname));
	state->ifindex = link.ifindex;
	state->address = link.address;
	state->up = link.flags & IFF_UP;
	memcpy(state->second, second.ifname, sizeof(state->second));
	state->second_ifindex = second.ifindex;
	state->second_up = second.flags & IFF_UP;
	/* The way to restore the address depends on this. A netdev that is being removed or was
	 * renamed has none. */
	ret = nfp_sysfs_number(dev->root, &type, "/sys/class/net/%s/addr_assign_type",
			       state->ifname);
	state->addr_assign_type = (uint8_t)type;
	if (!ret || ret == -ENOENT || ret == -ENODEV || ret == -EINVAL)
		return 0;
	return nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot read addr_assign_type of %s",
			     state->ifname);
}

static int read_driver(const struct nfp_busdev *dev, struct nfp_vf_state *state,
		       struct nfp_err *err)
{
	/* Until an unbind that was given up has ended, whatever is read may change. */
	int ret = nfp_vfdrv_wait_idle(dev);

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
	if (ret && ret != -ETIMEDOUT)
		return nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot read the driver of %s",
				     dev->name);
	if (ret) {
		nfp_err_set(err, ret, NFP_E_KERNEL,
			    "the kernel has been busy with %s (binding, unbinding or resetting it) "
			    "for %d s",
			    dev->name, NFP_VFDRV_DEADLINE_MS / 1000);
		nfp_err_hint(err, "Its driver is stuck, or is waiting for a process that has the "
				  "device open.");
	}
	return ret;
}

static int read_vf_state(const struct nfp_apply *apply, const struct nfp_vf_attr *attr,
			 struct nfp_vf_state *state, struct nfp_err *err)
{
	struct nfp_busdev dev = {apply->root, state->bus, state->parentdev};
	struct nfp_err no_attr = {.code = NFP_E_NONE};
	int ret = read_driver(&dev, state, err)
			  ?: read_netdev(apply->nl, &apply->pf, &dev, state, err);

	if (ret)
		return ret;
	if (attr)
		state->attr = *attr;
	else
		ret = nfp_vf_attr_read(apply->nl, &apply->pf, state->vf, &state->attr, &no_attr);
	/* A driver that reports nothing of its VFs leaves have_mac false: nothing is compared. */
	if (ret == -ENODATA)
		return 0;
	if (ret && err)
		*err = no_attr;
	return ret;
}

int nfp_vf_state_read(const struct nfp_apply *apply, unsigned int vf, const char *bus,
		      const char *parentdev, const struct nfp_vf_attr *attr, bool await_report,
		      struct nfp_vf_state *ret_state, struct nfp_err *err)
{
	uint64_t end_ns = nfp_clock_now() + NFP_REPORT_MS * NFP_NSEC_PER_MSEC;

	for (;;) {
		struct nfp_vf_state state = {.vf = vf};
		uint64_t begin_ns = nfp_clock_now();
		int ret;

		snprintf(state.bus, sizeof(state.bus), "%s", bus);
		snprintf(state.parentdev, sizeof(state.parentdev), "%s", parentdev);
		ret = read_vf_state(apply, attr, &state, err);
		if (ret)
			return ret;
		*ret_state = state;
		if (!await_report || state.attr.have_mac || state.attr.never_reported ||
		    nfp_clock_now() >= end_ns)
			return 0;
		nfp_vf_look_pause(nfp_clock_now() - begin_ns);
	}
}

/* ---- two states ---- */

static uint32_t netdevs_differ(const struct nfp_vf_state *was, const struct nfp_vf_state *now)
{
	uint32_t differ = 0;

	if (!was->have_netdev)
		return 0;
	if (!now->have_netdev)
		return NFP_PART_NETDEV;
	if (!nfp_mac_equal(&was->address, &now->address))
		differ |= NFP_PART_ADDRESS;
	if (strcmp(was->ifname, now->ifname) != 0)
		differ |= NFP_PART_NAME;
	if (was->up && !now->up)
		differ |= NFP_PART_DOWN;
	return differ;
}

static uint32_t seconds_differ(const struct nfp_vf_state *was, const struct nfp_vf_state *now)
{
	uint32_t differ = 0;

	if (!was->second[0])
		return 0;
	if (!now->second[0])
		return NFP_PART_SECOND;
	if (strcmp(was->second, now->second) != 0)
		differ |= NFP_PART_SECOND_NAME;
	if (was->second_up && !now->second_up)
		differ |= NFP_PART_SECOND_DOWN;
	return differ;
}

uint32_t nfp_vf_state_differ(const struct nfp_vf_state *was, const struct nfp_vf_state *now,
			     uint32_t mask)
{
	uint32_t differ = 0;

	if (mask & NFP_PART_ATTRS)
		differ = nfp_vf_attr_differ(&was->attr, &now->attr);
	if (mask & NFP_PART_DRIVER && strcmp(was->driver, now->driver) != 0)
		differ |= NFP_PART_DRIVER;
	if (mask & NFP_PART_OVERRIDE && was->have_override &&
	    strcmp(was->driver_override, now->driver_override) != 0)
		differ |= NFP_PART_OVERRIDE;
	return (differ | netdevs_differ(was, now) | seconds_differ(was, now)) & mask;
}

/* ---- waiting ---- */

int nfp_wait_links(int netns_fd, int deadline_ms, int (*done)(void *ctx), void *ctx,
		   struct nfp_err *err)
{
	uint64_t end_ns = nfp_clock_now() + (uint64_t)deadline_ms * NFP_NSEC_PER_MSEC;
	struct pollfd pfd = {.events = POLLIN};
	struct nfp_nl *nl;
	int ret = nfp_nl_open_notify(netns_fd, &nl, err);

	if (ret)
		return ret;
	pfd.fd = nfp_nl_fd(nl);
	while (ret >= 0) {
		bool over = nfp_clock_now() >= end_ns;

		ret = done(ctx);
		if (ret)
			break;
		ret = over ? -ETIMEDOUT : nfp_clock_poll(&pfd, 1, end_ns);
		if (ret < 0 && ret != -EINTR && ret != -ETIMEDOUT)
			nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot wait for a netdev");
		/* The notification only wakes: @done reads the state afresh. */
		ret = ret > 0 ? nfp_nl_drain(nl, err) : ret == -EINTR ? 0 : ret;
	}
	nfp_nl_close(nl);
	return ret == 1 ? 0 : ret;
}

struct netdev_wait {
	const struct nfp_apply *apply;
	const struct nfp_busdev *dev;
	struct nfp_link link;
	struct nfp_err *err;
};

static int netdev_appeared(void *ctx)
{
	struct netdev_wait *w = ctx;
	int ret = nfp_netdev_of(w->apply->nl, &w->apply->pf, w->dev, &w->link, NULL, w->err);

	return ret == -ENOENT ? 0 : ret ? ret : 1;
}

int nfp_wait_netdev(const struct nfp_apply *apply, const struct nfp_busdev *dev, int deadline_ms,
		    struct nfp_link *ret_link, struct nfp_err *err)
{
	struct netdev_wait w = {.apply = apply, .dev = dev, .err = err};
	int ret = nfp_wait_links(-1, deadline_ms, netdev_appeared, &w, err);

	if (ret == -ETIMEDOUT)
		return nfp_err_set(err, ret, NFP_E_KERNEL,
				   "no netdev of %s has appeared in this network namespace within "
				   "%d s",
				   dev->name, deadline_ms / 1000);
	if (!ret)
		*ret_link = w.link;
	return ret;
}

void nfp_vf_look_pause(uint64_t took_ns)
{
	uint64_t pause_ms = 4 * took_ns / NFP_NSEC_PER_MSEC;

	(void)poll(NULL, 0, (int)MIN(MAX(pause_ms, LOOK_POLL_MS), LOOK_POLL_MAX_MS));
}

bool nfp_wait_device_gone(const struct nfp_busdev *dev, int deadline_ms)
{
	uint64_t end_ns = nfp_clock_now() + (uint64_t)deadline_ms * NFP_NSEC_PER_MSEC;

	while (nfp_sysfs_exists(dev->root, "/sys/bus/%s/devices/%s", dev->bus, dev->name)) {
		if (nfp_clock_now() >= end_ns)
			return false;
		(void)poll(NULL, 0, GONE_POLL_MS);
	}
	return true;
}
