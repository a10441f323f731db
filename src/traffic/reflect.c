// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/sources.h"

#include <stdlib.h>
#include <string.h>

#define RUNS_MAX     64	  /* probers' runs in one reflector's life */
#define WINDOW	     1024 /* frames that may be overtaken: NICs with many queues reorder */
#define WINDOW_WORDS (WINDOW / 64)
#define OTHER_KINDS  40 /* broadcast and stranger, 20 a second each */
#define HELLO_RATE   20
#define GREETED_MAX  4096 /* HELLOs, each of which is answered once while it is remembered */

/* A sliding window as in RFC 6479: bit seq % WINDOW says whether seq has been seen. */
struct seen {
	uint8_t run[NFP_RUN_ID_LEN];
	uint64_t highest;
	uint64_t bits[WINDOW_WORDS];
};

/* Evenly spaced frames, up to a second's worth at once (the generic cell rate algorithm). */
struct meter {
	uint64_t interval_ns;
	uint64_t due_ns;
};

/* A HELLO that was answered. All zero is none: sequence numbers begin with 1. */
struct greeted {
	uint8_t run[NFP_RUN_ID_LEN];
	uint64_t seq;
};

struct nfp_reflect {
	struct nfp_reflect_config config;
	struct meter carry, hello;
	struct greeted greeted[GREETED_MAX]; /* a ring */
	size_t num_greeted;
	struct seen runs[RUNS_MAX];
	size_t num_runs;
};

static const struct nfp_mac broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

const char *nfp_reflect_outcome_text(enum nfp_reflect_outcome outcome)
{
	static const char *const texts[NFP_REFLECT_OUTCOMES] = {
		[NFP_REFLECT_SENT_ON] = "sent on",
		[NFP_REFLECT_ANSWERED] = "answered",
		[NFP_REFLECT_NOT_FOR_US] = "for another station",
		[NFP_REFLECT_OTHER_ID] = "with another id, or forged",
		[NFP_REFLECT_MALFORMED] = "malformed",
		[NFP_REFLECT_OTHER_SESSION] = "of an earlier reflector's time",
		[NFP_REFLECT_REPEATED] = "repeated, or much too late",
		[NFP_REFLECT_REFUSED] = "that carried what is never sent on",
		[NFP_REFLECT_OVER_RATE] = "over the rate",
		[NFP_REFLECT_CROWDED] = "of one run too many",
		[NFP_REFLECT_UNSENT] = "that the kernel would not send",
	};

	return (unsigned int)outcome < NFP_REFLECT_OUTCOMES ? texts[outcome] : "?";
}

uint64_t nfp_reflect_cap(unsigned int rate)
{
	uint64_t all = (uint64_t)rate + OTHER_KINDS;

	return all + all / 10 + 1;
}

struct nfp_reflect *nfp_reflect_new(const struct nfp_reflect_config *config)
{
	struct nfp_reflect *reflect = nfp_calloc(1, sizeof(*reflect));

	if (!reflect)
		return NULL;
	reflect->config = *config;
	reflect->carry.interval_ns = NFP_NSEC_PER_SEC / nfp_reflect_cap(config->rate);
	reflect->hello.interval_ns = NFP_NSEC_PER_SEC / HELLO_RATE;
	return reflect;
}

void nfp_reflect_free(struct nfp_reflect *reflect)
{
	free(reflect);
}

static bool within_rate(struct meter *meter, uint64_t now_ns)
{
	if (meter->due_ns < now_ns)
		meter->due_ns = now_ns;
	if (meter->due_ns - now_ns > NFP_NSEC_PER_SEC - meter->interval_ns)
		return false;
	meter->due_ns += meter->interval_ns;
	return true;
}

/* ---- each frame once ---- */

static struct seen *find_run(struct nfp_reflect *reflect, const uint8_t run[NFP_RUN_ID_LEN])
{
	for (size_t i = 0; i < reflect->num_runs; i++) {
		if (memcmp(reflect->runs[i].run, run, NFP_RUN_ID_LEN) == 0)
			return &reflect->runs[i];
	}
	if (reflect->num_runs == RUNS_MAX)
		return NULL;
	memcpy(reflect->runs[reflect->num_runs].run, run, NFP_RUN_ID_LEN);
	return &reflect->runs[reflect->num_runs++];
}

static uint64_t *word_of(struct seen *seen, uint64_t seq)
{
	return &seen->bits[seq / 64 % WINDOW_WORDS];
}

/* The words between the old highest number and the new one have no meaning yet. */
static void advance(struct seen *seen, uint64_t seq)
{
	uint64_t words = seq / 64 - seen->highest / 64;

	if (words > WINDOW_WORDS)
		words = WINDOW_WORDS;
	for (uint64_t i = 0; i < words; i++)
		*word_of(seen, seq - i * 64) = 0;
	seen->highest = seq;
}

/* A word's worth less than the window, since the newest word takes the oldest one's place. */
static bool is_fresh(struct seen *seen, uint64_t seq)
{
	uint64_t bit = UINT64_C(1) << (seq % 64);

	if (seq > seen->highest)
		advance(seen, seq);
	else if (seen->highest - seq >= WINDOW - 64)
		return false;
	if (*word_of(seen, seq) & bit)
		return false;
	*word_of(seen, seq) |= bit;
	return true;
}

