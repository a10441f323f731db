/* SPDX-License-Identifier: GPL-2.0-or-later */
/* apply.h - changes of the host, journalled before they are made. */
#ifndef NFPROBE_APPLY_H
#define NFPROBE_APPLY_H

#include <jansson.h>

#include "nfprobe/base.h"
#include "nfprobe/inventory.h"
#include "nfprobe/journal.h"
#include "nfprobe/netlink.h"

/*
 * vfdrv: the driver of a VF: which one, bound and unbound through the VF's own bus directory,
 * whatever the bus (Documentation/ABI/testing/sysfs-bus-pci and sysfs-driver-*), and its reset.
 *
 * Writes to bind, unbind and reset block as long as the driver likes. A child process makes each,
 * and is given up after NFP_VFDRV_DEADLINE_MS: -ETIMEDOUT, and the write may still take effect
 * later. The child holds a lock file of the device (<run>/nfprobe/<device>.writer.lock) until its
 * write has ended, so that whoever comes next, even after a crash, can wait for it: reading
 * driver_override does not, since Linux no longer takes the device's lock for it (commit
 * 10a4206a2401, "PCI: use generic driver_override infrastructure").
 *
 * Unless something else is said, functions return 0 or -errno, with words where they take @err.
 */

/* An iavf that finds its PF in reset needs some 26 s to bind. */
#define NFP_VFDRV_DEADLINE_MS 30000

/* A driver_override that no driver has: nothing binds to a device that has it. */
#define NFP_VFDRV_NO_DRIVER "held-by-nfprobe"

/* A device on its bus: pci, 0000:01:10.6. Borrowed strings. */
struct nfp_busdev {
	const struct nfp_sysroot *root;
	const char *bus, *name;
};

/*
 * A child process writes @text to the file, bounded by @deadline_ms. It holds the lock file @lock
 * (NULL: none) until it ends; an earlier child that still holds it is waited for, within the same
 * bound. 0 or -errno, without words.
 */
int nfp_write_bounded(const char *path, const char *text, const char *lock, int deadline_ms);
/* Waits until no child holds the lock file. -ETIMEDOUT. */
int nfp_wait_writer(const char *lock, int deadline_ms);
/* A child reads the file's first line, likewise bounded; longer than @size - 1 is -EFBIG. */
int nfp_read_bounded(const char *path, char *buf, size_t size, int deadline_ms);

/* The driver bound now; an empty string for none. */
int nfp_vfdrv_current(const struct nfp_busdev *dev, char *buf, size_t size);
/* Waits until a write to the device that was given up has ended after all, also one of an earlier
 * run. -ETIMEDOUT when that takes too long. */
int nfp_vfdrv_settle(const struct nfp_busdev *dev);
/* -ENOENT: this bus has no driver_override. "(null)" is read as empty. -ETIMEDOUT: the kernel is
 * busy with the device (before the commit above only). */
int nfp_vfdrv_override(const struct nfp_busdev *dev, char *buf, size_t size);

/* -ENODEV: the driver does not take this device; with sriov_drivers_autoprobe 0 so says the PCI bus
 * of every driver that driver_override does not name. */
int nfp_vfdrv_bind(const struct nfp_busdev *dev, const char *driver, struct nfp_err *err);
int nfp_vfdrv_unbind(const struct nfp_busdev *dev, const char *driver, struct nfp_err *err);
/* An empty @driver takes the override away. */
int nfp_vfdrv_set_override(const struct nfp_busdev *dev, const char *driver, struct nfp_err *err);
/* Function-level reset. -EOPNOTSUPP: this device has none. */
int nfp_vfdrv_reset(const struct nfp_busdev *dev, struct nfp_err *err);
/* Would nfp_vfdrv_reset try? */
bool nfp_vfdrv_has_reset(const struct nfp_busdev *dev);
/* Is there a netdev of it, in whatever namespace? Its directory net/ is there as long. */
bool nfp_vfdrv_has_netdev(const struct nfp_busdev *dev);

