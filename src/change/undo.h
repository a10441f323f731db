/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * undo.h - puts a VF back as it was, fact by fact, by the list in undo.c. A fact that is as this
 * run left it becomes what it was before; any other is somebody else's, and is reported. Pure.
 *
 * Undo is a loop: read the VF, ask for the next change, make it, until there is none; then compare.
 * The next change depends on the VF alone, so that the end of a run and a restore after a crash
 * (even after a crash of a restore) are the same.
 */
#ifndef NFPROBE_CHANGE_UNDO_H
#define NFPROBE_CHANGE_UNDO_H

#include "apply.h"

#define NFP_UNDO_ROWS	   20 /* rows of the list */
#define NFP_UNDO_STEPS_MAX (2 * NFP_UNDO_ROWS)

/*
 * Where the attributes of a VF come from. The kernel reports those of one VF only together with
 * those of all VFs of the PF, and holds the RTNL lock meanwhile, so they are not read after each
 * change.
 */
enum nfp_undo_attr {
	NFP_ATTR_UNSURE,  /* our changes may have had further effects on them */
	NFP_ATTR_WRITTEN, /* as the PF was told to set them */
	NFP_ATTR_READ,	  /* as the PF reports them, with no change since */
};

/* A VF, what this program did to it, and the progress of its undo. Borrowed pointers. */
struct nfp_undo_state {
	const struct nfp_journal_data *journal;
	const struct nfp_vf_state *before; /* as it was before the run */
	struct nfp_mac placeholder_mac;	   /* the entry's */
	struct nfp_vf_state now;	   /* as it was last read; for its attributes: */
	enum nfp_undo_attr source_of_attr;
	bool source;	   /* its driver stays bound */
	bool was_bound;	   /* we bound a driver to it */
	bool in_private;   /* its netdev is in a private namespace that we can reach */
	bool can_reset;	   /* it has a function-level reset */
	bool has_settings; /* the journal has those of its netdevs */
	/* Bits of rows: those that were made, the last of them, and those whose change a driver
	 * refused, or the guard stopped. */
	uint32_t made, made_last, refused;
	bool second_pass;     /* the list is gone through a second time */
	uint32_t external;    /* attributes that another process changed (NFP_VF_ATTR_BIT) */
	bool bound;	      /* the undo has bound its driver, or tried to */
	bool cleared;	      /* the driver accepted 00:00:00:00:00:00 */
	bool zero_refused;    /* the driver refused it, and has set the placeholder */
	bool address_refused; /* the address of its netdev was refused */
	bool mac_by_pf;	      /* its address was restored through the PF */
	bool name_taken;      /* another netdev has the name that the VF's had */
};

/* The last writer of a part of the VF. */
enum nfp_whose {
	NFP_WHOSE_UNSET,
	NFP_WHOSE_BEFORE, /* nobody: it is as it was, or not known */
	NFP_WHOSE_RUN,	  /* the run, or a driver by itself after a change of the run */
	NFP_WHOSE_OTHERS, /* another process */
};
/* @part: one of enum nfp_vf_part, or one attribute. */
enum nfp_whose nfp_undo_whose(const struct nfp_undo_state *u, uint32_t part);

/* Sets what the journal says, and zeroes the rest. */
void nfp_undo_state_begin(struct nfp_undo_state *u, const struct nfp_journal_data *journal,
			  const struct nfp_journal_vf *entry);

/*
 * True if another process has bound the VF or set its driver_override since. Then nothing of it may
 * be changed, and @buf says what happened.
 */
bool nfp_undo_is_taken(const struct nfp_undo_state *u, char buf[NFP_REASON_LEN]);
/*
 * Returns the next change of the list that is due. False: there is none. The second pass begins
 * only with attributes that were read. ifname and ifindex are those of the VF's netdev;
 * nfp_apply_change replaces them for kinds that are about the PF. NFP_CHANGE_LINK_SETTING stands
 * for all settings.
 */
bool nfp_undo_next(struct nfp_undo_state *u, struct nfp_change *ret_change);

/* True if the run was interrupted while it told the PF an address that the PF does not report. The
 * PF may not have been told, or its driver is late. */
bool nfp_undo_may_await_mac(const struct nfp_undo_state *u);
/* Sets u->now.attr to what the run expects, without asking the PF after its last change. */
void nfp_undo_expect_attrs(struct nfp_undo_state *u);
/* Notes the outcome of the change that nfp_undo_next returned: 0, -errno, or NFP_PLACEHOLDER; and
 * what is known of the attributes from then on. */
void nfp_undo_note_outcome(struct nfp_undo_state *u, const struct nfp_change *c, int ret);
/* Called when the PF has announced a change by another process, and u->now.attr was read since
 * @last: a setting that differs, and that no driver begins with, belongs to that process. */
void nfp_undo_note_external(struct nfp_undo_state *u, const struct nfp_vf_attr *last);
/*
 * True if the attributes are certain enough to plan @next. Each change of them must be due by what
 * the PF says or was told. Only the PF can say that nothing is left to do (NULL).
 */
bool nfp_undo_has_attrs(const struct nfp_undo_state *u, const struct nfp_change *next);

/* True if the device has left the bus. Waits if it is about to. */
bool nfp_undo_vf_is_gone(const struct nfp_vf_state *vf);

/*
 * Reports what still differs as changed by others or as failed; or, if no later run depends on it,
 * as left behind, with a command to try. @pf: its name.
 */
void nfp_undo_compare(const struct nfp_undo_state *u, const char *pf,
		      struct nfp_restore_report *report);

/* Adds what @from has and @to lacks, and empties @from. */
void nfp_restore_report_add(struct nfp_restore_report *to, struct nfp_restore_report *from);

/* Lists what would have failed in a VF that was taken: "its driver was igbvf and
 * is vfio-pci, ..". */
void nfp_undo_remains(const struct nfp_undo_state *u, char *buf, size_t size);

/* True for an address of the run, and for the placeholder. */
bool nfp_undo_is_own_mac(const struct nfp_undo_state *u, const struct nfp_mac *mac);

/* -- undo_run.c, restore.c -- */

/* Pointers are borrowed. apply->journal must be NULL: the undo itself is never undone. */
struct nfp_undo_ctx {
	struct nfp_apply *apply;
	struct nfp_journal *journal; /* the changes to undo */
	struct nfp_restore_report *report;
	/* In a run that goes on, the netdev of a source in the private namespace;
	 * else ifindex 0. */
	struct nfp_rt_dev away;
	/* Attributes that another process has changed, as the run knows beyond its journal. */
	uint32_t external;
	/* The attributes that the VF must have, by the PF's last report and what the run has done
	 * since. NULL: not known. The PF is asked at the end in any case. */
	const struct nfp_vf_attr *attr;
};

/*
 * Restores one VF and verifies it. If it still differs, or cannot be read, report->failed says so.
 * A VF that another process has taken is left alone, and added to report->taken. The journal's data
 * marks either as kept.
 */
void nfp_undo_vf(struct nfp_undo_ctx *undo_ctx, const struct nfp_journal_vf *entry);
/* Deletes the run's entries from the FDB of the PF's bridge. */
void nfp_undo_bridge(struct nfp_undo_ctx *undo_ctx);
/* Undoes everything that is left in the journal. */
void nfp_undo_all(struct nfp_undo_ctx *undo_ctx);

/* Removes the journal once all was tried (sets it aside if it is damaged). Each VF that is kept
 * gets a journal of its own first. */
int nfp_restore_finish(struct nfp_journal *journal, struct nfp_err *err);

#endif
