// SPDX-License-Identifier: GPL-2.0-or-later
/* origin_peer.c - frames from a reflector on another host. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nfprobe/probe.h"
#include "run_priv.h"

static void nobody(const struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err)
{
	const struct nfp_mac *mac = &run->request->from_peer;
	char text[NFP_MAC_STRLEN];

	nfp_err_set(err, -ENOLINK, NFP_E_NO_SOURCE,
		    "no reflector with this id answers %s%s%s: hello was said three times",
		    run->pf->info.ifname, nfp_mac_is_zero(mac) ? "" : " from ",
		    nfp_mac_is_zero(mac) ? "" : nfp_mac_str(mac, text));
	nfp_err_hint(err,
		     "is nfprobe --reflect running there, with this very id, and is its interface "
		     "on the segment of %s%s?",
		     run->pf->info.ifname,
		     vlan->vid ? ", with the VLAN allowed on both switch ports" : "");
}

static int check_rate(const struct nfp_run *run, const struct nfp_peer_frame *welcome,
		      struct nfp_err *err)
{
	unsigned int rate = run->request->rate;

	if (rate <= welcome->rate)
		return 0;
	nfp_err_set(err, -ERANGE, NFP_E_SOURCE_UNUSABLE,
		    "--rate %u is more than the reflector sends on: %u unicast frames a second at "
		    "most",
		    rate, welcome->rate);
	nfp_err_hint(err, "give nfprobe --reflect the same --rate, or take --rate %u here",
		     welcome->rate);
	return -ERANGE;
}

/* Its time may be over before the run is. */
static void warn_of_time(struct nfp_run *run, const struct nfp_peer_frame *welcome)
{
	uint64_t need_ns = 0;

	for (size_t i = 0; i < run->result->num_vfs; i++) {
		for (int style = 0; style < NFP_STYLE_COUNT; style++) {
			if (run->request->styles[style] &&
			    run->result->vfs[i].status == NFP_VF_PROBED)
				need_ns += nfp_ladder_estimate(run->settle_ns, NFP_STEP_CONTROL,
							       false);
		}
	}
	if (welcome->left_s < need_ns / NFP_NSEC_PER_SEC)
		nfp_run_warn(run,
			     "the reflector stops by itself in %u s, and this run takes about %u "
			     "s: give nfprobe --reflect a longer --timeout",
			     welcome->left_s, (unsigned int)(need_ns / NFP_NSEC_PER_SEC));
}

static void take(struct nfp_run *run, struct nfp_peer_link *link, const struct nfp_netdev *pf,
		 const struct nfp_peer_frame *welcome)
{
	char mac[NFP_MAC_STRLEN];

	run->origin = (struct nfp_origin) {
		.row = &nfp_sources[NFP_BY_PEER],
		.sender = *pf,
		.mac = run->pf->info.address,
		.codec = nfp_peer_link_codec(link),
		.peer = link,
	};
	snprintf(run->origin.name, sizeof(run->origin.name), "peer:%s",
		 nfp_mac_str(&welcome->src, mac));
	snprintf(run->origin.note, sizeof(run->origin.note),
		 "%sthe reflector sends each frame back to %s from outside the NIC",
		 run->request->from == NFP_FROM_AUTO ? "auto: " : "", run->pf->info.ifname);
	run->result->have_reflector = true;
	run->result->reflector = welcome->src;
	warn_of_time(run, welcome);
}

int nfp_origin_peer(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err)
{
	struct nfp_peer_link_config config = {
		.run = run->id,
		.id = run->request->id,
		.pf = nfp_origin_pf(run),
		.pf_mac = run->pf->info.address,
		.vlan = *vlan,
		.mac = run->request->from_peer,
	};
	struct nfp_peer_link *link;
	struct nfp_peer_frame welcome;
	int ret;

	link = nfp_peer_link_new(&config);
	ret = nfp_peer_link_ask(link, &welcome, err);
	if (ret == -ENOLINK)
		nobody(run, vlan, err);
	if (ret == 0)
		ret = nfp_origin_refuse_inside(&run->topology, run->pf, "the reflector",
					       &welcome.src, err);
	if (ret == 0)
		ret = check_rate(run, &welcome, err);
	if (ret == 0)
		take(run, link, &config.pf, &welcome);
	else
		free(link);
	return ret;
}

int nfp_origin_peer_again(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err)
{
	struct nfp_peer_frame welcome;
	int ret = nfp_peer_link_ask(run->origin.peer, &welcome, err);

	if (ret == -ENOLINK)
		nobody(run, vlan, err);
	if (ret == 0)
		run->origin.lost = false;
	return ret;
}

void nfp_origin_peer_after(struct nfp_run *run)
{
	struct nfp_peer_link *link = run->origin.peer;
	struct nfp_peer_frame welcome;

	if (!link)
		return;
	run->result->reflector_clock = *nfp_peer_link_clock(link);
	if (nfp_peer_link_ask(link, &welcome, NULL) != -ENOLINK)
		return;
	run->origin.lost = true;
	nfp_run_warn(run,
		     "the reflector (%s) does not answer any more: it was stopped, its time was "
		     "over, or the way to it broke",
		     run->origin.name);
}
