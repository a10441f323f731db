/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netlink.h - what the kernel says by netlink and ethtool: links, VF attributes, FDB entries,
 * neighbours. */
#ifndef NFPROBE_NETLINK_H
#define NFPROBE_NETLINK_H

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>

#include "net/pf.h"
#include "traffic/sources.h"

/*
 * netlink: requests to the kernel with their acknowledgements, dumps, and notifications.
 *
 * It uses libmnl instead of libnl because drivers' refusals matter to this program: the extended
 * acknowledgement (NETLINK_EXT_ACK, Documentation/userspace-api/netlink/intro.rst) has the kernel's
 * own sentence, which libnl drops, and libnl maps several errnos to one.
 *
 * On failure functions return -errno, set err->errnum, and set the message to "cannot <what>: <text
 * of errno>: <the kernel's sentence>", without the last part if there is none. The code is
 * NFP_E_PERMISSION for EPERM and EACCES, otherwise NFP_E_KERNEL. Only one thread at a time may use
 * a struct nfp_nl.
 */

#define NFP_NL_SENTENCE 256 /* longer sentences of the kernel are cut */
/* How long to wait for an answer: somebody may hold the RTNL lock for seconds. */
#define NFP_NL_DEADLINE_MS 10000

struct nfp_nl;

/* A request under construction. Zeroed by nfp_nl_msg_init. */
struct nfp_nl_msg {
	union {
		struct nlmsghdr head;
		char room[2048];
	};
};

/*
 * Begins a message of @type: header, then @extra_len bytes of @extra (struct ifinfomsg, ...).
 * NLM_F_REQUEST is always set. Attributes follow by mnl_attr_put_*(&msg->head, ..).
 */
void nfp_nl_msg_init(struct nfp_nl_msg *msg, uint16_t type, uint16_t flags, const void *extra,
		     size_t extra_len);

/* The content of an acknowledgement. */
struct nfp_nl_ack {
	int error; /* 0 or -errno */
	char sentence[NFP_NL_SENTENCE];
};

/*
 * Opens a socket of @protocol (NETLINK_ROUTE, NETLINK_GENERIC) in the network namespace @netns_fd
 * (-1: the caller's; any other needs CAP_SYS_ADMIN). The calling thread stays in its namespace.
 */
int nfp_nl_open(int protocol, int netns_fd, struct nfp_nl **ret_nl, struct nfp_err *err);
/*
 * Opens a NETLINK_ROUTE socket that receives link notifications (RTNLGRP_LINK) of @netns_fd, for
 * nfp_nl_drain.
 */
int nfp_nl_open_notify(int netns_fd, struct nfp_nl **ret_nl, struct nfp_err *err);
/* @nl may be NULL. */
void nfp_nl_close(struct nfp_nl *nl);
/* Readable when a message waits. Borrowed. */
int nfp_nl_fd(const struct nfp_nl *nl);

/*
 * Sends @msg and waits for its acknowledgement; nfp_nl_next returns the answers. The format
 * completes "cannot ..". The kernel makes a change inside the sending system call, so that the
 * deadline bounds only the wait for the answer.
 *
 * -NFP_ENOANSWER: the answer could not be received, or did not come in time.
 *
 * A message with NLM_F_DUMP is a dump. If its subject changes meanwhile (NLM_F_DUMP_INTR, ENOBUFS),
 * the dump is repeated, up to five times in all; then -EAGAIN.
 */
int nfp_nl_talk(struct nfp_nl *nl, struct nlmsghdr *msg, struct nfp_err *err, const char *what, ...)
	NFP_PRINTF(4, 5);

/*
 * Reads every waiting notification, for nfp_nl_next. Never blocks. 0, or 1 if notifications were
 * lost (ENOBUFS): read the state again. -errno of the socket.
 */
int nfp_nl_drain(struct nfp_nl *nl, struct nfp_err *err);

/*
 * Returns the message after @nlh (NULL: the first) of those that the last nfp_nl_talk or
 * nfp_nl_drain of this socket has read, of @type (0: any). NULL: there is no other. It is whole,
 * and valid until the next of these calls.
 */
const struct nlmsghdr *nfp_nl_next(const struct nfp_nl *nl, const struct nlmsghdr *nlh,
				   uint16_t type);

