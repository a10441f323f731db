// SPDX-License-Identifier: GPL-2.0-or-later
/* origin_arp.c - a neighbour that answers ARP probes as the source: found, asked, taken. */
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

int nfp_origin_neighbours(const struct nfp_run *run, const struct nfp_vlan *vlan,
			  struct nfp_neighbours *ret_neighbours, struct nfp_err *err)
{
	size_t room = sizeof(ret_neighbours->ifindex) / sizeof(ret_neighbours->ifindex[0]);
	struct nfp_nl *nl;
	size_t num = 0;
	int ret;

	*ret_neighbours = (struct nfp_neighbours) {.n = 0};
	for (size_t i = 0; i < run->topology.num_links && num < room; i++) {
		const struct nfp_link *link = &run->topology.links[i];

		if (is_on_segment(run, link, vlan->vid))
			ret_neighbours->ifindex[num++] = link->ifindex;
	}
	ret = nfp_nl_open(NETLINK_ROUTE, -1, &nl, err);
	if (ret < 0)
		return ret;
	ret = nfp_neighbours_read(nl, ret_neighbours, err);
	nfp_nl_close(nl);
	return ret;
}

/* One neighbour and the ways to speak of it. */
struct asked {
	struct nfp_netdev pf;
	struct nfp_mac pf_mac;
	const struct nfp_vlan *vlan;
	struct nfp_neighbour neighbour;
	char ip[NFP_IPV4_STRLEN];
};

static int silent(const struct asked *asked, bool alone, struct nfp_err *err)
{
	char where[32] = "";

	if (asked->vlan->vid)
		snprintf(where, sizeof(where), ", VLAN %u", asked->vlan->vid);
	nfp_err_set(err, -ENOLINK, NFP_E_NO_SOURCE, "%s does not answer ARP probes%s from %s%s",
		    asked->ip, alone ? " that are sent to it alone" : "", asked->pf.ifname, where);
	nfp_err_hint(err,
		     "is it on the segment of %s, and does it answer arping -0 %s? --from arp:IP "
		     "names another neighbour",
		     asked->pf.ifname, asked->ip);
	return -ENOLINK;
}

static int ask(const struct asked *asked, const struct nfp_mac *alone, struct nfp_mac ret_macs[2],
	       size_t *ret_num, struct nfp_err *err)
{
	return nfp_arp_ask(&asked->pf, &asked->pf_mac, asked->vlan, &asked->neighbour.ip, alone,
			   ret_macs, ret_num, err);
}

static void warn_of_two(struct nfp_run *run, const struct asked *asked,
			const struct nfp_mac macs[2], const struct nfp_mac *taken)
{
	char a[NFP_MAC_STRLEN], b[NFP_MAC_STRLEN], c[NFP_MAC_STRLEN];

	nfp_run_warn(run, "two hosts answer for %s: %s and %s; only %s is asked further", asked->ip,
		     nfp_mac_str(&macs[0], a), nfp_mac_str(&macs[1], b), nfp_mac_str(taken, c));
}

/*
 * Who has the address, asked of everybody; where nobody answers, by the kernel's table. Then that
 * one is asked alone, as in the run.
 */
static int find_mac(struct nfp_run *run, const struct asked *asked, struct nfp_mac *ret_mac,
		    struct nfp_err *err)
{
	const struct nfp_neighbour *known = &asked->neighbour;
	struct nfp_mac macs[2], again[2], mac;
	size_t num, answers;
	int ret = ask(asked, NULL, macs, &num, err);

	if (ret < 0)
		return ret;
	if (num == 0 && !known->have_mac)
		return silent(asked, false, err);
	mac = num ? macs[0] : known->mac;
	if (num == 2 && known->have_mac && nfp_mac_equal(&macs[1], &known->mac))
		mac = macs[1];
	if (num == 2)
		warn_of_two(run, asked, macs, &mac);
	ret = ask(asked, &mac, again, &answers, err);
	if (ret < 0)
		return ret;
	if (answers == 0)
		return silent(asked, num > 0, err);
	*ret_mac = mac;
	return 0;
}

