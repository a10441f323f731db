/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netlink_priv.h - netlink.h, for the files of this folder. */
#ifndef NFPROBE_NETLINK_PRIV_H
#define NFPROBE_NETLINK_PRIV_H

#include "net/netlink.h"

/*
 * Bounds what is read from now on, where others make what is listed: a request ends with -ETIME at
 * @until_ns (CLOCK_MONOTONIC), even while answers come, and with -EFBIG after @max messages, or
 * NFP_NL_MESSAGE bytes for each of these. The messages so far are kept. The socket is of no further
 * use then.
 */
#define NFP_NL_MESSAGE ((size_t)2048)
void nfp_nl_bound(struct nfp_nl *nl, uint64_t until_ns, size_t max);

/*
 * Reads an NLMSG_ERROR or NLMSG_DONE message of nlh->nlmsg_len bytes. 0, or -EBADMSG if it is too
 * short. Control characters in the sentence become spaces. Pure.
 */
int nfp_nl_parse_ack(const struct nlmsghdr *nlh, struct nfp_nl_ack *ret_ack);

/* Resolves a generic netlink family. -ENOENT: the kernel has none of this name. */
int nfp_nl_genl_family(struct nfp_nl *nl, const char *name, uint16_t *ret_id, struct nfp_err *err);

/* Reads the id of the namespace @netns_fd in that of @nl, as in link_nsid. -1: no netdev leads
 * there. 0 or -errno. */
int nfp_rt_nsid(struct nfp_nl *nl, int netns_fd, int *ret_nsid, struct nfp_err *err);

/* Reads all links, by ifindex, with has_address. The caller frees *ret_links. */
int nfp_links_read(struct nfp_nl *nl, struct nfp_link **ret_links, size_t *ret_num,
		   struct nfp_err *err);

/*
 * Adds physical, parentdev and physfn from sysfs, for netdevs of our own namespace. A member that
 * sysfs does not have stays as it is.
 */
void nfp_links_sysfs(const struct nfp_sysroot *root, struct nfp_link *links, size_t num);

/* Returns the meaning of a driver's refusal of an address with this errno (negative), and the fix;
 * or "". */
const char *nfp_rt_vf_mac_hint(int ret);

/* Appends the VLANs of one message to *list, which has *num entries and is the caller's to free. A
 * range becomes its VLANs. Pure. */
void nfp_port_vlans_parse(const struct nlmsghdr *nlh, struct nfp_port_vlan **list, size_t *num);

/* ports.c: parse IFLA_INFO_SLAVE_DATA of a bridge port, and IFLA_INFO_DATA of a bridge. NULL:
 * nothing is known. Pure. */
void nfp_port_parse(const struct nlattr *slave_data, struct nfp_bridge_port *ret_port);
void nfp_bridge_parse(const struct nlattr *info_data, struct nfp_bridge *ret_bridge);

/* Takes the next of several next hops of a route, which are struct rtnexthop in RTA_MULTIPATH, each
 * followed by its attributes. False: there is no other. Pure. */
bool nfp_nexthop_next(struct nfp_attrs *it, int *ret_ifindex, struct nfp_attrs *ret_attrs);

/* Returns the ifindex of the netdev that the message says is in mode VEPA: what its NIC's functions
 * send to each other leaves by the wire (ndo_bridge_getlink). 0: none. Pure. */
int nfp_vepa_parse(const struct nlmsghdr *nlh);

/* Appends the VLANs of a port, or of all ports (@ifindex 0), as nfp_port_vlans_parse does. Those of
 * each port are in ascending order. 0 or -errno. */
int nfp_rt_port_vlans(struct nfp_nl *nl, int ifindex, struct nfp_port_vlan **list, size_t *num,
		      struct nfp_err *err);

/*
 * Parses an RTM_NEWLINK that was requested with RTEXT_FILTER_VF into an array of IFLA_NUM_VF
 * elements (NULL if there are no VFs), which the caller frees. (*ret_attrs)[i] is VF i; have_mac is
 * false if the message does not describe it. Trusts no length in the message. -EBADMSG: not a link
 * message; -E2BIG: more than NFP_VF_MAX VFs. Pure.
 */
int nfp_vfinfo_parse(const struct nlmsghdr *nlh, struct nfp_vf_attr **ret_attrs, size_t *ret_num);
/* Finds the list itself, for a walk over its entries; at NULL: there is none. *ret_num is
 * IFLA_NUM_VF. Fails as nfp_vfinfo_parse does. Pure. */
int nfp_vfinfo_list(const struct nlmsghdr *nlh, struct nfp_attrs *ret_list, uint32_t *ret_num);

/* Adds what one RTM_NEWROUTE or RTM_NEWNEIGH says. Ignores other messages. Pure. */
void nfp_neighbours_parse(const struct nlmsghdr *nlh, struct nfp_neighbours *neighbours);

/*
 * ETHTOOL_GDRVINFO (include/uapi/linux/ethtool.h): fills driver, driver_version and firmware of
 * @info; "N/A" becomes empty. 0 or -errno, with nothing filled.
 */
int nfp_ethtool_drvinfo(const char *ifname, struct nfp_pf_info *info);

/*
 * DEVLINK_CMD_ESWITCH_GET of a device: fills eswitch_mode of @info with "legacy", "switchdev", or
 * "" if the kernel or the device has no devlink, or the driver no eswitch modes. -errno as the
 * kernel or the driver answered; EPERM is the kernel's if the caller lacks CAP_NET_ADMIN.
 */
int nfp_devlink_eswitch(const char *bus, const char *parentdev, struct nfp_pf_info *info,
			struct nfp_err *err);

/*
 * DEVLINK_CMD_INFO_GET (Documentation/networking/devlink/devlink-info.rst): fills the versions of
 * @info, none if there is no devlink, `firmware` from the running one, and board_id.
 */
int nfp_devlink_firmware(const char *bus, const char *parentdev, struct nfp_pf_info *info,
			 struct nfp_err *err);

/* Adds the versions of an answer to @info, as many as fit, and its board.id. Returns 0. Pure. */
int nfp_devlink_parse_info(const struct nlmsghdr *nlh, struct nfp_pf_info *info);

/* Sets firmware of @info to the running version, unless it contains that already. Pure. */
void nfp_devlink_name_firmware(struct nfp_pf_info *info);

/*
 * Sets eswitch_mode of @info by an answer. An unknown mode becomes "mode <number>", none "".
 * -EBADMSG. Pure.
 */
int nfp_devlink_parse_eswitch(const struct nlmsghdr *nlh, struct nfp_pf_info *info);

#endif