/*
 * attr: walks netlink attributes within a known number of bytes, and trusts no length in them.
 */

struct nfp_attrs {
	const char *at;
	size_t left;
};

/* Walks the attributes after @skip bytes (aligned up) of a message's payload. */
struct nfp_attrs nfp_attrs_of(const struct nlmsghdr *nlh, size_t skip);
/* Walks the attributes inside @nest. */
struct nfp_attrs nfp_attrs_in(const struct nlattr *nest);
/* Returns the next attribute that is complete; NULL at the end. */
const struct nlattr *nfp_attrs_next(struct nfp_attrs *it);

/* Sets table[type] to the last attribute of each type below @num, or NULL. */
void nfp_attrs_table(struct nfp_attrs it, const struct nlattr **table, size_t num);

/*
 * Copies the payload of @attr. False, with the output untouched, if @attr is NULL or the payload is
 * shorter than @size (exact: or longer).
 */
bool nfp_attr_get(const struct nlattr *attr, void *value, size_t size);
bool nfp_attr_exact(const struct nlattr *attr, void *value, size_t size);
/*
 * Copies a string, cut to @size - 1 bytes. It need not be terminated in the message. If @attr is
 * NULL, @buf is untouched.
 */
void nfp_attr_str(const struct nlattr *attr, char *buf, size_t size);

/*
 * links: netdevs of one network namespace, by RTM_GETLINK.
 *
 * Parsed over libmnl: libnl-route 3.7 has no accessors for IFLA_XDP and for a master's kind, and
 * always requests the VFs of every PF with their statistics.
 */

/* MAX_PHYS_ITEM_ID_LEN, include/linux/netdevice.h */
#define NFP_PHYS_ID_LEN 32

/* A hardware id, which several netdevs may have; len 0: the driver does not report it. */
struct nfp_phys_id {
	uint8_t len; /* bytes */
	uint8_t b[NFP_PHYS_ID_LEN];
};

/* The settings of a bridge for one of its ports. All false is a new port. */
struct nfp_bridge_port {
	bool known;	      /* it is a port, and the kernel says so */
	uint8_t state;	      /* BR_STATE_*, include/uapi/linux/if_bridge.h */
	uint8_t mcast_router; /* MDB_RTR_TYPE_*: 2: it gets all groups */
	bool no_flood, no_mcast_flood,
		no_bcast_flood; /* it gets only frames for stations that it is known to have */
	bool no_learning;	/* it learns from no frame */
	bool proxy_arp;		/* nothing is flooded to it */
	bool isolated;		/* isolated from other isolated ports */
	bool locked;		/* only addresses that the bridge has there may send */
};

/* Bits: the tables of netfilter that frames between the ports of a bridge pass. */
enum nfp_netfilter { NFP_NF_IPTABLES = 1, NFP_NF_IP6TABLES = 2, NFP_NF_ARPTABLES = 4 };

/* The settings of a bridge for all its ports. */
struct nfp_bridge {
	bool known;
	bool stp;
	unsigned int stp_delay_ms; /* how long a new port waits until it forwards */
	bool snoops;
	/* Somebody queries the groups of IPv6, so that snooping is in force; since Linux 5.15
	 * (br_multicast_dump_querier_state in net/bridge/br_multicast.c). */
	bool has_querier;
	bool querier_told;	/* the kernel has said something of queriers */
	bool querier_unknown;	/* by nfp_queriers_settle: this kernel never does */
	unsigned int netfilter; /* tables of this bridge, apart from those of all bridges in the
				   namespace */
};

