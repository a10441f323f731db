/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal.h - a change of the host as a value, the journal of such changes, and the locks of runs.
 *
 * src/change/apply.c makes the changes. -v and --dry-run show each as the equivalent command.
 */
#ifndef NFPROBE_JOURNAL_H
#define NFPROBE_JOURNAL_H

#include <jansson.h>
#include <sys/types.h>

#include "base/base.h"
#include "net/inventory.h"

/* The network namespace that ends with the process, as commands name it. */
#define NFP_NETNS_NAME "nfprobe"
/* The children of the PF in that namespace. */
#define NFP_VLAN_CHILD	  "nfpvlan"
#define NFP_MACVLAN_CHILD "nfpmac"
/* A macvlan of the PF and the VLAN netdev on it, by which the PF registers a guest's VLAN. */
#define NFP_REGISTER_CHILD "nfpreg"
#define NFP_REGISTER_VLAN  "nfpregvlan"
/* The guest's VLAN on the netdev of the VF under test. */
#define NFP_GUEST_CHILD "nfpguest"
/* The netdev of the VF under test there: a source may have taken its own name. */
#define NFP_VF_NETDEV "nfpvf"
/* The other netdev of that VF there, if it has two. */
#define NFP_VF_SECOND "nfpvf2"

/* The kinds of changes, and the members of struct nfp_change that it uses. */
enum nfp_change_kind {
	NFP_CHANGE_VF_UNBIND,	/* parentdev, bus, name (driver) */
	NFP_CHANGE_VF_BIND,	/* parentdev, bus, name (driver) */
	NFP_CHANGE_VF_OVERRIDE, /* parentdev, bus, name (driver_override; empty: none) */
	NFP_CHANGE_VF_RESET,	/* parentdev, bus */
	/* In the order of enum nfp_vf_attr_id. */
	NFP_CHANGE_VF_MAC,	 /* ifname (PF), vf, mac */
	NFP_CHANGE_VF_VLAN,	 /* ifname (PF), vf, vlan */
	NFP_CHANGE_VF_SPOOFCHK,	 /* ifname (PF), vf, value 0, 1 */
	NFP_CHANGE_VF_TRUST,	 /* ifname (PF), vf, value 0, 1 */
	NFP_CHANGE_VF_STATE,	 /* ifname (PF), vf, value IFLA_VF_LINK_STATE_* */
	NFP_CHANGE_VF_RSS_QUERY, /* ifname (PF), vf, value 0, 1 */
	NFP_CHANGE_VF_RATE,	 /* ifname (PF), vf, rate */
	NFP_CHANGE_PORT_FDB_ADD, /* ifname (a bridge port), mac: the bridge's FDB */
	NFP_CHANGE_PORT_FDB_DEL, /* likewise */
	/* These end with the process; value 1: made, 0: taken back. */
	NFP_CHANGE_MACVLAN,    /* ifname (PF), mac: child in the private namespace, up */
	NFP_CHANGE_VLAN,       /* ifname (PF), vlan: child in the private namespace, down */
	NFP_CHANGE_REGISTER,   /* ifname (PF), vlan: by children in the private namespace, down */
	NFP_CHANGE_GUEST_VLAN, /* ifname, private, vlan: a child, down; ends with the netdev */
	NFP_CHANGE_UNICAST,    /* ifname (PF), private, mac: its unicast filter */
	NFP_CHANGE_PROMISC,    /* ifname (PF), private */
	NFP_CHANGE_ALLMULTI,   /* ifname (PF), private */
	NFP_CHANGE_MADDR,      /* ifname, private, mac: a multicast group that it joins */
	NFP_CHANGE_NETNS_IN,   /* ifname: into the private namespace, as name (empty: unchanged) */
	NFP_CHANGE_NETNS_OUT,  /* ifname: back into our namespace */
	NFP_CHANGE_LINK_UP,    /* ifname, private */
	NFP_CHANGE_LINK_DOWN,  /* ifname, private */
	NFP_CHANGE_LINK_NAME,  /* ifname (old), name (new) */
	NFP_CHANGE_LINK_ADDRESS, /* ifname, mac */
	NFP_CHANGE_LINK_SETTING, /* ifname, name (change_priv.h), text; only to undo */
	NFP_CHANGE_COUNT,
};

