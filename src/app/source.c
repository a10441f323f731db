// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * source.c - where the frames of a run enter the NIC.
 *
 * Only frames from outside the NIC can answer every question. So auto first looks for the wire:
 * each netdev that could be a second port on the segment sends a hello, and one that the PF hears
 * becomes the source.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run_priv.h"

/* So many frames a second, at most, where the PF floods a whole Open vSwitch with them. */
#define OVS_RATE 100U

static bool is_auto(const struct nfp_run *run)
{
	return run->request->from.kind == NFP_FROM_AUTO;
}

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
	unsigned int rate = run->request->have_rate ? run->request->settings.rate
						    : row->rate[NFP_KIND_UNICAST];

	if (rate > row->rate_max)
		rate = row->rate_max;
	if (is_ovs(run->pf->info.master_kind) && rate > OVS_RATE)
		rate = OVS_RATE;
	return rate;
}

/* ---- the PF, another VF ---- */

static int use_pf(struct nfp_run *run, struct nfp_err *err)
{
	(void)err;
	run->source.sender = nfp_source_pf(run);
	run->source.mac = *nfp_own_address(run);
	snprintf(run->source.from.name, sizeof(run->source.from.name), "pf");
	snprintf(run->source.from.note, sizeof(run->source.from.note),
		 "frames come from the PF itself: %s", run->source.row->lacks);
	return 0;
}

/* nfp_source_begin prepares the VF. */
static int use_sibling(struct nfp_run *run, struct nfp_err *err)
{
	struct nfp_run_source *source = &run->source;
	unsigned int vf = run->roles.sender->vf;

	(void)err;
	snprintf(source->from.name, sizeof(source->from.name), "vf:%u", vf);
	if (is_auto(run))
		snprintf(source->from.note, sizeof(source->from.note),
			 "auto: %s hears no other netdev and %s, so frames come from VF %u through "
			 "the NIC's own switch: %s, and the bridge style can hardly be tested",
			 run->pf->info.ifname,
			 nfp_why_pf_silent(&run->pf->info) ? "asks nobody" : "no answer to ARP", vf,
			 source->row->lacks);
	else
		snprintf(source->from.note, sizeof(source->from.note),
			 "frames come from VF %u through the NIC's own switch: %s", vf,
			 source->row->lacks);
	return 0;
}

int nfp_source_begin(struct nfp_run *run, struct nfp_err *err)
{
	struct nfp_run_source *source = &run->source;
	bool sends = source->row == &nfp_sources[NFP_SOURCE_VF];
	struct nfp_mac mac;

	if (!run->roles.sender)
		return 0;
	return nfp_backend_sibling(run->backend, NFP_SIBLING_SENDS, run->roles.sender->vf,
				   sends ? &source->sender : &source->second_sender,
				   sends ? &source->mac : &mac, err);
}

/* ---- another netdev ---- */

/* Locks each VF that @link sends through. -EBUSY (NFP_E_LOCKED): another run probes one of them. */
static int hold_link(struct nfp_run *run, const struct nfp_link *link, struct nfp_err *err)
{
	const struct nfp_sendings all = nfp_sends_by(&run->topology, link);

	nfp_for_each (sending, all.v, all.n) {
		struct nfp_err why = {0};
		int ret;

		if (!sending->by->physfn[0])
			continue;
		ret = nfp_run_lock(run, sending->by->parentdev, true, &why);
		if (ret < 0) {
			nfp_err_set(err, ret, why.code, "%s cannot be the source: %s", link->ifname,
				    why.message);
			err->hint = why.hint;
			return ret;
		}
	}
	return 0;
}

/* The note says what its frames show, as far as is known. A netdev that the user named is locked
 * already. */
static int use_link(struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_link *link = run->roles.link;
	const struct nfp_link *lower = nfp_lower_on_port(&run->topology, run->pf, link,
							 NFP_PORT_UNKNOWN);
	const char *pf = run->pf->info.ifname, *found = is_auto(run) ? "auto: " : "";
	struct nfp_run_source *source = &run->source;

	source->sender = nfp_netdev_named(link->ifindex, link->ifname);
	source->mac = link->address;
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
	return is_auto(run) ? hold_link(run, link, err) : 0;
}

