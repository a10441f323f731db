// SPDX-License-Identifier: GPL-2.0-or-later
/* actions.c - makes the actions of a row on the host, and keeps track of the state to which they
 * lead. */
#include <errno.h>
#include <string.h>

#include "announce.h"
#include "runner.h"
#include "window.h"

#define CONTROL_RATE 20U /* frames a second, at most, to an address that nobody has announced */

unsigned int runner_control_rate(const struct nfp_runner_config *config)
{
	return config->rate < CONTROL_RATE ? config->rate : CONTROL_RATE;
}

/*
 * A hash filter also passes a group that shares its bucket with a group that somebody on this host
 * has joined (qede and bnx2x have 256 buckets). Where the PF did not get the control, the control
 * becomes the group. Where it did, the PF may get every group, or both buckets may be open. A
 * standby that takes all groups is tested only with what the host itself has opened.
 */
void runner_draw_group(struct runner *r)
{
	const struct nfp_count *count = r->step->w.count;

	if (!runner_group(r) || !nfp_lands_at(r->step->w.landing[NFP_KIND_MULTICAST], NFP_AT_PF) ||
	    !count[NFP_KIND_UNJOINED].sent)
		return;
	if (count[NFP_KIND_UNJOINED].at[NFP_AT_PF]) {
		r->result->all_multicast |= !nfp_styles[r->config->style].all_multicast ||
					    (!r->allmulti && !r->config->on_ovs);
		return;
	}
	r->regrouped = true;
	runner_note(r,
		    "a group that nobody had joined reached %s, and another did not, which is "
		    "tested instead",
		    r->config->ifname);
}

void runner_send(struct runner *r, unsigned int unicast_rate)
{
	struct nfp_plan plan = {
		.unicast = r->address,
		.unregistered_mac = r->config->unregistered_mac,
		.group = r->regrouped ? r->config->unjoined : r->config->group,
		.unjoined = r->regrouped ? r->config->group : r->config->unjoined,
	};

	for (enum nfp_kind kind = 0; kind < NFP_KIND_COUNT && unicast_rate; kind++)
		plan.rate[kind] = nfp_rate_of(r->config->source, kind, r->config->on_ovs);
	if (!runner_group(r))
		plan.rate[NFP_KIND_MULTICAST] = plan.rate[NFP_KIND_ALL_NODES] =
			plan.rate[NFP_KIND_UNJOINED] = 0;
	plan.rate[NFP_KIND_UNICAST] = unicast_rate;
	if (unicast_rate)
		runner_plan_vlan(r, &plan);
	/* A plan restarts the schedule: do not set one that changes nothing. */
	if (nfp_mac_equal(&plan.unicast, &r->plan.unicast) &&
	    nfp_mac_equal(&plan.group, &r->plan.group) &&
	    memcmp(plan.rate, r->plan.rate, sizeof(plan.rate)) == 0)
		return;
	r->plan = plan;
	r->wire.ops->plan(r->wire.ctx, &plan);
}

static void unlisten_vf(struct runner *r)
{
	(void)r->wire.ops->listen_vf(r->wire.ctx, NULL, false, NULL);
}

void runner_stop_traffic(struct runner *r)
{
	unlisten_vf(r);
	if (r->wire.ops->listen_standby)
		(void)r->wire.ops->listen_standby(r->wire.ctx, NULL, NULL);
	runner_silence(r);
}

static int add_standby(struct runner *r)
{
	struct nfp_netdev child = {.netns_fd = -1};
	int ret;

	if (r->pf_has_mac)
		return 0;
	ret = r->host.ops->add_standby(r->host.ctx, r->config->style, &r->address, runner_group(r),
				       r->err);
	r->pf_has_mac = ret == 0;
	/* If a child of the PF gets the test MAC in place of the PF, listen to the child. */
	if (ret || !r->wire.ops->listen_standby || !r->host.ops->standby ||
	    r->host.ops->standby(r->host.ctx, &child))
		return ret;
	runner_vlan_child(r);
	return r->wire.ops->listen_standby(r->wire.ctx, &child, r->err);
}

static int remove_standby(struct runner *r)
{
	int ret;

	if (!r->pf_has_mac)
		return 0;
	if (r->wire.ops->listen_standby)
		(void)r->wire.ops->listen_standby(r->wire.ctx, NULL, r->err);
	ret = r->host.ops->remove_standby(r->host.ctx, r->err);
	r->pf_has_mac = ret != 0;
	return ret;
}

static int do_bind(struct runner *r)
{
	int ret = r->host.ops->bind(r->host.ctx, &r->address, r->err);

	r->bound = ret == 0;
	/* A failed bind may leave the driver bound, but later steps need a VF without driver. */
	if (ret && !runner_is_own_error(r))
		r->host.ops->unbind(r->host.ctx, NULL);
	return ret;
}

static int do_up(struct runner *r)
{
	struct nfp_netdev netdev = {.netns_fd = -1};
	/* Listen before the netdev is up, to hear the first frames; if that fails, after. */
	bool expected = !r->host.ops->netdev(r->host.ctx, &netdev) &&
			!r->wire.ops->listen_vf(r->wire.ctx, &netdev, true, NULL);
	int ret = r->host.ops->up(r->host.ctx, runner_group(r), &netdev, r->err);

	r->up = ret == 0;
	r->netdev = netdev;
	if (ret) {
		unlisten_vf(r);
		return ret;
	}
	if (!expected)
		ret = r->wire.ops->listen_vf(r->wire.ctx, &netdev, false, r->err);
	/* The driver may receive frames before the kernel brings them to the capture. */
	r->listening_ns = runner_now(r);
	if (ret)
		return ret;
	/* Frames that reach the VF before it reports carrier count as well. */
	ret = r->host.ops->carrier(r->host.ctx, r->err);
	if (ret) {
		unlisten_vf(r);
		r->up = false;
		return ret;
	}
	runner_vlan_up(r);
	return 0;
}

