/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inventory_priv.h - shared by the files of this folder. */
#ifndef NFPROBE_NET_INVENTORY_PRIV_H
#define NFPROBE_NET_INVENTORY_PRIV_H

#include <sys/types.h>

#include "net/facts.h"

/* -- lookup.c: searches what qsort has sorted. -- */

/* Orders two numbers, or two in one array, for qsort. */
#define NFP_ORDER(x, y) (((x) > (y)) - ((x) < (y)))
int nfp_compare_ifindex(const void *a, const void *b); /* struct nfp_link */
bool nfp_link_is_tap(const struct nfp_link *link);     /* or a macvtap */
/* As bsearch: returns the number of the first element that does not come before
 * @key; @num: none. */
size_t nfp_lower_bound(const void *key, const void *list, size_t num, size_t size,
		       int (*compare)(const void *, const void *));

/* -- use.c: who uses a VF. Unknown counts as in use. -- */

/* How long a run looks for users. Those that were not seen until then may use a VF. */
#define NFP_LOOK_NS (10 * NFP_NSEC_PER_SEC)

/*
 * State for finding the users of several VFs. Holders are read when first needed. Zero except for
 * root and links at first; nfp_use_ctx_fini at the end.
 */
struct nfp_use_ctx {
	const struct nfp_sysroot *root;
	const struct nfp_link *links; /* of our own namespace; borrowed */
	size_t num_links;
	/* For looking alone: if the holders of a vfio group are known, the kernel is not asked
	 * about it. */
	bool only_looks;
	/* The links are those of another namespace, whose sockets and routes are not read. */
	bool away;
	/* When to stop looking at processes (CLOCK_MONOTONIC). 0: at the last one. */
	uint64_t until_ns;
	/* Extra time for reading a process, for tests on a busy machine. 0: none. */
	uint64_t extra_ns;
	/* The nodes that matter, if they are known before the search, so that no other can fill
	 * the list of holders. Owned; none: all matter. */
	struct nfp_vf_node {
		dev_t rdev; /* 0: not known */
		char path[96];
	} * nodes;
	size_t num_nodes;
	bool lists_nodes; /* a search adds to nodes, and looks at no process */
	bool wants_taps;  /* a search keeps the descriptors of /dev/net/tun, too */
	/* The devices that other processes have open. */
	struct nfp_holders {
		struct nfp_holder {
			pid_t pid;
			int fd;		 /* of that process */
			dev_t rdev;	 /* of a character device, else 0 */
			char target[64]; /* of the link in /proc/<pid>/fd, cut */
		} * v;
		size_t n;
		/* Apart, since anybody can open any number: each that has a tap is one. */
		struct nfp_tun {
			pid_t pid;
			int fd;
		} * tuns;
		size_t num_tuns;
		pid_t tuns_of; /* a process that has more, which were not kept; 0: none */
		/* Owned: numbers of holders by device and by target; equal ones in the order in
		 * which they were read. */
		size_t *by_rdev, *by_target;
		int macvtap_major; /* major number of macvtap nodes; negative: not known */
		bool known;
		/* This is not the initial PID namespace. */
		bool elsewhere;
		bool late; /* there were more than could be read in time, or NFP_HOLDERS_MAX */
		/* False if some processes could not be read for one of these reasons, or for want
		 * of permission. */
		bool complete;
		/* A process has a vfio device open and no group: the kernel knows whose it is. */
		bool groupless;
	} holders;
	/* The devices that processes have mapped; read if a VF's use depends on it. */
	struct nfp_mappings {
		struct nfp_mapping {
			pid_t pid;
			dev_t rdev; /* of a character device, else 0 */
			dev_t dev;  /* of another file */
			ino_t ino;
			bool in_sysfs; /* a file of sysfs, which has one number wherever it is
					  mounted */
		} * v;
		size_t n;
		bool known;
		bool complete; /* as for holders */
		bool late;     /* there were more than are kept */
		pid_t unread;  /* one that could not be read; 0: none */
	} mappings;
	/* The users of netdevs that are up; read if a VF's use depends on it. */
	struct nfp_up_uses {
		struct nfp_up_use {
			int ifindex;
			enum nfp_up_by {
				NFP_UP_ROUTE,	 /* in any table, except routes of the kernel */
				NFP_UP_REDIRECT, /* an action of tc sends frames to it */
				NFP_UP_PACKET,	 /* a packet socket */
				NFP_UP_SOCKET,	 /* another socket bound to it whose maker needed a
						    right */
				NFP_UP_BOUND,	 /* one that anybody can make: no use */
			} by;
			uint16_t protocol;   /* a packet socket: its EtherType */
			unsigned long inode; /* a socket */
		} * v;
		size_t n;
		bool known;
		char unread[NFP_NOTE_LEN]; /* clauses: why there may be others; empty: none */
	} up_uses;
	/* The QEMUs that run, and the VFs in their arguments; read if a VF's use depends on it. */
	struct nfp_guests {
		struct nfp_guest {
			pid_t pid;
			bool is_libvirts;	 /* a file of root's says so */
			char name[NFP_TEXT_LEN]; /* empty: none is known */
		} * v;
		size_t n;
		struct nfp_guest_host {
			size_t guest; /* its number */
			struct nfp_pci_place {
				unsigned int domain, bus, slot, function;
			} place;
		} * hosts;
		size_t num_hosts;
		bool known;
		pid_t unread; /* one whose arguments could not be read; 0: none */
	} guests;
	/* The users to whom a device may have been given; read if a VF's use depends on it. */
	struct nfp_users {
		uid_t *v;
		size_t n;
		bool anybody;
		bool known;
	} users;
};
void nfp_use_ctx_fini(struct nfp_use_ctx *ctx);