/* The change of an attribute of a VF, and back. */
#define NFP_CHANGE_OF_ATTR(id) ((enum nfp_change_kind)(NFP_CHANGE_VF_MAC + (int)(id)))
#define NFP_CHANGED_ATTR(kind) ((enum nfp_vf_attr_id)((kind)-NFP_CHANGE_VF_MAC))
_Static_assert(NFP_CHANGE_OF_ATTR(NFP_VF_ATTR_SPOOFCHK) == NFP_CHANGE_VF_SPOOFCHK &&
		       NFP_CHANGE_OF_ATTR(NFP_VF_ATTR_RATE) == NFP_CHANGE_VF_RATE,
	       "the two are in one order");

struct nfp_change {
	enum nfp_change_kind kind;
	char ifname[NFP_IFNAMSIZ];
	int ifindex; /* of the netdev; ifname is only for messages; 0: not known yet */
	unsigned int vf;
	char parentdev[NFP_TEXT_LEN]; /* the device's name on its bus: 0000:01:10.6 */
	char bus[16];		      /* pci */
	char name[NFP_TEXT_LEN];
	const char *text; /* borrowed; not in the journal */
	struct nfp_mac mac;
	/* Borrowed; not in the journal. Stands for zero, if the driver refuses that. NULL: none. */
	const struct nfp_mac *placeholder_mac;
	struct nfp_vlan vlan;
	int value;
	uint32_t rate[2];   /* minimum and maximum, Mbit/s; 0: no limit */
	bool private_netns; /* ifname is in the private namespace */
	bool of_vf;	    /* vf is valid: the VF for which this is done (always for VF_*) */
	unsigned int seq;   /* number in the journal, from 1; 0: not in the journal */
};

/* The change as commands of ip and bridge and writes to files, most often one. */
void nfp_change_command(const struct nfp_change *change, struct nfp_commands *ret_commands);

/* The name of a kind in the journal ("vf-mac"); never NULL. */
const char *nfp_change_kind_name(enum nfp_change_kind kind);
bool nfp_change_kind_parse(const char *name, enum nfp_change_kind *ret_kind);

/* Sets the attribute of @attr that the change sets (NFP_CHANGE_VF_MAC to _RATE). */
void nfp_change_to_attr(const struct nfp_change *change, struct nfp_vf_attr *attr);
/* Makes it a change to what @attr has. */
void nfp_change_from_attr(struct nfp_change *change, const struct nfp_vf_attr *attr);

/* Properties of all changes of a kind. */
enum nfp_change_flag {
	NFP_CHANGE_LASTS = 1U << 0,   /* outlives the process, so it must be in the journal */
	NFP_CHANGE_OF_PF = 1U << 1,   /* ifname and ifindex are the PF's, unless private */
	NFP_CHANGE_TO_VF = 1U << 2,   /* made to the VF or its netdev, not to the PF's filter */
	NFP_CHANGE_VF_ATTR = 1U << 3, /* set by the PF's driver, and notified by rtnetlink */
	NFP_CHANGE_TIMED = 1U << 4,   /* what a step is about, not what the probe needs besides */
	/* A refusal may pass, and is worth some seconds. A bind has its own deadline. */
	NFP_CHANGE_INSIST = 1U << 5,
};
bool nfp_change_is(enum nfp_change_kind kind, enum nfp_change_flag flag);

/*
 * journal: a run writes down each change before it makes it, so that after a crash the changes can
 * be undone from the file alone.
 *
 * <rundir>/<parentdev>.journal is a text file of mode 0600. A change to a VF that could not be
 * undone, most often because another process has taken the VF, is in
 * <rundir>/<parentdev>.vf<N>.journal. Each line has the CRC-32 of the rest (IEEE 802.3, as zlib's
 * crc32) in 8 hex digits, a blank, and a compact JSON object with a member "t":
 *
 *   begin   format, version, boot (id of this boot), pid, bus, parentdev, ifname, ifindex,
 *           addresses
 *   vf      a VF before any change (struct nfp_vf_state), and the settings of its netdevs
 *           (src/change/change_priv.h)
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

#define NFP_JOURNAL_FORMAT 8
#define NFP_JOURNAL_MAX	   (64U << 20) /* larger files are not read */
#define NFP_BOOT_ID_LEN	   37	       /* a UUID as text, and the NUL */

