// SPDX-License-Identifier: GPL-2.0-or-later
/* peerlink.c - a prober's side of a reflector: finds it, and carries test frames to it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "traffic_priv.h"

/* A switch forwards within microseconds; the rest is for a busy host. */
#define HELLO_NS (300 * NFP_NSEC_PER_MSEC)
#define HELLOS	 3

struct nfp_peer_link {
	struct nfp_peer_link_config config;
	uint64_t session; /* 0: nobody has answered yet */
	uint64_t seq;	  /* of the last frame to the reflector, one count for the whole run */
	struct nfp_peer_clock clock;
};

struct nfp_peer_link *nfp_peer_link_new(const struct nfp_peer_link_config *config)
{
	struct nfp_peer_link *link = nfp_calloc(1, sizeof(*link));

	link->config = *config;
	return link;
}

/* ---- asking ---- */

struct peer_ask {
	struct nfp_peer_link *link;
	struct nfp_peer_frame welcome;
	bool answered;
	uint64_t deadline_ns;
};

static void on_welcome(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns)
{
	struct peer_ask *ask = ctx;
	struct nfp_peer_link *link = ask->link;
	const struct nfp_peer_link_config *config = &link->config;
	struct nfp_peer_frame frame;

	(void)real_ns;
	if (ask->answered || nfp_peer_parse(&config->id, data, len, &frame) != NFP_PEER_OURS ||
	    frame.type != NFP_PEER_WELCOME || frame.seq != link->seq ||
	    !nfp_mac_equal(&frame.dst, &config->pf_mac) ||
	    memcmp(frame.run, config->run.run, NFP_RUN_ID_LEN) != 0 ||
	    frame.vlan.vid != config->vlan.vid)
		return;
	if (!nfp_mac_is_zero(&config->mac) && !nfp_mac_equal(&frame.src, &config->mac))
		return;
	link->config.mac = frame.src;
	link->session = frame.session;
	ask->welcome = frame;
	ask->answered = true;
	ask->deadline_ns = 0;
}

int nfp_peer_link_ask(struct nfp_peer_link *link, struct nfp_peer_frame *ret_welcome,
		      struct nfp_err *err)
{
	const struct nfp_peer_link_config *config = &link->config;
	struct nfp_peer_frame hello = {
		.dst = nfp_mac_is_zero(&config->mac) ? nfp_mac_broadcast : config->mac,
		.src = config->pf_mac,
		.vlan = config->vlan,
		.type = NFP_PEER_HELLO,
	};
	struct peer_ask ask = {.link = link};
	struct nfp_inject *inject = NULL;
	struct nfp_capture *capture;
	struct nfp_packet packet;
	int ret = nfp_capture_open(&config->pf, nfp_peer_filter, 0, false, &capture, err);

	if (ret)
		return ret;
	memcpy(hello.run, config->run.run, NFP_RUN_ID_LEN);
	ret = nfp_inject_open(&config->pf, &inject, NULL);
	for (int i = 0; i < HELLOS && !ret && !ask.answered; i++) {
		hello.seq = ++link->seq;
		packet.len = nfp_peer_build(&config->id, &hello, packet.data);
		/* One that could not be sent gets no answer, and another one follows. */
		(void)nfp_inject_send(inject, &packet, 1);
		ask.deadline_ns = nfp_clock_now() + (HELLO_NS << i);
		ret = nfp_capture_listen(capture, &ask.deadline_ns, on_welcome, &ask);
	}
	nfp_inject_close(inject);
	nfp_capture_close(capture);
	if (ret)
		return nfp_err_errno(err, ret, ret == -EINTR ? NFP_E_INTERRUPTED : NFP_E_KERNEL,
				     "cannot ask for a reflector from %s", config->pf.ifname);
	if (!ask.answered)
		return -ENOLINK;
	*ret_welcome = ask.welcome;
	return 0;
}

/* ---- the codec ---- */

/* The VLAN tag is on the outside: the reflector replies with the tag that arrived there. */
static unsigned int peer_make(void *ctx, const struct nfp_frame *frame,
			      struct nfp_packet packets[NFP_CODEC_PACKETS])
{
	struct nfp_peer_link *link = ctx;
	uint8_t bytes[NFP_FRAME_LEN_MAX];
	struct nfp_frame inner = *frame;
	struct nfp_peer_frame outer = {
		.dst = link->config.mac,
		.src = frame->src,
		.vlan = frame->vlan,
		.type = NFP_PEER_CARRY,
		.session = link->session,
		.seq = ++link->seq,
		.inner = bytes,
	};

	inner.src = link->config.mac;
	inner.vlan = (struct nfp_vlan) {0};
	nfp_frame_build(&link->config.run, &inner, bytes);
	memcpy(outer.run, link->config.run.run, NFP_RUN_ID_LEN);
	packets[0].len = nfp_peer_build(&link->config.id, &outer, packets[0].data);
	return 1;
}

static enum nfp_frame_check peer_recognise(void *ctx, enum nfp_receiver at, const uint8_t *data,
					   size_t len, uint64_t seen_ns,
					   struct nfp_frame *ret_frame)
{
	struct nfp_peer_link *link = ctx;
	enum nfp_frame_check check = nfp_frame_parse(&link->config.run, data, len, ret_frame);
	struct nfp_peer_stamp stamp;

	(void)at;
	if (check == NFP_FRAME_OURS && nfp_peer_stamp_read(&link->config.id, data, len, &stamp)) {
		const struct nfp_clock_pair now = nfp_clock_read();
		uint64_t offset = now.real_ns - now.mono_ns;

		nfp_peer_clock_add(&link->clock, ret_frame->sent_ns + offset, seen_ns + offset,
				   &stamp);
	}
	return check;
}

struct nfp_codec nfp_peer_link_codec(struct nfp_peer_link *link)
{
	static const struct nfp_codec_ops ops = {.make = peer_make, .recognise = peer_recognise};

	return (struct nfp_codec) {.ops = &ops, .ctx = link};
}

const struct nfp_peer_clock *nfp_peer_link_clock(const struct nfp_peer_link *link)
{
	return &link->clock;
}
