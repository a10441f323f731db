// SPDX-License-Identifier: GPL-2.0-or-later
/* arp_codec.c - ARP probes as the frames of a run. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "traffic_priv.h"
#include "nfprobe/sources.h"
#include "nfprobe/traffic.h"

#define FILTER_LEN (NFP_CAPTURE_FILTER_LEN + NFP_ARP_FILTER_LEN + 8)

struct nfp_arp_codec {
	struct nfp_arp_config config;
	struct nfp_mac sibling; /* zero: none */
	pthread_mutex_t lock;
	struct nfp_arp_book book; /* under the lock .. */
	uint64_t own_seq;	  /* .. as the last test frame that the VF heard */
	char filter[FILTER_LEN];
};

static const struct nfp_mac everybody = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

/* Where the answer to a control goes. */
static const struct nfp_mac *control_mac(const struct nfp_arp_config *config)
{
	return config->aloud ? &everybody : &config->pf_mac;
}

static void plan(void *ctx, const struct nfp_plan *new, uint64_t now_ns)
{
	struct nfp_arp_codec *codec = ctx;
	const struct nfp_mac mac[NFP_KIND_COUNT] = {
		[NFP_KIND_UNICAST] = new->unicast,
		[NFP_KIND_BROADCAST] = *control_mac(&codec->config),
		[NFP_KIND_STRANGER] = new->stranger,
	};

	(void)now_ns;
	pthread_mutex_lock(&codec->lock);
	nfp_arp_book_plan(&codec->book, mac, new->rate);
	pthread_mutex_unlock(&codec->lock);
}

static uint64_t ready(void *ctx, enum nfp_kind kind, uint64_t now_ns)
{
	struct nfp_arp_codec *codec = ctx;
	uint64_t ret;

	pthread_mutex_lock(&codec->lock);
	ret = nfp_arp_book_ready(&codec->book, kind, now_ns);
	pthread_mutex_unlock(&codec->lock);
	return ret;
}

/* Where there is a VLAN, the NIC puts the sibling's frames in it (VST). */
static void by_sibling(const struct nfp_arp_codec *codec, const struct nfp_frame *frame,
		       struct nfp_packet *packet)
{
	struct nfp_frame own = *frame;

	own.src = codec->sibling;
	own.vlan = (struct nfp_vlan) {0};
	packet->len = nfp_frame_build(&codec->config.id, &own, packet->data);
	packet->aside = true;
}

static unsigned int make(void *ctx, const struct nfp_frame *frame,
			 struct nfp_packet packets[NFP_CODEC_PACKETS])
{
	struct nfp_arp_codec *codec = ctx;
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

	pthread_mutex_lock(&codec->lock);
	nfp_arp_book_sent(&codec->book, frame->kind, frame->seq, frame->sent_ns);
	pthread_mutex_unlock(&codec->lock);
	packets[0].len = nfp_arp_build(&probe, packets[0].data);
	if (!control || config->aloud)
		return 1;
	packets[1].len = nfp_frame_build(&config->id, frame, packets[1].data);
	if (nfp_mac_is_zero(&codec->sibling))
		return 2;
	by_sibling(codec, frame, &packets[2]);
	return 3;
}

/* The same control from the PF and from the sibling is no duplicate. */
static bool is_second(struct nfp_arp_codec *codec, const struct nfp_frame *frame)
{
	bool second;

	if (nfp_mac_is_zero(&codec->sibling))
		return false;
	pthread_mutex_lock(&codec->lock);
	second = frame->seq == codec->own_seq;
	codec->own_seq = frame->seq;
	pthread_mutex_unlock(&codec->lock);
	return second;
}

/*
 * The broadcast of PF and sibling counts where it shows something: at the VF. That it reaches the
 * PF from inside the NIC shows nothing.
 */
static enum nfp_frame_check recognise_own(struct nfp_arp_codec *codec, enum nfp_receiver at,
					  const uint8_t *data, size_t len,
					  struct nfp_frame *ret_frame)
{
	enum nfp_frame_check check = nfp_frame_parse(&codec->config.id, data, len, NULL, ret_frame);

	if (check != NFP_FRAME_OURS)
		return check;
	if (ret_frame->kind != NFP_KIND_BROADCAST || at != NFP_AT_VF || is_second(codec, ret_frame))
		ret_frame->kind = NFP_KIND_ANNOUNCE;
	return NFP_FRAME_OURS;
}

