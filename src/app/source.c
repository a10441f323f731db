// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * source.c - where the frames of a run enter the NIC.
 *
 * Only frames from outside the NIC can answer every question. So auto first looks for the wire:
 * each netdev that could be a second port on the segment sends a hello, and one that the PF hears
 * is used.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run_priv.h"

/* At most this many frames a second where the PF floods them to a whole Open vSwitch. */
#define OVS_RATE 100U

static bool is_ovs(const char *master_kind)
{
	return strcmp(master_kind, "openvswitch") == 0;
}

bool nfp_source_on_ovs(const struct nfp_run *run)
{
	const struct nfp_link *link = nfp_topology_link(&run->topology, run->source.from.name);

	return is_ovs(run->pf->info.master_kind) || (link && is_ovs(link->master_kind));
}

unsigned int nfp_source_rate(const struct nfp_run *run, const struct nfp_source_row *row)
{
	unsigned int rate = run->request->have_rate ? run->request->rate
						    : row->rate[NFP_KIND_UNICAST];

	if (rate > row->rate_max)
		rate = row->rate_max;
	if (is_ovs(run->pf->info.master_kind) && rate > OVS_RATE)
		rate = OVS_RATE;
	return rate;
}

/* ---- what was named ---- */

static int check_sibling(const struct nfp_run *run, const char *option, const char *what,
			 unsigned int vf, struct nfp_err *err)
{
	const struct nfp_vf_info *info = nfp_pf_vf(run->pf, vf);

	if (!info) {
		nfp_err_set(err, -ENODEV, NFP_E_SOURCE_UNUSABLE, "%s%u: %s has no VF %u", option,
			    vf, run->pf->info.ifname, vf);
		nfp_err_try(err, "nfprobe %s", run->pf->info.ifname);
		return -ENODEV;
	}
	if (nfp_is_probed(run->result, vf))
		return nfp_err_set(err, -EINVAL, NFP_E_SOURCE_UNUSABLE,
				   "%s%u: VF %u is probed itself and cannot be the %s", option, vf,
				   vf, what);
	return nfp_vf_check_use(run->pf->info.ifname, info, false, err);
}

static int check_named(const struct nfp_run *run, const struct nfp_from *from, struct nfp_err *err)
{
	const struct nfp_vf_info *vf = nfp_source_named_vf(run, from);
	const struct nfp_link *link;

	if (from->kind == NFP_FROM_VF || vf)
		return check_sibling(run, "--from vf:", "source", vf ? vf->vf : from->vf, err);
	if (from->kind != NFP_FROM_IFACE)
		return 0;
	link = nfp_topology_link(&run->topology, from->ifname);
	if (!link) {
		nfp_err_set(err, -ENODEV, NFP_E_SOURCE_UNUSABLE, "--from %s: no such interface",
			    from->ifname);
		nfp_err_hint(err, "ip link lists the interfaces.");
		return -ENODEV;
	}
	return link->ifindex == run->pf->info.ifindex
		       ? 0
		       : nfp_source_refuse(&run->topology, run->pf, link, err);
}

int nfp_source_check(const struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_request *request = run->request;
	unsigned int via = request->via;
	int ret = check_named(run, &request->from, err);

	if (ret == 0 && request->have_neighbour)
		ret = check_sibling(run, "--neighbour vf:", "neighbour", request->neighbour, err);
	if (ret < 0 || !request->have_via)
		return ret;
	ret = check_sibling(run, "--style vf-bridge:", "standby's port", via, err);
	if (ret == 0 && nfp_is_source(run, nfp_pf_vf(run->pf, via)))
		ret = nfp_err_set(err, -EINVAL, NFP_E_SOURCE_UNUSABLE,
				  "--style vf-bridge:%u: VF %u is the source and cannot be the "
				  "standby's port",
				  via, via);
	return ret;
}

/* ---- the PF, a sibling VF ---- */

static void use_pf(struct nfp_run *run)
{
	run->source = (struct nfp_run_source) {
		.row = &nfp_sources[NFP_BY_PF],
		.sender = nfp_source_pf(run),
		.mac = run->pf->info.address,
		.from.name = "pf",
	};
	snprintf(run->source.from.note, sizeof(run->source.from.note),
		 "frames come from the PF itself: %s", run->source.row->lacks);
}