/* A netdev of our own namespace. */
struct nfp_link {
	int ifindex;
	char ifname[NFP_IFNAMSIZ];
	struct nfp_mac address;
	unsigned int flags; /* IFF_* */
	uint16_t type;	    /* ARPHRD_*, include/uapi/linux/if_arp.h */
	bool carrier;
	int link;	    /* ifindex of the lower device, 0: none */
	int link_elsewhere; /* the same, if that is in another namespace: */
	int link_nsid;	    /* and our number for that namespace */
	int master;	    /* ifindex, 0: none */
	char kind[16];	    /* of rtnl_link_ops: vlan, bridge, macvlan, ...; empty: a device */
	char master_kind[16];
	uint16_t vlan_id; /* kind vlan */
	/* The EtherType of its tags, for kind vlan or bridge; host byte order, 0: the kernel does
	 * not report it. */
	uint16_t vlan_proto;
	bool vlan_filtering;   /* kind bridge */
	uint16_t default_pvid; /* kind bridge: the PVID of a new port; 0: none */
	struct nfp_bridge bridge;
	struct nfp_bridge_port port;
	bool have_ageing; /* kind bridge: how long it remembers a silent station */
	unsigned int ageing_ms;
	bool passthru; /* kind macvlan or macvtap: in passthru mode */
	bool bridging; /* kind macvlan or macvtap: in bridge mode */
	bool deaf;     /* kind macvtap: does not pass the groups of its guest, as far as is known */
	bool bond_backup; /* a bond's member: not in use now */
	/* The bond is in mode active-backup, and its members have one address. */
	bool bond_of_one_address;
	char bond_mode[16]; /* kind bond */
	/* The mode again, if the switch chooses the member: "802.3ad", "balance-xor", "balance-rr",
	 * "broadcast". Empty: each member is a port of its own to the switch. */
	char lag[16];
	/* The ifindex of the bond's active member; 0: none, or its mode has none. In balance-tlb
	 * and balance-alb, bond_backup says nothing of it. */
	int bond_active;
	/* The bond's ARP monitor takes any frame at the active member (at another member) as a sign
	 * that the path to the network works. */
	bool any_frame_lives[2];
	/* the bond also takes what comes in at inactive members (all_slaves_active) */
	bool bond_takes_all;
	unsigned int mtu;	  /* bytes */
	unsigned int promiscuity; /* how many users want it (IFLA_PROMISCUITY) */
	/* How many users want all multicast (IFLA_ALLMULTI, since Linux 6.0; before that 1 if a
	 * user of ip link does, and nobody else is known). */
	unsigned int allmulti;
	uint8_t xdp; /* the mode in which a program is attached, XDP_ATTACHED_* in if_link.h; 0:
			none */
	uint32_t xdp_program;		   /* its number; 0: none, or several */
	bool has_address;		   /* it has an IP address other than a link-local one */
	struct nfp_phys_id phys_port_id;   /* of the port of the NIC (IFLA_PHYS_PORT_ID) */
	struct nfp_phys_id phys_switch_id; /* of the NIC (IFLA_PHYS_SWITCH_ID) */
	char phys_port_name[NFP_IFNAMSIZ]; /* within that NIC, such as p0 or pf0vf3 */
	bool physical;			   /* has a parent device */
	char parentdev[NFP_TEXT_LEN];	   /* basename of device/, e.g. 0000:01:00.0 */
	char physfn[NFP_TEXT_LEN];	   /* a VF's: the device of its PF; else empty */
};

/*
 * Pure. Reads RTM_NEWLINK or RTM_DELLINK into *ret_link. Members from sysfs (physical, physfn) and
 * from RTM_GETADDR (has_address) stay zero. -EBADMSG: the message has no struct ifinfomsg or no
 * name.
 */
int nfp_link_parse(const struct nlmsghdr *nlh, struct nfp_link *ret_link);

/*
 * Could @link belong to @parentdev? False if the kernel says (since Linux 5.14) that it is of
 * another device: another netdev may have got the name since it was looked up. Pure.
 */
bool nfp_link_may_be_of(const struct nfp_link *link, const char *parentdev);

/* Returns NULL for Ethernet, else "InfiniBand" or "not Ethernet". Pure. */
const char *nfp_link_other_medium(const struct nfp_link *link);

/* Reads one link. -ENODEV: there is none. */
int nfp_link_by_ifindex(struct nfp_nl *nl, int ifindex, struct nfp_link *ret_link,
			struct nfp_err *err);
int nfp_link_by_altname(struct nfp_nl *nl, const char *altname, struct nfp_link *ret_link,
			struct nfp_err *err);
int nfp_link_by_name(struct nfp_nl *nl, const char *ifname, struct nfp_link *ret_link,
		     struct nfp_err *err);

/*
 * rtset: single changes to links, VFs and the FDB, each one request with its acknowledgement.
 *
 * The caller journals, retries and reads back. Each returns 0 or -errno with the kernel's sentence.
 * @nl is a NETLINK_ROUTE socket in the namespace of the device. Attribute layouts:
 * include/uapi/linux/if_link.h, neighbour.h.
 */

