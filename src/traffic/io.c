// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * io.c - the thread of a stream: sends the frames that are due, and reads the captures at PF and VF
 * in between. It goes on while the caller (here called main) waits for the kernel, and reports what
 * it did through a queue. One lock covers everything that both touch; the thread holds it while it
 * works and not while it waits.
 */
#include <errno.h>
#include <linux/if_ether.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "traffic_priv.h"

/* A sender that is further behind leaves frames out, since catching up would be a burst. */
#define CATCH_UP_NS (20 * NFP_NSEC_PER_MSEC)
/* By default the kernel may wake a thread up to 50 us late (prctl(2)). */
#define TIMER_SLACK_NS 1000UL
/*
 * Frames carry the kernel's timestamps, so reading several at once loses nothing, while at a
 * thousand per second a thread that wakes for each is most of what a run costs. After reading, the
 * captures are left alone for this long.
 */
#define GATHER_NS (2 * NFP_NSEC_PER_MSEC)
/* A capture whose netdev is down is polled again after this. */
#define MUTE_NS (20 * NFP_NSEC_PER_MSEC)
/* At most so many frames of a capture are read between two looks at the schedule. */
#define READ_MAX 256U
/* A ring holds fewer than this many times READ_MAX; a flood must not keep main here. */
#define LAST_READS 128

/*
 * Bounds of the queue, so that neither main's waiting nor a flood of replayed frames takes much
 * memory. A frame that both receivers see is three events of 24 bytes: there is room for 40 s of
 * them at the usual rate, and for 4 s at the highest. With a tap an event also has its frame: 10 s
 * and 1 s. Beyond QUEUE_FULL the sender waits, so that frames under way still find room.
 */
#define QUEUE_MAX  (4U << 20)
#define QUEUE_FULL (3U << 20)
/* How long a sender waits for room in the queue before it looks again. */
#define FULL_NS NFP_NSEC_PER_MSEC

/* Events, each followed by its frame. The kernel provides the memory only when it is used. */
struct queue {
	uint8_t *bytes;
	size_t len;
};

struct listener {
	struct io *io;
	int at;			       /* a receiver or LISTENER_CHILD */
	struct nfp_capture *capture;   /* NULL: none */
	uint64_t mute_until_ns;	       /* the netdev is down: do not poll before */
	bool untagged[NFP_KIND_COUNT]; /* frames of the kind have come without any tag */
};

struct io {
	const struct nfp_stream_config *config; /* has a codec */
	pthread_t thread;
	bool started; /* the thread must be joined */
	int wake_fd;  /* eventfd: something below changed */
	pthread_mutex_t lock;
	/* Under the lock: */
	bool stop;
	struct nfp_plan plan;
	struct nfp_schedule schedule;
	uint64_t seq; /* of the next frame */
	struct nfp_inject *inject;
	struct nfp_inject *second_inject; /* to config.second_sender; NULL: none */
	bool stalled;			  /* the queue is full, which is already counted */
	struct listener listeners[NUM_LISTENERS];
	uint64_t old_drops; /* of captures that were closed */
	struct nfp_clock clock;
	struct queue in;
	struct nfp_wire_stats stats; /* drops: for lack of room in the queue */
	/* Main's: */
	struct queue out;
};

/* ---- events ---- */

/* False: there is no room. A sender, which checks first, always finds room. */
static bool push_event(struct io *io, const struct io_event *event, const uint8_t *data)
{
	struct queue *in = &io->in;

	if (in->len + sizeof(*event) + event->len > QUEUE_MAX)
		return false;
	memcpy(in->bytes + in->len, event, sizeof(*event));
	if (data)
		memcpy(in->bytes + in->len + sizeof(*event), data, event->len);
	in->len += sizeof(*event) + event->len;
	return true;
}

/* ---- VLANs ---- */

