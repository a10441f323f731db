/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFPROBE_HOST_NLSOCK_H
#define NFPROBE_HOST_NLSOCK_H

#include <libmnl/libmnl.h>

/*
 * A netlink socket belongs to the namespace it was made in, for good. It is made in a thread of its
 * own when that is not the caller's (@netns_fd not -1), so that nobody else is moved. 0 or -errno.
 */
int nfp_nlsock_open(int protocol, int netns_fd, struct mnl_socket **ret_sock);

#endif