/* ---- what may be sent ---- */

static bool may_send(const struct nfp_reflect *reflect, const struct nfp_peer_frame *carrier)
{
	struct nfp_frame frame;

	if (nfp_frame_peek(carrier->run, carrier->inner, NFP_PEER_INNER_LEN, NULL, &frame) !=
		    NFP_FRAME_OURS ||
	    !nfp_mac_equal(&frame.src, &reflect->config.mac))
		return false;
	switch (frame.kind) {
	case NFP_KIND_UNICAST:
	case NFP_KIND_STRANGER:
		return !nfp_mac_is_multicast(&frame.dst) && !nfp_mac_is_zero(&frame.dst);
	case NFP_KIND_BROADCAST:
		return nfp_mac_equal(&frame.dst, &broadcast);
	default:
		return false;
	}
}

static enum nfp_reflect_outcome carry(struct nfp_reflect *reflect,
				      const struct nfp_peer_frame *frame, uint64_t received_ns,
				      const struct nfp_clock_pair *now,
				      struct nfp_packet *ret_packet)
{
	const struct nfp_peer_stamp stamp = {.received_ns = received_ns, .sent_ns = now->real_ns};
	struct seen *seen;

	if (frame->session != reflect->config.session)
		return NFP_REFLECT_OTHER_SESSION;
	seen = find_run(reflect, frame->run);
	if (!seen)
		return NFP_REFLECT_CROWDED;
	if (!is_fresh(seen, frame->seq))
		return NFP_REFLECT_REPEATED;
	if (!may_send(reflect, frame))
		return NFP_REFLECT_REFUSED;
	if (!within_rate(&reflect->carry, now->mono_ns))
		return NFP_REFLECT_OVER_RATE;
	ret_packet->len = nfp_peer_reflect(&reflect->config.id, frame->inner, &frame->vlan, &stamp,
					   ret_packet->data);
	return NFP_REFLECT_SENT_ON;
}

static uint32_t seconds_left(const struct nfp_reflect *reflect, uint64_t now_ns)
{
	uint64_t deadline_ns = reflect->config.deadline_ns;

	return deadline_ns > now_ns ? (uint32_t)((deadline_ns - now_ns) / NFP_NSEC_PER_SEC) : 0;
}

static bool was_greeted(const struct nfp_reflect *reflect, const struct nfp_peer_frame *hello)
{
	for (size_t i = 0; i < GREETED_MAX && reflect->greeted[i].seq; i++) {
		if (reflect->greeted[i].seq == hello->seq &&
		    memcmp(reflect->greeted[i].run, hello->run, NFP_RUN_ID_LEN) == 0)
			return true;
	}
	return false;
}

static void remember(struct nfp_reflect *reflect, const struct nfp_peer_frame *hello)
{
	struct greeted *greeted = &reflect->greeted[reflect->num_greeted++ % GREETED_MAX];

	memcpy(greeted->run, hello->run, NFP_RUN_ID_LEN);
	greeted->seq = hello->seq;
}

static enum nfp_reflect_outcome welcome(struct nfp_reflect *reflect,
					const struct nfp_peer_frame *hello, uint64_t now_ns,
					struct nfp_packet *ret_packet)
{
	struct nfp_peer_frame frame = {
		.dst = hello->src,
		.src = reflect->config.mac,
		.vlan = hello->vlan,
		.type = NFP_PEER_WELCOME,
		.session = reflect->config.session,
		.seq = hello->seq,
		.rate = reflect->config.rate,
		.left_s = seconds_left(reflect, now_ns),
	};

	/* One that somebody recorded must not take from the rate of those who ask. */
	if (was_greeted(reflect, hello))
		return NFP_REFLECT_REPEATED;
	if (!within_rate(&reflect->hello, now_ns))
		return NFP_REFLECT_OVER_RATE;
	remember(reflect, hello);
	memcpy(frame.run, hello->run, NFP_RUN_ID_LEN);
	ret_packet->len = nfp_peer_build(&reflect->config.id, &frame, ret_packet->data);
	return NFP_REFLECT_ANSWERED;
}

enum nfp_reflect_outcome nfp_reflect_take(struct nfp_reflect *reflect, const uint8_t *data,
					  size_t len, uint64_t received_ns,
					  const struct nfp_clock_pair *now,
					  struct nfp_packet *ret_packet)
{
	struct nfp_peer_frame frame;
	enum nfp_peer_check check = nfp_peer_parse(&reflect->config.id, data, len, &frame);
	bool to_us, to_all;

	if (check == NFP_PEER_OTHER_ID)
		return NFP_REFLECT_OTHER_ID;
	if (check != NFP_PEER_OURS)
		return check == NFP_PEER_MALFORMED ? NFP_REFLECT_MALFORMED : NFP_REFLECT_NOT_FOR_US;
	to_us = nfp_mac_equal(&frame.dst, &reflect->config.mac);
	to_all = nfp_mac_equal(&frame.dst, &broadcast);
	if (frame.type == NFP_PEER_HELLO && (to_us || to_all))
		return welcome(reflect, &frame, now->mono_ns, ret_packet);
	if (frame.type == NFP_PEER_CARRY && to_us)
		return carry(reflect, &frame, received_ns, now, ret_packet);
	return NFP_REFLECT_NOT_FOR_US;
}