/* The state of a VF and its netdev that is restored. */
struct nfp_vf_state {
	unsigned int vf;
	char parentdev[NFP_TEXT_LEN];
	char bus[16];
	struct nfp_vf_attr attr;
	char driver[NFP_TEXT_LEN]; /* empty: none bound */
	bool have_override;	   /* the bus supports driver_override */
	char driver_override[NFP_TEXT_LEN];
	bool have_netdev; /* a netdev in this network namespace; else the rest is not set */
	char ifname[NFP_IFNAMSIZ];
	int ifindex;
	struct nfp_mac address;	  /* the netdev's */
	uint8_t addr_assign_type; /* NET_ADDR_*, include/uapi/linux/netdevice.h */
	bool up;
	/* The netdev of the other port, if the device has two (mlx4), or empty. */
	char second[NFP_IFNAMSIZ];
	int second_ifindex; /* not in the journal */
	bool second_up;
};

/* A VF has the settings of its netdev and of the second one: objects of texts, or NULL. */
#define NFP_VF_NETDEVS 2

/* A change of the VF's device; @name: of a driver, an override, or NULL. */
struct nfp_change nfp_change_of_vf(const struct nfp_vf_state *vf, enum nfp_change_kind kind,
				   const char *name);
/* A change of a netdev of VF @vf; @name: its new name, or NULL. */
struct nfp_change nfp_change_of_link(enum nfp_change_kind kind, unsigned int vf, int ifindex,
				     const char *ifname, const char *name);

struct nfp_journal_head {
	char version[32];
	char boot[NFP_BOOT_ID_LEN];
	int pid;
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
	bool source; /* a sibling, which had its driver before: it is never unbound */
	/*
	 * Stands for no address where the driver refuses zero. Random, since drivers refuse or
	 * ignore one that another VF has already (qlcnic_sriov_set_vf_mac, hinic's firmware).
	 */
	struct nfp_mac placeholder_mac;
	bool done;
	uint32_t external; /* attributes that another process has changed (NFP_VF_ATTR_BIT) */
	/* These two are not in the file. */
	bool kept;		    /* this VF could not be restored */
	char taker[NFP_REASON_LEN]; /* how another process has taken it, as a sentence */
};

struct nfp_journal_data {
	bool begun;		      /* the first line was read: there is a head */
	struct nfp_journal_head head; /* its addresses are owned */
	struct nfp_journal_vf *vfs;   /* owned */
	size_t num_vfs;
	struct nfp_change
		*changes; /* owned, in order; without those that are void or of VFs that are done */
	size_t num_changes;
	size_t unreadable; /* damaged lines, not counting the last */
};

void nfp_journal_data_fini(struct nfp_journal_data *data);
/* The VF's last entry that is not done, or NULL. */
const struct nfp_journal_vf *nfp_journal_find_vf(const struct nfp_journal_data *data,
						 unsigned int vf);

/* ---- pure ---- */

/*
 * A line with its newline, to be freed. Bytes that are not printable ASCII are written as %XX (an
 * interface name may have any bytes).
 */
char *nfp_journal_line_begin(const struct nfp_journal_head *head);
char *nfp_journal_line_vf(const struct nfp_journal_vf *entry);
char *nfp_journal_line_change(const struct nfp_change *change);

/* void, vf-done, foreign. Members that do not belong to the type are 0. */
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
/* Opens the journal to look at it alone, also while a run writes it. Nothing is removed or
 * written. */
int nfp_journal_peek(int dirfd, const char *stem, struct nfp_journal **ret_journal);
/* Calls @journal for each in the run directory. stem[device_len] is '\0'; in the name of a
 * journal of a single VF, the VF follows. 0 or -errno. */
int nfp_journals_each(int dirfd, void (*journal)(const char *stem, size_t device_len, void *ctx),
		      void *ctx, struct nfp_err *err);
const struct nfp_journal_data *nfp_journal_data(const struct nfp_journal *journal);

/*
 * Each appends a line to the file, and reads it back into the data. On -errno the change must not
 * be made. A note updates the data even if it cannot be written: a restore from the file then at
 * most tries what is not needed. They use the members before, settings (a reference is kept),
 * source and placeholder_mac of @entry.
 */
int nfp_journal_vf(struct nfp_journal *journal, const struct nfp_journal_vf *entry,
		   struct nfp_err *err);
/* Sets change->seq. */
int nfp_journal_change(struct nfp_journal *journal, struct nfp_change *change, struct nfp_err *err);
int nfp_journal_note(struct nfp_journal *journal, const struct nfp_journal_note *note,
		     struct nfp_err *err);
int nfp_journal_done(struct nfp_journal *journal, unsigned int vf, struct nfp_err *err);

/* Notes in the data only that the VF could not be restored; @taker: how another process has taken
 * it, or NULL. */
