// SPDX-License-Identifier: GPL-2.0-or-later
/* vfuse_chardev.c - who holds a VF through a character device: vfio, iommufd, uio, RDMA, vDPA. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "inventory_priv.h"

/* A character device of the VF: its node's path, and its number where sysfs tells it. */
struct chardev {
	char path[64];
	dev_t rdev;
};

static int holders(struct nfp_usectx *ctx)
{
	int r;

	if (ctx->have_holders)
		return 0;
	r = nfp_holders_read(ctx->root, &ctx->holders);
	ctx->have_holders = r == 0;
	return r;
}

/* "major:minor" as in a file called dev; 0 when there is none. */
static dev_t read_dev(const char *dir)
{
	unsigned int maj, min;
	char text[32];

	if (nfp_sysfs_read(text, sizeof(text), "%s/dev", dir) < 0 ||
	    sscanf(text, "%u:%u", &maj, &min) != 2)
		return 0;
	return makedev(maj, min);
}

/* 1: held, and said so. 0: nobody was seen to have it open. -errno. */
static int held(struct nfp_usectx *ctx, struct nfp_vf_info *vf, enum nfp_use use,
		const struct chardev *dev, const char *how)
{
	const struct nfp_holder *h;
	char comm[NFP_COMM_LEN];
	int r = holders(ctx);

	if (r < 0)
		return r;
	h = nfp_holders_find(&ctx->holders, dev->rdev, dev->path);
	if (!h)
		return 0;
	nfp_fdscan_comm(ctx->root, h->pid, comm);
	nfp_vfuse_note(vf, use, "%s (pid %d) holds it through %s", comm, (int)h->pid, how);
	return 1;
}

static void cannot_tell(struct nfp_vf_info *vf, const char *how)
{
	nfp_vfuse_note(vf, NFP_USE_UNKNOWN,
		       "a process may hold it through %s: not all processes can be looked into",
		       how);
}

/* Opening the group's node shows what no look at processes can: another namespace's user. */
static int open_group(const struct nfp_usectx *ctx, const char *group)
{
	char path[512];
	int fd;

	if (snprintf(path, sizeof(path), "%s/vfio/%s", ctx->root->dev, group) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static int look_at_group(struct nfp_usectx *ctx, struct nfp_vf_info *vf, const char *group)
{
	struct chardev dev;
	char how[96], dir[512];
	int r;

	snprintf(dev.path, sizeof(dev.path), "/dev/vfio/%.40s", group);
	snprintf(dir, sizeof(dir), "%s/class/vfio/%s", ctx->root->sys, group);
	dev.rdev = read_dev(dir);
	snprintf(how, sizeof(how), "vfio (group %.40s)", group);
	r = held(ctx, vf, NFP_USE_VFIO, &dev, how);
	if (r != 0)
		return r < 0 ? r : 0;
	r = open_group(ctx, group);
	if (r == -EBUSY)
		nfp_vfuse_note(vf, NFP_USE_VFIO, "something holds it through %s", how);
	else if (r < 0)
		nfp_vfuse_note(vf, NFP_USE_UNKNOWN,
			       "a process may hold it through %s: cannot open %s: %s", how,
			       dev.path, strerrordesc_np(-r));
	return 0;
}

struct cdevs {
	struct nfp_usectx *ctx;
	struct nfp_vf_info *vf;
	const char *dir; /* of devices with vfio-dev/ */
	const char *device;
	size_t num;
};

static int one_cdev(const char *name, void *arg)
{
	struct cdevs *c = arg;
	char dir[1024], how[128];
	struct chardev dev;
	int r;

	snprintf(dev.path, sizeof(dev.path), "/dev/vfio/devices/%.40s", name);
	snprintf(dir, sizeof(dir), "%s/%s/vfio-dev/%s", c->dir, c->device, name);
	dev.rdev = read_dev(dir);
	snprintf(how, sizeof(how), "%s", dev.path);
	if (strcmp(c->device, c->vf->parentdev) != 0)
		snprintf(how, sizeof(how), "vfio (%.40s is in its IOMMU group)", c->device);
	c->num++;
	r = held(c->ctx, c->vf, NFP_USE_VFIO, &dev, how);
	if (r == 0 && !c->ctx->holders.complete)
		cannot_tell(c->vf, how);
	return r < 0 ? r : 0;
}

static int one_group_device(const char *name, void *arg)
{
	struct cdevs *c = arg;
	int r;

	c->device = name;
	r = nfp_sysfs_each(one_cdev, c, "%s/%s/vfio-dev", c->dir, name);
	return r == -ENOENT ? 0 : r;
}

/* Also those of the other devices of its group: they are one to the IOMMU. */
static int look_at_cdevs(struct nfp_usectx *ctx, struct nfp_vf_info *vf, size_t *ret_num)
{
	struct cdevs c = {.ctx = ctx, .vf = vf};
	char dir[512];
	int r;

	snprintf(dir, sizeof(dir), "%s/iommu_group/devices", vf->devpath);
	c.dir = dir;
	r = nfp_sysfs_each(one_group_device, &c, "%s", dir);
	*ret_num = c.num;
	return r == -ENOENT ? 0 : r;
}

static int look_at_vfio(struct nfp_usectx *ctx, struct nfp_vf_info *vf, const char *driver)
{
	static const char *const prefixes[] = {"", "noiommu-"};
	char group[64], name[96];
	size_t num = 0, i;
	int r = nfp_sysfs_link(group, sizeof(group), "%s/iommu_group", vf->devpath);

	if (r == 0) {
		r = look_at_cdevs(ctx, vf, &num);
		for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]) && r == 0; i++) {
			snprintf(name, sizeof(name), "%s%s", prefixes[i], group);
			if (!nfp_sysfs_exists("%s/class/vfio/%s", ctx->root->sys, name))
				continue;
			num++;
			r = look_at_group(ctx, vf, name);
		}
		if (r < 0)
			return r;
	}
	if (num == 0 && strstr(driver, "vfio"))
		nfp_vfuse_note(vf, NFP_USE_UNKNOWN,
			       "%s drives it, and how a process would hold it cannot be found",
			       driver);
	return 0;
}

