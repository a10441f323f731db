// SPDX-License-Identifier: GPL-2.0-or-later
/* device.c - the device behind a netdev, from sysfs; a PF by its name, its device, or a
 * VF of it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inventory_priv.h"
#include "netlink_priv.h"

void nfp_links_sysfs(const struct nfp_sysroot *root, struct nfp_link *links, size_t num)
{
	nfp_for_each (link, links, num) {
		link->physical = nfp_sysfs_exists(root, "/sys/class/net/%s/device", link->ifname);
		if (!link->physical)
			continue;
		nfp_sysfs_link(root, link->parentdev, sizeof(link->parentdev),
			       "/sys/class/net/%s/device", link->ifname);
		nfp_sysfs_link(root, link->physfn, sizeof(link->physfn),
			       "/sys/class/net/%s/device/physfn", link->ifname);
	}
}

bool nfp_topo_is_pf(const struct nfp_sysroot *root, const struct nfp_link *link)
{
	char port[32];

	/* An InfiniBand netdev may also be that of a PF, whose VFs have GUIDs. */
	if (nfp_link_other_medium(link) ||
	    !nfp_sysfs_exists(root, "/sys/class/net/%s/device/sriov_totalvfs", link->ifname))
		return false;
	/* The phys_port_name of a representor is like pf0vf3 or c1pf0sf88 (devl_port_attrs). */
	return nfp_sysfs_read(root, port, sizeof(port), "/sys/class/net/%s/phys_port_name",
			      link->ifname) < 0 ||
	       !strstr(port, "pf") || !(strstr(port, "vf") || strstr(port, "sf"));
}

struct search {
	const struct nfp_sysroot *root;
	const char *name; /* of a device */
	char *found;
	size_t size;
};

static int look_on_bus(const char *bus, void *ctx)
{
	struct search *s = ctx;

	return nfp_sysfs_resolve(s->root, s->found, s->size, "/sys/bus/%s/devices/%s", bus,
				 s->name) == 0;
}

/* Takes the first by name, so that it is the same each time. */
static int note_netdev(const char *name, void *ctx)
{
	struct search *s = ctx;
	struct nfp_link link = {.ifindex = 0};
	uint64_t type = 0;

	(void)nfp_sysfs_number(s->root, &type, "/sys/class/net/%s/type", name);
	link.type = (uint16_t)type;
	if (nfp_value_ifname(name, link.ifname) == 0 && nfp_topo_is_pf(s->root, &link) &&
	    (!s->found[0] || strcmp(name, s->found) < 0))
		snprintf(s->found, s->size, "%s", name);
	return 0;
}

static int find_vf_number(const struct nfp_sysroot *root, const char *pf_devpath,
			  const char *vf_devpath)
{
	char path[sizeof(((struct nfp_device *)0)->devpath)];

	for (int i = 0; i < NFP_VF_MAX; i++) {
		char name[32];

		snprintf(name, sizeof(name), "virtfn%d", i);
		if (nfp_sysfs_beside(root, path, sizeof(path), pf_devpath, name) == 0 &&
		    strcmp(path, vf_devpath) == 0)
			return i;
	}
	return -ENODEV;
}

int nfp_device_find(const struct nfp_sysroot *root, const char *name, struct nfp_device *ret_device,
		    struct nfp_err *err)
{
	struct nfp_device device = {.vf = -1};
	char path[sizeof(device.devpath)];
	struct search by_name = {root, name, path, sizeof(path)};
	struct search netdev = {root, name, device.ifname, sizeof(device.ifname)};
	bool is_netdev = nfp_sysfs_exists(root, "/sys/class/net/%s", name);
	int ret = 0;

