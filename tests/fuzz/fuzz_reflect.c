// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sequences of frames to a reflector: of three probers, and of a stranger who records all that they
 * send, and sends it again, early, late, altered and by the hundred thousand a second. Each two
 * bytes are what happens next. Whatever the stranger does, each fresh frame of the run is served,
 * once; nothing goes out that nobody asked for; and no more than the limit.
 */
#include <stdlib.h>
#include <string.h>

#include "traffic/sources.h"
#include "base/base.h"
#include "fuzz/reflector.h"
#include "../../src/traffic/traffic_priv.h"

enum { PROBERS = 3, RECORDED = 64, FLOOD = 1000, RATE = 1000 };
#define FLOOD_NS (NFP_NSEC_PER_SEC / 100000)
/* Frames of a run are no closer than a prober sends them. */
#define SPACE_NS (NFP_NSEC_PER_SEC / (RATE + NFP_PEER_CONTROLS))

static const struct nfp_mac mine = REFLECTOR_MAC;

struct prober {
	uint8_t run[NFP_RUN_ID_LEN];
	uint64_t session, seq; /* as it was offered; 0: it has not been answered */
};

struct recorded {
	uint8_t data[NFP_PEER_LEN_MAX];
	size_t len;
	bool hello;
};

struct world {
	struct nfp_reflect *reflect;
	uint64_t now_ns;
	struct prober probers[PROBERS];
	/* The reflector must know the run that it serves, and what it offers. */
	const struct prober *served;
	uint64_t session, offered;
	struct recorded recorded[RECORDED];
	size_t num;
	uint64_t others; /* answers to the HELLOs of others than the run */
	uint64_t in, out;
};

static const struct nfp_reflector_config config = {
	.id = REFLECTOR_ID,
	.mac = REFLECTOR_MAC,
	.rate = RATE,
	.session = SESSION,
	.deadline_ns = UINT64_MAX,
};

static enum nfp_reflect_outcome give(struct world *w, const uint8_t *data, size_t len,
				     struct nfp_packet *packet)
{
	enum nfp_reflect_outcome outcome = nfp_reflect_handle(w->reflect, data, len, w->now_ns,
							      packet);

	w->in++;
	w->out += outcome == NFP_REFLECT_SENT_ON || outcome == NFP_REFLECT_ANSWERED;
	require(w->out <= w->in);
	return outcome;
}

static struct nfp_peer_frame frame_of(struct prober *p, enum nfp_peer_type type)
{
	struct nfp_peer_frame frame = {
		.dst = mine,
		.src = {{0x02, 0, 0, 0, 0, 0x0a}},
		.type = type,
		.session = type == NFP_PEER_HELLO ? 0 : p->session,
		.seq = ++p->seq,
	};

	memcpy(frame.run, p->run, NFP_RUN_ID_LEN);
	return frame;
}

static enum nfp_reflect_outcome send_frame(struct world *w, const struct nfp_peer_frame *frame,
					   struct nfp_packet *packet)
{
	struct recorded *r = &w->recorded[w->num++ % RECORDED];

	w->now_ns += SPACE_NS;
	r->len = nfp_peer_build(&config.id, frame, r->data);
	r->hello = frame->type == NFP_PEER_HELLO;
	return give(w, r->data, r->len, packet);
}

static void say_hello(struct world *w, struct prober *p)
{
	struct nfp_peer_frame hello = frame_of(p, NFP_PEER_HELLO), welcome;
	struct nfp_packet packet;
	enum nfp_reflect_outcome outcome = send_frame(w, &hello, &packet);

	/* Those of others have a budget of their own. */
	require(outcome == NFP_REFLECT_ANSWERED ||
		(outcome == NFP_REFLECT_OVER_RATE && p != w->served));
	if (outcome != NFP_REFLECT_ANSWERED)
		return;
	w->others += p != w->served;
	require(nfp_peer_parse(&config.id, packet.data, packet.len, &welcome) == NFP_PEER_OURS);
	require(welcome.type == NFP_PEER_WELCOME);
	require(welcome.session == (p == w->served ? w->session : w->offered));
	p->session = welcome.session;
}

