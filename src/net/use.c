// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * use.c - finds who uses a VF: through its netdev, here or in another namespace, or through a
 * character device (vfio, iommufd, uio, RDMA, vDPA), which a process may have mapped and closed. A
 * VF whose use is not known counts as in use.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "inventory_priv.h"

/* ---- netdevs ---- */

void nfp_netdev_use_find(struct nfp_use_ctx *ctx, const struct nfp_link *link,
			 struct nfp_vf_info *vf)
{
	const struct nfp_link *master = nfp_links_by_ifindex(ctx->links, ctx->num_links,
							     link->master);

	if (master)
		nfp_vf_use_note(vf, NFP_USE_NETDEV, "%s belongs to %s%s%s%s", link->ifname,
				master->ifname, master->kind[0] ? " (" : "", master->kind,
				master->kind[0] ? ")" : "");
	else if (link->master)
		nfp_vf_use_note(vf, NFP_USE_NETDEV, "%s belongs to netdev %d", link->ifname,
				link->master);
	vf->by_manager = (link->has_address || link->flags & IFF_UP) &&
			 nfp_networkmanager_has(ctx->root, link->ifindex);
	if (vf->by_manager)
		nfp_vf_use_note(vf, link->has_address ? NFP_USE_NETDEV : NFP_USE_NETDEV_UP,
				"NetworkManager %s %s",
				link->has_address ? "has connected" : "is connecting",
				link->ifname);
	if (link->has_address)
		nfp_vf_use_note(vf, NFP_USE_NETDEV, "%s has an IP address", link->ifname);
	nfp_for_each (child, ctx->links, ctx->num_links) {
		if (nfp_link_is_child(child, link))
			nfp_vf_use_note(vf, NFP_USE_NETDEV, "%s (%s) is on top of %s",
					child->ifname, child->kind[0] ? child->kind : "netdev",
					link->ifname);
	}
	if (link->xdp)
		nfp_vf_use_note(vf, NFP_USE_NETDEV, "%s has an XDP program attached", link->ifname);
	if (link->promiscuity > 0)
		nfp_vf_use_note(vf, NFP_USE_NETDEV,
				"%s is promiscuous: something is capturing or forwarding there",
				link->ifname);
	if (link->flags & IFF_UP && vf->use == NFP_USE_IDLE && ctx->away)
		nfp_vf_use_note(vf, NFP_USE_NETDEV_UP, "%s is up", link->ifname);
	else if (link->flags & IFF_UP && vf->use == NFP_USE_IDLE)
		nfp_up_use_find(ctx, link, vf);
}

/* ---- character devices ---- */

/* Returns the number of the device with the directory @dir in sysfs. 0: it is not known. */
static dev_t device_number(const struct nfp_use_ctx *ctx, const char *dir)
{
	unsigned int maj, min;
	char text[32];

	if (nfp_sysfs_read(ctx->root, text, sizeof(text), "%s/dev", dir) == 0 &&
	    sscanf(text, "%u:%u", &maj, &min) == 2)
		return makedev(maj, min);
	return 0;
}

/*
 * Does a process hold the device with the node @path and the directory @dir in sysfs? 1: yes, and
 * it is noted. 0: no process was seen to have it open. -errno.
 */
static int note_holder(struct nfp_use_ctx *ctx, struct nfp_vf_info *vf, enum nfp_use use,
		       const char *dir, const char *path, const char *how)
{
	char who[NFP_PROCESS_LEN];
	int r = nfp_holder_find(ctx, device_number(ctx, dir), path, who);

	if (r > 0 && use > vf->use)
		vf->user_pid = r;
	if (r > 0)
		nfp_vf_use_note(vf, use, "%s holds it through %s", who, how);
	return r;
}

/* @late: there was more than could be looked at. */
static void note_unknown(const struct nfp_use_ctx *ctx, struct nfp_vf_info *vf, const char *how,
			 bool late)
{
	nfp_vf_use_note(vf, NFP_USE_UNKNOWN, "a process may hold it through %s: %s", how,
			late ? "there was more than could be looked at"
			: ctx->holders.elsewhere
				? "a container sees the host's processes only with --pid host "
				  "(hostPID: true)"
				: "not all processes can be inspected (CAP_SYS_PTRACE, "
				  "CAP_DAC_READ_SEARCH)");
}

