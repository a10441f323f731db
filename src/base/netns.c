// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/base.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

struct job {
	int fd;
	int ret;
};

/* 0 also where the kernel has no IPv6. /proc/sys/net shows the reading thread's namespace. */
static int no_ipv6(const char *which)
{
	int ret = nfp_sysfs_write("1", "%s/sys/net/ipv6/conf/%s/disable_ipv6",
				  nfp_sysroot_default()->proc, which);

	return ret == -ENOENT ? 0 : ret;
}

static int furnish(struct job *job)
{
	int ret;

	if (unshare(CLONE_NEWNET))
		return -errno;
	ret = no_ipv6("default");
	if (!ret)
		ret = no_ipv6("all");
	if (ret)
		return ret;
	job->fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	return job->fd < 0 ? -errno : 0;
}

static void *run_job(void *ctx)
{
	struct job *job = ctx;
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	job->ret = furnish(job);
	return NULL;
}

/* A namespace belongs to a thread: a short-lived one takes the step, the rest stays. */
int nfp_netns_new(int *ret_fd, struct nfp_err *err)
{
	struct job job = {.fd = -1};
	pthread_t thread;
	int ret = -pthread_create(&thread, NULL, run_job, &job);

	if (!ret) {
		pthread_join(thread, NULL);
		ret = job.ret;
	}
	if (ret)
		return nfp_err_errno(err, ret, ret == -EPERM ? NFP_E_PERMISSION : NFP_E_KERNEL,
				     "cannot make a network namespace for the VF");
	*ret_fd = job.fd;
	return 0;
}