/*
 * Sets vf->use and vf->user from vf->devpath, vf->parentdev and the current state of the host.
 * Reads the driver again, and leaves vf->driver as it was. 0; -errno: nothing is set.
 */
int nfp_vf_use_find(struct nfp_use_ctx *ctx, struct nfp_vf_info *vf);
/* Sets the part of the use that @link shows, one of ctx->links. */
void nfp_netdev_use_find(struct nfp_use_ctx *ctx, const struct nfp_link *link,
			 struct nfp_vf_info *vf);
/* Sets up. Reads no processes. */
void nfp_vf_up_find(const struct nfp_use_ctx *ctx, struct nfp_vf_info *vf);

/* -- topology.c -- */

/* Reads all PFs as nfp_topology_list, and leaves in *use what it has read of processes. */
int nfp_topology_users(struct nfp_use_ctx *use, struct nfp_topology *ret_topology,
		       struct nfp_err *err);

/* -- procs.c: what other processes hold -- */

/* At most so many are kept: anybody can open any number of devices. */
#define NFP_HOLDERS_MAX	     ((size_t)1 << 18)
#define NFP_TUNS_MAX	     65536U
#define NFP_PROCESS_TUNS_MAX 4096U /* of one process */

#define NFP_PROCESS_LEN 48

/* Replaces the use noted so far by one that is later in enum nfp_use, or that is shown by stronger
 * proof; the former shows what is held. */
void nfp_vf_use_note(struct nfp_vf_info *vf, enum nfp_use use, const char *fmt, ...)
	NFP_PRINTF(3, 4);
void nfp_vf_use_note_by(struct nfp_vf_info *vf, enum nfp_use use, enum nfp_proof proof,
			const char *fmt, ...) NFP_PRINTF(4, 5);

/*
 * Finds a process that has a file open: the device with this number (0: unknown), or the file
 * @path. Returns its pid, with "qemu (pid 7)" in @who; 0: none was seen; or -errno.
 */
int nfp_holder_find(struct nfp_use_ctx *ctx, dev_t rdev, const char *path,
		    char who[NFP_PROCESS_LEN]);

/* Reads the holders, unless they are known. 0 or -errno. */
int nfp_holders_read(struct nfp_use_ctx *ctx);
/* Returns the macvtap of a holder, in whichever namespace. False: it is none. */
bool nfp_holder_macvtap(const struct nfp_use_ctx *ctx, const struct nfp_holder *holder,
			struct nfp_guest_tap *ret_tap);
/* Returns the tap of a descriptor, for which the kernel waits for the lock of all netdevs. 0;
 * -ENOENT: it has none; another -errno. */
int nfp_tun_tap(const struct nfp_sysroot *root, const struct nfp_tun *tun,
		struct nfp_guest_tap *ret_tap);
/* Returns the network namespace of "self", or of the process with that number. 0: not known. */
unsigned long nfp_netns_inode(const struct nfp_sysroot *root, const char *process);
/* Writes "sleep (pid 4711)". */
void nfp_process_name(const struct nfp_sysroot *root, pid_t pid, char who[NFP_PROCESS_LEN]);

/* Is this the host's PID namespace? */
bool nfp_sees_all_processes(const struct nfp_sysroot *root);

/* -- maps.c -- */

/*
 * Finds a process that has mapped the character device with this number (0: none), or a resource of
 * the device with this folder in sysfs. As nfp_holder_find; 0 proves that nobody has only if
 * ctx->mappings.complete.
 */
int nfp_mapping_find(struct nfp_use_ctx *ctx, dev_t rdev, const char *devpath,
		     char who[NFP_PROCESS_LEN]);

/* -- procread.c -- */

#define NFP_ARGS_MAX ((size_t)64 << 10)

/* The time that all reads of a search may take, up to @until_ns unless that is 0. The search itself
 * does not use it up, however many processes others have. */
