// SPDX-License-Identifier: GPL-2.0-or-later
/* topology.c - reads the PFs and VFs of this host, from netlink and sysfs. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inventory_priv.h"
#include "netlink_priv.h"

/* ---- sysfs ---- */

static int fill_vf(const struct nfp_sysroot *root, const struct nfp_link *links, size_t num_links,
		   const char *pf_devpath, struct nfp_vf_info *vf)
{
	const char *last;
	char name[32];
	int r;

	snprintf(name, sizeof(name), "virtfn%u", vf->vf);
	r = nfp_sysfs_beside(root, vf->devpath, sizeof(vf->devpath), pf_devpath, name);
	if (r < 0)
		return r;
	last = strrchr(vf->devpath, '/');
	if (!last || strlen(last + 1) >= sizeof(vf->parentdev))
		return -ENAMETOOLONG;
	memcpy(vf->parentdev, last + 1, strlen(last));
	nfp_sysfs_link(root, vf->bus, sizeof(vf->bus), "%s/subsystem", vf->devpath);
	nfp_sysfs_link(root, vf->driver, sizeof(vf->driver), "%s/driver", vf->devpath);
	nfp_sysfs_read(root, vf->driver_override, sizeof(vf->driver_override), "%s/driver_override",
		       vf->devpath);
	if (strcmp(vf->driver_override, "(null)") == 0)
		vf->driver_override[0] = '\0';
	/* Takes the first of the VF's netdevs, if there are several. */
	for (size_t i = 0; i < num_links && !vf->ifindex; i++) {
		if (links[i].kind[0] || strcmp(links[i].parentdev, vf->parentdev) != 0)
			continue;
		memcpy(vf->ifname, links[i].ifname, sizeof(vf->ifname));
		vf->ifindex = links[i].ifindex;
	}
	return 0;
}

static unsigned int number_or_zero(const struct nfp_sysroot *root, const struct nfp_pf *pf,
				   const char *file)
{
	uint64_t v = 0;

	return nfp_sysfs_number(root, &v, "%s/%s", pf->devpath, file) == 0 ? (unsigned int)v : 0;
}

/* Fills what needs only pf->devpath; parentdev is its last component. 0 or -errno. */
static int fill_device(const struct nfp_sysroot *root, const struct nfp_link *links,
		       size_t num_links, struct nfp_pf *pf)
{
	struct nfp_pf_info *info = &pf->info;
	const char *name = strrchr(pf->devpath, '/');
	uint64_t num = 0;
	int r;

	snprintf(info->parentdev, sizeof(info->parentdev), "%s", name ? name + 1 : "");
	nfp_sysfs_link(root, pf->bus, sizeof(pf->bus), "%s/subsystem", pf->devpath);
	nfp_sysfs_link(root, info->driver, sizeof(info->driver), "%s/driver", pf->devpath);
	info->vendor = (uint16_t)number_or_zero(root, pf, "vendor");
	info->device = (uint16_t)number_or_zero(root, pf, "device");
	info->subsystem_vendor = (uint16_t)number_or_zero(root, pf, "subsystem_vendor");
	info->subsystem_device = (uint16_t)number_or_zero(root, pf, "subsystem_device");
	info->total_vfs = number_or_zero(root, pf, "sriov_totalvfs");
	r = nfp_sysfs_number(root, &num, "%s/sriov_numvfs", pf->devpath);
	if (r < 0 && r != -ENOENT)
		return r;
	info->num_vfs = (unsigned int)num;
	for (unsigned int i = 0; i < info->num_vfs && i < NFP_VF_MAX; i++) {
		struct nfp_vf_info vf = {.vf = i, .attr = NFP_VF_ATTR_UNKNOWN};

		vf.attr.vf = i;
		/* Until nfp_vf_use_find. */
		nfp_vf_use_note(&vf, NFP_USE_UNKNOWN, "not looked at");
		/* A VF that has just been removed is left out. */
		if (fill_vf(root, links, num_links, pf->devpath, &vf) != 0)
			continue;
		*nfp_grow(pf->vfs, pf->num_vfs) = vf;
	}
	return 0;
}