/*
 * The node of a vfio group can be opened only once. Trying shows users in other PID namespaces, and
 * those that have only the group's devices left, or no more than a mapping of one. A guest that
 * starts at that moment would get EBUSY: a caller that will change nothing tries only if it must.
 */
static int check_vfio_group(struct nfp_use_ctx *ctx, struct nfp_vf_info *vf, const char *group)
{
	char path[64], how[96], dir[512], node[512];
	int fd, r;

	snprintf(path, sizeof(path), "/dev/vfio/%.40s", group);
	snprintf(dir, sizeof(dir), "/sys/class/vfio/%s", group);
	snprintf(how, sizeof(how), "vfio (group %.40s)", group);
	r = note_holder(ctx, vf, NFP_USE_VFIO, dir, path, how);
	if (r)
		return r < 0 ? r : 0;
	if (ctx->only_looks && ctx->holders.complete && !ctx->holders.groupless)
		return 0;
	snprintf(node, sizeof(node), "%s/dev/vfio/%.40s", ctx->root->prefix, group);
	fd = open(node, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0)
		close(fd);
	else if (errno == EBUSY)
		nfp_vf_use_note(vf, NFP_USE_VFIO, "something holds it through %s", how);
	else
		nfp_vf_use_note(vf, NFP_USE_UNKNOWN,
				"a process may hold it through %s: cannot open %s: %s%s", how, path,
				strerrordesc_np(errno),
				errno == ENOENT	 ? " (in a container: -v /dev/vfio:/dev/vfio)"
				: errno == EPERM ? " (in a container: --device-cgroup-rule 'c "
						   "*:* rw')"
						 : "");
	return 0;
}

/* Character devices of a VF: directories in sysfs, nodes under @dev. */
struct nodes {
	struct nfp_use_ctx *ctx;
	struct nfp_vf_info *vf;
	enum nfp_use use;
	const char *prefix; /* how the names of nodes begin */
	const char *dev;    /* directory under /dev, with its slash */
	const char *of;	    /* what the nodes belong to, for the words */
	const char *how;    /* the words; NULL: the path of the node, and @of */
	bool grouped;	    /* a vfio group is tried, which cannot be opened while a node is */
	char dir[512];	    /* in sysfs */
	size_t num;
	bool held;
};

static int check_node(const char *name, void *arg)
{
	char path[96], dir[1024], text[160];
	struct nodes *n = arg;
	const char *how = n->how ? n->how : text;
	int r;

	if (strncmp(name, n->prefix, strlen(n->prefix)) != 0)
		return 0;
	snprintf(path, sizeof(path), "/dev/%.20s%.40s", n->dev, name);
	snprintf(text, sizeof(text), "%s%.60s", path, n->of);
	snprintf(dir, sizeof(dir), "%s/%s", n->dir, name);
	n->num++;
	r = note_holder(n->ctx, n->vf, n->use, dir, path, how);
	n->held = n->held || r > 0;
	if (r == 0 && n->use == NFP_USE_VFIO && !n->grouped && !n->ctx->holders.complete)
		note_unknown(n->ctx, n->vf, how, n->ctx->holders.late);
	return r < 0 ? r : 0;
}

/* Checks the nodes in the directory @class of the VF. 1; 0 if there is no
 * such directory; -errno. */
static int check_nodes(struct nodes *n, const char *class)
{
	int r;

	snprintf(n->dir, sizeof(n->dir), "%s/%s", n->vf->devpath, class);
	r = nfp_sysfs_each(n->ctx->root, check_node, n, "%s", n->dir);
	return r == -ENOENT ? 0 : r ?: 1;
}

/* The devices of an IOMMU group can only be used together. */
static int check_group_device(const char *name, void *arg)
{
	struct nodes *n = arg;
	char class[128], how[128];
	int r;

	snprintf(class, sizeof(class), "iommu_group/devices/%.80s/vfio-dev", name);
	snprintf(how, sizeof(how), "vfio (%.40s is in its IOMMU group)", name);
	n->how = strcmp(name, n->vf->parentdev) == 0 ? NULL : how;
	r = check_nodes(n, class);
	n->how = NULL;
	return r < 0 ? r : 0;
}

