// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/base.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>

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

/* Signals are the caller's: the thread inherits a mask that holds them all back. */
int nfp_enter(int netns_fd, int (*fn)(void *arg), void *arg)
{
	struct errand errand = {netns_fd, fn, arg, 0};
	pthread_t thread;
	sigset_t all, old;
	int ret;

	if (netns_fd < 0)
		return fn(arg);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ret = -pthread_create(&thread, NULL, run_errand, &errand);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (ret)
		return ret;
	pthread_join(thread, NULL);
	return errand.ret;
}