/* Returns the tag of a kind that has one of its own. */
static struct nfp_vlan vlan_of(const struct nfp_stream_config *config, enum nfp_kind kind)
{
	return (struct nfp_vlan) {.vid = config->tag[kind], .proto = ETH_P_8021Q};
}

/* Each netdev hears the guest's VLAN with its tag, which the guest removes. */
static bool is_for_guest(const struct nfp_stream_config *config, enum nfp_receiver at,
			 const struct nfp_frame *frame)
{
	struct nfp_vlan own;

	if (!nfp_kinds[frame->kind].tagged)
		return nfp_vlan_is_heard(&config->pf_vlan, at, &frame->vlan);
	own = vlan_of(config, frame->kind);
	return own.vid && frame->vlan.vid == own.vid && frame->vlan.proto == own.proto;
}

/* ---- frames that are due ---- */

/* Packets that are made at one time, and sent by few calls. */
struct batch {
	struct nfp_packet packets[NFP_INJECT_BATCH];
	uint8_t frame_of[NFP_INJECT_BATCH]; /* index into events */
	struct io_event events[NFP_INJECT_BATCH];
	unsigned int num_packets, num_events;
};

/* Accounts for the frame before it is sent. */
static void push_sent(struct io *io, const struct io_event *event,
		      const struct nfp_packet packets[], unsigned int num)
{
	struct io_event one = *event;

	if (!io->config->tap.frame) {
		push_event(io, event, NULL);
		return;
	}
	for (unsigned int i = 0; i < num; i++) {
		one.more = i > 0;
		one.len = (uint8_t)packets[i].len;
		push_event(io, &one, packets[i].data);
	}
}

/* Makes the frames that are due by @now, and numbers them. */
static void make_batch(struct io *io, struct batch *batch, uint64_t now)
{
	const struct nfp_codec *codec = io->config->codec;
	enum nfp_kind kind = NFP_KIND_UNICAST;

	batch->num_events = batch->num_packets = 0;
	while (batch->num_packets + NFP_CODEC_PACKETS <= NFP_INJECT_BATCH &&
	       nfp_schedule_next(&io->schedule, &kind) <= now) {
		uint64_t ready = codec->ops->ready ? codec->ops->ready(codec->ctx, kind, now) : now;
		struct nfp_packet *packets = &batch->packets[batch->num_packets];
		struct io_event *event = &batch->events[batch->num_events];
		const struct nfp_frame frame = {
			.dst = *nfp_plan_to(&io->plan, kind),
			.src = io->config->sender_mac,
			.vlan = nfp_kinds[kind].tagged ? vlan_of(io->config, kind)
						       : io->config->sender_vlan,
			.kind = kind,
			.seq = io->seq,
			.sent_ns = now,
		};
		unsigned int num;

		if (ready > now) {
			nfp_schedule_defer(&io->schedule, kind, ready);
			continue;
		}
		for (unsigned int i = 0; i < NFP_CODEC_PACKETS; i++)
			packets[i].second_sender = false;
		num = codec->ops->make(codec->ctx, &frame, packets);
		*event = (struct io_event) {
			.seq = io->seq++, .ns = now, .what = NFP_TAP_SENT, .kind = (uint8_t)kind};
		push_sent(io, event, packets, num);
		for (unsigned int i = 0; i < num; i++)
			batch->frame_of[batch->num_packets++] = (uint8_t)batch->num_events;
		batch->num_events++;
		io->schedule.kind[kind].num++;
	}
}

/*
 * After an error all frames left in the batch are taken back, and the whole batch if the carrier
 * was away; the netdev may be resetting, and the next frames are tried again.
 */
