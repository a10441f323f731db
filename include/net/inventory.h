/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inventory.h - reads the SR-IOV PFs and VFs of this host and who uses each; changes nothing.
 *
 * Links, addresses and VF attributes come from netlink, devices from sysfs, users from procfs,
 * driver and firmware from the ethtool ioctl, eswitch mode and firmware versions from devlink.
 */
#ifndef NFPROBE_INVENTORY_H
#define NFPROBE_INVENTORY_H

#include <sys/types.h>

#include "net/netlink.h"

#define NFP_USER_LEN 256

/*
 * The proofs that a VF is in use, the weakest first. A process can prove nothing about anybody
 * else: QEMU can rewrite its arguments once its guest has broken out of it, and a stopped setuid
 * program has those of whoever has begun it.
 */
enum nfp_proof {
	NFP_PROOF_NONE,
	/* The arguments of a process, the address of a tap, which its owner sets, and a doubt about
	 * them or about the sockets of a netdev that is up. It refuses a run without --force, and
	 * stands in a note. It blocks no undo, and changes neither a finding nor a status. */
	NFP_SAID,
	/* By root: a name in libvirt's hostdevmgr, a macvtap with the VF's address. libvirt's pid
	 * files and states promise which process is a guest, and which guest it is, so that its
	 * words come before those of others; they promise nothing of what it says. As held, but an
	 * undo comes first. */
	NFP_PROMISED,
	/* The kernel shows it: a descriptor of vfio, a mapped register, a netdev elsewhere. It
	 * refuses a run, a change and an undo, and explains a finding. */
	NFP_HELD,
};

/* If a VF has several uses, the last in this order is reported. */
enum nfp_use {
	NFP_USE_UNSET,
	NFP_USE_IDLE,
	NFP_USE_NETDEV_UP, /* its netdev is up, with a socket or a route: refused unless --force */
	NFP_USE_RESERVED,  /* reserved for a guest, which has not taken it yet */
	NFP_USE_UNKNOWN,   /* its use could not be found out; counts as in use */
	NFP_USE_OTHER,	   /* uio, or a driver without netdev that something may hold */
	NFP_USE_NAMESPACE, /* its netdev is in another namespace */
	NFP_USE_NETDEV,	   /* its netdev has an address, a master, or a child */
	NFP_USE_VFIO,	   /* held open through vfio */
	NFP_USE_NOT_READ,  /* not looked for (nfp_topology_list) */
};

/* The relation of a run of nfprobe to a VF (nfp_runs_mark). */
enum nfp_trace {
	NFP_TRACE_NONE,
	NFP_TRACE_LEFT,	  /* an interrupted run has left it, not as it was */
	NFP_TRACE_PROBED, /* a run is probing it */
};

struct nfp_vf_info {
	unsigned int vf;
	char parentdev[NFP_TEXT_LEN];
	char bus[16];		   /* of the device, such as pci */
	char devpath[256];	   /* /sys/devices/... of the VF, resolved */
	char driver[NFP_TEXT_LEN]; /* empty: none is bound */
	char driver_override[NFP_TEXT_LEN];
	char ifname[NFP_IFNAMSIZ]; /* its netdev in this namespace, or empty */
	int ifindex;
	struct nfp_vf_attr attr;
	/* Its netdev here is up; or a guest, another namespace or a process has it, and its driver
	 * has made it a bus master. Set only for the PFs that are read in detail. */
	bool up;
	/* A process or a namespace has it, but it is no bus master, so that nobody uses it now.
	 * Known as @up is. */
	bool at_rest;
	enum nfp_use use;
	enum nfp_proof proof; /* of that use; NONE: it is idle, or was not looked at */
	/* Its user, as --list, refusals and the guard report it: "eth2 is up", "qemu (pid 7)
	 * holds it through vfio (group 12)". Empty only if it is idle. */
	char user[NFP_USER_LEN];
	/* A use that leaves it idle: a socket on it that needs no right, or, in an audit, one that
	 * is only said; or empty. */
	char note[NFP_USER_LEN];
	bool by_manager; /* its user is NetworkManager, which takes a netdev up again that is made
			    anew */
	bool only_away;	 /* its netdev is in another namespace, and nothing else was found */
	int user_pid;	 /* the process that holds it, or is to hold it; 0: not known */
	bool by_address; /* only a standby with its address shows that it is reserved */
	enum nfp_trace trace;
	/* Somebody has set what its netdev loses by a move (nfp_netdev_has_settings). Set only for
	 * idle VFs of the PF that a run is about. */
	bool has_settings;
};

