/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inventory_priv.h - what the files that read the inventory share: who has what open, in which
 * namespace a netdev is, who uses a VF. */
#ifndef NFPROBE_INVENTORY_INVENTORY_PRIV_H
#define NFPROBE_INVENTORY_INVENTORY_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "nfprobe/base.h"
#include "nfprobe/inventory.h"
#include "nfprobe/netlink.h"
#include "nfprobe/result.h"

/*
 * fdscan: which process has a device or a socket open, from /proc/<pid>/fd.
 */

#define NFP_COMM_LEN 32

/* One open file: @target is what the link says, @rdev the device number of a character device, else
 * 0. */
struct nfp_fd {
	pid_t pid;
	const char *target;
	dev_t rdev;
};

/*
 * Calls @fd for every open file of every other process. *ret_complete is false when processes may
 * exist that could not be looked into: no permission, or a PID namespace other than the initial
 * one. Returns 0, what @fd returned when that was not 0, or -errno.
 */
int nfp_fdscan(const struct nfp_sysroot *root, int (*fd)(const struct nfp_fd *fd, void *ctx),
	       void *ctx, bool *ret_complete);

/* Name of a process as in /proc/<pid>/comm; "a process" when it has gone. */
void nfp_fdscan_comm(const struct nfp_sysroot *root, pid_t pid, char comm[NFP_COMM_LEN]);

/* Every character device that somebody has open. Zero is empty and not complete. */
struct nfp_holders {
	struct nfp_holder {
		pid_t pid;
		dev_t rdev;
		char target[64]; /* cut */
	} * v;
	size_t n;
	bool complete;
};
int nfp_holders_read(const struct nfp_sysroot *root, struct nfp_holders *ret_holders);
void nfp_holders_fini(struct nfp_holders *holders);
/* Who has the device open, by its number (0: not known) or its path; NULL: nobody seen. */
const struct nfp_holder *nfp_holders_find(const struct nfp_holders *holders, dev_t rdev,
					  const char *path);

/*
 * netnsidx: in which other network namespace the netdev of a device is.
 *
 * sysfs shows the netdevs of its own namespace only. A message of RTM_GETLINK names the parent
 * device since Linux 5.14 (IFLA_PARENT_DEV_NAME); before that nothing is found here.
 */

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
 * descriptor of it, and where it is in words. A value other than 0 ends it and is returned.
 */
int nfp_netns_each(const struct nfp_sysroot *root,
		   int (*look)(int netns_fd, const char *where, void *ctx), void *ctx);

void nfp_netnsidx_read(const struct nfp_sysroot *root, struct nfp_netnsidx *ret_idx);
void nfp_netnsidx_fini(struct nfp_netnsidx *idx);
const struct nfp_elsewhere *nfp_netnsidx_find(const struct nfp_netnsidx *idx,
					      const char *parentdev);

/*
 * vfuse: who uses a VF. What cannot be established counts as in use.
 */

/* What looking at several VFs shares. The two scans are made when first needed. Zero but root and
 * links, then nfp_usectx_fini. */
struct nfp_usectx {
	const struct nfp_sysroot *root;
	const struct nfp_link *links; /* of this namespace; borrowed */
	size_t num_links;
	bool have_holders;
	struct nfp_holders holders;
	bool have_netnsidx;
	struct nfp_netnsidx netnsidx;
};
void nfp_usectx_fini(struct nfp_usectx *ctx);

/*
 * Fills vf->use and vf->user from vf->devpath, vf->parentdev and what the machine says now; reads
 * the driver afresh and leaves vf->driver as it was. 0 or -errno (then nothing is filled).
 */
int nfp_vfuse_find(struct nfp_usectx *ctx, struct nfp_vf_info *vf);

/* Character devices: vfio group and cdev, uio, RDMA; and vDPA devices, open or not. */
int nfp_vfuse_chardev(struct nfp_usectx *ctx, struct nfp_vf_info *vf, const char *driver);

/* A worse use replaces a lesser one, in the order in which people should hear of it. */
void nfp_vfuse_note(struct nfp_vf_info *vf, enum nfp_use use, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* topo_priv: what the files that read the topology share. */

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
/* Pure: appends what one SOCK_DIAG_BY_FAMILY message of AF_PACKET says. 0 or -EBADMSG. */
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

/* One sentence for each group of netdevs and VFs with one address that are not stacked. */
void nfp_shared_addresses(const struct nfp_topology *topology, struct nfp_strv *ret_sentences);

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
