// SPDX-License-Identifier: GPL-2.0-or-later
/* source_arp.c - a neighbour that answers ARP probes as the source. */
#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>

#include "run_priv.h"

/* Does @link carry what the PF carries in this VLAN, for this host's own IP? */
static bool is_on_segment(const struct nfp_run *run, const struct nfp_link *link, uint16_t vid)
{
	const struct nfp_link *own = nfp_topology_ifindex(&run->topology, run->pf->info.ifindex);
	int master = own ? own->master : 0;
	bool on_top = link->link == run->pf->info.ifindex || (master && link->link == master);

	if (vid)
		return on_top && strcmp(link->kind, "vlan") == 0 && link->vlan_id == vid;
	if (link->ifindex == run->pf->info.ifindex || (master && link->ifindex == master))
		return true;
	return on_top && strcmp(link->kind, "macvlan") == 0;
}

int nfp_source_neighbours(const struct nfp_run *run, struct nfp_neighbours *ret_neighbours,
			  struct nfp_err *err)
{
	size_t room = sizeof(ret_neighbours->ifindex) / sizeof(ret_neighbours->ifindex[0]);
	struct nfp_nl *nl;
	size_t num = 0;
	int ret;

	*ret_neighbours = (struct nfp_neighbours) {.n = 0};
	for (size_t i = 0; i < run->topology.num_links && num < room; i++) {
		const struct nfp_link *link = &run->topology.links[i];

		if (is_on_segment(run, link, run->vlan.vid))
			ret_neighbours->ifindex[num++] = link->ifindex;
	}
	ret = nfp_nl_open(NETLINK_ROUTE, -1, &nl, err);
	if (ret < 0)
		return ret;
	ret = nfp_neighbours_read(nl, ret_neighbours, err);
	nfp_nl_close(nl);
	return ret;
}

static int set_silent(const struct nfp_arp_query *query, bool alone, struct nfp_err *err)
{
	char ip[NFP_IPV4_STRLEN], where[32] = "";

	nfp_ipv4_str(&query->ip, ip);
	if (query->vlan.vid)
		snprintf(where, sizeof(where), ", VLAN %u", query->vlan.vid);
	nfp_err_set(err, -ENOLINK, NFP_E_NO_SOURCE, "%s does not answer ARP probes%s from %s%s", ip,
		    alone ? " that are sent to it alone" : "", query->pf.ifname, where);
	nfp_err_hint(err,
		     "Is it on the segment of %s, and does it answer arping -0 %s? --from arp:IP "
		     "names another neighbour.",
		     query->pf.ifname, ip);
	return -ENOLINK;
}

/*
 * Asks the neighbour alone, as the run does: first for a broadcast reply, which is the better
 * control, then for one to the PF. query->broadcast_reply: which one it gave.
 */
static int ask_alone(struct nfp_arp_query *query, bool known, struct nfp_err *err)
{
	struct nfp_arp_answers answers;
	char ip[NFP_IPV4_STRLEN];
	int ret;

	query->alone = query->broadcast_reply = true;
	ret = nfp_arp_ask(query, &answers, err);
	if (ret < 0 || answers.num > 0)
		return ret;
	if (answers.to_sender) {
		nfp_err_set(err, -ENOLINK, NFP_E_NO_SOURCE,
			    "%s answers ARP, but always to the sender of the frame, not to the "
			    "hardware address that a probe names: no answer of it would go to the "
			    "test address",
			    nfp_ipv4_str(&query->ip, ip));
		nfp_err_hint(err, "Name another neighbour on the segment of %s: --from arp:IP.",
			     query->pf.ifname);
		return -ENOLINK;
	}
	query->broadcast_reply = false;
	ret = nfp_arp_ask(query, &answers, err);
	if (ret < 0)
		return ret;
	return answers.num == 0 ? set_silent(query, known, err) : 0;
}

/* Asks for the owner of the address; the kernel's table may know a silent one. Or -ENOLINK. */
static int ask_neighbour(struct nfp_run *run, const struct nfp_neighbour *known,
			 struct nfp_arp_query *query, struct nfp_err *err)
{
	struct nfp_mac *mac = &query->neighbour;
	char a[NFP_MAC_STRLEN], b[NFP_MAC_STRLEN], c[NFP_MAC_STRLEN], ip[NFP_IPV4_STRLEN];
	struct nfp_arp_answers answers;
	int ret;

	*query = (struct nfp_arp_query) {
		.pf = nfp_source_pf(run),
		.pf_mac = run->pf->info.address,
		.vlan = run->vlan,
		.ip = known->ip,
	};
	nfp_ipv4_str(&known->ip, ip);
	ret = nfp_arp_ask(query, &answers, err);
	if (ret < 0)
		return ret;
	if (answers.num == 0 && !known->have_mac)
		return set_silent(query, false, err);
	*mac = answers.num ? answers.macs[0] : known->mac;
	if (answers.num == 2 && known->have_mac && nfp_mac_equal(&answers.macs[1], &known->mac))
		*mac = answers.macs[1];
	if (answers.num == 2)
		nfp_run_warn(run, "two hosts answer for %s: %s and %s; only %s is asked further",
			     ip, nfp_mac_str(&answers.macs[0], a), nfp_mac_str(&answers.macs[1], b),
			     nfp_mac_str(mac, c));
	return ask_alone(query, answers.num > 0, err)
		       ?: nfp_source_refuse_inside(&run->topology, run->pf, ip, mac, err);
}