/* Finds the netdevs that the PF hears. */
static int ask_netdevs(struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_roles_input input = nfp_run_roles_input(run);
	const struct nfp_pf_info *pf = &run->pf->info;
	const struct nfp_netdev at = nfp_netdev_named(pf->ifindex, pf->ifname);
	struct nfp_netdev senders[NFP_CANDIDATES_MAX] = {{.ifindex = 0}};
	const struct nfp_link *links[NFP_CANDIDATES_MAX];
	struct nfp_mac macs[NFP_CANDIDATES_MAX] = {{{0}}};
	size_t num = nfp_roles_netdevs(&input, links);
	int ret = is_auto(run) ? 0 : hold_link(run, links[0], err);

	for (size_t i = 0; i < num; i++) {
		senders[i] = nfp_netdev_named(links[i]->ifindex, links[i]->ifname);
		macs[i] = links[i]->address;
	}
	run->found.asked_netdevs = true;
	return ret
		       ?: nfp_hello(&run->id, &run->vlan, &at, senders, macs, num, run->found.heard,
				    err);
}

/* ---- a reflector on another host ---- */

static int ask_peer(struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_peer_link_config config = {
		.run = run->id,
		.id = run->request->id,
		.pf = nfp_source_pf(run),
		.pf_mac = *nfp_own_address(run),
		.vlan = run->vlan,
		.mac = run->request->from.peer,
	};
	struct nfp_run_source *source = &run->source;
	int ret;

	source->peer = nfp_peer_link_new(&config);
	source->codec = nfp_peer_link_codec(source->peer);
	ret = nfp_peer_ask(source->peer, &source->welcome, err);
	run->found.asked_peer = true;
	run->found.peer_answers = ret == 0;
	run->found.peer = source->welcome.src;
	return ret == -ENOLINK ? 0 : ret;
}

