/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfdrv.h - the driver of a VF: which one, bound and unbound through the VF's own bus directory,
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
#ifndef NFPROBE_VFDRV_H
#define NFPROBE_VFDRV_H

#include "nfprobe/error.h"
#include "nfprobe/sysfs.h"
#include "nfprobe/topology.h"

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

/* The bus of the device directory @devpath (/sys/devices/..), as a word. 0 or -errno. */
int nfp_vfdrv_bus(const char *devpath, char *buf, size_t size);
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

#endif
