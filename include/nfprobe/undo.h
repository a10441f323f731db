/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * undo.h - restores the host from the journal: at the end of a run, for --restore, and when a run
 * finds the journal of another. All take the same code path.
 */
#ifndef NFPROBE_UNDO_H
#define NFPROBE_UNDO_H

#include "nfprobe/apply.h"
#include "nfprobe/base.h"
#include "nfprobe/journal.h"

/* The actions of a restore, as sentences for people. */
struct nfp_restore_report {
	struct nfp_strv done;	     /* "VF 3 of eth0 is as it was" */
	struct nfp_strv left_behind; /* what could not be restored, and matters to no later run */
	struct nfp_strv others;	     /* changes by other processes: left alone */
	struct nfp_strv failed;	     /* what still differs of a VF: exit 5 */
	struct nfp_strv taken;	     /* VFs taken by other processes: left alone, exit 5 */
	bool found;		     /* there was a journal */
	bool no_interface;	     /* there was none, nor an interface of that name */
	bool unsure;		     /* something could not be read: there may be more to undo */
};
void nfp_restore_report_fini(struct nfp_restore_report *report);

/*
 * Undoes the changes in the journals of this PF, verifies the result, and removes the journals. A
 * VF that is not as it was gets a journal of its own (nfp_journal_is_parked), and is in
 * report->failed or ->taken: other VFs can be probed. 0, also if there is nothing to undo. -errno:
 * a journal cannot be believed, read or put away.
 */
int nfp_restore_locked(struct nfp_lock *lock, const struct nfp_events *events,
		       struct nfp_restore_report *report, struct nfp_err *err);
/*
 * Takes the lock and restores: the PF @ifname, or (NULL) all that have a journal in @rundir. Tries
 * all, and returns the first error.
 */
int nfp_restore(const char *rundir, const char *ifname, const struct nfp_events *events,
		struct nfp_restore_report *report, struct nfp_err *err);

/* ---- for the host backend of a run (host.h) ---- */

/* All pointers are borrowed. apply->journal must be NULL: the undo itself is never undone. */
struct nfp_undo_ctx {
	struct nfp_apply *apply;
	struct nfp_journal *journal; /* what is undone */
	struct nfp_restore_report *report;
	/* In a run that goes on: the netdev of a source in the private namespace, else 0. */
	int private_ifindex;
	/* Known to the run beyond its journal: attributes that another process has changed. */
	uint32_t foreign;
	/* .. and the attributes that the VF must have, by the PF's last report and what the run has
	 * done since; NULL: not known. The PF is asked at the end in any case. */
	const struct nfp_vf_attr *attr;
};

/*
 * Restores one VF and verifies it. If it still differs, or cannot be read, report->failed says so.
 * A VF that another process has taken is left alone, and added to report->taken. Either is marked
 * as kept in the data of the journal.
 */
void nfp_undo_vf(struct nfp_undo_ctx *undo_ctx, const struct nfp_journal_vf *entry);
/* Deletes the run's entries from the FDB of the PF's bridge. */
void nfp_undo_bridge(struct nfp_undo_ctx *undo_ctx);
/* Undoes all that is left in the journal. */
void nfp_undo_all(struct nfp_undo_ctx *undo_ctx);

/* Removes the journal once all was tried (sets it aside if it is damaged). Each VF that is kept
 * gets a journal of its own first. */
int nfp_restore_finish(struct nfp_journal *journal, struct nfp_err *err);

/* -EIO (NFP_E_RESTORE) with the first of report->failed, else -EBUSY (NFP_E_VF_TAKEN) with the
 * first of report->taken, else 0. */
int nfp_restore_failed(const struct nfp_restore_report *report, struct nfp_err *err);

#endif
