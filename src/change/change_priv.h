/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * change_priv.h - changes to the host, each in the journal before it is made: the driver of a VF,
 * the guard, the settings of a netdev, and the hands that make a change.
 */
#ifndef NFPROBE_CHANGE_CHANGE_PRIV_H
#define NFPROBE_CHANGE_CHANGE_PRIV_H

#include <jansson.h>

#include "change/host.h"
#include "net/inventory.h"
#include "change/journal.h"
#include "probe/probe.h"

/*
 * vfdrv: finds, binds and unbinds the driver of a VF through its directory in sysfs, whatever the
 * bus, and resets the VF (Documentation/ABI/testing/sysfs-bus-pci and sysfs-driver-*).
 *
 * A write to bind, unbind or reset blocks as long as the driver likes. So a child process makes
 * each, and the caller gives up after NFP_VFDRV_DEADLINE_MS: -ETIMEDOUT, and the write may still
 * take effect later (a driver that answers ETIMEDOUT itself has failed: -EIO). The child holds a
 * lock file of the device (<run>/nfprobe/<device>.writer.lock) until its write has ended. The next
 * writer, even one after a crash, waits for the lock. Reading driver_override would not wait: since
 * commit 10a4206a2401 ("PCI: use generic driver_override infrastructure") Linux does not take the
 * lock of the device for it.
 *
 * Functions return 0 or -errno unless stated otherwise; those that take @err fill it in.
 */

/* iavf takes some 26 s to bind while its PF is in reset. */
#define NFP_VFDRV_DEADLINE_MS 30000

/* No driver has this name, so with this driver_override none binds to the device. */
#define NFP_VFDRV_NO_DRIVER "held-by-nfprobe"

/* A device on its bus: pci, 0000:01:10.6. Borrowed strings. */
struct nfp_busdev {
	const struct nfp_sysroot *root;
	const char *bus, *name;
};

/*
 * A child process writes @text to the file, bounded by @deadline_ms. It holds the lock file @lock
 * (NULL: none) until it ends. Waits, within the same bound, for an earlier child that still holds
 * it. 0; -NFP_ENOANSWER after @deadline_ms; or what the kernel answered, which may be -ETIMEDOUT: a
 * driver's own.
 */
int nfp_write_bounded(const char *path, const char *text, const char *lock, int deadline_ms);
/* Waits until no child holds the lock file. -NFP_ENOANSWER. */
int nfp_wait_writer(const char *lock, int deadline_ms);
/* A child reads the first line of the file, bounded likewise. -EFBIG: over @size - 1 bytes. */
int nfp_read_bounded(const char *path, char *buf, size_t size, int deadline_ms);

/* The driver that is bound now. Empty: none. -ENODEV: there is no such device. */
int nfp_vfdrv_current(const struct nfp_busdev *dev, char *buf, size_t size);
/* Waits until a write to the device that was given up, here or by an earlier run, has ended.
 * -ETIMEDOUT. */
int nfp_vfdrv_wait_idle(const struct nfp_busdev *dev);
/* -ENOENT: this bus has no driver_override. "(null)" is read as empty. -ETIMEDOUT: the kernel is
 * busy with the device (only before the commit above). */
int nfp_vfdrv_override(const struct nfp_busdev *dev, char *buf, size_t size);

/*
 * Binds the driver, or unbinds it. -ENODEV: the driver does not support this device; or
 * sriov_drivers_autoprobe is 0, for which the PCI bus refuses every driver that driver_override
 * does not name.
 */
int nfp_vfdrv_bind(const struct nfp_busdev *dev, const char *driver, bool bind,
		   struct nfp_err *err);
/* An empty @driver clears the override. */
int nfp_vfdrv_set_override(const struct nfp_busdev *dev, const char *driver, struct nfp_err *err);
/* Does the device support a function-level reset? */
bool nfp_vfdrv_has_reset(const struct nfp_busdev *dev);
/* Resets a device that supports it; another one the kernel may reset in another way. */
int nfp_vfdrv_reset(const struct nfp_busdev *dev, struct nfp_err *err);
/* Is the PCI device a bus master? 1, 0, -ENODATA: not known. Needs no privileges. */
int nfp_vfdrv_bus_master(const struct nfp_busdev *dev);
/* Does the device have a netdev, in whatever namespace? Its directory net/ exists as long. */
bool nfp_vfdrv_has_netdev(const struct nfp_busdev *dev);

