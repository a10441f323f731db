/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host.h - the host backend: changes the PF and VFs for the probe, journals each change before it
 * is made, restores everything, and verifies that by reading it back.
 *
 * A dry run takes the same path: it reads the host and logs each change, but makes none, and opens
 * nothing that has an effect: no lock, no file, no namespace, no promiscuity.
 *
 * Life of a run: nfp_lock_acquire, nfp_restore_locked (what an interrupted run left),
 * nfp_backend_open, nfp_backend_begin_vf, [nfp_backend_sibling] .. nfp_backend_end_vf,
 * nfp_backend_close. After SIGKILL the journal in /run/nfprobe is all that is needed: nfp_restore.
 */
#ifndef NFPROBE_HOST_H
#define NFPROBE_HOST_H

#include "net/inventory.h"
#include "probe/probe.h"

/*
 * Locks keep runs apart. Nobody waits for one. Each is an flock(2) on <rundir>/<name>.lock.
 *
 * To probe, a run holds three locks alone: that of the PF, and with it the journal and all changes
 * of this PF; that of each VF under test, whose netdev goes away with its driver; and that of the
 * address of --mac, which a switch must not learn on two ports.
 *
 * To send through a VF, a run shares the lock of that VF, so that no other run takes the VF away.
 * (A netdev that sends is up, so this takes --force.)
 *
 * A run needs no lock to send through a PF, which another run may probe meanwhile. Two PFs may even
 * be each other's source. Neither run disturbs the other:
 *
 * - A probe changes what the PF receives: its filter, its groups, its promiscuity. It does not
 *   change what the PF sends; a source may be promiscuous. What a source receives matters to one
 *   test only, whether the standby's frames leave the NIC, and these go to the source's own
 *   address.
 * - Each run has addresses of its own and an id in each frame, by which the kernel drops the frames
 *   of other runs before they reach a capture.
 * - A switch learns the test MAC from the PF under test, and from the source only the source's own
 *   address, which the PF has whether or not it is probed.
 * - A PF sends only a few frames for its own run: announcements, reports, that test.
 * - A change to a VF may make the driver reset its PF, which then has no carrier for a while. A
 *   stream takes back what it could not send (nfp_stream_open): such frames are not lost, and a
 *   window in which too few were sent is watched again.
 */

#define NFP_RUNDIR "/run/nfprobe"

/*
 * Marks the VFs that a run probes, or sends through, and those that an interrupted run left: sets
 * vf->trace, and in vf->user what it is and, for the latter, the command that restores it. A run
 * has such a VF once its journal names it. Changes nothing. 0; -errno: it cannot be told.
 */
int nfp_runs_mark(const char *rundir, struct nfp_topology *topology, struct nfp_err *err);

struct nfp_lock {
	int dirfd; /* the run directory */
	int fd;	   /* the lock file, locked */
	char parentdev[NFP_TEXT_LEN];
};

/*
 * Takes the lock to probe @parentdev, a PF, a VF or an address. Creates <rundir>. -EBUSY
 * (NFP_E_LOCKED): another process has the lock, and the message names it; or others share it, as
 * below. *ret_lock is set only on success.
 */
int nfp_lock_acquire(const char *rundir, const char *parentdev, struct nfp_lock **ret_lock,
		     struct nfp_err *err);
/* Shares the lock of a VF, to send through it. -EBUSY (NFP_E_LOCKED): another run probes the VF,
 * and the message names it. */
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

/* True if an interrupted run left a journal of this VF alone, which could not be restored. */
bool nfp_journal_is_split(int dirfd, const char *parentdev, unsigned int vf);

struct nfp_backend;

struct nfp_backend_config {
	bool dry;
	struct nfp_lock *lock; /* borrowed; NULL when dry */
	/* Borrowed, as it was when the run began. The backend reads its notifications. */
	const struct nfp_topology *topology;
	const struct nfp_pf *pf; /* borrowed, of the topology */
	bool force;
	const char *id;		  /* the run's id in hexadecimal, for the kernel log; borrowed */
	struct nfp_events events; /* gets each change */
	/* Every address that the run may add to the FDB of a Linux bridge: the test MACs of all
	 * ladders, and unregistered ones. */
	const struct nfp_mac *addresses;
	size_t num_addresses;
	struct nfp_mac own; /* an address that the PF also has while the run lasts; zero: none */
};

/* 0, or -errno with nothing to close; after NFP_E_RESTORE the host is not as it was. End it with
 * nfp_backend_close. */
int nfp_backend_open(const struct nfp_backend_config *config, struct nfp_backend **ret_backend,
		     struct nfp_err *err);

/* The use of another VF in a run. */
enum nfp_sibling {
	NFP_SIBLING_SENDS, /* it sends the stream, and is up all the time */
	NFP_SIBLING_HEARS, /* it is the port of a standby; spoof checking is off */
	NFP_SIBLINGS,
};

