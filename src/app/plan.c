// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan.c - --dry-run: climbs the ladder over a host that logs each change and makes none (struct
 * nfp_backend_config, dry), so that it prints what a run does. It sends nothing, so it cannot say
 * which source auto would find.
 */
#include <errno.h>
#include <stdlib.h>

#include "run_priv.h"

struct plan {
	struct nfp_run *run;
	struct nfp_outline *out;
	unsigned int depth;  /* of the commands that are logged now */
	const char *heading; /* of the next command; NULL: it has one */
	const struct nfp_request *request;
	struct nfp_host host;
	struct nfp_err err;	/* of the VF */
	bool multicast;		/* asked for, and the source sends it */
	struct nfp_netdev port; /* the standby's */
	struct nfp_addresses addresses;
	bool near;	/* the ladder has the windows of a neighbour .. */
	bool near_done; /* .. or one before it had */
};

static bool reports(const struct plan *p)
{
	return p->multicast && p->request->announce;
}

/* Lists the frames that the step would send once its changes are made. */
static void end_step(const struct plan *p, const struct nfp_step_result *step)
{
	const struct nfp_ladder_row *row = &nfp_ladder[step->step];
	const struct nfp_mac *x = step->step < NFP_STEP_VF_FIRST ? &p->addresses.main
								 : &p->addresses.first;
	const char *pf = p->port.ifname;
	struct nfp_netdev vf;
	char mac[NFP_MAC_STRLEN];

	if (step->note[0])
		nfp_outline_add(p->out, 2, "# %s", step->note);
	if (nfp_row_makes(row, NFP_DO_ANNOUNCE) && p->request->announce)
		nfp_outline_add(p->out, 2,
				"# %s sends one broadcast frame with %s as its source%s (from the "
				"wire only)",
				pf, nfp_mac_str(x, mac),
				reports(p) ? ", and an MLDv2 report for the group" : "");
	if (nfp_row_makes(row, NFP_DO_UP) && p->request->announce &&
	    p->host.ops->netdev(p->host.ctx, &vf) == 0)
		nfp_outline_add(p->out, 2, "# %s sends one broadcast frame with %s as its source%s",
				vf.ifname, nfp_mac_str(x, mac),
				reports(p) ? ", and an MLDv2 report for the group (from the wire "
					     "only)"
					   : "");
	if (p->request->announce && p->request->transmit &&
	    (step->step == NFP_STEP_REASSIGN || step->step == NFP_STEP_VF_FIRST_UNPLUG))
		nfp_outline_add(p->out, 2,
				"# %s sends %u frames with %s as their source and %u with its own "
				"to the source (if that is a netdev of this host)",
				pf, NFP_TRANSMIT_TESTS, nfp_mac_str(x, mac), NFP_TRANSMIT_CONTROLS);
}

/* A window of a neighbour, once @heading is made. */
static void plan_idle(struct plan *p, enum nfp_idle idle)
{
	static const char *const meanings[NFP_IDLE_COUNT] = {
		[NFP_IDLE_CONTROL] = "nobody has the address",
		[NFP_IDLE_RESET] = "the VF has the address, and the guest has not come yet",
		[NFP_IDLE_UNPLUG] = "the guest has left: its driver has gone",
		[NFP_IDLE_DETACH] = "the VF is reset once more",
		[NFP_IDLE_CLEAR] = "the host takes the address back from the VF",
	};
	const struct nfp_mac *near = p->run->pool + p->run->num_pool - NFP_NEAR_ADDRESSES;
	const struct nfp_mac *x = idle < NFP_IDLE_UNPLUG ? near : &p->addresses.first;
	const struct nfp_host_ops *ops = p->host.ops;
	struct nfp_err ignored;
	char mac[NFP_MAC_STRLEN];

	if (!p->near)
		return;
	nfp_outline_add(p->out, 1, "neighbour, %s: %s", nfp_idle_name(idle), meanings[idle]);
	if (idle == NFP_IDLE_RESET)
		(void)ops->assign(p->host.ctx, x, &ignored);
	if (idle == NFP_IDLE_UNPLUG)
		(void)ops->remove_standby(p->host.ctx, &ignored);
	if (idle == NFP_IDLE_RESET || idle == NFP_IDLE_DETACH)
		(void)ops->reset(p->host.ctx, &ignored);
	if (idle == NFP_IDLE_CLEAR)
		(void)ops->clear(p->host.ctx, &ignored);
	nfp_outline_add(p->out, 2,
			"# the source takes %s%s; %s sends to it, to everybody and to an "
			"unregistered address (if the source is a netdev of this host)",
			nfp_mac_str(x, mac), idle == NFP_IDLE_CONTROL ? "" : " and announces it",
			p->request->have_neighbour ? "the neighbour" : p->run->pf->info.ifname);
}

