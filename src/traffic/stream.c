// SPDX-License-Identifier: GPL-2.0-or-later
/* stream.c - struct nfp_wire over real netdevs: the thread of frames, the frame accounting, and
 * what is sent beside the schedule. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "traffic_priv.h"

#define NUM_WAKE_FDS (sizeof(((struct nfp_stream_config *)NULL)->wake_fds) / sizeof(int))

/* Pump empties the queue this often, so that a long wait needs no long queue. */
#define DRAIN_NS (50 * NFP_NSEC_PER_MSEC)

/* The transmit test has few frames, and only these pass its filter. */
#define TRANSMIT_BUFFER	  (128U << 10)
#define TRANSMIT_READ_MAX 64U

/* The transmit test. */
struct transmitter {
	struct nfp_capture *capture; /* at the sender's netdev, from the first round on */
	uint64_t first_seq;	     /* of the last round */
	unsigned int seen;	     /* frames of the last round, a bit for each index */
	struct nfp_transmit_count count;
};

struct nfp_stream {
	struct nfp_stream_config config;
	struct nfp_codec test_frames; /* the codec, unless config has one */
	struct io *io;
	struct nfp_inject *announcer;
	struct nfp_inject *taker; /* by whose socket addresses are taken; NULL: none are */
	uint64_t announcements;
	struct nfp_netdev vf; /* whose capture is the VF's, or was the last one */
	struct transmitter transmitter;
	struct nfp_frame_accounting *accounting; /* of the pump that is going on */
	uint64_t uncounted; /* frames seen that the accounting takes for impossible, or late */
};

/* ---- test frames ---- */

static unsigned int test_make(void *ctx, const struct nfp_frame *frame,
			      struct nfp_packet packets[NFP_CODEC_PACKETS])
{
	packets[0].len = nfp_frame_build(ctx, frame, packets[0].data);
	return 1;
}

/* ---- the wire ---- */

static uint64_t stream_now(void *ctx)
{
	(void)ctx;
	return nfp_clock_now();
}

static void stream_plan(void *ctx, const struct nfp_plan *plan)
{
	struct nfp_stream *stream = ctx;

	io_plan(stream->io, plan);
}

/* Enters what the thread did into the frame accounting, and passes it to the tap. */
static void on_event(void *ctx, const struct io_event *event, const uint8_t *data)
{
	struct nfp_stream *stream = ctx;
	const struct nfp_tap *tap = &stream->config.tap;
	const struct nfp_tap_event tapped = {
		.what = (enum nfp_tap_what)event->what,
		.seq = event->seq,
		.ns = event->ns,
		.kind = (enum nfp_kind)event->kind,
		.at = (enum nfp_receiver)event->at,
		.data = event->len ? data : NULL,
		.len = event->len,
	};
	enum nfp_rx_outcome record;

	if (tapped.what == NFP_TAP_SENT && !event->more) {
		/* Never refused: the sender counts up, and its clock does not go back. */
		(void)nfp_accounting_sent(stream->accounting, event->seq, tapped.kind, event->ns);
	} else if (tapped.what == NFP_TAP_UNSENT) {
		nfp_accounting_unsent(stream->accounting, event->seq);
	} else if (tapped.what == NFP_TAP_SEEN) {
		record = nfp_accounting_seen(stream->accounting, event->seq, tapped.kind, tapped.at,
					     event->ns);
		stream->uncounted += record == NFP_RX_IMPOSSIBLE || record == NFP_RX_LATE;
	}
	if (tap->frame)
		tap->frame(tap->ctx, &tapped);
}

static int stream_pump(void *ctx, uint64_t until_ns, struct nfp_frame_accounting *accounting,
		       struct nfp_err *err)
{
	struct nfp_stream *stream = ctx;
	struct pollfd fds[NUM_WAKE_FDS];
	int num = 0;