static void send_batch(struct io *io, struct batch *batch)
{
	unsigned int sent = 0, end, from;
	int ret = 1;

	while (sent < batch->num_packets && ret > 0) {
		struct nfp_packet *packets = &batch->packets[sent];

		if (packets->second_sender) {
			/* This packet may fail: its frame counts without it. */
			if (io->second_inject)
				(void)nfp_inject_send(io->second_inject, packets, 1);
			sent++;
			continue;
		}
		for (end = sent; end < batch->num_packets && !batch->packets[end].second_sender;)
			end++;
		ret = nfp_inject_send(io->inject, packets, end - sent);
		sent += ret > 0 ? (unsigned int)ret : 0;
	}
	if (batch->num_packets && !nfp_inject_update_carrier(io->inject))
		sent = 0;
	if (sent == batch->num_packets)
		return;
	/* The first frame none of whose packets was sent. */
	from = batch->frame_of[sent];
	if (sent > 0 && batch->frame_of[sent - 1] == from)
		from++;
	for (unsigned int i = from; i < batch->num_events; i++) {
		batch->events[i].what = NFP_TAP_UNSENT;
		push_event(io, &batch->events[i], NULL);
	}
	io->stats.send_errors += batch->num_events - from;
}

/* Sends a batch, if it is due. Returns when the next one is. */
static uint64_t send_due(struct io *io)
{
	enum nfp_kind kind;
	uint64_t due = nfp_schedule_next(&io->schedule, &kind), now = nfp_clock_now();
	struct batch batch;

	if (due > now)
		return due;
	if (io->in.len > QUEUE_FULL) {
		/* Main does not keep up, which counts as one stall. */
		io->stats.stalls += !io->stalled;
		io->stalled = true;
		nfp_schedule_skip(&io->schedule, now + FULL_NS);
	} else {
		io->stalled = false;
		if (now - due > CATCH_UP_NS) {
			io->stats.stalls++;
			nfp_schedule_skip(&io->schedule, now - CATCH_UP_NS);
		}
		make_batch(io, &batch, now);
		send_batch(io, &batch);
	}
	return nfp_schedule_next(&io->schedule, &kind);
}

/* ---- frames that have come ---- */

/* The child gets copies of other frames, and the PF may get unicast that is the child's. */
static bool is_elsewhere(const struct listener *listener, const struct nfp_frame *frame)
{
	const struct nfp_kind_row *row = &nfp_kinds[frame->kind];
	bool unicast = row->to == NFP_TO_X && !row->tagged;

	if (listener->at == LISTENER_CHILD)
		return !unicast;
	return listener->at == NFP_AT_PF && unicast &&
	       listener->io->listeners[LISTENER_CHILD].capture;
}

/*
 * The keyed checksum does not cover the tag, which NICs change. A NIC that puts a priority tag
 * on what has no VLAN does so always: where frames come without a tag, one that has it was sent
 * again by a neighbour, so that the NIC may deliver it elsewhere.
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

static void on_captured(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns)
{
	struct listener *listener = ctx;
	struct io *io = listener->io;
	const struct nfp_stream_config *config = io->config;
	const struct nfp_codec *codec = config->codec;
	enum nfp_receiver at = listener->at == LISTENER_CHILD ? NFP_AT_PF
							      : (enum nfp_receiver)listener->at;
	uint64_t now = nfp_clock_now(), seen = nfp_clock_seen(&io->clock, real_ns, 0, now);
	struct io_event event = {.ns = seen, .what = NFP_TAP_HEARD, .at = (uint8_t)at};
	enum nfp_frame_check check;
	struct nfp_frame frame;

	check = codec->ops->recognise
			? codec->ops->recognise(codec->ctx, at, data, len, seen, &frame)
			: nfp_frame_parse(&config->id, data, len, &frame);
	if (check != NFP_FRAME_OURS || !is_for_guest(config, at, &frame) ||
	    is_retagged(listener, &frame)) {
		io->stats.foreign++;
	} else if (frame.kind < NFP_KIND_COUNT && !is_elsewhere(listener, &frame)) {
		event.seq = frame.seq;
		event.ns = nfp_clock_seen(&io->clock, real_ns, frame.sent_ns, now);
		event.what = NFP_TAP_SEEN;
		event.kind = (uint8_t)frame.kind;
	}
	if (config->tap.frame)
		event.len = (uint8_t)(len < NFP_PACKET_MAX ? len : NFP_PACKET_MAX);
	else if (event.what == NFP_TAP_HEARD)
		return; /* only a tap wants it */
	if (!push_event(io, &event, data) && event.what == NFP_TAP_SEEN)
		io->stats.drops++;
}

