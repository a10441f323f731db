// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan.c - --dry-run: the ladder read aloud. What is read here is what a run reads; nothing is
 * changed and nothing is sent, so where auto would find the wire is left open.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfprobe/journal.h"
#include "nfprobe/result.h"
#include "nfprobe/probe.h"
#include "nfprobe/base.h"
#include "nfprobe/apply.h"
#include "run_priv.h"

struct plan {
	const struct nfp_run *run;
	const struct nfp_vf_info *vf;
	struct nfp_vlan vlan;
	enum nfp_style style;
	struct nfp_addresses addresses;
	struct nfp_mac x;
	char driver[NFP_TEXT];
	bool has_override; /* its bus has driver_override */
	struct nfp_outline *out;
};

static void change(const struct plan *p, unsigned int depth, struct nfp_change c)
{
	char command[NFP_COMMAND_LEN];

	if (!c.ifname[0])
		memcpy(c.ifname, p->run->pf->info.ifname, sizeof(c.ifname));
	c.vf = p->vf->vf;
	memcpy(c.parentdev, p->vf->parentdev, sizeof(c.parentdev));
	memcpy(c.bus, p->vf->bus, sizeof(c.bus));
	if (!c.name[0] && (c.kind == NFP_CHANGE_VF_BIND || c.kind == NFP_CHANGE_VF_UNBIND))
		snprintf(c.name, sizeof(c.name), "%s", p->driver);
	nfp_outline_command(p->out, depth, nfp_change_command(&c, command));
}

/* Under the name that its driver gives it until it is in the private namespace. */
static void take_in(const struct plan *p)
{
	struct nfp_change c = {.kind = NFP_CHANGE_NETNS_IN, .name = NFP_VF_NETDEV};

	snprintf(c.ifname, sizeof(c.ifname), "%s", p->vf->ifname[0] ? p->vf->ifname : "VFDEV");
	change(p, 2, c);
}

static void set_netdev(const struct plan *p, enum nfp_change_kind kind)
{
	struct nfp_change c = {.kind = kind, .ifname = NFP_VF_NETDEV, .private_netns = true};

	change(p, 2, c);
}

/* So that nothing binds but what is named. */
static void name_driver(const struct plan *p, unsigned int depth, const char *driver)
{
	struct nfp_change c = {.kind = NFP_CHANGE_VF_OVERRIDE};

	snprintf(c.name, sizeof(c.name), "%s", driver);
	if (p->has_override)
		change(p, depth, c);
}

/* A macvtap then has queues and a filter of its own (live_hold.c). */
static bool is_offloaded(const struct plan *p)
{
	return p->run->pf->l2_fwd_offload && !p->vlan.vid;
}

static void hold(const struct plan *p, bool on)
{
	struct nfp_change c = {.mac = p->x};

	if (p->style == NFP_STYLE_FILTER && is_offloaded(p))
		c.kind = on ? NFP_CHANGE_MACVLAN_ADD : NFP_CHANGE_MACVLAN_DEL;
	else if (p->style == NFP_STYLE_FILTER)
		c.kind = on ? NFP_CHANGE_FDB_ADD : NFP_CHANGE_FDB_DEL;
	else
		c.kind = on ? NFP_CHANGE_PROMISC_ON : NFP_CHANGE_PROMISC_OFF;
	change(p, 2, c);
}

static void announce(const struct plan *p)
{
	char mac[NFP_MAC_STRLEN];

	if (p->run->request->announce)
		nfp_outline_say(
			p->out, 2,
			"# %s sends one broadcast frame with %s as its source (from the wire "
			"only)",
			p->run->pf->info.ifname, nfp_mac_str(&p->x, mac));
}

static void transmit(const struct plan *p, enum nfp_step step)
{
	char mac[NFP_MAC_STRLEN];

	if (!p->run->request->announce || !p->run->request->transmit || step < NFP_STEP_STANDBY ||
	    step > NFP_STEP_UNPLUG || step == NFP_STEP_ALONE)
		return;
	nfp_outline_say(p->out, 2,
			"# %s sends %u frames with %s as their source and %u with its own to the "
			"source (if that is a netdev of this host)",
			p->run->pf->info.ifname, NFP_TRANSMIT_TESTS, nfp_mac_str(&p->x, mac),
			NFP_TRANSMIT_CONTROLS);
}

