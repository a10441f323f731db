// SPDX-License-Identifier: GPL-2.0-or-later
/* sender.c - the sending thread of a stream. */
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "traffic_priv.h"

/*
 * Behind by more than this, frames are left out, and a stall is counted: catching up with them all
 * would be a burst that nobody asked for.
 */
#define CATCH_UP_NS (20 * NFP_NSEC_PER_MSEC)
/* How long a sender waits for room in the queue before it looks again. */
#define FULL_NS NFP_NSEC_PER_MSEC
/* The kernel may wake a thread up to 50 us late unless told otherwise (prctl(2)). */
#define TIMER_SLACK_NS 1000UL

static const struct nfp_mac broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

static const struct nfp_mac *destination(const struct nfp_plan *plan, enum nfp_kind kind)
{
	switch (kind) {
	case NFP_KIND_UNICAST:
		return &plan->unicast;
	case NFP_KIND_STRANGER:
		return &plan->stranger;
	default:
		return &broadcast;
	}
}

/* What a batch has so far. */
struct batch {
	unsigned int frames, packets;
};

static void make_frame(struct nfp_stream *stream, enum nfp_kind kind, uint64_t now,
		       struct batch *batch)
{
	struct sender *sender = &stream->sender;
	struct nfp_packet *packets = &sender->packets[batch->packets];
	unsigned int num;
	const struct nfp_frame frame = {
		.dst = *destination(&sender->plan, kind),
		.src = stream->config.sender_mac,
		.vlan = stream->config.sender_vlan,
		.kind = kind,
		.seq = sender->seq,
		.sent_ns = now,
	};

	for (unsigned int i = 0; i < NFP_CODEC_PACKETS; i++)
		packets[i].aside = false;
	num = stream->codec.ops->make(stream->codec.ctx, &frame, packets);
	for (unsigned int i = 0; i < num; i++)
		sender->frame_of[batch->packets + i] = (uint8_t)batch->frames;
	batch->packets += num;
	sender->events[batch->frames++] = (struct event) {
		.seq = sender->seq++,
		.ns = now,
		.type = EVENT_SENT,
		.kind = (uint8_t)kind,
		.packets = packets,
		.num_packets = stream->config.tap.frame ? (uint8_t)num : 0,
	};
}

/* Returns true when the codec wants the next frame of @kind later. */
static bool held_back(struct nfp_stream *stream, enum nfp_kind kind, uint64_t now)
{
	const struct nfp_codec *codec = &stream->codec;
	uint64_t ready = codec->ops->ready ? codec->ops->ready(codec->ctx, kind, now) : now;

	if (ready <= now)
		return false;
	nfp_schedule_defer(&stream->sender.schedule, kind, ready);
	return true;
}

static void fall_behind(struct nfp_stream *stream, uint64_t due, uint64_t now)
{
	if (now - due <= CATCH_UP_NS)
		return;
	atomic_fetch_add(&stream->stalls, 1);
	nfp_schedule_skip(&stream->sender.schedule, now - CATCH_UP_NS);
}

/* Under the lock: frames that are due by now, with their numbers. */
static struct batch take_due(struct nfp_stream *stream, uint64_t now)
{
	struct sender *sender = &stream->sender;
	enum nfp_kind kind = NFP_KIND_UNICAST;
	struct batch batch = {0};

	while (batch.packets + NFP_CODEC_PACKETS <= NFP_INJECT_BATCH &&
	       nfp_schedule_next(&sender->schedule, &kind) <= now) {
		if (held_back(stream, kind, now))
			continue;
		make_frame(stream, kind, now, &batch);
		nfp_schedule_take(&sender->schedule, kind);
	}
	return batch;
}

/* A push that fails leaves a hole in the account that nobody could see: the run must end. */
static bool push(struct nfp_stream *stream, const struct event *events, size_t num)
{
	int ret = num ? queue_push(&stream->queue, events, num, SIZE_MAX) : 0;

	if (ret)
		atomic_store(&stream->fatal, ret);
	return !ret;
}

static void take_back(struct nfp_stream *stream, unsigned int from, unsigned int num, int errnum)
{
	struct event *events = stream->sender.events;

	for (unsigned int i = from; i < num; i++) {
		events[i].type = EVENT_UNSENT;
		events[i].num_packets = 0;
	}
	atomic_fetch_add(&stream->send_errors, num - from);
	atomic_store(&stream->send_errno, errnum);
	push(stream, events + from, num - from);
}

/* The first frame none of whose packets was sent, when @packet could not be. */
static unsigned int first_unsent(const struct sender *sender, unsigned int packet)
{
	unsigned int frame = sender->frame_of[packet];

	return packet > 0 && sender->frame_of[packet - 1] == frame ? frame + 1 : frame;
}

/* Packets from @from on that leave by one netdev. */
static unsigned int run_length(const struct sender *sender, unsigned int from, unsigned int to)
{
	unsigned int at = from + 1;

	while (at < to && sender->packets[at].aside == sender->packets[from].aside)
		at++;
	return at - from;
}

