/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * facts.h - what an audit knows of a host: its functions and their users, the netdevs of each
 * network namespace, and the addresses in its tables. Only reads.
 */
#ifndef NFPROBE_FACTS_H
#define NFPROBE_FACTS_H

#include "net/inventory.h"

/*
 * At most so many netdevs are read of all other network namespaces together, so many entries of
 * their tables, and so many entries of a table of this host: the owner of a namespace, or a guest
 * on a bridge, can make any number of them. The rest is unread.
 */
#define NFP_FACTS_MAX	   65536U
#define NFP_FACTS_MAX_TEXT "65536"

/* A network namespace. */
struct nfp_netns {
	char name[NFP_TEXT_LEN]; /* "network namespace red"; empty: our own */
	char ip_name[256];	 /* the name in `ip netns`; empty: our own, or one without a name */
	int pid;		 /* a process in a namespace without a name */
	unsigned long inode;	 /* inode of its file in procfs; 0: not known */
	bool deserted;		 /* no process is in it */
	/* The tables of all its bridges (enum nfp_netfilter). 0 except in our own namespace, since
	 * /proc has no other's. */
	unsigned int netfilter;
	/* A user other than root has made its user namespace. The user gives its netdevs any
	 * address, and those on no netdev of this host are nobody's here. */
	bool users;
	int own_nsid; /* its number for our own namespace; negative: none of its netdevs is on one
			 of ours */
	/* Owned; those of our own namespace are borrowed from the topology. */
	struct nfp_link *links;
	size_t num_links;
	struct nfp_neigh *entries; /* owned: entries of bridges and filters, and neighbours */
	size_t num_entries;
	/* Owned: those of its bridges and of their ports. vlans_known: they are all of those of the
	 * bridges that filter VLANs. */
	struct nfp_port_vlan *port_vlans;
	size_t num_port_vlans;
	bool vlans_known;
	/* It leads to no netdev of ours and of no NIC. It has its links only if a guest may be in
	 * it, and their addresses count as apart (nfp_facts.apart), but for those of taps. */
	bool apart;
	int *vepa; /* owned: ifindexes of NICs in mode VEPA in our own namespace */
	size_t num_vepa;
	/* Owned: addresses that packet sockets hear on a netdev of our own namespace. */
	struct nfp_membership {
		int ifindex;
		struct nfp_mac mac;
	} * memberships;
	size_t num_memberships;
	bool memberships_known;
	/* Owned, in the order of their netdevs. Read of our own namespace if a process has a tap
	 * open, and of others if they have their links. */
	struct nfp_rules *rules;
	size_t num_rules;
	bool rules_known; /* these are all */
};

/*
 * Rules that see frames on a way, and are not read: a program that only its maker knows decides
 * what passes. Nothing can be said of a frame but that they may take it.
 */
enum nfp_rules_kind {
	NFP_RULES_NFT_BRIDGE = 1, /* a table of nftables, of family bridge */
	NFP_RULES_NFT_NETDEV,	  /* a table of nftables, of family netdev */
	NFP_RULES_EBTABLES,	  /* a table of ebtables, as it was before nftables */
	NFP_RULES_TC,		  /* filters of clsact or ingress, or a program of tcx */
	NFP_RULES_XDP,		  /* a program */
};
#define NFP_RULES_NAME 64
struct nfp_rules {
	enum nfp_rules_kind kind;
	int ifindex;		   /* the netdev; 0: each bridge of the namespace */
	char name[NFP_RULES_NAME]; /* the table's; of tc: "bpf cil_from_netdev", "flower" */
};
/* Returns the rules at a netdev of the namespace (at a bridge: what passes between its ports).
 * Borrowed. NULL: none. Pure. */
const struct nfp_rules *nfp_rules_at(const struct nfp_netns *netns, const struct nfp_link *link,
				     size_t *ret_num);

