/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * facts.h - what an audit knows of a host: its functions and their users, the netdevs of each
 * network namespace, and the addresses in its tables. Only reads.
 */
#ifndef NFPROBE_FACTS_H
#define NFPROBE_FACTS_H

#include "net/inventory.h"

/*
 * No more netdevs are read of all other network namespaces together, no more entries of their
 * tables, and no more entries of a table of this host: the owner of a namespace, or a guest on a
 * bridge, can make any number of them. The rest is unread.
 */
#define NFP_FACTS_MAX	   65536U
#define NFP_FACTS_MAX_TEXT "65536"

/* A network namespace. */
struct nfp_netns {
	char name[NFP_TEXT_LEN]; /* "network namespace red"; empty: this one */
	char ip_name[256];   /* what `ip netns` calls it; empty: this one, or one without a name */
	int pid;	     /* of a process in one without a name */
	unsigned long inode; /* of its file in procfs; 0: not known */
	bool deserted;	     /* no process is in it */
	/* The tables of all its bridges (enum nfp_netfilter). 0 but for this namespace, since /proc
	 * has no other's. */
	unsigned int netfilter;
	/* A user other than root has made its user namespace: he gives its netdevs, those that are
	 * on none of this host's, whatever address he likes, and they are nobody's here. */
	bool users;
	int own_nsid; /* what it calls this one; negative: no netdev of it is on one of this one */
	struct nfp_link *links; /* owned; of this one borrowed from the topology */
	size_t num_links;
	struct nfp_neigh *entries; /* owned: of bridges, of filters, and neighbours */
	size_t num_entries;
	struct nfp_port_vlan *port_vlans; /* owned: of bridges' ports; of this one alone */
	size_t num_port_vlans;
	int *vepa; /* owned: ifindexes of NICs in mode VEPA; of this one alone */
	size_t num_vepa;
	/* Owned: addresses that packet sockets hear on a netdev, of this one alone. */
	struct nfp_membership {
		int ifindex;
		struct nfp_mac mac;
	} * memberships;
	size_t num_memberships;
	bool memberships_known;
};

/* The parts of a namespace that are read, as a mask: nobody is asked for the others. */
enum nfp_see {
	NFP_SEE_LINKS = 1,
	NFP_SEE_DEVICES = 2,	 /* with the links: what sysfs has of them, in this namespace */
	NFP_SEE_NSID = 4,	 /* with the links: own_nsid */
	NFP_SEE_FDBS = 8,	 /* of bridges, and the filters of netdevs */
	NFP_SEE_NEIGHBOURS = 16, /* ARP and ND entries */
	NFP_SEE_PORT_VLANS = 32, /* of bridges' ports; and which NICs are in mode VEPA */
	NFP_SEE_SOCKETS = 64,	 /* memberships; that they are not known is no error */
};

struct nfp_reading {
	const struct nfp_sysroot *root; /* for NFP_SEE_DEVICES */
	int netns_fd;			/* of the namespace; -1: this one */
	int own_fd;			/* of this one, for NFP_SEE_NSID */
	uint64_t until_ns;		/* as of nfp_nl_bound, for each dump; 0: no bound */
	size_t most;
};
/* Adds to *netns, which has nothing of that yet. 0 or -errno: the first that failed; what could be
 * read of the tables is there. */
int nfp_netns_read(unsigned int what, const struct nfp_reading *how, struct nfp_netns *netns,
		   struct nfp_err *err);
void nfp_netns_fini(struct nfp_netns *netns);
/* Sets vepa of the PFs by NFP_SEE_PORT_VLANS of this namespace. Pure. */
void nfp_topology_vepa(struct nfp_topology *topology, const struct nfp_netns *own);

/* A netdev of hardware in another network namespace. */
struct nfp_away {
	struct nfp_link link;
	char in[NFP_TEXT_LEN]; /* "network namespace red" */
	/* It is in the first namespace, where the kernel makes the netdevs of VFs, and by what is
	 * seen from here it has this use there. */
	bool in_first;
	enum nfp_use use;
	char user[NFP_USER_LEN];
};