/* Returns another NIC, no VF, with the master of @link. NULL: none. */
static const struct nfp_link *find_beside(const struct nfp_link *links, size_t num_links,
					  const struct nfp_link *link)
{
	for (size_t i = 0; i < num_links; i++)
		if (links[i].master == link->master && links[i].ifindex != link->ifindex &&
		    links[i].physical && !links[i].physfn[0])
			return &links[i];
	return NULL;
}

int nfp_topo_fill_pf(const struct nfp_sysroot *root, const struct nfp_link *links, size_t num_links,
		     const struct nfp_link *link, struct nfp_pf *pf)
{
	const struct nfp_link *master = nfp_links_by_ifindex(links, num_links, link->master);
	const struct nfp_link *other, *bridge;
	struct nfp_pf_info *info = &pf->info;
	int r;

	*pf = (struct nfp_pf) {.flags = link->flags,
			       .carrier = link->carrier,
			       .xdp = link->xdp,
			       .info = {.ifindex = link->ifindex,
					.address = link->address,
					.promiscuity = link->promiscuity,
					.mtu = link->mtu,
					.no_carrier = !link->carrier}};
	memcpy(info->ifname, link->ifname, sizeof(info->ifname));
	memcpy(info->master_kind, link->master_kind, sizeof(info->master_kind));
	if (link->master)
		snprintf(info->master, sizeof(info->master), "netdev %d", link->master);
	if (link->master && master) {
		memcpy(info->master, master->ifname, sizeof(info->master));
		memcpy(info->lag, master->lag, sizeof(info->lag));
		memcpy(info->bond_mode, master->bond_mode, sizeof(info->bond_mode));
		info->bond_backup = nfp_is_bonded(info) && master->bond_active != link->ifindex;
		pf->any_frame_lives = master->any_frame_lives[info->bond_backup];
		memcpy(pf->bond_port_of, master->master_kind, sizeof(pf->bond_port_of));
		pf->bond_takes_all = master->bond_takes_all;
		if (!info->master_kind[0])
			memcpy(info->master_kind, master->kind, sizeof(info->master_kind));
		bridge = nfp_is_bonded(info)
				 ? nfp_links_by_ifindex(links, num_links, master->master)
				 : master;
		info->have_ageing = bridge && bridge->have_ageing;
		info->ageing_ms = info->have_ageing ? bridge->ageing_ms : 0;
	}
	other = strcmp(info->master_kind, "openvswitch") == 0 ? find_beside(links, num_links, link)
							      : NULL;
	if (other)
		memcpy(pf->on_ovs_with, other->ifname, sizeof(pf->on_ovs_with));
	r = nfp_sysfs_resolve(root, pf->devpath, sizeof(pf->devpath), "/sys/class/net/%s/device",
			      link->ifname);
	return r ?: fill_device(root, links, num_links, pf);
}

/* ---- all of it ---- */

/* The topology while it is read. */
struct topology_reader {
	struct nfp_nl *nl;
	const char *only; /* this PF's VFs; empty: those of all */
	bool need;	  /* fail if there is no such PF */
	enum nfp_depth depth;
	/* A PF that is read even without a netdev in our own namespace; devpath empty: none. */
	struct nfp_device device;
	struct nfp_use_ctx use;
	struct nfp_topology t;
};

/*
 * Reads the attributes of its VFs, and sets attrs_errno. A run needs the VLAN of the VF under test,
 * and who has which address.
 */
static int read_attrs(struct nfp_nl *nl, const struct nfp_rt_dev *dev, struct nfp_pf *pf,
		      struct nfp_err *err)
{
	struct nfp_vf_attr *attrs = NULL;
	uint64_t begin_ns = nfp_clock_now();
	size_t num = 0;
	int ret = nfp_vf_attrs_read(nl, dev, &attrs, &num, err);

	pf->vfs_ns = nfp_clock_now() - begin_ns;
	/* By number: a driver may describe fewer VFs than the bus has. */
	nfp_for_each (vf, pf->vfs, pf->num_vfs) {
		if (vf->vf < num)
			vf->attr = attrs[vf->vf];
	}
	free(attrs);
	pf->attrs_errno = -ret;
	/* This kernel cannot list so many VFs. They are shown without attributes. */
	return ret == -EMSGSIZE ? 0 : ret;
}

