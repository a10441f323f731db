// SPDX-License-Identifier: GPL-2.0-or-later
/* sender.c - the sending thread of a stream, and its schedule. */
#include <errno.h>
#include <sys/prctl.h>
#include <time.h>

#include "traffic_priv.h"

/* A sender that is further behind leaves frames out, since catching up would be a burst. */
#define CATCH_UP_NS (20 * NFP_NSEC_PER_MSEC)
/* How long a sender waits for room in the queue before it looks again. */
#define FULL_NS NFP_NSEC_PER_MSEC
/* By default the kernel may wake a thread up to 50 us late (prctl(2)). */
#define TIMER_SLACK_NS 1000UL

/* ---- the schedule ---- */

static uint64_t due_of(const struct nfp_schedule *schedule, int kind)
{
	unsigned int rate = schedule->kind[kind].rate;
	uint64_t num = schedule->kind[kind].num;

	if (!rate)
		return NFP_SCHEDULE_NEVER;
	/* In two parts, so that nothing overflows and no error adds up. */
	return schedule->kind[kind].base_ns + num / rate * NFP_NSEC_PER_SEC +
	       num % rate * NFP_NSEC_PER_SEC / rate;
}

void nfp_schedule_start(struct nfp_schedule *schedule, const unsigned int rate[NFP_KIND_COUNT],
			uint64_t now_ns)
{
	unsigned int highest = 1;

	for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
		highest = rate[kind] > highest ? rate[kind] : highest;
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		if (rate[kind] && rate[kind] == schedule->kind[kind].rate)
			continue;
		schedule->kind[kind].rate = rate[kind];
		nfp_schedule_defer(schedule, (enum nfp_kind)kind,
				   now_ns + (uint64_t)kind *
						    (NFP_NSEC_PER_SEC / highest / NFP_KIND_COUNT));
	}
}

uint64_t nfp_schedule_next(const struct nfp_schedule *schedule, enum nfp_kind *ret_kind)
{
	uint64_t first = NFP_SCHEDULE_NEVER;

	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		uint64_t due = due_of(schedule, kind);

		if (due < first) {
			first = due;
			*ret_kind = (enum nfp_kind)kind;
		}
	}
	return first;
}

void nfp_schedule_defer(struct nfp_schedule *schedule, enum nfp_kind kind, uint64_t ns)
{
	schedule->kind[kind].base_ns = ns;
	schedule->kind[kind].num = 0;
}

void nfp_schedule_skip(struct nfp_schedule *schedule, uint64_t ns)
{
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		if (due_of(schedule, kind) < ns)
			nfp_schedule_defer(schedule, (enum nfp_kind)kind, ns);
	}
}

/* ---- frames that are due ---- */

const struct nfp_mac *nfp_plan_to(const struct nfp_plan *plan, enum nfp_kind kind)
{
	switch (kind) {
	case NFP_KIND_UNICAST:
		return &plan->unicast;
	case NFP_KIND_UNREGISTERED:
		return &plan->unregistered_mac;
	case NFP_KIND_MULTICAST:
		return &plan->group;
	case NFP_KIND_ALL_NODES:
		return &nfp_mac_all_nodes;
	case NFP_KIND_UNJOINED:
		return &plan->unjoined;
	default:
		return &nfp_mac_broadcast;
	}
}

/* Under the lock: makes the frames that are due by @now, and numbers them. */
static void make_batch(struct nfp_stream *stream, uint64_t now)
{
	const struct nfp_codec *codec = &stream->codec;
	struct sender *sender = &stream->sender;
	enum nfp_kind kind = NFP_KIND_UNICAST;

	sender->num_events = sender->num_packets = 0;
	pthread_mutex_lock(&stream->codec_lock);
	while (sender->num_packets + NFP_CODEC_PACKETS <= NFP_INJECT_BATCH &&
	       nfp_schedule_next(&sender->schedule, &kind) <= now) {
		uint64_t ready = codec->ops->ready ? codec->ops->ready(codec->ctx, kind, now) : now;
		struct nfp_packet *packets = &sender->packets[sender->num_packets];
		const struct nfp_frame frame = {
			.dst = *nfp_plan_to(&sender->plan, kind),
			.src = stream->config.sender_mac,
			.vlan = stream->config.sender_vlan,
			.kind = kind,
			.seq = sender->seq,
			.sent_ns = now,
		};
		unsigned int num;

		if (ready > now) {
			nfp_schedule_defer(&sender->schedule, kind, ready);
			continue;
		}
		for (unsigned int i = 0; i < NFP_CODEC_PACKETS; i++)
			packets[i].second_sender = false;
		num = codec->ops->make(codec->ctx, &frame, packets);
		for (unsigned int i = 0; i < num; i++)
			sender->frame_of[sender->num_packets++] = (uint8_t)sender->num_events;
		sender->events[sender->num_events++] = (struct event) {
			.seq = sender->seq++,
			.ns = now,
			.what = NFP_TAP_SENT,
			.kind = (uint8_t)kind,
			.packets = packets,
			.num_packets = stream->config.tap.frame ? (uint8_t)num : 0,
		};
		sender->schedule.kind[kind].num++;
	}
	pthread_mutex_unlock(&stream->codec_lock);
}

