/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal.h - one change of the host as a value: carried out by src/apply/hands.c, journalled by
 * journal.c, shown by -v and --dry-run as the command that would do the same. Pure.
 */
#ifndef NFPROBE_JOURNAL_H
#define NFPROBE_JOURNAL_H

#include <jansson.h>

#include "nfprobe/base.h"
#include "nfprobe/inventory.h"

/* The network namespace that dies with the process, as commands name it. */
#define NFP_NETNS_NAME "nfprobe"
/* The children of the PF in that namespace. */
#define NFP_VLAN_CHILD	  "nfpvlan"
#define NFP_MACVLAN_CHILD "nfpmac"
/* And the netdev of the VF under test: the name it comes with may be taken there, by a source. */
#define NFP_VF_NETDEV "nfpvf"
/* And its other one, where it has two. */
#define NFP_VF_SECOND "nfpvf2"

/* What is changed; behind each the fields of struct nfp_change that it needs. */
enum nfp_change_kind {
	NFP_CHANGE_VF_UNBIND,	 /* parentdev, bus, name (driver) */
	NFP_CHANGE_VF_BIND,	 /* parentdev, bus, name (driver) */
	NFP_CHANGE_VF_OVERRIDE,	 /* parentdev, bus, name (driver_override; empty: none) */
	NFP_CHANGE_VF_RESET,	 /* parentdev, bus */
	NFP_CHANGE_VF_MAC,	 /* ifname (PF), vf, mac */
	NFP_CHANGE_VF_VLAN,	 /* ifname (PF), vf, vlan */
	NFP_CHANGE_VF_SPOOFCHK,	 /* ifname (PF), vf, value 0, 1 */
	NFP_CHANGE_VF_TRUST,	 /* ifname (PF), vf, value 0, 1 */
	NFP_CHANGE_VF_STATE,	 /* ifname (PF), vf, value IFLA_VF_LINK_STATE_* */
	NFP_CHANGE_VF_RSS_QUERY, /* ifname (PF), vf, value 0, 1 */
	NFP_CHANGE_VF_RATE,	 /* ifname (PF), vf, rate */
	NFP_CHANGE_FDB_ADD,	 /* ifname (PF), mac: the PF's own unicast filter */
	NFP_CHANGE_FDB_DEL,	 /* likewise */
	NFP_CHANGE_PORT_FDB_ADD, /* ifname (a bridge port), mac: the bridge's FDB */
	NFP_CHANGE_PORT_FDB_DEL, /* likewise */
	NFP_CHANGE_MACVLAN_ADD,	 /* ifname (PF), mac: child in the private namespace, up */
	NFP_CHANGE_MACVLAN_DEL,	 /* nothing */
	NFP_CHANGE_VLAN_ADD,	 /* ifname (PF), vlan: child in the private namespace, down */
	NFP_CHANGE_VLAN_DEL,	 /* nothing */
	NFP_CHANGE_PROMISC_ON,	 /* ifname (PF) */
	NFP_CHANGE_PROMISC_OFF,	 /* ifname (PF) */
	NFP_CHANGE_NETNS_IN,	 /* ifname: into the private namespace, as name (empty: as it is) */
	NFP_CHANGE_NETNS_OUT,	 /* ifname: back into ours */
	NFP_CHANGE_LINK_UP,	 /* ifname, private */
	NFP_CHANGE_LINK_DOWN,	 /* ifname, private */
	NFP_CHANGE_LINK_NAME,	 /* ifname (now), name (then) */
	NFP_CHANGE_LINK_MTU,	 /* ifname, value */
	NFP_CHANGE_LINK_ADDRESS, /* ifname, mac */
	NFP_CHANGE_LINK_SETTING, /* ifname, name (include/nfprobe/settings.h), text; only to undo */
	NFP_CHANGE_COUNT,
};

