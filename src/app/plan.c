// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan.c - --dry-run: climbs the ladder over a host that logs each change and makes none (struct
 * nfp_backend_config, dry), so that it prints what a run does. It sends nothing, so it cannot say
 * which source auto would find.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "nfprobe/host.h"
#include "nfprobe/journal.h"
#include "nfprobe/probe.h"
#include "nfprobe/result.h"
#include "run_priv.h"

struct plan {
	struct nfp_run *run;
	struct nfp_outline *out;
	unsigned int depth;  /* of the commands that are logged now */
	const char *heading; /* of the next command; NULL: it has one */
	struct nfp_host host;
	bool asked; /* the further sources */
	enum nfp_style style;
	struct nfp_addresses addresses;
	struct nfp_mac x, example;
	const struct nfp_mac *group; /* the example; NULL: multicast is not tested */
};

static void outline_change(void *ctx, const char *command)
{
	struct plan *p = ctx;

	if (p->heading)
		nfp_outline_add(p->out, p->depth - 1, "%s", p->heading);
	p->heading = NULL;
	nfp_outline_command(p->out, p->depth, command);
}

/* All nodes is never reported. */
static bool reports(const struct plan *p)
{
	return p->group && !nfp_mac_equal(p->group, &nfp_mac_all_nodes) &&
	       p->run->request->announce;
}

static int plan_action(struct plan *p, enum nfp_action action, struct nfp_err *err)
{
	const struct nfp_host_ops *ops = p->host.ops;
	void *ctx = p->host.ctx;
	const char *pf = p->run->pf->info.ifname;
	char mac[NFP_MAC_STRLEN];
	struct nfp_netdev netdev;
	int ret;

	switch (action) {
	case NFP_DO_ADD_STANDBY:
		return ops->add_standby(ctx, p->style, &p->x, p->group, err);
	case NFP_DO_REMOVE_STANDBY:
		return ops->remove_standby(ctx, err);
	case NFP_DO_ANNOUNCE:
		if (p->run->request->announce)
			nfp_outline_add(p->out, 2,
					"# %s sends one broadcast frame with %s as its source%s "
					"(from the wire only)",
					pf, nfp_mac_str(&p->x, mac),
					reports(p) ? ", and an MLDv2 report for the group" : "");
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
		ret = ops->up(ctx, p->group, &netdev, err);
		if (ret == 0 && reports(p))
			nfp_outline_add(p->out, 2,
					"# %s sends an MLDv2 report for the group (from the wire "
					"only)",
					netdev.ifname);
		return ret;
	case NFP_DO_DOWN:
		return ops->down(ctx, err);
	case NFP_DO_UNBIND:
		return ops->unbind(ctx, err);
	case NFP_DO_NOTHING:
	default:
		return 0;
	}
}

static void plan_style(struct plan *p)
{
	const struct nfp_request *request = p->run->request;
	const struct nfp_pf *pf = p->run->pf;
	bool by_arp = request->from[p->run->source_index].kind == NFP_FROM_ARP;
	char mac[NFP_MAC_STRLEN], why[NFP_REASON_LEN];

	if (nfp_style_is_moot(p->run->pf, p->style, why, sizeof(why))) {
		nfp_outline_add(p->out, 0, "%s: not applicable: %s", nfp_style_label(p->style),
				why);
		return;
	}
	p->x = p->addresses.main;
	p->example =
		by_arp ? nfp_mac_all_nodes
		       : (struct nfp_mac) {{0x33, 0x33, 0xff, p->x.b[3], p->x.b[4], p->x.b[5]}};
	p->group = request->multicast ? &p->example : NULL;
	nfp_outline_add(p->out, 0, "%s, test address %s%s", nfp_style_label(p->style),
			nfp_mac_str(&p->x, mac),
			request->have_mac ? "" : " (an example: each run uses a random one)");
	if (p->group)
		nfp_outline_add(p->out, 1, "multicast to the group %s%s",
				nfp_mac_str(p->group, mac),
				by_arp ? ", if the neighbour has IPv6"
				       : " (an example: each run uses a random one)");
	p->depth = 2;
	for (unsigned int i = 0; i < NFP_STEP_COUNT; i++) {
		const struct nfp_ladder_row *row = &nfp_ladder[i];
		struct nfp_err err = {0};

		nfp_outline_add(p->out, 1, "%s: %s%s", nfp_step_name(row->step), row->meaning,
				row->step == NFP_STEP_ALONE
					? " (only if `up` was not served by the VF)"
					: "");
		for (size_t k = 0; k < NFP_ACTIONS_MAX; k++)
			if (plan_action(p, row->actions[k], &err))
				nfp_outline_add(p->out, 2, "# %s", err.message);
		if (request->announce && request->transmit && row->step >= NFP_STEP_STANDBY &&
		    row->step <= NFP_STEP_UNPLUG && row->step != NFP_STEP_ALONE)
			nfp_outline_add(p->out, 2,
					"# %s sends %u frames with %s as their source and %u with "
					"its own to the source (if that is a netdev of this host)",
					pf->info.ifname, NFP_TRANSMIT_TESTS,
					nfp_mac_str(&p->x, mac), NFP_TRANSMIT_CONTROLS);
		for (size_t k = 0; k < sizeof(row->after) / sizeof(row->after[0]); k++)
			(void)plan_action(p, row->after[k], &err);
	}
	p->heading = "then:";
	(void)nfp_backend_reset_vf(p->run->backend, NULL);
	p->heading = NULL;
}