struct nfp_pf {
	struct nfp_pf_info info;
	char devpath[256]; /* /sys/devices/... of the PF, resolved */
	char bus[16];	   /* of the device, such as pci */
	/* A clause: where its netdev is, or why it has none. Empty: it is in our own namespace. */
	char where[NFP_NOTE_LEN];
	bool away;	    /* its netdev is in another namespace */
	unsigned int flags; /* IFF_* */
	bool carrier;
	uint8_t xdp;	    /* as in struct nfp_link */
	int eswitch_errno;  /* errno: why its eswitch mode is unknown; 0: it is known */
	int versions_errno; /* errno: the same for driver_version, firmware and board_id */
	int attrs_errno;    /* errno: the same for the attributes of its VFs; those it has are then
			       unknown */
	char promisc_by[NFP_USER_LEN]; /* who made it promiscuous; empty: nobody */
	/* The ARP monitor of its bond takes the frames of a run for a sign of life. */
	bool any_frame_lives;
	bool bond_takes_all;		/* the bond takes all frames, as in struct nfp_link */
	char bond_port_of[16];		/* the kind of master, if its bond is a port itself */
	char on_ovs_with[NFP_IFNAMSIZ]; /* another NIC that is a port of the same Open vSwitch */
	struct nfp_vf_info *vfs;	/* owned */
	size_t num_vfs;
	uint64_t vfs_ns; /* how long the kernel took to report their attributes; 0: it was not asked
			  */
};

struct nfp_topology {
	const struct nfp_sysroot *root; /* borrowed: where the topology was read */
	struct nfp_pf *pfs;		/* owned, in the order of ifindex */
	size_t num_pfs;
	struct nfp_link *links; /* owned: all netdevs of our own namespace */
	size_t num_links;
	unsigned int
		netfilter;   /* the tables that frames of all bridges pass (enum nfp_netfilter) */
	int netfilter_errno; /* 0, or -errno: it was not read */
	struct nfp_strv warnings; /* what could not be read */
	/* Owned: which netdevs send by which device (nfp_sending_find). Only a run knows them. */
	struct nfp_sending {
		const struct nfp_link *link, *by;
	} * sending;
	size_t num_sending;
	/* Link notifications since before the topology was read: until one comes, no process has
	 * changed an attribute of a VF. Owned; NULL unless one PF was asked for. */
	struct nfp_nl *notify;
};

/*
 * Reads everything; @root must outlive the topology. @pf (NULL or empty: all): for other PFs the
 * attributes of VFs are not read, and their use is NFP_USE_UNKNOWN. 0, -ENODEV
 * (NFP_E_NO_INTERFACE), -ENOTSUP (NFP_E_NOT_PF: the netdev is not that of an SR-IOV PF), or another
 * -errno. A PF without VFs is no error here.
 */
int nfp_topology_read(const struct nfp_sysroot *root, const char *pf,
		      struct nfp_topology *ret_topology, struct nfp_err *err);
void nfp_topology_fini(struct nfp_topology *topology);

enum nfp_depth { NFP_READ_PFS, NFP_READ_VFS, NFP_READ_USERS };
/*
 * Reads for --list. @name: a netdev of a PF or of a VF, or the device of either (0000:01:10.6).
 * Empty: all PFs; those that have no netdev in our own namespace come last. *ret_pf is the number
 * of that PF in the topology, or -1. Without users it reads no procfs, so that one PF takes
 * milliseconds unless its driver asks the firmware about each VF; without VFs it does not. Users
 * that are not found until @until_ns (CLOCK_MONOTONIC; 0: in ten seconds) are unknown. -ENODEV
 * (NFP_E_NO_INTERFACE), -ENOTSUP (NFP_E_NOT_PF), or another -errno.
 */
int nfp_topology_list(const struct nfp_sysroot *root, const char *name, enum nfp_depth depth,
		      uint64_t until_ns, struct nfp_topology *ret_topology, ssize_t *ret_pf,
		      struct nfp_err *err);

/* Refuses the name or device of a PF whose netdev is in another namespace, and says where it is. 0:
 * it is none; -ENODEV (NFP_E_NO_INTERFACE). */
int nfp_refuse_away(const struct nfp_sysroot *root, const char *name, struct nfp_err *err);

/* Returns the netdev, in our own namespace, of the PF with the device @name. False: it has none, or
 * is no PF. */
bool nfp_netdev_of_pf(const struct nfp_sysroot *root, const char *name,
		      char ret_ifname[NFP_IFNAMSIZ]);

/*
 * Finds the devices by which frames leave this host that one of its netdevs sends, in whichever
 * VLAN: a device sends by itself, what is stacked on it or has it as a port sends by it, and so on
 * upwards, by veths too. Pure.
 */
