// SPDX-License-Identifier: GPL-2.0-or-later
/* A neighbour that answers ARP as the source: nfprobe's own codec, asked and answered in memory. */
#include "memnic_priv.h"
#include "../../src/traffic/traffic_priv.h"

#include <stdlib.h>
#include <string.h>

static const struct nfp_ipv4 ip = {{192, 0, 2, 1}};
static const struct nfp_mac neighbour = {{0x02, 0, 0, 0, 0, 0x66}};

void neighbour_new(struct memnic *nic)
{
	struct nfp_arp_config config = {
		.pf_mac = nic_own_mac,
		.ip = ip,
		.neighbour = neighbour,
		.broadcast_reply = true,
	};

	memcpy(config.id.key, &nic->random, sizeof(nic->random));
	nic->arp = nfp_arp_codec_new(&config);
}

void neighbour_free(struct memnic *nic)
{
	free(nic->arp.ctx);
}

/* A policer lets a second's worth pass at once. */
static bool is_policed(struct memnic *nic, uint64_t now_ns)
{
	uint64_t each_ns;

	if (!nic->c.arp_police)
		return false;
	each_ns = NFP_NSEC_PER_SEC / nic->c.arp_police;
	if (nic->answered_ns + NFP_NSEC_PER_SEC < now_ns)
		nic->answered_ns = now_ns - NFP_NSEC_PER_SEC;
	if (nic->answered_ns + each_ns > now_ns)
		return true;
	nic->answered_ns += each_ns;
	return false;
}

static void ask(struct memnic *nic, struct nfp_frame_accounting *accounting, enum nfp_kind kind,
		uint64_t now_ns)
{
	const struct memnic_conditions *c = &nic->c;
	struct nfp_packet packets[NFP_CODEC_PACKETS];
	const struct nfp_frame frame = {
		.dst = *nfp_plan_to(&nic->plan, kind),
		.src = nic_own_mac,
		.kind = kind,
		.seq = ++nic->seq,
		.sent_ns = now_ns,
	};
	struct nic_flight answer = {
		.seq = frame.seq,
		.sent_ns = now_ns,
		.seen_ns = now_ns + c->arp_trip_ns + c->before_ns,
		.kind = kind,
		.to = frame.dst,
	};

	(void)nic->arp.ops->make(nic->arp.ctx, &frame, packets);
	if (nfp_accounting_sent(accounting, frame.seq, kind, now_ns))
		abort();
	/* The way there, and the way back. */
	if (!nic->pf_carrier || !nic->forwards || net_loses(nic, now_ns, true) ||
	    is_policed(nic, now_ns) || net_loses(nic, now_ns, !nfp_mac_is_multicast(&answer.to)))
		return;
	if (c->before_jitter_ns)
		answer.seen_ns += nic_random(nic) % c->before_jitter_ns;
	nic_put(&nic->before, &answer);
}

static void answer_at(struct memnic *nic, struct nfp_frame_accounting *accounting,
		      const struct nic_flight *flight, enum nfp_receiver at)
{
	const struct nfp_arp reply = {
		.dst = flight->to,
		.src = neighbour,
		.op = NFP_ARP_REPLY,
		.sha = neighbour,
		.tha = flight->to,
		.spa = ip,
	};
	uint64_t seen_ns = flight->seen_ns + nic->c.latency_ns;
	uint8_t data[NFP_PACKET_MAX];
	struct nfp_frame frame;
	size_t len = nfp_arp_build(&reply, data);

	if (nic->arp.ops->recognise(nic->arp.ctx, at, data, len, seen_ns, &frame) ==
		    NFP_FRAME_OURS &&
	    frame.kind < NFP_KIND_COUNT)
		nfp_accounting_seen(accounting, frame.seq, frame.kind, at, seen_ns);
}

/* The answers that meet the NIC before @until_ns. */
static void answer(struct memnic *nic, struct nfp_frame_accounting *accounting,
		   const struct nic_stretch *stretch, uint64_t until_ns)
{
	size_t kept = 0;

	for (size_t i = 0; i < nic->before.num; i++) {
		struct nic_flight flight = nic->before.v[i];

		if (flight.seen_ns >= until_ns) {
			nic->before.v[kept++] = flight;
			continue;
		}
		for (int at = 0; at < NFP_RECEIVER_COUNT && stretch->passes[flight.kind]; at++) {
			if (stretch->reach[flight.kind] & NIC_TO(at))
				answer_at(nic, accounting, &flight, (enum nfp_receiver)at);
		}
	}
	nic->before.num = kept;
}

void neighbour_make(struct memnic *nic, struct nfp_frame_accounting *accounting,
		    const struct nic_stretch *stretch, uint64_t until_ns)
{
	for (;;) {
		enum nfp_kind kind = 0;
		uint64_t now_ns, ready_ns;

		for (enum nfp_kind other = 1; other < NFP_KIND_COUNT; other++) {
			if (nic->next_ns[other] < nic->next_ns[kind])
				kind = other;
		}
		now_ns = nic->next_ns[kind];
		if (now_ns >= until_ns)
			break;
		answer(nic, accounting, stretch, now_ns);
		ready_ns = nic->arp.ops->ready(nic->arp.ctx, kind, now_ns);
		if (ready_ns > now_ns) {
			nic->next_ns[kind] = ready_ns;
			continue;
		}
		ask(nic, accounting, kind, now_ns);
		nic->next_ns[kind] += nic->interval_ns[kind];
	}
	answer(nic, accounting, stretch, until_ns);
}
