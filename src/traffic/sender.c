// SPDX-License-Identifier: GPL-2.0-or-later
/* sender.c - the sending thread of a stream, and its schedule. */
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

/* ---- the schedule ---- */

/* Divisions, once a frame. */
static void find_due(struct nfp_schedule *schedule, enum nfp_kind kind)
{
	unsigned int rate = schedule->kind[kind].rate;
	uint64_t num = schedule->kind[kind].num;

	/* In two parts: neither overflows, and no error adds up. */
	schedule->kind[kind].due_ns = rate ? schedule->kind[kind].base_ns +
						      num / rate * NFP_NSEC_PER_SEC +
						      num % rate * NFP_NSEC_PER_SEC / rate
					   : NFP_SCHEDULE_NEVER;
}

static uint64_t shortest_interval(const unsigned int rate[NFP_KIND_COUNT])
{
	unsigned int highest = 1;

	for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
		highest = rate[kind] > highest ? rate[kind] : highest;
	return NFP_NSEC_PER_SEC / highest;
}

void nfp_schedule_start(struct nfp_schedule *schedule, const unsigned int rate[NFP_KIND_COUNT],
			uint64_t now_ns)
{
	uint64_t apart = shortest_interval(rate) / NFP_KIND_COUNT;

	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		schedule->kind[kind].rate = rate[kind];
		nfp_schedule_defer(schedule, (enum nfp_kind)kind, now_ns + (uint64_t)kind * apart);
	}
}

uint64_t nfp_schedule_next(const struct nfp_schedule *schedule, enum nfp_kind *ret_kind)
{
	uint64_t first = NFP_SCHEDULE_NEVER;

	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		if (schedule->kind[kind].due_ns < first) {
			first = schedule->kind[kind].due_ns;
			*ret_kind = (enum nfp_kind)kind;
		}
	}
	return first;
}

void nfp_schedule_take(struct nfp_schedule *schedule, enum nfp_kind kind)
{
	schedule->kind[kind].num++;
	find_due(schedule, kind);
}

void nfp_schedule_defer(struct nfp_schedule *schedule, enum nfp_kind kind, uint64_t ns)
{
	schedule->kind[kind].base_ns = ns;
	schedule->kind[kind].num = 0;
	find_due(schedule, kind);
}

void nfp_schedule_skip(struct nfp_schedule *schedule, uint64_t ns)
{
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		if (schedule->kind[kind].due_ns < ns)
			nfp_schedule_defer(schedule, (enum nfp_kind)kind, ns);
	}
}

/* ---- frames that are due ---- */

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
		.dst = kind == NFP_KIND_UNICAST	   ? sender->plan.unicast
		       : kind == NFP_KIND_STRANGER ? sender->plan.stranger
						   : nfp_mac_broadcast,
		.src = stream->config.sender_mac,
		.vlan = stream->config.sender_vlan,
		.kind = kind,
		.seq = sender->seq,
		.sent_ns = now,
	};

	for (unsigned int i = 0; i < NFP_CODEC_PACKETS; i++)
		packets[i].second_sender = false;
	num = stream->codec.ops->make(stream->codec.ctx, &frame, packets);
	for (unsigned int i = 0; i < num; i++)
		sender->frame_of[batch->packets + i] = (uint8_t)batch->frames;
	batch->packets += num;
	sender->events[batch->frames++] = (struct event) {
		.seq = sender->seq++,
		.ns = now,
		.what = NFP_TAPPED_SENT,
		.kind = (uint8_t)kind,
		.packets = packets,
		.num_packets = stream->config.tap.frame ? (uint8_t)num : 0,
	};
}

/* Under the lock: frames that are due by now, with their numbers. */
static struct batch take_due(struct nfp_stream *stream, uint64_t now)
{
	const struct nfp_codec *codec = &stream->codec;
	struct nfp_schedule *schedule = &stream->sender.schedule;
	enum nfp_kind kind = NFP_KIND_UNICAST;
	struct batch batch = {0};

