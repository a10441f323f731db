/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFPROBE_HOST_RESTORE_H
#define NFPROBE_HOST_RESTORE_H

/*
 * restore.h - undoing by the journal: the one code path of a run that ends, of --restore, and of a
 * run that finds what another left.
 */
#include "hands.h"
#include "nfprobe/undo.h"

/* Everything borrowed. hands->journal is NULL: what undoing does needs no undoing. */
struct nfp_undoer {
	struct nfp_hands *hands;
	const struct nfp_journal_data *data;
	const char *pf_ifname;
	struct nfp_restore_report *report;
	/* Of a run that is alive: the netdev of a source in the private namespace, else 0. */
	int private_ifindex;
};

/* One VF as it was, verified; what differs is in report->failed. -errno only when nothing can be
 * known. */
int nfp_undo_vf(struct nfp_undoer *undoer, const struct nfp_journal_vf *entry, struct nfp_err *err);
/* Has its device left the bus? One that is about to leave is waited for. */
bool nfp_undo_vf_is_gone(const struct nfp_vf_state *vf);
/* FDB entries of the PF and of bridge ports that were made for VF @vf, or for none (-1). */
int nfp_undo_fdb(struct nfp_undoer *undoer, int vf, struct nfp_err *err);
/*
 * All that the journal has and that is not done yet. The first error is returned, and keeps nothing
 * behind it from being put back.
 */
int nfp_undo_everything(struct nfp_undoer *undoer, struct nfp_err *err);

/* -EIO (NFP_E_RESTORE) with the first of report->failed from number @from on; 0 if there is none.
 */
int nfp_restore_failed(const struct nfp_restore_report *report, size_t from, struct nfp_err *err);

#endif