static int use_peer(struct nfp_run *run, struct nfp_err *err)
{
	struct nfp_run_source *source = &run->source;
	const struct nfp_peer_frame *welcome = &source->welcome;
	unsigned int need_s = (unsigned int)(nfp_run_estimate(run, true) / NFP_NSEC_PER_SEC);
	unsigned int rate = nfp_source_rate(run, source->row);

	if (rate > welcome->rate) {
		nfp_err_set(err, -ERANGE, NFP_E_SOURCE_UNUSABLE,
			    "--rate %u is more than the reflector forwards: %u unicast frames "
			    "a second at most",
			    rate, welcome->rate);
		nfp_err_hint(err, "Give nfprobe --reflect the same --rate, or use --rate %u here.",
			     welcome->rate);
		return -ERANGE;
	}
	source->sender = nfp_source_pf(run);
	source->mac = *nfp_own_address(run);
	snprintf(source->from.name, sizeof(source->from.name), "peer:%s",
		 nfp_mac_str(&welcome->src).text);
	snprintf(source->from.note, sizeof(source->from.note),
		 "%sthe reflector sends each frame back to %s from outside the NIC",
		 is_auto(run) ? "auto: " : "", run->pf->info.ifname);
	run->result->reflector = welcome->src;
	if (welcome->left_s < need_s)
		nfp_run_warn(run,
			     "the reflector stops by itself in %u s, and this run takes about %u "
			     "s: give nfprobe --reflect a longer --timeout",
			     welcome->left_s, need_s);
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

/* Only the shared port rules these netdevs out, which a user would not expect. */
static void warn_of_ports(struct nfp_run *run)
{
	struct nfp_err why;

	nfp_for_each (link, run->topology.links, run->topology.num_links) {
		if (link->physical &&
		    nfp_source_refuse(&run->topology, run->pf, link, &why) == -EXDEV)
			nfp_run_warn(run, "%s is not asked for frames: %s", link->ifname,
				     why.message);
	}
}

static int ask_kernel(struct nfp_run *run, struct nfp_err *err)
{
	run->found.have_neighbours = true;
	return nfp_source_neighbours(run, &run->found.neighbours, err);
}

/* Ask the query of the roles, and note the reply in run->found. 0 or -errno. */
static int (*const ask[])(struct nfp_run *run, struct nfp_err *err) = {
	[NFP_QUERY_NETDEVS] = ask_netdevs,
	[NFP_QUERY_PEER] = ask_peer,
	[NFP_QUERY_NEIGHBOURS] = ask_kernel,
	[NFP_QUERY_ARP] = nfp_arp_question,
};

/* Open the source of the roles, as far as that is done before the ladders. */
static int (*const use[])(struct nfp_run *run, struct nfp_err *err) = {
	[NFP_SOURCE_NETDEV] = use_link,	   [NFP_SOURCE_PEER] = use_peer,
	[NFP_SOURCE_ARP] = nfp_source_arp, [NFP_SOURCE_ARP_ALONE] = nfp_source_arp,
	[NFP_SOURCE_VF] = use_sibling,	   [NFP_SOURCE_PF] = use_pf,
};

/* Asks until the source is known. */
static int find_source(struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_roles_input input = nfp_run_roles_input(run);
	enum nfp_query asked = NFP_QUERY_NOBODY;
	struct nfp_err why;
	int ret;

	while ((ret = nfp_roles_pick_sender(&input, &run->roles, &why, err)) >= 0) {
		if (asked == NFP_QUERY_PEER && why.code != NFP_E_NONE)
			nfp_run_warn(run, "%s", why.message);
		asked = run->roles.query;
		if (asked == NFP_QUERY_NOBODY)
			return 0;
		ret = ask[asked](run, err);
		if (ret < 0)
			break;
	}
	return ret;
}

/* The source of a dry run is not there, and a reflector may have been asked in vain. */
static int use_source(struct nfp_run *run, struct nfp_err *err)
{
	enum nfp_source_id by = run->roles.source;
	struct nfp_run_source *source = &run->source;

	source->row = &nfp_sources[by];
	if (by != NFP_SOURCE_PEER) {
		free(source->codec.ctx);
		source->codec = (struct nfp_codec) {.ops = NULL};
		source->peer = NULL;
	}
	return run->dry && by != NFP_SOURCE_VF && by != NFP_SOURCE_PF ? 0 : use[by](run, err);
}

int nfp_source_find(struct nfp_run *run, struct nfp_err *err)
{
	struct nfp_settings *settings = &run->result->settings;
	struct nfp_run_source *source = &run->source;
	int ret;

	if (is_auto(run))
		warn_of_ports(run);
	ret = find_source(run, err) ?: use_source(run, err);
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

/* ---- the wire ---- */

static void record(struct nfp_run *run, const struct nfp_stream_config *config)
{
	const struct nfp_recorder_stream stream = {
		.sender = config->sender.ifname,
		.pf = config->pf.ifname,
		.sender_mac = config->sender_mac,
		.pf_mac = config->pf_mac,
		.what = run->source.row->meaning,
		.vf = run->result->vf.vf,
	};

	nfp_recorder_stream(run->recorder, &stream);
}

static struct nfp_stream_config stream_config(const struct nfp_run *run)
{
	const struct nfp_run_source *source = &run->source;
	const struct nfp_vlan none = {.vid = 0};
	const bool of_port = run->port.ifindex, of_vf = source->row == &nfp_sources[NFP_SOURCE_VF];
	/* The NIC removes the VLAN of a VF, as VST. A signal and news of the PF must not wait for a
	 * frame. */
	struct nfp_stream_config config = {
		.id = run->id,
		.sender = source->sender,
		.sender_mac = source->mac,
		.sender_vlan = of_vf ? none : run->vlan,
		.second_sender = source->second_sender,
		.pf = of_port ? run->port : nfp_source_pf(run),
		.pf_mac = of_port ? run->port_mac : *nfp_own_address(run),
		.pf_vlan = of_port ? none : run->vlan,
		.wake_fds = {run->io->signals->fd, nfp_backend_notify_fd(run->backend)},
		.codec = source->codec.ops ? &source->codec : NULL,
	};

	if (run->request->have_mac)
		config.elsewhere = run->request->mac;
	nfp_tag_stream(run, &config);
	return config;
}

int nfp_source_open(struct nfp_run *run, struct nfp_err *err)
{
	struct nfp_run_source *source = &run->source;
	struct nfp_stream_config config;

	if (!source->accounting)
		source->accounting = nfp_accounting_new();
	if (run->dry) {
		source->dry_wire = nfp_dry_wire_new(&run->dry->now_ns);
		return 0;
	}
	config = stream_config(run);
	if (run->recorder) {
		record(run, &config);
		config.tap = nfp_recorder_tap(run->recorder);
	}
	return nfp_stream_open(&config, &source->stream, err);
}

void nfp_source_close(struct nfp_run *run)
{
	struct nfp_run_source *source = &run->source;

	nfp_stream_close(source->stream);
	nfp_dry_wire_free(source->dry_wire);
	source->stream = NULL;
	source->dry_wire = NULL;
}

struct nfp_wire nfp_source_wire(const struct nfp_run *run)
{
	const struct nfp_run_source *source = &run->source;
	struct nfp_wire wire = source->dry_wire ? nfp_dry_wire(source->dry_wire)
						: nfp_stream_wire(source->stream);

	wire.accounting = source->accounting;
	return wire;
}