/* nfp_source_begin prepares it. */
static int use_sibling(struct nfp_run *run, unsigned int vf, struct nfp_err *err)
{
	struct nfp_run_source *source = &run->source;
	int ret = check_sibling(run, "--from vf:", "source", vf, err);

	if (ret < 0)
		return ret;
	*source = (struct nfp_run_source) {
		.row = &nfp_sources[NFP_BY_VF],
		.sibling = nfp_pf_vf(run->pf, vf),
	};
	snprintf(source->from.name, sizeof(source->from.name), "vf:%u", vf);
	snprintf(source->from.note, sizeof(source->from.note),
		 "frames come from VF %u through the NIC's own switch: %s", vf, source->row->lacks);
	return 0;
}

int nfp_source_begin(struct nfp_run *run, struct nfp_err *err)
{
	struct nfp_run_source *source = &run->source;
	bool sends = source->row == &nfp_sources[NFP_BY_VF];
	struct nfp_mac mac;

	if (!source->sibling)
		return 0;
	snprintf(run->result->vf.ours_up, sizeof(run->result->vf.ours_up), "vf:%u",
		 source->sibling->vf);
	return nfp_backend_sibling(run->backend, NFP_SIBLING_SENDS, source->sibling->vf,
				   sends ? &source->sender : &source->second_sender,
				   sends ? &source->mac : &mac, err);
}

/* ---- another netdev ---- */

/* Each VF that @link sends through. -EBUSY (NFP_E_LOCKED): another run probes one of them. */
static int hold_link(struct nfp_run *run, const struct nfp_link *link, struct nfp_err *err)
{
	const struct nfp_topology *topology = &run->topology;

	for (size_t i = 0; i < topology->num_links; i++) {
		const struct nfp_link *lower = &topology->links[i];
		struct nfp_err why = {0};
		int ret;

		if (!lower->physfn[0] || !nfp_sends_through(topology, link, lower))
			continue;
		ret = nfp_run_hold(run, lower->parentdev, true, &why);
		if (ret < 0) {
			nfp_err_set(err, ret, why.code, "%s cannot be the source: %s", link->ifname,
				    why.message);
			err->hint = why.hint;
			return ret;
		}
	}
	return 0;
}

/* @found: how auto came by it; or "". The note says what its frames show, as far as is known. */
static void use_link(struct nfp_run *run, const struct nfp_link *link, const char *found)
{
	const struct nfp_link *lower = nfp_lower_on_port(&run->topology, run->pf, link,
							 NFP_PORT_UNKNOWN);
	const char *pf = run->pf->info.ifname;
	struct nfp_run_source *source = &run->source;

	*source = (struct nfp_run_source) {
		.row = &nfp_sources[NFP_BY_NETDEV],
		.sender = nfp_netdev_named(link->ifindex, link->ifname),
		.mac = link->address,
	};
	snprintf(source->from.name, sizeof(source->from.name), "%s", link->ifname);
	if (lower)
		snprintf(source->from.note, sizeof(source->from.note),
			 "%s%s and %s are functions of one card, and the kernel does not tell "
			 "whether each has a port of its own: if not, their frames do not come "
			 "from the wire",
			 found, pf, lower->ifname);
	else if (found[0])
		snprintf(source->from.note, sizeof(source->from.note),
			 "%s%s hears %s, so frames come from outside the NIC", found, pf,
			 link->ifname);
}

int nfp_source_hello(const struct nfp_frame_id *id, const struct nfp_vlan *vlan,
		     const struct nfp_pf *pf, const struct nfp_link *const links[], size_t num,
		     bool ret_heard[NFP_CANDIDATES_MAX], struct nfp_err *err)
{
	const struct nfp_netdev at = nfp_netdev_named(pf->info.ifindex, pf->info.ifname);
	struct nfp_netdev senders[NFP_CANDIDATES_MAX] = {{.ifindex = 0}};
	struct nfp_mac macs[NFP_CANDIDATES_MAX] = {{{0}}};

	for (size_t i = 0; i < num; i++) {
		senders[i] = nfp_netdev_named(links[i]->ifindex, links[i]->ifname);
		macs[i] = links[i]->address;
	}
	return nfp_hello(id, vlan, &at, senders, macs, num, ret_heard, err);
}

/* Index of the first candidate that the PF hears. -ENOLINK: none. */
static int find_heard(struct nfp_run *run, const struct nfp_link *const links[], size_t num,
		      struct nfp_err *err)
{
	bool heard[NFP_CANDIDATES_MAX] = {false};
	int ret = nfp_source_hello(&run->id, &run->vlan, run->pf, links, num, heard, err);

	for (size_t i = 0; i < num && ret == 0; i++) {
		if (heard[i])
			return (int)i;
	}
	return ret ? ret : -ENOLINK;
}

