// SPDX-License-Identifier: GPL-2.0-or-later
/* arp.c - ARP probes: the frame, which requests are pending, the codec of a run, asking once. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "traffic_priv.h"

/* Behind the EtherType. */
#define BODY 28
enum { AT_OP = 6, AT_SHA = 8, AT_SPA = 14, AT_THA = 18, AT_TPA = 24 };

/* Hardware type, protocol, and the lengths of their addresses: IPv4 over Ethernet. */
static const uint8_t types[AT_OP] = {0, 1, 0x08, 0x00, 6, 4};

bool nfp_ipv4_parse(const char *text, struct nfp_ipv4 *ret_ip)
{
	struct nfp_ipv4 ip;

	/* inet_pton takes decimal numbers without leading zeros only. */
	if (inet_pton(AF_INET, text, ip.b) != 1 || ip.b[0] == 0 || ip.b[0] == 127 || ip.b[0] >= 224)
		return false;
	*ret_ip = ip;
	return true;
}

const char *nfp_ipv4_str(const struct nfp_ipv4 *ip, char buf[NFP_IPV4_STRLEN])
{
	/* Cannot fail: family and room are right. */
	return inet_ntop(AF_INET, ip->b, buf, NFP_IPV4_STRLEN);
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
	return start + BODY;
}

bool nfp_arp_parse(const uint8_t *data, size_t len, struct nfp_arp *ret_arp)
{
	struct nfp_arp arp = {0};
	size_t start = header_get(data, len, NFP_ETHERTYPE_ARP, &arp.vlan);
	const uint8_t *at = data + start;

	if (!start || len - start < BODY || memcmp(at, types, sizeof(types)) != 0)
		return false;
	memcpy(arp.dst.b, data, NFP_MAC_LEN);
	memcpy(arp.src.b, data + NFP_MAC_LEN, NFP_MAC_LEN);
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

/* ---- pending requests ---- */

/*
 * No two requests of any kind are closer than this share of what the rates add up to: at 13 a
 * second that makes 15 at most in any second, the limit of switches that inspect ARP.
 */
#define CLOSEST_NUM 13U
#define CLOSEST_DEN 15U
/* A reply counts for a request of the last second. */
#define LATEST_NS NFP_NSEC_PER_SEC
/* Two clocks are read one after the other: a reply may seem to precede its request. */
#define SLACK_NS (100 * NFP_NSEC_PER_USEC)
/* How long a reply is waited for before the next request that names its address. */
#define FIRST_WAIT_NS (300 * NFP_NSEC_PER_MSEC)
#define LEAST_WAIT_NS (50 * NFP_NSEC_PER_MSEC)
#define MORE_WAIT_NS  (30 * NFP_NSEC_PER_MSEC)
/* While a reply is awaited it is looked for this often. */
#define LOOK_NS (10 * NFP_NSEC_PER_MSEC)

void nfp_arp_pending_init(struct nfp_arp_pending *pending, uint64_t random)
{
	*pending = (struct nfp_arp_pending) {.random = random ? random : 1};
}

void nfp_arp_pending_plan(struct nfp_arp_pending *pending, const struct nfp_mac mac[NFP_KIND_COUNT],
			  const unsigned int rate[NFP_KIND_COUNT])
{
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		struct nfp_arp_entry *entry = &pending->entry[kind];

		entry->rate = rate[kind];
		if (nfp_mac_equal(&entry->mac, &mac[kind]))
			continue;
		entry->former = entry->mac;
		entry->former_ns = entry->ring[entry->newest].sent_ns + LATEST_NS;
		entry->mac = mac[kind];
		memset(entry->ring, 0, sizeof(entry->ring));
	}
}