	pthread_mutex_lock(&stream->codec_lock);
	while (batch.packets + NFP_CODEC_PACKETS <= NFP_INJECT_BATCH &&
	       nfp_schedule_next(schedule, &kind) <= now) {
		uint64_t ready = codec->ops->ready ? codec->ops->ready(codec->ctx, kind, now) : now;

		if (ready > now) {
			nfp_schedule_defer(schedule, kind, ready);
			continue;
		}
		make_frame(stream, kind, now, &batch);
		nfp_schedule_take(schedule, kind);
	}
	pthread_mutex_unlock(&stream->codec_lock);
	return batch;
}

/* Returns how many packets from @at on are done with, or -errno. */
static int send_some(struct sender *sender, unsigned int at, unsigned int end)
{
	struct nfp_packet *packets = &sender->packets[at];
	unsigned int num = 0;

	while (at + num < end && !packets[num].second_sender)
		num++;
	if (num)
		return nfp_inject_send(sender->inject, packets, num);
	/* What it adds to a frame that counts without it is passed over if it cannot be sent. */
	if (sender->second_inject)
		(void)nfp_inject_send(sender->second_inject, packets, 1);
	return 1;
}

/*
 * The account comes first: a sighting must never overtake it. An error takes back all that is left
 * of the batch; the netdev may be resetting, and the next frames are tried again.
 */
static void send_batch(struct nfp_stream *stream, const struct batch *batch)
{
	struct sender *sender = &stream->sender;
	unsigned int sent = 0, from;
	int ret = 1;

	queue_push(&stream->queue, sender->events, batch->frames, SIZE_MAX);
	while (sent < batch->packets && ret > 0) {
		ret = send_some(sender, sent, batch->packets);
		sent += ret > 0 ? (unsigned int)ret : 0;
	}
	if (sent == batch->packets)
		return;
	/* The first frame none of whose packets was sent. */
	from = sender->frame_of[sent];
	if (sent > 0 && sender->frame_of[sent - 1] == from)
		from++;
	for (unsigned int i = from; i < batch->frames; i++) {
		sender->events[i].what = NFP_TAPPED_UNSENT;
		sender->events[i].num_packets = 0;
	}
	atomic_fetch_add(&stream->send_errors, batch->frames - from);
	atomic_store(&stream->send_errno, -ret);
	queue_push(&stream->queue, sender->events + from, batch->frames - from, SIZE_MAX);
}

/* ---- the thread ---- */

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
		if (now - due > CATCH_UP_NS) {
			atomic_fetch_add(&stream->stalls, 1);
			nfp_schedule_skip(&sender->schedule, now - CATCH_UP_NS);
		}
		batch = take_due(stream, now);
		pthread_mutex_unlock(&sender->lock);
		send_batch(stream, &batch);
		pthread_mutex_lock(&sender->lock);
	}
	pthread_mutex_unlock(&sender->lock);
	return NULL;
}

int sender_start(struct nfp_stream *stream, struct nfp_err *err)
{
	struct sender *sender = &stream->sender;
	pthread_condattr_t attr;
	int ret = nfp_inject_open(&stream->config.sender, &sender->inject, err);

	if (!ret && stream->config.second_sender.ifindex)
		ret = nfp_inject_open(&stream->config.second_sender, &sender->second_inject, err);
	if (ret)
		return ret;
	sender->seq = 1;
	/* None of these fails on Linux. */
	pthread_mutex_init(&sender->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&sender->changed, &attr);
	pthread_condattr_destroy(&attr);
	ret = nfp_thread_start(&sender->thread, "nfprobe-send", sender_main, stream);
	sender->started = !ret;
	return ret ? nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot start the sending thread") : 0;
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
	}
	nfp_inject_close(sender->inject);
	nfp_inject_close(sender->second_inject);
}

void sender_plan(void *ctx, const struct nfp_plan *plan)
{
	struct nfp_stream *stream = ctx;
	struct sender *sender = &stream->sender;

	pthread_mutex_lock(&sender->lock);
	sender->plan = *plan;
	pthread_mutex_lock(&stream->codec_lock);
	if (stream->codec.ops->plan)
		stream->codec.ops->plan(stream->codec.ctx, plan);
	pthread_mutex_unlock(&stream->codec_lock);
	nfp_schedule_start(&sender->schedule, plan->rate, nfp_clock_now());
	pthread_cond_signal(&sender->changed);
	pthread_mutex_unlock(&sender->lock);
}