static void outline_event(void *ctx, const struct nfp_event *event)
{
	struct plan *p = ctx;

	if (event->what == NFP_EVENT_STEP && event->step == NFP_STEP_VF_FIRST)
		plan_idle(p, NFP_IDLE_RESET);
	if (event->what == NFP_EVENT_STEP) {
		nfp_outline_add(p->out, 1, "%s: %s%s", nfp_step_name(event->step),
				nfp_ladder[event->step].meaning,
				event->step == NFP_STEP_ALONE
					? " (only if `up` was not served by the VF)"
					: "");
	} else if (event->what == NFP_EVENT_LANDING) {
		end_step(p, event->landing);
		if (event->step == NFP_STEP_CONTROL)
			plan_idle(p, NFP_IDLE_CONTROL);
	} else if (event->what == NFP_EVENT_CHANGE) {
		if (p->heading)
			nfp_outline_add(p->out, p->depth - 1, "%s", p->heading);
		p->heading = NULL;
		nfp_outline_command(p->out, p->depth, event->text);
	}
}

static int plan_ladder(struct plan *p, enum nfp_style style)
{
	const struct nfp_request *request = p->request;
	const char *label = nfp_style_name(style);
	const struct nfp_addresses addresses = p->addresses = nfp_pool_pick(p->run, style);
	const struct nfp_mac *x = &addresses.main;
	struct nfp_runner_config config = {
		.host = p->host,
		.style = style,
		.address = *x,
		.address_first = addresses.first,
		.multicast = p->multicast,
		.group = {{0x33, 0x33, 0xff, x->b[3], x->b[4], x->b[5]}},
		.events = {outline_event, p},
	};
	char mac[NFP_MAC_STRLEN], why[NFP_REASON_LEN];
	struct nfp_mac port_mac;
	int ret = 0;

	if (nfp_style_is_redundant(p->run, style, why, sizeof(why))) {
		nfp_outline_add(p->out, 0, "%s: not applicable: %s", label, why);
		return 0;
	}
	nfp_outline_add(p->out, 0, "%s, test address %s%s", label, nfp_mac_str(x, mac),
			request->have_mac ? "" : " (an example: each run uses a random one)");
	if (p->multicast)
		nfp_outline_add(
			p->out, 1,
			"multicast to the group %s (an example: each run uses a random one)",
			nfp_mac_str(&config.group, mac));
	p->depth = 1;
	p->port = nfp_source_pf(p->run);
	if (nfp_styles[style].second_vf)
		ret = nfp_backend_sibling(p->run->backend, NFP_SIBLING_HEARS, nfp_via(p->run)->vf,
					  &p->port, &port_mac, &p->err);
	if (ret)
		return ret;
	p->depth = 2;
	p->near = nfp_near_possible(p->run) && !p->near_done;
	p->near_done |= p->near;
	nfp_ladder_rehearse(&config);
	for (enum nfp_idle idle = NFP_IDLE_UNPLUG; idle < NFP_IDLE_COUNT; idle++)
		plan_idle(p, idle);
	p->near = false;
	p->heading = "then:";
	(void)nfp_backend_reset_vf(p->run->backend, NULL);
	p->heading = NULL;
	return nfp_backend_release_sibling(p->run->backend, NFP_SIBLING_HEARS, &p->err);
}

/* A sibling that --from names is prepared first. */
static int plan_source(struct plan *p)
{
	struct nfp_run *run = p->run;
	const struct nfp_from *from = &p->request->from;
	const struct nfp_vf_info *sibling = nfp_source_named_vf(run, from);
	struct nfp_netdev netdev;
	struct nfp_mac mac;

	p->multicast = p->request->multicast && from->kind != NFP_FROM_ARP;
	return sibling ? nfp_backend_sibling(run->backend, NFP_SIBLING_SENDS, sibling->vf, &netdev,
					     &mac, &p->err)
		       : 0;
}

static int plan_styles(struct plan *p)
{
	int ret = plan_source(p);

	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT && ret == 0; style++) {
		if (p->request->styles[style])
			ret = plan_ladder(p, style);
	}
	return ret;
}

