// SPDX-License-Identifier: GPL-2.0-or-later
/* live_source.c - a sibling VF as the source of the stream. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "live_priv.h"

static int unusable(struct nfp_err *err, int ret, unsigned int vf, const char *why)
{
	nfp_err_set(err, ret, NFP_E_SOURCE_UNUSABLE, "VF %u cannot be the source: %s", vf, why);
	nfp_err_hint(err, "take another one with --from (nfprobe --list shows which are idle)");
	return ret;
}

static int check_use(struct nfp_live *live, const struct nfp_vf_info *info, struct nfp_err *err)
{
	struct nfp_vf_info fresh = *info;
	int ret = nfp_vf_use_read(live->config.topology, &fresh, err);

	if (ret)
		return ret;
	if (fresh.use == NFP_USE_IDLE || (fresh.use == NFP_USE_NETDEV_UP && live->config.force))
		return 0;
	return unusable(err, -EBUSY, info->vf, fresh.user[0] ? fresh.user : "it is in use");
}

static int read_before(struct nfp_live *live, const struct nfp_vf_info *info,
		       struct nfp_vf_state *ret_state, struct nfp_err *err)
{
	struct nfp_hands *h = &live->hands;
	int ret = nfp_vf_state_read(h->root, h->nl, &h->pf, info->vf, live->bus, info->parentdev,
				    ret_state, err);

	if (!ret && !ret_state->have_netdev)
		ret = unusable(err, -ENODEV, info->vf,
			       "it has no netdev (no driver of this host is bound to it)");
	return ret;
}

/* The frames of a sibling with VST are tagged by the NIC: it must be in the VLAN under test. */
static int set_vlan(struct nfp_live *live, const struct nfp_vlan *vlan, struct nfp_err *err)
{
	struct nfp_change c = {
		.kind = NFP_CHANGE_VF_VLAN, .of_vf = true, .vf = live->source, .vlan = *vlan};
	int ret;

	if (nfp_vlan_equal(&live->source_vlan, vlan))
		return 0;
	ret = nfp_hands_insist(&live->hands, &c, err);
	if (!ret)
		live->source_vlan = *vlan;
	return ret;
}

/* Some drivers reset the VF for it (i40e, ice): carrier is waited for again. */
int nfp_live_source_in_vlan(struct nfp_live *live, const struct nfp_vlan *vlan, struct nfp_err *err)
{
	int ret;

	if (!live->has_source || nfp_vlan_equal(&live->source_vlan, vlan))
		return 0;
	ret = set_vlan(live, vlan, err);
	return ret ? ret : nfp_live_set_up(live, live->source, &live->source_netdev, err);
}

static int bring_in(struct nfp_live *live, const struct nfp_vf_state *before, struct nfp_err *err)
{
	struct nfp_link link = {.ifindex = before->ifindex};
	int ret;

	snprintf(link.ifname, sizeof(link.ifname), "%s", before->ifname);
	nfp_guard_begin(&live->source_guard, before, live->config.force);
	live->hands.guards[1] = &live->source_guard;
	ret = nfp_live_take_in(live, before->vf, &link, "", &live->source_netdev, err);
	if (ret)
		return ret;
	live->source_guard.ifindex = live->source_netdev.ifindex;
	live->has_source = true;
	live->source = before->vf;
	live->source_vlan = before->attr.vlan;
	ret = set_vlan(live, &live->vf.vlan, err);
	return ret ? ret : nfp_live_set_up(live, before->vf, &live->source_netdev, err);
}

/* Another one may be tried next: what failed must not stay where only one can be taken from. */
static void give_up(struct nfp_live *live, unsigned int vf)
{
	const struct nfp_journal_vf *entry = nfp_journal_find_vf(nfp_journal_data(live->journal),
								 vf);

	if (entry && !nfp_live_undo_vf(live, entry, NULL)) {
		live->has_source = false;
		live->hands.guards[1] = NULL;
	}
}

int nfp_live_source_vf(struct nfp_live *live, unsigned int vf, struct nfp_netdev *ret_netdev,
		       struct nfp_mac *ret_mac, struct nfp_err *err)
{
	const struct nfp_vf_info *info = nfp_pf_vf(live->config.pf, vf);
	struct nfp_vf_state before;
	int ret;

	if (!info)
		return nfp_err_set(err, -ENODEV, NFP_E_NO_SUCH_VF, "%s has no VF %u",
				   live->hands.pf.ifname, vf);
	ret = check_use(live, info, err);
	if (!ret)
		ret = read_before(live, info, &before, err);
	if (!ret)
		ret = nfp_journal_vf(live->journal, &before, true, err);
	if (ret)
		return ret;
	ret = bring_in(live, &before, err);
	if (ret) {
		give_up(live, vf);
		return ret;
	}
	memset(ret_netdev, 0, sizeof(*ret_netdev));
	snprintf(ret_netdev->ifname, sizeof(ret_netdev->ifname), "%s", live->source_netdev.ifname);
	ret_netdev->ifindex = live->source_netdev.ifindex;
	ret_netdev->netns_fd = live->hands.netns_fd;
	*ret_mac = live->source_netdev.address;
	return 0;
}