static int check_vfio(struct nfp_use_ctx *ctx, struct nfp_vf_info *vf, const char *driver)
{
	static const char *const prefixes[] = {"", "noiommu-"};
	struct nodes n = {ctx, vf, NFP_USE_VFIO, .prefix = "", .dev = "vfio/devices/", .of = ""};
	char group[64], name[96];
	bool grouped = !nfp_sysfs_link(ctx->root, group, sizeof(group), "%s/iommu_group",
				       vf->devpath);
	int r = 0;

	/* A group is not opened while one of its devices is open by itself, nor the other way round
	 * (cdev_device_open_cnt, drivers/vfio/group.c). */
	for (size_t i = 0; i < NFP_NUM(prefixes) && grouped; i++)
		n.grouped |= nfp_sysfs_exists(ctx->root, "/sys/class/vfio/%s%s", prefixes[i],
					      group);
	if (grouped)
		r = nfp_sysfs_each(ctx->root, check_group_device, &n, "%s/iommu_group/devices",
				   vf->devpath);
	if (r == -ENOENT)
		r = 0;
	for (size_t i = 0; i < NFP_NUM(prefixes) && grouped && !r; i++) {
		snprintf(name, sizeof(name), "%s%s", prefixes[i], group);
		if (!nfp_sysfs_exists(ctx->root, "/sys/class/vfio/%s", name))
			continue;
		n.num++;
		r = check_vfio_group(ctx, vf, name);
	}
	if (!r && n.num == 0 && nfp_gives(driver) == NFP_GIVES_VFIO)
		nfp_vf_use_note(
			vf, NFP_USE_UNKNOWN,
			"%s is bound to it, and nfprobe cannot tell how a process would hold it",
			driver);
	return r;
}

/*
 * A vDPA device gives queues of the VF to a guest or a container, beside the VF's netdev
 * (mlx5_vdpa_dev_add, drivers/vdpa/mlx5). It counts as a user even while its node is not open.
 * People choose its name with `vdpa dev add`, so any device on the vdpa bus counts.
 */
static int check_vdpa_child(const char *name, void *arg)
{
	struct nodes n = *(struct nodes *)arg;
	char of[64], bus[16];
	int r;

	if (strncmp(name, "vdpa", 4) != 0 &&
	    (nfp_sysfs_link(n.ctx->root, bus, sizeof(bus), "%s/%s/subsystem", n.vf->devpath, name) <
		     0 ||
	     strcmp(bus, "vdpa") != 0))
		return 0;
	snprintf(of, sizeof(of), " (vDPA device %.32s)", name);
	n.of = of;
	r = check_nodes(&n, name);
	if (r < 0)
		return r == -ENOTDIR ? 0 : r;
	nfp_vf_use_note(n.vf, NFP_USE_OTHER, "it carries the vDPA device %.32s", name);
	return 0;
}

/*
 * Does a process have the registers of the VF mapped, by a node of uio or by resourceN? It may have
 * closed what it mapped, so that no descriptor shows it (DPDK: pci_uio_map_resource_by_index,
 * drivers/bus/pci/linux/pci_uio.c).
 */
static int note_mapper(struct nfp_use_ctx *ctx, struct nfp_vf_info *vf, dev_t rdev,
		       const char *driver)
{
	char who[NFP_PROCESS_LEN];
	int r = nfp_mapping_find(ctx, rdev, vf->devpath, who);

	if (r > 0 && NFP_USE_OTHER > vf->use)
		vf->user_pid = r;
	if (r > 0)
		nfp_vf_use_note(vf, NFP_USE_OTHER, "%s has its registers mapped", who);
	if (r == 0 && ctx->mappings.unread) {
		nfp_process_name(ctx->root, ctx->mappings.unread, who);
		nfp_vf_use_note(vf, NFP_USE_UNKNOWN,
				"%s may have its registers mapped: that cannot be read", who);
	}
	if (r == 0 && (!ctx->mappings.complete || !ctx->holders.complete))
		note_unknown(ctx, vf, driver[0] ? driver : "uio",
			     ctx->mappings.late || ctx->holders.late);
	return MIN(r, 0);
}

static int check_mapping(const char *name, void *arg)
{
	struct nodes *n = arg;
	char dir[1024];

	snprintf(dir, sizeof(dir), "%s/%s", n->dir, name);
	return note_mapper(n->ctx, n->vf, device_number(n->ctx, dir), n->of);
}