static void act(struct plan *p, enum nfp_action action)
{
	switch (action) {
	case NFP_DO_HOLD:
	case NFP_DO_RELEASE:
		hold(p, action == NFP_DO_HOLD);
		break;
	case NFP_DO_ANNOUNCE:
		announce(p);
		break;
	case NFP_DO_NEW_ADDRESS:
		p->x = p->addresses.first;
		break;
	case NFP_DO_ASSIGN:
		change(p, 2, (struct nfp_change) {.kind = NFP_CHANGE_VF_MAC, .mac = p->x});
		break;
	case NFP_DO_CLEAR:
		change(p, 2, (struct nfp_change) {.kind = NFP_CHANGE_VF_MAC});
		break;
	case NFP_DO_RESET:
		change(p, 2, (struct nfp_change) {.kind = NFP_CHANGE_VF_RESET});
		break;
	case NFP_DO_BIND:
		name_driver(p, 2, p->driver);
		change(p, 2, (struct nfp_change) {.kind = NFP_CHANGE_VF_BIND});
		take_in(p);
		break;
	case NFP_DO_UP:
		set_netdev(p, NFP_CHANGE_LINK_UP);
		break;
	case NFP_DO_DOWN:
		set_netdev(p, NFP_CHANGE_LINK_DOWN);
		break;
	case NFP_DO_UNBIND:
		name_driver(p, 2, NFP_VFDRV_NO_DRIVER);
		change(p, 2, (struct nfp_change) {.kind = NFP_CHANGE_VF_UNBIND});
		break;
	case NFP_DO_NOTHING:
	default:
		break;
	}
}

static void plan_step(struct plan *p, const struct nfp_ladder_row *row)
{
	size_t num_after = sizeof(row->after) / sizeof(row->after[0]);

	nfp_outline_say(p->out, 1, "%s: %s%s", nfp_step_name(row->step), row->meaning,
			row->step == NFP_STEP_ALONE ? " (only if `up` was not served by the VF)"
						    : "");
	for (size_t i = 0; i < NFP_ACTIONS_MAX; i++)
		act(p, row->actions[i]);
	transmit(p, row->step);
	for (size_t i = 0; i < num_after; i++)
		act(p, row->after[i]);
}

/* What the driver answers is not known yet. */
static void say_instead(const struct plan *p)
{
	struct nfp_change c = {.kind = NFP_CHANGE_MACVLAN_ADD, .mac = p->x};
	const char *pf = p->run->pf->info.ifname;
	char command[NFP_COMMAND_LEN];

	if (p->style != NFP_STYLE_FILTER || is_offloaded(p))
		return;
	snprintf(c.ifname, sizeof(c.ifname), "%s", pf);
	nfp_outline_say(
		p->out, 1,
		"(where the driver of %s takes no such entry, or its table is full, a macvlan "
		"has the address: %s)",
		pf, nfp_change_command(&c, command));
}

static void plan_style(struct plan *p)
{
	char mac[NFP_MAC_STRLEN];
	const struct nfp_pf *pf = p->run->pf;

	if (p->style == NFP_STYLE_FILTER && pf->info.promiscuity > 0) {
		nfp_outline_say(p->out, 0, "%s: not applicable, %s is promiscuous already: %s",
				nfp_style_label(p->style), pf->info.ifname, pf->promisc_by);
		return;
	}
	p->x = p->addresses.main;
	nfp_outline_say(
		p->out, 0, "%s, test address %s%s", nfp_style_label(p->style),
		nfp_mac_str(&p->x, mac),
		p->run->request->have_mac ? "" : " (an example: it is drawn afresh in each run)");
	say_instead(p);
	for (unsigned int i = 0; i < NFP_STEP_COUNT; i++)
		plan_step(p, &nfp_ladder[i]);
	nfp_outline_say(p->out, 1, "then:");
	hold(p, false);
	change(p, 2, (struct nfp_change) {.kind = NFP_CHANGE_VF_MAC});
}

/* As a run chooses it; without one, false, and what the run would say is said. */
static bool choose_driver(struct plan *p)
{
	struct nfp_err err = {0};
	char bus[NFP_TEXT];
	struct nfp_busdev dev = {nfp_sysroot_default(), bus, p->vf->parentdev};
	int ret = nfp_vfdrv_bus(p->run->pf->devpath, bus, sizeof(bus));

	if (ret == 0)
		ret = nfp_vfdrv_choose(&dev, p->run->pf, p->vf->vf, p->driver, sizeof(p->driver),
				       &err);
	if (ret)
		nfp_outline_say(p->out, 1, "cannot be probed: %s%s%s",
				err.message[0] ? err.message : strerror(-ret),
				err.hint[0] ? ": " : "", err.hint);
	return ret == 0;
}

static void plan_bridge(const struct plan *p)
{
	const struct nfp_run *run = p->run;

	if (strcmp(run->pf->info.master_kind, "bridge") != 0)
		return;
	for (size_t i = 0; i < run->num_pool; i++)
		change(p, 1,
		       (struct nfp_change) {.kind = NFP_CHANGE_PORT_FDB_ADD, .mac = run->pool[i]});
}