/* Does the reflector serve its frames? A frame in the session that is offered begins its run. */
static bool is_served(struct world *w, const struct prober *p)
{
	if (p->session == w->offered) {
		w->served = p;
		w->session = w->offered++;
	}
	return p == w->served && p->session == w->session;
}

static void carry(struct world *w, struct prober *p)
{
	const struct nfp_frame_id id = {.run = {p->run[0]}, .key = {1}};
	struct nfp_frame test = {.dst = {{0x02, 1, 2, 3, 4, 5}},
				 .src = mine,
				 .kind = NFP_KIND_UNICAST,
				 .seq = p->seq,
				 .sent_ns = w->now_ns};
	struct nfp_peer_frame frame;
	uint8_t inner[NFP_FRAME_LEN_MAX];
	struct nfp_packet packet;
	bool served;

	if (!p->session)
		return;
	served = is_served(w, p);
	nfp_frame_build(&id, &test, inner);
	frame = frame_of(p, NFP_PEER_CARRY);
	frame.inner = inner;
	require(send_frame(w, &frame, &packet) ==
		(served ? NFP_REFLECT_SENT_ON : NFP_REFLECT_OTHER_SESSION));
	require(!served || packet.len < w->recorded[(w->num - 1) % RECORDED].len);
}

/* ---- the stranger ---- */

/* A HELLO alone of what was recorded is ever answered again. */
static void replay(struct world *w, const struct recorded *r, unsigned int times)
{
	struct nfp_packet packet;

	for (unsigned int i = 0; i < times; i++) {
		enum nfp_reflect_outcome outcome = give(w, r->data, r->len, &packet);

		require(outcome != NFP_REFLECT_SENT_ON);
		require(outcome != NFP_REFLECT_ANSWERED || r->hello);
		w->others += outcome == NFP_REFLECT_ANSWERED;
		if (times > 1)
			w->now_ns += FLOOD_NS;
	}
}

/* The tag of a VLAN is not under the checksum, and these have none. */
static void forge(struct world *w, const struct recorded *r, uint8_t how)
{
	uint8_t data[NFP_PEER_LEN_MAX];
	struct nfp_packet packet;
	enum nfp_reflect_outcome outcome;

	memcpy(data, r->data, r->len);
	data[how % r->len] ^= (uint8_t)(1 + how / r->len);
	outcome = give(w, data, r->len, &packet);
	require(outcome != NFP_REFLECT_SENT_ON && outcome != NFP_REFLECT_ANSWERED);
	outcome = give(w, data, how % r->len, &packet);
	require(outcome != NFP_REFLECT_SENT_ON && outcome != NFP_REFLECT_ANSWERED);
}

static void happen(struct world *w, uint8_t what, uint8_t how)
{
	struct prober *p = &w->probers[how % PROBERS];
	const struct recorded *r = &w->recorded[how % RECORDED];

	switch (what % 8) {
	case 0:
		say_hello(w, p);
		break;
	case 1:
	case 2:
	case 3:
		carry(w, p);
		break;
	case 4:
		replay(w, r, r->len ? 1 : 0);
		break;
	case 5:
		replay(w, r, r->len ? FLOOD : 0);
		break;
	case 6:
		if (r->len)
			forge(w, r, how);
		break;
	default:
		w->now_ns += (uint64_t)how * 100 * NFP_NSEC_PER_MSEC;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world *w = calloc(1, sizeof(*w));
	uint64_t begin_ns = NFP_NSEC_PER_SEC;

	require(w);
	w->now_ns = begin_ns;
	w->offered = SESSION;
	w->reflect = nfp_reflect_new(&config);
	for (unsigned int i = 0; i < PROBERS; i++)
		w->probers[i].run[0] = (uint8_t)(1 + i);
	for (size_t i = 0; i + 1 < size && i < 400; i += 2)
		happen(w, data[i], data[i + 1]);
	require(w->others <= NFP_PEER_HELLOS * (2 + (w->now_ns - begin_ns) / NFP_NSEC_PER_SEC));
	free(w->reflect);
	free(w);
	return 0;
}