/* ifindex selects the device; ifname (may be NULL) is only for messages. */
struct nfp_rt_dev {
	int ifindex;
	const char *ifname;
};

/* VF attributes as the PF's driver reports them (IFLA_VF_*, include/uapi/linux/if_link.h). */
struct nfp_vf_attr {
	unsigned int vf;
	struct nfp_mac mac;
	struct nfp_vlan vlan;
	int spoofchk;	      /* 0, 1, -1: the driver does not report it */
	int trust;	      /* likewise */
	int link_state;	      /* IFLA_VF_LINK_STATE_*: 0 auto, 1 enable, 2 disable, -1 */
	int rss_query;	      /* may the VF query the RSS table? 0, 1, -1 */
	uint32_t min_tx_rate; /* Mbit/s, 0: no limit */
	uint32_t max_tx_rate; /* likewise */
	bool have_mac;	      /* the driver reported this VF at all */
	/* The driver never reports VFs: without ndo_get_vf_config there is no IFLA_VFINFO_LIST,
	 * while a VF that is in reset is only missing in the list (rtnl_fill_vf). */
	bool never_reported;
};

/* The attributes that are set and compared. NFP_VF_ATTR_BIT(id) makes a mask of them. */
enum nfp_vf_attr_id {
	NFP_VF_ATTR_MAC,
	NFP_VF_ATTR_VLAN,
	NFP_VF_ATTR_SPOOFCHK,
	NFP_VF_ATTR_TRUST,
	NFP_VF_ATTR_STATE,
	NFP_VF_ATTR_RSS_QUERY,
	NFP_VF_ATTR_RATE,
	NFP_VF_ATTR_COUNT,
};
#define NFP_VF_ATTR_BIT(id) (1U << (unsigned int)(id))
#define NFP_VF_ATTR_TEXT    48

/*
 * Sets attribute @id of VF attr->vf through the PF: one attribute per request, so that a driver
 * that refuses one does not refuse another with it. A VLAN with vid 0 removes it; proto 0 is
 * 802.1Q. If the driver refuses an address, @err gets a hint.
 */
int nfp_rt_vf_set(struct nfp_nl *nl, const struct nfp_rt_dev *pf, const struct nfp_vf_attr *attr,
		  enum nfp_vf_attr_id id, struct nfp_err *err);

int nfp_rt_link_set_up(struct nfp_nl *nl, const struct nfp_rt_dev *dev, bool up,
		       struct nfp_err *err);
/*
 * Renames a netdev. Linux before 6.2 (bd039b5ea2a9) refuses that with EBUSY while it is up, so that
 * it is set down meanwhile. -EEXIST: the name is taken.
 */
int nfp_rt_link_rename(struct nfp_nl *nl, const struct nfp_rt_dev *dev, const char *ifname,
		       struct nfp_err *err);
int nfp_rt_link_address(struct nfp_nl *nl, const struct nfp_rt_dev *dev, const struct nfp_mac *mac,
			struct nfp_err *err);
/*
 * Moves a netdev, which goes down, into the namespace @netns_fd, and calls it @ifname there. It
 * keeps its ifindex if that is free. -EEXIST: the name is taken there, and the netdev keeps its own
 * (do_setlink renames what __dev_change_net_namespace has moved); if that is taken as well, it is
 * not moved.
 */
int nfp_rt_link_move(struct nfp_nl *nl, const struct nfp_rt_dev *dev, int netns_fd,
		     const char *ifname, struct nfp_err *err);
int nfp_rt_link_delete(struct nfp_nl *nl, const struct nfp_rt_dev *dev, struct nfp_err *err);

