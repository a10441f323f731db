// SPDX-License-Identifier: GPL-2.0-or-later
/* arp.c - ARP probes: the frame, the codec of a run with its pending requests, asking once. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "traffic_priv.h"

/* Offsets after the EtherType. */
enum { AT_OP = 6, AT_SHA = 8, AT_SPA = 14, AT_THA = 18, AT_TPA = 24 };

/* Hardware type, protocol, and the lengths of their addresses: IPv4 over Ethernet. */
static const uint8_t types[AT_OP] = {0, 1, 0x08, 0x00, 6, 4};

bool nfp_ipv4_parse(const char *text, struct nfp_ipv4 *ret_ip)
{
	struct nfp_ipv4 ip;

	/* inet_pton accepts only decimal numbers without leading zeros. */
	if (inet_pton(AF_INET, text, ip.b) != 1 || ip.b[0] == 0 || ip.b[0] == 127 || ip.b[0] >= 224)
		return false;
	*ret_ip = ip;
	return true;
}

struct nfp_ipv4_text nfp_ipv4_str(const struct nfp_ipv4 *ip)
{
	struct nfp_ipv4_text is;

	/* Cannot fail: the family and the size are right. */
	(void)inet_ntop(AF_INET, ip->b, is.text, sizeof(is.text));
	return is;
}

bool nfp_ipv4_equal(const struct nfp_ipv4 *a, const struct nfp_ipv4 *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

size_t nfp_arp_build(const struct nfp_arp *arp, uint8_t buf[NFP_ARP_LEN_MAX])
{
	size_t start = header_put(buf, &arp->dst, &arp->src, &arp->vlan, NFP_ETHERTYPE_ARP);
	uint8_t *at = buf + start;

	memcpy(at, types, sizeof(types));
	put16(at + AT_OP, arp->op);
	memcpy(at + AT_SHA, arp->sha.b, NFP_MAC_LEN);
	memcpy(at + AT_SPA, arp->spa.b, sizeof(arp->spa.b));
	memcpy(at + AT_THA, arp->tha.b, NFP_MAC_LEN);
	memcpy(at + AT_TPA, arp->tpa.b, sizeof(arp->tpa.b));
	return start + NFP_ARP_BODY;
}

bool nfp_arp_parse(const uint8_t *data, size_t len, struct nfp_arp *ret_arp)
{
	struct nfp_arp arp;
	size_t start = header_get(data, len, NFP_ETHERTYPE_ARP, &arp.dst, &arp.src, &arp.vlan);
	const uint8_t *at = data + start;

	if (!start || len - start < NFP_ARP_BODY || memcmp(at, types, sizeof(types)) != 0)
		return false;
	arp.op = get16(at + AT_OP);
	memcpy(arp.sha.b, at + AT_SHA, NFP_MAC_LEN);
	memcpy(arp.spa.b, at + AT_SPA, sizeof(arp.spa.b));
	memcpy(arp.tha.b, at + AT_THA, NFP_MAC_LEN);
	memcpy(arp.tpa.b, at + AT_TPA, sizeof(arp.tpa.b));
	*ret_arp = arp;
	return true;
}

void nfp_arp_filter(const struct nfp_ipv4 *ip, char text[NFP_ARP_FILTER_LEN])
{
	uint32_t word = get32(ip->b);

	snprintf(text, NFP_ARP_FILTER_LEN,
		 "(ether[12:2] = 0x%x and ether[20:2] = %d and ether[28:4] = 0x%x and "
		 "ether[38:4] = 0) or "
		 "(ether[16:2] = 0x%x and ether[24:2] = %d and ether[32:4] = 0x%x and "
		 "ether[42:4] = 0)",
		 NFP_ETHERTYPE_ARP, NFP_ARP_REPLY, word, NFP_ETHERTYPE_ARP, NFP_ARP_REPLY, word);
}

/* ---- the codec ---- */

/* So many requests to one address may still get a reply. */
#define RING 4
/* Rates: full, a half, a quarter, an eighth. */
#define LEVELS 4
/* If this many of the last controls had no reply, the rate is too high for the neighbour. */
#define JUDGED 8
#define MISSES 2
/*
 * No two requests of any kind are closer than this share of the mean interval. At 13 requests per
 * second that allows at most 15 in any second, the limit of switches that inspect ARP.
 */
#define CLOSEST_NUM 13U
#define CLOSEST_DEN 15U
/* A reply belongs to a request of the last second. */
#define LATEST_NS NFP_NSEC_PER_SEC
/* Two clocks are read one after the other: a reply may seem to precede its request. */
#define SLACK_NS (100 * NFP_NSEC_PER_USEC)
/* How long the next request for an address waits for the reply to the last one. */
#define FIRST_WAIT_NS (300 * NFP_NSEC_PER_MSEC)
#define LEAST_WAIT_NS (50 * NFP_NSEC_PER_MSEC)
#define MORE_WAIT_NS  (30 * NFP_NSEC_PER_MSEC)
/* How often a request that waits for a reply is tried again. */
#define RETRY_NS (10 * NFP_NSEC_PER_MSEC)

struct request {
	uint64_t seq, sent_ns; /* seq 0: none */
	bool answered;
};

/* The pending requests for one kind of frame. */
struct pending {
	struct nfp_mac mac; /* replies go there */
	unsigned int rate;
	uint64_t next_ns; /* the next request is not sent before */
	struct request ring[RING];
	unsigned int newest;
	struct nfp_mac former;	  /* the address before this one */
	uint64_t former_until_ns; /* replies to @former may come until then */
};

struct arp_codec {
	struct nfp_arp_config config;
	struct nfp_mac control_mac; /* the reply to a control goes there */
	struct pending pending[NFP_KIND_COUNT];
	uint64_t next_ns; /* the next probe of any kind is not sent before */
	uint64_t trip_ns; /* about the longest recent time from request to reply; 0: none yet */
	uint64_t random;
	unsigned int level;	     /* the rate is shifted right by it */
	unsigned int judged, misses; /* controls at this level */
	uint64_t slowed;	     /* how often the rate was lowered */
	uint64_t own_seq;	     /* of the newest test frame that the VF received */
	char filter[NFP_CAPTURE_FILTER_LEN + NFP_ARP_FILTER_LEN + 8];
};

static void arp_plan(void *ctx, const struct nfp_plan *plan)
{
	struct arp_codec *codec = ctx;
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		const struct nfp_mac *mac = kind == NFP_KIND_BROADCAST
						    ? &codec->control_mac
						    : nfp_plan_to(plan, (enum nfp_kind)kind);
		struct pending *pending = &codec->pending[kind];

		pending->rate = plan->rate[kind];
		if (nfp_mac_equal(&pending->mac, mac))
			continue;
		pending->former = pending->mac;
		pending->former_until_ns = pending->ring[pending->newest].sent_ns + LATEST_NS;
		pending->mac = *mac;
		memset(pending->ring, 0, sizeof(pending->ring));
	}
}

