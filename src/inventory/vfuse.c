// SPDX-License-Identifier: GPL-2.0-or-later
#include "inventory_priv.h"

#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfprobe/netlink.h"

/* What is said of a VF when there is more than one thing to say: the highest number. */
static int rank(enum nfp_use use)
{
	static const int ranks[] = {
		[NFP_USE_IDLE] = 0,  [NFP_USE_NETDEV_UP] = 1, [NFP_USE_UNKNOWN] = 2,
		[NFP_USE_OTHER] = 3, [NFP_USE_NAMESPACE] = 4, [NFP_USE_NETDEV] = 5,
		[NFP_USE_VFIO] = 6,
	};

	return ranks[use];
}

void nfp_vfuse_note(struct nfp_vf_info *vf, enum nfp_use use, const char *fmt, ...)
{
	va_list ap;

	if (rank(use) <= rank(vf->use))
		return;
	vf->use = use;
	va_start(ap, fmt);
	vsnprintf(vf->user, sizeof(vf->user), fmt, ap);
	va_end(ap);
}

void nfp_usectx_fini(struct nfp_usectx *ctx)
{
	nfp_holders_fini(&ctx->holders);
	nfp_netnsidx_fini(&ctx->netnsidx);
	ctx->have_holders = ctx->have_netnsidx = false;
}

static void look_at_netdev(const struct nfp_usectx *ctx, struct nfp_vf_info *vf,
			   const struct nfp_link *link)
{
	const struct nfp_link *master = nfp_links_by_ifindex(ctx->links, ctx->num_links,
							     link->master);
	size_t i;

	if (master)
		nfp_vfuse_note(vf, NFP_USE_NETDEV, "%s belongs to %s%s%s%s", link->ifname,
			       master->ifname, master->kind[0] ? " (" : "", master->kind,
			       master->kind[0] ? ")" : "");
	else if (link->master)
		nfp_vfuse_note(vf, NFP_USE_NETDEV, "%s belongs to netdev %d", link->ifname,
			       link->master);
	if (link->has_address)
		nfp_vfuse_note(vf, NFP_USE_NETDEV, "%s has an IP address", link->ifname);
	for (i = 0; i < ctx->num_links; i++) {
		const struct nfp_link *child = &ctx->links[i];

		if (nfp_link_is_child(child, link))
			nfp_vfuse_note(vf, NFP_USE_NETDEV, "%s (%s) is on top of %s", child->ifname,
				       child->kind[0] ? child->kind : "netdev", link->ifname);
	}
	if (link->xdp)
		nfp_vfuse_note(vf, NFP_USE_NETDEV, "%s has an XDP program attached", link->ifname);
	if (link->promiscuity > 0)
		nfp_vfuse_note(vf, NFP_USE_NETDEV,
			       "%s is promiscuous: something listens there or forwards",
			       link->ifname);
	if (link->flags & IFF_UP)
		nfp_vfuse_note(vf, NFP_USE_NETDEV_UP, "%s is up", link->ifname);
}

void nfp_vfuse_netdev(const struct nfp_usectx *ctx, struct nfp_vf_info *vf)
{
	size_t i;

	for (i = 0; i < ctx->num_links; i++) {
		const struct nfp_link *link = &ctx->links[i];

		/* Children of some kinds name the parent device of their lower netdev. */
		if (link->kind[0] == '\0' && strcmp(link->parentdev, vf->parentdev) == 0)
			look_at_netdev(ctx, vf, link);
	}
}

static int netnsidx(struct nfp_usectx *ctx)
{
	int r;

	if (ctx->have_netnsidx)
		return 0;
	r = nfp_netnsidx_read(ctx->root, &ctx->netnsidx);
	ctx->have_netnsidx = r == 0;
	return r;
}

/*
 * A bound driver and no netdev here. The directory net/ exists as long as the device has a netdev
 * in any namespace, and shows those of this one.
 */
static int look_elsewhere(struct nfp_usectx *ctx, struct nfp_vf_info *vf, const char *driver)
{
	const struct nfp_elsewhere *e;
	int r;

	if (!nfp_sysfs_exists("%s/net", vf->devpath)) {
		nfp_vfuse_note(vf, NFP_USE_OTHER, "%s drives it, without a netdev", driver);
		return 0;
	}
	r = netnsidx(ctx);
	if (r < 0)
		return r;
	e = nfp_netnsidx_find(&ctx->netnsidx, vf->parentdev);
	if (e)
		nfp_vfuse_note(vf, NFP_USE_NAMESPACE, "its netdev %s is in %s", e->ifname,
			       e->where);
	else
		nfp_vfuse_note(vf, NFP_USE_NAMESPACE, "its netdev is in another network namespace");
	return 0;
}