/*
 * Reads whether macvlans on it get queues of their own, its eswitch mode and its firmware.
 * nfp_pf_check decides whether it can be probed although its mode is unknown.
 */
static void read_modes(struct nfp_pf *pf, struct nfp_strv *warnings)
{
	struct nfp_err why = {0};
	int r = nfp_devlink_eswitch(pf->bus, pf->info.parentdev, &pf->info, &why);

	pf->info.l2_fwd_offload = nfp_ethtool_feature(pf->info.ifname, "l2-fwd-offload", false);
	pf->eswitch_errno = -r;
	if (r < 0 && r != -EPERM && r != -EOPNOTSUPP && warnings)
		nfp_strv_addf(warnings, "%s; legacy mode is assumed", why.message);
	/* If devlink does not report the firmware, the version from ethtool stays. */
	r = nfp_devlink_firmware(pf->bus, pf->info.parentdev, &pf->info, &why);
	if (r < 0 && !pf->versions_errno)
		pf->versions_errno = -r;
	if (r < 0 && r != -EPERM && warnings)
		nfp_strv_addf(warnings, "%s", why.message);
}

static int read_in_detail(struct topology_reader *rd, const struct nfp_link *link,
			  struct nfp_pf *pf, struct nfp_err *err)
{
	int r = 0;

	read_modes(pf, rd->only[0] ? &rd->t.warnings : NULL);
	/* The kernel says nothing of the VFs of a PF without a netdev. */
	if (link)
		r = read_attrs(rd->nl, &(struct nfp_rt_dev) {link->ifindex, link->ifname}, pf, err);
	else
		pf->attrs_errno = ENODEV;
	for (size_t i = 0; i < pf->num_vfs && r == 0; i++) {
		struct nfp_vf_info *vf = &pf->vfs[i];

		nfp_vf_up_find(&rd->use, vf);
		if (rd->depth < NFP_READ_USERS) {
			nfp_vf_use_note(vf, NFP_USE_NOT_READ, "%s", "");
			continue;
		}
		r = nfp_vf_use_find(&rd->use, vf);
		if (r < 0)
			nfp_err_errno(err, r, NFP_E_KERNEL, "cannot find out who uses VF %u of %s",
				      vf->vf, link ? pf->info.ifname : pf->info.parentdev);
	}
	return r;
}

/* Adds a PF to the topology. @link: its netdev. NULL: the PF at @devpath has none here. */
static int add_pf(struct topology_reader *rd, const struct nfp_link *link, const char *devpath,
		  bool in_detail, struct nfp_err *err)
{
	struct nfp_topology *t = &rd->t;
	struct nfp_pf *pf;
	int r;

	t->pfs = nfp_reallocarray(t->pfs, t->num_pfs + 1, sizeof(*t->pfs));
	pf = &t->pfs[t->num_pfs];
	memset(pf, 0, sizeof(*pf));
	pf->versions_errno = ENODEV;
	if (link) {
		r = nfp_topo_fill_pf(rd->use.root, t->links, t->num_links, link, pf);
		pf->versions_errno = -nfp_ethtool_drvinfo(link->ifname, &pf->info);
		nfp_promisc_describe(t->links, t->num_links, link, pf->promisc_by,
				     sizeof(pf->promisc_by));
	} else {
		snprintf(pf->devpath, sizeof(pf->devpath), "%s", devpath);
		r = fill_device(rd->use.root, t->links, t->num_links, pf);
		nfp_pf_describe_where(rd->use.root, pf);
	}
	if (r < 0)
		nfp_err_errno(err, r, NFP_E_KERNEL, "cannot read the device of %s",
			      link ? link->ifname : pf->info.parentdev);
	else if (in_detail && rd->depth > NFP_READ_PFS)
		r = read_in_detail(rd, link, pf, err);
	if (r < 0) {
		free(pf->vfs);
		return r;
	}
	t->num_pfs++;
	return 0;
}

/* Hints at the PF that @name misspells, if there is one. */
static void hint_name(const struct nfp_topology *t, const char *name, struct nfp_err *err)
{
	const char **names = nfp_calloc(t->num_pfs, sizeof(*names));
	const char *meant;

	for (size_t i = 0; i < t->num_pfs; i++)
		names[i] = t->pfs[i].info.ifname;
	meant = nfp_nearest(name, names, t->num_pfs);
	nfp_err_hint(err, "%s%s%snfprobe without arguments lists the PFs of this host.%s",
		     meant ? "Did you mean " : "", meant ?: "", meant ? "? " : "",
		     t->num_pfs ? ""
				: " A container sees them only with --network host (hostNetwork: "
				  "true).");
	free(names);
}