static uint64_t arp_ready(void *ctx, enum nfp_kind kind, uint64_t now_ns)
{
	const struct arp_codec *codec = ctx;
	const struct pending *pending = &codec->pending[kind];
	const struct request *last = &pending->ring[pending->newest];
	uint64_t next = pending->next_ns > codec->next_ns ? pending->next_ns : codec->next_ns;
	uint64_t wait = FIRST_WAIT_NS, until;

	if (codec->trip_ns) {
		wait = 2 * codec->trip_ns + MORE_WAIT_NS;
		wait = wait < LEAST_WAIT_NS ? LEAST_WAIT_NS : wait;
		wait = wait > LATEST_NS ? LATEST_NS : wait;
	}
	until = last->sent_ns + wait;
	if (next > now_ns)
		return next;
	if (!last->seq || last->answered || now_ns >= until)
		return now_ns;
	return until < now_ns + RETRY_NS ? until : now_ns + RETRY_NS;
}

/*
 * Counts a control. If too many of the last ones had no reply, lowers the rate for good: a rate
 * that was too high once would be so again, and each change costs a new window.
 */
static void count_control(struct arp_codec *codec, bool answered)
{
	if (codec->judged == JUDGED) {
		/* Forget half of the past at a time. */
		codec->judged /= 2;
		codec->misses /= 2;
	}
	codec->judged++;
	codec->misses += !answered;
	if (codec->misses < MISSES)
		return;
	if (codec->level < LEVELS - 1) {
		/* If fewer than half got a reply, half the rate is too much as well. */
		codec->level += 2 * codec->misses > codec->judged ? 2 : 1;
		if (codec->level >= LEVELS)
			codec->level = LEVELS - 1;
		codec->slowed++;
	}
	codec->judged = codec->misses = 0;
}

