/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfuse.h - who uses a VF. What cannot be established counts as in use.
 */
#ifndef NFPROBE_HOST_VFUSE_H
#define NFPROBE_HOST_VFUSE_H

#include "fdscan.h"
#include "netnsidx.h"
#include "nfprobe/base.h"
#include "nfprobe/inventory.h"

/* What looking at several VFs shares. The two scans are made when first needed. Zero but root and
 * links, then nfp_usectx_fini. */
struct nfp_usectx {
	const struct nfp_sysroot *root;
	const struct nfp_link *links; /* of this namespace; borrowed */
	size_t num_links;
	bool have_holders;
	struct nfp_holders holders;
	bool have_netnsidx;
	struct nfp_netnsidx netnsidx;
};
void nfp_usectx_fini(struct nfp_usectx *ctx);

/*
 * Fills vf->use and vf->user from vf->devpath, vf->parentdev and what the machine says now; reads
 * the driver afresh and leaves vf->driver as it was. 0 or -errno (then nothing is filled).
 */
int nfp_vfuse_find(struct nfp_usectx *ctx, struct nfp_vf_info *vf);

/* -- parts, each 0 with *vf filled when it found a user, else untouched -- */

/* The netdevs of the VF that are in this namespace. Pure over the links. */
void nfp_vfuse_netdev(const struct nfp_usectx *ctx, struct nfp_vf_info *vf);
/* Character devices: vfio group and cdev, uio, RDMA; and vDPA devices, open or not. */
int nfp_vfuse_chardev(struct nfp_usectx *ctx, struct nfp_vf_info *vf, const char *driver);

/* A worse use replaces a lesser one, in the order in which people should hear of it. */
void nfp_vfuse_note(struct nfp_vf_info *vf, enum nfp_use use, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
