/* SPDX-License-Identifier: MIT */
/* send_queue.c -- items that wait to be sent. */
#include "host/send_queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* What was taken out leaves its room to what comes, also in a queue that is never empty. */
static void reuse_room(struct send_queue *queue)
{
	if (queue->count < queue->room || queue->at <= queue->count / 2)
		return;
	queue->count -= queue->at;
	memmove(queue->item, queue->item + queue->at, queue->count * sizeof(*queue->item));
	queue->at = 0;
}

void send_queue_add(struct send_queue *queue, struct stored_item *item)
{
	reuse_room(queue);
	grow(queue->item, queue->count, queue->room);
	queue->item[queue->count++] = item;
}

void send_queue_put_back(struct send_queue *queue, struct stored_item *item)
{
	if (queue->at == 0) {
		grow(queue->item, queue->count, queue->room);
		memmove(queue->item + 1, queue->item, queue->count * sizeof(*queue->item));
		queue->count++;
		queue->at = 1;
	}
	queue->item[--queue->at] = item;
}

void send_queue_add_set(struct send_queue *queue, const struct item_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		send_queue_add(queue, stored_item_ref(set->item[i]));
}

void send_queue_filter(struct send_queue *queue,
		       bool (*keep)(void *context, const struct stored_item *item), void *context)
{
	size_t kept = queue->at;

	for (size_t i = queue->at; i < queue->count; i++)
		if (keep(context, queue->item[i]))
			queue->item[kept++] = queue->item[i];
		else
			stored_item_release(&queue->item[i]);
	queue->count = kept;
}

size_t send_queue_length(const struct send_queue *queue)
{
	return queue->count - queue->at;
}

const struct stored_item *send_queue_peek(const struct send_queue *queue)
{
	return queue->at < queue->count ? queue->item[queue->at] : NULL;
}

struct stored_item *send_queue_take(struct send_queue *queue)
{
	if (queue->at < queue->count)
		return queue->item[queue->at++];
	send_queue_clear(queue); /* nothing is held for a guest at rest */
	return NULL;
}

void send_queue_clear(struct send_queue *queue)
{
	for (size_t i = queue->at; i < queue->count; i++)
		stored_item_release(&queue->item[i]);
	free(queue->item);
	*queue = (struct send_queue){ 0 };
}