/* In the order of nfp_live_begin. */
static void prepare_vf(const struct plan *p)
{
	struct nfp_change unbind = {.kind = NFP_CHANGE_VF_UNBIND};

	plan_bridge(p);
	if (p->vlan.vid)
		change(p, 1, (struct nfp_change) {.kind = NFP_CHANGE_VLAN_ADD, .vlan = p->vlan});
	name_driver(p, 1, NFP_VFDRV_NO_DRIVER);
	snprintf(unbind.name, sizeof(unbind.name), "%s", p->vf->driver);
	if (p->vf->driver[0])
		change(p, 1, unbind);
	if (!nfp_vlan_equal(&p->vlan, &p->vf->attr.vlan))
		change(p, 1, (struct nfp_change) {.kind = NFP_CHANGE_VF_VLAN, .vlan = p->vlan});
	if (p->run->request->have_mac && nfp_mac_equal(&p->vf->attr.mac, &p->run->request->mac))
		change(p, 1, (struct nfp_change) {.kind = NFP_CHANGE_VF_MAC});
}

static void plan_vf(const struct nfp_run *run, size_t index, struct nfp_outline *out)
{
	const struct nfp_vf_result *result = &run->result->vfs[index];
	const struct nfp_vf_info *vf = nfp_pf_vf(run->pf, result->vf);
	struct plan p = {
		.run = run,
		.vf = vf,
		.out = out,
	};

	nfp_outline_say(out, 0, "VF %u (%s)", result->vf, vf ? vf->parentdev : "not there");
	if (!vf || result->status != NFP_VF_PROBED) {
		nfp_outline_say(out, 1, "left alone: %s", result->error.message);
		return;
	}
	p.vlan = run->request->have_vlan ? run->request->vlan : vf->attr.vlan;
	p.has_override = nfp_sysfs_exists("%s/driver_override", vf->devpath);
	if (!choose_driver(&p))
		return;
	prepare_vf(&p);
	for (unsigned int i = 0; i < NFP_STYLE_COUNT; i++) {
		if (!run->request->styles[i])
			continue;
		p.style = (enum nfp_style)i;
		if (run->request->repeat > 1)
			nfp_outline_say(out, 0, "%u times, with other addresses",
					run->request->repeat);
		p.addresses = nfp_pool_pick(run, index, p.style, 0, false);
		plan_style(&p);
	}
	nfp_outline_say(
		out, 0,
		"and everything back as it is now: address, VLAN, driver and override, netdev");
}

static int read_plan(struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_request *request = run->request;
	int ret = nfp_topology_read(request->pf, &run->topology, err);

	if (ret < 0)
		return ret;
	run->pf = nfp_topology_pf(&run->topology, request->pf);
	if (!run->pf)
		return nfp_err_set(err, -ENODEV, NFP_E_NO_INTERFACE, "%s has gone", request->pf);
	run->settle_ns = request->have_settle ? request->settle_ns
					      : nfp_settle_needed(run->pf->info.driver);
	ret = nfp_check_pf(run->pf, err);
	if (ret == 0)
		ret = nfp_select_vfs(run, err);
	if (ret == 0)
		ret = nfp_origin_check(run, err);
	if (ret == 0)
		ret = nfp_check_mac(run, err);
	if (ret == 0)
		ret = nfp_pool_fill(run, err);
	return ret;
}

static unsigned int seconds(const struct nfp_run *run)
{
	uint64_t each = nfp_ladder_estimate(run->settle_ns, NFP_STEP_CONTROL, false);
	uint64_t total = 0;

	for (size_t i = 0; i < run->result->num_vfs; i++) {
		for (unsigned int s = 0; s < NFP_STYLE_COUNT; s++) {
			if (run->request->styles[s] && run->result->vfs[i].status == NFP_VF_PROBED)
				total += each * run->request->repeat;
		}
	}
	return (unsigned int)(total / NFP_NSEC_PER_SEC);
}

int nfp_run_plan(const struct nfp_request *request, struct nfp_outline *ret_outline,
		 struct nfp_err *err)
{
	struct nfp_run_io io = {0};
	struct nfp_result result;
	struct nfp_run run = {.request = request, .io = &io, .result = &result};
	int ret;

	nfp_result_init(&result);
	ret = read_plan(&run, err);
	if (ret == 0) {
		nfp_outline_say(ret_outline, 0,
				"nfprobe would do this on %s, in order, in about %u s; nothing was "
				"changed",
				request->pf, seconds(&run));
		nfp_plan_source(&run, ret_outline);
		for (size_t i = 0; i < result.num_vfs; i++)
			plan_vf(&run, i, ret_outline);
	}
	if (ret_outline->incomplete)
		ret = nfp_err_errno(err, -ENOMEM, NFP_E_MEMORY, "what would be done");
	free(run.pool);
	nfp_topology_fini(&run.topology);
	nfp_result_fini(&result);
	return ret;
}
