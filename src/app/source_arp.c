// SPDX-License-Identifier: GPL-2.0-or-later
/* source_arp.c - a neighbour that answers ARP probes as the source. */
#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>

#include "run_priv.h"

/* True if @link carries what the PF carries in this VLAN, for this host's own IP. */
static bool is_on_segment(const struct nfp_run *run, const struct nfp_link *link, uint16_t vid)
{
	const struct nfp_link *pf_link = nfp_topology_ifindex(&run->topology,
							      run->pf->info.ifindex);
	int master = pf_link ? pf_link->master : 0;
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
	size_t room = NFP_NUM(ret_neighbours->ifindex);
	struct nfp_nl *nl = NULL;
	size_t num = 0;
	int ret;

	*ret_neighbours = (struct nfp_neighbours) {.n = 0};
	for (size_t i = 0; i < run->topology.num_links && num < room; i++) {
		const struct nfp_link *link = &run->topology.links[i];

		if (is_on_segment(run, link, run->vlan.vid))
			ret_neighbours->ifindex[num++] = link->ifindex;
	}
	ret = nfp_nl_open(NETLINK_ROUTE, -1, &nl, err)
		      ?: nfp_neighbours_read(nl, ret_neighbours, err);
	nfp_nl_close(nl);
	return ret;
}

static struct nfp_arp_query query_of(const struct nfp_run *run)
{
	return (struct nfp_arp_query) {
		.pf = nfp_source_pf(run),
		.pf_mac = *nfp_own_address(run),
		.vlan = run->vlan,
		.ip = run->roles.neighbour.ip,
	};
}

/*
 * Asks the neighbour alone, as the run does: first for a broadcast reply, which is the better
 * control, then for a reply to the PF.
 */
static int ask_alone(struct nfp_arp_query *query, bool known, struct nfp_arp_reply *said,
		     struct nfp_err *err)
{
	struct nfp_arp_answers answers = {.num = 0};
	int ret;

	query->alone = query->broadcast_reply = true;
	query->neighbour = said->mac;
	ret = nfp_arp_ask(query, &answers, err);
	if (ret < 0)
		return ret;
	if (answers.num > 0 || answers.to_sender) {
		said->what = answers.num ? NFP_ARP_ANSWERS_ALL : NFP_ARP_TO_SENDER;
		return 0;
	}
	query->broadcast_reply = false;
	ret = nfp_arp_ask(query, &answers, err);
	said->what = answers.num ? NFP_ARP_ANSWERS : known ? NFP_ARP_SILENT_ALONE : NFP_ARP_SILENT;
	return ret;
}

/* Asks everybody for the owner of the address: the kernel's table may have one that is silent. */
int nfp_arp_question(struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_neighbour *known = &run->roles.neighbour;
	struct nfp_arp_reply *said = &run->found.arp[run->found.num_arp++];
	struct nfp_arp_query query = query_of(run);
	struct nfp_arp_answers answers;
	int ret = nfp_arp_ask(&query, &answers, err);

	*said = (struct nfp_arp_reply) {.what = NFP_ARP_SILENT};
	if (ret < 0 || (answers.num == 0 && !known->have_mac))
		return ret;
	said->mac = answers.num ? answers.macs[0] : known->mac;
	if (answers.num == 2 && known->have_mac && nfp_mac_equal(&answers.macs[1], &known->mac))
		said->mac = answers.macs[1];
	if (answers.num == 2)
		nfp_run_warn(run, "two hosts answer for %s: %s and %s; only %s is asked further",
			     nfp_ipv4_str(&known->ip).text, nfp_mac_str(&answers.macs[0]).text,
			     nfp_mac_str(&answers.macs[1]).text, nfp_mac_str(&said->mac).text);
	return ask_alone(&query, answers.num > 0, said, err);
}

/*
 * Adds senders for a neighbour that does not reply to the broadcast address: the PF sends the
 * broadcast control inside the NIC, and so does another VF if one can. *ret_mac: that VF's.
 */
static int add_senders(struct nfp_run *run, struct nfp_mac *ret_mac, struct nfp_err *err)
{
	const struct nfp_vf_info *sibling = run->roles.sender;
	struct nfp_run_source *source = &run->source;
	size_t used = strlen(source->from.note);
	char others[32] = "";
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
			run->found.no_second = true;
			run->roles.sender = NULL;
		} else {
			*ret_mac = mac;
			snprintf(others, sizeof(others), " and VF %u", sibling->vf);
		}
	}
	snprintf(source->from.note + used, sizeof(source->from.note) - used, " (%s%s %s it inside)",
		 run->pf->info.ifname, others, *others ? "send" : "sends");
	return 0;
}

int nfp_source_arp(struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_arp_query query = query_of(run);
	struct nfp_run_source *source = &run->source;
	bool aloud = run->roles.source == NFP_SOURCE_ARP;
	struct nfp_arp_config config = {
		.id = run->id,
		.pf_mac = query.pf_mac,
		.ip = query.ip,
		.neighbour = run->found.arp[run->roles.arp].mac,
		.broadcast_reply = aloud,
	};
	const struct nfp_ipv4_text ip = nfp_ipv4_str(&query.ip);
	int ret;

	source->sender = query.pf;
	source->mac = query.pf_mac;
	snprintf(source->from.name, sizeof(source->from.name), "arp:%s", ip.text);
	snprintf(source->from.note, sizeof(source->from.note),
		 "%s%s (%s) answers ARP probes of %s, so frames come from outside the NIC%s; they "
		 "carry no id%s%s",
		 run->request->from.kind == NFP_FROM_AUTO ? "auto: " : "", ip.text,
		 nfp_mac_str(&config.neighbour).text, query.pf.ifname,
		 aloud ? ", broadcast too" : "", *source->row->lacks ? ", and " : "",
		 source->row->lacks);
	if (run->request->have_rate && run->request->settings.rate > source->row->rate_max)
		nfp_run_warn(run, "--rate %u is too much for ARP: %u are sent",
			     run->request->settings.rate, source->row->rate_max);
	ret = aloud ? 0 : add_senders(run, &config.sibling, err);
	if (ret < 0)
		return ret;
	source->codec = nfp_arp_codec_new(&config);
	return 0;
}
