/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netns.h - a network namespace that has no name and dies with the process: what is moved into it
 * is out of reach of NetworkManager, udev and DHCP, sends nothing, and comes back by itself if we
 * die (the kernel returns physical netdevs to the initial namespace, default_device_exit_net in
 * net/core/dev.c).
 */
#ifndef NFPROBE_NETNS_H
#define NFPROBE_NETNS_H

#include "nfprobe/error.h"

/*
 * Makes one, with IPv6 off for every netdev that comes in. *ret_fd keeps it alive and is the
 * caller's to close. The calling thread stays where it is. Needs CAP_SYS_ADMIN.
 */
int nfp_netns_new(int *ret_fd, struct nfp_err *err);

#endif