/* An entry of a neighbour table, or (family AF_BRIDGE) of an FDB. */
struct nfp_neigh {
	uint8_t family, flags; /* NTF_* */
	uint16_t state;	       /* NUD_* */
	int ifindex;
	int master; /* the bridge, 0: none */
	bool have_mac, have_dst;
	struct nfp_mac mac;
	uint8_t dst[16];  /* of AF_INET (4 bytes) and AF_INET6, in network byte order */
	uint16_t vlan;	  /* of an FDB that has VLANs; 0: none */
	uint32_t seen_cs; /* in an FDB: how long ago it was last learned, in hundredths of a second
			   */
};
/* Pure. False: not a complete RTM_NEWNEIGH. */
bool nfp_neigh_parse(const struct nlmsghdr *nlh, struct nfp_neigh *ret_neigh);
/* Is it an entry of the filter of that netdev? Pure. */
bool nfp_neigh_in_filter(const struct nfp_neigh *neigh, int ifindex);
/* Asks for all entries of AF_BRIDGE, of AF_INET, or of AF_UNSPEC (IPv4 and IPv6, but no FDB), which
 * nfp_nl_next returns one by one. 0 or -errno. */
int nfp_neigh_dump(struct nfp_nl *nl, uint8_t family, struct nfp_err *err);

/* A VLAN of a bridge port, or of the bridge itself. */
struct nfp_port_vlan {
	int ifindex;
	uint16_t vid;
	bool untagged; /* it leaves the port without a tag */
	bool pvid;     /* it is the VLAN of frames that come to the port without a tag */
};
/* Does the port have this VLAN? 1, 0 or -errno. */
int nfp_rt_port_has_vlan(struct nfp_nl *nl, int ifindex, uint16_t vid, struct nfp_err *err);

/* The table that has an FDB entry. */
enum nfp_rt_fdb {
	NFP_RT_FDB_SELF,   /* the netdev's own unicast list */
	NFP_RT_FDB_MASTER, /* the FDB of the bridge that has the netdev as a port */
};
/*
 * Adds an entry to the FDB of the bridge that has @port, or deletes it. -EEXIST: it is there
 * already; -ENOENT: it is not; -EOPNOTSUPP: @port is no port.
 */
int nfp_rt_port_fdb_set(struct nfp_nl *nl, const struct nfp_rt_dev *port, const struct nfp_mac *mac,
			bool add, struct nfp_err *err);

/*
 * Is there such an entry, whoever added it? In a bridge, entries that age do not count. In a
 * netdev, only entries of its unicast list count, which ndo_dflt_fdb_dump (net/core/rtnetlink.c)
 * calls permanent: the dump of a driver with a switch also has what that has learned.
 */
int nfp_rt_fdb_has(struct nfp_nl *nl, const struct nfp_rt_dev *dev, enum nfp_rt_fdb where,
		   const struct nfp_mac *mac, bool *ret_has, struct nfp_err *err);

/*
 * Adds a child of @lower, a netdev of the socket's namespace, directly in the namespace @netns_fd,
 * where *ret_ifindex (may be NULL) is its ifindex. It is down; set it up through @there, a socket
 * in that namespace. -EEXIST: the name is taken, or @lower already has a VLAN child with that VID,
 * in any namespace.
 */
int nfp_rt_add_vlan(struct nfp_nl *nl, const struct nfp_rt_dev *lower, const char *ifname,
		    const struct nfp_vlan *vlan, struct nfp_nl *there, int netns_fd,
		    int *ret_ifindex, struct nfp_err *err);
/* @mac NULL: the kernel chooses a random one. */
int nfp_rt_add_macvlan(struct nfp_nl *nl, const struct nfp_rt_dev *lower, const char *ifname,
		       const struct nfp_mac *mac, struct nfp_nl *there, int netns_fd,
		       int *ret_ifindex, struct nfp_err *err);

/*
 * Does @lower have a netdev for 802.1Q VLAN @vid, in any network namespace? 1, 0 or -errno. Asks
 * for one with an MTU that no netdev has: vlan_newlink refuses a second netdev for the VLAN before
 * it looks at the MTU, so that none is made, and nothing is registered with the NIC.
 */
int nfp_rt_has_vlan(struct nfp_nl *nl, const struct nfp_rt_dev *lower, uint16_t vid,
		    struct nfp_err *err);

/* For messages. */
static inline const char *nfp_rt_name(const struct nfp_rt_dev *dev)
{
	return dev->ifname && dev->ifname[0] ? dev->ifname : "the netdev";
}

