/* SPDX-License-Identifier: GPL-2.0-or-later */
/* topo_priv.h - what the files that read the topology share. */
#ifndef NFPROBE_HOST_TOPO_PRIV_H
#define NFPROBE_HOST_TOPO_PRIV_H

#include "nfprobe/netlink.h"
#include "nfprobe/base.h"
#include "nfprobe/inventory.h"

/* -- topo_sysfs.c: over a sysroot, no netlink -- */

/* Is this netdev that of an SR-IOV PF? Representors share the PF's device and are none. */
bool nfp_topo_is_pf(const struct nfp_sysroot *root, const struct nfp_link *link);
/*
 * Fills *ret_pf from sysfs and the link; VFs with all but their attributes; their use
 * is NFP_USE_UNKNOWN until nfp_vfuse_find. The caller
 * frees ret_pf->vfs. 0 or -errno.
 */
int nfp_topo_fill_pf(const struct nfp_sysroot *root, const struct nfp_link *links, size_t num_links,
		     const struct nfp_link *link, struct nfp_pf *ret_pf);

/* -- promisc.c -- */

/* A packet socket that made a netdev promiscuous. */
struct nfp_promisc_socket {
	uint32_t inode;
	int ifindex;
};
struct nfp_promisc_sockets {
	struct nfp_promisc_socket *v;
	size_t n;
};
/* Packet sockets of this namespace with a promiscuous membership, by sock_diag. 0 or -errno. */
int nfp_promisc_sockets_read(struct nfp_promisc_sockets *ret_sockets);
/* Pure: appends what one SOCK_DIAG_BY_FAMILY message of AF_PACKET says. 0, -EBADMSG, -ENOMEM. */
int nfp_promisc_parse(const struct nlmsghdr *nlh, struct nfp_promisc_sockets *sockets);
void nfp_promisc_sockets_fini(struct nfp_promisc_sockets *sockets);
/*
 * Says in words who made @link promiscuous, empty when nobody did: its master, a child, a packet
 * socket's process, a flag set by hand, else that it is not known.
 */
void nfp_promisc_words(const struct nfp_sysroot *root, const struct nfp_link *links,
		       size_t num_links, const struct nfp_promisc_sockets *sockets,
		       const struct nfp_link *link, char *words, size_t size);

/* -- shared.c, pure -- */

/* One sentence a group of netdevs and VFs with one address that are not stacked. 0 or -ENOMEM. */
int nfp_shared_addresses(const struct nfp_topology *topology, struct nfp_strv *ret_sentences);

/* -- macuse.c, pure -- */

/* Somebody who has the address, in words. @except: the device of a VF that may have it; or NULL. */
bool nfp_mac_of_link(const struct nfp_link *links, size_t num, const struct nfp_mac *mac,
		     const char *except, char who[NFP_USER_LEN]);
/* The same of one RTM_NEWNEIGH: an ARP or ND entry, or (AF_BRIDGE) one of an FDB. */
bool nfp_mac_of_neigh(const struct nlmsghdr *nlh, const struct nfp_link *links, size_t num,
		      const struct nfp_mac *mac, const char *except, char who[NFP_USER_LEN]);

/* -- links of an array -- */
const struct nfp_link *nfp_links_by_ifindex(const struct nfp_link *links, size_t num, int ifindex);
/* Is @link made on top of @lower? A veth names its peer as others their lower netdev. */
bool nfp_link_is_child(const struct nfp_link *link, const struct nfp_link *lower);

#endif