/* 0, or the host's refusal. */
static int do_action(struct runner *r, enum nfp_action action)
{
	const struct nfp_host_ops *host = r->host.ops;
	void *ctx = r->host.ctx;
	int ret = 0;

	*r->err = (struct nfp_err) {0};
	switch (action) {
	case NFP_DO_ADD_STANDBY:
		return add_standby(r);
	case NFP_DO_REMOVE_STANDBY:
		return remove_standby(r);
	case NFP_DO_ANNOUNCE:
		/* announce.c does this in the window. */
		break;
	case NFP_DO_NEW_ADDRESS:
		if (nfp_mac_equal(&r->address, &r->config->address_first))
			break;
		r->address = r->config->address_first;
		r->assigned = false;
		/* Nobody has announced this address either, so far. */
		runner_send(r, runner_control_rate(r->config));
		break;
	case NFP_DO_ASSIGN:
		ret = host->assign(ctx, &r->address, r->err);
		r->assigned = ret == 0;
		break;
	case NFP_DO_RESET:
		ret = r->no_reset ? -EOPNOTSUPP : host->reset(ctx, r->err);
		r->no_reset = ret == -EOPNOTSUPP;
		if (r->config->earlier)
			r->config->earlier->was_reset |= !ret;
		r->left &= ret != 0;
		break;
	case NFP_DO_BIND:
		return do_bind(r);
	case NFP_DO_UP:
		return do_up(r);
	case NFP_DO_REWRITE:
		ret = host->entry(ctx, &r->config->spare[NFP_SPARE_REWRITE], r->err)
			      ?: host->entry(ctx, NULL, r->err);
		if (!ret && r->config->adds_one)
			runner_note(r, "the driver of %s writes that address alone",
				    r->config->ifname);
		break;
	case NFP_DO_DOWN:
		unlisten_vf(r);
		ret = host->down(ctx, r->err);
		if (ret == 0)
			r->up = false;
		break;
	case NFP_DO_UNBIND:
		unlisten_vf(r);
		ret = host->unbind(ctx, r->err);
		r->left |= ret == 0 && r->bound;
		if (ret == 0)
			r->bound = r->up = false;
		else
			r->stuck = true;
		break;
	case NFP_DO_CLEAR:
		ret = host->clear(ctx, r->err);
		r->result->zero_refused |= ret > 0;
		ret = ret > 0 ? 0 : ret;
		break;
	case NFP_DO_SETTLE:
	case NFP_DO_NOTHING:
		break;
	}
	return ret;
}

/* ---- a row ---- */

static int refused(struct runner *r, const struct script *script, enum nfp_action action, int ret)
{
	if (script->refused)
		return script->refused(r, action, ret);
	if (runner_is_own_error(r))
		return ret;
	return action != NFP_DO_RESET || ret != -EOPNOTSUPP;
}

/* A loss in a ladder that is already EARLY needs no more time to show. */
static bool is_settled(const struct runner *r, const struct window *w)
{
	const uint64_t *until_ns = w->spec->data;

	return runner_now(r) >= *until_ns || (runner_may_cut_short(r) && window_is_lost(w));
}

/*
 * Waits for the network's settling time, so that no late write can race with what follows. Counts
 * nothing.
 */
static int let_settle(struct runner *r)
{
	bool announces = nfp_row_makes(runner_row(r), NFP_DO_ANNOUNCE);
	uint64_t until_ns = runner_now(r) + r->network_ns;
	const struct window_spec spec = {
		.stable_ns = r->network_ns,
		.early = runner_may_cut_short(r),
		.keeps = true,
		.announce = announces ? announce_due : NULL,
		.enough = is_settled,
		.again = announce_anew,
		.data = &until_ns,
	};
	struct window w;
	int ret;

	if (announces) {
		runner_send(r, r->config->rate);
		runner_announce_begin(r, r->step->step, runner_now(r));
	}
	/* A carrier that is lost by now was taken by the change itself. */
	ret = runner_catch_up(r) ?: run_window(r, &spec, &w);
	/* The next action is a change of its own, which may also take the carrier. */
	r->action_ns = 0;
	r->spoke_again = false;
	return ret;
}

int runner_play(struct runner *r, const enum nfp_action actions[NFP_ACTIONS_MAX],
		const struct script *script)
{
	for (size_t i = 0; i < NFP_ACTIONS_MAX && actions[i] != NFP_DO_NOTHING; i++) {
		uint64_t begin_ns = runner_now(r);
		int ret = script->before ? script->before(r, actions[i]) : 0;

		if (!ret && actions[i] == NFP_DO_SETTLE)
			ret = runner_check_stop(r) ?: let_settle(r);
		if (ret)
			return ret;
		ret = runner_check_stop(r) ?: do_action(r, actions[i]);
		if (ret)
			ret = refused(r, script, actions[i], ret);
		if (ret)
			return ret;
		if (script->made)
			script->made(r, actions[i], begin_ns);
	}
	return 0;
}