/* Returns true when there may be more. */
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
static bool read_listeners(struct io *io)
{
	struct nfp_clock_pair pair = nfp_clock_read();
	bool more = false;

	nfp_clock_update(&io->clock, &pair);
	for (int at = 0; at < NUM_LISTENERS; at++)
		more |= read_listener(&io->listeners[at]);
	return more;
}

/* ---- the thread ---- */

/* The captures to be polled at @now; brings *until_ns forward to when a muted one is. */
static unsigned int list_captures(const struct io *io, uint64_t now, struct pollfd fds[],
				  uint64_t *until_ns)
{
	unsigned int num = 0;

	nfp_for_each (listener, io->listeners, NUM_LISTENERS) {
		if (listener->capture && listener->mute_until_ns <= now)
			fds[num++] = (struct pollfd) {.fd = nfp_capture_fd(listener->capture),
						      .events = POLLIN};
		else if (listener->capture && listener->mute_until_ns < *until_ns)
			*until_ns = listener->mute_until_ns;
	}
	return num;
}

/*
 * Main may close a capture while this thread polls it. This does no harm: main wakes this thread,
 * which then polls only the captures there are by then.
 */
static void *io_main(void *arg)
{
	struct io *io = arg;
	struct pollfd fds[1 + NUM_LISTENERS] = {{.fd = io->wake_fd, .events = POLLIN}};
	uint64_t gather_ns = 0; /* the captures are left alone until then */
	bool ready = false;	/* one of them has frames */

	prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS);
	for (;;) {
		uint64_t now, until, value;
		unsigned int num = 1;

		pthread_mutex_lock(&io->lock);
		/* An empty eventfd is just as good. */
		(void)!read(io->wake_fd, &value, sizeof(value));
		if (io->stop)
			break;
		until = send_due(io);
		if (ready)
			gather_ns = read_listeners(io) ? 0 : nfp_clock_now() + GATHER_NS;
		now = nfp_clock_now();
		if (gather_ns <= now)
			num += list_captures(io, now, fds + 1, &until);
		else if (gather_ns < until)
			until = gather_ns;
		pthread_mutex_unlock(&io->lock);
		(void)nfp_clock_poll(fds, num, until);
		ready = false;
		for (unsigned int i = 1; i < num; i++)
			ready |= fds[i].revents != 0;
	}
	pthread_mutex_unlock(&io->lock);
	return NULL;
}

/* ---- for main ---- */

