// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/base.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>

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
	int netns_fd;
	int (*fn)(void *arg);
	void *arg;
	int ret;
};

static void *run_errand(void *ctx)
{
	struct errand *errand = ctx;

	errand->ret = setns(errand->netns_fd, CLONE_NEWNET) ? -errno : errand->fn(errand->arg);
	return NULL;
}

int nfp_enter(int netns_fd, int (*fn)(void *arg), void *arg)
{
	struct errand errand = {netns_fd, fn, arg, 0};
	pthread_t thread;
	int ret;

	if (netns_fd < 0)
		return fn(arg);
	ret = nfp_thread_start(&thread, NULL, run_errand, &errand);
	if (ret)
		return ret;
	pthread_join(thread, NULL);
	return errand.ret;
}