/*
 * Chooses the driver to probe VF @vf of @pf with: its own, else that of a sibling, else that of a
 * loaded module that its modalias matches. -ENOENT (NFP_E_NO_DRIVER): there is none; the hint is
 * the `modprobe` that would help.
 */
int nfp_vfdrv_choose(const struct nfp_busdev *dev, const struct nfp_pf *pf, unsigned int vf,
		     char *buf, size_t size, struct nfp_err *err);

/*
 * guard: checks, right before each write to a VF, that it is still as this run left it.
 *
 * A VF is *taken* when another process uses, binds, overrides or moves it. From then on nothing is
 * written to it, neither by the run nor by its undo. A VF is *changed* when another process has
 * changed its address, VLAN or another attribute, or unbound its driver: the run ends, and the undo
 * leaves that attribute alone and restores the rest.
 *
 * Another process may still change the VF between the check and the write: the kernel has no
 * operation that does both.
 */

struct nfp_apply;

enum nfp_guard_state {
	NFP_GUARD_OURS,
	NFP_GUARD_CHANGED,
	NFP_GUARD_TAKEN,
};

/* A VF as this run left it. */
struct nfp_guard {
	/* The device, its driver, and the attributes that the PF should report. The netdev is
	 * in ifindex below. */
	struct nfp_vf_state is;
	char who[NFP_TEXT_LEN + 16]; /* "VF 3 (0000:01:10.6)" */
	bool force;		     /* a netdev that is only up does not count as a user */
	bool untouched;	      /* nothing was written to it yet: search for users of every kind */
	uint64_t searched_ns; /* when its users were last searched for; 0: never */
	/* Its attributes were read for the change that is made next, and are not checked again. */
	bool attributes_known;

	bool driver_unsure; /* a bind or unbind was given up: driver_maybe is possible, too */
	char driver_maybe[NFP_TEXT_LEN];
	int ifindex; /* of its netdev in the private namespace; 0: none */

	struct nfp_mac mac_before; /* the PF may still report this: some drivers act later */
	bool mac_pending;
	bool mac_before_unread; /* the PF may report another, which has not been read */
	/* The run has bound, unbound or reset the VF since the PF's last report, in which case the
	 * driver may have changed attributes that nobody set. */
	bool unread;
	bool assigned; /* this run set its address; else its driver may report its own */
	/* The driver of the PF may clear an address at either of these, which i40e did once
	 * (i40e_vc_del_mac_addr_msg). The last thing that this run did to the VF since it set
	 * its address, and the last one before the address was gone: "its netdev was set down", or
	 * NULL. */
	const char *stopped, *mac_lost;
	bool refused;		    /* @mac_refused was */
	struct nfp_mac mac_refused; /* it may have been stored all the same */

	enum nfp_guard_state state;
	uint32_t external;	   /* attributes that another process changed (NFP_VF_ATTR_BIT) */
	uint32_t journalled;	   /* those that the journal has */
	char what[NFP_CHANGE_LEN]; /* what another process did, as a sentence */
};

/* Begins to guard a VF that was just read as @before. */
void nfp_guard_begin(struct nfp_guard *guard, const struct nfp_vf_state *before, bool force);

/*
 * Checks the VF before a write. 0: it is as this run left it. -EBUSY (NFP_E_VF_TAKEN,
 * NFP_E_VF_CHANGED): it is not, now or at an earlier check; see guard->state and ->what. -ENODEV:
 * the VF was removed. Other -errno: it could not be checked, so it must not be written to either.
 *
 * A search for holders of the VF's character devices reads the descriptors of all processes, which
 * may take seconds. So a write asks only what is quick, after the first search.
 */
int nfp_guard_check(struct nfp_apply *apply, struct nfp_guard *guard, struct nfp_err *err);
/* Checks as nfp_guard_check does, between writes, as a step ends. It searches, unless the last
 * search is less than a second old. */
