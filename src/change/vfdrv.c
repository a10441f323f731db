// SPDX-License-Identifier: GPL-2.0-or-later
/* vfdrv.c - binds and unbinds the driver of a VF through sysfs; chooses one to probe it with. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "change_priv.h"

/* The caller frees it, like all paths here. */
static char *dev_path(const struct nfp_busdev *dev, const char *file)
{
	return nfp_asprintf("%s/sys/bus/%s/devices/%s/%s", dev->root->prefix, dev->bus, dev->name,
			    file);
}

static bool has_file(const struct nfp_busdev *dev, const char *file)
{
	return nfp_sysfs_exists(dev->root, "/sys/bus/%s/devices/%s/%s", dev->bus, dev->name, file);
}

int nfp_vfdrv_current(const struct nfp_busdev *dev, char *buf, size_t size)
{
	int ret = nfp_sysfs_link(dev->root, buf, size, "/sys/bus/%s/devices/%s/driver", dev->bus,
				 dev->name);

	if (ret != -ENOENT)
		return ret;
	buf[0] = '\0';
	return has_file(dev, "") ? 0 : -ENODEV;
}

/* A child that writes to the device holds this file locked. */
static char *lock_path(const struct nfp_busdev *dev)
{
	return nfp_asprintf("%s/run/nfprobe/%s.writer.lock", dev->root->prefix, dev->name);
}

/* Callers know a write or a read that was given up as -ETIMEDOUT. */
static int given_up(int ret)
{
	return ret == -NFP_ENOANSWER ? -ETIMEDOUT : ret;
}

int nfp_vfdrv_wait_idle(const struct nfp_busdev *dev)
{
	char *lock = lock_path(dev);
	int ret = nfp_sysfs_exists(NULL, "%s", lock) ? nfp_wait_writer(lock, NFP_VFDRV_DEADLINE_MS)
						     : 0;

	free(lock);
	return given_up(ret);
}

int nfp_vfdrv_override(const struct nfp_busdev *dev, char *buf, size_t size)
{
	char *path = dev_path(dev, "driver_override");
	int ret = nfp_read_bounded(path, buf, size, NFP_VFDRV_DEADLINE_MS);

	free(path);
	if (!ret && strcmp(buf, "(null)") == 0)
		buf[0] = '\0';
	return given_up(ret);
}

/* Frees @path. Message: "cannot <what>". */
static NFP_PRINTF(5, 6) int write_device(const struct nfp_busdev *dev, char *path, const char *text,
					 struct nfp_err *err, const char *fmt, ...)
{
	char *lock = lock_path(dev), what[2 * NFP_TEXT_LEN];
	int ret = nfp_write_bounded(path, text, lock, NFP_VFDRV_DEADLINE_MS);

	free(path);
	free(lock);
	NFP_VFORMAT(what, sizeof(what), fmt);
	if (ret == -NFP_ENOANSWER)
		return nfp_err_set(err, -ETIMEDOUT, NFP_E_KERNEL,
				   "cannot %s: the kernel has not answered for %d s", what,
				   NFP_VFDRV_DEADLINE_MS / 1000);
	if (ret)
		nfp_err_errno(err, ret, ret == -EACCES ? NFP_E_PERMISSION : NFP_E_KERNEL,
			      "cannot %s", what);
	return ret == -ETIMEDOUT ? -EIO : ret;
}

int nfp_vfdrv_bind(const struct nfp_busdev *dev, const char *driver, bool bind, struct nfp_err *err)
{
	const char *file = bind ? "bind" : "unbind";
	char *path = nfp_asprintf("%s/sys/bus/%s/drivers/%s/%s", dev->root->prefix, dev->bus,
				  driver, file);

	return write_device(dev, path, dev->name, err, "%s %s %s %s", file, dev->name,
			    bind ? "to" : "from", driver);
}

int nfp_vfdrv_set_override(const struct nfp_busdev *dev, const char *driver, struct nfp_err *err)
{
	char text[NFP_TEXT_LEN + 1];

	/* An empty line clears it (driver_set_override in drivers/base/driver.c). */
	snprintf(text, sizeof(text), "%s\n", driver);
	return write_device(dev, dev_path(dev, "driver_override"), text, err,
			    "set driver_override of %s", dev->name);
}

/*
 * Since Linux 5.15, reset_method has the methods that the kernel tries, in order (sysfs-bus-pci).
 * device_specific is a function-level reset with a workaround on the VFs that have it
 * (reset_intel_82599_sfp_virtfn in drivers/pci/quirks.c); pm, bus and others are not
 * function-level.
 */
bool nfp_vfdrv_has_reset(const struct nfp_busdev *dev)
{
	static const char *const function_level[] = {"flr", "af_flr", "device_specific"};
	char methods[NFP_TEXT_LEN];

	if (!has_file(dev, "reset"))
		return false;
	if (nfp_sysfs_read(dev->root, methods, sizeof(methods),
			   "/sys/bus/%s/devices/%s/reset_method", dev->bus, dev->name))
		return true; /* before Linux 5.15 the kernel does not say */
	methods[strcspn(methods, " \n")] = '\0';
	for (size_t i = 0; i < NFP_NUM(function_level); i++)
		if (strcmp(methods, function_level[i]) == 0)
			return true;
	return false;
}

bool nfp_vfdrv_has_netdev(const struct nfp_busdev *dev)
{
	return has_file(dev, "net");
}

int nfp_vfdrv_reset(const struct nfp_busdev *dev, struct nfp_err *err)
{
	return write_device(dev, dev_path(dev, "reset"), "1", err, "reset %s", dev->name);
}

int nfp_vfdrv_bus_master(const struct nfp_busdev *dev)
{
	char *path = nfp_asprintf("/sys/bus/%s/devices/%s", dev->bus, dev->name);
	int ret = nfp_bus_master_read(dev->root, path);

	free(path);
	return ret;
}

int nfp_vfdrv_choose(const struct nfp_busdev *dev, const struct nfp_pf *pf, unsigned int vf,
		     char *buf, size_t size, struct nfp_err *err)
{
	char driver[NFP_TEXT_LEN];
	int ret = nfp_net_driver_find(dev->root, pf, vf, dev->bus, dev->name, driver,
				      sizeof(driver));

	if (ret == 0) {
		snprintf(buf, size, "%s", driver);
		return 0;
	}
	nfp_err_set(err, ret, NFP_E_NO_DRIVER, "no driver for the VF %s is loaded", dev->name);
	if (driver[0])
		nfp_err_try(err, "modprobe %s", driver);
	else
		nfp_err_hint(err,
			     "This kernel has no module for it: install the vendor's VF driver.");
	return ret;
}
