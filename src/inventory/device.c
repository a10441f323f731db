// SPDX-License-Identifier: GPL-2.0-or-later
/* device.c - one PF by the name of its netdev, or of its device, or of those of its VF. */
#include <errno.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "inventory_priv.h"

struct search {
	const struct nfp_sysroot *root;
	const char *name; /* of a device */
	char *found;
	size_t size;
};

static int look_on_bus(const char *bus, void *ctx)
{
	struct search *s = ctx;

	return nfp_sysfs_resolve(s->found, s->size, "%s/bus/%s/devices/%s", s->root->sys, bus,
				 s->name) == 0;
}

/* The first by name, so that it is the same each time. */
static int note_netdev(const char *name, void *ctx)
{
	struct search *s = ctx;
	struct nfp_link link = {.ifindex = 0};
	uint64_t type = 0;

	(void)nfp_sysfs_number(s->root->observer, &type, "%s/class/net/%s/type", s->root->sys,
			       name);
	link.type = (uint16_t)type;
	if (nfp_value_ifname(name, link.ifname) == 0 && nfp_topo_is_pf(s->root, &link) &&
	    (!s->found[0] || strcmp(name, s->found) < 0))
		snprintf(s->found, s->size, "%s", name);
	return 0;
}

static int find_vf_number(const char *pf_devpath, const char *vf_devpath)
{
	char path[sizeof(((struct nfp_device *)0)->devpath)];

	for (int i = 0; i < NFP_VF_MAX; i++) {
		if (nfp_sysfs_resolve(path, sizeof(path), "%s/virtfn%d", pf_devpath, i) == 0 &&
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
	bool is_netdev = nfp_sysfs_exists("%s/class/net/%s", root->sys, name);
	int ret = 0;

	path[0] = '\0';
	if (is_netdev)
		(void)nfp_sysfs_resolve(path, sizeof(path), "%s/class/net/%s/device", root->sys,
					name);
	else
		(void)nfp_sysfs_each(look_on_bus, &by_name, "%s/bus", root->sys);
	if (path[0] &&
	    nfp_sysfs_resolve(device.devpath, sizeof(device.devpath), "%s/physfn", path) == 0)
		device.vf = find_vf_number(device.devpath, path);
	else
		memcpy(device.devpath, path, sizeof(path));
	if (!path[0] && !is_netdev)
		ret = nfp_err_set(err, -ENODEV, NFP_E_NO_INTERFACE,
				  "there is no interface or device %s", name);
	else if (!path[0] || device.vf < -1 ||
		 !nfp_sysfs_exists("%s/sriov_totalvfs", device.devpath))
		ret = nfp_err_set(err, -ENOTSUP, NFP_E_NOT_PF,
				  "%s is neither an SR-IOV PF nor a VF", name);
	if (ret < 0) {
		nfp_err_hint(err, "nfprobe --list shows the PFs and VFs of this machine");
		return ret;
	}
	if (is_netdev && device.vf < 0)
		(void)nfp_value_ifname(name, device.ifname);
	else
		(void)nfp_sysfs_each(note_netdev, &netdev, "%s/net", device.devpath);
	*ret_device = device;
	return 0;
}

/* A PF without a netdev has VFs of which the kernel says nothing. */
static int read_netdev(struct nfp_pf *pf)
{
	const struct nfp_rt_dev dev = {(int)if_nametoindex(pf->info.ifname), pf->info.ifname};
	struct nfp_nl *nl;
	int ret;

	if (!dev.ifindex)
		return -ENODEV;
	pf->info.l2_fwd_offload = nfp_ethtool_feature(dev.ifname, "l2-fwd-offload");
	ret = nfp_nl_open(NETLINK_ROUTE, -1, NULL, &nl, NULL);
	if (ret < 0)
		return ret;
	ret = nfp_topo_fill_attrs(nl, &dev, pf, NULL);
	nfp_nl_close(nl);
	return ret;
}

int nfp_pf_read(const char *name, struct nfp_pf *ret_pf, int *ret_vf, struct nfp_err *err)
{
	struct nfp_device device;
	struct nfp_pf pf = {.versions_errno = ENODEV};
	struct nfp_pf_info *info = &pf.info;
	int r = nfp_device_find(nfp_sysroot_default(), name, &device, err);

	if (r < 0)
		return r;
	memcpy(pf.devpath, device.devpath, sizeof(pf.devpath));
	memcpy(info->ifname, device.ifname, sizeof(info->ifname));
	r = nfp_topo_fill_device(nfp_sysroot_default(), NULL, 0, &pf);
	if (r < 0)
		return nfp_err_errno(err, r, NFP_E_KERNEL, "cannot read the device of %s", name);
	if (info->ifname[0])
		pf.versions_errno = -nfp_ethtool_drvinfo(info->ifname, info);
	pf.attrs_errno = -read_netdev(&pf);
	pf.eswitch_errno = -nfp_devlink_eswitch(NULL, pf.bus, info->parentdev, info, NULL);
	r = nfp_devlink_firmware(NULL, pf.bus, info->parentdev, info, NULL);
	if (r < 0 && !pf.versions_errno)
		pf.versions_errno = -r;
	*ret_pf = pf;
	*ret_vf = device.vf;
	return 0;
}
