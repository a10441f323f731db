/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guard.h - checks, right before each write to a VF, that it is still as this run left it.
 *
 * A VF is *taken* when another process is seen to use it, or binds, overrides or moves it. From
 * then on neither the run nor its undo writes to it. A VF is *changed* when another process has
 * changed its address, VLAN or another attribute, or unbound its driver: the run ends, and the undo
 * leaves that attribute alone and restores the rest. If a look for users cannot be completed, it is
 * *unseen*: the run ends, and the undo writes.
 *
 * Another process may still change the VF between the check and the write: the kernel has no
 * operation that does both.
 */
#ifndef NFPROBE_CHANGE_GUARD_H
#define NFPROBE_CHANGE_GUARD_H

#include "change.h"

struct nfp_apply;

enum nfp_guard_state {
	NFP_GUARD_UNSET,
	NFP_GUARD_OURS,
	NFP_GUARD_UNSEEN, /* a look for users could not be completed */
	NFP_GUARD_CHANGED,
	NFP_GUARD_TAKEN,
};

/* A VF as this run left it. */
struct nfp_guard {
	/* The device, its driver, and the attributes that the PF should report. Its netdev is in
	 * ifindex below. */
	struct nfp_vf_state is;
	char who[NFP_TEXT_LEN + 16]; /* "VF 3 (0000:01:10.6)" */
	bool force;		     /* a netdev that is only up is no user */
	bool undoes;		     /* writes all the same if a look could not be completed */
	bool untouched;	      /* nothing was written to it yet: search for users of every kind */
	uint64_t searched_ns; /* when its users were last searched for; 0: never */
	/* The next change has its attributes read already; they are not checked again. */
	bool attributes_known;

	bool driver_unsure; /* a bind or unbind was given up, so that driver_maybe is possible as
			       well */
	char driver_maybe[NFP_TEXT_LEN];
	int ifindex; /* of its netdev in the private namespace; 0: none */

	struct nfp_mac mac_before; /* the PF may still report this one: some drivers act late */
	bool mac_pending;
	bool mac_before_unread; /* the PF may report another one, which was not read */
	/* The run has bound, unbound or reset the VF since the PF's last report, so that the driver
	 * may have changed attributes that nobody set. */
	bool unread;
	bool assigned; /* this run set its address; else its driver may report its own */
	/* The last thing that this run did to the VF since it set its address, like "its netdev was
	 * set down", or NULL; and the last before the address was gone. A driver of the PF may
	 * clear an address at either, as i40e once did (i40e_vc_del_mac_addr_msg). */
	const char *stopped, *mac_lost;
	bool refused;		    /* @mac_refused was */
	struct nfp_mac mac_refused; /* an address that was refused, but may have been stored */

	enum nfp_guard_state state;
	uint32_t external;	   /* attributes that another process changed (NFP_VF_ATTR_BIT) */
	uint32_t journalled;	   /* those that are in the journal */
	char what[NFP_CHANGE_LEN]; /* what another process did, as a sentence */
};

/* Begins to guard a VF that was just read as @before. */
void nfp_guard_begin(struct nfp_guard *guard, const struct nfp_vf_state *before, bool force);

/*
 * Checks the VF before a write. 0: it is as this run left it. -EBUSY (NFP_E_VF_TAKEN, else
 * NFP_E_VF_CHANGED): it is not, now or at an earlier check; see guard->state and ->what. -ENODEV:
 * the VF was removed. Other -errno: it could not be checked, and must not be written to either.
 *
 * A search for holders of the VF's character devices reads the descriptors of all processes, which
 * may take seconds. So after the first search a write asks only what is quick.
 */
int nfp_guard_check(struct nfp_apply *apply, struct nfp_guard *guard, struct nfp_err *err);
/* Checks like nfp_guard_check between writes, as a step ends. Searches, unless the last search is
 * less than a second old. */
int nfp_guard_look(struct nfp_apply *apply, struct nfp_guard *guard, struct nfp_err *err);
/*
 * Checks only the attributes. Reads the VFs from the PF only if the kernel has announced a change
 * or may have (a lost notification counts as one), or if @thorough: the kernel reports all VFs or
 * none (netlink.h, vfinfo), and does not announce what a driver does by itself. @thorough is for
 * what the next step builds on: that the PF has an address or a VLAN that the run has set.
 */
int nfp_guard_check_attributes(struct nfp_apply *apply, struct nfp_guard *guard, bool thorough,
			       struct nfp_err *err);

/*
 * May this link notification mean that a process has changed a VF? It does not say what changed.
 * Setting an attribute of a VF causes one that names no flags in ifi_change (do_setlink in
 * net/core/rtnetlink.c calls netdev_state_change). One that names flags is about these, such as
 * promiscuous mode (__dev_notify_flags in net/core/dev.c). Pure.
 */
bool nfp_guard_is_news(const struct nlmsghdr *nlh, int pf_ifindex);
/*
 * Notes in apply->watch.pf_notified whether another process may have changed a VF: a notification
 * about the PF is queued, or was lost.
 */
int nfp_guard_drain(struct nfp_apply *apply, struct nfp_err *err);
/* Drops what is queued after a change of ours: it is about that change, since the kernel queued it
 * before it answered. */
void nfp_guard_forget(struct nfp_apply *apply);

/* Updates what the guard expects after a change of ours that returned @ret. */
void nfp_guard_note(struct nfp_apply *apply, struct nfp_guard *guard,
		    const struct nfp_change *change, int ret);

/*
 * Compares a report of the PF with the expected state, which it replaces. @notified: the kernel has
 * announced a change of the PF since the last report. It does so when a process sets an attribute
 * of a VF (do_setlink in net/core/rtnetlink.c), but not when a driver acts by itself. Pure.
 */
void nfp_guard_compare(struct nfp_guard *guard, const struct nfp_vf_attr *now, bool notified,
		       const char *pf_ifname);

#endif
