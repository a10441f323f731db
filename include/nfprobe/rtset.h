/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rtset.h - single changes to links, VFs and the FDB, each one request with its acknowledgement.
 *
 * Nothing is journalled, retried or read back here: that is the caller's. All return 0 or -errno
 * with the kernel's sentence (netlink.h). @nl is a NETLINK_ROUTE socket in the namespace of the
 * device. Attribute layouts: include/uapi/linux/if_link.h, neighbour.h.
 */
#ifndef NFPROBE_RTSET_H
#define NFPROBE_RTSET_H

#include <stdbool.h>

#include "nfprobe/error.h"
#include "nfprobe/netlink.h"
#include "nfprobe/types.h"

/* The number decides; the name (may be NULL) is for sentences only. */
struct nfp_rt_dev {
	int ifindex;
	const char *ifname;
};

/*
 * VF attributes by way of the PF, one attribute a request: a driver that refuses one must not take
 * another along.
 */
/* What a driver means that refuses an address with this errno (negative), and what to do; "" */
const char *nfp_rt_vf_mac_hint(int ret);
/* A refusal's hint is that. */
int nfp_rt_vf_mac(struct nfp_nl *nl, const struct nfp_rt_dev *pf, unsigned int vf,
		  const struct nfp_mac *mac, struct nfp_err *err);
/* vid 0 takes the VLAN away; proto 0 is 802.1Q. */
int nfp_rt_vf_vlan(struct nfp_nl *nl, const struct nfp_rt_dev *pf, unsigned int vf,
		   const struct nfp_vlan *vlan, struct nfp_err *err);
/* @type: IFLA_VF_SPOOFCHK, IFLA_VF_TRUST, IFLA_VF_RSS_QUERY_EN (0 or 1), or IFLA_VF_LINK_STATE
 * (IFLA_VF_LINK_STATE_*). */
int nfp_rt_vf_setting(struct nfp_nl *nl, const struct nfp_rt_dev *pf, unsigned int vf,
		      uint16_t type, unsigned int value, struct nfp_err *err);
/* In Mbit/s, 0: no limit. */
int nfp_rt_vf_rate(struct nfp_nl *nl, const struct nfp_rt_dev *pf, unsigned int vf,
		   uint32_t min_tx_rate, uint32_t max_tx_rate, struct nfp_err *err);

int nfp_rt_link_set_up(struct nfp_nl *nl, const struct nfp_rt_dev *dev, bool up,
		       struct nfp_err *err);
/* Only netdevs that are down can be renamed before Linux 6.2; -EEXIST when the name is taken. */
int nfp_rt_link_rename(struct nfp_nl *nl, const struct nfp_rt_dev *dev, const char *ifname,
		       struct nfp_err *err);
int nfp_rt_link_address(struct nfp_nl *nl, const struct nfp_rt_dev *dev, const struct nfp_mac *mac,
			struct nfp_err *err);
/* @mtu: bytes. */
int nfp_rt_link_mtu(struct nfp_nl *nl, const struct nfp_rt_dev *dev, unsigned int mtu,
		    struct nfp_err *err);
/* No IPv6 address by itself when it is set up. -EAFNOSUPPORT where the kernel has no IPv6. */
int nfp_rt_link_no_ipv6(struct nfp_nl *nl, const struct nfp_rt_dev *dev, struct nfp_err *err);
/*
 * Moves a netdev (which goes down) into the namespace @netns_fd, as @ifname there (NULL: as it is
 * called; "dev%d" is taken by the kernel where that name exists already). Its ifindex is kept where
 * it is free there.
 */
int nfp_rt_link_move(struct nfp_nl *nl, const struct nfp_rt_dev *dev, int netns_fd,
		     const char *ifname, struct nfp_err *err);
int nfp_rt_link_delete(struct nfp_nl *nl, const struct nfp_rt_dev *dev, struct nfp_err *err);

/* Where an FDB entry goes. */
enum nfp_rt_fdb {
	NFP_RT_FDB_SELF,   /* `bridge fdb .. self permanent`: the netdev's own unicast filter */
	NFP_RT_FDB_MASTER, /* `bridge fdb .. master static`: the FDB of the bridge it is a port of
			    */
};
/* -EEXIST: there already; -EOPNOTSUPP: the driver has no such filter. */
int nfp_rt_fdb_add(struct nfp_nl *nl, const struct nfp_rt_dev *dev, enum nfp_rt_fdb where,
		   const struct nfp_mac *mac, struct nfp_err *err);
/* -ENOENT: not there. */
int nfp_rt_fdb_del(struct nfp_nl *nl, const struct nfp_rt_dev *dev, enum nfp_rt_fdb where,
		   const struct nfp_mac *mac, struct nfp_err *err);

/* Is it there, by whomever? Of a bridge only entries that do not age count. */
int nfp_rt_fdb_has(struct nfp_nl *nl, const struct nfp_rt_dev *dev, enum nfp_rt_fdb where,
		   const struct nfp_mac *mac, bool *ret_has, struct nfp_err *err);
/* Pure: is the message one of this entry? */
bool nfp_rt_fdb_is(const struct nlmsghdr *nlh, int ifindex, enum nfp_rt_fdb where,
		   const struct nfp_mac *mac);

enum nfp_rt_macvlan_mode { /* MACVLAN_MODE_*, include/uapi/linux/if_link.h */
			   NFP_RT_MACVLAN_PRIVATE = 1,
			   NFP_RT_MACVLAN_VEPA = 2,
			   NFP_RT_MACVLAN_BRIDGE = 4,
};

/*
 * A child of @lower (of the socket's namespace) that lives in the namespace @netns_fd from its
 * beginning (-1: the socket's own). Made down; set it up through a socket in its own namespace.
 * *ret_ifindex is its number there. -EEXIST: the name is taken, or, of a VLAN, @lower has a child
 * with that VID already (anywhere).
 */
int nfp_rt_add_vlan(struct nfp_nl *nl, const struct nfp_rt_dev *lower, const char *ifname,
		    const struct nfp_vlan *vlan, int netns_fd, int *ret_ifindex,
		    struct nfp_err *err);
int nfp_rt_add_macvlan(struct nfp_nl *nl, const struct nfp_rt_dev *lower, const char *ifname,
		       const struct nfp_mac *mac, enum nfp_rt_macvlan_mode mode, int netns_fd,
		       int *ret_ifindex, struct nfp_err *err);

#endif