/* Reports why a netdev that exists cannot be probed, and which one may be meant. */
static int not_a_pf(const struct nfp_topology *t, const struct nfp_link *link, struct nfp_err *err)
{
	const struct nfp_link *lower = nfp_topology_ifindex(t, link->link);
	const struct nfp_pf *behind = lower ? nfp_topology_pf(t, lower->ifname) : NULL;
	struct nfp_device device = {.vf = -1};

	(void)nfp_device_find(t->root, link->ifname, &device, NULL);
	if (device.vf >= 0 && device.ifname[0]) {
		nfp_err_set(err, -ENOTSUP, NFP_E_NOT_PF, "%s is VF %d of %s, not a PF",
			    link->ifname, device.vf, device.ifname);
		nfp_err_try(err, "nfprobe %s --vf %d", device.ifname, device.vf);
		return -ENOTSUP;
	}
	for (size_t i = t->num_pfs; i-- > 0;)
		if (strcmp(t->pfs[i].info.master, link->ifname) == 0)
			behind = &t->pfs[i];
	if (link->physical && nfp_link_other_medium(link))
		nfp_err_set(err, -ENOTSUP, NFP_E_NOT_PF,
			    "%s is %s, and nfprobe tests only Ethernet", link->ifname,
			    nfp_link_other_medium(link));
	else if (link->physfn[0])
		nfp_err_set(err, -ENOTSUP, NFP_E_NOT_PF, "%s is a VF of %s, not a PF", link->ifname,
			    link->physfn);
	else if (link->kind[0])
		nfp_err_set(err, -ENOTSUP, NFP_E_NOT_PF, "%s is %s %s, not an SR-IOV PF",
			    link->ifname, strchr("aeiou", link->kind[0]) ? "an" : "a", link->kind);
	else
		nfp_err_set(err, -ENOTSUP, NFP_E_NOT_PF, "%s is not an SR-IOV PF: %s", link->ifname,
			    link->physical ? "its device has no virtual functions"
					   : "there is no device behind it");
	if (behind)
		nfp_err_hint(err, "The PF behind it is %s.", behind->info.ifname);
	else
		nfp_err_hint(err, "nfprobe without arguments lists the PFs of this host.");
	return -ENOTSUP;
}

/* Adds PFs without a netdev here, if all are asked for. Leaves out one that is
 * just being removed. */
static void add_others(struct topology_reader *rd)
{
	struct nfp_strv devpaths = {.n = 0};

	if (rd->need || rd->only[0] || rd->device.devpath[0])
		return;
	nfp_devices_without(rd->use.root, rd->t.links, rd->t.num_links, &devpaths);
	for (size_t i = 0; i < devpaths.n; i++)
		(void)add_pf(rd, NULL, devpaths.v[i], true, NULL);
	nfp_strv_fini(&devpaths);
}

static int read_topology(struct topology_reader *rd, struct nfp_err *err)
{
	struct nfp_topology *t = &rd->t;
	const struct nfp_reading how = {.root = rd->use.root, .netns_fd = -1};
	struct nfp_netns own = {.num_links = 0};
	const struct nfp_link *link;
	int r = nfp_netns_read(NFP_SEE_LINKS | NFP_SEE_DEVICES, &how, &own, err);

	if (r < 0)
		return r;
	t->links = own.links;
	t->num_links = own.num_links;
	t->netfilter_errno = nfp_netfilter_read(rd->use.root, &t->netfilter);
	rd->use.links = t->links;
	rd->use.num_links = t->num_links;
	for (size_t i = 0; i < t->num_links; i++) {
		bool wanted = !rd->only[0] || strcmp(rd->only, t->links[i].ifname) == 0;

		link = &t->links[i];
		if (!link->physical || !nfp_topo_is_pf(rd->use.root, link))
			continue;
		r = add_pf(rd, link, NULL, wanted, err);
		/* It does not matter if another PF is just being removed. */
		if (r < 0 && wanted)
			return r;
	}
	if (rd->device.devpath[0] && !nfp_topology_pf(t, rd->only)) {
		r = add_pf(rd, nfp_topology_link(t, rd->device.ifname), rd->device.devpath, true,
			   err);
		if (r < 0)
			return r;
	}
	add_others(rd);
	if (!rd->only[0] || !rd->need || nfp_topology_pf(t, rd->only))
		return 0;
	link = nfp_topology_link(t, rd->only);
	if (link)
		return not_a_pf(t, link, err);
	if (nfp_refuse_away(rd->use.root, rd->only, err) < 0)
		return -ENODEV;
	nfp_err_set(err, -ENODEV, NFP_E_NO_INTERFACE, "there is no %s %s",
		    strchr(rd->only, ':') ? "PF" : "interface", rd->only);
	hint_name(t, rd->only, err);
	return -ENODEV;
}