	path[0] = '\0';
	if (is_netdev)
		(void)nfp_sysfs_resolve(root, path, sizeof(path), "/sys/class/net/%s/device", name);
	else
		(void)nfp_sysfs_each(root, look_on_bus, &by_name, "/sys/bus");
	if (path[0] &&
	    nfp_sysfs_resolve(root, device.devpath, sizeof(device.devpath), "%s/physfn", path) == 0)
		device.vf = find_vf_number(root, device.devpath, path);
	else
		memcpy(device.devpath, path, sizeof(path));
	if (!path[0] && !is_netdev)
		ret = nfp_err_set(err, -ENODEV, NFP_E_NO_INTERFACE,
				  "there is no interface or device %s", name);
	else if (!path[0] || device.vf < -1 ||
		 !nfp_sysfs_exists(root, "%s/sriov_totalvfs", device.devpath))
		ret = nfp_err_set(err, -ENOTSUP, NFP_E_NOT_PF,
				  "%s is neither an SR-IOV PF nor a VF", name);
	if (ret < 0) {
		nfp_err_hint(err, "nfprobe without arguments lists the PFs and VFs of this host.");
		return ret;
	}
	if (is_netdev && device.vf < 0)
		(void)nfp_value_ifname(name, device.ifname);
	else
		(void)nfp_sysfs_each(root, note_netdev, &netdev, "%s/net", device.devpath);
	*ret_device = device;
	return 0;
}

bool nfp_netdev_of_pf(const struct nfp_sysroot *root, const char *name,
		      char ret_ifname[NFP_IFNAMSIZ])
{
	struct nfp_device device;

	if (nfp_device_find(root, name, &device, NULL) < 0 || device.vf >= 0 || !device.ifname[0])
		return false;
	memcpy(ret_ifname, device.ifname, NFP_IFNAMSIZ);
	return true;
}

/* ---- PFs without a netdev in this namespace ---- */

struct device_walk {
	const struct nfp_sysroot *root;
	const char *bus;
	const struct nfp_link *links;
	size_t num_links;
	struct nfp_strv *devpaths;
};

/* NVMe, GPUs and accelerators also have VFs; so does InfiniBand, whose class is 0x0207. */
static bool is_ethernet(const struct nfp_sysroot *root, const char *devpath)
{
	uint64_t class = 0;

	if (nfp_sysfs_number(root, &class, "%s/class", devpath) == 0)
		return class >> 8 == 0x0200; /* PCI_CLASS_NETWORK_ETHERNET */
	/* net/ exists while the device has a netdev in any namespace. */
	return nfp_sysfs_exists(root, "%s/net", devpath);
}

/* cxgb4 binds the functions on which it makes VFs, but gives none of them a netdev before. */
static bool is_unused(const struct nfp_sysroot *root, const char *devpath)
{
	char driver[NFP_TEXT_LEN] = "";
	uint64_t vfs = 0;

	(void)nfp_sysfs_number(root, &vfs, "%s/sriov_numvfs", devpath);
	(void)nfp_sysfs_link(root, driver, sizeof(driver), "%s/driver", devpath);
	return !vfs && nfp_is_net_driver(driver) && !nfp_sysfs_exists(root, "%s/net", devpath);
}

static int note_device(const char *name, void *ctx)
{
	struct device_walk *w = ctx;
	char devpath[sizeof(((struct nfp_device *)0)->devpath)];

	if (!nfp_sysfs_exists(w->root, "/sys/bus/%s/devices/%s/sriov_totalvfs", w->bus, name))
		return 0;
	nfp_for_each (link, w->links, w->num_links)
		if (link->physical && strcmp(link->parentdev, name) == 0)
			return 0;
	if (nfp_sysfs_resolve(w->root, devpath, sizeof(devpath), "/sys/bus/%s/devices/%s", w->bus,
			      name) == 0 &&
	    is_ethernet(w->root, devpath) && !is_unused(w->root, devpath))
		nfp_strv_addf(w->devpaths, "%s", devpath);
	return 0;
}

static int walk_bus(const char *bus, void *ctx)
{
	struct device_walk *w = ctx;

	w->bus = bus;
	(void)nfp_sysfs_each(w->root, note_device, w, "/sys/bus/%s/devices", bus);
	return 0;
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void nfp_devices_without(const struct nfp_sysroot *root, const struct nfp_link *links,
			 size_t num_links, struct nfp_strv *ret_devpaths)
{
	struct device_walk w = {
		.root = root, .links = links, .num_links = num_links, .devpaths = ret_devpaths};

	(void)nfp_sysfs_each(root, walk_bus, &w, "/sys/bus");
	if (ret_devpaths->n)
		qsort(ret_devpaths->v, ret_devpaths->n, sizeof(*ret_devpaths->v), compare_paths);
}
