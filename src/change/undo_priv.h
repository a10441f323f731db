/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * undo_priv.h - plans how to restore a VF: the next change, from what the VF was, what it is, and
 * what this program did to it. Pure.
 *
 * Undo is a loop: read the VF, ask for the next change, make it, until there is none; then compare.
 * It needs no memory of its progress, so the end of a run and a restore after a crash (even after a
 * crash of a restore) are the same.
 */
#ifndef NFPROBE_UNDO_UNDO_PRIV_H
#define NFPROBE_UNDO_UNDO_PRIV_H

#include "nfprobe/undo.h"

/* The attempts of the undo; each is made once. */
enum nfp_undo_try {
	NFP_TRY_MOVE_BACK = 1U << 0,
	NFP_TRY_UNBIND = 1U << 1,
	NFP_TRY_RESET = 1U << 2,
	NFP_TRY_MAC = 1U << 3, /* while no driver is bound */
	NFP_TRY_VLAN = 1U << 4,
	NFP_TRY_OVERRIDE = 1U << 8,
	NFP_TRY_BIND = 1U << 9,
	NFP_TRY_OVERRIDE_AFTER = 1U << 10, /* binding may have set one */
	NFP_TRY_ADDRESS = 1U << 11,
	NFP_TRY_MAC_AFTER = 1U << 12,
	NFP_TRY_NAME = 1U << 13,
	NFP_TRY_UP = 1U << 15,
	NFP_TRY_SECOND_NAME = 1U << 17,
	NFP_TRY_SECOND_UP = 1U << 18,
	NFP_TRY_MAC_ZERO = 1U << 16, /* zero was refused: its replacement */
	/* And 1U << (NFP_TRY_SETTING + id) for each setting of enum nfp_vf_attr_id. */
};
#define NFP_TRY_SETTING 20

/*
 * Where the attributes of a VF come from. The kernel reports those of one VF only together with all
 * others of the PF, and holds the RTNL lock meanwhile, so they are not read after each change.
 */
enum nfp_undo_attr {
	NFP_ATTR_UNSURE,  /* our changes may have had further effects on them */
	NFP_ATTR_WRITTEN, /* expected: as the PF was told */
	NFP_ATTR_READ,	  /* as the PF reports them, and nothing was done since */
};

#define NFP_UNDO_STEPS_MAX 24 /* more than there are things to try */

/* A VF, what this program did to it, and the progress of its undo. Borrowed pointers. */
struct nfp_undo_state {
	const struct nfp_journal_data *journal;
	const struct nfp_vf_state *before; /* as it was before the run */
	struct nfp_mac parked;		   /* the entry's */
	struct nfp_vf_state now;	   /* as it was read last, and for its attributes: */
	enum nfp_undo_attr source_of_attr;
	bool source;	   /* its driver stays bound */
	bool was_bound;	   /* we bound a driver to it */
	bool in_private;   /* its netdev is in a private namespace that we can reach */
	bool can_reset;	   /* it has a function-level reset */
	uint32_t tried;	   /* enum nfp_undo_try */
	uint32_t foreign;  /* attributes that another process changed: NFP_VF_ATTR_BIT */
	bool zero_refused; /* the driver refused 00:00:00:00:00:00 */
	bool mac_by_pf;	   /* its address was restored through the PF */
	bool name_taken;   /* another netdev has the name that the VF's had */
};

/* Sets what the journal says; the rest is zero. */
void nfp_undo_state_begin(struct nfp_undo_state *u, const struct nfp_journal_data *journal,
			  const struct nfp_journal_vf *entry);

/*
 * Has another process bound the VF or set its driver_override since? Then nothing of it may be
 * changed, and @buf says what happened.
 */
bool nfp_undo_taken(const struct nfp_undo_state *u, char buf[NFP_REASON_LEN]);
/*
 * The next change that brings u->now nearer to u->before, noted in u->tried. False: there is none.
 * Its ifname and ifindex are those of the VF's netdev; nfp_apply_change replaces them for kinds
 * that are about the PF.
 */
bool nfp_undo_next(struct nfp_undo_state *u, struct nfp_change *ret_change);

/* Makes u->now.attr what the run expects, though the PF has not been asked since its last change.
 */
void nfp_undo_know(struct nfp_undo_state *u);
/* Notes what a change has done to u->now.attr: one that was made (@ret 0), or that was not, or not
 * as planned. */
void nfp_undo_note(struct nfp_undo_state *u, const struct nfp_change *c, int ret);
/*
 * Are the attributes certain enough to plan @next? Each change of them must be due by what the PF
 * says or was told; and that nothing is left to do (NULL) only the PF can say.
 */
bool nfp_undo_knows(const struct nfp_undo_state *u, const struct nfp_change *next);

/* Has its device left the bus? Waits if it is about to. */
bool nfp_undo_vf_is_gone(const struct nfp_vf_state *vf);

/*
 * Reports what still differs as changed by others, or as failed; as left behind, with a command to
 * try, if no later run depends on it. @pf: its name.
 */
void nfp_undo_compare(const struct nfp_undo_state *u, const char *pf,
		      struct nfp_restore_report *report);

/* Lists what would have failed of a VF that was taken: "its driver was igbvf and is vfio-pci, ..".
 */
void nfp_undo_remains(const struct nfp_undo_state *u, const char *pf, char *buf, size_t size);

/* Is it an address of the run, the parked one included? */
bool nfp_undo_mac_ours(const struct nfp_undo_state *u, const struct nfp_mac *mac);
/* Did another process give the VF the address, the VLAN that it has now? */
bool nfp_undo_mac_foreign(const struct nfp_undo_state *u);
bool nfp_undo_vlan_foreign(const struct nfp_undo_state *u);

#endif