static int check_uio(struct nfp_use_ctx *ctx, struct nfp_vf_info *vf, const char *driver)
{
	struct nodes uio = {ctx, vf, NFP_USE_OTHER, .prefix = "", .dev = "", .of = ""};
	enum nfp_gives gives = nfp_gives(driver);
	int r = check_nodes(&uio, "uio");

	if (r < 0 || uio.held)
		return MIN(r, 0);
	uio.of = driver;
	if (uio.num)
		return MIN(nfp_sysfs_each(ctx->root, check_mapping, &uio, "%s", uio.dir), 0);
	return gives == NFP_GIVES_UIO || gives == NFP_GIVES_STUB ? note_mapper(ctx, vf, 0, driver)
								 : 0;
}

static int check_chardevs(struct nfp_use_ctx *ctx, struct nfp_vf_info *vf, const char *driver)
{
	struct nodes vdpa = {ctx, vf, NFP_USE_OTHER, .prefix = "vhost-vdpa-", .dev = "", .of = ""};
	struct nodes rdma = {ctx, vf, NFP_USE_OTHER, .prefix = "", .dev = "infiniband/", .of = ""};
	int r = check_vfio(ctx, vf, driver);

	if (!r)
		r = nfp_sysfs_each(ctx->root, check_vdpa_child, &vdpa, "%s", vf->devpath);
	if (r < 0 && r != -ENOENT)
		return r;
	/* A user of RDMA (DPDK on mlx5, for example) leaves the netdev in place. */
	r = check_nodes(&rdma, "infiniband_verbs");
	if (r > 0 && !rdma.held && !ctx->holders.complete)
		note_unknown(ctx, vf, "RDMA", ctx->holders.late);
	if (r < 0 || nfp_gives(driver) == NFP_GIVES_VFIO)
		return MIN(r, 0);
	return check_uio(ctx, vf, driver);
}

int nfp_vf_use_find(struct nfp_use_ctx *ctx, struct nfp_vf_info *vf)
{
	struct nfp_vf_info found = *vf;
	bool has_netdev = false;
	char driver[NFP_TEXT_LEN];
	int r = nfp_sysfs_link(ctx->root, driver, sizeof(driver), "%s/driver", vf->devpath);

	if (r < 0 && r != -ENOENT)
		return r;
	found.use = NFP_USE_IDLE;
	found.user[0] = found.note[0] = '\0';
	found.user_pid = 0;
	found.proof = NFP_PROOF_NONE;
	found.by_manager = found.only_away = found.by_address = false;
	nfp_for_each (link, ctx->links, ctx->num_links) {
		/* Children of some kinds name the parent device of their lower netdev. */
		if (link->kind[0] || strcmp(link->parentdev, vf->parentdev) != 0)
			continue;
		has_netdev = true;
		nfp_netdev_use_find(ctx, link, &found);
	}
	r = check_chardevs(ctx, &found, driver) ?: nfp_guest_find(ctx, driver, &found);
	if (r < 0)
		return r;
	/* A network driver is bound, and no netdev is here. */
	if (driver[0] && !has_netdev && nfp_gives(driver) == NFP_GIVES_NOBODY) {
		/* net/ exists while the device has a netdev in any namespace. */
		bool away = nfp_sysfs_exists(ctx->root, "%s/net", vf->devpath);

		found.only_away = away && found.use == NFP_USE_IDLE;
		if (away)
			nfp_vf_use_note(&found, NFP_USE_NAMESPACE,
					"its netdev is in another network namespace");
		else
			nfp_vf_use_note(&found, NFP_USE_OTHER,
					"%s is bound to it, but it has no netdev", driver);
	}
	*vf = found;
	return 0;
}

/* ---- is it up? ---- */

int nfp_bus_master_read(const struct nfp_sysroot *root, const char *path)
{
	char *file = nfp_asprintf("%s%s/config", root->prefix, path);
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	unsigned char command = 0;
	bool is_read = fd >= 0 && pread(fd, &command, 1, PCI_COMMAND) == 1;

	free(file);
	if (fd >= 0)
		close(fd);
	return is_read ? (command & PCI_COMMAND_MASTER) != 0 : -ENODATA;
}

void nfp_vf_up_find(const struct nfp_use_ctx *ctx, struct nfp_vf_info *vf)
{
	bool here = false;

	vf->up = vf->at_rest = false;
	nfp_for_each (link, ctx->links, ctx->num_links) {
		if (link->kind[0] || strcmp(link->parentdev, vf->parentdev) != 0)
			continue;
		here = true;
		vf->up |= link->flags & IFF_UP;
	}
	/* A driver elsewhere shows that it has the VF, but not what it does with it. */
	if (!here && vf->driver[0]) {
		int master = nfp_bus_master_read(ctx->root, vf->devpath);

		vf->up = master > 0;
		vf->at_rest = master == 0;
	}
}