/* Releases the lock, and makes the thread look at what changed under it. */
static void unlock_and_wake(struct io *io)
{
	uint64_t one = 1;

	pthread_mutex_unlock(&io->lock);
	/* EAGAIN: many wake-ups are pending already. Without any, io_close would wait forever. */
	while (write(io->wake_fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		;
}

int io_open(const struct nfp_stream_config *config, struct io **ret_io, struct nfp_err *err)
{
	struct io *io = nfp_calloc(1, sizeof(*io));
	struct nfp_clock_pair pair = nfp_clock_read();
	int ret;

	io->config = config;
	io->seq = 1;
	io->in.bytes = nfp_reallocarray(NULL, QUEUE_MAX, 1);
	io->out.bytes = nfp_reallocarray(NULL, QUEUE_MAX, 1);
	nfp_clock_update(&io->clock, &pair);
	for (int at = 0; at < NUM_LISTENERS; at++)
		io->listeners[at] = (struct listener) {.io = io, .at = at};
	/* Cannot fail on Linux with default attributes. */
	pthread_mutex_init(&io->lock, NULL);
	io->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ret = io->wake_fd < 0 ? nfp_err_errno(err, -errno, NFP_E_KERNEL, "cannot make an eventfd")
			      : nfp_inject_open(&config->sender, &io->inject, err);
	if (!ret && config->second_sender.ifindex)
		ret = nfp_inject_open(&config->second_sender, &io->second_inject, err);
	if (!ret) {
		/* A guest would not hear what the PF itself sends without carrier, either. */
		if (config->sender.ifindex != config->pf.ifindex)
			nfp_inject_watch(io->inject, &config->sender);
		ret = nfp_thread_start(&io->thread, "nfprobe-io", io_main, io);
		io->started = !ret;
		if (ret)
			nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot start the thread of frames");
	}
	if (ret)
		io_close(io);
	else
		*ret_io = io;
	return ret;
}

void io_close(struct io *io)
{
	if (!io)
		return;
	if (io->started) {
		pthread_mutex_lock(&io->lock);
		io->stop = true;
		unlock_and_wake(io);
		pthread_join(io->thread, NULL);
	}
	for (int at = 0; at < NUM_LISTENERS; at++)
		nfp_capture_close(io->listeners[at].capture);
	nfp_inject_close(io->inject);
	nfp_inject_close(io->second_inject);
	if (io->wake_fd >= 0)
		close(io->wake_fd);
	free(io->in.bytes);
	free(io->out.bytes);
	free(io);
}

void io_plan(struct io *io, const struct nfp_plan *plan)
{
	const struct nfp_codec *codec = io->config->codec;

	pthread_mutex_lock(&io->lock);
	io->plan = *plan;
	if (codec->ops->plan)
		codec->ops->plan(codec->ctx, plan);
	nfp_schedule_start(&io->schedule, plan->rate, nfp_clock_now());
	unlock_and_wake(io);
}

void io_listen(struct io *io, int at, struct nfp_capture *capture)
{
	struct listener *listener = &io->listeners[at];
	struct nfp_capture *old;

	pthread_mutex_lock(&io->lock);
	for (int i = 0; i < LAST_READS && read_listener(listener); i++)
		;
	old = listener->capture;
	if (old)
		io->old_drops += nfp_capture_drops(old);
	listener->capture = capture;
	listener->mute_until_ns = 0;
	unlock_and_wake(io);
	nfp_capture_close(old);
}

void io_take(struct io *io, bool last, io_event_fn fn, void *ctx)
{
	struct queue full;
	bool more = last;

	for (int i = 0; i < LAST_READS && more; i++) {
		pthread_mutex_lock(&io->lock);
		more = read_listeners(io);
		pthread_mutex_unlock(&io->lock);
	}
	pthread_mutex_lock(&io->lock);
	full = io->in;
	io->in = (struct queue) {.bytes = io->out.bytes};
	io->out = full;
	pthread_mutex_unlock(&io->lock);
	for (const uint8_t *at = full.bytes; at < full.bytes + full.len;) {
		struct io_event event;

		memcpy(&event, at, sizeof(event));
		fn(ctx, &event, at + sizeof(event));
		at += sizeof(event) + event.len;
	}
}

void io_stats(struct io *io, struct nfp_wire_stats *ret_stats)
{
	const struct nfp_codec *codec = io->config->codec;

	pthread_mutex_lock(&io->lock);
	*ret_stats = io->stats;
	ret_stats->drops += io->old_drops;
	for (int at = 0; at < NUM_LISTENERS; at++) {
		if (io->listeners[at].capture)
			ret_stats->drops += nfp_capture_drops(io->listeners[at].capture);
	}
	if (codec->ops->stats)
		codec->ops->stats(codec->ctx, ret_stats);
	pthread_mutex_unlock(&io->lock);
}
