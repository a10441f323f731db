// SPDX-License-Identifier: GPL-2.0-or-later
/* receiver.c - the receiving thread of a stream: the captures at PF and VF. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "traffic_priv.h"

/*
 * Frames carry the kernel's timestamps, so reading several at once loses nothing, while at a
 * thousand per second a thread that wakes for each is most of what a run costs. After reading, the
 * captures are left alone for this long.
 */
#define GATHER_NS (2 * NFP_NSEC_PER_MSEC)
/* A capture whose netdev is down is polled again after this. */
#define MUTE_NS (20 * NFP_NSEC_PER_MSEC)
/* At most this many frames are read under the lock, since main may want it. */
#define READ_MAX 1024U
/* A ring holds fewer than this many times READ_MAX; a flood must not keep main here. */
#define LAST_READS 32

/* The child gets copies of other frames, and the PF may get unicast that is the child's. */
static bool is_elsewhere(const struct listener *listener, const struct nfp_frame *frame)
{
	if (listener->at == LISTENER_CHILD)
		return frame->kind != NFP_KIND_UNICAST;
	return listener->at == NFP_AT_PF && frame->kind == NFP_KIND_UNICAST &&
	       listener->stream->receiver.listeners[LISTENER_CHILD].capture;
}

/*
 * The keyed checksum does not cover the tag, which NICs change. One that puts a priority tag on
 * what has no VLAN does so always: where frames come without a tag, one that has it was sent again
 * by a neighbour, so that the NIC may deliver it elsewhere.
 */
static bool is_retagged(struct listener *listener, const struct nfp_frame *frame)
{
	/* A control is judged by the kind that it controls. */
	enum nfp_kind kind = frame->kind == NFP_KIND_UNREGISTERED ? NFP_KIND_UNICAST
			     : frame->kind == NFP_KIND_UNJOINED	  ? NFP_KIND_MULTICAST
								  : frame->kind;
	bool tagged = frame->vlan.proto;

	if (kind < NFP_KIND_COUNT && !tagged)
		listener->untagged[kind] = true;
	return kind < NFP_KIND_COUNT && tagged && !frame->vlan.vid && listener->untagged[kind];
}

/* Under the lock. */
static void on_captured(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns)
{
	struct listener *listener = ctx;
	struct nfp_stream *stream = listener->stream;
	const struct nfp_codec *codec = &stream->codec;
	enum nfp_receiver at = listener->at == LISTENER_CHILD ? NFP_AT_PF
							      : (enum nfp_receiver)listener->at;
	uint64_t now = nfp_clock_now();
	uint64_t seen = nfp_clock_seen(&stream->receiver.clock, real_ns, 0, now);
	struct event event = {.ns = seen, .what = NFP_TAP_HEARD, .at = (uint8_t)at};
	enum nfp_frame_check check;
	struct nfp_packet packet;
	struct nfp_frame frame;

	pthread_mutex_lock(&stream->codec_lock);
	check = codec->ops->recognise
			? codec->ops->recognise(codec->ctx, at, data, len, seen, &frame)
			: nfp_frame_parse(&stream->config.id, data, len, &frame);
	pthread_mutex_unlock(&stream->codec_lock);
	if (check != NFP_FRAME_OURS ||
	    !nfp_vlan_is_heard(&stream->config.pf_vlan, at, &frame.vlan) ||
	    is_retagged(listener, &frame)) {
		atomic_fetch_add(&stream->foreign, 1);
	} else if (frame.kind < NFP_KIND_COUNT && !is_elsewhere(listener, &frame)) {
		event.seq = frame.seq;
		event.ns = nfp_clock_seen(&stream->receiver.clock, real_ns, frame.sent_ns, now);
		event.what = NFP_TAP_SEEN;
		event.kind = (uint8_t)frame.kind;
	}
	if (stream->config.tap.frame) {
		packet.len = len < sizeof(packet.data) ? len : sizeof(packet.data);
		memcpy(packet.data, data, packet.len);
		event.packets = &packet;
		event.num_packets = 1;
	} else if (event.what == NFP_TAP_HEARD) {
		return; /* only a tap wants it */
	}
	if (!queue_push(&stream->queue, &event, 1, QUEUE_MAX) && event.what == NFP_TAP_SEEN)
		atomic_fetch_add(&stream->overflows, 1);
}

/* Under the lock. Returns true when there may be more. */
static bool read_listener(struct listener *listener)
{
	int num;

	if (!listener->capture)
		return false;
	num = nfp_capture_drain(listener->capture, READ_MAX, on_captured, listener);
	if (num < 0)
		listener->mute_until_ns = nfp_clock_now() + MUTE_NS;
	return num >= (int)READ_MAX;
}