uint64_t nfp_arp_pending_ready(const struct nfp_arp_pending *pending, enum nfp_kind kind,
			       uint64_t now_ns)
{
	const struct nfp_arp_entry *entry = &pending->entry[kind];
	const struct nfp_arp_request *last = &entry->ring[entry->newest];
	uint64_t next = entry->next_ns > pending->next_ns ? entry->next_ns : pending->next_ns;
	uint64_t wait = FIRST_WAIT_NS, until;

	if (pending->trip_ns) {
		wait = 2 * pending->trip_ns + MORE_WAIT_NS;
		wait = wait < LEAST_WAIT_NS ? LEAST_WAIT_NS : wait;
		wait = wait > LATEST_NS ? LATEST_NS : wait;
	}
	until = last->sent_ns + wait;
	if (next > now_ns)
		return next;
	if (!last->seq || last->answered || now_ns >= until)
		return now_ns;
	return until < now_ns + LOOK_NS ? until : now_ns + LOOK_NS;
}

/* Between three and five quarters of @ns, by xorshift64 (Marsaglia, 2003). */
static uint64_t around(struct nfp_arp_pending *pending, uint64_t ns)
{
	pending->random ^= pending->random << 13;
	pending->random ^= pending->random >> 7;
	pending->random ^= pending->random << 17;
	return ns / 4 * 3 + pending->random % (ns / 2 + 1);
}

/* At a lower rate a step takes as long as its rarest kind that decides: both get one share then. */
static uint64_t interval(const struct nfp_arp_pending *pending, enum nfp_kind kind)
{
	unsigned int rate = pending->entry[kind].rate;

	if (pending->level && kind != NFP_KIND_STRANGER)
		rate = (pending->entry[NFP_KIND_UNICAST].rate +
			pending->entry[NFP_KIND_BROADCAST].rate) /
		       2;
	return (NFP_NSEC_PER_SEC << pending->level) / (rate ? rate : 1);
}

static uint64_t closest(const struct nfp_arp_pending *pending)
{
	unsigned int sum = 1;

	for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
		sum += pending->entry[kind].rate;
	sum -= sum > 1;
	return (NFP_NSEC_PER_SEC / sum * CLOSEST_NUM / CLOSEST_DEN) << pending->level;
}

/*
 * Counts a control. Where too many of the last ones had no reply the rate is lowered, for good: one
 * that was too much once would be so again, and a step is watched anew for each change.
 */
static void judge(struct nfp_arp_pending *pending, bool answered)
{
	if (pending->judged == NFP_ARP_JUDGED) {
		/* The oldest ones are forgotten, half of them at a time. */
		pending->judged /= 2;
		pending->misses /= 2;
	}
	pending->judged++;
	pending->misses += !answered;
	if (pending->misses < NFP_ARP_MISSES)
		return;
	if (pending->level < NFP_ARP_LEVELS - 1) {
		/* Less than half came back: twice is not enough. */
		pending->level += 2 * pending->misses > pending->judged ? 2 : 1;
		if (pending->level >= NFP_ARP_LEVELS)
			pending->level = NFP_ARP_LEVELS - 1;
		pending->slowed++;
	}
	pending->judged = pending->misses = 0;
}

void nfp_arp_pending_sent(struct nfp_arp_pending *pending, enum nfp_kind kind, uint64_t seq,
			  uint64_t now_ns)
{
	struct nfp_arp_entry *entry = &pending->entry[kind];
	const struct nfp_arp_request *last = &entry->ring[entry->newest];

	if (kind == NFP_KIND_BROADCAST && last->seq)
		judge(pending, last->answered);
	entry->newest = (entry->newest + 1) % NFP_ARP_RING;
	entry->ring[entry->newest] = (struct nfp_arp_request) {.seq = seq, .sent_ns = now_ns};
	entry->next_ns = now_ns + around(pending, interval(pending, kind));
	pending->next_ns = now_ns + closest(pending);
}

