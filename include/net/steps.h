/* SPDX-License-Identifier: GPL-2.0-or-later */
/* steps.h - the netdevs that the frames of one guest pass between its tap or macvtap and the wire,
 * by how they are joined, whether or not anything passes. Pure. */
#ifndef NFPROBE_STEPS_H
#define NFPROBE_STEPS_H

#include "net/owner.h"

struct nfp_step_at {
	struct nfp_placed at;
	const struct nfp_link *bridge; /* of which it is a port here; NULL: of none */
	bool inward;		       /* the guest is behind it, else the wire */
	bool beside; /* frames may leave by another way, which begins here or nearer the guest */
	/* The outermost tag of the guest's frames there: has_vid false: whichever they have; vid 0:
	 * none. */
	bool has_vid;
	uint16_t vid;
	bool any_vlan; /* it is not known which */
	/* At a port of a bridge that filters VLANs: the VLAN of the guest's frames in that bridge;
	 * 0: none, or not known. lacks: the port is known not to be in it, or to be in none. */
	uint16_t in_bridge;
	bool lacks;
};

#define NFP_STEPS_MAX 24
struct nfp_steps {
	struct nfp_step_at v[NFP_STEPS_MAX]; /* from the guest to the wire */
	size_t n;
	bool reaches; /* the last is a NIC */
	bool is_cut;  /* it has more netdevs, and none is given */
};

/* Finds the ways to one PF. What the taps of a bridge have in common is found once. */
struct nfp_walker;
/* @index: borrowed, with all that taps may lead to. @pf: borrowed; may be NULL. */
struct nfp_walker *nfp_walker_new(const struct nfp_index *index, const struct nfp_pf *pf);
void nfp_walker_free(struct nfp_walker *walker);

/*
 * Finds the shortest way to the netdev of the PF, else to another NIC, else as far as it leads.
 * Taps of others lead nowhere.
 */
void nfp_steps_find(struct nfp_walker *walker, const struct nfp_placed *tap,
		    struct nfp_steps *ret_steps);

#endif