int nfp_guard_look(struct nfp_apply *apply, struct nfp_guard *guard, struct nfp_err *err);
/*
 * Checks only the attributes. The VFs are read from the PF only if the kernel has announced a
 * change or may have (a lost notification counts as one), or if @thorough: the kernel reports all
 * VFs or none (netlink.h, vfinfo), and what a driver does by itself is not announced. So @thorough
 * is for what the next step builds on: that the PF has an address or a VLAN that the run has set.
 */
int nfp_guard_check_attributes(struct nfp_apply *apply, struct nfp_guard *guard, bool thorough,
			       struct nfp_err *err);

/*
 * May this link notification mean that a process has changed a VF? It does not say what has
 * changed. But one that names flags in ifi_change is about these: promiscuous mode, say
 * (__dev_notify_flags in net/core/dev.c). Setting an attribute of a VF causes one that names none
 * (do_setlink in net/core/rtnetlink.c calls netdev_state_change). Pure.
 */
bool nfp_guard_is_news(const struct nlmsghdr *nlh, int pf_ifindex);
/*
 * Notes in apply->watch.pf_notified whether another process may have changed a VF: whether a
 * notification about the PF waits, or was lost.
 */
int nfp_guard_drain(struct nfp_apply *apply, struct nfp_err *err);
/* After a change of ours: what waits is about it, since the kernel queued that before it answered.
 */
void nfp_guard_forget(struct nfp_apply *apply);

/* After a change of ours, made or refused with @ret: updates what the guard expects. */
void nfp_guard_note(struct nfp_apply *apply, struct nfp_guard *guard,
		    const struct nfp_change *change, int ret);

/*
 * Compares a report of the PF with the expected state, which it replaces. @notified: the kernel has
 * announced a change of the PF since the last report. It does so when a process sets an attribute
 * of a VF (do_setlink in net/core/rtnetlink.c), but not when a driver acts by itself. Pure.
 */
void nfp_guard_compare(struct nfp_guard *guard, const struct nfp_vf_attr *now, bool notified,
		       const char *pf_ifname);

/*
 * settings: those settings of a VF's netdev that are lost when its driver is bound again, or in
 * part when the netdev moves to another network namespace and comes home, and are put back, or of
 * which is told that they are lost. Settings of ethtool are not among them.
 *
 * They are a JSON object of texts (base.h) with these names:
 *   "mtu", "txqueuelen", "alias"  as `ip link set dev NETDEV NAME VALUE` takes them
 *   "altname 0"   an alternative name; the number means nothing
 *   "qdisc 1:"    the kind of the qdisc with this handle: cannot be restored
 *   "ethtool -N"  the number of rules that steer received frames: cannot be restored
 *   "node GUID"   of the VF's RDMA device: cannot be set
 * Forgotten by a move as well; not written back, since that has effects of its own (addr_gen_mode
 * of a netdev that is down makes addresses):
 *   "/proc/sys/net/ipv4/conf/IF/rp_filter"  a sysctl with another value than "default" has
 *                 (also of neigh, and of ipv6); "*" stands for IF
 *   "token"       of IPv6 (ip-token(8))
 *   "neigh 192.0.2.1"  the MAC of a permanent neighbour
 */

/*
 * Reads the settings of @netdev, and of the VF itself unless @vf is NULL, into a new object.
 * Settings that the kernel or the driver does not report are left out. 0 or -errno.
 */
int nfp_settings_read(const struct nfp_sysroot *root, struct nfp_nl *nl,
		      const struct nfp_rt_dev *netdev, const struct nfp_busdev *vf,
		      json_t **ret_settings, struct nfp_err *err);
/* Sets one of them. -EOPNOTSUPP: it cannot be set. */
int nfp_setting_set(struct nfp_nl *nl, const struct nfp_rt_dev *netdev, const char *name,
		    const char *value, struct nfp_err *err);

/* Can it be restored? Pure. */
bool nfp_setting_can_set(const char *name);
/* Does it name a sysctl, and nothing else? Pure. */
bool nfp_setting_is_sysctl(const char *name);
/* Its value is not told to anybody. Pure. */
bool nfp_setting_is_secret(const char *name);
/* "txqueuelen of its netdev eth5 was 500 and is 1000"; @is NULL: it is gone, or was not read. Pure.
 */
void nfp_setting_describe(const char *name, const char *ifname, const char *was, const char *is,
			  char *buf, size_t size);