/* The newest request that had been sent by then. */
static struct nfp_arp_request *request_for(struct nfp_arp_entry *entry, uint64_t seen_ns)
{
	for (unsigned int back = 0; back < NFP_ARP_RING; back++) {
		unsigned int at = (entry->newest + NFP_ARP_RING - back) % NFP_ARP_RING;
		struct nfp_arp_request *request = &entry->ring[at];

		if (request->seq && request->sent_ns <= seen_ns + SLACK_NS)
			return request;
	}
	return NULL;
}

bool nfp_arp_pending_match(struct nfp_arp_pending *pending, const struct nfp_mac *mac,
			   uint64_t seen_ns, enum nfp_kind *ret_kind,
			   struct nfp_arp_request *ret_request)
{
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		struct nfp_arp_entry *entry = &pending->entry[kind];
		struct nfp_arp_request *request;

		if (nfp_mac_equal(&entry->former, mac) && seen_ns <= entry->former_ns) {
			*ret_kind = NFP_KIND_ANNOUNCE;
			*ret_request = (struct nfp_arp_request) {0};
			return true;
		}
		if (!nfp_mac_equal(&entry->mac, mac))
			continue;
		/* Two kinds may have one address, and it may be the other's request. */
		request = request_for(entry, seen_ns);
		if (!request || seen_ns > request->sent_ns + LATEST_NS)
			continue;
		if (!request->answered) {
			uint64_t trip = seen_ns > request->sent_ns ? seen_ns - request->sent_ns : 1;

			/* Falls by an eighth with each shorter one. */
			pending->trip_ns -= pending->trip_ns / 8;
			if (trip > pending->trip_ns)
				pending->trip_ns = trip;
		}
		request->answered = true;
		*ret_kind = (enum nfp_kind)kind;
		*ret_request = *request;
		return true;
	}
	return false;
}

/* ---- the codec ---- */

struct arp_codec {
	struct nfp_arp_config config;
	struct nfp_arp_pending pending;
	uint64_t own_seq; /* the last test frame that the VF heard */
	char filter[NFP_CAPTURE_FILTER_LEN + NFP_ARP_FILTER_LEN + 8];
};

/* Where the reply to a control goes. */
static const struct nfp_mac *control_mac(const struct nfp_arp_config *config)
{
	return config->broadcast_reply ? &nfp_mac_broadcast : &config->pf_mac;
}

static void plan(void *ctx, const struct nfp_plan *new)
{
	struct arp_codec *codec = ctx;
	const struct nfp_mac mac[NFP_KIND_COUNT] = {
		[NFP_KIND_UNICAST] = new->unicast,
		[NFP_KIND_BROADCAST] = *control_mac(&codec->config),
		[NFP_KIND_STRANGER] = new->stranger,
	};

	nfp_arp_pending_plan(&codec->pending, mac, new->rate);
}

static uint64_t ready(void *ctx, enum nfp_kind kind, uint64_t now_ns)
{
	const struct arp_codec *codec = ctx;

	return nfp_arp_pending_ready(&codec->pending, kind, now_ns);
}

static unsigned int make(void *ctx, const struct nfp_frame *frame,
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
		.sha = control ? *control_mac(config) : frame->dst,
		.tpa = config->ip,
	};
	struct nfp_frame by_sibling = *frame;

	nfp_arp_pending_sent(&codec->pending, frame->kind, frame->seq, frame->sent_ns);
	packets[0].len = nfp_arp_build(&probe, packets[0].data);
	if (!control || config->broadcast_reply)
		return 1;
	packets[1].len = nfp_frame_build(&config->id, frame, packets[1].data);
	if (nfp_mac_is_zero(&config->sibling))
		return 2;
	/* Where there is a VLAN, the NIC puts the sibling's frames in it (VST). */
	by_sibling.src = config->sibling;
	by_sibling.vlan = (struct nfp_vlan) {0};
	packets[2].len = nfp_frame_build(&config->id, &by_sibling, packets[2].data);
	packets[2].second_sender = true;
	return 3;
}