struct nfp_allowance {
	uint64_t left_ns, until_ns;
};
/*
 * Has a child call @fn, which writes to @to and returns 0 or -errno. Returns the length of what it
 * has written. The child gets a share of the time. -ETIME: that was not enough; -EFBIG: more than
 * @size; another -errno.
 */
ssize_t nfp_read_by_child(int (*fn)(int to, void *arg), void *arg, char *buf, size_t size,
			  struct nfp_allowance *time);
/*
 * Reads the arguments of processes that can be guests', by one child as long as none of them makes
 * it wait: @take gets those of the process @i, each followed by a zero and all by another one, with
 * their length; or what nfp_read_by_child returns where it fails. Each process gets a share of the
 * time that is left.
 */
typedef void nfp_args_take(void *ctx, size_t i, const char *args, ssize_t len);
void nfp_args_each(const struct nfp_sysroot *root, const pid_t *pids, size_t num,
		   struct nfp_allowance *time, nfp_args_take *take, void *ctx);
/* May the process have been given a device? Nothing that could block is read of others. */
bool nfp_may_have_device(struct nfp_use_ctx *ctx, pid_t pid);

/* -- guest.c -- */

/* Notes in *vf the guest that has not taken it yet, if there is one. 0 or -errno. */
int nfp_guest_find(struct nfp_use_ctx *ctx, const char *driver, struct nfp_vf_info *vf);

/* Returns the value of the property @name in an argument of QEMU, if it begins at @at:
 * `host=01:10.1`, or in JSON `"host": "01:10.1"`. NULL: another property does. */
const char *nfp_argument_value(const char *arg, const char *at, const char *name);

/* Takes NAME from "guest=NAME,debug-threads=on", or "NAME", of the argument -name of QEMU. A comma
 * in a name is doubled. False: it is empty. Pure. */
bool nfp_guest_name_parse(const char *arg, char name[NFP_TEXT_LEN]);

/* -- taps.c -- */

/* List the namespaces in the order of their inodes, for the caller to free; and find one in that
 * list (NULL: there is none). */
struct nfp_netns **nfp_netns_by_inode(const struct nfp_facts *facts);
struct nfp_netns *nfp_netns_of_inode(struct nfp_netns *const *by_inode, size_t num,
				     unsigned long inode);

/* At most so many processes are asked: anybody can have any number of taps in a namespace of their
 * own. */
#define NFP_GUEST_MACS_MAX 8192U
/* Sets the places and dead of the taps, the addresses of guests where libvirt's names do not say
 * them, and the guests. */
void nfp_facts_guests(struct nfp_facts *facts, const struct nfp_sysroot *root, uint64_t until_ns);

/* -- tapmac.c -- */

/* Finds the name in the arguments, which are as for nfp_guest_mac_find. False: there is none.
 * Pure. */
bool nfp_guest_name_find(const char *args, size_t len, char name[NFP_TEXT_LEN]);
/* Finds the address that the arguments give the guest of the tap: each is followed by a zero, and
 * all @len bytes by another one. Pure. */
bool nfp_guest_mac_find(const char *args, size_t len, const struct nfp_guest_tap *tap,
			struct nfp_mac *ret_mac);

/* -- upuse.c -- */

/* Notes in *vf who uses its netdev, which is up and has no address, master or child. If nothing is
 * noted, nobody does. */
void nfp_up_use_find(struct nfp_use_ctx *ctx, const struct nfp_link *link, struct nfp_vf_info *vf);
/* Does NetworkManager have a connection there, or is it making one? */
bool nfp_networkmanager_has(const struct nfp_sysroot *root, int ifindex);

/* -- rules.c -- */

/* Does the kernel have the module, loaded or built in, so that to ask it loads none? */
bool nfp_module_is_there(const char *name);
/* Reads the rules of a namespace whose links are known. 0 or -errno; what could be read is there.
 */
int nfp_rules_read(const struct nfp_reading *how, struct nfp_netns *netns, struct nfp_err *err);
/* Add what one message says: of a chain of nftables, and of a filter of tc. Pure. */
void nfp_nft_chain_parse(const struct nlmsghdr *nlh, struct nfp_netns *netns);
void nfp_tc_filter_parse(const struct nlmsghdr *nlh, struct nfp_netns *netns);

/* -- netns.c -- */

/* Another network namespace, as it is visited. */
struct nfp_visited {
	int fd, own_fd;	  /* of it, and of our own (-1: none); open for the duration of the call */
	const char *name; /* in /run/netns; NULL: it has no name, but a process @pid is in it */
	pid_t pid;
	unsigned long inode;
	bool users;		   /* a user other than root has made its user namespace */
	char called[NFP_TEXT_LEN]; /* "network namespace red", "the network namespace of .." */
};
/* A value other than 0 ends the walk. */
typedef int nfp_netns_visit(const struct nfp_visited *visited, void *ctx);
/*
 * Calls @visit for each other network namespace of this host. *ret_closed: some could not be
 * opened, for want of permission. 1: @visit ended it; 0.
 */