	stream->accounting = accounting;
	/* poll ignores negative ones. */
	for (size_t i = 0; i < NUM_WAKE_FDS; i++)
		fds[i] = (struct pollfd) {.fd = stream->config.wake_fds[i], .events = POLLIN};
	for (;;) {
		uint64_t now;

		io_take(stream->io, false, on_event, stream);
		now = nfp_clock_now();
		if (num)
			return 1;
		if (now >= until_ns)
			break;
		num = nfp_clock_poll(fds, NUM_WAKE_FDS,
				     until_ns - now > DRAIN_NS ? now + DRAIN_NS : until_ns);
		/* A signal wakes, too. */
		if (num < 0 && num != -EINTR)
			return nfp_err_errno(err, num, NFP_E_KERNEL, "cannot wait for frames");
	}
	/*
	 * On a machine short of processors the thread may not have run for a while. A frame that
	 * the kernel has is not lost because nobody has read it yet.
	 */
	io_take(stream->io, true, on_event, stream);
	return 0;
}

/* Passes a frame that is not accounted for to the tap, if there is one. */
static void tap_other(const struct nfp_stream *stream, enum nfp_tap_what what, enum nfp_receiver at,
		      uint64_t ns, const uint8_t *data, size_t len)
{
	const struct nfp_tap *tap = &stream->config.tap;
	const struct nfp_tap_event tapped = {
		.what = what, .at = at, .ns = ns, .data = data, .len = len};

	if (tap->frame)
		tap->frame(tap->ctx, &tapped);
}

/* Sends from the PF, or from the VF: untagged, as a guest does, since the NIC adds the VLAN. */
static int send_other(struct nfp_stream *stream, enum nfp_receiver at, struct nfp_packet *packet,
		      const char *what, struct nfp_err *err)
{
	const struct nfp_netdev *from = at == NFP_AT_VF ? &stream->vf : &stream->config.pf;
	struct nfp_inject *inject = NULL;
	int ret = at == NFP_AT_VF ? nfp_inject_open(from, &inject, err) : 0;

	if (ret)
		return ret;
	ret = nfp_inject_send(inject ? inject : stream->announcer, packet, 1);
	nfp_inject_close(inject);
	if (ret < 0)
		return nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot %s from %s", what,
				     from->ifname);
	tap_other(stream, NFP_TAP_OTHER, at, nfp_clock_now(), packet->data, packet->len);
	return 0;
}

static struct nfp_vlan vlan_at(const struct nfp_stream *stream, enum nfp_receiver at)
{
	const struct nfp_vlan untagged = {.vid = 0};

	return at == NFP_AT_VF ? untagged : stream->config.pf_vlan;
}

static struct nfp_vlan guest_vlan(const struct nfp_stream *stream)
{
	return (struct nfp_vlan) {.vid = stream->config.guest_vlan};
}

static int stream_announce(void *ctx, enum nfp_receiver at, const struct nfp_mac *mac, bool inside,
			   struct nfp_err *err)
{
	struct nfp_stream *stream = ctx;
	const struct nfp_stream_config *config = &stream->config;
	struct nfp_frame frame = {
		.dst = inside ? config->pf_mac : nfp_mac_broadcast,
		.src = *mac,
		.vlan = vlan_at(stream, at),
		.kind = NFP_KIND_ANNOUNCE,
		.seq = ++stream->announcements,
		.sent_ns = nfp_clock_now(),
	};
	struct nfp_packet packet;
	int ret;

	packet.len = nfp_frame_build(&config->id, &frame, packet.data);
	ret = send_other(stream, at, &packet, "announce the address", err);
	if (ret || inside || !config->guest_vlan)
		return ret;
	/* Switches learn in each VLAN by itself. A frame that cannot be sent shows as a silence. */
	frame.vlan = guest_vlan(stream);
	packet.len = nfp_frame_build(&config->id, &frame, packet.data);
	(void)send_other(stream, at, &packet, "announce the address", NULL);
	if (at != NFP_AT_PF)
		return 0;
	frame.src = config->pf_mac;
	packet.len = nfp_frame_build(&config->id, &frame, packet.data);
	(void)send_other(stream, at, &packet, "announce the address", NULL);
	return 0;
}

static int stream_report(void *ctx, enum nfp_receiver at, const struct nfp_mac *mac,
			 const struct nfp_mac *group, struct nfp_err *err)
{
	struct nfp_stream *stream = ctx;
	const struct nfp_mac *from = at == NFP_AT_VF ? mac : &stream->config.pf_mac;
	struct nfp_vlan vlan = vlan_at(stream, at);
	struct nfp_packet packet;
	int ret;

	packet.len = nfp_mld_build(from, group, &vlan, packet.data);
	ret = send_other(stream, at, &packet, "send an MLD report", err);
	if (ret || !stream->config.guest_vlan)
		return ret;
	vlan = guest_vlan(stream);
	packet.len = nfp_mld_build(from, group, &vlan, packet.data);
	(void)send_other(stream, at, &packet, "send an MLD report", NULL);
	return 0;
}