static int read_all(struct topology_reader *rd, struct nfp_topology *ret_topology,
		    struct nfp_err *err)
{
	int r = nfp_nl_open(NETLINK_ROUTE, -1, &rd->nl, err);

	if (r < 0)
		return r;
	r = rd->only[0] ? nfp_nl_open_notify(-1, &rd->t.notify, err) : 0;
	r = r ?: read_topology(rd, err);
	nfp_nl_close(rd->nl);
	if (r < 0)
		nfp_topology_fini(&rd->t);
	else
		*ret_topology = rd->t;
	return r;
}

int nfp_topology_read(const struct nfp_sysroot *root, const char *pf,
		      struct nfp_topology *ret_topology, struct nfp_err *err)
{
	struct topology_reader rd = {
		.use = {.root = root, .until_ns = nfp_clock_now() + NFP_LOOK_NS},
		.only = pf ? pf : "",
		.need = true,
		.depth = NFP_READ_USERS,
		.t.root = root};
	int r = read_all(&rd, ret_topology, err);

	nfp_use_ctx_fini(&rd.use);
	if (r == 0)
		nfp_sending_find(ret_topology);
	return r;
}

void nfp_topology_fini(struct nfp_topology *topology)
{
	nfp_for_each (pf, topology->pfs, topology->num_pfs)
		free(pf->vfs);
	free(topology->pfs);
	free(topology->links);
	free(topology->sending);
	nfp_nl_close(topology->notify);
	nfp_strv_fini(&topology->warnings);
	memset(topology, 0, sizeof(*topology));
}

int nfp_topology_list(const struct nfp_sysroot *root, const char *name, enum nfp_depth depth,
		      uint64_t until_ns, struct nfp_topology *ret_topology, ssize_t *ret_pf,
		      struct nfp_err *err)
{
	struct topology_reader rd = {.use = {.root = root,
					     .until_ns = until_ns ?: nfp_clock_now() + NFP_LOOK_NS,
					     .only_looks = true},
				     .only = name,
				     .depth = depth,
				     .t.root = root};
	int r = name[0] ? nfp_device_find(root, name, &rd.device, err) : 0;
	const struct nfp_pf *pf;

	*ret_pf = -1;
	/* Says why a netdev is not that of a PF. */
	rd.need = r == -ENOTSUP && nfp_sysfs_exists(root, "/sys/class/net/%s", name);
	if (r == -ENODEV)
		(void)nfp_refuse_away(root, name, err);
	if (r < 0 && !rd.need)
		return r;
	if (rd.device.ifname[0])
		rd.only = rd.device.ifname;
	r = read_all(&rd, ret_topology, err);
	nfp_use_ctx_fini(&rd.use);
	if (r < 0 || !name[0])
		return r;
	/* A PF that has no netdev was added last. */
	pf = nfp_topology_pf(ret_topology, rd.only);
	*ret_pf = pf ? pf - ret_topology->pfs : (ssize_t)ret_topology->num_pfs - 1;
	return 0;
}

int nfp_topology_users(struct nfp_use_ctx *use, struct nfp_topology *ret_topology,
		       struct nfp_err *err)
{
	struct topology_reader rd = {
		.use = *use, .only = "", .depth = NFP_READ_USERS, .t.root = use->root};
	int r = read_all(&rd, ret_topology, err);

	*use = rd.use;
	return r;
}