/* The ladders from run->source. A sibling that --from names is prepared first. */
static int plan_source(struct plan *p, size_t index, struct nfp_err *err)
{
	struct nfp_run *run = p->run;
	const struct nfp_request *request = run->request;
	const struct nfp_vf_info *sibling = nfp_source_named_vf(run,
								&request->from[run->source_index]);
	struct nfp_netdev netdev;
	struct nfp_mac mac;
	int ret = sibling ? nfp_backend_source_vf(run->backend, sibling->vf, &netdev, &mac, err)
			  : 0;

	for (unsigned int i = 0; i < NFP_STYLE_COUNT && ret == 0; i++) {
		if (!request->styles[i])
			continue;
		p->style = (enum nfp_style)i;
		if (request->repeat > 1)
			nfp_outline_add(p->out, 0, "%u times, each time with other addresses",
					request->repeat);
		p->addresses = nfp_pool_pick(run, index, p->style, 0);
		plan_style(p);
	}
	return ret;
}

/* The questions of a run to its further sources before the first ladder. */
static int plan_baselines(struct plan *p, struct nfp_err *err)
{
	struct nfp_run *run = p->run;
	int ret = 0;

	for (size_t i = 1; i < run->request->num_from && ret == 0; i++) {
		const struct nfp_from *from = &run->request->from[i];
		const struct nfp_vf_info *sibling = nfp_source_named_vf(run, from);
		struct nfp_netdev netdev;
		struct nfp_mac mac;

		nfp_outline_add(p->out, 0, "Does %s get unregistered unicast from %s?",
				run->pf->info.ifname, from->text);
		p->depth = 1;
		if (sibling)
			ret = nfp_backend_source_vf(run->backend, sibling->vf, &netdev, &mac, err)
				      ?: nfp_backend_release_source(run->backend, err);
	}
	p->asked = true;
	return ret;
}

static void plan_vf(struct plan *p, size_t index)
{
	struct nfp_run *run = p->run;
	const struct nfp_request *request = run->request;
	const struct nfp_vf_result *result = &run->result->vfs[index];
	const struct nfp_vf_info *vf = nfp_pf_vf(run->pf, result->vf);
	struct nfp_strv ignored = {NULL, 0};
	struct nfp_err err = {0};
	struct nfp_vlan vlan;
	int ret;

	nfp_outline_add(p->out, 0, "VF %u (%s)", result->vf, vf ? vf->parentdev : "not there");
	if (result->status != NFP_VF_PROBED) {
		nfp_outline_add(p->out, 1, "left alone: %s", result->error.message);
		return;
	}
	p->depth = 1;
	ret = nfp_begin_vf(run, result, &vlan, &err);
	if (ret == 0 && !p->asked)
		ret = plan_baselines(p, &err);
	for (size_t i = 0; i < request->num_from && ret == 0; i++) {
		nfp_source_turn(run, i);
		if (request->num_from > 1)
			nfp_outline_add(p->out, 0, "With frames from %s", request->from[i].text);
		p->depth = 1;
		ret = plan_source(p, index, &err);
	}
	if (ret < 0)
		nfp_outline_add(p->out, 1, "cannot be probed: %s%s%s", err.message,
				err.hint[0] ? ": " : "", err.hint);
	else
		nfp_outline_add(
			p->out, 0,
			"and restore everything: address, VLAN, driver and override, netdev");
	(void)nfp_backend_end_vf(run->backend, &ignored, &ignored, NULL);
	nfp_strv_fini(&ignored);
}

