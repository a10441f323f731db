// SPDX-License-Identifier: GPL-2.0-or-later
/* vfstate.c - a VF as it is now, in everything that is put back; waiting for its netdev and its
 * device. */
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <linux/netlink.h>

#include "nfprobe/apply.h"
#include "nfprobe/netlink.h"

/*
 * A netdev may be renamed between the look at the directory and the question to the kernel, and its
 * name be taken by the next one at once: udev renames VFs as they come, and each comes as eth0.
 */
#define RENAME_TRIES 5

/* The multicast group of the kernel; udev's own are in group 2 (lib/kobject_uevent.c). */
#define UEVENTS_OF_KERNEL 1

struct netdevs {
	const struct nfp_busdev *dev;
	uint64_t port;		      /* of the PF's netdev */
	char ifname[2][NFP_IFNAMSIZ]; /* of that port, of another */
};

static int note_name(const char *name, void *ctx)
{
	struct netdevs *n = ctx;
	uint64_t port = n->port;

	(void)nfp_sysfs_number(&port, "%s/bus/%s/devices/%s/net/%s/dev_port", n->dev->root->sys,
			       n->dev->bus, n->dev->name, name);
	snprintf(n->ifname[port != n->port], NFP_IFNAMSIZ, "%s", name);
	return 0;
}

static int read_names(const struct nfp_rt_dev *pf, const struct nfp_busdev *dev, struct netdevs *n)
{
	int ret;

	*n = (struct netdevs) {.dev = dev};
	(void)nfp_sysfs_number(&n->port, "%s/class/net/%s/dev_port", dev->root->sys,
			       pf->ifname ? pf->ifname : "");
	ret = nfp_sysfs_each(note_name, n, "%s/bus/%s/devices/%s/net", dev->root->sys, dev->bus,
			     dev->name);
	/* A VF that has one port only may count it otherwise. */
	if (!n->ifname[0][0]) {
		memcpy(n->ifname[0], n->ifname[1], NFP_IFNAMSIZ);
		n->ifname[1][0] = '\0';
	}
	return ret;
}

static int read_link(struct nfp_nl *nl, const char *ifname, const struct nfp_busdev *dev,
		     struct nfp_link *ret_link, struct nfp_err *err)
{
	int ret = nfp_link_by_name(nl, ifname, ret_link, err);

	return !ret && !nfp_link_may_be_of(ret_link, dev->name) ? -ENODEV : ret;
}

int nfp_netdev_of(struct nfp_nl *nl, const struct nfp_rt_dev *pf, const struct nfp_busdev *dev,
		  struct nfp_link *ret_link, struct nfp_link *ret_second, struct nfp_err *err)
{
	struct nfp_err lost = {.code = NFP_E_NONE};
	struct netdevs n;
	int ret = -ENOENT;

