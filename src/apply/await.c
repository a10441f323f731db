// SPDX-License-Identifier: GPL-2.0-or-later
/* await.c - waiting for what the kernel announces: a netdev, its carrier, a device that leaves. */
#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <time.h>

#include "nfprobe/apply.h"
#include "nfprobe/netlink.h"

#define UEVENTS_OF_KERNEL \
	1 /* the multicast group; udev's own are in group 2 (lib/kobject_uevent.c) */

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
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
	int64_t end = now_ms() + deadline_ms;

	for (;;) {
		struct pollfd pfd = {.fd = nfp_nl_fd(nl), .events = POLLIN};
		int64_t left = end - now_ms();
		int ret = done(ctx);

		if (ret)
			return ret == 1 ? 0 : ret;
		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&pfd, 1, (int)left) < 0 && errno != EINTR)
			return nfp_err_errno(err, -errno, NFP_E_KERNEL, "cannot wait for a netdev");
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
		ret = -errno;
	else if (mnl_socket_bind(*ret_sock, UEVENTS_OF_KERNEL, MNL_SOCKET_AUTOPID) < 0) {
		ret = -errno;
		(void)mnl_socket_close(*ret_sock);
	}
	return ret;
}

/* What they say does not matter, nor who says it, nor what was lost: the state is read afresh. */
static bool await_uevent(struct mnl_socket *sock, int64_t end)
{
	struct pollfd pfd = {.fd = mnl_socket_get_fd(sock), .events = POLLIN};
	int64_t left = end - now_ms();
	char drop;

	if (left <= 0 || (poll(&pfd, 1, (int)left) < 0 && errno != EINTR))
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
	int64_t end = now_ms() + deadline_ms;
	struct mnl_socket *sock;
	bool gone;

	if (open_uevents(&sock))
		return is_gone(dev);
	do
		gone = is_gone(dev);
	while (!gone && await_uevent(sock, end));
	(void)mnl_socket_close(sock);
	return gone;
}
