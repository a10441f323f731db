/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * undo.h - how a VF becomes again what it was: the next change to make, from what it was, what it
 * is, and what this program did to it. Pure.
 *
 * Undoing is a loop: read the VF, ask for the next change, make it, until there is none; then
 * compare. It needs no memory of how far it got, so a run that ends as it should and a restore
 * after a crash (even a crash of a restore) are one and the same.
 */
#ifndef NFPROBE_UNDO_UNDO_PRIV_H
#define NFPROBE_UNDO_UNDO_PRIV_H

#include "nfprobe/undo.h"

/* What undoing has tried; each is tried once. */
enum nfp_undo_try {
	NFP_TRY_MOVE_BACK = 1U << 0,
	NFP_TRY_UNBIND = 1U << 1,
	NFP_TRY_RESET = 1U << 2,
	NFP_TRY_MAC = 1U << 3, /* while no driver is bound */
	NFP_TRY_VLAN = 1U << 4,
	NFP_TRY_OVERRIDE = 1U << 8,
	NFP_TRY_BIND = 1U << 9,
	NFP_TRY_OVERRIDE_AFTER = 1U << 10, /* binding may need an override of its own */
	NFP_TRY_ADDRESS = 1U << 11,
	NFP_TRY_MAC_AFTER = 1U << 12,
	NFP_TRY_NAME = 1U << 13,
	NFP_TRY_MTU = 1U << 14,
	NFP_TRY_UP = 1U << 15,
	NFP_TRY_SECOND_NAME = 1U << 17,
	NFP_TRY_SECOND_UP = 1U << 18,
	NFP_TRY_MAC_ZERO = 1U << 16, /* zero was refused: something else takes its place */
	/* And 1U << (NFP_TRY_SETTING + id) for each setting of enum nfp_vf_attr_id. */
};
#define NFP_TRY_SETTING 20

#define NFP_UNDO_STEPS_MAX 24 /* more than there are things to try */

/* A VF, what this program did to it, and how undoing goes. Borrowed pointers. */
struct nfp_undo_state {
	const struct nfp_journal_data *journal;
	const struct nfp_vf_state *before; /* as it was before the run */
	struct nfp_vf_state now;	   /* as it was read last */
	bool source;			   /* its driver stays bound */
	bool was_bound;			   /* a driver was bound to it by us */
	bool in_private;   /* its netdev is in the private namespace, whence it can be taken */
	bool can_reset;	   /* it has a function-level reset */
	uint32_t tried;	   /* enum nfp_undo_try */
	uint32_t foreign;  /* attributes that another process changed: NFP_VF_ATTR_BIT */
	bool zero_refused; /* the driver would not take 00:00:00:00:00:00 */
	bool mac_by_pf;	   /* the address was put back by way of the PF */
	bool name_taken;   /* another netdev has the name that the VF's had */
};

/* From the changes of the journal; the rest is zero. */
void nfp_undo_state_begin(struct nfp_undo_state *u, const struct nfp_journal_data *journal,
			  const struct nfp_journal_vf *entry);

/*
 * Has another process bound or overridden the VF since? Then nothing of it must be changed; @buf
 * says by what ("bound to vfio-pci"). False: no.
 */
bool nfp_undo_taken(const struct nfp_undo_state *u, char buf[NFP_REASON]);
/* What of ours is still on a VF that was taken, in words ("its address is still .."); may be empty.
 */
void nfp_undo_remains(const struct nfp_undo_state *u, char *buf, size_t size);

/*
 * The next change that brings u->now nearer to u->before, noted in u->tried. False: there is none
 * left. ifname and ifindex are those of the VF's netdev; of a VF_* change they are the PF's, and
 * the caller's to fill in.
 */
bool nfp_undo_next(struct nfp_undo_state *u, struct nfp_change *ret_change);

/* Reports what still differs in the end as left behind, another's, or failed. @pf: its name. */
void nfp_undo_compare(const struct nfp_undo_state *u, const char *pf,
		      struct nfp_restore_report *report);

/* Is it an address of the run? */
bool nfp_undo_mac_ours(const struct nfp_undo_state *u, const struct nfp_mac *mac);
/* Did another process give the VF the address, the VLAN that it has now? */
bool nfp_undo_mac_foreign(const struct nfp_undo_state *u);
bool nfp_undo_vlan_foreign(const struct nfp_undo_state *u);

#endif
