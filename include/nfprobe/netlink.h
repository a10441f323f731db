/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netlink.h - the kernel by netlink and ethtool: links, VF attributes, FDB entries, neighbours. */
#ifndef NFPROBE_NETLINK_H
#define NFPROBE_NETLINK_H

#include <errno.h>
#include <jansson.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>

#include "nfprobe/base.h"
#include "nfprobe/result.h"
#include "nfprobe/sources.h"

/*
 * netlink: talk to the kernel: one request and its acknowledgement, dumps, notifications.
 *
 * Made with libmnl and not libnl because a driver's refusal is this program's subject: the
 * extended acknowledgement (NETLINK_EXT_ACK, Documentation/userspace-api/netlink/intro.rst) carries
 * the kernel's own sentence, which libnl drops, and libnl folds several errnos into one.
 *
 * Every failing function returns -errno, sets err->errnum, and words the message as
 * "cannot <what>: <words of errno>: <the kernel's sentence>", the last part where there is one.
 * The code is NFP_E_PERMISSION for EPERM and EACCES, else NFP_E_KERNEL. A struct nfp_nl is used by
 * one thread at a time.
 */

#define NFP_NL_SENTENCE	   256	 /* longest sentence of the kernel that is kept */
#define NFP_NL_DEADLINE_MS 10000 /* for an answer; the RTNL lock can be held for seconds */

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
 * NLM_F_REQUEST is always set. Attributes follow by mnl_attr_put_*_check(&msg->head,
 * sizeof(msg->room), ..).
 */
void nfp_nl_msg_init(struct nfp_nl_msg *msg, uint16_t type, uint16_t flags, const void *extra,
		     size_t extra_len);

/*
 * Where answers go. message is called for each message that the kernel sent (never for others'),
 * and returns 0 or -errno, which ends the exchange and is returned. restart (may be NULL) says that
 * a dump begins anew: forget what was collected.
 */
struct nfp_nl_sink {
	int (*message)(const struct nlmsghdr *nlh, void *ctx);
	void (*restart)(void *ctx);
	void *ctx;
};

/* What an acknowledgement says. */
struct nfp_nl_ack {
	int error; /* 0 or -errno */
	char sentence[NFP_NL_SENTENCE];
};

/*
 * Opens a socket of @protocol (NETLINK_ROUTE, NETLINK_GENERIC) in the network namespace @netns_fd
 * (-1: the caller's; needs CAP_SYS_ADMIN otherwise). The calling thread's namespace is not changed.
 */
int nfp_nl_open(int protocol, int netns_fd, struct nfp_nl **ret_nl, struct nfp_err *err);
/*
 * Opens a NETLINK_ROUTE socket that receives link notifications (RTNLGRP_LINK) of @netns_fd, for
 * nfp_nl_drain.
 */
int nfp_nl_open_notify(int netns_fd, struct nfp_nl **ret_nl, struct nfp_err *err);
/* NULL is nothing. */
void nfp_nl_close(struct nfp_nl *nl);
/* Readable when a message waits. Borrowed. */
int nfp_nl_fd(const struct nfp_nl *nl);

/*
 * Sends @msg, waits for its acknowledgement; answers before it go to @sink (NULL: dropped). The
 * format says what is being done, as the end of "cannot ..". A request that changes something is
 * carried out inside the sending system call, so the deadline bounds only the answer.
 *
 * A message with NLM_F_DUMP is a dump. If what is dumped changes meanwhile (NLM_F_DUMP_INTR,
 * ENOBUFS) the dump is repeated, up to five times in all; then -EAGAIN.
 */
int nfp_nl_talk(struct nfp_nl *nl, struct nlmsghdr *msg, const struct nfp_nl_sink *sink,
		struct nfp_err *err, const char *what, ...) __attribute__((format(printf, 5, 6)));

/*
 * Hands every notification that waits to @sink; never blocks. 0, or 1 when notifications were lost
 * (ENOBUFS): read the state afresh. -errno of the socket or of sink->message.
 */
int nfp_nl_drain(struct nfp_nl *nl, const struct nfp_nl_sink *sink, struct nfp_err *err);

/*
 * Pure: reads an NLMSG_ERROR or NLMSG_DONE message of nlh->nlmsg_len bytes. 0, or -EBADMSG when it
 * is too short for what it must hold. Control characters in the sentence become spaces.
 */
int nfp_nl_parse_ack(const struct nlmsghdr *nlh, struct nfp_nl_ack *ret_ack);