static void note_request(struct arp_codec *codec, enum nfp_kind kind, uint64_t seq, uint64_t now_ns)
{
	const struct pending *all = codec->pending;
	struct pending *pending = &codec->pending[kind];
	const struct request *last = &pending->ring[pending->newest];
	unsigned int rate = pending->rate, sum = 0;
	uint64_t interval;

	if (kind == NFP_KIND_BROADCAST && last->seq)
		count_control(codec, last->answered);
	pending->newest = (pending->newest + 1) % RING;
	pending->ring[pending->newest] = (struct request) {.seq = seq, .sent_ns = now_ns};
	for (int i = 0; i < NFP_KIND_COUNT; i++)
		sum += all[i].rate;
	/*
	 * At a lower rate a step takes as long as the rarer of the two kinds that decide it needs,
	 * so both get the same share.
	 */
	if (codec->level && kind < NFP_KINDS_DECIDE)
		rate = (all[NFP_KIND_UNICAST].rate + all[NFP_KIND_BROADCAST].rate) / 2;
	interval = (NFP_NSEC_PER_SEC << codec->level) / (rate ? rate : 1);
	/* Three to five quarters of the interval, by xorshift64 (Marsaglia, 2003). */
	codec->random ^= codec->random << 13;
	codec->random ^= codec->random >> 7;
	codec->random ^= codec->random << 17;
	pending->next_ns = now_ns + interval / 4 * 3 + codec->random % (interval / 2 + 1);
	codec->next_ns = now_ns + ((NFP_NSEC_PER_SEC / (sum ? sum : 1) * CLOSEST_NUM / CLOSEST_DEN)
				   << codec->level);
}

static unsigned int arp_make(void *ctx, const struct nfp_frame *frame,
			     struct nfp_packet packets[NFP_CODEC_PACKETS])
{
	struct arp_codec *codec = ctx;
	const struct nfp_arp_config *config = &codec->config;
	bool control = frame->kind == NFP_KIND_BROADCAST;
	struct nfp_arp probe = {
		.dst = config->neighbour,
		.src = config->pf_mac,
		.vlan = frame->vlan,
		.op = NFP_ARP_REQUEST,
		.sha = control ? codec->control_mac : frame->dst,
		.tpa = config->ip,
	};
	struct nfp_frame by_sibling = *frame;

	note_request(codec, frame->kind, frame->seq, frame->sent_ns);
	packets[0].len = nfp_arp_build(&probe, packets[0].data);
	if (!control || config->broadcast_reply)
		return 1;
	packets[1].len = nfp_frame_build(&config->id, frame, packets[1].data);
	if (nfp_mac_is_zero(&config->sibling))
		return 2;
	/* If there is a VLAN, the NIC puts the other VF's frames into it (VST). */
	by_sibling.src = config->sibling;
	by_sibling.vlan = (struct nfp_vlan) {0};
	packets[2].len = nfp_frame_build(&config->id, &by_sibling, packets[2].data);
	packets[2].second_sender = true;
	return 3;
}

/*
 * Finds the request that a reply to @mac answers. False: there was none in the last second. A reply
 * that was under way when the address changed answers no request, but is not foreign either: it
 * gets a kind that is not counted.
 */
static bool match_reply(struct arp_codec *codec, const struct nfp_mac *mac, uint64_t seen_ns,
			struct nfp_frame *frame)
{
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		struct pending *pending = &codec->pending[kind];
		struct request *request = NULL;

