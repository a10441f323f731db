// SPDX-License-Identifier: GPL-2.0-or-later
/* stream.c - struct nfp_wire over real netdevs: two threads, a queue, a ledger. */
#include <errno.h>
#include <linux/if_ether.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "traffic_priv.h"

#define NUM_WAKE_FDS (sizeof(((struct nfp_stream_config *)NULL)->wake_fds) / sizeof(int))

/* Pump empties the queue this often, so that a long wait needs no long queue. */
#define DRAIN_NS (50 * NFP_NSEC_PER_MSEC)

int stream_thread(pthread_t *ret_thread, const char *name, void *(*fn)(void *), void *arg)
{
	pthread_t thread;
	sigset_t all, old;
	int ret;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ret = pthread_create(&thread, NULL, fn, arg);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (ret)
		return -ret;
	pthread_setname_np(thread, name);
	*ret_thread = thread;
	return 0;
}

static uint64_t stream_now(void *ctx)
{
	(void)ctx;
	return nfp_clock_now();
}

static int stream_plan(void *ctx, const struct nfp_plan *plan, struct nfp_err *err)
{
	(void)err;
	sender_plan(ctx, plan);
	return 0;
}

static int enter_event(struct nfp_stream *stream, const struct event *event,
		       struct nfp_ledger *ledger)
{
	enum nfp_kind kind = (enum nfp_kind)event->kind;
	enum nfp_sighting sighting;

	switch (event->type) {
	case EVENT_SENT:
		return nfp_ledger_sent(ledger, event->seq, kind, event->ns);
	case EVENT_UNSENT:
		nfp_ledger_unsent(ledger, event->seq);
		return 0;
	case EVENT_HEARD:
		return 0;
	default:
		sighting = nfp_ledger_seen(ledger, event->seq, kind, (enum nfp_receiver)event->at,
					   event->ns);
		if (sighting == NFP_SIGHTING_IMPOSSIBLE || sighting == NFP_SIGHTING_LATE)
			atomic_fetch_add(&stream->foreign, 1);
		return 0;
	}
}

