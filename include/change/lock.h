/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lock.h - keeps runs apart, and says which VFs of this host runs have, or have left. */
#ifndef NFPROBE_LOCK_H
#define NFPROBE_LOCK_H

#include "net/inventory.h"

/*
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

/* Has an interrupted run left a journal of this VF alone, since it could not be restored? */
bool nfp_journal_is_split(int dirfd, const char *parentdev, unsigned int vf);

#endif