/*
 * Netdevs of other network namespaces that are on top of one of this, whose ifindex here is their
 * `link`; and those of hardware, wherever their devices are used. Nobody can see all namespaces of
 * a host but the kernel: `unread` says which were not seen, as a clause. Empty: those of all
 * processes, and all that have a name, were.
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
/* Anybody makes as many network namespaces as he likes: this is time enough for those of a host. */
#define NFP_UPPERS_NS (3 * NFP_NSEC_PER_SEC)
/* Reads until @until_ns (CLOCK_MONOTONIC). */
void nfp_uppers_read(const struct nfp_sysroot *root, uint64_t until_ns,
		     struct nfp_uppers *ret_uppers);
void nfp_uppers_fini(struct nfp_uppers *uppers);
/* Says of PFs and VFs where their netdevs are, as far as @uppers shows it. A VF whose netdev lies
 * unused in the first namespace is idle, wherever nfprobe runs. Pure. */
void nfp_topology_place(struct nfp_topology *topology, const struct nfp_uppers *uppers);
/* The user of the frames of @link, one of @links, all of this namespace. @uppers NULL: none of
 * other namespaces was read. Pure. */
struct nfp_rx_handler nfp_rx_handler_of(const struct nfp_link *links, size_t num,
					const struct nfp_uppers *uppers,
					const struct nfp_link *link);

/*
 * A tap, or a macvtap, and the process that has it open: a guest's. Names and ifindexes are unique
 * within a namespace only: it is the one of that process's namespace if there is one of that name
 * there; else it was handed over from another, and may be in any.
 */
struct nfp_guest_tap {
	char ifname[NFP_IFNAMSIZ]; /* of a tap */
	int ifindex;		   /* of a macvtap */
	int pid;
	int fd;		    /* of that process */
	bool in_netns;	    /* it is in this one: */
	size_t netns;	    /* an index of nfp_facts.netns */
	struct nfp_mac mac; /* of its guest, by QEMU's arguments; zero: not known, or not asked */
};

/* Something that could not be seen, and the right with which it could be. */
struct nfp_unread {
	char pf[NFP_IFNAMSIZ]; /* the PF that it is about; empty: all */
	char what[NFP_NOTE_LEN];
	char needs[NFP_TEXT_LEN]; /* "CAP_SYS_ADMIN"; empty: no right helps */
};

/* Zero is empty. */
struct nfp_facts {
	struct nfp_topology topology;
	struct nfp_netns *netns; /* owned; the first is this one */
	size_t num_netns;
	struct nfp_guest_tap *taps; /* owned */
	size_t num_taps;
	/* Owned; with holders_known false, others may be open. */
	struct nfp_guest_tap *open_macvtaps;
	size_t num_open_macvtaps;
	/* Owned: those of netdevs in namespaces of root's that lead nowhere, which are not among
	 * the links. */
	struct nfp_apart {
		struct nfp_mac mac;
		size_t netns; /* an index of netns */
	} * apart;
	size_t num_apart;
	bool holders_known;
	bool late; /* there was no time to look at all of it */
	int *deaf; /* owned: ifindexes of macvtaps that do not pass the groups of their guest */
	size_t num_deaf;
	struct nfp_unread *unread; /* owned */
	size_t num_unread;
	bool open_vswitch; /* there is one, whose table is not asked */
};

/*
 * Reads all of it. @may: the capabilities that this process has, by which it says what it lacks.
 * Processes and other network namespaces, which any user can make many of, are looked at until
 * @until_ns (CLOCK_MONOTONIC), each with a share of the time. Those that are left are unread. 0 or
 * -errno: this host cannot be looked at.
 */
struct nfp_facts_rights {
	bool net_admin, sys_admin, sys_ptrace;
};
int nfp_facts_read(const struct nfp_sysroot *root, const struct nfp_facts_rights *may,
		   uint64_t until_ns, struct nfp_facts *ret_facts, struct nfp_err *err);
/* Notes that something could not be seen (struct nfp_unread). */
void nfp_facts_unread(struct nfp_facts *facts, const char *pf, const char *needs, const char *fmt,
		      ...) NFP_PRINTF(4, 5);
void nfp_facts_fini(struct nfp_facts *facts);

#endif