struct nfp_change {
	enum nfp_change_kind kind;
	char ifname[NFP_IFNAMSIZ];
	int ifindex; /* of ifname, which is only for people; 0: not known yet */
	unsigned int vf;
	char parentdev[NFP_TEXT]; /* name of the device on its bus: 0000:01:10.6 */
	char bus[16];		  /* pci */
	char name[NFP_TEXT];
	const char *text; /* borrowed; not in the journal */
	struct nfp_mac mac;
	struct nfp_vlan vlan;
	int value;
	uint32_t rate[2];   /* least and most, Mbit/s; 0: no limit */
	bool private_netns; /* ifname is in the private namespace */
	bool of_vf;	    /* vf says for which VF this is done (always so for VF_*) */
	unsigned int seq;   /* number in the journal, from 1; 0: not journalled */
};

#define NFP_COMMAND_LEN 700 /* a setting may have 512 bytes */

/* The equivalent ip, bridge or echo command in one line; returns @buf. */
const char *nfp_change_command(const struct nfp_change *change, char buf[NFP_COMMAND_LEN]);

/* As the journal spells it ("vf-mac"); never NULL. */
const char *nfp_change_kind_name(enum nfp_change_kind kind);
bool nfp_change_kind_parse(const char *name, enum nfp_change_kind *ret_kind);

/* What is true of every change of a kind. */
enum nfp_change_flag {
	NFP_CHANGE_LASTS = 1U << 0,   /* outlives the process: it must be in the journal */
	NFP_CHANGE_OF_PF = 1U << 1,   /* ifname and ifindex are the PF's */
	NFP_CHANGE_TO_VF = 1U << 2,   /* written to the VF or its netdev; the PF's filter is not */
	NFP_CHANGE_VF_ATTR = 1U << 3, /* .. by the PF's driver, and announced by rtnetlink */
	NFP_CHANGE_TIMED = 1U << 4,   /* what a step stands for, not what the probe needs besides */
};
bool nfp_change_is(enum nfp_change_kind kind, enum nfp_change_flag flag);

bool nfp_vlan_equal(const struct nfp_vlan *a, const struct nfp_vlan *b);

/* Told about each change as it is made, as the ip or bridge command that would do the same. */
struct nfp_change_log {
	void (*change)(void *ctx, const char *command);
	void *ctx;
};

/* The address that takes the place of zero where a driver refuses it, as libvirt has it. */
extern const struct nfp_mac nfp_mac_parked;

/*
 * journal: what a run is about to change, written down before it is changed, so that it can be
 * undone from the file alone after a crash.
 *
 * <rundir>/<parentdev>.journal is a text file, mode 0600. What is left to undo of a VF that another
 * process has taken is in <rundir>/<parentdev>.vf<N>.journal, until that VF is free. Each line is
 * the CRC-32 (IEEE 802.3, as zlib's crc32) of the rest in 8 hex digits, a space and a compact JSON
 * object with a member "t":
 *
 *   begin   format, version, boot (id of this boot), pid, bus, parentdev, ifname, ifindex,
 *           addresses
 *   vf      a VF as it was before it was touched (struct nfp_vf_state), and the settings of its
 *           netdevs (include/nfprobe/settings.h)
 *   change  about to be made (struct nfp_change)
 *   void    of change number "seq" there is nothing to undo: refused, or undone already
 *   foreign attributes of a VF that another process has changed: they are left alone
 *   vf-done this VF is as it was again
 *
 * Names of a bus, a device or a driver have no slash: they are parts of paths.
 *
 * A line is written before its change is made. So a last line that is cut off or damaged was not
 * acted on and is ignored; damage elsewhere is counted, and what it may have hidden is said.
 */

#define NFP_JOURNAL_FORMAT 4
#define NFP_JOURNAL_MAX	   (64U << 20) /* a file larger than this is not read */
#define NFP_BOOT_ID_LEN	   37	       /* a UUID in text, and the NUL */

