/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal.h - a run writes down each change before it makes it, so that after a crash the changes
 * can be undone from the file alone.
 *
 * <rundir>/<parentdev>.journal is a text file of mode 0600. A change to a VF that could not be
 * undone, most often because another process has taken the VF, is in
 * <rundir>/<parentdev>.vf<N>.journal. Each line has the CRC-32 of the rest (IEEE 802.3, as zlib's
 * crc32) in 8 hex digits, a blank, and a compact JSON object with a member "t":
 *
 *   begin   format, version, boot (id of this boot), bus, parentdev, ifname, ifindex, addresses
 *   vf      a VF before any change (struct nfp_vf_state), and the settings of its netdevs
 *           (settings.h)
 *   change  a change that is about to be made (struct nfp_change)
 *   void    change number "seq" was refused or has been undone: there is nothing to undo
 *   foreign attributes of a VF that another process has changed: they are left alone
 *   vf-done this VF is restored
 *
 * Names of a bus, a device or a driver must not have slashes, because they become parts of paths.
 *
 * A line is written before its change is made. So if the last line is cut off or damaged, its
 * change was not made, and the line is ignored. Damage elsewhere is counted and reported.
 */
#ifndef NFPROBE_CHANGE_JOURNAL_H
#define NFPROBE_CHANGE_JOURNAL_H

#include <jansson.h>

#include "change.h"

#define NFP_JOURNAL_FORMAT 8
#define NFP_JOURNAL_MAX	   (64U << 20) /* larger files are not read */
#define NFP_BOOT_ID_LEN	   37	       /* a UUID as text, and the NUL */

struct nfp_journal_head {
	char version[32];
	char boot[NFP_BOOT_ID_LEN];
	char bus[16];
	char parentdev[NFP_TEXT_LEN]; /* the PF's */
	char ifname[NFP_IFNAMSIZ];
	int ifindex;
	const struct nfp_mac *addresses; /* all addresses that the run tests with */
	size_t num_addresses;
};

struct nfp_journal_vf {
	struct nfp_vf_state before;
	json_t *settings[NFP_VF_NETDEVS];
	bool source; /* another VF than the one under test, which keeps its driver and is never
			unbound */
	/*
	 * Used where the driver refuses to clear the address. Random, since drivers refuse or
	 * ignore an address that another VF has (qlcnic_sriov_set_vf_mac, hinic's firmware).
	 */
	struct nfp_mac placeholder_mac;
	bool done;
	uint32_t external; /* attributes that another process has changed (NFP_VF_ATTR_BIT) */
	/* These two are not in the file. */
	bool kept;		    /* this VF could not be restored */
	char taker[NFP_REASON_LEN]; /* who has taken it, as a sentence */
};

struct nfp_journal_data {
	bool begun;		      /* the first line was read: there is a head */
	struct nfp_journal_head head; /* its addresses are owned */
	struct nfp_journal_vf *vfs;   /* owned */
	size_t num_vfs;
	struct nfp_change *
		changes; /* owned, in order; without those that are void, or of VFs that are done */
	size_t num_changes;
	size_t unreadable; /* damaged lines, not counting the last */
};

void nfp_journal_data_fini(struct nfp_journal_data *data);
/* Returns the VF's last entry that is not done, or NULL. */
const struct nfp_journal_vf *nfp_journal_find_vf(const struct nfp_journal_data *data,
						 unsigned int vf);

/* ---- pure ---- */

/*
 * Returns a line with its newline, which the caller frees. Bytes that are not printable ASCII are
 * written as %XX (an interface name may have any bytes).
 */
char *nfp_journal_line_begin(const struct nfp_journal_head *head);
char *nfp_journal_line_vf(const struct nfp_journal_vf *entry);
char *nfp_journal_line_change(const struct nfp_change *change);

/* A void, vf-done or foreign line. Members that do not belong to its type are 0. */
struct nfp_journal_note {
	const char *type;
	unsigned int seq, vf, attributes;
};
char *nfp_journal_line_note(const struct nfp_journal_note *note);

/*
 * Adds one line, without its newline, to the data. -EBADMSG: it is incomplete; -EPROTO: complete,
 * but malformed; -EPROTONOSUPPORT: as below.
 */