static void plan_vf(struct plan *p)
{
	struct nfp_vf_result *vf = &p->run->result->vf;
	struct nfp_strv ignored = {NULL, 0};
	struct nfp_vlan vlan;
	int ret;

	nfp_outline_add(p->out, 0, "VF %u (%s)", vf->vf,
			nfp_pf_vf(p->run->pf, vf->vf) ? vf->parentdev : "not there");
	if (vf->error.code != NFP_E_NONE)
		nfp_outline_add(p->out, 1, "left alone: %s", vf->error.message);
	if (vf->status != NFP_VF_PROBED)
		return;
	p->depth = 1;
	ret = nfp_begin_vf(p->run, vf, &vlan, &p->err) ?: plan_styles(p);
	if (ret < 0)
		nfp_outline_add(p->out, 1, "cannot be probed: %s%s%s", p->err.message,
				p->err.hint[0] ? ": " : "", p->err.hint);
	else
		nfp_outline_add(p->out, 0,
				"Then restore the VF: address, VLAN, driver and override, netdev");
	(void)nfp_backend_end_vf(p->run->backend, &ignored, &ignored, NULL);
	nfp_strv_fini(&ignored);
}

/* ---- where the frames would enter, and every netdev that would send to find that out ---- */

#define SAY(...) nfp_outline_add(p->out, 1, __VA_ARGS__)

/* The PF and the sibling both send if the neighbour's replies bring the VF no broadcast. */
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
	/* In the VLAN of the VF. */
	const struct nfp_vlan vlan = request->have_vlan || !result->have_vf ? request->vlan
									    : result->vf.vlan;
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
	if (p->run->request->multicast && row->shows.group)
		SAY("and %u multicast frames", groups);
}

static void outline_source(const struct plan *p)
{
	const struct nfp_from *from = &p->request->from;
	const struct nfp_vf_info *sibling = nfp_source_sibling(p->run);
	const char *pf = p->run->pf->info.ifname;
	char text[32];

	nfp_outline_add(p->out, 0, "Source of the test frames (EtherType 0x88b5)");
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

static void append_styles(char *buf, size_t size, uint32_t styles)
{
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		if (styles & NFP_STYLE_BIT(style))
			nfp_appendf(buf, size, " %s", nfp_style_name(style));
	}
}

/* The verdicts decide which of them are tested. */
static void outline_remedies(const struct plan *p)
{
	uint64_t more_ns = nfp_run_estimate(p->run, true) - nfp_run_estimate(p->run, false);

	if (more_ns)
		nfp_outline_add(
			p->out, 0,
			"Then remedies, in the same way, until one is safe: up to %u s more "
			"(none with --skip remedy)",
			(unsigned int)(more_ns / NFP_NSEC_PER_SEC));
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		const struct nfp_style_row *row = &nfp_styles[style];
		char when[128] = "unless safe:";

		if (p->request->styles[style] || !nfp_may_test(p->run, style))
			continue;
		append_styles(when, sizeof(when), row->mends);
		if (row->needs_safe)
			nfp_appendf(when, sizeof(when), "; if safe:");
		append_styles(when, sizeof(when), row->needs_safe);
		nfp_outline_add(p->out, 1, "%s (%s)", nfp_style_name(style), when);
	}
}

int nfp_run_plan(const struct nfp_request *request, struct nfp_outline *ret_outline,
		 struct nfp_err *err)
{
	struct nfp_run_io io = {0};
	struct nfp_result result;
	struct nfp_run run = {
		.request = request, .io = &io, .result = &result, .root = *nfp_sysroot_default()};
	struct plan p = {.run = &run,
			 .request = request,
			 .out = ret_outline,
			 .depth = 1,
			 .heading = "Before the VF"};
	struct nfp_backend_config config = {
		.dry = true,
		.topology = &run.topology,
		.force = request->force,
		.events = {outline_event, &p},
	};
	struct nfp_strv ignored = {NULL, 0};
	int ret;

	nfp_result_init(&result);
	ret = nfp_run_select(&run, err) ?: nfp_check_mac(&run, err) ?: nfp_pool_fill(&run, err);
	if (ret == 0) {
		nfp_outline_add(p.out, 0,
				"A run on %s would do this, in order, in about %u s. Nothing was "
				"changed.",
				request->pf,
				(unsigned int)(nfp_run_estimate(&run, false) / NFP_NSEC_PER_SEC));
		outline_remedies(&p);
		outline_source(&p);
		config.pf = run.pf;
		config.addresses = run.pool;
		config.num_addresses = run.num_pool;
		ret = nfp_backend_open(&config, &run.backend, err);
	}
	if (ret == 0) {
		p.heading = NULL;
		p.host = nfp_backend_host(run.backend);
		plan_vf(&p);
		(void)nfp_backend_close(run.backend, &ignored, &ignored, NULL);
		nfp_strv_fini(&ignored);
	}
	free(run.pool);
	nfp_topology_fini(&run.topology);
	nfp_result_fini(&result);
	return ret;
}