/* A VF and its netdev: what is put back. */
struct nfp_vf_state {
	unsigned int vf;
	char parentdev[NFP_TEXT];
	char bus[16];
	struct nfp_vf_attr attr;
	char driver[NFP_TEXT]; /* empty: none bound */
	bool have_override;    /* the bus has driver_override at all */
	char driver_override[NFP_TEXT];
	bool have_netdev; /* in this network namespace; else the rest is unset */
	char ifname[NFP_IFNAMSIZ];
	int ifindex;
	struct nfp_mac address;	  /* the netdev's */
	uint8_t addr_assign_type; /* NET_ADDR_*, include/uapi/linux/netdevice.h */
	unsigned int mtu;
	bool up;
	/* That of the other port, where the device has two (mlx4); empty: there is none. */
	char second[NFP_IFNAMSIZ];
	int second_ifindex; /* not in the journal */
	bool second_up;
};

/* The settings of its netdev and of the second one: objects of texts, or NULL. */
#define NFP_VF_NETDEVS 2

/* A change of the VF's device; @name: NULL or that of a driver, an override. */
struct nfp_change nfp_change_of_vf(const struct nfp_vf_state *vf, enum nfp_change_kind kind,
				   const char *name);
/* A change of a netdev of VF @vf; @name: NULL or what it is to be called. */
struct nfp_change nfp_change_of_link(enum nfp_change_kind kind, unsigned int vf, int ifindex,
				     const char *ifname, const char *name);

struct nfp_journal_head {
	char version[32];
	char boot[NFP_BOOT_ID_LEN];
	int pid;
	char bus[16];
	char parentdev[NFP_TEXT]; /* the PF's */
	char ifname[NFP_IFNAMSIZ];
	int ifindex;
	const struct nfp_mac *addresses; /* every X and stranger of the run */
	size_t num_addresses;
};

struct nfp_journal_vf {
	struct nfp_vf_state before;
	json_t *settings[NFP_VF_NETDEVS];
	bool source; /* a sibling that sends: its driver is never unbound */
	bool done;
	uint32_t foreign;	/* attributes that another process has changed (NFP_VF_ATTR_BIT) */
	bool taken;		/* by another process, as this process has found: not in the file */
	char taker[NFP_REASON]; /* .. what that did, in words */
};

struct nfp_journal_data {
	struct nfp_journal_head head; /* its addresses are owned */
	struct nfp_journal_vf *vfs;   /* owned */
	size_t num_vfs;
	struct nfp_change *changes; /* owned, in order; without those of VFs that are done */
	size_t num_changes;
	size_t unreadable; /* lines before the last that could not be read */
};

void nfp_journal_data_fini(struct nfp_journal_data *data);
/* The VF's entry that is not done yet, or NULL. */
const struct nfp_journal_vf *nfp_journal_find_vf(const struct nfp_journal_data *data,
						 unsigned int vf);

/* ---- pure ---- */

/*
 * One line with its newline, to be freed. Text that is not printable ASCII (an interface name may
 * hold any byte) is written as %XX.
 */
char *nfp_journal_line_begin(const struct nfp_journal_head *head);
char *nfp_journal_line_vf(const struct nfp_journal_vf *entry);
char *nfp_journal_line_change(const struct nfp_change *change);

/* void, vf-done, foreign; of the others only what belongs to the type. */
struct nfp_journal_note {
	const char *type;
	unsigned int seq, vf, attributes;
};
char *nfp_journal_line_note(const struct nfp_journal_note *note);

/*
 * Reads a whole journal. *ret_good: length of the lines up to the last good one, where appending
 * may go on. 0; -ENODATA: not even the first line was written whole, so nothing was changed;
 * -EBADMSG: the first line is damaged though others follow, or of another format (NFP_E_JOURNAL).
 * Call nfp_journal_data_fini in each case.
 */
int nfp_journal_parse(const char *text, size_t len, struct nfp_journal_data *ret_data,
		      size_t *ret_good, struct nfp_err *err);

/* ---- the file ---- */

struct nfp_journal;

/*
 * @dirfd: the run directory, borrowed as long as the journal lives; -1 for a dry run: what is
 * appended is kept in memory only. Creates the file, which must not exist, and writes the head (a
 * copy is kept). -ENOSPC and others with NFP_E_JOURNAL: the run must not begin.
 */
