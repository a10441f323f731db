/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * owner.h - who on a host has an address, a VLAN or a VF: the facts of a host in the order in which
 * they are looked up. Pure.
 */
#ifndef NFPROBE_OWNER_H
#define NFPROBE_OWNER_H

#include "net/facts.h"

/* The netdevs and the entries of a host, in the order in which they are looked up. */
struct nfp_index;
struct nfp_index *nfp_index_new(const struct nfp_facts *facts);
void nfp_index_free(struct nfp_index *index);

/* A netdev and its namespace. */
struct nfp_placed {
	const struct nfp_netns *netns;
	const struct nfp_link *link;
};
/* A part of a sorted list; borrowed, as are the others below. */
struct nfp_netdevs {
	const struct nfp_placed *v;
	size_t n;
};
/* Returns all netdevs with this address, those of our own namespace first. */
struct nfp_netdevs nfp_netdevs_with(const struct nfp_index *index, const struct nfp_mac *mac);
/* Returns all netdevs of this device, those of our own namespace first. */
struct nfp_netdevs nfp_netdevs_of(const struct nfp_index *index, const char *parentdev);
/* Returns the netdev of the VF with that address (NULL: any), borrowed, and its namespace
 * (ret_netns may be NULL). NULL: there is none. */
const struct nfp_link *nfp_vf_netdev(const struct nfp_index *index, const struct nfp_vf_info *vf,
				     const struct nfp_mac *mac, const struct nfp_netns **ret_netns);

/* A VF and its PF. */
struct nfp_placed_vf {
	const struct nfp_pf *pf;
	const struct nfp_vf_info *vf;
};
struct nfp_vfs {
	const struct nfp_placed_vf *v;
	size_t n;
};
/* Returns all VFs of this host that were assigned this address. */
struct nfp_vfs nfp_vfs_with(const struct nfp_index *index, const struct nfp_mac *mac);
/* Returns the namespace of a netdev that has the address, and leads to no netdev of this host.
 * NULL: none. */
const struct nfp_netns *nfp_mac_apart(const struct nfp_index *index, const struct nfp_mac *mac);
/* Returns the tap of the guest with that address: libvirt's own, which has fe and the rest of it
 * (virNetDevTapCreateInBridgePort), or, from QEMU's arguments, that of a tool that makes its own
 * (managed='no'). Not in a namespace of another user. NULL: none. */
const struct nfp_placed *nfp_tap_of(const struct nfp_index *index, const struct nfp_mac *mac);

/* An entry of a table, and its namespace. */
struct nfp_entry {
	const struct nfp_netns *netns;
	const struct nfp_neigh *entry;
};
/* Upper bound for the entries of one address: any user can create entries in a network namespace of
 * their own. */
#define NFP_SAME_MAX 256U
struct nfp_entries {
	const struct nfp_entry *v;
	size_t n;
};
/* Returns all entries with this address, and, first among them, those of our own namespace. */
struct nfp_entries nfp_entries_of(const struct nfp_index *index, const struct nfp_mac *mac);
struct nfp_entries nfp_own_entries_of(const struct nfp_index *index, const struct nfp_mac *mac);

#define NFP_TAGS_MAX 8 /* tags of a frame: MAX_NEST_DEV in include/linux/netdevice.h */

/* A netdev leads to a function of the PF, or to another netdev by which frames leave the host. */
struct nfp_path {
	const struct nfp_vf_info *vf; /* NULL: to the PF itself */
	/* The VLANs in which its frames then are, the outermost first, the VF's own included. 0: no
	 * other. */
	uint16_t vlans[NFP_TAGS_MAX];
	uint8_t num_vlans;
	bool unknown;	/* the VLANs are not known */
	bool inner;	/* through a veth that is a port of a bridge that leads there */
	bool by_switch; /* through a port of Open vSwitch, whose table decides, and its VLAN */
};

/*
 * The paths of all netdevs to one PF, or to one netdev. They are found once, upwards from there,
 * and each netdev is looked at once: whoever has a network namespace can stack any netdevs in it.
 */
struct nfp_paths {
	const struct nfp_index *index; /* borrowed, like @facts and @pf */
	const struct nfp_facts *facts;
	const struct nfp_pf *pf; /* NULL: the paths lead to a netdev */
	bool have_vlans;	 /* those of ports in our own namespace are known */
	bool into_tunnels;	 /* a tunnel sends by the netdev below it */
	struct nfp_reached {
		bool found;
		struct nfp_path path;
		size_t before, over; /* the netdev from which it was found; the bridge between
				      * these two, or 0 */
	} * nodes;		     /* owned, by the number of the netdev */
	size_t *queue, begin, end;   /* owned: those that were found, in order */
	/* Owned: the taps and macvtaps that are on a path to the PF, or ports of what is. */
	struct nfp_placed *taps;
	size_t num_taps;
	struct nfp_behind {
		size_t port; /* of a bridge between the PF and a tap */
		int pid;     /* a process that has that tap open */
	} * behind;	     /* owned, in that order */
	size_t num_behind;
	bool is_cut; /* there is more than is looked at: NFP_TAPS_MAX, NFP_HOPS_MAX or NFP_SAME_MAX
		      */
};
#define NFP_TAPS_MAX 4096U /* on the paths to one PF */
void nfp_paths_find(const struct nfp_index *index, const struct nfp_pf *pf,
		    struct nfp_paths *ret_paths);
