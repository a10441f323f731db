// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan.c - --dry-run: the ladder, climbed over a host that tells of each change and makes none
 * (struct nfp_live_config, dry), so that what is said is what a run does. Nothing is sent either,
 * so where auto would find the wire is left open.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfprobe/host.h"
#include "nfprobe/journal.h"
#include "nfprobe/probe.h"
#include "nfprobe/result.h"
#include "run_priv.h"

struct plan {
	struct nfp_run *run;
	struct nfp_outline *out;
	unsigned int depth;  /* of commands now */
	const char *heading; /* of the next command; NULL: it has one */
	struct nfp_host host;
	enum nfp_style style;
	struct nfp_addresses addresses;
	struct nfp_mac x;
};

static void tell_change(void *ctx, const char *command)
{
	struct plan *p = ctx;

	if (p->heading)
		nfp_outline_say(p->out, p->depth - 1, "%s", p->heading);
	p->heading = NULL;
	nfp_outline_command(p->out, p->depth, command);
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

/* Which of the two it will be is for the PF's driver to say. */
static int hold(const struct plan *p, bool first, struct nfp_err *err)
{
	struct nfp_change macvlan = {.kind = NFP_CHANGE_MACVLAN_ADD, .mac = p->x};
	const char *pf = p->run->pf->info.ifname;
	char command[NFP_COMMAND_LEN];
	struct nfp_netdev child;
	int ret = p->host.ops->hold(p->host.ctx, p->style, &p->x, err);

	if (ret || !first || p->style != NFP_STYLE_FILTER ||
	    !p->host.ops->standby(p->host.ctx, &child))
		return ret;
	snprintf(macvlan.ifname, sizeof(macvlan.ifname), "%s", pf);
	nfp_outline_say(
		p->out, 2,
		"(where the driver of %s takes no such entry, or its table is full, a macvlan has "
		"the address: %s)",
		pf, nfp_change_command(&macvlan, command));
	return 0;
}

static int act(struct plan *p, enum nfp_step step, enum nfp_action action, struct nfp_err *err)
{
	const struct nfp_host_ops *ops = p->host.ops;
	void *ctx = p->host.ctx;
	struct nfp_netdev netdev;

	switch (action) {
	case NFP_DO_HOLD:
		return hold(p, step == NFP_STEP_STANDBY, err);
	case NFP_DO_RELEASE:
		return ops->release(ctx, err);
	case NFP_DO_ANNOUNCE:
		announce(p);
		return 0;
	case NFP_DO_NEW_ADDRESS:
		p->x = p->addresses.first;
		return 0;
	case NFP_DO_ASSIGN:
		return ops->assign(ctx, &p->x, err);
	case NFP_DO_CLEAR:
		return ops->clear(ctx, err);
	case NFP_DO_RESET:
		return ops->reset(ctx, err);
	case NFP_DO_BIND:
		return ops->bind(ctx, &p->x, err);
	case NFP_DO_UP:
		return ops->up(ctx, &netdev, err);
	case NFP_DO_DOWN:
		return ops->down(ctx, err);
	case NFP_DO_UNBIND:
		return ops->unbind(ctx, err);
	case NFP_DO_NOTHING:
	default:
		return 0;
	}
}

static void plan_step(struct plan *p, const struct nfp_ladder_row *row)
{
	size_t num_after = sizeof(row->after) / sizeof(row->after[0]);
	struct nfp_err err = {0};

	nfp_outline_say(p->out, 1, "%s: %s%s", nfp_step_name(row->step), row->meaning,
			row->step == NFP_STEP_ALONE ? " (only if `up` was not served by the VF)"
						    : "");
	for (size_t i = 0; i < NFP_ACTIONS_MAX; i++)
		if (act(p, row->step, row->actions[i], &err))
			nfp_outline_say(p->out, 2, "# %s", err.message);
	transmit(p, row->step);
	for (size_t i = 0; i < num_after; i++)
		(void)act(p, row->step, row->after[i], &err);
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
	p->depth = 2;
	for (unsigned int i = 0; i < NFP_STEP_COUNT; i++)
		plan_step(p, &nfp_ladder[i]);
	p->heading = "then:";
	(void)nfp_live_rewind(p->run->live, NULL);
	p->heading = NULL;
}

/* Up to the first step, as nfp_probe_vf does it. */
static int prepare_vf(struct plan *p, const struct nfp_vf_result *result, struct nfp_err *err)
{
	const struct nfp_request *request = p->run->request;
	struct nfp_vlan vlan = request->have_vlan ? request->vlan : result->vlan;
	int ret = nfp_live_begin(p->run->live, result->vf, &vlan, err);

	if (!ret && request->have_mac && nfp_mac_equal(&result->address, &request->mac))
		ret = p->host.ops->clear(p->host.ctx, err);
	return ret;
}

/* A sibling that was named is made the source when the first VF is ready. */
static int prepare_source(struct plan *p, struct nfp_err *err)
{
	const struct nfp_request *request = p->run->request;
	const struct nfp_pf *pf = p->run->pf;
	struct nfp_netdev netdev;
	struct nfp_mac mac;

	for (size_t i = 0; i < pf->num_vfs && !p->run->have_origin; i++) {
		const struct nfp_vf_info *vf = &pf->vfs[i];

		if (!(request->from == NFP_FROM_VF && vf->vf == request->from_vf) &&
		    !(request->from == NFP_FROM_IFACE &&
		      strcmp(vf->ifname, request->from_ifname) == 0))
			continue;
		p->run->have_origin = true;
		return nfp_live_source_vf(p->run->live, vf->vf, &netdev, &mac, err);
	}
	return 0;
}

static void plan_vf(struct plan *p, size_t index)
{
	struct nfp_run *run = p->run;
	const struct nfp_vf_result *result = &run->result->vfs[index];
	const struct nfp_vf_info *vf = nfp_pf_vf(run->pf, result->vf);
	struct nfp_strv ignored = {NULL, 0};
	struct nfp_err err = {0};

	nfp_outline_say(p->out, 0, "VF %u (%s)", result->vf, vf ? vf->parentdev : "not there");
	if (!vf || result->status != NFP_VF_PROBED) {
		nfp_outline_say(p->out, 1, "left alone: %s", result->error.message);
		return;
	}
	p->depth = 1;
	if (prepare_vf(p, result, &err) || prepare_source(p, &err)) {
		nfp_outline_say(p->out, 1, "cannot be probed: %s%s%s", err.message,
				err.hint[0] ? ": " : "", err.hint);
	} else {
		for (unsigned int i = 0; i < NFP_STYLE_COUNT; i++) {
			if (!run->request->styles[i])
				continue;
			p->style = (enum nfp_style)i;
			if (run->request->repeat > 1)
				nfp_outline_say(p->out, 0, "%u times, with other addresses",
						run->request->repeat);
			p->addresses = nfp_pool_pick(run, index, p->style, 0, false);
			plan_style(p);
		}
		nfp_outline_say(p->out, 0,
				"and everything back as it is now: address, VLAN, driver and "
				"override, netdev");
	}
	(void)nfp_live_end(run->live, &ignored, &ignored, NULL);
	nfp_strv_fini(&ignored);
}

/* ---- where the frames would enter, and every netdev that would send to find that out ---- */

#define SAY(...) nfp_outline_say(p->out, 1, __VA_ARGS__)

/* Both where the VF gets no broadcast from the neighbour. */
static void say_aside(const struct plan *p, const struct nfp_vf_info *sibling)
{
	const char *pf = p->run->pf->info.ifname;

	if (sibling)
		SAY("if it answers to one address only, %s and VF %u (%s), in a network namespace "
		    "of its own, send broadcast besides",
		    pf, sibling->vf, sibling->ifname);
	else
		SAY("if it answers to one address only, %s sends broadcast besides", pf);
}

static void say_netdevs(const struct plan *p)
{
	const struct nfp_topology *t = &p->run->topology;
	const struct nfp_link *links[NFP_CANDIDATES_MAX];
	size_t num = nfp_origin_candidates(t, p->run->pf, links, NFP_CANDIDATES_MAX);
	struct nfp_err err;

	for (size_t i = 0; i < t->num_links; i++)
		if (t->links[i].physical &&
		    nfp_origin_refuse(t, p->run->pf, &t->links[i], &err) == -EXDEV)
			SAY("%s is not asked: %s", t->links[i].ifname, err.message);
	for (size_t i = 0; i < num; i++)
		SAY("%s sends one broadcast test frame; if %s hears it, it is the source",
		    links[i]->ifname, p->run->pf->info.ifname);
	if (num == 0)
		SAY("no other netdev can be asked");
}

/* In the VLAN of the first VF. */
static void say_neighbours(const struct plan *p, const struct nfp_vf_info *sibling)
{
	const struct nfp_result *result = p->run->result;
	const bool given = p->run->request->have_vlan || result->num_vfs == 0;
	const struct nfp_vlan vlan = given ? p->run->request->vlan : result->vfs[0].vlan;
	struct nfp_neighbours known;
	char ip[NFP_IPV4_STRLEN];

	if (nfp_origin_neighbours(p->run, &vlan, &known, NULL) < 0 || !known.n)
		return;
	for (size_t i = 0; i < known.n && i < NFP_NEIGHBOURS_ASKED; i++)
		SAY("else %s asks %s (%s) by ARP; if it answers, it is the source",
		    p->run->pf->info.ifname, nfp_ipv4_str(&known.v[i].ip, ip),
		    known.v[i].gateway ? "a default gateway" : "a neighbour");
	say_aside(p, sibling);
}

static void say_auto(const struct plan *p, const struct nfp_vf_info *sibling)
{
	char order[512] = "";

	for (enum nfp_source_id id = 0; id < NFP_BY_PF; id++)
		nfp_appendf(order, sizeof(order), "%s%s", id ? "; " : "", nfp_sources[id].meaning);
	SAY("the first that there is of: %s", order);
	say_netdevs(p);
	if (p->run->request->have_id)
		SAY("else %s asks for a reflector with the id; if one answers, it is the source",
		    p->run->pf->info.ifname);
	say_neighbours(p, sibling);
	if (sibling)
		SAY("else VF %u (%s) is the source, in a network namespace of its own", sibling->vf,
		    sibling->ifname);
	else
		SAY("else the run ends: no idle sibling VF has a host driver");
}

static void say_rates(const struct plan *p, enum nfp_source_id id, const char *when)
{
	const struct nfp_source_row *row = &nfp_sources[id];

	SAY("it sends %u unicast, %u broadcast and %u other frames a second to the end%s",
	    nfp_rate_from(p->run, row), row->rate[NFP_KIND_BROADCAST], row->rate[NFP_KIND_STRANGER],
	    when);
}

static void say_source(const struct plan *p)
{
	const struct nfp_vf_info *sibling = nfp_origin_sibling(p->run->pf, p->run->result);
	const struct nfp_request *request = p->run->request;
	const char *pf = p->run->pf->info.ifname;
	char text[32];

	nfp_outline_say(p->out, 0, "Source of the test frames (EtherType 0x88b5)");
	switch (request->from) {
	case NFP_FROM_IFACE:
		SAY("%s, which first sends one broadcast frame that %s must hear",
		    request->from_ifname, pf);
		break;
	case NFP_FROM_VF:
		SAY("VF %u, in a network namespace of its own", request->from_vf);
		break;
	case NFP_FROM_PF:
		SAY("%s itself", pf);
		break;
	case NFP_FROM_PEER:
		SAY("the reflector %s, to which %s first says hello, and then sends each frame",
		    nfp_mac_is_zero(&request->from_peer) ? "that answers"
							 : nfp_mac_str(&request->from_peer, text),
		    pf);
		break;
	case NFP_FROM_ARP:
		SAY("%s, which %s first asks by ARP, and whose answers are the frames",
		    request->have_from_ip ? nfp_ipv4_str(&request->from_ip, text)
					  : "the default gateway",
		    pf);
		say_aside(p, sibling);
		say_rates(p, NFP_BY_ARP, "");
		return;
	case NFP_FROM_AUTO:
	default:
		say_auto(p, sibling);
		break;
	}
	say_rates(p, NFP_BY_NETDEV, "");
	if (request->from == NFP_FROM_AUTO)
		say_rates(p, NFP_BY_ARP, ", by ARP");
}

/* ---- all of it ---- */

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

/* The source and every VF, on a host that only tells. */
static int plan_all(struct nfp_run *run, struct nfp_outline *out, struct nfp_err *err)
{
	struct plan p = {.run = run, .out = out, .depth = 1, .heading = "Before the first VF"};
	const struct nfp_live_config config = {
		.dry = true,
		.topology = &run->topology,
		.pf = run->pf,
		.force = run->request->force,
		.log = {.change = tell_change, .ctx = &p},
		.addresses = run->pool,
		.num_addresses = run->num_pool,
	};
	struct nfp_strv ignored = {NULL, 0};
	int ret;

	nfp_outline_say(out, 0,
			"nfprobe would do this on %s, in order, in about %u s; nothing was changed",
			run->request->pf, seconds(run));
	say_source(&p);
	ret = nfp_live_open(&config, &run->live, err);
	if (ret)
		return ret;
	p.heading = NULL;
	p.host = nfp_live_host(run->live);
	for (size_t i = 0; i < run->result->num_vfs; i++)
		plan_vf(&p, i);
	(void)nfp_live_close(run->live, &ignored, &ignored, NULL);
	nfp_strv_fini(&ignored);
	return 0;
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
	if (!ret)
		ret = plan_all(&run, ret_outline, err);
	free(run.pool);
	nfp_topology_fini(&run.topology);
	nfp_result_fini(&result);
	return ret;
}