/* What goes aside adds to a frame that counts without it: what cannot be sent is passed over. */
static int send_run(struct sender *sender, unsigned int from, unsigned int num)
{
	int ret;

	if (!sender->packets[from].aside)
		return nfp_inject_send(sender->inject, sender->packets + from, num);
	ret = sender->aside ? nfp_inject_send(sender->aside, sender->packets + from, num) : 0;
	return ret > 0 ? ret : 1;
}

/*
 * The account comes first: a sighting must never overtake it. An error takes back all that is left
 * of the batch; the netdev may be resetting, and the next frames are tried again.
 */
static void send_batch(struct nfp_stream *stream, const struct batch *batch)
{
	struct sender *sender = &stream->sender;
	unsigned int sent = 0;

	if (!push(stream, sender->events, batch->frames))
		return;
	while (sent < batch->packets) {
		int ret = send_run(sender, sent, run_length(sender, sent, batch->packets));

		if (ret <= 0) {
			take_back(stream, first_unsent(sender, sent), batch->frames, -ret);
			return;
		}
		sent += (unsigned int)ret;
	}
}

static void wait_until(struct sender *sender, uint64_t ns)
{
	struct timespec at = {
		.tv_sec = (time_t)(ns / NFP_NSEC_PER_SEC),
		.tv_nsec = (long)(ns % NFP_NSEC_PER_SEC),
	};

	if (ns == NFP_SCHEDULE_NEVER)
		pthread_cond_wait(&sender->changed, &sender->lock);
	else
		pthread_cond_timedwait(&sender->changed, &sender->lock, &at);
}

/* Main does not keep up: a stall of its own kind. Returns true when the queue has no room. */
static bool wait_for_room(struct nfp_stream *stream, uint64_t now)
{
	struct sender *sender = &stream->sender;

	if (!queue_is_full(&stream->queue)) {
		sender->stalled = false;
		return false;
	}
	if (!sender->stalled)
		atomic_fetch_add(&stream->stalls, 1);
	sender->stalled = true;
	nfp_schedule_skip(&sender->schedule, now + FULL_NS);
	return true;
}

static void *sender_main(void *arg)
{
	struct nfp_stream *stream = arg;
	struct sender *sender = &stream->sender;

	prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS);
	pthread_mutex_lock(&sender->lock);
	while (!sender->stop) {
		enum nfp_kind kind;
		uint64_t due = nfp_schedule_next(&sender->schedule, &kind), now = nfp_clock_now();
		struct batch batch;

		if (due > now) {
			wait_until(sender, due);
			continue;
		}
		if (wait_for_room(stream, now))
			continue;
		fall_behind(stream, due, now);
		batch = take_due(stream, now);
		pthread_mutex_unlock(&sender->lock);
		send_batch(stream, &batch);
		pthread_mutex_lock(&sender->lock);
	}
	pthread_mutex_unlock(&sender->lock);
	return NULL;
}

static int init_locks(struct sender *sender)
{
	pthread_condattr_t attr;
	int ret = pthread_mutex_init(&sender->lock, NULL);

	if (ret)
		return -ret;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	ret = pthread_cond_init(&sender->changed, &attr);
	pthread_condattr_destroy(&attr);
	if (ret)
		pthread_mutex_destroy(&sender->lock);
	return -ret;
}

int sender_start(struct nfp_stream *stream, struct nfp_err *err)
{
	struct sender *sender = &stream->sender;
	int ret = nfp_inject_open(&stream->config.sender, &sender->inject, err);

	if (!ret && stream->config.aside.ifindex)
		ret = nfp_inject_open(&stream->config.aside, &sender->aside, err);
	if (ret)
		return ret;
	sender->seq = 1;
	ret = init_locks(sender);
	if (!ret) {
		ret = stream_thread(&sender->thread, "nfprobe-send", sender_main, stream);
		sender->started = !ret;
		if (ret) {
			pthread_cond_destroy(&sender->changed);
			pthread_mutex_destroy(&sender->lock);
		}
	}
	if (ret)
		return nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot start the sending thread");
	return 0;
}

void sender_stop(struct nfp_stream *stream)
{
	struct sender *sender = &stream->sender;

	if (sender->started) {
		pthread_mutex_lock(&sender->lock);
		sender->stop = true;
		pthread_cond_signal(&sender->changed);
		pthread_mutex_unlock(&sender->lock);
		pthread_join(sender->thread, NULL);
		pthread_cond_destroy(&sender->changed);
		pthread_mutex_destroy(&sender->lock);
		sender->started = false;
	}
	nfp_inject_close(sender->inject);
	nfp_inject_close(sender->aside);
	sender->inject = sender->aside = NULL;
}

void sender_plan(struct nfp_stream *stream, const struct nfp_plan *plan)
{
	struct sender *sender = &stream->sender;
	uint64_t now = nfp_clock_now();

	pthread_mutex_lock(&sender->lock);
	sender->plan = *plan;
	if (stream->codec.ops->plan)
		stream->codec.ops->plan(stream->codec.ctx, plan, now);
	nfp_schedule_start(&sender->schedule, plan->rate, now);
	pthread_cond_signal(&sender->changed);
	pthread_mutex_unlock(&sender->lock);
}