/* Lists those that could not be restored ("qdisc 1: fq"). False: there are none. Pure. */
bool nfp_settings_lost(const json_t *settings, char *buf, size_t size);
/* Lists those that a move forgets, likewise. Pure. */
bool nfp_settings_forgotten(const json_t *settings, const char *ifname, char *buf, size_t size);
/*
 * Calls @differs for each setting of @before that has another value in @now, or none (@is NULL). A
 * result other than 0 ends the comparison and is returned. Pure.
 */
int nfp_settings_compare(const json_t *before, const json_t *now,
			 int (*differs)(const char *name, const char *was, const char *is,
					void *ctx),
			 void *ctx);

/*
 * klog: a line to the kernel log (/dev/kmsg), or where that is closed to syslog (/dev/log), of
 * facility daemon and level notice. A run goes on if nobody has got it.
 */
void nfp_klog(const struct nfp_sysroot *root, const char *fmt, ...) NFP_PRINTF(2, 3);

/*
 * apply: the only place where the host is changed. Each change is written to the journal, then
 * logged, then made.
 */

#define NFP_GUARDS (1 + NFP_SIBLINGS) /* the VF under test, and its siblings */

/* Watches for other processes. */
struct nfp_watch {
	/* For the VFs that are written to; a VF without one is not checked. Borrowed. */
	struct nfp_guard *guards[NFP_GUARDS];
	struct nfp_nl *notify; /* link notifications of this namespace; borrowed, or NULL */
	bool pf_notified;      /* one about the PF has come since its VFs were read */
};

struct nfp_apply {
	const struct nfp_sysroot *root;
	struct nfp_nl *nl;	     /* this namespace */
	struct nfp_nl *nl_private;   /* the private namespace, or NULL */
	int netns_fd;		     /* the private namespace, or -1 */
	int home_fd;		     /* this namespace; -1 without a private one */
	struct nfp_journal *journal; /* NULL: nothing is written (undo) */
	struct nfp_events events;    /* is told of each change */
	struct nfp_rt_dev pf;	     /* name borrowed */
	/* ifindex in the private namespace, 0: none */
	int macvlan, vlan_child, registers;
	uint64_t request_ns; /* the first request since it was set to 0 */
	/* Packet sockets with the memberships of the PF, and of the VF's netdev in the private
	 * namespace; or -1. */
	int membership_fd[2];
	struct nfp_watch watch;
	/* When a VF was last written to, or at the earliest when this was opened: an interrupted
	 * run may have done so. */
	uint64_t written_ns;
	/* Changes are logged and count as made, but no VF is checked and the kernel is not asked.
	 */
	bool dry;
};

/* Opens the socket to this namespace. */
int nfp_apply_open(struct nfp_apply *apply, const struct nfp_sysroot *root,
		   const struct nfp_rt_dev *pf, const struct nfp_events *events,
		   struct nfp_err *err);
/* Creates the private namespace and opens a socket to it. */
int nfp_apply_private_netns(struct nfp_apply *apply, struct nfp_err *err);
/* Also of a struct that is only initialised by NFP_APPLY_INIT. */
void nfp_apply_close(struct nfp_apply *apply);

#define NFP_APPLY_INIT                                                     \
	{                                                                  \
		.netns_fd = -1, .home_fd = -1, .membership_fd = { -1, -1 } \
	}

/*
 * Makes one change. If its VF has a guard, the VF must still be as this run left it; else -EBUSY
 * (NFP_E_VF_TAKEN, NFP_E_VF_CHANGED). Fills in ifname and ifindex for kinds that are about the PF.
 * Kinds that insist (NFP_CHANGE_INSIST) are tried again for some seconds on errors that may pass:
 * EAGAIN and EBUSY, with which drivers answer while a VF is in reset, EINVAL soon after a VF was
 * written to, and EEXIST for a name.
 *
 * NFP_PARKED: the driver refuses to clear the VF's address, so the VF has change->placeholder
 * instead. ixgbe fails to delete an address if a reset has deleted its filter before
 * (ixgbe_del_mac_filter in ixgbe_main.c), and a driver that has the VF in reset refuses any: so the
 * two are tried in turn, and zero once more after the other was taken.
 */
