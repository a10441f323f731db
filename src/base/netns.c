// SPDX-License-Identifier: GPL-2.0-or-later
/* netns.c - threads: a network namespace belongs to one, so a short-lived one takes the step. */
#include "nfprobe/base.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

int nfp_thread_start(pthread_t *ret_thread, const char *name, void *(*fn)(void *), void *arg)
{
	sigset_t all, old;
	int ret;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ret = -pthread_create(ret_thread, NULL, fn, arg);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!ret && name)
		pthread_setname_np(*ret_thread, name);
	return ret;
}

struct errand {
	int netns_fd; /* -1: that of the caller */
	int (*fn)(void *arg);
	void *arg;
	int ret;
};

static void *run_errand(void *ctx)
{
	struct errand *errand = ctx;

	if (errand->netns_fd >= 0 && setns(errand->netns_fd, CLONE_NEWNET))
		errand->ret = -errno;
	else
		errand->ret = errand->fn(errand->arg);
	return NULL;
}

static int in_thread(struct errand errand)
{
	pthread_t thread;
	int ret = nfp_thread_start(&thread, NULL, run_errand, &errand);

	if (ret)
		return ret;
	pthread_join(thread, NULL);
	return errand.ret;
}

int nfp_enter(int netns_fd, int (*fn)(void *arg), void *arg)
{
	return netns_fd < 0 ? fn(arg) : in_thread((struct errand) {netns_fd, fn, arg, 0});
}

/* 0 also where the kernel has no IPv6. /proc/sys/net shows the reading thread's namespace. */
static int no_ipv6(const char *which)
{
	int ret = nfp_sysfs_write("1", "%s/sys/net/ipv6/conf/%s/disable_ipv6",
				  nfp_sysroot_default()->proc, which);

	return ret == -ENOENT ? 0 : ret;
}

static int furnish(void *ret_fd)
{
	int ret;

	if (unshare(CLONE_NEWNET))
		return -errno;
	ret = no_ipv6("default");
	if (!ret)
		ret = no_ipv6("all");
	if (ret)
		return ret;
	*(int *)ret_fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	return *(int *)ret_fd < 0 ? -errno : 0;
}

int nfp_netns_new(int *ret_fd, struct nfp_err *err)
{
	int fd = -1, ret = in_thread((struct errand) {-1, furnish, &fd, 0});

	if (ret)
		return nfp_err_errno(err, ret, ret == -EPERM ? NFP_E_PERMISSION : NFP_E_KERNEL,
				     "cannot make a network namespace for the VF");
	*ret_fd = fd;
	return 0;
}
