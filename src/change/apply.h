/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apply.h - the only place where the host is changed. Each change is first written to the journal,
 * then logged, then made.
 */
#ifndef NFPROBE_CHANGE_APPLY_H
#define NFPROBE_CHANGE_APPLY_H

#include "change/host.h"
#include "change.h"
#include "guard.h"
#include "journal.h"

#define NFP_GUARDS (1 + NFP_SIBLINGS) /* the VF under test, and the other VFs of the run */

/* The means to notice changes by other processes. */
struct nfp_watch {
	/* The VFs that are written to. A VF without a guard is not checked. Borrowed. */
	struct nfp_guard *guards[NFP_GUARDS];
	struct nfp_nl *notify; /* link notifications of this namespace; borrowed, or NULL */
	bool pf_notified;      /* one about the PF has arrived since its VFs were read */
};

struct nfp_apply {
	const struct nfp_sysroot *root;
	struct nfp_nl *nl;	     /* this namespace */
	struct nfp_nl *nl_private;   /* the private namespace, or NULL */
	int netns_fd;		     /* the private namespace, or -1 */
	int home_fd;		     /* this namespace; -1 without a private one */
	struct nfp_journal *journal; /* NULL: an undo, which writes none */
	struct nfp_events events;    /* gets each change */
	struct nfp_rt_dev pf;	     /* name borrowed */
	/* ifindex in the private namespace, 0: none */
	int macvlan, vlan_child, registers;
	uint64_t request_ns; /* when the first request was made since this was 0 */
	/* Packet sockets with the memberships of the PF, and of the VF's netdev in the private
	 * namespace; or -1. */
	int membership_fd[2];
	struct nfp_watch watch;
	/* When a VF was last written to. At first when this was opened: an interrupted run may have
	 * written just before. */
	uint64_t written_ns;
	/* Logs changes and counts them as made, but checks no VF and does not ask the kernel. */
	bool dry;
};

/* Opens the socket to this namespace. */
int nfp_apply_open(struct nfp_apply *apply, const struct nfp_sysroot *root,
		   const struct nfp_rt_dev *pf, const struct nfp_events *events,
		   struct nfp_err *err);
/* Creates the private namespace and opens a socket to it. */
int nfp_apply_private_netns(struct nfp_apply *apply, struct nfp_err *err);
/* Also closes a struct that has only been initialised by NFP_APPLY_INIT. */
void nfp_apply_close(struct nfp_apply *apply);

#define NFP_APPLY_INIT                                                     \
	{                                                                  \
		.netns_fd = -1, .home_fd = -1, .membership_fd = { -1, -1 } \
	}

/*
 * Makes one change. If its VF has a guard, the VF must still be as this run left it; else -EBUSY
 * (NFP_E_VF_TAKEN, NFP_E_VF_CHANGED). Fills in ifname and ifindex for kinds that are about the PF.
 * Kinds that insist (nfp_change_row) are tried again for some seconds on errors that may pass:
 * EAGAIN and EBUSY, with which drivers answer while a VF is in reset, EINVAL soon after a VF was
 * written to, and EEXIST for a name.
 *
 * NFP_PLACEHOLDER: the driver refuses to clear the address, so the VF has change->placeholder_mac
 * instead. ixgbe fails to delete an address if a reset has deleted its filter before
 * (ixgbe_del_mac_filter in ixgbe_main.c), and a driver that has the VF in reset refuses any. So the
 * two are tried in turn, and zero once more after the placeholder was accepted.
 */
int nfp_apply_change(struct nfp_apply *apply, struct nfp_change *change, struct nfp_err *err);
#define NFP_PLACEHOLDER 1
/* Makes the change with @guard, which says how the VF must be, whatever the run expects of it. */
int nfp_apply_guarded(struct nfp_apply *apply, struct nfp_guard *guard, struct nfp_change *change,
		      struct nfp_err *err);

struct nfp_busdev nfp_apply_busdev(const struct nfp_apply *apply, const struct nfp_change *change);

/*
 * Binds the driver, as nfp_apply_guarded does. If the bus answers ENODEV because it wants another
 * driver (driver_override, or sriov_drivers_autoprobe 0), sets driver_override to @driver and tries
 * again.
 */
int nfp_apply_bind(struct nfp_apply *apply, struct nfp_guard *guard, const struct nfp_vf_state *vf,
		   const char *driver, struct nfp_err *err);

#endif