/* Bits: the parts of a namespace to read; the kernel is not asked for the others. */
enum nfp_see {
	NFP_SEE_LINKS = 1,
	NFP_SEE_DEVICES = 2,	 /* with the links: what sysfs has of them, in our own namespace */
	NFP_SEE_NSID = 4,	 /* with the links: own_nsid */
	NFP_SEE_FDBS = 8,	 /* the FDBs of bridges, and the filters of netdevs */
	NFP_SEE_NEIGHBOURS = 16, /* ARP and ND entries */
	NFP_SEE_PORT_VLANS = 32, /* those of bridges; and which NICs are in mode VEPA */
	NFP_SEE_SOCKETS = 64,	 /* memberships; no message says why they are not known */
};

struct nfp_reading {
	const struct nfp_sysroot *root; /* for NFP_SEE_DEVICES */
	int netns_fd;			/* of the namespace; -1: our own */
	int own_fd;			/* of our own namespace, for NFP_SEE_NSID */
	uint64_t until_ns;		/* the bound of each dump, as in nfp_nl_bound; 0: none */
	size_t most;
};
/* Adds the parts in @what to *netns, which has none of them yet. 0 or -errno of the first that
 * failed; what could be read of the tables is there. */
int nfp_netns_read(unsigned int what, const struct nfp_reading *how, struct nfp_netns *netns,
		   struct nfp_err *err);
void nfp_netns_fini(struct nfp_netns *netns);
/* Is the kernel with this release (uname -r) older? Pure. */
bool nfp_kernel_is_before(const char *release, unsigned int major, unsigned int minor);
/*
 * Sets querier_unknown of all bridges that snoop, if the kernel with this release is too old to
 * name queriers (before 5.15, c7fa1d9b1fb1) and none of these bridges shows one, as a kernel with a
 * backport would. Pure.
 */
void nfp_queriers_settle(struct nfp_netns *netns, size_t num, const char *release);
/* Sets vepa of the PFs from NFP_SEE_PORT_VLANS of our own namespace. Pure. */
void nfp_topology_vepa(struct nfp_topology *topology, const struct nfp_netns *own);

/* The netdev of a device, in another network namespace. */
struct nfp_away {
	struct nfp_link link;
	char in[NFP_TEXT_LEN]; /* "network namespace red" */
	/* It is in the first namespace, where the kernel makes the netdevs of VFs, and has this use
	 * there, as far as that is seen from here. */
	bool in_first;
	enum nfp_use use;
	char user[NFP_USER_LEN];
};

/*
 * Netdevs of other network namespaces: those on top of a netdev here, whose ifindex is their
 * `link`; and those of devices, wherever these are used. Only the kernel sees all namespaces of a
 * host: `unread` says, as a clause, which were not seen. Empty: those of all processes and all
 * names were.
 */
struct nfp_upper {
	struct nfp_link link;
	char in[NFP_TEXT_LEN]; /* "network namespace red" */
};
struct nfp_uppers {
	struct nfp_upper *v; /* owned */
	size_t n;
	struct nfp_away *away; /* owned */
	size_t num_away;
	char unread[NFP_NOTE_LEN];
};
/* Enough time for the network namespaces of a host, of which any user can make many. */
#define NFP_UPPERS_NS (3 * NFP_NSEC_PER_SEC)
/* Reads until @until_ns (CLOCK_MONOTONIC). */
void nfp_uppers_read(const struct nfp_sysroot *root, uint64_t until_ns,
		     struct nfp_uppers *ret_uppers);
void nfp_uppers_fini(struct nfp_uppers *uppers);
/* Notes in PFs and VFs where their netdevs are, as far as @uppers shows that. A VF whose netdev
 * lies unused in the first namespace is idle, wherever nfprobe runs. Pure. */
void nfp_topology_place(struct nfp_topology *topology, const struct nfp_uppers *uppers);
/* Returns the user of the frames of @link, one of @links, which are all of our own namespace.
 * @uppers NULL: other namespaces were not read. Pure. */
struct nfp_rx_handler nfp_rx_handler_of(const struct nfp_link *links, size_t num,
					const struct nfp_uppers *uppers,
					const struct nfp_link *link);

