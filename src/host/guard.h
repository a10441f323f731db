/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFPROBE_HOST_GUARD_H
#define NFPROBE_HOST_GUARD_H

/*
 * guard.h - the look at a VF right before each write to it: is it still as this run left it?
 *
 * A VF is *taken* when another process uses, binds, overrides or moves it. From then on nothing is
 * written to it any more, neither by the run nor by its undoing. A VF whose address, VLAN or
 * another attribute was changed, or whose driver was unbound, is *changed*: the run ends, and
 * undoing leaves that attribute alone and restores the rest.
 *
 * Between the look and the write another process may still come: the kernel has no operation that
 * does both.
 */
#include "nfprobe/change.h"
#include "nfprobe/error.h"
#include "nfprobe/journal.h"
#include "nfprobe/netlink.h"
#include "nfprobe/rtset.h"
#include "nfprobe/vfinfo.h"

struct nfp_hands;

enum nfp_guard_state {
	NFP_GUARD_OURS,
	NFP_GUARD_CHANGED,
	NFP_GUARD_TAKEN,
};

/* A VF as this run left it. */
struct nfp_guard {
	unsigned int vf;
	char bus[16];
	char parentdev[NFP_TEXT];
	bool force;	/* a netdev that is merely up is not a user of the VF */
	bool untouched; /* nothing was written to it yet: all that may use it is searched for */

	char driver[NFP_TEXT]; /* bound; empty: none */
	bool driver_unsure;    /* a bind or unbind was given up: it may be driver_maybe as well */
	char driver_maybe[NFP_TEXT];
	bool have_override;
	char driver_override[NFP_TEXT];
	int ifindex; /* of its netdev in the private namespace; 0: it has none there */

	struct nfp_vf_attr attr;   /* as the PF is to report it */
	struct nfp_mac mac_before; /* the PF may still report this one: some drivers act later */
	bool mac_pending;
	bool assigned; /* its address was set by this run; else its driver may report one of its own
			*/

	enum nfp_guard_state state;
	uint32_t foreign;	   /* attributes that another process changed (NFP_VF_ATTR_BIT) */
	uint32_t journalled;	   /* .. that the journal has */
	char what[NFP_CHANGE_LEN]; /* what another process did, as a sentence */
};

/* The guard of a VF that was just found in state @before. */
void nfp_guard_begin(struct nfp_guard *guard, const struct nfp_vf_state *before, bool force);

/*
 * Looks at the VF. 0: it is as this run left it. -EBUSY (NFP_E_VF_TAKEN, NFP_E_VF_CHANGED): it is
 * not, now or since an earlier look; guard->state and ->what say so. -ENODEV: it is no longer
 * there. Another -errno: it could not be looked at, so it must not be written to either.
 * The PF is asked for its VFs only if a notification has come, or @thorough.
 */
int nfp_guard_check(struct nfp_hands *hands, struct nfp_guard *guard, bool thorough,
		    struct nfp_err *err);

/* The same for the attributes alone. */
int nfp_guard_check_attributes(struct nfp_hands *hands, struct nfp_guard *guard, bool thorough,
			       struct nfp_err *err);

/* A change of ours was made, or refused with @ret: what is to be expected from now on. */
void nfp_guard_note(struct nfp_hands *hands, struct nfp_guard *guard,
		    const struct nfp_change *change, int ret);

/*
 * Compares a report of the PF with what is expected, and takes it over. @notified: the kernel has
 * announced a change of the PF since the last report, as it does when a process sets an attribute
 * of a VF (do_setlink in net/core/rtnetlink.c); drivers act without. Pure.
 */
void nfp_guard_compare(struct nfp_guard *guard, const struct nfp_vf_attr *now, bool notified,
		       const char *pf_ifname);

#endif
