/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFPROBE_HOST_HANDS_H
#define NFPROBE_HOST_HANDS_H

/*
 * hands.h - the only place where the host is changed: each change is journalled, then told, then
 * made, in this order.
 */
#include "guard.h"
#include "nfprobe/journal.h"
#include "nfprobe/change.h"
#include "nfprobe/netlink.h"
#include "nfprobe/rtset.h"
#include "nfprobe/vfdrv.h"

#define NFP_GUARDS 2 /* the VF under test, and a sibling that sends */

struct nfp_hands {
	const struct nfp_sysroot *root;
	struct nfp_nl *nl;	     /* this namespace */
	struct nfp_nl *nl_private;   /* the private one, or NULL */
	int netns_fd;		     /* the private one, -1 */
	int home_fd;		     /* this namespace, -1 when nothing can come back */
	struct nfp_journal *journal; /* NULL: nothing is written (undoing) */
	struct nfp_change_log log;
	struct nfp_rt_dev pf;	 /* name borrowed */
	int macvlan, vlan_child; /* ifindex in the private namespace, 0: none */
	/* Of what was made since they were set to 0: the first request, the last answer. */
	struct nfp_host_times times;
	int promisc_fd; /* membership of this socket makes the PF promiscuous, -1 */
	/* Of the VFs that may be written to; a VF without one is not looked at. Borrowed. */
	struct nfp_guard *guards[NFP_GUARDS];
	struct nfp_nl *notify; /* link notifications of this namespace; borrowed, NULL: none */
	bool pf_notified;      /* .. one of the PF has come since its VFs were read last */
};

/* Opens the socket to this namespace. */
int nfp_hands_open(struct nfp_hands *hands, const struct nfp_rt_dev *pf,
		   const struct nfp_change_log *log, struct nfp_err *err);
/* Makes the private namespace and opens it. */
int nfp_hands_private(struct nfp_hands *hands, struct nfp_err *err);
/* NULL-safe for a zeroed struct with its descriptors at -1; see NFP_HANDS_INIT. */
void nfp_hands_close(struct nfp_hands *hands);

#define NFP_HANDS_INIT                                          \
	{                                                       \
		.netns_fd = -1, .home_fd = -1, .promisc_fd = -1 \
	}

/* NULL: there is none. */
struct nfp_guard *nfp_hands_guard(const struct nfp_hands *hands, const struct nfp_change *change);

/*
 * Journals, tells and makes one change. Of a VF that has a guard only if that finds it as this run
 * left it: -EBUSY (NFP_E_VF_TAKEN, NFP_E_VF_CHANGED) otherwise. ifname and ifindex of the PF are
 * filled in where the kind is about the PF and ifindex is 0.
 */
int nfp_hands_make(struct nfp_hands *hands, struct nfp_change *change, struct nfp_err *err);
/* As nfp_hands_make; EAGAIN and EBUSY are tried again for some seconds: drivers answer so while a
 * VF is in reset; and EEXIST of a name. */
int nfp_hands_insist(struct nfp_hands *hands, struct nfp_change *change, struct nfp_err *err);

/*
 * Takes the address of VF @change->vf away. 0: it has none now. NFP_PARKED: the driver does not let
 * it go without, it has nfp_mac_parked instead. ixgbe fails to delete an address whose filter a
 * reset has deleted before (ixgbe_del_mac_filter in ixgbe_main.c): so whatever the error, the VF is
 * given nfp_mac_parked, and cleared again. @change: kind NFP_CHANGE_VF_MAC, else filled in.
 */
int nfp_hands_clear(struct nfp_hands *hands, const struct nfp_change *change, struct nfp_err *err);
#define NFP_PARKED 1

struct nfp_busdev nfp_hands_busdev(const struct nfp_hands *hands, const struct nfp_change *change);

/*
 * Binds; where the bus says ENODEV because another driver is named (driver_override, or
 * sriov_drivers_autoprobe 0), names the driver in driver_override first.
 */
int nfp_hands_bind(struct nfp_hands *hands, const struct nfp_vf_state *vf, const char *driver,
		   struct nfp_err *err);

/*
 * Waits on the notifications of @nl until @done says so. 0, -ETIMEDOUT, or what @done returned that
 * is neither 0 (not yet) nor 1 (done).
 */
int nfp_wait_links(struct nfp_nl *nl, int deadline_ms, int (*done)(void *ctx), void *ctx,
		   struct nfp_err *err);
/*
 * Has the device left its bus? One that is about to is waited for, by the kernel's uevents; where
 * they cannot be had, the answer is what is so now.
 */
bool nfp_wait_device_gone(const struct nfp_busdev *dev, int deadline_ms);
/* Waits until there is a netdev of VF @dev in this namespace; reads it. -ETIMEDOUT */
int nfp_wait_netdev(struct nfp_nl *notify, struct nfp_nl *nl, const struct nfp_rt_dev *pf,
		    const struct nfp_busdev *dev, int deadline_ms, struct nfp_link *ret_link,
		    struct nfp_err *err);

/*
 * The netdev of VF @dev in this namespace: -ENOENT without words when there is none. Of the two
 * that mlx4 has, one for each port of the card, it is that of the port of @pf (dev_port); the other
 * is *ret_second (may be NULL), whose ifindex is 0 when there is none.
 */
int nfp_netdev_of(struct nfp_nl *nl, const struct nfp_rt_dev *pf, const struct nfp_busdev *dev,
		  struct nfp_link *ret_link, struct nfp_link *ret_second, struct nfp_err *err);
/* A VF as it is now. -ENODEV: it is no longer there. */
int nfp_vf_state_read(const struct nfp_sysroot *root, struct nfp_nl *nl,
		      const struct nfp_rt_dev *pf, unsigned int vf, const char *bus,
		      const char *parentdev, struct nfp_vf_state *ret_state, struct nfp_err *err);

#endif