void nfp_journal_mark_kept(struct nfp_journal *journal, unsigned int vf, const char *taker);
/* Moves what is left to undo for the VF to a journal of its own. */
int nfp_journal_split(struct nfp_journal *journal, unsigned int vf, struct nfp_err *err);
/* Is there such a journal for the VF? */
bool nfp_journal_is_split(int dirfd, const char *parentdev, unsigned int vf);

/* Removes the file when everything is undone. */
int nfp_journal_remove(struct nfp_journal *journal, struct nfp_err *err);
/* Keeps a damaged journal, of which all that was legible is undone, as <stem>.journal.damaged. */
int nfp_journal_set_aside(struct nfp_journal *journal, struct nfp_err *err);
/* Frees, but does not remove the file. NULL is allowed. */
void nfp_journal_free(struct nfp_journal *journal);

/* The id of this boot; 0 or -errno. */
int nfp_boot_id(char buf[NFP_BOOT_ID_LEN], struct nfp_err *err);

/*
 * ---- locks ----
 *
 * They keep runs apart. Nobody waits for a lock. Each is an flock(2) on <rundir>/<name>.lock:
 *
 * To probe: a run alone has the lock of the PF that it probes, and with it the journal and all that
 * is changed on this PF; that of each VF under test, whose netdev goes away with its driver; and
 * that of the address of --mac, which a switch must not learn on two ports.
 *
 * To send: a run shares the lock of a VF if it sends through its netdev, so that no other run takes
 * that VF away. (A netdev that sends is up, so this takes --force.)
 *
 * A PF is sent through without a lock, and may be probed meanwhile. Two PFs may even be each
 * other's source. Neither run disturbs the other:
 *
 * - A probe changes what the PF receives: its filter, its groups, its promiscuity. It does not
 *   change what the PF sends; a source may be promiscuous. The source's own receiving matters to
 *   one test only, whether the standby's frames leave the NIC, and these go to the source's own
 *   address.
 * - Each run has addresses of its own and an id in each frame, by which the kernel drops the frames
 *   of other runs before they reach a capture.
 * - A switch learns the test MAC from the PF under test, and from the source only the source's own
 * address, which the PF has whether or not it is probed.
 * - What a PF sends for its own run is a few frames: announcements, reports, that test.
 * - A change to a VF may make the driver reset its PF, which then has no carrier for a while. A
 *   stream takes back what it could not send (nfp_stream_open): such frames are not lost, and a
 *   window in which too few were sent is watched again.
 */

#define NFP_RUNDIR "/run/nfprobe"

/*
 * Marks the VFs that a run probes, or sends through, and those that an interrupted run left:
 * vf->trace, and in vf->user what it is and, of the latter, the command that restores it. A run
 * has such a VF once its journal names it. Changes nothing. 0; -errno: it cannot be told.
 */
int nfp_runs_mark(const char *rundir, struct nfp_topology *topology, struct nfp_err *err);

struct nfp_lock {
	int dirfd; /* the run directory */
	int fd;	   /* the lock file, locked */
	char parentdev[NFP_TEXT_LEN];
};

/*
 * Opens the run directory, and with @create makes it (mode 0700). -ENOENT without a message: it
 * does not exist. -ENOTDIR, -EPERM: it is a symlink, another user's, or writable by others.
 */
int nfp_rundir_open(const char *rundir, bool create, int *ret_fd, struct nfp_err *err);
/* Is it of this type (S_IFREG), owned by this user, and not writable by others? */
bool nfp_is_own(int fd, mode_t type);

/*
 * To probe @parentdev, a PF, a VF or an address. Creates <rundir>. -EBUSY (NFP_E_LOCKED): another
 * process has the lock, and the message names it; or others share it, as below. *ret_lock is set
 * only on success.
 */
int nfp_lock_acquire(const char *rundir, const char *parentdev, struct nfp_lock **ret_lock,
		     struct nfp_err *err);
/* To send through this VF. -EBUSY (NFP_E_LOCKED): another run probes it. The message names it. */
int nfp_lock_share(const char *rundir, const char *parentdev, struct nfp_lock **ret_lock,
		   struct nfp_err *err);
void nfp_lock_release(struct nfp_lock *lock); /* NULL is allowed */

/*
 * Shares the lock with another process through a SOCK_SEQPACKET socket, which holds it until it is
 * received. The lock is free when both processes have dropped it. Receiving does not wait. 0;
 * -ENOMSG: the message has no lock; -EAGAIN, -ENOTCONN: there is no message; or another -errno.
 */
int nfp_lock_send(const struct nfp_lock *lock, int fd);
int nfp_lock_receive(int fd, struct nfp_lock **ret_lock);

#endif