static int take(struct nfp_run *run, const struct asked *asked, const struct nfp_mac *mac,
		const char *found, struct nfp_err *err)
{
	const struct nfp_arp_config config = {
		.id = run->id,
		.pf_mac = asked->pf_mac,
		.ip = asked->neighbour.ip,
		.neighbour = *mac,
	};
	struct nfp_arp_codec *codec = nfp_arp_codec_new(&config);
	struct nfp_origin *origin = &run->origin;
	char text[NFP_MAC_STRLEN];

	if (!codec)
		return nfp_err_errno(err, -ENOMEM, NFP_E_MEMORY, "cannot prepare ARP probes");
	*origin = (struct nfp_origin) {
		.row = &nfp_sources[NFP_BY_ARP],
		.sender = asked->pf,
		.mac = asked->pf_mac,
		.codec = nfp_arp_codec_of(codec),
		.arp = codec,
		.tags = true,
	};
	snprintf(origin->name, sizeof(origin->name), "arp:%s", asked->ip);
	snprintf(origin->note, sizeof(origin->note),
		 "%s%s (%s) answers ARP probes of %s, so frames come from outside the NIC; they "
		 "carry no id, and %s",
		 found, asked->ip, nfp_mac_str(mac, text), asked->pf.ifname, origin->row->lacks);
	return 0;
}

static void warn_of_rate(struct nfp_run *run)
{
	unsigned int max = run->origin.row->rate_max;

	if (run->request->have_rate && run->request->rate > max)
		nfp_run_warn(run, "--rate %u is too much for ARP: %u are sent", run->request->rate,
			     max);
}

/* -ENOLINK: it does not answer. */
static int try(struct nfp_run *run, const struct nfp_vlan *vlan,
	       const struct nfp_neighbour *neighbour, const char *found, struct nfp_err *err)
{
	struct asked asked = {.vlan = vlan, .neighbour = *neighbour};
	struct nfp_mac mac;
	int ret = nfp_origin_pf(run, &asked.pf, &asked.pf_mac, err);

	nfp_ipv4_str(&neighbour->ip, asked.ip);
	if (ret == 0)
		ret = find_mac(run, &asked, &mac, err);
	if (ret == 0)
		ret = take(run, &asked, &mac, found, err);
	if (ret == 0)
		warn_of_rate(run);
	return ret;
}

static int no_gateway(const struct nfp_run *run, struct nfp_err *err)
{
	nfp_err_set(err, -ENOLINK, NFP_E_NO_SOURCE,
		    "--from arp: no default gateway is reached through %s", run->pf->info.ifname);
	nfp_err_hint(err, "name a neighbour on the segment of %s: --from arp:IP",
		     run->pf->info.ifname);
	return -ENOLINK;
}

int nfp_origin_arp(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err)
{
	const struct nfp_request *request = run->request;
	struct nfp_neighbour neighbour = {.ip = request->from_ip};
	struct nfp_neighbours known;
	int ret = nfp_origin_neighbours(run, vlan, &known, err);

	if (ret < 0)
		return ret;
	if (!request->have_from_ip && (known.n == 0 || !known.v[0].gateway))
		return no_gateway(run, err);
	if (!request->have_from_ip)
		return try(run, vlan, &known.v[0], "", err);
	for (size_t i = 0; i < known.n; i++) {
		if (nfp_ipv4_equal(&known.v[i].ip, &neighbour.ip))
			neighbour = known.v[i];
	}
	return try(run, vlan, &neighbour, "", err);
}

int nfp_origin_arp_look(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err)
{
	struct nfp_neighbours known;
	int ret = nfp_origin_neighbours(run, vlan, &known, err);

	if (ret < 0)
		return ret;
	ret = -ENOLINK;
	for (size_t i = 0; i < known.n && i < NFP_NEIGHBOURS_ASKED && ret == -ENOLINK; i++)
		ret = try(run, vlan, &known.v[i], "auto: ", err);
	return ret;
}
