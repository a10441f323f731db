// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan_source.c - --dry-run: where the frames would enter, and every netdev that would send to find
 * that out.
 */
#include <errno.h>

#include "run_priv.h"

/* Of the first VF that would be probed: neighbours are asked in it. */
static struct nfp_vlan first_vlan(const struct nfp_run *run)
{
	const struct nfp_result *result = run->result;

	if (run->request->have_vlan || result->num_vfs == 0)
		return run->request->vlan;
	return result->vfs[0].vlan;
}

/* Both where the VF gets no broadcast from the neighbour. */
static void plan_inside(const struct nfp_run *run, struct nfp_outline *out)
{
	const struct nfp_vf_info *sibling = nfp_origin_sibling(run->pf, run->result);
	const char *ifname = run->pf->info.ifname;

	if (sibling)
		nfp_outline_say(out, 1,
				"if it answers to one address only, %s and VF %u (%s), in a "
				"network namespace of its own, send broadcast besides",
				ifname, sibling->vf, sibling->ifname);
	else
		nfp_outline_say(out, 1,
				"if it answers to one address only, %s sends broadcast besides",
				ifname);
}

static void plan_neighbours(const struct nfp_run *run, const char *how, struct nfp_outline *out)
{
	const struct nfp_vlan vlan = first_vlan(run);
	struct nfp_neighbours known;
	char ip[NFP_IPV4_STRLEN];

	if (nfp_origin_neighbours(run, &vlan, &known, NULL) < 0)
		return;
	for (size_t i = 0; i < known.n && i < NFP_NEIGHBOURS_ASKED; i++)
		nfp_outline_say(out, 1, "%s%s asks %s (%s) by ARP; if it answers, it is the source",
				how, run->pf->info.ifname, nfp_ipv4_str(&known.v[i].ip, ip),
				known.v[i].gateway ? "a default gateway" : "a neighbour");
	if (known.n)
		plan_inside(run, out);
}

static void plan_netdevs(const struct nfp_run *run, struct nfp_outline *out)
{
	const struct nfp_link *links[NFP_CANDIDATES_MAX];
	size_t num = nfp_origin_candidates(&run->topology, run->pf, links, NFP_CANDIDATES_MAX);
	struct nfp_err err;

	for (size_t i = 0; i < run->topology.num_links; i++) {
		const struct nfp_link *link = &run->topology.links[i];

		if (link->physical &&
		    nfp_origin_refuse(&run->topology, run->pf, link, &err) == -EXDEV)
			nfp_outline_say(out, 1, "%s is not asked: %s", link->ifname, err.message);
	}

	for (size_t i = 0; i < num; i++)
		nfp_outline_say(
			out, 1,
			"%s sends one broadcast test frame; if %s hears it, it is the source",
			links[i]->ifname, run->pf->info.ifname);
	if (num == 0)
		nfp_outline_say(out, 1, "no other netdev can be asked");
}

static void say_order(struct nfp_outline *out)
{
	char order[512] = "";
	size_t used = 0;

	for (enum nfp_source_id id = 0; id < NFP_BY_PF && used < sizeof(order); id++)
		used += (size_t)snprintf(order + used, sizeof(order) - used, "%s%s", id ? "; " : "",
					 nfp_sources[id].meaning);
	nfp_outline_say(out, 1, "the first that there is of: %s", order);
}

static void plan_auto(const struct nfp_run *run, struct nfp_outline *out)
{
	const struct nfp_vf_info *sibling = nfp_origin_sibling(run->pf, run->result);

	say_order(out);
	plan_netdevs(run, out);
	if (run->request->have_id)
		nfp_outline_say(
			out, 1,
			"else %s asks for a reflector with the id; if one answers, it is the "
			"source",
			run->pf->info.ifname);
	plan_neighbours(run, "else ", out);
	if (sibling)
		nfp_outline_say(out, 1,
				"else VF %u (%s) is the source, in a network namespace of its own",
				sibling->vf, sibling->ifname);
	else
		nfp_outline_say(out, 1, "else the run ends: no idle sibling VF has a host driver");
}

static void plan_peer(const struct nfp_run *run, struct nfp_outline *out)
{
	const struct nfp_mac *mac = &run->request->from_peer;
	char text[NFP_MAC_STRLEN];

	nfp_outline_say(out, 1,
			"the reflector %s, to which %s first says hello, and then sends each frame",
			nfp_mac_is_zero(mac) ? "that answers" : nfp_mac_str(mac, text),
			run->pf->info.ifname);
}

static void plan_arp(const struct nfp_run *run, struct nfp_outline *out)
{
	const struct nfp_request *request = run->request;
	char ip[32] = "the default gateway";

	if (request->have_from_ip)
		nfp_ipv4_str(&request->from_ip, ip);
	nfp_outline_say(out, 1, "%s, which %s first asks by ARP, and whose answers are the frames",
			ip, run->pf->info.ifname);
	plan_inside(run, out);
}

static void plan_named(const struct nfp_run *run, struct nfp_outline *out)
{
	const struct nfp_request *request = run->request;

	switch (request->from) {
	case NFP_FROM_IFACE:
		nfp_outline_say(out, 1,
				"%s, which first sends one broadcast frame that %s must hear",
				request->from_ifname, run->pf->info.ifname);
		break;
	case NFP_FROM_VF:
		nfp_outline_say(out, 1, "VF %u, in a network namespace of its own",
				request->from_vf);
		break;
	case NFP_FROM_PF:
		nfp_outline_say(out, 1, "%s itself", run->pf->info.ifname);
		break;
	case NFP_FROM_PEER:
		plan_peer(run, out);
		break;
	case NFP_FROM_ARP:
		plan_arp(run, out);
		break;
	case NFP_FROM_AUTO:
	default:
		plan_auto(run, out);
		break;
	}
}

static void print_rates(const struct nfp_run *run, enum nfp_source_id id, const char *when,
			struct nfp_outline *out)
{
	const struct nfp_source_row *row = &nfp_sources[id];

	nfp_outline_say(
		out, 1,
		"it sends %u unicast, %u broadcast and %u other frames a second to the end%s",
		nfp_rate_from(run, row), row->rate[NFP_KIND_BROADCAST],
		row->rate[NFP_KIND_STRANGER], when);
}

void nfp_plan_source(const struct nfp_run *run, struct nfp_outline *out)
{
	enum nfp_from from = run->request->from;

	nfp_outline_say(out, 0, "Source of the test frames (EtherType 0x88b5)");
	plan_named(run, out);
	if (from != NFP_FROM_ARP)
		print_rates(run, NFP_BY_NETDEV, "", out);
	if (from == NFP_FROM_ARP || from == NFP_FROM_AUTO)
		print_rates(run, NFP_BY_ARP, from == NFP_FROM_AUTO ? ", by ARP" : "", out);
}
