// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * all_groups.c - does a PF that is allmulticast, and not promiscuous, get a group that nobody has
 * joined? `ip link set MACVTAP allmulticast on` makes it so (macvlan_change_rx_flags in
 * drivers/net/macvlan.c). Evidence for advice: no verdict depends on it.
 */
#include "runner_priv.h"

static bool groups_are_shown(const struct nfp_count count[NFP_KIND_COUNT])
{
	return count[NFP_KIND_UNJOINED].sent >= NFP_SETTLE_LAST;
}

/* A group that arrives needs no time of the NIC's. A group that stays away gets no more than the
 * network's: nothing depends on it. */
static bool groups_are_enough(const struct runner *r, const struct window *w)
{
	const struct nfp_settle *settle = &w->settle;
	bool arrives = at_pf(nfp_landing_of(&settle->count[NFP_KIND_UNJOINED]));

	if (groups_are_shown(settle->count) &&
	    (w->state >= NFP_SETTLE_HELD || (w->state == NFP_SETTLE_CLEAR && arrives)))
		return true;
	return settle->end_ns >= settle->begin_ns + runner_network(r->config);
}

/* A port whose switch snoops on MLD gets no such group, whatever the NIC does: that is unknown. */
static int watch_groups(struct runner *r)
{
	const struct window_spec spec = {
		WINDOW_OF_LADDER(r, runner_hold(r)),
		.early = true,
		.enough = groups_are_enough,
		.doubts = WINDOW_EXPIRED | WINDOW_CHANGED | WINDOW_OVER,
	};
	struct window w;
	int ret = run_window(r, &spec, &w);

	if (!ret && !w.doubts && w.state >= NFP_SETTLE_CLEAR && groups_are_shown(w.count))
		r->result->gets_all_groups = at_pf(w.landing[NFP_KIND_UNJOINED]);
	return ret;
}

static bool groups_are_open(const struct runner *r)
{
	const struct nfp_step_result *standby = nfp_style_step(r->result, NFP_STEP_STANDBY);

	return nfp_styles[r->config->style].ipv6 && runner_group(r) && !r->over && r->carrier &&
	       !r->stuck && !r->result->all_multicast && standby &&
	       at_pf(standby->w.landing[NFP_KIND_MULTICAST]);
}

/* As the standby of static-bridge makes it: the address in its filter, and all groups. */
int runner_check_all_groups(struct runner *r)
{
	const struct nfp_step_result *standby = nfp_style_step(r->result, NFP_STEP_STANDBY);
	int ret;

	if (!groups_are_open(r))
		return 0;
	if (at_pf(standby->w.landing[NFP_KIND_UNJOINED])) {
		r->result->gets_all_groups = true;
		return 0;
	}
	ret = runner_check_stop(r) ?: runner_do_action(r, NFP_DO_REMOVE_STANDBY);
	ret = ret
		      ?: r->host.ops->add_standby(r->host.ctx, NFP_STYLE_STATIC_BRIDGE, &r->address,
						  runner_group(r), r->err);
	if (!ret) {
		r->held = true;
		runner_send(r, runner_control_rate(r->config));
		ret = watch_groups(r);
		r->held = r->host.ops->remove_standby(r->host.ctx, NULL) != 0;
	} else if (!runner_is_own_error(r)) {
		*r->err = (struct nfp_err) {0};
		ret = 0;
	}
	return ret;
}
