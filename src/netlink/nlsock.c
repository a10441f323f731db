// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/netlink.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>

struct opening {
	int protocol;
	int netns_fd;
	struct mnl_socket *sock;
	int error;
};

static void *open_there(void *arg)
{
	struct opening *o = arg;

	if (setns(o->netns_fd, CLONE_NEWNET) < 0) {
		o->error = -errno;
		return NULL;
	}
	o->sock = mnl_socket_open2(o->protocol, SOCK_CLOEXEC);
	if (!o->sock)
		o->error = -errno;
	return NULL;
}

int nfp_nlsock_open(int protocol, int netns_fd, struct mnl_socket **ret_sock)
{
	struct opening o = {.protocol = protocol, .netns_fd = netns_fd};
	pthread_t thread;
	int r;

	if (netns_fd < 0) {
		o.sock = mnl_socket_open2(protocol, SOCK_CLOEXEC);
		if (!o.sock)
			return -errno;
	} else {
		r = pthread_create(&thread, NULL, open_there, &o);
		if (r != 0)
			return -r;
		pthread_join(thread, NULL);
		if (o.error < 0)
			return o.error;
	}
	*ret_sock = o.sock;
	return 0;
}