static int find_link(struct nfp_run *run, const struct nfp_from *from, struct nfp_err *err)
{
	const struct nfp_link *link = nfp_topology_link(&run->topology, from->ifname);
	int ret = hold_link(run, link, err) ?: find_heard(run, &link, 1, err);

	if (ret == -ENOLINK) {
		nfp_err_set(err, ret, NFP_E_NO_SOURCE,
			    "%s does not hear %s: a broadcast test frame sent there did not arrive",
			    run->pf->info.ifname, from->ifname);
		nfp_err_hint(err,
			     "Are both on one segment%s? nfprobe without --from looks for a netdev "
			     "that is heard.",
			     run->vlan.vid ? ", and is the VLAN allowed on both switch ports" : "");
	}
	if (ret < 0)
		return ret;
	use_link(run, link, "");
	return 0;
}

/* ---- a reflector on another host ---- */

static int find_peer(struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_request *request = run->request;
	const struct nfp_from *from = &request->from;
	const struct nfp_peer_link_config config = {
		.run = run->id,
		.id = request->id,
		.pf = nfp_source_pf(run),
		.pf_mac = run->pf->info.address,
		.vlan = run->vlan,
		.mac = from->peer,
	};
	unsigned int need_s = (unsigned int)(nfp_run_estimate(run, true) / NFP_NSEC_PER_SEC);
	struct nfp_peer_link *link = nfp_peer_link_new(&config);
	struct nfp_peer_frame welcome;
	unsigned int rate = nfp_source_rate(run, &nfp_sources[NFP_BY_PEER]);
	char mac[NFP_MAC_STRLEN];
	int ret = nfp_peer_ask(link, &welcome, err);

	if (ret == -ENOLINK) {
		bool named = !nfp_mac_is_zero(&config.mac);

		nfp_err_set(err, ret, NFP_E_NO_SOURCE, "no reflector with this id answers %s%s%s",
			    config.pf.ifname, named ? " from " : "",
			    named ? nfp_mac_str(&config.mac, mac) : "");
		nfp_err_hint(err,
			     "Is nfprobe --reflect running there, with this id, and is its "
			     "interface on the segment of %s%s?",
			     config.pf.ifname,
			     run->vlan.vid ? ", with the VLAN allowed on both switch ports" : "");
	}
	if (ret == 0)
		ret = nfp_source_refuse_inside(&run->topology, run->pf, "the reflector",
					       &welcome.src, err);
	if (ret == 0 && rate > welcome.rate) {
		ret = nfp_err_set(
			err, -ERANGE, NFP_E_SOURCE_UNUSABLE,
			"--rate %u is more than the reflector forwards: %u unicast frames "
			"a second at most",
			rate, welcome.rate);
		nfp_err_hint(err, "Give nfprobe --reflect the same --rate, or use --rate %u here.",
			     welcome.rate);
	}
	if (ret) {
		free(link);
		return ret;
	}
	run->source = (struct nfp_run_source) {
		.row = &nfp_sources[NFP_BY_PEER],
		.sender = config.pf,
		.mac = config.pf_mac,
		.codec = nfp_peer_link_codec(link),
		.peer = link,
	};
	snprintf(run->source.from.name, sizeof(run->source.from.name), "peer:%s",
		 nfp_mac_str(&welcome.src, mac));
	snprintf(run->source.from.note, sizeof(run->source.from.note),
		 "%sthe reflector sends each frame back to %s from outside the NIC",
		 from->kind == NFP_FROM_AUTO ? "auto: " : "", run->pf->info.ifname);
	run->result->reflector = welcome.src;
	if (welcome.left_s < need_s)
		nfp_run_warn(run,
			     "the reflector stops by itself in %u s, and this run takes about %u "
			     "s: give nfprobe --reflect a longer --timeout",
			     welcome.left_s, need_s);
	return 0;
}

void nfp_source_end(struct nfp_run *run)
{
	struct nfp_peer_link *link = run->source.peer;
	struct nfp_peer_frame welcome;

	if (!link)
		return;
	switch (nfp_peer_ask(link, &welcome, NULL)) {
	case -ENOLINK:
		nfp_run_warn(run,
			     "the reflector (%s) does not answer any more: it was stopped, its "
			     "time was over, or the way to it broke",
			     run->source.from.name);
		break;
	case -ESTALE:
		nfp_run_warn(run,
			     "the reflector (%s) has forwarded the frames of another run, or was "
			     "started anew",
			     run->source.from.name);
		break;
	default:
		break;
	}
}