	if (ret_second)
		memset(ret_second, 0, sizeof(*ret_second));
	for (int i = 0; i < RENAME_TRIES; i++) {
		ret = read_names(pf, dev, &n);
		/* What cannot be read, for want of memory say, is not what is not there. */
		if (ret < 0 && ret != -ENOENT && ret != -ENODEV)
			return nfp_err_errno(err, ret, NFP_E_KERNEL,
					     "cannot read the netdevs of %s", dev->name);
		if (!n.ifname[0][0])
			return -ENOENT;
		ret = read_link(nl, n.ifname[0], dev, ret_link, &lost);
		if (!ret && ret_second && n.ifname[1][0])
			ret = read_link(nl, n.ifname[1], dev, ret_second, &lost);
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

static int read_netdev(struct nfp_nl *nl, const struct nfp_rt_dev *pf, const struct nfp_busdev *dev,
		       struct nfp_vf_state *state, struct nfp_err *err)
{
	struct nfp_link link, second;
	int ret = nfp_netdev_of(nl, pf, dev, &link, &second, err);

	if (ret)
		return ret == -ENOENT ? 0 : ret;
	state->have_netdev = true;
	snprintf(state->ifname, sizeof(state->ifname), "%s", link.ifname);
	state->ifindex = link.ifindex;
	state->address = link.address;
	state->mtu = link.mtu;
	state->up = link.flags & IFF_UP;
	snprintf(state->second, sizeof(state->second), "%s", second.ifname);
	state->second_ifindex = second.ifindex;
	state->second_up = second.flags & IFF_UP;
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
	const struct nfp_vf_attr none = NFP_VF_ATTR_UNKNOWN;
	struct nfp_err silent = {.code = NFP_E_NONE};
	int ret = nfp_vf_attr_read(nl, pf, state->vf, &state->attr, &silent);

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
		ret = read_netdev(nl, pf, &dev, &state, err);
	if (!ret)
		ret = read_attr(nl, pf, &state, err);
	if (!ret)
		*ret_state = state;
	return ret;
}

/* ---- waiting for what the kernel announces ---- */

static uint64_t deadline(int ms)
{
	return nfp_clock_now() + (uint64_t)ms * NFP_NSEC_PER_MSEC;
}

static int ignore(const struct nlmsghdr *nlh, void *ctx)
{
	(void)nlh;
	(void)ctx;
	return 0;
}

int nfp_wait_links(struct nfp_nl *nl, int deadline_ms, int (*done)(void *ctx), void *ctx,
		   struct nfp_err *err)
{
	const struct nfp_nl_sink sink = {.message = ignore};
	uint64_t end_ns = deadline(deadline_ms);

	for (;;) {
		struct pollfd pfd = {.fd = nfp_nl_fd(nl), .events = POLLIN};
		bool over = nfp_clock_now() >= end_ns;
		int ret = done(ctx);

		if (ret)
			return ret == 1 ? 0 : ret;
		if (over)
			return -ETIMEDOUT;
		ret = nfp_clock_poll(&pfd, 1, end_ns);
		if (ret < 0 && ret != -EINTR)
			return nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot wait for a netdev");
		/* What it says does not matter: the state is read afresh. */
		ret = pfd.revents ? nfp_nl_drain(nl, &sink, err) : 0;
		if (ret < 0)
			return ret;
	}
}

struct appear {
	struct nfp_nl *nl;
	const struct nfp_rt_dev *pf;
	const struct nfp_busdev *dev;
	struct nfp_link link;
	struct nfp_err *err;
};

static int appeared(void *ctx)
{
	struct appear *a = ctx;
	int ret = nfp_netdev_of(a->nl, a->pf, a->dev, &a->link, NULL, a->err);

	return ret == -ENOENT ? 0 : ret ? ret : 1;
}

int nfp_wait_netdev(struct nfp_nl *notify, struct nfp_nl *nl, const struct nfp_rt_dev *pf,
		    const struct nfp_busdev *dev, int deadline_ms, struct nfp_link *ret_link,
		    struct nfp_err *err)
{
	struct appear a = {.nl = nl, .pf = pf, .dev = dev, .err = err};
	int ret = nfp_wait_links(notify, deadline_ms, appeared, &a, err);

	if (ret == -ETIMEDOUT)
		return nfp_err_set(err, ret, NFP_E_KERNEL,
				   "no netdev of %s has appeared in this network namespace within "
				   "%d s",
				   dev->name, deadline_ms / 1000);
	if (!ret)
		*ret_link = a.link;
	return ret;
}

/* ---- devices ---- */

static int open_uevents(struct mnl_socket **ret_sock)
{
	int ret = 0;

	*ret_sock = mnl_socket_open2(NETLINK_KOBJECT_UEVENT, SOCK_CLOEXEC);
	if (!*ret_sock)
		return -errno;
	if (mnl_socket_bind(*ret_sock, UEVENTS_OF_KERNEL, MNL_SOCKET_AUTOPID) < 0) {
		ret = -errno;
		(void)mnl_socket_close(*ret_sock);
	}
	return ret;
}

/* What they say does not matter, nor who says it, nor what was lost: the state is read afresh. */
static bool await_uevent(struct mnl_socket *sock, uint64_t end_ns)
{
	struct pollfd pfd = {.fd = mnl_socket_get_fd(sock), .events = POLLIN};
	int ret = nfp_clock_poll(&pfd, 1, end_ns);
	char drop;

	if (!ret || (ret < 0 && ret != -EINTR) || nfp_clock_now() >= end_ns)
		return false;
	while (recv(pfd.fd, &drop, sizeof(drop), MSG_DONTWAIT) >= 0)
		;
	return true;
}

static bool is_gone(const struct nfp_busdev *dev)
{
	return !nfp_sysfs_exists("%s/bus/%s/devices/%s", dev->root->sys, dev->bus, dev->name);
}

bool nfp_wait_device_gone(const struct nfp_busdev *dev, int deadline_ms)
{
	uint64_t end_ns = deadline(deadline_ms);
	struct mnl_socket *sock;
	bool gone;

	if (open_uevents(&sock))
		return is_gone(dev);
	do
		gone = is_gone(dev);
	while (!gone && await_uevent(sock, end_ns));
	(void)mnl_socket_close(sock);
	return gone;
}