/* Resolves a generic netlink family. -ENOENT when the kernel has none of this name. */
int nfp_nl_genl_family(struct nfp_nl *nl, const char *name, uint16_t *ret_id, struct nfp_err *err);

/*
 * attr: walk netlink attributes within a known number of bytes, trusting no length in them.
 */

struct nfp_attrs {
	const char *at;
	size_t left;
};

/* The attributes behind @skip bytes (aligned up) of a message's payload. */
struct nfp_attrs nfp_attrs_of(const struct nlmsghdr *nlh, size_t skip);
/* The attributes inside @nest. */
struct nfp_attrs nfp_attrs_in(const struct nlattr *nest);
/* The next attribute that lies wholly within what is left; NULL at the end. */
const struct nlattr *nfp_attrs_next(struct nfp_attrs *it);

/* table[type] is the last attribute of each type below @num, or NULL. */
void nfp_attrs_table(struct nfp_attrs it, const struct nlattr **table, size_t num);

/*
 * Of @attr, or of none (NULL). The output is left alone and false is returned where there is no
 * attribute or its payload is shorter than @size (exact: or longer).
 */
bool nfp_attr_get(const struct nlattr *attr, void *value, size_t size);
bool nfp_attr_exact(const struct nlattr *attr, void *value, size_t size);
/* A string cut to @size - 1 bytes; it need not be terminated in the message. NULL: left alone. */
void nfp_attr_str(const struct nlattr *attr, char *buf, size_t size);

/*
 * links: netdevs of one network namespace, by RTM_GETLINK.
 *
 * Read by an own parser over libmnl: libnl-route 3.7 has no accessors for IFLA_XDP and for the
 * kind of a master, and always asks for the VFs of every PF along with their statistics.
 */

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
	unsigned int flags; /* IFF_* */
	bool carrier;
	int link;      /* ifindex of the lower device, 0: none */
	int master;    /* ifindex, 0: none */
	char kind[16]; /* of rtnl_link_ops: vlan, bridge, macvlan, ...; empty: hardware */
	char master_kind[16];
	uint16_t vlan_id;    /* of kind vlan */
	uint16_t vlan_proto; /* of kind vlan; host byte order, 0 where the kernel does not say */
	bool passthru;	     /* of kind macvlan or macvtap: it has the whole lower netdev */
	unsigned int mtu;    /* bytes */
	unsigned int promiscuity; /* how many want it so (IFLA_PROMISCUITY) */
	bool xdp;		  /* a program is attached */
	uint8_t xdp_attached;	  /* XDP_ATTACHED_*, include/uapi/linux/if_link.h: in which mode */
	bool has_address;	  /* an IP address other than IPv6 link local */
	struct nfp_phys_id phys_port_id;   /* of the port of the NIC (IFLA_PHYS_PORT_ID) */
	struct nfp_phys_id phys_switch_id; /* of the NIC (IFLA_PHYS_SWITCH_ID) */
	char phys_port_name[NFP_IFNAMSIZ]; /* within the latter: p0, pf0vf3, .. */
	bool physical;			   /* has a parent device */
	char parentdev[NFP_TEXT];	   /* basename of device/, e.g. 0000:01:00.0 */
	char physfn[NFP_TEXT];		   /* of a VF: its PF's device; else empty */
};

/*
 * Pure. Reads RTM_NEWLINK (or RTM_DELLINK) into *ret_link; what comes from sysfs (physical, physfn)
 * and from RTM_GETADDR (has_address) stays zero. -EBADMSG for a message without a struct ifinfomsg
 * or without a name.
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
 * Adds what sysfs knows of each netdev of this namespace: physical, parentdev, physfn. What it does
 * not know stays as it is.
 */
void nfp_links_sysfs(const struct nfp_sysroot *root, struct nfp_link *links, size_t num);

/*
 * rtset: single changes to links, VFs and the FDB, each one request with its acknowledgement.
 *
 * Nothing is journalled, retried or read back here: that is the caller's. All return 0 or -errno
 * with the kernel's sentence (netlink.h). @nl is a NETLINK_ROUTE socket in the namespace of the
 * device. Attribute layouts: include/uapi/linux/if_link.h, neighbour.h.
 */

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
/*
 * Moves a netdev (which goes down) into the namespace @netns_fd, as @ifname there (NULL: as it is
 * called; "dev%d" is taken by the kernel where that name exists already). Its ifindex is kept where
 * it is free there.
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
	uint8_t dst[16]; /* of AF_INET (4 bytes) and AF_INET6 */
};
/* Pure. False: not a whole RTM_NEWNEIGH. */
bool nfp_neigh_parse(const struct nlmsghdr *nlh, struct nfp_neigh *ret_neigh);
/* All entries: of AF_BRIDGE, of AF_INET, or of AF_UNSPEC (which has both IPs, and no FDB). */
int nfp_neigh_dump(struct nfp_nl *nl, uint8_t family, const struct nfp_nl_sink *sink,
		   struct nfp_err *err);