int nfp_journal_create(int dirfd, const struct nfp_journal_head *head,
		       struct nfp_journal **ret_journal, struct nfp_err *err);
/*
 * Opens what an interrupted run left, to be undone. @stem: the file's name without ".journal". 0;
 * -ENOENT: there is none (no error words); -ESTALE: it was of another boot, nothing of it is left
 * in the kernel, and it has been removed (no error words); -EPERM: not ours, a symlink, or others
 * can write to it; -EBADMSG: unreadable.
 */
int nfp_journal_load(int dirfd, const char *stem, struct nfp_journal **ret_journal,
		     struct nfp_err *err);
const struct nfp_journal_data *nfp_journal_data(const struct nfp_journal *journal);

/*
 * Of @entry before, settings (a reference is kept) and source count.
 * Each appends its line, then takes it into the data. -errno: the change must not be made. What is
 * void or done is so in the data in any case: that nobody can write it down makes a restore try
 * what is not needed, no more.
 */
int nfp_journal_vf(struct nfp_journal *journal, const struct nfp_journal_vf *entry,
		   struct nfp_err *err);
/* Sets change->seq. */
int nfp_journal_change(struct nfp_journal *journal, struct nfp_change *change, struct nfp_err *err);
int nfp_journal_void(struct nfp_journal *journal, const struct nfp_change *change,
		     struct nfp_err *err);
int nfp_journal_done(struct nfp_journal *journal, unsigned int vf, struct nfp_err *err);
int nfp_journal_foreign(struct nfp_journal *journal, unsigned int vf, uint32_t foreign,
			struct nfp_err *err);

/* Notes that another process has taken the VF, in the data only. */
void nfp_journal_taken(struct nfp_journal *journal, unsigned int vf, const char *what);
/* Writes what is left to undo of the VF to a journal of its own, and the VF off in this one. */
int nfp_journal_park(struct nfp_journal *journal, unsigned int vf, struct nfp_err *err);
/* Is there such a journal? */
bool nfp_journal_is_parked(int dirfd, const char *parentdev, unsigned int vf);

/* All is undone: the file goes away. */
int nfp_journal_remove(struct nfp_journal *journal, struct nfp_err *err);
/* It was damaged, and what could be undone is: it is kept as <parentdev>.journal.damaged. */
int nfp_journal_set_aside(struct nfp_journal *journal, struct nfp_err *err);
/* Frees; the file stays unless it was removed. NULL is nothing. */
void nfp_journal_free(struct nfp_journal *journal);

/* This boot's id; 0 or -errno. */
int nfp_boot_id(char buf[NFP_BOOT_ID_LEN], struct nfp_err *err);

/* ---- the lock of a PF ---- */

#define NFP_RUNDIR "/run/nfprobe"

struct nfp_lock {
	int dirfd; /* the run directory */
	int fd;	   /* the lock file, locked */
	char parentdev[NFP_TEXT];
};

/*
 * Opens the run directory, made when absent and @create. -ENOENT without words: absent. -EPERM:
 * a symlink, somebody else's, or writable by others.
 */
int nfp_rundir_open(const char *rundir, bool create, int *ret_fd, struct nfp_err *err);

/*
 * One run per PF: flock on <rundir>/<parentdev>.lock. -EBUSY (NFP_E_LOCKED, naming the process that
 * has it). Makes <rundir> (mode 0700, root's own) and refuses one that is a symlink or somebody
 * else's.
 */
int nfp_lock_take(const char *rundir, const char *parentdev, struct nfp_lock **ret_lock,
		  struct nfp_err *err);
void nfp_lock_drop(struct nfp_lock *lock); /* NULL is nothing */

/*
 * Through a SOCK_SEQPACKET socket, so that another process has the lock, too: it is free when both
 * have dropped it. Until it is received, the socket has it. Receiving does not wait: -ENOMSG for a
 * message that has no lock; -EAGAIN and -ENOTCONN: there is none. 0 or -errno.
 */
int nfp_lock_send(const struct nfp_lock *lock, int fd);
int nfp_lock_receive(int fd, struct nfp_lock **ret_lock);

#endif