static bool is_answer(const struct nfp_arp_config *config, const struct nfp_arp *arp)
{
	static const struct nfp_ipv4 nobody = {{0}};

	return arp->op == NFP_ARP_REPLY && nfp_mac_equal(&arp->dst, &arp->tha) &&
	       nfp_mac_equal(&arp->sha, &config->neighbour) &&
	       nfp_ipv4_equal(&arp->spa, &config->ip) && nfp_ipv4_equal(&arp->tpa, &nobody);
}

static enum nfp_frame_check recognise(void *ctx, enum nfp_receiver at, const uint8_t *data,
				      size_t len, uint64_t seen_ns, struct nfp_frame *ret_frame)
{
	struct nfp_arp_codec *codec = ctx;
	struct nfp_arp_question question;
	enum nfp_kind kind;
	struct nfp_arp arp;
	bool ours;

	if (!nfp_arp_parse(data, len, &arp))
		return recognise_own(codec, at, data, len, ret_frame);
	if (!is_answer(&codec->config, &arp))
		return NFP_FRAME_FOREIGN;
	pthread_mutex_lock(&codec->lock);
	ours = nfp_arp_book_match(&codec->book, &arp.tha, seen_ns, &kind, &question);
	pthread_mutex_unlock(&codec->lock);
	if (!ours)
		return NFP_FRAME_FOREIGN;
	/* What is sent to the PF's own address and reaches a VF is no broadcast there. */
	if (kind == NFP_KIND_BROADCAST && at != NFP_AT_PF && !codec->config.aloud)
		kind = NFP_KIND_ANNOUNCE;
	*ret_frame = (struct nfp_frame) {.dst = arp.dst,
					 .src = arp.src,
					 .vlan = arp.vlan,
					 .kind = kind,
					 .seq = question.seq,
					 .sent_ns = question.sent_ns};
	return NFP_FRAME_OURS;
}

static void stats(void *ctx, struct nfp_wire_stats *sum)
{
	struct nfp_arp_codec *codec = ctx;

	pthread_mutex_lock(&codec->lock);
	sum->slowed += codec->book.slowed;
	sum->slowness = 1U << codec->book.level;
	pthread_mutex_unlock(&codec->lock);
}

void nfp_arp_filter(const struct nfp_ipv4 *ip, char text[NFP_ARP_FILTER_LEN])
{
	unsigned int word = (unsigned int)ip->b[0] << 24 | (unsigned int)ip->b[1] << 16 |
			    (unsigned int)ip->b[2] << 8 | ip->b[3];

	snprintf(text, NFP_ARP_FILTER_LEN,
		 "(ether[12:2] = 0x%x and ether[20:2] = %d and ether[28:4] = 0x%x and "
		 "ether[38:4] = 0) or "
		 "(ether[16:2] = 0x%x and ether[24:2] = %d and ether[32:4] = 0x%x and "
		 "ether[42:4] = 0)",
		 NFP_ETHERTYPE_ARP, NFP_ARP_REPLY, word, NFP_ETHERTYPE_ARP, NFP_ARP_REPLY, word);
}

struct nfp_arp_codec *nfp_arp_codec_new(const struct nfp_arp_config *config)
{
	struct nfp_arp_codec *codec = nfp_calloc(1, sizeof(*codec));
	char frames[NFP_CAPTURE_FILTER_LEN], answers[NFP_ARP_FILTER_LEN];
	uint64_t random;

	if (!codec)
		return NULL;
	codec->config = *config;
	/* Neither can fail on Linux with default attributes. */
	pthread_mutex_init(&codec->lock, NULL);
	memcpy(&random, config->id.key, sizeof(random));
	nfp_arp_book_open(&codec->book, random);
	nfp_capture_filter(&config->id, frames);
	nfp_arp_filter(&config->ip, answers);
	snprintf(codec->filter, sizeof(codec->filter), "%s or %s", frames, answers);
	return codec;
}

void nfp_arp_codec_sibling(struct nfp_arp_codec *codec, const struct nfp_mac *sibling)
{
	codec->sibling = *sibling;
}

void nfp_arp_codec_free(void *arg)
{
	struct nfp_arp_codec *codec = arg;

	if (!codec)
		return;
	pthread_mutex_destroy(&codec->lock);
	free(codec);
}

struct nfp_codec nfp_arp_codec_of(struct nfp_arp_codec *codec)
{
	static const struct nfp_codec_ops ops = {
		.plan = plan,
		.ready = ready,
		.make = make,
		.recognise = recognise,
		.stats = stats,
	};

	return (struct nfp_codec) {.ops = &ops, .ctx = codec, .filter = codec->filter};
}
