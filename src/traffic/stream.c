// SPDX-License-Identifier: GPL-2.0-or-later
/* stream.c - struct nfp_wire over real netdevs: two threads, a queue, a ledger. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "traffic_priv.h"

#define NUM_WAKE_FDS (sizeof(((struct nfp_stream_config *)NULL)->wake_fds) / sizeof(int))

/* Pump empties the queue this often, so that a long wait needs no long queue. */
#define DRAIN_NS (50 * NFP_NSEC_PER_MSEC)

/* ---- test frames ---- */

static unsigned int make(void *ctx, const struct nfp_frame *frame,
			 struct nfp_packet packets[NFP_CODEC_PACKETS])
{
	packets[0].len = nfp_frame_build(ctx, frame, packets[0].data);
	return 1;
}

static enum nfp_frame_check recognise(void *ctx, enum nfp_receiver at, const uint8_t *data,
				      size_t len, uint64_t seen_ns, struct nfp_frame *ret_frame)
{
	(void)at;
	(void)seen_ns;
	return nfp_frame_parse(ctx, data, len, ret_frame);
}

const struct nfp_codec_ops nfp_codec_test = {.make = make, .recognise = recognise};

/* ---- the queue ---- */

#define FIRST_ROOM 1024U

/* Returns @array with room for @num more behind @used. */
static void *with_room(void *array, size_t used, size_t num, size_t *room, size_t size)
{
	size_t want = *room ? *room : FIRST_ROOM;

	while (want < used + num)
		want *= 2;
	if (want != *room)
		array = nfp_reallocarray(array, want, size);
	*room = want;
	return array;
}

/* A packet is kept as a byte of length and its bytes. */
_Static_assert(NFP_PACKET_MAX <= UINT8_MAX, "a byte is enough for the length of a packet");

static void keep_packets(struct event_list *list, struct event *event)
{
	const struct nfp_packet *packets = event->packets;

	event->bytes_at = list->num_bytes;
	for (unsigned int i = 0; i < event->num_packets; i++) {
		list->bytes = with_room(list->bytes, list->num_bytes, 1 + packets[i].len,
					&list->room_bytes, 1);
		list->bytes[list->num_bytes++] = (uint8_t)packets[i].len;
		memcpy(list->bytes + list->num_bytes, packets[i].data, packets[i].len);
		list->num_bytes += packets[i].len;
	}
}

bool queue_push(struct queue *queue, const struct event events[], size_t num, size_t max)
{
	struct event_list *in = &queue->in;
	bool fits;

	pthread_mutex_lock(&queue->lock);
	fits = in->num + num <= max;
	if (fits && num) {
		in->events = with_room(in->events, in->num, num, &in->room, sizeof(*in->events));
		memcpy(in->events + in->num, events, num * sizeof(*events));
		for (size_t i = 0; i < num; i++)
			keep_packets(in, &in->events[in->num++]);
	}
	pthread_mutex_unlock(&queue->lock);
	return fits;
}

bool queue_is_full(struct queue *queue)
{
	bool full;

	pthread_mutex_lock(&queue->lock);
	full = queue->in.num >= QUEUE_FULL;
	pthread_mutex_unlock(&queue->lock);
	return full;
}

/* Two lists change places, so that the lock is held for no longer than that. */
static const struct event_list *queue_take(struct queue *queue)
{
	struct event_list empty = queue->out;

	empty.num = empty.num_bytes = 0;
	pthread_mutex_lock(&queue->lock);
	queue->out = queue->in;
	queue->in = empty;
	pthread_mutex_unlock(&queue->lock);
	return &queue->out;
}

/* ---- the wire ---- */

static uint64_t stream_now(void *ctx)
{
	(void)ctx;
	return nfp_clock_now();
}

static void enter_event(struct nfp_stream *stream, const struct event *event,
			struct nfp_ledger *ledger)
{
	enum nfp_kind kind = (enum nfp_kind)event->kind;
	enum nfp_sighting sighting;

	if (event->what == NFP_TAPPED_SENT) {
		/* The sender counts on, and its clock does not go back: never refused. */
		(void)nfp_ledger_sent(ledger, event->seq, kind, event->ns);
	} else if (event->what == NFP_TAPPED_UNSENT) {
		nfp_ledger_unsent(ledger, event->seq);
	} else if (event->what == NFP_TAPPED_SEEN) {
		sighting = nfp_ledger_seen(ledger, event->seq, kind, (enum nfp_receiver)event->at,
					   event->ns);
		if (sighting == NFP_SIGHTING_IMPOSSIBLE || sighting == NFP_SIGHTING_LATE)
			atomic_fetch_add(&stream->foreign, 1);
	}
}