int nfp_apply_change(struct nfp_apply *apply, struct nfp_change *change, struct nfp_err *err);
#define NFP_PARKED 1
/* Makes the change whatever the run expects of the VF: @guard says how the VF must be. */
int nfp_apply_guarded(struct nfp_apply *apply, struct nfp_guard *guard, struct nfp_change *change,
		      struct nfp_err *err);

struct nfp_busdev nfp_apply_busdev(const struct nfp_apply *apply, const struct nfp_change *change);

/*
 * Binds, as nfp_apply_guarded does. If the bus answers ENODEV because it wants another driver
 * (driver_override, or sriov_drivers_autoprobe 0), sets driver_override to @driver and tries again.
 */
int nfp_apply_bind(struct nfp_apply *apply, struct nfp_guard *guard, const struct nfp_vf_state *vf,
		   const char *driver, struct nfp_err *err);

/*
 * Calls @done now and after each change of a link in @netns_fd (-1: ours), until it returns other
 * than 0. 0 (@done returned 1), -ETIMEDOUT, or what else @done returned.
 */
int nfp_wait_links(int netns_fd, int deadline_ms, int (*done)(void *ctx), void *ctx,
		   struct nfp_err *err);
/* Has the device left its bus, or does it within the deadline? */
bool nfp_wait_device_gone(const struct nfp_busdev *dev, int deadline_ms);
/* Waits for the netdev of VF @dev to appear in this namespace, and reads it. -ETIMEDOUT. */
int nfp_wait_netdev(const struct nfp_apply *apply, const struct nfp_busdev *dev, int deadline_ms,
		    struct nfp_link *ret_link, struct nfp_err *err);

/*
 * Reads the netdev of VF @dev in this namespace. -ENOENT, with @err unset: there is none. mlx4 has
 * one for each port of the card: *ret_link is that of the port of @pf (dev_port), the other is
 * *ret_second (may be NULL), whose ifindex is 0 if there is none.
 */
int nfp_netdev_of(struct nfp_nl *nl, const struct nfp_rt_dev *pf, const struct nfp_busdev *dev,
		  struct nfp_link *ret_link, struct nfp_link *ret_second, struct nfp_err *err);
/*
 * Reads a VF as it is now. -ENODEV: it was removed. @attr: its attributes, if they are known. NULL:
 * they are read, and with them those of all VFs of the PF. @await_report: a report without the VF
 * says nothing, as while i40e and ice reset it, so that is read again for some seconds, unless the
 * driver reports none of its VFs.
 */
int nfp_vf_state_read(const struct nfp_apply *apply, unsigned int vf, const char *bus,
		      const char *parentdev, const struct nfp_vf_attr *attr, bool await_report,
		      struct nfp_vf_state *ret_state, struct nfp_err *err);
/*
 * The differences of two states of a VF, as a mask: attributes as in nfp_vf_attr_differ, and these.
 * A part that one state lacks or does not know is no difference, except a netdev that is gone.
 */
enum nfp_vf_part {
	NFP_PART_ATTRS = (1U << NFP_VF_ATTR_COUNT) - 1,
	NFP_PART_DRIVER = 1U << NFP_VF_ATTR_COUNT,
	NFP_PART_OVERRIDE = NFP_PART_DRIVER << 1,
	NFP_PART_NETDEV = NFP_PART_DRIVER << 2,	 /* it had one, and has none */
	NFP_PART_ADDRESS = NFP_PART_DRIVER << 3, /* of the netdev */
	NFP_PART_NAME = NFP_PART_DRIVER << 4,
	NFP_PART_DOWN = NFP_PART_DRIVER << 5, /* it was up, and is down */
	NFP_PART_SECOND = NFP_PART_DRIVER << 6,
	NFP_PART_SECOND_NAME = NFP_PART_DRIVER << 7,
	NFP_PART_SECOND_DOWN = NFP_PART_DRIVER << 8,
};
/* Looks at the parts in @mask alone, so that who has read a few compares these. Pure. */
uint32_t nfp_vf_state_differ(const struct nfp_vf_state *was, const struct nfp_vf_state *now,
			     uint32_t mask);
/*
 * Waits before the next look at the VFs of the PF, since no event tells when a driver has acted. A
 * look holds the RTNL lock of the whole host: if one takes long (@took_ns), at most a fifth of the
 * time is spent on them.
 */
void nfp_vf_look_pause(uint64_t took_ns);

#endif
