/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * links.h - netdevs of one network namespace, by RTM_GETLINK.
 *
 * Read by an own parser over libmnl: libnl-route 3.7 has no accessors for IFLA_XDP and for the
 * kind of a master, and always asks for the VFs of every PF along with their statistics.
 */
#ifndef NFPROBE_LINKS_H
#define NFPROBE_LINKS_H

#include "nfprobe/error.h"
#include "nfprobe/netlink.h"
#include "nfprobe/sysfs.h"
#include "nfprobe/topology.h"

/*
 * Pure. Reads RTM_NEWLINK (or RTM_DELLINK) into *ret_link; what comes from sysfs (addr_assign_type,
 * physical, physfn) and from RTM_GETADDR (has_address, has_link_local) stays zero.
 * -EBADMSG for a message without a struct ifinfomsg or without a name.
 */
int nfp_link_parse(const struct nlmsghdr *nlh, struct nfp_link *ret_link);

/*
 * Is it of the device @parentdev, as far as the kernel says (since Linux 5.14)? A name may have
 * become another netdev's since it was looked up. Pure.
 */
bool nfp_link_may_be_of(const struct nfp_link *link, const char *parentdev);

/* One link as the kernel has it now. -ENODEV: there is none. */
int nfp_link_by_ifindex(struct nfp_nl *nl, int ifindex, struct nfp_link *ret_link,
			struct nfp_err *err);
int nfp_link_by_name(struct nfp_nl *nl, const char *ifname, struct nfp_link *ret_link,
		     struct nfp_err *err);

/* All links in the order of ifindex, with their IP addresses noted. The caller frees *ret_links. */
int nfp_links_read(struct nfp_nl *nl, struct nfp_link **ret_links, size_t *ret_num,
		   struct nfp_err *err);

/*
 * Adds what sysfs knows of each netdev of this namespace: addr_assign_type, physical, parentdev,
 * physfn. What it does not know stays as it is.
 */
void nfp_links_sysfs(const struct nfp_sysroot *root, struct nfp_link *links, size_t num);

#endif