/* ---- where the frames would enter, and every netdev that would send to find that out ---- */

#define SAY(...) nfp_outline_add(p->out, 1, __VA_ARGS__)

/* Both send where the VF gets no broadcast from the neighbour. */
static void outline_broadcasts(const struct plan *p, const struct nfp_vf_info *sibling)
{
	const char *pf = p->run->pf->info.ifname;

	if (sibling)
		SAY("if it does not reply to the broadcast address, %s and VF %u (%s), in a "
		    "network namespace of its own, send broadcast themselves",
		    pf, sibling->vf, sibling->ifname);
	else
		SAY("if it does not reply to the broadcast address, %s sends broadcast itself", pf);
}

static void outline_auto(const struct plan *p, const struct nfp_vf_info *sibling)
{
	const struct nfp_request *request = p->run->request;
	const struct nfp_result *result = p->run->result;
	const struct nfp_topology *t = &p->run->topology;
	const char *pf = p->run->pf->info.ifname;
	const struct nfp_link *links[NFP_CANDIDATES_MAX];
	size_t num = nfp_source_candidates(t, p->run->pf, links, NFP_CANDIDATES_MAX);
	struct nfp_err err;
	/* In the VLAN of the first VF. */
	const struct nfp_vlan vlan = request->have_vlan || result->num_vfs == 0
					     ? request->vlan
					     : result->vfs[0].vlan;
	struct nfp_neighbours known;
	char order[512] = "", ip[NFP_IPV4_STRLEN];

	for (enum nfp_source_id id = 0; id < NFP_BY_PF; id++)
		nfp_appendf(order, sizeof(order), "%s%s", id ? "; " : "", nfp_sources[id].meaning);
	SAY("the first of these that is available: %s", order);
	for (size_t i = 0; i < t->num_links; i++)
		if (t->links[i].physical &&
		    nfp_source_refuse(t, p->run->pf, &t->links[i], &err) == -EXDEV)
			SAY("%s is not asked: %s", t->links[i].ifname, err.message);
	for (size_t i = 0; i < num; i++)
		SAY("%s sends one broadcast test frame; if %s hears it, it is the source",
		    links[i]->ifname, pf);
	if (num == 0)
		SAY("no other netdev can be asked");
	if (request->have_id)
		SAY("else %s asks for a reflector with the id; if one answers, it is the source",
		    pf);
	if (nfp_source_neighbours(p->run, &vlan, &known, NULL) == 0 && known.n) {
		for (size_t i = 0; i < known.n && i < NFP_NEIGHBOURS_ASKED; i++)
			SAY("else %s asks %s (%s) by ARP; if it answers, it is the source", pf,
			    nfp_ipv4_str(&known.v[i].ip, ip),
			    known.v[i].gateway ? "a default gateway" : "a neighbour");
		outline_broadcasts(p, sibling);
	}
	if (sibling)
		SAY("else VF %u (%s) is the source, in a network namespace of its own", sibling->vf,
		    sibling->ifname);
	else
		SAY("else the run ends: no idle sibling VF has a host driver");
}

