// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stream_priv.h"

#define FIRST_ROOM 1024U

int queue_init(struct queue *queue)
{
	return -pthread_mutex_init(&queue->lock, NULL);
}

void queue_fini(struct queue *queue)
{
	free(queue->in.events);
	free(queue->out.events);
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
	events = reallocarray(list->events, room, sizeof(*events));
	if (!events)
		return -ENOMEM;
	list->events = events;
	list->room = room;
	return 0;
}

int queue_push(struct queue *queue, const struct event events[], size_t num, size_t max)
{
	int ret;

	pthread_mutex_lock(&queue->lock);
	ret = queue->in.num + num > max ? -ENOBUFS : make_room(&queue->in, num);
	if (!ret) {
		memcpy(queue->in.events + queue->in.num, events, num * sizeof(*events));
		queue->in.num += num;
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

	empty.num = 0;
	pthread_mutex_lock(&queue->lock);
	queue->out = queue->in;
	queue->in = empty;
	pthread_mutex_unlock(&queue->lock);
	return &queue->out;
}
