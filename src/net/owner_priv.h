/* SPDX-License-Identifier: GPL-2.0-or-later */
/* owner_priv.h - the index of a host, shared by owner.c, path.c and ways.c. */
#ifndef NFPROBE_NET_OWNER_PRIV_H
#define NFPROBE_NET_OWNER_PRIV_H

#include "net/owner.h"

/* The place of a netdev with that ifindex: its namespace, and its number in all[]. */
struct place {
	size_t ns;
	int ifindex;
	size_t at;
};

/* A tap whose guest's address is in QEMU's arguments. */
struct guest {
	const struct nfp_mac *mac;
	struct nfp_placed tap;
};

/* Links are numbered from 1 through all namespaces. 0: none. */
struct nfp_index {
	const struct nfp_facts *facts;
	size_t *before; /* by namespace: how many links the ones before it have */
	size_t n;
	const struct nfp_link **all;
	struct place *places; /* in the order of compare_places */
	/* How they are on top of each other, by their numbers; 0: by none. */
	struct nfp_node {
		size_t child, sibling; /* the first netdev that is stacked on it, and the next */
		size_t master;
		size_t base;		/* the netdev of hardware at the bottom of its stack */
		size_t port, next_port; /* the first port of a master, and the next of one */
		size_t peer;		/* of a veth, in whichever namespace */
		size_t netns;		/* the number of its namespace */
		size_t vlans;  /* of a port or a bridge: the first in its namespace's port_vlans, or
				* their number */
		uint16_t pvid; /* of a bridge's port; 0: none, or not known */
	} * nodes;
	/* Sorted by address; those of devices, sorted by device. */
	struct nfp_placed *by_mac, *by_device;
	size_t num_by_mac, num_by_device;
	struct nfp_placed_vf *vfs; /* sorted by address */
	size_t num_vfs;
	struct nfp_apart *apart;   /* sorted by address */
	struct nfp_entry *entries; /* in the order of compare_entries */
	size_t num_entries;
	struct guest *guests; /* taps of guests whose address is known, sorted by it */
	size_t num_guests;
	struct nfp_guest_tap *taps; /* the open ones, in the order of compare_taps */
	size_t num_taps;
};

/* Return the number of a netdev: one of netns->links; or the one with that ifindex in the namespace
 * @ns (0: there is none). */
size_t nfp_link_number(const struct nfp_index *index, const struct nfp_netns *netns,
		       const struct nfp_link *link);
size_t nfp_ifindex_number(const struct nfp_index *index, size_t ns, int ifindex);

/* Returns the VLAN of a port, or of a bridge itself. NULL: it lacks it. */
const struct nfp_port_vlan *nfp_index_vlan(const struct nfp_index *index, size_t port,
					   unsigned int vid);

/* -- path.c: the walk that ways.c shares -- */

/* Does it send its frames inside packets of the host, and not by the netdev below it? */
bool nfp_is_tunnel(const struct nfp_link *link);
void nfp_paths_begin(struct nfp_paths *paths, const struct nfp_index *index);
/* Adds a netdev from which the walk begins. */
void nfp_paths_from(struct nfp_paths *paths, size_t at, struct nfp_path path);
void nfp_paths_walk(struct nfp_paths *paths);
/* Adds a tag inside those that are there. */
void nfp_path_tag(struct nfp_path *path, unsigned int vid);
/* As nfp_path_hops, by the number of the netdev; more than NFP_HOPS_MAX: the path has that many. */
size_t nfp_path_hops_at(const struct nfp_paths *paths, size_t at,
			struct nfp_hop hops[NFP_HOPS_MAX]);

#endif