/* ---- which of them ---- */

/* Nothing but the shared port rules these out, so users would wonder. */
static void warn_of_ports(struct nfp_run *run)
{
	struct nfp_err why;

	for (size_t i = 0; i < run->topology.num_links; i++) {
		const struct nfp_link *link = &run->topology.links[i];

		if (link->physical &&
		    nfp_source_refuse(&run->topology, run->pf, link, &why) == -EXDEV)
			nfp_run_warn(run, "%s is not asked for frames: %s", link->ifname,
				     why.message);
	}
}

/* Takes the first that there is, in the order of nfp_sources. */
static int find_auto(struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_vf_info *sibling = nfp_source_sibling(run);
	const char *ifname = run->pf->info.ifname;
	const struct nfp_link *links[NFP_CANDIDATES_MAX];
	size_t num = nfp_source_candidates(&run->topology, run->pf, links, NFP_CANDIDATES_MAX);
	int ret = find_heard(run, links, num, err);

	if (ret >= 0) {
		use_link(run, links[ret], "auto: ");
		ret = hold_link(run, links[ret], err);
	}
	/* Without an id, no reflector is meant. */
	if (ret == -ENOLINK && run->request->have_id) {
		ret = find_peer(run, err);
		if (ret == -ENOLINK)
			nfp_run_warn(run, "%s", err->message);
	}
	if (ret == -ENOLINK)
		ret = nfp_source_arp_auto(run, err);
	if (ret == -ENOLINK && sibling) {
		ret = use_sibling(run, sibling->vf, err);
		if (ret == 0)
			snprintf(run->source.from.note, sizeof(run->source.from.note),
				 "auto: %s hears no other netdev and no answer to ARP, so frames "
				 "come from VF %u through the NIC's own switch: %s, and the bridge "
				 "style can hardly be tested",
				 ifname, sibling->vf, run->source.row->lacks);
	}
	if (ret != -ENOLINK)
		return ret;
	nfp_err_set(err, -ENOLINK, NFP_E_NO_SOURCE,
		    "there is no source of test frames for %s: it does not hear the %zu other "
		    "netdev%s, no known neighbour answers ARP probes, and no idle VF has a driver "
		    "of this host",
		    ifname, num, num == 1 ? "" : "s");
	nfp_err_hint(err,
		     "Name a neighbour on its segment with --from arp:IP, run nfprobe --reflect on "
		     "another host there, or connect a second port of this host to the segment of "
		     "%s.",
		     ifname);
	return -ENOLINK;
}

/* A dry run asks nobody, and goes on as if this source had been found. */
static int assume(struct nfp_run *run, enum nfp_source_id id)
{
	run->source = (struct nfp_run_source) {.row = &nfp_sources[id]};
	return 0;
}

static int find_source(struct nfp_run *run, const struct nfp_from *from, struct nfp_err *err)
{
	const struct nfp_vf_info *vf = nfp_source_named_vf(run, from);
	int ret = check_named(run, from, err);

	if (ret < 0)
		return ret;
	if (vf)
		return use_sibling(run, vf->vf, err);
	switch (from->kind) {
	case NFP_FROM_PEER:
		return run->dry ? assume(run, NFP_BY_PEER) : find_peer(run, err);
	case NFP_FROM_ARP:
		return run->dry ? assume(run, NFP_BY_ARP) : nfp_source_arp(run, err);
	case NFP_FROM_AUTO:
		warn_of_ports(run);
		return run->dry ? assume(run, NFP_BY_NETDEV) : find_auto(run, err);
	case NFP_FROM_IFACE:
		if (strcmp(from->ifname, run->pf->info.ifname) != 0)
			return run->dry ? assume(run, NFP_BY_NETDEV) : find_link(run, from, err);
		break;
	case NFP_FROM_VF:
	case NFP_FROM_PF:
		break;
	}
	use_pf(run);
	return 0;
}

int nfp_source_find(struct nfp_run *run, struct nfp_err *err)
{
	struct nfp_settings *settings = &run->result->settings;
	struct nfp_run_source *source = &run->source;
	int ret = find_source(run, &run->request->from, err);

	if (ret < 0)
		return ret;
	source->unregistered = NFP_UNKNOWN;
	source->from.known = true;
	source->from.source = source->row->enters;
	source->from.by = (enum nfp_source_id)(source->row - nfp_sources);
	run->result->source = source->from;
	settings->rate = nfp_source_rate(run, source->row);
	settings->vlan = run->vlan;
	return 0;
}
