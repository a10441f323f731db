// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * transmit.c - does a frame that the PF sends with the address under test as its source leave the
 * NIC? It is listened for where the stream's own frames enter, at a netdev of this host, and goes
 * to that netdev's own address: no switch floods it.
 */
#include <stdio.h>
#include <string.h>

#include "traffic_priv.h"

/* Few frames, and only these pass the filter. */
#define BUFFER_BYTES (128U << 10)
#define READ_MAX     64U

static bool is_test(unsigned int index)
{
	return index % 2 == 0;
}

static uint64_t first_seq(const struct transmitter *t)
{
	return t->rounds * NFP_TRANSMIT_FRAMES + 1;
}

void transmitter_send(void *ctx, const struct nfp_mac *mac)
{
	struct nfp_stream *stream = ctx;
	const struct nfp_stream_config *config = &stream->config;
	struct transmitter *t = &stream->transmitter;
	char run[NFP_CAPTURE_FILTER_LEN], filter[NFP_CAPTURE_FILTER_LEN + 64];
	struct nfp_packet packets[NFP_TRANSMIT_FRAMES];
	unsigned int sent;

	t->rounds++;
	t->seen = 0;
	t->count = (struct nfp_transmit_count) {0};
	/* As the filter of a run's frames, and of this kind. */
	nfp_capture_filter(&config->id, run);
	snprintf(filter, sizeof(filter), "(%s) and (ether[19] = %d or ether[23] = %d)", run,
		 NFP_KIND_TRANSMIT, NFP_KIND_TRANSMIT);
	if (!t->capture &&
	    nfp_capture_open(&config->sender, filter, BUFFER_BYTES, false, &t->capture, NULL))
		return;
	for (unsigned int i = 0; i < NFP_TRANSMIT_FRAMES; i++) {
		const struct nfp_frame frame = {
			.dst = config->sender_mac,
			.src = is_test(i) ? *mac : config->pf_mac,
			.vlan = config->pf_vlan,
			.kind = NFP_KIND_TRANSMIT,
			.seq = first_seq(t) + i,
			.sent_ns = nfp_clock_now(),
		};

		packets[i].len = nfp_frame_build(&config->id, &frame, packets[i].data);
	}
	sent = nfp_inject_all(stream->announcer, packets, NFP_TRANSMIT_FRAMES);
	for (unsigned int i = 0; i < sent; i++)
		stream_tap(stream, NFP_TAPPED_FROM_PF, nfp_clock_now(), packets[i].data,
			   packets[i].len);
	t->count.controls = sent / 2;
	t->count.tests = sent - t->count.controls;
}

/* Each frame of the last round once; the tag of a frame says that its source is what we gave it. */
static void on_transmit_frame(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns)
{
	struct nfp_stream *stream = ctx;
	struct transmitter *t = &stream->transmitter;
	const struct nfp_clock_pair now = nfp_clock_read();
	struct nfp_frame frame;
	unsigned int bit;

	stream_tap(stream, NFP_TAPPED_AT_SENDER, real_ns - (now.real_ns - now.mono_ns), data, len);
	if (nfp_frame_parse(&stream->config.id, data, len, &frame) != NFP_FRAME_OURS ||
	    frame.kind != NFP_KIND_TRANSMIT || frame.seq < first_seq(t) ||
	    frame.seq - first_seq(t) >= NFP_TRANSMIT_FRAMES)
		return;
	bit = 1U << (frame.seq - first_seq(t));
	if (t->seen & bit)
		return;
	t->seen |= bit;
	if (is_test((unsigned int)(frame.seq - first_seq(t))))
		t->count.heard_tests++;
	else
		t->count.heard_controls++;
}

void transmitter_count(void *ctx, struct nfp_transmit_count *ret_count)
{
	struct nfp_stream *stream = ctx;
	struct transmitter *t = &stream->transmitter;

	if (t->capture) {
		while (nfp_capture_drain(t->capture, READ_MAX, on_transmit_frame, stream) ==
		       (int)READ_MAX)
			;
		t->count.drops = nfp_capture_drops(t->capture) > 0;
	}
	*ret_count = t->count;
}
