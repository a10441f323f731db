// SPDX-License-Identifier: GPL-2.0-or-later
/* topo_sysfs.c - what sysfs knows of PFs, VFs and the devices of netdevs. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfprobe/netlink.h"
#include "nfprobe/base.h"
#include "inventory_priv.h"

void nfp_links_sysfs(const struct nfp_sysroot *root, struct nfp_link *links, size_t num)
{
	for (size_t i = 0; i < num; i++) {
		struct nfp_link *link = &links[i];

		link->physical = nfp_sysfs_exists("%s/class/net/%s/device", root->sys,
						  link->ifname);
		if (!link->physical)
			continue;
		nfp_sysfs_link(link->parentdev, sizeof(link->parentdev), "%s/class/net/%s/device",
			       root->sys, link->ifname);
		nfp_sysfs_link(link->physfn, sizeof(link->physfn), "%s/class/net/%s/device/physfn",
			       root->sys, link->ifname);
	}
}

const struct nfp_link *nfp_links_by_ifindex(const struct nfp_link *links, size_t num, int ifindex)
{
	for (size_t i = 0; i < num; i++) {
		if (links[i].ifindex == ifindex)
			return &links[i];
	}
	return NULL;
}

bool nfp_link_is_child(const struct nfp_link *link, const struct nfp_link *lower)
{
	return link->link == lower->ifindex && link->ifindex != lower->ifindex &&
	       strcmp(link->kind, "veth") != 0;
}

bool nfp_topo_is_pf(const struct nfp_sysroot *root, const struct nfp_link *link)
{
	char port[32];

	if (!nfp_sysfs_exists("%s/class/net/%s/device/sriov_totalvfs", root->sys, link->ifname))
		return false;
	/* phys_port_name of a representor: pf0vf3, c1pf0sf88 (net/core/devlink, devl_port_attrs).
	 */
	return nfp_sysfs_read(port, sizeof(port), "%s/class/net/%s/phys_port_name", root->sys,
			      link->ifname) < 0 ||
	       !strstr(port, "pf") || !(strstr(port, "vf") || strstr(port, "sf"));
}

static uint64_t number_or_zero(const char *dir, const char *file)
{
	uint64_t v = 0;

	return nfp_sysfs_number(&v, "%s/%s", dir, file) == 0 ? v : 0;
}

/* -- VFs -- */

/* The netdev of this namespace that belongs to the VF; the first of several. */
static void fill_netdev(const struct nfp_link *links, size_t num, struct nfp_vf_info *vf)
{
	for (size_t i = 0; i < num; i++) {
		if (links[i].kind[0] || strcmp(links[i].parentdev, vf->parentdev) != 0)
			continue;
		snprintf(vf->ifname, sizeof(vf->ifname), "%s", links[i].ifname);
		vf->ifindex = links[i].ifindex;
		return;
	}
}

static int fill_vf(const struct nfp_link *links, size_t num_links, const char *pf_devpath,
		   struct nfp_vf_info *vf)
{
	int r = nfp_sysfs_resolve(vf->devpath, sizeof(vf->devpath), "%s/virtfn%u", pf_devpath,
				  vf->vf);

	if (r < 0)
		return r;
	r = nfp_sysfs_link(vf->parentdev, sizeof(vf->parentdev), "%s/virtfn%u", pf_devpath, vf->vf);
	if (r < 0)
		return r;
	nfp_sysfs_link(vf->bus, sizeof(vf->bus), "%s/subsystem", vf->devpath);
	nfp_sysfs_link(vf->driver, sizeof(vf->driver), "%s/driver", vf->devpath);
	nfp_sysfs_read(vf->driver_override, sizeof(vf->driver_override), "%s/driver_override",
		       vf->devpath);
	if (strcmp(vf->driver_override, "(null)") == 0)
		vf->driver_override[0] = '\0';
	fill_netdev(links, num_links, vf);
	return 0;
}