/*
 * The frames are accounted for first: no rx record may overtake them. After an error all frames
 * left in the batch are taken back, and the whole batch if the carrier was away; the netdev may be
 * resetting, and the next frames are tried again.
 */
static void send_batch(struct nfp_stream *stream)
{
	struct sender *sender = &stream->sender;
	unsigned int sent = 0, end, from;
	int ret = 1;

	queue_push(&stream->queue, sender->events, sender->num_events, SIZE_MAX);
	while (sent < sender->num_packets && ret > 0) {
		struct nfp_packet *packets = &sender->packets[sent];

		if (packets->second_sender) {
			/* Its frame counts without it, so it may fail. */
			if (sender->second_inject)
				(void)nfp_inject_send(sender->second_inject, packets, 1);
			sent++;
			continue;
		}
		for (end = sent; end < sender->num_packets && !sender->packets[end].second_sender;)
			end++;
		ret = nfp_inject_send(sender->inject, packets, end - sent);
		sent += ret > 0 ? (unsigned int)ret : 0;
	}
	if (sender->num_packets && !nfp_inject_has_carrier(sender->inject)) {
		sent = 0;
		ret = -ENETDOWN;
	}
	if (sent == sender->num_packets)
		return;
	/* The first frame none of whose packets was sent. */
	from = sender->frame_of[sent];
	if (sent > 0 && sender->frame_of[sent - 1] == from)
		from++;
	for (unsigned int i = from; i < sender->num_events; i++) {
		sender->events[i].what = NFP_TAP_UNSENT;
		sender->events[i].num_packets = 0;
	}
	atomic_fetch_add(&stream->send_errors, sender->num_events - from);
	atomic_store(&stream->send_errno, -ret);
	queue_push(&stream->queue, sender->events + from, sender->num_events - from, SIZE_MAX);
}

/* ---- the thread ---- */

static void *sender_main(void *arg)
{
	struct nfp_stream *stream = arg;
	struct sender *sender = &stream->sender;
	bool stalled = false; /* by a full queue, already counted */

	prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS);
	pthread_mutex_lock(&sender->lock);
	while (!sender->stop) {
		enum nfp_kind kind;
		uint64_t due = nfp_schedule_next(&sender->schedule, &kind), now = nfp_clock_now();
		const struct timespec at = {.tv_sec = (time_t)(due / NFP_NSEC_PER_SEC),
					    .tv_nsec = (long)(due % NFP_NSEC_PER_SEC)};

		if (due == NFP_SCHEDULE_NEVER) {
			pthread_cond_wait(&sender->changed, &sender->lock);
			continue;
		}
		if (due > now) {
			pthread_cond_timedwait(&sender->changed, &sender->lock, &at);
			continue;
		}
		/* No room: main does not keep up, which counts as one stall. */
		if (!queue_push(&stream->queue, NULL, 0, QUEUE_FULL)) {
			atomic_fetch_add(&stream->stalls, !stalled);
			stalled = true;
			nfp_schedule_skip(&sender->schedule, now + FULL_NS);
			continue;
		}
		stalled = false;
		if (now - due > CATCH_UP_NS) {
			atomic_fetch_add(&stream->stalls, 1);
			nfp_schedule_skip(&sender->schedule, now - CATCH_UP_NS);
		}
		make_batch(stream, now);
		pthread_mutex_unlock(&sender->lock);
		send_batch(stream);
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
	/* A guest would not hear either what the PF itself loses while it has no carrier. */
	if (stream->config.sender.ifindex != stream->config.pf.ifindex)
		nfp_inject_watch(sender->inject, &stream->config.sender);
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