static void outline_rates(const struct plan *p, const struct nfp_from *from, enum nfp_source_id id)
{
	const struct nfp_source_row *row = &nfp_sources[id];
	bool either = from->kind == NFP_FROM_AUTO && id == NFP_BY_ARP;
	unsigned int groups = row->rate[NFP_KIND_MULTICAST] + row->rate[NFP_KIND_ALL_NODES] +
			      row->rate[NFP_KIND_UNJOINED];

	SAY("it sends %u unicast, %u broadcast and %u unregistered unicast frames a second to the "
	    "end%s",
	    nfp_source_rate(p->run, row), row->rate[NFP_KIND_BROADCAST],
	    row->rate[NFP_KIND_UNREGISTERED], either ? ", by ARP" : "");
	if (p->run->request->multicast)
		SAY(id == NFP_BY_ARP ? "and %u neighbour solicitations, if the neighbour answers "
				       "them to all nodes"
				     : "and %u multicast frames",
		    groups);
}

static void outline_source(const struct plan *p, const struct nfp_from *from)
{
	const struct nfp_vf_info *sibling = nfp_source_sibling(p->run->pf, p->run->result);
	const char *pf = p->run->pf->info.ifname;
	char text[32];

	if (from->kind == NFP_FROM_AUTO)
		outline_auto(p, sibling);
	else if (from->kind == NFP_FROM_IFACE)
		SAY("%s, which first sends one broadcast frame that %s must hear", from->ifname,
		    pf);
	else if (from->kind == NFP_FROM_VF)
		SAY("VF %u, in a network namespace of its own", from->vf);
	else if (from->kind == NFP_FROM_PF)
		SAY("%s itself", pf);
	else if (from->kind == NFP_FROM_PEER)
		SAY("the reflector %s, to which %s first sends a request, and then each frame",
		    nfp_mac_is_zero(&from->peer) ? "that answers" : nfp_mac_str(&from->peer, text),
		    pf);
	else
		SAY("%s, which %s first asks by ARP, and whose replies are the test frames",
		    from->have_ip ? nfp_ipv4_str(&from->ip, text) : "the default gateway", pf);
	if (from->kind == NFP_FROM_ARP)
		outline_broadcasts(p, sibling);
	else
		outline_rates(p, from, NFP_BY_NETDEV);
	if (from->kind == NFP_FROM_ARP || from->kind == NFP_FROM_AUTO)
		outline_rates(p, from, NFP_BY_ARP);
}

static void outline_sources(const struct plan *p)
{
	const struct nfp_request *request = p->run->request;

	for (size_t i = 0; i < request->num_from; i++) {
		nfp_outline_add(p->out, 0, "%s of the test frames (EtherType 0x88b5)",
				i ? "Next source" : "Source");
		outline_source(p, &request->from[i]);
	}
}

int nfp_run_plan(const struct nfp_request *request, struct nfp_outline *ret_outline,
		 struct nfp_err *err)
{
	struct nfp_run_io io = {0};
	struct nfp_result result;
	struct nfp_run run = {
		.request = request, .io = &io, .result = &result, .root = *nfp_sysroot_default()};
	struct plan p = {
		.run = &run, .out = ret_outline, .depth = 1, .heading = "Before the first VF"};
	struct nfp_backend_config config = {
		.dry = true,
		.topology = &run.topology,
		.force = request->force,
		.log = {.change = outline_change, .ctx = &p},
	};
	struct nfp_strv ignored = {NULL, 0};
	int ret;

	nfp_result_init(&result);
	ret = nfp_run_select(&run, err) ?: nfp_check_mac(&run, err) ?: nfp_pool_fill(&run, err);
	if (ret == 0) {
		nfp_outline_add(p.out, 0,
				"nfprobe would do this on %s, in order, in about %u s; nothing was "
				"changed",
				request->pf,
				(unsigned int)(nfp_run_estimate(&run) / NFP_NSEC_PER_SEC));
		outline_sources(&p);
		config.pf = run.pf;
		config.addresses = run.pool;
		config.num_addresses = run.num_pool;
		ret = nfp_backend_open(&config, &run.backend, err);
	}
	if (ret == 0) {
		p.heading = NULL;
		p.host = nfp_backend_host(run.backend);
		for (size_t i = 0; i < result.num_vfs; i++)
			plan_vf(&p, i);
		(void)nfp_backend_close(run.backend, &ignored, &ignored, NULL);
		nfp_strv_fini(&ignored);
	}
	free(run.pool);
	nfp_topology_fini(&run.topology);
	nfp_result_fini(&result);
	return ret;
}