/*
 * For a neighbour that does not reply to the broadcast address: the PF sends the broadcast control
 * inside the NIC, and so does a sibling VF if one can send. *ret_mac: the sibling's.
 */
static int add_senders(struct nfp_run *run, struct nfp_mac *ret_mac, struct nfp_err *err)
{
	const struct nfp_vf_info *sibling = nfp_source_sibling(run);
	struct nfp_run_source *source = &run->source;
	size_t used = strlen(source->from.note);
	char with[32] = "";
	struct nfp_mac mac;
	int ret;

	if (sibling) {
		ret = nfp_backend_sibling(run->backend, NFP_SIBLING_SENDS, sibling->vf,
					  &source->second_sender, &mac, err);
		if (ret == -EINTR || ret == -ETIME || (ret < 0 && err->code == NFP_E_RESTORE))
			return ret;
		if (ret < 0) {
			nfp_run_warn(run, "VF %u does not send broadcast to the VF under test: %s",
				     sibling->vf, err->message);
		} else {
			*ret_mac = mac;
			source->sibling = sibling;
			snprintf(with, sizeof(with), " and VF %u", sibling->vf);
		}
	}
	snprintf(source->from.note + used, sizeof(source->from.note) - used, " (%s%s %s it inside)",
		 run->pf->info.ifname, with, *with ? "send" : "sends");
	return 0;
}

/* @found: how auto came by it; or "". */
static int use_neighbour(struct nfp_run *run, const struct nfp_arp_query *query, const char *found,
			 struct nfp_err *err)
{
	struct nfp_arp_config config = {
		.id = run->id,
		.pf_mac = query->pf_mac,
		.ip = query->ip,
		.neighbour = query->neighbour,
		.broadcast_reply = query->broadcast_reply,
	};
	struct nfp_run_source *source = &run->source;
	char ip[NFP_IPV4_STRLEN], mac[NFP_MAC_STRLEN];
	int ret;

	*source = (struct nfp_run_source) {
		.row = &nfp_sources[query->broadcast_reply ? NFP_BY_ARP : NFP_BY_ARP_ALONE],
		.sender = query->pf,
		.mac = query->pf_mac,
	};
	nfp_ipv4_str(&query->ip, ip);
	snprintf(source->from.name, sizeof(source->from.name), "arp:%s", ip);
	snprintf(source->from.note, sizeof(source->from.note),
		 "%s%s (%s) answers ARP probes of %s, so frames come from outside the NIC%s; they "
		 "carry no id%s%s",
		 found, ip, nfp_mac_str(&query->neighbour, mac), query->pf.ifname,
		 config.broadcast_reply ? ", broadcast too" : "",
		 *source->row->lacks ? ", and " : "", source->row->lacks);
	if (run->request->have_rate && run->request->rate > source->row->rate_max)
		nfp_run_warn(run, "--rate %u is too much for ARP: %u are sent", run->request->rate,
			     source->row->rate_max);
	ret = query->broadcast_reply ? 0 : add_senders(run, &config.sibling, err);
	if (ret < 0)
		return ret;
	source->codec = nfp_arp_codec_new(&config);
	return 0;
}

int nfp_source_arp(struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_from *from = &run->request->from;
	const char *ifname = run->pf->info.ifname;
	struct nfp_neighbour given = {.ip = from->ip}, *neighbour = &given;
	struct nfp_neighbours known;
	struct nfp_arp_query query;
	int ret = nfp_source_neighbours(run, &known, err);

	if (ret < 0)
		return ret;
	for (size_t i = 0; i < known.n; i++) {
		if (from->have_ip ? nfp_ipv4_equal(&known.v[i].ip, &from->ip)
				  : i == 0 && known.v[i].gateway)
			neighbour = &known.v[i];
	}
	if (!from->have_ip && neighbour == &given) {
		nfp_err_set(err, -ENOLINK, NFP_E_NO_SOURCE,
			    "--from arp: no default gateway is reached through %s", ifname);
		nfp_err_hint(err, "Name a neighbour on the segment of %s: --from arp:IP.", ifname);
		return -ENOLINK;
	}
	return ask_neighbour(run, neighbour, &query, err) ?: use_neighbour(run, &query, "", err);
}

/* The first that answers to everybody, else the first that answers. */
int nfp_source_arp_auto(struct nfp_run *run, struct nfp_err *err)
{
	struct nfp_neighbours known;
	struct nfp_arp_query query, best = {0};
	bool found = false;
	int ret = nfp_source_neighbours(run, &known, err);

	if (ret < 0)
		return ret;
	for (size_t i = 0; i < known.n && i < NFP_NEIGHBOURS_ASKED; i++) {
		ret = ask_neighbour(run, &known.v[i], &query, err);
		if (ret < 0 && ret != -ENOLINK)
			return ret;
		if (ret == 0 && (!found || query.broadcast_reply))
			best = query;
		found |= ret == 0;
		if (found && best.broadcast_reply)
			break;
	}
	return found ? use_neighbour(run, &best, "auto: ", err) : -ENOLINK;
}