unsigned int nfp_pf_others_up(const struct nfp_pf *pf, unsigned int vf)
{
	unsigned int num = 0;

	nfp_for_each (other, pf->vfs, pf->num_vfs)
		num += other->up && other->vf != vf;
	return num;
}

int nfp_vf_holders_read(const struct nfp_sysroot *root, const char *driver, bool search,
			struct nfp_vf_info *vf)
{
	/* Without a search the list of holders is as it is, and a holder that was not seen is no
	 * doubt. */
	const struct nfp_use_ctx begin = {.root = root,
					  .until_ns = nfp_clock_now() + NFP_LOOK_NS,
					  .holders = {.known = !search, .complete = !search},
					  .mappings = {.known = !search, .complete = !search}};
	struct nfp_use_ctx ctx = begin;
	struct nfp_vf_info unused = *vf;
	int ret = 0;

	if (search) {
		ctx.lists_nodes = ctx.only_looks = true;
		ctx.holders.known = ctx.holders.complete = true;
		ctx.mappings.known = ctx.mappings.complete = true;
		ret = check_chardevs(&ctx, &unused, driver);
		ctx = (struct nfp_use_ctx) {.root = root,
					    .until_ns = begin.until_ns,
					    .nodes = ctx.nodes,
					    .num_nodes = ctx.num_nodes};
	}
	ret = ret ?: check_chardevs(&ctx, vf, driver);
	nfp_use_ctx_fini(&ctx);
	return ret;
}

int nfp_vf_use_read(const struct nfp_sysroot *root, struct nfp_vf_info *vf, struct nfp_err *err)
{
	const struct nfp_reading how = {.root = root, .netns_fd = -1};
	struct nfp_use_ctx ctx = {.root = root, .until_ns = nfp_clock_now() + NFP_LOOK_NS};
	struct nfp_netns own = {.num_links = 0};
	int r;

	if (!vf->devpath[0] || !nfp_sysfs_exists(root, "%s", vf->devpath))
		return nfp_err_set(err, -ENODEV, NFP_E_NO_SUCH_VF, "VF %u (%s) is gone", vf->vf,
				   vf->parentdev);
	r = nfp_netns_read(NFP_SEE_LINKS | NFP_SEE_DEVICES, &how, &own, err);
	if (r < 0)
		return r;
	ctx.links = own.links;
	ctx.num_links = own.num_links;
	r = nfp_vf_use_find(&ctx, vf);
	if (r < 0)
		nfp_err_errno(err, r, NFP_E_KERNEL, "cannot find out who uses VF %u (%s)", vf->vf,
			      vf->parentdev);
	nfp_use_ctx_fini(&ctx);
	nfp_netns_fini(&own);
	return r;
}

int nfp_vf_check_use(const char *pf, const struct nfp_vf_info *vf, bool force, struct nfp_err *err)
{
	if (vf->use == NFP_USE_IDLE ||
	    (force && (vf->use == NFP_USE_NETDEV_UP || vf->proof == NFP_SAID)))
		return 0;
	nfp_err_set(err, -EBUSY, NFP_E_VF_IN_USE, "%sVF %u of %s is in use: %s",
		    vf->use == NFP_USE_UNKNOWN ? "cannot tell whether " : "", vf->vf, pf, vf->user);
	if (vf->by_manager)
		nfp_err_hint(err,
			     "To keep NetworkManager off it, also where its netdev is made anew, "
			     "add unmanaged-devices=interface-name:%s to the section keyfile of "
			     "NetworkManager.conf(5), and reload that.",
			     vf->ifname);
	else if (vf->use == NFP_USE_NETDEV_UP)
		nfp_err_hint(err,
			     "If nobody needs it, set %s down, or add --force: nfprobe sets "
			     "it up again afterwards.",
			     vf->ifname);
	else if (vf->proof == NFP_SAID)
		nfp_err_hint(err,
			     "Only a process says so, and nothing holds the VF. If it is to have "
			     "no guest, add --force.");
	else
		nfp_err_try(err, "nfprobe %s", pf);
	return -EBUSY;
}