		if (nfp_mac_equal(&pending->former, mac) && seen_ns <= pending->former_until_ns) {
			frame->kind = NFP_KIND_ANNOUNCE;
			return true;
		}
		if (!nfp_mac_equal(&pending->mac, mac))
			continue;
		/* Take the newest request that had been sent by then. */
		for (unsigned int back = 0; back < RING && !request; back++) {
			request = &pending->ring[(pending->newest + RING - back) % RING];
			if (!request->seq || request->sent_ns > seen_ns + SLACK_NS)
				request = NULL;
		}
		/* Two kinds may have one address: try the other. */
		if (!request || seen_ns > request->sent_ns + LATEST_NS)
			continue;
		if (!request->answered) {
			uint64_t trip = seen_ns > request->sent_ns ? seen_ns - request->sent_ns : 1;

			/* It falls by an eighth with each shorter one. */
			codec->trip_ns -= codec->trip_ns / 8;
			if (trip > codec->trip_ns)
				codec->trip_ns = trip;
		}
		request->answered = true;
		frame->kind = (enum nfp_kind)kind;
		frame->seq = request->seq;
		frame->sent_ns = request->sent_ns;
		return true;
	}
	return false;
}

static enum nfp_frame_check arp_recognise(void *ctx, enum nfp_receiver at, const uint8_t *data,
					  size_t len, uint64_t seen_ns, struct nfp_frame *ret_frame)
{
	static const struct nfp_ipv4 nobody = {{0}};
	struct arp_codec *codec = ctx;
	const struct nfp_arp_config *config = &codec->config;
	enum nfp_frame_check check;
	struct nfp_frame reply;
	struct nfp_arp arp;
	bool counts;

	if (nfp_arp_parse(data, len, &arp)) {
		reply = (struct nfp_frame) {.dst = arp.dst, .src = arp.src, .vlan = arp.vlan};
		if (arp.op != NFP_ARP_REPLY || !nfp_mac_equal(&arp.dst, &arp.tha) ||
		    !nfp_mac_equal(&arp.sha, &config->neighbour) ||
		    !nfp_ipv4_equal(&arp.spa, &config->ip) || !nfp_ipv4_equal(&arp.tpa, &nobody) ||
		    !match_reply(codec, &arp.tha, seen_ns, &reply))
			return NFP_FRAME_FOREIGN;
		/* A reply to the PF's own address that reaches a VF is not broadcast there. */
		if (reply.kind == NFP_KIND_BROADCAST && at != NFP_AT_PF && !config->broadcast_reply)
			reply.kind = NFP_KIND_ANNOUNCE;
		*ret_frame = reply;
		return NFP_FRAME_OURS;
	}
	check = nfp_frame_parse(&config->id, data, len, ret_frame);
	if (check != NFP_FRAME_OURS)
		return check;
	/*
	 * The broadcast of the PF and the other VF counts at the VF, and only once. At the PF it
	 * proves nothing, since it came from inside the NIC.
	 */
	counts = ret_frame->kind == NFP_KIND_BROADCAST && at == NFP_AT_VF;
	if (counts && !nfp_mac_is_zero(&config->sibling)) {
		counts = ret_frame->seq != codec->own_seq;
		codec->own_seq = ret_frame->seq;
	}
	if (!counts)
		ret_frame->kind = NFP_KIND_ANNOUNCE;
	return NFP_FRAME_OURS;
}

static void arp_stats(void *ctx, struct nfp_wire_stats *stats)
{
	const struct arp_codec *codec = ctx;

	stats->slowed += codec->slowed;
	stats->slowness = 1U << codec->level;
}

struct nfp_codec nfp_arp_codec_new(const struct nfp_arp_config *config)
{
	static const struct nfp_codec_ops ops = {
		.plan = arp_plan,
		.ready = arp_ready,
		.make = arp_make,
		.recognise = arp_recognise,
		.stats = arp_stats,
	};
	struct arp_codec *codec = nfp_calloc(1, sizeof(*codec));
	char frames[NFP_CAPTURE_FILTER_LEN], replies[NFP_ARP_FILTER_LEN];

	codec->config = *config;
	codec->control_mac = config->broadcast_reply ? nfp_mac_broadcast : config->pf_mac;
	/* The intervals show it: what it begins with must not reveal the key. */
	codec->random = nfp_siphash(config->id.key, config->id.run, sizeof(config->id.run)) | 1;
	nfp_capture_filter(&config->id, frames);
	nfp_arp_filter(&config->ip, replies);
	snprintf(codec->filter, sizeof(codec->filter), "%s or %s", frames, replies);
	return (struct nfp_codec) {.ops = &ops, .ctx = codec, .filter = codec->filter};
}
