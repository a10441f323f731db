// SPDX-License-Identifier: GPL-2.0-or-later
#include "record_priv.h"

#include <errno.h>
#include <string.h>

#include "nfprobe/sources.h"

#define ADDRESSES_LEN 12
#define TAG_LEN	      4

/* Where a prober's frame to a reflector has the test frame; 0: it is none. */
static size_t carried_at(const uint8_t *data, size_t len)
{
	static const uint8_t head[] = {0x88, 0xb5, 'n', 'f', 'p', 'x'};
	size_t at = ADDRESSES_LEN;

	if (len >= at + 2 && ((data[at] == 0x81 && data[at + 1] == 0x00) ||
			      (data[at] == 0x88 && data[at + 1] == 0xa8)))
		at += TAG_LEN;
	if (len < at + 2 + NFP_PEER_HEADER + NFP_PEER_INNER_LEN ||
	    memcmp(data + at, head, sizeof(head)) != 0)
		return 0;
	return at + 2 + NFP_PEER_HEADER;
}

/* By whom the answer goes to. */
static enum nfp_kind kind_of(const struct match *match, const struct nfp_mac *to)
{
	const struct nfp_runner_config *config = match->config;

	if (nfp_mac_equal(to, &config->address) || nfp_mac_equal(to, &config->address_first))
		return NFP_KIND_UNICAST;
	return nfp_mac_equal(to, &config->stranger) ? NFP_KIND_STRANGER : NFP_KIND_BROADCAST;
}

int match_sent(struct match *match, uint64_t seq, const uint8_t *data, size_t len,
	       enum nfp_kind *ret_kind)
{
	size_t inner = carried_at(data, len);
	struct nfp_frame frame;
	struct nfp_arp probe;

	if (nfp_arp_parse(data, len, &probe)) {
		if (match->config->source->has_id || probe.op != NFP_ARP_REQUEST)
			return -EBADMSG;
		*ret_kind = kind_of(match, &probe.sha);
		match->asked[seq % MATCH_ASKED] = (struct match_asked) {seq, *ret_kind, probe};
		return 0;
	}
	if (nfp_frame_parse(match->id, data + inner, inner ? NFP_PEER_INNER_LEN : len, &frame) !=
		    NFP_FRAME_OURS ||
	    frame.seq != seq || frame.kind >= NFP_KIND_COUNT)
		return -EBADMSG;
	*ret_kind = frame.kind;
	return 0;
}

/* The standby listens on the VLAN of the run. */
static bool is_for_receiver(const struct match *match, enum nfp_receiver at,
			    const struct nfp_vlan *vlan)
{
	const struct nfp_vlan *want = &match->config->vlan;

	return at != NFP_AT_PF ||
	       (vlan->vid == want->vid && (!want->vid || vlan->proto == want->proto));
}

int match_seen(const struct match *match, uint64_t seq, enum nfp_receiver at, const uint8_t *data,
	       size_t len, enum nfp_kind *ret_kind)
{
	const struct match_asked *asked = &match->asked[seq % MATCH_ASKED];
	const struct nfp_arp *probe = &asked->probe;
	struct nfp_frame frame;
	struct nfp_arp reply;

	if (!nfp_arp_parse(data, len, &reply)) {
		if (nfp_frame_parse(match->id, data, len, &frame) != NFP_FRAME_OURS ||
		    frame.seq != seq || frame.kind >= NFP_KIND_COUNT ||
		    !is_for_receiver(match, at, &frame.vlan))
			return -EBADMSG;
		/* Between ARP probes only the PF's own broadcast is a test frame, and shows
		 * something at the VF. */
		if (!match->config->source->has_id &&
		    (frame.kind != NFP_KIND_BROADCAST || at != NFP_AT_VF))
			return -EBADMSG;
		*ret_kind = frame.kind;
		return 0;
	}
	if (!is_for_receiver(match, at, &reply.vlan))
		return -EBADMSG;
	if (asked->seq != seq)
		return -ENOENT;
	if (reply.op != NFP_ARP_REPLY || !nfp_mac_equal(&reply.tha, &probe->sha) ||
	    !nfp_mac_equal(&reply.dst, &reply.tha) || !nfp_mac_equal(&reply.sha, &probe->dst) ||
	    !nfp_ipv4_equal(&reply.spa, &probe->tpa))
		return -EBADMSG;
	/* What is sent to the PF's own address and reaches a VF is no broadcast there. */
	if (asked->kind == NFP_KIND_BROADCAST && at != NFP_AT_PF &&
	    !nfp_mac_is_multicast(&reply.dst))
		return -EBADMSG;
	*ret_kind = asked->kind;
	return 0;
}