int nfp_journal_read_line(const char *line, size_t len, struct nfp_journal_data *data);
/*
 * Parses a journal. *ret_good: the length up to the last good line, after which lines may be
 * appended. 0; -ENODATA: the first line is incomplete, so nothing was changed; -EBADMSG
 * (NFP_E_JOURNAL): the first line is damaged although others follow. -EPROTONOSUPPORT without a
 * message: it is of another format, and only head.version and head.ifname are filled in. Call
 * nfp_journal_data_fini in any case.
 */
int nfp_journal_parse(const char *text, size_t len, struct nfp_journal_data *ret_data,
		      size_t *ret_good, struct nfp_err *err);

/* ---- the file ---- */

struct nfp_journal;

/*
 * Creates the file, which must not exist, and writes the head. @dirfd:
 * the run directory, borrowed for the lifetime of the journal. -1: a dry run, which keeps the
 * journal in memory only. On -errno (NFP_E_JOURNAL), such as -ENOSPC, the run must not begin.
 */
int nfp_journal_create(int dirfd, const struct nfp_journal_head *head,
		       struct nfp_journal **ret_journal, struct nfp_err *err);
/*
 * Opens the journal of an interrupted run, to undo it. @stem: the file's name without ".journal".
 * 0; -ENOENT without a message: there is none; -ESTALE without a message: it was from another boot,
 * so none of its changes are left, and has been removed; -EPERM: it is not ours, a symlink, or
 * others can write to it; -EBADMSG: it is damaged.
 */
int nfp_journal_load(int dirfd, const char *stem, struct nfp_journal **ret_journal,
		     struct nfp_err *err);
/* Opens the journal to look at it, even while a run writes it. Removes and writes nothing. */
int nfp_journal_peek(int dirfd, const char *stem, struct nfp_journal **ret_journal);
/* Calls @journal for each in the run directory. stem[device_len] is '\0'; in the name of a journal
 * of a single VF, the VF follows. 0 or -errno. */
int nfp_journals_each(int dirfd, void (*journal)(const char *stem, size_t device_len, void *ctx),
		      void *ctx, struct nfp_err *err);
const struct nfp_journal_data *nfp_journal_data(const struct nfp_journal *journal);

/*
 * Append a line to the file, and read it back into the data. On -errno the change must not be made.
 * A note updates the data even if it cannot be written: a restore from the file then at most tries
 * what is not needed. nfp_journal_vf uses the members before, settings (it keeps a reference),
 * source and placeholder_mac of @entry.
 */
int nfp_journal_vf(struct nfp_journal *journal, const struct nfp_journal_vf *entry,
		   struct nfp_err *err);
/* Sets change->seq. */
int nfp_journal_change(struct nfp_journal *journal, struct nfp_change *change, struct nfp_err *err);
int nfp_journal_note(struct nfp_journal *journal, const struct nfp_journal_note *note,
		     struct nfp_err *err);
int nfp_journal_done(struct nfp_journal *journal, unsigned int vf, struct nfp_err *err);

/* Notes in the data only that the VF could not be restored; @taker: who has taken it, or NULL. */
void nfp_journal_mark_kept(struct nfp_journal *journal, unsigned int vf, const char *taker);
/* Moves what is left to undo for the VF to a journal of its own. */
int nfp_journal_split(struct nfp_journal *journal, unsigned int vf, struct nfp_err *err);
/* Removes the file when everything is undone. */
int nfp_journal_remove(struct nfp_journal *journal, struct nfp_err *err);
/* Keeps a damaged journal as <stem>.journal.damaged, when everything legible in it is undone. */
int nfp_journal_set_aside(struct nfp_journal *journal, struct nfp_err *err);
/* Frees the journal, but leaves the file. NULL is allowed. */
void nfp_journal_free(struct nfp_journal *journal);

/* Writes the id of this boot. 0 or -errno. */
int nfp_boot_id(char buf[NFP_BOOT_ID_LEN], struct nfp_err *err);

/*
 * Opens the run directory, and with @create makes it (mode 0700). -ENOENT without a message: it
 * does not exist. -ENOTDIR, -EPERM: it is a symlink, another user's, or writable by others.
 */
int nfp_rundir_open(const char *rundir, bool create, int *ret_fd, struct nfp_err *err);
/* True if the file is of this type (S_IFREG), owned by this user, and not writable by others. */
bool nfp_is_own(int fd, mode_t type);

#endif
