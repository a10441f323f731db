// SPDX-License-Identifier: GPL-2.0-or-later
/* sibling.c - other VFs that the run uses: those that send, and the standby's port. */
#include <errno.h>
#include <stdio.h>

#include "apply.h"
#include "backend.h"
#include "change.h"
#include "guard.h"
#include "journal.h"
#include "vf_state.h"
#include "change/host.h"

static int sibling_unusable(struct nfp_err *err, int ret, enum nfp_sibling as, unsigned int vf,
			    const char *why)
{
	static const struct {
		const char *what, *option;
	} rows[NFP_SIBLINGS] = {
		[NFP_SIBLING_SENDS] = {"send test frames", "--from vf:M"},
		[NFP_SIBLING_HEARS] = {"be the standby's port", "--style vf-bridge:M"},
	};

	nfp_err_set(err, ret, NFP_E_SOURCE_UNUSABLE, "VF %u cannot %s: %s", vf, rows[as].what, why);
	nfp_err_hint(err,
		     "Choose another VF with %s; nfprobe without arguments shows which are idle.",
		     rows[as].option);
	return ret;
}

/*
 * The NIC tags the frames of a VF with its VST VLAN, so each must be in the VLAN under test. Some
 * drivers reset the VF for this (i40e, ice), which is then set up again and waited for.
 */
static int sibling_in_vlan(struct nfp_backend *backend, struct nfp_backend_vf *sibling,
			   const struct nfp_vlan *vlan, bool up, struct nfp_err *err)
{
	struct nfp_change c = {.kind = NFP_CHANGE_VF_VLAN,
			       .of_vf = true,
			       .vf = sibling->guard.is.vf,
			       .vlan = *vlan};
	int ret = 0;

	if (!nfp_vlan_equal(&sibling->guard.is.attr.vlan, vlan))
		ret = nfp_apply_change(&backend->apply, &c, err);
	else if (up)
		return 0;
	if (ret)
		return ret;
	return nfp_backend_set_link(backend, sibling, true, err)
		       ?: nfp_backend_await_carrier(backend, sibling, err);
}

int nfp_backend_siblings_in_vlan(struct nfp_backend *backend, const struct nfp_vlan *vlan,
				 struct nfp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < NFP_SIBLINGS && !ret; i++) {
		if (backend->siblings[i].begun)
			ret = sibling_in_vlan(backend, &backend->siblings[i], vlan, true, err);
	}
	return ret;
}

static int restore_sibling(struct nfp_backend *backend, enum nfp_sibling as, struct nfp_err *err)
{
	struct nfp_backend_vf *sibling = &backend->siblings[as];
	const struct nfp_journal_vf *entry = nfp_journal_find_vf(nfp_journal_data(backend->journal),
								 sibling->guard.is.vf);
	int ret = entry ? nfp_backend_undo_vf(backend, entry, err) : 0;

	if (ret)
		return ret;
	sibling->begun = false;
	backend->apply.watch.guards[1 + as] = NULL;
	return 0;
}

int nfp_backend_release_sibling(struct nfp_backend *backend, enum nfp_sibling as,
				struct nfp_err *err)
{
	if (!backend->siblings[as].begun)
		return 0;
	/* A ladder that was cut off may have left the standby on it, which must go first. */
	if (as == NFP_SIBLING_HEARS)
		(void)nfp_backend_remove_standby(backend, NULL);
	return restore_sibling(backend, as, err);
}

/* A bridge's port sends with the addresses of guests. A setting that the driver does not report
 * could not be put back. */
static int let_spoof(struct nfp_backend *backend, const struct nfp_vf_state *before,
		     struct nfp_err *err)
{
	struct nfp_change c = nfp_change_of_vf(before, NFP_CHANGE_VF_SPOOFCHK, NULL);

	return before->attr.spoofchk == 1 ? nfp_apply_change(&backend->apply, &c, err) : 0;
}

static int take_sibling(struct nfp_backend *backend, enum nfp_sibling as, struct nfp_err *err)
{
	static const char *const names[NFP_SIBLINGS] = {NFP_SENDS_NETDEV, NFP_HEARS_NETDEV};
	struct nfp_backend_vf *sibling = &backend->siblings[as];
	const struct nfp_vf_state *before = &sibling->before;
	int ret = nfp_backend_move_in(backend, before, names[as], &sibling->netdev, err);

	if (ret)
		return ret;
	sibling->guard.ifindex = sibling->netdev.ifindex;
	sibling->begun = true;
	return (as == NFP_SIBLING_HEARS ? let_spoof(backend, before, err) : 0)
		       ?: sibling_in_vlan(backend, sibling, &backend->vf.vlan, false, err);
}

static int prepare_sibling(struct nfp_backend *backend, enum nfp_sibling as, unsigned int vf,
			   struct nfp_err *err)
{
	struct nfp_backend_vf *sibling = &backend->siblings[as];
	struct nfp_apply *h = &backend->apply;
	struct nfp_vf_state before;
	struct nfp_vf_info info;
	int ret = nfp_backend_check_use(backend, vf, &info, err);

	if (ret == -EBUSY)
		return sibling_unusable(err, ret, as, vf,
					info.user[0] ? info.user : "it is in use");
	if (!ret)
		ret = nfp_vf_state_read(h, vf, info.bus, info.parentdev, NULL, false, &before, err);
	if (!ret && !before.have_netdev)
		ret = sibling_unusable(err, -ENODEV, as, vf,
				       "it has no netdev (no driver of this host is bound to it)");
	if (!ret)
		ret = nfp_backend_journal_vf(backend, &before, true, err);
	if (ret == -EBUSY && err)
		err->code = NFP_E_SOURCE_UNUSABLE;
	if (ret)
		return ret;
	*sibling = (struct nfp_backend_vf) {.before = before};
	nfp_guard_begin(&sibling->guard, &before, backend->config.force);
	h->watch.guards[1 + as] = &sibling->guard;
	ret = take_sibling(backend, as, err);
	/* The caller may try another one next. */
	if (ret)
		(void)restore_sibling(backend, as, NULL);
	return ret;
}

int nfp_backend_sibling(struct nfp_backend *backend, enum nfp_sibling as, unsigned int vf,
			struct nfp_netdev *ret_netdev, struct nfp_mac *ret_mac, struct nfp_err *err)
{
	const struct nfp_backend_vf *sibling = &backend->siblings[as];
	int ret = 0;

	if (sibling->begun && sibling->guard.is.vf != vf)
		ret = nfp_backend_release_sibling(backend, as, err);
	if (!ret && !sibling->begun)
		ret = prepare_sibling(backend, as, vf, err);
	if (ret)
		return ret;
	*ret_netdev = nfp_backend_netdev(backend, sibling);
	*ret_mac = sibling->netdev.address;
	return 0;
}