/*
 * vfinfo: VF attributes as the PF's driver reports them (IFLA_VFINFO_LIST).
 *
 * net/core/rtnetlink.c nests one IFLA_VF_INFO per VF in IFLA_VFINFO_LIST, whose length has 16 bits.
 * With more than about 220 VFs the length wraps, although the message has all entries (seen with
 * Linux 6.12). Later kernels may answer EMSGSIZE instead.
 *
 * With RTEXT_FILTER_VF, rtnl_fill_vf calls ndo_get_vf_config for every VF of the PF, under RTNL; no
 * request is for fewer (RTEXT_FILTER_SKIP_STATS only spares ndo_get_vf_stats). Some drivers ask
 * their firmware about each. Meanwhile nothing else of this host's network can be configured. So
 * every caller of these functions says why it must look, and all other requests for links go
 * without RTEXT_FILTER_VF.
 */

#define NFP_VF_ATTR_UNKNOWN                                                    \
	{                                                                      \
		.spoofchk = -1, .trust = -1, .link_state = -1, .rss_query = -1 \
	}

/* Returns its name in messages and in the journal: "address", "VLAN", "spoofchk". */
const char *nfp_vf_attr_name(enum nfp_vf_attr_id id);
/* Writes its value ("none", "on", "100, qos 1"). Returns @buf. */
const char *nfp_vf_attr_text(const struct nfp_vf_attr *attr, enum nfp_vf_attr_id id,
			     char buf[NFP_VF_ATTR_TEXT]);
/* Returns the member of an attribute that is a switch (-1: not reported). NULL: @id is none. */
int *nfp_vf_attr_switch(struct nfp_vf_attr *attr, enum nfp_vf_attr_id id);
bool nfp_vlan_equal(const struct nfp_vlan *a, const struct nfp_vlan *b);
/*
 * Returns a mask of the attributes in which two reports differ. An attribute that is missing in a
 * report does not differ; none does if a report lacks the VF (have_mac).
 */
uint32_t nfp_vf_attr_differ(const struct nfp_vf_attr *a, const struct nfp_vf_attr *b);

/* Reads all VFs of a PF. -EMSGSIZE: the kernel cannot list so many. */
int nfp_vf_attrs_read(struct nfp_nl *nl, const struct nfp_rt_dev *pf,
		      struct nfp_vf_attr **ret_attrs, size_t *ret_num, struct nfp_err *err);

/*
 * Reads one VF. -ENODEV: the PF has no such VF; -ENODATA: its driver does not report it, and
 * ret_attr->never_reported tells whether it ever does.
 */
int nfp_vf_attr_read(struct nfp_nl *nl, const struct nfp_rt_dev *pf, unsigned int vf,
		     struct nfp_vf_attr *ret_attr, struct nfp_err *err);

/*
 * neighbours: the IPv4 neighbours of netdevs of this namespace: default gateways from the routes,
 * others from the neighbour table (RTM_GETROUTE, RTM_GETNEIGH;
 * include/uapi/linux/{rtnetlink,neighbour}.h). Only reads.
 */

struct nfp_neighbour {
	struct nfp_ipv4 ip;
	bool gateway;
	bool have_mac; /* the kernel has an address for it, and nothing against it */
	struct nfp_mac mac;
};

/* At most so many are kept; gateways come first. */
#define NFP_NEIGHBOURS_MAX 16

struct nfp_neighbours {
	int ifindex[8]; /* set by the caller: the netdevs; 0: unused */
	struct nfp_neighbour v[NFP_NEIGHBOURS_MAX];
	size_t n;
};

/* Fills v and n for the netdevs in ifindex. 0 or -errno. */
int nfp_neighbours_read(struct nfp_nl *nl, struct nfp_neighbours *neighbours, struct nfp_err *err);

/* ethtool: driver and firmware of a netdev, by ethtool and devlink, and its eswitch mode. */

/* Is a feature (by its name in `ethtool -k`) active (ETHTOOL_GFEATURES), and, if @changeable, not
 * fixed? False if unknown. */
bool nfp_ethtool_feature(const char *ifname, const char *name, bool changeable);

/* Is it an error of memory or descriptors, which says nothing about the setting? */
static inline bool nfp_is_out_of_resources(int ret)
{
	return ret == -ENOMEM || ret == -ENFILE || ret == -EMFILE;
}

/* Returns how many rules of the netdev steer received frames (ethtool -N); 0 also if the driver has
 * none to show. -errno for want of memory or descriptors. */
int nfp_ethtool_rules(const char *ifname);

#endif