/*
 * The broadcast of PF and sibling counts where it shows something: at the VF, and once. That it
 * reaches the PF from inside the NIC shows nothing.
 */
static enum nfp_frame_check recognise_own(struct arp_codec *codec, enum nfp_receiver at,
					  const uint8_t *data, size_t len,
					  struct nfp_frame *ret_frame)
{
	enum nfp_frame_check check = nfp_frame_parse(&codec->config.id, data, len, ret_frame);
	bool second = false;

	if (check != NFP_FRAME_OURS)
		return check;
	if (ret_frame->kind == NFP_KIND_BROADCAST && at == NFP_AT_VF &&
	    !nfp_mac_is_zero(&codec->config.sibling)) {
		second = ret_frame->seq == codec->own_seq;
		codec->own_seq = ret_frame->seq;
	}
	if (ret_frame->kind != NFP_KIND_BROADCAST || at != NFP_AT_VF || second)
		ret_frame->kind = NFP_KIND_ANNOUNCE;
	return NFP_FRAME_OURS;
}

static enum nfp_frame_check recognise(void *ctx, enum nfp_receiver at, const uint8_t *data,
				      size_t len, uint64_t seen_ns, struct nfp_frame *ret_frame)
{
	static const struct nfp_ipv4 nobody = {{0}};
	struct arp_codec *codec = ctx;
	const struct nfp_arp_config *config = &codec->config;
	struct nfp_arp_request request;
	enum nfp_kind kind;
	struct nfp_arp arp;

	if (!nfp_arp_parse(data, len, &arp))
		return recognise_own(codec, at, data, len, ret_frame);
	if (arp.op != NFP_ARP_REPLY || !nfp_mac_equal(&arp.dst, &arp.tha) ||
	    !nfp_mac_equal(&arp.sha, &config->neighbour) ||
	    !nfp_ipv4_equal(&arp.spa, &config->ip) || !nfp_ipv4_equal(&arp.tpa, &nobody) ||
	    !nfp_arp_pending_match(&codec->pending, &arp.tha, seen_ns, &kind, &request))
		return NFP_FRAME_FOREIGN;
	/* What is sent to the PF's own address and reaches a VF is no broadcast there. */
	if (kind == NFP_KIND_BROADCAST && at != NFP_AT_PF && !config->broadcast_reply)
		kind = NFP_KIND_ANNOUNCE;
	*ret_frame = (struct nfp_frame) {.dst = arp.dst,
					 .src = arp.src,
					 .vlan = arp.vlan,
					 .kind = kind,
					 .seq = request.seq,
					 .sent_ns = request.sent_ns};
	return NFP_FRAME_OURS;
}

static void stats(void *ctx, struct nfp_wire_stats *sum)
{
	const struct arp_codec *codec = ctx;

	sum->slowed += codec->pending.slowed;
	sum->slowness = 1U << codec->pending.level;
}

struct nfp_codec nfp_arp_codec_new(const struct nfp_arp_config *config)
{
	static const struct nfp_codec_ops ops = {
		.plan = plan,
		.ready = ready,
		.make = make,
		.recognise = recognise,
		.stats = stats,
	};
	struct arp_codec *codec = nfp_calloc(1, sizeof(*codec));
	char frames[NFP_CAPTURE_FILTER_LEN], replies[NFP_ARP_FILTER_LEN];
	uint64_t random;

	codec->config = *config;
	memcpy(&random, config->id.key, sizeof(random));
	nfp_arp_pending_init(&codec->pending, random);
	nfp_capture_filter(&config->id, frames);
	nfp_arp_filter(&config->ip, replies);
	snprintf(codec->filter, sizeof(codec->filter), "%s or %s", frames, replies);
	return (struct nfp_codec) {.ops = &ops, .ctx = codec, .filter = codec->filter};
}

/* ---- is there a neighbour that answers, and who? ---- */