void nfp_sending_find(struct nfp_topology *topology);
/* Lists those of @link, one of topology->links, in the order of the links. Borrowed. */
struct nfp_sendings {
	const struct nfp_sending *v;
	size_t n;
};
struct nfp_sendings nfp_sends_by(const struct nfp_topology *topology, const struct nfp_link *link);
bool nfp_sends_through(const struct nfp_topology *topology, const struct nfp_link *link,
		       const struct nfp_link *by);

/* These return what is borrowed from @topology, @links or @pf. NULL: there is none. Pure. */
const struct nfp_pf *nfp_topology_pf(const struct nfp_topology *topology, const char *ifname);
const struct nfp_link *nfp_topology_link(const struct nfp_topology *topology, const char *ifname);
const struct nfp_link *nfp_topology_ifindex(const struct nfp_topology *topology, int ifindex);
const struct nfp_vf_info *nfp_pf_vf(const struct nfp_pf *pf, unsigned int vf);

/*
 * Reads who uses this VF now, as right before a change. Sets only use and user of *vf, from its
 * parentdev, devpath, number and attributes. -ENODEV: the VF was removed.
 */
int nfp_vf_use_read(const struct nfp_sysroot *root, struct nfp_vf_info *vf, struct nfp_err *err);

/* Is the PCI device with this directory in sysfs a bus master? 1, 0, -ENODATA: not known. Needs no
 * privileges. */
int nfp_bus_master_read(const struct nfp_sysroot *root, const char *path);

/* How many other VFs of the PF are up? Pure. */
unsigned int nfp_pf_others_up(const struct nfp_pf *pf, unsigned int vf);

/*
 * May the VF be probed, given its use? 0, or -EBUSY with NFP_E_VF_IN_USE and who uses it. @pf: the
 * name of its PF. @force: also if its netdev is up and nothing else uses it, or if its use is only
 * said. Pure.
 */
int nfp_vf_check_use(const char *pf, const struct nfp_vf_info *vf, bool force, struct nfp_err *err);

/*
 * Reads only the character devices (vfio, uio, RDMA, vDPA) that processes hold while @driver is
 * bound. If there are none, use stays as it is. @search: searches the descriptors of all processes,
 * of which anybody may have hundreds of thousands, and their mappings; else asks only what the
 * kernel says at once: a vfio group that cannot be opened, a vDPA device. 0 or -errno; no error
 * message.
 */
int nfp_vf_holders_read(const struct nfp_sysroot *root, const char *driver, bool search,
			struct nfp_vf_info *vf);

/*
 * Finds who already has @mac: a netdev, a VF of any PF, an entry in the FDB of a bridge or in the
 * filter of a netdev, a neighbour. Also searches the other network namespaces of this host that can
 * be entered, except for VFs. @except (may be NULL): a VF that may have it, and its netdevs. 1 with
 * the owner in @who, 0: nobody was found, or -errno.
 */
int nfp_mac_owner(const struct nfp_topology *topology, const struct nfp_mac *mac,
		  const struct nfp_vf_info *except, char who[NFP_USER_LEN], struct nfp_err *err);

/*
 * Reads the version of a network driver: that of its module (/sys/module/NAME/version, or of the
 * module's file if it is not loaded), or the release of the kernel for a driver that comes with it,
 * as ETHTOOL_GDRVINFO says it. -ENOENT: this host has no such driver; *buf is then empty.
 */
int nfp_driver_version(const struct nfp_sysroot *root, const char *bus, const char *driver,
		       char *buf, size_t size);

/*
 * Finds the network driver that a run binds to the VF with the device @name: the one that it has,
 * one that another VF of the PF has, or the first that is loaded and has an alias of the device. 0;
 * or -ENOENT: none is loaded, and *buf has the module that this kernel has for it, or is empty.
 */
int nfp_net_driver_find(const struct nfp_sysroot *root, const struct nfp_pf *pf, unsigned int vf,
			const char *bus, const char *name, char *buf, size_t size);

/* To whom a driver that makes no netdev gives the device. */
enum nfp_gives {
	NFP_GIVES_UNSET,
	NFP_GIVES_NOBODY, /* it is a network driver */
	NFP_GIVES_STUB, /* to nobody: it keeps other drivers off, once so that KVM could assign the
			   device */
	NFP_GIVES_UIO,	/* processes, through uio */
	NFP_GIVES_VFIO, /* processes, through vfio */
};

/* When a driver writes a change of its filters to the NIC, for the VF or for the PF. */
enum nfp_writes {
	NFP_WRITES_UNREAD,   /* its source was not read for that, or says something else */
	NFP_WRITES_AT_ONCE,  /* to registers, before the call returns */
	NFP_WRITES_ANSWERED, /* at once or in work queued at once, waiting for its firmware */
	NFP_WRITES_TIMED,    /* by a timer, within NFP_SETTLE_DEFAULT_NS */
};

