// SPDX-License-Identifier: GPL-2.0-or-later
/* source_peer.c - frames from a reflector on another host. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "run_priv.h"

int nfp_source_peer(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err)
{
	const struct nfp_request *request = run->request;
	const struct nfp_from *from = &request->from;
	const struct nfp_peer_link_config config = {
		.run = run->id,
		.id = request->id,
		.pf = nfp_source_pf(run),
		.pf_mac = run->pf->info.address,
		.vlan = *vlan,
		.mac = from->peer,
	};
	unsigned int need_s = (unsigned int)(nfp_run_estimate(run, true) / NFP_NSEC_PER_SEC);
	struct nfp_peer_link *link = nfp_peer_link_new(&config);
	struct nfp_peer_frame welcome;
	char mac[NFP_MAC_STRLEN];
	int ret = nfp_peer_link_ask(link, &welcome, err);

	if (ret == -ENOLINK) {
		bool named = !nfp_mac_is_zero(&config.mac);

		nfp_err_set(err, ret, NFP_E_NO_SOURCE, "no reflector with this id answers %s%s%s",
			    config.pf.ifname, named ? " from " : "",
			    named ? nfp_mac_str(&config.mac, mac) : "");
		nfp_err_hint(err,
			     "Is nfprobe --reflect running there, with this id, and is its "
			     "interface on the segment of %s%s?",
			     config.pf.ifname,
			     vlan->vid ? ", with the VLAN allowed on both switch ports" : "");
	}
	if (ret == 0)
		ret = nfp_source_refuse_inside(&run->topology, run->pf, "the reflector",
					       &welcome.src, err);
	if (ret == 0 && request->rate > welcome.rate) {
		ret = nfp_err_set(
			err, -ERANGE, NFP_E_SOURCE_UNUSABLE,
			"--rate %u is more than the reflector forwards: %u unicast frames "
			"a second at most",
			request->rate, welcome.rate);
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

void nfp_source_peer_after(struct nfp_run *run)
{
	struct nfp_peer_link *link = run->source.peer;
	struct nfp_peer_frame welcome;

	if (!link)
		return;
	switch (nfp_peer_link_ask(link, &welcome, NULL)) {
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