/*
 * A tap or a macvtap, and the process that has it open, a guest's. Names and ifindexes are unique
 * only within a namespace. The netdev is the one of this name in the process's namespace, if there
 * is one; else it was handed over from another namespace, and may be in any.
 */
struct nfp_guest_tap {
	char ifname[NFP_IFNAMSIZ]; /* the name of a tap; empty: it is a macvtap */
	int ifindex;		   /* the ifindex of a macvtap; 0: it is a tap */
	int pid;
	int fd;		    /* the process's descriptor */
	bool in_netns;	    /* it is in the namespace of @netns: */
	size_t netns;	    /* an index of nfp_facts.netns */
	struct nfp_mac mac; /* of its guest, from QEMU's arguments; zero: not known, or not asked */
	/* A macvtap that is no more: the process has only its node. What it sends and what is sent
	 * to it is lost, until its guest gets another. */
	bool dead;
};

/* A guest: a process that has a tap or a macvtap, and what is known of it. */
struct nfp_facts_guest {
	int pid;
	char name[NFP_TEXT_LEN]; /* libvirt's, or of QEMU's own arguments; empty: none is known */
	/* libvirt's daemon says so, by a file that root alone can have written (domstatus.h): */
	bool by_libvirt;
	bool stopped; /* its processors do not run, so that libvirt may keep its standby down */
};

/* Something that could not be seen, and the right that would have shown it. */
struct nfp_unread {
	char pf[NFP_IFNAMSIZ]; /* the PF that this concerns; empty: all */
	char what[NFP_NOTE_LEN];
	char needs[NFP_TEXT_LEN]; /* "CAP_SYS_ADMIN"; empty: no right helps */
};

/* Zero is empty. */
struct nfp_facts {
	struct nfp_topology topology;
	struct nfp_netns *netns; /* owned; the first is our own */
	size_t num_netns;
	/* Owned. If holders_known is false, others may be open. */
	struct nfp_guest_tap *taps;
	size_t num_taps;
	struct nfp_facts_guest *guests; /* owned, sorted by pid */
	size_t num_guests;
	/* Owned: addresses of netdevs in root's namespaces that lead nowhere (nfp_netns.apart). */
	struct nfp_apart {
		struct nfp_mac mac;
		size_t netns; /* an index of netns */
	} * apart;
	size_t num_apart;
	bool netns_known; /* every network namespace was seen */
	bool holders_known;
	bool late;		   /* there was more than could be looked at */
	struct nfp_unread *unread; /* owned */
	size_t num_unread;
	bool open_vswitch; /* there is an Open vSwitch, whose table is not read */
};

/*
 * Reads the facts. @may: the capabilities of this process, from which it says what it lacks. Looks
 * until @until_ns (CLOCK_MONOTONIC) at processes and other network namespaces, of which any user
 * can make many, each with a share of the time. The others are unread. 0 or -errno: this host
 * cannot be looked at.
 */
struct nfp_facts_rights {
	bool net_admin, sys_admin, sys_ptrace;
};
int nfp_facts_read(const struct nfp_sysroot *root, const struct nfp_facts_rights *may,
		   uint64_t until_ns, struct nfp_facts *ret_facts, struct nfp_err *err);
/* A word is no use of a VF, so that nobody can hide a finding by it: makes it a note. Whose a
 * netdev is that is up, and is not known, is unread. nfp_facts_read has done so. Pure. */
void nfp_facts_set_words_aside(struct nfp_facts *facts);
/* Notes something that could not be seen (struct nfp_unread). */
void nfp_facts_unread(struct nfp_facts *facts, const char *pf, const char *needs, const char *fmt,
		      ...) NFP_PRINTF(4, 5);
void nfp_facts_fini(struct nfp_facts *facts);
/* Returns what is known of the guest of that process, borrowed. NULL: nothing. Pure. */
const struct nfp_facts_guest *nfp_facts_guest_of(const struct nfp_facts *facts, int pid);

#endif