struct nodes {
	struct nfp_usectx *ctx;
	struct nfp_vf_info *vf;
	const char *class; /* directory of the device */
	const char *dir;   /* of nodes under /dev, with its slash */
	const char *of;	   /* what the nodes belong to, for words */
	size_t num;
	bool held;
};

static int one_node(const char *name, void *arg)
{
	struct nodes *n = arg;
	char dir[512], how[128];
	struct chardev dev;
	int r;

	snprintf(dev.path, sizeof(dev.path), "/dev/%.20s%.30s", n->dir, name);
	snprintf(how, sizeof(how), "%s%s", dev.path, n->of);
	snprintf(dir, sizeof(dir), "%s/%s/%s", n->vf->devpath, n->class, name);
	dev.rdev = read_dev(dir);
	n->num++;
	r = held(n->ctx, n->vf, NFP_USE_OTHER, &dev, how);
	n->held = n->held || r > 0;
	return r < 0 ? r : 0;
}

/* RDMA: its user (DPDK on mlx5, say) leaves the netdev in place. */
static int look_at_rdma(struct nfp_usectx *ctx, struct nfp_vf_info *vf)
{
	struct nodes n = {
		.ctx = ctx, .vf = vf, .class = "infiniband_verbs", .dir = "infiniband/", .of = ""};
	int r = nfp_sysfs_each(one_node, &n, "%s/%s", vf->devpath, n.class);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (!n.held && !ctx->holders.complete)
		cannot_tell(vf, "RDMA");
	return 0;
}

/* Nothing tells a uio device idle: its user may have mapped it and closed the node. */
static int look_at_uio(struct nfp_usectx *ctx, struct nfp_vf_info *vf, const char *driver)
{
	struct nodes n = {.ctx = ctx, .vf = vf, .class = "uio", .dir = "", .of = ""};
	int r = nfp_sysfs_each(one_node, &n, "%s/%s", vf->devpath, n.class);

	if (r < 0 && r != -ENOENT)
		return r;
	if (!n.held && (n.num > 0 || strstr(driver, "uio")))
		nfp_vfuse_note(vf, NFP_USE_OTHER, "DPDK or another process may hold it through %s",
			       driver);
	return 0;
}

static int one_vhost(const char *name, void *arg)
{
	return strncmp(name, "vhost-vdpa-", 11) == 0 ? one_node(name, arg) : 0;
}

/* `vdpa dev add` lets people choose the name, so the bus decides as well. */
static bool is_vdpa(const struct nfp_vf_info *vf, const char *name)
{
	char bus[16];

	return strncmp(name, "vdpa", 4) == 0 ||
	       (nfp_sysfs_link(bus, sizeof(bus), "%s/%s/subsystem", vf->devpath, name) == 0 &&
		strcmp(bus, "vdpa") == 0);
}

/*
 * A vDPA device takes its queues from the VF for a guest or a container, beside the VF's netdev
 * (mlx5_vdpa_dev_add, drivers/vdpa/mlx5). It is a user even while nobody has its node open.
 */
static int one_child(const char *name, void *arg)
{
	const struct nodes *child = arg;
	struct nodes n = {.ctx = child->ctx, .vf = child->vf, .class = name, .dir = ""};
	char of[64];
	int r;

	if (!is_vdpa(n.vf, name))
		return 0;
	snprintf(of, sizeof(of), " (vDPA device %.32s)", name);
	n.of = of;
	r = nfp_sysfs_each(one_vhost, &n, "%s/%s", n.vf->devpath, name);
	if (r < 0 && r != -ENOENT)
		return r == -ENOTDIR ? 0 : r;
	nfp_vfuse_note(n.vf, NFP_USE_OTHER, "it carries the vDPA device %.32s", name);
	return 0;
}

static int look_at_vdpa(struct nfp_usectx *ctx, struct nfp_vf_info *vf)
{
	struct nodes n = {.ctx = ctx, .vf = vf};
	int r = nfp_sysfs_each(one_child, &n, "%s", vf->devpath);

	return r == -ENOENT ? 0 : r;
}

int nfp_vfuse_chardev(struct nfp_usectx *ctx, struct nfp_vf_info *vf, const char *driver)
{
	int r = look_at_vfio(ctx, vf, driver);

	if (r == 0)
		r = look_at_vdpa(ctx, vf);
	if (r == 0)
		r = look_at_rdma(ctx, vf);
	if (r == 0 && !strstr(driver, "vfio"))
		r = look_at_uio(ctx, vf, driver);
	return r;
}