/* Returns true when there may be more. */
static bool read_listeners(struct nfp_stream *stream)
{
	struct receiver *receiver = &stream->receiver;
	struct nfp_clock_pair pair = nfp_clock_read();
	bool more = false;

	pthread_mutex_lock(&receiver->lock);
	nfp_clock_update(&receiver->clock, &pair);
	for (int at = 0; at < NUM_LISTENERS; at++)
		more |= read_listener(&receiver->listeners[at]);
	pthread_mutex_unlock(&receiver->lock);
	return more;
}

void receiver_catch_up(struct nfp_stream *stream)
{
	for (int i = 0; i < LAST_READS && read_listeners(stream); i++)
		;
}

/*
 * Main may close a capture while this thread polls it. This does no harm: main wakes this thread,
 * which then reads only the captures there are by then.
 */
static void *receiver_main(void *arg)
{
	struct nfp_stream *stream = arg;
	struct receiver *receiver = &stream->receiver;
	struct pollfd fds[1 + NUM_LISTENERS] = {{.fd = receiver->wake_fd, .events = POLLIN}};

	for (;;) {
		uint64_t now = nfp_clock_now(), until = UINT64_MAX, value;
		unsigned int num = 1;
		bool stop;

		pthread_mutex_lock(&receiver->lock);
		/* An empty eventfd is just as good. */
		(void)!read(receiver->wake_fd, &value, sizeof(value));
		stop = receiver->stop;
		for (int at = 0; at < NUM_LISTENERS; at++) {
			const struct listener *listener = &receiver->listeners[at];

			if (listener->capture && listener->mute_until_ns <= now)
				fds[num++] = (struct pollfd) {
					.fd = nfp_capture_fd(listener->capture), .events = POLLIN};
			else if (listener->capture && listener->mute_until_ns < until)
				until = listener->mute_until_ns;
		}
		pthread_mutex_unlock(&receiver->lock);
		if (stop)
			return NULL;
		(void)nfp_clock_poll(fds, num, until);
		if (!read_listeners(stream))
			(void)nfp_clock_poll(fds, 1, nfp_clock_now() + GATHER_NS);
	}
}

static void wake_receiver(struct receiver *receiver)
{
	uint64_t one = 1;

	/* EAGAIN: many wake-ups are pending already. Without any, receiver_stop waits forever. */
	while (write(receiver->wake_fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		;
}

int receiver_start(struct nfp_stream *stream, struct nfp_err *err)
{
	struct receiver *receiver = &stream->receiver;
	struct nfp_clock_pair pair = nfp_clock_read();
	int ret;

	receiver->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (receiver->wake_fd < 0)
		return nfp_err_errno(err, -errno, NFP_E_KERNEL, "cannot make an eventfd");
	nfp_clock_update(&receiver->clock, &pair);
	for (int at = 0; at < NUM_LISTENERS; at++) {
		receiver->listeners[at].stream = stream;
		receiver->listeners[at].at = at;
	}
	/* Cannot fail on Linux with default attributes. */
	pthread_mutex_init(&receiver->lock, NULL);
	ret = nfp_thread_start(&receiver->thread, "nfprobe-hear", receiver_main, stream);
	receiver->started = !ret;
	return ret ? nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot start the receiving thread") : 0;
}

void receiver_stop(struct nfp_stream *stream)
{
	struct receiver *receiver = &stream->receiver;

	if (receiver->started) {
		pthread_mutex_lock(&receiver->lock);
		receiver->stop = true;
		wake_receiver(receiver);
		pthread_mutex_unlock(&receiver->lock);
		pthread_join(receiver->thread, NULL);
	}
	for (int at = 0; at < NUM_LISTENERS; at++)
		nfp_capture_close(receiver->listeners[at].capture);
	if (receiver->wake_fd >= 0)
		close(receiver->wake_fd);
}

void receiver_listen(struct nfp_stream *stream, int at, struct nfp_capture *capture)
{
	struct receiver *receiver = &stream->receiver;
	struct listener *listener = &receiver->listeners[at];
	struct nfp_capture *old;

	pthread_mutex_lock(&receiver->lock);
	for (int i = 0; i < LAST_READS && read_listener(listener); i++)
		;
	old = listener->capture;
	if (old)
		receiver->old_drops += nfp_capture_drops(old);
	listener->capture = capture;
	listener->mute_until_ns = 0;
	wake_receiver(receiver);
	pthread_mutex_unlock(&receiver->lock);
	nfp_capture_close(old);
}

uint64_t receiver_drops(struct nfp_stream *stream)
{
	struct receiver *receiver = &stream->receiver;
	uint64_t drops;

	pthread_mutex_lock(&receiver->lock);
	drops = receiver->old_drops;
	for (int at = 0; at < NUM_LISTENERS; at++) {
		if (receiver->listeners[at].capture)
			drops += nfp_capture_drops(receiver->listeners[at].capture);
	}
	pthread_mutex_unlock(&receiver->lock);
	return drops;
}
