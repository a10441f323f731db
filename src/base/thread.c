// SPDX-License-Identifier: GPL-2.0-or-later
/* thread.c - threads, and the network namespaces that belong to them. */
#include "base/base.h"

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

struct job {
	int netns_fd;
	int (*fn)(void *arg);
	void *arg;
	int ret;
};

static void *run_job(void *ctx)
{
	struct job *job = ctx;

	job->ret = setns(job->netns_fd, CLONE_NEWNET) ? -errno : job->fn(job->arg);
	return NULL;
}

int nfp_netns_run(int netns_fd, int (*fn)(void *arg), void *arg)
{
	struct job job = {netns_fd, fn, arg, 0};
	pthread_t thread;
	int ret;

	if (netns_fd < 0)
		return fn(arg);
	ret = nfp_thread_start(&thread, NULL, run_job, &job);
	if (ret)
		return ret;
	pthread_join(thread, NULL);
	return job.ret;
}

static int make_netns(void *arg)
{
	static const char *const which[] = {"default", "all"};
	int *ret_fd = arg;

	if (unshare(CLONE_NEWNET))
		return -errno;
	/* /proc/sys/net shows the namespace of the calling thread. */
	for (size_t i = 0; i < NFP_NUM(which); i++) {
		int ret = nfp_sysfs_write(NULL, "1", "/proc/sys/net/ipv6/conf/%s/disable_ipv6",
					  which[i]);

		if (ret && ret != -ENOENT) /* the kernel has no IPv6 */
			return ret;
	}
	*ret_fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	return *ret_fd < 0 ? -errno : 0;
}

/* unshare(2) moves only the calling thread: use a short-lived one. */
int nfp_netns_new(int *ret_fd, struct nfp_err *err)
{
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int ret = here < 0 ? -errno : nfp_netns_run(here, make_netns, ret_fd);

	if (here >= 0)
		close(here);
	if (ret)
		return nfp_err_errno(err, ret, ret == -EPERM ? NFP_E_PERMISSION : NFP_E_KERNEL,
				     "cannot make a network namespace for the VF");
	return 0;
}