static int note_virtfn(const char *name, void *ctx)
{
	struct nfp_pf *pf = ctx;
	struct nfp_vf_info *vf;
	unsigned int n;
	int end = 0;

	if (sscanf(name, "virtfn%u%n", &n, &end) != 1 || name[end] != '\0' || n >= NFP_VF_MAX)
		return 0;
	pf->vfs = nfp_reallocarray(pf->vfs, pf->num_vfs + 1, sizeof(*pf->vfs));
	vf = &pf->vfs[pf->num_vfs++];
	*vf = (struct nfp_vf_info) {.vf = n, .attr = NFP_VF_ATTR_UNKNOWN};
	vf->attr.vf = n;
	/* Until somebody has looked. */
	nfp_vfuse_note(vf, NFP_USE_UNKNOWN, "not looked at");
	return 0;
}

static int by_number(const void *a, const void *b)
{
	const struct nfp_vf_info *x = a, *y = b;

	return (x->vf > y->vf) - (x->vf < y->vf);
}

static int fill_vfs(const struct nfp_link *links, size_t num_links, struct nfp_pf *pf)
{
	size_t num = 0;
	int r = nfp_sysfs_each(note_virtfn, pf, "%s", pf->devpath);

	if (pf->num_vfs > 0)
		qsort(pf->vfs, pf->num_vfs, sizeof(*pf->vfs), by_number);
	/* One that goes away meanwhile is no longer there. */
	for (size_t i = 0; i < pf->num_vfs; i++) {
		if (fill_vf(links, num_links, pf->devpath, &pf->vfs[i]) == 0)
			pf->vfs[num++] = pf->vfs[i];
	}
	pf->num_vfs = num;
	return r;
}

/* -- the PF -- */

static void fill_info(const struct nfp_link *links, size_t num_links, const struct nfp_link *link,
		      struct nfp_pf *pf)
{
	const struct nfp_link *master = nfp_links_by_ifindex(links, num_links, link->master);
	struct nfp_pf_info *info = &pf->info;

	memcpy(info->ifname, link->ifname, sizeof(info->ifname));
	info->ifindex = link->ifindex;
	info->address = link->address;
	info->promiscuity = link->promiscuity;
	info->mtu = link->mtu;
	if (link->master)
		snprintf(info->master, sizeof(info->master), "netdev %d", link->master);
	memcpy(info->master_kind, link->master_kind, sizeof(info->master_kind));
	if (link->master && master) {
		memcpy(info->master, master->ifname, sizeof(info->master));
		if (!info->master_kind[0])
			memcpy(info->master_kind, master->kind, sizeof(info->master_kind));
	}
	pf->flags = link->flags;
	pf->carrier = link->carrier;
	pf->xdp = link->xdp;
	pf->xdp_attached = link->xdp_attached;
}

int nfp_topo_fill_pf(const struct nfp_sysroot *root, const struct nfp_link *links, size_t num_links,
		     const struct nfp_link *link, struct nfp_pf *ret_pf)
{
	struct nfp_pf pf = {0};
	int r;

	fill_info(links, num_links, link, &pf);
	r = nfp_sysfs_resolve(pf.devpath, sizeof(pf.devpath), "%s/class/net/%s/device", root->sys,
			      link->ifname);
	if (r < 0)
		return r;
	nfp_sysfs_link(pf.info.parentdev, sizeof(pf.info.parentdev), "%s/class/net/%s/device",
		       root->sys, link->ifname);
	nfp_sysfs_link(pf.bus, sizeof(pf.bus), "%s/subsystem", pf.devpath);
	nfp_sysfs_link(pf.info.driver, sizeof(pf.info.driver), "%s/driver", pf.devpath);
	pf.info.vendor = (uint16_t)number_or_zero(pf.devpath, "vendor");
	pf.info.device = (uint16_t)number_or_zero(pf.devpath, "device");
	pf.info.total_vfs = (unsigned int)number_or_zero(pf.devpath, "sriov_totalvfs");
	pf.info.num_vfs = (unsigned int)number_or_zero(pf.devpath, "sriov_numvfs");
	r = fill_vfs(links, num_links, &pf);
	if (r < 0) {
		free(pf.vfs);
		return r;
	}
	*ret_pf = pf;
	return 0;
}