static void tap_event(const struct nfp_stream *stream, const struct event_list *list,
		      const struct event *event)
{
	static const enum nfp_tapped_what what[] = {
		[EVENT_SENT] = NFP_TAPPED_SENT,
		[EVENT_UNSENT] = NFP_TAPPED_UNSENT,
		[EVENT_SEEN] = NFP_TAPPED_SEEN,
		[EVENT_HEARD] = NFP_TAPPED_HEARD,
	};
	const struct nfp_tap *tap = &stream->config.tap;
	struct nfp_tapped tapped = {
		.what = what[event->type],
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

static int drain_queue(struct nfp_stream *stream, struct nfp_ledger *ledger, struct nfp_err *err)
{
	const struct event_list *list = queue_take(&stream->queue);
	int ret = atomic_load(&stream->fatal);

	for (size_t i = 0; i < list->num && !ret; i++) {
		ret = enter_event(stream, &list->events[i], ledger);
		if (!ret && stream->config.tap.frame)
			tap_event(stream, list, &list->events[i]);
	}
	if (!ret)
		return 0;
	return nfp_err_errno(err, ret, ret == -ENOMEM ? NFP_E_MEMORY : NFP_E_KERNEL,
			     "cannot keep account of the frames");
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

/*
 * On a machine that is short of processors the receiving thread may not have run for a while. A
 * frame that the kernel has got is not lost because nobody has read it yet.
 */
static int catch_up(struct nfp_stream *stream, struct nfp_ledger *ledger, struct nfp_err *err)
{
	receiver_catch_up(stream);
	return drain_queue(stream, ledger, err);
}

static int stream_pump(void *ctx, uint64_t until_ns, struct nfp_ledger *ledger, struct nfp_err *err)
{
	struct nfp_stream *stream = ctx;
	int woken = 0;

	for (;;) {
		int ret = drain_queue(stream, ledger, err);
		uint64_t now = nfp_clock_now();

		if (ret || woken)
			return ret ? ret : woken;
		if (now >= until_ns)
			return catch_up(stream, ledger, err);
		woken = wait_for(stream, until_ns - now > DRAIN_NS ? now + DRAIN_NS : until_ns,
				 err);
		if (woken < 0)
			return woken;
	}
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
		.dst = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
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

static void stream_transmit(void *ctx, const struct nfp_mac *mac)
{
	transmitter_send(ctx, mac);
}

static void stream_transmitted(void *ctx, struct nfp_transmit_count *ret_count)
{
	transmitter_count(ctx, ret_count);
}

static void stream_unlisten_vf(void *ctx)
{
	receiver_unlisten(ctx, NFP_AT_VF);
}

static void hear_vf(struct nfp_stream *stream, const struct nfp_netdev *vf,
		    struct nfp_capture *capture)
{
	receiver_unlisten(stream, NFP_AT_VF);
	receiver_listen(stream, NFP_AT_VF, capture);
	if (stream->config.tap.listens)
		stream->config.tap.listens(stream->config.tap.ctx, vf);
}

static int open_capture(const struct nfp_stream *stream, const struct nfp_netdev *netdev,
			size_t buffer_bytes, struct nfp_capture **ret_capture, struct nfp_err *err)
{
	if (stream->codec.filter)
		return nfp_capture_open_filter(netdev, stream->codec.filter, buffer_bytes,
					       ret_capture, err);
	return nfp_capture_open(netdev, &stream->config.id, buffer_bytes, ret_capture, err);
}

static int stream_listen_vf(void *ctx, const struct nfp_netdev *vf, struct nfp_err *err)
{
	struct nfp_stream *stream = ctx;
	struct nfp_capture *capture;
	int ret = open_capture(stream, vf, stream->config.buffer_bytes, &capture, err);

	if (!ret)
		hear_vf(stream, vf, capture);
	return ret;
}

static int stream_expect_vf(void *ctx, const struct nfp_netdev *vf, struct nfp_err *err)
{
	struct nfp_stream *stream = ctx;
	const char *filter = stream->codec.filter;
	char own[NFP_CAPTURE_FILTER_LEN];
	struct nfp_capture *capture;
	int ret;

	nfp_capture_filter(&stream->config.id, own);
	ret = nfp_capture_open_early(vf, filter ? filter : own, stream->config.buffer_bytes,
				     &capture, err);
	if (!ret)
		hear_vf(stream, vf, capture);
	return ret;
}

static int stream_listen_standby(void *ctx, const struct nfp_netdev *child, struct nfp_err *err)
{
	struct nfp_stream *stream = ctx;
	struct nfp_capture *capture;
	int ret;

	receiver_unlisten(stream, LISTENER_CHILD);
	if (!child)
		return 0;
	ret = open_capture(stream, child, stream->config.buffer_bytes, &capture, err);
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
	if (stream->codec.ops->stats)
		stream->codec.ops->stats(stream->codec.ctx, ret_stats);
}

static int open_parts(struct nfp_stream *stream, struct nfp_err *err)
{
	const struct nfp_stream_config *config = &stream->config;
	struct nfp_capture *capture;
	int ret = open_capture(stream, &config->pf, config->buffer_bytes, &capture, err);

	if (ret)
		return ret;
	/* No thread yet, so no lock. */
	stream->receiver.listeners[NFP_AT_PF].capture = capture;
	ret = nfp_inject_open(&config->pf, &stream->announcer, err);
	if (!ret)
		ret = receiver_start(stream, err);
	if (!ret)
		ret = sender_start(stream, err);
	return ret;
}

static void settle_proto(struct nfp_vlan *vlan)
{
	if (vlan->vid && !vlan->proto)
		vlan->proto = ETH_P_8021Q;
}

int nfp_stream_open(const struct nfp_stream_config *config, struct nfp_stream **ret_stream,
		    struct nfp_err *err)
{
	struct nfp_stream *stream = nfp_calloc(1, sizeof(*stream));
	int ret;

	if (!stream || queue_init(&stream->queue)) {
		free(stream);
		return nfp_err_errno(err, -ENOMEM, NFP_E_MEMORY, "cannot open a stream of frames");
	}
	stream->config = *config;
	settle_proto(&stream->config.sender_vlan);
	settle_proto(&stream->config.pf_vlan);
	if (config->codec)
		stream->codec = *config->codec;
	else
		stream->codec = (struct nfp_codec) {&nfp_codec_test, &stream->config.id, NULL};
	stream->receiver.wake_fd = -1;
	ret = open_parts(stream, err);
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
	transmitter_stop(stream);
	nfp_inject_close(stream->announcer);
	queue_fini(&stream->queue);
	free(stream);
}

struct nfp_wire nfp_stream_wire(struct nfp_stream *stream)
{
	static const struct nfp_wire_ops ops = {
		.now = stream_now,
		.plan = stream_plan,
		.pump = stream_pump,
		.announce = stream_announce,
		.transmit = stream_transmit,
		.transmitted = stream_transmitted,
		.listen_vf = stream_listen_vf,
		.unlisten_vf = stream_unlisten_vf,
		.expect_vf = stream_expect_vf,
		.listen_standby = stream_listen_standby,
		.stats = stream_stats,
	};

	return (struct nfp_wire) {.ops = &ops, .ctx = stream};
}