int nfp_netns_each(const struct nfp_sysroot *root, nfp_netns_visit *visit, void *ctx,
		   bool *ret_closed);

/* -- topology.c: from a sysroot, no netlink -- */

/*
 * Fills *ret_pf from sysfs and the link. Its VFs lack only their attributes; their use is
 * NFP_USE_UNKNOWN until nfp_vf_use_find. The caller frees ret_pf->vfs. 0 or -errno.
 */
int nfp_topo_fill_pf(const struct nfp_sysroot *root, const struct nfp_link *links, size_t num_links,
		     const struct nfp_link *link, struct nfp_pf *ret_pf);

/* ports.c: reads which tables the frames of all bridges of our namespace pass (0: none, as without
 * br_netfilter). 0; -errno: not all were read. */
int nfp_netfilter_read(const struct nfp_sysroot *root, unsigned int *ret_tables);

/* -- device.c -- */

/* Is this the netdev of an SR-IOV PF? Representors share the PF's device and are not. */
bool nfp_topo_is_pf(const struct nfp_sysroot *root, const struct nfp_link *link);

/* A PF, and perhaps one of its VFs. */
struct nfp_device {
	char devpath[256];	   /* /sys/devices/... of the PF, resolved */
	char ifname[NFP_IFNAMSIZ]; /* of the PF; empty: it has no netdev in our own namespace */
	int vf;			   /* -1: the PF itself */
};

/* Finds the device that @name means (nfp_topology_list), from sysfs alone. */
int nfp_device_find(const struct nfp_sysroot *root, const char *name, struct nfp_device *ret_device,
		    struct nfp_err *err);

/* where.c: sets where and away of a PF without a netdev in our own namespace. */
void nfp_pf_describe_where(const struct nfp_sysroot *root, struct nfp_pf *pf);
/* Lists the PFs, as resolved directories in sysfs, that have no netdev in @links. A device without
 * a netdev in any namespace counts if its class is Ethernet. */
void nfp_devices_without(const struct nfp_sysroot *root, const struct nfp_link *links,
			 size_t num_links, struct nfp_strv *ret_devpaths);

/* -- remarks.c, pure -- */

/*
 * Describes who made @link promiscuous: its master, a child, a flag set by hand, or else, most
 * likely, a process that captures. Empty: it is not promiscuous.
 */
void nfp_promisc_describe(const struct nfp_link *links, size_t num_links,
			  const struct nfp_link *link, char *words, size_t size);
/* Marks the macvtaps that do not pass the groups of their guests. @dev_mcast: the text of
 * /proc/net/dev_mcast; NULL: it is not known. False: there is none that might not. Pure. */
bool nfp_macvtaps_find(struct nfp_link *links, size_t num, const char *dev_mcast);

/* snapshot.c: returns the text of a file in /proc, which the caller frees. NULL: it
 * cannot be read. */
char *nfp_proc_text(const struct nfp_sysroot *root, const char *file);

/* -- macuse.c, pure -- */

/* Names who has the address there: a netdev, or an entry of a table. @except: the device of a VF
 * that may have it, or NULL. */
bool nfp_netns_owner(const struct nfp_netns *netns, const struct nfp_mac *mac, const char *except,
		     char who[NFP_USER_LEN]);

/* Returns the address of the tap that libvirt makes for that guest
 * (virNetDevTapCreateInBridgePort). */
struct nfp_mac nfp_libvirt_tap_mac(const struct nfp_mac *guest);

/* Is @link on top of @lower? The kernel reports the peer of a veth like a lower netdev. */
bool nfp_link_is_child(const struct nfp_link *link, const struct nfp_link *lower);

/* Writes where the netdev of one PF is. */
void nfp_pf_place(struct nfp_pf *pf, const char *ifname, const char *in);

/* Searches links that are sorted by ifindex; NULL: there is none. */
const struct nfp_link *nfp_links_by_ifindex(const struct nfp_link *links, size_t num, int ifindex);

/* Is the driver loaded or built in, and of this kernel, not built out of its tree (no
 * TAINT_OOT_MODULE, "O", in /sys/module/NAME/taint: kernel/panic.c)? */
bool nfp_driver_is_own(const struct nfp_sysroot *root, const char *bus, const char *driver);

/* Returns how long a landing must be stable: NFP_SETTLE_QUICK_NS if the driver waits for no timer.
 * @own: this driver is the one whose source was read. */
uint64_t nfp_settle_of(const struct nfp_driver *driver, bool own);

#endif