/* A driver's quirks, known beforehand. A member is zero if the driver is like most. */
struct nfp_driver {
	/* As in sysfs; for a family, the word in the name; "": not in the table. */
	const char *name;
	struct {
		enum nfp_writes when;
		const char *in; /* the function that shows it */
	} writes;
	/* The function that writes the whole list anew when an address comes to the PF or goes; or
	 * the one that writes that address alone. Both NULL: not known. */
	const char *rewrites, *adds_one;
	/* How long a landing must be stable so that no delayed change is missed, and why so long.
	 * 0: see nfp_settle_of. */
	uint64_t settle_ns;
	const char *slow;
	bool own_port;		    /* no card has two of its PFs on one port */
	bool port_name_of_function; /* its phys_port_name names the function, not the port */
	/*
	 * It has eswitch modes: devlink_ops.eswitch_mode_get in drivers/net/ethernet of Linux 6.12.
	 * If it answers with an error, the mode is unknown, which does not mean legacy: mlx5 does
	 * so if another host, such as the system of a DPU, manages the eswitch (mlx5_eswitch_check,
	 * EPERM in older kernels).
	 */
	bool has_modes;
	/* A clause: the event that ends promiscuity left in hardware. NULL: not known. */
	const char *ends_promiscuity;
	/* A clause: why, and until when, entries of a VF's unicast filter stay in the NIC though
	 * they were deleted. NULL: not known. */
	const char *keeps_entries;
	/*
	 * The function by which the first VLAN on the PF takes all others from everybody on it, if
	 * nobody had registered one before. NULL: the driver has none.
	 */
	const char *prunes_vlans;
	/* It prunes before this version; for a driver of Linux that of the kernel. 0: always. */
	unsigned int prunes_until[2];
	/* The function by which the NIC gives its VFs only what is sent to the address that the PF
	 * assigned, until it assigns another. NULL: not known. */
	const char *vf_follows_pf;
	/* The function that gives a VF without trust nothing but what is for its own addresses,
	 * whatever it asks for. NULL: not known. */
	const char *promisc_needs_trust;
	bool promisc_never; /* that function gives a trusted VF no more, either */
	/* The function that makes the NIC drop all that a VF sends which is spoof checked, and has
	 * no address assigned. NULL: not known. */
	const char *spoofchk_needs_mac;
	/* The function that refuses a VF without trust an entry in its filter, once the host has
	 * assigned it an address; the kernel still shows the entry. NULL: not known. */
	const char *filter_needs_trust;
	/* The function by which the PF resets a VF when its trust or address is set. NULL: not
	 * known. */
	const char *resets_vf;
	int new_spoofchk;     /* of a new VF: 1: on, -1: off, 0: not known */
	enum nfp_gives gives; /* nfp_gives() */
};

/* Never NULL. */
const struct nfp_driver *nfp_driver(const char *name);
/* To whom does the driver give the device? Never UNSET: a driver that the table says nothing of is
 * a network driver. */
enum nfp_gives nfp_gives(const char *name);
/* Does the first VLAN on this PF take the others (struct nfp_driver)? */
bool nfp_prunes_vlans(const struct nfp_pf_info *pf);
/* Is a driver bound, and does it keep the device for this host's network? */
bool nfp_is_net_driver(const char *name);
/* Returns the longer settling time of both drivers; "": not known. */
uint64_t nfp_settle_needed(const struct nfp_sysroot *root, const char *bus, const char *pf_driver,
			   const char *vf_driver);

/* How long the slowest drivers take, in ms. */
#define NFP_CARRIER_MS 10000 /* igbvf needs 2 to 4 s */
#define NFP_NETDEV_MS  30000 /* iavf registers its netdev seconds after it was bound */
#define NFP_ADDRESS_MS 5000  /* a qede VF looks for it once per second */
#define NFP_REPORT_MS  10000 /* i40e and ice do not report a VF while they reset it */
#define NFP_INSIST_MS  5000  /* i40e resets a VF for some 200 ms, and once more when busy */

/*
 * May this PF be probed? 0, or -errno with a hint and code NFP_E_PF_DOWN, NFP_E_PF_NO_CARRIER,
 * NFP_E_PF_ENSLAVED, NFP_E_XDP, NFP_E_SWITCHDEV, NFP_E_ESWITCH_UNKNOWN or NFP_E_NO_VFS. -EPERM
 * comes last and means only that the kernel did not report the eswitch mode: callers without
 * CAP_NET_ADMIN may ignore it. Pure.
 */
struct nfp_pf_terms {
	bool inside; /* the frames come from another of its VFs, so that it needs no carrier */
	bool force;
};
int nfp_pf_check(const struct nfp_pf *pf, const struct nfp_pf_terms *terms, struct nfp_err *err);

#endif