/*
 * The transmit test: does a frame that PF or VF sends with the address under test as its source
 * leave the NIC? It is listened for at the sender, a netdev of this host, and sent to that netdev's
 * own address, so that no switch floods it. Frames with an even index are tests, the others
 * controls.
 */
static void stream_transmit(void *ctx, enum nfp_receiver at, const struct nfp_mac *mac,
			    const struct nfp_mac *own)
{
	struct nfp_stream *stream = ctx;
	const struct nfp_stream_config *config = &stream->config;
	struct transmitter *t = &stream->transmitter;
	char run[NFP_CAPTURE_FILTER_LEN], filter[NFP_CAPTURE_FILTER_LEN + 64];
	struct nfp_packet packets[NFP_TRANSMIT_FRAMES];
	struct nfp_inject *inject = NULL;
	unsigned int sent;

	t->first_seq += NFP_TRANSMIT_FRAMES;
	t->seen = 0;
	t->count = (struct nfp_transmit_count) {0};
	/* Only frames of this run and of this kind. */
	nfp_capture_filter(&config->id, run);
	snprintf(filter, sizeof(filter), "(%s) and (ether[19] = %d or ether[23] = %d)", run,
		 nfp_frame_kind_code(NFP_KIND_TRANSMIT), nfp_frame_kind_code(NFP_KIND_TRANSMIT));
	if (!t->capture &&
	    nfp_capture_open(&config->sender, filter, TRANSMIT_BUFFER, 0, false, &t->capture, NULL))
		return;
	if (at == NFP_AT_VF && nfp_inject_open(&stream->vf, &inject, NULL))
		return;
	for (unsigned int i = 0; i < NFP_TRANSMIT_FRAMES; i++) {
		const struct nfp_frame frame = {
			.dst = config->sender_mac,
			.src = i % 2 ? (own ? *own : config->pf_mac) : *mac,
			.vlan = vlan_at(stream, at),
			.kind = NFP_KIND_TRANSMIT,
			.seq = t->first_seq + i,
			.sent_ns = nfp_clock_now(),
		};

		packets[i].len = nfp_frame_build(&config->id, &frame, packets[i].data);
	}
	sent = nfp_inject_all(inject ? inject : stream->announcer, packets, NFP_TRANSMIT_FRAMES);
	nfp_inject_close(inject);
	for (unsigned int i = 0; i < sent; i++)
		tap_other(stream, NFP_TAP_OTHER, at, nfp_clock_now(), packets[i].data,
			  packets[i].len);
	t->count.controls = sent / 2;
	t->count.tests = sent - t->count.controls;
}

/* Counts each frame of the last round once; its keyed tag proves that we gave it its source. */
static void on_transmitted(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns)
{
	struct nfp_stream *stream = ctx;
	struct transmitter *t = &stream->transmitter;
	const struct nfp_clock_pair now = nfp_clock_read();
	struct nfp_frame frame;
	unsigned int bit;

	tap_other(stream, NFP_TAP_AT_SENDER, NFP_AT_PF, real_ns - (now.real_ns - now.mono_ns), data,
		  len);
	if (nfp_frame_parse(&stream->config.id, data, len, &frame) != NFP_FRAME_OURS ||
	    frame.kind != NFP_KIND_TRANSMIT || frame.seq < t->first_seq ||
	    frame.seq - t->first_seq >= NFP_TRANSMIT_FRAMES)
		return;
	bit = 1U << (frame.seq - t->first_seq);
	if (t->seen & bit)
		return;
	t->seen |= bit;
	if ((frame.seq - t->first_seq) % 2)
		t->count.heard_controls++;
	else
		t->count.heard_tests++;
}

static void stream_transmitted(void *ctx, struct nfp_transmit_count *ret_count)
{
	struct nfp_stream *stream = ctx;
	struct transmitter *t = &stream->transmitter;

	if (t->capture) {
		while (nfp_capture_drain(t->capture, TRANSMIT_READ_MAX, on_transmitted, stream) ==
		       (int)TRANSMIT_READ_MAX)
			;
		t->count.drops = nfp_capture_drops(t->capture) > 0;
	}
	*ret_count = t->count;
}