/* Where an FDB entry goes. */
enum nfp_rt_fdb {
	NFP_RT_FDB_SELF,   /* `bridge fdb .. self permanent`: the netdev's own unicast filter */
	NFP_RT_FDB_MASTER, /* `bridge fdb .. master static`: the FDB of the bridge it is a port of
			    */
};
/*
 * Adds or deletes an entry. -EEXIST: it is there already; -ENOENT: it is not; -EOPNOTSUPP: the
 * driver has no such filter.
 */
int nfp_rt_fdb_set(struct nfp_nl *nl, const struct nfp_rt_dev *dev, enum nfp_rt_fdb where,
		   const struct nfp_mac *mac, bool add, struct nfp_err *err);

/* Is it there, by whomever? Of a bridge only entries that do not age count. */
int nfp_rt_fdb_has(struct nfp_nl *nl, const struct nfp_rt_dev *dev, enum nfp_rt_fdb where,
		   const struct nfp_mac *mac, bool *ret_has, struct nfp_err *err);

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
		       const struct nfp_mac *mac, int netns_fd, int *ret_ifindex,
		       struct nfp_err *err);

/* For a sentence. */
static inline const char *nfp_rt_name(const struct nfp_rt_dev *dev)
{
	return dev->ifname && dev->ifname[0] ? dev->ifname : "the netdev";
}

/*
 * vfinfo: VF attributes as the PF's driver reports them (IFLA_VFINFO_LIST).
 *
 * net/core/rtnetlink.c nests one IFLA_VF_INFO a VF in IFLA_VFINFO_LIST, whose length has 16 bits.
 * With more than about 220 VFs it wraps, while all entries are in the message (seen with Linux
 * 6.12); later kernels may answer EMSGSIZE instead.
 */

/* VF attributes as the PF's driver reports them (IFLA_VF_*, include/uapi/linux/if_link.h). */
struct nfp_vf_attr {
	unsigned int vf;
	struct nfp_mac mac;
	struct nfp_vlan vlan;
	int spoofchk;			 /* 0, 1, -1: the driver does not say */
	int trust;			 /* likewise */
	int link_state;			 /* IFLA_VF_LINK_STATE_*: 0 auto, 1 enable, 2 disable, -1 */
	int rss_query;			 /* may the VF query the RSS table? 0, 1, -1 */
	uint32_t min_tx_rate;		 /* Mbit/s, 0: no limit */
	uint32_t max_tx_rate;		 /* likewise */
	bool have_mac;			 /* the driver answered for this VF at all */
	struct nfp_vf_received received; /* zeros unless statistics were asked for */
};

/*
 * Pure. Reads an RTM_NEWLINK that was asked for with RTEXT_FILTER_VF into an array of IFLA_NUM_VF
 * elements, (*ret_attrs)[i] being VF i; the caller frees it (NULL for no VFs). A VF that the
 * message does not describe has have_mac false. No length in the message is trusted. -EBADMSG: no
 * link message; -E2BIG: more than NFP_VF_MAX VFs.
 */
int nfp_vfinfo_parse(const struct nlmsghdr *nlh, struct nfp_vf_attr **ret_attrs, size_t *ret_num);

#define NFP_VF_ATTR_UNKNOWN                                                    \
	{                                                                      \
		.spoofchk = -1, .trust = -1, .link_state = -1, .rss_query = -1 \
	}

/* What a VF's attributes are compared by; a set of them is a mask of 1U << id. */
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

/* "address", "VLAN", "spoofchk": what a sentence and the journal call it. */
const char *nfp_vf_attr_name(enum nfp_vf_attr_id id);
/* Its value in words ("none", "on", "VLAN 100, qos 1"); returns @buf. */
const char *nfp_vf_attr_text(const struct nfp_vf_attr *attr, enum nfp_vf_attr_id id,
			     char buf[NFP_VF_ATTR_TEXT]);
/*
 * The attributes in which two reports differ, as a mask. One that either report does not tell does
 * not differ; neither does anything where one of them says nothing of the VF (have_mac).
 */
