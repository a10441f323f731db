// SPDX-License-Identifier: GPL-2.0-or-later
/* receiver.c - the receiving thread of a stream: the captures at PF and VF. */
#include <errno.h>
#include <linux/if_ether.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "traffic_priv.h"

/*
 * Frames carry the kernel's timestamps, so nothing is lost by reading several at once, and at a
 * thousand a second a thread that wakes for each is most of what a run costs. After reading, the
 * captures are left alone for this long.
 */
#define GATHER_NS (2 * NFP_NSEC_PER_MSEC)
/* A capture whose netdev is down is asked again after this. */
#define MUTE_NS (20 * NFP_NSEC_PER_MSEC)
/* Read with the lock held at once; main may want it. */
#define READ_MAX 1024U
/* A ring holds less than so many times READ_MAX; a flood must not keep main here. */
#define LAST_READS 32

struct reading {
	struct nfp_stream *stream;
	enum nfp_receiver at;
	bool child; /* of the PF, and counted as the PF */
};

/*
 * The standby on the PF listens on an 802.1Q child, or without a VLAN on the PF itself: what
 * carries another tag than its own never gets there. A VF with a VST VLAN gets frames without the
 * tag, one without it with: both are served.
 */
static bool is_for_receiver(const struct nfp_stream *stream, enum nfp_receiver at,
			    const struct nfp_frame *frame)
{
	const struct nfp_vlan *want = &stream->config.pf_vlan;

	if (at != NFP_AT_PF)
		return true;
	return frame->vlan.vid == want->vid &&
	       (!want->vid || frame->vlan.proto == (want->proto ? want->proto : ETH_P_8021Q));
}

/* Under the lock. A child gets copies of other frames, and the PF may get one of the child's. */
static bool is_elsewhere(const struct reading *reading, const struct nfp_frame *frame)
{
	if (reading->child)
		return frame->kind != NFP_KIND_UNICAST;
	return reading->at == NFP_AT_PF && frame->kind == NFP_KIND_UNICAST &&
	       reading->stream->receiver.listeners[LISTENER_CHILD].capture;
}

/* What the ledger does not count is of interest to a tap only. */
static void push_event(struct nfp_stream *stream, const struct event *event, const uint8_t *data,
		       size_t len)
{
	struct event pushed = *event;
	struct nfp_packet packet;

	if (stream->config.tap.frame) {
		packet.len = len < sizeof(packet.data) ? len : sizeof(packet.data);
		memcpy(packet.data, data, packet.len);
		pushed.packets = &packet;
		pushed.num_packets = 1;
	} else if (event->what == NFP_TAPPED_HEARD) {
		return;
	}
	if (!queue_push(&stream->queue, &pushed, 1, QUEUE_MAX) && event->what == NFP_TAPPED_SEEN)
		atomic_fetch_add(&stream->overflows, 1);
}

static void on_frame(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns)
{
	const struct reading *reading = ctx;
	struct nfp_stream *stream = reading->stream;
	const struct nfp_codec *codec = &stream->codec;
	uint64_t now = nfp_clock_now();
	uint64_t seen = nfp_clock_seen(&stream->receiver.clock, real_ns, 0, now);
	struct event event = {.ns = seen, .what = NFP_TAPPED_HEARD, .at = (uint8_t)reading->at};
	enum nfp_frame_check check;
	struct nfp_frame frame;

	pthread_mutex_lock(&stream->codec_lock);
	check = codec->ops->recognise(codec->ctx, reading->at, data, len, seen, &frame);
	pthread_mutex_unlock(&stream->codec_lock);
	if (check != NFP_FRAME_OURS || !is_for_receiver(stream, reading->at, &frame)) {
		atomic_fetch_add(&stream->foreign, 1);
	} else if (frame.kind < NFP_KIND_COUNT && !is_elsewhere(reading, &frame)) {
		event.seq = frame.seq;
		event.ns = nfp_clock_seen(&stream->receiver.clock, real_ns, frame.sent_ns, now);
		event.what = NFP_TAPPED_SEEN;
		event.kind = (uint8_t)frame.kind;
	}
	push_event(stream, &event, data, len);
}

/* Under the lock. */
static int read_one(struct nfp_stream *stream, int at)
{
	struct listener *listener = &stream->receiver.listeners[at];
	bool child = at == LISTENER_CHILD;
	struct reading reading = {stream, child ? NFP_AT_PF : (enum nfp_receiver)at, child};
	int num;

	if (!listener->capture)
		return 0;
	num = nfp_capture_drain(listener->capture, READ_MAX, on_frame, &reading);
	if (num < 0)
		listener->mute_until_ns = nfp_clock_now() + MUTE_NS;
	return num;
}