void nfp_paths_fini(struct nfp_paths *paths);

/* Finds the path of @link, one of netns->links. False: it does not lead to the PF. */
bool nfp_path_find(const struct nfp_paths *paths, const struct nfp_netns *netns,
		   const struct nfp_link *link, struct nfp_path *ret_path);

/* Is the netdev, or what it is stacked on, another NIC than the PF's, and not joined
 * with that one? */
bool nfp_is_on_another(const struct nfp_paths *paths, const struct nfp_placed *netdev);

/* A bridge between a tap and the PF. */
struct nfp_hop {
	const struct nfp_netns *netns;
	const struct nfp_link *bridge;
	const struct nfp_link *in;  /* its port towards the tap; NULL: what is on it is no port */
	const struct nfp_link *out; /* its port towards the PF */
};
#define NFP_HOPS_MAX 8U
/* Lists the bridges on the path from a netdev, or from what it is a port of, the nearest first.
 * Returns how many; 0: it does not lead to the PF, or through no bridge. */
size_t nfp_path_hops(const struct nfp_paths *paths, const struct nfp_netns *netns,
		     const struct nfp_link *link, struct nfp_hop hops[NFP_HOPS_MAX]);

/* Does the process have the port open, or a tap behind it, on a bridge that has a veth
 * as a port? */
bool nfp_process_is_behind(const struct nfp_paths *paths, int pid, const struct nfp_netns *netns,
			   const struct nfp_link *port);

/*
 * Where frames leave the host that are sent to a netdev of our own namespace. Netdevs that may have
 * a standby have ways: all but taps, macvtaps and veths. A bridge has one for each of its ports
 * that leads to it, whatever VLANs the port has.
 */
struct nfp_way {
	const struct nfp_link *on; /* whose frames */
	const struct nfp_link *link;
	bool known; /* a device or a tunnel; else something that nobody here can look into */
	struct nfp_path path;
	struct nfp_hop hops[NFP_HOPS_MAX];
	size_t num_hops;
};
struct nfp_ways {
	struct nfp_way *v; /* owned, in the order of the netdevs that have them */
	size_t n;
	bool is_cut; /* there are more: than NFP_WAYS_MAX, or behind more than NFP_HOPS_MAX bridges
		      */
};
#define NFP_WAYS_MAX 16384U
/* @own: our own namespace, with its links, and its port_vlans if those are known. */
void nfp_ways_find(const struct nfp_netns *own, bool have_vlans, struct nfp_ways *ret_ways);
void nfp_ways_fini(struct nfp_ways *ways);
/* Notes in the PF the bridges by which standbys reach it. */
void nfp_pf_find_bridges(const struct nfp_netns *own, struct nfp_pf_info *pf);

/* Does an address have more entries than are looked at? */
bool nfp_index_is_crowded(const struct nfp_index *index);
/* Borrowed. NULL: there is none. */
const struct nfp_link *nfp_index_link(const struct nfp_index *index, const struct nfp_netns *netns,
				      int ifindex);

/* Returns the netdev of hardware at the bottom of its stack. Borrowed. NULL: there is none. */
const struct nfp_link *nfp_index_base(const struct nfp_index *index, const struct nfp_netns *netns,
				      const struct nfp_link *link);

/* Does the process have this tap or macvtap open? */
bool nfp_process_has(const struct nfp_index *index, int pid, const struct nfp_netns *netns,
		     const struct nfp_link *link);
/* Does any process of its own namespace have it open? Anybody can hand over a tap of that name. */
bool nfp_tap_is_open(const struct nfp_index *index, const struct nfp_netns *netns,
		     const struct nfp_link *link);
/* Might any process have it open, even one to which a tap was handed over? */
bool nfp_tap_may_be_open(const struct nfp_index *index, const struct nfp_netns *netns,
			 const struct nfp_link *link);
/* Lists the processes that have the tap or macvtap open. Returns how many. */
size_t nfp_tap_pids(const struct nfp_index *index, const struct nfp_netns *netns,
		    const struct nfp_link *link, int pids[NFP_SAME_MAX]);

/* A guest that has ended stays in the table for minutes. Only an entry at the PF's port that is as
 * recent as this proves that the guest is elsewhere, or migrates. */
#define NFP_FRESH_CS 3000

/* An entry of a bridge on the PF, in our own namespace, at a port that is not one of
 * the PF's own. */
struct nfp_learned {
	const struct nfp_neigh *entry;
	const struct nfp_link *bridge, *port; /* port: NULL if it is gone */
	bool at_pf;			      /* the port leads to the PF, and so to the network */
	const struct nfp_vf_info *at_vf;      /* the port leads to this VF */
	unsigned int vlan;
	bool inner; /* the bridge is behind another one, which also has the entry */
};
/* False: the entry is no such entry, or its age says nothing. */
bool nfp_learned_find(const struct nfp_paths *paths, const struct nfp_neigh *entry,
		      struct nfp_learned *ret_learned);

#endif