uint32_t nfp_vf_attr_differ(const struct nfp_vf_attr *a, const struct nfp_vf_attr *b);

/* All VFs of one PF, without their statistics. -EMSGSIZE: the kernel cannot list so many. */
int nfp_vf_attrs_read(struct nfp_nl *nl, const struct nfp_rt_dev *pf,
		      struct nfp_vf_attr **ret_attrs, size_t *ret_num, struct nfp_err *err);

/*
 * What one VF received, the statistics asked for as well: of all VFs, for the kernel knows no less,
 * and a driver may ask its firmware about each. Zeros where the driver does not count.
 */
int nfp_vf_received_read(struct nfp_nl *nl, const struct nfp_rt_dev *pf, unsigned int vf,
			 struct nfp_vf_received *ret_received, struct nfp_err *err);

/* One VF, afresh. -ENODEV: the PF has no such VF now; -ENODATA: its driver says nothing of it. */
int nfp_vf_attr_read(struct nfp_nl *nl, const struct nfp_rt_dev *pf, unsigned int vf,
		     struct nfp_vf_attr *ret_attr, struct nfp_err *err);

/*
 * neighbours: which IPv4 neighbours a netdev of this namespace has: default gateways by the
 * routes, others by the neighbour table (RTM_GETROUTE, RTM_GETNEIGH;
 * include/uapi/linux/{rtnetlink,neighbour}.h). Read, never changed.
 */

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

/*
 * Pure. Adds what one RTM_NEWROUTE or RTM_NEWNEIGH says to @neighbours, a struct nfp_neighbours;
 * ignores other messages. Returns 0.
 */
int nfp_neighbours_parse(const struct nlmsghdr *nlh, void *neighbours);

/* ethtool: driver and firmware of a netdev, by ethtool and devlink, and its eswitch mode. */

/*
 * ETHTOOL_GDRVINFO (include/uapi/linux/ethtool.h): fills driver, driver_version and firmware of
 * @info; "N/A" becomes empty. 0 or -errno, with nothing filled.
 */
int nfp_ethtool_drvinfo(const char *ifname, struct nfp_pf_info *info);

/* Is a feature, named as `ethtool -k` names it, on (ETHTOOL_GFEATURES)? False where it is unknown.
 */
bool nfp_ethtool_feature(const char *ifname, const char *name);

/*
 * DEVLINK_CMD_ESWITCH_GET of a device: fills eswitch_mode of @info with "legacy", "switchdev", or
 * "" if the kernel or the device has no devlink, or the driver no eswitch modes. -errno as the
 * kernel or the driver answered; -EPERM comes from the kernel if the caller lacks CAP_NET_ADMIN.
 */
int nfp_devlink_eswitch(const char *bus, const char *parentdev, struct nfp_pf_info *info,
			struct nfp_err *err);

/*
 * DEVLINK_CMD_INFO_GET (Documentation/networking/devlink/devlink-info.rst): fills the versions of
 * @info, none where there is no devlink, and `firmware` by the running one.
 */
int nfp_devlink_firmware(const char *bus, const char *parentdev, struct nfp_pf_info *info,
			 struct nfp_err *err);
/* Pure: adds the versions of an answer to @info, a struct nfp_pf_info, as many as fit. Returns 0.
 */
int nfp_devlink_parse_info(const struct nlmsghdr *nlh, void *info);
/* Pure: makes the running version, unless it is in there, the firmware of @info. */
void nfp_devlink_name_firmware(struct nfp_pf_info *info);

/*
 * Pure: sets eswitch_mode of @info, a struct nfp_pf_info, by an answer. An unknown mode becomes
 * "mode <number>", none "". -EBADMSG.
 */
int nfp_devlink_parse_eswitch(const struct nlmsghdr *nlh, void *info);

#define NFP_SETTING_LEN 512 /* of a value, with its NUL; a longer one is not read */

/* Memory and descriptors that run out say nothing of what was asked for. */
static inline bool nfp_settings_is_lack(int ret)
{
	return ret == -ENOMEM || ret == -ENFILE || ret == -EMFILE;
}

/* Settings of a netdev that are lost when its driver is bound anew (apply.h): those that ethtool
 * has. */
#define NFP_SETTING_RULES "ethtool -N"
int nfp_ethtool_read(const char *ifname, json_t *settings);
int nfp_ethtool_put(const char *ifname, const char *name, const char *value);

#endif