static void tap_event(const struct nfp_stream *stream, const struct event_list *list,
		      const struct event *event)
{
	const struct nfp_tap *tap = &stream->config.tap;
	struct nfp_tapped tapped = {
		.what = (enum nfp_tapped_what)event->what,
		.seq = event->seq,
		.ns = event->ns,
		.kind = (enum nfp_kind)event->kind,
		.at = (enum nfp_receiver)event->at,
	};
	size_t at = event->bytes_at;

	if (event->num_packets == 0)
		tap->frame(tap->ctx, &tapped);
	for (unsigned int i = 0; i < event->num_packets; i++) {
		tapped.len = list->bytes[at];
		tapped.data = &list->bytes[at + 1];
		tap->frame(tap->ctx, &tapped);
		at += 1 + tapped.len;
	}
}

static void drain_queue(struct nfp_stream *stream, struct nfp_ledger *ledger)
{
	const struct event_list *list = queue_take(&stream->queue);

	for (size_t i = 0; i < list->num; i++) {
		enter_event(stream, &list->events[i], ledger);
		if (stream->config.tap.frame)
			tap_event(stream, list, &list->events[i]);
	}
}

/* Returns 0 when the time has come, 1 when woken, -errno. A signal wakes as well. */
static int wait_for(const struct nfp_stream *stream, uint64_t until_ns, struct nfp_err *err)
{
	struct pollfd fds[NUM_WAKE_FDS];
	int num;

	/* poll passes over negative ones. */
	for (size_t i = 0; i < NUM_WAKE_FDS; i++)
		fds[i] = (struct pollfd) {.fd = stream->config.wake_fds[i], .events = POLLIN};
	num = nfp_clock_poll(fds, NUM_WAKE_FDS, until_ns);
	if (num < 0 && num != -EINTR)
		return nfp_err_errno(err, num, NFP_E_KERNEL, "cannot wait for frames");
	return num != 0;
}

static int stream_pump(void *ctx, uint64_t until_ns, struct nfp_ledger *ledger, struct nfp_err *err)
{
	struct nfp_stream *stream = ctx;
	int woken = 0;

	for (;;) {
		uint64_t now;

		drain_queue(stream, ledger);
		now = nfp_clock_now();
		if (woken)
			return woken;
		if (now >= until_ns)
			break;
		woken = wait_for(stream, until_ns - now > DRAIN_NS ? now + DRAIN_NS : until_ns,
				 err);
		if (woken < 0)
			return woken;
	}
	/*
	 * On a machine that is short of processors the receiving thread may not have run for a
	 * while. A frame that the kernel has got is not lost because nobody has read it yet.
	 */
	receiver_catch_up(stream);
	drain_queue(stream, ledger);
	return 0;
}

void stream_tap(const struct nfp_stream *stream, enum nfp_tapped_what what, uint64_t ns,
		const uint8_t *data, size_t len)
{
	const struct nfp_tap *tap = &stream->config.tap;
	const struct nfp_tapped tapped = {.what = what, .ns = ns, .data = data, .len = len};

	if (tap->frame)
		tap->frame(tap->ctx, &tapped);
}

static int stream_announce(void *ctx, const struct nfp_mac *mac, struct nfp_err *err)
{
	struct nfp_stream *stream = ctx;
	const struct nfp_frame frame = {
		.dst = nfp_mac_broadcast,
		.src = *mac,
		.vlan = stream->config.pf_vlan,
		.kind = NFP_KIND_ANNOUNCE,
		.seq = ++stream->announcements,
		.sent_ns = nfp_clock_now(),
	};
	struct nfp_packet packet;
	int ret;

	packet.len = nfp_frame_build(&stream->config.id, &frame, packet.data);
	ret = nfp_inject_send(stream->announcer, &packet, 1);
	if (ret < 0)
		return nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot announce the address from %s",
				     stream->config.pf.ifname);
	stream_tap(stream, NFP_TAPPED_FROM_PF, frame.sent_ns, packet.data, packet.len);
	return 0;
}