static bool has_netdev(const struct nfp_usectx *ctx, const struct nfp_vf_info *vf)
{
	size_t i;

	for (i = 0; i < ctx->num_links; i++)
		if (ctx->links[i].kind[0] == '\0' &&
		    strcmp(ctx->links[i].parentdev, vf->parentdev) == 0)
			return true;
	return false;
}

/* Drivers that hand a device to a process have no netdev, and are looked at as such. */
static bool hands_out(const char *driver)
{
	return strstr(driver, "vfio") || strstr(driver, "uio");
}

int nfp_vfuse_find(struct nfp_usectx *ctx, struct nfp_vf_info *vf)
{
	struct nfp_vf_info found = *vf;
	char driver[NFP_TEXT];
	int r;

	found.use = NFP_USE_IDLE;
	found.user[0] = '\0';
	r = nfp_sysfs_link(driver, sizeof(driver), "%s/driver", vf->devpath);
	if (r < 0 && r != -ENOENT)
		return r;
	nfp_vfuse_netdev(ctx, &found);
	r = nfp_vfuse_chardev(ctx, &found, driver);
	if (r == 0 && driver[0] && !hands_out(driver) && !has_netdev(ctx, vf))
		r = look_elsewhere(ctx, &found, driver);
	if (r < 0)
		return r;
	vf->use = found.use;
	memcpy(vf->user, found.user, sizeof(vf->user));
	return 0;
}

static int find_afresh(struct nfp_vf_info *vf, struct nfp_err *err)
{
	struct nfp_usectx ctx = {.root = nfp_sysroot_default()};
	struct nfp_link *links = NULL;
	struct nfp_nl *nl;
	int r = nfp_nl_open(NETLINK_ROUTE, -1, &nl, err);

	if (r < 0)
		return r;
	r = nfp_links_read(nl, &links, &ctx.num_links, err);
	nfp_nl_close(nl);
	if (r < 0)
		return r;
	nfp_links_sysfs(ctx.root, links, ctx.num_links);
	ctx.links = links;
	r = nfp_vfuse_find(&ctx, vf);
	if (r < 0)
		nfp_err_errno(err, r, NFP_E_KERNEL, "cannot find out who uses VF %u (%s)", vf->vf,
			      vf->parentdev);
	nfp_usectx_fini(&ctx);
	free(links);
	return r;
}

int nfp_vf_held_read(const struct nfp_sysroot *root, const char *driver, struct nfp_vf_info *vf)
{
	struct nfp_usectx ctx = {.root = root};
	int ret = nfp_vfuse_chardev(&ctx, vf, driver);

	nfp_usectx_fini(&ctx);
	return ret;
}

/* A caller that knows the VF by its name only has it looked up. */
static void complete(const struct nfp_topology *topology, struct nfp_vf_info *vf)
{
	size_t i, k;

	for (i = 0; topology && i < topology->num_pfs && !vf->devpath[0]; i++) {
		const struct nfp_pf *pf = &topology->pfs[i];

		for (k = 0; k < pf->num_vfs; k++)
			if (strcmp(pf->vfs[k].parentdev, vf->parentdev) == 0)
				memcpy(vf->devpath, pf->vfs[k].devpath, sizeof(vf->devpath));
	}
}

int nfp_vf_use_read(const struct nfp_topology *topology, struct nfp_vf_info *vf,
		    struct nfp_err *err)
{
	struct nfp_vf_info fresh = *vf;
	int r;

	complete(topology, &fresh);
	if (!fresh.devpath[0] || !nfp_sysfs_exists("%s", fresh.devpath))
		return nfp_err_set(err, -ENODEV, NFP_E_NO_SUCH_VF, "VF %u (%s) is gone", vf->vf,
				   vf->parentdev);
	r = find_afresh(&fresh, err);
	if (r < 0)
		return r;
	vf->use = fresh.use;
	memcpy(vf->user, fresh.user, sizeof(vf->user));
	return 0;
}
