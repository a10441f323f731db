/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * undo.h - undoing by the journal: the one code path of a run that ends, of --restore, and of a
 * run that finds what another left.
 */
#ifndef NFPROBE_UNDO_H
#define NFPROBE_UNDO_H

#include "nfprobe/apply.h"
#include "nfprobe/base.h"
#include "nfprobe/journal.h"

/* What restoring did, in words for a person. */
struct nfp_restore_report {
	struct nfp_strv done;	     /* "VF 3 of eth0: address put back" */
	struct nfp_strv left_behind; /* what the driver makes impossible */
	struct nfp_strv others;	     /* what somebody else changed meanwhile: left alone */
	struct nfp_strv failed;	     /* what differs still: exit 5 */
	struct nfp_strv taken;	     /* VFs that another process has taken: left alone, exit 5 */
	bool found;		     /* there was a journal */
	bool no_interface;	     /* there was none, nor is there an interface of that name */
	bool unsure;		     /* not all could be looked at: there may be more to undo */
};
void nfp_restore_report_fini(struct nfp_restore_report *report);

/*
 * Undoes what the journal of this PF says was begun, verifies, removes the journal. 0 also when
 * there is nothing to undo; -errno (NFP_E_RESTORE) when something differs still: the journal is
 * kept then.
 */
int nfp_restore_locked(struct nfp_lock *lock, const struct nfp_change_log *log,
		       struct nfp_restore_report *report, struct nfp_err *err);
/*
 * Takes the lock and restores: of the PF @ifname, or of each journal in @rundir (NULL). The first
 * error is returned once all were tried.
 */
int nfp_restore(const char *rundir, const char *ifname, const struct nfp_change_log *log,
		struct nfp_restore_report *report, struct nfp_err *err);

/* ---- for the host that a run changes (host.h) ---- */

/* Everything borrowed. hands->journal is NULL: what undoing does needs no undoing. */
struct nfp_undoer {
	struct nfp_hands *hands;
	const struct nfp_journal_data *data;
	struct nfp_journal *journal; /* that of @data; NULL in tests */
	const char *pf_ifname;
	struct nfp_restore_report *report;
	/* Of a run that is alive: the netdev of a source in the private namespace, else 0. */
	int private_ifindex;
	/* Of the VF, what the run knows beyond its journal: see struct nfp_undo_state. */
	uint32_t foreign;
};

/*
 * One VF as it was, verified; what differs is in report->failed. One that another process has taken
 * is left alone, is in report->taken, and is noted in the journal's data. -errno only when nothing
 * can be known.
 */
int nfp_undo_vf(struct nfp_undoer *undoer, const struct nfp_journal_vf *entry, struct nfp_err *err);
/* Has its device left the bus? One that is about to leave is waited for. */
bool nfp_undo_vf_is_gone(const struct nfp_vf_state *vf);
/* FDB entries of the PF and of bridge ports that were made for VF @vf, or for none (-1). */
void nfp_undo_fdb(struct nfp_undoer *undoer, int vf);
/*
 * All that the journal has and that is not done yet. The first error is returned, and keeps nothing
 * behind it from being put back.
 */
int nfp_undo_everything(struct nfp_undoer *undoer, struct nfp_err *err);

/*
 * The journal goes when all was undone (@ret 0). Where only VFs are left that another process has
 * taken, each gets a journal of its own, which keeps nobody from probing others. Returns @ret, or
 * what else failed.
 */
int nfp_restore_put_away(struct nfp_journal *journal, int ret, struct nfp_err *err);

/* -EIO (NFP_E_RESTORE) with the first of report->failed from number @from on, or -EBUSY
 * (NFP_E_VF_TAKEN) with the first of report->taken; 0 if there is none. */
int nfp_restore_failed(const struct nfp_restore_report *report, size_t from, struct nfp_err *err);

#endif
