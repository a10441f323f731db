// SPDX-License-Identifier: GPL-2.0-or-later
/* ask.c - a guest asks its VF for more than its address, and the host lets it (--sheet). */
#include <errno.h>
#include <stdio.h>

#include "backend_priv.h"

/* The address that the PF reports from now on may be the one that the guest has taken. */
static int take_address(struct nfp_backend *backend, const struct nfp_mac *mac, struct nfp_err *err)
{
	const struct nfp_link *netdev = &backend->vf.netdev;
	struct nfp_change c = nfp_change_of_link(NFP_CHANGE_LINK_ADDRESS, backend->vf.before.vf,
						 netdev->ifindex, netdev->ifname, NULL);

	c.private_netns = true;
	c.mac = *mac;
	backend->vf.guard.taken_mac = *mac;
	return nfp_apply_change(&backend->apply, &c, err);
}

int nfp_backend_ask(void *ctx, enum nfp_ask what, const struct nfp_mac *mac, bool on,
		    struct nfp_err *err)
{
	static const enum nfp_change_kind kinds[] = {
		[NFP_ASK_UNICAST] = NFP_CHANGE_UNICAST,
		[NFP_ASK_ALLMULTI] = NFP_CHANGE_ALLMULTI,
		[NFP_ASK_PROMISC] = NFP_CHANGE_PROMISC,
	};
	struct nfp_backend *backend = ctx;
	const struct nfp_link *netdev = &backend->vf.netdev;
	struct nfp_change c;

	if (!backend->vf.bound)
		return nfp_err_set(err, -ENODEV, NFP_E_KERNEL, "the VF has no driver");
	if (what == NFP_ASK_ADDRESS)
		return take_address(backend, mac, err);
	c = nfp_change_of_link(kinds[what], backend->vf.before.vf, netdev->ifindex, netdev->ifname,
			       NULL);
	c.private_netns = true;
	c.value = on;
	if (what == NFP_ASK_UNICAST)
		c.mac = *mac;
	return nfp_apply_change(&backend->apply, &c, err);
}

static int set_switch(struct nfp_backend *backend, enum nfp_change_kind kind, int is, int to,
		      struct nfp_err *err)
{
	struct nfp_change c = nfp_change_of_vf(&backend->vf.before, kind, NULL);

	if (to < 0 || to == is)
		return 0;
	c.value = to;
	return nfp_apply_change(&backend->apply, &c, err);
}

int nfp_backend_permit(void *ctx, int trust, int spoofchk, struct nfp_err *err)
{
	struct nfp_backend *backend = ctx;
	const struct nfp_vf_attr *attr = &backend->vf.guard.is.attr;

	return set_switch(backend, NFP_CHANGE_VF_TRUST, attr->trust, trust, err)
		       ?: set_switch(backend, NFP_CHANGE_VF_SPOOFCHK, attr->spoofchk, spoofchk,
				     err);
}

int nfp_backend_report(void *ctx, struct nfp_permits *ret_permits, struct nfp_err *err)
{
	struct nfp_backend *backend = ctx;
	struct nfp_vf_attr attr;
	int ret = nfp_vf_attr_read(backend->apply.nl, &backend->apply.pf, backend->vf.before.vf,
				   &attr, err);

	if (ret)
		return ret;
	*ret_permits = (struct nfp_permits) {
		.trust = attr.trust, .spoofchk = attr.spoofchk, .address = attr.mac};
	return 0;
}