static int open_capture(const struct nfp_stream *stream, const struct nfp_netdev *netdev,
			bool early, struct nfp_capture **ret_capture, struct nfp_err *err)
{
	const char *filter = stream->codec.filter;
	size_t bytes = stream->config.buffer_bytes;
	char own[NFP_CAPTURE_FILTER_LEN];

	nfp_capture_filter(&stream->config.id, own);
	return nfp_capture_open(netdev, filter ? filter : own, bytes, early, ret_capture, err);
}

static int stream_listen_vf(void *ctx, const struct nfp_netdev *vf, bool early, struct nfp_err *err)
{
	struct nfp_stream *stream = ctx;
	const struct nfp_tap *tap = &stream->config.tap;
	struct nfp_capture *capture;
	int ret = vf ? open_capture(stream, vf, early, &capture, err) : 0;

	if (ret)
		return ret;
	receiver_unlisten(stream, NFP_AT_VF);
	if (!vf)
		return 0;
	receiver_listen(stream, NFP_AT_VF, capture);
	if (tap->listens)
		tap->listens(tap->ctx, vf);
	return 0;
}

static int stream_listen_standby(void *ctx, const struct nfp_netdev *child, struct nfp_err *err)
{
	struct nfp_stream *stream = ctx;
	struct nfp_capture *capture;
	int ret;

	receiver_unlisten(stream, LISTENER_CHILD);
	if (!child)
		return 0;
	ret = open_capture(stream, child, false, &capture, err);
	if (!ret)
		receiver_listen(stream, LISTENER_CHILD, capture);
	return ret;
}

static void stream_stats(void *ctx, struct nfp_wire_stats *ret_stats)
{
	struct nfp_stream *stream = ctx;
	uint64_t drops, steps;

	receiver_stats(stream, &drops, &steps);
	*ret_stats = (struct nfp_wire_stats) {
		.drops = drops + atomic_load(&stream->overflows),
		.foreign = atomic_load(&stream->foreign),
		.send_errors = atomic_load(&stream->send_errors),
		.send_errno = atomic_load(&stream->send_errno),
		.stalls = atomic_load(&stream->stalls),
		.clock_steps = steps,
	};
	pthread_mutex_lock(&stream->codec_lock);
	if (stream->codec.ops->stats)
		stream->codec.ops->stats(stream->codec.ctx, ret_stats);
	pthread_mutex_unlock(&stream->codec_lock);
}

int nfp_stream_open(const struct nfp_stream_config *config, struct nfp_stream **ret_stream,
		    struct nfp_err *err)
{
	struct nfp_stream *stream = nfp_calloc(1, sizeof(*stream));
	int ret;

	/* Cannot fail on Linux with default attributes. */
	pthread_mutex_init(&stream->queue.lock, NULL);
	pthread_mutex_init(&stream->codec_lock, NULL);
	stream->config = *config;
	stream->codec = config->codec
				? *config->codec
				: (struct nfp_codec) {&nfp_codec_test, &stream->config.id, NULL};
	stream->receiver.wake_fd = -1;
	/* No thread yet, so no lock. */
	ret = open_capture(stream, &config->pf, false,
			   &stream->receiver.listeners[NFP_AT_PF].capture, err);
	if (!ret)
		ret = nfp_inject_open(&config->pf, &stream->announcer, err);
	if (!ret)
		ret = receiver_start(stream, err);
	if (!ret)
		ret = sender_start(stream, err);
	if (ret) {
		nfp_stream_close(stream);
		return ret;
	}
	*ret_stream = stream;
	return 0;
}

void nfp_stream_close(struct nfp_stream *stream)
{
	if (!stream)
		return;
	sender_stop(stream);
	receiver_stop(stream);
	nfp_capture_close(stream->transmitter.capture);
	nfp_inject_close(stream->announcer);
	free(stream->queue.in.events);
	free(stream->queue.in.bytes);
	free(stream->queue.out.events);
	free(stream->queue.out.bytes);
	free(stream);
}

struct nfp_wire nfp_stream_wire(struct nfp_stream *stream)
{
	static const struct nfp_wire_ops ops = {
		.now = stream_now,
		.plan = sender_plan,
		.pump = stream_pump,
		.announce = stream_announce,
		.transmit = transmitter_send,
		.transmitted = transmitter_count,
		.listen_vf = stream_listen_vf,
		.listen_standby = stream_listen_standby,
		.stats = stream_stats,
	};

	return (struct nfp_wire) {.ops = &ops, .ctx = stream};
}
