/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfdrv.h - finds, binds and unbinds the driver of a VF through its directory in sysfs, whatever
 * the bus, and resets the VF (Documentation/ABI/testing/sysfs-bus-pci and sysfs-driver-*).
 *
 * A write to bind, unbind or reset blocks as long as the driver likes. So a child process makes it,
 * and the caller gives up after NFP_VFDRV_DEADLINE_MS: -ETIMEDOUT, and the write may still take
 * effect later (a driver that answers ETIMEDOUT itself has failed: -EIO). The child holds a lock
 * file of the device (<run>/nfprobe/<device>.writer.lock) until its write has ended. The next
 * writer, even one after a crash, waits for the lock, then looks at the VF, then writes. A read of
 * driver_override does not wait: since commit 10a4206a2401 ("PCI: use generic driver_override
 * infrastructure") Linux does not take the lock of the device for it.
 *
 * Functions return 0 or -errno unless stated otherwise; those that take @err fill it in.
 */
#ifndef NFPROBE_CHANGE_VFDRV_H
#define NFPROBE_CHANGE_VFDRV_H

#include "net/inventory.h"

/* iavf takes some 26 s to bind while its PF is in reset. */
#define NFP_VFDRV_DEADLINE_MS 30000

/* No driver has this name: as driver_override it keeps every driver off the device. */
#define NFP_VFDRV_NO_DRIVER "held-by-nfprobe"

/* A device on its bus: pci, 0000:01:10.6. Borrowed strings. */
struct nfp_busdev {
	const struct nfp_sysroot *root;
	const char *bus, *name;
};

/* Waits until no child holds the lock file, and holds it until *ret_fd is closed here and in the
 * children that have it: flock(2) belongs to the open file. -NFP_ENOANSWER. */
int nfp_writer_lock(const char *lock, int deadline_ms, int *ret_fd);
/*
 * Has a child process write @text to the file within @deadline_ms. It holds @lock_fd (-1: none)
 * until it ends. 0; -NFP_ENOANSWER after @deadline_ms; -NFP_ENOPROCESS; or what the kernel
 * answered, which may be -ETIMEDOUT: a driver's own.
 */
int nfp_write_bounded(const char *path, const char *text, int lock_fd, int deadline_ms);
/* Has a child process read the first line of the file within @deadline_ms. -EFBIG: it is over @size
 * - 1 bytes. */
int nfp_read_bounded(const char *path, char *buf, size_t size, int deadline_ms);

/* Reads which driver is bound now. Empty: none. -ENODEV: there is no such device. */
int nfp_vfdrv_current(const struct nfp_busdev *dev, char *buf, size_t size);
/* Waits until a write to the device that was given up, here or by an earlier run, has ended.
 * -ETIMEDOUT. */
int nfp_vfdrv_wait_idle(const struct nfp_busdev *dev);
/*
 * Waits as well, and keeps later writers out until *ret_fd is closed. Whoever is to write looks at
 * the VF with the lock held: another process may take it while an earlier write is waited for.
 * -ETIMEDOUT.
 */
int nfp_vfdrv_lock(const struct nfp_busdev *dev, int *ret_fd, struct nfp_err *err);
/* Reads driver_override. -ENOENT: this bus has none. "(null)" is read as empty. -ETIMEDOUT: the
 * kernel is busy with the device (only before the commit above). */
int nfp_vfdrv_override(const struct nfp_busdev *dev, char *buf, size_t size);

/*
 * Binds the driver, or unbinds it, with the lock of nfp_vfdrv_lock. -ENODEV: the driver does not
 * support this device; or sriov_drivers_autoprobe is 0, for which the PCI bus refuses every driver
 * that driver_override does not name.
 */
int nfp_vfdrv_bind(const struct nfp_busdev *dev, const char *driver, bool bind, int lock_fd,
		   struct nfp_err *err);
/* Sets driver_override; an empty @driver clears it. */
int nfp_vfdrv_set_override(const struct nfp_busdev *dev, const char *driver, int lock_fd,
			   struct nfp_err *err);
/* True if the device supports a function-level reset. */
bool nfp_vfdrv_has_reset(const struct nfp_busdev *dev);
/* Resets a device that supports it. The kernel may reset another device in another way. */
int nfp_vfdrv_reset(const struct nfp_busdev *dev, int lock_fd, struct nfp_err *err);
/* Looks whether the PCI device is a bus master. 1, 0, -ENODATA: not known. Needs no privileges. */
int nfp_vfdrv_bus_master(const struct nfp_busdev *dev);
/* True if the device has a netdev, in whatever namespace. Its directory net/ exists as long as one
 * does. */
bool nfp_vfdrv_has_netdev(const struct nfp_busdev *dev);

/*
 * Chooses the driver to probe VF @vf of @pf with: its own, else that of another VF, else that of a
 * loaded module that its modalias matches. -ENOENT (NFP_E_NO_DRIVER): there is none; the hint is
 * the `modprobe` that would help.
 */
int nfp_vfdrv_choose(const struct nfp_busdev *dev, const struct nfp_pf *pf, unsigned int vf,
		     char *buf, size_t size, struct nfp_err *err);

#endif
