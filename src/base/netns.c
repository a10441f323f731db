// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/base.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

/* 0 also where the kernel has no IPv6. /proc/sys/net shows the reading thread's namespace. */
static int no_ipv6(const char *which)
{
	int ret = nfp_sysfs_write("1", "%s/sys/net/ipv6/conf/%s/disable_ipv6",
				  nfp_sysroot_default()->proc, which);

	return ret == -ENOENT ? 0 : ret;
}

static int make(void *arg)
{
	int *ret_fd = arg, ret;

	if (unshare(CLONE_NEWNET))
		return -errno;
	ret = no_ipv6("default");
	if (!ret)
		ret = no_ipv6("all");
	if (ret)
		return ret;
	*ret_fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	return *ret_fd < 0 ? -errno : 0;
}

/* A namespace belongs to a thread: a short-lived one makes it, and enters our own for that. */
int nfp_netns_new(int *ret_fd, struct nfp_err *err)
{
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int ret = own < 0 ? -errno : nfp_enter(own, make, ret_fd);

	if (own >= 0)
		close(own);
	if (ret)
		return nfp_err_errno(err, ret, ret == -EPERM ? NFP_E_PERMISSION : NFP_E_KERNEL,
				     "cannot make a network namespace for the VF");
	return 0;
}