#define TRIES	  3
#define TRY_NS	  (330 * NFP_NSEC_PER_MSEC)
#define SECOND_NS (100 * NFP_NSEC_PER_MSEC) /* for a second host that answers */

struct asking {
	const struct nfp_arp_query *query;
	struct nfp_arp probe;
	struct nfp_arp_answers answers;
	uint64_t deadline_ns;
};

static void on_answer(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns)
{
	struct asking *asking = ctx;
	const struct nfp_arp *probe = &asking->probe;
	const struct nfp_arp_query *query = asking->query;
	struct nfp_arp_answers *answers = &asking->answers;
	struct nfp_arp arp;

	(void)real_ns;
	if (!nfp_arp_parse(data, len, &arp) || arp.op != NFP_ARP_REPLY ||
	    !nfp_ipv4_equal(&arp.spa, &probe->tpa) || !nfp_mac_equal(&arp.tha, &probe->sha) ||
	    arp.vlan.vid != probe->vlan.vid || nfp_mac_is_multicast(&arp.sha) ||
	    nfp_mac_is_zero(&arp.sha) ||
	    (query->alone && !nfp_mac_equal(&arp.sha, &query->neighbour)))
		return;
	if (!nfp_mac_equal(&arp.dst, &arp.tha)) {
		answers->to_sender = query->broadcast_reply;
	} else if (answers->num == 0) {
		answers->macs[answers->num++] = arp.sha;
		asking->deadline_ns = nfp_clock_now() + SECOND_NS;
	} else if (answers->num == 1 && !nfp_mac_equal(&arp.sha, &answers->macs[0])) {
		answers->macs[answers->num++] = arp.sha;
	}
	/* One that is asked alone has no second. */
	if (answers->num == (query->alone ? 1 : 2) || answers->to_sender)
		asking->deadline_ns = 0;
}

static int ask(struct asking *asking, struct nfp_inject *inject, struct nfp_capture *capture)
{
	const struct nfp_arp_answers *answers = &asking->answers;
	struct nfp_packet packet;

	packet.len = nfp_arp_build(&asking->probe, packet.data);
	for (int i = 0; i < TRIES && !answers->num && !answers->to_sender; i++) {
		int ret = nfp_inject_send(inject, &packet, 1);

		if (ret < 0)
			return ret;
		asking->deadline_ns = nfp_clock_now() + TRY_NS;
		ret = nfp_capture_listen(capture, &asking->deadline_ns, on_answer, asking);
		if (ret < 0)
			return ret;
	}
	return 0;
}

int nfp_arp_ask(const struct nfp_arp_query *query, struct nfp_arp_answers *ret_answers,
		struct nfp_err *err)
{
	struct asking asking = {
		.query = query,
		.probe = {.dst = query->alone ? query->neighbour : nfp_mac_broadcast,
			  .src = query->pf_mac,
			  .vlan = query->vlan,
			  .op = NFP_ARP_REQUEST,
			  .sha = query->broadcast_reply ? nfp_mac_broadcast : query->pf_mac,
			  .tpa = query->ip},
	};
	char filter[NFP_ARP_FILTER_LEN];
	struct nfp_capture *capture;
	struct nfp_inject *inject;
	int ret;

	nfp_arp_filter(&query->ip, filter);
	ret = nfp_capture_open(&query->pf, filter, 0, false, &capture, err);
	if (ret)
		return ret;
	ret = nfp_inject_open(&query->pf, &inject, err);
	if (!ret) {
		ret = ask(&asking, inject, capture);
		nfp_inject_close(inject);
		if (ret)
			nfp_err_errno(err, ret, ret == -EINTR ? NFP_E_INTERRUPTED : NFP_E_KERNEL,
				      "cannot ask a neighbour of %s by ARP", query->pf.ifname);
	}
	nfp_capture_close(capture);
	if (!ret)
		*ret_answers = asking.answers;
	return ret;
}
