// SPDX-License-Identifier: GPL-2.0-or-later
/* ask.c - a guest asks its VF for more than its address, and the host lets it (--sheet). */
#include <errno.h>

#include "backend_priv.h"

/* The address that the PF reports from now on may be the one that the guest has taken. */
static int take_address(struct nfp_backend *backend, const struct nfp_mac *mac, struct nfp_err *err)
{
	struct nfp_change c = nfp_backend_change(&backend->vf, NFP_CHANGE_LINK_ADDRESS);

	c.mac = *mac;
	backend->vf.guard.taken_mac = *mac;
	return nfp_apply_change(&backend->apply, &c, err);
}

static int set_switch(struct nfp_backend *backend, enum nfp_change_kind kind, int to,
		      struct nfp_err *err)
{
	struct nfp_change c = nfp_change_of_vf(&backend->vf.before, kind, NULL);

	c.value = to;
	return nfp_apply_change(&backend->apply, &c, err);
}

/*
 * A further address may end the effect of spoofchk although it is still shown, until it is set anew
 * (ixgbe_set_vf_macvlan_msg, ixgbe_vf_reset_event): with this in the journal, the undo does so.
 */
static int promise_spoofchk(struct nfp_backend *backend, struct nfp_err *err)
{
	int ret = 0;

	if (!backend->vf.promised && backend->vf.guard.is.attr.spoofchk == 1)
		ret = set_switch(backend, NFP_CHANGE_VF_SPOOFCHK, 1, err);
	/* A driver that cannot set it does not end it either. */
	backend->vf.promised = !ret || ret == -EOPNOTSUPP;
	return backend->vf.promised ? 0 : ret;
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
	struct nfp_change c;
	int ret;

	if (!backend->vf.bound)
		return nfp_err_set(err, -ENODEV, NFP_E_KERNEL, "the VF has no driver");
	if (what == NFP_ASK_ADDRESS)
		return take_address(backend, mac, err);
	ret = what == NFP_ASK_UNICAST && on ? promise_spoofchk(backend, err) : 0;
	if (ret)
		return ret;
	c = nfp_backend_change(&backend->vf, kinds[what]);
	c.value = on;
	if (what == NFP_ASK_UNICAST)
		c.mac = *mac;
	return nfp_apply_change(&backend->apply, &c, err);
}

int nfp_backend_permit(void *ctx, int trust, int spoofchk, struct nfp_err *err)
{
	struct nfp_backend *backend = ctx;
	int ret = 0;

	if (trust >= 0 && trust != backend->vf.guard.is.attr.trust)
		ret = set_switch(backend, NFP_CHANGE_VF_TRUST, trust, err);
	/* Even if it is so already: the last guest may have ended its effect. */
	if (!ret && spoofchk >= 0)
		ret = set_switch(backend, NFP_CHANGE_VF_SPOOFCHK, spoofchk, err);
	return ret;
}

int nfp_backend_permits(void *ctx, struct nfp_permits *ret_permits, struct nfp_err *err)
{
	struct nfp_backend *backend = ctx;
	/* A value that a dry run has set counts as read back. */
	struct nfp_vf_attr attr = backend->vf.guard.is.attr;
	int ret = backend->config.dry ? 0
				      : nfp_vf_attr_read(backend->apply.nl, &backend->apply.pf,
							 backend->vf.before.vf, &attr, err);

	if (ret)
		return ret;
	*ret_permits = (struct nfp_permits) {
		.trust = attr.trust, .spoofchk = attr.spoofchk, .address = attr.mac};
	return 0;
}