/*
 * Prepares VF @vf: moves its netdev into the private namespace, so that nothing else sends from it,
 * gives it the run's VLAN, sets it up and waits for carrier. Call it after nfp_backend_begin_vf of
 * the first VF, whose VLAN is the run's. One VF is prepared at a time for each use: another one
 * before it is restored first. *ret_netdev is valid until another is prepared, or until close.
 * -errno with NFP_E_RESTORE: the one before could not be restored.
 */
int nfp_backend_sibling(struct nfp_backend *backend, enum nfp_sibling as, unsigned int vf,
			struct nfp_netdev *ret_netdev, struct nfp_mac *ret_mac,
			struct nfp_err *err);

/*
 * True if somebody has set what a netdev of this namespace loses by a move to another one and back:
 * a value of a sysctl other than the default, an IPv6 token, a permanent neighbour, a qdisc, a flow
 * rule. False also if it cannot be read.
 */
bool nfp_netdev_has_settings(const struct nfp_sysroot *root, int ifindex, const char *ifname);

/* Restores the VF that is prepared for this use, if there is one. 0 or -errno. */
int nfp_backend_release_sibling(struct nfp_backend *backend, enum nfp_sibling as,
				struct nfp_err *err);

/*
 * Prepares a VF for `control`: checks again that it is idle, journals its state, unbinds its
 * driver, and, if @vlan has a vid, makes a VLAN child of the PF, so that the PF receives that VLAN.
 * @vlan: the VF's own VST VLAN, or that of --vlan; vid 0: none.
 */
int nfp_backend_begin_vf(struct nfp_backend *backend, unsigned int vf, const struct nfp_vlan *vlan,
			 struct nfp_err *err);
/* Returns the host for the runner, valid between begin and end. */
struct nfp_host nfp_backend_host(struct nfp_backend *backend);
/* Resets the host between two ladders: removes the test MAC from the PF (a failure is a warning,
 * since the next ladder has another address), unbinds the VF and clears its address. */
int nfp_backend_reset_vf(struct nfp_backend *backend, struct nfp_err *err);
/* True if another process took or changed a VF of this run. Then no further ladder may begin. */
bool nfp_backend_lost_vf(const struct nfp_backend *backend);
/* True if the PF's bond made another member its active one, or a member lost its carrier. Then no
 * further ladder may begin either. */
bool nfp_backend_failed_over(const struct nfp_backend *backend);
/* Restores the VF and verifies that. Adds notes to the lists. -errno with NFP_E_RESTORE: exit 5. */
int nfp_backend_end_vf(struct nfp_backend *backend, struct nfp_hints *left_behind,
		       struct nfp_strv *warnings, struct nfp_err *err);
/* Restores everything else and verifies that, removes the journal and frees. @backend
 * may be NULL. */
int nfp_backend_close(struct nfp_backend *backend, struct nfp_hints *left_behind,
		      struct nfp_strv *warnings, struct nfp_err *err);

/* A descriptor that is readable when a netlink notification
 * waits, for nfp_stream_config.wake_fds. */
int nfp_backend_notify_fd(const struct nfp_backend *backend);
/* Returns the driver of the VF in the run; empty: none was bound yet. */
const char *nfp_backend_driver(const struct nfp_backend *backend);

/*
 * restore: the undo from the journal, for --restore, and for a run that finds the journal of
 * another. The end of a run takes the same code path.
 */

/* The outcome of a restore, as sentences for people. */
struct nfp_restore_report {
	struct nfp_strv done;	      /* "VF 3 of eth0 is as it was" */
	struct nfp_hints left_behind; /* what could not be restored, but matters to no later run */
	struct nfp_strv others;	      /* changes by other processes, which were left alone */
	struct nfp_strv failed;	      /* what still differs in a VF: exit 5 */
	struct nfp_strv taken; /* VFs that other processes took, which were left alone: exit 5 */
	bool found;	       /* there was a journal */
	bool no_interface;     /* there was none, nor a netdev of that name */
	bool unsure;	       /* something could not be read, so there may be more to undo */
};
void nfp_restore_report_fini(struct nfp_restore_report *report);

/*
 * Undoes the changes in the journals of this PF, verifies the result, and removes the journals. A
 * VF that is not as it was gets a journal of its own (nfp_journal_is_split), and is in
 * report->failed or ->taken; other VFs can be probed. 0, also if there is nothing to undo. -errno:
 * a journal is damaged, or cannot be read or put away.
 */
int nfp_restore_locked(struct nfp_lock *lock, const struct nfp_events *events,
		       struct nfp_restore_report *report, struct nfp_err *err);
/*
 * Takes the lock and restores the PF @ifname, or (NULL) all PFs that have a journal in @rundir.
 * Tries all, and returns the first error.
 */
int nfp_restore(const char *rundir, const char *ifname, const struct nfp_events *events,
		struct nfp_restore_report *report, struct nfp_err *err);

/* Returns -EIO (NFP_E_RESTORE) with the first of report->failed, else -EBUSY (NFP_E_VF_TAKEN) with
 * the first of report->taken, else 0. */
int nfp_restore_failed(const struct nfp_restore_report *report, struct nfp_err *err);

#endif
