// SPDX-License-Identifier: GPL-2.0-or-later
/* queue.c - events on their way from the sending and receiving threads to pump. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "traffic_priv.h"

#define FIRST_ROOM 1024U

int queue_init(struct queue *queue)
{
	return -pthread_mutex_init(&queue->lock, NULL);
}

void queue_fini(struct queue *queue)
{
	free(queue->in.events);
	free(queue->in.bytes);
	free(queue->out.events);
	free(queue->out.bytes);
	pthread_mutex_destroy(&queue->lock);
}

static int make_room(struct event_list *list, size_t num)
{
	size_t room = list->room ? list->room : FIRST_ROOM;
	struct event *events;

	while (room < list->num + num)
		room *= 2;
	if (room == list->room)
		return 0;
	events = nfp_reallocarray(list->events, room, sizeof(*events));
	if (!events)
		return -ENOMEM;
	list->events = events;
	list->room = room;
	return 0;
}

/* A packet is kept as a byte of length and its bytes. */
_Static_assert(NFP_PACKET_MAX <= UINT8_MAX, "a byte is enough for the length of a packet");

static size_t bytes_of(const struct event events[], size_t num)
{
	size_t sum = 0;

	for (size_t i = 0; i < num; i++) {
		for (unsigned int j = 0; j < events[i].num_packets; j++)
			sum += 1 + events[i].packets[j].len;
	}
	return sum;
}

static int make_room_for_bytes(struct event_list *list, size_t num)
{
	size_t room = list->room_bytes ? list->room_bytes : FIRST_ROOM;
	uint8_t *bytes;

	while (room < list->num_bytes + num)
		room *= 2;
	if (room == list->room_bytes || !num)
		return 0;
	bytes = nfp_reallocarray(list->bytes, room, 1);
	if (!bytes)
		return -ENOMEM;
	list->bytes = bytes;
	list->room_bytes = room;
	return 0;
}

static void keep_packets(struct event_list *list, struct event *event)
{
	const struct nfp_packet *packets = event->packets;

	event->bytes_at = list->num_bytes;
	for (unsigned int i = 0; i < event->num_packets; i++) {
		list->bytes[list->num_bytes++] = (uint8_t)packets[i].len;
		memcpy(list->bytes + list->num_bytes, packets[i].data, packets[i].len);
		list->num_bytes += packets[i].len;
	}
}

int queue_push(struct queue *queue, const struct event events[], size_t num, size_t max)
{
	int ret;

	pthread_mutex_lock(&queue->lock);
	ret = queue->in.num + num > max ? -ENOBUFS : make_room(&queue->in, num);
	if (!ret)
		ret = make_room_for_bytes(&queue->in, bytes_of(events, num));
	if (!ret) {
		struct event *added = queue->in.events + queue->in.num;

		memcpy(added, events, num * sizeof(*events));
		queue->in.num += num;
		for (size_t i = 0; i < num; i++)
			keep_packets(&queue->in, &added[i]);
	}
	pthread_mutex_unlock(&queue->lock);
	return ret;
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
const struct event_list *queue_take(struct queue *queue)
{
	struct event_list empty = queue->out;

	empty.num = empty.num_bytes = 0;
	pthread_mutex_lock(&queue->lock);
	queue->out = queue->in;
	queue->in = empty;
	pthread_mutex_unlock(&queue->lock);
	return &queue->out;
}