/* Replaces the capture at @at by one of @netdev (NULL: none). On error the old one stays. */
static int listen_at(struct nfp_stream *stream, int at, const struct nfp_netdev *netdev, bool early,
		     struct nfp_err *err)
{
	const char *filter = stream->config.codec->filter;
	char own[NFP_CAPTURE_FILTER_LEN];
	struct nfp_capture *capture = NULL;
	int ret = 0;

	nfp_capture_filter(&stream->config.id, own);
	if (netdev)
		ret = nfp_capture_open(netdev, filter ? filter : own, stream->config.buffer_bytes,
				       0, early, &capture, err);
	if (!ret)
		io_listen(stream->io, at, capture);
	return ret;
}

static int stream_listen_vf(void *ctx, const struct nfp_netdev *vf, bool early, struct nfp_err *err)
{
	struct nfp_stream *stream = ctx;
	const struct nfp_tap *tap = &stream->config.tap;
	int ret = listen_at(stream, NFP_AT_VF, vf, early, err);

	if (!ret && vf)
		stream->vf = *vf;
	if (!ret && vf && tap->listens)
		tap->listens(tap->ctx, vf);
	return ret;
}

static int stream_listen_standby(void *ctx, const struct nfp_netdev *child, struct nfp_err *err)
{
	return listen_at(ctx, LISTENER_CHILD, child, false, err);
}

static int stream_take(void *ctx, const struct nfp_mac macs[], size_t num, struct nfp_err *err)
{
	struct nfp_stream *stream = ctx;
	const struct nfp_netdev *at = &stream->config.pf;
	int ret = 0;

	nfp_inject_close(stream->taker);
	stream->taker = NULL;
	if (num)
		ret = nfp_inject_open(at, &stream->taker, err);
	if (ret)
		return ret;
	for (size_t i = 0; i < num && !ret; i++)
		ret = nfp_inject_take(stream->taker, &macs[i]);
	return ret ? nfp_err_errno(err, ret, NFP_E_KERNEL, "%s cannot take the address", at->ifname)
		   : 0;
}

static void stream_stats(void *ctx, struct nfp_wire_stats *ret_stats)
{
	struct nfp_stream *stream = ctx;

	io_stats(stream->io, ret_stats);
	ret_stats->foreign += stream->uncounted;
}

int nfp_stream_open(const struct nfp_stream_config *config, struct nfp_stream **ret_stream,
		    struct nfp_err *err)
{
	static const struct nfp_codec_ops test_frames = {.make = test_make};
	struct nfp_stream *stream = nfp_calloc(1, sizeof(*stream));
	int ret;

	stream->config = *config;
	stream->test_frames = (struct nfp_codec) {&test_frames, &stream->config.id, NULL};
	if (!config->codec)
		stream->config.codec = &stream->test_frames;
	ret = io_open(&stream->config, &stream->io, err);
	if (!ret && config->pf.ifindex)
		ret = listen_at(stream, NFP_AT_PF, &config->pf, false, err)
			      ?: nfp_inject_open(&config->pf, &stream->announcer, err);
	if (ret)
		nfp_stream_close(stream);
	else
		*ret_stream = stream;
	return ret;
}

void nfp_stream_close(struct nfp_stream *stream)
{
	if (!stream)
		return;
	io_close(stream->io);
	nfp_capture_close(stream->transmitter.capture);
	nfp_inject_close(stream->announcer);
	nfp_inject_close(stream->taker);
	free(stream);
}

struct nfp_wire nfp_stream_wire(struct nfp_stream *stream)
{
	static const struct nfp_wire_ops ops = {
		.now = stream_now,
		.plan = stream_plan,
		.pump = stream_pump,
		.announce = stream_announce,
		.report = stream_report,
		.transmit = stream_transmit,
		.transmitted = stream_transmitted,
		.take = stream_take,
		.listen_vf = stream_listen_vf,
		.listen_standby = stream_listen_standby,
		.stats = stream_stats,
	};

	return (struct nfp_wire) {.ops = &ops, .ctx = stream};
}