/* Returns true when there may be more. */
static bool read_all(struct nfp_stream *stream)
{
	struct receiver *receiver = &stream->receiver;
	struct nfp_clock_pair pair = nfp_clock_read();
	bool more = false;

	pthread_mutex_lock(&receiver->lock);
	nfp_clock_update(&receiver->clock, &pair);
	for (int at = 0; at < NUM_LISTENERS; at++)
		more |= read_one(stream, at) >= (int)READ_MAX;
	pthread_mutex_unlock(&receiver->lock);
	return more;
}

void receiver_catch_up(struct nfp_stream *stream)
{
	for (int i = 0; i < LAST_READS && read_all(stream); i++)
		;
}

/*
 * Under the lock. Returns the number of entries, 0 when it is over; *ret_until: when to look again
 * in any case. A capture that main closes afterwards does no harm: main wakes this thread, and what
 * is read is what is listened to by then.
 */
static unsigned int collect_fds(struct receiver *receiver, struct pollfd fds[1 + NUM_LISTENERS],
				uint64_t *ret_until)
{
	uint64_t now = nfp_clock_now(), value;
	unsigned int num = 0;

	/* Nothing to read is as good. */
	(void)!read(receiver->wake_fd, &value, sizeof(value));
	if (receiver->stop)
		return 0;
	*ret_until = UINT64_MAX;
	fds[num++] = (struct pollfd) {.fd = receiver->wake_fd, .events = POLLIN};
	for (int at = 0; at < NUM_LISTENERS; at++) {
		const struct listener *listener = &receiver->listeners[at];

		if (!listener->capture)
			continue;
		if (listener->mute_until_ns <= now)
			fds[num++] = (struct pollfd) {.fd = nfp_capture_fd(listener->capture),
						      .events = POLLIN};
		else if (listener->mute_until_ns < *ret_until)
			*ret_until = listener->mute_until_ns;
	}
	return num;
}

static void *receiver_main(void *arg)
{
	struct nfp_stream *stream = arg;
	struct receiver *receiver = &stream->receiver;
	struct pollfd fds[1 + NUM_LISTENERS];

	for (;;) {
		uint64_t until;
		unsigned int num;

		pthread_mutex_lock(&receiver->lock);
		num = collect_fds(receiver, fds, &until);
		pthread_mutex_unlock(&receiver->lock);
		if (!num)
			return NULL;
		(void)nfp_clock_poll(fds, num, until);
		if (!read_all(stream))
			(void)nfp_clock_poll(fds, 1, nfp_clock_now() + GATHER_NS);
	}
}

static void wake(struct receiver *receiver)
{
	uint64_t one = 1;

	/* Fails only when it is awake already, many times over. */
	(void)!write(receiver->wake_fd, &one, sizeof(one));
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
		wake(receiver);
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

	pthread_mutex_lock(&receiver->lock);
	receiver->listeners[at] = (struct listener) {.capture = capture};
	wake(receiver);
	pthread_mutex_unlock(&receiver->lock);
}

/* What the capture still holds is read first. */
void receiver_unlisten(struct nfp_stream *stream, int at)
{
	struct receiver *receiver = &stream->receiver;
	struct nfp_capture *capture;

	pthread_mutex_lock(&receiver->lock);
	capture = receiver->listeners[at].capture;
	if (capture) {
		for (int i = 0; i < LAST_READS && read_one(stream, at) >= (int)READ_MAX; i++)
			;
		receiver->old_drops += nfp_capture_drops(capture);
		receiver->listeners[at].capture = NULL;
		wake(receiver);
	}
	pthread_mutex_unlock(&receiver->lock);
	nfp_capture_close(capture);
}

void receiver_stats(struct nfp_stream *stream, uint64_t *ret_drops, uint64_t *ret_steps)
{
	struct receiver *receiver = &stream->receiver;
	uint64_t drops;

	pthread_mutex_lock(&receiver->lock);
	drops = receiver->old_drops;
	for (int at = 0; at < NUM_LISTENERS; at++) {
		if (receiver->listeners[at].capture)
			drops += nfp_capture_drops(receiver->listeners[at].capture);
	}
	*ret_steps = receiver->clock.steps;
	pthread_mutex_unlock(&receiver->lock);
	*ret_drops = drops;
}
