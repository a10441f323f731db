/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * neighbours.h - which IPv4 neighbours a netdev of this namespace has: default gateways by the
 * routes, others by the neighbour table (RTM_GETROUTE, RTM_GETNEIGH;
 * include/uapi/linux/{rtnetlink,neighbour}.h). Read, never changed.
 */
#ifndef NFPROBE_NEIGHBOURS_H
#define NFPROBE_NEIGHBOURS_H

#include "nfprobe/arp.h"
#include "nfprobe/error.h"
#include "nfprobe/netlink.h"

struct nfp_neighbour {
	struct nfp_ipv4 ip;
	bool gateway;
	bool have_mac; /* the kernel knows its address, and did not find it wrong */
	struct nfp_mac mac;
};

/* At most so many are kept; gateways come first. */
#define NFP_NEIGHBOURS_MAX 16

struct nfp_neighbours {
	int ifindex[8]; /* in: netdevs whose neighbours are wanted, 0: unused */
	struct nfp_neighbour v[NFP_NEIGHBOURS_MAX];
	size_t n;
};

/* Fills v and n for the netdevs that ifindex names. 0 or -errno. */
int nfp_neighbours_read(struct nfp_nl *nl, struct nfp_neighbours *neighbours, struct nfp_err *err);

/* One message of a dump, added to what is there (pure); others are passed over. */
void nfp_neighbours_route(struct nfp_neighbours *neighbours, const struct nlmsghdr *nlh);
void nfp_neighbours_entry(struct nfp_neighbours *neighbours, const struct nlmsghdr *nlh);

#endif
