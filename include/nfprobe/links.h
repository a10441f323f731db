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
#include "nfprobe/types.h"

/* MAX_PHYS_ITEM_ID_LEN, include/linux/netdevice.h */
#define NFP_PHYS_ID_LEN 32

/* An id of hardware that several netdevs may have; len 0: the driver does not say. */
struct nfp_phys_id {
	uint8_t len; /* bytes */
	uint8_t b[NFP_PHYS_ID_LEN];
};

/* A netdev of this namespace. */
struct nfp_link {
	int ifindex;
	char ifname[NFP_IFNAMSIZ];
	struct nfp_mac address;
	uint8_t addr_assign_type; /* NET_ADDR_*, include/uapi/linux/netdevice.h */
	unsigned int flags;	  /* IFF_* */
	bool carrier;
	int link;      /* ifindex of the lower device, 0: none */
	int master;    /* ifindex, 0: none */
	char kind[16]; /* of rtnl_link_ops: vlan, bridge, macvlan, ...; empty: hardware */
	char master_kind[16];
	uint16_t vlan_id;    /* of kind vlan */
	uint16_t vlan_proto; /* of kind vlan; host byte order, 0 where the kernel does not say */
	bool passthru;	     /* of kind macvlan or macvtap: it has the whole lower netdev */
	unsigned int num_vf; /* IFLA_NUM_VF: 0 also where VFs were not asked for */
	unsigned int mtu;    /* bytes */
	unsigned int promiscuity; /* how many want it so (IFLA_PROMISCUITY) */
	bool xdp;		  /* a program is attached */
	uint8_t xdp_attached;	  /* XDP_ATTACHED_*, include/uapi/linux/if_link.h: in which mode */
	bool has_address;	  /* an IP address other than IPv6 link local */
	bool has_link_local;
	struct nfp_phys_id phys_port_id;   /* of the port of the NIC (IFLA_PHYS_PORT_ID) */
	struct nfp_phys_id phys_switch_id; /* of the NIC (IFLA_PHYS_SWITCH_ID) */
	char phys_port_name[NFP_IFNAMSIZ]; /* within the latter: p0, pf0vf3, .. */
	bool physical;			   /* has a parent device */
	char parentdev[NFP_TEXT];	   /* basename of device/, e.g. 0000:01:00.0 */
	char physfn[NFP_TEXT];		   /* of a VF: its PF's device; else empty */
};

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