/* Drivers that hand a device to user space: vfio-pci, uio_pci_generic, ... and pci-stub. */
bool nfp_vfdrv_is_passthrough(const char *driver);

/*
 * Which driver to probe VF @vf of @pf with: its own, else a sibling's, else one of the loaded
 * module that its modalias names. -ENOENT (NFP_E_NO_DRIVER) with the `modprobe` that would help as
 * the hint.
 */
int nfp_vfdrv_choose(const struct nfp_busdev *dev, const struct nfp_pf *pf, unsigned int vf,
		     char *buf, size_t size, struct nfp_err *err);

/*
 * guard: the look at a VF right before each write to it: is it still as this run left it?
 *
 * A VF is *taken* when another process uses, binds, overrides or moves it. From then on nothing is
 * written to it any more, neither by the run nor by its undoing. A VF whose address, VLAN or
 * another attribute was changed, or whose driver was unbound, is *changed*: the run ends, and
 * undoing leaves that attribute alone and restores the rest.
 *
 * Between the look and the write another process may still come: the kernel has no operation that
 * does both.
 */

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
	char who[NFP_TEXT + 16]; /* "VF 3 (0000:01:10.6)" */
	bool force;		 /* a netdev that is merely up is not a user of the VF */
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

/*
 * settings: settings of a VF's netdev that are lost when its driver is bound anew, or in part
 * when it is moved to another network namespace.
 *
 * A set of them is a JSON object of texts (base.h). Their names are:
 *   "ethtool -G"             the numbers of struct ethtool_ringparam and others, in their order
 *   "ethtool -K rx-checksum" on, off
 *   "txqueuelen", "alias"    as `ip link set dev NETDEV NAME VALUE` takes them
 *   "altname 0"              one of its other names; the number means nothing
 *   "/proc/sys/..*.."        a file; "*" stands for the netdev. Of sysctls only those that differ
 *                            from the default for new netdevs
 *   "qdisc 1:"               of this handle and kind: is not put back
 *   "ethtool -N"             the number of rules that steer received frames: is not put back
 *   "node GUID"              of the VF's RDMA device: cannot be set
 */

/*
 * Reads the settings of @netdev, and of the VF itself unless @vf is NULL, into a new object. What
 * the kernel or the driver does not tell is left out. 0 or -errno.
 */
int nfp_settings_read(const struct nfp_sysroot *root, struct nfp_nl *nl,
		      const struct nfp_rt_dev *netdev, const struct nfp_busdev *vf,
		      json_t **ret_settings, struct nfp_err *err);
/* Sets one of them. -EOPNOTSUPP: it is one that cannot be set. */
int nfp_setting_put(const struct nfp_sysroot *root, struct nfp_nl *nl,
		    const struct nfp_rt_dev *netdev, const char *name, const char *value,
		    struct nfp_err *err);

/* Is it none of those that can only be told? Pure. */
bool nfp_setting_can_be_put(const char *name);
/* "txqueuelen of eth5 was 500 and is 1000"; @is may be NULL: gone. Pure. */
void nfp_setting_words(const char *name, const char *ifname, const char *was, const char *is,
		       char *buf, size_t size);
/* Names those that would be lost for good ("qdisc 1: fq"). False: there are none. Pure. */
bool nfp_settings_lost(const json_t *settings, char *buf, size_t size);
/*
 * Calls @differs for each setting of @before that @now lacks (@is NULL) or has otherwise. A value
 * other than 0 ends it and is returned. Pure.
 */
int nfp_settings_compare(const json_t *before, const json_t *now,
			 int (*differs)(const char *name, const char *was, const char *is,
					void *ctx),
			 void *ctx);

/*
 * hands: the only place where the host is changed: each change is journalled, then told, then
 * made, in this order.
 */

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
	/* Changes are told and taken for made, but the kernel is not asked, nor a guard's VF looked
	 * at. */
	bool dry;
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
/* Has the device left its bus, or does it within the deadline? */
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
