/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netnsidx.h - in which other network namespace the netdev of a device is.
 *
 * sysfs shows the netdevs of its own namespace only. A message of RTM_GETLINK names the parent
 * device since Linux 5.14 (IFLA_PARENT_DEV_NAME); before that nothing is found here.
 */
#ifndef NFPROBE_HOST_NETNSIDX_H
#define NFPROBE_HOST_NETNSIDX_H

#include <stddef.h>

#include "nfprobe/base.h"
#include "nfprobe/result.h"

struct nfp_netnsidx {
	struct nfp_elsewhere {
		char parentdev[NFP_TEXT];
		char ifname[NFP_IFNAMSIZ];
		char where[NFP_TEXT]; /* "network namespace blue", "the network namespace of
					 sleep (pid 4711)" */
	} * v;
	size_t n;
};

/*
 * Calls @look for every other network namespace that has a name in <run>/netns or a process: with a
 * descriptor of it, and where it is in words. A value above 0, and -ENOMEM, ends it and is
 * returned.
 */
int nfp_netns_each(const struct nfp_sysroot *root,
		   int (*look)(int netns_fd, const char *where, void *ctx), void *ctx);

/* 0 or -ENOMEM. */
int nfp_netnsidx_read(const struct nfp_sysroot *root, struct nfp_netnsidx *ret_idx);
void nfp_netnsidx_fini(struct nfp_netnsidx *idx);
const struct nfp_elsewhere *nfp_netnsidx_find(const struct nfp_netnsidx *idx,
					      const char *parentdev);

#endif
